/*
 * Any bytes as a report, compared with itself and with the part of them up to a
 * line break, in every format. Oracles: what cannot be read is said with its
 * place; a report does not differ from itself.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "report/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_one(struct ds_ctx *ctx, struct ds_str text, struct ds_saved *ret)
{
	struct ds_input *in = ds_ctx_input(ctx, "r", "report");
	size_t before = ctx->diags.n;
	int r = in ? ds_saved_read(ctx, in, text, ret) : DS_ENOMEM;

	if (r < 0 && r != DS_ENOMEM && ctx->diags.n == before)
		abort();
	return r;
}

static void write_all(const struct ds_diff *d)
{
	static void (*const writers[])(const struct ds_diff *, const struct ds_text_options *, struct ds_out *) = {
		ds_diff_text, ds_diff_json, ds_diff_markdown};
	static const struct ds_text_options options = {.color = true, .verbose = 1};
	_ds_close_ int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	for (size_t i = 0; i < DS_ARRAY_SIZE(writers); i++) {
		struct ds_out out;

		ds_out_init(&out, null);
		writers[i](d, &options, &out);
		if (ds_out_close(&out) < 0)
			abort();
	}
}

static void compare(struct ds_ctx *ctx, struct ds_str text)
{
	size_t n = ds_str_search(text, DS_STR("\n\n"));
	struct ds_saved old, new;
	struct ds_diff d;
	enum ds_ink ink;

	if (read_one(ctx, ds_str_head(text, n), &old) < 0)
		return;
	if (ds_diff_reports(ctx->arena, &old, &old, &d) < 0)
		return;
	if (strcmp(ds_diff_verdict(&d, &ink), "Nothing changed") != 0)
		abort();
	write_all(&d);
	if (read_one(ctx, ds_str_skip(text, n), &new) < 0)
		return;
	if (ds_diff_reports(ctx->arena, &old, &new, &d) == 0)
		write_all(&d);
	if (ds_diff_reports(ctx->arena, &new, &old, &d) == 0)
		write_all(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ds_ctx ctx;

	if (size > 1 << 16 || ds_ctx_init(&ctx, (size_t)64 << 20) < 0)
		return 0;
	compare(&ctx, ds_str_n((const char *)data, size));
	ds_ctx_done(&ctx);
	return 0;
}
