#include "collect/unit_text.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_comment(struct ds_str text, size_t i)
{
	while (i < text.n && is_blank(text.p[i]))
		i++;
	return i < text.n && (text.p[i] == '#' || text.p[i] == ';');
}

static size_t line_end(struct ds_str text, size_t i)
{
	return i + ds_str_find(ds_str_skip(text, i), '\n');
}

/* A line goes on when it ends in a backslash that is not itself escaped. */
static bool goes_on(struct ds_str text, size_t start, size_t end)
{
	bool odd = false;

	if (end > start && text.p[end - 1] == '\r')
		end--;
	for (; end > start && text.p[end - 1] == '\\'; end--)
		odd = !odd;
	return odd;
}

/* The end of the logical line at start: comments between continued lines do not end it. */
static size_t logical_end(struct ds_str text, size_t start)
{
	size_t end = line_end(text, start);

	while (goes_on(text, start, end) && end < text.n) {
		size_t next = end + 1;

		while (next < text.n && is_comment(text, next))
			next = DS_MIN(line_end(text, next) + 1, text.n);
		start = next;
		end = line_end(text, next);
	}
	return end;
}

bool ds_unit_next(struct ds_str text, size_t *pos, struct ds_str *section, struct ds_unit_line *ret)
{
	while (*pos < text.n) {
		size_t start = *pos, end, eq;
		struct ds_str line;

		if (is_comment(text, start)) {
			*pos = line_end(text, start) + 1;
			continue;
		}
		end = logical_end(text, start);
		*pos = end + 1;
		line = ds_str_trim(ds_str_n(text.p + start, end - start));
		if (line.n > 1 && line.p[0] == '[' && line.p[line.n - 1] == ']') {
			*section = ds_str_n(line.p + 1, line.n - 2);
			continue;
		}
		eq = ds_str_find(line, '=');
		if (eq == line.n)
			continue;
		*ret = (struct ds_unit_line){*section, ds_str_trim(ds_str_head(line, eq)), ds_str_skip(line, eq + 1)};
		while (ret->value.n > 0 && is_blank(ret->value.p[0]))
			ret->value = ds_str_skip(ret->value, 1);
		return true;
	}
	return false;
}

/* ---- words ---- */

/* Behind a backslash at i: the end of a continuation (the next line that is no comment), or i. */
static size_t skip_continuation(struct ds_str text, size_t i, size_t end)
{
	size_t k = i + 1;

	if (k < end && text.p[k] == '\r')
		k++;
	if (k >= end || text.p[k] != '\n')
		return i;
	k++;
	while (k < end && is_comment(text, k))
		k = DS_MIN(line_end(text, k) + 1, end);
	return k;
}

static unsigned digits(struct ds_str s, unsigned base, unsigned most, unsigned *ret)
{
	unsigned n = 0;

	*ret = 0;
	while (n < most && n < s.n) {
		char c = ds_c_lower(s.p[n]);
		unsigned d = ds_c_is_digit(c) ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;

		if (d >= base)
			break;
		*ret = *ret * base + d;
		n++;
	}
	return n;
}

/* The escape at text[i] == '\\': appended, its length returned. One that is none stays as written. */
static size_t unescape(struct ds_str rest, struct ds_buf *b)
{
	static const char from[] = "abfnrtvs\\\"'", to[] = "\a\b\f\n\r\t\v \\\"'";
	const char *at = rest.n > 1 && rest.p[1] ? strchr(from, rest.p[1]) : NULL;
	unsigned v;

	if (at) {
		ds_buf_addc(b, to[at - from]);
		return 2;
	}
	if (rest.n > 3 && rest.p[1] == 'x' && digits(ds_str_skip(rest, 2), 16, 2, &v) == 2 && v > 0) {
		ds_buf_addc(b, (char)v);
		return 4;
	}
	if (digits(ds_str_skip(rest, 1), 8, 3, &v) == 3 && v > 0 && v < 256) {
		ds_buf_addc(b, (char)v);
		return 4;
	}
	ds_buf_addc(b, '\\');
	return 1;
}

static size_t skip_blanks(struct ds_str text, size_t i, size_t end)
{
	while (i < end) {
		size_t next = text.p[i] == '\\' ? skip_continuation(text, i, end) : i;

		if (next > i)
			i = next;
		else if (is_blank(text.p[i]) || text.p[i] == '\n')
			i++;
		else
			break;
	}
	return i;
}

