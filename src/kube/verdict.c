#include "kube/verdict.h"

#include "base/buf.h"

static int add_message(struct ds_arena *a, struct ds_verdict_msg *m, const struct ds_loc *loc, const char *fmt,
		       va_list ap) DS_PRINTF(4, 0);

static int add_message(struct ds_arena *a, struct ds_verdict_msg *m, const struct ds_loc *loc, const char *fmt,
		       va_list ap)
{
	if (!m)
		return DS_ENOMEM;
	if (loc)
		m->loc = *loc;
	m->message = ds_arena_vprintf(a, fmt, ap);
	return m->message ? 0 : DS_ENOMEM;
}

int ds_verdict_error(struct ds_arena *a, struct ds_verdict *v, const struct ds_loc *loc, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = add_message(a, ds_vec_add(a, &v->errors), loc, fmt, ap);
	va_end(ap);
	return r;
}

int ds_verdict_warning(struct ds_arena *a, struct ds_verdict *v, const struct ds_loc *loc, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = add_message(a, ds_vec_add(a, &v->warnings), loc, fmt, ap);
	va_end(ap);
	return r;
}

int ds_verdict_unknown(struct ds_arena *a, struct ds_verdict *v, const char *fmt, ...)
{
	va_list ap;

	if (v->reason)
		return 0;
	va_start(ap, fmt);
	v->reason = ds_arena_vprintf(a, fmt, ap);
	va_end(ap);
	return v->reason ? 0 : DS_ENOMEM;
}

static struct ds_derived *add_derived(struct ds_arena *a, struct ds_verdict *v, const char *name,
				      enum ds_derived_kind kind)
{
	struct ds_derived *d = ds_vec_add(a, &v->derived);

	if (d) {
		d->name = name;
		d->kind = kind;
	}
	return d;
}

int ds_verdict_derive_string(struct ds_arena *a, struct ds_verdict *v, const char *name, const char *value)
{
	struct ds_derived *d = add_derived(a, v, name, DS_DERIVED_STRING);

	if (!d || !value)
		return DS_ENOMEM;
	d->string = ds_arena_strdup(a, value);
	return d->string ? 0 : DS_ENOMEM;
}

int ds_verdict_derive_list(struct ds_arena *a, struct ds_verdict *v, const char *name, const char *const *list,
			   size_t n)
{
	struct ds_derived *d = add_derived(a, v, name, DS_DERIVED_LIST);

	if (!d)
		return DS_ENOMEM;
	d->list = list;
	d->n = n;
	return 0;
}

int ds_verdict_derive_numbers(struct ds_arena *a, struct ds_verdict *v, const char *name, const char *const *list,
			      size_t n)
{
	int r = ds_verdict_derive_list(a, v, name, list, n);

	if (r == 0)
		v->derived.v[v->derived.n - 1].kind = DS_DERIVED_NUMBERS;
	return r;
}

int ds_verdict_derive_int(struct ds_arena *a, struct ds_verdict *v, const char *name, int64_t value)
{
	struct ds_derived *d = add_derived(a, v, name, DS_DERIVED_INT);

	if (!d)
		return DS_ENOMEM;
	d->integer = value;
	return 0;
}

int ds_verdict_derive_bool(struct ds_arena *a, struct ds_verdict *v, const char *name, bool value)
{
	struct ds_derived *d = add_derived(a, v, name, DS_DERIVED_BOOL);

	if (!d)
		return DS_ENOMEM;
	d->boolean = value;
	return 0;
}

void ds_verdict_settle(struct ds_verdict *v)
{
	v->startup = v->errors.n ? DS_STARTUP_REFUSED : v->reason ? DS_STARTUP_UNKNOWN : DS_STARTUP_ACCEPTED;
}

const struct ds_derived *ds_verdict_derived(const struct ds_verdict *v, const char *name)
{
	for (size_t i = 0; i < v->derived.n; i++)
		if (strcmp(v->derived.v[i].name, name) == 0)
			return &v->derived.v[i];
	return NULL;
}

static bool said_before(const struct ds_verdict *v, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(v->errors.v[k].message, v->errors.v[i].message) == 0)
			return true;
	return false;
}

const char *ds_verdict_printed(struct ds_arena *a, const struct ds_verdict *v)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < v->errors.n; i++) {
		if (said_before(v, i))
			continue;
		ds_buf_addz(&b, n++ ? ", " : "");
		ds_buf_addz(&b, v->errors.v[i].message);
	}
	if (b.err)
		return NULL;
	if (n > 1)
		return ds_arena_printf(a, "[%s]", b.p);
	return ds_arena_strdup(a, n ? b.p : "");
}
