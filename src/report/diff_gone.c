#include "report/diff_gone.h"

#include "report/diff.h"

static bool is_seen(const struct ds_saved *s, const char *name)
{
	const struct ds_saved_input *in = ds_saved_input(s, name);

	return in && in->seen_read && in->in.status != DS_INPUT_FAILED;
}

static const char *rule_key(struct ds_arena *a, const char *rule, const struct ds_input *in)
{
	return ds_arena_printf(a, "%s\n%s", rule, in ? in->name : "");
}

static int note_unknown(struct ds_gone *g, struct ds_finding *f)
{
	int r = 0;

	/* Of more places than are told it may be any. */
	if (f->n_locations == 0 || f->count > f->n_locations)
		r = ds_map_put(&g->unknown, ds_str_from(f->rule->id), f);
	for (size_t i = 0; r == 0 && i < f->n_locations; i++) {
		const char *key = rule_key(g->a, f->rule->id, f->locations[i].input);

		r = key ? ds_map_put(&g->unknown, ds_str_from(key), f) : DS_ENOMEM;
	}
	return r;
}

int ds_gone_init(struct ds_gone *g, struct ds_arena *a, const struct ds_saved *one, const struct ds_saved *other,
		 const char *which, const struct ds_saved_cluster *c)
{
	int r = 0;

	*g = (struct ds_gone){.a = a, .other = other, .which = which, .cluster = c};
	ds_map_init(&g->components, a);
	ds_map_init(&g->unknown, a);
	ds_map_init(&g->found, a);
	for (size_t i = 0; i < one->inputs.n && !g->less; i++) {
		const struct ds_saved_input *in = one->inputs.entries[i].value;

		g->less = is_seen(one, in->in.name) && !is_seen(other, in->in.name);
	}
	for (size_t i = 0; c && r == 0 && i < c->findings.n; i++) {
		struct ds_finding *f = &c->findings.v[i].f;

		r = f->status == DS_STATUS_FAIL ? ds_map_put(&g->found, ds_str_from(f->rule->id), f) : note_unknown(g, f);
	}
	for (size_t i = 0; c && r == 0 && i < c->suppressed.n; i++) {
		struct ds_finding *f = &c->suppressed.v[i].f;

		r = f->status == DS_STATUS_FAIL ? ds_map_put(&g->found, ds_str_from(f->rule->id), f) : note_unknown(g, f);
	}
	return r;
}

static const char *place_key(struct ds_arena *a, const struct ds_loc *l)
{
	return ds_arena_printf(a, "%s\n%d", l->input ? l->input->name : "", (int)l->pid);
}

int ds_gone_component(struct ds_gone *g, const struct ds_saved_component *c)
{
	struct ds_loc whole = {.input = c->loc.input};
	const char *at = place_key(g->a, &c->loc), *anywhere = place_key(g->a, &whole);

	g->less = true;
	if (!at || !anywhere || ds_map_put(&g->components, ds_str_from(at), (void *)(uintptr_t)c) < 0)
		return DS_ENOMEM;
	return ds_map_put(&g->components, ds_str_from(anywhere), (void *)(uintptr_t)c);
}

static int say(struct ds_gone *g, const char **ret, const char *fmt, ...) DS_PRINTF(3, 4);

static int say(struct ds_gone *g, const char **ret, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*ret = ds_arena_vprintf(g->a, fmt, ap);
	va_end(ap);
	return *ret ? 0 : DS_ENOMEM;
}

static int why_place(struct ds_gone *g, const struct ds_loc *l, const char **ret)
{
	const struct ds_saved_input *in = ds_saved_input(g->other, l->input->name);
	const char *name = l->input->name, *key = place_key(g->a, l);
	const struct ds_saved_component *c;

	if (!in)
		return say(g, ret, "%s is not among the inputs of the %s report", name, g->which);
	if (in->in.status == DS_INPUT_FAILED)
		return say(g, ret, "%s could not be read in the %s report: %s", name, g->which,
			   in->in.reason ? in->in.reason : "no reason is given");
	if (!in->seen_read)
		return say(g, ret, "%s was skipped in the %s report: %s", name, g->which,
			   in->in.reason ? in->in.reason : "no reason is given");
	if (!key)
		return DS_ENOMEM;
	c = ds_map_get(&g->components, ds_str_from(key));
	if (c) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

		ds_diff_say_component(&b, c);
		return b.err < 0 ? DS_ENOMEM : say(g, ret, "%s is not seen in the %s report", b.p, g->which);
	}
	return 0;
}

int ds_gone_places(struct ds_gone *g, const struct ds_finding *f, const char **ret)
{
	int r = 0;

	*ret = NULL;
	for (size_t i = 0; r == 0 && !*ret && i < f->n_locations; i++)
		if (f->locations[i].input)
			r = why_place(g, &f->locations[i], ret);
	if (r == 0 && !*ret && g->less && (f->n_locations == 0 || f->count > f->n_locations))
		r = say(g, ret, "%s, and the %s report has not seen all that the other has",
			f->n_locations ? "not all of its places are told" : "it has no place of its own", g->which);
	return r;
}

static const struct ds_finding *still_unknown(struct ds_gone *g, const struct ds_finding *f, bool *ret_no_memory)
{
	const struct ds_finding *u = ds_map_get(&g->unknown, ds_str_from(f->rule->id));

	for (size_t i = 0; !u && i < f->n_locations; i++) {
		const char *key = rule_key(g->a, f->rule->id, f->locations[i].input);

		*ret_no_memory |= !key;
		u = key ? ds_map_get(&g->unknown, ds_str_from(key)) : NULL;
	}
	return u;
}

int ds_gone_why(struct ds_gone *g, const struct ds_finding *f, const char **ret)
{
	const struct ds_finding *u;
	bool no_memory = false, asked;
	enum ds_status status;
	int r;

	*ret = NULL;
	if (!g->cluster)
		return say(g, ret, "its cluster is not in the %s report", g->which);
	asked = ds_saved_check(g->cluster, f->rule->id, &status);
	if (g->cluster->has_checks && !asked)
		return say(g, ret, "the rule was not asked in the %s report: it was left out, or that dsaudit did not have it",
			   g->which);
	r = ds_gone_places(g, f, ret);
	if (r < 0 || *ret)
		return r;
	u = still_unknown(g, f, &no_memory);
	if (u)
		return say(g, ret, "it could not be checked in the %s report: %s", g->which, u->message);
	if (no_memory)
		return DS_ENOMEM;
	if (asked && (status == DS_STATUS_UNKNOWN || status == DS_STATUS_ERROR) && f->n_locations == 0)
		return say(g, ret, "it could not be checked in the %s report", g->which);
	if (asked && status == DS_STATUS_FAIL && !ds_map_get(&g->found, ds_str_from(f->rule->id)))
		return say(g, ret, "the rule fails in the %s report, too; what it found is said by another one", g->which);
	return 0;
}
