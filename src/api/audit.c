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

DS_PUBLIC int ds_audit_ignore(struct ds_audit *a, const char *rule)
{
	const struct ds_rule *found;
	int r = ds_audit_load_rules(a);
	size_t n = 0;

	if (r < 0)
		return r;
	found = ds_rules_find(&a->rules, ds_str_from(rule));
	if (!found)
		return fail(a, DS_AUDIT_EINVAL, "there is no rule '%s'", rule);
	for (size_t i = 0; i < a->rules.rules.n; i++)
		if (a->rules.rules.v[i] != found)
			a->rules.rules.v[n++] = a->rules.rules.v[i];
	a->rules.rules.n = n;
	return 0;
}

/* ---- inputs ---- */

DS_PUBLIC int ds_audit_add_path(struct ds_audit *a, const char *path, const char *type)
{
	if (type && !ds_collector_find(type))
		return fail(a, DS_AUDIT_EINVAL, "there is no input type '%s'", type);
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
	r = ds_model_build(&a->facts, &a->schema, &a->options, &a->model);
	if (r == 0)
		r = ds_report_build(&a->facts, &a->model, &a->rules, &a->report);
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
	};
}

DS_PUBLIC const char *ds_audit_format(size_t n)
{
	size_t count;
	const struct ds_format *f = ds_formats(&count);

	return n < count ? f[n].name : NULL;
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
	if (ds_out_close(&out) < 0)
		return fail(a, DS_AUDIT_EWRITE, "the report could not be written: %s",
			    out.errnum ? strerror(out.errnum) : ds_strerror(out.err));
	return 0;
}
