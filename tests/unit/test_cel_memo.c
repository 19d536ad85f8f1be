#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "cel/cel.h"

enum { MANY = 1000 };

static struct ds_arena *arena;
static struct ds_cel_env *env;
static struct ds_cel_value list, vars[8];

static const struct ds_cel_program *compile(const char *text)
{
	struct ds_cel_problem problem;
	struct ds_cel_program *p = NULL;

	if (ds_cel_compile(arena, env, ds_str_from(text), &ds_cel_type_dyn, &p, &problem) < 0)
		fail_msg("%s: %s", text, problem.message);
	return p;
}

/* "all" is fixed, "one" differs between evaluations. */
static int setup(void **state)
{
	struct ds_cel_value *v;

	(void)state;
	arena = ds_arena_new(DS_LIMIT_ARENA);
	env = ds_cel_env_new(arena);
	v = ds_arena_new_array(arena, MANY, struct ds_cel_value);
	if (!env || !v)
		return -1;
	for (int64_t i = 0; i < MANY; i++)
		v[i] = ds_cel_int(i);
	list = (struct ds_cel_value){.kind = DS_CEL_LIST, .list = {v, MANY}};
	vars[0] = list;
	if (ds_cel_env_declare(env, "all", &ds_cel_type_list_int) != 0)
		return -1;
	ds_cel_env_fix(env);
	if (ds_cel_env_declare(env, "one", &ds_cel_type_int) != 1 ||
	    ds_cel_env_declare_lazy(env, "variables.big", compile("all.filter(x, x > 900)")) != 2 ||
	    ds_cel_env_declare_lazy(env, "variables.near", compile("all.filter(x, x > one - 2 && x < one + 2)")) != 3)
		return -1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ds_arena_free(arena);
	return 0;
}

/* With a memo and without one: the same values, the second time with few steps. */
static void test_same_values(void **state)
{
	static const struct {
		const char *expr;
		size_t again; /* steps that are enough the second time; 0 = as many as the first */
	} rows[] = {
		{"all.exists(x, x == 999)", 2},
		{"size(all.filter(x, x % 2 == 0)) + one", 10},
		{"all.map(x, x + 1).filter(x, x > 5)", 2},
		{"one > 3 && all.all(x, x >= 0)", 0},
		{"size(variables.big)", 10},
		{"variables.big.exists(x, x == one)", 0},
		{"size(variables.near)", 0},
		{"all.exists(x, x == one)", 0},
		{"all.exists(x, [1, 2].exists(y, y == x) && x == one)", 0},
		{"[1, 2, 3].map(x, all.filter(y, y < 10).exists(z, z == x))", 2},
		{"variables.near.map(x, variables.big.exists(y, x == y))", 0},
		{"{'a': all.map(x, x)}.a[0]", 10},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		const struct ds_cel_program *p = compile(rows[i].expr);
		struct ds_cel_memo *memo = ds_cel_memo_new(arena);

		assert_non_null(memo);
		for (int64_t k = 0; k < 5; k++) {
			struct ds_arena *tmp = ds_arena_new(DS_LIMIT_ARENA);
			struct ds_cel_value plain, with;
			size_t cost = k > 0 ? rows[i].again : 0;

			assert_non_null(tmp);
			vars[1] = ds_cel_int(k * 3);
			assert_int_equal(ds_cel_eval(p, vars, arena, 0, &plain), 0);
			assert_int_equal(ds_cel_eval_memo(p, vars, memo, tmp, cost, &with), 0);
			if (!ds_cel_equal(&plain, &with))
				fail_msg("%s for %d: %s, not %s", rows[i].expr, (int)k * 3, ds_cel_show(arena, &with),
					 ds_cel_show(arena, &plain));
			ds_arena_free(tmp);
		}
	}
}

/* Running out of steps is not remembered, nor does a memo outgrow its programs. */
static void test_too_little_is_not_remembered(void **state)
{
	const struct ds_cel_program *p = compile("size(all.map(x, x))"), *lazy = compile("size(variables.big)");
	struct ds_cel_memo *memo = ds_cel_memo_new(arena);
	struct ds_cel_value v;

	(void)state;
	assert_non_null(memo);
	assert_int_equal(ds_cel_eval_memo(p, vars, memo, arena, 50, &v), 0);
	assert_int_equal(v.kind, DS_CEL_ERROR);
	assert_int_equal(ds_cel_eval_memo(p, vars, memo, arena, 0, &v), 0);
	assert_int_equal(v.i, MANY);
	assert_int_equal(ds_cel_eval_memo(lazy, vars, memo, arena, 50, &v), 0);
	assert_int_equal(v.kind, DS_CEL_ERROR);
	assert_int_equal(ds_cel_eval_memo(lazy, vars, memo, arena, 0, &v), 0);
	assert_int_equal(v.i, 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_values),
		cmocka_unit_test(test_too_little_is_not_remembered),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
