#include "collect/service_stream.h"

#include "base/file.h"
#include "base/limits.h"
#include "collect/service_object.h"
#include "collect/window.h"
#include "yaml/scalar.h"

/* A YAML document up to this size is read whole; a larger one item by item when it is a list as kubectl prints it. */
#define YAML_WHOLE ((size_t)4 << 20)
/* Memory for what is read at one time: a tree is some ten times its text. */
#define SCRATCH ((size_t)1 << 30)

struct reader {
	struct ds__service_source src;
	struct ds_window w;
	struct ds_ctx scratch;
	char kind[64]; /* of the list that is being read, as far as it is told */
	size_t kind_n;
	bool stopped; /* where the input breaks off, what follows cannot be told apart */
};

/* ---- text into objects ---- */

/* The diagnostics of a text, with their places in the input. */
static int forward(struct reader *r)
{
	struct ds_ctx *to = r->src.s->ctx;

	for (size_t i = 0; i < r->scratch.diags.n; i++) {
		struct ds_diag *d = &r->scratch.diags.v[i];
		struct ds_loc loc = d->loc;
		int err;

		if (loc.line == 1)
			loc.column += r->src.column - 1;
		loc.line += r->src.line - 1;
		loc.path = loc.path ? ds_arena_strdup(to->arena, loc.path) : NULL;
		if (d->loc.path && !loc.path)
			return DS_ENOMEM;
		err = ds_diag(to, d->level, &loc, d->hint, "%s", d->message);
		if (err < 0)
			return err;
	}
	return 0;
}

static void forget(struct reader *r, struct ds_arena *arena)
{
	ds_arena_reset(arena);
	r->scratch = (struct ds_ctx){.arena = arena};
}

/*
 * Reads text, which begins where the window is, and hands its objects on. JSON
 * never needs to be kept: whoever keeps it has its text.
 */
static int read_text(struct reader *r, struct ds_str text, enum ds__service_list in, bool json)
{
	struct ds_arena *own = r->scratch.arena, *keep = json ? NULL : r->src.s->keep;
	struct ds_yaml_stream stream;
	int loaded, err = 0;

	r->src.line = r->w.line;
	r->src.column = r->w.column;
	if (keep) {
		if (ds_arena_str(keep, text, &text) < 0)
			return DS_ENOMEM;
		r->scratch.arena = keep;
	}
	loaded = ds_yaml_load(&r->scratch, r->src.input, text, &stream);
	err = forward(r);
	if (err == 0 && loaded == DS_ENOMEM)
		err = ds__service_failed(&r->src, 1, 1, NULL, "too large to be read");
	else if (err == 0 && loaded < 0)
		r->src.s->n_failed++;
	if (loaded < 0)
		r->src.input->status = DS_INPUT_FAILED;
	for (size_t i = 0; err == 0 && loaded != DS_ENOMEM && i < stream.n; i++) {
		const struct ds_yaml_node *root = stream.docs[i].root;

		/* In a list of kubectl's each item comes as a list of one. */
		if (root && in != DS__LIST_NONE && !json)
			root = root->kind == DS_YAML_SEQUENCE && root->n ? root->items[0] : NULL;
		if (root)
			err = ds__service_object(&r->src, root, in, json ? text : (struct ds_str){0},
						 loaded < 0 && i + 1 == stream.n);
	}
	forget(r, own);
	return err;
}

/* ---- JSON ---- */

static bool is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The first byte behind blanks at *off; gives up where no object could be that long. */
static int skip_space(struct reader *r, size_t *off)
{
	int c;

	while (is_space(c = ds_window_at(&r->w, *off)) && *off <= DS_LIMIT_STREAM_ITEM_BYTES)
		++*off;
	return c;
}

/* Passes blanks, however many; the byte behind them. lines: only whole lines of them, while that can be told. */
static int pass_space(struct reader *r, bool lines)
{
	for (;;) {
		struct ds_str text = ds_window_str(&r->w);
		size_t off = 0, line = 0;

		for (; off < text.n && is_space(text.p[off]); off++)
			if (text.p[off] == '\n')
				line = off + 1;
		if (off < text.n) {
			int c = (unsigned char)text.p[off];

			ds_window_pass(&r->w, lines && c != '{' ? line : off);
			return c;
		}
		ds_window_pass(&r->w, lines && off - line <= DS_LIMIT_STREAM_ITEM_BYTES ? line : off);
		if (!ds_window_more(&r->w))
			return -1;
	}
}

