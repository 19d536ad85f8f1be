#include "model/settings.h"

#include "base/buf.h"
#include "base/num.h"
#include "yaml/field.h"
#include "yaml/scalar.h"

#define API DS_KUBE_APISERVER
#define KCM DS_KUBE_CONTROLLER_MANAGER
#define PROXY DS_KUBE_PROXY
#define LET DS_KUBELET

#define HIDES DS_SETTING_CONFIG_HIDES

/* clang-format off */
static const struct ds_setting_row rows[] = {
	/* kube-apiserver */
	{API, "serviceClusterIPRange", "service-cluster-ip-range", NULL, DS_SETTING_CIDRS, 0, "10.0.0.0/24", "Service ranges, primary first"},
	{API, "advertiseAddress", "advertise-address", NULL, DS_SETTING_IP, 0, NULL, "address the API server advertises; must be of the primary Service family"},
	{API, "bindAddress", "bind-address", NULL, DS_SETTING_IP, 0, "0.0.0.0", "address the API server listens on"},
	{API, "securePort", "secure-port", NULL, DS_SETTING_INT, 0, "6443", "port the API server listens on"},
	{API, "endpointReconcilerType", "endpoint-reconciler-type", NULL, DS_SETTING_STRING, 0, "lease", "how the endpoints of default/kubernetes are kept"},
	{API, "serviceNodePortRange", "service-node-port-range", NULL, DS_SETTING_STRING, 0, "30000-32767", "node port range"},
	{API, "kubeletPreferredAddressTypes", "kubelet-preferred-address-types", NULL, DS_SETTING_STRINGS, 0, NULL, "order in which node addresses are tried"},
	{API, "etcdServers", "etcd-servers", NULL, DS_SETTING_STRINGS, 0, NULL, "etcd URLs"},
	{API, "featureGates", "feature-gates", NULL, DS_SETTING_GATES, 0, NULL, "feature gates"},
	{API, "runtimeConfig", "runtime-config", NULL, DS_SETTING_STRINGS, 0, NULL, "API groups switched on or off"},

	/* kube-controller-manager */
	{KCM, "clusterCIDR", "cluster-cidr", NULL, DS_SETTING_CIDRS, DS_SETTING_TRIM, NULL, "pod ranges from which nodes get their blocks"},
	{KCM, "serviceClusterIPRange", "service-cluster-ip-range", NULL, DS_SETTING_CIDRS, DS_SETTING_DROP_BAD, NULL, "Service ranges kept out of the node blocks"},
	{KCM, "allocateNodeCIDRs", "allocate-node-cidrs", NULL, DS_SETTING_BOOL, 0, "false", "whether nodes get blocks at all"},
	{KCM, "nodeCIDRMaskSize", "node-cidr-mask-size", NULL, DS_SETTING_INT, 0, NULL, "mask of a node's block; single-stack only"},
	{KCM, "nodeCIDRMaskSizeIPv4", "node-cidr-mask-size-ipv4", NULL, DS_SETTING_INT, 0, NULL, "mask of a node's IPv4 block"},
	{KCM, "nodeCIDRMaskSizeIPv6", "node-cidr-mask-size-ipv6", NULL, DS_SETTING_INT, 0, NULL, "mask of a node's IPv6 block"},
	{KCM, "cidrAllocatorType", "cidr-allocator-type", NULL, DS_SETTING_STRING, 0, "RangeAllocator", "who hands out node blocks"},
	{KCM, "cloudProvider", "cloud-provider", NULL, DS_SETTING_STRING, 0, NULL, "cloud provider"},
	{KCM, "configureCloudRoutes", "configure-cloud-routes", NULL, DS_SETTING_BOOL, 0, "true", "whether cloud routes are made for node blocks"},
	{KCM, "controllers", "controllers", NULL, DS_SETTING_STRINGS, 0, "*", "controllers switched on or off"},
	{KCM, "clusterName", "cluster-name", NULL, DS_SETTING_STRING, 0, "kubernetes", "name of the cluster"},
	{KCM, "bindAddress", "bind-address", NULL, DS_SETTING_IP, 0, "0.0.0.0", "address to listen on"},
	{KCM, "featureGates", "feature-gates", NULL, DS_SETTING_GATES, 0, NULL, "feature gates"},

	/* kube-proxy: with --config the file decides and these flags are ignored */
	{PROXY, "clusterCIDR", "cluster-cidr", "clusterCIDR", DS_SETTING_CIDRS, HIDES, NULL, "pod ranges: what counts as local traffic"},
	{PROXY, "bindAddress", "bind-address", "bindAddress", DS_SETTING_IP, HIDES, "0.0.0.0", "fixes the primary family when not a wildcard"},
	{PROXY, "mode", "proxy-mode", "mode", DS_SETTING_STRING, HIDES, NULL, "iptables, ipvs or nftables"},
	{PROXY, "detectLocalMode", "detect-local-mode", "detectLocalMode", DS_SETTING_STRING, HIDES, NULL, "how local traffic is told apart"},
	{PROXY, "nodePortAddresses", "nodeport-addresses", "nodePortAddresses", DS_SETTING_STRINGS, HIDES, NULL, "addresses that serve node ports"},
	{PROXY, "masqueradeAll", "masquerade-all", "iptables.masqueradeAll", DS_SETTING_BOOL, HIDES, "false", "masquerade all Service traffic"},
	{PROXY, "ipvsExcludeCIDRs", "ipvs-exclude-cidrs", "ipvs.excludeCIDRs", DS_SETTING_STRINGS, HIDES, NULL, "ranges ipvs leaves alone"},
	{PROXY, "healthzBindAddress", "healthz-bind-address", "healthzBindAddress", DS_SETTING_STRING, HIDES, NULL, "health check address"},
	{PROXY, "metricsBindAddress", "metrics-bind-address", "metricsBindAddress", DS_SETTING_STRING, HIDES, NULL, "metrics address"},
	{PROXY, "hostnameOverride", "hostname-override", "hostnameOverride", DS_SETTING_STRING, 0, NULL, "node name"},
	{PROXY, "config", "config", NULL, DS_SETTING_STRING, 0, NULL, "configuration file"},
	{PROXY, "featureGates", "feature-gates", "featureGates", DS_SETTING_GATES, HIDES, NULL, "feature gates"},

	/* kubelet: flags win over the file */
	{LET, "nodeIP", "node-ip", NULL, DS_SETTING_IPS, DS_SETTING_TRIM_EACH | DS_SETTING_DROP_BAD, NULL, "the node's addresses, primary first"},
	{LET, "cloudProvider", "cloud-provider", NULL, DS_SETTING_STRING, 0, NULL, "cloud provider"},
	{LET, "hostnameOverride", "hostname-override", NULL, DS_SETTING_STRING, 0, NULL, "node name"},
	{LET, "clusterDNS", "cluster-dns", "clusterDNS", DS_SETTING_STRINGS, 0, NULL, "addresses of the cluster's DNS Service"},
	{LET, "podCIDR", "pod-cidr", "podCIDR", DS_SETTING_STRING, 0, NULL, "pod range of a standalone kubelet"},
	{LET, "address", "address", "address", DS_SETTING_IP, 0, "0.0.0.0", "address to listen on"},
	{LET, "maxPods", "max-pods", "maxPods", DS_SETTING_INT, 0, "110", "pods per node"},
	{LET, "config", "config", NULL, DS_SETTING_STRING, 0, NULL, "configuration file"},
	{LET, "configDir", "config-dir", NULL, DS_SETTING_STRING, 0, NULL, "folder of configuration drop-ins"},
	{LET, "featureGates", "feature-gates", "featureGates", DS_SETTING_GATES, 0, NULL, "feature gates"},
};
/* clang-format on */

