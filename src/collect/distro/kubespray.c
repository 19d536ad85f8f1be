#include "collect/distro/kubespray.h"

#include <stdlib.h>

#include "base/map.h"
#include "collect/distro/distro.h"
#include "collect/documents.h"
#include "collect/path_index.h"
#include "collect/pending.h"
#include "net/ip.h"
#include "yaml/scalar.h"

/* From this Kubernetes on kubespray lets Calico and Cilium alone hand out blocks. */
#define OWN_IPAM_SINCE 28

/* ---- which files ---- */

static bool is_vars(const struct ds_yaml_node *root)
{
	return root && root->kind == DS_YAML_MAPPING && !ds_yaml_get(root, "kind") && !ds_yaml_get(root, "apiVersion");
}

static bool has_any(const struct ds_yaml_node *root, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ds_yaml_get(root, names[i]))
			return true;
	return false;
}

static bool in_folder(const char *name, const char *folder)
{
	struct ds_str s = ds_str_from(name), f = ds_str_from(folder);
	size_t at = ds_str_search(s, f);

	return at < s.n && (at == 0 || s.p[at - 1] == '/');
}

int ds_kubespray_detect(const struct ds_collector *self, const struct ds_probe *p)
{
	static const char *const ours[] = {
		"kube_pods_subnet", "kube_pods_subnet_ipv6", "kube_service_addresses", "kube_service_addresses_ipv6",
		"kube_network_node_prefix", "kube_network_node_prefix_ipv6", "enable_dual_stack_networks",
		"kube_network_plugin", "kube_proxy_mode",
	};
	/* Anybody may have these; in an inventory they are kubespray's. */
	static const char *const more[] = {"ipv4_stack",
					   "ipv6_stack",
					   "kube_version",
					   "calico_ipam_host_local",
					   "cilium_ipam_mode",
					   "kubelet_max_pods",
					   "enable_nodelocaldns",
					   "kube_proxy_remove",
					   "cloud_provider",
					   "loadbalancer_apiserver_port",
					   "bin_dir"};
	const struct ds_yaml_node *root = p->yaml && p->yaml->n ? p->yaml->docs[0].root : NULL;

	(void)self;
	if (!is_vars(root))
		return 0;
	if (has_any(root, ours, DS_ARRAY_SIZE(ours)))
		return 55;
	return in_folder(p->name, "group_vars/") && has_any(root, more, DS_ARRAY_SIZE(more)) ? 55 : 0;
}

int ds_kubespray_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p)
{
	struct ds_vars_file file = {.input = input, .root = p->yaml && p->yaml->n ? p->yaml->docs[0].root : NULL};
	struct ds_doc_tally tally = {.used = is_vars(file.root), .other = 1};

	if (in_folder(input->name, "host_vars/"))
		return ds_input_set(f->ctx, input, DS_INPUT_SKIPPED,
				    "variables of one host: only those of groups are audited");
	if (tally.used && (!ds_pending(f) || ds_vec_push(f->ctx->arena, &f->pending->kubespray, file) < 0))
		return DS_ENOMEM;
	return ds_documents_conclude(f, input, &tally, p->yaml_result, p->first_diag);
}

/* ---- an inventory's variables ---- */

struct inventory {
	struct ds_distro d;
	DS_VEC(const struct ds_vars_file *) files;
	struct ds_map vars; /* name -> struct var */
	bool has_all;       /* the variables of all groups were seen: what is nowhere has its default */
	struct ds_distro_version version;
	struct ds_distro_value pods, services, first_services;
	bool v4, v6, known; /* which families, if that can be told */
};

struct var {
	const struct ds_input *input;
	const struct ds_yaml_node *node;
};

static const struct var *find(const struct inventory *inv, const char *name)
{
	return ds_map_get(&inv->vars, ds_str_from(name));
}

/* An expression is Ansible's to evaluate. */
static bool is_jinja(struct ds_str s)
{
	return ds_str_search(s, DS_STR("{{")) < s.n || ds_str_search(s, DS_STR("{%")) < s.n;
}

/* The variable's text, kubespray's default (NULL: none), or ${name} where neither can be told. */
static int get(const struct inventory *inv, const char *name, const char *fallback, struct ds_distro_value *ret)
{
	const struct var *var = find(inv, name);
	struct ds_distro d = inv->d;
	int r = 0;

	*ret = (struct ds_distro_value){.text = ds_str_from(fallback ? fallback : "")};
	if (!var)
		return 0;
	d.input = var->input;
	r = ds_distro_take(&d, var->node, NULL, ret);
	if (r < 0 || !is_jinja(ret->text))
		return r;
	ret->text = ds_str_from(ds_arena_printf(d.f->ctx->arena, "${%s}", name));
	return ret->text.p ? 0 : DS_ENOMEM;
}

