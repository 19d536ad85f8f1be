#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/audit_priv.h"
#include "cli/cli.h"
#include "report/json.h"
#include "report/pen.h"
#include "rules/test.h"

/* What a subcommand of `rules` gets. */
struct rules_run {
	struct ds_cli *c;
	struct ds_audit *a;
	struct ds_out out;
	struct ds_pen pen;
	bool json;
};

static int load(struct rules_run *r)
{
	struct ds_cli *c = r->c;

	if (c->rules && ds_audit_add_rules(r->a, c->rules, true) < 0)
		return ds_cli_error(c, DS_EXIT_USAGE, "%s", ds_audit_error(r->a));
	for (size_t i = 0; i < c->n_rules_add; i++)
		if (ds_audit_add_rules(r->a, c->rules_add[i], false) < 0)
			return ds_cli_error(c, DS_EXIT_USAGE, "%s", ds_audit_error(r->a));
	if (ds_audit_load_rules(r->a) < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "%s", ds_audit_error(r->a));
	return 0;
}

/* ---- list ---- */

static void json_strings(struct ds_json *j, const char *key, const char *const *v, size_t n)
{
	ds_json_key(j, key);
	ds_json_array(j);
	for (size_t i = 0; i < n; i++)
		ds_json_string(j, v[i]);
	ds_json_end_array(j);
}

/* The first elements of the lists a rule ranges over: the components it needs to see. */
static void json_inputs(struct rules_run *r, struct ds_json *j, const struct ds_rule *rule)
{
	const char *const *paths;
	size_t n;

	ds_json_key(j, "inputs");
	ds_json_array(j);
	for (size_t i = 0; i < rule->n_for_each; i++)
		if (ds_cel_program_paths(rule->for_each[i].expr.program, r->a->rules_ctx.arena, &paths, &n) == 0)
			for (size_t k = 0; k < n; k++)
				ds_json_string(j, paths[k]);
	if (ds_cel_program_paths(rule->expression.program, r->a->rules_ctx.arena, &paths, &n) == 0)
		for (size_t k = 0; k < n; k++)
			ds_json_string(j, paths[k]);
	ds_json_end_array(j);
}

static void list_json(struct rules_run *r)
{
	struct ds_json j;

	ds_json_init(&j, &r->out);
	ds_json_object(&j);
	ds_json_key(&j, "rules");
	ds_json_array(&j);
	for (size_t i = 0; i < r->a->rules.rules.n; i++) {
		const struct ds_rule *rule = r->a->rules.rules.v[i];

		ds_json_object(&j);
		ds_json_kv(&j, "id", rule->id);
		ds_json_kv(&j, "name", rule->name);
		ds_json_kv(&j, "severity", ds_severity_name(rule->severity));
		ds_json_kv(&j, "title", rule->title);
		json_strings(&j, "cases", rule->cases, rule->n_cases);
		ds_json_kv(&j, "versions", rule->versions);
		json_inputs(r, &j, rule);
		ds_json_end_object(&j);
	}
	ds_json_end_array(&j);
	ds_json_end_object(&j);
}

