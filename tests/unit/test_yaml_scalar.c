#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "yaml_dump.h"

/* go-yaml v2's decode_test.go and resolve.go are what these rows were taken from. */
static void test_resolve(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{"010", "8"},
		{"0o10", "8"},
		{"0x10", "16"},
		{"0XaF", "175"},
		{"0b11", "3"},
		{"-0b11", "-3"},
		{"0b-11", "-3"},
		{"1_000", "1000"},
		{"0x_1_0", "16"},
		{"685_230.15", "685230f"},
		{"08", "8f"}, /* no octal number, but the float expression takes it */
		{"09.5", "9.5f"},
		{"-0", "0"},
		{"+12", "12"},
		{"-9223372036854775808", "-9223372036854775808"},
		{"9223372036854775808", "9223372036854775808"},
		{"18446744073709551615", "18446744073709551615"},
		{"18446744073709551616", "1.84467e+19f"},
		{"+9223372036854775808", "9.22337e+18f"},
		{"1e3", "1000f"},
		{"1.", "1f"},
		{".5", "0.5f"},
		{"+.5", "0.5f"},
		{"1e400", "\"1e400\""},
		{"0x1p4", "\"0x1p4\""},
		{"1e", "\"1e\""},
		{"+", "\"+\""},
		{".", "\".\""},
		{"_1", "\"_1\""},
		{"1:30", "\"1:30\""},
		{"190:20:30", "\"190:20:30\""},
		{"10.96.0.0/12", "\"10.96.0.0/12\""},
		{"10.96.0.0", "\"10.96.0.0\""},
		{"on", "true"},
		{"Off", "false"},
		{"y", "true"},
		{"N", "false"},
		{"yES", "\"yES\""},
		{"truE", "\"truE\""},
		{"~", "null"},
		{"null", "null"},
		{"Null", "null"},
		{"nULL", "\"nULL\""},
		{".inf", "inff"},
		{"-.INF", "-inff"},
		{".NaN", "nanf"},
		{".nAN", "\".nAN\""},
		{"2001-01-01", "\"2001-01-01\""},
		{"'1'", "\"1\""},
		{"\"true\"", "\"true\""},
		{"!!str 1", "\"1\""},
		{"!!float 1", "1f"},
		{"!!int '7'", "7"},
		{"!!binary YQ==", "\"YQ==\""},
		{"!custom 1", "\"1\""},
		{"fd00::1", "\"fd00::1\""},
		{"1.31", "1.31f"},
		{"1.20", "1.2f"},
		{"v1.31.0", "\"v1.31.0\""},
		{"<<", "\"<<\""},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_ctx ctx;
		struct ds_yaml_stream s;
		const char *got;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		assert_int_equal(
			ds_yaml_load(&ctx, ds_ctx_input(&ctx, "t", "yaml"), ds_str_from(rows[i].in), &s), 0);
		assert_int_equal(s.n, 1);
		got = yaml_dump_stream(&ctx, &s, false);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: %s, want %s", rows[i].in, got, rows[i].want);
		ds_ctx_done(&ctx);
	}
}

static struct ds_yaml_node plain(const char *s)
{
	return (struct ds_yaml_node){.kind = DS_YAML_SCALAR, .style = DS_YAML_PLAIN, .text = ds_str_from(s)};
}

static void test_timestamps(void **state)
{
	static const struct {
		const char *in;
		bool stamp;
	} rows[] = {
		{"2001-01-01", true},
		{"2001-1-2", true},
		{"2001-02-29", false},
		{"2000-02-29", true},
		{"2001-13-01", false},
		{"2001-12-14t21:59:43.10-05:00", true},
		{"2001-12-15T02:59:43.1Z", true},
		{"2001-12-14 21:59:43.10", true},
		{"2001-12-14 21:59:43.10 -5", false},
		{"2001-12-14 21:59", false},
		{"20011-1-1", false},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_yaml_node n = plain(rows[i].in);
		struct ds_yaml_value v = ds_yaml_resolve(&n);

		if ((v.type == DS_YAML_T_TIMESTAMP) != rows[i].stamp)
			fail_msg("%s: type %d", rows[i].in, (int)v.type);
		assert_true(ds_str_eqz(v.s, rows[i].in));
		assert_string_equal(ds_yaml_json_type(&n), "string");
	}
}

