#include "collect/k3s.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "collect/generated.h"
#include "collect/path_index.h"
#include "collect/pending.h"
#include "net/ip.h"
#include "yaml/scalar.h"

int ds_k3s_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p)
{
	struct ds_k3s_file file = {.input = input, .root = p->yaml && p->yaml->n ? p->yaml->docs[0].root : NULL};

	if (p->yaml_result < 0) {
		struct ds_loc loc = {.input = input};

		if (f->ctx->diags.n == p->first_diag &&
		    ds_diag(f->ctx, DS_LEVEL_ERROR, &loc, NULL, "not YAML: %s", ds_strerror(p->yaml_result)) < 0)
			return DS_ENOMEM;
		return ds_input_set(f->ctx, input, DS_INPUT_FAILED, "%s", f->ctx->diags.v[p->first_diag].message);
	}
	if (!file.root || file.root->kind != DS_YAML_MAPPING)
		return ds_input_set(f->ctx, input, DS_INPUT_SKIPPED, "no settings of k3s in it");
	if (!ds_pending(f))
		return DS_ENOMEM;
	return ds_vec_push(f->ctx->arena, &f->pending->k3s, file);
}

/* ---- one node's settings ---- */

struct value {
	struct ds_str text;
	struct ds_loc loc;
};

struct setting {
	DS_VEC(struct value) v;
};

struct node {
	struct ds_facts *f;
	const struct ds_k3s_file *main; /* or the first drop-in */
	const char *host;
	DS_VEC(const struct ds_k3s_file *) files;
	struct ds_map settings; /* key -> struct setting */
	enum ds_family primary; /* DS_FAMILY_NONE: nothing tells */
	bool ipv6_only;
	bool server;
};

static int add_value(struct node *n, struct setting *s, const struct ds_input *input, const struct ds_yaml_node *v)
{
	struct value value;

	if (v->kind != DS_YAML_SCALAR || ds_yaml_is_null(v))
		return 0;
	value = (struct value){v->text, ds_yaml_loc(n->f->ctx->arena, input, v)};
	return value.loc.path ? ds_vec_push(n->f->ctx->arena, &s->v, value) : DS_ENOMEM;
}

/* A later file replaces a key; "key+" adds to it. */
static int read_pair(struct node *n, const struct ds_input *input, const struct ds_yaml_pair *pair)
{
	struct ds_str key = pair->key->kind == DS_YAML_SCALAR ? pair->key->text : (struct ds_str){0};
	const struct ds_yaml_node *v = pair->value;
	bool more = ds_str_ends(key, "+");
	struct setting *s;
	int r = 0;

	if (more)
		key = ds_str_head(key, key.n - 1);
	s = ds_map_get(&n->settings, key);
	if (!s) {
		s = ds_arena_new_obj(n->f->ctx->arena, struct setting);
		if (!s || ds_map_put(&n->settings, key, s) < 0)
			return DS_ENOMEM;
	}
	if (!more)
		s->v.n = 0;
	if (v->kind == DS_YAML_SCALAR)
		return add_value(n, s, input, v);
	for (size_t i = 0; r == 0 && v->kind == DS_YAML_SEQUENCE && i < v->n; i++)
		r = add_value(n, s, input, v->items[i]);
	return r;
}

static const struct setting *get(const struct node *n, const char *key)
{
	const struct setting *s = ds_map_get(&n->settings, ds_str_from(key));

	return s && s->v.n ? s : NULL;
}

static bool is_true(const struct node *n, const char *key)
{
	const struct setting *s = get(n, key);

	return s && ds_str_eqz(s->v.v[s->v.n - 1].text, "true");
}

/* The elements of a list flag, joined; *ret_loc is the first one's place. */
static int joined(const struct node *n, const char *key, struct ds_str *ret, struct ds_loc *ret_loc)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	const struct setting *s = get(n, key);

	*ret = (struct ds_str){0};
	for (size_t i = 0; s && i < s->v.n; i++) {
		if (i)
			ds_buf_addc(&b, ',');
		ds_buf_adds(&b, s->v.v[i].text);
	}
	if (!s)
		return 0;
	*ret_loc = s->v.v[0].loc;
	return b.err < 0 ? DS_ENOMEM : ds_arena_str(n->f->ctx->arena, ds_buf_str(&b), ret);
}

static struct ds_str first_of(struct ds_str list)
{
	return ds_str_head(list, ds_str_find(list, ','));
}

