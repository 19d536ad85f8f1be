#include "model/version.h"

#include "yaml/scalar.h"

static bool kubelet_version(const struct ds_object *o, struct ds_kube_version *ret)
{
	struct ds_str text;

	return ds_yaml_as_string(ds_yaml_path(o->node, "status", "nodeInfo", "kubeletVersion", NULL), &text) == 0 &&
	       ds_kube_version_parse(text, ret) == 0;
}

static bool is_newer(const struct ds_kube_version *a, const struct ds_kube_version *b)
{
	if (a->major != b->major)
		return a->major > b->major;
	return a->minor != b->minor ? a->minor > b->minor : a->patch > b->patch;
}

/* No API server is older than the newest kubelet. */
static void version_of_nodes(struct ds_arena *a, struct ds_cluster *c)
{
	for (size_t i = 0; i < c->objects.n; i++) {
		const struct ds_object *o = c->objects.v[i];
		struct ds_kube_version v;

		if (strcmp(o->kind, "Node") != 0 || !kubelet_version(o, &v) ||
		    (c->version_origin == DS_VERSION_NODE && !is_newer(&v, &c->version)))
			continue;
		c->version = v;
		c->version_origin = DS_VERSION_NODE;
		c->version_loc = ds_yaml_loc(a, o->input, o->node);
	}
}

static void find_version(struct ds_arena *a, struct ds_cluster *c, const struct ds_model_options *opt)
{
	/* Whose version stands for the cluster: the API server decides what Services get. */
	static const enum ds_component order[] = {DS_KUBE_APISERVER, DS_KUBE_CONTROLLER_MANAGER, DS_KUBEADM,
						  DS_KUBELET, DS_KUBE_PROXY};

	c->version = (struct ds_kube_version){.major = 1, .minor = DS_KUBE_NEWEST};
	c->version_origin = DS_VERSION_ASSUMED;
	for (size_t k = 0; k < DS_ARRAY_SIZE(order) && c->version_origin == DS_VERSION_ASSUMED; k++) {
		for (size_t i = 0; i < c->components.n; i++) {
			const struct ds_observed *o = c->components.v[i]->observed;

			if (o->component != order[k] || !o->has_version)
				continue;
			c->version = o->version;
			c->version_origin = o->version_origin;
			c->version_loc = o->version_loc;
			break;
		}
	}
	if (c->version_origin == DS_VERSION_ASSUMED)
		version_of_nodes(a, c);
	if (opt->has_version) {
		c->version = opt->version;
		c->version_origin = DS_VERSION_OPTION;
		c->version_loc = (struct ds_loc){0};
	}
	for (size_t i = 0; i < c->components.n + c->configured.n; i++) {
		struct ds_component_model *m = i < c->components.n ? c->components.v[i]
								   : c->configured.v[i - c->components.n];
		bool own = m->observed->has_version && !opt->has_version;

		m->version = own ? m->observed->version : c->version;
		m->version_origin = own ? m->observed->version_origin : c->version_origin;
		if (!own && !opt->has_version && m->observed->component == DS_KUBELET && m->node_object &&
		    kubelet_version(m->node_object, &m->version))
			m->version_origin = DS_VERSION_NODE;
	}
}

/* Behaviour outside the versions we know is read as that of the nearest one; said once per cluster. */
static int check_version(struct ds_ctx *ctx, const struct ds_cluster *c)
{
	const struct ds_kube_version *v = &c->version;
	const struct ds_loc *loc = &c->version_loc;
	const char *who = NULL;

	for (size_t i = 0; ds_kube_version_known(v) && i < c->components.n; i++) {
		v = &c->components.v[i]->version;
		loc = &c->components.v[i]->observed->version_loc;
		who = ds_component_name(c->components.v[i]->observed->component);
	}
	if (ds_kube_version_known(v))
		return 0;
	return ds_diag(ctx, DS_LEVEL_WARNING, loc, "--kubernetes-version audits as another version",
		       "Kubernetes %u.%u%s%s is not known (1.%d to 1.%d are); what follows is how the nearest known "
		       "version behaves",
		       v->major, v->minor, who ? " of " : "", who ? who : "", DS_KUBE_OLDEST, DS_KUBE_NEWEST);
}

int ds_cluster_version(struct ds_ctx *ctx, struct ds_cluster *c, const struct ds_model_options *opt)
{
	find_version(ctx->arena, c, opt);
	return check_version(ctx, c);
}
