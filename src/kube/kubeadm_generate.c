#include <inttypes.h>
#include <stdlib.h>

#include "kube/kubeadm_priv.h"
#include "net/ip.h"
#include "yaml/scalar.h"

#define PKI             "/etc/kubernetes/pki"
#define UNKNOWN_ADDRESS "$(ADVERTISE_ADDRESS)"
#define CONFIG_TEXT_MAX ((size_t)1 << 20)

/* The default arguments, before extraArgs. */
struct base {
	struct ds__kubeadm *k;
	struct ds__kubeadm_args args;
	const char *pki;
	int err;
};

static void add(struct base *b, const char *name, struct ds_str value, const struct ds_yaml_node *at)
{
	struct ds__kubeadm_arg arg = {ds_str_from(name), value, at};

	if (b->err == 0)
		b->err = ds_vec_push(b->k->ctx->arena, &b->args, arg);
}

static void addz(struct base *b, const char *name, const char *value)
{
	add(b, name, ds_str_from(value), NULL);
}

/* A file below certificatesDir. */
static void add_pki(struct base *b, const char *name, const char *file)
{
	const char *path = ds_arena_printf(b->k->ctx->arena, "%s/%s", b->pki, file);

	if (path)
		addz(b, name, path);
	else
		b->err = DS_ENOMEM;
}

static const struct ds_yaml_node *cluster_field(const struct ds__kubeadm *k, const char *a, const char *b)
{
	return ds_yaml_path(ds__kubeadm_root(k, DS__KUBEADM_CLUSTER), a, b, NULL);
}

static const struct ds_yaml_node *endpoint_field(const struct ds__kubeadm *k, const char *name)
{
	return ds_yaml_path(ds__kubeadm_root(k, DS__KUBEADM_INIT), "localAPIEndpoint", name, NULL);
}

/* The family of the address that kubeadm will advertise; NONE when the machine decides. */
static enum ds_family advertised(const struct ds__kubeadm *k, struct ds_ip *ret)
{
	if (ds_ip_parse(k->ret->advertise_address.text, DS_IP_SLOPPY, ret) < 0 || ds_ip_is_unspecified(ret) ||
	    ds_ip_is_loopback(ret))
		return DS_FAMILY_NONE;
	return (enum ds_family)ret->family;
}

static void add_advertise_address(struct base *b)
{
	char text[DS_IP_TEXT];
	struct ds_ip ip;
	const char *copy = UNKNOWN_ADDRESS;

	if (advertised(b->k, &ip) != DS_FAMILY_NONE)
		copy = ds_arena_strdup(b->k->ctx->arena, ds_ip_format(&ip, text));
	if (copy)
		add(b, "advertise-address", ds_str_from(copy), endpoint_field(b->k, "advertiseAddress"));
	else
		b->err = DS_ENOMEM;
}

static void add_secure_port(struct base *b)
{
	const struct ds_yaml_node *at = endpoint_field(b->k, "bindPort");
	int64_t port = 0;
	const char *text;

	(void)ds_yaml_as_int(at, 32, &port);
	text = ds_arena_printf(b->k->ctx->arena, "%" PRId64, port ? port : 6443);
	if (text)
		add(b, "secure-port", ds_str_from(text), at);
	else
		b->err = DS_ENOMEM;
}

static void add_external_etcd(struct base *b, const struct ds_yaml_node *external)
{
	static const char *const files[][2] = {
		{"etcd-cafile", "caFile"}, {"etcd-certfile", "certFile"}, {"etcd-keyfile", "keyFile"}};
	const struct ds_yaml_node *endpoints = ds_yaml_get(external, "endpoints");
	_ds_buf_done_ struct ds_buf list = DS_BUF_INIT;
	const char *text;

	for (size_t i = 0; endpoints && endpoints->kind == DS_YAML_SEQUENCE && i < endpoints->n; i++) {
		if (i)
			ds_buf_addc(&list, ',');
		ds_buf_adds(&list, ds__kubeadm_text(endpoints->items[i]));
	}
	text = ds_buf_dup(&list, b->k->ctx->arena);
	if (!text) {
		b->err = DS_ENOMEM;
		return;
	}
	add(b, "etcd-servers", ds_str_from(text), endpoints);
	for (size_t i = 0; i < DS_ARRAY_SIZE(files); i++) {
		const struct ds_yaml_node *at = ds_yaml_get(external, files[i][1]);

		if (ds__kubeadm_text(at).n)
			add(b, files[i][0], ds__kubeadm_text(at), at);
	}
}

