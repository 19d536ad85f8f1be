#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "report/excerpt.h"

#define TEN     "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define BELLS   "\a\a\a\a\a\a\a\a\a\a"

static void test_what_is_meant_is_in_the_window(void **state)
{
	static const struct {
		const char *line;
		uint32_t column, length;
		const char *before, *meant, *after;
		bool cut_before, cut_after;
	} rows[] = {
		{"key: value", 6, 5, "key: ", "value", "", false, false},
		{"key: value", 1, 0, "", "k", "ey: value", false, false},
		{"key: value", 40, 3, "key: value", "", "", false, false},
		{"k\xc3\xa9y: value", 6, 5, "k\xc3\xa9y: ", "value", "", false, false},
		{HUNDRED "x" HUNDRED, 101, 1, "123456789", "x", TEN "01234567", true, true},
		{HUNDRED "x", 101, 1, "23456789" TEN TEN, "x", "", true, false},
		/* Of what is shown as four characters each, less fits before it. */
		{BELLS BELLS BELLS "x" HUNDRED, 31, 1, "\a\a", "x", TEN "012345678", true, true},
		{"x" BELLS BELLS, 1, 11, "", "x\a\a\a\a\a\a\a", "", false, true},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_input in = {.name = "in", .text = ds_str_from(rows[i].line)};
		struct ds_loc l = {.input = &in, .line = 1, .column = rows[i].column, .length = rows[i].length};
		struct ds_excerpts all = {0};
		struct ds_excerpt x;

		assert_true(ds_excerpt_find(&all, &l, 30, &x));
		if (!ds_str_eqz(x.before, rows[i].before) || !ds_str_eqz(x.meant, rows[i].meant) ||
		    !ds_str_eqz(x.after, rows[i].after) || x.cut_before != rows[i].cut_before ||
		    x.cut_after != rows[i].cut_after)
			fail_msg("row %zu: %d'%.*s' '%.*s' '%.*s'%d", i, x.cut_before, DS_STR_ARG(x.before),
				 DS_STR_ARG(x.meant), DS_STR_ARG(x.after), x.cut_after);
		assert_int_equal(x.line, 1);
	}
}

static void test_an_argument_is_shown_whole(void **state)
{
	const struct ds_loc l = {.pid = 7, .flag = "--cluster-cidr", .text = DS_STR("10.0.0.0/8"), .length = 2};
	const struct ds_loc nothing = {.pid = 7, .flag = "--cluster-cidr"};
	struct ds_excerpts all = {0};
	struct ds_excerpt x;

	(void)state;
	assert_true(ds_excerpt_find(&all, &l, 30, &x));
	assert_int_equal(x.line, 0);
	assert_string_equal(x.flag, "--cluster-cidr");
	assert_true(ds_str_eqz(x.meant, "10.0.0.0/8") && x.before.n == 0 && x.after.n == 0);
	assert_false(ds_excerpt_find(&all, &nothing, 30, &x));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_meant_is_in_the_window),
		cmocka_unit_test(test_an_argument_is_shown_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
