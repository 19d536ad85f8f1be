#include "yaml/merge.h"

#include <inttypes.h>

#include "base/buf.h"
#include "yaml/scalar.h"

#define ODD_KEYS_SHOWN  20u
#define GO_SYNTAX_MAX   400u
#define GO_SYNTAX_DEPTH 6u

/* An entry on its way into the merged mapping. */
struct entry {
	struct ds_yaml_pair pair;
	size_t slot; /* in the list it lives in */
	bool merged;
};

struct merge {
	struct ds__yaml_builder *b;
	struct ds_yaml_node *map;
	struct ds_map seen; /* key text to struct entry */
	DS_VEC(struct ds_yaml_pair) own;
	DS_VEC(struct ds_yaml_pair) merged;
};

bool ds__yaml_is_merge_key(const struct ds_yaml_node *key)
{
	return key->kind == DS_YAML_SCALAR && ds_str_eqz(key->text, "<<") && !(key->flags & DS_YAML_F_JSON) &&
	       (key->tag == DS_YAML_TAG_MERGE || (key->tag == DS_YAML_TAG_NONE && key->style == DS_YAML_PLAIN));
}

static struct ds__yaml_pos pos_of(const struct ds_yaml_node *n)
{
	return (struct ds__yaml_pos){n->line, n->column};
}

static int put(struct merge *m, struct ds_str key, struct ds_yaml_pair pair, bool merged, size_t slot)
{
	struct entry *e = ds_arena_new_obj(m->b->ctx->arena, struct entry);
	struct ds_str copy;

	if (!e || ds_arena_str(m->b->ctx->arena, key, &copy) < 0)
		return DS_ENOMEM;
	*e = (struct entry){.pair = pair, .slot = slot, .merged = merged};
	return ds_map_put(&m->seen, copy, e);
}

/* A key written in the mapping itself: wins over all that came before it. */
static int add_own(struct merge *m, struct ds_yaml_pair pair)
{
	char buf[DS_YAML_KEY_TEXT];
	struct ds_str key;
	struct entry *e = NULL;
	int r;

	if (ds_yaml_key_text(pair.key, buf, &key)) {
		e = ds_map_get(&m->seen, key);
		if (e) {
			pair.flags |= DS_YAML_F_DUPLICATE;
			if (e->merged)
				m->merged.v[e->slot].key = NULL; /* dropped below */
			else
				m->b->n_duplicates++;
		}
		r = put(m, key, pair, false, m->own.n);
		if (r < 0)
			return r;
	}
	return ds_vec_push(m->b->ctx->arena, &m->own, pair);
}

static int add_merged(struct merge *m, struct ds_yaml_pair pair)
{
	char buf[DS_YAML_KEY_TEXT];
	struct ds_str key;
	struct entry *e;
	int r;

	pair.flags = DS_YAML_F_MERGED;
	if (!ds_yaml_key_text(pair.key, buf, &key))
		return 0;
	e = ds_map_get(&m->seen, key);
	if (e && e->merged) {
		m->merged.v[e->slot] = pair;
		return 0;
	}
	if (e) {
		pair.flags |= DS_YAML_F_DUPLICATE;
		r = ds__yaml_diag(
			m->b, DS_LEVEL_WARNING, pos_of(e->pair.key), "write \"<<\" before the keys that shall win",
			"the value of this key is replaced by the one that \"<<\" merges in from line %" PRIu32,
			pair.key->line);
		if (r < 0)
			return r;
	}
	r = put(m, key, pair, true, m->merged.n);
	return r < 0 ? r : ds_vec_push(m->b->ctx->arena, &m->merged, pair);
}

