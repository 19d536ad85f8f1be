#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "kube/kube_apiserver.h"
#include "kube_args.h"

#define NONE "--endpoint-reconciler-type=none\n"
#define RANGE "--service-cluster-ip-range="
#define TOO_LARGE(flag, bits, mask)                                                                                    \
	"specified " flag " is too large; for " bits "-bit addresses, the mask must be >= " mask
#define TOO_SMALL                                                                                                      \
	"error determining service IP ranges for primary service cidr: the service cluster IP range must be at least " \
	"8 "                                                                                                           \
	"IP addresses"
#define SAME_FAMILY \
	"--service-cluster-ip-range[0] and --service-cluster-ip-range[1] must be of different IP family"
#define MISMATCH(range, ip) "service IP family \"" range "\" must match public address family \"" ip "\""
#define SECOND "secondary service cluster-ip range(--service-cluster-ip-range[1]) can only be used if IPv6DualStack "

struct start_case {
	unsigned minor;
	const char *args;
	const char *printed; /* "": accepted; NULL: unknown */
};

static const struct start_case start_cases[] = {
	{36, NONE, ""},
	{36, NONE RANGE, ""},
	{36, NONE RANGE "10.96.0.0/12", ""},
	{36, NONE RANGE "10.96.0.0/12,fd00::/108", ""},
	{36, NONE RANGE "fd00::/108,10.96.0.0/12", ""},
	{36, NONE RANGE "10.96.0.0/12, fd00::/108", "service-cluster-ip-range[1] is not an ip net"},
	{36, NONE RANGE "10.96.0.0/12,", "service-cluster-ip-range[1] is not an ip net"},
	{36, NONE RANGE ",10.96.0.0/12", "service-cluster-ip-range[0] is not a valid cidr"},
	{36, NONE RANGE " 10.96.0.0/12", "service-cluster-ip-range[0] is not a valid cidr"},
	{36, NONE RANGE "10.96.0.0/12,fd00::/108,xyz",
	 "--service-cluster-ip-range must not contain more than two entries"},
	{36, NONE RANGE "10.96.0.0/12,10.112.0.0/12", SAME_FAMILY},
	{36, NONE RANGE "10.96.0.0/12,::ffff:10.112.0.0/112", SAME_FAMILY},
	{36, NONE RANGE "010.096.0.1/012", ""},
	{36, NONE RANGE "10.96.0.0/30", TOO_SMALL},
	{36, NONE RANGE "10.96.0.0/29", ""},
	{36, NONE RANGE "fd00::/126", TOO_SMALL},
	{36, NONE RANGE "fd00::/125", ""},
	{36, NONE RANGE "0.0.0.0/0", TOO_SMALL}, /* 2^32 does not fit upstream's arithmetic */
	{36, NONE RANGE "0.0.0.0/1", TOO_SMALL},
	{36, NONE RANGE "0.0.0.0/2", ""},
	{36, NONE RANGE "::/1", TOO_SMALL},
	{36, NONE RANGE "::/2", ""},
	{36, NONE RANGE "10.96.0.0/30,bogus", TOO_SMALL}, /* before the second is looked at */
	{36, NONE RANGE "10.96.0.0/12,fd00::/127", ""},   /* the second has no minimum */
	/* The upper limit comes and goes with version and gates. */
	{26, NONE RANGE "10.0.0.0/12", ""},
	{26, NONE RANGE "10.0.0.0/11", TOO_LARGE("--service-cluster-ip-range", "32", "12")},
	{26, NONE RANGE "fd00::/107", TOO_LARGE("--service-cluster-ip-range", "128", "108")},
	{26, NONE RANGE "::ffff:10.0.0.0/104", TOO_LARGE("--service-cluster-ip-range", "128", "108")},
	{28, NONE RANGE "10.0.0.0/8", TOO_LARGE("--service-cluster-ip-range", "32", "12")},
	{28, NONE "--feature-gates=MultiCIDRServiceAllocator=true\n" RANGE "10.0.0.0/8,fd00::/64", ""},
	{28, NONE "--feature-gates=MultiCIDRServiceAllocator=true\n" RANGE "fd00::/63",
	 TOO_LARGE("--service-cluster-ip-range", "128", "64")},
	{29, NONE "--feature-gates=MultiCIDRServiceAllocator=true\n" RANGE "fd00::/48", ""},
	{30, NONE RANGE "fd00::/64", TOO_LARGE("--service-cluster-ip-range", "128", "108")},
	{31, NONE "--feature-gates=MultiCIDRServiceAllocator=true\n" RANGE "fd00::/64",
	 TOO_LARGE("--service-cluster-ip-range", "128", "108")},
	{31, NONE "--feature-gates=MultiCIDRServiceAllocator=true,DisableAllocatorDualWrite=true\n" RANGE "fd00::/64",
	 ""},
	{33, NONE RANGE "fd00::/64", TOO_LARGE("--service-cluster-ip-range", "128", "108")},
	{33, NONE "--feature-gates=DisableAllocatorDualWrite=true\n" RANGE "fd00::/64", ""},
	{34, NONE RANGE "10.0.0.0/8,fd00::/64", ""},
	{36, NONE RANGE "10.0.0.0/8,fd00::/64", ""},
	/* Several at once. */
	{33, NONE RANGE "10.0.0.0/8,11.0.0.0/8",
	 "[" TOO_LARGE("--service-cluster-ip-range", "32",
		       "12") ", " SAME_FAMILY ", " TOO_LARGE("--service-cluster-ip-range[1]", "32", "12") "]"},
	{33, "--advertise-address=10.0.0.1\n" RANGE "fd00::/64,10.0.0.0/8,x",
	 "[--service-cluster-ip-range must not contain more than two entries, " TOO_LARGE(
		 "--service-cluster-ip-range", "128", "108") ", " TOO_LARGE("--service-cluster-ip-range[1]", "32",
									    "12") ", " MISMATCH("fd00::/64",
												"10.0.0.1") "]"},
	{27, "--advertise-address=10.0.0.1\n" RANGE "fd00::/64", TOO_LARGE("--service-cluster-ip-range", "128", "108")},
	/* Two ranges and the dual-stack gates. */
	{20, NONE RANGE "10.96.0.0/12,fd00::/108", SECOND "and EndpointSlice feature is enabled"},
	{20, NONE "--feature-gates=IPv6DualStack=true\n" RANGE "10.96.0.0/12,fd00::/108", ""},
	{21, NONE RANGE "10.96.0.0/12,fd00::/108", ""},
	{21, NONE "--feature-gates=IPv6DualStack=false\n" RANGE "10.96.0.0/12,fd00::/108", SECOND "feature is enabled"},
	/* The published address. */
	{23, "--advertise-address=fd01::1\n" RANGE "10.96.0.0/12", ""},
	{24, "--advertise-address=fd01::1\n" RANGE "10.96.0.5/12",
	 "error creating bootstrap controller: " MISMATCH("10.96.0.0/12", "fd01::1")},
	{27, "--advertise-address=10.0.0.1\n" RANGE "fd00::/112",
	 "error creating bootstrap controller: " MISMATCH("fd00::/112", "10.0.0.1")},
	{28, "--advertise-address=10.0.0.1\n" RANGE "fd00::/112", MISMATCH("fd00::/112", "10.0.0.1")},
	{36, "--advertise-address=10.0.0.1", ""},
	{36, "--advertise-address=fd01::1", MISMATCH("10.0.0.0/24", "fd01::1")},
	{36, "--advertise-address=::ffff:10.0.0.1\n" RANGE "10.96.0.0/12", ""},
	{36, "--advertise-address=10.0.0.1\n" RANGE "::ffff:10.96.0.0/112", ""},
	{36, "--advertise-address=fd01::1\n" RANGE "::ffff:10.96.0.0/112", MISMATCH("10.96.0.0/16", "fd01::1")},
	{36, "--advertise-address=127.0.0.1\n" RANGE "10.96.0.0/12", ""},
	{36, "--bind-address=10.0.0.1\n" RANGE "10.96.0.0/12", ""},
	{36, "--bind-address=fd01::1\n" RANGE "10.96.0.0/12", MISMATCH("10.96.0.0/12", "fd01::1")},
	{36, "--bind-address=fd01::1\n--advertise-address=10.0.0.1\n" RANGE "10.96.0.0/12", ""},
	{36, RANGE "10.96.0.0/12", NULL},
	{36, "--bind-address=127.0.0.1\n" RANGE "10.96.0.0/12", NULL},
	{36, "--advertise-address=::\n" RANGE "10.96.0.0/12", NULL},
	{36, "--advertise-address=$(POD_IP)\n" RANGE "10.96.0.0/12", NULL},
	{36, "--advertise-address=$(POD_IP)\n" RANGE "bogus", "service-cluster-ip-range[0] is not a valid cidr"},
	{36, NONE RANGE "$(RANGE)", NULL},
	{36, "--endpoint-reconciler-type=$(TYPE)\n" RANGE "10.96.0.0/12", NULL},
	{36, "--endpoint-reconciler-type=None\n--advertise-address=10.0.0.1", "Reconciler not implemented: None"},
	{36, "--endpoint-reconciler-type=\n--advertise-address=10.0.0.1", ""},
	{36, "--endpoint-reconciler-type=master-count\n--advertise-address=10.0.0.1", ""},
	/* Node ports. */
	{36, NONE "--kubernetes-service-node-port=30000", ""},
	{36, NONE "--kubernetes-service-node-port=32767", ""},
	{36, NONE "--kubernetes-service-node-port=32768",
	 "kubernetes service node port range 30000-32767 doesn't contain 32768"},
	{21, NONE "--kubernetes-service-node-port=80", "kubernetes service port range 30000-32767 doesn't contain 80"},
	{36, NONE "--service-node-port-range=80\n--kubernetes-service-node-port=80", ""},
	{36, NONE "--service-node-port-range=\n--kubernetes-service-node-port=80",
	 "kubernetes service node port range  doesn't contain 80"},
	{36, NONE "--service-node-port-range= 100+10 \n--kubernetes-service-node-port=0x6e", ""},
	{36, NONE "--kubernetes-service-node-port=-1",
	 "--kubernetes-service-node-port -1 must be between 0 and 65535, inclusive. If 0, the Kubernetes master "
	 "service "
	 "will be of type ClusterIP"},
	{36, NONE "--kubernetes-service-node-port=65536",
	 "[--kubernetes-service-node-port 65536 must be between 0 and 65535, inclusive. If 0, the Kubernetes master "
	 "service will be of type ClusterIP, kubernetes service node port range 30000-32767 doesn't contain 65536]"},
	/* --apiserver-count comes first up to 1.27, last since. */
	{27, NONE "--apiserver-count=0\n" RANGE "10.0.0.0/8",
	 "[--apiserver-count should be a positive number, but value '0' provided, " TOO_LARGE(
		 "--service-cluster-ip-range", "32", "12") "]"},
	{28, NONE "--apiserver-count=0\n" RANGE "10.0.0.0/8",
	 "[" TOO_LARGE("--service-cluster-ip-range", "32",
		       "12") ", --apiserver-count should be a positive number, but value '0' provided]"},
	/* serving.go: SecureServingOptions.Validate, before the ranges since 1.28, after them up to 1.27. */
	{36, NONE "--secure-port=0",
	 "--secure-port 0 must be between 1 and 65535, inclusive. It cannot be turned off with 0"},
	{27, NONE "--secure-port=65536\n" RANGE "10.0.0.0/8",
	 "[" TOO_LARGE("--service-cluster-ip-range", "32", "12") ", --secure-port 65536 must be between 1 and 65535, inclusive. "
							       "It cannot be turned off with 0]"},
	{28, NONE "--secure-port=-1\n" RANGE "10.0.0.0/8",
	 "[--secure-port -1 must be between 1 and 65535, inclusive. It cannot be turned off with 0, " TOO_LARGE(
		 "--service-cluster-ip-range", "32", "12") "]"},
};

