#include <inttypes.h>

#include "base/num.h"
#include "kube/goflag.h"
#include "kube/kubeadm_priv.h"
#include "net/ip.h"
#include "yaml/scalar.h"

#define MIN_SERVICE_ADDRESSES 10u
#define MIN_POD_ADDRESSES     14u
#define MAX_SERVICE_BITS      20u
#define MAX_MASK_DIFFERENCE   16

#define DNS_LABEL_TEXT                                                                                                 \
	"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "     \
	"start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "              \
	"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
#define DNS_WILDCARD_TEXT                                                                                              \
	"a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist "   \
	"of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. "              \
	"'*.example.com', regex used for validation is "                                                               \
	"'\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

/* field.Invalid with a string value: `path: Invalid value: "v": text`. */
static int invalid(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *at, const char *path,
		   struct ds_str value, const char *text)
{
	const char *quoted = ds_go_quote(k->ctx->arena, value);

	if (!quoted)
		return DS_ENOMEM;
	return ds__kubeadm_error(k, v, at, "%s: Invalid value: %s: %s", path, quoted, text);
}

/* What a template engine or a shell still has to fill in. */
static bool is_placeholder(struct ds_str s)
{
	return ds_str_search(s, DS_STR("${")) < s.n || ds_str_search(s, DS_STR("{{")) < s.n ||
	       ds_str_search(s, DS_STR("$(")) < s.n;
}

/* Notes fields that nobody can judge yet. */
static int note_placeholders(struct ds__kubeadm *k, struct ds_verdict *v)
{
	const struct {
		const char *name;
		struct ds_str text;
	} rows[] = {
		{"kubernetesVersion", k->ret->kubernetes_version.text},
		{"networking.podSubnet", k->ret->pod_subnet.text},
		{"networking.serviceSubnet", k->ret->service_subnet.text},
		{"controlPlaneEndpoint", k->ret->control_plane_endpoint.text},
		{"localAPIEndpoint.advertiseAddress", k->ret->advertise_address.text},
		{"nodeRegistration.name", k->ret->node_name.text},
	};
	int r = 0;

	for (size_t i = 0; i < DS_ARRAY_SIZE(rows) && r == 0; i++)
		if (is_placeholder(rows[i].text))
			r = ds_verdict_unknown(k->ctx->arena, v, "%s is a placeholder that is filled in later",
					       rows[i].name);
	return r;
}

static bool is_dns_subdomain(struct ds_str s)
{
	char last = '.';

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool alnum = ds_c_is_digit(c) || ds_c_is_lower(c);

		if (!alnum && c != '-' && c != '.')
			return false;
		if ((last == '.' && !alnum) || (c == '.' && last == '-'))
			return false;
		last = c;
	}
	return s.n > 0 && last != '.' && last != '-';
}

static int check_subdomain(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *at, const char *path,
			   struct ds_str s)
{
	int r = 0;

	if (s.n > 253)
		r = invalid(k, v, at, path, s, "must be no more than 253 characters");
	if (r == 0 && !is_dns_subdomain(s))
		r = invalid(k, v, at, path, s, DNS_LABEL_TEXT);
	return r;
}

/* A comma list of networks, as netutils.ParseCIDRs reads it. */
struct subnets {
	struct ds_cidr v[8];
	size_t n; /* may exceed the array: then they are too many anyway */
};

static bool parse_subnets(struct ds_str text, struct subnets *ret)
{
	struct ds_str part;
	bool done = false;

	ret->n = 0;
	while (ds_str_split(&text, ',', &done, &part)) {
		struct ds_cidr c;

		if (ds_cidr_parse(part, DS_IP_SLOPPY, &c) < 0)
			return false;
		if (ret->n < DS_ARRAY_SIZE(ret->v))
			ret->v[ret->n] = ds_cidr_masked(&c);
		ret->n++;
	}
	return true;
}

static size_t kept(const struct subnets *s)
{
	return DS_MIN(s->n, DS_ARRAY_SIZE(s->v));
}