static void add_etcd(struct base *b)
{
	const struct ds_yaml_node *external = cluster_field(b->k, "etcd", "external");
	struct ds_ip ip;
	bool v6 = advertised(b->k, &ip) == DS_IPV6;

	if (external && external->kind == DS_YAML_MAPPING) {
		add_external_etcd(b, external);
		return;
	}
	addz(b, "etcd-servers", v6 ? "https://[::1]:2379" : "https://127.0.0.1:2379");
	add_pki(b, "etcd-cafile", "etcd/ca.crt");
	add_pki(b, "etcd-certfile", "apiserver-etcd-client.crt");
	add_pki(b, "etcd-keyfile", "apiserver-etcd-client.key");
}

/* Up to 1.23 the gate that is set for kubeadm is handed on to the components. */
static void add_dual_stack_gate(struct base *b)
{
	const struct ds_yaml_node *at = cluster_field(b->k, "featureGates", "IPv6DualStack");
	bool on = false;

	if (b->k->minor >= 24 || !at)
		return;
	(void)ds_yaml_as_bool(at, &on);
	if (on || b->k->minor >= 21)
		add(b, "feature-gates", on ? DS_STR("IPv6DualStack=true") : DS_STR("IPv6DualStack=false"), at);
}

static void api_server(struct base *b)
{
	static const char *const fixed[][2] = {
		{"enable-admission-plugins", "NodeRestriction"},
		{"enable-bootstrap-token-auth", "true"},
		{"allow-privileged", "true"},
		{"kubelet-preferred-address-types", "InternalIP,ExternalIP,Hostname"},
		{"requestheader-username-headers", "X-Remote-User"},
		{"requestheader-group-headers", "X-Remote-Group"},
		{"requestheader-extra-headers-prefix", "X-Remote-Extra-"},
		{"requestheader-allowed-names", "front-proxy-client"},
	};
	static const char *const files[][2] = {
		{"client-ca-file", "ca.crt"},
		{"tls-cert-file", "apiserver.crt"},
		{"tls-private-key-file", "apiserver.key"},
		{"kubelet-client-certificate", "apiserver-kubelet-client.crt"},
		{"kubelet-client-key", "apiserver-kubelet-client.key"},
		{"service-account-key-file", "sa.pub"},
		{"service-account-signing-key-file", "sa.key"},
		{"requestheader-client-ca-file", "front-proxy-ca.crt"},
		{"proxy-client-cert-file", "front-proxy-client.crt"},
		{"proxy-client-key-file", "front-proxy-client.key"},
	};
	const struct ds__kubeadm_arg *modes = ds__kubeadm_last_arg(&b->k->api_server, "authorization-mode");
	const char *issuer = ds_arena_printf(b->k->ctx->arena, "https://kubernetes.default.svc.%.*s",
					     DS_STR_ARG(b->k->ret->dns_domain.text));

	if (!issuer) {
		b->err = DS_ENOMEM;
		return;
	}
	for (size_t i = 0; i < DS_ARRAY_SIZE(fixed); i++)
		addz(b, fixed[i][0], fixed[i][1]);
	for (size_t i = 0; i < DS_ARRAY_SIZE(files); i++)
		add_pki(b, files[i][0], files[i][1]);
	add(b, "service-account-issuer", ds_str_from(issuer), cluster_field(b->k, "networking", "dnsDomain"));
	add(b, "service-cluster-ip-range", b->k->ret->service_subnet.text,
	    cluster_field(b->k, "networking", "serviceSubnet"));
	if (!modes)
		addz(b, "authorization-mode", "Node,RBAC");
	if (b->k->minor < 24)
		addz(b, "insecure-port", "0");
	add_advertise_address(b);
	add_secure_port(b);
	add_etcd(b);
	add_dual_stack_gate(b);
}

