#include "collect/distro/k0s.h"

#include "base/buf.h"
#include "collect/distro/distro.h"
#include "model/settings.h"
#include "net/ip.h"
#include "yaml/scalar.h"

/* From this minor on: the primary family orders the ranges, masks of /117, stricter checks. */
#define REWORKED 34
/* From this minor on Service ranges of IPv6 are held to /108. */
#define SERVICE_SIZE 35

struct config {
	struct ds_distro d;
	const struct ds_yaml_node *spec, *network;
	struct ds_distro_version version;
	unsigned minor;
	bool dual, v6_first, v6_only;
	struct ds_distro_value pod, service, pod6, service6; /* as written */
	struct ds_distro_value pods, services;               /* as passed on */
	struct ds_distro_value address, external, port, provider, mode;
};

/* ---- what k0s refuses ---- */

static bool parse(const struct ds_distro_value *v, struct ds_cidr *ret)
{
	return ds_cidr_parse(v->text, DS_IP_STRICT, ret) == 0;
}

/* Go's IP.To4(): mapped addresses are IPv4. */
static bool is_v6(const struct ds_cidr *c)
{
	return c->ip.family == DS_IPV6;
}

static int invalid(const struct config *c, const struct ds_distro_value *v, const char *path, const char *why)
{
	return ds_distro_refuse(&c->d, &v->loc, "spec: network: %s: Invalid value: \"%.*s\": %s", path,
				DS_STR_ARG(v->text), why);
}

/* Both families' ranges of a single configuration: which are wrong by themselves, and together. */
static int check_ranges(const struct config *c, bool have_pod, const struct ds_cidr *pod, bool have_service,
			const struct ds_cidr *service)
{
	int r = 0;

	if (!have_pod)
		r = invalid(c, &c->pod, "podCIDR", "invalid CIDR address");
	if (r == 0 && !have_service)
		r = invalid(c, &c->service, "serviceCIDR", "invalid CIDR address");
	if (r < 0 || !have_pod || !have_service || c->minor < REWORKED)
		return r;
	if (is_v6(pod) != is_v6(service))
		r = invalid(c, &c->pod, "podCIDR", "podCIDR and serviceCIDR must be both IPv4 or IPv6");
	if (r == 0 && is_v6(service) && service->bits > 108 && c->minor >= SERVICE_SIZE)
		r = invalid(c, &c->service, "serviceCIDR", "IPv6 service CIDR prefix must be <= 108");
	if (r == 0 && !c->dual && is_v6(pod))
		r = ds_diag(
		    c->d.f->ctx, DS_LEVEL_WARNING, &c->pod.loc,
		    "give k0s controller --feature-gates=IPv6SingleStack=true",
		    "k0s refuses this configuration without its feature gate: spec: network: podCIDR: Invalid value: "
		    "\"%.*s\": feature gate IPv6SingleStack must be explicitly enabled to use IPv6 single stack",
		    DS_STR_ARG(c->pod.text));
	return r;
}

static int check_dual(const struct config *c, const struct ds_cidr *pod, const struct ds_cidr *service)
{
	const struct ds_distro_value *v[] = {&c->pod6, &c->service6};
	static const char *const paths[] = {"dualStack.IPv6podCIDR", "dualStack.IPv6serviceCIDR"};
	const struct ds_yaml_node *mode = ds_yaml_field(c->network, "calico.mode");
	struct ds_loc loc = ds_distro_loc(&c->d, mode);
	int r = 0;

	if (ds_str_eqz(c->provider.text, "calico") &&
	    !(mode && mode->kind == DS_YAML_SCALAR && ds_str_eqz(mode->text, "bird")))
		r = ds_distro_refuse(
		    &c->d, mode ? &loc : &c->provider.loc,
		    "spec: network: calico.mode: Forbidden: dual-stack for calico is only supported for mode "
		    "`bird`");
	for (size_t i = 0; r == 0 && i < DS_ARRAY_SIZE(v); i++) {
		struct ds_distro_value at =
		    v[i]->text.n
			? *v[i]
			: (struct ds_distro_value){.loc = ds_distro_loc(&c->d, ds_yaml_get(c->network, "dualStack"))};
		struct ds_cidr cidr;

		if (!parse(v[i], &cidr))
			r = invalid(c, &at, paths[i], "invalid CIDR address");
		else if (c->minor >= REWORKED && !is_v6(&cidr))
			r = invalid(c, &at, paths[i], "must be an IPv6 CIDR, not IPv4");
		else if (i == 1 && c->minor >= SERVICE_SIZE && cidr.bits < 108)
			r = invalid(c, &at, paths[i], "IPv6 service CIDR prefix must be <= 108");
	}
	if (r == 0 && pod && is_v6(pod) && c->minor >= REWORKED)
		r = invalid(c, &c->pod, "podCIDR", "if DualStack is enabled, podCIDR must be IPv4");
	if (r == 0 && service && is_v6(service) && c->minor >= REWORKED)
		r = invalid(c, &c->service, "serviceCIDR", "if DualStack is enabled, serviceCIDR must be IPv4");
	return r;
}

