#include "service/engine.h"

/* pkg/apis/core/validation/validation.go:validateService; the order of the errors is Kubernetes'. */

static void check_external_name(struct ds__decision *d)
{
	static const char detail[] = "may not be set for ExternalName services";
	const struct ds_service *s = &d->svc;
	struct ds_str name = s->external_name;

	if (s->cluster_ips.n)
		ds__forbidden(d, "spec.clusterIPs", detail);
	if (s->ip_families.n)
		ds__forbidden(d, "spec.ipFamilies", detail);
	if (s->ip_family_policy.set)
		ds__forbidden(d, "spec.ipFamilyPolicy", detail);
	if (name.n && name.p[name.n - 1] == '.')
		name.n--;
	if (name.n)
		ds__dns1123_subdomain(d, name, "spec.externalName");
	else
		ds__required(d, "spec.externalName");
}

static void check_kubelet_port(struct ds__decision *d)
{
	if (!ds__svc_has(d, DS__KUBELET_PORT))
		return;
	for (size_t i = 0; i < d->svc.n_ports; i++)
		if (d->svc.ports[i].port == 10250)
			ds__error(d, DS__INVALID, ds__text(d, "spec.ports[%zu]", i), ds__number(10250),
				  "may not expose port 10250 externally since it is used by kubelet");
}

static void check_type_rules(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;

	if (DS__IS(s->type, "LoadBalancer")) {
		check_kubelet_port(d);
		if (ds_service_is_headless(s))
			ds__error(d, DS__INVALID, "spec.clusterIPs[0]", ds__str(s->cluster_ips.v[0]),
				  "may not be set to 'None' for LoadBalancer services");
	} else if (DS__IS(s->type, "NodePort")) {
		if (ds_service_is_headless(s))
			ds__error(d, DS__INVALID, "spec.clusterIPs[0]", ds__str(s->cluster_ips.v[0]),
				  "may not be set to 'None' for NodePort services");
	} else if (ds_service_is_external_name(s)) {
		check_external_name(d);
	}
}

static void check_affinity(struct ds__decision *d)
{
	static const char *const known[] = {"ClientIP", "None", NULL};
	const struct ds_service *s = &d->svc;

	if (s->session_affinity.n == 0)
		ds__required(d, "spec.sessionAffinity");
	else if (!DS__IS(s->session_affinity, "None") && !DS__IS(s->session_affinity, "ClientIP"))
		ds__not_supported(d, "spec.sessionAffinity", s->session_affinity, known);
	if (DS__IS(s->session_affinity, "ClientIP") && (s->timeout <= 0 || s->timeout > 86400))
		ds__error(d, DS__INVALID, "spec.sessionAffinityConfig.clientIP.timeoutSeconds", ds__number(s->timeout),
			  "must be greater than 0 and less than 86400");
}

