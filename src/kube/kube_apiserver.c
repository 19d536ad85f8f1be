#include "kube/kube_apiserver.h"

#include <inttypes.h>

#include "base/err.h"
#include "base/num.h"
#include "kube/goflag.h"
#include "kube/startup.h"

#define DEFAULT_PORTS "30000-32767"

/* What the checks below decide about. */
struct server {
	struct ds_startup_run run;
	struct ds_cidr *ranges; /* as parsed, masked */
	size_t n;
	size_t entries; /* of the flag's text; 1 when it is empty */
	const struct ds_loc *range_loc;
	struct ds_str reconciler;
	const struct ds_host_net *host; /* NULL: not known */
	bool has_chosen;
	struct ds_host_chosen chosen; /* what the host gives, when no flag names an address */
};

/* The check of a size limit, by version and gates. */
enum limit_gates { ANY, MULTI_OFF, MULTI_ON, NOT_BOTH_ON };

/*
 * Largest Service range in host bits, where there is a limit. The IPAddress
 * allocator (MultiCIDRServiceAllocator) needs none; while addresses are also
 * written to the old bitmaps, the bitmaps' limit stays.
 */
static const struct {
	unsigned char since, until;
	unsigned char gates;
	unsigned char host_bits;
} limits[] = {
	{0,  27, ANY,         20},
	{27, 29, MULTI_OFF,   20},
	{27, 29, MULTI_ON,    64},
	{29, 31, MULTI_OFF,   20},
	{31, 0,  NOT_BOTH_ON, 20},
};

static bool multi_cidr(const struct server *s)
{
	return ds_startup_gate(&s->run, "MultiCIDRServiceAllocator");
}

static bool gates_hold(const struct server *s, enum limit_gates gates)
{
	switch (gates) {
	case ANY:
		return true;
	case MULTI_OFF:
		return !multi_cidr(s);
	case MULTI_ON:
		return multi_cidr(s);
	case NOT_BOTH_ON:
		return !multi_cidr(s) || !ds_startup_gate(&s->run, "DisableAllocatorDualWrite");
	}
	return false;
}

/* 0: no limit. */
static unsigned max_host_bits(const struct server *s)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(limits); i++)
		if (ds_startup_applies(s->run.minor, limits[i].since, limits[i].until) &&
		    gates_hold(s, limits[i].gates))
			return limits[i].host_bits;
	return 0;
}

static unsigned host_bits(const struct ds_cidr *c)
{
	return ds_ip_width(&c->ip) - c->bits;
}

/* k8s.io/utils/net RangeSize, whose int64 arithmetic calls the two largest of each family empty. */
static int64_t range_size(const struct ds_cidr *c)
{
	unsigned h = host_bits(c), width = ds_ip_width(&c->ip);

	if (h >= width - 1)
		return 0;
	return h >= 63 ? INT64_MAX : (int64_t)1 << h;
}

int ds_apiserver_service_ranges(struct ds_arena *a, struct ds_str raw, struct ds_cidr **ret, size_t *ret_n,
				size_t *ret_entries, const char **reterr)
{
	static const char *const messages[] = {"service-cluster-ip-range[0] is not a valid cidr",
					       "service-cluster-ip-range[1] is not an ip net"};
	struct ds_cidr *v = ds_arena_new_array(a, 2, struct ds_cidr);
	struct ds_str rest = raw.n ? raw : DS_STR(DS_APISERVER_DEFAULT_RANGE), part;
	bool done = false;
	size_t n = 0;

	*reterr = NULL;
	if (!v)
		return DS_ENOMEM;
	for (; ds_str_split(&rest, ',', &done, &part); n++) {
		if (n >= 2)
			continue;
		if (ds_cidr_parse(part, DS_IP_SLOPPY, &v[n]) < 0) {
			*reterr = messages[n];
			return DS_ESYNTAX;
		}
		v[n] = ds_cidr_masked(&v[n]);
	}
	*ret = v;
	*ret_n = DS_MIN(n, (size_t)2);
	if (ret_entries)
		*ret_entries = n;
	return 0;
}

