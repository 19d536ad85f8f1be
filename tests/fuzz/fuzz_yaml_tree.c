/*
 * Any bytes as YAML or JSON. Oracles: what the JSON reader takes is the same
 * tree for the YAML path; every node's path and place can be made.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../unit/yaml_dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_INPUT 65536u

static void walk(struct ds_arena *a, const struct ds_yaml_node *n, size_t *budget)
{
	if (*budget == 0)
		return;
	--*budget;
	if (!ds_yaml_path_of(a, n) || n->line == 0 || n->column == 0)
		abort();
	for (size_t i = 0; i < n->n; i++)
		walk(a, n->kind == DS_YAML_MAPPING ? n->pairs[i].value : n->items[i], budget);
}

/* Some JSON is no YAML: surrogate escapes, a line break between a key and its colon, DEL. */
static bool comparable(struct ds_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		/* Numbers beyond float64 are strings for YAML. */
		if (i && ds_c_lower(s.p[i]) == 'e' && ds_c_is_digit(s.p[i - 1]))
			return false;
		if (s.p[i] == '\\' || (unsigned char)s.p[i] >= 0x7f || s.p[i] == '\t' || s.p[i] == '\n' ||
		    s.p[i] == '\r')
			return false;
	}
	/* Nor must a key be longer than 1,024 characters in YAML, or a number than float64 allows. */
	return s.n < 300;
}

static void compare(struct ds_str json, const char *want)
{
	_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;
	struct ds_yaml_stream s;
	struct ds_ctx ctx;

	if (ds_ctx_init(&ctx, 0) < 0)
		abort();
	ds_buf_adds(&text, json);
	ds_buf_addz(&text, " # YAML\n");
	if (ds_yaml_load(&ctx, ds_ctx_input(&ctx, "yaml", "yaml"), ds_buf_str(&text), &s) < 0 || s.json)
		abort();
	if (strcmp(yaml_dump_stream(&ctx, &s, true), want) != 0)
		abort();
	ds_ctx_done(&ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ds_str text = {(const char *)data, size};
	struct ds_yaml_stream s;
	size_t budget = 2000;
	struct ds_ctx ctx;
	int r;

	if (size > MAX_INPUT || ds_ctx_init(&ctx, (size_t)256 << 20) < 0)
		return 0;
	r = ds_yaml_load(&ctx, ds_ctx_input(&ctx, "fuzz", "yaml"), text, &s);
	if (r < 0 && ctx.diags.n == 0)
		abort();
	for (size_t i = 0; i < s.n; i++)
		if (s.docs[i].root)
			walk(ctx.arena, s.docs[i].root, &budget);
	if (r == 0 && s.json && s.n == 1 && ctx.diags.n == 0 && comparable(text))
		compare(text, yaml_dump_stream(&ctx, &s, true));
	ds_ctx_done(&ctx);
	return 0;
}
