#include "cli/options.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "report/report.h"

/* "is not a report format; there are text, json and …" */
static const char *no_format(struct ds_cli *c)
{
	struct ds_buf b = DS_BUF_INIT;
	size_t n;
	const struct ds_format *f = ds_formats(&n);

	ds_buf_addz(&b, "is not a report format; there are ");
	for (size_t i = 0; i < n; i++)
		ds_buf_printf(&b, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " and ", f[i].name);
	(void)snprintf(c->wrong, sizeof(c->wrong), "%s", b.p ? b.p : "");
	ds_buf_done(&b);
	return c->wrong;
}

static const char *set_output(struct ds_cli *c, const char *v)
{
	struct ds_str name = ds_str_head(ds_str_from(v), ds_str_find(ds_str_from(v), '='));
	const struct ds_format *f = ds_format_find(name);

	if (!f)
		return no_format(c);
	if (c->n_outputs == DS_MAX_OUTPUTS)
		return "is one report too many";
	c->outputs[c->n_outputs++] = (struct ds_output){f->name, v[name.n] ? v + name.n + 1 : NULL};
	if (v[name.n] && !v[name.n + 1])
		return "names no file after '='";
	return NULL;
}

static const char *set_fail_on(struct ds_cli *c, const char *v)
{
	static const char *const known[] = {"error", "warning", "info", "never"};

	for (size_t i = 0; i < DS_ARRAY_SIZE(known); i++) {
		if (strcmp(v, known[i]) == 0) {
			c->fail_on = v;
			return NULL;
		}
	}
	return "is not a severity; there are error, warning, info and never";
}

static const char *set_color(struct ds_cli *c, const char *v)
{
	if (strcmp(v, "auto") == 0)
		c->color = DS_COLOR_AUTO;
	else if (strcmp(v, "always") == 0)
		c->color = DS_COLOR_ALWAYS;
	else if (strcmp(v, "never") == 0)
		c->color = DS_COLOR_NEVER;
	else
		return "must be auto, always or never";
	return NULL;
}

static const char *set_rules_add(struct ds_cli *c, const char *v)
{
	if (c->n_rules_add == DS_MAX_REPEATED)
		return "is one rule file too many";
	c->rules_add[c->n_rules_add++] = v;
	return NULL;
}

static const char *set_ignore(struct ds_cli *c, const char *v)
{
	if (c->n_ignore == DS_MAX_REPEATED)
		return "is one rule too many";
	c->ignore[c->n_ignore++] = v;
	return NULL;
}

static const char *set_ignore_file(struct ds_cli *c, const char *v)
{
	if (c->n_ignore_files == DS_MAX_REPEATED)
		return "is one file too many";
	c->ignore_files[c->n_ignore_files++] = v;
	return NULL;
}

/* What the rules themselves are shown as. */
static const char *set_rules_output(struct ds_cli *c, const char *v)
{
	static const char *const known[] = {"text", "json", "markdown"};

	for (size_t i = 0; i < DS_ARRAY_SIZE(known); i++) {
		if (strcmp(v, known[i]) == 0) {
			c->outputs[0] = (struct ds_output){known[i], NULL};
			c->n_outputs = 1;
			return NULL;
		}
	}
	return "is not a format of rules; there are text, json and markdown";
}

static const char *set_services(struct ds_cli *c, const char *v)
{
	if (c->n_services == DS_MAX_REPEATED)
		return "is one file too many; name their folder";
	c->services[c->n_services++] = v;
	return NULL;
}

static const char *set_before(struct ds_cli *c, const char *v)
{
	if (c->n_before == DS_MAX_REPEATED)
		return "is one file too many; name their folder";
	c->before[c->n_before++] = v;
	return NULL;
}

static const char *set_validate(struct ds_cli *c, const char *v)
{
	static const struct {
		const char *name;
		enum ds_service_field_validation mode;
	} modes[] = {{"warn", DS_FIELDS_WARN}, {"strict", DS_FIELDS_STRICT}, {"ignore", DS_FIELDS_IGNORE}};

	for (size_t i = 0; i < DS_ARRAY_SIZE(modes); i++) {
		if (strcmp(v, modes[i].name) == 0) {
			c->validate = modes[i].mode;
			return NULL;
		}
	}
	return "must be warn, strict or ignore";
}

/* More than this is no preview any more. */
#define COUNT_MAX 10000

static const char *set_count(struct ds_cli *c, const char *v)
{
	uint64_t n;

	if (ds_num_u64(ds_str_from(v), COUNT_MAX, &n) < 0 || n == 0)
		return "is not a number from 1 to 10000";
	c->count = (size_t)n;
	return NULL;
}

