#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <cmocka.h>

#include "base/ctx.h"
#include "base/limits.h"

static void test_diagnostics_are_kept_and_capped(void **state)
{
	struct ds_ctx ctx;
	struct ds_input *in;
	struct ds_loc loc = {.line = 3, .column = 7};

	(void)state;
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	in = ds_ctx_input(&ctx, "a.yaml", "static-pod");
	assert_non_null(in);
	assert_int_equal(ds_input_set(&ctx, in, DS_INPUT_FAILED, "line %d", 3), 0);
	assert_string_equal(in->reason, "line 3");
	loc.input = in;
	for (unsigned i = 0; i < DS_LIMIT_DIAGS + 10; i++)
		assert_int_equal(ds_diag(&ctx, DS_LEVEL_NOTE, &loc, NULL, "note %u", i), 0);
	assert_int_equal(ctx.diags.n, DS_LIMIT_DIAGS);
	assert_int_equal(ctx.diags_dropped, 10);
	assert_string_equal(ctx.diags.v[1].message, "note 1");
	assert_int_equal(ctx.diags.v[1].loc.line, 3);
	ds_ctx_done(&ctx);
}

static void test_an_error_beyond_the_cap_still_counts(void **state)
{
	struct ds_ctx ctx;

	(void)state;
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	for (unsigned i = 0; i < DS_LIMIT_DIAGS; i++)
		assert_int_equal(ds_diag(&ctx, DS_LEVEL_NOTE, NULL, NULL, "note"), 0);
	assert_int_equal(ds_diag(&ctx, DS_LEVEL_ERROR, NULL, NULL, "bad"), 0);
	assert_int_equal(ctx.diags.v[ctx.diags.n - 1].level, DS_LEVEL_ERROR);
	ds_ctx_done(&ctx);
}

static void test_error_codes(void **state)
{
	(void)state;
	assert_string_equal(ds_strerror(0), "success");
	assert_string_equal(ds_strerror(DS_ENOENT), "not found");
	assert_string_equal(ds_strerror(-1000), "unknown error");
	assert_string_equal(ds_strerror(5), "unknown error");
	assert_true(DS_ENOMEM < 0 && DS_EBUG < 0);
	assert_int_equal(ds_err_from_errno(EACCES), DS_EACCES);
	assert_int_equal(ds_err_from_errno(ENOENT), DS_ENOENT);
	assert_int_equal(ds_err_from_errno(EIO), DS_EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_diagnostics_are_kept_and_capped),
		cmocka_unit_test(test_an_error_beyond_the_cap_still_counts),
		cmocka_unit_test(test_error_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
