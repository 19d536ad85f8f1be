#include "base/map.h"
#include "service/engine.h"

/* storage.go:normalizeClusterIPs: users may manage clusterIP or clusterIPs alone. */
static void single(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;
	struct ds_service_list one = {0};

	if (ds__list_own(d->arena, &one, 1) < 0) {
		d->r = DS_ENOMEM;
		return;
	}
	one.v[0] = s->cluster_ip;
	one.n = 1;
	s->cluster_ips = one;
}

void ds__normalize(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;
	const struct ds_service *old = d->old;

	if (!old) {
		if (s->cluster_ip.n && s->cluster_ips.n == 0) {
			single(d);
			ds__step(d, "clusterIPs is filled from clusterIP (storage.go:normalizeClusterIPs)");
		}
		return;
	}
	if (old->cluster_ips.n > 0 && s->cluster_ips.n == 0 && ds_str_eq(s->cluster_ip, old->cluster_ip))
		s->cluster_ips = old->cluster_ips;
	if (ds_str_eq(s->cluster_ip, old->cluster_ip))
		return;
	if (old->cluster_ip.n && s->cluster_ip.n == 0) {
		if (ds__list_eq(&s->cluster_ips, &old->cluster_ips)) {
			s->cluster_ips = (struct ds_service_list){0};
			ds__step(d, "clusterIP was cleared, so clusterIPs is too (storage.go:normalizeClusterIPs)");
		}
	} else if (ds__list_eq(&s->cluster_ips, &old->cluster_ips)) {
		single(d);
		ds__step(d, "clusterIP was changed, so clusterIPs follows it (storage.go:normalizeClusterIPs)");
	}
}

/* What patch_node_ports looks up, so that thousands of ports stay cheap. */
struct port_index {
	struct ds_map by_name; /* of the stored object: name to its last port */
	struct ds__numbers used;
};

static int index_ports(struct ds__decision *d, struct port_index *ret)
{
	const struct ds_service *s = &d->svc, *old = d->old;

	ds_map_init(&ret->by_name, d->arena);
	for (size_t i = 0; i < old->n_ports; i++)
		if (ds_map_put(&ret->by_name, old->ports[i].name, &old->ports[i]) < 0)
			return DS_ENOMEM;
	if (ds__numbers_init(&ret->used, d->arena, s->n_ports) < 0)
		return DS_ENOMEM;
	for (size_t i = 0; i < s->n_ports; i++)
		if (s->ports[i].node_port)
			(void)ds__numbers_add(&ret->used, s->ports[i].node_port);
	return 0;
}

/* The port of the same name keeps its number unless another port took it. */
static int patch_node_ports(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;
	struct ds_service_port *ports;
	struct port_index index;

	if (s->n_ports == 0 || d->old->n_ports == 0)
		return 0;
	ports = ds_arena_new_array(d->arena, s->n_ports, struct ds_service_port);
	if (!ports || index_ports(d, &index) < 0)
		return DS_ENOMEM;
	memcpy(ports, s->ports, s->n_ports * sizeof(*ports));
	for (size_t i = 0; i < s->n_ports; i++) {
		const struct ds_service_port *same;

		if (ports[i].node_port)
			continue;
		same = ds_map_get(&index.by_name, ports[i].name);
		if (same && same->node_port && ds__numbers_add(&index.used, same->node_port))
			ports[i].node_port = same->node_port;
	}
	s->ports = ports;
	return 0;
}

/* storage.go:needsNodePort, which from 1.30 minds allocateLoadBalancerNodePorts; strategy.go's namesake does not. */
static bool keeps_node_ports(const struct ds__decision *d, const struct ds_service *s)
{
	if (DS__IS(s->type, "LoadBalancer") && ds__svc_has(d, DS__PATCH_WANTED_PORTS))
		return !s->has_allocate_node_ports || s->allocate_node_ports;
	return ds__needs_node_port(s);
}

void ds__patch_allocated(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;
	const struct ds_service *old = d->old;

	if (!ds_service_is_external_name(s) && !ds_service_is_external_name(old)) {
		if (s->cluster_ip.n == 0 && old->cluster_ip.n) {
			s->cluster_ip = old->cluster_ip;
			ds__step(d, "clusterIP is kept from the stored object (storage.go:patchAllocatedValues)");
		}
		if (s->cluster_ips.n == 0 && old->cluster_ips.n) {
			s->cluster_ips = old->cluster_ips;
			ds__step(d, "clusterIPs is kept from the stored object (storage.go:patchAllocatedValues)");
		}
	}
	if (keeps_node_ports(d, s) && keeps_node_ports(d, old) && patch_node_ports(d) < 0)
		d->r = DS_ENOMEM;
	if (ds__needs_health_check(s) && ds__needs_health_check(old) && s->health_check_node_port == 0)
		s->health_check_node_port = old->health_check_node_port;
}
