#include "collect/distro/openshift.h"

#include "base/buf.h"
#include "collect/distro/distro.h"
#include "net/ip.h"
#include "yaml/scalar.h"

/* Lists longer than this have no meaning, and are compared pair by pair. */
#define NETWORKS 32

struct net {
	const struct ds_yaml_node *node; /* of the network's text */
	struct ds_cidr cidr;
	bool valid;
};

struct nets {
	const char *field;               /* "machineNetwork" */
	const struct ds_yaml_node *list; /* or NULL */
	struct net v[NETWORKS];
	size_t n;
	bool has[2];
};

enum { MACHINE, SERVICE, CLUSTER, N_LISTS };

struct cluster {
	struct ds_distro d;
	const struct ds_yaml_node *networking;
	struct nets lists[N_LISTS];
	struct ds_distro_value pods, services, ports;
};

/* ---- what the installer refuses ---- */

static int invalid(const struct cluster *c, const struct ds_yaml_node *at, const char *path, struct ds_str value,
		   const char *why)
{
	struct ds_loc loc = ds_distro_loc(&c->d, at);

	return ds_distro_refuse(&c->d, &loc, "networking.%s: Invalid value: \"%.*s\": %s", path, DS_STR_ARG(value),
				why);
}

static bool overlap(const struct net *a, const struct net *b)
{
	return a->valid && b->valid && ds_cidr_overlaps(&a->cidr, &b->cidr);
}

static const char *path_of(const struct cluster *c, int list, size_t i)
{
	return ds_arena_printf(c->d.f->ctx->arena, "%s[%zu]%s", c->lists[list].field, i,
			       list == CLUSTER ? ".cidr" : "");
}

/* pkg/validate/validate.go:SubnetCIDR */
static int check_network(const struct cluster *c, const struct net *n, const char *path)
{
	char got[DS_CIDR_TEXT], want[DS_CIDR_TEXT];
	struct ds_cidr net = ds_cidr_masked(&n->cidr);
	const char *why;

	if (!n->valid)
		return invalid(c, n->node, path, n->node->kind == DS_YAML_SCALAR ? n->node->text : (struct ds_str){0},
			       "invalid CIDR address");
	if (ds_ip_is_unspecified(&n->cidr.ip))
		return invalid(c, n->node, path, n->node->text, "address must be specified");
	if (!ds_cidr_has_host_bits(&n->cidr))
		return 0;
	why = ds_arena_printf(c->d.f->ctx->arena, "invalid network address. got %s, expecting %s",
			      ds_cidr_format(&n->cidr, got), ds_cidr_format(&net, want));
	return why ? invalid(c, n->node, path, n->node->text, why) : DS_ENOMEM;
}

