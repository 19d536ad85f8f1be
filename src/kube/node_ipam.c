#include "kube/node_ipam.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/vec.h"

/* cidrset.clusterSubnetMaxDiff: the bitmap of an IPv6 cluster CIDR has at most 2^16 bits. */
#define MAX_IPV6_DIFF 16

/* Blocks begin..end, both included. */
struct span {
	uint64_t begin, end;
};

/*
 * A CidrSet. Upstream keeps a bitmap; 0.0.0.0/0 in /32 blocks would be 512 MB
 * of it, so here it is a list of spans.
 */
struct set {
	struct ds_cidr cluster; /* as parsed, masked: mapped networks have 128 bits here */
	struct ds_cidr go;      /* as Go's IPNet shows it */
	int32_t mask;
	uint64_t blocks; /* maxCIDRs; a Go int that overflowed is 0 */
	uint64_t next;   /* nextCandidate */
	DS_VEC(struct span) used; /* sorted, disjoint, not adjacent, unless dirty */
	uint64_t n_used;
	bool dirty;
};

struct ds_ipam {
	struct ds_arena *a;
	size_t n;
	struct set sets[2];
	uint64_t nodes; /* that have podCIDRs */
};

static int compare_spans(const void *x, const void *y)
{
	const struct span *a = x, *b = y;

	return a->begin < b->begin ? -1 : a->begin > b->begin;
}

/* Sorts and joins the spans after some were added. */
static void tidy(struct set *s)
{
	size_t n = 0;

	if (!s->dirty)
		return;
	qsort(s->used.v, s->used.n, sizeof(*s->used.v), compare_spans);
	s->n_used = 0;
	for (size_t i = 0; i < s->used.n; i++) {
		struct span c = s->used.v[i];

		if (n && c.begin <= s->used.v[n - 1].end + 1)
			s->used.v[n - 1].end = DS_MAX(s->used.v[n - 1].end, c.end);
		else
			s->used.v[n++] = c;
	}
	s->used.n = n;
	for (size_t i = 0; i < n; i++)
		s->n_used += s->used.v[i].end - s->used.v[i].begin + 1;
	s->dirty = false;
}

static int mark(struct ds_arena *a, struct set *s, struct span range)
{
	s->dirty = true;
	return ds_vec_push(a, &s->used, range);
}

static bool mapped(const struct ds_cidr *c)
{
	return ds_ip_is_4in6(&c->ip);
}

static bool mask_fits(const struct set *s)
{
	return s->mask <= (int32_t)ds_ip_width(&s->cluster.ip);
}

/* binary.BigEndian.Uint32(ip): of a 16-byte mapped address that is its leading zeros. */
static uint32_t be32(const struct ds_ip *ip)
{
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++)
		v = v * 256 + ip->b[i];
	return v;
}

static uint64_t be64(const uint8_t b[static 8])
{
	uint64_t v = 0;

	for (size_t i = 0; i < 8; i++)
		v = v * 256 + b[i];
	return v;
}

/* v >> by as Go does it: by beyond the width, or negative, gives 0. */
static uint64_t shift_right(uint64_t v, int64_t by)
{
	return by < 0 || by > 63 ? 0 : v >> by;
}

/* 1 << uint32(by) as a 64-bit Go int; INT64_MIN counts as 0 here, it never holds a block. */
static uint64_t power_of_two(int64_t by)
{
	return by < 0 || by > 62 ? 0 : (uint64_t)1 << by;
}

/* CidrSet.getIndexForIP for an address inside the cluster CIDR. False: beyond the last block. */
static bool index_of(const struct set *s, const struct ds_ip *ip, uint64_t *ret)
{
	struct ds_ip v4 = ds_ip_unmap(ip);
	uint8_t x[16];
	int64_t by;

	if (v4.family == DS_IPV4) {
		*ret = shift_right(be32(&s->cluster.ip) ^ be32(&v4), 32 - (int64_t)s->mask);
		return *ret < (uint32_t)s->blocks;
	}
	for (size_t i = 0; i < 16; i++)
		x[i] = s->cluster.ip.b[i] ^ ip->b[i];
	by = 128 - (int64_t)s->mask;
	*ret = shift_right(be64(x + 8), by) | shift_right(be64(x), by - 64);
	if (by > 0 && by < 64)
		*ret |= be64(x) << (64 - by);
	return *ret < s->blocks;
}

