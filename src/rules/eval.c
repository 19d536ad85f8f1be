#include "rules/eval.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/map.h"
#include "rules/compile.h"
#include "rules/merge.h"
#include "rules/where.h"

struct evaluation {
	struct ds_arena *a;    /* for what is kept */
	struct ds_arena *raw;  /* for the list of findings before some are silenced */
	struct ds_arena *tmp;  /* for one target */
	struct ds_arena *shared; /* for all targets of one rule */
	struct ds_cel_memo *memo; /* in shared */
	const struct ds_cluster *cluster;
	struct ds_rule *rule;
	struct ds_rule_result *result;
	struct ds_findings *out;
	size_t first; /* of this rule's findings in out */
	struct ds_map unknown; /* reason -> finding index + 1, of this rule */
	struct ds_cel_value vars[1 + DS_RULE_VARS]; /* slot 0: cluster */
};

/* What an expression may look at grows with what was seen: a few steps for each object. */
static size_t cost(const struct evaluation *e)
{
	return DS_LIMIT_CEL_COST + 64 * (e->cluster->objects.n + e->cluster->components.n);
}

/* An expression of the embedded catalogue that does not compile: a bug that must not pass for anything else. */
static int broken(struct evaluation *e, const char *message, struct ds_cel_value *ret)
{
	struct ds_cel_error *error = ds_arena_new_obj(e->a, struct ds_cel_error);

	if (!error)
		return DS_ENOMEM;
	*error = (struct ds_cel_error){.message = message};
	*ret = (struct ds_cel_value){.kind = DS_CEL_ERROR, .err = error};
	return 0;
}

static int run(struct evaluation *e, struct ds_rule_expr *x, struct ds_cel_value *ret)
{
	struct ds_rule_problem problem;
	int r = ds_rule_compile(e->rule, x, &problem);

	if (r == 0)
		return ds_cel_eval_memo(x->program, e->vars, e->memo, e->tmp, cost(e), ret);
	return r == DS_ENOMEM ? r : broken(e, problem.message, ret);
}

/* Of forEach: lists outlive the targets, scratch is reset after every one. */
static int run_list(struct evaluation *e, size_t i, struct ds_cel_value *ret)
{
	struct ds_rule_problem problem;
	int r = ds_rule_declare(e->rule, i + 1, &problem);

	if (r == 0)
		return ds_cel_eval_memo(e->rule->for_each[i].expr.program, e->vars, e->memo, e->shared, cost(e), ret);
	return r == DS_ENOMEM ? r : broken(e, problem.message, ret);
}

/* A string expression's text in kept memory, or fallback when there is none or it fails. */
static int text_of(struct evaluation *e, struct ds_rule_expr *x, const char *fallback, const char **ret)
{
	struct ds_cel_value v;
	int r;

	*ret = fallback;
	if (x->source.n == 0)
		return 0;
	r = run(e, x, &v);
	if (r < 0)
		return r;
	if (v.kind != DS_CEL_STRING || v.s.n == 0)
		return 0;
	*ret = ds_arena_strndup(e->a, v.s.p, v.s.n);
	return *ret ? 0 : DS_ENOMEM;
}

/* The rule's own locations; without any, the first target's. */
static int add_locations(struct evaluation *e, struct ds_finding *f)
{
	for (size_t i = 0; i < e->rule->n_locations; i++) {
		struct ds_cel_value v;
		int r = run(e, &e->rule->locations[i], &v);

		if (r < 0)
			return r;
		/* A setting that is not there has no place worth pointing at. */
		if (v.kind != DS_CEL_ERROR && v.loc && v.loc->input)
			ds_finding_add_location(f, v.loc);
	}
	for (size_t i = 0; f->n_locations == 0 && i < e->rule->n_for_each; i++)
		ds_finding_add_location(f, e->vars[1 + i].loc);
	return 0;
}

/* Of one target of each name. */
static int add_targets(struct evaluation *e, struct ds_finding *f)
{
	struct ds_loc *v = ds_arena_new_array(e->a, e->rule->n_for_each, struct ds_loc);

	if (!v)
		return DS_ENOMEM;
	f->targets = v;
	for (size_t i = 0; i < e->rule->n_for_each; i++)
		if (e->vars[1 + i].loc)
			v[f->n_targets++] = *e->vars[1 + i].loc;
	return 0;
}

