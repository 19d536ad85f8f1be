#include "collect/host/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <libproc2/pids.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"

/* The columns of a result, by number. (PIDS_VAL takes a parameter fewer from
 * libproc2 4.0.5 on, so results are read as what they are: an array.) */
enum { ITEM_PID, ITEM_PPID, ITEM_EXE, ITEM_ARGV, ITEM__COUNT };

/* libproc2 gives up on longer command lines, or cuts them. */
#define LONGEST ((size_t)64 << 10)

static void unref(struct pids_info **info)
{
	if (*info)
		(void)procps_pids_unref(info);
}

static int grow(struct ds_proc_reader *r, size_t want)
{
	struct ds_str *p;

	if (want <= r->argv_cap)
		return 0;
	p = reallocarray(r->argv, want, sizeof(*p));
	if (!p)
		return DS_ENOMEM;
	r->argv = p;
	r->argv_cap = want;
	return 0;
}

static int reread(struct ds_proc_reader *reader, struct ds_proc *p)
{
	char name[32];
	_ds_close_ int pidfd = -1;

	(void)snprintf(name, sizeof(name), "/proc/%d", p->pid);
	pidfd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return pidfd < 0 ? ds_err_from_errno(errno) : ds_proc_read_cmdline(reader, pidfd, p);
}

static int convert(struct ds_proc_reader *reader, const struct pids_stack *stack, struct ds_proc *p)
{
	char *const *strv = stack->head[ITEM_ARGV].result.strv;
	const char *exe = stack->head[ITEM_EXE].result.str;
	size_t n = 0, bytes = 0;

	p->pid = stack->head[ITEM_PID].result.s_int;
	p->ppid = stack->head[ITEM_PPID].result.s_int;
	if (exe && exe[0] == '/')
		p->exe = ds_str_from(exe);
	for (; strv && strv[n] && bytes < LONGEST; n++)
		bytes += strlen(strv[n]) + 1;
	if (bytes >= LONGEST)
		return reread(reader, p);
	if (grow(reader, n ? n : 1) < 0)
		return DS_ENOMEM;
	for (size_t i = 0; i < n; i++)
		reader->argv[i] = ds_str_from(strv[i]);
	p->argv = reader->argv;
	p->argc = n;
	return 0;
}

static int scan(const char *dir, ds_proc_fn fn, void *data, struct ds_proc_stats *stats)
{
	enum pids_item items[ITEM__COUNT] = {
		[ITEM_PID] = PIDS_ID_PID,
		[ITEM_PPID] = PIDS_ID_PPID,
		[ITEM_EXE] = PIDS_EXE,
		[ITEM_ARGV] = PIDS_CMDLINE_V,
	};
	__attribute__((cleanup(ds_proc_reader_done))) struct ds_proc_reader reader = {0};
	__attribute__((cleanup(unref))) struct pids_info *info = NULL;
	const struct pids_stack *stack;
	int r = 0;

	(void)dir;
	*stats = (struct ds_proc_stats){0};
	if (procps_pids_new(&info, items, ITEM__COUNT) < 0)
		return DS_EIO;
	while (r == 0 && (stack = procps_pids_get(info, PIDS_FETCH_TASKS_ONLY))) {
		struct ds_proc p = {0};
		int e = convert(&reader, stack, &p);

		stats->seen++;
		if (e == DS_ENOMEM)
			return e;
		if (e == DS_EACCES)
			stats->unreadable++;
		else if (e < 0)
			stats->vanished++;
		else if (p.argc > 0)
			r = fn(data, &p);
	}
	return r;
}

const struct ds_proc_backend ds_proc_libproc2 = {.name = "libproc2", .scan = scan};
