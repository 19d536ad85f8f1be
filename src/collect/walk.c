#include "collect/collect.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/num.h"
#include "base/utf8.h"
#include "collect/lines.h"
#include "collect/ps_stray.h"

struct walk {
	struct ds_facts *f;
	const char *type;
	struct ds_map visited; /* directories by device and inode: links make loops */
	size_t n_files;
	bool full; /* DS_LIMIT_DIR_FILES was reported */
};

/* The hint that helps with a reason for not reading something, or NULL. */
static const char *what_to_do(const char *reason)
{
	static const struct {
		const char *in, *hint;
	} hints[] = {
		{"not found", "check the path"},
		{"permission denied", "run as root, or as somebody who may read it"},
		{"it is ", "only regular files are opened; a stream goes through standard input: … | dsaudit audit -"},
		{"size limit", "give the part that matters, or a node bundle"},
	};

	for (size_t i = 0; i < DS_ARRAY_SIZE(hints); i++)
		if (strstr(reason, hints[i].in))
			return hints[i].hint;
	return NULL;
}

int ds_collect_failed(struct ds_facts *f, const char *path, const char *type, const char *reason)
{
	struct ds_input *in = ds_ctx_input(f->ctx, path, type ? type : "file");
	struct ds_loc loc = {.input = in};
	int r;

	if (!in)
		return DS_ENOMEM;
	r = ds_diag(f->ctx, DS_LEVEL_ERROR, &loc, what_to_do(reason), "cannot be read: %s", reason);
	return r < 0 ? r : ds_input_set(f->ctx, in, DS_INPUT_FAILED, "%s", reason);
}

