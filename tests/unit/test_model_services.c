#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "cel/cel.h"
#include "collect/collect.h"
#include "model/model.h"
#include "model/schema.h"
#include "model/services.h"

struct run {
	struct ds_ctx ctx;
	struct ds_facts facts;
	struct ds_schema schema;
	struct ds_model model;
	struct ds_cluster *cluster;
};

static const char dual[] = "1 kube-apiserver --service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112\n";
static const char single[] = "1 kube-apiserver --service-cluster-ip-range=10.96.0.0/16\n";

static void collect(struct run *r, const char *name, const char *text)
{
	struct ds_input *in = ds_ctx_input(&r->ctx, name, "file");

	assert_non_null(in);
	in->text = ds_str_from(text);
	assert_int_equal(ds_collect_text(&r->facts, in, in->text, NULL), 0);
}

static void build(struct run *r, const char *listing, const char *objects)
{
	struct ds_model_options options = {.has_version = true, .version = {.major = 1, .minor = 31}};

	assert_int_equal(ds_ctx_init(&r->ctx, 0), 0);
	ds_facts_init(&r->facts, &r->ctx);
	assert_int_equal(ds_schema_init(r->ctx.arena, &r->schema), 0);
	if (listing)
		collect(r, "ps", listing);
	collect(r, "services.yaml", objects);
	assert_int_equal(ds_model_build(&r->facts, &r->schema, &options, &r->model), 0);
	assert_int_equal(r->model.clusters.n, 1);
	r->cluster = r->model.clusters.v[0];
}

/* An expression over `cluster` and `svc`, the first Service. */
static struct ds_cel_value eval(struct run *r, const char *expression)
{
	static const struct ds_cel_type service = {.kind = DS_CEL_OBJECT, .object = &ds_service_type};
	struct ds_cel_env *env = ds_cel_env_new(r->ctx.arena);
	struct ds_cel_value vars[2] = {r->cluster->value}, list, v;
	struct ds_cel_program *p;
	struct ds_cel_problem problem;

	assert_non_null(env);
	assert_int_equal(ds_cel_env_declare(env, "cluster", &r->schema.cluster_type), 0);
	assert_int_equal(ds_cel_env_declare(env, "svc", &service), 1);
	assert_int_equal(
		ds_cel_compile(r->ctx.arena, env, DS_STR("cluster.services"), &ds_cel_type_dyn, &p, &problem), 0);
	vars[1] = (struct ds_cel_value){.kind = DS_CEL_NULL};
	assert_int_equal(ds_cel_eval(p, vars, r->ctx.arena, 0, &list), 0);
	assert_int_equal(list.kind, DS_CEL_LIST);
	assert_true(list.list.n > 0);
	vars[1] = list.list.v[0];
	if (ds_cel_compile(r->ctx.arena, env, ds_str_from(expression), &ds_cel_type_dyn, &p, &problem) < 0)
		fail_msg("%s: %s", expression, problem.message);
	assert_int_equal(ds_cel_eval(p, vars, r->ctx.arena, 0, &v), 0);
	return v;
}

