#include "collect/kind.h"

#include "base/buf.h"
#include "collect/embedded.h"
#include "collect/generated.h"
#include "model/settings.h"
#include "net/ip.h"
#include "yaml/scalar.h"

/* What depends on containers that do not exist yet. */
#define NODE_ADDRESSES "${the node's addresses}"

/* A value and what causes it. */
struct value {
	struct ds_str text;
	struct ds_loc loc; /* zero: kind's default */
};

struct patch {
	struct ds_str kind; /* what it is for: "ClusterConfiguration" */
	const struct ds_yaml_node *root;
};

struct cluster {
	struct ds_facts *f;
	const struct ds_doc_source *src;
	const struct ds_yaml_node *object;
	struct ds_loc loc;
	const struct family *family;
	struct value pods, services, mode, name, gates;
	DS_VEC(struct patch) patches;
	bool more; /* patches of another kind, which are not applied here, may add anything */
	bool has_version;
	struct ds_kube_version version;
	struct ds_loc version_loc;
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

static struct ds_loc loc_of(const struct cluster *c, const struct ds_yaml_node *n)
{
	return ds_yaml_loc(c->f->ctx->arena, c->src->input, n);
}

static const struct ds_yaml_node *field(const struct ds_yaml_node *n, const char *path)
{
	struct ds_str rest = ds_str_from(path), part;
	bool done = false;
	char key[64];

	while (n && ds_str_split(&rest, '.', &done, &part)) {
		if (part.n >= sizeof(key))
			return NULL;
		memcpy(key, part.p, part.n);
		key[part.n] = '\0';
		n = ds_yaml_get(n, key);
	}
	return n;
}

/* Overrides v when the field holds a text. */
static void take(const struct cluster *c, const struct ds_yaml_node *object, const char *path, struct value *v)
{
	const struct ds_yaml_node *n = field(object, path);

	if (n && n->kind == DS_YAML_SCALAR && !ds_yaml_is_null(n) && n->text.n > 0)
		*v = (struct value){n->text, loc_of(c, n)};
}

/* A configuration field as its flag would say it: lists joined, maps as k=v. */
static int flag_text(struct ds_arena *a, const struct ds_yaml_node *n, struct ds_str *ret)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	if (n->kind == DS_YAML_SCALAR)
		return ds_arena_str(a, n->text, ret);
	for (size_t i = 0; i < n->n; i++) {
		const struct ds_yaml_node *v = n->kind == DS_YAML_MAPPING ? n->pairs[i].value : n->items[i];

		if (i)
			ds_buf_addc(&b, ',');
		if (n->kind == DS_YAML_MAPPING && n->pairs[i].key->kind == DS_YAML_SCALAR) {
			ds_buf_adds(&b, n->pairs[i].key->text);
			ds_buf_addc(&b, '=');
		}
		if (v->kind == DS_YAML_SCALAR)
			ds_buf_adds(&b, v->text);
	}
	return b.err < 0 ? DS_ENOMEM : ds_arena_str(a, ds_buf_str(&b), ret);
}

/* ---- patches ---- */

