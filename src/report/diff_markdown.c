#include "report/diff.h"
#include "report/markdown.h"
#include "report/overview.h"

/* For a comment on a pull request, which may have 64 KiB: what is new in full, the rest as far as anybody reads. */
#define MAX_NEW  100u
#define MAX_ROWS 30u

static void more(struct ds_markdown *m, size_t n, size_t max)
{
	if (n > max)
		ds_out_printf(m->out, "\n%zu more are left out here; the JSON report has all.\n", n - max);
}

static void side(struct ds_markdown *m, const char *name, const struct ds_saved *s)
{
	_ds_buf_done_ struct ds_buf counts = DS_BUF_INIT;
	enum ds_ink ink;

	ds_buf_printf(&m->line, "| %s | ", name);
	ds_markdown_code(&m->line, ds_str_from(s->input->name), true);
	ds_buf_printf(&m->line, " | %s | ", ds_say_verdict(&s->tally, &ink));
	ds_say_counts(&s->tally, &counts);
	ds_markdown_text(&m->line, ds_buf_str(&counts));
	ds_markdown_put(m, " |\n");
}

static void head(struct ds_markdown *m, const struct ds_diff *d)
{
	_ds_buf_done_ struct ds_buf counts = DS_BUF_INIT;
	enum ds_ink ink;

	ds_out_printf(m->out, "# dsaudit: %s\n", ds_diff_verdict(d, &ink));
	ds_diff_say_counts(d, &counts);
	if (counts.n)
		ds_out_printf(m->out, "\n%s.\n", counts.p);
	ds_out_addz(m->out, "\n| | report | verdict | |\n|---|---|---|---|\n");
	side(m, "old", d->old);
	side(m, "new", d->new);
	if (strcmp(d->old->tool_version, d->new->tool_version) != 0)
		ds_out_addz(m->out, "\nThe reports are of different versions of dsaudit: what differs may be the rules.\n");
	if (d->no_common_input)
		ds_out_addz(m->out, "\nNo input has the same name in both reports: run both audits from the same folder.\n");
}

/* ---- findings ---- */

static void place(struct ds_markdown *m, const struct ds_finding *f)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	if (f->n_locations)
		ds_say_place(&f->locations[0], &b);
	if (b.n == 0)
		return;
	ds_buf_addz(&m->line, " (");
	ds_markdown_code(&m->line, ds_buf_str(&b), false);
	ds_buf_addz(&m->line, ")");
}

/* A list item; what is to say of it follows in the same one. */
static void item(struct ds_markdown *m, const struct ds_finding *f)
{
	_ds_buf_done_ struct ds_buf said = DS_BUF_INIT;

	ds_say_finding(f, &said);
	ds_buf_printf(&m->line, "- **%s ", ds_severity_name(f->severity));
	ds_markdown_add(m, f->rule->id);
	ds_buf_addz(&m->line, "** ");
	ds_markdown_text(&m->line, ds_buf_str(&said));
	place(m, f);
}

static void note(struct ds_markdown *m, const char *label, const char *what)
{
	ds_buf_printf(&m->line, "; %s: ", label);
	ds_markdown_add(m, what);
}

static void changed(struct ds_markdown *m, const struct ds_diff_finding *d)
{
	if (d->severity)
		note(m, "was", ds_severity_name(d->old->f.severity));
	if (d->message)
		note(m, "was", d->old->f.message);
	if (d->came || d->went)
		ds_buf_printf(&m->line, "; was in %zu: %zu came, %zu went", d->old->f.count, d->came, d->went);
	if (d->reason)
		note(m, "what went may not be fixed", d->reason);
}

static const struct section {
	const char *title;
	enum ds_diff_status status;
	bool fails;
	size_t max;
} sections[] = {
	{"New", DS_DIFF_NEW, true, MAX_NEW},
	{"Changed", DS_DIFF_CHANGED, true, MAX_NEW},
	{"Unknown now", DS_DIFF_NEW, false, MAX_ROWS},
	{"Gone, not fixed", DS_DIFF_UNKNOWN, true, MAX_ROWS},
	{"Fixed", DS_DIFF_FIXED, true, MAX_ROWS},
	{"Known now", DS_DIFF_FIXED, false, MAX_ROWS},
	{"Suppressed now", DS_DIFF_SUPPRESSED, true, MAX_ROWS},
};

