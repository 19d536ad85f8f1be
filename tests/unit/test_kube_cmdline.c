#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "kube/cmdline.h"
#include "kube/version.h"

#define ARGS 8

static struct ds_arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = ds_arena_new((size_t)16 << 20);
	return arena ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena = ds_arena_free(arena);
	return 0;
}

static void parse_at(enum ds_component c, unsigned minor, const char *const *argv, struct ds_cmdline *cl)
{
	static struct ds_arg args[ARGS];
	size_t n = 0;

	while (n < ARGS && argv[n]) {
		args[n] = (struct ds_arg){.text = ds_str_from(argv[n]), .loc = {.pid = 7}};
		n++;
	}
	assert_int_equal(ds_cmdline_parse(arena, c, minor, args, n, cl), 0);
}

#define API DS_KUBE_APISERVER
#define KCM DS_KUBE_CONTROLLER_MANAGER
#define KPX DS_KUBE_PROXY
#define KLT DS_KUBELET

/* The first message, or for an accepted line the last value of `flag`. */
static const struct {
	enum ds_component c;
	unsigned minor;
	const char *argv[ARGS];
	const char *error;
	const char *flag, *value;
	size_t positional;
} cases[] = {
	/* forms */
	{KCM, 36, {"--cluster-cidr=10.0.0.0/8"}, NULL, "cluster-cidr", "10.0.0.0/8", 0},
	{KCM, 36, {"--cluster-cidr", "10.0.0.0/8"}, NULL, "cluster-cidr", "10.0.0.0/8", 0},
	{KCM, 36, {"--cluster_cidr=a=b"}, NULL, "cluster-cidr", "a=b", 0},
	{KCM, 36, {"--cluster-cidr="}, NULL, "cluster-cidr", "", 0},
	{KCM, 36, {"--cluster-cidr=\"10.0.0.0/8\""}, NULL, "cluster-cidr", "\"10.0.0.0/8\"", 0},
	{KCM, 36, {"--cluster-cidr", "--v=3"}, NULL, "cluster-cidr", "--v=3", 0},
	{KCM, 36, {"--cluster-cidr=a", "--cluster-cidr=b"}, NULL, "cluster-cidr", "b", 0},
	{KCM, 36, {"--allocate-node-cidrs"}, NULL, "allocate-node-cidrs", "true", 0},
	{KCM, 36, {"--allocate-node-cidrs", "false"}, NULL, "allocate-node-cidrs", "true", 1},
	{KCM, 36, {"--allocate-node-cidrs=F"}, NULL, "allocate-node-cidrs", "F", 0},
	{KCM, 36, {"-", "", "x", "--cluster-cidr=a"}, NULL, "cluster-cidr", "a", 3},
	{KCM, 36, {"--cluster-cidr=a", "--", "--cluster-cidr=b", "-x"}, NULL, "cluster-cidr", "a", 2},
	{KCM, 36, {"-v", "2", "-v3", "-v=4", "--v", "5", "--cluster-cidr=a"}, NULL, "cluster-cidr", "a", 0},
	{KCM, 36, {"--concurrent_rc_syncs=3"}, NULL, NULL, NULL, 0},
	{KCM, 36, {"--version"}, NULL, NULL, NULL, 0},
	{KCM, 36, {"--version=raw", "-h", "--help"}, NULL, NULL, NULL, 0},
	{API, 36, {"--tls-sni-cert-key", "a,b", "--advertise-address= 10.0.0.1 "}, NULL, "advertise-address", " 10.0.0.1 ",
	 0},
	/* k3s' and RKE2's own flag, told by their folders */
	{API, 36, {"--advertise-port=6443", "--cert-dir=/var/lib/rancher/rke2/x", "--advertise-address=::1"}, NULL, "advertise-address",
	 "::1", 0},
	{API, 36, {"--advertise-port=6443", "--cert-dir=/etc/kubernetes/pki"}, "unknown flag: --advertise-port", NULL, NULL, 0},
	{KCM, 36, {"--advertise-port=6443", "--cert-dir=/var/lib/rancher/rke2/x"}, "unknown flag: --advertise-port", NULL, NULL, 0},
	/* syntax errors */
	{KCM, 36, {"--cluster-cird=x"}, "unknown flag: --cluster-cird", NULL, NULL, 0},
	{KCM, 36, {"--cluster_cird=x"}, "unknown flag: --cluster_cird", NULL, NULL, 0},
	{KCM, 36, {"--Cluster-CIDR=x"}, "unknown flag: --Cluster-CIDR", NULL, NULL, 0},
	{KCM, 36, {"--cluster-cidr"}, "flag needs an argument: --cluster-cidr", NULL, NULL, 0},
	{KCM, 36, {"--cluster_cidr"}, "flag needs an argument: --cluster_cidr", NULL, NULL, 0},
	{KCM, 36, {"---x=1"}, "bad flag syntax: ---x=1", NULL, NULL, 0},
	{KCM, 36, {"--=x"}, "bad flag syntax: --=x", NULL, NULL, 0},
	{KCM, 36, {"-cluster-cidr=x"}, "unknown shorthand flag: 'c' in -cluster-cidr=x", NULL, NULL, 0},
	{KCM, 36, {"-hx"}, "unknown shorthand flag: 'x' in -x", NULL, NULL, 0},
	{KCM, 36, {"-\"a"}, "unknown shorthand flag: '\"' in -\"a", NULL, NULL, 0},
	{KCM, 36, {"-'a"}, "unknown shorthand flag: '\\'' in -'a", NULL, NULL, 0},
	{KCM, 36, {"-v"}, "flag needs an argument: 'v' in -v", NULL, NULL, 0},
	/* values */
	{KCM, 36, {"--allocate-node-cidrs=yes"},
	 "invalid argument \"yes\" for \"--allocate-node-cidrs\" flag: strconv.ParseBool: parsing \"yes\": invalid syntax",
	 NULL, NULL, 0},
	{KCM, 36, {"--node-cidr-mask-size=abc"},
	 "invalid argument \"abc\" for \"--node-cidr-mask-size\" flag: strconv.ParseInt: parsing \"abc\": invalid syntax",
	 NULL, NULL, 0},
	{KCM, 36, {"--node-cidr-mask-size=9999999999"},
	 "invalid argument \"9999999999\" for \"--node-cidr-mask-size\" flag: "
	 "strconv.ParseInt: parsing \"9999999999\": value out of range",
	 NULL, NULL, 0},
	{KCM, 36, {"--node-cidr-mask-size=0x18"}, NULL, "node-cidr-mask-size", "0x18", 0},
	{KCM, 36, {"--node-cidr-mask-size= 24"},
	 "invalid argument \" 24\" for \"--node-cidr-mask-size\" flag: strconv.ParseInt: parsing \" 24\": invalid syntax",
	 NULL, NULL, 0},
	{KCM, 36, {"--node-sync-period=5"},
	 "invalid argument \"5\" for \"--node-sync-period\" flag: time: missing unit in duration \"5\"", NULL, NULL, 0},
	{KCM, 36, {"--node-sync-period=5x"},
	 "invalid argument \"5x\" for \"--node-sync-period\" flag: time: unknown unit \"x\" in duration \"5x\"", NULL, NULL,
	 0},
	{KCM, 36, {"--node-sync-period="}, "invalid argument \"\" for \"--node-sync-period\" flag: time: invalid duration \"\"",
	 NULL, NULL, 0},
	{KCM, 36, {"--node-sync-period=1h2m3.5s", "--kube-api-qps=1e3"}, NULL, NULL, NULL, 0},
	{KCM, 36, {"--kube-api-qps=x"},
	 "invalid argument \"x\" for \"--kube-api-qps\" flag: strconv.ParseFloat: parsing \"x\": invalid syntax", NULL, NULL, 0},
	{API, 36, {"--kubelet-port=-1"},
	 "invalid argument \"-1\" for \"--kubelet-port\" flag: strconv.ParseUint: parsing \"-1\": invalid syntax", NULL, NULL,
	 0},
	{API, 36, {"--advertise-address=010.0.0.1"},
	 "invalid argument \"010.0.0.1\" for \"--advertise-address\" flag: failed to parse IP: \"010.0.0.1\"", NULL, NULL, 0},
	{API, 36, {"--advertise-address=10.0.0.1,fd00::1"},
	 "invalid argument \"10.0.0.1,fd00::1\" for \"--advertise-address\" flag: "
	 "failed to parse IP: \"10.0.0.1,fd00::1\"",
	 NULL, NULL, 0},
	{API, 36, {"--advertise-address="}, NULL, "advertise-address", "", 0},
	{API, 33, {"--advertise-address="}, "invalid argument \"\" for \"--advertise-address\" flag: failed to parse IP: \"\"",
	 NULL, NULL, 0},
	{KPX, 36, {"--bind-address=010.0.0.1"}, NULL, "bind-address", "010.0.0.1", 0},
	{KPX, 36, {"--bind-address=[::]"}, "invalid argument \"[::]\" for \"--bind-address\" flag: \"[::]\" is not a valid IP address",
	 NULL, NULL, 0},
	{KPX, 36, {"--metrics-bind-address=[::]:10249"}, NULL, "metrics-bind-address", "[::]:10249", 0},
	{KPX, 36, {"--metrics-bind-address=bogus"},
	 "invalid argument \"bogus\" for \"--metrics-bind-address\" flag: \"bogus\" is not in a valid format (ip or "
	 "ip:port): address bogus: missing port in address",
	 NULL, NULL, 0},
	{KPX, 36, {"--metrics-bind-address=bogus:1"},
	 "invalid argument \"bogus:1\" for \"--metrics-bind-address\" flag: \"bogus\" is not a valid IP address", NULL, NULL,
	 0},
	{KPX, 36, {"--metrics-bind-address=1.2.3.4:x"},
	 "invalid argument \"1.2.3.4:x\" for \"--metrics-bind-address\" flag: \"x\" is not a valid number", NULL, NULL, 0},
	{KPX, 36, {"--nodeport-addresses=a\"b"},
	 "invalid argument \"a\\\"b\" for \"--nodeport-addresses\" flag: parse error on line 1, column 2: bare \" in "
	 "non-quoted field",
	 NULL, NULL, 0},
	{KPX, 36, {"--nodeport-addresses=\"a\"b"},
	 "invalid argument \"\\\"a\\\"b\" for \"--nodeport-addresses\" flag: parse error on line 1, column 3: extraneous or "
	 "missing \" in quoted-field",
	 NULL, NULL, 0},
	{KPX, 36, {"--nodeport-addresses=\"a"},
	 "invalid argument \"\\\"a\" for \"--nodeport-addresses\" flag: parse error on line 1, column 3: extraneous or "
	 "missing \" in quoted-field",
	 NULL, NULL, 0},
	{KPX, 36, {"--nodeport-addresses=\n"}, "invalid argument \"\\n\" for \"--nodeport-addresses\" flag: EOF", NULL, NULL, 0},
	{API, 36, {"--service-node-port-range=30000-32767x"},
	 "invalid argument \"30000-32767x\" for \"--service-node-port-range\" flag: "
	 "strconv.Atoi: parsing \"32767x\": invalid syntax",
	 NULL, NULL, 0},
	{API, 36, {"--service-node-port-range=5-4"},
	 "invalid argument \"5-4\" for \"--service-node-port-range\" flag: end port cannot be less than start port: 5-4", NULL,
	 NULL, 0},
	{API, 36, {"--service-node-port-range=1-70000"},
	 "invalid argument \"1-70000\" for \"--service-node-port-range\" flag: "
	 "the port range cannot be greater than 65535: 1-70000",
	 NULL, NULL, 0},
	{API, 36, {"--service-node-port-range=1-2+3"},
	 "invalid argument \"1-2+3\" for \"--service-node-port-range\" flag: unable to parse port range: 1-2+3", NULL, NULL, 0},
	{API, 36, {"--service-node-port-range= 30000+10 "}, NULL, "service-node-port-range", " 30000+10 ", 0},
	{KLT, 36, {"--feature-gates=A"},
	 "invalid argument \"A\" for \"--feature-gates\" flag: malformed pair, expect string=bool", NULL, NULL, 0},
	{KLT, 36, {"--feature-gates=A=x"},
	 "invalid argument \"A=x\" for \"--feature-gates\" flag: invalid value of A: x, err: strconv.ParseBool: parsing \"x\": "
	 "invalid syntax",
	 NULL, NULL, 0},
	{KLT, 36, {"--feature-gates=A=true,, B = false"}, NULL, "feature-gates", "A=true,, B = false", 0},
	/* versions */
	{KLT, 23, {"--network-plugin=cni"}, NULL, "network-plugin", "cni", 0},
	/* cmd/kube-proxy/app/server.go: AddFlags, cmd/kubelet/app/options/options.go of these versions */
	{KPX, 20, {"--cleanup-ipvs=true"}, NULL, NULL, NULL, 0},
	{KPX, 21, {"--cleanup-ipvs=true"}, "unknown flag: --cleanup-ipvs", NULL, NULL, 0},
	{KPX, 23, {"--pod-bridge-interface=cbr0"}, "unknown flag: --pod-bridge-interface", NULL, NULL, 0},
	{KPX, 24, {"--pod-bridge-interface=cbr0"}, NULL, "pod-bridge-interface", "cbr0", 0},
	{KPX, 28, {"--conntrack-tcp-be-liberal"}, "unknown flag: --conntrack-tcp-be-liberal", NULL, NULL, 0},
	{KPX, 26, {"--udp-timeout=1s"}, "unknown flag: --udp-timeout", NULL, NULL, 0},
	{KLT, 24, {"--non-masquerade-cidr=10.0.0.0/8"}, "unknown flag: --non-masquerade-cidr", NULL, NULL, 0},
	{KLT, 25, {"--network-plugin=cni"}, "unknown flag: --network-plugin", NULL, NULL, 0},
	{KLT, 27, {"--config-dir=/x"}, "unknown flag: --config-dir", NULL, NULL, 0},
	{KLT, 28, {"--config-dir=/x"}, NULL, "config-dir", "/x", 0},
	{KLT, 34, {"--pod-infra-container-image=x"}, NULL, NULL, NULL, 0},
	{KLT, 35, {"--pod-infra-container-image=x"}, "unknown flag: --pod-infra-container-image", NULL, NULL, 0},
	{API, 23, {"--insecure-port=0"}, NULL, NULL, NULL, 0},
	{API, 24, {"--insecure-port=0"}, "unknown flag: --insecure-port", NULL, NULL, 0},
	{API, 30, {"--emulated-version=1.30"}, "unknown flag: --emulated-version", NULL, NULL, 0},
	{API, 31, {"--emulated-version=1.30"}, NULL, "emulated-version", "1.30", 0},
	{API, 25, {"--logtostderr=true"}, NULL, NULL, NULL, 0},
	{API, 26, {"--logtostderr=true"}, "unknown flag: --logtostderr", NULL, NULL, 0},
	/* what only the runtime knows is not judged */
	{API, 36, {"--advertise-address=$(HOST_IP)"}, NULL, "advertise-address", "$(HOST_IP)", 0},
};

