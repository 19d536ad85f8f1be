#include "report/preview_text.h"

#include "report/service_json.h"

/*
 * The preview of real Services for people. Services stream by, so the report
 * does not wait for the last: what changes, is refused or surprises is written
 * in full, the rest on a line each, both up to what anybody reads; the summary
 * ends it.
 */

#define FULL_MAX 200u
#define BRIEF_MAX 50u
#define LABEL 16u

static struct ds_preview_text_writer *self(struct ds_preview_writer *w)
{
	return (struct ds_preview_text_writer *)(void *)w;
}

static void ranges(struct ds_out *out, const struct ds_preview *p)
{
	char text[DS_CIDR_TEXT];

	for (size_t i = 0; i < p->n_ranges; i++)
		ds_out_printf(out, "%s%s", i ? "," : "", ds_cidr_format(&p->ranges[i], text));
}

static void begin(struct ds_preview_writer *writer, const struct ds_preview_run *run)
{
	struct ds_preview_text_writer *w = self(writer);

	w->run = run;
	ds_pen_init(&w->pen, w->out, &w->options);
	if (w->options.quiet)
		return;
	ds_out_printf(w->out, "Kubernetes %u.%u, Service range ", run->head.version.major, run->head.version.minor);
	ranges(w->out, &run->head);
	ds_out_addc(w->out, '\n');
}

/* ---- values ---- */

static void add_list(struct ds_buf *b, const struct ds_service_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		ds_buf_addz(b, i ? ", " : "");
		ds_buf_adds(b, l->v[i]);
	}
}

static void add_field(struct ds_buf *b, const struct ds_service_outcome *o, const char *name)
{
	const struct ds_service_field *f = ds_preview_field(o, name);

	if (f && f->kind == DS_SERVICE_LIST)
		add_list(b, &f->list);
	else if (f)
		ds_buf_adds(b, f->text);
}

/* What the request says, before any default. */
static void add_asked(struct ds_buf *b, const struct ds_service *s, const char *name)
{
	if (strcmp(name, "type") == 0)
		ds_buf_adds(b, s->type);
	else if (strcmp(name, "ipFamilyPolicy") == 0)
		ds_buf_adds(b, s->ip_family_policy.s);
	else if (strcmp(name, "ipFamilies") == 0)
		add_list(b, &s->ip_families);
	else if (s->cluster_ips.n)
		add_list(b, &s->cluster_ips);
	else
		ds_buf_adds(b, s->cluster_ip);
}

static struct ds_str or_unset(const struct ds_buf *b)
{
	return b->n ? ds_buf_str(b) : DS_STR("(not set)");
}

/* "  ipFamilies      IPv4 → IPv4, IPv6" */
static void field_line(struct ds_preview_text_writer *w, const struct ds_preview_item *it, const char *name)
{
	_ds_buf_done_ struct ds_buf was = DS_BUF_INIT;
	_ds_buf_done_ struct ds_buf is = DS_BUF_INIT;
	size_t used;

	if (it->before)
		add_field(&was, it->before, name);
	else
		add_asked(&was, it->asked, name);
	add_field(&is, &it->outcome, name);
	if (was.n == 0 && is.n == 0)
		return;
	ds_out_printf(w->out, "  %-*s", (int)LABEL, name);
	if (ds_str_eq(ds_buf_str(&was), ds_buf_str(&is))) {
		ds_out_safe(w->out, ds_buf_str(&is));
		ds_out_addc(w->out, '\n');
		return;
	}
	ds_pen_str(&w->pen, DS_INK_DIM, or_unset(&was));
	used = 2 + LABEL + ds_out_safe_width(or_unset(&was));
	if (used + 3 + ds_out_safe_width(or_unset(&is)) > w->pen.width) {
		ds_out_addc(w->out, '\n');
		ds_out_pad(w->out, LABEL);
	} else {
		ds_out_addc(w->out, ' ');
	}
	ds_out_addz(w->out, "→ ");
	ds_pen_str(&w->pen, DS_INK_GREEN, or_unset(&is));
	ds_out_addc(w->out, '\n');
}

/* ---- one Service ---- */

static size_t name(struct ds_preview_text_writer *w, const struct ds_preview_item *it)
{
	struct ds_str ns = ds_str_from(it->ns), n = it->name[0] ? ds_str_from(it->name) : DS_STR("(no name)");

	ds_pen_str(&w->pen, DS_INK_BOLD, ns);
	ds_pen_ink(&w->pen, DS_INK_BOLD, "/");
	ds_pen_str(&w->pen, DS_INK_BOLD, n);
	return ds_out_safe_width(ns) + 1 + ds_out_safe_width(n);
}

static void labelled(struct ds_preview_text_writer *w, enum ds_ink ink, const char *label, const char *text)
{
	ds_out_addz(w->out, "  ");
	ds_pen_ink(&w->pen, ink, label);
	ds_out_addz(w->out, ": ");
	ds_pen_wrap(&w->pen, ds_str_from(text), 4, 4 + strlen(label));
}

