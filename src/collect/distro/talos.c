#include "collect/distro/talos.h"

#include "collect/distro/distro.h"
#include "collect/documents.h"
#include "collect/embedded.h"
#include "collect/lines.h"
#include "net/ip.h"
#include "yaml/scalar.h"

#define WRAPPER "MachineConfigs.config.talos.dev"
/* From this Kubernetes on Talos chooses nftables for kube-proxy, before it iptables. */
#define NFTABLES_SINCE 31
/* The last Kubernetes whose API server and controller manager have --cloud-provider. */
#define CLOUD_FLAG_LAST 32

/* One machine's config, from however many documents. */
struct machine {
	struct ds_distro d;
	const struct ds_yaml_node *v1; /* the v1alpha1 document, or a patch of it */
	const struct ds_yaml_node *network, *hostname, *node;
	bool whole; /* the v1alpha1 document itself, not a patch that names its version */
	bool worker;
	struct ds_distro_value pods, services, valid, name, port;
	struct ds_distro_value mask4, mask6;
};

/* What the user may not set, and what is added to Talos' own value instead of replacing it. */
struct policy {
	enum ds_component component;
	const char *arg;
	bool add;
};

static const struct policy policies[] = {
    {DS_KUBE_APISERVER, "feature-gates", true},
    {DS_KUBE_APISERVER, "etcd-servers", false},
    {DS_KUBE_APISERVER, "client-ca-file", false},
    {DS_KUBE_APISERVER, "requestheader-client-ca-file", false},
    {DS_KUBE_APISERVER, "proxy-client-cert-file", false},
    {DS_KUBE_APISERVER, "proxy-client-key-file", false},
    {DS_KUBE_APISERVER, "encryption-provider-config", false},
    {DS_KUBE_APISERVER, "etcd-cafile", false},
    {DS_KUBE_APISERVER, "etcd-certfile", false},
    {DS_KUBE_APISERVER, "etcd-keyfile", false},
    {DS_KUBE_APISERVER, "kubelet-client-certificate", false},
    {DS_KUBE_APISERVER, "kubelet-client-key", false},
    {DS_KUBE_APISERVER, "service-account-key-file", false},
    {DS_KUBE_APISERVER, "service-account-signing-key-file", false},
    {DS_KUBE_APISERVER, "tls-cert-file", false},
    {DS_KUBE_APISERVER, "tls-private-key-file", false},
    {DS_KUBE_CONTROLLER_MANAGER, "service-cluster-ip-range", true},
    {DS_KUBE_CONTROLLER_MANAGER, "controllers", true},
    {DS_KUBE_CONTROLLER_MANAGER, "cluster-signing-cert-file", false},
    {DS_KUBE_CONTROLLER_MANAGER, "cluster-signing-key-file", false},
    {DS_KUBE_CONTROLLER_MANAGER, "authentication-kubeconfig", false},
    {DS_KUBE_CONTROLLER_MANAGER, "authorization-kubeconfig", false},
    {DS_KUBE_CONTROLLER_MANAGER, "root-ca-file", false},
    {DS_KUBE_CONTROLLER_MANAGER, "service-account-private-key-file", false},
    {DS_KUBE_PROXY, "kubeconfig", false},
    {DS_KUBELET, "bootstrap-kubeconfig", false},
    {DS_KUBELET, "kubeconfig", false},
    {DS_KUBELET, "container-runtime", false},
    {DS_KUBELET, "container-runtime-endpoint", false},
    {DS_KUBELET, "config", false},
    {DS_KUBELET, "cert-dir", false},
};

/* Where a component's part of the config is: in the v1alpha1 document and in one of its own. */
static const struct part {
	enum ds_component component;
	const char *path, *kind;
	const char *config; /* of the component's configuration, in either */
} parts[] = {
    {DS_KUBE_APISERVER, "cluster.apiServer", "KubeAPIServerConfig", NULL},
    {DS_KUBE_CONTROLLER_MANAGER, "cluster.controllerManager", "KubeControllerManagerConfig", NULL},
    {DS_KUBE_PROXY, "cluster.proxy", "KubeProxyConfig", "config"},
    {DS_KUBELET, "machine.kubelet", "KubeletConfig", "extraConfig"},
};

