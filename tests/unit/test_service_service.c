/* The entry points: what they are held to whatever the Service, memory included. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "service_case.h"

static void clusters_that_are_none(void **state)
{
	struct ds_service_cluster cases[] = {
		service_cluster(36, ""),
		service_cluster(36, "10.0.0.0/8,10.96.0.0/16"),
		service_cluster(36, "v4"),
	};
	struct ds_service svc = {.name = DS_STR("web")};
	struct ds_service_outcome o;
	_ds_ctx_done_ struct ds_ctx ctx = {0};

	(void)state;
	cases[2].ranges[0].ip.family = DS_FAMILY_NONE;
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		assert_int_equal(ds_service_create(ctx.arena, &cases[i], &svc, NULL, &o), DS_EINVAL);
		assert_int_equal(ds_service_update(ctx.arena, &cases[i], &svc, &svc, NULL, &o), DS_EINVAL);
		assert_int_equal(ds_service_read(ctx.arena, &cases[i], &svc, &o), DS_EINVAL);
	}
}

static void unknown_versions_are_the_nearest_known(void **state)
{
	static const struct service_case cases[] = {
		{"older", 3, "v4", NULL, "{ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}", "ok - - <IPv4>", {0}},
		{"newer", 99, "v4", NULL, "{clusterIP: 010.96.0.9, ports: [{port: 80}]}",
		 "422 spec.clusterIPs[0]: Invalid value: \"010.96.0.9\": must not have leading 0s", {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

/* With any budget the answer is the answer or DS_ENOMEM. */
static void memory_runs_out_cleanly(void **state)
{
	static const struct service_case cases[] = {
		{"accepted", 36, "v4v6", NULL,
		 "{type: LoadBalancer, ipFamilyPolicy: RequireDualStack, externalTrafficPolicy: Local, ports: [{name: a, port: "
		 "80}, {name: b, port: 81, targetPort: x}]}",
		 NULL, {.explain = true}},
		{"refused", 31, "v4", NULL,
		 "{ipFamilyPolicy: Both, ipFamilies: [IPv4, IPv4, x], clusterIP: a, clusterIPs: [b, c, None]}", NULL, {0}},
		{"updated", 33, "v4v6",
		 "{type: NodePort, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ports: [{port: 80, nodePort: 30080}]}",
		 "{type: NodePort, ipFamilyPolicy: PreferDualStack, externalName: a, ports: [{port: 80}]}", NULL, {0}},
		{"legacy", 21, "v4v6", NULL, "{ipFamilies: [IPv6, IPv4], ports: [{port: 80}]}", NULL, {0}},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		const struct service_case *c = &cases[i];
		struct ds_service_cluster cluster = service_cluster(c->minor, c->ranges);
		_ds_ctx_done_ struct ds_ctx ctx = {0};
		struct ds_service svc, old = {0};
		struct ds_service_outcome o;
		bool refused = false;
		int r = DS_ENOMEM;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		service_decode(&ctx, c->spec, c->minor, &svc);
		if (c->before)
			service_decode(&ctx, c->before, c->minor, &old);
		for (size_t budget = 0; r < 0; budget += 16) {
			struct ds_arena *a = ds_arena_new(budget);

			assert_non_null(a);
			assert_in_range(budget, 0, 1 << 20);
			r = c->before ? ds_service_update(a, &cluster, &old, &svc, &c->options, &o)
				      : ds_service_create(a, &cluster, &svc, &c->options, &o);
			refused = refused || r == DS_ENOMEM;
			if (r < 0 && r != DS_ENOMEM)
				fail_msg("%s with %zu bytes: %d", c->name, budget, r);
			if (r < 0 && (o.accepted || o.code || o.n_fields))
				fail_msg("%s with %zu bytes: half an answer", c->name, budget);
			a = ds_arena_free(a);
		}
		if (!refused)
			fail_msg("%s needs no memory at all", c->name);
	}
}

static void explains_every_answer(void **state)
{
	static const struct service_case cases[] = {
		{"create", 36, "v4v6", NULL, "{ports: [{port: 80}]}", "alloc.go:initIPFamilyFields", {.explain = true}},
		{"refused", 36, "v4", NULL, "{ipFamilies: [IPv6], ports: [{port: 80}]}", "refused: alloc.go",
		 {.explain = true}},
		{"bad body", 36, "v4", NULL, "{clusterIPs: x}", "does not decode", {.explain = true}},
		{"both addresses are outside", 36, "v4v6", NULL,
		 "{ipFamilyPolicy: RequireDualStack, clusterIP: 10.97.0.1, clusterIPs: [10.97.0.1, \"fd01::1\"], ports: [{port: "
		 "80}]}",
		 "fd01::1 would be refused as well", {.explain = true}},
		{"panic", 36, "v4", "{clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], ports: [{port: 80}]}",
		 "{clusterIP: None, ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}", "panics", {.explain = true}},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		_ds_ctx_done_ struct ds_ctx ctx = {0};
		struct service_case silent = cases[i];
		struct ds_service_outcome o;
		bool found = false;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		service_run(&ctx, &cases[i], &o);
		for (size_t j = 0; j < o.n_steps; j++)
			found = found || strstr(o.steps[j], cases[i].want);
		if (!found)
			fail_msg("%s: no step says %s", cases[i].name, cases[i].want);
		silent.options.explain = false;
		service_run(&ctx, &silent, &o);
		assert_int_equal(o.n_steps, 0);
	}
}

/* What was answered can be stored and asked about again. */
static void answers_are_stored_objects(void **state)
{
	static const char *const specs[] = {
		"{ports: [{port: 80}]}",
		"{type: NodePort, ipFamilyPolicy: RequireDualStack, ports: [{name: a, port: 80}, {name: b, port: 81}]}",
		"{type: LoadBalancer, externalTrafficPolicy: Local, ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}",
		"{clusterIP: None}",
		"{type: ExternalName, externalName: a.b}",
	};

	(void)state;
	for (unsigned minor = 23; minor <= 36; minor++)
		for (size_t i = 0; i < DS_ARRAY_SIZE(specs); i++) {
			struct ds_service_cluster cluster = service_cluster(minor, "v6v4");
			_ds_ctx_done_ struct ds_ctx ctx = {0};
			struct ds_service svc;
			struct ds_service_outcome o, again;

			assert_int_equal(ds_ctx_init(&ctx, 0), 0);
			service_decode(&ctx, specs[i], minor, &svc);
			assert_int_equal(ds_service_create(ctx.arena, &cluster, &svc, NULL, &o), 0);
			assert_true(o.accepted);
			assert_int_equal(ds_service_update(ctx.arena, &cluster, &o.object, &o.object, NULL, &again), 0);
			if (!again.accepted)
				fail_msg("1.%u %s: %s", minor, specs[i], again.message ? again.message : "dropped");
			assert_int_equal(again.n_fields, o.n_fields);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clusters_that_are_none),  cmocka_unit_test(unknown_versions_are_the_nearest_known),
		cmocka_unit_test(memory_runs_out_cleanly), cmocka_unit_test(explains_every_answer),
		cmocka_unit_test(answers_are_stored_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