enum answer { NO, YES, UNKNOWN };

/* Ansible's `bool` filter. */
static enum answer truth(const struct inventory *inv, const char *name, enum answer fallback)
{
	static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "1"};
	const struct var *var = find(inv, name);

	if (!var || var->node->kind != DS_YAML_SCALAR)
		return fallback;
	if (is_jinja(var->node->text))
		return UNKNOWN;
	for (size_t i = 0; i < DS_ARRAY_SIZE(yes); i++)
		if (ds_str_eqz(var->node->text, yes[i]))
			return YES;
	return NO;
}

/* ---- what kubespray refuses ---- */

static int check_range(const struct inventory *inv, const char *name, const struct ds_distro_value *v)
{
	struct ds_cidr cidr;

	if (!v->loc.input || ds_str_starts(v->text, "${") || ds_cidr_parse(v->text, DS_IP_STRICT, &cidr) == 0)
		return 0;
	return ds_distro_refuse(&inv->d, &v->loc, "%s = '%.*s' is not a valid network range", name,
				DS_STR_ARG(v->text));
}

/* roles/validate_inventory: pods inside the Service range. The other way round it does not see. */
static int check_collision(const struct inventory *inv, const char *suffix, const struct ds_distro_value *pods,
			   const struct ds_distro_value *services)
{
	struct ds_cidr p, s;

	if (ds_cidr_parse(pods->text, DS_IP_STRICT, &p) < 0 || ds_cidr_parse(services->text, DS_IP_STRICT, &s) < 0)
		return 0;
	p = ds_cidr_masked(&p);
	s = ds_cidr_masked(&s);
	if (p.ip.family != s.ip.family || p.bits < s.bits || !ds_cidr_contains_ip(&s, &p.ip))
		return 0;
	return ds_distro_refuse(&inv->d, pods->loc.input ? &pods->loc : &services->loc,
				"kube_pods_subnet%s cannot be the same network segment as kube_service_addresses%s",
				suffix, suffix);
}

/* ---- ranges ---- */

static int join(const struct inventory *inv, const struct ds_distro_value *v4, const struct ds_distro_value *v6,
		const char *name, struct ds_distro_value *ret)
{
	const struct ds_distro_value *first = inv->v4 ? v4 : v6;
	const char *text;
	struct ds_cidr cidr;

	*ret = *first;
	if (inv->v4 && inv->v6) {
		text = ds_arena_printf(inv->d.f->ctx->arena, "%.*s,%.*s", DS_STR_ARG(v4->text), DS_STR_ARG(v6->text));
		ret->text = ds_str_from(text);
		if (ds_cidr_parse(v6->text, DS_IP_STRICT, &cidr) < 0 || !ret->loc.input)
			ret->loc = v6->loc;
	} else if (!inv->known) {
		text = ds_arena_printf(inv->d.f->ctx->arena, "${%s, with ipv6_stack %s_ipv6 too}", name, name);
		ret->text = ds_str_from(text);
	} else {
		return 0;
	}
	return text ? 0 : DS_ENOMEM;
}

static int find_ranges(struct inventory *inv)
{
	enum answer old =
	    truth(inv, "enable_dual_stack_networks", inv->has_all || find(inv, "ipv6_stack") ? NO : UNKNOWN);
	enum answer v6 = truth(inv, "ipv6_stack", old), v4 = truth(inv, "ipv4_stack", YES);
	struct ds_distro_value pods4, pods6, services4, services6;
	int r;

	inv->known = v4 != UNKNOWN && v6 != UNKNOWN;
	inv->v4 = v4 != NO;
	inv->v6 = v6 == YES;
	r = get(inv, "kube_pods_subnet", "10.233.64.0/18", &pods4);
	if (r == 0)
		r = get(inv, "kube_pods_subnet_ipv6", "fd85:ee78:d8a6:8607::1:0000/112", &pods6);
	if (r == 0)
		r = get(inv, "kube_service_addresses", "10.233.0.0/18", &services4);
	if (r == 0)
		r = get(inv, "kube_service_addresses_ipv6", "fd85:ee78:d8a6:8607::1000/116", &services6);
	inv->first_services = inv->v4 ? services4 : services6;
	if (r == 0 && inv->v4)
		r = check_range(inv, "kube_service_addresses", &services4);
	if (r == 0 && inv->v4)
		r = check_range(inv, "kube_pods_subnet", &pods4);
	if (r == 0 && inv->v4)
		r = check_collision(inv, "", &pods4, &services4);
	if (r == 0 && inv->v6)
		r = check_range(inv, "kube_service_addresses_ipv6", &services6);
	if (r == 0 && inv->v6)
		r = check_range(inv, "kube_pods_subnet_ipv6", &pods6);
	if (r == 0 && inv->v6)
		r = check_collision(inv, "_ipv6", &pods6, &services6);
	if (r == 0)
		r = join(inv, &pods4, &pods6, "kube_pods_subnet", &inv->pods);
	return r < 0 ? r : join(inv, &services4, &services6, "kube_service_addresses", &inv->services);
}