struct scan {
	size_t depth;
	bool string, escape, done;
};

static const bool structural[256] = {['"'] = true, ['{'] = true, ['}'] = true, ['['] = true, [']'] = true};

/* Inside a string: to its end or to the end of the text. */
static size_t scan_string(struct scan *s, const char *p, size_t n, size_t i)
{
	if (s->escape && i < n) {
		s->escape = false;
		i++;
	}
	while (i < n && p[i] != '"') {
		if (p[i] != '\\') {
			i++;
			continue;
		}
		s->escape = i + 1 == n;
		i += s->escape ? 1 : 2;
	}
	if (i < n) {
		s->string = false;
		s->done = s->depth == 0;
		i++;
	}
	return i;
}

/* How far into the text the value goes; s->done when it ends there. */
static size_t scan_text(struct scan *s, const char *p, size_t n, size_t i)
{
	while (i < n && !s->done) {
		if (s->string) {
			i = scan_string(s, p, n, i);
			continue;
		}
		while (i < n && !structural[(unsigned char)p[i]])
			i++;
		if (i == n)
			break;
		if (p[i] == '"')
			s->string = true;
		else if (p[i] == '{' || p[i] == '[')
			s->depth++;
		else
			s->done = --s->depth == 0;
		i++;
	}
	return i;
}

