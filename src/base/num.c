#include "base/num.h"

#include "base/compiler.h"
#include "base/err.h"

int ds_num_u64(struct ds_str s, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.n == 0)
		return DS_ESYNTAX;
	for (size_t i = 0; i < s.n; i++)
		if (!ds_c_is_digit(s.p[i]))
			return DS_ESYNTAX;
	for (size_t i = 0; i < s.n; i++)
		if (__builtin_mul_overflow(v, 10u, &v) || __builtin_add_overflow(v, (unsigned)(s.p[i] - '0'), &v) ||
		    v > max)
			return DS_ERANGE;
	*ret = v;
	return 0;
}

static unsigned digit_value(char c)
{
	if (ds_c_is_digit(c))
		return (unsigned)(c - '0');
	c = ds_c_lower(c);
	return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 10 : 99;
}

/* strconv.underscoreOK: underscores only between digits or after the base prefix. */
static bool underscores_ok(struct ds_str s, bool prefixed)
{
	char last = prefixed ? '0' : '^';

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '_') {
			if (last != '0')
				return false;
			last = '_';
		} else {
			last = '0';
		}
	}
	return last != '_';
}

int ds_num_go_int0(struct ds_str s, unsigned bits, int64_t *ret)
{
	uint64_t limit = (uint64_t)1 << (bits - 1), v = 0;
	bool neg = false, overflow = false, prefixed = false;
	unsigned base = 10;

	if (s.n && (s.p[0] == '+' || s.p[0] == '-')) {
		neg = s.p[0] == '-';
		s = ds_str_skip(s, 1);
	}
	if (s.n == 0)
		return DS_ESYNTAX;
	if (s.p[0] == '0') {
		char c = s.n >= 3 ? ds_c_lower(s.p[1]) : 0;

		base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
		prefixed = true;
		s = ds_str_skip(s, c == 'x' || c == 'b' || c == 'o' ? 2 : 1);
	}
	for (size_t i = 0; i < s.n; i++) {
		unsigned d = digit_value(s.p[i]);

		if (s.p[i] == '_')
			continue;
		if (d >= base)
			return DS_ESYNTAX;
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d, &v))
			overflow = true;
	}
	if (!underscores_ok(s, prefixed))
		return DS_ESYNTAX;
	if (overflow || v > limit || (v == limit && !neg)) {
		*ret = neg ? (int64_t)(~limit + 1) : (int64_t)(limit - 1);
		return DS_ERANGE;
	}
	*ret = neg ? (int64_t)(~v + 1) : (int64_t)v;
	return 0;
}

int ds_num_go_bool(struct ds_str s, bool *ret)
{
	static const char *const yes[] = {"1", "t", "T", "true", "TRUE", "True"};
	static const char *const no[] = {"0", "f", "F", "false", "FALSE", "False"};

	for (size_t i = 0; i < DS_ARRAY_SIZE(yes); i++) {
		if (ds_str_eqz(s, yes[i]) || ds_str_eqz(s, no[i])) {
			*ret = ds_str_eqz(s, yes[i]);
			return 0;
		}
	}
	return DS_ESYNTAX;
}