static void refusal(struct ds_preview_text_writer *w, const struct ds_preview_item *it)
{
	const struct ds_service_outcome *o = &it->outcome;
	char label[48];

	if (o->connection_dropped) {
		labelled(w, DS_INK_RED, "refused",
			 "the API server itself crashes on this request and drops the connection");
		return;
	}
	(void)snprintf(label, sizeof(label), "refused (%d %s)", o->code, o->reason);
	labelled(w, DS_INK_RED, label, o->message);
}

static void extras(struct ds_preview_text_writer *w, const struct ds_preview_item *it)
{
	static const struct {
		const char *label;
		enum ds_ink ink;
	} kinds[] = {
		[DS_SEVERITY_INFO] = {"note", DS_INK_BLUE},
		[DS_SEVERITY_WARNING] = {"warning", DS_INK_YELLOW},
		[DS_SEVERITY_ERROR] = {"error", DS_INK_RED},
	};

	for (size_t i = 0; i < it->outcome.n_warnings; i++)
		labelled(w, DS_INK_YELLOW, "the API server warns", it->outcome.warnings[i]);
	for (size_t i = 0; i < it->n_remarks; i++)
		labelled(w, kinds[it->remarks[i].severity].ink, kinds[it->remarks[i].severity].label,
			 it->remarks[i].text);
	for (size_t i = 0; w->explain && i < it->outcome.n_steps; i++) {
		char number[32];
		int n = snprintf(number, sizeof(number), "  %2zu. ", i + 1);

		ds_out_addz(w->out, number);
		ds_pen_wrap(&w->pen, ds_str_from(it->outcome.steps[i]), 6, (size_t)n);
	}
}

static void in_full(struct ds_preview_text_writer *w, const struct ds_preview_item *it)
{
	static const char *const fields[] = {"type", "ipFamilyPolicy", "ipFamilies", "clusterIPs"};

	w->in_brief = false;
	ds_out_addc(w->out, '\n');
	(void)name(w, it);
	ds_out_printf(w->out, "  %s  ", it->operation);
	if (it->loc.input) {
		ds_pen_ink(&w->pen, DS_INK_DIM, it->loc.input->name);
		ds_out_printf(w->out, ":%u", it->loc.line);
	}
	ds_out_addc(w->out, '\n');
	if (!it->outcome.accepted)
		refusal(w, it);
	for (size_t i = 0; it->outcome.accepted && i < DS_ARRAY_SIZE(fields); i++)
		field_line(w, it, fields[i]);
	extras(w, it);
}

/* "shop/web  ClusterIP SingleStack IPv4" */
static void brief(struct ds_preview_text_writer *w, const struct ds_preview_item *it)
{
	static const char *const fields[] = {"type", "ipFamilyPolicy", "ipFamilies"};
	size_t used, column = DS_MIN((size_t)40, (size_t)w->pen.width - 36);

	ds_out_addz(w->out, w->in_brief ? "" : "\n");
	w->in_brief = true;
	used = name(w, it);
	ds_out_pad(w->out, used < column ? column - used : 1);
	for (size_t i = 0; i < DS_ARRAY_SIZE(fields); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

		add_field(&b, &it->outcome, fields[i]);
		ds_out_addz(w->out, b.n && i ? " " : "");
		ds_out_safe(w->out, ds_buf_str(&b));
	}
	ds_out_addz(w->out, it->unchanged ? " (unchanged)\n" : "\n");
}

static bool is_plain(const struct ds_preview_item *it)
{
	const struct ds_service_field *f = ds_preview_field(&it->outcome, "ipFamilies");

	if (!it->outcome.accepted || it->n_remarks || it->outcome.n_warnings)
		return false;
	return it->before ? it->unchanged : !f || f->list.n < 2;
}

static void item(struct ds_preview_writer *writer, const struct ds_preview_item *it)
{
	struct ds_preview_text_writer *w = self(writer);
	bool all = w->options.verbose > 0;

	if (w->options.quiet && it->outcome.accepted)
		return;
	if (!all && !w->explain && is_plain(it)) {
		if (w->brief >= BRIEF_MAX) {
			w->more_brief++;
			return;
		}
		w->brief++;
		brief(w, it);
		return;
	}
	if (!all && w->full >= FULL_MAX) {
		w->more_full++;
		w->more_refused += !it->outcome.accepted;
		return;
	}
	w->full++;
	in_full(w, it);
}

/* ---- the summary ---- */

/* "3 refused, " and the like; nothing for none. */
static void part(struct ds_preview_text_writer *w, size_t n, enum ds_ink ink, const char *text, bool *first)
{
	char number[32];

	if (n == 0)
		return;
	ds_out_addz(w->out, *first ? "" : ", ");
	(void)snprintf(number, sizeof(number), "%zu ", n);
	ds_pen_ink(&w->pen, ink, number);
	ds_pen_ink(&w->pen, ink, text);
	*first = false;
}

static void left_out(struct ds_preview_text_writer *w)
{
	if (w->more_full)
		ds_out_printf(w->out, "\n… and %zu more in full (%zu of them refused); -v writes all of them.\n",
			      w->more_full, w->more_refused);
	if (w->more_brief)
		ds_out_printf(w->out, "%s… and %zu more of which there is nothing to say; -v writes all of them.\n",
			      w->more_full ? "" : "\n", w->more_brief);
}

