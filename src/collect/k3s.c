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

/* The configuration that a command line reads: below the same root as whoever told the command line. */
static int config_of(struct ds_facts *f, struct ds_k3s_command *c, const char *program)
{
	struct ds_str path = {0}, base = ds_str_basename(ds_str_from(program));
	struct ds_str root = c->loc.input ? ds_path_root(c->loc.input->name) : (struct ds_str){0};
	bool rke2 = ds_str_starts(base, "rke2");

	for (size_t i = 0; i < c->n; i++) {
		struct ds_str arg = c->argv[i].text;

		if (ds_str_starts(arg, "--config="))
			path = ds_str_skip(arg, strlen("--config="));
		else if ((ds_str_eqz(arg, "--config") || ds_str_eqz(arg, "-c")) && i + 1 < c->n)
			path = c->argv[i + 1].text;
	}
	if (!root.p)
		return 0;
	c->config = path.n ? ds_arena_printf(f->ctx->arena, "%.*s%.*s", DS_STR_ARG(root), DS_STR_ARG(path))
			   : ds_arena_printf(f->ctx->arena, "%.*s/etc/rancher/%s/config.yaml", DS_STR_ARG(root),
					     rke2 ? "rke2" : "k3s");
	return c->config ? 0 : DS_ENOMEM;
}

int ds_k3s_note_command(struct ds_facts *f, const struct ds_loc *loc, const char *host, const struct ds_arg *argv,
			size_t n, size_t skip, bool *ret_noted)
{
	struct ds_k3s_command c = {
		.loc = *loc,
		.host = host,
		.server = ds_str_eqz(argv[skip].text, "server"),
		.argv = argv + skip + 1,
		.n = n - skip - 1,
	};
	const char *program = ds_arena_strndup(f->ctx->arena, argv[0].text.p, argv[0].text.n);

	*ret_noted = c.n > 0;
	if (c.n == 0)
		return 0;
	if (!program || !ds_pending(f) || config_of(f, &c, program) < 0)
		return DS_ENOMEM;
	return ds_vec_push(f->ctx->arena, &f->pending->k3s_commands, c);
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
	const struct ds_k3s_file *main; /* or the first drop-in, or NULL: a command line alone */
	const struct ds_k3s_command *command;
	struct ds_loc loc;
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

/* Of flags that are lists what the command line says comes after what the files say; of others it decides. */
static bool is_list(struct ds_str key)
{
	static const char *const keys[] = {"cluster-cidr", "service-cidr", "cluster-dns", "node-ip", "node-external-ip",
					   "tls-san",	   "disable",	   "kube-apiserver-arg", "kube-controller-manager-arg",
					   "kube-scheduler-arg", "etcd-arg", "kubelet-arg", "kube-proxy-arg", "cni"};

	for (size_t i = 0; i < DS_ARRAY_SIZE(keys); i++)
		if (ds_str_eqz(key, keys[i]))
			return true;
	return false;
}

/* The other flags whose values are looked at, and those that tell a server. What is in none of the two is not kept:
 * it may be a token. */
static bool is_kept(struct ds_str key)
{
	static const char *const keys[] = {
		"advertise-address", "service-node-port-range", "node-name", "flannel-backend", "cluster-domain",
		"egress-selector-mode", "disable-kube-proxy", "disable-cloud-controller", "disable-apiserver",
		"disable-controller-manager", "disable-agent", "disable-network-policy", "disable-helm-controller",
		"cluster-init", "flannel-ipv6-masq", "secrets-encryption",
	};

	for (size_t i = 0; i < DS_ARRAY_SIZE(keys); i++)
		if (ds_str_eqz(key, keys[i]))
			return true;
	return is_list(key);
}

/* Flags that take no word after them. Source: k3s pkg/cli/cmds/server.go, agent.go. */
static bool is_bool(struct ds_str key)
{
	static const char *const keys[] = {
		"cluster-init", "cluster-reset", "debug", "docker", "rootless", "selinux", "protect-kernel-defaults",
		"prefer-bundled-bin", "enable-pprof", "embedded-registry", "secrets-encryption", "flannel-ipv6-masq",
		"flannel-external-ip", "tls-san-security", "etcd-expose-metrics", "etcd-disable-snapshots",
		"etcd-snapshot-compress", "etcd-s3", "etcd-s3-skip-ssl-verify", "etcd-s3-insecure", "supervisor-metrics",
		"nonroot-devices", "alsologtostderr", "disable-default-registry-endpoint", "multi-cluster-cidr",
	};

	for (size_t i = 0; i < DS_ARRAY_SIZE(keys); i++)
		if (ds_str_eqz(key, keys[i]))
			return true;
	return ds_str_starts(key, "disable-");
}

static struct ds_loc tail_of(const struct ds_arg *arg, size_t at)
{
	struct ds_loc loc = arg->loc;
	uint32_t n = (uint32_t)at;

	if (loc.line && loc.length >= n) {
		loc.column += n;
		loc.length -= n;
	}
	if (loc.text.n >= at)
		loc.text = ds_str_skip(loc.text, at);
	return loc;
}

static int read_flag(struct node *n, struct ds_str key, struct ds_str text, struct ds_loc loc)
{
	struct setting *s = ds_map_get(&n->settings, key);

	if (!is_kept(key))
		return 0;
	if (!s) {
		s = ds_arena_new_obj(n->f->ctx->arena, struct setting);
		if (!s || ds_map_put(&n->settings, key, s) < 0)
			return DS_ENOMEM;
	}
	if (!is_list(key))
		s->v.n = 0;
	return ds_vec_push(n->f->ctx->arena, &s->v, ((struct value){text, loc}));
}

static int read_command(struct node *n, const struct ds_k3s_command *c)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->n; i++) {
		const struct ds_arg *arg = &c->argv[i];
		struct ds_str key = arg->text;
		size_t dashes = 0, eq;

		while (dashes < 2 && dashes < key.n && key.p[dashes] == '-')
			dashes++;
		if (dashes == 0)
			continue;
		key = ds_str_skip(key, dashes);
		eq = ds_str_find(key, '=');
		if (eq < key.n)
			r = read_flag(n, ds_str_head(key, eq), ds_str_skip(key, eq + 1), tail_of(arg, dashes + eq + 1));
		else if (is_bool(key))
			r = read_flag(n, key, DS_STR("true"), arg->loc);
		else if (++i < c->n)
			r = read_flag(n, ds_str_eqz(key, "i") ? DS_STR("node-ip") : key, c->argv[i].text, c->argv[i].loc);
	}
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
		.loc = n->loc,
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

