#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "collect/bundle.h"
#include "rules/compile.h"
#include "rules/eval.h"
#include "rules/test.h"
#include "yaml/scalar.h"

/* The catalogue as the binary carries it. */
struct catalogue {
	struct ds_ctx ctx;
	struct ds_schema schema;
	struct ds_ruleset set;
};

static int load(void **state)
{
	struct catalogue *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	assert_int_equal(ds_ctx_init(&c->ctx, 0), 0);
	assert_int_equal(ds_schema_init(c->ctx.arena, &c->schema), 0);
	c->set.schema = &c->schema;
	if (ds_rules_load_builtin(&c->ctx, &c->set, true) < 0) {
		const struct ds_diag *d = c->ctx.diags.n ? &c->ctx.diags.v[0] : NULL;

		fail_msg("%s:%u:%u: %s", d && d->loc.input ? d->loc.input->name : "?", d ? d->loc.line : 0,
			 d ? d->loc.column : 0, d ? d->message : "the catalogue does not load");
	}
	*state = c;
	return 0;
}

static int unload(void **state)
{
	struct catalogue *c = *state;

	ds_ctx_done(&c->ctx);
	free(c);
	return 0;
}

/* ---- every rule by itself ---- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void ids_are_in_order_and_in_their_file(void **state)
{
	const struct catalogue *c = *state;

	assert_true(c->set.rules.n >= 80);
	for (size_t i = 0; i < c->set.rules.n; i++) {
		const struct ds_rule *r = c->set.rules.v[i];
		const char *file = base_name(r->input->name);

		/* ds3-masks.yaml holds DS3xx. */
		if (strncmp(r->id, "DS", 2) != 0 || strlen(r->id) != 5 || strncmp(file, "ds", 2) != 0 ||
		    file[2] != r->id[2])
			fail_msg("%s does not belong into %s", r->id, file);
		/* Sorted by id, so equal ids are neighbours, and lines of a file must grow. */
		if (i == 0)
			continue;
		if (strcmp(c->set.rules.v[i - 1]->id, r->id) == 0)
			fail_msg("%s is there twice", r->id);
		if (c->set.rules.v[i - 1]->input == r->input && c->set.rules.v[i - 1]->node->line >= r->node->line)
			fail_msg("%s stands before a smaller id in %s", r->id, file);
	}
}

static bool all_filled(const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!v[i][0])
			return false;
	return n > 0;
}

static void rules_are_complete(void **state)
{
	const struct catalogue *c = *state;

	for (size_t i = 0; i < c->set.rules.n; i++) {
		const struct ds_rule *r = c->set.rules.v[i];

		if (!all_filled(r->references, r->n_references))
			fail_msg("%s has no references", r->id);
		if (!all_filled(r->cases, r->n_cases))
			fail_msg("%s has no cases", r->id);
		if (strlen(r->title) > 100 || strlen(r->why) < 80 || strlen(r->fix) < 20)
			fail_msg("%s: title too long, or why or fix too short", r->id);
		if (!r->message_expression.source.n)
			fail_msg("%s has no messageExpression", r->id);
		for (size_t k = 0; k < r->n_supersedes; k++)
			if (strcmp(r->supersedes[k], r->id) == 0 ||
			    !ds_rules_find(&c->set, ds_str_from(r->supersedes[k])))
				fail_msg("%s supersedes %s, which is no other rule", r->id, r->supersedes[k]);
	}
}

static void same_source(const struct ds_rule *r, const struct ds_rule_expr *x, const struct ds_rule_expr *whole)
{
	if (!ds_str_eq(x->source, whole->source))
		fail_msg("%s: '%.*s' is not '%.*s'", r->id, DS_STR_ARG(x->source), DS_STR_ARG(whole->source));
}

static void compiles(struct ds_rule *r, struct ds_rule_expr *x, const struct ds_rule_expr *whole)
{
	struct ds_rule_problem problem;

	same_source(r, x, whole);
	if (ds_rule_compile(r, x, &problem) < 0)
		fail_msg("%s: %.*s: %s", r->id, DS_STR_ARG(x->source), problem.message);
	assert_int_equal(x->program != NULL, x->source.n > 0);
}

static void names_are_the_same(const struct ds_rule *r, const struct ds_rule_var *v, size_t n,
			       const struct ds_rule_var *whole, size_t whole_n)
{
	assert_int_equal(n, whole_n);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(v[i].name, whole[i].name);
		same_source(r, &v[i].expr, &whole[i].expr);
		assert_non_null(v[i].expr.program);
	}
}

