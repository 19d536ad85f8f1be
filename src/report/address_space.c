#include "report/address_space.h"

#include <stdlib.h>

#include "kube/gates.h"
#include "model/services.h"
#include "report/topology.h"
#include "yaml/scalar.h"

/* A piece of the axis is as wide as a share for its size and this. */
#define PIECE 20u
#define SIZE  200u /* of the whole space of a family */
#define GAP   12u

/* What lies so close to each other on the axis that a screen shows one. */
#define CLOSE 10u

/* Groups of node addresses, or of blocks outside the ranges, in which a family is drawn. */
#define GROUPS_MAX 8u

/* Addresses of one Node that are looked at. */
#define ADDRESSES_MAX 16

struct extent {
	struct ds_ip first, last;
};

struct extents {
	DS_VEC(struct extent) v;
};

struct piece {
	struct ds_ip first, last;
	bool covered;
	struct ds_space_span at;
};

struct build {
	struct ds_arena *a;
	const struct ds_cluster *c;
	struct ds_space *s;
	struct extents nodes, blocks, outside; /* blocks: podCIDRs of Nodes in pod ranges; outside: the others */
	DS_VEC(struct piece) pieces;
	int r;
};

/* ---- addresses as numbers ---- */

static bool next(const struct ds_ip *ip, struct ds_ip *ret)
{
	return ds_ip_add(ip, (struct ds_u128){0, 1}, ret);
}

/* ip - 1; ip is not the first address of all. */
static struct ds_ip previous(struct ds_ip ip)
{
	for (size_t i = ds_ip_width(&ip) / 8; i-- > 0;)
		if (ip.b[i]-- != 0)
			break;
	return ip;
}

/* to - from, which is not after it. */
static struct ds_u128 distance(const struct ds_ip *from, const struct ds_ip *to)
{
	struct ds_u128 d = {0, 0};
	unsigned borrow = 0;

	for (size_t n = ds_ip_width(to) / 8, i = n; i-- > 0;) {
		unsigned x = 256u + to->b[i] - from->b[i] - borrow;
		uint64_t byte = x & 255u;
		size_t shift = (n - 1 - i) * 8;

		borrow = x < 256u;
		if (shift < 64)
			d.lo |= byte << shift;
		else
			d.hi |= byte << (shift - 64);
	}
	return d;
}

static unsigned bits_of(struct ds_u128 x)
{
	unsigned n = 0;

	for (uint64_t v = x.hi ? x.hi : x.lo; v; v >>= 1)
		n++;
	return x.hi ? n + 64 : n;
}

static struct ds_u128 shifted(struct ds_u128 x, unsigned by)
{
	if (by == 0)
		return x;
	if (by >= 64)
		return (struct ds_u128){0, by < 128 ? x.hi >> (by - 64) : 0};
	return (struct ds_u128){x.hi >> by, x.lo >> by | x.hi << (64 - by)};
}

/* ---- ranges ---- */

static bool same_ip(const struct ds_ip *a, const struct ds_ip *b)
{
	return ds_ip_cmp(a, b) == 0;
}

/* A range of this role that is known already, or a new one; NULL when there are too many or memory is short. */
static struct ds_space_range *range_of(struct build *b, enum ds_space_role role, const struct ds_cidr *cidr)
{
	struct ds_cidr go = ds_cidr_go(cidr);
	struct ds_ip first = ds_cidr_first(&go), last = ds_cidr_last(&go);
	struct ds_space_range *r;

	if (go.ip.family != b->s->family)
		return NULL;
	for (size_t i = 0; i < b->s->ranges.n; i++) {
		r = &b->s->ranges.v[i];
		if (r->role == role && same_ip(&r->first, &first) && same_ip(&r->last, &last))
			return r;
	}
	if (b->s->ranges.n == DS_SPACE_RANGES) {
		b->s->left_out++;
		return NULL;
	}
	r = ds_vec_add(b->a, &b->s->ranges);
	if (!r) {
		b->r = DS_ENOMEM;
		return NULL;
	}
	*r = (struct ds_space_range){.role = role, .first = first, .last = last, .is_network = true, .cidr = go};
	return r;
}

