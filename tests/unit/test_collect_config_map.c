#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "collect_util.h"
#include "model/settings.h"

#define CM(name) "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " name "}\ndata:\n"
#define PROXY "    apiVersion: kubeproxy.config.k8s.io/v1alpha1\n    kind: KubeProxyConfiguration\n"
#define POD "---\napiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - command: [kube-proxy, --config=/c/"
#define VOLUME(mount, map) "    volumeMounts: [" mount "]\n  volumes: [{name: v, " map "}]\n"
#define AT_C "{name: v, mountPath: /c/}"

static const struct {
	const char *name, *text, *want;
	const char *diags; /* NULL: none */
} cases[] = {
	{"an entry alone", CM("kube-proxy") "  config.conf: |-\n" PROXY,
	 "kube-proxy config flags-unknown file=ConfigMap kube-proxy, config.conf(in)\nobject ConfigMap /kube-proxy\n", NULL},
	{"the pod that mounts it", CM("kube-proxy") "  config.conf: |\n" PROXY POD "config.conf]\n"
	 VOLUME(AT_C, "configMap: {name: kube-proxy}"),
	 "kube-proxy static-pod host=. --config=/c/config.conf@13:27 file=/c/config.conf(in)\nobject ConfigMap /kube-proxy\n",
	 NULL},
	{"renamed by an item, projected", CM("kube-proxy") "  a: |\n" PROXY POD "b]\n"
	 VOLUME(AT_C, "projected: {sources: [{configMap: {name: kube-proxy, items: [{key: a, path: b}]}}]}"),
	 "kube-proxy static-pod host=. --config=/c/b@13:27 file=/c/b(in)\nobject ConfigMap /kube-proxy\n", NULL},
	{"by subPath", CM("kube-proxy") "  a: |\n" PROXY POD "b]\n"
	 VOLUME("{name: v, mountPath: /c/b, subPath: a}", "configMap: {name: kube-proxy}"),
	 "kube-proxy static-pod host=. --config=/c/b@13:27 file=/c/b(in)\nobject ConfigMap /kube-proxy\n", NULL},
	{"another ConfigMap", CM("other") "  b: |\n" PROXY POD "b]\n" VOLUME(AT_C, "configMap: {name: kube-proxy}"),
	 "kube-proxy static-pod host=. --config=/c/b@13:27 "
	 "file=/c/b(it is in the ConfigMap kube-proxy, which is not among the inputs)\n"
	 "kube-proxy config flags-unknown file=ConfigMap other, b(in)\nobject ConfigMap /other\n", NULL},
	{"two of one name", CM("p") "  b: |\n" PROXY "---\n" CM("p") "  b: |\n" PROXY POD "b]\n"
	 VOLUME(AT_C, "configMap: {name: p}"),
	 "kube-proxy static-pod host=. --config=/c/b@21:27 "
	 "file=/c/b(several ConfigMaps have the name of its volume's)\n"
	 "kube-proxy config flags-unknown file=ConfigMap p, b(in)\nkube-proxy config flags-unknown file=ConfigMap p, b(in)\n"
	 "object ConfigMap /p\nobject ConfigMap /p\n", NULL},
	{"kubeadm's own, whose node components have ConfigMaps of their own",
	 CM("kubeadm-config") "  ClusterStatus: |\n    apiVersion: kubeadm.k8s.io/v1beta2\n    kind: ClusterStatus\n"
	 "  ClusterConfiguration: |\n    apiVersion: kubeadm.k8s.io/v1beta4\n"
	 "    kind: ClusterConfiguration\n    kubernetesVersion: v1.34.1\n    networking: {podSubnet: 10.244.0.0/16}\n",
	 NULL, NULL},
	{"a stranger's", CM("x") "  a: |\n    kind: KubeProxyConfiguration\n  b: 5\n", "object ConfigMap /x\n", NULL},
	{"YAML where text belongs", CM("x") "  a: 5\n  config.conf:\n    kind: KubeProxyConfiguration\n", "object ConfigMap /x\n",
	 "error 7:5 data.config.conf of the ConfigMap is not a string: Kubernetes refuses it, and nothing of it is known\n"},
	{"broken", CM("x") "  a: |\n" PROXY "    clusterCIDR: [\n",
	 "kube-proxy config flags-unknown truncated file=ConfigMap x, a(in)\nobject ConfigMap /x\n",
	 "error 9:5 yaml: line 3: did not find expected node content\n"},
};

