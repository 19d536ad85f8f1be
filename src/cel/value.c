#include <inttypes.h>

#include "cel/priv.h"

/* Values nest as deep as expressions and YAML do; deeper ones are not looked into. */
#define MAX_VALUE_DEPTH (4 * DS_LIMIT_CEL_DEPTH)

/* ---- equality ---- */

struct eq {
	const struct ds_cel_value *missing;
	size_t steps;
	size_t max_steps; /* a list may hold the same list twice, and so on: the work can exceed the memory */
};

static enum ds__cel_eq eq(struct eq *e, const struct ds_cel_value *a, const struct ds_cel_value *b, unsigned depth);

/* A difference decides, whatever else is unseen; then something unseen does. Giving up wins over both. */
static enum ds__cel_eq both(enum ds__cel_eq sum, enum ds__cel_eq next)
{
	if (next == EQ_TOO_LONG || next == EQ_FALSE)
		return next;
	return sum != EQ_TRUE ? sum : next;
}

static bool undecided(enum ds__cel_eq r)
{
	return r != EQ_FALSE && r != EQ_TOO_LONG;
}

static enum ds__cel_eq eq_list(struct eq *e, const struct ds_cel_value *a, const struct ds_cel_value *b, unsigned depth)
{
	enum ds__cel_eq r = EQ_TRUE;

	if (a->list.n != b->list.n)
		return EQ_FALSE;
	for (size_t i = 0; i < a->list.n && undecided(r); i++)
		r = both(r, eq(e, &a->list.v[i], &b->list.v[i], depth));
	return r;
}

const struct ds_cel_value *ds__cel_map_find(const struct ds_cel_value *map, const struct ds_cel_value *key)
{
	for (size_t i = 0; i < map->map.n; i++)
		if (ds_cel_equal(&map->map.v[i].key, key))
			return &map->map.v[i].value;
	return NULL;
}

static enum ds__cel_eq eq_map(struct eq *e, const struct ds_cel_value *a, const struct ds_cel_value *b, unsigned depth)
{
	enum ds__cel_eq r = EQ_TRUE;

	if (a->map.n != b->map.n)
		return EQ_FALSE;
	for (size_t i = 0; i < a->map.n && undecided(r); i++) {
		const struct ds_cel_value *v = ds__cel_map_find(b, &a->map.v[i].key);

		e->steps += b->map.n;
		r = v ? both(r, eq(e, &a->map.v[i].value, v, depth)) : EQ_FALSE;
	}
	return r;
}

static enum ds__cel_eq eq_object(struct eq *e, const struct ds_cel_value *a, const struct ds_cel_value *b,
				 unsigned depth)
{
	enum ds__cel_eq r = EQ_TRUE;

	if (a->object.type != b->object.type)
		return EQ_FALSE;
	for (size_t i = 0; i < a->object.type->n_fields && undecided(r); i++) {
		const struct ds_cel_value *x = &a->object.fields[i], *y = &b->object.fields[i];

		/* Two fields that are not set are equal; one that is set differs from one that is not. */
		if (x->kind == DS_CEL_ABSENT && y->kind == DS_CEL_ABSENT)
			continue;
		if ((x->kind == DS_CEL_ABSENT && y->kind != DS_CEL_UNKNOWN) ||
		    (y->kind == DS_CEL_ABSENT && x->kind != DS_CEL_UNKNOWN))
			return EQ_FALSE;
		r = both(r, eq(e, x, y, depth));
	}
	return r;
}

static bool eq_types(const struct ds_cel_type *a, const struct ds_cel_type *b)
{
	return a->kind == b->kind && (a->kind != DS_CEL_OBJECT || a->object == b->object);
}

static bool is_missing(const struct ds_cel_value *v)
{
	return v->kind == DS_CEL_ABSENT || v->kind == DS_CEL_UNKNOWN || v->kind == DS_CEL_ERROR;
}

static enum ds__cel_eq eq(struct eq *e, const struct ds_cel_value *a, const struct ds_cel_value *b, unsigned depth)
{
	if (depth > MAX_VALUE_DEPTH)
		return EQ_TOO_DEEP;
	if (e->steps++ >= e->max_steps)
		return EQ_TOO_LONG;
	if (is_missing(a) || is_missing(b)) {
		if (!e->missing)
			e->missing = is_missing(a) ? a : b;
		return EQ_MISSING;
	}
	if (a->kind != b->kind)
		return EQ_FALSE;
	switch (a->kind) {
	case DS_CEL_NULL:
		return EQ_TRUE;
	case DS_CEL_BOOL:
		return a->b == b->b ? EQ_TRUE : EQ_FALSE;
	case DS_CEL_INT:
		return a->i == b->i ? EQ_TRUE : EQ_FALSE;
	case DS_CEL_STRING:
		e->steps += DS_MIN(a->s.n, b->s.n) / 64;
		return ds_str_eq(a->s, b->s) ? EQ_TRUE : EQ_FALSE;
	case DS_CEL_IP:
		return ds_ip_eq(&a->ip, &b->ip) ? EQ_TRUE : EQ_FALSE;
	case DS_CEL_CIDR:
		return ds_cidr_eq(&a->cidr, &b->cidr) ? EQ_TRUE : EQ_FALSE;
	case DS_CEL_LIST:
		return eq_list(e, a, b, depth + 1);
	case DS_CEL_MAP:
		return eq_map(e, a, b, depth + 1);
	case DS_CEL_OBJECT:
		return eq_object(e, a, b, depth + 1);
	case DS_CEL_TYPE:
		return eq_types(a->type, b->type) ? EQ_TRUE : EQ_FALSE;
	case DS_CEL_DYN:
	case DS_CEL_ABSENT:
	case DS_CEL_UNKNOWN:
	case DS_CEL_ERROR:
		break;
	}
	return EQ_FALSE;
}

