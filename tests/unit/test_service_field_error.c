/* How errors are written: values by version, lists, aggregation. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/ctx.h"
#include "service/engine.h"

static struct ds_str texts[] = {{"a\"<", 3}, {"b", 1}};
static const struct ds_service_list two = {texts, 2, true};
static const struct ds_service_list empty = {NULL, 0, true};
static const struct ds_service_list nil = {NULL, 0, false};

static void values(void **state)
{
	static const struct {
		const char *name;
		struct ds__value value;
		const char *go, *json; /* up to 1.33, from 1.34 */
	} cases[] = {
		{"string", {.kind = DS__V_STRING, .s = {"a<\n", 3}}, "\"a<\\n\"", "\"a<\\n\""},
		{"named string", {.kind = DS__V_NAMED, .s = {"a<", 2}}, "\"a<\"", "\"a\\u003c\""},
		{"nil pointer", {.kind = DS__V_NIL}, "\"null\"", "null"},
		{"number", {.kind = DS__V_NUMBER, .number = -5}, "-5", "-5"},
		{"list", {.kind = DS__V_STRINGS, .list = &two}, "[]string{\"a\\\"<\", \"b\"}", "[\"a\\\"\\u003c\",\"b\"]"},
		{"empty list", {.kind = DS__V_STRINGS, .list = &empty}, "[]string{}", "[]"},
		{"nil list", {.kind = DS__V_STRINGS, .list = &nil}, "[]string(nil)", "null"},
		{"families", {.kind = DS__V_FAMILIES, .list = &two}, "[]core.IPFamily{\"a\\\"<\", \"b\"}",
		 "[\"a\\\"\\u003c\",\"b\"]"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++)
		for (unsigned minor = 33; minor <= 34; minor++) {
			struct ds_service_cluster cluster = {.minor = minor};
			struct ds_service_outcome out = {0};
			_ds_ctx_done_ struct ds_ctx ctx = {0};
			struct ds__decision d = {.cluster = &cluster, .minor = minor, .out = &out};
			const char *want, *got;

			assert_int_equal(ds_ctx_init(&ctx, 0), 0);
			d.arena = ctx.arena;
			ds__error(&d, DS__INVALID, "f", cases[i].value, "detail");
			assert_int_equal(d.errors.n, 1);
			want = ds__text(&d, "Invalid value: %s: detail", minor == 33 ? cases[i].go : cases[i].json);
			got = d.errors.v[0].body;
			if (strcmp(got, want) != 0)
				fail_msg("%s (1.%u): want %s, got %s", cases[i].name, minor, want, got);
		}
}

static void begin(struct ds_ctx *ctx, struct ds__decision *d, struct ds_service_outcome *out)
{
	static const struct ds_service_cluster cluster = {.minor = 36};

	assert_int_equal(ds_ctx_init(ctx, 0), 0);
	*d = (struct ds__decision){.arena = ctx->arena, .cluster = &cluster, .minor = 36, .out = out};
	d->svc.name = DS_STR("a\"b");
}

static void one_error_is_plain(void **state)
{
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	struct ds_service_outcome out = {0};
	struct ds__decision d;

	(void)state;
	begin(&ctx, &d, &out);
	ds__required(&d, "spec.ports");
	ds__answer_invalid(&d);
	assert_string_equal(out.message, "Service \"a\\\"b\" is invalid: spec.ports: Required value");
	assert_string_equal(out.causes[0].reason, "FieldValueRequired");
	assert_string_equal(out.causes[0].message, "Required value");
}

static void repeated_errors_are_told_once_but_are_causes(void **state)
{
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	struct ds_service_outcome out = {0};
	struct ds__decision d;

	(void)state;
	begin(&ctx, &d, &out);
	ds__required(&d, "x");
	ds__required(&d, "x");
	ds__answer_invalid(&d);
	assert_string_equal(out.message, "Service \"a\\\"b\" is invalid: x: Required value");
	assert_int_equal(out.n_causes, 2);

	ds_ctx_done(&ctx);
	begin(&ctx, &d, &out);
	ds__required(&d, "x");
	ds__forbidden(&d, "y", "no");
	ds__required(&d, "x");
	ds__answer_invalid(&d);
	assert_string_equal(out.message, "Service \"a\\\"b\" is invalid: [x: Required value, y: Forbidden: no]");
	assert_int_equal(out.n_causes, 3);
}

static void many_errors_end(void **state)
{
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	struct ds_service_outcome out = {0};
	struct ds__decision d;
	char *long_text;

	(void)state;
	begin(&ctx, &d, &out);
	long_text = ds_arena_alloc(ctx.arena, (size_t)1 << 20);
	assert_non_null(long_text);
	memset(long_text, 'x', (size_t)1 << 20);
	for (int i = 0; i < 1000; i++)
		ds__error(&d, DS__INVALID, "f", ds__str(ds_str_n(long_text, (size_t)1 << 20)), "");
	assert_in_range(d.errors.n, 8, 10);
	assert_int_equal(d.r, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(one_error_is_plain),
		cmocka_unit_test(repeated_errors_are_told_once_but_are_causes),
		cmocka_unit_test(many_errors_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
