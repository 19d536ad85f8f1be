#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "cel_rows.h"

/* ---- a small host: a controller manager, a proxy, a list of nodes ---- */

static const struct ds_cel_field range_fields[] = {
	{"raw",   &ds_cel_type_string,    "as written"},
	{"cidrs", &ds_cel_type_list_cidr, "parsed"    },
};
static const struct ds_cel_object_type range_object = {"range", "a range", range_fields, 2};
static const struct ds_cel_type range_type = {.kind = DS_CEL_OBJECT, .object = &range_object};

static const struct ds_cel_field kcm_fields[] = {
	{"clusterCIDR",	 &range_type,		   "pods"    },
	{"serviceRange", &range_type,		   "services"},
	{"nodeMask",	 &ds_cel_type_int,	   "mask"    },
	{"extra",	 &ds_cel_type_list_string, "extra"   },
	{"any",		 &ds_cel_type_dyn,	   "any"     },
};
static const struct ds_cel_object_type kcm_object = {"kubeControllerManager", "kcm", kcm_fields, 5};
static const struct ds_cel_type kcm_type = {.kind = DS_CEL_OBJECT, .object = &kcm_object};
static const struct ds_cel_type kcms_type = {.kind = DS_CEL_LIST, .elem = &kcm_type};

static const struct ds_input input = {.name = "kcm.yaml", .type = "static-pod"};
static const struct ds_loc kcm_loc = {.input = &input, .line = 1};
static const struct ds_loc range_loc = {.input = &input, .line = 7};
static const struct ds_loc second_loc = {.input = &input, .line = 9};

static const struct ds_cel_error not_seen = {.message = "the process belongs to another user"};

#define ABSENT  {.kind = DS_CEL_ABSENT}
#define UNKNOWN {.kind = DS_CEL_UNKNOWN, .err = &not_seen}
#define TEXT(z) {.kind = DS_CEL_STRING, .s = {z, sizeof(z) - 1}}

static const struct ds_cel_value cidrs[] = {
	{.kind = DS_CEL_CIDR, .cidr = {{4, {10, 244}}, 16}},
	{.kind = DS_CEL_CIDR, .loc = &second_loc, .cidr = {{6, {0xfd}}, 48}},
};
static const struct ds_cel_value range_values[] = {
	TEXT("10.244.0.0/16,fd00::/48"),
	{.kind = DS_CEL_LIST, .list = {cidrs, 2}},
};
static const struct ds_cel_value extra[] = {TEXT("a"), UNKNOWN, TEXT("c")};
static const struct ds_cel_value kcm_values[] = {
	{.kind = DS_CEL_OBJECT, .loc = &range_loc, .object = {&range_object, range_values}},
	ABSENT,
	UNKNOWN,
	{.kind = DS_CEL_LIST, .list = {extra, 3}},
	{.kind = DS_CEL_OBJECT, .object = {&range_object, range_values}},
};
#define KCM {.kind = DS_CEL_OBJECT, .loc = &kcm_loc, .object = {&kcm_object, kcm_values}}
static const struct ds_cel_value kcm_list[] = {KCM, UNKNOWN};

static const struct {
	const char *name;
	const struct ds_cel_type *type;
	struct ds_cel_value value;
} host[] = {
	{"kcm",	    &kcm_type,	      KCM},
	{"proxy",   &kcm_type,	      UNKNOWN},
	{"gone",    &kcm_type,	      ABSENT},
	{"kcms",    &kcms_type,	      {.kind = DS_CEL_LIST, .list = {kcm_list, 2}}},
	{"n",	    &ds_cel_type_int, {.kind = DS_CEL_INT, .i = 3}},
	{"hidden",  &ds_cel_type_list_string, UNKNOWN},
	{"unset",   &ds_cel_type_list_string, ABSENT},
};

static struct ds_arena *arena;
static struct ds_cel_env *env;
static struct ds_cel_value vars[16];

static struct ds_cel_program *compile(const char *expr)
{
	struct ds_cel_program *p = NULL;
	struct ds_cel_problem e = {0};