/* Complete(): the first problem ends it. The minimum is looked at before the second range is parsed. */
static int complete(struct server *s)
{
	static const char too_small[] = "error determining service IP ranges for primary service cidr: the service "
					"cluster IP range must be at least 8 IP addresses";
	struct ds_arena *a = s->run.a;
	struct ds_verdict *v = s->run.v;
	struct ds_str raw = ds_startup_string(&s->run, "service-cluster-ip-range", "", NULL);
	struct ds_str first = ds_str_head(raw, ds_str_find(raw, ','));
	const char *why;
	int r;

	if (raw.n == 0)
		r = ds_verdict_warning(a, v, s->range_loc,
				       "No CIDR for service cluster IPs specified. Default value which was %s is "
				       "deprecated and will be removed in future releases. Please specify it using "
				       "--service-cluster-ip-range on kube-apiserver.",
				       DS_APISERVER_DEFAULT_RANGE);
	else
		r = 0;
	if (r < 0)
		return r;
	if (first.n) {
		r = ds_apiserver_service_ranges(a, first, &s->ranges, &s->n, &s->entries, &why);
		if (r == 0 && range_size(&s->ranges[0]) < 8)
			return ds_verdict_error(a, v, s->range_loc, "%s", too_small);
	}
	r = ds_apiserver_service_ranges(a, raw, &s->ranges, &s->n, &s->entries, &why);
	if (r == DS_ESYNTAX)
		return ds_verdict_error(a, v, s->range_loc, "%s", why);
	return r;
}

static int check_size(struct server *s, const struct ds_cidr *c, const char *flag)
{
	unsigned max = max_host_bits(s), width = ds_ip_width(&c->ip);

	if (max == 0 || host_bits(c) <= max)
		return 0;
	return ds_verdict_error(s->run.a, s->run.v, s->range_loc,
				"specified %s is too large; for %u-bit addresses, the mask must be >= %u", flag, width,
				width - max);
}

/* Which gates a second range needed, and what it was refused with. */
static const struct {
	unsigned char since, until;
	bool needs_endpoint_slice;
	const char *message;
} second_range[] = {
	{0,  21, true,
	 "secondary service cluster-ip range(--service-cluster-ip-range[1]) can only be used if IPv6DualStack and "
	 "EndpointSlice feature is enabled"				       },
	{21, 23, false,
	 "secondary service cluster-ip range(--service-cluster-ip-range[1]) can only be used if IPv6DualStack feature "
	 "is enabled"},
};

static int check_second_gates(struct server *s)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(second_range); i++) {
		if (!ds_startup_applies(s->run.minor, second_range[i].since, second_range[i].until))
			continue;
		if (!ds_startup_gate(&s->run, "IPv6DualStack") ||
		    (second_range[i].needs_endpoint_slice && !ds_startup_gate(&s->run, "EndpointSlice")))
			return ds_verdict_error(s->run.a, s->run.v, s->range_loc, "%s", second_range[i].message);
	}
	return 0;
}

/* validateClusterIPFlags. */
static int check_ranges(struct server *s)
{
	struct ds_arena *a = s->run.a;
	struct ds_verdict *v = s->run.v;
	int r = 0;

	if (s->entries > 2)
		r = ds_verdict_error(a, v, s->range_loc,
				     "--service-cluster-ip-range must not contain more than two entries");
	if (r == 0)
		r = check_size(s, &s->ranges[0], "--service-cluster-ip-range");
	if (r < 0 || s->n < 2)
		return r;
	r = check_second_gates(s);
	if (r == 0 && ds_startup_family(&s->ranges[0]) == ds_startup_family(&s->ranges[1]))
		r = ds_verdict_error(
			a, v, s->range_loc,
			"--service-cluster-ip-range[0] and --service-cluster-ip-range[1] must be of different "
			"IP family");
	if (r == 0)
		r = check_size(s, &s->ranges[1], "--service-cluster-ip-range[1]");
	return r;
}

/* The node port range as PortRange.String prints it: "" when its size is 0. */
static int node_port_range(struct server *s, unsigned *ret_base, unsigned *ret_size, const char **ret_text)
{
	const char *ignored;
	struct ds_str raw;
	int r;

	raw = ds_startup_string(&s->run, "service-node-port-range", DEFAULT_PORTS, NULL);
	r = ds_go_port_range(s->run.a, raw, ret_base, ret_size, &ignored);
	if (r == DS_ENOMEM)
		return r;
	if (r < 0)
		*ret_base = *ret_size = 0;
	*ret_text = *ret_size ? ds_arena_printf(s->run.a, "%u-%u", *ret_base, *ret_base + *ret_size - 1) : "";
	return *ret_text ? 0 : DS_ENOMEM;
}

