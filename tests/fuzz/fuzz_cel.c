/*
 * An expression against a fixed host. Whatever the text: compiling ends, a
 * problem has a message and lies within the text, and evaluating twice gives
 * the same outcome within the budget.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/utf8.h"
#include "cel/cel.h"

static const struct ds_cel_field range_fields[] = {
	{"raw",	  &ds_cel_type_string,	  ""},
	{"cidrs", &ds_cel_type_list_cidr, ""},
	{"ips",	  &ds_cel_type_list_ip,	  ""},
};
static const struct ds_cel_object_type range_object = {"range", "", range_fields, 3};
static const struct ds_cel_type range_type = {.kind = DS_CEL_OBJECT, .object = &range_object};
static const struct ds_cel_type ranges_type = {.kind = DS_CEL_LIST, .elem = &range_type};

static const struct ds_cel_field api_fields[] = {
	{"set",	    &range_type,	      ""},
	{"absent",  &range_type,	      ""},
	{"unknown", &range_type,	      ""},
	{"all",	    &ranges_type,	      ""},
	{"names",   &ds_cel_type_list_string, ""},
	{"any",	    &ds_cel_type_dyn,	      ""},
};
static const struct ds_cel_object_type api_object = {"api", "", api_fields, 6};
static const struct ds_cel_type api_type = {.kind = DS_CEL_OBJECT, .object = &api_object};

static const struct ds_cel_error reason = {.message = "not seen"};

#define ABSENT	{.kind = DS_CEL_ABSENT}
#define UNKNOWN {.kind = DS_CEL_UNKNOWN, .err = &reason}

static const struct ds_cel_value cidrs[] = {
	{.kind = DS_CEL_CIDR, .cidr = {{4, {10, 96}}, 12}},
	{.kind = DS_CEL_CIDR, .cidr = {{6, {0xfd, 0, [15] = 1}}, 108}},
};
static const struct ds_cel_value ips[] = {{.kind = DS_CEL_IP, .ip = {4, {10, 0, 0, 1}}}, UNKNOWN};
static const struct ds_cel_value range_values[] = {
	{.kind = DS_CEL_STRING, .s = {"10.96.0.0/12,\xff", 14}},
	{.kind = DS_CEL_LIST, .list = {cidrs, 2}},
	{.kind = DS_CEL_LIST, .list = {ips, 2}},
};
#define RANGE {.kind = DS_CEL_OBJECT, .object = {&range_object, range_values}}
static const struct ds_cel_value ranges[] = {RANGE, UNKNOWN, RANGE};
static const struct ds_cel_value names[] = {
	{.kind = DS_CEL_STRING, .s = {"a", 1}},
	{.kind = DS_CEL_STRING, .s = {"\xc3\xa9", 2}},
};
static const struct ds_cel_value api_values[] = {
	RANGE, ABSENT, UNKNOWN, {.kind = DS_CEL_LIST, .list = {ranges, 3}}, {.kind = DS_CEL_LIST, .list = {names, 2}}, RANGE,
};
static const struct ds_cel_value vars[] = {
	{.kind = DS_CEL_OBJECT, .object = {&api_object, api_values}},
	{.kind = DS_CEL_INT, .i = 24},
	UNKNOWN,
	ABSENT,
	{.kind = DS_CEL_NULL}, /* lazy */
	{.kind = DS_CEL_NULL}, /* lazy */
};

#define CHECK(condition) \
	do { \
		if (!(condition)) \
			abort(); \
	} while (0)

static struct ds_cel_env *new_env(struct ds_arena *a)
{
	struct ds_cel_env *env = ds_cel_env_new(a);
	struct ds_cel_program *p;
	struct ds_cel_problem e;

	CHECK(env);
	CHECK(ds_cel_env_declare(env, "api", &api_type) == 0);
	CHECK(ds_cel_env_declare(env, "n", &ds_cel_type_int) == 1);
	CHECK(ds_cel_env_declare(env, "proxy", &api_type) == 2);
	CHECK(ds_cel_env_declare(env, "gone", &api_type) == 3);
	CHECK(ds_cel_compile(a, env, DS_STR("api.set.cidrs.map(c, c.family())"), &ds_cel_type_list_int, &p, &e) == 0);
	CHECK(ds_cel_env_declare_lazy(env, "variables.f", p) == 4);
	CHECK(ds_cel_compile(a, env, DS_STR("api.unknown.raw"), &ds_cel_type_string, &p, &e) == 0);
	CHECK(ds_cel_env_declare_lazy(env, "variables.u", p) == 5);
	return env;
}

static void check_problem(const struct ds_cel_problem *e, size_t size)
{
	CHECK(e->message && e->message[0] && !strchr(e->message, '\n'));
	CHECK(ds_utf8_valid(ds_str_from(e->message), NULL));
	CHECK(e->offset <= size && e->length <= size - e->offset);
	CHECK(e->length > 0 || e->offset == size);
}

static void check_eval(const struct ds_cel_program *p, struct ds_arena *a)
{
	struct ds_cel_value v[2];
	const char *text[2], *const *paths;
	size_t n;

	for (int i = 0; i < 2; i++) {
		if (ds_cel_eval(p, vars, a, 20000, &v[i]) < 0)
			return;
		CHECK(v[i].kind != DS_CEL_ABSENT && v[i].kind != DS_CEL_UNKNOWN && v[i].kind != DS_CEL_DYN);
		if (v[i].kind == DS_CEL_ERROR)
			CHECK(v[i].err->message[0] && !strchr(v[i].err->message, '\n') &&
			      ds_utf8_valid(ds_str_from(v[i].err->message), NULL));
		text[i] = ds_cel_show(a, &v[i]);
		if (!text[i])
			return;
	}
	CHECK(v[0].kind == v[1].kind && strcmp(text[0], text[1]) == 0);
	CHECK(ds_cel_program_paths(p, a, &paths, &n) == DS_ENOMEM || n == 0 || paths[0][0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ds_arena *a;
	struct ds_cel_program *p = NULL;
	struct ds_cel_problem e = {0};
	int r;

	if (size > 20000)
		return 0;
	a = ds_arena_new((size_t)64 << 20);
	CHECK(a);
	r = ds_cel_compile(a, new_env(a), ds_str_n((const char *)data, size), &ds_cel_type_dyn, &p, &e);
	if (r == 0)
		check_eval(p, a);
	else if (r != DS_ENOMEM)
		check_problem(&e, size);
	(void)ds_arena_free(a);
	return 0;
}
