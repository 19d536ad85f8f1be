#include "report/topology.h"

#include "base/buf.h"
#include "report/nodes.h"
#include "report/say.h"
#include "yaml/scalar.h"

/* What was seen of one node. */
struct node {
	const char *name;
	bool named;
	const struct ds_object *object;      /* its Node, or NULL */
	const struct ds_kcm_node *pod_cidrs; /* of it, or NULL */
	DS_VEC(const struct ds_component_model *) components;
};

/* The one node of a host, as far as is told. */
struct host {
	const char *name;
	bool several;
};

struct nodes {
	struct ds_arena *a;
	struct ds_map hosts; /* to struct host, of those of which a node's name is known */
	struct ds_map by_key; /* "n" or "h", then the name */
	DS_VEC(struct node *) v;
};

static struct node *node_of(struct nodes *all, const char *name, bool named)
{
	const char *key = ds_arena_printf(all->a, "%c%s", named ? 'n' : 'h', name);
	struct node *n = key ? ds_map_get(&all->by_key, ds_str_from(key)) : NULL;

	if (n || !key)
		return n;
	n = ds_arena_new_obj(all->a, struct node);
	if (!n || ds_vec_push(all->a, &all->v, n) < 0 || ds_map_put(&all->by_key, ds_str_from(key), n) < 0)
		return NULL;
	n->name = name;
	n->named = named;
	return n;
}

static const char *name_of(const struct ds_component_model *m)
{
	return m->node_object && m->node_object->name[0] ? m->node_object->name : m->node;
}

/* What runs beside a kubelet is on its node; a source that belongs to no host says nothing. */
static int note_host(struct nodes *all, const struct ds_component_model *m)
{
	struct ds_str key = ds_str_from(m->observed->host);
	const char *name = name_of(m);
	struct host *h = ds_map_get(&all->hosts, key);

	if (!name || key.n == 0)
		return 0;
	if (h) {
		h->several |= strcmp(h->name, name) != 0;
		return 0;
	}
	h = ds_arena_new_obj(all->a, struct host);
	if (!h)
		return DS_ENOMEM;
	h->name = name;
	return ds_map_put(&all->hosts, key, h);
}

static int add_components(struct nodes *all, const struct ds_cluster *c)
{
	for (size_t i = 0; i < c->components.n; i++)
		if (note_host(all, c->components.v[i]) < 0)
			return DS_ENOMEM;
	for (size_t i = 0; i < c->components.n; i++) {
		const struct ds_component_model *m = c->components.v[i];
		const struct host *h = ds_map_get(&all->hosts, ds_str_from(m->observed->host));
		const char *name = name_of(m);
		struct node *n;

		if (m->observed->component == DS_KUBEADM)
			continue; /* a configuration of many, on none */
		if (!name && h && !h->several)
			name = h->name;
		n = node_of(all, name ? name : m->observed->host, name != NULL);
		if (!n || ds_vec_push(all->a, &n->components, m) < 0)
			return DS_ENOMEM;
		if (!n->object)
			n->object = m->node_object;
	}
	return 0;
}

static int add_objects(struct nodes *all, const struct ds_cluster *c)
{
	for (size_t i = 0; i < c->objects.n; i++) {
		const struct ds_object *o = c->objects.v[i];
		struct node *n;

		if (strcmp(o->kind, "Node") != 0 || !o->name[0])
			continue;
		n = node_of(all, o->name, true);
		if (!n)
			return DS_ENOMEM;
		if (!n->object)
			n->object = o;
	}
	for (size_t i = 0; i < c->node_blocks.n_nodes; i++) {
		const struct ds_kcm_node *k = &c->node_blocks.nodes[i];
		struct node *n = k->name[0] ? node_of(all, k->name, true) : NULL;

		if (k->name[0] && !n)
			return DS_ENOMEM;
		if (n)
			n->pod_cidrs = k;
	}
	return 0;
}

size_t ds_node_internal_ips(const struct ds_object *node, struct ds_ip *v, size_t n_max)
{
	const struct ds_yaml_node *list = ds_yaml_path(node->node, "status", "addresses", NULL);
	size_t n = 0;

	for (size_t i = 0; list && list->kind == DS_YAML_SEQUENCE && i < list->n; i++) {
		struct ds_str type, text;
		struct ds_ip ip;

		if (ds_yaml_as_string(ds_yaml_get(list->items[i], "type"), &type) < 0 ||
		    !ds_str_eqz(type, "InternalIP") ||
		    ds_yaml_as_string(ds_yaml_get(list->items[i], "address"), &text) < 0 ||
		    ds_ip_parse(text, DS_IP_SLOPPY, &ip) < 0)
			continue;
		if (n < n_max)
			v[n] = ip;
		n++;
	}
	return n;
}