/* netutils.RangeSize, which calls what does not fit 0 or the largest int64. */
static uint64_t range_size(const struct ds_cidr *c)
{
	unsigned host = ds_ip_width(&c->ip) - c->bits;

	if (host >= ds_ip_width(&c->ip) - 1)
		return 0;
	return host >= 63 ? (uint64_t)INT64_MAX : (uint64_t)1 << host;
}

/*
 * Go's IPNet takes a network inside ::ffff:0:0/96 for IPv4, by family and by
 * text; only its mask keeps counting 128 bits.
 */
static enum ds_family subnet_family(const struct ds_cidr *c)
{
	return (enum ds_family)ds_cidr_go(c).ip.family;
}

static const char *subnet_text(const struct ds_cidr *c, char out[static DS_CIDR_TEXT])
{
	struct ds_cidr go = ds_cidr_go(c);

	return ds_cidr_format(&go, out);
}

static int check_one_subnet(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *at,
			    const char *path, const struct ds_cidr *c, unsigned min)
{
	static const struct ds_cidr site_local = {{DS_IPV6, {0xfe, 0xc0}}, 10};
	char text[DS_CIDR_TEXT];
	uint64_t size = range_size(c);
	int r = 0;

	(void)subnet_text(c, text);
	if (size < min)
		r = ds__kubeadm_error(k, v, at,
				      "%s: Invalid value: \"%s\": subnet with %" PRIu64
				      " address(es) is too small, the minimum is %u",
				      path, text, size, min);
	if (r == 0 && subnet_family(c) == DS_IPV6 && ds_cidr_overlaps(&site_local, c))
		r = ds__kubeadm_warn(
			k, v, at,
			"the subnet %s contains IPv6 site-local addresses that belong to fec0::/10 which has been "
			"deprecated by rfc3879",
			text);
	return r;
}

/* Whether kubeadm reads pairs of networks: behind the gate IPv6DualStack up to 1.23, off by default up to 1.20. */
static bool reads_pairs(const struct ds__kubeadm *k)
{
	const struct ds_yaml_node *gate =
		ds_yaml_path(ds__kubeadm_root(k, DS__KUBEADM_CLUSTER), "featureGates", "IPv6DualStack", NULL);
	bool on = k->minor >= 21;

	if (k->minor < 24 && gate)
		(void)ds_yaml_as_bool(gate, &on);
	return on;
}

/* ValidateIPNetFromString. 0 with *ret filled, 1 when unparsable, or DS_ENOMEM. */
static int check_subnets(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_kubeadm_value *value,
			 const struct ds_yaml_node *at, const char *path, unsigned min, struct subnets *ret)
{
	int r = 0;

	if (!parse_subnets(value->text, ret) || (ret->n > 1 && !reads_pairs(k))) {
		r = invalid(k, v, at, path, value->text, "couldn't parse subnet");
		return r < 0 ? r : 1;
	}
	if (ret->n > 2 || (ret->n == 2 && subnet_family(&ret->v[0]) == subnet_family(&ret->v[1])))
		r = invalid(k, v, at, path, value->text,
			    "expected one (IPv4 or IPv6) CIDR or two CIDRs from each family for dual-stack networking");
	for (size_t i = 0; i < kept(ret) && r == 0; i++)
		r = check_one_subnet(k, v, at, path, &ret->v[i], min);
	return r;
}

static int check_service_subnet(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *at)
{
	static const char path[] = "networking.serviceSubnet";
	struct subnets s;
	int r = check_subnets(k, v, &k->ret->service_subnet, at, path, MIN_SERVICE_ADDRESSES, &s);

	if (r)
		return r < 0 ? r : 0;
	for (size_t i = 0; i < kept(&s) && r == 0; i++) {
		unsigned width = ds_ip_width(&s.v[i].ip);
		char text[DS_CIDR_TEXT];

		if (width - s.v[i].bits <= MAX_SERVICE_BITS)
			continue;
		r = ds__kubeadm_error(
			k, v, at,
			"%s: Invalid value: \"%s\": specified service subnet is too large; for %u-bit addresses, "
			"the mask must be >= %u",
			path, subnet_text(&s.v[i], text), width, width - MAX_SERVICE_BITS);
	}
	return r;
}