/* A run reads the rules without their tests and compiles what it needs: here all of it is. */
static void what_runs_use_compiles_and_is_the_same(void **state)
{
	const struct catalogue *c = *state;
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	struct ds_ruleset lean = {.schema = &c->schema};

	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	assert_int_equal(ds_rules_load_builtin(&ctx, &lean, false), 0);
	assert_int_equal(lean.rules.n, c->set.rules.n);
	for (size_t i = 0; i < lean.rules.n; i++) {
		struct ds_rule *r = lean.rules.v[i];
		const struct ds_rule *whole = c->set.rules.v[i];

		assert_string_equal(r->id, whole->id);
		assert_string_equal(r->fix, whole->fix);
		compiles(r, &r->match, &whole->match);
		compiles(r, &r->expression, &whole->expression);
		compiles(r, &r->message_expression, &whole->message_expression);
		compiles(r, &r->fix_expression, &whole->fix_expression);
		compiles(r, &r->severity_expression, &whole->severity_expression);
		assert_int_equal(r->n_locations, whole->n_locations);
		for (size_t k = 0; k < r->n_locations; k++)
			compiles(r, &r->locations[k], &whole->locations[k]);
		names_are_the_same(r, r->for_each, r->n_for_each, whole->for_each, whole->n_for_each);
		names_are_the_same(r, r->variables, r->n_variables, whole->variables, whole->n_variables);
	}
}

static void rules_have_tests_of_every_kind(void **state)
{
	const struct catalogue *c = *state;

	for (size_t i = 0; i < c->set.rules.n; i++) {
		const struct ds_rule *r = c->set.rules.v[i];
		size_t fails = 0, passes = 0, others = 0;

		for (size_t k = 0; k < r->tests->n; k++) {
			struct ds_str e;

			assert_int_equal(ds_yaml_as_string(ds_yaml_get(r->tests->items[k], "expect"), &e), 0);
			fails += ds_str_eqz(e, "fail");
			passes += ds_str_eqz(e, "pass");
			others += ds_str_eqz(e, "unknown") || ds_str_eqz(e, "not-applicable");
		}
		if (!fails || !passes || !others || fails + passes + others != r->tests->n)
			fail_msg("%s needs tests that fail, pass and are unknown or not applicable", r->id);
	}
}

static void inline_tests_hold(void **state)
{
	struct catalogue *c = *state;
	struct ds_rule_test_results results;

	assert_int_equal(ds_rules_run_tests(c->ctx.arena, &c->set, NULL, &results), 0);
	assert_true(results.v.n >= 4 * c->set.rules.n);
	for (size_t i = 0; i < results.v.n; i++)
		if (!results.v.v[i].passed)
			fail_msg("%s: %s: %s", results.v.v[i].rule->id, results.v.v[i].name, results.v.v[i].detail);
}

/* ---- all rules together ---- */

/* One argument a line, so that places differ. */
#define API(services, advertise)                                                                                    \
	"- pid: 1\n  argv:\n  - kube-apiserver\n  - '--service-cluster-ip-range=" services                          \
	"'\n  - '--advertise-address=" advertise "'\n"
#define KCM(pods, services, more)                                                                                   \
	"- pid: 2\n  argv:\n  - kube-controller-manager\n  - --allocate-node-cidrs=true\n  - '--cluster-cidr=" pods   \
	"'\n  - '--service-cluster-ip-range=" services "'\n" more
#define RUN(name) "- argv:\n  - " name "\n"
#define ARG(arg) "  - '" arg "'\n"
#define PROXY(pods) "- pid: 3\n  argv:\n  - kube-proxy\n  - '--cluster-cidr=" pods "'\n"
#define LET(ips, dns) "- pid: 4\n  argv:\n  - kubelet\n  - '--node-ip=" ips "'\n  - '--cluster-dns=" dns "'\n"

#define V4_PODS "10.244.0.0/16"
#define V6_PODS "fd7c:3a1b:99e5::/48"
#define V4_SERVICES "10.96.0.0/16"
#define V6_SERVICES "fd7c:3a1b:99e4:1::/112"
#define DUAL_PODS V4_PODS "," V6_PODS
#define DUAL_SERVICES V4_SERVICES "," V6_SERVICES
#define V4_NODE "192.168.7.11"
#define V6_NODE "fd7c:3a1b:99e6:1::11"
#define DUAL_NODE V4_NODE "," V6_NODE

