#include "collect/config.h"

#include <stdlib.h>

#include "collect/path_index.h"
#include "collect/pending.h"

/*
 * Configurations of kubelet and kube-proxy that come as inputs of their own.
 * Which flags accompany them another input may tell: a unit, a listing. Where
 * none does, the component is what its configuration says, and its flags are
 * unknown, not absent.
 */

int ds_config_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object,
		      enum ds_component component)
{
	struct ds_arena *a = f->ctx->arena;
	struct ds_pending *p = ds_pending(f);
	struct ds_config_file *c = ds_arena_new_obj(a, struct ds_config_file);
	struct ds_yaml_stream *yaml = ds_arena_new_obj(a, struct ds_yaml_stream);
	struct ds_yaml_doc *doc = ds_arena_new_obj(a, struct ds_yaml_doc);

	if (!p || !c || !yaml || !doc)
		return DS_ENOMEM;
	/* A tree that is only read from here on. */
	*doc = (struct ds_yaml_doc){.root = (struct ds_yaml_node *)(uintptr_t)object, .line = object->line};
	*yaml = (struct ds_yaml_stream){.input = src->input, .docs = doc, .n = 1};
	*c = (struct ds_config_file){
		.component = component,
		.input = src->input,
		.yaml = yaml,
		.name = src->input->name,
		.cm_name = src->cm_name,
		.cm_key = src->cm_key,
		.host = src->host,
		.node = src->node,
		.broken = src->broken,
	};
	if (src->cm_name)
		c->name = ds_arena_printf(a, "ConfigMap %s, %s", src->cm_name, src->cm_key);
	return c->name ? ds_vec_push(a, &p->configs, c) : DS_ENOMEM;
}

/* ---- files that command lines name ---- */

struct claim {
	struct ds_observed *o;
	size_t file;
	struct ds_config_file *config;
};

struct claims {
	struct ds_facts *f;
	struct ds_path_index files;
	DS_VEC(struct claim) v;
};

static const char *from_of(const struct ds_observed *o)
{
	return o->loc.input ? o->loc.input->name : "";
}