static enum ds_family family_of(struct ds_str s)
{
	struct ds_cidr c;
	struct ds_ip ip;

	if (ds_ip_parse(s, DS_IP_STRICT, &ip) == 0)
		return ip.family;
	return ds_cidr_parse(s, DS_IP_STRICT, &c) == 0 ? c.ip.family : DS_FAMILY_NONE;
}

/*
 * k3s refuses ranges whose first family is not the node's first one, so each
 * of the three tells it. Whether the host has another family only --node-ip tells.
 */
static int find_families(struct node *n)
{
	static const char *const keys[] = {"node-ip", "cluster-cidr", "service-cidr"};
	bool v4 = false;

	for (size_t i = 0; i < DS_ARRAY_SIZE(keys); i++) {
		struct ds_str list, part;
		struct ds_loc loc;
		bool done = false;

		if (joined(n, keys[i], &list, &loc) < 0)
			return DS_ENOMEM;
		if (list.n && n->primary == DS_FAMILY_NONE)
			n->primary = family_of(first_of(list));
		while (list.n && ds_str_split(&list, ',', &done, &part))
			v4 |= family_of(part) == DS_IPV4;
	}
	n->ipv6_only = n->primary == DS_IPV6 && !v4;
	return 0;
}

/* A server is told by what only servers are told. */
static bool is_server(const struct node *n)
{
	static const char *const keys[] = {
		"cluster-cidr", "service-cidr", "cluster-dns", "cluster-domain", "cluster-init", "service-node-port-range",
		"tls-san", "disable", "flannel-backend", "flannel-ipv6-masq", "kube-apiserver-arg",
		"kube-controller-manager-arg", "kube-scheduler-arg", "etcd-arg", "datastore-endpoint", "advertise-address",
		"disable-network-policy", "disable-kube-proxy", "disable-cloud-controller", "write-kubeconfig-mode",
		"egress-selector-mode", "secrets-encryption", "cni", "disable-helm-controller",
	};

	for (size_t i = 0; i < DS_ARRAY_SIZE(keys); i++)
		if (ds_map_get(&n->settings, ds_str_from(keys[i])))
			return true;
	return false;
}

/* ---- what it runs ---- */

struct range {
	struct ds_str text;
	struct ds_loc loc;
};

/* A range as given, k3s' default where the family tells which, else not known here. */
static int find_range(const struct node *n, const char *key, const char *v4, const char *v6, struct range *ret)
{
	*ret = (struct range){0};
	if (joined(n, key, &ret->text, &ret->loc) < 0)
		return DS_ENOMEM;
	if (ret->text.n)
		return 0;
	if (!n->server)
		ret->text = DS_STR("${the server's}");
	else if (n->primary == DS_FAMILY_NONE)
		ret->text = DS_STR("${k3s' default for the node's family}");
	else
		ret->text = ds_str_from(n->primary == DS_IPV6 ? v6 : v4);
	return 0;
}

static int user_args(const struct node *n, struct ds_generated *g, const char *key)
{
	const struct setting *s = get(n, key);
	int r = 0;

	for (size_t i = 0; r == 0 && s && i < s->v.n; i++)
		r = ds_generated_user(n->f->ctx->arena, g, s->v.v[i].text, s->v.v[i].loc);
	return r;
}

static struct ds_generated start(const struct node *n, enum ds_component c)
{
	return (struct ds_generated){
		.component = c,
		.kind = DS_SOURCE_K3S,
		.loc = {.input = n->main->input, .line = n->main->root->line, .column = n->main->root->column},
		.host = n->host,
	};
}

/* The address it advertises: given, the node's external or own first one, or what the host has. */
static int add_advertise(const struct node *n, struct ds_generated *g)
{
	static const char *const keys[] = {"advertise-address", "node-external-ip", "node-ip"};
	struct ds_str text = {0};
	struct ds_loc loc = {0};

	for (size_t i = 0; text.n == 0 && i < DS_ARRAY_SIZE(keys); i++)
		if (joined(n, keys[i], &text, &loc) < 0)
			return DS_ENOMEM;
	return ds_generated_add(n->f->ctx->arena, g, "advertise-address",
				text.n ? first_of(text) : DS_STR("${the node's address}"), loc);
}

