#include "collect/host/cni.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/limits.h"

/* Where container runtimes look: by default, and in k3s, RKE2 and MicroK8s. */
static const char *const folders[] = {
	"/etc/cni/net.d/",
	"/var/lib/rancher/k3s/agent/etc/cni/net.d/",
	"/var/snap/microk8s/current/args/cni-network/",
};

/* flanneld's environment for its plugin. */
static const char subnet_env[] = "/run/flannel/subnet.env";

static bool is_configuration(const struct ds_yaml_node *root)
{
	const struct ds_yaml_node *plugins = ds_yaml_get(root, "plugins");

	if (!root || root->kind != DS_YAML_MAPPING || ds_yaml_get(root, "kind") || ds_yaml_get(root, "apiVersion"))
		return false;
	if (plugins)
		return plugins->kind == DS_YAML_SEQUENCE && plugins->n > 0 && ds_yaml_get(plugins->items[0], "type");
	return ds_yaml_get(root, "cniVersion") && ds_yaml_get(root, "type");
}

int ds_cni_detect(const struct ds_collector *self, const struct ds_probe *p)
{
	(void)self;
	if (ds_str_starts(p->text, "FLANNEL_"))
		return 70;
	return p->yaml && p->yaml->n && is_configuration(p->yaml->docs[0].root) ? 60 : 0;
}

int ds_cni_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p)
{
	const struct ds_yaml_stream *yaml = p->yaml;
	size_t first_diag = p->first_diag;
	int loaded = p->yaml_result;

	if (!yaml && !ds_str_starts(p->text, "FLANNEL_")) { /* it is one because somebody says so */
		struct ds_yaml_stream *stream = ds_arena_new_obj(f->ctx->arena, struct ds_yaml_stream);

		loaded = stream ? ds_yaml_load(f->ctx, input, p->text, stream) : DS_ENOMEM;
		if (loaded == DS_ENOMEM)
			return DS_ENOMEM;
		yaml = stream;
	}
	if (ds_cni_add(f, "", input->name, input, yaml) < 0)
		return DS_ENOMEM;
	if (loaded == 0 && (!yaml || (yaml->n && is_configuration(yaml->docs[0].root))))
		return 0;
	if (loaded == 0)
		return ds_input_set(f->ctx, input, DS_INPUT_FAILED, "no network plugin's configuration in it");
	return ds_input_set(f->ctx, input, DS_INPUT_FAILED, "%s",
			    f->ctx->diags.n > first_diag ? f->ctx->diags.v[first_diag].message : ds_strerror(loaded));
}

bool ds_cni_is_path(struct ds_str path)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(folders); i++) {
		struct ds_str base = ds_str_skip(path, strlen(folders[i]));

		if (ds_str_starts(path, folders[i]) && base.n > 0 && ds_str_find(base, '/') == base.n)
			return true;
	}
	return ds_str_eqz(path, subnet_env);
}

int ds_cni_add(struct ds_facts *f, const char *host, const char *path, struct ds_input *input,
	       const struct ds_yaml_stream *yaml)
{
	struct ds_host_file file = {.host = host, .path = path, .input = input, .yaml = yaml};

	input->type = "cni";
	return ds_vec_push(f->ctx->arena, &f->files, file);
}

/* ---- of a host ---- */

/* What a container runtime reads, by its name. Source: containernetworking/cni libcni/conf.go:ConfFiles. */
static bool is_read(struct ds_str path)
{
	return ds_str_ends(path, ".conf") || ds_str_ends(path, ".conflist") || ds_str_ends(path, ".json");
}

static int read_one(struct ds_facts *f, const char *host, int rootfd, const char *path, const char *prefix)
{
	struct ds_arena *a = f->ctx->arena;
	const char *name = ds_arena_printf(a, "%s%s", prefix, path), *what = NULL;
	struct ds_input *in;
	struct ds_str text = {0};
	struct ds_loc loc = {0};
	size_t first = f->files.n;
	int r = ds_file_read_in_root(a, rootfd, path, DS_LIMIT_NAMED_FILE_BYTES, false, &text, &what);

	if (r == DS_ENOMEM || !name)
		return DS_ENOMEM;
	if (r == DS_ENOENT)
		return 0;
	in = ds_ctx_input(f->ctx, name, "cni");
	if (!in)
		return DS_ENOMEM;
	in->text = text;
	if (r == 0) {
		r = ds_collect_text(f, in, text, "cni");
		if (r == 0 && f->files.n > first) {
			f->files.v[first].host = host;
			f->files.v[first].path = path;
		}
		return r;
	}
	loc.input = in;
	r = ds_diag(f->ctx, DS_LEVEL_NOTE, &loc, NULL, "it could not be read: %s%s", what ? "it is " : "",
		    what ? what : ds_strerror(r));
	if (r == 0)
		r = ds_input_set(f->ctx, in, DS_INPUT_FAILED, "it could not be read");
	return r < 0 ? r : ds_cni_add(f, host, path, in, NULL);
}

static int read_folder(struct ds_facts *f, const char *host, int rootfd, const char *folder, const char *prefix)
{
	struct ds_dir_entry *entries = NULL;
	struct ds_loc loc = {0};
	bool more = false;
	size_t n = 0;
	int r = ds_dir_list_in_root(f->ctx->arena, rootfd, folder, DS_LIMIT_CNI_FILES, false, &entries, &n, &more);

	if (r == DS_ENOMEM)
		return r;
	if (more || (r < 0 && r != DS_ENOENT))
		return ds_diag(f->ctx, DS_LEVEL_NOTE, &loc, NULL, "the network plugins' files in %s%s are not known: %s", prefix,
			       folder, more ? "more than DS_LIMIT_CNI_FILES" : ds_strerror(r));
	for (size_t i = 0; r == 0 && i < n; i++) {
		const char *path = ds_arena_printf(f->ctx->arena, "%s%s", folder, entries[i].name);

		/* Credentials lie here, too. */
		if (path && (entries[i].name[0] == '.' || !is_read(ds_str_from(path))))
			continue;
		r = path ? read_one(f, host, rootfd, path, prefix) : DS_ENOMEM;
	}
	return r == DS_ENOENT ? 0 : r;
}

int ds_cni_collect_host(struct ds_facts *f, const char *host, const char *root, const char *prefix)
{
	_ds_close_ int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = 0;

	if (fd < 0)
		return 0;
	for (size_t i = 0; r == 0 && i < DS_ARRAY_SIZE(folders); i++)
		r = read_folder(f, host, fd, folders[i], prefix);
	return r < 0 ? r : read_one(f, host, fd, subnet_env, prefix);
}
