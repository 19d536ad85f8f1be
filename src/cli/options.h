#ifndef DS_CLI_OPTIONS_H
#define DS_CLI_OPTIONS_H

#include "cli/cli.h"

/* Every option there is; commands name the ones they take. */
extern const struct ds_option ds_opt_output, ds_opt_fail_on, ds_opt_strict, ds_opt_rules, ds_opt_rules_add,
	ds_opt_ignore, ds_opt_version_of, ds_opt_type, ds_opt_host_root, ds_opt_color, ds_opt_quiet, ds_opt_verbose,
	ds_opt_service_range, ds_opt_explain, ds_opt_count, ds_opt_services, ds_opt_before, ds_opt_dry_run, ds_opt_validate,
	ds_opt_feature_gates, ds_opt_ignore_file, ds_opt_baseline, ds_opt_write_baseline, ds_opt_rules_output, ds_opt_out_file,
	ds_opt_node_name;

/* May it be given several times, to more effect than once? */
bool ds_option_repeats(const struct ds_option *o);

/*
 * Reads options and arguments: GNU style, --opt=value and --opt value, short
 * options may be joined, "--" ends them. Returns 0 (go on), 1 (help was asked
 * for) or DS_EXIT_USAGE after saying what is wrong.
 */
int ds_options_parse(struct ds_cli *c, const struct ds_command *command, int argc, char **argv);

#endif
