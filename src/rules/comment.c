#include "base/limits.h"
#include "base/utf8.h"
#include "rules/suppress.h"

/*
 * libyaml drops comments, so the lines are looked at once more. Only lines
 * that hold the marker cost anything.
 */
#define MARKER "dsaudit:"

struct scan {
	struct ds_suppressions *s;
	struct ds_ctx *ctx;
	const struct ds_input *input;
	uint32_t line;
	bool content; /* there was a line that is neither blank nor a comment */
	DS_VEC(struct ds_comment) pending; /* until the line that they stand above comes */
};

static struct ds_str key_of(const struct ds_input *input, uint32_t line, const struct ds_rule *rule,
			    char buf[static 64])
{
	int n = snprintf(buf, 64, "%p %u %p", (const void *)input, line, (const void *)rule);

	return ds_str_n(buf, (size_t)n);
}

struct ds_comment *ds_suppress_comment(const struct ds_suppressions *s, const struct ds_input *input, uint32_t line,
				       const struct ds_rule *rule)
{
	char buf[64];

	return s->comments.n ? ds_map_get(&s->comments, key_of(input, line, rule, buf)) : NULL;
}

static int keep(struct scan *c, uint32_t line, const struct ds_comment *p)
{
	struct ds_comment *kept = ds_arena_new_obj(c->s->a, struct ds_comment);
	char buf[64];
	struct ds_str key;

	if (!kept || ds_arena_str(c->s->a, key_of(c->input, line, p->rule, buf), &key) < 0)
		return DS_ENOMEM;
	*kept = *p;
	return ds_map_put(&c->s->comments, key, kept);
}

/*
 * Where a comment starts in a line of YAML or of a listing: a '#' at the start
 * or after a blank that is not in quotes. line.n when there is none.
 */
static size_t comment_start(struct ds_str line)
{
	char quote = '\0';
	bool start = true; /* a quote here would open a quoted text */

	for (size_t i = 0; i < line.n; i++) {
		char ch = line.p[i];

		if (quote) {
			if (quote == '"' && ch == '\\')
				i++;
			else if (ch == quote)
				quote = '\0';
			start = false;
		} else if ((ch == '"' || ch == '\'') && start) {
			quote = ch;
		} else if (ch == '#' && (i == 0 || ds_c_is_space(line.p[i - 1]))) {
			return i;
		} else {
			start = ds_c_is_space(ch) || ch == '[' || ch == '{' || ch == ',';
		}
	}
	return line.n;
}

static struct ds_loc place(const struct scan *c, struct ds_str line, struct ds_str part)
{
	size_t at = (size_t)(part.p - line.p);

	return (struct ds_loc){
		.input = c->input,
		.line = c->line,
		.column = (uint32_t)ds_utf8_count(ds_str_head(line, at)) + 1,
		.length = (uint32_t)DS_MIN(ds_utf8_count(part), (size_t)200),
	};
}

static int warn(struct scan *c, struct ds_str line, struct ds_str part, const char *fmt, ...) DS_PRINTF(4, 5);

static int warn_at(struct scan *c, const struct ds_loc *loc, const char *text)
{
	return ds_diag(c->ctx, DS_LEVEL_WARNING, loc, "it reads '# " MARKER "ignore=DS101 reason'",
		       "this comment suppresses nothing: %s", text);
}

static int warn(struct scan *c, struct ds_str line, struct ds_str part, const char *fmt, ...)
{
	struct ds_loc loc = place(c, line, part);
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = ds_arena_vprintf(c->ctx->arena, fmt, ap);
	va_end(ap);
	return text ? warn_at(c, &loc, text) : DS_ENOMEM;
}

/* A blank line or the end of the file came before the line that was meant. */
static int drop_pending(struct scan *c)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->pending.n; i++)
		if (i == 0 || c->pending.v[i].loc.line != c->pending.v[i - 1].loc.line)
			r = warn_at(c, &c->pending.v[i].loc, "nothing stands on the line below it");
	c->pending.n = 0;
	return r;
}

/* "ignore" or "ignore-file", a misspelling of them, or prose that is none of our business. */
static bool is_directive(struct ds_str word, bool *ret_known)
{
	*ret_known = ds_str_eqz(word, "ignore") || ds_str_eqz(word, "ignore-file");
	return *ret_known || ds_str_starts(word, "ignore") || ds_str_distance(word, DS_STR("ignore"), 2) <= 2 ||
	       ds_str_distance(word, DS_STR("ignore-file"), 3) <= 3;
}

