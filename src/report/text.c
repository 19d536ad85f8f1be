#include "report/overview.h"
#include "report/say.h"
#include "report/text.h"
#include "report/text_service.h"

/* ---- the verdict ---- */

static bool nothing_seen(const struct ds_report *r)
{
	return r->clusters.n == 0;
}

static void verdict(struct ds_pen *p, const struct ds_report *r)
{
	_ds_buf_done_ struct ds_buf words = DS_BUF_INIT, counts = DS_BUF_INIT;
	struct ds_tally tally = ds_report_tally(r);
	enum ds_ink ink;

	ds_buf_addz(&words, ds_say_verdict(&tally, &ink));
	ds_say_counts(&tally, &counts);
	ds_buf_addz(&words, counts.n ? ":" : ".");
	if (counts.n)
		ds_buf_addc(&counts, '.');
	ds_pen_wrap_headed(p, ink, ds_buf_str(&words), ds_buf_str(&counts), 2);
}

/* ---- the cluster at a glance ---- */

static void version_line(struct ds_pen *p, const struct ds_cluster *c)
{
	char text[160], version[48];

	ds_say_version(&c->version, version);
	ds_out_addc(p->out, '\n');
	ds_pen_ink(p, DS_INK_BOLD, "Cluster ");
	ds_pen_ink(p, DS_INK_BOLD, c->name);
	(void)snprintf(text, sizeof(text), "Kubernetes %s (%s)", version, ds_say_version_origin(c->version_origin));
	ds_out_addz(p->out, ", ");
	ds_pen_wrap(p, ds_str_from(text), 2, strlen("Cluster , ") + ds_out_safe_width(ds_str_from(c->name)));
}

static void overview(struct ds_pen *p, const struct ds_cluster *c)
{
	struct ds_overview_row rows[DS_OVERVIEW_ROWS];
	size_t widest = 0, longest = 0;

	ds_overview(c, rows);
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		if (rows[i].known)
			widest = DS_MAX(widest, ds_out_safe_width(ds_buf_str(&rows[i].what)));
		longest = DS_MAX(longest, ds_out_safe_width(ds_buf_str(&rows[i].from)));
	}
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_overview_row *row = &rows[i];
		size_t used = 24;
		bool from;

		ds_out_printf(p->out, "  %-9s ", row->name);
		ds_pen_ink(p, row->known ? DS_INK_BOLD : DS_INK_YELLOW, row->families);
		ds_out_pad(p->out, 12 - strlen(row->families));
		/* Who says so stands beside it where there is room, else below. */
		if (row->known && used + widest + 2 + longest <= p->width) {
			ds_out_safe(p->out, ds_buf_str(&row->what));
			ds_out_pad(p->out, widest + 2 - ds_out_safe_width(ds_buf_str(&row->what)));
			from = true;
		} else {
			ds_pen_wrap(p, ds_buf_str(&row->what), used, used);
			from = row->known && row->from.n;
			if (from)
				ds_out_pad(p->out, used + longest <= p->width ? used : 4);
		}
		if (from) {
			ds_pen_str(p, DS_INK_DIM, ds_buf_str(&row->from));
			ds_out_addc(p->out, '\n');
		}
	}
	ds_overview_done(rows);
}

/* What kube-controller-manager would hand to the next nodes. */
static void blocks_row(struct ds_pen *p, const struct ds_cluster *c)
{
	const struct ds_node_blocks *b = &c->node_blocks;
	_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;

	if (!b->known || b->first.n == 0)
		return;
	for (size_t k = 0; k < b->families; k++)
		ds_buf_printf(&text, "%s%s", k ? " and " : "", b->first.v[0].v[k]);
	ds_buf_printf(&text, "; room for %llu %s", (unsigned long long)b->capacity, b->capacity == 1 ? "node" : "nodes");
	ds_out_addz(p->out, "  Next node ");
	ds_pen_wrap(p, ds_buf_str(&text), 12, 12);
}

