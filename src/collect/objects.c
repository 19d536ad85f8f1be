#include "collect/documents.h"
#include "yaml/scalar.h"

static const char *text_of(struct ds_arena *a, const struct ds_yaml_node *node)
{
	if (!node || node->kind != DS_YAML_SCALAR || ds_yaml_is_null(node))
		return "";
	return ds_arena_strndup(a, node->text.p, node->text.n);
}

int ds_object_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object,
		      const char *kind, const char *host)
{
	struct ds_arena *a = f->ctx->arena;
	struct ds_object o = {
		.kind = kind,
		.api_version = text_of(a, ds_yaml_get(object, "apiVersion")),
		.name = text_of(a, ds_yaml_path(object, "metadata", "name", NULL)),
		.ns = text_of(a, ds_yaml_path(object, "metadata", "namespace", NULL)),
		.node = object,
		.input = src->input,
		.host = host ? host : src->host ? src->host : "",
	};

	if (!o.api_version || !o.name || !o.ns)
		return DS_ENOMEM;
	return ds_vec_push(a, &f->objects, o);
}
