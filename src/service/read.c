#include "base/err.h"
#include "service/engine.h"

/* storage.go:defaultOnRead and what of a Service is shown. */

static int set_families(struct ds__decision *d, struct ds_service *s, enum ds_family first, enum ds_family second)
{
	struct ds_service_list l = {0};

	if (ds__list_own(d->arena, &l, 2) < 0)
		return d->r = DS_ENOMEM;
	if (first != DS_FAMILY_NONE)
		l.v[l.n++] = ds__family_text(first);
	if (second != DS_FAMILY_NONE)
		l.v[l.n++] = ds__family_text(second);
	s->ip_families = l;
	return 0;
}

static void set_policy(struct ds_service *s, struct ds_str policy)
{
	s->ip_family_policy = (struct ds_service_opt){policy, true};
}

static void default_headless(struct ds__decision *d, struct ds_service *s)
{
	bool legacy = !ds__svc_row(d->minor, DS__STORE_PIPELINE);

	if (s->selector.n == 0) {
		set_policy(s, legacy ? DS_STR("PreferDualStack") : DS_STR("RequireDualStack"));
		(void)set_families(d, s, d->primary, ds__other(d->primary));
	} else if (legacy && ds__is_dual_cluster(d)) {
		set_policy(s, DS_STR("PreferDualStack"));
		(void)set_families(d, s, d->primary, ds__other(d->primary));
	} else {
		set_policy(s, DS_STR("SingleStack"));
		(void)set_families(d, s, d->primary, DS_FAMILY_NONE);
	}
}

/* storage.go:defaultOnReadIPFamilies */
static void default_families(struct ds__decision *d, struct ds_service *s)
{
	enum ds_family f[2] = {DS_FAMILY_NONE, DS_FAMILY_NONE};

	if (ds_service_is_external_name(s) || s->ip_families.n || !d->dual_stack_gate)
		return;
	if (ds_service_is_headless(s)) {
		default_headless(d, s);
		return;
	}
	for (size_t i = 0; i < s->cluster_ips.n && i < DS_ARRAY_SIZE(f); i++)
		f[i] = ds__family_of(d, s->cluster_ips.v[i]) == DS_IPV6 ? DS_IPV6 : DS_IPV4;
	if (s->cluster_ips.n == 1)
		set_policy(s, DS_STR("SingleStack"));
	else if (s->cluster_ips.n > 1)
		set_policy(s, DS_STR("RequireDualStack"));
	if (s->cluster_ips.n)
		(void)set_families(d, s, f[0], f[1]);
}

void ds__default_on_read(struct ds__decision *d, struct ds_service *s)
{
	if (s->cluster_ip.n && s->cluster_ips.n == 0) {
		struct ds_service_list one = {0};

		if (ds__list_own(d->arena, &one, 1) < 0) {
			d->r = DS_ENOMEM;
			return;
		}
		one.v[one.n++] = s->cluster_ip;
		s->cluster_ips = one;
	}
	default_families(d, s);
	if (ds_service_is_external_name(s) && ds__svc_has(d, DS__NO_INTERNAL_POLICY_READ))
		s->internal_traffic_policy = (struct ds_service_opt){0};
}

static void add_text(struct ds_service_outcome *out, const char *name, struct ds_str text, bool present)
{
	if (present)
		out->fields[out->n_fields++] =
		    (struct ds_service_field){.name = name, .kind = DS_SERVICE_TEXT, .text = text};
}

static void add_list(struct ds_service_outcome *out, const char *name, const struct ds_service_list *list)
{
	if (list->n)
		out->fields[out->n_fields++] =
		    (struct ds_service_field){.name = name, .kind = DS_SERVICE_LIST, .list = *list};
}

/* omitempty decides: empty text and lists and nil pointers are absent. */
void ds__fill_fields(struct ds__decision *d)
{
	struct ds_service_outcome *out = d->out;
	const struct ds_service *s = &d->svc;

	add_text(out, "type", s->type, s->type.n > 0);
	add_text(out, "clusterIP", s->cluster_ip, s->cluster_ip.n > 0);
	add_list(out, "clusterIPs", &s->cluster_ips);
	add_text(out, "ipFamilyPolicy", s->ip_family_policy.s, s->ip_family_policy.set);
	add_list(out, "ipFamilies", &s->ip_families);
	if (s->selector.n)
		out->fields[out->n_fields++] =
		    (struct ds_service_field){.name = "selector", .kind = DS_SERVICE_MAP, .map = s->selector};
	add_text(out, "externalName", s->external_name, s->external_name.n > 0);
	add_text(out, "internalTrafficPolicy", s->internal_traffic_policy.s, s->internal_traffic_policy.set);
	add_text(out, "externalTrafficPolicy", s->external_traffic_policy, s->external_traffic_policy.n > 0);
	if (s->has_allocate_node_ports)
		out->fields[out->n_fields++] = (struct ds_service_field){.name = "allocateLoadBalancerNodePorts",
									 .kind = DS_SERVICE_BOOL,
									 .boolean = s->allocate_node_ports};
	add_text(out, "sessionAffinity", s->session_affinity, s->session_affinity.n > 0);
}
