#ifndef DS_REPORT_PREVIEW_RUN_H
#define DS_REPORT_PREVIEW_RUN_H

#include "base/map.h"
#include "collect/service_stream.h"
#include "report/preview_seen.h"
#include "report/report.h"

/*
 * The preview of real Services: one after the other from the input, through
 * the engine, to the writers. Each is decided on its own, as if it were the
 * only one; nothing of it is kept but counts.
 */

struct ds_preview_run;

/* A report that is written while the Services pass by. */
struct ds_preview_writer {
	void (*begin)(struct ds_preview_writer *w, const struct ds_preview_run *run);
	void (*item)(struct ds_preview_writer *w, const struct ds_preview_item *item);
	void (*end)(struct ds_preview_writer *w, const struct ds_preview_run *run);
};

struct ds_preview_counts {
	size_t services, created, updated;
	size_t refused;
	size_t dual, single, none; /* accepted, by families; none: ExternalName */
	size_t becomes_dual, becomes_single; /* updates */
	size_t unchanged;                    /* updates */
	size_t severity[DS_SEVERITY__COUNT]; /* refusals; warnings and remarks */
};

struct ds_preview_run {
	struct ds_ctx *ctx;
	struct ds_preview head; /* version and ranges */
	struct ds_service_cluster cluster;
	struct ds_service_options options;
	struct ds_preview_writer **writers;
	size_t n_writers;

	struct ds_service_stream stream, before;
	struct ds_preview_counts counts;
	size_t n_stored, n_paired;

	struct ds_map stored; /* "namespace/name" to struct stored of preview_run.c */
	struct ds_preview_seen seen;
	struct ds_arena *scratch; /* of one item */
};

/* ctx, head, cluster, options and writers are set; the rest is zero. 0 or DS_ENOMEM. */
int ds_preview_run_begin(struct ds_preview_run *run) DS_MUST_CHECK;

/* Reads stored objects, before any Services: a file, a folder or "-". As ds_service_stream_path. */
int ds_preview_run_before(struct ds_preview_run *run, const char *path, int stdin_fd) DS_MUST_CHECK;

/* Previews the Services of a file, a folder or "-". As ds_service_stream_path. */
int ds_preview_run_services(struct ds_preview_run *run, const char *path, int stdin_fd) DS_MUST_CHECK;

/* Ends the writers. */
void ds_preview_run_end(struct ds_preview_run *run);

/* Releases what is not in the arena of ctx; the counts stay. */
void ds_preview_run_done(struct ds_preview_run *run);

/* preview_remarks.c: what about an answer surprises people. 0 or DS_ENOMEM. */
int ds_preview_remark(struct ds_arena *a, struct ds_preview_run *run, struct ds_preview_item *item) DS_MUST_CHECK;

/* preview_answer.c: the 400 for a body of which not even the kind can be read; false when node is none. */
int ds_preview_unrecognized(struct ds_arena *a, const struct ds_yaml_node *node, struct ds_service_outcome *ret,
			    bool *ret_is) DS_MUST_CHECK;

/* A field of an accepted outcome, or NULL. */
const struct ds_service_field *ds_preview_field(const struct ds_service_outcome *o, const char *name);

#endif
