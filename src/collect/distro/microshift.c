#include "collect/distro/microshift.h"

#include <stdlib.h>

#include "base/map.h"
#include "collect/distro/distro.h"
#include "collect/documents.h"
#include "collect/path_index.h"
#include "collect/pending.h"
#include "net/ip.h"
#include "yaml/scalar.h"

int ds_microshift_detect(const struct ds_collector *self, const struct ds_probe *p)
{
	static const char *const ours[] = {"network.clusterNetwork",
					   "network.serviceNetwork",
					   "network.serviceNodePortRange",
					   "network.cniPlugin",
					   "node.nodeIP",
					   "node.nodeIPv6",
					   "apiServer.advertiseAddress"};
	/* In its own folder these are enough. */
	static const char *const more[] = {"network", "node", "apiServer", "dns",
					   "kubelet", "etcd", "debugging", "ingress"};
	const struct ds_yaml_node *root = p->yaml && p->yaml->n ? p->yaml->docs[0].root : NULL;
	struct ds_str name = ds_str_from(p->name);

	(void)self;
	if (!root || root->kind != DS_YAML_MAPPING || ds_yaml_get(root, "kind") || ds_yaml_get(root, "apiVersion"))
		return 0;
	for (size_t i = 0; i < DS_ARRAY_SIZE(ours); i++)
		if (ds_yaml_field(root, ours[i]))
			return 52;
	for (size_t i = 0; ds_str_search(name, DS_STR("microshift/")) < name.n && i < DS_ARRAY_SIZE(more); i++)
		if (ds_yaml_get(root, more[i]))
			return 52;
	return 0;
}

int ds_microshift_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p)
{
	struct ds_vars_file file = {.input = input, .root = p->yaml && p->yaml->n ? p->yaml->docs[0].root : NULL};
	struct ds_doc_tally tally = {.used = file.root && file.root->kind == DS_YAML_MAPPING, .other = 1};

	if (tally.used && (!ds_pending(f) || ds_vec_push(f->ctx->arena, &f->pending->microshift, file) < 0))
		return DS_ENOMEM;
	return ds_documents_conclude(f, input, &tally, p->yaml_result, p->first_diag);
}

/* ---- one host's configuration ---- */

struct config {
	struct ds_distro d;
	DS_VEC(const struct ds_vars_file *) files;
	struct ds_distro_value pods, services, node_ip, node_ip6, advertise, ports, port, name;
	bool dual;
};

/* Files merge field by field, lists as a whole: the last file that has a field decides. *d: for its place. */
static const struct ds_yaml_node *find(const struct config *c, const char *path, struct ds_distro *d)
{
	for (size_t i = c->files.n; i-- > 0;) {
		const struct ds_yaml_node *n = ds_yaml_field(c->files.v[i]->root, path);

		d->input = c->files.v[i]->input;
		if (n)
			return ds_yaml_is_null(n) || (n->kind == DS_YAML_SEQUENCE && n->n == 0) ? NULL : n;
	}
	return NULL;
}

static int take(const struct config *c, const char *path, const char *fallback, struct ds_distro_value *v)
{
	struct ds_distro d = c->d;

	*v = (struct ds_distro_value){.text = ds_str_from(fallback)};
	return ds_distro_take(&d, find(c, path, &d), NULL, v);
}

/* ---- what MicroShift refuses ---- */

static size_t split(struct ds_str list, struct ds_str parts[3])
{
	bool done = false;
	size_t n = 0;

	while (n < 3 && ds_distro_next(&list, &done, &parts[n]))
		n++;
	return n;
}