static void test_what_rules_see(void **state)
{
	static const struct {
		const char *name, *listing, *objects, *holds;
	} rows[] = {
		{"a manifest is created", dual,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n"
		 "spec: {ipFamilyPolicy: PreferDualStack, selector: {a: b}, ports: [{port: 80}]}\n",
		 "svc.operation == 'create' && svc.accepted && !svc.stored && !svc.headless && svc.hasSelector && "
		 "svc.where == 'Service shop/web' && svc.resultFamilies == ['IPv4', 'IPv6'] && "
		 "svc.resultPolicy == 'PreferDualStack' && svc.resultClusterIPs == ['<IPv4>', '<IPv6>'] && "
		 "svc.refusal == '' "
		 "&& size(svc.causes) == 0"},
		{"nothing is invented", dual,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n",
		 "!has(svc.policy) && !has(svc.clusterIP) && !has(svc.loadBalancerIP) && svc.ipFamilies == [] && "
		 "svc.clusterIPs == [] && svc.type == 'ClusterIP' && svc.namespace == 'default' && "
		 "svc.resultPolicy == 'SingleStack' && svc.resultFamilies == ['IPv4']"},
		{"a refusal, field by field", single,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
		 "spec: {ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}\n",
		 "!svc.accepted && svc.refusal.contains('this cluster is not configured for dual-stack services') && "
		 "svc.causes.map(c, c.field) == ['spec.ipFamilyPolicy'] && svc.causes[0].reason == "
		 "'FieldValueInvalid' && "
		 "!has(svc.resultPolicy) && svc.resultFamilies == []"},
		{"what is stored is read", single,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: web, uid: x}\n"
		 "spec: {clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7, 'fd00::7'], ipFamilyPolicy: RequireDualStack, "
		 "ipFamilies: [IPv4, IPv6], ports: [{port: 80}]}\n",
		 "svc.stored && svc.accepted && svc.operation == 'read' && svc.resultFamilies == ['IPv4', 'IPv6'] && "
		 "svc.clusterIPs == ['10.96.0.7', 'fd00::7']"},
		{"families of a stored Service from before dual-stack are filled in", single,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: web, resourceVersion: '7'}\n"
		 "spec: {clusterIP: 10.96.0.7, ports: [{port: 80}]}\n",
		 "svc.stored && svc.clusterIPs == ['10.96.0.7'] && svc.ipFamilies == [] && svc.resultFamilies == "
		 "['IPv4'] && "
		 "svc.resultPolicy == 'SingleStack'"},
		{"default/kubernetes is the API server's", single,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: kubernetes, namespace: default, uid: x}\n"
		 "spec: {clusterIP: 10.96.0.1, ports: [{port: 443}]}\n",
		 "svc.builtin && svc.accepted"},
		{"a manifest over what is stored is an update", dual,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
		 "spec: {ipFamilyPolicy: SingleStack, ipFamilies: [IPv6], ports: [{port: 80}]}\n---\n"
		 "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: default, uid: x}\n"
		 "spec: {clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7], ipFamilyPolicy: SingleStack, ipFamilies: "
		 "[IPv4], "
		 "ports: [{port: 80, targetPort: 80, protocol: TCP}], type: ClusterIP, sessionAffinity: None}\n",
		 "svc.operation == 'update' && !svc.accepted && cluster.services[1].stored"},
		{"of another namespace it is not", dual,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: other}\nspec: {ports: [{port: "
		 "80}]}\n---\n"
		 "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: default, uid: x}\n"
		 "spec: {clusterIP: 10.96.0.7, ports: [{port: 80}]}\n",
		 "svc.operation == 'create' && svc.accepted"},
		{"an address that is taken", single,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {clusterIP: 10.96.0.7, ports: "
		 "[{port: 80}]}\n---\n"
		 "apiVersion: v1\nkind: Service\nmetadata: {name: b, uid: x}\nspec: {clusterIP: 10.96.0.7, "
		 "ports: [{port: 80}]}\n",
		 "!svc.accepted && svc.refusal.contains('already allocated')"},
		{"headless", dual,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {clusterIP: None, ports: [{port: 80}]}\n",
		 "svc.headless && !svc.hasSelector && svc.clusterIPs == ['None'] && svc.resultPolicy == "
		 "'RequireDualStack' && "
		 "svc.resultClusterIPs == ['None']"},
		{"unknown fields", dual,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ipFamily: IPv6, ports: [{port: 80}]}\n",
		 "svc.accepted && svc.unknownFields == ['unknown field \"spec.ipFamily\"'] && size(svc.warnings) "
		 "== 1"},
		{"what does not decode is refused, uid or not", dual,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: a, uid: x}\nspec: {ipFamilies: IPv4}\n",
		 "!svc.accepted && svc.operation == 'create' && svc.refusal.contains('cannot unmarshal')"},
		{"a feature gate of the API server",
		 "1 kube-apiserver --service-cluster-ip-range=10.96.0.0/16 "
		 "--feature-gates=MultiCIDRServiceAllocator=true\n",
		 "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {clusterIP: 10.1.0.1, ports: [{port: "
		 "80}]}\n",
		 "svc.refusal.contains('does not match the current range')"},
		{"without it", single,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {clusterIP: 10.1.0.1, ports: [{port: "
		 "80}]}\n",
		 "svc.refusal.contains('is not in the valid range')"},
		{"three families are listed as written", dual,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ipFamilies: [IPv4, IPv6, IPv4], "
		 "ports: [{port: 80}]}\n",
		 "svc.ipFamilies == ['IPv4', 'IPv6', 'IPv4'] && !svc.accepted"},
		{"a ServiceList and its order", dual,
		 "apiVersion: v1\nkind: ServiceList\nitems:\n- metadata: {name: a}\n  spec: {ports: [{port: 80}]}\n"
		 "- metadata: {name: b}\n  spec: {ports: [{port: 80}]}\n",
		 "cluster.services.map(s, s.name) == ['a', 'b']"},
		{"another group's Service is none", dual,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}]}\n---\n"
		 "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: b}\nspec: {}\n",
		 "size(cluster.services) == 1"},
		{"an annotation may hold a template", dual,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: a, annotations: {x: '{{ y }}'}}\nspec: {ports: "
		 "[{port: 80}]}\n",
		 "svc.accepted"},
		{"what a template does not touch is known", dual,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ipFamilyPolicy: PreferDualStack\n"
		 "  clusterIP: '{{ .IP }}'\n  ports: [{port: 80}]\n",
		 "svc.policy == 'PreferDualStack' && svc.type == 'ClusterIP'"},
		{"what is written is known without an API server", NULL,
		 "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ipFamilyPolicy: X, ports: [{port: "
		 "80}]}\n",
		 "svc.policy == 'X' && !svc.stored && svc.operation == 'create'"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct run r = {0};
		struct ds_cel_value v;

		build(&r, rows[i].listing, rows[i].objects);
		v = eval(&r, rows[i].holds);
		if (v.kind != DS_CEL_BOOL || !v.b)
			fail_msg("%s: %s%s", rows[i].name, v.kind == DS_CEL_ERROR ? v.err->message : "does not "
			"hold; got ",
				 v.kind == DS_CEL_ERROR ? "" : ds_cel_show(r.ctx.arena, &r.cluster->value));
		ds_ctx_done(&r.ctx);
	}
}

