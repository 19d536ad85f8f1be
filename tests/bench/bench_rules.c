/*
 * What the rules cost, by stage: reading the embedded catalogue, loading it,
 * compiling all of its expressions (with their tests only: a run compiles what
 * it needs), and evaluating it over clusters of more and more nodes. CPU time,
 * the best of several; not a test. Usage: bench_rules [MOST_NODES].
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "collect/collect.h"
#include "rules/eval.h"

#define ROUNDS 50

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

#define SERVICES "10.96.0.0/12,fd00:10:96::/112"
#define PODS "10.128.0.0/9,fd00:10:200::/48"

/* One node a line, as fleet.py writes them; the first is a control plane, every tenth has a fault. */
static void put_node(struct ds_buf *b, unsigned i)
{
	ds_buf_printf(b, "{\"apiVersion\":\"dsaudit.dev/v1\",\"kind\":\"NodeBundle\",\"node\":\"node-%05u\","
			 "\"kubernetesVersion\":\"1.33.4\",\"processes\":[", i);
	ds_buf_printf(b, "{\"pid\":800,\"argv\":[\"kubelet\",\"--hostname-override=node-%05u\",\"--node-ip=172.16.%u.%u", i,
		      i >> 8, i & 255);
	if (i % 10 != 9)
		ds_buf_printf(b, ",fd00:172::%x", i + 1);
	ds_buf_addz(b, "\"]},");
	ds_buf_printf(b, "{\"pid\":1200,\"argv\":[\"kube-proxy\",\"--cluster-cidr=" PODS "\","
			 "\"--hostname-override=node-%05u\"]}", i);
	if (i == 0)
		ds_buf_addz(b, ",{\"pid\":900,\"argv\":[\"kube-apiserver\",\"--service-cluster-ip-range=" SERVICES "\","
			       "\"--advertise-address=172.16.0.0\"]},"
			       "{\"pid\":950,\"argv\":[\"kube-controller-manager\",\"--allocate-node-cidrs=true\","
			       "\"--cluster-cidr=" PODS "\",\"--service-cluster-ip-range=" SERVICES "\"]}");
	ds_buf_printf(b, "],\"objects\":[{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"node-%05u\"},"
			 "\"spec\":{\"podCIDRs\":[\"10.%u.%u.0/24\",\"fd00:10:200:%x::/64\"]},"
			 "\"status\":{\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"172.16.%u.%u\"},"
			 "{\"type\":\"InternalIP\",\"address\":\"fd00:172::%x\"}]}}]}\n",
		      i, 128 + (i >> 8), i & 255, i, i >> 8, i & 255, i + 1);
}

static void give_up(const char *what)
{
	(void)fprintf(stderr, "bench_rules: %s\n", what);
	exit(1);
}

static void check(int r, const char *what)
{
	if (r < 0)
		give_up(what);
}

static double load(bool with_tests, size_t *ret_rules, size_t *ret_bytes)
{
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	struct ds_schema schema;
	struct ds_ruleset set = {.schema = &schema};
	double start = now();

	check(ds_ctx_init(&ctx, 0), "no memory");
	check(ds_schema_init(ctx.arena, &schema), "no schema");
	check(ds_rules_load_builtin(&ctx, &set, with_tests), "the catalogue does not load");
	*ret_rules = set.rules.n;
	*ret_bytes = ds_arena_used(ctx.arena);
	return now() - start;
}

/* The part of loading that only reads text. */
static double read_text(bool with_tests, size_t *ret_rules, size_t *ret_bytes)
{
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	double start = now();

	*ret_rules = 0;
	check(ds_ctx_init(&ctx, 0), "no memory");
	for (size_t i = 0; i < ds_embedded_rules_count; i++) {
		const struct ds_embedded_file *f = &ds_embedded_rules[i];
		struct ds_input in = {.name = f->name, .type = "rules"};
		struct ds_yaml_stream stream;

		check(ds_yaml_load(&ctx, &in, with_tests ? ds_str_n((const char *)f->data, f->size)
							 : ds_str_n((const char *)f->lean, f->lean_size), &stream),
		      "the catalogue is no YAML");
		*ret_rules += stream.docs[0].root->n;
	}
	*ret_bytes = ds_arena_used(ctx.arena);
	return now() - start;
}

static void time_stage(const char *name, double (*stage)(bool, size_t *, size_t *), bool with_tests)
{
	double best = 1e9;
	size_t rules = 0, bytes = 0;

	for (int i = 0; i < ROUNDS; i++) {
		double t = stage(with_tests, &rules, &bytes);

		best = DS_MIN(best, t);
	}
	(void)printf("%-44s %4zu rules %9.3f ms %8zu KiB\n", name, rules, best, bytes / 1024);
}

/* What a run does: the first evaluation of rules just read compiles what it needs. Then again with the same. */
static void eval_twice(const struct ds_schema *schema, const struct ds_cluster *cluster, double best[static 2],
		       size_t *ret_findings)
{
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	struct ds_ruleset set = {.schema = schema};
	struct ds_findings findings;

	check(ds_ctx_init(&ctx, 0), "no memory");
	check(ds_rules_load_builtin(&ctx, &set, false), "the catalogue does not load");
	for (int i = 0; i < 2; i++) {
		double start = now();

		check(ds_rules_eval(ctx.arena, &set, cluster, &findings), "no memory");
		best[i] = DS_MIN(best[i], now() - start);
	}
	*ret_findings = findings.v.n;
}

static void time_eval(unsigned nodes)
{
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;
	struct ds_schema schema;
	struct ds_model_options options = {0};
	struct ds_facts facts;
	struct ds_model model;
	struct ds_input *in;
	double best[2] = {1e9, 1e9};
	size_t n = 0;

	for (unsigned i = 0; i < nodes; i++)
		put_node(&text, i);
	check(text.err, "no memory");
	check(ds_ctx_init(&ctx, 0), "no memory");
	check(ds_schema_init(ctx.arena, &schema), "no schema");
	ds_facts_init(&facts, &ctx);
	in = ds_ctx_input(&ctx, "fleet.jsonl", "file");
	if (!in)
		give_up("no memory");
	check(ds_collect_text(&facts, in, ds_buf_str(&text), NULL), "the bundles cannot be read");
	check(ds_collect_finish(&facts), "the bundles cannot be read");
	check(ds_model_build(&facts, &schema, &options, &model), "no model");
	if (model.clusters.n != 1)
		give_up("not one cluster");
	for (unsigned i = 0; i < DS_MIN(ROUNDS, 1 + 10000 / nodes); i++)
		eval_twice(&schema, model.clusters.v[0], best, &n);
	(void)printf("evaluate, %6u nodes, %6zu findings    first %9.3f ms   again %9.3f ms %9.3f us/node\n", nodes, n,
		     best[0], best[1], best[1] * 1e3 / nodes);
}

int main(int argc, char **argv)
{
	unsigned most = argc > 1 ? (unsigned)atoi(argv[1]) : 10000;

	time_stage("read", read_text, false);
	time_stage("read and load", load, false);
	time_stage("read, with tests", read_text, true);
	time_stage("read and load, with tests", load, true);
	for (unsigned nodes = 1; nodes <= most; nodes *= 10)
		time_eval(nodes);
	return 0;
}
