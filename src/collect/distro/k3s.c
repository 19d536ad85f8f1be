#include "collect/distro/k3s.h"

#include <stdlib.h>

#include "base/buf.h"
#include "collect/distro/k3s_priv.h"
#include "collect/generated.h"
#include "collect/path_index.h"

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
static int find_families(struct ds__k3s_node *n)
{
	static const char *const keys[] = {"node-ip", "cluster-cidr", "service-cidr"};
	bool v4 = false;

	for (size_t i = 0; i < DS_ARRAY_SIZE(keys); i++) {
		struct ds_str list, part;
		struct ds_loc loc;
		bool done = false;

		if (ds__k3s_joined(n, keys[i], &list, &loc) < 0)
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
static bool is_server(const struct ds__k3s_node *n)
{
	static const char *const keys[] = {
		"cluster-cidr", "service-cidr", "cluster-dns", "cluster-domain", "cluster-init",
		"service-node-port-range", "tls-san", "disable", "flannel-backend", "flannel-ipv6-masq",
		"kube-apiserver-arg", "kube-controller-manager-arg", "kube-scheduler-arg", "etcd-arg",
		"datastore-endpoint", "advertise-address", "disable-network-policy", "disable-kube-proxy",
		"disable-cloud-controller", "write-kubeconfig-mode", "egress-selector-mode", "secrets-encryption",
		"cni", "disable-helm-controller",
	};

	for (size_t i = 0; i < DS_ARRAY_SIZE(keys); i++)
		if (ds_map_get(&n->settings, ds_str_from(keys[i])))
			return true;
	return false;
}

/* ---- what it runs ---- */

/* A range as given, k3s' default where the family tells which, else not known here. */
static int find_range(const struct ds__k3s_node *n, const char *key, const char *v4, const char *v6,
		      struct ds__k3s_value *ret)
{
	*ret = (struct ds__k3s_value){0};
	if (ds__k3s_joined(n, key, &ret->text, &ret->loc) < 0)
		return DS_ENOMEM;
	if (ret->text.n)
		return 0;
	if (!n->server)
		ret->text = DS_STR("${the server's}");
	else if (!n->main)
		ret->text = DS_STR("${its config.yaml, which was not seen}");
	else if (n->primary == DS_FAMILY_NONE)
		ret->text = DS_STR("${k3s' default for the node's family}");
	else
		ret->text = ds_str_from(n->primary == DS_IPV6 ? v6 : v4);
	return 0;
}

static int user_args(const struct ds__k3s_node *n, struct ds_generated *g, const char *key)
{
	const struct ds__k3s_setting *s = ds__k3s_get(n, key);
	int r = 0;

	for (size_t i = 0; r == 0 && s && i < s->v.n; i++)
		r = ds_generated_user(n->f->ctx->arena, g, s->v.v[i].text, s->v.v[i].loc);
	return r;
}

static struct ds_generated start(const struct ds__k3s_node *n, enum ds_component c)
{
	return (struct ds_generated){
	    .component = c,
	    .kind = DS_SOURCE_K3S,
	    .loc = n->loc,
	    .host = n->host,
	};
}

/* Of a command line alone: what its config.yaml adds was not seen. */
static int observe(const struct ds__k3s_node *n, const struct ds_generated *g)
{
	struct ds_observed *o;
	int r = ds_generated_observe(n->f, g, &o);

	if (r == 0)
		o->cmdline.truncated |= n->main == NULL;
	return r;
}

/* The address it advertises: given, the node's external or own first one, or what the host has. */
static int add_advertise(const struct ds__k3s_node *n, struct ds_generated *g)
{
	static const char *const keys[] = {"advertise-address", "node-external-ip", "node-ip"};
	struct ds_str text = {0};
	struct ds_loc loc = {0};

	for (size_t i = 0; text.n == 0 && i < DS_ARRAY_SIZE(keys); i++)
		if (ds__k3s_joined(n, keys[i], &text, &loc) < 0)
			return DS_ENOMEM;
	return ds_generated_add(n->f->ctx->arena, g, "advertise-address",
				text.n ? first_of(text) : DS_STR("${the node's address}"), loc);
}

static int run_apiserver(const struct ds__k3s_node *n, const struct ds__k3s_value *services)
{
	struct ds_generated g = start(n, DS_KUBE_APISERVER);
	struct ds_arena *a = n->f->ctx->arena;
	struct ds__k3s_value ports = {0};
	int r = ds_generated_add(a, &g, "service-cluster-ip-range", services->text, services->loc);

	if (r == 0)
		r = add_advertise(n, &g);
	if (r == 0)
		r = ds_generated_add(a, &g, "bind-address", DS_STR("${k3s' choice}"), (struct ds_loc){0});
	if (r == 0)
		r = ds__k3s_joined(n, "service-node-port-range", &ports.text, &ports.loc);
	if (r == 0 && ports.text.n)
		r = ds_generated_add(a, &g, "service-node-port-range", ports.text, ports.loc);
	if (r == 0)
		r = user_args(n, &g, "kube-apiserver-arg");
	return r < 0 ? r : observe(n, &g);
}

static int run_controller_manager(const struct ds__k3s_node *n, const struct ds__k3s_value *pods,
				  const struct ds__k3s_value *services)
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
	return r < 0 ? r : observe(n, &g);
}

static int run_proxy(const struct ds__k3s_node *n, const struct ds__k3s_value *pods)
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
	return r < 0 ? r : observe(n, &g);
}

