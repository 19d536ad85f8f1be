#include <stdlib.h>

#include "base/utf8.h"
#include "cel/priv.h"

static const char *const reserved_words[] = {
	"as",   "break",  "const",     "continue", "else",   "for", "function", "if",    "import",
	"let",  "loop",   "namespace", "package",  "return", "var", "void",     "while",
};

bool ds__cel_is_reserved(struct ds_str name)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(reserved_words); i++)
		if (ds_str_eqz(name, reserved_words[i]))
			return true;
	return false;
}

static char at(const struct ds__cel_compiler *c, size_t i)
{
	return c->pos + i < c->src.n ? c->src.p[c->pos + i] : '\0';
}

static bool is_name_char(char ch)
{
	return ds_c_is_alnum(ch) || ch == '_';
}

static void skip_blanks(struct ds__cel_compiler *c)
{
	for (;;) {
		char ch = at(c, 0);

		if (c->pos < c->src.n && (ch == ' ' || ch == '\t' || ch == '\n' || ch == '\f' || ch == '\r')) {
			c->pos++;
		} else if (ch == '/' && at(c, 1) == '/') {
			while (c->pos < c->src.n && c->src.p[c->pos] != '\n')
				c->pos++;
		} else {
			return;
		}
	}
}

static int finish(struct ds__cel_compiler *c, int kind, size_t n)
{
	c->tok.kind = kind;
	c->tok.length = (uint32_t)n;
	c->pos = c->tok.offset + (uint32_t)n;
	return 0;
}

static int outside(struct ds__cel_compiler *c, size_t offset, size_t n, const char *what)
{
	return ds__cel_problem(c, DS_ESYNTAX, offset, n, "%s is not in dsaudit's subset of CEL", what);
}

static bool is_hex(char ch)
{
	return ds_c_is_digit(ch) || (ds_c_lower(ch) >= 'a' && ds_c_lower(ch) <= 'f');
}

static int lex_number(struct ds__cel_compiler *c)
{
	size_t n = 0;
	bool hex = at(c, 0) == '0' && at(c, 1) == 'x' && is_hex(at(c, 2));
	bool is_double = false;

	if (hex) {
		for (n = 2; is_hex(at(c, n)); n++)
			;
	} else {
		while (ds_c_is_digit(at(c, n)))
			n++;
		if (at(c, n) == '.' && ds_c_is_digit(at(c, n + 1))) {
			is_double = true;
			for (n++; ds_c_is_digit(at(c, n)); n++)
				;
		}
		if (ds_c_lower(at(c, n)) == 'e') {
			size_t e = n + 1;

			if (at(c, e) == '+' || at(c, e) == '-')
				e++;
			if (ds_c_is_digit(at(c, e))) {
				is_double = true;
				for (n = e; ds_c_is_digit(at(c, n)); n++)
					;
			}
		}
	}
	if (is_double)
		return outside(c, c->pos, n, "a double literal");
	if (ds_c_lower(at(c, n)) == 'u' && !is_name_char(at(c, n + 1)))
		return outside(c, c->pos, n + 1, "an unsigned integer literal");
	if (is_name_char(at(c, n)))
		return ds__cel_problem(c, DS_ESYNTAX, c->pos + n, 1, "unexpected '%c' after a number", at(c, n));
	c->tok.text = ds_str_n(c->src.p + c->pos, n);
	return finish(c, TOK_INT, n);
}

/* ---- strings ---- */

static int hex_value(char ch)
{
	return ds_c_is_digit(ch) ? ch - '0' : ds_c_lower(ch) - 'a' + 10;
}

