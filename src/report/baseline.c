#include <stdlib.h>

#include "report/json.h"
#include "report/report.h"

static int by_rule(const void *a, const void *b)
{
	const struct ds_finding *const *x = a, *const *y = b;
	int r = strcmp((*x)->rule->id, (*y)->rule->id);

	return r ? r : strcmp((*x)->fingerprint, (*y)->fingerprint);
}

static size_t count(const struct ds_report *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->clusters.n; i++) {
		const struct ds_findings *f = &r->clusters.v[i].findings;

		for (size_t k = 0; k < f->v.n; k++)
			for (const struct ds_alike *x = f->v.v[k].alike; x; x = x->next)
				n++;
		n += f->v.n + r->clusters.v[i].suppressed.v.n;
	}
	return n;
}

/* What the run found, in the order of rule and fingerprint: the same findings give the same bytes. */
static size_t gather(const struct ds_report *r, const struct ds_finding **v)
{
	size_t n = 0;

	for (size_t i = 0; i < r->clusters.n; i++) {
		const struct ds_report_cluster *c = &r->clusters.v[i];

		for (size_t k = 0; k < c->findings.v.n; k++) {
			v[n++] = &c->findings.v.v[k];
			for (const struct ds_alike *x = c->findings.v.v[k].alike; x; x = x->next)
				v[n++] = &x->finding;
		}
		for (size_t k = 0; k < c->suppressed.v.n; k++)
			if (c->suppressed.v.v[k].by == DS_BY_BASELINE)
				v[n++] = &c->suppressed.v.v[k].finding;
	}
	if (n)
		qsort(v, n, sizeof(*v), by_rule);
	return n;
}

void ds_report_baseline(const struct ds_report *r, struct ds_out *out)
{
	const struct ds_finding **v = ds_arena_new_array(r->ctx->arena, count(r), const struct ds_finding *);
	struct ds_json j;
	size_t n;

	if (!v) {
		out->err = DS_ENOMEM;
		return;
	}
	n = gather(r, v);
	ds_json_init(&j, out);
	ds_json_object(&j);
	ds_json_kv(&j, "apiVersion", "dsaudit.dev/v1");
	ds_json_kv(&j, "kind", "Baseline");
	ds_json_key(&j, "findings");
	ds_json_array(&j);
	for (size_t i = 0; i < n; i++) {
		if (i && strcmp(v[i]->fingerprint, v[i - 1]->fingerprint) == 0)
			continue;
		ds_json_object(&j);
		ds_json_kv(&j, "fingerprint", v[i]->fingerprint);
		ds_json_kv(&j, "rule", v[i]->rule->id);
		ds_json_kv(&j, "name", v[i]->rule->name);
		ds_json_kv(&j, "message", v[i]->message);
		ds_json_end_object(&j);
	}
	ds_json_end_array(&j);
	ds_json_end_object(&j);
}