static void test_fields(void **state)
{
	static const struct {
		const char *in;
		uint8_t flags;
		int as_string, as_int, as_bool;
		unsigned bits;
		int64_t i;
		const char *json;
	} rows[] = {
		{"x", 0, 0, DS_ETYPE, DS_ETYPE, 32, 0, "string"},
		{"24", 0, DS_ETYPE, 0, DS_ETYPE, 32, 24, "number"},
		{"24.0", 0, DS_ETYPE, 0, DS_ETYPE, 32, 24, "number"},
		{"2.5", 0, DS_ETYPE, DS_ETYPE, DS_ETYPE, 32, 0, "number"},
		{"1e21", 0, DS_ETYPE, DS_ETYPE, DS_ETYPE, 64, 0, "number"},
		{"1e20", 0, DS_ETYPE, DS_ERANGE, DS_ETYPE, 64, 0, "number"},
		{"24.0", DS_YAML_F_JSON, DS_ETYPE, DS_ETYPE, DS_ETYPE, 32, 0, "number"},
		{"010", 0, DS_ETYPE, 0, DS_ETYPE, 32, 8, "number"},
		{"2147483647", 0, DS_ETYPE, 0, DS_ETYPE, 32, 2147483647, "number"},
		{"2147483648", 0, DS_ETYPE, DS_ERANGE, DS_ETYPE, 32, 0, "number"},
		{"-2147483648", 0, DS_ETYPE, 0, DS_ETYPE, 32, -2147483647 - 1, "number"},
		{"18446744073709551615", 0, DS_ETYPE, DS_ERANGE, DS_ETYPE, 64, 0, "number"},
		{"yes", 0, DS_ETYPE, DS_ETYPE, 0, 32, 0, "bool"},
		{"", 0, 0, 0, 0, 32, 0, "null"},
		{"null", DS_YAML_F_JSON, 0, 0, 0, 32, 0, "null"},
		{"false", DS_YAML_F_JSON, DS_ETYPE, DS_ETYPE, 0, 32, 0, "bool"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_yaml_node n = plain(rows[i].in);
		struct ds_str s;
		int64_t v = -1;
		bool b;

		n.flags = rows[i].flags;
		if (ds_yaml_as_string(&n, &s) != rows[i].as_string)
			fail_msg("%s: as_string", rows[i].in);
		if (ds_yaml_as_int(&n, rows[i].bits, &v) != rows[i].as_int)
			fail_msg("%s: as_int", rows[i].in);
		if (rows[i].as_int == 0 && v != rows[i].i)
			fail_msg("%s: as_int gives %" PRId64, rows[i].in, v);
		if (ds_yaml_as_bool(&n, &b) != rows[i].as_bool)
			fail_msg("%s: as_bool", rows[i].in);
		if (strcmp(ds_yaml_json_type(&n), rows[i].json) != 0)
			fail_msg("%s: json type %s", rows[i].in, ds_yaml_json_type(&n));
	}
}

static void test_absent(void **state)
{
	struct ds_str s = DS_STR("x");
	int64_t i = 1;
	bool b = true;

	(void)state;
	assert_int_equal(ds_yaml_as_string(NULL, &s), 0);
	assert_int_equal(s.n, 0);
	assert_int_equal(ds_yaml_as_int(NULL, 32, &i), 0);
	assert_int_equal(i, 0);
	assert_int_equal(ds_yaml_as_bool(NULL, &b), 0);
	assert_false(b);
	assert_true(ds_yaml_is_null(NULL));
	assert_string_equal(ds_yaml_json_type(NULL), "null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_timestamps),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
