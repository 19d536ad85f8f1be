#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "collect_util.h"
#include "model/settings.h"

#define KUBELET "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
#define PROXY "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
#define BUNDLE "apiVersion: dsaudit.dev/v1\nkind: NodeBundle\nnode: n1\nprocesses:\n- argv: "

/* Inputs that belong together, and the components they make. */
static const struct {
	const char *name;
	struct {
		const char *name, *text;
	} in[4];
	const char *want;
} cases[] = {
	{"a configuration alone", {{"d/k.yaml", KUBELET}},
	 "kubelet config host=d flags-unknown file=d/k.yaml(d/k.yaml)\n"},
	{"both in one file", {{"k.yaml", KUBELET "---\n" PROXY}},
	 "kubelet config host=. flags-unknown file=k.yaml(k.yaml)\n"
	 "kube-proxy config host=. flags-unknown file=k.yaml(k.yaml)\n"},
	{"a listing names the file", {{"n1/ps", "7 kubelet --config=/etc/k.yaml\n"}, {"n1/etc/k.yaml", KUBELET}},
	 "kubelet ps pid=7 host=n1/ps guessed --config=/etc/k.yaml@1:11 file=/etc/k.yaml(n1/etc/k.yaml)\n"},
	{"the file comes first", {{"/etc/k.yaml", KUBELET}, {"ps", "7 kubelet --config=/etc/k.yaml\n"}},
	 "kubelet ps pid=7 host=ps guessed --config=/etc/k.yaml@1:11 file=/etc/k.yaml(/etc/k.yaml)\n"},
	{"of another component", {{"ps", "7 kubelet --config=/etc/k.yaml\n"}, {"/etc/k.yaml", PROXY}},
	 "kubelet ps pid=7 host=ps guessed --config=/etc/k.yaml@1:11 "
	 "file=/etc/k.yaml(a ps listing does not contain files)\n"
	 "kube-proxy config host=/etc flags-unknown file=/etc/k.yaml(/etc/k.yaml)\n"},
	{"two hosts' files", {{"ps", "7 kubelet --config=/k\n"}, {"a/k", KUBELET}, {"b/k", KUBELET}},
	 "kubelet ps pid=7 host=ps guessed --config=/k@1:11 file=/k(a ps listing does not contain files)\n"
	 "kubelet config host=a flags-unknown file=a/k(a/k)\nkubelet config host=b flags-unknown file=b/k(b/k)\n"},
	{"one file, two command lines", {{"ps", "7 kubelet --config=/k\n8 kubelet --config=/k\n"}, {"a/k", KUBELET}},
	 "kubelet ps pid=7 host=ps guessed --config=/k@1:11 file=/k(several components name this file, and whose it is is not known)\n"
	 "kubelet ps pid=8 host=ps guessed --config=/k@2:11 file=/k(several components name this file, and whose it is is not known)\n"},
	{"drop-ins in order", {{"ps", "7 kubelet --config-dir=/d/\n"}, {"h/d/20.conf", KUBELET}, {"h/d/10.conf", KUBELET},
			       {"h/d/30.yaml", KUBELET}},
	 "kubelet ps pid=7 host=ps guessed --config-dir=/d/@1:11 dropin=h/d/10.conf(h/d/10.conf) dropin=h/d/20.conf(h/d/20.conf)\n"},
	{"drop-ins of a bundle",
	 {{"b", BUNDLE "[kubelet, --config=/k, --config-dir=/d]\n  files:\n    /d/2.conf: {text: 'kind: B'}\n"
		       "files: {/d/1.conf: {text: 'kind: A'}, /d/1.txt: {text: 'x: y'}, /k: {text: 'kind: K'}}\n"}},
	 "kubelet process host=n1 node=n1 --config=/k@5:19 --config-dir=/d@5:32 file=/k(b#/k) "
	 "dropin=/d/1.conf(b#/d/1.conf) dropin=/d/2.conf(b#/d/2.conf)\n"},
	{"no drop-in in the bundle", {{"b", BUNDLE "[kubelet, --config-dir=/d]\n"}},
	 "kubelet process host=n1 node=n1 --config-dir=/d@5:19 dropin=/d(the bundle does not contain a file in it)\n"},
	{"broken", {{"k.yaml", KUBELET "clusterDNS: [\n"}},
	 "kubelet config host=. flags-unknown truncated file=k.yaml(k.yaml)\n"},
};

