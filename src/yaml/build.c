#include "yaml/build.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/buf.h"
#include "yaml/merge.h"

/* Nodes come in blocks, small at first: an audit may read thousands of texts of a few lines. */
#define POOL_FIRST       8u
#define POOL_MAX         64u
#define DUPLICATES_SHOWN 100u

void ds__yaml_build_init(struct ds__yaml_builder *b, struct ds_ctx *ctx, const struct ds_input *input,
			 struct ds_yaml_stream *out)
{
	*b = (struct ds__yaml_builder){.ctx = ctx, .input = input, .out = out};
	*out = (struct ds_yaml_stream){.input = input};
	ds_map_init(&b->anchors, ctx->arena);
}

void ds__yaml_build_done(struct ds__yaml_builder *b)
{
	free(b->stack);
	b->stack = NULL;
}

int ds__yaml_diag(struct ds__yaml_builder *b, enum ds_level level, struct ds__yaml_pos at, const char *hint,
		  const char *fmt, ...)
{
	struct ds_loc loc = {.input = b->input, .line = at.line, .column = at.column};
	const char *message;
	va_list ap;

	va_start(ap, fmt);
	message = ds_arena_vprintf(b->ctx->arena, fmt, ap);
	va_end(ap);
	if (!message)
		return DS_ENOMEM;
	return ds_diag(b->ctx, level, &loc, hint, "%s", message);
}

/* Reports a limit and gives its code, so that callers can return it. */
static int over_limit(struct ds__yaml_builder *b, struct ds__yaml_pos at, int code, const char *what, size_t limit)
{
	int r = ds__yaml_diag(b, DS_LEVEL_ERROR, at, NULL, "more than %zu %s: the rest is not read", limit, what);

	return r < 0 ? r : code;
}

static struct ds_yaml_node *new_node(struct ds__yaml_builder *b)
{
	if (b->pool_n == 0) {
		size_t n = DS_MIN(DS_MAX(b->n_nodes / 2, POOL_FIRST), POOL_MAX);

		b->pool = ds_arena_new_array(b->ctx->arena, n, struct ds_yaml_node);
		if (!b->pool)
			return NULL;
		b->pool_n = n;
	}
	b->pool_n--;
	return b->pool++;
}

static int push(struct ds__yaml_builder *b, struct ds_yaml_node *node)
{
	if (b->stack_n == b->stack_cap) {
		size_t cap = b->stack_cap ? b->stack_cap * 2 : 256;
		struct ds_yaml_node **p = realloc(b->stack, cap * sizeof(struct ds_yaml_node *));

		if (!p)
			return DS_ENOMEM;
		b->stack = p;
		b->stack_cap = cap;
	}
	b->stack[b->stack_n++] = node;
	return 0;
}

/* Hangs node into what is open. Aliased nodes keep the parent where they are written. */
static int attach(struct ds__yaml_builder *b, struct ds_yaml_node *node, bool own)
{
	struct ds__yaml_frame *f;
	size_t at;

	if (b->depth == 0) {
		b->root = node;
		return 0;
	}
	f = &b->frames[b->depth - 1];
	at = b->stack_n - f->base;
	if (own) {
		node->parent = f->node;
		node->index = (uint32_t)(f->node->kind == DS_YAML_MAPPING ? at / 2 : at);
	}
	return push(b, node);
}

static int add(struct ds__yaml_builder *b, enum ds_yaml_kind kind, enum ds_yaml_style style, struct ds__yaml_pos from,
	       struct ds__yaml_pos to, struct ds_yaml_node **ret)
{
	struct ds_yaml_node *n;

	if (b->n_nodes >= DS_LIMIT_YAML_NODES)
		return over_limit(b, from, DS_ETOOBIG, "YAML nodes", DS_LIMIT_YAML_NODES);
	n = new_node(b);
	if (!n)
		return DS_ENOMEM;
	b->n_nodes++;
	b->visits++;
	n->kind = (uint8_t)kind;
	n->style = (uint8_t)style;
	n->flags = b->flags;
	n->line = from.line;
	n->column = from.column;
	n->end_line = to.line;
	n->end_column = to.column;
	*ret = n;
	return attach(b, n, true);
}

