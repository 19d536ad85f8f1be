#include "collect/service_object.h"

#include <stdio.h>

#include "base/limits.h"
#include "yaml/scalar.h"

enum ds__service_list ds__service_list_of(struct ds_str kind)
{
	if (kind.n == 0)
		return DS__LIST_UNTOLD;
	if (ds_str_eqz(kind, "List"))
		return DS__LIST_OWN;
	return ds_str_eqz(kind, "ServiceList") ? DS__LIST_SERVICES : DS__LIST_OTHERS;
}

static struct ds_loc place(const struct ds__service_source *src, uint32_t line, uint32_t column)
{
	return (struct ds_loc){
		.input = src->input,
		.line = src->line + line - 1,
		.column = line == 1 ? src->column + column - 1 : column,
	};
}

int ds__service_failed(struct ds__service_source *src, uint32_t line, uint32_t column, const char *hint,
		       const char *fmt, ...)
{
	struct ds_loc loc = place(src, line, column);
	const char *message;
	va_list ap;

	src->s->n_failed++;
	src->input->status = DS_INPUT_FAILED;
	va_start(ap, fmt);
	message = ds_arena_vprintf(src->s->ctx->arena, fmt, ap);
	va_end(ap);
	return message ? ds_diag(src->s->ctx, DS_LEVEL_ERROR, &loc, hint, "%s", message) : DS_ENOMEM;
}

static int failed_at(struct ds__service_source *src, const struct ds_yaml_node *node, const char *hint,
		     const char *message)
{
	return ds__service_failed(src, node->line, node->column, hint, "%s", message);
}

static int emit(struct ds__service_source *src, const struct ds_yaml_node *node, struct ds_str text)
{
	struct ds_service_item item = {.node = node, .text = text, .loc = place(src, node->line, node->column)};

	src->s->n_services++;
	return src->s->item(src->s->user, &item);
}

/* "Deployment", or "Service.serving.knative.dev": another group's Service is none. */
static int count_other(struct ds__service_source *src, struct ds_str kind, struct ds_str group)
{
	struct ds_service_stream *s = src->s;
	char text[160];
	struct ds_str name = kind;

	s->n_other++;
	if (ds_str_eqz(kind, "Service")) {
		int n = snprintf(text, sizeof(text), "Service.%.*s", (int)DS_MIN(group.n, (size_t)100), group.p);

		name = ds_str_n(text, (size_t)n);
	}
	name = ds_str_head(name, sizeof(text));
	for (size_t i = 0; i < s->n_kinds; i++) {
		if (ds_str_eq(s->kinds[i].kind, name)) {
			s->kinds[i].n++;
			return 0;
		}
	}
	if (s->n_kinds == DS_SERVICE_KINDS_MAX)
		return 0;
	s->kinds[s->n_kinds].n = 1;
	return ds_arena_str(s->ctx->arena, name, &s->kinds[s->n_kinds++].kind);
}

/* Without a kind kubectl refuses a document, and an API server takes an item for what its list is of. */
static int without_kind(struct ds__service_source *src, const struct ds_yaml_node *node, enum ds__service_list in,
			struct ds_str text)
{
	struct ds_loc loc = place(src, node->line, node->column);

	switch (in) {
	case DS__LIST_SERVICES:
		return emit(src, node, text);
	case DS__LIST_UNTOLD:
		src->n_untold++;
		return emit(src, node, text);
	case DS__LIST_OTHERS:
		return count_other(src, DS_STR("items without a kind"), DS_STR(""));
	case DS__LIST_NONE:
	case DS__LIST_OWN:
		break;
	}
	if (in == DS__LIST_OWN || ds_yaml_get(node, "metadata") || ds_yaml_get(node, "spec"))
		return failed_at(src, node, "add apiVersion: v1 and kind: Service if it is one",
				 "this object has no kind, so nobody can tell whether it is a Service");
	src->s->n_other++;
	return ds_diag(src->s->ctx, DS_LEVEL_WARNING, &loc, NULL, "no Kubernetes object: it has no kind");
}

