#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/limits.h"
#include "report/preview_seen.h"

static void test_first_place(void **state)
{
	struct ds_input a = {.name = "a"}, b = {.name = "b"};
	struct ds_preview_seen s = {0};
	struct ds_loc first;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		char text[16];
		struct ds_loc loc = {.input = i < 2500 ? &a : &b, .line = i + 1};

		(void)snprintf(text, sizeof(text), "%u", i);
		assert_int_equal(ds_preview_seen_add(&s, 'n', ds_str_from(text), &loc, &first), 0);
		assert_null(first.input);
	}
	for (uint32_t i = 0; i < 5000; i++) {
		char text[16];
		struct ds_loc loc = {.input = &a, .line = 9};

		(void)snprintf(text, sizeof(text), "%u", i);
		assert_int_equal(ds_preview_seen_add(&s, 'n', ds_str_from(text), &loc, &first), 0);
		if (first.input != (i < 2500 ? &a : &b) || first.line != i + 1)
			fail_msg("%u: seen at line %u", i, first.line);
	}
	/* Another kind is another thing. */
	assert_int_equal(ds_preview_seen_add(&s, 'a', DS_STR("7"), &(struct ds_loc){.input = &a, .line = 1}, &first), 0);
	assert_null(first.input);
	assert_int_equal(s.n, 5001);
	assert_int_equal(s.n_inputs, 3);
	ds_preview_seen_done(&s);
}

static void test_limit(void **state)
{
	struct ds_input a = {.name = "a"};
	struct ds_loc loc = {.input = &a, .line = 1}, first;
	struct ds_preview_seen s = {0};

	(void)state;
	for (size_t i = 0; i < DS_LIMIT_PREVIEW_SEEN + 100; i++) {
		assert_int_equal(ds_preview_seen_add(&s, 'n', ds_str_n((const char *)&i, sizeof(i)), &loc, &first), 0);
		if (first.input)
			fail_msg("%zu was not seen before", i);
	}
	assert_true(s.full);
	assert_int_equal(s.n, DS_LIMIT_PREVIEW_SEEN);
	ds_preview_seen_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_place),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
