#include "model/verdicts.h"

#include "kube/kube_apiserver.h"
#include "kube/kube_controller_manager.h"
#include "kube/kube_proxy.h"
#include "kube/kubelet.h"
#include "model/host.h"
#include "model/node_blocks.h"
#include "yaml/scalar.h"

/* Who is being judged, and what surrounds it. */
struct judgement {
	struct ds_arena *a;
	const struct ds_facts *f;
	struct ds_cluster *cluster;
	struct ds_component_model *m;
	bool configured; /* it does not run: nothing of it adds to the cluster */
};

static int judge_apiserver(const struct judgement *j)
{
	struct ds_host_net net;
	int r;
	bool known = ds_host_net(j->a, ds_facts_find_host(j->f, j->m->observed->host), &net, &r);

	if (r < 0)
		return r;
	return ds_apiserver_verdict(j->a, &j->m->observed->cmdline, ds_kube_version_nearest(&j->m->version),
				    known ? &net : NULL, &j->m->verdict);
}

static int judge_kcm(const struct judgement *j)
{
	struct ds_kcm_result result = {0};
	struct ds_node_blocks *blocks = &j->cluster->node_blocks;
	int r = ds_kcm_evaluate(j->a, &j->m->observed->cmdline, ds_kube_version_nearest(&j->m->version), blocks->nodes,
				blocks->n_nodes, &result);

	j->m->verdict = result.verdict;
	return r < 0 || j->configured ? r : ds_node_blocks_add(j->a, j->m, &result, blocks);
}

/* ---- kube-proxy and kubelet: their node and their files ---- */

/* kube-proxy's node IPs: the first InternalIP, then the first of the other family.
 * Source: pkg/util/node/node.go:GetNodeHostIPs (InternalIP before ExternalIP). */
static size_t host_ips(const struct ds_object *node, struct ds_ip ret[static 2])
{
	static const char *const types[] = {"InternalIP", "ExternalIP"};
	const struct ds_yaml_node *list = ds_yaml_path(node->node, "status", "addresses", NULL);
	size_t n = 0;

	for (size_t t = 0; t < DS_ARRAY_SIZE(types); t++) {
		for (size_t i = 0; list && list->kind == DS_YAML_SEQUENCE && i < list->n; i++) {
			struct ds_str type = {0}, text = {0};
			struct ds_ip ip;

			if (ds_yaml_as_string(ds_yaml_get(list->items[i], "type"), &type) < 0 ||
			    ds_yaml_as_string(ds_yaml_get(list->items[i], "address"), &text) < 0 ||
			    !ds_str_eqz(type, types[t]) || ds_ip_parse(text, DS_IP_SLOPPY, &ip) < 0)
				continue;
			if (n == 0 || (n == 1 && ret[0].family != ip.family))
				ret[n++] = ip;
		}
	}
	return n;
}

static int node_pod_cidrs(struct ds_arena *a, const struct ds_object *node, const struct ds_str **ret, size_t *ret_n)
{
	const struct ds_yaml_node *list = ds_yaml_path(node->node, "spec", "podCIDRs", NULL);
	struct ds_str *v;

	*ret_n = 0;
	if (!list || list->kind != DS_YAML_SEQUENCE)
		return 0;
	v = ds_arena_new_array(a, list->n, struct ds_str);
	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < list->n; i++)
		if (ds_yaml_as_string(list->items[i], &v[*ret_n]) == 0)
			++*ret_n;
	*ret = v;
	return 0;
}

/* The objects of --config's file and then of the drop-ins; *ret_unseen when one of them was not read. */
static int configs_of(struct ds_arena *a, const struct ds_observed *o, struct ds_config_doc **ret, size_t *ret_n,
		      bool *ret_unseen)
{
	const struct ds_flag_use *use = ds_cmdline_last(&o->cmdline, "config");
	bool found = false;

	*ret = ds_arena_new_array(a, o->files.n, struct ds_config_doc);
	*ret_n = 0;
	*ret_unseen = false;
	if (!*ret)
		return DS_ENOMEM;
	for (int dropins = 0; dropins < 2; dropins++) {
		for (size_t i = 0; i < o->files.n; i++) {
			const struct ds_named_file *file = &o->files.v[i];
			bool mine = file->dropin || o->flags_unknown ||
				    (!found && use && use->value.n && ds_str_eqz(use->value, file->path));

			if (!mine || file->dropin != (dropins == 1))
				continue;
			if (file->yaml)
				(*ret)[(*ret_n)++] = (struct ds_config_doc){
					file->yaml->n ? file->yaml->docs[0].root : NULL, file->input};
			*ret_unseen |= !file->yaml;
			found |= !file->dropin && file->yaml;
		}
	}
	*ret_unseen |= use && use->value.n && !found;
	return 0;
}

