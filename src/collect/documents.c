#include "collect/documents.h"

#include "collect/bundle.h"
#include "collect/config.h"
#include "collect/config_map.h"
#include "collect/distro/k0s.h"
#include "collect/distro/kind.h"
#include "collect/distro/openshift.h"
#include "collect/kubeadm.h"
#include "yaml/scalar.h"

/*
 * Kinds in order of precedence for detection: an input that holds several is
 * named after the first row that occurs in it.
 */
static const struct ds_doc_row rows[] = {
	{"dsaudit.dev", "NodeBundle", "bundle", "a node bundle", DS_DOC_BUNDLE, NULL},
	{"", "Pod", "static-pod", "a Pod", DS_DOC_POD, NULL},
	{"apps", NULL, "static-pod", "a workload", DS_DOC_WORKLOAD, NULL},
	{"extensions", "DaemonSet", "static-pod", "a workload", DS_DOC_WORKLOAD, NULL},
	{"extensions", "Deployment", "static-pod", "a workload", DS_DOC_WORKLOAD, NULL},
	{"", "ReplicationController", "static-pod", "a workload", DS_DOC_WORKLOAD, NULL},
	{"batch", "Job", "static-pod", "a workload", DS_DOC_WORKLOAD, NULL},
	{"batch", "CronJob", "static-pod", "a workload", DS_DOC_WORKLOAD, NULL},
	{"kubeadm.k8s.io", NULL, "kubeadm", "a kubeadm configuration", DS_DOC_KUBEADM, NULL},
	{"kubelet.config.k8s.io", "KubeletConfiguration", "kubelet-config", "a KubeletConfiguration", DS_DOC_CONFIG, NULL},
	{"kubeproxy.config.k8s.io", "KubeProxyConfiguration", "kube-proxy-config", "a KubeProxyConfiguration",
	 DS_DOC_CONFIG, NULL},
	{"componentconfig", "KubeProxyConfiguration", "kube-proxy-config", "a KubeProxyConfiguration", DS_DOC_CONFIG, NULL},
	{"kind.x-k8s.io", "Cluster", "kind", "a kind cluster configuration", DS_DOC_DISTRO, ds_kind_collect},
	{"kind.sigs.k8s.io", NULL, "kind", "a kind cluster configuration", DS_DOC_UNREAD, NULL},
	{"k0s.k0sproject.io", "ClusterConfig", "k0s", "a k0s configuration", DS_DOC_DISTRO, ds_k0s_collect},
	{"k0s.k0sproject.io", "Cluster", "k0s", "a k0s configuration", DS_DOC_DISTRO, ds_k0s_collect},
	{"k0sctl.k0sproject.io", "Cluster", "k0s", "a k0sctl configuration", DS_DOC_DISTRO, ds_k0sctl_collect},
	{"config.openshift.io", "Network", "openshift", "OpenShift's Network", DS_DOC_DISTRO, ds_openshift_network_collect},
	{"operator.openshift.io", "Network", "openshift", "OpenShift's Network", DS_DOC_DISTRO, ds_openshift_network_collect},
	{"", "Node", "node", "a Node", DS_DOC_OBJECT, NULL},
	{"", "Service", "service", "a Service", DS_DOC_OBJECT, NULL},
	{"", "ConfigMap", "config-map", "a ConfigMap", DS_DOC_OBJECT, NULL},
	{"networking.k8s.io", "ServiceCIDR", "object", "a ServiceCIDR", DS_DOC_OBJECT, NULL},
	{"networking.k8s.io", "IPAddress", "object", "an IPAddress", DS_DOC_OBJECT, NULL},
	{"networking.k8s.io", "ClusterCIDR", "object", "a ClusterCIDR", DS_DOC_OBJECT, NULL},
	{"networking.k8s.io", "ClusterCIDRConfig", "object", "a ClusterCIDRConfig", DS_DOC_OBJECT, NULL},
	{"crd.projectcalico.org", "IPPool", "object", "an IPPool", DS_DOC_OBJECT, NULL},
	{"projectcalico.org", "IPPool", "object", "an IPPool", DS_DOC_OBJECT, NULL},
	{"networking.k8s.io", "NetworkPolicy", "object", "a NetworkPolicy", DS_DOC_OBJECT, NULL},
	{"metallb.io", "IPAddressPool", "object", "a MetalLB IPAddressPool", DS_DOC_OBJECT, NULL},
	{"admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "object", "webhooks", DS_DOC_OBJECT, NULL},
	{"admissionregistration.k8s.io", "MutatingWebhookConfiguration", "object", "webhooks", DS_DOC_OBJECT, NULL},
	{"discovery.k8s.io", "EndpointSlice", "object", "an EndpointSlice", DS_DOC_OBJECT, NULL},
	{"", "Endpoints", "object", "Endpoints", DS_DOC_OBJECT, NULL},
	{"", "List", "object", "a list", DS_DOC_LIST, NULL},
};

static const struct ds_doc_row fragment = {NULL, NULL, "static-pod", "a part of a Pod", DS_DOC_FRAGMENT, NULL};

static const struct ds_doc_row other = {NULL, NULL, "yaml", "something else", DS_DOC_OTHER, NULL};
static const struct ds_doc_row *const list_row = &rows[DS_ARRAY_SIZE(rows) - 1];

static struct ds_str scalar(const struct ds_yaml_node *node)
{
	return node && node->kind == DS_YAML_SCALAR ? node->text : (struct ds_str){0};
}

/* "apps/v1" is group "apps", "v1" the empty group. */
static struct ds_str group_of(struct ds_str api_version)
{
	size_t slash = ds_str_find(api_version, '/');

	return slash == api_version.n ? (struct ds_str){0} : ds_str_head(api_version, slash);
}

static const struct ds_doc_row *row_for(struct ds_str group, struct ds_str kind)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		if (ds_str_eqz(group, rows[i].group) && (!rows[i].kind || ds_str_eqz(kind, rows[i].kind)))
			return &rows[i];
	return NULL;
}

