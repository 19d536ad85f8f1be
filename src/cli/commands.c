#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"

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
static const struct ds_option *const diff_options[] = {
	&ds_opt_output, &ds_opt_fail_on, &ds_opt_strict, &ds_opt_color, &ds_opt_quiet, &ds_opt_verbose, NULL,
};
static const struct ds_option *const rules_options[] = {
	&ds_opt_rules_output, &ds_opt_rules, &ds_opt_rules_add, &ds_opt_color, &ds_opt_verbose, NULL,
};
static const struct ds_option *const no_options[] = {NULL};

static const struct ds_command audit_command = {
	"audit", "[INPUT…]", "audit inputs, or this host when there are none",
	"INPUT is a file, a folder or - for standard input: a saved `ps -ef`, static pod\n"
	"manifests, a recorded node bundle. What it is, is found out from its content.",
	audit_options, ds_cmd_audit, DS_VALUE_FILE, NULL};
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
	preview_options, ds_cmd_preview, DS_VALUE_FILE, NULL};
static const struct ds_command nodes_command = {
	"nodes", "[INPUT…]", "how many nodes fit, and the podCIDRs that the next ones get",
	"What kube-controller-manager's node IPAM hands out with the flags of the INPUTs (this\n"
	"host's when there are none), what Service ranges take away, and which Nodes among the\n"
	"INPUTs stay single-stack. Add `kubectl get nodes -o json` to have the podCIDRs of the\n"
	"Nodes there are taken into account.\n\n"
	"Exit status: 3 when whether podCIDRs are handed out is not known, or some input could\n"
	"not be read; 0 otherwise.",
	nodes_options, ds_cmd_nodes, DS_VALUE_FILE, NULL};
static const struct ds_command collect_command = {
	"collect", "", "write this node's facts as a bundle, to audit elsewhere or with other nodes'",
	"The bundle has what an audit looks at and nothing else: flags of the components with\n"
	"the values that concern the network, fields of their configuration files by a list of\n"
	"what is allowed, addresses, routes, sysctls, network plugins' families and ranges. No\n"
	"tokens, keys, certificates or passwords.\n"
	"Bundles of many nodes can be put in one folder, or one after the other in one file.\n\n"
	"Exit status: 3 when something could not be read, which is said; 0 otherwise.",
	collect_options, ds_cmd_collect, DS_VALUE_NONE, NULL};
static const struct ds_command diff_command = {
	"diff", "OLD NEW", "what two reports differ in: what is new, fixed, or not known any more",
	"OLD and NEW are reports of `dsaudit audit -o json`; one of them may be - for standard\n"
	"input. A finding that is gone because its input could not be read, or its component is\n"
	"not seen any more, is not fixed: it is unknown. Written as text, json or markdown.\n\n"
	"Exit status: 1 when findings at or above --fail-on are new, or became worse (a higher\n"
	"severity, more places). 3 when an input could not be read that could be before, or was\n"
	"not there; with --strict also when anything is not known any more. 4 when a report cannot\n"
	"be read. 0 otherwise.",
	diff_options, ds_cmd_diff, DS_VALUE_FILE, NULL};
static const struct ds_command rules_command = {
	"rules", "[list | show RULE | doc | test [FILE…] | fields]", "list the rules, show one or all, run their tests, list what they can name",
	"doc writes all of them as Markdown. What rules look like: dsaudit-rules(5).", rules_options, ds_cmd_rules, DS_VALUE_WORD, ds_rules_words};
static const struct ds_command explain_command = {
	"explain", "RULE", "why a rule exists, what breaks, how to fix it", NULL, rules_options, ds_cmd_explain, DS_VALUE_RULE, NULL};
static const struct ds_command completion_command = {
	"completion", "bash | zsh | fish", "print a script that makes a shell complete dsaudit's words",
	"In this shell:\n"
	"  source <(dsaudit completion bash)\n"
	"  source <(dsaudit completion zsh)\n"
	"  dsaudit completion fish | source\n"
	"For good, the same in ~/.bashrc, in ~/.zshrc after compinit, or in "
	"~/.config/fish/config.fish. `meson install` puts them where the shells look by themselves.",
	no_options, ds_cmd_completion, DS_VALUE_WORD, ds_shell_words};
static const struct ds_command version_command = {"version", "", "print the version", NULL, no_options, ds_cmd_version, DS_VALUE_NONE, NULL};
static const struct ds_command help_command = {"help", "[COMMAND]", "help for a command", NULL, no_options, ds_cmd_help, DS_VALUE_COMMAND, NULL};

const struct ds_command *const ds_commands[] = {
	&audit_command, &preview_command, &nodes_command, &collect_command, &diff_command, &rules_command, &explain_command,
	&completion_command, &version_command, &help_command, NULL,
};

const struct ds_command *ds_command_find(const char *name)
{
	for (size_t i = 0; ds_commands[i]; i++)
		if (strcmp(name, ds_commands[i]->name) == 0)
			return ds_commands[i];
	return NULL;
}

const char *ds_command_nearest(const char *name)
{
	struct ds_nearest near = ds_nearest_to(ds_str_from(name));

	for (size_t i = 0; ds_commands[i]; i++)
		ds_nearest_try(&near, ds_commands[i]->name);
	return near.best;
}