/* Each network against those before it in its own list and all of the lists before. */
static int check_overlaps(const struct cluster *c, int list, size_t i, const char *path)
{
	static const char *const names[] = {"machine network", "service network", "cluster network"};
	const struct net *n = &c->lists[list].v[i];

	for (int other = 0; other <= list; other++) {
		const struct nets *o = &c->lists[other];

		for (size_t k = 0; k < (other == list ? i : o->n); k++) {
			const char *why;
			int r;

			if (!overlap(n, &o->v[k]))
				continue;
			if (other == MACHINE && list != MACHINE)
				why = ds_arena_printf(c->d.f->ctx->arena,
						      "%s must not overlap with any of the machine networks",
						      names[list]);
			else
				why = ds_arena_printf(c->d.f->ctx->arena, "%s must not overlap with %s %zu",
						      names[list], names[other], k);
			r = why ? invalid(c, n->node, path, n->node->text, why) : DS_ENOMEM;
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* pkg/types/validation/installconfig.go:validateClusterNetwork */
static int check_host_prefix(const struct cluster *c, size_t i)
{
	const struct net *n = &c->lists[CLUSTER].v[i];
	const struct ds_yaml_node *entry = c->lists[CLUSTER].list->items[i], *node = ds_yaml_get(entry, "hostPrefix");
	const char *path = ds_arena_printf(c->d.f->ctx->arena, "clusterNetwork[%zu].hostPrefix", i), *why = NULL;
	struct ds_loc loc = ds_distro_loc(&c->d, node);
	int64_t prefix;

	if (!path)
		return DS_ENOMEM;
	/* Without one the installer's default is /23, and /64 for IPv6. */
	if (!n->valid || !node || ds_yaml_as_int(node, 32, &prefix) < 0)
		return 0;
	if (prefix < 0)
		why = "hostPrefix must be positive";
	else if (prefix < n->cidr.bits)
		why = ds_arena_printf(c->d.f->ctx->arena,
				      "cluster network host subnetwork prefix must not be larger size than CIDR %.*s",
				      DS_STR_ARG(n->node->text));
	else if (n->cidr.ip.family == DS_IPV6 && prefix != 64)
		why = "cluster network host subnetwork prefix must be 64 for IPv6 networks";
	else
		return 0;
	return why ? ds_distro_refuse(&c->d, &loc, "networking.%s: Invalid value: %lld: %s", path, (long long)prefix,
				      why)
		   : DS_ENOMEM;
}

/* The texts of a list as the installer prints them. */
static int joined(const struct cluster *c, const struct nets *l, struct ds_str *ret)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	for (size_t i = 0; i < l->n; i++)
		ds_buf_printf(&b, "%s%.*s", i ? ", " : "", DS_STR_ARG(l->v[i].node->text));
	return b.err < 0 ? DS_ENOMEM : ds_arena_str(c->d.f->ctx->arena, ds_buf_str(&b), ret);
}

/* Platforms on which IPv6 may come first. */
static bool may_begin_with_v6(const struct ds_yaml_node *root)
{
	static const char *const platforms[] = {"platform.baremetal", "platform.vsphere", "platform.openstack",
						"platform.ovirt",     "platform.nutanix", "platform.none",
						"platform.external"};

	for (size_t i = 0; i < DS_ARRAY_SIZE(platforms); i++)
		if (ds_yaml_field(root, platforms[i]))
			return true;
	return false;
}

/* pkg/types/validation/installconfig.go:validateNetworkingIPVersion, for what does not depend on its release. */
static int check_families(const struct cluster *c, const struct ds_yaml_node *root)
{
	const struct nets *services = &c->lists[SERVICE];
	const struct ds_yaml_node *type = ds_yaml_get(c->networking, "networkType");
	bool sdn = type && type->kind == DS_YAML_SCALAR && ds_str_eqz(type->text, "OpenShiftSDN");
	bool dual = services->has[0] && services->has[1];
	struct ds_str text;
	int r = 0;

	if (sdn && services->has[1])
		r = invalid(c, type, "networkType", type->text,
			    dual ? "dual-stack IPv4/IPv6 is not supported for this networking plugin"
				 : "IPv6 is not supported for this networking plugin");
	if (r == 0 && joined(c, services, &text) < 0)
		return DS_ENOMEM;
	if (r == 0 && dual && services->n != 2)
		r = invalid(c, services->list, "serviceNetwork", text,
			    "when installing dual-stack IPv4/IPv6 you must provide two service networks, one for each "
			    "IP address type");
	if (r == 0 && !dual && services->has[0] && services->n > 1)
		r = invalid(c, services->list, "serviceNetwork", text, "only one service network can be specified");
	for (size_t i = 0; r == 0 && dual && i < N_LISTS; i++) {
		const struct nets *l = &c->lists[i];

		if (joined(c, l, &text) < 0)
			return DS_ENOMEM;
		if (l->has[0] != l->has[1])
			r = invalid(c, l->list, l->field, text,
				    l->has[0] ? "dual-stack IPv4/IPv6 requires an IPv6 network in this list"
					      : "dual-stack IPv4/IPv6 requires an IPv4 network in this list");
		else if (l->n && l->v[0].valid && l->v[0].cidr.ip.family == DS_IPV6 && !may_begin_with_v6(root))
			r = invalid(c, l->list, l->field, text, "IPv4 addresses must be listed before IPv6 addresses");
	}
	return r;
}

static int check(const struct cluster *c, const struct ds_yaml_node *root)
{
	int r = 0;

	for (int list = 0; list < N_LISTS; list++) {
		const struct nets *l = &c->lists[list];

		for (size_t i = 0; r == 0 && i < l->n; i++) {
			const char *path = path_of(c, list, i);

			r = path ? check_network(c, &l->v[i], path) : DS_ENOMEM;
			if (r == 0)
				r = check_overlaps(c, list, i, path);
			if (r == 0 && list == CLUSTER)
				r = check_host_prefix(c, i);
		}
	}
	return r < 0 ? r : check_families(c, root);
}

/* ---- reading ---- */

/* field: of the entries' mapping, or NULL when they are texts. */
static void read_list(struct cluster *c, int which, const struct ds_yaml_node *owner, const char *name,
		      const char *field)
{
	struct nets *l = &c->lists[which];

	l->field = name;
	l->list = ds_yaml_get(owner, name);
	if (!l->list || l->list->kind != DS_YAML_SEQUENCE)
		return;
	for (size_t i = 0; i < l->list->n && l->n < NETWORKS; i++) {
		const struct ds_yaml_node *n = l->list->items[i];
		struct net *net = &l->v[l->n];

		if (field && n->kind == DS_YAML_MAPPING)
			n = ds_yaml_get(n, field);
		net->node = n ? n : l->list->items[i];
		net->valid = n && n->kind == DS_YAML_SCALAR && ds_cidr_parse(n->text, DS_IP_STRICT, &net->cidr) == 0;
		if (net->valid)
			l->has[net->cidr.ip.family == DS_IPV6] = true;
		l->n++;
	}
}

/* A list as flags have it; its place is its first network that is none, else its first. */
static int list_value(const struct cluster *c, const struct nets *l, struct ds_distro_value *v)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	for (size_t i = 0; i < l->n; i++) {
		if (!v->loc.input || !l->v[i].valid)
			v->loc = ds_distro_loc(&c->d, l->v[i].node);
		ds_buf_printf(
		    &b, "%s%.*s", i ? "," : "",
		    DS_STR_ARG(l->v[i].node->kind == DS_YAML_SCALAR ? l->v[i].node->text : (struct ds_str){0}));
		if (!l->v[i].valid)
			break;
	}
	if (b.err < 0)
		return DS_ENOMEM;
	return b.n ? ds_arena_str(c->d.f->ctx->arena, ds_buf_str(&b), &v->text) : 0;
}

static int make_components(const struct cluster *c)
{
	struct ds_generated api = ds_distro_start(&c->d, DS_KUBE_APISERVER),
			    kcm = ds_distro_start(&c->d, DS_KUBE_CONTROLLER_MANAGER),
			    let = ds_distro_start(&c->d, DS_KUBELET);
	struct ds_distro unseen = c->d; /* what else the operators pass is not here */
	const struct ds_distro_flag flags[] = {
	    {"service-cluster-ip-range", NULL,                    &c->services},
	    {"service-node-port-range",  NULL,                    &c->ports   },
	    {"advertise-address",        "${the host's address}", NULL        },
	};
	const struct ds_distro_flag kcm_flags[] = {
	    {"allocate-node-cidrs",      "false", NULL        },
	    {"cluster-cidr",             NULL,    &c->pods    },
	    {"service-cluster-ip-range", NULL,    &c->services},
	};
	int r = ds_distro_addn(&c->d, &api, flags, DS_ARRAY_SIZE(flags));

	unseen.partial = true;
	if (r == 0)
		r = ds_distro_observe(&unseen, &api, NULL);
	if (r == 0)
		r = ds_distro_addn(&c->d, &kcm, kcm_flags, DS_ARRAY_SIZE(kcm_flags));
	if (r == 0)
		r = ds_distro_observe(&unseen, &kcm, NULL);
	if (r == 0)
		r = ds_distro_addz(&c->d, &let, "node-ip", "${the host's addresses}");
	if (r == 0)
		r = ds_distro_dns(&c->d, &let, &c->services, 10, false);
	return r < 0 ? r : ds_distro_observe(&unseen, &let, NULL);
}

static int read_networks(struct cluster *c, const struct ds_yaml_node *owner)
{
	int r;

	c->networking = owner;
	read_list(c, MACHINE, owner, "machineNetwork", "cidr");
	read_list(c, SERVICE, owner, "serviceNetwork", NULL);
	read_list(c, CLUSTER, owner, "clusterNetwork", "cidr");
	r = list_value(c, &c->lists[SERVICE], &c->services);
	if (r == 0)
		r = list_value(c, &c->lists[CLUSTER], &c->pods);
	return r < 0 ? r : ds_distro_take(&c->d, owner, "serviceNodePortRange", &c->ports);
}

static struct cluster *new_cluster(struct ds_facts *f, const struct ds_input *input, const struct ds_yaml_node *root)
{
	struct cluster *c = ds_arena_new_obj(f->ctx->arena, struct cluster);

	if (c)
		c->d = ds_distro_of(f, input, root, "OpenShift", DS_SOURCE_OPENSHIFT);
	return c;
}

int ds_openshift_network_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object)
{
	struct cluster *c = new_cluster(f, src->input, object);
	const struct ds_yaml_node *status = ds_yaml_get(object, "status");
	int r;

	if (!c)
		return DS_ENOMEM;
	if (src->host)
		c->d.host = src->host;
	/* What is in effect is in the status; until the operators have read the object there is none. */
	r = read_networks(c, ds_yaml_get(status, "serviceNetwork") ? status : ds_yaml_get(object, "spec"));
	if (r < 0 || (c->lists[SERVICE].n == 0 && c->lists[CLUSTER].n == 0))
		return r;
	return make_components(c);
}

