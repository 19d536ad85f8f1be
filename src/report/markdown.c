#include "report/markdown.h"

#include "model/services.h"
#include "report/formats.h"
#include "report/overview.h"
#include "report/preview_objects.h"
#include "report/preview_run.h"
#include "report/say.h"
#include "report/text_service.h"

/* For a ticket, a pull request or a job summary. */

/* A summary of GitHub may have 1 MiB, a comment 64 KiB: beyond this many findings nobody reads on. */
#define MAX_FINDINGS 200
#define MAX_UNKNOWN 50
#define MAX_SERVICES 100

static void verdict(struct ds_markdown *m, const struct ds_report *r)
{
	_ds_buf_done_ struct ds_buf counts = DS_BUF_INIT;
	struct ds_tally tally = ds_report_tally(r);
	enum ds_ink ink;

	ds_buf_printf(&m->line, "# %s", ds_say_verdict(&tally, &ink));
	ds_markdown_put(m, "\n");
	ds_say_counts(&tally, &counts);
	if (counts.n)
		ds_out_printf(m->out, "\n%s.\n", counts.p);
}

/* ---- the overview ---- */

static void overview_row(struct ds_markdown *m, const struct ds_overview_row *row)
{
	ds_buf_printf(&m->line, "| %s | %s | ", row->name, row->families);
	if (row->known)
		ds_markdown_code(&m->line, ds_buf_str(&row->what), true);
	else
		ds_markdown_text(&m->line, ds_buf_str(&row->what));
	ds_buf_addz(&m->line, " | ");
	ds_markdown_text(&m->line, ds_buf_str(&row->from));
	ds_markdown_put(m, " |\n");
}

static void overview(struct ds_markdown *m, const struct ds_cluster *c)
{
	struct ds_overview_row rows[DS_OVERVIEW_ROWS];
	const struct ds_node_blocks *b = &c->node_blocks;
	char version[48];

	ds_say_version(&c->version, version);
	ds_buf_addz(&m->line, "\n## Cluster ");
	ds_markdown_add(m, c->name);
	ds_buf_printf(&m->line, ", Kubernetes %s", version);
	if (c->version_origin == DS_VERSION_ASSUMED)
		ds_buf_addz(&m->line, " (assumed)");
	ds_markdown_put(m, "\n\n| | families | what | set by |\n|---|---|---|---|\n");
	ds_overview(c, rows);
	for (size_t i = 0; i < DS_OVERVIEW_ROWS; i++)
		overview_row(m, &rows[i]);
	ds_overview_done(rows);
	if (!b->known || b->first.n == 0)
		return;
	ds_buf_addz(&m->line, "\nThe next node gets ");
	for (size_t k = 0; k < b->families; k++) {
		ds_buf_addz(&m->line, k ? " and " : "");
		ds_markdown_code(&m->line, ds_str_from(b->first.v[0].v[k]), false);
	}
	ds_buf_printf(&m->line, "; there is room for %llu %s.", (unsigned long long)b->capacity,
		      b->capacity == 1 ? "node" : "nodes");
	ds_markdown_put(m, "\n");
}

/* ---- findings ---- */

/* The place, and below it the line it is about. */
static void place(struct ds_markdown *m, const struct ds_loc *l)
{
	static const struct ds_text_options options = {.width = 100};
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_pen pen;

	ds_say_place(l, &b);
	if (b.n == 0)
		return;
	ds_buf_addz(&m->line, "\n");
	ds_markdown_code(&m->line, ds_buf_str(&b), false);
	ds_markdown_put(m, "\n");
	if (l->text.n == 0 && (!l->input || l->input->text.n == 0))
		return;
	/* A line of an excerpt begins with a number or blanks and '|': it cannot close the block. */
	ds_pen_init(&pen, m->out, &options);
	ds_out_addz(m->out, "\n```text\n");
	ds_pen_excerpt(&pen, l, DS_INK_PLAIN);
	ds_out_addz(m->out, "```\n");
}

static void finding(struct ds_markdown *m, const struct ds_finding *f)
{
	_ds_buf_done_ struct ds_buf said = DS_BUF_INIT;

	ds_say_finding(f, &said);
	ds_buf_printf(&m->line, "\n### %s %s: ", ds_severity_name(f->severity), f->rule->id);
	ds_markdown_text(&m->line, ds_buf_str(&said));
	ds_markdown_put(m, "\n");
	for (size_t i = 0; i < f->n_locations; i++)
		place(m, &f->locations[i]);
	if (!f->fix)
		return;
	ds_buf_addz(&m->line, "\n**Fix:** ");
	ds_markdown_paragraphs(&m->line, ds_str_from(f->fix));
	ds_markdown_put(m, "\n");
}

