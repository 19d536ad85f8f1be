#include "collect/host/host_files.h"

#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "collect/pending.h"
#include "collect/unit_text.h"
#include "yaml/scalar.h"

/* kubeadm's, and every manual's. */
#define MANIFESTS "/etc/kubernetes/manifests"
#define KUBELET_CONFIG "/var/lib/kubelet/config.yaml"

struct host {
	struct ds_facts *f;
	const struct ds_root *root;
	const struct ds_root *named; /* the same directory, for what the files in it name */
	const char *name;
	struct ds_map seen; /* paths that were read or are not there */
	bool merged_usr;    /* /lib is /usr/lib */
};

/* ---- places ---- */

/* *ret_there: false when it is not there; what was read before is not read again. */
static int read_file(struct host *h, const char *path, const char *type, bool *ret_there)
{
	int r, what = 0;

	*ret_there = true;
	if (ds_map_get(&h->seen, ds_str_from(path)))
		return 0;
	r = ds_map_put(&h->seen, ds_str_from(path), h);
	if (r == 0)
		r = ds_root_collect(h->f, h->root, path, type, &what);
	*ret_there = what != DS_ENOENT;
	return r;
}

static int failed(struct host *h, const char *path, const char *why)
{
	const char *name = ds_arena_printf(h->f->ctx->arena, "%s%s", h->root->name, path);

	return name ? ds_collect_failed(h->f, name, NULL, why) : DS_ENOMEM;
}

/* The files of a folder that end in suffix and are not hidden. *ret_r: as the listing ended. */
static int read_folder(struct host *h, const char *folder, const char *suffix, const char *type, int *ret_r)
{
	struct ds_arena *a = h->f->ctx->arena;
	struct ds_dir_entry *v;
	bool more, there;
	size_t n;
	int r = ds_dir_list_in_root(a, h->root->fd, folder, DS_LIMIT_HOST_FILES, false, &v, &n, &more);

	*ret_r = r;
	if (r == DS_ENOENT)
		return 0;
	if (r < 0)
		return r == DS_ENOMEM ? r : failed(h, folder, ds_strerror(r));
	r = 0;
	for (size_t i = 0; r == 0 && i < n; i++) {
		const char *path = ds_arena_printf(a, "%s/%s", folder, v[i].name);

		if (!path)
			return DS_ENOMEM;
		/* As the kubelet: folders are passed over, links to files are followed. */
		if (v[i].name[0] == '.' || v[i].type == S_IFDIR || !ds_str_ends(ds_str_from(v[i].name), suffix))
			continue;
		r = read_file(h, path, type, &there);
		if (r == 0 && !there) /* a link that leads nowhere */
			r = failed(h, path, ds_strerror(DS_ENOENT));
	}
	if (r == 0 && more)
		r = failed(h, folder, "more entries than DS_LIMIT_HOST_FILES");
	return r;
}

/* ---- systemd ---- */

static const char *const unit_folders[] = {
	"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
	"/lib/systemd/system",
};

/* An environment file that is not there sets nothing: then the command line is known whole. */
static int note_absent(struct host *h, const char *path)
{
	struct ds_arena *a = h->f->ctx->arena;
	struct ds_pending *p = ds_pending(h->f);
	struct ds_unit_file *env = ds_arena_new_obj(a, struct ds_unit_file);
	struct ds_input *in = ds_arena_new_obj(a, struct ds_input);

	if (!p || !env || !in)
		return DS_ENOMEM;
	in->name = ds_arena_printf(a, "%s%s", h->root->name, path);
	in->type = "args";
	env->input = in;
	return !in->name || ds_lines_init(a, DS_STR(""), &env->lines) < 0 ? DS_ENOMEM : ds_vec_push(a, &p->envs, env);
}

