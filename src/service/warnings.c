#include "service/engine.h"

/* pkg/api/service/warnings.go:GetWarningsForService. Asked after validation: every text parses. */

/* A field of a list, or of its own. Its path is built when there is something to say. */
struct place {
	const char *base;
	size_t index;
	bool is_element;
};

static const char *path(struct ds__decision *d, const struct place *p)
{
	return p->is_element ? ds__text(d, "%s[%zu]", p->base, p->index) : p->base;
}

static bool is_canonical(const struct ds_ip *ip, struct ds_str text, char canonical[static DS_IP_TEXT])
{
	return ds_str_eqz(text, ds_ip_format(ip, canonical));
}

/* 1.27 to 1.32: warnings.go:getWarningsForIP */
static void warn_ip_old(struct ds__decision *d, const struct place *at, struct ds_str text)
{
	const char *error = ds__netip_error(d, text);
	char canonical[DS_IP_TEXT];

	if (error)
		ds__warn(d, ds__text(d,
				     "%s: IP address was accepted, but will be invalid in a future Kubernetes release: %s",
				     path(d, at), error));
	else if (ds__parse(d, text)->netip.family == DS_IPV6 &&
		 !is_canonical(&ds__parse(d, text)->netip, text, canonical))
		ds__warn(d, ds__text(d,
				     "%s: IPv6 address %s is not in RFC 5952 canonical format (\"%s\"), which may cause "
				     "controller apply-loops",
				     path(d, at), ds__quote(d, text), canonical));
}

static const char *invalid_or_soon(const struct ds__decision *d)
{
	return ds__svc_has(d, DS__IP_WARNINGS_INVALID) ? "is invalid"
						       : "will be considered invalid in a future Kubernetes release";
}

/* Since 1.33: apimachinery/pkg/util/validation/ip.go:GetWarningsForIP */
static void warn_ip(struct ds__decision *d, const struct place *at, struct ds_str text)
{
	const struct ds__address *ip = ds__parse(d, text);
	char canonical[DS_IP_TEXT];

	if (!ip->is_sloppy)
		return;
	if (!ip->is_netip || ds_ip_is_4in6(&ip->netip))
		ds__warn(d, ds__text(d, "%s: non-standard IP address %s %s: use \"%s\"", path(d, at),
				     ds__quote(d, text), invalid_or_soon(d), ds_ip_format(&ip->sloppy, canonical)));
	else if (ip->netip.family == DS_IPV6 && !is_canonical(&ip->netip, text, canonical))
		ds__warn(d, ds__text(d, "%s: IPv6 address %s should be in RFC 5952 canonical format (\"%s\")",
				     path(d, at), ds__quote(d, text), canonical));
}

static void warn_address(struct ds__decision *d, const struct place *at, struct ds_str text)
{
	if (ds__placeholder_family(text) != DS_FAMILY_NONE)
		return;
	if (ds__svc_has(d, DS__IP_WARNINGS_NEW))
		warn_ip(d, at, text);
	else
		warn_ip_old(d, at, text);
}

/* netip.ParsePrefix of what the sloppy parser took: leading zeros are left to complain of. */
static const char *prefix_error(struct ds__decision *d, struct ds_str text)
{
	size_t slash = ds_str_find(text, '/');
	const char *error = ds__netip_error(d, ds_str_head(text, slash));

	return error ? error
		     : ds__text(d, "bad bits after slash: %s", ds__quote(d, ds_str_skip(text, slash + 1)));
}

static void warn_cidr_old(struct ds__decision *d, const struct place *at, struct ds_str text)
{
	char canonical[DS_CIDR_TEXT];
	struct ds_cidr cidr;

	if (ds_cidr_parse(text, DS_IP_NETIP, &cidr) < 0)
		ds__warn(d, ds__text(d,
				     "%s: IP prefix was accepted, but will be invalid in a future Kubernetes release: "
				     "netip.ParsePrefix(%s): %s",
				     path(d, at), ds__quote(d, text), prefix_error(d, text)));
	else if (cidr.ip.family == DS_IPV6 && !ds_str_eqz(text, ds_cidr_format(&cidr, canonical)))
		ds__warn(d, ds__text(d,
				     "%s: IPv6 prefix %s is not in RFC 5952 canonical format (\"%s\"), which may cause "
				     "controller apply-loops",
				     path(d, at), ds__quote(d, text), canonical));
}

/* net.IP.String: a mapped address prints as IPv4. */
static const char *go_ip_text(const struct ds_ip *ip, char out[static DS_IP_TEXT])
{
	struct ds_ip v4 = {.family = DS_IPV4};

	if (!ds_ip_is_4in6(ip))
		return ds_ip_format(ip, out);
	memcpy(v4.b, ip->b + 12, 4);
	return ds_ip_format(&v4, out);
}