/* pkg/machinery/kubelet/kubelet.go:ProtectedConfigurationFields */
static const char *const protected_fields[] = {
	"apiVersion", "authentication", "authorization", "cgroupRoot", "kind", "kubeletCgroups", "port",
	"protectKernelDefaults", "resolvConf", "rotateCertificates", "systemCgroups", "staticPodPath",
	"seccompDefault",
};

/* ---- what it is ---- */

static bool is_text(const struct ds_yaml_node *n, const char *path, const char *want)
{
	n = ds_yaml_field(n, path);
	return n && n->kind == DS_YAML_SCALAR && ds_str_eqz(n->text, want);
}

static bool is_document(const struct ds_yaml_node *root, const char *kind)
{
	return is_text(root, "apiVersion", "v1alpha1") && is_text(root, "kind", kind);
}

static bool is_map(const struct ds_yaml_node *root, const char *path)
{
	const struct ds_yaml_node *n = ds_yaml_field(root, path);

	return n && n->kind == DS_YAML_MAPPING;
}

static bool is_v1(const struct ds_yaml_node *root)
{
	return is_text(root, "version", "v1alpha1") && (is_map(root, "machine") || is_map(root, "cluster"));
}

/* A patch has no version; these nobody else has. */
static bool is_patch(const struct ds_yaml_node *root)
{
	static const char *const paths[] = {
		"cluster.network.podSubnets", "cluster.network.serviceSubnets", "cluster.apiServer.extraArgs",
		"cluster.controllerManager.extraArgs", "cluster.proxy.extraArgs", "cluster.proxy.disabled",
		"machine.kubelet.nodeIP", "machine.kubelet.extraArgs", "machine.kubelet.extraConfig",
		"machine.kubelet.clusterDNS",
	};

	if (ds_yaml_get(root, "apiVersion") || ds_yaml_get(root, "kind"))
		return false;
	for (size_t i = 0; i < DS_ARRAY_SIZE(paths); i++)
		if (ds_yaml_field(root, paths[i]))
			return true;
	return false;
}

static bool is_part(const struct ds_yaml_node *root)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(parts); i++)
		if (is_document(root, parts[i].kind))
			return true;
	return is_document(root, "KubeNetworkConfig") || is_document(root, "KubeNodeConfig") || is_v1(root) ||
	       is_patch(root);
}

int ds_talos_detect(const struct ds_collector *self, const struct ds_probe *p)
{
	(void)self;
	for (size_t i = 0; p->yaml && i < p->yaml->n; i++)
		if (is_part(p->yaml->docs[i].root) || is_text(p->yaml->docs[i].root, "metadata.type", WRAPPER))
			return 90;
	return 0;
}

/* ---- what Talos refuses ---- */

/* pkg/machinery/config/types/k8s/network.go:validateSubnet */
static int check_subnet(const struct machine *m, const char *what, const struct ds_yaml_node *n, int mask,
			size_t families[2], bool *ret_bad)
{
	struct ds_loc loc = ds_distro_loc(&m->d, n);
	struct ds_str text = n->kind == DS_YAML_SCALAR ? n->text : (struct ds_str){0};
	struct ds_cidr c;
	int width, host;

	*ret_bad = true;
	if (ds_cidr_parse(text, DS_IP_NETIP, &c) < 0)
		return ds_distro_refuse(&m->d, &loc, "%s subnets: invalid subnet: %.*s", what, DS_STR_ARG(text));
	width = c.ip.family == DS_IPV6 ? 128 : 32;
	host = width - (int)c.bits;
	families[c.ip.family == DS_IPV6]++;
	if (ds_cidr_has_host_bits(&c))
		return ds_distro_refuse(&m->d, &loc, "%s subnets: invalid subnet: %.*s is not a valid CIDR", what,
					DS_STR_ARG(text));
	if (host < 4)
		return ds_distro_refuse(&m->d, &loc,
					"%s subnets: invalid subnet: /%d is too small, it must be larger than /%d",
					what, (int)c.bits, (int)c.bits - 4);
	if (mask > 0 && (int)c.bits > mask)
		return ds_distro_refuse(
		    &m->d, &loc, "%s subnets: invalid subnet: %.*s is smaller than the per-node pod CIDR mask size /%d",
		    what, DS_STR_ARG(text), mask);
	if (mask > 0 && mask - (int)c.bits > 16)
		return ds_distro_refuse(
		    &m->d, &loc,
		    "%s subnets: invalid subnet: %.*s is too large for the per-node pod CIDR mask size "
		    "/%d, the difference must be at most 16 bits",
		    what, DS_STR_ARG(text), mask);
	if (mask == 0 && host > 20)
		return ds_distro_refuse(
		    &m->d, &loc,
		    "%s subnets: invalid subnet: %.*s is too large, it must be at least /%d (at most 20 "
		    "host identifier bits)",
		    what, DS_STR_ARG(text), width - 20);
	*ret_bad = false;
	return 0;
}

