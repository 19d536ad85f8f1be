#ifndef DS_COLLECT_OBSERVE_H
#define DS_COLLECT_OBSERVE_H

#include "collect/collect.h"

/*
 * From an argument vector to a component fact: what all sources of command
 * lines share. Recognises the component, looks into `sh -c`, parses the flags,
 * finds the version and the files that the command line names.
 */
struct ds_launch;

/* The place of argv[i].text[offset, offset + n). */
typedef struct ds_loc (*ds_launch_place_fn)(const struct ds_launch *l, size_t i, size_t offset, size_t n);
/* Fills in what a source knows of a file that the component names: input and
 * yaml, or unavailable. 0 or DS_ENOMEM. */
typedef int (*ds_launch_file_fn)(struct ds_facts *f, const struct ds_launch *l, struct ds_named_file *file);

/* Adds to o->files what a source knows of a folder of drop-ins: every *.conf in
 * it in the kubelet's order, or one entry that is unavailable. 0 or DS_ENOMEM. */
typedef int (*ds_launch_folder_fn)(struct ds_facts *f, const struct ds_launch *l, const char *path,
				   struct ds_observed *o);

struct ds_launch {
	enum ds_source_kind kind;
	struct ds_loc loc;
	const char *node;
	const char *host;
	int32_t pid, ppid;
	struct ds_str exe;   /* the executable's path, or empty */
	struct ds_str image; /* the container image, or empty */
	struct ds_loc image_loc;
	bool has_version; /* the source itself tells one (a bundle) */
	struct ds_kube_version version;
	enum ds_version_origin version_origin;
	struct ds_loc version_loc;
	bool guessed;
	bool truncated;
	const struct ds_arg *argv;
	size_t n;
	ds_launch_place_fn place; /* NULL: the argument's own place */
	ds_launch_file_fn file;   /* NULL: unavailable for the reason below */
	ds_launch_folder_fn folder; /* the same for a folder of drop-ins */
	const char *no_files;
	const void *source; /* for the two functions */
};

/*
 * Adds a component to facts (or to facts->seen when it is one that is not
 * audited). *ret (may be NULL) is what argv starts, DS_COMPONENT_NONE when it
 * is nothing of ours. 0 or DS_ENOMEM.
 */
int ds_observe(struct ds_facts *f, const struct ds_launch *l, enum ds_component *ret) DS_MUST_CHECK;

/* What argv would start, nothing recorded. */
enum ds_component ds_observe_recognise(const struct ds_arg *argv, size_t n, struct ds_str exe);

#endif