/* kind, or for "PodList" the kind of its items in *ret_item. */
static const struct ds_doc_row *find_row(const struct ds_yaml_node *object, const char *default_kind,
					 struct ds_str *ret_kind)
{
	struct ds_str kind = scalar(ds_yaml_get(object, "kind"));
	struct ds_str api = scalar(ds_yaml_get(object, "apiVersion"));
	const struct ds_yaml_node *items = ds_yaml_get(object, "items");
	const struct ds_doc_row *row;

	if (kind.n == 0 && default_kind)
		kind = ds_str_from(default_kind);
	*ret_kind = kind;
	if (!object || object->kind != DS_YAML_MAPPING)
		return &other;
	if (kind.n == 0)
		return ds_yaml_path(object, "spec", "containers", NULL) ? &fragment : &other;
	if (items && items->kind == DS_YAML_SEQUENCE && ds_str_ends(kind, "List"))
		return list_row;
	row = row_for(group_of(api), kind);
	if (!row && default_kind && api.n == 0) /* items of a typed list tell neither */
		for (size_t i = 0; i < DS_ARRAY_SIZE(rows) && !row; i++)
			if (rows[i].kind && ds_str_eqz(kind, rows[i].kind))
				row = &rows[i];
	return row ? row : &other;
}

const struct ds_doc_row *ds_doc_row(const struct ds_yaml_node *object)
{
	struct ds_str kind;

	return find_row(object, NULL, &kind);
}

static int skip(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object,
		const struct ds_doc_row *row, struct ds_doc_tally *tally)
{
	if (tally->n_skipped++ == 0) {
		tally->skipped = row->what;
		tally->skipped_loc = ds_yaml_loc(f->ctx->arena, src->input, object);
	}
	return 0;
}

static int collect_list(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *list,
			struct ds_str kind, struct ds_doc_tally *tally)
{
	const struct ds_yaml_node *items = ds_yaml_get(list, "items");
	const char *item_kind = NULL;

	if (!items || items->kind != DS_YAML_SEQUENCE)
		return 0;
	if (kind.n > 4) {
		item_kind = ds_arena_strndup(f->ctx->arena, kind.p, kind.n - 4);
		if (!item_kind)
			return DS_ENOMEM;
	}
	for (size_t i = 0; i < items->n; i++) {
		int r = ds_document_collect(f, src, items->items[i], item_kind, tally);

		if (r < 0)
			return r;
	}
	return 0;
}

