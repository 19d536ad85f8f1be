#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "collect/host/proc.h"
#include "collect_util.h"

static int setup(void **state)
{
	char *dir = strdup("/tmp/dsaudit-proc-XXXXXX");

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

static void put(const char *dir, const char *name, const void *data, size_t n)
{
	char path[256];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, n), n);
	(void)close(fd);
}

/* A process of a recorded tree; cmdline NULL: the file is missing. */
static void record(void **state, int pid, int ppid, const char *exe, const char *cmdline, size_t n)
{
	char dir[128], stat[128], link[160];

	(void)snprintf(dir, sizeof(dir), "%s/proc", (const char *)*state);
	(void)mkdir(dir, 0700);
	(void)snprintf(dir, sizeof(dir), "%s/proc/%d", (const char *)*state, pid);
	assert_int_equal(mkdir(dir, 0700), 0);
	/* The name may hold anything, its end the last bracket. */
	(void)snprintf(stat, sizeof(stat), "%d (a ) S 9 (b) S %d %d 0 0\n", pid, ppid, pid);
	put(dir, "stat", stat, strlen(stat));
	if (cmdline)
		put(dir, "cmdline", cmdline, n);
	if (exe) {
		(void)snprintf(link, sizeof(link), "%s/exe", dir);
		assert_int_equal(symlink(exe, link), 0);
	}
}

#define RECORD(state, pid, ppid, exe, lit) record(state, pid, ppid, exe, lit, sizeof(lit))

static const char *collect(struct run *r, void **state)
{
	assert_int_equal(ds_collect_processes(&r->f, *state), 0);
	return describe(r);
}

static void argv_keeps_its_boundaries(void **state)
{
	struct run r;
	const char *want;

	RECORD(state, 1, 0, NULL, "/sbin/init");
	RECORD(state, 812, 1, "/opt/v1.31.0/kubelet", "kubelet\0--node-ip=\0" "--config=/a b\0\0");
	RECORD(state, 90, 1, NULL, "kube-apiserver\0--service-cluster-ip-range=10.96.0.0/16, fd00::/108");
	RECORD(state, 91, 1, NULL, "grep\0kube-apiserver");
	RECORD(state, 92, 1, NULL, "/bin/sh\0-c\0exec kube-proxy --cluster-cidr='10.0.0.0/8'");
	run_init(&r);
	(void)collect(&r, state);
	for (size_t i = 0; i < r.f.components.n; i++)
		r.f.components.v[i]->host = "H";
	want = "kube-apiserver process pid=90 ppid=1 host=H --service-cluster-ip-range=10.96.0.0/16, fd00::/108\n"
	       "kube-proxy process pid=92 ppid=1 host=H --cluster-cidr=10.0.0.0/8\n"
	       "kubelet process pid=812 ppid=1 host=H 1.31.0(binary-path) positional=2 --node-ip= --config=/a b"
	       " file=/a b(a recorded process does not contain files)\n";
	assert_string_equal(describe(&r), want);
	assert_int_equal(r.ctx.inputs.n, 1);
	assert_string_equal(r.ctx.inputs.v[0]->type, "process");
	assert_false(r.f.live);
	/* Places are the process and the argument's own text. */
	assert_int_equal(r.f.components.v[0]->cmdline.uses.v[0].loc.pid, 90);
	run_done(&r);
}

static void titles_are_no_arguments(void **state)
{
	struct run r;

	RECORD(state, 5, 1, "/var/lib/rancher/k3s/data/x/bin/k3s", "/usr/local/bin/k3s server\0\0\0\0");
	RECORD(state, 6, 1, NULL, "/usr/bin/rke2 server\0");
	RECORD(state, 7, 1, "/opt/my programs/kubelet", "/opt/my programs/kubelet");
	RECORD(state, 8, 1, "/usr/bin/kubelet", "anything at all");
	run_init(&r);
	(void)collect(&r, state);
	for (size_t i = 0; i < r.f.components.n; i++)
		r.f.components.v[i]->host = "";
	/* The executable decides what it is where the title does not say. */
	assert_string_equal(describe(&r), "kubelet process pid=7 ppid=1\n"
					  "kubelet process pid=8 ppid=1 guessed positional=2\n"
					  "seen k3s\nseen k3s\n");
	run_done(&r);
}

static void threads_and_the_vanished_do_not_disturb(void **state)
{
	struct run r;

	record(state, 2, 0, NULL, "", 0);      /* a kernel thread */
	record(state, 3, 2, NULL, NULL, 0);    /* gone before its command line was read */
	RECORD(state, 4, 1, NULL, "kubelet");
	RECORD(state, 5, 1, NULL, "");         /* one empty argument */
	run_init(&r);
	(void)collect(&r, state);
	assert_int_equal(r.f.components.n, 1);
	assert_string_equal(describe_diags(&r), "note 0:0 1 of 4 processes ended while they were read\n");
	assert_int_equal(r.ctx.inputs.v[0]->status, DS_INPUT_READ);
	run_done(&r);
}

