#include "dsaudit/dsaudit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/audit_priv.h"
#include "base/file.h"
#include "base/limits.h"
#include "collect/collect.h"

/* A rule file is written by people; one this large is not a rule file. */
#define RULE_FILE_MAX ((size_t)4 << 20)

static int fail(struct ds_audit *a, int code, const char *fmt, ...) DS_PRINTF(3, 4);

static int fail(struct ds_audit *a, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(a->error, sizeof(a->error), fmt, ap);
	va_end(ap);
	return code;
}

/* The public code for one of ours. */
static int translate(struct ds_audit *a, int r)
{
	if (r == 0)
		return 0;
	if (r == DS_ENOMEM)
		return fail(a, DS_AUDIT_ENOMEM, "%s", ds_strerror(r));
	return fail(a, DS_AUDIT_EINVAL, "%s", ds_strerror(r));
}

/* The first error diagnostic about rules, as "file:line:col: message". */
static int rules_failed(struct ds_audit *a, int r)
{
	const struct ds_ctx *c = &a->rules_ctx;

	if (r == DS_ENOMEM)
		return translate(a, r);
	for (size_t i = 0; i < c->diags.n; i++) {
		const struct ds_diag *d = &c->diags.v[i];

		if (d->level == DS_LEVEL_ERROR)
			return fail(a, DS_AUDIT_ERULES, "%s:%u:%u: %s", d->loc.input ? d->loc.input->name : "rules",
				    d->loc.line, d->loc.column, d->message);
	}
	return fail(a, DS_AUDIT_ERULES, "the rules cannot be read");
}

DS_PUBLIC struct ds_audit *ds_audit_new(void)
{
	struct ds_audit *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	if (ds_ctx_init(&a->ctx, 0) < 0 || ds_ctx_init(&a->rules_ctx, 0) < 0 ||
	    ds_schema_init(a->rules_ctx.arena, &a->schema) < 0) {
		ds_audit_free(a);
		return NULL;
	}
	a->rules.schema = &a->schema;
	ds_suppress_init(&a->suppressions, a->rules_ctx.arena, &a->rules);
	ds_facts_init(&a->facts, &a->ctx);
	return a;
}

DS_PUBLIC void ds_audit_free(struct ds_audit *a)
{
	if (!a)
		return;
	ds_ctx_done(&a->ctx);
	ds_ctx_done(&a->rules_ctx);
	free(a);
}

DS_PUBLIC const char *ds_audit_error(const struct ds_audit *a)
{
	return a->error;
}

DS_PUBLIC int ds_audit_set_version(struct ds_audit *a, const char *version)
{
	struct ds_kube_version v;

	if (ds_kube_version_parse(ds_str_from(version), &v) < 0)
		return fail(a, DS_AUDIT_EINVAL, "'%s' is not a Kubernetes version such as 1.%d", version, DS_KUBE_NEWEST);
	if (v.major != 1 || v.minor < DS_KUBE_OLDEST || v.minor > DS_KUBE_NEWEST)
		return fail(a, DS_AUDIT_EINVAL, "Kubernetes %u.%u is not known; 1.%d to 1.%d are", v.major, v.minor,
			    DS_KUBE_OLDEST, DS_KUBE_NEWEST);
	a->options.has_version = true;
	a->options.version = v;
	a->facts.minor = v.minor;
	return 0;
}

DS_PUBLIC void ds_audit_set_progress(struct ds_audit *a, void (*fn)(void *data, const char *what, size_t done, size_t total),
				     void *data)
{
	a->ctx.progress = (struct ds_progress){fn, data};
	a->rules.progress = a->ctx.progress;
}

/* ---- rules ---- */

int ds_audit_load_rules(struct ds_audit *a)
{
	int r;

	if (a->rules_loaded)
		return 0;
	r = ds_rules_load_builtin(&a->rules_ctx, &a->rules, a->rules_with_tests);
	a->rules_loaded = true;
	return r < 0 ? rules_failed(a, r) : 0;
}