static void test_start(void **state)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(start_cases); i++) {
		const struct start_case *k = &start_cases[i];
		struct ds_cmdline cl = args_of(*state, DS_KUBE_APISERVER, k->minor, k->args);
		enum ds_startup want = !k->printed ? DS_STARTUP_UNKNOWN
				       : *k->printed ? DS_STARTUP_REFUSED
						     : DS_STARTUP_ACCEPTED;
		struct ds_verdict v;

		assert_int_equal(ds_apiserver_verdict(*state, &cl, k->minor, NULL, &v), 0);
		if (v.startup != want || strcmp(printed_errors(*state, &v), k->printed ? k->printed : "") != 0)
			fail_msg("row %zu (1.%u %s): %d \"%s\" %s", i, k->minor, k->args, (int)v.startup,
				 printed_errors(*state, &v), v.reason ? v.reason : "");
	}
}

/* Without an address in the flags the host gives one, which is refused when it is of the other family. */
static void test_host_address(void **state)
{
#define V4 "10.96.0.0/16", "10.0.0.5", "eth0", DS_IPV4
#define NO_ROUTE                                                                                                       \
	"Unable to find suitable network address.error='no default routes found in \"/proc/net/route\" or "               \
	"\"/proc/net/ipv6_route\"'. Try to set the AdvertiseAddress directly or provide a valid BindAddress to fix this."
#define WRONG_FAMILY(range, address) "service IP family \"" range "\" must match public address family \"" address "\""
	static const struct {
		unsigned minor;
		const char *range, *address, *interface;
		enum ds_family route; /* DS_FAMILY_NONE: none */
		const char *flags, *printed;
	} rows[] = {
		{36, V4, "", ""},
		{24, V4, "", ""},
		{36, "fd00:1::/112,10.96.0.0/16", "10.0.0.5", "eth0", DS_IPV4, "", WRONG_FAMILY("fd00:1::/112", "10.0.0.5")},
		{36, "fd00:1::/112", "10.0.0.5", "eth0", DS_IPV4, "\n--bind-address=::", WRONG_FAMILY("fd00:1::/112", "10.0.0.5")},
		{27, "fd00:1::/112", "10.0.0.5", "eth0", DS_IPV4, "",
		 "error creating bootstrap controller: " WRONG_FAMILY("fd00:1::/112", "10.0.0.5")},
		{23, "fd00:1::/112", "10.0.0.5", "eth0", DS_IPV4, "", ""},
		{36, "fd00:1::/112", "10.0.0.5", "eth0", DS_IPV4, "\n--endpoint-reconciler-type=none", ""},
		{36, "fd00:1::/112", "10.0.0.5", "eth0", DS_IPV4, "\n--advertise-address=fd00::7", ""},
		{36, "fd00:1::/112", "10.0.0.5", "eth0", DS_IPV4, "\n--bind-address=fd00::7", ""},
		{36, "fd00:1::/112", "fd00::5", "eth0", DS_IPV6, "", ""},
		{36, "10.96.0.0/16", "10.0.0.5", "eth0", DS_FAMILY_NONE, "", NO_ROUTE},
		{22, "10.96.0.0/16", "10.0.0.5", "eth0", DS_FAMILY_NONE, "", NO_ROUTE},
		{36, "10.96.0.0/16", "10.0.0.5", "eth0", DS_FAMILY_NONE, "\n--endpoint-reconciler-type=none", NO_ROUTE},
		{36, "10.96.0.0/16", "10.0.0.5", "eth0", DS_FAMILY_NONE, "\n--advertise-address=10.0.0.5", ""},
		{36, "10.96.0.0/16", "10.0.0.5", "eth1", DS_IPV4, "",
		 "Unable to find suitable network address.error='unable to select an IP from default routes.'. Try to set "
		 "the AdvertiseAddress directly or provide a valid BindAddress to fix this."},
		{36, "10.96.0.0/16", "10.0.0.5", "", DS_IPV4, "", NULL},
		/* The range is read before the address is looked for since 1.28, and after it before. */
		{28, "10.96.0.0", "10.0.0.5", "eth0", DS_FAMILY_NONE, "", "service-cluster-ip-range[0] is not a valid cidr"},
		{27, "10.96.0.0", "10.0.0.5", "eth0", DS_FAMILY_NONE, "", NO_ROUTE},
	};

	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		const char *args = ds_arena_printf(*state, "--service-cluster-ip-range=%s%s", rows[i].range, rows[i].flags);
		struct ds_cmdline cl = args_of(*state, DS_KUBE_APISERVER, rows[i].minor, args);
		struct ds_host_ip ip = {.interface = rows[i].interface};
		struct ds_host_default route = {"eth0", rows[i].route};
		struct ds_host_net net = {&ip, 1, &route, rows[i].route != DS_FAMILY_NONE};
		struct ds_verdict v;

		assert_int_equal(ds_ip_parse(ds_str_from(rows[i].address), DS_IP_STRICT, &ip.ip), 0);
		assert_int_equal(ds_apiserver_verdict(*state, &cl, rows[i].minor, &net, &v), 0);
		if (rows[i].printed ? v.startup == DS_STARTUP_UNKNOWN || strcmp(printed_errors(*state, &v), rows[i].printed) != 0
				    : v.startup != DS_STARTUP_UNKNOWN)
			fail_msg("row %zu: %d \"%s\" %s", i, (int)v.startup, printed_errors(*state, &v), v.reason ? v.reason : "");
	}
}