/* ---- what a row of a node says ---- */

/* Addresses of one node that are looked at; it has one of each family. */
#define ADDRESSES_MAX 16

struct texts {
	struct ds_buf runs, refused, families, pod_families, addresses, pod_cidrs;
};

static void done(struct texts *t)
{
	ds_buf_done(&t->runs);
	ds_buf_done(&t->refused);
	ds_buf_done(&t->families);
	ds_buf_done(&t->pod_families);
	ds_buf_done(&t->addresses);
	ds_buf_done(&t->pod_cidrs);
}

static void add(struct ds_buf *b, struct ds_str s)
{
	ds_buf_addz(b, b->n ? ", " : "");
	ds_buf_adds(b, s);
}

/* A family, or why there is none, unless it stands there already. */
static void add_once(struct ds_buf *b, const char *text)
{
	struct ds_str name = ds_str_from(text);

	if (ds_str_search(ds_buf_str(b), name) == b->n)
		add(b, name);
}

static void say_component(struct texts *t, const struct ds_component_model *m, size_t n)
{
	char version[48];

	add(&t->runs, ds_str_from(ds_component_name(m->observed->component)));
	if (m->version_origin != DS_VERSION_ASSUMED) {
		ds_say_version(&m->version, version);
		ds_buf_printf(&t->runs, " %s", version);
	}
	if (n > 1)
		ds_buf_printf(&t->runs, " ×%zu", n);
	if (m->verdict.startup == DS_STARTUP_REFUSED)
		add(&t->refused, ds_str_from(ds_component_name(m->observed->component)));
}

static void say_components(struct texts *t, const struct node *n)
{
	for (int kind = 0; kind < DS_COMPONENT__COUNT; kind++) {
		const struct ds_component_model *first = NULL;
		size_t found = 0;

		for (size_t i = 0; i < n->components.n; i++) {
			if ((int)n->components.v[i]->observed->component != kind)
				continue;
			/* Of several, one that would not start is told of. */
			if (!first || n->components.v[i]->verdict.startup == DS_STARTUP_REFUSED)
				first = n->components.v[i];
			found++;
		}
		if (first)
			say_component(t, first, found);
	}
}

static void say_address(struct texts *t, const struct ds_ip *ip)
{
	char text[DS_IP_TEXT];

	add_once(&t->families, ds_family_name((enum ds_family)ip->family));
	add(&t->addresses, ds_str_from(ds_ip_format(ip, text)));
}

/* The Node tells which addresses it has; without one, the kubelet which it is given. */
static void say_addresses(struct texts *t, const struct node *n)
{
	struct ds_ip v[ADDRESSES_MAX];
	size_t k = n->object ? ds_node_internal_ips(n->object, v, ADDRESSES_MAX) : 0;

	for (size_t i = 0; i < k && i < ADDRESSES_MAX; i++)
		say_address(t, &v[i]);
	for (size_t i = 0; k == 0 && i < n->components.n; i++) {
		const struct ds_setting *s = ds_component_setting(n->components.v[i], "nodeIP");

		for (size_t e = 0; s && s->state == DS_SETTING_SET && e < s->n_entries && e < ADDRESSES_MAX; e++)
			if (s->entries[e].valid)
				say_address(t, &s->entries[e].ip);
	}
}

static void say_pod_cidrs(struct texts *t, const struct node *n)
{
	for (size_t i = 0; n->pod_cidrs && i < n->pod_cidrs->n && i < ADDRESSES_MAX; i++) {
		struct ds_cidr c;

		add(&t->pod_cidrs, n->pod_cidrs->cidrs[i]);
		add_once(&t->pod_families, ds_cidr_parse(n->pod_cidrs->cidrs[i], DS_IP_SLOPPY, &c) < 0
						   ? "not a network"
						   : ds_family_name((enum ds_family)ds_cidr_go(&c).ip.family));
	}
}

/* ---- groups ---- */

static const char *keep(struct ds_arena *a, const struct ds_buf *b, int *r)
{
	const char *s = b->n ? ds_buf_dup(b, a) : "";

	if (!s || b->err)
		*r = DS_ENOMEM;
	return s;
}

static int new_group(struct ds_arena *a, const struct ds_cluster *c, const struct node *n, const struct texts *t,
		     struct ds_node_group *g)
{
	int r = 0;

	*g = (struct ds_node_group){
		.named = n->named,
		.runs = keep(a, &t->runs, &r),
		.refused = keep(a, &t->refused, &r),
		.families = keep(a, &t->families, &r),
		.pod_families = n->pod_cidrs ? keep(a, &t->pod_families, &r) : NULL,
		.single_stack = n->pod_cidrs && ds_nodes_is_single_stack(c, n->pod_cidrs),
		.addresses = keep(a, &t->addresses, &r),
		.pod_cidrs = keep(a, &t->pod_cidrs, &r),
	};
	return r;
}