static int read_env_file(struct host *h, struct ds_str value)
{
	const char *path;
	bool there;
	int r;

	if (value.n > 0 && value.p[0] == '-')
		value = ds_str_skip(value, 1);
	for (size_t i = 0; i < value.n; i++)
		if (memchr("*?[%", value.p[i], 4)) /* several files, or one that only systemd can name */
			return 0;
	if (value.n == 0 || value.p[0] != '/')
		return 0;
	path = ds_arena_strndup(h->f->ctx->arena, value.p, value.n);
	if (!path)
		return DS_ENOMEM;
	r = read_file(h, path, "args", &there);
	return r == 0 && !there ? note_absent(h, path) : r;
}

static int read_env_files(struct host *h, size_t first_unit)
{
	int r = 0;

	for (size_t i = first_unit; r == 0 && h->f->pending && i < h->f->pending->units.n; i++) {
		struct ds_str text = h->f->pending->units.v[i]->lines.text, section = {0};
		struct ds_unit_line line;
		size_t pos = 0;

		while (r == 0 && ds_unit_next(text, &pos, &section, &line))
			if (ds_str_eqz(section, "Service") && ds_str_eqz(line.key, "EnvironmentFile"))
				r = read_env_file(h, ds_str_trim(line.value));
	}
	return r;
}

static int read_unit(struct host *h, const char *component)
{
	struct ds_arena *a = h->f->ctx->arena;
	bool there;
	int r = 0, listed;

	/* systemctl mask: it is not started, whatever the other folders have. */
	for (size_t i = 0; i < 2; i++) {
		const char *unit = ds_arena_printf(a, "%s/%s.service", unit_folders[i], component);

		if (!unit)
			return DS_ENOMEM;
		if (ds_is_link_in_root(h->root->fd, unit, "/dev/null"))
			return 0;
	}
	for (size_t i = 0; r == 0 && i < DS_ARRAY_SIZE(unit_folders); i++) {
		const char *unit = ds_arena_printf(a, "%s/%s.service", unit_folders[i], component);
		const char *dropins = ds_arena_printf(a, "%s/%s.service.d", unit_folders[i], component);

		if (!unit || !dropins)
			return DS_ENOMEM;
		if (h->merged_usr && ds_str_starts(ds_str_from(unit), "/lib/"))
			continue;
		r = read_file(h, unit, "systemd-unit", &there);
		if (r == 0)
			r = read_folder(h, dropins, ".conf", "systemd-unit", &listed);
	}
	return r;
}

static int read_units(struct host *h)
{
	int r = 0;

	for (int c = 0; r == 0 && c < DS_COMPONENT__COUNT; c++)
		if (ds_component_is_audited((enum ds_component)c))
			r = read_unit(h, ds_component_name((enum ds_component)c));
	return r < 0 ? r : read_env_files(h, 0);
}

/* ---- distributions ---- */

static int read_distributions(struct host *h)
{
	static const char *const rancher[] = {"k3s", "rke2"};
	struct ds_arena *a = h->f->ctx->arena;
	bool there;
	int r = 0, listed;

	for (size_t i = 0; r == 0 && i < DS_ARRAY_SIZE(rancher); i++) {
		const char *file = ds_arena_printf(a, "/etc/rancher/%s/config.yaml", rancher[i]);
		const char *folder = ds_arena_printf(a, "/etc/rancher/%s/config.yaml.d", rancher[i]);

		if (!file || !folder)
			return DS_ENOMEM;
		r = read_file(h, file, "k3s", &there);
		if (r == 0)
			r = read_folder(h, folder, ".yaml", "k3s", &listed);
	}
	for (int c = 0; r == 0 && c < DS_COMPONENT__COUNT; c++) {
		const char *file = ds_arena_printf(a, "/var/snap/microk8s/current/args/%s",
						   ds_component_is_audited((enum ds_component)c)
							   ? ds_component_name((enum ds_component)c)
							   : "");

		if (!file)
			return DS_ENOMEM;
		if (ds_component_is_audited((enum ds_component)c))
			r = read_file(h, file, "args", &there);
	}
	return r;
}

