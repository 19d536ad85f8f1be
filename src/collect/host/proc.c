#include "collect/host/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "collect/collect.h"
#include "collect/host/cni.h"
#include "collect/host/host_files.h"
#include "collect/host/hosts.h"
#include "collect/host/node_facts.h"
#include "collect/observe.h"

struct scan {
	struct ds_facts *f;
	struct ds_input *input;
	const char *dir; /* the directory shaped like /proc */
	size_t *left; /* files that components name and that may still be read */
	struct ds_map known; /* of the roots */
	int host_fd;  /* the directory that holds dir and the rest of the host, or -1: there is none */
	const char *host_name; /* what stands before a path of it */
	enum ds_component component; /* the one that is being recorded */
	bool real; /* it is procfs: PID/root leads to what the process sees, and not to what somebody recorded */
	size_t first; /* its components start here in facts->components */
	size_t first_seen;
	DS_VEC(struct ds_ancestor) ancestors;
	DS_VEC(struct ds_arg) words;
	bool several; /* components run on several hosts */
	DS_VEC(struct ds_host_init {
		const char *host;
		int32_t init; /* 0: not known */
	}) inits;
	DS_VEC(int32_t) seen_pids; /* parallel to facts->seen from first_seen on */
};

/* A program that writes its own title has one string for an argument vector,
 * and zeros where the others were: k3s and RKE2. A path that holds a blank is
 * no title: there the executable says so. */
static bool is_title(const struct ds_proc *p)
{
	if (ds_str_find(p->argv[0], ' ') == p->argv[0].n || ds_str_eq(p->argv[0], p->exe))
		return false;
	for (size_t i = 1; i < p->argc; i++)
		if (p->argv[i].n > 0)
			return false;
	return true;
}

static int add_word(struct scan *s, struct ds_str text, int32_t pid)
{
	struct ds_arg arg = {.text = text, .loc = {.input = s->input, .pid = pid, .text = text}};

	return ds_vec_push(s->f->ctx->arena, &s->words, arg);
}

static int split_title(struct scan *s, struct ds_str title, int32_t pid)
{
	struct ds_str word;
	bool done = false;

	while (ds_str_split(&title, ' ', &done, &word))
		if (word.n > 0 && add_word(s, word, pid) < 0)
			return DS_ENOMEM;
	return 0;
}

/* What the scan showed goes away with the next process: components are copied. */
static int copy_words(struct scan *s, struct ds_arg **ret)
{
	struct ds_arena *a = s->f->ctx->arena;
	struct ds_arg *v = ds_arena_new_array(a, s->words.n, struct ds_arg);

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < s->words.n; i++) {
		v[i] = s->words.v[i];
		if (ds_arena_str(a, v[i].text, &v[i].text) < 0)
			return DS_ENOMEM;
		v[i].loc.text = v[i].text;
	}
	*ret = v;
	return 0;
}

/* ---- the files that a process names ---- */

/* A process's own "/", which may be a container's; in a recording a folder that
 * somebody put there. Never a link of a recording: it would lead anywhere. */
