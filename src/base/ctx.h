#ifndef DS_BASE_CTX_H
#define DS_BASE_CTX_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

/* What became of an input. */
enum ds_input_status {
	DS_INPUT_READ,    /* understood and used */
	DS_INPUT_SKIPPED, /* readable, but nothing for us; reason says why */
	DS_INPUT_FAILED,  /* could not be read or understood; the audit is incomplete */
	DS_INPUT__COUNT
};

/*
 * Something that was read: a file, a listing, a process. Lives in the run's
 * arena; places point to it.
 */
struct ds_input {
	const char *name; /* as the user knows it: a path, "-", "/proc" */
	const char *type; /* design.md section 5: "ps", "static-pod", … */
	enum ds_input_status status;
	const char *reason; /* why skipped or failed, or NULL */
	struct ds_str text; /* its bytes while they are kept, for excerpts; else empty */
};

/* What a setting is called where it is written, when that is not its flag. */
struct ds_where {
	const char *in;    /* "k0s.yaml" */
	const char *field; /* "spec.network.podCIDR" */
};

/* Where something stands. A zero field says nothing. */
struct ds_loc {
	const struct ds_input *input;
	uint32_t line;   /* 1-based */
	uint32_t column; /* 1-based, in code points */
	uint32_t length; /* code points from there that are meant */
	int32_t pid;
	const char *flag;   /* "--cluster-cidr" */
	const char *path;   /* "spec.containers[0].command[3]" */
	const struct ds_where *where; /* what its flag is called there; static */
	struct ds_str text; /* the text that stands there, for inputs without lines (argv) */
};

enum ds_level {
	DS_LEVEL_NOTE,    /* good to know; changes nothing */
	DS_LEVEL_WARNING, /* surprising, audited all the same */
	DS_LEVEL_ERROR,   /* something was not audited: exit 3 */
	DS_LEVEL__COUNT
};

/* Something to say about an input, with its place. Not a finding (about a
 * cluster) and not an error (of a function). */
struct ds_diag {
	enum ds_level level;
	const char *message; /* one line, lower case, no trailing period */
	const char *hint;    /* what to do, or NULL */
	struct ds_loc loc;
};

/* Who wants to know how far a run is; fn may be NULL. total 0: not known. */
struct ds_progress {
	void (*fn)(void *data, const char *what, size_t done, size_t total);
	void *data;
};

/* One run: its memory, what it read, what it has to say. */
struct ds_ctx {
	struct ds_arena *arena;
	struct ds_progress progress;
	DS_VEC(struct ds_input *) inputs;
	DS_VEC(struct ds_diag) diags;
	size_t diags_dropped; /* beyond DS_LIMIT_DIAGS */
};

/* budget = 0 means DS_LIMIT_ARENA. DS_ENOMEM on failure; ds_ctx_done is then still allowed. */
int ds_ctx_init(struct ds_ctx *ctx, size_t budget) DS_MUST_CHECK;
void ds_ctx_done(struct ds_ctx *ctx);

#define _ds_ctx_done_ DS_CLEANUP(ds_ctx_done)

/* Tells how far it is; cheap enough for every input and every rule. */
static inline void ds_progress_tell(const struct ds_progress *p, const char *what, size_t done, size_t total)
{
	if (p->fn)
		p->fn(p->data, what, done, total);
}

/* Registers an input; name and type are copied. NULL when out of memory. */
struct ds_input *ds_ctx_input(struct ds_ctx *ctx, const char *name, const char *type) DS_MUST_CHECK;

/* Sets status and a formatted reason; returns 0 or DS_ENOMEM. */
int ds_input_set(struct ds_ctx *ctx, struct ds_input *in, enum ds_input_status status, const char *fmt, ...)
	DS_PRINTF(4, 5);

/* Adds a diagnostic; loc and hint may be NULL. Returns 0 or DS_ENOMEM. */
int ds_diag(struct ds_ctx *ctx, enum ds_level level, const struct ds_loc *loc, const char *hint, const char *fmt, ...)
	DS_PRINTF(5, 6);

const char *ds_level_name(enum ds_level level);
const char *ds_input_status_name(enum ds_input_status status);

#endif
