#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "collect/collect.h"
#include "rules/suppress.h"

#define RULE(id, body)                                                                                      \
	"- id: " id "\n  name: n-" id "\n  title: t\n  severity: warning\n  why: w\n  fix: f\n"             \
	"  tests: [{name: x, bundle: {}, expect: pass}]\n" body

/* AA001 finds every pod range, AA002 every kubelet, AA003 what nobody saw. */
static const char rules[] =
	RULE("AA001", "  forEach: {c: cluster.controllerManagers}\n  expression: 'false'\n"
		      "  messageExpression: \"'bad ' + c.where\"\n  locations: [c.clusterCIDR]\n")
	RULE("AA002", "  forEach: {k: cluster.kubelets}\n  expression: 'false'\n"
		      "  messageExpression: \"k.where + ' is here'\"\n")
	RULE("AA003", "  forEach: {c: cluster.controllerManagers}\n"
		      "  expression: c.serviceClusterIPRange.raw == ''\n  message: m\n");

struct run {
	struct ds_ctx ctx;
	struct ds_facts facts;
	struct ds_schema schema;
	struct ds_ruleset set;
	struct ds_model model;
	struct ds_findings findings;
	struct ds_suppressions s;
	struct ds_suppressed_list gone;
	size_t first; /* diagnostics of the inputs */
};

static struct ds_input *input(struct run *r, const char *name, const char *text)
{
	struct ds_input *in = ds_ctx_input(&r->ctx, name, "file");

	assert_non_null(in);
	in->text = ds_str_from(text);
	return in;
}

static void start(struct run *r)
{
	struct ds_input *in;

	*r = (struct run){0};
	assert_int_equal(ds_ctx_init(&r->ctx, 0), 0);
	assert_int_equal(ds_schema_init(r->ctx.arena, &r->schema), 0);
	r->set.schema = &r->schema;
	in = input(r, "rules.yaml", rules);
	in->status = DS_INPUT_SKIPPED;
	if (ds_rules_load(&r->ctx, in, in->text, &r->set) < 0)
		fail_msg("%s", r->ctx.diags.v[0].message);
	ds_suppress_init(&r->s, r->ctx.arena, &r->set);
	ds_facts_init(&r->facts, &r->ctx);
}

static void collect(struct run *r, const char *name, const char *text)
{
	assert_int_equal(ds_collect_text(&r->facts, input(r, name, text), ds_str_from(text), NULL), 0);
}

static void finish(struct run *r)
{
	struct ds_model_options none = {0};

	r->first = r->ctx.diags.n;
	assert_int_equal(ds_model_build(&r->facts, &r->schema, &none, &r->model), 0);
	assert_int_equal(ds_suppress_begin(&r->s, &r->ctx), 0);
	for (size_t i = 0; i < r->ctx.inputs.n; i++)
		assert_int_equal(ds_suppress_read_comments(&r->s, &r->ctx, r->ctx.inputs.v[i]), 0);
	assert_int_equal(ds_rules_eval(r->ctx.arena, &r->set, r->model.clusters.v[0], &r->findings), 0);
	assert_int_equal(ds_suppress_apply(&r->s, r->model.clusters.v[0], &r->findings, &r->gone), 0);
	assert_int_equal(ds_suppress_end(&r->s, &r->ctx), 0);
}