/* Reads `digits` hexadecimal digits at i. */
static int read_hex(struct ds__cel_compiler *c, size_t escape, size_t i, size_t digits, uint32_t *ret)
{
	uint32_t v = 0;

	for (size_t k = 0; k < digits; k++) {
		if (!is_hex(at(c, i + k)))
			return ds__cel_problem(c, DS_ESYNTAX, c->pos + escape, i + k - escape,
					       "this escape needs %zu hexadecimal digits", digits);
		v = v << 4 | (uint32_t)hex_value(at(c, i + k));
	}
	if (v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return ds__cel_problem(c, DS_ESYNTAX, c->pos + escape, i + digits - escape,
				       "this escape is not a Unicode character");
	*ret = v;
	return 0;
}

static const struct {
	char escape;
	char means;
} simple_escapes[] = {
	{'a', '\a'}, {'b', '\b'}, {'f', '\f'},  {'n', '\n'}, {'r', '\r'}, {'t', '\t'},
	{'v', '\v'}, {'?', '?'},  {'\\', '\\'}, {'"', '"'},  {'\'', '\''}, {'`', '`'},
};

/* The escape whose backslash is at *i; moves *i behind it. */
static int read_escape(struct ds__cel_compiler *c, size_t *i, uint32_t *ret)
{
	size_t start = *i;
	char ch = at(c, start + 1);
	size_t digits = ch == 'x' || ch == 'X' ? 2 : ch == 'u' ? 4 : ch == 'U' ? 8 : 0;

	if (digits) {
		*i = start + 2 + digits;
		return read_hex(c, start, start + 2, digits, ret);
	}
	for (size_t k = 0; k < DS_ARRAY_SIZE(simple_escapes); k++) {
		if (simple_escapes[k].escape != ch)
			continue;
		*ret = (unsigned char)simple_escapes[k].means;
		*i = start + 2;
		return 0;
	}
	if (ch >= '0' && ch <= '3' && at(c, start + 2) >= '0' && at(c, start + 2) <= '7' && at(c, start + 3) >= '0' &&
	    at(c, start + 3) <= '7') {
		*ret = (uint32_t)(ch - '0') << 6 | (uint32_t)(at(c, start + 2) - '0') << 3 |
		       (uint32_t)(at(c, start + 3) - '0');
		*i = start + 4;
		return 0;
	}
	return ds__cel_problem(c, DS_ESYNTAX, c->pos + start, 2, "unknown escape in a string");
}

/* Decodes the n bytes at offset i (escapes make text shorter, never longer). */
static int decode(struct ds__cel_compiler *c, size_t i, size_t n)
{
	char *out = ds_arena_alloc(c->a, n);
	size_t end = i + n, k = 0;

	if (!out)
		return ds__cel_nomem(c);
	while (i < end) {
		uint32_t v = 0;

		if (at(c, i) != '\\') {
			out[k++] = at(c, i++);
			continue;
		}
		if (read_escape(c, &i, &v) < 0)
			return c->err;
		k += ds_utf8_encode(v, out + k);
	}
	c->tok.text = ds_str_n(out, k);
	return 0;
}

/* A string whose opening quote is at `open` bytes from the position (after r, b, …). */
static int lex_string(struct ds__cel_compiler *c, size_t open, bool raw, bool bytes)
{
	char quote = at(c, open);
	size_t q = at(c, open + 1) == quote && at(c, open + 2) == quote ? 3 : 1;
	size_t i = open + q, body = i;
	bool escapes = false;

	for (;; i++) {
		if (c->pos + i >= c->src.n || (q == 1 && (at(c, i) == '\n' || at(c, i) == '\r')))
			return ds__cel_problem(c, DS_ESYNTAX, c->pos, i, "string is not closed");
		if (at(c, i) == quote && (q == 1 || (at(c, i + 1) == quote && at(c, i + 2) == quote)))
			break;
		if (at(c, i) == '\\' && !raw) {
			escapes = true;
			i++;
			if (c->pos + i < c->src.n && q == 1 && (at(c, i) == '\n' || at(c, i) == '\r'))
				i--;
		}
	}
	if (bytes)
		return outside(c, c->pos, i + q, "a bytes literal");
	c->tok.text = ds_str_n(c->src.p + c->pos + body, i - body);
	if (escapes && decode(c, body, i - body) < 0)
		return c->err;
	return finish(c, TOK_STRING, i + q);
}

/* The r and b prefixes of a string at the position, or 0 when there is no string. */
static size_t string_prefix(const struct ds__cel_compiler *c, bool *raw, bool *bytes)
{
	size_t i = 0;

	*raw = *bytes = false;
	for (; i < 2; i++) {
		char ch = ds_c_lower(at(c, i));

		if (ch == 'r' && !*raw)
			*raw = true;
		else if (ch == 'b' && !*bytes)
			*bytes = true;
		else
			break;
	}
	return at(c, i) == '"' || at(c, i) == '\'' ? i : SIZE_MAX;
}

static int lex_operator(struct ds__cel_compiler *c)
{
	static const struct {
		char text[3];
		int kind;
	} two[] = {
		{"&&", TOK_AND}, {"||", TOK_OR}, {"==", TOK_EQ}, {"!=", TOK_NE}, {"<=", TOK_LE}, {">=", TOK_GE},
	};
	char ch = at(c, 0);
	uint32_t u = 0;
	size_t n;

	for (size_t i = 0; i < DS_ARRAY_SIZE(two); i++)
		if (ch == two[i].text[0] && at(c, 1) == two[i].text[1])
			return finish(c, two[i].kind, 2);
	if (ch != '\0' && strchr("()[]{}.,:?!+-*/%<>", ch))
		return finish(c, (unsigned char)ch, 1);
	if (ch == '`')
		return outside(c, c->pos, 1, "a quoted identifier");
	if (ch == '=')
		return ds__cel_problem(c, DS_ESYNTAX, c->pos, 1, "unexpected '=' (equality is '==')");
	if (ch == '&' || ch == '|')
		return ds__cel_problem(c, DS_ESYNTAX, c->pos, 1, "unexpected '%c' (did you mean '%c%c'?)", ch, ch, ch);
	n = ds_utf8_decode(ds_str_skip(c->src, c->pos), &u);
	if (n == 0 || ds_utf8_is_unsafe(u))
		return ds__cel_problem(c, DS_ESYNTAX, c->pos, n ? n : 1, "unexpected character U+%04X", (unsigned)u);
	return ds__cel_problem(c, DS_ESYNTAX, c->pos, n, "unexpected character '%.*s'", (int)n, c->src.p + c->pos);
}

int ds__cel_next(struct ds__cel_compiler *c)
{
	bool raw, bytes;
	size_t n;

	if (c->err < 0)
		return c->err;
	c->prev_end = c->tok.offset + c->tok.length;
	skip_blanks(c);
	c->tok = (struct ds__cel_token){.offset = c->pos};
	if (c->pos >= c->src.n)
		return finish(c, TOK_END, 0);
	if (ds_c_is_digit(at(c, 0)) || (at(c, 0) == '.' && ds_c_is_digit(at(c, 1))))
		return lex_number(c);
	n = string_prefix(c, &raw, &bytes);
	if (n != SIZE_MAX)
		return lex_string(c, n, raw, bytes);
	if (!is_name_char(at(c, 0)))
		return lex_operator(c);
	for (n = 0; is_name_char(at(c, n)); n++)
		;
	c->tok.text = ds_str_n(c->src.p + c->pos, n);
	return finish(c, TOK_IDENT, n);
}
