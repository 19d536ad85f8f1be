#include "kube/shell.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/vec.h"

static bool is_meta(char c)
{
	return c == ';' || c == '&' || c == '|' || c == '(' || c == ')' || c == '<' || c == '>' || c == '\n';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Just after the quote that closes the one at i. An open quote runs to the end. */
static size_t skip_quoted(struct ds_str t, size_t i)
{
	char q = t.p[i++];

	while (i < t.n && t.p[i] != q) {
		if (q != '\'' && t.p[i] == '\\')
			i++;
		i++;
	}
	return DS_MIN(i + 1, t.n);
}

/* Just after a $(…) or ${…} that opens at i; quotes inside count, nesting is a number. */
static size_t skip_substitution(struct ds_str t, size_t i)
{
	char open = t.p[i + 1], close = open == '(' ? ')' : '}';
	size_t depth = 0;

	for (i++; i < t.n;) {
		if (t.p[i] == '\\') {
			i += 2;
			continue;
		}
		if (t.p[i] == '\'' || t.p[i] == '"') {
			i = skip_quoted(t, i);
			continue;
		}
		if (t.p[i] == open)
			depth++;
		if (t.p[i] == close && --depth == 0)
			return i + 1;
		i++;
	}
	return t.n;
}

static size_t skip_word(struct ds_str t, size_t i)
{
	while (i < t.n && !is_blank(t.p[i]) && !is_meta(t.p[i])) {
		if (t.p[i] == '\\')
			i += 2;
		else if (t.p[i] == '\'' || t.p[i] == '"' || t.p[i] == '`')
			i = skip_quoted(t, i);
		else if (t.p[i] == '$' && i + 1 < t.n && (t.p[i + 1] == '(' || t.p[i + 1] == '{'))
			i = skip_substitution(t, i);
		else
			i++;
	}
	return DS_MIN(i, t.n);
}

static size_t skip_gap(struct ds_str t, size_t i)
{
	for (;;) {
		if (i < t.n && is_blank(t.p[i])) {
			i++;
		} else if (i + 1 < t.n && t.p[i] == '\\' && t.p[i + 1] == '\n') {
			i += 2;
		} else if (i < t.n && t.p[i] == '#') {
			while (i < t.n && t.p[i] != '\n')
				i++;
		} else {
			return i;
		}
	}
}

/* The length of a redirection operator at i (">", "2>>", "&>", "<<-", ">&"), or 0. */
static size_t redirect_length(struct ds_str t, size_t i)
{
	size_t start = i;

	while (i < t.n && ds_c_is_digit(t.p[i]))
		i++;
	if (i == start && i < t.n && t.p[i] == '&' && i + 1 < t.n && t.p[i + 1] == '>')
		i++;
	if (i >= t.n || (t.p[i] != '<' && t.p[i] != '>'))
		return 0;
	i++;
	while (i < t.n && i - start < 6 && (t.p[i] == '<' || t.p[i] == '>' || t.p[i] == '&' || t.p[i] == '|'))
		i++;
	return i - start;
}

enum ds_shell_token ds_shell_next(struct ds_shell_scan *scan, struct ds_str *ret_raw)
{
	struct ds_str t = scan->text;
	size_t start = skip_gap(t, scan->pos), n;

	if (start >= t.n) {
		scan->pos = t.n;
		*ret_raw = ds_str_skip(t, t.n);
		return DS_SHELL_END;
	}
	n = redirect_length(t, start);
	if (n) {
		scan->pos = start + n;
		*ret_raw = ds_str_head(ds_str_skip(t, start), n);
		return DS_SHELL_REDIRECT;
	}
	if (is_meta(t.p[start])) {
		scan->pos = start + 1;
		*ret_raw = ds_str_head(ds_str_skip(t, start), 1);
		return DS_SHELL_SEPARATOR;
	}
	scan->pos = skip_word(t, start);
	*ret_raw = ds_str_head(ds_str_skip(t, start), scan->pos - start);
	return DS_SHELL_WORD;
}

static bool has_quoting(struct ds_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\'' || s.p[i] == '"' || s.p[i] == '\\' || s.p[i] == '`')
			return true;
	return false;
}

struct ds_str ds_shell_plain(struct ds_str raw)
{
	struct ds_str inside;

	if (!has_quoting(raw))
		return raw;
	if (raw.n >= 2 && (raw.p[0] == '\'' || raw.p[0] == '"') && skip_quoted(raw, 0) == raw.n &&
	    raw.p[raw.n - 1] == raw.p[0]) {
		inside = ds_str_head(ds_str_skip(raw, 1), raw.n - 2);
		if (raw.p[0] == '\'' || ds_str_find(inside, '\\') == inside.n)
			return inside;
	}
	return DS_STR("");
}

static void unquote(struct ds_str raw, struct ds_buf *out)
{
	char quote = 0;

	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i], next = i + 1 < raw.n ? raw.p[i + 1] : 0;

		if (c == '\\' && quote != '\'' && i + 1 < raw.n) {
			/* Inside double quotes a backslash escapes only these. */
			if (quote == '"' && next != '"' && next != '\\' && next != '$' && next != '`' && next != '\n')
				ds_buf_addc(out, c);
			if (next != '\n')
				ds_buf_addc(out, next);
			i++;
		} else if (quote ? c == quote : c == '\'' || c == '"') {
			quote = quote ? 0 : c;
		} else {
			ds_buf_addc(out, c);
		}
	}
}

static int add_word(struct ds_arena *a, struct ds_str text, struct ds_str raw, struct ds_shell_word *w)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	char *copy;

	unquote(raw, &b);
	if (b.err < 0)
		return b.err;
	copy = ds_arena_strndup(a, b.p ? b.p : "", b.n);
	if (!copy)
		return DS_ENOMEM;
	w->text = ds_str_n(copy, b.n);
	w->offset = (size_t)(raw.p - text.p);
	w->length = raw.n;
	return 0;
}

int ds_shell_split(struct ds_arena *a, struct ds_str text, size_t start, struct ds_shell_word **ret, size_t *ret_n)
{
	struct ds_shell_scan scan = {text, start};
	DS_VEC(struct ds_shell_word) words = {0};
	bool target = false;
	int r;

	for (;;) {
		struct ds_str raw;
		struct ds_shell_word *w;
		enum ds_shell_token t = ds_shell_next(&scan, &raw);

		if (t == DS_SHELL_END || t == DS_SHELL_SEPARATOR)
			break;
		if (t == DS_SHELL_REDIRECT || target) {
			target = t == DS_SHELL_REDIRECT;
			continue;
		}
		if (words.n >= DS_LIMIT_ARGV)
			return DS_ETOOBIG;
		w = ds_vec_add(a, &words);
		if (!w)
			return DS_ENOMEM;
		r = add_word(a, text, raw, w);
		if (r < 0)
			return r;
	}
	*ret = words.v;
	*ret_n = words.n;
	return 0;
}