/* ---- what k3s refuses ---- */

static int refuse(const struct node *n, const struct ds_loc *loc, const char *fmt, ...) DS_PRINTF(3, 4);

static int refuse(const struct node *n, const struct ds_loc *loc, const char *fmt, ...)
{
	const char *message;
	va_list ap;

	va_start(ap, fmt);
	message = ds_arena_vprintf(n->f->ctx->arena, fmt, ap);
	va_end(ap);
	if (!message)
		return DS_ENOMEM;
	return ds_diag(n->f->ctx, DS_LEVEL_ERROR, loc->input ? loc : &n->loc, NULL, "k3s refuses this configuration: %s",
		       message);
}

struct families {
	struct ds_str text; /* as Go prints the list: "[10.42.0.0/16 fd00:42::/56]" */
	enum ds_family first;
	bool dual, known;
};

/* Go's parsers are strict and trim nothing. *ret_bad: the first element that they refuse. */
static int list_families(const struct node *n, struct ds_str list, bool cidrs, struct families *ret, struct ds_str *ret_bad)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	bool done = false, has[2] = {0};
	struct ds_str part;

	*ret = (struct families){.known = list.n > 0 && !ds_str_starts(list, "${")};
	*ret_bad = (struct ds_str){0};
	ds_buf_addc(&b, '[');
	while (ret->known && ds_str_split(&list, ',', &done, &part)) {
		char text[DS_CIDR_TEXT];
		struct ds_cidr c, net;
		struct ds_ip ip;

		if (cidrs ? ds_cidr_parse(part, DS_IP_STRICT, &c) < 0 : ds_ip_parse(part, DS_IP_STRICT, &ip) < 0) {
			*ret_bad = part.n ? part : DS_STR("\"\"");
			ret->known = false;
			break;
		}
		if (cidrs) {
			net = ds_cidr_masked(&c);
			ip = c.ip;
		}
		if (ret->first == DS_FAMILY_NONE)
			ret->first = ip.family;
		has[ip.family == DS_IPV6] = true;
		ds_buf_printf(&b, "%s%s", b.n > 1 ? " " : "", cidrs ? ds_cidr_format(&net, text) : ds_ip_format(&ip, text));
	}
	ds_buf_addc(&b, ']');
	ret->dual = has[0] && has[1];
	return b.err < 0 ? DS_ENOMEM : ds_arena_str(n->f->ctx->arena, ds_buf_str(&b), &ret->text);
}

