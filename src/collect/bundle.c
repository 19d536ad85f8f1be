#include "collect/bundle.h"

#include <stdlib.h>

#include "base/limits.h"
#include "collect/bundle_priv.h"
#include "collect/host/cni.h"
#include "collect/host/node_files.h"
#include "collect/kubeadm.h"
#include "yaml/scalar.h"

/* Folders whose files the kubelet runs as static pods. */
static const char *const manifest_folders[] = {
	"/etc/kubernetes/manifests/",
	"/var/lib/rancher/rke2/agent/pod-manifests/",
};

struct process {
	const struct ds_bundle *b;
	const struct ds_yaml_node *node;
};

int ds_bundle_wrong_type(struct ds_facts *f, const struct ds_bundle *b, const struct ds_yaml_node *node, const char *what,
		      const char *want)
{
	struct ds_loc loc = ds_yaml_loc(f->ctx->arena, b->input, node);

	return ds_diag(f->ctx, DS_LEVEL_ERROR, &loc, NULL, "%s of the bundle is not %s: left out", what, want);
}

int ds_bundle_text(struct ds_facts *f, const struct ds_bundle *b, const struct ds_yaml_node *map, const char *key,
		    const char **ret)
{
	const struct ds_yaml_node *node = ds_yaml_get(map, key);
	struct ds_str s;

	*ret = NULL;
	if (!node || ds_yaml_is_null(node))
		return 0;
	if (ds_yaml_as_string(node, &s) < 0)
		return ds_bundle_wrong_type(f, b, node, key, "a string");
	if (s.n == 0)
		return 0;
	*ret = ds_arena_strndup(f->ctx->arena, s.p, s.n);
	return *ret ? 0 : DS_ENOMEM;
}

int ds_bundle_child(struct ds_facts *f, const struct ds_bundle *b, const struct ds_yaml_node *map, const char *key,
		     enum ds_yaml_kind kind, const struct ds_yaml_node **ret)
{
	const struct ds_yaml_node *node = ds_yaml_get(map, key);

	*ret = NULL;
	if (!node || ds_yaml_is_null(node))
		return 0;
	if (node->kind != kind)
		return ds_bundle_wrong_type(f, b, node, key, kind == DS_YAML_SEQUENCE ? "a list" : "a mapping");
	*ret = node;
	return 0;
}

/*
 * Nodes of a cluster have the same configuration: one tree for each text. Its
 * nodes tell no input; a text there is something to say about is read for each.
 */
static int load_text(struct ds_facts *f, const struct ds_input *in, struct ds_yaml_stream *stream)
{
	const struct ds_yaml_stream *same = ds_map_get(&f->trees, in->text);
	size_t diags = f->ctx->diags.n, dropped = f->ctx->diags_dropped;
	int r;

	if (same) {
		*stream = *same;
		stream->input = in;
		return 0;
	}
	r = ds_yaml_load(f->ctx, in, in->text, stream);
	if (r == 0 && f->ctx->diags.n == diags && f->ctx->diags_dropped == dropped)
		r = ds_map_put(&f->trees, in->text, stream);
	return r;
}

