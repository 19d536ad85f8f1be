#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>

#include "collect_util.h"

#define CM "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"

/* An example of every type, and of what is none. */
static const struct {
	const char *name; /* of the file */
	const char *text;
	const char *type;
	enum ds_input_status status;
	const char *reason; /* NULL: none */
} cases[] = {
	{"b", "{\"apiVersion\":\"dsaudit.dev/v1\",\"kind\":\"NodeBundle\",\"node\":\"n1\"}", "bundle", DS_INPUT_READ, NULL},
	{"p", "apiVersion: v1\nkind: Pod\nspec: {containers: [{command: [kubelet]}]}\n", "static-pod", DS_INPUT_READ, NULL},
	{"p", "12 kubelet --node-ip=::\n", "ps", DS_INPUT_READ, NULL},
	{"p", "USER PID %CPU COMMAND\nroot 1 0.0 init\n", "ps", DS_INPUT_SKIPPED, "no Kubernetes component in the listing"},
	{"p", "\xff\xfe" "1\0002\0 \0k\0u\0b\0e\0l\0e\0t\0 \0-\0-\0v\0=\0002\0\n", "ps", DS_INPUT_READ, NULL},
	{"p", "\xef\xbb\xbf""12 kubelet --node-ip=::\n", "ps", DS_INPUT_READ, NULL},
	{"k", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n", "kubeadm", DS_INPUT_READ, NULL},
	{"k", "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n", "kubelet-config", DS_INPUT_READ,
	 NULL},
	{"k", "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n", "kube-proxy-config",
	 DS_INPUT_READ, NULL},
	{"k", "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n", "kind", DS_INPUT_READ, NULL},
	{"k", "apiVersion: kind.sigs.k8s.io/v1alpha3\nkind: Cluster\n", "kind", DS_INPUT_SKIPPED,
	 "a kind cluster configuration: this version does not read it yet"},
	{"n", "apiVersion: v1\nkind: Node\nmetadata: {name: a}\n", "node", DS_INPUT_READ, NULL},
	{"s", "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n", "service", DS_INPUT_READ, NULL},
	{"c", CM, "config-map", DS_INPUT_READ, NULL},
	{"o", "apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {name: a}\n", "object", DS_INPUT_READ, NULL},
	{"u", "[Unit]\nDescription=x\n[Service]\nExecStart=/usr/bin/kubelet \\\n  --node-ip=::\n", "systemd-unit",
	 DS_INPUT_READ, NULL},
	{"config.yaml", "cluster-cidr: 10.42.0.0/16,fd00::/56\n", "k3s", DS_INPUT_READ, NULL},
	{"1.yaml", "kubelet-arg+: [max-pods=9]\n", "k3s", DS_INPUT_READ, NULL},
	{"k", "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\n", "k0s", DS_INPUT_READ, NULL},
	{"k8s-cluster.yml", "kube_pods_subnet: 10.9.0.0/16\n", "kubespray", DS_INPUT_READ, NULL},
	{"install-config.yaml", "apiVersion: v1\nbaseDomain: x\nnetworking: {serviceNetwork: [10.9.0.0/16]}\n", "openshift", DS_INPUT_READ, NULL},
	{"config.yaml", "network: {clusterNetwork: [10.42.0.0/16]}\n", "microshift", DS_INPUT_READ, NULL},
	{"cp.yaml", "version: v1alpha1\nmachine: {type: controlplane}\ncluster: {}\n", "talos", DS_INPUT_READ, NULL},
	{"10-a.conflist", "{\"name\": \"k8s\", \"plugins\": [{\"type\": \"calico\"}]}", "cni", DS_INPUT_READ, NULL},
	{"c", "{\"cniVersion\": \"0.3.1\", \"type\": \"bridge\"}", "cni", DS_INPUT_READ, NULL},
	{"subnet.env", "FLANNEL_NETWORK=10.244.0.0/16\n", "cni", DS_INPUT_READ, NULL},
	{"o", "apiVersion: crd.projectcalico.org/v1\nkind: IPPool\nmetadata: {name: a}\n", "object", DS_INPUT_READ, NULL},
	{"kube-proxy", "--cluster-cidr=10.42.0.0/16\n# more\n--v=2\n", "args", DS_INPUT_READ, NULL},
	{"a", "KUBELET_ARGS=\"--node-ip=::\"\n", "args", DS_INPUT_READ, NULL},

	/* A Deployment that is none of ours does not name the file. */
	{"m", "apiVersion: apps/v1\nkind: Deployment\n---\n" CM, "config-map", DS_INPUT_READ, NULL},
	{"d.yaml", "apiVersion: apps/v1\nkind: Deployment\n", "static-pod", DS_INPUT_SKIPPED,
	 "no Kubernetes component or cluster object in it"},
	{"d.yaml", "apiVersion: cert-manager.io/v1\nkind: Issuer\n", "file", DS_INPUT_SKIPPED,
	 "no Kubernetes component or cluster object in it"},
	{"v.yaml", "plugins: [{name: a}]\n", "file", DS_INPUT_SKIPPED, "no Kubernetes component or cluster object in it"},
	{"v.yaml", "type: bridge\n", "file", DS_INPUT_SKIPPED, "no Kubernetes component or cluster object in it"},
	{"v.yaml", "replicas: 3\n", "file", DS_INPUT_SKIPPED, "no Kubernetes component or cluster object in it"},
	{"e", "", "file", DS_INPUT_SKIPPED, "empty"},
	{"e.yaml", " \n\n", "file", DS_INPUT_SKIPPED, "empty"},
	{"e.yaml", "# only a comment\n", "file", DS_INPUT_SKIPPED, "no Kubernetes component or cluster object in it"},
	{"x", "\0\1\2", "binary", DS_INPUT_SKIPPED, "binary"},
	{"ca.crt", "-----BEGIN CERTIFICATE-----\nMIIB\n", "file", DS_INPUT_SKIPPED, "a certificate or key"},
	{"ca.crt", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "file", DS_INPUT_SKIPPED, "a certificate or key"},
	{"README.md", "# Title\n\n- a: `b`: c\n  d\n", "file", DS_INPUT_SKIPPED, "not a kind of file that this version knows"},
	{"h.yaml", "{{- if .Values.x }}\napiVersion: v1\nkind: Service\n{{- end }}\n", "file", DS_INPUT_FAILED, ""},
	{"h.tpl", "apiVersion: v1\nkind: Service\n{% if x %}\n", "service", DS_INPUT_FAILED, ""},
	{"b.yaml", "a: [\n", "file", DS_INPUT_FAILED, ""},
	{"b.yaml", CM "---\na: [\n", "config-map", DS_INPUT_FAILED, ""},
	{"deep.yaml", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "file",
	 DS_INPUT_FAILED, ""},
};

static struct ds_str case_text(size_t i)
{
	/* The texts with NUL bytes. */
	if (strcmp(cases[i].type, "binary") == 0)
		return ds_str_n(cases[i].text, 3);
	if ((unsigned char)cases[i].text[0] == 0xff)
		return ds_str_n(cases[i].text, 2 + 2 * strlen("12 kubelet --v=2\n"));
	return ds_str_from(cases[i].text);
}

static void tells_what_an_input_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		struct run r;
		struct ds_input *in;

		run_init(&r);
		in = run_text(&r, cases[i].name, case_text(i), NULL);
		if (strcmp(in->type, cases[i].type) != 0)
			fail_msg("case %zu: type %s instead of %s", i, in->type, cases[i].type);
		if (in->status != cases[i].status)
			fail_msg("case %zu (%s): status %s: %s", i, cases[i].type, ds_input_status_name(in->status),
				 in->reason ? in->reason : "");
		if (in->status == DS_INPUT_FAILED && (!in->reason || !in->reason[0] || r.ctx.diags.n == 0))
			fail_msg("case %zu (%s): failed without saying why", i, cases[i].type);
		if (in->status != DS_INPUT_FAILED && r.ctx.diags.n > 0)
			fail_msg("case %zu (%s): %s", i, cases[i].type, r.ctx.diags.v[0].message);
		if (in->status != DS_INPUT_FAILED && strcmp(in->reason ? in->reason : "", cases[i].reason ? cases[i].reason : ""))
			fail_msg("case %zu (%s): reason %s", i, cases[i].type, in->reason ? in->reason : "none");
		run_done(&r);
	}
}

