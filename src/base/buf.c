#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"

void ds_buf_done(struct ds_buf *b)
{
	free(b->p);
	*b = DS_BUF_INIT;
}

void ds_buf_clear(struct ds_buf *b)
{
	b->n = 0;
	b->err = 0;
	if (b->p)
		b->p[0] = '\0';
}

/* Room for n more bytes and the terminator. */
static int reserve(struct ds_buf *b, size_t n)
{
	size_t need, cap;
	char *p;

	if (b->err)
		return b->err;
	if (__builtin_add_overflow(b->n, n, &need) || need > SIZE_MAX / 2 || (b->max && need > b->max))
		return b->err = DS_ETOOBIG;
	if (need < b->cap)
		return 0;
	cap = b->cap ? b->cap : 64;
	while (cap <= need)
		cap *= 2;
	p = realloc(b->p, cap);
	if (!p)
		return b->err = DS_ENOMEM;
	b->p = p;
	b->cap = cap;
	return 0;
}

void ds_buf_add(struct ds_buf *b, const void *p, size_t n)
{
	if (reserve(b, n) < 0)
		return;
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void ds_buf_adds(struct ds_buf *b, struct ds_str s)
{
	ds_buf_add(b, s.p, s.n);
}

void ds_buf_addz(struct ds_buf *b, const char *z)
{
	ds_buf_add(b, z, strlen(z));
}

void ds_buf_addc(struct ds_buf *b, char c)
{
	ds_buf_add(b, &c, 1);
}

void ds_buf_vprintf(struct ds_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		b->err = b->err ? b->err : DS_EINVAL;
	else if (reserve(b, (size_t)n) == 0) {
		(void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	}
	va_end(again);
}

void ds_buf_printf(struct ds_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ds_buf_vprintf(b, fmt, ap);
	va_end(ap);
}

/* Go's unicode.IsPrint, as far as the text of flags and manifests goes: what
 * can hide or reorder text is escaped, everything else is shown. */
static bool go_prints(uint32_t c)
{
	if (c == ' ')
		return true;
	return !ds_utf8_is_unsafe(c) && c != 0xa0 && c != 0x1680 && !(c >= 0x2000 && c <= 0x200a) && c != 0x202f &&
	       c != 0x205f && c != 0x3000 && !(c >= 0xe000 && c <= 0xf8ff) && c != 0xfffe && c != 0xffff && c < 0xe0000;
}

void ds_buf_add_go_quoted(struct ds_buf *b, struct ds_str s)
{
	static const char named[] = "\aa\bb\ff\nn\rr\tt\vv";

	ds_buf_addc(b, '"');
	for (size_t i = 0; i < s.n;) {
		uint32_t c = 0;
		size_t n = ds_utf8_decode(ds_str_skip(s, i), &c);
		const char *esc = n == 1 && c ? strchr(named, (int)c) : NULL;

		if (n == 0) {
			ds_buf_printf(b, "\\x%02x", (unsigned char)s.p[i]);
			i++;
			continue;
		}
		if (c == '"' || c == '\\')
			ds_buf_printf(b, "\\%c", (int)c);
		else if (esc && (esc - named) % 2 == 0)
			ds_buf_printf(b, "\\%c", esc[1]);
		else if (go_prints(c))
			ds_buf_add(b, s.p + i, n);
		else if (c < ' ' || c == 0x7f)
			ds_buf_printf(b, "\\x%02x", c);
		else
			ds_buf_printf(b, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
		i += n;
	}
	ds_buf_addc(b, '"');
}

void ds_buf_add_go_json_string(struct ds_buf *b, struct ds_str s)
{
	ds_buf_addc(b, '"');
	for (size_t i = 0; i < s.n;) {
		uint32_t c = 0;
		size_t n = ds_utf8_decode(ds_str_skip(s, i), &c);

		if (n == 0) {
			ds_buf_addz(b, "\\ufffd");
			i++;
			continue;
		}
		if (c == '"' || c == '\\')
			ds_buf_printf(b, "\\%c", (int)c);
		else if (c == '\n')
			ds_buf_addz(b, "\\n");
		else if (c == '\r')
			ds_buf_addz(b, "\\r");
		else if (c == '\t')
			ds_buf_addz(b, "\\t");
		else if (c == '\b')
			ds_buf_addz(b, "\\b");
		else if (c == '\f')
			ds_buf_addz(b, "\\f");
		else if (c < ' ' || c == '<' || c == '>' || c == '&' || c == 0x2028 || c == 0x2029)
			ds_buf_printf(b, "\\u%04x", c);
		else
			ds_buf_add(b, s.p + i, n);
		i += n;
	}
	ds_buf_addc(b, '"');
}

char *ds_buf_dup(const struct ds_buf *b, struct ds_arena *a)
{
	return b->err ? NULL : ds_arena_strndup(a, b->p ? b->p : "", b->n);
}