/* What a cluster's findings must be: "DS501=error", errors and warnings only, by weight. */
static const struct {
	const char *name;
	const char *version;
	const char *processes;
	const char *want;
} clusters[] = {
	/* Every valid shape is silent. */
	{"IPv4", "1.31.0",
	 API(V4_SERVICES, V4_NODE) KCM(V4_PODS, V4_SERVICES, "") PROXY(V4_PODS) LET(V4_NODE, "10.96.0.10"), ""},
	{"IPv6", "1.31.0",
	 API(V6_SERVICES, V6_NODE)
	 KCM(V6_PODS, V6_SERVICES, "") PROXY(V6_PODS) LET(V6_NODE, "fd7c:3a1b:99e4:1::a"), ""},
	{"dual-stack, IPv4 first", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE)
	 KCM(DUAL_PODS, DUAL_SERVICES, "") PROXY(DUAL_PODS) LET(DUAL_NODE, "10.96.0.10"), ""},
	{"dual-stack, IPv6 first", "1.36.0",
	 API(V6_SERVICES "," V4_SERVICES, V6_NODE)
	 KCM(V6_PODS "," V4_PODS, V6_SERVICES "," V4_SERVICES, "") PROXY(V6_PODS "," V4_PODS)
	 LET(V6_NODE "," V4_NODE, "fd7c:3a1b:99e4:1::a"), ""},
	{"dual-stack with masks", "1.23.0",
	 API(DUAL_SERVICES, V4_NODE)
	 KCM(DUAL_PODS, DUAL_SERVICES, ARG("--node-cidr-mask-size-ipv4=24") ARG("--node-cidr-mask-size-ipv6=64"))
	 PROXY(DUAL_PODS) LET(DUAL_NODE, "10.96.0.10"), ""},
	{"the reference cluster", "1.36.0",
	 API("10.96.0.0/16,fd00:10:96::/112", "192.0.2.11")
	 KCM("10.244.0.0/16,fd00:10:244::/48", "10.96.0.0/16,fd00:10:96::/112",
	 ARG("--node-cidr-mask-size-ipv4=24") ARG("--node-cidr-mask-size-ipv6=64"))
	 PROXY("10.244.0.0/16,fd00:10:244::/48") LET("192.0.2.11,fd00:0:0:1::11", "10.96.0.10"), ""},
	{"dual-stack pods, single-stack Services, by design", "1.31.0",
	 API(V4_SERVICES, V4_NODE) KCM(DUAL_PODS, V4_SERVICES, "") PROXY(DUAL_PODS) LET(DUAL_NODE, "10.96.0.10"), ""},
	{"the network plugin allocates", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) RUN("kube-controller-manager") ARG("--allocate-node-cidrs=false")
	 RUN("kube-proxy") ARG("--detect-local-mode=BridgeInterface") ARG("--pod-bridge-interface=cni0")
	 LET(DUAL_NODE, "10.96.0.10"), ""},
	{"an external cloud provider", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE)
	 RUN("kube-controller-manager") ARG("--cloud-provider=external") ARG("--allocate-node-cidrs=true")
	 ARG("--cluster-cidr=" DUAL_PODS) ARG("--service-cluster-ip-range=" DUAL_SERVICES) PROXY(DUAL_PODS)
	 RUN("kubelet") ARG("--cloud-provider=external") ARG("--cluster-dns=10.96.0.10"), ""},
	{"exactly 16 bits, a /12 and a /108", "1.31.0",
	 API("10.96.0.0/12,fd7c:3a1b:99e4:1::/108", V4_NODE) KCM(DUAL_PODS, "10.96.0.0/12,fd7c:3a1b:99e4:1::/108", "")
	 PROXY(DUAL_PODS) LET(DUAL_NODE, "169.254.20.10"), ""},
	{"larger Service ranges since 1.34", "1.34.0",
	 API("10.96.0.0/12,fd7c:3a1b:99e4:1::/64", V4_NODE) KCM(DUAL_PODS, "10.96.0.0/12,fd7c:3a1b:99e4:1::/64", "")
	 PROXY(DUAL_PODS) LET(DUAL_NODE, "10.96.0.10"), ""},
	{"no endpoints wanted", "1.31.0",
	 RUN("kube-apiserver") ARG("--endpoint-reconciler-type=none") ARG("--service-cluster-ip-range=" V6_SERVICES)
	 ARG("--advertise-address=192.168.7.10") KCM(V6_PODS, V6_SERVICES, ""), ""},
	{"three equal control planes", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) API(DUAL_SERVICES, "192.168.7.12") KCM(DUAL_PODS, DUAL_SERVICES, "")
	 KCM(DUAL_PODS, DUAL_SERVICES, ""), ""},

	/* One cause, one finding. */
	{"A01", "1.31.0",
	 API(V4_SERVICES, V4_NODE) KCM(DUAL_PODS, DUAL_SERVICES, "") PROXY(DUAL_PODS) LET(DUAL_NODE, "10.96.0.10"),
	 "DS101=error"},
	{"A02", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(DUAL_PODS, V4_SERVICES, "") PROXY(DUAL_PODS) LET(DUAL_NODE, "10.96.0.10"),
	 "DS102=warning"},
	{"A03", "1.31.0",
	 API("10.32.0.0/24", V4_NODE) KCM(V4_PODS, "10.32.0.0/16", "") PROXY(V4_PODS) LET(V4_NODE, "10.32.0.10"),
	 "DS103=warning"},
	{"A04", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(V4_PODS, DUAL_SERVICES, "") PROXY(V4_PODS) LET(DUAL_NODE, "10.96.0.10"),
	 "DS104=error"},
	{"A06", "1.31.0", API(V6_SERVICES, V6_NODE) KCM(V4_PODS, V6_SERVICES, ""), "DS106=error"},
	{"A07", "1.31.0",
	 API(V6_SERVICES "," V4_SERVICES, V6_NODE) KCM(DUAL_PODS, V6_SERVICES "," V4_SERVICES, "") PROXY(DUAL_PODS)
	 LET(DUAL_NODE, "fd7c:3a1b:99e4:1::a"), "DS107=warning"},
	{"A11", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) API(V4_SERVICES, "192.168.7.12")
	 KCM(DUAL_PODS, DUAL_SERVICES, ""), "DS110=error"},
	{"A12", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(DUAL_PODS, DUAL_SERVICES, "")
	 KCM(DUAL_PODS, DUAL_SERVICES, ARG("--node-cidr-mask-size-ipv6=60")), "DS111=warning"},
	{"A13", "1.31.0",
	 API(V4_SERVICES, V4_NODE) KCM(V4_PODS, V4_SERVICES, "") PROXY("10.42.0.0/16"), "DS112=error"},
	{"A17", "1.31.0",
	 RUN("kube-apiserver") ARG("--advertise-address=192.168.7.10")
	 KCM(DUAL_PODS, DUAL_SERVICES, ""), "DS113=error"},
	{"A18", "1.31.0",
	 API(V4_SERVICES, V4_NODE) RUN("kube-controller-manager")
	 ARG("--cluster-cidr=10.244.0.0/16"), "DS114=warning"},
	{"B01", "1.31.0",
	 API(V4_SERVICES ", " V6_SERVICES, V4_NODE) KCM(DUAL_PODS, DUAL_SERVICES, ""), "DS201=error"},
	{"B01 by a shell", "1.31.0",
	 RUN("kube-apiserver") ARG("--service-cluster-ip-range=10.96.0.0/16,") ARG("fd00:10:96::/112")
	 ARG("--advertise-address=192.168.7.10") KCM(DUAL_PODS, DUAL_SERVICES, ""), "DS201=error"},
	{"B02", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(V4_PODS ", " V6_PODS, DUAL_SERVICES, ""), "DS202=error"},
	{"B03", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(DUAL_PODS, V4_SERVICES ", " V6_SERVICES, ""), "DS203=warning"},
	{"B05", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(DUAL_PODS, DUAL_SERVICES, "") PROXY(V4_PODS ", " V6_PODS), "DS704=error"},
	{"B06", "1.31.0", RUN("kubelet") ARG("--node-ip=192.168.7.11,") ARG("fd00::11"), "DS204=error"},
	{"B07", "1.31.0",
	 API(V4_SERVICES, V4_NODE) KCM(V4_PODS, V4_SERVICES, ARG("--node-cidr-mask-sise=24")), "DS206=error"},
	{"B08", "1.31.0",
	 RUN("kube-apiserver") ARG("--service-cluster-ip-range=10.96.0.0/16")
	 ARG("--advertise-address=192.168.7.10") ARG("--cluster-cidr=10.244.0.0/16"), "DS207=error"},
	{"B09", "1.23.0",
	 RUN("kube-apiserver") ARG("--service-cluster-ip-range=10.96.0.0/16")
	 ARG("--advertise-address=192.168.7.10") ARG("--feature-gates=IPv6DualStack=false"), "DS209=error"},
	{"B10", "1.31.0",
	 RUN("kube-apiserver") ARG("--service-cluster-ip-range=10.96.0.0/16")
	 ARG("--advertise-address=192.168.7.10") ARG("--feature-gates=IPv6DualStack=true"), "DS210=error"},
	{"B13", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM("\"" DUAL_PODS "\"", DUAL_SERVICES, ""), "DS213=error"},
	{"B14", "1.31.0",
	 API(DUAL_SERVICES ",10.97.0.0/16", V4_NODE) KCM(DUAL_PODS, DUAL_SERVICES, ""), "DS214=error"},
	{"B14 for pods", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(DUAL_PODS ",10.245.0.0/16", DUAL_SERVICES, ""), "DS215=error"},
	{"B14 and a gate that is refused first", "1.31.0",
	 API(DUAL_SERVICES ",10.97.0.0/16", V4_NODE) ARG("--feature-gates=NoSuchGate=true")
	 KCM(DUAL_PODS, DUAL_SERVICES, ""), "DS200=error DS214=error"},
	{"B15 and a count that is refused with it", "1.31.0",
	 API(V4_SERVICES ",10.97.0.0/16", V4_NODE) ARG("--apiserver-count=0") KCM(V4_PODS, V4_SERVICES, ""),
	 "DS200=error DS216=error"},
	{"G04 and a mode in the same breath", "1.31.0",
	 API(V4_SERVICES, V4_NODE)
	 KCM(V4_PODS, V4_SERVICES, "") PROXY(V4_PODS ",10.245.0.0/16") ARG("--proxy-mode=tables"),
	 "DS200=error DS704=error"},
	{"node blocks without a pod range", "1.31.0",
	 API(V4_SERVICES, V4_NODE) RUN("kube-controller-manager") ARG("--allocate-node-cidrs=true")
	 ARG("--service-cluster-ip-range=10.96.0.0/16"), "DS219=error"},
	{"B15", "1.31.0",
	 API(V4_SERVICES ",10.97.0.0/16", V4_NODE) KCM(V4_PODS, V4_SERVICES, ""), "DS216=error"},
	{"B15 for pods", "1.31.0",
	 API(V4_SERVICES, V4_NODE) KCM(V4_PODS ",10.245.0.0/16", V4_SERVICES, ""), "DS217=error"},
	{"B16", "1.31.0", API("10.96.0.0", V4_NODE) KCM(V4_PODS, V4_SERVICES, ""), "DS218=error"},
	{"B16 for pods", "1.31.0", API(V4_SERVICES, V4_NODE) KCM("10.244.0.0", V4_SERVICES, ""), "DS219=error"},
	{"B17", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(DUAL_PODS, DUAL_SERVICES, "") LET(V4_NODE "," V6_NODE "/64", "10.96.0.10"),
	 "DS617=error"},
	{"B18", "1.31.0", API(V4_SERVICES ",", V4_NODE) KCM(V4_PODS, V4_SERVICES, ""), "DS220=error"},
	{"B19", "1.31.0",
	 RUN("kube-apiserver") ARG("--service-cluster-ip-range=10.96.0.0/16")
	 ARG("--service-cluster-ip-range=fd00:10:96::/112") ARG("--advertise-address=fd00::1")
	 KCM(DUAL_PODS, DUAL_SERVICES, ""), "DS222=error"},
	{"B26", "1.31.0",
	 API(V4_SERVICES, V4_NODE) KCM("10.244.1.5/16", V4_SERVICES, ""), "DS226=warning"},
	{"C01", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(DUAL_PODS, DUAL_SERVICES, ARG("--node-cidr-mask-size=24")), "DS301=error"},
	{"C02", "1.31.0",
	 API(V4_SERVICES, V4_NODE) KCM(V4_PODS, V4_SERVICES, ARG("--node-cidr-mask-size=24")
	 ARG("--node-cidr-mask-size-ipv4=25")),
	 "DS302=error"},
	{"C03", "1.31.0",
	 API(V4_SERVICES, V4_NODE) KCM(V4_PODS, V4_SERVICES, ARG("--node-cidr-mask-size-ipv6=80")), "DS303=error"},
	{"C04", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(DUAL_PODS, DUAL_SERVICES,
	 ARG("--node-cidr-mask-size-ipv6=96")), "DS304=error"},
	{"C05", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(V4_PODS ",fd7c:3a1b:99e5::/112", DUAL_SERVICES, ""), "DS305=error"},
	{"C06", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(V4_PODS ",fd7c:3a1b:99e5::/64", DUAL_SERVICES, ""), "DS306=warning"},
	{"C07", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(V4_PODS ",fd7c:3a1b:99e5::/60", DUAL_SERVICES, ""), "DS307=warning"},
	{"C08", "1.31.0", API("10.96.0.0/12", V4_NODE) KCM("10.111.0.0/16", "10.96.0.0/12", ""), "DS308=error"},
	{"C12", "1.33.0",
	 API("10.96.0.0/16,fd7c:3a1b:99e4::/64", V4_NODE) KCM(DUAL_PODS, "10.96.0.0/16,fd7c:3a1b:99e4::/64", ""),
	 "DS312=error"},
	{"C13", "1.34.0",
	 API("10.96.0.0/16,fd7c:3a1b:9900::/40", V4_NODE)
	 KCM(V4_PODS ",fd7c:3a1c::/48", "10.96.0.0/16,fd7c:3a1b:9900::/40", ""),
	 "DS313=error"},
	{"C14", "1.31.0", API("10.96.0.0/30", V4_NODE) KCM(V4_PODS, "10.96.0.0/30", ""), "DS314=error"},
	{"D01", "1.31.0",
	 API("10.96.0.0/16,fd7c:3a1b:42:1::/112", V4_NODE)
	 KCM("10.244.0.0/16,fd7c:3a1b:42::/56", "10.96.0.0/16,fd7c:3a1b:42:1::/112", ""), "DS401=error"},
	{"D02", "1.31.0", API("10.96.0.0/12", V4_NODE) KCM("10.0.0.0/8", "10.96.0.0/12", ""), "DS402=error"},
	{"D03", "1.31.0",
	 API("10.96.0.0/16,fde1::/112", V4_NODE)
	 KCM("10.244.0.0/16,fde1::/64", "10.96.0.0/16,fde1::/112",
	 ARG("--node-cidr-mask-size-ipv6=80")), "DS403=error"},
	{"D04", "1.31.0",
	 API(V4_SERVICES, V4_NODE)
	 KCM("192.168.0.0/16", V4_SERVICES, "") LET("192.168.1.20", "10.96.0.10"), "DS404=error"},
	{"D05", "1.31.0",
	 API("10.96.0.0/12", V4_NODE)
	 KCM(V4_PODS, "10.96.0.0/12", "") LET("10.100.0.11", "10.96.0.10"), "DS405=error"},
	{"D08", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(V4_PODS ",2001:db8:42::/56", DUAL_SERVICES, ""), "DS408=warning"},
	{"D10", "1.31.0", API(DUAL_SERVICES, V4_NODE)
	 KCM(V4_PODS ",fc00:1::/48", DUAL_SERVICES, ""), "DS410=warning"},
	{"E01", "1.31.0",
	 API(V6_SERVICES "," V4_SERVICES, V4_NODE)
	 KCM(V6_PODS "," V4_PODS, V6_SERVICES "," V4_SERVICES, ""), "DS501=error"},
	{"E02", "1.31.0",
	 RUN("kube-apiserver") ARG("--bind-address=192.168.7.10") ARG("--service-cluster-ip-range=" V6_SERVICES)
	 KCM(V6_PODS, V6_SERVICES, ""), "DS502=error"},
	{"E03", "1.31.0", API(DUAL_SERVICES, DUAL_NODE) KCM(DUAL_PODS, DUAL_SERVICES, ""), "DS503=error"},
	{"F01", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(DUAL_PODS, DUAL_SERVICES, "") RUN("kubelet") ARG("--cluster-dns=10.96.0.10"),
	 "DS601=error"},
	{"F02", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(DUAL_PODS, DUAL_SERVICES, "") LET(V4_NODE, "10.96.0.10"), "DS602=error"},
	{"F04", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(DUAL_PODS, DUAL_SERVICES, "") LET(V6_NODE "," V4_NODE, "10.96.0.10"),
	 "DS604=warning"},
	{"F07", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE)
	 KCM(DUAL_PODS, DUAL_SERVICES, "") LET(V4_NODE ",::1", "10.96.0.10"), "DS607=error"},
	{"F08", "1.31.0", LET("0.0.0.0,::", "10.96.0.10"), "DS608=error"},
	{"F09", "1.26.0",
	 RUN("kubelet") ARG("--cloud-provider=external") ARG("--node-ip=" DUAL_NODE), "DS609=error"},
	{"F14", "1.31.0",
	 API(V4_SERVICES, V4_NODE) KCM(V4_PODS, V4_SERVICES, "") LET(V4_NODE, "10.43.0.10"), "DS614=error"},
	{"B15 for a node", "1.31.0", LET("192.168.7.11,10.0.0.11", "10.96.0.10"), "DS618=error"},
	{"G01", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(DUAL_PODS, DUAL_SERVICES, "") PROXY(V4_PODS) LET(DUAL_NODE, "10.96.0.10"),
	 "DS701=warning"},
	{"G04", "1.31.0",
	 API(V4_SERVICES, V4_NODE) KCM(V4_PODS, V4_SERVICES, "") PROXY(V4_PODS ",10.245.0.0/16"), "DS704=error"},
	{"G06", "1.31.0",
	 API(DUAL_SERVICES, V4_NODE) KCM(DUAL_PODS, DUAL_SERVICES, "")
	 RUN("kube-proxy") ARG("--cluster-cidr=" DUAL_PODS)
	 ARG("--nodeport-addresses=192.168.7.0/24"), "DS706=warning"},
};