/* Of the message and the fix, for a rule that looks at targets. */
static int find_shape(struct evaluation *e, struct ds_finding *f)
{
	const char *text = ds_arena_printf(e->a, "%s\n%s", f->message, f->fix ? f->fix : "");

	if (e->rule->n_for_each == 0)
		return 0;
	return text ? ds_finding_shape(e->a, text, &e->vars[1], e->rule->n_for_each, &f->shape) : DS_ENOMEM;
}

static int report_fail(struct evaluation *e)
{
	struct ds_finding f = {.rule = e->rule, .status = DS_STATUS_FAIL, .severity = e->rule->severity, .count = 1};
	const char *severity = NULL;
	int r = text_of(e, &e->rule->message_expression, e->rule->message ? e->rule->message : e->rule->title,
			&f.message);

	if (r == 0)
		r = text_of(e, &e->rule->fix_expression, e->rule->fix, &f.fix);
	if (r == 0)
		r = text_of(e, &e->rule->severity_expression, NULL, &severity);
	if (r == 0)
		r = add_locations(e, &f);
	if (r == 0)
		r = add_targets(e, &f);
	if (r == 0)
		r = ds_finding_where(e->a, &f);
	if (r == 0)
		r = find_shape(e, &f);
	if (r < 0)
		return r;
	if (severity)
		(void)ds_severity_from_name(ds_str_from(severity), &f.severity);
	return ds_vec_push(e->raw, &e->out->v, f);
}

/* Many targets miss the same thing for the same reason: one finding, counted. */
static int report_unknown(struct evaluation *e, enum ds_status status, const char *reason)
{
	size_t at = (size_t)(uintptr_t)ds_map_get(&e->unknown, ds_str_from(reason));
	struct ds_finding *f;

	if (at == 0) {
		struct ds_finding new = {.rule = e->rule, .status = status, .severity = e->rule->severity};

		new.message = ds_arena_strdup(e->a, reason);
		if (!new.message || ds_vec_push(e->raw, &e->out->v, new) < 0)
			return DS_ENOMEM;
		at = e->out->v.n;
		if (ds_map_put(&e->unknown, ds_str_from(new.message), (void *)(uintptr_t)at) < 0)
			return DS_ENOMEM;
	}
	f = &e->out->v.v[at - 1];
	f->count++;
	for (size_t i = 0; i < e->rule->n_for_each; i++)
		ds_finding_add_location(f, e->vars[1 + i].loc);
	return 0;
}

/* What could not be seen is not the rule's fault, all else is. */
static enum ds_status status_without(const struct ds_cel_value *v)
{
	return v->kind == DS_CEL_ERROR && !v->err->missing ? DS_STATUS_ERROR : DS_STATUS_UNKNOWN;
}

static int conclude(struct evaluation *e, const struct ds_cel_value *v, bool is_match, bool *ret_go_on)
{
	enum ds_status s;

	*ret_go_on = is_match && v->kind == DS_CEL_BOOL && v->b;
	if (*ret_go_on)
		return 0;
	if (v->kind == DS_CEL_BOOL && is_match)
		s = DS_STATUS_NOT_APPLICABLE;
	else if (v->kind == DS_CEL_BOOL)
		s = v->b ? DS_STATUS_PASS : DS_STATUS_FAIL;
	else
		s = status_without(v);
	e->result->targets[s]++;
	if (s == DS_STATUS_FAIL)
		return report_fail(e);
	if (s == DS_STATUS_UNKNOWN || s == DS_STATUS_ERROR)
		return report_unknown(e, s, v->err ? v->err->message : "no value");
	return 0;
}

/* One target: all variables are bound. */
static int target(struct evaluation *e)
{
	struct ds_cel_value v;
	bool go_on = true;
	int r = 0;

	if (e->rule->match.source.n) {
		r = run(e, &e->rule->match, &v);
		if (r == 0)
			r = conclude(e, &v, true, &go_on);
	}
	if (r == 0 && go_on) {
		r = run(e, &e->rule->expression, &v);
		if (r == 0)
			r = conclude(e, &v, false, &go_on);
	}
	ds_arena_reset(e->tmp);
	return r;
}

/* Binds variable `depth` to each element of its list in turn. The depth is the
 * rule's number of variables, at most DS_RULE_VARS. */
