#include "model/config_keys.h"

#include "base/err.h"
#include "base/limits.h"
#include "model/settings.h"

/* Fields that are called like a setting and are another one's, rightly where they are. */
static const struct {
	enum ds_component component;
	const char *path;
} namesakes[] = {
	{DS_KUBE_PROXY, "nftables.masqueradeAll"},
	{DS_KUBELET, "authorization.mode"},
};

static const char *leaf(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}

/* Where a key called like this belongs; NULL when it is right at path, or is no setting. */
static const char *belongs(struct ds_arena *a, enum ds_component component, struct ds_str key, const char *path)
{
	const char *place = NULL;
	size_t n;
	const struct ds_setting_row *rows = ds_setting_rows(&n);

	for (size_t i = 0; i < DS_ARRAY_SIZE(namesakes); i++)
		if (namesakes[i].component == component && strcmp(namesakes[i].path, path) == 0)
			return NULL;
	for (size_t i = 0; i < n; i++) {
		if (rows[i].component != component)
			continue;
		if (rows[i].config && strcmp(rows[i].config, path) == 0)
			return NULL;
		if (rows[i].config && ds_str_ieqz(key, leaf(rows[i].config)))
			place = rows[i].config;
		else if (!rows[i].config && rows[i].flag && ds_str_ieqz(key, rows[i].field))
			place = ds_arena_printf(a, "--%s", rows[i].flag);
	}
	return place;
}

/* Whether a key has the name of a setting: few have, and only theirs need a path. */
static bool is_namesake(enum ds_component component, struct ds_str key)
{
	size_t n;
	const struct ds_setting_row *rows = ds_setting_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (rows[i].component == component &&
		    ds_str_ieqz(key, rows[i].config ? leaf(rows[i].config) : rows[i].field))
			return true;
	return false;
}

static int look_at(struct ds_arena *a, const struct ds_observed *o, const struct ds_input *input,
		   const struct ds_yaml_pair *p, struct ds_misplaced_keys *ret)
{
	const char *path = ds_yaml_path_of(a, p->value), *place;
	struct ds_misplaced_key *k;

	if (!path)
		return DS_ENOMEM;
	place = belongs(a, o->component, p->key->text, path);
	if (!place)
		return 0;
	k = ds_vec_add(a, &ret->v);
	if (!k)
		return DS_ENOMEM;
	*k = (struct ds_misplaced_key){path, place, ds_yaml_loc(a, input, p->value)};
	return 0;
}

static int walk(struct ds_arena *a, const struct ds_observed *o, const struct ds_input *input,
		const struct ds_yaml_node *map, unsigned depth, struct ds_misplaced_keys *ret)
{
	int r = 0;

	if (map->kind != DS_YAML_MAPPING || depth > DS_LIMIT_YAML_DEPTH)
		return 0;
	for (size_t i = 0; r == 0 && i < map->n; i++) {
		const struct ds_yaml_pair *p = &map->pairs[i];

		if (p->key->kind == DS_YAML_SCALAR && is_namesake(o->component, p->key->text))
			r = look_at(a, o, input, p, ret);
		if (r == 0)
			r = walk(a, o, input, p->value, depth + 1, ret);
	}
	return r;
}

int ds_config_keys(struct ds_arena *a, const struct ds_observed *o, struct ds_misplaced_keys *ret)
{
	int r = 0;

	*ret = (struct ds_misplaced_keys){0};
	for (size_t i = 0; r == 0 && i < o->files.n; i++) {
		const struct ds_named_file *f = &o->files.v[i];

		if (f->yaml && f->yaml->n && f->yaml->docs[0].root)
			r = walk(a, o, f->input, f->yaml->docs[0].root, 0, ret);
	}
	return r;
}