/* Reads an entry of files ({text: …}) as an input of its own. */
static int load_file(struct ds_facts *f, struct ds_bundle *b, const struct ds_yaml_node *entry, const char *path,
		     const struct loaded_file **ret)
{
	struct ds_arena *a = f->ctx->arena;
	struct ds_yaml_stream *stream = ds_arena_new_obj(a, struct ds_yaml_stream);
	struct loaded_file file = {.entry = entry};
	/* Of many bundles in one file, those further down say whose file it is. */
	bool alone = !b->node || b->root->line <= 1;
	const char *name = ds_arena_printf(a, "%s#%s%s%s", b->input->name, alone ? "" : b->node, alone ? "" : ":", path);
	struct ds_input *in;
	struct ds_str text;
	size_t first_diag = f->ctx->diags.n;
	int r;

	*ret = NULL;
	for (size_t i = 0; i < b->loaded.n; i++)
		if (b->loaded.v[i].entry == entry)
			return *ret = &b->loaded.v[i], 0;
	if (ds_yaml_is_null(ds_yaml_get(entry, "text")))
		return 0;
	if (ds_yaml_as_string(ds_yaml_get(entry, "text"), &text) < 0)
		return ds_bundle_wrong_type(f, b, entry, path, "a file with a text");
	if (!stream || !name)
		return DS_ENOMEM;
	in = ds_ctx_input(f->ctx, name, "file");
	if (!in)
		return DS_ENOMEM;
	in->text = text;
	r = load_text(f, in, stream);
	if (r == DS_ENOMEM)
		return r;
	if (r < 0)
		r = ds_input_set(f->ctx, in, DS_INPUT_FAILED, "%s",
				 f->ctx->diags.n > first_diag ? f->ctx->diags.v[first_diag].message : ds_strerror(r));
	if (r < 0)
		return r;
	if (ds_documents_type(stream)) {
		in->type = ds_arena_strdup(a, ds_documents_type(stream));
		if (!in->type)
			return DS_ENOMEM;
	}
	file.input = in;
	file.yaml = stream;
	if (ds_vec_push(a, &b->loaded, file) < 0)
		return DS_ENOMEM;
	*ret = &b->loaded.v[b->loaded.n - 1];
	return 0;
}

int ds_bundle_file(struct ds_facts *f, const struct ds_bundle *b, const struct ds_yaml_node *process,
		   struct ds_named_file *file)
{
	const struct ds_yaml_node *entry = NULL;
	const struct loaded_file *loaded;
	int r;

	if (process)
		entry = ds_yaml_get(ds_yaml_get(process, "files"), file->path);
	if (!entry)
		entry = ds_yaml_get(ds_yaml_get(b->root, "files"), file->path);
	if (!entry) {
		file->unavailable = "the bundle does not contain it";
		return 0;
	}
	/* Remembering what was loaded is not a change that anyone can see. */
	r = load_file(f, (struct ds_bundle *)(uintptr_t)b, entry, file->path, &loaded);
	if (r < 0)
		return r;
	if (!loaded) {
		file->unavailable = "the bundle holds no text for it";
		return 0;
	}
	file->input = loaded->input;
	file->yaml = loaded->yaml;
	return 0;
}

static int find_file(struct ds_facts *f, const struct ds_launch *l, struct ds_named_file *file)
{
	const struct process *p = l->source;

	return ds_bundle_file(f, p->b, p->node, file);
}

/* As filepath.WalkDir meets them: by the names of folders first, so '/' comes before every other byte. */
static int by_path(const void *a, const void *b)
{
	const struct ds_named_file *x = a, *y = b;
	const char *s = x->path, *t = y->path;

	while (*s && *s == *t) {
		s++;
		t++;
	}
	if (*s == '/' || *t == '/')
		return *t == '\0' ? 1 : *s == '\0' ? -1 : *t == '/' ? 1 : -1;
	return (unsigned char)*s - (unsigned char)*t;
}

/* The entries of files (may be NULL) in a folder, sub-folders included, as drop-ins. */
static int folder_files(struct ds_facts *f, const struct process *p, const struct ds_yaml_node *files,
			struct ds_str folder, struct ds_observed *o)
{
	for (size_t i = 0; files && files->kind == DS_YAML_MAPPING && i < files->n; i++) {
		struct ds_str path = files->pairs[i].key->text;
		struct ds_named_file file = {.dropin = true};
		int r;

		if (path.n <= folder.n || path.p[folder.n] != '/' || !ds_str_eq(ds_str_head(path, folder.n), folder) ||
		    !ds_str_ends(path, ".conf"))
			continue;
		file.path = ds_arena_strndup(f->ctx->arena, path.p, path.n);
		r = file.path ? ds_bundle_file(f, p->b, p->node, &file) : DS_ENOMEM;
		if (r < 0 || ds_vec_push(f->ctx->arena, &o->files, file) < 0)
			return r < 0 ? r : DS_ENOMEM;
	}
	return 0;
}