static bool one_of(struct ds_str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ds_str_eqz(s, words[i]))
			return true;
	return false;
}

static int check_words(const struct config *c)
{
	static const char *const providers[] = {"kuberouter", "calico", "custom"};
	static const char *const modes[] = {"iptables", "ipvs", "userspace", "nftables"};
	const struct ds_yaml_node *family = ds_yaml_get(c->network, "primaryAddressFamily");
	struct ds_loc loc = ds_distro_loc(&c->d, family);
	bool disabled = ds_distro_bool(c->network, "kubeProxy.disabled", false);
	struct ds_ip ip;
	int r = 0;

	if (!one_of(c->provider.text, providers, DS_ARRAY_SIZE(providers)))
		r = ds_distro_refuse(
		    &c->d, &c->provider.loc,
		    "spec: network: provider: Unsupported value: \"%.*s\": supported values: \"kuberouter\", "
		    "\"calico\", \"custom\"",
		    DS_STR_ARG(c->provider.text));
	if (r == 0 && c->minor >= REWORKED && family && family->kind == DS_YAML_SCALAR && family->text.n &&
	    !ds_str_eqz(family->text, "IPv4") && !ds_str_eqz(family->text, "IPv6"))
		r = ds_distro_refuse(
		    &c->d, &loc,
		    "spec: network: addressFamily: Unsupported value: \"%.*s\": supported values: \"IPv4\", "
		    "\"IPv6\"",
		    DS_STR_ARG(family->text));
	if (r == 0 && !disabled && !one_of(c->mode.text, modes, DS_ARRAY_SIZE(modes)))
		r = ds_distro_refuse(&c->d, &c->mode.loc, "spec: network: unsupported mode %.*s for kubeProxy config",
				     DS_STR_ARG(c->mode.text));
	if (r == 0 && c->address.loc.input && ds_ip_parse(c->address.text, DS_IP_STRICT, &ip) < 0)
		r = ds_distro_refuse(&c->d, &c->address.loc,
				     "spec: api: address: Invalid value: \"%.*s\": invalid IP address",
				     DS_STR_ARG(c->address.text));
	return r;
}

static int check(const struct config *c)
{
	struct ds_cidr pod, service;
	bool have_pod = parse(&c->pod, &pod), have_service = parse(&c->service, &service);
	int r = check_ranges(c, have_pod, &pod, have_service, &service);

	if (r == 0 && c->dual)
		r = check_dual(c, have_pod ? &pod : NULL, have_service ? &service : NULL);
	return r < 0 ? r : check_words(c);
}

/* ---- components ---- */

/* spec.featureGates: of all components, or of those named; after what the user's flag has. */
static int add_gates(const struct config *c, struct ds_generated *g)
{
	const struct ds_yaml_node *list = ds_yaml_get(c->spec, "featureGates");
	struct ds_str component = ds_str_from(ds_component_name(g->component));
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_distro_value v = {0};

	for (size_t i = 0; list && list->kind == DS_YAML_SEQUENCE && i < list->n; i++) {
		const struct ds_yaml_node *name = ds_yaml_get(list->items[i], "name"),
					  *only = ds_yaml_get(list->items[i], "components");
		bool mine = !only || only->kind != DS_YAML_SEQUENCE || only->n == 0;

		for (size_t k = 0; !mine && k < only->n; k++)
			mine = only->items[k]->kind == DS_YAML_SCALAR && ds_str_eq(only->items[k]->text, component);
		if (!mine || !name || name->kind != DS_YAML_SCALAR)
			continue;
		ds_buf_printf(&b, "%s%.*s=%s", b.n ? "," : "", DS_STR_ARG(name->text),
			      ds_distro_bool(list->items[i], "enabled", false) ? "true" : "false");
		if (!v.loc.input)
			v.loc = ds_distro_loc(&c->d, name);
	}
	if (b.err < 0 || ds_arena_str(c->d.f->ctx->arena, ds_buf_str(&b), &v.text) < 0)
		return DS_ENOMEM;
	return v.text.n ? ds_vec_push(c->d.f->ctx->arena, &g->args,
				      ((struct ds_generated_arg){DS_STR("feature-gates"), v.text, v.loc}))
			: 0;
}

