#ifndef DS_COLLECT_SERVICE_STREAM_H
#define DS_COLLECT_SERVICE_STREAM_H

#include "base/ctx.h"
#include "yaml/tree.h"

/*
 * Services from files, one at a time: what `kubectl get svc -A -o json|yaml`,
 * `helm template`, `kustomize build` and people write. JSON lists, YAML
 * documents and YAML lists as kubectl prints them pass through a window; memory
 * is that of the largest item, not of the file.
 *
 * JSON is cut into items by counting brackets and each item is then read by
 * ds_yaml_load's JSON reader: the tree gives the engine's decoder what Go's
 * would see, with places. yajl, jansson and json-c were measured in its place
 * (tests/bench/README.md): none is faster by enough to pay for a second tree,
 * a second set of limits and no places.
 */

/* An object that is, or stands where there should be, a Service. Valid until the callback returns. */
struct ds_service_item {
	const struct ds_yaml_node *node;
	struct ds_str text; /* its own JSON text, or empty when it stands in YAML */
	struct ds_loc loc;  /* lives as long as the run */
};

#define DS_SERVICE_KINDS_MAX 16

struct ds_service_kind {
	struct ds_str kind;
	size_t n;
};

struct ds_service_stream {
	struct ds_ctx *ctx; /* inputs and diagnostics go here */
	/* Called for every Service in input order; a negative value ends the stream and is passed on. */
	int (*item)(void *user, const struct ds_service_item *item);
	void *user;
	/* Where YAML trees live, so that nodes outlast the callback; NULL: in memory that is reused. */
	struct ds_arena *keep;

	size_t n_services;
	size_t n_other; /* objects of other kinds */
	struct ds_service_kind kinds[DS_SERVICE_KINDS_MAX]; /* the first ones of them, in order of appearance */
	size_t n_kinds;
	size_t n_failed; /* inputs or parts of them that could not be read */
};

/*
 * Reads one path: a file, a folder (its *.yaml, *.yml and *.json, folders in it
 * included, within limits), or "-" (stdin_fd is then read). What cannot be read
 * is a diagnostic at error level, and reading goes on behind it. Returns 0,
 * DS_ENOMEM or what the callback returned.
 */
int ds_service_stream_path(struct ds_service_stream *s, const char *path, int stdin_fd) DS_MUST_CHECK;

/* One open descriptor, shown as name. Otherwise as ds_service_stream_path. */
int ds_service_stream_fd(struct ds_service_stream *s, const char *name, int fd) DS_MUST_CHECK;

#endif
