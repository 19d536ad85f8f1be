#include "kube/goflag.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"

/* Sets *reterr to a formatted message; returns code, or DS_ENOMEM. */
static int fail(struct ds_arena *a, int code, const char **reterr, const char *fmt, ...) DS_PRINTF(4, 5);

static int fail(struct ds_arena *a, int code, const char **reterr, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*reterr = ds_arena_vprintf(a, fmt, ap);
	va_end(ap);
	return *reterr ? code : DS_ENOMEM;
}

const char *ds_go_quote(struct ds_arena *a, struct ds_str s)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	ds_buf_add_go_quoted(&b, s);
	return ds_buf_dup(&b, a);
}

/* strconv.NumError: the function, the text and why. */
static int num_error(struct ds_arena *a, const char *function, struct ds_str s, int code, const char **reterr)
{
	const char *quoted = ds_go_quote(a, s);

	if (!quoted)
		return DS_ENOMEM;
	return fail(a, code, reterr, "strconv.%s: parsing %s: %s", function, quoted,
		    code == DS_ERANGE ? "value out of range" : "invalid syntax");
}

int ds_go_check_bool(struct ds_arena *a, struct ds_str s, const char **reterr)
{
	bool b;
	int r = ds_num_go_bool(s, &b);

	return r < 0 ? num_error(a, "ParseBool", s, r, reterr) : 0;
}

int ds_go_check_int(struct ds_arena *a, struct ds_str s, unsigned bits, const char **reterr)
{
	int64_t v;
	int r = ds_num_go_int0(s, bits, &v);

	return r < 0 ? num_error(a, "ParseInt", s, r, reterr) : 0;
}

int ds_go_check_uint(struct ds_arena *a, struct ds_str s, unsigned bits, const char **reterr)
{
	int64_t v;
	int r;

	/* ParseUint knows no sign at all. */
	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		return num_error(a, "ParseUint", s, DS_ESYNTAX, reterr);
	r = ds_num_go_int0(s, 64, &v);
	if (r == 0 && bits < 64 && (uint64_t)v >> bits)
		r = DS_ERANGE;
	return r < 0 ? num_error(a, "ParseUint", s, r, reterr) : 0;
}

/* [sign] digits [. digits] [e [sign] digits], underscores and hexadecimal left out: nobody writes them. */
static bool is_float(struct ds_str s)
{
	size_t i = 0, digits = 0;

	if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
		i++;
	if (ds_str_ieqz(ds_str_skip(s, i), "inf") || ds_str_ieqz(ds_str_skip(s, i), "infinity") ||
	    ds_str_ieqz(s, "nan"))
		return true;
	for (; i < s.n && ds_c_is_digit(s.p[i]); i++)
		digits++;
	if (i < s.n && s.p[i] == '.')
		for (i++; i < s.n && ds_c_is_digit(s.p[i]); i++)
			digits++;
	if (digits == 0)
		return false;
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		i++;
		if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
			i++;
		if (i >= s.n)
			return false;
		for (; i < s.n && ds_c_is_digit(s.p[i]); i++)
			;
	}
	return i == s.n;
}

int ds_go_check_float(struct ds_arena *a, struct ds_str s, const char **reterr)
{
	return is_float(s) ? 0 : num_error(a, "ParseFloat", s, DS_ESYNTAX, reterr);
}

static const struct {
	const char *name;
	uint64_t ns;
} units[] = {
	{"ns",       1            },
	{"us",       1000         },
	{"\xc2\xb5s", 1000        }, /* U+00B5 */
	{"\xce\xbcs", 1000        }, /* U+03BC */
	{"ms",       1000000      },
	{"s",        1000000000   },
	{"m",        60000000000  },
	{"h",        3600000000000},
};

static uint64_t find_unit(struct ds_str name)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(units); i++)
		if (ds_str_eqz(name, units[i].name))
			return units[i].ns;
	return 0;
}