const struct ds_setting_row *ds_setting_rows(size_t *ret_n)
{
	*ret_n = DS_ARRAY_SIZE(rows);
	return rows;
}

const char *ds_setting_origin_name(enum ds_setting_origin o)
{
	static const char *const names[] = {
		[DS_ORIGIN_DEFAULT] = "default",
		[DS_ORIGIN_FLAG] = "flag",
		[DS_ORIGIN_CONFIG] = "config",
	};
	_Static_assert(DS_ARRAY_SIZE(names) == DS_ORIGIN__COUNT, "every origin has a name");

	return names[o];
}

/* ---- where a value comes from ---- */

/* The component's own --config file, or NULL when it names none. *ret_use: the flag, when one was seen. */
static const struct ds_named_file *config_file(const struct ds_observed *o, const struct ds_flag_use **ret_use)
{
	*ret_use = ds_cmdline_last(&o->cmdline, "config");
	if (o->flags_unknown)
		return o->files.n ? &o->files.v[0] : NULL;
	if (!*ret_use || (*ret_use)->value.n == 0)
		return NULL;
	for (size_t i = 0; i < o->files.n; i++)
		if (!o->files.v[i].dropin && ds_str_eqz((*ret_use)->value, o->files.v[i].path))
			return &o->files.v[i];
	return NULL;
}

