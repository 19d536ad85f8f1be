#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "report/out.h"

int ds_cli_error(const struct ds_cli *c, int status, const char *fmt, ...)
{
	_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;
	struct ds_out out;
	va_list ap;

	va_start(ap, fmt);
	ds_buf_vprintf(&text, fmt, ap);
	va_end(ap);
	ds_out_init(&out, STDERR_FILENO);
	ds_out_printf(&out, "%s: ", c->program);
	ds_out_safe(&out, ds_buf_str(&text));
	ds_out_addc(&out, '\n');
	if (status == DS_EXIT_USAGE)
		ds_out_printf(&out, "Try '%s %s%s--help'.\n", c->program, c->command ? c->command->name : "",
			      c->command ? " " : "");
	if (ds_out_close(&out) < 0)
		return status; /* nobody is left to tell */
	return status;
}

void ds_cli_diag(const struct ds_cli *c, const struct ds_diag *d)
{
	struct ds_out out;

	ds_out_init(&out, STDERR_FILENO);
	ds_out_printf(&out, "%s: ", c->program);
	if (d->loc.input) {
		ds_out_safe(&out, ds_str_from(d->loc.input->name));
		if (d->loc.line)
			ds_out_printf(&out, ":%u", d->loc.line);
		if (d->loc.line && d->loc.column)
			ds_out_printf(&out, ":%u", d->loc.column);
		ds_out_addz(&out, ": ");
	}
	ds_out_printf(&out, "%s: ", ds_level_name(d->level));
	ds_out_safe(&out, ds_str_from(d->message));
	if (d->hint) {
		ds_out_addz(&out, " (");
		ds_out_safe(&out, ds_str_from(d->hint));
		ds_out_addc(&out, ')');
	}
	ds_out_addc(&out, '\n');
	if (ds_out_close(&out) < 0)
		return; /* nobody is left to tell */
}

static bool env_set(const char *name)
{
	const char *v = getenv(name);

	return v && *v;
}

/* https://no-color.org and the CLICOLOR convention; --color beats both. */
static bool wants_color(const struct ds_cli *c, int fd)
{
	const char *term = getenv("TERM"), *force = getenv("CLICOLOR_FORCE"), *clicolor = getenv("CLICOLOR");

	if (c->color != DS_COLOR_AUTO)
		return c->color == DS_COLOR_ALWAYS;
	if (env_set("NO_COLOR"))
		return false;
	if (force && *force && strcmp(force, "0") != 0)
		return true;
	if (clicolor && strcmp(clicolor, "0") == 0)
		return false;
	return isatty(fd) && !(term && strcmp(term, "dumb") == 0);
}

struct ds_audit_style ds_cli_style(const struct ds_cli *c, int fd)
{
	struct ds_audit_style s = {.color = wants_color(c, fd), .quiet = c->quiet, .verbose = c->verbose};
	struct winsize w;

	if (isatty(fd) && ioctl(fd, TIOCGWINSZ, &w) == 0)
		s.width = w.ws_col;
	return s;
}
