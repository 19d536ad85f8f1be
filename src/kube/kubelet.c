#include "kube/kubelet.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/num.h"
#include "kube/version.h"
#include "yaml/scalar.h"

#define KIND "KubeletConfiguration"

/* ---- --node-ip ---- */

enum node_ip_problem { FINE, SINGLE_STACK, NOT_A_PAIR, NOT_SUPPORTED, UNSPECIFIED };

static enum node_ip_problem judge(const struct ds_ip *ips, size_t n, unsigned minor, bool allow_dual, bool dual_stack)
{
	if (minor < 23 && !dual_stack && n > 1)
		return SINGLE_STACK;
	if (n > 2 || (n == 2 && ips[0].family == ips[1].family))
		return NOT_A_PAIR;
	if (n == 2 && !allow_dual)
		return NOT_SUPPORTED;
	if (n == 2 && (ds_ip_is_unspecified(&ips[0]) || ds_ip_is_unspecified(&ips[1])))
		return UNSPECIFIED;
	return FINE;
}

static int word(struct ds_arena *a, enum node_ip_problem p, unsigned minor, struct ds_str value, const char **ret)
{
	/* Before and after the quoted value; from 1.27 on the parser is a function of its own. */
	static const struct {
		const char *before, *after;
	} old[] = {
		[SINGLE_STACK] = {"dual-stack --node-ip ", " not supported in a single-stack cluster"},
		[NOT_A_PAIR] = {"bad --node-ip ", "; must contain either a single IP or a dual-stack pair of IPs"},
		[NOT_SUPPORTED] = {"dual-stack --node-ip ", " not supported when using a cloud provider"},
		[UNSPECIFIED] = {"dual-stack --node-ip ", " cannot include '0.0.0.0' or '::'"},
	}, now[] = {
		[NOT_A_PAIR] = {"bad --node-ip ", ": must contain either a single IP or a dual-stack pair of IPs"},
		[NOT_SUPPORTED] = {"bad --node-ip ", ": dual-stack not supported in this configuration"},
		[UNSPECIFIED] = {"bad --node-ip ", ": dual-stack node IP cannot include '0.0.0.0' or '::'"},
	};
	const char *q = ds_go_quote(a, value), *before, *after;

	before = minor >= 27 ? now[p].before : old[p].before;
	after = minor >= 27 ? now[p].after : old[p].after;
	*ret = q ? ds_arena_printf(a, "%s%s%s", before, q, after) : NULL;
	return *ret ? 0 : DS_ENOMEM;
}

int ds_kubelet_parse_node_ip(struct ds_arena *a, unsigned minor, struct ds_str node_ip, struct ds_str cloud_provider,
			     bool cloud_dual_stack, bool dual_stack, struct ds_node_ip *ret)
{
	struct ds_str rest = node_ip, part;
	struct ds_ip ips[3] = {{0}};
	enum node_ip_problem p;
	size_t n = 0;
	bool done = false, allow;

	*ret = (struct ds_node_ip){0};
	if (node_ip.n == 0)
		return 0;
	while (ds_str_split(&rest, ',', &done, &part)) {
		struct ds_ip ip;

		part = ds_str_trim(part);
		if (ds_ip_parse(part, DS_IP_SLOPPY, &ip) == 0) {
			if (n < 3) /* a third is one too many, whatever it is */
				ips[n++] = ip;
		} else if (ds_vec_push(a, &ret->ignored, part) < 0) {
			return DS_ENOMEM;
		}
	}
	allow = cloud_provider.n == 0 ||
		(ds_str_eqz(cloud_provider, "external") && (minor >= 30 || (minor >= 27 && cloud_dual_stack)));
	p = judge(ips, n, minor, allow, dual_stack);
	if (p != FINE)
		return word(a, p, minor, node_ip, &ret->error);
	ret->n = n;
	memcpy(ret->ips, ips, sizeof(ret->ips));
	return 0;
}

