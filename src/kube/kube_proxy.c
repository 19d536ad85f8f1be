#include "kube/kube_proxy.h"

#include "base/buf.h"
#include "base/num.h"
#include "kube/kube_proxy_config.h"
#include "kube/version.h"

#define PREFIX "KubeProxyConfiguration."

/* What the steps of a start hand on to each other. */
struct start {
	struct ds_arena *a;
	const struct ds_kube_proxy_input *in;
	unsigned minor;
	struct ds_proxy_config cfg;
	struct ds_gates gates;
	struct ds_verdict *v;
	struct ds_aggregate errors; /* of validation */
	bool running;               /* past validation: a failure now is of the host or the node */
};

static const struct ds_loc *loc_of(const struct start *s, enum ds_proxy_field f)
{
	return &s->cfg.v[f].loc;
}

static struct ds_str text_of(const struct start *s, enum ds_proxy_field f)
{
	return s->cfg.v[f].text;
}

/* From 1.31 on the cluster's ranges are a list of their own in the internal configuration. */
static bool has_cluster_cidr_list(const struct start *s)
{
	return s->minor >= 31;
}

static int invalid(struct start *s, const char *path, struct ds_str value, const char *detail, enum ds_proxy_field f)
{
	return ds_aggregate_invalid(s->a, &s->errors, path, value, detail, loc_of(s, f));
}

static int validate_list(struct start *s, enum ds_proxy_field f, const char *path, bool primary_allowed)
{
	const struct ds_strs *list = &s->cfg.v[f].list;
	struct ds_cidr c;

	for (size_t i = 0; i < list->n; i++) {
		const char *at;
		const char *why = NULL;

		if (primary_allowed && ds_str_eqz(list->v[i], "primary"))
			why = i != 0 || list->n != 1 ? "can't use both 'primary' and CIDRs" : NULL;
		else if (ds_cidr_parse(list->v[i], DS_IP_SLOPPY, &c) < 0)
			why = "must be a valid CIDR";
		if (why) {
			at = ds_arena_printf(s->a, "%s[%zu]", path, i);
			if (!at || invalid(s, at, list->v[i], why, f) < 0)
				return DS_ENOMEM;
		}
		if (primary_allowed && ds_str_eqz(list->v[i], "primary"))
			break;
	}
	return 0;
}

/* Which modes there are, as the message lists them. */
static int validate_mode(struct start *s)
{
	static const struct {
		unsigned since, until;
		const char *modes, *listed;
	} rows[] = {
		{0,  26, "iptables ipvs userspace", "iptables,ipvs,userspace" },
		{26, 28, "iptables ipvs",           "iptables,ipvs"           },
		{28, 33, "iptables ipvs",           "iptables, ipvs"          },
		{33, 99, "iptables ipvs nftables",  "iptables, ipvs, nftables"},
	};
	struct ds_str mode = text_of(s, DS_PROXY_MODE), rest, word;
	bool done = false, nft;
	const char *listed = "", *detail;

	nft = s->minor >= 29 && s->minor < 33 && ds_gates_value(&s->gates, "NFTablesProxyMode") == DS_GATE_ON;
	if (mode.n == 0 || (nft && ds_str_eqz(mode, "nftables")))
		return 0;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		if (s->minor < rows[i].since || s->minor >= rows[i].until)
			continue;
		rest = ds_str_from(rows[i].modes);
		listed = rows[i].listed;
		while (ds_str_split(&rest, ' ', &done, &word))
			if (ds_str_eq(word, mode))
				return 0;
	}
	detail = ds_arena_printf(s->a,
				 "must be %s%s or blank (blank means the best-available proxy [currently iptables])",
				 listed, nft ? ", nftables" : "");
	return detail ? invalid(s, PREFIX "Mode.ProxyMode", mode, detail, DS_PROXY_MODE) : DS_ENOMEM;
}

