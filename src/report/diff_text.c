#include "report/diff.h"
#include "report/text.h"

/* Rows of a section: nobody reads further on a terminal. */
#define MAX_ROWS 200u

static void side(struct ds_pen *p, const char *name, const struct ds_saved *s)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT, counts = DS_BUF_INIT;
	enum ds_ink ink;

	ds_buf_addz(&b, s->input->name);
	ds_buf_printf(&b, ": %s", ds_say_verdict(&s->tally, &ink));
	ds_say_counts(&s->tally, &counts);
	if (counts.n)
		ds_buf_printf(&b, ": %s", counts.p);
	ds_buf_addz(&b, ".");
	ds_out_printf(p->out, "  %s  ", name);
	ds_pen_wrap(p, ds_buf_str(&b), 7, 7);
}

static void remark(struct ds_pen *p, const char *text)
{
	ds_pen_ink(p, DS_INK_YELLOW, "  ! ");
	ds_pen_wrap(p, ds_str_from(text), 4, 4);
}

static void head(struct ds_pen *p, const struct ds_diff *d, const struct ds_text_options *o)
{
	_ds_buf_done_ struct ds_buf counts = DS_BUF_INIT;
	enum ds_ink ink;
	const char *verdict = ds_diff_verdict(d, &ink);

	ds_diff_say_counts(d, &counts);
	ds_pen_ink(p, ink, verdict);
	ds_out_addz(p->out, counts.n ? ": " : ".\n");
	if (counts.n) {
		ds_buf_addz(&counts, ".");
		ds_pen_wrap(p, ds_buf_str(&counts), 2, strlen(verdict) + 2);
	}
	if (o->quiet)
		return;
	side(p, "old", d->old);
	side(p, "new", d->new);
	if (strcmp(d->old->tool_version, d->new->tool_version) != 0)
		remark(p, "The reports are of different versions of dsaudit: what differs may be the rules.");
	if (d->no_common_input)
		remark(p, "No input has the same name in both reports. Findings go by the names of inputs: run both audits from "
			  "the same folder.");
}

/* ---- findings ---- */

/* What is to be said against taking it for what it looks like. */
static void maybe(struct ds_pen *p, const char *label, const char *reason)
{
	if (!reason)
		return;
	ds_out_addz(p->out, "  ");
	ds_pen_ink(p, DS_INK_YELLOW, label);
	ds_out_addz(p->out, ": ");
	ds_pen_wrap(p, ds_str_from(reason), 4, 4 + strlen(label));
}

static void changed(struct ds_pen *p, const struct ds_diff_finding *d)
{
	if (d->severity)
		ds_out_printf(p->out, "  was: %s\n", ds_severity_name(d->old->f.severity));
	if (d->message) {
		ds_out_addz(p->out, "  was: ");
		ds_pen_wrap(p, ds_str_from(d->old->f.message), 7, 7);
	}
	if (d->came || d->went)
		ds_out_printf(p->out, "  in %zu %s, was %zu: %zu came, %zu went\n", d->new->f.count,
			      d->new->f.count == 1 ? "place" : "places", d->old->f.count, d->came, d->went);
	maybe(p, "what went may not be fixed", d->reason);
}

/* A finding on a line, with what is to say of it below. */
static void brief(struct ds_pen *p, enum ds_ink ink, const char *mark, const struct ds_finding *f, const char *label,
		  const char *reason)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	ds_say_finding(f, &b);
	ds_out_addz(p->out, "  ");
	ds_pen_ink(p, ink, mark);
	ds_out_addc(p->out, ' ');
	ds_pen_str(p, DS_INK_BOLD, ds_str_from(f->rule->id));
	ds_out_addc(p->out, ' ');
	ds_pen_wrap(p, ds_buf_str(&b), 4, 5 + ds_out_safe_width(ds_str_from(f->rule->id)));
	if (f->n_locations) {
		ds_pen_ink(p, DS_INK_DIM, "    --> ");
		ds_pen_place(p, &f->locations[0]);
		ds_out_addc(p->out, '\n');
	}
	if (reason) {
		ds_out_printf(p->out, "    %s: ", label);
		ds_pen_wrap(p, ds_str_from(reason), 4, 6 + strlen(label));
	}
}