/* All rules on the one cluster of a bundle. */
static void judge(const struct catalogue *c, struct ds_ctx *ctx, const struct ds_input *in,
		  const struct ds_yaml_node *bundle, struct ds_findings *ret)
{
	struct ds_model_options options = {0};
	struct ds_facts facts;
	struct ds_model model;

	ds_facts_init(&facts, ctx);
	assert_int_equal(ds_collect_bundle_node(&facts, in, bundle), 0);
	assert_int_equal(ds_model_build(&facts, &c->schema, &options, &model), 0);
	assert_int_equal(model.clusters.n, 1);
	assert_int_equal(ds_rules_eval(ctx->arena, &c->set, model.clusters.v[0], ret), 0);
}

/* The errors and warnings of a cluster, "id=severity" and blanks between. */
static void audit(const struct catalogue *c, const char *version, const char *processes, struct ds_buf *out)
{
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;
	struct ds_yaml_stream stream;
	struct ds_findings found;
	struct ds_input *in;

	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	in = ds_ctx_input(&ctx, "bundle.yaml", "bundle");
	assert_non_null(in);
	ds_buf_printf(&text, "kubernetesVersion: %s\nprocesses:\n%s", version, processes);
	assert_int_equal(text.err, 0);
	in->text = ds_buf_str(&text);
	assert_int_equal(ds_yaml_load(&ctx, in, in->text, &stream), 0);
	judge(c, &ctx, in, stream.docs[0].root, &found);
	for (size_t i = 0; i < found.v.n; i++) {
		const struct ds_finding *f = &found.v.v[i];

		if (f->status == DS_STATUS_ERROR)
			fail_msg("%s cannot be evaluated: %s", f->rule->id, f->message);
		if (f->status == DS_STATUS_FAIL && f->severity != DS_SEVERITY_INFO)
			ds_buf_printf(out, "%s%s=%s", out->n ? " " : "", f->rule->id, ds_severity_name(f->severity));
	}
	for (size_t i = 0; i < ctx.diags.n; i++)
		if (ctx.diags.v[i].level == DS_LEVEL_ERROR)
			fail_msg("the bundle has an error: %s", ctx.diags.v[i].message);
}

