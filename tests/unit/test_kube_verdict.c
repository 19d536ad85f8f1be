#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "kube_args.h"

static void test_settle(void **state)
{
	struct ds_arena *a = *state;
	struct ds_verdict v = {0};

	ds_verdict_settle(&v);
	assert_int_equal(v.startup, DS_STARTUP_ACCEPTED);
	assert_int_equal(ds_verdict_warning(a, &v, NULL, "careful"), 0);
	ds_verdict_settle(&v);
	assert_int_equal(v.startup, DS_STARTUP_ACCEPTED);
	assert_int_equal(ds_verdict_unknown(a, &v, "first %d", 1), 0);
	assert_int_equal(ds_verdict_unknown(a, &v, "second"), 0);
	ds_verdict_settle(&v);
	assert_int_equal(v.startup, DS_STARTUP_UNKNOWN);
	assert_string_equal(v.reason, "first 1");
	assert_int_equal(ds_verdict_error(a, &v, NULL, "no"), 0);
	ds_verdict_settle(&v);
	assert_int_equal(v.startup, DS_STARTUP_REFUSED);
}

static void test_printed(void **state)
{
	struct ds_arena *a = *state;
	struct ds_loc loc = {.line = 7};
	struct ds_verdict v = {0};

	assert_string_equal(printed_errors(a, &v), "");
	assert_int_equal(ds_verdict_error(a, &v, &loc, "one %s", "thing"), 0);
	assert_string_equal(printed_errors(a, &v), "one thing");
	assert_int_equal(v.errors.v[0].loc.line, 7);
	assert_int_equal(ds_verdict_error(a, &v, NULL, "one thing"), 0);
	assert_string_equal(printed_errors(a, &v), "one thing");
	assert_int_equal(ds_verdict_error(a, &v, NULL, "another"), 0);
	assert_string_equal(printed_errors(a, &v), "[one thing, another]");
}

static void test_derived(void **state)
{
	static const char *const list[] = {"x", "y"}, *const names[] = {"d", "c", "b", "a", NULL};
	struct ds_arena *a = *state;
	struct ds_verdict v = {0};

	assert_int_equal(ds_verdict_derive_string(a, &v, "a", "text"), 0);
	assert_int_equal(ds_verdict_derive_list(a, &v, "b", list, 2), 0);
	assert_int_equal(ds_verdict_derive_int(a, &v, "c", -3), 0);
	assert_int_equal(ds_verdict_derive_bool(a, &v, "d", true), 0);
	assert_string_equal(derived_text(a, &v, names), "d=true c=-3 b=x,y a=text");
	assert_null(ds_verdict_derived(&v, "e"));
}

static void test_no_memory(void **state)
{
	struct ds_arena *tiny = ds_arena_new(1);
	struct ds_verdict v = {0};

	(void)state;
	assert_non_null(tiny);
	assert_int_equal(ds_verdict_error(tiny, &v, NULL, "no"), DS_ENOMEM);
	assert_int_equal(ds_verdict_warning(tiny, &v, NULL, "no"), DS_ENOMEM);
	assert_int_equal(ds_verdict_unknown(tiny, &v, "nobody knows"), DS_ENOMEM);
	assert_int_equal(ds_verdict_derive_int(tiny, &v, "n", 1), DS_ENOMEM);
	ds_arena_free(tiny);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_settle, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_printed, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_derived, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_no_memory, arena_setup, arena_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