static int validate_host_port(struct start *s, enum ds_proxy_field f, const char *path)
{
	struct ds_str value = text_of(s, f), host = {0}, port = {0};
	const char *why;
	struct ds_ip ip;
	uint64_t n;
	int r = ds_go_split_host_port(s->a, value, &host, &port, &why);

	if (r == DS_ENOMEM)
		return r;
	if (r < 0)
		return invalid(s, path, value, "must be IP:port", f);
	if (ds_ip_parse(host, DS_IP_SLOPPY, &ip) < 0) {
		r = invalid(s, path, host, "must be a valid IP", f);
		if (r < 0)
			return r;
	}
	/* strconv.Atoi takes a sign. */
	if (ds_num_u64(port.n > 1 && port.p[0] == '+' ? ds_str_skip(port, 1) : port, 65535, &n) < 0 || n == 0)
		return invalid(s, path, port, "must be a valid port", f);
	return 0;
}

#define PAIR_EXAMPLE "(e.g. 10.100.0.0/16,fde4:8dba:82e1::/48)"
#define CIDR_EXAMPLE "must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)"

/* Up to 1.30: the text as a whole, whatever the mode. */
static int validate_cluster_cidr_text(struct start *s)
{
	const struct ds_strs *list = &s->cfg.v[DS_PROXY_CLUSTER_CIDR].list;
	struct ds_str text = text_of(s, DS_PROXY_CLUSTER_CIDR);
	bool dual = s->minor >= 23 || ds_gates_value(&s->gates, "IPv6DualStack") == DS_GATE_ON;
	const char *why = NULL;

	if (text.n == 0)
		return 0;
	if (dual && list->n > 2)
		why = "only one CIDR allowed or a valid DualStack CIDR " PAIR_EXAMPLE;
	else if (dual && list->n == 2)
		why = ds_is_dual_stack(list, NULL) ? NULL : "must be a valid DualStack CIDR " PAIR_EXAMPLE;
	else if (list->n > 1)
		why = "only one CIDR allowed (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)";
	else if (ds_family_of_cidr(text) == DS_FAMILY_NONE)
		why = CIDR_EXAMPLE;
	return why ? invalid(s, PREFIX "ClusterCIDR", text, why, DS_PROXY_CLUSTER_CIDR) : 0;
}

static int validate_cluster_cidr_list(struct start *s)
{
	static const char path[] = PREFIX "DetectLocalConfiguration.ClusterCIDRs";
	static const char pair[] =
		"must be a either a single CIDR or dual-stack pair of CIDRs (e.g. [10.100.0.0/16, fde4:8dba:82e1::/48]";
	const struct ds_strs *list = &s->cfg.v[DS_PROXY_CLUSTER_CIDR].list;
	bool bad = false, dual;
	struct ds_cidr c;

	if (list->n > 2)
		return ds_aggregate_invalid_list(s->a, &s->errors, path, list, pair, s->minor,
						 loc_of(s, DS_PROXY_CLUSTER_CIDR));
	for (size_t i = 0; i < list->n; i++) {
		const char *at = ds_arena_printf(s->a, "%s[%zu]", path, i);

		if (!at)
			return DS_ENOMEM;
		if (ds_cidr_parse(list->v[i], DS_IP_SLOPPY, &c) < 0 &&
		    invalid(s, at, list->v[i], CIDR_EXAMPLE, DS_PROXY_CLUSTER_CIDR) < 0)
			return DS_ENOMEM;
	}
	dual = ds_is_dual_stack(list, &bad);
	if (list->n == 2 && !bad && !dual)
		return ds_aggregate_invalid_list(s->a, &s->errors, path, list, pair, s->minor,
						 loc_of(s, DS_PROXY_CLUSTER_CIDR));
	return 0;
}

static bool mode_is(const struct start *s, const char *mode)
{
	return ds_str_eqz(text_of(s, DS_PROXY_DETECT_LOCAL), mode);
}

