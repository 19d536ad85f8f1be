#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "kube/kube_controller_manager.h"
#include "kube_args.h"

#define ON "--allocate-node-cidrs=true\n"
#define DUAL ON "--cluster-cidr=10.244.0.0/16,fd00:10:244::/56\n"
#define V4 ON "--cluster-cidr=10.244.0.0/16\n"
#define V6 ON "--cluster-cidr=fd00:10:244::/56\n"
#define NOT_DUAL(n) \
	"len of ClusterCIDRs==" n " and they are not configured as dual stack (at least one from each IPFamily"
#define MASK_TOO_SHORT                                                                                                 \
	"Controller: Invalid --cluster-cidr, mask size of cluster CIDR must be less than or equal to "                 \
	"--node-cidr-mask-size "                                                                                       \
	"configured for CIDR family"
#define TOO_BIG "New CIDR set failed; the node CIDR size is too big"
#define GENERIC_DUAL "usage of --node-cidr-mask-size is not allowed with dual-stack clusters"
#define DISABLED(cloud) \
	"cloud provider \"" cloud "\" was specified, but built-in cloud providers are disabled. Please set " \
	"--cloud-provider=external and migrate to an external cloud provider"

enum {
	UNKNOWN = DS_NODE_IPAM_UNKNOWN,
	OFF = DS_NODE_IPAM_NOT_STARTED,
	RUNS = DS_NODE_IPAM_RUNNING,
	EXITS = DS_NODE_IPAM_EXITED
};

struct start_case {
	unsigned minor;
	const char *args;
	int ipam;
	const char *printed;
};

