#include "collect/collect.h"

#include <stdio.h>

#include "base/utf8.h"
#include "collect/args.h"
#include "collect/distro/k3s.h"
#include "collect/distro/kubespray.h"
#include "collect/distro/microshift.h"
#include "collect/distro/openshift.h"
#include "collect/distro/talos.h"
#include "collect/documents.h"
#include "collect/host/cni.h"
#include "collect/ps.h"
#include "collect/unit.h"

/* A text is judged by its beginning. */
#define SNIFFED ((size_t)64 << 10)
/* Above this a text is taken for what it looks like without trying YAML first. */
#define SURE_WITHOUT_YAML 60

static int detect_unit(const struct ds_collector *self, const struct ds_probe *p);
static int detect_k3s(const struct ds_collector *self, const struct ds_probe *p);
static int detect_args(const struct ds_collector *self, const struct ds_probe *p);
static int detect_never(const struct ds_collector *self, const struct ds_probe *p);
static int collect_never(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p);

static const struct ds_collector table[] = {
	{"bundle", "one node's facts as `dsaudit collect` writes them", ds_documents_detect, ds_documents_collect_input},
	{"static-pod", "Pods and workloads, of components and others", ds_documents_detect, ds_documents_collect_input},
	{"ps", "output of ps, in any of its forms", ds_ps_detect, ds_ps_collect},
	{"process", "a directory shaped like /proc", detect_never, collect_never},
	{"kubeadm", "a kubeadm configuration", ds_documents_detect, ds_documents_collect_input},
	{"kubelet-config", "a KubeletConfiguration", ds_documents_detect, ds_documents_collect_input},
	{"kube-proxy-config", "a KubeProxyConfiguration", ds_documents_detect, ds_documents_collect_input},
	{"kind", "a kind cluster configuration", ds_documents_detect, ds_documents_collect_input},
	{"k0s", "a k0s or k0sctl configuration", ds_documents_detect, ds_documents_collect_input},
	{"openshift", "an OpenShift install-config.yaml or Network object", ds_openshift_detect, ds_openshift_collect},
	{"node", "Node objects", ds_documents_detect, ds_documents_collect_input},
	{"service", "Service objects", ds_documents_detect, ds_documents_collect_input},
	{"config-map", "ConfigMap objects", ds_documents_detect, ds_documents_collect_input},
	{"object", "other objects of a cluster, such as ServiceCIDRs", ds_documents_detect, ds_documents_collect_input},
	{"systemd-unit", "a systemd unit or drop-in", detect_unit, ds_unit_collect},
	{"k3s", "a k3s or RKE2 config.yaml", detect_k3s, ds_k3s_collect},
	{"talos", "a Talos machine config, whole or a patch", ds_talos_detect, ds_talos_collect},
	{"microshift", "a MicroShift config.yaml", ds_microshift_detect, ds_microshift_collect},
	{"kubespray", "group variables of a kubespray inventory", ds_kubespray_detect, ds_kubespray_collect},
	{"cni", "a network plugin's configuration, or flannel's subnet.env", ds_cni_detect, ds_cni_collect},
	{"args", "arguments in a file of their own, such as MicroK8s' or an EnvironmentFile", detect_args, ds_args_collect},
};

const struct ds_collector *ds_collectors(size_t *ret_n)
{
	*ret_n = DS_ARRAY_SIZE(table);
	return table;
}

const struct ds_collector *ds_collector_find(const char *type)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(table); i++)
		if (strcmp(table[i].type, type) == 0)
			return &table[i];
	return NULL;
}

static int detect_never(const struct ds_collector *self, const struct ds_probe *p)
{
	(void)self;
	(void)p;
	return 0;
}

static int collect_never(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p)
{
	(void)p;
	return ds_input_set(f->ctx, input, DS_INPUT_FAILED, "processes are read from a directory shaped like /proc");
}

/* Whether a line of the text is just this, or begins with it. */
static bool has_line(struct ds_str text, const char *start)
{
	struct ds_str rest = ds_str_head(text, SNIFFED), line;
	bool done = false;

	while (ds_str_split(&rest, '\n', &done, &line))
		if (ds_str_starts(line, start))
			return true;
	return false;
}

static int detect_unit(const struct ds_collector *self, const struct ds_probe *p)
{
	(void)self;
	return has_line(p->text, "[Service]") || (has_line(p->text, "[Unit]") && has_line(p->text, "[Install]")) ? 70 : 0;
}