static int read_patches(struct cluster *c, const struct ds_yaml_node *owner)
{
	const struct ds_yaml_node *list = ds_yaml_get(owner, "kubeadmConfigPatches");
	const struct ds_yaml_node *json = ds_yaml_get(owner, "kubeadmConfigPatchesJSON6902");

	c->more |= json && !ds_yaml_is_null(json) && json->n > 0;
	for (size_t i = 0; list && list->kind == DS_YAML_SEQUENCE && i < list->n; i++) {
		struct ds_yaml_stream *stream;
		struct ds_str text;
		bool broken;

		if (ds_yaml_as_string(list->items[i], &text) < 0)
			continue;
		if (ds_embedded_load(c->f, c->src, list->items[i], &stream, &broken) < 0)
			return DS_ENOMEM;
		c->more |= broken;
		for (size_t k = 0; k < stream->n; k++) {
			struct patch p = {.root = stream->docs[k].root};

			if (ds_yaml_as_string(ds_yaml_get(p.root, "kind"), &p.kind) == 0 && p.kind.n &&
			    ds_vec_push(c->f->ctx->arena, &c->patches, p) < 0)
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
		const struct ds_yaml_node *image = ds_yaml_get(nodes->items[i], "image");
		struct ds_str role, text;

		if (ds_yaml_as_string(ds_yaml_get(nodes->items[i], "role"), &role) < 0)
			role = (struct ds_str){0};
		if (!c->has_version && ds_yaml_as_string(image, &text) == 0 && text.n &&
		    ds_kube_version_from_image(text, &c->version) == 0) {
			c->has_version = true;
			c->version_loc = loc_of(c, image);
		}
		if (found || (role.n && !ds_str_eqz(role, "control-plane")))
			continue;
		found = true;
		if (read_patches(c, nodes->items[i]) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

/* kubeletExtraArgs and the like: a map, or from v1beta4 on a list of names and values. */
static int extra_args(const struct cluster *c, struct ds_generated *g, const struct ds_yaml_node *args)
{
	struct ds_arena *a = c->f->ctx->arena;

	for (size_t i = 0; args && args->kind != DS_YAML_SCALAR && i < args->n; i++) {
		bool map = args->kind == DS_YAML_MAPPING;
		const struct ds_yaml_node *name = map ? args->pairs[i].key : ds_yaml_get(args->items[i], "name");
		const struct ds_yaml_node *value = map ? args->pairs[i].value : ds_yaml_get(args->items[i], "value");
		const char *text;

		if (!name || !value || name->kind != DS_YAML_SCALAR || value->kind != DS_YAML_SCALAR)
			continue;
		text = ds_arena_printf(a, "%.*s=%.*s", DS_STR_ARG(name->text), DS_STR_ARG(value->text));
		if (!text || ds_generated_user(a, g, ds_str_from(text), loc_of(c, value)) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

/* The settings of a patched configuration file, as the flags that say the same. */
static int config_fields(const struct cluster *c, struct ds_generated *g, const struct ds_yaml_node *config)
{
	struct ds_arena *a = c->f->ctx->arena;
	const struct ds_setting_row *rows;
	size_t n;

	rows = ds_setting_rows(&n);
	for (size_t i = 0; i < n; i++) {
		const struct ds_yaml_node *node;
		struct ds_str value;
		const char *text;

		if (rows[i].component != g->component || !rows[i].config || !rows[i].flag)
			continue;
		node = field(config, rows[i].config);
		if (!node || ds_yaml_is_null(node))
			continue;
		if (flag_text(a, node, &value) < 0)
			return DS_ENOMEM;
		text = ds_arena_printf(a, "%s=%.*s", rows[i].flag, DS_STR_ARG(value));
		if (!text || ds_generated_user(a, g, ds_str_from(text), loc_of(c, node)) < 0)
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
		r = path ? extra_args(c, g, field(c->patches.v[i].root, path)) : config_fields(c, g, c->patches.v[i].root);
	}
	return r;
}

/* ---- what kind refuses ---- */

static int refuse(const struct cluster *c, const struct value *v, const char *fmt, const char *what)
{
	struct ds_loc loc = v->loc.input ? v->loc : c->loc;
	const char *message = ds_arena_printf(c->f->ctx->arena, "%s%s", fmt, what);

	if (!message)
		return DS_ENOMEM;
	return ds_diag(c->f->ctx, DS_LEVEL_ERROR, &loc, NULL, "kind refuses this cluster: %s", message);
}

/* pkg/internal/apis/config/validate.go:validateSubnets, for what kubeadm would not refuse itself. */
static int check_subnet(const struct cluster *c, const struct value *v, bool *ret_bad)
{
	enum ds_family only = c->family->only;
	struct ds_cidr cidr;

	if (only == DS_FAMILY_NONE)
		return 0;
	*ret_bad = true;
	if (ds_str_find(v->text, ',') < v->text.n)
		return refuse(c, v, "only one CIDR allowed for single-stack networking", "");
	if (ds_cidr_parse(v->text, DS_IP_STRICT, &cidr) == 0 && cidr.ip.family != only)
		return refuse(c, v, only == DS_IPV4 ? "expected IPv4 CIDR for IPv4 family" : "expected IPv6 CIDR for IPv6 family", "");
	*ret_bad = false;
	return 0;
}

/* ---- components ---- */

static struct ds_generated start(const struct cluster *c, enum ds_component component)
{
	return (struct ds_generated){
		.component = component,
		.kind = DS_SOURCE_KIND_CLUSTER,
		.loc = c->loc,
		.host = c->src->host ? c->src->host : c->src->input->name,
	};
}

static int add(const struct cluster *c, struct ds_generated *g, const char *name, const struct value *v)
{
	return v->text.n ? ds_generated_add(c->f->ctx->arena, g, name, v->text, v->loc) : 0;
}

static int addz(const struct cluster *c, struct ds_generated *g, const char *name, const char *text)
{
	return add(c, g, name, &(struct value){.text = ds_str_from(text)});
}

static int observe(const struct cluster *c, const struct ds_generated *g)
{
	struct ds_observed *o;

	if (ds_generated_observe(c->f, g, &o) < 0)
		return DS_ENOMEM;
	o->cmdline.truncated |= c->more;
	o->has_version = c->has_version;
	o->version = c->version;
	o->version_origin = DS_VERSION_IMAGE;
	o->version_loc = c->version_loc;
	return 0;
}

static int make_apiserver(const struct cluster *c)
{
	struct ds_generated g = start(c, DS_KUBE_APISERVER);
	int r = add(c, &g, "service-cluster-ip-range", &c->services);

	if (r == 0)
		r = addz(c, &g, "advertise-address", "${the node's first address}");
	if (r == 0)
		r = add(c, &g, "feature-gates", &c->gates);
	if (r == 0)
		r = apply(c, &g, "ClusterConfiguration", "apiServer.extraArgs");
	return r < 0 ? r : observe(c, &g);
}

static int make_controller_manager(const struct cluster *c)
{
	struct ds_generated g = start(c, DS_KUBE_CONTROLLER_MANAGER);
	int r = addz(c, &g, "allocate-node-cidrs", "true");

	if (r == 0)
		r = add(c, &g, "cluster-cidr", &c->pods);
	if (r == 0)
		r = add(c, &g, "service-cluster-ip-range", &c->services);
	if (r == 0)
		r = add(c, &g, "cluster-name", &c->name);
	if (r == 0)
		r = addz(c, &g, "bind-address", c->family->only == DS_IPV6 ? "::" : "127.0.0.1");
	if (r == 0)
		r = add(c, &g, "feature-gates", &c->gates);
	if (r == 0)
		r = apply(c, &g, "ClusterConfiguration", "controllerManager.extraArgs");
	return r < 0 ? r : observe(c, &g);
}

static int make_proxy(const struct cluster *c)
{
	struct ds_generated g = start(c, DS_KUBE_PROXY);
	int r = add(c, &g, "cluster-cidr", &c->pods);

	if (r == 0)
		r = add(c, &g, "proxy-mode", &c->mode);
	if (r == 0)
		r = add(c, &g, "feature-gates", &c->gates);
	if (r == 0)
		r = apply(c, &g, "KubeProxyConfiguration", NULL);
	return r < 0 ? r : observe(c, &g);
}

/* kubeadm's choice: the tenth address of the first Service range. */
static int add_dns(const struct cluster *c, struct ds_generated *g)
{
	struct ds_str first = ds_str_head(c->services.text, ds_str_find(c->services.text, ','));
	char text[DS_IP_TEXT];
	struct ds_cidr cidr;
	struct value v = {.loc = c->services.loc};
	struct ds_ip ip;

	if (ds_cidr_parse(first, DS_IP_STRICT, &cidr) < 0)
		return 0;
	ip = ds_cidr_first(&cidr);
	if (!ds_ip_add(&ip, (struct ds_u128){.lo = 10}, &ip))
		return 0;
	if (ds_arena_str(c->f->ctx->arena, ds_str_from(ds_ip_format(&ip, text)), &v.text) < 0)
		return DS_ENOMEM;
	return add(c, g, "cluster-dns", &v);
}

static int make_kubelet(const struct cluster *c)
{
	struct ds_generated g = start(c, DS_KUBELET);
	int r = addz(c, &g, "node-ip", NODE_ADDRESSES);

	if (r == 0)
		r = add_dns(c, &g);
	if (r == 0 && c->family->only == DS_IPV6)
		r = addz(c, &g, "address", "::");
	if (r == 0)
		r = add(c, &g, "feature-gates", &c->gates);
	if (r == 0)
		r = apply(c, &g, "KubeletConfiguration", NULL);
	if (r == 0)
		r = apply(c, &g, "InitConfiguration", "nodeRegistration.kubeletExtraArgs");
	return r < 0 ? r : observe(c, &g);
}

static int read_cluster(struct cluster *c, bool *ret_bad)
{
	struct value family = {.text = DS_STR("ipv4")};
	const struct ds_yaml_node *gates = ds_yaml_get(c->object, "featureGates");

	take(c, c->object, "networking.ipFamily", &family);
	for (size_t i = 0; i < DS_ARRAY_SIZE(families); i++)
		if (ds_str_eqz(family.text, families[i].name))
			c->family = &families[i];
	*ret_bad = !c->family;
	if (*ret_bad)
		return refuse(c, &family, "invalid ipFamily: ",
			      ds_arena_strndup(c->f->ctx->arena, family.text.p, family.text.n));
	c->pods.text = ds_str_from(c->family->pods);
	c->services.text = ds_str_from(c->family->services);
	c->mode.text = DS_STR("iptables");
	c->name.text = DS_STR("kind");
	take(c, c->object, "networking.podSubnet", &c->pods);
	take(c, c->object, "networking.serviceSubnet", &c->services);
	take(c, c->object, "networking.kubeProxyMode", &c->mode);
	take(c, c->object, "name", &c->name);
	if (check_subnet(c, &c->pods, ret_bad) < 0 || (!*ret_bad && check_subnet(c, &c->services, ret_bad) < 0))
		return DS_ENOMEM;
	if (gates && gates->kind == DS_YAML_MAPPING && gates->n > 0) {
		c->gates.loc = loc_of(c, gates);
		if (flag_text(c->f->ctx->arena, gates, &c->gates.text) < 0)
			return DS_ENOMEM;
	}
	return read_patches(c, c->object) < 0 ? DS_ENOMEM : read_nodes(c);
}

int ds_kind_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object)
{
	struct cluster c = {.f = f, .src = src, .object = object, .loc = ds_yaml_loc(f->ctx->arena, src->input, object)};
	bool bad;
	int r = read_cluster(&c, &bad);

	if (r < 0 || bad)
		return r;
	for (size_t i = 0; i < c.patches.n; i++) {
		if (!ds_str_eqz(c.patches.v[i].kind, "ClusterConfiguration"))
			continue;
		take(&c, c.patches.v[i].root, "networking.podSubnet", &c.pods);
		take(&c, c.patches.v[i].root, "networking.serviceSubnet", &c.services);
	}
	r = make_apiserver(&c);
	if (r == 0)
		r = make_controller_manager(&c);
	if (r == 0 && !ds_str_eqz(c.mode.text, "none"))
		r = make_proxy(&c);
	return r < 0 ? r : make_kubelet(&c);
}
