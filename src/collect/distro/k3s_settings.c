#include "collect/distro/k3s_priv.h"

#include "base/buf.h"
#include "collect/distro/k3s.h"
#include "collect/path_index.h"
#include "yaml/scalar.h"

/* ---- command lines ---- */

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

static int add_value(struct ds__k3s_node *n, struct ds__k3s_setting *s, const struct ds_input *input,
		     const struct ds_yaml_node *v)
{
	struct ds__k3s_value value;

	if (v->kind != DS_YAML_SCALAR || ds_yaml_is_null(v))
		return 0;
	value = (struct ds__k3s_value){v->text, ds_yaml_loc(n->f->ctx->arena, input, v)};
	return value.loc.path ? ds_vec_push(n->f->ctx->arena, &s->v, value) : DS_ENOMEM;
}

/* A later file replaces a key; "key+" adds to it. */
int ds__k3s_read_pair(struct ds__k3s_node *n, const struct ds_input *input, const struct ds_yaml_pair *pair)
{
	struct ds_str key = pair->key->kind == DS_YAML_SCALAR ? pair->key->text : (struct ds_str){0};
	const struct ds_yaml_node *v = pair->value;
	bool more = ds_str_ends(key, "+");
	struct ds__k3s_setting *s;
	int r = 0;

	if (more)
		key = ds_str_head(key, key.n - 1);
	s = ds_map_get(&n->settings, key);
	if (!s) {
		s = ds_arena_new_obj(n->f->ctx->arena, struct ds__k3s_setting);
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
	static const char *const keys[] = {"cluster-cidr",
					   "service-cidr",
					   "cluster-dns",
					   "node-ip",
					   "node-external-ip",
					   "tls-san",
					   "disable",
					   "kube-apiserver-arg",
					   "kube-controller-manager-arg",
					   "kube-scheduler-arg",
					   "etcd-arg",
					   "kubelet-arg",
					   "kube-proxy-arg",
					   "cni"};

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
		"etcd-snapshot-compress", "etcd-s3", "etcd-s3-skip-ssl-verify", "etcd-s3-insecure",
		"supervisor-metrics", "nonroot-devices", "alsologtostderr", "disable-default-registry-endpoint",
		"multi-cluster-cidr",
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

static int read_flag(struct ds__k3s_node *n, struct ds_str key, struct ds_str text, struct ds_loc loc)
{
	struct ds__k3s_setting *s = ds_map_get(&n->settings, key);

	if (!is_kept(key))
		return 0;
	if (!s) {
		s = ds_arena_new_obj(n->f->ctx->arena, struct ds__k3s_setting);
		if (!s || ds_map_put(&n->settings, key, s) < 0)
			return DS_ENOMEM;
	}
	if (!is_list(key))
		s->v.n = 0;
	return ds_vec_push(n->f->ctx->arena, &s->v, ((struct ds__k3s_value){text, loc}));
}

int ds__k3s_read_command(struct ds__k3s_node *n, const struct ds_k3s_command *c)
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
			r = read_flag(n, ds_str_eqz(key, "i") ? DS_STR("node-ip") : key, c->argv[i].text,
				      c->argv[i].loc);
	}
	return r;
}

const struct ds__k3s_setting *ds__k3s_get(const struct ds__k3s_node *n, const char *key)
{
	const struct ds__k3s_setting *s = ds_map_get(&n->settings, ds_str_from(key));

	return s && s->v.n ? s : NULL;
}

bool ds__k3s_is_true(const struct ds__k3s_node *n, const char *key)
{
	const struct ds__k3s_setting *s = ds__k3s_get(n, key);

	return s && ds_str_eqz(s->v.v[s->v.n - 1].text, "true");
}

/* The elements of a list flag, joined; *ret_loc is the first one's place. */
int ds__k3s_joined(const struct ds__k3s_node *n, const char *key, struct ds_str *ret, struct ds_loc *ret_loc)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	const struct ds__k3s_setting *s = ds__k3s_get(n, key);

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