/* ---- what comes of it ---- */

static const struct ds_observed *find(const struct host *h, enum ds_component c, bool running, size_t end)
{
	for (size_t i = 0; i < end; i++) {
		const struct ds_observed *o = h->f->components.v[i];

		if (o->component == c && strcmp(o->host, h->name) == 0 && (o->kind == DS_SOURCE_PROCESS || !running))
			return o;
	}
	return NULL;
}

/* The files that a unit or a file of arguments names are the host's. */
static int read_named(struct host *h, struct ds_observed *o)
{
	size_t n = o->files.n;
	const char *folder = NULL;
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct ds_named_file file = o->files.v[i];

		if (!file.input && file.dropin) {
			folder = file.path;
			continue;
		}
		if (!file.input) {
			file.unavailable = NULL;
			r = ds_root_read(h->f, h->named, &file);
		}
		o->files.v[kept++] = file;
	}
	o->files.n = kept;
	return r == 0 && folder ? ds_root_dropins(h->f, h->named, folder, o) : r;
}

/* systemd starts what is wanted; a unit that is merely installed starts nothing. */
static bool is_enabled(const struct host *h, const struct ds_observed *o)
{
	char path[128];
	mode_t type;

	(void)snprintf(path, sizeof(path), "/etc/systemd/system/multi-user.target.wants/%s.service",
		       ds_component_name(o->component));
	return ds_file_type_in_root(h->root->fd, path, false, &type) == 0;
}

static int idle_unit(struct host *h, const struct ds_observed *o)
{
	struct ds_input *in = (struct ds_input *)(uintptr_t)o->loc.input;

	return ds_input_set(h->f->ctx, in, DS_INPUT_SKIPPED, "the unit is not enabled, and no %s was seen to run",
			    ds_component_name(o->component));
}

/* What runs was seen already; a manifest of it is nothing more. */
static bool is_seen(const struct host *h, enum ds_component c, size_t end)
{
	for (size_t i = 0; i < end; i++)
		if (h->f->seen.v[i].component == c && strcmp(h->f->seen.v[i].host, h->name) == 0)
			return true;
	return false;
}

/* Puts together what was read since `first`: it is all this host's. */
static int finish(struct host *h, size_t first, size_t first_seen)
{
	struct ds_facts *f = h->f;
	size_t kept = first;
	int r = f->pending ? ds_collect_finish(f) : 0;

	f->pending = NULL;
	for (size_t i = first; r == 0 && i < f->components.n; i++) {
		struct ds_observed *o = f->components.v[i];

		o->host = h->name;
		if (o->kind == DS_SOURCE_UNIT && !find(h, o->component, true, first) && !is_enabled(h, o)) {
			r = idle_unit(h, o);
			continue;
		}
		if (o->kind == DS_SOURCE_UNIT || o->kind == DS_SOURCE_ARGS)
			r = read_named(h, o);
		f->components.v[kept++] = o;
	}
	if (r == 0)
		f->components.n = kept;
	kept = first_seen;
	for (size_t i = first_seen; i < f->seen.n; i++) {
		f->seen.v[i].host = h->name;
		if (!is_seen(h, f->seen.v[i].component, kept))
			f->seen.v[kept++] = f->seen.v[i];
	}
	f->seen.n = kept;
	return r;
}

/* Without a kubelet that tells, its usual configuration speaks for it. */
static int read_kubelet_config(struct host *h)
{
	size_t first = h->f->components.n, first_seen = h->f->seen.n;
	bool there;
	int r;

	if (find(h, DS_KUBELET, false, first))
		return 0;
	r = read_file(h, KUBELET_CONFIG, "kubelet-config", &there);
	return r < 0 ? r : finish(h, first, first_seen);
}

/* ---- static pods ---- */