int ds__yaml_doc_start(struct ds__yaml_builder *b, uint32_t line)
{
	struct ds_yaml_stream *out = b->out;

	if (out->n >= DS_LIMIT_YAML_DOCUMENTS)
		return over_limit(b, (struct ds__yaml_pos){line, 1}, DS_ETOOBIG, "YAML documents",
				  DS_LIMIT_YAML_DOCUMENTS);
	if (ds__vec_grow(b->ctx->arena, (void **)&out->docs, out->n, &b->docs_cap, sizeof(out->docs[0])) < 0)
		return DS_ENOMEM;
	out->docs[out->n] = (struct ds_yaml_doc){.index = (uint32_t)out->n, .line = line};
	out->n++;
	b->root = NULL;
	b->stack_n = 0;
	if (b->anchors.n)
		ds_map_init(&b->anchors, b->ctx->arena);
	return 0;
}

/* What a reader of "key already set" wants to know, in one line. */
static int report_duplicate(struct ds__yaml_builder *b, const struct ds__yaml_duplicate *d)
{
	const struct ds_yaml_node *first = d->map->pairs[d->first].key, *second = d->map->pairs[d->second].key;
	struct ds_loc loc = ds_yaml_loc(b->ctx->arena, b->input, second);
	char buf[DS_YAML_KEY_TEXT];
	struct ds_str text = {0};
	_ds_buf_done_ struct ds_buf quoted = DS_BUF_INIT;

	(void)ds_yaml_key_text(second, buf, &text);
	ds_buf_add_go_quoted(&quoted, text);
	if (!loc.path || quoted.err)
		return DS_ENOMEM;
	return ds_diag(b->ctx, DS_LEVEL_WARNING, &loc,
		       "remove one of the two; strict readers such as kubeadm refuse the file",
		       "yaml: line %" PRIu32 ": key %s already set in map (line %" PRIu32 ", column %" PRIu32
		       "); the later one counts",
		       second->line, quoted.p, first->line, first->column);
}

int ds__yaml_doc_end(struct ds__yaml_builder *b)
{
	struct ds_yaml_doc *doc = &b->out->docs[b->out->n - 1];
	int r;

	/* An empty document is one plain scalar without text. */
	if (b->root &&
	    (b->root->kind != DS_YAML_SCALAR || b->root->style != DS_YAML_PLAIN || b->root->text.n || b->root->tag))
		doc->root = b->root;
	b->root = NULL;
	for (size_t i = 0; i < b->duplicates.n; i++) {
		r = report_duplicate(b, &b->duplicates.v[i]);
		if (r < 0)
			return r;
	}
	if (b->n_duplicates > b->duplicates.n) {
		r = ds__yaml_diag(b, DS_LEVEL_WARNING, (struct ds__yaml_pos){doc->line, 0}, NULL,
				  "%zu more duplicate keys in this document", b->n_duplicates - b->duplicates.n);
		if (r < 0)
			return r;
	}
	b->duplicates.n = 0;
	b->n_duplicates = 0;
	return 0;
}

int ds__yaml_scalar(struct ds__yaml_builder *b, struct ds_str text, enum ds_yaml_style style, struct ds__yaml_pos from,
		    struct ds__yaml_pos to, struct ds_yaml_node **ret)
{
	int r = add(b, DS_YAML_SCALAR, style, from, to, ret);

	if (r == 0)
		(*ret)->text = text;
	return r;
}

int ds__yaml_open(struct ds__yaml_builder *b, enum ds_yaml_kind kind, enum ds_yaml_style style,
		  struct ds__yaml_pos from, struct ds__yaml_pos to, struct ds_yaml_node **ret)
{
	size_t visits = b->visits;
	int r;

