/* A pasted listing: whatever it is, each place lies inside the text. */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "collect/collect.h"
#include "collect/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t size_of_line(const struct ds_lines *lines, uint32_t line)
{
	struct ds_str rest = ds_str_skip(lines->text, lines->starts[line - 1]);

	return ds_utf8_count(ds_str_head(rest, ds_str_find(rest, '\n')));
}

static void check(const struct ds_lines *lines, const struct ds_loc *loc)
{
	/* Beyond the end of its line: column counts from 1, and the end is a place. */
	if (loc->line == 0)
		return;
	if (loc->line > lines->n || loc->column == 0 || loc->column > size_of_line(lines, loc->line) + 1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ds_ctx ctx;
	struct ds_facts f;
	struct ds_input *in;
	struct ds_lines lines;

	if (ds_ctx_init(&ctx, (size_t)256 << 20) == 0) {
		ds_facts_init(&f, &ctx);
		in = ds_ctx_input(&ctx, "in", "ps");
		if (in && ds_collect_text(&f, in, ds_str_n((const char *)data, size), "ps") == 0 &&
		    ds_lines_init(ctx.arena, in->text, &lines) == 0) {
			for (size_t i = 0; i < f.components.n; i++) {
				const struct ds_observed *o = f.components.v[i];

				check(&lines, &o->loc);
				for (size_t k = 0; k < o->cmdline.uses.n; k++)
					check(&lines, &o->cmdline.uses.v[k].loc);
			}
		}
	}
	ds_ctx_done(&ctx);
	return 0;
}
