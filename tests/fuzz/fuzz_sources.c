/*
 * Files that belong together (units, environment files, arguments, k3s, kind,
 * ConfigMaps, configurations): "=== NAME" lines part them. Whatever they are,
 * each place lies inside the file it is in.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "collect/collect.h"
#include "collect/lines.h"
#include "model/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t size_of_line(const struct ds_lines *lines, uint32_t line)
{
	struct ds_str rest = ds_str_skip(lines->text, lines->starts[line - 1]);

	return ds_utf8_count(ds_str_head(rest, ds_str_find(rest, '\n')));
}

static void check(struct ds_arena *a, const struct ds_loc *loc)
{
	struct ds_lines lines;

	if (loc->line == 0 || !loc->input || ds_lines_init(a, loc->input->text, &lines) < 0)
		return;
	if (loc->line > lines.n || loc->column == 0 || loc->column > size_of_line(&lines, loc->line) + 1)
		abort();
}

static void check_component(struct ds_arena *a, const struct ds_observed *o)
{
	struct ds_setting *s;
	size_t n;

	check(a, &o->loc);
	for (size_t i = 0; i < o->cmdline.uses.n; i++) {
		check(a, &o->cmdline.uses.v[i].loc);
		check(a, &o->cmdline.uses.v[i].value_loc);
	}
	if (ds_settings_resolve(a, o, &s, &n) < 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (s[i].state == DS_SETTING_UNKNOWN && !s[i].reason)
			abort();
}

static int collect(struct ds_facts *f, struct ds_str rest)
{
	const char *name = "kubelet.service";
	struct ds_str line, text = {rest.p, 0};
	bool done = false;
	int r = 0;

	while (r == 0 && ds_str_split(&rest, '\n', &done, &line)) {
		if (!ds_str_starts(line, "=== ")) {
			text.n = (size_t)(line.p + line.n - text.p);
			continue;
		}
		r = ds_collect_text(f, ds_ctx_input(f->ctx, name, "file"), text, NULL);
		name = ds_arena_strndup(f->ctx->arena, line.p + 4, line.n - 4);
		text = (struct ds_str){rest.p, 0};
		if (!name)
			return DS_ENOMEM;
	}
	return r < 0 ? r : ds_collect_text(f, ds_ctx_input(f->ctx, name, "file"), text, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ds_ctx ctx;
	struct ds_facts f;

	if (size > 0 && ds_ctx_init(&ctx, (size_t)256 << 20) == 0) {
		ds_facts_init(&f, &ctx);
		if (collect(&f, ds_str_n((const char *)data, size)) == 0 && ds_collect_finish(&f) == 0)
			for (size_t i = 0; i < f.components.n && i < 64; i++)
				check_component(ctx.arena, f.components.v[i]);
		ds_ctx_done(&ctx);
	}
	return 0;
}
