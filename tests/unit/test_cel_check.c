#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cel/cel.h"

static const struct ds_cel_field range_fields[] = {
	{"raw",   &ds_cel_type_string,    "as written"},
	{"cidrs", &ds_cel_type_list_cidr, "parsed"    },
};
static const struct ds_cel_object_type range_object = {"range", "a range", range_fields, 2};
static const struct ds_cel_type range_type = {.kind = DS_CEL_OBJECT, .object = &range_object};

static const struct ds_cel_field api_fields[] = {
	{"serviceRange", &range_type,	       "the Service range"},
	{"version",	 &ds_cel_type_int,     "the minor version"},
	{"any",		 &ds_cel_type_dyn,     "anything"	  },
	{"names",	 &ds_cel_type_list_string, "names"	  },
};
static const struct ds_cel_object_type api_object = {"kubeApiserver", "kube-apiserver", api_fields, 4};
static const struct ds_cel_type api_type = {.kind = DS_CEL_OBJECT, .object = &api_object};

static const struct ds_cel_type counts_type = {
	.kind = DS_CEL_MAP, .key = &ds_cel_type_string, .elem = &ds_cel_type_int};

static struct ds_arena *arena;
static struct ds_cel_env *env;

static int setup(void **state)
{
	(void)state;
	arena = ds_arena_new((size_t)64 << 20);
	env = arena ? ds_cel_env_new(arena) : NULL;
	if (!env || ds_cel_env_declare(env, "api", &api_type) != 0 ||
	    ds_cel_env_declare(env, "minor", &ds_cel_type_int) != 1 ||
	    ds_cel_env_declare(env, "variables.range", &range_type) != 2)
		return -1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena = ds_arena_free(arena);
	return 0;
}

