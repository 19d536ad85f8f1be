#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "collect/collect.h"
#include "model/model.h"
#include "model/schema.h"

#define BUNDLE "{apiVersion: dsaudit.dev/v1, kind: NodeBundle, node: n, "
#define PROCESSES "processes: ["
#define CONFIGURED "], configured: ["
#define END "]}\n"

/* Each component, what is configured beside it, and what of that differs; then the version. */
static const char *describe(struct ds_ctx *ctx, const char *text)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_model_options none = {0};
	struct ds_schema schema;
	struct ds_facts facts;
	struct ds_model model;
	struct ds_input *in;
	const char *out;

	assert_int_equal(ds_ctx_init(ctx, 0), 0);
	ds_facts_init(&facts, ctx);
	assert_int_equal(ds_schema_init(ctx->arena, &schema), 0);
	in = ds_ctx_input(ctx, "in", "file");
	assert_non_null(in);
	assert_int_equal(ds_collect_text(&facts, in, ds_str_from(text), NULL), 0);
	assert_int_equal(ds_collect_finish(&facts), 0);
	assert_int_equal(ds_model_build(&facts, &schema, &none, &model), 0);
	for (size_t i = 0; model.clusters.n && i < model.clusters.v[0]->components.n; i++) {
		const struct ds_component_model *m = model.clusters.v[0]->components.v[i];

		ds_buf_printf(&b, "%s %s", ds_component_name(m->observed->component), ds_source_kind_name(m->observed->kind));
		for (size_t k = 0; k < m->configured.n; k++)
			ds_buf_printf(&b, " +%s", ds_source_kind_name(m->configured.v[k]->observed->kind));
		for (size_t k = 0; k < m->differences.n; k++) {
			const struct ds_difference *d = &m->differences.v[k];

			ds_buf_printf(&b, " %s:", d->running->row->field);
			ds_buf_adds(&b, d->running->raw);
			ds_buf_addz(&b, "->");
			ds_buf_adds(&b, d->configured->raw);
		}
		ds_buf_printf(&b, "%s 1.%u\n", m->undecided ? " ?" : "", m->version.minor);
	}
	ds_buf_addz(&b, "");
	out = ds_buf_dup(&b, ctx->arena);
	assert_non_null(out);
	return out;
}

