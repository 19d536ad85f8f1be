#include "rules/suppress.h"

#include "base/limits.h"

const char *ds_suppressed_by_name(enum ds_suppressed_by by)
{
	static const char *const names[] = {
		[DS_BY_COMMENT] = "comment",
		[DS_BY_IGNORE] = "ignore",
		[DS_BY_IGNORE_FILE] = "ignore-file",
		[DS_BY_BASELINE] = "baseline",
		[DS_BY_ANNOTATION] = "annotation",
	};
	_Static_assert(DS_ARRAY_SIZE(names) == DS_BY__COUNT, "every way has a name");

	return names[by];
}

void ds_suppress_init(struct ds_suppressions *s, struct ds_arena *a, const struct ds_ruleset *rules)
{
	*s = (struct ds_suppressions){.a = a, .rules = rules};
	ds_map_init(&s->known, a);
	ds_map_init(&s->comments, a);
	ds_map_init(&s->annotations, a);
	ds_map_init(&s->node_annotations, a);
	ds_map_init(&s->unchecked, a);
}

int ds_suppress_begin(struct ds_suppressions *s, struct ds_ctx *ctx)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->ignores.n; i++) {
		struct ds_ignore *g = &s->ignores.v[i];

		if (!g->expires)
			continue;
		/* Dates in this form sort as text. */
		g->expired = !s->today || strcmp(s->today, g->expires) > 0;
		if (g->expired)
			r = ds_diag(ctx, DS_LEVEL_NOTE, &g->loc, NULL,
				    s->today ? "this entry for %s expired on %s: what it ignored is reported again"
					     : "this entry for %s expires on %s and today's date is not known: it ignores nothing",
				    g->rule->id, g->expires);
	}
	return r;
}

static bool is_left_out(const struct ds_suppressions *s, struct ds_str rule)
{
	return !ds_rules_find(s->rules, rule) && ds_rules_known(s->rules, rule);
}

bool ds_suppress_may_find(const struct ds_suppressions *s, const char *rule)
{
	return is_left_out(s, ds_str_from(rule)) || ds_map_get(&s->unchecked, ds_str_from(rule));
}

static int unused_comments(const struct ds_suppressions *s, struct ds_ctx *ctx)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->comments.n; i++) {
		const struct ds_comment *c = s->comments.entries[i].value;

		if (!c->used && !ds_suppress_may_find(s, c->rule->id))
			r = ds_diag(ctx, DS_LEVEL_NOTE, &c->loc, "take it out",
				    "this comment suppresses nothing: %s finds nothing here", c->rule->id);
	}
	return r;
}

static int unused_ignores(const struct ds_suppressions *s, struct ds_ctx *ctx)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->ignores.n; i++) {
		const struct ds_ignore *g = &s->ignores.v[i];
		const char *at = g->target ? g->target : "any input";

		if (g->used || g->expired || ds_suppress_may_find(s, g->rule->id))
			continue;
		if (g->by == DS_BY_IGNORE)
			r = ds_diag(ctx, DS_LEVEL_NOTE, NULL, "leave the option out",
				    "--ignore %s:%s suppresses nothing: %s finds nothing there", g->rule->id, at, g->rule->id);
		else
			r = ds_diag(ctx, DS_LEVEL_NOTE, &g->loc, "take it out",
				    "this entry suppresses nothing: %s finds nothing in %s", g->rule->id, at);
	}
	return r;
}

int ds_suppress_end(const struct ds_suppressions *s, struct ds_ctx *ctx)
{
	int r = unused_comments(s, ctx);

	if (r == 0)
		r = ds_suppress_unused_annotations(s, ctx);
	if (r == 0)
		r = unused_ignores(s, ctx);
	for (size_t i = 0; r == 0 && i < s->baseline.n; i++) {
		const struct ds_baseline_entry *b = &s->baseline.v[i];

		if (!b->found && !is_left_out(s, ds_str_from(b->rule)))
			r = ds_diag(ctx, DS_LEVEL_NOTE, &b->loc, "write the baseline anew to drop it",
				    "nothing has the fingerprint %s (%s) any more: %s", b->fingerprint, b->rule,
				    b->message);
	}
	return r;
}

/* ---- where a finding is ---- */

/*
 * The places of one node: inputs (with the process, where there is one) of the
 * components on its host, and the lines of its Node object. Made once for a
 * target, so that findings need no look at every component.
 */