static void test_types(void **state)
{
	static const struct {
		const char *expr, *type;
	} rows[] = {
		{"1", "int"},
		{"'a'", "string"},
		{"null", "null_type"},
		{"api", "kubeApiserver"},
		{"api.serviceRange", "range"},
		{"api.serviceRange.cidrs", "list(net.CIDR)"},
		{"api.serviceRange.cidrs[0]", "net.CIDR"},
		{"api.serviceRange.cidrs.map(c, c.family())", "list(int)"},
		{"api.serviceRange.cidrs.filter(c, true)", "list(net.CIDR)"},
		{"families(api.serviceRange.cidrs)", "list(string)"},
		{"api.any", "dyn"},
		{"api.any.x[3]", "dyn"},
		{"variables.range", "range"},
		{"variables.range.raw", "string"},
		{".variables.range.raw", "string"},
		{"[]", "list(dyn)"},
		{"[[], [1]]", "list(list(int))"},
		{"{}", "map(dyn, dyn)"},
		{"{'a': [true]}", "map(string, list(bool))"},
		{"int", "type"},
		{"type(1)", "type"},
		{"dyn(1)", "dyn"},
		{"true ? null : api", "kubeApiserver"},
		{"[1] + []", "list(int)"},
		{"[dyn(1)] + [1]", "list(dyn)"},
		{"api.any + 1", "int"},
		{"api.any + api.any", "dyn"},
		{"api.any == 1", "bool"},
		{"api.any.size()", "int"},
		{"[3, 1].max()", "int"},
		{"'a'.split(',')", "list(string)"},
		{"api.names.sort()", "list(string)"},
		{"{'a': 1}.map(k, k)", "list(string)"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_cel_program *p;
		struct ds_cel_problem e;

		if (ds_cel_compile(arena, env, ds_str_from(rows[i].expr), &ds_cel_type_dyn, &p, &e) < 0)
			fail_msg("%s: %s", rows[i].expr, e.message);
		if (strcmp(ds_cel_type_show(arena, ds_cel_program_type(p)), rows[i].type) != 0)
			fail_msg("%s is %s", rows[i].expr, ds_cel_type_show(arena, ds_cel_program_type(p)));
	}
}

/* ^ marks what the problem's offset and length cover. */
static void test_problems(void **state)
{
	static const struct {
		const char *expr, *marks, *message;
		int code;
	} rows[] = {
		{"apy.version", "^^^", "undeclared reference to 'apy' (did you mean 'api'?)", DS_ETYPE},
		{"api.serviceRnge", "    ^^^^^^^^^^^", "kubeApiserver has no field 'serviceRnge' (did you mean 'serviceRange'?)",
		 DS_ETYPE},
		{"api.zzz", "    ^^^", "kubeApiserver has no field 'zzz'", DS_ETYPE},
		{"1 + sizze('a')", "    ^^^^^", "undeclared reference to function 'sizze' (did you mean 'size'?)", DS_ETYPE},
		{"[1].map(elem, elm)", "              ^^^", "undeclared reference to 'elm' (did you mean 'elem'?)", DS_ETYPE},
		{"minor + 'x'", "^^^^^^^^^^^",
		 "no matching overload for '+' applied to (int, string); there is int + int -> int, "
		 "string + string -> string, list(A) + list(A) -> list(A)",
		 DS_ETYPE},
		{"api.names.contains('x')", "^^^^^^^^^^^^^^^^^^^^^^^",
		 "no matching overload for 'contains' applied to (list(string)).(string); there is "
		 "string.contains(string) -> bool",
		 DS_ETYPE},
		{"minor.names", "      ^^^^^", "int has no fields to select 'names' from", DS_ETYPE},
		{"api.names['a']", "          ^^^", "list(string) is indexed by int, not by string", DS_ETYPE},
		{"minor && true", "^^^^^", "an operand of '&&' must be bool, not int", DS_ETYPE},
		{"true ? 1 : 'a'", "       ^^^^^^^", "the branches of '?:' have different types: int and string", DS_ETYPE},
		{"[1, 'a', 2]", "    ^^^", "list elements must have one type: expected int, found string (dyn() allows a mixture)",
		 DS_ETYPE},
		{"variables.nope", "^^^^^^^^^", "undeclared reference to 'variables'", DS_ETYPE},
		{"has(variables.range)", "    ^^^^^^^^^^^^^^^", "has() takes a field selection such as has(a.b)", DS_ETYPE},
		{"[api, api.serviceRange]", "      ^^^^^^^^^^^^^^^^",
		 "list elements must have one type: expected kubeApiserver, found range (dyn() allows a mixture)", DS_ETYPE},
		{"1 + + 2", "    ^", "unexpected '+', expected an expression", DS_ESYNTAX},
		{"(1", "  ", "unexpected the end of the expression, expected ')'", DS_ESYNTAX},
		{"'abc", "^^^^", "string is not closed", DS_ESYNTAX},
		{"'\\q'", " ^^", "unknown escape in a string", DS_ESYNTAX},
		{"1 + 2.5", "    ^^^", "a double literal is not in dsaudit's subset of CEL", DS_ESYNTAX},
		{"has(api)", "^^^^^^^^", "has() takes a field selection such as has(a.b)", DS_ESYNTAX},
		{"\u00e9", "^^", "unexpected character '\u00e9'", DS_ESYNTAX},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		size_t offset = strspn(rows[i].marks, " "), length = strlen(rows[i].marks) - offset;
		struct ds_cel_program *p;
		struct ds_cel_problem e = {0};
		int r = ds_cel_compile(arena, env, ds_str_from(rows[i].expr), &ds_cel_type_dyn, &p, &e);

		if (r != rows[i].code || strcmp(e.message, rows[i].message) != 0)
			fail_msg("%s: %d %s", rows[i].expr, r, e.message);
		if (e.offset != offset || e.length != length)
			fail_msg("%s: at %zu, %zu bytes", rows[i].expr, e.offset, e.length);
	}
}

static void test_expected_type(void **state)
{
	static const struct {
		const char *expr;
		const struct ds_cel_type *expect;
		const char *message; /* NULL: fine */
	} rows[] = {
		{"true", &ds_cel_type_bool, NULL},
		{"minor", &ds_cel_type_bool, "the expression must give bool, but it gives int"},
		{"api.any", &ds_cel_type_bool, "the expression must give bool, but it gives dyn"},
		{"bool(api.any)", &ds_cel_type_bool, NULL},
		{"api.any", &ds_cel_type_dyn, NULL},
		{"[]", &ds_cel_type_list_string, NULL},
		{"['a']", &ds_cel_type_list_string, NULL},
		{"['a']", &ds_cel_type_list_dyn, NULL},
		{"[1]", &ds_cel_type_list_string, "the expression must give list(string), but it gives list(int)"},
		{"api", &range_type, "the expression must give range, but it gives kubeApiserver"},
		{"null", &range_type, NULL},
		{"{'a': 1}", &counts_type, NULL},
		{"{}", &counts_type, NULL},
		{"{1: 1}", &counts_type, "the expression must give map(string, int), but it gives map(int, int)"},
		{"{'a': 'b'}", &counts_type, "the expression must give map(string, int), but it gives map(string, string)"},
		{"null", &ds_cel_type_int, "the expression must give int, but it gives null_type"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_cel_program *p;
		struct ds_cel_problem e = {0};
		int r = ds_cel_compile(arena, env, ds_str_from(rows[i].expr), rows[i].expect, &p, &e);

		if ((r == 0) != (rows[i].message == NULL) || (r < 0 && strcmp(e.message, rows[i].message) != 0))
			fail_msg("%s: %d %s", rows[i].expr, r, e.message ? e.message : "");
	}
}

static int compile_repeated(const char *head, const char *body, const char *tail, size_t n, struct ds_cel_problem *e)
{
	struct ds_buf b DS_CLEANUP(ds_buf_done) = DS_BUF_INIT;
	struct ds_cel_program *p;
	char *src;

	for (size_t i = 0; i < n; i++)
		ds_buf_addz(&b, head);
	ds_buf_addz(&b, body);
	for (size_t i = 0; i < n; i++)
		ds_buf_addz(&b, tail);
	src = ds_buf_dup(&b, arena);
	assert_non_null(src);
	return ds_cel_compile(arena, env, ds_str_n(src, b.n), &ds_cel_type_dyn, &p, e);
}

static void test_limits(void **state)
{
	static const struct {
		const char *head, *body, *tail;
		size_t n;
		int code;
	} rows[] = {
		{"(", "1", ")", DS_LIMIT_CEL_DEPTH - 1, 0},
		{"(", "1", ")", DS_LIMIT_CEL_DEPTH, DS_ETOODEEP},
		{"[", "1", "]", DS_LIMIT_CEL_DEPTH - 1, 0},
		{"[", "1", "]", DS_LIMIT_CEL_DEPTH, DS_ETOODEEP},
		{"dyn(", "1", ")", DS_LIMIT_CEL_DEPTH, DS_ETOODEEP},
		{"[1].map(x,", "1", ")", DS_LIMIT_CEL_DEPTH - 1, 0},
		{"[1].map(x,", "1", ")", DS_LIMIT_CEL_DEPTH, DS_ETOODEEP},
		{"true?1:", "1", "", DS_LIMIT_CEL_DEPTH - 1, 0},
		{"true?1:", "1", "", DS_LIMIT_CEL_DEPTH, DS_ETOODEEP},
		{"{1:", "1", "}", DS_LIMIT_CEL_DEPTH, DS_ETOODEEP},
		{"(", "", "", 8000, DS_ETOODEEP},
		{"[", "", "", 8000, DS_ETOODEEP},
		{"", "1", "+1", 200, 0},
		{"", "1", "+1", 8000, DS_ETOODEEP},
		{"", "api.any", ".a", 200, 0},
		{"", "api.any", ".a", 5000, DS_ETOODEEP},
		{"", "api.any", "[0]", 5000, DS_ETOODEEP},
		{"", "'a'", ".trim()", 2000, DS_ETOODEEP},
		{"", "true", "||true", 2500, 0},
		{"", "true", "&&true", 2500, 0},
		{"!", "true", "", 16000, 0},
		{"-", "minor", "", 16000, 0},
		{"", "'x'", " ", DS_LIMIT_CEL_SOURCE - 3, 0},
		{"", "'x'", " ", DS_LIMIT_CEL_SOURCE - 2, DS_ETOOBIG},
		{"", "[1", ",1", 8000, DS_ESYNTAX},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_cel_problem e = {0};
		int r = compile_repeated(rows[i].head, rows[i].body, rows[i].tail, rows[i].n, &e);

		if (r != rows[i].code)
			fail_msg("%zu times %s %s %s: %s", rows[i].n, rows[i].head, rows[i].body, rows[i].tail,
				 r < 0 ? e.message : "compiles");
	}
}

static void test_env(void **state)
{
	struct ds_cel_env *other = ds_cel_env_new(arena);
	struct ds_cel_program *p;
	struct ds_cel_problem e;

	(void)state;
	assert_int_equal(ds_cel_env_declare(env, "api", &ds_cel_type_int), DS_EINVAL);
	assert_int_equal(ds_cel_compile(arena, env, DS_STR("minor + 1"), &ds_cel_type_int, &p, &e), 0);
	assert_int_equal(ds_cel_env_declare_lazy(other, "x", p), DS_EINVAL);
	assert_int_equal(ds_cel_env_declare_lazy(env, "minor", p), DS_EINVAL);
	assert_int_equal(ds_cel_env_declare_lazy(env, "variables.next", p), 3);
	assert_int_equal(ds_cel_compile(arena, env, DS_STR("variables.next"), &ds_cel_type_int, &p, &e), 0);
}

static void test_out_of_memory(void **state)
{
	static const char expr[] = "api.names.filter(n, n.startsWith('a' + 'b')).map(n, [{n: [1]}, {'b': []}])";
	bool done = false;

	(void)state;
	for (size_t budget = 64; !done; budget += 64) {
		struct ds_arena *a = ds_arena_new(budget);
		struct ds_cel_program *p;
		struct ds_cel_problem e = {0};
		int r = a ? ds_cel_compile(a, env, ds_str_from(expr), &ds_cel_type_dyn, &p, &e) : DS_ENOMEM;

		if (r < 0 && (r != DS_ENOMEM || e.message))
			fail_msg("budget %zu: %d %s", budget, r, e.message);
		assert_true(budget < 1 << 20);
		done = r == 0;
		(void)ds_arena_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_types, setup, teardown),
		cmocka_unit_test_setup_teardown(test_problems, setup, teardown),
		cmocka_unit_test_setup_teardown(test_expected_type, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_env, setup, teardown),
		cmocka_unit_test_setup_teardown(test_out_of_memory, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