	if (b->depth >= DS_LIMIT_YAML_DEPTH)
		return over_limit(b, from, DS_ETOODEEP, "levels of nesting", DS_LIMIT_YAML_DEPTH);
	r = add(b, kind, style, from, to, ret);
	if (r < 0)
		return r;
	b->frames[b->depth++] = (struct ds__yaml_frame){.node = *ret, .base = b->stack_n, .visits = visits};
	return 0;
}

/* The tree, aliases followed, must not be higher than a document may be deep: consumers recurse over it. */
static void raise_height(struct ds__yaml_builder *b, size_t height)
{
	if (b->depth && b->frames[b->depth - 1].height < height)
		b->frames[b->depth - 1].height = height;
}

int ds__yaml_anchor(struct ds__yaml_builder *b, struct ds_str name, struct ds_yaml_node *node)
{
	struct ds__yaml_anchor *a = ds_arena_new_obj(b->ctx->arena, struct ds__yaml_anchor);
	struct ds_str key;

	if (!a || ds_arena_str(b->ctx->arena, name, &key) < 0)
		return DS_ENOMEM;
	a->node = node;
	a->visits = 1;
	if (node->kind != DS_YAML_SCALAR) {
		a->open = true;
		b->frames[b->depth - 1].anchor = a;
	}
	return ds_map_put(&b->anchors, key, a);
}

int ds__yaml_alias(struct ds__yaml_builder *b, struct ds_str name, struct ds__yaml_pos at)
{
	const struct ds__yaml_anchor *a = ds_map_get(&b->anchors, name);
	int r;

	if (!a)
		r = ds__yaml_diag(b, DS_LEVEL_ERROR, at, NULL, "yaml: unknown anchor '%.*s' referenced",
				  DS_STR_ARG(name));
	else if (a->open)
		r = ds__yaml_diag(b, DS_LEVEL_ERROR, at, NULL, "yaml: anchor '%.*s' value contains itself",
				  DS_STR_ARG(name));
	else if (b->depth + a->height > DS_LIMIT_YAML_DEPTH)
		return over_limit(b, at, DS_ETOODEEP, "levels of nesting through aliases", DS_LIMIT_YAML_DEPTH);
	else if (b->alias_visits + a->visits > DS_LIMIT_YAML_ALIAS_NODES)
		r = ds__yaml_diag(b, DS_LEVEL_ERROR, at, NULL, "yaml: document contains excessive aliasing");
	else
		r = 1;
	if (r <= 0)
		return r < 0 ? r : a && !a->open ? DS_ETOOBIG : DS_ESYNTAX;
	raise_height(b, a->height);
	b->alias_visits += a->visits;
	b->visits += a->visits;
	a->node->flags |= DS_YAML_F_ALIASED;
	return attach(b, a->node, false);
}

static int note_duplicate(struct ds__yaml_builder *b, const struct ds_yaml_node *map, size_t first, size_t second)
{
	struct ds__yaml_duplicate d = {map, (uint32_t)first, (uint32_t)second};

	b->n_duplicates++;
	map->pairs[second].flags |= DS_YAML_F_DUPLICATE;
	if (b->duplicates.n >= DUPLICATES_SHOWN)
		return 0;
	return ds_vec_push(b->ctx->arena, &b->duplicates, d);
}

static bool same_key(const struct ds_yaml_node *a, const struct ds_yaml_node *b)
{
	char buf_a[DS_YAML_KEY_TEXT], buf_b[DS_YAML_KEY_TEXT];
	struct ds_str text_a, text_b;

	return ds_yaml_key_text(a, buf_a, &text_a) && ds_yaml_key_text(b, buf_b, &text_b) && ds_str_eq(text_a, text_b);
}

static uint32_t hash_key(const struct ds_yaml_node *key, uint64_t seed)
{
	char buf[DS_YAML_KEY_TEXT];
	struct ds_str text = {0};
	uint64_t h = seed ^ 0xcbf29ce484222325u;

	(void)ds_yaml_key_text(key, buf, &text);
	for (size_t i = 0; i < text.n; i++) {
		h = (h ^ (unsigned char)text.p[i]) * 0x100000001b3u;
		h ^= h >> 29;
	}
	return (uint32_t)(h ^ h >> 32);
}