/* Without a cloud controller a kubelet takes only one address on its command line. */
static int add_node_ip(const struct ds__k3s_node *n, struct ds_generated *g)
{
	bool external = !ds__k3s_is_true(n, "disable-cloud-controller");
	struct ds_arena *a = n->f->ctx->arena;
	struct ds__k3s_value ips = {0};
	int r = ds__k3s_joined(n, "node-ip", &ips.text, &ips.loc);

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
static int add_dns(const struct ds__k3s_node *n, struct ds_generated *g, const struct ds__k3s_value *services)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_str rest = services->text, part, text;
	struct ds_loc loc = {0};
	bool done = false;

	if (ds__k3s_joined(n, "cluster-dns", &text, &loc) < 0)
		return DS_ENOMEM;
	if (text.n)
		return ds_generated_add(n->f->ctx->arena, g, "cluster-dns", text, loc);
	while (ds_str_split(&rest, ',', &done, &part)) {
		char ip_text[DS_IP_TEXT];
		struct ds_cidr c;
		struct ds_ip ip;

		if (ds_cidr_parse(part, DS_IP_STRICT, &c) < 0)
			return ds_generated_add(n->f->ctx->arena, g, "cluster-dns", DS_STR("${the server's}"),
						services->loc);
		ip = ds_cidr_first(&c);
		if (!ds_ip_add(&ip, (struct ds_u128){.lo = 10}, &ip))
			continue;
		ds_buf_printf(&b, "%s%s", b.n ? "," : "", ds_ip_format(&ip, ip_text));
	}
	if (b.err < 0 || ds_arena_str(n->f->ctx->arena, ds_buf_str(&b), &text) < 0)
		return DS_ENOMEM;
	return ds_generated_add(n->f->ctx->arena, g, "cluster-dns", text, services->loc);
}

static int run_kubelet(const struct ds__k3s_node *n, const struct ds__k3s_value *services)
{
	struct ds_generated g = start(n, DS_KUBELET);
	struct ds__k3s_value name = {0};
	int r = add_node_ip(n, &g);

	if (r == 0)
		r = ds__k3s_joined(n, "node-name", &name.text, &name.loc);
	if (r == 0 && name.text.n)
		r = ds_generated_add(n->f->ctx->arena, &g, "hostname-override", name.text, name.loc);
	if (r == 0)
		r = add_dns(n, &g, services);
	if (r == 0)
		r = user_args(n, &g, "kubelet-arg");
	return r < 0 ? r : observe(n, &g);
}

