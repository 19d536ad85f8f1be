#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "rules/suppress.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char rules[] = "- {id: AA001, name: a-a, title: t, severity: info, expression: 'true', message: m, why: w, fix: f,\n"
			    "   tests: [{name: x, bundle: {}, expect: pass}]}\n";

/* The same bytes as an ignore file, a baseline, a file with comments and a glob. */
static void try_all(struct ds_ctx *ctx, struct ds_ruleset *set, struct ds_str text)
{
	struct ds_input *in = ds_ctx_input(ctx, "x", "static-pod"), *rule_file = ds_ctx_input(ctx, "r", "rules");
	struct ds_suppressions s;
	char *glob = ds_arena_strndup(ctx->arena, text.p, text.n < 256 ? text.n : 256);
	size_t before;

	if (!in || !rule_file || !glob)
		return;
	rule_file->text = ds_str_from(rules);
	in->text = text;
	ds_suppress_init(&s, ctx->arena, set);
	if (ds_rules_load(ctx, rule_file, rule_file->text, set) < 0)
		abort();
	before = ctx->diags.n;
	if (ds_suppress_load_ignores(&s, ctx, in, text) == DS_EINVAL && ctx->diags.n == before)
		abort(); /* refused without a word */
	before = ctx->diags.n;
	if (ds_suppress_load_baseline(&s, ctx, in, text) == DS_EINVAL && ctx->diags.n == before)
		abort();
	if (ds_suppress_begin(&s, ctx) < 0 || ds_suppress_read_comments(&s, ctx, in) < 0 ||
	    ds_suppress_read_annotations(&s, ctx, in) < 0 || ds_suppress_end(&s, ctx) < 0)
		return;
	if (!ds_suppress_glob("**", glob) || (!strpbrk(glob, "*?") && !ds_suppress_glob(glob, glob)))
		abort();
	(void)ds_suppress_glob("**/*a*/**b*", glob);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ds_schema schema;
	struct ds_ruleset set = {.schema = &schema};
	struct ds_ctx ctx;

	if (size > 1 << 16 || ds_ctx_init(&ctx, (size_t)64 << 20) < 0)
		return 0;
	if (ds_schema_init(ctx.arena, &schema) == 0)
		try_all(&ctx, &set, ds_str_n((const char *)data, size));
	ds_ctx_done(&ctx);
	return 0;
}