/* That a bundle has no file in it does not show that there was none. */
static int find_folder(struct ds_facts *f, const struct ds_launch *l, const char *path, struct ds_observed *o)
{
	const struct process *p = l->source;
	struct ds_bundle *b = (struct ds_bundle *)(uintptr_t)p->b;
	struct ds_str folder = ds_str_from(path);
	size_t first = o->files.n;
	int r;

	while (folder.n > 1 && folder.p[folder.n - 1] == '/')
		folder.n--;
	if (b->n_folders++ < DS_LIMIT_NAMED_FILES) {
		r = folder_files(f, p, ds_yaml_get(p->node, "files"), folder, o);
		if (r == 0)
			r = folder_files(f, p, ds_yaml_get(b->root, "files"), folder, o);
		if (r < 0)
			return r;
	}
	if (o->files.n == first) {
		struct ds_named_file none = {
			.path = path, .dropin = true, .unavailable = "the bundle does not contain a file in it"};

		return ds_vec_push(f->ctx->arena, &o->files, none);
	}
	qsort(o->files.v + first, o->files.n - first, sizeof(*o->files.v), by_path);
	return 0;
}

static int read_argv(struct ds_facts *f, const struct ds_bundle *b, const struct ds_yaml_node *process, int32_t pid,
		     struct ds_arg **ret, size_t *ret_n, bool *ret_cut)
{
	const struct ds_yaml_node *list;
	struct ds_arg *v;
	size_t n = 0;
	int r = ds_bundle_child(f, b, process, "argv", DS_YAML_SEQUENCE, &list);

	*ret_n = 0;
	*ret_cut = false;
	if (r < 0 || !list)
		return r;
	v = ds_arena_new_array(f->ctx->arena, list->n, struct ds_arg);
	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < list->n && n < DS_LIMIT_ARGV; i++) {
		const struct ds_yaml_node *item = list->items[i];

		if (ds_yaml_as_string(item, &v[n].text) < 0) {
			r = ds_bundle_wrong_type(f, b, item, "an element of argv", "a string");
			if (r < 0)
				return r;
			*ret_cut = true; /* what it would have been is unknown */
			continue;
		}
		v[n].loc = ds_yaml_text_loc(f->ctx->arena, b->input, item);
		v[n].loc.pid = pid;
		n++;
	}
	*ret = v;
	*ret_n = n;
	return 0;
}

static int32_t get_pid(const struct ds_yaml_node *process, const char *key)
{
	int64_t v = 0;

	return ds_yaml_as_int(ds_yaml_get(process, key), 32, &v) == 0 && v > 0 ? (int32_t)v : 0;
}

/* A kernel thread has none; a component's may not be passed over. What has a wrong type was said before. */
static int note_no_argv(struct ds_facts *f, const struct ds_bundle *b, const struct ds_yaml_node *node, struct ds_str exe)
{
	const struct ds_yaml_node *argv = ds_yaml_get(node, "argv");
	struct ds_loc loc = ds_yaml_loc(f->ctx->arena, b->input, node);
	struct ds_arg program = {.text = exe};

	if ((argv && !ds_yaml_is_null(argv) && argv->kind != DS_YAML_SEQUENCE) ||
	    ds_observe_recognise(&program, 1, exe) == DS_COMPONENT_NONE)
		return 0;
	return ds_diag(f->ctx, DS_LEVEL_ERROR, &loc, "record the bundle anew: dsaudit collect",
		       "a process of the bundle has no argv: its flags are unknown, and it is left out");
}

static struct ds_launch launch_of(const struct process *p, enum ds_source_kind kind)
{
	const struct ds_bundle *b = p->b;

