#include "kube/kubeadm.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/limits.h"
#include "kube/kubeadm_priv.h"
#include "yaml/scalar.h"

#define GROUP "kubeadm.k8s.io"

static int DS_PRINTF(5, 0) add_message(struct ds__kubeadm *k, struct ds_verdict *v, bool error,
				       const struct ds_yaml_node *at, const char *fmt, va_list ap)
{
	const char *message = ds_arena_vprintf(k->ctx->arena, fmt, ap);
	struct ds_loc loc = {0};

	if (!message)
		return DS_ENOMEM;
	if (at) {
		loc = ds_yaml_loc(k->ctx->arena, k->input, at);
		if (!loc.path)
			return DS_ENOMEM;
	}
	return error ? ds_verdict_error(k->ctx->arena, v, &loc, "%s", message)
		     : ds_verdict_warning(k->ctx->arena, v, &loc, "%s", message);
}

int ds__kubeadm_error(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *at, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = add_message(k, v, true, at, fmt, ap);
	va_end(ap);
	return r;
}

int ds__kubeadm_warn(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *at, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = add_message(k, v, false, at, fmt, ap);
	va_end(ap);
	return r;
}

struct ds_str ds__kubeadm_text(const struct ds_yaml_node *n)
{
	struct ds_str s = {0};

	(void)ds_yaml_as_string(n, &s);
	return s;
}

bool ds_kubeadm_is_document(const struct ds_yaml_node *root)
{
	return ds_str_starts(ds__kubeadm_text(ds_yaml_get(root, "apiVersion")), GROUP "/");
}

static const struct known {
	const char *group, *version; /* NULL: any version */
	const char *kind;
	enum ds__kubeadm_kind id;
	unsigned since;
} known_kinds[] = {
	{GROUP, NULL, "ClusterConfiguration", DS__KUBEADM_CLUSTER, 0},
	{GROUP, NULL, "InitConfiguration", DS__KUBEADM_INIT, 0},
	{GROUP, NULL, "JoinConfiguration", DS__KUBEADM_JOIN, 0},
	{GROUP, "v1beta4", "ResetConfiguration", DS__KUBEADM_RESET, 31},
	{GROUP, "v1beta4", "UpgradeConfiguration", DS__KUBEADM_UPGRADE, 31},
	{"kubeproxy.config.k8s.io", "v1alpha1", "KubeProxyConfiguration", DS__KUBEADM_PROXY, 0},
	{"kubelet.config.k8s.io", "v1beta1", "KubeletConfiguration", DS__KUBEADM_KUBELET, 0},
};

/* kubeadm's own API versions: from which kubeadm on they can be read, and the last that could. */
static const struct api_version {
	const char *version;
	unsigned bit;
	unsigned since, deprecated, gone; /* 0: not yet */
	const char *last; /* "use kubeadm … instead" */
} api_versions[] = {
	{"v1alpha1", 0, 0, 0, 1, "v1.11"},
	{"v1alpha2", 0, 0, 0, 1, "v1.12"},
	{"v1alpha3", 0, 0, 0, 1, "v1.14"},
	{"v1beta1", DS__B1, 0, 17, 22, "v1.15"},
	{"v1beta2", DS__B2, 0, 24, 27, "v1.22"},
	{"v1beta3", DS__B3, 22, 31, 0, NULL},
	{"v1beta4", DS__B4, 28, 0, 0, NULL},
};

static const struct api_version *find_api_version(const struct ds__kubeadm_doc *d)
{
	if (!ds_str_eqz(d->group, GROUP))
		return NULL;
	for (size_t i = 0; i < DS_ARRAY_SIZE(api_versions); i++)
		if (ds_str_eqz(d->version, api_versions[i].version))
			return &api_versions[i];
	return NULL;
}

static void identify(const struct ds__kubeadm *k, struct ds__kubeadm_doc *d)
{
	const struct api_version *api = find_api_version(d);

	d->kind = DS__KUBEADM_OTHER;
	if (ds_str_eqz(d->group, GROUP) && (!api || k->minor < api->since))
		return;
	d->api = api ? api->bit : 0;
	for (size_t i = 0; i < DS_ARRAY_SIZE(known_kinds); i++) {
		const struct known *w = &known_kinds[i];

		if (ds_str_eqz(d->group, w->group) && ds_str_eqz(d->kind_name, w->kind) && k->minor >= w->since &&
		    (!w->version || ds_str_eqz(d->version, w->version)))
			d->kind = w->id;
	}
}

