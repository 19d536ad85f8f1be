#include "service/engine.h"

static const struct ds_str none = {"None", 4};
static const struct ds_str cluster = {"Cluster", 7};

static int default_ports(struct ds__decision *d, struct ds_service *s)
{
	struct ds_service_port *ports;
	bool needed = false;

	for (size_t i = 0; i < s->n_ports && !needed; i++)
		needed = s->ports[i].protocol.n == 0 ||
			 (s->ports[i].target_is_text ? s->ports[i].target_text.n == 0 : s->ports[i].target_number == 0);
	if (!needed)
		return 0;
	ports = ds_arena_new_array(d->arena, s->n_ports, struct ds_service_port);
	if (!ports)
		return DS_ENOMEM;
	memcpy(ports, s->ports, s->n_ports * sizeof(*ports));
	for (size_t i = 0; i < s->n_ports; i++) {
		struct ds_service_port *p = &ports[i];

		if (p->protocol.n == 0)
			p->protocol = DS_STR("TCP");
		if (p->target_is_text ? p->target_text.n == 0 : p->target_number == 0) {
			p->target_is_text = false;
			p->target_number = p->port;
		}
	}
	s->ports = ports;
	return 0;
}

/* 1.20 only, IPv6DualStack on: policy and families are static defaults. */
static int default_policy(struct ds__decision *d, struct ds_service *s)
{
	if (!d->dual_stack_gate || ds_service_is_external_name(s))
		return 0;
	if (!s->ip_family_policy.set && (s->cluster_ips.n == 2 || s->ip_families.n == 2))
		s->ip_family_policy = (struct ds_service_opt){DS_STR("RequireDualStack"), true};
	if (ds__policy_is(s, "RequireDualStack") && s->ip_families.n == 1) {
		enum ds_family f = ds__family_named(s->ip_families.v[0]);

		if (f == DS_FAMILY_NONE)
			return 0;
		if (ds__list_own(d->arena, &s->ip_families, 2) < 0)
			return DS_ENOMEM;
		s->ip_families.v[s->ip_families.n++] = ds__family_text(ds__other(f));
	}
	return 0;
}

static void default_affinity(struct ds_service *s)
{
	if (s->session_affinity.n == 0)
		s->session_affinity = none;
	if (DS__IS(s->session_affinity, "None"))
		s->has_affinity_config = s->has_client_ip = s->has_timeout = false;
	if (DS__IS(s->session_affinity, "ClientIP") &&
	    !(s->has_affinity_config && s->has_client_ip && s->has_timeout)) {
		s->has_affinity_config = s->has_client_ip = s->has_timeout = true;
		s->timeout = 10800;
	}
}

void ds__defaults(struct ds__decision *d, struct ds_service *s)
{
	default_affinity(s);
	if (s->type.n == 0)
		s->type = DS_STR("ClusterIP");
	if (default_ports(d, s) < 0)
		d->r = DS_ENOMEM;
	if (s->external_traffic_policy.n == 0 && ds__externally_accessible(d, s))
		s->external_traffic_policy = cluster;
	if (!s->internal_traffic_policy.set && ds__svc_has(d, DS__INTERNAL_POLICY) &&
	    (ds__needs_cluster_ip(s) ||
	     (ds_service_is_external_name(s) && ds__svc_has(d, DS__INTERNAL_POLICY_EXTERNAL_NAME))))
		s->internal_traffic_policy = (struct ds_service_opt){cluster, true};
	if (DS__IS(s->type, "LoadBalancer") && !s->has_allocate_node_ports && ds__svc_has(d, DS__LB_NODE_PORTS))
		s->has_allocate_node_ports = s->allocate_node_ports = true;
	if (ds__svc_has(d, DS__V1_DEFAULTS_POLICY) && default_policy(d, s) < 0)
		d->r = DS_ENOMEM;
}
