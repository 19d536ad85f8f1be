#include <stdlib.h>

#include "rules/compile.h"

/* Whom to look at for a field of the cluster; NULL: nobody, it is always there. */
static const struct {
	const char *field, *input;
} sources[] = {
	{"name", NULL},
	{"minor", NULL},
	{"apiServers", "kube-apiserver"},
	{"controllerManagers", "kube-controller-manager"},
	{"kubeProxies", "kube-proxy"},
	{"kubelets", "kubelet"},
	{"kubeadmConfigs", "kubeadm"},
	{"nodes", "node"},
	{"hosts", "host"},
	{"cniConfigs", "cni"},
	{"ipPools", "object"},
	{"services", "service"},
	{"nodePortClashes", "service"},
	{"endpoints", "endpoint-slice"},
	{"podCIDRClashes", "node"},
	{"serviceCIDRObjects", "service-cidr"},
	{"manifestCopies", "static-pod"},
	{"networkPolicies", "network-policy"},
	{"workloads", "workload"},
	{"webhooks", "webhook"},
	{"ingressSettings", "config-map"},
	/* what the model derives, by the component that decides it */
	{"serviceCIDRs", "kube-apiserver"},
	{"serviceFamilies", "kube-apiserver"},
	{"podCIDRs", "kube-controller-manager"},
	{"podFamilies", "kube-controller-manager"},
	{"nodeFamilies", "kubelet"},
};

bool ds_rule_input_of(struct ds_str field, const char **ret)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(sources); i++) {
		if (ds_str_eqz(field, sources[i].field)) {
			*ret = sources[i].input;
			return true;
		}
	}
	return false;
}

struct gathering {
	struct ds_arena *a;
	DS_VEC(const char *) v;
};

/* "cluster.kubelets[].nodeIP" needs a kubelet. */
static int add_path(struct gathering *g, const char *path)
{
	struct ds_str p = ds_str_from(path);
	const char *input = NULL;
	size_t n = 0;

	if (!ds_str_starts(p, "cluster."))
		return 0;
	p = ds_str_skip(p, strlen("cluster."));
	while (n < p.n && ds_c_is_alnum(p.p[n]))
		n++;
	if (!ds_rule_input_of(ds_str_head(p, n), &input) || !input)
		return 0;
	for (size_t i = 0; i < g->v.n; i++)
		if (strcmp(g->v.v[i], input) == 0)
			return 0;
	return ds_vec_push(g->a, &g->v, input);
}

static int add(struct gathering *g, const struct ds_rule_expr *x)
{
	const char *const *paths;
	size_t n = 0;
	int r = x->program ? ds_cel_program_paths(x->program, g->a, &paths, &n) : 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_path(g, paths[i]);
	return r;
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

int ds_rule_inputs(struct ds_arena *a, struct ds_rule *rule, const char *const **ret, size_t *ret_n)
{
	struct gathering g = {.a = a};
	struct ds_rule_problem problem;
	int r = ds_rule_compile(rule, &rule->match, &problem);

	if (r == 0)
		r = ds_rule_compile(rule, &rule->expression, &problem);

	for (size_t i = 0; r == 0 && i < rule->n_for_each; i++)
		r = add(&g, &rule->for_each[i].expr);
	if (r == 0)
		r = add(&g, &rule->match);
	/* Variables are part of the expressions that name them. */
	if (r == 0)
		r = add(&g, &rule->expression);
	if (g.v.n)
		qsort(g.v.v, g.v.n, sizeof(g.v.v[0]), by_name);
	*ret = g.v.v;
	*ret_n = g.v.n;
	return r;
}
