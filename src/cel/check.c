#include "cel/priv.h"

/* The variables of the macros around an expression, innermost first. */
struct scope {
	struct ds_str name;
	const struct ds_cel_type *type;
	uint32_t slot;
	const struct scope *outer;
};

static int check(struct ds__cel_compiler *c, struct ds__cel_node *n, const struct scope *s);

static const char *show(struct ds__cel_compiler *c, const struct ds_cel_type *t)
{
	const char *s = ds_cel_type_show(c->a, t);

	if (!s)
		(void)ds__cel_nomem(c);
	return s ? s : "";
}

static const struct ds_cel_type *join(struct ds__cel_compiler *c, const struct ds_cel_type *x,
				      const struct ds_cel_type *y)
{
	bool nomem = false;
	const struct ds_cel_type *t = ds__cel_join(c->a, x, y, &nomem);

	if (nomem)
		(void)ds__cel_nomem(c);
	return t;
}

static const struct ds_cel_type *container(struct ds__cel_compiler *c, enum ds_cel_kind kind,
					   const struct ds_cel_type *key, const struct ds_cel_type *elem)
{
	struct ds_cel_type *t = ds_arena_new_obj(c->a, struct ds_cel_type);

	if (!t) {
		(void)ds__cel_nomem(c);
		return &ds_cel_type_dyn;
	}
	*t = (struct ds_cel_type){.kind = kind, .key = key, .elem = elem};
	return t;
}

/* ---- suggestions ---- */

struct nearest {
	struct ds_str wanted;
	const char *best;
	unsigned distance; /* worse ones are not worth saying */
};

static struct nearest nearest_to(struct ds_str wanted)
{
	return (struct nearest){wanted, NULL, wanted.n < 6 ? 1 : wanted.n < 9 ? 2 : 3};
}

static void consider(struct nearest *best, const char *name)
{
	unsigned d = ds_str_distance(best->wanted, ds_str_from(name), best->distance);

	if (d < best->distance + (best->best == NULL)) {
		best->best = name;
		best->distance = d;
	}
}

/* " (did you mean 'x'?)" or "". */
static const char *suggestion(struct ds__cel_compiler *c, const struct nearest *best)
{
	char *s;

	if (!best->best)
		return "";
	s = ds_arena_printf(c->a, " (did you mean '%s'?)", best->best);
	if (!s)
		(void)ds__cel_nomem(c);
	return s ? s : "";
}

static int undeclared(struct ds__cel_compiler *c, const struct ds__cel_node *n, const struct scope *s)
{
	struct nearest best = nearest_to(n->name);
	const char *why = ds__cel_outside(n->name);

	if (why)
		return ds__cel_problem(c, DS_ETYPE, n->offset, n->length, "%s", why);
	for (; s; s = s->outer) {
		const char *z = ds_arena_strndup(c->a, s->name.p, s->name.n);

		if (!z)
			return ds__cel_nomem(c);
		consider(&best, z);
	}
	for (size_t i = 0; i < c->env->vars.n; i++)
		consider(&best, c->env->vars.v[i]->name);
	for (size_t i = 0; ds__cel_type_name_at(i); i++)
		consider(&best, ds__cel_type_name_at(i));
	return ds__cel_problem(c, DS_ETYPE, n->offset, n->length, "undeclared reference to '%.*s'%s",
			       DS_STR_ARG(n->name), suggestion(c, &best));
}

/* ---- names ---- */

static const struct scope *find_local(const struct scope *s, struct ds_str name)
{
	while (s && !ds_str_eq(s->name, name))
		s = s->outer;
	return s;
}

/* Makes n the variable or type called name, if there is one. */
static bool resolve_global(struct ds__cel_compiler *c, struct ds__cel_node *n, struct ds_str name)
{
	const struct ds__cel_var *v = ds_map_get(&c->env->by_name, name);
	const struct ds_cel_type *t;

	if (v) {
		n->op = OP_VAR;
		n->slot = v->slot;
		n->type = v->type;
		n->n_args = 0;
		return true;
	}
	t = ds__cel_type_by_name(name);
	if (!t)
		return false;
	n->op = OP_CONST;
	n->value = (struct ds_cel_value){.kind = DS_CEL_TYPE, .type = t};
	n->type = &ds__cel_type_type;
	n->n_args = 0;
	return true;
}

