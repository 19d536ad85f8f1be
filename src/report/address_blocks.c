#include "report/address_space.h"

#include <stdlib.h>

#include "base/num.h"
#include "report/nodes.h"

static const char *derived(const struct ds_cluster *c, const char *name, size_t i)
{
	const struct ds_derived *d = ds_nodes_derived(c, name);

	return d && i < d->n ? d->list[i] : NULL;
}

/* The number of the block that an address of the network lies in. */
static uint64_t number_of(const struct ds_space_blocks *s, const struct ds_ip *ip)
{
	uint64_t n = 0;

	for (unsigned i = s->network.bits; i < s->mask; i++)
		n = n << 1 | (ip->b[i / 8] >> (7 - i % 8) & 1u);
	return n;
}

static int add(struct ds_arena *a, struct ds_space_blocks *s, struct ds_str text, bool taken)
{
	struct ds_space_blocks_span span = {0, s->n - 1, taken};
	struct ds_ip first, last;
	struct ds_cidr c;

	if (ds_cidr_parse(text, DS_IP_SLOPPY, &c) < 0)
		return 0;
	c = ds_cidr_go(&c);
	if (!ds_cidr_overlaps(&c, &s->network))
		return 0;
	if (c.bits > s->network.bits) {
		first = ds_cidr_first(&c);
		last = ds_cidr_last(&c);
		span.begin = number_of(s, &first);
		span.end = number_of(s, &last);
	}
	return ds_vec_push(a, &s->spans, span);
}

/* What is taken first, so that it wins where both are. */
static int by_begin(const void *x, const void *y)
{
	const struct ds_space_blocks_span *a = x, *b = y;

	if (a->taken != b->taken)
		return a->taken ? -1 : 1;
	return a->begin < b->begin ? -1 : a->begin > b->begin;
}

static int by_number(const void *x, const void *y)
{
	const struct ds_space_blocks_span *a = x, *b = y;

	return a->begin < b->begin ? -1 : a->begin > b->begin;
}

/* Joins v[from..n) of one kind, which are sorted; returns the new n. */
static size_t join(struct ds_space_blocks_span *v, size_t from, size_t n)
{
	size_t k = from;

	for (size_t i = from; i < n; i++) {
		if (k > from && v[i].begin <= v[k - 1].end + 1)
			v[k - 1].end = DS_MAX(v[k - 1].end, v[i].end);
		else
			v[k++] = v[i];
	}
	return k;
}

/* The parts of span x that no taken one covers, into out. taken: sorted, disjoint; *at moves on with x. */
static int cut(struct ds_arena *a, struct ds_space_blocks *out, struct ds_space_blocks_span x,
	       const struct ds_space_blocks_span *taken, size_t n, size_t *at)
{
	while (*at < n && taken[*at].end < x.begin)
		++*at;
	for (size_t i = *at; i < n && taken[i].begin <= x.end; i++) {
		struct ds_space_blocks_span before = {x.begin, taken[i].begin - 1, false};

		if (taken[i].begin > x.begin && ds_vec_push(a, &out->spans, before) < 0)
			return DS_ENOMEM;
		if (taken[i].end >= x.end)
			return 0;
		x.begin = taken[i].end + 1;
	}
	return ds_vec_push(a, &out->spans, x);
}

static int settle(struct ds_arena *a, struct ds_space_blocks *s)
{
	struct ds_space_blocks_span *v = s->spans.v;
	size_t n = s->spans.n, n_taken = 0, taken, at = 0, end;

	if (n > 1)
		qsort(v, n, sizeof(*v), by_begin);
	while (n_taken < n && v[n_taken].taken)
		n_taken++;
	end = join(v, n_taken, n);
	taken = join(v, 0, n_taken);
	s->spans.v = NULL;
	s->spans.n = s->spans.cap = 0;
	for (size_t i = n_taken; i < end; i++)
		if (cut(a, s, v[i], v, taken, &at) < 0)
			return DS_ENOMEM;
	for (size_t i = 0; i < taken; i++)
		if (ds_vec_push(a, &s->spans, v[i]) < 0)
			return DS_ENOMEM;
	if (s->spans.n > 1)
		qsort(s->spans.v, s->spans.n, sizeof(*s->spans.v), by_number);
	for (size_t i = 0; i < s->spans.n; i++)
		*(s->spans.v[i].taken ? &s->taken : &s->used) += s->spans.v[i].end - s->spans.v[i].begin + 1;
	s->free = s->n - s->taken - s->used;
	return 0;
}

int ds_space_blocks(struct ds_arena *a, const struct ds_cluster *c, size_t i, struct ds_space_blocks *ret)
{
	const struct ds_node_blocks *b = &c->node_blocks;
	const char *network = derived(c, "clusterCIDR", i), *mask = derived(c, "maskSizes", i);
	const struct ds_derived *services = ds_nodes_derived(c, "serviceRangesAvoided");
	uint64_t bits;
	int r = 0;

	*ret = (struct ds_space_blocks){0};
	if (!b->known || !network || !mask || ds_cidr_parse(ds_str_from(network), DS_IP_SLOPPY, &ret->network) < 0 ||
	    ds_num_u64(ds_str_from(mask), 128, &bits) < 0)
		return DS_ENOENT;
	/* A mask as of an IPv4-mapped network, or one that no address has: there are no blocks to count. */
	if (bits < ret->network.bits || bits > ds_ip_width(&ret->network.ip) || bits - ret->network.bits > 32)
		return DS_ENOENT;
	ret->mask = (unsigned)bits;
	ret->n = (uint64_t)1 << (ret->mask - ret->network.bits);
	for (size_t k = 0; r == 0 && services && k < services->n; k++)
		r = add(a, ret, ds_str_from(services->list[k]), true);
	for (size_t k = 0; r == 0 && k < b->n_nodes; k++)
		for (size_t j = 0; r == 0 && j < b->nodes[k].n; j++)
			r = add(a, ret, b->nodes[k].cidrs[j], false);
	return r < 0 ? r : settle(a, ret);
}
