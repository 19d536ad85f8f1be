#ifndef DS_BASE_FILE_H
#define DS_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * Reads a whole file into the arena. Anything but a regular file is refused
 * without being opened for reading (a FIFO would block, a device might act),
 * symbolic links are followed.
 *
 * dirfd: where a relative path starts, or AT_FDCWD. max: refuse more bytes.
 * Returns 0, DS_ENOENT, DS_EACCES, DS_ENOTREG, DS_ETOOBIG, DS_ELOOP, DS_EIO or
 * DS_ENOMEM; on DS_ENOTREG *reterr_what (may be NULL) is "a directory",
 * "a FIFO", … (static).
 */
int ds_file_read(struct ds_arena *a, int dirfd, const char *path, size_t max, struct ds_str *ret_text,
		 const char **reterr_what) DS_MUST_CHECK;

/*
 * Opens a regular file for reading, as ds_file_read does, for callers that
 * read it piece by piece: the descriptor (>= 0, close-on-exec) or one of the
 * codes of ds_file_read.
 */
int ds_file_open(int dirfd, const char *path, const char **reterr_what) DS_MUST_CHECK;

/* Reads an open descriptor (standard input, a pipe) to its end. */
int ds_file_read_fd(struct ds_arena *a, int fd, size_t max, struct ds_str *ret_text) DS_MUST_CHECK;

/*
 * Reads a regular file at a path that a stranger chose, inside the directory
 * rootfd, which the path cannot leave: "/" and ".." end there, symbolic links
 * are followed inside, magic links (/proc/PID/fd/N) are refused where the
 * kernel can tell, and so are the files of procfs, sysfs and the like: they
 * act, block, or show the reader to itself. by_steps: walk as on a kernel without openat2.
 * Returns as ds_file_read.
 */
int ds_file_read_in_root(struct ds_arena *a, int rootfd, const char *path, size_t max, bool by_steps,
			 struct ds_str *ret_text, const char **reterr_what) DS_MUST_CHECK;

/* An entry of a directory: what it is is not followed when it is a link. */
struct ds_dir_entry {
	const char *name;
	mode_t type; /* S_IFREG, S_IFDIR, S_IFLNK, … */
};

/*
 * Lists the directory at a path that a stranger chose, confined as above:
 * everything but "." and "..", in the order of strcmp, at most max entries
 * (*ret_more: there are more). 0, DS_ENOENT, DS_EACCES, DS_ELOOP, DS_EIO or
 * DS_ENOMEM; what is no directory is not found.
 */
int ds_dir_list_in_root(struct ds_arena *a, int rootfd, const char *path, size_t max, bool by_steps,
			struct ds_dir_entry **ret, size_t *ret_n, bool *ret_more) DS_MUST_CHECK;

/* What stands at the path itself, the last link not followed: its S_IFMT bits. 0 or as above. */
int ds_file_type_in_root(int rootfd, const char *path, bool by_steps, mode_t *ret) DS_MUST_CHECK;

/* Whether the path itself is a link with just this text. */
bool ds_is_link_in_root(int rootfd, const char *path, const char *target);

void ds_close(int *fd);
#define _ds_close_ DS_CLEANUP(ds_close)

#endif
