#include "base/buf.h"
#include "base/utf8.h"
#include "yaml/build.h"

enum expect {
	WANT_VALUE,
	WANT_VALUE_OR_END, /* just after '[' */
	WANT_KEY,
	WANT_KEY_OR_END, /* just after '{' */
	WANT_COLON,
	WANT_NEXT,    /* ',' or the end of the collection */
	WANT_NOTHING, /* the document is complete */
};

/*
 * A strict JSON reader (RFC 8259) without recursion: the builder's frames are
 * its stack. It gives up with DS_ENOENT at the first thing that is not JSON;
 * the text may then still be YAML in flow style.
 */
struct json {
	struct ds__yaml_builder b;
	struct ds_str text;
	size_t i;
	uint32_t line;
	size_t line_start;  /* byte offset of the current line */
	size_t line_extra;  /* continuation bytes seen since then: bytes minus code points */
	struct ds_buf scratch;
	enum expect want; /* what the step that failed was after */
	bool in_string;
};

static struct ds__yaml_pos here(const struct json *j)
{
	return (struct ds__yaml_pos){j->line, (uint32_t)(j->i - j->line_start - j->line_extra) + 1};
}

static int peek(const struct json *j)
{
	return j->i < j->text.n ? (unsigned char)j->text.p[j->i] : -1;
}

static void skip_space(struct json *j)
{
	for (;; j->i++) {
		int c = peek(j);

		if (c == '\n' || (c == '\r' && (j->i + 1 >= j->text.n || j->text.p[j->i + 1] != '\n'))) {
			j->line++;
			j->line_start = j->i + 1;
			j->line_extra = 0;
		} else if (c != ' ' && c != '\t' && c != '\r') {
			return;
		}
	}
}

static bool hex4(const struct json *j, size_t at, uint32_t *ret)
{
	*ret = 0;
	if (at + 4 > j->text.n)
		return false;
	for (size_t k = at; k < at + 4; k++) {
		char c = ds_c_lower(j->text.p[k]);

		if (!ds_c_is_digit(c) && !(c >= 'a' && c <= 'f'))
			return false;
		*ret = *ret * 16 + (uint32_t)(ds_c_is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	return true;
}

/* "\uXXXX", surrogate pairs included; half a pair becomes U+FFFD as in Go. */
static bool unicode_escape(struct json *j)
{
	char utf8[4];
	uint32_t c, low;

	if (!hex4(j, j->i + 1, &c))
		return false;
	j->i += 4;
	if (c >= 0xd800 && c < 0xdc00 && j->i + 2 < j->text.n && j->text.p[j->i + 1] == '\\' &&
	    j->text.p[j->i + 2] == 'u' && hex4(j, j->i + 3, &low) && low >= 0xdc00 && low < 0xe000) {
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		j->i += 6;
	} else if (c >= 0xd800 && c < 0xe000) {
		c = 0xfffd;
	}
	ds_buf_add(&j->scratch, utf8, ds_utf8_encode(c, utf8));
	return true;
}

static bool escape(struct json *j)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int c;
	const char *p;

	j->i++;
	c = peek(j);
	if (c == 'u')
		return unicode_escape(j);
	p = c > 0 ? strchr(from, c) : NULL;
	if (!p)
		return false;
	ds_buf_addc(&j->scratch, to[p - from]);
	return true;
}

/* Bytes from i on that stand for themselves: ASCII without controls, quotes and backslashes. */
static size_t plain_run(const struct json *j)
{
	size_t i = j->i;

	while (i < j->text.n) {
		unsigned char c = (unsigned char)j->text.p[i];

		if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
			break;
		i++;
	}
	return i - j->i;
}

/* At '"': reads the string. */
static int string(struct json *j, struct ds_str *ret)
{
	size_t start = ++j->i;
	bool escaped = false;

	j->in_string = true;
	ds_buf_clear(&j->scratch);
	for (;;) {
		size_t n = plain_run(j);
		uint32_t cp;
		int c;

		if (escaped && n)
			ds_buf_add(&j->scratch, j->text.p + j->i, n);
		j->i += n;
		c = peek(j);
		if (c == '"')
			break;
		if (c < 0x20)
			return DS_ENOENT;
		if (c == '\\') {
			if (!escaped)
				ds_buf_add(&j->scratch, j->text.p + start, j->i - start);
			escaped = true;
			if (!escape(j))
				return DS_ENOENT;
			j->i++;
			continue;
		}
		n = ds_utf8_decode(ds_str_skip(j->text, j->i), &cp);
		if (n == 0)
			return DS_ENOENT;
		if (escaped)
			ds_buf_add(&j->scratch, j->text.p + j->i, n);
		j->i += n;
		j->line_extra += n - 1;
	}
	*ret = ds_str_n(j->text.p + start, j->i - start);
	j->i++;
	j->in_string = false;
	if (!escaped)
		return 0;
	return j->scratch.err < 0 ? j->scratch.err : ds_arena_str(j->b.ctx->arena, ds_buf_str(&j->scratch), ret);
}

static bool digits(struct json *j)
{
	size_t start = j->i;

	while (peek(j) >= '0' && peek(j) <= '9')
		j->i++;
	return j->i > start;
}

static bool number(struct json *j)
{
	if (peek(j) == '-')
		j->i++;
	if (peek(j) == '0')
		j->i++;
	else if (!digits(j))
		return false;
	if (peek(j) == '.') {
		j->i++;
		if (!digits(j))
			return false;
	}
	if (peek(j) == 'e' || peek(j) == 'E') {
		j->i++;
		if (peek(j) == '+' || peek(j) == '-')
			j->i++;
		return digits(j);
	}
	return true;
}

static bool literal(struct json *j)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t k = 0; k < DS_ARRAY_SIZE(words); k++) {
		if (ds_str_starts(ds_str_skip(j->text, j->i), words[k])) {
			j->i += strlen(words[k]);
			return true;
		}
	}
	return false;
}

