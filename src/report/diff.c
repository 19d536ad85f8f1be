#include "report/diff.h"

#include <stdlib.h>

#include "report/diff_gone.h"

/* ---- what belongs together ---- */

/* Texts to positions. The same text may come again: the k-th of one side belongs to the k-th of the other. */
struct index {
	struct ds_arena *a;
	struct ds_map at, seen;
};

static void index_init(struct index *x, struct ds_arena *a)
{
	x->a = a;
	ds_map_init(&x->at, a);
	ds_map_init(&x->seen, a);
}

/* key and how often it came so far, as one text; NULL when out of memory. */
static const char *numbered(struct index *x, const char *key)
{
	size_t n = (size_t)(uintptr_t)ds_map_get(&x->seen, ds_str_from(key)) + 1;

	if (ds_map_put(&x->seen, ds_str_from(key), (void *)(uintptr_t)n) < 0)
		return NULL;
	return ds_arena_printf(x->a, "%zu %s", n, key);
}

static int index_add(struct index *x, const char *key, size_t i)
{
	const char *k = key ? numbered(x, key) : NULL;

	return k ? ds_map_put(&x->at, ds_str_from(k), (void *)(uintptr_t)(i + 1)) : DS_ENOMEM;
}

/* Positions of old to those of new, and back: 1 + index, 0 for none. */
struct pairs {
	size_t *of_old, *of_new;
	size_t n_old, n_new;
};

static int pairs_init(struct ds_arena *a, struct pairs *p, size_t n_old, size_t n_new)
{
	*p = (struct pairs){ds_arena_new_array(a, n_old, size_t), ds_arena_new_array(a, n_new, size_t), n_old, n_new};
	return p->of_old && p->of_new ? 0 : DS_ENOMEM;
}

/* The key of the i-th of a side; NULL when out of memory, "" for one that has none. */
typedef const char *key_fn(struct ds_arena *a, const void *side, size_t i);

static int pair(struct ds_arena *a, struct pairs *p, key_fn *key, const void *old, const void *new)
{
	struct index x, y;
	int r = 0;

	index_init(&x, a);
	index_init(&y, a);
	for (size_t i = 0; r == 0 && i < p->n_new; i++) {
		const char *k = p->of_new[i] ? "" : key(a, new, i);

		r = !k ? DS_ENOMEM : *k ? index_add(&x, k, i) : 0;
	}
	for (size_t i = 0; r == 0 && i < p->n_old; i++) {
		const char *k = p->of_old[i] ? "" : key(a, old, i);
		size_t at;

		if (k && *k)
			k = numbered(&y, k);
		if (!k)
			return DS_ENOMEM;
		at = *k ? (size_t)(uintptr_t)ds_map_get(&x.at, ds_str_from(k)) : 0;
		if (at) {
			p->of_old[i] = at;
			p->of_new[at - 1] = i + 1;
		}
	}
	return r;
}

/* ---- findings ---- */

static const char *by_fingerprint(struct ds_arena *a, const void *side, size_t i)
{
	const struct ds_finding *f = &((const struct ds_saved_cluster *)side)->findings.v[i].f;

	return ds_arena_printf(a, "%s %s", f->rule->id, f->fingerprint);
}

/* What could not be seen of several targets has nothing else that is told of each. */
static const char *by_reason(struct ds_arena *a, const void *side, size_t i)
{
	const struct ds_finding *f = &((const struct ds_saved_cluster *)side)->findings.v[i].f;

	return f->status == DS_STATUS_FAIL ? "" : ds_arena_printf(a, "%s %d %s", f->rule->id, (int)f->status, f->message);
}

/* The fingerprints that a finding stands for. */
static const char *const *members(const struct ds_finding *f, size_t *ret_n)
{
	*ret_n = f->n_members ? f->n_members : 1;
	return f->n_members ? f->members : &f->fingerprint;
}

static const char *member_key(struct ds_arena *a, const struct ds_finding *f, const char *member)
{
	return ds_arena_printf(a, "%s %s", f->rule->id, member);
}

