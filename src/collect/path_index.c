#include "collect/path_index.h"

/* Names with more folders than this are found by their last ones. */
#define MOST_ENDINGS 64u

/* Where Kubernetes' files are on a host: what stands before is its root. */
static const char *const known_places[] = {
	"/etc/systemd/system/", "/usr/lib/systemd/system/", "/usr/local/lib/systemd/system/", "/lib/systemd/system/",
	"/run/systemd/system/", "/etc/default/", "/etc/sysconfig/", "/etc/kubernetes/", "/etc/rancher/", "/var/lib/",
	"/var/snap/", "/opt/",
};

void ds_path_index_init(struct ds_path_index *ix, struct ds_arena *a)
{
	ix->arena = a;
	ds_map_init(&ix->files, a);
	ds_map_init(&ix->folders, a);
}

static int add(struct ds_path_index *ix, struct ds_map *map, struct ds_str key, const char *name, void *item)
{
	struct ds_path_entry *e = ds_arena_new_obj(ix->arena, struct ds_path_entry);

	if (!e)
		return DS_ENOMEM;
	*e = (struct ds_path_entry){item, name, ds_map_get(map, key)};
	return ds_map_put(map, key, e);
}

int ds_path_index_add(struct ds_path_index *ix, const char *name, void *item)
{
	struct ds_str whole = ds_str_from(name), folder = ds_path_folder(name);
	unsigned n = 0;
	int r = add(ix, &ix->files, whole, name, item);

	if (r == 0)
		r = add(ix, &ix->folders, folder, name, item);
	for (size_t i = whole.n; r == 0 && i > 1 && n < MOST_ENDINGS; i--) {
		if (name[i - 1] != '/')
			continue;
		n++;
		r = add(ix, &ix->files, ds_str_skip(whole, i - 1), name, item);
		if (r == 0 && i - 1 < folder.n)
			r = add(ix, &ix->folders, ds_str_skip(folder, i - 1), name, item);
	}
	return r;
}

/* The entry when it stands alone; the same file given twice is one. */
static const struct ds_path_entry *only(const struct ds_path_entry *e)
{
	return e && e->next && strcmp(e->name, e->next->name) != 0 ? NULL : e;
}

struct ds_str ds_path_root(const char *name)
{
	struct ds_str s = ds_str_from(name), best = {0};

	for (size_t i = 0; i < DS_ARRAY_SIZE(known_places); i++) {
		size_t at = ds_str_search(s, ds_str_from(known_places[i]));

		if (at < s.n && (!best.p || at < best.n))
			best = ds_str_head(s, at);
	}
	return best;
}

struct ds_str ds_path_folder(const char *name)
{
	const char *slash = strrchr(name, '/');

	if (!slash)
		return DS_STR(".");
	return slash == name ? DS_STR("/") : ds_str_n(name, (size_t)(slash - name));
}

static int below(struct ds_arena *a, struct ds_str folder, const char *path, struct ds_str *ret)
{
	const char *name = ds_arena_printf(a, "%.*s%s", DS_STR_ARG(folder), path);

	*ret = ds_str_from(name);
	return name ? 0 : DS_ENOMEM;
}

int ds_path_index_find(const struct ds_path_index *ix, const char *from, const char *path, bool flat, void **ret)
{
	struct ds_str root = ds_path_root(from), name;
	const struct ds_path_entry *e = NULL;
	const char *base = strrchr(path, '/');

	*ret = NULL;
	if (path[0] != '/')
		return 0;
	if (root.p) {
		if (below(ix->arena, root, path, &name) < 0)
			return DS_ENOMEM;
		e = only(ds_map_get(&ix->files, name));
	}
	if (!e)
		e = only(ds_map_get(&ix->files, ds_str_from(path)));
	if (!e && flat && strchr(from, '/')) {
		if (below(ix->arena, ds_path_folder(from), base, &name) < 0)
			return DS_ENOMEM;
		e = only(ds_map_get(&ix->files, name));
	} else if (!e && flat) {
		e = only(ds_map_get(&ix->files, ds_str_from(base + 1)));
	}
	if (e)
		*ret = e->item;
	return 0;
}

int ds_path_index_folder(const struct ds_path_index *ix, const char *from, const char *path,
			 const struct ds_path_entry **ret)
{
	struct ds_str root = ds_path_root(from), name, folder = ds_str_from(path);
	const struct ds_path_entry *e = NULL;

	*ret = NULL;
	while (folder.n > 1 && folder.p[folder.n - 1] == '/')
		folder.n--;
	if (path[0] != '/')
		return 0;
	if (root.p) {
		if (below(ix->arena, root, path, &name) < 0)
			return DS_ENOMEM;
		e = ds_map_get(&ix->folders, ds_str_head(name, root.n + folder.n));
	}
	if (!e) {
		e = ds_map_get(&ix->folders, folder);
		for (const struct ds_path_entry *k = e; k; k = k->next)
			if (!ds_str_eq(ds_path_folder(k->name), ds_path_folder(e->name)))
				return 0; /* several hosts' */
	}
	*ret = e;
	return 0;
}
