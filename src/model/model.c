#include "model/model.h"

#include "base/map.h"
#include "model/cni.h"
#include "model/configured.h"
#include "model/host.h"
#include "model/schema_priv.h"
#include "model/server.h"
#include "model/verdicts.h"
#include "model/version.h"
#include "yaml/scalar.h"

const struct ds_setting *ds_component_setting(const struct ds_component_model *c, const char *field)
{
	for (size_t i = 0; i < c->n_settings; i++)
		if (strcmp(c->settings[i].row->field, field) == 0)
			return &c->settings[i];
	return NULL;
}

/* ---- which components belong to one cluster ---- */

/*
 * A host belongs to the cluster that its controller manager names
 * (--cluster-name); kind, k3d and minikube put several such hosts on one
 * machine. Hosts without a controller manager belong to the only cluster
 * there is, or to the one whose name begins their nodes' names (kind calls
 * its nodes <cluster>-worker).
 */
struct grouping {
	const struct ds_facts *f;
	struct ds_model *model;
	struct ds_map host_cluster; /* host -> struct ds_cluster */
	struct ds_map named;        /* cluster name -> struct ds_cluster */
	struct ds_map host_models;  /* host -> struct ds_host_model */
};

static struct ds_cluster *cluster_named(struct grouping *g, struct ds_str name)
{
	struct ds_arena *a = g->f->ctx->arena;
	struct ds_cluster *c = ds_map_get(&g->named, name);

	if (c)
		return c;
	c = ds_arena_new_obj(a, struct ds_cluster);
	if (!c)
		return NULL;
	c->name = ds_arena_strndup(a, name.p, name.n);
	if (!c->name || ds_map_put(&g->named, ds_str_from(c->name), c) < 0 ||
	    ds_vec_push(a, &g->model->clusters, c) < 0)
		return NULL;
	return c;
}