static void test_without_ranges_the_answer_is_unknown(void **state)
{
	static const char *const fields[] = {"svc.accepted", "svc.refusal", "svc.causes", "svc.resultPolicy",
					     "svc.resultFamilies", "svc.resultClusterIPs", "svc.warnings"};
	static const char *const listings[] = {NULL, "1 kube-apiserver --service-cluster-ip-range=$(RANGES)\n",
					       "1 kube-apiserver "
					       "--service-cluster-ip-range=10.0.0.0/16,10.1.0.0/16\n"};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(listings); i++)
		for (size_t k = 0; k < DS_ARRAY_SIZE(fields); k++) {
			struct run r = {0};
			struct ds_cel_value v;

			build(&r, listings[i],
			      "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}]}\n");
			v = eval(&r, fields[k]);
			if (v.kind != DS_CEL_ERROR || !v.err->missing)
				fail_msg("%s with %s is not "
				"unknown", fields[k], listings[i] ? listings[i] : "nothing");
			ds_ctx_done(&r.ctx);
		}
}

static void test_templates_are_unknown(void **state)
{
	static const struct {
		const char *objects, *unknown;
	} rows[] = {
		{"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ipFamilyPolicy: '{{ .p }}', ports: "
		"[{port: 80}]}\n",
		 "svc.policy"},
		{"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ipFamilyPolicy: '{{ .p }}', ports: "
		"[{port: 80}]}\n",
		 "svc.accepted"},
		{"apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  namespace: {{ .ns }}\nspec: {ports: "
		"[{port: 80}]}\n",
		 "svc.accepted"},
		{"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ipFamilies: ['${FAMILY}']\n  "
		"ports: [{port: 80}]\n",
		 "svc.ipFamilies"},
		{"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  clusterIP: {{ .ip }}\n  ports: "
		"[{port: 80}]\n",
		 "svc.clusterIPs"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct run r = {0};
		struct ds_cel_value v;

		build(&r, dual, rows[i].objects);
		v = eval(&r, rows[i].unknown);
		if (v.kind != DS_CEL_ERROR || !v.err->missing)
			fail_msg("row %zu: %s is not unknown", i, rows[i].unknown);
		ds_ctx_done(&r.ctx);
	}
}

static void test_values_point_into_the_file(void **state)
{
	static const char text[] = "apiVersion: v1\n"
				   "kind: Service\n"
				   "metadata:\n"
				   "  name: web\n"
				   "spec:\n"
				   "  ipFamilies: [IPv4, IPv6]\n"
				   "  clusterIP: 10.96.0.7\n"
				   "  loadBalancerSourceRanges:\n"
				   "  - 203.0.113.0/24\n"
				   "  ports: [{port: 80}]\n";
	static const struct {
		const char *expression;
		uint32_t line, column, length;
	} rows[] = {
		{"svc", 4, 9, 3},
		{"svc.ipFamilies", 6, 15, 12},
		{"svc.ipFamilies[1]", 6, 15, 12},
		{"svc.clusterIPs", 7, 14, 9},
		{"svc.loadBalancerSourceRanges", 9, 5, 14},
		/* ipFamilyPolicy is not there: what asks for it is */
		{"svc.causes.filter(c, c.field == 'spec.ipFamilyPolicy')[0]", 6, 15, 12},
	};
	struct run r = {0};

	(void)state;
	build(&r, dual, text);
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_cel_value v = eval(&r, rows[i].expression);

		if (!v.loc || v.loc->line != rows[i].line || v.loc->column != rows[i].column ||
		    v.loc->length != rows[i].length)
			fail_msg("%s is at %u:%u, %u long", rows[i].expression, v.loc ? v.loc->line : 0,
				 v.loc ? v.loc->column : 0, v.loc ? v.loc->length : 0);
	}
	ds_ctx_done(&r.ctx);
}