/* Takes "[digits][.digits]" off *s as ns of the unit that follows. False: no digits or too large. */
static bool take_number(struct ds_str *s, uint64_t *ret_v, uint64_t *ret_fraction, uint64_t *ret_scale)
{
	size_t i = 0, digits = 0;
	uint64_t v = 0, f = 0, scale = 1;
	bool ok = true;

	for (; i < s->n && ds_c_is_digit(s->p[i]); i++, digits++)
		ok &= !__builtin_mul_overflow(v, 10u, &v) && !__builtin_add_overflow(v, (unsigned)(s->p[i] - '0'), &v);
	if (i < s->n && s->p[i] == '.')
		for (i++; i < s->n && ds_c_is_digit(s->p[i]); i++, digits++)
			if (scale < 1000000000000000u) { /* beyond: Go drops the digits too */
				f = f * 10 + (unsigned)(s->p[i] - '0');
				scale *= 10;
			}
	*s = ds_str_skip(*s, i);
	*ret_v = v;
	*ret_fraction = f;
	*ret_scale = scale;
	return ok && digits > 0 && v <= (uint64_t)1 << 63;
}

int ds_go_duration(struct ds_arena *a, struct ds_str s, int64_t *ret_ns, const char **reterr)
{
	const char *quoted = ds_go_quote(a, s);
	struct ds_str rest = s;
	uint64_t total = 0;
	bool neg = false;

	if (!quoted)
		return DS_ENOMEM;
	if (rest.n && (rest.p[0] == '-' || rest.p[0] == '+')) {
		neg = rest.p[0] == '-';
		rest = ds_str_skip(rest, 1);
	}
	if (rest.n == 0)
		return fail(a, DS_ESYNTAX, reterr, "time: invalid duration %s", quoted);
	if (ds_str_eqz(rest, "0"))
		rest.n = 0;
	while (rest.n) {
		uint64_t v, f, scale, unit, part;
		struct ds_str name;
		size_t n = 0;

		if (!take_number(&rest, &v, &f, &scale))
			return fail(a, DS_ESYNTAX, reterr, "time: invalid duration %s", quoted);
		while (n < rest.n && rest.p[n] != '.' && !ds_c_is_digit(rest.p[n]))
			n++;
		if (n == 0)
			return fail(a, DS_ESYNTAX, reterr, "time: missing unit in duration %s", quoted);
		name = ds_str_head(rest, n);
		rest = ds_str_skip(rest, n);
		unit = find_unit(name);
		if (!unit) {
			const char *u = ds_go_quote(a, name);

			if (!u)
				return DS_ENOMEM;
			return fail(a, DS_ESYNTAX, reterr, "time: unknown unit %s in duration %s", u, quoted);
		}
		part = (uint64_t)((double)f * ((double)unit / (double)scale));
		if (__builtin_mul_overflow(v, unit, &v) || __builtin_add_overflow(v, part, &v) ||
		    __builtin_add_overflow(total, v, &total) || total > (uint64_t)1 << 63)
			return fail(a, DS_ESYNTAX, reterr, "time: invalid duration %s", quoted);
	}
	if (total > INT64_MAX && !neg)
		return fail(a, DS_ESYNTAX, reterr, "time: invalid duration %s", quoted);
	if (ret_ns)
		*ret_ns = neg ? (int64_t)(~total + 1) : (int64_t)total;
	return 0;
}

/* strconv.Atoi: base 10 with an optional sign. */
static int go_atoi(struct ds_arena *a, struct ds_str s, int64_t *ret, const char **reterr)
{
	bool sign = s.n && (s.p[0] == '-' || s.p[0] == '+');
	uint64_t v;
	int r = ds_num_u64(ds_str_skip(s, sign), INT64_MAX, &v);

	if (r < 0)
		return num_error(a, "Atoi", s, r, reterr);
	*ret = sign && s.p[0] == '-' ? -(int64_t)v : (int64_t)v;
	return 0;
}