/* The address with the bits after the node mask cleared: IP.Mask(s.nodeMask). */
static struct ds_ip node_masked(const struct set *s, const struct ds_ip *ip)
{
	struct ds_cidr c = {*ip, (uint8_t)s->mask};

	/* Go fits a 4-byte mask to a mapped address and a 16-byte mask to an IPv4 one. */
	if (ds_ip_is_4in6(ip) && !mapped(&s->cluster))
		c.ip = ds_ip_unmap(ip);
	else if (ip->family == DS_IPV4 && mapped(&s->cluster))
		c.bits = (uint8_t)(s->mask - 96);
	return ds_cidr_masked(&c).ip;
}

/* cidr.IP | ^cidr.Mask as getBeginningAndEndIndices computes it: of a mapped one, 0.0.0.0. */
static struct ds_ip last_of(const struct ds_cidr *c)
{
	return mapped(c) ? (struct ds_ip){.family = DS_IPV4} : ds_cidr_last(c);
}

static int out_of_range(struct ds_arena *a, const struct set *s, const struct ds_ip *ip, const char **reterr)
{
	char text[DS_IP_TEXT];

	*reterr = ds_arena_printf(a, "CIDR: %s/%d is out of the range of CIDR allocator", ds_ip_format(ip, text),
				  (int)s->mask);
	return *reterr ? DS_ERANGE : DS_ENOMEM;
}

/* CidrSet.Occupy. DS_ERANGE with upstream's message when it does not belong here. */
static int occupy(struct ds_arena *a, struct set *s, const struct ds_cidr *cidr, const char **reterr)
{
	struct ds_cidr go = ds_cidr_go(cidr), m = ds_cidr_masked(cidr);
	struct span range = {0, s->blocks - 1};
	char text[DS_CIDR_TEXT], cluster[DS_CIDR_TEXT];
	struct ds_ip first, last;

	if (!ds_cidr_overlaps(&go, &s->go)) {
		*reterr = ds_arena_printf(a, "cidr %s is out the range of cluster cidr %s", ds_cidr_format(&go, text),
					  ds_cidr_format(&s->go, cluster));
		return *reterr ? DS_ERANGE : DS_ENOMEM;
	}
	if (s->cluster.bits < cidr->bits) {
		if (!mask_fits(s)) {
			*reterr = "invalid IP: <nil>";
			return DS_ERANGE;
		}
		first = node_masked(s, &m.ip);
		if (!index_of(s, &first, &range.begin))
			return out_of_range(a, s, &first, reterr);
		last = last_of(&m);
		last = node_masked(s, &last);
		if (!index_of(s, &last, &range.end))
			return out_of_range(a, s, &last, reterr);
	}
	return s->blocks && range.begin <= range.end ? mark(a, s, range) : 0;
}

/* filterOutServiceRange: what cannot be marked is only logged. */
static int take_out_services(struct ds_ipam *ipam, const struct ds_ipam_config *config)
{
	const char *ignored;

	for (size_t k = 0; k < config->n_services; k++)
		for (size_t i = 0; i < ipam->n; i++)
			if (occupy(ipam->a, &ipam->sets[i], &config->services[k], &ignored) == DS_ENOMEM)
				return DS_ENOMEM;
	return 0;
}

