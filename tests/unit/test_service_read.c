/* What a reader sees of Services that were stored before dual-stack. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "service_case.h"

static void old_services(void **state)
{
	static const struct {
		const char *name;
		unsigned minor;
		const char *ranges, *spec, *want;
		bool gate_off;
	} cases[] = {
		{"one address", 36, "v4v6", "{clusterIP: \"fd00:10:96::9\"}", "ok SingleStack IPv6 fd00:10:96::9", false},
		{"two addresses", 36, "v4v6", "{clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, \"fd00:10:96::9\"]}",
		 "ok RequireDualStack IPv4,IPv6 10.96.0.9,fd00:10:96::9", false},
		{"no address", 36, "v4", "{}", "ok - - -", false},
		{"headless", 36, "v6v4", "{clusterIP: None, selector: {a: b}}", "ok SingleStack IPv6 None", false},
		{"headless, 1.22", 22, "v6v4", "{clusterIP: None, selector: {a: b}}", "ok PreferDualStack IPv6,IPv4 None", false},
		{"headless, 1.22, one range", 22, "v6", "{clusterIP: None, selector: {a: b}}", "ok SingleStack IPv6 None", false},
		{"without a selector", 36, "v4", "{clusterIP: None}", "ok RequireDualStack IPv4,IPv6 None", false},
		{"without a selector, 1.21", 21, "v4", "{clusterIP: None}", "ok PreferDualStack IPv4,IPv6 None", false},
		{"gate off", 21, "v4", "{clusterIP: None}", "ok - - None", true},
		{"gate off, one address", 20, "v4", "{clusterIP: 10.96.0.9}", "ok - - 10.96.0.9", true},
		{"families stay", 36, "v6", "{clusterIP: 10.96.0.9, ipFamilies: [IPv4]}", "ok - IPv4 10.96.0.9", false},
		{"ExternalName", 36, "v4", "{type: ExternalName, externalName: a, internalTrafficPolicy: Cluster}", "ok - - -",
		 false},
		{"ExternalName, 1.23", 23, "v4", "{type: ExternalName, externalName: a}", "ok - - -", false},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		struct ds_service_cluster cluster = service_cluster(cases[i].minor, cases[i].ranges);
		_ds_buf_done_ struct ds_buf got = DS_BUF_INIT;
		_ds_ctx_done_ struct ds_ctx ctx = {0};
		struct ds_service stored;
		struct ds_service_outcome o;

		cluster.dual_stack = cases[i].gate_off ? DS_SERVICE_GATE_OFF : DS_SERVICE_GATE_ON;
		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		service_decode(&ctx, cases[i].spec, cases[i].minor, &stored);
		assert_int_equal(ds_service_read(ctx.arena, &cluster, &stored, &o), 0);
		service_describe(&got, &o);
		if (strcmp(got.p, cases[i].want) != 0)
			fail_msg("%s: want %s, got %s", cases[i].name, cases[i].want, got.p);
		/* storage.go:defaultOnReadInternalTrafficPolicy, not yet in 1.23 */
		if (strcmp(cases[i].name, "ExternalName") == 0)
			assert_null(service_field(&o, "internalTrafficPolicy"));
		if (strcmp(cases[i].name, "ExternalName, 1.23") == 0)
			assert_non_null(service_field(&o, "internalTrafficPolicy"));
	}
}

/* Every recorded field, under its name and in its order. */
static void fields(void **state)
{
	static const char *const want[] = {
		"type", "clusterIP", "clusterIPs", "ipFamilyPolicy", "ipFamilies", "selector", "externalName",
		"internalTrafficPolicy", "externalTrafficPolicy", "allocateLoadBalancerNodePorts", "sessionAffinity",
	};
	struct ds_service_cluster cluster = service_cluster(36, "v4");
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	struct ds_service stored;
	struct ds_service_outcome o;

	(void)state;
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	service_decode(&ctx,
		       "{type: LoadBalancer, clusterIP: 10.96.0.9, selector: {a: b}, externalName: c, ports: [{port: 80}]}", 36,
		       &stored);
	assert_int_equal(ds_service_read(ctx.arena, &cluster, &stored, &o), 0);
	assert_int_equal(o.n_fields, DS_ARRAY_SIZE(want));
	for (size_t i = 0; i < o.n_fields; i++)
		assert_string_equal(o.fields[i].name, want[i]);
	assert_true(o.fields[9].boolean);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_services),
		cmocka_unit_test(fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
