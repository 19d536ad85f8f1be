#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "collect/collect.h"
#include "model/model.h"
#include "model/schema.h"

struct run {
	struct ds_ctx ctx;
	struct ds_facts facts;
	struct ds_schema schema;
	struct ds_model model;
};

static void build(struct run *r, const char *bundle, const struct ds_model_options *options)
{
	struct ds_model_options none = {0};
	struct ds_input *in;

	assert_int_equal(ds_ctx_init(&r->ctx, 0), 0);
	ds_facts_init(&r->facts, &r->ctx);
	assert_int_equal(ds_schema_init(r->ctx.arena, &r->schema), 0);
	in = ds_ctx_input(&r->ctx, "in", "file");
	assert_non_null(in);
	assert_int_equal(ds_collect_text(&r->facts, in, ds_str_from(bundle), NULL), 0);
	assert_int_equal(ds_model_build(&r->facts, &r->schema, options ? options : &none, &r->model), 0);
}

static const char *families(const struct ds_families *f, char out[32])
{
	(void)snprintf(out, 32, "%s%s%s", f->n ? ds_family_name(f->v[0]) : "-", f->n > 1 ? "+" : "",
		       f->n > 1 ? ds_family_name(f->v[1]) : "");
	return f->known ? out : "unknown";
}