int ds_unit_word(struct ds_arena *a, struct ds_str text, size_t *pos, size_t end, struct ds_unit_word *ret)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	size_t i = skip_blanks(text, *pos, end), start = i, next;
	bool quoted_whole;
	char quote = '\0';

	*pos = end;
	if (i >= end)
		return DS_ENOENT;
	b.max = DS_LIMIT_CMDLINE_BYTES;
	quoted_whole = text.p[i] == '"' || text.p[i] == '\'';
	for (; i < end; i++) {
		char c = text.p[i];

		next = c == '\\' ? skip_continuation(text, i, end) : i;
		if (next > i) {
			if (!quote)
				break;
			ds_buf_addc(&b, ' '); /* the lines are joined by a blank */
			i = next - 1;
		} else if (c == '\\') {
			i += unescape(ds_str_head(ds_str_skip(text, i), end - i), &b) - 1;
		} else if (quote) {
			if (c == quote)
				quote = '\0';
			else
				ds_buf_addc(&b, c);
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (is_blank(c) || c == '\n') {
			break;
		} else {
			ds_buf_addc(&b, c);
		}
	}
	if (quote)
		return DS_ESYNTAX;
	*pos = i;
	ret->offset = start + quoted_whole;
	ret->plain = ret->offset + b.n <= end && b.n > 0 && memcmp(text.p + ret->offset, b.p, b.n) == 0;
	return b.err < 0 ? b.err : ds_arena_str(a, ds_buf_str(&b), &ret->text);
}

/* ---- environment files ---- */

/* A value up to the end of its line: quotes group, a backslash keeps what follows or joins lines. */
static size_t env_value(struct ds_str text, size_t i, struct ds_buf *b, size_t *ret_start)
{
	char quote = '\0';
	size_t blanks = 0; /* unquoted ones at the end do not count */

	while (i < text.n && is_blank(text.p[i]))
		i++;
	*ret_start = i < text.n && (text.p[i] == '"' || text.p[i] == '\'') ? i + 1 : i;
	for (; i < text.n; i++) {
		char c = text.p[i];

		if (!quote && c == '\n')
			break;
		if (c == '\\' && quote != '\'' && i + 1 < text.n) {
			char next = text.p[++i];

			if (next == '\n')
				continue;
			if (quote && !strchr("\"\\`$", next))
				ds_buf_addc(b, '\\');
			ds_buf_addc(b, next);
			blanks = 0;
		} else if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? '\0' : c;
			blanks = 0;
		} else if (c != '\r' || i + 1 >= text.n || text.p[i + 1] != '\n') {
			ds_buf_addc(b, c);
			blanks = !quote && is_blank(c) ? blanks + 1 : 0;
		}
	}
	b->n -= DS_MIN(blanks, b->n);
	return i;
}

int ds_env_next(struct ds_arena *a, struct ds_str text, size_t *pos, struct ds_unit_var *ret)
{
	while (*pos < text.n) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
		size_t end = line_end(text, *pos), eq;
		struct ds_str line = ds_str_n(text.p + *pos, end - *pos);

		eq = ds_str_find(line, '=');
		if (is_comment(text, *pos) || eq == line.n) {
			*pos = end + 1;
			continue;
		}
		*ret = (struct ds_unit_var){.name = ds_str_trim(ds_str_head(line, eq))};
		b.max = DS_LIMIT_CMDLINE_BYTES;
		*pos = env_value(text, *pos + eq + 1, &b, &ret->offset) + 1;
		ret->plain = b.n > 0 && ret->offset + b.n <= text.n && memcmp(text.p + ret->offset, b.p, b.n) == 0;
		return b.err < 0 ? b.err : ds_arena_str(a, ds_buf_str(&b), &ret->value);
	}
	return DS_ENOENT;
}

struct ds_loc ds_unit_place(const struct ds_input *input, const struct ds_lines *lines, size_t offset, struct ds_str text)
{
	struct ds_loc loc = {.input = input, .length = (uint32_t)ds_utf8_count(text)};

	ds_lines_place(lines, offset, &loc.line, &loc.column);
	return loc;
}
