#include "base/err.h"
#include "service/engine.h"

/*
 * Kubernetes 1.20 to 1.22: pkg/registry/core/service/storage/rest.go wraps the
 * store. Validation comes first here, families and addresses after it.
 */

static bool uses_dual_stack(const struct ds_service *s)
{
	return s && (s->ip_family_policy.set || s->ip_families.n > 0 || s->cluster_ips.n > 1);
}

/* strategy.go:dropServiceDisabledFields */
static void drop_disabled(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;

	if (d->dual_stack_gate || uses_dual_stack(d->old))
		return;
	if (uses_dual_stack(s))
		ds__step(d, "IPv6DualStack is off: policy, families and a second address are dropped "
			    "(strategy.go:dropServiceDisabledFields)");
	s->ip_families = (struct ds_service_list){0};
	s->ip_family_policy = (struct ds_service_opt){0};
	s->cluster_ips.n = DS_MIN(s->cluster_ips.n, (size_t)1);
}

/* strategy.go:trimFieldsForDualStackDowngrade */
static void trim_downgrade(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;

	if (!d->dual_stack_gate || !d->old->ip_family_policy.set || ds__policy_is(d->old, "SingleStack") ||
	    !ds__policy_is(s, "SingleStack"))
		return;
	s->cluster_ips.n = DS_MIN(s->cluster_ips.n, (size_t)1);
	s->ip_families.n = DS_MIN(s->ip_families.n, (size_t)1);
	ds__step(d, "downgrade to SingleStack: the second address and family are dropped "
		    "(strategy.go:trimFieldsForDualStackDowngrade)");
}

static bool refused(struct ds__decision *d, const char *why)
{
	if (d->errors.n == 0)
		return d->r < 0;
	ds__step(d, "refused: %s", why);
	ds__answer_invalid(d);
	return true;
}

static void append_other(struct ds__decision *d)
{
	enum ds_family f = ds__family_named(d->svc.ip_families.v[0]);

	(void)ds__append_family(d, ds__other(f));
}

static void set_policy(struct ds__decision *d, struct ds_str policy, const char *why)
{
	d->svc.ip_family_policy = (struct ds_service_opt){policy, true};
	ds__step(d, "no ipFamilyPolicy is given, %s: %.*s (rest.go:tryDefaultValidateServiceClusterIPFields)", why,
		 DS_STR_ARG(policy));
}

static void check_single_stack(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;

	if (!ds__policy_is(s, "SingleStack"))
		return;
	if (s->cluster_ips.n == 2)
		ds__error(d, DS__INVALID, "spec.ipFamilyPolicy", ds__policy_value(s),
			  "must be RequireDualStack or PreferDualStack when multiple 'clusterIPs' are specified");
	if (s->ip_families.n == 2)
		ds__error(d, DS__INVALID, "spec.ipFamilyPolicy", ds__policy_value(s),
			  "must be RequireDualStack or PreferDualStack when multiple 'ipFamilies' are specified");
}

/* A family that the cluster lacks ends it at once. */
static void infer_from_ips(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;

	for (size_t i = 0; i < s->cluster_ips.n && !DS__IS(s->cluster_ips.v[i], "None"); i++) {
		bool is6 = ds__family_of(d, s->cluster_ips.v[i]) == DS_IPV6;
		enum ds_family f = is6 ? DS_IPV6 : DS_IPV4;

		if (i < s->ip_families.n)
			continue;
		if (!ds__configured(d, f)) {
			ds__error(d, DS__INVALID, ds__text(d, "spec.clusterIPs[%zu]", i), ds__strings(&s->cluster_ips),
				  ds__text(d, "may not use %s on a cluster which is not configured for it",
					   ds_family_name(f)));
			return;
		}
		if (ds__append_family(d, f) < 0)
			return;
	}
}

static void default_headless_selectorless(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;
	bool adds;

	if (!s->ip_family_policy.set)
		set_policy(d, DS_STR("RequireDualStack"), "headless without a selector");
	if (s->ip_families.n == 0 && ds__append_family(d, d->primary) < 0)
		return;
	/* 1.20 lets PreferDualStack follow the cluster. */
	adds = !ds__policy_is(s, "SingleStack");
	if (d->minor == 20)
		adds = ds__policy_is(s, "RequireDualStack") ||
		       (ds__policy_is(s, "PreferDualStack") && ds__is_dual_cluster(d));
	if (s->ip_families.n == 1 && adds)
		append_other(d);
}

