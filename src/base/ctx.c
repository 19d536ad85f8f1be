#include "base/ctx.h"

#include "base/limits.h"

int ds_ctx_init(struct ds_ctx *ctx, size_t budget)
{
	*ctx = (struct ds_ctx){0};
	ctx->arena = ds_arena_new(budget ? budget : DS_LIMIT_ARENA);
	return ctx->arena ? 0 : DS_ENOMEM;
}

void ds_ctx_done(struct ds_ctx *ctx)
{
	ds_arena_free(ctx->arena);
	*ctx = (struct ds_ctx){0};
}

struct ds_input *ds_ctx_input(struct ds_ctx *ctx, const char *name, const char *type)
{
	struct ds_input *in = ds_arena_new_obj(ctx->arena, struct ds_input);

	if (!in)
		return NULL;
	in->name = ds_arena_strdup(ctx->arena, name);
	in->type = ds_arena_strdup(ctx->arena, type);
	if (!in->name || !in->type || ds_vec_push(ctx->arena, &ctx->inputs, in) < 0)
		return NULL;
	ds_progress_tell(&ctx->progress, "inputs read", ctx->inputs.n, 0);
	return in;
}

int ds_input_set(struct ds_ctx *ctx, struct ds_input *in, enum ds_input_status status, const char *fmt, ...)
{
	va_list ap;

	in->status = status;
	va_start(ap, fmt);
	in->reason = ds_arena_vprintf(ctx->arena, fmt, ap);
	va_end(ap);
	return in->reason ? 0 : DS_ENOMEM;
}

int ds_diag(struct ds_ctx *ctx, enum ds_level level, const struct ds_loc *loc, const char *hint, const char *fmt, ...)
{
	struct ds_diag d = {.level = level, .hint = hint};
	va_list ap;

	/* An error beyond the cap must still make the audit incomplete: keep room for one. */
	if (ctx->diags.n >= DS_LIMIT_DIAGS && (level != DS_LEVEL_ERROR || ctx->diags_dropped > 0)) {
		ctx->diags_dropped++;
		return 0;
	}
	if (loc)
		d.loc = *loc;
	va_start(ap, fmt);
	d.message = ds_arena_vprintf(ctx->arena, fmt, ap);
	va_end(ap);
	if (!d.message)
		return DS_ENOMEM;
	return ds_vec_push(ctx->arena, &ctx->diags, d);
}

const char *ds_level_name(enum ds_level level)
{
	static const char *const names[] = {
		[DS_LEVEL_NOTE] = "note",
		[DS_LEVEL_WARNING] = "warning",
		[DS_LEVEL_ERROR] = "error",
	};

	return names[level];
}

const char *ds_input_status_name(enum ds_input_status status)
{
	static const char *const names[] = {
		[DS_INPUT_READ] = "read",
		[DS_INPUT_SKIPPED] = "skipped",
		[DS_INPUT_FAILED] = "failed",
	};

	return names[status];
}
