#include "collect/documents.h"
#include "collect/host/node_files.h"
#include "collect/observe.h"
#include "collect/pending.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "yaml/scalar.h"

/*
 * Components in pods: static pod manifests, mirror pods, and the templates of
 * DaemonSets and Deployments. The argument vector is built as the kubelet
 * builds it: command (or the image's entry point) followed by args, with
 * $(NAME) replaced from env where its value is literal.
 * Source of the rules: pkg/kubelet/container/helpers.go:ExpandContainerCommandAndArgs,
 * third_party/forked/golang/expansion/expand.go:Expand.
 */

/* Lines longer than this are not searched for the place of a word: a JSON file is one line. */
#define LONGEST_SEARCHED ((size_t)64 << 10)

struct env_var {
	struct ds_str name;
	struct ds_str value;
	bool known; /* literal, as opposed to valueFrom */
};

struct pod {
	struct ds_facts *f;
	const struct ds_doc_source *src;
	const struct ds_yaml_node *spec;
	const char *node;
	const char *host;
	bool fragment; /* there may be more flags than we see */
};

struct container {
	const struct pod *pod;
	const struct ds_yaml_node *node;
	DS_VEC(struct env_var) env;
	DS_VEC(struct ds_arg) argv;
	DS_VEC(const struct ds_yaml_node *) nodes; /* where argv[i] is written; NULL: not written anywhere */
	bool split;   /* a list was written as one string */
	bool refused; /* an item is no string, so what it would have been is unknown */
};

static struct ds_loc node_loc(const struct pod *p, const struct ds_yaml_node *node)
{
	return ds_yaml_loc(p->f->ctx->arena, p->src->input, node);
}

static struct ds_loc text_loc(const struct pod *p, const struct ds_yaml_node *node)
{
	return ds_yaml_text_loc(p->f->ctx->arena, p->src->input, node);
}

static const struct env_var *find_env(const struct container *c, struct ds_str name)
{
	for (size_t i = c->env.n; i > 0; i--)
		if (ds_str_eq(c->env.v[i - 1].name, name))
			return &c->env.v[i - 1];
	return NULL;
}

/* $(NAME) from env, $$ to $; anything else stays as written. */
static int expand(const struct container *c, struct ds_str s, struct ds_str *ret)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	*ret = s;
	if (ds_str_find(s, '$') == s.n)
		return 0;
	b.max = DS_LIMIT_CMDLINE_BYTES;
	for (size_t i = 0; i < s.n;) {
		struct ds_str rest = ds_str_skip(s, i + 2);
		char next = i + 1 < s.n ? s.p[i + 1] : '\0';
		size_t end = ds_str_find(rest, ')');

		if (s.p[i] == '$' && next == '$') {
			ds_buf_addc(&b, '$');
			i += 2;
		} else if (s.p[i] == '$' && next == '(' && end < rest.n) {
			const struct env_var *v = find_env(c, ds_str_head(rest, end));

			if (v && v->known)
				ds_buf_adds(&b, v->value);
			else
				ds_buf_adds(&b, ds_str_n(s.p + i, end + 3));
			i += end + 3;
		} else {
			ds_buf_addc(&b, s.p[i++]);
		}
	}
	if (b.err == DS_ETOOBIG)
		return 0;
	return b.err < 0 ? DS_ENOMEM : ds_arena_str(c->pod->f->ctx->arena, ds_buf_str(&b), ret);
}