static int run_apiserver(const struct node *n, const struct range *services)
{
	struct ds_generated g = start(n, DS_KUBE_APISERVER);
	struct ds_arena *a = n->f->ctx->arena;
	struct range ports = {0};
	int r = ds_generated_add(a, &g, "service-cluster-ip-range", services->text, services->loc);

	if (r == 0)
		r = add_advertise(n, &g);
	if (r == 0)
		r = ds_generated_add(a, &g, "bind-address", DS_STR("${k3s' choice}"), (struct ds_loc){0});
	if (r == 0)
		r = joined(n, "service-node-port-range", &ports.text, &ports.loc);
	if (r == 0 && ports.text.n)
		r = ds_generated_add(a, &g, "service-node-port-range", ports.text, ports.loc);
	if (r == 0)
		r = user_args(n, &g, "kube-apiserver-arg");
	return r < 0 ? r : ds_generated_observe(n->f, &g, NULL);
}

static int run_controller_manager(const struct node *n, const struct range *pods, const struct range *services)
{
	struct ds_generated g = start(n, DS_KUBE_CONTROLLER_MANAGER);
	struct ds_arena *a = n->f->ctx->arena;
	int r = ds_generated_add(a, &g, "allocate-node-cidrs", DS_STR("true"), (struct ds_loc){0});

	if (r == 0)
		r = ds_generated_add(a, &g, "cluster-cidr", pods->text, pods->loc);
	if (r == 0)
		r = ds_generated_add(a, &g, "service-cluster-ip-range", services->text, services->loc);
	if (r == 0)
		r = ds_generated_add(a, &g, "configure-cloud-routes", DS_STR("false"), (struct ds_loc){0});
	if (r == 0)
		r = ds_generated_add(a, &g, "bind-address", DS_STR("${k3s' choice}"), (struct ds_loc){0});
	if (r == 0)
		r = user_args(n, &g, "kube-controller-manager-arg");
	return r < 0 ? r : ds_generated_observe(n->f, &g, NULL);
}

static int run_proxy(const struct node *n, const struct range *pods)
{
	struct ds_generated g = start(n, DS_KUBE_PROXY);
	struct ds_arena *a = n->f->ctx->arena;
	int r = ds_generated_add(a, &g, "cluster-cidr", pods->text, pods->loc);

	if (r == 0)
		r = ds_generated_add(a, &g, "proxy-mode", DS_STR("iptables"), (struct ds_loc){0});
	if (r == 0)
		r = ds_generated_add(a, &g, "healthz-bind-address", n->ipv6_only ? DS_STR("::1") : DS_STR("127.0.0.1"),
				     (struct ds_loc){0});
	if (r == 0)
		r = user_args(n, &g, "kube-proxy-arg");
	return r < 0 ? r : ds_generated_observe(n->f, &g, NULL);
}

/* Without a cloud controller a kubelet takes only one address on its command line. */
static int add_node_ip(const struct node *n, struct ds_generated *g)
{
	bool external = !is_true(n, "disable-cloud-controller");
	struct ds_arena *a = n->f->ctx->arena;
	struct range ips = {0};
	int r = joined(n, "node-ip", &ips.text, &ips.loc);

	if (r == 0 && external)
		r = ds_generated_add(a, g, "cloud-provider", DS_STR("external"), (struct ds_loc){0});
	if (r < 0)
		return r;
	if (!ips.text.n)
		ips.text = DS_STR("${the node's addresses}");
	if (!external && ds_str_find(ips.text, ',') < ips.text.n)
		return 0;
	return ds_generated_add(a, g, "node-ip", ips.text, ips.loc);
}

/* cluster-dns, or the tenth address of every Service range. */
static int add_dns(const struct node *n, struct ds_generated *g, const struct range *services)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_str rest = services->text, part, text;
	struct ds_loc loc = {0};
	bool done = false;

	if (joined(n, "cluster-dns", &text, &loc) < 0)
		return DS_ENOMEM;
	if (text.n)
		return ds_generated_add(n->f->ctx->arena, g, "cluster-dns", text, loc);
	while (ds_str_split(&rest, ',', &done, &part)) {
		char ip_text[DS_IP_TEXT];
		struct ds_cidr c;
		struct ds_ip ip;

		if (ds_cidr_parse(part, DS_IP_STRICT, &c) < 0)
			return ds_generated_add(n->f->ctx->arena, g, "cluster-dns", DS_STR("${the server's}"), services->loc);
		ip = ds_cidr_first(&c);
		if (!ds_ip_add(&ip, (struct ds_u128){.lo = 10}, &ip))
			continue;
		ds_buf_printf(&b, "%s%s", b.n ? "," : "", ds_ip_format(&ip, ip_text));
	}
	if (b.err < 0 || ds_arena_str(n->f->ctx->arena, ds_buf_str(&b), &text) < 0)
		return DS_ENOMEM;
	return ds_generated_add(n->f->ctx->arena, g, "cluster-dns", text, services->loc);
}