int ds_kubelet_check_node_ip(struct ds_arena *a, const struct ds_ip *ip, const struct ds_ip *host, size_t n_host,
			     const char **ret)
{
	static const struct {
		bool (*is)(const struct ds_ip *);
		const char *message;
	} checks[] = {
		{ds_ip_is_loopback,           "nodeIP can't be loopback address"              },
		{ds_ip_is_multicast,          "nodeIP can't be a multicast address"           },
		{ds_ip_is_link_local_unicast, "nodeIP can't be a link-local unicast address"  },
		{ds_ip_is_unspecified,        "nodeIP can't be an all zeros address"          },
	};
	char text[DS_IP_TEXT];

	*ret = NULL;
	for (size_t i = 0; i < DS_ARRAY_SIZE(checks); i++) {
		if (checks[i].is(ip)) {
			*ret = checks[i].message;
			return 0;
		}
	}
	if (!host)
		return 0;
	for (size_t i = 0; i < n_host; i++)
		if (ds_ip_eq(ip, &host[i]))
			return 0;
	*ret = ds_arena_printf(a, "node IP: \"%s\" not found in the host's network interfaces", ds_ip_format(ip, text));
	return *ret ? 0 : DS_ENOMEM;
}

/* ---- the whole start ---- */

struct start {
	struct ds_arena *a;
	const struct ds_kubelet_input *in;
	unsigned minor;
	struct ds_verdict *v;
	struct ds_gates gates;
	struct ds_strs cluster_dns;
	struct ds_loc cluster_dns_loc;
	struct ds_str pod_cidr;
	int64_t max_pods;
	struct ds_loc max_pods_loc;
};

static struct ds_str flag_text(const struct start *s, const char *name)
{
	const struct ds_flag_use *u = s->in->cmdline ? ds_cmdline_last(s->in->cmdline, name) : NULL;

	return u ? u->value : DS_STR("");
}

static const struct ds_loc *flag_loc(const struct start *s, const char *name)
{
	const struct ds_flag_use *u = s->in->cmdline ? ds_cmdline_last(s->in->cmdline, name) : NULL;

	return u ? &u->value_loc : NULL;
}

/* Whether the flag's value is only known to the runtime. */
static bool flag_hidden(const struct start *s, const char *name)
{
	const struct ds_flag_use *u = s->in->cmdline ? ds_cmdline_last(s->in->cmdline, name) : NULL;

	return u && u->unresolved;
}

static char *joined(struct ds_arena *a, const char *before, struct ds_str text)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	ds_buf_addz(&b, before);
	ds_buf_adds(&b, text);
	return ds_buf_dup(&b, a);
}

static int parse_flags(struct start *s)
{
	const struct ds_cmdline *cl = s->in->cmdline;
	const struct ds_arg *arg;

	if (!cl || ds_node_cmdline_ends(s->v, cl))
		return 0;
	if (cl->errors.n) {
		const struct ds_flag_error *e = &cl->errors.v[0];

		if (!e->unsure)
			return ds_node_error(s->a, s->v,
					     joined(s->a, "failed to parse kubelet flag: ", ds_str_from(e->message)),
					     &e->loc);
		ds_node_unknown(s->v, e->message);
	}
	if (cl->positionals.n && cl->guessed) {
		ds_node_unknown(s->v, "the argument boundaries were lost: a word may be part of a value");
	} else if (cl->positionals.n) {
		arg = &cl->positionals.v[0];
		return ds_node_error(s->a, s->v, joined(s->a, "unknown command ", arg->text), &arg->loc);
	}
	return 0;
}

/* Gates of the flags alone are tried first, then together with the file's. */
static int check_gates(struct start *s, struct ds_gates *g)
{
	static const char before[] = "failed to set feature gates from initial flags-based config: ";

	if (ds_gates_check(s->a, g) < 0)
		return DS_ENOMEM;
	if (g->unsure.n)
		ds_node_unknown(s->v, "whether this version knows every feature gate that is set is not known");
	if (g->errors.n)
		return ds_node_error(s->a, s->v, joined(s->a, before, ds_str_from(g->errors.v[0].message)),
				     &g->errors.v[0].loc);
	return 0;
}

static int flag_gates(struct start *s)
{
	int r;

	s->gates = (struct ds_gates){.component = DS_KUBELET, .minor = s->minor, .emulated = s->minor};
	if (!s->in->cmdline)
		return 0;
	r = ds_gates_from_flags(s->a, s->in->cmdline, s->minor, &s->gates);
	return r < 0 ? r : check_gates(s, &s->gates);
}

/* Go's words around an error of the main file (the first document). */
static int config_error(struct start *s, const struct ds_config_doc *doc, const char *why, const struct ds_loc *loc)
{
	const char *name = doc->input ? doc->input->name : "";
	const char *text = doc == s->in->configs
				   ? ds_arena_printf(s->a,
						     "failed to load kubelet config file, path: %s, error: failed to "
						     "load Kubelet config file %s, error failed to decode: %s",
						     name, name, why)
				   : ds_arena_printf(s->a,
						     "failed to merge kubelet configs: failed to load kubelet dropin "
						     "file, path: %s, error: %s",
						     name, why);

	return ds_node_error(s->a, s->v, text, loc);
}