/* One target more or less: those that stayed tell what belongs together. */
static int pair_by_members(struct ds_arena *a, struct pairs *p, const struct ds_saved_cluster *old,
			   const struct ds_saved_cluster *new)
{
	struct ds_map at;

	ds_map_init(&at, a);
	for (size_t i = 0; i < p->n_new; i++) {
		size_t n;
		const char *const *v = members(&new->findings.v[i].f, &n);

		for (size_t k = 0; !p->of_new[i] && k < n; k++) {
			const char *key = member_key(a, &new->findings.v[i].f, v[k]);

			if (!key || ds_map_put(&at, ds_str_from(key), (void *)(uintptr_t)(i + 1)) < 0)
				return DS_ENOMEM;
		}
	}
	for (size_t i = 0; i < p->n_old; i++) {
		size_t n;
		const char *const *v = members(&old->findings.v[i].f, &n);

		for (size_t k = 0; !p->of_old[i] && k < n; k++) {
			const char *key = member_key(a, &old->findings.v[i].f, v[k]);
			size_t found = key ? (size_t)(uintptr_t)ds_map_get(&at, ds_str_from(key)) : 0;

			if (!key)
				return DS_ENOMEM;
			if (!found || p->of_new[found - 1])
				continue;
			p->of_old[i] = found;
			p->of_new[found - 1] = i + 1;
		}
	}
	return 0;
}

/* How many of x are not in y. */
static int count_missing(struct ds_arena *a, const struct ds_finding *x, const struct ds_finding *y, size_t *ret)
{
	struct ds_map have;
	size_t n;
	const char *const *v = members(y, &n);

	*ret = x->count > y->count ? x->count - y->count : 0;
	/* A report of an early version, or something unknown: how many is all that is told. */
	if ((x->count > 1 && !x->n_members) || (y->count > 1 && !y->n_members))
		return 0;
	ds_map_init(&have, a);
	for (size_t i = 0; i < n; i++)
		if (ds_map_put(&have, ds_str_from(v[i]), &have) < 0)
			return DS_ENOMEM;
	v = members(x, &n);
	*ret = 0;
	/* One on each side is a pair because it is the same, whatever it goes by. */
	for (size_t i = 0; (x->n_members || y->n_members) && i < n; i++)
		*ret += !ds_map_get(&have, ds_str_from(v[i]));
	return 0;
}

/* The places of what stayed behind are looked at when some went. */
static int compare(struct ds_arena *a, struct ds_gone *g, struct ds_diff_finding *d)
{
	const struct ds_finding *o = &d->old->f, *n = &d->new->f;
	bool fails = n->status == DS_STATUS_FAIL;
	int r = count_missing(a, n, o, &d->came);

	if (r == 0)
		r = count_missing(a, o, n, &d->went);
	if (r == 0 && d->went && fails)
		r = ds_gone_places(g, o, &d->reason);
	d->severity = o->severity != n->severity;
	/* Of several it is the text of whichever came first. */
	d->message = o->count == 1 && n->count == 1 && strcmp(o->message, n->message) != 0;
	d->worse = n->severity > o->severity || d->came > 0 || (fails && o->status != DS_STATUS_FAIL);
	d->status = d->severity || d->message || d->came || d->went || o->status != n->status ? DS_DIFF_CHANGED
											      : DS_DIFF_UNCHANGED;
	return r;
}

static const char *suppressed_key(struct ds_arena *a, const struct ds_finding *f, const char *member)
{
	return member_key(a, f, member);
}

