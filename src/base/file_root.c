#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/vec.h"

/*
 * Paths that a stranger chose, below a directory that they must not leave. The
 * kernel does it in one step since Linux 5.6; before, and where a sandbox
 * forbids openat2, each element is opened on its own.
 */

/* As the kernel counts. */
#define MOST_LINKS 40u
#define MOST_ELEMENTS 256u

static int open_kernel(int rootfd, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, rootfd, path, &how, sizeof(how));

	return (int)fd;
}

/* A path still to walk, and the descriptors of the directories walked: ".." is
 * the one before, never what the file system says. */
struct walk {
	int fds[MOST_ELEMENTS]; /* fds[0] is the root, borrowed */
	unsigned depth;
	unsigned links;
	char rest[2 * PATH_MAX];
};

static void walk_done(struct walk *w)
{
	while (w->depth > 0)
		(void)close(w->fds[w->depth--]);
}

/* The link's text takes the place of its name in what is left to walk. */
static int follow(struct walk *w, int link, const char *rest)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(link, "", target, sizeof(target));
	size_t left = strlen(rest);

	if (n < 0)
		return ds_err_from_errno(errno);
	if (++w->links > MOST_LINKS || (size_t)n + 1 + left + 1 > sizeof(w->rest))
		return DS_ELOOP;
	if (n > 0 && target[0] == '/')
		walk_done(w);
	memmove(w->rest + n + 1, rest, left + 1);
	memcpy(w->rest, target, (size_t)n);
	w->rest[n] = '/';
	return 0;
}

/* One element; *ret_fd is set when it is the last one and no directory to walk through. */
static int step(struct walk *w, const char *name, const char *rest, int *ret_fd)
{
	_ds_close_ int fd = -1;
	struct stat st;

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		if (w->depth > 0)
			(void)close(w->fds[w->depth--]);
		return 0;
	}
	fd = openat(w->fds[w->depth], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return ds_err_from_errno(errno);
	if (S_ISLNK(st.st_mode))
		return follow(w, fd, rest);
	if (!S_ISDIR(st.st_mode)) {
		if (rest[0])
			return DS_ENOENT;
		*ret_fd = fd;
	} else if (w->depth + 1 < MOST_ELEMENTS) {
		w->fds[++w->depth] = fd;
	} else {
		return DS_ELOOP;
	}
	fd = -1;
	return 0;
}

static int open_by_steps(int rootfd, const char *path, int *ret_fd)
{
	__attribute__((cleanup(walk_done))) struct walk w = {.fds = {rootfd}};
	size_t n = strlen(path);
	int r = 0;

	*ret_fd = -1;
	if (n >= PATH_MAX)
		return DS_ENOENT;
	memcpy(w.rest, path, n + 1);
	while (r == 0 && *ret_fd < 0) {
		char name[NAME_MAX + 1], rest[sizeof(w.rest)];
		size_t start = strspn(w.rest, "/"), len = strcspn(w.rest + start, "/");
		size_t next = start + len + strspn(w.rest + start + len, "/");

		if (len == 0)
			break;
		if (len > NAME_MAX)
			return DS_ENOENT;
		memcpy(name, w.rest + start, len);
		name[len] = '\0';
		memcpy(rest, w.rest + next, strlen(w.rest + next) + 1);
		memcpy(w.rest, rest, strlen(rest) + 1);
		r = step(&w, name, rest, ret_fd);
	}
	if (r == 0 && *ret_fd < 0) { /* it ended in a directory */
		*ret_fd = openat(w.fds[w.depth], ".", O_PATH | O_CLOEXEC);
		r = *ret_fd < 0 ? ds_err_from_errno(errno) : 0;
	}
	return r;
}

/* An O_PATH descriptor (>= 0) of what is at path, or an error. */
static int open_in_root(int rootfd, const char *path, bool by_steps)
{
	int fd = -1, r;

	if (!by_steps)
		fd = open_kernel(rootfd, path);
	if (!by_steps && fd < 0 && errno != ENOSYS && errno != EPERM)
		return ds_err_from_errno(errno);
	if (fd < 0) {
		r = open_by_steps(rootfd, path, &fd);
		if (r < 0)
			return r;
	}
	return fd;
}

int ds_file_read_in_root(struct ds_arena *a, int rootfd, const char *path, size_t max, bool by_steps,
			 struct ds_str *ret_text, const char **reterr_what)
{
	_ds_close_ int fd = open_in_root(rootfd, path, by_steps);
	char self[32];

	if (fd < 0)
		return fd;
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return ds_file_read(a, AT_FDCWD, self, max, ret_text, reterr_what);
}

static void closedir_p(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

int ds_file_list_in_root(struct ds_arena *a, int rootfd, const char *path, size_t max, const char *const **ret,
			 size_t *ret_n)
{
	_ds_close_ int found = open_in_root(rootfd, path, false);
	__attribute__((cleanup(closedir_p))) DIR *d = NULL;
	DS_VEC(const char *) names = {0};
	const struct dirent *e;
	int fd;

	if (found < 0)
		return found;
	fd = openat(found, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd >= 0 ? fdopendir(fd) : NULL;
	if (!d) {
		int r = ds_err_from_errno(errno);

		ds_close(&fd);
		return r;
	}
	while ((e = readdir(d))) {
		const char *copy;

		if (e->d_name[0] == '.')
			continue;
		if (names.n >= max)
			return DS_ETOOBIG;
		copy = ds_arena_strdup(a, e->d_name);
		if (!copy || ds_vec_push(a, &names, copy) < 0)
			return DS_ENOMEM;
	}
	if (names.n > 1)
		qsort(names.v, names.n, sizeof(*names.v), by_name);
	*ret = names.v;
	*ret_n = names.n;
	return 0;
}
