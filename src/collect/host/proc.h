#ifndef DS_COLLECT_PROC_H
#define DS_COLLECT_PROC_H

#include "base/arena.h"
#include "base/str.h"

/* One process as a backend shows it; valid during the call only. */
struct ds_proc {
	int32_t pid, ppid;
	struct ds_str exe; /* the executable's path, or empty when it could not be read */
	const struct ds_str *argv;
	size_t argc; /* never 0: processes without arguments (kernel threads, zombies) are not shown */
	bool cut;    /* longer than DS_LIMIT_CMDLINE_BYTES */
};

struct ds_proc_stats {
	size_t seen;       /* processes there were, kernel threads included */
	size_t unreadable; /* we may not look at them */
	size_t vanished;   /* ended while we looked */
};

/* 0 to go on; anything else ends the scan and is its result. */
typedef int (*ds_proc_fn)(void *data, const struct ds_proc *p);

/*
 * A way to look at processes, in the order of their pids, /proc read once.
 * dir: the directory shaped like /proc. Returns 0, DS_ENOENT (no such
 * directory), DS_EACCES, DS_EIO, DS_ENOMEM or what fn returned.
 */
struct ds_proc_backend {
	const char *name;
	int (*scan)(const char *dir, ds_proc_fn fn, void *data, struct ds_proc_stats *stats);
};

/* Any directory shaped like /proc. */
extern const struct ds_proc_backend ds_proc_tree;
#if DS_HAVE_LIBPROC2
/* The live /proc through libproc2; dir is not looked at. */
extern const struct ds_proc_backend ds_proc_libproc2;
#endif

/*
 * Reads one command line from dir/PID/cmdline into elements: what both
 * backends use. *buf is a malloc'ed buffer that grows and is reused, as is
 * *argv; both start as NULL and are the caller's to free.
 * 0, DS_EVANISHED, DS_EACCES or DS_ENOMEM.
 */
struct ds_proc_reader {
	char *buf;
	size_t cap;
	struct ds_str *argv;
	size_t argv_cap;
};
void ds_proc_reader_done(struct ds_proc_reader *r);
int ds_proc_read_cmdline(struct ds_proc_reader *r, int pidfd, struct ds_proc *ret) DS_MUST_CHECK;

#endif
