#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/audit_priv.h"
#include "cli/cli.h"
#include "cli/rules_doc.h"
#include "report/json.h"
#include "report/pen.h"
#include "rules/test.h"

/* What a subcommand of `rules` gets. */
struct rules_run {
	struct ds_cli *c;
	struct ds_audit *a;
	struct ds_out out;
	struct ds_pen pen;
	const char *format; /* NULL: the usual one */
};

static int load(struct rules_run *r)
{
	struct ds_cli *c = r->c;

	if (c->rules && ds_audit_add_rules(r->a, c->rules, true) < 0)
		return ds_cli_error(c, DS_EXIT_USAGE, "--rules: %s", ds_audit_error(r->a));
	for (size_t i = 0; i < c->rules_add.n; i++)
		if (ds_audit_add_rules(r->a, c->rules_add.v[i], false) < 0)
			return ds_cli_error(c, DS_EXIT_USAGE, "--rules-add: %s", ds_audit_error(r->a));
	if (ds_audit_load_rules(r->a) < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "%s", ds_audit_error(r->a));
	return 0;
}

static int out_of_memory(struct rules_run *r)
{
	return ds_cli_error(r->c, DS_EXIT_INTERNAL, "out of memory");
}

static bool is_format(const struct rules_run *r, const char *name)
{
	return r->format && strcmp(r->format, name) == 0;
}

/* ---- list ---- */

/* What every list of rules has of one. 0 or DS_ENOMEM. */
static int rule_fields(struct rules_run *r, struct ds_json *j, struct ds_rule *rule)
{
	const char *const *inputs;
	size_t n;

	if (ds_rule_inputs(r->a->rules_ctx.arena, rule, &inputs, &n) < 0)
		return DS_ENOMEM;
	ds_json_kv(j, "id", rule->id);
	ds_json_kv(j, "name", rule->name);
	ds_json_kv(j, "severity", ds_severity_name(rule->severity));
	ds_json_kv(j, "title", rule->title);
	ds_json_kv_strings(j, "cases", rule->cases, rule->n_cases);
	ds_json_kv(j, "versions", rule->versions);
	ds_json_kv_strings(j, "inputs", inputs, n);
	return 0;
}

static int list_json(struct rules_run *r)
{
	struct ds_json j;

	ds_json_init(&j, &r->out);
	ds_json_object(&j);
	ds_json_key(&j, "rules");
	ds_json_array(&j);
	for (size_t i = 0; i < r->a->rules.rules.n; i++) {
		ds_json_object(&j);
		if (rule_fields(r, &j, r->a->rules.rules.v[i]) < 0)
			return out_of_memory(r);
		ds_json_end_object(&j);
	}
	ds_json_end_array(&j);
	ds_json_end_object(&j);
	return DS_EXIT_OK;
}

static int cmd_list(struct rules_run *r)
{
	if (is_format(r, "json"))
		return list_json(r);
	for (size_t i = 0; i < r->a->rules.rules.n; i++) {
		const struct ds_rule *rule = r->a->rules.rules.v[i];
		size_t used = strlen(rule->id) + 2;

		ds_out_printf(&r->out, "%s  ", rule->id);
		ds_pen_ink(&r->pen, ds_pen_severity_ink(rule->severity), ds_severity_name(rule->severity));
		used += strlen(ds_severity_name(rule->severity));
		ds_out_pad(&r->out, used < 17 ? 17 - used : 1);
		ds_pen_wrap(&r->pen, ds_str_from(rule->title), 17, 17);
	}
	return DS_EXIT_OK;
}

/* ---- show ---- */

#define NEAREST 3

/* The ids and names most like what was asked for. */
static int no_such_rule(struct rules_run *r, const char *name)
{
	const struct ds_rule *best[NEAREST] = {0};
	unsigned least[NEAREST];
	char list[256] = "";
	size_t n = 0, used = 0;

	for (size_t i = 0; i < r->a->rules.rules.n; i++) {
		const struct ds_rule *rule = r->a->rules.rules.v[i];
		unsigned id = ds_str_distance(ds_str_from(name), ds_str_from(rule->id), 2);
		unsigned d = ds_str_distance(ds_str_from(name), ds_str_from(rule->name), 10);
		size_t at = DS_MIN(n, (size_t)NEAREST - 1);

		/* A name may be half remembered; what shares less than half with it is another one. */
		if (id > 2 && (d > 10 || 2 * d >= strlen(name)))
			continue;
		d = DS_MIN(id, d);
		if (n == NEAREST && d >= least[at])
			continue;
		for (; at > 0 && least[at - 1] > d; at--) {
			best[at] = best[at - 1];
			least[at] = least[at - 1];
		}
		best[at] = rule;
		least[at] = d;
		n = DS_MIN(n + 1, (size_t)NEAREST);
	}
	for (size_t i = 0; i < n && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s (%s)",
					 i == 0 ? "" : i + 1 == n ? " or " : ", ", best[i]->id, best[i]->name);
	return ds_cli_error(r->c, DS_EXIT_USAGE, "there is no rule '%s'%s%s%s", name, n ? "; did you mean " : "", list,
			    n ? "?" : "; `dsaudit rules list` lists them");
}