static int cmd_list(struct rules_run *r)
{
	if (r->json) {
		list_json(r);
		return DS_EXIT_OK;
	}
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

static int no_such_rule(struct rules_run *r, const char *name)
{
	const char *best = NULL;
	unsigned least = 4;

	for (size_t i = 0; i < r->a->rules.rules.n; i++) {
		const struct ds_rule *rule = r->a->rules.rules.v[i];
		unsigned d = ds_str_distance(ds_str_from(name), ds_str_from(rule->id), 2);
		unsigned e = ds_str_distance(ds_str_from(name), ds_str_from(rule->name), 3);

		if (DS_MIN(d, e) < least) {
			least = DS_MIN(d, e);
			best = rule->id;
		}
	}
	return ds_cli_error(r->c, DS_EXIT_USAGE, "there is no rule '%s'%s%s%s", name, best ? "; did you mean " : "",
			    best ? best : "", best ? "?" : "; `dsaudit rules list` lists them");
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

static int show(struct rules_run *r, const char *name)
{
	const struct ds_rule *rule = ds_rules_find(&r->a->rules, ds_str_from(name));

	if (!rule)
		return no_such_rule(r, name);
	ds_pen_ink(&r->pen, DS_INK_BOLD, rule->id);
	ds_out_printf(&r->out, " %s, ", rule->name);
	ds_pen_ink(&r->pen, ds_pen_severity_ink(rule->severity), ds_severity_name(rule->severity));
	if (rule->severity_expression.program)
		ds_out_addz(&r->out, " (depends on the facts)");
	ds_out_printf(&r->out, "\n%s\n", rule->title);
	section(r, "Why", rule->why);
	section(r, "Fix", rule->fix);
	ds_pen_title(&r->pen, "Check");
	if (rule->match.program)
		expression(r, "  applies when: ", rule->match.source);
	expression(r, "  passes when:  ", rule->expression.source);
	section(r, "Kubernetes versions", rule->versions);
	joined(r, "Cases", rule->cases, rule->n_cases, ", ");
	joined(r, "References", rule->references, rule->n_references, "\n  ");
	return DS_EXIT_OK;
}

static int cmd_show(struct rules_run *r)
{
	if (r->c->n_args != 2)
		return ds_cli_error(r->c, DS_EXIT_USAGE, "rules show needs one rule, by id or name");
	return show(r, r->c->args[1]);
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
		return ds_cli_error(r->c, DS_EXIT_INTERNAL, "out of memory");
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
	ds_out_printf(&r->out, "%zu rules, %zu tests: %zu passed, %zu failed\n", r->a->rules.rules.n, results.v.n,
		      results.v.n - results.failed, results.failed);
	return results.failed || results.v.n == 0 ? DS_EXIT_FINDINGS : DS_EXIT_OK;
}

/* ---- fields ---- */

static int cmd_fields(struct rules_run *r)
{
	const struct ds_cel_object_type *const *types;
	size_t n;

	if (ds_schema_types(r->a->rules_ctx.arena, &r->a->schema, &types, &n) < 0)
		return ds_cli_error(r->c, DS_EXIT_INTERNAL, "out of memory");
	for (size_t i = 0; i < n; i++) {
		ds_out_printf(&r->out, "%s", i ? "\n" : "");
		ds_pen_ink(&r->pen, DS_INK_BOLD, types[i]->name);
		ds_out_printf(&r->out, ": %s\n", types[i]->doc);
		for (size_t k = 0; k < types[i]->n_fields; k++) {
			const struct ds_cel_field *f = &types[i]->fields[k];
			const char *type = ds_cel_type_show(r->a->rules_ctx.arena, f->type);

			ds_out_printf(&r->out, "  %-30s %-24s ", f->name, type ? type : "?");
			ds_pen_wrap(&r->pen, ds_str_from(f->doc), 58, 58);
		}
	}
	return DS_EXIT_OK;
}

/* ---- ---- */

static const struct {
	const char *name;
	int (*run)(struct rules_run *r);
} subcommands[] = {
	{"list", cmd_list},
	{"show", cmd_show},
	{"test", cmd_test},
	{"fields", cmd_fields},
};

static int with_rules(struct ds_cli *c, int (*run)(struct rules_run *))
{
	struct rules_run r = {.c = c, .a = ds_audit_new()};
	struct ds_audit_style style = ds_cli_style(c, STDOUT_FILENO);
	struct ds_text_options o = {style.width, style.color, style.quiet, style.verbose};
	int status;

	if (!r.a)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "out of memory");
	r.a->rules_with_tests = run == cmd_test;
	ds_out_init(&r.out, STDOUT_FILENO);
	ds_pen_init(&r.pen, &r.out, &o);
	r.json = c->n_outputs && strcmp(c->outputs[0].format, "json") == 0;
	status = load(&r);
	if (status == 0)
		status = run(&r);
	if (ds_out_close(&r.out) < 0)
		status = ds_cli_error(c, DS_EXIT_INTERNAL, "standard output: %s", strerror(r.out.errnum));
	ds_audit_free(r.a);
	return status;
}

int ds_cmd_rules(struct ds_cli *c)
{
	const char *name = c->n_args ? c->args[0] : "list";

	for (size_t i = 0; i < DS_ARRAY_SIZE(subcommands); i++)
		if (strcmp(name, subcommands[i].name) == 0)
			return with_rules(c, subcommands[i].run);
	return ds_cli_error(c, DS_EXIT_USAGE, "rules: there is no '%s'; there are list, show, test and fields", name);
}

static int run_explain(struct rules_run *r)
{
	return show(r, r->c->args[0]);
}

int ds_cmd_explain(struct ds_cli *c)
{
	if (c->n_args != 1)
		return ds_cli_error(c, DS_EXIT_USAGE, "explain needs one rule, by id or name");
	return with_rules(c, run_explain);
}
