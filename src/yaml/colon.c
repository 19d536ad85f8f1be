#include "yaml/colon.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"

#define MARK_FIRST 0xe000u
#define MARK_TRIES 64u

/* All attempts together may read this much, or this many times the input. */
#define FED_MIN ((uint64_t)64 << 20)
#define FED_TIMES 4u

void ds__yaml_colon_done(struct ds__yaml_colon *c)
{
	ds_buf_done(&c->copy);
	free(c->extra);
	c->extra = NULL;
}

static bool is_flow_indicator(char c)
{
	return c == ',' || c == '?' || c == '[' || c == ']' || c == '{' || c == '}';
}

/*
 * Whether the colon at i, which a flow indicator follows, belongs to a plain
 * scalar if it is in flow context at all. It is a value indicator only after
 * a quoted scalar, a collection, an alias, an anchor or a tag, or at the start
 * of a word.
 */
static bool is_candidate(struct ds_str t, size_t i)
{
	size_t start = i;

	while (start > 0 && !is_flow_indicator(t.p[start - 1]) && !ds_c_is_space(t.p[start - 1])) {
		/* Long words are left to libyaml's own error, so that this stays linear. */
		if (i - start > 256)
			return false;
		start--;
	}
	while (start < i && t.p[start] == ':')
		start++;
	if (start == i || t.p[i - 1] == '"' || t.p[i - 1] == '\'')
		return false;
	return !strchr("*&!", t.p[start]);
}

static unsigned hex(char c)
{
	if (ds_c_is_digit(c))
		return (unsigned)(c - '0');
	c = ds_c_lower(c);
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
}

/*
 * Which of the code points MARK_FIRST + 0..63 occur, as themselves or as an
 * escape ("\ue01f"; four hexadecimal digits anywhere count, to be safe).
 */
static uint64_t marks_in(struct ds_str t)
{
	uint64_t seen = 0;

	for (size_t i = 0; i + 2 < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];

		if (c == 0xee && (unsigned char)t.p[i + 1] == 0x80)
			seen |= (uint64_t)1 << ((unsigned char)t.p[i + 2] & 0x3f);
		if ((c == 'e' || c == 'E') && i + 3 < t.n && t.p[i + 1] == '0' && hex(t.p[i + 2]) < 4 &&
		    hex(t.p[i + 3]) < 16)
			seen |= (uint64_t)1 << (hex(t.p[i + 2]) * 16 + hex(t.p[i + 3]));
	}
	return seen;
}

static int choose_mark(struct ds__yaml_colon *c)
{
	uint64_t seen = marks_in(c->text);

	for (uint32_t i = 0; i < MARK_TRIES; i++) {
		if (!(seen & (uint64_t)1 << i)) {
			(void)ds_utf8_encode(MARK_FIRST + i, c->mark);
			return 0;
		}
	}
	return DS_EUNSUPPORTED;
}

static int compare(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return x < y ? -1 : x > y;
}

/* The next colon to be replaced at or after i, or text.n. */
static size_t next_colon(const struct ds__yaml_colon *c, size_t i, size_t *extra)
{
	struct ds_str t = c->text;

	while (i < t.n) {
		const char *p = memchr(t.p + i, ':', t.n - i);
		size_t at = p ? (size_t)(p - t.p) : t.n;

		if (*extra < c->n_extra && c->extra[*extra] <= at) {
			at = c->extra[(*extra)++];
			return at;
		}
		if (at + 1 < t.n && is_flow_indicator(t.p[at + 1]) && is_candidate(t, at))
			return at;
		i = at + 1;
	}
	return t.n;
}

static int rewrite(struct ds__yaml_colon *c)
{
	size_t extra = 0, from = 0, at;
	int r;

	ds_buf_clear(&c->copy);
	c->used = false;
	c->fed += c->text.n;
	/* UTF-16: not worth the trouble. */
	if (c->text.n >= 2 && (memcmp(c->text.p, "\xff\xfe", 2) == 0 || memcmp(c->text.p, "\xfe\xff", 2) == 0))
		return 0;
	while ((at = next_colon(c, from, &extra)) < c->text.n) {
		if (!c->used) {
			r = choose_mark(c);
			if (r < 0)
				return r;
			c->used = true;
		}
		ds_buf_add(&c->copy, c->text.p + from, at - from);
		ds_buf_add(&c->copy, c->mark, DS__YAML_MARK_LEN);
		from = at + 1;
	}
	if (c->used)
		ds_buf_add(&c->copy, c->text.p + from, c->text.n - from);
	return c->copy.err;
}

int ds__yaml_colon_init(struct ds__yaml_colon *c, struct ds_str text)
{
	*c = (struct ds__yaml_colon){.text = text};
	return rewrite(c);
}

int ds__yaml_colon_add(struct ds__yaml_colon *c, size_t at)
{
	if (at >= c->text.n || c->text.p[at] != ':')
		return DS_EINVAL;
	for (size_t i = 0; i < c->n_extra; i++)
		if (c->extra[i] == at)
			return DS_EINVAL;
	if (c->n_extra >= DS_LIMIT_YAML_COLON_REPAIRS || c->fed > FED_MIN + FED_TIMES * (uint64_t)c->text.n)
		return DS_ETOOBIG;
	if (c->n_extra == c->cap_extra) {
		size_t cap = c->cap_extra ? c->cap_extra * 2 : 16;
		size_t *p = realloc(c->extra, cap * sizeof(*p));

		if (!p)
			return DS_ENOMEM;
		c->extra = p;
		c->cap_extra = cap;
	}
	c->extra[c->n_extra++] = at;
	qsort(c->extra, c->n_extra, sizeof(c->extra[0]), compare);
	return rewrite(c);
}

size_t ds__yaml_colon_restore(const struct ds__yaml_colon *c, char *p, size_t n)
{
	size_t out = 0;

	for (size_t i = 0; i < n;) {
		if (n - i >= DS__YAML_MARK_LEN && memcmp(p + i, c->mark, DS__YAML_MARK_LEN) == 0) {
			p[out++] = ':';
			i += DS__YAML_MARK_LEN;
		} else {
			p[out++] = p[i++];
		}
	}
	return out;
}