/* strconv.Atoi. */
static int atoi_go(struct ds_str s, int64_t *ret)
{
	struct ds_str digits = s;
	uint64_t u;
	int r;

	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		digits = ds_str_skip(s, 1);
	r = ds_num_u64(digits, INT64_MAX, &u);
	if (r == 0)
		*ret = s.p[0] == '-' ? -(int64_t)u : (int64_t)u;
	return r;
}

static int check_node_mask(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *at,
			   const struct ds_cidr *c)
{
	bool v6 = subnet_family(c) == DS_IPV6;
	const char *flag = v6 ? "node-cidr-mask-size-ipv6" : "node-cidr-mask-size-ipv4";
	const struct ds__kubeadm_arg *arg;
	char text[DS_CIDR_TEXT];
	int64_t mask = v6 ? 64 : 24;

	/* Without the gate there was one mask. */
	if (!reads_pairs(k))
		flag = "node-cidr-mask-size";
	arg = ds__kubeadm_last_arg(&k->controller_manager, flag);
	(void)subnet_text(c, text);
	if (arg && arg->value.n) {
		int r = atoi_go(arg->value, &mask);
		const char *quoted = ds_go_quote(k->ctx->arena, arg->value);

		if (!quoted)
			return DS_ENOMEM;
		if (r < 0)
			return ds__kubeadm_error(
				k, v, arg->at,
				"networking.podSubnet: Invalid value: \"%s\": could not parse the value of the "
				"kube-controller-manager flag %s as an integer: strconv.Atoi: parsing %s: %s",
				text, flag, quoted, r == DS_ERANGE ? "value out of range" : "invalid syntax");
		at = arg->at;
	}
	if (c->bits > mask)
		return ds__kubeadm_error(
			k, v, at,
			"networking.podSubnet: Invalid value: \"%s\": the size of pod subnet with mask %u is "
			"smaller than the size of node subnet with mask %" PRId64,
			text, c->bits, mask);
	if (mask - c->bits > MAX_MASK_DIFFERENCE)
		return ds__kubeadm_error(
			k, v, at,
			"networking.podSubnet: Invalid value: \"%s\": pod subnet mask (%u) and node-mask "
			"(%" PRId64 ") difference is greater than %d",
			text, c->bits, mask, MAX_MASK_DIFFERENCE);
	return 0;
}

static int check_pod_subnet(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *at)
{
	const struct ds__kubeadm_arg *allocate = ds__kubeadm_last_arg(&k->controller_manager, "allocate-node-cidrs");
	struct subnets s;
	int r;

	if (!k->ret->pod_subnet.text.n)
		return 0;
	r = check_subnets(k, v, &k->ret->pod_subnet, at, "networking.podSubnet", MIN_POD_ADDRESSES, &s);
	if (r || (k->minor >= 21 && allocate && ds_str_eqz(allocate->value, "false")))
		return r < 0 ? r : 0;
	for (size_t i = 0; i < kept(&s) && r == 0; i++)
		r = check_node_mask(k, v, at, &s.v[i]);
	return r;
}

static int check_networking(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *cluster)
{
	const struct ds_yaml_node *net = ds_yaml_get(cluster, "networking");
	int r = check_subdomain(k, v, ds_yaml_get(net, "dnsDomain"), "networking.dnsDomain", k->ret->dns_domain.text);

	if (r == 0 && !is_placeholder(k->ret->service_subnet.text))
		r = check_service_subnet(k, v, ds_yaml_get(net, "serviceSubnet"));
	if (r == 0 && !is_placeholder(k->ret->pod_subnet.text))
		r = check_pod_subnet(k, v, ds_yaml_get(net, "podSubnet"));
	return r;
}

