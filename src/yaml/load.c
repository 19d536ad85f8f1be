#include <stdarg.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "yaml/build.h"
#include "yaml/colon.h"
#include "yaml/merge.h"
#include "yaml/syntax.h"

/* Where libyaml's marks (code points) are in the bytes; only ever moves forward. */
struct cursor {
	const struct ds__yaml_colon *colon;
	struct ds_str fed;
	size_t index;    /* code points before */
	size_t offset;   /* bytes of fed before */
	size_t replaced; /* stand-ins before: what fed is longer by */
};

struct loader {
	struct ds__yaml_builder b;
	struct ds__yaml_colon *colon;
	struct cursor at;
	yaml_parser_t parser;
	bool utf16;
	int bad; /* what was refused although reading went on */
};

static struct ds__yaml_pos pos_of(yaml_mark_t m)
{
	return (struct ds__yaml_pos){(uint32_t)m.line + 1, (uint32_t)m.column + 1};
}

static struct cursor cursor_at_start(const struct ds__yaml_colon *colon)
{
	struct cursor c = {.colon = colon, .fed = ds__yaml_colon_text(colon)};

	if (ds_str_starts(c.fed, "\xef\xbb\xbf"))
		c.offset = 3;
	return c;
}

/* Moves to code point index; false when it is behind or beyond the text. */
static bool cursor_seek(struct cursor *c, size_t index)
{
	if (index < c->index)
		return false;
	while (c->index < index && c->offset < c->fed.n) {
		unsigned char b = (unsigned char)c->fed.p[c->offset];

		if (c->colon->used && b == 0xee && c->fed.n - c->offset >= DS__YAML_MARK_LEN &&
		    memcmp(c->fed.p + c->offset, c->colon->mark, DS__YAML_MARK_LEN) == 0)
			c->replaced++;
		c->offset += b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
		c->index++;
	}
	return c->index == index && c->offset <= c->fed.n;
}

/* The offset in the input itself. */
static size_t cursor_offset(const struct cursor *c)
{
	return c->offset - c->replaced * (DS__YAML_MARK_LEN - 1);
}

/* The scalar's text: a piece of the input where it stands there as it is, else a copy. */
static int scalar_text(struct loader *l, const yaml_event_t *ev, struct ds_str *ret)
{
	char *value = (char *)ev->data.scalar.value;
	size_t n = ev->data.scalar.length, at;
	struct ds_str text = l->colon->text;

	if (l->colon->used)
		n = ds__yaml_colon_restore(l->colon, value, n);
	*ret = DS_STR("");
	if (n == 0)
		return 0;
	if (!l->utf16 && cursor_seek(&l->at, ev->start_mark.index)) {
		at = cursor_offset(&l->at) + (ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE);
		if (at < text.n && text.n - at >= n && memcmp(text.p + at, value, n) == 0) {
			*ret = ds_str_n(text.p + at, n);
			return 0;
		}
	}
	return ds_arena_str(l->b.ctx->arena, ds_str_n(value, n), ret);
}

static uint8_t tag_of(const yaml_char_t *tag)
{
	static const struct {
		const char *text;
		enum ds_yaml_tag tag;
	} tags[] = {
		{YAML_STR_TAG, DS_YAML_TAG_STR},
		{YAML_INT_TAG, DS_YAML_TAG_INT},
		{YAML_FLOAT_TAG, DS_YAML_TAG_FLOAT},
		{YAML_BOOL_TAG, DS_YAML_TAG_BOOL},
		{YAML_NULL_TAG, DS_YAML_TAG_NULL},
		{YAML_TIMESTAMP_TAG, DS_YAML_TAG_TIMESTAMP},
		{"tag:yaml.org,2002:binary", DS_YAML_TAG_BINARY},
		{"tag:yaml.org,2002:merge", DS_YAML_TAG_MERGE},
	};

	if (!tag)
		return DS_YAML_TAG_NONE;
	for (size_t i = 0; i < DS_ARRAY_SIZE(tags); i++)
		if (strcmp((const char *)tag, tags[i].text) == 0)
			return (uint8_t)tags[i].tag;
	return DS_YAML_TAG_OTHER;
}

static enum ds_yaml_style style_of(const yaml_event_t *ev)
{
	static const enum ds_yaml_style styles[] = {
		[YAML_ANY_SCALAR_STYLE] = DS_YAML_PLAIN,
		[YAML_PLAIN_SCALAR_STYLE] = DS_YAML_PLAIN,
		[YAML_SINGLE_QUOTED_SCALAR_STYLE] = DS_YAML_SINGLE_QUOTED,
		[YAML_DOUBLE_QUOTED_SCALAR_STYLE] = DS_YAML_DOUBLE_QUOTED,
		[YAML_LITERAL_SCALAR_STYLE] = DS_YAML_LITERAL,
		[YAML_FOLDED_SCALAR_STYLE] = DS_YAML_FOLDED,
	};

