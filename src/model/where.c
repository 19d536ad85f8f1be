#include "model/where.h"

#define ANY DS_COMPONENT_NONE
#define API DS_KUBE_APISERVER
#define KCM DS_KUBE_CONTROLLER_MANAGER
#define PROXY DS_KUBE_PROXY
#define LET DS_KUBELET

#define K3S(component, flag, field) {DS_SOURCE_K3S, component, flag, {"the config.yaml of k3s", field}}
#define KIND(component, flag, field) {DS_SOURCE_KIND_CLUSTER, component, flag, {"the kind configuration", field}}
#define TALOS(component, flag, field) {DS_SOURCE_TALOS, component, flag, {"the Talos machine config", field}}
#define K0S(component, flag, field) {DS_SOURCE_K0S, component, flag, {"k0s.yaml", field}}
#define SPRAY(component, flag, field) {DS_SOURCE_KUBESPRAY, component, flag, {"the kubespray inventory", field}}
#define OPEN(component, flag, field) {DS_SOURCE_OPENSHIFT, component, flag, {"the OpenShift configuration", field}}
#define MICRO(component, flag, field) {DS_SOURCE_MICROSHIFT, component, flag, {"the config.yaml of MicroShift", field}}

/* By kind; of one kind the first that fits. */
/* clang-format off */
static const struct ds_where_row rows[] = {
	K3S(ANY, "service-cluster-ip-range", "service-cidr"),
	K3S(ANY, "cluster-cidr", "cluster-cidr"),
	K3S(API, "advertise-address", "advertise-address"),
	K3S(API, "service-node-port-range", "service-node-port-range"),
	K3S(API, NULL, "kube-apiserver-arg"),
	K3S(KCM, NULL, "kube-controller-manager-arg"),
	K3S(PROXY, NULL, "kube-proxy-arg"),
	K3S(LET, "node-ip", "node-ip"),
	K3S(LET, "cluster-dns", "cluster-dns"),
	K3S(LET, "hostname-override", "node-name"),
	K3S(LET, NULL, "kubelet-arg"),

	KIND(ANY, "service-cluster-ip-range", "networking.serviceSubnet"),
	KIND(ANY, "cluster-cidr", "networking.podSubnet"),
	KIND(ANY, "feature-gates", "featureGates"),
	KIND(PROXY, "proxy-mode", "networking.kubeProxyMode"),
	KIND(API, NULL, "apiServer.extraArgs of a ClusterConfiguration in kubeadmConfigPatches"),
	KIND(KCM, NULL, "controllerManager.extraArgs of a ClusterConfiguration in kubeadmConfigPatches"),
	KIND(PROXY, NULL, "a KubeProxyConfiguration in kubeadmConfigPatches"),
	KIND(LET, NULL, "a KubeletConfiguration in kubeadmConfigPatches"),

	TALOS(ANY, "service-cluster-ip-range", "cluster.network.serviceSubnets"),
	TALOS(KCM, "cluster-cidr", "cluster.network.podSubnets"),
	TALOS(PROXY, "cluster-cidr", "cluster.network.podSubnets"),
	TALOS(API, NULL, "cluster.apiServer.extraArgs"),
	TALOS(KCM, NULL, "cluster.controllerManager.extraArgs"),
	TALOS(PROXY, "proxy-mode", "cluster.proxy.mode"),
	TALOS(PROXY, NULL, "cluster.proxy.extraArgs"),
	TALOS(LET, "node-ip", "machine.kubelet.nodeIP.validSubnets"),
	TALOS(LET, "cluster-dns", "machine.kubelet.clusterDNS"),
	TALOS(LET, "hostname-override", "machine.network.hostname"),
	TALOS(LET, "cloud-provider", "cluster.externalCloudProvider.enabled"),
	TALOS(LET, NULL, "machine.kubelet.extraArgs"),

	K0S(ANY, "service-cluster-ip-range", "spec.network.serviceCIDR and dualStack.IPv6serviceCIDR"),
	K0S(KCM, "cluster-cidr", "spec.network.podCIDR and dualStack.IPv6podCIDR"),
	K0S(PROXY, "cluster-cidr", "spec.network.podCIDR and dualStack.IPv6podCIDR"),
	K0S(ANY, "feature-gates", "spec.featureGates"),
	K0S(API, "advertise-address", "spec.api.address"),
	K0S(API, "bind-address", "spec.api.onlyBindToAddress"),
	K0S(API, "secure-port", "spec.api.port"),
	K0S(API, NULL, "spec.api.extraArgs"),
	K0S(KCM, NULL, "spec.controllerManager.extraArgs"),
	K0S(PROXY, "proxy-mode", "spec.network.kubeProxy.mode"),
	K0S(PROXY, "nodeport-addresses", "spec.network.kubeProxy.nodePortAddresses"),
	K0S(PROXY, "metrics-bind-address", "spec.network.kubeProxy.metricsBindAddress"),
	K0S(PROXY, "healthz-bind-address", "spec.network.kubeProxy.healthzBindAddress"),
	K0S(PROXY, NULL, "spec.network.kubeProxy"),
	K0S(LET, "max-pods", "spec.workerProfiles"),
	K0S(LET, NULL, "--kubelet-extra-args of k0s worker"),

	SPRAY(ANY, "service-cluster-ip-range", "kube_service_addresses and kube_service_addresses_ipv6"),
	SPRAY(ANY, "feature-gates", "kube_feature_gates"),
	SPRAY(KCM, "cluster-cidr", "kube_pods_subnet and kube_pods_subnet_ipv6"),
	SPRAY(PROXY, "cluster-cidr", "kube_pods_subnet and kube_pods_subnet_ipv6"),
	SPRAY(KCM, "node-cidr-mask-size", "kube_network_node_prefix"),
	SPRAY(KCM, "node-cidr-mask-size-ipv4", "kube_network_node_prefix"),
	SPRAY(KCM, "node-cidr-mask-size-ipv6", "kube_network_node_prefix_ipv6"),
	SPRAY(KCM, "allocate-node-cidrs", "kube_network_plugin"),
	SPRAY(API, "bind-address", "kube_apiserver_bind_address"),
	SPRAY(API, "service-node-port-range", "kube_apiserver_node_port_range"),
	SPRAY(API, NULL, "kube_kubeadm_apiserver_extra_args"),
	SPRAY(KCM, NULL, "kube_kubeadm_controller_extra_args"),
	SPRAY(PROXY, "proxy-mode", "kube_proxy_mode"),
	SPRAY(PROXY, "nodeport-addresses", "kube_proxy_nodeport_addresses"),
	SPRAY(PROXY, "bind-address", "kube_proxy_bind_address"),
	SPRAY(PROXY, NULL, "the kube_proxy_ variables"),
	SPRAY(LET, "node-ip", "ip and ip6 of the host"),
	SPRAY(LET, "cluster-dns", "enable_nodelocaldns and nodelocaldns_ip"),
	SPRAY(LET, "max-pods", "kubelet_max_pods"),
	SPRAY(LET, NULL, "kubelet_custom_flags"),

	OPEN(ANY, "service-cluster-ip-range", "networking.serviceNetwork of install-config.yaml"),
	OPEN(KCM, "cluster-cidr", "networking.clusterNetwork of install-config.yaml"),
	OPEN(API, "service-node-port-range", "spec.serviceNodePortRange of network.config.openshift.io/cluster"),
	OPEN(API, NULL, "unsupportedConfigOverrides of kubeapiserver.operator.openshift.io/cluster"),
	OPEN(KCM, NULL, "unsupportedConfigOverrides of kubecontrollermanager.operator.openshift.io/cluster"),
	OPEN(PROXY, NULL, "spec.kubeProxyConfig of network.operator.openshift.io/cluster"),
	OPEN(LET, NULL, "a KubeletConfig of machineconfiguration.openshift.io"),

	MICRO(ANY, "service-cluster-ip-range", "network.serviceNetwork"),
	MICRO(KCM, "cluster-cidr", "network.clusterNetwork"),
	MICRO(API, "advertise-address", "apiServer.advertiseAddress"),
	MICRO(API, "service-node-port-range", "network.serviceNodePortRange"),
	MICRO(API, NULL, "apiServer"),
	MICRO(LET, "node-ip", "node.nodeIP and node.nodeIPv6"),
	MICRO(LET, "hostname-override", "node.hostnameOverride"),
	MICRO(LET, NULL, "kubelet"),
};
/* clang-format on */

const struct ds_where_row *ds_where_rows(size_t *ret_n)
{
	*ret_n = DS_ARRAY_SIZE(rows);
	return rows;
}

static bool fits(const struct ds_where_row *row, enum ds_component component, struct ds_str flag)
{
	return (row->component == ANY || row->component == component) && (!row->flag || ds_str_eqz(flag, row->flag));
}

const struct ds_where *ds_where_find(enum ds_source_kind kind, enum ds_component component, struct ds_str flag)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		if (rows[i].kind == kind && fits(&rows[i], component, flag))
			return &rows[i].where;
	return NULL;
}

const struct ds_where *ds_where_beside(const struct ds_where *w, enum ds_component component, struct ds_str flag)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].where.in, w->in) == 0 && fits(&rows[i], component, flag))
			return &rows[i].where;
	return NULL;
}