static int check_args(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *n, const char *path)
{
	struct ds__kubeadm_args args = {0};
	int r = ds__kubeadm_read_args(k, n, &args);

	for (size_t i = 0; i < args.n && r == 0; i++)
		if (args.v[i].name.n == 0)
			r = ds__kubeadm_error(k, v, args.v[i].at,
					      "%s: Invalid value: \"index %zu\": argument has no name", path, i);
	return r;
}

static int check_sans(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *n, const char *path)
{
	for (size_t i = 0; n && n->kind == DS_YAML_SEQUENCE && i < n->n; i++) {
		struct ds_str s = ds__kubeadm_text(n->items[i]), lower;
		struct ds_ip ip;
		char *p = ds_arena_strndup(k->ctx->arena, s.n ? s.p : "", s.n);
		int r;

		if (!p)
			return DS_ENOMEM;
		for (size_t j = 0; j < s.n; j++)
			p[j] = ds_c_lower(p[j]);
		lower = ds_str_n(p, s.n);
		if (is_dns_subdomain(lower) || ds_ip_parse(s, DS_IP_SLOPPY, &ip) == 0 ||
		    (ds_str_starts(lower, "*.") && is_dns_subdomain(ds_str_skip(lower, 2))))
			continue;
		r = invalid(k, v, n->items[i], path, lower,
			    "altname is not a valid IP address, DNS label or a DNS label with subdomain "
			    "wildcards: " DNS_LABEL_TEXT "; " DNS_WILDCARD_TEXT);
		if (r < 0)
			return r;
	}
	return 0;
}

static int check_absolute(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *n, const char *path)
{
	struct ds_str s = ds__kubeadm_text(n);

	return s.n == 0 || s.p[0] == '/' ? 0 : invalid(k, v, n, path, s, "path is not absolute");
}

/* kubeadm's own gates (features.go: InitFeatureGates). */
static const struct gate {
	const char *name;
	unsigned since, until; /* first minor, first minor without it; 0 = open */
} gates[] = {
	{"IPv6DualStack", 0, 24},
	{"PublicKeysECDSA", 0, 0},
	{"RootlessControlPlane", 22, 0},
	{"UnversionedKubeletConfigMap", 23, 26},
	{"EtcdLearnerMode", 27, 0},
	{"UpgradeAddonsBeforeControlPlane", 28, 32},
	{"WaitForAllControlPlaneComponents", 29, 0},
	{"ControlPlaneKubeletLocalMode", 31, 0},
	{"NodeLocalCRISocket", 32, 0},
};

static bool is_gate(const struct ds__kubeadm *k, struct ds_str name)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(gates); i++)
		if (ds_str_eqz(name, gates[i].name))
			return k->minor >= gates[i].since && (!gates[i].until || k->minor < gates[i].until);
	return false;
}

/* The map as field.Invalid prints it: JSON from 1.34 on, Go syntax before; keys sorted in both. */
static void add_gate_map(const struct ds__kubeadm *k, struct ds_buf *b, const struct ds_yaml_node *map)
{
	const struct ds_yaml_pair *last = NULL;

	ds_buf_addz(b, k->minor >= 34 ? "{" : "map[string]bool{");
	for (size_t done = 0; done < map->n; done++) {
		const struct ds_yaml_pair *best = NULL;
		bool on = false;

		for (size_t i = 0; i < map->n; i++) {
			const struct ds_yaml_pair *p = &map->pairs[i];

			if ((last && ds_str_cmp(p->key->text, last->key->text) <= 0) ||
			    (best && ds_str_cmp(p->key->text, best->key->text) > 0))
				continue;
			best = p;
		}
		if (!best)
			break;
		if (last)
			ds_buf_addz(b, k->minor >= 34 ? "," : ", ");
		ds_buf_add_go_quoted(b, best->key->text);
		(void)ds_yaml_as_bool(best->value, &on);
		ds_buf_printf(b, ":%s", on ? "true" : "false");
		last = best;
	}
	ds_buf_addc(b, '}');
}