static const struct ds_yaml_node *config_node(const struct ds_yaml_stream *s, const char *path)
{
	return s->n ? ds_yaml_field(s->docs[0].root, path) : NULL;
}

static int unknown(struct ds_arena *a, struct ds_setting *s, const char *fmt, ...) DS_PRINTF(3, 4);

static int unknown(struct ds_arena *a, struct ds_setting *s, const char *fmt, ...)
{
	va_list ap;

	s->state = DS_SETTING_UNKNOWN;
	va_start(ap, fmt);
	s->reason = ds_arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s->reason ? 0 : DS_ENOMEM;
}

static int from_flag(struct ds_arena *a, const struct ds_observed *o, struct ds_setting *s)
{
	const struct ds_flag_use *last = ds_cmdline_last(&o->cmdline, s->row->flag);
	size_t n = ds_cmdline_count(&o->cmdline, s->row->flag), k = 0;

	s->state = DS_SETTING_SET;
	s->origin = DS_ORIGIN_FLAG;
	s->raw = last->value;
	s->loc = last->value_loc;
	s->loc.flag = last->loc.flag;
	if (last->unresolved)
		return unknown(a, s, "--%s is %.*s, which is known only where it runs", s->row->flag,
			       DS_STR_ARG(last->value));
	if (n < 2)
		return 0;
	s->overridden = ds_arena_new_array(a, n - 1, const struct ds_flag_use *);
	if (!s->overridden)
		return DS_ENOMEM;
	for (size_t i = 0; i < o->cmdline.uses.n && k < n - 1; i++)
		if (strcmp(o->cmdline.uses.v[i].flag->name, s->row->flag) == 0 && &o->cmdline.uses.v[i] != last)
			s->overridden[k++] = &o->cmdline.uses.v[i];
	s->n_overridden = k;
	return 0;
}

static int from_default(const struct ds_observed *o, struct ds_setting *s)
{
	if (!s->row->fallback)
		return 0;
	s->state = DS_SETTING_SET;
	s->origin = DS_ORIGIN_DEFAULT;
	s->raw = ds_str_from(s->row->fallback);
	s->loc = o->loc;
	return 0;
}

/* In no file either. */
static int not_in_config(struct ds_arena *a, const struct ds_observed *o, struct ds_setting *s)
{
	bool hidden = s->row->flags & DS_SETTING_CONFIG_HIDES && s->row->config;

	if (o->flags_unknown && s->row->flag && !hidden)
		return unknown(a, s, "only the configuration was seen, not the command line");
	return from_default(o, s);
}

/* The files in which a row may be set, the one that decides first. */
static int config_docs(struct ds_arena *a, const struct ds_observed *o, const struct ds_named_file *config,
		       const struct ds_named_file ***ret, size_t *ret_n)
{
	*ret = ds_arena_new_array(a, o->files.n, const struct ds_named_file *);
	*ret_n = 0;
	if (!*ret)
		return DS_ENOMEM;
	for (size_t i = o->files.n; i > 0; i--)
		if (o->files.v[i - 1].dropin)
			(*ret)[(*ret_n)++] = &o->files.v[i - 1];
	if (config)
		(*ret)[(*ret_n)++] = config;
	return 0;
}

