#include "base/utf8.h"
#include "report/formats.h"
#include "report/say.h"

/*
 * Workflow commands of GitHub Actions. Everything from inputs is the value of
 * a command, escaped, so no line of ours can be taken for another command.
 */

/* Annotations of one kind that a step shows; the log has them all. */
#define SHOWN 10

enum kind { KIND_ERROR, KIND_WARNING, KIND_NOTICE, KIND__COUNT };

struct commands {
	struct ds_out *out;
	enum kind kind; /* what is written now */
	size_t n[KIND__COUNT];
	bool count; /* only count */
};

/* What the runner's parser would take for syntax, and what a log could trip over. */
static void escaped(struct ds_out *out, struct ds_str s, bool property)
{
	while (s.n > 0) {
		uint32_t c = 0;
		size_t n = ds_utf8_decode(s, &c);

		if (n && (c == '%' || c == '\n' || (property && (c == ':' || c == ','))))
			ds_out_printf(out, "%%%02X", c);
		else
			ds_out_safe(out, ds_str_head(s, n ? n : 1));
		s = ds_str_skip(s, n ? n : 1);
	}
}

static void property(struct ds_out *out, bool *first, const char *name, struct ds_str value)
{
	ds_out_addc(out, *first ? ' ' : ',');
	ds_out_printf(out, "%s=", name);
	escaped(out, value, true);
	*first = false;
}

static void number(struct ds_out *out, bool *first, const char *name, uint32_t value)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", value);
	property(out, first, name, ds_str_from(text));
}

static void command(struct commands *w, enum kind kind, const struct ds_loc *l, struct ds_str title, struct ds_str text)
{
	static const char *const names[] = {
		[KIND_ERROR] = "error", [KIND_WARNING] = "warning", [KIND_NOTICE] = "notice"};
	bool first = true;

	if (kind != w->kind && !w->count)
		return;
	w->n[kind] += w->count;
	if (w->count)
		return;
	ds_out_printf(w->out, "::%s", names[kind]);
	if (l && ds_place_in_file(l)) {
		property(w->out, &first, "file", ds_str_from(l->input->name));
		if (l->line) {
			number(w->out, &first, "line", l->line);
			number(w->out, &first, "endLine", l->line);
		}
		if (l->line && l->column) {
			number(w->out, &first, "col", l->column);
			number(w->out, &first, "endColumn", l->column + (l->length ? l->length : 1));
		}
	}
	property(w->out, &first, "title", title);
	ds_out_addz(w->out, "::");
	escaped(w->out, text, false);
	ds_out_addc(w->out, '\n');
}

static void finding(void *arg, const struct ds_report_cluster *c, const struct ds_finding *f)
{
	static const enum kind kinds[] = {
		[DS_SEVERITY_INFO] = KIND_NOTICE,
		[DS_SEVERITY_WARNING] = KIND_WARNING,
		[DS_SEVERITY_ERROR] = KIND_ERROR,
	};
	_ds_buf_done_ struct ds_buf title = DS_BUF_INIT, text = DS_BUF_INIT;
	const struct ds_loc *shown = ds_finding_in_file(f);

	(void)c;
	ds_buf_printf(&title, "%s %s", f->rule->id, f->rule->name);
	ds_say_finding(f, &text);
	for (size_t i = 0; i < f->n_locations; i++) {
		if (&f->locations[i] == shown)
			continue;
		ds_buf_addz(&text, shown ? "\nalso " : "\nin ");
		ds_say_place(&f->locations[i], &text);
	}
	if (f->fix) {
		ds_buf_addz(&text, "\nfix: ");
		ds_say_flat(&text, ds_str_from(f->fix));
	}
	command(arg, f->status == DS_STATUS_FAIL ? kinds[f->severity] : KIND_NOTICE, shown, ds_buf_str(&title),
		ds_buf_str(&text));
}

static void remark(void *arg, enum ds_level level, const char *message, const char *hint, const struct ds_loc *l)
{
	_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;

	if (level == DS_LEVEL_NOTE)
		return;
	if (!ds_place_in_file(l) && l->input) {
		ds_say_place(l, &text);
		ds_buf_addz(&text, ": ");
	}
	ds_buf_addz(&text, message);
	if (hint)
		ds_buf_printf(&text, "\nhelp: %s", hint);
	command(arg, level == DS_LEVEL_ERROR ? KIND_ERROR : KIND_WARNING, l,
		level == DS_LEVEL_ERROR ? DS_STR("input not audited") : DS_STR("about an input"), ds_buf_str(&text));
}

static void all(struct commands *w, const struct ds_report *r)
{
	ds_report_each_remark(r, remark, w);
	ds_report_each(r, finding, w);
}

static size_t beyond(size_t n)
{
	return n > SHOWN ? n - SHOWN : 0;
}

/* How many annotations a step will not show. It is the first of the notices, else it would be one of them. */
static void not_shown(struct commands *w)
{
	size_t notices = beyond(w->n[KIND_NOTICE]);

	if (notices + beyond(w->n[KIND_ERROR]) + beyond(w->n[KIND_WARNING]) == 0)
		return;
	notices = beyond(w->n[KIND_NOTICE] + 1);
	ds_out_printf(w->out,
		      "::notice title=dsaudit::not shown as annotations, but in the log of this step: "
		      "%zu errors, %zu warnings, %zu notices\n",
		      beyond(w->n[KIND_ERROR]), beyond(w->n[KIND_WARNING]), notices);
}

void ds_report_github(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out)
{
	_ds_buf_done_ struct ds_buf counts = DS_BUF_INIT;
	struct commands w = {.out = out, .count = true};
	struct ds_tally tally = ds_report_tally(r);
	enum ds_ink ink;

	(void)o;
	all(&w, r);
	w.count = false;
	for (int k = 0; k < KIND__COUNT; k++) {
		w.kind = (enum kind)k;
		if (w.kind == KIND_NOTICE)
			not_shown(&w);
		all(&w, r);
	}
	ds_say_counts(&tally, &counts);
	ds_out_printf(out, "dsaudit: %s", ds_say_verdict(&tally, &ink));
	if (counts.n)
		ds_out_addz(out, ": ");
	ds_out_add(out, ds_buf_str(&counts));
	ds_out_addz(out, ".\n");
}
