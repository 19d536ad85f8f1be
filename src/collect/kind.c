#include "collect/kind.h"

#include "collect/distro.h"
#include "collect/embedded.h"
#include "net/ip.h"
#include "yaml/scalar.h"

/* What depends on containers that do not exist yet. */
#define NODE_ADDRESSES "${the node's addresses}"

struct patch {
	struct ds_str kind; /* what it is for: "ClusterConfiguration" */
	const struct ds_yaml_node *root;
};

struct cluster {
	struct ds_distro d;
	const struct ds_doc_source *src;
	const struct ds_yaml_node *object;
	const struct family *family;
	struct ds_distro_value pods, services, mode, name, gates;
	struct ds_distro_version version;
	DS_VEC(struct patch) patches;
};

/* pkg/internal/apis/config/default.go */
static const struct family {
	const char *name, *pods, *services;
	enum ds_family only; /* of a single-stack cluster */
} families[] = {
	{"ipv4", "10.244.0.0/16", "10.96.0.0/16", DS_IPV4},
	{"ipv6", "fd00:10:244::/56", "fd00:10:96::/112", DS_IPV6},
	{"dual", "10.244.0.0/16,fd00:10:244::/56", "10.96.0.0/16,fd00:10:96::/112", DS_FAMILY_NONE},
};

/* ---- patches ---- */

static int read_patches(struct cluster *c, const struct ds_yaml_node *owner)
{
	const struct ds_yaml_node *list = ds_yaml_get(owner, "kubeadmConfigPatches");
	const struct ds_yaml_node *json = ds_yaml_get(owner, "kubeadmConfigPatchesJSON6902");

	c->d.partial |= json && !ds_yaml_is_null(json) && json->n > 0;
	for (size_t i = 0; list && list->kind == DS_YAML_SEQUENCE && i < list->n; i++) {
		struct ds_yaml_stream *stream;
		struct ds_str text;
		bool broken;

		if (ds_yaml_as_string(list->items[i], &text) < 0)
			continue;
		if (ds_embedded_load(c->d.f, c->src, list->items[i], &stream, &broken) < 0)
			return DS_ENOMEM;
		c->d.partial |= broken;
		for (size_t k = 0; k < stream->n; k++) {
			struct patch p = {.root = stream->docs[k].root};

			if (ds_yaml_as_string(ds_yaml_get(p.root, "kind"), &p.kind) == 0 && p.kind.n &&
			    ds_vec_push(c->d.f->ctx->arena, &c->patches, p) < 0)
				return DS_ENOMEM;
		}
	}
	return 0;
}

