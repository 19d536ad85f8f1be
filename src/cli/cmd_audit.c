#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cli.h"

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

/* Everything the options say about a run, and its inputs. */
static int prepare(struct ds_cli *c, struct ds_audit *a)
{
	if (c->kubernetes_version && ds_audit_set_version(a, c->kubernetes_version) < 0)
		return ds_cli_error(c, DS_EXIT_USAGE, "--kubernetes-version: %s", ds_audit_error(a));
	if (c->rules && ds_audit_add_rules(a, c->rules, true) < 0)
		return ds_cli_error(c, DS_EXIT_USAGE, "%s", ds_audit_error(a));
	for (size_t i = 0; i < c->n_rules_add; i++)
		if (ds_audit_add_rules(a, c->rules_add[i], false) < 0)
			return ds_cli_error(c, DS_EXIT_USAGE, "%s", ds_audit_error(a));
	for (size_t i = 0; i < c->n_ignore; i++)
		if (ds_audit_ignore(a, c->ignore[i]) < 0)
			return ds_cli_error(c, DS_EXIT_USAGE, "--ignore: %s", ds_audit_error(a));
	return ds_cli_add_inputs(c, a);
}

static int write_one(struct ds_cli *c, struct ds_audit *a, const struct ds_output *o)
{
	_ds_close_ int file = -1;
	struct ds_audit_style style;
	int fd = STDOUT_FILENO;

	if (o->file) {
		file = open(o->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
		if (file < 0)
			return ds_cli_error(c, DS_EXIT_INTERNAL, "%s: %s", o->file, strerror(errno));
		fd = file;
	}
	style = ds_cli_style(c, fd);
	if (ds_audit_write(a, o->format, fd, &style) < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "%s%s%s", o->file ? o->file : "", o->file ? ": " : "",
				    ds_audit_error(a));
	if (file >= 0) {
		int r = close(file);

		file = -1;
		if (r < 0)
			return ds_cli_error(c, DS_EXIT_INTERNAL, "%s: %s", o->file, strerror(errno));
	}
	return 0;
}

static int write_all(struct ds_cli *c, struct ds_audit *a)
{
	static const struct ds_output text = {"text", NULL};
	int r = 0;

	if (c->n_outputs == 0)
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
	if (s.incomplete || (c->strict && s.unknown))
		return DS_EXIT_INCOMPLETE;
	return DS_EXIT_OK;
}

int ds_cmd_audit(struct ds_cli *c)
{
	struct ds_audit *a = ds_audit_new();
	int r;

	if (!a)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "out of memory");
	r = prepare(c, a);
	if (r == 0 && ds_audit_run(a) < 0)
		r = ds_cli_error(c, DS_EXIT_INTERNAL, "%s", ds_audit_error(a));
	if (r == 0)
		r = write_all(c, a);
	if (r == 0)
		r = status_of(c, a);
	ds_audit_free(a);
	return r;
}
