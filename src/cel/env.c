#include "base/utf8.h"
#include "cel/priv.h"

struct ds_cel_env *ds_cel_env_new(struct ds_arena *a)
{
	struct ds_cel_env *env = ds_arena_new_obj(a, struct ds_cel_env);

	if (!env)
		return NULL;
	env->a = a;
	ds_map_init(&env->by_name, a);
	return env;
}

static int declare(struct ds_cel_env *env, const char *name, const struct ds_cel_type *type,
		   const struct ds_cel_program *lazy)
{
	struct ds__cel_var *v;

	if (ds_map_get(&env->by_name, ds_str_from(name)))
		return DS_EINVAL;
	v = ds_arena_new_obj(env->a, struct ds__cel_var);
	if (!v)
		return DS_ENOMEM;
	*v = (struct ds__cel_var){name, type, lazy, (uint32_t)env->vars.n};
	if (ds_vec_push(env->a, &env->vars, v) < 0 || ds_map_put(&env->by_name, ds_str_from(name), v) < 0)
		return DS_ENOMEM;
	env->dotted = env->dotted || strchr(name, '.') != NULL;
	return (int)v->slot;
}

int ds_cel_env_declare(struct ds_cel_env *env, const char *name, const struct ds_cel_type *type)
{
	return declare(env, name, type, NULL);
}

int ds_cel_env_declare_lazy(struct ds_cel_env *env, const char *name, const struct ds_cel_program *p)
{
	if (p->env != env)
		return DS_EINVAL;
	return declare(env, name, p->root->type, p);
}

void ds_cel_env_fix(struct ds_cel_env *env)
{
	env->n_fixed = (uint32_t)env->vars.n;
}

int ds__cel_problem(struct ds__cel_compiler *c, int code, size_t offset, size_t length, const char *fmt, ...)
{
	va_list ap;

	if (c->err < 0)
		return c->err;
	c->err = code;
	va_start(ap, fmt);
	c->problem->message = ds_arena_vprintf(c->a, fmt, ap);
	va_end(ap);
	c->problem->offset = DS_MIN(offset, c->src.n);
	c->problem->length = DS_MIN(DS_MAX(length, (size_t)1), c->src.n - c->problem->offset);
	return c->problem->message ? code : ds__cel_nomem(c);
}

int ds__cel_nomem(struct ds__cel_compiler *c)
{
	return c->err = DS_ENOMEM;
}

static int compile(struct ds__cel_compiler *c, const struct ds_cel_type *expect, struct ds__cel_node **ret_root)
{
	struct ds__cel_node *root;
	size_t bad;

	if (c->src.n > DS_LIMIT_CEL_SOURCE)
		return ds__cel_problem(c, DS_ETOOBIG, DS_LIMIT_CEL_SOURCE, 1, "expression is longer than %u bytes",
				       DS_LIMIT_CEL_SOURCE);
	if (!ds_utf8_valid(c->src, &bad))
		return ds__cel_problem(c, DS_ESYNTAX, bad, 1, "expression is not valid UTF-8");
	root = ds__cel_parse(c);
	if (!root)
		return c->err;
	if (ds__cel_check(c, root) < 0)
		return c->err;
	if (!ds__cel_fits(expect, root->type)) {
		const char *want = ds_cel_type_show(c->a, expect), *is = ds_cel_type_show(c->a, root->type);

		if (!want || !is)
			return ds__cel_nomem(c);
		return ds__cel_problem(c, DS_ETYPE, root->offset, root->length,
				       "the expression must give %s, but it gives %s", want, is);
	}
	*ret_root = root;
	return 0;
}

int ds_cel_compile(struct ds_arena *a, const struct ds_cel_env *env, struct ds_str src,
		   const struct ds_cel_type *expect, struct ds_cel_program **ret, struct ds_cel_problem *reterr)
{
	struct ds_cel_problem problem = {0};
	struct ds__cel_compiler c = {.a = a, .env = env, .src = src, .problem = &problem};
	struct ds__cel_node *root = NULL;
	struct ds_cel_program *p;
	int r = compile(&c, expect, &root);

	if (r < 0) {
		if (r != DS_ENOMEM)
			*reterr = problem;
		return r;
	}
	p = ds_arena_new_obj(a, struct ds_cel_program);
	if (!p)
		return DS_ENOMEM;
	*p = (struct ds_cel_program){env, src, root, (uint32_t)env->vars.n, c.n_locals, 0, false};
	ds__cel_find_memo(env, root, &p->n_memo, &p->fixed);
	*ret = p;
	return 0;
}