static void seen_row(struct ds_pen *p, const struct ds_cluster *c)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	if (c->seen.n == 0)
		return;
	for (size_t i = 0; i < c->seen.n && i < 8; i++) {
		ds_buf_printf(&b, "%s%s", i ? ", " : "", ds_component_name(c->seen.v[i]->component));
		if (c->seen.v[i]->loc.pid)
			ds_buf_printf(&b, " (pid %d)", (int)c->seen.v[i]->loc.pid);
	}
	if (c->seen.n > 8)
		ds_buf_printf(&b, " and %zu more", c->seen.n - 8);
	ds_buf_addz(&b, ": seen, not audited");
	ds_out_addz(p->out, "  Also      ");
	ds_pen_wrap(p, ds_buf_str(&b), 12, 12);
}

static void components_row(struct ds_pen *p, const struct ds_cluster *c)
{
	static const enum ds_component order[] = {DS_KUBE_APISERVER, DS_KUBE_CONTROLLER_MANAGER, DS_KUBE_PROXY,
						  DS_KUBELET, DS_KUBEADM};
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	for (size_t k = 0; k < DS_ARRAY_SIZE(order); k++) {
		size_t n = 0;
		int32_t pid = 0;

		for (size_t i = 0; i < c->components.n; i++) {
			if (c->components.v[i]->observed->component != order[k])
				continue;
			n++;
			pid = c->components.v[i]->observed->pid;
		}
		if (n == 0)
			continue;
		ds_buf_printf(&b, "%s%s", b.n ? ", " : "", ds_component_name(order[k]));
		if (n > 1)
			ds_buf_printf(&b, " ×%zu", n);
		else if (pid)
			ds_buf_printf(&b, " (pid %d)", (int)pid);
	}
	ds_out_addz(p->out, "  Audited   ");
	ds_pen_wrap(p, ds_buf_str(&b), 12, 12);
}

static void glance(struct ds_pen *p, const struct ds_cluster *c)
{
	version_line(p, c);
	overview(p, c);
	blocks_row(p, c);
	components_row(p, c);
	seen_row(p, c);
}

/* ---- findings ---- */

void ds_text_finding(struct ds_pen *p, const struct ds_finding *f)
{
	enum ds_ink ink = ds_pen_severity_ink(f->severity);
	char head[80];

	ds_out_addc(p->out, '\n');
	(void)snprintf(head, sizeof(head), "%s[%s]", ds_severity_name(f->severity), f->rule->id);
	ds_pen_ink(p, ink, head);
	ds_out_addz(p->out, " ");
	ds_pen_wrap(p, ds_str_from(f->message), 2, strlen(head) + 1);
	if (f->count > 1)
		ds_out_printf(p->out, "  and the same in %zu more %s\n", f->count - 1, f->count == 2 ? "place" : "places");
	for (size_t i = 0; i < f->n_locations; i++) {
		ds_pen_ink(p, DS_INK_DIM, "  --> ");
		ds_pen_place(p, &f->locations[i]);
		ds_out_addc(p->out, '\n');
		ds_pen_excerpt(p, &f->locations[i], ink);
	}
	if (f->fix) {
		ds_pen_ink(p, DS_INK_BOLD, "  fix: ");
		ds_pen_wrap(p, ds_str_from(f->fix), 7, 7);
	}
}

static void findings(struct ds_pen *p, const struct ds_report_cluster *c, const struct ds_text_options *o)
{
	for (size_t i = 0; i < c->findings.v.n; i++) {
		const struct ds_finding *f = &c->findings.v.v[i];

		if (f->status == DS_STATUS_FAIL && (!o->quiet || f->severity == DS_SEVERITY_ERROR))
			ds_text_finding(p, f);
	}
}

/* ---- what was not seen ---- */