static int judge_proxy(const struct judgement *j)
{
	const struct ds_observed *o = j->m->observed;
	const struct ds_object *node = j->m->node_object;
	struct ds_kube_proxy_input in = {.minor = ds_kube_version_nearest(&j->m->version)};
	struct ds_config_doc *docs;
	struct ds_ip ips[2];
	size_t n;
	int r = configs_of(j->a, o, &docs, &n, &in.config_unseen);

	if (r < 0)
		return r;
	if (n > 0)
		in.config = docs;
	if (!o->flags_unknown)
		in.cmdline = &o->cmdline;
	in.host = ds_host_families(ds_facts_find_host(j->f, o->host));
	/* As the recorded starts were: "primary" stands for the node's addresses only after these checks. */
	in.primary_unexpanded = true;
	if (node) {
		in.node_known = true;
		in.node_ips = ips;
		in.n_node_ips = host_ips(node, ips);
		r = node_pod_cidrs(j->a, node, &in.pod_cidrs, &in.n_pod_cidrs);
	}
	return r < 0 ? r : ds_kube_proxy_verdict(j->a, &in, &j->m->verdict);
}

static int judge_kubelet(const struct judgement *j)
{
	const struct ds_observed *o = j->m->observed;
	const struct ds_host *host = ds_facts_find_host(j->f, o->host);
	struct ds_kubelet_input in = {.minor = ds_kube_version_nearest(&j->m->version)};
	struct ds_config_doc *docs;
	struct ds_ip *ips;
	int r = configs_of(j->a, o, &docs, &in.n_configs, &in.config_unseen);

	if (r < 0)
		return r;
	in.configs = docs;
	if (!o->flags_unknown)
		in.cmdline = &o->cmdline;
	if (host && host->has_addresses) {
		ips = ds_arena_new_array(j->a, host->addresses.n, struct ds_ip);
		if (!ips)
			return DS_ENOMEM;
		for (size_t i = 0; i < host->addresses.n; i++) {
			struct ds_cidr c;

			if (ds_cidr_parse(host->addresses.v[i].cidr, DS_IP_STRICT, &c) == 0)
				ips[in.n_host_addresses++] = c.ip;
		}
		in.host_addresses = ips;
		in.host_known = true;
	}
	return ds_kubelet_verdict(j->a, &in, &j->m->verdict);
}

/* kubeadm's own verdict: what `config validate` refuses, `init` refuses too, in its own words. */
static int judge_kubeadm(const struct judgement *j)
{
	const struct ds_kubeadm_result *k = j->m->observed->kubeadm;

	if (k)
		j->m->verdict = k->validate.startup == DS_STARTUP_REFUSED ? k->validate : k->init;
	return 0;
}

static const struct {
	enum ds_component component;
	int (*judge)(const struct judgement *j);
} judges[] = {
	{DS_KUBE_APISERVER, judge_apiserver},
	{DS_KUBE_CONTROLLER_MANAGER, judge_kcm},
	{DS_KUBE_PROXY, judge_proxy},
	{DS_KUBELET, judge_kubelet},
	{DS_KUBEADM, judge_kubeadm},
};

/* A command line that was cut off may hold more than was seen: what it would
 * accept is not known; what it refuses, it refuses. */
static void weigh(const struct ds_component_model *m, struct ds_verdict *v)
{
	if (v->startup == DS_STARTUP_ACCEPTED && m->observed->cmdline.truncated) {
		v->startup = DS_STARTUP_UNKNOWN;
		v->reason = "the command line was not seen whole";
	}
	if (v->startup == DS_STARTUP_ACCEPTED && m->observed->flags_unknown) {
		v->startup = DS_STARTUP_UNKNOWN;
		v->reason = "only the configuration was seen, not the command line";
	}
}

static int judge(const struct judgement *j)
{
	int r = 0;

	for (size_t k = 0; r == 0 && k < DS_ARRAY_SIZE(judges); k++) {
		if (judges[k].component != j->m->observed->component)
			continue;
		r = judges[k].judge(j);
		weigh(j->m, &j->m->verdict);
	}
	return r;
}

int ds_verdicts_fill(const struct ds_facts *f, struct ds_cluster *c)
{
	int r = ds_node_blocks_begin(f->ctx->arena, c);

	for (size_t i = 0; r == 0 && i < c->components.n; i++)
		r = judge(&(struct judgement){f->ctx->arena, f, c, c->components.v[i], false});
	for (size_t i = 0; r == 0 && i < c->configured.n; i++)
		r = judge(&(struct judgement){f->ctx->arena, f, c, c->configured.v[i], true});
	return r;
}