/* The modes that need a name, and where it is missed: from 1.31 on in an object of its own. */
static int validate_interface(struct start *s)
{
	static const struct {
		const char *mode, *name;
		enum ds_proxy_field f;
	} required[] = {
		{"BridgeInterface",     "InterfaceName",   DS_PROXY_BRIDGE},
		{"InterfaceNamePrefix", "InterfacePrefix", DS_PROXY_PREFIX},
	};

	for (size_t i = 0; i < DS_ARRAY_SIZE(required); i++) {
		const char *path;

		if (!mode_is(s, required[i].mode) || text_of(s, required[i].f).n)
			continue;
		path = ds_arena_printf(s->a, PREFIX "%s%s", s->minor >= 31 ? "DetectLocalConfiguration." : "",
				       required[i].name);
		return path ? invalid(s, path, DS_STR(""), "must not be empty", required[i].f) : DS_ENOMEM;
	}
	return 0;
}

/* The mode itself is validated from 1.28 on; before, it is looked at when the proxier is made. */
static int validate_detect_local(struct start *s)
{
	static const char *const known[] = {"ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix", ""};
	bool found = s->minor < 28;
	const char *q;

	for (size_t i = 0; i < DS_ARRAY_SIZE(known); i++)
		found |= mode_is(s, known[i]);
	if (!found) {
		q = ds_go_quote(s->a, text_of(s, DS_PROXY_DETECT_LOCAL));
		return ds_aggregate_add(s->a, &s->errors,
					q ? ds_arena_printf(s->a,
							    PREFIX "DetectLocalMode: Unsupported value: %s: supported "
								   "values: \"ClusterCIDR\", \"NodeCIDR\", "
								   "\"BridgeInterface\", \"InterfaceNamePrefix\", \"\"",
							    q)
					  : NULL,
					loc_of(s, DS_PROXY_DETECT_LOCAL));
	}
	if (has_cluster_cidr_list(s) && mode_is(s, "ClusterCIDR"))
		return validate_cluster_cidr_list(s);
	return validate_interface(s);
}

/* Steps in the order of validation.go; the parts that nothing here can see are left out. */
static int validate(struct start *s)
{
	struct ds_ip ip;
	int r = 0;

	if (ds_str_eqz(text_of(s, DS_PROXY_MODE), "ipvs"))
		r = validate_list(s, DS_PROXY_EXCLUDE_CIDRS, PREFIX "KubeProxyIPVSConfiguration.ExcludeCidrs", false);
	if (r == 0)
		r = validate_mode(s);
	if (r == 0 && ds_ip_parse(text_of(s, DS_PROXY_BIND), DS_IP_SLOPPY, &ip) < 0)
		r = invalid(s, PREFIX "BindAddress", text_of(s, DS_PROXY_BIND),
			    "not a valid textual representation of an IP address", DS_PROXY_BIND);
	if (r == 0 && text_of(s, DS_PROXY_HEALTHZ).n)
		r = validate_host_port(s, DS_PROXY_HEALTHZ, PREFIX "HealthzBindAddress");
	if (r == 0)
		r = validate_host_port(s, DS_PROXY_METRICS, PREFIX "MetricsBindAddress");
	if (r == 0 && !has_cluster_cidr_list(s))
		r = validate_cluster_cidr_text(s);
	if (r == 0)
		r = validate_list(s, DS_PROXY_NODEPORT, PREFIX "NodePortAddresses", s->minor >= 31);
	if (r == 0 && s->minor >= 24)
		r = validate_detect_local(s);
	if (r < 0 || s->errors.items.n == 0)
		return r;
	return ds_node_error(s->a, s->v, ds_aggregate_text(s->a, &s->errors, ""), ds_aggregate_loc(&s->errors));
}

/* A scenario that the checks at run time are gone through with. */
struct scene {
	enum ds_family primary;
	bool dual;
	bool node_known;
};

static const char *digit(enum ds_family f)
{
	return f == DS_IPV4 ? "4" : "6";
}

