#include "service/engine.h"

/* metadata: apimachinery/pkg/api/validation/objectmeta.go, and what Services add to it. */

#define ANNOTATIONS_MAX ((size_t)256 << 10)
#define HINTS           "service.kubernetes.io/topology-aware-hints"
#define MODE            "service.kubernetes.io/topology-mode"

/* maskTrailingDash: a generateName may end in a dash, the random suffix follows. */
static struct ds_str masked(struct ds__decision *d, struct ds_str name)
{
	char *p;

	if (name.n < 2 || name.p[name.n - 1] != '-')
		return name;
	p = ds_arena_strndup(d->arena, name.p, name.n - 1);
	if (!p) {
		d->r = DS_ENOMEM;
		return name;
	}
	p[name.n - 2] = 'a';
	return ds_str_n(p, name.n - 1);
}

static void check_name(struct ds__decision *d, struct ds_str name, struct ds_str shown, const char *field)
{
	if (ds__svc_has(d, DS__RELAXED_NAME))
		ds__dns1123_label(d, name, shown, field);
	else
		ds__dns1035_label(d, name, shown, field);
}

static struct ds_str lower(struct ds__decision *d, struct ds_str s)
{
	char *p = ds_arena_strndup(d->arena, s.p ? s.p : "", s.n);

	if (!p) {
		d->r = DS_ENOMEM;
		return s;
	}
	for (size_t i = 0; i < s.n; i++)
		p[i] = ds_c_lower(p[i]);
	return ds_str_n(p, s.n);
}

static void check_annotations(struct ds__decision *d)
{
	const struct ds_service_map *m = &d->svc.annotations;
	size_t total = 0;

	for (size_t i = 0; i < m->n; i++) {
		ds__qualified_name(d, lower(d, m->v[i].key), m->v[i].key, "metadata.annotations");
		total += m->v[i].key.n + m->v[i].value.n;
	}
	if (total > ANNOTATIONS_MAX)
		ds__error(d, DS__TOO_LONG, "metadata.annotations", (struct ds__value){0},
			  ds__svc_has(d, DS__BYTES_TEXT) ? "may not be more than 262144 bytes"
							 : "must have at most 262144 bytes");
}

static const struct ds_str *annotation(const struct ds_service *s, const char *key)
{
	for (size_t i = 0; i < s->annotations.n; i++)
		if (ds_str_eqz(s->annotations.v[i].key, key))
			return &s->annotations.v[i].value;
	return NULL;
}

static void check_topology(struct ds__decision *d)
{
	const struct ds_str *hints = annotation(&d->svc, HINTS), *mode = annotation(&d->svc, MODE);

	if (ds__svc_row(d->minor, DS__IP_WARNINGS) && hints && mode && !ds_str_eq(*hints, *mode))
		ds__error(d, DS__INVALID, "metadata.annotations[" MODE "]", ds__str(*mode),
			  "must match annotations[" HINTS "] when both are specified");
}

void ds__validate_meta(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;

	/* From 1.34 a PUT's metadata is validated by the update checks alone. */
	if (!d->old || !ds__svc_row(d->minor, DS__META_ON_CREATE_ONLY)) {
		if (s->generate_name.n)
			check_name(d, masked(d, s->generate_name), s->generate_name, "metadata.generateName");
		if (s->name.n)
			check_name(d, s->name, s->name, "metadata.name");
		else if (s->generate_name.n == 0)
			ds__error(d, DS__REQUIRED, "metadata.name", (struct ds__value){0},
				  "name or generateName is required");
		if (s->namespace_.n)
			ds__dns1123_label(d, s->namespace_, s->namespace_, "metadata.namespace");
		ds__validate_labels(d, &s->labels, "metadata.labels");
		check_annotations(d);
	}
	check_topology(d);
}

void ds__validate_meta_update(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc, *old = d->old;

	if (!ds_str_eq(s->name, old->name))
		ds__error(d, DS__INVALID, "metadata.name", ds__str(s->name), "field is immutable");
	if (s->namespace_.n && old->namespace_.n && !ds_str_eq(s->namespace_, old->namespace_))
		ds__error(d, DS__INVALID, "metadata.namespace", ds__str(s->namespace_), "field is immutable");
	ds__validate_labels(d, &s->labels, "metadata.labels");
	check_annotations(d);
}
