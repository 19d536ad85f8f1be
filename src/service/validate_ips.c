#include "service/engine.h"

/* Addresses and families. pkg/apis/core/validation/validation.go:ValidateServiceClusterIPsRelatedFields. */

static bool contains(const struct ds_service_list *l, struct ds_str s)
{
	for (size_t i = 0; i < l->n; i++)
		if (ds_str_eq(l->v[i], s))
			return true;
	return false;
}

/* Lists longer than this are looked up through an index. */
#define INDEX_FROM 32u

/* Whether the stored object has the text in this list. */
static bool was_stored(struct ds__decision *d, const struct ds_service_list *old, struct ds_str s)
{
	static char present;

	if (!old)
		return false;
	if (old->n < INDEX_FROM)
		return contains(old, s);
	if (d->indexed != old) {
		ds_map_init(&d->index, d->arena);
		for (size_t i = 0; i < old->n; i++)
			if (ds_map_put(&d->index, old->v[i], &present) < 0)
				d->r = DS_ENOMEM;
		d->indexed = old;
	}
	return ds_map_get(&d->index, s);
}

/*
 * IsValidIPForLegacyField: whether text is acceptable; else the error is added.
 * old: addresses of the stored object, which pass as they are, or NULL.
 */
static bool check_ip(struct ds__decision *d, const char *base, size_t index, struct ds_str text,
		     const struct ds_service_list *old)
{
	const struct ds__address *ip;
	const char *why = NULL;

	if (ds__svc_has(d, DS__OLD_IPS_ACCEPTED) && was_stored(d, old, text))
		return true;
	ip = ds__parse(d, text);
	if (!ip->is_sloppy)
		why = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
	else if (ip->is_placeholder || !ds__svc_has(d, DS__STRICT_IPS))
		return true;
	else if (!ip->is_netip)
		why = "must not have leading 0s";
	else if (ds_ip_is_4in6(&ip->netip))
		why = "must not be an IPv4-mapped IPv6 address";
	if (why)
		ds__error(d, DS__INVALID, ds__text(d, "%s[%zu]", base, index), ds__str(text), why);
	return !why;
}

static void check_clusterip_first(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;
	bool pipeline = ds__svc_row(d->minor, DS__STORE_PIPELINE);

	if (s->cluster_ip.n == 0) {
		if (s->cluster_ips.n)
			ds__error(d, DS__INVALID, "spec.clusterIPs", ds__strings(&s->cluster_ips),
				  pipeline ? "must be empty when `clusterIP` is not specified"
					   : "must be empty when clusterIP is empty");
	} else if (s->cluster_ips.n == 0) {
		ds__required(d, "spec.clusterIPs");
	} else if (!ds_str_eq(s->cluster_ips.v[0], s->cluster_ip)) {
		ds__error(d, DS__INVALID, "spec.clusterIPs", ds__strings(&s->cluster_ips),
			  pipeline ? "first value must match `clusterIP`" : "element [0] must match clusterIP");
	}
}

static void check_families(struct ds__decision *d)
{
	static const char *const families[] = {"IPv4", "IPv6", NULL};
	static const char *const policies[] = {"PreferDualStack", "RequireDualStack", "SingleStack", NULL};
	const struct ds_service *s = &d->svc;
	const struct ds_service_opt *policy = &s->ip_family_policy;
	bool known = false;

	for (size_t i = 0; i < s->ip_families.n && d->error_bytes <= DS_LIMIT_SERVICE_ERROR_BYTES; i++) {
		struct ds_str family = s->ip_families.v[i];
		/* Two can stand alone; what a longer list repeats is looked for among its first. */
		struct ds_service_list before = {s->ip_families.v, DS_MIN(i, (size_t)256), true};

		if (ds__family_named(family) == DS_FAMILY_NONE)
			ds__not_supported(d, ds__text(d, "spec.ipFamilies[%zu]", i), family, families);
		if (contains(&before, family))
			ds__error(d, DS__DUPLICATE, ds__text(d, "spec.ipFamilies[%zu]", i), ds__named(family), "");
	}
	for (size_t i = 0; policies[i] && policy->set; i++)
		known = known || ds_str_eqz(policy->s, policies[i]);
	if (policy->set && !known)
		ds__not_supported(d, "spec.ipFamilyPolicy", policy->s, policies);
}

/* Whether the addresses, one by one, are such that comparing them makes sense. */
static bool check_addresses(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;
	const struct ds_service_list *old = d->old ? &d->old->cluster_ips : NULL;
	bool good = true;

	for (size_t i = 0; i < s->cluster_ips.n && d->error_bytes <= DS_LIMIT_SERVICE_ERROR_BYTES; i++) {
		if (i == 0 && DS__IS(s->cluster_ips.v[0], "None")) {
			if (s->cluster_ips.n > 1) {
				good = false;
				ds__error(d, DS__INVALID, "spec.clusterIPs", ds__strings(&s->cluster_ips),
					  "'None' must be the first and only value");
			}
			continue;
		}
		good = check_ip(d, "spec.clusterIPs", i, s->cluster_ips.v[i], old) && good;
	}
	if (s->cluster_ips.n > 2)
		ds__error(d, DS__INVALID, "spec.clusterIPs", ds__strings(&s->cluster_ips),
			  "may only hold up to 2 values");
	return good;
}

