#include "collect/unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"
#include "collect/observe.h"
#include "collect/path_index.h"
#include "collect/pending.h"
#include "collect/unit_text.h"

static int note(struct ds_facts *f, struct ds_input *input, struct ds_str text, struct ds_unit_file **ret)
{
	*ret = ds_arena_new_obj(f->ctx->arena, struct ds_unit_file);
	if (!*ret || !ds_pending(f))
		return DS_ENOMEM;
	(*ret)->input = input;
	return ds_lines_init(f->ctx->arena, text, &(*ret)->lines);
}

int ds_unit_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p)
{
	struct ds_unit_file *u;
	int r = note(f, input, p->text, &u);

	return r < 0 ? r : ds_vec_push(f->ctx->arena, &f->pending->units, u);
}

int ds_env_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p)
{
	struct ds_unit_file *u;
	int r = note(f, input, p->text, &u);

	return r < 0 ? r : ds_vec_push(f->ctx->arena, &f->pending->envs, u);
}

/* ---- which files make one unit ---- */

struct fragment {
	struct ds_unit_file *file;
	struct ds_str base;  /* the file's own name, which orders drop-ins and shadows */
	unsigned place;      /* lower wins */
	size_t order;
};

struct unit {
	const char *host; /* its root or folder */
	const struct fragment *main;
	struct fragment first; /* storage of main */
	DS_VEC(struct fragment) dropins;
};

/* systemd.unit(5): where a file of one name shadows the others'. */
static unsigned place_of(const char *name)
{
	static const char *const places[] = {"/etc/systemd/", "/run/systemd/", "/usr/local/lib/systemd/",
					     "/usr/lib/systemd/", "/lib/systemd/"};
	struct ds_str s = ds_str_from(name);

	for (unsigned i = 0; i < DS_ARRAY_SIZE(places); i++)
		if (ds_str_search(s, ds_str_from(places[i])) < s.n)
			return i;
	return DS_ARRAY_SIZE(places);
}

/*
 * "kubelet.service" for that file and for those in kubelet.service.d. A drop-in
 * beside it, as people copy them together, is the kubelet's when it speaks of it.
 */
static struct ds_str unit_of(const struct ds_unit_file *u, struct ds_str *ret_folder, bool *ret_dropin)
{
	struct ds_str folder = ds_path_folder(u->input->name), base = ds_str_basename(ds_str_from(u->input->name));
	struct ds_str parent = ds_str_basename(folder), text = u->lines.text;
	size_t at = ds_str_search(base, DS_STR(".service"));

	*ret_folder = folder;
	*ret_dropin = true;
	if (ds_str_ends(parent, ".service.d")) {
		*ret_folder = folder.n > parent.n + 1 ? ds_str_head(folder, folder.n - parent.n - 1) : DS_STR(".");
		return ds_str_head(parent, parent.n - 2);
	}
	if (at == base.n && ds_str_ends(base, ".conf") && ds_str_search(text, DS_STR("KUBELET")) < text.n)
		return DS_STR("kubelet.service");
	*ret_dropin = false;
	return at < base.n ? ds_str_head(base, at + 8) : base;
}

static int by_name(const void *a, const void *b)
{
	const struct fragment *x = a, *y = b;
	int r = ds_str_cmp(x->base, y->base);

	if (r == 0)
		r = (x->place > y->place) - (x->place < y->place);
	return r ? r : (x->order > y->order) - (x->order < y->order);
}

struct units {
	struct ds_facts *f;
	struct ds_path_index envs;
	struct ds_map by_name;
	DS_VEC(struct unit *) v;
};

static int add_fragment(struct units *us, struct ds_unit_file *file, size_t order)
{
	struct ds_arena *a = us->f->ctx->arena;
	struct ds_str root = ds_path_root(file->input->name), folder;
	struct fragment fr = {file, ds_str_basename(ds_str_from(file->input->name)), place_of(file->input->name), order};
	bool dropin;
	struct ds_str name = unit_of(file, &folder, &dropin);
	const char *key;
	struct unit *u;

	if (root.p)
		folder = root;
	key = ds_arena_printf(a, "%.*s\n%.*s", DS_STR_ARG(folder), DS_STR_ARG(name));
	if (!key)
		return DS_ENOMEM;
	u = ds_map_get(&us->by_name, ds_str_from(key));
	if (!u) {
		u = ds_arena_new_obj(a, struct unit);
		if (!u || ds_map_put(&us->by_name, ds_str_from(key), u) < 0 || ds_vec_push(a, &us->v, u) < 0)
			return DS_ENOMEM;
		u->host = folder.n ? ds_arena_strndup(a, folder.p, folder.n) : "/";
		if (!u->host)
			return DS_ENOMEM;
	}
	if (dropin)
		return ds_vec_push(a, &u->dropins, fr);
	if (!u->main || fr.place < u->main->place) {
		u->first = fr;
		u->main = &u->first;
	}
	return 0;
}