static void controller_manager(struct base *b)
{
	static const char kubeconfig[] = "/etc/kubernetes/controller-manager.conf";
	static const char *const fixed[][2] = {
		{"bind-address", "127.0.0.1"},
		{"leader-elect", "true"},
		{"kubeconfig", kubeconfig},
		{"authentication-kubeconfig", kubeconfig},
		{"authorization-kubeconfig", kubeconfig},
		{"use-service-account-credentials", "true"},
	};
	static const char *const files[][2] = {
		{"client-ca-file", "ca.crt"},
		{"requestheader-client-ca-file", "front-proxy-ca.crt"},
		{"root-ca-file", "ca.crt"},
		{"service-account-private-key-file", "sa.key"},
		{"cluster-signing-cert-file", "ca.crt"},
		{"cluster-signing-key-file", "ca.key"},
	};
	const struct ds_yaml_node *pods = cluster_field(b->k, "networking", "podSubnet");

	for (size_t i = 0; i < DS_ARRAY_SIZE(fixed); i++)
		addz(b, fixed[i][0], fixed[i][1]);
	for (size_t i = 0; i < DS_ARRAY_SIZE(files); i++)
		add_pki(b, files[i][0], files[i][1]);
	addz(b, "controllers",
	     b->k->minor >= 29 ? "*,bootstrap-signer-controller,token-cleaner-controller"
			       : "*,bootstrapsigner,tokencleaner");
	add(b, "cluster-name", b->k->ret->cluster_name.text,
	    ds_yaml_get(ds__kubeadm_root(b->k, DS__KUBEADM_CLUSTER), "clusterName"));
	if (b->k->minor < 23)
		addz(b, "port", "0");
	/* Without podSubnet kubeadm tells the controller manager nothing about ranges. */
	if (b->k->ret->pod_subnet.text.n) {
		add(b, "allocate-node-cidrs", DS_STR("true"), pods);
		add(b, "cluster-cidr", b->k->ret->pod_subnet.text, pods);
		if (b->k->ret->service_subnet.text.n)
			add(b, "service-cluster-ip-range", b->k->ret->service_subnet.text,
			    cluster_field(b->k, "networking", "serviceSubnet"));
	}
	add_dual_stack_gate(b);
}

static int by_name(const void *a, const void *b)
{
	const struct ds__kubeadm_arg *x = a, *y = b;
	int r = ds_str_cmp(x->name, y->name);

	return r ? r : ds_str_cmp(x->value, y->value);
}

static bool is_overridden(const struct ds__kubeadm_args *overrides, struct ds_str name)
{
	for (size_t i = 0; i < overrides->n; i++)
		if (ds_str_eq(overrides->v[i].name, name))
			return true;
	return false;
}

/*
 * ArgumentsToCommand: a default goes when an override has its very name.
 * Releases since January 2026 (1.32 and later) sort the defaults and keep the
 * overrides behind them as written; before, all of it was sorted.
 */
static int merge(struct base *b, const struct ds__kubeadm_args *overrides, struct ds__kubeadm_args *ret)
{
	struct ds_arena *a = b->k->ctx->arena;
	int r = b->err;

	*ret = (struct ds__kubeadm_args){0};
	for (size_t i = 0; i < b->args.n && r == 0; i++)
		if (!is_overridden(overrides, b->args.v[i].name))
			r = ds_vec_push(a, ret, b->args.v[i]);
	if (r == 0 && ret->n && b->k->minor >= 32)
		qsort(ret->v, ret->n, sizeof(ret->v[0]), by_name);
	for (size_t i = 0; i < overrides->n && r == 0; i++)
		r = ds_vec_push(a, ret, overrides->v[i]);
	if (r == 0 && ret->n && b->k->minor < 32)
		qsort(ret->v, ret->n, sizeof(ret->v[0]), by_name);
	return r;
}