static int map_suppressed(struct ds_arena *a, const struct ds_saved_cluster *c, struct ds_map *ret)
{
	ds_map_init(ret, a);
	for (size_t i = 0; c && i < c->suppressed.n; i++) {
		struct ds_saved_finding *s = &c->suppressed.v[i];
		const char *key = suppressed_key(a, &s->f, s->f.fingerprint);

		if (!key || ds_map_put(ret, ds_str_from(key), s) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

static int find_suppressed(struct ds_arena *a, const struct ds_map *m, const struct ds_finding *f,
			   const struct ds_saved_finding **ret)
{
	size_t n;
	const char *const *v = members(f, &n);

	*ret = NULL;
	for (size_t i = 0; m->n && !*ret && i < n; i++) {
		const char *key = suppressed_key(a, f, v[i]);

		if (!key)
			return DS_ENOMEM;
		*ret = ds_map_get(m, ds_str_from(key));
	}
	return 0;
}

static int gone(struct ds_arena *a, struct ds_gone *g, const struct ds_map *suppressed, struct ds_diff_finding *d)
{
	int r = find_suppressed(a, suppressed, &d->old->f, &d->new);

	d->status = DS_DIFF_SUPPRESSED;
	if (r < 0 || d->new)
		return r;
	r = ds_gone_why(g, &d->old->f, &d->reason);
	d->status = d->reason ? DS_DIFF_UNKNOWN : DS_DIFF_FIXED;
	return r;
}

static int pair_findings(struct ds_arena *a, const struct ds_diff_cluster *c, struct pairs *p)
{
	int r = pairs_init(a, p, c->old ? c->old->findings.n : 0, c->new ? c->new->findings.n : 0);

	if (r == 0)
		r = pair(a, p, by_fingerprint, c->old, c->new);
	if (r == 0)
		r = pair_by_members(a, p, c->old, c->new);
	return r < 0 ? r : pair(a, p, by_reason, c->old, c->new);
}

static int diff_findings(struct ds_arena *a, struct ds_gone *g, struct ds_gone *back, struct ds_diff_cluster *c)
{
	struct ds_diff_finding *all;
	struct ds_map was, now;
	struct pairs p;
	size_t n = 0;
	int r = pair_findings(a, c, &p);

	if (r == 0)
		r = map_suppressed(a, c->old, &was);
	if (r == 0)
		r = map_suppressed(a, c->new, &now);
	all = r == 0 ? ds_arena_new_array(a, p.n_old + p.n_new, struct ds_diff_finding) : NULL;
	if (!all)
		return DS_ENOMEM;
	for (size_t i = 0; r == 0 && i < p.n_new; i++) {
		struct ds_diff_finding *d = &all[n++];

		d->new = &c->new->findings.v[i];
		d->old = p.of_new[i] ? &c->old->findings.v[p.of_new[i] - 1] : NULL;
		if (d->old) {
			r = compare(a, g, d);
			continue;
		}
		r = find_suppressed(a, &was, &d->new->f, &d->old);
		if (r == 0 && !d->old && d->new->f.status == DS_STATUS_FAIL)
			r = ds_gone_why(back, &d->new->f, &d->reason);
	}
	for (size_t i = 0; r == 0 && i < p.n_old; i++) {
		if (p.of_old[i])
			continue;
		all[n].old = &c->old->findings.v[i];
		r = gone(a, g, &now, &all[n++]);
	}
	for (size_t s = 0; s < DS_DIFF__COUNT; s++)
		for (size_t i = 0; r == 0 && i < n; i++)
			if (all[i].status == (enum ds_diff_status)s)
				r = ds_vec_push(a, &c->findings, all[i]);
	return r;
}

/* ---- facts ---- */

static int add_fact(struct ds_arena *a, struct ds_diff_cluster *c, const struct ds_diff_fact *f, const char *old_unknown,
		    const char *new_unknown)
{
	struct ds_diff_fact x = *f;

	if ((old_unknown && new_unknown) || (!old_unknown && !new_unknown && ds_saved_same(a, f->old, f->new)))
		return 0;
	x.change = new_unknown ? DS_DIFF_LOST : old_unknown ? DS_DIFF_KNOWN : DS_DIFF_OTHER;
	x.reason = new_unknown ? new_unknown : old_unknown;
	return ds_vec_push(a, &c->facts, x);
}

/* All clusters have the same facts in the same order: the reader makes them. */
static int diff_cluster_facts(struct ds_arena *a, struct ds_diff_cluster *c)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->old->facts.n && i < c->new->facts.n; i++) {
		const struct ds_saved_fact *o = &c->old->facts.v[i], *n = &c->new->facts.v[i];

		r = add_fact(a, c, &(struct ds_diff_fact){.what = o->what, .old = o->value, .new = n->value}, o->unknown,
			     n->unknown);
	}
	return r;
}

static int diff_derived(struct ds_arena *a, struct ds_diff_cluster *c, const struct ds_saved_component *o,
			const struct ds_saved_component *n)
{
	struct ds_map names;
	int r = 0;

	ds_map_init(&names, a);
	for (size_t i = 0; r == 0 && i < o->derived->n; i++)
		r = ds_map_put(&names, o->derived->pairs[i].key->text, o->derived->pairs[i].value);
	for (size_t i = 0; r == 0 && i < n->derived->n; i++) {
		struct ds_str key = n->derived->pairs[i].key->text;
		struct ds_diff_fact f = {.component = n, .old = ds_map_get(&names, key), .new = n->derived->pairs[i].value};

		f.what = ds_arena_printf(a, "derived.%.*s", DS_STR_ARG(key));
		r = f.what ? add_fact(a, c, &f, NULL, NULL) : DS_ENOMEM;
		if (r == 0 && f.old)
			r = ds_map_put(&names, key, c); /* dealt with */
	}
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		struct ds_diff_fact f = {.component = n, .old = names.entries[i].value};

		if (names.entries[i].value == c)
			continue;
		f.what = ds_arena_printf(a, "derived.%.*s", DS_STR_ARG(names.entries[i].key));
		r = f.what ? add_fact(a, c, &f, NULL, NULL) : DS_ENOMEM;
	}
	return r;
}