static void row(struct ds_pen *p, const struct ds_diff_finding *d)
{
	bool fails;

	switch (d->status) {
	case DS_DIFF_NEW:
		if (d->new->f.status == DS_STATUS_FAIL) {
			ds_text_finding(p, &d->new->f);
			maybe(p, "it may not be new", d->reason);
			if (d->old)
				ds_out_printf(p->out, "  it was suppressed before (%s)\n", d->old->by);
		} else {
			brief(p, DS_INK_YELLOW, "?", &d->new->f, "", NULL);
		}
		break;
	case DS_DIFF_CHANGED:
		if (d->new->f.status == DS_STATUS_FAIL)
			ds_text_finding(p, &d->new->f);
		else
			brief(p, DS_INK_YELLOW, "?", &d->new->f, "", NULL);
		changed(p, d);
		break;
	case DS_DIFF_UNKNOWN:
		brief(p, DS_INK_YELLOW, "?", &d->old->f, "not known to be fixed", d->reason);
		break;
	case DS_DIFF_FIXED:
		fails = d->old->f.status == DS_STATUS_FAIL;
		brief(p, DS_INK_GREEN, fails ? "-" : "+", &d->old->f, "", NULL);
		break;
	case DS_DIFF_SUPPRESSED:
		brief(p, DS_INK_DIM, "~", &d->new->f, d->new->by, d->new->reason);
		break;
	case DS_DIFF_UNCHANGED:
		brief(p, DS_INK_DIM, "=", &d->new->f, "", NULL);
		break;
	case DS_DIFF__COUNT:
		break;
	}
}

/* What a section is about, in this order: findings of a status that fail, or that could not be checked. */
static const struct section {
	const char *title;
	enum ds_diff_status status;
	bool fails;
	bool always; /* also when it is to be quiet */
	bool verbose;
	bool by_reason; /* one reason leaves many checks open */
} sections[] = {
	{"New", DS_DIFF_NEW, true, true, false, false},
	{"Changed", DS_DIFF_CHANGED, true, false, false, false},
	{"Unknown now", DS_DIFF_NEW, false, false, false, true},
	{"Gone, not fixed", DS_DIFF_UNKNOWN, true, false, false, false},
	{"Unknown in another number of places", DS_DIFF_CHANGED, false, false, false, false},
	{"Unknown before, and not seen any more", DS_DIFF_UNKNOWN, false, false, true, false},
	{"Fixed", DS_DIFF_FIXED, true, false, false, false},
	{"Known now", DS_DIFF_FIXED, false, false, false, true},
	{"Suppressed now", DS_DIFF_SUPPRESSED, true, false, false, false},
	{"Suppressed now, unknown", DS_DIFF_SUPPRESSED, false, false, false, false},
	{"As before", DS_DIFF_UNCHANGED, true, false, true, false},
	{"Unknown as before", DS_DIFF_UNCHANGED, false, false, true, true},
};

static bool belongs(const struct section *s, const struct ds_diff_finding *d, bool quiet)
{
	const struct ds_finding *f = d->new ? &d->new->f : &d->old->f;

	return d->status == s->status && (f->status == DS_STATUS_FAIL) == s->fails &&
	       (!quiet || f->severity == DS_SEVERITY_ERROR);
}

static void more(struct ds_pen *p, size_t n)
{
	if (n > MAX_ROWS)
		ds_out_printf(p->out, "  … and %zu more; the JSON report has all\n", n - MAX_ROWS);
}

static void by_reason(struct ds_pen *p, const struct ds_diff *d, const struct ds_diff_cluster *c, const struct section *s)
{
	struct ds_findings f = {0};

	for (size_t i = 0; i < c->findings.n; i++) {
		const struct ds_diff_finding *x = &c->findings.v[i];

		if (belongs(s, x, false) && ds_vec_push(d->a, &f.v, (x->new ? x->new : x->old)->f) < 0)
			p->out->err = DS_ENOMEM;
	}
	ds_text_unknowns(p, d->a, s->title, s->status == DS_DIFF_FIXED ? "left unknown" : "leaves unknown", &f);
}

