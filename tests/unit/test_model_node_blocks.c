#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
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

static void add(struct run *r, const char *name, const char *text)
{
	struct ds_input *in = ds_ctx_input(&r->ctx, name, "file");

	assert_non_null(in);
	assert_int_equal(ds_collect_text(&r->facts, in, ds_str_from(text), NULL), 0);
}

/* The blocks of the one cluster that the texts make. */
static const struct ds_node_blocks *build(struct run *r, const char *ps, const char *nodes, size_t wanted)
{
	struct ds_model_options options = {.node_blocks = wanted};

	assert_int_equal(ds_ctx_init(&r->ctx, 0), 0);
	ds_facts_init(&r->facts, &r->ctx);
	assert_int_equal(ds_schema_init(r->ctx.arena, &r->schema), 0);
	add(r, "ps", ps);
	if (nodes)
		add(r, "nodes", nodes);
	assert_int_equal(ds_model_build(&r->facts, &r->schema, &options, &r->model), 0);
	assert_int_equal(r->model.clusters.n, 1);
	return &r->model.clusters.v[0]->node_blocks;
}

#define DUAL "kube-controller-manager --allocate-node-cidrs --cluster-cidr=10.244.0.0/16,fd00:10:244::/56"

static void states_and_reasons(void **state)
{
	static const struct {
		const char *name, *ps;
		enum ds_node_ipam_state state;
		const char *reason; /* how it begins */
	} rows[] = {
		{"runs", "1 " DUAL "\n", DS_NODE_IPAM_RUNNING, NULL},
		{"nobody", "1 kube-apiserver --v=2\n", DS_NODE_IPAM_UNKNOWN, "no kube-controller-manager"},
		{"not asked for", "1 kube-controller-manager --v=2\n", DS_NODE_IPAM_NOT_STARTED,
		 "--allocate-node-cidrs is not given"},
		{"said no", "1 " DUAL " --allocate-node-cidrs=false\n", DS_NODE_IPAM_NOT_STARTED,
		 "--allocate-node-cidrs is false"},
		{"switched off", "1 " DUAL " --controllers=*,-nodeipam\n", DS_NODE_IPAM_NOT_STARTED, "--controllers"},
		{"ends", "1 " DUAL " --node-cidr-mask-size=24\n", DS_NODE_IPAM_EXITED,
		 "usage of --node-cidr-mask-size"},
		{"one of two runs", "1 kube-controller-manager --v=2\n2 " DUAL "\n", DS_NODE_IPAM_RUNNING, NULL},
		{"the first of two that do not", "1 kube-controller-manager --v=2\n2 " DUAL " --port=x\n",
		 DS_NODE_IPAM_NOT_STARTED, "--allocate-node-cidrs is not given"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct run r = {0};
		const struct ds_node_blocks *b = build(&r, rows[i].ps, NULL, 0);

		if (b->state != rows[i].state || b->known != (rows[i].state == DS_NODE_IPAM_RUNNING) ||
		    !b->reason != !rows[i].reason ||
		    (b->reason && !ds_str_starts(ds_str_from(b->reason), rows[i].reason)))
			fail_msg("%s: %s, %s", rows[i].name, ds_node_ipam_state_name(b->state),
				 b->reason ? b->reason : "no reason");
		ds_ctx_done(&r.ctx);
	}
}

static void as_many_as_wanted(void **state)
{
	static const struct {
		size_t wanted, got;
	} rows[] = {{0, 4}, {1, 1}, {200, 200}, {1000, 256}};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct run r = {0};
		const struct ds_node_blocks *b = build(&r, "1 " DUAL "\n", NULL, rows[i].wanted);

		if (b->first.n != rows[i].got || !b->exhausted != (rows[i].got >= rows[i].wanted))
			fail_msg("%zu wanted: %zu", rows[i].wanted, b->first.n);
		ds_ctx_done(&r.ctx);
	}
}

static void services_take_blocks(void **state)
{
	struct run r = {0};
	const struct ds_node_blocks *b =
		build(&r, "1 " DUAL " --service-cluster-ip-range=10.244.8.0/22,fd00:10:244:80::/112\n", NULL, 0);

	(void)state;
	assert_int_equal(b->taken[0], 4);
	assert_int_equal(b->taken[1], 1);
	assert_int_equal(b->capacity, 252);
	ds_ctx_done(&r.ctx);
}

static void nodes_keep_what_they_have(void **state)
{
	static const char nodes[] =
		"{apiVersion: v1, kind: Node, metadata: {name: a}, spec: {podCIDRs: [10.244.0.0/24]}}\n"
		"---\n"
		"{apiVersion: v1, kind: Node, metadata: {name: b}}\n"
		"---\n"
		"{apiVersion: v1, kind: Node, metadata: {name: c}, spec: {podCIDR: 10.244.1.0/24}}\n"
		"---\n"
		"{apiVersion: v1, kind: Node, metadata: {name: b},\n"
		" spec: {podCIDRs: [10.244.2.0/24, 'fd00:10:244::/64']}}\n";
	struct run r = {0};
	const struct ds_node_blocks *b = build(&r, "1 " DUAL "\n", nodes, 1);

	(void)state;
	assert_int_equal(b->n_nodes, 3);
	assert_int_equal(b->nodes[0].n, 1);
	assert_int_equal(b->nodes[1].n, 2);
	assert_int_equal(b->nodes[2].n, 1);
	assert_int_equal(b->capacity, 256);
	assert_int_equal(b->left, 253);
	assert_string_equal(b->first.v[0].v[0], "10.244.3.0/24");
	assert_string_equal(b->first.v[0].v[1], "fd00:10:244:1::/64");
	ds_ctx_done(&r.ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_and_reasons),
		cmocka_unit_test(as_many_as_wanted),
		cmocka_unit_test(services_take_blocks),
		cmocka_unit_test(nodes_keep_what_they_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
