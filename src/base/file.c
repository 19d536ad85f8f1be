#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"

void ds_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static const char *kind_name(mode_t mode)
{
	if (S_ISDIR(mode))
		return "a directory";
	if (S_ISFIFO(mode))
		return "a FIFO";
	if (S_ISCHR(mode))
		return "a character device";
	if (S_ISBLK(mode))
		return "a block device";
	if (S_ISSOCK(mode))
		return "a socket";
	return "a special file";
}

/* An O_PATH descriptor looks without touching, and is then reopened itself, so
 * that what was looked at is what is read. */
int ds_file_open(int dirfd, const char *path, const char **reterr_what)
{
	_ds_close_ int probe = openat(dirfd, path, O_PATH | O_CLOEXEC);
	char self[32];
	struct stat st;
	int fd;

	if (probe < 0)
		return ds_err_from_errno(errno);
	if (fstat(probe, &st) < 0)
		return ds_err_from_errno(errno);
	if (!S_ISREG(st.st_mode)) {
		if (reterr_what)
			*reterr_what = kind_name(st.st_mode);
		return DS_ENOTREG;
	}
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", probe);
	fd = open(self, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ENOENT) /* no /proc here: the plain way, checked again by the caller's fstat */
		fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? ds_err_from_errno(errno) : fd;
}

/* Reads until the end whatever the reported size: /proc files report 0. */
static int read_all(struct ds_arena *a, int fd, size_t guess, size_t max, struct ds_str *ret_text)
{
	size_t cap = guess + 1, n = 0;
	char *p = malloc(cap);
	char *copy;

	if (!p)
		return DS_ENOMEM;
	for (;;) {
		ssize_t r;

		if (n == cap) {
			char *q = cap > max ? NULL : realloc(p, cap * 2);

			if (!q) {
				free(p);
				return cap > max ? DS_ETOOBIG : DS_ENOMEM;
			}
			p = q;
			cap *= 2;
		}
		r = read(fd, p + n, cap - n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0) {
			int err = ds_err_from_errno(errno);

			free(p);
			return err;
		}
		if (r == 0)
			break;
		n += (size_t)r;
		if (n > max) {
			free(p);
			return DS_ETOOBIG;
		}
	}
	copy = ds_arena_strndup(a, p, n);
	free(p);
	if (!copy)
		return DS_ENOMEM;
	*ret_text = (struct ds_str){copy, n};
	return 0;
}

int ds_file_read(struct ds_arena *a, int dirfd, const char *path, size_t max, struct ds_str *ret_text,
		 const char **reterr_what)
{
	struct stat st;
	int r = ds_file_open(dirfd, path, reterr_what);
	_ds_close_ int fd = r;

	if (r < 0) {
		fd = -1;
		return r;
	}
	if (fstat(fd, &st) < 0)
		return ds_err_from_errno(errno);
	if (!S_ISREG(st.st_mode))
		return DS_ENOTREG;
	if (st.st_size > 0 && (size_t)st.st_size > max)
		return DS_ETOOBIG;
	return read_all(a, fd, st.st_size > 0 ? (size_t)st.st_size : 4096, max, ret_text);
}

int ds_file_read_fd(struct ds_arena *a, int fd, size_t max, struct ds_str *ret_text)
{
	return read_all(a, fd, 65536, max, ret_text);
}
