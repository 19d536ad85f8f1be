#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"

static void check_quoted(const char *in, size_t n, const char *want)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	ds_buf_add_go_quoted(&b, ds_str_n(in, n));
	assert_int_equal(b.err, 0);
	assert_string_equal(b.p, want);
}

/* As strconv.Quote prints them. */
static void test_go_quotes(void **state)
{
	(void)state;
	check_quoted("", 0, "\"\"");
	check_quoted("a\"b\\", 4, "\"a\\\"b\\\\\"");
	check_quoted("\n\t\r\a\b\f\v", 7, "\"\\n\\t\\r\\a\\b\\f\\v\"");
	check_quoted("\0\x1b\x7f", 3, "\"\\x00\\x1b\\x7f\"");
	check_quoted("\xff", 1, "\"\\xff\"");
	check_quoted("\xc2\x80\xe2\x80\x8b", 5, "\"\\u0080\\u200b\"");
	check_quoted("\xc3\xa9", 2, "\"\xc3\xa9\"");
	check_quoted("\xc2\xa0", 2, "\"\\u00a0\"");
	check_quoted("\xf3\xa0\x81\x81", 4, "\"\\U000e0041\"");
}

/* As json.Marshal prints them. */
static void test_go_json(void **state)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	(void)state;
	ds_buf_add_go_json_string(&b, DS_STR("a<b>&\"\\\n\x01\xe2\x80\xa8\xff"));
	assert_string_equal(b.p, "\"a\\u003cb\\u003e\\u0026\\\"\\\\\\n\\u0001\\u2028\\ufffd\"");
}

static void test_errors_stick(void **state)
{
	_ds_buf_done_ struct ds_buf b = {.max = 8};

	(void)state;
	ds_buf_addz(&b, "12345");
	assert_int_equal(b.err, 0);
	ds_buf_addz(&b, "67890");
	assert_int_equal(b.err, DS_ETOOBIG);
	ds_buf_addz(&b, "x");
	assert_int_equal(b.n, 5);
	ds_buf_clear(&b);
	ds_buf_printf(&b, "%d", 7);
	assert_string_equal(b.p, "7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_go_quotes),
		cmocka_unit_test(test_go_json),
		cmocka_unit_test(test_errors_stick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