static int check_gates(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *map)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	/* More gates than any kubeadm has: enough to print a few. */
	if (!map || map->kind != DS_YAML_MAPPING || map->n > 256)
		return 0;
	add_gate_map(k, &b, map);
	if (b.err)
		return DS_ENOMEM;
	for (size_t i = 0; i < map->n; i++) {
		struct ds_str name = map->pairs[i].key->text;
		int r;

		if (is_gate(k, name))
			continue;
		r = ds__kubeadm_error(k, v, map->pairs[i].key,
				      "featureGates: Invalid value: %s: %.*s is not a valid feature name.", b.p,
				      DS_STR_ARG(name));
		if (r < 0)
			return r;
	}
	return 0;
}

static int check_external_etcd(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *n)
{
	const struct ds_yaml_node *endpoints = ds_yaml_get(n, "endpoints");
	bool ca = ds__kubeadm_text(ds_yaml_get(n, "caFile")).n, cert = ds__kubeadm_text(ds_yaml_get(n, "certFile")).n,
	     key = ds__kubeadm_text(ds_yaml_get(n, "keyFile")).n;
	int r = 0;

	if (cert != key)
		r = ds__kubeadm_error(
			k, v, n,
			"etcd.external: Invalid value: \"\": either both or none of .Etcd.External.CertFile and "
			".Etcd.External.KeyFile must be set");
	if (r == 0 && cert && key && !ca)
		r = ds__kubeadm_error(k, v, n,
				      "etcd.external: Invalid value: \"\": setting .Etcd.External.CertFile and "
				      ".Etcd.External.KeyFile requires .Etcd.External.CAFile");
	for (size_t i = 0; r == 0 && endpoints && endpoints->kind == DS_YAML_SEQUENCE && i < endpoints->n; i++) {
		struct ds_str url = ds__kubeadm_text(endpoints->items[i]);
		bool scheme = ds_str_search(url, DS_STR("://")) < url.n;

		if ((ca || cert || key) && !ds_str_starts(url, "https://"))
			r = invalid(k, v, endpoints->items[i], "etcd.external.endpoints", url,
				    "the URL must be using the HTTPS scheme");
		if (r == 0 && !scheme)
			r = invalid(k, v, endpoints->items[i], "etcd.external.endpoints", url,
				    "the URL without scheme is not allowed");
	}
	if (r == 0)
		r = check_absolute(k, v, ds_yaml_get(n, "caFile"), "etcd.external.caFile");
	if (r == 0)
		r = check_absolute(k, v, ds_yaml_get(n, "certFile"), "etcd.external.certFile");
	return r < 0 ? r : check_absolute(k, v, ds_yaml_get(n, "keyFile"), "etcd.external.keyFile");
}

static int check_etcd(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *etcd)
{
	const struct ds_yaml_node *local = ds_yaml_get(etcd, "local"), *external = ds_yaml_get(etcd, "external");
	int r;

	if (ds_yaml_is_null(local))
		local = NULL;
	if (ds_yaml_is_null(external))
		external = NULL;
	if (local && external)
		return ds__kubeadm_error(
			k, v, etcd, "etcd: Invalid value: \"\": .Etcd.Local and .Etcd.External are mutually exclusive");
	if (external)
		return check_external_etcd(k, v, external);
	r = check_absolute(k, v, ds_yaml_get(local, "dataDir"), "etcd.local.dataDir");
	if (r == 0)
		r = check_sans(k, v, ds_yaml_get(local, "serverCertSANs"), "etcd.local.serverCertSANs");
	if (r == 0)
		r = check_sans(k, v, ds_yaml_get(local, "peerCertSANs"), "etcd.local.peerCertSANs");
	return r < 0 ? r : check_args(k, v, ds_yaml_get(local, "extraArgs"), "etcd.local.extraArgs");
}

