#include "model/cni.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "yaml/scalar.h"

/* Plugins of a list that add something to another's interface; none makes addresses. */
static const char *const chained[] = {"bandwidth", "firewall", "loopback", "portmap", "sbr", "tuning", "vrf", "istio-cni"};

static bool in_table(const char *const *table, size_t n, struct ds_str s)
{
	for (size_t i = 0; i < n; i++)
		if (ds_str_eqz(s, table[i]))
			return true;
	return false;
}

static bool eq_nocase(struct ds_str a, struct ds_str b)
{
	return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

static struct ds_str text_of(const struct ds_yaml_node *node)
{
	return node && node->kind == DS_YAML_SCALAR && !ds_yaml_is_null(node) ? node->text : (struct ds_str){0};
}

static const char *copy_of(struct ds_arena *a, struct ds_str s)
{
	return ds_arena_strndup(a, s.n ? s.p : "", s.n);
}

/* true, "true", yes: as JSON has them, and as texts. */
static bool is_true(const struct ds_yaml_node *node, bool fallback)
{
	struct ds_str s = text_of(node);

	if (eq_nocase(s, DS_STR("true")))
		return true;
	return eq_nocase(s, DS_STR("false")) ? false : fallback;
}

/* Go's JSON decoder does not mind the case of keys. */
static const struct ds_yaml_node *get_nocase(const struct ds_yaml_node *map, const char *key)
{
	const struct ds_yaml_node *found = ds_yaml_get(map, key);

	for (size_t i = 0; !found && map && map->kind == DS_YAML_MAPPING && i < map->n; i++)
		if (eq_nocase(map->pairs[i].key->text, ds_str_from(key)))
			found = map->pairs[i].value;
	return found;
}

static void know(struct ds_cni *c, bool v4, bool v6)
{
	c->families.known = true;
	c->families.n = 0;
	if (v4)
		c->families.v[c->families.n++] = DS_IPV4;
	if (v6)
		c->families.v[c->families.n++] = DS_IPV6;
}

static int add_range(struct ds_arena *a, struct ds_cni *c, struct ds_str text)
{
	struct ds_cidr cidr;

	if (ds_cidr_parse(ds_str_trim(text), DS_IP_SLOPPY, &cidr) < 0)
		return 0;
	return ds_vec_push(a, &c->ranges, ds_cidr_masked(&cidr));
}

/* ---- a plugin's own configuration ---- */

/* Which family a subnet of host-local is, Calico's placeholders included; NONE when nobody can tell here. */
static enum ds_family subnet_family(struct ds_str text)
{
	struct ds_cidr cidr;

	if (eq_nocase(text, DS_STR("usePodCidr")))
		return DS_IPV4;
	if (eq_nocase(text, DS_STR("usePodCidrIPv6")))
		return DS_IPV6;
	return ds_cidr_parse(text, DS_IP_SLOPPY, &cidr) == 0 ? (enum ds_family)cidr.ip.family : DS_FAMILY_NONE;
}

/* "subnet", or "ranges": of each inner list a pod gets one address. */
static int read_host_local(struct ds_arena *a, const struct ds_yaml_node *ipam, struct ds_cni *c)
{
	const struct ds_yaml_node *ranges = ds_yaml_get(ipam, "ranges");
	struct ds_str subnet = text_of(ds_yaml_get(ipam, "subnet"));
	bool v4 = subnet_family(subnet) == DS_IPV4, v6 = subnet_family(subnet) == DS_IPV6, unclear = false;
	int r = add_range(a, c, subnet);

	unclear = subnet.n && !v4 && !v6;
	for (size_t i = 0; r == 0 && ranges && ranges->kind == DS_YAML_SEQUENCE && i < ranges->n; i++) {
		const struct ds_yaml_node *set = ranges->items[i];

		for (size_t k = 0; r == 0 && set->kind == DS_YAML_SEQUENCE && k < set->n; k++) {
			struct ds_str text = text_of(ds_yaml_get(set->items[k], "subnet"));
			enum ds_family family = subnet_family(text);

			v4 |= family == DS_IPV4;
			v6 |= family == DS_IPV6;
			unclear |= family == DS_FAMILY_NONE;
			r = add_range(a, c, text);
		}
	}
	if (!unclear && (v4 || v6))
		know(c, v4, v6);
	else
		c->families.reason = "its subnets are filled in elsewhere";
	return r;
}

/* Of a list the plugin that makes the interface. */
static const struct ds_yaml_node *main_plugin(const struct ds_yaml_node *root)
{
	const struct ds_yaml_node *plugins = ds_yaml_get(root, "plugins");

	if (!plugins)
		return root;
	for (size_t i = 0; plugins->kind == DS_YAML_SEQUENCE && i < plugins->n; i++)
		if (!in_table(chained, DS_ARRAY_SIZE(chained), text_of(ds_yaml_get(plugins->items[i], "type"))))
			return plugins->items[i];
	return NULL;
}

static int read_configuration(struct ds_arena *a, const struct ds_yaml_node *root, struct ds_cni *c)
{
	const struct ds_yaml_node *plugin = main_plugin(root), *ipam = ds_yaml_get(plugin, "ipam");
	struct ds_str type = text_of(ds_yaml_get(plugin, "type")), by = text_of(ds_yaml_get(ipam, "type"));

	c->plugin = ds_str_eqz(type, "cilium-cni") ? "cilium" : copy_of(a, type);
	c->ipam = copy_of(a, by);
	if (!c->plugin || !c->ipam)
		return DS_ENOMEM;
	if (ds_str_eqz(by, "host-local"))
		return read_host_local(a, ipam, c);
	if (ds_str_eqz(by, "calico-ipam"))
		know(c, is_true(ds_yaml_get(ipam, "assign_ipv4"), true), is_true(ds_yaml_get(ipam, "assign_ipv6"), false));
	else if (strcmp(c->plugin, "flannel") == 0)
		c->families.reason = "flannel's are in /run/flannel/subnet.env and in its ConfigMap (kubectl get configmap -n "
				     "kube-flannel kube-flannel-cfg -o yaml), which were not seen";
	else if (strcmp(c->plugin, "cilium") == 0)
		c->families.reason = "Cilium's are in its ConfigMap (kubectl get configmap -n kube-system cilium-config -o "
				     "yaml), which was not seen";
	else
		c->families.reason = "how this plugin hands out addresses is not known";
	return 0;
}

/* FLANNEL_NETWORK=10.244.0.0/16, and FLANNEL_IPV6_NETWORK with IPv6 on. */
static int read_subnet_env(struct ds_arena *a, struct ds_str text, struct ds_cni *c)
{
	struct ds_str line;
	bool done = false, v4 = false, v6 = false;
	int r = 0;

	c->plugin = "flannel";
	c->ipam = "";
	while (r == 0 && ds_str_split(&text, '\n', &done, &line)) {
		struct ds_str s = ds_str_trim(line);
		size_t eq = ds_str_find(s, '=');
		struct ds_str key = ds_str_head(s, eq), value = ds_str_skip(s, eq + 1);

		if (!value.n || !(ds_str_eqz(key, "FLANNEL_NETWORK") || ds_str_eqz(key, "FLANNEL_IPV6_NETWORK")))
			continue;
		v4 |= ds_str_eqz(key, "FLANNEL_NETWORK");
		v6 |= ds_str_eqz(key, "FLANNEL_IPV6_NETWORK");
		for (bool end = false; r == 0 && ds_str_split(&value, ',', &end, &line);)
			r = add_range(a, c, line);
	}
	if (v4 || v6)
		know(c, v4, v6);
	else
		c->families.reason = "flannel's subnet.env names no network";
	return r;
}

/* ---- ConfigMaps ---- */

static int read_net_conf(struct ds_arena *a, const struct ds_yaml_node *conf, struct ds_cni *c)
{
	bool v4 = is_true(get_nocase(conf, "EnableIPv4"), true), v6 = is_true(get_nocase(conf, "EnableIPv6"), false);
	int r = 0;

	c->plugin = "flannel";
	c->ipam = "";
	know(c, v4, v6);
	if (v4)
		r = add_range(a, c, text_of(get_nocase(conf, "Network")));
	if (r == 0 && v6)
		r = add_range(a, c, text_of(get_nocase(conf, "IPv6Network")));
	return r;
}

static int read_cilium(struct ds_arena *a, const struct ds_yaml_node *data, struct ds_cni *c)
{
	static const char *const keys[] = {"cluster-pool-ipv4-cidr", "cluster-pool-ipv6-cidr"};
	bool on[] = {is_true(ds_yaml_get(data, "enable-ipv4"), true), is_true(ds_yaml_get(data, "enable-ipv6"), true)};
	struct ds_str ipam = text_of(ds_yaml_get(data, "ipam"));
	int r = 0;

	c->plugin = "cilium";
	c->ipam = copy_of(a, ipam);
	if (!c->ipam)
		return DS_ENOMEM;
	know(c, on[0], on[1]);
	for (size_t i = 0; i < DS_ARRAY_SIZE(keys); i++) {
		struct ds_str list = text_of(ds_yaml_get(data, keys[i])), part;
		bool done = false;

		if (!on[i] || !ds_str_eqz(ipam, "cluster-pool"))
			continue;
		while (r == 0 && ds_str_split(&list, list.n && ds_str_find(list, ',') < list.n ? ',' : ' ', &done, &part))
			r = add_range(a, c, part);
	}
	return r;
}

/* flannel's net-conf.json is JSON in a text. What cannot be read says nothing. */
static int net_conf_of(struct ds_arena *a, const struct ds_object *o, const struct ds_yaml_node *text,
		       const struct ds_yaml_node **ret)
{
	struct ds_yaml_stream *stream = ds_arena_new_obj(a, struct ds_yaml_stream);
	struct ds_ctx ctx = {.arena = a};
	int r = stream ? ds_yaml_load(&ctx, o->input, text->text, stream) : DS_ENOMEM;

	*ret = r == 0 && stream->n ? stream->docs[0].root : NULL;
	return r == DS_ENOMEM ? r : 0;
}

static int add(struct ds_arena *a, struct ds_cluster *cluster, struct ds_cni **ret)
{
	*ret = ds_arena_new_obj(a, struct ds_cni);
	return *ret ? ds_vec_push(a, &cluster->cni, *ret) : DS_ENOMEM;
}

static int read_config_map(struct ds_arena *a, const struct ds_object *o, struct ds_cluster *cluster)
{
	const struct ds_yaml_node *data = ds_yaml_get(o->node, "data"), *text = ds_yaml_get(data, "net-conf.json"), *conf;
	struct ds_cni *c;
	int r;

	if (!text && strcmp(o->name, "cilium-config") != 0)
		return 0;
	if (add(a, cluster, &c) < 0)
		return DS_ENOMEM;
	c->loc = ds_yaml_loc(a, o->input, text ? text : o->node);
	c->where = ds_arena_printf(a, "ConfigMap %s%s%s", o->ns, o->ns[0] ? "/" : "", o->name);
	if (!c->where)
		return DS_ENOMEM;
	if (!text)
		return read_cilium(a, data, c);
	r = text->kind == DS_YAML_SCALAR ? net_conf_of(a, o, text, &conf) : 0;
	if (r == 0 && text->kind == DS_YAML_SCALAR && conf && conf->kind == DS_YAML_MAPPING)
		return read_net_conf(a, conf, c);
	c->plugin = "flannel";
	c->ipam = "";
	c->families.reason = "its net-conf.json cannot be read";
	return r;
}

/* ---- files ---- */

static struct ds_str folder_of(const struct ds_host_file *f)
{
	struct ds_str path = ds_str_from(f->path), base = ds_str_basename(path);

	return ds_str_head(path, path.n - base.n);
}

static int by_host_and_path(const void *a, const void *b)
{
	const struct ds_host_file *x = *(const struct ds_host_file *const *)a, *y = *(const struct ds_host_file *const *)b;
	int r = strcmp(x->host, y->host);

	return r ? r : strcmp(x->path, y->path);
}

static bool same_folder(const struct ds_host_file *x, const struct ds_host_file *y)
{
	return strcmp(x->host, y->host) == 0 && ds_str_eq(folder_of(x), folder_of(y));
}

static bool is_env(const struct ds_host_file *f)
{
	return ds_str_starts(f->input->text, "FLANNEL_");
}

/* What a runtime looks at: the name's end decides, and a file that is none is passed over. */
static bool counts(const struct ds_host_file *f)
{
	struct ds_str path = ds_str_from(f->path);

	return !is_env(f) && (ds_str_ends(path, ".conf") || ds_str_ends(path, ".conflist") || ds_str_ends(path, ".json"));
}

static int read_file(struct ds_arena *a, const struct ds_host_file *f, const char *host, struct ds_cni *c)
{
	const struct ds_yaml_node *root = f->yaml && f->yaml->n ? f->yaml->docs[0].root : NULL;

	c->loc = root ? ds_yaml_loc(a, f->input, root) : (struct ds_loc){.input = f->input};
	c->where = host ? ds_arena_printf(a, "%s on %s", f->path, host) : f->path;
	c->plugin = c->ipam = "";
	if (!c->where)
		return DS_ENOMEM;
	if (is_env(f))
		return read_subnet_env(a, f->input->text, c);
	if (f->input->status == DS_INPUT_FAILED || !root || root->kind != DS_YAML_MAPPING || !main_plugin(root)) {
		c->families.reason = "the file cannot be read";
		return 0;
	}
	return read_configuration(a, root, c);
}

/* Files of one folder: the first that counts is used, or the only one whatever its name. names: of hosts. */
static int read_folder(struct ds_arena *a, const struct ds_host_file *const *v, size_t n, const struct ds_map *names,
		       struct ds_cluster *cluster)
{
	const struct ds_host_model *host = ds_map_get(names, ds_str_from(v[0]->host));
	const char *where = host ? host->name : v[0]->host[0] ? v[0]->host : NULL;
	struct ds_cni *used = NULL;

	for (size_t i = 0; i < n; i++) {
		struct ds_cni *c;

		if (used && counts(v[i])) {
			struct ds_str base = ds_str_basename(ds_str_from(v[i]->path));
			const char *name = copy_of(a, base);

			if (!name || ds_vec_push(a, &used->unused, name) < 0)
				return DS_ENOMEM;
			continue;
		}
		if (!is_env(v[i]) && !counts(v[i]) && n > 1)
			continue;
		if (add(a, cluster, &c) < 0 || read_file(a, v[i], where, c) < 0)
			return DS_ENOMEM;
		if (!is_env(v[i]))
			used = c;
	}
	return 0;
}

/* flannel's and Cilium's files name no families: their ConfigMaps, or flannel's own file, do. */
static void complete(struct ds_cluster *cluster)
{
	static const char *const plugins[] = {"cilium", "flannel"};

	for (size_t p = 0; p < DS_ARRAY_SIZE(plugins); p++) {
		const struct ds_cni *told = NULL;

		for (size_t i = 0; !told && i < cluster->cni.n; i++)
			if (cluster->cni.v[i]->families.known && strcmp(cluster->cni.v[i]->plugin, plugins[p]) == 0)
				told = cluster->cni.v[i];
		for (size_t i = 0; told && i < cluster->cni.n; i++)
			if (!cluster->cni.v[i]->families.known && strcmp(cluster->cni.v[i]->plugin, plugins[p]) == 0 &&
			    !cluster->cni.v[i]->ipam[0]) {
				cluster->cni.v[i]->families = told->families;
				cluster->cni.v[i]->told_by = told;
			}
	}
}

int ds_cni_find(struct ds_arena *a, struct ds_cluster *cluster)
{
	const struct ds_host_file **v = cluster->files.v;
	struct ds_map names;
	int r = 0;

	ds_map_init(&names, a);
	for (size_t i = 0; r == 0 && i < cluster->hosts.n; i++)
		r = ds_map_put(&names, ds_str_from(cluster->hosts.v[i]->facts->name), cluster->hosts.v[i]);
	if (cluster->files.n > 1)
		qsort(v, cluster->files.n, sizeof(*v), by_host_and_path);
	for (size_t from = 0, to; r == 0 && from < cluster->files.n; from = to) {
		for (to = from + 1; to < cluster->files.n && same_folder(v[from], v[to]); to++)
			;
		r = read_folder(a, v + from, to - from, &names, cluster);
	}
	for (size_t i = 0; r == 0 && i < cluster->objects.n; i++)
		if (strcmp(cluster->objects.v[i]->kind, "ConfigMap") == 0)
			r = read_config_map(a, cluster->objects.v[i], cluster);
	complete(cluster);
	return r;
}
