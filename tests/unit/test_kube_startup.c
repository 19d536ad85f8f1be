#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "kube/startup.h"
#include "kube_args.h"

struct start_case {
	enum ds_component component;
	unsigned minor;
	const char *args;
	bool go_on;
	const char *error;  /* NULL: none */
	const char *reason; /* NULL: nothing is unknown */
};

static const struct start_case cases[] = {
	{DS_KUBE_APISERVER, 36, "", true, NULL, NULL},
	{DS_KUBE_APISERVER, 36, "--secure-port=6443", true, NULL, NULL},
	{DS_KUBE_APISERVER, 36, "--service-cluster-ip-rang=10.0.0.0/8", false,
	 "unknown flag: --service-cluster-ip-rang", NULL},
	/* The first of several. */
	{DS_KUBE_CONTROLLER_MANAGER, 36, "--node-cidr-mask-size=x\n--nonsense", false,
	 "invalid argument \"x\" for \"--node-cidr-mask-size\" flag: strconv.ParseInt: parsing \"x\": invalid syntax",
	 NULL},
	{DS_KUBE_APISERVER, 36, "lost", false, "\"kube-apiserver\" does not take any arguments, got [\"lost\"]", NULL},
	{DS_KUBE_CONTROLLER_MANAGER, 36, "\na\nb", false,
	 "\"kube-controller-manager\" does not take any arguments, got [\"\" \"a\" \"b\"]", NULL},
	{DS_KUBE_APISERVER, 36, "\n", true, NULL, NULL}, /* empty ones are tolerated */
	{DS_KUBE_APISERVER, 36, "--allow-privileged\nfalse", false,
	 "\"kube-apiserver\" does not take any arguments, got [\"false\"]", NULL},
	/* Up to 1.30 gates are read before positional arguments are looked at, later the other way round. */
	{DS_KUBE_APISERVER, 30, "--feature-gates=NoSuchGate=true\nlost", false,
	 "invalid argument \"NoSuchGate=true\" for \"--feature-gates\" flag: unrecognized feature gate: NoSuchGate",
	 NULL},
	{DS_KUBE_APISERVER, 31, "--feature-gates=NoSuchGate=true\nlost", false,
	 "\"kube-apiserver\" does not take any arguments, got [\"lost\"]", NULL},
	{DS_KUBE_APISERVER, 31, "--feature-gates=NoSuchGate=true", false, "unrecognized feature gate: NoSuchGate",
	 NULL},
	{DS_KUBE_APISERVER, 36, "--feature-gates=IPv6DualStack=true", false, "unrecognized feature gate: IPv6DualStack",
	 NULL},
	{DS_KUBE_APISERVER, 36, "--help", false, NULL, "--help prints the usage and ends"},
};

static void test_common(void **state)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		const struct start_case *k = &cases[i];
		struct ds_cmdline cl = args_of(*state, k->component, k->minor, k->args);
		struct ds_verdict v = {0};
		struct ds_startup_run run = {.a = *state, .cl = &cl, .minor = k->minor, .v = &v};
		bool go_on;

		assert_int_equal(ds_startup_common(&run, &go_on), 0);
		if (go_on != k->go_on || strcmp(printed_errors(*state, &v), k->error ? k->error : "") != 0 ||
		    strcmp(v.reason ? v.reason : "", k->reason ? k->reason : "") != 0)
			fail_msg("row %zu: %d \"%s\" \"%s\"", i, go_on, printed_errors(*state, &v),
				 v.reason ? v.reason : "");
	}
}

static void test_what_was_lost_is_unknown(void **state)
{
	struct ds_cmdline cl = args_of(*state, DS_KUBE_APISERVER, 36, "lost");
	struct ds_verdict v = {0};
	struct ds_startup_run run = {.a = *state, .cl = &cl, .minor = 36, .v = &v};
	bool go_on;

	cl.guessed = true;
	assert_int_equal(ds_startup_common(&run, &go_on), 0);
	assert_int_equal(v.errors.n, 0);
	assert_string_equal(v.reason, "the argument boundaries were lost: \"lost\" may be part of a value");
	cl.truncated = true;
	v = (struct ds_verdict){0};
	assert_int_equal(ds_startup_common(&run, &go_on), 0);
	assert_false(go_on);
	assert_int_equal(v.errors.n, 0);
	assert_string_equal(v.reason, "the command line was not seen whole");
}