/* masks: of a node's IPv4 and IPv6 block; NULL for Service ranges. */
static int check_subnets(const struct machine *m, const char *what, const struct ds_yaml_node *list, const int *masks)
{
	size_t families[2] = {0}, n = list && list->kind == DS_YAML_SEQUENCE ? list->n : 0;
	struct ds_loc loc = ds_distro_loc(&m->d, list ? list : m->network);
	bool bad = false;
	int r = 0;

	if (n == 0)
		return ds_distro_refuse(&m->d, &loc, "%s subnets: at least one subnet must be specified", what);
	if (n > 2)
		return ds_distro_refuse(
		    &m->d, &loc, "%s subnets: at most two subnets can be specified for dual-stack clusters", what);
	for (size_t i = 0; r == 0 && !bad && i < n; i++) {
		bool v6 = list->items[i]->kind == DS_YAML_SCALAR &&
			  ds_str_find(list->items[i]->text, ':') < list->items[i]->text.n;

		r = check_subnet(m, what, list->items[i], masks ? masks[v6] : 0, families, &bad);
	}
	if (r == 0 && !bad && (families[0] > 1 || families[1] > 1))
		r = ds_distro_refuse(
		    &m->d, &loc,
		    "%s subnets: at most one IPv4 and one IPv6 subnet can be specified for dual-stack clusters", what);
	return r;
}

static int read_mask(const struct machine *m, const char *field, int fallback, int most, struct ds_distro_value *v,
		     int *ret)
{
	const struct ds_yaml_node *n = ds_yaml_get(m->network, field);
	struct ds_loc loc = ds_distro_loc(&m->d, n);
	int64_t number = 0;

	*ret = -1;
	v->loc = n ? loc : (struct ds_loc){0};
	if (n && (ds_yaml_as_int(n, 64, &number) < 0 || number < 0 || number > most))
		return ds_distro_refuse(&m->d, &loc, "%s must be between 1 and %d", field, most);
	*ret = number ? (int)number : fallback;
	v->text = ds_str_from(ds_arena_printf(m->d.f->ctx->arena, "%d", *ret));
	return v->text.p ? 0 : DS_ENOMEM;
}

/* pkg/machinery/config/types/k8s/network.go:Validate */
static int check_network(struct machine *m)
{
	const struct ds_yaml_node *pods = ds_yaml_get(m->network, "podSubnets"),
				  *services = ds_yaml_get(m->network, "serviceSubnets");
	const struct ds_yaml_node *old = ds_yaml_field(m->v1, "cluster.network");
	struct ds_loc loc;
	int masks[2], r;

	r = read_mask(m, "nodeCIDRMaskSizeIPv4", 24, 32, &m->mask4, &masks[0]);
	if (r == 0)
		r = read_mask(m, "nodeCIDRMaskSizeIPv6", 64, 128, &m->mask6, &masks[1]);
	if (r == 0)
		r = check_subnets(m, "pod", pods, masks);
	if (r == 0)
		r = check_subnets(m, "service", services, NULL);
	if (r == 0 && pods && services && pods->n != services->n) {
		loc = ds_distro_loc(&m->d, services);
		r = ds_distro_refuse(&m->d, &loc, "the number of pod subnets must match the number of service subnets");
	}
	if (r == 0 && old && !ds_yaml_is_null(old)) {
		loc = ds_distro_loc(&m->d, old);
		r = ds_distro_refuse(
		    &m->d, &loc,
		    "cluster network config is already set in the v1alpha1 config (.machine.cluster.network). "
		    "Please remove it and use only the new KubeNetworkConfig document to avoid conflicts");
	}
	return r;
}

