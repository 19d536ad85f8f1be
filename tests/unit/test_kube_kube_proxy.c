#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "kube/kube_proxy.h"

#define ARGS 6
#define HEAD "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"

enum node { NODE_V4, NODE_V6, NODE_46, NODE_64, NODE_NONE, NODE_UNSEEN };

static const struct {
	const char *what;
	unsigned minor;
	const char *args[ARGS];
	const char *config;
	enum node node;
	enum ds_host_families host;
	const char *pod_cidr;
	enum ds_startup want;
	const char *error;   /* the first, or NULL */
	const char *warning; /* one that must be there, or NULL */
	const char *absent;  /* one that must not */
	const char *primary; /* or NULL: not derived */
} cases[] = {
	{"defaults", 36, {"--v=2"}, NULL, NODE_46, DS_HOST_DUAL, NULL, DS_STARTUP_ACCEPTED, NULL, "nodePortAddresses is unset", "only", "IPv4"},
	{"flags lose to the file", 36, {"--config=/x", "--cluster-cidr=bogus", "--bind-address=::1"}, HEAD, NODE_46, DS_HOST_DUAL, NULL,
	 DS_STARTUP_ACCEPTED, NULL, NULL, "only", "IPv4"},
	{"hostname wins", 36, {"--config=/x", "--hostname-override= "}, HEAD, NODE_46, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "empty hostname-override is invalid", NULL, NULL, NULL},
	{"positional", 36, {"--v=2", "x", "y"}, NULL, NODE_46, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "\"kube-proxy\" does not take any arguments, got [\"x\" \"y\"]", NULL, NULL, NULL},
	{"unknown flag", 36, {"--cluster-cird=x"}, NULL, NODE_46, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "unknown flag: --cluster-cird", NULL, NULL, NULL},
	{"unknown gate", 36, {"--feature-gates=IPv6DualStack=true"}, NULL, NODE_46, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "unrecognized feature gate: IPv6DualStack", NULL, NULL, NULL},
	{"unknown gate in the file", 36, {"--config=/x"}, HEAD "featureGates: {Nope: true}\n", NODE_46, DS_HOST_DUAL, NULL,
	 DS_STARTUP_REFUSED, "unrecognized feature gate: Nope", NULL, NULL, NULL},
	{"gate of the wrong type", 36, {"--config=/x"}, HEAD "featureGates: {Nope: 1}\n", NODE_46, DS_HOST_DUAL, NULL,
	 DS_STARTUP_REFUSED,
	 "failed to decode: json: cannot unmarshal number into Go struct field KubeProxyConfiguration.featureGates of type bool",
	 NULL, NULL, NULL},
	{"primary stands for the node", 36, {"--nodeport-addresses=primary"}, NULL, NODE_46, DS_HOST_DUAL, NULL,
	 DS_STARTUP_ACCEPTED, NULL, NULL, "nodePortAddresses", "IPv4"},
	{"nftables defaults to primary", 36, {"--proxy-mode=nftables"}, NULL, NODE_46, DS_HOST_DUAL, NULL,
	 DS_STARTUP_ACCEPTED, NULL, NULL, "nodePortAddresses", "IPv4"},
	{"primary before 1.31", 30, {"--nodeport-addresses=primary"}, NULL, NODE_46, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "KubeProxyConfiguration.NodePortAddresses[0]: Invalid value: \"primary\": must be a valid CIDR", NULL, NULL, NULL},
	{"two bad fields", 36, {"--cluster-cidr=bogus", "--nodeport-addresses=x"}, NULL, NODE_46, DS_HOST_DUAL, NULL,
	 DS_STARTUP_REFUSED,
	 "[KubeProxyConfiguration.NodePortAddresses[0]: Invalid value: \"x\": must be a valid CIDR, "
	 "KubeProxyConfiguration.DetectLocalConfiguration.ClusterCIDRs[0]: Invalid value: \"bogus\": must be a valid CIDR block "
	 "(e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)]",
	 NULL, NULL, NULL},
	{"broken range next to NodeCIDR", 36, {"--cluster-cidr=bogus", "--detect-local-mode=NodeCIDR"}, NULL, NODE_46, DS_HOST_DUAL,
	 "10.244.1.0/24", DS_STARTUP_ACCEPTED, NULL, NULL, NULL, "IPv4"},
	{"three ranges before JSON", 33, {"--cluster-cidr=10.0.0.0/8,11.0.0.0/8,fd00::/48"}, NULL, NODE_46, DS_HOST_DUAL, NULL,
	 DS_STARTUP_REFUSED,
	 "KubeProxyConfiguration.DetectLocalConfiguration.ClusterCIDRs: Invalid value: []string{\"10.0.0.0/8\", \"11.0.0.0/8\", "
	 "\"fd00::/48\"}: must be a either a single CIDR or dual-stack pair of CIDRs (e.g. [10.100.0.0/16, "
	 "fde4:8dba:82e1::/48]",
	 NULL, NULL, NULL},
	{"old text of a pair", 28, {"--cluster-cidr=10.0.0.0/8,11.0.0.0/8"}, NULL, NODE_46, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "KubeProxyConfiguration.ClusterCIDR: Invalid value: \"10.0.0.0/8,11.0.0.0/8\": must be a valid DualStack CIDR (e.g. "
	 "10.100.0.0/16,fde4:8dba:82e1::/48)",
	 NULL, NULL, NULL},
	{"old text of three", 25, {"--cluster-cidr=10.0.0.0/8,11.0.0.0/8,fd00::/48"}, NULL, NODE_46, DS_HOST_DUAL, NULL,
	 DS_STARTUP_REFUSED,
	 "KubeProxyConfiguration.ClusterCIDR: Invalid value: \"10.0.0.0/8,11.0.0.0/8,fd00::/48\": only one CIDR allowed or a valid "
	 "DualStack CIDR (e.g. 10.100.0.0/16,fde4:8dba:82e1::/48)",
	 NULL, NULL, NULL},
	{"pair without the gate", 20, {"--cluster-cidr=10.0.0.0/8,fd00::/48"}, NULL, NODE_46, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "KubeProxyConfiguration.ClusterCIDR: Invalid value: \"10.0.0.0/8,fd00::/48\": only one CIDR allowed (e.g. 10.100.0.0/16 "
	 "or fde4:8dba:82e1::/48)",
	 NULL, NULL, NULL},
	{"pair with the gate", 20, {"--cluster-cidr=10.0.0.0/8,fd00::/48", "--feature-gates=IPv6DualStack=true"}, NULL, NODE_46,
	 DS_HOST_DUAL, NULL, DS_STARTUP_ACCEPTED, NULL, NULL, NULL, "IPv4"},
	{"userspace is gone", 26, {"--proxy-mode=userspace"}, NULL, NODE_46, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "KubeProxyConfiguration.Mode.ProxyMode: Invalid value: \"userspace\": must be iptables,ipvs or blank (blank means the "
	 "best-available proxy [currently iptables])",
	 NULL, NULL, NULL},
	{"userspace", 25, {"--proxy-mode=userspace"}, NULL, NODE_46, DS_HOST_DUAL, NULL, DS_STARTUP_ACCEPTED, NULL, NULL, NULL, "IPv4"},
	{"nftables behind its gate", 29, {"--proxy-mode=nftables"}, NULL, NODE_46, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "KubeProxyConfiguration.Mode.ProxyMode: Invalid value: \"nftables\": must be iptables, ipvs or blank (blank means the "
	 "best-available proxy [currently iptables])",
	 NULL, NULL, NULL},
	{"nftables with its gate", 29, {"--proxy-mode=nftables", "--feature-gates=NFTablesProxyMode=true"}, NULL, NODE_46,
	 DS_HOST_DUAL, NULL, DS_STARTUP_ACCEPTED, NULL, NULL, NULL, "IPv4"},
	/* validation.go: validateProxyModeLinux, validateDetectLocalMode, validateInterface of 1.24 to 1.30 */
	{"modes of 1.28", 28, {"--proxy-mode=bogus"}, NULL, NODE_46, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "KubeProxyConfiguration.Mode.ProxyMode: Invalid value: \"bogus\": must be iptables, ipvs or blank (blank means the "
	 "best-available proxy [currently iptables])",
	 NULL, NULL, NULL},
	{"modes of 1.30 with the gate", 30, {"--proxy-mode=bogus", "--feature-gates=NFTablesProxyMode=true"}, NULL, NODE_46,
	 DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "KubeProxyConfiguration.Mode.ProxyMode: Invalid value: \"bogus\": must be iptables, ipvs, nftables or blank (blank "
	 "means the best-available proxy [currently iptables])",
	 NULL, NULL, NULL},
	{"detect mode up to 1.27", 27, {"--detect-local-mode=bogus"}, NULL, NODE_46, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "cannot determine detect-local-mode: unknown detect-local-mode: bogus", NULL, NULL, NULL},
	{"detect mode from 1.28", 28, {"--detect-local-mode=bogus"}, NULL, NODE_46, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "KubeProxyConfiguration.DetectLocalMode: Unsupported value: \"bogus\": supported values: \"ClusterCIDR\", "
	 "\"NodeCIDR\", \"BridgeInterface\", \"InterfaceNamePrefix\", \"\"",
	 NULL, NULL, NULL},
	{"blank detect mode up to 1.27", 27, {"--detect-local-mode= "}, NULL, NODE_46, DS_HOST_DUAL, NULL,
	 DS_STARTUP_ACCEPTED, NULL, NULL, NULL, "IPv4"},
	{"blank detect mode from 1.28", 28, {"--detect-local-mode= "}, NULL, NODE_46, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "KubeProxyConfiguration.DetectLocalMode: Unsupported value: \" \": supported values: \"ClusterCIDR\", "
	 "\"NodeCIDR\", \"BridgeInterface\", \"InterfaceNamePrefix\", \"\"",
	 NULL, NULL, NULL},
	{"bridge before 1.24", 23, {"--detect-local-mode=BridgeInterface"}, NULL, NODE_46, DS_HOST_DUAL, NULL,
	 DS_STARTUP_REFUSED, "cannot determine detect-local-mode: unknown detect-local-mode: BridgeInterface", NULL, NULL, NULL},
	{"bridge without a name up to 1.30", 30, {"--detect-local-mode=BridgeInterface"}, NULL, NODE_V4, DS_HOST_DUAL, NULL,
	 DS_STARTUP_REFUSED, "KubeProxyConfiguration.InterfaceName: Invalid value: \"\": must not be empty", NULL, NULL, NULL},
	{"prefix without a name up to 1.30", 24, {"--detect-local-mode=InterfaceNamePrefix"}, NULL, NODE_V4, DS_HOST_DUAL,
	 NULL, DS_STARTUP_REFUSED, "KubeProxyConfiguration.InterfacePrefix: Invalid value: \"\": must not be empty", NULL, NULL,
	 NULL},
	{"old detect mode", 22, {"--detect-local-mode=bogus"}, NULL, NODE_46, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "cannot determine detect-local-mode: unknown detect-local-mode: bogus", NULL, NULL, NULL},
	{"wrong family, dual host", 36, {"--cluster-cidr=fd00::/48"}, NULL, NODE_V4, DS_HOST_DUAL, NULL, DS_STARTUP_ACCEPTED, NULL,
	 "cluster is IPv4-primary but clusterCIDRs contains only IPv6 addresses", NULL, "IPv4"},
	{"wrong family, IPv4 host", 36, {"--cluster-cidr=fd00::/48"}, NULL, NODE_V4, DS_HOST_IPV4_ONLY, NULL, DS_STARTUP_REFUSED,
	 "kube-proxy configuration is incorrect: cluster is IPv4-only but clusterCIDRs contains only IPv6 addresses", NULL, NULL,
	 "IPv4"},
	{"wrong family, host unknown", 36, {"--cluster-cidr=fd00::/48"}, NULL, NODE_V4, DS_HOST_UNKNOWN, NULL, DS_STARTUP_UNKNOWN,
	 NULL, NULL, NULL, "IPv4"},
	{"wrong family, before 1.28", 27, {"--cluster-cidr=fd00::/48"}, NULL, NODE_V4, DS_HOST_IPV4_ONLY, NULL, DS_STARTUP_REFUSED,
	 "unable to create proxier: CIDR fd00::/48 has incorrect IP version: expect isIPv6=false", NULL, NULL, "IPv4"},
	{"node unseen", 36, {"--cluster-cidr=10.0.0.0/8,fd00::/48"}, NULL, NODE_UNSEEN, DS_HOST_UNKNOWN, NULL, DS_STARTUP_ACCEPTED,
	 NULL, "nodePortAddresses is unset", NULL, NULL},
	{"node unseen, one family", 36, {"--cluster-cidr=10.0.0.0/8"}, NULL, NODE_UNSEEN, DS_HOST_UNKNOWN, NULL, DS_STARTUP_UNKNOWN,
	 NULL, NULL, NULL, NULL},
	{"bindAddress decides", 36, {"--bind-address=fd00::1"}, NULL, NODE_UNSEEN, DS_HOST_DUAL, NULL, DS_STARTUP_ACCEPTED, NULL, NULL,
	 NULL, "IPv6"},
	{"an unspecified one does not", 36, {"--bind-address=::"}, NULL, NODE_V4, DS_HOST_DUAL, NULL, DS_STARTUP_ACCEPTED, NULL, NULL,
	 NULL, "IPv4"},
	{"no support", 36, {"--v=2"}, NULL, NODE_V6, DS_HOST_IPV4_ONLY, NULL, DS_STARTUP_REFUSED,
	 "no support for primary IP family \"IPv6\"", NULL, NULL, "IPv6"},
	{"no iptables", 36, {"--v=2"}, NULL, NODE_V6, DS_HOST_NONE, NULL, DS_STARTUP_REFUSED,
	 "iptables is not available on this host", NULL, NULL, "IPv6"},
	{"podCIDR of the wrong family", 36, {"--detect-local-mode=NodeCIDR"}, NULL, NODE_V6, DS_HOST_DUAL, "10.244.1.0/24",
	 DS_STARTUP_REFUSED,
	 "kube-proxy configuration is incorrect: cluster is IPv6-primary but node.spec.podCIDRs contains only IPv4 addresses", NULL,
	 NULL, "IPv6"},
	{"metrics on the wrong family", 36, {"--metrics-bind-address=[fd00::1]:10249"}, NULL, NODE_V4, DS_HOST_IPV4_ONLY, NULL,
	 DS_STARTUP_ACCEPTED, NULL, "cluster is IPv4-only but metricsBindAddress is IPv6", NULL, "IPv4"},
	{"port appended", 36, {"--metrics-bind-address=fd00::1"}, NULL, NODE_V4, DS_HOST_IPV4_ONLY, NULL, DS_STARTUP_ACCEPTED, NULL,
	 "cluster is IPv4-only but metricsBindAddress is IPv6", NULL, "IPv4"},
	{"port out of range", 36, {"--config=/x"}, HEAD "metricsBindAddress: 1.2.3.4:0\n", NODE_V4, DS_HOST_DUAL, NULL,
	 DS_STARTUP_REFUSED, "KubeProxyConfiguration.MetricsBindAddress: Invalid value: \"0\": must be a valid port", NULL, NULL,
	 NULL},
	{"not IP:port", 36, {"--config=/x"}, HEAD "healthzBindAddress: host\n", NODE_V4, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "KubeProxyConfiguration.HealthzBindAddress: Invalid value: \"host\": must be IP:port", NULL, NULL, NULL},
	{"bad bindAddress in the file", 36, {"--config=/x"}, HEAD "bindAddress: host\n", NODE_V4, DS_HOST_DUAL, NULL,
	 DS_STARTUP_REFUSED,
	 "KubeProxyConfiguration.BindAddress: Invalid value: \"host\": not a valid textual representation of an IP address", NULL,
	 NULL, NULL},
	{"bridge without a name", 36, {"--detect-local-mode=BridgeInterface"}, NULL, NODE_V4, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "KubeProxyConfiguration.DetectLocalConfiguration.InterfaceName: Invalid value: \"\": must not be empty", NULL, NULL, NULL},
	{"ipvs ranges", 36, {"--proxy-mode=ipvs", "--ipvs-exclude-cidrs=x"}, NULL, NODE_V4, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "KubeProxyConfiguration.KubeProxyIPVSConfiguration.ExcludeCidrs[0]: Invalid value: \"x\": must be a valid CIDR", NULL, NULL,
	 NULL},
	{"list where a text belongs", 36, {"--config=/x"}, HEAD "clusterCIDR: [10.0.0.0/8]\n", NODE_V4, DS_HOST_DUAL, NULL,
	 DS_STARTUP_REFUSED,
	 "failed to decode: json: cannot unmarshal array into Go struct field KubeProxyConfiguration.clusterCIDR of type string",
	 NULL, NULL, NULL},
	{"no such version", 36, {"--config=/x"}, "apiVersion: kubeproxy.config.k8s.io/v1alpha2\nkind: KubeProxyConfiguration\n",
	 NODE_V4, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "failed to decode: no kind \"KubeProxyConfiguration\" is registered for version \"kubeproxy.config.k8s.io/v1alpha2\" in "
	 "scheme \"k8s.io/kubernetes/pkg/proxy/apis/config/scheme/scheme.go:29\"",
	 NULL, NULL, NULL},
	{"no apiVersion", 36, {"--config=/x"}, "kind: KubeProxyConfiguration\n", NODE_V4, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED,
	 "failed to decode: Object 'apiVersion' is missing in 'config'", NULL, NULL, NULL},
	{"not an object", 36, {"--config=/x"}, "- a\n", NODE_V4, DS_HOST_DUAL, NULL, DS_STARTUP_REFUSED, "failed to decode: couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }", NULL, NULL, NULL},
	{"value of the environment", 36, {"--cluster-cidr=$(CIDR)"}, NULL, NODE_V4, DS_HOST_DUAL, NULL, DS_STARTUP_UNKNOWN, NULL, NULL,
	 NULL, NULL},
	{"name of the environment", 36, {"--hostname-override=$(NODE_NAME)"}, NULL, NODE_V4, DS_HOST_DUAL, NULL, DS_STARTUP_ACCEPTED,
	 NULL, NULL, NULL, "IPv4"},
};