static int run_components(struct ds__k3s_node *n)
{
	struct ds__k3s_value pods, services;
	int r = find_families(n);

	n->server = n->command ? n->command->server : is_server(n);
	if (r == 0)
		r = find_range(n, "cluster-cidr", "10.42.0.0/16", "fd00:42::/56", &pods);
	if (r == 0)
		r = find_range(n, "service-cidr", "10.43.0.0/16", "fd00:43::/112", &services);
	if (r == 0 && n->server)
		r = ds__k3s_check(n, &pods, &services);
	if (r == 0 && n->server && !ds__k3s_is_true(n, "disable-apiserver"))
		r = run_apiserver(n, &services);
	if (r == 0 && n->server && !ds__k3s_is_true(n, "disable-controller-manager"))
		r = run_controller_manager(n, &pods, &services);
	if (r == 0 && !ds__k3s_is_true(n, "disable-kube-proxy"))
		r = run_proxy(n, &pods);
	return r < 0 || ds__k3s_is_true(n, "disable-agent") ? r : run_kubelet(n, &services);
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

static struct ds__k3s_node *node_at(struct ds_facts *f, struct ds_map *nodes, struct ds_str key, struct ds_str host)
{
	struct ds_arena *a = f->ctx->arena;
	struct ds__k3s_node *n = ds_map_get(nodes, key);

	if (n)
		return n;
	n = ds_arena_new_obj(a, struct ds__k3s_node);
	if (!n || ds_map_put(nodes, key, n) < 0)
		return NULL;
	n->f = f;
	n->host = ds_arena_strndup(a, host.p, host.n);
	ds_map_init(&n->settings, a);
	return n->host ? n : NULL;
}

static int add_file(struct ds_facts *f, struct ds_map *nodes, const struct ds_k3s_file *file)
{
	struct ds_arena *a = f->ctx->arena;
	struct ds_str key;
	struct ds__k3s_node *n;
	bool dropin;

	if (main_name(a, file, &dropin, &key) < 0)
		return DS_ENOMEM;
	n = node_at(f, nodes, key, ds_path_folder(key.p));
	if (!n)
		return DS_ENOMEM;
	if (!dropin) {
		n->main = file;
		return 0;
	}
	return ds_vec_push(a, &n->files, file);
}

/* A command line belongs to the configuration that it reads; one that nothing tells of is a node of its own. */
static int add_command(struct ds_facts *f, struct ds_map *nodes, const struct ds_k3s_command *c, size_t i)
{
	const char *key = c->config ? c->config : ds_arena_printf(f->ctx->arena, "command %zu", i);
	struct ds__k3s_node *n = key ? node_at(f, nodes, ds_str_from(key), ds_str_from(c->host)) : NULL;

	if (!n)
		return DS_ENOMEM;
	n->command = c;
	return 0;
}

static int read_file(struct ds__k3s_node *n, const struct ds_k3s_file *file)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < file->root->n; i++)
		r = ds__k3s_read_pair(n, file->input, &file->root->pairs[i]);
	return r;
}

static int finish_node(struct ds__k3s_node *n)
{
	int r = n->main ? read_file(n, n->main) : 0;

	if (n->files.n)
		qsort(n->files.v, n->files.n, sizeof(*n->files.v), by_name);
	for (size_t i = 0; r == 0 && i < n->files.n; i++)
		r = read_file(n, n->files.v[i]);
	if (!n->main && n->files.n)
		n->main = n->files.v[0];
	n->loc =
	    n->main
		? (struct ds_loc){.input = n->main->input, .line = n->main->root->line, .column = n->main->root->column}
		: n->command->loc;
	if (r == 0 && n->command)
		r = ds__k3s_read_command(n, n->command);
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
	for (size_t i = 0; r == 0 && i < p->k3s_commands.n; i++)
		r = add_command(f, &nodes, &p->k3s_commands.v[i], i);
	for (size_t i = 0; r == 0 && i < nodes.n; i++)
		r = finish_node(nodes.entries[i].value);
	return r;
}
