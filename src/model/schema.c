#include "model/schema_priv.h"

#include "model/load_balancer.h"
#include "model/services.h"

int ds_schema_unknown(struct ds_arena *a, const char *reason, const struct ds_loc *loc, struct ds_cel_value *ret)
{
	struct ds_cel_error *e = ds_arena_new_obj(a, struct ds_cel_error);

	if (!e || !reason)
		return DS_ENOMEM;
	*e = (struct ds_cel_error){.message = reason, .missing = true};
	*ret = (struct ds_cel_value){.kind = DS_CEL_UNKNOWN, .loc = loc, .err = e};
	return 0;
}

const struct ds_loc *ds_schema_place(struct ds_arena *a, const struct ds_object *o, const struct ds_yaml_node *n)
{
	struct ds_loc *loc = ds_arena_new_obj(a, struct ds_loc);

	if (loc)
		*loc = ds_yaml_loc(a, o->input, n);
	return loc;
}

int ds_schema_family_list(struct ds_arena *a, const enum ds_family *v, size_t n, struct ds_cel_value *ret)
{
	struct ds_cel_value *items = ds_arena_new_array(a, n, struct ds_cel_value);

	if (!items)
		return DS_ENOMEM;
	for (size_t i = 0; i < n; i++)
		items[i] = ds_schema_string(ds_family_name(v[i]));
	*ret = ds_schema_list(items, n);
	return 0;
}

static int nodes_value(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, c->objects.n, struct ds_cel_value);
	size_t n = 0;

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < c->objects.n; i++) {
		if (strcmp(c->objects.v[i]->kind, "Node") != 0)
			continue;
		if (ds_schema_node(a, c->objects.v[i], &v[n++]) < 0)
			return DS_ENOMEM;
	}
	*ret = ds_schema_list(v, n);
	return 0;
}

static int hosts_value(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, c->hosts.n, struct ds_cel_value);

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < c->hosts.n; i++)
		v[i] = c->hosts.v[i]->value;
	*ret = ds_schema_list(v, c->hosts.n);
	return 0;
}

static int ranges_value(struct ds_arena *a, const struct ds_ranges *r, struct ds_cel_value *ret)
{
	struct ds_cel_value *v;

	if (!r->known)
		return ds_schema_unknown(a, r->reason, NULL, ret);
	v = ds_arena_new_array(a, r->n, struct ds_cel_value);
	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < r->n; i++)
		v[i] = (struct ds_cel_value){.kind = DS_CEL_CIDR, .loc = &r->loc, .cidr = r->v[i]};
	*ret = ds_schema_list(v, r->n);
	ret->loc = &r->loc;
	return 0;
}

static int families_value(struct ds_arena *a, const struct ds_families *f, struct ds_cel_value *ret)
{
	int r;

	if (!f->known)
		return ds_schema_unknown(a, f->reason, NULL, ret);
	r = ds_schema_family_list(a, f->v, f->n, ret);
	ret->loc = &f->loc;
	return r;
}

static int components_value(struct ds_arena *a, const struct ds_cluster *c, enum ds_component which,
			    struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, c->components.n, struct ds_cel_value);
	size_t n = 0;

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < c->components.n; i++)
		if (c->components.v[i]->observed->component == which)
			v[n++] = c->components.v[i]->value;
	*ret = ds_schema_list(v, n);
	return 0;
}

static int services_value(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	struct ds_services *s = ds_arena_new_obj(a, struct ds_services);
	int r = s ? ds_services_init(a, c, s) : DS_ENOMEM;

	c->service_judge = s;
	return r < 0 ? r : ds_services_value(a, s, ret);
}

static int name_value(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	(void)a;
	*ret = ds_schema_string(c->name);
	return 0;
}

static int minor_value(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	(void)a;
	*ret = ds_cel_int(c->version.minor);
	return 0;
}

static int service_ranges(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	return ranges_value(a, &c->services, ret);
}

static int service_families(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	return families_value(a, &c->service_families, ret);
}

static int pod_ranges(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	return ranges_value(a, &c->pods, ret);
}