static const struct {
	const char *name, *text, *want;
} rows[] = {
	{"the same", BUNDLE PROCESSES "{argv: [kubelet, --node-ip=192.0.2.1]}" CONFIGURED
	 "{source: systemd-unit, argv: [/usr/bin/kubelet, --node-ip=192.0.2.1]}" END,
	 "kubelet process +systemd-unit 1.36\n"},
	{"the manifest tells the version",
	 BUNDLE PROCESSES "{argv: [kube-apiserver]}" CONFIGURED
	 "{source: static-pod, image: 'kube-apiserver:v1.29.3', argv: [kube-apiserver]}" END,
	 "kube-apiserver process +static-pod 1.29\n"},
	{"the process tells its own version",
	 BUNDLE PROCESSES "{argv: [/opt/v1.28.1/kube-apiserver]}" CONFIGURED
	 "{source: static-pod, image: 'kube-apiserver:v1.29.3', argv: [kube-apiserver]}" END,
	 "kube-apiserver process +static-pod 1.28\n"},
	{"a default is what it is",
	 BUNDLE PROCESSES "{argv: [kube-controller-manager, --allocate-node-cidrs=false]}" CONFIGURED
	 "{source: static-pod, argv: [kube-controller-manager]}" END,
	 "kube-controller-manager process +static-pod 1.36\n"},
	{"texts that mean the same",
	 BUNDLE PROCESSES "{argv: [kube-controller-manager, '--cluster-cidr=10.0.0.1/8,fd00::/48', --allocate-node-cidrs=t]}" CONFIGURED
	 "{source: static-pod, argv: [kube-controller-manager, '--cluster-cidr=10.0.0.0/8,fd00:0::/48', --allocate-node-cidrs]}" END,
	 "kube-controller-manager process +static-pod 1.36\n"},
	{"another order is another",
	 BUNDLE PROCESSES "{argv: [kube-controller-manager, '--cluster-cidr=10.0.0.0/8,fd00::/48']}" CONFIGURED
	 "{source: static-pod, argv: [kube-controller-manager, '--cluster-cidr=fd00::/48,10.0.0.0/8']}" END,
	 "kube-controller-manager process +static-pod clusterCIDR:10.0.0.0/8,fd00::/48->fd00::/48,10.0.0.0/8 1.36\n"},
	{"of feature gates it is not",
	 BUNDLE PROCESSES "{argv: [kubelet, '--feature-gates=AllAlpha=true,AllBeta=false']}" CONFIGURED
	 "{source: systemd-unit, argv: [kubelet, '--feature-gates=AllBeta=false,AllAlpha=true']}" END,
	 "kubelet process +systemd-unit 1.36\n"},
	{"set on one side",
	 BUNDLE PROCESSES "{argv: [kube-proxy, --cluster-cidr=10.0.0.0/8]}, {argv: [kubelet]}" CONFIGURED
	 "{source: args, argv: [kube-proxy]}, {source: systemd-unit, argv: [kubelet, --node-ip=192.0.2.1]}" END,
	 "kube-proxy process +args clusterCIDR:10.0.0.0/8-> 1.36\n"
	 "kubelet process +systemd-unit nodeIP:->192.0.2.1 1.36\n"},
	{"what only the runtime knows",
	 BUNDLE PROCESSES "{argv: [kubelet, --node-ip=192.0.2.1]}" CONFIGURED
	 "{source: systemd-unit, argv: [kubelet, --node-ip=$(IP)]}" END,
	 "kubelet process +systemd-unit ? 1.36\n"},
	{"of two processes the one that is more alike, and two files of one",
	 BUNDLE PROCESSES "{argv: [kube-proxy, --cluster-cidr=10.0.0.0/8]}, {argv: [kube-proxy, --cluster-cidr=11.0.0.0/8]}" CONFIGURED
	 "{source: args, argv: [kube-proxy, --cluster-cidr=11.0.0.0/8]}, {source: systemd-unit, argv: [kube-proxy, --cluster-cidr=11.0.0.0/8]}" END,
	 "kube-proxy process 1.36\nkube-proxy process +args +systemd-unit 1.36\n"},
	{"what nothing runs from stays", BUNDLE PROCESSES "{argv: [kubelet]}" CONFIGURED
	 "{source: static-pod, argv: [kube-proxy]}" END,
	 "kubelet process 1.36\nkube-proxy static-pod 1.36\n"},
	{"another host's is another",
	 BUNDLE PROCESSES "{argv: [kube-proxy]}" END "---\n{apiVersion: dsaudit.dev/v1, kind: NodeBundle, node: m, " PROCESSES CONFIGURED
	 "{source: args, argv: [kube-proxy, --cluster-cidr=11.0.0.0/8]}" END,
	 "kube-proxy process 1.36\nkube-proxy args 1.36\n"},
	{"what k3s makes of its configuration is a guess",
	 BUNDLE PROCESSES "{argv: [kube-apiserver, --service-cluster-ip-range=10.43.0.0/16, --bind-address=127.0.0.1]}" CONFIGURED
	 "{source: k3s, argv: [kube-apiserver, --service-cluster-ip-range=10.44.0.0/16]}" END,
	 "kube-apiserver process +k3s 1.36\n"},
	{"kubeadm is beside all of a kind, and does not know a node's own",
	 BUNDLE PROCESSES "{argv: [kube-apiserver, --advertise-address=192.0.2.1, --service-cluster-ip-range=10.43.0.0/16]}], files: "
	 "{/root/k.yaml: {text: \"apiVersion: kubeadm.k8s.io/v1beta4\\nkind: InitConfiguration\\nlocalAPIEndpoint: {advertiseAddress: "
	 "192.0.2.9}\\n---\\napiVersion: kubeadm.k8s.io/v1beta4\\nkind: ClusterConfiguration\\nkubernetesVersion: v1.33.0\\n\"}}}",
	 "kube-apiserver process +kubeadm serviceClusterIPRange:10.43.0.0/16->10.96.0.0/12"
	 " kubeletPreferredAddressTypes:->InternalIP,ExternalIP,Hostname 1.33\nkubeadm kubeadm 1.33\n"
	 "kube-controller-manager kubeadm 1.33\nkube-proxy kubeadm 1.33\nkubelet kubeadm 1.33\n"},
};

static void test_one_component_seen_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_ctx ctx;
		const char *got = describe(&ctx, rows[i].text);

		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s:\n%s\nnot\n%s", rows[i].name, got, rows[i].want);
		ds_ctx_done(&ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_component_seen_twice)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