static int add_string(struct json *j)
{
	struct ds__yaml_pos from = here(j);
	struct ds_yaml_node *node;
	struct ds_str s;
	int r = string(j, &s);

	return r < 0 ? r : ds__yaml_scalar(&j->b, s, DS_YAML_DOUBLE_QUOTED, from, here(j), &node);
}

static int open_collection(struct json *j, enum expect *want)
{
	bool map = peek(j) == '{';
	struct ds__yaml_pos from = here(j);
	struct ds_yaml_node *node;

	j->i++;
	*want = map ? WANT_KEY_OR_END : WANT_VALUE_OR_END;
	return ds__yaml_open(&j->b, map ? DS_YAML_MAPPING : DS_YAML_SEQUENCE, DS_YAML_FLOW, from, here(j), &node);
}

static enum expect after_value(const struct json *j)
{
	return j->b.depth ? WANT_NEXT : WANT_NOTHING;
}

static int value(struct json *j, enum expect *want)
{
	struct ds__yaml_pos from = here(j);
	size_t start = j->i;
	struct ds_yaml_node *node;
	int c = peek(j);

	if (c == '{' || c == '[')
		return open_collection(j, want);
	*want = after_value(j);
	if (c == '"')
		return add_string(j);
	if (!(c == '-' || (c >= '0' && c <= '9') ? number(j) : literal(j)))
		return DS_ENOENT;
	return ds__yaml_scalar(&j->b, ds_str_n(j->text.p + start, j->i - start), DS_YAML_PLAIN, from, here(j), &node);
}

static int close_collection(struct json *j, enum expect *want)
{
	int r;

	j->i++;
	r = ds__yaml_close(&j->b, here(j));
	*want = after_value(j);
	return r;
}

static int key(struct json *j, enum expect *want)
{
	int r;

	if (peek(j) != '"')
		return DS_ENOENT;
	r = add_string(j);
	if (r < 0)
		return r;
	skip_space(j);
	j->want = WANT_COLON;
	if (peek(j) != ':')
		return DS_ENOENT;
	j->i++;
	*want = WANT_VALUE;
	return 0;
}

static int next(struct json *j, enum expect *want)
{
	const struct ds_yaml_node *in = ds__yaml_innermost(&j->b);
	bool map = in && in->kind == DS_YAML_MAPPING;

	if (peek(j) == (map ? '}' : ']'))
		return close_collection(j, want);
	if (peek(j) != ',')
		return DS_ENOENT;
	j->i++;
	*want = map ? WANT_KEY : WANT_VALUE;
	return 0;
}