#define STORE(function, field, value)                                                                       \
	static const char *function(struct ds_cli *c, const char *v)                                        \
	{                                                                                                   \
		(void)v;                                                                                    \
		c->field = value;                                                                           \
		return NULL;                                                                                \
	}

STORE(set_strict, strict, true)
STORE(set_quiet, quiet, true)
STORE(set_explain, explain, true)
STORE(set_verbose, verbose, c->verbose + 1)
STORE(set_rules, rules, v)
STORE(set_out_file, out_file, v)
STORE(set_node_name, node_name, v)
STORE(set_baseline, baseline, v)
STORE(set_write_baseline, write_baseline, v)
STORE(set_version_of, kubernetes_version, v)
STORE(set_type, type, v)
STORE(set_host_root, host_root, v)
STORE(set_service_range, service_range, v)
STORE(set_feature_gates, feature_gates, v)
STORE(set_dry_run, dry_run, true)

const struct ds_option ds_opt_output = {
	'o', "output", "FORMAT[=FILE]", "write a report, to FILE or standard output; repeatable", set_output};
const struct ds_option ds_opt_fail_on = {
	'\0', "fail-on", "SEVERITY", "exit 1 from error (default), warning or info upwards, or never", set_fail_on};
const struct ds_option ds_opt_strict = {
	'\0', "strict", NULL, "exit 3 when a check could not be made", set_strict};
const struct ds_option ds_opt_rules = {
	'\0', "rules", "DIR", "use the rules of this folder or file instead of the built-in ones", set_rules};
const struct ds_option ds_opt_rules_add = {
	'\0', "rules-add", "FILE", "use these rules too; repeatable", set_rules_add};
const struct ds_option ds_opt_ignore = {
	'\0', "ignore", "RULE[:PATH]", "leave a rule out, or what it finds in PATH (a glob) or on a node; repeatable",
	set_ignore};
const struct ds_option ds_opt_ignore_file = {
	'\0', "ignore-file", "FILE", "ignore what this YAML list names, with reason and expiry; repeatable", set_ignore_file};
const struct ds_option ds_opt_out_file = {
	'o', "output", "FILE", "write to FILE instead of standard output", set_out_file};
const struct ds_option ds_opt_node_name = {
	'\0', "node-name", "NAME", "the node's name, instead of this host's", set_node_name};
const struct ds_option ds_opt_baseline = {
	'\0', "baseline", "FILE", "suppress what was found when this baseline was written", set_baseline};
const struct ds_option ds_opt_write_baseline = {
	'\0', "write-baseline", "FILE", "write what is found now as a baseline", set_write_baseline};
const struct ds_option ds_opt_rules_output = {
	'o', "output", "FORMAT", "text, json (list) or markdown (doc, show, explain)", set_rules_output};
const struct ds_option ds_opt_version_of = {
	'\0', "kubernetes-version", "VERSION", "audit as this Kubernetes version, whatever the inputs say", set_version_of};
const struct ds_option ds_opt_type = {
	'\0', "type", "TYPE", "what the inputs are, instead of finding out (ps, static-pod, bundle, …)", set_type};
const struct ds_option ds_opt_host_root = {
	'\0', "host-root", "DIR", "read the host whose / is mounted at DIR", set_host_root};
const struct ds_option ds_opt_color = {
	'\0', "color", "WHEN", "auto (default), always or never", set_color};
const struct ds_option ds_opt_quiet = {
	'q', "quiet", NULL, "the verdict and errors only", set_quiet};
const struct ds_option ds_opt_verbose = {
	'v', "verbose", NULL, "also every input and every note", set_verbose};
const struct ds_option ds_opt_service_range = {
	'\0', "service-cluster-ip-range", "CIDRS", "the API server's Service ranges, primary first", set_service_range};
const struct ds_option ds_opt_services = {
	'f', "filename", "SERVICES", "preview these Services: a file, a folder or -; repeatable", set_services};
const struct ds_option ds_opt_before = {
	'\0', "before", "OLD", "the stored Services that they replace: a file, a folder or -; repeatable", set_before};
const struct ds_option ds_opt_dry_run = {
	'\0', "dry-run", NULL, "answer as a server-side dry run would", set_dry_run};
const struct ds_option ds_opt_validate = {
	'\0', "validate", "MODE", "unknown fields: warn (default), strict as kubectl asks for, ignore", set_validate};
const struct ds_option ds_opt_feature_gates = {
	'\0', "feature-gates", "GATES", "the API server's, such as IPv6DualStack=true for 1.20", set_feature_gates};