static const struct ds_ip v4 = {.family = DS_IPV4, .b = {192, 0, 2, 10}};
static const struct ds_ip v6 = {.family = DS_IPV6, .b = {0xfd, 1, [15] = 0x10}};

static bool has_warning(const struct ds_verdict *v, const char *text)
{
	for (size_t i = 0; i < v->warnings.n; i++)
		if (strstr(v->warnings.v[i].message, text))
			return true;
	return false;
}

static int decide(struct ds_ctx *ctx, size_t i, struct ds_verdict *v)
{
	static const struct {
		size_t n;
		bool v6_first;
	} nodes[] = {[NODE_V4] = {1, false}, [NODE_V6] = {1, true}, [NODE_46] = {2, false}, [NODE_64] = {2, true},
		     [NODE_NONE] = {0, false}, [NODE_UNSEEN] = {0, false}};
	struct ds_ip ips[2] = {nodes[cases[i].node].v6_first ? v6 : v4, nodes[cases[i].node].v6_first ? v4 : v6};
	struct ds_str pod_cidr = ds_str_from(cases[i].pod_cidr);
	struct ds_arg argv[ARGS];
	struct ds_cmdline cl;
	struct ds_yaml_stream stream = {0};
	struct ds_config_doc doc = {0};
	struct ds_kube_proxy_input in = {.minor = cases[i].minor, .cmdline = &cl, .host = cases[i].host};
	size_t n = 0;

	for (; n < ARGS && cases[i].args[n]; n++)
		argv[n] = (struct ds_arg){.text = ds_str_from(cases[i].args[n])};
	assert_int_equal(ds_cmdline_parse(ctx->arena, DS_KUBE_PROXY, cases[i].minor, argv, n, &cl), 0);
	if (cases[i].config) {
		doc.input = ds_ctx_input(ctx, "config", "kube-proxy-config");
		assert_int_equal(ds_yaml_load(ctx, doc.input, ds_str_from(cases[i].config), &stream), 0);
		doc.root = stream.docs[0].root;
		in.config = &doc;
	}
	in.node_known = cases[i].node != NODE_UNSEEN;
	in.node_ips = ips;
	in.n_node_ips = nodes[cases[i].node].n;
	in.pod_cidrs = &pod_cidr;
	in.n_pod_cidrs = cases[i].pod_cidr != NULL;
	return ds_kube_proxy_verdict(ctx->arena, &in, v);
}