/* ---- what the files say together ---- */

struct command {
	struct ds_unit_file *file;
	struct ds_str value;
};

struct merged {
	struct ds_facts *f;
	const struct units *us;
	const struct unit *unit;
	DS_VEC(struct ds_unit_var) vars;
	DS_VEC(struct ds_str) env_files;
	const struct ds_unit_file *env_from; /* the fragment that named the last of them */
	DS_VEC(struct command) commands;
	struct ds_map env; /* name -> struct ds_unit_var */
	bool open;         /* a file that may set variables is not among the inputs */
};

static size_t offset_in(const struct ds_unit_file *file, struct ds_str part)
{
	return (size_t)(part.p - file->lines.text.p);
}

static int add_vars(struct merged *m, const struct ds_unit_file *file, struct ds_str value)
{
	size_t pos = offset_in(file, value), end = pos + value.n;
	struct ds_unit_word w;
	int r;

	while ((r = ds_unit_word(m->f->ctx->arena, file->lines.text, &pos, end, &w)) == 0) {
		size_t eq = ds_str_find(w.text, '=');
		struct ds_unit_var var = {
			.name = ds_str_head(w.text, eq),
			.value = ds_str_skip(w.text, eq + 1),
			.input = file->input,
			.lines = &file->lines,
			.offset = w.plain ? w.offset + eq + 1 : w.offset,
			.plain = w.plain,
		};

		if (eq < w.text.n && ds_vec_push(m->f->ctx->arena, &m->vars, var) < 0)
			return DS_ENOMEM;
	}
	return r == DS_ENOMEM ? r : 0;
}

static int assign(struct merged *m, struct ds_unit_file *file, const struct ds_unit_line *line)
{
	struct ds_arena *a = m->f->ctx->arena;
	bool reset = line->value.n == 0;

	if (!ds_str_eqz(line->section, "Service"))
		return 0;
	if (ds_str_eqz(line->key, "Environment")) {
		if (reset)
			m->vars.n = 0;
		return reset ? 0 : add_vars(m, file, line->value);
	}
	if (ds_str_eqz(line->key, "EnvironmentFile")) {
		if (reset)
			m->env_files.n = 0;
		m->env_from = file;
		return reset ? 0 : ds_vec_push(a, &m->env_files, line->value);
	}
	if (!ds_str_eqz(line->key, "ExecStart"))
		return 0;
	if (reset)
		m->commands.n = 0;
	return reset ? 0 : ds_vec_push(a, &m->commands, ((struct command){file, line->value}));
}

static int read_fragment(struct merged *m, struct ds_unit_file *file)
{
	struct ds_str section = {0};
	struct ds_unit_line line;
	size_t pos = 0;

	while (ds_unit_next(file->lines.text, &pos, &section, &line))
		if (assign(m, file, &line) < 0)
			return DS_ENOMEM;
	return 0;
}

static int put_var(struct merged *m, const struct ds_unit_var *var)
{
	struct ds_unit_var *copy = ds_arena_new_obj(m->f->ctx->arena, struct ds_unit_var);

	if (!copy)
		return DS_ENOMEM;
	*copy = *var;
	return ds_map_put(&m->env, copy->name, copy);
}

static int read_env_file(struct merged *m, struct ds_unit_file *env)
{
	struct ds_unit_var var;
	size_t pos = 0;
	int r;

	while ((r = ds_env_next(m->f->ctx->arena, env->lines.text, &pos, &var)) == 0) {
		var.input = env->input;
		var.lines = &env->lines;
		if (put_var(m, &var) < 0)
			return DS_ENOMEM;
	}
	env->used = true;
	return r == DS_ENOMEM ? r : 0;
}

/* Environment=, then the files in their order: the last one wins. */
static int read_environment(struct merged *m)
{
	struct ds_arena *a = m->f->ctx->arena;

	for (size_t i = 0; i < m->vars.n; i++)
		if (put_var(m, &m->vars.v[i]) < 0)
			return DS_ENOMEM;
	m->open |= !m->unit->main;
	for (size_t i = 0; i < m->env_files.n; i++) {
		struct ds_str path = m->env_files.v[i];
		const char *name;
		void *item;

		if (path.p[0] == '-')
			path = ds_str_skip(path, 1);
		name = ds_arena_strndup(a, path.p, path.n);
		if (!name || ds_path_index_find(&m->us->envs, m->env_from->input->name, name, true, &item) < 0)
			return DS_ENOMEM;
		if (item && read_env_file(m, item) < 0)
			return DS_ENOMEM;
		m->open |= !item;
	}
	return 0;
}