enum ds__cel_eq ds__cel_compare_eq(const struct ds_cel_value *a, const struct ds_cel_value *b, size_t max_steps,
				   const struct ds_cel_value **missing, size_t *steps)
{
	struct eq e = {.max_steps = max_steps};
	enum ds__cel_eq r = eq(&e, a, b, 0);

	if (missing)
		*missing = e.missing;
	*steps = e.steps;
	return r;
}

bool ds_cel_equal(const struct ds_cel_value *a, const struct ds_cel_value *b)
{
	size_t steps;

	return ds__cel_compare_eq(a, b, DS_LIMIT_CEL_COST, NULL, &steps) == EQ_TRUE;
}

bool ds__cel_order(const struct ds_cel_value *a, const struct ds_cel_value *b, int *ret)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == DS_CEL_INT)
		*ret = (a->i > b->i) - (a->i < b->i);
	else if (a->kind == DS_CEL_STRING)
		*ret = ds_str_cmp(a->s, b->s); /* UTF-8 sorts as its code points do */
	else if (a->kind == DS_CEL_BOOL)
		*ret = (int)a->b - (int)b->b;
	else
		return false;
	return true;
}

/* ---- text ---- */

static void put(struct ds_buf *b, const struct ds_cel_value *v, unsigned depth);

static void put_list(struct ds_buf *b, const struct ds_cel_value *v, unsigned depth)
{
	ds_buf_addc(b, '[');
	for (size_t i = 0; i < v->list.n && b->err >= 0; i++) {
		if (i > 0)
			ds_buf_addz(b, ", ");
		put(b, &v->list.v[i], depth);
	}
	ds_buf_addc(b, ']');
}

static void put_map(struct ds_buf *b, const struct ds_cel_value *v, unsigned depth)
{
	ds_buf_addc(b, '{');
	for (size_t i = 0; i < v->map.n && b->err >= 0; i++) {
		if (i > 0)
			ds_buf_addz(b, ", ");
		put(b, &v->map.v[i].key, depth);
		ds_buf_addz(b, ": ");
		put(b, &v->map.v[i].value, depth);
	}
	ds_buf_addc(b, '}');
}

static void put_object(struct ds_buf *b, const struct ds_cel_value *v, unsigned depth)
{
	bool first = true;

	ds_buf_printf(b, "%s{", v->object.type->name);
	for (size_t i = 0; i < v->object.type->n_fields && b->err >= 0; i++) {
		if (v->object.fields[i].kind == DS_CEL_ABSENT)
			continue;
		ds_buf_printf(b, "%s%s: ", first ? "" : ", ", v->object.type->fields[i].name);
		put(b, &v->object.fields[i], depth);
		first = false;
	}
	ds_buf_addc(b, '}');
}

static void put(struct ds_buf *b, const struct ds_cel_value *v, unsigned depth)
{
	char text[DS_CIDR_TEXT];

	if (depth > MAX_VALUE_DEPTH) {
		ds_buf_addz(b, "…");
		return;
	}
	switch (v->kind) {
	case DS_CEL_NULL:
		ds_buf_addz(b, "null");
		break;
	case DS_CEL_BOOL:
		ds_buf_addz(b, v->b ? "true" : "false");
		break;
	case DS_CEL_INT:
		ds_buf_printf(b, "%" PRId64, v->i);
		break;
	case DS_CEL_STRING:
		ds_buf_adds(b, v->s);
		break;
	case DS_CEL_IP:
		ds_buf_addz(b, ds_ip_format(&v->ip, text));
		break;
	case DS_CEL_CIDR:
		ds_buf_addz(b, ds_cidr_format(&v->cidr, text));
		break;
	case DS_CEL_LIST:
		put_list(b, v, depth + 1);
		break;
	case DS_CEL_MAP:
		put_map(b, v, depth + 1);
		break;
	case DS_CEL_OBJECT:
		put_object(b, v, depth + 1);
		break;
	case DS_CEL_TYPE:
		ds_buf_addz(b, ds__cel_type_name(v->type));
		break;
	case DS_CEL_ABSENT:
		ds_buf_addz(b, "(not set)");
		break;
	case DS_CEL_UNKNOWN:
		ds_buf_printf(b, "(unknown: %s)", v->err ? v->err->message : "no reason given");
		break;
	case DS_CEL_ERROR:
		ds_buf_printf(b, "(error: %s)", v->err ? v->err->message : "no reason given");
		break;
	case DS_CEL_DYN:
		break;
	}
}

void ds__cel_put(struct ds_buf *b, const struct ds_cel_value *v)
{
	put(b, v, 0);
}

const char *ds_cel_show(struct ds_arena *a, const struct ds_cel_value *v)
{
	struct ds_buf b DS_CLEANUP(ds_buf_done) = DS_BUF_INIT;

	/* A text is shown whole; a list that holds others over and over would have no end. */
	b.max = v->kind == DS_CEL_STRING ? 0 : DS_LIMIT_CEL_TEXT;
	ds__cel_put(&b, v);
	if (b.err == DS_ETOOBIG) {
		b.err = 0;
		b.max = 0;
		ds_buf_addz(&b, "…");
	}
	return ds_buf_dup(&b, a);
}