static const struct start_case start_cases[] = {
	{36, "", OFF, ""},
	{36, "--cluster-cidr=bogus", OFF, ""},
	{36, "--allocate-node-cidrs=false\n--cluster-cidr=bogus\n--node-cidr-mask-size=99", OFF, ""},
	{36, "--allocate-node-cidrs\n--cluster-cidr=10.244.0.0/16", RUNS, ""},
	{36, DUAL, RUNS, ""},
	{36, ON "--cluster-cidr=fd00::/48,10.244.0.0/16", RUNS, ""},
	{36, ON "--cluster-cidr= 10.244.0.0/16 ", RUNS, ""}, /* the whole text is trimmed */
	{36, ON, EXITS, "invalid CIDR[0]: <nil> (invalid CIDR address: )"},
	{26, ON, EXITS, "failed to parse cidr value:\"\" with error:invalid CIDR address: "},
	{36, ON "--cluster-cidr=10.244.0.0/16, fd00::/56", EXITS,
	 "invalid CIDR[1]: <nil> (invalid CIDR address:  fd00::/56)"},
	{26, ON "--cluster-cidr=10.244.0.0/16, fd00::/56", EXITS,
	 "failed to parse cidr value:\" fd00::/56\" with error:invalid CIDR address:  fd00::/56"},
	{36, ON "--cluster-cidr=10.244.0.0/16,10.245.0.0/16", EXITS, NOT_DUAL("2")},
	{25, ON "--cluster-cidr=10.244.0.0/16,10.245.0.0/16", EXITS, NOT_DUAL("2") ")"},
	{36, ON "--cluster-cidr=10.244.0.0/16,10.245.0.0/16,10.246.0.0/16", EXITS, NOT_DUAL("3")},
	{36, ON "--cluster-cidr=10.244.0.0/16,fd00::/56,10.246.0.0/16", EXITS,
	 "length of clusterCIDRs is:3 more than max allowed of 2"},
	{25, ON "--cluster-cidr=10.244.0.0/16,fd00::/56,10.246.0.0/16", EXITS,
	 "len of clusters is:3 > more than max allowed of 2"},
	{20, DUAL, EXITS, "len of ClusterCIDRs==2 and dualstack or EndpointSlice feature is not enabled"},
	{20, DUAL "--feature-gates=IPv6DualStack=true", RUNS, ""},
	{21, DUAL, RUNS, ""},
	{22, DUAL "--feature-gates=IPv6DualStack=false", EXITS,
	 "len of ClusterCIDRs==2 and dualstack or EndpointSlice feature is not enabled"},
	/* Service ranges. */
	{36, "--service-cluster-ip-range=a,b,c", EXITS,
	 "--service-cluster-ip-range can not contain more than two entries"},
	{36, DUAL "--service-cluster-ip-range=bogus", RUNS, ""},
	{36, DUAL "--service-cluster-ip-range=10.96.0.0/16, fd00::/112", RUNS, ""},
	{36, DUAL "--service-cluster-ip-range=10.96.0.0/16,10.97.0.0/16", EXITS,
	 "serviceCIDR and secondaryServiceCIDR are not dualstack (from different IPfamiles)"},
	{22, V4 "--service-cluster-ip-range=10.96.0.0/16,fd00::/112\n--feature-gates=IPv6DualStack=false", EXITS,
	 "secondary service cidr is provided and IPv6DualStack feature is not enabled"},
	/* Masks. */
	{36, DUAL "--node-cidr-mask-size=24", EXITS, GENERIC_DUAL},
	{20, DUAL "--feature-gates=IPv6DualStack=true\n--node-cidr-mask-size=24", EXITS, GENERIC_DUAL},
	{36, DUAL "--node-cidr-mask-size=0", RUNS, ""},
	{36, DUAL "--node-cidr-mask-size-ipv4=26\n--node-cidr-mask-size-ipv6=72", RUNS, ""},
	{36, V4 "--node-cidr-mask-size=26", RUNS, ""},
	{36, V6 "--node-cidr-mask-size=66", RUNS, ""},
	{36, V4 "--node-cidr-mask-size=24\n--node-cidr-mask-size-ipv4=24", EXITS,
	 "usage of --node-cidr-mask-size-ipv4 and --node-cidr-mask-size-ipv6 is not allowed if --node-cidr-mask-size "
	 "is set. "
	 "For dual-stack clusters please unset it and use IPFamily specific flags"},
	{36, V6 "--node-cidr-mask-size-ipv4=24\n--node-cidr-mask-size-ipv6=64", EXITS,
	 "usage of --node-cidr-mask-size-ipv4 is not allowed for a single-stack IPv6 cluster"},
	{36, V4 "--node-cidr-mask-size-ipv4=24\n--node-cidr-mask-size-ipv6=64", EXITS,
	 "usage of --node-cidr-mask-size-ipv6 is not allowed for a single-stack IPv4 cluster"},
	{22, V4 "--node-cidr-mask-size-ipv4=24", EXITS,
	 "usage of --node-cidr-mask-size-ipv4 and --node-cidr-mask-size-ipv6 are not allowed with non dual-stack "
	 "clusters"},
	{23, V4 "--node-cidr-mask-size-ipv4=24", RUNS, ""},
	{36, V4 "--node-cidr-mask-size=15", EXITS, MASK_TOO_SHORT},
	{36, V4 "--node-cidr-mask-size=016", EXITS, MASK_TOO_SHORT}, /* octal: 14 */
	{36, V4 "--node-cidr-mask-size=-1", EXITS, MASK_TOO_SHORT},
	{36, V4 "--node-cidr-mask-size=33", RUNS, ""},
	{36, V6 "--node-cidr-mask-size-ipv6=73", EXITS, TOO_BIG},
	{36, ON "--cluster-cidr=fd00::/47", EXITS, TOO_BIG},
	{36, ON "--cluster-cidr=10.0.0.0/7", RUNS, ""},
	/* The prefix of a mapped network counts 128 bits, its family is IPv4. */
	{36, ON "--cluster-cidr=::ffff:10.244.0.0/112", EXITS, MASK_TOO_SHORT},
	{36, ON "--cluster-cidr=::ffff:10.244.0.0/112\n--node-cidr-mask-size-ipv4=120", RUNS, ""},
	{36, ON "--cluster-cidr=::ffff:10.244.0.0/112,10.0.0.0/8", EXITS, NOT_DUAL("2")},
	/* Clouds. */
	{36, DUAL "--cloud-provider=external", RUNS, ""},
	{36, "--cloud-provider=aws", EXITS, DISABLED("aws")},
	{31, "--cloud-provider=aws", EXITS, "cloud provider could not be initialized: unknown cloud provider \"aws\""},
	{31, "--cloud-provider=gce", EXITS, DISABLED("gce")},
	{29, "--cloud-provider=azure", EXITS, DISABLED("azure")},
	{28, DUAL "--cloud-provider=azure", UNKNOWN, ""},
	{28, "--cloud-provider=azure\n--feature-gates=DisableCloudProviders=true", EXITS, DISABLED("azure")},
	{36, DUAL "--cidr-allocator-type=CloudAllocator", EXITS,
	 "built-in cloud providers are disabled. The ipam CloudAllocator is not available"},
	{36, "--cloud-provider=aws\n--cidr-allocator-type=X\n--service-cluster-ip-range=a,b,c", EXITS,
	 "[--service-cluster-ip-range can not contain more than two entries, " DISABLED(
		 "aws") ", built-in cloud "
			"providers are disabled. The ipam X is not available]"},
	{36, DUAL "--cidr-allocator-type=", EXITS, "invalid CIDR allocator type: "},
	{31, DUAL "--cidr-allocator-type=CloudAllocator", EXITS,
	 "--cidr-allocator-type is set to 'CloudAllocator' but cloud provider is not configured"},
	{31, DUAL "--cidr-allocator-type=IPAMFromCloud", EXITS,
	 "Error trying to Init(): legacy cloud provider support disabled at build time"},
	{31, DUAL "--cidr-allocator-type=Bogus", EXITS, "invalid CIDR allocator type: Bogus"},
	{28, DUAL "--cidr-allocator-type=Bogus\n--cloud-provider=gce", EXITS, "invalid CIDR allocator type: Bogus"},
	{28, DUAL "--cidr-allocator-type=CloudAllocator\n--cloud-provider=gce", UNKNOWN, ""},
	{28, DUAL "--cidr-allocator-type=MultiCIDRRangeAllocator", EXITS,
	 "invalid CIDR allocator type: MultiCIDRRangeAllocator, feature gate MultiCIDRRangeAllocator must be enabled"},
	{28, DUAL "--cidr-allocator-type=MultiCIDRRangeAllocator\n--feature-gates=MultiCIDRRangeAllocator=true",
	 UNKNOWN, ""},
	{29, DUAL "--cidr-allocator-type=MultiCIDRRangeAllocator", EXITS,
	 "invalid CIDR allocator type: MultiCIDRRangeAllocator"},
	/* Which controllers run. */
	{36, DUAL "--controllers=*,-nodeipam", OFF, ""},
	{36, DUAL "--controllers=-node-ipam-controller,*", OFF, ""},
	{27, DUAL "--controllers=*,-node-ipam-controller", EXITS, /* no such name yet */
	 "\"node-ipam-controller\" is not in the list of known controllers"},
	{36, DUAL "--controllers=tokencleaner", OFF, ""},
	{36, DUAL "--controllers=node-ipam-controller,-nodeipam", RUNS, ""}, /* the first decides */
	{36, DUAL "--controllers=*,bootstrapsigner\n--controllers=tokencleaner", RUNS, ""},
	/* What only the runtime knows. */
	{36, ON "--cluster-cidr=$(POD_CIDR)", UNKNOWN, ""},
	{36, "--allocate-node-cidrs=$(ALLOCATE)\n--cluster-cidr=10.0.0.0/8", UNKNOWN, ""},
	{36, ON "--cluster-cidr=$(POD_CIDR)\n--service-cluster-ip-range=a,b,c", EXITS,
	 "--service-cluster-ip-range can not contain more than two entries"},
};