/* pkg/config/config.go:validateNetworkStack; it stops at the first. */
static int check(struct config *c)
{
	struct ds_str pods[3], services[3];
	size_t n = split(c->services.text, services), families[2] = {0};
	struct ds_cidr s, p;
	struct ds_ip ip;

#define REFUSE(value, ...) ds_distro_refuse(&c->d, &(value).loc, "error validating networks: " __VA_ARGS__)
	if (split(c->pods.text, pods) != n)
		return REFUSE(c->services,
			      "network.serviceNetwork and network.clusterNetwork have different cardinality");
	if (n > 2)
		return REFUSE(c->services, "network.serviceNetwork can not have more than 2 entries");
	for (size_t i = 0; i < n; i++) {
		if (ds_str_starts(services[i], "${") || ds_str_starts(pods[i], "${"))
			return 0;
		if (ds_cidr_parse(services[i], DS_IP_STRICT, &s) < 0)
			return REFUSE(c->services,
				      "invalid format in network.ServiceNetwork[%zu]: invalid CIDR address: %.*s", i,
				      DS_STR_ARG(services[i]));
		if (ds_cidr_parse(pods[i], DS_IP_STRICT, &p) < 0)
			return REFUSE(c->pods,
				      "invalid format in network.ClusterNetwork[%zu]: invalid CIDR address: %.*s", i,
				      DS_STR_ARG(pods[i]));
		if (s.ip.family != p.ip.family)
			return REFUSE(
			    c->services,
			    "mismatched IP families in network.ServiceNetwork[%zu] and network.ClusterNetwork[%zu]", i,
			    i);
		families[s.ip.family == DS_IPV6]++;
	}
	if (families[0] > 1 || families[1] > 1)
		return REFUSE(c->services,
			      "invalid number of entries of the same IP family in network.serviceNetwork and "
			      "network.clusterNetwork");
	c->dual = families[0] && families[1];
	if (c->advertise.loc.input && ds_ip_parse(c->advertise.text, DS_IP_STRICT, &ip) == 0 &&
	    ds_cidr_parse(services[0], DS_IP_STRICT, &s) == 0 && ip.family != s.ip.family)
		return REFUSE(c->advertise, "invalid IP family in apiServer.AdvertiseAddress: does not match first "
					    "network.ServiceNetwork IP family");
#undef REFUSE
	if (c->node_ip6.loc.input && !c->dual)
		return ds_distro_refuse(
		    &c->d, &c->node_ip6.loc,
		    "error validating node.nodeIPv6: dual stack not detected, address must not be configured");
	if (c->node_ip6.loc.input && (ds_ip_parse(c->node_ip6.text, DS_IP_STRICT, &ip) < 0 || ip.family != DS_IPV6))
		return ds_distro_refuse(&c->d, &c->node_ip6.loc, "error validating node.nodeIPv6: address %.*s %s",
					DS_STR_ARG(c->node_ip6.text),
					ds_ip_parse(c->node_ip6.text, DS_IP_STRICT, &ip) < 0 ? "is not valid"
											     : "must be ipv6");
	return 0;
}

/* ---- components ---- */

/* Not given: the address after the first Service range's last. */
static int find_advertise(struct config *c)
{
	struct ds_str first = ds_str_head(c->services.text, ds_str_find(c->services.text, ','));
	char text[DS_IP_TEXT];
	struct ds_cidr cidr;
	struct ds_ip ip;

	if (c->advertise.text.n)
		return 0;
	c->advertise.loc = c->services.loc;
	c->advertise.text = DS_STR("${the address after the Service range}");
	if (ds_cidr_parse(first, DS_IP_STRICT, &cidr) < 0)
		return 0;
	ip = ds_cidr_last(&cidr);
	if (!ds_ip_add(&ip, (struct ds_u128){.lo = 1}, &ip))
		return 0;
	return ds_arena_str(c->d.f->ctx->arena, ds_str_from(ds_ip_format(&ip, text)), &c->advertise.text);
}

static int make_control_plane(const struct config *c)
{
	struct ds_generated api = ds_distro_start(&c->d, DS_KUBE_APISERVER),
			    kcm = ds_distro_start(&c->d, DS_KUBE_CONTROLLER_MANAGER);
	const struct ds_distro_flag flags[] = {
	    {"service-cluster-ip-range",        NULL,                       &c->services },
	    {"advertise-address",               NULL,                       &c->advertise},
	    {"bind-address",                    "0.0.0.0",                  NULL         },
	    {"secure-port",                     NULL,                       &c->port     },
	    {"service-node-port-range",         NULL,                       &c->ports    },
	    {"kubelet-preferred-address-types", "Hostname,InternalIP",      NULL         },
	    {"etcd-servers",                    "${MicroShift's own etcd}", NULL         },
	};
	const struct ds_distro_flag kcm_flags[] = {
	    {"allocate-node-cidrs",      "true", NULL        },
	    {"cluster-cidr",             NULL,   &c->pods    },
	    {"service-cluster-ip-range", NULL,   &c->services},
	};
	int r = ds_distro_addn(&c->d, &api, flags, DS_ARRAY_SIZE(flags));

	if (r == 0)
		r = ds_distro_observe(&c->d, &api, NULL);
	if (r == 0)
		r = ds_distro_addn(&c->d, &kcm, kcm_flags, DS_ARRAY_SIZE(kcm_flags));
	return r < 0 ? r : ds_distro_observe(&c->d, &kcm, NULL);
}