static void starts(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		_ds_ctx_done_ struct ds_ctx ctx;
		struct ds_verdict v;
		const struct ds_derived *d;
		const char *error;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		assert_int_equal(decide(&ctx, i, &v), 0);
		error = v.errors.n ? v.errors.v[0].message : NULL;
		d = ds_verdict_derived(&v, "primaryIPFamily");
		if (v.startup != cases[i].want)
			fail_msg("%s: startup %d (%s), error %s", cases[i].what, (int)v.startup, v.reason ? v.reason : "-",
				 error ? error : "-");
		if (cases[i].error ? !error || strcmp(error, cases[i].error) != 0 : error != NULL)
			fail_msg("%s:\n got %s\nwant %s", cases[i].what, error ? error : "-",
				 cases[i].error ? cases[i].error : "-");
		if (cases[i].warning && !has_warning(&v, cases[i].warning))
			fail_msg("%s: no warning", cases[i].what);
		if (cases[i].absent && has_warning(&v, cases[i].absent))
			fail_msg("%s: warns %s", cases[i].what, v.warnings.v[0].message);
		if (cases[i].primary ? !d || strcmp(d->string, cases[i].primary) != 0 : d != NULL)
			fail_msg("%s: primary %s", cases[i].what, d ? d->string : "-");
	}
}