static void test_values(void **state)
{
	struct ds_cmdline cl = args_of(*state, DS_KUBE_CONTROLLER_MANAGER, 31,
				       "--cluster-cidr=a\n--cluster_cidr=b\n--node-cidr-mask-size=024\n"
				       "--allocate-node-cidrs\n--cloud-provider=$(CLOUD)");
	struct ds_verdict v = {0};
	struct ds_startup_run run = {.a = *state, .cl = &cl, .minor = 31, .v = &v};
	bool unresolved;

	assert_true(ds_str_eqz(ds_startup_string(&run, "cluster-cidr", "x", NULL), "b"));
	assert_true(ds_str_eqz(ds_startup_string(&run, "service-cluster-ip-range", "x", NULL), "x"));
	assert_int_equal(ds_startup_int(&run, "node-cidr-mask-size", 7), 20); /* octal */
	assert_int_equal(ds_startup_int(&run, "node-cidr-mask-size-ipv4", 7), 7);
	assert_true(ds_startup_bool(&run, "allocate-node-cidrs", false));
	assert_true(ds_startup_bool(&run, "configure-cloud-routes", true));
	assert_null(ds_startup_loc(&run, "service-cluster-ip-range"));
	assert_non_null(ds_startup_loc(&run, "cluster-cidr"));
	assert_int_equal(ds_startup_unresolved(&run, "cluster-cidr", &unresolved), 0);
	assert_false(unresolved);
	assert_int_equal(ds_startup_unresolved(&run, "cloud-provider", &unresolved), 0);
	assert_true(unresolved);
	assert_string_equal(v.reason, "--cloud-provider is $(CLOUD), which is known only where it runs");
}

struct gate_case {
	unsigned minor;
	const char *args, *gate;
	bool on;
};

static const struct gate_case gate_cases[] = {
	{20, "", "IPv6DualStack", false},
	{21, "", "IPv6DualStack", true},
	{21, "--feature-gates=IPv6DualStack=false", "IPv6DualStack", false},
	{32, "", "MultiCIDRServiceAllocator", false},
	{33, "", "MultiCIDRServiceAllocator", true},
	{33, "", "DisableAllocatorDualWrite", false},
	{34, "", "DisableAllocatorDualWrite", true},
	{26, "", "MultiCIDRServiceAllocator", false}, /* no such gate yet */
};

static void test_gates(void **state)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(gate_cases); i++) {
		const struct gate_case *k = &gate_cases[i];
		struct ds_cmdline cl = args_of(*state, DS_KUBE_APISERVER, k->minor, k->args);
		struct ds_verdict v = {0};
		struct ds_startup_run run = {.a = *state, .cl = &cl, .minor = k->minor, .v = &v};
		bool go_on;

		assert_int_equal(ds_startup_common(&run, &go_on), 0);
		if (!go_on || ds_startup_gate(&run, k->gate) != k->on)
			fail_msg("row %zu: %s", i, k->gate);
	}
}

static void test_lists(void **state)
{
	struct ds_cidr v[3];
	const char *const *list;
	size_t n;

	assert_int_equal(ds_cidr_parse(DS_STR("fd00::1/108"), DS_IP_SLOPPY, &v[0]), 0);
	assert_int_equal(ds_cidr_parse(DS_STR("::ffff:10.1.2.3/112"), DS_IP_SLOPPY, &v[1]), 0);
	assert_int_equal(ds_cidr_parse(DS_STR("10.0.0.0/8"), DS_IP_SLOPPY, &v[2]), 0);
	list = ds_startup_cidr_texts(*state, v, 3);
	assert_non_null(list);
	assert_string_equal(list[0], "fd00::/108");
	assert_string_equal(list[1], "10.1.0.0/16");
	list = ds_startup_families(*state, v, 3, &n);
	assert_non_null(list);
	assert_int_equal(n, 2);
	assert_string_equal(list[0], "IPv6");
	assert_string_equal(list[1], "IPv4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_common, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_what_was_lost_is_unknown, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_values, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_gates, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_lists, arena_setup, arena_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