static void test_start(void **state)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(start_cases); i++) {
		const struct start_case *k = &start_cases[i];
		struct ds_cmdline cl = args_of(*state, DS_KUBE_CONTROLLER_MANAGER, k->minor, k->args);
		struct ds_kcm_result r;

		assert_int_equal(ds_kcm_evaluate(*state, &cl, k->minor, NULL, 0, &r), 0);
		if ((int)r.ipam != k->ipam || strcmp(printed_errors(*state, &r.verdict), k->printed) != 0)
			fail_msg("row %zu (1.%u %s): %s \"%s\" %s", i, k->minor, k->args,
				 ds_node_ipam_state_name(r.ipam), printed_errors(*state, &r.verdict),
				 r.verdict.reason ? r.verdict.reason : "");
		assert_true((r.ipam == DS_NODE_IPAM_EXITED) == (r.verdict.startup == DS_STARTUP_REFUSED));
		assert_true((r.ipam == DS_NODE_IPAM_UNKNOWN) == (r.verdict.startup == DS_STARTUP_UNKNOWN));
		assert_true(r.ipam != DS_NODE_IPAM_RUNNING || r.allocator);
	}
}

struct derived_case {
	const char *args, *want;
};

static const struct derived_case derived_cases[] = {
	{"", "nodeIpam=not started"},
	{ON, "nodeIpam=process exited"},
	{DUAL "--service-cluster-ip-range=10.244.0.0/20,fd00:10:96::/112",
	 "nodeIpam=running clusterCIDR=10.244.0.0/16,fd00:10:244::/56 podFamilies=IPv4,IPv6 maskSizes=24,64 "
	 "serviceRangesAvoided=10.244.0.0/20,fd00:10:96::/112 capacity=240 capacityPerFamily=240,256 "
	 "podAddressesPerNode=256,18446744073709551616 singleStackNodes="},
	{V4 "--node-cidr-mask-size=032\n--service-cluster-ip-range=bogus",
	 "nodeIpam=running clusterCIDR=10.244.0.0/16 podFamilies=IPv4 maskSizes=26 serviceRangesAvoided= capacity=1024 "
	 "capacityPerFamily=1024 podAddressesPerNode=64 singleStackNodes="},
	{V4 "--node-cidr-mask-size=33",
	 "nodeIpam=running clusterCIDR=10.244.0.0/16 podFamilies=IPv4 maskSizes=33 serviceRangesAvoided= capacity=0 "
	 "capacityPerFamily=0 podAddressesPerNode=0 singleStackNodes="},
};

