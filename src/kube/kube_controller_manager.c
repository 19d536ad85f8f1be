#include "kube/kube_controller_manager.h"

#include "base/err.h"
#include "kube/goflag.h"
#include "kube/startup.h"

#define DEFAULT_MASK_IPV4 24
#define DEFAULT_MASK_IPV6 64

struct manager {
	struct ds_startup_run run;
	struct ds_kcm_result *ret;
	const struct ds_kcm_node *nodes;
	size_t n_nodes;
	struct ds_str allocator;       /* --cidr-allocator-type */
	const struct ds_loc *cluster;  /* the place of --cluster-cidr, or of what asks for one */
	const struct ds_loc *services; /* the place of --service-cluster-ip-range */
	bool in_tree_cloud;            /* an in-tree cloud provider may be at work */
};

const char *ds_node_ipam_state_name(enum ds_node_ipam_state s)
{
	static const char *const names[] = {
		[DS_NODE_IPAM_UNKNOWN] = "unknown",
		[DS_NODE_IPAM_NOT_STARTED] = "not started",
		[DS_NODE_IPAM_RUNNING] = "running",
		[DS_NODE_IPAM_EXITED] = "process exited",
	};

	return names[s];
}

static int text_error(struct ds_arena *a, const char **reterr, const char *fmt, ...) DS_PRINTF(3, 4);

static int text_error(struct ds_arena *a, const char **reterr, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*reterr = ds_arena_vprintf(a, fmt, ap);
	va_end(ap);
	return *reterr ? DS_ESYNTAX : DS_ENOMEM;
}

/* A network that does not parse. The text was quoted up to 1.26. */
static int bad_cidr(struct ds_arena *a, unsigned minor, size_t i, struct ds_str part, const char **reterr)
{
	const char *quoted;

	if (minor >= 27)
		return text_error(a, reterr, "invalid CIDR[%zu]: <nil> (invalid CIDR address: %.*s)", i,
				  DS_STR_ARG(part));
	quoted = ds_go_quote(a, part);
	if (!quoted)
		return DS_ENOMEM;
	return text_error(a, reterr, "failed to parse cidr value:%s with error:invalid CIDR address: %.*s", quoted,
			  DS_STR_ARG(part));
}

/* How a list of the wrong length or families is worded. */
static const struct list_text {
	unsigned char since, until;
	const char *not_dual_end;
	const char *many_start, *many_end;
} list_texts[] = {
	{0, 26, ")", "len of clusters is", "> more than max allowed of 2"},
	{26, 0, "", "length of clusterCIDRs is", "more than max allowed of 2"}, /* the ")" is missing upstream too */
};

static int check_list(struct ds_arena *a, unsigned minor, bool dual_stack, size_t n, bool both_families,
		      const char **reterr)
{
	const struct list_text *t = list_texts;

	while (!ds_startup_applies(minor, t->since, t->until))
		t++;
	if (n > 1 && !dual_stack)
		return text_error(a, reterr,
				  "len of ClusterCIDRs==%zu and dualstack or EndpointSlice feature is not enabled", n);
	if (n > 1 && !both_families)
		return text_error(
			a, reterr,
			"len of ClusterCIDRs==%zu and they are not configured as dual stack (at least one from "
			"each IPFamily%s",
			n, t->not_dual_end);
	if (n > 2)
		return text_error(a, reterr, "%s:%zu %s", t->many_start, n, t->many_end);
	return 0;
}

int ds_kcm_cluster_cidrs(struct ds_arena *a, struct ds_str raw, unsigned minor, bool dual_stack, struct ds_cidr **ret,
			 size_t *ret_n, const char **reterr)
{
	struct ds_cidr *v = ds_arena_new_array(a, 2, struct ds_cidr), c;
	struct ds_str rest = ds_str_trim(raw), part;
	bool done = false, v4 = false, v6 = false;
	size_t n = 0;
	int r;

	*reterr = NULL;
	if (!v)
		return DS_ENOMEM;
	for (; ds_str_split(&rest, ',', &done, &part); n++) {
		if (ds_cidr_parse(part, DS_IP_SLOPPY, &c) < 0)
			return bad_cidr(a, minor, n, part, reterr);
		c = ds_cidr_masked(&c);
		v4 |= ds_startup_family(&c) == DS_IPV4;
		v6 |= ds_startup_family(&c) == DS_IPV6;
		if (n < 2)
			v[n] = c;
	}
	r = check_list(a, minor, dual_stack, n, v4 && v6, reterr);
	if (r < 0)
		return r;
	*ret = v;
	*ret_n = n;
	return 0;
}