static int diff_component(struct ds_arena *a, struct ds_diff_cluster *c, const struct ds_saved_component *o,
			  const struct ds_saved_component *n)
{
	const struct ds_diff_fact facts[] = {
		{.component = n, .what = "kubernetesVersion", .old = o->version, .new = n->version},
		{.component = n, .what = "startup.errors", .old = o->errors, .new = n->errors},
		{.component = n, .what = "startup.warnings", .old = o->warnings, .new = n->warnings},
	};
	const struct ds_diff_fact accepted = {
		.component = n, .what = "startup.accepted", .old = o->accepted, .new = n->accepted};
	const char *old_unknown = o->accepted ? NULL : o->reason ? o->reason : "";
	const char *new_unknown = n->accepted ? NULL : n->reason ? n->reason : "";
	int r = add_fact(a, c, &accepted, old_unknown, new_unknown);

	for (size_t i = 0; r == 0 && i < DS_ARRAY_SIZE(facts); i++)
		r = add_fact(a, c, &facts[i], NULL, NULL);
	return r < 0 ? r : diff_derived(a, c, o, n);
}

static const char *by_place(struct ds_arena *a, const void *side, size_t i)
{
	const struct ds_saved_component *m = &((const struct ds_saved_cluster *)side)->components.v[i];

	return ds_arena_printf(a, "%s\n%s\n%s", m->component, m->node, m->loc.input ? m->loc.input->name : "");
}

/* The file may have moved; the node has not. */
static const char *by_node(struct ds_arena *a, const void *side, size_t i)
{
	const struct ds_saved_component *m = &((const struct ds_saved_cluster *)side)->components.v[i];

	return *m->node ? ds_arena_printf(a, "%s\n%s", m->component, m->node) : "";
}

static int diff_components(struct ds_arena *a, struct ds_diff_cluster *c, struct ds_gone *g, struct ds_gone *back)
{
	struct pairs p;
	int r = pairs_init(a, &p, c->old ? c->old->components.n : 0, c->new ? c->new->components.n : 0);

	if (r == 0)
		r = pair(a, &p, by_place, c->old, c->new);
	if (r == 0)
		r = pair(a, &p, by_node, c->old, c->new);
	for (size_t i = 0; r == 0 && i < p.n_old; i++) {
		struct ds_diff_component d = {.old = &c->old->components.v[i]};

		if (p.of_old[i])
			r = diff_component(a, c, d.old, &c->new->components.v[p.of_old[i] - 1]);
		else if (c->new)
			r = ds_vec_push(a, &c->components, d);
		if (r == 0 && !p.of_old[i])
			r = ds_gone_component(g, d.old);
	}
	for (size_t i = 0; r == 0 && i < p.n_new; i++) {
		struct ds_diff_component d = {.new = &c->new->components.v[i]};

		if (p.of_new[i])
			continue;
		r = c->old ? ds_vec_push(a, &c->components, d) : 0;
		if (r == 0)
			r = ds_gone_component(back, d.new);
	}
	return r;
}

/* ---- Services, checks ---- */