static const char *const derived_names[] = {"nodeIpam",         "clusterCIDR", "podFamilies",
					    "maskSizes",        "serviceRangesAvoided", "capacity",
					    "capacityPerFamily", "podAddressesPerNode", "singleStackNodes",
					    NULL};

static void test_derived(void **state)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(derived_cases); i++) {
		struct ds_cmdline cl = args_of(*state, DS_KUBE_CONTROLLER_MANAGER, 36, derived_cases[i].args);
		struct ds_kcm_result r;
		const char *got;

		assert_int_equal(ds_kcm_evaluate(*state, &cl, 36, NULL, 0, &r), 0);
		got = derived_text(*state, &r.verdict, derived_names);
		if (strcmp(got, derived_cases[i].want) != 0)
			fail_msg("row %zu:\n got %s\nwant %s", i, got, derived_cases[i].want);
	}
}

static void test_existing_nodes(void **state)
{
	struct ds_str both[] = {DS_STR("10.244.0.0/24"), DS_STR("fd00:10:244::/64")}, old[] = {DS_STR("10.244.7.0/24")};
	struct ds_str lost[] = {DS_STR("192.168.0.0/24")};
	struct ds_kcm_node nodes[] = {{"new", both, 2, {0}}, {"old", old, 1, {0}}, {"fresh", NULL, 0, {0}}};
	struct ds_kcm_node stray = {"stray", lost, 1, {.line = 9}};
	struct ds_cmdline cl = args_of(*state, DS_KUBE_CONTROLLER_MANAGER, 36, DUAL);
	static const char *const names[] = {"capacity", "capacityPerFamily", "singleStackNodes", NULL};
	const char *blocks[2], *why;
	struct ds_kcm_result r;

	assert_int_equal(ds_kcm_evaluate(*state, &cl, 36, nodes, 3, &r), 0);
	assert_int_equal(r.ipam, DS_NODE_IPAM_RUNNING);
	assert_string_equal(derived_text(*state, &r.verdict, names), "capacity=256 capacityPerFamily=256,256 "
								     "singleStackNodes=old");
	assert_int_equal(ds_ipam_next(r.allocator, blocks, &why), 0);
	assert_string_equal(blocks[0], "10.244.1.0/24");
	assert_string_equal(blocks[1], "fd00:10:244:1::/64");
	assert_int_equal(ds_kcm_evaluate(*state, &cl, 36, &stray, 1, &r), 0);
	assert_int_equal(r.ipam, DS_NODE_IPAM_EXITED);
	assert_string_equal(printed_errors(*state, &r.verdict),
			    "failed to mark cidr[192.168.0.0/24] at idx [0] as occupied for node: stray: cidr "
			    "192.168.0.0/24 is out the range of cluster cidr 10.244.0.0/16");
	assert_int_equal(r.verdict.errors.v[0].loc.line, 9);
}