static int group_node(struct ds_arena *a, const struct ds_cluster *c, struct ds_map *seen, const struct node *n,
		      struct ds_topology *ret)
{
	_ds_buf_done_ struct ds_buf key = DS_BUF_INIT;
	DS_CLEANUP(done) struct texts t = {0};
	struct ds_node_group *g;
	size_t at;
	int r = 0;

	say_components(&t, n);
	say_addresses(&t, n);
	say_pod_cidrs(&t, n);
	ds_buf_printf(&key, "%d%d%d|", n->named, n->pod_cidrs != NULL,
		      n->pod_cidrs && ds_nodes_is_single_stack(c, n->pod_cidrs));
	ds_buf_adds(&key, ds_buf_str(&t.runs));
	ds_buf_addc(&key, '|');
	ds_buf_adds(&key, ds_buf_str(&t.refused));
	ds_buf_addc(&key, '|');
	ds_buf_adds(&key, ds_buf_str(&t.families));
	ds_buf_addc(&key, '|');
	ds_buf_adds(&key, ds_buf_str(&t.pod_families));
	at = (size_t)(uintptr_t)ds_map_get(seen, ds_buf_str(&key));
	if (at == 0) {
		const char *kept = ds_buf_dup(&key, a);

		g = ds_vec_add(a, &ret->nodes);
		if (!kept || !g)
			return DS_ENOMEM;
		r = new_group(a, c, n, &t, g);
		at = ret->nodes.n;
		if (r == 0)
			r = ds_map_put(seen, ds_str_n(kept, key.n), (void *)(uintptr_t)at);
	}
	g = &ret->nodes.v[at - 1];
	if (g->n < DS_GROUP_NAMES)
		g->names[g->n] = n->name;
	if (g->n++ > 0)
		g->addresses = g->pod_cidrs = NULL;
	return key.err ? DS_ENOMEM : r;
}

static int group_nodes(struct ds_arena *a, const struct ds_cluster *c, struct ds_topology *ret)
{
	struct nodes all = {.a = a};
	struct ds_map seen;
	int r;

	ds_map_init(&all.hosts, a);
	ds_map_init(&all.by_key, a);
	ds_map_init(&seen, a);
	r = add_components(&all, c);
	if (r == 0)
		r = add_objects(&all, c);
	for (size_t i = 0; r == 0 && i < all.v.n; i++)
		r = group_node(a, c, &seen, all.v.v[i], ret);
	ret->n_nodes = all.v.n;
	return r;
}

/* What the table of components says of one. */
static void component_key(const struct ds_component_model *m, struct ds_buf *key)
{
	char version[48];

	ds_say_version(&m->version, version);
	ds_buf_printf(key, "%d|%s|%d|%d|", (int)m->observed->component, version, (int)m->version_origin,
		      (int)m->verdict.startup);
	if (m->verdict.startup == DS_STARTUP_UNKNOWN && m->verdict.reason)
		ds_buf_addz(key, m->verdict.reason);
	for (size_t i = 0; i < m->verdict.errors.n; i++)
		ds_buf_printf(key, "|%s", m->verdict.errors.v[i].message);
}

static int group_components(struct ds_arena *a, const struct ds_cluster *c, struct ds_topology *ret)
{
	struct ds_map seen;

	ds_map_init(&seen, a);
	for (int kind = 0; kind < DS_COMPONENT__COUNT; kind++) {
		for (size_t i = 0; i < c->components.n; i++) {
			const struct ds_component_model *m = c->components.v[i];
			_ds_buf_done_ struct ds_buf key = DS_BUF_INIT;
			struct ds_component_group *g;
			const char *kept;
			size_t at;

			if ((int)m->observed->component != kind)
				continue;
			component_key(m, &key);
			at = (size_t)(uintptr_t)ds_map_get(&seen, ds_buf_str(&key));
			if (at) {
				ret->components.v[at - 1].n++;
				continue;
			}
			g = ds_vec_add(a, &ret->components);
			kept = ds_buf_dup(&key, a);
			if (!g || !kept)
				return DS_ENOMEM;
			*g = (struct ds_component_group){m, 1};
			if (ds_map_put(&seen, ds_str_n(kept, key.n), (void *)(uintptr_t)ret->components.n) < 0)
				return DS_ENOMEM;
		}
	}
	return 0;
}

int ds_topology(struct ds_arena *a, const struct ds_cluster *c, struct ds_topology *ret)
{
	int r;

	*ret = (struct ds_topology){0};
	r = group_nodes(a, c, ret);
	return r < 0 ? r : group_components(a, c, ret);
}
