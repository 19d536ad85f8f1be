#include "cli/options.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "report/report.h"

/* ---- how values are stored: in the field that the option's row names ---- */

static void *field(struct ds_cli *c, const struct ds_option *o)
{
	return (char *)c + o->field;
}

/* What is wrong, kept with the command line; and what may have been meant. */
static const char *wrong(struct ds_cli *c, const struct ds_buf *text, const struct ds_nearest *near)
{
	(void)snprintf(c->wrong, sizeof(c->wrong), "%s%s%s%s", text->p ? text->p : "", near->best ? "; did you mean " : "",
		       near->best ? near->best : "", near->best ? "?" : "");
	return c->wrong;
}

/* "is none of error, warning and never; did you mean error?" */
static const char *none_of(struct ds_cli *c, const struct ds_word *words, const char *v)
{
	struct ds_nearest near = ds_nearest_to(ds_str_from(v));
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	ds_buf_addz(&b, "is none of ");
	ds_words_say(&b, words);
	for (; words->name; words++)
		ds_nearest_try(&near, words->name);
	return wrong(c, &b, &near);
}

static const char *store_true(struct ds_cli *c, const struct ds_option *o, const char *v)
{
	(void)v;
	*(bool *)field(c, o) = true;
	return NULL;
}

static const char *store_more(struct ds_cli *c, const struct ds_option *o, const char *v)
{
	(void)v;
	++*(unsigned *)field(c, o);
	return NULL;
}

/* The text; one of the row's words when it has some. */
static const char *store_text(struct ds_cli *c, const struct ds_option *o, const char *v)
{
	if (o->words && !ds_word_find(o->words, v))
		return none_of(c, o->words, v);
	*(const char **)field(c, o) = v;
	return NULL;
}

/* What the word stands for: the field is an enumeration. */
static const char *store_meaning(struct ds_cli *c, const struct ds_option *o, const char *v)
{
	const struct ds_word *w = ds_word_find(o->words, v);

	_Static_assert(sizeof(c->color) == sizeof(w->value) && sizeof(c->validate) == sizeof(w->value), "as wide as an int");
	if (!w)
		return none_of(c, o->words, v);
	memcpy(field(c, o), &w->value, sizeof(w->value));
	return NULL;
}

static const char *store_list(struct ds_cli *c, const struct ds_option *o, const char *v)
{
	struct ds_cli_list *l = field(c, o);

	if (l->n == DS_MAX_REPEATED)
		return o->takes == DS_VALUE_FILE ? "is one file too many; name their folder" : "is one too many";
	l->v[l->n++] = v;
	return NULL;
}

/* More than this is no preview any more. */
#define COUNT_MAX 10000

static const char *store_count(struct ds_cli *c, const struct ds_option *o, const char *v)
{
	uint64_t n;

	if (ds_num_u64(ds_str_from(v), COUNT_MAX, &n) < 0 || n == 0)
		return "is not a number from 1 to 10000";
	*(size_t *)field(c, o) = (size_t)n;
	return NULL;
}

/* "is not a report format; there are text, json and …" */
static const char *no_format(struct ds_cli *c, struct ds_str name)
{
	struct ds_nearest near = ds_nearest_to(name);
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	size_t n;
	const struct ds_format *f = ds_formats(&n);

	ds_buf_addz(&b, "is not a report format; there are ");
	for (size_t i = 0; i < n; i++) {
		ds_buf_printf(&b, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " and ", f[i].name);
		ds_nearest_try(&near, f[i].name);
	}
	return wrong(c, &b, &near);
}

static const char *store_report(struct ds_cli *c, const struct ds_option *o, const char *v)
{
	struct ds_str name = ds_str_head(ds_str_from(v), ds_str_find(ds_str_from(v), '='));
	const struct ds_format *f = ds_format_find(name);
	const char *file = v[name.n] ? v + name.n + 1 : NULL;

	(void)o;
	if (!f)
		return no_format(c, name);
	if (c->n_outputs == DS_MAX_OUTPUTS)
		return "is one report too many";
	c->outputs[c->n_outputs++] = (struct ds_output){f->name, file && strcmp(file, "-") != 0 ? file : NULL};
	if (file && !*file)
		return "names no file after '='";
	return NULL;
}

bool ds_option_repeats(const struct ds_option *o)
{
	return o->set == store_list || o->set == store_report || o->set == store_more;
}

/* ---- the options ---- */

#define IN(name) offsetof(struct ds_cli, name)

static const struct ds_word severities[] = {{.name = "error"}, {.name = "warning"}, {.name = "info"}, {.name = "never"}, {0}};
static const struct ds_word rules_formats[] = {{.name = "text"}, {.name = "json"}, {.name = "markdown"}, {0}};
static const struct ds_word colors[] = {
	{.name = "auto", .value = DS_COLOR_AUTO},
	{.name = "always", .value = DS_COLOR_ALWAYS},
	{.name = "never", .value = DS_COLOR_NEVER},
	{0},
};
static const struct ds_word validations[] = {
	{.name = "warn", .value = DS_FIELDS_WARN},
	{.name = "strict", .value = DS_FIELDS_STRICT},
	{.name = "ignore", .value = DS_FIELDS_IGNORE},
	{0},
};

const struct ds_option ds_opt_output = {
	'o', "output", "FORMAT[=FILE]", "write a report, to FILE or standard output; repeatable",
	store_report, IN(outputs), DS_VALUE_REPORT, NULL};
const struct ds_option ds_opt_fail_on = {
	'\0', "fail-on", "SEVERITY", "exit 1 from error (default), warning or info upwards, or never",
	store_text, IN(fail_on), DS_VALUE_WORD, severities};
