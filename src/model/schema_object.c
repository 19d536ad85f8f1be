#include "model/schema_priv.h"

#include "base/map.h"
#include "model/node_overlap.h"
#include "model/services.h"
#include "yaml/scalar.h"

/* What rules see of objects that only say something together or beside the API server's flags. */

/* ---- ServiceCIDRs ---- */

enum service_cidr_field { R_NAME, R_ENTRIES, R_CIDRS, R_FAMILIES, R_DELETED, R__COUNT };

static const struct ds_cel_field service_cidr_fields[R__COUNT] = {
	[R_NAME] = {"name", &ds_cel_type_string, "metadata.name; the API server keeps the one called 'kubernetes'"},
	[R_ENTRIES] = {"entries", &ds_cel_type_list_string, "spec.cidrs as written"},
	[R_CIDRS] = {"cidrs", &ds_cel_type_list_cidr, "spec.cidrs that can be read"},
	[R_FAMILIES] = {"families", &ds_cel_type_list_string, "families of cidrs, in order"},
	[R_DELETED] = {"beingDeleted", &ds_cel_type_bool, "metadata.deletionTimestamp is set"},
};
const struct ds_cel_object_type ds_schema_service_cidr_type =
	DS_SCHEMA_OBJECT(service_cidr_fields, "serviceCIDR", "a ServiceCIDR object");
static const struct ds_cel_type service_cidr_cel = DS_SCHEMA_OF(ds_schema_service_cidr_type);
const struct ds_cel_type ds_schema_service_cidr_list = DS_SCHEMA_LIST_OF(service_cidr_cel);

static int service_cidr_value(struct ds_arena *a, const struct ds_object *o, struct ds_cel_value *ret)
{
	const struct ds_yaml_node *list = ds_yaml_path(o->node, "spec", "cidrs", NULL);
	size_t max = list && list->kind == DS_YAML_SEQUENCE ? list->n : 0, n = 0, n_cidrs = 0;
	struct ds_cel_value *f = ds_arena_new_array(a, R__COUNT, struct ds_cel_value);
	struct ds_cel_value *entries = ds_arena_new_array(a, 3 * max, struct ds_cel_value);
	struct ds_cel_value *cidrs = entries + max, *families = cidrs + max;
	const struct ds_loc *loc = ds_schema_place(a, o, list ? list : o->node);

	if (!f || !entries || !loc)
		return DS_ENOMEM;
	for (size_t i = 0; i < max; i++) {
		struct ds_cidr cidr;
		struct ds_str text;

		if (ds_yaml_as_string(list->items[i], &text) < 0)
			continue;
		entries[n++] = ds_cel_string(text);
		if (ds_cidr_parse(text, DS_IP_STRICT, &cidr) < 0)
			continue;
		families[n_cidrs] = ds_schema_string(ds_family_name(cidr.ip.family));
		cidrs[n_cidrs++] = (struct ds_cel_value){.kind = DS_CEL_CIDR, .loc = loc, .cidr = cidr};
	}
	f[R_NAME] = ds_schema_string(o->name);
	f[R_ENTRIES] = ds_schema_list(entries, n);
	f[R_CIDRS] = ds_schema_list(cidrs, n_cidrs);
	f[R_FAMILIES] = ds_schema_list(families, n_cidrs);
	f[R_DELETED] = ds_cel_bool(ds_yaml_path(o->node, "metadata", "deletionTimestamp", NULL) != NULL);
	for (size_t i = 0; i < R__COUNT; i++)
		f[i].loc = loc;
	*ret = ds_schema_object(&ds_schema_service_cidr_type, f, loc);
	return 0;
}

int ds_schema_service_cidrs(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, c->objects.n, struct ds_cel_value);
	size_t n = 0;

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < c->objects.n; i++)
		if (strcmp(c->objects.v[i]->kind, "ServiceCIDR") == 0 &&
		    service_cidr_value(a, c->objects.v[i], &v[n++]) < 0)
			return DS_ENOMEM;
	*ret = ds_schema_list(v, n);
	return 0;
}

/* ---- EndpointSlices, by Service ---- */

enum endpoints_field { E_SERVICE, E_IPV4, E_IPV6, E_ONLY_IPV4, E_ONLY_IPV6, E__COUNT };

