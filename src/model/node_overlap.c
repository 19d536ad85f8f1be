#include "model/node_overlap.h"

#include "base/err.h"

#include <stdlib.h>

struct block {
	struct ds_cidr cidr;
	const struct ds_kcm_node *node;
	size_t holder; /* the narrowest block around it, or NONE */
};

#define NONE SIZE_MAX

static int by_range(const void *pa, const void *pb)
{
	const struct block *a = pa, *b = pb;
	struct ds_ip first_a = ds_cidr_first(&a->cidr), first_b = ds_cidr_first(&b->cidr);
	int c = ds_ip_cmp(&first_a, &first_b);

	if (c)
		return c;
	if (a->cidr.bits != b->cidr.bits)
		return a->cidr.bits < b->cidr.bits ? -1 : 1;
	/* The same block twice: in the order of the nodes, which lie in one array. */
	return a->node < b->node ? -1 : a->node > b->node;
}

static struct block *read_blocks(struct ds_arena *a, const struct ds_kcm_node *nodes, size_t n, size_t *ret_n)
{
	size_t max = 0;
	struct block *v;

	*ret_n = 0;
	for (size_t i = 0; i < n; i++)
		max += nodes[i].n;
	v = ds_arena_new_array(a, max, struct block);
	for (size_t i = 0; v && i < n; i++)
		for (size_t k = 0; k < nodes[i].n; k++) {
			struct ds_cidr c;

			if (ds_cidr_parse(nodes[i].cidrs[k], DS_IP_SLOPPY, &c) < 0)
				continue;
			v[(*ret_n)++] = (struct block){.cidr = ds_cidr_masked(&c), .node = &nodes[i], .holder = NONE};
		}
	return v;
}

int ds_node_overlaps(struct ds_arena *a, const struct ds_kcm_node *nodes, size_t n, struct ds_node_overlaps *ret)
{
	size_t n_blocks, around = NONE;
	struct block *v = read_blocks(a, nodes, n, &n_blocks);

	*ret = (struct ds_node_overlaps){0};
	if (!v)
		return DS_ENOMEM;
	if (n_blocks > 1)
		qsort(v, n_blocks, sizeof(*v), by_range);
	/* Networks nest or are apart: in this order the open ones form a chain from the last one outwards. */
	for (size_t i = 0; i < n_blocks; i++) {
		struct ds_node_overlap *o;

		while (around != NONE && !ds_cidr_contains(&v[around].cidr, &v[i].cidr))
			around = v[around].holder;
		v[i].holder = around;
		around = i;
		if (v[i].holder == NONE || v[v[i].holder].node == v[i].node)
			continue;
		o = ds_vec_add(a, &ret->v);
		if (!o)
			return DS_ENOMEM;
		*o = (struct ds_node_overlap){v[i].node, v[v[i].holder].node, v[i].cidr, v[v[i].holder].cidr};
	}
	return 0;
}