static void puts_inputs_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		struct run r;
		const char *got;

		run_init(&r);
		for (size_t k = 0; k < DS_ARRAY_SIZE(cases[i].in) && cases[i].in[k].name; k++)
			(void)run_text(&r, cases[i].in[k].name, ds_str_from(cases[i].in[k].text), NULL);
		run_finish(&r);
		got = describe(&r);
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: got\n%swant\n%s", cases[i].name, got, cases[i].want);
		run_done(&r);
	}
}

/* Flag over drop-in over file over default; what nobody saw is unknown. */
static void a_setting_comes_from_the_file_that_decides(void **state)
{
	static const struct {
		const char *name, *text, *field, *want;
	} rows[] = {
		{"file alone", KUBELET "clusterDNS: [10.96.0.10, 'fd00::a']\n", "clusterDNS", "config 10.96.0.10,fd00::a @3"},
		{"a flag may set what the file does not", KUBELET, "clusterDNS", "unknown"},
		{"a flag without a field", KUBELET, "nodeIP", "unknown"},
		{"kube-proxy ignores flags beside a file", PROXY "clusterCIDR: 10.0.0.0/8\n", "clusterCIDR",
		 "config 10.0.0.0/8 @3"},
		{"so what the file does not set is the default", PROXY, "bindAddress", "default 0.0.0.0 @1"},
		{"and has no value", PROXY, "clusterCIDR", "absent"},
		{"but for one", PROXY, "hostnameOverride", "unknown"},
		{"drop-in over file",
		 BUNDLE "[kubelet, --config=/k, --config-dir=/d]\nfiles: {/k: {text: 'maxPods: 1'}, /d/1.conf: {text: "
			"'maxPods: 2'}, /d/2.conf: {text: 'maxPods: 3'}, /d/3.conf: {text: 'x: 3'}}\n",
		 "maxPods", "config 3 @1"},
		{"null in a drop-in takes it away",
		 BUNDLE "[kubelet, --config=/k, --config-dir=/d]\nfiles: {/k: {text: 'maxPods: 1'}, /d/1.conf: {text: "
			"'maxPods: null'}}\n",
		 "maxPods", "default 110 @5"},
		{"lists are replaced",
		 BUNDLE "[kubelet, --config=/k, --config-dir=/d]\nfiles: {/k: {text: 'clusterDNS: [192.0.2.1]'}, "
			"/d/1.conf: {text: 'clusterDNS: [192.0.2.2]'}}\n",
		 "clusterDNS", "config 192.0.2.2 @1"},
		{"maps are merged",
		 BUNDLE "[kubelet, --config=/k, --config-dir=/d]\nfiles: {/k: {text: 'featureGates: {A: true, B: true}'}, "
			"/d/1.conf: {text: 'featureGates: {A: false}'}}\n",
		 "featureGates", "config A=true,B=true,A=false @1"},
		{"flag over drop-in",
		 BUNDLE "[kubelet, --max-pods=9, --config-dir=/d]\nfiles: {/d/1.conf: {text: 'maxPods: 2'}}\n", "maxPods",
		 "flag 9 @5"},
		{"an unseen folder may set it", "7 kubelet --config-dir=/d\n", "maxPods", "unknown"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_setting *s;
		char got[200] = "none";
		struct run r;
		size_t n;

		run_init(&r);
		(void)run_text(&r, "in", ds_str_from(rows[i].text), NULL);
		run_finish(&r);
		assert_int_equal(r.f.components.n, 1);
		assert_int_equal(ds_settings_resolve(r.ctx.arena, r.f.components.v[0], &s, &n), 0);
		for (size_t k = 0; k < n; k++) {
			if (strcmp(s[k].row->field, rows[i].field) != 0)
				continue;
			if (s[k].state == DS_SETTING_SET)
				(void)snprintf(got, sizeof(got), "%s %.*s @%u", ds_setting_origin_name(s[k].origin),
					       DS_STR_ARG(s[k].raw), s[k].loc.line);
			else
				(void)snprintf(got, sizeof(got), "%s",
					       s[k].state == DS_SETTING_UNKNOWN && s[k].reason[0] ? "unknown" : "absent");
		}
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: %s instead of %s", rows[i].name, got, rows[i].want);
		run_done(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_inputs_together),
		cmocka_unit_test(a_setting_comes_from_the_file_that_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