int ds_go_port_range(struct ds_arena *a, struct ds_str s, unsigned *ret_base, unsigned *ret_size, const char **reterr)
{
	struct ds_str t = ds_str_trim(s);
	size_t hyphen = ds_str_find(t, '-'), plus = ds_str_find(t, '+'), split;
	int64_t low, high;
	int r;

	*ret_base = *ret_size = 0;
	if (t.n == 0)
		return 0;
	if (hyphen < t.n && plus < t.n)
		return fail(a, DS_ESYNTAX, reterr, "unable to parse port range: %.*s", DS_STR_ARG(t));
	split = DS_MIN(hyphen, plus);
	r = go_atoi(a, ds_str_head(t, split), &low, reterr);
	if (r < 0)
		return r;
	high = low;
	if (split < t.n) {
		r = go_atoi(a, ds_str_skip(t, split + 1), &high, reterr);
		if (r < 0)
			return r;
	}
	if (plus < t.n && __builtin_add_overflow(low, high, &high))
		high = INT64_MAX;
	if (low > 65535 || high > 65535)
		return fail(a, DS_ERANGE, reterr, "the port range cannot be greater than 65535: %.*s", DS_STR_ARG(t));
	if (high < low)
		return fail(a, DS_ERANGE, reterr, "end port cannot be less than start port: %.*s", DS_STR_ARG(t));
	*ret_base = (unsigned)low;
	*ret_size = (unsigned)(high - low + 1);
	return 0;
}

/* The state of encoding/csv's Reader within one record. */
struct csv {
	struct ds_arena *a;
	struct ds_str rest; /* lines not yet begun */
	struct ds_str line; /* what is left of the current one, its newline included */
	size_t line_no, start_line;
	size_t column; /* bytes, 1-based, of line.p */
	const char **reterr;
};

/* False at the end of the input. A '\r' before the newline or the end is dropped by the caller of the text. */
static bool csv_line(struct csv *c)
{
	size_t n;

	c->line = ds_str_skip(c->rest, c->rest.n);
	if (c->rest.n == 0)
		return false;
	n = ds_str_find(c->rest, '\n');
	c->line = ds_str_head(c->rest, n + 1);
	c->rest = ds_str_skip(c->rest, n + 1);
	c->line_no++;
	return true;
}

/* Bytes of the line end: "\n", "\r\n", or "\r" at the very end. */
static size_t line_end(struct ds_str l)
{
	if (ds_str_ends(l, "\r\n"))
		return 2;
	return ds_str_ends(l, "\n") || ds_str_ends(l, "\r") ? 1 : 0;
}

static int csv_fail(struct csv *c, size_t column, const char *why)
{
	if (c->start_line != c->line_no)
		return fail(c->a, DS_ESYNTAX, c->reterr,
			    "record on line %zu; parse error on line %zu, column %zu: %s", c->start_line, c->line_no,
			    column, why);
	return fail(c->a, DS_ESYNTAX, c->reterr, "parse error on line %zu, column %zu: %s", c->line_no, column, why);
}

#define BARE_QUOTE "bare \" in non-quoted field"
#define STRAY_QUOTE "extraneous or missing \" in quoted-field"

static void csv_take(struct csv *c, size_t n)
{
	c->line = ds_str_skip(c->line, n);
	c->column += n;
}

/* One quoted field into b. *ret_more: another field follows. */
static int csv_quoted(struct csv *c, struct ds_buf *b, bool *ret_more)
{
	csv_take(c, 1);
	for (;;) {
		size_t i = ds_str_find(c->line, '"'), nl = line_end(c->line);

		if (i < c->line.n) {
			ds_buf_adds(b, ds_str_head(c->line, i));
			csv_take(c, i + 1);
			if (ds_str_starts(c->line, "\"")) {
				ds_buf_addc(b, '"');
				csv_take(c, 1);
			} else if (ds_str_starts(c->line, ",")) {
				csv_take(c, 1);
				*ret_more = true;
				return 0;
			} else if (line_end(c->line) == c->line.n) {
				*ret_more = false;
				return 0;
			} else {
				return csv_fail(c, c->column - 1, STRAY_QUOTE);
			}
			continue;
		}
		ds_buf_adds(b, ds_str_head(c->line, c->line.n - nl));
		if (ds_str_ends(c->line, "\n"))
			ds_buf_addc(b, '\n');
		c->column += c->line.n - (nl == 2 || ds_str_ends(c->line, "\r"));
		if (!csv_line(c))
			return csv_fail(c, c->column, STRAY_QUOTE);
		c->column = 1;
	}
}