static bool belongs(const struct section *s, const struct ds_diff_finding *d)
{
	return d->status == s->status && ((d->new ? d->new : d->old)->f.status == DS_STATUS_FAIL) == s->fails;
}

/* One reason leaves many checks open. */
static void by_reason(struct ds_markdown *m, const struct ds_diff *d, const struct ds_diff_cluster *c,
		      const struct section *s)
{
	struct ds_findings f = {0};
	struct ds_unknowns u;

	for (size_t i = 0; i < c->findings.n; i++) {
		const struct ds_diff_finding *x = &c->findings.v[i];

		if (belongs(s, x) && ds_vec_push(d->a, &f.v, (x->new ? x->new : x->old)->f) < 0)
			m->out->err = DS_ENOMEM;
	}
	if (ds_unknowns(d->a, &f, &u) < 0)
		m->out->err = DS_ENOMEM;
	if (u.v.n)
		ds_out_printf(m->out, "\n### %s\n\n", s->title);
	for (size_t i = 0; i < u.v.n && i < s->max; i++) {
		ds_buf_addz(&m->line, "- ");
		ds_markdown_text(&m->line, u.v.v[i].reason);
		for (size_t k = 0; k < u.v.v[i].rules.n; k++) {
			ds_buf_addz(&m->line, k ? ", " : ": ");
			ds_markdown_add(m, u.v.v[i].rules.v[k]->id);
		}
		ds_markdown_put(m, "\n");
	}
	more(m, u.v.n, s->max);
}

static void section(struct ds_markdown *m, const struct ds_diff_cluster *c, const struct section *s)
{
	size_t n = 0;

	for (size_t i = 0; i < c->findings.n; i++) {
		const struct ds_diff_finding *d = &c->findings.v[i];
		const struct ds_finding *f = d->new ? &d->new->f : &d->old->f;

		if (!belongs(s, d))
			continue;
		if (n == 0)
			ds_out_printf(m->out, "\n### %s\n\n", s->title);
		if (n++ >= s->max)
			continue;
		item(m, f);
		if (d->status == DS_DIFF_CHANGED)
			changed(m, d);
		else if (d->reason)
			note(m, d->status == DS_DIFF_NEW ? "it may not be new" : "not known to be fixed", d->reason);
		else if (d->status == DS_DIFF_SUPPRESSED)
			note(m, d->new->by, d->new->reason);
		if (d->status == DS_DIFF_NEW && d->old)
			ds_buf_addz(&m->line, "; it was suppressed before");
		ds_markdown_put(m, "\n");
		if (d->status == DS_DIFF_NEW && s->fails && f->fix) {
			_ds_buf_done_ struct ds_buf fix = DS_BUF_INIT;

			ds_say_flat(&fix, ds_str_from(f->fix));
			ds_buf_addz(&m->line, "  - **Fix:** ");
			ds_markdown_text(&m->line, ds_buf_str(&fix));
			ds_markdown_put(m, "\n");
		}
	}
	more(m, n, s->max);
}

/* ---- what the clusters are ---- */

static void cells(struct ds_markdown *m, const struct ds_buf *what, const struct ds_buf *old, const struct ds_buf *new)
{
	ds_buf_addz(&m->line, "| ");
	ds_markdown_text(&m->line, ds_buf_str(what));
	ds_buf_addz(&m->line, " | ");
	ds_markdown_text(&m->line, ds_buf_str(old));
	ds_buf_addz(&m->line, " | ");
	ds_markdown_text(&m->line, ds_buf_str(new));
	ds_markdown_put(m, " |\n");
}