static int pod_families(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	return families_value(a, &c->pod_families, ret);
}

static int node_families(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	return families_value(a, &c->node_families, ret);
}

/* ---- the cluster ---- */

static const struct ds_cel_type node_list = {.kind = DS_CEL_LIST, .elem = &ds_schema_node_cel};
static const struct ds_cel_type host_list = {.kind = DS_CEL_LIST, .elem = &ds_schema_host_cel};
static const struct ds_cel_type service_cel = {.kind = DS_CEL_OBJECT, .object = &ds_service_type};
static const struct ds_cel_type service_list = {.kind = DS_CEL_LIST, .elem = &service_cel};

/* What the cluster has beside its lists of components, which come first. */
static const struct cluster_row {
	struct ds_cel_field field;
	int (*value)(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret);
} cluster_rows[] = {
	{{"name", &ds_cel_type_string, "the cluster's name in the report"}, name_value},
	{{"minor", &ds_cel_type_int, "Kubernetes minor version"}, minor_value},
	{{"nodes", &node_list, "Node objects"}, nodes_value},
	{{"hosts", &host_list, "hosts that were looked at or are in a bundle"}, hosts_value},
	{{"cniConfigs", &ds_schema_cni_list, "network plugins' configurations: files and ConfigMaps"}, ds_schema_cni},
	{{"ipPools", &ds_schema_pool_list, "Calico's IPPool objects"}, ds_schema_pools},
	{{"services", &service_list, "Service objects"}, services_value},
	{{"nodePortClashes", &ds_schema_port_clash_list, "node ports that two Services ask for"},
	 ds_schema_port_clashes},
	{{"endpoints", &ds_schema_endpoints_list, "endpoints by Service, from EndpointSlices"}, ds_schema_endpoints},
	{{"podCIDRClashes", &ds_schema_block_clash_list, "pod blocks that two Nodes share"}, ds_schema_block_clashes},
	{{"manifestCopies", &ds_schema_copy_list, "components with two manifests in one folder of static Pods"},
	 ds_schema_copies},
	{{"serviceCIDRObjects", &ds_schema_service_cidr_list, "ServiceCIDR objects"}, ds_schema_service_cidrs},
	{{"networkPolicies", &ds_schema_policy_list, "NetworkPolicy objects"}, ds_schema_policies},
	{{"workloads", &ds_schema_workload_list, "Pods, and what makes Pods"}, ds_schema_workloads},
	{{"webhooks", &ds_schema_webhook_list, "admission webhooks with a url"}, ds_schema_webhooks},
	{{"ingressSettings", &ds_schema_ingress_setting_list, "settings of ingress-nginx about IPv6"},
	 ds_schema_ingress_settings},
	{{"serviceCIDRs", &ds_cel_type_list_cidr, "Service ranges of the cluster, primary first"}, service_ranges},
	{{"serviceFamilies", &ds_cel_type_list_string, "their families"}, service_families},
	{{"podCIDRs", &ds_cel_type_list_cidr, "pod ranges of the cluster"}, pod_ranges},
	{{"podFamilies", &ds_cel_type_list_string, "their families"}, pod_families},
	{{"nodeFamilies", &ds_cel_type_list_string, "families of the nodes' addresses"}, node_families},
};