static int finish(const struct config *c, struct ds_generated *g, const char *part)
{
	struct ds_distro d = c->d;
	const struct ds_yaml_node *n = ds_yaml_get(c->spec, part);
	int r = ds_distro_args(&d, g, ds_yaml_get(n, "extraArgs"));

	if (r == 0)
		r = add_gates(c, g);
	if (r == 0)
		r = ds_distro_raw(&d, g, ds_yaml_get(n, "rawArgs"));
	return r < 0 ? r : ds_distro_observe(&d, g, &c->version);
}

static int make_apiserver(const struct config *c)
{
	struct ds_generated g = ds_distro_start(&c->d, DS_KUBE_APISERVER);
	bool only = ds_distro_bool(c->spec, "api.onlyBindToAddress", false);
	const struct ds_distro_flag flags[] = {
	    {"service-cluster-ip-range",        NULL,                               &c->services             },
	    {"advertise-address",               NULL,                               &c->address              },
	    {"bind-address",                    NULL,                               only ? &c->address : NULL},
	    {"secure-port",                     NULL,                               &c->port                 },
	    {"kubelet-preferred-address-types", "InternalIP,ExternalIP,Hostname",   NULL                     },
	    {"endpoint-reconciler-type",        c->external.text.n ? "none" : NULL, NULL                     },
	    {"etcd-servers",                    "${k0s' own etcd}",                 NULL                     },
	};
	int r;

	r = ds_distro_addn(&c->d, &g, flags, DS_ARRAY_SIZE(flags));
	return r < 0 ? r : finish(c, &g, "api");
}

static int make_controller_manager(const struct config *c)
{
	struct ds_generated g = ds_distro_start(&c->d, DS_KUBE_CONTROLLER_MANAGER);
	const char *mask6 = c->minor >= REWORKED ? "117" : "110";
	const char *only = c->minor >= REWORKED && c->v6_only ? "117" : "24";
	struct ds_loc dual = ds_distro_loc(&c->d, ds_yaml_field(c->network, "dualStack.enabled"));
	struct ds_distro_value m4 = {DS_STR("24"), dual}, m6 = {ds_str_from(mask6), dual};
	const struct ds_distro_flag flags[] = {
	    {"cluster-cidr",             NULL,                             &c->pods            },
	    {"service-cluster-ip-range", NULL,                             &c->services        },
	    {"allocate-node-cidrs",      "true",                           NULL                },
	    {"bind-address",             "127.0.0.1",                      NULL                },
	    {"cluster-name",             "k0s",                            NULL                },
	    {"controllers",              "*,bootstrapsigner,tokencleaner", NULL                },
	    {"node-cidr-mask-size",      c->dual ? NULL : only,            NULL                },
	    {"node-cidr-mask-size-ipv4", NULL,                             c->dual ? &m4 : NULL},
	    {"node-cidr-mask-size-ipv6", NULL,                             c->dual ? &m6 : NULL},
	};
	int r = ds_distro_addn(&c->d, &g, flags, DS_ARRAY_SIZE(flags));

	return r < 0 ? r : finish(c, &g, "controllerManager");
}

/* kube-proxy is given a configuration file, and with one it ignores the flags that the file says too. */
static bool is_heard(struct ds_str name)
{
	const struct ds_setting_row *rows;
	size_t n;

	rows = ds_setting_rows(&n);
	for (size_t i = 0; i < n; i++)
		if (rows[i].component == DS_KUBE_PROXY && rows[i].flag && ds_str_eqz(name, rows[i].flag))
			return !(rows[i].flags & DS_SETTING_CONFIG_HIDES);
	return true;
}

static int add_proxy_args(const struct config *c, struct ds_generated *g, const struct ds_yaml_node *args)
{
	int r = 0;

	for (size_t i = 0; r == 0 && args && args->kind == DS_YAML_MAPPING && i < args->n; i++) {
		const struct ds_yaml_pair *p = &args->pairs[i];
		struct ds_loc loc = ds_distro_loc(&c->d, p->key);

		if (p->key->kind != DS_YAML_SCALAR || p->value->kind != DS_YAML_SCALAR)
			continue;
		if (is_heard(p->key->text))
			r = ds_generated_set(c->d.f->ctx->arena, g, p->key->text, p->value->text,
					     ds_distro_loc(&c->d, p->value));
		else
			r = ds_diag(c->d.f->ctx, DS_LEVEL_WARNING, &loc, "set it in spec.network.kubeProxy",
				    "kube-proxy ignores --%.*s: k0s gives it a configuration file",
				    DS_STR_ARG(p->key->text));
	}
	return r;
}