static void check_configured(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;

	if (ds__policy_is(s, "RequireDualStack") && !ds__is_dual_cluster(d))
		ds__error(d, DS__INVALID, "spec.ipFamilyPolicy", ds__policy_value(s),
			  "Cluster is not configured for dual stack services");
	for (size_t i = 0; i < s->ip_families.n; i++) {
		enum ds_family f = ds__family_named(s->ip_families.v[i]);

		if (!ds__configured(d, f))
			ds__error(d, DS__INVALID, ds__text(d, "spec.ipFamilies[%zu]", i), ds__strings(&s->cluster_ips),
				  ds__text(d, "ipfamily %s is not configured on cluster", ds_family_name(f)));
	}
}

/* rest.go:tryDefaultValidateServiceClusterIPFields */
static void default_families(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;
	static const char here[] = "rest.go:tryDefaultValidateServiceClusterIPFields";

	if (ds_service_is_external_name(s) || !d->dual_stack_gate || ds__matches_prefer_dual_stack(d))
		return;
	check_single_stack(d);
	if (refused(d, here))
		return;
	infer_from_ips(d);
	if (refused(d, here))
		return;
	if (!s->ip_family_policy.set && s->ip_families.n == 2 && ds__svc_has(d, DS__INFER_REQUIRE))
		set_policy(d, DS_STR("RequireDualStack"), "two families are");
	if (ds_service_is_headless(s) && s->selector.n == 0) {
		default_headless_selectorless(d);
		return;
	}
	check_configured(d);
	if (refused(d, here))
		return;
	if (!s->ip_family_policy.set)
		set_policy(d, DS_STR("SingleStack"), "nor two families");
	if (s->ip_families.n == 0 && ds__append_family(d, d->primary) < 0)
		return;
	if (!ds__policy_is(s, "SingleStack") && s->ip_families.n == 1 && ds__is_dual_cluster(d))
		append_other(d);
}

/* rest.go:allocServiceClusterIP: with the gate off there is one address, of the only family. */
static void allocate_single(struct ds__decision *d)
{
	struct ds_service_list none = d->svc.ip_families;

	if (ds__append_family(d, d->primary) < 0)
		return;
	ds__allocate_ips(d);
	d->svc.ip_families = none;
}

static void allocate(struct ds__decision *d)
{
	if (d->options.dry_run)
		return;
	if (d->dual_stack_gate)
		ds__allocate_ips(d);
	else
		allocate_single(d);
}

static void check_external_combination(struct ds__decision *d)
{
	ds__validate_external_combination(d);
	(void)refused(d, "validation.go:ValidateServiceExternalTrafficFieldsCombination");
}

static bool going(const struct ds__decision *d)
{
	return !d->done && d->r == 0;
}

void ds__legacy_create(struct ds__decision *d)
{
	ds__normalize(d);
	drop_disabled(d);
	ds__validate(d);
	if (refused(d, "validation.go:ValidateService"))
		return;
	default_families(d);
	if (going(d))
		allocate(d);
	if (going(d))
		ds__allocate_ports(d);
	if (going(d))
		check_external_combination(d);
}

/* rest.go:handleClusterIPsForUpdatedService */
static void update_ips(struct ds__decision *d)
{
	if (d->options.dry_run)
		return;
	if (d->dual_stack_gate)
		ds__update_ips(d);
	else if (ds_service_is_external_name(d->old) && !ds_service_is_external_name(&d->svc))
		allocate_single(d);
}

/* rest.go:healthCheckNodePortUpdate and externalTrafficPolicyUpdate */
static void update_external(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;
	bool needed = ds__needs_health_check(d->old), needs = ds__needs_health_check(s);

	if (needed && !needs)
		s->health_check_node_port = 0;
	if (needed && needs && s->health_check_node_port != d->old->health_check_node_port) {
		ds__error(d, DS__INVALID, "spec.healthCheckNodePort", ds__number(s->health_check_node_port),
			  "cannot change healthCheckNodePort on loadBalancer service with externalTraffic=Local during "
			  "update");
		(void)refused(d, "rest.go:healthCheckNodePortUpdate");
		return;
	}
	if (ds__needs_node_port(d->old) && !ds__needs_node_port(s))
		s->external_traffic_policy = (struct ds_str){"", 0};
}

void ds__legacy_update(struct ds__decision *d)
{
	if (ds__svc_has(d, DS__PATCH_ALLOCATED))
		ds__patch_allocated(d);
	ds__normalize(d);
	drop_disabled(d);
	ds__drop_type_dependent(d);
	trim_downgrade(d);
	ds__validate_update(d);
	if (refused(d, "validation.go:ValidateServiceUpdate"))
		return;
	default_families(d);
	if (going(d))
		update_ips(d);
	if (going(d))
		ds__update_ports(d);
	if (going(d))
		update_external(d);
	if (going(d))
		check_external_combination(d);
}