static bool all_of(const struct ds_str *v, size_t n, enum ds_family f)
{
	for (size_t i = 0; i < n; i++)
		if (ds_family_of_cidr(v[i]) != f)
			return false;
	return n > 0;
}

static bool bad_bind_address(struct start *s, enum ds_proxy_field f, enum ds_family bad)
{
	struct ds_str host = {0}, port;
	const char *why;
	struct ds_ip ip;

	return ds_go_split_host_port(s->a, text_of(s, f), &host, &port, &why) == 0 && host.n &&
	       ds_ip_parse(host, DS_IP_SLOPPY, &ip) == 0 && ip.family == bad && !ds_ip_is_unspecified(&ip);
}

/* checkBadIPConfig. *ret_fatal: the aggregate ends the process. */
static int check_families(struct start *s, const struct scene *c, struct ds_aggregate *g, bool *ret_fatal)
{
	enum ds_family bad = c->primary == DS_IPV4 ? DS_IPV6 : DS_IPV4;
	const struct ds_proxy_value *v = s->cfg.v;
	const struct {
		bool bad;
		bool fatal;
		const char *what; /* "clusterCIDRs contains only IPv%s addresses" */
		enum ds_proxy_field f;
	} checks[] = {
		{all_of(v[DS_PROXY_CLUSTER_CIDR].list.v, v[DS_PROXY_CLUSTER_CIDR].list.n, bad),
		 mode_is(s, "ClusterCIDR") && !c->dual, "clusterCIDRs contains only IPv%s addresses",
		 DS_PROXY_CLUSTER_CIDR},
		{s->minor < 29 && all_of(v[DS_PROXY_NODEPORT].list.v, v[DS_PROXY_NODEPORT].list.n, bad), false,
		 "nodePortAddresses contains only IPv%s addresses", DS_PROXY_NODEPORT},
		{all_of(s->in->pod_cidrs, c->node_known ? s->in->n_pod_cidrs : 0, bad) && mode_is(s, "NodeCIDR"), true,
		 "node.spec.podCIDRs contains only IPv%s addresses", DS_PROXY_DETECT_LOCAL},
		{ds_family_of_ip(v[DS_PROXY_SOURCE_VIP].text) == bad, false, "winkernel.sourceVip is IPv%s",
		 DS_PROXY_SOURCE_VIP},
		{!c->dual && all_of(v[DS_PROXY_EXCLUDE_CIDRS].list.v, v[DS_PROXY_EXCLUDE_CIDRS].list.n, bad), false,
		 "ipvs.excludeCIDRs contains only IPv%s addresses", DS_PROXY_EXCLUDE_CIDRS},
		{!c->dual && bad_bind_address(s, DS_PROXY_HEALTHZ, bad), false, "healthzBindAddress is IPv%s",
		 DS_PROXY_HEALTHZ},
		{!c->dual && bad_bind_address(s, DS_PROXY_METRICS, bad), false, "metricsBindAddress is IPv%s",
		 DS_PROXY_METRICS},
	};

	for (size_t i = 0; i < DS_ARRAY_SIZE(checks); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
		struct ds_str what = ds_str_from(checks[i].what);
		size_t at = ds_str_search(what, DS_STR("%s"));

		if (!checks[i].bad)
			continue;
		ds_buf_printf(&b, "cluster is %s-%s but ", ds_family_name(c->primary), c->dual ? "primary" : "only");
		ds_buf_adds(&b, ds_str_head(what, at));
		ds_buf_addz(&b, digit(bad));
		ds_buf_adds(&b, ds_str_skip(what, at + 2));
		if (ds_aggregate_add(s->a, g, ds_buf_dup(&b, s->a), loc_of(s, checks[i].f)) < 0)
			return DS_ENOMEM;
		*ret_fatal |= checks[i].fatal;
	}
	return 0;
}

