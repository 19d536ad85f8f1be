#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/cli.h"
#include "cli/options.h"

static const struct ds_option *const audit_options[] = {
	&ds_opt_output, &ds_opt_fail_on, &ds_opt_strict,  &ds_opt_version_of, &ds_opt_type,  &ds_opt_host_root, &ds_opt_rules,
	&ds_opt_rules_add, &ds_opt_ignore, &ds_opt_color, &ds_opt_quiet,      &ds_opt_verbose, NULL,
};
static const struct ds_option *const preview_options[] = {
	&ds_opt_output, &ds_opt_service_range, &ds_opt_version_of, &ds_opt_type, &ds_opt_explain, &ds_opt_color, NULL,
};
static const struct ds_option *const rules_options[] = {
	&ds_opt_output, &ds_opt_rules, &ds_opt_rules_add, &ds_opt_color, &ds_opt_verbose, NULL,
};
static const struct ds_option *const no_options[] = {NULL};

static const struct ds_command audit_command = {
	"audit", "[INPUT…]", "audit inputs, or this host when there are none",
	"INPUT is a file, a folder or - for standard input: a saved `ps -ef`, static pod\n"
	"manifests, a recorded node bundle. What it is, is found out from its content.",
	audit_options, ds_cmd_audit};
static const struct ds_command preview_command = {
	"preview", "[INPUT…]", "what a new Service gets: every policy, shape and choice of families",
	"The Service ranges come from the INPUTs, or from --service-cluster-ip-range.", preview_options, ds_cmd_preview};
static const struct ds_command rules_command = {
	"rules", "[list | show RULE | test [FILE…] | fields]", "list the rules, show one, run their tests, list what they can name",
	NULL, rules_options, ds_cmd_rules};
static const struct ds_command explain_command = {
	"explain", "RULE", "why a rule exists, what breaks, how to fix it", NULL, rules_options, ds_cmd_explain};
static const struct ds_command version_command = {"version", "", "print the version", NULL, no_options, ds_cmd_version};
static const struct ds_command help_command = {"help", "[COMMAND]", "help for a command", NULL, no_options, ds_cmd_help};

const struct ds_command *const ds_commands[] = {
	&audit_command, &preview_command, &rules_command, &explain_command, &version_command, &help_command, NULL,
};

int ds_cli_error(const struct ds_cli *c, int status, const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "%s: ", c->program);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	if (status == DS_EXIT_USAGE)
		(void)fprintf(stderr, "Try '%s --help'.\n", c->program);
	return status;
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

void ds_cli_usage(const struct ds_command *cmd)
{
	(void)printf("usage: dsaudit %s %s\n\n%s\n", cmd->name, cmd->synopsis, cmd->help);
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
}

void ds_cli_help(void)
{
	(void)printf("dsaudit: audits the IPv4/IPv6 dual-stack configuration of Kubernetes clusters\n\n"
		     "usage: dsaudit [COMMAND] [OPTION…] [ARGUMENT…]\n\n");
	for (size_t i = 0; ds_commands[i]; i++)
		(void)printf("  %-10s %s\n", ds_commands[i]->name, ds_commands[i]->help);
	(void)printf("\nWithout COMMAND, dsaudit audits. `dsaudit COMMAND --help` lists its options.\n"
		     "Exit status: 0 nothing at or above --fail-on; 1 findings reached it; 2 usage;\n"
		     "3 the audit is incomplete; 4 internal error, or the report could not be written.\n");
}

static const struct ds_command *find_command(const char *name)
{
	for (size_t i = 0; ds_commands[i]; i++)
		if (strcmp(name, ds_commands[i]->name) == 0)
			return ds_commands[i];
	return NULL;
}

int ds_cmd_version(struct ds_cli *c)
{
	(void)c;
	(void)printf("dsaudit %s\n", DS_VERSION);
	return DS_EXIT_OK;
}

int ds_cmd_help(struct ds_cli *c)
{
	const struct ds_command *cmd = c->n_args ? find_command(c->args[0]) : NULL;

	if (c->n_args && !cmd)
		return ds_cli_error(c, DS_EXIT_USAGE, "there is no command '%s'", c->args[0]);
	if (cmd)
		ds_cli_usage(cmd);
	else
		ds_cli_help();
	return DS_EXIT_OK;
}

/* Standard output may be a full disk or a closed pipe: then nothing above is true. */
static int close_stdout(const struct ds_cli *c, int status)
{
	bool failed = ferror(stdout) != 0;

	if (fclose(stdout) != 0 || failed)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "standard output: %s", strerror(errno));
	return status;
}

int main(int argc, char **argv)
{
	struct ds_cli c = {.program = "dsaudit", .fail_on = "error"};
	const struct ds_command *cmd = argc > 1 ? find_command(argv[1]) : NULL;
	int skip = cmd ? 2 : 1, r;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		ds_cli_help();
		return close_stdout(&c, DS_EXIT_OK);
	}
	if (argc > 1 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0))
		return close_stdout(&c, ds_cmd_version(&c));
	if (!cmd)
		cmd = ds_commands[0];
	r = argc > skip ? ds_options_parse(&c, cmd, argc - skip, argv + skip) : 0;
	if (r == 1) {
		ds_cli_usage(cmd);
		return close_stdout(&c, DS_EXIT_OK);
	}
	if (r != 0)
		return r;
	return close_stdout(&c, cmd->run(&c));
}