static const struct ds_cel_field endpoints_fields[E__COUNT] = {
	[E_SERVICE] = {"service", &ds_cel_type_string, "namespace/name of the Service"},
	[E_IPV4] = {"ipv4", &ds_cel_type_int, "endpoints in its EndpointSlices of addressType IPv4; not set without one"},
	[E_IPV6] = {"ipv6", &ds_cel_type_int, "endpoints in its EndpointSlices of addressType IPv6; not set without one"},
	[E_ONLY_IPV4] = {"onlyIPv4", &ds_cel_type_list_string, "targets (Pods) that have an IPv4 endpoint only"},
	[E_ONLY_IPV6] = {"onlyIPv6", &ds_cel_type_list_string, "targets (Pods) that have an IPv6 endpoint only"},
};
const struct ds_cel_object_type ds_schema_endpoints_type =
	DS_SCHEMA_OBJECT(endpoints_fields, "endpoints", "the endpoints of one Service, from its EndpointSlices");
static const struct ds_cel_type endpoints_cel = DS_SCHEMA_OF(ds_schema_endpoints_type);
const struct ds_cel_type ds_schema_endpoints_list = DS_SCHEMA_LIST_OF(endpoints_cel);

struct target {
	struct ds_str name;
	bool has[2];
};

struct endpoints {
	const char *service;
	const struct ds_object *first;
	bool sliced[2];
	int64_t count[2];
	struct ds_map by_name;
	DS_VEC(struct target *) targets;
};

/* 0 for IPv4, 1 for IPv6, -1 for FQDN and nonsense. */
static int address_type(const struct ds_object *o)
{
	struct ds_str type;

	if (ds_yaml_as_string(ds_yaml_get(o->node, "addressType"), &type) < 0)
		return -1;
	return ds_str_eqz(type, "IPv4") ? 0 : ds_str_eqz(type, "IPv6") ? 1 : -1;
}

static int add_endpoint(struct ds_arena *a, struct endpoints *e, const struct ds_yaml_node *endpoint, int type)
{
	struct target *t;
	struct ds_str name;

	e->count[type]++;
	if (ds_yaml_as_string(ds_yaml_path(endpoint, "targetRef", "name", NULL), &name) < 0)
		return 0;
	t = ds_map_get(&e->by_name, name);
	if (!t) {
		t = ds_arena_new_obj(a, struct target);
		if (!t || ds_map_put(&e->by_name, name, t) < 0 || ds_vec_push(a, &e->targets, t) < 0)
			return DS_ENOMEM;
		t->name = name;
	}
	t->has[type] = true;
	return 0;
}

static int add_slice(struct ds_arena *a, struct ds_map *services, const struct ds_object *o,
		     struct endpoints **all, size_t *n)
{
	const struct ds_yaml_node *list = ds_yaml_get(o->node, "endpoints");
	int type = address_type(o);
	struct endpoints *e;
	struct ds_str name;
	const char *key;

	if (type < 0 || ds_yaml_as_string(ds_yaml_path(o->node, "metadata", "labels", "kubernetes.io/service-name", NULL),
					  &name) < 0)
		return 0;
	key = ds_arena_printf(a, "%s/%.*s", ds_object_namespace(o), DS_STR_ARG(name));
	if (!key)
		return DS_ENOMEM;
	e = ds_map_get(services, ds_str_from(key));
	if (!e) {
		e = ds_arena_new_obj(a, struct endpoints);
		if (!e || ds_map_put(services, ds_str_from(key), e) < 0)
			return DS_ENOMEM;
		e->service = key;
		e->first = o;
		ds_map_init(&e->by_name, a);
		all[(*n)++] = e;
	}
	e->sliced[type] = true;
	for (size_t i = 0; list && list->kind == DS_YAML_SEQUENCE && i < list->n; i++)
		if (add_endpoint(a, e, list->items[i], type) < 0)
			return DS_ENOMEM;
	return 0;
}

static int only(struct ds_arena *a, const struct endpoints *e, int type, struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, e->targets.n, struct ds_cel_value);
	size_t n = 0;

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < e->targets.n; i++)
		if (e->targets.v[i]->has[type] && !e->targets.v[i]->has[!type])
			v[n++] = ds_cel_string(e->targets.v[i]->name);
	*ret = ds_schema_list(v, n);
	return 0;
}