struct node_places {
	struct ds_map inputs;
	DS_VEC(const struct ds_object *) objects;
};

static const char *place_key(struct ds_arena *tmp, const struct ds_input *input, int32_t pid)
{
	return ds_arena_printf(tmp, "%p %d", (const void *)input, (int)pid);
}

static int add_place(struct ds_arena *tmp, struct node_places *p, const struct ds_input *input, int32_t pid)
{
	const char *key = place_key(tmp, input, pid);

	return key ? ds_map_put(&p->inputs, ds_str_from(key), p) : DS_ENOMEM;
}

static int find_places(struct ds_arena *tmp, const struct ds_cluster *c, const char *node, struct node_places *ret)
{
	struct ds_map hosts;
	int r = 0;

	*ret = (struct node_places){0};
	ds_map_init(&ret->inputs, tmp);
	ds_map_init(&hosts, tmp);
	for (size_t i = 0; r == 0 && i < c->components.n; i++) {
		const struct ds_component_model *m = c->components.v[i];

		if (m->node && strcmp(m->node, node) == 0)
			r = ds_map_put(&hosts, ds_str_from(m->observed->host), ret);
	}
	for (size_t i = 0; r == 0 && i < c->components.n + c->configured.n; i++) {
		const struct ds_component_model *m = i < c->components.n ? c->components.v[i]
									 : c->configured.v[i - c->components.n];
		const struct ds_observed *o = m->observed;
		bool on_it = m->node ? strcmp(m->node, node) == 0 : ds_map_get(&hosts, ds_str_from(o->host)) != NULL;

		if (on_it && o->loc.input)
			r = add_place(tmp, ret, o->loc.input, o->loc.pid);
		for (size_t k = 0; on_it && r == 0 && k < o->files.n; k++)
			if (o->files.v[k].input)
				r = add_place(tmp, ret, o->files.v[k].input, 0);
	}
	for (size_t i = 0; r == 0 && i < c->objects.n; i++)
		if (strcmp(c->objects.v[i]->kind, "Node") == 0 && strcmp(c->objects.v[i]->name, node) == 0)
			r = ds_vec_push(tmp, &ret->objects, c->objects.v[i]);
	return r;
}

static int is_on_node(struct ds_arena *tmp, const struct node_places *p, const struct ds_loc *l, bool *ret)
{
	const char *process = place_key(tmp, l->input, l->pid), *whole = place_key(tmp, l->input, 0);

	if (!process || !whole)
		return DS_ENOMEM;
	*ret = ds_map_get(&p->inputs, ds_str_from(process)) || ds_map_get(&p->inputs, ds_str_from(whole));
	for (size_t i = 0; !*ret && i < p->objects.n; i++) {
		const struct ds_object *o = p->objects.v[i];

		*ret = o->input == l->input && l->line >= o->node->line && l->line <= o->node->end_line;
	}
	return 0;
}

/* ---- what silences it ---- */

struct applying {
	struct ds_suppressions *s;
	struct ds_arena *tmp;
	struct node_places *places; /* for every ignore that has a target */
	struct ds_map nodes; /* place of a component -> its node's Node, where that could say something */
};

/* One entry silences a finding at one of its places. What could not be seen in many
 * places is one finding: all of them must be covered, and none be beyond what is kept. */
static bool covers(const struct ds_finding *f, size_t n)
{
	if (f->status == DS_STATUS_FAIL)
		return n > 0;
	return n > 0 && n == f->n_locations && f->n_locations < DS_FINDING_LOCATIONS;
}

/* All that mean the finding are used, whichever of them gives the reason. */
static const char *comment_for(const struct applying *ap, const struct ds_finding *f)
{
	const char *reason = NULL;
	size_t n = 0;

	for (size_t i = 0; i < f->n_locations; i++) {
		const struct ds_loc *l = &f->locations[i];
		struct ds_comment *found[] = {
			l->line ? ds_suppress_comment(ap->s, l->input, l->line, f->rule) : NULL,
			ds_suppress_comment(ap->s, l->input, 0, f->rule),
		};

		n += found[0] || found[1];
		for (size_t k = 0; k < DS_ARRAY_SIZE(found); k++) {
			if (!found[k])
				continue;
			found[k]->used = true;
			reason = reason ? reason : found[k]->reason;
		}
	}
	return covers(f, n) ? reason : NULL;
}

