#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "distro_cases.h"

#define D "etc/microshift/config.d/"
#define C "etc/microshift/config.yaml"
#define HOST "microshift host=etc/microshift"
#define REFUSES "MicroShift refuses this configuration: error validating "

static const struct distro_case cases[] = {
	{"what follows from the node's address", {{C, "node: {nodeIP: 192.0.2.1}\n"}}, DS_KUBE_APISERVER,
	 "kube-apiserver " HOST " --service-cluster-ip-range=10.43.0.0/16@1:1 --advertise-address=10.44.0.0@1:1 --bind-address=0.0.0.0@1:1 "
	 "--secure-port=6443@1:1 --service-node-port-range=30000-32767@1:1 --kubelet-preferred-address-types=Hostname,InternalIP@1:1 "
	 "--etcd-servers=${MicroShift's own etcd}?@1:1\n", NULL},
	{"of IPv6", {{C, "node: {nodeIP: '2001:db8::1'}\n"}}, DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager " HOST " --allocate-node-cidrs=true@1:1 --cluster-cidr=fd01::/48@1:1 --service-cluster-ip-range=fd02::/112@1:1\n",
	 NULL},
	{"which the host decides when it is not given", {{C, "node: {}\nnetwork: {clusterNetwork: []}\n"}}, DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager " HOST " --allocate-node-cidrs=true@1:1 --cluster-cidr=${10.42.0.0/16, or fd01::/48 on a host of IPv6}?@1:1 "
	 "--service-cluster-ip-range=${10.43.0.0/16, or fd02::/112 on a host of IPv6}?@1:1\n", NULL},
	{"files merge by field, lists as a whole",
	 {{D "20.yaml", "network: {serviceNetwork: [10.8.0.0/16]}\n"}, {D "10.yaml", "network: {serviceNetwork: [10.7.0.0/16]}\nkubelet: {maxPods: 9}\n"},
	  {C, "network: {serviceNetwork: [10.6.0.0/16, 'fd00::/112'], clusterNetwork: [10.9.0.0/16]}\nnode: {nodeIP: 192.0.2.1, hostnameOverride: n}\n"}},
	 DS_KUBELET, "kubelet " HOST " --node-ip=192.0.2.1@2:16 --hostname-override=n@2:45 --cluster-dns=10.8.0.10@1:28 --max-pods=9@2:20\n", NULL},
	{"two families", {{C, "network: {serviceNetwork: [10.8.0.0/16, 'fd00:8::/112'], clusterNetwork: [10.9.0.0/16, 'fd00:9::/48']}\nnode: {nodeIPv6: '2001:db8::1'}\n"}},
	 DS_KUBELET, "kubelet " HOST " --node-ip=${the host's address},2001:db8::1?@2:18 --cluster-dns=10.8.0.10@1:28\n", NULL},
	{"there is no kube-proxy", {{C, "network: {cniPlugin: none}\n"}}, DS_KUBE_PROXY, NULL, NULL},
	{"another number of ranges", {{C, "network: {serviceNetwork: [10.8.0.0/16], clusterNetwork: [10.9.0.0/16, 'fd00:9::/48']}\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 1:28 " REFUSES "networks: network.serviceNetwork and network.clusterNetwork have different cardinality\n"},
	{"three", {{C, "network: {serviceNetwork: [a, b, c], clusterNetwork: [d, e, f]}\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 1:28 " REFUSES "networks: network.serviceNetwork can not have more than 2 entries\n"},
	{"not a range", {{C, "network: {serviceNetwork: [10.8.0.0], clusterNetwork: [d]}\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 1:28 " REFUSES "networks: invalid format in network.ServiceNetwork[0]: invalid CIDR address: 10.8.0.0\n"},
	{"nor this", {{C, "network: {serviceNetwork: [10.8.0.0/16], clusterNetwork: [d]}\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 1:59 " REFUSES "networks: invalid format in network.ClusterNetwork[0]: invalid CIDR address: d\n"},
	{"families in another order", {{C, "network: {serviceNetwork: [10.8.0.0/16], clusterNetwork: ['fd00::/48']}\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 1:28 " REFUSES "networks: mismatched IP families in network.ServiceNetwork[0] and network.ClusterNetwork[0]\n"},
	{"one family twice", {{C, "network: {serviceNetwork: [10.8.0.0/16, 10.7.0.0/16], clusterNetwork: [10.9.0.0/16, 10.6.0.0/16]}\n"}},
	 DS_COMPONENT_NONE, NULL,
	 "error 1:28 " REFUSES "networks: invalid number of entries of the same IP family in network.serviceNetwork and network.clusterNetwork\n"},
	{"an address to advertise of the other family",
	 {{C, "apiServer: {advertiseAddress: '::1'}\nnode: {nodeIP: 192.0.2.1}\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 1:31 " REFUSES "networks: invalid IP family in apiServer.AdvertiseAddress: does not match first network.ServiceNetwork IP family\n"},
	{"a second address for one family", {{C, "node: {nodeIP: 192.0.2.1, nodeIPv6: '::1'}\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 1:37 " REFUSES "node.nodeIPv6: dual stack not detected, address must not be configured\n"},
	{"which must be IPv6", {{C, "network: {serviceNetwork: [10.8.0.0/16, 'fd00:8::/112'], clusterNetwork: [10.9.0.0/16, 'fd00:9::/48']}\nnode: {nodeIPv6: 192.0.2.1}\n"}},
	 DS_COMPONENT_NONE, NULL, "error 2:18 " REFUSES "node.nodeIPv6: address 192.0.2.1 must be ipv6\n"},
};

static void makes_the_components(void **state)
{
	(void)state;
	run_distro_cases(cases, DS_ARRAY_SIZE(cases), "microshift");
}

static void out_of_memory_is_an_error(void **state)
{
	static const char *const texts[] = {"network: {serviceNetwork: [x], clusterNetwork: [10.9.0.0/16]}\n"};

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