int ds_ipam_new(struct ds_arena *a, const struct ds_ipam_config *config, struct ds_ipam **ret, const char **reterr)
{
	struct ds_ipam *ipam = ds_arena_new_obj(a, struct ds_ipam);

	if (!ipam)
		return DS_ENOMEM;
	ipam->a = a;
	ipam->n = config->n;
	for (size_t i = 0; i < config->n; i++) {
		struct set *s = &ipam->sets[i];
		int64_t diff;

		s->cluster = ds_cidr_masked(&config->cluster[i]);
		s->go = ds_cidr_go(&s->cluster);
		s->mask = config->mask[i];
		diff = (int64_t)s->mask - s->cluster.bits;
		s->blocks = power_of_two(diff);
		if (s->go.ip.family == DS_IPV6 && diff > MAX_IPV6_DIFF) {
			*reterr = "New CIDR set failed; the node CIDR size is too big";
			return DS_ERANGE;
		}
	}
	if (take_out_services(ipam, config) < 0)
		return DS_ENOMEM;
	*ret = ipam;
	return 0;
}

int ds_ipam_occupy(struct ds_ipam *ipam, const char *node, const struct ds_str *cidrs, size_t n, const char **reterr)
{
	char text[DS_CIDR_TEXT];
	const char *why = "";

	for (size_t i = 0; i < n; i++) {
		struct ds_cidr c, go;
		int r;

		*reterr = NULL;
		if (ds_cidr_parse(cidrs[i], DS_IP_SLOPPY, &c) < 0) {
			*reterr = ds_arena_printf(ipam->a, "failed to parse node %s, CIDR %.*s", node,
						  DS_STR_ARG(cidrs[0]));
			return *reterr ? DS_ERANGE : DS_ENOMEM;
		}
		if (i >= ipam->n) {
			*reterr = ds_arena_printf(ipam->a,
						  "node:%s has an allocated cidr: %.*s at index:%zu that does not "
						  "exist in cluster cidrs configuration",
						  node, DS_STR_ARG(cidrs[i]), i);
			return *reterr ? DS_ERANGE : DS_ENOMEM;
		}
		r = occupy(ipam->a, &ipam->sets[i], &c, &why);
		if (r != DS_ERANGE && r < 0)
			return r;
		if (r == 0)
			continue;
		go = ds_cidr_go(&c);
		*reterr = ds_arena_printf(ipam->a,
					  "failed to mark cidr[%s] at idx [%zu] as occupied for node: %s: %s",
					  ds_cidr_format(&go, text), i, node, why);
		return *reterr ? DS_ERANGE : DS_ENOMEM;
	}
	ipam->nodes += n > 0;
	return 0;
}

/* The first span that ends at or after block. */
static size_t span_at(const struct set *s, uint64_t block)
{
	size_t lo = 0, hi = s->used.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->used.v[mid].end < block)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Marks one free block, joining its neighbours. */
static int mark_block(struct ds_arena *a, struct set *s, uint64_t block)
{
	size_t i = span_at(s, block);
	bool left = i > 0 && s->used.v[i - 1].end + 1 == block;
	bool right = i < s->used.n && s->used.v[i].begin == block + 1;

	s->n_used++;
	if (left && right) {
		s->used.v[i - 1].end = s->used.v[i].end;
		memmove(&s->used.v[i], &s->used.v[i + 1], (s->used.n - i - 1) * sizeof(*s->used.v));
		s->used.n--;
		return 0;
	}
	if (left || right) {
		if (left)
			s->used.v[i - 1].end++;
		else
			s->used.v[i].begin--;
		return 0;
	}
	if (ds_vec_push(a, &s->used, ((struct span){block, block})) < 0)
		return DS_ENOMEM;
	memmove(&s->used.v[i + 1], &s->used.v[i], (s->used.n - 1 - i) * sizeof(*s->used.v));
	s->used.v[i] = (struct span){block, block};
	return 0;
}

/* CidrSet.AllocateNext: the block's number; DS_ERANGE when none is left. */
static int allocate(struct ds_arena *a, struct set *s, uint64_t *ret)
{
	uint64_t block = s->next;
	size_t i;

	tidy(s);
	if (s->n_used >= s->blocks)
		return DS_ERANGE;
	i = span_at(s, block);
	if (i < s->used.n && s->used.v[i].begin <= block)
		block = s->used.v[i].end + 1;
	if (block >= s->blocks) {
		block = 0;
		if (s->used.n && s->used.v[0].begin == 0)
			block = s->used.v[0].end + 1;
	}
	s->next = block + 1 < s->blocks ? block + 1 : 0;
	*ret = block;
	return mark_block(a, s, block);
}