/* Appends a component with the arguments as they stand in its manifest. */
static struct ds_kubeadm_component *add_component(struct ds__kubeadm *k, enum ds_component c,
						  const struct ds__kubeadm_args *args)
{
	struct ds_kubeadm_component *out = ds_vec_add(k->ctx->arena, &k->ret->components);

	if (!out)
		return NULL;
	out->component = c;
	out->args = ds_arena_new_array(k->ctx->arena, args->n, struct ds_arg);
	if (!out->args)
		return NULL;
	for (size_t i = 0; i < args->n; i++) {
		_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;
		struct ds_arg *arg = &out->args[out->n_args++];

		ds_buf_addz(&text, "--");
		ds_buf_adds(&text, args->v[i].name);
		ds_buf_addc(&text, '=');
		ds_buf_adds(&text, args->v[i].value);
		if (text.err || ds_arena_str(k->ctx->arena, ds_buf_str(&text), &arg->text) < 0)
			return NULL;
		if (!args->v[i].at)
			continue;
		arg->loc = ds_yaml_loc(k->ctx->arena, k->input, args->v[i].at);
		if (!arg->loc.path)
			return NULL;
	}
	return out;
}

static int add_static_pod(struct ds__kubeadm *k, enum ds_component c, void (*defaults)(struct base *),
			  const struct ds__kubeadm_args *overrides)
{
	struct ds_str dir = ds__kubeadm_text(ds_yaml_get(ds__kubeadm_root(k, DS__KUBEADM_CLUSTER), "certificatesDir"));
	struct base b = {.k = k, .pki = PKI};
	struct ds__kubeadm_args args;
	int r;

	if (dir.n)
		b.pki = ds_arena_strndup(k->ctx->arena, dir.p, dir.n);
	if (!b.pki)
		return DS_ENOMEM;
	defaults(&b);
	r = merge(&b, overrides, &args);
	if (r < 0)
		return r;
	return add_component(k, c, &args) ? 0 : DS_ENOMEM;
}

/* A setting that kubeadm fills in when the user's document leaves it empty. */
struct setting {
	const char *name;
	const char *json;
};

static void add_json(struct ds_buf *b, const struct ds_yaml_node *n)
{
	struct ds_yaml_value v = ds_yaml_resolve(n);
	bool first = true;

	if (v.type == DS_YAML_T_INT && !v.big) {
		ds_buf_printf(b, "%" PRId64, v.i);
	} else if (v.type == DS_YAML_T_INT || v.type == DS_YAML_T_FLOAT) {
		ds_buf_printf(b, "%.17g", v.big ? (double)v.u : v.f);
	} else if (v.type == DS_YAML_T_BOOL) {
		ds_buf_addz(b, v.b ? "true" : "false");
	} else if (v.type == DS_YAML_T_NULL) {
		ds_buf_addz(b, "null");
	} else if (v.type == DS_YAML_T_SEQUENCE) {
		ds_buf_addc(b, '[');
		for (size_t i = 0; i < n->n && !b->err; i++) {
			if (i)
				ds_buf_addc(b, ',');
			add_json(b, n->items[i]);
		}
		ds_buf_addc(b, ']');
	} else if (v.type == DS_YAML_T_MAPPING) {
		ds_buf_addc(b, '{');
		for (size_t i = 0; i < n->n && !b->err; i++) {
			char buf[DS_YAML_KEY_TEXT];
			struct ds_str key;

			if (!ds_yaml_key_text(n->pairs[i].key, buf, &key))
				continue;
			if (!first)
				ds_buf_addc(b, ',');
			first = false;
			ds_buf_add_go_json_string(b, key);
			ds_buf_addc(b, ':');
			add_json(b, n->pairs[i].value);
		}
		ds_buf_addc(b, '}');
	} else {
		ds_buf_add_go_json_string(b, v.s);
	}
}

static bool is_filled(const struct ds_yaml_node *n)
{
	return n && (n->kind != DS_YAML_SCALAR || (!ds_yaml_is_null(n) && n->text.n));
}