static int check_algorithm(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *n)
{
	static const char *const known[] = {"ECDSA-P256", "ECDSA-P384", "RSA-2048", "RSA-3072", "RSA-4096"};
	struct ds_str s = ds__kubeadm_text(n);
	const char *quoted;

	for (size_t i = 0; i < DS_ARRAY_SIZE(known); i++)
		if (ds_str_eqz(s, known[i]) && (i != 1 || k->minor >= 35))
			return 0;
	if (s.n == 0)
		return 0;
	quoted = ds_go_quote(k->ctx->arena, s);
	if (!quoted)
		return DS_ENOMEM;
	return ds__kubeadm_error(
		k, v, n,
		"encryptionAlgorithm: Invalid value: %s: Invalid encryption algorithm %s. Must be one of "
		"[ECDSA-P256 %sRSA-2048 RSA-3072 RSA-4096]",
		quoted, quoted, k->minor >= 35 ? "ECDSA-P384 " : "");
}

static int check_cluster(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *c)
{
	int r = check_networking(k, v, c);

	if (r == 0)
		r = check_sans(k, v, ds_yaml_path(c, "apiServer", "certSANs", NULL), "apiServer.certSANs");
	if (r == 0)
		r = check_args(k, v, ds_yaml_path(c, "apiServer", "extraArgs", NULL), "apiServer.extraArgs");
	if (r == 0)
		r = check_args(k, v, ds_yaml_path(c, "controllerManager", "extraArgs", NULL),
			       "controllerManager.extraArgs");
	if (r == 0)
		r = check_args(k, v, ds_yaml_path(c, "scheduler", "extraArgs", NULL), "scheduler.extraArgs");
	if (r == 0)
		r = check_absolute(k, v, ds_yaml_get(c, "certificatesDir"), "certificatesDir");
	if (r == 0)
		r = check_gates(k, v, ds_yaml_get(c, "featureGates"));
	if (r == 0)
		r = check_etcd(k, v, ds_yaml_get(c, "etcd"));
	if (r == 0)
		r = check_algorithm(k, v, ds_yaml_get(c, "encryptionAlgorithm"));
	return r;
}

static int check_node(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *n)
{
	const struct ds_yaml_node *name = ds_yaml_get(n, "name"), *policy = ds_yaml_get(n, "imagePullPolicy");
	struct ds_str s = ds__kubeadm_text(name), lower;
	char *p;
	int r = 0;

	if (s.n && !is_placeholder(s)) {
		/* GetHostname trims and lowers the override. */
		s = ds_str_trim(s);
		p = ds_arena_strndup(k->ctx->arena, s.p, s.n);
		if (!p)
			return DS_ENOMEM;
		for (size_t i = 0; i < s.n; i++)
			p[i] = ds_c_lower(p[i]);
		lower = ds_str_n(p, s.n);
		r = check_subdomain(k, v, name, "nodeRegistration.name", lower);
	}
	s = ds__kubeadm_text(ds_yaml_get(n, "criSocket"));
	if (r == 0 && s.n && ds_str_search(s, DS_STR("://")) < s.n && !ds_str_starts(s, "unix://"))
		r = ds__kubeadm_error(
			k, v, ds_yaml_get(n, "criSocket"),
			"nodeRegistration.criSocket: Invalid value: \"%.*s\": only URL scheme \"unix\" is supported, "
			"got \"%.*s\"",
			DS_STR_ARG(s), (int)ds_str_search(s, DS_STR("://")), s.p);
	if (r == 0)
		r = check_args(k, v, ds_yaml_get(n, "kubeletExtraArgs"), "nodeRegistration.kubeletExtraArgs");
	s = ds__kubeadm_text(policy);
	if (r == 0 && s.n && !ds_str_eqz(s, "Always") && !ds_str_eqz(s, "IfNotPresent") && !ds_str_eqz(s, "Never"))
		r = invalid(k, v, policy, "nodeRegistration.imagePullPolicy", s, "invalid pull policy");
	return r;
}

