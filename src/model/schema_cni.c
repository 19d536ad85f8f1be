#include "model/schema_priv.h"

#include "model/cni.h"
#include "yaml/scalar.h"

/* ---- configurations ---- */

enum cni_field { F_PLUGIN, F_IPAM, F_WHERE, F_FAMILIES, F_TOLD_BY, F_RANGES, F_UNUSED, F__COUNT };

static const struct ds_cel_field cni_fields[F__COUNT] = {
	[F_PLUGIN] = {"plugin", &ds_cel_type_string, "'calico', 'cilium', 'flannel', 'bridge', …; '' when it cannot be read"},
	[F_IPAM] = {"ipam", &ds_cel_type_string, "who hands out addresses: 'host-local', 'calico-ipam', 'cluster-pool', …"},
	[F_WHERE] = {"where", &ds_cel_type_string, "file or ConfigMap and host, for messages"},
	[F_FAMILIES] = {"families", &ds_cel_type_list_string, "families of the addresses that it gives pods"},
	[F_TOLD_BY] = {"toldBy", &ds_cel_type_string, "where they are told, when not here: a ConfigMap, flannel's file; else ''"},
	[F_RANGES] = {"ranges", &ds_cel_type_list_cidr, "networks that it names itself"},
	[F_UNUSED] = {"unused", &ds_cel_type_list_string, "further files of its folder, which the runtime does not use"},
};
const struct ds_cel_object_type ds_schema_cni_type =
	DS_SCHEMA_OBJECT(cni_fields, "cniConfig", "what a network plugin is told");
static const struct ds_cel_type cni_cel = {.kind = DS_CEL_OBJECT, .object = &ds_schema_cni_type};
const struct ds_cel_type ds_schema_cni_list = {.kind = DS_CEL_LIST, .elem = &cni_cel};

static int cni_value(struct ds_arena *a, const struct ds_cni *c, struct ds_cel_value *ret)
{
	struct ds_cel_value *f = ds_arena_new_array(a, F__COUNT, struct ds_cel_value);
	struct ds_cel_value *ranges = ds_arena_new_array(a, c->ranges.n, struct ds_cel_value);
	struct ds_cel_value *unused = ds_arena_new_array(a, c->unused.n, struct ds_cel_value);

	if (!f || !ranges || !unused)
		return DS_ENOMEM;
	for (size_t i = 0; i < c->ranges.n; i++)
		ranges[i] = (struct ds_cel_value){.kind = DS_CEL_CIDR, .loc = &c->loc, .cidr = c->ranges.v[i]};
	for (size_t i = 0; i < c->unused.n; i++)
		unused[i] = ds_schema_string(c->unused.v[i]);
	f[F_PLUGIN] = ds_schema_string(c->plugin);
	f[F_IPAM] = ds_schema_string(c->ipam);
	f[F_WHERE] = ds_schema_string(c->where);
	f[F_TOLD_BY] = ds_schema_string(c->told_by ? c->told_by->where : "");
	f[F_RANGES] = ds_schema_list(ranges, c->ranges.n);
	f[F_UNUSED] = ds_schema_list(unused, c->unused.n);
	*ret = ds_schema_object(&ds_schema_cni_type, f, &c->loc);
	if (!c->families.known)
		return ds_schema_unknown(a, c->families.reason, &c->loc, &f[F_FAMILIES]);
	return ds_schema_family_list(a, c->families.v, c->families.n, &f[F_FAMILIES]);
}

int ds_schema_cni(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, c->cni.n, struct ds_cel_value);

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < c->cni.n; i++)
		if (cni_value(a, c->cni.v[i], &v[i]) < 0)
			return DS_ENOMEM;
	*ret = ds_schema_list(v, c->cni.n);
	return 0;
}

/* ---- pools ---- */

enum pool_field { P_NAME, P_CIDR, P_NAT, P_DISABLED, P__COUNT };

static const struct ds_cel_field pool_fields[P__COUNT] = {
	[P_NAME] = {"name", &ds_cel_type_string, "metadata.name"},
	[P_CIDR] = {"cidr", &ds_cel_type_cidr, "spec.cidr"},
	[P_NAT] = {"natOutgoing", &ds_cel_type_bool, "spec.natOutgoing"},
	[P_DISABLED] = {"disabled", &ds_cel_type_bool, "spec.disabled: it gives no new addresses"},
};
const struct ds_cel_object_type ds_schema_pool_type = DS_SCHEMA_OBJECT(pool_fields, "ipPool", "a pool of Calico's");
static const struct ds_cel_type pool_cel = {.kind = DS_CEL_OBJECT, .object = &ds_schema_pool_type};
const struct ds_cel_type ds_schema_pool_list = {.kind = DS_CEL_LIST, .elem = &pool_cel};

static int pool_value(struct ds_arena *a, const struct ds_object *o, struct ds_cel_value *ret)
{
	struct ds_cel_value *f = ds_arena_new_array(a, P__COUNT, struct ds_cel_value);
	const struct ds_yaml_node *spec = ds_yaml_get(o->node, "spec");
	struct ds_loc *loc = ds_arena_new_obj(a, struct ds_loc);
	bool nat = false, disabled = false;
	struct ds_str text = {0};
	struct ds_cidr cidr;

	if (!f || !loc)
		return DS_ENOMEM;
	*loc = ds_yaml_loc(a, o->input, o->node);
	(void)ds_yaml_as_bool(ds_yaml_get(spec, "natOutgoing"), &nat);
	(void)ds_yaml_as_bool(ds_yaml_get(spec, "disabled"), &disabled);
	f[P_NAME] = ds_schema_string(o->name);
	f[P_NAT] = ds_cel_bool(nat);
	f[P_DISABLED] = ds_cel_bool(disabled);
	*ret = ds_schema_object(&ds_schema_pool_type, f, loc);
	if (ds_yaml_as_string(ds_yaml_get(spec, "cidr"), &text) < 0 || ds_cidr_parse(text, DS_IP_SLOPPY, &cidr) < 0)
		return ds_schema_unknown(a, "spec.cidr of the IPPool is no network", loc, &f[P_CIDR]);
	f[P_CIDR] = (struct ds_cel_value){.kind = DS_CEL_CIDR, .cidr = ds_cidr_masked(&cidr)};
	return 0;
}

int ds_schema_pools(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, c->objects.n, struct ds_cel_value);
	size_t n = 0;

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < c->objects.n; i++)
		if (strcmp(c->objects.v[i]->kind, "IPPool") == 0 && pool_value(a, c->objects.v[i], &v[n++]) < 0)
			return DS_ENOMEM;
	*ret = ds_schema_list(v, n);
	return 0;
}