/* validateServiceNodePort. */
static int check_node_port(struct server *s)
{
	struct ds_arena *a = s->run.a;
	struct ds_verdict *v = s->run.v;
	const struct ds_loc *loc = ds_startup_loc(&s->run, "kubernetes-service-node-port");
	int64_t port = ds_startup_int(&s->run, "kubernetes-service-node-port", 0);
	const char *text = "";
	unsigned base = 0, size = 0;
	bool unresolved, range_unresolved;
	int r = ds_startup_unresolved(&s->run, "kubernetes-service-node-port", &unresolved);

	if (r == 0)
		r = ds_startup_unresolved(&s->run, "service-node-port-range", &range_unresolved);
	if (r == 0)
		r = node_port_range(s, &base, &size, &text);
	if (r < 0 || unresolved)
		return r;
	if (port < 0 || port > 65535)
		r = ds_verdict_error(a, v, loc,
				     "--kubernetes-service-node-port %" PRId64
				     " must be between 0 and 65535, inclusive. If "
				     "0, the Kubernetes master service will be of type ClusterIP",
				     port);
	if (r < 0 || port <= 0 || range_unresolved)
		return r;
	if (port >= base && port - base < size)
		return 0;
	return ds_verdict_error(a, v, loc, "kubernetes service %sport range %s doesn't contain %" PRId64,
				s->run.minor >= 22 ? "node " : "", text, port);
}

/* SecureServingOptions.Validate; the API server cannot do without the port. */
static int check_secure_port(struct server *s)
{
	int64_t port = ds_startup_int(&s->run, "secure-port", 6443);

	if (port >= 1 && port <= 65535)
		return 0;
	return ds_verdict_error(s->run.a, s->run.v, ds_startup_loc(&s->run, "secure-port"),
				"--secure-port %" PRId64 " must be between 1 and 65535, inclusive. It cannot be turned "
				"off with 0",
				port);
}

static int check_count(struct server *s)
{
	int64_t n = ds_startup_int(&s->run, "apiserver-count", 1);

	if (n > 0)
		return 0;
	return ds_verdict_error(s->run.a, s->run.v, ds_startup_loc(&s->run, "apiserver-count"),
				"--apiserver-count should be a positive number, but value '%" PRId64 "' provided", n);
}

/* An address flag that names one address; false when it leaves the choice to the host. */
static bool specific_address(const struct server *s, const char *flag, bool loopback_counts, struct ds_ip *ret)
{
	struct ds_str raw = ds_str_trim(ds_startup_string(&s->run, flag, "", NULL));

	if (ds_ip_parse(raw, DS_IP_STRICT, ret) < 0 || ds_ip_is_unspecified(ret))
		return false;
	return loopback_counts || !ds_ip_is_loopback(ret);
}

/* Flags that name an address to publish; a loopback address is one only where it is asked for. */
static const char *const address_flags[] = {"advertise-address", "bind-address"};

/* Neither names one, so the host's is taken: which, and that there is one. */
static int choose_address(struct server *s)
{
	struct ds_ip ip, bind = {.family = DS_IPV4};
	int r;

	for (size_t i = 0; i < DS_ARRAY_SIZE(address_flags); i++) {
		bool unresolved;

		r = s->host ? ds_startup_unresolved(&s->run, address_flags[i], &unresolved) : 0;
		if (r < 0 || !s->host || unresolved || specific_address(s, address_flags[i], i == 0, &ip))
			return r;
	}
	if (ds_ip_parse(ds_str_trim(ds_startup_string(&s->run, "bind-address", "0.0.0.0", NULL)), DS_IP_STRICT, &bind) < 0)
		return 0;
	r = ds_kube_choose_host_ip(s->run.a, s->host, (enum ds_family)bind.family, s->run.minor, &s->chosen);
	s->has_chosen = r == 0 && s->chosen.choice == DS_HOST_CHOICE_IP;
	if (r < 0 || s->chosen.choice != DS_HOST_CHOICE_NONE)
		return r;
	return ds_verdict_error(s->run.a, s->run.v, ds_startup_loc(&s->run, "bind-address"),
				"Unable to find suitable network address.error='%s'. Try to set the AdvertiseAddress "
				"directly or provide a valid BindAddress to fix this.",
				s->chosen.error);
}

/* The address that is published, with the flag that says so (NULL: the host). False when it is not known, for the
 * reason noted in the verdict, or with *ret_r < 0. */