static int claim_files(struct claims *cs, struct ds_observed *o)
{
	bool flat = o->kind == DS_SOURCE_UNIT || o->kind == DS_SOURCE_ARGS;

	for (size_t i = 0; i < o->files.n; i++) {
		struct claim c = {.o = o, .file = i};
		void *item;

		if (o->files.v[i].input || o->files.v[i].dropin)
			continue;
		if (ds_path_index_find(&cs->files, from_of(o), o->files.v[i].path, flat, &item) < 0)
			return DS_ENOMEM;
		c.config = item;
		if (!c.config || c.config->component != o->component)
			continue;
		c.config->claims++;
		if (ds_vec_push(cs->f->ctx->arena, &cs->v, c) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

static struct ds_named_file named(const struct ds_config_file *c, const char *path)
{
	struct ds_named_file file = {.path = path};

	if (c->broken) {
		file.unavailable = "it could not be read to its end";
	} else {
		file.input = c->input;
		file.yaml = c->yaml;
	}
	return file;
}

/* A file that several command lines name is one host's, and which one's nobody tells. */
static void settle(struct claims *cs)
{
	for (size_t i = 0; i < cs->v.n; i++) {
		struct claim *c = &cs->v.v[i];
		struct ds_named_file *file = &c->o->files.v[c->file];

		if (c->config->claims == 1)
			*file = named(c->config, file->path);
		else
			file->unavailable = "several components name this file, and whose it is is not known";
	}
}

static int by_name(const void *a, const void *b)
{
	const struct ds_config_file *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* ---- files that pods have from ConfigMaps ---- */

static int entry_key(struct ds_arena *a, const char *name, const char *key, struct ds_str *ret)
{
	const char *z = ds_arena_printf(a, "%s/%s", name, key); /* no name holds a '/' */

	*ret = ds_str_from(z);
	return z ? 0 : DS_ENOMEM;
}

/* Every pod with the volume reads the same entry. Namespaces are not told by all inputs: two ConfigMaps of one name
 * leave open which one is meant. */
static int mount_files(struct ds_facts *f)
{
	struct ds_pending *p = f->pending;
	struct ds_map entries;
	struct ds_str key;

	ds_map_init(&entries, f->ctx->arena);
	for (size_t i = 0; i < p->configs.n; i++) {
		struct ds_config_file *c = p->configs.v[i], *before;

		if (!c->cm_name)
			continue;
		if (entry_key(f->ctx->arena, c->cm_name, c->cm_key, &key) < 0)
			return DS_ENOMEM;
		before = ds_map_get(&entries, key);
		c->ambiguous = before != NULL;
		if (before)
			before->ambiguous = true;
		else if (ds_map_put(&entries, key, c) < 0)
			return DS_ENOMEM;
	}
	for (size_t i = 0; i < p->mounted.n; i++) {
		const struct ds_mounted_file *m = &p->mounted.v[i];
		struct ds_named_file *file = &m->o->files.v[m->file];
		struct ds_config_file *c;

		if (entry_key(f->ctx->arena, m->cm_name, m->cm_key, &key) < 0)
			return DS_ENOMEM;
		c = ds_map_get(&entries, key);
		if (c && c->ambiguous)
			file->unavailable = "several ConfigMaps have the name of its volume's";
		if (!c || c->ambiguous || c->component != m->o->component)
			continue;
		c->claims++;
		*file = named(c, file->path);
	}
	return 0;
}

/* pkg/kubelet/config: regular files that end in ".conf", in lexical order. */
static int claim_dropins(struct claims *cs, struct ds_observed *o)
{
	struct ds_arena *a = cs->f->ctx->arena;
	const struct ds_path_entry *entries;
	const struct ds_named_file *placeholder = o->files.n ? &o->files.v[o->files.n - 1] : NULL;
	DS_VEC(struct ds_config_file *) found = {0};
	const char *folder;

	for (size_t i = 0; i < o->files.n; i++)
		if (o->files.v[i].dropin && !o->files.v[i].input)
			placeholder = &o->files.v[i];
	if (!placeholder || !placeholder->dropin || placeholder->input)
		return 0;
	folder = placeholder->path;
	if (ds_path_index_folder(&cs->files, from_of(o), folder, &entries) < 0)
		return DS_ENOMEM;
	for (; entries; entries = entries->next) {
		struct ds_config_file *c = entries->item;

		if (c->component == o->component && c->claims++ == 0 && ds_str_ends(ds_str_from(c->name), ".conf") &&
		    ds_vec_push(a, &found, c) < 0)
			return DS_ENOMEM;
	}
	if (found.n == 0)
		return 0;
	qsort(found.v, found.n, sizeof(*found.v), by_name);
	for (size_t i = 0; i < o->files.n; i++)
		if (&o->files.v[i] == placeholder) {
			memmove(&o->files.v[i], &o->files.v[i + 1], (o->files.n - i - 1) * sizeof(*o->files.v));
			o->files.n--;
			break;
		}
	for (size_t i = 0; i < found.n; i++) {
		struct ds_named_file file = named(found.v[i], found.v[i]->name);

		file.dropin = true;
		if (ds_vec_push(a, &o->files, file) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

/* ---- configurations that nobody names ---- */

static int add_component(struct ds_facts *f, const struct ds_config_file *c)
{
	struct ds_arena *a = f->ctx->arena;
	struct ds_observed *o = ds_facts_component(f);
	struct ds_str folder = ds_path_folder(c->input->name);
	const char *host = c->host ? c->host : c->cm_name ? "" : ds_arena_strndup(a, folder.p, folder.n);

	if (!o || !host)
		return DS_ENOMEM;
	o->component = c->component;
	o->kind = DS_SOURCE_CONFIG;
	o->loc = ds_yaml_loc(a, c->input, c->yaml->docs[0].root);
	o->host = host;
	o->node = c->node;
	o->cmdline.component = c->component;
	o->cmdline.truncated = c->broken;
	o->flags_unknown = true;
	return ds_vec_push(a, &o->files, ((struct ds_named_file){.path = c->name, .input = c->input, .yaml = c->yaml}));
}

int ds_configs_finish(struct ds_facts *f)
{
	struct ds_pending *p = f->pending;
	struct claims cs = {.f = f};
	int r = 0;

	if (p->configs.n == 0)
		return 0;
	r = mount_files(f);
	ds_path_index_init(&cs.files, f->ctx->arena);
	for (size_t i = 0; r == 0 && i < p->configs.n; i++)
		if (!p->configs.v[i]->cm_name)
			r = ds_path_index_add(&cs.files, p->configs.v[i]->name, p->configs.v[i]);
	for (size_t i = 0; r == 0 && i < f->components.n; i++)
		r = claim_files(&cs, f->components.v[i]);
	if (r < 0)
		return r;
	settle(&cs);
	for (size_t i = 0; r == 0 && i < f->components.n; i++)
		r = claim_dropins(&cs, f->components.v[i]);
	for (size_t i = 0; r == 0 && i < p->configs.n; i++)
		if (p->configs.v[i]->claims == 0)
			r = add_component(f, p->configs.v[i]);
	return r;
}