static bool is_default_used(const struct ds_yaml_node *doc, const struct setting *s, size_t n, struct ds_str key)
{
	for (size_t i = 0; i < n; i++)
		if (ds_str_eqz(key, s[i].name))
			return !is_filled(ds_yaml_get(doc, s[i].name));
	return false;
}

/* The user's document with kubeadm's settings, as JSON. */
static int write_config(struct ds__kubeadm *k, const struct ds_yaml_node *doc, const char *type,
			const struct setting *s, size_t n, const char **ret)
{
	_ds_buf_done_ struct ds_buf b = {.max = CONFIG_TEXT_MAX};

	ds_buf_printf(&b, "{%s", type);
	for (size_t i = 0; i < n; i++)
		if (s[i].json && !is_filled(ds_yaml_get(doc, s[i].name)))
			ds_buf_printf(&b, ",\"%s\":%s", s[i].name, s[i].json);
	for (size_t i = 0; doc && i < doc->n; i++) {
		char buf[DS_YAML_KEY_TEXT];
		struct ds_str key;

		if (!ds_yaml_key_text(doc->pairs[i].key, buf, &key) || ds_str_eqz(key, "kind") ||
		    ds_str_eqz(key, "apiVersion") || is_default_used(doc, s, n, key))
			continue;
		ds_buf_addc(&b, ',');
		ds_buf_add_go_json_string(&b, key);
		ds_buf_addc(&b, ':');
		add_json(&b, doc->pairs[i].value);
	}
	ds_buf_addc(&b, '}');
	*ret = NULL;
	if (b.err == DS_ETOOBIG)
		return 0; /* aliases gone wild: nothing that a kubelet would read either */
	*ret = ds_buf_dup(&b, k->ctx->arena);
	return *ret ? 0 : DS_ENOMEM;
}

const char *ds__kubeadm_dns_ip(struct ds_arena *a, struct ds_str service_subnet)
{
	struct ds_str first = ds_str_head(service_subnet, ds_str_find(service_subnet, ','));
	char text[DS_IP_TEXT] = "10.96.0.10";
	struct ds_cidr c;
	struct ds_ip base, ip;

	if (ds_cidr_parse(first, DS_IP_SLOPPY, &c) == 0) {
		base = ds_cidr_first(&c);
		if (ds_ip_add(&base, (struct ds_u128){0, 10}, &ip) && ds_cidr_contains_ip(&c, &ip))
			(void)ds_ip_format(&ip, text);
	}
	return ds_arena_strdup(a, text);
}

static int add_kubelet(struct ds__kubeadm *k)
{
	struct ds_arena *a = k->ctx->arena;
	const char *dns = ds__kubeadm_dns_ip(a, k->ret->service_subnet.text);
	const struct ds_yaml_node *doc = ds__kubeadm_root(k, DS__KUBEADM_KUBELET);
	struct ds__kubeadm_args args = {0};
	struct ds_kubeadm_component *c;
	_ds_buf_done_ struct ds_buf domain = DS_BUF_INIT;
	struct setting s[] = {
		{"clusterDNS", dns ? ds_arena_printf(a, "[\"%s\"]", dns) : NULL},
		{"clusterDomain", NULL},
		{"staticPodPath", "\"/etc/kubernetes/manifests\""},
		{"healthzBindAddress", "\"127.0.0.1\""},
		{"healthzPort", "10248"},
		{"cgroupDriver", "\"systemd\""},
		{"rotateCertificates", "true"},
	};
	/* 10-kubeadm.conf, the packages' drop-in for the kubelet's unit. */
	const struct ds__kubeadm_arg fixed[] = {
		{DS_STR("bootstrap-kubeconfig"), DS_STR("/etc/kubernetes/bootstrap-kubelet.conf"), NULL},
		{DS_STR("kubeconfig"), DS_STR("/etc/kubernetes/kubelet.conf"), NULL},
		{DS_STR("config"), DS_STR("/var/lib/kubelet/config.yaml"), NULL},
	};
	int r = 0;

	ds_buf_add_go_json_string(&domain, k->ret->dns_domain.text);
	s[1].json = ds_buf_dup(&domain, a);
	if (!s[0].json || !s[1].json)
		return DS_ENOMEM;
	for (size_t i = 0; i < DS_ARRAY_SIZE(fixed) && r == 0; i++)
		r = ds_vec_push(a, &args, fixed[i]);
	for (size_t i = 0; i < k->kubelet.n && r == 0; i++)
		r = ds_vec_push(a, &args, k->kubelet.v[i]);
	if (r < 0)
		return r;
	c = add_component(k, DS_KUBELET, &args);
	if (!c)
		return DS_ENOMEM;
	c->config = doc;
	/* A joining node reads the configuration from the cluster, which is not here. */
	if (!k->ret->has_init && !k->ret->has_cluster)
		return 0;
	return write_config(k, doc,
			    "\"apiVersion\":\"kubelet.config.k8s.io/v1beta1\",\"kind\":\"KubeletConfiguration\"", s,
			    DS_ARRAY_SIZE(s), &c->config_text);
}

