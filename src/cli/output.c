#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

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