static void section(struct rules_run *r, const char *title, const char *text)
{
	if (!text || !*text)
		return;
	ds_pen_title(&r->pen, title);
	ds_pen_wrap(&r->pen, ds_str_from(text), ds_str_starts(ds_str_from(text), "  ") ? 0 : 2, 0);
}

/* A list as one paragraph, or each on a line of its own when sep begins with a line break. */
static void joined(struct rules_run *r, const char *title, const char *const *v, size_t n, const char *sep)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	for (size_t i = 0; i < n; i++)
		ds_buf_printf(&b, "%s%s", i ? sep : sep[0] == '\n' ? "  " : "", v[i]);
	if (n && !b.err)
		section(r, title, b.p);
}

/* An expression as one paragraph: its line breaks are layout. */
static void expression(struct rules_run *r, const char *title, struct ds_str source)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	bool gap = false;

	for (size_t i = 0; i < source.n; i++) {
		if (ds_c_is_space(source.p[i])) {
			gap = b.n > 0;
			continue;
		}
		if (gap)
			ds_buf_addc(&b, ' ');
		gap = false;
		ds_buf_addc(&b, source.p[i]);
	}
	ds_out_addz(&r->out, title);
	ds_pen_wrap(&r->pen, ds_buf_str(&b), 4, strlen(title));
}

/* Where to put what, ready to be copied. */
static void how_to_suppress(struct rules_run *r, const struct ds_rule *rule)
{
	ds_pen_title(&r->pen, "Suppress");
	ds_out_printf(&r->out,
		      "  # dsaudit:ignore=%s REASON\n    a comment on the line of the cause, or on the line above it\n"
		      "  # dsaudit:ignore-file=%s REASON\n    a comment at the top of a file, for all of it\n"
		      "  ignore.dsaudit.dev/%s: REASON\n    an annotation of a static Pod, a Service or a Node, for it alone\n"
		      "  --ignore %s:PATH\n    for one run; without :PATH everywhere\n"
		      "  - {rule: %s, target: PATH, reason: WHY, expires: YYYY-MM-DD}\n    in a file for --ignore-file\n",
		      rule->id, rule->id, rule->id, rule->id, rule->id);
}

/* How many tests of a rule expect which end. */
static void test_counts(struct ds_json *j, const struct ds_rule *rule)
{
	ds_json_key(j, "tests");
	ds_json_object(j);
	for (enum ds_status s = 0; s < DS_STATUS__COUNT; s++) {
		size_t n = 0;

		for (size_t i = 0; rule->tests && i < rule->tests->n; i++) {
			const struct ds_yaml_node *expect = ds_yaml_get(rule->tests->items[i], "expect");

			n += expect && expect->kind == DS_YAML_SCALAR && ds_str_eqz(expect->text, ds_status_name(s));
		}
		ds_json_kv_int(j, ds_status_name(s), (int64_t)n);
	}
	ds_json_end_object(j);
}

static int show_json(struct rules_run *r, struct ds_rule *rule)
{
	struct ds_json j;

	ds_json_init(&j, &r->out);
	ds_json_object(&j);
	if (rule_fields(r, &j, rule) < 0)
		return out_of_memory(r);
	ds_json_kv(&j, "why", rule->why);
	ds_json_kv(&j, "fix", rule->fix);
	ds_json_kv_strings(&j, "references", rule->references, rule->n_references);
	test_counts(&j, rule);
	ds_json_end_object(&j);
	return DS_EXIT_OK;
}

