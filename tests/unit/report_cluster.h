#ifndef TESTS_UNIT_REPORT_CLUSTER_H
#define TESTS_UNIT_REPORT_CLUSTER_H

/* The cluster that some inputs make, for tests of what reports compute from it. */

#include "collect/collect.h"
#include "model/model.h"
#include "model/schema.h"

struct run {
	struct ds_ctx ctx;
	struct ds_facts facts;
	struct ds_schema schema;
	struct ds_model model;
};

static inline void run_add(struct run *r, const char *name, const char *text)
{
	struct ds_input *in = ds_ctx_input(&r->ctx, name, "file");

	assert_non_null(in);
	assert_int_equal(ds_collect_text(&r->facts, in, ds_str_from(text), NULL), 0);
}

/* The one cluster of a ps listing and of objects, which may be NULL. */
static inline const struct ds_cluster *run_cluster(struct run *r, const char *ps, const char *objects)
{
	static const struct ds_model_options options = {0};

	*r = (struct run){0};
	assert_int_equal(ds_ctx_init(&r->ctx, 0), 0);
	ds_facts_init(&r->facts, &r->ctx);
	assert_int_equal(ds_schema_init(r->ctx.arena, &r->schema), 0);
	run_add(r, "ps", ps);
	if (objects)
		run_add(r, "objects", objects);
	assert_int_equal(ds_collect_finish(&r->facts), 0);
	assert_int_equal(ds_model_build(&r->facts, &r->schema, &options, &r->model), 0);
	assert_int_equal(r->model.clusters.n, 1);
	return r->model.clusters.v[0];
}

static inline void run_done(struct run *r)
{
	ds_ctx_done(&r->ctx);
}

#endif
