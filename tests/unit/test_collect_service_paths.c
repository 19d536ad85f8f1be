#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "collect/service_stream.h"

struct place {
	char root[32];
};

static int enter(void **state)
{
	static struct place p;

	(void)snprintf(p.root, sizeof(p.root), "/tmp/ds-paths-XXXXXX");
	*state = &p;
	return mkdtemp(p.root) && chdir(p.root) == 0 ? 0 : -1;
}

static int leave(void **state)
{
	const struct place *p = *state;
	char command[64];

	(void)snprintf(command, sizeof(command), "rm -rf %s", p->root);
	return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static void put(const char *path, const char *name)
{
	_ds_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char text[128];
	int n = snprintf(text, sizeof(text), "kind: Service\nmetadata: {name: %s}\n", name);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, (size_t)n), n);
}

static int take(void *user, const struct ds_service_item *it)
{
	struct ds_buf *b = user;

	ds_buf_printf(b, "%s%s", b->n ? " " : "", it->loc.input->name);
	return 0;
}

/* Reads path and compares what Services came from and how many inputs failed. */
static void check(const char *path, const char *want, size_t failed, const char *message)
{
	_ds_ctx_done_ struct ds_ctx ctx;
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_service_stream s = {.ctx = &ctx, .item = take, .user = &b};

	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	assert_int_equal(ds_service_stream_path(&s, path, -1), 0);
	if (strcmp(b.p ? b.p : "", want) != 0)
		fail_msg("%s: got '%s'", path, b.p ? b.p : "");
	if (s.n_failed != failed)
		fail_msg("%s: %zu failed", path, s.n_failed);
	if (message && (ctx.diags.n == 0 || strcmp(ctx.diags.v[0].message, message) != 0))
		fail_msg("%s: said '%s'", path, ctx.diags.n ? ctx.diags.v[0].message : "");
}

static void test_folder(void **state)
{
	(void)state;
	assert_int_equal(mkdir("d", 0700), 0);
	assert_int_equal(mkdir("d/sub", 0700), 0);
	assert_int_equal(mkdir("d/.git", 0700), 0);
	put("d/b.yaml", "b");
	put("d/a.yml", "a");
	put("d/Z.json", "z");
	put("d/notes.txt", "no");
	put("d/.hidden.yaml", "no");
	put("d/.git/x.yaml", "no");
	put("d/sub/c.yaml", "c");
	/* Links to folders are followed once, a loop ends. */
	assert_int_equal(symlink("..", "d/sub/up"), 0);
	assert_int_equal(symlink("b.yaml", "d/link.yaml"), 0);
	check("d", "d/Z.json d/a.yml d/b.yaml d/link.yaml d/sub/c.yaml", 0, NULL);
	check("d/", "d/Z.json d/a.yml d/b.yaml d/link.yaml d/sub/c.yaml", 0, NULL);
	/* What the user names is read whatever it is called. */
	check("d/notes.txt", "d/notes.txt", 0, NULL);
}

static void test_refused(void **state)
{
	(void)state;
	assert_int_equal(mkdir("r", 0700), 0);
	check("r", "", 1, "cannot be read: no *.yaml, *.yml or *.json in this folder");
	assert_int_equal(mkfifo("r/pipe.yaml", 0600), 0);
	put("r/z.yaml", "z");
	check("r/pipe.yaml", "", 1, "cannot be read: it is a FIFO");
	check("r", "r/z.yaml", 1, "cannot be read: it is a FIFO");
	check("/dev/null", "", 1, "cannot be read: it is a character device");
	check("none", "", 1, "cannot be read: not found");
	assert_int_equal(symlink("gone", "r/a.yaml"), 0);
	check("r", "r/z.yaml", 2, "cannot be read: not found");
}

static void test_depth(void **state)
{
	char path[256] = "deep";

	(void)state;
	for (unsigned i = 0; i <= DS_LIMIT_DIR_DEPTH + 1; i++) {
		assert_int_equal(mkdir(path, 0700), 0);
		(void)strncat(path, "/d", sizeof(path) - strlen(path) - 1);
	}
	put("deep/s.yaml", "s");
	check("deep", "deep/s.yaml", 1, "cannot be read: nested more deeply than DS_LIMIT_DIR_DEPTH");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_folder, enter, leave),
		cmocka_unit_test_setup_teardown(test_refused, enter, leave),
		cmocka_unit_test_setup_teardown(test_depth, enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
