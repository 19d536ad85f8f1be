#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "collect/collect.h"
#include "model/cni.h"
#include "model/schema.h"

/* A file or an object beside a kube-controller-manager, and "plugin ipam families ranges unused" of each configuration. */
static const struct {
	const char *name, *text, *want;
} cases[] = {
	{"a.conflist", "{\"plugins\": [{\"type\": \"calico\", \"ipam\": {\"type\": \"calico-ipam\"}}]}", "calico calico-ipam IPv4 [] []"},
	{"a.conflist", "{\"plugins\": [{\"type\": \"calico\", \"ipam\": {\"type\": \"calico-ipam\", \"assign_ipv4\": \"false\", "
		       "\"assign_ipv6\": true}}]}", "calico calico-ipam IPv6 [] []"},
	{"a.conflist", "{\"plugins\": [{\"type\": \"tuning\"}, {\"type\": \"ptp\", \"ipam\": {\"type\": \"host-local\", \"ranges\": "
		       "[[{\"subnet\": \"10.244.1.9/24\"}, {\"subnet\": \"10.245.1.0/24\"}], [{\"subnet\": \"fd00::/64\"}]]}}]}",
	 "ptp host-local IPv4,IPv6 [10.244.1.0/24 10.245.1.0/24 fd00::/64] []"},
	{"a.conf", "{\"cniVersion\": \"1.0.0\", \"type\": \"bridge\", \"ipam\": {\"type\": \"host-local\", \"subnet\": \"fd00::/64\"}}",
	 "bridge host-local IPv6 [fd00::/64] []"},
	{"a.conf", "{\"cniVersion\": \"1.0.0\", \"type\": \"calico\", \"ipam\": {\"type\": \"host-local\", \"subnet\": \"usePodCidr\"}}",
	 "calico host-local IPv4 [] []"},
	{"a.conf", "{\"cniVersion\": \"1.0.0\", \"type\": \"bridge\", \"ipam\": {\"type\": \"host-local\", \"subnet\": \"${X}\"}}",
	 "bridge host-local ? [] []"},
	{"a.conf", "{\"cniVersion\": \"1.0.0\", \"type\": \"bridge\", \"ipam\": {\"type\": \"dhcp\"}}", "bridge dhcp ? [] []"},
	{"a.conflist", "{\"plugins\": [{\"type\": \"cilium-cni\"}]}", "cilium - ? [] []"},
	{"a.conflist", "{\"plugins\": [{\"type\": \"portmap\"}]}", "- - ? [] []"},
	{"subnet.env", "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_IPV6_NETWORK=fd00:1::/48\nFLANNEL_MTU=1450\n",
	 "flannel - IPv4,IPv6 [10.244.0.0/16 fd00:1::/48] []"},
	{"subnet.env", "FLANNEL_MTU=1450\n", "flannel - ? [] []"},
	{"c", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: f}\ndata: {net-conf.json: '{\"network\": \"10.1.0.0/16\", "
	      "\"enableipv6\": true, \"IPv6network\": \"fd00::/48\"}'}\n", "flannel - IPv4,IPv6 [10.1.0.0/16 fd00::/48] []"},
	{"c", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: f}\ndata: {net-conf.json: '{\"EnableIPv4\": false, "
	      "\"EnableIPv6\": true, \"IPv6Network\": \"fd00::/48\"}'}\n", "flannel - IPv6 [fd00::/48] []"},
	{"c", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: f}\ndata: {net-conf.json: '{'}\n", "flannel - ? [] []"},
	{"c", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: f}\ndata: {net-conf.json: [1]}\n", "flannel - ? [] []"},
	{"c", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cilium-config}\ndata: {enable-ipv6: \"true\", ipam: cluster-pool, "
	      "cluster-pool-ipv4-cidr: 10.0.0.0/8 11.0.0.0/8, cluster-pool-ipv6-cidr: \"fd00::/104\"}\n",
	 "cilium cluster-pool IPv4,IPv6 [10.0.0.0/8 11.0.0.0/8 fd00::/104] []"},
	{"c", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cilium-config}\ndata: {enable-ipv6: \"false\", ipam: kubernetes, "
	      "cluster-pool-ipv4-cidr: 10.0.0.0/8}\n", "cilium kubernetes IPv4 [] []"},
	{"c", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cilium-config}\n", "cilium - IPv4,IPv6 [] []"},
	{"c", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: coredns}\ndata: {Corefile: x}\n", ""},
};

