#include "model/configured.h"

#include "base/map.h"

static bool runs(const struct ds_observed *o)
{
	return o->kind == DS_SOURCE_PROCESS || o->kind == DS_SOURCE_PS;
}

/* ---- which belong together ---- */

struct group {
	DS_VEC(struct ds_component_model *) running;
};

static int key_of(struct ds_arena *a, const struct ds_observed *o, struct ds_str *ret)
{
	const char *key = ds_arena_printf(a, "%d %s", (int)o->component, o->host);

	*ret = ds_str_from(key);
	return key ? 0 : DS_ENOMEM;
}

static int index_running(struct ds_arena *a, const struct ds_cluster *c, struct ds_map *groups)
{
	for (size_t i = 0; i < c->components.n; i++) {
		struct ds_component_model *m = c->components.v[i];
		struct ds_str key;
		struct group *g;

		if (!runs(m->observed))
			continue;
		if (key_of(a, m->observed, &key) < 0)
			return DS_ENOMEM;
		g = ds_map_get(groups, key);
		if (!g) {
			g = ds_arena_new_obj(a, struct group);
			if (!g || ds_map_put(groups, key, g) < 0)
				return DS_ENOMEM;
		}
		if (ds_vec_push(a, &g->running, m) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

static size_t in_common(const struct ds_cmdline *x, const struct ds_cmdline *y)
{
	size_t n = 0;

	for (size_t i = 0; i < x->uses.n; i++) {
		const struct ds_flag_use *last = ds_cmdline_last(y, x->uses.v[i].flag->name);

		n += last && ds_str_eq(last->value, x->uses.v[i].value);
	}
	return n;
}

static struct ds_component_model *best(const struct group *g, const struct ds_observed *configured)
{
	struct ds_component_model *found = g->running.v[0];
	size_t most = 0;

	for (size_t i = 0; g->running.n > 1 && i < g->running.n; i++) {
		size_t n = in_common(&g->running.v[i]->observed->cmdline, &configured->cmdline);

		if (n > most) {
			most = n;
			found = g->running.v[i];
		}
	}
	return found;
}

static int inherit_version(struct ds_arena *a, struct ds_component_model *m, const struct ds_observed *from)
{
	struct ds_observed *o;

	if (m->observed->has_version || !from->has_version)
		return 0;
	o = ds_arena_new_obj(a, struct ds_observed);
	if (!o)
		return DS_ENOMEM;
	*o = *m->observed;
	o->has_version = true;
	o->version = from->version;
	o->version_origin = from->version_origin;
	o->version_loc = from->version_loc;
	m->observed = o;
	return 0;
}

/* What one host configures goes to what runs there. */
static int pair_on_hosts(struct ds_arena *a, struct ds_cluster *c)
{
	struct ds_map groups;
	size_t kept = 0;
	int r;

	ds_map_init(&groups, a);
	r = index_running(a, c, &groups);
	for (size_t i = 0; r == 0 && i < c->components.n; i++) {
		struct ds_component_model *m = c->components.v[i], *running;
		const struct ds_observed *o = m->observed;
		const struct group *g = NULL;
		struct ds_str key;

		/* A template is no host's. */
		if (!runs(o) && o->kind != DS_SOURCE_KUBEADM && o->kind != DS_SOURCE_KIND_CLUSTER && o->host[0]) {
			if (key_of(a, o, &key) < 0)
				return DS_ENOMEM;
			g = ds_map_get(&groups, key);
		}
		if (!g) {
			c->components.v[kept++] = m;
			continue;
		}
		running = best(g, o);
		r = ds_vec_push(a, &running->configured, m);
		if (r == 0)
			r = ds_vec_push(a, &c->configured, m);
		if (r == 0)
			r = inherit_version(a, running, o);
	}
	if (r == 0)
		c->components.n = kept;
	return r;
}

/* What kubeadm would write goes to all that are there of its kind: it is no component of its own beside them. */
static int pair_with_kubeadm(struct ds_arena *a, struct ds_cluster *c)
{
	bool there[DS_COMPONENT__COUNT] = {false};
	size_t kept = 0, first = c->configured.n;

	/* A configuration without its flags does not show what a component is set to. */
	for (size_t i = 0; i < c->components.n; i++)
		if (c->components.v[i]->observed->kind != DS_SOURCE_KUBEADM &&
		    c->components.v[i]->observed->kind != DS_SOURCE_CONFIG)
			there[c->components.v[i]->observed->component] = true;
	for (size_t i = 0; i < c->components.n; i++) {
		struct ds_component_model *m = c->components.v[i];

		if (m->observed->kind != DS_SOURCE_KUBEADM || !there[m->observed->component])
			c->components.v[kept++] = m;
		else if (ds_vec_push(a, &c->configured, m) < 0)
			return DS_ENOMEM;
	}
	c->components.n = kept;
	for (size_t i = 0; first < c->configured.n && i < c->components.n; i++)
		for (size_t k = first; k < c->configured.n; k++)
			if (c->configured.v[k]->observed->component == c->components.v[i]->observed->component &&
			    ds_vec_push(a, &c->components.v[i]->configured, c->configured.v[k]) < 0)
				return DS_ENOMEM;
	return 0;
}

int ds_configured_pair(struct ds_arena *a, struct ds_cluster *c)
{
	int r = pair_on_hosts(a, c);

	return r < 0 ? r : pair_with_kubeadm(a, c);
}

/* ---- what differs ---- */

static bool same_entry(const struct ds_setting *s, const struct ds_setting_entry *x, const struct ds_setting_entry *y)
{
	struct ds_cidr a, b;

	if (s->row->kind == DS_SETTING_IPS)
		return ds_ip_eq(&x->ip, &y->ip);
	if (s->row->kind != DS_SETTING_CIDRS)
		return ds_str_eq(x->text, y->text);
	a = ds_cidr_masked(&x->cidr);
	b = ds_cidr_masked(&y->cidr);
	return a.bits == b.bits && ds_ip_eq(&a.ip, &b.ip);
}

/* The component does the same with both: the texts may still differ. */
static bool same_value(const struct ds_setting *x, const struct ds_setting *y)
{
	if (ds_str_eq(x->raw, y->raw))
		return true;
	if (!x->valid || !y->valid)
		return false;
	if (x->row->kind == DS_SETTING_INT)
		return x->integer == y->integer;
	if (x->row->kind == DS_SETTING_BOOL)
		return x->boolean == y->boolean;
	if (x->n_entries == 0 || x->n_entries != y->n_entries)
		return false;
	for (size_t i = 0; i < x->n_entries; i++) {
		bool found = same_entry(x, &x->entries[i], &y->entries[i]);

		/* The order of gates says nothing. */
		for (size_t k = 0; !found && x->row->kind == DS_SETTING_GATES && k < y->n_entries; k++)
			found = ds_str_eq(x->entries[i].text, y->entries[k].text);
		if (!found)
			return false;
	}
	return true;
}

/* Every node has these of its own, and kubeadm's configuration at most one node's. */
static bool is_of_the_node(const struct ds_setting_row *row)
{
	static const char *const flags[] = {"advertise-address", "bind-address",     "node-ip", "hostname-override",
					    "etcd-servers",	 "cloud-provider", "config",  "address"};

	for (size_t i = 0; row->flag && i < DS_ARRAY_SIZE(flags); i++)
		if (strcmp(row->flag, flags[i]) == 0)
			return true;
	return false;
}

static bool counts(const struct ds_component_model *configured, const struct ds_setting *s)
{
	enum ds_source_kind kind = configured->observed->kind;

	/* RKE2 runs the components as processes, with more flags than its configuration shows. */
	if (kind == DS_SOURCE_K3S)
		return false;
	return kind != DS_SOURCE_KUBEADM || !is_of_the_node(s->row);
}

static int compare_one(struct ds_arena *a, struct ds_component_model *m, struct ds_component_model *configured,
		       const struct ds_setting *x, const struct ds_setting *y)
{
	struct ds_difference d = {.configured_in = configured, .running = x, .configured = y};
	bool known = x->state != DS_SETTING_UNKNOWN && y->state != DS_SETTING_UNKNOWN;

	if (!known && !configured->observed->flags_unknown && configured->observed->kind != DS_SOURCE_KUBEADM &&
	    !m->undecided)
		m->undecided = x->state == DS_SETTING_UNKNOWN ? x : y;
	if (!known || (x->state == DS_SETTING_ABSENT && y->state == DS_SETTING_ABSENT) ||
	    (x->state == y->state && same_value(x, y)))
		return 0;
	return ds_vec_push(a, &m->differences, d);
}

int ds_configured_compare(struct ds_arena *a, struct ds_cluster *c)
{
	for (size_t i = 0; i < c->components.n; i++) {
		struct ds_component_model *m = c->components.v[i];

		for (size_t k = 0; k < m->configured.n; k++) {
			struct ds_component_model *other = m->configured.v[k];

			for (size_t s = 0; s < m->n_settings; s++) /* one row each, in the same order */
				if (counts(other, &other->settings[s]) &&
				    compare_one(a, m, other, &m->settings[s], &other->settings[s]) < 0)
					return DS_ENOMEM;
		}
	}
	return 0;
}