/* ---- command lines ---- */

struct line {
	struct merged *m;
	DS_VEC(struct ds_arg) argv;
	size_t bytes; /* of all words: a variable may be named often, and the kernel takes so much and no more */
	bool cut;   /* a word's value is not known, and may be any number of flags */
	bool shell; /* what it runs expands variables itself */
	bool literal; /* ":" in front: no variable is expanded */
};

static bool name_char(char c, bool first)
{
	return ds_c_is_alpha(c) || c == '_' || (!first && ds_c_is_digit(c));
}

static size_t name_length(struct ds_str s)
{
	size_t n = 0;

	while (n < s.n && name_char(s.p[n], n == 0))
		n++;
	return n;
}

static const struct ds_unit_var *lookup(struct line *l, struct ds_str name)
{
	const struct ds_unit_var *var = ds_map_get(&l->m->env, name);

	l->cut |= l->m->open; /* a file that is not here may set it otherwise */
	return var;
}

/* ${NAME} (and $NAME for a shell), $$ and %-specifiers in a word; what is not known stays, marked as such. */
static int expand(struct line *l, struct ds_str s, struct ds_str *ret)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	b.max = DS_LIMIT_CMDLINE_BYTES - l->bytes + 1;
	for (size_t i = 0; i < s.n && b.err == 0; i++) {
		struct ds_str rest = ds_str_skip(s, i + 1);
		bool brace = rest.n > 0 && rest.p[0] == '{';
		size_t n = name_length(ds_str_skip(rest, brace));
		const struct ds_unit_var *var;

		if (s.p[i] == '%' && rest.n > 0 && (rest.p[0] == '%' || ds_c_is_alpha(rest.p[0]))) {
			ds_buf_printf(&b, rest.p[0] == '%' ? "%%" : "${%%%c}", rest.p[0]);
			i++;
		} else if (s.p[i] == '$' && rest.n > 0 && rest.p[0] == '$' && !l->literal) {
			ds_buf_addc(&b, '$');
			i++;
		} else if (s.p[i] == '$' && n > 0 && !l->literal &&
			   (brace ? n + 1 < rest.n && rest.p[n + 1] == '}' : l->shell)) {
			var = lookup(l, ds_str_n(rest.p + brace, n));
			if (var)
				ds_buf_adds(&b, var->value);
			else if (l->m->open)
				ds_buf_printf(&b, "${%.*s}", (int)n, rest.p + brace);
			i += n + (brace ? 2u : 0u);
		} else {
			ds_buf_addc(&b, s.p[i]);
		}
	}
	return b.err < 0 ? b.err : ds_arena_str(l->m->f->ctx->arena, ds_buf_str(&b), ret);
}