	return (struct ds_launch){
		.kind = kind,
		.node = b->node,
		.host = b->host,
		.has_version = b->has_version,
		.version = b->version,
		.version_origin = DS_VERSION_BUNDLE,
		.version_loc = b->version_loc,
		.file = find_file,
		.folder = find_folder,
		.source = p,
	};
}

/* Reads what a command line is written as; *l is then complete. */
static int read_command(struct ds_facts *f, const struct process *p, struct ds_launch *l)
{
	struct ds_arg *argv = NULL;
	bool cut = false;
	int r = read_argv(f, p->b, p->node, l->pid, &argv, &l->n, &l->truncated);

	(void)ds_yaml_as_bool(ds_yaml_get(p->node, "truncated"), &cut);
	l->truncated |= cut;
	l->argv = argv;
	l->loc = ds_yaml_loc(f->ctx->arena, p->b->input, p->node);
	l->loc.pid = l->pid;
	return r;
}

static int collect_process(struct ds_facts *f, const struct ds_bundle *b, const struct ds_yaml_node *node)
{
	struct process p = {.b = b, .node = node};
	struct ds_launch l = launch_of(&p, DS_SOURCE_PROCESS);
	int r;

	if (node->kind != DS_YAML_MAPPING)
		return ds_bundle_wrong_type(f, b, node, "a process", "a mapping");
	l.pid = get_pid(node, "pid");
	l.ppid = get_pid(node, "ppid");
	if (ds_yaml_as_string(ds_yaml_get(node, "exe"), &l.exe) < 0)
		l.exe = (struct ds_str){0};
	r = read_command(f, &p, &l);
	if (r == 0 && l.n == 0)
		return note_no_argv(f, b, node, l.exe);
	if (r < 0)
		return r;
	return ds_observe(f, &l, NULL);
}

/* ---- what is configured ---- */

/* What a host is set up to run, as opposed to what runs. */
static bool find_source(const struct ds_yaml_node *node, enum ds_source_kind *ret)
{
	static const enum ds_source_kind kinds[] = {DS_SOURCE_STATIC_POD, DS_SOURCE_UNIT, DS_SOURCE_ARGS, DS_SOURCE_CONFIG,
						    DS_SOURCE_K3S};
	struct ds_str name;

	if (ds_yaml_as_string(ds_yaml_get(node, "source"), &name) < 0)
		return false;
	for (size_t i = 0; i < DS_ARRAY_SIZE(kinds); i++) {
		*ret = kinds[i];
		if (ds_str_eqz(name, ds_source_kind_name(kinds[i])))
			return true;
	}
	return false;
}

/* A configuration without its command line: all files are its own. */
static int only_files(struct ds_facts *f, const struct process *p, struct ds_observed *o)
{
	const struct ds_yaml_node *files;
	int r = ds_bundle_child(f, p->b, p->node, "files", DS_YAML_MAPPING, &files);

	o->flags_unknown = true;
	for (size_t i = 0; r == 0 && files && i < files->n; i++) {
		struct ds_str path = files->pairs[i].key->text;
		struct ds_named_file file = {.path = ds_arena_strndup(f->ctx->arena, path.p, path.n)};

		r = file.path ? ds_bundle_file(f, p->b, p->node, &file) : DS_ENOMEM;
		if (r == 0)
			r = ds_vec_push(f->ctx->arena, &o->files, file);
	}
	return r;
}

static int collect_configured(struct ds_facts *f, const struct ds_bundle *b, const struct ds_yaml_node *node)
{
	struct process p = {.b = b, .node = node};
	struct ds_launch l = launch_of(&p, DS_SOURCE_STATIC_POD);
	bool flags_unknown = false;
	enum ds_component c;
	int r;

	if (!find_source(node, &l.kind))
		return ds_bundle_wrong_type(f, b, node, "an element of configured", "from a source that this version knows");
	r = read_command(f, &p, &l);
	if (r < 0 || l.n == 0)
		return r;
	if (ds_yaml_as_string(ds_yaml_get(node, "image"), &l.image) < 0)
		l.image = (struct ds_str){0};
	l.image_loc = ds_yaml_loc(f->ctx->arena, b->input, ds_yaml_get(node, "image"));
	r = ds_observe(f, &l, &c);
	(void)ds_yaml_as_bool(ds_yaml_get(node, "flagsUnknown"), &flags_unknown);
	if (r == 0 && flags_unknown && ds_component_is_audited(c))
		r = only_files(f, &p, f->components.v[f->components.n - 1]);
	return r;
}