static int name_hosts(struct grouping *g)
{
	for (size_t i = 0; i < g->f->components.n; i++) {
		const struct ds_observed *o = g->f->components.v[i];
		const struct ds_flag_use *name;
		struct ds_cluster *c;

		if (o->component != DS_KUBE_CONTROLLER_MANAGER)
			continue;
		name = ds_cmdline_last(&o->cmdline, "cluster-name");
		c = cluster_named(g, name && name->value.n ? name->value : DS_STR("kubernetes"));
		if (!c)
			return DS_ENOMEM;
		if (!ds_map_get(&g->host_cluster, ds_str_from(o->host)) &&
		    ds_map_put(&g->host_cluster, ds_str_from(o->host), c) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

static struct ds_cluster *cluster_of_host(struct grouping *g, const char *host, const char *node)
{
	struct ds_cluster *c = ds_map_get(&g->host_cluster, ds_str_from(host));

	if (c)
		return c;
	if (g->model->clusters.n == 0)
		return cluster_named(g, DS_STR("kubernetes"));
	if (g->model->clusters.n == 1)
		return g->model->clusters.v[0];
	for (size_t i = 0; node && i < g->model->clusters.n; i++) {
		c = g->model->clusters.v[i];
		if (ds_str_starts(ds_str_from(node), c->name) && node[strlen(c->name)] == '-')
			return c;
	}
	return cluster_named(g, DS_STR("(cluster not known)"));
}

/* ---- components ---- */

static const char *node_name(struct ds_arena *a, const struct ds_observed *o)
{
	const struct ds_flag_use *name;

	if (o->node)
		return o->node;
	name = ds_cmdline_last(&o->cmdline, "hostname-override");
	if (!name || name->value.n == 0 || name->unresolved)
		return NULL;
	return ds_arena_strndup(a, name->value.p, name->value.n);
}

/* The host's record in the cluster of whoever is first there; *ret is NULL when nothing is known of it. */
static int use_host(struct grouping *g, struct ds_cluster *c, const struct ds_host *h, const char *node,
		    struct ds_host_model **ret)
{
	struct ds_arena *a = g->f->ctx->arena;

	*ret = NULL;
	if (!ds_host_is_seen(h))
		return 0;
	*ret = ds_map_get(&g->host_models, ds_str_from(h->name));
	if (!*ret) {
		*ret = ds_arena_new_obj(a, struct ds_host_model);
		if (!*ret || ds_map_put(&g->host_models, ds_str_from(h->name), *ret) < 0 ||
		    ds_vec_push(a, &c->hosts, *ret) < 0)
			return DS_ENOMEM;
		(*ret)->facts = h;
		(*ret)->name = h->node;
	}
	if (!(*ret)->name)
		(*ret)->name = node;
	return 0;
}

/* Hosts of bundles that hold no processes, and what rules see of all. */
static int finish_hosts(struct grouping *g)
{
	for (size_t i = 0; g->model->clusters.n && i < g->f->hosts.n; i++) {
		const struct ds_host *h = g->f->hosts.v[i];
		struct ds_cluster *c = cluster_of_host(g, h->name, h->node);
		struct ds_host_model *m;
		int r = c ? use_host(g, c, h, NULL, &m) : DS_ENOMEM;

		if (r == 0 && m && !m->name)
			m->name = h->name;
		if (r == 0 && m)
			r = ds_schema_host(g->f->ctx->arena, m);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_component(struct grouping *g, const struct ds_observed *o)
{
	struct ds_arena *a = g->f->ctx->arena;
	struct ds_component_model *m = ds_arena_new_obj(a, struct ds_component_model);
	struct ds_host_model *host;
	struct ds_cluster *c;

	if (!m)
		return DS_ENOMEM;
	m->observed = o;
	m->node = node_name(a, o);
	c = cluster_of_host(g, o->host, m->node);
	if (!c || use_host(g, c, ds_facts_find_host(g->f, o->host), m->node, &host) < 0)
		return DS_ENOMEM;
	m->host = host;
	return ds_vec_push(a, &c->components, m);
}

/* Which flags there are depends on the version, and that is known only now: the
 * command line is read again if it was read by another's, and the settings from it. */
static int read_settings(struct ds_arena *a, struct ds_component_model *m)
{
	unsigned minor = ds_kube_version_nearest(&m->version);

	if (m->observed->args && m->observed->cmdline.minor != minor) {
		struct ds_observed *o = ds_arena_new_obj(a, struct ds_observed);
		int r;

		if (!o)
			return DS_ENOMEM;
		*o = *m->observed;
		r = ds_cmdline_parse(a, o->component, minor, o->args, o->n_args, &o->cmdline);
		if (r < 0)
			return r;
		o->cmdline.truncated = m->observed->cmdline.truncated;
		o->cmdline.guessed = m->observed->cmdline.guessed;
		m->observed = o;
	}
	return ds_settings_resolve(a, m->observed, &m->settings, &m->n_settings);
}

static int resolve(struct ds_arena *a, struct ds_cluster *c)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->components.n; i++)
		r = read_settings(a, c->components.v[i]);
	for (size_t i = 0; r == 0 && i < c->configured.n; i++)
		r = read_settings(a, c->configured.v[i]);
	return r < 0 ? r : ds_configured_compare(a, c);
}

static int group(struct grouping *g)
{
	struct ds_arena *a = g->f->ctx->arena;
	int r = name_hosts(g);

	for (size_t i = 0; r == 0 && i < g->f->components.n; i++)
		if (ds_component_is_audited(g->f->components.v[i]->component) ||
		    g->f->components.v[i]->component == DS_KUBEADM)
			r = add_component(g, g->f->components.v[i]);
	for (size_t i = 0; r == 0 && i < g->f->objects.n; i++) {
		struct ds_cluster *c = cluster_of_host(g, g->f->objects.v[i].host, NULL);

		r = c ? ds_vec_push(a, &c->objects, &g->f->objects.v[i]) : DS_ENOMEM;
	}
	/* Something merely seen makes no cluster of its own. */
	for (size_t i = 0; r == 0 && g->model->clusters.n && i < g->f->seen.n; i++) {
		struct ds_cluster *c = cluster_of_host(g, g->f->seen.v[i].host, NULL);

		r = c ? ds_vec_push(a, &c->seen, &g->f->seen.v[i]) : DS_ENOMEM;
	}
	for (size_t i = 0; r == 0 && g->model->clusters.n && i < g->f->files.n; i++) {
		const struct ds_host *h = ds_facts_find_host(g->f, g->f->files.v[i].host);
		struct ds_cluster *c = cluster_of_host(g, g->f->files.v[i].host, h ? h->node : NULL);

		r = c ? ds_vec_push(a, &c->files, &g->f->files.v[i]) : DS_ENOMEM;
	}
	return r < 0 ? r : finish_hosts(g);
}

/* The Node that each component runs on: by its name, else the only one that came with its host. */
static int find_nodes(struct ds_arena *a, struct ds_cluster *c)
{
	static const struct ds_object several;
	struct ds_map by_name, by_host;

	ds_map_init(&by_name, a);
	ds_map_init(&by_host, a);
	for (size_t i = 0; i < c->objects.n; i++) {
		const struct ds_object *o = c->objects.v[i];
		struct ds_str name = ds_str_from(o->name), host = ds_str_from(o->host);
		const struct ds_object *first = ds_map_get(&by_host, host);

		if (strcmp(o->kind, "Node") != 0)
			continue;
		if ((!ds_map_get(&by_name, name) && ds_map_put(&by_name, name, (void *)(uintptr_t)o) < 0) ||
		    ds_map_put(&by_host, host, (void *)(uintptr_t)(first ? &several : o)) < 0)
			return DS_ENOMEM;
	}
	for (size_t i = 0; i < c->components.n + c->configured.n; i++) {
		struct ds_component_model *m = i < c->components.n ? c->components.v[i]
								   : c->configured.v[i - c->components.n];
		const struct ds_object *o = m->node ? ds_map_get(&by_name, ds_str_from(m->node))
						    : ds_map_get(&by_host, ds_str_from(m->observed->host));

		m->node_object = o == &several ? NULL : o;
	}
	return 0;
}

/* ---- what it adds up to ---- */

static int ranges_from(struct ds_arena *a, const struct ds_component_model *m, const struct ds_setting *s,
		       struct ds_ranges *ret)
{
	ret->v = ds_arena_new_array(a, s->n_entries, struct ds_cidr);
	if (!ret->v)
		return DS_ENOMEM;
	for (size_t i = 0; i < s->n_entries; i++)
		if (s->entries[i].valid)
			ret->v[ret->n++] = ds_cidr_masked(&s->entries[i].cidr);
	ret->known = true;
	ret->loc = s->loc;
	ret->from = m->observed->component;
	return 0;
}

struct range_source {
	enum ds_component component;
	const char *field;
};

/* The first source in order that says it; a source that is there but cannot be read makes it unknown. */
static int find_ranges(struct ds_arena *a, const struct ds_cluster *c, const struct range_source *order, size_t n,
		       const char *none, struct ds_ranges *ret)
{
	*ret = (struct ds_ranges){.reason = none};
	for (size_t k = 0; k < n; k++) {
		for (size_t i = 0; i < c->components.n; i++) {
			const struct ds_component_model *m = c->components.v[i];
			const struct ds_setting *s;

			if (m->observed->component != order[k].component)
				continue;
			s = ds_component_setting(m, order[k].field);
			if (!s)
				continue;
			if (s->state == DS_SETTING_SET && s->n_entries > 0 &&
			    (s->valid || s->row->flags & DS_SETTING_DROP_BAD))
				return ranges_from(a, m, s, ret);
			/* The source that decides says why; a lesser one does not override it. */
			if (ret->reason == none &&
			    (s->state == DS_SETTING_UNKNOWN || (s->state == DS_SETTING_SET && !s->valid))) {
				const char *why = s->state == DS_SETTING_UNKNOWN ? s->reason : s->error;

				ret->reason = ds_arena_printf(a, "%s: %s", ds_component_name(order[k].component), why);
				if (!ret->reason)
					return DS_ENOMEM;
			}
		}
	}
	return 0;
}

static void families_of_ranges(const struct ds_ranges *r, struct ds_families *ret)
{
	*ret = (struct ds_families){.known = r->known, .reason = r->reason, .loc = r->loc};
	for (size_t i = 0; i < r->n && ret->n < 2; i++)
		if (ret->n == 0 || ret->v[0] != r->v[i].ip.family)
			ret->v[ret->n++] = r->v[i].ip.family;
}

/* Where no --cluster-cidr tells, the network plugin may. */
static void families_of_plugins(const struct ds_cluster *c, struct ds_families *ret)
{
	for (size_t i = 0; !ret->known && i < c->cni.n; i++) {
		if (!c->cni.v[i]->families.known)
			continue;
		*ret = c->cni.v[i]->families;
		ret->loc = c->cni.v[i]->loc;
	}
}

static void add_family(struct ds_families *f, enum ds_family family)
{
	f->known = true;
	if (f->n < 2 && (f->n == 0 || f->v[0] != family))
		f->v[f->n++] = family;
}

/*
 * A kubelet without --node-ip takes one of its host's addresses: the family is
 * known where the host has but one. Otherwise name resolution has a say in it,
 * or the cloud provider.
 */
static void family_of_host(const struct ds_component_model *m, const struct ds_setting *node_ip, struct ds_families *ret)
{
	const struct ds_setting *cloud = ds_component_setting(m, "cloudProvider");
	enum ds_family v[2];
	size_t n;

	if (!m->host || m->observed->flags_unknown || m->observed->cmdline.truncated || !node_ip ||
	    node_ip->state == DS_SETTING_UNKNOWN || !cloud || cloud->state == DS_SETTING_UNKNOWN ||
	    (cloud->state == DS_SETTING_SET && cloud->raw.n))
		return;
	if (node_ip->state == DS_SETTING_SET)
		for (size_t k = 0; k < node_ip->n_entries; k++)
			if (!node_ip->entries[k].valid || !ds_ip_is_unspecified(&node_ip->entries[k].ip))
				return;
	n = ds_host_global_families(m->host->facts, v);
	if (n != 1)
		return;
	if (ret->n == 0)
		ret->loc = m->host->facts->loc;
	add_family(ret, v[0]);
}

/* Node families: what --node-ip and Node objects say, and hosts where neither does. */
static void find_node_families(const struct ds_cluster *c, struct ds_families *ret)
{
	*ret = (struct ds_families){.reason = "no kubelet with --node-ip and no Node object was seen"};
	for (size_t i = 0; i < c->components.n; i++) {
		const struct ds_component_model *m = c->components.v[i];
		const struct ds_setting *s;

		if (m->observed->component != DS_KUBELET)
			continue;
		s = ds_component_setting(m, "nodeIP");
		for (size_t k = 0; s && s->state == DS_SETTING_SET && k < s->n_entries; k++) {
			if (!s->entries[k].valid || ds_ip_is_unspecified(&s->entries[k].ip))
				continue;
			if (ret->n == 0)
				ret->loc = s->loc;
			add_family(ret, s->entries[k].ip.family);
		}
		family_of_host(m, s, ret);
	}
	for (size_t i = 0; i < c->objects.n; i++) {
		const struct ds_yaml_node *list;

		if (strcmp(c->objects.v[i]->kind, "Node") != 0)
			continue;
		list = ds_yaml_path(c->objects.v[i]->node, "status", "addresses", NULL);
		for (size_t k = 0; list && list->kind == DS_YAML_SEQUENCE && k < list->n; k++) {
			struct ds_str type, text;
			struct ds_ip ip;

			if (ds_yaml_as_string(ds_yaml_get(list->items[k], "type"), &type) == 0 &&
			    ds_str_eqz(type, "InternalIP") &&
			    ds_yaml_as_string(ds_yaml_get(list->items[k], "address"), &text) == 0 &&
			    ds_ip_parse(text, DS_IP_SLOPPY, &ip) == 0)
				add_family(ret, ip.family);
		}
	}
}

static const char no_pods[] = "no --cluster-cidr was seen; the network plugin may have its own pod ranges";

static int derive(struct ds_arena *a, struct ds_cluster *c)
{
	static const struct range_source services[] = {
		{DS_KUBE_APISERVER, "serviceClusterIPRange"},
		{DS_KUBE_CONTROLLER_MANAGER, "serviceClusterIPRange"},
	};
	static const struct range_source pods[] = {
		{DS_KUBE_CONTROLLER_MANAGER, "clusterCIDR"},
		{DS_KUBE_PROXY, "clusterCIDR"},
	};
	int r = find_ranges(a, c, services, DS_ARRAY_SIZE(services),
			    "neither a kube-apiserver nor a kube-controller-manager with a Service range was seen",
			    &c->services);

	if (r == 0)
		r = find_ranges(a, c, pods, DS_ARRAY_SIZE(pods),
				no_pods, &c->pods);
	families_of_ranges(&c->services, &c->service_families);
	families_of_ranges(&c->pods, &c->pod_families);
	if (c->pods.reason == no_pods)
		families_of_plugins(c, &c->pod_families);
	find_node_families(c, &c->node_families);
	return r < 0 ? r : ds_cluster_service_network(a, c);
}

int ds_model_build(const struct ds_facts *f, const struct ds_schema *schema, const struct ds_model_options *o,
		   struct ds_model *ret)
{
	struct ds_arena *a = f->ctx->arena;
	struct grouping g = {.f = f, .model = ret};
	int r;

	*ret = (struct ds_model){0};
	ds_map_init(&g.host_cluster, a);
	ds_map_init(&g.named, a);
	ds_map_init(&g.host_models, a);
	r = group(&g);
	for (size_t i = 0; r == 0 && i < ret->clusters.n; i++) {
		struct ds_cluster *c = ret->clusters.v[i];

		c->node_blocks.shown = o->node_blocks;
		r = ds_configured_pair(a, c);
		if (r == 0)
			r = find_nodes(a, c);
		if (r == 0)
			r = ds_cluster_version(f->ctx, c, o);
		if (r == 0)
			r = ds_cni_find(a, c);
		if (r == 0)
			r = resolve(a, c);
		if (r == 0)
			r = ds_verdicts_fill(f, c);
		if (r == 0)
			r = derive(a, c);
		if (r == 0)
			r = ds_schema_values(a, schema, c);
	}
	return r;
}
