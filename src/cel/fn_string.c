/*
 * Strings: CEL's own functions and the strings extension (cel-spec
 * doc/extensions/strings.md), which Kubernetes enables. Positions count code
 * points; a byte that is not UTF-8 counts as one.
 */
#include <inttypes.h>

#include "base/utf8.h"
#include "cel/fn.h"
#include "cel/priv.h"

static bool charge(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *args,
		   struct ds_cel_value *out)
{
	return ds__cel_charge_text(r, n, args[0].s.n, out);
}

/* What the budget cannot pay for is not built first. */
static struct ds_buf new_buf(const struct ds__cel_run *r)
{
	return (struct ds_buf){.max = DS_MIN(r->cost, (size_t)DS_LIMIT_CEL_COST) * 10 + 16};
}

/* The buffer's content becomes the result. */
static void from_buf(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_buf *b,
		     struct ds_cel_value *out)
{
	char *p;

	/* Too big means: bigger than what is left could pay for. */
	if (!ds__cel_charge_text(r, n, b->err == DS_ETOOBIG ? SIZE_MAX : b->n, out))
		return;
	p = ds_buf_dup(b, r->a);
	if (!p)
		ds__cel_oom(r, out);
	else
		ds__cel_set_str(out, ds_str_n(p, b->n));
}

/* ---- tests ---- */

static bool starts(struct ds_str s, struct ds_str with)
{
	return s.n >= with.n && ds_str_eq(ds_str_head(s, with.n), with);
}

static bool ends(struct ds_str s, struct ds_str with)
{
	return s.n >= with.n && ds_str_eq(ds_str_skip(s, s.n - with.n), with);
}

/* The byte position of the first what at or after from, or SIZE_MAX. */
static size_t search(struct ds_str s, size_t from, struct ds_str what)
{
	struct ds_str rest = ds_str_skip(s, from);
	size_t i = ds_str_search(rest, what);

	return i == rest.n && what.n > 0 ? SIZE_MAX : from + i;
}

FN(contains)
{
	if (charge(r, n, args, out))
		ds__cel_set_bool(out, search(args[0].s, 0, args[1].s) != SIZE_MAX);
}

FN(starts_with)
{
	if (ds__cel_charge_text(r, n, args[1].s.n, out))
		ds__cel_set_bool(out, starts(args[0].s, args[1].s));
}

FN(ends_with)
{
	if (ds__cel_charge_text(r, n, args[1].s.n, out))
		ds__cel_set_bool(out, ends(args[0].s, args[1].s));
}

/* ---- positions ---- */

/* The byte offset of position i; false, with *out an error, when it is outside 0..size. */
static bool offset_of(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_str s, int64_t i, size_t *ret,
		      struct ds_cel_value *out)
{
	size_t count = ds_utf8_count(s);

	if (i < 0 || (uint64_t)i > count) {
		ds__cel_fail(r, n, out, "index out of range: %" PRId64 " (the string has %zu characters)", i, count);
		return false;
	}
	*ret = ds_utf8_offset(s, (size_t)i);
	return true;
}

static size_t char_length(struct ds_str s)
{
	uint32_t c;
	size_t k = ds_utf8_decode(s, &c);

	return k ? k : DS_MIN(s.n, (size_t)1);
}

FN(char_at)
{
	size_t i;
	struct ds_str rest;

	if (!charge(r, n, args, out) || !offset_of(r, n, args[0].s, args[1].i, &i, out))
		return;
	rest = ds_str_skip(args[0].s, i);
	ds__cel_set_str(out, ds_str_head(rest, char_length(rest)));
}

static void set_position(struct ds_cel_value *out, struct ds_str s, size_t byte)
{
	ds__cel_set_int(out, byte == SIZE_MAX ? -1 : (int64_t)ds_utf8_count(ds_str_head(s, byte)));
}

FN(index_of)
{
	size_t from = 0;

	if (!charge(r, n, args, out) || (n->n_args == 3 && !offset_of(r, n, args[0].s, args[2].i, &from, out)))
		return;
	set_position(out, args[0].s, search(args[0].s, from, args[1].s));
}