static int check_ident(struct ds__cel_compiler *c, struct ds__cel_node *n, const struct scope *s)
{
	const struct scope *local = n->rooted ? NULL : find_local(s, n->name);

	if (local) {
		n->op = OP_LOCAL;
		n->slot = local->slot;
		n->type = local->type;
		return 0;
	}
	return resolve_global(c, n, n->name) ? 0 : undeclared(c, n, s);
}

/* "a.b.c" when n is written so and a is no macro variable; n = 0 otherwise. */
static struct ds_str dotted_name(const struct ds__cel_node *n, const struct scope *s, char *buf, size_t size)
{
	const struct ds__cel_node *chain[8];
	size_t depth = 0, k = 0;

	for (; n->op == OP_SELECT && !n->parens && depth < DS_ARRAY_SIZE(chain); n = n->args[0])
		chain[depth++] = n;
	if (n->op != OP_IDENT || n->parens || depth == DS_ARRAY_SIZE(chain) ||
	    (!n->rooted && find_local(s, n->name)))
		return (struct ds_str){0};
	chain[depth++] = n;
	while (depth-- > 0) {
		struct ds_str part = chain[depth]->name;

		if (k + part.n + 1 > size)
			return (struct ds_str){0};
		if (k > 0)
			buf[k++] = '.';
		memcpy(buf + k, part.p, part.n);
		k += part.n;
	}
	return ds_str_n(buf, k);
}

/* ---- fields ---- */

static int unknown_field(struct ds__cel_compiler *c, const struct ds__cel_node *n,
			 const struct ds_cel_object_type *object)
{
	struct nearest best = nearest_to(n->name);

	for (size_t i = 0; i < object->n_fields; i++)
		consider(&best, object->fields[i].name);
	return ds__cel_problem(c, DS_ETYPE, n->name_offset, n->name.n, "%s has no field '%.*s'%s", object->name,
			       DS_STR_ARG(n->name), suggestion(c, &best));
}

static int check_select(struct ds__cel_compiler *c, struct ds__cel_node *n, const struct scope *s)
{
	const struct ds_cel_type *t;
	char buf[128];
	struct ds_str dotted = {0};

	if (c->env->dotted || (n->args[0]->op == OP_IDENT && ds_str_eqz(n->args[0]->name, "net")))
		dotted = dotted_name(n, s, buf, sizeof(buf));
	if (dotted.n && resolve_global(c, n, dotted))
		return 0;
	if (check(c, n->args[0], s) < 0)
		return c->err;
	t = n->args[0]->type;
	switch ((int)t->kind) {
	case DS_CEL_OBJECT:
		for (uint32_t i = 0; i < t->object->n_fields; i++) {
			if (!ds_str_eqz(n->name, t->object->fields[i].name))
				continue;
			n->slot = i;
			n->type = t->object->fields[i].type;
			return 0;
		}
		return unknown_field(c, n, t->object);
	case DS_CEL_MAP:
		if (!ds__cel_fits(t->key, &ds_cel_type_string) && t->key->kind != DS_CEL_DYN)
			break;
		n->type = t->elem;
		return 0;
	case DS_CEL_DYN:
		n->type = &ds_cel_type_dyn;
		return 0;
	default:
		break;
	}
	return ds__cel_problem(c, DS_ETYPE, n->name_offset, n->name.n, "%s has no fields to select '%.*s' from",
			       show(c, t), DS_STR_ARG(n->name));
}

static int check_has(struct ds__cel_compiler *c, struct ds__cel_node *n, const struct scope *s)
{
	n->type = &ds_cel_type_bool;
	if (check(c, n->args[0], s) < 0)
		return c->err;
	if (n->args[0]->op != OP_SELECT)
		return ds__cel_problem(c, DS_ETYPE, n->args[0]->offset, n->args[0]->length,
				       "has() takes a field selection such as has(a.b)");
	return 0;
}