int ds_kcm_service_ranges(struct ds_arena *a, struct ds_str raw, struct ds_cidr **ret, size_t *ret_n,
			  struct ds_str ret_bad[static 2], size_t *ret_n_bad)
{
	struct ds_cidr *v = ds_arena_new_array(a, 2, struct ds_cidr);
	struct ds_str rest = raw, part;
	bool done = false;

	if (!v)
		return DS_ENOMEM;
	*ret = v;
	*ret_n = *ret_n_bad = 0;
	for (size_t i = 0; i < 2 && ds_str_split(&rest, ',', &done, &part); i++) {
		struct ds_cidr c;

		if (ds_str_trim(part).n == 0)
			continue;
		if (ds_cidr_parse(part, DS_IP_SLOPPY, &c) < 0)
			ret_bad[(*ret_n_bad)++] = part;
		else
			v[(*ret_n)++] = ds_cidr_masked(&c);
	}
	return 0;
}

static int refuse(struct manager *m, const struct ds_loc *loc, const char *message)
{
	return ds_verdict_error(m->run.a, m->run.v, loc, "%s", message);
}

static struct ds_str string(const struct manager *m, const char *flag, const char *fallback)
{
	return ds_startup_string(&m->run, flag, fallback, NULL);
}

static const struct ds_loc *loc_of(const struct manager *m, const char *flag)
{
	return ds_startup_loc(&m->run, flag);
}

/* message: up to the provider's name. */
static int refuse_cloud(struct manager *m, struct ds_str provider, const char *before, const char *after)
{
	const char *quoted = ds_go_quote(m->run.a, provider);

	if (!quoted)
		return DS_ENOMEM;
	return ds_verdict_error(m->run.a, m->run.v, loc_of(m, "cloud-provider"), "%s%s%s", before, quoted, after);
}

static int refuse_disabled_cloud(struct manager *m, struct ds_str provider)
{
	return refuse_cloud(m, provider, "cloud provider ",
			    " was specified, but built-in cloud providers are disabled. Please set "
			    "--cloud-provider=external and migrate to an external cloud provider");
}

/* Names like node-ipam-controller came with 1.28; before that they are not known and refused. */
static int check_controller_names(struct manager *m)
{
	struct ds_str *list;
	const char *ignored;
	size_t n;
	int r;

	if (m->run.minor >= 28)
		return 0;
	r = ds_cmdline_slice(m->run.a, m->run.cl, "controllers", &list, &n, &ignored);
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct ds_str name = ds_str_skip(list[i], ds_str_starts(list[i], "-") ? 1 : 0);

		if (ds_str_ends(name, "-controller"))
			r = ds_verdict_error(m->run.a, m->run.v, loc_of(m, "controllers"),
					     "\"%.*s\" is not in the list of known controllers", DS_STR_ARG(name));
	}
	return r == DS_ENOMEM ? r : 0;
}

/* Options.Validate, as far as it concerns us: everything wrong is collected. */
static int validate_options(struct manager *m)
{
	struct ds_str rest = string(m, "service-cluster-ip-range", ""), part;
	struct ds_str cloud = string(m, "cloud-provider", "");
	bool done = false, unresolved;
	size_t n = 0;
	int r = check_controller_names(m);

	while (ds_str_split(&rest, ',', &done, &part))
		n++;
	if (r == 0 && n > 2)
		r = refuse(m, m->services, "--service-cluster-ip-range can not contain more than two entries");
	if (r < 0 || m->run.minor < 32)
		return r;
	r = ds_startup_unresolved(&m->run, "cloud-provider", &unresolved);
	if (r == 0 && !unresolved && cloud.n && !ds_str_eqz(cloud, "external"))
		r = refuse_disabled_cloud(m, cloud);
	if (r < 0)
		return r;
	r = ds_startup_unresolved(&m->run, "cidr-allocator-type", &unresolved);
	if (r == 0 && !unresolved && m->allocator.n && !ds_str_eqz(m->allocator, "RangeAllocator"))
		r = ds_verdict_error(m->run.a, m->run.v, loc_of(m, "cidr-allocator-type"),
				     "built-in cloud providers are disabled. The ipam %.*s is not available",
				     DS_STR_ARG(m->allocator));
	return r;
}

