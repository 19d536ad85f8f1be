#include "collect/observe.h"

#include "base/buf.h"
#include "base/limits.h"
#include "collect/distro/k3s.h"
#include "kube/shell.h"

/* Wrappers stand in front; nobody writes more words of them than this. */
#define HEAD_WORDS 256

/* What the search for the component found. */
struct search {
	struct ds_facts *f;
	const struct ds_launch *l;
	enum ds_component component;
	struct ds_str program;     /* the word that names it */
	const struct ds_arg *argv; /* its flags */
	size_t n;
	bool truncated;
};

static enum ds_component recognise(const struct ds_arg *argv, size_t n, struct ds_str exe, size_t *ret_skip,
				   struct ds_str *ret_shell)
{
	struct ds_str head[HEAD_WORDS];
	size_t k = DS_MIN(n, (size_t)HEAD_WORDS);

	for (size_t i = 0; i < k; i++)
		head[i] = argv[i].text;
	*ret_skip = 0;
	*ret_shell = (struct ds_str){0};
	return ds_component_recognise(head, k, exe, ret_skip, ret_shell);
}

enum ds_component ds_observe_recognise(const struct ds_arg *argv, size_t n, struct ds_str exe)
{
	struct ds_str shell;
	size_t skip;

	return n ? recognise(argv, n, exe, &skip, &shell) : DS_COMPONENT_NONE;
}

/* What in a script makes its course depend on more than we see, or NULL. */
static const char *complexity(struct ds_str script)
{
	static const char *const keywords[] = {"if", "while", "until", "for", "case", "function", "eval", "trap"};
	struct ds_shell_scan scan = {.text = script};
	enum ds_shell_token t;
	bool first = true;
	struct ds_str raw;

	while ((t = ds_shell_next(&scan, &raw)) != DS_SHELL_END) {
		if (t == DS_SHELL_REDIRECT && ds_str_starts(raw, "<<"))
			return "a here-document";
		if (t == DS_SHELL_SEPARATOR && (raw.p[0] == '(' || raw.p[0] == ')'))
			return "a subshell or function";
		for (size_t i = 0; first && t == DS_SHELL_WORD && i < DS_ARRAY_SIZE(keywords); i++)
			if (ds_str_eqz(raw, keywords[i]))
				return keywords[i];
		first = t == DS_SHELL_SEPARATOR;
	}
	return NULL;
}

static bool starts_name(struct ds_str s, size_t i)
{
	return i < s.n && (ds_c_is_alpha(s.p[i]) || s.p[i] == '_');
}

/* $NAME and `…` in the spelling that says "only the runtime knows": ${NAME}, $(…). */
static int mark_expansions(struct ds_arena *a, struct ds_str raw, struct ds_str *text)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_str s = *text;
	bool open = false;

	if (ds_str_find(raw, '\'') < raw.n || (ds_str_find(s, '$') == s.n && ds_str_find(s, '`') == s.n))
		return 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '`') {
			ds_buf_addz(&b, open ? ")" : "$(");
			open = !open;
		} else if (s.p[i] == '$' && starts_name(s, i + 1)) {
			ds_buf_addz(&b, "${");
			for (i++; i < s.n && (ds_c_is_alnum(s.p[i]) || s.p[i] == '_'); i++)
				ds_buf_addc(&b, s.p[i]);
			ds_buf_addc(&b, '}');
			i--;
		} else {
			ds_buf_addc(&b, s.p[i]);
		}
	}
	return b.err < 0 ? DS_ENOMEM : ds_arena_str(a, ds_buf_str(&b), text);
}

static struct ds_loc word_place(const struct ds_launch *l, size_t index, const struct ds_shell_word *w, size_t base)
{
	const struct ds_arg *arg = &l->argv[index];
	struct ds_loc loc = arg->loc;

	if (l->place)
		return l->place(l, index, base + w->offset, w->length);
	if (loc.line == 0)
		loc.text = w->text;
	return loc;
}

/* The flags inside `sh -c TEXT`: command is the tail of argv[index] from the component's word on. */
static int read_shell(struct search *s, size_t index, struct ds_str command)
{
	struct ds_arena *a = s->f->ctx->arena;
	const struct ds_arg *arg = &s->l->argv[index];
	bool inside = command.p >= arg->text.p && command.p + command.n <= arg->text.p + arg->text.n;
	const char *complex = complexity(arg->text);
	struct ds_shell_word *words;
	struct ds_arg *v;
	size_t n;
	int r = ds_shell_split(a, command, 0, &words, &n);

	if (r == DS_ENOMEM)
		return r;
	if (r < 0 || complex || !inside) {
		s->truncated = true;
		if (ds_diag(s->f->ctx, DS_LEVEL_ERROR, &arg->loc, "flags that are not seen here count as unknown",
			    "shell script around %s: not understood (%s)", ds_component_name(s->component),
			    complex ? complex : "too long or nested") < 0)
			return DS_ENOMEM;
	}
	if (r < 0 || n == 0)
		return 0;
	v = ds_arena_new_array(a, n, struct ds_arg);
	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		v[i].text = words[i].text;
		v[i].loc = inside ? word_place(s->l, index, &words[i], (size_t)(command.p - arg->text.p)) : arg->loc;
		if (mark_expansions(a, ds_str_n(command.p + words[i].offset, words[i].length), &v[i].text) < 0)
			return DS_ENOMEM;
	}
	s->program = v[0].text;
	s->argv = v + 1;
	s->n = n - 1;
	return 0;
}