static void clusters_have_the_findings_they_deserve(void **state)
{
	_ds_buf_done_ struct ds_buf bad = DS_BUF_INIT;

	for (size_t i = 0; i < DS_ARRAY_SIZE(clusters); i++) {
		_ds_buf_done_ struct ds_buf got = DS_BUF_INIT;

		audit(*state, clusters[i].version, clusters[i].processes, &got);
		if (strcmp(got.n ? got.p : "", clusters[i].want) != 0)
			ds_buf_printf(&bad, "\n%s: expected '%s', got '%s'", clusters[i].name, clusters[i].want,
				      got.n ? got.p : "");
	}
	if (bad.n)
		fail_msg("%s", bad.p);
}

/* A refusal that a rule explains, as its own tests show it, is left to that rule. */
static void explained_refusals_are_not_repeated(void **state)
{
	const struct catalogue *c = *state;

	for (size_t i = 0; i < c->set.rules.n; i++) {
		const struct ds_rule *r = c->set.rules.v[i];

		for (size_t k = 0; k < r->tests->n; k++) {
			const struct ds_yaml_node *test = r->tests->items[k];
			_ds_ctx_done_ struct ds_ctx ctx = {0};
			struct ds_findings found;
			struct ds_str expect;

			assert_int_equal(ds_yaml_as_string(ds_yaml_get(test, "expect"), &expect), 0);
			if (strcmp(r->id, "DS200") == 0 || !ds_str_eqz(expect, "fail"))
				continue;
			assert_int_equal(ds_ctx_init(&ctx, 0), 0);
			judge(c, &ctx, r->input, ds_yaml_get(test, "bundle"), &found);
			for (size_t f = 0; f < found.v.n; f++)
				if (found.v.v[f].status == DS_STATUS_FAIL && strcmp(found.v.v[f].rule->id, "DS200") == 0)
					fail_msg("%s at line %u: DS200 says it again: %s", r->id, test->line,
						 found.v.v[f].message);
		}
	}
}