/* The in-tree cloud providers, and the first minor without them. */
static const struct {
	const char *name;
	unsigned char until;
} in_tree_clouds[] = {
	{"aws", 27}, {"azure", 30}, {"gce", 32}, {"openstack", 26}, {"vsphere", 30},
};

/* createCloudProvider, before any controller is looked at. From 1.32 on there is none. */
static int create_cloud(struct manager *m)
{
	struct ds_str cloud = string(m, "cloud-provider", "");
	bool unresolved, known = false;
	int r;

	if (m->run.minor >= 32)
		return 0;
	r = ds_startup_unresolved(&m->run, "cloud-provider", &unresolved);
	m->in_tree_cloud = unresolved;
	if (r < 0 || unresolved || cloud.n == 0 || ds_str_eqz(cloud, "external"))
		return r;
	for (size_t i = 0; i < DS_ARRAY_SIZE(in_tree_clouds); i++)
		known |= ds_str_eqz(cloud, in_tree_clouds[i].name) && m->run.minor < in_tree_clouds[i].until;
	if (!known)
		return refuse_cloud(m, cloud, "cloud provider could not be initialized: unknown cloud provider ", "");
	if (ds_startup_gate(&m->run, "DisableCloudProviders"))
		return refuse_disabled_cloud(m, cloud);
	m->in_tree_cloud = true;
	return ds_verdict_unknown(m->run.a, m->run.v, "the in-tree cloud provider %.*s may or may not initialize",
				  DS_STR_ARG(cloud));
}

/* --controllers: the first entry that names the controller decides, else "*". */
static int is_enabled(struct manager *m, bool *ret)
{
	static const char *const names[] = {"nodeipam", "node-ipam-controller"};
	size_t n_names = m->run.minor < 28 ? 1 : 2, n;
	struct ds_str *list;
	const char *ignored;
	bool star = false;
	int r;

	*ret = true;
	if (ds_cmdline_count(m->run.cl, "controllers") == 0)
		return 0;
	r = ds_cmdline_slice(m->run.a, m->run.cl, "controllers", &list, &n, &ignored);
	if (r == DS_ENOMEM)
		return r;
	for (size_t i = 0; r == 0 && i < n; i++) {
		star |= ds_str_eqz(list[i], "*");
		*ret = !ds_str_starts(list[i], "-");
		for (size_t k = 0; k < n_names; k++)
			if (ds_str_eqz(ds_str_skip(list[i], *ret ? 0 : 1), names[k]))
				return 0;
	}
	*ret = star;
	return 0;
}

/* The Service ranges to keep out of podCIDRs. */
static int read_services(struct manager *m)
{
	struct ds_str raw = string(m, "service-cluster-ip-range", ""), bad[2];
	struct ds_ipam_config *config = &m->ret->config;
	struct ds_cidr *v;
	size_t n, n_bad;
	int r = ds_kcm_service_ranges(m->run.a, raw, &v, &n, bad, &n_bad);

	for (size_t i = 0; r == 0 && i < n_bad; i++) {
		const char *quoted = ds_go_quote(m->run.a, bad[i]);

		if (!quoted)
			return DS_ENOMEM;
		if (m->run.minor < 27)
			r = ds_verdict_warning(m->run.a, m->run.v, m->services,
					       "Unsuccessful parsing of service CIDR %.*s: invalid CIDR address: %.*s",
					       DS_STR_ARG(bad[i]), DS_STR_ARG(bad[i]));
		else
			r = ds_verdict_warning(m->run.a, m->run.v, m->services,
					       "\"Warning: unsuccessful parsing of service CIDR\" CIDR=%s "
					       "err=\"invalid CIDR address: %.*s\"",
					       quoted, DS_STR_ARG(bad[i]));
	}
	if (r < 0)
		return r;
	config->n_services = n;
	for (size_t i = 0; i < n; i++)
		config->services[i] = v[i];
	if (n < 2)
		return 0;
	if (m->run.minor < 23 && !ds_startup_gate(&m->run, "IPv6DualStack"))
		return refuse(m, m->services,
			      "secondary service cidr is provided and IPv6DualStack feature is not enabled");
	if (ds_startup_family(&v[0]) == ds_startup_family(&v[1]))
		return refuse(m, m->services,
			      "serviceCIDR and secondaryServiceCIDR are not dualstack (from different IPfamiles)");
	return 0;
}

