#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static bool is_same_file(const struct stat *a, const char *path)
{
	struct stat b;

	return stat(path, &b) == 0 && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

/* The input that a report would replace, or NULL. */
static const char *replaced_input(const struct ds_cli *c, const struct ds_ctx *ctx, const struct stat *st)
{
	for (int i = 0; !ctx && i < c->n_args; i++)
		if (is_same_file(st, c->args[i]))
			return c->args[i];
	for (size_t i = 0; i < c->services.n; i++)
		if (is_same_file(st, c->services.v[i]))
			return c->services.v[i];
	for (size_t i = 0; i < c->before.n; i++)
		if (is_same_file(st, c->before.v[i]))
			return c->before.v[i];
	/* What was skipped may be the report of the last run. */
	for (size_t i = 0; ctx && i < ctx->inputs.n; i++)
		if (ctx->inputs.v[i]->status != DS_INPUT_SKIPPED && is_same_file(st, ctx->inputs.v[i]->name))
			return ctx->inputs.v[i]->name;
	return NULL;
}

int ds_cli_spare_files(const struct ds_cli *c, const struct ds_ctx *ctx)
{
	const char *files[DS_MAX_OUTPUTS + 2];
	size_t n = 0;

	for (size_t i = 0; i < c->n_outputs; i++)
		if (c->outputs[i].file)
			files[n++] = c->outputs[i].file;
	if (c->write_baseline)
		files[n++] = c->write_baseline;
	for (size_t i = 0; i < n; i++) {
		struct stat st;
		bool exists = stat(files[i], &st) == 0;
		const char *input;

		if (exists && !S_ISREG(st.st_mode)) /* /dev/null takes any number of them */
			continue;
		input = exists ? replaced_input(c, ctx, &st) : NULL;
		if (input)
			return ds_cli_error(c, DS_EXIT_USAGE, "%s: a report would replace what it is about; write it elsewhere",
					    input);
		for (size_t k = 0; k < i; k++)
			if (exists ? is_same_file(&st, files[k]) : strcmp(files[i], files[k]) == 0)
				return ds_cli_error(c, DS_EXIT_USAGE, "%s: two reports for one file; give each its own",
						    files[i]);
	}
	return 0;
}

static int write_to(const struct ds_cli *c, const struct ds_output *o, int fd, ds_cli_writer *write, const void *what)
{
	struct ds_audit_style style = ds_cli_style(c, fd);
	struct ds_text_options options = {style.width, style.color, style.quiet, style.verbose};
	struct ds_out out;

	ds_out_init(&out, fd);
	write(what, o->format, &options, &out);
	if (ds_out_close(&out) < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "%s: %s", o->file ? o->file : "standard output",
				    out.errnum ? strerror(out.errnum) : ds_strerror(out.err));
	return 0;
}

static int write_one(const struct ds_cli *c, const struct ds_output *o, ds_cli_writer *write, const void *what)
{
	int fd, r;

	if (!o->file)
		return write_to(c, o, STDOUT_FILENO, write, what);
	fd = open(o->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "%s: %s", o->file, strerror(errno));
	r = write_to(c, o, fd, write, what);
	if (close(fd) < 0 && r == 0)
		r = ds_cli_error(c, DS_EXIT_INTERNAL, "%s: %s", o->file, strerror(errno));
	return r;
}

int ds_cli_write_all(const struct ds_cli *c, ds_cli_writer *write, const void *what)
{
	static const struct ds_output text = {"text", NULL};
	int r = 0;

	if (c->n_outputs == 0)
		return write_one(c, &text, write, what);
	for (size_t i = 0; r == 0 && i < c->n_outputs; i++)
		r = write_one(c, &c->outputs[i], write, what);
	return r;
}
