#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "report/pen.h"

/* Excerpts come in any order: each shows its own line, whichever was shown before. */
static void test_excerpts_in_any_order(void **state)
{
	static const struct ds_input one = {.name = "one", .text = {.p = "a\n\nccc\r\nd", .n = 9}};
	static const struct ds_input two = {.name = "two", .text = {.p = "x\ny\n", .n = 4}};
	static const struct {
		const struct ds_input *input;
		uint32_t line;
		const char *want; /* NULL: there is nothing to show */
	} rows[] = {
		{&one, 1, "    1 | a\n"},   {&one, 4, "    4 | d\n"}, {&one, 3, "    3 | ccc\n"}, {&two, 2, "    2 | y\n"},
		{&two, 1, "    1 | x\n"},   {&one, 4, "    4 | d\n"}, {&one, 9, NULL},            {&one, 4, "    4 | d\n"},
		{&one, 2, NULL},            {&one, 1, "    1 | a\n"}, {&two, 3, NULL},            {&two, 2, "    2 | y\n"},
	};
	struct ds_text_options o = {0};
	struct ds_out out;
	struct ds_pen pen;

	(void)state;
	ds_out_init(&out, -1);
	ds_pen_init(&pen, &out, &o);
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_loc loc = {.input = rows[i].input, .line = rows[i].line, .column = 1};
		struct ds_str got;

		out.buf.n = 0;
		ds_pen_excerpt(&pen, &loc, DS_INK_PLAIN);
		got = ds_buf_str(&out.buf);
		if (rows[i].want ? !ds_str_starts(got, rows[i].want) : got.n > 0)
			fail_msg("row %zu: '%.*s'", i, DS_STR_ARG(got));
	}
	ds_buf_done(&out.buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_excerpts_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