/* Up to 1.27 a single-stack proxier only takes ranges of its own family. */
static int check_local_detector(struct start *s, const struct scene *c, struct ds_aggregate *g, bool *ret_fatal)
{
	const char *text = NULL;
	struct ds_str cidr;
	bool node = mode_is(s, "NodeCIDR");

	if (c->dual || (!node && !mode_is(s, "ClusterCIDR")) || (node && (!c->node_known || s->in->n_pod_cidrs == 0)))
		return 0;
	cidr = node ? s->in->pod_cidrs[0] : text_of(s, DS_PROXY_CLUSTER_CIDR);
	if (ds_str_trim(cidr).n == 0)
		return 0;
	if ((ds_family_of_cidr(cidr) == DS_IPV6) != (c->primary == DS_IPV6))
		text = ds_arena_printf(s->a,
				       "unable to create proxier: CIDR %.*s has incorrect IP version: expect isIPv6=%s",
				       DS_STR_ARG(cidr), c->primary == DS_IPV6 ? "true" : "false");
	else if (ds_family_of_cidr(cidr) == DS_FAMILY_NONE)
		text = ds_arena_printf(s->a, "unable to create proxier: invalid CIDR address: %.*s", DS_STR_ARG(cidr));
	else
		return 0;
	*ret_fatal = true;
	return ds_aggregate_add(s->a, g, text, loc_of(s, node ? DS_PROXY_DETECT_LOCAL : DS_PROXY_CLUSTER_CIDR));
}

static int check_scene(struct start *s, const struct scene *c, struct ds_aggregate *g, bool *ret_fatal)
{
	*ret_fatal = false;
	return s->minor >= 28 ? check_families(s, c, g, ret_fatal) : check_local_detector(s, c, g, ret_fatal);
}

/* checkBadConfig: NodePorts on addresses nobody thought of. */
static int check_node_ports(struct start *s, const struct scene *c)
{
	const struct ds_strs *ports = &s->cfg.v[DS_PROXY_NODEPORT].list;
	struct ds_strs pods = {(struct ds_str *)NULL, 0, 0};
	const char *primary = ds_family_name(c->primary), *other = c->primary == DS_IPV4 ? "IPv6" : "IPv4";
	size_t of_primary = 0;
	bool dual;
	const char *text = NULL;

	for (size_t i = 0; c->node_known && i < s->in->n_pod_cidrs; i++)
		if (ds_vec_push(s->a, &pods, s->in->pod_cidrs[i]) < 0)
			return DS_ENOMEM;
	dual = ds_is_dual_stack(&s->cfg.v[DS_PROXY_CLUSTER_CIDR].list, NULL) || ds_is_dual_stack(ports, NULL) ||
	       ds_is_dual_stack(&s->cfg.v[DS_PROXY_EXCLUDE_CIDRS].list, NULL) || ds_is_dual_stack(&pods, NULL);
	for (size_t i = 0; i < ports->n; i++)
		of_primary += ds_family_of_cidr(ports->v[i]) == c->primary;
	if (ports->n == 0)
		text = "nodePortAddresses is unset; NodePort connections will be accepted on all local IPs. "
		       "Consider using `--nodeport-addresses primary`";
	else if (dual && of_primary == ports->n)
		text = ds_arena_printf(s->a,
				       "cluster appears to be dual-stack but nodePortAddresses contains only %s "
				       "addresses; NodePort connections will be accepted on all local %s IPs",
				       primary, other);
	else if (of_primary == 0)
		text = ds_arena_printf(s->a,
				       "cluster appears to be %s-primary but nodePortAddresses contains only %s "
				       "addresses; NodePort connections will be accepted on all local %s IPs",
				       primary, other, primary);
	else
		return 0;
	return ds_node_warning(s->a, s->v, text, loc_of(s, DS_PROXY_NODEPORT));
}