static bool ends_scalar(int c)
{
	return c < 0 || c == ',' || c == ']' || c == '}' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * Moves *off, which is at a value, behind it, by counting brackets: whether it
 * is JSON shows when it is read. DS_ENOENT: the input ends first; DS_ETOOBIG:
 * the value is over the limit and was passed over, *off is 0.
 */
static int value_end(struct reader *r, size_t *off)
{
	struct scan s = {0};
	bool too_big = false;
	int c = ds_window_at(&r->w, *off);

	if (c != '{' && c != '[' && c != '"') {
		while (!ends_scalar(ds_window_at(&r->w, *off)))
			if (++*off > DS_LIMIT_STREAM_ITEM_BYTES)
				return DS_ETOOBIG;
		return 0;
	}
	for (;;) {
		struct ds_str text = ds_window_str(&r->w);

		*off = scan_text(&s, text.p, text.n, *off);
		too_big = too_big || *off > DS_LIMIT_STREAM_ITEM_BYTES;
		if (too_big) {
			ds_window_pass(&r->w, *off);
			*off = 0;
		}
		if (s.done)
			return too_big ? DS_ETOOBIG : 0;
		if (!ds_window_more(&r->w))
			return DS_ENOENT;
	}
}

static int failed_here(struct reader *r, const char *message)
{
	r->src.line = r->w.line;
	r->src.column = r->w.column;
	return ds__service_failed(&r->src, 1, 1, NULL, "%s", message);
}

static int truncated(struct reader *r)
{
	r->stopped = true;
	if (r->w.err)
		return 0; /* a failed read is said once, by the caller */
	return failed_here(r, "the input ends in the middle of what begins here");
}

/* message: why the rest is not read. */
static int stop(struct reader *r, const char *message)
{
	r->stopped = true;
	return failed_here(r, message);
}

/* One key with its value begins at *off; how its value is skipped says the caller. */
struct member {
	bool is_items, is_kind;
};

/* Reads a key and its colon. 0; 1 when it is not JSON; DS_ENOENT, DS_ETOOBIG. */
static int read_key(struct reader *r, size_t *off, struct member *ret)
{
	size_t start = *off;
	struct ds_str key;
	int err;

	if (ds_window_at(&r->w, *off) != '"')
		return 1;
	err = value_end(r, off);
	if (err < 0)
		return err;
	key = ds_str_n(ds_window_str(&r->w).p + start, *off - start);
	*ret = (struct member){ds_str_eqz(key, "\"items\""), ds_str_eqz(key, "\"kind\"")};
	if (skip_space(r, off) != ':')
		return 1;
	++*off;
	(void)skip_space(r, off);
	return 0;
}

/* Passes the value at *off; remembers the list's kind. */
static int read_value(struct reader *r, size_t *off, const struct member *m)
{
	size_t start = *off;
	int err = value_end(r, off);
	struct ds_str text;

	if (err < 0 || !m->is_kind)
		return err;
	text = ds_str_n(ds_window_str(&r->w).p + start, *off - start);
	if (text.n >= 2 && text.p[0] == '"' && text.n - 2 <= sizeof(r->kind)) {
		r->kind_n = text.n - 2;
		memcpy(r->kind, text.p + 1, r->kind_n);
	}
	return 0;
}

static struct ds_str list_kind(const struct reader *r)
{
	return ds_str_n(r->kind, r->kind_n);
}

/* One item, at the window's start. *ret_more: there may be another. */
static int json_item(struct reader *r, bool *ret_more)
{
	size_t off = 0;
	int err = value_end(r, &off);

	*ret_more = err != DS_ENOENT;
	if (err == DS_ENOENT)
		return truncated(r);
	if (err == DS_ETOOBIG)
		return failed_here(r, "the object that ends here is over 8 MB: it is not read");
	err = off ? read_text(r, ds_str_head(ds_window_str(&r->w), off), ds__service_list_of(list_kind(r)), true) : 0;
	ds_window_pass(&r->w, off);
	return err;
}

/* The items, from behind '[' to behind ']'. *ret_ended: ']' was found. */
static int json_items(struct reader *r, bool *ret_ended)
{
	bool more = true, first = true;
	int err = 0;

	*ret_ended = false;
	while (err == 0 && more) {
		int c = pass_space(r, false);

		if (c < 0)
			return truncated(r);
		if (c == ']') {
			ds_window_pass(&r->w, 1);
			*ret_ended = true;
			return 0;
		}
		if (!first && c == ',') {
			ds_window_pass(&r->w, 1);
			c = pass_space(r, false);
		} else if (!first && c == '{') {
			/* A comma is missing: say so, but hide no item behind it. */
			err = failed_here(r, "JSON: ',' is missing before this item");
			if (err < 0)
				return err;
		} else if (!first) {
			return stop(r, "JSON: ',' or ']' should stand here; the rest is not read");
		}
		first = false;
		if (c == ']' || c == ',' || c == '}' || c == ':')
			return stop(r, "JSON: an object should stand here; the rest is not read");
		if (c < 0)
			return truncated(r);
		err = json_item(r, &more);
	}
	return err;
}

/* What follows the items in their list, to behind its '}'. */
static int json_rest(struct reader *r)
{
	for (;;) {
		struct member m = {0};
		size_t off = 1;
		int c = pass_space(r, false), err;

		if (c < 0)
			return truncated(r);
		if (c == '}') {
			ds_window_pass(&r->w, 1);
			return ds__service_list_told(&r->src, list_kind(r));
		}
		if (c != ',')
			return stop(r, "JSON: ',' or '}' should stand here; the rest is not read");
		(void)skip_space(r, &off);
		err = read_key(r, &off, &m);
		if (err == 1)
			return stop(r, "JSON: a key should stand here; the rest is not read");
		if (err == 0 && m.is_items)
			return stop(r, "a second \"items\" in one list: the rest is not read");
		if (err == 0)
			err = read_value(r, &off, &m);
		if (err == DS_ENOENT)
			return truncated(r);
		ds_window_pass(&r->w, off);
	}
}

static int json_list(struct reader *r)
{
	bool ended;
	int err;

	r->src.n_untold = 0;
	r->src.n_objects++;
	err = json_items(r, &ended);
	return err == 0 && ended ? json_rest(r) : err;
}

static int whole_object(struct reader *r, size_t n)
{
	int err = read_text(r, ds_str_head(ds_window_str(&r->w), n), DS__LIST_NONE, true);

	ds_window_pass(&r->w, n);
	return err;
}

/* At '{'. 1: it is not JSON as far as it was looked at; nothing was passed. */
static int json_document(struct reader *r)
{
	size_t off = 1;
	int c = skip_space(r, &off);

	r->kind_n = 0;
	while (c != '}') {
		struct member m = {0};
		int err = read_key(r, &off, &m);

		if (err == 0 && m.is_items && ds_window_at(&r->w, off) == '[') {
			ds_window_pass(&r->w, off + 1);
			return json_list(r);
		}
		if (err == 0)
			err = read_value(r, &off, &m);
		if (err == DS_ENOENT)
			return truncated(r);
		if (err == DS_ETOOBIG)
			return stop(r, "an object of over 8 MB: the rest is not read");
		if (err != 0)
			return 1;
		c = skip_space(r, &off);
		if (c < 0)
			return truncated(r);
		if (c != ',' && c != '}')
			return 1;
		if (c == ',') {
			off++;
			c = skip_space(r, &off);
		}
	}
	return whole_object(r, off + 1);
}

/* ---- YAML ---- */

/* Makes the line at off whole. Its length with its line break, 0 at the end of the input. */
static size_t line_at(struct reader *r, size_t off)
{
	size_t seen = 0;

	for (;;) {
		struct ds_str text = ds_str_skip(ds_window_str(&r->w), off);
		const char *newline = text.n > seen ? memchr(text.p + seen, '\n', text.n - seen) : NULL;

		if (newline)
			return (size_t)(newline - text.p) + 1;
		seen = text.n;
		if (off + seen > DS_LIMIT_FILE_BYTES || !ds_window_more(&r->w))
			return seen;
	}
}

static struct ds_str line_text(struct reader *r, size_t off, size_t n)
{
	struct ds_str line = ds_str_head(ds_str_skip(ds_window_str(&r->w), off), n);

	while (line.n && ds_c_is_space(line.p[line.n - 1]))
		line.n--;
	return line;
}

/* "---", alone or before something: YAML sees a document's begin in it wherever it stands. */
static bool is_marker(struct ds_str line)
{
	return ds_str_starts(line, "---") && (line.n == 3 || line.p[3] == ' ' || line.p[3] == '\t');
}

static size_t indentation(struct ds_str line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == ' ')
		n++;
	return n;
}