static int search_argv(struct search *s)
{
	const struct ds_arg *argv = s->l->argv;
	size_t n = s->l->n, skip;
	struct ds_str shell;

	s->component = recognise(argv, n, s->l->exe, &skip, &shell);
	if (s->component == DS_COMPONENT_NONE)
		return 0;
	skip = DS_MIN(skip, n - 1);
	if (shell.n > 0)
		return read_shell(s, skip, shell);
	s->program = argv[skip].text;
	s->argv = argv + skip + 1;
	s->n = n - skip - 1;
	return 0;
}

static void find_version(struct ds_observed *o, const struct ds_launch *l, const struct search *s)
{
	if (l->image.n && ds_kube_version_from_image(l->image, &o->version) == 0) {
		o->version_origin = DS_VERSION_IMAGE;
		o->version_loc = l->image_loc;
	} else if (l->exe.n && ds_kube_version_from_path(l->exe, &o->version) == 0) {
		o->version_origin = DS_VERSION_BINARY_PATH;
		o->version_loc = l->loc;
	} else if (ds_kube_version_from_path(s->program, &o->version) == 0) {
		o->version_origin = DS_VERSION_BINARY_PATH;
		o->version_loc = l->loc;
	} else if (l->has_version) {
		o->version = l->version;
		o->version_origin = l->version_origin;
		o->version_loc = l->version_loc;
	} else {
		return;
	}
	o->has_version = true;
}

/* The flags that name files of settings. */
static const struct {
	const char *flag;
	bool folder; /* of drop-ins; only the last one given counts */
} file_flags[] = {{"config", false}, {"config-dir", true}};

static int add_file(struct ds_facts *f, struct ds_observed *o, const struct ds_launch *l, struct ds_str path,
		    bool folder)
{
	struct ds_named_file file = {.path = ds_arena_strndup(f->ctx->arena, path.p, path.n), .dropin = folder};

	if (!file.path)
		return DS_ENOMEM;
	if (folder && l->folder)
		return l->folder(f, l, file.path, o);
	if (!folder && l->file) {
		int r = l->file(f, l, &file);

		if (r < 0)
			return r;
	} else {
		file.unavailable = l->no_files ? l->no_files : "the folder was not listed";
	}
	return ds_vec_push(f->ctx->arena, &o->files, file);
}

static int add_files(struct ds_facts *f, struct ds_observed *o, const struct ds_launch *l)
{
	for (size_t i = 0; i < o->cmdline.uses.n; i++) {
		const struct ds_flag_use *use = &o->cmdline.uses.v[i];

		for (size_t k = 0; k < DS_ARRAY_SIZE(file_flags); k++) {
			bool folder = file_flags[k].folder;
			int r;

			if (strcmp(use->flag->name, file_flags[k].flag) != 0 || use->value.n == 0 ||
			    (folder && use != ds_cmdline_last(&o->cmdline, use->flag->name)))
				continue;
			r = add_file(f, o, l, use->value, folder);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int record(struct ds_facts *f, const struct ds_launch *l, const struct search *s)
{
	struct ds_observed *o = ds_facts_component(f);
	int r;

	if (!o)
		return DS_ENOMEM;
	o->component = s->component;
	o->kind = l->kind;
	o->loc = l->loc;
	o->node = l->node;
	o->host = l->host;
	o->pid = l->pid;
	o->ppid = l->ppid;
	o->exe = l->exe;
	o->program = s->program;
	o->args = s->argv;
	o->n_args = s->n;
	find_version(o, l, s);
	r = ds_cmdline_parse(f->ctx->arena, s->component, o->has_version ? o->version.minor : DS_KUBE_NEWEST, s->argv,
			     s->n, &o->cmdline);
	if (r < 0)
		return r;
	o->cmdline.guessed = l->guessed;
	o->cmdline.truncated = l->truncated || s->truncated || s->n >= DS_LIMIT_ARGV;
	return add_files(f, o, l);
}

int ds_observe(struct ds_facts *f, const struct ds_launch *l, enum ds_component *ret)
{
	struct search s = {.f = f, .l = l, .component = DS_COMPONENT_NONE};
	bool noted = false;
	int r;

	if (ret)
		*ret = DS_COMPONENT_NONE;
	if (l->n == 0)
		return 0;
	r = search_argv(&s);
	if (r < 0 || s.component == DS_COMPONENT_NONE)
		return r;
	if (ret)
		*ret = s.component;
	if (s.component == DS_K3S && s.argv > l->argv &&
	    ds_k3s_note_command(f, &l->loc, l->host, l->argv, l->n, (size_t)(s.argv - l->argv) - 1, &noted) < 0)
		return DS_ENOMEM;
	if (noted)
		return 0;
	if (!ds_component_is_audited(s.component)) {
		struct ds_seen seen = {.component = s.component, .loc = l->loc, .host = l->host};

		return ds_vec_push(f->ctx->arena, &f->seen, seen);
	}
	return record(f, l, &s);
}
