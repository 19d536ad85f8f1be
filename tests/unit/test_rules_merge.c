#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/map.h"
#include "collect/collect.h"
#include "rules/merge.h"

#define RULE(body)                                                                                          \
	"- id: TT001\n  name: some\n  title: t\n  severity: warning\n  why: w\n  fix: f\n"                    \
	"  tests: [{name: x, bundle: {}, expect: pass}]\n  forEach: {k: cluster.kubelets}\n"               \
	"  expression: 'false'\n" body

static void eval(struct ds_ctx *ctx, const char *rule, struct ds_str bundles, struct ds_findings *ret)
{
	struct ds_schema schema;
	struct ds_ruleset set = {.schema = &schema};
	struct ds_model_options none = {0};
	struct ds_facts facts;
	struct ds_model model;
	struct ds_input *in;

	assert_int_equal(ds_ctx_init(ctx, 0), 0);
	assert_int_equal(ds_schema_init(ctx->arena, &schema), 0);
	in = ds_ctx_input(ctx, "rules.yaml", "rules");
	assert_non_null(in);
	in->text = ds_str_from(rule);
	if (ds_rules_load(ctx, in, in->text, &set) < 0)
		fail_msg("%s", ctx->diags.v[0].message);
	ds_facts_init(&facts, ctx);
	in = ds_ctx_input(ctx, "fleet.jsonl", "file");
	assert_int_equal(ds_collect_text(&facts, in, bundles, NULL), 0);
	assert_int_equal(ds_model_build(&facts, &schema, &none, &model), 0);
	assert_int_equal(ds_rules_eval(ctx->arena, &set, model.clusters.v[0], ret), 0);
	assert_int_equal(ds_findings_merge(ctx->arena, ret), 0);
}

/* One node in a line, with its own addresses. */
static struct ds_str fleet(struct ds_buf *b, unsigned n, const char *flags)
{
	for (unsigned i = 0; i < n; i++)
		ds_buf_printf(b,
			      "{\"apiVersion\":\"dsaudit.dev/v1\",\"kind\":\"NodeBundle\",\"node\":\"n%u\","
			      "\"processes\":[{\"pid\":%u,\"argv\":[\"kubelet\",\"--node-ip=192.0.2.%u,fd00::%x\"%s]}]}\n",
			      i, 100 + i, i + 1, i + 1, flags);
	return ds_buf_str(b);
}

static void test_what_differs_in_the_target_only_is_one_finding(void **state)
{
	static const struct {
		const char *message;
		size_t findings;
	} rows[] = {
		{"\"k.where + ' is bad'\"", 1},
		{"\"k.where + ' has --node-ip=' + k.nodeIP.raw + ', too short.'\"", 1},
		{"\"'kubelet (pid ' + k.nodeIP.raw + ')'\"", 1},
		{"\"k.nodeIP.raw + 'x'\"", 20}, /* not its address any more */
		{"\"'n1 and ' + k.where\"", 2},  /* n1 names itself twice, others another one */
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
		struct ds_findings f;
		struct ds_ctx ctx;
		size_t count = 0;
		char rule[1024];

		(void)snprintf(rule, sizeof(rule), RULE("  messageExpression: %s\n"), rows[i].message);
		eval(&ctx, rule, fleet(&b, 20, ""), &f);
		if (f.v.n != rows[i].findings)
			fail_msg("%s: %zu findings", rows[i].message, f.v.n);
		for (size_t k = 0; k < f.v.n; k++)
			count += f.v.v[k].count;
		assert_int_equal(count, 20);
		if (f.v.n == 1)
			assert_int_equal(f.v.v[0].n_locations, DS_FINDING_LOCATIONS);
		ds_ctx_done(&ctx);
	}
}

/* A baseline needs them all: one node more is a new finding. */
static void test_every_fingerprint_is_kept(void **state)
{
	static const char rule[] = RULE("  messageExpression: k.where + ' is bad'\n  locations: [k.nodeIP]\n");
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_findings f;
	struct ds_ctx ctx;
	struct ds_map seen;

	(void)state;
	eval(&ctx, rule, fleet(&b, 30, ""), &f);
	assert_int_equal(f.v.n, 1);
	assert_int_equal(f.v.v[0].count, 30);
	ds_map_init(&seen, ctx.arena);
	assert_int_equal(ds_map_put(&seen, ds_str_from(f.v.v[0].fingerprint), &f), 0);
	for (const struct ds_alike *x = f.v.v[0].alike; x; x = x->next) {
		assert_null(ds_map_get(&seen, ds_str_from(x->finding.fingerprint)));
		assert_int_equal(ds_map_put(&seen, ds_str_from(x->finding.fingerprint), &f), 0);
	}
	assert_int_equal(seen.n, 30);
	ds_ctx_done(&ctx);
}