static int step(struct json *j, enum expect *want)
{
	skip_space(j);
	j->want = *want;
	switch (*want) {
	case WANT_VALUE_OR_END:
		return peek(j) == ']' ? close_collection(j, want) : value(j, want);
	case WANT_VALUE:
		return value(j, want);
	case WANT_KEY_OR_END:
		return peek(j) == '}' ? close_collection(j, want) : key(j, want);
	case WANT_KEY:
		return key(j, want);
	case WANT_NEXT:
		return next(j, want);
	case WANT_COLON:
	case WANT_NOTHING:
		break;
	}
	return 0;
}

static int document(struct json *j)
{
	enum expect want = WANT_VALUE;
	int r = ds__yaml_doc_start(&j->b, j->line);

	while (r == 0 && want != WANT_NOTHING)
		r = step(j, &want);
	return r < 0 ? r : ds__yaml_doc_end(&j->b);
}

static int run(struct json *j)
{
	for (;;) {
		int r;

		skip_space(j);
		if (peek(j) < 0)
			return 0;
		j->want = WANT_NOTHING;
		/* Only objects and lists: `{} trailing` is not a sequence of values. */
		if (peek(j) != '{' && peek(j) != '[')
			return DS_ENOENT;
		r = document(j);
		if (r < 0)
			return r;
	}
}

/* Says what is wrong where reading ended. */
static int complain(struct json *j)
{
	static const char *const wanted[] = {
		[WANT_VALUE] = "a value",
		[WANT_VALUE_OR_END] = "a value or ']'",
		[WANT_KEY] = "a name in double quotes",
		[WANT_KEY_OR_END] = "a name in double quotes or '}'",
		[WANT_COLON] = "':'",
		[WANT_NEXT] = "',' or the end of the list or object",
		[WANT_NOTHING] = "an object or a list",
	};
	const char *what = j->in_string ? "the rest of a text in double quotes" : wanted[j->want];
	int c = peek(j), r;

	if (c < 0)
		r = ds__yaml_diag(&j->b, DS_LEVEL_ERROR, here(j), "was it written whole?",
				  "the JSON text ends where %s must follow", what);
	else if (c > 0x20 && c < 0x7f)
		r = ds__yaml_diag(&j->b, DS_LEVEL_ERROR, here(j), NULL, "this is not JSON: '%c' stands where %s must follow", c,
				  what);
	else
		r = ds__yaml_diag(&j->b, DS_LEVEL_ERROR, here(j), NULL,
				  "this is not JSON: the byte 0x%02x stands where %s must follow", (unsigned)c, what);
	return r < 0 ? r : DS_ESYNTAX;
}

static int load(struct ds_ctx *ctx, const struct ds_input *input, struct ds_str text, bool json_only,
		struct ds_yaml_stream *ret)
{
	size_t diags = ctx->diags.n, dropped = ctx->diags_dropped;
	struct json j = {.text = text, .line = 1};
	int r;

	ds__yaml_build_init(&j.b, ctx, input, ret);
	j.b.flags = DS_YAML_F_JSON;
	r = run(&j);
	if (r == DS_ENOENT && json_only) {
		r = complain(&j);
	} else if (r == DS_ENOENT) {
		ctx->diags.n = diags;
		ctx->diags_dropped = dropped;
	} else if (r < 0) {
		int closed = ds__yaml_abandon(&j.b);

		if (closed == DS_ENOMEM)
			r = closed;
	}
	ret->json = r != DS_ENOENT;
	ds__yaml_build_done(&j.b);
	ds_buf_done(&j.scratch);
	return r;
}

int ds__yaml_load_json(struct ds_ctx *ctx, const struct ds_input *input, struct ds_str text, struct ds_yaml_stream *ret)
{
	return load(ctx, input, text, false, ret);
}

int ds_json_load(struct ds_ctx *ctx, const struct ds_input *input, struct ds_str text, struct ds_yaml_stream *ret)
{
	return load(ctx, input, text, true, ret);
}