static int endpoints_value(struct ds_arena *a, const struct endpoints *e, struct ds_cel_value *ret)
{
	static const enum endpoints_field counts[] = {E_IPV4, E_IPV6}, names[] = {E_ONLY_IPV4, E_ONLY_IPV6};
	struct ds_cel_value *f = ds_arena_new_array(a, E__COUNT, struct ds_cel_value);
	const struct ds_loc *loc = ds_schema_place(a, e->first, e->first->node);

	if (!f || !loc)
		return DS_ENOMEM;
	f[E_SERVICE] = ds_schema_string(e->service);
	for (int t = 0; t < 2; t++) {
		f[counts[t]] = e->sliced[t] ? ds_cel_int(e->count[t]) : (struct ds_cel_value){.kind = DS_CEL_ABSENT};
		if (only(a, e, t, &f[names[t]]) < 0)
			return DS_ENOMEM;
	}
	for (size_t i = 0; i < E__COUNT; i++)
		f[i].loc = loc;
	*ret = ds_schema_object(&ds_schema_endpoints_type, f, loc);
	return 0;
}

int ds_schema_endpoints(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	struct endpoints **all = ds_arena_new_array(a, c->objects.n, struct endpoints *);
	struct ds_cel_value *v;
	struct ds_map services;
	size_t n = 0;

	if (!all)
		return DS_ENOMEM;
	ds_map_init(&services, a);
	for (size_t i = 0; i < c->objects.n; i++)
		if (strcmp(c->objects.v[i]->kind, "EndpointSlice") == 0 &&
		    add_slice(a, &services, c->objects.v[i], all, &n) < 0)
			return DS_ENOMEM;
	v = ds_arena_new_array(a, n, struct ds_cel_value);
	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (endpoints_value(a, all[i], &v[i]) < 0)
			return DS_ENOMEM;
	*ret = ds_schema_list(v, n);
	return 0;
}

/* ---- node ports that two Services want ---- */

enum port_clash_field { P_PORT, P_SERVICE, P_OTHER, P__COUNT };

static const struct ds_cel_field port_clash_fields[P__COUNT] = {
	[P_PORT] = {"nodePort", &ds_cel_type_int, "the node port"},
	[P_SERVICE] = {"service", &ds_cel_type_string, "namespace/name of the later Service"},
	[P_OTHER] = {"other", &ds_cel_type_string, "namespace/name of the Service that has it first"},
};
const struct ds_cel_object_type ds_schema_port_clash_type =
	DS_SCHEMA_OBJECT(port_clash_fields, "nodePortClash", "a node port that two Services ask for");
static const struct ds_cel_type port_clash_cel = DS_SCHEMA_OF(ds_schema_port_clash_type);
const struct ds_cel_type ds_schema_port_clash_list = DS_SCHEMA_LIST_OF(port_clash_cel);

struct port_owner {
	const struct ds_object *service;
	const char *key; /* namespace/name */
	const struct ds_yaml_node *node;
};

struct port_clashes {
	struct ds_map by_port; /* "30080" -> struct port_owner */
	DS_VEC(struct ds_cel_value) v;
};

static int add_clash(struct ds_arena *a, struct port_clashes *p, int64_t port, const struct port_owner *mine,
		     const struct port_owner *other)
{
	struct ds_cel_value *f = ds_arena_new_array(a, P__COUNT, struct ds_cel_value), *v = ds_vec_add(a, &p->v);

	if (!f || !v)
		return DS_ENOMEM;
	f[P_PORT] = ds_cel_int(port);
	f[P_SERVICE] = ds_schema_string(mine->key);
	f[P_OTHER] = ds_schema_string(other->key);
	f[P_PORT].loc = f[P_SERVICE].loc = ds_schema_place(a, mine->service, mine->node);
	f[P_OTHER].loc = ds_schema_place(a, other->service, other->node);
	*v = ds_schema_object(&ds_schema_port_clash_type, f, f[P_PORT].loc);
	return f[P_PORT].loc && f[P_OTHER].loc ? 0 : DS_ENOMEM;
}

