#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/limits.h"
#include "collect_util.h"

#define POD "apiVersion: v1\nkind: Pod\nspec: {containers: [{command: [kubelet]}]}\n"

static int setup(void **state)
{
	char *dir = strdup("/tmp/dsaudit-walk-XXXXXX");

	if (!dir || !mkdtemp(dir))
		return -1;
	*state = dir;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int teardown(void **state)
{
	int r = nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return r;
}

static const char *path_of(struct run *r, void **state, const char *name)
{
	const char *path = ds_arena_printf(r->ctx.arena, "%s/%s", (const char *)*state, name);

	assert_non_null(path);
	return path;
}

static void put(struct run *r, void **state, const char *name, const char *text)
{
	int fd = open(path_of(r, state, name), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

static const struct ds_input *input_of(struct run *r, const char *name)
{
	for (size_t i = 0; i < r->ctx.inputs.n; i++) {
		const char *base = strrchr(r->ctx.inputs.v[i]->name, '/');

		if (strcmp(base ? base + 1 : r->ctx.inputs.v[i]->name, name) == 0)
			return r->ctx.inputs.v[i];
	}
	return NULL;
}

static void files_come_in_order(void **state)
{
	static const char *const names[] = {"b.yaml", "a.yaml", "kube-apiserver.yaml.bak", "B.yaml", ".hidden.yaml"};
	static const char *const want[] = {"B.yaml", "a.yaml", "b.yaml", "kube-apiserver.yaml.bak"};
	size_t k = 0;
	struct run r;

	run_init(&r);
	for (size_t i = 0; i < DS_ARRAY_SIZE(names); i++)
		put(&r, state, names[i], POD);
	assert_int_equal(ds_collect_path(&r.f, *state, NULL, -1), 0);
	assert_int_equal(r.f.components.n, DS_ARRAY_SIZE(want));
	for (size_t i = 0; i < r.ctx.inputs.n; i++)
		if (strcmp(r.ctx.inputs.v[i]->type, "static-pod") == 0)
			assert_string_equal(strrchr(r.ctx.inputs.v[i]->name, '/') + 1, want[k++]);
	assert_int_equal(k, DS_ARRAY_SIZE(want));
	/* The hidden one is only noted. */
	assert_string_equal(describe_diags(&r), "note 0:0 1 hidden entries were passed over\n");
	run_done(&r);
}

static void special_files_are_refused(void **state)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	const struct ds_input *in;
	struct run r;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	run_init(&r);
	assert_int_equal(mkfifo(path_of(&r, state, "fifo"), 0600), 0);
	assert_int_equal(symlink("/dev/zero", path_of(&r, state, "zero")), 0);
	assert_int_equal(symlink("nowhere", path_of(&r, state, "dangling")), 0);
	assert_int_equal(symlink("self", path_of(&r, state, "self")), 0);
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/socket", (const char *)*state);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&addr, sizeof(addr)), 0);
	put(&r, state, "kubelet.yaml", POD);
	assert_int_equal(ds_collect_path(&r.f, *state, NULL, -1), 0);
	(void)close(fd);
	assert_int_equal(r.f.components.n, 1);
	assert_int_equal(r.ctx.inputs.n, 6);
	assert_int_equal(r.ctx.diags.n, 5);
	for (size_t i = 0; i < r.ctx.diags.n; i++)
		assert_int_equal(r.ctx.diags.v[i].level, DS_LEVEL_ERROR);
	in = input_of(&r, "fifo");
	assert_int_equal(in->status, DS_INPUT_FAILED);
	assert_string_equal(in->reason, "it is a FIFO");
	assert_string_equal(input_of(&r, "zero")->reason, "it is a character device");
	assert_string_equal(input_of(&r, "socket")->reason, "it is a socket");
	assert_string_equal(input_of(&r, "dangling")->reason, "not found");
	assert_string_equal(input_of(&r, "self")->reason, "too many levels of symbolic links");
	run_done(&r);
}

static void loops_of_links_end(void **state)
{
	struct run r;

	run_init(&r);
	assert_int_equal(mkdir(path_of(&r, state, "d"), 0700), 0);
	put(&r, state, "d/a.yaml", POD);
	assert_int_equal(symlink("..", path_of(&r, state, "d/up")), 0);
	assert_int_equal(symlink("d", path_of(&r, state, "again")), 0);
	assert_int_equal(symlink(".", path_of(&r, state, "here")), 0);
	assert_int_equal(ds_collect_path(&r.f, *state, NULL, -1), 0);
	/* Each directory is read once, under the name that comes first. */
	assert_int_equal(r.f.components.n, 1);
	assert_non_null(strstr(r.f.components.v[0]->loc.input->name, "/again/a.yaml"));
	run_done(&r);
}

static void depth_is_limited(void **state)
{
	const char *path = ".";
	struct run r;

	run_init(&r);
	for (unsigned i = 0; i < DS_LIMIT_DIR_DEPTH + 3; i++) {
		path = ds_arena_printf(r.ctx.arena, "%s/x", path);
		assert_int_equal(mkdir(path_of(&r, state, path), 0700), 0);
	}
	assert_int_equal(ds_collect_path(&r.f, *state, NULL, -1), 0);
	assert_int_equal(r.ctx.inputs.n, 1);
	assert_int_equal(r.ctx.inputs.v[0]->status, DS_INPUT_FAILED);
	assert_int_equal(r.ctx.diags.n, 1);
	run_done(&r);
}

static void an_empty_directory_is_said(void **state)
{
	struct run r;

	run_init(&r);
	assert_int_equal(ds_collect_path(&r.f, *state, NULL, -1), 0);
	assert_int_equal(r.ctx.inputs.n, 1);
	assert_int_equal(r.ctx.inputs.v[0]->status, DS_INPUT_SKIPPED);
	assert_string_equal(r.ctx.inputs.v[0]->reason, "no file in it");
	run_done(&r);
}

static void what_cannot_be_opened_is_said(void **state)
{
	const struct ds_input *in;
	struct run r;

	run_init(&r);
	assert_int_equal(ds_collect_path(&r.f, path_of(&r, state, "missing.yaml"), NULL, -1), 0);
	in = input_of(&r, "missing.yaml");
	assert_int_equal(in->status, DS_INPUT_FAILED);
	assert_string_equal(in->reason, "not found");
	assert_string_equal(describe_diags(&r), "error 0:0 cannot be read: not found\n");
	if (geteuid() != 0) {
		put(&r, state, "secret.yaml", POD);
		assert_int_equal(chmod(path_of(&r, state, "secret.yaml"), 0), 0);
		assert_int_equal(ds_collect_path(&r.f, *state, NULL, -1), 0);
		assert_string_equal(input_of(&r, "secret.yaml")->reason, "permission denied");
	}
	run_done(&r);
}

static void standard_input_is_read(void **state)
{
	int fds[2];
	struct run r;

	(void)state;
	run_init(&r);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], POD, strlen(POD)), strlen(POD));
	(void)close(fds[1]);
	assert_int_equal(ds_collect_path(&r.f, "-", NULL, fds[0]), 0);
	(void)close(fds[0]);
	assert_string_equal(describe(&r), "kubelet static-pod host=-\n");
	run_done(&r);
	run_init(&r);
	assert_int_equal(ds_collect_path(&r.f, "-", NULL, -1), 0);
	assert_int_equal(r.ctx.inputs.v[0]->status, DS_INPUT_FAILED);
	run_done(&r);
}

static void a_recorded_proc_is_recognised(void **state)
{
	struct run r;

	run_init(&r);
	assert_int_equal(mkdir(path_of(&r, state, "proc"), 0700), 0);
	assert_int_equal(mkdir(path_of(&r, state, "proc/12"), 0700), 0);
	put(&r, state, "proc/12/cmdline", "kubelet");
	put(&r, state, "a.yaml", POD);
	assert_int_equal(ds_collect_path(&r.f, *state, NULL, -1), 0);
	assert_int_equal(r.f.components.n, 2);
	assert_int_equal(r.f.components.v[0]->kind, DS_SOURCE_STATIC_POD);
	assert_int_equal(r.f.components.v[1]->kind, DS_SOURCE_PROCESS);
	assert_int_equal(r.f.components.v[1]->pid, 12);
	run_done(&r);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(files_come_in_order),
		T(special_files_are_refused),
		T(loops_of_links_end),
		T(depth_is_limited),
		T(an_empty_directory_is_said),
		T(what_cannot_be_opened_is_said),
		T(standard_input_is_read),
		T(a_recorded_proc_is_recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
