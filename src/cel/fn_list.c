/*
 * Lists: Kubernetes' library (staging/src/k8s.io/apiserver/pkg/cel/library/lists.go),
 * cel-go's ext/lists and ext/sets as far as rules want them.
 */
#include <stdlib.h>

#include "cel/fn.h"
#include "cel/priv.h"

/* Every element can be seen, and all are of one of the ordered kinds. */
static bool ordered(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *list,
		    struct ds_cel_value *out)
{
	int d;

	for (size_t i = 0; i < list->list.n; i++) {
		const struct ds_cel_value *v = &list->list.v[i];
		size_t text = v->kind == DS_CEL_STRING ? v->s.n : 0;

		if (!ds__cel_elem_ok(r, n, 0, list, i, out) || !ds__cel_charge_text(r, n, text, out))
			return false;
		if (!ds__cel_order(&list->list.v[0], v, &d)) {
			ds__cel_no_overload(r, n, v, 1, out);
			return false;
		}
	}
	return true;
}

static void extreme(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *list, int sign,
		    struct ds_cel_value *out)
{
	const struct ds_cel_value *best = list->list.v;
	int d = 0;

	if (list->list.n == 0) {
		ds__cel_fail(r, n, out, "%.*s called on an empty list", DS_STR_ARG(n->name));
		return;
	}
	if (!ordered(r, n, list, out))
		return;
	for (size_t i = 1; i < list->list.n; i++) {
		(void)ds__cel_order(&list->list.v[i], best, &d);
		if (d * sign > 0)
			best = &list->list.v[i];
	}
	*out = *best;
}

FN(min)
{
	extreme(r, n, &args[0], -1, out);
}

FN(max)
{
	extreme(r, n, &args[0], 1, out);
}

FN(sum)
{
	int64_t sum = 0;

	if (!ordered(r, n, &args[0], out))
		return;
	for (size_t i = 0; i < args[0].list.n; i++) {
		const struct ds_cel_value *v = &args[0].list.v[i];

		if (v->kind != DS_CEL_INT) {
			ds__cel_no_overload(r, n, v, 1, out);
			return;
		}
		if (__builtin_add_overflow(sum, v->i, &sum)) {
			ds__cel_fail(r, n, out, "integer overflow");
			return;
		}
	}
	ds__cel_set_int(out, sum);
}

FN(is_sorted)
{
	int d = 0;

	if (!ordered(r, n, &args[0], out))
		return;
	for (size_t i = 1; i < args[0].list.n && d <= 0; i++)
		(void)ds__cel_order(&args[0].list.v[i - 1], &args[0].list.v[i], &d);
	ds__cel_set_bool(out, d <= 0);
}

static int by_order(const void *a, const void *b)
{
	int d = 0;

	(void)ds__cel_order(a, b, &d);
	return d;
}

static struct ds_cel_value *copy_list(struct ds__cel_run *r, const struct ds__cel_node *n,
				      const struct ds_cel_value *list, struct ds_cel_value *out)
{
	struct ds_cel_value *v;

	if (!ds__cel_charge(r, n, list->list.n, out))
		return NULL;
	v = ds_arena_new_array(r->a, list->list.n, struct ds_cel_value);
	if (!v) {
		ds__cel_oom(r, out);
		return NULL;
	}
	if (list->list.n)
		memcpy(v, list->list.v, list->list.n * sizeof(*v));
	return v;
}

FN(sort)
{
	struct ds_cel_value *v;

	if (!ordered(r, n, &args[0], out) || !ds__cel_charge(r, n, 8 * args[0].list.n, out))
		return;
	v = copy_list(r, n, &args[0], out);
	if (!v)
		return;
	/* Equal elements look alike: that qsort is not stable cannot be seen in the values. */
	qsort(v, args[0].list.n, sizeof(*v), by_order);
	ds__cel_set_list(out, v, args[0].list.n);
}

FN(reverse_list)
{
	size_t count = args[0].list.n;
	struct ds_cel_value *v = copy_list(r, n, &args[0], out);

	if (!v)
		return;
	for (size_t i = 0; i < count; i++)
		v[i] = args[0].list.v[count - 1 - i];
	ds__cel_set_list(out, v, count);
}