static int check_index(struct ds__cel_compiler *c, struct ds__cel_node *n, const struct scope *s)
{
	const struct ds_cel_type *t, *i;

	if (check(c, n->args[0], s) < 0 || check(c, n->args[1], s) < 0)
		return c->err;
	t = n->args[0]->type;
	i = n->args[1]->type;
	n->type = &ds_cel_type_dyn;
	if (t->kind == DS_CEL_DYN)
		return 0;
	if (t->kind != DS_CEL_LIST && t->kind != DS_CEL_MAP)
		return ds__cel_problem(c, DS_ETYPE, n->offset, n->length, "%s cannot be indexed", show(c, t));
	n->type = t->elem;
	if (i->kind == DS_CEL_DYN || join(c, t->kind == DS_CEL_LIST ? &ds_cel_type_int : t->key, i))
		return c->err;
	return ds__cel_problem(c, DS_ETYPE, n->args[1]->offset, n->args[1]->length,
			       "%s is indexed by %s, not by %s", show(c, t),
			       t->kind == DS_CEL_LIST ? "int" : show(c, t->key), show(c, i));
}

/* ---- calls ---- */

static int unknown_function(struct ds__cel_compiler *c, const struct ds__cel_node *n)
{
	struct nearest best = nearest_to(n->name);
	const char *why = ds__cel_outside(n->name);

	if (why)
		return ds__cel_problem(c, DS_ETYPE, n->name_offset, n->name.n, "%s", why);
	for (size_t i = 0; i < ds__cel_n_fns; i++)
		if (ds_c_is_alpha(ds__cel_fns[i].name[0]))
			consider(&best, ds__cel_fns[i].name);
	return ds__cel_problem(c, DS_ETYPE, n->name_offset, n->name.n, "undeclared reference to function '%.*s'%s",
			       DS_STR_ARG(n->name), suggestion(c, &best));
}

static int no_overload(struct ds__cel_compiler *c, const struct ds__cel_node *n, const struct ds__cel_fn *fns,
		       size_t n_fns)
{
	struct ds_buf b DS_CLEANUP(ds_buf_done) = DS_BUF_INIT;

	ds_buf_printf(&b, "no matching overload for '%.*s' applied to (", DS_STR_ARG(n->name));
	for (size_t i = 0; i < n->n_args; i++) {
		if (i == 1 && n->method)
			ds_buf_addz(&b, ").(");
		else if (i > 0)
			ds_buf_addz(&b, ", ");
		ds__cel_type_put(&b, n->args[i]->type);
	}
	ds_buf_addz(&b, n->method && n->n_args == 1 ? ").()" : ")");
	for (size_t i = 0; i < n_fns; i++) {
		ds_buf_addz(&b, i == 0 ? "; there is " : ", ");
		ds__cel_fn_put(&b, &fns[i]);
	}
	if (b.err < 0)
		return ds__cel_nomem(c);
	return ds__cel_problem(c, DS_ETYPE, n->offset, n->length, "%s", b.p);
}

/* Finds the overloads that take the arguments; more than one is left to evaluation. */
static int resolve_call(struct ds__cel_compiler *c, struct ds__cel_node *n, const struct ds__cel_fn *fns, size_t n_fns)
{
	const struct ds_cel_type *types[DS__CEL_MAX_ARGS];
	bool dynamic = false, nomem = false;
	size_t matches = 0;

	for (size_t i = 0; i < n->n_args && i < DS__CEL_MAX_ARGS; i++) {
		types[i] = n->args[i]->type;
		dynamic = dynamic || types[i]->kind == DS_CEL_DYN;
	}
	for (size_t i = 0; i < n_fns; i++) {
		const struct ds_cel_type *t;

		if (fns[i].method != n->method || n->n_args > DS__CEL_MAX_ARGS ||
		    !ds__cel_fn_match(c->a, &fns[i], types, n->n_args, &t, &nomem))
			continue;
		if (matches++ == 0) {
			n->type = t;
			n->fn = &fns[i];
		} else if (t->kind != n->type->kind || t->elem != n->type->elem) {
			n->type = &ds_cel_type_dyn;
		}
	}
	if (nomem)
		return ds__cel_nomem(c);
	if (matches == 0)
		return no_overload(c, n, fns, n_fns);
	if (dynamic || matches > 1)
		n->fn = NULL;
	return 0;
}