/* The kubelet reads every file in its manifests' folder itself that is not hidden. */
static bool is_manifest(struct ds_str path)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(manifest_folders); i++) {
		struct ds_str base = ds_str_skip(path, strlen(manifest_folders[i]));

		if (ds_str_starts(path, manifest_folders[i]) && base.n > 0 && base.p[0] != '.' &&
		    ds_str_find(base, '/') == base.n)
			return true;
	}
	return false;
}

/* A configuration for kubeadm has no place of its own: it is told by what it says. */
static bool is_kubeadm(const struct ds_yaml_node *entry)
{
	struct ds_str text;

	return ds_yaml_as_string(ds_yaml_get(entry, "text"), &text) == 0 &&
	       ds_str_search(text, DS_STR("kubeadm.k8s.io/")) < text.n;
}

static int collect_cni(struct ds_facts *f, const struct ds_bundle *b, struct ds_str path)
{
	struct ds_named_file file = {.path = ds_arena_strndup(f->ctx->arena, path.p, path.n)};
	int r = file.path ? ds_bundle_file(f, b, NULL, &file) : DS_ENOMEM;

	if (r < 0 || !file.input)
		return r;
	return ds_cni_add(f, b->host, file.path, (struct ds_input *)(uintptr_t)file.input, file.yaml);
}

/* Static pods, kubeadm configurations and network plugins' files among the files. */
static int collect_files(struct ds_facts *f, struct ds_bundle *b)
{
	const struct ds_yaml_node *files;
	int r = ds_bundle_child(f, b, b->root, "files", DS_YAML_MAPPING, &files);

	for (size_t i = 0; r == 0 && files && i < files->n; i++) {
		struct ds_str path = files->pairs[i].key->text;
		struct ds_doc_source src = {.host = b->host, .node = b->node, .bundle = b};
		struct ds_doc_tally tally = {0};
		const struct loaded_file *loaded;
		size_t first_diag = f->ctx->diags.n;
		const char *name;
		bool manifest = is_manifest(path);

		if (ds_cni_is_path(path)) {
			r = collect_cni(f, b, path);
			continue;
		}
		if (!manifest && !is_kubeadm(files->pairs[i].value))
			continue;
		name = ds_arena_strndup(f->ctx->arena, path.p, path.n);
		if (!name)
			return DS_ENOMEM;
		r = load_file(f, b, files->pairs[i].value, name, &loaded);
		if (r < 0 || !loaded)
			continue;
		src.input = loaded->input;
		src.broken = loaded->input->status == DS_INPUT_FAILED;
		r = ds_kubeadm_collect(f, &src, loaded->yaml, &src.kubeadm);
		if (r == 0 && (manifest || src.kubeadm))
			r = ds_documents_collect(f, &src, loaded->yaml, &tally);
		if (r == 0 && loaded->input->status == DS_INPUT_READ)
			r = ds_documents_conclude(f, loaded->input, &tally, 0, first_diag);
	}
	return r;
}

static int collect_objects(struct ds_facts *f, const struct ds_bundle *b)
{
	struct ds_doc_source src = {.input = b->input, .host = b->host, .node = b->node, .bundle = b};
	struct ds_doc_tally tally = {0};
	const struct ds_yaml_node *list;
	int r = ds_bundle_child(f, b, b->root, "objects", DS_YAML_SEQUENCE, &list);

	for (size_t i = 0; r == 0 && list && i < list->n; i++) {
		/* A bundle in a bundle is nobody's, and would nest without end. */
		if (ds_doc_row(list->items[i])->doc == DS_DOC_BUNDLE)
			r = ds_bundle_wrong_type(f, b, list->items[i], "an object", "a Kubernetes object");
		else
			r = ds_document_collect(f, &src, list->items[i], NULL, &tally);
	}
	return r;
}