static int open_process_root(const struct scan *s, int32_t pid, int *ret)
{
	_ds_close_ int proc = open(s->dir, O_PATH | O_DIRECTORY | O_CLOEXEC), dir = -1;
	char name[16];

	(void)snprintf(name, sizeof(name), "%d", pid);
	if (proc >= 0)
		dir = openat(proc, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	*ret = dir < 0 ? -1 : openat(dir, "root", O_PATH | O_DIRECTORY | O_CLOEXEC | (s->real ? 0 : O_NOFOLLOW));
	return *ret < 0 ? ds_err_from_errno(errno) : 0;
}

/* Whether a process sees the host's files where the host has them. */
static bool is_on_host(const struct scan *s, int32_t pid, int root)
{
	struct stat x, y;

	return s->real && s->host_fd >= 0 && fstat(root, &x) == 0 && fstat(s->host_fd, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino && ds_node_facts_same_ns(s->dir, "mnt", 1, pid);
}

static int process_root(struct scan *s, int32_t pid, size_t *left, struct ds_root *ret)
{
	struct ds_arena *a = s->f->ctx->arena;
	int r = open_process_root(s, pid, &ret->fd);

	ret->left = left;
	ret->known = &s->known;
	ret->name = r == 0 && is_on_host(s, pid, ret->fd) ? s->host_name : ds_arena_printf(a, "%s/%d/root", s->dir, pid);
	if (r < 0 && s->real)
		ret->why = ds_arena_printf(a, "it could not be read from the live process: %s", ds_strerror(r));
	else if (r < 0)
		ret->why = "a recorded process does not contain files";
	return ret->name && (r == 0 || ret->why) ? 0 : DS_ENOMEM;
}

/* The root that a component's files are below. A recorded kubelet whose own root was not recorded runs on the host. */
static int files_root(const struct ds_launch *l, struct ds_root *ret)
{
	struct scan *s = (struct scan *)(uintptr_t)l->source;
	int r = process_root(s, l->pid, s->left, ret);

	if (r < 0 || ret->fd >= 0 || s->real || s->host_fd < 0 || s->component != DS_KUBELET)
		return r;
	ret->fd = fcntl(s->host_fd, F_DUPFD_CLOEXEC, 3);
	ret->name = s->host_name;
	return 0;
}

static int read_live_file(struct ds_facts *f, const struct ds_launch *l, struct ds_named_file *file)
{
	_ds_root_close_ struct ds_root root = {.fd = -1};
	int r = files_root(l, &root);

	return r < 0 ? r : ds_root_read(f, &root, file);
}

static int read_live_folder(struct ds_facts *f, const struct ds_launch *l, const char *path, struct ds_observed *o)
{
	_ds_root_close_ struct ds_root root = {.fd = -1};
	int r = files_root(l, &root);

	return r < 0 ? r : ds_root_dropins(f, &root, path, o);
}

static int record(struct scan *s, const struct ds_proc *p, bool title)
{
	struct ds_launch l = {
		.kind = DS_SOURCE_PROCESS,
		.loc = {.input = s->input, .pid = p->pid},
		.host = s->input->name,
		.pid = p->pid,
		.ppid = p->ppid,
		.n = s->words.n,
		.guessed = title,
		.truncated = p->cut,
		.file = read_live_file,
		.folder = read_live_folder,
		.source = s,
	};
	size_t seen = s->f->seen.n;
	struct ds_arg *argv;
	int r = copy_words(s, &argv);

	if (r == 0)
		r = ds_arena_str(s->f->ctx->arena, p->exe, &l.exe);
	if (r < 0)
		return r;
	l.argv = argv;
	l.loc.text = argv[0].text;
	r = ds_observe(s->f, &l, NULL);
	for (; r == 0 && seen < s->f->seen.n; seen++)
		r = ds_vec_push(s->f->ctx->arena, &s->seen_pids, p->pid);
	return r;
}

static int see(void *data, const struct ds_proc *p)
{
	struct scan *s = data;
	struct ds_ancestor anc = {.pid = p->pid, .ppid = p->ppid};
	bool title = is_title(p);
	int r = 0;

	anc.is_init = ds_host_is_init(p->argv[0], p->pid);
	/* `systemd --user` keeps its option in the next element. */
	for (size_t i = 1; i < p->argc && i < 4; i++)
		anc.is_init &= p->pid == 1 || !ds_str_eqz(p->argv[i], "--user");
	if (ds_vec_push(s->f->ctx->arena, &s->ancestors, anc) < 0)
		return DS_ENOMEM;
	s->words.n = 0;
	if (title)
		r = split_title(s, p->argv[0], p->pid);
	for (size_t i = 0; r == 0 && !title && i < p->argc; i++)
		r = add_word(s, p->argv[i], p->pid);
	if (r < 0 || s->words.n == 0)
		return r;
	s->component = ds_observe_recognise(s->words.v, s->words.n, p->exe);
	return s->component == DS_COMPONENT_NONE ? 0 : record(s, p, title);
}

/* The facts of each host that components run on. With several networks in what
 * passes for one host, none of them is the host's. */
static int node_facts(struct scan *s)
{
	struct ds_facts *f = s->f;
	struct ds_node_facts_source src = {.dir = s->dir, .real = s->real, .host = s->input->name};
	struct ds_map done;
	bool all_alike = true;
	int r = 0;

	ds_map_init(&done, f->ctx->arena);
	for (size_t i = s->first; r == 0 && i < f->components.n; i++) {
		const struct ds_observed *o = f->components.v[i], *first = ds_map_get(&done, ds_str_from(o->host));

		if (!first)
			r = ds_map_put(&done, ds_str_from(o->host), f->components.v[i]);
		else if (s->real && !ds_node_facts_same_ns(s->dir, "net", first->pid, o->pid))
			all_alike = false;
	}
	if (r == 0 && !all_alike) {
		struct ds_loc loc = {.input = s->input};

		return ds_diag(f->ctx, DS_LEVEL_NOTE, &loc, NULL,
			       "the networks of the components differ or cannot be told apart: addresses and sysctls of "
			       "the host are not known");
	}
	/* A recording has one set of network files, for one host. */
	if (!s->real && done.n > 1)
		return r;
	for (size_t i = 0; r == 0 && i < done.n; i++) {
		src.host = ((const struct ds_observed *)done.entries[i].value)->host;
		src.pid = ((const struct ds_observed *)done.entries[i].value)->pid;
		r = ds_node_facts_collect(f, s->input, &src);
	}
	return r;
}

/* Network plugins' files of each host that components run on: below the root of its init, or of the recording. */
static int cni_files(struct scan *s, const char *root, bool live)
{
	struct ds_facts *f = s->f;
	struct ds_map done;
	int r = 0;

	ds_map_init(&done, f->ctx->arena);
	for (size_t i = s->first; r == 0 && i < f->components.n; i++) {
		const struct ds_observed *o = f->components.v[i];
		int32_t init = ds_host_init_of(s->ancestors.v, s->ancestors.n, 0, o->pid);
		const char *inner = ds_arena_printf(f->ctx->arena, "%s/%d/root", s->dir, init ? (int)init : 1);

		if (ds_map_get(&done, ds_str_from(o->host)))
			continue;
		if (!inner || ds_map_put(&done, ds_str_from(o->host), s) < 0)
			return DS_ENOMEM;
		if (s->real && init > 1 && strcmp(o->host, s->input->name) != 0)
			r = ds_cni_collect_host(f, o->host, inner, inner);
		else if (live)
			r = ds_cni_collect_host(f, o->host, access(inner, R_OK) == 0 ? inner : "/", "");
		else if (strcmp(o->host, s->input->name) == 0 && strcmp(root, s->dir) != 0)
			r = ds_cni_collect_host(f, o->host, root, root);
	}
	return r;
}

/* Components below different inits run on different hosts. */
static const char *host_name(struct scan *s, int32_t init)
{
	return init == 0 || !s->several ? s->input->name
					: ds_arena_printf(s->f->ctx->arena, "%s#%d", s->input->name, init);
}

static int note_init(struct scan *s, const char *host, int32_t init)
{
	struct ds_host_init h = {host, init};

	if (!host)
		return DS_ENOMEM;
	for (size_t i = 0; i < s->inits.n; i++)
		if (strcmp(s->inits.v[i].host, host) == 0)
			return 0;
	return s->inits.n < DS_LIMIT_HOSTS ? ds_vec_push(s->f->ctx->arena, &s->inits, h) : 0;
}

static int assign_hosts(struct scan *s)
{
	struct ds_facts *f = s->f;
	int32_t first = 0;

	ds_hosts_sort(s->ancestors.v, s->ancestors.n);
	for (size_t i = s->first; i < f->components.n; i++) {
		int32_t init = ds_host_init_of(s->ancestors.v, s->ancestors.n, 0, f->components.v[i]->pid);

		s->several |= first != 0 && init != 0 && init != first;
		if (first == 0)
			first = init;
	}
	for (size_t i = s->first; i < f->components.n; i++) {
		struct ds_observed *o = f->components.v[i];
		int32_t init = ds_host_init_of(s->ancestors.v, s->ancestors.n, 0, o->pid);

		o->host = host_name(s, init);
		if (note_init(s, o->host, init) < 0)
			return DS_ENOMEM;
	}
	for (size_t i = 0; i < s->seen_pids.n; i++) {
		struct ds_seen *seen = &f->seen.v[s->first_seen + i];

		seen->host = host_name(s, ds_host_init_of(s->ancestors.v, s->ancestors.n, 0, s->seen_pids.v[i]));
		if (!seen->host)
			return DS_ENOMEM;
	}
	return 0;
}

/* ---- what the hosts have configured ---- */

/* The first init's host is the one whose files lie beside dir; every other has them below its init's root. */
static int host_files(struct scan *s)
{
	size_t left = DS_LIMIT_HOST_FILES;
	struct ds_root main_root = {.fd = s->host_fd, .name = s->host_name, .left = &left, .known = &s->known};
	const char *main_host = s->several ? host_name(s, 1) : s->input->name;
	int r = 0;

	if (!main_host)
		return DS_ENOMEM;
	for (size_t i = 0; i < s->inits.n; i++) /* a lone container that passes for a host is not this one */
		if (!s->several && s->inits.v[i].init > 1)
			main_host = ds_arena_printf(s->f->ctx->arena, "%s#1", s->input->name);
	if (!main_host)
		return DS_ENOMEM;
	if (s->host_fd >= 0)
		r = ds_host_files_collect(s->f, &main_root, s->left, main_host);
	for (size_t i = 0; r == 0 && i < s->inits.n; i++) {
		_ds_root_close_ struct ds_root root = {.fd = -1};

		if (s->inits.v[i].init <= 1)
			continue;
		r = process_root(s, s->inits.v[i].init, &left, &root);
		if (r == 0 && root.fd >= 0)
			r = ds_host_files_collect(s->f, &root, s->left, s->inits.v[i].host);
		else if (r == 0 && s->real)
			r = ds_collect_failed(s->f, root.name, "directory", root.why);
	}
	return r;
}

/*
 * The directory that holds the host's files: the one given, or for the live
 * host what its first process sees. Where that may not be looked at it is this
 * command's own, which is the same outside containers.
 */
static int open_host(struct scan *s, const char *root, bool live)
{
	const char *dir = live ? "/" : root;
	struct stat own, first;

	s->host_name = live || strcmp(root, "/") == 0 ? "" : root;
	if (!live && strcmp(s->dir, root) == 0) /* shaped like /proc: nothing lies beside it */
		return 0;
	if (live && stat("/", &own) == 0 && stat("/proc/1/root", &first) == 0 &&
	    (own.st_dev != first.st_dev || own.st_ino != first.st_ino))
		dir = s->host_name = "/proc/1/root";
	s->host_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	while (*s->host_name && s->host_name[strlen(s->host_name) - 1] == '/') {
		s->host_name = ds_arena_strndup(s->f->ctx->arena, s->host_name, strlen(s->host_name) - 1);
		if (!s->host_name)
			return DS_ENOMEM;
	}
	return 0;
}

/* The hidepid option of the file system mounted at dir, or empty. */
static int hidepid_of(struct ds_facts *f, const char *dir, struct ds_str *ret)
{
	struct ds_str rest, line;
	bool done = false;
	int r = ds_file_read(f->ctx->arena, AT_FDCWD, "/proc/self/mountinfo", (size_t)16 << 20, &rest, NULL);

	*ret = (struct ds_str){0};
	if (r < 0)
		return r == DS_ENOMEM ? r : 0;
	while (ds_str_split(&rest, '\n', &done, &line)) {
		struct ds_str word, fields = line;
		bool end = false, mine = false;
		size_t at = ds_str_search(line, DS_STR("hidepid="));

		for (unsigned i = 0; i < 5 && ds_str_split(&fields, ' ', &end, &word); i++)
			mine = i == 4 && ds_str_eqz(word, dir);
		if (!mine)
			continue;
		word = ds_str_skip(line, at + 8);
		word = ds_str_head(word, ds_str_find(word, ','));
		word = ds_str_head(word, ds_str_find(word, ' '));
		*ret = at < line.n && !ds_str_eqz(word, "0") && !ds_str_eqz(word, "off") ? word : (struct ds_str){0};
	}
	return 0;
}

/* What could not be seen leaves the audit incomplete: it is said with its number. */
static int report_unseen(struct scan *s, const char *dir, const struct ds_proc_stats *stats)
{
	struct ds_loc loc = {.input = s->input};
	struct ds_str hidepid = {0};
	int r = 0;

	if (geteuid() != 0)
		r = hidepid_of(s->f, dir, &hidepid);
	if (r < 0)
		return r;
	if (stats->unreadable > 0)
		r = ds_diag(s->f->ctx, DS_LEVEL_ERROR, &loc, "run as root, or audit a recording",
			    "%zu of %zu processes could not be read: components among them are unknown",
			    stats->unreadable, stats->seen);
	if (r == 0 && hidepid.n > 0)
		r = ds_diag(s->f->ctx, DS_LEVEL_ERROR, &loc, "run as root, or audit a recording",
			    "%s is mounted with hidepid=%.*s: processes of other users are hidden, and components "
			    "among them are unknown",
			    dir, DS_STR_ARG(hidepid));
	if (r == 0 && (stats->unreadable > 0 || hidepid.n > 0))
		r = ds_input_set(s->f->ctx, s->input, DS_INPUT_FAILED, "not all processes could be read");
	if (r == 0 && stats->vanished > 0)
		r = ds_diag(s->f->ctx, DS_LEVEL_NOTE, &loc, NULL, "%zu of %zu processes ended while they were read",
			    stats->vanished, stats->seen);
	return r;
}

/* root/proc, or root itself when it is shaped like /proc. */
static const char *proc_dir(struct ds_arena *a, const char *root)
{
	const char *dir = ds_arena_printf(a, "%s/proc", strcmp(root, "/") == 0 ? "" : root);

	return !dir || access(dir, F_OK) == 0 ? dir : ds_arena_strdup(a, root);
}

/* What follows from the processes once all were seen. */
static int conclude(struct scan *s, const char *root, bool live, const struct ds_proc_stats *stats)
{
	int r = assign_hosts(s);

	if (r == 0)
		r = node_facts(s);
	if (r == 0)
		r = cni_files(s, root, live); /* while what was found are processes alone */
	if (r == 0)
		r = host_files(s);
	return r < 0 ? r : report_unseen(s, s->dir, stats);
}

int ds_collect_processes(struct ds_facts *f, const char *root)
{
	const struct ds_proc_backend *backend = &ds_proc_tree;
	bool live = root[0] == '\0' || strcmp(root, "/") == 0 || strcmp(root, "/proc") == 0;
	const char *dir = live ? "/proc" : proc_dir(f->ctx->arena, root);
	_ds_close_ int host_fd = -1;
	size_t left = DS_LIMIT_NAMED_FILES;
	struct scan s = {.f = f, .first = f->components.n, .first_seen = f->seen.n, .left = &left, .host_fd = -1};
	struct ds_proc_stats stats;
	struct ds_loc loc = {0};
	struct statfs fs;
	int r;

#if DS_HAVE_LIBPROC2
	if (live)
		backend = &ds_proc_libproc2;
#endif
	f->live |= live;
	ds_map_init(&s.known, f->ctx->arena);
	s.input = dir ? ds_ctx_input(f->ctx, dir, "process") : NULL;
	if (!s.input)
		return DS_ENOMEM;
	loc.input = s.input;
	s.dir = dir;
	s.real = statfs(dir, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
	r = open_host(&s, root, live);
	host_fd = s.host_fd;
	if (r == 0)
		r = backend->scan(dir, see, &s, &stats);
	if (r == DS_ENOMEM)
		return r;
	if (r < 0) {
		r = ds_diag(f->ctx, DS_LEVEL_ERROR, &loc, NULL, "cannot read processes from %s: %s", dir,
			    ds_strerror(r));
		return r < 0 ? r : ds_input_set(f->ctx, s.input, DS_INPUT_FAILED, "cannot be read");
	}
	return conclude(&s, root, live, &stats);
}
