#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "rules/rule.h"

#include <cmocka.h>

/* A field that is new in the model must say whom to look at. */
static void test_every_field_of_the_cluster_has_a_source(void **state)
{
	struct ds_schema schema;
	struct ds_ctx ctx;
	const char *input;

	(void)state;
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	assert_int_equal(ds_schema_init(ctx.arena, &schema), 0);
	for (size_t i = 0; i < schema.cluster->n_fields; i++)
		if (!ds_rule_input_of(ds_str_from(schema.cluster->fields[i].name), &input))
			fail_msg("cluster.%s is not in the table of rules/inputs.c", schema.cluster->fields[i].name);
	assert_false(ds_rule_input_of(DS_STR("nonsense"), &input));
	ds_ctx_done(&ctx);
}

static void test_inputs(void **state)
{
	static const struct {
		const char *body, *inputs;
	} rows[] = {
		{"  expression: 'true'\n", ""},
		{"  expression: cluster.minor > 20\n", ""},
		{"  forEach: {k: cluster.kubelets}\n  expression: k.minor > 20\n", "kubelet"},
		{"  forEach: {c: cluster.kubeProxies + cluster.kubeProxies}\n  expression: 'true'\n", "kube-proxy"},
		{"  expression: cluster.nodes.all(n, cluster.services.all(s, s.name != n.name))\n", "node service"},
		{"  match: size(cluster.apiServers) > 0\n  expression: size(cluster.podCIDRs) > 0\n",
		 "kube-apiserver kube-controller-manager"},
		{"  variables: {a: size(cluster.kubeadmConfigs), b: size(cluster.nodes)}\n  expression: variables.a > 0\n",
		 "kubeadm"},
		{"  variables: {a: cluster.nodeFamilies, b: size(variables.a)}\n  expression: variables.b > 0\n", "kubelet"},
	};
	static const char head[] = "- id: AA001\n  name: x-y\n  title: t\n  severity: info\n  message: m\n  why: w\n"
				   "  fix: f\n  tests: [{name: x, bundle: {}, expect: pass}]\n";

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		char text[1024], got[256] = "";
		const char *const *inputs;
		struct ds_schema schema;
		struct ds_ruleset set = {.schema = &schema};
		struct ds_input *in;
		struct ds_ctx ctx;
		size_t n;

		(void)snprintf(text, sizeof(text), "%s%s", head, rows[i].body);
		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		assert_int_equal(ds_schema_init(ctx.arena, &schema), 0);
		in = ds_ctx_input(&ctx, "rules.yaml", "rules");
		assert_non_null(in);
		in->text = ds_str_from(text);
		if (ds_rules_load(&ctx, in, in->text, &set) < 0)
			fail_msg("row %zu: %s", i, ctx.diags.v[0].message);
		assert_int_equal(ds_rule_inputs(ctx.arena, set.rules.v[0], &inputs, &n), 0);
		for (size_t k = 0, used = 0; k < n; k++)
			used += (size_t)snprintf(got + used, sizeof(got) - used, "%s%s", k ? " " : "", inputs[k]);
		if (strcmp(got, rows[i].inputs) != 0)
			fail_msg("row %zu: '%s', expected '%s'", i, got, rows[i].inputs);
		ds_ctx_done(&ctx);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_field_of_the_cluster_has_a_source),
		cmocka_unit_test(test_inputs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
