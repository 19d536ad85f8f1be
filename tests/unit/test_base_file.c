#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"

static char folder[] = "/tmp/dsaudit-file-XXXXXX";
static int dirfd_ = -1;

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	dirfd_ = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dirfd_ < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	static const char *const names[] = {"text", "fifo", "socket", "loop", "link", "empty"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlinkat(dirfd_, names[i], 0);
	(void)unlinkat(dirfd_, "dir", AT_REMOVEDIR);
	(void)close(dirfd_);
	return rmdir(folder);
}

static void put(const char *name, const char *text)
{
	int fd = openat(dirfd_, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
}

static void test_regular_files_only(void **state)
{
	struct ds_arena *a = ds_arena_new(1 << 24);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const char *what = NULL;
	struct ds_str s;

	(void)state;
	put("text", "hello\n");
	put("empty", "");
	assert_int_equal(mkfifoat(dirfd_, "fifo", 0600), 0);
	assert_int_equal(mkdirat(dirfd_, "dir", 0700), 0);
	assert_int_equal(symlinkat("loop", dirfd_, "loop"), 0);
	assert_int_equal(symlinkat("text", dirfd_, "link"), 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", folder);
	assert_int_equal(bind(sock, (struct sockaddr *)&address, sizeof(address)), 0);

	assert_int_equal(ds_file_read(a, dirfd_, "text", 100, &s, NULL), 0);
	assert_true(ds_str_eqz(s, "hello\n"));
	assert_int_equal(ds_file_read(a, dirfd_, "link", 100, &s, NULL), 0);
	assert_int_equal(ds_file_read(a, dirfd_, "empty", 100, &s, NULL), 0);
	assert_int_equal(s.n, 0);
	assert_int_equal(ds_file_read(a, dirfd_, "text", 6, &s, NULL), 0);
	assert_int_equal(ds_file_read(a, dirfd_, "text", 5, &s, NULL), DS_ETOOBIG);
	assert_int_equal(ds_file_read(a, dirfd_, "none", 100, &s, NULL), DS_ENOENT);
	assert_int_equal(ds_file_read(a, dirfd_, "loop", 100, &s, NULL), DS_ELOOP);
	assert_int_equal(ds_file_read(a, dirfd_, "fifo", 100, &s, &what), DS_ENOTREG);
	assert_string_equal(what, "a FIFO");
	assert_int_equal(ds_file_read(a, dirfd_, "dir", 100, &s, &what), DS_ENOTREG);
	assert_string_equal(what, "a directory");
	assert_int_equal(ds_file_read(a, dirfd_, "socket", 100, &s, &what), DS_ENOTREG);
	assert_string_equal(what, "a socket");
	assert_int_equal(ds_file_read(a, AT_FDCWD, "/dev/zero", 100, &s, &what), DS_ENOTREG);
	assert_string_equal(what, "a character device");
	(void)close(sock);
	ds_arena_free(a);
}

static void test_endless_and_sizeless(void **state)
{
	struct ds_arena *a = ds_arena_new(1 << 24);
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	struct ds_str s;

	(void)state;
	assert_int_equal(ds_file_read_fd(a, zero, 1 << 20, &s), DS_ETOOBIG);
	assert_int_equal(close(zero), 0);
	/* Files in /proc say they are empty and are not. */
	assert_int_equal(ds_file_read(a, AT_FDCWD, "/proc/self/status", 1 << 20, &s, NULL), 0);
	assert_true(s.n > 100);
	ds_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_regular_files_only),
		cmocka_unit_test(test_endless_and_sizeless),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