static void add_known(struct build *b, enum ds_space_role role, const struct ds_ranges *known)
{
	for (size_t i = 0; known->known && i < known->n; i++) {
		struct ds_space_range *r = range_of(b, role, &known->v[i]);

		if (r)
			r->effective = true;
	}
}

/* What components say, be it what the cluster works with or not. */
static void add_setting(struct build *b, enum ds_space_role role, const struct ds_component_model *m, const char *name)
{
	const struct ds_setting *s = ds_component_setting(m, name);

	for (size_t i = 0; s && s->state == DS_SETTING_SET && i < s->n_entries; i++) {
		struct ds_space_range *r = s->entries[i].valid ? range_of(b, role, &s->entries[i].cidr) : NULL;

		if (r)
			r->said_by |= 1u << m->observed->component;
	}
}

static void add_service_cidr(struct build *b, const struct ds_yaml_node *list)
{
	for (size_t i = 0; list && list->kind == DS_YAML_SEQUENCE && i < list->n; i++) {
		struct ds_space_range *r;
		struct ds_str text;
		struct ds_cidr c;

		if (ds_yaml_as_string(list->items[i], &text) < 0 || ds_cidr_parse(text, DS_IP_SLOPPY, &c) < 0)
			continue;
		r = range_of(b, DS_SPACE_SERVICES, &c);
		if (r)
			r->effective = r->object = true;
	}
}

static void add_ranges(struct build *b)
{
	const struct ds_cluster *c = b->c;

	add_known(b, DS_SPACE_SERVICES, &c->services);
	add_known(b, DS_SPACE_PODS, &c->pods);
	for (size_t i = 0; i < c->objects.n; i++)
		if (strcmp(c->objects.v[i]->kind, "ServiceCIDR") == 0)
			add_service_cidr(b, ds_yaml_path(c->objects.v[i]->node, "spec", "cidrs", NULL));
	for (size_t i = 0; i < c->components.n; i++) {
		add_setting(b, DS_SPACE_SERVICES, c->components.v[i], "serviceClusterIPRange");
		add_setting(b, DS_SPACE_PODS, c->components.v[i], "clusterCIDR");
	}
}

static void add_bands(struct build *b)
{
	const struct ds_services *judge = b->c->service_judge;
	struct ds_service_cluster server = {.minor = ds_kube_version_nearest(&b->c->version)};
	const struct ds_cmdline *cl = NULL;
	enum ds_gate_value gate;

	if (judge && !judge->unknown)
		server = judge->server;
	for (size_t i = 0; !cl && i < b->c->components.n; i++)
		if (b->c->components.v[i]->observed->component == DS_KUBE_APISERVER)
			cl = &b->c->components.v[i]->observed->cmdline;
	gate = ds_gate_enabled(cl, DS_KUBE_APISERVER, server.minor, "ServiceIPStaticSubrange");
	for (size_t i = 0; i < b->s->ranges.n; i++) {
		struct ds_space_range *r = &b->s->ranges.v[i];

		/* The gate is gone from versions that know nothing else. */
		if (r->role == DS_SPACE_SERVICES)
			ds_service_bands(&server, gate == DS_GATE_UNKNOWN ? server.minor >= 26 : gate == DS_GATE_ON,
					 &r->cidr, &r->bands);
	}
}

/* ---- nodes ---- */

static void add_extent(struct build *b, struct extents *to, const struct ds_ip *first, const struct ds_ip *last)
{
	struct extent *e = first->family == b->s->family ? ds_vec_add(b->a, &to->v) : NULL;

	if (e)
		*e = (struct extent){*first, *last};
	else if (first->family == b->s->family)
		b->r = DS_ENOMEM;
}

static void add_address(struct build *b, const struct ds_ip *ip)
{
	/* 0.0.0.0 and :: choose a family, they are no address. */
	if (!ds_ip_is_unspecified(ip))
		add_extent(b, &b->nodes, ip, ip);
}

