#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/str.h"

static void test_split_as_go(void **state)
{
	static const struct {
		const char *text;
		size_t parts;
		const char *last;
	} rows[] = {
		{"", 1, ""}, {",", 2, ""}, {"a", 1, "a"}, {"a,b", 2, "b"}, {"a,,b", 3, "b"}, {"a,b,", 3, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ds_str rest = ds_str_from(rows[i].text), part = {0};
		bool done = false;
		size_t n = 0;

		while (ds_str_split(&rest, ',', &done, &part))
			n++;
		if (n != rows[i].parts || !ds_str_eqz(part, rows[i].last))
			fail_msg("'%s': %zu parts, last '%.*s'", rows[i].text, n, DS_STR_ARG(part));
	}
}

static void test_trim_as_go(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"", ""}, {"  ", ""}, {" a b ", "a b"}, {"\t\r\na\v\f", "a"}, {"\xc2\xa0x\xe3\x80\x80", "x"},
		{"\xc2\x85x", "x"}, {"\xe2\x80\x8bx", "\xe2\x80\x8bx"}, {"x\xff", "x\xff"}, {"\xff x", "\xff x"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!ds_str_eqz(ds_str_trim(ds_str_from(rows[i].text)), rows[i].want))
			fail_msg("row %zu", i);
}

static void test_distance(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned want;
	} rows[] = {
		{"", "", 0}, {"a", "", 1}, {"cluster-cidr", "cluster-cird", 1}, {"cluster-cidr", "cluster-cidrs", 1},
		{"node-ip", "nod-ip", 1}, {"abc", "xyz", 3}, {"abc", "wxyz", 4}, {"kitten", "sitting", 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(ds_str_distance(ds_str_from(rows[i].a), ds_str_from(rows[i].b), 5), rows[i].want);
		assert_int_equal(ds_str_distance(ds_str_from(rows[i].b), ds_str_from(rows[i].a), 5), rows[i].want);
	}
	assert_int_equal(ds_str_distance(DS_STR("abcdef"), DS_STR("uvwxyz"), 2), 3);
}

static void test_search_and_parts(void **state)
{
	struct ds_str s = DS_STR("one two one");

	(void)state;
	assert_int_equal(ds_str_search(s, DS_STR("two")), 4);
	assert_int_equal(ds_str_search(s, DS_STR("three")), s.n);
	assert_int_equal(ds_str_search(s, DS_STR("")), 0);
	assert_int_equal(ds_str_find(s, 't'), 4);
	assert_true(ds_str_starts(s, "one "));
	assert_false(ds_str_starts(DS_STR("on"), "one"));
	assert_true(ds_str_ends(s, " one"));
	assert_true(ds_str_eqz(ds_str_basename(DS_STR("/usr/bin/kubelet")), "kubelet"));
	assert_true(ds_str_eqz(ds_str_basename(DS_STR("kubelet")), "kubelet"));
	assert_int_equal(ds_str_skip(s, 100).n, 0);
	assert_true(ds_str_cmp(DS_STR("a"), DS_STR("ab")) < 0);
	assert_true(ds_str_cmp(DS_STR("b"), DS_STR("ab")) > 0);
	assert_int_equal(ds_str_cmp(DS_STR("ab"), DS_STR("ab")), 0);
	assert_true(ds_str_ieqz(DS_STR("DS101"), "ds101"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split_as_go),
		cmocka_unit_test(test_trim_as_go),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_search_and_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
