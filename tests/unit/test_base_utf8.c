#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/utf8.h"

static void test_decode_refuses_malformed(void **state)
{
	static const char *const bad[] = {
		"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xe2\x82", "\xff",
	};
	uint32_t c;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (ds_utf8_decode(ds_str_from(bad[i]), &c) != 0)
			fail_msg("row %zu was accepted", i);
	assert_int_equal(ds_utf8_decode(DS_STR(""), &c), 0);
}

static void test_every_code_point_round_trips(void **state)
{
	(void)state;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		char text[4];
		uint32_t back = 0;
		size_t n;

		if (c == 0xd800)
			c = 0xe000;
		n = ds_utf8_encode(c, text);
		if (ds_utf8_decode(ds_str_n(text, n), &back) != n || back != c)
			fail_msg("U+%04X", c);
	}
}

static void test_counts_and_offsets(void **state)
{
	struct ds_str s = DS_STR("k\xc3\xa9y\xff!");
	size_t bad = 0;

	(void)state;
	assert_int_equal(ds_utf8_count(s), 5);
	assert_int_equal(ds_utf8_offset(s, 2), 3);
	assert_int_equal(ds_utf8_offset(s, 99), s.n);
	assert_false(ds_utf8_valid(s, &bad));
	assert_int_equal(bad, 4);
	assert_true(ds_utf8_valid(DS_STR("abc"), NULL));
}

static void test_what_a_terminal_must_not_see(void **state)
{
	static const uint32_t unsafe[] = {0, 7, 0x1b, 0x7f, 0x9b, 0x200b, 0x202e, 0x2066, 0x2028, 0xfeff, 0xe0041};
	static const uint32_t safe[] = {' ', 'a', 0xe9, 0x4e2d, 0x1f600};

	(void)state;
	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++)
		if (!ds_utf8_is_unsafe(unsafe[i]))
			fail_msg("U+%04X passes", unsafe[i]);
	for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
		if (ds_utf8_is_unsafe(safe[i]))
			fail_msg("U+%04X does not pass", safe[i]);
	assert_int_equal(ds_utf8_width(0x301), 0);
	assert_int_equal(ds_utf8_width(0x4e2d), 2);
	assert_int_equal(ds_utf8_width('x'), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode_refuses_malformed),
		cmocka_unit_test(test_every_code_point_round_trips),
		cmocka_unit_test(test_counts_and_offsets),
		cmocka_unit_test(test_what_a_terminal_must_not_see),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