static void add_addresses(struct build *b)
{
	for (size_t i = 0; i < b->c->objects.n; i++) {
		struct ds_ip v[ADDRESSES_MAX];
		size_t n = 0;

		if (strcmp(b->c->objects.v[i]->kind, "Node") == 0)
			n = ds_node_internal_ips(b->c->objects.v[i], v, ADDRESSES_MAX);
		for (size_t k = 0; k < n && k < ADDRESSES_MAX; k++)
			add_address(b, &v[k]);
	}
	for (size_t i = 0; i < b->c->components.n; i++) {
		const struct ds_setting *s = ds_component_setting(b->c->components.v[i], "nodeIP");

		for (size_t k = 0; s && s->state == DS_SETTING_SET && k < s->n_entries && k < ADDRESSES_MAX; k++)
			if (s->entries[k].valid)
				add_address(b, &s->entries[k].ip);
	}
}

static void add_blocks(struct build *b)
{
	const struct ds_node_blocks *nodes = &b->c->node_blocks;

	for (size_t i = 0; i < nodes->n_nodes; i++) {
		for (size_t k = 0; k < nodes->nodes[i].n && k < ADDRESSES_MAX; k++) {
			struct ds_cidr c;
			struct ds_ip first, last;
			bool in_range = false;

			if (ds_cidr_parse(nodes->nodes[i].cidrs[k], DS_IP_SLOPPY, &c) < 0)
				continue;
			c = ds_cidr_go(&c);
			first = ds_cidr_first(&c);
			last = ds_cidr_last(&c);
			for (size_t j = 0; j < b->s->ranges.n; j++)
				in_range |= b->s->ranges.v[j].role == DS_SPACE_PODS &&
					    ds_cidr_contains(&b->s->ranges.v[j].cidr, &c);
			add_extent(b, in_range ? &b->blocks : &b->outside, &first, &last);
		}
	}
}

static int by_first(const void *x, const void *y)
{
	const struct extent *a = x, *b = y;
	int c = ds_ip_cmp(&a->first, &b->first);

	return c ? c : ds_ip_cmp(&a->last, &b->last);
}

/* Sorted, each once: a kubelet and its Node say the same. */
static void tidy(struct extents *e)
{
	size_t n = 0;

	if (e->v.n > 1)
		qsort(e->v.v, e->v.n, sizeof(*e->v.v), by_first);
	for (size_t i = 0; i < e->v.n; i++)
		if (n == 0 || by_first(&e->v.v[n - 1], &e->v.v[i]) != 0)
			e->v.v[n++] = e->v.v[i];
	e->v.n = n;
}

/* Whether a range begins or ends between two: they are not of one group then, or it would seem to hold the range. */
static bool range_between(const struct ds_space *s, size_t n_ranges, const struct ds_ip *a, const struct ds_ip *b)
{
	for (size_t i = 0; i < n_ranges; i++) {
		const struct ds_space_range *r = &s->ranges.v[i];

		if ((ds_ip_cmp(&r->first, a) > 0 && ds_ip_cmp(&r->first, b) <= 0) ||
		    (ds_ip_cmp(&r->last, a) >= 0 && ds_ip_cmp(&r->last, b) < 0))
			return true;
	}
	return false;
}

/* Groups of extents that are no further apart than 2^bits; only counts when ret is NULL. */
static size_t group(const struct build *b, const struct extents *e, size_t n_ranges, unsigned bits,
		    struct ds_space_range *ret)
{
	struct ds_ip end = {0};
	size_t n = 0;

	for (size_t i = 0; i < e->v.n; i++) {
		const struct extent *x = &e->v.v[i];
		bool joins = n > 0 &&
			     (ds_ip_cmp(&x->first, &end) <= 0 || bits_of(distance(&end, &x->first)) <= bits) &&
			     !range_between(b->s, n_ranges, &end, &x->first);

		if (!joins) {
			end = x->last;
			n++;
			if (ret)
				ret[n - 1] = (struct ds_space_range){.first = x->first, .last = x->last};
		}
		if (ds_ip_cmp(&x->last, &end) > 0)
			end = x->last;
		if (ret) {
			ret[n - 1].last = end;
			ret[n - 1].n++;
		}
	}
	return n;
}