FN(last_index_of)
{
	struct ds_str s = args[0].s, what = args[1].s;
	size_t from = s.n, found = SIZE_MAX;

	if (!charge(r, n, args, out) || (n->n_args == 3 && !offset_of(r, n, s, args[2].i, &from, out)) ||
	    !ds__cel_charge(r, n, s.n / 10 * (what.n / 64), out))
		return;
	if (what.n <= s.n)
		for (size_t i = DS_MIN(from, s.n - what.n) + 1; i > 0 && found == SIZE_MAX; i--)
			if (memcmp(s.p + i - 1, what.p ? what.p : "", what.n) == 0)
				found = i - 1;
	set_position(out, s, found);
}

FN(substring)
{
	struct ds_str s = args[0].s;
	size_t from, to = s.n;

	if (!charge(r, n, args, out) || !offset_of(r, n, s, args[1].i, &from, out) ||
	    (n->n_args == 3 && !offset_of(r, n, s, args[2].i, &to, out)))
		return;
	if (to < from)
		ds__cel_fail(r, n, out, "invalid substring range: %" PRId64 " to %" PRId64, args[1].i, args[2].i);
	else
		ds__cel_set_str(out, ds_str_n(s.p ? s.p + from : s.p, to - from));
}

/* ---- transformations ---- */

static void map_ascii(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *args, bool upper,
		      struct ds_cel_value *out)
{
	struct ds_str s = args[0].s;
	char *p;

	if (!ds__cel_charge_text(r, n, s.n, out))
		return;
	p = ds_arena_alloc(r->a, s.n);
	if (!p) {
		ds__cel_oom(r, out);
		return;
	}
	for (size_t i = 0; i < s.n; i++)
		p[i] = upper && ds_c_is_lower(s.p[i]) ? (char)(s.p[i] - 'a' + 'A') : upper ? s.p[i] : ds_c_lower(s.p[i]);
	ds__cel_set_str(out, ds_str_n(p, s.n));
}

FN(lower_ascii)
{
	map_ascii(r, n, args, false, out);
}

FN(upper_ascii)
{
	map_ascii(r, n, args, true, out);
}

FN(trim)
{
	if (charge(r, n, args, out))
		ds__cel_set_str(out, ds_str_trim(args[0].s));
}

FN(reverse)
{
	struct ds_str s = args[0].s;
	size_t at = s.n;
	char *p;

	if (!charge(r, n, args, out))
		return;
	p = ds_arena_alloc(r->a, s.n);
	if (!p) {
		ds__cel_oom(r, out);
		return;
	}
	while (s.n > 0) {
		size_t k = char_length(s);

		at -= k;
		memcpy(p + at, s.p, k);
		s = ds_str_skip(s, k);
	}
	ds__cel_set_str(out, ds_str_n(p, args[0].s.n));
}

/* As strings.Replace: an empty text to replace matches before every character and at the end. */
FN(replace)
{
	struct ds_str s = args[0].s, old = args[1].s, new = args[2].s;
	int64_t limit = n->n_args == 4 && args[3].i >= 0 ? args[3].i : INT64_MAX;
	struct ds_buf b DS_CLEANUP(ds_buf_done) = new_buf(r);

	if (!charge(r, n, args, out))
		return;
	for (; limit > 0 && b.err >= 0; limit--) {
		size_t i = old.n ? ds_str_search(s, old) : 0;

		if (old.n && i == s.n)
			break;
		ds_buf_adds(&b, ds_str_head(s, i));
		ds_buf_adds(&b, new);
		s = ds_str_skip(s, i + old.n);
		if (old.n == 0) {
			if (s.n == 0)
				break;
			ds_buf_adds(&b, ds_str_head(s, char_length(s)));
			s = ds_str_skip(s, char_length(s));
		}
	}
	ds_buf_adds(&b, s);
	from_buf(r, n, &b, out);
}

/* ---- lists of strings ---- */