static int read_int(struct start *s, const struct ds_config_doc *doc, const char *key, int64_t *ret, struct ds_loc *loc,
		    const char **reterr)
{
	const struct ds_yaml_node *node = ds_yaml_get(doc->root, key);
	int64_t v = 0;
	int r;

	if (!node || ds_yaml_is_null(node))
		return 0;
	*loc = ds_yaml_loc(s->a, doc->input, node);
	r = ds_yaml_as_int(node, 32, &v);
	if (r == 0) {
		*ret = v;
		return 0;
	}
	if (r == DS_ERANGE || strcmp(ds_yaml_json_type(node), "number") == 0)
		*reterr = ds_arena_printf(s->a,
					  "json: cannot unmarshal number %.*s into Go struct field " KIND
					  ".%s of type int32",
					  DS_STR_ARG(node->text), key);
	else
		*reterr = ds_arena_printf(s->a,
					  "json: cannot unmarshal %s into Go struct field " KIND ".%s of type int32",
					  ds_yaml_json_type(node), key);
	return *reterr ? DS_ETYPE : DS_ENOMEM;
}

static int read_config(struct start *s, const struct ds_config_doc *doc)
{
	const char *why = NULL;
	struct ds_loc loc = {0};
	struct ds_strs dns = {NULL, 0, 0};
	int r = 0;

	if (doc == s->in->configs || s->minor >= 32)
		r = ds_config_check_type(s->a, doc, "kubelet.config.k8s.io/v1beta1", KIND,
					 "k8s.io/kubernetes/pkg/kubelet/apis/config/scheme/scheme.go:33", &why, &loc);
	if (r == 0)
		r = ds_config_list(s->a, doc, doc->root, KIND, "clusterDNS", "clusterDNS", &dns, &loc, &why);
	if (r == 0 && ds_yaml_get(doc->root, "clusterDNS")) { /* a later list replaces, null empties */
		s->cluster_dns = dns;
		s->cluster_dns_loc = loc;
	}
	if (r == 0)
		r = ds_config_string(s->a, doc, doc->root, KIND, "podCIDR", "podCIDR", &s->pod_cidr, &loc, &why);
	if (r == 0)
		r = read_int(s, doc, "maxPods", &s->max_pods, &loc, &why);
	if (r == 0 && ds_yaml_get(doc->root, "maxPods"))
		s->max_pods_loc = loc;
	if (r == 0)
		r = ds_config_gates(s->a, doc, KIND, &s->gates, &why, &loc);
	if (r == DS_ENOMEM || r == 0)
		return r;
	return config_error(s, doc, why, &loc);
}

static int apply_flags(struct start *s)
{
	const struct ds_cmdline *cl = s->in->cmdline;
	const struct ds_flag_use *dns = cl ? ds_cmdline_last(cl, "cluster-dns") : NULL;
	const struct ds_flag_use *pods = cl ? ds_cmdline_last(cl, "max-pods") : NULL;
	const char *why;
	int64_t v;

	if (dns) {
		s->cluster_dns = (struct ds_strs){NULL, 0, 0};
		if (ds_cmdline_slice(s->a, cl, "cluster-dns", &s->cluster_dns.v, &s->cluster_dns.n, &why) == DS_ENOMEM)
			return DS_ENOMEM;
		s->cluster_dns_loc = dns->value_loc;
	}
	if (pods && ds_num_go_int0(pods->value, 32, &v) == 0) {
		s->max_pods = v;
		s->max_pods_loc = pods->value_loc;
	}
	if (cl && ds_cmdline_last(cl, "pod-cidr"))
		s->pod_cidr = flag_text(s, "pod-cidr");
	return 0;
}