struct warning_case {
	unsigned minor;
	const char *args, *want; /* the only warning, or "" */
};

static const struct warning_case warning_cases[] = {
	{36, DUAL, ""},
	{36, DUAL "--service-cluster-ip-range=10.96.0.0/16, fd00::/112",
	 "\"Warning: unsuccessful parsing of service CIDR\" CIDR=\" fd00::/112\" err=\"invalid CIDR address:  "
	 "fd00::/112\""},
	{26, DUAL "--service-cluster-ip-range=bogus",
	 "Unsuccessful parsing of service CIDR bogus: invalid CIDR address: bogus"},
	{36, DUAL "--service-cluster-ip-range=,", ""}, /* blank is absent */
	{36, DUAL "--service-cluster-ip-range=10.0.0.0/8",
	 "failed to allocate cidr from cluster cidr at idx:0: CIDR allocation failed; there are no remaining CIDRs "
	 "left to "
	 "allocate in the accepted range"},
	{36, DUAL "--node-cidr-mask-size-ipv4=33",
	 "failed to patch node CIDR: spec.podCIDRs[0]: Invalid value: \"<nil>\": must be a valid CIDR value, (e.g. "
	 "10.9.8.0/24 or 2001:db8::/64)"},
	{26, DUAL "--controllers=*,-nodeipam", "\"nodeipam\" is disabled"},
};

static void test_warnings(void **state)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(warning_cases); i++) {
		const struct warning_case *k = &warning_cases[i];
		struct ds_cmdline cl = args_of(*state, DS_KUBE_CONTROLLER_MANAGER, k->minor, k->args);
		struct ds_kcm_result r;

		assert_int_equal(ds_kcm_evaluate(*state, &cl, k->minor, NULL, 0, &r), 0);
		if (r.verdict.warnings.n != (*k->want ? 1 : 0) ||
		    (*k->want && strcmp(r.verdict.warnings.v[0].message, k->want) != 0))
			fail_msg("row %zu: %zu \"%s\"", i, r.verdict.warnings.n,
				 r.verdict.warnings.n ? r.verdict.warnings.v[0].message : "");
	}
}

/* With every budget up to what is needed: an error or the answer, never a crash. */
static void test_no_memory(void **state)
{
	struct ds_cmdline cl = args_of(*state, DS_KUBE_CONTROLLER_MANAGER, 36,
				       DUAL "--service-cluster-ip-range=10.244.0.0/20,bogus");
	struct ds_str cidr = DS_STR("10.244.99.0/24");
	struct ds_kcm_node node = {"n", &cidr, 1, {0}};
	struct ds_kcm_result result;
	int r = DS_ENOMEM;

	for (size_t budget = 0; r == DS_ENOMEM; budget += 64) {
		struct ds_arena *a = ds_arena_new(budget);

		assert_non_null(a);
		assert_true(budget < 1 << 20);
		r = ds_kcm_evaluate(a, &cl, 36, &node, 1, &result);
		ds_arena_free(a);
	}
	assert_int_equal(r, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_start, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_derived, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_existing_nodes, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_warnings, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_no_memory, arena_setup, arena_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
