#include "model/server.h"

#include "base/err.h"
#include "kube/gates.h"
#include "kube/goflag.h"
#include "yaml/scalar.h"

static const struct ds_cmdline *api_server(const struct ds_cluster *c)
{
	for (size_t i = 0; i < c->components.n; i++)
		if (c->components.v[i]->observed->component == DS_KUBE_APISERVER)
			return &c->components.v[i]->observed->cmdline;
	return NULL;
}

static enum ds_service_gate gate(const struct ds_cmdline *cl, unsigned minor, const char *name)
{
	enum ds_gate_value v = cl ? ds_gate_enabled(cl, DS_KUBE_APISERVER, minor, name) : DS_GATE_UNKNOWN;

	return v == DS_GATE_UNKNOWN ? DS_SERVICE_GATE_DEFAULT : v == DS_GATE_ON ? DS_SERVICE_GATE_ON
										: DS_SERVICE_GATE_OFF;
}

bool ds_cluster_server(const struct ds_cluster *c, struct ds_service_cluster *ret, const char **reterr)
{
	const struct ds_cmdline *cl = api_server(c);
	const struct ds_ranges *r = &c->services;
	unsigned minor = ds_kube_version_nearest(&c->version);

	*ret = (struct ds_service_cluster){
		.minor = minor,
		.dual_stack = gate(cl, minor, "IPv6DualStack"),
		.multi_cidr = gate(cl, minor, "MultiCIDRServiceAllocator"),
		.strict_ip = gate(cl, minor, "StrictIPCIDRValidation"),
		.relaxed_name = gate(cl, minor, "RelaxedServiceNameValidation"),
	};
	if (!r->known || r->n == 0 || r->n > 2 || (r->n == 2 && r->v[0].ip.family == r->v[1].ip.family)) {
		*reterr = !r->known ? r->reason : "the Service ranges are not a valid set";
		return false;
	}
	ret->n_ranges = r->n;
	for (size_t i = 0; i < r->n; i++)
		ret->ranges[i] = r->v[i];
	ret->service_cidrs = c->service_network.cidrs;
	ret->n_service_cidrs = c->service_network.n;
	ret->node_port_first = c->service_network.node_port_first;
	ret->node_port_last = c->service_network.node_port_last;
	return true;
}

/* ---- what else than the ranges decides ---- */

static bool is_ready(const struct ds_yaml_node *object)
{
	const struct ds_yaml_node *conditions = ds_yaml_path(object, "status", "conditions", NULL);

	if (ds_yaml_path(object, "metadata", "deletionTimestamp", NULL))
		return false;
	for (size_t i = 0; conditions && conditions->kind == DS_YAML_SEQUENCE && i < conditions->n; i++) {
		struct ds_str type, status;

		if (ds_yaml_as_string(ds_yaml_get(conditions->items[i], "type"), &type) == 0 &&
		    ds_str_eqz(type, "Ready") &&
		    ds_yaml_as_string(ds_yaml_get(conditions->items[i], "status"), &status) == 0)
			return ds_str_eqz(status, "True");
	}
	return true;
}

static void add_cidrs(struct ds_service_network *n, const struct ds_yaml_node *object)
{
	const struct ds_yaml_node *list = ds_yaml_path(object, "spec", "cidrs", NULL);

	/* Validation admits one of each family. */
	for (size_t i = 0; list && list->kind == DS_YAML_SEQUENCE && i < DS_MIN(list->n, (size_t)2); i++) {
		struct ds_str text;

		if (ds_yaml_as_string(list->items[i], &text) == 0 &&
		    ds_cidr_parse(text, DS_IP_STRICT, &n->cidrs[n->n]) == 0)
			n->n++;
	}
}

static int node_ports(struct ds_arena *a, const struct ds_cmdline *cl, struct ds_service_network *n)
{
	const struct ds_flag_use *use = cl ? ds_cmdline_last(cl, "service-node-port-range") : NULL;
	unsigned base, size;
	const char *why;
	int r;

	if (!use || use->unresolved)
		return 0;
	r = ds_go_port_range(a, use->value, &base, &size, &why);
	if (r < 0 || size == 0)
		return r == DS_ENOMEM ? r : 0;
	n->node_port_first = (uint16_t)base;
	n->node_port_last = (uint16_t)(base + size - 1);
	return 0;
}

int ds_cluster_service_network(struct ds_arena *a, struct ds_cluster *c)
{
	struct ds_service_network *n = &c->service_network;
	size_t objects = 0;
	bool has_default = false;

	for (size_t i = 0; i < c->objects.n; i++)
		objects += strcmp(c->objects.v[i]->kind, "ServiceCIDR") == 0;
	if (objects) {
		n->cidrs = ds_arena_new_array(a, 2 * objects + c->services.n, struct ds_cidr);
		if (!n->cidrs)
			return DS_ENOMEM;
		for (size_t i = 0; i < c->objects.n; i++) {
			const struct ds_object *o = c->objects.v[i];

			if (strcmp(o->kind, "ServiceCIDR") != 0)
				continue;
			has_default |= strcmp(o->name, "kubernetes") == 0;
			if (is_ready(o->node))
				add_cidrs(n, o->node);
		}
		for (size_t i = 0; !has_default && c->services.known && i < c->services.n; i++)
			n->cidrs[n->n++] = c->services.v[i];
	}
	return node_ports(a, api_server(c), n);
}