const struct ds_cel_type *ds_cel_program_type(const struct ds_cel_program *p)
{
	return p->root->type;
}

/* ---- paths ---- */

struct paths {
	struct ds_arena *a;
	const struct ds_cel_program *p;
	struct ds_map seen;
	const struct ds__cel_node *ranges[DS_LIMIT_CEL_DEPTH]; /* by local slot */
	bool *lazy_done; /* by slot: a variable's paths are collected once */
	unsigned depth;	 /* of lazy variables within each other */
	int err;
};

static void collect(struct paths *ps, const struct ds__cel_node *n);

/* Writes the path of n; false when n is not one ("f(x).y"). */
static bool put_path(struct paths *ps, const struct ds__cel_node *n, struct ds_buf *b)
{
	const struct ds__cel_var *v;

	switch ((int)n->op) {
	case OP_VAR:
		v = ps->p->env->vars.v[n->slot];
		ds_buf_addz(b, v->name);
		return !v->lazy;
	case OP_LOCAL:
		if (ps->ranges[n->slot]->type->kind != DS_CEL_LIST || !put_path(ps, ps->ranges[n->slot], b))
			return false;
		ds_buf_addz(b, "[]");
		return true;
	case OP_SELECT:
		if (!put_path(ps, n->args[0], b))
			return false;
		ds_buf_printf(b, ".%.*s", DS_STR_ARG(n->name));
		return true;
	case OP_INDEX:
		if (!put_path(ps, n->args[0], b))
			return false;
		ds_buf_addz(b, "[]");
		return true;
	default:
		return false;
	}
}

static void add_path(struct paths *ps, const struct ds_buf *b)
{
	char *copy;

	if (ps->err < 0 || ds_map_get(&ps->seen, ds_buf_str(b)))
		return;
	copy = ds_buf_dup(b, ps->a);
	if (!copy || ds_map_put(&ps->seen, ds_str_from(copy), copy) < 0)
		ps->err = DS_ENOMEM;
}

static void collect_lazy(struct paths *ps, uint32_t slot)
{
	struct paths inner = *ps;

	/* Declared before use, so there are no circles, only long chains (which evaluation refuses as well). */
	if (ps->depth >= DS_LIMIT_CEL_DEPTH || ps->lazy_done[slot])
		return;
	ps->lazy_done[slot] = true;
	inner.p = ps->p->env->vars.v[slot]->lazy;
	inner.depth++;
	collect(&inner, inner.p->root);
	ps->seen = inner.seen;
	ps->err = inner.err;
}

static void collect(struct paths *ps, const struct ds__cel_node *n)
{
	struct ds_buf b DS_CLEANUP(ds_buf_done) = DS_BUF_INIT;
	const struct ds__cel_node *i = n;

	if (n->op == OP_VAR && ps->p->env->vars.v[n->slot]->lazy) {
		collect_lazy(ps, n->slot);
		return;
	}
	if ((n->op == OP_VAR || n->op == OP_LOCAL || n->op == OP_SELECT || n->op == OP_INDEX) && put_path(ps, n, &b)) {
		add_path(ps, &b);
		/* What stands in brackets on the way is read too. */
		for (; i->op == OP_SELECT || i->op == OP_INDEX; i = i->args[0])
			if (i->op == OP_INDEX)
				collect(ps, i->args[1]);
		return;
	}
	for (size_t k = 0; k < n->n_args; k++) {
		collect(ps, n->args[k]);
		/* Only now: a macro within the range uses the same slot. */
		if (n->op == OP_MACRO && k == 0)
			ps->ranges[n->slot] = n->args[0];
	}
}

int ds_cel_program_paths(const struct ds_cel_program *p, struct ds_arena *a, const char *const **ret, size_t *ret_n)
{
	struct paths ps = {.a = a, .p = p};
	const char **v;

	ds_map_init(&ps.seen, a);
	ps.lazy_done = ds_arena_new_array(a, p->n_vars, bool);
	if (!ps.lazy_done)
		return DS_ENOMEM;
	collect(&ps, p->root);
	v = ds_arena_new_array(a, ps.seen.n + 1, const char *);
	if (ps.err < 0 || !v)
		return DS_ENOMEM;
	for (size_t i = 0; i < ps.seen.n; i++)
		v[i] = ps.seen.entries[i].value;
	*ret = v;
	*ret_n = ps.seen.n;
	return 0;
}