struct derived_case {
	unsigned minor;
	const char *range;
	const char *want;
};

static const struct derived_case derived_cases[] = {
	{36, "10.96.0.5/12",
	 "serviceClusterIPRange=10.96.0.0/12 serviceFamilies=IPv4 primaryFamily=IPv4 kubernetesServiceIP=10.96.0.1 "
	 "serviceAddresses=1048574 staticBand=10.96.0.1-10.96.1.0 dynamicBand=10.96.1.1-10.111.255.254"},
	{36, "fd00::/108,10.96.0.0/24",
	 "serviceClusterIPRange=fd00::/108,10.96.0.0/24 serviceFamilies=IPv6,IPv4 primaryFamily=IPv6 "
	 "kubernetesServiceIP=fd00::1 serviceAddresses=1048575,254 staticBand=fd00::1-fd00::100,10.96.0.1-10.96.0.16 "
	 "dynamicBand=fd00::101-fd00::f:ffff,10.96.0.17-10.96.0.254"},
	/* The bitmap holds 65536 addresses of an IPv6 range. */
	{32, "fd00::/108",
	 "serviceClusterIPRange=fd00::/108 serviceFamilies=IPv6 primaryFamily=IPv6 kubernetesServiceIP=fd00::1 "
	 "serviceAddresses=65535 staticBand=fd00::1-fd00::100 dynamicBand=fd00::101-fd00::ffff"},
	{36, "10.96.0.0/28",
	 "serviceClusterIPRange=10.96.0.0/28 serviceFamilies=IPv4 primaryFamily=IPv4 kubernetesServiceIP=10.96.0.1 "
	 "serviceAddresses=14 staticBand= dynamicBand=10.96.0.1-10.96.0.14"},
	{36, "10.96.0.0/27",
	 "serviceClusterIPRange=10.96.0.0/27 serviceFamilies=IPv4 primaryFamily=IPv4 kubernetesServiceIP=10.96.0.1 "
	 "serviceAddresses=30 staticBand=10.96.0.1-10.96.0.16 dynamicBand=10.96.0.17-10.96.0.30"},
	{36, "10.96.0.0/22",
	 "serviceClusterIPRange=10.96.0.0/22 serviceFamilies=IPv4 primaryFamily=IPv4 kubernetesServiceIP=10.96.0.1 "
	 "serviceAddresses=1022 staticBand=10.96.0.1-10.96.0.64 dynamicBand=10.96.0.65-10.96.3.254"},
	{23, "10.96.0.0/24",
	 "serviceClusterIPRange=10.96.0.0/24 serviceFamilies=IPv4 primaryFamily=IPv4 kubernetesServiceIP=10.96.0.1 "
	 "serviceAddresses=254 staticBand= dynamicBand=10.96.0.1-10.96.0.254"},
	{25, "10.96.0.0/24",
	 "serviceClusterIPRange=10.96.0.0/24 serviceFamilies=IPv4 primaryFamily=IPv4 kubernetesServiceIP=10.96.0.1 "
	 "serviceAddresses=254 staticBand=10.96.0.1-10.96.0.16 dynamicBand=10.96.0.17-10.96.0.254"},
	{36, "10.96.0.0/24,fd00::/127",
	 "serviceClusterIPRange=10.96.0.0/24,fd00::/127 serviceFamilies=IPv4,IPv6 primaryFamily=IPv4 "
	 "kubernetesServiceIP=10.96.0.1 serviceAddresses=254,1 staticBand=10.96.0.1-10.96.0.16, "
	 "dynamicBand=10.96.0.17-10.96.0.254,fd00::1-fd00::1"},
	{36, "fd00::/112,10.96.0.0/31",
	 "serviceClusterIPRange=fd00::/112,10.96.0.0/31 serviceFamilies=IPv6,IPv4 primaryFamily=IPv6 "
	 "kubernetesServiceIP=fd00::1 serviceAddresses=65535,0 staticBand=fd00::1-fd00::100, "
	 "dynamicBand=fd00::101-fd00::ffff,"},
	{36, "::ffff:10.96.0.0/120",
	 "serviceClusterIPRange=10.96.0.0/24 serviceFamilies=IPv4 primaryFamily=IPv4 kubernetesServiceIP=10.96.0.1 "
	 "serviceAddresses=254 staticBand=10.96.0.1-10.96.0.16 dynamicBand=10.96.0.17-10.96.0.254"},
	{36, "fd00::/64",
	 "serviceClusterIPRange=fd00::/64 serviceFamilies=IPv6 primaryFamily=IPv6 kubernetesServiceIP=fd00::1 "
	 "serviceAddresses=18446744073709551615 staticBand=fd00::1-fd00::100 "
	 "dynamicBand=fd00::101-fd00::ffff:ffff:ffff:ffff"},
	{36, "10.0.0.0/8,10.0.0.0/8", ""}, /* refused: nothing follows */
};