/* Maps are merged key by key (RFC 7396): the file that decides comes last, as the last one wins. */
static int join_gates(struct ds_arena *a, const struct ds_named_file *const *files, size_t n, struct ds_setting *s)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	for (size_t i = n; i > 0; i--) {
		const struct ds_yaml_stream *yaml = files[i - 1]->yaml;
		const struct ds_yaml_node *node = yaml ? config_node(yaml, s->row->config) : NULL;
		struct ds_str text;

		if (!node || ds_yaml_is_null(node))
			continue;
		if (ds_yaml_flag_text(a, node, &text) < 0)
			return DS_ENOMEM;
		if (b.n && text.n)
			ds_buf_addc(&b, ',');
		ds_buf_adds(&b, text);
	}
	return b.err ? b.err : ds_arena_str(a, ds_buf_str(&b), &s->raw);
}

/* Not on the command line: drop-ins, the configuration file, then the default. */
static int from_config(struct ds_arena *a, const struct ds_observed *o, struct ds_setting *s)
{
	const struct ds_flag_use *use;
	const struct ds_named_file *config = config_file(o, &use), **files;
	const struct ds_yaml_node *node = NULL;
	size_t n, i;
	int r;

	if (!s->row->config)
		return not_in_config(a, o, s);
	if (use && use->value.n && !config) {
		r = unknown(a, s, "it is set in %.*s: that file was not read", DS_STR_ARG(use->value));
		s->loc = use->loc;
		return r;
	}
	r = config_docs(a, o, config, &files, &n);
	if (r < 0)
		return r;
	for (i = 0; i < n && !node; i++) {
		if (!files[i]->yaml) {
			r = unknown(a, s, "it %s set in %s: %s", files[i]->dropin ? "may be" : "is", files[i]->path,
				    files[i]->unavailable ? files[i]->unavailable : "that file was not read");
			use = files[i]->dropin ? ds_cmdline_last(&o->cmdline, "config-dir") : use;
			s->loc = use ? use->loc : o->loc;
			return r;
		}
		node = config_node(files[i]->yaml, s->row->config);
	}
	if (!node || ds_yaml_is_null(node))
		return not_in_config(a, o, s);
	i--;
	r = s->row->kind == DS_SETTING_GATES ? join_gates(a, files + i, n - i, s) : ds_yaml_flag_text(a, node, &s->raw);
	if (r < 0)
		return r;
	s->state = DS_SETTING_SET;
	s->origin = DS_ORIGIN_CONFIG;
	s->loc = ds_yaml_loc(a, files[i]->input, node);
	return s->loc.path ? 0 : DS_ENOMEM;
}

static int resolve_source(struct ds_arena *a, const struct ds_observed *o, struct ds_setting *s)
{
	const struct ds_flag_use *config = NULL;
	bool hidden = false;

	if (s->row->flags & DS_SETTING_CONFIG_HIDES) {
		config = ds_cmdline_last(&o->cmdline, "config");
		hidden = config && config->value.n > 0;
	}
	if (s->row->flag && !hidden && ds_cmdline_count(&o->cmdline, s->row->flag))
		return from_flag(a, o, s);
	if (o->cmdline.truncated)
		return unknown(a, s, "the command line was not seen whole");
	return from_config(a, o, s);
}

/* ---- reading the text as the component does ---- */

static int count_parts(struct ds_str s)
{
	int n = 1;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == ',';
	return n;
}

static bool parse_entry(enum ds_setting_kind kind, struct ds_setting_entry *e)
{
	switch (kind) {
	case DS_SETTING_CIDRS:
		return ds_cidr_parse(e->text, DS_IP_SLOPPY, &e->cidr) == 0;
	case DS_SETTING_IPS:
	case DS_SETTING_IP:
		return ds_ip_parse(e->text, DS_IP_SLOPPY, &e->ip) == 0;
	case DS_SETTING_INT:
	case DS_SETTING_BOOL:
	case DS_SETTING_STRING:
	case DS_SETTING_STRINGS:
	case DS_SETTING_GATES:
	case DS_SETTING_KIND__COUNT:
		break;
	}
	return true;
}