static void add_groups(struct build *b, enum ds_space_role role, struct extents *e, size_t n_ranges)
{
	unsigned width = b->s->family == DS_IPV4 ? 32 : 128, bits = width / 2;
	struct ds_space_range *v;
	size_t n;

	tidy(e);
	while ((n = group(b, e, n_ranges, bits, NULL)) > GROUPS_MAX && bits < width)
		bits++;
	v = ds_arena_new_array(b->a, n, struct ds_space_range);
	if (!v) {
		b->r = DS_ENOMEM;
		return;
	}
	(void)group(b, e, n_ranges, bits, v);
	for (size_t i = 0; i < n; i++) {
		v[i].role = role;
		v[i].effective = true;
		if (ds_vec_push(b->a, &b->s->ranges, v[i]) < 0)
			b->r = DS_ENOMEM;
	}
}

/* ---- the axis ---- */

static int by_ip(const void *x, const void *y)
{
	return ds_ip_cmp(x, y);
}

/* Everywhere that something begins or has ended. */
static struct ds_ip *cuts(struct build *b, size_t *ret_n)
{
	struct ds_ip *v = ds_arena_new_array(b->a, 3 * b->s->ranges.n + 1, struct ds_ip);
	size_t n = 0, k = 0;

	if (!v) {
		b->r = DS_ENOMEM;
		*ret_n = 0;
		return NULL;
	}
	for (size_t i = 0; i < b->s->ranges.n; i++) {
		const struct ds_space_range *r = &b->s->ranges.v[i];

		v[n++] = r->first;
		if (next(&r->last, &v[n]))
			n++;
		if (r->bands.divided)
			v[n++] = r->bands.dynamic_first;
	}
	if (n > 1)
		qsort(v, n, sizeof(*v), by_ip);
	for (size_t i = 0; i < n; i++)
		if (k == 0 || !same_ip(&v[k - 1], &v[i]))
			v[k++] = v[i];
	*ret_n = k;
	return v;
}

static bool is_covered(const struct ds_space *s, const struct ds_ip *ip, struct ds_ip *ret_last)
{
	bool covered = false;

	for (size_t i = 0; i < s->ranges.n; i++) {
		const struct ds_space_range *r = &s->ranges.v[i];

		if (ds_ip_cmp(&r->first, ip) > 0 || ds_ip_cmp(&r->last, ip) < 0)
			continue;
		if (!covered || ds_ip_cmp(&r->last, ret_last) > 0)
			*ret_last = r->last;
		covered = true;
	}
	return covered;
}

static void make_pieces(struct build *b)
{
	unsigned width = b->s->family == DS_IPV4 ? 32 : 128;
	uint64_t total = 0, so_far = 0;
	size_t n;
	const struct ds_ip *v = cuts(b, &n);

	for (size_t i = 0; v && i < n; i++) {
		struct piece p = {.first = v[i]};

		p.covered = is_covered(b->s, &v[i], &p.last);
		if (i + 1 < n)
			p.last = previous(v[i + 1]);
		else if (!p.covered)
			continue; /* beyond the last range */
		p.at.right = p.covered ? PIECE + SIZE * bits_of(distance(&p.first, &p.last)) / width : GAP;
		total += p.at.right;
		if (ds_vec_push(b->a, &b->pieces, p) < 0)
			b->r = DS_ENOMEM;
	}
	for (size_t i = 0; i < b->pieces.n; i++) {
		struct piece *p = &b->pieces.v[i];

		p->at.left = (uint32_t)(so_far * DS_SPACE_WIDTH / total);
		so_far += p->at.right;
		p->at.right = (uint32_t)(so_far * DS_SPACE_WIDTH / total);
		if (!p->covered && ds_vec_push(b->a, &b->s->gaps, p->at) < 0)
			b->r = DS_ENOMEM;
	}
}

/* Where an address is, or with end where the one after it would begin. It lies in a piece. */
static uint32_t place(const struct build *b, const struct ds_ip *ip, bool end)
{
	size_t from = 0, to = b->pieces.n;
	const struct piece *p;
	struct ds_u128 size, at;
	unsigned bits, shift;

	while (to - from > 1) {
		size_t middle = from + (to - from) / 2;

		if (ds_ip_cmp(&b->pieces.v[middle].first, ip) <= 0)
			from = middle;
		else
			to = middle;
	}
	p = &b->pieces.v[from];
	if (end && same_ip(ip, &p->last))
		return p->at.right;
	size = distance(&p->first, &p->last);
	at = distance(&p->first, ip);
	bits = bits_of(size);
	shift = bits > 32 ? bits - 32 : 0;
	size = shifted(size, shift);
	at = shifted(at, shift);
	return p->at.left + (uint32_t)((at.lo + end) * (p->at.right - p->at.left) / (size.lo + 1));
}