int ds_schema_init(struct ds_arena *a, struct ds_schema *ret)
{
	size_t n_lists = ds_schema_n_components, n = n_lists + DS_ARRAY_SIZE(cluster_rows);
	struct ds_cel_object_type *cluster = ds_arena_new_obj(a, struct ds_cel_object_type);
	struct ds_cel_field *f = ds_arena_new_array(a, n, struct ds_cel_field);
	struct ds_cel_type *types = ds_arena_new_array(a, 2 * n_lists, struct ds_cel_type);

	*ret = (struct ds_schema){.node = &ds_schema_node_type, .cluster = cluster};
	if (!cluster || !f || !types)
		return DS_ENOMEM;
	for (size_t i = 0; i < n_lists; i++) {
		const struct ds_schema_component *row = &ds_schema_components[i];
		const struct ds_cel_object_type *t = ds_schema_component_type(a, row);

		if (!t)
			return DS_ENOMEM;
		ret->components[row->component] = t;
		types[2 * i] = (struct ds_cel_type){.kind = DS_CEL_OBJECT, .object = t};
		types[2 * i + 1] = (struct ds_cel_type){.kind = DS_CEL_LIST, .elem = &types[2 * i]};
		f[i] = (struct ds_cel_field){row->list, &types[2 * i + 1], row->doc};
	}
	for (size_t i = 0; i < DS_ARRAY_SIZE(cluster_rows); i++)
		f[n_lists + i] = cluster_rows[i].field;
	*cluster = (struct ds_cel_object_type){"cluster", "everything that was seen of one cluster", f, n};
	ret->cluster_type = (struct ds_cel_type){.kind = DS_CEL_OBJECT, .object = cluster};
	return 0;
}

int ds_schema_types(struct ds_arena *a, const struct ds_schema *s, const struct ds_cel_object_type *const **ret,
		    size_t *ret_n)
{
	static const struct ds_cel_object_type *const others[] = {
		&ds_schema_node_type,        &ds_schema_host_type,       &ds_schema_interface_type,
		&ds_schema_address_type,     &ds_schema_route_type,      &ds_service_type,
		&ds_service_cause_type,      &ds_schema_problem_type,    &ds_schema_repeated_type,
		&ds_schema_service_cidr_type, &ds_schema_misplaced_type, &ds_schema_endpoints_type,
		&ds_schema_port_clash_type,  &ds_schema_block_clash_type, &ds_schema_copy_type,
		&ds_schema_cni_type,         &ds_schema_pool_type,        &ds_schema_difference_type,
		&ds_schema_cni_type,         &ds_schema_pool_type,
		&ds_schema_policy_type,  &ds_schema_ip_block_type, &ds_load_balancer_type,
		&ds_schema_workload_type, &ds_schema_address_ref_type, &ds_schema_probe_type,
		&ds_schema_webhook_type, &ds_schema_ingress_setting_type,
	};
	const struct ds_cel_object_type **v = ds_arena_new_array(
		a, 1 + DS_COMPONENT__COUNT + DS_SETTING_KIND__COUNT + DS_ARRAY_SIZE(others),
		const struct ds_cel_object_type *);
	size_t n = 0;

	if (!v)
		return DS_ENOMEM;
	v[n++] = s->cluster;
	for (size_t i = 0; i < DS_COMPONENT__COUNT; i++)
		if (s->components[i])
			v[n++] = s->components[i];
	for (size_t i = 0; i < DS_SETTING_KIND__COUNT; i++)
		v[n++] = &ds_schema_setting_types[i];
	for (size_t i = 0; i < DS_ARRAY_SIZE(others); i++)
		v[n++] = others[i];
	*ret = v;
	*ret_n = n;
	return 0;
}

int ds_schema_values(struct ds_arena *a, const struct ds_schema *s, struct ds_cluster *c)
{
	size_t n_lists = ds_schema_n_components;
	struct ds_cel_value *f = ds_arena_new_array(a, s->cluster->n_fields, struct ds_cel_value);
	int r = f ? 0 : DS_ENOMEM;

	for (size_t i = 0; r == 0 && i < c->configured.n; i++)
		r = ds_schema_component_value(a, s->components[c->configured.v[i]->observed->component],
					      c->configured.v[i]);
	for (size_t i = 0; r == 0 && i < c->components.n; i++)
		r = ds_schema_component_value(a, s->components[c->components.v[i]->observed->component],
					      c->components.v[i]);
	for (size_t i = 0; r == 0 && i < n_lists; i++)
		r = components_value(a, c, ds_schema_components[i].component, &f[i]);
	for (size_t i = 0; r == 0 && i < DS_ARRAY_SIZE(cluster_rows); i++)
		r = cluster_rows[i].value(a, c, &f[n_lists + i]);
	if (r == 0)
		c->value = ds_schema_object(s->cluster, f, NULL);
	return r;
}