/* Since 1.33: ip.go:GetWarningsForCIDR */
static void warn_cidr(struct ds__decision *d, const struct place *at, struct ds_str text)
{
	char canonical[DS_CIDR_TEXT], host[DS_IP_TEXT];
	struct ds_cidr sloppy, strict, network;
	bool is_strict, is_ambiguous;

	if (ds_cidr_parse(text, DS_IP_SLOPPY, &sloppy) < 0)
		return;
	is_strict = ds_cidr_parse(text, DS_IP_NETIP, &strict) == 0;
	is_ambiguous = ds_cidr_has_host_bits(&sloppy);
	network = ds_cidr_go(&sloppy);
	ds_cidr_format(&network, canonical);
	if (is_ambiguous)
		ds__warn(d, ds__text(d, "%s: CIDR value %s is ambiguous in this context (should be \"%s\" or \"%s/%u\"?)",
				     path(d, at), ds__quote(d, text), canonical, go_ip_text(&sloppy.ip, host),
				     ds_ip_width(&sloppy.ip)));
	if (!is_strict || ds_ip_is_4in6(&strict.ip))
		ds__warn(d, ds__text(d, "%s: non-standard CIDR value %s %s: use \"%s\"", path(d, at),
				     ds__quote(d, text), invalid_or_soon(d), canonical));
	else if (!is_ambiguous && strict.ip.family == DS_IPV6 &&
		 !ds_str_eqz(text, ds_cidr_format(&strict, canonical)))
		ds__warn(d, ds__text(d, "%s: IPv6 CIDR value %s should be in RFC 5952 canonical format (\"%s\")",
				     path(d, at), ds__quote(d, text), canonical));
}

/* warnings.go:isHeadlessService */
static bool is_headless(const struct ds_service *s)
{
	return DS__IS(s->type, "ClusterIP") && DS__IS(s->cluster_ip, "None");
}

static void warn_annotations(struct ds__decision *d)
{
	for (size_t i = 0; i < d->svc.annotations.n; i++)
		if (ds_str_eqz(d->svc.annotations.v[i].key, "service.kubernetes.io/topology-aware-hints"))
			ds__warn(d, "annotation service.kubernetes.io/topology-aware-hints is deprecated, please use "
				    "service.kubernetes.io/topology-mode instead");
}

static void warn_headless(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;

	if (!ds__svc_has(d, DS__HEADLESS_WARNINGS) || !is_headless(s))
		return;
	if (s->load_balancer_ip.n)
		ds__warn(d, "spec.loadBalancerIP is ignored for headless services");
	if (s->external_ips.n)
		ds__warn(d, "spec.externalIPs is ignored for headless services");
	if (!DS__IS(s->session_affinity, "None"))
		ds__warn(d, "spec.SessionAffinity is ignored for headless services");
}

static void warn_addresses(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;

	for (size_t i = 0; i < s->external_ips.n; i++)
		warn_address(d, &(struct place){"spec.externalIPs", i, true}, s->external_ips.v[i]);
	if (s->external_ips.n && !is_headless(s) && !ds_service_is_external_name(s) &&
	    ds__svc_has(d, DS__EXTERNAL_IPS_WARNING))
		ds__warn(d, "spec.externalIPs is deprecated and may no longer be implemented in some clusters");
	if (s->load_balancer_ip.n)
		warn_address(d, &(struct place){.base = "spec.loadBalancerIP"}, s->load_balancer_ip);
	for (size_t i = 0; i < s->load_balancer_source_ranges.n; i++) {
		const struct place at = {"spec.loadBalancerSourceRanges", i, true};

		if (ds__svc_has(d, DS__IP_WARNINGS_NEW))
			warn_cidr(d, &at, s->load_balancer_source_ranges.v[i]);
		else
			warn_cidr_old(d, &at, s->load_balancer_source_ranges.v[i]);
	}
}

void ds__strategy_warnings(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc;

	if (!ds__svc_has(d, DS__IP_WARNINGS))
		return;
	warn_annotations(d);
	/* helper.IsServiceIPSet: neither "" nor "None", and not ExternalName. */
	if (s->cluster_ip.n && !DS__IS(s->cluster_ip, "None") && !ds_service_is_external_name(s))
		for (size_t i = 0; i < s->cluster_ips.n; i++)
			warn_address(d, &(struct place){"spec.clusterIPs", i, true}, s->cluster_ips.v[i]);
	warn_headless(d);
	warn_addresses(d);
	if (ds__svc_has(d, DS__EXTERNAL_NAME_WARNINGS)) {
		if (ds_service_is_external_name(s) && s->external_ips.n)
			ds__warn(d, "spec.externalIPs is ignored when spec.type is \"ExternalName\"");
		if (!ds_service_is_external_name(s) && s->external_name.n)
			ds__warn(d, "spec.externalName is ignored when spec.type is not \"ExternalName\"");
	}
	if (ds__svc_has(d, DS__PREFER_CLOSE_WARNING) && s->traffic_distribution.set &&
	    DS__IS(s->traffic_distribution.s, "PreferClose"))
		ds__warn(d, "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"");
}