static bool public_address(struct server *s, struct ds_ip *ret, const char **ret_flag, enum ds_family want, int *ret_r)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(address_flags); i++) {
		bool unresolved;

		*ret_flag = address_flags[i];
		*ret_r = ds_startup_unresolved(&s->run, address_flags[i], &unresolved);
		if (*ret_r < 0 || unresolved)
			return false;
		if (specific_address(s, address_flags[i], i == 0, ret))
			return true;
	}
	*ret_flag = NULL;
	if (s->has_chosen) {
		*ret = s->chosen.ips[0];
		return true;
	}
	*ret_r = ds_verdict_unknown(s->run.a, s->run.v,
				    "without --advertise-address the host chooses an address, whose family must be %s",
				    ds_family_name(want));
	return false;
}

/*
 * The family of the address under which the API server publishes itself must
 * be that of the first range, because the kubernetes Service has one family.
 * Of several addresses of the host the first recorded stands for the one it
 * would name.
 */
static int check_public_family(struct server *s)
{
	struct ds_cidr primary = ds_cidr_go(&s->ranges[0]);
	char range[DS_CIDR_TEXT], address[DS_IP_TEXT];
	const char *flag;
	struct ds_ip ip;
	int r = 0;

	if (s->run.minor < 24 || ds_str_eqz(s->reconciler, "none"))
		return 0;
	if (!public_address(s, &ip, &flag, (enum ds_family)primary.ip.family, &r) || ip.family == primary.ip.family)
		return r;
	return ds_verdict_error(s->run.a, s->run.v, flag ? ds_startup_loc(&s->run, flag) : s->range_loc,
				"%sservice IP family \"%s\" must match public address family \"%s\"",
				s->run.minor < 28 ? "error creating bootstrap controller: " : "",
				ds_cidr_format(&primary, range), ds_ip_format(&ip, address));
}

static int check_reconciler(struct server *s)
{
	static const char *const known[] = {"", "lease", "master-count", "none"};

	for (size_t i = 0; i < DS_ARRAY_SIZE(known); i++)
		if (ds_str_eqz(s->reconciler, known[i]))
			return 0;
	return ds_verdict_error(s->run.a, s->run.v, ds_startup_loc(&s->run, "endpoint-reconciler-type"),
				"Reconciler not implemented: %.*s", DS_STR_ARG(s->reconciler));
}

/* One step of the start; whether the errors so far end it. */
struct step {
	unsigned char since, until;
	int (*check)(struct server *s);
	bool ends; /* what was collected up to here is printed, and the process exits */
};

static const struct step steps[] = {
	{0,  28, choose_address,      true },
	{0,  0,  complete,            true },
	{28, 0,  choose_address,      true },
	{0,  28, check_count,         false},
	{28, 0,  check_secure_port,   false},
	{0,  0,  check_ranges,        false},
	{0,  28, check_node_port,     false},
	{0,  28, check_secure_port,   true },
	{28, 0,  check_node_port,     false},
	{28, 0,  check_public_family, false},
	{28, 0,  check_count,         true },
	{0,  0,  check_reconciler,    true },
	{24, 28, check_public_family, true },
};

/* The gap between the first address and the dynamic band: calculateRangeOffset. */
static unsigned band_offset(const struct server *s, const struct ds_cidr *c)
{
	int64_t size = range_size(c);

	if (s->run.minor < 26 && !ds_startup_gate(&s->run, "ServiceIPStaticSubrange"))
		return 0;
	if (size <= 16)
		return 0;
	return (unsigned)DS_MIN(DS_MAX(size / 16, (int64_t)16), (int64_t)256);
}

/* The last address that is ever allocated; false when there is none at all. */
static bool last_usable(const struct server *s, const struct ds_cidr *c, struct ds_ip *ret)
{
	struct ds_ip first = ds_cidr_first(c);
	struct ds_cidr end = {ds_cidr_last(c), (uint8_t)ds_ip_width(&c->ip)};
	unsigned h = host_bits(c);

	if (h < (c->ip.family == DS_IPV4 ? 2u : 1u))
		return false;
	if (c->ip.family == DS_IPV4)
		end.ip.b[3]--; /* the broadcast address; odd, so nothing is borrowed */
	else if (h > 16 && !multi_cidr(s))
		return ds_ip_add(&first, (struct ds_u128){0, 65535}, ret); /* the bitmap ends here */
	*ret = end.ip;
	return true;
}