/* "- " after `indent` blanks. */
static bool is_item(struct ds_str line, size_t indent)
{
	return indentation(line) == indent && line.n > indent && line.p[indent] == '-' &&
	       (line.n == indent + 1 || line.p[indent + 1] == ' ');
}

/* Nothing of a document has begun yet: blank lines, comments, directives. */
static bool is_preface(struct ds_str line)
{
	size_t i = 0;

	while (i < line.n && ds_c_is_space(line.p[i]))
		i++;
	return i == line.n || line.p[i] == '#' || line.p[0] == '%';
}

struct yaml_extent {
	size_t n;      /* of the document's text in sight */
	size_t items;  /* where the first "- " under a top-level "items:" stands, or 0 */
	size_t indent; /* the blanks before it */
	bool ended;    /* n is all of it */
};

/* How far the document goes: to the marker of the next one, or as far as is read at one time. */
static struct yaml_extent yaml_extent(struct reader *r)
{
	struct yaml_extent x = {.ended = true};
	bool content = false, after_items = false;
	size_t n;

	while ((n = line_at(r, x.n)) > 0) {
		struct ds_str line = line_text(r, x.n, n);

		if (content && is_marker(line))
			return x;
		if (after_items && !x.items && is_item(line, indentation(line))) {
			x.items = x.n;
			x.indent = indentation(line);
		}
		content = content || !is_preface(line);
		if (!is_preface(line))
			after_items = ds_str_eqz(line, "items:");
		if ((x.items && x.n > YAML_WHOLE) || x.n + n > DS_LIMIT_FILE_BYTES) {
			x.ended = false;
			return x;
		}
		x.n += n;
	}
	return x;
}

/* The lines of one item: from its "- " to the next line that is not indented more. */
static size_t yaml_item_end(struct reader *r, size_t indent)
{
	size_t off = line_at(r, 0), n;

	while ((n = line_at(r, off)) > 0) {
		struct ds_str line = line_text(r, off, n);

		if (line.n && indentation(line) <= indent && line.p[indentation(line)] != '#')
			break;
		off += n;
		if (off > DS_LIMIT_STREAM_ITEM_BYTES)
			break;
	}
	return off;
}

/* "kind: List" at the margin: a list tells its kind before its items or behind them. */
static void yaml_kind(struct reader *r, struct ds_str line)
{
	struct ds_str value;

	if (!ds_str_starts(line, "kind:"))
		return;
	value = ds_str_trim(ds_str_skip(line, strlen("kind:")));
	if (value.n >= 2 && (value.p[0] == '"' || value.p[0] == '\'') && value.p[value.n - 1] == value.p[0])
		value = ds_str_n(value.p + 1, value.n - 2);
	if (value.n <= sizeof(r->kind)) {
		r->kind_n = value.n;
		if (value.n)
			memcpy(r->kind, value.p, value.n);
	}
}

