#ifndef DS_COLLECT_COLLECT_H
#define DS_COLLECT_COLLECT_H

#include "model/facts.h"

/*
 * Collectors read inputs into facts. They never judge; they never read
 * anything they were not pointed at. One file per kind of source, one row per
 * kind in the table of detect.c.
 */

/* What detection sees of an input before anything is parsed for good. */
struct ds_probe {
	const char *name;            /* file name as given */
	struct ds_str text;
	bool looks_yaml;             /* not binary, not obviously something else */
	const struct ds_yaml_stream *yaml; /* parsed once, shared; NULL when it is not YAML/JSON */
	const char *yaml_type;       /* the type that its objects make, or NULL */
	int yaml_result;             /* what ds_yaml_load said: negative = the rest is missing */
	size_t first_diag;           /* diagnostics of this input start here in ctx->diags */
};

enum { DS_SURE = 100 };

struct ds_collector {
	const char *type; /* the name in reports and for --type: "static-pod" */
	const char *help; /* one line: what such an input is */
	/* How sure: 0 = not mine, higher wins; ties go to the earlier row. */
	int (*detect)(const struct ds_collector *self, const struct ds_probe *p);
	/* Reads it into facts. A problem is a diagnostic in facts->ctx and, when it
	 * leaves something unread, input->status. 0 or DS_ENOMEM.
	 * NULL: recognised, but not read by this version. */
	int (*collect)(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p);
};

/* All kinds, in order of precedence. */
const struct ds_collector *ds_collectors(size_t *ret_n);
/* By type name, or NULL. */
const struct ds_collector *ds_collector_find(const char *type);

/*
 * Collects one path: a file, a directory (walked, within limits), or "-"
 * (stdin_fd is then read). type: NULL to detect. An unreadable path is a failed
 * input with a diagnostic, not an error. 0 or DS_ENOMEM (or DS_EINVAL for an
 * unknown type).
 */
int ds_collect_path(struct ds_facts *f, const char *path, const char *type, int stdin_fd) DS_MUST_CHECK;

/*
 * Collects a text that is at hand, as ds_collect_path does a file's. input is
 * registered; its type is set here. text stays the caller's and must live as
 * long as the run. 0, DS_ENOMEM or DS_EINVAL.
 */
int ds_collect_text(struct ds_facts *f, struct ds_input *input, struct ds_str text, const char *type) DS_MUST_CHECK;

/* Registers an input that could not be read, and says why (borrowed), with the
 * hint that helps. type: NULL when it is not known. 0 or DS_ENOMEM. */
int ds_collect_failed(struct ds_facts *f, const char *path, const char *type, const char *reason) DS_MUST_CHECK;

/*
 * After the last input: puts together what stands in several of them (a
 * command line and the configuration file it names, a unit and its drop-ins).
 * 0 or DS_ENOMEM. Linear in the inputs.
 */
int ds_collect_finish(struct ds_facts *f) DS_MUST_CHECK;

/*
 * A host: its processes, the files that they name, and what is configured at
 * the known places of every host that components run on (collect/host/host_files.h).
 * root: "" for the live host (/proc through libproc2 when it was built in), else
 * a directory that holds a host's files and its proc/, live or recorded, or a
 * directory shaped like /proc itself, which has no files beside it.
 */
int ds_collect_processes(struct ds_facts *f, const char *root) DS_MUST_CHECK;

#endif