struct masks {
	int64_t any, v4, v6; /* 0: not configured */
};

/* Up to 1.22 the two family flags were for dual-stack clusters only. */
static const char *masks_error_single_old(const struct masks *f, enum ds_family single)
{
	(void)single;
	return f->v4 || f->v6
		       ? "usage of --node-cidr-mask-size-ipv4 and --node-cidr-mask-size-ipv6 are not allowed with "
			 "non dual-stack clusters"
		       : NULL;
}

static const char *masks_error_single(const struct masks *f, enum ds_family single)
{
	if (f->any && (f->v4 || f->v6))
		return "usage of --node-cidr-mask-size-ipv4 and --node-cidr-mask-size-ipv6 is not allowed if "
		       "--node-cidr-mask-size is set. For dual-stack clusters please unset it and use IPFamily "
		       "specific flags";
	if (f->v4 && single == DS_IPV6)
		return "usage of --node-cidr-mask-size-ipv4 is not allowed for a single-stack IPv6 cluster";
	if (f->v6 && single == DS_IPV4)
		return "usage of --node-cidr-mask-size-ipv6 is not allowed for a single-stack IPv4 cluster";
	return NULL;
}

static const struct {
	unsigned char since, until;
	const char *(*error)(const struct masks *f, enum ds_family single);
} single_stack_masks[] = {
	{0,  23, masks_error_single_old},
	{23, 0,  masks_error_single    },
};

/* setNodeCIDRMaskSizes. */
static int read_masks(struct manager *m)
{
	struct ds_ipam_config *config = &m->ret->config;
	struct masks f = {ds_startup_int(&m->run, "node-cidr-mask-size", 0),
			  ds_startup_int(&m->run, "node-cidr-mask-size-ipv4", 0),
			  ds_startup_int(&m->run, "node-cidr-mask-size-ipv6", 0)};
	const struct ds_loc *loc = loc_of(m, "node-cidr-mask-size");
	const char *why = NULL;

	if (config->n > 1 && f.any)
		return refuse(m, loc, "usage of --node-cidr-mask-size is not allowed with dual-stack clusters");
	for (size_t i = 0; config->n == 1 && i < DS_ARRAY_SIZE(single_stack_masks); i++)
		if (ds_startup_applies(m->run.minor, single_stack_masks[i].since, single_stack_masks[i].until))
			why = single_stack_masks[i].error(&f, ds_startup_family(&config->cluster[0]));
	if (why)
		return refuse(m, loc_of(m, f.v4 ? "node-cidr-mask-size-ipv4" : "node-cidr-mask-size-ipv6"), why);
	for (size_t i = 0; i < config->n; i++) {
		bool v4 = ds_startup_family(&config->cluster[i]) == DS_IPV4;
		int64_t own = v4 ? f.v4 : f.v6;

		config->mask[i] = (int32_t)(f.any ? f.any : own ? own : v4 ? DEFAULT_MASK_IPV4 : DEFAULT_MASK_IPV6);
	}
	return 0;
}

/* The mask must leave room; of a mapped network the prefix counts 128 bits. */
static int check_masks(struct manager *m)
{
	const struct ds_ipam_config *config = &m->ret->config;

	for (size_t i = 0; i < config->n; i++)
		if (config->cluster[i].bits > config->mask[i])
			return refuse(
				m, m->cluster,
				"Controller: Invalid --cluster-cidr, mask size of cluster CIDR must be less than or "
				"equal to --node-cidr-mask-size configured for CIDR family");
	return 0;
}