static void says_what_it_ignores(void **state)
{
	_ds_ctx_done_ struct ds_ctx ctx;
	struct ds_arg argv[] = {{.text = DS_STR("--config=/x")}, {.text = DS_STR("--cluster-cidr=10.0.0.0/8")}};
	struct ds_yaml_stream stream;
	struct ds_config_doc doc;
	struct ds_cmdline cl;
	struct ds_kube_proxy_input in = {.cmdline = &cl, .config = &doc, .node_known = true, .host = DS_HOST_DUAL};
	struct ds_verdict v;
	const struct ds_derived *d;

	(void)state;
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	doc.input = ds_ctx_input(&ctx, "config", "kube-proxy-config");
	assert_int_equal(ds_yaml_load(&ctx, doc.input,
				      DS_STR(HEAD "clusterCIDRs: [a]\ndetectLocal: {clusterCIDRs: [b]}\nmode: ipvs\n"), &stream),
			 0);
	doc.root = stream.docs[0].root;
	assert_int_equal(ds_cmdline_parse(ctx.arena, DS_KUBE_PROXY, 0, argv, 2, &cl), 0);
	assert_int_equal(ds_kube_proxy_verdict(ctx.arena, &in, &v), 0);
	assert_int_equal(v.startup, DS_STARTUP_ACCEPTED);
	d = ds_verdict_derived(&v, "ignoredFlags");
	assert_non_null(d);
	assert_int_equal(d->n, 1);
	assert_string_equal(d->list[0], "--cluster-cidr");
	d = ds_verdict_derived(&v, "ignoredFields");
	assert_non_null(d);
	assert_int_equal(d->n, 2);
	assert_string_equal(d->list[0], "clusterCIDRs");
	assert_string_equal(d->list[1], "detectLocal.clusterCIDRs");
	d = ds_verdict_derived(&v, "mode");
	assert_string_equal(d->string, "ipvs");
	in.config = NULL;
	in.config_unseen = true;
	assert_int_equal(ds_kube_proxy_verdict(ctx.arena, &in, &v), 0);
	assert_int_equal(v.startup, DS_STARTUP_UNKNOWN);
	assert_non_null(v.reason);
}

static void needs_memory(void **state)
{
	struct ds_arg argv[] = {{.text = DS_STR("--cluster-cidr=10.0.0.0/8,x")}, {.text = DS_STR("--nodeport-addresses=y,z")}};

	(void)state;
	for (size_t budget = 0;; budget += 512) {
		struct ds_arena *a = ds_arena_new(budget + 1);
		struct ds_cmdline cl;
		struct ds_kube_proxy_input in = {.cmdline = &cl, .node_known = true, .host = DS_HOST_DUAL};
		struct ds_verdict v;
		int r = a ? ds_cmdline_parse(a, DS_KUBE_PROXY, 36, argv, 2, &cl) : DS_ENOMEM;

		if (r == 0)
			r = ds_kube_proxy_verdict(a, &in, &v);
		if (r == 0)
			assert_int_equal(v.startup, DS_STARTUP_REFUSED);
		ds_arena_free(a);
		if (r == 0)
			break;
		assert_int_equal(r, DS_ENOMEM);
		assert_true(budget < (1u << 20));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts),
		cmocka_unit_test(says_what_it_ignores),
		cmocka_unit_test(needs_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