static void fleet_part(struct ds_buf *b, const unsigned char *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ds_buf_printf(b,
			      "{\"apiVersion\":\"dsaudit.dev/v1\",\"kind\":\"NodeBundle\",\"node\":\"n%u\","
			      "\"processes\":[{\"pid\":%u,\"argv\":[\"kubelet\",\"--node-ip=192.0.2.%u\","
			      "\"--cluster-dns=$(X)\"]}]}\n",
			      (unsigned)nodes[i], 500u - nodes[i], (unsigned)nodes[i]);
}

/* Which nodes there are, and in which order, says nothing of what they share. */
static void test_identity_is_not_one_nodes(void **state)
{
	static const char *const bodies[] = {
		RULE("  messageExpression: k.where + ' has ' + k.nodeIP.raw\n  locations: [k.nodeIP]\n"),
		/* nobody can see it: one finding for all, whatever its places */
		"- id: TT001\n  name: some\n  title: t\n  severity: warning\n  why: w\n  fix: f\n"
		"  tests: [{name: x, bundle: {}, expect: pass}]\n  forEach: {k: cluster.kubelets}\n"
		"  expression: k.clusterDNS.raw == 'x'\n  message: m\n",
	};
	static const struct {
		unsigned char nodes[20];
		size_t n;
	} rows[] = {
		{{1, 2, 3}, 3}, {{3, 2, 1}, 3}, {{2, 3}, 2}, {{7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}, 11},
		{{17, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13}, 13},
	};

	(void)state;
	for (size_t k = 0; k < DS_ARRAY_SIZE(bodies); k++) {
		char first[17] = "", alone[17];

		for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
			_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
			struct ds_findings f;
			struct ds_ctx ctx;

			fleet_part(&b, rows[i].nodes, rows[i].n);
			eval(&ctx, bodies[k], ds_buf_str(&b), &f);
			assert_int_equal(f.v.n, 1);
			assert_int_equal(f.v.v[0].count, rows[i].n);
			assert_int_equal(f.v.v[0].n_members, k == 0 ? rows[i].n : 0);
			for (size_t m = 1; m < f.v.v[0].n_members; m++)
				assert_true(strcmp(f.v.v[0].members[m - 1], f.v.v[0].members[m]) < 0);
			assert_int_equal(strlen(ds_finding_id(&f.v.v[0])), 16);
			if (i == 0)
				(void)snprintf(first, sizeof(first), "%s", ds_finding_id(&f.v.v[0]));
			assert_string_equal(ds_finding_id(&f.v.v[0]), first);
			ds_ctx_done(&ctx);
		}
		/* One node is what it was before: its own, and among the members while there were several. */
		for (size_t i = 0; i < 2; i++) {
			_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
			struct ds_findings f;
			struct ds_ctx ctx;
			size_t found = 0;

			fleet_part(&b, rows[0].nodes, i == 0 ? 1 : 3);
			eval(&ctx, bodies[k], ds_buf_str(&b), &f);
			if (i == 0) {
				assert_null(f.v.v[0].common);
				assert_string_equal(ds_finding_id(&f.v.v[0]), f.v.v[0].fingerprint);
				(void)snprintf(alone, sizeof(alone), "%s", f.v.v[0].fingerprint);
				assert_string_not_equal(alone, first);
			}
			for (size_t m = 0; m < f.v.v[0].n_members; m++)
				found += strcmp(f.v.v[0].members[m], alone) == 0;
			assert_int_equal(found, k == 0 ? i : 0);
			ds_ctx_done(&ctx);
		}
	}
}

static void test_shape(void **state)
{
	static const struct ds_cel_field fields[] = {{"node", &ds_cel_type_string, ""}};
	static const struct ds_cel_object_type type = {"t", "", fields, 1};
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"", ""},
		{"kubelet on w-1: bad", "kubelet on <node>: bad"},
		{"w-1", "<node>"},
		{"w-10 and w-1.example and x.w-1", "w-10 and w-1.example and x.w-1"},
		{"on w-1.", "on <node>."},
		{"'w-1'", "'<node>'"},
		{"kubelet (pid 123) has 123", "kubelet (pid <pid>) has 123"},
		{"::", "::"},
	};
	struct ds_cel_value node = ds_cel_string(DS_STR("w-1"));
	struct ds_cel_value target = {.kind = DS_CEL_OBJECT, .object = {&type, &node}};
	struct ds_arena *a = ds_arena_new(1 << 20);

	(void)state;
	assert_non_null(a);
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		const char *shape;

		assert_int_equal(ds_finding_shape(a, rows[i].text, &target, 1, &shape), 0);
		if (strcmp(shape, rows[i].want) != 0)
			fail_msg("'%s' has the shape '%s'", rows[i].text, shape);
	}
	ds_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_differs_in_the_target_only_is_one_finding),
		cmocka_unit_test(test_every_fingerprint_is_kept),
		cmocka_unit_test(test_identity_is_not_one_nodes),
		cmocka_unit_test(test_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