static int detect_k3s(const struct ds_collector *self, const struct ds_probe *p)
{
	static const char *const keys[] = {
		"cluster-cidr", "service-cidr", "cluster-dns", "flannel-backend", "kube-apiserver-arg",
		"kube-controller-manager-arg", "kube-proxy-arg", "kubelet-arg", "service-node-port-range", "node-ip",
		"disable-kube-proxy", "disable-network-policy", "tls-san",
	};
	const struct ds_yaml_node *root;

	(void)self;
	if (!p->yaml || p->yaml->n == 0)
		return 0;
	root = p->yaml->docs[0].root;
	if (!root || root->kind != DS_YAML_MAPPING || ds_yaml_get(root, "kind"))
		return 0;
	for (size_t i = 0; i < DS_ARRAY_SIZE(keys); i++) {
		char more[64];

		(void)snprintf(more, sizeof(more), "%s+", keys[i]); /* "key+" adds to what an earlier file has */
		if (ds_yaml_get(root, keys[i]) || ds_yaml_get(root, more))
			return 50;
	}
	return 0;
}

static int detect_args(const struct ds_collector *self, const struct ds_probe *p)
{
	struct ds_str rest = ds_str_head(p->text, SNIFFED), line;
	size_t flags = 0, others = 0;
	bool done = false;

	(void)self;
	while (ds_str_split(&rest, '\n', &done, &line)) {
		struct ds_str s = ds_str_trim(line);
		size_t eq = ds_str_find(s, '=');
		struct ds_str value = ds_str_skip(s, eq + 1);

		if (s.n == 0 || s.p[0] == '#')
			continue;
		if (flags == 0 && others > 0) /* a script that passes flags begins with a command */
			return 0;
		while (value.n > 0 && (value.p[0] == '"' || value.p[0] == '\''))
			value = ds_str_skip(value, 1);
		if (ds_str_starts(s, "-----")) /* the rim of a certificate or key */
			return 0;
		if (ds_str_starts(s, "--") || ds_str_starts(value, "--"))
			flags++;
		else
			others++;
	}
	return flags > others ? 40 : 0;
}

/* ------------------------------------------------------------------ probing */

static bool is_binary(struct ds_str text)
{
	struct ds_str head = ds_str_head(text, 8192);

	return ds_str_find(head, '\0') < head.n;
}

static unsigned utf16_unit(struct ds_str s, size_t i, bool big)
{
	unsigned a = (unsigned char)s.p[i], b = (unsigned char)s.p[i + 1];

	return big ? a << 8 | b : b << 8 | a;
}

/* PowerShell redirects into UTF-16. Without its mark a text is left alone. */
static int decode(struct ds_arena *a, struct ds_str *text)
{
	bool little = ds_str_starts(*text, "\xff\xfe"), big = ds_str_starts(*text, "\xfe\xff");
	struct ds_str s = *text;
	char *out;
	size_t n = 0;

	if (ds_str_starts(s, "\xef\xbb\xbf"))
		*text = ds_str_skip(s, 3);
	if (!little && !big)
		return 0;
	out = ds_arena_alloc(a, s.n / 2 * 3 + 1);
	if (!out)
		return DS_ENOMEM;
	for (size_t i = 2; i + 1 < s.n; i += 2) {
		uint32_t c = utf16_unit(s, i, big);

		if (c >= 0xd800 && c < 0xdc00 && i + 3 < s.n) {
			uint32_t low = utf16_unit(s, i + 2, big);

			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
				i += 2;
			}
		}
		if (c >= 0xd800 && c < 0xe000)
			c = 0xfffd;
		n += ds_utf8_encode(c, out + n);
	}
	*text = ds_str_n(out, n);
	return 0;
}

/* Whether somebody meant this to be a Kubernetes object: then what is wrong with it matters. */
static bool means_kubernetes(const char *name, struct ds_str text)
{
	static const char *const suffixes[] = {".yaml", ".yml", ".json", ".manifest"};

	for (size_t i = 0; i < DS_ARRAY_SIZE(suffixes); i++)
		if (ds_str_ends(ds_str_from(name), suffixes[i]))
			return true;
	return has_line(text, "apiVersion:") && has_line(text, "kind:");
}

static const struct ds_collector *best(const struct ds_probe *p, int *ret_score)
{
	const struct ds_collector *found = NULL;

	*ret_score = 0;
	for (size_t i = 0; i < DS_ARRAY_SIZE(table); i++) {
		int score = table[i].detect(&table[i], p);

		if (score > *ret_score) {
			*ret_score = score;
			found = &table[i];
		}
	}
	return found;
}

