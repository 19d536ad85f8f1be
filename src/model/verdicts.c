#include "model/verdicts.h"

#include "kube/kube_apiserver.h"
#include "kube/kube_controller_manager.h"
#include "yaml/scalar.h"

/* Node blocks shown in the preview: enough to see the pattern. */
#define FIRST_NODES 4

/* The Nodes of a cluster as the controller manager sees them. */
static int existing_nodes(struct ds_arena *a, const struct ds_cluster *c, struct ds_kcm_node **ret, size_t *ret_n)
{
	*ret = ds_arena_new_array(a, c->objects.n, struct ds_kcm_node);
	*ret_n = 0;
	if (!*ret)
		return DS_ENOMEM;
	for (size_t i = 0; i < c->objects.n; i++) {
		const struct ds_object *o = c->objects.v[i];
		const struct ds_yaml_node *cidrs = ds_yaml_path(o->node, "spec", "podCIDRs", NULL);
		struct ds_kcm_node *n = &(*ret)[*ret_n];
		struct ds_str *v;

		if (strcmp(o->kind, "Node") != 0)
			continue;
		n->name = o->name;
		n->loc = ds_yaml_loc(a, o->input, o->node);
		++*ret_n;
		if (!cidrs || cidrs->kind != DS_YAML_SEQUENCE)
			continue;
		v = ds_arena_new_array(a, cidrs->n, struct ds_str);
		if (!v)
			return DS_ENOMEM;
		for (size_t k = 0; k < cidrs->n; k++)
			if (ds_yaml_as_string(cidrs->items[k], &v[n->n]) == 0)
				n->n++;
		n->cidrs = v;
	}
	return 0;
}

static int preview_nodes(struct ds_arena *a, const struct ds_kcm_result *k, struct ds_node_blocks *ret)
{
	if (k->ipam != DS_NODE_IPAM_RUNNING || !k->allocator)
		return 0;
	ret->known = true;
	ret->families = k->config.n;
	ret->capacity = ds_ipam_capacity(k->allocator);
	for (size_t i = 0; i < FIRST_NODES; i++) {
		const char *blocks[2] = {NULL, NULL}, *err;
		int r = ds_ipam_next(k->allocator, blocks, &err);
		struct ds_node_block *b;

		if (r == DS_ERANGE)
			return 0;
		if (r < 0)
			return r;
		b = ds_vec_add(a, &ret->first);
		if (!b)
			return DS_ENOMEM;
		b->v[0] = blocks[0];
		b->v[1] = blocks[1];
	}
	return 0;
}

static int judge_apiserver(struct ds_arena *a, struct ds_cluster *c, struct ds_component_model *m)
{
	(void)c;
	return ds_apiserver_verdict(a, &m->observed->cmdline, m->version.minor, &m->verdict);
}

static int judge_kcm(struct ds_arena *a, struct ds_cluster *c, struct ds_component_model *m)
{
	struct ds_kcm_result result = {0};
	struct ds_kcm_node *nodes;
	size_t n;
	int r = existing_nodes(a, c, &nodes, &n);

	if (r == 0)
		r = ds_kcm_evaluate(a, &m->observed->cmdline, m->version.minor, nodes, n, &result);
	m->verdict = result.verdict;
	/* Of several controller managers only the leader acts; which one that is, nobody here can tell. */
	if (r == 0 && !c->node_blocks.known)
		r = preview_nodes(a, &result, &c->node_blocks);
	return r;
}

/* kubeadm's own verdict: what `config validate` refuses, `init` refuses too, in its own words. */
static int judge_kubeadm(struct ds_arena *a, struct ds_cluster *c, struct ds_component_model *m)
{
	const struct ds_kubeadm_result *k = m->observed->kubeadm;

	(void)a;
	(void)c;
	if (k)
		m->verdict = k->validate.startup == DS_STARTUP_REFUSED ? k->validate : k->init;
	return 0;
}

static const struct {
	enum ds_component component;
	int (*judge)(struct ds_arena *a, struct ds_cluster *c, struct ds_component_model *m);
} judges[] = {
	{DS_KUBE_APISERVER, judge_apiserver},
	{DS_KUBE_CONTROLLER_MANAGER, judge_kcm},
	{DS_KUBEADM, judge_kubeadm},
};

/* A command line that was cut off may hold more than was seen: what it would
 * accept is not known; what it refuses, it refuses. */
static void weigh(const struct ds_component_model *m, struct ds_verdict *v)
{
	if (v->startup == DS_STARTUP_ACCEPTED && m->observed->cmdline.truncated) {
		v->startup = DS_STARTUP_UNKNOWN;
		v->reason = "the command line is cut off in the input";
	}
}

int ds_verdicts_fill(const struct ds_facts *f, struct ds_cluster *c)
{
	for (size_t i = 0; i < c->components.n; i++) {
		struct ds_component_model *m = c->components.v[i];

		for (size_t k = 0; k < DS_ARRAY_SIZE(judges); k++) {
			int r;

			if (judges[k].component != m->observed->component)
				continue;
			r = judges[k].judge(f->ctx->arena, c, m);
			if (r < 0)
				return r;
			weigh(m, &m->verdict);
		}
	}
	return 0;
}