	return styles[ev->data.scalar.style];
}

/* go-yaml v2 ends a plain scalar in flow context at any '?', libyaml 0.2.5 does not. */
static int check_question_mark(struct loader *l, const yaml_event_t *ev, struct ds_str text)
{
	const struct ds_yaml_node *in = ds__yaml_innermost(&l->b);
	size_t at = ds_str_find(text, '?');
	struct ds__yaml_problem p = {.context_line = in ? in->line - 1 : 0};

	if (!in || in->style != DS_YAML_FLOW || ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || at == text.n)
		return 0;
	p.text = in->kind == DS_YAML_MAPPING ? "did not find expected ',' or '}'" : "did not find expected ',' or ']'";
	p.line = (uint32_t)ev->start_mark.line;
	p.at = pos_of(ev->start_mark);
	if (ev->start_mark.line == ev->end_mark.line)
		p.at.column += (uint32_t)ds_utf8_count(ds_str_head(text, at));
	return ds__yaml_report(&l->b, &p, l->colon->text);
}

static int on_anchor(struct loader *l, const yaml_char_t *anchor, struct ds_yaml_node *node)
{
	return anchor ? ds__yaml_anchor(&l->b, ds_str_from((const char *)anchor), node) : 0;
}

static int on_scalar(struct loader *l, const yaml_event_t *ev)
{
	struct ds_yaml_node *node;
	struct ds_str text;
	int r = scalar_text(l, ev, &text);

	if (r == 0)
		r = check_question_mark(l, ev, text);
	if (r == 0)
		r = ds__yaml_scalar(&l->b, text, style_of(ev), pos_of(ev->start_mark), pos_of(ev->end_mark), &node);
	if (r < 0)
		return r;
	node->tag = tag_of(ev->data.scalar.tag);
	return on_anchor(l, ev->data.scalar.anchor, node);
}

static int on_sequence(struct loader *l, const yaml_event_t *ev)
{
	bool flow = ev->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	struct ds_yaml_node *node;
	int r = ds__yaml_open(&l->b, DS_YAML_SEQUENCE, flow ? DS_YAML_FLOW : DS_YAML_BLOCK, pos_of(ev->start_mark),
			      pos_of(ev->end_mark), &node);

	if (r < 0)
		return r;
	node->tag = tag_of(ev->data.sequence_start.tag);
	return on_anchor(l, ev->data.sequence_start.anchor, node);
}

static int on_mapping(struct loader *l, const yaml_event_t *ev)
{
	bool flow = ev->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
	struct ds_yaml_node *node;
	int r = ds__yaml_open(&l->b, DS_YAML_MAPPING, flow ? DS_YAML_FLOW : DS_YAML_BLOCK, pos_of(ev->start_mark),
			      pos_of(ev->end_mark), &node);

	if (r < 0)
		return r;
	node->tag = tag_of(ev->data.mapping_start.tag);
	return on_anchor(l, ev->data.mapping_start.anchor, node);
}

static int on_document(struct loader *l, const yaml_event_t *ev)
{
	const yaml_version_directive_t *v = ev->data.document_start.version_directive;
	struct ds__yaml_problem p = {.text = "found incompatible YAML document"};

	if (!v || (v->major == 1 && v->minor == 1))
		return ds__yaml_doc_start(&l->b, (uint32_t)ev->start_mark.line + 1);
	p.line = (uint32_t)ev->start_mark.line;
	p.at = pos_of(ev->start_mark);
	return ds__yaml_report(&l->b, &p, l->colon->text);
}

static int on_collection_end(struct loader *l, const yaml_event_t *ev)
{
	int r = ds__yaml_close(&l->b, pos_of(ev->end_mark));

	/* A bad "<<" is reported; the rest of the tree is still good. */
	if (r == DS_ESYNTAX) {
		l->bad = r;
		r = 0;
	}
	return r;
}

/* 0 to go on, 1 at the end of the stream, or an error. */
static int on_event(struct loader *l, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(l, ev);
	case YAML_SEQUENCE_START_EVENT:
		return on_sequence(l, ev);
	case YAML_MAPPING_START_EVENT:
		return on_mapping(l, ev);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_collection_end(l, ev);
	case YAML_DOCUMENT_START_EVENT:
		return on_document(l, ev);
	case YAML_DOCUMENT_END_EVENT:
		return ds__yaml_doc_end(&l->b);
	case YAML_ALIAS_EVENT:
		return ds__yaml_alias(&l->b, ds_str_from((const char *)ev->data.alias.anchor), pos_of(ev->start_mark));
	case YAML_STREAM_END_EVENT:
		return 1;
	case YAML_STREAM_START_EVENT:
	case YAML_NO_EVENT:
		break;
	}
	return 0;
}