static int make_proxy(const struct config *c)
{
	/* What the file has and rules look at; kubeProxy's fields have the names of kube-proxy's own. */
	struct ds_generated g = ds_distro_start(&c->d, DS_KUBE_PROXY);
	const struct ds_yaml_node *proxy = ds_yaml_get(c->network, "kubeProxy");
	struct ds_distro d = c->d;
	const struct ds_distro_flag flags[] = {
	    {"cluster-cidr",         NULL,            &c->pods},
	    {"proxy-mode",           NULL,            &c->mode},
	    {"hostname-override",    "$(NODE_NAME)",  NULL    },
	    {"metrics-bind-address", "0.0.0.0:10249", NULL    },
	    {"healthz-bind-address", "0.0.0.0:10256", NULL    },
	};
	int r = ds_distro_addn(&c->d, &g, flags, DS_ARRAY_SIZE(flags));

	if (r == 0)
		r = ds_distro_fields(&c->d, &g, proxy);
	if (r == 0)
		r = add_proxy_args(c, &g, ds_yaml_get(proxy, "extraArgs"));
	if (r == 0)
		r = add_gates(c, &g);
	if (r == 0)
		r = ds_distro_raw(&d, &g, ds_yaml_get(proxy, "rawArgs"));
	return r < 0 ? r : ds_distro_observe(&d, &g, &c->version);
}

/* The tenth address of the primary range, or of a tiny one the second. */
static int add_dns(const struct config *c, struct ds_generated *g)
{
	const struct ds_distro_value *v = c->minor >= REWORKED && c->dual && c->v6_first ? &c->service6 : &c->service;
	struct ds_cidr cidr;

	if (!parse(v, &cidr))
		return 0;
	return ds_distro_dns(&c->d, g, v, (is_v6(&cidr) ? 128 : 32) - cidr.bits > 3 ? 10 : 2, false);
}

/* One for each worker profile, or for none. Its flags are the worker's, not the configuration's. */
static int make_kubelet(const struct config *c, const struct ds_yaml_node *profile)
{
	static const char *const reserved[] = {"clusterDNS", "clusterDomain", "staticPodURL"};
	const struct ds_yaml_node *values = ds_yaml_get(profile, "values");
	struct ds_distro d = c->d;
	struct ds_generated g;
	int r = 0;

	d.partial = true;
	if (profile)
		d.loc = ds_distro_loc(&d, profile);
	g = ds_distro_start(&d, DS_KUBELET);
	for (size_t i = 0; r == 0 && i < DS_ARRAY_SIZE(reserved); i++) {
		const struct ds_yaml_pair *p = ds_yaml_get_pair(values, reserved[i]);
		struct ds_loc loc = ds_distro_loc(&d, p ? p->key : NULL);
		const char *path = p ? ds_yaml_path_of(d.f->ctx->arena, p->value) : "";

		if (!path)
			return DS_ENOMEM;
		if (p)
			r = ds_distro_refuse(&d, &loc, "spec: %s: Forbidden: may not be used in k0s worker profiles",
					     strncmp(path, "spec.", 5) == 0 ? path + 5 : path);
	}
	if (r == 0 && c->dual)
		r = ds_distro_addz(&d, &g, "node-ip", "${the addresses of the node's name}");
	if (r == 0)
		r = ds_distro_addz(&d, &g, "hostname-override", "${the node's name}");
	if (r == 0)
		r = add_dns(c, &g);
	if (r == 0)
		r = ds_distro_fields(&d, &g, values);
	return r < 0 ? r : ds_distro_observe(&d, &g, &c->version);
}

/* ---- reading ---- */

/* The host of "192.0.2.1", "2001:db8::1", "host:443", "[2001:db8::1]:443". */
static struct ds_str host_of(struct ds_str s)
{
	size_t colon = ds_str_find(s, ':');

	if (ds_str_starts(s, "["))
		return ds_str_head(ds_str_skip(s, 1), ds_str_find(s, ']') - 1);
	if (colon < s.n && ds_str_find(ds_str_skip(s, colon + 1), ':') == s.n - colon - 1)
		return ds_str_head(s, colon);
	return s;
}

