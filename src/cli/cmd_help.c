#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "report/out.h"
#include "report/pen.h"

/* "  --name=VALUE   what it does": what has no room on the left stands above. */
static void put_row(struct ds_pen *p, size_t column, const char *left, const char *help)
{
	size_t used = 2 + ds_out_safe_width(ds_str_from(left));

	ds_out_printf(p->out, "  %s", left);
	if (used + 1 > column) {
		ds_out_addc(p->out, '\n');
		used = 0;
	}
	ds_out_pad(p->out, column - used);
	ds_pen_wrap(p, ds_str_from(help), column, column);
}

static void put_option(struct ds_pen *p, char letter, const char *name, const char *argument, const char *help)
{
	_ds_buf_done_ struct ds_buf left = DS_BUF_INIT;

	ds_buf_printf(&left, "%c%c%s --%s%s%s", letter ? '-' : ' ', letter ? letter : ' ', letter ? "," : " ", name,
		      argument ? "=" : "", argument ? argument : "");
	put_row(p, 35, left.err ? name : left.p, help);
}

static void put_command(struct ds_pen *p, const char *program, const struct ds_command *cmd)
{
	const struct ds_format *formats;
	size_t n_formats;

	ds_out_printf(p->out, "usage: %s %s%s%s\n\n", program, cmd->name, cmd->synopsis[0] ? " " : "", cmd->synopsis);
	ds_pen_wrap(p, ds_str_from(cmd->help), 0, 0);
	if (cmd->details) {
		ds_out_addc(p->out, '\n');
		ds_pen_wrap(p, ds_str_from(cmd->details), 0, 0);
	}
	ds_out_addc(p->out, '\n');
	for (size_t i = 0; cmd->options[i]; i++)
		put_option(p, cmd->options[i]->letter, cmd->options[i]->name, cmd->options[i]->argument,
			   cmd->options[i]->help);
	put_option(p, 'h', "help", NULL, "this help");
	if (cmd != ds_commands[0])
		return; /* only audits are written in all formats */
	ds_out_addz(p->out, "\nformats:\n");
	formats = ds_formats(&n_formats);
	for (size_t i = 0; i < n_formats; i++)
		put_row(p, 16, formats[i].name, formats[i].help);
}

static void put_all(struct ds_pen *p, const char *program)
{
	_ds_buf_done_ struct ds_buf head = DS_BUF_INIT, tail = DS_BUF_INIT;

	ds_buf_printf(&head, "%s: audits the IPv4/IPv6 dual-stack configuration of Kubernetes clusters", program);
	ds_pen_wrap(p, ds_buf_str(&head), 0, 0);
	ds_out_printf(p->out, "\nusage: %s [COMMAND] [OPTION…] [ARGUMENT…]\n\n", program);
	for (size_t i = 0; ds_commands[i]; i++)
		put_row(p, 13, ds_commands[i]->name, ds_commands[i]->help);
	ds_buf_printf(&tail,
		      "Without COMMAND, %s audits. `%s COMMAND --help` lists its options.\n\n"
		      "Exit status:\n"
		      "  0  nothing at or above --fail-on\n"
		      "  1  findings reached it\n"
		      "  2  wrong usage\n"
		      "  3  the audit is incomplete, or found nothing to audit\n"
		      "  4  internal error, or the report could not be written",
		      program, program);
	ds_out_addc(p->out, '\n');
	ds_pen_wrap(p, ds_buf_str(&tail), 0, 0);
}

int ds_cli_help(const struct ds_cli *c, const struct ds_command *cmd)
{
	struct ds_audit_style style = ds_cli_style(c, STDOUT_FILENO);
	struct ds_text_options o = {style.width, style.color, style.quiet, style.verbose};
	struct ds_out out;
	struct ds_pen p;

	ds_out_init(&out, STDOUT_FILENO);
	ds_pen_init(&p, &out, &o);
	if (cmd)
		put_command(&p, c->program, cmd);
	else
		put_all(&p, c->program);
	if (ds_out_close(&out) < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "standard output: %s", strerror(out.errnum));
	return DS_EXIT_OK;
}

int ds_cmd_version(struct ds_cli *c)
{
	struct ds_out out;

	if (c->n_args)
		return ds_cli_error(c, DS_EXIT_USAGE, "version takes no arguments, and has '%s'", c->args[0]);
	ds_out_init(&out, STDOUT_FILENO);
	ds_out_printf(&out, "dsaudit %s\n", DS_VERSION);
	if (ds_out_close(&out) < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "standard output: %s", strerror(out.errnum));
	return DS_EXIT_OK;
}

int ds_cmd_help(struct ds_cli *c)
{
	const struct ds_command *cmd = c->n_args ? ds_command_find(c->args[0]) : NULL;
	const char *near;

	if (c->n_args > 1)
		return ds_cli_error(c, DS_EXIT_USAGE, "help is for one command at a time");
	if (!c->n_args || cmd)
		return ds_cli_help(c, cmd);
	near = ds_command_nearest(c->args[0]);
	return ds_cli_error(c, DS_EXIT_USAGE, "there is no command '%s'%s%s%s", c->args[0], near ? "; did you mean " : "",
			    near ? near : "", near ? "?" : "");
}