/* detectNodeIPs: the primary family, and both node IPs in ips[0] (IPv4) and ips[1] (IPv6). False: the Node decides. */
static bool detect_node_ips(const struct start *s, enum ds_family *ret_primary, struct ds_ip ips[static 2])
{
	enum ds_family primary = DS_IPV4;
	struct ds_ip bind;
	bool known = s->in->node_known;

	ips[0] = (struct ds_ip){.family = DS_IPV4, .b = {127, 0, 0, 1}};
	ips[1] = (struct ds_ip){.family = DS_IPV6, .b = {[15] = 1}};
	for (size_t i = 0; known && i < s->in->n_node_ips && i < 2; i++) {
		enum ds_family f = (enum ds_family)s->in->node_ips[i].family;

		ips[f == DS_IPV6] = s->in->node_ips[i];
		if (i == 0)
			primary = f;
	}
	if (ds_ip_parse(text_of(s, DS_PROXY_BIND), DS_IP_SLOPPY, &bind) == 0 && !ds_ip_is_unspecified(&bind)) {
		primary = (enum ds_family)bind.family;
		ips[primary == DS_IPV6] = bind;
		known = true;
	}
	*ret_primary = primary;
	return known;
}

/* "primary" stands for the node's own addresses. */
static int expand_primary(struct start *s, const struct ds_ip ips[static 2])
{
	struct ds_strs *ports = &s->cfg.v[DS_PROXY_NODEPORT].list;
	struct ds_strs own = {NULL, 0, 0};

	if (ports->n != 1 || !ds_str_eqz(ports->v[0], "primary"))
		return 0;
	for (size_t i = 0; i < 2; i++) {
		char text[DS_IP_TEXT];
		const char *cidr;

		if (ds_ip_is_loopback(&ips[i]))
			continue;
		cidr = ds_arena_printf(s->a, "%s/%d", ds_ip_format(&ips[i], text), i ? 128 : 32);
		if (!cidr || ds_vec_push(s->a, &own, ds_str_from(cidr)) < 0)
			return DS_ENOMEM;
	}
	*ports = own;
	return 0;
}

static int report_scene(struct start *s, const struct ds_aggregate *g, bool fatal)
{
	const char *prefix = s->minor >= 28 ? "kube-proxy configuration is incorrect: " : "";

	if (g->items.n == 0)
		return 0;
	if (fatal)
		return ds_node_error(s->a, s->v, ds_aggregate_text(s->a, g, prefix), ds_aggregate_loc(g));
	return ds_node_warning(s->a, s->v, ds_aggregate_text(s->a, g, ""), &g->items.v[0].loc);
}

/* What holds in every case that may be: all refused, none, or it depends. */
static int check_cases(struct start *s, const struct scene *cases, size_t n)
{
	struct ds_aggregate g[4];
	size_t fatal = 0, silent = 0;
	bool f;

	for (size_t i = 0; i < n; i++) {
		g[i] = (struct ds_aggregate){0};
		if (check_scene(s, &cases[i], &g[i], &f) < 0)
			return DS_ENOMEM;
		fatal += f;
		silent += g[i].items.n == 0;
	}
	if (n == 1)
		return report_scene(s, &g[0], fatal > 0);
	if (fatal > 0 && fatal < n)
		ds_node_unknown(s->v, s->in->node_known
						 ? "the families that the host supports are not known"
						 : "the node's addresses are not known");
	/* The words differ from case to case: say those of the first, but only what all have. */
	return fatal == n || (fatal == 0 && silent == 0) ? report_scene(s, &g[0], fatal == n) : 0;
}

static int check_support(struct start *s, enum ds_family primary, bool known)
{
	const char *family = ds_family_name(primary);
	bool only4 = s->in->host == DS_HOST_IPV4_ONLY, only6 = s->in->host == DS_HOST_IPV6_ONLY;

	if (s->in->host == DS_HOST_NONE)
		return ds_node_error(s->a, s->v, "iptables is not available on this host", NULL);
	if (!known || s->minor < 29 || !((primary == DS_IPV4 && only6) || (primary == DS_IPV6 && only4)))
		return 0;
	return ds_node_error(s->a, s->v, ds_arena_printf(s->a, "no support for primary IP family \"%s\"", family),
				loc_of(s, DS_PROXY_BIND));
}