static bool skips_proxy(const struct ds__kubeadm *k)
{
	const struct ds_yaml_node *phases = ds_yaml_get(ds__kubeadm_root(k, DS__KUBEADM_INIT), "skipPhases");
	bool disabled = false;

	(void)ds_yaml_as_bool(cluster_field(k, "proxy", "disabled"), &disabled);
	for (size_t i = 0; phases && phases->kind == DS_YAML_SEQUENCE && i < phases->n; i++) {
		struct ds_str s = ds__kubeadm_text(phases->items[i]);

		if (ds_str_eqz(s, "addon") || ds_str_eqz(s, "addon/kube-proxy"))
			disabled = true;
	}
	return disabled;
}

static int add_proxy(struct ds__kubeadm *k)
{
	const struct ds_yaml_node *doc = ds__kubeadm_root(k, DS__KUBEADM_PROXY);
	const struct ds__kubeadm_arg fixed[] = {
		{DS_STR("config"), DS_STR("/var/lib/kube-proxy/config.conf"), NULL},
		{DS_STR("hostname-override"), DS_STR("$(NODE_NAME)"), NULL},
	};
	struct ds__kubeadm_args args = {0};
	struct ds_kubeadm_component *c;
	_ds_buf_done_ struct ds_buf cidr = DS_BUF_INIT;
	struct ds_ip ip;
	enum ds_family family = advertised(k, &ip);
	struct setting s[] = {
		{"bindAddress", family == DS_IPV6   ? "\"::\""
				: family == DS_IPV4 ? "\"0.0.0.0\""
						    : NULL},
		{"clusterCIDR", NULL},
	};
	int r = 0;

	if (skips_proxy(k))
		return 0;
	ds_buf_add_go_json_string(&cidr, k->ret->pod_subnet.text);
	s[1].json = ds_buf_dup(&cidr, k->ctx->arena);
	if (!s[1].json)
		return DS_ENOMEM;
	for (size_t i = 0; i < DS_ARRAY_SIZE(fixed) && r == 0; i++)
		r = ds_vec_push(k->ctx->arena, &args, fixed[i]);
	c = r == 0 ? add_component(k, DS_KUBE_PROXY, &args) : NULL;
	if (!c)
		return DS_ENOMEM;
	c->config = doc;
	return write_config(k, doc,
			    "\"apiVersion\":\"kubeproxy.config.k8s.io/v1alpha1\",\"kind\":\"KubeProxyConfiguration\"",
			    s, DS_ARRAY_SIZE(s), &c->config_text);
}

int ds__kubeadm_generate(struct ds__kubeadm *k)
{
	int r = 0;

	if (k->ret->has_cluster || k->ret->has_init) {
		r = add_static_pod(k, DS_KUBE_APISERVER, api_server, &k->api_server);
		if (r == 0)
			r = add_static_pod(k, DS_KUBE_CONTROLLER_MANAGER, controller_manager, &k->controller_manager);
		if (r == 0)
			r = add_proxy(k);
	}
	return r < 0 ? r : add_kubelet(k);
}

