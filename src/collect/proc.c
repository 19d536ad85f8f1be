#include "collect/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "collect/cni.h"
#include "collect/collect.h"
#include "collect/documents.h"
#include "collect/hosts.h"
#include "collect/node_facts.h"
#include "collect/observe.h"

struct scan {
	struct ds_facts *f;
	struct ds_input *input;
	const char *dir; /* the directory shaped like /proc */
	size_t *n_files; /* read so far */
	bool real; /* it is procfs: PID/root leads to what the process sees, and not to what somebody recorded */
	size_t first; /* its components start here in facts->components */
	size_t first_seen;
	DS_VEC(struct ds_ancestor) ancestors;
	DS_VEC(struct ds_arg) words;
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

static int parse_file(struct ds_facts *f, const char *name, struct ds_str text, struct ds_named_file *file)
{
	struct ds_yaml_stream *stream = ds_arena_new_obj(f->ctx->arena, struct ds_yaml_stream);
	struct ds_input *in = ds_ctx_input(f->ctx, name, "file");
	size_t first_diag = f->ctx->diags.n;
	const char *type;
	int r;

	if (!stream || !in)
		return DS_ENOMEM;
	in->text = text;
	r = ds_yaml_load(f->ctx, in, text, stream);
	if (r == DS_ENOMEM)
		return r;
	type = ds_documents_type(stream);
	if (type)
		in->type = type;
	file->input = in;
	file->yaml = stream;
	if (r == 0)
		return 0;
	return ds_input_set(f->ctx, in, DS_INPUT_FAILED, "%s",
			    f->ctx->diags.n > first_diag ? f->ctx->diags.v[first_diag].message : ds_strerror(r));
}

/* A file that a live component names, as that process sees it: its root may be
 * a container's. The path is a stranger's, so the read is confined. */
static int read_live_file(struct ds_facts *f, const struct ds_launch *l, struct ds_named_file *file)
{
	const struct scan *s = l->source;
	struct ds_arena *a = f->ctx->arena;
	char *root = ds_arena_printf(a, "%s/%d/root", s->dir, l->pid);
	_ds_close_ int fd = -1;
	const char *name, *what = NULL;
	struct ds_str text;
	int r;

	if (!root)
		return DS_ENOMEM;
	if (*s->n_files >= DS_LIMIT_NAMED_FILES) {
		file->unavailable = "it was not read: more files are named than DS_LIMIT_NAMED_FILES";
		return 0;
	}
	if (file->path[0] != '/') {
		file->unavailable = "its path is relative to the process, and was not followed";
		return 0;
	}
	(*s->n_files)++;
	fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = fd < 0 ? ds_err_from_errno(errno)
		   : ds_file_read_in_root(a, fd, file->path, DS_LIMIT_NAMED_FILE_BYTES, false, &text, &what);
	if (r == DS_ENOMEM)
		return r;
	if (r < 0) {
		file->unavailable = ds_arena_printf(a, "it could not be read from the live process: %s%s",
						    what ? "it is " : "", what ? what : ds_strerror(r));
		return file->unavailable ? 0 : DS_ENOMEM;
	}
	name = ds_arena_printf(a, "%s%s", root, file->path);
	return name ? parse_file(f, name, text, file) : DS_ENOMEM;
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
		.file = s->real ? read_live_file : NULL,
		.no_files = "a recorded process does not contain files",
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
	if (r < 0 || s->words.n == 0 || ds_observe_recognise(s->words.v, s->words.n, p->exe) == DS_COMPONENT_NONE)
		return r;
	return record(s, p, title);
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
		else if (s->real && !ds_node_facts_same_net(s->dir, first->pid, o->pid))
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

/* The files of each host that components run on: below the root of its init, or of the recording. */
static int host_files(struct scan *s, const char *root, bool live)
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
static int assign_hosts(struct scan *s)
{
	struct ds_facts *f = s->f;
	int32_t first = 0;
	bool several = false;

	ds_hosts_sort(s->ancestors.v, s->ancestors.n);
	for (size_t i = s->first; i < f->components.n; i++) {
		int32_t init = ds_host_init_of(s->ancestors.v, s->ancestors.n, 0, f->components.v[i]->pid);

		several |= first != 0 && init != 0 && init != first;
		if (first == 0)
			first = init;
	}
	if (!several)
		return 0;
	for (size_t i = s->first; i < f->components.n; i++) {
		struct ds_observed *o = f->components.v[i];
		int32_t init = ds_host_init_of(s->ancestors.v, s->ancestors.n, 0, o->pid);

		if (init != 0)
			o->host = ds_arena_printf(f->ctx->arena, "%s#%d", s->input->name, init);
		if (!o->host)
			return DS_ENOMEM;
	}
	for (size_t i = 0; i < s->seen_pids.n; i++) {
		struct ds_seen *seen = &f->seen.v[s->first_seen + i];
		int32_t init = ds_host_init_of(s->ancestors.v, s->ancestors.n, 0, s->seen_pids.v[i]);

		if (init != 0)
			seen->host = ds_arena_printf(f->ctx->arena, "%s#%d", s->input->name, init);
		if (!seen->host)
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

int ds_collect_processes(struct ds_facts *f, const char *root)
{
	const struct ds_proc_backend *backend = &ds_proc_tree;
	bool live = root[0] == '\0' || strcmp(root, "/") == 0 || strcmp(root, "/proc") == 0;
	const char *dir = live ? "/proc" : proc_dir(f->ctx->arena, root);
	struct scan s = {.f = f, .first = f->components.n, .first_seen = f->seen.n};
	struct ds_proc_stats stats;
	struct ds_loc loc = {0};
	struct statfs fs;
	size_t n_files = 0;
	int r;

#if DS_HAVE_LIBPROC2
	if (live)
		backend = &ds_proc_libproc2;
#endif
	f->live |= live;
	s.input = dir ? ds_ctx_input(f->ctx, dir, "process") : NULL;
	if (!s.input)
		return DS_ENOMEM;
	loc.input = s.input;
	s.dir = dir;
	s.n_files = &n_files;
	s.real = statfs(dir, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
	r = backend->scan(dir, see, &s, &stats);
	if (r == DS_ENOMEM)
		return r;
	if (r < 0) {
		r = ds_diag(f->ctx, DS_LEVEL_ERROR, &loc, NULL, "cannot read processes from %s: %s", dir,
			    ds_strerror(r));
		return r < 0 ? r : ds_input_set(f->ctx, s.input, DS_INPUT_FAILED, "cannot be read");
	}
	r = assign_hosts(&s);
	if (r == 0)
		r = node_facts(&s);
	if (r == 0)
		r = host_files(&s, root, live);
	return r < 0 ? r : report_unseen(&s, dir, &stats);
}
