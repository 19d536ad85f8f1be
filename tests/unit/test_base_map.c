#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/map.h"

static void test_put_get_replace_in_order(void **state)
{
	struct ds_arena *a = ds_arena_new(1 << 24);
	struct ds_map m;
	int value = 0, other = 0;

	(void)state;
	ds_map_init(&m, a);
	assert_null(ds_map_get(&m, DS_STR("x")));
	for (int i = 0; i < 5000; i++) {
		char *key = ds_arena_printf(a, "key-%d", i);

		assert_int_equal(ds_map_put(&m, ds_str_from(key), &value), 0);
	}
	assert_int_equal(ds_map_put(&m, DS_STR("key-17"), &other), 0);
	assert_int_equal(m.n, 5000);
	assert_ptr_equal(ds_map_get(&m, DS_STR("key-17")), &other);
	assert_ptr_equal(ds_map_get(&m, DS_STR("key-4999")), &value);
	assert_null(ds_map_get(&m, DS_STR("key-5000")));
	assert_true(ds_str_eqz(m.entries[0].key, "key-0"));
	assert_true(ds_str_eqz(m.entries[4999].key, "key-4999"));
	ds_arena_free(a);
}

static void test_out_of_memory(void **state)
{
	struct ds_arena *a = ds_arena_new(64);
	struct ds_map m;
	int value = 0;

	(void)state;
	ds_map_init(&m, a);
	assert_int_equal(ds_map_put(&m, DS_STR("x"), &value), DS_ENOMEM);
	ds_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_get_replace_in_order),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
