#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "distro_cases.h"

#define K0S "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\n"
#define OLD "images: {kubeproxy: {version: v1.30.1}}"
#define DUAL "dualStack: {enabled: true, IPv6podCIDR: 'fd00:1::/108', IPv6serviceCIDR: 'fd00:2::/112'}"
#define CTL "apiVersion: k0sctl.k0sproject.io/v1beta1\nkind: Cluster\n"
#define REFUSES "k0s refuses this configuration: spec: "

static const struct distro_case cases[] = {
	{"k0s' defaults", {{"in", K0S}}, DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager k0s host=in --cluster-cidr=10.244.0.0/16@1:1 --service-cluster-ip-range=10.96.0.0/12@1:1 "
	 "--allocate-node-cidrs=true@1:1 --bind-address=127.0.0.1@1:1 --cluster-name=k0s@1:1 "
	 "--controllers=*,bootstrapsigner,tokencleaner@1:1 --node-cidr-mask-size=24@1:1\n", NULL},
	{"its API server", {{"in", K0S "spec: {api: {address: 192.0.2.1, port: 7443, onlyBindToAddress: true, externalAddress: x}}\n"}},
	 DS_KUBE_APISERVER,
	 "kube-apiserver k0s host=in --service-cluster-ip-range=10.96.0.0/12@1:1 --advertise-address=192.0.2.1@3:23 "
	 "--bind-address=192.0.2.1@3:23 --secure-port=7443@3:40 "
	 "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname@1:1 --endpoint-reconciler-type=none@1:1 "
	 "--etcd-servers=${k0s' own etcd}?@1:1\n", NULL},
	{"two families, the API server's first", {{"in", K0S "spec: {api: {address: '2001:db8::1'}, network: {" DUAL "}}\n"}},
	 DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager k0s host=in --cluster-cidr=fd00:1::/108,10.244.0.0/16@3:89 "
	 "--service-cluster-ip-range=fd00:2::/112,10.96.0.0/12@3:122 --allocate-node-cidrs=true@1:1 --bind-address=127.0.0.1@1:1 "
	 "--cluster-name=k0s@1:1 --controllers=*,bootstrapsigner,tokencleaner@1:1 --node-cidr-mask-size-ipv4=24@3:70 "
	 "--node-cidr-mask-size-ipv6=117@3:70\n", NULL},
	{"or the primary one", {{"in", K0S "spec: {api: {externalAddress: '[2001:db8::1]:443'}, network: {primaryAddressFamily: IPv4, " DUAL "}}\n"}},
	 DS_KUBE_PROXY,
	 "kube-proxy k0s host=in --cluster-cidr=10.244.0.0/16,fd00:1::/108@3:131 --proxy-mode=iptables@1:1 "
	 "--hostname-override=$(NODE_NAME)?@1:1 --metrics-bind-address=0.0.0.0:10249@1:1 --healthz-bind-address=0.0.0.0:10256@1:1\n",
	 NULL},
	{"before 1.34 IPv6 came first for pods, with other masks", {{"in", K0S "spec: {" OLD ", network: {" DUAL "}}\n"}},
	 DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager k0s host=in 1.30.1(config) --cluster-cidr=fd00:1::/108,10.244.0.0/16@3:99 "
	 "--service-cluster-ip-range=10.96.0.0/12,fd00:2::/112@3:132 --allocate-node-cidrs=true@1:1 --bind-address=127.0.0.1@1:1 "
	 "--cluster-name=k0s@1:1 --controllers=*,bootstrapsigner,tokencleaner@1:1 --node-cidr-mask-size-ipv4=24@3:80 "
	 "--node-cidr-mask-size-ipv6=110@3:80\n", NULL},
	{"the user's flags and gates, and words that stay unknown",
	 {{"in", K0S "spec:\n  featureGates: [{name: A, enabled: true, components: [kubelet]}, {name: B}]\n  controllerManager:\n"
		 "    extraArgs: {node-cidr-mask-size: '26', feature-gates: C=true}\n    rawArgs: [--bind-address=::, --cluster-cidr, x]\n"}},
	 DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager k0s host=in truncated --cluster-cidr=10.244.0.0/16@1:1 --service-cluster-ip-range=10.96.0.0/12@1:1 "
	 "--allocate-node-cidrs=true@1:1 --cluster-name=k0s@1:1 "
	 "--controllers=*,bootstrapsigner,tokencleaner@1:1 --node-cidr-mask-size=26@6:38 --feature-gates=C=true@6:59 "
	 "--feature-gates=B=false@4:74 --bind-address=::@7:15\n", NULL},
	{"kube-proxy's file hides its flags",
	 {{"in", K0S "spec: {network: {kubeProxy: {mode: ipvs, nodePortAddresses: [primary], extraArgs: {cluster-cidr: x, hostname-override: n}}}}\n"}},
	 DS_KUBE_PROXY,
	 "kube-proxy k0s host=in --cluster-cidr=10.244.0.0/16@1:1 --metrics-bind-address=0.0.0.0:10249@1:1 "
	 "--healthz-bind-address=0.0.0.0:10256@1:1 --proxy-mode=ipvs@3:36 --nodeport-addresses=primary@3:61 --hostname-override=n@3:120\n",
	 "warning 3:84 kube-proxy ignores --cluster-cidr: k0s gives it a configuration file\n"},
	{"no kube-proxy", {{"in", K0S "spec: {network: {kubeProxy: {disabled: true, mode: x}}}\n"}}, DS_KUBE_PROXY, NULL, NULL},
	{"the kubelet's flags are the worker's", {{"in", K0S "spec: {network: {" DUAL "}}\n"}}, DS_KUBELET,
	 "kubelet k0s host=in truncated --node-ip=${the addresses of the node's name}?@1:1 --hostname-override=${the node's name}?@1:1 "
	 "--cluster-dns=10.96.0.10@1:1\n", NULL},
	{"a tiny Service range, a profile", {{"in", K0S "spec: {network: {serviceCIDR: 10.9.0.0/29}, workerProfiles: [{name: a, values: {maxPods: 9, staticPodURL: x}}]}\n"}},
	 DS_KUBELET,
	 "kubelet k0s host=in truncated --hostname-override=${the node's name}?@1:1 --cluster-dns=10.9.0.2@3:31\n"
	 "kubelet k0s host=in truncated --hostname-override=${the node's name}?@3:62 --cluster-dns=10.9.0.2@3:31 --max-pods=9@3:90\n",
	 "error 3:93 " REFUSES "workerProfiles[0].values.staticPodURL: Forbidden: may not be used in k0s worker profiles\n"},
	{"k0sctl", {{"in", CTL "spec: {k0s: {version: 1.33.2+k0s.0, config: {spec: {network: {podCIDR: 10.9.0.0/16}}}}}\n"}}, DS_KUBE_PROXY,
	 "kube-proxy k0s host=in 1.33.2(config) --cluster-cidr=10.9.0.0/16@3:72 --proxy-mode=iptables@1:1 "
	 "--hostname-override=$(NODE_NAME)?@1:1 --metrics-bind-address=0.0.0.0:10249@1:1 --healthz-bind-address=0.0.0.0:10256@1:1\n",
	 NULL},
	{"ranges that are none", {{"in", K0S "spec: {network: {podCIDR: 10.9.0.0, serviceCIDR: x, dualStack: {enabled: true}}}\n"}},
	 DS_COMPONENT_NONE, NULL,
	 "error 3:27 " REFUSES "network: podCIDR: Invalid value: \"10.9.0.0\": invalid CIDR address\n"
	 "error 3:50 " REFUSES "network: serviceCIDR: Invalid value: \"x\": invalid CIDR address\n"
	 "error 3:64 " REFUSES "network: dualStack.IPv6podCIDR: Invalid value: \"\": invalid CIDR address\n"
	 "error 3:64 " REFUSES "network: dualStack.IPv6serviceCIDR: Invalid value: \"\": invalid CIDR address\n"},
	{"IPv6 alone", {{"in", K0S "spec: {network: {podCIDR: 'fd00:1::/108', serviceCIDR: 'fd00:2::/112'}}\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 3:56 " REFUSES "network: serviceCIDR: Invalid value: \"fd00:2::/112\": IPv6 service CIDR prefix must be <= 108\n"
	 "warning 3:27 k0s refuses this configuration without its feature gate: spec: network: podCIDR: Invalid value: \"fd00:1::/108\": "
	 "feature gate IPv6SingleStack must be explicitly enabled to use IPv6 single stack\n"},
	{"which 1.33 does not check", {{"in", K0S "spec: {" OLD ", network: {podCIDR: 'fd00:1::/108', serviceCIDR: 10.9.0.0/16}}\n"}},
	 DS_COMPONENT_NONE, NULL, NULL},
	{"words", {{"in", K0S "spec: {api: {address: x}, network: {provider: flannel, primaryAddressFamily: v4, kubeProxy: {mode: ebpf}}}\n"}},
	 DS_COMPONENT_NONE, NULL,
	 "error 3:47 " REFUSES "network: provider: Unsupported value: \"flannel\": supported values: \"kuberouter\", \"calico\", \"custom\"\n"
	 "error 3:78 " REFUSES "network: addressFamily: Unsupported value: \"v4\": supported values: \"IPv4\", \"IPv6\"\n"
	 "error 3:100 " REFUSES "network: unsupported mode ebpf for kubeProxy config\n"
	 "error 3:23 " REFUSES "api: address: Invalid value: \"x\": invalid IP address\n"},
};

static void makes_the_components(void **state)
{
	(void)state;
	run_distro_cases(cases, DS_ARRAY_SIZE(cases), "k0s");
}

static void out_of_memory_is_an_error(void **state)
{
	static const char *const texts[] = {K0S "spec: {network: {" DUAL "}, workerProfiles: [{values: {maxPods: 3}}]}\n"};

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
