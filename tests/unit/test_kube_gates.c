#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "kube/gates.h"
#include "kube/version.h"

#define API DS_KUBE_APISERVER
#define KCM DS_KUBE_CONTROLLER_MANAGER
#define KPX DS_KUBE_PROXY
#define KLT DS_KUBELET

static struct ds_arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = ds_arena_new((size_t)16 << 20);
	return arena ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena = ds_arena_free(arena);
	return 0;
}

static void load(enum ds_component c, unsigned minor, const char *one, const char *two, struct ds_cmdline *cl,
		 struct ds_gates *g)
{
	struct ds_arg argv[2] = {{.text = ds_str_from(one)}, {.text = ds_str_from(two)}};

	assert_int_equal(ds_cmdline_parse(arena, c, minor, argv, two ? 2 : 1, cl), 0);
	assert_int_equal(ds_gates_from_flags(arena, cl, minor, g), 0);
	assert_int_equal(ds_gates_check(arena, g), 0);
}

static const struct {
	enum ds_component c;
	unsigned minor;
	const char *one, *two;
	const char *error, *warning;
	size_t unsure;
} checks[] = {
	{API, 30, "--feature-gates=Nope=true", NULL,
	 "invalid argument \"Nope=true\" for \"--feature-gates\" flag: unrecognized feature gate: Nope", NULL, 0},
	{API, 31, "--feature-gates=Nope=true", NULL, "unrecognized feature gate: Nope", NULL, 0},
	{KCM, 36, "--feature-gates=Nope=true", NULL, "unrecognized feature gate: Nope", NULL, 0},
	{KLT, 30, "--feature-gates=Nope=true", NULL, "unrecognized feature gate: Nope", NULL, 0},
	{API, 36, "--feature-gates=Nope", NULL, "missing bool value for Nope", NULL, 0},
	{API, 36, "--feature-gates=Nope=maybe", NULL,
	 "invalid value of Nope=maybe, err: strconv.ParseBool: parsing \"maybe\": invalid syntax", NULL, 0},
	{API, 20, "--feature-gates=IPv6DualStack=true", NULL, NULL, NULL, 0},
	{API, 22, "--feature-gates=IPv6DualStack=false", NULL, NULL, NULL, 0},
	{API, 23, "--feature-gates=IPv6DualStack=false", NULL,
	 "invalid argument \"IPv6DualStack=false\" for \"--feature-gates\" flag: "
	 "cannot set feature gate IPv6DualStack to false, feature is locked to true",
	 NULL, 0},
	{API, 24, "--feature-gates=IPv6DualStack=true", NULL, NULL,
	 "Setting GA feature gate IPv6DualStack=true. It will be removed in a future release.", 0},
	{API, 25, "--feature-gates=IPv6DualStack=true", NULL,
	 "invalid argument \"IPv6DualStack=true\" for \"--feature-gates\" flag: unrecognized feature gate: IPv6DualStack", NULL,
	 0},
	{KPX, 25, "--feature-gates=IPv6DualStack=true", NULL, "unrecognized feature gate: IPv6DualStack", NULL, 0},
	/* kube-controller-manager kept a copy of its own until 1.26 */
	{KCM, 26, "--feature-gates=IPv6DualStack=true", NULL, NULL,
	 "Setting GA feature gate IPv6DualStack=true. It will be removed in a future release.", 0},
	{KCM, 27, "--feature-gates=IPv6DualStack=true", NULL,
	 "invalid argument \"IPv6DualStack=true\" for \"--feature-gates\" flag: unrecognized feature gate: IPv6DualStack", NULL,
	 0},
	{API, 33, "--feature-gates=MultiCIDRServiceAllocator=false", NULL, NULL,
	 "Setting GA feature gate MultiCIDRServiceAllocator=false. It will be removed in a future release.", 0},
	{API, 34, "--feature-gates=kube:MultiCIDRServiceAllocator=false", NULL,
	 "cannot set feature gate MultiCIDRServiceAllocator to false, feature is locked to true", NULL, 0},
	{KLT, 31, "--feature-gates=CloudDualStackNodeIPs=true", NULL, NULL,
	 "Setting GA feature gate CloudDualStackNodeIPs=true. It will be removed in a future release.", 0},
	{KLT, 32, "--feature-gates=CloudDualStackNodeIPs=true", NULL, "unrecognized feature gate: CloudDualStackNodeIPs", NULL,
	 0},
	{KLT, 32, "--feature-gates=AllAlpha=true,AllBeta=false", NULL, NULL, NULL, 0},
	{API, 20, "--feature-gates=Nope=true", NULL, NULL, NULL, 1},
	/* pkg/features/kube_features.go of 1.20, 1.22 and 1.24 */
	{KPX, 20, "--feature-gates=EvenPodsSpread=false", NULL,
	 "cannot set feature gate EvenPodsSpread to false, feature is locked to true", NULL, 0},
	{KPX, 21, "--feature-gates=EvenPodsSpread=true", NULL, "unrecognized feature gate: EvenPodsSpread", NULL, 0},
	{KPX, 22, "--feature-gates=ServiceTopology=true", NULL, "unrecognized feature gate: ServiceTopology", NULL, 0},
	{KLT, 22, "--feature-gates=SCTPSupport=true", NULL, "unrecognized feature gate: SCTPSupport", NULL, 0},
	{KLT, 22, "--feature-gates=DynamicKubeletConfig=true", NULL, NULL,
	 "Setting deprecated feature gate DynamicKubeletConfig=true. It will be removed in a future release.", 0},
	{KLT, 22, "--feature-gates=NodeLease=false", NULL,
	 "cannot set feature gate NodeLease to false, feature is locked to true", NULL, 0},
	{KLT, 22, "--feature-gates=IngressClassNamespacedParams=false", NULL, NULL, NULL, 0},
	{KLT, 24, "--feature-gates=SetHostnameAsFQDN=true", NULL, "unrecognized feature gate: SetHostnameAsFQDN", NULL, 0},
	{KLT, 24, "--feature-gates=TTLAfterFinished=false", NULL,
	 "cannot set feature gate TTLAfterFinished to false, feature is locked to true", NULL, 0},
	{KLT, 24, "--feature-gates=CSIMigrationAzureDisk=false", NULL, NULL,
	 "Setting GA feature gate CSIMigrationAzureDisk=false. It will be removed in a future release.", 0},
	/* what a distribution's tree had earlier or later than Kubernetes */
	{API, 28, "--feature-gates=StructuredAuthenticationConfiguration=true", NULL,
	 "invalid argument \"StructuredAuthenticationConfiguration=true\" for \"--feature-gates\" flag: "
	 "unrecognized feature gate: StructuredAuthenticationConfiguration",
	 NULL, 0},
	{API, 32, "--feature-gates=StreamingCollectionEncodingToJSON=true", NULL,
	 "unrecognized feature gate: StreamingCollectionEncodingToJSON", NULL, 0},
	{KLT, 29, "--feature-gates=KubeletPodResourcesGetAllocatable=true", NULL, NULL,
	 "Setting GA feature gate KubeletPodResourcesGetAllocatable=true. It will be removed in a future release.", 0},
	{API, 34, "--feature-gates=StrictIPCIDRValidation=true", "--emulated-version=1.32",
	 "cannot set feature gate StrictIPCIDRValidation to true, feature is PreAlpha at emulated version 1.32", NULL, 0},
	{API, 36, "--feature-gates=ServiceCIDRStatusFieldWiping=true", "--emulated-version=1.35",
	 "cannot set feature gate ServiceCIDRStatusFieldWiping to true, feature is PreAlpha at emulated version 1.35, "
	 "min compatibility version 1.34",
	 NULL, 0},
	{API, 36, "--feature-gates=$(GATES)", NULL, NULL, NULL, 0},
};