/* A list whose items are no list: nil is an empty one. */
static int without_items(struct ds__service_source *src, const struct ds_yaml_node *node)
{
	const struct ds_yaml_node *items = ds_yaml_get(node, "items");

	if (!items || ds_yaml_is_null(items))
		return 0;
	return failed_at(src, items, NULL, "the items of this list are not a list");
}

static int single(struct ds__service_source *src, const struct ds_yaml_node *node, enum ds__service_list in,
		  struct ds_str text)
{
	const struct ds_yaml_node *kind_node = ds_yaml_get(node, "kind"), *api_node = ds_yaml_get(node, "apiVersion");
	struct ds_str kind = {0}, api = {0}, group;
	size_t slash;

	/* A kind or apiVersion that is no text: the API server's refusal is the answer. */
	if ((kind_node && ds_yaml_as_string(kind_node, &kind) < 0) || (api_node && ds_yaml_as_string(api_node, &api) < 0))
		return emit(src, node, text);
	if (kind.n == 0)
		return without_kind(src, node, in, text);
	slash = ds_str_find(api, '/');
	group = slash < api.n ? ds_str_head(api, slash) : DS_STR("");
	if (ds_str_eqz(kind, "List") || ds_str_eqz(kind, "ServiceList"))
		return without_items(src, node);
	if (!ds_str_eqz(kind, "Service") || group.n)
		return count_other(src, kind, group);
	if (api.n && !ds_str_eqz(api, "v1"))
		return ds__service_failed(src, node->line, node->column, "Services are apiVersion: v1",
					  "no matches for kind \"Service\" in version \"%.*s\"", DS_STR_ARG(api));
	return emit(src, node, text);
}

static int list(struct ds__service_source *src, const struct ds_yaml_node *node, const struct ds_yaml_node *items,
		unsigned depth, bool cut);

static int object(struct ds__service_source *src, const struct ds_yaml_node *node, enum ds__service_list in,
		  struct ds_str text, unsigned depth, bool cut)
{
	const struct ds_yaml_node *items;

	src->n_objects++;
	if (node->kind != DS_YAML_MAPPING) {
		if (in != DS__LIST_NONE && in != DS__LIST_OTHERS)
			return emit(src, node, text);
		return ds__service_failed(src, node->line, node->column, NULL, "a %s stands where an object should",
					  ds_yaml_kind_name(node));
	}
	items = ds_yaml_get(node, "items");
	if (items && items->kind == DS_YAML_SEQUENCE)
		return list(src, node, items, depth, cut);
	return cut ? 0 : single(src, node, in, text);
}

static int list(struct ds__service_source *src, const struct ds_yaml_node *node, const struct ds_yaml_node *items,
		unsigned depth, bool cut)
{
	struct ds_str kind = {0};
	enum ds__service_list in;
	int r = 0;

	if (depth >= DS_LIMIT_STREAM_LISTS)
		return failed_at(src, node, NULL, "lists in lists in lists: this one is not read");
	if (ds_yaml_as_string(ds_yaml_get(node, "kind"), &kind) < 0)
		kind = DS_STR("");
	in = kind.n ? ds__service_list_of(kind) : DS__LIST_OWN;
	for (size_t i = 0; r == 0 && i < items->n; i++) {
		bool last = cut && i + 1 == items->n;

		if (last && items->items[i]->kind != DS_YAML_MAPPING)
			break;
		r = object(src, items->items[i], in, (struct ds_str){0}, depth + 1, last);
	}
	return r;
}

int ds__service_object(struct ds__service_source *src, const struct ds_yaml_node *node, enum ds__service_list in,
		       struct ds_str text, bool cut)
{
	if (cut && node->kind != DS_YAML_MAPPING)
		return 0;
	return object(src, node, in, text, in == DS__LIST_NONE ? 0 : 1, cut);
}

int ds__service_list_told(struct ds__service_source *src, struct ds_str kind)
{
	size_t n = src->n_untold;

	src->n_untold = 0;
	if (n == 0 || ds__service_list_of(kind) == DS__LIST_SERVICES)
		return 0;
	return ds__service_failed(src, 1, 1, "name kind: Service in each item",
				  "%zu %s of this list without a kind: taken for Services, which its kind '%.*s' does not say",
				  n, n == 1 ? "item" : "items", (int)DS_MIN(kind.n, (size_t)100), kind.n ? kind.p : "");
}