/* ValidateAPIEndpoint, of what the dynamic defaults let pass. */
static int check_endpoint(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *n, const char *path)
{
	const struct ds_yaml_node *port = ds_yaml_get(n, "bindPort");
	int64_t p = 0;

	/* 0 is defaulted to 6443. */
	if (ds_yaml_as_int(port, 32, &p) < 0 || (p >= 0 && p <= 65535))
		return 0;
	return ds__kubeadm_error(k, v, port, "%s.bindPort: Invalid value: %" PRId64 ": port number is not valid", path,
				 p);
}

static int check_certificate_key(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *n,
				 const char *path)
{
	struct ds_str s = ds__kubeadm_text(n);
	size_t i = 0;
	char text[128];

	/* A secret: it is not repeated in a message. */
	if (is_placeholder(s))
		return ds_verdict_unknown(k->ctx->arena, v, "%s is a placeholder that is filled in later", path);
	while (i < s.n && (ds_c_is_digit(s.p[i]) || (ds_c_lower(s.p[i]) >= 'a' && ds_c_lower(s.p[i]) <= 'f')))
		i++;
	if (i < s.n)
		return ds__kubeadm_error(k, v, n, "%s: Invalid value: (not shown): certificate key decoding error",
					 path);
	if (s.n % 2)
		return ds__kubeadm_error(k, v, n,
					 "%s: Invalid value: (not shown): certificate key decoding error: "
					 "encoding/hex: odd length hex string",
					 path);
	if (s.n == 0 || s.n == 64)
		return 0;
	(void)snprintf(text, sizeof(text), "invalid certificate key size %zu, the key must be an AES key of size 32",
		       s.n / 2);
	return ds__kubeadm_error(k, v, n, "%s: Invalid value: (not shown): %s", path, text);
}

/* SetAPIEndpointDynamicDefaults. 0, 1 when it fails, DS_ENOMEM. */
static int resolve_address(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *at)
{
	struct ds_str s = k->ret->advertise_address.text;
	struct ds_ip ip;
	int r;

	if (s.n == 0 || is_placeholder(s))
		return 0;
	if (ds_ip_parse(s, DS_IP_SLOPPY, &ip) < 0) {
		r = ds__kubeadm_error(
			k, v, at,
			"couldn't use \"%.*s\" as \"apiserver-advertise-address\", must be ipv4 or ipv6 address",
			DS_STR_ARG(s));
		return r < 0 ? r : 1;
	}
	if (!ds_ip_is_loopback(&ip))
		return 0;
	return ds_verdict_unknown(
		k->ctx->arena, v,
		"a loopback advertiseAddress stands for a global address on the interface lo, which only "
		"the machine knows");
}

static bool is_label(struct ds_str s)
{
	return ds_str_starts(s, "stable") || ds_str_starts(s, "latest") || ds_str_starts(s, "ci/") ||
	       ds_str_starts(s, "ci-cross/") || ds_str_starts(s, "release/");
}

/* NormalizeKubernetesVersion. */
static int check_version(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *at)
{
	struct ds_str s = k->ret->kubernetes_version.text;
	struct ds_kube_version version;
	const char *quoted;
	int r;

	if (s.n == 0 || is_label(s) || is_placeholder(s))
		return 0;
	r = ds_kube_version_parse(s, &version);
	if (r < 0 || !version.has_patch) {
		quoted = ds_go_quote(k->ctx->arena, s);
		r = quoted ? ds__kubeadm_error(k, v, at,
					       "version %s doesn't match patterns for neither semantic version nor "
					       "labels (stable, "
					       "latest, ...)",
					       quoted)
			   : DS_ENOMEM;
		return r < 0 ? r : 1;
	}
	/* Versions older than we know are judged by the oldest we know, which would refuse them. */
	if (version.major > 1 || (version.major == 1 && version.minor + 1 >= k->minor) ||
	    (k->inferred && version.minor < DS_KUBE_OLDEST))
		return 0;
	r = ds__kubeadm_error(
		k, v, at,
		"this version of kubeadm only supports deploying clusters with the control plane version >= "
		"1.%u.0. Current version: %s%.*s",
		k->minor - 1, s.p[0] == 'v' ? "" : "v", DS_STR_ARG(s));
	return r < 0 ? r : 1;
}