FN(slice)
{
	int64_t from = args[1].i, to = args[2].i;

	if (from < 0 || to < from || (uint64_t)to > args[0].list.n) {
		ds__cel_fail(r, n, out, "cannot slice from %lld to %lld: the list has %zu elements", (long long)from,
			     (long long)to, args[0].list.n);
		return;
	}
	ds__cel_set_list(out, args[0].list.n ? args[0].list.v + from : NULL, (size_t)(to - from));
}

/*
 * The position of x in list[0..n), or n. Elements are compared with CEL's ==;
 * false = an element that cannot be seen might have been it (*out).
 */
static bool find(struct ds__cel_run *r, const struct ds__cel_node *n, size_t arg, const struct ds_cel_value *list,
		 size_t count, const struct ds_cel_value *x, size_t *ret, struct ds_cel_value *out)
{
	for (size_t i = 0; i < count; i++) {
		bool same;

		if (!ds__cel_charge(r, n, 1, out) || !ds__cel_elem_ok(r, n, arg, list, i, out) ||
		    !ds__cel_eq(r, n, &list->list.v[i], x, &same, out))
			return false;
		if (same) {
			*ret = i;
			return true;
		}
	}
	*ret = count;
	return true;
}

FN(list_index_of)
{
	size_t i;

	if (find(r, n, 0, &args[0], args[0].list.n, &args[1], &i, out))
		ds__cel_set_int(out, i < args[0].list.n ? (int64_t)i : -1);
}

FN(list_last_index)
{
	for (size_t i = args[0].list.n; i > 0; i--) {
		bool same;

		if (!ds__cel_charge(r, n, 1, out) || !ds__cel_elem_ok(r, n, 0, &args[0], i - 1, out) ||
		    !ds__cel_eq(r, n, &args[0].list.v[i - 1], &args[1], &same, out))
			return;
		if (same) {
			ds__cel_set_int(out, (int64_t)i - 1);
			return;
		}
	}
	ds__cel_set_int(out, -1);
}

FN(distinct)
{
	struct ds_cel_value result = {.kind = DS_CEL_LIST};
	struct ds_cel_value *v = copy_list(r, n, &args[0], out);

	if (!v)
		return;
	result.list.v = v;
	for (size_t i = 0; i < args[0].list.n; i++) {
		const struct ds_cel_value *x = &args[0].list.v[i];
		size_t at;

		if (!ds__cel_elem_ok(r, n, 0, &args[0], i, out) ||
		    !find(r, n, 0, &result, result.list.n, x, &at, out))
			return;
		if (at == result.list.n)
			v[result.list.n++] = *x;
	}
	*out = result;
}

/* Whether args[outer] has every element of args[inner]. */
static bool has_all(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *args, size_t outer,
		    size_t inner, bool *ret, struct ds_cel_value *out)
{
	*ret = true;
	for (size_t i = 0; i < args[inner].list.n && *ret; i++) {
		size_t at;

		if (!ds__cel_elem_ok(r, n, inner, &args[inner], i, out) ||
		    !find(r, n, outer, &args[outer], args[outer].list.n, &args[inner].list.v[i], &at, out))
			return false;
		*ret = at < args[outer].list.n;
	}
	return true;
}

FN(sets_contains)
{
	bool yes;

	if (has_all(r, n, args, 0, 1, &yes, out))
		ds__cel_set_bool(out, yes);
}

FN(sets_equivalent)
{
	bool there, back;

	if (has_all(r, n, args, 0, 1, &there, out) && has_all(r, n, args, 1, 0, &back, out))
		ds__cel_set_bool(out, there && back);
}

FN(sets_intersects)
{
	for (size_t i = 0; i < args[1].list.n; i++) {
		size_t at;

		if (!ds__cel_elem_ok(r, n, 1, &args[1], i, out) ||
		    !find(r, n, 0, &args[0], args[0].list.n, &args[1].list.v[i], &at, out))
			return;
		if (at < args[0].list.n) {
			ds__cel_set_bool(out, true);
			return;
		}
	}
	ds__cel_set_bool(out, false);
}
