#include "report/formats.h"
#include "report/say.h"

/* Lines as compilers write them: editors and CI matchers jump to the place. */

static void place(struct ds_out *out, const struct ds_loc *l)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	if (l->pid && !ds_place_in_file(l))
		ds_buf_printf(&b, "%s/%d", l->input ? l->input->name : "/proc", (int)l->pid);
	else if (l->input)
		ds_say_place(&(struct ds_loc){.input = l->input, .line = l->line, .column = l->column}, &b);
	else
		ds_buf_addz(&b, "dsaudit");
	ds_out_safe(out, ds_buf_str(&b));
	ds_out_addz(out, ": ");
}

static void line(struct ds_out *out, const struct ds_loc *l, const char *level, const char *lead, const char *text,
		 const char *id)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	ds_say_flat(&b, ds_str_from(text));
	place(out, l);
	ds_out_printf(out, "%s: %s", level, lead);
	ds_out_safe(out, ds_buf_str(&b));
	if (id) {
		ds_out_addz(out, " [");
		ds_out_safe(out, ds_str_from(id));
		ds_out_addc(out, ']');
	}
	ds_out_addc(out, '\n');
}

static void finding(void *arg, const struct ds_report_cluster *c, const struct ds_finding *f)
{
	static const char *const levels[] = {
		[DS_SEVERITY_INFO] = "note",
		[DS_SEVERITY_WARNING] = "warning",
		[DS_SEVERITY_ERROR] = "error",
	};
	static const struct ds_loc nowhere;
	const struct ds_loc *first = ds_finding_in_file(f);
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_out *out = arg;

	(void)c;
	if (!first)
		first = f->n_locations ? &f->locations[0] : &nowhere;
	ds_say_finding(f, &b);
	line(out, first, f->status == DS_STATUS_FAIL ? levels[f->severity] : "warning", "", b.p ? b.p : "",
	     f->rule->id);
	for (size_t i = 0; i < f->n_locations; i++)
		if (&f->locations[i] != first)
			line(out, &f->locations[i], "note", "the other place is here", "", NULL);
	if (f->fix)
		line(out, first, "note", "fix: ", f->fix, NULL);
}

static void remark(void *arg, enum ds_level level, const char *message, const char *hint, const struct ds_loc *l)
{
	line(arg, l, ds_level_name(level), "", message, NULL);
	if (hint)
		line(arg, l, "note", "", hint, NULL);
}

void ds_report_gcc(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out)
{
	(void)o;
	ds_report_each_remark(r, remark, out);
	ds_report_each(r, finding, out);
}
