#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "report/diff.h"

/* One side: what is special about a report. NULL: as in `plain`. */
struct side {
	const char *inputs, *findings, *suppressed, *checks, *components, *families, *services;
};

#define READ(name) "{\"source\":\"" name "\",\"type\":\"static-pod\",\"status\":\"read\"}"
#define FAILED(name) "{\"source\":\"" name "\",\"type\":\"file\",\"status\":\"failed\",\"reason\":\"cut\"}"
#define SKIPPED(name) "{\"source\":\"" name "\",\"type\":\"file\",\"status\":\"skipped\",\"reason\":\"none of ours\"}"
#define AT(name) "{\"source\":\"" name "\",\"line\":3}"
#define FINDING(rule, severity, status, message, at, print, more)                                           \
	"{\"rule\":\"" rule "\",\"name\":\"n\",\"severity\":\"" severity "\",\"status\":\"" status "\",\"message\":\"" message   \
	"\",\"locations\":[" at "],\"fingerprint\":\"" print "\"" more "}"
#define FAIL1 FINDING("DS101", "error", "fail", "m", AT("a"), "01", "")
#define COMPONENT(name, node, source, accepted)                                                             \
	"{\"component\":\"" name "\",\"node\":\"" node "\",\"kubernetesVersion\":{\"value\":\"1.34\",\"origin\":\"image\"},"     \
	"\"source\":{\"source\":\"" source "\"},\"settings\":{},\"startup\":{\"accepted\":" accepted                     \
	",\"errors\":[],\"warnings\":[]},\"derived\":{\"x\":1}}"

static const struct side plain = {
	.inputs = READ("a") "," READ("b"),
	.findings = "",
	.suppressed = "",
	.checks = "\"checks\":{\"DS101\":\"pass\",\"DS102\":\"pass\"},",
	.components = COMPONENT("kubelet", "n1", "a", "true"),
	.families = "[\"IPv4\"],\"pods\":[],\"nodes\":[]},\"unknownFamilies\":{\"pods\":\"why\",\"nodes\":\"why\"}",
	.services = "\"items\":[]",
};

#define PICK(field) (s->field ? s->field : plain.field)

static void write_report(struct ds_buf *b, const struct side *s)
{
	ds_buf_printf(b,
		      "{\"apiVersion\":\"dsaudit.dev/v1\",\"kind\":\"AuditReport\",\"tool\":{\"name\":\"dsaudit\",\"version\":\"1\"},"
		      "\"inputs\":[%s],\"clusters\":[{\"name\":\"c\",\"kubernetesVersion\":{\"value\":\"1.34\",\"origin\":\"image\"},"
		      "\"families\":{\"services\":%s,\"serviceClusterIPRange\":[\"10.0.0.0/16\"],\"clusterCIDR\":[],"
		      "\"components\":[%s],\"findings\":[%s],\"suppressed\":[%s],%s\"services\":{%s}}],\"diagnostics\":[],"
		      "\"summary\":{\"error\":0,\"warning\":0,\"info\":0,\"unknown\":0,\"suppressed\":0,\"passed\":2,"
		      "\"notApplicable\":0}}",
		      PICK(inputs), PICK(families), PICK(components), PICK(findings), PICK(suppressed), PICK(checks),
		      PICK(services));
	assert_int_equal(b->err, 0);
}

struct pair {
	struct ds_buf text[2];
	struct ds_ctx ctx[2];
	struct ds_saved saved[2];
	struct ds_diff diff;
};

static void compare(struct pair *p, const struct side *old, const struct side *new)
{
	const struct side *const sides[] = {old, new};

	*p = (struct pair){0};
	for (size_t i = 0; i < 2; i++) {
		struct ds_input *in;

		write_report(&p->text[i], sides[i]);
		assert_int_equal(ds_ctx_init(&p->ctx[i], 0), 0);
		in = ds_ctx_input(&p->ctx[i], i ? "new" : "old", "report");
		assert_non_null(in);
		if (ds_saved_read(&p->ctx[i], in, ds_buf_str(&p->text[i]), &p->saved[i]) < 0)
			fail_msg("%s:%u:%u: %s", in->name, p->ctx[i].diags.v[0].loc.line, p->ctx[i].diags.v[0].loc.column,
				 p->ctx[i].diags.v[0].message);
	}
	assert_int_equal(ds_diff_reports(p->ctx[1].arena, &p->saved[0], &p->saved[1], &p->diff), 0);
}

