#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/vec.h"

static void test_memory_is_zeroed_and_aligned(void **state)
{
	struct ds_arena *a = ds_arena_new(1 << 20);

	(void)state;
	for (size_t n = 0; n < 300; n++) {
		unsigned char *p = ds_arena_alloc(a, n);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, n);
	}
	ds_arena_reset(a);
	for (size_t i = 0; i < 1000; i++) {
		unsigned char *p = ds_arena_alloc(a, 16);

		assert_non_null(p);
		assert_int_equal(p[15], 0);
	}
	ds_arena_free(a);
}

static void test_budget_is_a_failure_like_any_other(void **state)
{
	struct ds_arena *a = ds_arena_new(100);

	(void)state;
	assert_non_null(ds_arena_alloc(a, 60));
	assert_null(ds_arena_alloc(a, 41));
	assert_non_null(ds_arena_alloc(a, 40));
	assert_null(ds_arena_alloc(a, 1));
	assert_int_equal(ds_arena_used(a), 100);
	assert_null(ds_arena_array(a, SIZE_MAX / 2, 3));
	assert_null(ds_arena_printf(a, "%s", "no room"));
	ds_arena_free(a);
	assert_null(ds_arena_free(NULL));
}

static void test_texts(void **state)
{
	struct ds_arena *a = ds_arena_new(1 << 20);
	char *s = ds_arena_printf(a, "%s-%d", "x", 42);
	char *nul = ds_arena_strndup(a, "a\0b", 3);

	(void)state;
	assert_string_equal(s, "x-42");
	assert_memory_equal(nul, "a\0b", 4);
	ds_arena_free(a);
}

static void test_vectors_keep_what_was_pushed(void **state)
{
	struct ds_arena *a = ds_arena_new(1 << 20);
	DS_VEC(int) v = {0};

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(ds_vec_push(a, &v, i), 0);
	assert_int_equal(v.n, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(v.v[i], i);
	ds_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_is_zeroed_and_aligned),
		cmocka_unit_test(test_budget_is_a_failure_like_any_other),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_vectors_keep_what_was_pushed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