static int bind(struct evaluation *e, size_t depth)
{
	struct ds_cel_value list;
	int r;

	if (depth == e->rule->n_for_each)
		return target(e);
	r = run_list(e, depth, &list);
	if (r < 0)
		return r;
	if (list.kind != DS_CEL_LIST) {
		for (size_t i = depth; i < e->rule->n_for_each; i++)
			e->vars[1 + i] = (struct ds_cel_value){.kind = DS_CEL_NULL};
		e->result->targets[status_without(&list)]++;
		return report_unknown(e, status_without(&list), list.err ? list.err->message : "no list");
	}
	for (size_t i = 0; r == 0 && i < list.list.n; i++) {
		e->vars[1 + depth] = list.list.v[i];
		r = bind(e, depth + 1);
	}
	return r;
}

static enum ds_status worst(const size_t targets[DS_STATUS__COUNT])
{
	static const enum ds_status order[] = {DS_STATUS_FAIL, DS_STATUS_ERROR, DS_STATUS_UNKNOWN, DS_STATUS_PASS};

	for (size_t i = 0; i < DS_ARRAY_SIZE(order); i++)
		if (targets[order[i]])
			return order[i];
	return DS_STATUS_NOT_APPLICABLE;
}

static int eval_rule(struct evaluation *e, struct ds_rule *rule)
{
	int r = 0;

	e->rule = rule;
	e->first = e->out->v.n;
	ds_map_init(&e->unknown, e->a);
	e->result = ds_vec_add(e->a, &e->out->results);
	if (!e->result)
		return DS_ENOMEM;
	e->result->rule = rule;
	ds_arena_reset(e->shared);
	e->memo = ds_cel_memo_new(e->shared);
	if (!e->memo)
		return DS_ENOMEM;
	if (e->cluster->version.minor >= rule->min_minor && e->cluster->version.minor <= rule->max_minor)
		r = bind(e, 0);
	e->result->status = worst(e->result->targets);
	return r;
}

/* ---- silencing, order ---- */

/*
 * Findings of rules that supersede others, by the rule they supersede and the
 * place: with thousands of Services there are thousands of each.
 */
struct silencer {
	struct ds_arena *tmp;
	struct ds_map places;
};

/* The object of a list that a path leads into ("items[3]"): a list on one line has many. */
static struct ds_str item_of(const struct ds_loc *l)
{
	struct ds_str path = ds_str_from(l->path ? l->path : "");

	return ds_str_starts(path, "items[") ? ds_str_head(path, ds_str_find(path, ']') + 1) : DS_STR("");
}

/* Places lie within each other. A process has no lines, even when it was recorded in a file that has. */
enum extent { INPUT_OR_PROCESS, LINE_OR_ITEM, FLAG };

static enum extent extent_of(const struct ds_loc *l)
{
	if (l->flag)
		return FLAG;
	return l->line != 0 && l->pid == 0 ? LINE_OR_ITEM : INPUT_OR_PROCESS;
}

/* The place of that extent in which l lies. */
static const char *place_key(struct silencer *s, const char *id, const struct ds_loc *l, enum extent extent)
{
	struct ds_str item = item_of(l);
	uint32_t line = l->pid ? 0 : l->line;

	if (extent == INPUT_OR_PROCESS)
		return ds_arena_printf(s->tmp, "%s %p %d", id, (const void *)l->input, (int)l->pid);
	return ds_arena_printf(s->tmp, "%s %p %d %u %.*s %s", id, (const void *)l->input, (int)l->pid, line,
			       DS_STR_ARG(item), extent == FLAG ? l->flag : "");
}

static int note(struct silencer *s, const char *key)
{
	return key ? ds_map_put(&s->places, ds_str_from(key), s) : DS_ENOMEM;
}

/* Where what `by` supersedes is silent: without a place everywhere, else within its places. */
static int note_finding(struct silencer *s, const struct ds_finding *by)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < by->rule->n_supersedes; i++) {
		const char *id = by->rule->supersedes[i];

		r = note(s, by->n_locations ? ds_arena_printf(s->tmp, "%s anywhere", id) : id);
		for (size_t k = 0; r == 0 && k < by->n_locations; k++)
			r = note(s, place_key(s, id, &by->locations[k], extent_of(&by->locations[k])));
	}
	return r;
}

static bool noted(const struct silencer *s, const char *key)
{
	return key && ds_map_get(&s->places, ds_str_from(key));
}

