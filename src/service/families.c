#include "service/engine.h"

/* alloc.go:isMatchingPreferDualStackClusterIPFields */
bool ds__matches_prefer_dual_stack(const struct ds__decision *d)
{
	const struct ds_service *s = &d->svc, *old = d->old;

	return old && ds__svc_has(d, DS__PREFER_SHORTCUT) && ds_str_eq(s->type, old->type) && ds__needs_cluster_ip(s) &&
	       ds__policy_is(s, "PreferDualStack") &&
	       (!old->ip_family_policy.set || ds__policy_is(old, "PreferDualStack")) &&
	       ds__list_eq(&s->cluster_ips, &old->cluster_ips) && ds__list_eq(&s->ip_families, &old->ip_families);
}

static bool is_headless_selectorless(const struct ds_service *s)
{
	return DS__IS(s->cluster_ip, "None") && s->selector.n == 0;
}

static void default_policy(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;

	if (s->ip_family_policy.set)
		return;
	if (d->old && d->old->ip_family_policy.set) {
		s->ip_family_policy = d->old->ip_family_policy;
		ds__step(d, "no ipFamilyPolicy is given: the stored object's %.*s stays (alloc.go:initIPFamilyFields)",
			 DS_STR_ARG(s->ip_family_policy.s));
	} else if (is_headless_selectorless(s)) {
		s->ip_family_policy = (struct ds_service_opt){DS_STR("RequireDualStack"), true};
		ds__step(d, "headless without a selector: ipFamilyPolicy defaults to RequireDualStack "
			    "(alloc.go:initIPFamilyFields)");
	} else {
		s->ip_family_policy = (struct ds_service_opt){DS_STR("SingleStack"), true};
		ds__step(d, "no ipFamilyPolicy is given: SingleStack (alloc.go:initIPFamilyFields)");
	}
}

static void policy_error(struct ds__decision *d, const char *detail)
{
	ds__error(d, DS__INVALID, "spec.ipFamilyPolicy", ds__policy_value(&d->svc), detail);
}

/* An update to SingleStack releases what is unchanged; any other policy must keep what was there. */
static void check_release(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;
	const struct ds_service *old = d->old;

	if (ds__policy_is(s, "SingleStack")) {
		if (s->cluster_ips.n > 1 && ds__list_eq(&s->cluster_ips, &old->cluster_ips)) {
			s->cluster_ips.n = 1;
			ds__step(d, "SingleStack with unchanged clusterIPs: the secondary one is released "
				    "(alloc.go:initIPFamilyFields)");
		}
		if (s->ip_families.n > 1 && ds__list_eq(&s->ip_families, &old->ip_families))
			s->ip_families.n = 1;
		return;
	}
	if (s->cluster_ips.n > 0 && s->cluster_ips.n < old->cluster_ips.n)
		policy_error(d, "must be 'SingleStack' to release the secondary cluster IP");
	if (s->ip_families.n > 0 && s->ip_families.n < old->ip_families.n)
		policy_error(d, "must be 'SingleStack' to release the secondary IP family");
}

static void check_single_stack(struct ds__decision *d)
{
	if (!ds__policy_is(&d->svc, "SingleStack"))
		return;
	if (d->svc.cluster_ips.n == 2)
		policy_error(d,
			     "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified");
	if (d->svc.ip_families.n == 2)
		policy_error(d,
			     "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified");
}

int ds__append_family(struct ds__decision *d, enum ds_family f)
{
	struct ds_service_list *l = &d->svc.ip_families;

	if (ds__list_own(d->arena, l, l->n + 1) < 0)
		return d->r = DS_ENOMEM;
	l->v[l->n++] = ds__family_text(f);
	return 0;
}

static void infer_from_ips(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;

	for (size_t i = 0; i < s->cluster_ips.n && !DS__IS(s->cluster_ips.v[i], "None"); i++) {
		enum ds_family f;

		if (i < s->ip_families.n)
			continue;
		f = ds__family_of(d, s->cluster_ips.v[i]);
		if (!ds__configured(d, f)) {
			ds__error(d, DS__INVALID, ds__text(d, "spec.clusterIPs[%zu]", i), ds__strings(&s->cluster_ips),
				  ds__text(d, "%s is not configured on this cluster",
					   f == DS_FAMILY_NONE ? "unknown" : ds_family_name(f)));
			continue;
		}
		if (ds__append_family(d, f) < 0)
			return;
		ds__step(d, "ipFamilies[%zu] is %s, the family of clusterIPs[%zu] (alloc.go:initIPFamilyFields)",
			 s->ip_families.n - 1, ds_family_name(f), i);
	}
}

static void use_default_family(struct ds__decision *d)
{
	if (d->svc.ip_families.n)
		return;
	if (ds__append_family(d, d->primary) == 0)
		ds__step(d, "no ipFamilies are given: the cluster's primary family, %s (alloc.go:initIPFamilyFields)",
			 ds_family_name(d->primary));
}

static void append_other(struct ds__decision *d)
{
	enum ds_family f = ds__family_named(d->svc.ip_families.v[0]);

	if (ds__append_family(d, ds__other(f)) == 0)
		ds__step(d, "%.*s: the other family, %s, is added (alloc.go:initIPFamilyFields)",
			 DS_STR_ARG(d->svc.ip_family_policy.s), ds_family_name(ds__other(f)));
}

/* Headless without a selector may have families that the cluster has not. */
static void fill_headless_selectorless(struct ds__decision *d)
{
	use_default_family(d);
	if (d->r == 0 && d->svc.ip_families.n < 2 && !ds__policy_is(&d->svc, "SingleStack"))
		append_other(d);
	ds__step(d, "headless without a selector: whether the cluster has these families is not asked "
		    "(alloc.go:initIPFamilyFields)");
}

static void check_configured(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;

	if (ds__policy_is(s, "RequireDualStack") && !ds__is_dual_cluster(d))
		policy_error(d, "this cluster is not configured for dual-stack services");
	for (size_t i = 0; i < s->ip_families.n; i++)
		if (!ds__configured(d, ds__family_named(s->ip_families.v[i])))
			ds__error(d, DS__INVALID, ds__text(d, "spec.ipFamilies[%zu]", i),
				  ds__named(s->ip_families.v[i]), "not configured on this cluster");
}

static bool refused(struct ds__decision *d, const char *why)
{
	if (d->errors.n == 0)
		return d->r < 0;
	ds__step(d, "refused: %s", why);
	ds__answer_invalid(d);
	return true;
}

void ds__init_families(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;

	if (ds_service_is_external_name(s))
		return;
	if (ds__matches_prefer_dual_stack(d)) {
		ds__step(d, "an unchanged PreferDualStack Service is neither upgraded nor downgraded "
			    "(alloc.go:isMatchingPreferDualStackClusterIPFields)");
		return;
	}
	default_policy(d);
	ds__validate_cluster_ips(d);
	if (refused(d, "validation.go:ValidateServiceClusterIPsRelatedFields"))
		return;
	if (d->old)
		check_release(d);
	check_single_stack(d);
	infer_from_ips(d);
	if (refused(d, "alloc.go:initIPFamilyFields, policy against addresses and families"))
		return;
	if (is_headless_selectorless(s)) {
		fill_headless_selectorless(d);
		return;
	}
	check_configured(d);
	if (refused(d, "alloc.go:initIPFamilyFields, families that the cluster does not have"))
		return;
	use_default_family(d);
	if (d->r == 0 && !ds__policy_is(s, "SingleStack") && s->ip_families.n == 1 && ds__is_dual_cluster(d))
		append_other(d);
}