/* netutils.IsDualStackIPStrings: both families are there; an unparsable one is an error of its own. */
static void check_one_per_family(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;
	bool has4 = false, has6 = false;

	if (s->cluster_ips.n < 2)
		return;
	for (size_t i = 0; i < s->cluster_ips.n; i++) {
		enum ds_family f = ds__family_of(d, s->cluster_ips.v[i]);

		if (f == DS_FAMILY_NONE) {
			ds__error(d, DS__ERROR_INTERNAL, "spec.clusterIPs", (struct ds__value){0},
				  ds__text(d, "failed to check for dual stack with error:invalid IP[%zu]: %.*s", i,
					   DS_STR_ARG(s->cluster_ips.v[i])));
			has4 = has6 = false;
			break;
		}
		has4 = has4 || f == DS_IPV4;
		has6 = has6 || f == DS_IPV6;
	}
	if (!has4 || !has6)
		ds__error(d, DS__INVALID, "spec.clusterIPs", ds__strings(&s->cluster_ips),
			  "may specify no more than one IP for each IP family");
}

static void check_match(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;
	size_t n = DS_MIN(s->cluster_ips.n, s->ip_families.n);

	if (ds_service_is_headless(s))
		return;
	for (size_t i = 0; i < n && d->error_bytes <= DS_LIMIT_SERVICE_ERROR_BYTES; i++) {
		enum ds_family want = ds__family_named(s->ip_families.v[i]);
		bool is6 = ds__family_of(d, s->cluster_ips.v[i]) == DS_IPV6;

		if (want == DS_FAMILY_NONE || (want == DS_IPV6) == is6)
			continue;
		ds__error(
		    d, DS__INVALID, ds__text(d, "spec.clusterIPs[%zu]", i), ds__str(s->cluster_ips.v[i]),
		    ds__text(d, "expected an %s value as indicated by `ipFamilies[%zu]`", ds_family_name(want), i));
	}
}

void ds__validate_cluster_ips(struct ds__decision *d)
{
	if (ds_service_is_external_name(&d->svc))
		return;
	check_clusterip_first(d);
	check_families(d);
	if (!check_addresses(d))
		return;
	check_one_per_family(d);
	check_match(d);
}