static void reads_the_configurations_inside(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		struct run r;
		struct ds_input *in;
		const char *got, *diags;

		run_init(&r);
		in = run_text(&r, "in", ds_str_from(cases[i].text), NULL);
		run_finish(&r);
		got = describe(&r);
		diags = describe_diags(&r);
		if (cases[i].want && strcmp(got, cases[i].want) != 0)
			fail_msg("%s: got\n%swant\n%s", cases[i].name, got, cases[i].want);
		if (strcmp(diags, cases[i].diags ? cases[i].diags : "") != 0)
			fail_msg("%s: diagnostics\n%s", cases[i].name, diags);
		if (in->status != (cases[i].diags ? DS_INPUT_FAILED : DS_INPUT_READ))
			fail_msg("%s: %s", cases[i].name, ds_input_status_name(in->status));
		for (size_t k = 0; !cases[i].want && k < r.f.components.n; k++)
			if (r.f.components.v[k]->component == DS_KUBE_PROXY || r.f.components.v[k]->component == DS_KUBELET)
				fail_msg("%s: a node component", cases[i].name);
		run_done(&r);
	}
}

/* Places are those of the ConfigMap, whatever the style of the text. */
static void places_are_in_the_config_map(void **state)
{
	static const struct {
		const char *name, *text;
		uint32_t line, column;
	} rows[] = {
		{"literal", CM("c") "  k: |-\n" PROXY "    clusterCIDR: 10.0.0.0/8\n", 8, 18},
		{"indented further, an empty line first", CM("c") "  k: |\n\n        a: b\n"
		 "        apiVersion: kubeproxy.config.k8s.io/v1alpha1\n        kind: KubeProxyConfiguration\n"
		 "        clusterCIDR: 10.0.0.0/8\n", 10, 22},
		{"indicator", CM("c") "  k: |2\n" PROXY "    clusterCIDR: 10.0.0.0/8\n", 8, 18},
		{"JSON in a literal", CM("c") "  k: |\n    {\"apiVersion\": \"kubeproxy.config.k8s.io/v1alpha1\",\n"
		 "     \"kind\": \"KubeProxyConfiguration\",\n     \"clusterCIDR\": \"10.0.0.0/8\"}\n", 8, 21},
		{"quoted", CM("c") "  k: \"apiVersion: kubeproxy.config.k8s.io/v1alpha1\\nkind: "
		 "KubeProxyConfiguration\\nclusterCIDR: 10.0.0.0/8\\n\"\n", 5, 6},
		{"an alias", CM("c") "  k: |\n" PROXY "    x: &x 10.0.0.0/8\n    clusterCIDR: *x\n", 8, 8},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_setting *s;
		struct run r;
		size_t n, k = 0;

		run_init(&r);
		(void)run_text(&r, "in", ds_str_from(rows[i].text), NULL);
		run_finish(&r);
		assert_int_equal(r.f.components.n, 1);
		assert_int_equal(ds_settings_resolve(r.ctx.arena, r.f.components.v[0], &s, &n), 0);
		while (k < n && strcmp(s[k].row->field, "clusterCIDR") != 0)
			k++;
		if (k == n || !ds_str_eqz(s[k].raw, "10.0.0.0/8"))
			fail_msg("%s: not read", rows[i].name);
		else if (s[k].loc.line != rows[i].line || s[k].loc.column != rows[i].column)
			fail_msg("%s: %u:%u", rows[i].name, s[k].loc.line, s[k].loc.column);
		run_done(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_configurations_inside),
		cmocka_unit_test(places_are_in_the_config_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