/* Talos picks one address of each family that validSubnets, or else the Service ranges, let through. */
static int check_valid_subnets(const struct machine *m, const struct ds_yaml_node *list)
{
	struct ds_loc loc = ds_distro_loc(&m->d, list);
	bool has[2] = {0}, needs[2] = {0}, done = false;
	struct ds_str rest = m->services.text, part;
	int r = 0;

	if (!list || list->kind != DS_YAML_SEQUENCE || list->n == 0)
		return 0;
	for (size_t i = 0; r == 0 && i < list->n; i++) {
		struct ds_str text = list->items[i]->kind == DS_YAML_SCALAR ? list->items[i]->text : (struct ds_str){0};
		bool not = ds_str_starts(text, "!");
		struct ds_loc at = ds_distro_loc(&m->d, list->items[i]);
		struct ds_cidr c;
		struct ds_ip ip;

		if (not )
			text = ds_str_skip(text, 1);
		if (ds_cidr_parse(text, DS_IP_NETIP, &c) == 0)
			ip = c.ip;
		else if (ds_ip_parse(text, DS_IP_NETIP, &ip) < 0)
			r = ds_distro_refuse(&m->d, &at, "kubelet nodeIP subnet is not valid: \"%.*s\"",
					     DS_STR_ARG(text));
		if (r == 0 && !not )
			has[ip.family == DS_IPV6] = true;
	}
	while (ds_distro_next(&rest, &done, &part)) {
		struct ds_cidr c;

		if (ds_cidr_parse(part, DS_IP_STRICT, &c) == 0)
			needs[c.ip.family == DS_IPV6] = true;
	}
	for (size_t v6 = 0; r == 0 && v6 < 2 && (has[0] || has[1]); v6++)
		if (needs[v6] && !has[v6])
			r = ds_diag(m->d.f->ctx, DS_LEVEL_WARNING, &loc,
				    "add a subnet of that family, or remove the field",
				    "Talos gives the kubelet no %s address: validSubnets has only the other family",
				    v6 ? "IPv6" : "IPv4");
	return r;
}

/* ---- components ---- */

/* The user's flags: the part's extraArgs, by Talos' policies. */
static int add_args(const struct machine *m, struct ds_generated *g, const struct ds_yaml_node *args)
{
	struct ds_yaml_node kept = {.kind = DS_YAML_MAPPING};
	int r = 0;

	if (!args || args->kind != DS_YAML_MAPPING)
		return 0;
	kept.pairs = ds_arena_new_array(m->d.f->ctx->arena, args->n, struct ds_yaml_pair);
	if (!kept.pairs)
		return DS_ENOMEM;
	for (size_t i = 0; r == 0 && i < args->n; i++) {
		struct ds_str name = args->pairs[i].key->text;
		struct ds_loc loc = ds_distro_loc(&m->d, args->pairs[i].key);
		const struct policy *p = NULL;
		struct ds_distro_value v = {0};

		for (size_t k = 0; k < DS_ARRAY_SIZE(policies) && !p; k++)
			if (policies[k].component == g->component && ds_str_eqz(name, policies[k].arg))
				p = &policies[k];
		if (!p) {
			kept.pairs[kept.n++] = args->pairs[i];
			continue;
		}
		if (!p->add) {
			r = ds_distro_refuse(&m->d, &loc, "extra arg \"%.*s\" is not allowed", DS_STR_ARG(name));
			continue;
		}
		r = ds_distro_take(&m->d, args->pairs[i].value, NULL, &v);
		for (size_t k = 0; r == 0 && v.text.n && k < g->n_own; k++) {
			const char *text;

			if (!ds_str_eq(g->args.v[k].name, name))
				continue;
			text = ds_arena_printf(m->d.f->ctx->arena, "%.*s,%.*s", DS_STR_ARG(g->args.v[k].value),
					       DS_STR_ARG(v.text));
			v.text = ds_str_from(text);
			r = text ? 0 : DS_ENOMEM;
		}
		if (r == 0 && v.text.n)
			r = ds_generated_set(m->d.f->ctx->arena, g, name, v.text, v.loc);
	}
	return r < 0 ? r : ds_distro_args(&m->d, g, &kept);
}

/* A component's part of the config, wherever it is. */
static const struct ds_yaml_node *find_part(const struct machine *m, const struct ds_yaml_stream *docs,
					    enum ds_component c)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(parts); i++) {
		if (parts[i].component != c)
			continue;
		for (size_t k = 0; k < docs->n; k++)
			if (is_document(docs->docs[k].root, parts[i].kind))
				return docs->docs[k].root;
		return ds_yaml_field(m->v1, parts[i].path);
	}
	return NULL;
}