static int read_list(struct ds_arena *a, struct ds_setting *s)
{
	struct ds_str rest = s->row->flags & DS_SETTING_TRIM ? ds_str_trim(s->raw) : s->raw, part;
	bool done = s->row->kind == DS_SETTING_IP ? false : rest.n == 0;
	char sep = s->row->kind == DS_SETTING_IP ? '\0' : ',';

	s->entries = ds_arena_new_array(a, (size_t)count_parts(rest), struct ds_setting_entry);
	if (!s->entries)
		return DS_ENOMEM;
	s->valid = true;
	while (ds_str_split(&rest, sep, &done, &part)) {
		struct ds_setting_entry *e = &s->entries[s->n_entries++];
		_ds_buf_done_ struct ds_buf quoted = DS_BUF_INIT;

		e->text = s->row->flags & DS_SETTING_TRIM_EACH ? ds_str_trim(part) : part;
		e->valid = parse_entry(s->row->kind, e);
		if (e->valid || !s->valid)
			continue;
		s->valid = false;
		ds_buf_add_go_quoted(&quoted, e->text);
		s->error = quoted.err ? NULL
				      : ds_arena_printf(a, "%s is not %s", quoted.p,
							s->row->kind == DS_SETTING_CIDRS ? "a network (address/length)"
											 : "an IP address");
		if (!s->error)
			return DS_ENOMEM;
	}
	return 0;
}

static int read_text(struct ds_arena *a, struct ds_setting *s)
{
	s->valid = true;
	switch (s->row->kind) {
	case DS_SETTING_INT:
		s->valid = ds_num_go_int0(s->raw, 64, &s->integer) == 0;
		s->error = s->valid ? NULL : "not an integer";
		return 0;
	case DS_SETTING_BOOL:
		s->valid = ds_num_go_bool(s->raw, &s->boolean) == 0;
		s->error = s->valid ? NULL : "not a boolean";
		return 0;
	case DS_SETTING_STRING:
		return 0;
	case DS_SETTING_CIDRS:
	case DS_SETTING_IPS:
	case DS_SETTING_IP:
	case DS_SETTING_STRINGS:
	case DS_SETTING_GATES:
	case DS_SETTING_KIND__COUNT:
		break;
	}
	return read_list(a, s);
}

/* Flags that accumulate: all uses joined, so that entries are complete. */
static int join_uses(struct ds_arena *a, const struct ds_observed *o, struct ds_setting *s)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	if (s->n_overridden == 0 || (s->row->kind != DS_SETTING_STRINGS && s->row->kind != DS_SETTING_GATES))
		return 0;
	for (size_t i = 0; i < o->cmdline.uses.n; i++) {
		const struct ds_flag_use *u = &o->cmdline.uses.v[i];

		if (strcmp(u->flag->name, s->row->flag) != 0)
			continue;
		if (b.n)
			ds_buf_addc(&b, ',');
		ds_buf_adds(&b, u->value);
	}
	if (b.err)
		return b.err;
	s->n_overridden = 0;
	return ds_arena_str(a, ds_buf_str(&b), &s->raw);
}

int ds_settings_resolve(struct ds_arena *a, const struct ds_observed *o, struct ds_setting **ret, size_t *ret_n)
{
	size_t n = 0, count = 0;

	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		count += rows[i].component == o->component;
	*ret = ds_arena_new_array(a, count, struct ds_setting);
	if (!*ret)
		return DS_ENOMEM;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_setting *s = &(*ret)[n];
		int r;

		if (rows[i].component != o->component)
			continue;
		n++;
		s->row = &rows[i];
		s->loc = o->loc;
		r = resolve_source(a, o, s);
		if (r == 0 && s->state == DS_SETTING_SET)
			r = join_uses(a, o, s);
		if (r == 0 && s->state == DS_SETTING_SET)
			r = read_text(a, s);
		if (r < 0)
			return r;
	}
	*ret_n = n;
	return 0;
}
