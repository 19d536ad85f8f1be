#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "rules/rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A rule file of any bytes: it loads or is refused with a place, and nothing else. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ds_ruleset set = {0};
	struct ds_schema schema;
	struct ds_input *in;
	struct ds_ctx ctx;
	int r;

	if (size > 1 << 16 || ds_ctx_init(&ctx, (size_t)64 << 20) < 0)
		return 0;
	in = ds_ctx_input(&ctx, "rules.yaml", "rules");
	if (in && ds_schema_init(ctx.arena, &schema) == 0) {
		set.schema = &schema;
		in->text = ds_str_n((const char *)data, size);
		r = ds_rules_load(&ctx, in, in->text, &set);
		if (r == DS_EINVAL && ctx.diags.n == 0)
			abort(); /* refused without a word */
	}
	ds_ctx_done(&ctx);
	return 0;
}