static void hosts_follow_their_inits(void **state)
{
	struct run r;

	RECORD(state, 1, 0, NULL, "/sbin/init");
	RECORD(state, 100, 1, NULL, "containerd-shim");
	RECORD(state, 101, 100, NULL, "/sbin/init");
	RECORD(state, 102, 101, NULL, "kubelet");
	RECORD(state, 103, 101, NULL, "containerd-shim");
	RECORD(state, 104, 103, NULL, "etcd");
	RECORD(state, 201, 100, NULL, "/lib/systemd/systemd");
	RECORD(state, 202, 201, NULL, "kubelet");
	RECORD(state, 203, 201, NULL, "/lib/systemd/systemd\0--user");
	RECORD(state, 204, 203, NULL, "kube-proxy");
	run_init(&r);
	(void)collect(&r, state);
	assert_int_equal(r.f.components.n, 3);
	assert_non_null(strstr(r.f.components.v[0]->host, "/proc#101"));
	assert_string_equal(r.f.seen.v[0].host, r.f.components.v[0]->host);
	assert_non_null(strstr(r.f.components.v[1]->host, "/proc#201"));
	assert_string_equal(r.f.components.v[2]->host, r.f.components.v[1]->host);
	run_done(&r);
}

static void one_init_is_one_host(void **state)
{
	struct run r;

	RECORD(state, 102, 1, NULL, "kubelet");
	RECORD(state, 104, 55, NULL, "kube-proxy");
	run_init(&r);
	(void)collect(&r, state);
	assert_string_equal(r.f.components.v[0]->host, r.f.components.v[1]->host);
	assert_null(strchr(r.f.components.v[0]->host, '#'));
	run_done(&r);
}

static void long_command_lines(void **state)
{
	size_t n = (size_t)1 << 20, huge = DS_LIMIT_CMDLINE_BYTES + 1000;
	char *big = malloc(huge);
	struct run r;

	assert_non_null(big);
	memset(big, 'x', huge);
	memcpy(big, "kubelet\0--v=", 12);
	memcpy(big + n, "\0--node-ip=::", 14);
	record(state, 7, 1, NULL, big, n + 14);
	memset(big + n, 'x', 14);
	record(state, 8, 1, NULL, big, huge);
	for (size_t i = 8; i < huge; i++)
		big[i] = i % 2 ? 'x' : '\0';
	record(state, 9, 1, NULL, big, huge);
	free(big);
	run_init(&r);
	(void)collect(&r, state);
	assert_int_equal(r.f.components.n, 3);
	assert_non_null(ds_cmdline_last(&r.f.components.v[0]->cmdline, "node-ip"));
	assert_false(r.f.components.v[0]->cmdline.truncated);
	assert_true(r.f.components.v[1]->cmdline.truncated);
	assert_true(r.f.components.v[2]->cmdline.truncated);
	run_done(&r);
}

static void hostile_entries(void **state)
{
	char path[160];
	struct run r;

	RECORD(state, 1, 0, NULL, "/sbin/init");
	(void)snprintf(path, sizeof(path), "%s/proc/20", (const char *)*state);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/proc/20/cmdline", (const char *)*state);
	assert_int_equal(mkfifo(path, 0600), 0);
	(void)snprintf(path, sizeof(path), "%s/proc/21", (const char *)*state);
	assert_int_equal(symlink("1", path), 0);
	put(*state, "proc/22", "", 0); /* a file in place of a directory */
	run_init(&r);
	(void)collect(&r, state);
	assert_int_equal(r.f.components.n, 0);
	run_done(&r);
}

static void an_unreadable_tree_is_said(void **state)
{
	struct run r;

	run_init(&r);
	assert_int_equal(ds_collect_processes(&r.f, "/nonexistent"), 0);
	assert_int_equal(r.ctx.inputs.v[0]->status, DS_INPUT_FAILED);
	assert_int_equal(r.ctx.diags.n, 1);
	if (geteuid() != 0) {
		RECORD(state, 4, 1, NULL, "kubelet");
		assert_int_equal(chmod(ds_arena_printf(r.ctx.arena, "%s/proc/4/cmdline", (const char *)*state), 0), 0);
		assert_int_equal(ds_collect_processes(&r.f, *state), 0);
		assert_string_equal(r.ctx.diags.v[1].message,
				    "1 of 1 processes could not be read: components among them are unknown");
		assert_int_equal(r.ctx.inputs.v[1]->status, DS_INPUT_FAILED);
	}
	run_done(&r);
}

#if DS_HAVE_LIBPROC2
struct dump {
	pid_t only;
	struct ds_buf text;
};

static int dump(void *data, const struct ds_proc *p)
{
	struct dump *d = data;

	if (p->pid != d->only)
		return 0;
	ds_buf_printf(&d->text, "%d %d ", p->pid, p->ppid);
	ds_buf_adds(&d->text, p->exe);
	for (size_t i = 0; i < p->argc; i++) {
		ds_buf_addc(&d->text, '|');
		ds_buf_adds(&d->text, p->argv[i]);
	}
	return 0;
}