/* pkg/cli/server/server.go:run, pkg/agent/run.go:run */
static int check(const struct node *n, const struct range *pods, const struct range *services)
{
#define SHARE ", must share the same IP version (IPv4, IPv6 or dual-stack)"
	struct families p, s, i;
	struct ds_str bad, bad_service, list;
	struct ds_loc loc = {0};

	if (list_families(n, pods->text, true, &p, &bad) < 0 ||
	    list_families(n, services->text, true, &s, &bad_service) < 0)
		return DS_ENOMEM;
	if (bad.n)
		return refuse(n, &pods->loc, "invalid cluster-cidr %.*s: invalid CIDR address: %.*s", DS_STR_ARG(bad), DS_STR_ARG(bad));
	if (bad_service.n)
		return refuse(n, &services->loc, "invalid service-cidr %.*s: invalid CIDR address: %.*s", DS_STR_ARG(bad_service),
			      DS_STR_ARG(bad_service));
	if (joined(n, "cluster-dns", &list, &loc) < 0 || list_families(n, list, false, &i, &bad) < 0)
		return DS_ENOMEM;
	if (bad.n)
		return refuse(n, &loc, "invalid cluster-dns address %.*s", DS_STR_ARG(bad));
	if (!p.known || !s.known || is_true(n, "disable-agent"))
		return 0;
	if (p.first != s.first || p.dual != s.dual)
		return refuse(n, services->loc.input ? &services->loc : &pods->loc, "cluster-cidr: %.*s and service-cidr: %.*s" SHARE,
			      DS_STR_ARG(p.text), DS_STR_ARG(s.text));
	if (joined(n, "node-ip", &list, &loc) < 0 || list_families(n, list, false, &i, &bad) < 0)
		return DS_ENOMEM;
	if (i.known && !i.dual && (p.dual || p.first != i.first))
		return refuse(n, &loc, "cluster-cidr: %.*s and node-ip: %.*s" SHARE, DS_STR_ARG(p.text), DS_STR_ARG(i.text));
#undef SHARE
	return 0;
}

static int run_components(struct node *n)
{
	struct range pods, services;
	int r = find_families(n);

	n->server = n->command ? n->command->server : is_server(n);
	if (r == 0)
		r = find_range(n, "cluster-cidr", "10.42.0.0/16", "fd00:42::/56", &pods);
	if (r == 0)
		r = find_range(n, "service-cidr", "10.43.0.0/16", "fd00:43::/112", &services);
	if (r == 0 && n->server)
		r = check(n, &pods, &services);
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

static struct node *node_at(struct ds_facts *f, struct ds_map *nodes, struct ds_str key, struct ds_str host)
{
	struct ds_arena *a = f->ctx->arena;
	struct node *n = ds_map_get(nodes, key);

	if (n)
		return n;
	n = ds_arena_new_obj(a, struct node);
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
	struct node *n;
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
	struct node *n = key ? node_at(f, nodes, ds_str_from(key), ds_str_from(c->host)) : NULL;

	if (!n)
		return DS_ENOMEM;
	n->command = c;
	return 0;
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
	if (!n->main && n->files.n)
		n->main = n->files.v[0];
	n->loc = n->main ? (struct ds_loc){.input = n->main->input, .line = n->main->root->line, .column = n->main->root->column}
			 : n->command->loc;
	if (r == 0 && n->command)
		r = read_command(n, n->command);
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
