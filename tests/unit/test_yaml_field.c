#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "yaml/field.h"

static const char text[] = "a: {b: {c: 1, d: [x, 'y,z', [n], ~]}, m: {k: true, '2': w, {o: o}: p}}\n";

static const struct {
	const char *path, *want; /* NULL: no such field */
} cases[] = {
	{"a.b.c", "1"},
	{"a.b.d", "x,y,z,,~"},
	{"a.m", "k=true,2=w,p"},
	{"a.b.x", NULL},
	{"a.b.c.d", NULL},
	{"", NULL},
	{"a..b", NULL},
	{"a.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
};

static void finds_fields_and_writes_them_as_flags(void **state)
{
	struct ds_yaml_stream s;
	struct ds_ctx ctx;

	(void)state;
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	assert_int_equal(ds_yaml_load(&ctx, ds_ctx_input(&ctx, "in", "file"), ds_str_from(text), &s), 0);
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		const struct ds_yaml_node *n = ds_yaml_field(s.docs[0].root, cases[i].path);
		struct ds_str got;

		if ((n != NULL) != (cases[i].want != NULL))
			fail_msg("%s: %s", cases[i].path, n ? "found" : "not found");
		if (!n)
			continue;
		assert_int_equal(ds_yaml_flag_text(ctx.arena, n, &got), 0);
		if (!ds_str_eqz(got, cases[i].want))
			fail_msg("%s: %.*s", cases[i].path, DS_STR_ARG(got));
	}
	assert_null(ds_yaml_field(NULL, "a"));
	ds_ctx_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_fields_and_writes_them_as_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