static int load_rule_file(struct ds_audit *a, const char *path)
{
	struct ds_input *input = ds_ctx_input(&a->rules_ctx, path, "rules");
	const char *what = NULL;
	int r;

	if (!input)
		return translate(a, DS_ENOMEM);
	r = ds_file_read(a->rules_ctx.arena, AT_FDCWD, path, RULE_FILE_MAX, &input->text, &what);
	if (r == DS_ENOTREG)
		return fail(a, DS_AUDIT_ERULES, "%s: is %s, not a file of rules", path, what ? what : "special");
	if (r < 0)
		return fail(a, DS_AUDIT_ERULES, "%s: %s", path, ds_strerror(r));
	r = ds_rules_load(&a->rules_ctx, input, input->text, &a->rules);
	return r < 0 ? rules_failed(a, r) : 0;
}

static int is_yaml(const struct dirent *e)
{
	struct ds_str name = ds_str_from(e->d_name);

	return name.p[0] != '.' && (ds_str_ends(name, ".yaml") || ds_str_ends(name, ".yml"));
}

static int load_rule_folder(struct ds_audit *a, const char *path)
{
	struct dirent **names;
	int n = scandir(path, &names, is_yaml, alphasort), r = 0;

	if (n < 0)
		return fail(a, DS_AUDIT_ERULES, "%s: %s", path, strerror(errno));
	for (int i = 0; i < n; i++) {
		const char *file = r == 0 ? ds_arena_printf(a->rules_ctx.arena, "%s/%s", path, names[i]->d_name) : NULL;

		if (r == 0)
			r = file ? load_rule_file(a, file) : translate(a, DS_ENOMEM);
		free(names[i]);
	}
	free(names);
	if (r == 0 && n == 0)
		return fail(a, DS_AUDIT_ERULES, "%s: no *.yaml in this folder", path);
	return r;
}

DS_PUBLIC int ds_audit_add_rules(struct ds_audit *a, const char *path, bool replace)
{
	struct stat st;
	int r = 0;

	if (replace) {
		a->rules.rules.n = 0;
		a->rules_loaded = true;
	} else {
		r = ds_audit_load_rules(a);
	}
	if (r < 0)
		return r;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return load_rule_folder(a, path);
	return load_rule_file(a, path);
}

/* ---- suppression ---- */

DS_PUBLIC int ds_audit_ignore(struct ds_audit *a, const char *rule)
{
	struct ds_str text = ds_str_from(rule), id = ds_str_head(text, ds_str_find(text, ':'));
	struct ds_ignore g = {.by = DS_BY_IGNORE, .reason = "it is ignored for this run"};
	int r = ds_audit_load_rules(a);

	if (r < 0)
		return r;
	g.rule = ds_rules_known(&a->rules, id);
	if (!g.rule)
		return fail(a, DS_AUDIT_EINVAL, "there is no rule '%.*s'", DS_STR_ARG(id));
	if (id.n == text.n)
		return translate(a, ds_rules_leave_out(a->rules_ctx.arena, &a->rules, id));
	if (id.n + 1 == text.n)
		return fail(a, DS_AUDIT_EINVAL, "'%s' has no path after ':'", rule);
	g.target = ds_arena_strdup(a->rules_ctx.arena, rule + id.n + 1);
	if (!g.target)
		return translate(a, DS_ENOMEM);
	return translate(a, ds_vec_push(a->rules_ctx.arena, &a->suppressions.ignores, g));
}

typedef int (*load_fn)(struct ds_suppressions *, struct ds_ctx *, const struct ds_input *, struct ds_str);

static int load_file(struct ds_audit *a, const char *path, const char *type, size_t max, load_fn load)
{
	int r = ds_audit_load_rules(a);
	struct ds_input *input = r == 0 ? ds_ctx_input(&a->rules_ctx, path, type) : NULL;
	const char *what = NULL;

	if (r < 0)
		return r;
	if (!input)
		return translate(a, DS_ENOMEM);
	r = ds_file_read(a->rules_ctx.arena, AT_FDCWD, path, max, &input->text, &what);
	if (r < 0)
		return fail(a, DS_AUDIT_EINVAL, "%s: %s%s", path, what ? "is " : "", what ? what : ds_strerror(r));
	r = load(&a->suppressions, &a->rules_ctx, input, input->text);
	return r < 0 ? rules_failed(a, r) : 0;
}

DS_PUBLIC int ds_audit_add_ignore_file(struct ds_audit *a, const char *path)
{
	return load_file(a, path, "ignore-file", RULE_FILE_MAX, ds_suppress_load_ignores);
}