static struct ds_space_span span_of(const struct build *b, const struct ds_ip *first, const struct ds_ip *last)
{
	return (struct ds_space_span){place(b, first, false), place(b, last, true)};
}

static int by_place(const void *x, const void *y)
{
	const struct ds_space_range *a = x, *b = y;
	int c = ds_ip_cmp(&a->first, &b->first);

	if (c == 0)
		c = ds_ip_cmp(&b->last, &a->last);
	return c ? c : (int)a->role - (int)b->role;
}

/* ---- what lies where ---- */

static void place_extents(struct build *b, const struct extents *e, struct ds_space_spans *ret)
{
	for (size_t i = 0; i < e->v.n; i++) {
		struct ds_space_span at = span_of(b, &e->v.v[i].first, &e->v.v[i].last);
		struct ds_space_span *last = ret->v.n ? &ret->v.v[ret->v.n - 1] : NULL;

		if (last && at.left <= last->right + CLOSE)
			last->right = DS_MAX(last->right, at.right);
		else if (ds_vec_push(b->a, &ret->v, at) < 0)
			b->r = DS_ENOMEM;
	}
}

static void place_all(struct build *b)
{
	struct ds_space *s = b->s;

	for (size_t i = 0; i < s->ranges.n; i++) {
		struct ds_space_range *r = &s->ranges.v[i];

		r->at = span_of(b, &r->first, &r->last);
		if (r->bands.divided)
			r->band = place(b, &r->bands.dynamic_first, false);
	}
	place_extents(b, &b->nodes, &s->nodes);
	place_extents(b, &b->blocks, &s->blocks);
}

/* Blocks of nodes may lie beside pods, and with the nodes' own addresses they only share a stretch of the axis. */
static bool may_meet(const struct ds_space_range *a, const struct ds_space_range *b)
{
	bool block = a->role == DS_SPACE_NODE_BLOCKS || b->role == DS_SPACE_NODE_BLOCKS;
	bool service = a->role == DS_SPACE_SERVICES || b->role == DS_SPACE_SERVICES;

	return a->role == b->role || (block && !service);
}

static void find_overlaps(struct build *b)
{
	struct ds_space *s = b->s;

	for (size_t i = 0; i < s->ranges.n; i++)
		for (size_t k = i + 1; k < s->ranges.n; k++) {
			const struct ds_space_range *x = &s->ranges.v[i], *y = &s->ranges.v[k];
			struct ds_space_overlap o = {.a = x, .b = y, .first = y->first};

			if (ds_ip_cmp(&y->first, &x->last) > 0 || may_meet(x, y))
				continue;
			o.last = ds_ip_cmp(&x->last, &y->last) < 0 ? x->last : y->last;
			o.at = span_of(b, &o.first, &o.last);
			if (ds_vec_push(b->a, &s->overlaps, o) < 0)
				b->r = DS_ENOMEM;
		}
}

int ds_space(struct ds_arena *a, const struct ds_cluster *c, enum ds_family family, struct ds_space *ret)
{
	struct build b = {.a = a, .c = c, .s = ret};
	size_t n_ranges;

	*ret = (struct ds_space){.family = family};
	add_ranges(&b);
	add_bands(&b);
	add_addresses(&b);
	add_blocks(&b);
	n_ranges = ret->ranges.n;
	add_groups(&b, DS_SPACE_NODES, &b.nodes, n_ranges);
	add_groups(&b, DS_SPACE_NODE_BLOCKS, &b.outside, n_ranges);
	tidy(&b.blocks);
	if (ret->ranges.n > 1)
		qsort(ret->ranges.v, ret->ranges.n, sizeof(*ret->ranges.v), by_place);
	make_pieces(&b);
	if (b.r < 0 || ret->ranges.n == 0)
		return b.r;
	place_all(&b);
	find_overlaps(&b);
	return b.r;
}