static int check_call(struct ds__cel_compiler *c, struct ds__cel_node *n, const struct scope *s)
{
	const struct ds__cel_fn *fns;
	size_t n_fns;

	if (n->method && n->args[0]->op == OP_IDENT) {
		/* ip.isCanonical(x): a function whose name has a dot, not a method of ip. */
		char buf[64];
		struct ds_str name = dotted_name(n->args[0], s, buf, sizeof(buf) - 1);

		if (name.n && name.n + 1 + n->name.n <= sizeof(buf)) {
			buf[name.n] = '.';
			memcpy(buf + name.n + 1, n->name.p, n->name.n);
			name.n += 1 + n->name.n;
			fns = ds__cel_fn_find(name, &n_fns);
			if (fns) {
				n->name = ds_str_from(fns->name);
				n->name_offset = n->offset;
				n->method = false;
				n->args++;
				n->n_args--;
			}
		}
	}
	fns = ds__cel_fn_find(n->name, &n_fns);
	/* Before the arguments: those of a macro that is not here would only confuse. */
	if (!fns && ds__cel_outside(n->name))
		return unknown_function(c, n);
	/* Kubernetes exempts format() from the rule that list elements have one type. */
	if (n->method && n->n_args == 2 && n->args[1]->op == OP_LIST && ds_str_eqz(n->name, "format"))
		n->args[1]->mixed = true;
	for (size_t i = 0; i < n->n_args; i++)
		if (check(c, n->args[i], s) < 0)
			return c->err;
	return fns ? resolve_call(c, n, fns, n_fns) : unknown_function(c, n);
}

/* ---- logic, literals, macros ---- */

static int want_bool(struct ds__cel_compiler *c, const struct ds__cel_node *n, const char *where)
{
	if (n->type->kind == DS_CEL_BOOL || n->type->kind == DS_CEL_DYN)
		return 0;
	return ds__cel_problem(c, DS_ETYPE, n->offset, n->length, "%s must be bool, not %s", where, show(c, n->type));
}

static int check_logic(struct ds__cel_compiler *c, struct ds__cel_node *n, const struct scope *s)
{
	n->type = &ds_cel_type_bool;
	for (size_t i = 0; i < n->n_args; i++)
		if (check(c, n->args[i], s) < 0 ||
		    want_bool(c, n->args[i], n->op == OP_AND ? "an operand of '&&'" : "an operand of '||'") < 0)
			return c->err;
	return 0;
}

static int check_cond(struct ds__cel_compiler *c, struct ds__cel_node *n, const struct scope *s)
{
	if (check(c, n->args[0], s) < 0 || want_bool(c, n->args[0], "the condition of '?:'") < 0 ||
	    check(c, n->args[1], s) < 0 || check(c, n->args[2], s) < 0)
		return c->err;
	n->type = join(c, n->args[1]->type, n->args[2]->type);
	if (n->type || c->err < 0)
		return c->err;
	return ds__cel_problem(c, DS_ETYPE, n->args[1]->offset,
			       n->args[2]->offset + n->args[2]->length - n->args[1]->offset,
			       "the branches of '?:' have different types: %s and %s", show(c, n->args[1]->type),
			       show(c, n->args[2]->type));
}

/* Joins the types of args[first], args[first + step], …: all must agree, as Kubernetes wants it. */
static const struct ds_cel_type *join_all(struct ds__cel_compiler *c, struct ds__cel_node *n, size_t first, size_t step,
					  const char *what)
{
	const struct ds_cel_type *t = &ds__cel_type_none;

	for (size_t i = first; i < n->n_args; i += step) {
		const struct ds_cel_type *u = join(c, t, n->args[i]->type);

		if (!u && n->mixed && c->err == 0)
			return &ds_cel_type_dyn;
		if (!u) {
			(void)ds__cel_problem(c, DS_ETYPE, n->args[i]->offset, n->args[i]->length,
					      "%s must have one type: expected %s, found %s (dyn() allows a mixture)",
					      what, show(c, t), show(c, n->args[i]->type));
			return NULL;
		}
		t = u;
	}
	return t;
}

static int check_list(struct ds__cel_compiler *c, struct ds__cel_node *n, const struct scope *s)
{
	const struct ds_cel_type *elem;

	for (size_t i = 0; i < n->n_args; i++)
		if (check(c, n->args[i], s) < 0)
			return c->err;
	elem = join_all(c, n, 0, 1, "list elements");
	if (elem)
		n->type = container(c, DS_CEL_LIST, NULL, elem);
	return c->err;
}

