#include "base/str.h"

#include <stdint.h>

#include "base/compiler.h"
#include "base/utf8.h"

int ds_str_cmp(struct ds_str a, struct ds_str b)
{
	size_t n = DS_MIN(a.n, b.n);
	int r = n ? memcmp(a.p, b.p, n) : 0;

	if (r != 0)
		return r;
	return a.n < b.n ? -1 : a.n > b.n;
}

bool ds_str_ieqz(struct ds_str a, const char *z)
{
	if (a.n != strlen(z))
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (ds_c_lower(a.p[i]) != ds_c_lower(z[i]))
			return false;
	return true;
}

bool ds_str_starts(struct ds_str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

bool ds_str_ends(struct ds_str s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n >= n && (n == 0 || memcmp(s.p + s.n - n, suffix, n) == 0);
}

size_t ds_str_find(struct ds_str s, char c)
{
	const char *p = s.n ? memchr(s.p, c, s.n) : NULL;

	return p ? (size_t)(p - s.p) : s.n;
}

size_t ds_str_search(struct ds_str s, struct ds_str needle)
{
	const char *p;

	if (needle.n == 0)
		return 0;
	if (s.n < needle.n)
		return s.n;
	p = memmem(s.p, s.n, needle.p, needle.n);
	return p ? (size_t)(p - s.p) : s.n;
}

struct ds_str ds_str_skip(struct ds_str s, size_t n)
{
	n = DS_MIN(n, s.n);
	return (struct ds_str){s.p ? s.p + n : s.p, s.n - n};
}

struct ds_str ds_str_head(struct ds_str s, size_t n)
{
	return (struct ds_str){s.p, DS_MIN(n, s.n)};
}

static bool is_go_space(uint32_t c)
{
	return (c >= '\t' && c <= '\r') || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
	       c == 0x3000;
}

struct ds_str ds_str_trim(struct ds_str s)
{
	uint32_t c;
	size_t n;

	while (s.n > 0 && (n = ds_utf8_decode(s, &c)) > 0 && is_go_space(c))
		s = ds_str_skip(s, n);
	for (;;) {
		size_t start = s.n;

		/* Step back over continuation bytes to the start of the last code point. */
		if (start == 0)
			break;
		do
			start--;
		while (start > 0 && s.n - start < 4 && ((unsigned char)s.p[start] & 0xc0) == 0x80);
		n = ds_utf8_decode(ds_str_skip(s, start), &c);
		if (n == 0 || start + n != s.n || !is_go_space(c))
			break;
		s.n = start;
	}
	return s;
}

bool ds_str_split(struct ds_str *rest, char sep, bool *done, struct ds_str *ret_part)
{
	size_t i;

	if (*done)
		return false;
	i = ds_str_find(*rest, sep);
	*ret_part = ds_str_head(*rest, i);
	if (i == rest->n)
		*done = true;
	else
		*rest = ds_str_skip(*rest, i + 1);
	return true;
}

struct ds_str ds_str_basename(struct ds_str s)
{
	for (size_t i = s.n; i > 0; i--)
		if (s.p[i - 1] == '/')
			return ds_str_skip(s, i);
	return s;
}

unsigned ds_str_distance(struct ds_str a, struct ds_str b, unsigned max)
{
	unsigned row[3][65];
	unsigned *prev2 = row[0], *prev = row[1], *cur = row[2];

	if (a.n > 64 || b.n > 64 || DS_MAX(a.n, b.n) - DS_MIN(a.n, b.n) > max)
		return max + 1;
	for (size_t j = 0; j <= b.n; j++)
		prev[j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned *t = prev2;

		cur[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			unsigned best = prev[j - 1] + (a.p[i - 1] != b.p[j - 1]);

			best = DS_MIN(best, DS_MIN(prev[j], cur[j - 1]) + 1);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				best = DS_MIN(best, prev2[j - 2] + 1);
			cur[j] = best;
		}
		prev2 = prev;
		prev = cur;
		cur = t;
	}
	return DS_MIN(prev[b.n], max + 1);
}