static void done(struct pair *p)
{
	for (size_t i = 0; i < 2; i++) {
		ds_ctx_done(&p->ctx[i]);
		ds_buf_done(&p->text[i]);
	}
}

#define STATUSES(a, b) "\"checks\":{\"DS101\":\"" a "\",\"DS102\":\"" b "\"},"

static void test_what_became_of_a_finding(void **state)
{
	static const struct {
		const char *what;
		struct side old, new;
		const char *want;   /* status of the first finding, "" when there is none */
		const char *reason; /* part of it; NULL: there is none */
	} rows[] = {
		{"fixed", {.findings = FAIL1}, {0}, "fixed", NULL},
		{"fixed, does not apply any more", {.findings = FAIL1}, {.checks = STATUSES("not-applicable", "pass")}, "fixed", NULL},
		{"new", {0}, {.findings = FAIL1, .checks = STATUSES("fail", "pass")}, "new", NULL},
		{"as before", {.findings = FAIL1}, {.findings = FAIL1}, "unchanged", NULL},
		{"moved lines", {.findings = FAIL1}, {.findings = FINDING("DS101", "error", "fail", "m", "{\"source\":\"a\",\"line\":9}", "01", "")},
		 "unchanged", NULL},
		{"another severity", {.findings = FAIL1}, {.findings = FINDING("DS101", "info", "fail", "m", AT("a"), "01", "")}, "changed", NULL},
		{"another message", {.findings = FAIL1}, {.findings = FINDING("DS101", "error", "fail", "x", AT("a"), "01", "")}, "changed", NULL},
		{"the same hash, another rule", {.findings = FAIL1}, {.findings = FINDING("DS102", "error", "fail", "m", AT("a"), "01", "")},
		 "new", NULL},
		{"input failed", {.findings = FAIL1}, {.inputs = FAILED("a") "," READ("b")}, "unknown", "a could not be read in the new report: cut"},
		{"input skipped", {.findings = FAIL1}, {.inputs = SKIPPED("a") "," READ("b")}, "unknown", "a was skipped in the new report: none of ours"},
		{"input gone", {.findings = FAIL1}, {.inputs = READ("b")}, "unknown", "a is not among the inputs of the new report"},
		{"input twice, once failed", {.findings = FAIL1}, {.inputs = READ("a") "," FAILED("a")}, "unknown", "could not be read"},
		{"input twice, once skipped", {.findings = FAIL1}, {.inputs = SKIPPED("a") "," READ("a")}, "fixed", NULL},
		{"another input failed", {.findings = FAIL1}, {.inputs = READ("a") "," FAILED("b")}, "fixed", NULL},
		{"no place, another input failed", {.findings = FINDING("DS101", "error", "fail", "m", "", "01", "")},
		 {.inputs = READ("a") "," FAILED("b")}, "unknown", "it has no place of its own"},
		{"no place", {.findings = FINDING("DS101", "error", "fail", "m", "", "01", "")}, {0}, "fixed", NULL},
		{"component gone", {.findings = FAIL1}, {.components = ""}, "unknown", "kubelet of n1 (a) is not seen in the new report"},
		{"component moved to another file", {.findings = FAIL1}, {.components = COMPONENT("kubelet", "n1", "b", "true")}, "fixed", NULL},
		{"another node's", {.findings = FAIL1}, {.components = COMPONENT("kubelet", "n2", "b", "true")}, "unknown", "kubelet of n1"},
		{"rule not asked", {.findings = FAIL1}, {.checks = "\"checks\":{\"DS102\":\"pass\"},"}, "unknown", "the rule was not asked"},
		{"no word about rules", {.findings = FAIL1}, {.checks = ""}, "fixed", NULL},
		{"said by another rule", {.findings = FAIL1}, {.checks = STATUSES("fail", "pass")}, "unknown", "what it found is said by another one"},
		{"cannot be checked there", {.findings = FAIL1},
		 {.findings = FINDING("DS101", "error", "unknown", "u", AT("a"), "02", ""), .checks = STATUSES("unknown", "pass")}, "new", NULL},
		{"suppressed", {.findings = FAIL1},
		 {.suppressed = FINDING("DS101", "error", "fail", "m", AT("a"), "01", ",\"by\":\"comment\",\"reason\":\"r\"")}, "suppressed", NULL},
		{"suppressed before", {.suppressed = FINDING("DS101", "error", "fail", "m", AT("a"), "01", ",\"by\":\"comment\",\"reason\":\"r\"")},
		 {.findings = FAIL1}, "new", NULL},
		{"suppressed on both", {.suppressed = FINDING("DS101", "error", "fail", "m", AT("a"), "01", ",\"by\":\"comment\",\"reason\":\"r\"")},
		 {.suppressed = FINDING("DS101", "error", "fail", "m", AT("a"), "01", ",\"by\":\"comment\",\"reason\":\"r\"")}, "", NULL},
		{"could not be read before", {.inputs = FAILED("a") "," READ("b")}, {.findings = FAIL1}, "new", "a could not be read in the old report"},
		{"rule not asked before", {.checks = "\"checks\":{},"}, {.findings = FAIL1}, "new", "the rule was not asked in the old report"},
		{"one node more", {.findings = FAIL1},
		 {.findings = FINDING("DS101", "error", "fail", "m", AT("a"), "99", ",\"count\":2,\"fingerprints\":[\"01\",\"02\"]")}, "changed", NULL},
		{"one node less", {.findings = FINDING("DS101", "error", "fail", "m", AT("a"), "99", ",\"count\":2,\"fingerprints\":[\"01\",\"02\"]")},
		 {.findings = FAIL1}, "changed", NULL},
		{"an early report", {.findings = FINDING("DS101", "error", "fail", "m", AT("a"), "99", ",\"count\":2")},
		 {.findings = FINDING("DS101", "error", "fail", "m", AT("a"), "99", ",\"count\":2,\"fingerprints\":[\"01\",\"02\"]")}, "unchanged", NULL},
		{"other nodes", {.findings = FINDING("DS101", "error", "fail", "m", AT("a"), "99", ",\"count\":2,\"fingerprints\":[\"01\",\"02\"]")},
		 {.findings = FINDING("DS101", "error", "fail", "m", AT("a"), "99", ",\"count\":2,\"fingerprints\":[\"02\",\"03\"]")}, "changed", NULL},
		{"unknown for the same reason", {.findings = FINDING("DS101", "error", "unknown", "u", AT("a"), "01", "")},
		 {.findings = FINDING("DS101", "error", "unknown", "u", AT("a") "," AT("b"), "02", ",\"count\":2")}, "changed", NULL},
		{"known now", {.findings = FINDING("DS101", "error", "unknown", "u", AT("a"), "01", "")}, {0}, "fixed", NULL},
		{"unknown, and gone", {.findings = FINDING("DS101", "error", "unknown", "u", AT("a"), "01", "")}, {.inputs = READ("b")}, "unknown",
		 "not among the inputs"},
		{"the same twice", {.findings = FAIL1 "," FAIL1}, {.findings = FAIL1 "," FAIL1}, "unchanged", NULL},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		const struct ds_diff_finding *d;
		struct pair p;

		compare(&p, &rows[i].old, &rows[i].new);
		assert_int_equal(p.diff.clusters.n, 1);
		d = p.diff.clusters.v[0].findings.n ? &p.diff.clusters.v[0].findings.v[0] : NULL;
		if (strcmp(d ? ds_diff_status_name(d->status) : "", rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].what, d ? ds_diff_status_name(d->status) : "nothing");
		if (d && !d->reason != !rows[i].reason)
			fail_msg("%s: reason %s", rows[i].what, d->reason ? d->reason : "none");
		if (d && d->reason && !strstr(d->reason, rows[i].reason))
			fail_msg("%s: reason %s", rows[i].what, d->reason);
		done(&p);
	}
}

