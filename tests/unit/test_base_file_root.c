#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void put(int dirfd, const char *name, const char *text)
{
	_ds_close_ int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* outside/secret, and root/ with files and links, the root's descriptor in the state. */
static int setup(void **state)
{
	static char dir[32];
	int *fd = malloc(sizeof(*fd));
	_ds_close_ int top = -1;

	(void)snprintf(dir, sizeof(dir), "/tmp/dsaudit-root-XXXXXX");
	if (!fd || !mkdtemp(dir))
		return -1;
	top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	put(top, "secret", "outside");
	if (mkdirat(top, "root", 0700) < 0)
		return -1;
	*fd = openat(top, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (mkdirat(*fd, "etc", 0700) < 0 || mkdirat(*fd, "etc/deep", 0700) < 0 || mkfifoat(*fd, "fifo", 0600) < 0)
		return -1;
	put(*fd, "etc/conf", "inside");
	put(*fd, "big", "0123456789abcdef0123456789abcdef");
	if (symlinkat("/etc/conf", *fd, "absolute") < 0 || symlinkat("../etc/./conf", *fd, "etc/relative") < 0 ||
	    symlinkat("../../../../secret", *fd, "etc/escape") < 0 || symlinkat("/../secret", *fd, "escape") < 0 ||
	    symlinkat("loop", *fd, "loop") < 0 || symlinkat("etc", *fd, "dir") < 0 ||
	    symlinkat("/proc/self/root/etc/passwd", *fd, "magic") < 0)
		return -1;
	*state = fd;
	return 0;
}

static int teardown(void **state)
{
	char self[32], path[64];
	int *fd = *state;
	ssize_t n;

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", *fd);
	n = readlink(self, path, sizeof(path) - 1);
	ds_close(fd);
	free(fd);
	if (n < 5)
		return -1;
	path[n - 5] = '\0'; /* without "/root" */
	return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const struct {
	const char *path;
	int want;
	const char *text;
} cases[] = {
	{"etc/conf", 0, "inside"},
	{"/etc/conf", 0, "inside"},
	{"//etc//conf", 0, "inside"},
	{"etc/./deep/../conf", 0, "inside"},
	{"absolute", 0, "inside"},
	{"etc/relative", 0, "inside"},
	{"dir/relative", 0, "inside"},
	{"../../etc/conf", 0, "inside"},
	/* The ways out end at the root, where there is no such file. */
	{"../secret", DS_ENOENT, NULL},
	{"etc/escape", DS_ENOENT, NULL},
	{"escape", DS_ENOENT, NULL},
	{"magic", DS_ENOENT, NULL},
	{"loop", DS_ELOOP, NULL},
	{"missing", DS_ENOENT, NULL},
	{"etc", DS_ENOTREG, NULL},
	{"/", DS_ENOTREG, NULL},
	{"etc/..", DS_ENOTREG, NULL},
	{"fifo", DS_ENOTREG, NULL},
	{"big", DS_ETOOBIG, NULL},
};

static void check(void **state, bool by_steps)
{
	const int *root = *state;
	struct ds_arena *a = ds_arena_new((size_t)1 << 20);

	assert_non_null(a);
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		struct ds_str text = {0};
		const char *what = NULL;
		int r = ds_file_read_in_root(a, *root, cases[i].path, 16, by_steps, &text, &what);

		if (r != cases[i].want)
			fail_msg("%s: %s", cases[i].path, ds_strerror(r));
		if (r == 0 && !ds_str_eqz(text, cases[i].text))
			fail_msg("%s: '%.*s'", cases[i].path, DS_STR_ARG(text));
		if (r == DS_ENOTREG && !what)
			fail_msg("%s: not said what it is", cases[i].path);
	}
	ds_arena_free(a);
}

static void stays_inside(void **state)
{
	check(state, false);
}

static void stays_inside_step_by_step(void **state)
{
	check(state, true);
}

static void endless_paths_end(void **state)
{
	const int *root = *state;
	struct ds_arena *a = ds_arena_new((size_t)1 << 20);
	char path[4095 * 2];
	struct ds_str text;

	assert_non_null(a);
	for (size_t i = 0; i + 1 < sizeof(path); i++)
		path[i] = "x/"[i % 2];
	path[sizeof(path) - 1] = '\0';
	assert_true(ds_file_read_in_root(a, *root, path, 16, false, &text, NULL) < 0);
	assert_int_equal(ds_file_read_in_root(a, *root, path, 16, true, &text, NULL), DS_ENOENT);
	memset(path, 'x', 300);
	path[300] = '\0';
	assert_true(ds_file_read_in_root(a, *root, path, 16, false, &text, NULL) < 0);
	assert_int_equal(ds_file_read_in_root(a, *root, path, 16, true, &text, NULL), DS_ENOENT);
	ds_arena_free(a);
}

static void list(void **state, bool by_steps)
{
	static const struct {
		const char *path;
		int want;
		const char *names;
	} rows[] = {
		{"/", 0, "absolute=l big=f dir=l escape=l etc=d fifo=p loop=l magic=l "},
		{"..", 0, "absolute=l big=f dir=l escape=l etc=d fifo=p loop=l magic=l "},
		{"dir/", 0, "conf=f deep=d escape=l relative=l "},
		{"etc/deep", 0, ""},
		{"etc/conf", DS_ENOENT, ""},
		{"fifo", DS_ENOENT, ""},
		{"missing", DS_ENOENT, ""},
		{"loop", DS_ELOOP, ""},
	};
	const int *root = *state;
	struct ds_arena *a = ds_arena_new((size_t)1 << 20);
	struct ds_dir_entry *v;
	bool more;
	size_t n;

	assert_non_null(a);
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		char text[256] = "";
		int r = ds_dir_list_in_root(a, *root, rows[i].path, 100, by_steps, &v, &n, &more);

		for (size_t k = 0; k < n; k++)
			(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s=%c ", v[k].name,
				       v[k].type == S_IFREG   ? 'f'
				       : v[k].type == S_IFDIR ? 'd'
				       : v[k].type == S_IFLNK ? 'l'
							      : 'p');
		if (r != rows[i].want || strcmp(text, rows[i].names) != 0 || more)
			fail_msg("%s: %s, '%s'", rows[i].path, ds_strerror(r), text);
	}
	assert_int_equal(ds_dir_list_in_root(a, *root, "etc", 3, by_steps, &v, &n, &more), 0);
	assert_int_equal(n, 3);
	assert_true(more);
	ds_arena_free(a);
}

static void lists_inside(void **state)
{
	list(state, false);
}

static void lists_inside_step_by_step(void **state)
{
	list(state, true);
}

static void tells_links_from_what_they_lead_to(void **state)
{
	static const struct {
		const char *path;
		int want;
		mode_t type;
	} rows[] = {
		{"/dir", 0, S_IFLNK},	      {"/dir/", 0, S_IFDIR},	   {"dir/conf", 0, S_IFREG},
		{"dir/escape", 0, S_IFLNK},   {"fifo", 0, S_IFIFO},	   {"/", 0, S_IFDIR},
		{"../secret", DS_ENOENT, 0},  {"missing/x", DS_ENOENT, 0}, {"loop/x", DS_ELOOP, 0},
	};
	const int *root = *state;

	for (size_t i = 0; i < 2 * DS_ARRAY_SIZE(rows); i++) {
		mode_t type = 0;
		int r = ds_file_type_in_root(*root, rows[i / 2].path, i % 2, &type);

		if (r != rows[i / 2].want || type != rows[i / 2].type)
			fail_msg("%s: %s, %o", rows[i / 2].path, ds_strerror(r), (unsigned)type);
	}
}

/* /proc/self shows whoever reads it, and others of these files act or block. */
static void files_of_the_kernel_are_refused(void **state)
{
	_ds_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct ds_arena *a = ds_arena_new((size_t)1 << 20);
	struct ds_str text;

	(void)state;
	assert_non_null(a);
	for (int by_steps = 0; by_steps < 2; by_steps++) {
		const char *what = NULL;

		assert_int_equal(ds_file_read_in_root(a, root, "/proc/self/environ", 1000, by_steps, &text, &what),
				 DS_ENOTREG);
		assert_string_equal(what, "a file of the kernel's own");
	}
	ds_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(stays_inside, setup, teardown),
		cmocka_unit_test_setup_teardown(stays_inside_step_by_step, setup, teardown),
		cmocka_unit_test_setup_teardown(endless_paths_end, setup, teardown),
		cmocka_unit_test_setup_teardown(lists_inside, setup, teardown),
		cmocka_unit_test_setup_teardown(lists_inside_step_by_step, setup, teardown),
		cmocka_unit_test_setup_teardown(tells_links_from_what_they_lead_to, setup, teardown),
		cmocka_unit_test(files_of_the_kernel_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