static void test_derived(void **state)
{
	static const char *const names[] = {"serviceClusterIPRange", "serviceFamilies", "primaryFamily",
					    "kubernetesServiceIP",   "serviceAddresses", "staticBand",
					    "dynamicBand",           NULL};

	for (size_t i = 0; i < DS_ARRAY_SIZE(derived_cases); i++) {
		const struct derived_case *k = &derived_cases[i];
		const char *args = ds_arena_printf(*state, NONE RANGE "%s", k->range), *got;
		struct ds_cmdline cl = args_of(*state, DS_KUBE_APISERVER, k->minor, args);
		struct ds_verdict v;

		assert_int_equal(ds_apiserver_verdict(*state, &cl, k->minor, NULL, &v), 0);
		got = derived_text(*state, &v, names);
		if (strcmp(got, k->want) != 0)
			fail_msg("row %zu:\n got %s\nwant %s", i, got, k->want);
	}
}

#define MULTI NONE RANGE "10.96.0.0/16\n--feature-gates=MultiCIDRServiceAllocator=true\n"
#define UNSERVED(what)                                                                                                 \
	"Failed to watch " what ": failed to list " what ": the server could not find the requested resource"

struct warning_case {
	unsigned minor;
	const char *args, *want; /* the only warning, or "" */
};

