#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/map.h"
#include "collect/service_stream.h"

/* Files and folders of Services, as `kubectl apply -R -f` takes them. */

struct walk {
	struct ds_service_stream *s;
	struct ds_map visited; /* folders by device and inode: links make loops */
	size_t n_files;
};

static int failed(struct ds_service_stream *s, const char *path, const char *reason)
{
	struct ds_input *in = ds_ctx_input(s->ctx, path, "service");
	struct ds_loc loc = {.input = in};
	int r;

	if (!in)
		return DS_ENOMEM;
	s->n_failed++;
	r = ds_diag(s->ctx, DS_LEVEL_ERROR, &loc, NULL, "cannot be read: %s", reason);
	return r < 0 ? r : ds_input_set(s->ctx, in, DS_INPUT_FAILED, "%s", reason);
}

static int read_file(struct ds_service_stream *s, const char *path)
{
	const char *what = NULL;
	_ds_close_ int fd = ds_file_open(AT_FDCWD, path, &what);

	if (fd < 0) {
		const char *reason = fd == DS_ENOTREG ? ds_arena_printf(s->ctx->arena, "it is %s", what ? what : "no file")
						      : ds_strerror(fd);

		return reason ? failed(s, path, reason) : DS_ENOMEM;
	}
	return ds_service_stream_fd(s, path, fd);
}

static int wanted(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static bool is_manifest(const char *name)
{
	struct ds_str s = ds_str_from(name);

	return ds_str_ends(s, ".yaml") || ds_str_ends(s, ".yml") || ds_str_ends(s, ".json");
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name); /* alphasort follows the locale */
}

/* Whether the folder is new; false also when out of memory, which *ret says. */
static bool first_visit(struct walk *w, const struct stat *st, int *ret)
{
	struct ds_str key;
	uint64_t id[2] = {(uint64_t)st->st_dev, (uint64_t)st->st_ino};

	*ret = 0;
	if (ds_map_get(&w->visited, ds_str_n((const char *)id, sizeof(id))))
		return false;
	*ret = ds_arena_str(w->s->ctx->arena, ds_str_n((const char *)id, sizeof(id)), &key);
	if (*ret == 0)
		*ret = ds_map_put(&w->visited, key, w);
	return *ret == 0;
}

static int walk_dir(struct walk *w, const char *path, unsigned depth);

/* named: the user's own word, not found on the way. */
static int walk_path(struct walk *w, const char *path, unsigned depth, bool named)
{
	struct stat st;
	int r;

	if (stat(path, &st) < 0)
		return failed(w->s, path, ds_strerror(ds_err_from_errno(errno)));
	if (S_ISDIR(st.st_mode)) {
		if (!first_visit(w, &st, &r))
			return r;
		return depth > DS_LIMIT_DIR_DEPTH ? failed(w->s, path, "nested more deeply than DS_LIMIT_DIR_DEPTH")
						  : walk_dir(w, path, depth);
	}
	if (!named && !is_manifest(path))
		return 0;
	if (w->n_files++ >= DS_LIMIT_DIR_FILES)
		return w->n_files - 1 == DS_LIMIT_DIR_FILES ? failed(w->s, path, "more files than DS_LIMIT_DIR_FILES") : 0;
	return read_file(w->s, path);
}

static int walk_dir(struct walk *w, const char *path, unsigned depth)
{
	size_t len = strlen(path), files = w->n_files;
	struct dirent **names;
	int n = scandir(path, &names, wanted, by_bytes), r = 0;

	if (n < 0)
		return failed(w->s, path, ds_strerror(ds_err_from_errno(errno)));
	for (int i = 0; i < n; i++) {
		const char *child = r < 0 ? NULL
					  : ds_arena_printf(w->s->ctx->arena, "%s%s%s", path,
							    len && path[len - 1] == '/' ? "" : "/", names[i]->d_name);

		if (r == 0)
			r = child ? walk_path(w, child, depth + 1, false) : DS_ENOMEM;
		free(names[i]);
	}
	free(names);
	if (r == 0 && depth == 0 && w->n_files == files)
		r = failed(w->s, path, "no *.yaml, *.yml or *.json in this folder");
	return r;
}

int ds_service_stream_path(struct ds_service_stream *s, const char *path, int stdin_fd)
{
	struct walk w = {.s = s};

	if (strcmp(path, "-") == 0)
		return ds_service_stream_fd(s, "-", stdin_fd);
	ds_map_init(&w.visited, s->ctx->arena);
	return walk_path(&w, path, 0, true);
}