const struct ds_option ds_opt_strict = {
	'\0', "strict", NULL, "exit 3 when a check could not be made",
	store_true, IN(strict), DS_VALUE_NONE, NULL};
const struct ds_option ds_opt_rules = {
	'\0', "rules", "DIR", "use the rules of this folder or file instead of the built-in ones",
	store_text, IN(rules), DS_VALUE_FILE, NULL};
const struct ds_option ds_opt_rules_add = {
	'\0', "rules-add", "FILE", "use these rules too; repeatable",
	store_list, IN(rules_add), DS_VALUE_FILE, NULL};
const struct ds_option ds_opt_ignore = {
	'\0', "ignore", "RULE[:PATH]", "leave a rule out, or what it finds in PATH (a glob) or on a node; repeatable",
	store_list, IN(ignore), DS_VALUE_RULE_AT, NULL};
const struct ds_option ds_opt_ignore_file = {
	'\0', "ignore-file", "FILE", "ignore what this YAML list names, with reason and expiry; repeatable",
	store_list, IN(ignore_files), DS_VALUE_FILE, NULL};
const struct ds_option ds_opt_out_file = {
	'o', "output", "FILE", "write to FILE instead of standard output",
	store_text, IN(out_file), DS_VALUE_FILE, NULL};
const struct ds_option ds_opt_node_name = {
	'\0', "node-name", "NAME", "the node's name, instead of this host's",
	store_text, IN(node_name), DS_VALUE_FREE, NULL};
const struct ds_option ds_opt_baseline = {
	'\0', "baseline", "FILE", "suppress what was found when this baseline was written",
	store_text, IN(baseline), DS_VALUE_FILE, NULL};
const struct ds_option ds_opt_write_baseline = {
	'\0', "write-baseline", "FILE", "write what is found now as a baseline",
	store_text, IN(write_baseline), DS_VALUE_FILE, NULL};
const struct ds_option ds_opt_rules_output = {
	'o', "output", "FORMAT", "text, json (list, show, explain) or markdown (doc, show, explain)",
	store_text, IN(rules_format), DS_VALUE_WORD, rules_formats};
const struct ds_option ds_opt_version_of = {
	'\0', "kubernetes-version", "VERSION", "audit as this Kubernetes version, whatever the inputs say",
	store_text, IN(kubernetes_version), DS_VALUE_VERSION, NULL};
const struct ds_option ds_opt_type = {
	'\0', "type", "TYPE", "what the inputs are, instead of finding out (ps, static-pod, bundle, …)",
	store_text, IN(type), DS_VALUE_INPUT_TYPE, NULL};
const struct ds_option ds_opt_host_root = {
	'\0', "host-root", "DIR", "read the host whose / is mounted at DIR",
	store_text, IN(host_root), DS_VALUE_FOLDER, NULL};
const struct ds_option ds_opt_color = {
	'\0', "color", "WHEN", "auto (default), always or never",
	store_meaning, IN(color), DS_VALUE_WORD, colors};
const struct ds_option ds_opt_quiet = {
	'q', "quiet", NULL, "the verdict and errors only",
	store_true, IN(quiet), DS_VALUE_NONE, NULL};
const struct ds_option ds_opt_verbose = {
	'v', "verbose", NULL, "also every input and every note",
	store_more, IN(verbose), DS_VALUE_NONE, NULL};
const struct ds_option ds_opt_service_range = {
	'\0', "service-cluster-ip-range", "CIDRS", "the API server's Service ranges, primary first",
	store_text, IN(service_range), DS_VALUE_FREE, NULL};
const struct ds_option ds_opt_services = {
	'f', "filename", "SERVICES", "preview these Services: a file, a folder or -; repeatable",
	store_list, IN(services), DS_VALUE_FILE, NULL};
const struct ds_option ds_opt_before = {
	'\0', "before", "OLD", "the stored Services that they replace: a file, a folder or -; repeatable",
	store_list, IN(before), DS_VALUE_FILE, NULL};
const struct ds_option ds_opt_dry_run = {
	'\0', "dry-run", NULL, "answer as a server-side dry run would",
	store_true, IN(dry_run), DS_VALUE_NONE, NULL};
const struct ds_option ds_opt_validate = {
	'\0', "validate", "MODE", "unknown fields: warn (default), strict as kubectl asks for, ignore",
	store_meaning, IN(validate), DS_VALUE_WORD, validations};
const struct ds_option ds_opt_feature_gates = {
	'\0', "feature-gates", "GATES", "the API server's, such as IPv6DualStack=true for 1.20",
	store_text, IN(feature_gates), DS_VALUE_FREE, NULL};
const struct ds_option ds_opt_explain = {
	'\0', "explain", NULL, "show what the API server decides, step by step",
	store_true, IN(explain), DS_VALUE_NONE, NULL};
const struct ds_option ds_opt_count = {
	'\0', "count", "N", "of how many new nodes to show the podCIDRs (8)",
	store_count, IN(count), DS_VALUE_FREE, NULL};

/* ---- reading them ---- */

static const struct ds_option *find_long(const struct ds_command *cmd, struct ds_str name)
{
	for (size_t i = 0; cmd->options[i]; i++)
		if (ds_str_eqz(name, cmd->options[i]->name))
			return cmd->options[i];
	return NULL;
}

static const char *nearest(const struct ds_command *cmd, struct ds_str name)
{
	struct ds_nearest near = ds_nearest_to(name);

	for (size_t i = 0; cmd->options[i]; i++)
		ds_nearest_try(&near, cmd->options[i]->name);
	return near.best;
}

static int store(struct ds_cli *c, const struct ds_option *o, const char *value)
{
	const char *why = o->set(c, o, value);

	if (!why)
		return 0;
	return ds_cli_error(c, DS_EXIT_USAGE, "--%s: '%s' %s", o->name, value, why);
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
