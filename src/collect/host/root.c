#include "collect/host/root.h"

#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "collect/documents.h"

void ds_root_close(struct ds_root *r)
{
	ds_close(&r->fd);
}

static const char *reason(struct ds_arena *a, const char *before, int r, const char *what)
{
	return ds_arena_printf(a, "%s%s%s", before, what ? "it is " : "", what ? what : ds_strerror(r));
}

/* ---- files that components name ---- */

static int parse(struct ds_facts *f, const char *name, struct ds_str text, struct ds_named_file *file)
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

static int read_new(struct ds_facts *f, const struct ds_root *root, const char *name, struct ds_named_file *file)
{
	struct ds_arena *a = f->ctx->arena;
	struct ds_named_file *copy;
	const char *what = NULL;
	struct ds_str text;
	int r;

	if (*root->left == 0) {
		file->unavailable = "it was not read: more files are named than DS_LIMIT_NAMED_FILES";
		return 0;
	}
	--*root->left;
	r = ds_file_read_in_root(a, root->fd, file->path, DS_LIMIT_NAMED_FILE_BYTES, false, &text, &what);
	if (r == DS_ENOMEM)
		return r;
	if (r < 0) {
		file->unavailable = r == DS_ENOENT && root->why
					    ? root->why
					    : reason(a, "it could not be read from the live process: ", r, what);
		return file->unavailable ? 0 : DS_ENOMEM;
	}
	r = parse(f, name, text, file);
	copy = r < 0 ? NULL : ds_arena_new_obj(a, struct ds_named_file);
	if (!copy)
		return DS_ENOMEM;
	*copy = *file;
	return ds_map_put(root->known, ds_str_from(name), copy);
}

int ds_root_read(struct ds_facts *f, const struct ds_root *root, struct ds_named_file *file)
{
	const char *name = ds_arena_printf(f->ctx->arena, "%s%s", root->name, file->path);
	const struct ds_named_file *known;

	if (!name)
		return DS_ENOMEM;
	if (file->path[0] != '/')
		file->unavailable = "its path is relative to the process, and was not followed";
	else if (root->fd < 0)
		file->unavailable = root->why;
	if (file->unavailable)
		return 0;
	known = ds_map_get(root->known, ds_str_from(name));
	if (!known)
		return read_new(f, root, name, file);
	file->input = known->input;
	file->yaml = known->yaml;
	return 0;
}

/* ---- drop-ins ---- */

struct dropins {
	struct ds_facts *f;
	const struct ds_root *root;
	struct ds_observed *o;
};

static int add_unavailable(const struct dropins *d, const char *path, const char *why)
{
	struct ds_named_file file = {.path = path, .dropin = true, .unavailable = why};

	return path && why ? ds_vec_push(d->f->ctx->arena, &d->o->files, file) : DS_ENOMEM;
}

static int walk(const struct dropins *d, const char *path, unsigned depth);

static int add_entry(const struct dropins *d, const char *folder, const struct ds_dir_entry *e, unsigned depth)
{
	size_t n = strlen(folder);
	const char *path = ds_arena_printf(d->f->ctx->arena, "%s%s%s", folder, n && folder[n - 1] == '/' ? "" : "/", e->name);
	struct ds_named_file file = {.path = path, .dropin = true};
	int r;

	if (!path)
		return DS_ENOMEM;
	if (e->type == S_IFDIR)
		return walk(d, path, depth + 1);
	if (!ds_str_ends(ds_str_from(e->name), ".conf"))
		return 0;
	r = ds_root_read(d->f, d->root, &file);
	return r < 0 ? r : ds_vec_push(d->f->ctx->arena, &d->o->files, file);
}

static int walk(const struct dropins *d, const char *path, unsigned depth)
{
	struct ds_dir_entry *v;
	bool more;
	size_t n;
	int r = depth < DS_LIMIT_DIR_DEPTH ? ds_dir_list_in_root(d->f->ctx->arena, d->root->fd, path, DS_LIMIT_HOST_FILES,
								 false, &v, &n, &more)
					   : DS_ETOOBIG;

	if (r == DS_ENOMEM)
		return r;
	if (r == DS_ENOENT && d->root->why)
		return add_unavailable(d, path, d->root->why);
	if (r < 0)
		return add_unavailable(d, path, reason(d->f->ctx->arena, "the folder could not be listed: ", r, NULL));
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_entry(d, path, &v[i], depth);
	if (r == 0 && more)
		r = add_unavailable(d, path, "the folder was not listed whole: more entries than DS_LIMIT_HOST_FILES");
	return r;
}

int ds_root_dropins(struct ds_facts *f, const struct ds_root *root, const char *path, struct ds_observed *o)
{
	struct dropins d = {f, root, o};
	struct ds_loc loc = o->loc;
	mode_t type;

	if (path[0] != '/')
		return add_unavailable(&d, path, "its path is relative to the process, and was not followed");
	if (root->fd < 0)
		return add_unavailable(&d, path, root->why);
	if (ds_file_type_in_root(root->fd, path, false, &type) == 0 && type == S_IFLNK)
		return ds_diag(f->ctx, DS_LEVEL_WARNING, &loc, "name the folder itself, or end the path with '/'",
			       "--config-dir=%s is a symbolic link: the kubelet does not walk into it and reads no drop-in",
			       path);
	return walk(&d, path, 0);
}

/* ---- files at known places ---- */

int ds_root_collect(struct ds_facts *f, const struct ds_root *root, const char *path, const char *type, int *ret)
{
	struct ds_arena *a = f->ctx->arena;
	const char *name = ds_arena_printf(a, "%s%s", root->name, path), *what = NULL, *why = NULL;
	struct ds_input *in;
	struct ds_str text;

	if (!name)
		return DS_ENOMEM;
	if (*root->left == 0) {
		*ret = DS_ETOOBIG;
		return ds_collect_failed(f, name, type, "more files on this host than DS_LIMIT_HOST_FILES: it was not read");
	}
	*ret = ds_file_read_in_root(a, root->fd, path, DS_LIMIT_NAMED_FILE_BYTES, false, &text, &what);
	if (*ret == DS_ENOMEM)
		return *ret;
	if (*ret == DS_ENOENT)
		return 0;
	--*root->left;
	if (*ret < 0) {
		why = reason(a, "", *ret, what);
		return why ? ds_collect_failed(f, name, type, why) : DS_ENOMEM;
	}
	in = ds_ctx_input(f->ctx, name, type ? type : "file");
	return in ? ds_collect_text(f, in, text, type) : DS_ENOMEM;
}