/* The rules of "DS101,DS102" are kept or made pending, all of them or none. */
static int take(struct scan *c, struct ds_str line, struct ds_str ids, const char *reason, uint32_t at, bool own)
{
	struct ds_str rest = ids, id;
	struct ds_loc loc = place(c, line, ids);
	size_t n = own ? c->pending.n : 0;
	bool done = false;
	int r = 0;

	while (ds_str_split(&rest, ',', &done, &id)) {
		if (n++ == DS_LIMIT_COMMENT_RULES)
			return warn(c, line, id, "over %u rules for one line", DS_LIMIT_COMMENT_RULES);
		if (id.n == 0)
			return warn(c, line, ids, "rules are separated by commas without blanks");
		if (!ds_rules_known(c->s->rules, id))
			return warn(c, line, id, "there is no rule '%.*s'", DS_STR_ARG(id));
	}
	for (rest = ids, done = false; r == 0 && ds_str_split(&rest, ',', &done, &id);) {
		struct ds_comment p = {ds_rules_known(c->s->rules, id), reason, loc, false};

		r = own ? ds_vec_push(c->s->a, &c->pending, p) : keep(c, at, &p);
	}
	return r;
}

/* What stands after '#'. own: nothing stands before it. */
static int directive(struct scan *c, struct ds_str line, struct ds_str comment, bool own)
{
	struct ds_str text = ds_str_trim(ds_str_skip(comment, 1)), word, ids, reason;
	const char *kept;
	bool known, file;
	size_t n = 0;

	if (!ds_str_starts(text, MARKER))
		return 0;
	text = ds_str_skip(text, strlen(MARKER));
	while (n < text.n && !ds_c_is_space(text.p[n]) && text.p[n] != '=')
		n++;
	word = ds_str_head(text, n);
	if (!is_directive(word, &known))
		return 0;
	file = ds_str_eqz(word, "ignore-file");
	if (!known)
		return warn(c, line, word, "there are ignore and ignore-file, not '%.*s'", DS_STR_ARG(word));
	ids = ds_str_skip(text, n + 1);
	for (n = 0; n < ids.n && !ds_c_is_space(ids.p[n]);)
		n++;
	reason = ds_str_trim(ds_str_skip(ids, n));
	ids = ds_str_head(ids, n);
	if (ids.n == 0)
		return warn(c, line, word, "it names no rule");
	if (reason.n == 0)
		return warn(c, line, ids, "it gives no reason");
	if (file && (!own || c->content))
		return warn(c, line, word, "ignore-file must stand on a line of its own before the first content");
	kept = ds_arena_strndup(c->s->a, reason.p, reason.n);
	if (!kept)
		return DS_ENOMEM;
	return take(c, line, ids, kept, file ? 0 : c->line, own && !file);
}

/* A line of a listing comes from processes: who may start one must not silence what is found in it. */
static bool trusts_trailing(const struct ds_input *input)
{
	return strcmp(input->type, "ps") != 0;
}

static int scan_line(struct scan *c, struct ds_str line)
{
	size_t at = comment_start(line);
	struct ds_str comment = ds_str_skip(line, at), before = ds_str_trim(ds_str_head(line, at));
	bool own = at < line.n && before.n == 0;
	int r = 0;

	if (at < line.n && (own || trusts_trailing(c->input)))
		r = directive(c, line, comment, own);
	if (own || r < 0)
		return r;
	if (before.n && before.p[0] != '%' && !ds_str_eqz(before, "---"))
		c->content = true;
	if (r == 0 && before.n == 0)
		return drop_pending(c);
	for (size_t i = 0; r == 0 && i < c->pending.n; i++)
		r = keep(c, c->line, &c->pending.v[i]);
	c->pending.n = 0;
	return r;
}

int ds_suppress_read_comments(struct ds_suppressions *s, struct ds_ctx *ctx, const struct ds_input *input)
{
	struct scan c = {.s = s, .ctx = ctx, .input = input};
	struct ds_str rest = input->text, line;
	bool done = false;
	int r = 0;

	if (input->status != DS_INPUT_READ || ds_str_search(rest, DS_STR(MARKER)) == rest.n)
		return 0;
	while (r == 0 && ds_str_split(&rest, '\n', &done, &line)) {
		c.line++;
		if (ds_str_ends(line, "\r"))
			line.n--;
		r = scan_line(&c, line);
	}
	return r < 0 ? r : drop_pending(&c);
}