/* As strings.SplitN: an empty separator splits into characters; a limit of 0 gives nothing. */
FN(split)
{
	DS_VEC(struct ds_cel_value) parts = {0};
	struct ds_str s = args[0].s, sep = args[1].s;
	int64_t limit = n->n_args == 3 && args[2].i >= 0 ? args[2].i : INT64_MAX;
	bool more = limit > 0 && (s.n > 0 || sep.n > 0);

	if (!charge(r, n, args, out))
		return;
	while (more) {
		size_t i = sep.n ? ds_str_search(s, sep) : char_length(s);

		if (!ds__cel_charge(r, n, 1, out))
			return;
		more = i < s.n && (int64_t)parts.n + 1 < limit;
		if (ds_vec_push(r->a, &parts, ds_cel_string(more ? ds_str_head(s, i) : s)) < 0) {
			ds__cel_oom(r, out);
			return;
		}
		s = ds_str_skip(s, i + sep.n);
	}
	ds__cel_set_list(out, parts.v, parts.n);
}

FN(join)
{
	struct ds_buf b DS_CLEANUP(ds_buf_done) = new_buf(r);

	for (size_t i = 0; i < args[0].list.n; i++) {
		const struct ds_cel_value *v = &args[0].list.v[i];

		if (!ds__cel_charge(r, n, 1, out) || !ds__cel_elem_ok(r, n, 0, &args[0], i, out))
			return;
		if (v->kind != DS_CEL_STRING) {
			ds__cel_no_overload(r, n, v, 1, out);
			return;
		}
		if (i > 0 && n->n_args == 2)
			ds_buf_adds(&b, args[1].s);
		ds_buf_adds(&b, v->s);
	}
	from_buf(r, n, &b, out);
}

/* ---- format ---- */

static void put_radix(struct ds_buf *b, int64_t v, unsigned bits, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	char text[64];
	size_t k = sizeof(text);

	do {
		text[--k] = digits[u & ((1u << bits) - 1)];
		u >>= bits;
	} while (u);
	if (v < 0)
		ds_buf_addc(b, '-');
	ds_buf_add(b, text + k, sizeof(text) - k);
}

/* One conversion. NULL, or what is wrong. */
static const char *put_conversion(struct ds_buf *b, char c, const struct ds_cel_value *v)
{
	bool is_int = v->kind == DS_CEL_INT;

	switch (c) {
	case 's':
		ds__cel_put(b, v);
		return NULL;
	case 'd':
		if (!is_int)
			return "%d takes an int";
		ds__cel_put(b, v);
		return NULL;
	case 'b':
		if (!is_int && v->kind != DS_CEL_BOOL)
			return "%b takes an int or a bool";
		put_radix(b, is_int ? v->i : v->b, 1, false);
		return NULL;
	case 'o':
		if (!is_int)
			return "%o takes an int";
		put_radix(b, v->i, 3, false);
		return NULL;
	case 'x':
	case 'X':
		if (is_int)
			put_radix(b, v->i, 4, c == 'X');
		else if (v->kind == DS_CEL_STRING)
			for (size_t i = 0; i < v->s.n; i++)
				ds_buf_printf(b, c == 'X' ? "%02X" : "%02x", (unsigned)(unsigned char)v->s.p[i]);
		else
			return "%x takes an int or a string";
		return NULL;
	case 'f':
	case 'e':
		return "%f and %e are for doubles, which are not in dsaudit's subset of CEL";
	default:
		return "unrecognized formatting clause";
	}
}

/* false = *out is an error. */
static bool put_format(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *args,
		       struct ds_buf *b, struct ds_cel_value *out)
{
	struct ds_str f = args[0].s;
	size_t used = 0;

	for (size_t i = 0; i < f.n; i++) {
		const char *wrong = NULL;

		if (f.p[i] != '%') {
			ds_buf_addc(b, f.p[i]);
			continue;
		}
		i++;
		if (i == f.n)
			wrong = "unexpected end of the format";
		else if (f.p[i] == '%')
			ds_buf_addc(b, '%');
		else if (used >= args[1].list.n)
			wrong = "more conversions than arguments";
		else if (!ds__cel_elem_ok(r, n, 1, &args[1], used, out))
			return false;
		else
			wrong = put_conversion(b, f.p[i], &args[1].list.v[used++]);
		if (wrong) {
			ds__cel_fail(r, n, out, "format(): %s", wrong);
			return false;
		}
	}
	return true;
}

FN(format)
{
	struct ds_buf b DS_CLEANUP(ds_buf_done) = new_buf(r);

	if (charge(r, n, args, out) && put_format(r, n, args, &b, out))
		from_buf(r, n, &b, out);
}