static int csv_plain(struct csv *c, struct ds_buf *b, bool *ret_more)
{
	size_t comma = ds_str_find(c->line, ','), quote;
	struct ds_str field = comma < c->line.n ? ds_str_head(c->line, comma)
						: ds_str_head(c->line, c->line.n - line_end(c->line));

	quote = ds_str_find(field, '"');
	if (quote < field.n)
		return csv_fail(c, c->column + quote, BARE_QUOTE);
	ds_buf_adds(b, field);
	*ret_more = comma < c->line.n;
	csv_take(c, comma + 1);
	return 0;
}

static int add_field(struct ds_arena *a, struct ds_strs *fields, const struct ds_buf *b)
{
	struct ds_str copy;

	if (b->err < 0 || ds_arena_str(a, ds_buf_str(b), &copy) < 0)
		return DS_ENOMEM;
	return ds_vec_push(a, fields, copy);
}

int ds_go_csv(struct ds_arena *a, struct ds_str s, struct ds_strs *fields, const char **reterr)
{
	struct csv c = {.a = a, .rest = s, .column = 1, .reterr = reterr};
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	size_t before = fields->n;
	bool more = true;

	if (s.n == 0)
		return 0;
	do /* empty lines are skipped; one with a lone '\r' before its newline is empty too */
		if (!csv_line(&c))
			return fail(a, DS_ESYNTAX, reterr, "EOF");
	while (ds_str_eqz(c.line, "\n") || ds_str_eqz(c.line, "\r\n"));
	c.start_line = c.line_no;
	while (more) {
		int r;

		ds_buf_clear(&b);
		r = ds_str_starts(c.line, "\"") ? csv_quoted(&c, &b, &more) : csv_plain(&c, &b, &more);
		if (r == 0)
			r = add_field(a, fields, &b);
		if (r < 0) {
			fields->n = before;
			return r;
		}
	}
	return 0;
}

int ds_go_split_host_port(struct ds_arena *a, struct ds_str s, struct ds_str *ret_host, struct ds_str *ret_port,
			  const char **reterr)
{
	size_t colon = s.n, i, j = 0, k = 0, end;
	const char *why = NULL;

	for (i = s.n; i > 0; i--)
		if (s.p[i - 1] == ':') {
			colon = i - 1;
			break;
		}
	if (colon == s.n) {
		why = "missing port in address";
	} else if (s.p[0] == '[') {
		end = ds_str_find(s, ']');
		if (end == s.n)
			why = "missing ']' in address";
		else if (end + 1 == s.n)
			why = "missing port in address"; /* no ':' after the ']' */
		else if (end + 1 != colon)
			why = s.p[end + 1] == ':' ? "too many colons in address" : "missing port in address";
		else
			*ret_host = ds_str_head(ds_str_skip(s, 1), end - 1);
		j = 1;
		k = end + 1;
	} else {
		*ret_host = ds_str_head(s, colon);
		if (ds_str_find(*ret_host, ':') < ret_host->n)
			why = "too many colons in address";
	}
	if (!why && ds_str_find(ds_str_skip(s, j), '[') < s.n - j)
		why = "unexpected '[' in address";
	if (!why && ds_str_find(ds_str_skip(s, k), ']') < s.n - k)
		why = "unexpected ']' in address";
	if (why)
		return fail(a, DS_ESYNTAX, reterr, "address %.*s: %s", DS_STR_ARG(s), why);
	*ret_port = ds_str_skip(s, colon + 1);
	return 0;
}
