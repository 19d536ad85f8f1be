#include "base/limits.h"
#include "rules/suppress.h"
#include "yaml/scalar.h"

/*
 * ignore.dsaudit.dev/RULE: reason, on a Pod, a Service or a Node: what the rule
 * finds in that object is suppressed. The key is of the kind that people know
 * from kube-linter (ignore-check.kube-linter.io/CHECK). Inputs are read once
 * more here, and only those that hold the marker.
 */
#define MARKER "ignore.dsaudit.dev/"

/* Lists in lists, and objects in them. */
#define DEPTH_MAX 4u

/* Those of one rule in one input, in the order of the text. */
struct annotations {
	DS_VEC(struct ds_annotation *) v;
};

struct reading {
	struct ds_suppressions *s;
	struct ds_ctx *ctx;
	const struct ds_input *input;
};

static struct ds_str key_of(const struct ds_input *input, const struct ds_rule *rule, char buf[static 64])
{
	int n = snprintf(buf, 64, "%p %p", (const void *)input, (const void *)rule);

	return ds_str_n(buf, (size_t)n);
}

static const char *node_key(struct ds_arena *a, const struct ds_input *input, const char *node, const struct ds_rule *rule)
{
	return ds_arena_printf(a, "%p %p %s", (const void *)input, (const void *)rule, node);
}

/* What a Node says holds for the components on it, too. */
static int keep_of_node(struct reading *rd, struct ds_annotation *a, const struct ds_yaml_node *object)
{
	const struct ds_yaml_node *kind = ds_yaml_get(object, "kind");
	struct ds_str text = {0};
	const char *name, *key;

	if (!ds_str_eqz(kind->text, "Node") || ds_yaml_as_string(ds_yaml_path(object, "metadata", "name", NULL), &text) < 0)
		return 0;
	name = ds_arena_strndup(rd->s->a, text.n ? text.p : "", text.n);
	key = name ? node_key(rd->s->a, rd->input, name, a->rule) : NULL;
	return key ? ds_map_put(&rd->s->node_annotations, ds_str_from(key), a) : DS_ENOMEM;
}

static int keep(struct reading *rd, const struct ds_annotation *read, const struct ds_yaml_node *object)
{
	char buf[64];
	struct ds_str key = key_of(rd->input, read->rule, buf);
	struct annotations *list = ds_map_get(&rd->s->annotations, key);
	struct ds_annotation *a = ds_arena_new_obj(rd->s->a, struct ds_annotation);

	if (!a)
		return DS_ENOMEM;
	*a = *read;
	if (!list) {
		list = ds_arena_new_obj(rd->s->a, struct annotations);
		if (!list || ds_arena_str(rd->s->a, key, &key) < 0 || ds_map_put(&rd->s->annotations, key, list) < 0)
			return DS_ENOMEM;
	}
	if (ds_vec_push(rd->s->a, &list->v, a) < 0)
		return DS_ENOMEM;
	return keep_of_node(rd, a, object);
}

static int warn(struct reading *rd, const struct ds_loc *loc, const char *fmt, ...) DS_PRINTF(3, 4);

static int warn(struct reading *rd, const struct ds_loc *loc, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = ds_arena_vprintf(rd->ctx->arena, fmt, ap);
	va_end(ap);
	if (!text)
		return DS_ENOMEM;
	return ds_diag(rd->ctx, DS_LEVEL_WARNING, loc, "it reads '" MARKER "DS101: reason'",
		       "this annotation suppresses nothing: %s", text);
}

static int read_annotation(struct reading *rd, const struct ds_yaml_node *object, const struct ds_yaml_pair *pair)
{
	struct ds_annotation a = {.line = object->line, .column = object->column, .end_line = object->end_line,
				  .end_column = object->end_column, .loc = ds_yaml_loc(rd->s->a, rd->input, pair->key)};
	const struct ds_yaml_node *kind = ds_yaml_get(object, "kind");
	struct ds_str id = ds_str_skip(pair->key->text, strlen(MARKER)), reason = {0};

	a.is_pod = ds_str_eqz(kind->text, "Pod");
	a.rule = ds_rules_known(rd->s->rules, id);
	if (!a.rule)
		return warn(rd, &a.loc, "there is no rule '%.*s'", (int)DS_MIN(id.n, (size_t)64), id.n ? id.p : "");
	if (ds_yaml_as_string(pair->value, &reason) < 0)
		return warn(rd, &a.loc, "its value is not a text");
	reason = ds_str_trim(reason);
	if (reason.n == 0 || memchr(reason.p, '\0', reason.n))
		return warn(rd, &a.loc, "it gives no reason");
	a.reason = ds_arena_strndup(rd->s->a, reason.p, reason.n);
	return a.reason ? keep(rd, &a, object) : DS_ENOMEM;
}

