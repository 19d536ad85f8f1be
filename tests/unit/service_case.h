/*
 * Shared by the tests of the Service engine: a case is a request in YAML and
 * its answer in one line. Included after cmocka.h.
 */
#ifndef DS_TEST_SERVICE_CASE_H
#define DS_TEST_SERVICE_CASE_H

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "service/service.h"
#include "yaml/tree.h"

struct service_case {
	const char *name;
	unsigned minor;
	const char *ranges; /* "v4", "v6", "v4v6", "v6v4", or a list of networks */
	const char *before; /* spec of the stored Service in flow style, or NULL: create */
	const char *spec;   /* spec of the request in flow style; "{" of a whole document when it begins with '!' */
	/*
	 * "ok POLICY FAMILIES ADDRESSES" ("-" when absent), " | WARNING" for
	 * each warning; "422 MESSAGE" without `Service "web" is invalid: `;
	 * "400 MESSAGE", "500 MESSAGE"; "dropped".
	 */
	const char *want;
	struct ds_service_options options;
};

static struct ds_service_cluster service_cluster(unsigned minor, const char *ranges)
{
	struct ds_service_cluster c = {.minor = minor};
	struct ds_str rest = ds_str_from(ranges), part;
	bool done = false;

	if (strchr(ranges, '/')) {
		while (ds_str_split(&rest, ',', &done, &part))
			assert_int_equal(ds_cidr_parse(part, DS_IP_SLOPPY, &c.ranges[c.n_ranges++]), 0);
		return c;
	}
	for (; rest.n; rest = ds_str_skip(rest, 2))
		assert_int_equal(
		    ds_cidr_parse(ds_str_starts(rest, "v6") ? DS_STR("fd00:10:96::/112") : DS_STR("10.96.0.0/16"),
				  DS_IP_SLOPPY, &c.ranges[c.n_ranges++]),
		    0);
	return c;
}

static void service_decode(struct ds_ctx *ctx, const char *spec, unsigned minor, struct ds_service *ret)
{
	static const struct ds_input input = {.name = "case"};
	struct ds_yaml_stream stream;
	char *text = spec[0] == '!' ? ds_arena_strdup(ctx->arena, spec + 1)
				    : ds_arena_printf(ctx->arena, "metadata: {name: web}\nspec: %s\n", spec);

	assert_non_null(text);
	assert_int_equal(ds_yaml_load(ctx, &input, ds_str_from(text), &stream), 0);
	assert_int_equal(ds_service_decode(ctx->arena, stream.docs[0].root, minor, ret), 0);
}

static inline const struct ds_service_field *service_field(const struct ds_service_outcome *o, const char *name)
{
	for (size_t i = 0; i < o->n_fields; i++)
		if (strcmp(o->fields[i].name, name) == 0)
			return &o->fields[i];
	return NULL;
}

static void service_add_field(struct ds_buf *b, const struct ds_service_outcome *o, const char *name)
{
	const struct ds_service_field *f = service_field(o, name);

	ds_buf_addc(b, ' ');
	if (!f)
		ds_buf_addc(b, '-');
	else if (f->kind == DS_SERVICE_TEXT)
		ds_buf_adds(b, f->text);
	for (size_t i = 0; f && f->kind == DS_SERVICE_LIST && i < f->list.n; i++) {
		ds_buf_addz(b, i ? "," : "");
		ds_buf_adds(b, f->list.v[i]);
	}
}

static void service_describe(struct ds_buf *b, const struct ds_service_outcome *o)
{
	static const char prefix[] = "Service \"web\" is invalid: ";
	const char *message = o->message;

	if (o->connection_dropped) {
		ds_buf_addz(b, "dropped");
	} else if (o->accepted) {
		ds_buf_addz(b, "ok");
		service_add_field(b, o, "ipFamilyPolicy");
		service_add_field(b, o, "ipFamilies");
		service_add_field(b, o, "clusterIPs");
		for (size_t i = 0; i < o->n_warnings; i++)
			ds_buf_printf(b, " | %s", o->warnings[i]);
	} else {
		if (strncmp(message, prefix, sizeof(prefix) - 1) == 0)
			message += sizeof(prefix) - 1;
		ds_buf_printf(b, "%d %s", o->code, message);
	}
}

static void service_run(struct ds_ctx *ctx, const struct service_case *c, struct ds_service_outcome *ret)
{
	struct ds_service_cluster cluster = service_cluster(c->minor, c->ranges);
	struct ds_service svc, old;

	service_decode(ctx, c->spec, c->minor, &svc);
	if (!c->before) {
		assert_int_equal(ds_service_create(ctx->arena, &cluster, &svc, &c->options, ret), 0);
		return;
	}
	service_decode(ctx, c->before, c->minor, &old);
	assert_int_equal(ds_service_update(ctx->arena, &cluster, &old, &svc, &c->options, ret), 0);
}

static inline void service_check(const struct service_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_ds_buf_done_ struct ds_buf got = DS_BUF_INIT;
		_ds_ctx_done_ struct ds_ctx ctx = {0};
		struct ds_service_outcome o;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		service_run(&ctx, &cases[i], &o);
		service_describe(&got, &o);
		if (strcmp(got.p, cases[i].want) != 0)
			fail_msg("%s (1.%u, %s)\n  want %s\n  got  %s", cases[i].name, cases[i].minor, cases[i].ranges,
				 cases[i].want, got.p);
	}
}

#define SERVICE_CHECK(cases) service_check((cases), sizeof(cases) / sizeof((cases)[0]))

#endif
