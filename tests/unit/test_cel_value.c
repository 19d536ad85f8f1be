#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cel/priv.h"

static const struct ds_cel_error why = {.message = "not readable"};

static const struct ds_cel_field fields[] = {
	{"a", &ds_cel_type_int,	   "a"},
	{"b", &ds_cel_type_string, "b"},
};
static const struct ds_cel_object_type type_x = {"x", "x", fields, 2}, type_y = {"y", "y", fields, 2};

#define INT(n)	   {.kind = DS_CEL_INT, .i = (n)}
#define TEXT(z)	   {.kind = DS_CEL_STRING, .s = {z, sizeof(z) - 1}}
#define ABSENT	   {.kind = DS_CEL_ABSENT}
#define UNKNOWN	   {.kind = DS_CEL_UNKNOWN, .err = &why}
#define LIST(v, n) {.kind = DS_CEL_LIST, .list = {v, n}}
#define X(t, f)	   {.kind = DS_CEL_OBJECT, .object = {&(t), f}}

static const struct ds_cel_value one_two[] = {INT(1), INT(2)}, one_three[] = {INT(1), INT(3)},
				 one_hidden[] = {INT(1), UNKNOWN}, two_hidden[] = {INT(2), UNKNOWN};
static const struct ds_cel_value set[] = {INT(1), TEXT("t")}, partly[] = {INT(1), ABSENT}, hidden[] = {INT(1), UNKNOWN},
				 other[] = {INT(2), UNKNOWN};
static const struct ds_cel_entry ab[] = {{TEXT("a"), INT(1)}, {TEXT("b"), INT(2)}},
				 ba[] = {{TEXT("b"), INT(2)}, {TEXT("a"), INT(1)}},
				 ac[] = {{TEXT("a"), INT(1)}, {TEXT("c"), INT(2)}};
#define MAP(v) {.kind = DS_CEL_MAP, .map = {v, 2}}

static void test_equality(void **state)
{
	static const struct {
		struct ds_cel_value a, b;
		enum ds__cel_eq want;
	} rows[] = {
		{INT(1), INT(1), EQ_TRUE},
		{INT(1), INT(2), EQ_FALSE},
		{INT(1), TEXT("1"), EQ_FALSE},
		{TEXT("a\0b"), TEXT("a\0c"), EQ_FALSE},
		{{.kind = DS_CEL_NULL}, {.kind = DS_CEL_NULL}, EQ_TRUE},
		{LIST(one_two, 2), LIST(one_two, 2), EQ_TRUE},
		{LIST(one_two, 2), LIST(one_two, 1), EQ_FALSE},
		{LIST(one_two, 2), LIST(one_three, 2), EQ_FALSE},
		{LIST(one_two, 2), LIST(one_hidden, 2), EQ_MISSING},
		{LIST(one_two, 2), LIST(two_hidden, 2), EQ_FALSE},
		{LIST(one_hidden, 2), LIST(one_hidden, 2), EQ_MISSING},
		{MAP(ab), MAP(ba), EQ_TRUE},
		{MAP(ab), MAP(ac), EQ_FALSE},
		{X(type_x, set), X(type_x, set), EQ_TRUE},
		{X(type_x, set), X(type_y, set), EQ_FALSE},
		{X(type_x, partly), X(type_x, partly), EQ_TRUE},
		{X(type_x, partly), X(type_x, set), EQ_FALSE},
		{X(type_x, hidden), X(type_x, set), EQ_MISSING},
		{X(type_x, hidden), X(type_x, partly), EQ_MISSING},
		{X(type_x, hidden), X(type_x, hidden), EQ_MISSING},
		{X(type_x, hidden), X(type_x, other), EQ_FALSE},
		{UNKNOWN, INT(1), EQ_MISSING},
		{ABSENT, ABSENT, EQ_MISSING},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		const struct ds_cel_value *missing = NULL;
		size_t steps;

		if (ds__cel_compare_eq(&rows[i].a, &rows[i].b, 1000, &missing, &steps) != rows[i].want ||
		    ds__cel_compare_eq(&rows[i].b, &rows[i].a, 1000, NULL, &steps) != rows[i].want)
			fail_msg("row %zu", i);
		assert_int_equal(ds_cel_equal(&rows[i].a, &rows[i].b), rows[i].want == EQ_TRUE);
		if (rows[i].want == EQ_MISSING)
			assert_non_null(missing);
		assert_true(steps > 0);
	}
}