/* A value's words where they stand. */
static int add_value(struct ds_arena *a, const struct ds_unit_var *var, struct line *l)
{
	struct ds_unit_word w;
	size_t pos = 0;
	int r;

	while (l->argv.n < DS_LIMIT_ARGV && l->bytes <= DS_LIMIT_CMDLINE_BYTES &&
	       (r = ds_unit_word(a, var->value, &pos, var->value.n, &w)) == 0) {
		struct ds_arg arg = {.text = w.text};
		bool exact = var->plain && w.plain;

		l->bytes += w.text.n + 1;
		l->cut |= l->bytes > DS_LIMIT_CMDLINE_BYTES;
		if (l->bytes > DS_LIMIT_CMDLINE_BYTES)
			break;

		arg.loc = ds_unit_place(var->input, var->lines, var->offset + (exact ? w.offset : 0), w.text);
		if (ds_vec_push(a, &l->argv, arg) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

static int add_word(struct line *l, const struct ds_unit_file *file, const struct ds_unit_word *w)
{
	struct ds_arena *a = l->m->f->ctx->arena;
	struct ds_arg arg = {.text = w->text, .loc = ds_unit_place(file->input, &file->lines, w->offset, w->text)};
	struct ds_str name = ds_str_skip(w->text, 1);
	int r;

	/* A word that is all variable stands for as many words as its value has. */
	if (l->argv.n > 0 && !l->shell && !l->literal && w->text.n > 1 && w->text.p[0] == '$' && name_length(name) == name.n) {
		const struct ds_unit_var *var = lookup(l, name);

		return var ? add_value(a, var, l) : 0;
	}
	if (l->bytes > DS_LIMIT_CMDLINE_BYTES)
		return 0;
	r = l->argv.n > 0 ? expand(l, w->text, &arg.text) : 0;
	l->bytes += r == 0 ? arg.text.n + 1 : DS_LIMIT_CMDLINE_BYTES + 1;
	l->cut |= l->bytes > DS_LIMIT_CMDLINE_BYTES;
	if (r == DS_ETOOBIG)
		return 0;
	return r < 0 ? r : ds_vec_push(a, &l->argv, arg);
}

/* "-@+!:" before the program; with "@" the second word is what it is told it is called. */
static bool strip_prefixes(struct line *l, struct ds_unit_word *w)
{
	bool renamed = false;

	while (w->text.n > 1 && memchr("-@+!:|", w->text.p[0], 6)) {
		renamed |= w->text.p[0] == '@';
		l->literal |= w->text.p[0] == ':';
		w->text = ds_str_skip(w->text, 1);
		w->offset += w->plain;
	}
	return renamed;
}

static bool is_shell(struct ds_str program)
{
	static const char *const shells[] = {"sh", "bash", "dash", "ash"};
	struct ds_str base = ds_str_basename(program);

	for (size_t i = 0; i < DS_ARRAY_SIZE(shells); i++)
		if (ds_str_eqz(base, shells[i]))
			return true;
	return false;
}

static int observe_line(struct line *l, bool *ret_used)
{
	struct merged *m = l->m;
	enum ds_component c;
	struct ds_launch launch = {
		.kind = DS_SOURCE_UNIT,
		.host = m->unit->host,
		.truncated = l->cut,
		.argv = l->argv.v,
		.n = l->argv.n,
		.no_files = "a unit does not contain the files that it names",
	};
	int r;

	if (l->argv.n == 0)
		return 0;
	launch.loc = l->argv.v[0].loc;
	r = ds_observe(m->f, &launch, &c);
	*ret_used |= c != DS_COMPONENT_NONE;
	return r;
}

/* Pasted from a web page: systemd takes no-break spaces for parts of words, and the program's name is none. */
static int check_program(struct merged *m, const struct command *cmd, const struct ds_unit_word *w)
{
	struct ds_loc loc = ds_unit_place(cmd->file->input, &cmd->file->lines, w->offset, w->text);

	if (ds_str_search(w->text, DS_STR("\xc2\xa0")) == w->text.n)
		return 0;
	if (ds_diag(m->f->ctx, DS_LEVEL_ERROR, &loc, "write plain blanks",
		    "no-break spaces in ExecStart=: systemd takes them for parts of words and starts nothing") < 0)
		return DS_ENOMEM;
	return ds_input_set(m->f->ctx, cmd->file->input, DS_INPUT_FAILED, "no-break spaces in ExecStart=");
}

/* One ExecStart=, which may hold several commands between lone semicolons. */
static int run_command(struct merged *m, const struct command *cmd, bool *ret_used)
{
	size_t pos = offset_in(cmd->file, cmd->value), end = pos + cmd->value.n;
	struct line l = {.m = m};
	struct ds_unit_word w;
	bool drop = false;
	int r;

	while ((r = ds_unit_word(m->f->ctx->arena, cmd->file->lines.text, &pos, end, &w)) == 0) {
		if (ds_str_eqz(w.text, ";")) {
			r = observe_line(&l, ret_used);
			l = (struct line){.m = m};
		} else if (drop) {
			drop = false;
		} else if (l.argv.n < DS_LIMIT_ARGV) {
			if (l.argv.n == 0) {
				drop = strip_prefixes(&l, &w);
				l.shell = is_shell(w.text);
				r = check_program(m, cmd, &w);
			}
			if (r == 0)
				r = add_word(&l, cmd->file, &w);
		}
		if (r < 0)
			return r;
	}
	if (r == DS_ENOMEM)
		return r;
	l.cut |= r != DS_ENOENT;
	return observe_line(&l, ret_used);
}

/* ---- environment that no command line uses ---- */

static enum ds_component component_of(struct ds_str name)
{
	static const struct {
		const char *prefix;
		enum ds_component component;
	} rows[] = {
		{"KUBELET", DS_KUBELET},
		{"KUBE_PROXY", DS_KUBE_PROXY},
		{"KUBE_APISERVER", DS_KUBE_APISERVER},
		{"KUBE_API_", DS_KUBE_APISERVER},
		{"KUBE_SERVICE_ADDRESSES", DS_KUBE_APISERVER},
		{"KUBE_CONTROLLER_MANAGER", DS_KUBE_CONTROLLER_MANAGER},
	};

	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		if (ds_str_starts(name, rows[i].prefix))
			return rows[i].component;
	return DS_COMPONENT_NONE;
}

/* The flags of one component in variables that are named after it: a part of a command line. */
static int observe_vars(struct merged *m, enum ds_component c, bool *ret_used)
{
	struct ds_arena *a = m->f->ctx->arena;
	struct line l = {.m = m, .cut = true};
	struct ds_arg program = {.text = ds_str_from(ds_component_name(c))};

	for (size_t i = 0; i < m->env.n; i++) {
		const struct ds_unit_var *var = m->env.entries[i].value;

		if (component_of(var->name) != c || !ds_str_starts(ds_str_trim(var->value), "-"))
			continue;
		if (l.argv.n == 0) {
			program.loc = ds_unit_place(var->input, var->lines, var->offset, (struct ds_str){0});
			if (ds_vec_push(a, &l.argv, program) < 0)
				return DS_ENOMEM;
		}
		if (add_value(a, var, &l) < 0)
			return DS_ENOMEM;
	}
	return observe_line(&l, ret_used);
}

static int observe_environment(struct merged *m, bool *ret_used)
{
	int r = 0;

	for (int c = 0; r == 0 && c < DS_COMPONENT__COUNT; c++)
		if (ds_component_is_audited((enum ds_component)c))
			r = observe_vars(m, (enum ds_component)c, ret_used);
	return r;
}

static int set_unused(struct ds_facts *f, const struct ds_unit_file *file)
{
	if (file->input->status == DS_INPUT_FAILED)
		return 0;
	return ds_input_set(f->ctx, file->input, DS_INPUT_SKIPPED, "no Kubernetes component in it");
}

static int finish_unit(const struct units *us, struct unit *u)
{
	struct merged m = {.f = us->f, .us = us, .unit = u};
	bool used = false;
	int r = 0;

	ds_map_init(&m.env, us->f->ctx->arena);
	if (u->main)
		r = read_fragment(&m, u->main->file);
	if (u->dropins.n)
		qsort(u->dropins.v, u->dropins.n, sizeof(*u->dropins.v), by_name);
	for (size_t i = 0; r == 0 && i < u->dropins.n; i++) {
		/* Sorted: the one that shadows the others of its name comes first. */
		if (i > 0 && ds_str_eq(u->dropins.v[i].base, u->dropins.v[i - 1].base) &&
		    u->dropins.v[i].place != u->dropins.v[i - 1].place)
			continue;
		r = read_fragment(&m, u->dropins.v[i].file);
	}
	if (r == 0)
		r = read_environment(&m);
	for (size_t i = 0; r == 0 && i < m.commands.n; i++)
		r = run_command(&m, &m.commands.v[i], &used);
	if (r == 0 && m.commands.n == 0)
		r = observe_environment(&m, &used);
	if (r == 0 && !used && u->main)
		r = set_unused(us->f, u->main->file);
	for (size_t i = 0; r == 0 && !used && i < u->dropins.n; i++)
		r = set_unused(us->f, u->dropins.v[i].file);
	return r;
}

static int finish_env(const struct units *us, struct ds_unit_file *env)
{
	struct ds_str folder = ds_path_folder(env->input->name);
	struct unit u = {.host = ds_arena_strndup(us->f->ctx->arena, folder.p, folder.n)};
	struct merged m = {.f = us->f, .us = us, .unit = &u};
	bool used = false;
	int r;

	if (!u.host)
		return DS_ENOMEM;
	ds_map_init(&m.env, us->f->ctx->arena);
	r = read_env_file(&m, env);
	if (r == 0)
		r = observe_environment(&m, &used);
	return r < 0 || used ? r : set_unused(us->f, env);
}

int ds_units_finish(struct ds_facts *f)
{
	struct ds_pending *p = f->pending;
	struct units us = {.f = f};
	int r = 0;

	ds_path_index_init(&us.envs, f->ctx->arena);
	ds_map_init(&us.by_name, f->ctx->arena);
	for (size_t i = 0; r == 0 && i < p->envs.n; i++)
		r = ds_path_index_add(&us.envs, p->envs.v[i]->input->name, p->envs.v[i]);
	for (size_t i = 0; r == 0 && i < p->units.n; i++)
		r = add_fragment(&us, p->units.v[i], i);
	for (size_t i = 0; r == 0 && i < us.v.n; i++)
		r = finish_unit(&us, us.v.v[i]);
	for (size_t i = 0; r == 0 && i < p->envs.n; i++)
		if (!p->envs.v[i]->used)
			r = finish_env(&us, p->envs.v[i]);
	return r;
}