static bool is_annotated_kind(const struct ds_yaml_node *object)
{
	/* What rules look at one by one. */
	static const char *const kinds[] = {
		"Pod", "Service", "Node", "NetworkPolicy", "Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Job",
		"CronJob", "ReplicationController", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration",
		"ConfigMap",
	};
	const struct ds_yaml_node *kind = ds_yaml_get(object, "kind");

	for (size_t i = 0; kind && kind->kind == DS_YAML_SCALAR && i < DS_ARRAY_SIZE(kinds); i++)
		if (ds_str_eqz(kind->text, kinds[i]))
			return true;
	return false;
}

static int read_object(struct reading *rd, const struct ds_yaml_node *n, unsigned depth)
{
	static const char *const lists[] = {"items", "objects"}; /* of a List, and of a node bundle */
	const struct ds_yaml_node *annotations = ds_yaml_path(n, "metadata", "annotations", NULL);
	int r = 0;

	if (n->kind != DS_YAML_MAPPING || depth == DEPTH_MAX)
		return 0;
	if (is_annotated_kind(n) && annotations && annotations->kind == DS_YAML_MAPPING)
		for (size_t i = 0; r == 0 && i < annotations->n; i++)
			if (ds_str_starts(annotations->pairs[i].key->text, MARKER))
				r = read_annotation(rd, n, &annotations->pairs[i]);
	for (size_t k = 0; k < DS_ARRAY_SIZE(lists); k++) {
		const struct ds_yaml_node *list = ds_yaml_get(n, lists[k]);

		for (size_t i = 0; list && list->kind == DS_YAML_SEQUENCE && r == 0 && i < list->n; i++)
			r = read_object(rd, list->items[i], depth + 1);
	}
	return r;
}

int ds_suppress_read_annotations(struct ds_suppressions *s, struct ds_ctx *ctx, const struct ds_input *input)
{
	struct reading rd = {.s = s, .ctx = ctx, .input = input};
	struct ds_yaml_stream stream;
	_ds_ctx_done_ struct ds_ctx scratch = {0};
	int r;

	/* What is wrong with the text was said when it was read for the audit. */
	if (input->status != DS_INPUT_READ || ds_str_search(input->text, DS_STR(MARKER)) == input->text.n)
		return 0;
	if (ds_ctx_init(&scratch, 0) < 0)
		return DS_ENOMEM;
	r = ds_yaml_load(&scratch, input, input->text, &stream);
	if (r == DS_ENOMEM)
		return r;
	r = 0;
	for (size_t i = 0; r == 0 && i < stream.n; i++)
		if (stream.docs[i].root)
			r = read_object(&rd, stream.docs[i].root, 0);
	return r;
}

static bool is_before(uint32_t line, uint32_t column, uint32_t other_line, uint32_t other_column)
{
	return line != other_line ? line < other_line : column < other_column;
}

/* Objects stand one behind the other: the last one that begins at or before the place, if it reaches there. */
struct ds_annotation *ds_suppress_annotation(const struct ds_suppressions *s, const struct ds_loc *l,
					     const struct ds_rule *rule)
{
	char buf[64];
	struct annotations *list;
	size_t low = 0, high;
	uint32_t column = l->column ? l->column : UINT32_MAX;

	if (s->annotations.n == 0 || !l->input || l->line == 0)
		return NULL;
	list = ds_map_get(&s->annotations, key_of(l->input, rule, buf));
	high = list ? list->v.n : 0;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (is_before(l->line, column, list->v.v[mid]->line, list->v.v[mid]->column))
			high = mid;
		else
			low = mid + 1;
	}
	if (low == 0 || !is_before(l->line, l->column, list->v.v[low - 1]->end_line, list->v.v[low - 1]->end_column))
		return NULL;
	return list->v.v[low - 1];
}

int ds_suppress_node_annotation(const struct ds_suppressions *s, struct ds_arena *tmp, const struct ds_input *input,
				const char *node, const struct ds_rule *rule, struct ds_annotation **ret)
{
	const char *key = node_key(tmp, input, node, rule);

	*ret = key ? ds_map_get(&s->node_annotations, ds_str_from(key)) : NULL;
	return key ? 0 : DS_ENOMEM;
}

static int note_unused(const struct ds_suppressions *s, struct ds_ctx *ctx, const struct ds_annotation *a)
{
	if (a->used || ds_suppress_may_find(s, a->rule->id))
		return 0;
	if (a->shown)
		return ds_diag(ctx, DS_LEVEL_NOTE, &a->loc, "suppress it by a comment, --ignore-file or a baseline",
			       "this annotation suppresses nothing: what %s finds is not about this object alone", a->rule->id);
	return ds_diag(ctx, DS_LEVEL_NOTE, &a->loc, "take it out",
		       "this annotation suppresses nothing: %s finds nothing in this object", a->rule->id);
}

int ds_suppress_unused_annotations(const struct ds_suppressions *s, struct ds_ctx *ctx)
{
	int r = 0;

	for (size_t i = 0; i < s->annotations.n; i++) {
		const struct annotations *list = s->annotations.entries[i].value;

		for (size_t k = 0; r == 0 && k < list->v.n; k++)
			r = note_unused(s, ctx, list->v.v[k]);
	}
	return r;
}