static int is_noted_at(struct silencer *s, const char *id, const struct ds_loc *l, bool *ret)
{
	*ret = false;
	for (enum extent x = INPUT_OR_PROCESS; x <= extent_of(l) && !*ret; x++) {
		const char *key = place_key(s, id, l, x);

		if (!key)
			return DS_ENOMEM;
		*ret = noted(s, key);
	}
	return 0;
}

static int is_silent(struct silencer *s, const struct ds_finding *f, bool *ret)
{
	const char *id = f->rule->id, *key;
	size_t n = 0;

	*ret = noted(s, id);
	if (f->n_locations == 0 && !*ret) {
		key = ds_arena_printf(s->tmp, "%s anywhere", id);
		*ret = noted(s, key);
		return key ? 0 : DS_ENOMEM;
	}
	for (size_t i = 0; i < f->n_locations && !*ret; i++) {
		bool at;
		int r = is_noted_at(s, id, &f->locations[i], &at);

		if (r < 0)
			return r;
		n += at;
	}
	/* What could not be seen of several targets is one finding: it stays while one of them is left. */
	if (!*ret)
		*ret = f->status == DS_STATUS_FAIL ? n > 0 : n == f->n_locations && n >= f->count;
	return 0;
}

/* One cause, one finding: what only restates a superseding finding at the same place goes. */
static int silence(struct ds_arena *a, struct ds_arena *tmp, struct ds_findings *f)
{
	struct silencer s = {.tmp = tmp};
	struct ds_finding *kept = ds_arena_new_array(a, f->v.n, struct ds_finding);
	size_t n = 0;

	if (!kept)
		return DS_ENOMEM;
	ds_map_init(&s.places, tmp);
	for (size_t i = 0; i < f->v.n; i++)
		if (f->v.v[i].status == DS_STATUS_FAIL && note_finding(&s, &f->v.v[i]) < 0)
			return DS_ENOMEM;
	for (size_t i = 0; i < f->v.n; i++) {
		bool silent;

		if (is_silent(&s, &f->v.v[i], &silent) < 0)
			return DS_ENOMEM;
		if (!silent)
			kept[n++] = f->v.v[i];
	}
	f->v.v = kept;
	f->v.n = f->v.cap = n;
	return 0;
}

static int by_weight(const void *a, const void *b)
{
	const struct ds_finding *x = a, *y = b;
	int r;

	if ((x->status == DS_STATUS_FAIL) != (y->status == DS_STATUS_FAIL))
		return x->status == DS_STATUS_FAIL ? -1 : 1;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	r = strcmp(x->rule->id, y->rule->id);
	if (r == 0 && x->n_locations && y->n_locations) {
		const struct ds_loc *p = &x->locations[0], *q = &y->locations[0];

		r = p->input && q->input ? strcmp(p->input->name, q->input->name) : 0;
		if (r == 0)
			r = p->line != q->line ? (p->line < q->line ? -1 : 1) : (p->pid > q->pid) - (p->pid < q->pid);
	}
	return r ? r : strcmp(x->message, y->message);
}

int ds_rules_eval(struct ds_arena *a, const struct ds_ruleset *set, const struct ds_cluster *cluster,
		  struct ds_findings *ret)
{
	struct evaluation e = {.a = a, .cluster = cluster, .out = ret};
	int r = 0;

	*ret = (struct ds_findings){0};
	e.tmp = ds_arena_new(DS_LIMIT_ARENA);
	e.shared = ds_arena_new(DS_LIMIT_ARENA);
	e.raw = ds_arena_new(DS_LIMIT_ARENA);
	if (!e.tmp || !e.shared || !e.raw) {
		ds_arena_free(e.tmp);
		ds_arena_free(e.shared);
		ds_arena_free(e.raw);
		return DS_ENOMEM;
	}
	e.vars[0] = cluster->value;
	for (size_t i = 0; r == 0 && i < set->rules.n; i++) {
		ds_progress_tell(&set->progress, "rules checked", i, set->rules.n);
		r = eval_rule(&e, set->rules.v[i]);
	}
	if (r == 0)
		r = silence(a, e.tmp, ret);
	ds_arena_free(e.tmp);
	ds_arena_free(e.shared);
	ds_arena_free(e.raw);
	if (r < 0)
		*ret = (struct ds_findings){0};
	if (r == 0 && ret->v.n)
		qsort(ret->v.v, ret->v.n, sizeof(ret->v.v[0]), by_weight);
	return r < 0 ? r : ds_findings_fingerprint(a, ret);
}
