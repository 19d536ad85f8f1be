#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "collect/collect.h"
#include "model/config_keys.h"

#define PROXY "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
#define LET "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"

static void found(void **state)
{
	static const struct {
		const char *name, *yaml;
		const char *want; /* "path>belongs@line:column " for each */
	} rows[] = {
		{"nothing", PROXY, ""},
		{"in place", PROXY "clusterCIDR: 10.0.0.0/8\niptables: {masqueradeAll: true}\n", ""},
		{"a namesake", PROXY "nftables: {masqueradeAll: true}\n", ""},
		{"another case", PROXY "ClusterCIDR: 10.0.0.0/8\n", "ClusterCIDR>clusterCIDR@3:14 "},
		{"too deep", PROXY "a: {b: {mode: ipvs}}\n", "a.b.mode>mode@3:15 "},
		{"too high", PROXY "excludeCIDRs: []\n", "excludeCIDRs>ipvs.excludeCIDRs@3:15 "},
		{"both", PROXY "mode: ipvs\nMode: ipvs\n", "Mode>mode@4:7 "},
		{"in a list", PROXY "a: [{mode: ipvs}]\n", ""},
		{"a flag", LET "nodeIP: 192.0.2.1\n", "nodeIP>--node-ip@3:9 "},
		{"a flag, in another case", LET "x: {nodeIp: 192.0.2.1}\n", "x.nodeIp>--node-ip@3:13 "},
		{"of the other component", LET "clusterCIDR: 10.0.0.0/8\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf got = DS_BUF_INIT;
		struct ds_misplaced_keys keys;
		struct ds_facts facts;
		struct ds_input *in;
		struct ds_ctx ctx;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		ds_facts_init(&facts, &ctx);
		in = ds_ctx_input(&ctx, "config.yaml", "file");
		assert_non_null(in);
		assert_int_equal(ds_collect_text(&facts, in, ds_str_from(rows[i].yaml), NULL), 0);
		assert_int_equal(ds_collect_finish(&facts), 0);
		assert_int_equal(facts.components.n, 1);
		assert_int_equal(ds_config_keys(ctx.arena, facts.components.v[0], &keys), 0);
		for (size_t m = 0; m < keys.v.n; m++)
			ds_buf_printf(&got, "%s>%s@%u:%u ", keys.v.v[m].path, keys.v.v[m].belongs,
				      keys.v.v[m].loc.line, keys.v.v[m].loc.column);
		if (!ds_str_eqz(ds_buf_str(&got), rows[i].want))
			fail_msg("%s: got %.*s, want %s", rows[i].name, DS_STR_ARG(ds_buf_str(&got)), rows[i].want);
		ds_ctx_done(&ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
