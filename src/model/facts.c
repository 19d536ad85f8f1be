#include "model/facts.h"

const char *ds_source_kind_name(enum ds_source_kind k)
{
	static const char *const names[] = {
		[DS_SOURCE_PROCESS] = "process",
		[DS_SOURCE_PS] = "ps",
		[DS_SOURCE_STATIC_POD] = "static-pod",
		[DS_SOURCE_KUBEADM] = "kubeadm",
		[DS_SOURCE_UNIT] = "systemd-unit",
		[DS_SOURCE_ARGS] = "args",
		[DS_SOURCE_CONFIG] = "config",
		[DS_SOURCE_K3S] = "k3s",
		[DS_SOURCE_KIND_CLUSTER] = "kind",
		[DS_SOURCE_TALOS] = "talos",
		[DS_SOURCE_K0S] = "k0s",
		[DS_SOURCE_KUBESPRAY] = "kubespray",
		[DS_SOURCE_OPENSHIFT] = "openshift",
		[DS_SOURCE_MICROSHIFT] = "microshift",
	};
	_Static_assert(DS_ARRAY_SIZE(names) == DS_SOURCE_KIND__COUNT, "every kind has a name");

	return names[k];
}

const char *const ds_address_flag_names[DS_ADDRESS_FLAGS] = {"dadfailed", "deprecated", "dynamic", "temporary",
							     "tentative"};

void ds_facts_init(struct ds_facts *f, struct ds_ctx *ctx)
{
	*f = (struct ds_facts){.ctx = ctx};
	ds_map_init(&f->host_by_name, ctx->arena);
	ds_map_init(&f->trees, ctx->arena);
}

struct ds_observed *ds_facts_component(struct ds_facts *f)
{
	struct ds_observed *o = ds_arena_new_obj(f->ctx->arena, struct ds_observed);

	if (!o || ds_vec_push(f->ctx->arena, &f->components, o) < 0)
		return NULL;
	o->host = "";
	return o;
}

struct ds_host *ds_facts_host(struct ds_facts *f, const char *name)
{
	struct ds_host *h = ds_map_get(&f->host_by_name, ds_str_from(name));

	if (h)
		return h;
	h = ds_arena_new_obj(f->ctx->arena, struct ds_host);
	if (!h)
		return NULL;
	h->name = ds_arena_strdup(f->ctx->arena, name);
	if (!h->name || ds_map_put(&f->host_by_name, ds_str_from(h->name), h) < 0 ||
	    ds_vec_push(f->ctx->arena, &f->hosts, h) < 0)
		return NULL;
	return h;
}

const struct ds_host *ds_facts_find_host(const struct ds_facts *f, const char *name)
{
	return ds_map_get(&f->host_by_name, ds_str_from(name));
}