static int load_config(struct start *s)
{
	struct ds_gates flags = s->gates;
	int r;

	s->max_pods = 110;
	if (s->in->n_configs == 0)
		return apply_flags(s);
	s->gates = (struct ds_gates){.component = DS_KUBELET, .minor = s->minor, .emulated = s->minor};
	for (size_t i = 0; i < s->in->n_configs; i++) {
		r = read_config(s, &s->in->configs[i]);
		if (r < 0 || s->v->errors.n)
			return r;
	}
	/* Gates are united; the flag wins. */
	for (size_t i = 0; i < flags.settings.n; i++)
		if (ds_gates_set(s->a, &s->gates, flags.settings.v[i].name, flags.settings.v[i].value,
				 &flags.settings.v[i].loc) < 0)
			return DS_ENOMEM;
	s->gates.unresolved = flags.unresolved;
	r = check_gates(s, &s->gates);
	return r < 0 || s->v->errors.n ? r : apply_flags(s);
}

static int validate(struct start *s)
{
	/* The printed message ends in a dump of the whole configuration: ", path: &{…}". */
	if (s->max_pods < 0)
		return ds_node_error(s->a, s->v,
				     ds_arena_printf(s->a,
						     "failed to validate kubelet configuration, error: invalid "
						     "configuration: maxPods (--max-pods) %lld must not be a negative "
						     "number",
						     (long long)s->max_pods),
				     &s->max_pods_loc);
	if (ds_cmdline_count(s->in->cmdline ? s->in->cmdline : &(struct ds_cmdline){0}, "hostname-override") &&
	    flag_text(s, "hostname-override").n && ds_str_trim(flag_text(s, "hostname-override")).n == 0)
		return ds_node_error(s->a, s->v, "empty hostname is invalid", flag_loc(s, "hostname-override"));
	return 0;
}

/* In-tree providers with the first version that no longer has them; from 1.34 on nothing looks at the name. */
static const struct {
	const char *name;
	unsigned until;
} providers[] = {
	{"aws",       27},
	{"azure",     31},
	{"gce",       31},
	{"openstack", 26},
	{"vsphere",   31},
};

static int check_cloud_provider(struct start *s)
{
	struct ds_str name = flag_text(s, "cloud-provider");
	enum ds_gate_value disabled = ds_gates_value(&s->gates, "DisableCloudProviders");
	const char *q;

	if (name.n == 0 || ds_str_eqz(name, "external") || s->minor >= 34 || flag_hidden(s, "cloud-provider"))
		return 0;
	q = ds_go_quote(s->a, name);
	if (!q)
		return DS_ENOMEM;
	if (s->minor >= 31 || disabled == DS_GATE_ON)
		return ds_node_error(s->a, s->v,
				     ds_arena_printf(s->a,
						     "cloud provider %s was specified, but built-in cloud providers "
						     "are disabled. Please set --cloud-provider=external and migrate to "
						     "an external cloud provider",
						     q),
				     flag_loc(s, "cloud-provider"));
	for (size_t i = 0; i < DS_ARRAY_SIZE(providers); i++)
		if (ds_str_eqz(name, providers[i].name) && s->minor < providers[i].until)
			return 0;
	return ds_node_error(s->a, s->v, ds_arena_printf(s->a, "unknown cloud provider %s", q),
			     flag_loc(s, "cloud-provider"));
}

static int derive_node_ips(struct start *s, const struct ds_node_ip *n)
{
	struct ds_strs texts = {NULL, 0, 0};

	for (size_t i = 0; i < n->n; i++) {
		char text[DS_IP_TEXT];
		const char *copy = ds_arena_strdup(s->a, ds_ip_format(&n->ips[i], text));

		if (!copy || ds_vec_push(s->a, &texts, ds_str_from(copy)) < 0)
			return DS_ENOMEM;
	}
	if (ds_node_derive_list(s->a, s->v, "nodeIPs", &texts) < 0)
		return DS_ENOMEM;
	if (n->n && ds_verdict_derive_string(s->a, s->v, "primary",
					     ds_family_name((enum ds_family)n->ips[0].family)) < 0)
		return DS_ENOMEM;
	return n->ignored.n ? ds_node_derive_list(s->a, s->v, "ignored", &n->ignored) : 0;
}