/* runtime's metaFactory.Interpret: apiVersion and kind. */
static void read_type(struct ds__kubeadm_doc *d)
{
	struct ds_str api = ds__kubeadm_text(ds_yaml_get(d->root, "apiVersion"));
	size_t slash = ds_str_find(api, '/');

	d->kind_name = ds__kubeadm_text(ds_yaml_get(d->root, "kind"));
	d->kind_node = ds_yaml_get(d->root, "apiVersion");
	if (!d->kind_node)
		d->kind_node = d->root;
	if (slash < api.n) {
		d->group = ds_str_head(api, slash);
		d->version = ds_str_skip(api, slash + 1);
	} else {
		d->version = api;
	}
}

void ds__kubeadm_add_gvk(struct ds_buf *b, const struct ds__kubeadm_doc *d)
{
	ds_buf_addz(b, "schema.GroupVersionKind{Group:");
	ds_buf_add_go_quoted(b, d->group);
	ds_buf_addz(b, ", Version:");
	ds_buf_add_go_quoted(b, d->version);
	ds_buf_addz(b, ", Kind:");
	ds_buf_add_go_quoted(b, d->kind_name);
	ds_buf_addc(b, '}');
}

static int compare_docs(const void *a, const void *b)
{
	const struct ds__kubeadm_doc *x = a, *y = b;
	int r = ds_str_cmp(x->group, y->group);

	r = r ? r : ds_str_cmp(x->version, y->version);
	r = r ? r : ds_str_cmp(x->kind_name, y->kind_name);
	return r ? r : (x->first_line > y->first_line) - (x->first_line < y->first_line);
}

/* The line that go-yaml calls 1: kubeadm splits the file at "---" lines before it parses. */
static uint32_t first_line(const struct ds_yaml_doc *doc)
{
	if (doc->index == 0 && doc->line == doc->root->line)
		return 1;
	return doc->line + 1;
}

static int both_error(struct ds__kubeadm *k, const struct ds_yaml_node *at, const char *message)
{
	int r = ds__kubeadm_error(k, &k->ret->validate, at, "%s", message);

	return r < 0 ? r : ds__kubeadm_error(k, &k->ret->init, at, "%s", message);
}

/* SplitConfigDocuments. 0, 1 when it refuses the file, or DS_ENOMEM. */
static int split(struct ds__kubeadm *k, const struct ds_yaml_stream *stream)
{
	int r = 0;

	for (size_t i = 0; i < stream->n; i++) {
		struct ds__kubeadm_doc d = {.root = stream->docs[i].root};
		const char *m;

		if (!d.root)
			continue;
		d.first_line = first_line(&stream->docs[i]);
		read_type(&d);
		if (d.group.n && d.version.n && d.kind_name.n) {
			identify(k, &d);
			r = ds_vec_push(k->ctx->arena, &k->docs, d);
			if (r < 0)
				return r;
			continue;
		}
		m = ds_arena_printf(
			k->ctx->arena,
			"invalid configuration for GroupVersionKind %.*s/%.*s, Kind=%.*s: kind and apiVersion "
			"is mandatory information that must be specified",
			DS_STR_ARG(d.group), DS_STR_ARG(d.version), DS_STR_ARG(d.kind_name));
		r = m ? both_error(k, d.kind_node, m) : DS_ENOMEM;
		return r < 0 ? r : 1;
	}
	for (size_t i = 1; i < k->docs.n; i++) {
		for (size_t j = 0; j < i; j++) {
			_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

			if (!ds_str_eq(k->docs.v[i].kind_name, k->docs.v[j].kind_name))
				continue;
			ds_buf_addz(&b, "invalid configuration: kind ");
			ds_buf_add_go_quoted(&b, k->docs.v[i].kind_name);
			ds_buf_addz(&b, " is specified twice in YAML file");
			r = b.err ? DS_ENOMEM : both_error(k, k->docs.v[i].kind_node, b.p);
			return r < 0 ? r : 1;
		}
		/* A hostile file with thousands of kinds is not a kubeadm file. */
		if (i > 64)
			break;
	}
	if (k->docs.n)
		qsort(k->docs.v, k->docs.n, sizeof(k->docs.v[0]), compare_docs);
	for (size_t i = 0; i < k->docs.n; i++)
		if (k->docs.v[i].kind != DS__KUBEADM_OTHER)
			k->by_kind[k->docs.v[i].kind] = &k->docs.v[i];
	return 0;
}

