#ifndef DS_TESTS_UNIT_SCHEMA_UTIL_H
#define DS_TESTS_UNIT_SCHEMA_UTIL_H

/* For tests of what rules see of objects: an expression over the cluster that they make. */

#include "cel/cel.h"
#include "collect/collect.h"
#include "model/model.h"
#include "model/schema.h"

struct schema_row {
	const char *name, *objects, *expression; /* must be true, or for "?" unknown */
};

static void check_row(const struct schema_row *row)
{
	struct ds_model_options options = {.has_version = true, .version = {.major = 1, .minor = 31}};
	bool unknown = row->expression[0] == '?';
	struct ds_cel_problem problem;
	struct ds_cel_program *p;
	struct ds_schema schema;
	struct ds_cel_env *env;
	struct ds_facts facts;
	struct ds_model model;
	struct ds_cel_value v;
	struct ds_input *in;
	struct ds_ctx ctx;

	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	ds_facts_init(&facts, &ctx);
	assert_int_equal(ds_schema_init(ctx.arena, &schema), 0);
	in = ds_ctx_input(&ctx, "objects.yaml", "file");
	assert_non_null(in);
	in->text = ds_str_from(row->objects);
	assert_int_equal(ds_collect_text(&facts, in, in->text, NULL), 0);
	assert_int_equal(ds_model_build(&facts, &schema, &options, &model), 0);
	assert_int_equal(model.clusters.n, 1);
	env = ds_cel_env_new(ctx.arena);
	assert_non_null(env);
	assert_int_equal(ds_cel_env_declare(env, "cluster", &schema.cluster_type), 0);
	if (ds_cel_compile(ctx.arena, env, ds_str_from(row->expression + unknown), &ds_cel_type_dyn, &p, &problem) < 0)
		fail_msg("%s: %s", row->name, problem.message);
	assert_int_equal(ds_cel_eval(p, &model.clusters.v[0]->value, ctx.arena, 0, &v), 0);
	if (unknown ? v.kind != DS_CEL_ERROR || !v.err->missing : v.kind != DS_CEL_BOOL || !v.b)
		fail_msg("%s: %s: %s", row->name, row->expression, v.kind == DS_CEL_ERROR ? v.err->message : "not so");
	ds_ctx_done(&ctx);
}

/* No memory anywhere must be an error, never a crash. */
static void check_memory(const char *objects)
{
	for (size_t limit = 4096; limit < (size_t)1 << 20; limit += 8192) {
		struct ds_model_options options = {0};
		struct ds_schema schema;
		struct ds_facts facts;
		struct ds_model model;
		struct ds_input *in;
		struct ds_ctx ctx;
		int r = ds_ctx_init(&ctx, limit);

		if (r < 0)
			continue;
		ds_facts_init(&facts, &ctx);
		in = ds_ctx_input(&ctx, "objects.yaml", "file");
		if (in) {
			in->text = ds_str_from(objects);
			r = ds_schema_init(ctx.arena, &schema);
			if (r == 0)
				r = ds_collect_text(&facts, in, in->text, NULL);
			if (r == 0)
				r = ds_model_build(&facts, &schema, &options, &model);
			assert_true(r == 0 || r == DS_ENOMEM);
		}
		ds_ctx_done(&ctx);
	}
}

#endif
