#include "collect/distro/kind.h"

#include "collect/distro/distro.h"
#include "collect/embedded.h"
#include "net/ip.h"
#include "yaml/scalar.h"

/* What depends on containers that do not exist yet. */
#define NODE_ADDRESSES "${the node's addresses}"

struct patch {
	struct ds_str kind; /* what it is for: "ClusterConfiguration" */
	const struct ds_yaml_node *root;
	bool operation; /* of RFC 6902 */
};

struct cluster {
	struct ds_distro d;
	const struct ds_doc_source *src;
	const struct ds_yaml_node *object;
	const struct family *family;
	struct ds_distro_value pods, services, mode, name, gates;
	struct ds_distro_version version;
	DS_VEC(struct patch) patches;
	DS_VEC(struct patch) operations; /* applied after all others */
};

/* pkg/internal/apis/config/default.go */
static const struct family {
	const char *name, *pods, *services;
	enum ds_family only; /* of a single-stack cluster */
} families[] = {
    {"ipv4", "10.244.0.0/16",                  "10.96.0.0/16",                  DS_IPV4       },
    {"ipv6", "fd00:10:244::/56",               "fd00:10:96::/112",              DS_IPV6       },
    {"dual", "10.244.0.0/16,fd00:10:244::/56", "10.96.0.0/16,fd00:10:96::/112", DS_FAMILY_NONE},
};

/* ---- patches ---- */

/* Nobody's configuration is nested deeper. */
#define POINTER_PARTS 16

/* A JSON pointer's part: "~1" is a slash, "~0" a tilde. */
static int unescape(struct ds_arena *a, struct ds_str part, struct ds_str *ret)
{
	char *out = ds_arena_alloc(a, part.n + 1);
	size_t n = 0;

	if (!out)
		return DS_ENOMEM;
	for (size_t i = 0; i < part.n; i++) {
		bool escape = part.p[i] == '~' && i + 1 < part.n && (part.p[i + 1] == '0' || part.p[i + 1] == '1');

		out[n++] = escape ? (part.p[++i] == '1' ? '/' : '~') : part.p[i];
	}
	*ret = ds_str_n(out, n);
	return 0;
}

/*
 * What an operation adds, in a tree that holds nothing else: "add" at
 * /apiServer/extraArgs/v is {apiServer: {extraArgs: {v: …}}}, and "-" a
 * sequence's new element. *ret is NULL for what an index or a long pointer names.
 */
static int as_tree(const struct cluster *c, struct ds_str pointer, const struct ds_yaml_node *value,
		   const struct ds_yaml_node **ret)
{
	struct ds_arena *a = c->d.f->ctx->arena;
	struct ds_str parts[POINTER_PARTS], rest = ds_str_skip(pointer, 1);
	bool done = false;
	size_t n = 0;

	*ret = NULL;
	if (!ds_str_starts(pointer, "/"))
		return 0;
	while (n < POINTER_PARTS && ds_str_split(&rest, '/', &done, &parts[n]))
		if (parts[n].n == 0 || ds_c_is_digit(parts[n++].p[0]))
			return 0;
	if (!done)
		return 0;
	while (n-- > 0) {
		struct ds_yaml_node *outer = ds_arena_new_obj(a, struct ds_yaml_node),
				    *key = ds_arena_new_obj(a, struct ds_yaml_node);

		if (!outer || !key)
			return DS_ENOMEM;
		*outer = (struct ds_yaml_node){
		    .kind = DS_YAML_MAPPING, .n = 1, .line = value->line, .column = value->column};
		if (ds_str_eqz(parts[n], "-")) {
			outer->kind = DS_YAML_SEQUENCE;
			outer->items = ds_arena_new_array(a, 1, struct ds_yaml_node *);
			if (!outer->items)
				return DS_ENOMEM;
			outer->items[0] = (struct ds_yaml_node *)(uintptr_t)value;
		} else {
			*key = (struct ds_yaml_node){.kind = DS_YAML_SCALAR, .style = DS_YAML_DOUBLE_QUOTED};
			outer->pairs = ds_arena_new_array(a, 1, struct ds_yaml_pair);
			if (!outer->pairs || unescape(a, parts[n], &key->text) < 0)
				return DS_ENOMEM;
			outer->pairs[0] =
			    (struct ds_yaml_pair){.key = key, .value = (struct ds_yaml_node *)(uintptr_t)value};
		}
		value = outer;
	}
	*ret = value;
	return 0;
}