static int make_kubelet(const struct config *c)
{
	struct ds_generated g = ds_distro_start(&c->d, DS_KUBELET);
	struct ds_distro d = c->d;
	const struct ds_yaml_node *config = find(c, "kubelet", &d);
	struct ds_distro_value ips = c->node_ip;
	const char *text;
	int r;

	if (c->node_ip6.text.n || c->dual) {
		text = ds_arena_printf(
		    d.f->ctx->arena, "%.*s,%.*s", DS_STR_ARG(ips.text),
		    DS_STR_ARG(c->node_ip6.text.n ? c->node_ip6.text : DS_STR("${the host's IPv6 address}")));
		if (!text)
			return DS_ENOMEM;
		ips.text = ds_str_from(text);
		if (!ips.loc.input)
			ips.loc = c->node_ip6.loc;
	}
	r = ds_distro_add(&d, &g, "node-ip", &ips);
	if (r == 0)
		r = ds_distro_add(&d, &g, "hostname-override", &c->name);
	if (r == 0)
		r = ds_distro_dns(&d, &g, &c->services, 10, false);
	if (r == 0)
		r = ds_distro_fields(&d, &g, config);
	return r < 0 ? r : ds_distro_observe(&c->d, &g, NULL);
}

/* The defaults follow the node's address, which the host decides when it is not given. */
static int read_config(struct config *c)
{
	const char *pods = "${10.42.0.0/16, or fd01::/48 on a host of IPv6}",
		   *services = "${10.43.0.0/16, or fd02::/112 on a host of IPv6}";
	struct ds_ip ip;
	int r = take(c, "node.nodeIP", "${the host's address}", &c->node_ip);

	if (c->node_ip.loc.input && ds_ip_parse(c->node_ip.text, DS_IP_STRICT, &ip) == 0) {
		pods = ip.family == DS_IPV6 ? "fd01::/48" : "10.42.0.0/16";
		services = ip.family == DS_IPV6 ? "fd02::/112" : "10.43.0.0/16";
	}
	if (r == 0)
		r = take(c, "node.nodeIPv6", "", &c->node_ip6);
	if (r == 0)
		r = take(c, "node.hostnameOverride", "", &c->name);
	if (r == 0)
		r = take(c, "network.clusterNetwork", pods, &c->pods);
	if (r == 0)
		r = take(c, "network.serviceNetwork", services, &c->services);
	if (r == 0)
		r = take(c, "network.serviceNodePortRange", "30000-32767", &c->ports);
	if (r == 0)
		r = take(c, "apiServer.advertiseAddress", "", &c->advertise);
	if (r == 0)
		r = take(c, "apiServer.port", "6443", &c->port);
	return r;
}

/* ---- which files are one host's ---- */

/* "etc/microshift" of its config.yaml and of the files of its config.d. */
static struct ds_str base_of(const char *name, bool *ret_dropin)
{
	struct ds_str folder = ds_path_folder(name), last = ds_str_basename(folder);

	*ret_dropin = ds_str_eqz(last, "config.d");
	if (!*ret_dropin)
		return folder;
	return folder.n > last.n + 1 ? ds_str_head(folder, folder.n - last.n - 1) : DS_STR(".");
}

static int by_precedence(const void *a, const void *b)
{
	const struct ds_vars_file *const *x = a, *const *y = b;
	bool in_x, in_y;

	(void)base_of((*x)->input->name, &in_x);
	(void)base_of((*y)->input->name, &in_y);
	return in_x != in_y ? in_x - in_y : strcmp((*x)->input->name, (*y)->input->name);
}

static int add_file(struct ds_facts *f, struct ds_map *hosts, const struct ds_vars_file *file)
{
	struct ds_arena *a = f->ctx->arena;
	struct config *c;
	struct ds_str key;
	bool dropin;

	if (ds_arena_str(a, base_of(file->input->name, &dropin), &key) < 0)
		return DS_ENOMEM;
	c = ds_map_get(hosts, key);
	if (!c) {
		c = ds_arena_new_obj(a, struct config);
		if (!c || ds_map_put(hosts, key, c) < 0)
			return DS_ENOMEM;
	}
	return ds_vec_push(a, &c->files, file);
}

static int finish_host(struct ds_facts *f, struct ds_str host, struct config *c)
{
	int r;

	qsort(c->files.v, c->files.n, sizeof(*c->files.v), by_precedence);
	c->d = ds_distro_of(f, c->files.v[0]->input, c->files.v[0]->root, "MicroShift", DS_SOURCE_MICROSHIFT);
	c->d.host = host.p;
	r = read_config(c);
	if (r == 0)
		r = check(c);
	if (r == 0)
		r = find_advertise(c);
	if (r == 0)
		r = make_control_plane(c);
	return r < 0 ? r : make_kubelet(c);
}

int ds_microshift_finish(struct ds_facts *f)
{
	struct ds_pending *p = f->pending;
	struct ds_map hosts;
	int r = 0;

	ds_map_init(&hosts, f->ctx->arena);
	for (size_t i = 0; r == 0 && i < p->microshift.n; i++)
		r = add_file(f, &hosts, &p->microshift.v[i]);
	for (size_t i = 0; r == 0 && i < hosts.n; i++)
		r = finish_host(f, hosts.entries[i].key, hosts.entries[i].value);
	return r;
}
