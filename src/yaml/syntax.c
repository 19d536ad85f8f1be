#include "yaml/syntax.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/utf8.h"

/* The length of the line break at the start of s, or 0. */
static size_t line_break(struct ds_str s)
{
	if (ds_str_starts(s, "\r\n") || ds_str_starts(s, "\xc2\x85"))
		return 2;
	if (ds_str_starts(s, "\xe2\x80\xa8") || ds_str_starts(s, "\xe2\x80\xa9"))
		return 3;
	return s.n && (s.p[0] == '\n' || s.p[0] == '\r');
}

struct ds__yaml_pos ds__yaml_pos_at(struct ds_str text, size_t offset)
{
	struct ds__yaml_pos pos = {1, 1};
	size_t i = ds_str_starts(text, "\xef\xbb\xbf") ? 3 : 0;

	while (i < offset && i < text.n) {
		struct ds_str rest = ds_str_skip(text, i);
		size_t n = line_break(rest);
		uint32_t c;

		if (n) {
			pos.line++;
			pos.column = 1;
		} else {
			n = ds_utf8_decode(rest, &c);
			n = n ? n : 1;
			pos.column++;
		}
		i += n;
	}
	return pos;
}

static struct ds_str line_at(struct ds_str text, uint32_t line)
{
	size_t start = 0, end;

	for (size_t i = 0; line > 1 && i < text.n;) {
		size_t n = line_break(ds_str_skip(text, i));

		i += n ? n : 1;
		if (n) {
			line--;
			start = i;
		}
	}
	for (end = start; end < text.n && !line_break(ds_str_skip(text, end));)
		end++;
	return ds_str_n(text.p + start, line > 1 ? 0 : end - start);
}

static bool ends_word(char c, bool flow)
{
	return ds_c_is_space(c) || (flow && strchr(",[]{}", c) && c);
}

/* The word around byte i. */
static struct ds_str word_at(struct ds_str line, size_t i, bool flow)
{
	size_t from, to;

	if (i >= line.n)
		i = line.n ? line.n - 1 : 0;
	for (from = i; from > 0 && !ends_word(line.p[from - 1], flow); from--)
		continue;
	for (to = i; to < line.n && !ends_word(line.p[to], flow); to++)
		continue;
	return ds_str_n(line.p + from, to > from ? to - from : 0);
}

/* "[::]:6443" */
static bool is_bracketed_endpoint(struct ds_str w)
{
	size_t i = ds_str_search(w, DS_STR("]:"));

	return w.n > 2 && w.p[0] == '[' && i < w.n && ds_str_find(w, ',') == w.n;
}

static const char *quote_hint(struct ds_ctx *ctx, struct ds_str line, size_t at)
{
	struct ds_str w = word_at(line, at, false);

	if (!is_bracketed_endpoint(w)) {
		w = word_at(line, at, true);
		if (ds_str_search(w, DS_STR("::")) == w.n)
			return NULL;
		/* key:::1 and the like: what is meant cannot be told. */
	}
	if (w.n > 80 || !ds_utf8_valid(w, NULL) || ds_str_find(w, '"') < w.n)
		return "quote text that holds \"::\"";
	return ds_arena_printf(ctx->arena, "quote it: \"%.*s\"", DS_STR_ARG(w));
}

/* What the line shows about the cause; NULL when nothing. */
static const char *hint_for(struct ds_ctx *ctx, const struct ds__yaml_problem *p, struct ds_str text)
{
	struct ds_str line = line_at(text, p->at.line);
	size_t at = ds_utf8_offset(line, p->at.column ? p->at.column - 1 : 0);
	const char *hint;

	if (ds_str_search(line, DS_STR("{{")) < line.n || ds_str_search(line, DS_STR("{%")) < line.n)
		return "a template? render it before the audit";
	if (at < line.n && line.p[at] == '\t')
		return "indent with blanks, not with tabs";
	hint = quote_hint(ctx, line, at);
	if (!hint && at > 0)
		hint = quote_hint(ctx, line, at - 1);
	return hint;
}

int ds__yaml_report(struct ds__yaml_builder *b, const struct ds__yaml_problem *p, struct ds_str text)
{
	const char *hint = hint_for(b->ctx, p, text);
	uint32_t line = p->context_line;
	int r;

	if (p->line)
		line = p->line + (p->scanner ? 1 : 0);
	if (line)
		r = ds__yaml_diag(b, DS_LEVEL_ERROR, p->at, hint, "yaml: line %" PRIu32 ": %s", line, p->text);
	else
		r = ds__yaml_diag(b, DS_LEVEL_ERROR, p->at, hint, "yaml: %s", p->text);
	return r < 0 ? r : DS_ESYNTAX;
}