static void test_memory_may_end_anywhere(void **state)
{
	static const char objects[] =
		"apiVersion: v1\nkind: Service\nmetadata: {name: a, uid: x}\nspec: {clusterIP: 10.96.0.7, ports: "
		"[{port: 80}]}\n---\n"
		"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ipFamilies: [IPv6], x: 1, ports: "
		"[{port: 80}]}\n---\n"
		"apiVersion: v1\nkind: Service\nmetadata: {name: '{{ b }}'}\nspec: {clusterIPs: [1, 2]}\n";
	bool enough = false;

	(void)state;
	for (size_t budget = 1000; !enough; budget += 487) {
		struct ds_model_options none = {0};
		struct run r = {0};
		struct ds_input *ps, *in;
		int e = ds_ctx_init(&r.ctx, budget);

		if (e == 0)
			e = ds_schema_init(r.ctx.arena, &r.schema);
		ds_facts_init(&r.facts, &r.ctx);
		ps = e == 0 ? ds_ctx_input(&r.ctx, "ps", "file") : NULL;
		in = ps ? ds_ctx_input(&r.ctx, "services", "file") : NULL;
		e = in ? ds_collect_text(&r.facts, ps, ds_str_from(dual), NULL) : DS_ENOMEM;
		if (e == 0)
			e = ds_collect_text(&r.facts, in, ds_str_from(objects), NULL);
		if (e == 0)
			e = ds_model_build(&r.facts, &r.schema, &none, &r.model);
		assert_true(e == 0 || e == DS_ENOMEM);
		enough = e == 0;
		ds_ctx_done(&r.ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_rules_see),
		cmocka_unit_test(test_without_ranges_the_answer_is_unknown),
		cmocka_unit_test(test_templates_are_unknown),
		cmocka_unit_test(test_values_point_into_the_file),
		cmocka_unit_test(test_memory_may_end_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