static bool is_old(const struct ds__kubeadm *k, const struct api_version *api)
{
	return api && api->gone && k->minor >= api->gone;
}

/* validateKnownGVKs, of `config validate` only. 0, 1 when it refuses, or DS_ENOMEM. */
static int check_known(struct ds__kubeadm *k)
{
	const struct ds__kubeadm_doc *first = NULL;
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	int r;

	for (size_t i = 0; i < k->docs.n; i++) {
		const struct ds__kubeadm_doc *d = &k->docs.v[i];

		if (d->kind != DS__KUBEADM_OTHER || is_old(k, find_api_version(d)))
			continue;
		if (!first)
			ds_buf_addz(&b, "unknown configuration APIs: []schema.GroupVersionKind{");
		else
			ds_buf_addz(&b, ", ");
		first = first ? first : d;
		ds__kubeadm_add_gvk(&b, d);
	}
	if (!first)
		return 0;
	ds_buf_addc(&b, '}');
	r = b.err ? DS_ENOMEM : ds__kubeadm_error(k, &k->ret->validate, first->kind_node, "%s", b.p);
	return r < 0 ? r : 1;
}

/* validateSupportedVersion. 0, 1 when it refuses, or DS_ENOMEM. */
static int check_supported(struct ds__kubeadm *k, const struct ds__kubeadm_doc *d, struct ds_verdict *v,
			   bool allow_deprecated)
{
	const struct api_version *api = find_api_version(d);
	/* 1.31 named the kind, a later release the files. */
	const char *files = k->minor >= 33 ? "--old-config old-config-file --new-config new-config-file"
					   : "--old-config old.yaml --new-config new.yaml";
	_ds_buf_done_ struct ds_buf spec = DS_BUF_INIT;
	int r;

	if (!api)
		return 0;
	ds_buf_printf(&spec, "\"%s/%s\"", GROUP, api->version);
	if (k->minor >= 31) {
		ds_buf_addz(&spec, " (kind: ");
		ds_buf_add_go_quoted(&spec, d->kind_name);
		ds_buf_addc(&spec, ')');
	}
	if (spec.err)
		return DS_ENOMEM;
	if (is_old(k, api)) {
		r = ds__kubeadm_error(
			k, v, d->kind_node,
			"your configuration file uses an old API spec: %s. Please use kubeadm %s instead and run "
			"'kubeadm config migrate %s', which will write the new, similar spec using a newer API "
			"version.",
			spec.p, api->last, files);
		return r < 0 ? r : 1;
	}
	if (api->bit == DS__B4 && k->minor < 31) {
		r = ds__kubeadm_error(
			k, v, d->kind_node,
			"experimental API spec: %s is not allowed. You can use the --allow-experimental-api flag "
			"if the command supports it.",
			spec.p);
		return r < 0 ? r : 1;
	}
	if (api->deprecated && k->minor >= api->deprecated && !allow_deprecated)
		return ds__kubeadm_warn(
			k, v, d->kind_node,
			"your configuration file uses a deprecated API spec: %s. Please use 'kubeadm config "
			"migrate %s', which will write the new, similar spec using a newer API version.",
			spec.p, files);
	return 0;
}

/*
 * VerifyUnmarshalStrict and the decoding proper: fatal for `config validate`,
 * which is strict; otherwise only a wrong type is. 0, 1 when refused, DS_ENOMEM.
 */