static const char *by_name(struct ds_arena *a, const void *side, size_t i)
{
	const struct ds_saved_service *s = &((const struct ds_saved_cluster *)side)->services.v[i];

	return ds_arena_printf(a, "%s/%s\n%s", s->ns, s->name, s->operation);
}

static bool same_answer(struct ds_arena *a, const struct ds_saved_service *x, const struct ds_saved_service *y)
{
	if (x->accepted != y->accepted || !x->message != !y->message || (x->message && strcmp(x->message, y->message) != 0))
		return false;
	return ds_saved_same(a, x->spec, y->spec) && ds_saved_same(a, x->warnings, y->warnings);
}

static int diff_services(struct ds_arena *a, struct ds_diff_cluster *c)
{
	struct pairs p;
	int r = pairs_init(a, &p, c->old->services.n, c->new->services.n);

	if (r == 0)
		r = pair(a, &p, by_name, c->old, c->new);
	for (size_t i = 0; r == 0 && i < p.n_old; i++) {
		struct ds_diff_service d = {.old = &c->old->services.v[i]};

		d.new = p.of_old[i] ? &c->new->services.v[p.of_old[i] - 1] : NULL;
		if (!d.new || !same_answer(a, d.old, d.new))
			r = ds_vec_push(a, &c->services, d);
	}
	for (size_t i = 0; r == 0 && i < p.n_new; i++)
		if (!p.of_new[i])
			r = ds_vec_push(a, &c->services, ((struct ds_diff_service){.new = &c->new->services.v[i]}));
	return r;
}

static int diff_checks(struct ds_arena *a, struct ds_diff_cluster *c)
{
	int r = 0;

	if (!c->old->has_checks || !c->new->has_checks)
		return 0;
	for (size_t side = 0; side < 2; side++) {
		const struct ds_saved_cluster *x = side ? c->new : c->old;

		for (size_t i = 0; r == 0 && i < x->checks.n; i++) {
			struct ds_str key = x->checks.entries[i].key;
			const char *rule = ds_arena_strndup(a, key.n ? key.p : "", key.n);
			enum ds_status o, n;
			bool was = rule && ds_saved_check(c->old, rule, &o), is = rule && ds_saved_check(c->new, rule, &n);
			struct ds_diff_check d = {.rule = rule};

			if (!rule)
				return DS_ENOMEM;
			/* What both have is told from the old side. */
			if ((side && was) || (was && is && o == n))
				continue;
			d.old = was ? ds_status_name(o) : NULL;
			d.new = is ? ds_status_name(n) : NULL;
			r = ds_vec_push(a, &c->checks, d);
		}
	}
	return r;
}

/* ---- clusters and inputs ---- */

static const char *by_cluster_name(struct ds_arena *a, const void *side, size_t i)
{
	return ds_arena_printf(a, "%s", ((const struct ds_saved *)side)->clusters.v[i].name);
}

/* One that is left on both sides is the same, renamed. */
static const char *the_only_one(struct ds_arena *a, const void *side, size_t i)
{
	(void)a;
	(void)side;
	(void)i;
	return "the only one";
}

static size_t unpaired(const size_t *v, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += !v[i];
	return count;
}

static int diff_cluster(struct ds_arena *a, struct ds_diff *d, const struct ds_saved_cluster *old,
			const struct ds_saved_cluster *new)
{
	struct ds_diff_cluster *c = ds_vec_add(a, &d->clusters);
	struct ds_gone g, back;
	int r;

	if (!c)
		return DS_ENOMEM;
	*c = (struct ds_diff_cluster){.old = old, .new = new};
	r = ds_gone_init(&g, a, d->old, d->new, "new", new);
	if (r == 0)
		r = ds_gone_init(&back, a, d->new, d->old, "old", old);
	if (r == 0 && old && new)
		r = diff_cluster_facts(a, c);
	if (r == 0)
		r = diff_components(a, c, &g, &back);
	if (r == 0 && old && new)
		r = diff_services(a, c);
	if (r == 0 && old && new)
		r = diff_checks(a, c);
	return r < 0 ? r : diff_findings(a, &g, &back, c);
}