static void unknown_group(struct ds_pen *p, const struct ds_unknown *u, const char *leaves)
{
	_ds_buf_done_ struct ds_buf ids = DS_BUF_INIT;

	ds_pen_ink(p, DS_INK_YELLOW, "  ? ");
	if (u->lead->n_locations) {
		ds_pen_place(p, &u->lead->locations[0]);
		ds_out_addz(p->out, "\n    ");
	}
	ds_pen_wrap(p, u->reason, 4, 4);
	for (size_t i = 0; i < u->rules.n; i++)
		ds_buf_printf(&ids, "%s%s", i ? ", " : "", u->rules.v[i]->id);
	ds_out_printf(p->out, "    %s: ", leaves);
	ds_pen_wrap(p, ds_buf_str(&ids), 4, 6 + strlen(leaves));
}

void ds_text_unknowns(struct ds_pen *p, struct ds_arena *a, const char *title, const char *leaves,
		      const struct ds_findings *f)
{
	struct ds_unknowns all;

	if (ds_unknowns(a, f, &all) < 0)
		p->out->err = DS_ENOMEM;
	if (all.v.n)
		ds_pen_title(p, title);
	for (size_t i = 0; i < all.v.n; i++)
		unknown_group(p, &all.v.v[i], leaves);
}

/* ---- what nobody wants to hear again ---- */

static void suppressed(struct ds_pen *p, const struct ds_suppressed_list *l)
{
	for (size_t i = 0; i < l->v.n; i++) {
		const struct ds_suppressed *s = &l->v.v[i];
		const char *by = ds_suppressed_by_name(s->by);

		if (i == 0)
			ds_pen_title(p, "Suppressed");
		ds_out_addz(p->out, "  ");
		ds_pen_ink(p, DS_INK_DIM, s->finding.rule->id);
		ds_out_addc(p->out, ' ');
		ds_pen_wrap(p, ds_str_from(s->finding.message), 4, 3 + strlen(s->finding.rule->id));
		if (s->finding.n_locations) {
			ds_pen_ink(p, DS_INK_DIM, "    --> ");
			ds_pen_place(p, &s->finding.locations[0]);
			ds_out_addc(p->out, '\n');
		}
		ds_out_printf(p->out, "    %s: ", by);
		ds_pen_wrap(p, ds_str_from(s->reason), 4, 6 + strlen(by));
	}
}

/* ---- inputs and diagnostics ---- */

static void diagnostics(struct ds_pen *p, const struct ds_ctx *ctx, const struct ds_text_options *o)
{
	static const enum ds_ink inks[] = {
		[DS_LEVEL_NOTE] = DS_INK_BLUE,
		[DS_LEVEL_WARNING] = DS_INK_YELLOW,
		[DS_LEVEL_ERROR] = DS_INK_RED,
	};
	bool any = false;

	for (size_t i = 0; i < ctx->diags.n; i++) {
		const struct ds_diag *d = &ctx->diags.v[i];
		size_t used = strlen(ds_level_name(d->level)) + 4;

		if ((d->level == DS_LEVEL_NOTE && o->verbose == 0) || (o->quiet && d->level != DS_LEVEL_ERROR))
			continue;
		if (!any)
			ds_pen_title(p, "About the inputs");
		any = true;
		ds_out_addz(p->out, "  ");
		ds_pen_ink(p, inks[d->level], ds_level_name(d->level));
		ds_out_addz(p->out, ": ");
		ds_pen_wrap(p, ds_str_from(d->message), 4, used);
		if (d->loc.input) {
			ds_pen_ink(p, DS_INK_DIM, "  --> ");
			ds_pen_place(p, &d->loc);
			ds_out_addc(p->out, '\n');
			ds_pen_excerpt(p, &d->loc, inks[d->level]);
		}
		if (d->hint) {
			ds_pen_ink(p, DS_INK_BOLD, "  help: ");
			ds_pen_wrap(p, ds_str_from(d->hint), 8, 8);
		}
	}
	if (ctx->diags_dropped)
		ds_out_printf(p->out, "  … and %zu more\n", ctx->diags_dropped);
}