static int read_version(struct ds_facts *f, struct ds_bundle *b)
{
	const struct ds_yaml_node *node = ds_yaml_get(b->root, "kubernetesVersion");
	struct ds_str s;

	if (!node || ds_yaml_is_null(node))
		return 0;
	/* `1.30` is a float to YAML and a version to whoever wrote it. */
	s = node->kind == DS_YAML_SCALAR ? node->text : (struct ds_str){0};
	b->version_loc = ds_yaml_loc(f->ctx->arena, b->input, node);
	if (ds_kube_version_parse(s, &b->version) < 0)
		return ds_bundle_wrong_type(f, b, node, "kubernetesVersion", "a version");
	b->has_version = true;
	return 0;
}

static int read_head(struct ds_facts *f, struct ds_bundle *b, struct ds_host **ret_host)
{
	int r = ds_bundle_text(f, b, b->root, "node", &b->node);

	if (r == 0)
		r = read_version(f, b);
	if (r < 0)
		return r;
	b->host = b->node ? b->node : b->input->name;
	*ret_host = ds_facts_host(f, b->host);
	if (!*ret_host)
		return DS_ENOMEM;
	(*ret_host)->node = b->node;
	(*ret_host)->loc = ds_yaml_loc(f->ctx->arena, b->input, b->root);
	return 0;
}

/* What whoever recorded the bundle could not see is not seen here either. */
static int read_not_seen(struct ds_facts *f, struct ds_bundle *b)
{
	const struct ds_yaml_node *list;
	int r = ds_bundle_child(f, b, b->root, "notSeen", DS_YAML_SEQUENCE, &list);

	for (size_t i = 0; r == 0 && list && i < list->n; i++) {
		struct ds_loc loc = ds_yaml_loc(f->ctx->arena, b->input, list->items[i]);
		struct ds_str what;

		if (ds_yaml_as_string(list->items[i], &what) < 0)
			r = ds_bundle_wrong_type(f, b, list->items[i], "an element of notSeen", "a string");
		else
			r = ds_diag(f->ctx, DS_LEVEL_ERROR, &loc, "record the node again, as root",
				    "the recording is incomplete: %.*s", DS_STR_ARG(what));
	}
	return r;
}

int ds_collect_bundle_node(struct ds_facts *f, const struct ds_input *input, const struct ds_yaml_node *bundle)
{
	struct ds_bundle *b = ds_arena_new_obj(f->ctx->arena, struct ds_bundle);
	const struct ds_yaml_node *processes, *configured;
	struct ds_host *host;
	int r;

	if (!b)
		return DS_ENOMEM;
	b->input = input;
	b->root = bundle;
	if (bundle->kind != DS_YAML_MAPPING)
		return ds_bundle_wrong_type(f, b, bundle, "the document", "a mapping");
	r = read_head(f, b, &host);
	if (r == 0)
		r = read_not_seen(f, b);
	if (r == 0)
		r = ds_bundle_child(f, b, bundle, "processes", DS_YAML_SEQUENCE, &processes);
	for (size_t i = 0; r == 0 && processes && i < processes->n; i++)
		r = collect_process(f, b, processes->items[i]);
	if (r == 0)
		r = ds_bundle_child(f, b, bundle, "configured", DS_YAML_SEQUENCE, &configured);
	for (size_t i = 0; r == 0 && configured && i < configured->n; i++)
		r = collect_configured(f, b, configured->items[i]);
	if (r == 0)
		r = collect_files(f, b);
	if (r == 0)
		r = ds_bundle_host(f, b, host);
	if (r == 0)
		r = collect_objects(f, b);
	return r;
}
