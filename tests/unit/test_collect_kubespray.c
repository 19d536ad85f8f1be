#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "distro_cases.h"

#define ALL "i/group_vars/all/all.yml"
#define K8S "i/group_vars/k8s_cluster/k8s-cluster.yml"
#define KCM "kube-controller-manager kubespray host=i"
#define REST " --cluster-name=cluster.local@1:1 --bind-address=${kubespray's default}?@1:1\n"

static const struct distro_case cases[] = {
	{"kubespray's defaults, when all groups' variables were seen", {{ALL, "bin_dir: /x\n"}, {K8S, "kube_network_plugin: flannel\n"}},
	 DS_KUBE_CONTROLLER_MANAGER,
	 KCM " --cluster-cidr=10.233.64.0/18@1:1 --service-cluster-ip-range=10.233.0.0/18@1:1 --allocate-node-cidrs=true@1:22 "
	 "--node-cidr-mask-size=24@1:1" REST, NULL},
	{"without them the families are not known", {{K8S, "kube_pods_subnet: 10.9.0.0/16\nkube_network_plugin: flannel\n"}}, DS_KUBE_PROXY,
	 "kube-proxy kubespray host=i --cluster-cidr=${kube_pods_subnet, with ipv6_stack kube_pods_subnet_ipv6 too}?@1:19 "
	 "--proxy-mode=ipvs@1:1 --bind-address=0.0.0.0@1:1 --healthz-bind-address=0.0.0.0:10256@1:1 "
	 "--metrics-bind-address=127.0.0.1:10249@1:1\n", NULL},
	{"two families", {{K8S, "ipv6_stack: yes\nkube_pods_subnet_ipv6: fd00::/112\nkube_service_addresses: 10.8.0.0/16\n"
				"kube_network_plugin: kube-router\nkube_version: v1.32.1\n"}}, DS_KUBE_CONTROLLER_MANAGER,
	 KCM " 1.32.1(config) --cluster-cidr=10.233.64.0/18,fd00::/112@2:24 "
	 "--service-cluster-ip-range=10.8.0.0/16,fd85:ee78:d8a6:8607::1000/116@3:25 --allocate-node-cidrs=true@4:22 "
	 "--node-cidr-mask-size-ipv4=24@1:1 --node-cidr-mask-size-ipv6=120@1:1" REST, NULL},
	{"IPv6 alone", {{K8S, "ipv4_stack: false\nipv6_stack: true\nkube_network_plugin: kube-ovn\nkube_network_node_prefix_ipv6: 118\n"}},
	 DS_KUBE_CONTROLLER_MANAGER,
	 KCM " --service-cluster-ip-range=fd85:ee78:d8a6:8607::1000/116@1:1 --allocate-node-cidrs=true@3:22 "
	 "--node-cidr-mask-size-ipv6=118@4:32" REST, NULL},
	{"Calico hands out blocks itself", {{K8S, "enable_dual_stack_networks: false\nkube_pods_subnet: 10.9.0.0/16\n"}},
	 DS_KUBE_CONTROLLER_MANAGER,
	 KCM " --cluster-cidr=10.9.0.0/16@2:19 --service-cluster-ip-range=10.233.0.0/18@1:1 --allocate-node-cidrs=false@1:1" REST, NULL},
	{"unless it is told not to, or long ago",
	 {{K8S, "enable_dual_stack_networks: false\nkube_network_plugin: calico\ncalico_ipam_host_local: true\nkube_version: 1.33.1\n"}},
	 DS_KUBE_CONTROLLER_MANAGER,
	 KCM " 1.33.1(config) --cluster-cidr=10.233.64.0/18@1:1 --service-cluster-ip-range=10.233.0.0/18@1:1 "
	 "--allocate-node-cidrs=true@2:22 --node-cidr-mask-size=24@1:1" REST, NULL},
	{"an expression is unknown, here and in what follows from it",
	 {{K8S, "enable_dual_stack_networks: \"{{ x }}\"\nkube_service_addresses: \"{{ y }}\"\nkube_network_plugin: \"{{ z }}\"\n"}},
	 DS_KUBE_CONTROLLER_MANAGER,
	 KCM " --cluster-cidr=${kube_pods_subnet, with ipv6_stack kube_pods_subnet_ipv6 too}?@1:1 "
	 "--service-cluster-ip-range=${kube_service_addresses, with ipv6_stack kube_service_addresses_ipv6 too}?@2:25 "
	 "--allocate-node-cidrs=${kubespray's choice}?@3:22 --node-cidr-mask-size=24@1:1" REST, NULL},
	{"groups win over all, later names over earlier ones",
	 {{"i/group_vars/k8s_cluster/b.yml", "kube_proxy_mode: nftables\n"}, {"i/group_vars/k8s_cluster/a.yml", "kube_proxy_mode: iptables\n"},
	  {"i/group_vars/all/z.yml", "kube_proxy_mode: ipvs\nkube_pods_subnet: 10.9.0.0/16\n"}}, DS_KUBE_PROXY,
	 "kube-proxy kubespray host=i --cluster-cidr=10.9.0.0/16@2:19 --proxy-mode=nftables@1:18 --bind-address=0.0.0.0@1:1 "
	 "--healthz-bind-address=0.0.0.0:10256@1:1 --metrics-bind-address=127.0.0.1:10249@1:1\n", NULL},
	{"inventories are clusters of their own",
	 {{"a/" K8S, "enable_dual_stack_networks: false\n"}, {"b/" K8S, "enable_dual_stack_networks: false\nkube_proxy_remove: true\n"}},
	 DS_KUBE_PROXY,
	 "kube-proxy kubespray host=a/i --cluster-cidr=10.233.64.0/18@1:1 --proxy-mode=ipvs@1:1 --bind-address=0.0.0.0@1:1 "
	 "--healthz-bind-address=0.0.0.0:10256@1:1 --metrics-bind-address=127.0.0.1:10249@1:1\n", NULL},
	{"the kubelet's DNS is the node's cache", {{"v.yml", "enable_dual_stack_networks: false\nkubelet_max_pods: 30\n"}}, DS_KUBELET,
	 "kubelet kubespray host=v.yml --node-ip=${the node's addresses}?@1:1 --hostname-override=${the inventory's name of the node}?@1:1 "
	 "--max-pods=30@2:19 --address=${the node's address}?@1:1 --cluster-dns=169.254.25.10@1:1\n", NULL},
	{"or the third address", {{"v.yml", "enable_dual_stack_networks: false\nenable_nodelocaldns: no\n"}}, DS_KUBELET,
	 "kubelet kubespray host=v.yml --node-ip=${the node's addresses}?@1:1 --hostname-override=${the inventory's name of the node}?@1:1 "
	 "--max-pods=110@1:1 --address=${the node's address}?@1:1 --cluster-dns=10.233.0.3@1:1\n", NULL},
	{"no range", {{"v.yml", "ipv6_stack: true\nkube_pods_subnet: 10.9.0.0\nkube_service_addresses_ipv6: fd00::/x\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 2:19 kubespray refuses this configuration: kube_pods_subnet = '10.9.0.0' is not a valid network range\n"
	 "error 3:30 kubespray refuses this configuration: kube_service_addresses_ipv6 = 'fd00::/x' is not a valid network range\n"},
	{"pods among Services", {{"v.yml", "ipv6_stack: true\nkube_pods_subnet_ipv6: fd85:ee78:d8a6:8607::1100/120\nkube_pods_subnet: 10.233.3.0/24\n"}},
	 DS_COMPONENT_NONE, NULL,
	 "error 3:19 kubespray refuses this configuration: kube_pods_subnet cannot be the same network segment as kube_service_addresses\n"
	 "error 2:24 kubespray refuses this configuration: kube_pods_subnet_ipv6 cannot be the same network segment as "
	 "kube_service_addresses_ipv6\n"},
};

static void makes_the_components(void **state)
{
	(void)state;
	run_distro_cases(cases, DS_ARRAY_SIZE(cases), "kubespray");
}

static void leaves_the_variables_of_hosts(void **state)
{
	struct ds_input *in;
	struct run r;

	(void)state;
	run_init(&r);
	in = run_text(&r, "i/host_vars/n1.yml", DS_STR("kube_pods_subnet: 10.9.0.0/16\n"), NULL);
	assert_int_equal(in->status, DS_INPUT_SKIPPED);
	assert_string_equal(in->reason, "variables of one host: only those of groups are audited");
	in = run_text(&r, "i/group_vars/db.yml", DS_STR("postgres: true\n"), NULL);
	assert_string_equal(in->type, "file");
	run_finish(&r);
	assert_int_equal(r.f.components.n, 0);
	run_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_the_components),
		cmocka_unit_test(leaves_the_variables_of_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
