#include "kube/kubeadm_schema.h"

/* kubeadm.k8s.io v1beta1 to v1beta4 types.go. */

#define ALL (DS__B1 | DS__B2 | DS__B3 | DS__B4)
#define UP_TO_3 (DS__B1 | DS__B2 | DS__B3)
#define FROM_2 (DS__B2 | DS__B3 | DS__B4)
#define FROM_3 (DS__B3 | DS__B4)

#define STRUCT(id, go_name, go_package)                                    \
	static const struct ds__kubeadm_struct id = {                      \
		.name = (go_name),                                         \
		.package = (go_package),                                   \
		.fields = id##_fields,                                     \
		.n = DS_ARRAY_SIZE(id##_fields),                           \
	}

#define TYPE_META {"kind", DS__T_STRING, ALL, NULL}, {"apiVersion", DS__T_STRING, ALL, NULL}

static const struct ds__kubeadm_field arg_fields[] = {
	{"name", DS__T_STRING, ALL, NULL},
	{"value", DS__T_STRING, ALL, NULL},
};
STRUCT(arg, "Arg", NULL);

static const struct ds__kubeadm_field env_fields[] = {
	{"name", DS__T_STRING, ALL, NULL},
	{"value", DS__T_STRING, ALL, NULL},
	{"valueFrom", DS__T_ANY, ALL, NULL},
};
STRUCT(env, "EnvVar", NULL);

static const struct ds__kubeadm_field mount_fields[] = {
	{"name", DS__T_STRING, ALL, NULL},
	{"hostPath", DS__T_STRING, ALL, NULL},
	{"mountPath", DS__T_STRING, ALL, NULL},
	{"readOnly", DS__T_BOOL, ALL, NULL},
	{"pathType", DS__T_STRING, ALL, NULL},
};
STRUCT(mount, "HostPathMount", NULL);

#define COMPONENT_FIELDS                                    \
	{"extraArgs", DS__T_MAP_STRING, UP_TO_3, NULL},     \
	{"extraArgs", DS__T_STRUCTS, DS__B4, &arg},         \
	{"extraVolumes", DS__T_STRUCTS, ALL, &mount},       \
	{"extraEnvs", DS__T_STRUCTS, DS__B4, &env}

static const struct ds__kubeadm_field component_fields[] = {COMPONENT_FIELDS};
STRUCT(component, "ControlPlaneComponent", NULL);

static const struct ds__kubeadm_field api_server_fields[] = {
	COMPONENT_FIELDS,
	{"certSANs", DS__T_STRINGS, ALL, NULL},
	{"timeoutForControlPlane", DS__T_DURATION, UP_TO_3, NULL},
};
STRUCT(api_server, "APIServer", NULL);

static const struct ds__kubeadm_field networking_fields[] = {
	{"serviceSubnet", DS__T_STRING, ALL, NULL},
	{"podSubnet", DS__T_STRING, ALL, NULL},
	{"dnsDomain", DS__T_STRING, ALL, NULL},
};
STRUCT(networking, "Networking", NULL);

#define IMAGE_META {"imageRepository", DS__T_STRING, ALL, NULL}, {"imageTag", DS__T_STRING, ALL, NULL}

static const struct ds__kubeadm_field local_etcd_fields[] = {
	IMAGE_META,
	{"dataDir", DS__T_STRING, ALL, NULL},
	{"extraArgs", DS__T_MAP_STRING, UP_TO_3, NULL},
	{"extraArgs", DS__T_STRUCTS, DS__B4, &arg},
	{"extraEnvs", DS__T_STRUCTS, DS__B4, &env},
	{"serverCertSANs", DS__T_STRINGS, ALL, NULL},
	{"peerCertSANs", DS__T_STRINGS, ALL, NULL},
};
STRUCT(local_etcd, "LocalEtcd", NULL);

static const struct ds__kubeadm_field external_etcd_fields[] = {
	{"endpoints", DS__T_STRINGS, ALL, NULL},
	{"httpEndpoints", DS__T_STRINGS, DS__B4, NULL},
	{"caFile", DS__T_STRING, ALL, NULL},
	{"certFile", DS__T_STRING, ALL, NULL},
	{"keyFile", DS__T_STRING, ALL, NULL},
};
STRUCT(external_etcd, "ExternalEtcd", NULL);

static const struct ds__kubeadm_field etcd_fields[] = {
	{"local", DS__T_STRUCT, ALL, &local_etcd},
	{"external", DS__T_STRUCT, ALL, &external_etcd},
};
STRUCT(etcd, "Etcd", NULL);

static const struct ds__kubeadm_field dns_fields[] = {
	{"type", DS__T_STRING, DS__B1 | DS__B2, NULL},
	IMAGE_META,
	{"disabled", DS__T_BOOL, DS__B4, NULL},
};
STRUCT(dns, "DNS", NULL);

static const struct ds__kubeadm_field proxy_fields[] = {
	{"disabled", DS__T_BOOL, DS__B4, NULL},
};
STRUCT(proxy, "Proxy", NULL);

static const struct ds__kubeadm_field cluster_fields[] = {
	TYPE_META,
	{"etcd", DS__T_STRUCT, ALL, &etcd},
	{"networking", DS__T_STRUCT, ALL, &networking},
	{"kubernetesVersion", DS__T_STRING, ALL, NULL},
	{"controlPlaneEndpoint", DS__T_STRING, ALL, NULL},
	{"apiServer", DS__T_STRUCT, ALL, &api_server},
	{"controllerManager", DS__T_STRUCT, ALL, &component},
	{"scheduler", DS__T_STRUCT, ALL, &component},
	{"dns", DS__T_STRUCT, ALL, &dns},
	{"proxy", DS__T_STRUCT, DS__B4, &proxy},
	{"certificatesDir", DS__T_STRING, ALL, NULL},
	{"imageRepository", DS__T_STRING, ALL, NULL},
	{"useHyperKubeImage", DS__T_BOOL, DS__B1 | DS__B2, NULL},
	{"featureGates", DS__T_MAP_BOOL, ALL, NULL},
	{"clusterName", DS__T_STRING, ALL, NULL},
	{"encryptionAlgorithm", DS__T_STRING, DS__B4, NULL},
	{"certificateValidityPeriod", DS__T_DURATION, DS__B4, NULL},
	{"caCertificateValidityPeriod", DS__T_DURATION, DS__B4, NULL},
};
STRUCT(cluster, "ClusterConfiguration", NULL);

static const struct ds__kubeadm_field token_fields[] = {
	{"token", DS__T_STRING, ALL, NULL},
	{"description", DS__T_STRING, ALL, NULL},
	{"ttl", DS__T_DURATION, ALL, NULL},
	{"expires", DS__T_STRING, ALL, NULL},
	{"usages", DS__T_STRINGS, ALL, NULL},
	{"groups", DS__T_STRINGS, ALL, NULL},
};
STRUCT(token, "BootstrapToken", "v1");

static const struct ds__kubeadm_field taint_fields[] = {
	{"key", DS__T_STRING, ALL, NULL},
	{"value", DS__T_STRING, ALL, NULL},
	{"effect", DS__T_STRING, ALL, NULL},
	{"timeAdded", DS__T_STRING, ALL, NULL},
};
STRUCT(taint, "Taint", "v1");

static const struct ds__kubeadm_field node_fields[] = {
	{"name", DS__T_STRING, ALL, NULL},
	{"criSocket", DS__T_STRING, ALL, NULL},
	{"taints", DS__T_STRUCTS, ALL, &taint},
	{"kubeletExtraArgs", DS__T_MAP_STRING, UP_TO_3, NULL},
	{"kubeletExtraArgs", DS__T_STRUCTS, DS__B4, &arg},
	{"ignorePreflightErrors", DS__T_STRINGS, FROM_2, NULL},
	{"imagePullPolicy", DS__T_STRING, FROM_3, NULL},
	{"imagePullSerial", DS__T_BOOL, DS__B4, NULL},
};
STRUCT(node, "NodeRegistrationOptions", NULL);

static const struct ds__kubeadm_field endpoint_fields[] = {
	{"advertiseAddress", DS__T_STRING, ALL, NULL},
	{"bindPort", DS__T_INT32, ALL, NULL},
};
STRUCT(endpoint, "APIEndpoint", NULL);

static const struct ds__kubeadm_field patches_fields[] = {
	{"directory", DS__T_STRING, ALL, NULL},
};
STRUCT(patches, "Patches", NULL);

static const struct ds__kubeadm_field timeouts_fields[] = {
	{"controlPlaneComponentHealthCheck", DS__T_DURATION, ALL, NULL},
	{"kubeletHealthCheck", DS__T_DURATION, ALL, NULL},
	{"kubernetesAPICall", DS__T_DURATION, ALL, NULL},
	{"etcdAPICall", DS__T_DURATION, ALL, NULL},
	{"tlsBootstrap", DS__T_DURATION, ALL, NULL},
	{"discovery", DS__T_DURATION, ALL, NULL},
	{"upgradeManifests", DS__T_DURATION, ALL, NULL},
};
STRUCT(timeouts, "Timeouts", NULL);

static const struct ds__kubeadm_field init_fields[] = {
	TYPE_META,
	{"bootstrapTokens", DS__T_STRUCTS, ALL, &token},
	{"dryRun", DS__T_BOOL, DS__B4, NULL},
	{"nodeRegistration", DS__T_STRUCT, ALL, &node},
	{"localAPIEndpoint", DS__T_STRUCT, ALL, &endpoint},
	{"certificateKey", DS__T_STRING, FROM_2, NULL},
	{"skipPhases", DS__T_STRINGS, FROM_3, NULL},
	{"patches", DS__T_STRUCT, FROM_3, &patches},
	{"timeouts", DS__T_STRUCT, DS__B4, &timeouts},
};
STRUCT(init, "InitConfiguration", NULL);

static const struct ds__kubeadm_field token_discovery_fields[] = {
	{"token", DS__T_STRING, ALL, NULL},
	{"apiServerEndpoint", DS__T_STRING, ALL, NULL},
	{"caCertHashes", DS__T_STRINGS, ALL, NULL},
	{"unsafeSkipCAVerification", DS__T_BOOL, ALL, NULL},
};
STRUCT(token_discovery, "BootstrapTokenDiscovery", NULL);

static const struct ds__kubeadm_field file_discovery_fields[] = {
	{"kubeConfigPath", DS__T_STRING, ALL, NULL},
};
STRUCT(file_discovery, "FileDiscovery", NULL);

static const struct ds__kubeadm_field discovery_fields[] = {
	{"bootstrapToken", DS__T_STRUCT, ALL, &token_discovery},
	{"file", DS__T_STRUCT, ALL, &file_discovery},
	{"tlsBootstrapToken", DS__T_STRING, ALL, NULL},
	{"timeout", DS__T_DURATION, UP_TO_3, NULL},
};
STRUCT(discovery, "Discovery", NULL);

static const struct ds__kubeadm_field join_control_plane_fields[] = {
	{"localAPIEndpoint", DS__T_STRUCT, ALL, &endpoint},
	{"certificateKey", DS__T_STRING, FROM_2, NULL},
};
STRUCT(join_control_plane, "JoinControlPlane", NULL);

static const struct ds__kubeadm_field join_fields[] = {
	TYPE_META,
	{"dryRun", DS__T_BOOL, DS__B4, NULL},
	{"nodeRegistration", DS__T_STRUCT, ALL, &node},
	{"caCertPath", DS__T_STRING, ALL, NULL},
	{"discovery", DS__T_STRUCT, ALL, &discovery},
	{"controlPlane", DS__T_STRUCT, ALL, &join_control_plane},
	{"skipPhases", DS__T_STRINGS, FROM_3, NULL},
	{"patches", DS__T_STRUCT, FROM_3, &patches},
	{"timeouts", DS__T_STRUCT, DS__B4, &timeouts},
};
STRUCT(join, "JoinConfiguration", NULL);

const struct ds__kubeadm_struct *ds__kubeadm_schema(enum ds__kubeadm_kind kind)
{
	static const struct ds__kubeadm_struct *const schemas[DS__KUBEADM_KIND__COUNT] = {
		[DS__KUBEADM_CLUSTER] = &cluster,
		[DS__KUBEADM_INIT] = &init,
		[DS__KUBEADM_JOIN] = &join,
		[DS__KUBEADM_PROXY] = &ds__kubeadm_kube_proxy,
		[DS__KUBEADM_KUBELET] = &ds__kubeadm_kubelet,
	};

	return schemas[kind];
}