static void grammar(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		struct ds_cmdline cl;
		const struct ds_flag_use *u;
		const char *got;

		parse_at(cases[i].c, cases[i].minor, cases[i].argv, &cl);
		got = cl.errors.n ? cl.errors.v[0].message : NULL;
		if (cases[i].error ? !got || strcmp(got, cases[i].error) != 0 : got != NULL)
			fail_msg("row %zu (%s):\n got %s\nwant %s", i, cases[i].argv[0], got ? got : "nothing",
				 cases[i].error ? cases[i].error : "nothing");
		if (cl.n_positional != cases[i].positional)
			fail_msg("row %zu (%s): %zu positional", i, cases[i].argv[0], cl.n_positional);
		if (!cases[i].flag)
			continue;
		u = ds_cmdline_last(&cl, cases[i].flag);
		if (!u || !ds_str_eqz(u->value, cases[i].value))
			fail_msg("row %zu (%s): value '%.*s'", i, cases[i].argv[0], u ? (int)u->value.n : 0,
				 u ? u->value.p : "");
	}
}

static void suggestions(void **state)
{
	static const char *const argv[] = {"--cluster-cird=x", "--service-node-port-range=1-2", "-cluster-cidr=x",
					   "--cluster-cidrr", "value", NULL};
	struct ds_cmdline cl;

	(void)state;
	parse_at(KCM, 36, argv, &cl);
	assert_int_equal(cl.errors.n, 4);
	assert_string_equal(cl.errors.v[0].nearest, "cluster-cidr");
	assert_string_equal(cl.errors.v[0].flag, "cluster-cird");
	assert_false(cl.errors.v[0].unsure);
	assert_null(cl.errors.v[0].other_component);
	assert_string_equal(cl.errors.v[1].other_component, "kube-apiserver");
	assert_string_equal(cl.errors.v[2].nearest, "cluster-cidr");
	assert_int_equal(cl.n_positional, 0);
}

