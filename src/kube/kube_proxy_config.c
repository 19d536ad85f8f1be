#include "kube/kube_proxy_config.h"

#include "base/num.h"
#include "yaml/scalar.h"

#define KIND "KubeProxyConfiguration"

enum shape { TEXT, LIST, PAIR };

/* Where each setting is given. */
static const struct field {
	const char *flag;
	const char *parent; /* object of the file it is in, or NULL for the top */
	const char *key;
	const char *path;
	enum shape shape;
	bool empty_is_unset; /* an empty flag leaves the default */
} fields[DS_PROXY__COUNT] = {
	[DS_PROXY_BIND] = {"bind-address", NULL, "bindAddress", "bindAddress", TEXT, true},
	[DS_PROXY_HEALTHZ] = {"healthz-bind-address", NULL, "healthzBindAddress", "healthzBindAddress", TEXT, true},
	[DS_PROXY_METRICS] = {"metrics-bind-address", NULL, "metricsBindAddress", "metricsBindAddress", TEXT, true},
	[DS_PROXY_MODE] = {"proxy-mode", NULL, "mode", "mode", TEXT, false},
	[DS_PROXY_DETECT_LOCAL] = {"detect-local-mode", NULL, "detectLocalMode", "detectLocalMode", TEXT, false},
	[DS_PROXY_BRIDGE] = {"pod-bridge-interface", "detectLocal", "bridgeInterface", "detectLocal.bridgeInterface",
			     TEXT, false},
	[DS_PROXY_PREFIX] = {"pod-interface-name-prefix", "detectLocal", "interfaceNamePrefix",
			     "detectLocal.interfaceNamePrefix", TEXT, false},
	[DS_PROXY_SOURCE_VIP] = {NULL, "winkernel", "sourceVip", "winkernel.sourceVip", TEXT, false},
	[DS_PROXY_HOSTNAME] = {"hostname-override", NULL, "hostnameOverride", "hostnameOverride", TEXT, false},
	[DS_PROXY_CLUSTER_CIDR] = {"cluster-cidr", NULL, "clusterCIDR", "clusterCIDR", PAIR, false},
	[DS_PROXY_NODEPORT] = {"nodeport-addresses", NULL, "nodePortAddresses", "nodePortAddresses", LIST, false},
	[DS_PROXY_EXCLUDE_CIDRS] = {"ipvs-exclude-cidrs", "ipvs", "excludeCIDRs", "ipvs.excludeCIDRs", LIST, false},
};

/* Fields of v1alpha1; what is not here the strict decoder refuses and the lenient one drops. Top level first. */
static const struct {
	const char *parent;
	const char *keys;
} schema[] = {
	{NULL, "apiVersion kind featureGates clientConnection logging hostnameOverride bindAddress healthzBindAddress "
	       "metricsBindAddress bindAddressHardFail enableProfiling showHiddenMetricsForVersion mode iptables ipvs "
	       "nftables winkernel detectLocalMode detectLocal clusterCIDR nodePortAddresses oomScoreAdj conntrack "
	       "configSyncPeriod portRange udpIdleTimeout windowsRunAsService"},
	{"clientConnection", "kubeconfig acceptContentTypes contentType qps burst"},
	{"iptables", "masqueradeBit masqueradeAll localhostNodePorts syncPeriod minSyncPeriod"},
	{"ipvs", "syncPeriod minSyncPeriod scheduler excludeCIDRs strictARP tcpTimeout tcpFinTimeout udpTimeout"},
	{"nftables", "masqueradeBit masqueradeAll syncPeriod minSyncPeriod"},
	{"winkernel", "networkName sourceVip enableDSR rootHnsEndpointName forwardHealthCheckVip"},
	{"detectLocal", "bridgeInterface interfaceNamePrefix"},
	{"conntrack", "maxPerCore min tcpEstablishedTimeout tcpCloseWaitTimeout tcpBeLiberal udpTimeout "
		      "udpStreamTimeout"},
};

/* strings.Split(text, ","). */
static int split(struct ds_arena *a, struct ds_str text, struct ds_strs *ret)
{
	struct ds_str part;
	bool done = false;

	while (ds_str_split(&text, ',', &done, &part))
		if (ds_vec_push(a, ret, part) < 0)
			return DS_ENOMEM;
	return 0;
}

static bool in_words(const char *words, struct ds_str s)
{
	struct ds_str rest = ds_str_from(words), word;
	bool done = false;

	while (ds_str_split(&rest, ' ', &done, &word))
		if (ds_str_eq(word, s))
			return true;
	return false;
}

