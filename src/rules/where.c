#include "rules/where.h"

#include "base/buf.h"
#include "kube/cmdline.h"
#include "model/where.h"

/* Nobody changes more fields than this for one finding. */
#define FIELDS 8

struct fields {
	const struct ds_where *v[FIELDS];
	size_t n;
};

static void add(struct fields *fields, const struct ds_where *w)
{
	for (size_t i = 0; w && i < fields->n; i++)
		if (strcmp(fields->v[i]->in, w->in) == 0 && strcmp(fields->v[i]->field, w->field) == 0)
			return;
	if (w && fields->n < FIELDS)
		fields->v[fields->n++] = w;
}

/* The component that a fix means by a flag: one that has it, rather one that the fix names. */
static enum ds_component meant(struct ds_str fix, struct ds_str flag)
{
	static const enum ds_component all[] = {DS_KUBE_APISERVER, DS_KUBE_CONTROLLER_MANAGER, DS_KUBE_PROXY,
						DS_KUBELET};
	enum ds_component found = DS_COMPONENT_NONE;

	for (size_t i = 0; i < DS_ARRAY_SIZE(all); i++) {
		const struct ds_flag *f = ds_flag_find(all[i], flag);

		if (!f || !f->kept)
			continue;
		if (ds_str_search(fix, ds_str_from(ds_component_name(all[i]))) < fix.n)
			return all[i];
		if (found == DS_COMPONENT_NONE)
			found = all[i];
	}
	return found;
}

/* A place of the finding with that flag says better whose it is. */
static const struct ds_where *own(const struct ds_finding *f, struct ds_str flag)
{
	for (size_t i = 0; i < f->n_locations; i++)
		if (f->locations[i].where && f->locations[i].flag &&
		    ds_str_eqz(flag, f->locations[i].flag + strspn(f->locations[i].flag, "-")))
			return f->locations[i].where;
	return NULL;
}

static void add_flags(struct fields *fields, const struct ds_finding *f, const struct ds_where *beside)
{
	struct ds_str fix = ds_str_from(f->fix), rest = fix;

	for (size_t at; (at = ds_str_search(rest, DS_STR("--"))) < rest.n;) {
		struct ds_str flag = {rest.p + at + 2, 0};
		enum ds_component c;

		rest = ds_str_skip(rest, at + 2);
		while (flag.n < rest.n && (ds_c_is_lower(rest.p[flag.n]) || ds_c_is_digit(rest.p[flag.n]) ||
					   (rest.p[flag.n] == '-' && flag.n > 0)))
			flag.n++;
		c = own(f, flag) ? DS_COMPONENT_NONE : meant(fix, flag);
		add(fields, own(f, flag));
		if (c != DS_COMPONENT_NONE)
			add(fields, ds_where_beside(beside, c, flag));
		rest = ds_str_skip(rest, flag.n);
	}
}

int ds_finding_where(struct ds_arena *a, struct ds_finding *f)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct fields fields = {0};

	for (size_t i = 0; f->fix && fields.n == 0 && i < f->n_locations; i++)
		if (f->locations[i].where)
			add_flags(&fields, f, f->locations[i].where);
	for (size_t i = 0; f->fix && i < f->n_locations; i++)
		add(&fields, f->locations[i].where);
	if (fields.n == 0)
		return 0;
	ds_buf_addz(&b, f->fix);
	for (size_t i = 0; i < fields.n; i++) {
		if (i > 0 && strcmp(fields.v[i]->in, fields.v[i - 1]->in) == 0)
			ds_buf_printf(&b, ", %s", fields.v[i]->field);
		else
			ds_buf_printf(&b, "%s %s: %s", i ? "; in" : " In", fields.v[i]->in, fields.v[i]->field);
	}
	ds_buf_addc(&b, '.');
	f->fix = ds_buf_dup(&b, a);
	return f->fix ? 0 : DS_ENOMEM;
}