static void secrets_are_dropped(void **state)
{
	static const char *const argv[] = {"--token-auth-file=hunter2", "--tls-private-key-file", "hunter2",
					   "--etcd-servers=https://u:hunter2@10.0.0.1:2379/x,https://h@[fd00::1]:2379",
					   "--unknown=hunter2", "--kubelet-client-key", "x", "hunter2"};
	struct ds_cmdline cl;
	struct ds_str *v;
	const char *why;
	size_t n;

	(void)state;
	parse_at(API, 36, argv, &cl);
	assert_int_equal(cl.uses.n, 1);
	assert_int_equal(ds_cmdline_slice(arena, &cl, "etcd-servers", &v, &n, &why), 0);
	assert_int_equal(n, 2);
	assert_true(ds_str_eqz(v[0], "https://10.0.0.1:2379/x"));
	assert_true(ds_str_eqz(v[1], "https://[fd00::1]:2379"));
	assert_int_equal(ds_str_search(cl.uses.v[0].loc.text, DS_STR("hunter2")), cl.uses.v[0].loc.text.n);
	assert_int_equal(ds_str_search(cl.uses.v[0].value_loc.text, DS_STR("hunter2")), cl.uses.v[0].value_loc.text.n);
	assert_int_equal(cl.errors.n, 1);
	assert_true(ds_str_eqz(cl.errors.v[0].loc.text, "--unknown"));
	assert_int_equal(cl.positionals.n, 1);
	assert_true(ds_str_eqz(cl.positionals.v[0].text, "…"));
}