/* kubeadmutil.ParseHostPort on controlPlaneEndpoint. */
static int check_control_plane(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *at)
{
	struct ds_str s = k->ret->control_plane_endpoint.text, host = s, port = {0};
	const char *unused;
	struct ds_ip ip;
	uint64_t n;
	int r;

	if (s.n == 0 || is_placeholder(s))
		return 0;
	r = ds_go_split_host_port(k->ctx->arena, s, &host, &port, &unused);
	if (r == DS_ENOMEM)
		return r;
	if (r < 0) {
		host = s;
		port = DS_STR("");
	}
	if (port.n && (ds_num_u64(port, 65535, &n) < 0 || n == 0)) {
		r = ds__kubeadm_error(k, v, at,
				      "hostport %.*s: port %.*s must be a valid number between 1 and 65535, inclusive",
				      DS_STR_ARG(s), DS_STR_ARG(port));
		return r < 0 ? r : 1;
	}
	if (ds_ip_parse(host, DS_IP_SLOPPY, &ip) == 0 || (is_dns_subdomain(host) && host.n <= 253))
		return 0;
	r = ds__kubeadm_error(k, v, at,
			      "hostport %.*s: host '%.*s' must be a valid IP address or a valid RFC-1123 DNS subdomain",
			      DS_STR_ARG(s), DS_STR_ARG(host));
	return r < 0 ? r : 1;
}

int ds__kubeadm_validate_init(struct ds__kubeadm *k, struct ds_verdict *v)
{
	const struct ds_yaml_node *init = ds__kubeadm_root(k, DS__KUBEADM_INIT);
	const struct ds_yaml_node *cluster = ds__kubeadm_root(k, DS__KUBEADM_CLUSTER);
	const struct ds_yaml_node *endpoint = ds_yaml_get(init, "localAPIEndpoint");
	int r = note_placeholders(k, v);

	if (r == 0)
		r = resolve_address(k, v, ds_yaml_get(endpoint, "advertiseAddress"));
	if (r == 0)
		r = check_version(k, v, ds_yaml_get(cluster, "kubernetesVersion"));
	if (r == 0)
		r = check_control_plane(k, v, ds_yaml_get(cluster, "controlPlaneEndpoint"));
	if (r)
		return r < 0 ? r : 0;
	r = check_node(k, v, ds_yaml_get(init, "nodeRegistration"));
	if (r == 0)
		r = check_cluster(k, v, cluster);
	if (r == 0)
		r = check_endpoint(k, v, endpoint, "localAPIEndpoint");
	if (r == 0)
		r = check_certificate_key(k, v, ds_yaml_get(init, "certificateKey"), "certificateKey");
	return r;
}

int ds__kubeadm_check_bind_address(struct ds__kubeadm *k, struct ds_verdict *v)
{
	const struct ds_yaml_node *at =
		ds_yaml_path(ds__kubeadm_root(k, DS__KUBEADM_INIT), "localAPIEndpoint", "advertiseAddress", NULL);
	char text[DS_IP_TEXT];
	struct ds_ip ip;

	if (ds_ip_parse(k->ret->advertise_address.text, DS_IP_SLOPPY, &ip) < 0 || ds_ip_is_unspecified(&ip) ||
	    ds_ip_is_loopback(&ip) || ds_ip_is_global_unicast(&ip))
		return 0;
	return ds__kubeadm_error(k, v, at, "cannot use \"%s\" as the bind address for the API Server",
				 ds_ip_format(&ip, text));
}
