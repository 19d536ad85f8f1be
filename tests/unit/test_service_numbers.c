/* The set of numbers: first come, values kept, extremes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/ctx.h"
#include "service/engine.h"

static void holds_what_was_added(void **state)
{
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	struct ds__numbers set;

	(void)state;
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	assert_int_equal(ds__numbers_init(&set, ctx.arena, 2002), 0);
	for (int64_t i = -1000; i <= 1000; i++) {
		assert_null(ds__numbers_get(&set, i * 4096));
		assert_true(ds__numbers_add(&set, i * 4096));
		*ds__numbers_get(&set, i * 4096) = i;
	}
	assert_true(ds__numbers_add(&set, INT64_MIN));
	for (int64_t i = -1000; i <= 1000; i++) {
		assert_false(ds__numbers_add(&set, i * 4096));
		assert_int_equal(*ds__numbers_get(&set, i * 4096), i);
	}
	assert_null(ds__numbers_get(&set, INT64_MAX));
}

static void refuses_the_impossible(void **state)
{
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	struct ds__numbers set;

	(void)state;
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	assert_int_equal(ds__numbers_init(&set, ctx.arena, SIZE_MAX), DS_ENOMEM);
	assert_int_equal(ds__numbers_init(&set, ctx.arena, SIZE_MAX / 8), DS_ENOMEM);
	assert_int_equal(ds__numbers_init(&set, ctx.arena, 0), 0);
	assert_true(ds__numbers_add(&set, 0));
}

static void protocols_differ(void **state)
{
	(void)state;
	assert_int_not_equal(ds__protocol_number(DS_STR("TCP")), ds__protocol_number(DS_STR("UDP")));
	assert_int_not_equal(ds__protocol_number(DS_STR("TCP")), ds__protocol_number(DS_STR("tcp")));
	assert_int_equal(ds__protocol_number(DS_STR("tcp")), ds__protocol_number(DS_STR("tcp")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_what_was_added),
		cmocka_unit_test(refuses_the_impossible),
		cmocka_unit_test(protocols_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
