#include "collect/embedded.h"

/* From a place in the inner text to the outer one. */
struct shift {
	const struct ds_yaml_node *scalar;
	bool exact;
	uint32_t lines;   /* added */
	uint32_t columns;
};

static size_t blanks(struct ds_str line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == ' ')
		n++;
	return n;
}

/* How far a literal block is indented: its first line that is not empty tells. */
static void find_shift(const struct ds_lines *lines, struct shift *s)
{
	struct ds_str rest = s->scalar->text, inner, outer;
	size_t k = s->scalar->line; /* the first line of the block, 0-based */
	bool done = false;

	if (s->scalar->style != DS_YAML_LITERAL || !lines)
		return;
	for (; ds_str_split(&rest, '\n', &done, &inner) && k < lines->n; k++) {
		if (blanks(inner) == inner.n)
			continue;
		outer = ds_str_skip(lines->text, lines->starts[k]);
		outer = ds_str_head(outer, ds_str_find(outer, '\n'));
		if (blanks(outer) < blanks(inner))
			return;
		s->columns = (uint32_t)(blanks(outer) - blanks(inner));
		s->lines = s->scalar->line;
		s->exact = true;
		return;
	}
}

static void move_place(const struct shift *s, uint32_t *line, uint32_t *column)
{
	*line = s->exact ? *line + s->lines : s->scalar->line;
	*column = s->exact ? *column + s->columns : s->scalar->column;
}

/* Each node once, however many aliases lead to it; no deeper than the loader allows. */
static void move_node(const struct shift *s, struct ds_yaml_node *n)
{
	if (n->flags & DS_YAML_F_MOVED)
		return;
	n->flags |= DS_YAML_F_MOVED;
	move_place(s, &n->line, &n->column);
	move_place(s, &n->end_line, &n->end_column);
	for (size_t i = 0; n->kind == DS_YAML_SEQUENCE && i < n->n; i++)
		move_node(s, n->items[i]);
	for (size_t i = 0; n->kind == DS_YAML_MAPPING && i < n->n; i++) {
		move_node(s, n->pairs[i].key);
		move_node(s, n->pairs[i].value);
	}
}

int ds_embedded_load(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *scalar,
		     struct ds_yaml_stream **ret, bool *ret_broken)
{
	struct shift s = {.scalar = scalar};
	size_t first_diag = f->ctx->diags.n;
	int r;

	*ret = ds_arena_new_obj(f->ctx->arena, struct ds_yaml_stream);
	if (!*ret)
		return DS_ENOMEM;
	r = ds_yaml_load(f->ctx, src->input, scalar->text, *ret);
	if (r == DS_ENOMEM)
		return r;
	*ret_broken = r < 0;
	find_shift(src->lines, &s);
	for (size_t i = first_diag; i < f->ctx->diags.n; i++)
		move_place(&s, &f->ctx->diags.v[i].loc.line, &f->ctx->diags.v[i].loc.column);
	for (size_t i = 0; i < (*ret)->n; i++) {
		uint32_t column = 1;

		move_place(&s, &(*ret)->docs[i].line, &column);
		if ((*ret)->docs[i].root)
			move_node(&s, (*ret)->docs[i].root);
	}
	return 0;
}
