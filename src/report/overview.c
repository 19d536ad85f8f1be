#include "report/overview.h"

#include "base/map.h"

static void family_text(const struct ds_families *f, char out[static 16])
{
	(void)snprintf(out, 16, "%s%s%s", f->n ? ds_family_name(f->v[0]) : "unknown", f->n > 1 ? ", " : "",
		       f->n > 1 ? ds_family_name(f->v[1]) : "");
}

static void add_from(struct ds_buf *b, const char *component, const struct ds_loc *l)
{
	ds_buf_addz(b, component);
	if (l->flag)
		ds_buf_printf(b, " %s", l->flag);
	else if (l->path)
		ds_buf_printf(b, " %s", l->path);
}

static void fill_ranges(struct ds_overview_row *row, const struct ds_ranges *r)
{
	row->known = r->known;
	if (!r->known) {
		ds_buf_addz(&row->what, r->reason);
		return;
	}
	for (size_t i = 0; i < r->n; i++) {
		char text[DS_CIDR_TEXT];

		ds_buf_printf(&row->what, "%s%s", i ? ", " : "", ds_cidr_format(&r->v[i], text));
	}
	add_from(&row->from, ds_component_name(r->from), &r->loc);
}

/* Node addresses of up to a few kubelets; a longer list is counted. */
static void fill_nodes(struct ds_overview_row *row, const struct ds_cluster *c)
{
	size_t kubelets = 0;

	row->known = c->node_families.known;
	if (!row->known) {
		ds_buf_addz(&row->what, c->node_families.reason);
		return;
	}
	for (size_t i = 0; i < c->components.n; i++) {
		const struct ds_setting *s = ds_component_setting(c->components.v[i], "nodeIP");

		if (!s || s->state != DS_SETTING_SET)
			continue;
		if (++kubelets > 2)
			continue;
		ds_buf_addz(&row->what, kubelets > 1 ? "; " : "");
		ds_buf_adds(&row->what, s->raw);
	}
	if (kubelets > 2)
		ds_buf_printf(&row->what, "; … %zu nodes in all", kubelets);
	if (kubelets)
		add_from(&row->from, "kubelet", &c->node_families.loc);
	else
		ds_buf_addz(&row->what, "as the Node objects say");
}

void ds_overview(const struct ds_cluster *c, struct ds_overview_row rows[static DS_OVERVIEW_ROWS])
{
	static const char *const names[DS_OVERVIEW_ROWS] = {"Services", "Pods", "Nodes"};
	const struct ds_families *families[DS_OVERVIEW_ROWS] = {&c->service_families, &c->pod_families,
								&c->node_families};

	for (size_t i = 0; i < DS_OVERVIEW_ROWS; i++) {
		rows[i] = (struct ds_overview_row){.name = names[i]};
		family_text(families[i], rows[i].families);
	}
	fill_ranges(&rows[0], &c->services);
	fill_ranges(&rows[1], &c->pods);
	fill_nodes(&rows[2], c);
}

void ds_overview_done(struct ds_overview_row rows[static DS_OVERVIEW_ROWS])
{
	for (size_t i = 0; i < DS_OVERVIEW_ROWS; i++) {
		ds_buf_done(&rows[i].what);
		ds_buf_done(&rows[i].from);
	}
}

/* The reason without the path of the field that met it. */
static struct ds_str reason_of(const struct ds_finding *f)
{
	struct ds_str m = ds_str_from(f->message);
	size_t at = ds_str_search(m, DS_STR(" is unknown: "));

	return at < m.n ? ds_str_skip(m, at + strlen(" is unknown: ")) : m;
}

static int add_unknown(struct ds_arena *a, struct ds_unknown *u, const struct ds_rule *rule)
{
	const struct ds_rule **slot;

	/* Findings of one rule stand together. */
	if (u->rules.n && u->rules.v[u->rules.n - 1] == rule)
		return 0;
	slot = ds_vec_add(a, &u->rules);
	if (!slot)
		return DS_ENOMEM;
	*slot = rule;
	return 0;
}

int ds_unknowns(struct ds_arena *a, const struct ds_findings *f, struct ds_unknowns *ret)
{
	struct ds_map by_reason; /* to its number, plus one */
	int r = 0;

	*ret = (struct ds_unknowns){0};
	ds_map_init(&by_reason, a);
	for (size_t i = 0; r == 0 && i < f->v.n; i++) {
		const struct ds_finding *x = &f->v.v[i];
		struct ds_str reason = reason_of(x);
		size_t at;

		if (x->status == DS_STATUS_FAIL)
			continue;
		at = (size_t)(uintptr_t)ds_map_get(&by_reason, reason);
		if (at == 0) {
			struct ds_unknown *u = ds_vec_add(a, &ret->v);

			if (!u)
				return DS_ENOMEM;
			*u = (struct ds_unknown){.reason = reason, .lead = x};
			at = ret->v.n;
			r = ds_map_put(&by_reason, reason, (void *)(uintptr_t)at);
		}
		if (r == 0)
			r = add_unknown(a, &ret->v.v[at - 1], x->rule);
	}
	return r;
}
