#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "collect/lines.h"

/* Every byte that starts a code point has a place, and the place leads back to it. */
static void places_and_offsets_agree(void **state)
{
	static const char text[] = "a\n\n\xc3\xa9 \xe2\x82\xac" "x\nlast";
	static const struct {
		size_t offset;
		uint32_t line, column;
	} cases[] = {
		{0, 1, 1}, {1, 1, 2}, {2, 2, 1}, {3, 3, 1}, {5, 3, 2}, {6, 3, 3}, {9, 3, 4}, {10, 3, 5}, {11, 4, 1}, {15, 4, 5},
	};
	struct ds_arena *a = ds_arena_new(4096);
	struct ds_lines l;

	(void)state;
	assert_non_null(a);
	assert_int_equal(ds_lines_init(a, ds_str_from(text), &l), 0);
	assert_int_equal(l.n, 4);
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		uint32_t line, column;

		ds_lines_place(&l, cases[i].offset, &line, &column);
		if (line != cases[i].line || column != cases[i].column)
			fail_msg("offset %zu: %u:%u", cases[i].offset, line, column);
		assert_int_equal(ds_lines_offset(&l, line, column), cases[i].offset);
	}
	/* Beyond a line is its end, beyond the text the text's. */
	assert_int_equal(ds_lines_offset(&l, 1, 99), 1);
	assert_int_equal(ds_lines_offset(&l, 9, 1), sizeof(text) - 1);
	assert_int_equal(ds_lines_offset(&l, 0, 1), sizeof(text) - 1);
	ds_arena_free(a);
}

static void an_empty_text_has_a_line(void **state)
{
	struct ds_arena *a = ds_arena_new(4096);
	uint32_t line, column;
	struct ds_lines l;

	(void)state;
	assert_non_null(a);
	assert_int_equal(ds_lines_init(a, (struct ds_str){0}, &l), 0);
	ds_lines_place(&l, 0, &line, &column);
	assert_int_equal(line, 1);
	assert_int_equal(column, 1);
	ds_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_and_offsets_agree),
		cmocka_unit_test(an_empty_text_has_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