static int load_yaml(struct ds_facts *f, const struct ds_input *input, struct ds_probe *p,
		     struct ds_yaml_stream *stream)
{
	p->yaml_result = ds_yaml_load(f->ctx, input, p->text, stream);
	if (p->yaml_result == DS_ENOMEM)
		return DS_ENOMEM;
	p->yaml = stream;
	p->yaml_type = ds_documents_type(stream);
	return 0;
}

/* Nothing of ours: why, in the words that help most. */
static int set_aside(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p)
{
	struct ds_doc_tally tally = {.other = 1};

	if (means_kubernetes(input->name, p->text) &&
	    (p->yaml_result < 0 || (has_line(p->text, "apiVersion:") && f->ctx->diags.n > p->first_diag)))
		return ds_documents_conclude(f, input, &tally, p->yaml_result, p->first_diag);
	f->ctx->diags.n = DS_MIN(f->ctx->diags.n, p->first_diag); /* what is wrong with a stranger's file is not our concern */
	if (ds_str_trim(ds_str_head(p->text, SNIFFED)).n == 0)
		return ds_input_set(f->ctx, input, DS_INPUT_SKIPPED, "empty");
	if (ds_str_starts(p->text, "-----BEGIN "))
		return ds_input_set(f->ctx, input, DS_INPUT_SKIPPED, "a certificate or key");
	if (p->yaml_result < 0 || !p->yaml)
		return ds_input_set(f->ctx, input, DS_INPUT_SKIPPED, "not a kind of file that this version knows");
	return ds_input_set(f->ctx, input, DS_INPUT_SKIPPED, "no Kubernetes component or cluster object in it");
}

static int set_type(struct ds_facts *f, struct ds_input *input, const char *type)
{
	input->type = ds_arena_strdup(f->ctx->arena, type);
	return input->type ? 0 : DS_ENOMEM;
}

static int run(struct ds_facts *f, struct ds_input *input, const struct ds_collector *c, const struct ds_probe *p)
{
	int r = set_type(f, input, c->type);

	if (r == 0 && c->collect)
		r = c->collect(f, input, p);
	else if (r == 0)
		r = ds_input_set(f->ctx, input, DS_INPUT_SKIPPED, "%s: this version does not read it yet", c->help);
	if (r == 0 && input->status == DS_INPUT_SKIPPED)
		f->ctx->diags.n = DS_MIN(f->ctx->diags.n, p->first_diag);
	return r;
}

int ds_collect_text(struct ds_facts *f, struct ds_input *input, struct ds_str text, const char *type)
{
	const struct ds_collector *c = type ? ds_collector_find(type) : NULL;
	struct ds_yaml_stream *stream = ds_arena_new_obj(f->ctx->arena, struct ds_yaml_stream);
	struct ds_probe p = {.name = input->name, .first_diag = f->ctx->diags.n};
	int score = DS_SURE, r;

	if (type && !c)
		return DS_EINVAL;
	r = stream ? decode(f->ctx->arena, &text) : DS_ENOMEM;
	if (r < 0)
		return r;
	p.text = text;
	input->text = text;
	if (is_binary(text)) {
		r = set_type(f, input, type ? type : "binary");
		return r < 0 ? r : ds_input_set(f->ctx, input, type ? DS_INPUT_FAILED : DS_INPUT_SKIPPED, "binary");
	}
	p.looks_yaml = !ds_str_starts(text, "-----BEGIN ");
	if (!c)
		c = best(&p, &score);
	if (p.looks_yaml && (!c || score < SURE_WITHOUT_YAML || c->detect == ds_documents_detect ||
			     c->detect == detect_k3s || (!type && means_kubernetes(input->name, text)))) {
		r = load_yaml(f, input, &p, stream);
		if (r < 0)
			return r;
		if (!type)
			c = best(&p, &score);
	}
	/* A manifest that broke before its first object is still a broken manifest. */
	if (!c || (p.yaml_result < 0 && !p.yaml_type && !type && score < DS_SURE && means_kubernetes(input->name, text)))
		return set_aside(f, input, &p);
	if (!type && c->detect != ds_documents_detect)
		f->ctx->diags.n = DS_MIN(f->ctx->diags.n, p.first_diag);
	return run(f, input, c, &p);
}
