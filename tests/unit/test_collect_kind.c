#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "collect_util.h"

#define KIND "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n"

/* A configuration, and one of the components that kind makes of it. */
static const struct {
	const char *name, *text;
	enum ds_component component;
	const char *want; /* NULL: no such component */
	const char *diags; /* NULL: none */
} cases[] = {
	{"defaults", KIND, DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager kind host=in --allocate-node-cidrs=true@1:1 --cluster-cidr=10.244.0.0/16@1:1 "
	 "--service-cluster-ip-range=10.96.0.0/16@1:1 --cluster-name=kind@1:1 --bind-address=127.0.0.1@1:1\n", NULL},
	{"IPv6", KIND "networking: {ipFamily: ipv6}\n", DS_KUBELET,
	 "kubelet kind host=in --node-ip=${the node's addresses}?@1:1 --cluster-dns=fd00:10:96::a@1:1 --address=::@1:1\n", NULL},
	{"dual", KIND "name: x\nnetworking: {ipFamily: dual, podSubnet: 'fd00:1::/56,10.1.0.0/16', kubeProxyMode: nftables}\n",
	 DS_KUBE_PROXY, "kube-proxy kind host=in --cluster-cidr=fd00:1::/56,10.1.0.0/16@4:41 --proxy-mode=nftables@4:83\n", NULL},
	{"no kube-proxy", KIND "networking: {kubeProxyMode: none}\n", DS_KUBE_PROXY, NULL, NULL},
	{"the node's image tells the version",
	 KIND "nodes: [{role: worker, image: 'kindest/node:v1.33.1'}]\nfeatureGates: {A: true}\n", DS_KUBE_APISERVER,
	 "kube-apiserver kind host=in 1.33.1(image) --service-cluster-ip-range=10.96.0.0/16@1:1 "
	 "--advertise-address=${the node's first address}?@1:1 --feature-gates=A=true@4:15\n", NULL},
	{"patches of kubeadm's configuration",
	 KIND "kubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  networking:\n    podSubnet: 10.9.0.0/16\n"
	      "  controllerManager:\n    extraArgs:\n      cluster-name: y\n      node-cidr-mask-size: \"25\"\n  ---\n  kind: Other\n",
	 DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager kind host=in --allocate-node-cidrs=true@1:1 --cluster-cidr=10.9.0.0/16@7:16 "
	 "--service-cluster-ip-range=10.96.0.0/16@1:1 --bind-address=127.0.0.1@1:1 --cluster-name=y@10:21 "
	 "--node-cidr-mask-size=25@11:28\n", NULL},
	{"extraArgs as a list",
	 KIND "kubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  apiServer:\n    extraArgs:\n"
	      "    - {name: advertise-address, value: 192.0.2.1}\n",
	 DS_KUBE_APISERVER,
	 "kube-apiserver kind host=in --service-cluster-ip-range=10.96.0.0/16@1:1 --advertise-address=192.0.2.1@8:40\n", NULL},
	{"patches of a component's configuration",
	 KIND "nodes:\n- role: control-plane\n  kubeadmConfigPatches:\n  - |\n    kind: KubeletConfiguration\n    maxPods: 7\n"
	      "    clusterDNS: [192.0.2.1, 192.0.2.2]\n- role: worker\n  kubeadmConfigPatches: ['{kind: KubeletConfiguration, maxPods: 9}']\n",
	 DS_KUBELET,
	 "kubelet kind host=in --node-ip=${the node's addresses}?@1:1 --cluster-dns=192.0.2.1,192.0.2.2@9:17 --max-pods=7@8:14\n",
	 NULL},
	{"operations of RFC 6902",
	 KIND "kubeadmConfigPatchesJSON6902:\n- group: kubeadm.k8s.io\n  version: v1beta3\n  kind: ClusterConfiguration\n  patch: |\n"
	      "    - op: add\n      path: /networking/podSubnet\n      value: 10.9.0.0/16\n    - {op: test, path: /x}\n"
	      "    - op: add\n      path: /controllerManager/extraArgs/-\n      value: {name: cluster-name, value: z}\n"
	      "    - {op: add, path: /controllerManager/extraArgs/a~1b~0, value: c}\n",
	 DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager kind host=in --allocate-node-cidrs=true@1:1 --cluster-cidr=10.9.0.0/16@10:14 "
	 "--service-cluster-ip-range=10.96.0.0/16@1:1 --bind-address=127.0.0.1@1:1 --cluster-name=z@14:42 "
	 "!unknown flag: --a/b~\n", NULL},
	{"all flags given anew forget those before",
	 KIND "kubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  apiServer: {extraArgs: {bind-address: '::1'}}\n"
	      "kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: '[{op: replace, path: /apiServer/extraArgs, "
	      "value: {secure-port: \"1\"}}, {op: add, path: /apiServer/extraArgs/profiling, value: \"false\"}]'}]\n",
	 DS_KUBE_APISERVER,
	 "kube-apiserver kind host=in --service-cluster-ip-range=10.96.0.0/16@1:1 "
	 "--advertise-address=${the node's first address}?@1:1 --secure-port=1@7:68\n", NULL},
	{"in a component's configuration",
	 KIND "kubeadmConfigPatchesJSON6902: [{kind: KubeProxyConfiguration, patch: '[{op: add, path: /iptables/masqueradeAll, value: true}]'}]\n",
	 DS_KUBE_PROXY, "kube-proxy kind host=in --cluster-cidr=10.244.0.0/16@1:1 --proxy-mode=iptables@1:1 --masquerade-all=true@3:70\n", NULL},
	{"what cannot be followed leaves the rest unknown",
	 KIND "kubeadmConfigPatchesJSON6902: [{kind: KubeProxyConfiguration, patch: '[{op: remove, path: /clusterCIDR}]'}]\n", DS_KUBE_PROXY,
	 "kube-proxy kind host=in truncated --cluster-cidr=10.244.0.0/16@1:1 --proxy-mode=iptables@1:1\n", NULL},
	{"so does an index", KIND "kubeadmConfigPatchesJSON6902: [{kind: X, patch: '[{op: add, path: /a/0, value: 1}]'}]\n", DS_KUBE_PROXY,
	 "kube-proxy kind host=in truncated --cluster-cidr=10.244.0.0/16@1:1 --proxy-mode=iptables@1:1\n", NULL},
	{"and a patch for nobody", KIND "kubeadmConfigPatchesJSON6902: [{patch: x}]\n", DS_KUBE_PROXY,
	 "kube-proxy kind host=in truncated --cluster-cidr=10.244.0.0/16@1:1 --proxy-mode=iptables@1:1\n", NULL},
	{"no such family", KIND "networking: {ipFamily: DualStack}\n", DS_KUBE_PROXY, NULL,
	 "error 3:24 kind refuses this configuration: invalid ipFamily: DualStack\n"},
	{"two ranges for one family", KIND "networking: {podSubnet: '10.0.0.0/8,fd00::/48'}\n", DS_KUBE_PROXY, NULL,
	 "error 3:25 kind refuses this configuration: only one CIDR allowed for single-stack networking\n"},
	{"the other family's range", KIND "networking: {ipFamily: ipv6, serviceSubnet: 10.0.0.0/16}\n", DS_KUBE_PROXY, NULL,
	 "error 3:45 kind refuses this configuration: expected IPv6 CIDR for IPv6 family\n"},
};

static void makes_the_components(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
		struct ds_input *in;
		const char *diags;
		struct run r;

		run_init(&r);
		in = run_text(&r, "in", ds_str_from(cases[i].text), NULL);
		run_finish(&r);
		ds_buf_addz(&b, "");
		for (size_t k = 0; k < r.f.components.n; k++)
			if (r.f.components.v[k]->component == cases[i].component)
				describe_component(&b, r.f.components.v[k]);
		diags = describe_diags(&r);
		if (strcmp(b.p, cases[i].want ? cases[i].want : "") != 0)
			fail_msg("%s: got\n%swant\n%s", cases[i].name, b.p, cases[i].want ? cases[i].want : "");
		if (strcmp(diags, cases[i].diags ? cases[i].diags : "") != 0)
			fail_msg("%s: said\n%swant\n%s", cases[i].name, diags, cases[i].diags ? cases[i].diags : "");
		if (in->status != (cases[i].diags ? DS_INPUT_FAILED : DS_INPUT_READ))
			fail_msg("%s: %s", cases[i].name, ds_input_status_name(in->status));
		run_done(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_the_components),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