static void test_depth(void **state)
{
	static struct ds_cel_value nest[2][5000];
	struct ds_arena *a = ds_arena_new(1 << 20);
	size_t steps;
	const char *z;

	(void)state;
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 1; i < 5000; i++)
			nest[k][i] = (struct ds_cel_value)LIST(&nest[k][i - 1], 1);
	assert_int_equal(ds__cel_compare_eq(&nest[0][200], &nest[1][200], 1000, NULL, &steps), EQ_TRUE);
	assert_int_equal(ds__cel_compare_eq(&nest[0][4999], &nest[1][4999], 1000, NULL, &steps), EQ_TOO_DEEP);
	z = ds_cel_show(a, &nest[0][4999]);
	assert_non_null(z);
	assert_non_null(strstr(z, "…"));
	(void)ds_arena_free(a);
}

/* Each level holds the one below twice: 2^100 elements in 200 values. */
static void test_shared_parts(void **state)
{
	static struct ds_cel_value twice[2][101][2];
	struct ds_arena *a = ds_arena_new(1 << 20);
	struct ds_cel_value x, y;
	size_t steps;
	const char *z;

	(void)state;
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 1; i <= 100; i++)
			for (size_t e = 0; e < 2; e++)
				twice[k][i][e] = (struct ds_cel_value)LIST(twice[k][i - 1], 2);
	x = (struct ds_cel_value)LIST(twice[0][100], 2);
	y = (struct ds_cel_value)LIST(twice[1][100], 2);
	assert_int_equal(ds__cel_compare_eq(&x, &y, 1000, NULL, &steps), EQ_TOO_LONG);
	assert_true(steps < 1200);
	assert_false(ds_cel_equal(&x, &y));
	z = ds_cel_show(a, &x);
	assert_non_null(z);
	assert_true(strlen(z) < 70000);
	assert_string_equal(z + strlen(z) - strlen("…"), "…");
	(void)ds_arena_free(a);
}

static void test_show(void **state)
{
	static const struct {
		struct ds_cel_value v;
		const char *text;
	} rows[] = {
		{{.kind = DS_CEL_NULL}, "null"},
		{{.kind = DS_CEL_BOOL, .b = true}, "true"},
		{INT(INT64_MIN), "-9223372036854775808"},
		{TEXT("a b"), "a b"},
		{TEXT(""), ""},
		{LIST(one_two, 2), "[1, 2]"},
		{LIST(one_two, 0), "[]"},
		{LIST(one_hidden, 2), "[1, (unknown: not readable)]"},
		{MAP(ab), "{a: 1, b: 2}"},
		{X(type_x, set), "x{a: 1, b: t}"},
		{X(type_x, partly), "x{a: 1}"},
		{X(type_x, hidden), "x{a: 1, b: (unknown: not readable)}"},
		{ABSENT, "(not set)"},
		{{.kind = DS_CEL_ERROR, .err = &why}, "(error: not readable)"},
		{{.kind = DS_CEL_TYPE, .type = &ds_cel_type_cidr}, "net.CIDR"},
		{{.kind = DS_CEL_TYPE, .type = &ds_cel_type_list_int}, "list"},
		{{.kind = DS_CEL_IP, .ip = {6, {[15] = 1}}}, "::1"},
		{{.kind = DS_CEL_CIDR, .cidr = {{4, {10, 1, 2, 3}}, 8}}, "10.1.2.3/8"},
	};
	struct ds_arena *a = ds_arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		assert_string_equal(ds_cel_show(a, &rows[i].v), rows[i].text);
	(void)ds_arena_free(a);
}

static void test_order(void **state)
{
	static const struct {
		struct ds_cel_value a, b;
		int want; /* 9: not ordered */
	} rows[] = {
		{INT(1), INT(2), -1},	    {INT(2), INT(2), 0},	  {INT(INT64_MAX), INT(INT64_MIN), 1},
		{TEXT("a"), TEXT("b"), -1}, {TEXT("\xef\xbf\xbf"), TEXT("\xf0\x90\x80\x80"), -1},
		{INT(1), TEXT("1"), 9},	    {LIST(one_two, 2), LIST(one_two, 2), 9},
		{{.kind = DS_CEL_NULL}, {.kind = DS_CEL_NULL}, 9},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		int d = 0;
		bool ok = ds__cel_order(&rows[i].a, &rows[i].b, &d);

		if (ok != (rows[i].want != 9) || (ok && (d > 0) - (d < 0) != rows[i].want))
			fail_msg("row %zu: %d", i, d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equality),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_shared_parts),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
