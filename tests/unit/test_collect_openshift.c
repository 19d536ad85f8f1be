#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "distro_cases.h"

#define IC "apiVersion: v1\nbaseDomain: x\nnetworking:\n"
#define NET "apiVersion: config.openshift.io/v1\nkind: Network\n"
#define AWS "platform: {aws: {}}\n"
#define REFUSES "OpenShift refuses this configuration: networking."

static const struct distro_case cases[] = {
	{"what the operators pass",
	 {{"in", IC "  clusterNetwork: [{cidr: 10.9.0.0/16, hostPrefix: 24}, {cidr: 'fd00:9::/48', hostPrefix: 64}]\n"
		  "  serviceNetwork: [10.8.0.0/16, 'fd00:8::/112']\n"}},
	 DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager openshift host=in truncated --allocate-node-cidrs=false@1:1 --cluster-cidr=10.9.0.0/16,fd00:9::/48@4:27 "
	 "--service-cluster-ip-range=10.8.0.0/16,fd00:8::/112@5:20\n", NULL},
	{"the installer's defaults", {{"in", IC "  networkType: OVNKubernetes\n"}}, DS_KUBE_APISERVER,
	 "kube-apiserver openshift host=in truncated --service-cluster-ip-range=172.30.0.0/16@1:1 "
	 "--advertise-address=${the host's address}?@1:1\n", NULL},
	{"the DNS address", {{"in", IC "  serviceNetwork: ['fd00:8::/112']\n  clusterNetwork: [{cidr: 'fd00:9::/48'}]\n"}}, DS_KUBELET,
	 "kubelet openshift host=in truncated --node-ip=${the host's addresses}?@1:1 --cluster-dns=fd00:8::a@4:20\n", NULL},
	{"the cluster's Network as it is", {{"in", NET "spec: {serviceNetwork: [10.1.0.0/16]}\nstatus: {serviceNetwork: [10.8.0.0/16], clusterNetwork: [{cidr: 10.9.0.0/16}]}\n"}},
	 DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager openshift host=in truncated --allocate-node-cidrs=false@1:1 --cluster-cidr=10.9.0.0/16@4:65 "
	 "--service-cluster-ip-range=10.8.0.0/16@4:27\n", NULL},
	{"or as it is meant to be", {{"in", "apiVersion: operator.openshift.io/v1\nkind: Network\nspec: {serviceNetwork: [10.1.0.0/16]}\n"}},
	 DS_KUBE_APISERVER,
	 "kube-apiserver openshift host=in truncated --service-cluster-ip-range=10.1.0.0/16@3:25 --advertise-address=${the host's address}?@1:1\n",
	 NULL},
	{"without ranges it says nothing", {{"in", NET "spec: {externalIP: {}}\n"}}, DS_KUBE_APISERVER, NULL, NULL},
	{"networks that are none, or overlap",
	 {{"in", IC "  machineNetwork: [{cidr: 10.8.0.0/24}, {cidr: 10.8.0.0/16}]\n  serviceNetwork: [10.8.0.1/17]\n"}},
	 DS_COMPONENT_NONE, NULL,
	 "error 4:48 " REFUSES "machineNetwork[1]: Invalid value: \"10.8.0.0/16\": machine network must not overlap with machine network 0\n"
	 "error 5:20 " REFUSES "serviceNetwork[0]: Invalid value: \"10.8.0.1/17\": invalid network address. got 10.8.0.1/17, expecting 10.8.0.0/17\n"
	 "error 5:20 " REFUSES "serviceNetwork[0]: Invalid value: \"10.8.0.1/17\": service network must not overlap with any of the machine networks\n"
	 "error 5:20 " REFUSES "serviceNetwork[0]: Invalid value: \"10.8.0.1/17\": service network must not overlap with any of the machine networks\n"},
	{"the same of pods",
	 {{"in", IC "  machineNetwork: [{cidr: 10.8.0.0/24}]\n  serviceNetwork: [10.7.0.0/17]\n"
		  "  clusterNetwork: [{cidr: x}, {cidr: 0.0.0.0/0, hostPrefix: -1}]\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 6:27 " REFUSES "clusterNetwork[0].cidr: Invalid value: \"x\": invalid CIDR address\n"
	 "error 6:38 " REFUSES "clusterNetwork[1].cidr: Invalid value: \"0.0.0.0/0\": address must be specified\n"
	 "error 6:38 " REFUSES "clusterNetwork[1].cidr: Invalid value: \"0.0.0.0/0\": cluster network must not overlap with any of the machine networks\n"
	 "error 6:38 " REFUSES "clusterNetwork[1].cidr: Invalid value: \"0.0.0.0/0\": cluster network must not overlap with service network 0\n"
	 "error 6:61 " REFUSES "clusterNetwork[1].hostPrefix: Invalid value: -1: hostPrefix must be positive\n"},
	{"host prefixes", {{"in", IC "  clusterNetwork: [{cidr: 10.9.0.0/16, hostPrefix: 15}, {cidr: 'fd00:9::/48', hostPrefix: 72}]\n"}},
	 DS_COMPONENT_NONE, NULL,
	 "error 4:52 " REFUSES "clusterNetwork[0].hostPrefix: Invalid value: 15: cluster network host subnetwork prefix must not be larger size than "
	 "CIDR 10.9.0.0/16\n"
	 "error 4:91 " REFUSES "clusterNetwork[1].hostPrefix: Invalid value: 72: cluster network host subnetwork prefix must be 64 for IPv6 networks\n"},
	{"families", {{"in", IC "  networkType: OpenShiftSDN\n  machineNetwork: [{cidr: 'fd00:7::/64'}]\n"
			    "  serviceNetwork: ['fd00:8::/112', 10.8.0.0/16, 10.7.0.0/16]\n" AWS}}, DS_COMPONENT_NONE, NULL,
	 "error 4:16 " REFUSES "networkType: Invalid value: \"OpenShiftSDN\": dual-stack IPv4/IPv6 is not supported for this networking plugin\n"
	 "error 6:19 " REFUSES "serviceNetwork: Invalid value: \"fd00:8::/112, 10.8.0.0/16, 10.7.0.0/16\": when installing dual-stack IPv4/IPv6 you "
	 "must provide two service networks, one for each IP address type\n"
	 "error 5:19 " REFUSES "machineNetwork: Invalid value: \"fd00:7::/64\": dual-stack IPv4/IPv6 requires an IPv4 network in this list\n"
	 "error 6:19 " REFUSES "serviceNetwork: Invalid value: \"fd00:8::/112, 10.8.0.0/16, 10.7.0.0/16\": IPv4 addresses must be listed before IPv6 "
	 "addresses\n"},
	{"which may begin with IPv6 on some platforms", {{"in", IC "  serviceNetwork: ['fd00:8::/112', 10.8.0.0/16]\nplatform: {baremetal: {}}\n"}},
	 DS_COMPONENT_NONE, NULL, NULL},
	{"two ranges of one family", {{"in", IC "  serviceNetwork: [10.8.0.0/16, 10.7.0.0/16]\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 4:19 " REFUSES "serviceNetwork: Invalid value: \"10.8.0.0/16, 10.7.0.0/16\": only one service network can be specified\n"},
};

static void makes_the_components(void **state)
{
	(void)state;
	run_distro_cases(cases, DS_ARRAY_SIZE(cases), "openshift");
}

static void out_of_memory_is_an_error(void **state)
{
	static const char *const texts[] = {IC "  clusterNetwork: [{cidr: 10.9.0.0/16, hostPrefix: 15}]\n  serviceNetwork: [x]\n"};

	(void)state;
	run_out_of_memory("in", texts, 1, 60000, 509);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_the_components),
		cmocka_unit_test(out_of_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