static const char *exact_place(struct ds_arena *tmp, const struct ds_loc *l)
{
	return ds_arena_printf(tmp, "%p %d %u %u", (const void *)l->input, (int)l->pid, l->line, l->column);
}

/* Which components run on a node whose Node was seen. */
static int find_nodes(struct applying *ap, const struct ds_cluster *c)
{
	struct ds_map objects;
	int r = 0;

	ds_map_init(&objects, ap->tmp);
	for (size_t i = 0; r == 0 && i < c->objects.n; i++)
		if (strcmp(c->objects.v[i]->kind, "Node") == 0)
			r = ds_map_put(&objects, ds_str_from(c->objects.v[i]->name), (void *)(uintptr_t)c->objects.v[i]);
	for (size_t i = 0; r == 0 && i < c->components.n; i++) {
		const struct ds_component_model *m = c->components.v[i];
		struct ds_object *node = m->node ? ds_map_get(&objects, ds_str_from(m->node)) : NULL;
		const char *key = node ? exact_place(ap->tmp, &m->observed->loc) : NULL;

		if (node)
			r = key ? ds_map_put(&ap->nodes, ds_str_from(key), node) : DS_ENOMEM;
	}
	return r;
}

/*
 * An annotation speaks for its object alone, that of a Node also for what runs
 * on the node. What a rule says of a component and shows at one of many Nodes or
 * Services is not that one's to silence: the object must be what the rule was
 * evaluated for. A Pod is one component's.
 */
static int annotation_at(const struct applying *ap, const struct ds_loc *l, const struct ds_rule *rule,
			 struct ds_annotation **ret)
{
	const struct ds_object *node;
	const char *key;

	*ret = ds_suppress_annotation(ap->s, l, rule);
	if (*ret || ap->nodes.n == 0)
		return 0;
	key = exact_place(ap->tmp, l);
	node = key ? ds_map_get(&ap->nodes, ds_str_from(key)) : NULL;
	if (!node)
		return key ? 0 : DS_ENOMEM;
	return ds_suppress_node_annotation(ap->s, ap->tmp, node->input, node->name, rule, ret);
}

static int annotation_for(const struct applying *ap, const struct ds_finding *f, const char **ret)
{
	const struct ds_loc *places = f->status == DS_STATUS_FAIL ? f->targets : f->locations;
	size_t n_places = f->status == DS_STATUS_FAIL ? f->n_targets : f->n_locations, n = 0;
	struct ds_annotation *found;

	*ret = NULL;
	if (ap->s->annotations.n == 0)
		return 0;
	for (size_t i = 0; i < f->n_locations; i++) {
		found = ds_suppress_annotation(ap->s, &f->locations[i], f->rule);
		if (!found)
			continue;
		found->shown = true;
		if (f->status != DS_STATUS_FAIL || !found->is_pod)
			continue;
		n++;
		found->used = true;
		*ret = *ret ? *ret : found->reason;
	}
	for (size_t i = 0; i < n_places; i++) {
		if (annotation_at(ap, &places[i], f->rule, &found) < 0)
			return DS_ENOMEM;
		if (!found)
			continue;
		n++;
		found->used = true;
		*ret = *ret ? *ret : found->reason;
	}
	if (!covers(f, n))
		*ret = NULL;
	return 0;
}

static int ignores(const struct applying *ap, size_t index, const struct ds_finding *f, bool *ret)
{
	struct ds_ignore *g = &ap->s->ignores.v[index];
	size_t n = 0;

	*ret = false;
	if (g->rule != f->rule || g->expired)
		return 0;
	*ret = g->target == NULL;
	for (size_t i = 0; g->target && i < f->n_locations; i++) {
		const struct ds_loc *l = &f->locations[i];
		bool on_node = false;

		if (!l->input)
			continue;
		if (is_on_node(ap->tmp, &ap->places[index], l, &on_node) < 0)
			return DS_ENOMEM;
		n += on_node || ds_suppress_glob(g->target, l->input->name);
	}
	g->used |= *ret || n > 0;
	*ret |= covers(f, n);
	return 0;
}

static struct ds_baseline_entry *baseline_entry(const struct ds_suppressions *s, const struct ds_finding *f)
{
	size_t at = (size_t)(uintptr_t)ds_map_get(&s->known, ds_str_from(f->fingerprint));

	/* A fingerprint is 64 bits of a hash: the rule must agree. */
	if (at == 0 || strcmp(s->baseline.v[at - 1].rule, f->rule->id) != 0)
		return NULL;
	return &s->baseline.v[at - 1];
}