static void facts(struct ds_markdown *m, const struct ds_diff_cluster *c)
{
	size_t n = 0;

	if (c->facts.n || c->components.n)
		ds_out_addz(m->out, "\n### What it is\n\n| | old | new |\n|---|---|---|\n");
	for (size_t i = 0; i < c->facts.n; i++) {
		const struct ds_diff_fact *f = &c->facts.v[i];
		_ds_buf_done_ struct ds_buf what = DS_BUF_INIT, old = DS_BUF_INIT, new = DS_BUF_INIT;

		if (n++ >= MAX_ROWS)
			continue;
		if (f->component) {
			ds_diff_say_component(&what, f->component);
			ds_buf_addz(&what, " ");
		}
		ds_buf_addz(&what, f->what);
		ds_diff_say_value(&old, f, true);
		ds_diff_say_value(&new, f, false);
		if (f->change == DS_DIFF_LOST && f->reason && *f->reason)
			ds_buf_printf(&new, ": %s", f->reason);
		cells(m, &what, &old, &new);
	}
	for (size_t i = 0; i < c->components.n; i++) {
		const struct ds_diff_component *x = &c->components.v[i];
		_ds_buf_done_ struct ds_buf what = DS_BUF_INIT, old = DS_BUF_INIT, new = DS_BUF_INIT;

		if (n++ >= MAX_ROWS)
			continue;
		ds_diff_say_component(&what, x->new ? x->new : x->old);
		ds_buf_addz(&old, x->old ? "seen" : "not seen");
		ds_buf_addz(&new, x->new ? "seen" : "not seen");
		cells(m, &what, &old, &new);
	}
	more(m, n, MAX_ROWS);
}

static void services(struct ds_markdown *m, const struct ds_diff *d, const struct ds_diff_cluster *c)
{
	if (c->services.n)
		ds_out_addz(m->out, "\n### What Services get\n\n| Service | old | new |\n|---|---|---|\n");
	for (size_t i = 0; i < c->services.n && i < MAX_ROWS; i++) {
		const struct ds_diff_service *x = &c->services.v[i];
		const struct ds_saved_service *s = x->new ? x->new : x->old;
		_ds_buf_done_ struct ds_buf name = DS_BUF_INIT, old = DS_BUF_INIT, new = DS_BUF_INIT;

		ds_buf_printf(&name, "%s/%s", s->ns, s->name);
		if (x->old)
			ds_diff_say_service(&old, d, x->old, x->new);
		if (x->new)
			ds_diff_say_service(&new, d, x->new, x->old);
		cells(m, &name, &old, &new);
	}
	more(m, c->services.n, MAX_ROWS);
}

static void inputs(struct ds_markdown *m, const struct ds_diff *d)
{
	if (d->inputs.n)
		ds_out_addz(m->out, "\n## Inputs\n\n| | old | new |\n|---|---|---|\n");
	for (size_t i = 0; i < d->inputs.n && i < MAX_ROWS; i++) {
		const struct ds_diff_input *x = &d->inputs.v[i];
		const struct ds_saved_input *const sides[] = {x->old, x->new};
		_ds_buf_done_ struct ds_buf name = DS_BUF_INIT, old = DS_BUF_INIT, new = DS_BUF_INIT;
		struct ds_buf *const cell[] = {&old, &new};

		ds_buf_addz(&name, (x->new ? x->new : x->old)->in.name);
		for (size_t k = 0; k < 2; k++) {
			if (!sides[k]) {
				ds_buf_addz(cell[k], "not there");
				continue;
			}
			ds_buf_printf(cell[k], "%s (%s)", ds_input_status_name(sides[k]->in.status), sides[k]->in.type);
			if (sides[k]->in.reason)
				ds_buf_printf(cell[k], ": %s", sides[k]->in.reason);
		}
		cells(m, &name, &old, &new);
	}
	more(m, d->inputs.n, MAX_ROWS);
}

void ds_diff_markdown(const struct ds_diff *d, const struct ds_text_options *o, struct ds_out *out)
{
	struct ds_markdown m = {.out = out};

	(void)o;
	head(&m, d);
	for (size_t i = 0; i < d->clusters.n; i++) {
		const struct ds_diff_cluster *c = &d->clusters.v[i];

		if (d->clusters.n > 1 || !c->old || !c->new) {
			ds_buf_addz(&m.line, "\n## Cluster ");
			ds_markdown_add(&m, (c->new ? c->new : c->old)->name);
			ds_markdown_put(&m, !c->old ? ", which is new\n" : !c->new ? ", which is not in the new report\n" : "\n");
		}
		for (size_t k = 0; k < DS_ARRAY_SIZE(sections); k++) {
			if (sections[k].fails)
				section(&m, c, &sections[k]);
			else
				by_reason(&m, d, c, &sections[k]);
		}
		facts(&m, c);
		services(&m, d, c);
	}
	inputs(&m, d);
	ds_buf_done(&m.line);
}