static const char *or_dash(const char *s)
{
	return s[0] ? s : "-";
}

static void show(struct ds_buf *b, const struct ds_cni *c)
{
	ds_buf_printf(b, "%s%s %s ", b->n ? "; " : "", or_dash(c->plugin), or_dash(c->ipam));
	assert_true(c->families.known || c->families.reason);
	for (size_t i = 0; i < c->families.n; i++)
		ds_buf_printf(b, "%s%s", i ? "," : "", ds_family_name(c->families.v[i]));
	ds_buf_addz(b, c->families.known ? " [" : "? [");
	for (size_t i = 0; i < c->ranges.n; i++) {
		char text[DS_CIDR_TEXT];

		ds_buf_printf(b, "%s%s", i ? " " : "", ds_cidr_format(&c->ranges.v[i], text));
	}
	ds_buf_addz(b, "] [");
	for (size_t i = 0; i < c->unused.n; i++)
		ds_buf_printf(b, "%s%s", i ? " " : "", c->unused.v[i]);
	ds_buf_addc(b, ']');
}

/* names and texts of n inputs beside the controller manager */
static void check(const char *const (*inputs)[2], size_t n, const char *want)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_model_options none = {0};
	struct ds_schema schema;
	struct ds_model model;
	struct ds_facts facts;
	struct ds_ctx ctx;

	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	ds_facts_init(&facts, &ctx);
	assert_int_equal(ds_schema_init(ctx.arena, &schema), 0);
	for (size_t i = 0; i <= n; i++) {
		struct ds_input *in = ds_ctx_input(&ctx, i < n ? inputs[i][0] : "ps", "file");
		const char *text = i < n ? inputs[i][1] : "1 kube-controller-manager --cluster-cidr=10.0.0.0/8\n";

		assert_non_null(in);
		assert_int_equal(ds_collect_text(&facts, in, ds_str_from(text), NULL), 0);
	}
	assert_int_equal(ds_collect_finish(&facts), 0);
	assert_int_equal(ds_model_build(&facts, &schema, &none, &model), 0);
	assert_int_equal(model.clusters.n, 1);
	for (size_t i = 0; i < model.clusters.v[0]->cni.n; i++)
		show(&b, model.clusters.v[0]->cni.v[i]);
	ds_buf_addc(&b, '\0');
	if (strcmp(b.p, want) != 0)
		fail_msg("%s\n got %s\nwant %s", inputs[0][1], b.p, want);
	ds_ctx_done(&ctx);
}

static void test_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		const char *const input[1][2] = {{cases[i].name, cases[i].text}};

		check(input, 1, cases[i].want);
	}
}

#define FLANNEL "{\"cniVersion\": \"1\", \"type\": \"flannel\"}"
#define CALICO "{\"cniVersion\": \"1\", \"type\": \"calico\", \"ipam\": {\"type\": \"calico-ipam\"}}"

/* The first name of a folder counts, whatever the order in which they were read; names that no runtime reads do not. */
static void test_folders(void **state)
{
	static const char *const folder[][2] = {
		{"d/20-b.conf", FLANNEL}, {"d/10-a.conflist.bak", FLANNEL}, {"d/10-a.conf", CALICO}, {"e/99-x.conf", FLANNEL}};
	static const char *const alone[][2] = {{"d/saved", CALICO}};
	static const char *const told[][2] = {{"d/10-a.conf", FLANNEL}, {"subnet.env", "FLANNEL_NETWORK=10.0.0.0/8\n"}};
	static const char *const other[][2] = {{"d/10-a.conf", FLANNEL}, {"d/20-a.conf", CALICO}};

	(void)state;
	check(folder, DS_ARRAY_SIZE(folder), "calico calico-ipam IPv4 [] [20-b.conf]; flannel - ? [] []");
	check(alone, 1, "calico calico-ipam IPv4 [] []");
	check(told, 2, "flannel - IPv4 [] []; flannel - IPv4 [10.0.0.0/8] []");
	check(other, 2, "flannel - ? [] [20-a.conf]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_folders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