/* What becomes of the allocators that need a cloud provider when there is none. */
static const struct {
	const char *allocator;
	unsigned char since, until;
	const char *message;
} cloudless[] = {
	{"CloudAllocator", 0, 27, "panic: runtime error: invalid memory address or nil pointer dereference"},
	{"IPAMFromCluster", 0, 31, "panic: runtime error: invalid memory address or nil pointer dereference"},
	{"IPAMFromCloud", 0, 31, "panic: runtime error: invalid memory address or nil pointer dereference"},
	{"IPAMFromCluster", 31, 32, "Error trying to Init(): legacy cloud provider support disabled at build time"},
	{"IPAMFromCloud", 31, 32, "Error trying to Init(): legacy cloud provider support disabled at build time"},
};

/* An allocator other than RangeAllocator. */
static int start_other(struct manager *m)
{
	const struct ds_loc *loc = loc_of(m, "cidr-allocator-type");
	bool multi = ds_str_eqz(m->allocator, "MultiCIDRRangeAllocator") && ds_startup_applies(m->run.minor, 25, 29);

	for (size_t i = 0; i < DS_ARRAY_SIZE(cloudless); i++) {
		if (!ds_str_eqz(m->allocator, cloudless[i].allocator) ||
		    !ds_startup_applies(m->run.minor, cloudless[i].since, cloudless[i].until))
			continue;
		if (m->in_tree_cloud)
			return ds_verdict_unknown(m->run.a, m->run.v, "%s depends on the in-tree cloud provider",
						  cloudless[i].allocator);
		return refuse(m, loc, cloudless[i].message);
	}
	if (multi && ds_startup_gate(&m->run, "MultiCIDRRangeAllocator"))
		return ds_verdict_unknown(
			m->run.a, m->run.v,
			"MultiCIDRRangeAllocator works by ClusterCIDR objects, which were not looked at");
	return ds_verdict_error(m->run.a, m->run.v, loc, "invalid CIDR allocator type: %.*s%s",
				DS_STR_ARG(m->allocator),
				multi ? ", feature gate MultiCIDRRangeAllocator must be enabled" : "");
}

static int occupy_nodes(struct manager *m)
{
	const char *why;
	int r;

	for (size_t i = 0; i < m->n_nodes; i++) {
		const struct ds_kcm_node *node = &m->nodes[i];

		r = ds_ipam_occupy(m->ret->allocator, node->name, node->cidrs, node->n, &why);
		if (r == DS_ERANGE)
			return refuse(m, &node->loc, why);
		if (r < 0)
			return r;
	}
	return 0;
}

static int start_range_allocator(struct manager *m)
{
	const char *why;
	int r = ds_ipam_new(m->run.a, &m->ret->config, &m->ret->allocator, &why);

	if (r == DS_ERANGE)
		return refuse(m, m->cluster, why);
	return r < 0 ? r : occupy_nodes(m);
}

static int read_cluster_cidrs(struct manager *m)
{
	bool dual_stack = m->run.minor >= 23 || (ds_startup_gate(&m->run, "IPv6DualStack") &&
						 ds_startup_gate(&m->run, "EndpointSlice"));
	struct ds_ipam_config *config = &m->ret->config;
	struct ds_cidr *v;
	const char *why;
	int r = ds_kcm_cluster_cidrs(m->run.a, string(m, "cluster-cidr", ""), m->run.minor, dual_stack, &v, &config->n,
				     &why);

	if (r == DS_ESYNTAX)
		return refuse(m, m->cluster, why);
	for (size_t i = 0; r == 0 && i < config->n; i++)
		config->cluster[i] = v[i];
	return r;
}

/* startNodeIpamController: the first problem ends the process. */
static int start_ipam(struct manager *m)
{
	static int (*const steps[])(struct manager *) = {read_cluster_cidrs, read_services, read_masks};
	bool cloud = ds_str_eqz(m->allocator, "CloudAllocator");
	int r = 0;

	if (cloud && m->run.minor >= 27 && m->in_tree_cloud)
		return ds_verdict_unknown(m->run.a, m->run.v, "CloudAllocator depends on the in-tree cloud provider");
	if (cloud && m->run.minor >= 27)
		return refuse(m, loc_of(m, "cidr-allocator-type"),
			      "--cidr-allocator-type is set to 'CloudAllocator' but cloud provider is not configured");
	for (size_t i = 0; r == 0 && m->run.v->errors.n == 0 && i < DS_ARRAY_SIZE(steps); i++)
		r = steps[i](m);
	if (r == 0 && m->run.v->errors.n == 0 && !cloud)
		r = check_masks(m);
	if (r < 0 || m->run.v->errors.n)
		return r;
	return ds_str_eqz(m->allocator, "RangeAllocator") ? start_range_allocator(m) : start_other(m);
}