static int warn_differs(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *at, const char *kind,
			const char *name, struct ds_str recommended, struct ds_str given)
{
	return ds__kubeadm_warn(k, v, at,
				"The recommended value for \"%s\" in \"%s\" is: %.*s; the provided value is: %.*s",
				name, kind, DS_STR_ARG(recommended), DS_STR_ARG(given));
}

static int proxy_warnings(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *doc)
{
	const struct ds_yaml_node *bind = ds_yaml_get(doc, "bindAddress"), *cidr = ds_yaml_get(doc, "clusterCIDR");
	struct ds_str given = ds__kubeadm_text(bind);
	struct ds_ip ip;
	enum ds_family family = advertised(k, &ip);
	struct ds_str want = family == DS_IPV6 ? DS_STR("::") : DS_STR("0.0.0.0");
	int r = 0;

	if (family != DS_FAMILY_NONE && given.n && !ds_str_eq(given, want))
		r = warn_differs(k, v, bind, "KubeProxyConfiguration", "bindAddress", want, given);
	given = ds__kubeadm_text(cidr);
	want = k->ret->pod_subnet.text;
	if (r == 0 && given.n && want.n && !ds_str_eq(given, want))
		r = warn_differs(k, v, cidr, "KubeProxyConfiguration", "clusterCIDR", want, given);
	return r;
}

static int dns_warning(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *dns)
{
	const char *ip = ds__kubeadm_dns_ip(k->ctx->arena, k->ret->service_subnet.text);
	const char *want = ip ? ds_arena_printf(k->ctx->arena, "[%s]", ip) : NULL;
	_ds_buf_done_ struct ds_buf given = DS_BUF_INIT;

	if (!want)
		return DS_ENOMEM;
	if (!dns || dns->kind != DS_YAML_SEQUENCE || (dns->n == 1 && ds_str_eqz(ds__kubeadm_text(dns->items[0]), ip)))
		return 0;
	ds_buf_addc(&given, '[');
	for (size_t i = 0; i < dns->n; i++) {
		if (i)
			ds_buf_addc(&given, ' ');
		ds_buf_adds(&given, ds__kubeadm_text(dns->items[i]));
	}
	ds_buf_addc(&given, ']');
	return given.err ? DS_ENOMEM
			 : warn_differs(k, v, dns, "KubeletConfiguration", "clusterDNS", ds_str_from(want),
					ds_buf_str(&given));
}

static int kubelet_warnings(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *doc)
{
	const struct {
		const char *name;
		struct ds_str want;
	} rows[] = {
		{"clusterDomain", k->ret->dns_domain.text},
		{"healthzBindAddress", DS_STR("127.0.0.1")},
	};
	const struct ds_yaml_node *path = ds_yaml_get(doc, "staticPodPath");
	struct ds_str given = ds__kubeadm_text(path);
	int r = 0;

	if (given.n && !ds_str_eqz(given, "/etc/kubernetes/manifests"))
		r = warn_differs(k, v, path, "KubeletConfiguration", "staticPodPath",
				 DS_STR("/etc/kubernetes/manifests"), given);
	if (r == 0)
		r = dns_warning(k, v, ds_yaml_get(doc, "clusterDNS"));
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows) && r == 0; i++) {
		const struct ds_yaml_node *at = ds_yaml_get(doc, rows[i].name);

		given = ds__kubeadm_text(at);
		if (given.n && !ds_str_eq(given, rows[i].want))
			r = warn_differs(k, v, at, "KubeletConfiguration", rows[i].name, rows[i].want, given);
	}
	return r;
}

int ds__kubeadm_component_warnings(struct ds__kubeadm *k, struct ds_verdict *v)
{
	const struct ds_yaml_node *proxy = ds__kubeadm_root(k, DS__KUBEADM_PROXY);
	const struct ds_yaml_node *kubelet = ds__kubeadm_root(k, DS__KUBEADM_KUBELET);
	int r = proxy ? proxy_warnings(k, v, proxy) : 0;

	return r == 0 && kubelet ? kubelet_warnings(k, v, kubelet) : r;
}
