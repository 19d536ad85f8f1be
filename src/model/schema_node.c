#include "model/schema_priv.h"

#include "yaml/scalar.h"

enum node_field { N_NAME, N_ADDRESSES, N_FAMILIES, N_POD_CIDRS, N__COUNT };

static const struct ds_cel_field node_fields[N__COUNT] = {
	[N_NAME] = {"name", &ds_cel_type_string, "metadata.name"},
	[N_ADDRESSES] = {"internalIPs", &ds_cel_type_list_ip, "status.addresses of type InternalIP"},
	[N_FAMILIES] = {"families", &ds_cel_type_list_string, "families of internalIPs, in order"},
	[N_POD_CIDRS] = {"podCIDRs", &ds_cel_type_list_cidr, "spec.podCIDRs"},
};
const struct ds_cel_object_type ds_schema_node_type = DS_SCHEMA_OBJECT(node_fields, "node", "a Node object");
const struct ds_cel_type ds_schema_node_cel = {.kind = DS_CEL_OBJECT, .object = &ds_schema_node_type};

static int node_strings(struct ds_arena *a, const struct ds_yaml_node *n, bool cidrs, struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, n ? n->n : 0, struct ds_cel_value);
	size_t k = 0;

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; n && n->kind == DS_YAML_SEQUENCE && i < n->n; i++) {
		const struct ds_yaml_node *e = n->items[i];
		struct ds_str type, text = e->text;

		if (!cidrs && (ds_yaml_as_string(ds_yaml_get(e, "type"), &type) < 0 || !ds_str_eqz(type, "InternalIP") ||
			       ds_yaml_as_string(ds_yaml_get(e, "address"), &text) < 0))
			continue;
		v[k].kind = cidrs ? DS_CEL_CIDR : DS_CEL_IP;
		if (cidrs ? ds_cidr_parse(text, DS_IP_SLOPPY, &v[k].cidr) == 0
			  : ds_ip_parse(text, DS_IP_SLOPPY, &v[k].ip) == 0)
			k++;
	}
	*ret = ds_schema_list(v, k);
	return 0;
}

int ds_schema_node(struct ds_arena *a, const struct ds_object *o, struct ds_cel_value *ret)
{
	struct ds_cel_value *f = ds_arena_new_array(a, N__COUNT, struct ds_cel_value);
	const struct ds_yaml_node *cidrs = ds_yaml_path(o->node, "spec", "podCIDRs", NULL);
	struct ds_loc *loc = ds_arena_new_obj(a, struct ds_loc);
	enum ds_family families[2];
	size_t n = 0;
	int r;

	if (!f || !loc)
		return DS_ENOMEM;
	*loc = ds_yaml_loc(a, o->input, o->node);
	f[N_NAME] = ds_schema_string(o->name);
	r = node_strings(a, ds_yaml_path(o->node, "status", "addresses", NULL), false, &f[N_ADDRESSES]);
	if (r == 0)
		r = node_strings(a, cidrs, true, &f[N_POD_CIDRS]);
	if (r < 0)
		return r;
	for (size_t i = 0; i < f[N_ADDRESSES].list.n && n < 2; i++) {
		enum ds_family fam = f[N_ADDRESSES].list.v[i].ip.family;

		if (n == 0 || families[0] != fam)
			families[n++] = fam;
	}
	*ret = ds_schema_object(&ds_schema_node_type, f, loc);
	return ds_schema_family_list(a, families, n, &f[N_FAMILIES]);
}