static int add_ranges(const struct machine *m, struct ds_generated *g, bool pods, bool services)
{
	int r = pods ? ds_distro_add(&m->d, g, "cluster-cidr", &m->pods) : 0;

	return r == 0 && services ? ds_distro_add(&m->d, g, "service-cluster-ip-range", &m->services) : r;
}

static bool has_cloud_flag(const struct machine *m, const struct ds_distro_version *v)
{
	return ds_distro_bool(m->v1, "cluster.externalCloudProvider.enabled", false) && v->known &&
	       v->version.minor <= CLOUD_FLAG_LAST;
}

static struct ds_distro_version version_of(const struct machine *m, const struct ds_yaml_node *part)
{
	struct ds_distro_version v = {0};

	ds_distro_image(&m->d, part, "image", &v);
	return v;
}

static int make_apiserver(const struct machine *m, const struct ds_yaml_node *part)
{
	struct ds_generated g = ds_distro_start(&m->d, DS_KUBE_APISERVER);
	struct ds_distro_version v = version_of(m, part);
	const struct ds_distro_flag flags[] = {
	    {"advertise-address", "$(POD_IP)", NULL},
	    {"bind-address", "0.0.0.0", NULL},
	    {"etcd-servers", "${Talos' own etcd}", NULL},
	    {"kubelet-preferred-address-types", "InternalIP,ExternalIP,Hostname", NULL},
	    {"cloud-provider", has_cloud_flag(m, &v) ? "external" : NULL, NULL},
	};
	int r = add_ranges(m, &g, false, true);

	if (r == 0)
		r = ds_distro_addn(&m->d, &g, flags, DS_ARRAY_SIZE(flags));
	if (r == 0)
		r = ds_distro_add(&m->d, &g, "secure-port", &m->port);
	if (r == 0)
		r = add_args(m, &g, ds_yaml_get(part, "extraArgs"));
	return r < 0 ? r : ds_distro_observe(&m->d, &g, &v);
}

static bool has_family(struct ds_str ranges, bool v6)
{
	struct ds_str part;
	bool done = false;

	while (ds_distro_next(&ranges, &done, &part))
		if ((ds_str_find(part, ':') < part.n) == v6)
			return true;
	return false;
}

static int make_controller_manager(const struct machine *m, const struct ds_yaml_node *part)
{
	struct ds_generated g = ds_distro_start(&m->d, DS_KUBE_CONTROLLER_MANAGER);
	struct ds_distro_version v = version_of(m, part);
	const struct ds_distro_flag flags[] = {
	    {"configure-cloud-routes", "false", NULL},
	    {"bind-address", "127.0.0.1", NULL},
	    {"controllers", "*", NULL},
	    {"cloud-provider", has_cloud_flag(m, &v) ? "external" : NULL, NULL},
	};
	int r = ds_distro_addz(&m->d, &g, "allocate-node-cidrs", "true");

	if (r == 0)
		r = add_ranges(m, &g, true, true);
	if (r == 0)
		r = ds_distro_addn(&m->d, &g, flags, DS_ARRAY_SIZE(flags));
	if (r == 0 && has_family(m->pods.text, false))
		r = ds_distro_add(&m->d, &g, "node-cidr-mask-size-ipv4", &m->mask4);
	if (r == 0 && has_family(m->pods.text, true))
		r = ds_distro_add(&m->d, &g, "node-cidr-mask-size-ipv6", &m->mask6);
	if (r == 0)
		r = add_args(m, &g, ds_yaml_get(part, "extraArgs"));
	return r < 0 ? r : ds_distro_observe(&m->d, &g, &v);
}