static const struct warning_case warning_cases[] = {
	{36, NONE RANGE "10.96.0.0/16", ""},
	{36, NONE,
	 "No CIDR for service cluster IPs specified. Default value which was 10.0.0.0/24 is deprecated and will be "
	 "removed in "
	 "future releases. Please specify it using --service-cluster-ip-range on kube-apiserver."},
	{36, NONE RANGE "10.0.0.0/8,fd00::/48",
	 "error creating new IPAllocator for Service CIDR fd00::/48: shortest allowed prefix length for service CIDR "
	 "is 64, "
	 "got 48"},
	{28, MULTI, UNSERVED("*v1alpha1.IPAddress")},
	{30, MULTI, UNSERVED("*v1alpha1.ServiceCIDR")},
	{32, MULTI, UNSERVED("*v1beta1.ServiceCIDR")},
	{32, MULTI "--runtime-config=networking.k8s.io/v1alpha1=true", UNSERVED("*v1beta1.ServiceCIDR")},
	{32, MULTI "--runtime-config=networking.k8s.io/v1beta1=false", UNSERVED("*v1beta1.ServiceCIDR")},
	{32, MULTI "--runtime-config=networking.k8s.io/v1beta1=true", ""},
	{32, MULTI "--runtime-config=x=true,networking.k8s.io/v1beta1", ""},
	{32, MULTI "--runtime-config=api/all=true\n--runtime-config=x=y", ""},
	{32, NONE RANGE "10.96.0.0/16", ""},
};

