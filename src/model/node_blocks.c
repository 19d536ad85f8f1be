#include "model/node_blocks.h"

#include "base/err.h"
#include "base/map.h"
#include "yaml/scalar.h"

/* Blocks shown when nobody asked for a number: enough to see the pattern. */
#define DEFAULT_SHOWN 4

/* spec.podCIDRs, or the one spec.podCIDR that the API server would copy there. */
static int read_cidrs(struct ds_arena *a, const struct ds_yaml_node *node, struct ds_kcm_node *ret)
{
	const struct ds_yaml_node *list = ds_yaml_path(node, "spec", "podCIDRs", NULL);
	const struct ds_yaml_node *one = ds_yaml_path(node, "spec", "podCIDR", NULL);
	size_t max = list && list->kind == DS_YAML_SEQUENCE && list->n ? list->n : 0;
	struct ds_str *v = ds_arena_new_array(a, DS_MAX(max, (size_t)1), struct ds_str);

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < max; i++)
		if (ds_yaml_as_string(list->items[i], &v[ret->n]) == 0)
			ret->n++;
	if (max == 0 && ds_yaml_as_string(one, &v[0]) == 0 && v[0].n)
		ret->n = 1;
	ret->cidrs = v;
	return 0;
}

int ds_node_blocks_begin(struct ds_arena *a, struct ds_cluster *c)
{
	struct ds_node_blocks *b = &c->node_blocks;
	struct ds_map by_name;

	b->reason = "no kube-controller-manager was seen";
	if (b->shown == 0)
		b->shown = DEFAULT_SHOWN;
	b->nodes = ds_arena_new_array(a, c->objects.n, struct ds_kcm_node);
	if (!b->nodes)
		return DS_ENOMEM;
	ds_map_init(&by_name, a);
	for (size_t i = 0; i < c->objects.n; i++) {
		const struct ds_object *o = c->objects.v[i];
		struct ds_kcm_node *n = &b->nodes[b->n_nodes], *same;

		if (strcmp(o->kind, "Node") != 0)
			continue;
		*n = (struct ds_kcm_node){.name = o->name, .loc = ds_yaml_loc(a, o->input, o->node)};
		if (read_cidrs(a, o->node, n) < 0)
			return DS_ENOMEM;
		/* A Node may come twice, from its own host and in a list of all. */
		same = ds_map_get(&by_name, ds_str_from(n->name));
		if (same && same->n < n->n)
			*same = *n;
		if (same)
			continue;
		if (n->name[0] && ds_map_put(&by_name, ds_str_from(n->name), n) < 0)
			return DS_ENOMEM;
		b->n_nodes++;
	}
	return 0;
}

/* Why no podCIDRs are handed out, in words. */
static int find_reason(struct ds_arena *a, const struct ds_component_model *m, struct ds_node_blocks *b)
{
	const struct ds_verdict *v = &m->verdict;
	const struct ds_setting *s = ds_component_setting(m, "allocateNodeCIDRs");

	b->reason = NULL;
	switch (b->state) {
	case DS_NODE_IPAM_EXITED:
		b->reason = ds_verdict_printed(a, v);
		return b->reason ? 0 : DS_ENOMEM;
	case DS_NODE_IPAM_NOT_STARTED:
		if (s && s->state == DS_SETTING_SET && s->valid && s->boolean)
			b->reason = "--controllers leaves the node IPAM controller out";
		else if (s && s->state == DS_SETTING_SET && s->origin == DS_ORIGIN_FLAG)
			b->reason =
			    "--allocate-node-cidrs is false: podCIDRs, if any, come from elsewhere, such as the "
			    "network plugin or the cloud";
		else
			b->reason =
			    "--allocate-node-cidrs is not given: podCIDRs, if any, come from elsewhere, such as "
			    "the network plugin or the cloud";
		return 0;
	case DS_NODE_IPAM_UNKNOWN:
		b->reason = v->reason ? v->reason : "what kube-controller-manager would do is not known";
		return 0;
	case DS_NODE_IPAM_RUNNING:
		return 0;
	}
	return 0;
}

/* Blocks that the Service ranges take from each network: what is missing before any node came. */
static int count_taken(struct ds_arena *a, const struct ds_ipam_config *config, struct ds_node_blocks *b)
{
	const char *why;
	struct ds_ipam *empty;
	int r = ds_ipam_new(a, config, &empty, &why);

	if (r < 0)
		return r == DS_ENOMEM ? r : 0;
	for (size_t i = 0; i < config->n; i++)
		b->taken[i] = ds_ipam_blocks(empty, i) - ds_ipam_free(empty, i);
	return 0;
}

static int preview(struct ds_arena *a, struct ds_ipam *ipam, struct ds_node_blocks *b)
{
	while (b->first.n < b->shown) {
		const char *blocks[2] = {NULL, NULL}, *why;
		int r = ds_ipam_next(ipam, blocks, &why);
		struct ds_node_block *next;

		if (r == DS_ERANGE) {
			b->exhausted = why;
			return 0;
		}
		if (r < 0)
			return r;
		next = ds_vec_add(a, &b->first);
		if (!next)
			return DS_ENOMEM;
		next->v[0] = blocks[0];
		next->v[1] = blocks[1];
	}
	return 0;
}

int ds_node_blocks_add(struct ds_arena *a, const struct ds_component_model *m, struct ds_kcm_result *result,
		       struct ds_node_blocks *ret)
{
	bool runs = result->ipam == DS_NODE_IPAM_RUNNING && result->allocator;
	int r;

	if (ret->known || (ret->from && !runs))
		return 0;
	ret->from = m;
	ret->state = result->ipam;
	r = find_reason(a, m, ret);
	if (r < 0 || !runs)
		return r;
	ret->known = true;
	ret->families = result->config.n;
	ret->capacity = ds_ipam_capacity(result->allocator);
	ret->left = ds_ipam_free(result->allocator, 0);
	for (size_t i = 1; i < result->config.n; i++)
		ret->left = DS_MIN(ret->left, ds_ipam_free(result->allocator, i));
	r = count_taken(a, &result->config, ret);
	return r < 0 ? r : preview(a, result->allocator, ret);
}