static int add_port(struct ds_arena *a, struct port_clashes *p, const struct ds_object *o, const char *key,
		    const struct ds_yaml_node *node)
{
	struct port_owner *mine, *first;
	const char *text;
	int64_t port;

	if (!node || ds_yaml_as_int(node, 32, &port) < 0 || port <= 0 || port > UINT16_MAX)
		return 0;
	text = ds_arena_printf(a, "%d", (int)port);
	mine = ds_arena_new_obj(a, struct port_owner);
	if (!text || !mine)
		return DS_ENOMEM;
	*mine = (struct port_owner){o, key, node};
	first = ds_map_get(&p->by_port, ds_str_from(text));
	if (!first)
		return ds_map_put(&p->by_port, ds_str_from(text), mine);
	/* A Service may be seen twice, and may have one port for two protocols. */
	return strcmp(first->key, key) == 0 ? 0 : add_clash(a, p, port, mine, first);
}

static int add_ports(struct ds_arena *a, struct port_clashes *p, const struct ds_object *o)
{
	const struct ds_yaml_node *ports = ds_yaml_path(o->node, "spec", "ports", NULL);
	const char *key = ds_arena_printf(a, "%s/%s", ds_object_namespace(o), o->name);

	if (!key)
		return DS_ENOMEM;
	for (size_t i = 0; ports && ports->kind == DS_YAML_SEQUENCE && i < ports->n; i++)
		if (add_port(a, p, o, key, ds_yaml_get(ports->items[i], "nodePort")) < 0)
			return DS_ENOMEM;
	return add_port(a, p, o, key, ds_yaml_path(o->node, "spec", "healthCheckNodePort", NULL));
}

int ds_schema_port_clashes(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	struct port_clashes p = {0};

	ds_map_init(&p.by_port, a);
	for (size_t i = 0; i < c->objects.n; i++)
		if (ds_services_has(c->objects.v[i]) && add_ports(a, &p, c->objects.v[i]) < 0)
			return DS_ENOMEM;
	*ret = ds_schema_list(p.v.v, p.v.n);
	return 0;
}

/* ---- pod blocks that two Nodes have ---- */

enum block_clash_field { B_NODE, B_CIDR, B_OTHER, B_OTHER_CIDR, B__COUNT };

static const struct ds_cel_field block_clash_fields[B__COUNT] = {
	[B_NODE] = {"node", &ds_cel_type_string, "name of a Node"},
	[B_CIDR] = {"podCIDR", &ds_cel_type_cidr, "a block of its spec.podCIDRs"},
	[B_OTHER] = {"other", &ds_cel_type_string, "name of another Node"},
	[B_OTHER_CIDR] = {"otherPodCIDR", &ds_cel_type_cidr, "the block of that one which contains it"},
};
const struct ds_cel_object_type ds_schema_block_clash_type =
	DS_SCHEMA_OBJECT(block_clash_fields, "podCIDRClash", "a pod block of one Node that lies in another Node's");
static const struct ds_cel_type block_clash_cel = DS_SCHEMA_OF(ds_schema_block_clash_type);
const struct ds_cel_type ds_schema_block_clash_list = DS_SCHEMA_LIST_OF(block_clash_cel);

int ds_schema_block_clashes(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	struct ds_node_overlaps overlaps;
	struct ds_cel_value *v;

	if (ds_node_overlaps(a, c->node_blocks.nodes, c->node_blocks.n_nodes, &overlaps) < 0)
		return DS_ENOMEM;
	v = ds_arena_new_array(a, overlaps.v.n, struct ds_cel_value);
	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < overlaps.v.n; i++) {
		const struct ds_node_overlap *o = &overlaps.v.v[i];
		struct ds_cel_value *f = ds_arena_new_array(a, B__COUNT, struct ds_cel_value);

		if (!f)
			return DS_ENOMEM;
		f[B_NODE] = ds_schema_string(o->node->name);
		f[B_CIDR] = (struct ds_cel_value){.kind = DS_CEL_CIDR, .cidr = o->cidr};
		f[B_OTHER] = ds_schema_string(o->other->name);
		f[B_OTHER_CIDR] = (struct ds_cel_value){.kind = DS_CEL_CIDR, .cidr = o->other_cidr};
		f[B_NODE].loc = f[B_CIDR].loc = &o->node->loc;
		f[B_OTHER].loc = f[B_OTHER_CIDR].loc = &o->other->loc;
		v[i] = ds_schema_object(&ds_schema_block_clash_type, f, &o->node->loc);
	}
	*ret = ds_schema_list(v, overlaps.v.n);
	return 0;
}

/* ---- manifests of which the kubelet runs two ---- */