static int run_kubelet(const struct node *n, const struct range *services)
{
	struct ds_generated g = start(n, DS_KUBELET);
	struct range name = {0};
	int r = add_node_ip(n, &g);

	if (r == 0)
		r = joined(n, "node-name", &name.text, &name.loc);
	if (r == 0 && name.text.n)
		r = ds_generated_add(n->f->ctx->arena, &g, "hostname-override", name.text, name.loc);
	if (r == 0)
		r = add_dns(n, &g, services);
	if (r == 0)
		r = user_args(n, &g, "kubelet-arg");
	return r < 0 ? r : ds_generated_observe(n->f, &g, NULL);
}

static int run_components(struct node *n)
{
	struct range pods, services;
	int r = find_families(n);

	n->server = is_server(n);
	if (r == 0)
		r = find_range(n, "cluster-cidr", "10.42.0.0/16", "fd00:42::/56", &pods);
	if (r == 0)
		r = find_range(n, "service-cidr", "10.43.0.0/16", "fd00:43::/112", &services);
	if (r == 0 && n->server && !is_true(n, "disable-apiserver"))
		r = run_apiserver(n, &services);
	if (r == 0 && n->server && !is_true(n, "disable-controller-manager"))
		r = run_controller_manager(n, &pods, &services);
	if (r == 0 && !is_true(n, "disable-kube-proxy"))
		r = run_proxy(n, &pods);
	return r < 0 || is_true(n, "disable-agent") ? r : run_kubelet(n, &services);
}

/* ---- which files are one node's ---- */

static int by_name(const void *a, const void *b)
{
	const struct ds_k3s_file *const *x = a, *const *y = b;

	return strcmp((*x)->input->name, (*y)->input->name);
}

/* The config.yaml that a file is, or that its config.yaml.d belongs to. */
static int main_name(struct ds_arena *a, const struct ds_k3s_file *file, bool *ret_dropin, struct ds_str *ret)
{
	struct ds_str folder = ds_path_folder(file->input->name);

	*ret_dropin = ds_str_ends(folder, ".yaml.d");
	if (*ret_dropin)
		folder = ds_str_head(folder, folder.n - 2);
	else
		folder = ds_str_from(file->input->name);
	return ds_arena_str(a, folder, ret);
}

static int add_file(struct ds_facts *f, struct ds_map *nodes, const struct ds_k3s_file *file)
{
	struct ds_arena *a = f->ctx->arena;
	struct ds_str key, folder;
	struct node *n;
	bool dropin;

	if (main_name(a, file, &dropin, &key) < 0)
		return DS_ENOMEM;
	n = ds_map_get(nodes, key);
	if (!n) {
		n = ds_arena_new_obj(a, struct node);
		if (!n || ds_map_put(nodes, key, n) < 0)
			return DS_ENOMEM;
		n->f = f;
		folder = ds_path_folder(key.p);
		n->host = ds_arena_strndup(a, folder.p, folder.n);
		ds_map_init(&n->settings, a);
		if (!n->host)
			return DS_ENOMEM;
	}
	if (!dropin) {
		n->main = file;
		return 0;
	}
	return ds_vec_push(a, &n->files, file);
}

static int read_file(struct node *n, const struct ds_k3s_file *file)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < file->root->n; i++)
		r = read_pair(n, file->input, &file->root->pairs[i]);
	return r;
}

static int finish_node(struct node *n)
{
	int r = n->main ? read_file(n, n->main) : 0;

	if (n->files.n)
		qsort(n->files.v, n->files.n, sizeof(*n->files.v), by_name);
	for (size_t i = 0; r == 0 && i < n->files.n; i++)
		r = read_file(n, n->files.v[i]);
	if (!n->main)
		n->main = n->files.v[0];
	return r < 0 ? r : run_components(n);
}

int ds_k3s_finish(struct ds_facts *f)
{
	struct ds_pending *p = f->pending;
	struct ds_map nodes;
	int r = 0;

	ds_map_init(&nodes, f->ctx->arena);
	for (size_t i = 0; r == 0 && i < p->k3s.n; i++)
		r = add_file(f, &nodes, &p->k3s.v[i]);
	for (size_t i = 0; r == 0 && i < nodes.n; i++)
		r = finish_node(nodes.entries[i].value);
	return r;
}