static void use(struct ds_doc_tally *tally, const struct ds_doc_row *row)
{
	tally->used++;
	if (!tally->row || (row != &fragment && row < tally->row))
		tally->row = row;
}

/* Where the Pod's own spec is. */
static const struct ds_yaml_node *pod_spec(const struct ds_yaml_node *object, const struct ds_doc_row *row)
{
	const struct ds_yaml_node *job = ds_yaml_path(object, "spec", "jobTemplate", NULL); /* a CronJob's */

	return row->doc == DS_DOC_WORKLOAD ? ds_yaml_path(job ? job : object, "spec", "template", "spec", NULL)
					   : ds_yaml_get(object, "spec");
}

/* Whatever runs in it, rules look at the Pod as well. */
static int collect_as_object(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object,
			     struct ds_str kind, const char *host)
{
	const char *name = ds_arena_strndup(f->ctx->arena, kind.p, kind.n);

	return name ? ds_object_collect(f, src, object, name, host) : DS_ENOMEM;
}

static int collect_pod(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object,
		       const struct ds_doc_row *row, struct ds_str kind, struct ds_doc_tally *tally)
{
	const struct ds_yaml_node *spec = pod_spec(object, row);
	struct ds_loc loc = ds_yaml_loc(f->ctx->arena, src->input, object);
	bool used = false, is_object = row->doc != DS_DOC_FRAGMENT && ds_yaml_get(spec, "containers");
	const char *host = NULL;
	int r = ds_static_pod_collect(f, src, spec, row->doc, &used, &host);

	if (r == 0 && is_object)
		r = collect_as_object(f, src, object, kind, host);
	if (!used && !is_object) {
		tally->other++;
		return r;
	}
	use(tally, row);
	if (r == 0 && row->doc == DS_DOC_FRAGMENT)
		r = ds_diag(f->ctx, DS_LEVEL_WARNING, &loc, "add apiVersion: v1 and kind: Pod",
			    "no kind: taken for a part of a Pod, whose further flags are unknown");
	return r;
}

int ds_document_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object,
			const char *default_kind, struct ds_doc_tally *tally)
{
	struct ds_str kind;
	const struct ds_doc_row *row = find_row(object, default_kind, &kind);

	switch (row->doc) {
	case DS_DOC_LIST:
		return collect_list(f, src, object, kind, tally);
	case DS_DOC_BUNDLE:
		use(tally, row);
		return ds_collect_bundle_node(f, src->input, object);
	case DS_DOC_POD:
	case DS_DOC_WORKLOAD:
	case DS_DOC_FRAGMENT:
		return collect_pod(f, src, object, row, kind, tally);
	case DS_DOC_OBJECT:
		use(tally, row);
		if (strcmp(row->kind, "ConfigMap") == 0 && ds_config_map_collect(f, src, object) < 0)
			return DS_ENOMEM;
		return ds_object_collect(f, src, object, row->kind, NULL);
	case DS_DOC_KUBEADM: /* read as one with the stream's other documents */
		use(tally, row);
		return 0;
	case DS_DOC_CONFIG:
		if (src->kubeadm) {
			use(tally, row);
			return 0;
		}
		use(tally, row);
		return ds_config_collect(f, src, object,
					 strcmp(row->kind, "KubeletConfiguration") == 0 ? DS_KUBELET : DS_KUBE_PROXY);
	case DS_DOC_DISTRO:
		use(tally, row);
		return row->collect(f, src, object);
	case DS_DOC_UNREAD:
		return skip(f, src, object, row, tally);
	case DS_DOC_OTHER:
		break;
	}
	tally->other += object != NULL;
	return 0;
}

int ds_documents_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_stream *stream,
			 struct ds_doc_tally *tally)
{
	for (size_t i = 0; i < stream->n; i++) {
		size_t first = f->components.n;
		int r = ds_document_collect(f, src, stream->docs[i].root, NULL, tally);

		if (r < 0)
			return r;
		for (; src->broken && i + 1 == stream->n && first < f->components.n; first++)
			f->components.v[first]->cmdline.truncated = true;
	}
	return 0;
}

