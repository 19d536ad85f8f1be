#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "collect/collect.h"
#include "rules/eval.h"

/* A rule with everything but what the test is about. */
#define RULE(id, body)                                                                                      \
	"- id: " id "\n  name: n-" id "\n  title: t\n  severity: warning\n  why: w\n  fix: f\n"             \
	"  tests: [{name: x, bundle: {}, expect: pass}]\n" body

struct run {
	struct ds_ctx ctx;
	struct ds_facts facts;
	struct ds_schema schema;
	struct ds_ruleset set;
	struct ds_model model;
	struct ds_findings findings;
};

static int load(struct run *r, const char *rules)
{
	struct ds_input *in;

	assert_int_equal(ds_ctx_init(&r->ctx, 0), 0);
	assert_int_equal(ds_schema_init(r->ctx.arena, &r->schema), 0);
	r->set.schema = &r->schema;
	in = ds_ctx_input(&r->ctx, "rules.yaml", "rules");
	assert_non_null(in);
	in->text = ds_str_from(rules);
	return ds_rules_load(&r->ctx, in, in->text, &r->set);
}

static void eval_again(struct run *r, const char *listing)
{
	struct ds_model_options none = {0};
	struct ds_input *in;

	ds_facts_init(&r->facts, &r->ctx);
	in = ds_ctx_input(&r->ctx, "ps", "file");
	assert_int_equal(ds_collect_text(&r->facts, in, ds_str_from(listing), NULL), 0);
	assert_int_equal(ds_model_build(&r->facts, &r->schema, &none, &r->model), 0);
	assert_int_equal(ds_rules_eval(r->ctx.arena, &r->set, r->model.clusters.v[0], &r->findings), 0);
}

static void eval(struct run *r, const char *rules, const char *listing)
{
	if (load(r, rules) < 0)
		fail_msg("%s", r->ctx.diags.v[0].message);
	eval_again(r, listing);
}

static const char listing[] = "1 kube-apiserver --service-cluster-ip-range=10.96.0.0/12 --bind-address=::\n"
			      "2 kube-controller-manager --cluster-cidr=10.244.0.0/16\n"
			      "3 kube-proxy --config=/etc/kp.conf\n4 kubelet --node-ip=192.0.2.1\n5 kubelet --node-ip=fd00::1\n";

