#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "api/audit_priv.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/progress.h"

int ds_cli_add_inputs(struct ds_cli *c, struct ds_audit *a)
{
	for (int i = 0; i < c->n_args; i++) {
		int r = ds_audit_add_path(a, c->args[i], c->type);

		if (r < 0)
			return ds_cli_error(c, r == DS_AUDIT_EINVAL ? DS_EXIT_USAGE : DS_EXIT_INTERNAL, "%s",
					    ds_audit_error(a));
	}
	if ((c->n_args == 0 || c->host_root) && ds_audit_add_host(a, c->host_root) < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "%s", ds_audit_error(a));
	return 0;
}

/* The day on which this runs, in UTC; SOURCE_DATE_EPOCH stands for it where runs must repeat. */
static int set_today(struct ds_cli *c, struct ds_audit *a)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	time_t now = time(NULL);
	uint64_t seconds = 0;
	char date[16];
	struct tm tm;

	if (epoch && *epoch) {
		if (ds_num_u64(ds_str_from(epoch), 253402300799 /* the end of 9999 */, &seconds) < 0)
			return ds_cli_error(c, DS_EXIT_USAGE, "SOURCE_DATE_EPOCH is not a number of seconds: '%s'", epoch);
		now = (time_t)seconds;
	}
	if (!gmtime_r(&now, &tm) || strftime(date, sizeof(date), "%Y-%m-%d", &tm) == 0 || ds_audit_set_today(a, date) < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "the date is not known");
	return 0;
}

/* What is not to be heard about again. */
static int prepare_suppression(struct ds_cli *c, struct ds_audit *a)
{
	int r = c->ignore_files.n ? set_today(c, a) : 0;

	for (size_t i = 0; r == 0 && i < c->ignore.n; i++)
		if (ds_audit_ignore(a, c->ignore.v[i]) < 0)
			r = ds_cli_error(c, DS_EXIT_USAGE, "--ignore: %s", ds_audit_error(a));
	for (size_t i = 0; r == 0 && i < c->ignore_files.n; i++)
		if (ds_audit_add_ignore_file(a, c->ignore_files.v[i]) < 0)
			r = ds_cli_error(c, DS_EXIT_USAGE, "--ignore-file: %s", ds_audit_error(a));
	if (r == 0 && c->baseline && ds_audit_add_baseline(a, c->baseline) < 0)
		r = ds_cli_error(c, DS_EXIT_USAGE, "--baseline: %s", ds_audit_error(a));
	return r;
}

/* Everything the options say about a run, and its inputs. */
static int prepare(struct ds_cli *c, struct ds_audit *a)
{
	int status;

	if (c->kubernetes_version && ds_audit_set_version(a, c->kubernetes_version) < 0)
		return ds_cli_error(c, DS_EXIT_USAGE, "--kubernetes-version: %s", ds_audit_error(a));
	if (c->rules && ds_audit_add_rules(a, c->rules, true) < 0)
		return ds_cli_error(c, DS_EXIT_USAGE, "--rules: %s", ds_audit_error(a));
	for (size_t i = 0; i < c->rules_add.n; i++)
		if (ds_audit_add_rules(a, c->rules_add.v[i], false) < 0)
			return ds_cli_error(c, DS_EXIT_USAGE, "--rules-add: %s", ds_audit_error(a));
	status = prepare_suppression(c, a);
	return status != 0 ? status : ds_cli_add_inputs(c, a);
}

/* A format, or the baseline when it is NULL, to a file or standard output. */
static int write_one(struct ds_cli *c, struct ds_audit *a, const struct ds_output *o)
{
	_ds_close_ int file = -1;
	struct ds_audit_style style;
	int fd = STDOUT_FILENO, r;

	if (o->file) {
		file = open(o->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
		if (file < 0)
			return ds_cli_error(c, DS_EXIT_INTERNAL, "%s: %s", o->file, strerror(errno));
		fd = file;
	}
	style = ds_cli_style(c, fd);
	r = o->format ? ds_audit_write(a, o->format, fd, &style) : ds_audit_write_baseline(a, fd);
	if (r < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "%s%s%s", o->file ? o->file : "", o->file ? ": " : "",
				    ds_audit_error(a));
	if (file >= 0) {
		r = close(file);
		file = -1;
		if (r < 0)
			return ds_cli_error(c, DS_EXIT_INTERNAL, "%s: %s", o->file, strerror(errno));
	}
	return 0;
}

static int write_all(struct ds_cli *c, struct ds_audit *a)
{
	static const struct ds_output text = {"text", NULL};
	const struct ds_output baseline = {NULL, c->write_baseline};
	int r = c->write_baseline ? write_one(c, a, &baseline) : 0;

	if (r == 0 && c->n_outputs == 0)
		return write_one(c, a, &text);
	for (size_t i = 0; r == 0 && i < c->n_outputs; i++)
		r = write_one(c, a, &c->outputs[i]);
	return r;
}

static int status_of(const struct ds_cli *c, const struct ds_audit *a)
{
	struct ds_audit_summary s;
	size_t reached = 0;

	ds_audit_get_summary(a, &s);
	if (strcmp(c->fail_on, "never") != 0) {
		reached = s.errors;
		if (strcmp(c->fail_on, "error") != 0)
			reached += s.warnings;
		if (strcmp(c->fail_on, "info") == 0)
			reached += s.infos;
	}
	if (reached)
		return DS_EXIT_FINDINGS;
	/* A gate that was pointed at nothing must not be green. */
	if (s.incomplete || s.clusters == 0 || (c->strict && s.unknown))
		return DS_EXIT_INCOMPLETE;
	return DS_EXIT_OK;
}

int ds_cmd_audit(struct ds_cli *c)
{
	struct ds_audit *a = ds_audit_new();
	struct ds_cli_progress progress;
	bool failed;
	int r;

	if (!a)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "out of memory");
	ds_cli_progress_start(c, &progress, a);
	r = prepare(c, a);
	failed = r == 0 && ds_audit_run(a) < 0;
	ds_cli_progress_end(&progress);
	if (failed)
		r = ds_cli_error(c, DS_EXIT_INTERNAL, "%s", ds_audit_error(a));
	if (r == 0)
		r = ds_cli_spare_files(c, &a->ctx);
	if (r == 0)
		r = write_all(c, a);
	if (r == 0)
		r = status_of(c, a);
	ds_audit_free(a);
	return r;
}