static int read_env(struct container *c)
{
	const struct ds_yaml_node *env = ds_yaml_get(c->node, "env");

	for (size_t i = 0; env && env->kind == DS_YAML_SEQUENCE && i < env->n; i++) {
		const struct ds_yaml_node *value = ds_yaml_get(env->items[i], "value");
		struct env_var v = {.known = !ds_yaml_get(env->items[i], "valueFrom")};
		struct ds_str text;

		if (ds_yaml_as_string(ds_yaml_get(env->items[i], "name"), &v.name) < 0 || v.name.n == 0)
			continue;
		if (ds_yaml_as_string(value, &text) < 0)
			v.known = false;
		else if (expand(c, text, &v.value) < 0)
			return DS_ENOMEM;
		if (ds_vec_push(c->pod->f->ctx->arena, &c->env, v) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

static int add_arg(struct container *c, struct ds_str text, const struct ds_yaml_node *node)
{
	struct ds_arena *a = c->pod->f->ctx->arena;
	struct ds_arg arg = {.text = text};

	if (node)
		arg.loc = text_loc(c->pod, node);
	if (ds_vec_push(a, &c->argv, arg) < 0)
		return DS_ENOMEM;
	return ds_vec_push(a, &c->nodes, node);
}

/* An item that Kubernetes' decoder refuses: said, and left out. */
static int refuse_item(struct container *c, const struct ds_yaml_node *item, const char *field)
{
	struct ds_loc loc = node_loc(c->pod, item);

	c->refused = true;
	return ds_diag(c->pod->f->ctx, DS_LEVEL_ERROR, &loc, "quote it",
		       "an item of %s is not a string: Kubernetes refuses the manifest "
		       "(cannot unmarshal %s into Go struct field Container.%s of type string)",
		       field, ds_yaml_json_type(item), field);
}

static int refuse_list(struct container *c, const struct ds_yaml_node *list, const char *field)
{
	struct ds_loc loc = node_loc(c->pod, list);

	c->refused |= list->kind != DS_YAML_SCALAR;
	return ds_diag(c->pod->f->ctx, DS_LEVEL_ERROR, &loc, "write a list, one item for each argument",
		       "%s is not a list: Kubernetes refuses the manifest "
		       "(cannot unmarshal %s into Go struct field Container.%s of type []string)",
		       field, ds_yaml_json_type(list), field);
}

/* `command: kube-proxy --a --b`: refused by Kubernetes, meant as words. */
static int split_text(struct container *c, const struct ds_yaml_node *list, const char *field)
{
	struct ds_str rest = list->text;
	int r = refuse_list(c, list, field);

	c->split = true;
	while (r == 0 && rest.n > 0) {
		size_t i = 0, start;

		while (i < rest.n && ds_c_is_space(rest.p[i]))
			i++;
		start = i;
		while (i < rest.n && !ds_c_is_space(rest.p[i]))
			i++;
		if (i > start)
			r = add_arg(c, ds_str_n(rest.p + start, i - start), list);
		rest = ds_str_skip(rest, i);
	}
	return r;
}

static int read_list(struct container *c, const char *field)
{
	const struct ds_yaml_node *list = ds_yaml_get(c->node, field);

	if (!list || ds_yaml_is_null(list))
		return 0;
	if (list->kind == DS_YAML_SCALAR)
		return split_text(c, list, field);
	if (list->kind != DS_YAML_SEQUENCE)
		return refuse_list(c, list, field);
	for (size_t i = 0; i < list->n && c->argv.n < DS_LIMIT_ARGV; i++) {
		struct ds_str text;
		int r;

		if (ds_yaml_as_string(list->items[i], &text) < 0) {
			r = refuse_item(c, list->items[i], field);
		} else {
			r = expand(c, text, &text);
			if (r == 0)
				r = add_arg(c, text, list->items[i]);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

/* "registry.k8s.io/kube-proxy:v1.31.0" names kube-proxy. */
static enum ds_component image_component(struct ds_str image, struct ds_str *ret_name)
{
	struct ds_str name = ds_str_basename(image);
	struct ds_str arg;

	name = ds_str_head(name, ds_str_find(name, '@'));
	name = ds_str_head(name, ds_str_find(name, ':'));
	arg = name;
	*ret_name = name;
	return ds_observe_recognise(&(struct ds_arg){.text = arg}, 1, (struct ds_str){0});
}

/* The place of a word inside a scalar: looked for in the text of the file,
 * because folding and escapes shift what stands in the value. */
static struct ds_loc word_place(const struct ds_launch *l, size_t i, size_t offset, size_t n)
{
	const struct container *c = l->source;
	const struct ds_yaml_node *node = c->nodes.v[i];
	const struct ds_lines *lines = c->pod->src->lines;
	struct ds_loc loc = l->argv[i].loc;
	struct ds_str region, word;
	size_t start, end, at;

	if (!node || !lines)
		return loc;
	word = ds_str_n(l->argv[i].text.p + offset, n);
	start = lines->n >= node->line ? lines->starts[node->line - 1] : lines->text.n;
	end = node->end_line < lines->n ? lines->starts[node->end_line] : lines->text.n;
	if (end < start || (end - start > LONGEST_SEARCHED && node->line == node->end_line) || node->text.n == 0)
		return loc;
	/* The word stands at least as far into the region as into the value, as
	 * nothing that folding or escaping does makes the text shorter. */
	start = ds_lines_offset(lines, node->line, node->column);
	start = DS_MIN(start + offset, end);
	region = ds_str_n(lines->text.p + start, end - start);
	at = ds_str_search(region, word);
	if (at == region.n)
		return loc;
	ds_lines_place(lines, start + at, &loc.line, &loc.column);
	loc.length = (uint32_t)ds_utf8_count(word);
	return loc;
}

static int find_file(struct ds_facts *f, const struct ds_launch *l, struct ds_named_file *file)
{
	const struct container *c = l->source;

	return ds_bundle_file(f, c->pod->src->bundle, NULL, file);
}

static int read_argv(struct container *c, struct ds_str image, bool *ret_unseen)
{
	struct ds_str name;
	int r = read_list(c, "command");
	bool has_command = c->argv.n > 0;

	*ret_unseen = false;
	if (r == 0)
		r = read_list(c, "args");
	if (r < 0 || has_command)
		return r;
	if (ds_observe_recognise(c->argv.v, c->argv.n, (struct ds_str){0}) != DS_COMPONENT_NONE)
		return 0;
	/* The image's entry point runs: its name tells what it is. */
	if (image_component(image, &name) == DS_COMPONENT_NONE) {
		c->argv.n = 0;
		return 0;
	}
	*ret_unseen = c->argv.n == 0;
	r = add_arg(c, name, NULL);
	if (r == 0 && c->argv.n > 1) {
		struct ds_arg last = c->argv.v[c->argv.n - 1];

		memmove(c->argv.v + 1, c->argv.v, (c->argv.n - 1) * sizeof(*c->argv.v));
		memmove(c->nodes.v + 1, c->nodes.v, (c->nodes.n - 1) * sizeof(*c->nodes.v));
		c->argv.v[0] = last;
		c->nodes.v[0] = NULL;
	}
	return r;
}

/* ---- files from ConfigMaps ---- */

static struct ds_str text_of(const struct ds_yaml_node *map, const char *key)
{
	struct ds_str s;

	return ds_yaml_as_string(ds_yaml_get(map, key), &s) == 0 ? s : (struct ds_str){0};
}

/* The ConfigMap behind a volume: its own, or the only one of a projected volume. */
static const struct ds_yaml_node *volume_map(const struct ds_yaml_node *volume)
{
	const struct ds_yaml_node *sources = ds_yaml_path(volume, "projected", "sources", NULL);

	if (sources && sources->kind == DS_YAML_SEQUENCE && sources->n == 1)
		return ds_yaml_get(sources->items[0], "configMap");
	return ds_yaml_get(volume, "configMap");
}

/* Which entry stands behind a path in the volume: items rename them. Empty: none. */
static struct ds_str entry_at(const struct ds_yaml_node *map, struct ds_str path)
{
	const struct ds_yaml_node *items = ds_yaml_get(map, "items");

	if (!items || items->kind != DS_YAML_SEQUENCE)
		return path;
	for (size_t i = 0; i < items->n; i++)
		if (ds_str_eq(text_of(items->items[i], "path"), path))
			return text_of(items->items[i], "key");
	return (struct ds_str){0};
}

/* The volume that holds path in the container; *ret_inside is the path in it. */
static const struct ds_yaml_node *mounted_map(const struct container *c, struct ds_str path, struct ds_str *ret_inside)
{
	const struct ds_yaml_node *mounts = ds_yaml_get(c->node, "volumeMounts"), *found = NULL;
	const struct ds_yaml_node *volumes = ds_yaml_get(c->pod->spec, "volumes");
	size_t longest = 0;

	*ret_inside = (struct ds_str){0};
	for (size_t i = 0; mounts && mounts->kind == DS_YAML_SEQUENCE && i < mounts->n; i++) {
		struct ds_str at = text_of(mounts->items[i], "mountPath"), sub = text_of(mounts->items[i], "subPath");

		while (at.n > 1 && at.p[at.n - 1] == '/')
			at.n--;
		if (at.n <= longest || !ds_str_eq(ds_str_head(path, at.n), at) ||
		    (sub.n ? path.n != at.n : path.n <= at.n || path.p[at.n] != '/'))
			continue;
		longest = at.n;
		found = mounts->items[i];
		*ret_inside = sub.n ? sub : ds_str_skip(path, at.n + 1);
	}
	for (size_t i = 0; found && volumes && volumes->kind == DS_YAML_SEQUENCE && i < volumes->n; i++)
		if (ds_str_eq(text_of(volumes->items[i], "name"), text_of(found, "name")))
			return volume_map(volumes->items[i]);
	return NULL;
}

/* When the file that --config names (the last one) is an entry of a ConfigMap, another input may hold it. */
static int note_mounted(const struct container *c, struct ds_observed *o)
{
	struct ds_arena *a = c->pod->f->ctx->arena;
	struct ds_mounted_file m = {.o = o};
	struct ds_pending *p = ds_pending(c->pod->f);
	struct ds_str inside, name, key;
	const struct ds_yaml_node *map;
	size_t n = o->files.n;

	while (n > 0 && o->files.v[n - 1].dropin)
		n--;
	if (n == 0 || o->files.v[n - 1].input)
		return 0;
	m.file = n - 1;
	map = mounted_map(c, ds_str_from(o->files.v[m.file].path), &inside);
	if (!map)
		return 0;
	name = text_of(map, "name");
	key = entry_at(map, inside);
	m.cm_name = ds_arena_strndup(a, name.p, name.n);
	m.cm_key = ds_arena_strndup(a, key.p, key.n);
	if (!p || !m.cm_name || !m.cm_key || ds_vec_push(a, &p->mounted, m) < 0)
		return DS_ENOMEM;
	o->files.v[m.file].unavailable =
		ds_arena_printf(a, "it is in the ConfigMap %s, which is not among the inputs", m.cm_name);
	return o->files.v[m.file].unavailable ? 0 : DS_ENOMEM;
}

static int collect_container(const struct pod *p, const struct ds_yaml_node *node, bool *ret_used)
{
	struct container c = {.pod = p, .node = node};
	const struct ds_yaml_node *image_node = ds_yaml_get(node, "image");
	enum ds_component component;
	struct ds_launch l = {
		.kind = DS_SOURCE_STATIC_POD,
		.node = p->node,
		.host = p->host,
		.place = word_place,
		.no_files = "a manifest does not contain the files of its host",
		.source = &c,
	};
	bool unseen;
	int r = read_env(&c);

	if (r < 0)
		return r;
	if (ds_yaml_as_string(image_node, &l.image) < 0)
		l.image = (struct ds_str){0};
	r = read_argv(&c, l.image, &unseen);
	if (r < 0 || c.argv.n == 0)
		return r;
	if (l.image.n)
		l.image_loc = text_loc(p, image_node);
	if (p->src->bundle)
		l.file = find_file;
	l.loc = c.nodes.v[0] ? c.argv.v[0].loc : node_loc(p, node);
	l.argv = c.argv.v;
	l.n = c.argv.n;
	l.guessed = c.split;
	l.truncated = unseen || c.refused || p->fragment;
	r = ds_observe(p->f, &l, &component);
	*ret_used |= component != DS_COMPONENT_NONE;
	if (r == 0 && ds_component_is_audited(component))
		r = note_mounted(&c, p->f->components.v[p->f->components.n - 1]);
	return r;
}

/* The folder of a manifest stands for its host. */
static const char *folder_of(struct ds_arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strcmp(path, "-") == 0 ? path : ".";
	return slash == path ? "/" : ds_arena_strndup(a, path, (size_t)(slash - path));
}

static int pod_init(struct pod *p, struct ds_facts *f, const struct ds_doc_source *src,
		    const struct ds_yaml_node *spec, enum ds_doc_kind doc)
{
	bool is_template = doc == DS_DOC_WORKLOAD;
	struct ds_str node;

	*p = (struct pod){
		.f = f, .src = src, .spec = spec, .node = src->node, .host = src->host, .fragment = doc == DS_DOC_FRAGMENT};
	if (!is_template && ds_yaml_as_string(ds_yaml_get(spec, "nodeName"), &node) == 0 && node.n > 0) {
		p->node = ds_arena_strndup(f->ctx->arena, node.p, node.n);
		if (!p->node)
			return DS_ENOMEM;
		if (!p->host)
			p->host = p->node;
	}
	if (!p->host)
		p->host = is_template ? "" : folder_of(f->ctx->arena, src->input->name);
	return p->host ? 0 : DS_ENOMEM;
}

int ds_static_pod_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *spec,
			  enum ds_doc_kind doc, bool *ret_used, const char **ret_host)
{
	static const char *const fields[] = {"initContainers", "containers"};
	struct pod p;
	int r = pod_init(&p, f, src, spec, doc);

	*ret_host = p.host;
	for (size_t i = 0; r == 0 && i < DS_ARRAY_SIZE(fields); i++) {
		const struct ds_yaml_node *list = ds_yaml_get(spec, fields[i]);

		for (size_t k = 0; r == 0 && list && list->kind == DS_YAML_SEQUENCE && k < list->n; k++)
			r = collect_container(&p, list->items[k], ret_used);
	}
	return r;
}
