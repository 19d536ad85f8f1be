#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
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

/* The O_PATH descriptor of what path leads to: 0 and *ret_fd, or an error. */
static int open_in_root(int rootfd, const char *path, bool by_steps, int *ret_fd)
{
	*ret_fd = -1;
	if (!by_steps) {
		*ret_fd = open_kernel(rootfd, path);
		if (*ret_fd >= 0)
			return 0;
		if (errno != ENOSYS && errno != EPERM)
			return ds_err_from_errno(errno);
	}
	return open_by_steps(rootfd, path, ret_fd);
}

/* File systems whose files are the kernel speaking. */
static bool is_kernels(int fd)
{
	static const unsigned long magics[] = {PROC_SUPER_MAGIC,  SYSFS_MAGIC,	      TRACEFS_MAGIC,
					       DEBUGFS_MAGIC,	  SECURITYFS_MAGIC,   CGROUP_SUPER_MAGIC,
					       CGROUP2_SUPER_MAGIC, BPF_FS_MAGIC};
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	for (size_t i = 0; i < DS_ARRAY_SIZE(magics); i++)
		if ((unsigned long)fs.f_type == magics[i])
			return true;
	return false;
}

int ds_file_read_in_root(struct ds_arena *a, int rootfd, const char *path, size_t max, bool by_steps,
			 struct ds_str *ret_text, const char **reterr_what)
{
	_ds_close_ int fd = -1;
	char self[32];
	struct stat st;
	int r = open_in_root(rootfd, path, by_steps, &fd);

	if (r < 0)
		return r;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && is_kernels(fd)) {
		if (reterr_what)
			*reterr_what = "a file of the kernel's own";
		return DS_ENOTREG;
	}
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return ds_file_read(a, AT_FDCWD, self, max, ret_text, reterr_what);
}

/* ---- directories ---- */

static void closedir_p(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

static int by_name(const void *a, const void *b)
{
	const struct ds_dir_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int open_dir(int rootfd, const char *path, bool by_steps, DIR **ret)
{
	_ds_close_ int at = -1;
	int r = open_in_root(rootfd, path, by_steps, &at), fd;

	if (r < 0)
		return r;
	fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return ds_err_from_errno(errno);
	*ret = fdopendir(fd);
	if (!*ret)
		(void)close(fd);
	return *ret ? 0 : DS_ENOMEM;
}

int ds_dir_list_in_root(struct ds_arena *a, int rootfd, const char *path, size_t max, bool by_steps,
			struct ds_dir_entry **ret, size_t *ret_n, bool *ret_more)
{
	__attribute__((cleanup(closedir_p))) DIR *d = NULL;
	DS_VEC(struct ds_dir_entry) v = {0};
	const struct dirent *e;
	int r = open_dir(rootfd, path, by_steps, &d);

	*ret = NULL;
	*ret_n = 0;
	*ret_more = false;
	if (r < 0)
		return r;
	while ((e = readdir(d))) {
		struct ds_dir_entry entry;
		struct stat st;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		/* Which ones are left out then depends on the file system: the caller says that some were. */
		if (v.n == max) {
			*ret_more = true;
			break;
		}
		entry.type = fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode & S_IFMT : 0;
		entry.name = ds_arena_strdup(a, e->d_name);
		if (!entry.name || ds_vec_push(a, &v, entry) < 0)
			return DS_ENOMEM;
	}
	if (v.n > 1)
		qsort(v.v, v.n, sizeof(*v.v), by_name);
	*ret = v.v;
	*ret_n = v.n;
	return 0;
}

/* The folder that path stands in; *ret_base is its name there, empty when it ends in '/'. */
static int open_parent(int rootfd, const char *path, bool by_steps, int *ret_fd, const char **ret_base)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	*ret_fd = -1;
	*ret_base = slash ? slash + 1 : path;
	if (strlen(path) >= sizeof(folder))
		return DS_ENOENT;
	(void)snprintf(folder, sizeof(folder), "%.*s/", (int)(*ret_base - path), path);
	return open_in_root(rootfd, slash ? folder : ".", by_steps, ret_fd);
}

int ds_file_type_in_root(int rootfd, const char *path, bool by_steps, mode_t *ret)
{
	_ds_close_ int fd = -1;
	const char *base;
	struct stat st;
	int r = open_parent(rootfd, path, by_steps, &fd, &base);

	if (r < 0)
		return r;
	if (fstatat(fd, *base ? base : ".", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return ds_err_from_errno(errno);
	*ret = st.st_mode & S_IFMT;
	return 0;
}

bool ds_is_link_in_root(int rootfd, const char *path, const char *target)
{
	_ds_close_ int fd = -1;
	size_t n = strlen(target);
	char text[PATH_MAX];
	const char *base;

	return open_parent(rootfd, path, false, &fd, &base) == 0 && n < sizeof(text) &&
	       readlinkat(fd, base, text, sizeof(text)) == (ssize_t)n && memcmp(text, target, n) == 0;
}