static int check_decoding(struct ds__kubeadm *k, const struct ds__kubeadm_doc *d, struct ds_verdict *v, bool strict)
{
	const char *type_error = NULL, *strict_error = NULL, *problem;
	const struct ds_yaml_node *at = NULL;
	_ds_buf_done_ struct ds_buf gvk = DS_BUF_INIT;
	int r;

	ds__kubeadm_add_gvk(&gvk, d);
	if (gvk.err)
		return DS_ENOMEM;
	if (d->kind == DS__KUBEADM_OTHER) {
		r = strict ? ds__kubeadm_error(k, v, d->kind_node, "unknown configuration %s", gvk.p)
			   : ds__kubeadm_warn(k, v, d->kind_node, "unknown configuration %s", gvk.p);
		return r < 0 ? r : strict;
	}
	r = ds__kubeadm_decode(k, d, &type_error, &strict_error, &at);
	if (r < 0)
		return r;
	problem = type_error ? type_error : strict_error;
	if (!problem)
		return 0;
	if (strict) {
		r = ds__kubeadm_error(k, v, at, "error unmarshaling configuration %s: %s", gvk.p, problem);
		return r < 0 ? r : 1;
	}
	r = ds__kubeadm_warn(k, v, at, "error unmarshaling configuration %s: %s", gvk.p, problem);
	if (r < 0 || !type_error)
		return r;
	r = ds__kubeadm_error(k, v, at, "%s", type_error);
	return r < 0 ? r : 1;
}

/* One verdict over the documents. */
static int judge(struct ds__kubeadm *k, struct ds_verdict *v, bool strict)
{
	bool init = k->by_kind[DS__KUBEADM_INIT] || k->by_kind[DS__KUBEADM_CLUSTER];
	bool join = k->by_kind[DS__KUBEADM_JOIN] && (strict || !init);
	int r = 0;

	for (size_t i = 0; i < k->docs.n; i++) {
		const struct ds__kubeadm_doc *d = &k->docs.v[i];

		r = check_supported(k, d, v, strict);
		/* Each loader decodes its own kinds; the others must merely be known. */
		if (r == 0 && (init || join))
			r = check_decoding(k, d, v, strict);
		if (r)
			return r;
	}
	if (init) {
		r = ds__kubeadm_component_warnings(k, v);
		if (r == 0)
			r = ds__kubeadm_validate_init(k, v);
	}
	if (r == 0 && join && v->errors.n == 0)
		r = ds__kubeadm_validate_join(k, v);
	if (r == 0 && !strict && init && v->errors.n == 0)
		r = ds__kubeadm_check_bind_address(k, v);
	if (r == 0 && !strict && !init && !join)
		r = ds__kubeadm_error(k, v, NULL,
				      k->minor >= 33
					      ? "no InitConfiguration or ClusterConfiguration kind was found in the "
						"configuration file"
					      : "no InitConfiguration or ClusterConfiguration kind was found in the "
						"YAML file");
	return r;
}

static struct ds_kubeadm_value value_of(struct ds__kubeadm *k, const struct ds_yaml_node *n, const char *default_text)
{
	struct ds_kubeadm_value v = {.text = ds__kubeadm_text(n)};

	v.set = v.text.n > 0;
	if (n)
		v.loc = ds_yaml_loc(k->ctx->arena, k->input, n);
	if (!v.set)
		v.text = ds_str_from(default_text);
	return v;
}

static void read_values(struct ds__kubeadm *k)
{
	struct ds_kubeadm_result *ret = k->ret;
	const struct ds_yaml_node *cluster = ds__kubeadm_root(k, DS__KUBEADM_CLUSTER);
	const struct ds_yaml_node *node = ds__kubeadm_root(k, DS__KUBEADM_INIT);
	const struct ds_yaml_node *join = ds__kubeadm_root(k, DS__KUBEADM_JOIN);
	const struct ds_yaml_node *net = ds_yaml_get(cluster, "networking");
	const struct ds_yaml_node *endpoint = ds_yaml_get(node, "localAPIEndpoint");

	ret->has_cluster = cluster;
	ret->has_init = node;
	ret->has_join = join;
	if (!endpoint)
		endpoint = ds_yaml_path(join, "controlPlane", "localAPIEndpoint", NULL);
	ret->kubernetes_version = value_of(k, ds_yaml_get(cluster, "kubernetesVersion"), "");
	ret->cluster_name = value_of(k, ds_yaml_get(cluster, "clusterName"), "kubernetes");
	ret->pod_subnet = value_of(k, ds_yaml_get(net, "podSubnet"), "");
	ret->service_subnet = value_of(k, ds_yaml_get(net, "serviceSubnet"), "10.96.0.0/12");
	ret->dns_domain = value_of(k, ds_yaml_get(net, "dnsDomain"), "cluster.local");
	ret->control_plane_endpoint = value_of(k, ds_yaml_get(cluster, "controlPlaneEndpoint"), "");
	ret->advertise_address = value_of(k, ds_yaml_get(endpoint, "advertiseAddress"), "");
	ret->node_name = value_of(k, ds_yaml_path(node ? node : join, "nodeRegistration", "name", NULL), "");
}