static void findings(struct ds_pen *p, const struct ds_diff *d, const struct ds_diff_cluster *c,
		     const struct ds_text_options *o)
{
	for (size_t k = 0; k < DS_ARRAY_SIZE(sections); k++) {
		const struct section *s = &sections[k];
		size_t n = 0;

		if ((o->quiet && !s->always) || (s->verbose && o->verbose == 0))
			continue;
		for (size_t i = 0; !s->by_reason && i < c->findings.n; i++) {
			if (!belongs(s, &c->findings.v[i], o->quiet))
				continue;
			if (n == 0)
				ds_pen_title(p, s->title);
			if (n++ < MAX_ROWS)
				row(p, &c->findings.v[i]);
		}
		more(p, n);
		if (s->by_reason)
			by_reason(p, d, c, s);
	}
}

/* ---- what the clusters are ---- */

/* "old → new", on the next line where it does not fit. */
static void arrow(struct ds_pen *p, const struct ds_buf *old, const struct ds_buf *new, size_t indent, size_t used)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	ds_buf_adds(&b, ds_buf_str(old));
	ds_buf_addz(&b, " → ");
	ds_buf_adds(&b, ds_buf_str(new));
	ds_pen_wrap(p, ds_buf_str(&b), indent, used);
}

static void fact(struct ds_pen *p, const struct ds_diff_fact *f)
{
	_ds_buf_done_ struct ds_buf old = DS_BUF_INIT, new = DS_BUF_INIT;
	size_t indent = f->component ? 4 : 2;

	ds_diff_say_value(&old, f, true);
	ds_diff_say_value(&new, f, false);
	ds_out_pad(p->out, indent);
	ds_pen_ink(p, f->change == DS_DIFF_LOST ? DS_INK_YELLOW : DS_INK_BOLD, f->what);
	ds_out_addz(p->out, ": ");
	arrow(p, &old, &new, indent + 2, indent + 2 + ds_out_safe_width(ds_str_from(f->what)));
	if (f->change == DS_DIFF_LOST && f->reason && *f->reason) {
		ds_out_pad(p->out, indent + 2);
		ds_pen_wrap(p, ds_str_from(f->reason), indent + 2, indent + 2);
	}
}

static void component(struct ds_pen *p, const struct ds_saved_component *c, const char *what)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	ds_diff_say_component(&b, c);
	ds_buf_addz(&b, what);
	ds_out_addz(p->out, "  ");
	ds_pen_wrap(p, ds_buf_str(&b), 2, 2);
}

static void facts(struct ds_pen *p, const struct ds_diff_cluster *c)
{
	const struct ds_saved_component *of = NULL;
	size_t n = 0;

	if (c->facts.n || c->components.n)
		ds_pen_title(p, "What it is");
	for (size_t i = 0; i < c->facts.n; i++) {
		const struct ds_diff_fact *f = &c->facts.v[i];

		if (n++ >= MAX_ROWS)
			continue;
		if (f->component && f->component != of)
			component(p, f->component, "");
		of = f->component;
		fact(p, f);
	}
	for (size_t i = 0; i < c->components.n; i++) {
		const struct ds_diff_component *x = &c->components.v[i];

		if (n++ < MAX_ROWS)
			component(p, x->new ? x->new : x->old, x->new ? " appeared" : " is not seen any more");
	}
	more(p, n);
}

static void services(struct ds_pen *p, const struct ds_diff *d, const struct ds_diff_cluster *c)
{
	if (c->services.n)
		ds_pen_title(p, "What Services get");
	for (size_t i = 0; i < c->services.n && i < MAX_ROWS; i++) {
		const struct ds_diff_service *x = &c->services.v[i];
		const struct ds_saved_service *s = x->new ? x->new : x->old;
		_ds_buf_done_ struct ds_buf name = DS_BUF_INIT, old = DS_BUF_INIT, new = DS_BUF_INIT;

		ds_buf_printf(&name, "%s/%s", s->ns, s->name);
		ds_out_addz(p->out, "  ");
		ds_pen_str(p, DS_INK_BOLD, ds_buf_str(&name));
		ds_out_addz(p->out, ": ");
		if (x->old)
			ds_diff_say_service(&old, d, x->old, x->new);
		else
			ds_buf_addz(&old, "not there");
		if (x->new)
			ds_diff_say_service(&new, d, x->new, x->old);
		else
			ds_buf_addz(&new, "not there");
		arrow(p, &old, &new, 4, 4 + ds_out_safe_width(ds_buf_str(&name)));
	}
	more(p, c->services.n);
}