/* "first-last" of first + from .. last, or "" when that is empty. */
static const char *band(struct ds_arena *a, const struct ds_ip *network, uint64_t from, const struct ds_ip *last)
{
	char x[DS_IP_TEXT], y[DS_IP_TEXT];
	struct ds_ip begin;

	if (!ds_ip_add(network, (struct ds_u128){0, from}, &begin) || ds_ip_cmp(&begin, last) > 0)
		return "";
	return ds_arena_printf(a, "%s-%s", ds_ip_format(&begin, x), ds_ip_format(last, y));
}

/* 2^h less the addresses that are never handed out, as decimal text. */
static const char *usable_count(const struct server *s, const struct ds_cidr *c)
{
	unsigned h = host_bits(c);
	char text[40];
	struct ds_ip last;
	size_t i;

	if (!last_usable(s, c, &last))
		return "0";
	if (c->ip.family == DS_IPV6 && h > 16 && !multi_cidr(s))
		return "65535";
	/* A power of two above 1 ends in an even digit other than 0, so nothing is borrowed. */
	ds_cidr_count_format(c, text);
	i = strlen(text) - 1;
	text[i] = (char)(text[i] - (c->ip.family == DS_IPV4 ? 2 : 1));
	return ds_arena_strdup(s->run.a, text);
}

static int derive_bands(struct server *s)
{
	const char **counts = ds_arena_new_array(s->run.a, s->n, const char *);
	const char **fixed = ds_arena_new_array(s->run.a, s->n, const char *);
	const char **dynamic = ds_arena_new_array(s->run.a, s->n, const char *);

	if (!counts || !fixed || !dynamic)
		return DS_ENOMEM;
	for (size_t i = 0; i < s->n; i++) {
		struct ds_cidr c = ds_cidr_go(&s->ranges[i]);
		struct ds_ip network = ds_cidr_first(&c), last, band_last;
		unsigned offset = band_offset(s, &c);

		fixed[i] = dynamic[i] = "";
		counts[i] = usable_count(s, &c);
		if (last_usable(s, &c, &last)) {
			dynamic[i] = band(s->run.a, &network, offset + 1u, &last);
			if (offset && ds_ip_add(&network, (struct ds_u128){0, offset}, &band_last))
				fixed[i] = band(s->run.a, &network, 1, &band_last);
		}
		if (!counts[i] || !fixed[i] || !dynamic[i])
			return DS_ENOMEM;
	}
	if (ds_verdict_derive_numbers(s->run.a, s->run.v, "serviceAddresses", counts, s->n) < 0 ||
	    ds_verdict_derive_list(s->run.a, s->run.v, "staticBand", fixed, s->n) < 0)
		return DS_ENOMEM;
	return ds_verdict_derive_list(s->run.a, s->run.v, "dynamicBand", dynamic, s->n);
}

static int derive(struct server *s)
{
	struct ds_arena *a = s->run.a;
	struct ds_verdict *v = s->run.v;
	const char *const *ranges = ds_startup_cidr_texts(a, s->ranges, s->n);
	struct ds_cidr primary = ds_cidr_go(&s->ranges[0]);
	struct ds_ip network = ds_cidr_first(&primary), ip = network;
	const char *const *families;
	const char *ports = "";
	char text[DS_IP_TEXT];
	unsigned base, size;
	size_t n = 0;

	families = ds_startup_families(a, s->ranges, s->n, &n);
	(void)ds_ip_add(&network, (struct ds_u128){0, 1}, &ip);
	if (!ranges || !families || ds_verdict_derive_list(a, v, "serviceClusterIPRange", ranges, s->n) < 0 ||
	    ds_verdict_derive_list(a, v, "serviceFamilies", families, n) < 0 ||
	    ds_verdict_derive_string(a, v, "primaryFamily", families[0]) < 0 ||
	    ds_verdict_derive_string(a, v, "kubernetesServiceIP", ds_ip_format(&ip, text)) < 0 ||
	    derive_bands(s) < 0 || node_port_range(s, &base, &size, &ports) < 0)
		return DS_ENOMEM;
	return ds_verdict_derive_string(a, v, "serviceNodePortRange", *ports ? ports : DEFAULT_PORTS);
}