static int merge_map(struct merge *m, const struct ds_yaml_node *from)
{
	for (size_t i = 0; i < from->n; i++) {
		int r;

		r = add_merged(m, from->pairs[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int refuse(struct merge *m, const struct ds_yaml_node *at)
{
	int r = ds__yaml_diag(m->b, DS_LEVEL_ERROR, pos_of(at), NULL,
			      "yaml: map merge requires map or sequence of maps as the value");

	return r < 0 ? r : DS_ESYNTAX;
}

static int merge_value(struct merge *m, struct ds_yaml_node *value)
{
	if (value->parent == m->map)
		value->index = UINT32_MAX; /* no longer an entry: paths leave it out */
	if (value->kind == DS_YAML_MAPPING)
		return merge_map(m, value);
	/* A list counts only where it is written, not through an alias. */
	if (value->kind != DS_YAML_SEQUENCE || value->parent != m->map)
		return refuse(m, value);
	for (size_t i = value->n; i-- > 0;) {
		int r = value->items[i]->kind == DS_YAML_MAPPING ? merge_map(m, value->items[i])
								 : refuse(m, value->items[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Own entries, then the merged ones that nothing displaced. */
static int collect(struct merge *m)
{
	struct ds_yaml_pair *pairs = ds_arena_new_array(m->b->ctx->arena, m->own.n + m->merged.n, struct ds_yaml_pair);
	size_t n = 0;

	if (!pairs)
		return DS_ENOMEM;
	for (size_t i = 0; i < m->own.n; i++) {
		struct ds_yaml_pair *p = &m->own.v[i];

		if (p->key->parent == m->map)
			p->key->index = (uint32_t)n;
		if (p->value->parent == m->map)
			p->value->index = (uint32_t)n;
		pairs[n++] = *p;
	}
	for (size_t i = 0; i < m->merged.n; i++) {
		if (!m->merged.v[i].key)
			continue;
		m->merged.v[i].value->flags |= DS_YAML_F_ALIASED;
		pairs[n++] = m->merged.v[i];
	}
	m->map->pairs = pairs;
	m->map->n = (uint32_t)n;
	return 0;
}

int ds__yaml_merge(struct ds__yaml_builder *b, struct ds_yaml_node *map)
{
	struct merge m = {.b = b, .map = map};
	int r = 0, bad = 0;

	ds_map_init(&m.seen, b->ctx->arena);
	for (size_t i = 0; i < map->n && r == 0; i++) {
		if (ds__yaml_is_merge_key(map->pairs[i].key)) {
			map->pairs[i].key->index = UINT32_MAX;
			r = merge_value(&m, map->pairs[i].value);
		} else {
			r = add_own(&m, map->pairs[i]);
		}
		if (r == DS_ESYNTAX) {
			bad = r;
			r = 0;
		}
	}
	if (r == 0)
		r = collect(&m);
	return r < 0 ? r : bad;
}

static void add_go_scalar(struct ds_buf *out, const struct ds_yaml_node *n)
{
	struct ds_yaml_value v = ds_yaml_resolve(n);

	switch (v.type) {
	case DS_YAML_T_INT:
		if (v.big)
			ds_buf_printf(out, "0x%" PRIx64, v.u);
		else
			ds_buf_printf(out, "%" PRId64, v.i);
		return;
	case DS_YAML_T_FLOAT:
		ds_buf_printf(out, "%g", v.f);
		return;
	case DS_YAML_T_BOOL:
		ds_buf_addz(out, v.b ? "true" : "false");
		return;
	case DS_YAML_T_NULL:
		ds_buf_addz(out, "interface {}(nil)");
		return;
	case DS_YAML_T_STRING:
	case DS_YAML_T_TIMESTAMP:
	case DS_YAML_T_SEQUENCE:
	case DS_YAML_T_MAPPING:
		break;
	}
	ds_buf_add_go_quoted(out, v.s);
}

/* fmt's %#v of what go-yaml makes of a node, cut short when it gets long. */
static void add_go_syntax(struct ds_buf *out, const struct ds_yaml_node *n, unsigned depth)
{
	bool map = n->kind == DS_YAML_MAPPING;

	if (n->kind == DS_YAML_SCALAR) {
		add_go_scalar(out, n);
		return;
	}
	ds_buf_addz(out, map ? "map[interface {}]interface {}{" : "[]interface {}{");
	for (size_t i = 0; i < n->n; i++) {
		if (i)
			ds_buf_addz(out, ", ");
		if (depth == 0 || out->n > GO_SYNTAX_MAX) {
			ds_buf_addz(out, "...");
			break;
		}
		if (map) {
			add_go_syntax(out, n->pairs[i].key, depth - 1);
			ds_buf_addc(out, ':');
		}
		add_go_syntax(out, map ? n->pairs[i].value : n->items[i], depth - 1);
	}
	ds_buf_addc(out, '}');
}

static int report_odd_key(struct ds__yaml_builder *b, const struct ds_yaml_pair *p)
{
	static const char hint[] = "a template? render it before the audit; else quote the key";
	_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;
	bool null = p->key->kind == DS_YAML_SCALAR;

	if (b->n_odd_keys++ >= ODD_KEYS_SHOWN)
		return 0;
	add_go_syntax(&text, null ? p->value : p->key, GO_SYNTAX_DEPTH);
	if (text.err)
		return text.err;
	if (!null)
		return ds__yaml_diag(b, DS_LEVEL_ERROR, pos_of(p->key), hint, "yaml: invalid map key: %.*s",
				     (int)text.n, text.p);
	return ds__yaml_diag(b, DS_LEVEL_ERROR, pos_of(p->key), "quote the key",
			     "unsupported map key of type: %%!s(<nil>), key: <nil>, value: %.*s", (int)text.n, text.p);
}

int ds__yaml_check_keys(struct ds__yaml_builder *b, const struct ds_yaml_node *map)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct ds_yaml_node *key = map->pairs[i].key;
		int r;

		if (key->kind == DS_YAML_SCALAR && !ds_yaml_is_null(key))
			continue;
		r = report_odd_key(b, &map->pairs[i]);
		if (r < 0)
			return r;
	}
	return 0;
}
