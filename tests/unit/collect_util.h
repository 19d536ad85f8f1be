#ifndef TESTS_UNIT_COLLECT_UTIL_H
#define TESTS_UNIT_COLLECT_UTIL_H

/* What the tests of the collectors share: a run, and facts as comparable text. */

#include "base/buf.h"
#include "collect/collect.h"

struct run {
	struct ds_ctx ctx;
	struct ds_facts f;
};

static inline void run_init(struct run *r)
{
	assert_int_equal(ds_ctx_init(&r->ctx, 0), 0);
	ds_facts_init(&r->f, &r->ctx);
}

static inline void run_done(struct run *r)
{
	ds_ctx_done(&r->ctx);
}

/* Collects a text under a name; type NULL: detected. */
static inline struct ds_input *run_text(struct run *r, const char *name, struct ds_str text, const char *type)
{
	struct ds_input *in = ds_ctx_input(&r->ctx, name, "file");

	assert_non_null(in);
	assert_int_equal(ds_collect_text(&r->f, in, text, type), 0);
	return in;
}

/* As after the last input. */
static inline void run_finish(struct run *r)
{
	assert_int_equal(ds_collect_finish(&r->f), 0);
}

static inline void describe_component(struct ds_buf *b, const struct ds_observed *o)
{
	ds_buf_printf(b, "%s %s", ds_component_name(o->component), ds_source_kind_name(o->kind));
	if (o->pid)
		ds_buf_printf(b, " pid=%d", o->pid);
	if (o->ppid)
		ds_buf_printf(b, " ppid=%d", o->ppid);
	if (o->host[0])
		ds_buf_printf(b, " host=%s", o->host);
	if (o->node)
		ds_buf_printf(b, " node=%s", o->node);
	if (o->has_version)
		ds_buf_printf(b, " %u.%u.%u(%s)", o->version.major, o->version.minor, o->version.patch,
			      ds_version_origin_name(o->version_origin));
	if (o->flags_unknown)
		ds_buf_addz(b, " flags-unknown");
	if (o->cmdline.truncated)
		ds_buf_addz(b, " truncated");
	if (o->cmdline.guessed)
		ds_buf_addz(b, " guessed");
	if (o->cmdline.n_positional)
		ds_buf_printf(b, " positional=%zu", o->cmdline.n_positional);
	for (size_t i = 0; i < o->cmdline.uses.n; i++) {
		const struct ds_flag_use *u = &o->cmdline.uses.v[i];

		ds_buf_printf(b, " --%s=", u->flag->name);
		ds_buf_adds(b, u->value);
		if (u->unresolved)
			ds_buf_addc(b, '?');
		if (u->loc.line)
			ds_buf_printf(b, "@%u:%u", u->loc.line, u->loc.column);
	}
	for (size_t i = 0; i < o->cmdline.errors.n; i++)
		ds_buf_printf(b, " !%s", o->cmdline.errors.v[i].message);
	for (size_t i = 0; i < o->files.n; i++) {
		const struct ds_named_file *file = &o->files.v[i];

		ds_buf_printf(b, " %s=%s(%s)", file->dropin ? "dropin" : "file", file->path, file->input ? file->input->name : file->unavailable);
	}
	ds_buf_addc(b, '\n');
}

/* Components, then what was merely seen, then objects, one a line. In the run's arena. */
static inline const char *describe(struct run *r)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	const char *out;

	ds_buf_addz(&b, "");
	for (size_t i = 0; i < r->f.components.n; i++)
		describe_component(&b, r->f.components.v[i]);
	for (size_t i = 0; i < r->f.seen.n; i++)
		ds_buf_printf(&b, "seen %s\n", ds_component_name(r->f.seen.v[i].component));
	/* Every Pod and workload is an object too: test_collect_static_pod.c looks at these. */
	for (size_t i = 0; i < r->f.objects.n; i++)
		if (!ds_yaml_path(r->f.objects.v[i].node, "spec", "containers", NULL) &&
		    !ds_yaml_path(r->f.objects.v[i].node, "spec", "template", NULL))
			ds_buf_printf(&b, "object %s %s/%s\n", r->f.objects.v[i].kind, r->f.objects.v[i].ns,
				      r->f.objects.v[i].name);
	out = ds_buf_dup(&b, r->ctx.arena);
	assert_non_null(out);
	return out;
}

/* Diagnostics as "level line:column message", one a line. */
static inline const char *describe_diags(struct run *r)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	const char *out;

	ds_buf_addz(&b, "");
	for (size_t i = 0; i < r->ctx.diags.n; i++) {
		const struct ds_diag *d = &r->ctx.diags.v[i];

		ds_buf_printf(&b, "%s %u:%u %s\n", ds_level_name(d->level), d->loc.line, d->loc.column, d->message);
	}
	out = ds_buf_dup(&b, r->ctx.arena);
	assert_non_null(out);
	return out;
}

/* Every budget ends in DS_ENOMEM or in a result, never in a crash. Collects the texts one after the other. */
static inline void run_out_of_memory(const char *name, const char *const *texts, size_t n, size_t up_to, size_t step)
{
	size_t failures = 0;

	for (size_t budget = 1; budget < up_to; budget += step) {
		struct ds_ctx ctx;
		struct ds_facts f;
		struct ds_input *in;
		int r = ds_ctx_init(&ctx, budget);

		if (r == 0) {
			ds_facts_init(&f, &ctx);
			in = ds_ctx_input(&ctx, name, "file");
			if (!in)
				r = DS_ENOMEM;
			for (size_t i = 0; r == 0 && i < n; i++)
				r = ds_collect_text(&f, in, ds_str_from(texts[i]), NULL);
			assert_true(r == 0 || r == DS_ENOMEM);
		}
		failures += r != 0;
		ds_ctx_done(&ctx);
	}
	assert_true(failures > 0);
}

#endif