/* The first error about this input since first_diag: its message becomes the reason. */
static const char *first_error(const struct ds_facts *f, const struct ds_input *input, size_t first_diag)
{
	for (size_t i = first_diag; i < f->ctx->diags.n; i++)
		if (f->ctx->diags.v[i].level == DS_LEVEL_ERROR && f->ctx->diags.v[i].loc.input == input)
			return f->ctx->diags.v[i].message;
	return NULL;
}

int ds_documents_conclude(struct ds_facts *f, struct ds_input *input, const struct ds_doc_tally *tally,
			  int load_result, size_t first_diag)
{
	const char *error = first_error(f, input, first_diag);

	if (tally->row)
		input->type = tally->row->type;
	if (load_result < 0)
		return ds_input_set(f->ctx, input, DS_INPUT_FAILED, "%s%s",
				    tally->used ? "what comes before the error was used: " : "",
				    error ? error : ds_strerror(load_result));
	if (error && (tally->used || !tally->skipped))
		return ds_input_set(f->ctx, input, DS_INPUT_FAILED, "%s%s",
				    tally->used ? "what could be understood was used: " : "", error);
	if (tally->used == 0 && tally->skipped)
		return ds_input_set(f->ctx, input, DS_INPUT_SKIPPED, "%s: this version does not read it yet",
				    tally->skipped);
	if (tally->used == 0)
		return ds_input_set(f->ctx, input, DS_INPUT_SKIPPED,
				    tally->other ? "no Kubernetes component or cluster object in it" : "empty");
	input->status = DS_INPUT_READ;
	if (tally->n_skipped == 0)
		return 0;
	if (tally->n_skipped == 1)
		return ds_diag(f->ctx, DS_LEVEL_WARNING, &tally->skipped_loc, NULL,
			       "%s: this version does not read it yet", tally->skipped);
	return ds_diag(f->ctx, DS_LEVEL_WARNING, &tally->skipped_loc, NULL,
		       "%s and %zu more documents: this version does not read them yet", tally->skipped,
		       tally->n_skipped - 1);
}

/* The row of an object or of the best item in a list; rows come in order of precedence. */
static const struct ds_doc_row *best_row(const struct ds_yaml_node *object, const char *default_kind,
					 const struct ds_doc_row *best)
{
	struct ds_str kind;
	const struct ds_doc_row *row = find_row(object, default_kind, &kind);
	const struct ds_yaml_node *items;
	char item_kind[64] = "";

	if (row->doc == DS_DOC_OTHER)
		return best;
	if (row->doc != DS_DOC_LIST)
		return !best || best == &fragment || (row != &fragment && row < best) ? row : best;
	items = ds_yaml_get(object, "items");
	if (kind.n > 4 && kind.n - 4 < sizeof(item_kind))
		memcpy(item_kind, kind.p, kind.n - 4);
	for (size_t i = 0; items && items->kind == DS_YAML_SEQUENCE && i < items->n; i++)
		best = best_row(items->items[i], item_kind[0] ? item_kind : NULL, best);
	return best ? best : list_row;
}

const char *ds_documents_type(const struct ds_yaml_stream *stream)
{
	const struct ds_doc_row *best = NULL;

	for (size_t i = 0; i < stream->n; i++)
		best = best_row(stream->docs[i].root, NULL, best);
	return best ? best->type : NULL;
}

int ds_documents_detect(const struct ds_collector *self, const struct ds_probe *p)
{
	return p->yaml_type && strcmp(p->yaml_type, self->type) == 0 ? DS_SURE : 0;
}

int ds_documents_collect_input(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p)
{
	struct ds_doc_tally tally = {0};
	struct ds_lines lines;
	struct ds_doc_source src = {.input = input, .lines = &lines, .broken = p->yaml_result < 0};
	size_t first_diag = p->first_diag;
	int r;

	if (!p->yaml)
		return ds_input_set(f->ctx, input, DS_INPUT_FAILED, "not YAML or JSON");
	r = ds_lines_init(f->ctx->arena, p->text, &lines);
	if (r == 0)
		r = ds_kubeadm_collect(f, &src, p->yaml, &src.kubeadm);
	if (r == 0)
		r = ds_documents_collect(f, &src, p->yaml, &tally);
	if (r == 0)
		r = ds_documents_conclude(f, input, &tally, p->yaml_result, first_diag);
	return r;
}