static void refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(checks); i++) {
		struct ds_cmdline cl;
		struct ds_gates g;
		const char *e, *w;

		load(checks[i].c, checks[i].minor, checks[i].one, checks[i].two, &cl, &g);
		e = g.errors.n ? g.errors.v[0].message : NULL;
		w = g.warnings.n ? g.warnings.v[0].message : NULL;
		if (checks[i].error ? !e || strcmp(e, checks[i].error) != 0 : e != NULL)
			fail_msg("row %zu %s:\n got %s\nwant %s", i, checks[i].one, e ? e : "nothing",
				 checks[i].error ? checks[i].error : "nothing");
		if (checks[i].warning ? !w || strcmp(w, checks[i].warning) != 0 : w != NULL)
			fail_msg("row %zu %s: warning %s", i, checks[i].one, w ? w : "nothing");
		if (g.unsure.n != checks[i].unsure)
			fail_msg("row %zu %s: %zu unsure", i, checks[i].one, g.unsure.n);
	}
}

static const struct {
	enum ds_component c;
	unsigned minor;
	const char *one, *two, *gate;
	enum ds_gate_value want;
} values[] = {
	{API, 20, "--v=2", NULL, "IPv6DualStack", DS_GATE_OFF},
	{API, 20, "--feature-gates=IPv6DualStack=true", NULL, "IPv6DualStack", DS_GATE_ON},
	{API, 20, "--feature-gates=AllAlpha=true", NULL, "IPv6DualStack", DS_GATE_ON},
	{API, 20, "--feature-gates=AllAlpha=true,IPv6DualStack=false", NULL, "IPv6DualStack", DS_GATE_OFF},
	{API, 21, "--v=2", NULL, "IPv6DualStack", DS_GATE_ON},
	{API, 21, "--feature-gates=AllBeta=false", NULL, "IPv6DualStack", DS_GATE_OFF},
	{API, 22, "--feature-gates=IPv6DualStack=true", "--feature-gates=IPv6DualStack=false", "IPv6DualStack", DS_GATE_OFF},
	{API, 23, "--feature-gates=AllBeta=false", NULL, "IPv6DualStack", DS_GATE_ON},
	{API, 25, "--v=2", NULL, "IPv6DualStack", DS_GATE_UNKNOWN},
	{API, 32, "--v=2", NULL, "MultiCIDRServiceAllocator", DS_GATE_OFF},
	{API, 33, "--v=2", NULL, "MultiCIDRServiceAllocator", DS_GATE_ON},
	{API, 33, "--feature-gates=kube:MultiCIDRServiceAllocator=false", NULL, "MultiCIDRServiceAllocator", DS_GATE_OFF},
	{API, 34, "--v=2", "--emulated-version=kube=1.32", "MultiCIDRServiceAllocator", DS_GATE_OFF},
	{API, 36, "--v=2", NULL, "StrictIPCIDRValidation", DS_GATE_ON},
	{API, 35, "--v=2", NULL, "StrictIPCIDRValidation", DS_GATE_OFF},
	{API, 36, "--feature-gates=$(X)", NULL, "StrictIPCIDRValidation", DS_GATE_UNKNOWN},
	{API, 36, "--v=2", NULL, "Nope", DS_GATE_UNKNOWN},
	{KLT, 28, "--v=2", NULL, "CloudDualStackNodeIPs", DS_GATE_OFF},
	{KLT, 29, "--v=2", NULL, "CloudDualStackNodeIPs", DS_GATE_ON},
};