/* ---- components ---- */

/* Each row: a flag, the variable that it is made from, kubespray's default. */
struct row {
	const char *flag, *var, *fallback;
};

static int add_rows(const struct inventory *inv, struct ds_generated *g, const struct row *rows, size_t n)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct ds_distro_value v;

		r = get(inv, rows[i].var, rows[i].fallback, &v);
		if (r == 0)
			r = ds_distro_add(&inv->d, g, rows[i].flag, &v);
	}
	return r;
}

/* Gates of a component, else of all. */
static int add_gates(const struct inventory *inv, struct ds_generated *g, const char *var)
{
	const struct row row = {"feature-gates", find(inv, var) ? var : "kube_feature_gates", NULL};

	return add_rows(inv, g, &row, 1);
}

static int make_apiserver(const struct inventory *inv)
{
	static const struct row rows[] = {
	    {"bind-address",                    "kube_apiserver_bind_address",     "${kubespray's default}"},
	    {"secure-port",                     "kube_apiserver_port",             "6443"                  },
	    {"service-node-port-range",         "kube_apiserver_node_port_range",  "30000-32767"           },
	    {"advertise-address",               "kube_apiserver_address",          "${the node's address}" },
	    {"kubelet-preferred-address-types", "kubelet_preferred_address_types",
	     "InternalDNS,InternalIP,Hostname,ExternalDNS,ExternalIP"                                      },
	    {"etcd-servers",                    "etcd_access_addresses",           "${the etcd nodes}"     },
	};
	struct ds_generated g = ds_distro_start(&inv->d, DS_KUBE_APISERVER);
	int r = ds_distro_add(&inv->d, &g, "service-cluster-ip-range", &inv->services);

	if (r == 0)
		r = add_rows(inv, &g, rows, DS_ARRAY_SIZE(rows));
	if (r == 0)
		r = add_gates(inv, &g, "kube_apiserver_feature_gates");
	return r < 0 ? r : ds_distro_observe(&inv->d, &g, &inv->version);
}

/* Whether the network plugin hands out blocks itself. */
static enum answer own_ipam(const struct inventory *inv, struct ds_str plugin)
{
	const struct var *mode = find(inv, "cilium_ipam_mode");
	enum answer allocate = truth(inv, "kube_controller_manager_allocate_node_cidrs", YES);

	if (allocate != YES)
		return allocate == NO ? YES : UNKNOWN;
	if (ds_str_starts(plugin, "${"))
		return UNKNOWN;
	if (inv->version.known && inv->version.version.minor < OWN_IPAM_SINCE)
		return NO;
	if (ds_str_eqz(plugin, "calico")) {
		enum answer local = truth(inv, "calico_ipam_host_local", NO);

		return local == UNKNOWN ? UNKNOWN : local == NO ? YES : NO;
	}
	if (!ds_str_eqz(plugin, "cilium"))
		return NO;
	if (!mode || mode->node->kind != DS_YAML_SCALAR)
		return YES;
	return is_jinja(mode->node->text) ? UNKNOWN : ds_str_eqz(mode->node->text, "cluster-pool") ? YES : NO;
}

static int add_masks(const struct inventory *inv, struct ds_generated *g)
{
	static const struct row only = {"node-cidr-mask-size", "kube_network_node_prefix", "24"};
	static const struct row both[] = {
	    {"node-cidr-mask-size-ipv4", "kube_network_node_prefix",      "24" },
	    {"node-cidr-mask-size-ipv6", "kube_network_node_prefix_ipv6", "120"}
        };

	/* Until 2.27, whose inventories have no ipv4_stack, one family had the flag without a family. */
	if (!inv->v6 && !find(inv, "ipv4_stack") && !find(inv, "ipv6_stack"))
		return add_rows(inv, g, &only, 1);
	return add_rows(inv, g, inv->v4 ? both : both + 1, (size_t)inv->v4 + (size_t)inv->v6);
}

