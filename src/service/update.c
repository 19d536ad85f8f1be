#include "service/engine.h"

/* What a PUT may change. strategy.go:dropTypeDependentFields and validation.go:ValidateServiceUpdate. */

static bool same_opt(const struct ds_service_opt *a, const struct ds_service_opt *b)
{
	return a->set == b->set && ds_str_eq(a->s, b->s);
}

/* Whether every new node port was one of the old ones: the user did not ask for another. */
static bool kept_node_ports(struct ds__decision *d)
{
	struct ds__numbers old;

	if (ds__numbers_init(&old, d->arena, d->old->n_ports) < 0) {
		d->r = DS_ENOMEM;
		return false;
	}
	for (size_t i = 0; i < d->old->n_ports; i++)
		if (d->old->ports[i].node_port)
			(void)ds__numbers_add(&old, d->old->ports[i].node_port);
	for (size_t i = 0; i < d->svc.n_ports; i++)
		if (d->svc.ports[i].node_port && !ds__numbers_get(&old, d->svc.ports[i].node_port))
			return false;
	return true;
}

static void drop_node_ports(struct ds__decision *d)
{
	struct ds_service_port *ports;

	if (d->svc.n_ports == 0 || !kept_node_ports(d))
		return;
	ports = ds_arena_new_array(d->arena, d->svc.n_ports, struct ds_service_port);
	if (!ports) {
		d->r = DS_ENOMEM;
		return;
	}
	memcpy(ports, d->svc.ports, d->svc.n_ports * sizeof(*ports));
	for (size_t i = 0; i < d->svc.n_ports; i++)
		ports[i].node_port = 0;
	d->svc.ports = ports;
}

static void drop_addresses(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;
	const struct ds_service *old = d->old;

	if (ds_str_eq(s->cluster_ip, old->cluster_ip) && ds__list_eq(&s->cluster_ips, &old->cluster_ips)) {
		s->cluster_ip = (struct ds_str){"", 0};
		s->cluster_ips = (struct ds_service_list){0};
	}
	if (s->ip_families.set == old->ip_families.set && ds__list_eq(&s->ip_families, &old->ip_families))
		s->ip_families = (struct ds_service_list){0};
	/* strategy.go:sameIPFamilyPolicy: none is the same as an empty one */
	if (ds_str_eq(s->ip_family_policy.s, old->ip_family_policy.s))
		s->ip_family_policy = (struct ds_service_opt){0};
	ds__step(d, "unchanged addresses, families and policy are dropped with the type "
		    "(strategy.go:dropTypeDependentFields)");
}

void ds__drop_type_dependent(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;
	const struct ds_service *old = d->old;
	bool was_lb = DS__IS(old->type, "LoadBalancer"), is_lb = DS__IS(s->type, "LoadBalancer");

	if (!ds_service_is_external_name(old) && ds_service_is_external_name(s))
		drop_addresses(d);
	if (ds__needs_node_port(old) && !ds__needs_node_port(s))
		drop_node_ports(d);
	if (ds__needs_health_check(old) && !ds__needs_health_check(s) &&
	    s->health_check_node_port == old->health_check_node_port)
		s->health_check_node_port = 0;
	if (was_lb && !is_lb) {
		if (s->has_allocate_node_ports == old->has_allocate_node_ports &&
		    s->allocate_node_ports == old->allocate_node_ports)
			s->has_allocate_node_ports = s->allocate_node_ports = false;
		if (same_opt(&s->load_balancer_class, &old->load_balancer_class))
			s->load_balancer_class = (struct ds_service_opt){0};
	}
	if (ds__externally_accessible(d, old) && !ds__externally_accessible(d, s) &&
	    ds_str_eq(s->external_traffic_policy, old->external_traffic_policy))
		s->external_traffic_policy = (struct ds_str){"", 0};
}