/* A node's own patches change that node; the first control-plane node's make the cluster. */
static int read_nodes(struct cluster *c)
{
	const struct ds_yaml_node *nodes = ds_yaml_get(c->object, "nodes");
	bool found = false;

	for (size_t i = 0; nodes && nodes->kind == DS_YAML_SEQUENCE && i < nodes->n; i++) {
		struct ds_str role;

		if (ds_yaml_as_string(ds_yaml_get(nodes->items[i], "role"), &role) < 0)
			role = (struct ds_str){0};
		if (!c->version.known)
			ds_distro_image(&c->d, nodes->items[i], "image", &c->version);
		if (found || (role.n && !ds_str_eqz(role, "control-plane")))
			continue;
		found = true;
		if (read_patches(c, nodes->items[i]) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

/* What patches of one kind say at a path (NULL: all of it) about a component. */
static int apply(const struct cluster *c, struct ds_generated *g, const char *kind, const char *path)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->patches.n; i++) {
		if (!ds_str_eqz(c->patches.v[i].kind, kind))
			continue;
		r = path ? ds_distro_args(&c->d, g, ds_yaml_field(c->patches.v[i].root, path))
			 : ds_distro_fields(&c->d, g, c->patches.v[i].root);
	}
	return r;
}

/* ---- what kind refuses ---- */

/* pkg/internal/apis/config/validate.go:validateSubnets, for what kubeadm would not refuse itself. */
static int check_subnet(const struct cluster *c, const struct ds_distro_value *v, bool *ret_bad)
{
	enum ds_family only = c->family->only;
	struct ds_cidr cidr;

	if (only == DS_FAMILY_NONE)
		return 0;
	*ret_bad = true;
	if (ds_str_find(v->text, ',') < v->text.n)
		return ds_distro_refuse(&c->d, &v->loc, "only one CIDR allowed for single-stack networking");
	if (ds_cidr_parse(v->text, DS_IP_STRICT, &cidr) == 0 && cidr.ip.family != only)
		return ds_distro_refuse(&c->d, &v->loc, only == DS_IPV4 ? "expected IPv4 CIDR for IPv4 family"
								: "expected IPv6 CIDR for IPv6 family");
	*ret_bad = false;
	return 0;
}

/* ---- components ---- */

static int make_apiserver(const struct cluster *c)
{
	struct ds_generated g = ds_distro_start(&c->d, DS_KUBE_APISERVER);
	int r = ds_distro_add(&c->d, &g, "service-cluster-ip-range", &c->services);

	if (r == 0)
		r = ds_distro_addz(&c->d, &g, "advertise-address", "${the node's first address}");
	if (r == 0)
		r = ds_distro_add(&c->d, &g, "feature-gates", &c->gates);
	if (r == 0)
		r = apply(c, &g, "ClusterConfiguration", "apiServer.extraArgs");
	return r < 0 ? r : ds_distro_observe(&c->d, &g, &c->version);
}

static int make_controller_manager(const struct cluster *c)
{
	struct ds_generated g = ds_distro_start(&c->d, DS_KUBE_CONTROLLER_MANAGER);
	int r = ds_distro_addz(&c->d, &g, "allocate-node-cidrs", "true");

	if (r == 0)
		r = ds_distro_add(&c->d, &g, "cluster-cidr", &c->pods);
	if (r == 0)
		r = ds_distro_add(&c->d, &g, "service-cluster-ip-range", &c->services);
	if (r == 0)
		r = ds_distro_add(&c->d, &g, "cluster-name", &c->name);
	if (r == 0)
		r = ds_distro_addz(&c->d, &g, "bind-address", c->family->only == DS_IPV6 ? "::" : "127.0.0.1");
	if (r == 0)
		r = ds_distro_add(&c->d, &g, "feature-gates", &c->gates);
	if (r == 0)
		r = apply(c, &g, "ClusterConfiguration", "controllerManager.extraArgs");
	return r < 0 ? r : ds_distro_observe(&c->d, &g, &c->version);
}

static int make_proxy(const struct cluster *c)
{
	struct ds_generated g = ds_distro_start(&c->d, DS_KUBE_PROXY);
	int r = ds_distro_add(&c->d, &g, "cluster-cidr", &c->pods);

	if (r == 0)
		r = ds_distro_add(&c->d, &g, "proxy-mode", &c->mode);
	if (r == 0)
		r = ds_distro_add(&c->d, &g, "feature-gates", &c->gates);
	if (r == 0)
		r = apply(c, &g, "KubeProxyConfiguration", NULL);
	return r < 0 ? r : ds_distro_observe(&c->d, &g, &c->version);
}

static int make_kubelet(const struct cluster *c)
{
	struct ds_generated g = ds_distro_start(&c->d, DS_KUBELET);
	int r = ds_distro_addz(&c->d, &g, "node-ip", NODE_ADDRESSES);

	if (r == 0)
		r = ds_distro_dns(&c->d, &g, &c->services, 10, false);
	if (r == 0 && c->family->only == DS_IPV6)
		r = ds_distro_addz(&c->d, &g, "address", "::");
	if (r == 0)
		r = ds_distro_add(&c->d, &g, "feature-gates", &c->gates);
	if (r == 0)
		r = apply(c, &g, "KubeletConfiguration", NULL);
	if (r == 0)
		r = apply(c, &g, "InitConfiguration", "nodeRegistration.kubeletExtraArgs");
	return r < 0 ? r : ds_distro_observe(&c->d, &g, &c->version);
}

static int read_cluster(struct cluster *c, bool *ret_bad)
{
	struct ds_distro_value family = {.text = DS_STR("ipv4")};
	const struct ds_yaml_node *gates = ds_yaml_get(c->object, "featureGates");
	const struct ds_distro_field fields[] = {
		{"networking.podSubnet", &c->pods},
		{"networking.serviceSubnet", &c->services},
		{"networking.kubeProxyMode", &c->mode},
		{"name", &c->name},
	};

	if (ds_distro_take(&c->d, c->object, "networking.ipFamily", &family) < 0)
		return DS_ENOMEM;
	for (size_t i = 0; i < DS_ARRAY_SIZE(families); i++)
		if (ds_str_eqz(family.text, families[i].name))
			c->family = &families[i];
	*ret_bad = !c->family;
	if (*ret_bad)
		return ds_distro_refuse(&c->d, &family.loc, "invalid ipFamily: %.*s", DS_STR_ARG(family.text));
	c->pods.text = ds_str_from(c->family->pods);
	c->services.text = ds_str_from(c->family->services);
	c->mode.text = DS_STR("iptables");
	c->name.text = DS_STR("kind");
	if (ds_distro_takes(&c->d, c->object, fields, DS_ARRAY_SIZE(fields)) < 0)
		return DS_ENOMEM;
	if (check_subnet(c, &c->pods, ret_bad) < 0 || (!*ret_bad && check_subnet(c, &c->services, ret_bad) < 0))
		return DS_ENOMEM;
	if (gates && gates->kind == DS_YAML_MAPPING && gates->n > 0) {
		c->gates.loc = ds_distro_loc(&c->d, gates);
		if (ds_yaml_flag_text(c->d.f->ctx->arena, gates, &c->gates.text) < 0)
			return DS_ENOMEM;
	}
	return read_patches(c, c->object) < 0 ? DS_ENOMEM : read_nodes(c);
}

int ds_kind_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object)
{
	struct cluster c = {
		.d = ds_distro_of(f, src->input, object, "kind", DS_SOURCE_KIND_CLUSTER),
		.src = src,
		.object = object,
	};
	const struct ds_distro_field patched[] = {
		{"networking.podSubnet", &c.pods},
		{"networking.serviceSubnet", &c.services},
	};
	bool bad;
	int r;

	if (src->host)
		c.d.host = src->host;
	r = read_cluster(&c, &bad);
	if (r < 0 || bad)
		return r;
	for (size_t i = 0; r == 0 && i < c.patches.n; i++)
		if (ds_str_eqz(c.patches.v[i].kind, "ClusterConfiguration"))
			r = ds_distro_takes(&c.d, c.patches.v[i].root, patched, DS_ARRAY_SIZE(patched));
	if (r == 0)
		r = make_apiserver(&c);
	if (r == 0)
		r = make_controller_manager(&c);
	if (r == 0 && !ds_str_eqz(c.mode.text, "none"))
		r = make_proxy(&c);
	return r < 0 ? r : make_kubelet(&c);
}