/* The first way that silences it counts; the others are used all the same. */
static int judge(const struct applying *ap, const struct ds_finding *f, struct ds_suppressed *ret, bool *ret_any)
{
	struct ds_baseline_entry *known = baseline_entry(ap->s, f);
	const char *annotation;

	*ret = (struct ds_suppressed){.finding = *f, .by = DS_BY_COMMENT, .reason = comment_for(ap, f)};
	*ret_any = ret->reason != NULL;
	if (annotation_for(ap, f, &annotation) < 0)
		return DS_ENOMEM;
	if (known)
		known->found = true;
	if (!*ret_any && annotation) {
		ret->by = DS_BY_ANNOTATION;
		ret->reason = annotation;
		*ret_any = true;
	}
	for (size_t i = 0; i < ap->s->ignores.n; i++) {
		bool ignored;

		if (ignores(ap, i, f, &ignored) < 0)
			return DS_ENOMEM;
		if (!ignored || *ret_any)
			continue;
		ret->by = ap->s->ignores.v[i].by;
		ret->reason = ap->s->ignores.v[i].reason;
		*ret_any = true;
	}
	if (!*ret_any && known) {
		ret->by = DS_BY_BASELINE;
		ret->reason = "it is in the baseline";
		*ret_any = true;
	}
	return 0;
}

static void mark_results(struct ds_findings *f, const struct ds_suppressed_list *suppressed)
{
	for (size_t i = 0; i < f->results.n; i++) {
		struct ds_rule_result *r = &f->results.v[i];
		size_t left = 0, gone = 0;

		if (r->status != DS_STATUS_UNKNOWN && r->status != DS_STATUS_ERROR)
			continue;
		for (size_t k = 0; k < suppressed->v.n && gone == 0; k++)
			gone += suppressed->v.v[k].finding.rule == r->rule;
		for (size_t k = 0; gone && k < f->v.n; k++)
			left += f->v.v[k].rule == r->rule;
		r->suppressed = gone > 0 && left == 0;
	}
}

static int note_unchecked(struct ds_suppressions *s, const struct ds_findings *f)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->results.n; i++) {
		const struct ds_rule_result *x = &f->results.v[i];

		if (x->targets[DS_STATUS_UNKNOWN] || x->targets[DS_STATUS_ERROR])
			r = ds_map_put(&s->unchecked, ds_str_from(x->rule->id), s);
	}
	return r;
}

static int apply(const struct applying *ap, struct ds_findings *f, struct ds_suppressed_list *ret)
{
	size_t n = 0;

	if (note_unchecked(ap->s, f) < 0)
		return DS_ENOMEM;

	for (size_t i = 0; i < f->v.n; i++) {
		struct ds_suppressed x;
		bool any;

		if (judge(ap, &f->v.v[i], &x, &any) < 0 || (any && ds_vec_push(ap->s->a, &ret->v, x) < 0))
			return DS_ENOMEM;
		if (!any)
			f->v.v[n++] = f->v.v[i];
	}
	f->v.n = n;
	mark_results(f, ret);
	return 0;
}

int ds_suppress_apply(struct ds_suppressions *s, const struct ds_cluster *cluster, struct ds_findings *f,
		      struct ds_suppressed_list *ret)
{
	struct applying ap = {.s = s, .tmp = ds_arena_new(DS_LIMIT_ARENA)};
	int r = 0;

	*ret = (struct ds_suppressed_list){0};
	if (s->comments.n == 0 && s->annotations.n == 0 && s->ignores.n == 0 && s->baseline.n == 0) {
		ds_arena_free(ap.tmp);
		return 0;
	}
	ap.places = ap.tmp ? ds_arena_new_array(ap.tmp, s->ignores.n, struct node_places) : NULL;
	r = ap.places ? 0 : DS_ENOMEM;
	for (size_t i = 0; r == 0 && i < s->ignores.n; i++)
		if (s->ignores.v[i].target)
			r = find_places(ap.tmp, cluster, s->ignores.v[i].target, &ap.places[i]);
	if (r == 0)
		ds_map_init(&ap.nodes, ap.tmp);
	if (r == 0 && s->node_annotations.n)
		r = find_nodes(&ap, cluster);
	if (r == 0)
		r = apply(&ap, f, ret);
	ds_arena_free(ap.tmp);
	return r;
}
