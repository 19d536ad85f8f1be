#include "kube/startup.h"

#include "base/buf.h"
#include "base/num.h"
#include "kube/goflag.h"
#include "kube/version.h"

/* pflag stops at its first error; one that our table is not sure about decides nothing. */
static int flag_errors(struct ds_startup_run *run)
{
	const struct ds_cmdline *cl = run->cl;

	for (size_t i = 0; i < cl->errors.n; i++)
		if (!cl->errors.v[i].unsure)
			return ds_verdict_error(run->a, run->v, &cl->errors.v[i].loc, "%s", cl->errors.v[i].message);
	if (cl->errors.n)
		return ds_verdict_unknown(run->a, run->v, "not known of this version: %s", cl->errors.v[0].message);
	return 0;
}

/* "%q does not take any arguments, got %q" unless all of them are empty. */
static int positionals(struct ds_startup_run *run)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	const struct ds_loc *first = NULL;

	for (size_t i = 0; i < run->cl->positionals.n; i++) {
		const struct ds_arg *arg = &run->cl->positionals.v[i];

		if (arg->text.n && !first)
			first = &arg->loc;
		ds_buf_addz(&b, i ? " " : "");
		ds_buf_add_go_quoted(&b, arg->text);
	}
	if (b.err)
		return DS_ENOMEM;
	if (!first)
		return 0;
	if (run->cl->guessed)
		return ds_verdict_unknown(run->a, run->v,
					  "the argument boundaries were lost: %s may be part of a value", b.p);
	return ds_verdict_error(run->a, run->v, first, "\"%s\" does not take any arguments, got [%s]",
				ds_component_name(run->cl->component), b.p);
}

static int copy_message(struct ds_arena *a, const struct ds_verdict_msg *m, struct ds_verdict *v, bool is_error)
{
	return is_error ? ds_vec_push(a, &v->errors, *m) : ds_vec_push(a, &v->warnings, *m);
}

/* The real component stops at the first gate it does not take. */
static int gates(struct ds_startup_run *run)
{
	struct ds_gates *g = &run->gates;
	int r = 0;

	if (g->errors.n)
		return copy_message(run->a, &g->errors.v[0], run->v, true);
	for (size_t i = 0; r == 0 && i < g->warnings.n; i++)
		r = copy_message(run->a, &g->warnings.v[i], run->v, false);
	if (r == 0 && g->unsure.n)
		r = ds_verdict_unknown(run->a, run->v, "not known of this version: feature gate %.*s",
				       DS_STR_ARG(g->unsure.v[0].name));
	if (r == 0 && g->unresolved)
		r = ds_verdict_unknown(run->a, run->v, "--feature-gates holds what only the runtime knows");
	return r;
}

/* Up to 1.30 pflag hands --feature-gates to the gates, later cobra's pre-run does. */
static int gates_and_positionals(struct ds_startup_run *run)
{
	int (*const order[2])(struct ds_startup_run *) = {run->minor < 31 ? gates : positionals,
							 run->minor < 31 ? positionals : gates};
	int r = ds_gates_from_flags(run->a, run->cl, run->minor, &run->gates);

	if (r == 0)
		r = ds_gates_check(run->a, &run->gates);
	for (size_t i = 0; r == 0 && run->v->errors.n == 0 && i < 2; i++)
		r = order[i](run);
	return r;
}

int ds_startup_common(struct ds_startup_run *run, bool *ret_go_on)
{
	struct ds_verdict *v = run->v;
	int r = 0;

	if (run->minor < DS_KUBE_OLDEST)
		run->minor = DS_KUBE_OLDEST;
	if (run->minor > DS_KUBE_NEWEST)
		run->minor = DS_KUBE_NEWEST;
	*ret_go_on = false;
	if (run->cl->truncated)
		return ds_verdict_unknown(run->a, v, "the command line was not seen whole");
	r = flag_errors(run);
	if (r < 0 || v->errors.n)
		return r;
	if (run->cl->help)
		return ds_verdict_unknown(run->a, v, "--help prints the usage and ends");
	r = gates_and_positionals(run);
	*ret_go_on = r == 0 && v->errors.n == 0;
	return r;
}

bool ds_startup_gate(const struct ds_startup_run *run, const char *gate)
{
	return ds_gates_value(&run->gates, gate) == DS_GATE_ON;
}

struct ds_str ds_startup_string(const struct ds_startup_run *run, const char *flag, const char *fallback,
				const struct ds_flag_use **ret_use)
{
	const struct ds_flag_use *use = ds_cmdline_last(run->cl, flag);

	if (ret_use)
		*ret_use = use;
	return use ? use->value : ds_str_from(fallback);
}

int64_t ds_startup_int(const struct ds_startup_run *run, const char *flag, int64_t fallback)
{
	const struct ds_flag_use *use = ds_cmdline_last(run->cl, flag);
	int64_t n;

	return use && ds_num_go_int0(use->value, 64, &n) == 0 ? n : fallback;
}

bool ds_startup_bool(const struct ds_startup_run *run, const char *flag, bool fallback)
{
	const struct ds_flag_use *use = ds_cmdline_last(run->cl, flag);
	bool b;

	return use && ds_num_go_bool(use->value, &b) == 0 ? b : fallback;
}

int ds_startup_unresolved(struct ds_startup_run *run, const char *flag, bool *ret)
{
	const struct ds_flag_use *use = ds_cmdline_last(run->cl, flag);

	*ret = use && use->unresolved;
	if (!*ret)
		return 0;
	return ds_verdict_unknown(run->a, run->v, "--%s is %.*s, which is known only where it runs", flag,
				  DS_STR_ARG(use->value));
}

const struct ds_loc *ds_startup_loc(const struct ds_startup_run *run, const char *flag)
{
	const struct ds_flag_use *use = ds_cmdline_last(run->cl, flag);

	return use ? &use->value_loc : NULL;
}

const char *const *ds_startup_cidr_texts(struct ds_arena *a, const struct ds_cidr *v, size_t n)
{
	const char **list = ds_arena_new_array(a, n, const char *);
	char text[DS_CIDR_TEXT];

	for (size_t i = 0; list && i < n; i++) {
		struct ds_cidr go = ds_cidr_go(&v[i]);

		list[i] = ds_arena_strdup(a, ds_cidr_format(&go, text));
		if (!list[i])
			return NULL;
	}
	return list;
}

const char *const *ds_startup_families(struct ds_arena *a, const struct ds_cidr *v, size_t n, size_t *ret_n)
{
	const char **list = ds_arena_new_array(a, 2, const char *);
	size_t used = 0;

	for (size_t i = 0; list && i < n; i++) {
		const char *name = ds_family_name(ds_cidr_go(&v[i]).ip.family);

		if (used == 0 || (used == 1 && strcmp(list[0], name) != 0))
			list[used++] = name;
	}
	*ret_n = used;
	return list;
}
