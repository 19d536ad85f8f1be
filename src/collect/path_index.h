#ifndef DS_COLLECT_PATH_INDEX_H
#define DS_COLLECT_PATH_INDEX_H

#include "base/ctx.h"
#include "base/map.h"

/*
 * Finds an input by the path that a component names. Inputs are copies of a
 * host's files as often as not, so "node1/var/lib/kubelet/config.yaml" is what
 * "/var/lib/kubelet/config.yaml" means on node1.
 */
struct ds_path_entry {
	void *item;
	const char *name; /* of the input */
	const struct ds_path_entry *next;
};

struct ds_path_index {
	struct ds_arena *arena;
	struct ds_map files;   /* every ending of a name that begins at a '/', and the name itself */
	struct ds_map folders; /* the same of the folders they are in */
};

void ds_path_index_init(struct ds_path_index *ix, struct ds_arena *a);
/* name: borrowed. 0 or DS_ENOMEM. */
int ds_path_index_add(struct ds_path_index *ix, const char *name, void *item) DS_MUST_CHECK;

/*
 * The only item that path can mean to whoever is written in the input `from`,
 * or NULL: below the same root when `from` is at a known place of a host, else
 * the only file whose name ends with path, else (flat) the file of that name
 * beside `from`. *ret: NULL when there is none. 0 or DS_ENOMEM.
 */
int ds_path_index_find(const struct ds_path_index *ix, const char *from, const char *path, bool flat, void **ret)
	DS_MUST_CHECK;
/* The files in the folder at path, likewise; a list in no order. */
int ds_path_index_folder(const struct ds_path_index *ix, const char *from, const char *path,
			 const struct ds_path_entry **ret) DS_MUST_CHECK;

/* "node1" of "node1/etc/systemd/system/kubelet.service"; p is NULL when the name is at no known place. */
struct ds_str ds_path_root(const char *name);
/* What stands before the last '/': "." when there is none, "/" for "/x". */
struct ds_str ds_path_folder(const char *name);

#endif
