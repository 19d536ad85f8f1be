#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "kube/kubeadm.h"

#define CLUSTER4 "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"
#define CLUSTER3 "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\n"
#define CLUSTER2 "apiVersion: kubeadm.k8s.io/v1beta2\nkind: ClusterConfiguration\n"
#define INIT4 "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n"
#define GVK4 "schema.GroupVersionKind{Group:\"kubeadm.k8s.io\", Version:\"v1beta4\", Kind:\"ClusterConfiguration\"}"

struct run {
	struct ds_ctx ctx;
	struct ds_kubeadm_result res;
};

static void eval(struct run *r, const char *name, const char *config, unsigned minor)
{
	struct ds_yaml_stream s;

	assert_int_equal(ds_ctx_init(&r->ctx, 0), 0);
	if (ds_yaml_load(&r->ctx, ds_ctx_input(&r->ctx, "kubeadm.yaml", "kubeadm"), ds_str_from(config), &s) < 0)
		fail_msg("%s: does not load", name);
	assert_int_equal(ds_kubeadm_eval(&r->ctx, &s, minor, &r->res), 0);
}

/* validate and init: what is printed, "" for acceptance, "?" for unknown. line: of init's first message. */
static void test_verdicts(void **state)
{
	static const struct {
		const char *name, *config;
		unsigned minor;
		const char *validate, *init;
		unsigned line, column;
	} rows[] = {
		{"plain", CLUSTER4 "kubernetesVersion: v1.36.2\n", 36, "", "", 0, 0},
		{"unknown field: only validate is strict", CLUSTER4 "networking:\n  podsubnet: 10.0.0.0/16\n", 36,
		 "error unmarshaling configuration " GVK4 ": strict decoding error: unknown field \"networking.podsubnet\"", "",
		 0, 0},
		{"duplicate key",
		 INIT4 "---\n" CLUSTER4 "networking:\n  podSubnet: 10.0.0.0/16\n  podSubnet: 10.0.0.0/16\n", 36,
		 "error unmarshaling configuration " GVK4
		 ": strict decoding error: yaml: unmarshal errors:\n  line 5: key \"podSubnet\" already set in map",
		 "", 0, 0},
		{"misspelt kubelet field",
		 CLUSTER4 "---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nclusterDns: [10.96.0.10]\n",
		 36,
		 "error unmarshaling configuration schema.GroupVersionKind{Group:\"kubelet.config.k8s.io\", Version:\"v1beta1\", "
		 "Kind:\"KubeletConfiguration\"}: strict decoding error: unknown field \"clusterDns\"",
		 "", 0, 0},
		{"kubelet field of a later release",
		 CLUSTER4 "---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfailCgroupV1: true\n", 31, "",
		 "", 0, 0},
		{"kubelet field of a later release, earlier",
		 CLUSTER3 "---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfailCgroupV1: true\n", 30,
		 "error unmarshaling configuration schema.GroupVersionKind{Group:\"kubelet.config.k8s.io\", Version:\"v1beta1\", "
		 "Kind:\"KubeletConfiguration\"}: strict decoding error: unknown field \"failCgroupV1\"",
		 "", 0, 0},
		{"unknown field of an element", CLUSTER4 "apiServer:\n  extraArgs:\n  - nam: x\n    name: v\n", 36,
		 "error unmarshaling configuration " GVK4
		 ": strict decoding error: unknown field \"apiServer.extraArgs[0].nam\"",
		 "", 0, 0},
		{"map given to v1beta4", CLUSTER4 "controllerManager:\n  extraArgs:\n    v: \"4\"\n", 36,
		 "error unmarshaling configuration " GVK4
		 ": json: cannot unmarshal object into Go struct field ControlPlaneComponent.controllerManager.extraArgs of type "
		 "[]v1beta4.Arg",
		 "json: cannot unmarshal object into Go struct field ControlPlaneComponent.controllerManager.extraArgs of type "
		 "[]v1beta4.Arg",
		 5, 5},
		{"list given to v1beta3", CLUSTER3 "apiServer:\n  extraArgs:\n  - name: v\n", 30,
		 "error unmarshaling configuration schema.GroupVersionKind{Group:\"kubeadm.k8s.io\", Version:\"v1beta3\", "
		 "Kind:\"ClusterConfiguration\"}: json: cannot unmarshal array into Go struct field "
		 "APIServer.apiServer.extraArgs of type map[string]string",
		 "json: cannot unmarshal array into Go struct field APIServer.apiServer.extraArgs of type map[string]string", 5, 3},
		{"number as a value", CLUSTER4 "controllerManager:\n  extraArgs:\n  - name: node-cidr-mask-size\n    value: 24\n",
		 36,
		 "error unmarshaling configuration " GVK4
		 ": json: cannot unmarshal number into Go struct field Arg.controllerManager.extraArgs.value of type string",
		 "json: cannot unmarshal number into Go struct field Arg.controllerManager.extraArgs.value of type string", 6, 12},
		{"twice", CLUSTER4 "---\n" CLUSTER3, 36,
		 "invalid configuration: kind \"ClusterConfiguration\" is specified twice in YAML file",
		 "invalid configuration: kind \"ClusterConfiguration\" is specified twice in YAML file", 4, 13},
		{"no group", "apiVersion: v1\nkind: ConfigMap\n", 36,
		 "invalid configuration for GroupVersionKind /v1, Kind=ConfigMap: kind and apiVersion is mandatory information "
		 "that must be specified",
		 "invalid configuration for GroupVersionKind /v1, Kind=ConfigMap: kind and apiVersion is mandatory information "
		 "that must be specified",
		 1, 13},
		{"foreign document", CLUSTER4 "---\napiVersion: apps/v1\nkind: Deployment\n", 36,
		 "unknown configuration APIs: []schema.GroupVersionKind{schema.GroupVersionKind{Group:\"apps\", Version:\"v1\", "
		 "Kind:\"Deployment\"}}",
		 "", 0, 0},
		{"old API", CLUSTER2, 27,
		 "your configuration file uses an old API spec: \"kubeadm.k8s.io/v1beta2\". Please use kubeadm v1.22 instead and "
		 "run 'kubeadm config migrate --old-config old.yaml --new-config new.yaml', which will write the new, similar "
		 "spec using a newer API version.",
		 "your configuration file uses an old API spec: \"kubeadm.k8s.io/v1beta2\". Please use kubeadm v1.22 instead and "
		 "run 'kubeadm config migrate --old-config old.yaml --new-config new.yaml', which will write the new, similar "
		 "spec using a newer API version.",
		 1, 13},
		{"same API, inferred version", CLUSTER2, 0, "", "", 0, 0},
		{"old gate, inferred version", CLUSTER2 "featureGates: {IPv6DualStack: true}\n", 0, "", "", 0, 0},
		{"old gate now", CLUSTER4 "featureGates: {IPv6DualStack: true, EtcdLearnerMode: false}\n", 36,
		 "featureGates: Invalid value: {\"EtcdLearnerMode\":false,\"IPv6DualStack\":true}: IPv6DualStack is not a valid "
		 "feature name.",
		 "featureGates: Invalid value: {\"EtcdLearnerMode\":false,\"IPv6DualStack\":true}: IPv6DualStack is not a valid "
		 "feature name.",
		 3, 16},
		{"pair without the gate", CLUSTER2 "networking: {podSubnet: \"10.244.0.0/16,fd00::/56\"}\n", 20,
		 "networking.podSubnet: Invalid value: \"10.244.0.0/16,fd00::/56\": couldn't parse subnet",
		 "networking.podSubnet: Invalid value: \"10.244.0.0/16,fd00::/56\": couldn't parse subnet", 3, 25},
		{"two messages", CLUSTER4 "networking: {podSubnet: 10.244.0.0/30, serviceSubnet: 10.96.0.0/16}\n", 36,
		 "[networking.podSubnet: Invalid value: \"10.244.0.0/30\": subnet with 4 address(es) is too small, the minimum is "
		 "14, networking.podSubnet: Invalid value: \"10.244.0.0/30\": the size of pod subnet with mask 30 is smaller than "
		 "the size of node subnet with mask 24]",
		 "[networking.podSubnet: Invalid value: \"10.244.0.0/30\": subnet with 4 address(es) is too small, the minimum is "
		 "14, networking.podSubnet: Invalid value: \"10.244.0.0/30\": the size of pod subnet with mask 30 is smaller than "
		 "the size of node subnet with mask 24]",
		 3, 25},
		{"host bits are masked in messages", CLUSTER4 "networking: {podSubnet: 10.244.1.1/30}\n", 36,
		 "[networking.podSubnet: Invalid value: \"10.244.1.0/30\": subnet with 4 address(es) is too small, the minimum is "
		 "14, networking.podSubnet: Invalid value: \"10.244.1.0/30\": the size of pod subnet with mask 30 is smaller than "
		 "the size of node subnet with mask 24]",
		 NULL, 3, 25},
		{"everything", CLUSTER4 "networking: {podSubnet: 0.0.0.0/0}\n", 36,
		 "[networking.podSubnet: Invalid value: \"0.0.0.0/0\": subnet with 0 address(es) is too small, the minimum is 14, "
		 "networking.podSubnet: Invalid value: \"0.0.0.0/0\": pod subnet mask (0) and node-mask (24) difference is greater "
		 "than 16]",
		 NULL, 3, 25},
		/* validation.go: ValidateIPNetFromString, ValidatePodSubnetNodeMask: IPNet.String and IsIPv6 of a mapped network */
		{"mapped pods", CLUSTER4 "networking: {podSubnet: \"::ffff:10.244.0.0/112\"}\n", 36,
		 "networking.podSubnet: Invalid value: \"10.244.0.0/16\": the size of pod subnet with mask 112 is smaller than "
		 "the size of node subnet with mask 24",
		 NULL, 3, 25},
		{"mapped and IPv4", CLUSTER4 "networking: {serviceSubnet: \"::ffff:10.96.0.0/112,10.97.0.0/16\"}\n", 36,
		 "networking.serviceSubnet: Invalid value: \"::ffff:10.96.0.0/112,10.97.0.0/16\": expected one (IPv4 or IPv6) "
		 "CIDR or two CIDRs from each family for dual-stack networking",
		 NULL, 3, 29},
		{"mapped and IPv6", CLUSTER4 "networking: {serviceSubnet: \"::ffff:10.96.0.0/112,fd00::/112\"}\n", 36, "", "", 0,
		 0},
		{"mapped and small", CLUSTER4 "networking: {serviceSubnet: \"::ffff:10.96.0.0/126\"}\n", 36,
		 "networking.serviceSubnet: Invalid value: \"10.96.0.0/30\": subnet with 4 address(es) is too small, the minimum "
		 "is 10",
		 NULL, 3, 29},
		{"mapped and large", CLUSTER4 "networking: {serviceSubnet: \"::ffff:10.96.0.0/104\"}\n", 36,
		 "networking.serviceSubnet: Invalid value: \"10.0.0.0/8\": specified service subnet is too large; for 128-bit "
		 "addresses, the mask must be >= 108",
		 NULL, 3, 29},
		{"mask is no number",
		 CLUSTER4 "networking: {podSubnet: 10.244.0.0/16}\ncontrollerManager:\n  extraArgs:\n  - name: "
			  "node-cidr-mask-size-ipv4\n    value: x\n",
		 36,
		 "networking.podSubnet: Invalid value: \"10.244.0.0/16\": could not parse the value of the "
		 "kube-controller-manager flag node-cidr-mask-size-ipv4 as an integer: strconv.Atoi: parsing \"x\": invalid syntax",
		 NULL, 7, 12},
		{"endpoint", CLUSTER4 "controlPlaneEndpoint: \"[fd00::1]\"\n", 36,
		 "hostport [fd00::1]: host '[fd00::1]' must be a valid IP address or a valid RFC-1123 DNS subdomain", NULL, 3, 23},
		{"endpoint without brackets", CLUSTER4 "controlPlaneEndpoint: fd00::1\n", 36, "", "", 0, 0},
		{"endpoint's port", CLUSTER4 "controlPlaneEndpoint: \"a.b:0\"\n", 36,
		 "hostport a.b:0: port 0 must be a valid number between 1 and 65535, inclusive", NULL, 3, 23},
		{"two addresses", INIT4 "localAPIEndpoint:\n  advertiseAddress: 192.0.2.1,fd00::1\n", 36,
		 "couldn't use \"192.0.2.1,fd00::1\" as \"apiserver-advertise-address\", must be ipv4 or ipv6 address", NULL, 4, 21},
		{"link-local: init only", INIT4 "localAPIEndpoint:\n  advertiseAddress: fe80::1\n", 36, "",
		 "cannot use \"fe80::1\" as the bind address for the API Server", 4, 21},
		{"loopback", INIT4 "localAPIEndpoint:\n  advertiseAddress: 127.0.0.1\n", 36, "?", "?", 0, 0},
		{"placeholder", CLUSTER4 "kubernetesVersion: v${version}\n", 36, "?", "?", 0, 0},
		{"port", INIT4 "localAPIEndpoint: {bindPort: 65536}\n", 36,
		 "localAPIEndpoint.bindPort: Invalid value: 65536: port number is not valid", NULL, 3, 30},
		{"old cluster", CLUSTER4 "kubernetesVersion: v1.30.0\n", 36,
		 "this version of kubeadm only supports deploying clusters with the control plane version >= 1.35.0. Current "
		 "version: v1.30.0",
		 NULL, 3, 20},
		{"odd version", CLUSTER4 "kubernetesVersion: one\n", 36,
		 "version \"one\" doesn't match patterns for neither semantic version nor labels (stable, latest, ...)", NULL, 3, 20},
		{"names without text", CLUSTER4 "apiServer: {extraArgs: [{name: \"\", value: x}]}\n", 36,
		 "apiServer.extraArgs: Invalid value: \"index 0\": argument has no name", NULL, 3, 43},
		{"join", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\n", 36,
		 "discovery: Invalid value: \"\": bootstrapToken or file must be set", NULL, 1, 1},
		{"nothing for kubeadm", "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n", 36, "",
		 "no InitConfiguration or ClusterConfiguration kind was found in the configuration file", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		const char *want_init = rows[i].init ? rows[i].init : rows[i].validate;
		struct run r;

		eval(&r, rows[i].name, rows[i].config, rows[i].minor);
		for (int k = 0; k < 2; k++) {
			const struct ds_verdict *v = k ? &r.res.init : &r.res.validate;
			const char *want = k ? want_init : rows[i].validate;
			const char *got = v->startup == DS_STARTUP_UNKNOWN ? "?" : ds_verdict_printed(r.ctx.arena, v);

			if (want && strcmp(got, want) != 0)
				fail_msg("%s: %s says %s, want %s", rows[i].name, k ? "init" : "validate", got, want);
		}
		if (rows[i].line && (r.res.init.errors.n == 0 || r.res.init.errors.v[0].loc.line != rows[i].line ||
				     r.res.init.errors.v[0].loc.column != rows[i].column))
			fail_msg("%s: at %u:%u", rows[i].name, r.res.init.errors.n ? r.res.init.errors.v[0].loc.line : 0,
				 r.res.init.errors.n ? r.res.init.errors.v[0].loc.column : 0);
		if ((r.res.components.n > 0) != (r.res.init.errors.n == 0))
			fail_msg("%s: %zu components", rows[i].name, r.res.components.n);
		ds_ctx_done(&r.ctx);
	}
}

/* cmd/kubeadm/app/util/config/common.go: validateSupportedVersion. The first warning of `kubeadm init`, or none. */
static void test_deprecated(void **state)
{
	static const struct {
		const char *config;
		unsigned minor;
		const char *want;
	} rows[] = {
		{"apiVersion: kubeadm.k8s.io/v1beta1\nkind: ClusterConfiguration\n", 20,
		 "your configuration file uses a deprecated API spec: \"kubeadm.k8s.io/v1beta1\". Please use 'kubeadm config "
		 "migrate --old-config old.yaml --new-config new.yaml', which will write the new, similar spec using a newer API "
		 "version."},
		{CLUSTER2, 23, NULL},
		{CLUSTER2, 24,
		 "your configuration file uses a deprecated API spec: \"kubeadm.k8s.io/v1beta2\". Please use 'kubeadm config "
		 "migrate --old-config old.yaml --new-config new.yaml', which will write the new, similar spec using a newer API "
		 "version."},
		{CLUSTER3, 30, NULL},
		{CLUSTER3, 31,
		 "your configuration file uses a deprecated API spec: \"kubeadm.k8s.io/v1beta3\" (kind: \"ClusterConfiguration\"). "
		 "Please use 'kubeadm config migrate --old-config old.yaml --new-config new.yaml', which will write the new, "
		 "similar spec using a newer API version."},
		{CLUSTER3, 36,
		 "your configuration file uses a deprecated API spec: \"kubeadm.k8s.io/v1beta3\" (kind: \"ClusterConfiguration\"). "
		 "Please use 'kubeadm config migrate --old-config old-config-file --new-config new-config-file', which will "
		 "write the new, similar spec using a newer API version."},
		{CLUSTER4, 36, NULL},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		const char *got = NULL;
		struct run r;

		eval(&r, rows[i].config, rows[i].config, rows[i].minor);
		if (r.res.init.warnings.n)
			got = r.res.init.warnings.v[0].message;
		if (rows[i].want ? !got || strcmp(got, rows[i].want) != 0 : got != NULL)
			fail_msg("row %zu: %s", i, got ? got : "no warning");
		ds_ctx_done(&r.ctx);
	}
}

static const struct ds_kubeadm_component *find(const struct run *r, enum ds_component c)
{
	for (size_t i = 0; i < r->res.components.n; i++)
		if (r->res.components.v[i].component == c)
			return &r->res.components.v[i];
	return NULL;
}

static const struct ds_arg *find_arg(const struct ds_kubeadm_component *c, const char *text)
{
	for (size_t i = 0; i < c->n_args; i++)
		if (ds_str_eqz(c->args[i].text, text))
			return &c->args[i];
	return NULL;
}

static void test_arguments(void **state)
{
	static const struct {
		const char *name, *config;
		unsigned minor;
		enum ds_component component;
		const char *arg;
		unsigned line; /* 0: kubeadm's own default */
		bool present;
	} rows[] = {
		{"default range", CLUSTER4, 36, DS_KUBE_APISERVER, "--service-cluster-ip-range=10.96.0.0/12", 0, true},
		{"range", CLUSTER4 "networking:\n  serviceSubnet: fd00::/112\n", 36, DS_KUBE_APISERVER,
		 "--service-cluster-ip-range=fd00::/112", 4, true},
		{"no pods, no ranges", CLUSTER4 "networking:\n  serviceSubnet: fd00::/112\n", 36, DS_KUBE_CONTROLLER_MANAGER,
		 "--service-cluster-ip-range=fd00::/112", 0, false},
		{"pods", CLUSTER4 "networking:\n  podSubnet: 10.1.2.3/16\n", 36, DS_KUBE_CONTROLLER_MANAGER,
		 "--cluster-cidr=10.1.2.3/16", 4, true},
		{"service range in the manager", CLUSTER4 "networking:\n  podSubnet: 10.1.2.3/16\n", 36,
		 DS_KUBE_CONTROLLER_MANAGER, "--service-cluster-ip-range=10.96.0.0/12", 0, true},
		{"address is normalised", INIT4 "localAPIEndpoint:\n  advertiseAddress: 192.000.002.010\n", 36,
		 DS_KUBE_APISERVER, "--advertise-address=192.0.2.10", 4, true},
		{"address of the machine", INIT4, 36, DS_KUBE_APISERVER, "--advertise-address=$(ADVERTISE_ADDRESS)", 0, true},
		{"local etcd, IPv6", INIT4 "localAPIEndpoint:\n  advertiseAddress: fd00::1\n", 36, DS_KUBE_APISERVER,
		 "--etcd-servers=https://[::1]:2379", 0, true},
		{"override", CLUSTER4 "apiServer:\n  extraArgs:\n  - name: service-cluster-ip-range\n    value: a\n", 36,
		 DS_KUBE_APISERVER, "--service-cluster-ip-range=10.96.0.0/12", 0, false},
		{"override's place", CLUSTER4 "apiServer:\n  extraArgs:\n  - name: service-cluster-ip-range\n    value: a\n", 36,
		 DS_KUBE_APISERVER, "--service-cluster-ip-range=a", 6, true},
		{"dashes are kept", CLUSTER4 "apiServer:\n  extraArgs:\n  - name: --v\n    value: \"4\"\n", 36, DS_KUBE_APISERVER,
		 "----v=4", 6, true},
		{"gate handed on", CLUSTER2 "featureGates:\n  IPv6DualStack: false\n", 22, DS_KUBE_APISERVER,
		 "--feature-gates=IPv6DualStack=false", 4, true},
		{"kubelet", INIT4 "nodeRegistration:\n  kubeletExtraArgs:\n  - name: node-ip\n    value: \"::\"\n", 36, DS_KUBELET,
		 "--node-ip=::", 6, true},
		{"kubelet never gets an address by itself", INIT4 "localAPIEndpoint:\n  advertiseAddress: fd00::1\n", 36,
		 DS_KUBELET, "--node-ip=fd00::1", 0, false},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		const struct ds_kubeadm_component *c;
		const struct ds_arg *arg;
		struct run r;

		eval(&r, rows[i].name, rows[i].config, rows[i].minor);
		c = find(&r, rows[i].component);
		if (!c)
			fail_msg("%s: no component (%s)", rows[i].name, ds_verdict_printed(r.ctx.arena, &r.res.init));
		arg = c ? find_arg(c, rows[i].arg) : NULL;
		if ((arg != NULL) != rows[i].present)
			fail_msg("%s: %s is %s", rows[i].name, rows[i].arg, arg ? "there" : "missing");
		if (arg && arg->loc.line != rows[i].line)
			fail_msg("%s: at line %u, want %u", rows[i].name, arg->loc.line, rows[i].line);
		ds_ctx_done(&r.ctx);
	}
}

/* Up to 1.31 all arguments were sorted; later ones keep the user's behind the defaults. */
static void test_order(void **state)
{
	static const char config[] = CLUSTER3 "networking: {podSubnet: 10.0.0.0/16}\n"
					      "controllerManager: {extraArgs: {allocate-node-cidrs: \"true\"}}\n";
	struct run r;
	const struct ds_kubeadm_component *c;

	(void)state;
	for (unsigned minor = 31; minor <= 32; minor++) {
		eval(&r, "order", config, minor);
		c = find(&r, DS_KUBE_CONTROLLER_MANAGER);
		if (!c || !ds_str_eqz(c->args[minor == 31 ? 0 : c->n_args - 1].text, "--allocate-node-cidrs=true"))
			fail_msg("1.%u: another order", minor);
		ds_ctx_done(&r.ctx);
	}
}

static void test_configs(void **state)
{
	static const struct {
		const char *name, *config;
		enum ds_component component;
		const char *has; /* NULL: no such component */
	} rows[] = {
		{"bind address", INIT4 "localAPIEndpoint: {advertiseAddress: fd00::1}\n", DS_KUBE_PROXY, "\"bindAddress\":\"::\""},
		{"pods", CLUSTER4 "networking: {podSubnet: \"10.0.0.0/16,fd00::/56\"}\n", DS_KUBE_PROXY,
		 "\"clusterCIDR\":\"10.0.0.0/16,fd00::/56\""},
		{"the user's own", CLUSTER4 "---\napiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
					    "clusterCIDR: bogus\nmode: nftables\n",
		 DS_KUBE_PROXY, ",\"clusterCIDR\":\"bogus\",\"mode\":\"nftables\"}"},
		{"disabled", CLUSTER4 "proxy: {disabled: true}\n", DS_KUBE_PROXY, NULL},
		{"skipped", INIT4 "skipPhases: [addon/kube-proxy]\n", DS_KUBE_PROXY, NULL},
		{"cluster DNS", CLUSTER4 "networking: {serviceSubnet: \"fd00::/112,10.0.0.0/16\"}\n", DS_KUBELET,
		 "\"clusterDNS\":[\"fd00::a\"]"},
		{"domain", CLUSTER4 "networking: {dnsDomain: a.b}\n", DS_KUBELET, "\"clusterDomain\":\"a.b\""},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		const struct ds_kubeadm_component *c;
		struct run r;

		eval(&r, rows[i].name, rows[i].config, 36);
		c = find(&r, rows[i].component);
		if (!rows[i].has && c)
			fail_msg("%s: there is one", rows[i].name);
		if (rows[i].has && (!c || !c->config_text || !strstr(c->config_text, rows[i].has)))
			fail_msg("%s: %s", rows[i].name, c && c->config_text ? c->config_text : "nothing");
		ds_ctx_done(&r.ctx);
	}
}

static void test_values(void **state)
{
	struct run r;

	(void)state;
	eval(&r, "values", CLUSTER4 "kubernetesVersion: v1.34.1\nclusterName: c\nnetworking:\n  podSubnet: \"\"\n", 0);
	assert_int_equal(r.res.minor, 34);
	assert_true(r.res.has_version && r.res.has_cluster && !r.res.has_init);
	assert_true(ds_str_eqz(r.res.cluster_name.text, "c"));
	assert_int_equal(r.res.cluster_name.loc.line, 4);
	assert_string_equal(r.res.cluster_name.loc.path, "clusterName");
	assert_false(r.res.pod_subnet.set);
	assert_int_equal(r.res.pod_subnet.loc.line, 6);
	assert_true(ds_str_eqz(r.res.service_subnet.text, "10.96.0.0/12"));
	assert_int_equal(r.res.service_subnet.loc.line, 0);
	ds_ctx_done(&r.ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_deprecated),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_configs),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