/* Every entry against the last earlier one of the same key. */
static int find_duplicates_large(struct ds__yaml_builder *b, const struct ds_yaml_node *map)
{
	size_t n_slots = 16;
	uint64_t seed = 0;
	uint32_t *slots;
	int r = 0;

	while (n_slots < (size_t)map->n * 2)
		n_slots *= 2;
	slots = calloc(n_slots, sizeof(slots[0]));
	if (!slots)
		return DS_ENOMEM;
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed))
		seed = (uint64_t)(uintptr_t)slots;
	for (uint32_t i = 0; i < map->n && r == 0; i++) {
		size_t s = hash_key(map->pairs[i].key, seed) & (n_slots - 1);

		while (slots[s] && !same_key(map->pairs[slots[s] - 1].key, map->pairs[i].key))
			s = (s + 1) & (n_slots - 1);
		if (slots[s])
			r = note_duplicate(b, map, slots[s] - 1, i);
		slots[s] = i + 1;
	}
	free(slots);
	return r;
}

static int find_duplicates(struct ds__yaml_builder *b, const struct ds_yaml_node *map)
{
	if (map->n > 16)
		return find_duplicates_large(b, map);
	for (size_t i = 1; i < map->n; i++) {
		for (size_t j = i; j-- > 0;) {
			int r;

			if (!same_key(map->pairs[j].key, map->pairs[i].key))
				continue;
			r = note_duplicate(b, map, j, i);
			if (r < 0)
				return r;
			break;
		}
	}
	return 0;
}

static int close_mapping(struct ds__yaml_builder *b, const struct ds__yaml_frame *f)
{
	struct ds_yaml_node *map = f->node;
	size_t n = (b->stack_n - f->base) / 2;
	struct ds_yaml_node **kids = n ? b->stack + f->base : NULL;
	bool merges = false;
	int r;

	map->pairs = ds_arena_new_array(b->ctx->arena, n, struct ds_yaml_pair);
	if (!map->pairs)
		return DS_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		map->pairs[i] = (struct ds_yaml_pair){.key = kids[2 * i], .value = kids[2 * i + 1]};
		merges = merges || ds__yaml_is_merge_key(kids[2 * i]);
	}
	map->n = (uint32_t)n;
	r = ds__yaml_check_keys(b, map);
	if (r == 0)
		r = merges ? ds__yaml_merge(b, map) : find_duplicates(b, map);
	return r;
}

static int close_sequence(struct ds__yaml_builder *b, const struct ds__yaml_frame *f)
{
	size_t n = b->stack_n - f->base;

	f->node->items = ds_arena_new_array(b->ctx->arena, n, struct ds_yaml_node *);
	if (!f->node->items)
		return DS_ENOMEM;
	if (n)
		memcpy(f->node->items, b->stack + f->base, n * sizeof(b->stack[0]));
	f->node->n = (uint32_t)n;
	return 0;
}

int ds__yaml_close(struct ds__yaml_builder *b, struct ds__yaml_pos to)
{
	struct ds__yaml_frame *f = &b->frames[b->depth - 1];
	int r;

	f->node->end_line = to.line;
	f->node->end_column = to.column;
	r = f->node->kind == DS_YAML_MAPPING ? close_mapping(b, f) : close_sequence(b, f);
	if (f->anchor) {
		f->anchor->open = false;
		f->anchor->visits = b->visits - f->visits;
		f->anchor->height = f->height + 1;
	}
	b->stack_n = f->base;
	b->depth--;
	raise_height(b, f->height + 1);
	return r;
}

int ds__yaml_abandon(struct ds__yaml_builder *b)
{
	int r = 0;

	while (b->depth && r == 0) {
		struct ds__yaml_frame *f = &b->frames[b->depth - 1];
		struct ds__yaml_pos to = {f->node->end_line, f->node->end_column};

		r = ds__yaml_close(b, to);
	}
	if (r == 0 && b->out->n)
		r = ds__yaml_doc_end(b);
	return r;
}