static void find_order(struct config *c)
{
	const struct ds_yaml_node *family = ds_yaml_get(c->network, "primaryAddressFamily");
	struct ds_str host = c->external.text.n ? host_of(c->external.text) : c->address.text;
	struct ds_cidr cidr;
	struct ds_ip ip;

	/* Without either address k0s takes one of the host's, IPv4 when there is one: in dual-stack there is. */
	c->v6_first = ds_ip_parse(host, DS_IP_STRICT, &ip) == 0 && ip.family == DS_IPV6;
	if (c->minor >= REWORKED && family && family->kind == DS_YAML_SCALAR && family->text.n)
		c->v6_first = ds_str_eqz(family->text, "IPv6");
	c->v6_only = !c->dual && parse(&c->pod, &cidr) && is_v6(&cidr);
}

static int pair(const struct config *c, bool v6_first, const struct ds_distro_value *v4,
		const struct ds_distro_value *v6, struct ds_distro_value *ret)
{
	const struct ds_distro_value *first = v6_first ? v6 : v4, *second = v6_first ? v4 : v6;
	struct ds_cidr cidr;
	const char *text;

	*ret = *v4;
	if (!c->dual)
		return 0;
	text = ds_arena_printf(c->d.f->ctx->arena, "%.*s,%.*s", DS_STR_ARG(first->text), DS_STR_ARG(second->text));
	if (!text)
		return DS_ENOMEM;
	ret->text = ds_str_from(text);
	/* The place of the one that is wrong, else of the first that is written down. */
	ret->loc = !parse(second, &cidr) || !first->loc.input ? second->loc : first->loc;
	return 0;
}

static int read_config(struct config *c)
{
	const struct ds_distro_field fields[] = {
	    {"podCIDR",                   &c->pod     },
	    {"serviceCIDR",               &c->service },
	    {"provider",                  &c->provider},
	    {"dualStack.IPv6podCIDR",     &c->pod6    },
	    {"dualStack.IPv6serviceCIDR", &c->service6},
	    {"kubeProxy.mode",            &c->mode    },
	};
	const struct ds_distro_field api[] = {
	    {"api.address",         &c->address },
	    {"api.externalAddress", &c->external},
	    {"api.port",            &c->port    },
	};
	int r;

	c->pod.text = DS_STR("10.244.0.0/16");
	c->service.text = DS_STR("10.96.0.0/12");
	c->provider.text = DS_STR("kuberouter");
	c->mode.text = DS_STR("iptables");
	c->port.text = DS_STR("6443");
	c->address.text = DS_STR("${the host's first address}");
	c->network = ds_yaml_get(c->spec, "network");
	c->dual = ds_distro_bool(c->network, "dualStack.enabled", false);
	if (!c->version.known)
		ds_distro_release(&c->d, c->spec, "images.kubeproxy.version", &c->version);
	c->minor = c->version.known ? ds_kube_version_nearest(&c->version.version) : DS_KUBE_NEWEST;
	if (c->d.f->minor)
		c->minor = c->d.f->minor;
	r = ds_distro_takes(&c->d, c->network, fields, DS_ARRAY_SIZE(fields));
	if (r == 0)
		r = ds_distro_takes(&c->d, c->spec, api, DS_ARRAY_SIZE(api));
	find_order(c);
	if (r == 0)
		r = check(c);
	/* Before the rework IPv6 always came first for pods. */
	if (r == 0)
		r = pair(c, c->minor < REWORKED || c->v6_first, &c->pod, &c->pod6, &c->pods);
	return r < 0 ? r : pair(c, c->v6_first, &c->service, &c->service6, &c->services);
}

static int collect(struct config *c)
{
	const struct ds_yaml_node *profiles = ds_yaml_get(c->spec, "workerProfiles");
	int r = read_config(c);

	if (r == 0)
		r = make_apiserver(c);
	if (r == 0)
		r = make_controller_manager(c);
	if (r == 0 && !ds_distro_bool(c->network, "kubeProxy.disabled", false))
		r = make_proxy(c);
	if (r == 0)
		r = make_kubelet(c, NULL);
	for (size_t i = 0; r == 0 && profiles && profiles->kind == DS_YAML_SEQUENCE && i < profiles->n; i++)
		r = make_kubelet(c, profiles->items[i]);
	return r;
}

int ds_k0s_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object)
{
	struct config c = {.d = ds_distro_of(f, src->input, object, "k0s", DS_SOURCE_K0S),
			   .spec = ds_yaml_get(object, "spec")};

	if (src->host)
		c.d.host = src->host;
	return collect(&c);
}

int ds_k0sctl_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object)
{
	struct config c = {.d = ds_distro_of(f, src->input, object, "k0s", DS_SOURCE_K0S),
			   .spec = ds_yaml_field(object, "spec.k0s.config.spec")};

	if (src->host)
		c.d.host = src->host;
	ds_distro_release(&c.d, object, "spec.k0s.version", &c.version);
	return collect(&c);
}