/* Starts a program that sleeps under the arguments given. */
static pid_t start(char *const *argv)
{
	int fds[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		(void)execv("/bin/sleep", argv);
		_exit(127);
	}
	assert_true(pid > 0);
	(void)close(fds[1]);
	(void)!read(fds[0], &c, 1); /* closed by the exec */
	(void)close(fds[0]);
	return pid;
}

/* Both backends show a process alike, whatever its arguments are. */
static void backends_agree(void **state)
{
	size_t n = (size_t)100 << 10;
	char *big = malloc(n + 1);
	char *argvs[][5] = {
		{(char[]){"kubelet"}, (char[]){"100"}, NULL},
		{(char[]){"a name with blanks"}, (char[]){"100"}, NULL},
		{(char[]){"\xff\xfe"}, (char[]){"100"}, NULL},
		{(char[]){"sleep"}, (char[]){"100"}, NULL},
		{(char[]){"sleep"}, (char[]){"0100"}, (char[]){"0"}, NULL},
		{NULL, (char[]){"100"}, NULL},
	};

	(void)state;
	assert_non_null(big);
	memset(big, 'y', n);
	big[n] = '\0';
	argvs[5][0] = big;
	for (size_t i = 0; i < DS_ARRAY_SIZE(argvs); i++) {
		pid_t pid = start(argvs[i]);
		struct dump tree = {.only = pid}, live = {.only = pid};
		struct ds_proc_stats stats;

		assert_int_equal(ds_proc_tree.scan("/proc", dump, &tree, &stats), 0);
		assert_int_equal(ds_proc_libproc2.scan("/proc", dump, &live, &stats), 0);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		if (tree.text.n == 0 || !ds_str_eq(ds_buf_str(&tree.text), ds_buf_str(&live.text)))
			fail_msg("row %zu: tree '%.200s', libproc2 '%.200s'", i, tree.text.p ? tree.text.p : "",
				 live.text.p ? live.text.p : "");
		ds_buf_done(&tree.text);
		ds_buf_done(&live.text);
	}
	free(big);
}
#endif

/* A copy of this program under the name of a component; main() then waits. */
static pid_t start_kubelet(const char *dir, const char *option)
{
	char path[160], buf[65536];
	char *argv[] = {(char[]){"kubelet"}, strdup(option), NULL};
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), out, fds[2];
	ssize_t n;
	pid_t pid;
	char c;

	(void)snprintf(path, sizeof(path), "%s/kubelet", dir);
	out = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	assert_true(in >= 0 && out >= 0 && argv[1]);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		assert_int_equal(write(out, buf, (size_t)n), n);
	(void)close(in);
	(void)close(out);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		(void)execv(path, argv);
		_exit(127);
	}
	assert_true(pid > 0);
	(void)close(fds[1]);
	(void)!read(fds[0], &c, 1);
	(void)close(fds[0]);
	free(argv[1]);
	return pid;
}

/* The file that a live component names is read as the component sees it. */
static void a_live_file_is_read(void **state)
{
	static const char config[] = "kind: KubeletConfiguration\napiVersion: kubelet.config.k8s.io/v1beta1\n";
	const struct ds_observed *o = NULL;
	char option[160];
	struct run r;
	pid_t pid;

	put(*state, "config.yaml", config, sizeof(config) - 1);
	(void)snprintf(option, sizeof(option), "--config=%s/config.yaml", (const char *)*state);
	pid = start_kubelet(*state, option);
	run_init(&r);
	assert_int_equal(ds_collect_processes(&r.f, ""), 0);
	for (size_t i = 0; i < r.f.components.n; i++)
		if (r.f.components.v[i]->pid == pid)
			o = r.f.components.v[i];
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	if (!o) {
		fail_msg("the process was not found");
		return;
	}
	assert_int_equal(o->component, DS_KUBELET);
	assert_int_equal(o->files.n, 1);
	assert_non_null(o->files.v[0].input);
	assert_string_equal(o->files.v[0].input->type, "kubelet-config");
	assert_int_equal(o->files.v[0].yaml->n, 1);
	run_done(&r);
}

static void the_live_host_is_marked(void **state)
{
	struct run r;

	(void)state;
	run_init(&r);
	assert_int_equal(ds_collect_processes(&r.f, ""), 0);
	assert_true(r.f.live);
	assert_string_equal(r.ctx.inputs.v[0]->name, "/proc");
	run_done(&r);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(argv_keeps_its_boundaries),
		T(titles_are_no_arguments),
		T(threads_and_the_vanished_do_not_disturb),
		T(hosts_follow_their_inits),
		T(one_init_is_one_host),
		T(long_command_lines),
		T(hostile_entries),
		T(an_unreadable_tree_is_said),
#if DS_HAVE_LIBPROC2
		T(backends_agree),
#endif
		T(a_live_file_is_read),
		T(the_live_host_is_marked),
	};

	/* As the stand-in of a component: be seen until killed. */
	if (argc > 1 && strcmp(argv[0], "kubelet") == 0) {
		(void)alarm(100);
		(void)pause();
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