static bool is_install_config(const struct ds_yaml_node *root)
{
	static const char *const beside[] = {"baseDomain", "pullSecret", "controlPlane", "platform"};
	const struct ds_yaml_node *api = ds_yaml_get(root, "apiVersion");

	if (!api || api->kind != DS_YAML_SCALAR || !ds_str_eqz(api->text, "v1") || ds_yaml_get(root, "kind") ||
	    !ds_yaml_get(root, "networking"))
		return false;
	for (size_t i = 0; i < DS_ARRAY_SIZE(beside); i++)
		if (ds_yaml_get(root, beside[i]))
			return true;
	return false;
}

int ds_openshift_detect(const struct ds_collector *self, const struct ds_probe *p)
{
	if (p->yaml && p->yaml->n && is_install_config(p->yaml->docs[0].root))
		return 90;
	return ds_documents_detect(self, p);
}

int ds_openshift_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p)
{
	const struct ds_yaml_node *root = p->yaml && p->yaml->n ? p->yaml->docs[0].root : NULL;
	struct ds_doc_tally tally = {.used = 1};
	struct cluster *c;
	int r;

	if (!is_install_config(root))
		return ds_documents_collect_input(f, input, p);
	c = new_cluster(f, input, root);
	if (!c)
		return DS_ENOMEM;
	r = read_networks(c, ds_yaml_get(root, "networking"));
	/* pkg/types/defaults/installconfig.go */
	if (c->lists[CLUSTER].n == 0)
		c->pods.text = DS_STR("10.128.0.0/14");
	if (c->lists[SERVICE].n == 0)
		c->services.text = DS_STR("172.30.0.0/16");
	if (r == 0)
		r = check(c, root);
	if (r == 0)
		r = make_components(c);
	return r < 0 ? r : ds_documents_conclude(f, input, &tally, p->yaml_result, p->first_diag);
}