static int check_map(struct ds__cel_compiler *c, struct ds__cel_node *n, const struct scope *s)
{
	const struct ds_cel_type *key, *elem;

	for (size_t i = 0; i < n->n_args; i++)
		if (check(c, n->args[i], s) < 0)
			return c->err;
	for (size_t i = 0; i < n->n_args; i += 2) {
		enum ds_cel_kind k = n->args[i]->type->kind;

		if (k != DS_CEL_STRING && k != DS_CEL_INT && k != DS_CEL_BOOL && k != DS_CEL_DYN)
			return ds__cel_problem(c, DS_ETYPE, n->args[i]->offset, n->args[i]->length,
					       "a map key must be string, int or bool, not %s",
					       show(c, n->args[i]->type));
	}
	key = join_all(c, n, 0, 2, "map keys");
	elem = key ? join_all(c, n, 1, 2, "map values") : NULL;
	if (elem)
		n->type = container(c, DS_CEL_MAP, key, elem);
	return c->err;
}

static int check_macro(struct ds__cel_compiler *c, struct ds__cel_node *n, const struct scope *s)
{
	static const char *const what[] = {
		[MACRO_ALL] = "the condition of all()",
		[MACRO_EXISTS] = "the condition of exists()",
		[MACRO_EXISTS_ONE] = "the condition of exists_one()",
		[MACRO_FILTER] = "the condition of filter()",
		[MACRO_MAP_FILTER] = "the condition of map()",
		[MACRO_MAP] = NULL,
	};
	const struct ds_cel_type *range;
	struct scope inner = {.name = n->name, .slot = s ? s->slot + 1 : 0, .outer = s};

	if (check(c, n->args[0], s) < 0)
		return c->err;
	range = n->args[0]->type;
	if (range->kind != DS_CEL_LIST && range->kind != DS_CEL_MAP && range->kind != DS_CEL_DYN)
		return ds__cel_problem(c, DS_ETYPE, n->args[0]->offset, n->args[0]->length,
				       "%s cannot be iterated over: a list or a map is needed", show(c, range));
	inner.type = range->kind == DS_CEL_LIST ? range->elem :
		     range->kind == DS_CEL_MAP	? range->key :
						  &ds_cel_type_dyn;
	n->slot = inner.slot;
	c->n_locals = DS_MAX(c->n_locals, inner.slot + 1);
	for (size_t i = 1; i < n->n_args; i++)
		if (check(c, n->args[i], &inner) < 0)
			return c->err;
	if (what[n->macro] && want_bool(c, n->args[1], what[n->macro]) < 0)
		return c->err;
	if (n->macro == MACRO_FILTER)
		n->type = container(c, DS_CEL_LIST, NULL, inner.type);
	else if (n->macro == MACRO_MAP || n->macro == MACRO_MAP_FILTER)
		n->type = container(c, DS_CEL_LIST, NULL, n->args[n->n_args - 1]->type);
	else
		n->type = &ds_cel_type_bool;
	return c->err;
}

static int check_const(struct ds__cel_compiler *c, struct ds__cel_node *n, const struct scope *s)
{
	(void)c;
	(void)s;
	n->type = n->value.kind == DS_CEL_INT	 ? &ds_cel_type_int :
		  n->value.kind == DS_CEL_STRING ? &ds_cel_type_string :
		  n->value.kind == DS_CEL_BOOL	 ? &ds_cel_type_bool :
						   &ds_cel_type_null;
	return 0;
}

/* The height that the parser allows bounds the recursion. */
static int check(struct ds__cel_compiler *c, struct ds__cel_node *n, const struct scope *s)
{
	static int (*const by_op[])(struct ds__cel_compiler *, struct ds__cel_node *, const struct scope *) = {
		[OP_CONST] = check_const, [OP_IDENT] = check_ident, [OP_SELECT] = check_select,
		[OP_HAS] = check_has,	  [OP_INDEX] = check_index, [OP_CALL] = check_call,
		[OP_AND] = check_logic,	  [OP_OR] = check_logic,    [OP_COND] = check_cond,
		[OP_LIST] = check_list,	  [OP_MAP] = check_map,	    [OP_MACRO] = check_macro,
	};

	if (c->err < 0)
		return c->err;
	return by_op[n->op](c, n, s);
}

int ds__cel_check(struct ds__cel_compiler *c, struct ds__cel_node *root)
{
	return check(c, root, NULL);
}