static void test_globs(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool match;
	} rows[] = {
		{"a.yaml", "a.yaml", true},
		{"a.yaml", "x/y/a.yaml", true},
		{"a.yaml", "a.yml", false},
		{"./a.yaml", "x/a.yaml", false},
		{"*.yaml", "x/a.yaml", true},
		{"x/*.yaml", "x/a.yaml", true},
		{"x/*.yaml", "x/y/a.yaml", false},
		{"x/**.yaml", "x/y/a.yaml", true},
		{"x/**", "x/y/z", true},
		{"x/**", "xy/z", false},
		{"**/a.yaml", "a.yaml", true},
		{"**/a.yaml", "x/y/a.yaml", true},
		{"**/a.yaml", "x/ya.yaml", false},
		{"x/**/a/*.yaml", "x/a/b/a/c.yaml", true},
		{"x/**/a/*.yaml", "x/a/b/c.yaml", false},
		{"?.yaml", "a.yaml", true},
		{"x?y", "x/y", false},
		{"x*y*z", "x-y-y-z", true},
		{"x*y*z", "x-y-y", false},
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"[a]", "[a]", true},
		{"*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
		{"**a**a**a**a**a**a**b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		if (ds_suppress_glob(rows[i].pattern, rows[i].path) != rows[i].match)
			fail_msg("'%s' and '%s'", rows[i].pattern, rows[i].path);
}

#define OBJECT(kind, annotations)                                                                           \
	"{\"apiVersion\":\"v1\",\"kind\":\"" kind "\",\"metadata\":{\"name\":\"x\",\"annotations\":{" annotations "}}}"

/* Where in a line of JSON AA001 is silent: inside the object that says so, and nowhere else. */
static void test_annotations(void **state)
{
	static const struct {
		const char *text;
		const char *silent; /* the text within which it is, or NULL */
		const char *warning;
	} rows[] = {
		{OBJECT("Pod", "\"ignore.dsaudit.dev/AA001\":\"because\""), "\"v1\"", ""},
		{OBJECT("Pod", "\"ignore.dsaudit.dev/n-aa001\":\"because\""), "\"v1\"", ""},
		{"[" OBJECT("Node", "\"ignore.dsaudit.dev/AA001\":\"because\"") "]", NULL, ""}, /* no list of Kubernetes */
		{"{\"kind\":\"List\",\"items\":[" OBJECT("Node", "\"ignore.dsaudit.dev/AA001\":\"because\"") ",{\"kind\":\"Node\"}]}",
		 "\"name\"", ""},
		{"{\"kind\":\"List\",\"items\":[{\"kind\":\"Node\"}," OBJECT("Node", "\"ignore.dsaudit.dev/AA001\":\"because\"") "]}",
		 "\"name\"", ""},
		{"{\"kind\":\"NodeBundle\",\"objects\":[" OBJECT("Service", "\"ignore.dsaudit.dev/AA001\":\"because\"") "]}", "\"name\"", ""},
		{OBJECT("Deployment", "\"ignore.dsaudit.dev/AA001\":\"because\""), "metadata", ""},
		{OBJECT("Secret", "\"ignore.dsaudit.dev/AA001\":\"because\""), NULL, ""},
		{OBJECT("Pod", "\"ignore.dsaudit.dev/AA002\":\"because\""), NULL, ""},
		{OBJECT("Pod", "\"ignore.dsaudit.dev/AA009\":\"because\""), NULL, "there is no rule 'AA009'"},
		{OBJECT("Pod", "\"ignore.dsaudit.dev/AA001\":\" \""), NULL, "it gives no reason"},
		{OBJECT("Pod", "\"ignore.dsaudit.dev/AA001\":true"), NULL, "its value is not a text"},
		{OBJECT("Pod", "\"ignore.dsaudit.dev/\":\"x\""), NULL, "there is no rule ''"},
		{"{\"kind\":\"Pod\",\"metadata\":{\"labels\":{\"ignore.dsaudit.dev/AA001\":\"x\"}}}", NULL, ""},
		{"1 kubelet --node-labels=ignore.dsaudit.dev/AA001=x", NULL, ""},
		{"{\"kind\":\"Pod\",\"metadata\":{\"annotations\":[\"ignore.dsaudit.dev/AA001\"]}}", NULL, ""},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_str text = ds_str_from(rows[i].text);
		const char *silent = rows[i].silent ? strstr(rows[i].text, rows[i].silent) : NULL;
		const struct ds_rule *rule;
		struct ds_input *in;
		struct run r;
		const char *got;
		size_t n = 0;

		start(&r);
		rule = ds_rules_find(&r.set, DS_STR("AA001"));
		in = input(&r, "x", rows[i].text);
		assert_int_equal(ds_suppress_read_annotations(&r.s, &r.ctx, in), 0);
		for (size_t at = 0; at < text.n; at++) {
			struct ds_loc l = {.input = in, .line = 1, .column = (uint32_t)at + 1};
			bool is = ds_suppress_annotation(&r.s, &l, rule) != NULL;

			n += is;
			if (silent && at == (size_t)(silent - rows[i].text) && !is)
				fail_msg("row %zu: not silent", i);
		}
		/* The object's own characters, of which the second Node has none. */
		if ((n > 0) != (rows[i].silent != NULL) || (n && text.p[0] == '{' && strstr(rows[i].text, "List") && n > text.n - 20))
			fail_msg("row %zu: silent in %zu of %zu", i, n, text.n);
		got = r.ctx.diags.n ? r.ctx.diags.v[0].message : "";
		if (r.ctx.diags.n != (rows[i].warning[0] != '\0') || !strstr(got, rows[i].warning))
			fail_msg("row %zu: '%s', expected '%s'", i, got, rows[i].warning);
		ds_ctx_done(&r.ctx);
	}
}

static void test_dates(void **state)
{
	static const struct {
		const char *text;
		bool is;
	} rows[] = {
		{"2026-12-31", true},  {"2024-02-29", true},  {"2023-02-29", false}, {"2000-02-29", true},
		{"1900-02-29", false}, {"2026-04-31", false}, {"2026-13-01", false}, {"2026-00-01", false},
		{"2026-01-00", false}, {"2026-1-1", false},   {"26-01-01", false},   {"2026-01-01T", false},
		{"2026/01/01", false}, {"", false},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		if (ds_suppress_is_date(ds_str_from(rows[i].text)) != rows[i].is)
			fail_msg("%s", rows[i].text);
}

static void test_comments(void **state)
{
	static const struct {
		const char *text;
		const char *type;
		uint32_t line; /* where AA001 is silent; 0: in the whole file; 99: nowhere */
		const char *warning; /* "" = none */
	} rows[] = {
		{"a\nb: 1 # dsaudit:ignore=AA001 because\n", "static-pod", 2, ""},
		{"a\r\n  # dsaudit:ignore=AA001 because\r\nb\r\n", "static-pod", 3, ""},
		{"a\n#dsaudit:ignore=AA002,n-aa001 because\nb", "static-pod", 3, ""},
		{"# dsaudit:ignore=AA001 one\n# something else\n# dsaudit:ignore=AA002 two\nb", "static-pod", 4, ""},
		{"# dsaudit:ignore=AA001,AA002 because\n\nb", "static-pod", 99, "nothing stands on the line below"},
		{"a\n# dsaudit:ignore=AA001 because\n# the end", "static-pod", 99, "nothing stands on the line below"},
		{"a: '# dsaudit:ignore=AA001 because'\n", "static-pod", 99, ""},
		{"a: \"\\\" # dsaudit:ignore=AA001 because\"\n", "static-pod", 99, ""},
		{"a: it's # dsaudit:ignore=AA001 because\n", "static-pod", 1, ""},
		{"a: x#dsaudit:ignore=AA001 because\n", "static-pod", 99, ""},
		{"a # dsaudit:ignore=AA001\n", "static-pod", 99, "it gives no reason"},
		{"a # dsaudit:ignore=AA001   \n", "static-pod", 99, "it gives no reason"},
		{"a # dsaudit:ignore=AA009 because\n", "static-pod", 99, "there is no rule 'AA009'"},
		{"a # dsaudit:ignore=AA001,AA009 because\n", "static-pod", 99, "there is no rule 'AA009'"},
		{"a # dsaudit:ignore=AA001, AA002 because\n", "static-pod", 99, "commas without blanks"},
		{"a # dsaudit:ignore= because\n", "static-pod", 99, "it names no rule"},
		{"a # dsaudit:ignore AA001 because\n", "static-pod", 1, ""},
		{"a # dsaudit:ingore=AA001 because\n", "static-pod", 99, "not 'ingore'"},
		{"a # dsaudit: prose about it\n", "static-pod", 99, ""},
		{"# copyright\n---\n%YAML 1.1\n# dsaudit:ignore-file=AA001 because\na\n", "static-pod", 0, ""},
		{"a\n# dsaudit:ignore-file=AA001 because\n", "static-pod", 99, "before the first content"},
		{"a # dsaudit:ignore-file=AA001 because\n", "static-pod", 99, "on a line of its own"},
		{"1 kubelet # dsaudit:ignore=AA001 because\n", "ps", 99, ""},
		{"# dsaudit:ignore=AA001 because\n1 kubelet\n", "ps", 2, ""},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		const struct ds_rule *rule;
		struct ds_input *in;
		struct run r;
		const char *got;

		start(&r);
		rule = ds_rules_find(&r.set, DS_STR("AA001"));
		in = input(&r, "x", rows[i].text);
		in->type = rows[i].type;
		assert_int_equal(ds_suppress_read_comments(&r.s, &r.ctx, in), 0);
		for (uint32_t line = 0; line < 8; line++)
			if ((ds_suppress_comment(&r.s, in, line, rule) != NULL) != (line == rows[i].line))
				fail_msg("row %zu, line %u", i, line);
		got = r.ctx.diags.n ? r.ctx.diags.v[0].message : "";
		if (r.ctx.diags.n != (rows[i].warning[0] != '\0') || !strstr(got, rows[i].warning))
			fail_msg("row %zu: '%s', expected '%s'", i, got, rows[i].warning);
		if (r.ctx.diags.n)
			assert_int_equal(r.ctx.diags.v[0].level, DS_LEVEL_WARNING);
		ds_ctx_done(&r.ctx);
	}
}

/* A comment of a stranger may not grow without end. */
static void test_many_rules_for_one_line(void **state)
{
	static const size_t counts[] = {256, 257};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(counts); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
		const struct ds_rule *rule;
		struct ds_input *in;
		struct run r;

		for (size_t k = 0; k < counts[i]; k++)
			ds_buf_addz(&b, "# dsaudit:ignore=AA001 because\n");
		ds_buf_addz(&b, "a\n");
		start(&r);
		rule = ds_rules_find(&r.set, DS_STR("AA001"));
		in = input(&r, "x", b.p);
		assert_int_equal(ds_suppress_read_comments(&r.s, &r.ctx, in), 0);
		assert_non_null(ds_suppress_comment(&r.s, in, (uint32_t)counts[i] + 1, rule));
		assert_int_equal(r.ctx.diags.n, i);
		ds_ctx_done(&r.ctx);
	}
}

static void test_bad_files(void **state)
{
	static const struct {
		bool baseline;
		const char *text;
		unsigned line, column;
		const char *message;
	} rows[] = {
		{false, "- rule: AA001\n", 1, 3, "'reason' is missing"},
		{false, "- reason: x\n", 1, 3, "'rule' is missing"},
		{false, "- {rule: AA009, reason: x}\n", 1, 10, "there is no rule 'AA009'"},
		{false, "- {rule: AA001, reason: ' '}\n", 1, 25, "'reason' must be a non-empty string"},
		{false, "- {rule: AA001, reason: [x]}\n", 1, 25, "'reason' must be a non-empty string"},
		{false, "- {rule: AA001, reason: x, expires: 2023-02-29}\n", 1, 37, "not a date"},
		{false, "- {rule: AA001, reason: x, expire: 2023-02-28}\n", 1, 28, "unknown field 'expire'"},
		{false, "rule: AA001\n", 1, 1, "a list of entries"},
		{false, "- AA001\n", 1, 3, "this is a scalar"},
		{false, "- {rule: AA001, reason: x}\n---\n- {}\n", 3, 1, "one document"},
		{true, "{}", 1, 1, "no baseline"},
		{true, "[]", 1, 1, "no baseline"},
		{true, "", 1, 1, "no baseline"},
		{true, "{\"apiVersion\": \"dsaudit.dev/v1\", \"kind\": \"Baseline\"}", 1, 1, "'findings' must be a list"},
		{true, "{\"apiVersion\": \"dsaudit.dev/v1\", \"kind\": \"Baseline\",\n\"findings\": [{\"rule\": \"AA001\"}]}", 2, 14,
		 "'fingerprint' is missing"},
		{true,
		 "{\"apiVersion\": \"dsaudit.dev/v1\", \"kind\": \"Baseline\",\n"
		 "\"findings\": [{\"fingerprint\": \"x\", \"rule\": \"AA001\", \"message\": \"m\"}]}", 2, 30, "not a fingerprint"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		const struct ds_diag *d;
		struct ds_input *in;
		struct run r;
		int e;

		start(&r);
		in = input(&r, "x", rows[i].text);
		e = rows[i].baseline ? ds_suppress_load_baseline(&r.s, &r.ctx, in, in->text)
				     : ds_suppress_load_ignores(&r.s, &r.ctx, in, in->text);
		d = r.ctx.diags.n ? &r.ctx.diags.v[0] : NULL;
		if (e != DS_EINVAL || !d || d->level != DS_LEVEL_ERROR || d->loc.line != rows[i].line ||
		    d->loc.column != rows[i].column || !strstr(d->message, rows[i].message))
			fail_msg("row %zu: %d, %u:%u: %s", i, e, d ? d->loc.line : 0, d ? d->loc.column : 0,
				 d ? d->message : "no diagnostic");
		ds_ctx_done(&r.ctx);
	}
}

static const char node_a[] = "1 kube-controller-manager --cluster-cidr=10.1.0.0/16 --service-cluster-ip-range=$(X)\n"
			     "2 kubelet --hostname-override=node-a --node-ip=10.0.0.1\n";
static const char node_b[] = "1 kube-controller-manager --cluster-cidr=10.1.0.0/16 --service-cluster-ip-range=$(X)\n"
			     "2 kubelet --hostname-override=node-b --node-ip=10.0.0.2\n";

/* How many findings of each rule are left on two nodes, and what is said about the file. */
static void test_ignore_files(void **state)
{
	static const struct {
		const char *text, *today;
		size_t left[3];
		const char *note; /* "" = none */
	} rows[] = {
		{"# nothing\n", "2026-01-01", {2, 2, 1}, ""},
		{"- {rule: AA001, reason: x}", "2026-01-01", {0, 2, 1}, ""},
		{"- {rule: aa001, reason: x, owner: net, target: b.txt}", "2026-01-01", {1, 2, 1}, ""},
		{"- {rule: n-AA002, reason: x, target: node-b}", "2026-01-01", {2, 1, 1}, ""},
		{"- {rule: AA001, reason: x, target: node-b}", "2026-01-01", {1, 2, 1}, ""},
		{"- {rule: AA002, reason: x, target: 'node-*'}", "2026-01-01", {2, 2, 1}, "AA002 finds nothing in node-*"},
		{"- {rule: AA001, reason: x}\n- {rule: AA001, reason: z, target: b.txt}", "2026-01-01", {0, 2, 1}, ""},
		/* what could not be checked may be found yet */
		{"- {rule: AA003, reason: x, target: c.txt}", "2026-01-01", {2, 2, 1}, ""},
		{"- {rule: AA002, reason: x, target: 'dir/*'}", "2026-01-01", {2, 0, 1}, ""},
		{"- {rule: AA002, reason: x, expires: 2026-01-01}", "2026-01-01", {2, 0, 1}, ""},
		{"- {rule: AA002, reason: x, expires: '2026-01-01'}", "2026-01-02", {2, 2, 1}, "expired on 2026-01-01"},
		{"- {rule: AA002, reason: x, expires: 2026-01-01}", NULL, {2, 2, 1}, "today's date is not known"},
		/* one unknown in two places: silent only when both are covered */
		{"- {rule: AA003, reason: x, target: b.txt}", "2026-01-01", {2, 2, 1}, ""},
		{"- {rule: AA003, reason: x, target: '*.txt'}", "2026-01-01", {2, 2, 0}, ""},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		size_t left[3] = {0};
		struct ds_input *in;
		struct run r;

		start(&r);
		in = input(&r, "ignore.yaml", rows[i].text);
		in->status = DS_INPUT_SKIPPED;
		if (ds_suppress_load_ignores(&r.s, &r.ctx, in, in->text) < 0)
			fail_msg("row %zu: %s", i, r.ctx.diags.v[0].message);
		r.s.today = rows[i].today;
		collect(&r, "dir/a.txt", node_a);
		collect(&r, "dir/b.txt", node_b);
		finish(&r);
		assert_int_equal(r.model.clusters.n, 1);
		for (size_t k = 0; k < r.findings.v.n; k++)
			left[r.findings.v.v[k].rule->id[4] - '1']++;
		for (size_t k = 0; k < 3; k++)
			if (left[k] != rows[i].left[k])
				fail_msg("row %zu: %zu of AA00%zu left", i, left[k], k + 1);
		assert_int_equal(r.gone.v.n + r.findings.v.n, 5);
		for (size_t k = 0; k < r.gone.v.n; k++)
			assert_int_equal(r.gone.v.v[k].by, DS_BY_IGNORE_FILE);
		if ((r.ctx.diags.n > r.first) != (rows[i].note[0] != '\0') ||
		    (r.ctx.diags.n > r.first && !strstr(r.ctx.diags.v[r.first].message, rows[i].note)))
			fail_msg("row %zu: %s", i, r.ctx.diags.n > r.first ? r.ctx.diags.v[r.first].message : "no note");
		ds_ctx_done(&r.ctx);
	}
}

/* The fingerprints of a listing, in the order of the alphabet. */
static void fingerprints(const char *text, char out[static 512])
{
	const char *v[16];
	size_t n = 0;
	struct run r;

	start(&r);
	collect(&r, "ps.txt", text);
	finish(&r);
	for (size_t i = 0; i < r.findings.v.n; i++) {
		size_t at = n++;

		for (; at > 0 && strcmp(v[at - 1], r.findings.v.v[i].fingerprint) > 0; at--)
			v[at] = v[at - 1];
		v[at] = r.findings.v.v[i].fingerprint;
	}
	out[0] = '\0';
	for (size_t i = 0, used = 0; i < n; i++) {
		assert_int_equal(strlen(v[i]), 16);
		used += (size_t)snprintf(out + used, 512 - used, "%s ", v[i]);
	}
	ds_ctx_done(&r.ctx);
}

#define KCM "kube-controller-manager --cluster-cidr=10.1.0.0/16 --service-cluster-ip-range=$(X)"

static void test_fingerprints(void **state)
{
	static const struct {
		const char *what, *text;
		bool same;
	} rows[] = {
		{"other pids", "71 " KCM "\n72 kubelet --v=2\n73 kubelet --v=3\n", true},
		{"other lines", "\n\n2 kubelet --v=2\n3 kubelet --v=3\n1 " KCM "\n", true},
		{"other order of flags",
		 "1 kube-controller-manager --service-cluster-ip-range=$(X) --v=2 --cluster-cidr=10.1.0.0/16\n"
		 "2 kubelet --v=2\n3 kubelet --v=3\n", true},
		{"another value", "1 kube-controller-manager --cluster-cidr=10.2.0.0/16 --service-cluster-ip-range=$(X)\n"
				  "2 kubelet --v=2\n3 kubelet --v=3\n", false},
		{"one more", "1 " KCM "\n2 kubelet --v=2\n3 kubelet --v=3\n4 kubelet\n", false},
	};
	char first[512], other[512];

	(void)state;
	fingerprints("1 " KCM "\n2 kubelet --v=2\n3 kubelet --v=3\n", first);
	assert_int_equal(strlen(first), 4 * 17);
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		fingerprints(rows[i].text, other);
		if ((strcmp(first, other) == 0) != rows[i].same)
			fail_msg("%s: %s and %s", rows[i].what, first, other);
	}
}

static void test_a_baseline(void **state)
{
	static const char form[] = "{\"apiVersion\": \"dsaudit.dev/v1\", \"kind\": \"Baseline\", \"findings\": [\n"
				   "{\"fingerprint\": \"%s\", \"rule\": \"%s\", \"name\": \"n\", \"message\": \"m\"},\n"
				   "{\"fingerprint\": \"0123456789abcdef\", \"rule\": \"AA001\", \"name\": \"n\", \"message\": \"old\"}]}";
	char text[1024], fingerprint[17];
	static const char *const named[] = {"AA001", "AA002"}; /* the rule must agree with the fingerprint */

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(named); i++) {
		struct ds_input *in;
		struct run r;

		start(&r);
		collect(&r, "a.txt", node_a);
		finish(&r);
		assert_string_equal(r.findings.v.v[0].rule->id, "AA001");
		(void)snprintf(fingerprint, sizeof(fingerprint), "%s", r.findings.v.v[0].fingerprint);
		ds_ctx_done(&r.ctx);

		start(&r);
		(void)snprintf(text, sizeof(text), form, fingerprint, named[i]);
		in = input(&r, "baseline.json", text);
		in->status = DS_INPUT_SKIPPED;
		assert_int_equal(ds_suppress_load_baseline(&r.s, &r.ctx, in, in->text), 0);
		collect(&r, "a.txt", node_a);
		finish(&r);
		assert_int_equal(r.gone.v.n, i == 0 ? 1 : 0);
		assert_int_equal(r.findings.v.n, i == 0 ? 2 : 3);
		assert_int_equal(r.ctx.diags.n - r.first, i == 0 ? 1 : 2);
		assert_int_equal(r.ctx.diags.v[r.ctx.diags.n - 1].level, DS_LEVEL_NOTE);
		assert_int_equal(r.ctx.diags.v[r.ctx.diags.n - 1].loc.line, 3);
		assert_non_null(strstr(r.ctx.diags.v[r.ctx.diags.n - 1].message, "0123456789abcdef (AA001) any more: old"));
		ds_ctx_done(&r.ctx);
	}
}

static void test_rules_left_out_are_known(void **state)
{
	struct run r;

	(void)state;
	start(&r);
	assert_int_equal(ds_rules_leave_out(r.ctx.arena, &r.set, DS_STR("n-aa002")), 0);
	assert_int_equal(ds_rules_leave_out(r.ctx.arena, &r.set, DS_STR("AA002")), 0);
	assert_int_equal(ds_rules_leave_out(r.ctx.arena, &r.set, DS_STR("AA009")), DS_ENOENT);
	assert_int_equal(r.set.rules.n, 2);
	assert_null(ds_rules_find(&r.set, DS_STR("AA002")));
	assert_non_null(ds_rules_known(&r.set, DS_STR("AA002")));
	ds_ctx_done(&r.ctx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_globs),
		cmocka_unit_test(test_annotations),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_comments),
		cmocka_unit_test(test_many_rules_for_one_line),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_ignore_files),
		cmocka_unit_test(test_fingerprints),
		cmocka_unit_test(test_a_baseline),
		cmocka_unit_test(test_rules_left_out_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