static void checks(struct ds_pen *p, const struct ds_diff_cluster *c)
{
	if (c->checks.n)
		ds_pen_title(p, "Checks that end otherwise");
	for (size_t i = 0; i < c->checks.n; i++) {
		const struct ds_diff_check *x = &c->checks.v[i];

		ds_out_addz(p->out, "  ");
		ds_pen_ink(p, DS_INK_BOLD, x->rule);
		ds_out_printf(p->out, ": %s → %s\n", x->old ? x->old : "not asked", x->new ? x->new : "not asked");
	}
}

static void cluster(struct ds_pen *p, const struct ds_diff *d, const struct ds_diff_cluster *c,
		    const struct ds_text_options *o)
{
	if (!o->quiet) {
		ds_out_addc(p->out, '\n');
		ds_pen_ink(p, DS_INK_BOLD, "Cluster ");
		ds_pen_ink(p, DS_INK_BOLD, (c->new ? c->new : c->old)->name);
		if (!c->old)
			ds_out_addz(p->out, ", which is new");
		else if (!c->new)
			ds_out_addz(p->out, ", which is not in the new report");
		else if (strcmp(c->old->name, c->new->name) != 0) {
			ds_out_addz(p->out, ", before: ");
			ds_pen_ink(p, DS_INK_PLAIN, c->old->name);
		}
		ds_out_addc(p->out, '\n');
	}
	findings(p, d, c, o);
	if (o->quiet)
		return;
	facts(p, c);
	if (o->verbose)
		checks(p, c);
	services(p, d, c);
}

static bool is_empty(const struct ds_diff_cluster *c, const struct ds_text_options *o)
{
	bool any = o->verbose || !c->old || !c->new || c->facts.n || c->components.n || c->services.n;

	for (size_t i = 0; i < c->findings.n && !any; i++)
		any = c->findings.v[i].status != DS_DIFF_UNCHANGED;
	return !any;
}

static void inputs(struct ds_pen *p, const struct ds_diff *d)
{
	if (d->inputs.n)
		ds_pen_title(p, "Inputs");
	for (size_t i = 0; i < d->inputs.n && i < MAX_ROWS; i++) {
		const struct ds_diff_input *x = &d->inputs.v[i];
		const struct ds_input *in = x->new ? &x->new->in : &x->old->in;
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

		ds_out_addz(p->out, "  ");
		ds_pen_ink(p, in->status == DS_INPUT_FAILED && x->new ? DS_INK_RED : DS_INK_PLAIN, in->name);
		if (!x->new)
			ds_buf_addz(&b, "not among the inputs any more");
		else if (!x->old)
			ds_buf_printf(&b, "new, %s (%s)", ds_input_status_name(in->status), in->type);
		else
			ds_buf_printf(&b, "%s (%s), was %s (%s)", ds_input_status_name(in->status), in->type,
				      ds_input_status_name(x->old->in.status), x->old->in.type);
		if (x->new && in->reason)
			ds_buf_printf(&b, ": %s", in->reason);
		ds_out_addz(p->out, ": ");
		ds_pen_wrap(p, ds_buf_str(&b), 4, 4 + ds_out_safe_width(ds_str_from(in->name)));
	}
	more(p, d->inputs.n);
}

void ds_diff_text(const struct ds_diff *d, const struct ds_text_options *o, struct ds_out *out)
{
	struct ds_pen p;

	ds_pen_init(&p, out, o);
	head(&p, d, o);
	for (size_t i = 0; i < d->clusters.n; i++)
		if (!is_empty(&d->clusters.v[i], o))
			cluster(&p, d, &d->clusters.v[i], o);
	if (!o->quiet)
		inputs(&p, d);
}
