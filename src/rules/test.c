#include "rules/test.h"

#include "collect/bundle.h"
#include "rules/eval.h"
#include "yaml/scalar.h"

struct expectation {
	struct ds_str name, status, severity, message;
};

static int fail(struct ds_arena *a, struct ds_rule_test_result *t, const char *fmt, ...) DS_PRINTF(3, 4);

static int fail(struct ds_arena *a, struct ds_rule_test_result *t, const char *fmt, ...)
{
	va_list ap;

	t->passed = false;
	va_start(ap, fmt);
	t->detail = ds_arena_vprintf(a, fmt, ap);
	va_end(ap);
	return t->detail ? 0 : DS_ENOMEM;
}

static int compare(struct ds_arena *a, const struct expectation *e, const struct ds_findings *f,
		   struct ds_rule_test_result *t)
{
	const struct ds_finding *first = f->v.n ? &f->v.v[0] : NULL;
	const char *got = ds_status_name(f->results.v[0].status);

	if (!ds_str_eqz(e->status, got))
		return fail(a, t, "expected %.*s, got %s%s%s", DS_STR_ARG(e->status), got, first ? ": " : "",
			    first ? first->message : "");
	if (e->severity.n && (!first || !ds_str_eqz(e->severity, ds_severity_name(first->severity))))
		return fail(a, t, "expected severity %.*s, got %s", DS_STR_ARG(e->severity),
			    first ? ds_severity_name(first->severity) : "none");
	if (e->message.n && (!first || !ds_str_eqz(e->message, first->message)))
		return fail(a, t, "expected message '%.*s', got '%s'", DS_STR_ARG(e->message),
			    first ? first->message : "");
	return 0;
}

/* Facts from the bundle, a model from the facts, the rule over the model. */
static int evaluate(struct ds_ctx *ctx, const struct ds_ruleset *set, struct ds_rule *rule,
		    const struct ds_yaml_node *bundle, struct ds_findings *ret)
{
	struct ds_ruleset alone = {.schema = set->schema, .rules = {.v = &rule, .n = 1, .cap = 1}};
	struct ds_model_options options = {0};
	struct ds_facts facts;
	struct ds_model model;
	int r;

	ds_facts_init(&facts, ctx);
	r = ds_collect_bundle_node(&facts, rule->input, bundle);
	if (r == 0)
		r = ds_model_build(&facts, set->schema, &options, &model);
	if (r < 0)
		return r;
	if (model.clusters.n == 0)
		return DS_ENOENT;
	return ds_rules_eval(ctx->arena, &alone, model.clusters.v[0], ret);
}

static int run_test(struct ds_arena *a, const struct ds_ruleset *set, struct ds_rule *rule,
		    const struct ds_yaml_node *n, struct ds_rule_test_result *t)
{
	const struct ds_yaml_node *bundle = ds_yaml_get(n, "bundle");
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	struct ds_findings findings;
	struct expectation e = {0};
	int r;

	t->rule = rule;
	t->passed = true;
	t->loc = ds_yaml_loc(a, rule->input, n);
	if (ds_yaml_as_string(ds_yaml_get(n, "name"), &e.name) < 0 ||
	    ds_yaml_as_string(ds_yaml_get(n, "expect"), &e.status) < 0 ||
	    ds_yaml_as_string(ds_yaml_get(n, "severity"), &e.severity) < 0 ||
	    ds_yaml_as_string(ds_yaml_get(n, "message"), &e.message) < 0 || !e.name.n || !e.status.n || !bundle) {
		t->name = "?";
		return fail(a, t, "a test needs name, bundle and expect, all but bundle as strings");
	}
	t->name = ds_arena_strndup(a, e.name.p, e.name.n);
	if (!t->name || ds_ctx_init(&ctx, 0) < 0)
		return DS_ENOMEM;
	r = evaluate(&ctx, set, rule, bundle, &findings);
	if (r == DS_ENOENT)
		return fail(a, t, "the bundle holds no component");
	if (r < 0)
		return r;
	for (size_t i = 0; i < ctx.diags.n; i++)
		if (ctx.diags.v[i].level == DS_LEVEL_ERROR)
			return fail(a, t, "the bundle has an error: %s", ctx.diags.v[i].message);
	return compare(a, &e, &findings, t);
}

int ds_rules_run_tests(struct ds_arena *a, const struct ds_ruleset *set, const struct ds_rule *only,
		       struct ds_rule_test_results *ret)
{
	*ret = (struct ds_rule_test_results){0};
	for (size_t i = 0; i < set->rules.n; i++) {
		struct ds_rule *rule = set->rules.v[i];

		if (only && rule != only)
			continue;
		for (size_t k = 0; k < rule->tests->n; k++) {
			struct ds_rule_test_result *t = ds_vec_add(a, &ret->v);
			int r = t ? run_test(a, set, rule, rule->tests->items[k], t) : DS_ENOMEM;

			if (r < 0)
				return r;
			ret->failed += !t->passed;
		}
	}
	return 0;
}