/* CidrSet.indexToCIDRBlock and IPNet.String. */
static const char *block_text(struct ds_arena *a, const struct set *s, uint64_t block)
{
	char text[DS_CIDR_TEXT];
	struct ds_cidr c;

	/* Every block of a mapped cluster CIDR comes out as 0.0.0.0: its first four bytes are taken for the address. */
	if (mapped(&s->cluster))
		return ds_arena_printf(a, "0.0.0.0/%d", (int)s->mask - 96);
	if (!ds_cidr_subnet(&s->cluster, (unsigned)s->mask, (struct ds_u128){0, block}, &c))
		return "<nil>";
	c = ds_cidr_go(&c);
	return ds_arena_strdup(a, ds_cidr_format(&c, text));
}

static int nothing_left(struct ds_arena *a, size_t i, const char **reterr)
{
	*reterr = ds_arena_printf(
		a,
		"failed to allocate cidr from cluster cidr at idx:%zu: CIDR allocation failed; there are "
		"no remaining CIDRs left to allocate in the accepted range",
		i);
	return *reterr ? DS_ERANGE : DS_ENOMEM;
}

/*
 * net.CIDRMask has no mask longer than the address: such a block is sent as
 * "<nil>", refused, and all blocks of the node are released again.
 */
static int refused_block(struct ds_ipam *ipam, const char **reterr)
{
	for (size_t i = 0; i < ipam->n; i++)
		if (ipam->sets[i].blocks == 0)
			return nothing_left(ipam->a, i, reterr);
	for (size_t i = 0; i < ipam->n; i++) {
		if (mask_fits(&ipam->sets[i]))
			continue;
		*reterr = ds_arena_printf(
			ipam->a,
			"failed to patch node CIDR: spec.podCIDRs[%zu]: Invalid value: \"<nil>\": must be "
			"a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
			i);
		return *reterr ? DS_ERANGE : DS_ENOMEM;
	}
	return 0;
}

int ds_ipam_next(struct ds_ipam *ipam, const char *ret[static 2], const char **reterr)
{
	int r = refused_block(ipam, reterr);

	for (size_t i = 0; r == 0 && i < ipam->n; i++) {
		uint64_t block = 0;

		r = allocate(ipam->a, &ipam->sets[i], &block);
		if (r == DS_ERANGE)
			return nothing_left(ipam->a, i, reterr);
		if (r < 0)
			return r;
		ret[i] = block_text(ipam->a, &ipam->sets[i], block);
		if (!ret[i])
			return DS_ENOMEM;
	}
	for (size_t i = ipam->n; i < 2; i++)
		ret[i] = NULL;
	ipam->nodes += r == 0;
	return r;
}

bool ds_ipam_has_valid_mask(const struct ds_ipam *ipam, size_t i)
{
	return i < ipam->n && mask_fits(&ipam->sets[i]);
}

uint64_t ds_ipam_blocks(struct ds_ipam *ipam, size_t i)
{
	return ds_ipam_has_valid_mask(ipam, i) ? ipam->sets[i].blocks : 0;
}

uint64_t ds_ipam_free(struct ds_ipam *ipam, size_t i)
{
	if (!ds_ipam_has_valid_mask(ipam, i))
		return 0;
	tidy(&ipam->sets[i]);
	return ipam->sets[i].blocks - DS_MIN(ipam->sets[i].n_used, ipam->sets[i].blocks);
}

uint64_t ds_ipam_capacity(struct ds_ipam *ipam)
{
	uint64_t n = UINT64_MAX;

	for (size_t i = 0; i < ipam->n; i++)
		n = DS_MIN(n, ds_ipam_free(ipam, i));
	return ipam->nodes + (ipam->n ? n : 0);
}