static int make_controller_manager(const struct inventory *inv, const struct ds_distro_value *plugin)
{
	static const struct row rows[] = {
	    {"cluster-name", "cluster_name",                         "cluster.local"         },
	    {"bind-address", "kube_controller_manager_bind_address", "${kubespray's default}"},
	};
	static const char *const allocate[] = {[NO] = "true", [YES] = "false", [UNKNOWN] = "${kubespray's choice}"};
	struct ds_generated g = ds_distro_start(&inv->d, DS_KUBE_CONTROLLER_MANAGER);
	enum answer own = own_ipam(inv, plugin->text);
	struct ds_distro_value v = {ds_str_from(allocate[own]), plugin->loc};
	int r = ds_str_eqz(plugin->text, "kube-ovn") ? 0 : ds_distro_add(&inv->d, &g, "cluster-cidr", &inv->pods);

	if (r == 0)
		r = ds_distro_add(&inv->d, &g, "service-cluster-ip-range", &inv->services);
	if (r == 0)
		r = ds_distro_add(&inv->d, &g, "allocate-node-cidrs", &v);
	if (r == 0 && own != YES)
		r = add_masks(inv, &g);
	if (r == 0)
		r = add_rows(inv, &g, rows, DS_ARRAY_SIZE(rows));
	if (r == 0)
		r = add_gates(inv, &g, "kube_controller_feature_gates");
	return r < 0 ? r : ds_distro_observe(&inv->d, &g, &inv->version);
}

static int make_proxy(const struct inventory *inv, const struct ds_distro_value *plugin)
{
	static const struct row rows[] = {
	    {"proxy-mode",           "kube_proxy_mode",                 "ipvs"           },
	    {"bind-address",         "kube_proxy_bind_address",         "0.0.0.0"        },
	    {"nodeport-addresses",   "kube_proxy_nodeport_addresses",   NULL             },
	    {"ipvs-exclude-cidrs",   "kube_proxy_exclude_cidrs",        NULL             },
	    {"healthz-bind-address", "kube_proxy_healthz_bind_address", "0.0.0.0:10256"  },
	    {"metrics-bind-address", "kube_proxy_metrics_bind_address", "127.0.0.1:10249"},
	};
	struct ds_generated g = ds_distro_start(&inv->d, DS_KUBE_PROXY);
	int r = ds_str_eqz(plugin->text, "kube-ovn") ? 0 : ds_distro_add(&inv->d, &g, "cluster-cidr", &inv->pods);

	if (r == 0)
		r = add_rows(inv, &g, rows, DS_ARRAY_SIZE(rows));
	if (r == 0)
		r = add_gates(inv, &g, "kube_proxy_feature_gates");
	return r < 0 ? r : ds_distro_observe(&inv->d, &g, &inv->version);
}

/* The node-local cache, or the third address of the first Service range. */
static int add_dns(const struct inventory *inv, struct ds_generated *g)
{
	static const struct row local = {"cluster-dns", "nodelocaldns_ip", "169.254.25.10"};

	switch (truth(inv, "enable_nodelocaldns", YES)) {
	case YES:
		return add_rows(inv, g, &local, 1);
	case NO:
		return ds_distro_dns(&inv->d, g, &inv->first_services, 3, false);
	case UNKNOWN:
		break;
	}
	return ds_distro_addz(&inv->d, g, "cluster-dns", "${kubespray's choice}");
}

static int make_kubelet(const struct inventory *inv)
{
	static const struct row rows[] = {
	    {"node-ip",           "kubelet_address",        "${the node's addresses}"            },
	    {"hostname-override", "kube_override_hostname", "${the inventory's name of the node}"},
	    {"cloud-provider",    "cloud_provider",         NULL                                 },
	    {"max-pods",          "kubelet_max_pods",       "110"                                },
	    {"address",           "kubelet_bind_address",   "${the node's address}"              },
	};
	struct ds_generated g = ds_distro_start(&inv->d, DS_KUBELET);
	int r = add_rows(inv, &g, rows, DS_ARRAY_SIZE(rows));

	if (r == 0)
		r = add_dns(inv, &g);
	if (r == 0)
		r = add_gates(inv, &g, "kubelet_feature_gates");
	return r < 0 ? r : ds_distro_observe(&inv->d, &g, &inv->version);
}