const struct ds_option ds_opt_explain = {
	'\0', "explain", NULL, "show what the API server decides, step by step", set_explain};

const struct ds_option ds_opt_count = {
	'\0', "count", "N", "of how many new nodes to show the podCIDRs (8)", set_count};

static const struct ds_option *find_long(const struct ds_command *cmd, struct ds_str name)
{
	for (size_t i = 0; cmd->options[i]; i++)
		if (ds_str_eqz(name, cmd->options[i]->name))
			return cmd->options[i];
	return NULL;
}

static const char *nearest(const struct ds_command *cmd, struct ds_str name)
{
	const char *best = NULL;
	unsigned least = 4;

	for (size_t i = 0; cmd->options[i]; i++) {
		unsigned d = ds_str_distance(name, ds_str_from(cmd->options[i]->name), 3);

		if (d < least) {
			least = d;
			best = cmd->options[i]->name;
		}
	}
	return best;
}

static int store(struct ds_cli *c, const struct ds_option *o, const char *value)
{
	const char *wrong = o->set(c, value);

	if (!wrong)
		return 0;
	return ds_cli_error(c, DS_EXIT_USAGE, "--%s: '%s' %s", o->name, value, wrong);
}

/* One "--name…"; *i is the index of the argument and moves past a separate value. */
static int parse_long(struct ds_cli *c, const struct ds_command *cmd, int argc, char **argv, int *i)
{
	struct ds_str text = ds_str_from(argv[*i] + 2);
	size_t eq = ds_str_find(text, '=');
	struct ds_str name = ds_str_head(text, eq);
	const struct ds_option *o = find_long(cmd, name);
	const char *value = eq < text.n ? argv[*i] + 2 + eq + 1 : NULL;

	if (ds_str_eqz(name, "help"))
		return 1;
	if (!o) {
		const char *close = nearest(cmd, name);

		return ds_cli_error(c, DS_EXIT_USAGE, "%s: there is no option --%.*s%s%s%s", cmd->name,
				    DS_STR_ARG(name), close ? "; did you mean --" : "", close ? close : "",
				    close ? "?" : "");
	}
	if (!o->argument && value)
		return ds_cli_error(c, DS_EXIT_USAGE, "--%s takes no value", o->name);
	if (o->argument && !value) {
		if (*i + 1 >= argc)
			return ds_cli_error(c, DS_EXIT_USAGE, "--%s needs %s", o->name, o->argument);
		value = argv[++*i];
	}
	return store(c, o, value);
}

/* A cluster of short options, "-qo json". */
static int parse_short(struct ds_cli *c, const struct ds_command *cmd, int argc, char **argv, int *i)
{
	for (const char *p = argv[*i] + 1; *p; p++) {
		const struct ds_option *o = NULL;
		const char *value = NULL;
		int r;

		if (*p == 'h')
			return 1;
		for (size_t k = 0; cmd->options[k]; k++)
			if (cmd->options[k]->letter == *p)
				o = cmd->options[k];
		if (!o)
			return ds_cli_error(c, DS_EXIT_USAGE, "%s: there is no option -%c", cmd->name, *p);
		if (o->argument) {
			if (p[1])
				value = p + 1;
			else if (*i + 1 < argc)
				value = argv[++*i];
			else
				return ds_cli_error(c, DS_EXIT_USAGE, "-%c needs %s", *p, o->argument);
		}
		r = store(c, o, value);
		if (r != 0 || o->argument)
			return r;
	}
	return 0;
}

static int check_outputs(const struct ds_cli *c)
{
	size_t on_stdout = 0;

	for (size_t i = 0; i < c->n_outputs; i++)
		on_stdout += !c->outputs[i].file;
	if (on_stdout > 1)
		return ds_cli_error(c, DS_EXIT_USAGE, "two reports for standard output; give one of them a file: -o json=FILE");
	return 0;
}

int ds_options_parse(struct ds_cli *c, const struct ds_command *cmd, int argc, char **argv)
{
	bool ended = false;

	c->args = argv;
	c->n_args = 0;
	for (int i = 0; i < argc; i++) {
		int r = 0;

		if (!ended && strcmp(argv[i], "--") == 0)
			ended = true;
		else if (!ended && strncmp(argv[i], "--", 2) == 0)
			r = parse_long(c, cmd, argc, argv, &i);
		else if (!ended && argv[i][0] == '-' && argv[i][1])
			r = parse_short(c, cmd, argc, argv, &i);
		else
			argv[c->n_args++] = argv[i];
		if (r != 0)
			return r;
	}
	return check_outputs(c);
}
