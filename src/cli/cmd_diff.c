#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "report/diff.h"

static const struct {
	const char *format;
	void (*write)(const struct ds_diff *d, const struct ds_text_options *o, struct ds_out *out);
} writers[] = {
	{"text", ds_diff_text},
	{"json", ds_diff_json},
	{"markdown", ds_diff_markdown},
};

static bool is_known(const char *format)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(writers); i++)
		if (strcmp(writers[i].format, format) == 0)
			return true;
	return false;
}

static void write_as(const void *what, const char *format, const struct ds_text_options *o, struct ds_out *out)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(writers); i++)
		if (strcmp(writers[i].format, format) == 0)
			writers[i].write(what, o, out);
}

/* What is wrong with the reports, with its place. Names that come twice are no reason to say nothing else. */
static void tell(const struct ds_cli *c, const struct ds_ctx *ctx)
{
	for (size_t i = 0; i < ctx->diags.n; i++)
		if (ctx->diags.v[i].level == DS_LEVEL_ERROR || !c->quiet)
			ds_cli_diag(c, &ctx->diags.v[i]);
}

/* Each report has memory of its own: a huge one leaves the other its share. */
static int read_report(const struct ds_cli *c, const char *path, struct ds_ctx *ctx, struct ds_saved *ret)
{
	struct ds_input *in;
	const char *what = NULL;
	int r = ds_ctx_init(ctx, 0);

	in = r == 0 ? ds_ctx_input(ctx, path, "report") : NULL;
	if (!in)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "out of memory");
	if (strcmp(path, "-") == 0)
		r = ds_file_read_fd(ctx->arena, STDIN_FILENO, DS_LIMIT_FILE_BYTES, &in->text);
	else
		r = ds_file_read(ctx->arena, AT_FDCWD, path, DS_LIMIT_FILE_BYTES, &in->text, &what);
	if (r < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "%s: %s%s", path, what ? "is " : "", what ? what : ds_strerror(r));
	r = ds_saved_read(ctx, in, in->text, ret);
	tell(c, ctx);
	if (r == DS_ENOMEM)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "%s: %s", path, ds_strerror(r));
	return r < 0 ? DS_EXIT_INTERNAL : 0;
}

static int status_of(const struct ds_cli *c, const struct ds_diff *d)
{
	enum ds_severity s = DS_SEVERITY_ERROR;
	size_t reached = 0;

	if (strcmp(c->fail_on, "never") != 0 && ds_severity_from_name(ds_str_from(c->fail_on), &s) == 0)
		for (; s < DS_SEVERITY__COUNT; s++)
			reached += d->counts.fresh[s] + d->counts.worse[s];
	if (reached)
		return DS_EXIT_FINDINGS;
	if (d->counts.failed_inputs || (c->strict && d->counts.lost))
		return DS_EXIT_INCOMPLETE;
	return DS_EXIT_OK;
}

static int diff(struct ds_cli *c, struct ds_ctx ctx[static 2])
{
	struct ds_saved saved[2];
	struct ds_diff d;
	int r = 0;

	for (int i = 0; r == 0 && i < 2; i++)
		r = read_report(c, c->args[i], &ctx[i], &saved[i]);
	if (r != 0)
		return r;
	if (ds_diff_reports(ctx[1].arena, &saved[0], &saved[1], &d) < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "%s", ds_strerror(DS_ENOMEM));
	r = ds_cli_spare_files(c, NULL);
	if (r == 0)
		r = ds_cli_write_all(c, write_as, &d);
	return r ? r : status_of(c, &d);
}

int ds_cmd_diff(struct ds_cli *c)
{
	struct ds_ctx ctx[2] = {0};
	int r;

	if (c->n_args != 2)
		return ds_cli_error(c, DS_EXIT_USAGE, "diff needs two reports of `dsaudit audit -o json`: the old and the new one");
	if (strcmp(c->args[0], "-") == 0 && strcmp(c->args[1], "-") == 0)
		return ds_cli_error(c, DS_EXIT_USAGE, "standard input (-) can be read once only");
	for (size_t i = 0; i < c->n_outputs; i++)
		if (!is_known(c->outputs[i].format))
			return ds_cli_error(c, DS_EXIT_USAGE, "differences are written as text, json or markdown, not as %s",
					    c->outputs[i].format);
	r = diff(c, ctx);
	ds_ctx_done(&ctx[0]);
	ds_ctx_done(&ctx[1]);
	return r;
}