static int too_many_repairs(struct loader *l)
{
	int r = ds__yaml_diag(&l->b, DS_LEVEL_ERROR, pos_of(l->parser.problem_mark), "quote the text",
			      "too many unquoted texts that end in ':': the rest is not read");

	return r < 0 ? r : DS_ETOOBIG;
}

/* libyaml's own errors. 1: a colon was repaired, read again. */
static int on_parser_error(struct loader *l)
{
	const yaml_parser_t *y = &l->parser;
	struct ds__yaml_problem p = {.text = y->problem ? y->problem : "unknown problem parsing YAML content"};
	struct cursor c = cursor_at_start(l->colon);
	int r;

	if (y->error == YAML_MEMORY_ERROR)
		return DS_ENOMEM;
	if (y->error == YAML_READER_ERROR) {
		/* The mark is empty; problem_offset counts bytes of what was fed. */
		while (c.offset < y->problem_offset && cursor_seek(&c, c.index + 1))
			continue;
		p.at = ds__yaml_pos_at(l->colon->text, l->utf16 ? y->problem_offset : cursor_offset(&c));
		return ds__yaml_report(&l->b, &p, l->colon->text);
	}
	if (strcmp(p.text, "found unexpected ':'") == 0) {
		r = !l->utf16 && cursor_seek(&c, y->problem_mark.index)
			    ? ds__yaml_colon_add(l->colon, cursor_offset(&c))
			    : DS_EINVAL;
		if (r == 0)
			return 1;
		if (r == DS_ETOOBIG)
			return too_many_repairs(l);
		if (r == DS_ENOMEM)
			return r;
	}
	p.scanner = y->error == YAML_SCANNER_ERROR;
	p.line = (uint32_t)y->problem_mark.line;
	p.context_line = (uint32_t)y->context_mark.line;
	p.at = pos_of(y->problem_mark);
	return ds__yaml_report(&l->b, &p, l->colon->text);
}

static int run(struct loader *l)
{
	struct ds_str fed = ds__yaml_colon_text(l->colon);
	int r = 0;

	if (!yaml_parser_initialize(&l->parser))
		return DS_ENOMEM;
	yaml_parser_set_input_string(&l->parser, (const unsigned char *)(fed.n ? fed.p : ""), fed.n);
	while (r == 0) {
		yaml_event_t ev;

		/* After its first error the parser returns empty events for ever: never call it again. */
		if (!yaml_parser_parse(&l->parser, &ev)) {
			r = on_parser_error(l);
			yaml_parser_delete(&l->parser);
			return r == 1 ? 1 : r;
		}
		r = on_event(l, &ev);
		yaml_event_delete(&ev);
	}
	yaml_parser_delete(&l->parser);
	return r < 0 ? r : 0;
}

/* One attempt: as ds_yaml_load, or 1 to try again. */
static int attempt(struct ds_ctx *ctx, const struct ds_input *input, struct ds__yaml_colon *colon,
		   struct ds_yaml_stream *ret)
{
	struct loader l = {.colon = colon, .at = cursor_at_start(colon)};
	int r, closed;

	ds__yaml_build_init(&l.b, ctx, input, ret);
	l.utf16 = ds_str_starts(colon->text, "\xff\xfe") || ds_str_starts(colon->text, "\xfe\xff");
	r = run(&l);
	if (r < 0) {
		closed = ds__yaml_abandon(&l.b);
		if (closed == DS_ENOMEM)
			r = closed;
	}
	ds__yaml_build_done(&l.b);
	return r == 0 ? l.bad : r;
}

static bool may_be_json(struct ds_str text)
{
	while (text.n && ds_c_is_space(text.p[0]))
		text = ds_str_skip(text, 1);
	return text.n && (text.p[0] == '{' || text.p[0] == '[');
}

int ds_yaml_load(struct ds_ctx *ctx, const struct ds_input *input, struct ds_str text, struct ds_yaml_stream *ret)
{
	size_t diags = ctx->diags.n, dropped = ctx->diags_dropped;
	struct ds__yaml_colon colon;
	int r;

	*ret = (struct ds_yaml_stream){.input = input};
	if (may_be_json(text)) {
		r = ds__yaml_load_json(ctx, input, text, ret);
		if (r != DS_ENOENT)
			return r;
	}
	r = ds__yaml_colon_init(&colon, text);
	if (r == DS_EUNSUPPORTED) {
		/* Without the repair: libyaml then says what it cannot read. */
		colon.used = false;
		r = 0;
	}
	if (r == 0) {
		do {
			ctx->diags.n = diags;
			ctx->diags_dropped = dropped;
			r = attempt(ctx, input, &colon, ret);
		} while (r == 1);
	}
	ds__yaml_colon_done(&colon);
	return r;
}