/* Notes every flag of which only the runtime knows the value. */
static int any_unresolved(struct manager *m, bool *ret)
{
	static const char *const flags[] = {"allocate-node-cidrs",      "cluster-cidr",
					    "service-cluster-ip-range", "node-cidr-mask-size",
					    "node-cidr-mask-size-ipv4", "node-cidr-mask-size-ipv6",
					    "cidr-allocator-type",      "controllers"};
	bool one;

	*ret = false;
	for (size_t i = 0; i < DS_ARRAY_SIZE(flags); i++) {
		if (ds_startup_unresolved(&m->run, flags[i], &one) < 0)
			return DS_ENOMEM;
		*ret |= one;
	}
	return 0;
}

/* What goes wrong while the process goes on. */
static int warn(struct manager *m)
{
	struct ds_kcm_result *ret = m->ret;

	for (size_t i = 0; i < ret->config.n; i++) {
		if (!ds_ipam_has_valid_mask(ret->allocator, i))
			return ds_verdict_warning(
				m->run.a, m->run.v, m->cluster,
				"failed to patch node CIDR: spec.podCIDRs[%zu]: Invalid value: \"<nil>\": "
				"must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
				i);
		if (ds_ipam_free(ret->allocator, i) == 0)
			return ds_verdict_warning(
				m->run.a, m->run.v, m->cluster,
				"failed to allocate cidr from cluster cidr at idx:%zu: CIDR allocation "
				"failed; there are no remaining CIDRs left to allocate in the accepted "
				"range",
				i);
	}
	return 0;
}

/* Existing nodes that have a block of network i. */
static uint64_t nodes_with(const struct manager *m, size_t i)
{
	uint64_t n = 0;

	for (size_t k = 0; k < m->n_nodes; k++)
		n += m->nodes[k].n > i;
	return n;
}

static int derive_numbers(struct manager *m)
{
	const struct ds_ipam_config *config = &m->ret->config;
	struct ds_arena *a = m->run.a;
	const char **masks = ds_arena_new_array(a, config->n, const char *);
	const char **nodes = ds_arena_new_array(a, config->n, const char *);
	const char **addresses = ds_arena_new_array(a, config->n, const char *);
	uint64_t capacity = ds_ipam_capacity(m->ret->allocator);

	if (!masks || !nodes || !addresses)
		return DS_ENOMEM;
	for (size_t i = 0; i < config->n; i++) {
		struct ds_cidr block = config->cluster[i];
		char text[40];

		masks[i] = ds_arena_printf(a, "%d", (int)config->mask[i]);
		nodes[i] = ds_arena_printf(a, "%llu",
					   (unsigned long long)(nodes_with(m, i) + ds_ipam_free(m->ret->allocator, i)));
		block.bits = (uint8_t)DS_MIN((unsigned)config->mask[i], ds_ip_width(&block.ip));
		addresses[i] = ds_ipam_has_valid_mask(m->ret->allocator, i)
				       ? ds_arena_strdup(a, ds_cidr_count_format(&block, text))
				       : "0";
		if (!masks[i] || !nodes[i] || !addresses[i])
			return DS_ENOMEM;
	}
	if (ds_verdict_derive_numbers(a, m->run.v, "maskSizes", masks, config->n) < 0 ||
	    ds_verdict_derive_int(a, m->run.v, "capacity", (int64_t)capacity) < 0 ||
	    ds_verdict_derive_numbers(a, m->run.v, "capacityPerFamily", nodes, config->n) < 0)
		return DS_ENOMEM;
	return ds_verdict_derive_numbers(a, m->run.v, "podAddressesPerNode", addresses, config->n);
}

/* Nodes keep the podCIDRs they have: those from before a second network was added stay single-stack. */
static int derive_single_stack_nodes(struct manager *m)
{
	const char **names = ds_arena_new_array(m->run.a, m->n_nodes, const char *);
	size_t n = 0;

	if (!names)
		return DS_ENOMEM;
	for (size_t i = 0; i < m->n_nodes; i++)
		if (m->nodes[i].n && m->nodes[i].n < m->ret->config.n)
			names[n++] = m->nodes[i].name;
	return ds_verdict_derive_list(m->run.a, m->run.v, "singleStackNodes", names, n);
}