/* Lines that belong to the list itself, up to offset end or to the next document. */
static void yaml_list_lines(struct reader *r, size_t end)
{
	size_t off = 0, n;

	while (off < end && (n = line_at(r, off)) > 0) {
		struct ds_str line = line_text(r, off, n);

		if (end == SIZE_MAX && is_marker(line))
			break;
		yaml_kind(r, line);
		off += n;
		if (end == SIZE_MAX) {
			ds_window_pass(&r->w, off);
			off = 0;
		}
	}
	ds_window_pass(&r->w, off);
}

/* A list too large to be read whole. Anchors do not reach from item to item here; kubectl writes none. */
static int yaml_list(struct reader *r, const struct yaml_extent *x)
{
	int err = 0;
	size_t n;

	r->kind_n = 0;
	r->src.n_untold = 0;
	r->src.n_objects++;
	yaml_list_lines(r, x->items);
	while (err == 0 && (n = line_at(r, 0)) > 0 && is_item(line_text(r, 0, n), x->indent)) {
		n = yaml_item_end(r, x->indent);
		if (n > DS_LIMIT_STREAM_ITEM_BYTES)
			return stop(r, "an object of over 8 MB: the rest is not read");
		err = read_text(r, ds_str_head(ds_window_str(&r->w), n), ds__service_list_of(list_kind(r)), false);
		ds_window_pass(&r->w, n);
	}
	if (err < 0)
		return err;
	yaml_list_lines(r, SIZE_MAX);
	return ds__service_list_told(&r->src, list_kind(r));
}

static int yaml_document(struct reader *r)
{
	struct yaml_extent x = yaml_extent(r);
	int err;

	if (!x.ended && x.items)
		return yaml_list(r, &x);
	if (!x.ended)
		return stop(r, "a YAML document of over 512 MB: it is not read");
	err = read_text(r, ds_str_head(ds_window_str(&r->w), x.n), DS__LIST_NONE, false);
	ds_window_pass(&r->w, x.n);
	return err;
}

/* ---- the stream ---- */

/* Passes the marker of a document that may be JSON. */
static bool pass_marker(struct reader *r)
{
	size_t n = line_at(r, 0);

	if (!ds_str_eqz(line_text(r, 0, n), "---"))
		return false;
	ds_window_pass(&r->w, n);
	return true;
}

static int documents(struct reader *r)
{
	int err = 0;

	if (ds_window_at(&r->w, 2) >= 0 && ds_str_starts(ds_window_str(&r->w), "\xef\xbb\xbf")) {
		ds_window_pass(&r->w, 3);
		r->w.column = 1;
	}
	while (err == 0 && !r->stopped) {
		/* Blank lines say nothing; the blanks before the first word are a YAML document's indentation. */
		int c = pass_space(r, true);

		if (c < 0)
			break;
		if (c == '-' && pass_marker(r))
			continue;
		err = c == '{' ? json_document(r) : 1;
		if (err == 1)
			err = yaml_document(r);
	}
	return err;
}

int ds_service_stream_fd(struct ds_service_stream *s, const char *name, int fd)
{
	struct ds_arena *arena = ds_arena_new(SCRATCH);
	struct reader *r = arena ? ds_arena_new_obj(s->ctx->arena, struct reader) : NULL;
	int err = DS_ENOMEM;

	if (r)
		r->src = (struct ds__service_source){.s = s, .input = ds_ctx_input(s->ctx, name, "service"), .line = 1};
	if (r && r->src.input) {
		ds_window_init(&r->w, fd);
		r->scratch.arena = arena;
		r->src.column = 1;
		err = documents(r);
		r->src.line = r->src.column = 0; /* what follows is about the input as a whole */
		if (err == 0 && r->w.err)
			err = ds__service_failed(&r->src, 1, 1, NULL, "cannot be read: %s", ds_strerror(r->w.err));
		else if (err == 0 && r->src.n_objects == 0 && r->src.input->status != DS_INPUT_FAILED)
			err = ds__service_failed(&r->src, 1, 1, NULL, "no object in it");
		ds_window_done(&r->w);
	}
	(void)ds_arena_free(arena);
	return err;
}
