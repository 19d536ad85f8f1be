#include "yaml/tree.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "yaml/scalar.h"

/* What tree.h promises of a collection's text: the pointers beside it do not reach its length. */
_Static_assert(offsetof(struct ds_str, n) >= sizeof(struct ds_yaml_node **), "a collection's text is empty");

/* strconv.FormatFloat(f, 'g', -1, 32) with go-yaml's names for what is not finite. */
static struct ds_str float_text(double f, char buf[static DS_YAML_KEY_TEXT])
{
	int n = 0;

	if (isnan(f))
		return DS_STR(".nan");
	if (isinf((float)f))
		return f < 0 ? DS_STR("-.inf") : DS_STR(".inf");
	if (f == trunc(f) && fabs(f) < 1e6)
		return ds_str_n(buf, (size_t)snprintf(buf, DS_YAML_KEY_TEXT, "%.0f", f));
	for (int digits = 1; digits <= 9; digits++) {
		n = snprintf(buf, DS_YAML_KEY_TEXT, "%.*g", digits, (double)(float)f);
		if (strtof(buf, NULL) == (float)f)
			break;
	}
	return ds_str_n(buf, (size_t)n);
}

bool ds_yaml_key_text(const struct ds_yaml_node *key, char buf[static DS_YAML_KEY_TEXT], struct ds_str *ret)
{
	struct ds_yaml_value v;
	int n;

	if (key->kind != DS_YAML_SCALAR)
		return false;
	/* Nearly all keys of JSON, and worth it: every key is compared with its neighbours. */
	if (key->style == DS_YAML_DOUBLE_QUOTED && key->tag == DS_YAML_TAG_NONE) {
		*ret = key->text;
		return true;
	}
	v = ds_yaml_resolve(key);
	switch (v.type) {
	case DS_YAML_T_STRING:
	case DS_YAML_T_TIMESTAMP:
		*ret = v.s;
		return true;
	case DS_YAML_T_INT:
		n = v.big ? snprintf(buf, DS_YAML_KEY_TEXT, "%" PRIu64, v.u)
			  : snprintf(buf, DS_YAML_KEY_TEXT, "%" PRId64, v.i);
		*ret = ds_str_n(buf, (size_t)n);
		return !v.big;
	case DS_YAML_T_FLOAT:
		*ret = float_text(v.f, buf);
		return true;
	case DS_YAML_T_BOOL:
		*ret = v.b ? DS_STR("true") : DS_STR("false");
		return true;
	case DS_YAML_T_NULL:
	case DS_YAML_T_SEQUENCE:
	case DS_YAML_T_MAPPING:
		break;
	}
	return false;
}

const struct ds_yaml_pair *ds_yaml_get_pair(const struct ds_yaml_node *map, const char *key)
{
	struct ds_str want = ds_str_from(key);

	if (!map || map->kind != DS_YAML_MAPPING)
		return NULL;
	for (size_t i = map->n; i-- > 0;) {
		char buf[DS_YAML_KEY_TEXT];
		struct ds_str text;

		if (ds_yaml_key_text(map->pairs[i].key, buf, &text) && ds_str_eq(text, want))
			return &map->pairs[i];
	}
	return NULL;
}

const struct ds_yaml_node *ds_yaml_get(const struct ds_yaml_node *map, const char *key)
{
	const struct ds_yaml_pair *pair = ds_yaml_get_pair(map, key);

	return pair ? pair->value : NULL;
}

const struct ds_yaml_node *ds_yaml_path(const struct ds_yaml_node *node, ...)
{
	const char *key;
	va_list ap;

	va_start(ap, node);
	while (node && (key = va_arg(ap, const char *)))
		node = ds_yaml_get(node, key);
	va_end(ap);
	return node;
}

static bool is_simple_key(struct ds_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ds_c_is_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '-' && s.p[i] != '/')
			return false;
	return s.n > 0;
}

static void add_key(struct ds_buf *b, const struct ds_yaml_node *key)
{
	char buf[DS_YAML_KEY_TEXT];
	struct ds_str text;

	if (!ds_yaml_key_text(key, buf, &text))
		text = key->kind == DS_YAML_SCALAR ? key->text : DS_STR("?");
	if (is_simple_key(text)) {
		if (b->n)
			ds_buf_addc(b, '.');
		ds_buf_adds(b, text);
		return;
	}
	ds_buf_addc(b, '[');
	ds_buf_add_go_quoted(b, text);
	ds_buf_addc(b, ']');
}

const char *ds_yaml_path_of(struct ds_arena *a, const struct ds_yaml_node *node)
{
	const struct ds_yaml_node *chain[DS_LIMIT_YAML_DEPTH + 2];
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	size_t n = 0;

	for (; node && node->parent && n < DS_LIMIT_YAML_DEPTH + 2; node = node->parent)
		chain[n++] = node;
	while (n-- > 0) {
		const struct ds_yaml_node *parent = chain[n]->parent;

		if (parent->kind == DS_YAML_SEQUENCE)
			ds_buf_printf(&b, "[%" PRIu32 "]", chain[n]->index);
		else if (chain[n]->index < parent->n)
			add_key(&b, parent->pairs[chain[n]->index].key);
	}
	return ds_buf_dup(&b, a);
}

struct ds_loc ds_yaml_loc(struct ds_arena *a, const struct ds_input *input, const struct ds_yaml_node *node)
{
	struct ds_loc loc = {.input = input};

	if (!node)
		return loc;
	loc.line = node->line;
	loc.column = node->column;
	if (node->kind == DS_YAML_SCALAR && node->line == node->end_line)
		loc.length = node->end_column - node->column;
	loc.path = ds_yaml_path_of(a, node);
	return loc;
}

struct ds_loc ds_yaml_text_loc(struct ds_arena *a, const struct ds_input *input, const struct ds_yaml_node *node)
{
	struct ds_loc loc = ds_yaml_loc(a, input, node);
	size_t n = ds_utf8_count(node->text);

	if ((node->style == DS_YAML_SINGLE_QUOTED || node->style == DS_YAML_DOUBLE_QUOTED) && loc.length == n + 2) {
		loc.column++;
		loc.length = (uint32_t)n;
	}
	return loc;
}

const char *ds_yaml_kind_name(const struct ds_yaml_node *node)
{
	static const char *const names[] = {
		[DS_YAML_SCALAR] = "scalar",
		[DS_YAML_SEQUENCE] = "sequence",
		[DS_YAML_MAPPING] = "mapping",
	};

	return names[node->kind];
}
