#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "distro_cases.h"

#define CP "version: v1alpha1\nmachine: {type: controlplane}\n"
#define NET "apiVersion: v1alpha1\nkind: KubeNetworkConfig\n"
#define TYPE "talos"

static const struct distro_case cases[] = {
	{"Talos' defaults", {{"in", CP "cluster: {}\n"}}, DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager talos host=in --allocate-node-cidrs=true@1:1 --cluster-cidr=10.244.0.0/16@1:1 "
	 "--service-cluster-ip-range=10.96.0.0/12@1:1 --configure-cloud-routes=false@1:1 --bind-address=127.0.0.1@1:1 "
	 "--controllers=*@1:1\n", NULL},
	{"ranges as given", {{"in", CP "cluster:\n  network:\n    podSubnets: [10.9.0.0/16, 'fd00:9::/56']\n"
				       "  proxy: {image: 'x/kube-proxy:v1.30.1'}\n"}},
	 DS_KUBE_PROXY,
	 "kube-proxy talos host=in 1.30.1(image) --cluster-cidr=10.9.0.0/16,fd00:9::/56@5:18 --proxy-mode=iptables@1:1 "
	 "--hostname-override=$(NODE_NAME)?@1:1\n", NULL},
	{"a list's place is its bad element", {{"in", CP "cluster:\n  network:\n    serviceSubnets: [10.9.0.0/16, 'fd00::/x']\n"}},
	 DS_KUBE_APISERVER,
	 "kube-apiserver talos host=in --service-cluster-ip-range=10.9.0.0/16,fd00::/x@5:35 --advertise-address=$(POD_IP)?@1:1 "
	 "--bind-address=0.0.0.0@1:1 --etcd-servers=${Talos' own etcd}?@1:1 "
	 "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname@1:1 --secure-port=6443@1:1\n", NULL},
	{"a flag for cloud providers as long as there is one",
	 {{"in", CP "cluster: {externalCloudProvider: {enabled: true}, controllerManager: {image: 'x:v1.32.0'}, apiServer: {image: 'x:v1.33.0'}}\n"}},
	 DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager talos host=in 1.32.0(image) --allocate-node-cidrs=true@1:1 --cluster-cidr=10.244.0.0/16@1:1 "
	 "--service-cluster-ip-range=10.96.0.0/12@1:1 --configure-cloud-routes=false@1:1 --bind-address=127.0.0.1@1:1 "
	 "--controllers=*@1:1 --cloud-provider=external@1:1\n", NULL},
	{"nftables since 1.31, the user's mode before it",
	 {{"in", CP "cluster: {proxy: {image: 'x:v1.31.0', extraArgs: {bind-address: '::'}}}\n"}}, DS_KUBE_PROXY,
	 "kube-proxy talos host=in 1.31.0(image) --cluster-cidr=10.244.0.0/16@1:1 --proxy-mode=nftables@1:1 "
	 "--hostname-override=$(NODE_NAME)?@1:1 --bind-address=::@3:65\n", NULL},
	{"no kube-proxy", {{"in", CP "cluster: {proxy: {disabled: true}}\n"}}, DS_KUBE_PROXY, NULL, NULL},
	{"what is added to Talos' own, what replaces it, and lists",
	 {{"in", CP "cluster: {controllerManager: {extraArgs: {service-cluster-ip-range: 'fd00::/112', bind-address: ['::', 0.0.0.0]}}}\n"}},
	 DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager talos host=in --allocate-node-cidrs=true@1:1 --cluster-cidr=10.244.0.0/16@1:1 "
	 "--configure-cloud-routes=false@1:1 --controllers=*@1:1 --service-cluster-ip-range=10.96.0.0/12,fd00::/112@3:69 "
	 "--bind-address=::@3:98 --bind-address=0.0.0.0@3:104\n", NULL},
	{"a flag that is Talos' own", {{"in", CP "cluster: {apiServer: {extraArgs: {etcd-servers: x}}}\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 3:35 Talos refuses this configuration: extra arg \"etcd-servers\" is not allowed\n"},
	{"a worker has a kubelet", {{"in", "version: v1alpha1\nmachine: {type: worker, network: {hostname: w}}\ncluster: {}\n"}},
	 DS_KUBE_APISERVER, NULL, NULL},
	{"its kubelet", {{"in", "version: v1alpha1\nmachine:\n  type: worker\n  network: {hostname: w}\n  kubelet:\n"
				"    extraConfig: {maxPods: 30}\n    extraArgs: {node-ip: '::1'}\n"
				"cluster: {externalCloudProvider: {enabled: true}, network: {serviceSubnets: [10.9.0.0/16, 'fd00::/112']}}\n"}},
	 DS_KUBELET,
	 "kubelet talos host=in --cloud-provider=external@1:1 --hostname-override=w@4:23 --cluster-dns=10.9.0.10,fd00::a@8:78 "
	 "--max-pods=30@6:28 --node-ip=::1@7:26\n", NULL},
	{"a protected field", {{"in", CP "cluster: {}\n---\n" "apiVersion: v1alpha1\nkind: KubeletConfig\nconfig: {port: 1}\n"}},
	 DS_COMPONENT_NONE, NULL,
	 "error 7:10 Talos refuses this configuration: kubelet configuration field \"port\" can't be overridden\n"},
	{"one family of node addresses for two of Services",
	 {{"in", "version: v1alpha1\nmachine: {kubelet: {nodeIP: {validSubnets: [192.0.2.0/24, '!192.0.2.9']}}}\n"
		 "cluster: {network: {serviceSubnets: [10.9.0.0/16, 'fd00::/112']}}\n"}}, DS_COMPONENT_NONE, NULL,
	 "warning 2:44 Talos gives the kubelet no IPv6 address: validSubnets has only the other family\n"},
	{"no subnet", {{"in", "version: v1alpha1\nmachine: {kubelet: {nodeIP: {validSubnets: [eth0]}}}\ncluster: {}\n"}},
	 DS_COMPONENT_NONE, NULL, "error 2:45 Talos refuses this configuration: kubelet nodeIP subnet is not valid: \"eth0\"\n"},
	{"a patch that names its version", {{"in", "version: v1alpha1\ncluster: {network: {podSubnets: [10.9.0.0/16]}}\n"}}, DS_KUBE_PROXY,
	 "kube-proxy talos host=in truncated --cluster-cidr=10.9.0.0/16@2:34 --proxy-mode=${Talos' choice}?@1:1 "
	 "--hostname-override=$(NODE_NAME)?@1:1\n", NULL},
	{"a patch leaves the rest open", {{"in", "cluster:\n  network:\n    podSubnets: [10.9.0.0/16]\n"}}, DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager talos host=in truncated --allocate-node-cidrs=true@1:1 --cluster-cidr=10.9.0.0/16@3:18 "
	 "--configure-cloud-routes=false@1:1 --bind-address=127.0.0.1@1:1 --controllers=*@1:1\n", NULL},
	{"a patch of the kubelet alone", {{"in", "machine: {kubelet: {clusterDNS: [192.0.2.1]}}\n"}}, DS_KUBE_APISERVER, NULL, NULL},
	{"documents of their own",
	 {{"in", CP "cluster: {}\n---\n" NET "podSubnets: [fd00:9::/56, 10.9.0.0/16]\nserviceSubnets: [fd00:8::/112, 10.8.0.0/16]\n"
		 "nodeCIDRMaskSizeIPv6: 72\n---\napiVersion: v1alpha1\nkind: KubeControllerManagerConfig\nimage: x:v1.36.0\n"
		 "extraArgs: {cluster-name: z}\n"}}, DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager talos host=in 1.36.0(image) --allocate-node-cidrs=true@1:1 --cluster-cidr=fd00:9::/56,10.9.0.0/16@7:14 "
	 "--service-cluster-ip-range=fd00:8::/112,10.8.0.0/16@8:18 --configure-cloud-routes=false@1:1 --bind-address=127.0.0.1@1:1 "
	 "--controllers=*@1:1 --node-cidr-mask-size-ipv4=24@1:1 --node-cidr-mask-size-ipv6=72@9:23 --cluster-name=z@14:27\n", NULL},
	{"of which one is disabled", {{"in", CP "cluster: {}\n---\napiVersion: v1alpha1\nkind: KubeProxyConfig\nenabled: false\n"}},
	 DS_KUBE_PROXY, NULL, NULL},
	{"ranges twice", {{"in", CP "cluster: {network: {dnsDomain: x}}\n---\n" NET "podSubnets: [10.9.0.0/16]\nserviceSubnets: [10.8.0.0/16]\n"}},
	 DS_COMPONENT_NONE, NULL,
	 "error 3:20 Talos refuses this configuration: cluster network config is already set in the v1alpha1 config "
	 "(.machine.cluster.network). Please remove it and use only the new KubeNetworkConfig document to avoid conflicts\n"},
	{"masks and counts", {{"in", NET "podSubnets: [10.0.0.0/7, 10.9.0.1/16]\nserviceSubnets: [10.8.0.0/11]\nnodeCIDRMaskSizeIPv4: 33\n"}},
	 DS_COMPONENT_NONE, NULL,
	 "error 5:23 Talos refuses this configuration: nodeCIDRMaskSizeIPv4 must be between 1 and 32\n"
	 "error 3:26 Talos refuses this configuration: pod subnets: invalid subnet: 10.9.0.1/16 is not a valid CIDR\n"
	 "error 4:18 Talos refuses this configuration: service subnets: invalid subnet: 10.8.0.0/11 is not a valid CIDR\n"
	 "error 4:17 Talos refuses this configuration: the number of pod subnets must match the number of service subnets\n"},
	{"sizes", {{"in", NET "podSubnets: ['fd00::/40', 10.9.0.0/25]\nserviceSubnets: ['fd00::/107', 10.8.0.0/29, x]\n"}},
	 DS_COMPONENT_NONE, NULL,
	 "error 3:14 Talos refuses this configuration: pod subnets: invalid subnet: fd00::/40 is too large for the per-node pod CIDR "
	 "mask size /64, the difference must be at most 16 bits\n"
	 "error 4:17 Talos refuses this configuration: service subnets: at most two subnets can be specified for dual-stack clusters\n"
	 "error 4:17 Talos refuses this configuration: the number of pod subnets must match the number of service subnets\n"},
	{"sizes of Service ranges", {{"in", NET "podSubnets: [10.9.0.0/16, 'fd00::/56']\nserviceSubnets: ['fd00::/107', 10.8.0.0/29]\n"}},
	 DS_COMPONENT_NONE, NULL,
	 "error 4:18 Talos refuses this configuration: service subnets: invalid subnet: fd00::/107 is too large, it must be at least /108 "
	 "(at most 20 host identifier bits)\n"},
	{"more sizes", {{"in", NET "podSubnets: [10.9.0.0/25]\nserviceSubnets: [10.8.0.0/29]\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 3:14 Talos refuses this configuration: pod subnets: invalid subnet: 10.9.0.0/25 is smaller than the per-node pod CIDR "
	 "mask size /24\n"
	 "error 4:18 Talos refuses this configuration: service subnets: invalid subnet: /29 is too small, it must be larger than /25\n"},
	{"one family twice", {{"in", NET "podSubnets: [10.9.0.0/16, 10.7.0.0/16]\nserviceSubnets: [10.8.0.0/16, 'fd00::/112']\n"}},
	 DS_COMPONENT_NONE, NULL,
	 "error 3:13 Talos refuses this configuration: pod subnets: at most one IPv4 and one IPv6 subnet can be specified for "
	 "dual-stack clusters\n"},
	{"no ranges at all", {{"in", NET}}, DS_COMPONENT_NONE, NULL,
	 "error 1:1 Talos refuses this configuration: pod subnets: at least one subnet must be specified\n"
	 "error 1:1 Talos refuses this configuration: service subnets: at least one subnet must be specified\n"},
	{"as talosctl prints it",
	 {{"in", "node: 192.0.2.1\nmetadata: {type: MachineConfigs.config.talos.dev}\nspec: |\n  version: v1alpha1\n"
		 "  machine: {type: controlplane}\n  cluster: {network: {podSubnets: [10.9.0.0/16]}, proxy: {mode: ipvs}}\n"}},
	 DS_KUBE_PROXY,
	 "kube-proxy talos host=in of 192.0.2.1 --cluster-cidr=10.9.0.0/16@6:36 --proxy-mode=ipvs@6:65 "
	 "--hostname-override=$(NODE_NAME)?@4:3\n", NULL},
};

static void makes_the_components(void **state)
{
	(void)state;
	run_distro_cases(cases, DS_ARRAY_SIZE(cases), TYPE);
}

static void out_of_memory_is_an_error(void **state)
{
	static const char *const texts[] = {CP "cluster: {network: {podSubnets: [10.9.0.0/16]}}\n---\n" NET "podSubnets: [10.9.0.0/16]\n"};

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
