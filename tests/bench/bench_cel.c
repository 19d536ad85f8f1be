/*
 * How long compiling and evaluating a rule catalogue takes: a hundred
 * expressions like those of rules/, against a host of ranges. Prints figures;
 * not a test.
 */
#include <stdio.h>
#include <time.h>

#include "cel/cel.h"

static const struct ds_cel_field range_fields[] = {
	{"raw",	  &ds_cel_type_string,	  ""},
	{"cidrs", &ds_cel_type_list_cidr, ""},
	{"valid", &ds_cel_type_bool,	  ""},
};
static const struct ds_cel_object_type range_object = {"range", "", range_fields, 3};
static const struct ds_cel_type range_type = {.kind = DS_CEL_OBJECT, .object = &range_object};

static const struct ds_cel_field component_fields[] = {
	{"name",		  &ds_cel_type_string, ""},
	{"serviceClusterIPRange", &range_type,	       ""},
	{"clusterCIDR",		  &range_type,	       ""},
	{"nodeMask",		  &ds_cel_type_int,    ""},
};
static const struct ds_cel_object_type component_object = {"component", "", component_fields, 4};
static const struct ds_cel_type component_type = {.kind = DS_CEL_OBJECT, .object = &component_object};

static const struct ds_cel_value cidrs[] = {
	{.kind = DS_CEL_CIDR, .cidr = {{4, {10, 96}}, 12}},
	{.kind = DS_CEL_CIDR, .cidr = {{6, {0xfd}}, 108}},
};
static const struct ds_cel_value range_values[] = {
	{.kind = DS_CEL_STRING, .s = {"10.96.0.0/12,fd00::/108", 23}},
	{.kind = DS_CEL_LIST, .list = {cidrs, 2}},
	{.kind = DS_CEL_BOOL, .b = true},
};
#define RANGE {.kind = DS_CEL_OBJECT, .object = {&range_object, range_values}}
static const struct ds_cel_value component_values[] = {
	{.kind = DS_CEL_STRING, .s = {"kube-apiserver", 14}}, RANGE, RANGE, {.kind = DS_CEL_INT, .i = 24},
};
#define COMPONENT {.kind = DS_CEL_OBJECT, .object = {&component_object, component_values}}
static const struct ds_cel_value vars[] = {COMPONENT, COMPONENT};

static const char *const expressions[] = {
	"has(kcm.serviceClusterIPRange) && kcm.serviceClusterIPRange.valid",
	"kcm.serviceClusterIPRange.cidrs == api.serviceClusterIPRange.cidrs",
	"'KCM has ' + kcm.serviceClusterIPRange.raw + ', kube-apiserver has ' + api.serviceClusterIPRange.raw",
	"isDualStack(kcm.clusterCIDR.cidrs) == isDualStack(api.serviceClusterIPRange.cidrs)",
	"families(kcm.clusterCIDR.cidrs).all(f, f in families(api.serviceClusterIPRange.cidrs))",
	"!kcm.clusterCIDR.cidrs.exists(p, api.serviceClusterIPRange.cidrs.exists(s, p.overlaps(s)))",
	"kcm.clusterCIDR.cidrs.all(c, !c.hasHostBits() && c.prefixLength() <= (c.family() == 4 ? 24 : 64))",
	"kcm.clusterCIDR.cidrs.filter(c, c.family() == 4).all(c, c.subnetCount(kcm.nodeMask) >= 256)",
	"api.name.startsWith('kube-') ? api.name.substring(5) : api.name",
	"size(api.serviceClusterIPRange.raw.split(',')) == size(api.serviceClusterIPRange.cidrs)",
};
#define N_RULES 100
#define ROUNDS	200

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int compile_all(struct ds_arena *a, struct ds_cel_program **programs)
{
	struct ds_cel_env *env = ds_cel_env_new(a);
	struct ds_cel_problem e = {0};

	if (!env || ds_cel_env_declare(env, "api", &component_type) < 0 ||
	    ds_cel_env_declare(env, "kcm", &component_type) < 0)
		return -1;
	for (size_t i = 0; i < N_RULES; i++) {
		struct ds_str src = ds_str_from(expressions[i % DS_ARRAY_SIZE(expressions)]);

		if (ds_cel_compile(a, env, src, &ds_cel_type_dyn, &programs[i], &e) < 0) {
			(void)fprintf(stderr, "%s\n", e.message ? e.message : "out of memory");
			return -1;
		}
	}
	return 0;
}

int main(void)
{
	struct ds_cel_program *programs[N_RULES];
	struct ds_arena *a = ds_arena_new((size_t)64 << 20), *tmp = ds_arena_new((size_t)64 << 20);
	double start, compile_us = 1e9, eval_us = 1e9;
	struct ds_cel_value v;
	int r = a && tmp ? 0 : -1;

	for (int round = 0; round < ROUNDS && r == 0; round++) {
		ds_arena_reset(a);
		start = now();
		r = compile_all(a, programs);
		compile_us = DS_MIN(compile_us, now() - start);
	}
	for (int round = 0; round < ROUNDS && r == 0; round++) {
		ds_arena_reset(tmp);
		start = now();
		for (size_t i = 0; i < N_RULES && r == 0; i++)
			r = ds_cel_eval(programs[i], vars, tmp, 0, &v) < 0 || v.kind == DS_CEL_ERROR ? -1 : 0;
		eval_us = DS_MIN(eval_us, now() - start);
	}
	if (r == 0)
		(void)printf("%d expressions: compile %.0f us (%zu KiB), evaluate %.0f us (%zu KiB)\n", N_RULES, compile_us,
			     ds_arena_used(a) / 1024, eval_us, ds_arena_used(tmp) / 1024);
	a = ds_arena_free(a);
	tmp = ds_arena_free(tmp);
	return r == 0 ? 0 : 1;
}