static void effective(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(values); i++) {
		struct ds_cmdline cl;
		struct ds_gates g;

		load(values[i].c, values[i].minor, values[i].one, values[i].two, &cl, &g);
		if (ds_gates_value(&g, values[i].gate) != values[i].want)
			fail_msg("row %zu: gates say %d", i, (int)ds_gates_value(&g, values[i].gate));
		if (ds_gate_enabled(&cl, values[i].c, values[i].minor, values[i].gate) != values[i].want)
			fail_msg("row %zu: command line says %d", i,
				 (int)ds_gate_enabled(&cl, values[i].c, values[i].minor, values[i].gate));
	}
	assert_int_equal(ds_gate_enabled(NULL, API, 21, "IPv6DualStack"), DS_GATE_ON);
}

/* Megabytes of names cost no square: the test's time limit is the check. */
static void hostile_sizes(void **state)
{
	static char text[4u << 20];
	struct ds_arena *a = ds_arena_new((size_t)1 << 30);
	struct ds_arg argv[1024], one = {.text = {text, 0}};
	struct ds_cmdline cl;
	struct ds_gates g;
	size_t n = 0;

	(void)state;
	memcpy(text, "--feature-gates=", 16);
	for (n = 16; n + 16 < sizeof(text); n += 8)
		(void)snprintf(text + n, 16, "%05zx=1,", n / 8 & 0xfffff);
	one.text.n = n;
	assert_int_equal(ds_cmdline_parse(a, API, 36, &one, 1, &cl), 0);
	assert_int_equal(ds_gates_from_flags(a, &cl, 36, &g), 0);
	assert_int_equal(ds_gates_check(a, &g), 0);
	assert_true(g.unresolved);
	assert_true(g.errors.n > 0);
	for (size_t i = 0; i < 1024; i++)
		argv[i] = (struct ds_arg){.text = {text, 64}};
	memcpy(text, "--service-cluster-ip-rangee", 27);
	assert_int_equal(ds_cmdline_parse(a, API, 36, argv, 1024, &cl), 0);
	assert_int_equal(cl.errors.n, 1024);
	memset(text, '$', sizeof(text));
	for (size_t i = 1; i < sizeof(text); i += 2)
		text[i] = '(';
	memcpy(text, "--external-hostname=", 20);
	one.text.n = sizeof(text);
	assert_int_equal(ds_cmdline_parse(a, API, 36, &one, 1, &cl), 0);
	assert_false(cl.uses.v[0].unresolved);
	ds_arena_free(a);
}

static void table(void **state)
{
	size_t n;
	const struct ds_gate *v = ds_gate_table(&n);

	(void)state;
	assert_true(n > 1000);
	for (size_t i = 0; i < n; i++) {
		if (i > 0) {
			int cmp = strcmp(v[i - 1].name, v[i].name);

			if (cmp > 0 || (cmp == 0 && v[i - 1].since >= v[i].since))
				fail_msg("%s %d is out of order", v[i].name, v[i].since);
		}
		if (v[i].since > DS_KUBE_NEWEST || (v[i].locked && v[i].stage < DS_GATE_GA && v[i].stage != DS_GATE_BETA &&
						    v[i].stage != DS_GATE_ALPHA))
			fail_msg("%s %d", v[i].name, v[i].since);
		if (ds_gate_find(ds_str_from(v[i].name), v[i].since) != &v[i])
			fail_msg("%s %d cannot be found", v[i].name, v[i].since);
	}
	assert_null(ds_gate_find(DS_STR("MultiCIDRServiceAllocator"), 26));
	assert_null(ds_gate_find(DS_STR(""), 26));
	assert_null(ds_gate_find(DS_STR("zzz"), 26));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(effective, setup, teardown),
		cmocka_unit_test(hostile_sizes),
		cmocka_unit_test(table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
