#include "report/report.h"

#include "report/json.h"
#include "report/service_json.h"

/* ---- the usual Services ---- */

struct shape {
	const char *name;
	const char *title;
	bool headless, selector;
};

static const struct shape shapes[] = {
	{"clusterip", "ClusterIP", false, true},
	{"headless", "headless", true, true},
	{"headless-selectorless", "headless, no selector", true, false},
};

static const struct {
	const char *suffix, *text;
} policies[] = {
	{"default", NULL},
	{"singlestack", "SingleStack"},
	{"preferdualstack", "PreferDualStack"},
	{"requiredualstack", "RequireDualStack"},
};

static const struct {
	const char *suffix, *title;
	const char *v[2];
	size_t n;
} family_choices[] = {
	{"", NULL, {NULL, NULL}, 0},
	{"-ipv4", "IPv4", {"IPv4", NULL}, 1},
	{"-ipv6", "IPv6", {"IPv6", NULL}, 1},
	{"-ipv4-ipv6", "IPv4,IPv6", {"IPv4", "IPv6"}, 2},
	{"-ipv6-ipv4", "IPv6,IPv4", {"IPv6", "IPv4"}, 2},
};

static int list_of(struct ds_arena *a, const char *const *v, size_t n, struct ds_service_list *ret)
{
	*ret = (struct ds_service_list){.v = ds_arena_new_array(a, n, struct ds_str), .n = n, .set = n > 0};
	if (!ret->v)
		return DS_ENOMEM;
	for (size_t i = 0; i < n; i++)
		ret->v[i] = ds_str_from(v[i]);
	return 0;
}

static int add_item(struct ds_arena *a, const struct ds_service_cluster *cluster, const struct shape *s, size_t policy,
		    size_t families, struct ds_preview *p)
{
	static const char *const none[] = {"None"};
	struct ds_service_options options = {.explain = true};
	struct ds_service_port *port = ds_arena_new_obj(a, struct ds_service_port);
	struct ds_service_pair *pair = ds_arena_new_obj(a, struct ds_service_pair);
	struct ds_preview_item *item = ds_vec_add(a, &p->items);
	struct ds_service svc = {.namespace_ = DS_STR("default"), .ports = port, .n_ports = 1};
	int r;

	if (!port || !pair || !item)
		return DS_ENOMEM;
	item->ns = "default";
	item->name = ds_arena_printf(a, "%s-%s%s", s->name, policies[policy].suffix, family_choices[families].suffix);
	item->operation = "create";
	item->shape = s->title;
	item->policy = policies[policy].text;
	item->families = family_choices[families].title;
	if (!item->name)
		return DS_ENOMEM;
	svc.name = ds_str_from(item->name);
	port->port = 80;
	*pair = (struct ds_service_pair){DS_STR("app"), DS_STR("example")};
	if (s->selector)
		svc.selector = (struct ds_service_map){pair, 1, true};
	if (policies[policy].text)
		svc.ip_family_policy = (struct ds_service_opt){ds_str_from(policies[policy].text), true};
	r = list_of(a, family_choices[families].v, family_choices[families].n, &svc.ip_families);
	if (r == 0 && s->headless) {
		svc.cluster_ip = DS_STR("None");
		r = list_of(a, none, 1, &svc.cluster_ips);
	}
	if (r < 0)
		return r;
	return ds_service_create(a, cluster, &svc, &options, &item->outcome);
}

int ds_preview_matrix(struct ds_arena *a, const struct ds_service_cluster *cluster,
		      const struct ds_kube_version *version, bool full, struct ds_preview *ret)
{
	*ret = (struct ds_preview){.version = *version, .n_ranges = cluster->n_ranges};
	for (size_t i = 0; i < cluster->n_ranges && i < 2; i++)
		ret->ranges[i] = cluster->ranges[i];
	for (size_t p = 0; p < DS_ARRAY_SIZE(policies); p++)
		for (size_t f = 0; f < (full ? DS_ARRAY_SIZE(family_choices) : 1); f++)
			for (size_t s = 0; s < DS_ARRAY_SIZE(shapes); s++) {
				int r = add_item(a, cluster, &shapes[s], p, f, ret);

				if (r < 0)
					return r;
			}
	return 0;
}

/* ---- JSON ---- */

void ds_preview_json(const struct ds_preview *p, struct ds_out *out)
{
	struct ds_json j;

	ds_json_init(&j, out);
	ds_service_json_preview(&j, p);
}
