#ifndef DS_BASE_STR_H
#define DS_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * A piece of text with its length: it may hold NUL bytes and is not
 * terminated. Borrowed: whoever owns the bytes says so. p may be NULL only
 * when n is 0.
 */
struct ds_str {
	const char *p;
	size_t n;
};

/* For string literals only. */
#define DS_STR(lit) ((struct ds_str){"" lit, sizeof(lit) - 1})

/* For printf: "%.*s", DS_STR_ARG(s). The text must not hold NUL bytes. */
#define DS_STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

static inline struct ds_str ds_str_from(const char *z)
{
	return (struct ds_str){z, z ? strlen(z) : 0};
}

static inline struct ds_str ds_str_n(const char *p, size_t n)
{
	return (struct ds_str){p, n};
}

static inline bool ds_str_eq(struct ds_str a, struct ds_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool ds_str_eqz(struct ds_str a, const char *z)
{
	/* Most of what tables are searched for differs in the first byte. */
	if (a.n && z && a.p[0] != z[0])
		return false;
	return ds_str_eq(a, ds_str_from(z));
}

/* Byte order, then length: negative, 0 or positive. */
int ds_str_cmp(struct ds_str a, struct ds_str b);

/* ASCII case-insensitive equality. */
bool ds_str_ieqz(struct ds_str a, const char *z);

bool ds_str_starts(struct ds_str s, const char *prefix);
bool ds_str_ends(struct ds_str s, const char *suffix);

/* The position of the first c, or s.n. */
size_t ds_str_find(struct ds_str s, char c);

/* The position of the first occurrence of needle, or s.n. */
size_t ds_str_search(struct ds_str s, struct ds_str needle);

/* s without its first n bytes (all of them when shorter). */
struct ds_str ds_str_skip(struct ds_str s, size_t n);
/* The first n bytes of s (all of it when shorter). */
struct ds_str ds_str_head(struct ds_str s, size_t n);

/* Without leading and trailing white space as Go's strings.TrimSpace sees it
 * (Unicode White_Space, U+0085 and U+00A0 included). */
struct ds_str ds_str_trim(struct ds_str s);

/* Takes the text up to the next sep off *rest into *ret_part. Splits as Go's
 * strings.Split: n separators give n + 1 parts. Start with *done = false;
 * false is returned when there is no further part. */
bool ds_str_split(struct ds_str *rest, char sep, bool *done, struct ds_str *ret_part);

/* The last path element: after the last '/', or all of s. */
struct ds_str ds_str_basename(struct ds_str s);

/* Edit distance (insert, delete, replace, transpose neighbours), bounded:
 * anything above max is reported as max + 1. For "did you mean". Inputs over
 * 64 bytes count as too far. */
unsigned ds_str_distance(struct ds_str a, struct ds_str b, unsigned max);

static inline bool ds_c_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool ds_c_is_lower(char c) { return c >= 'a' && c <= 'z'; }
static inline bool ds_c_is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static inline bool ds_c_is_alpha(char c) { return ds_c_is_lower(c) || ds_c_is_upper(c); }
static inline bool ds_c_is_alnum(char c) { return ds_c_is_alpha(c) || ds_c_is_digit(c); }
static inline bool ds_c_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r';
}
static inline char ds_c_lower(char c) { return ds_c_is_upper(c) ? (char)(c - 'A' + 'a') : c; }

#endif
