#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>

#include "base/file.h"
#include "cel/priv.h"

static void test_table_is_sorted(void **state)
{
	(void)state;
	for (size_t i = 1; i < ds__cel_n_fns; i++) {
		const struct ds__cel_fn *a = &ds__cel_fns[i - 1], *b = &ds__cel_fns[i];
		int d = strcmp(a->name, b->name);

		if (d > 0)
			fail_msg("%s stands before %s", a->name, b->name);
		if (d == 0 && a->method == b->method && strcmp(strchr(a->sig, ':'), strchr(b->sig, ':')) == 0)
			fail_msg("%s %s is there twice", a->name, a->sig);
	}
}

static void test_rows_are_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < ds__cel_n_fns; i++) {
		const struct ds__cel_fn *f = &ds__cel_fns[i];

		if (!f->impl || !f->doc[0] || strspn(f->sig, "nbisICtdLMAB:") != strlen(f->sig) || f->sig[0] == ':')
			fail_msg("%s", f->name);
		if (ds__cel_fn_arity(f) < 1 || ds__cel_fn_arity(f) > DS__CEL_MAX_ARGS)
			fail_msg("%s takes %zu arguments", f->name, ds__cel_fn_arity(f));
		if (ds__cel_outside(ds_str_from(f->name)))
			fail_msg("%s is both in the subset and outside it", f->name);
	}
}

/*
 * At evaluation an overload is chosen by the kinds of the values alone: two
 * that look alike to it must be the same function.
 */
static void test_overloads_are_told_apart_by_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < ds__cel_n_fns; i++) {
		for (size_t k = i + 1; k < ds__cel_n_fns && strcmp(ds__cel_fns[i].name, ds__cel_fns[k].name) == 0; k++) {
			const char *a = strchr(ds__cel_fns[i].sig, ':') + 1, *b = strchr(ds__cel_fns[k].sig, ':') + 1;

			if (ds__cel_fns[i].method == ds__cel_fns[k].method && a[0] == 'L' && b[0] == 'L' &&
			    ds__cel_fn_arity(&ds__cel_fns[i]) == ds__cel_fn_arity(&ds__cel_fns[k]) &&
			    ds__cel_fns[i].impl != ds__cel_fns[k].impl)
				fail_msg("%s: %s and %s", ds__cel_fns[i].name, a, b);
		}
	}
}

static void test_find(void **state)
{
	static const struct {
		const char *name;
		size_t n; /* 0: not there */
	} rows[] = {
		{"!", 1},     {"==", 1},   {"+", 3},	{"in", 2},   {"size", 6},      {"upperAscii", 1}, {"ip", 2},
		{"ip.", 0},   {"", 0},	   {"zzz", 0},	{"siz", 0},  {"sizes", 0},     {"sets", 0},	  {"sets.contains", 1},
		{"string", 5}, {"int", 2}, {"all", 0}, {"has", 0},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		size_t n;
		const struct ds__cel_fn *f = ds__cel_fn_find(ds_str_from(rows[i].name), &n);

		if (n != rows[i].n || (f != NULL) != (n > 0) || (f && strcmp(f->name, rows[i].name) != 0))
			fail_msg("%s: %zu", rows[i].name, n);
	}
}

/* Every overload stands in the README's table with its description. */
static void test_readme(void **state)
{
	const char *root = getenv("DS_SOURCE_ROOT");
	struct ds_arena *a = ds_arena_new(1 << 20);
	struct ds_str readme;
	char *path;

	(void)state;
	if (!root)
		skip();
	path = ds_arena_printf(a, "%s/src/cel/README.md", root);
	assert_non_null(path);
	assert_int_equal(ds_file_read(a, AT_FDCWD, path, 1 << 18, &readme, NULL), 0);
	for (size_t i = 0; i < ds__cel_n_fns; i++) {
		struct ds_buf sig DS_CLEANUP(ds_buf_done) = DS_BUF_INIT, row DS_CLEANUP(ds_buf_done) = DS_BUF_INIT;

		ds__cel_fn_put(&sig, &ds__cel_fns[i]);
		ds_buf_printf(&row, "| `%s` | %s |\n", sig.p, ds__cel_fns[i].doc);
		if (ds_str_search(readme, ds_buf_str(&row)) == readme.n)
			fail_msg("src/cel/README.md lacks: %s", row.p);
	}
	(void)ds_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_sorted),
		cmocka_unit_test(test_rows_are_complete),
		cmocka_unit_test(test_overloads_are_told_apart_by_kind),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_readme),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