/* The addresses it will not be able to use; the kubelet goes on without. */
static int check_node_ips(struct start *s, const struct ds_node_ip *n)
{
	static const struct ds_ip none;

	for (size_t i = 0; i < n->n; i++) {
		const struct ds_ip *host = !s->in->host_known ? NULL : s->in->n_host_addresses ? s->in->host_addresses
											       : &none;
		const char *why;

		if (ds_ip_is_unspecified(&n->ips[i])) /* autodetect */
			continue;
		if (ds_kubelet_check_node_ip(s->a, &n->ips[i], host, s->in->n_host_addresses, &why) < 0)
			return DS_ENOMEM;
		if (why && ds_node_warning(s->a, s->v,
					   ds_arena_printf(s->a, "failed to validate %s: %s",
							   i ? "secondaryNodeIP" : "nodeIP", why),
					   flag_loc(s, "node-ip")) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

static int warn_ignored(struct start *s, const struct ds_node_ip *n)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	if (n->ignored.n == 0)
		return 0;
	ds_buf_addz(&b, s->minor >= 31   ? "Could not parse some node IP(s), ignoring them"
			: s->minor >= 27 ? "Could not parse node IP. Ignoring"
			: s->minor >= 21 ? "Could not parse --node-ip ignoring"
					 : "Could not parse --node-ip value ");
	if (s->minor == 20) {
		ds_buf_add_go_quoted(&b, n->ignored.v[0]);
		ds_buf_addz(&b, "; ignoring");
	}
	return ds_node_warning(s->a, s->v, ds_buf_dup(&b, s->a), flag_loc(s, "node-ip"));
}

static int check_node_ip_flag(struct start *s)
{
	struct ds_node_ip n;
	int r;

	if (flag_hidden(s, "node-ip") || flag_hidden(s, "cloud-provider")) {
		ds_node_unknown(s->v, "--node-ip or --cloud-provider is only known when the kubelet starts");
		return 0;
	}
	r = ds_kubelet_parse_node_ip(s->a, s->minor, flag_text(s, "node-ip"), flag_text(s, "cloud-provider"),
				     ds_gates_value(&s->gates, "CloudDualStackNodeIPs") == DS_GATE_ON,
				     ds_gates_value(&s->gates, "IPv6DualStack") == DS_GATE_ON, &n);
	if (r == 0)
		r = warn_ignored(s, &n);
	if (r == 0)
		r = derive_node_ips(s, &n);
	if (r == 0 && n.error)
		r = ds_node_error(s->a, s->v, n.error, flag_loc(s, "node-ip"));
	return r < 0 ? r : check_node_ips(s, &n);
}

static int check_cluster_dns(struct start *s)
{
	struct ds_strs good = {NULL, 0, 0}, bad = {NULL, 0, 0};

	for (size_t i = 0; i < s->cluster_dns.n; i++) {
		struct ds_str entry = s->cluster_dns.v[i];
		bool ok = ds_family_of_ip(entry) != DS_FAMILY_NONE;
		const char *q = ds_go_quote(s->a, entry);

		if (ds_vec_push(s->a, ok ? &good : &bad, entry) < 0 || !q)
			return DS_ENOMEM;
		if (ok || bad.n > DS_LIMIT_AGGREGATE)
			continue;
		if (ds_node_warning(s->a, s->v, ds_arena_printf(s->a, "Invalid clusterDNS IP: %s", q),
				    &s->cluster_dns_loc) < 0)
			return DS_ENOMEM;
	}
	if (good.n && ds_node_derive_list(s->a, s->v, "clusterDNS", &good) < 0)
		return DS_ENOMEM;
	return bad.n ? ds_node_derive_list(s->a, s->v, "ignoredClusterDNS", &bad) : 0;
}

static int derive_rest(struct start *s)
{
	int r = ds_verdict_derive_int(s->a, s->v, "maxPods", s->max_pods);

	if (r == 0 && s->pod_cidr.n)
		r = ds_verdict_derive_string(s->a, s->v, "podCIDR",
					     ds_arena_strndup(s->a, s->pod_cidr.p, s->pod_cidr.n));
	return r;
}

int ds_kubelet_verdict(struct ds_arena *a, const struct ds_kubelet_input *in, struct ds_verdict *ret)
{
	static int (*const steps[])(struct start *) = {
		parse_flags, flag_gates, load_config, validate, check_cloud_provider, check_node_ip_flag,
		check_cluster_dns, derive_rest,
	};
	struct start s = {.a = a, .in = in, .minor = ds_node_minor(in->minor), .v = ret};

	*ret = (struct ds_verdict){0};
	for (size_t i = 0; i < DS_ARRAY_SIZE(steps) && ret->errors.n == 0; i++) {
		int r = steps[i](&s);

		if (r < 0)
			return r;
	}
	if (in->config_unseen)
		ds_node_unknown(ret, "not every file of the kubelet's configuration was read");
	if (s.gates.unresolved)
		ds_node_unknown(ret, "--feature-gates is only known when the kubelet starts");
	ds_verdict_settle(ret);
	return 0;
}
