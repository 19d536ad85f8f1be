#include <stdio.h>

#include "cli/cli.h"
#include "report/report.h"

void ds_cli_usage(const struct ds_cli *c, const struct ds_command *cmd)
{
	const struct ds_format *formats;
	size_t n_formats;

	(void)printf("usage: %s %s %s\n\n%s\n", c->program, cmd->name, cmd->synopsis, cmd->help);
	if (cmd->details)
		(void)printf("\n%s\n", cmd->details);
	(void)printf("\n");
	for (size_t i = 0; cmd->options[i]; i++) {
		const struct ds_option *o = cmd->options[i];
		char left[64];

		(void)snprintf(left, sizeof(left), "%c%c%s --%s%s%s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
			       o->letter ? "," : " ", o->name, o->argument ? "=" : "", o->argument ? o->argument : "");
		(void)printf("  %-32s %s\n", left, o->help);
	}
	(void)printf("  -h, --help                       this help\n");
	if (cmd != ds_commands[0])
		return; /* only audits are written in all formats */
	(void)printf("\nformats:\n");
	formats = ds_formats(&n_formats);
	for (size_t i = 0; i < n_formats; i++)
		(void)printf("  %-13s %s\n", formats[i].name, formats[i].help);
}

void ds_cli_help(const struct ds_cli *c)
{
	(void)printf("%s: audits the IPv4/IPv6 dual-stack configuration of Kubernetes clusters\n\n"
		     "usage: %s [COMMAND] [OPTION…] [ARGUMENT…]\n\n", c->program, c->program);
	for (size_t i = 0; ds_commands[i]; i++)
		(void)printf("  %-10s %s\n", ds_commands[i]->name, ds_commands[i]->help);
	(void)printf("\nWithout COMMAND, %s audits. `%s COMMAND --help` lists its options.\n"
		     "Exit status: 0 nothing at or above --fail-on; 1 findings reached it; 2 usage;\n"
		     "3 the audit is incomplete; 4 internal error, or the report could not be written.\n",
		     c->program, c->program);
}

int ds_cmd_version(struct ds_cli *c)
{
	(void)c;
	(void)printf("dsaudit %s\n", DS_VERSION);
	return DS_EXIT_OK;
}

int ds_cmd_help(struct ds_cli *c)
{
	const struct ds_command *cmd = c->n_args ? ds_command_find(c->args[0]) : NULL;

	if (c->n_args && !cmd)
		return ds_cli_error(c, DS_EXIT_USAGE, "there is no command '%s'", c->args[0]);
	if (cmd)
		ds_cli_usage(c, cmd);
	else
		ds_cli_help(c);
	return DS_EXIT_OK;
}
