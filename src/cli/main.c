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
#include "report/out.h"
#include "report/report.h"

static const struct ds_option *const audit_options[] = {
	&ds_opt_output, &ds_opt_fail_on, &ds_opt_strict,  &ds_opt_version_of, &ds_opt_type,  &ds_opt_host_root, &ds_opt_rules,
	&ds_opt_rules_add, &ds_opt_ignore, &ds_opt_ignore_file, &ds_opt_baseline, &ds_opt_write_baseline, &ds_opt_color,
	&ds_opt_quiet, &ds_opt_verbose, NULL,
};
static const struct ds_option *const preview_options[] = {
	&ds_opt_services, &ds_opt_before, &ds_opt_output, &ds_opt_fail_on, &ds_opt_service_range, &ds_opt_version_of,
	&ds_opt_feature_gates, &ds_opt_dry_run, &ds_opt_validate, &ds_opt_type, &ds_opt_explain, &ds_opt_color,
	&ds_opt_quiet, &ds_opt_verbose, NULL,
};
static const struct ds_option *const nodes_options[] = {
	&ds_opt_count, &ds_opt_output, &ds_opt_version_of, &ds_opt_type, &ds_opt_host_root, &ds_opt_color, &ds_opt_quiet,
	&ds_opt_verbose, NULL,
};
static const struct ds_option *const collect_options[] = {
	&ds_opt_out_file, &ds_opt_host_root, &ds_opt_node_name, &ds_opt_quiet, NULL,
};
static const struct ds_option *const rules_options[] = {
	&ds_opt_rules_output, &ds_opt_rules, &ds_opt_rules_add, &ds_opt_color, &ds_opt_verbose, NULL,
};
static const struct ds_option *const no_options[] = {NULL};

static const struct ds_command audit_command = {
	"audit", "[INPUT…]", "audit inputs, or this host when there are none",
	"INPUT is a file, a folder or - for standard input: a saved `ps -ef`, static pod\n"
	"manifests, a recorded node bundle. What it is, is found out from its content.",
	audit_options, ds_cmd_audit};
static const struct ds_command preview_command = {
	"preview", "[INPUT…] [-f SERVICES]", "what Services get on a cluster, or what every kind of new Service gets",
	"SERVICES are YAML or JSON: manifests, `kubectl get svc -A -o json`, the output of helm\n"
	"template or kustomize build; other kinds in it are skipped and counted. Each Service is\n"
	"decided on its own, in the API server's words. With --before, a Service whose namespace\n"
	"and name are stored is an update (PUT, as kubectl replace does it), any other a create.\n"
	"Without -f: every policy, shape and choice of families.\n\n"
	"The cluster is that of the INPUTs (this host's when there are none); with\n"
	"--service-cluster-ip-range and --kubernetes-version no INPUT is needed.\n\n"
	"Exit status: 1 when a Service is refused (--fail-on=error, the default), or warned about\n"
	"or remarked on (--fail-on=warning, info); --fail-on=never: not for any answer. 3 when a\n"
	"part of the input could not be read; 0 otherwise.",
	preview_options, ds_cmd_preview};
static const struct ds_command nodes_command = {
	"nodes", "[INPUT…]", "how many nodes fit, and the podCIDRs that the next ones get",
	"What kube-controller-manager's node IPAM hands out with the flags of the INPUTs (this\n"
	"host's when there are none), what Service ranges take away, and which Nodes among the\n"
	"INPUTs stay single-stack. Add `kubectl get nodes -o json` to have the podCIDRs of the\n"
	"Nodes there are taken into account.\n\n"
	"Exit status: 3 when whether podCIDRs are handed out is not known, or some input could\n"
	"not be read; 0 otherwise.",
	nodes_options, ds_cmd_nodes};
static const struct ds_command collect_command = {
	"collect", "", "write this node's facts as a bundle, to audit elsewhere or with other nodes'",
	"The bundle has what an audit looks at and nothing else: flags of the components with\n"
	"the values that concern the network, fields of their configuration files by a list of\n"
	"what is allowed, addresses, sysctls. No tokens, keys, certificates or passwords.\n"
	"Bundles of many nodes can be put in one folder, or one after the other in one file.\n\n"
	"Exit status: 3 when something could not be read, which is said; 0 otherwise.",
	collect_options, ds_cmd_collect};
static const struct ds_command rules_command = {
	"rules", "[list | show RULE | doc | test [FILE…] | fields]", "list the rules, show one or all, run their tests, list what they can name",
	"doc writes all of them as Markdown. What rules look like: dsaudit-rules(5).", rules_options, ds_cmd_rules};
static const struct ds_command explain_command = {
	"explain", "RULE", "why a rule exists, what breaks, how to fix it", NULL, rules_options, ds_cmd_explain};
static const struct ds_command version_command = {"version", "", "print the version", NULL, no_options, ds_cmd_version};
static const struct ds_command help_command = {"help", "[COMMAND]", "help for a command", NULL, no_options, ds_cmd_help};

const struct ds_command *const ds_commands[] = {
	&audit_command, &preview_command, &nodes_command, &collect_command, &rules_command, &explain_command, &version_command,
	&help_command, NULL,
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
		ds_cli_usage(c, cmd);
	else
		ds_cli_help(c);
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

/* kubectl finds `kubectl-dualstack` for `kubectl dualstack`: a dash separates words, an underscore is a dash. */
static const char *program_name(const char *path, char buf[static 64])
{
	struct ds_str name = ds_str_basename(ds_str_from(path));

	if (!ds_str_starts(name, "kubectl-") || name.n >= 64)
		return "dsaudit";
	for (size_t i = 0; i <= name.n; i++)
		buf[i] = (char)(i == name.n ? '\0' : name.p[i] == '-' ? ' ' : name.p[i] == '_' ? '-' : name.p[i]);
	return buf;
}

int main(int argc, char **argv)
{
	char program[64];
	struct ds_cli c = {.program = program_name(argc > 0 ? argv[0] : "", program), .fail_on = "error"};
	const struct ds_command *cmd = argc > 1 ? find_command(argv[1]) : NULL;
	int skip = cmd ? 2 : 1, r;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		ds_cli_help(&c);
		return close_stdout(&c, DS_EXIT_OK);
	}
	if (argc > 1 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0))
		return close_stdout(&c, ds_cmd_version(&c));
	if (!cmd)
		cmd = ds_commands[0];
	r = argc > skip ? ds_options_parse(&c, cmd, argc - skip, argv + skip) : 0;
	if (r == 1) {
		ds_cli_usage(&c, cmd);
		return close_stdout(&c, DS_EXIT_OK);
	}
	if (r != 0)
		return r;
	return close_stdout(&c, cmd->run(&c));
}