static int make_components(struct inventory *inv)
{
	const struct var *version = find(inv, "kube_version");
	struct ds_distro d = inv->d;
	struct ds_distro_value plugin;
	int r;

	if (version) {
		d.input = version->input;
		ds_distro_release(&d, version->node, NULL, &inv->version);
	}
	r = get(inv, "kube_network_plugin", "calico", &plugin);
	if (r == 0)
		r = find_ranges(inv);
	if (r == 0)
		r = make_apiserver(inv);
	if (r == 0)
		r = make_controller_manager(inv, &plugin);
	if (r == 0 && truth(inv, "kube_proxy_remove", NO) != YES)
		r = make_proxy(inv, &plugin);
	return r < 0 ? r : make_kubelet(inv);
}

/* ---- inventories ---- */

/* Ansible: the group `all` first, then the groups; of one group by name. What comes later wins. */
static int rank(const char *name)
{
	if (in_folder(name, "group_vars/all"))
		return 0;
	return in_folder(name, "group_vars/k8s") || !in_folder(name, "group_vars/") ? 1 : 2;
}

static int by_precedence(const void *a, const void *b)
{
	const struct ds_vars_file *const *x = a, *const *y = b;
	int r = rank((*x)->input->name) - rank((*y)->input->name);

	return r ? r : strcmp((*x)->input->name, (*y)->input->name);
}

/* The folder that group_vars is in; a file that is in none is an inventory of its own. */
static struct ds_str inventory_of(const char *name)
{
	struct ds_str s = ds_str_from(name);
	size_t at = ds_str_search(s, DS_STR("group_vars/"));

	if (at == s.n)
		return s;
	return at > 1 ? ds_str_head(s, at - 1) : DS_STR(".");
}

static int add_file(struct ds_facts *f, struct ds_map *inventories, const struct ds_vars_file *file)
{
	struct ds_arena *a = f->ctx->arena;
	struct ds_str key;
	struct inventory *inv;

	if (ds_arena_str(a, inventory_of(file->input->name), &key) < 0)
		return DS_ENOMEM;
	inv = ds_map_get(inventories, key);
	if (!inv) {
		inv = ds_arena_new_obj(a, struct inventory);
		if (!inv || ds_map_put(inventories, key, inv) < 0)
			return DS_ENOMEM;
		ds_map_init(&inv->vars, a);
	}
	return ds_vec_push(a, &inv->files, file);
}

static int read_file(struct ds_facts *f, struct inventory *inv, const struct ds_vars_file *file)
{
	inv->has_all |= rank(file->input->name) == 0;
	for (size_t i = 0; i < file->root->n; i++) {
		const struct ds_yaml_pair *p = &file->root->pairs[i];
		struct var *var;

		if (p->key->kind != DS_YAML_SCALAR)
			continue;
		var = ds_arena_new_obj(f->ctx->arena, struct var);
		if (!var)
			return DS_ENOMEM;
		*var = (struct var){file->input, p->value};
		if (ds_map_put(&inv->vars, p->key->text, var) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

static int finish_inventory(struct ds_facts *f, struct ds_str host, struct inventory *inv)
{
	static const char *const ranges[] = {
		"kube_pods_subnet", "kube_service_addresses", "kube_pods_subnet_ipv6", "kube_service_addresses_ipv6",
		"kube_network_plugin",
	};
	const struct var *main = NULL;
	int r = 0;

	qsort(inv->files.v, inv->files.n, sizeof(*inv->files.v), by_precedence);
	for (size_t i = 0; r == 0 && i < inv->files.n; i++)
		r = read_file(f, inv, inv->files.v[i]);
	for (size_t i = 0; !main && i < DS_ARRAY_SIZE(ranges); i++)
		main = find(inv, ranges[i]);
	if (r < 0)
		return r;
	/* The file with the ranges stands for the inventory. */
	inv->d = ds_distro_of(f, main ? main->input : inv->files.v[0]->input, NULL, "kubespray", DS_SOURCE_KUBESPRAY);
	inv->d.loc.line = inv->d.loc.column = 1;
	inv->d.host = host.p;
	return make_components(inv);
}

int ds_kubespray_finish(struct ds_facts *f)
{
	struct ds_pending *p = f->pending;
	struct ds_map inventories;
	int r = 0;

	ds_map_init(&inventories, f->ctx->arena);
	for (size_t i = 0; r == 0 && i < p->kubespray.n; i++)
		r = add_file(f, &inventories, &p->kubespray.v[i]);
	for (size_t i = 0; r == 0 && i < inventories.n; i++)
		r = finish_inventory(f, inventories.entries[i].key, inventories.entries[i].value);
	return r;
}