static void slices(void **state)
{
	static const char *const argv[] = {"--nodeport-addresses=10.0.0.0/8,\"a,\"\"b\"\"\"", "--nodeport-addresses=",
					   "--nodeport-addresses=,x\r\nsecond record", NULL};
	static const char *const want[] = {"10.0.0.0/8", "a,\"b\"", "", "x"};
	struct ds_cmdline cl;
	struct ds_str *v;
	const char *why;
	size_t n;

	(void)state;
	parse_at(KPX, 36, argv, &cl);
	assert_int_equal(cl.errors.n, 0);
	assert_int_equal(ds_cmdline_count(&cl, "nodeport-addresses"), 3);
	assert_int_equal(ds_cmdline_slice(arena, &cl, "nodeport-addresses", &v, &n, &why), 0);
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++)
		if (!ds_str_eqz(v[i], want[i]))
			fail_msg("element %zu: '%.*s'", i, DS_STR_ARG(v[i]));
}

static void places(void **state)
{
	struct ds_arg argv[] = {
		{DS_STR("--node-ip=10.0.0.1"), {.line = 4, .column = 7, .length = 18}},
		{DS_STR("--cluster-dns=x"), {.line = 5, .column = 7, .length = 17}}, /* quoted */
		{DS_STR("--config"), {.line = 6, .column = 7, .length = 8}},
		{DS_STR("/x"), {.line = 7, .column = 7, .length = 2}},
	};
	struct ds_cmdline cl;

	(void)state;
	assert_int_equal(ds_cmdline_parse(arena, KLT, 0, argv, 4, &cl), 0);
	assert_int_equal(cl.uses.n, 3);
	assert_int_equal(cl.uses.v[0].value_loc.column, 17);
	assert_int_equal(cl.uses.v[0].value_loc.length, 8);
	assert_string_equal(cl.uses.v[0].loc.flag, "--node-ip");
	assert_int_equal(cl.uses.v[1].value_loc.column, 22);
	assert_int_equal(cl.uses.v[1].value_loc.length, 1);
	assert_int_equal(cl.uses.v[2].value_loc.line, 7);
	assert_int_equal(cl.uses.v[2].loc.line, 6);
}