static int list_unknown(struct ds_arena *a, const struct ds_yaml_node *object, const char *parent, const char *keys,
			struct ds_strs *ret)
{
	for (size_t i = 0; object && object->kind == DS_YAML_MAPPING && i < object->n; i++) {
		struct ds_str key = object->pairs[i].key->text;
		const char *path;

		if (in_words(keys, key))
			continue;
		path = ds_arena_printf(a, "%s%s%.*s", parent ? parent : "", parent ? "." : "", DS_STR_ARG(key));
		if (!path || ds_vec_push(a, ret, ds_str_from(path)) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

/* The use that counts: the last, of address flags the last that is not empty. */
static const struct ds_flag_use *deciding_use(const struct ds_cmdline *cl, const struct field *f)
{
	for (size_t i = cl->uses.n; f->flag && i > 0; i--) {
		const struct ds_flag_use *u = &cl->uses.v[i - 1];

		if (strcmp(u->flag->name, f->flag) == 0 && (u->value.n || !f->empty_is_unset))
			return u;
	}
	return NULL;
}

static int from_flag(struct ds_arena *a, const struct ds_cmdline *cl, const struct field *f, struct ds_proxy_value *v,
		     bool *unresolved)
{
	const struct ds_flag_use *u = deciding_use(cl, f);
	const char *why;

	if (!u)
		return 0;
	*unresolved |= u->unresolved && f != &fields[DS_PROXY_HOSTNAME];
	v->set = true;
	v->loc = u->value_loc;
	v->text = u->value;
	if (f->shape == PAIR)
		return split(a, u->value, &v->list);
	if (f->shape == LIST)
		return ds_cmdline_slice(a, cl, f->flag, &v->list.v, &v->list.n, &why) == DS_ENOMEM ? DS_ENOMEM : 0;
	return 0;
}

static int from_file(struct ds_arena *a, const struct ds_config_doc *doc, const struct field *f,
		     struct ds_proxy_value *v, const char **reterr, struct ds_loc *reterr_loc)
{
	const struct ds_yaml_node *object = f->parent ? ds_yaml_get(doc->root, f->parent) : doc->root;
	struct ds_loc loc = {0};
	int r;

	if (f->parent && (!object || ds_yaml_is_null(object)))
		return 0;
	if (object && object->kind != DS_YAML_MAPPING) {
		*reterr_loc = ds_yaml_loc(a, doc->input, object);
		*reterr = ds_arena_printf(a, "json: cannot unmarshal %s into Go struct field %s.%s of type %s",
					  ds_yaml_json_type(object), KIND, f->parent ? f->parent : "",
					  "v1alpha1 object");
		return *reterr ? DS_EINVAL : DS_ENOMEM;
	}
	if (f->shape == LIST)
		r = ds_config_list(a, doc, object, KIND, f->path, f->key, &v->list, &loc, reterr);
	else
		r = ds_config_string(a, doc, object, KIND, f->path, f->key, &v->text, &loc, reterr);
	if (r < 0) {
		*reterr_loc = loc;
		return r == DS_ENOMEM ? r : DS_EINVAL;
	}
	v->loc = loc;
	v->set = ds_yaml_get(object, f->key) != NULL;
	return f->shape == PAIR && v->text.n ? split(a, v->text, &v->list) : 0;
}

/* proxyutil.AppendPortIfNeeded: an address alone gets the default port. */
static int append_port(struct ds_arena *a, struct ds_str *s, unsigned port)
{
	struct ds_ip ip;
	const char *text;

	if (ds_ip_parse(*s, DS_IP_SLOPPY, &ip) < 0)
		return 0;
	text = ds_str_find(*s, ':') < s->n ? ds_arena_printf(a, "[%.*s]:%u", DS_STR_ARG(*s), port)
					   : ds_arena_printf(a, "%.*s:%u", DS_STR_ARG(*s), port);
	*s = ds_str_from(text);
	return text ? 0 : DS_ENOMEM;
}

#define HEALTHZ_PORT 10256u
#define METRICS_PORT 10249u

static int default_addresses(struct ds_arena *a, const struct ds_cmdline *cl, bool from_config,
			     struct ds_proxy_config *c)
{
	static const struct {
		enum ds_proxy_field f;
		const char *v4, *v6, *port_flag;
		unsigned port;
	} rows[] = {
		{DS_PROXY_HEALTHZ, "0.0.0.0",   "[::]",  "healthz-port", HEALTHZ_PORT},
		{DS_PROXY_METRICS, "127.0.0.1", "[::1]", "metrics-port", METRICS_PORT},
	};
	bool v6;

	if (c->v[DS_PROXY_BIND].text.n == 0)
		c->v[DS_PROXY_BIND].text = DS_STR("0.0.0.0");
	/* Flags change bindAddress after the defaults were taken from its own default. */
	v6 = from_config && ds_family_of_ip(c->v[DS_PROXY_BIND].text) == DS_IPV6;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_str *s = &c->v[rows[i].f].text;
		const struct ds_flag_use *u = cl && !from_config ? ds_cmdline_last(cl, rows[i].port_flag) : NULL;
		int64_t port = rows[i].port;
		const char *text;

		if (u && ds_num_go_int0(u->value, 32, &port) < 0)
			port = rows[i].port;
		if (s->n == 0) {
			text = ds_arena_printf(a, "%s:%u", v6 ? rows[i].v6 : rows[i].v4, rows[i].port);
			if (!text)
				return DS_ENOMEM;
			*s = ds_str_from(text);
		} else if (append_port(a, s, (unsigned)port) < 0) {
			return DS_ENOMEM;
		}
		if (port == 0)
			*s = DS_STR("");
	}
	return 0;
}

static int apply_defaults(struct ds_arena *a, unsigned minor, struct ds_proxy_config *c)
{
	struct ds_strs *ports = &c->v[DS_PROXY_NODEPORT].list;
	struct ds_str *mode;

	if (c->v[DS_PROXY_MODE].text.n == 0 && minor >= 26)
		c->v[DS_PROXY_MODE].text = DS_STR("iptables");
	if (minor >= 31 && ds_str_eqz(c->v[DS_PROXY_MODE].text, "nftables") && ports->n == 0 &&
	    ds_vec_push(a, ports, DS_STR("primary")) < 0)
		return DS_ENOMEM;
	mode = &c->v[DS_PROXY_DETECT_LOCAL].text;
	if ((minor < 28 ? ds_str_trim(*mode) : *mode).n == 0)
		*mode = DS_STR("ClusterCIDR");
	return 0;
}

/* Networking flags that a configuration file makes void. */
static int list_ignored(struct ds_arena *a, const struct ds_cmdline *cl, struct ds_strs *ret)
{
	static const char counts[] = "config hostname-override write-config-to cleanup init-only";

	for (size_t i = 0; i < cl->uses.n; i++) {
		const struct ds_flag_use *u = &cl->uses.v[i];

		if (!in_words(counts, ds_str_from(u->flag->name)) &&
		    ds_vec_push(a, ret, ds_str_from(u->loc.flag)) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

/* The file as the decoder takes it: 0, DS_EINVAL or DS_ENOMEM. */
static int decode(struct ds_arena *a, const struct ds_config_doc *doc, struct ds_proxy_config *ret,
		  struct ds_gates *gates, const char **reterr, struct ds_loc *reterr_loc)
{
	int r = ds_config_check_type(a, doc, "kubeproxy.config.k8s.io/v1alpha1", KIND,
				     "k8s.io/kubernetes/pkg/proxy/apis/config/scheme/scheme.go:29", reterr, reterr_loc);

	for (size_t i = 0; i < DS_PROXY__COUNT && r == 0; i++)
		r = from_file(a, doc, &fields[i], &ret->v[i], reterr, reterr_loc);
	if (r == 0)
		r = ds_config_gates(a, doc, KIND, gates, reterr, reterr_loc);
	for (size_t i = 0; i < DS_ARRAY_SIZE(schema) && r == 0; i++)
		r = list_unknown(a, schema[i].parent ? ds_yaml_get(doc->root, schema[i].parent) : doc->root,
				 schema[i].parent, schema[i].keys, &ret->ignored_fields);
	if (r == 0 || r == DS_ENOMEM)
		return r;
	*reterr = ds_arena_printf(a, "failed to decode: %s", *reterr);
	return *reterr ? DS_EINVAL : DS_ENOMEM;
}

/* --hostname-override wins over the file; blanks alone are refused. */
static int override_hostname(const struct ds_cmdline *cl, struct ds_proxy_config *c, const char **reterr,
			     struct ds_loc *reterr_loc)
{
	const struct ds_flag_use *u = cl ? ds_cmdline_last(cl, "hostname-override") : NULL;

	if (!u || u->value.n == 0)
		return 0;
	if (ds_str_trim(u->value).n == 0) {
		*reterr = "empty hostname-override is invalid";
		*reterr_loc = u->value_loc;
		return DS_EINVAL;
	}
	c->v[DS_PROXY_HOSTNAME] = (struct ds_proxy_value){.text = u->value, .loc = u->value_loc, .set = true};
	return 0;
}

int ds_proxy_config_complete(struct ds_arena *a, const struct ds_cmdline *cl, const struct ds_config_doc *doc,
			     bool unseen, unsigned minor, struct ds_proxy_config *ret, struct ds_gates *ret_gates,
			     const char **reterr, struct ds_loc *reterr_loc)
{
	bool file = doc || unseen;
	int r = 0;

	*ret = (struct ds_proxy_config){0};
	*ret_gates = (struct ds_gates){.component = DS_KUBE_PROXY, .minor = minor, .emulated = minor};
	if (doc)
		r = decode(a, doc, ret, ret_gates, reterr, reterr_loc);
	if (r == 0 && file && cl)
		r = list_ignored(a, cl, &ret->ignored_flags);
	for (size_t i = 0; i < DS_PROXY__COUNT && r == 0 && !file && cl; i++)
		r = from_flag(a, cl, &fields[i], &ret->v[i], &ret->unresolved);
	if (r == 0 && !file && cl)
		r = ds_gates_from_flags(a, cl, minor, ret_gates);
	if (r == 0)
		r = default_addresses(a, cl, file, ret);
	if (r == 0)
		r = apply_defaults(a, minor, ret);
	if (r == 0)
		r = override_hostname(cl, ret, reterr, reterr_loc);
	return r;
}
