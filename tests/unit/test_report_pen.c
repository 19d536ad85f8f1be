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

/* What is meant is in the window, which uses the width; wide characters take two columns. */
static void test_windows(void **state)
{
	static const char line[] = "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 END";
	static const char wide[] = "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字 END";
	static const struct {
		const char *line;
		uint32_t column, length;
		const char *want;
	} rows[] = {
		{line, 67, 3, "    1 | …56789 0123456789 0123456789 END\n      |                              ^~~\n"},
		{line, 1, 4, "    1 | 0123456789 0123456789 01234567…\n      | ^~~~\n"},
		{line, 34, 10, "    1 | …456789 0123456789 0123456789 0…\n      |         ^~~~~~~~~~\n"},
		{wide, 34, 3, "    1 | …字漢字漢字漢字漢字漢字漢字 END\n      |                             ^~~\n"},
		{"  {", 3, 1, ""},
		{"  {}", 3, 1, "    1 |   {}\n      |   ^\n"},
	};
	struct ds_text_options o = {.width = 44};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_input in = {.name = "x", .text = ds_str_from(rows[i].line)};
		struct ds_loc loc = {.input = &in, .line = 1, .column = rows[i].column, .length = rows[i].length};
		struct ds_out out;
		struct ds_pen pen;

		ds_out_init(&out, -1);
		ds_pen_init(&pen, &out, &o);
		ds_pen_excerpt(&pen, &loc, DS_INK_PLAIN);
		if (!ds_str_eqz(ds_buf_str(&out.buf), rows[i].want))
			fail_msg("row %zu:\n%.*swant\n%s", i, DS_STR_ARG(ds_buf_str(&out.buf)), rows[i].want);
		ds_buf_done(&out.buf);
	}
}

static void test_headed(void **state)
{
	static const struct {
		bool color;
		unsigned width;
		const char *want;
	} rows[] = {
		{false, 80, "No problem found: 0 errors, 0 warnings; 52 checks passed.\n"},
		{false, 0, "No problem found: 0 errors, 0 warnings; 52 checks passed.\n"},
		{false, 40, "No problem found: 0 errors, 0 warnings;\n  52 checks passed.\n"},
		{true, 80, "\033[1;32mNo\033[0m \033[1;32mproblem\033[0m \033[1;32mfound:\033[0m 0 errors, 0 warnings; 52 "
			   "checks passed.\n"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_text_options o = {.width = rows[i].width, .color = rows[i].color};
		struct ds_out out;
		struct ds_pen pen;

		ds_out_init(&out, -1);
		ds_pen_init(&pen, &out, &o);
		ds_pen_wrap_headed(&pen, DS_INK_GREEN, DS_STR("No problem found:"),
				   DS_STR("0 errors, 0 warnings; 52 checks passed."), 2);
		if (!ds_str_eqz(ds_buf_str(&out.buf), rows[i].want))
			fail_msg("row %zu:\n%.*swant\n%s", i, DS_STR_ARG(ds_buf_str(&out.buf)), rows[i].want);
		ds_buf_done(&out.buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_excerpts_in_any_order),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_headed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