static void other_kinds(struct ds_preview_text_writer *w, const struct ds_service_stream *s)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	size_t told = 0;

	if (s->n_other == 0)
		return;
	ds_buf_printf(&b, "%zu of other kinds skipped", s->n_other);
	for (size_t i = 0; i < s->n_kinds; i++) {
		ds_buf_printf(&b, "%s%zu ", i ? ", " : ": ", s->kinds[i].n);
		ds_buf_adds(&b, s->kinds[i].kind);
		told += s->kinds[i].n;
	}
	if (told && told < s->n_other)
		ds_buf_printf(&b, ", %zu more", s->n_other - told);
	ds_out_addz(w->out, "  ");
	ds_pen_wrap(&w->pen, ds_buf_str(&b), 4, 4);
}

static void updates(struct ds_preview_text_writer *w, const struct ds_preview_run *run)
{
	const struct ds_preview_counts *c = &run->counts;
	size_t unpaired = run->n_stored - run->n_paired;
	bool first = true;

	if (run->n_stored == 0)
		return;
	ds_out_printf(w->out, "  %zu %s, %zu %s", c->updated, c->updated == 1 ? "update" : "updates", c->created,
		      c->created == 1 ? "create" : "creates");
	ds_out_addz(w->out, c->becomes_dual || c->becomes_single || c->unchanged ? ": " : "");
	part(w, c->becomes_dual, DS_INK_GREEN, c->becomes_dual == 1 ? "becomes dual-stack" : "become dual-stack", &first);
	part(w, c->becomes_single, DS_INK_YELLOW, c->becomes_single == 1 ? "becomes single-stack" : "become single-stack",
	     &first);
	part(w, c->unchanged, DS_INK_PLAIN, "unchanged", &first);
	ds_out_addc(w->out, '\n');
	if (unpaired)
		ds_out_printf(w->out, "  %zu stored %s no counterpart in the input\n", unpaired,
			      unpaired == 1 ? "Service has" : "Services have");
}

static void end(struct ds_preview_writer *writer, const struct ds_preview_run *run)
{
	struct ds_preview_text_writer *w = self(writer);
	const struct ds_preview_counts *c = &run->counts;
	size_t failed = run->stream.n_failed + run->before.n_failed;
	bool first = true;

	left_out(w);
	ds_out_addz(w->out, w->full || w->brief ? "\n" : "");
	ds_out_printf(w->out, "%zu %s", c->services, c->services == 1 ? "Service" : "Services");
	ds_out_addz(w->out, c->services ? ": " : "");
	part(w, c->refused, DS_INK_RED, "refused", &first);
	part(w, c->dual, DS_INK_GREEN, "dual-stack", &first);
	part(w, c->single, DS_INK_PLAIN, "single-stack", &first);
	part(w, c->none, DS_INK_PLAIN, "without families", &first);
	ds_out_addc(w->out, '\n');
	if (c->severity[DS_SEVERITY_WARNING]) {
		first = true;
		ds_out_addz(w->out, "  ");
		part(w, c->severity[DS_SEVERITY_WARNING], DS_INK_YELLOW,
		     c->severity[DS_SEVERITY_WARNING] == 1 ? "warning" : "warnings", &first);
		ds_out_addc(w->out, '\n');
	}
	updates(w, run);
	other_kinds(w, &run->stream);
	if (run->seen.full)
		ds_out_addz(w->out, "  Too many to compare all names and addresses with each other.\n");
	if (failed) {
		ds_pen_ink(&w->pen, DS_INK_YELLOW, "  Not everything could be read: ");
		ds_out_addz(w->out, "what is missing here is not known to be good.\n");
	}
}

void ds_preview_text_writer(struct ds_preview_text_writer *w, struct ds_out *out, const struct ds_text_options *o,
			    bool explain)
{
	*w = (struct ds_preview_text_writer){
		.writer = {begin, item, end}, .out = out, .options = *o, .explain = explain};
}

/* ---- JSON ---- */

static void json_begin(struct ds_preview_writer *writer, const struct ds_preview_run *run)
{
	struct ds_preview_json_writer *w = (struct ds_preview_json_writer *)(void *)writer;

	ds_json_init(&w->json, w->out);
	ds_service_json_begin(&w->json, &run->head);
}

static void json_item(struct ds_preview_writer *writer, const struct ds_preview_item *it)
{
	ds_service_json_item(&((struct ds_preview_json_writer *)(void *)writer)->json, it);
}

static void json_end(struct ds_preview_writer *writer, const struct ds_preview_run *run)
{
	(void)run;
	ds_service_json_end(&((struct ds_preview_json_writer *)(void *)writer)->json);
}

void ds_preview_json_writer(struct ds_preview_json_writer *w, struct ds_out *out)
{
	*w = (struct ds_preview_json_writer){.writer = {json_begin, json_item, json_end}, .out = out};
}