DS_PUBLIC int ds_audit_add_baseline(struct ds_audit *a, const char *path)
{
	/* Written by us, and as long as there are findings. */
	return load_file(a, path, "baseline", DS_LIMIT_FILE_BYTES, ds_suppress_load_baseline);
}

DS_PUBLIC int ds_audit_set_today(struct ds_audit *a, const char *date)
{
	if (!ds_suppress_is_date(ds_str_from(date)))
		return fail(a, DS_AUDIT_EINVAL, "'%s' is not a date such as 2027-01-31", date);
	a->suppressions.today = ds_arena_strdup(a->rules_ctx.arena, date);
	return a->suppressions.today ? 0 : translate(a, DS_ENOMEM);
}

/* ---- inputs ---- */

static int no_type(struct ds_audit *a, const char *type)
{
	_ds_buf_done_ struct ds_buf known = DS_BUF_INIT;
	size_t n;
	const struct ds_collector *c = ds_collectors(&n);

	for (size_t i = 0; i < n; i++)
		ds_buf_printf(&known, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " and ", c[i].type);
	return fail(a, DS_AUDIT_EINVAL, "there is no input type '%s'; there are %s", type, known.p ? known.p : "");
}

DS_PUBLIC int ds_audit_add_path(struct ds_audit *a, const char *path, const char *type)
{
	if (type && !ds_collector_find(type))
		return no_type(a, type);
	return translate(a, ds_collect_path(&a->facts, path, type, STDIN_FILENO));
}

DS_PUBLIC int ds_audit_add_host(struct ds_audit *a, const char *root)
{
	a->facts.live = true;
	return translate(a, ds_collect_processes(&a->facts, root ? root : ""));
}

/* ---- the run ---- */

DS_PUBLIC int ds_audit_run(struct ds_audit *a)
{
	int r = ds_audit_load_rules(a);

	if (r < 0)
		return r;
	r = ds_collect_finish(&a->facts);
	if (r < 0)
		return translate(a, r);
	r = ds_model_build(&a->facts, &a->schema, &a->options, &a->model);
	if (r == 0)
		r = ds_report_build(&a->facts, &a->model, &a->rules, &a->suppressions, &a->report);
	return translate(a, r);
}

DS_PUBLIC void ds_audit_get_summary(const struct ds_audit *a, struct ds_audit_summary *ret)
{
	const struct ds_summary *s = &a->report.summary;

	*ret = (struct ds_audit_summary){
		.clusters = a->report.clusters.n,
		.errors = s->severity[DS_SEVERITY_ERROR],
		.warnings = s->severity[DS_SEVERITY_WARNING],
		.infos = s->severity[DS_SEVERITY_INFO],
		.unknown = s->unknown,
		.passed = s->passed,
		.not_applicable = s->not_applicable,
		.incomplete = a->report.incomplete,
		.suppressed = s->suppressed,
	};
}

DS_PUBLIC const char *ds_audit_format(size_t n)
{
	size_t count;
	const struct ds_format *f = ds_formats(&count);

	return n < count ? f[n].name : NULL;
}

static int close_out(struct ds_audit *a, struct ds_out *out, const char *what)
{
	if (ds_out_close(out) < 0)
		return fail(a, DS_AUDIT_EWRITE, "the %s could not be written: %s", what,
			    out->errnum ? strerror(out->errnum) : ds_strerror(out->err));
	return 0;
}

DS_PUBLIC int ds_audit_write(struct ds_audit *a, const char *format, int fd, const struct ds_audit_style *style)
{
	const struct ds_format *f = ds_format_find(ds_str_from(format));
	struct ds_text_options o = {0};
	struct ds_out out;

	if (!f)
		return fail(a, DS_AUDIT_EINVAL, "there is no report format '%s'", format);
	if (style)
		o = (struct ds_text_options){style->width, style->color, style->quiet, style->verbose};
	ds_out_init(&out, fd);
	f->write(&a->report, &o, &out);
	return close_out(a, &out, "report");
}

DS_PUBLIC int ds_audit_write_baseline(struct ds_audit *a, int fd)
{
	struct ds_out out;

	ds_out_init(&out, fd);
	ds_report_baseline(&a->report, &out);
	return close_out(a, &out, "baseline");
}