/* ---- the guide ---- */

/* Rows of the table are "| A01 `name` | DS101, DS102 |"; cases without a rule say why instead. */
static bool table_has(struct ds_str guide, const char *which, const char *id)
{
	bool done = false;
	struct ds_str line;

	while (ds_str_split(&guide, '\n', &done, &line)) {
		size_t bar;

		if (!ds_str_starts(line, "| ") || !ds_str_starts(ds_str_skip(line, 2), which))
			continue;
		bar = ds_str_find(ds_str_skip(line, 2), '|');
		line = ds_str_skip(line, 2 + bar);
		for (size_t i = 0; i + strlen(id) <= line.n; i++)
			if (memcmp(line.p + i, id, strlen(id)) == 0)
				return true;
	}
	return false;
}

static bool rule_has_case(const struct ds_rule *r, struct ds_str which)
{
	for (size_t i = 0; i < r->n_cases; i++)
		if (ds_str_eqz(which, r->cases[i]))
			return true;
	return false;
}

static void guide_lists_every_case(void **state)
{
	struct catalogue *c = *state;
	_ds_buf_done_ struct ds_buf path = DS_BUF_INIT;
	const char *root = getenv("DS_SOURCE_ROOT");
	struct ds_str guide, rest, line;
	size_t rows = 0;
	bool done = false;

	assert_non_null(root);
	ds_buf_printf(&path, "%s/rules/README.md", root);
	assert_int_equal(path.err, 0);
	assert_int_equal(ds_file_read(c->ctx.arena, AT_FDCWD, path.p, 1u << 20, &guide, NULL), 0);
	for (size_t i = 0; i < c->set.rules.n; i++) {
		const struct ds_rule *r = c->set.rules.v[i];

		for (size_t k = 0; k < r->n_cases; k++)
			if (!table_has(guide, r->cases[k], r->id))
				fail_msg("rules/README.md does not list %s under %s", r->id, r->cases[k]);
	}
	rest = guide;
	while (ds_str_split(&rest, '\n', &done, &line)) {
		struct ds_str which = ds_str_head(ds_str_skip(line, 2), 3);

		if (!ds_str_starts(line, "| ") || which.n < 3 || !ds_c_is_upper(which.p[0]) ||
		    !ds_c_is_digit(which.p[1]))
			continue;
		rows++;
		for (size_t i = 0; i + 5 <= line.n; i++) {
			struct ds_str id = ds_str_head(ds_str_skip(line, i), 5);
			const struct ds_rule *r;

			if (!ds_str_starts(id, "DS") || !ds_c_is_digit(id.p[2]))
				continue;
			r = ds_rules_find(&c->set, id);
			if (!r || !rule_has_case(r, which))
				fail_msg("rules/README.md lists %.*s under %.*s, the rule does not", DS_STR_ARG(id),
					 DS_STR_ARG(which));
		}
	}
	assert_true(rows > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_in_order_and_in_their_file),
		cmocka_unit_test(rules_are_complete),
		cmocka_unit_test(what_runs_use_compiles_and_is_the_same),
		cmocka_unit_test(rules_have_tests_of_every_kind),
		cmocka_unit_test(inline_tests_hold),
		cmocka_unit_test(clusters_have_the_findings_they_deserve),
		cmocka_unit_test(explained_refusals_are_not_repeated),
		cmocka_unit_test(guide_lists_every_case),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