/* validation.go:ValidateNonSpecialIP, since 1.33 ValidateEndpointIP */
static void check_special(struct ds__decision *d, size_t index, struct ds_str text)
{
	bool as_typed = ds__svc_row(d->minor, DS__STORE_PIPELINE);
	struct ds_ip ip;
	const char *field;

	if (ds_ip_parse(text, DS_IP_SLOPPY, &ip) < 0)
		return;
	if (!ds_ip_is_unspecified(&ip) && !ds_ip_is_loopback(&ip) && !ds_ip_is_link_local_unicast(&ip) &&
	    !ds_ip_is_link_local_multicast(&ip))
		return;
	field = ds__text(d, "spec.externalIPs[%zu]", index);
	if (ds_ip_is_unspecified(&ip))
		ds__error(d, DS__INVALID, field, ds__str(text),
			  ds__text(d, "may not be unspecified (%.*s)", DS_STR_ARG(as_typed ? text : DS_STR("0.0.0.0"))));
	if (ds_ip_is_loopback(&ip))
		ds__error(d, DS__INVALID, field, ds__str(text),
			  "may not be in the loopback range (127.0.0.0/8, ::1/128)");
	if (ds_ip_is_link_local_unicast(&ip))
		ds__error(d, DS__INVALID, field, ds__str(text),
			  "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
	if (ds_ip_is_link_local_multicast(&ip))
		ds__error(d, DS__INVALID, field, ds__str(text),
			  "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
}

void ds__validate_external_ips(struct ds__decision *d)
{
	const struct ds_service_list *ips = &d->svc.external_ips;

	for (size_t i = 0; i < ips->n && d->error_bytes <= DS_LIMIT_SERVICE_ERROR_BYTES; i++)
		if (check_ip(d, "spec.externalIPs", i, ips->v[i], d->old ? &d->old->external_ips : NULL))
			check_special(d, i, ips->v[i]);
}

/* IsValidCIDRForLegacyField: NULL when acceptable. old: trimmed ranges of the stored object, or NULL. */
static const char *cidr_problem(struct ds__decision *d, struct ds_str text, const struct ds_service_list *old)
{
	struct ds_cidr cidr, strict;

	if (ds__svc_has(d, DS__OLD_IPS_ACCEPTED) && was_stored(d, old, text))
		return NULL;
	if (ds_cidr_parse(text, DS_IP_SLOPPY, &cidr) < 0)
		return "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
	if (!ds__svc_has(d, DS__STRICT_IPS))
		return NULL;
	if (ds_cidr_parse(text, DS_IP_NETIP, &strict) < 0)
		return "must not have leading 0s in IP or prefix length";
	if (ds_ip_is_4in6(&strict.ip))
		return "must not have an IPv4-mapped IPv6 address";
	return ds_cidr_has_host_bits(&strict) ? "must not have bits set beyond the prefix length" : NULL;
}

#define ANNOTATION "service.beta.kubernetes.io/load-balancer-source-ranges"
static const char annotation_field[] = "metadata.annotations[" ANNOTATION "]";
static const char only_load_balancer[] = "may only be used when `type` is 'LoadBalancer'";

static const struct ds_str *annotation(const struct ds_service *s)
{
	for (size_t i = 0; i < s->annotations.n; i++)
		if (ds_str_eqz(s->annotations.v[i].key, ANNOTATION))
			return &s->annotations.v[i].value;
	return NULL;
}

static void check_annotation(struct ds__decision *d, struct ds_str text)
{
	struct ds_str part;
	bool done = false;

	text = ds_str_trim(text);
	if (text.n == 0)
		return;
	while (ds_str_split(&text, ',', &done, &part) && d->error_bytes <= DS_LIMIT_SERVICE_ERROR_BYTES) {
		const char *why;

		part = ds_str_trim(part);
		why = cidr_problem(d, part, NULL);
		if (why)
			ds__error(d, DS__INVALID, annotation_field, ds__str(part), why);
	}
}

/* fmt.Sprintf("%v", list): [a b]. */
static struct ds_str plain_list(struct ds__decision *d, const struct ds_service_list *l)
{
	size_t n = 2, at = 0;
	char *p;

	for (size_t i = 0; i < l->n; i++)
		n += l->v[i].n + 1;
	p = ds_arena_alloc(d->arena, n);
	if (!p) {
		d->r = DS_ENOMEM;
		return (struct ds_str){"", 0};
	}
	p[at++] = '[';
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			p[at++] = ' ';
		if (l->v[i].n)
			memcpy(p + at, l->v[i].p, l->v[i].n);
		at += l->v[i].n;
	}
	p[at++] = ']';
	return ds_str_n(p, at);
}

/* Up to 1.29 the list is judged as a whole (pkg/api/service/util.go:GetLoadBalancerSourceRanges). */
static void check_ranges_as_one(struct ds__decision *d, const struct ds_str *text)
{
	const struct ds_service_list *ranges = &d->svc.load_balancer_source_ranges;
	struct ds_str rest = text ? ds_str_trim(*text) : (struct ds_str){"", 0}, part;
	bool done = false, good = true;

	for (size_t i = 0; i < ranges->n; i++)
		good = good && !cidr_problem(d, ds_str_trim(ranges->v[i]), NULL);
	if (ranges->n == 0 && rest.n)
		while (ds_str_split(&rest, ',', &done, &part))
			good = good && !cidr_problem(d, ds_str_trim(part), NULL);
	if (good)
		return;
	ds__error(d, DS__INVALID, ranges->n ? "spec.LoadBalancerSourceRanges" : annotation_field,
		  ds__str(ranges->n || !text ? plain_list(d, ranges) : *text),
		  "must be a list of IP ranges. For example, 10.240.0.0/24,10.250.0.0/24 ");
}

/* Since 1.33 an annotation that stays as it is, is not looked at again. */
static bool is_stored_annotation(const struct ds__decision *d, const struct ds_str *text)
{
	const struct ds_str *old = d->old ? annotation(d->old) : NULL;

	/* Go's map gives "" for a key that is not there. */
	return d->old && ds__svc_has(d, DS__OLD_IPS_ACCEPTED) && (old ? ds_str_eq(*old, *text) : text->n == 0);
}

static struct ds_service_list trimmed(struct ds__decision *d, const struct ds_service_list *from)
{
	struct ds_service_list l = *from;

	if (ds__list_own(d->arena, &l, l.n) < 0)
		d->r = DS_ENOMEM;
	else
		for (size_t i = 0; i < l.n; i++)
			l.v[i] = ds_str_trim(l.v[i]);
	return l;
}

void ds__validate_source_ranges(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;
	const struct ds_service_list *ranges = &s->load_balancer_source_ranges;
	const struct ds_str *text = annotation(s);
	struct ds_service_list old = {0};

	if (ranges->n == 0 && !text)
		return;
	if (!DS__IS(s->type, "LoadBalancer"))
		ds__forbidden(d, ranges->n ? "spec.LoadBalancerSourceRanges" : annotation_field, only_load_balancer);
	if (!ds__svc_has(d, DS__SOURCE_RANGES_EACH)) {
		check_ranges_as_one(d, text);
		return;
	}
	if (ranges->n == 0 && text) {
		if (!is_stored_annotation(d, text))
			check_annotation(d, *text);
		return;
	}
	if (d->old)
		old = trimmed(d, &d->old->load_balancer_source_ranges);
	for (size_t i = 0; i < ranges->n && d->error_bytes <= DS_LIMIT_SERVICE_ERROR_BYTES; i++) {
		struct ds_str value = ds_str_trim(ranges->v[i]);
		const char *why = cidr_problem(d, value, d->old ? &old : NULL);

		if (why)
			ds__error(d, DS__INVALID, ds__text(d, "spec.LoadBalancerSourceRanges[%zu]", i), ds__str(value),
				  why);
	}
}