static void test_what_fails_a_pipeline(void **state)
{
	static const struct {
		const char *what;
		struct side old, new;
		size_t fresh, worse, lost;
		const char *verdict;
	} rows[] = {
		{"nothing", {0}, {0}, 0, 0, 0, "Nothing changed"},
		{"new", {0}, {.findings = FAIL1}, 1, 0, 0, "Worse"},
		{"from info to error", {.findings = FINDING("DS101", "info", "fail", "m", AT("a"), "01", "")}, {.findings = FAIL1}, 0, 1, 0, "Worse"},
		{"from error to info", {.findings = FAIL1}, {.findings = FINDING("DS101", "info", "fail", "m", AT("a"), "01", "")}, 0, 0, 0, "Nothing worse"},
		{"other words", {.findings = FAIL1}, {.findings = FINDING("DS101", "error", "fail", "x", AT("a"), "01", "")}, 0, 0, 0, "Nothing worse"},
		{"one node more", {.findings = FAIL1},
		 {.findings = FINDING("DS101", "error", "fail", "m", AT("a"), "99", ",\"count\":2,\"fingerprints\":[\"01\",\"02\"]")}, 0, 1, 0, "Worse"},
		{"one for another", {.findings = FINDING("DS101", "error", "fail", "m", AT("a"), "99", ",\"count\":2,\"fingerprints\":[\"01\",\"02\"]")},
		 {.findings = FINDING("DS101", "error", "fail", "m", AT("a"), "99", ",\"count\":2,\"fingerprints\":[\"01\",\"03\"]")}, 0, 1, 0, "Worse"},
		{"fixed", {.findings = FAIL1}, {0}, 0, 0, 0, "Better"},
		{"not seen", {.findings = FAIL1}, {.inputs = READ("b")}, 0, 0, 1, "Less is known"},
		{"unreadable", {0}, {.inputs = FAILED("a") "," READ("b")}, 0, 0, 0, "Incomplete"},
		{"families unknown", {0}, {.families = "[],\"pods\":[],\"nodes\":[]},\"unknownFamilies\":{\"services\":\"why\",\"pods\":\"why\",\"nodes\":\"why\"}"},
		 0, 0, 1, "Less is known"},
		{"families known", {0}, {.families = "[\"IPv4\"],\"pods\":[\"IPv6\"],\"nodes\":[]},\"unknownFamilies\":{\"nodes\":\"why\"}"}, 0, 0, 0,
		 "More is known"},
		{"startup unknown", {0}, {.components = COMPONENT("kubelet", "n1", "a", "null")}, 0, 0, 1, "Less is known"},
		{"startup refused", {0}, {.components = COMPONENT("kubelet", "n1", "a", "false")}, 0, 0, 0, "Nothing worse"},
		{"a Service", {0}, {.services = "\"items\":[{\"namespace\":\"a\",\"name\":\"b\",\"operation\":\"create\",\"accepted\":false}]"}, 0, 0, 0,
		 "Nothing worse"},
		{"no preview", {0}, {.services = "\"unknown\":\"why\",\"items\":[]"}, 0, 0, 1, "Less is known"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		const struct ds_diff_counts *n;
		struct pair p;
		enum ds_ink ink;

		compare(&p, &rows[i].old, &rows[i].new);
		n = &p.diff.counts;
		if (n->fresh[DS_SEVERITY_ERROR] != rows[i].fresh || n->worse[DS_SEVERITY_ERROR] != rows[i].worse || n->lost != rows[i].lost)
			fail_msg("%s: %zu new, %zu worse, %zu lost", rows[i].what, n->fresh[DS_SEVERITY_ERROR], n->worse[DS_SEVERITY_ERROR],
				 n->lost);
		if (strcmp(ds_diff_verdict(&p.diff, &ink), rows[i].verdict) != 0)
			fail_msg("%s: %s", rows[i].what, ds_diff_verdict(&p.diff, &ink));
		done(&p);
	}
}

/* Everything that a report must have, gone or of another type: an error with a place, never a crash. */
static void test_every_byte_may_be_missing(void **state)
{
	static const struct side side = {
		.findings = FINDING("DS101", "error", "fail", "m", AT("a"), "99", ",\"count\":2,\"fingerprints\":[\"01\",\"02\"]"),
		.suppressed = FINDING("DS102", "error", "fail", "m", AT("b"), "03", ",\"by\":\"comment\",\"reason\":\"r\""),
		.services = "\"items\":[{\"namespace\":\"a\",\"name\":\"b\",\"operation\":\"create\",\"accepted\":true,\"spec\":{\"type\":\"x\"}}]",
	};
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	size_t bad = 0;

	(void)state;
	write_report(&b, &side);
	for (size_t cut = 0; cut < b.n; cut++) {
		for (int flip = 0; flip < 2; flip++) {
			char was = b.p[cut];
			struct ds_str text = flip ? ds_buf_str(&b) : ds_str_head(ds_buf_str(&b), cut);
			struct ds_saved saved;
			struct ds_ctx ctx;
			struct ds_input *in;
			int r;

			b.p[cut] = flip ? '7' : was;
			assert_int_equal(ds_ctx_init(&ctx, 0), 0);
			in = ds_ctx_input(&ctx, "r", "report");
			assert_non_null(in);
			r = ds_saved_read(&ctx, in, text, &saved);
			if (r < 0 && (ctx.diags.n == 0 || ctx.diags.v[ctx.diags.n - 1].loc.line == 0))
				fail_msg("cut at %zu: no word about it", cut);
			if (!flip && r == 0)
				fail_msg("cut at %zu: taken for whole", cut);
			bad += r < 0;
			ds_ctx_done(&ctx);
			b.p[cut] = was;
		}
	}
	assert_in_range(bad, b.n, 2 * b.n);
}

static void test_values(void **state)
{
	static const struct {
		const char *x, *y;
		bool same;
		const char *text;
	} rows[] = {
		{"[1]", "[1]", true, "1"},
		{"[1]", "[\"1\"]", false, "1"},
		{"[\"a\",\"b\"]", "[\"b\",\"a\"]", false, "a, b"},
		{"[]", "[]", true, "none"},
		{"{}", "[]", false, "none"},
		{"{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"a\":1}", true, "a: 1, b: (2)"},
		{"{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}", false, "a: 1, b: 2"},
		{"{\"a\":1}", "{\"a\":1,\"b\":2}", false, "a: 1"},
		{"[\"\"]", "[\"\"]", true, "\"\""},
		{"[null]", "[false]", false, "null"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
		struct ds_yaml_stream x, y;
		struct ds_ctx ctx;
		struct ds_input *in;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		in = ds_ctx_input(&ctx, "v", "json");
		assert_int_equal(ds_json_load(&ctx, in, ds_str_from(rows[i].x), &x), 0);
		assert_int_equal(ds_json_load(&ctx, in, ds_str_from(rows[i].y), &y), 0);
		if (ds_saved_same(ctx.arena, x.docs[0].root, y.docs[0].root) != rows[i].same)
			fail_msg("%s and %s", rows[i].x, rows[i].y);
		assert_true(ds_saved_same(ctx.arena, x.docs[0].root, x.docs[0].root));
		ds_saved_say(&b, x.docs[0].root);
		assert_string_equal(b.p, rows[i].text);
		ds_ctx_done(&ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_became_of_a_finding),
		cmocka_unit_test(test_what_fails_a_pipeline),
		cmocka_unit_test(test_every_byte_may_be_missing),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