static int diff_clusters(struct ds_arena *a, struct ds_diff *d)
{
	struct pairs p;
	int r = pairs_init(a, &p, d->old->clusters.n, d->new->clusters.n);

	if (r == 0)
		r = pair(a, &p, by_cluster_name, d->old, d->new);
	if (r == 0 && unpaired(p.of_old, p.n_old) == 1 && unpaired(p.of_new, p.n_new) == 1)
		r = pair(a, &p, the_only_one, d->old, d->new);
	for (size_t i = 0; r == 0 && i < p.n_new; i++)
		r = diff_cluster(a, d, p.of_new[i] ? &d->old->clusters.v[p.of_new[i] - 1] : NULL, &d->new->clusters.v[i]);
	for (size_t i = 0; r == 0 && i < p.n_old; i++)
		if (!p.of_old[i])
			r = diff_cluster(a, d, &d->old->clusters.v[i], NULL);
	return r;
}

static int diff_inputs(struct ds_arena *a, struct ds_diff *d)
{
	size_t common = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < d->old->inputs.n; i++) {
		struct ds_diff_input x = {.old = d->old->inputs.entries[i].value};

		x.new = ds_saved_input(d->new, x.old->in.name);
		common += x.new != NULL;
		if (!x.new || x.new->in.status != x.old->in.status || strcmp(x.new->in.type, x.old->in.type) != 0)
			r = ds_vec_push(a, &d->inputs, x);
	}
	for (size_t i = 0; r == 0 && i < d->new->inputs.n; i++) {
		struct ds_diff_input x = {.new = d->new->inputs.entries[i].value};

		if (!ds_saved_input(d->old, x.new->in.name))
			r = ds_vec_push(a, &d->inputs, x);
	}
	d->no_common_input = common == 0 && d->old->inputs.n && d->new->inputs.n;
	return r;
}

/* ---- the sum ---- */

static void count_finding(struct ds_diff_counts *n, const struct ds_diff_finding *d)
{
	bool fails = (d->status == DS_DIFF_NEW ? d->new : d->old)->f.status == DS_STATUS_FAIL;

	switch (d->status) {
	case DS_DIFF_NEW:
		if (fails)
			n->fresh[d->new->f.severity]++;
		else
			n->lost++;
		break;
	case DS_DIFF_CHANGED:
		if (d->worse && d->new->f.status == DS_STATUS_FAIL)
			n->worse[d->new->f.severity]++;
		else
			n->changed++;
		n->lost += d->reason || (d->came && !fails);
		break;
	case DS_DIFF_UNKNOWN:
		n->lost += fails;
		n->other += !fails; /* it was not known before either */
		break;
	case DS_DIFF_FIXED:
		n->fixed += fails;
		n->known += !fails;
		break;
	case DS_DIFF_SUPPRESSED:
		n->suppressed++;
		break;
	case DS_DIFF_UNCHANGED:
		n->unchanged++;
		break;
	case DS_DIFF__COUNT:
		break;
	}
}

static void count(struct ds_diff *d)
{
	struct ds_diff_counts *n = &d->counts;

	for (size_t i = 0; i < d->inputs.n; i++) {
		const struct ds_diff_input *x = &d->inputs.v[i];

		n->failed_inputs += x->new && x->new->in.status == DS_INPUT_FAILED &&
				    (!x->old || x->old->in.status != DS_INPUT_FAILED);
	}
	n->other += d->inputs.n;
	for (size_t i = 0; i < d->clusters.n; i++) {
		const struct ds_diff_cluster *c = &d->clusters.v[i];

		n->other += !c->old || !c->new;
		n->other += c->components.n + c->services.n + c->checks.n;
		for (size_t k = 0; k < c->findings.n; k++)
			count_finding(n, &c->findings.v[k]);
		for (size_t k = 0; k < c->facts.n; k++) {
			n->lost += c->facts.v[k].change == DS_DIFF_LOST;
			n->known += c->facts.v[k].change == DS_DIFF_KNOWN;
			n->other += c->facts.v[k].change == DS_DIFF_OTHER;
		}
	}
}

int ds_diff_reports(struct ds_arena *a, const struct ds_saved *old, const struct ds_saved *new, struct ds_diff *ret)
{
	int r;

	*ret = (struct ds_diff){.a = a, .old = old, .new = new};
	r = diff_inputs(a, ret);
	if (r == 0)
		r = diff_clusters(a, ret);
	if (r == 0)
		count(ret);
	return r;
}