static int read_operations(struct cluster *c, struct ds_str kind, const struct ds_yaml_node *list)
{
	for (size_t i = 0; list && list->kind == DS_YAML_SEQUENCE && i < list->n; i++) {
		const struct ds_yaml_node *value = ds_yaml_get(list->items[i], "value");
		struct patch p = {.kind = kind, .operation = true};
		struct ds_str op, pointer;

		if (ds_yaml_as_string(ds_yaml_get(list->items[i], "op"), &op) < 0 ||
		    ds_yaml_as_string(ds_yaml_get(list->items[i], "path"), &pointer) < 0)
			return 0;
		if (ds_str_eqz(op, "test"))
			continue;
		if (value && (ds_str_eqz(op, "add") || ds_str_eqz(op, "replace")) &&
		    as_tree(c, pointer, value, &p.root) < 0)
			return DS_ENOMEM;
		/* What moves, or goes, may be anything that is there. */
		c->d.partial |= p.root == NULL;
		if (p.root && ds_vec_push(c->d.f->ctx->arena, &c->operations, p) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

/* RFC 6902; applied after the other patches. */
static int read_json_patches(struct cluster *c, const struct ds_yaml_node *owner)
{
	const struct ds_yaml_node *list = ds_yaml_get(owner, "kubeadmConfigPatchesJSON6902");

	for (size_t i = 0; list && list->kind == DS_YAML_SEQUENCE && i < list->n; i++) {
		const struct ds_yaml_node *patch = ds_yaml_get(list->items[i], "patch");
		struct ds_yaml_stream *stream;
		struct ds_str kind, text;
		bool broken;

		if (ds_yaml_as_string(ds_yaml_get(list->items[i], "kind"), &kind) < 0 || kind.n == 0 ||
		    ds_yaml_as_string(patch, &text) < 0 || text.n == 0) {
			c->d.partial = true;
			continue;
		}
		if (ds_embedded_load(c->d.f, c->src, patch, &stream, &broken) < 0)
			return DS_ENOMEM;
		c->d.partial |= broken || stream->n != 1;
		for (size_t k = 0; k < stream->n; k++)
			if (read_operations(c, kind, stream->docs[k].root) < 0)
				return DS_ENOMEM;
	}
	return 0;
}

static int read_patches(struct cluster *c, const struct ds_yaml_node *owner)
{
	const struct ds_yaml_node *list = ds_yaml_get(owner, "kubeadmConfigPatches");

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
	return read_json_patches(c, owner);
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

/*
 * Where what counts of a field begins: an operation that gives all of it forgets
 * what was there. Its value was read, what leads to a part of it was made by as_tree.
 */
static size_t first_that_counts(const struct cluster *c, const char *kind, const char *path)
{
	for (size_t i = c->patches.n; i-- > 0;) {
		const struct patch *p = &c->patches.v[i];
		const struct ds_yaml_node *n =
		    p->operation && ds_str_eqz(p->kind, kind) ? ds_yaml_field(p->root, path) : NULL;

		if (n && n->parent)
			return i;
	}
	return 0;
}

/* What patches of one kind say at a path (NULL: all of it) about a component. */
static int apply(const struct cluster *c, struct ds_generated *g, const char *kind, const char *path)
{
	int r = 0;

	for (size_t i = path ? first_that_counts(c, kind, path) : 0; r == 0 && i < c->patches.n; i++) {
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
		return ds_distro_refuse(&c->d, &v->loc,
					only == DS_IPV4 ? "expected IPv4 CIDR for IPv4 family"
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
	    {"networking.podSubnet",     &c->pods    },
	    {"networking.serviceSubnet", &c->services},
	    {"networking.kubeProxyMode", &c->mode    },
	    {"name",		     &c->name    },
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
	if (read_patches(c, c->object) < 0 || read_nodes(c) < 0)
		return DS_ENOMEM;
	for (size_t i = 0; i < c->operations.n; i++)
		if (ds_vec_push(c->d.f->ctx->arena, &c->patches, c->operations.v[i]) < 0)
			return DS_ENOMEM;
	return 0;
}

int ds_kind_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object)
{
	struct cluster c = {
	    .d = ds_distro_of(f, src->input, object, "kind", DS_SOURCE_KIND_CLUSTER),
	    .src = src,
	    .object = object,
	};
	const struct ds_distro_field patched[] = {
	    {"networking.podSubnet",     &c.pods    },
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