static bool may_be(const struct start *s, bool dual)
{
	if (s->minor < 23 && ds_gates_value(&s->gates, "IPv6DualStack") == DS_GATE_OFF)
		return !dual;
	return s->in->host == DS_HOST_UNKNOWN || (s->in->host == DS_HOST_DUAL) == dual;
}

static int run(struct start *s)
{
	enum ds_family primary;
	struct ds_ip ips[2];
	struct scene cases[4];
	bool known = detect_node_ips(s, &primary, ips);
	size_t n = 0;
	int r;

	if (s->in->node_known && !s->in->primary_unexpanded) {
		r = expand_primary(s, ips);
		if (r < 0)
			return r;
	}
	for (int f = 0; f < 2; f++)
		for (int dual = 1; dual >= 0; dual--)
			if ((!known || (f == 1) == (primary == DS_IPV6)) && may_be(s, dual))
				cases[n++] = (struct scene){f ? DS_IPV6 : DS_IPV4, dual, s->in->node_known};
	if (known && ds_verdict_derive_string(s->a, s->v, "primaryIPFamily", ds_family_name(primary)) < 0)
		return DS_ENOMEM;
	if (s->minor >= 31 && n > 0) {
		bool own = !s->in->primary_unexpanded && s->cfg.v[DS_PROXY_NODEPORT].list.n == 1 &&
			   ds_str_eqz(s->cfg.v[DS_PROXY_NODEPORT].list.v[0], "primary");

		if ((known || s->cfg.v[DS_PROXY_NODEPORT].list.n == 0) && !own && check_node_ports(s, &cases[0]) < 0)
			return DS_ENOMEM;
	}
	r = check_support(s, primary, known);
	if (r == 0 && s->v->errors.n == 0)
		r = check_cases(s, cases, n);
	if (r == 0 && !s->in->node_known && mode_is(s, "NodeCIDR"))
		ds_node_unknown(s->v, "the node's podCIDRs are not known");
	return r;
}

static int derive(struct start *s)
{
	static const struct {
		const char *name;
		enum ds_proxy_field f;
		bool list;
	} rows[] = {
		{"clusterCIDRs",      DS_PROXY_CLUSTER_CIDR, true },
		{"nodePortAddresses", DS_PROXY_NODEPORT,     true },
		{"detectLocalMode",   DS_PROXY_DETECT_LOCAL, false},
		{"mode",              DS_PROXY_MODE,         false},
	};

	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		const struct ds_proxy_value *v = &s->cfg.v[rows[i].f];
		int r = 0;

		if (rows[i].list && v->list.n)
			r = ds_node_derive_list(s->a, s->v, rows[i].name, &v->list);
		else if (!rows[i].list && v->text.n)
			r = ds_verdict_derive_string(s->a, s->v, rows[i].name,
						     ds_arena_strndup(s->a, v->text.p, v->text.n));
		if (r < 0)
			return r;
	}
	if (s->cfg.ignored_flags.n &&
	    ds_node_derive_list(s->a, s->v, "ignoredFlags", &s->cfg.ignored_flags) < 0)
		return DS_ENOMEM;
	if (s->cfg.ignored_fields.n &&
	    ds_node_derive_list(s->a, s->v, "ignoredFields", &s->cfg.ignored_fields) < 0)
		return DS_ENOMEM;
	return 0;
}