	if (ds_cel_compile(arena, env, ds_str_from(expr), &ds_cel_type_dyn, &p, &e) < 0)
		fail_msg("%s: %s", expr, e.message);
	return p;
}

static int setup(void **state)
{
	(void)state;
	arena = ds_arena_new((size_t)256 << 20);
	env = arena ? ds_cel_env_new(arena) : NULL;
	if (!env)
		return -1;
	for (size_t i = 0; i < DS_ARRAY_SIZE(host); i++) {
		if (ds_cel_env_declare(env, host[i].name, host[i].type) != (int)i)
			return -1;
		vars[i] = host[i].value;
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena = ds_arena_free(arena);
	return 0;
}

static void check(const struct cel_row *rows, size_t n)
{
	struct ds_buf out = DS_BUF_INIT;
	size_t bad = 0;

	for (size_t i = 0; i < n; i++) {
		cel_outcome(arena, env, vars, ds_str_from(rows[i].expr), &out);
		if (!cel_matches(out.p, rows[i].want) && ++bad)
			print_error("%s\n  want %s\n  got  %s\n", rows[i].expr, rows[i].want, out.p);
	}
	ds_buf_done(&out);
	if (bad)
		fail_msg("%zu of %zu rows differ", bad, n);
}

/* clang-format off */
static void test_host(void **state)
{
	static const struct cel_row rows[] = {
		{"n + 1", "4"},
		{"kcm.clusterCIDR.raw", "\"10.244.0.0/16,fd00::/48\""},
		{"kcm.clusterCIDR.cidrs[1]", "cidr(fd00::/48)"},
		{"kcm.clusterCIDR.cidrs.map(c, c.prefixLength())", "[16, 48]"},
		{"families(kcm.clusterCIDR.cidrs)", "[\"IPv4\", \"IPv6\"]"},
		{"isDualStack(kcm.clusterCIDR.cidrs)", "true"},
		{"kcm.clusterCIDR == kcm.clusterCIDR", "true"},
		{"kcm == null", "false"},
		{"type(kcm)", "kubeControllerManager"},
		{"type(kcm) == type(kcm)", "true"},
		{"type(kcm) == type(kcm.clusterCIDR)", "false"},
		{"kcm.any.raw", "\"10.244.0.0/16,fd00::/48\""},
		{"dyn(kcm).clusterCIDR.raw", "\"10.244.0.0/16,fd00::/48\""},
		{"dyn(kcm).nope", "error: kubeControllerManager has no field 'nope'"},
		{"kcm.any.nope", "error: range has no field 'nope'"},
		{"kcm.any == kcm.clusterCIDR", "true"},
		{"kcm.any", "range{raw: 10.244.0.0/16,fd00::/48, cidrs: [10.244.0.0/16, fd00::/48]}"},
		{"string(kcm.clusterCIDR.cidrs[0]) + '!'", "\"10.244.0.0/16!\""},
		{"'%s'.format([kcm.clusterCIDR.cidrs])", "\"[10.244.0.0/16, fd00::/48]\""},
	};
	(void)state;
	check(rows, DS_ARRAY_SIZE(rows));
}

static void test_missing(void **state)
{
	static const struct cel_row rows[] = {
		{"kcm.serviceRange", "missing: kcm.serviceRange is not set"},
		{"kcm.serviceRange.raw", "missing: kcm.serviceRange is not set"},
		{"kcm.serviceRange.cidrs[0].family()", "missing: kcm.serviceRange is not set"},
		{"kcm.nodeMask", "missing: kcm.nodeMask is unknown: the process belongs to another user"},
		{"kcm.nodeMask + 1", "missing: kcm.nodeMask is unknown"},
		{"kcm.nodeMask == 24", "missing: kcm.nodeMask is unknown"},
		{"kcm.nodeMask == 24 || true", "true"},
		{"true || kcm.nodeMask == 24", "true"},
		{"kcm.nodeMask == 24 && false", "false"},
		{"kcm.nodeMask == 24 || false", "missing: kcm.nodeMask is unknown"},
		{"kcm.nodeMask > 2 ? 1 : 2", "missing: kcm.nodeMask is unknown"},
		{"dyn(kcm).nodeMask", "missing: dyn(kcm).nodeMask is unknown"},
		{"proxy", "missing: proxy is unknown: the process belongs to another user"},
		{"proxy.clusterCIDR.raw", "missing: proxy is unknown"},
		{"proxy == null", "missing: proxy is unknown"},
		{"gone", "missing: gone is not set"},
		{"gone.clusterCIDR", "missing: gone is not set"},
		{"has(kcm.clusterCIDR)", "true"},
		{"has(kcm.clusterCIDR.raw)", "true"},
		{"has(kcm.serviceRange)", "false"},
		{"has(kcm.serviceRange.raw)", "false"},
		{"has(gone.serviceRange)", "false"},
		{"has(gone.serviceRange.raw)", "false"},
		{"has(kcm.nodeMask)", "missing: kcm.nodeMask is unknown"},
		{"has(proxy.clusterCIDR)", "missing: proxy is unknown"},
		{"has(proxy.clusterCIDR.raw)", "missing: proxy is unknown"},
		{"!has(kcm.serviceRange) || kcm.serviceRange.raw == ''", "true"},
		{"has(kcm.serviceRange) && kcm.serviceRange.raw == ''", "false"},
		/* elements that nobody could see */
		{"size(kcm.extra)", "3"},
		{"kcm.extra[0]", "\"a\""},
		{"kcm.extra[1]", "missing: kcm.extra[1] is unknown"},
		{"'a' in kcm.extra", "true"},
		{"'c' in kcm.extra", "true"},
		{"'x' in kcm.extra", "missing: kcm.extra[1] is unknown"},
		{"kcm.extra.exists(e, e == 'c')", "true"},
		{"kcm.extra.exists(e, e == 'x')", "missing: kcm.extra[1] is unknown"},
		{"kcm.extra.all(e, e == 'x')", "false"},
		{"kcm.extra.all(e, e != 'x')", "missing: kcm.extra[1] is unknown"},
		{"kcm.extra.all(e, true)", "true"},
		{"kcm.extra.filter(e, e != 'a')", "missing: kcm.extra[1] is unknown"},
		{"kcm.extra.map(e, e)", "missing: kcm.extra[1] is unknown"},
		{"kcm.extra.filter(e, true)[1]", "missing: "},
		{"kcm.extra.filter(e, true).size()", "3"},
		{"kcm.extra.join(',')", "missing: kcm.extra[1] is unknown"},
		{"kcm.extra.min()", "missing: kcm.extra[1] is unknown"},
		{"kcm.extra.sort()", "missing: kcm.extra[1] is unknown"},
		{"kcm.extra.distinct()", "missing: kcm.extra[1] is unknown"},
		{"kcm.extra.indexOf('a')", "0"},
		{"kcm.extra.indexOf('c')", "missing: kcm.extra[1] is unknown"},
		{"kcm.extra.lastIndexOf('c')", "2"},
		{"kcm.extra.lastIndexOf('a')", "missing: kcm.extra[1] is unknown"},
		{"sets.contains(kcm.extra, ['a'])", "true"},
		{"sets.contains(['a'], kcm.extra)", "missing: kcm.extra[1] is unknown"},
		{"'%s %s'.format(kcm.extra)", "missing: kcm.extra[1] is unknown"},
		{"kcm.extra == ['a', 'b', 'c']", "missing: "},
		{"kcm.extra == ['x', 'b', 'c']", "false"},
		{"kcm.extra == ['a', 'b', 'x']", "false"},
		{"kcm.extra == ['a']", "false"},
		{"kcm.extra != ['a', 'b', 'c']", "missing: "},
		{"kcm == kcm", "missing: "},
		{"kcms[0].clusterCIDR.raw != ''", "true"},
		{"kcms[1].clusterCIDR.raw != ''", "missing: kcms[1] is unknown"},
		{"kcms.all(k, has(k.clusterCIDR))", "missing: kcms[1] is unknown"},
		{"kcms.map(k, k.serviceRange)", "missing: kcms[0].serviceRange is not set"},
		{"kcms.exists(k, k.clusterCIDR.cidrs.exists(c, c.family() == 6))", "true"},
		{"kcms.all(k, k.clusterCIDR.cidrs.all(c, c.family() == 4))", "false"},
		{"hidden[0]", "missing: hidden is unknown"},
		{"hidden.all(h, true)", "missing: hidden is unknown"},
		{"unset[0]", "missing: unset is not set"},
		{"unset.size() == 0", "missing: unset is not set"},
		{"has(kcms[0].serviceRange.raw)", "false"},
		{"has(kcms[1].clusterCIDR)", "missing: kcms[1] is unknown"},
		{"has(kcms[9].clusterCIDR)", "error: index out of bounds: 9"},
		{"[kcm.nodeMask]", "missing: kcm.nodeMask is unknown"},
		{"{kcm.nodeMask: 1}", "missing: kcm.nodeMask is unknown"},
		{"{1: kcm.nodeMask}", "missing: kcm.nodeMask is unknown"},
		{"kcms[kcm.nodeMask]", "missing: kcm.nodeMask is unknown"},
		{"kcms[\n\tn - 2\n].nodeMask", "missing: kcms[n - 2] is unknown"},
		{"kcms.filter(k, true &&\n  true && true && true && true && true && true && true)[1]",
		 "missing: kcms.filter(k, true && true && true && true && true && true &…[1] is unknown"},
		{"kcms[n - 2].nodeMask", "missing: kcms[n - 2] is unknown"},
		{"kcms.filter(k, true).map(k, k.nodeMask)", "missing: kcms.filter(k, true)[0].nodeMask is unknown"},
	};
	(void)state;
	check(rows, DS_ARRAY_SIZE(rows));
}
/* clang-format on */

static void test_places(void **state)
{
	static const struct {
		const char *expr;
		const struct ds_loc *loc;
	} rows[] = {
		{"kcm", &kcm_loc},
		{"kcm.clusterCIDR", &range_loc},
		{"kcm.clusterCIDR.raw", &range_loc}, /* its own place is not known: that of what it belongs to */
		{"kcm.clusterCIDR.cidrs", &range_loc},
		{"kcm.clusterCIDR.cidrs[0]", &range_loc},
		{"kcm.clusterCIDR.cidrs[1]", &second_loc},
		{"kcm.clusterCIDR.cidrs.filter(c, true)[1]", &second_loc},
		{"kcm.clusterCIDR.cidrs.filter(c, true)[0]", &range_loc},
		{"kcm.clusterCIDR.cidrs.map(c, c)[1]", &second_loc},
		{"(true ? kcm : kcms[0]).clusterCIDR", &range_loc},
		{"dyn(kcm.clusterCIDR)", &range_loc},
		{"cidr(string(kcm.clusterCIDR.cidrs[1]))", NULL},
		{"[kcm.clusterCIDR][0]", &range_loc},
		{"{'a': kcm.clusterCIDR}.a", &range_loc},
		{"1 + 1", NULL},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_cel_value v;

		assert_int_equal(ds_cel_eval(compile(rows[i].expr), vars, arena, 0, &v), 0);
		if (v.loc != rows[i].loc)
			fail_msg("%s: line %u", rows[i].expr, v.loc ? v.loc->line : 0);
	}
}

static void test_error_offset(void **state)
{
	static const struct {
		const char *expr;
		size_t offset;
	} rows[] = {
		{"1 + 2 / 0", 4},
		{"true && kcm.nodeMask == 3", 8},
		{"[1, 2].map(x, 1 / (x - 2))", 14},
		{"{'a': 1}['b']", 0},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_cel_value v;

		assert_int_equal(ds_cel_eval(compile(rows[i].expr), vars, arena, 0, &v), 0);
		if (v.kind != DS_CEL_ERROR || v.err->offset != rows[i].offset)
			fail_msg("%s: %zu", rows[i].expr, v.kind == DS_CEL_ERROR ? v.err->offset : 999);
	}
}

static void test_paths(void **state)
{
	static const struct {
		const char *expr, *paths;
	} rows[] = {
		{"1", ""},
		{"n", "n"},
		{"n + n", "n"},
		{"kcm.clusterCIDR.cidrs", "kcm.clusterCIDR.cidrs"},
		{"has(kcm.clusterCIDR) && kcm.clusterCIDR.raw != ''", "kcm.clusterCIDR kcm.clusterCIDR.raw"},
		{"kcms.all(k, k.nodeMask > n)", "kcms kcms[].nodeMask n"},
		{"kcms.map(k, k.clusterCIDR.cidrs.map(c, c.family()))", "kcms kcms[].clusterCIDR.cidrs kcms[].clusterCIDR.cidrs[]"},
		{"kcms[n].nodeMask", "kcms[].nodeMask n"},
		{"kcms.filter(k, k.nodeMask > 1).map(k, k.extra)", "kcms kcms[].nodeMask"},
		{"kcm.any.x.y", "kcm.any.x.y"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_buf b DS_CLEANUP(ds_buf_done) = DS_BUF_INIT;
		const char *const *paths;
		size_t n;

		assert_int_equal(ds_cel_program_paths(compile(rows[i].expr), arena, &paths, &n), 0);
		ds_buf_addz(&b, "");
		for (size_t k = 0; k < n; k++)
			ds_buf_printf(&b, "%s%s", k ? " " : "", paths[k]);
		if (strcmp(b.p ? b.p : "", rows[i].paths) != 0)
			fail_msg("%s: %s", rows[i].expr, b.p);
	}
}

static void test_lazy_variables(void **state)
{
	static const struct cel_row rows[] = {
		{"variables.first", "cidr(10.244.0.0/16)"},
		{"variables.first.family() + variables.second", "9"},
		{"variables.broken", "error: division by zero"},
		{"variables.broken == 1 || true", "true"},
		{"false && variables.broken == 1", "false"},
		{"variables.hidden", "missing: kcm.nodeMask is unknown"},
		{"[1, 2].map(x, x + variables.second)", "[6, 7]"},
	};
	const char *const *paths;
	size_t n;

	(void)state;
	assert_true(ds_cel_env_declare_lazy(env, "variables.first", compile("kcm.clusterCIDR.cidrs[0]")) > 0);
	assert_true(ds_cel_env_declare_lazy(env, "variables.second",
					    compile("[9].map(x, x - variables.first.family())[0]")) > 0);
	assert_true(ds_cel_env_declare_lazy(env, "variables.broken", compile("1 / 0")) > 0);
	assert_true(ds_cel_env_declare_lazy(env, "variables.hidden", compile("kcm.nodeMask")) > 0);
	check(rows, DS_ARRAY_SIZE(rows));
	assert_int_equal(ds_cel_program_paths(compile("variables.second"), arena, &paths, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(paths[0], "kcm.clusterCIDR.cidrs[]");
}

/* A variable is computed once: a chain of doublings would otherwise be exponential. */
static void test_lazy_once(void **state)
{
	const char *const *paths;
	struct ds_cel_value v;
	char name[32], expr[64];
	size_t n;

	(void)state;
	assert_true(ds_cel_env_declare_lazy(env, "variables.v0", compile("1")) > 0);
	for (int i = 1; i <= 40; i++) {
		(void)snprintf(expr, sizeof(expr), "variables.v%d + variables.v%d", i - 1, i - 1);
		(void)snprintf(name, sizeof(name), "variables.v%d", i);
		assert_true(ds_cel_env_declare_lazy(env, ds_arena_strdup(arena, name),
						    compile(ds_arena_strdup(arena, expr))) > 0);
	}
	assert_int_equal(ds_cel_eval(compile("variables.v40"), vars, arena, 1000, &v), 0);
	assert_int_equal(v.kind, DS_CEL_INT);
	assert_int_equal(v.i, (int64_t)1 << 40);
	assert_int_equal(ds_cel_program_paths(compile("variables.v40 + n"), arena, &paths, &n), 0);
	assert_int_equal(n, 1);
}

/* Variables that use each other in a long chain end in an error, not in a crash. */
static void test_lazy_chain(void **state)
{
	struct ds_cel_value v;
	char name[32], expr[64];

	(void)state;
	assert_true(ds_cel_env_declare_lazy(env, "variables.c0", compile("1")) > 0);
	for (int i = 1; i <= 5000; i++) {
		(void)snprintf(expr, sizeof(expr), "variables.c%d + 1", i - 1);
		(void)snprintf(name, sizeof(name), "variables.c%d", i);
		assert_true(ds_cel_env_declare_lazy(env, ds_arena_strdup(arena, name),
						    compile(ds_arena_strdup(arena, expr))) > 0);
	}
	assert_int_equal(ds_cel_eval(compile("variables.c100"), vars, arena, 0, &v), 0);
	assert_int_equal(v.i, 101);
	assert_int_equal(ds_cel_eval(compile("variables.c5000"), vars, arena, 0, &v), 0);
	assert_int_equal(v.kind, DS_CEL_ERROR);
	assert_string_equal(v.err->message, "evaluation is nested too deeply");
	assert_false(v.err->missing);
}

static void test_cost(void **state)
{
#define TWICE ".map(a, [a, a]).map(a, [a, a]).map(a, [a, a])"
#define GROW ".replace('', 'aaaaaaaaaa')"
#define TEN "[0,1,2,3,4,5,6,7,8,9]"
	static const char *const over[] = {
		TEN ".all(a," TEN ".all(b," TEN ".all(c," TEN ".all(d," TEN ".all(e," TEN ".all(f, true))))))",
		TEN ".exists(a," TEN ".exists(b," TEN ".exists(c," TEN ".exists(d," TEN ".exists(e," TEN
		    ".exists(f, 1/0 == 1))))))",
		TEN ".map(a," TEN ".map(b," TEN ".map(c," TEN ".map(d," TEN ".map(e," TEN ".map(f, 'x' + 'y'))))))",
		"[1]" TWICE TWICE TWICE TWICE TWICE TWICE TWICE TWICE " == [1]" TWICE TWICE TWICE TWICE TWICE TWICE TWICE TWICE,
		"'%s'.format([1]" TWICE TWICE TWICE TWICE TWICE TWICE TWICE TWICE ")",
		"'a'" GROW GROW GROW GROW GROW GROW GROW GROW,
	};
	struct ds_cel_value v;

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(over); i++) {
		assert_int_equal(ds_cel_eval(compile(over[i]), vars, arena, 0, &v), 0);
		if (v.kind != DS_CEL_ERROR || strcmp(v.err->message, "the cost limit is exceeded") != 0)
			fail_msg("%s: %s", over[i], ds_cel_show(arena, &v));
		assert_false(v.err->missing);
	}
	assert_int_equal(ds_cel_eval(compile("1 + 1"), vars, arena, 3, &v), 0);
	assert_int_equal(v.kind, DS_CEL_INT);
	assert_int_equal(ds_cel_eval(compile("1 + 1"), vars, arena, 2, &v), 0);
	assert_int_equal(v.kind, DS_CEL_ERROR);
	/* The limit is not something that || can absorb by going on. */
	assert_int_equal(ds_cel_eval(compile("1 + 1 == 3 || true"), vars, arena, 3, &v), 0);
	assert_int_equal(v.kind, DS_CEL_ERROR);
}

static void test_out_of_memory(void **state)
{
	struct ds_cel_program *p = compile("kcm.clusterCIDR.cidrs.map(c, {'a': [string(c) + 'x']}).map(m, m.a.join(','))");
	bool done = false;

	(void)state;
	for (size_t budget = 64; !done; budget += 32) {
		struct ds_arena *a = ds_arena_new(budget);
		struct ds_cel_value v;
		int r = a ? ds_cel_eval(p, vars, a, 0, &v) : DS_ENOMEM;

		assert_true(r == 0 || r == DS_ENOMEM);
		assert_true(budget < 1 << 20);
		if (r == 0)
			assert_int_equal(v.kind, DS_CEL_LIST);
		done = r == 0;
		(void)ds_arena_free(a);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_host),	    T(test_missing),   T(test_places), T(test_error_offset), T(test_paths), T(test_lazy_variables),
		T(test_lazy_once), T(test_lazy_chain), T(test_cost),   T(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
