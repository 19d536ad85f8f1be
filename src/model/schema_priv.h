#ifndef DS_MODEL_SCHEMA_PRIV_H
#define DS_MODEL_SCHEMA_PRIV_H

#include "model/schema.h"

/*
 * What the schema's rooms share: schema_setting.c (a flag or field),
 * schema_component.c (a component), schema_node.c (a Node), schema_host.c (a host), schema_cni.c
 * (network plugins) and schema.c (the
 * cluster around them).
 * schema_component.c (a component), schema_node.c (a Node), schema_object.c and
 * beside it one file for each kind of object that only rules look at
 * (schema_policy.c: NetworkPolicies, …), and schema.c (the cluster around them).
 */

#define DS_SCHEMA_OBJECT(f, name, doc) {name, doc, f, DS_ARRAY_SIZE(f)}
#define DS_SCHEMA_LIST_OF(type) {.kind = DS_CEL_LIST, .elem = &(type)}
#define DS_SCHEMA_OF(object_type) {.kind = DS_CEL_OBJECT, .object = &(object_type)}

static inline struct ds_cel_value ds_schema_string(const char *z)
{
	return ds_cel_string(ds_str_from(z ? z : ""));
}

static inline struct ds_cel_value ds_schema_list(const struct ds_cel_value *v, size_t n)
{
	return (struct ds_cel_value){.kind = DS_CEL_LIST, .list = {v, n}};
}

static inline struct ds_cel_value ds_schema_object(const struct ds_cel_object_type *t,
						   const struct ds_cel_value *fields, const struct ds_loc *loc)
{
	return (struct ds_cel_value){.kind = DS_CEL_OBJECT, .loc = loc, .object = {t, fields}};
}

/* A fact nobody could see, and why. 0 or DS_ENOMEM, also when reason is NULL (its printf had no memory). */
int ds_schema_unknown(struct ds_arena *a, const char *reason, const struct ds_loc *loc,
		      struct ds_cel_value *ret) DS_MUST_CHECK;
/* Where an object or a part of it stands, in the arena; NULL when out of memory. */
const struct ds_loc *ds_schema_place(struct ds_arena *a, const struct ds_object *o, const struct ds_yaml_node *n);
/* ['IPv4', …]: 0 or DS_ENOMEM. */
int ds_schema_family_list(struct ds_arena *a, const enum ds_family *v, size_t n, struct ds_cel_value *ret) DS_MUST_CHECK;

/* One type per kind of setting, as object and as type of a field. */
extern const struct ds_cel_object_type ds_schema_setting_types[DS_SETTING_KIND__COUNT];
extern const struct ds_cel_type ds_schema_setting_cel_types[DS_SETTING_KIND__COUNT];
/* Absent and unknown settings become absent and unknown values. 0 or DS_ENOMEM. */
int ds_schema_setting(struct ds_arena *a, const struct ds_setting *s, struct ds_cel_value *ret) DS_MUST_CHECK;

/* A kind of audited component and the cluster's list of them. */
struct ds_schema_component {
	enum ds_component component;
	const char *name, *list, *doc; /* "kubelet", "kubelets" */
};

extern const struct ds_schema_component ds_schema_components[];
extern const size_t ds_schema_n_components;
/* The common fields, one per row of the settings table and what only this kind has. NULL when out of memory. */
const struct ds_cel_object_type *ds_schema_component_type(struct ds_arena *a, const struct ds_schema_component *row);
/* Fills c->value. 0 or DS_ENOMEM. */
int ds_schema_component_value(struct ds_arena *a, const struct ds_cel_object_type *t,
			      struct ds_component_model *c) DS_MUST_CHECK;
extern const struct ds_cel_object_type ds_schema_problem_type, ds_schema_repeated_type,
	ds_schema_misplaced_type, ds_schema_difference_type;

extern const struct ds_cel_object_type ds_schema_node_type;
extern const struct ds_cel_type ds_schema_node_cel;
/* A Node object. 0 or DS_ENOMEM. */
int ds_schema_node(struct ds_arena *a, const struct ds_object *o, struct ds_cel_value *ret) DS_MUST_CHECK;

/* Values of the cluster that come from objects (schema_object.c): each 0 or DS_ENOMEM, linear in objects. */
extern const struct ds_cel_object_type ds_schema_service_cidr_type, ds_schema_endpoints_type,
	ds_schema_port_clash_type, ds_schema_block_clash_type, ds_schema_copy_type;
extern const struct ds_cel_type ds_schema_service_cidr_list, ds_schema_endpoints_list, ds_schema_port_clash_list,
	ds_schema_block_clash_list, ds_schema_copy_list;
int ds_schema_service_cidrs(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret) DS_MUST_CHECK;
int ds_schema_endpoints(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret) DS_MUST_CHECK;
int ds_schema_port_clashes(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret) DS_MUST_CHECK;
int ds_schema_block_clashes(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret) DS_MUST_CHECK;
int ds_schema_copies(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret) DS_MUST_CHECK;

/* A host and what it has. */
extern const struct ds_cel_object_type ds_schema_host_type, ds_schema_address_type, ds_schema_route_type,
	ds_schema_interface_type;
extern const struct ds_cel_type ds_schema_host_cel;
/* Fills h->value. 0 or DS_ENOMEM. */
int ds_schema_host(struct ds_arena *a, struct ds_host_model *h) DS_MUST_CHECK;

/* Network plugins' configurations, and Calico's pools. */
extern const struct ds_cel_object_type ds_schema_cni_type, ds_schema_pool_type;
extern const struct ds_cel_type ds_schema_cni_list, ds_schema_pool_list;
/* 0 or DS_ENOMEM. */
int ds_schema_cni(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret) DS_MUST_CHECK;
int ds_schema_pools(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret) DS_MUST_CHECK;
/* schema_policy.c: NetworkPolicies. As above. */
extern const struct ds_cel_object_type ds_schema_policy_type, ds_schema_ip_block_type;
extern const struct ds_cel_type ds_schema_policy_list;
int ds_schema_policies(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret) DS_MUST_CHECK;

/* schema_webhook.c: webhooks by url, settings of ingress controllers. As above. */
extern const struct ds_cel_object_type ds_schema_webhook_type, ds_schema_ingress_setting_type;
extern const struct ds_cel_type ds_schema_webhook_list, ds_schema_ingress_setting_list;
int ds_schema_webhooks(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret) DS_MUST_CHECK;
int ds_schema_ingress_settings(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret) DS_MUST_CHECK;

/* schema_workload.c: Pods and what makes Pods. As above. */
extern const struct ds_cel_object_type ds_schema_workload_type, ds_schema_address_ref_type, ds_schema_probe_type;
extern const struct ds_cel_type ds_schema_workload_list;
int ds_schema_workloads(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret) DS_MUST_CHECK;

#endif