static int parse_flags(struct start *s)
{
	const struct ds_cmdline *cl = s->in->cmdline;
	const struct ds_arg *arg;
	const char *list;

	if (!cl || ds_node_cmdline_ends(s->v, cl))
		return 0;
	if (cl->errors.n) {
		const struct ds_flag_error *e = &cl->errors.v[0];

		if (!e->unsure)
			return ds_node_error(s->a, s->v, e->message, &e->loc);
		ds_node_unknown(s->v, e->message);
	}
	if (ds_positionals_any(cl, &arg) && cl->guessed) {
		ds_node_unknown(s->v, "the argument boundaries were lost: a word may be part of a value");
	} else if (ds_positionals_any(cl, &arg)) {
		list = ds_positionals_text(s->a, cl);
		return ds_node_error(
			s->a, s->v,
			list ? ds_arena_printf(s->a, "\"kube-proxy\" does not take any arguments, got %s", list) : NULL,
			&arg->loc);
	}
	return 0;
}

static int apply_gates(struct start *s)
{
	int r = ds_gates_check(s->a, &s->gates);

	if (r < 0)
		return r;
	if (s->gates.unsure.n)
		ds_node_unknown(s->v, "whether this version knows every feature gate that is set is not known");
	if (s->gates.errors.n)
		return ds_node_error(s->a, s->v, s->gates.errors.v[0].message, &s->gates.errors.v[0].loc);
	for (size_t i = 0; i < s->gates.warnings.n; i++)
		if (ds_vec_push(s->a, &s->v->warnings, s->gates.warnings.v[i]) < 0)
			return DS_ENOMEM;
	return 0;
}

/* getDetectLocalMode: up to 1.27 the mode is looked at when the proxier is made. */
static int check_old_mode(struct start *s)
{
	static const struct {
		const char *mode;
		unsigned since;
	} known[] = {
		{"ClusterCIDR", 0}, {"NodeCIDR", 0}, {"BridgeInterface", 24}, {"InterfaceNamePrefix", 24},
	};
	struct ds_str mode = text_of(s, DS_PROXY_DETECT_LOCAL);

	if (s->minor >= 28)
		return 0;
	for (size_t i = 0; i < DS_ARRAY_SIZE(known); i++)
		if (mode_is(s, known[i].mode) && s->minor >= known[i].since)
			return 0;
	return ds_node_error(
		s->a, s->v,
		ds_arena_printf(s->a, "cannot determine detect-local-mode: unknown detect-local-mode: %.*s",
				DS_STR_ARG(mode)),
		loc_of(s, DS_PROXY_DETECT_LOCAL));
}

static int decide(struct start *s)
{
	static int (*const steps[])(struct start *) = {validate, check_old_mode, run};
	const struct ds_kube_proxy_input *in = s->in;
	struct ds_loc loc = {0};
	const char *why = NULL;
	int r = parse_flags(s);

	if (r < 0 || s->v->errors.n || s->v->reason)
		return r;
	r = ds_proxy_config_complete(s->a, in->cmdline, in->config, in->config_unseen, s->minor, &s->cfg, &s->gates,
				     &why, &loc);
	if (r == DS_ENOMEM)
		return r;
	if (r < 0)
		return ds_node_error(s->a, s->v, why, &loc);
	r = apply_gates(s);
	if (r < 0 || s->v->errors.n)
		return r;
	if (in->config_unseen)
		ds_node_unknown(s->v, "the file that --config names was not read");
	else if (s->cfg.unresolved || s->gates.unresolved)
		ds_node_unknown(s->v, "a value is only known when the container starts");
	for (size_t i = 0; i < DS_ARRAY_SIZE(steps) && !s->v->reason && s->v->errors.n == 0; i++) {
		s->running = steps[i] == run;
		r = steps[i](s);
		if (r < 0)
			return r;
	}
	return 0;
}

int ds_kube_proxy_verdict(struct ds_arena *a, const struct ds_kube_proxy_input *in, struct ds_verdict *ret)
{
	struct start s = {.a = a, .in = in, .minor = ds_node_minor(in->minor), .v = ret};
	int r;

	*ret = (struct ds_verdict){0};
	r = decide(&s);
	if (r == 0)
		r = derive(&s);
	if (r == 0)
		r = ds_verdict_derive_bool(a, ret, "fatal", ret->errors.n > 0 && s.running);
	ds_verdict_settle(ret);
	return r;
}