static int derive_running(struct manager *m)
{
	const struct ds_ipam_config *config = &m->ret->config;
	struct ds_arena *a = m->run.a;
	struct ds_verdict *v = m->run.v;
	const char *const *cluster = ds_startup_cidr_texts(a, config->cluster, config->n);
	const char *const *services = ds_startup_cidr_texts(a, config->services, config->n_services);
	const char *const *families;
	size_t n = 0;

	families = ds_startup_families(a, config->cluster, config->n, &n);
	if (!cluster || !services || !families ||
	    ds_verdict_derive_list(a, v, "clusterCIDR", cluster, config->n) < 0 ||
	    ds_verdict_derive_list(a, v, "podFamilies", families, n) < 0 || derive_numbers(m) < 0 ||
	    ds_verdict_derive_list(a, v, "serviceRangesAvoided", services, config->n_services) < 0)
		return DS_ENOMEM;
	return derive_single_stack_nodes(m);
}

/* Where node IPAM ends up, once the flags themselves are accepted. */
static int decide(struct manager *m)
{
	bool unresolved, enabled;
	int r = validate_options(m);

	if (r == 0 && m->run.v->errors.n == 0)
		r = create_cloud(m);
	if (r < 0 || m->run.v->errors.n)
		return r;
	if (!ds_startup_bool(&m->run, "allocate-node-cidrs", false)) {
		m->ret->ipam = DS_NODE_IPAM_NOT_STARTED;
		return ds_startup_unresolved(&m->run, "allocate-node-cidrs", &unresolved);
	}
	r = any_unresolved(m, &unresolved);
	if (r < 0 || unresolved)
		return r;
	r = is_enabled(m, &enabled);
	if (r < 0)
		return r;
	if (!enabled) {
		m->ret->ipam = DS_NODE_IPAM_NOT_STARTED;
		return ds_verdict_warning(m->run.a, m->run.v, loc_of(m, "controllers"),
					  m->run.minor < 27 ? "\"nodeipam\" is disabled"
							    : "\"Warning: controller is disabled\" "
							      "controller=\"node-ipam-controller\"");
	}
	r = start_ipam(m);
	if (r == 0 && m->run.v->errors.n == 0 && m->ret->allocator)
		m->ret->ipam = DS_NODE_IPAM_RUNNING;
	return r;
}

int ds_kcm_evaluate(struct ds_arena *a, const struct ds_cmdline *cl, unsigned minor, const struct ds_kcm_node *nodes,
		    size_t n_nodes, struct ds_kcm_result *ret)
{
	struct manager m = {.run = {.a = a, .cl = cl, .minor = minor, .v = &ret->verdict},
			    .ret = ret,
			    .nodes = nodes,
			    .n_nodes = n_nodes};
	bool go_on;
	int r;

	*ret = (struct ds_kcm_result){0};
	r = ds_startup_common(&m.run, &go_on);
	if (r == 0 && go_on) {
		m.allocator = string(&m, "cidr-allocator-type", "RangeAllocator");
		m.cluster = loc_of(&m, ds_cmdline_last(cl, "cluster-cidr") ? "cluster-cidr" : "allocate-node-cidrs");
		m.services = loc_of(&m, "service-cluster-ip-range");
		r = decide(&m);
	}
	if (r < 0)
		return r;
	ds_verdict_settle(&ret->verdict);
	if (ret->verdict.startup == DS_STARTUP_REFUSED)
		ret->ipam = DS_NODE_IPAM_EXITED;
	else if (ret->verdict.startup == DS_STARTUP_UNKNOWN)
		ret->ipam = DS_NODE_IPAM_UNKNOWN;
	r = ds_verdict_derive_string(a, &ret->verdict, "nodeIpam", ds_node_ipam_state_name(ret->ipam));
	if (r == 0 && ret->ipam == DS_NODE_IPAM_RUNNING)
		r = warn(&m);
	if (r == 0 && ret->ipam == DS_NODE_IPAM_RUNNING)
		r = derive_running(&m);
	return r;
}
