#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "kube/kubelet.h"

#define ARGS 6
#define HEAD "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"

static const struct {
	const char *what;
	unsigned minor;
	const char *args[ARGS];
	const char *config, *dropin;
	enum ds_startup want;
	const char *error, *warning;
	const char *derived, *value; /* a list joined by blanks, or a string */
} cases[] = {
	{"nothing", 36, {"--v=2"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL, NULL, "nodeIPs", ""},
	{"pair", 36, {"--node-ip=10.0.0.5, fd00::5"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL, NULL, "nodeIPs", "10.0.0.5 fd00::5"},
	{"primary", 36, {"--node-ip=fd00::5,10.0.0.5"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL, NULL, "primary", "IPv6"},
	{"unspecified decides too", 36, {"--node-ip=::"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL, NULL, "primary", "IPv6"},
	{"last wins", 36, {"--node-ip=10.0.0.5", "--node-ip=fd00::5"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL, NULL, "nodeIPs",
	 "fd00::5"},
	{"dropped part", 36, {"--node-ip=10.0.0.5,node1"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL,
	 "Could not parse some node IP(s), ignoring them", "ignored", "node1"},
	{"dropped part, 1.30", 30, {"--node-ip=node1"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL, "Could not parse node IP. Ignoring",
	 "ignored", "node1"},
	{"dropped part, 1.25", 25, {"--node-ip=node1"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL, "Could not parse --node-ip ignoring",
	 "ignored", "node1"},
	{"dropped part, 1.20", 20, {"--node-ip=node1"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL,
	 "Could not parse --node-ip value \"node1\"; ignoring", "ignored", "node1"},
	{"loopback", 36, {"--node-ip=127.0.0.1"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL,
	 "failed to validate nodeIP: nodeIP can't be loopback address", "nodeIPs", "127.0.0.1"},
	{"link-local second", 36, {"--node-ip=10.0.0.5,fe80::1"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL,
	 "failed to validate secondaryNodeIP: nodeIP can't be a link-local unicast address", NULL, NULL},
	{"multicast", 36, {"--node-ip=ff02::1"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL,
	 "failed to validate nodeIP: nodeIP can't be a multicast address", NULL, NULL},
	{"not here", 36, {"--node-ip=10.0.0.6"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL,
	 "failed to validate nodeIP: node IP: \"10.0.0.6\" not found in the host's network interfaces", NULL, NULL},
	{"two of a family", 36, {"--node-ip=10.0.0.5,10.0.0.6"}, NULL, NULL, DS_STARTUP_REFUSED,
	 "bad --node-ip \"10.0.0.5,10.0.0.6\": must contain either a single IP or a dual-stack pair of IPs", NULL, NULL, NULL},
	{"two of a family, 1.26", 26, {"--node-ip=10.0.0.5,10.0.0.6"}, NULL, NULL, DS_STARTUP_REFUSED,
	 "bad --node-ip \"10.0.0.5,10.0.0.6\"; must contain either a single IP or a dual-stack pair of IPs", NULL, NULL, NULL},
	{"unspecified pair, 1.26", 26, {"--node-ip=0.0.0.0,fd00::5"}, NULL, NULL, DS_STARTUP_REFUSED,
	 "dual-stack --node-ip \"0.0.0.0,fd00::5\" cannot include '0.0.0.0' or '::'", NULL, NULL, NULL},
	{"external, 1.26", 26, {"--node-ip=10.0.0.5,fd00::5", "--cloud-provider=external"}, NULL, NULL, DS_STARTUP_REFUSED,
	 "dual-stack --node-ip \"10.0.0.5,fd00::5\" not supported when using a cloud provider", NULL, NULL, NULL},
	{"external, 1.28", 28, {"--node-ip=10.0.0.5,fd00::5", "--cloud-provider=external"}, NULL, NULL, DS_STARTUP_REFUSED,
	 "bad --node-ip \"10.0.0.5,fd00::5\": dual-stack not supported in this configuration", NULL, NULL, NULL},
	{"external, 1.28, gate", 28,
	 {"--node-ip=10.0.0.5,fd00::5", "--cloud-provider=external", "--feature-gates=CloudDualStackNodeIPs=true"}, NULL, NULL,
	 DS_STARTUP_ACCEPTED, NULL, NULL, "nodeIPs", "10.0.0.5 fd00::5"},
	{"external, 1.29", 29, {"--node-ip=10.0.0.5,fd00::5", "--cloud-provider=external"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL,
	 NULL, "primary", "IPv4"},
	{"external, 1.29, gate in the file", 29, {"--node-ip=10.0.0.5,fd00::5", "--cloud-provider=external", "--config=/x"},
	 HEAD "featureGates: {CloudDualStackNodeIPs: false}\n", NULL, DS_STARTUP_REFUSED,
	 "bad --node-ip \"10.0.0.5,fd00::5\": dual-stack not supported in this configuration", NULL, NULL, NULL},
	{"external, 1.29, flag over file", 29,
	 {"--node-ip=10.0.0.5,fd00::5", "--cloud-provider=external", "--feature-gates=CloudDualStackNodeIPs=true", "--config=/x"},
	 HEAD "featureGates: {CloudDualStackNodeIPs: false}\n", NULL, DS_STARTUP_ACCEPTED, NULL, NULL, NULL, NULL},
	{"gate gone", 32, {"--feature-gates=CloudDualStackNodeIPs=true"}, NULL, NULL, DS_STARTUP_REFUSED,
	 "failed to set feature gates from initial flags-based config: unrecognized feature gate: CloudDualStackNodeIPs", NULL,
	 NULL, NULL},
	{"single-stack cluster", 20, {"--node-ip=10.0.0.5,fd00::5"}, NULL, NULL, DS_STARTUP_REFUSED,
	 "dual-stack --node-ip \"10.0.0.5,fd00::5\" not supported in a single-stack cluster", NULL, NULL, NULL},
	{"1.21", 21, {"--node-ip=10.0.0.5,fd00::5"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL, NULL, NULL, NULL},
	{"in-tree provider", 36, {"--cloud-provider=gce"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL, NULL, NULL, NULL},
	{"in-tree provider, 1.33", 33, {"--cloud-provider=gce"}, NULL, NULL, DS_STARTUP_REFUSED,
	 "cloud provider \"gce\" was specified, but built-in cloud providers are disabled. Please set --cloud-provider=external "
	 "and migrate to an external cloud provider",
	 NULL, NULL, NULL},
	{"in-tree provider, 1.28", 28, {"--cloud-provider=gce"}, NULL, NULL, DS_STARTUP_ACCEPTED, NULL, NULL, NULL, NULL},
	{"provider that left", 28, {"--cloud-provider=aws"}, NULL, NULL, DS_STARTUP_REFUSED, "unknown cloud provider \"aws\"", NULL,
	 NULL, NULL},
	{"removed flag", 25, {"--network-plugin=cni"}, NULL, NULL, DS_STARTUP_REFUSED,
	 "failed to parse kubelet flag: unknown flag: --network-plugin", NULL, NULL, NULL},
	{"stray word", 36, {"--cluster-domain=x", "y"}, NULL, NULL, DS_STARTUP_REFUSED, "unknown command y", NULL, NULL, NULL},
	{"two addresses", 36, {"--address=0.0.0.0,::"}, NULL, NULL, DS_STARTUP_REFUSED,
	 "failed to parse kubelet flag: invalid argument \"0.0.0.0,::\" for \"--address\" flag: \"0.0.0.0,::\" is not a valid IP "
	 "address",
	 NULL, NULL, NULL},
	{"blank hostname", 36, {"--hostname-override= "}, NULL, NULL, DS_STARTUP_REFUSED, "empty hostname is invalid", NULL, NULL,
	 NULL},
	{"negative", 36, {"--max-pods=-1"}, NULL, NULL, DS_STARTUP_REFUSED,
	 "failed to validate kubelet configuration, error: invalid configuration: maxPods (--max-pods) -1 must not be a negative "
	 "number",
	 NULL, NULL, NULL},
	{"cluster DNS by flag", 36, {"--cluster-dns=10.96.0.10,bogus", "--cluster-dns=fd00::a", "--config=/x"},
	 HEAD "clusterDNS: [10.96.0.99]\n", NULL, DS_STARTUP_ACCEPTED, NULL, "Invalid clusterDNS IP: \"bogus\"", "clusterDNS",
	 "10.96.0.10 fd00::a"},
	{"cluster DNS by file", 36, {"--config=/x"}, HEAD "clusterDNS: [10.96.0.10, fd00::a]\n", NULL, DS_STARTUP_ACCEPTED, NULL, NULL,
	 "clusterDNS", "10.96.0.10 fd00::a"},
	{"drop-in replaces", 36, {"--config=/x"}, HEAD "clusterDNS: [10.96.0.10]\n", HEAD "clusterDNS: [fd00::a]\n",
	 DS_STARTUP_ACCEPTED, NULL, NULL, "clusterDNS", "fd00::a"},
	{"drop-in says nothing", 36, {"--config=/x"}, HEAD "clusterDNS: [10.96.0.10]\n", HEAD "maxPods: 50\n", DS_STARTUP_ACCEPTED,
	 NULL, NULL, "clusterDNS", "10.96.0.10"},
	{"drop-in without a head, 1.31", 31, {"--config=/x"}, HEAD, "clusterDNS: [fd00::a]\n", DS_STARTUP_ACCEPTED, NULL, NULL,
	 "clusterDNS", "fd00::a"},
	{"podCIDR", 36, {"--config=/x"}, HEAD "podCIDR: 10.1.0.0/16\n", NULL, DS_STARTUP_ACCEPTED, NULL, NULL, "podCIDR",
	 "10.1.0.0/16"},
	{"wrong type", 36, {"--config=/x"}, HEAD "clusterDNS: 10.96.0.10\n", NULL, DS_STARTUP_REFUSED,
	 "failed to load kubelet config file, path: config, error: failed to load Kubelet config file config, error failed to "
	 "decode: json: cannot unmarshal string into Go struct field KubeletConfiguration.clusterDNS of type []string",
	 NULL, NULL, NULL},
	{"wrong number", 36, {"--config=/x"}, HEAD "maxPods: 99999999999\n", NULL, DS_STARTUP_REFUSED,
	 "failed to load kubelet config file, path: config, error: failed to load Kubelet config file config, error failed to "
	 "decode: json: cannot unmarshal number 99999999999 into Go struct field KubeletConfiguration.maxPods of type int32",
	 NULL, NULL, NULL},
	{"environment", 36, {"--node-ip=$(HOST_IP)"}, NULL, NULL, DS_STARTUP_UNKNOWN, NULL, NULL, NULL, NULL},
};

static const struct ds_ip host[] = {
	{.family = DS_IPV4, .b = {10, 0, 0, 5}},
	{.family = DS_IPV6, .b = {0xfd, [15] = 5}},
};

static const char *shown(struct ds_arena *a, const struct ds_derived *d)
{
	const char *s = "";

	if (!d)
		return NULL;
	if (d->kind == DS_DERIVED_STRING)
		return d->string;
	for (size_t i = 0; i < d->n && s; i++)
		s = ds_arena_printf(a, "%s%s%s", s, i ? " " : "", d->list[i]);
	return s;
}

static bool warned(const struct ds_verdict *v, const char *text)
{
	for (size_t i = 0; i < v->warnings.n; i++)
		if (strcmp(v->warnings.v[i].message, text) == 0)
			return true;
	return false;
}

static void check(size_t i, struct ds_ctx *ctx)
{
	const char *const texts[] = {cases[i].config, cases[i].dropin};
	struct ds_config_doc docs[2] = {{0}};
	struct ds_arg argv[ARGS];
	struct ds_cmdline cl;
	struct ds_verdict v;
	struct ds_kubelet_input in = {.minor = cases[i].minor, .cmdline = &cl, .configs = docs, .host_known = true,
				      .host_addresses = host, .n_host_addresses = DS_ARRAY_SIZE(host)};
	const char *error, *got;
	size_t n = 0;

	for (; n < ARGS && cases[i].args[n]; n++)
		argv[n] = (struct ds_arg){.text = ds_str_from(cases[i].args[n])};
	assert_int_equal(ds_cmdline_parse(ctx->arena, DS_KUBELET, cases[i].minor, argv, n, &cl), 0);
	for (; in.n_configs < 2 && texts[in.n_configs]; in.n_configs++) {
		struct ds_config_doc *doc = &docs[in.n_configs];
		struct ds_yaml_stream stream;

		doc->input = ds_ctx_input(ctx, "config", "kubelet-config");
		assert_int_equal(ds_yaml_load(ctx, doc->input, ds_str_from(texts[in.n_configs]), &stream), 0);
		doc->root = stream.docs[0].root;
	}
	assert_int_equal(ds_kubelet_verdict(ctx->arena, &in, &v), 0);
	error = v.errors.n ? v.errors.v[0].message : NULL;
	if (v.startup != cases[i].want)
		fail_msg("%s: startup %d, %s", cases[i].what, (int)v.startup, error ? error : "-");
	if (cases[i].error ? !error || strcmp(error, cases[i].error) != 0 : error != NULL)
		fail_msg("%s:\n got %s\nwant %s", cases[i].what, error ? error : "-", cases[i].error ? cases[i].error : "-");
	if (cases[i].warning ? !warned(&v, cases[i].warning) : v.warnings.n && !error)
		fail_msg("%s: warning %s", cases[i].what, v.warnings.n ? v.warnings.v[0].message : "-");
	if (!cases[i].derived)
		return;
	got = shown(ctx->arena, ds_verdict_derived(&v, cases[i].derived));
	if (!got || strcmp(got, cases[i].value) != 0)
		fail_msg("%s: %s is %s", cases[i].what, cases[i].derived, got ? got : "-");
}

static void starts(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		_ds_ctx_done_ struct ds_ctx ctx;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		check(i, &ctx);
	}
}

static void addresses(void **state)
{
	static const struct ds_ip zero = {.family = DS_IPV4};
	struct ds_arena *a = ds_arena_new(1 << 16);
	const char *why;

	(void)state;
	assert_int_equal(ds_kubelet_check_node_ip(a, &host[0], host, 2, &why), 0);
	assert_null(why);
	assert_int_equal(ds_kubelet_check_node_ip(a, &host[0], NULL, 0, &why), 0);
	assert_null(why);
	assert_int_equal(ds_kubelet_check_node_ip(a, &host[0], &host[1], 1, &why), 0);
	assert_non_null(why);
	assert_int_equal(ds_kubelet_check_node_ip(a, &zero, NULL, 0, &why), 0);
	assert_string_equal(why, "nodeIP can't be an all zeros address");
	ds_arena_free(a);
}

static void unseen_configuration(void **state)
{
	struct ds_arena *a = ds_arena_new(1 << 16);
	struct ds_kubelet_input in = {.config_unseen = true};
	struct ds_verdict v;

	(void)state;
	assert_int_equal(ds_kubelet_verdict(a, &in, &v), 0);
	assert_int_equal(v.startup, DS_STARTUP_UNKNOWN);
	ds_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts),
		cmocka_unit_test(addresses),
		cmocka_unit_test(unseen_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
