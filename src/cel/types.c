#include "cel/priv.h"

const struct ds_cel_type ds_cel_type_null = {.kind = DS_CEL_NULL};
const struct ds_cel_type ds_cel_type_bool = {.kind = DS_CEL_BOOL};
const struct ds_cel_type ds_cel_type_int = {.kind = DS_CEL_INT};
const struct ds_cel_type ds_cel_type_string = {.kind = DS_CEL_STRING};
const struct ds_cel_type ds_cel_type_ip = {.kind = DS_CEL_IP};
const struct ds_cel_type ds_cel_type_cidr = {.kind = DS_CEL_CIDR};
const struct ds_cel_type ds_cel_type_dyn = {.kind = DS_CEL_DYN};
const struct ds_cel_type ds_cel_type_list_string = {.kind = DS_CEL_LIST, .elem = &ds_cel_type_string};
const struct ds_cel_type ds_cel_type_list_int = {.kind = DS_CEL_LIST, .elem = &ds_cel_type_int};
const struct ds_cel_type ds_cel_type_list_ip = {.kind = DS_CEL_LIST, .elem = &ds_cel_type_ip};
const struct ds_cel_type ds_cel_type_list_cidr = {.kind = DS_CEL_LIST, .elem = &ds_cel_type_cidr};
const struct ds_cel_type ds_cel_type_list_dyn = {.kind = DS_CEL_LIST, .elem = &ds_cel_type_dyn};

const struct ds_cel_type ds__cel_type_none = {.kind = DS_CEL_DYN};
const struct ds_cel_type ds__cel_type_type = {.kind = DS_CEL_TYPE};
const struct ds_cel_type ds__cel_type_list = {.kind = DS_CEL_LIST, .elem = &ds_cel_type_dyn};
const struct ds_cel_type ds__cel_type_map = {
	.kind = DS_CEL_MAP, .key = &ds_cel_type_dyn, .elem = &ds_cel_type_dyn};

/* As identifiers: type(x) == net.CIDR. */
static const struct {
	const char *name;
	const struct ds_cel_type *type;
} named[] = {
	{"bool",      &ds_cel_type_bool  },
	{"int",       &ds_cel_type_int   },
	{"list",      &ds__cel_type_list },
	{"map",       &ds__cel_type_map  },
	{"net.CIDR",  &ds_cel_type_cidr  },
	{"net.IP",    &ds_cel_type_ip    },
	{"null_type", &ds_cel_type_null  },
	{"string",    &ds_cel_type_string},
	{"type",      &ds__cel_type_type },
};

const struct ds_cel_type *ds__cel_type_by_name(struct ds_str name)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(named); i++)
		if (ds_str_eqz(name, named[i].name))
			return named[i].type;
	return NULL;
}

const char *ds__cel_type_name_at(size_t i)
{
	return i < DS_ARRAY_SIZE(named) ? named[i].name : NULL;
}

const char *ds__cel_type_name(const struct ds_cel_type *t)
{
	if (t->kind == DS_CEL_OBJECT)
		return t->object->name;
	for (size_t i = 0; i < DS_ARRAY_SIZE(named); i++)
		if (named[i].type->kind == t->kind)
			return named[i].name;
	return "dyn";
}

void ds__cel_type_put(struct ds_buf *b, const struct ds_cel_type *t)
{
	if (t->kind != DS_CEL_LIST && t->kind != DS_CEL_MAP) {
		ds_buf_addz(b, ds__cel_type_name(t));
		return;
	}
	ds_buf_addz(b, ds__cel_type_name(t));
	ds_buf_addc(b, '(');
	if (t->kind == DS_CEL_MAP) {
		ds__cel_type_put(b, t->key);
		ds_buf_addz(b, ", ");
	}
	ds__cel_type_put(b, t->elem);
	ds_buf_addc(b, ')');
}

const char *ds_cel_type_show(struct ds_arena *a, const struct ds_cel_type *t)
{
	struct ds_buf b DS_CLEANUP(ds_buf_done) = DS_BUF_INIT;

	ds__cel_type_put(&b, t);
	return ds_buf_dup(&b, a);
}

static bool takes_null(const struct ds_cel_type *t)
{
	return t->kind == DS_CEL_OBJECT || t->kind == DS_CEL_IP || t->kind == DS_CEL_CIDR;
}

static const struct ds_cel_type *join_containers(struct ds_arena *a, const struct ds_cel_type *x,
						 const struct ds_cel_type *y, bool *nomem)
{
	const struct ds_cel_type *elem = ds__cel_join(a, x->elem, y->elem, nomem), *key = NULL;
	struct ds_cel_type *t;

	if (x->kind == DS_CEL_MAP)
		key = ds__cel_join(a, x->key, y->key, nomem);
	if (!elem || (x->kind == DS_CEL_MAP && !key))
		return NULL;
	if (elem == x->elem && key == x->key)
		return x;
	if (elem == y->elem && key == y->key)
		return y;
	t = ds_arena_new_obj(a, struct ds_cel_type);
	if (!t) {
		*nomem = true;
		return NULL;
	}
	*t = (struct ds_cel_type){.kind = x->kind, .key = key, .elem = elem};
	return t;
}

const struct ds_cel_type *ds__cel_join(struct ds_arena *a, const struct ds_cel_type *x, const struct ds_cel_type *y,
				       bool *nomem)
{
	if (x == y || y == &ds__cel_type_none)
		return x;
	if (x == &ds__cel_type_none)
		return y;
	if (x->kind == DS_CEL_DYN)
		return x;
	if (y->kind == DS_CEL_DYN)
		return y;
	if (x->kind != y->kind) {
		if (x->kind == DS_CEL_NULL && takes_null(y))
			return y;
		return y->kind == DS_CEL_NULL && takes_null(x) ? x : NULL;
	}
	if (x->kind == DS_CEL_OBJECT)
		return x->object == y->object ? x : NULL;
	if (x->kind == DS_CEL_LIST || x->kind == DS_CEL_MAP)
		return join_containers(a, x, y, nomem);
	return x;
}

bool ds__cel_fits(const struct ds_cel_type *want, const struct ds_cel_type *t)
{
	if (t == &ds__cel_type_none || want->kind == DS_CEL_DYN)
		return true;
	if (t->kind == DS_CEL_NULL && takes_null(want))
		return true;
	if (want->kind != t->kind)
		return false;
	if (want->kind == DS_CEL_OBJECT)
		return want->object == t->object;
	if (want->kind == DS_CEL_MAP && !ds__cel_fits(want->key, t->key))
		return false;
	return (want->kind != DS_CEL_LIST && want->kind != DS_CEL_MAP) || ds__cel_fits(want->elem, t->elem);
}