static void unresolved(void **state)
{
	static const char *const argv[] = {"--node-ip=$(IP)", "--node-ip=${IP}", "--node-ip=$$(IP)", "--node-ip=$IP(", NULL};
	static const bool want[] = {true, true, false, false};
	struct ds_cmdline cl;

	(void)state;
	parse_at(KLT, 36, argv, &cl);
	assert_int_equal(cl.uses.n, 4);
	for (size_t i = 0; i < 4; i++)
		if (cl.uses.v[i].unresolved != want[i])
			fail_msg("%s", argv[i]);
}

static void tables(void **state)
{
	static const char *const secret[] = {"token", "password", "secret", "-key", "cert", "kubeconfig", "credential"};

	(void)state;
	for (int c = DS_KUBE_APISERVER; c <= DS_KUBELET; c++) {
		size_t n;
		const struct ds_flag *v = ds_flag_table((enum ds_component)c, &n);

		assert_true(n > 60);
		for (size_t i = 0; i < n; i++) {
			if (i > 0 && strcmp(v[i - 1].name, v[i].name) >= 0)
				fail_msg("%s is out of order", v[i].name);
			if (v[i].kept != (v[i].help != NULL && v[i].help[0] != 0))
				fail_msg("%s: kept and help disagree", v[i].name);
			if (v[i].until && (v[i].until <= v[i].since || v[i].until <= DS_KUBE_OLDEST ||
					   v[i].until > DS_KUBE_NEWEST))
				fail_msg("%s: versions", v[i].name);
			if (strchr(v[i].name, '_'))
				fail_msg("%s is not normalised", v[i].name);
			for (size_t j = 0; v[i].kept && j < DS_ARRAY_SIZE(secret); j++)
				if (strstr(v[i].name, secret[j]))
					fail_msg("%s may carry a secret", v[i].name);
			if (ds_flag_find((enum ds_component)c, ds_str_from(v[i].name)) != &v[i])
				fail_msg("%s cannot be found", v[i].name);
		}
	}
	assert_null(ds_flag_find(DS_ETCD, DS_STR("name")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(grammar, setup, teardown),
		cmocka_unit_test_setup_teardown(suggestions, setup, teardown),
		cmocka_unit_test_setup_teardown(secrets_are_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(slices, setup, teardown),
		cmocka_unit_test_setup_teardown(places, setup, teardown),
		cmocka_unit_test_setup_teardown(unresolved, setup, teardown),
		cmocka_unit_test(tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
