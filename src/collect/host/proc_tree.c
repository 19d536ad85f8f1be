#include "collect/host/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/num.h"

void ds_proc_reader_done(struct ds_proc_reader *r)
{
	free(r->buf);
	free(r->argv);
	*r = (struct ds_proc_reader){0};
}

/* A recorded tree may hold anything, so only regular files are read, and a
 * FIFO does not stop us. */
static int open_file(int dirfd, const char *name)
{
	_ds_close_ int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
	struct stat st;
	int taken;

	if (fd < 0)
		return errno == ENOENT || errno == ESRCH ? DS_EVANISHED : ds_err_from_errno(errno);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return DS_ENOTREG;
	taken = fd;
	fd = -1;
	return taken;
}

/* Reads up to max bytes; *ret_more: there were more. */
static int read_file(struct ds_proc_reader *r, int dirfd, const char *name, size_t max, size_t *ret_n, bool *ret_more)
{
	int opened = open_file(dirfd, name);
	_ds_close_ int fd = opened;
	size_t n = 0;

	*ret_n = 0;
	*ret_more = false;
	if (opened < 0)
		return opened;
	for (;;) {
		ssize_t got;

		if (n == r->cap) {
			size_t cap = r->cap ? r->cap * 2 : 4096;
			char *p = realloc(r->buf, cap);

			if (!p)
				return DS_ENOMEM;
			r->buf = p;
			r->cap = cap;
		}
		got = read(fd, r->buf + n, r->cap - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == ESRCH ? DS_EVANISHED : ds_err_from_errno(errno);
		n += (size_t)got;
		if (got == 0 || n > max)
			break;
	}
	*ret_more = n > max;
	*ret_n = DS_MIN(n, max);
	return 0;
}

static int split_cmdline(struct ds_proc_reader *r, size_t n, struct ds_proc *ret)
{
	size_t argc = 0;

	for (size_t i = 0; i < n;) {
		size_t len = ds_str_find(ds_str_n(r->buf + i, n - i), '\0');

		if (argc == DS_LIMIT_ARGV) {
			ret->cut = true;
			break;
		}
		if (argc == r->argv_cap) {
			size_t cap = r->argv_cap ? r->argv_cap * 2 : 64;
			struct ds_str *p = reallocarray(r->argv, cap, sizeof(*p));

			if (!p)
				return DS_ENOMEM;
			r->argv = p;
			r->argv_cap = cap;
		}
		r->argv[argc++] = ds_str_n(r->buf + i, len);
		i += len + 1;
	}
	ret->argv = r->argv;
	ret->argc = argc;
	return 0;
}

int ds_proc_read_cmdline(struct ds_proc_reader *r, int pidfd, struct ds_proc *ret)
{
	size_t n;
	int e = read_file(r, pidfd, "cmdline", DS_LIMIT_CMDLINE_BYTES, &n, &ret->cut);

	return e < 0 ? e : split_cmdline(r, n, ret);
}

/* The fourth field of stat, behind a name that may hold blanks and brackets. */
static int32_t read_ppid(int pidfd)
{
	int opened = open_file(pidfd, "stat");
	_ds_close_ int fd = opened;
	char buf[512];
	struct ds_str s, part;
	uint64_t ppid;
	ssize_t n;

	if (opened < 0)
		return 0;
	n = read(fd, buf, sizeof(buf));
	if (n <= 0)
		return 0;
	s = ds_str_n(buf, (size_t)n);
	while (s.n > 0 && s.p[s.n - 1] != ')')
		s.n--;
	s = ds_str_skip(ds_str_n(buf, (size_t)n), s.n + 3); /* ") S " */
	part = ds_str_head(s, ds_str_find(s, ' '));
	return ds_num_u64(part, INT32_MAX, &ppid) == 0 ? (int32_t)ppid : 0;
}

struct pid_list {
	int32_t *v;
	size_t n, cap;
};

static void pid_list_done(struct pid_list *l)
{
	free(l->v);
}

static int by_number(const void *a, const void *b)
{
	const int32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void closedir_p(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

static int list_pids(DIR *d, struct pid_list *l)
{
	const struct dirent *e;

	while ((e = readdir(d))) {
		uint64_t pid;

		if (ds_num_u64(ds_str_from(e->d_name), INT32_MAX, &pid) < 0 || pid == 0)
			continue;
		if (l->n == l->cap) {
			size_t cap = l->cap ? l->cap * 2 : 512;
			int32_t *v = reallocarray(l->v, cap, sizeof(*v));

			if (!v)
				return DS_ENOMEM;
			l->v = v;
			l->cap = cap;
		}
		l->v[l->n++] = (int32_t)pid;
	}
	if (l->n > 1)
		qsort(l->v, l->n, sizeof(*l->v), by_number);
	return 0;
}

static int scan_one(int dirfd, int32_t pid, struct ds_proc_reader *reader, ds_proc_fn fn, void *data,
		    struct ds_proc_stats *stats)
{
	struct ds_proc p = {.pid = pid};
	char name[16], exe[4096];
	_ds_close_ int pidfd = -1;
	ssize_t n;
	int r;

	(void)snprintf(name, sizeof(name), "%d", pid);
	pidfd = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	stats->seen++;
	r = pidfd < 0 ? ds_err_from_errno(errno) : ds_proc_read_cmdline(reader, pidfd, &p);
	if (r == DS_ENOMEM)
		return r;
	if (r == DS_EACCES)
		return stats->unreadable++, 0;
	if (r < 0)
		return stats->vanished++, 0;
	if (p.argc == 0)
		return 0;
	p.ppid = read_ppid(pidfd);
	n = readlinkat(pidfd, "exe", exe, sizeof(exe));
	if (n > 0)
		p.exe = ds_str_n(exe, (size_t)n);
	return fn(data, &p);
}

static int scan(const char *dir, ds_proc_fn fn, void *data, struct ds_proc_stats *stats)
{
	__attribute__((cleanup(pid_list_done))) struct pid_list pids = {0};
	__attribute__((cleanup(ds_proc_reader_done))) struct ds_proc_reader reader = {0};
	__attribute__((cleanup(closedir_p))) DIR *d = opendir(dir);
	int r;

	*stats = (struct ds_proc_stats){0};
	if (!d)
		return ds_err_from_errno(errno);
	r = list_pids(d, &pids);
	for (size_t i = 0; r == 0 && i < pids.n; i++)
		r = scan_one(dirfd(d), pids.v[i], &reader, fn, data, stats);
	return r;
}

const struct ds_proc_backend ds_proc_tree = {.name = "tree", .scan = scan};
