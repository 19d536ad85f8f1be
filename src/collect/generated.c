#include "collect/generated.h"

#include "base/limits.h"
#include "model/where.h"

int ds_generated_add(struct ds_arena *a, struct ds_generated *g, const char *name, struct ds_str value,
		     struct ds_loc loc)
{
	g->n_own++;
	return ds_vec_push(a, &g->args, ((struct ds_generated_arg){ds_str_from(name), value, loc}));
}

int ds_generated_set(struct ds_arena *a, struct ds_generated *g, struct ds_str name, struct ds_str value,
		     struct ds_loc loc)
{
	for (size_t i = 0; i < g->n_own; i++) {
		if (!ds_str_eq(g->args.v[i].name, name))
			continue;
		memmove(&g->args.v[i], &g->args.v[i + 1], (g->args.n - i - 1) * sizeof(*g->args.v));
		g->args.n--;
		g->n_own--;
		break;
	}
	if (g->args.n >= DS_LIMIT_ARGV)
		return 0;
	return ds_vec_push(a, &g->args, ((struct ds_generated_arg){name, value, loc}));
}

int ds_generated_user(struct ds_arena *a, struct ds_generated *g, struct ds_str text, struct ds_loc loc)
{
	size_t eq;

	while (text.n > 0 && text.p[0] == '-')
		text = ds_str_skip(text, 1);
	eq = ds_str_find(text, '=');
	return ds_generated_set(a, g, ds_str_head(text, eq), eq < text.n ? ds_str_skip(text, eq + 1) : DS_STR("true"),
				loc);
}

int ds_generated_observe(struct ds_facts *f, const struct ds_generated *g, struct ds_observed **ret)
{
	struct ds_arena *a = f->ctx->arena;
	struct ds_observed *o = ds_facts_component(f);
	struct ds_arg *args = ds_arena_new_array(a, g->args.n, struct ds_arg);

	if (!o || !args)
		return DS_ENOMEM;
	for (size_t i = 0; i < g->args.n; i++) {
		const struct ds_generated_arg *arg = &g->args.v[i];
		const char *text = ds_arena_printf(a, "--%.*s=%.*s", DS_STR_ARG(arg->name), DS_STR_ARG(arg->value));

		if (!text)
			return DS_ENOMEM;
		args[i] = (struct ds_arg){ds_str_from(text), arg->loc.input ? arg->loc : g->loc};
		args[i].loc.where = ds_where_find(g->kind, g->component, arg->name);
	}
	o->component = g->component;
	o->kind = g->kind;
	o->loc = g->loc;
	o->host = g->host;
	o->args = args;
	o->n_args = g->args.n;
	if (ret)
		*ret = o;
	return ds_cmdline_parse(a, g->component, DS_KUBE_NEWEST, args, g->args.n, &o->cmdline);
}