static int make_proxy(const struct machine *m, const struct ds_yaml_node *part)
{
	struct ds_generated g = ds_distro_start(&m->d, DS_KUBE_PROXY);
	struct ds_distro_version v = version_of(m, part);
	struct ds_distro_value mode = {.text = DS_STR("${Talos' choice}")};
	int r = add_ranges(m, &g, true, false);

	if (v.known)
		mode.text = v.version.minor >= NFTABLES_SINCE ? DS_STR("nftables") : DS_STR("iptables");
	if (r == 0)
		r = ds_distro_take(&m->d, part, "mode", &mode);
	if (r == 0)
		r = ds_distro_add(&m->d, &g, "proxy-mode", &mode);
	if (r == 0)
		r = ds_distro_addz(&m->d, &g, "hostname-override", "$(NODE_NAME)");
	if (r == 0)
		r = add_args(m, &g, ds_yaml_get(part, "extraArgs"));
	if (r == 0)
		r = ds_distro_fields(&m->d, &g, ds_yaml_get(part, "config"));
	return r < 0 ? r : ds_distro_observe(&m->d, &g, &v);
}

static int make_kubelet(const struct machine *m, const struct ds_yaml_node *part)
{
	struct ds_generated g = ds_distro_start(&m->d, DS_KUBELET);
	const struct ds_yaml_node *config =
	    ds_yaml_get(part, is_document(part, "KubeletConfig") ? "config" : "extraConfig");
	struct ds_distro_value ips = {DS_STR("${Talos' choice of the node's addresses}"), m->valid.loc}, dns = {0};
	struct ds_distro_version v = version_of(m, part);
	int r = ds_distro_take(&m->d, part, "clusterDNS", &dns);

	for (size_t i = 0; r == 0 && i < DS_ARRAY_SIZE(protected_fields); i++) {
		const struct ds_yaml_pair *field = ds_yaml_get_pair(config, protected_fields[i]);
		struct ds_loc loc = ds_distro_loc(&m->d, field ? field->key : NULL);

		if (field)
			r = ds_distro_refuse(&m->d, &loc, "kubelet configuration field \"%s\" can't be overridden",
					     protected_fields[i]);
	}
	if (r == 0 && ds_distro_bool(m->v1, "cluster.externalCloudProvider.enabled", false))
		r = ds_distro_addz(&m->d, &g, "cloud-provider", "external");
	if (r == 0)
		r = ds_distro_add(&m->d, &g, "node-ip", &ips);
	if (r == 0)
		r = ds_distro_add(&m->d, &g, "hostname-override", &m->name);
	if (r == 0)
		r = dns.text.n ? ds_distro_add(&m->d, &g, "cluster-dns", &dns)
			       : ds_distro_dns(&m->d, &g, &m->services, 10, true);
	if (r == 0)
		r = ds_distro_fields(&m->d, &g, config);
	if (r == 0)
		r = add_args(m, &g, ds_yaml_get(part, "extraArgs"));
	return r < 0 ? r : ds_distro_observe(&m->d, &g, &v);
}

static int make_components(const struct machine *m, const struct ds_yaml_stream *docs)
{
	const struct ds_yaml_node *kcm = find_part(m, docs, DS_KUBE_CONTROLLER_MANAGER),
				  *proxy = find_part(m, docs, DS_KUBE_PROXY), *let = find_part(m, docs, DS_KUBELET);
	bool plane = !m->worker && (m->whole || m->network || is_map(m->v1, "cluster"));
	int r = 0;

	/* A patch of the machine alone has nothing of the control plane, one of the cluster nothing of the kubelet. */
	if (plane)
		r = make_apiserver(m, find_part(m, docs, DS_KUBE_APISERVER));
	if (r == 0 && plane && ds_distro_bool(kcm, "enabled", true) && !ds_distro_bool(kcm, "disabled", false))
		r = make_controller_manager(m, kcm);
	if (r == 0 && plane && ds_distro_bool(proxy, "enabled", true) && !ds_distro_bool(proxy, "disabled", false))
		r = make_proxy(m, proxy);
	return r == 0 && (m->whole || let) ? make_kubelet(m, let) : r;
}

/* ---- reading ---- */

static void find_documents(struct machine *m, const struct ds_yaml_stream *docs)
{
	for (size_t i = 0; i < docs->n; i++) {
		const struct ds_yaml_node *root = docs->docs[i].root;

		if (is_v1(root) || (!m->v1 && is_patch(root)))
			m->v1 = root;
		if (is_document(root, "KubeNetworkConfig"))
			m->network = root;
		if (is_document(root, "KubeNodeConfig"))
			m->node = root;
		if (is_document(root, "HostnameConfig"))
			m->hostname = root;
	}
	m->whole = is_v1(m->v1) && ds_yaml_field(m->v1, "machine.type") && is_map(m->v1, "cluster");
	m->worker = is_text(m->v1, "machine.type", "worker") || is_text(m->v1, "machine.type", "join");
}