/* The folder that a kubelet watches: NULL when there is none. *ret_known: that is certain. */
static const char *watched(struct ds_arena *a, const struct ds_observed *o, bool *ret_known)
{
	const struct ds_flag_use *use = ds_cmdline_last(&o->cmdline, "pod-manifest-path");
	struct ds_str path = {0}, text;

	*ret_known = !o->cmdline.truncated && !o->flags_unknown && !(use && use->unresolved);
	for (size_t i = 0; i < o->files.n; i++) {
		const struct ds_yaml_stream *yaml = o->files.v[i].yaml;
		const struct ds_yaml_node *node = yaml && yaml->n ? ds_yaml_get(yaml->docs[0].root, "staticPodPath") : NULL;

		*ret_known &= yaml != NULL;
		if (node && ds_yaml_as_string(node, &text) == 0)
			path = text;
	}
	if (use && !use->unresolved)
		path = use->value;
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	if (path.n == 0)
		return *ret_known ? NULL : MANIFESTS;
	*ret_known = true;
	return ds_arena_strndup(a, path.p, path.n);
}

static int read_manifests(struct host *h, const char *path)
{
	bool there;
	int listed, r;

	if (path[0] != '/') /* below the kubelet's working directory, which nobody tells */
		return ds_collect_failed(h->f, path, "directory", "a static pod path that is not absolute was not followed");
	r = read_folder(h, path, "", NULL, &listed);
	/* It may be one file as well. */
	return r == 0 && listed == DS_ENOENT ? read_file(h, path, NULL, &there) : r;
}

static int note_unwatched(struct host *h, const struct ds_observed *kubelet)
{
	struct ds_loc loc = kubelet->loc;
	mode_t type;

	if (ds_file_type_in_root(h->root->fd, MANIFESTS, false, &type) < 0)
		return 0;
	return ds_diag(h->f->ctx, DS_LEVEL_NOTE, &loc, "staticPodPath of its configuration names the folder that it watches",
		       "the kubelet does not watch " MANIFESTS ": the manifests there are not looked at");
}

static int read_static_pods(struct host *h)
{
	size_t first = h->f->components.n, first_seen = h->f->seen.n;
	const struct ds_observed *unwatched = NULL;
	bool any = false, manifests = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < first; i++) {
		const struct ds_observed *o = h->f->components.v[i];
		const char *path;
		bool known;

		if (o->component != DS_KUBELET || strcmp(o->host, h->name) != 0 ||
		    (o->kind != DS_SOURCE_PROCESS && find(h, DS_KUBELET, true, first)))
			continue;
		any = true;
		path = watched(h->f->ctx->arena, o, &known);
		if (path)
			r = read_manifests(h, path);
		manifests |= path && strcmp(path, MANIFESTS) == 0;
		if (!path || !manifests)
			unwatched = o;
	}
	if (r == 0 && !any)
		r = read_manifests(h, MANIFESTS);
	if (r == 0 && unwatched && !manifests)
		r = note_unwatched(h, unwatched);
	return r < 0 ? r : finish(h, first, first_seen);
}

int ds_host_files_collect(struct ds_facts *f, const struct ds_root *root, size_t *named_left, const char *host)
{
	struct ds_root named = *root;
	struct host h = {.f = f, .root = root, .named = &named, .name = host};
	struct ds_pending *before = f->pending;
	size_t first = f->components.n, first_seen = f->seen.n;
	mode_t type;
	int r;

	named.left = named_left;
	ds_map_init(&h.seen, f->ctx->arena);
	h.merged_usr = ds_file_type_in_root(root->fd, "/lib", false, &type) == 0 && type == S_IFLNK;
	/* What is told only by several files is told by this host's. */
	f->pending = NULL;
	r = read_units(&h);
	if (r == 0)
		r = read_distributions(&h);
	if (r == 0)
		r = finish(&h, first, first_seen);
	if (r == 0)
		r = read_kubelet_config(&h);
	if (r == 0)
		r = read_static_pods(&h);
	f->pending = before;
	return r;
}