/* The address or family error of an update; one release rule is worded and placed differently up to 1.22. */
static void release_error(struct ds__decision *d, const char *detail, const char *legacy_detail)
{
	if (ds__svc_has(d, DS__STORE_PIPELINE))
		ds__error(d, DS__INVALID, "spec.ipFamilyPolicy", ds__policy_value(&d->svc), detail);
	else
		ds__error(d, DS__INVALID, "spec.clusterIPs[0]", ds__strings(&d->svc.cluster_ips), legacy_detail);
}

static const char may_not_change[] = "may not change once set";

static void check_cluster_ips(struct ds__decision *d)
{
	const struct ds_service_list *now = &d->svc.cluster_ips, *was = &d->old->cluster_ips;

	if (ds_service_is_headless(&d->svc) && ds_service_is_headless(d->old))
		return;
	if (was->n == now->n) {
		for (size_t i = 0; i < was->n && d->error_bytes <= DS_LIMIT_SERVICE_ERROR_BYTES; i++)
			if (!ds_str_eq(was->v[i], now->v[i]))
				ds__error(d, DS__INVALID, ds__text(d, "spec.clusterIPs[%zu]", i), ds__strings(now),
					  may_not_change);
		return;
	}
	if (was->n > now->n && now->n == 0)
		ds__error(d, DS__INVALID, "spec.clusterIPs[0]", ds__strings(now), "primary clusterIP can not be unset");
	if (was->n && now->n && !ds_str_eq(was->v[0], now->v[0]))
		ds__error(d, DS__INVALID, "spec.clusterIPs[0]", ds__strings(now), may_not_change);
	if (was->n > now->n && now->n == 1 && !ds__policy_is(&d->svc, "SingleStack"))
		release_error(d, "must be set to 'SingleStack' when releasing the secondary clusterIP",
			      "`ipFamilyPolicy` must be set to 'SingleStack' when releasing the secondary clusterIP");
}

static void check_ip_families(struct ds__decision *d)
{
	const struct ds_service_list *now = &d->svc.ip_families, *was = &d->old->ip_families;
	static const char field[] = "spec.ipFamilies[0]"; /* whichever differs */

	if (ds_service_is_headless(&d->svc) || ds_service_is_headless(d->old))
		return;
	if (was->n == now->n) {
		for (size_t i = 0; i < was->n && d->error_bytes <= DS_LIMIT_SERVICE_ERROR_BYTES; i++)
			if (!ds_str_eq(was->v[i], now->v[i]))
				ds__error(d, DS__INVALID, field, ds__families(now), may_not_change);
		return;
	}
	if (was->n > now->n && d->svc.cluster_ips.n == 0)
		ds__error(d, DS__INVALID, field, ds__families(now), "primary ipFamily can not be unset");
	if (was->n && now->n && !ds_str_eq(was->v[0], now->v[0]))
		ds__error(d, DS__INVALID, field, ds__strings(&d->svc.cluster_ips), may_not_change);
	if (was->n > now->n && now->n == 1 && !ds__policy_is(&d->svc, "SingleStack"))
		release_error(d, "must be set to 'SingleStack' when releasing the secondary ipFamily",
			      "`ipFamilyPolicy` must be set to 'SingleStack' when releasing the secondary ipFamily");
}

void ds__validate_update(struct ds__decision *d)
{
	/* rest.BeforeUpdate and the strategy both look at the metadata. */
	ds__validate_meta_update(d);
	ds__validate_meta_update(d);
	if (!ds_service_is_external_name(&d->svc) && !ds_service_is_external_name(d->old)) {
		check_cluster_ips(d);
		check_ip_families(d);
	}
	ds__validate_load_balancer_class(d, d->old);
	if (ds__svc_has(d, DS__STORE_PIPELINE) && ds__needs_health_check(d->old) && ds__needs_health_check(&d->svc) &&
	    d->svc.health_check_node_port != d->old->health_check_node_port)
		ds__forbidden(d, "spec.healthCheckNodePort", "field is immutable");
	ds__validate(d);
}