static int read_machine(struct machine *m, const struct ds_yaml_stream *docs)
{
	const struct ds_yaml_node *net = m->network ? m->network : ds_yaml_field(m->v1, "cluster.network");
	const struct ds_yaml_node *valid = m->node ? ds_yaml_field(m->node, "nodeIP.validSubnets")
						   : ds_yaml_field(m->v1, "machine.kubelet.nodeIP.validSubnets");
	const struct ds_distro_field fields[] = {
	    {"cluster.controlPlane.localAPIServerPort", &m->port},
	    {"machine.network.hostname", &m->name},
	};
	int r = m->network ? check_network(m) : 0;

	m->port.text = DS_STR("6443");
	m->d.partial = !m->whole;
	if (m->whole && !m->network) {
		m->pods.text = DS_STR("10.244.0.0/16");
		m->services.text = DS_STR("10.96.0.0/12");
	}
	if (r == 0)
		r = ds_distro_take(&m->d, net, "podSubnets", &m->pods);
	if (r == 0)
		r = ds_distro_take(&m->d, net, "serviceSubnets", &m->services);
	if (r == 0)
		r = ds_distro_takes(&m->d, m->v1, fields, DS_ARRAY_SIZE(fields));
	if (r == 0)
		r = ds_distro_take(&m->d, m->hostname, "hostname", &m->name);
	if (r == 0)
		r = ds_distro_take(&m->d, valid, NULL, &m->valid);
	if (r == 0)
		r = check_valid_subnets(m, valid);
	return r < 0 ? r : make_components(m, docs);
}

static int collect_stream(struct ds_facts *f, const struct ds_input *input, const struct ds_yaml_stream *docs,
			  struct ds_str node, bool broken, bool *ret_used)
{
	struct machine m = {0};
	size_t first = f->components.n;
	int r;

	find_documents(&m, docs);
	for (size_t i = 0; i < docs->n; i++)
		*ret_used |= is_part(docs->docs[i].root);
	if (!*ret_used)
		return 0;
	m.d = ds_distro_of(f, input, m.v1 ? m.v1 : docs->docs[0].root, "Talos", DS_SOURCE_TALOS);
	if (node.n) {
		m.d.host = ds_arena_printf(f->ctx->arena, "%s of %.*s", input->name, DS_STR_ARG(node));
		if (!m.d.host)
			return DS_ENOMEM;
	}
	r = read_machine(&m, docs);
	for (; broken && first < f->components.n; first++)
		f->components.v[first]->cmdline.truncated = true;
	return r;
}

/* What talosctl prints: the config is a text in a resource. */
static int collect_wrapped(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *root,
			   bool *ret_used)
{
	const struct ds_yaml_node *spec = ds_yaml_get(root, "spec");
	struct ds_yaml_stream *stream;
	struct ds_str node;
	bool broken;
	int r;

	if (ds_yaml_as_string(ds_yaml_get(root, "node"), &node) < 0)
		node = (struct ds_str){0};
	if (!spec || spec->kind != DS_YAML_SCALAR)
		return 0;
	r = ds_embedded_load(f, src, spec, &stream, &broken);
	return r < 0 ? r : collect_stream(f, src->input, stream, node, broken, ret_used);
}

int ds_talos_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p)
{
	struct ds_lines lines;
	struct ds_doc_source src = {.input = input, .lines = &lines};
	struct ds_doc_tally tally = {.other = 1};
	bool used = false, wrapped = false;
	int r;

	if (!p->yaml)
		return ds_input_set(f->ctx, input, DS_INPUT_FAILED, "not YAML or JSON");
	r = ds_lines_init(f->ctx->arena, p->text, &lines);
	for (size_t i = 0; r == 0 && i < p->yaml->n; i++) {
		if (!is_text(p->yaml->docs[i].root, "metadata.type", WRAPPER))
			continue;
		wrapped = true;
		r = collect_wrapped(f, &src, p->yaml->docs[i].root, &used);
	}
	if (r == 0 && !wrapped)
		r = collect_stream(f, input, p->yaml, (struct ds_str){0}, p->yaml_result < 0, &used);
	tally.used = used;
	return r < 0 ? r : ds_documents_conclude(f, input, &tally, p->yaml_result, p->first_diag);
}