static void check_type(struct ds__decision *d)
{
	static const char *const known[] = {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort", NULL};
	const struct ds_service *s = &d->svc;

	if (!ds__needs_cluster_ip(s) && !ds_service_is_external_name(s))
		ds__not_supported(d, "spec.type", s->type, known);
	if (!DS__IS(s->type, "ClusterIP"))
		return;
	for (size_t i = 0; i < s->n_ports; i++)
		if (s->ports[i].node_port)
			ds__forbidden(d, ds__text(d, "spec.ports[%zu].nodePort", i),
				      "may not be used when `type` is 'ClusterIP'");
}

static void check_load_balancer_ports(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;
	bool is_lb = DS__IS(s->type, "LoadBalancer");

	if (!ds__svc_has(d, DS__LB_NODE_PORTS))
		return;
	if (s->has_allocate_node_ports && !is_lb)
		ds__forbidden(d, "spec.allocateLoadBalancerNodePorts",
			      "may only be used when `type` is 'LoadBalancer'");
	if (is_lb && !s->has_allocate_node_ports)
		ds__required(d, "allocateLoadBalancerNodePorts");
}

void ds__validate_load_balancer_class(struct ds__decision *d, const struct ds_service *old)
{
	const struct ds_service_opt *class = &d->svc.load_balancer_class;
	bool is_lb = DS__IS(d->svc.type, "LoadBalancer");

	if (!ds__svc_has(d, DS__LB_CLASS))
		return;
	if (old && is_lb && DS__IS(old->type, "LoadBalancer") &&
	    (class->set != old->load_balancer_class.set || !ds_str_eq(class->s, old->load_balancer_class.s)))
		ds__error(d, DS__INVALID, "spec.loadBalancerClass",
			  (struct ds__value){.kind = class->set ? DS__V_NAMED : DS__V_NIL, .s = class->s},
			  "may not change once set");
	if (!class->set)
		return;
	if (is_lb)
		ds__qualified_name(d, class->s, class->s, "spec.loadBalancerClass");
	else
		ds__forbidden(d, "spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'");
}

static void check_health_port(struct ds__decision *d)
{
	int32_t port = d->svc.health_check_node_port;

	if (!ds__needs_health_check(&d->svc)) {
		if (port)
			ds__error(
			    d, DS__INVALID, "spec.healthCheckNodePort", ds__number(port),
			    "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
	} else if (port == 0) {
		ds__required(d, "spec.healthCheckNodePort");
	} else if (port != DS__CHOSEN_NODE_PORT) {
		ds__port_number(d, port, "spec.healthCheckNodePort");
	}
}

static const char *const traffic_policies[] = {"Cluster", "Local", NULL};

static bool is_traffic_policy(struct ds_str s)
{
	return DS__IS(s, "Cluster") || DS__IS(s, "Local");
}

static void check_external_policy(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;
	struct ds_str policy = s->external_traffic_policy;

	if (!ds__externally_accessible(d, s)) {
		if (policy.n)
			ds__error(d, DS__INVALID, "spec.externalTrafficPolicy", ds__named(policy),
				  ds__svc_has(d, DS__ACCESSIBLE_TEXT)
				      ? "may only be set for externally-accessible services"
				      : "may only be set when `type` is 'NodePort' or 'LoadBalancer'");
	} else if (policy.n == 0) {
		ds__required(d, "spec.externalTrafficPolicy");
	} else if (!is_traffic_policy(policy)) {
		ds__not_supported(d, "spec.externalTrafficPolicy", policy, traffic_policies);
	}
	check_health_port(d);
}

void ds__validate_external_combination(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;

	if (!ds__needs_node_port(s) && s->external_traffic_policy.n)
		ds__error(d, DS__INVALID, "spec.externalTrafficPolicy", ds__named(s->external_traffic_policy),
			  "ExternalTrafficPolicy can only be set on NodePort and LoadBalancer service");
	if (!ds__needs_health_check(s) && s->health_check_node_port)
		ds__error(
		    d, DS__INVALID, "spec.healthCheckNodePort", ds__number(s->health_check_node_port),
		    "HealthCheckNodePort can only be set on LoadBalancer service with ExternalTrafficPolicy=Local");
}

/* Up to 1.22: validateServiceExternalTrafficFieldsValue. */
static void check_external_policy_value(struct ds__decision *d)
{
	struct ds_str policy = d->svc.external_traffic_policy;
	int32_t port = d->svc.health_check_node_port;

	if (policy.n && !is_traffic_policy(policy))
		ds__error(d, DS__INVALID, "spec.externalTrafficPolicy", ds__named(policy),
			  "ExternalTrafficPolicy must be empty, Cluster or Local");
	if (port < 0 && port != DS__CHOSEN_NODE_PORT)
		ds__error(d, DS__INVALID, "spec.healthCheckNodePort", ds__number(port),
			  "HealthCheckNodePort must be not less than 0");
}

static void check_internal_policy(struct ds__decision *d)
{
	const struct ds_service_opt *policy = &d->svc.internal_traffic_policy;

	if (!ds__svc_has(d, DS__INTERNAL_POLICY))
		return;
	if (!policy->set) {
		if (ds__needs_cluster_ip(&d->svc))
			ds__required(d, "spec.internalTrafficPolicy");
	} else if (!is_traffic_policy(policy->s)) {
		ds__not_supported(d, "spec.internalTrafficPolicy", policy->s, traffic_policies);
	}
}

static bool has_mixed_protocols(const struct ds_service *s)
{
	for (size_t i = 1; s && i < s->n_ports; i++)
		if (!ds_str_eq(s->ports[i].protocol, s->ports[0].protocol))
			return true;
	return false;
}

/* conditional_validation.go:validateMixedProtocolLBService; the gate MixedProtocolLBService is off up to 1.23. */
static void check_one_protocol(struct ds__decision *d)
{
	if (DS__IS(d->svc.type, "LoadBalancer") && ds__svc_has(d, DS__ONE_PROTOCOL) && has_mixed_protocols(&d->svc) &&
	    !has_mixed_protocols(d->old))
		ds__error(d, DS__INVALID, "spec.ports", (struct ds__value){.kind = DS__V_PORTS, .svc = &d->svc},
			  "may not contain more than 1 protocol when type is 'LoadBalancer'");
}

static void check_traffic_distribution(struct ds__decision *d)
{
	static const char *const close[] = {"PreferClose", NULL};
	static const char *const zones[] = {"PreferClose", "PreferSameZone", "PreferSameNode", NULL};
	const struct ds_service_opt *given = &d->svc.traffic_distribution;
	const char *const *known = ds__svc_has(d, DS__TRAFFIC_DISTRIBUTION_ZONES) ? zones : close;

	if (!given->set || !ds__svc_has(d, DS__TRAFFIC_DISTRIBUTION))
		return;
	for (size_t i = 0; known[i]; i++)
		if (ds_str_eqz(given->s, known[i]))
			return;
	ds__not_supported(d, "spec.trafficDistribution", given->s, known);
}

void ds__validate(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;

	ds__validate_meta(d);
	if (s->n_ports == 0 && !ds_service_is_headless(s) && !ds_service_is_external_name(s))
		ds__required(d, "spec.ports");
	check_type_rules(d);
	ds__validate_ports(d);
	ds__validate_labels(d, &s->selector, "spec.selector");
	check_affinity(d);
	ds__validate_cluster_ips(d);
	ds__validate_external_ips(d);
	check_type(d);
	ds__validate_duplicate_ports(d);
	ds__validate_source_ranges(d);
	check_load_balancer_ports(d);
	ds__validate_load_balancer_class(d, NULL);
	if (ds__svc_has(d, DS__EXTERNAL_POLICY))
		check_external_policy(d);
	else
		check_external_policy_value(d);
	check_internal_policy(d);
	check_traffic_distribution(d);
	check_one_protocol(d);
}
