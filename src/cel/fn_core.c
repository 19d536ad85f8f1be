/* Operators, conversions, and what works on several kinds of value. */
#include <inttypes.h>

#include "base/num.h"
#include "base/utf8.h"
#include "cel/fn.h"
#include "cel/priv.h"

/* ---- logic and equality ---- */

FN(not)
{
	(void)r;
	(void)n;
	ds__cel_set_bool(out, !args[0].b);
}

FN(eq)
{
	bool same;

	if (ds__cel_eq(r, n, &args[0], &args[1], &same, out))
		ds__cel_set_bool(out, same);
}

FN(ne)
{
	bool same;

	if (ds__cel_eq(r, n, &args[0], &args[1], &same, out))
		ds__cel_set_bool(out, !same);
}

static bool order(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *args, int *ret,
		  struct ds_cel_value *out)
{
	if (args[0].kind == DS_CEL_STRING && args[1].kind == DS_CEL_STRING &&
	    !ds__cel_charge_text(r, n, DS_MIN(args[0].s.n, args[1].s.n), out))
		return false;
	if (ds__cel_order(&args[0], &args[1], ret))
		return true;
	ds__cel_no_overload(r, n, args, 2, out);
	return false;
}

FN(lt)
{
	int d;

	if (order(r, n, args, &d, out))
		ds__cel_set_bool(out, d < 0);
}

FN(le)
{
	int d;

	if (order(r, n, args, &d, out))
		ds__cel_set_bool(out, d <= 0);
}

FN(gt)
{
	int d;

	if (order(r, n, args, &d, out))
		ds__cel_set_bool(out, d > 0);
}

FN(ge)
{
	int d;

	if (order(r, n, args, &d, out))
		ds__cel_set_bool(out, d >= 0);
}

/* ---- arithmetic ---- */

static void int_result(struct ds__cel_run *r, const struct ds__cel_node *n, bool overflow, int64_t v,
		       struct ds_cel_value *out)
{
	if (overflow)
		ds__cel_fail(r, n, out, "integer overflow");
	else
		ds__cel_set_int(out, v);
}

static void concat_text(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_str a, struct ds_str b,
			struct ds_cel_value *out)
{
	char *p;

	if (!ds__cel_charge_text(r, n, a.n + b.n, out))
		return;
	p = ds_arena_alloc(r->a, a.n + b.n);
	if (!p) {
		ds__cel_oom(r, out);
		return;
	}
	if (a.n)
		memcpy(p, a.p, a.n);
	if (b.n)
		memcpy(p + a.n, b.p, b.n);
	ds__cel_set_str(out, ds_str_n(p, a.n + b.n));
}

static void concat_lists(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *args,
			 struct ds_cel_value *out)
{
	size_t na = args[0].list.n, nb = args[1].list.n;
	struct ds_cel_value *v;

	if (!ds__cel_charge(r, n, na + nb, out))
		return;
	v = ds_arena_new_array(r->a, na + nb, struct ds_cel_value);
	if (!v) {
		ds__cel_oom(r, out);
		return;
	}
	if (na)
		memcpy(v, args[0].list.v, na * sizeof(*v));
	if (nb)
		memcpy(v + na, args[1].list.v, nb * sizeof(*v));
	ds__cel_set_list(out, v, na + nb);
}

FN(add)
{
	int64_t v;

	if (args[0].kind == DS_CEL_STRING) {
		concat_text(r, n, args[0].s, args[1].s, out);
	} else if (args[0].kind == DS_CEL_LIST) {
		concat_lists(r, n, args, out);
	} else {
		bool overflow = __builtin_add_overflow(args[0].i, args[1].i, &v);

		int_result(r, n, overflow, v, out);
	}
}

FN(sub)
{
	int64_t v;
	bool overflow = __builtin_sub_overflow(args[0].i, args[1].i, &v);

	int_result(r, n, overflow, v, out);
}

FN(neg)
{
	int64_t v;
	bool overflow = __builtin_sub_overflow((int64_t)0, args[0].i, &v);

	int_result(r, n, overflow, v, out);
}

FN(mul)
{
	int64_t v;
	bool overflow = __builtin_mul_overflow(args[0].i, args[1].i, &v);

	int_result(r, n, overflow, v, out);
}

FN(div)
{
	if (args[1].i == 0)
		ds__cel_fail(r, n, out, "division by zero");
	else if (args[0].i == INT64_MIN && args[1].i == -1)
		int_result(r, n, true, 0, out);
	else
		ds__cel_set_int(out, args[0].i / args[1].i);
}

FN(mod)
{
	if (args[1].i == 0)
		ds__cel_fail(r, n, out, "modulus by zero");
	else if (args[0].i == INT64_MIN && args[1].i == -1)
		int_result(r, n, true, 0, out);
	else
		ds__cel_set_int(out, args[0].i % args[1].i);
}

/* ---- conversions ---- */

FN(same)
{
	(void)r;
	(void)n;
	*out = args[0];
}

FN(bool)
{
	bool b;

	if (ds_num_go_bool(args[0].s, &b) < 0)
		ds__cel_fail(r, n, out, "type conversion error from string to bool");
	else
		ds__cel_set_bool(out, b);
}

/* strconv.ParseInt(s, 10, 64). */
FN(int)
{
	struct ds_str s = args[0].s;
	bool negative = s.n > 0 && s.p[0] == '-';
	uint64_t v;

	if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+'))
		s = ds_str_skip(s, 1);
	if (ds_num_u64(s, (uint64_t)INT64_MAX + negative, &v) < 0)
		ds__cel_fail(r, n, out, "type conversion error from string to int");
	else
		ds__cel_set_int(out, negative ? (int64_t)(0 - v) : (int64_t)v);
}

FN(string)
{
	const char *z = ds_cel_show(r->a, &args[0]);

	if (!z)
		ds__cel_oom(r, out);
	else
		ds__cel_set_str(out, ds_str_from(z));
	(void)n;
}

/* ---- size and membership ---- */

FN(size)
{
	size_t count = args[0].kind == DS_CEL_LIST ? args[0].list.n : args[0].map.n;

	if (args[0].kind == DS_CEL_STRING) {
		if (!ds__cel_charge_text(r, n, args[0].s.n, out))
			return;
		count = ds_utf8_count(args[0].s);
	}
	ds__cel_set_int(out, (int64_t)count);
}

FN(in)
{
	struct ds_cel_value missing = {0};

	if (args[1].kind == DS_CEL_MAP) {
		if (ds__cel_charge(r, n, args[1].map.n / 8, out))
			ds__cel_set_bool(out, ds__cel_map_find(&args[1], &args[0]) != NULL);
		return;
	}
	/* Found among what is seen: true, whatever is not seen. */
	for (size_t i = 0; i < args[1].list.n; i++) {
		struct ds_cel_value error = {0};
		bool same;

		if (!ds__cel_charge(r, n, 1, out))
			return;
		if (!ds__cel_elem_ok(r, n, n->method ? 0 : 1, &args[1], i, &error) ||
		    !ds__cel_eq(r, n, &args[0], &args[1].list.v[i], &same, &error)) {
			if (missing.kind != DS_CEL_ERROR)
				missing = error;
		} else if (same) {
			ds__cel_set_bool(out, true);
			return;
		}
	}
	if (missing.kind == DS_CEL_ERROR)
		*out = missing;
	else
		ds__cel_set_bool(out, false);
}

FN(includes)
{
	const struct ds_cel_value swapped[2] = {args[1], args[0]};

	ds__cel_fn_in(r, n, swapped, out);
}
