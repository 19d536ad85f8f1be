#ifndef DS_COLLECT_ROOT_H
#define DS_COLLECT_ROOT_H

#include "collect/collect.h"

/*
 * A directory that stands for a host's or a process's "/". What is below it
 * belongs to a stranger: nothing that a path or a link says leads out of it.
 */
struct ds_root {
	int fd;           /* an O_PATH descriptor, or -1 */
	const char *name; /* what stands before a path in the names of inputs: "", "/proc/812/root" */
	const char *why;  /* why a file is not there: all of them when fd < 0; NULL: what the kernel says */
	size_t *left;     /* files that may still be read, of all roots of a scan */
	struct ds_map *known; /* names of files that ds_root_read has read to struct ds_named_file */
};

void ds_root_close(struct ds_root *r);
#define _ds_root_close_ DS_CLEANUP(ds_root_close)

/*
 * Reads the file at file->path as YAML: input and yaml are set, or unavailable.
 * What cannot be parsed is a failed input. A file is read once, however many
 * components name it. 0 or DS_ENOMEM.
 */
int ds_root_read(struct ds_facts *f, const struct ds_root *root, struct ds_named_file *file) DS_MUST_CHECK;

/*
 * Adds the drop-ins in a folder to o->files as the kubelet reads them: every
 * *.conf, sub-folders included, in the order of filepath.WalkDir, which does not
 * follow links to folders. What cannot be read is an entry that is unavailable.
 * 0 or DS_ENOMEM. Source: cmd/kubelet/app/server.go:mergeKubeletConfigurations.
 */
int ds_root_dropins(struct ds_facts *f, const struct ds_root *root, const char *path, struct ds_observed *o)
	DS_MUST_CHECK;

/*
 * Collects the file at path as an input of its own; type: NULL to detect.
 * *ret: 0, or why it was not read, which is then said: DS_ENOENT is not. 0 or
 * DS_ENOMEM.
 */
int ds_root_collect(struct ds_facts *f, const struct ds_root *root, const char *path, const char *type, int *ret)
	DS_MUST_CHECK;

#endif