static void test_warnings(void **state)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(warning_cases); i++) {
		const struct warning_case *k = &warning_cases[i];
		struct ds_cmdline cl = args_of(*state, DS_KUBE_APISERVER, k->minor, k->args);
		struct ds_verdict v;

		assert_int_equal(ds_apiserver_verdict(*state, &cl, k->minor, NULL, &v), 0);
		assert_int_equal(v.startup, DS_STARTUP_ACCEPTED);
		if (v.warnings.n != (*k->want ? 1 : 0) || (*k->want && strcmp(v.warnings.v[0].message, k->want) != 0))
			fail_msg("row %zu: %zu \"%s\"", i, v.warnings.n, v.warnings.n ? v.warnings.v[0].message : "");
	}
}

static void test_ranges(void **state)
{
	struct ds_cidr *v;
	const char *why;
	size_t n, entries;
	char text[DS_CIDR_TEXT];

	assert_int_equal(ds_apiserver_service_ranges(*state, DS_STR(""), &v, &n, NULL, &why), 0);
	assert_int_equal(n, 1);
	assert_string_equal(ds_cidr_format(&v[0], text), "10.0.0.0/24");
	assert_int_equal(
		ds_apiserver_service_ranges(*state, DS_STR("fd00::9/108,010.1.2.3/8,x,y"), &v, &n, &entries, &why), 0);
	assert_int_equal(n, 2);
	assert_int_equal(entries, 4);
	assert_string_equal(ds_cidr_format(&v[0], text), "fd00::/108");
	assert_string_equal(ds_cidr_format(&v[1], text), "10.0.0.0/8");
	assert_int_equal(ds_apiserver_service_ranges(*state, DS_STR(","), &v, &n, NULL, &why), DS_ESYNTAX);
	assert_string_equal(why, "service-cluster-ip-range[0] is not a valid cidr");
}

/* With every budget up to what is needed: an error or the answer, never a crash. */
static void test_no_memory(void **state)
{
	struct ds_cmdline cl = args_of(*state, DS_KUBE_APISERVER, 36, NONE RANGE "10.96.0.0/12,fd00::/48");
	struct ds_verdict v;
	int r = DS_ENOMEM;

	for (size_t budget = 0; r == DS_ENOMEM; budget += 64) {
		struct ds_arena *a = ds_arena_new(budget);

		assert_non_null(a);
		assert_true(budget < 1 << 20);
		r = ds_apiserver_verdict(a, &cl, 36, NULL, &v);
		ds_arena_free(a);
	}
	assert_int_equal(r, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_start, arena_setup, arena_teardown),
cmocka_unit_test_setup_teardown(test_host_address, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_derived, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_warnings, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_ranges, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_no_memory, arena_setup, arena_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