static int show(struct rules_run *r, const char *name)
{
	struct ds_rule *rule = ds_rules_find(&r->a->rules, ds_str_from(name));
	const char *const *inputs;
	size_t n;

	if (!rule)
		return no_such_rule(r, name);
	if (is_format(r, "markdown"))
		return ds_rule_markdown(&r->out, r->a->rules_ctx.arena, rule) < 0 ? out_of_memory(r) : DS_EXIT_OK;
	if (is_format(r, "json"))
		return show_json(r, rule);
	if (ds_rule_inputs(r->a->rules_ctx.arena, rule, &inputs, &n) < 0)
		return out_of_memory(r);
	ds_pen_ink(&r->pen, DS_INK_BOLD, rule->id);
	ds_out_printf(&r->out, " %s, ", rule->name);
	ds_pen_ink(&r->pen, ds_pen_severity_ink(rule->severity), ds_severity_name(rule->severity));
	if (rule->severity_expression.source.n)
		ds_out_addz(&r->out, " (depends on the facts)");
	ds_out_printf(&r->out, "\n%s\n", rule->title);
	section(r, "Why", rule->why);
	section(r, "Fix", rule->fix);
	ds_pen_title(&r->pen, "Check");
	if (rule->match.source.n)
		expression(r, "  applies when: ", rule->match.source);
	expression(r, "  passes when:  ", rule->expression.source);
	section(r, "Kubernetes versions", rule->versions[0] ? rule->versions : "all");
	joined(r, "Needs to see", inputs, n, ", ");
	joined(r, "Cases", rule->cases, rule->n_cases, ", ");
	joined(r, "References", rule->references, rule->n_references, "\n  ");
	how_to_suppress(r, rule);
	return DS_EXIT_OK;
}

static int cmd_show(struct rules_run *r)
{
	if (r->c->n_args != 2)
		return ds_cli_error(r->c, DS_EXIT_USAGE, "rules show needs one rule, by id or name");
	return show(r, r->c->args[1]);
}

/* ---- doc ---- */

static int cmd_doc(struct rules_run *r)
{
	return ds_rules_markdown(&r->out, r->a->rules_ctx.arena, &r->a->rules) < 0 ? out_of_memory(r) : DS_EXIT_OK;
}

/* ---- test ---- */

static int cmd_test(struct rules_run *r)
{
	struct ds_rule_test_results results;

	/* Files given here replace the catalogue: their tests are meant. */
	for (int i = 1; i < r->c->n_args; i++)
		if (ds_audit_add_rules(r->a, r->c->args[i], i == 1) < 0)
			return ds_cli_error(r->c, DS_EXIT_USAGE, "%s", ds_audit_error(r->a));
	if (ds_rules_run_tests(r->a->rules_ctx.arena, &r->a->rules, NULL, &results) < 0)
		return out_of_memory(r);
	for (size_t i = 0; i < results.v.n; i++) {
		const struct ds_rule_test_result *t = &results.v.v[i];

		if (t->passed && r->c->verbose == 0)
			continue;
		ds_pen_ink(&r->pen, t->passed ? DS_INK_GREEN : DS_INK_RED, t->passed ? "ok" : "FAILED");
		ds_out_printf(&r->out, " %s: %s", t->rule->id, t->name);
		if (!t->passed) {
			ds_out_addz(&r->out, "\n  ");
			ds_pen_place(&r->pen, &t->loc);
			ds_out_addz(&r->out, ": ");
			ds_out_safe(&r->out, ds_str_from(t->detail));
		}
		ds_out_addc(&r->out, '\n');
	}
	ds_out_printf(&r->out, "%zu rule%s, %zu test%s: %zu passed, %zu failed\n", r->a->rules.rules.n,
		      r->a->rules.rules.n == 1 ? "" : "s", results.v.n, results.v.n == 1 ? "" : "s",
		      results.v.n - results.failed, results.failed);
	return results.failed || results.v.n == 0 ? DS_EXIT_FINDINGS : DS_EXIT_OK;
}

/* ---- fields ---- */

static int cmd_fields(struct rules_run *r)
{
	const struct ds_cel_object_type *const *types;
	size_t n;

	if (ds_schema_types(r->a->rules_ctx.arena, &r->a->schema, &types, &n) < 0)
		return out_of_memory(r);
	for (size_t i = 0; i < n; i++) {
		ds_out_printf(&r->out, "%s", i ? "\n" : "");
		ds_pen_ink(&r->pen, DS_INK_BOLD, types[i]->name);
		ds_out_addz(&r->out, ": ");
		ds_pen_wrap(&r->pen, ds_str_from(types[i]->doc), 2, strlen(types[i]->name) + 2);
		for (size_t k = 0; k < types[i]->n_fields; k++) {
			const struct ds_cel_field *f = &types[i]->fields[k];
			const char *type = ds_cel_type_show(r->a->rules_ctx.arena, f->type);

			ds_out_printf(&r->out, "  %-30s %s\n      ", f->name, type ? type : "?");
			ds_pen_wrap(&r->pen, ds_str_from(f->doc), 6, 6);
		}
	}
	return DS_EXIT_OK;
}