static void test_statuses(void **state)
{
	static const struct {
		const char *rule;
		enum ds_status want;
		const char *message; /* of the first finding, or NULL */
	} rows[] = {
		{RULE("TT001", "  message: m\n  forEach: {a: cluster.apiServers}\n  expression: a.minor > 1\n"),
		 DS_STATUS_PASS, NULL},
		{RULE("TT001", "  message: m\n  forEach: {a: cluster.apiServers}\n  expression: a.minor < 1\n"),
		 DS_STATUS_FAIL, "m"},
		{RULE("TT001", "  messageExpression: \"'bind ' + a.bindAddress.raw\"\n  forEach: {a: cluster.apiServers}\n"
			       "  expression: a.bindAddress.family == 'IPv4'\n"),
		 DS_STATUS_FAIL, "bind ::"},
		{RULE("TT001", "  message: m\n  forEach: {n: cluster.nodes}\n  expression: 'false'\n"),
		 DS_STATUS_NOT_APPLICABLE, NULL},
		{RULE("TT001", "  message: m\n  forEach: {a: cluster.apiServers}\n  match: has(a.advertiseAddress)\n"
			       "  expression: 'false'\n"),
		 DS_STATUS_NOT_APPLICABLE, NULL},
		{RULE("TT001", "  message: m\n  versions: '<1.25'\n  expression: 'false'\n"), DS_STATUS_NOT_APPLICABLE, NULL},
		{RULE("TT001", "  message: m\n  forEach: {a: cluster.apiServers}\n"
			       "  expression: a.advertiseAddress.family == 'IPv4'\n"),
		 DS_STATUS_UNKNOWN, "a.advertiseAddress is not set"},
		{RULE("TT001", "  message: m\n  forEach: {p: cluster.kubeProxies}\n  match: has(p.clusterCIDR)\n"
			       "  expression: 'true'\n"),
		 DS_STATUS_UNKNOWN, NULL},
		{RULE("TT001", "  message: m\n  forEach: {p: cluster.kubeProxies}\n"
			       "  expression: p.clusterCIDR.valid || p.source == 'ps'\n"),
		 DS_STATUS_PASS, NULL},
		{RULE("TT001", "  message: m\n  forEach: {a: cluster.apiServers}\n  expression: 1 / (a.minor - a.minor) == 1\n"),
		 DS_STATUS_ERROR, NULL},
		{RULE("TT001", "  message: m\n  forEach: {a: '[1 / (cluster.minor - cluster.minor)]'}\n  expression: a > 1\n"),
		 DS_STATUS_ERROR, "division by zero"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct run r = {0};

		eval(&r, rows[i].rule, listing);
		if (r.findings.results.v[0].status != rows[i].want)
			fail_msg("row %zu: %s", i, ds_status_name(r.findings.results.v[0].status));
		if (rows[i].message && strcmp(r.findings.v.v[0].message, rows[i].message) != 0)
			fail_msg("row %zu: '%s'", i, r.findings.v.v[0].message);
		assert_int_equal(r.findings.v.n > 0,
				 rows[i].want != DS_STATUS_PASS && rows[i].want != DS_STATUS_NOT_APPLICABLE);
		ds_ctx_done(&r.ctx);
	}
}

static void test_every_combination_is_a_target(void **state)
{
	struct run r = {0};

	(void)state;
	eval(&r,
	     RULE("TT001", "  messageExpression: k.nodeIP.families[0] + l.nodeIP.families[0]\n"
			   "  forEach: {a: cluster.apiServers, k: cluster.kubelets, l: cluster.kubelets}\n"
			   "  match: k.where != l.where\n  expression: k.nodeIP.families == l.nodeIP.families\n"
			   "  locations: [k.nodeIP, l.nodeIP]\n"),
	     listing);
	assert_int_equal(r.findings.results.v[0].targets[DS_STATUS_NOT_APPLICABLE], 2);
	assert_int_equal(r.findings.results.v[0].targets[DS_STATUS_FAIL], 2);
	assert_int_equal(r.findings.v.n, 2);
	assert_int_equal(r.findings.v.v[0].n_locations, 2);
	assert_string_equal(r.findings.v.v[0].locations[0].flag, "--node-ip");
	assert_string_not_equal(r.findings.v.v[0].fingerprint, r.findings.v.v[1].fingerprint);
	ds_ctx_done(&r.ctx);
}

static void test_one_cause_gives_one_finding(void **state)
{
	struct run r = {0};

	(void)state;
	eval(&r,
	     RULE("TT001", "  message: cause\n  supersedes: [TT002]\n  forEach: {a: cluster.apiServers}\n"
			   "  expression: 'false'\n  locations: [a.bindAddress]\n")
	     RULE("TT002", "  message: effect\n  forEach: {a: cluster.apiServers}\n  expression: 'false'\n"
			   "  locations: [a.bindAddress]\n")
	     RULE("TT003", "  message: other\n  severityExpression: \"'error'\"\n  forEach: {k: cluster.kubelets}\n"
			   "  match: k.nodeIP.raw == 'fd00::1'\n  expression: 'false'\n"),
	     listing);
	assert_int_equal(r.findings.v.n, 2);
	assert_string_equal(r.findings.v.v[0].message, "other"); /* errors first */
	assert_int_equal(r.findings.v.v[0].severity, DS_SEVERITY_ERROR);
	assert_string_equal(r.findings.v.v[1].message, "cause");
	ds_ctx_done(&r.ctx);
}

/* Items of a list on one line are different places; a place without a line is all of its input. */
static void test_superseding_keeps_items_apart(void **state)
{
	static const char rules[] = RULE("TT001", "  message: cause\n  supersedes: [TT002]\n  forEach: {s: cluster.services}\n"
						  "  expression: s.name != 'a'\n")
		RULE("TT002", "  messageExpression: s.name\n  forEach: {s: cluster.services}\n  expression: 'false'\n");
	struct run r = {0};

	(void)state;
	eval(&r, rules,
	     "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":["
	     "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"a\"}},"
	     "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"b\"}}]}");
	assert_int_equal(r.findings.v.n, 2);
	assert_string_equal(r.findings.v.v[0].message, "cause");
	assert_string_equal(r.findings.v.v[1].message, "b");
	ds_ctx_done(&r.ctx);
}

/* A process's flags are places within it. */
static void test_superseding_keeps_flags_apart(void **state)
{
	static const struct {
		const char *cause, *effect; /* locations */
		size_t want;
	} rows[] = {
		{"a.bindAddress", "a.bindAddress", 1},
		{"a.bindAddress", "a.serviceClusterIPRange", 2},
		{"a.bindAddress", "a.serviceClusterIPRange, a.bindAddress", 1},
		{"a", "a.bindAddress", 1}, /* all of the process */
		{"a", "a", 1},
		{"a.bindAddress", "a", 2},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf rules = DS_BUF_INIT;
		struct run r = {0};

		ds_buf_printf(&rules,
			      RULE("TT001", "  message: cause\n  supersedes: [TT002]\n  forEach: {a: cluster.apiServers}\n"
					    "  expression: 'false'\n  locations: [%s]\n")
			      RULE("TT002", "  message: effect\n  forEach: {a: cluster.apiServers}\n"
					    "  expression: 'false'\n  locations: [%s]\n"),
			      rows[i].cause, rows[i].effect);
		eval(&r, rules.p, listing);
		if (r.findings.v.n != rows[i].want)
			fail_msg("row %zu: %zu findings", i, r.findings.v.n);
		assert_string_equal(r.findings.v.v[0].message, "cause");
		ds_ctx_done(&r.ctx);
	}
}

/* What could not be seen of two Services is one finding: it goes only when both are explained. */
static void test_superseding_leaves_what_is_unknown_elsewhere(void **state)
{
	static const char rules[] =
		RULE("TT001", "  message: cause\n  supersedes: [TT002]\n  forEach: {s: cluster.services}\n"
			      "  expression: s.name != 'a'\n")
		RULE("TT002", "  message: m\n  forEach: {s: cluster.services}\n  expression: s.accepted\n");
	static const struct {
		const char *objects;
		size_t want;
	} rows[] = {
		{"apiVersion: v1\nkind: Service\nmetadata: {name: a}\n", 1},
		{"apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\n"
		 "apiVersion: v1\nkind: Service\nmetadata: {name: b}\n", 2},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct run r = {0};

		eval(&r, rules, rows[i].objects);
		if (r.findings.v.n != rows[i].want)
			fail_msg("row %zu: %zu findings", i, r.findings.v.n);
		assert_string_equal(r.findings.v.v[0].message, "cause");
		ds_ctx_done(&r.ctx);
	}
}

/* The same problem two lines further down and after a restart is the same problem. */
static void test_fingerprints_survive_moves(void **state)
{
	static const char rule[] = RULE("TT001", "  message: m\n  forEach: {a: cluster.apiServers}\n  expression: 'false'\n"
						 "  locations: [a.serviceClusterIPRange]\n");
	struct run r = {0}, moved = {0};

	(void)state;
	eval(&r, rule, "1 kube-apiserver --service-cluster-ip-range=10.96.0.0/12\n");
	eval(&moved, rule, "\n\n77 kube-apiserver --v=2 --service-cluster-ip-range=10.96.0.0/12\n");
	assert_string_equal(r.findings.v.v[0].fingerprint, moved.findings.v.v[0].fingerprint);
	ds_ctx_done(&r.ctx);
	ds_ctx_done(&moved.ctx);
}

static void test_unknowns_are_merged(void **state)
{
	_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;
	struct run r = {0};

	(void)state;
	for (int i = 1; i <= 50; i++)
		ds_buf_printf(&text, "%d kube-proxy --config=/etc/kp.conf\n", i);
	eval(&r, RULE("TT001", "  message: m\n  forEach: {p: cluster.kubeProxies}\n  expression: p.clusterCIDR.valid\n"),
	     text.p);
	assert_int_equal(r.findings.v.n, 1);
	assert_int_equal(r.findings.v.v[0].count, 50);
	assert_int_equal(r.findings.v.v[0].n_locations, DS_FINDING_LOCATIONS);
	ds_ctx_done(&r.ctx);
}

static void test_bad_rules_are_refused_at_their_place(void **state)
{
	static const struct {
		const char *rules, *message;
		unsigned line, column;
	} rows[] = {
		{"- id: TT001\n", "rule TT001: field 'name' is missing", 1, 3},
		{"{}\n", "rule ?: a rule file is a list of rules", 1, 1},
		{RULE("T1", "  message: m\n  expression: 'true'\n"),
		 "rule T1: an id is letters and three digits, like DS101 or ACME001", 1, 3},
		{RULE("TT001", "  message: m\n  expression: 'true'\n  severty: error\n"),
		 "rule TT001: unknown field 'severty' (did you mean 'severity'?)", 10, 3},
		{RULE("TT001", "  message: m\n  expression: cluster.minr > 1\n"), NULL, 9, 22},
		{RULE("TT001", "  message: m\n  expression: |\n    1 == 1 &&\n    cluster.minr > 1\n"), NULL, 11, 12},
		{RULE("TT001", "  message: m\n  expression: \"cluster.name\"\n"), NULL, 9, 16},
		/* What only a finding would need, too. */
		{RULE("TT001", "  messageExpression: cluster.minr\n  expression: 'true'\n"), NULL, 8, 30},
		{RULE("TT001", "  message: m\n  fixExpression: cluster.minr\n  expression: 'true'\n"), NULL, 9, 26},
		{RULE("TT001", "  message: m\n  severityExpression: cluster.minr\n  expression: 'true'\n"), NULL, 9, 31},
		{RULE("TT001", "  message: m\n  locations: [cluster.minr]\n  expression: 'true'\n"), NULL, 9, 23},
		{RULE("TT001", "  message: m\n  variables: {unused: cluster.minr}\n  expression: 'true'\n"), NULL, 9, 31},
		{RULE("TT001", "  message: m\n  forEach: {cluster: cluster.nodes}\n  expression: 'true'\n"),
		 "rule TT001: the name 'cluster' is taken", 9, 13},
		{RULE("TT001", "  message: m\n  forEach: {a: cluster.minor}\n  expression: 'true'\n"),
		 "rule TT001: forEach needs a list, this is int", 9, 16},
		{RULE("TT001", "  message: m\n  forEach: {a: cluster.nodes, b: cluster.nodes, c: cluster.nodes, d: cluster.nodes,"
			       " e: cluster.nodes, f: cluster.nodes, g: cluster.nodes, h: cluster.nodes,"
			       " i: cluster.nodes}\n  expression: 'true'\n"),
		 "rule TT001: forEach takes at most 8 names", 9, 12},
		{RULE("TT001", "  message: m\n  forEach: {'': cluster.nodes}\n  expression: 'true'\n"),
		 "rule TT001: a variable needs a name", 9, 13},
		{RULE("TT001", "  message: m\n  versions: 1.20\n  expression: 'true'\n"), NULL, 9, 13},
		{RULE("TT001", "  expression: 'true'\n"), "rule TT001: message or messageExpression is missing", 1, 3},
		{RULE("TT001", "  message: m\n  expression: 'true'\n") RULE("TT001", "  message: m\n  expression: 'true'\n"),
		 "rule TT001: id or name is already taken by TT001 (n-TT001) in rules.yaml", 10, 3},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct run r = {0};
		const struct ds_diag *d;

		assert_int_equal(load(&r, rows[i].rules), DS_EINVAL);
		assert_true(r.ctx.diags.n > 0);
		d = &r.ctx.diags.v[0];
		if ((rows[i].message && strcmp(d->message, rows[i].message) != 0) || d->loc.line != rows[i].line ||
		    d->loc.column < rows[i].column || d->loc.column > rows[i].column + 2)
			fail_msg("row %zu: %u:%u: %s", i, d->loc.line, d->loc.column, d->message);
		ds_ctx_done(&r.ctx);
	}
}

/* Nothing for a component that is not there, no message for what passes. */
static void test_embedded_rules_are_compiled_when_used(void **state)
{
	static const char rule[] = RULE("TT001", "  forEach: {k: cluster.kubelets}\n  variables: {ip: k.nodeIP.raw}\n"
						 "  match: has(k.nodeIP)\n  expression: variables.ip != '192.0.2.9'\n"
						 "  messageExpression: variables.ip + ' is taken'\n  locations: [k.nodeIP]\n");
	struct run r = {.set.embedded = true};
	const struct ds_rule *x;

	(void)state;
	eval(&r, rule, "1 kube-apiserver --service-cluster-ip-range=10.96.0.0/12\n");
	x = r.set.rules.v[0];
	assert_int_equal(r.findings.results.v[0].status, DS_STATUS_NOT_APPLICABLE);
	assert_non_null(x->for_each[0].expr.program);
	assert_null(x->variables[0].expr.program);
	assert_null(x->match.program);
	eval_again(&r, "1 kubelet --node-ip=192.0.2.1\n");
	assert_int_equal(r.findings.results.v[0].status, DS_STATUS_PASS);
	assert_non_null(x->variables[0].expr.program);
	assert_non_null(x->expression.program);
	assert_null(x->message_expression.program);
	assert_null(x->locations[0].program);
	eval_again(&r, "1 kubelet --node-ip=192.0.2.9\n");
	assert_string_equal(r.findings.v.v[0].message, "192.0.2.9 is taken");
	assert_string_equal(r.findings.v.v[0].locations[0].flag, "--node-ip");
	ds_ctx_done(&r.ctx);
}

/* A test compiles the catalogue; should it ever miss something, that must not pass for "all fine". */
static void test_embedded_rules_that_do_not_compile_are_errors(void **state)
{
	static const char *const bodies[] = {
		"  message: m\n  expression: cluster.minr > 1\n",
		"  message: m\n  match: cluster.minr > 1\n  expression: 'true'\n",
		"  message: m\n  forEach: {a: cluster.minr}\n  expression: 'true'\n",
		"  message: m\n  forEach: {a: cluster.minor}\n  expression: 'true'\n",
		"  message: m\n  forEach: {cluster: cluster.nodes}\n  expression: 'true'\n",
		"  message: m\n  variables: {a: cluster.minr}\n  expression: 'true'\n",
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(bodies); i++) {
		_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;
		struct run r = {.set.embedded = true};

		ds_buf_printf(&text, "%s%s", RULE("TT001", ""), bodies[i]);
		eval(&r, text.p, listing);
		if (r.findings.results.v[0].status != DS_STATUS_ERROR || r.findings.v.n != 1)
			fail_msg("row %zu: %s", i, ds_status_name(r.findings.results.v[0].status));
		ds_ctx_done(&r.ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_every_combination_is_a_target),
		cmocka_unit_test(test_one_cause_gives_one_finding),
		cmocka_unit_test(test_superseding_keeps_items_apart),
		cmocka_unit_test(test_superseding_keeps_flags_apart),
		cmocka_unit_test(test_superseding_leaves_what_is_unknown_elsewhere),
		cmocka_unit_test(test_fingerprints_survive_moves),
		cmocka_unit_test(test_unknowns_are_merged),
		cmocka_unit_test(test_bad_rules_are_refused_at_their_place),
		cmocka_unit_test(test_embedded_rules_are_compiled_when_used),
		cmocka_unit_test(test_embedded_rules_that_do_not_compile_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