static void test_families_are_derived_from_who_decides(void **state)
{
	static const struct {
		const char *name, *text, *services, *pods, *nodes;
	} rows[] = {
		{"all", "1 kube-apiserver --service-cluster-ip-range=10.96.0.0/12,fd00::/112\n"
			"2 kube-controller-manager --cluster-cidr=fd01::/48,10.244.0.0/16\n3 kubelet --node-ip=192.0.2.1\n",
		 "IPv4+IPv6", "IPv6+IPv4", "IPv4"},
		{"the API server decides over the controller manager",
		 "1 kube-apiserver --service-cluster-ip-range=10.96.0.0/12\n"
		 "2 kube-controller-manager --service-cluster-ip-range=10.96.0.0/12,fd00::/112\n",
		 "IPv4", "unknown", "unknown"},
		{"without an API server its range is taken from the controller manager",
		 "2 kube-controller-manager --service-cluster-ip-range=fd00::/112\n", "IPv6", "unknown", "unknown"},
		{"an unreadable range is unknown, not the other component's",
		 "1 kube-apiserver --service-cluster-ip-range=10.96.0.0\n"
		 "2 kube-controller-manager --service-cluster-ip-range=10.96.0.0/12\n",
		 "IPv4", "unknown", "unknown"},
		{"a wildcard node IP tells no family", "3 kubelet --node-ip=::\n", "unknown", "unknown", "unknown"},
		{"two kubelets", "3 kubelet --node-ip=fd00::1\n4 kubelet --node-ip=192.0.2.1\n", "unknown", "unknown",
		 "IPv6+IPv4"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct run r = {0};
		const struct ds_cluster *c;
		char s[32], p[32], n[32];

		build(&r, rows[i].text, NULL);
		assert_int_equal(r.model.clusters.n, 1);
		c = r.model.clusters.v[0];
		if (strcmp(families(&c->service_families, s), rows[i].services) != 0 ||
		    strcmp(families(&c->pod_families, p), rows[i].pods) != 0 ||
		    strcmp(families(&c->node_families, n), rows[i].nodes) != 0)
			fail_msg("%s: %s, %s, %s", rows[i].name, families(&c->service_families, s),
				 families(&c->pod_families, p), families(&c->node_families, n));
		ds_ctx_done(&r.ctx);
	}
}

static void test_versions(void **state)
{
	struct ds_model_options option = {.has_version = true, .version = {1, 30, 0, false}};
	struct run r = {0};

	(void)state;
	build(&r, "1 kube-apiserver-v1.29 --v=2\n2 /opt/v1.31.4/kubelet --node-ip=192.0.2.1\n", NULL);
	assert_int_equal(r.model.clusters.v[0]->version.minor, 29);
	assert_int_equal(r.model.clusters.v[0]->components.v[1]->version.minor, 31);
	/* Read by that version's flags already: not again. */
	assert_int_equal(r.facts.components.v[1]->cmdline.minor, 31);
	assert_ptr_equal(r.model.clusters.v[0]->components.v[1]->observed, r.facts.components.v[1]);
	ds_ctx_done(&r.ctx);

	build(&r, "1 kube-apiserver-v1.29 --v=2\n", &option);
	assert_int_equal(r.model.clusters.v[0]->version.minor, 30);
	assert_int_equal(r.model.clusters.v[0]->version_origin, DS_VERSION_OPTION);
	assert_int_equal(r.model.clusters.v[0]->components.v[0]->observed->cmdline.minor, 30);
	ds_ctx_done(&r.ctx);

	build(&r, "1 kube-apiserver --v=2\n", NULL);
	assert_int_equal(r.model.clusters.v[0]->version.minor, DS_KUBE_NEWEST);
	assert_int_equal(r.model.clusters.v[0]->version_origin, DS_VERSION_ASSUMED);
	ds_ctx_done(&r.ctx);

	build(&r, "1 /opt/v1.99.0/kube-apiserver --v=2\n", NULL);
	assert_true(r.ctx.diags.n > 0);
	assert_non_null(strstr(r.ctx.diags.v[r.ctx.diags.n - 1].message, "1.99"));
	ds_ctx_done(&r.ctx);
}

/* Two kind clusters seen from the host of both. */
static void test_clusters_on_one_host_are_told_apart(void **state)
{
	static const char text[] =
		"{apiVersion: dsaudit.dev/v1, kind: NodeBundle, node: one-control-plane, processes: ["
		"{argv: [kube-apiserver, --service-cluster-ip-range=10.1.0.0/16]},"
		"{argv: [kube-controller-manager, --cluster-name=one]}]}\n---\n"
		"{apiVersion: dsaudit.dev/v1, kind: NodeBundle, node: two-control-plane, processes: ["
		"{argv: [kube-apiserver, --service-cluster-ip-range=10.2.0.0/16]},"
		"{argv: [kube-controller-manager, --cluster-name=two]}]}\n---\n"
		"{apiVersion: dsaudit.dev/v1, kind: NodeBundle, node: two-worker, processes: ["
		"{argv: [kubelet, --node-ip=192.0.2.9]}]}\n";
	struct run r = {0};

	(void)state;
	build(&r, text, NULL);
	assert_int_equal(r.model.clusters.n, 2);
	assert_string_equal(r.model.clusters.v[0]->name, "one");
	assert_int_equal(r.model.clusters.v[0]->components.n, 2);
	assert_string_equal(r.model.clusters.v[1]->name, "two");
	assert_int_equal(r.model.clusters.v[1]->components.n, 3);
	ds_ctx_done(&r.ctx);
}

/* The schema names every field once, with a type and a line of documentation. */
static void test_schema_is_documented(void **state)
{
	const struct ds_cel_object_type *const *types;
	struct ds_arena *a = ds_arena_new(1 << 20);
	struct ds_schema s;
	size_t n;

	(void)state;
	assert_int_equal(ds_schema_init(a, &s), 0);
	assert_int_equal(ds_schema_types(a, &s, &types, &n), 0);
	assert_true(n > 10);
	for (size_t i = 0; i < n; i++) {
		assert_true(types[i]->doc && *types[i]->doc);
		for (size_t k = 0; k < types[i]->n_fields; k++) {
			const struct ds_cel_field *f = &types[i]->fields[k];

			if (!f->name || !f->type || !f->doc || !*f->doc)
				fail_msg("%s, field %zu", types[i]->name, k);
			for (size_t m = 0; m < k; m++)
				if (strcmp(types[i]->fields[m].name, f->name) == 0)
					fail_msg("%s.%s twice", types[i]->name, f->name);
		}
	}
	ds_arena_free(a);
}

/* Every budget up to what is needed fails cleanly; none crashes. */
static void test_running_out_of_memory(void **state)
{
	static const char text[] = "1 kube-apiserver --service-cluster-ip-range=10.96.0.0/12\n"
				   "2 kube-controller-manager --cluster-cidr=10.244.0.0/16 --allocate-node-cidrs\n";
	struct ds_model_options none = {0};
	size_t failures = 0, successes = 0;

	(void)state;
	for (size_t budget = 1000; budget < 400000; budget += budget / 40 + 97) {
		_ds_ctx_done_ struct ds_ctx ctx = {0};
		struct ds_facts facts;
		struct ds_schema schema;
		struct ds_model model;
		struct ds_input *in;
		int r = ds_ctx_init(&ctx, budget);

		assert_int_equal(r, 0);
		ds_facts_init(&facts, &ctx);
		r = ds_schema_init(ctx.arena, &schema);
		in = r == 0 ? ds_ctx_input(&ctx, "in", "file") : NULL;
		if (in)
			r = ds_collect_text(&facts, in, ds_str_from(text), NULL);
		else
			r = DS_ENOMEM;
		if (r == 0)
			r = ds_model_build(&facts, &schema, &none, &model);
		assert_true(r == 0 || r == DS_ENOMEM);
		failures += r != 0;
		successes += r == 0;
	}
	assert_true(failures > 10);
	assert_true(successes > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_families_are_derived_from_who_decides),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_clusters_on_one_host_are_told_apart),
		cmocka_unit_test(test_schema_is_documented),
		cmocka_unit_test(test_running_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