static int read_all_args(struct ds__kubeadm *k)
{
	const struct ds_yaml_node *cluster = ds__kubeadm_root(k, DS__KUBEADM_CLUSTER);
	const struct ds_yaml_node *node = ds__kubeadm_root(k, DS__KUBEADM_INIT);
	int r;

	if (!node)
		node = ds__kubeadm_root(k, DS__KUBEADM_JOIN);
	r = ds__kubeadm_read_args(k, ds_yaml_path(cluster, "apiServer", "extraArgs", NULL), &k->api_server);
	if (r == 0)
		r = ds__kubeadm_read_args(k, ds_yaml_path(cluster, "controllerManager", "extraArgs", NULL),
					  &k->controller_manager);
	if (r == 0)
		r = ds__kubeadm_read_args(k, ds_yaml_path(node, "nodeRegistration", "kubeletExtraArgs", NULL),
					  &k->kubelet);
	return r;
}

/*
 * The kubeadm that a file is for, when nobody says: that of kubernetesVersion,
 * or the next one if only that reads the file's API version; without
 * kubernetesVersion the newest that reads it.
 */
static unsigned infer_minor(const struct ds_yaml_stream *stream, const struct ds_kubeadm_result *ret)
{
	unsigned low = DS_KUBE_OLDEST, high = DS_KUBE_NEWEST;

	for (size_t i = 0; i < stream->n; i++) {
		struct ds__kubeadm_doc d = {.root = stream->docs[i].root};
		const struct api_version *api;

		read_type(&d);
		api = find_api_version(&d);
		if (!api)
			continue;
		/* v1beta4 can be used as a matter of course from 1.31 on. */
		low = DS_MAX(low, api->bit == DS__B4 ? 31 : api->since);
		if (api->gone)
			high = DS_MIN(high, api->gone - 1);
		/* The last that knows this gate. */
		if (ds_yaml_path(d.root, "featureGates", "IPv6DualStack", NULL))
			high = DS_MIN(high, 23u);
	}
	if (!ret->has_version || ret->version.major != 1)
		return DS_MAX(low, high);
	if (ret->version.minor < low && ret->version.minor + 1 >= low)
		return low;
	return ret->version.minor;
}

/* kubernetesVersion of the first ClusterConfiguration, whatever its API version. */
static void find_version(const struct ds_yaml_stream *stream, struct ds_kubeadm_result *ret)
{
	for (size_t i = 0; i < stream->n; i++) {
		const struct ds_yaml_node *root = stream->docs[i].root;
		struct ds_str v = ds__kubeadm_text(ds_yaml_get(root, "kubernetesVersion"));

		if (!ds_kubeadm_is_document(root) || v.n == 0)
			continue;
		ret->has_version = ds_kube_version_parse(v, &ret->version) == 0;
		return;
	}
}

static int evaluate(struct ds__kubeadm *k)
{
	int r;

	read_values(k);
	r = read_all_args(k);
	if (r == 0)
		r = check_known(k);
	if (r == 0)
		r = judge(k, &k->ret->validate, true);
	if (r >= 0)
		r = judge(k, &k->ret->init, false);
	if (r >= 0 && k->ret->init.errors.n == 0)
		r = ds__kubeadm_generate(k);
	return r;
}

int ds_kubeadm_eval(struct ds_ctx *ctx, const struct ds_yaml_stream *stream, unsigned minor,
		    struct ds_kubeadm_result *ret)
{
	struct ds__kubeadm k = {.ctx = ctx, .input = stream->input, .ret = ret};
	int r;

	*ret = (struct ds_kubeadm_result){0};
	find_version(stream, ret);
	k.inferred = minor == 0;
	if (k.inferred)
		minor = infer_minor(stream, ret);
	ret->minor = k.minor = DS_MIN(DS_MAX(minor, (unsigned)DS_KUBE_OLDEST), (unsigned)DS_KUBE_NEWEST);
	r = split(&k, stream);
	if (r == 0)
		r = evaluate(&k);
	ds_verdict_settle(&ret->validate);
	ds_verdict_settle(&ret->init);
	return r < 0 ? r : 0;
}