static void findings(struct ds_markdown *m, const struct ds_findings *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->v.n; i++)
		if (all->v.v[i].status == DS_STATUS_FAIL && n++ < MAX_FINDINGS)
			finding(m, &all->v.v[i]);
	if (n > MAX_FINDINGS)
		ds_out_printf(m->out, "\n%zu more findings are left out here; the JSON report has all.\n",
			      n - MAX_FINDINGS);
}

static void unknown(struct ds_markdown *m, const struct ds_report *r, const struct ds_findings *all)
{
	struct ds_unknowns u;

	if (ds_unknowns(r->ctx->arena, all, &u) < 0)
		m->out->err = DS_ENOMEM;
	if (u.v.n)
		ds_out_addz(m->out, "\n### What could not be seen\n\n");
	for (size_t i = 0; i < u.v.n && i < MAX_UNKNOWN; i++) {
		ds_buf_addz(&m->line, "- ");
		ds_markdown_text(&m->line, u.v.v[i].reason);
		ds_buf_addz(&m->line, ": leaves unknown");
		for (size_t k = 0; k < u.v.v[i].rules.n; k++)
			ds_buf_printf(&m->line, "%s %s", k ? "," : "", u.v.v[i].rules.v[k]->id);
		ds_markdown_put(m, "\n");
	}
	if (u.v.n > MAX_UNKNOWN)
		ds_out_printf(m->out, "- %zu more; the JSON report has all\n", u.v.n - MAX_UNKNOWN);
}

/* ---- the Service preview ---- */

static size_t preview_row(struct ds_markdown *m, const struct ds_preview *p, size_t i, struct ds_preview_notes *notes)
{
	const struct ds_preview_item *first = &p->items.v[i];

	ds_buf_addz(&m->line, "| ");
	ds_markdown_add(m, first->policy ? first->policy : "(not set)");
	for (; i < p->items.n && ds_preview_same_row(&p->items.v[i], first); i++) {
		_ds_buf_done_ struct ds_buf cell = DS_BUF_INIT;

		ds_preview_cell(&cell, &p->items.v[i].outcome, notes);
		ds_buf_addz(&m->line, " | ");
		ds_markdown_text(&m->line, ds_buf_str(&cell));
	}
	ds_markdown_put(m, " |\n");
	return i;
}

static void preview(struct ds_markdown *m, const struct ds_preview *p)
{
	struct ds_preview_notes notes = {0};

	ds_out_addz(m->out, "\n### What a new Service gets\n\n");
	if (p->unknown) {
		ds_buf_addz(&m->line, "Unknown: ");
		ds_markdown_add(m, p->unknown);
		ds_markdown_put(m, "\n");
		return;
	}
	ds_out_addz(m->out, "| ipFamilyPolicy | ClusterIP | headless | headless, no selector |\n|---|---|---|---|\n");
	for (size_t i = 0; i < p->items.n;)
		i = preview_row(m, p, i, &notes);
	ds_out_printf(m->out, "\n%s.\n", ds_preview_legend);
	for (size_t i = 0; i < notes.n; i++) {
		ds_buf_printf(&m->line, "%s\\[%zu\\] ", i ? "\\\n" : "\n", i + 1);
		ds_markdown_add(m, notes.v[i]);
		ds_markdown_put(m, i + 1 < notes.n ? "" : "\n");
	}
}

/* ---- what is there, and what nobody wants to hear again ---- */

struct services {
	struct ds_markdown *m;
	size_t n, refused;
};