/* A failed input shows unless its error has said as much; a skipped one when it was asked for, or when there is little else. */
static bool shows(const struct ds_ctx *ctx, const struct ds_input *in, const struct ds_text_options *o,
		  const struct ds_map *told)
{
	const struct ds_diag *d = ds_say_told_of(told, in);

	if (o->verbose)
		return true;
	if (in->status == DS_INPUT_SKIPPED)
		return !o->quiet && ctx->inputs.n <= 20;
	return in->status == DS_INPUT_FAILED && !(d && (!in->reason || strstr(d->message, in->reason)));
}

static void input(struct ds_pen *p, const struct ds_input *in)
{
	enum ds_ink ink = in->status == DS_INPUT_FAILED ? DS_INK_RED : DS_INK_DIM;
	_ds_buf_done_ struct ds_buf why = DS_BUF_INIT;
	const char *status = ds_input_status_name(in->status);
	size_t used = 11 + ds_out_safe_width(ds_str_from(in->name));

	ds_out_addz(p->out, "  ");
	ds_pen_ink(p, ink, status);
	ds_out_pad(p->out, 9 - strlen(status));
	ds_out_safe(p->out, ds_str_from(in->name));
	ds_buf_printf(&why, "(%s)", in->type);
	if (in->reason)
		ds_buf_printf(&why, ": %s", in->reason);
	if (!p->terminal || used + 1 + ds_out_safe_width(ds_buf_str(&why)) <= p->width) {
		ds_out_addc(p->out, ' ');
		ds_out_safe(p->out, ds_buf_str(&why));
		ds_out_addc(p->out, '\n');
	} else {
		ds_out_addc(p->out, '\n');
		ds_pen_wrap(p, ds_buf_str(&why), 11, 0);
	}
}

static void inputs(struct ds_pen *p, const struct ds_ctx *ctx, const struct ds_text_options *o)
{
	struct ds_map told;
	size_t skipped = 0;
	bool any = false;

	ds_say_told(ctx, &told);
	for (size_t i = 0; i < ctx->inputs.n; i++) {
		const struct ds_input *in = ctx->inputs.v[i];

		skipped += in->status == DS_INPUT_SKIPPED;
		if (!shows(ctx, in, o, &told))
			continue;
		if (!any)
			ds_pen_title(p, "Inputs");
		any = true;
		input(p, in);
	}
	if (!any && skipped)
		ds_out_printf(p->out, "\n%zu input%s skipped as none of ours; -v lists %s.\n", skipped,
			      skipped == 1 ? " was" : "s were", skipped == 1 ? "it" : "them");
}

static void how_to_go_on(struct ds_pen *p, const struct ds_report *r)
{
	static const char text[] =
		"Point it at what a cluster runs with:\n"
		"  dsaudit /etc/kubernetes   static pods of a control plane\n"
		"  ps -ef | dsaudit -        processes, or a saved listing\n"
		"  dsaudit node.json         a node's bundle\n";

	if (nothing_seen(r)) {
		ds_out_addc(p->out, '\n');
		ds_out_addz(p->out, text);
	}
}

void ds_report_text(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out)
{
	struct ds_pen p;

	ds_pen_init(&p, out, o);
	verdict(&p, r);
	for (size_t i = 0; i < r->clusters.n; i++) {
		const struct ds_report_cluster *c = &r->clusters.v[i];

		if (!o->quiet)
			glance(&p, c->cluster);
		findings(&p, c, o);
		if (!o->quiet)
			ds_text_preview(&p, &c->preview);
		if (!o->quiet)
			ds_text_unknowns(&p, r->ctx->arena, "What could not be seen", "leaves unknown", &c->findings);
		if (o->verbose)
			suppressed(&p, &c->suppressed);
	}
	diagnostics(&p, r->ctx, o);
	inputs(&p, r->ctx, o);
	how_to_go_on(&p, r);
}