static int collect_file(struct ds_facts *f, int dirfd, const char *name, const char *path, const char *type)
{
	const char *what = NULL;
	struct ds_input *in;
	struct ds_str text;
	int r = ds_file_read(f->ctx->arena, dirfd, name, DS_LIMIT_FILE_BYTES, &text, &what);

	if (r == DS_ENOMEM)
		return r;
	if (r == DS_ENOTREG)
		return ds_collect_failed(f, path, type, ds_arena_printf(f->ctx->arena, "it is %s", what ? what : "no regular file"));
	if (r < 0)
		return ds_collect_failed(f, path, type, ds_strerror(r));
	in = ds_ctx_input(f->ctx, path, type ? type : "file");
	return in ? ds_collect_text(f, in, text, type) : DS_ENOMEM;
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

struct listing {
	DS_VEC(const char *) names;
	size_t hidden;
	bool has_pids; /* shaped like /proc */
};

static int read_names(struct walk *w, DIR *d, struct listing *l)
{
	struct ds_arena *a = w->f->ctx->arena;
	const struct dirent *e;

	while ((e = readdir(d))) {
		const char *copy;
		uint64_t pid;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (e->d_name[0] == '.') {
			l->hidden++;
			continue;
		}
		/* Each name is a file or a directory, and none comes free. */
		if (l->names.n > DS_LIMIT_DIR_FILES)
			break;
		copy = ds_arena_strdup(a, e->d_name);
		if (!copy || ds_vec_push(a, &l->names, copy) < 0)
			return DS_ENOMEM;
		if (!l->has_pids && ds_num_u64(ds_str_from(copy), INT32_MAX, &pid) == 0) {
			const char *cmdline = ds_arena_printf(a, "%s/cmdline", copy);

			if (!cmdline)
				return DS_ENOMEM;
			l->has_pids = faccessat(dirfd(d), cmdline, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
		}
	}
	if (l->names.n > 1)
		qsort(l->names.v, l->names.n, sizeof(*l->names.v), by_name);
	return 0;
}

/* True when the directory was seen before. */
static int visit(struct walk *w, const struct stat *st, bool *ret_before)
{
	struct ds_str key;
	struct {
		dev_t dev;
		ino_t ino;
	} id;

	memset(&id, 0, sizeof(id));
	id.dev = st->st_dev;
	id.ino = st->st_ino;
	*ret_before = ds_map_get(&w->visited, ds_str_n((const char *)&id, sizeof(id))) != NULL;
	if (*ret_before)
		return 0;
	if (ds_arena_str(w->f->ctx->arena, ds_str_n((const char *)&id, sizeof(id)), &key) < 0)
		return DS_ENOMEM;
	return ds_map_put(&w->visited, key, w);
}

static int walk_dir(struct walk *w, int fd, const char *path, unsigned depth);

static int walk_entry(struct walk *w, int dirfd, const char *name, const char *path, unsigned depth)
{
	struct stat st;
	_ds_close_ int fd = -1;
	bool before;
	int r;

	if (w->n_files++ >= DS_LIMIT_DIR_FILES) {
		if (w->full)
			return 0;
		w->full = true;
		return ds_collect_failed(w->f, path, w->type, "more files than DS_LIMIT_DIR_FILES: this one and those after it");
	}
	if (fstatat(dirfd, name, &st, 0) < 0)
		return ds_collect_failed(w->f, path, w->type, ds_strerror(ds_err_from_errno(errno)));
	if (!S_ISDIR(st.st_mode))
		return collect_file(w->f, dirfd, name, path, w->type);
	r = visit(w, &st, &before);
	if (r < 0 || before)
		return r;
	if (depth >= DS_LIMIT_DIR_DEPTH)
		return ds_collect_failed(w->f, path, w->type, "nested more deeply than DS_LIMIT_DIR_DEPTH");
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return ds_collect_failed(w->f, path, w->type, ds_strerror(ds_err_from_errno(errno)));
	return walk_dir(w, fd, path, depth + 1);
}

/* Notes what a walk passed over; an empty directory is an input, too. */
static int report_dir(struct walk *w, const char *path, const struct listing *l, bool top)
{
	struct ds_input *in;
	struct ds_loc loc = {0};
	int r;

	if (l->hidden == 0 && (l->names.n > 0 || !top))
		return 0;
	in = ds_ctx_input(w->f->ctx, path, "directory");
	if (!in)
		return DS_ENOMEM;
	r = ds_input_set(w->f->ctx, in, DS_INPUT_SKIPPED, "%s",
			 l->names.n > 0 ? "hidden entries are passed over" : "no file in it");
	loc.input = in;
	if (r == 0 && l->hidden > 0)
		r = ds_diag(w->f->ctx, DS_LEVEL_NOTE, &loc, "name them to have them read",
			    "%zu hidden entries were passed over", l->hidden);
	return r;
}

static int walk_dir(struct walk *w, int fd, const char *path, unsigned depth)
{
	__attribute__((cleanup(closedir_p))) DIR *d = NULL;
	size_t n = strlen(path);
	struct listing l = {0};
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3), r;

	d = copy >= 0 ? fdopendir(copy) : NULL;
	if (!d) {
		r = ds_err_from_errno(errno);
		ds_close(&copy);
		return ds_collect_failed(w->f, path, w->type, ds_strerror(r));
	}
	r = read_names(w, d, &l);
	if (r < 0)
		return r;
	if (l.has_pids)
		return ds_collect_processes(w->f, path);
	while (n > 1 && path[n - 1] == '/')
		n--;
	r = report_dir(w, path, &l, depth == 0);
	for (size_t i = 0; r == 0 && i < l.names.n; i++) {
		const char *child = ds_arena_printf(w->f->ctx->arena, "%.*s%s%s", (int)n, path,
						    n > 0 && path[n - 1] == '/' ? "" : "/", l.names.v[i]);

		r = child ? walk_entry(w, fd, l.names.v[i], child, depth) : DS_ENOMEM;
	}
	return r;
}

static int collect_stdin(struct ds_facts *f, int fd, const char *type)
{
	struct ds_input *in;
	struct ds_str text;
	int r = ds_file_read_fd(f->ctx->arena, fd, DS_LIMIT_FILE_BYTES, &text);

	if (r == DS_ENOMEM)
		return r;
	if (r < 0)
		return ds_collect_failed(f, "-", type, ds_strerror(r));
	in = ds_ctx_input(f->ctx, "-", type ? type : "file");
	return in ? ds_collect_text(f, in, text, type) : DS_ENOMEM;
}

/* A component's flags in a form that no collector knows: not "none of ours". */
static int failed_mention(struct ds_facts *f, struct ds_input *in, const struct ds_ps_mention *m)
{
	const char *name = ds_component_name(m->component);
	struct ds_loc loc = {.input = in, .length = (uint32_t)ds_utf8_count(m->text)};
	struct ds_lines lines;
	int r = ds_lines_init(f->ctx->arena, in->text, &lines);

	if (r < 0)
		return r;
	ds_lines_place(&lines, (size_t)(m->text.p - in->text.p), &loc.line, &loc.column);
	r = ds_diag(f->ctx, DS_LEVEL_ERROR, &loc, "give it as ps prints it (ps -efww), as a manifest, or a node bundle",
			"flags of %s in a form that this version does not know: nothing was taken from it", name);

	return r < 0 ? r : ds_input_set(f->ctx, in, DS_INPUT_FAILED, "flags of %s in a form that this version does not know", name);
}

/* Somebody named this very input: that nothing is in it is no "nothing to
 * audit", but a pipe whose left side failed, or the wrong file. Inside a folder
 * the same is merely skipped. */
static int insist(struct ds_facts *f, size_t first)
{
	struct ds_input *in = f->ctx->inputs.n > first ? f->ctx->inputs.v[first] : NULL;
	struct ds_loc loc = {.input = in};
	struct ds_ps_mention m;
	const char *what;
	int r;

	if (!in || in->status != DS_INPUT_SKIPPED)
		return 0;
	if (ds_str_trim(in->text).n == 0)
		what = "empty";
	else if (strcmp(in->type, "binary") == 0)
		what = "binary";
	else
		return ds_ps_mentions(in->text, &m) ? failed_mention(f, in, &m) : 0;
	r = ds_diag(f->ctx, DS_LEVEL_ERROR, &loc, "check what wrote it, or the path", "the input is %s: nothing was seen", what);
	return r < 0 ? r : ds_input_set(f->ctx, in, DS_INPUT_FAILED, "%s", what);
}

int ds_collect_path(struct ds_facts *f, const char *path, const char *type, int stdin_fd)
{
	struct walk w = {.f = f, .type = type};
	_ds_close_ int fd = -1;
	size_t first = f->ctx->inputs.n;
	struct stat st;
	bool before;
	int r;

	if (type && !ds_collector_find(type))
		return DS_EINVAL;
	if (strcmp(path, "-") == 0) {
		r = collect_stdin(f, stdin_fd, type);
		return r < 0 ? r : insist(f, first);
	}
	if (stat(path, &st) < 0)
		return ds_collect_failed(f, path, type, ds_strerror(ds_err_from_errno(errno)));
	if (!S_ISDIR(st.st_mode)) {
		r = collect_file(f, AT_FDCWD, path, path, type);
		return r < 0 ? r : insist(f, first);
	}
	if (type && strcmp(type, "process") == 0)
		return ds_collect_processes(f, path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ds_collect_failed(f, path, type, ds_strerror(ds_err_from_errno(errno)));
	ds_map_init(&w.visited, f->ctx->arena);
	r = visit(&w, &st, &before);
	return r < 0 ? r : walk_dir(&w, fd, path, 0);
}