/* An IPv6 range that starts, but has no allocator: each allocation from it fails. */
static int warn_no_allocator(struct server *s)
{
	struct ds_arena *a = s->run.a;
	char text[DS_CIDR_TEXT];
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->n; i++) {
		struct ds_cidr c = ds_cidr_go(&s->ranges[i]);

		if (c.ip.family == DS_IPV6 && c.bits < 64 && s->run.minor >= 29 && multi_cidr(s))
			r = ds_verdict_warning(
				a, s->run.v, s->range_loc,
				"error creating new IPAllocator for Service CIDR %s: shortest allowed prefix "
				"length for service CIDR is 64, got %u",
				ds_cidr_format(&c, text), c.bits);
	}
	return r;
}

/* The API that the IPAddress allocator waits for, while it was not served by default. */
static const struct unserved {
	unsigned char since, until;
	const char *group_version, *stage, *resource;
} unserved_apis[] = {
	{27, 29, "networking.k8s.io/v1alpha1", "api/alpha", "*v1alpha1.IPAddress"  },
	{29, 31, "networking.k8s.io/v1alpha1", "api/alpha", "*v1alpha1.ServiceCIDR"},
	{31, 33, "networking.k8s.io/v1beta1",  "api/beta",  "*v1beta1.ServiceCIDR" },
};

/* Whether a use of --runtime-config switches one of the API's names on. */
static bool switches_on(struct ds_str value, const struct unserved *api)
{
	bool done = false, on;
	struct ds_str item;

	while (ds_str_split(&value, ',', &done, &item)) {
		size_t eq = ds_str_find(item, '=');
		struct ds_str key = ds_str_trim(ds_str_head(item, eq)), text = ds_str_trim(ds_str_skip(item, eq + 1));

		if ((ds_str_eqz(key, api->group_version) || ds_str_eqz(key, api->stage) ||
		     ds_str_eqz(key, "api/all")) &&
		    (text.n == 0 || (ds_num_go_bool(text, &on) == 0 && on)))
			return true;
	}
	return false;
}

/* The API server runs, but is never ready: its informers wait for an API nobody serves. */
static int warn_unserved(struct server *s)
{
	const struct ds_cmdline *cl = s->run.cl;

	for (size_t i = 0; multi_cidr(s) && i < DS_ARRAY_SIZE(unserved_apis); i++) {
		const struct unserved *api = &unserved_apis[i];
		bool on = false;

		if (!ds_startup_applies(s->run.minor, api->since, api->until))
			continue;
		for (size_t k = 0; k < cl->uses.n; k++)
			if (strcmp(cl->uses.v[k].flag->name, "runtime-config") == 0)
				on |= cl->uses.v[k].unresolved || switches_on(cl->uses.v[k].value, api);
		if (!on)
			return ds_verdict_warning(
				s->run.a, s->run.v, ds_startup_loc(&s->run, "feature-gates"),
				"Failed to watch %s: failed to list %s: the server could not find the "
				"requested resource",
				api->resource, api->resource);
	}
	return 0;
}

static int run_steps(struct server *s)
{
	bool unresolved;
	int r = ds_startup_unresolved(&s->run, "service-cluster-ip-range", &unresolved);

	if (r < 0 || unresolved)
		return r;
	r = ds_startup_unresolved(&s->run, "endpoint-reconciler-type", &unresolved);
	if (r < 0)
		return r;
	if (unresolved)
		s->reconciler = DS_STR("none"); /* nothing that depends on it is claimed */
	for (size_t i = 0; i < DS_ARRAY_SIZE(steps); i++) {
		if (!ds_startup_applies(s->run.minor, steps[i].since, steps[i].until))
			continue;
		r = steps[i].check(s);
		if (r < 0)
			return r;
		if (steps[i].ends && s->run.v->errors.n)
			return 0;
	}
	r = warn_no_allocator(s);
	if (r == 0)
		r = warn_unserved(s);
	return r < 0 ? r : derive(s);
}

int ds_apiserver_verdict(struct ds_arena *a, const struct ds_cmdline *cl, unsigned minor, const struct ds_host_net *host,
			 struct ds_verdict *ret)
{
	struct server s = {.run = {.a = a, .cl = cl, .minor = minor, .v = ret}, .host = host};
	bool go_on;
	int r;

	*ret = (struct ds_verdict){0};
	r = ds_startup_common(&s.run, &go_on);
	if (r == 0 && go_on) {
		s.range_loc = ds_startup_loc(&s.run, "service-cluster-ip-range");
		s.reconciler = ds_startup_string(&s.run, "endpoint-reconciler-type", "lease", NULL);
		r = run_steps(&s);
	}
	ds_verdict_settle(ret);
	return r;
}
