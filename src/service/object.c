#include "service/object.h"

#include "base/err.h"
#include "service/engine.h"

const struct ds_str ds__ipv4 = {"IPv4", 4};
const struct ds_str ds__ipv6 = {"IPv6", 4};

static const char placeholder4[] = "<IPv4>";
static const char placeholder6[] = "<IPv6>";

struct ds_str ds__placeholder(enum ds_family f)
{
	return ds_str_n(f == DS_IPV6 ? placeholder6 : placeholder4, sizeof(placeholder4) - 1);
}

enum ds_family ds__placeholder_family(struct ds_str s)
{
	return s.p == placeholder4 ? DS_IPV4 : s.p == placeholder6 ? DS_IPV6 : DS_FAMILY_NONE;
}

const struct ds__address *ds__parse(struct ds__decision *d, struct ds_str text)
{
	enum ds_family placeholder = ds__placeholder_family(text);
	struct ds__address *a;

	for (size_t i = 0; i < DS_ARRAY_SIZE(d->addresses); i++)
		if (d->addresses[i].text.p == text.p && d->addresses[i].text.n == text.n && text.n)
			return &d->addresses[i];
	a = &d->addresses[d->n_addresses++ % DS_ARRAY_SIZE(d->addresses)];
	*a = (struct ds__address){.text = text, .is_placeholder = placeholder != DS_FAMILY_NONE};
	if (a->is_placeholder) {
		a->is_sloppy = a->is_netip = true;
		a->sloppy.family = a->netip.family = (uint8_t)placeholder;
		return a;
	}
	a->is_sloppy = ds_ip_parse(text, DS_IP_SLOPPY, &a->sloppy) == 0;
	a->is_netip = a->is_sloppy && ds_ip_parse(text, DS_IP_NETIP, &a->netip) == 0;
	return a;
}

enum ds_family ds__family_of(struct ds__decision *d, struct ds_str text)
{
	const struct ds__address *a = ds__parse(d, text);

	return a->is_sloppy ? (enum ds_family)a->sloppy.family : DS_FAMILY_NONE;
}

enum ds_family ds__family_named(struct ds_str name)
{
	return DS__IS(name, "IPv4") ? DS_IPV4 : DS__IS(name, "IPv6") ? DS_IPV6 : DS_FAMILY_NONE;
}

bool ds_service_is_external_name(const struct ds_service *s)
{
	return DS__IS(s->type, "ExternalName");
}

bool ds_service_is_headless(const struct ds_service *s)
{
	return s->cluster_ips.n == 1 && DS__IS(s->cluster_ips.v[0], "None");
}

bool ds__needs_node_port(const struct ds_service *s)
{
	return DS__IS(s->type, "NodePort") || DS__IS(s->type, "LoadBalancer");
}

bool ds__needs_cluster_ip(const struct ds_service *s)
{
	return DS__IS(s->type, "ClusterIP") || ds__needs_node_port(s);
}

/* pkg/api/service/util.go:ExternallyAccessible */
bool ds__externally_accessible(const struct ds__decision *d, const struct ds_service *s)
{
	return ds__needs_node_port(s) ||
	       (DS__IS(s->type, "ClusterIP") && s->external_ips.n > 0 && ds__svc_has(d, DS__EXTERNAL_IPS_POLICY));
}

/* pkg/api/service/util.go:NeedsHealthCheck */
bool ds__needs_health_check(const struct ds_service *s)
{
	return DS__IS(s->type, "LoadBalancer") && DS__IS(s->external_traffic_policy, "Local");
}

bool ds__policy_is(const struct ds_service *s, const char *name)
{
	return s->ip_family_policy.set && ds_str_eqz(s->ip_family_policy.s, name);
}

bool ds__list_eq(const struct ds_service_list *a, const struct ds_service_list *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!ds_str_eq(a->v[i], b->v[i]))
			return false;
	return true;
}

int ds__list_own(struct ds_arena *a, struct ds_service_list *l, size_t cap)
{
	struct ds_str *v = ds_arena_new_array(a, DS_MAX(cap, l->n), struct ds_str);

	if (!v)
		return DS_ENOMEM;
	if (l->n)
		memcpy(v, l->v, l->n * sizeof(*v));
	l->v = v;
	l->set = true;
	return 0;
}
