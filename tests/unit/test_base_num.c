#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/num.h"

static void test_decimal(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		int r;
		uint64_t want;
	} rows[] = {
		{"0", 10, 0, 0},        {"10", 10, 0, 10},     {"11", 10, DS_ERANGE, 0}, {"", 10, DS_ESYNTAX, 0},
		{"+1", 10, DS_ESYNTAX, 0}, {" 1", 10, DS_ESYNTAX, 0}, {"1x", 10, DS_ESYNTAX, 0}, {"007", 10, 0, 7},
		{"18446744073709551615", UINT64_MAX, 0, UINT64_MAX}, {"18446744073709551616", UINT64_MAX, DS_ERANGE, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t v = 0;
		int r = ds_num_u64(ds_str_from(rows[i].text), rows[i].max, &v);

		if (r != rows[i].r || (r == 0 && v != rows[i].want))
			fail_msg("'%s': %d", rows[i].text, r);
	}
}

static void test_go_integers_in_base_0(void **state)
{
	static const struct {
		const char *text;
		unsigned bits;
		int r;
		int64_t want;
	} rows[] = {
		{"24", 32, 0, 24},        {"024", 32, 0, 20},       {"0x18", 32, 0, 24},       {"0b11", 32, 0, 3},
		{"0o30", 32, 0, 24},      {"-1", 32, 0, -1},        {"+5", 32, 0, 5},          {"0", 32, 0, 0},
		{"1_000", 32, 0, 1000},   {"_1", 32, DS_ESYNTAX, 0}, {"1_", 32, DS_ESYNTAX, 0}, {"1__0", 32, DS_ESYNTAX, 0},
		{"0_7", 32, 0, 7},        {"0x_f", 32, 0, 15},      {"08", 32, DS_ESYNTAX, 0}, {"", 32, DS_ESYNTAX, 0},
		{"-", 32, DS_ESYNTAX, 0}, {"1.5", 32, DS_ESYNTAX, 0}, {" 1", 32, DS_ESYNTAX, 0}, {"0x", 32, DS_ESYNTAX, 0},
		{"2147483647", 32, 0, 2147483647}, {"2147483648", 32, DS_ERANGE, 2147483647},
		{"-2147483648", 32, 0, -2147483648LL}, {"-2147483649", 32, DS_ERANGE, -2147483648LL},
		{"9223372036854775807", 64, 0, INT64_MAX}, {"-9223372036854775808", 64, 0, INT64_MIN},
		{"99999999999999999999", 64, DS_ERANGE, INT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t v = 0;
		int r = ds_num_go_int0(ds_str_from(rows[i].text), rows[i].bits, &v);

		if (r != rows[i].r || (r != DS_ESYNTAX && v != rows[i].want))
			fail_msg("'%s': %d, %lld", rows[i].text, r, (long long)v);
	}
}

static void test_go_booleans(void **state)
{
	bool b = false;

	(void)state;
	assert_int_equal(ds_num_go_bool(DS_STR("t"), &b), 0);
	assert_true(b);
	assert_int_equal(ds_num_go_bool(DS_STR("False"), &b), 0);
	assert_false(b);
	assert_int_equal(ds_num_go_bool(DS_STR("yes"), &b), DS_ESYNTAX);
	assert_int_equal(ds_num_go_bool(DS_STR("tRUE"), &b), DS_ESYNTAX);
	assert_int_equal(ds_num_go_bool(DS_STR(""), &b), DS_ESYNTAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decimal),
		cmocka_unit_test(test_go_integers_in_base_0),
		cmocka_unit_test(test_go_booleans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