static void service_row(void *user, const struct ds_preview_item *it)
{
	static const char *const names[] = {"type", "ipFamilyPolicy", "ipFamilies"};
	_ds_buf_done_ struct ds_buf name = DS_BUF_INIT;
	struct services *s = user;
	struct ds_markdown *m = s->m;

	s->n++;
	s->refused += !it->outcome.accepted;
	if (s->n > MAX_SERVICES)
		return;
	ds_buf_printf(&name, "%s/%s", it->ns, it->name);
	ds_buf_addz(&m->line, "| ");
	ds_markdown_text(&m->line, ds_buf_str(&name));
	ds_buf_addz(&m->line, it->outcome.accepted ? " | " : " | refused");
	for (size_t i = 0; it->outcome.accepted && i < DS_ARRAY_SIZE(names); i++) {
		const struct ds_service_field *f = ds_preview_field(&it->outcome, names[i]);

		for (size_t k = 0; f && f->kind == DS_SERVICE_LIST && k < f->list.n; k++) {
			ds_buf_addz(&m->line, k ? "," : "");
			ds_markdown_text(&m->line, f->list.v[k]);
		}
		if (f && f->kind != DS_SERVICE_LIST)
			ds_markdown_text(&m->line, f->text);
		ds_buf_addz(&m->line, i + 1 < DS_ARRAY_SIZE(names) ? " " : "");
	}
	ds_buf_addz(&m->line, " | ");
	if (!it->outcome.accepted && it->outcome.message)
		ds_markdown_add(m, it->outcome.message);
	ds_markdown_put(m, " |\n");
}

static void services(struct ds_markdown *m, const struct ds_preview *p)
{
	struct services s = {.m = m};

	if (p->unknown || !p->services || p->services->n == 0)
		return;
	ds_out_addz(m->out,
		    "\n### What the Services among the inputs get\n\n| Service | gets | why not |\n|---|---|---|\n");
	if (ds_preview_objects(p, false, service_row, &s) < 0 && !m->out->err)
		m->out->err = DS_ENOMEM;
	ds_out_printf(m->out, "\n%zu %s, %zu refused%s.\n", s.n, s.n == 1 ? "Service" : "Services", s.refused,
		      s.n > MAX_SERVICES ? "; only the first are listed" : "");
}

static void suppressed(struct ds_markdown *m, const struct ds_suppressed_list *l)
{
	if (l->v.n)
		ds_out_addz(m->out, "\n### Suppressed\n\n");
	for (size_t i = 0; i < l->v.n && i < MAX_UNKNOWN; i++) {
		const struct ds_suppressed *s = &l->v.v[i];

		ds_buf_printf(&m->line, "- %s: ", s->finding.rule->id);
		ds_markdown_add(m, s->finding.message);
		ds_buf_printf(&m->line, " (%s: ", ds_suppressed_by_name(s->by));
		ds_markdown_add(m, s->reason ? s->reason : "");
		ds_markdown_put(m, ")\n");
	}
	if (l->v.n > MAX_UNKNOWN)
		ds_out_printf(m->out, "- %zu more; the JSON report has all\n", l->v.n - MAX_UNKNOWN);
}

/* ---- the inputs ---- */

static void remark(void *arg, enum ds_level level, const char *message, const char *hint, const struct ds_loc *l)
{
	_ds_buf_done_ struct ds_buf where = DS_BUF_INIT;
	struct ds_markdown *m = arg;

	if (level == DS_LEVEL_NOTE)
		return;
	ds_say_place(l, &where);
	ds_buf_printf(&m->line, "- **%s** ", ds_level_name(level));
	ds_markdown_code(&m->line, ds_buf_str(&where), false);
	ds_buf_addz(&m->line, where.n ? ": " : "");
	ds_markdown_add(m, message);
	if (hint) {
		ds_buf_addz(&m->line, "; ");
		ds_markdown_add(m, hint);
	}
	ds_markdown_put(m, "\n");
}

static void count_remark(void *arg, enum ds_level level, const char *message, const char *hint, const struct ds_loc *l)
{
	(void)message;
	(void)hint;
	(void)l;
	*(size_t *)arg += level != DS_LEVEL_NOTE;
}

void ds_report_markdown(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out)
{
	struct ds_markdown m = {.out = out};
	size_t remarks = 0;

	(void)o;
	verdict(&m, r);
	for (size_t i = 0; i < r->clusters.n; i++) {
		const struct ds_report_cluster *c = &r->clusters.v[i];

		overview(&m, c->cluster);
		findings(&m, &c->findings);
		unknown(&m, r, &c->findings);
		services(&m, &c->preview);
		preview(&m, &c->preview);
		suppressed(&m, &c->suppressed);
	}
	ds_report_each_remark(r, count_remark, &remarks);
	if (remarks)
		ds_out_addz(out, "\n## About the inputs\n\n");
	ds_report_each_remark(r, remark, &m);
	ds_buf_done(&m.line);
}