enum copy_field { T_COMPONENT, T_FILE, T_OTHER, T_FOLDER, T__COUNT };

static const struct ds_cel_field copy_fields[T__COUNT] = {
	[T_COMPONENT] = {"component", &ds_cel_type_string, "'kube-apiserver', …"},
	[T_FILE] = {"file", &ds_cel_type_string, "name of the later file"},
	[T_OTHER] = {"other", &ds_cel_type_string, "name of the file of the same component beside it"},
	[T_FOLDER] = {"folder", &ds_cel_type_string, "the folder of both"},
};
const struct ds_cel_object_type ds_schema_copy_type =
	DS_SCHEMA_OBJECT(copy_fields, "manifestCopy", "a second static Pod of a component in a kubelet's folder");
static const struct ds_cel_type copy_cel = DS_SCHEMA_OF(ds_schema_copy_type);
const struct ds_cel_type ds_schema_copy_list = DS_SCHEMA_LIST_OF(copy_cel);

/* The folder of an input's path ("bundle.json#/etc/kubernetes/…" too) without its slash, and the name in it. */
static struct ds_str folder_of(const char *input, const char **ret_name)
{
	const char *inner = strstr(input, "#/"), *path = inner ? inner + 1 : input, *slash = strrchr(path, '/');

	*ret_name = slash ? slash + 1 : path;
	return slash ? ds_str_n(path, (size_t)(slash - path)) : DS_STR("");
}

/* Whether kubelets look for static Pods there: kubeadm's, MicroShift's and RKE2's folders are called so. */
static bool is_manifest_folder(struct ds_str folder)
{
	return ds_str_eqz(folder, "manifests") || ds_str_ends(folder, "/manifests") ||
	       ds_str_ends(folder, "/pod-manifests");
}

static int copy_value(struct ds_arena *a, const struct ds_observed *o, const struct ds_observed *first,
		      struct ds_cel_value *ret)
{
	struct ds_cel_value *f = ds_arena_new_array(a, T__COUNT, struct ds_cel_value);
	struct ds_loc *whole = ds_arena_new_array(a, 2, struct ds_loc); /* it is about the files, no line of them */
	const char *name, *other;

	if (!f || !whole)
		return DS_ENOMEM;
	whole[0].input = o->loc.input;
	whole[1].input = first->loc.input;
	f[T_FOLDER] = ds_cel_string(folder_of(o->loc.input->name, &name));
	(void)folder_of(first->loc.input->name, &other);
	f[T_COMPONENT] = ds_schema_string(ds_component_name(o->component));
	f[T_FILE] = ds_schema_string(name);
	f[T_OTHER] = ds_schema_string(other);
	f[T_COMPONENT].loc = f[T_FILE].loc = f[T_FOLDER].loc = &whole[0];
	f[T_OTHER].loc = &whole[1];
	*ret = ds_schema_object(&ds_schema_copy_type, f, &whole[0]);
	return 0;
}

int ds_schema_copies(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, c->components.n + c->configured.n, struct ds_cel_value);
	struct ds_map firsts; /* "host\nfolder\ncomponent" -> struct ds_component_model */
	size_t n = 0;

	if (!v)
		return DS_ENOMEM;
	ds_map_init(&firsts, a);
	for (size_t i = 0; i < c->components.n + c->configured.n; i++) {
		struct ds_component_model *m = i < c->components.n ? c->components.v[i]
								   : c->configured.v[i - c->components.n];
		struct ds_component_model *first;
		const struct ds_observed *o = m->observed;
		const char *name, *key;
		struct ds_str folder;

		if (o->kind != DS_SOURCE_STATIC_POD || !o->loc.input)
			continue;
		folder = folder_of(o->loc.input->name, &name);
		if (!is_manifest_folder(folder))
			continue;
		key = ds_arena_printf(a, "%s\n%.*s\n%s", o->host, DS_STR_ARG(folder), ds_component_name(o->component));
		if (!key)
			return DS_ENOMEM;
		first = ds_map_get(&firsts, ds_str_from(key));
		if (!first && ds_map_put(&firsts, ds_str_from(key), m) < 0)
			return DS_ENOMEM;
		if (first && first->observed->loc.input != o->loc.input &&
		    copy_value(a, o, first->observed, &v[n++]) < 0)
			return DS_ENOMEM;
	}
	*ret = ds_schema_list(v, n);
	return 0;
}