/* ---- ---- */

static int run_explain(struct rules_run *r)
{
	return show(r, r->c->args[0]);
}

struct subcommand {
	const char *formats; /* what -o takes, the usual one first */
	int (*run)(struct rules_run *r);
};

enum { RULES_LIST, RULES_SHOW, RULES_DOC, RULES_TEST, RULES_FIELDS, RULES__COUNT };

const struct ds_word ds_rules_words[] = {
	{"list", "all rules, a line each", RULES_LIST, DS_VALUE_NONE},
	{"show", "one rule: why, fix, what it checks", RULES_SHOW, DS_VALUE_RULE},
	{"doc", "all of them as Markdown", RULES_DOC, DS_VALUE_NONE},
	{"test", "run the tests that rules carry", RULES_TEST, DS_VALUE_FILE},
	{"fields", "what rules can name", RULES_FIELDS, DS_VALUE_NONE},
	{0},
};

static const struct subcommand subcommands[] = {
	[RULES_LIST] = {"text json", cmd_list},
	[RULES_SHOW] = {"text json markdown", cmd_show},
	[RULES_DOC] = {"markdown", cmd_doc},
	[RULES_TEST] = {"text", cmd_test},
	[RULES_FIELDS] = {"text", cmd_fields},
};
_Static_assert(DS_ARRAY_SIZE(subcommands) == RULES__COUNT && DS_ARRAY_SIZE(ds_rules_words) == RULES__COUNT + 1,
	       "every subcommand has a name and does something");
static const struct subcommand explain = {"text json markdown", run_explain};

static bool writes(const struct subcommand *s, const char *format)
{
	struct ds_str rest = ds_str_from(s->formats), name;
	bool done = false;

	while (ds_str_split(&rest, ' ', &done, &name))
		if (ds_str_eqz(name, format))
			return true;
	return false;
}

static int with_rules(struct ds_cli *c, const char *name, const struct subcommand *s)
{
	struct rules_run r = {.c = c, .format = c->rules_format};
	struct ds_audit_style style = ds_cli_style(c, STDOUT_FILENO);
	struct ds_text_options o = {style.width, style.color, style.quiet, style.verbose};
	int status;

	if (r.format && !writes(s, r.format))
		return ds_cli_error(c, DS_EXIT_USAGE, "%s cannot be had as %s, only as: %s", name, r.format, s->formats);
	r.a = ds_audit_new();
	if (!r.a)
		return out_of_memory(&r);
	/* One rule as JSON tells how many tests it has. */
	r.a->rules_with_tests = s->run == cmd_test || (s->run != cmd_list && is_format(&r, "json"));
	ds_out_init(&r.out, STDOUT_FILENO);
	ds_pen_init(&r.pen, &r.out, &o);
	status = load(&r);
	if (status == 0)
		status = s->run(&r);
	if (ds_out_close(&r.out) < 0)
		status = ds_cli_error(c, DS_EXIT_INTERNAL, "standard output: %s", strerror(r.out.errnum));
	ds_audit_free(r.a);
	return status;
}

int ds_cmd_rules(struct ds_cli *c)
{
	const char *name = c->n_args ? c->args[0] : "list";
	const struct ds_word *w = ds_word_find(ds_rules_words, name);
	_ds_buf_done_ struct ds_buf known = DS_BUF_INIT;

	if (w && w->then == DS_VALUE_NONE && c->n_args > 1)
		return ds_cli_error(c, DS_EXIT_USAGE, "rules %s takes no argument, and has '%s'", name, c->args[1]);
	if (w)
		return with_rules(c, w->name, &subcommands[w->value]);
	ds_words_say(&known, ds_rules_words);
	return ds_cli_error(c, DS_EXIT_USAGE, "rules: there is no '%s'; there are %s", name, known.p ? known.p : "");
}

int ds_cmd_explain(struct ds_cli *c)
{
	if (c->n_args != 1)
		return ds_cli_error(c, DS_EXIT_USAGE, "explain needs one rule, by id or name");
	return with_rules(c, "explain", &explain);
}
