#include "rules/compile.h"

static int problem(struct ds_rule_problem *reterr, int code, const struct ds_yaml_node *node, const char *message)
{
	*reterr = (struct ds_rule_problem){.node = node, .message = message};
	return message ? code : DS_ENOMEM;
}

static int compile(struct ds_rule *rule, struct ds_rule_expr *x, struct ds_rule_problem *reterr)
{
	struct ds_cel_problem p = {0};
	int r = ds_cel_compile(rule->arena, rule->env, x->source, x->type, &x->program, &p);

	if (r < 0)
		*reterr = (struct ds_rule_problem){x->node, p.message, true, p.offset, p.length};
	return r;
}

static int taken(const struct ds_rule *rule, const struct ds_rule_var *v, struct ds_rule_problem *reterr)
{
	return problem(reterr, DS_EINVAL, v->node, ds_arena_printf(rule->arena, "the name '%s' is taken", v->name));
}

/* The variable takes each element of a list in turn. */
static int declare_for_each(struct ds_rule *rule, struct ds_rule_var *v, struct ds_rule_problem *reterr)
{
	const struct ds_cel_type *t;
	const char *shown;
	int r = compile(rule, &v->expr, reterr);

	if (r < 0)
		return r;
	t = ds_cel_program_type(v->expr.program);
	if (t->kind != DS_CEL_LIST) {
		shown = ds_cel_type_show(rule->arena, t);
		return problem(reterr, DS_ETYPE, v->expr.node,
			       shown ? ds_arena_printf(rule->arena, "forEach needs a list, this is %s", shown) : NULL);
	}
	r = ds_cel_env_declare(rule->env, v->name, t->elem);
	return r == DS_EINVAL ? taken(rule, v, reterr) : DS_MIN(r, 0);
}

/* Computed when first named, at most once per evaluation; a later one may use earlier ones. */
static int declare_variable(struct ds_rule *rule, struct ds_rule_var *v, struct ds_rule_problem *reterr)
{
	const char *full = ds_arena_printf(rule->arena, "variables.%s", v->name);
	int r = full ? compile(rule, &v->expr, reterr) : DS_ENOMEM;

	if (r < 0)
		return r;
	r = ds_cel_env_declare_lazy(rule->env, full, v->expr.program);
	return r == DS_EINVAL ? taken(rule, v, reterr) : DS_MIN(r, 0);
}

int ds_rule_declare(struct ds_rule *rule, size_t n, struct ds_rule_problem *reterr)
{
	for (int r = 0; rule->n_declared < n; rule->n_declared++) {
		size_t i = rule->n_declared;

		r = i < rule->n_for_each ? declare_for_each(rule, &rule->for_each[i], reterr)
					 : declare_variable(rule, &rule->variables[i - rule->n_for_each], reterr);
		if (r < 0)
			return r;
	}
	return 0;
}

int ds_rule_compile(struct ds_rule *rule, struct ds_rule_expr *x, struct ds_rule_problem *reterr)
{
	int r = ds_rule_declare(rule, rule->n_for_each + rule->n_variables, reterr);

	if (r < 0 || x->program || x->source.n == 0)
		return r;
	return compile(rule, x, reterr);
}