/* The table is complete: unique lower-case names, help, functions, an example. */
static void table_is_complete(void **state)
{
	const struct ds_collector *rows;
	size_t n;

	(void)state;
	rows = ds_collectors(&n);
	assert_true(n > 0);
	for (size_t i = 0; i < n; i++) {
		bool example = strcmp(rows[i].type, "process") == 0; /* a directory: test_collect_proc.c */

		assert_ptr_equal(ds_collector_find(rows[i].type), &rows[i]);
		for (const char *c = rows[i].type; *c; c++)
			if (!islower((unsigned char)*c) && *c != '-' && !isdigit((unsigned char)*c))
				fail_msg("%s: not a lower-case name", rows[i].type);
		if (!rows[i].help || !rows[i].help[0] || !rows[i].detect)
			fail_msg("%s: no help or no detection", rows[i].type);
		for (size_t k = 0; k < DS_ARRAY_SIZE(cases); k++)
			example |= strcmp(cases[k].type, rows[i].type) == 0;
		if (!example)
			fail_msg("%s: no example in this test", rows[i].type);
	}
	assert_null(ds_collector_find("no-such-type"));
	assert_null(ds_collector_find(""));
}

/* --type is obeyed, and never lets a mistake look like success. */
static void a_given_type_is_obeyed(void **state)
{
	static const struct {
		const char *type, *text;
		enum ds_input_status status;
	} rows[] = {
		{"ps", "12 kubelet --node-ip=::\n", DS_INPUT_READ},
		{"ps", CM, DS_INPUT_SKIPPED},
		{"static-pod", "apiVersion: v1\nkind: Pod\nspec: {containers: [{command: [kubelet]}]}\n", DS_INPUT_READ},
		{"static-pod", "12 kubelet --node-ip=::\n", DS_INPUT_SKIPPED},
		{"static-pod", "a: [\n", DS_INPUT_FAILED},
		{"process", "12 kubelet\n", DS_INPUT_FAILED},
		{"kubeadm", "12 kubelet\n", DS_INPUT_SKIPPED},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct run r;
		struct ds_input *in;

		run_init(&r);
		in = run_text(&r, "in", ds_str_from(rows[i].text), rows[i].type);
		if (in->status != rows[i].status || strcmp(in->type, rows[i].type) != 0)
			fail_msg("row %zu: %s %s", i, in->type, ds_input_status_name(in->status));
		run_done(&r);
	}
}

static void an_unknown_type_is_an_error(void **state)
{
	struct ds_input *in;
	struct run r;

	(void)state;
	run_init(&r);
	in = ds_ctx_input(&r.ctx, "in", "file");
	assert_int_equal(ds_collect_text(&r.f, in, DS_STR("x"), "no-such-type"), DS_EINVAL);
	assert_int_equal(ds_collect_path(&r.f, "/dev/null", "no-such-type", -1), DS_EINVAL);
	run_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_an_input_is),
		cmocka_unit_test(table_is_complete),
		cmocka_unit_test(a_given_type_is_obeyed),
		cmocka_unit_test(an_unknown_type_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
