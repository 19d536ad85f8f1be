/*
 * Replays recorded starts of real kube-proxy and kubelet code (see
 * data/README-flags-node.md) against our verdicts: accepted or not, with which
 * messages, and what was derived. Any disagreement fails.
 *
 * Usage: replay_flags_node [-v] FILE.jsonl…
 * DS_VECTORS names a folder with the full files, replayed as well.
 * -v prints every disagreement, not only the first few of a file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "kube/kube_proxy.h"
#include "kube/kubelet.h"
#include "yaml/scalar.h"

#include "replay.h"

struct question {
	struct ds_ctx *ctx;
	struct ds_arena *a;
	const struct ds_yaml_node *root;
	unsigned minor;
	struct ds_buf *why; /* what disagrees */
};

static struct ds_str text_of(const struct ds_yaml_node *node)
{
	struct ds_str s;

	return node && ds_yaml_as_string(node, &s) == 0 ? s : (struct ds_str){"", 0};
}

static bool flag_of(const struct ds_yaml_node *node)
{
	bool b;

	return node && ds_yaml_as_bool(node, &b) == 0 && b;
}

static int texts_of(struct ds_arena *a, const struct ds_yaml_node *list, struct ds_strs *ret)
{
	*ret = (struct ds_strs){NULL, 0, 0};
	for (size_t i = 0; list && list->kind == DS_YAML_SEQUENCE && i < list->n; i++)
		if (ds_vec_push(a, ret, text_of(list->items[i])) < 0)
			return DS_ENOMEM;
	return 0;
}

static void same_list(struct question *q, const char *what, const struct ds_strs *want, const char *const *got, size_t n)
{
	bool same = want->n == n;

	for (size_t i = 0; i < n && same; i++)
		same = ds_str_eqz(want->v[i], got[i]);
	if (same)
		return;
	ds_buf_printf(q->why, " %s:", what);
	for (size_t i = 0; i < n; i++)
		ds_buf_printf(q->why, " <%s>", got[i]);
}

static int same_messages(struct question *q, const char *key, const struct ds_verdict_msg *v, size_t n)
{
	const char **got = ds_arena_new_array(q->a, n, const char *);
	struct ds_strs want;

	if (!got || texts_of(q->a, ds_yaml_get(q->root, key), &want) < 0)
		return DS_ENOMEM;
	for (size_t i = 0; i < n; i++)
		got[i] = v[i].message;
	same_list(q, key, &want, got, n);
	return 0;
}

static int same_derived(struct question *q, const char *key, const char *name, const struct ds_verdict *v)
{
	const struct ds_derived *d = ds_verdict_derived(v, name);
	struct ds_strs want;

	if (texts_of(q->a, ds_yaml_get(q->root, key), &want) < 0)
		return DS_ENOMEM;
	same_list(q, key, &want, d ? d->list : NULL, d ? d->n : 0);
	return 0;
}

static void same_startup(struct question *q, const struct ds_verdict *v)
{
	bool accepted = flag_of(ds_yaml_get(q->root, "accepted"));

	if (v->startup != (accepted ? DS_STARTUP_ACCEPTED : DS_STARTUP_REFUSED))
		ds_buf_printf(q->why, " startup %d %s;", (int)v->startup, v->reason ? v->reason : "");
}

/* ---- kube-proxy ---- */

struct proxy_question {
	struct ds_kube_proxy_input in;
	struct ds_cmdline cl;
	struct ds_config_doc doc;
	struct ds_ip ips[4];
	struct ds_strs pod_cidrs;
};

static int read_proxy(struct question *q, struct proxy_question *p)
{
	const struct ds_yaml_node *args = ds_yaml_get(q->root, "args"), *ips = ds_yaml_get(q->root, "nodeIPs");
	const struct ds_yaml_node *config = ds_yaml_get(q->root, "config");
	struct ds_yaml_stream stream;
	struct ds_arg *argv = args ? ds_arena_new_array(q->a, args->n, struct ds_arg) : NULL;
	struct ds_input *input;
	int r;

	if (!argv)
		return DS_ESYNTAX;
	for (size_t i = 0; i < args->n; i++)
		argv[i].text = text_of(args->items[i]);
	r = ds_cmdline_parse(q->a, DS_KUBE_PROXY, q->minor, argv, args->n, &p->cl);
	p->in = (struct ds_kube_proxy_input){.minor = q->minor, .cmdline = &p->cl, .node_known = true, .primary_unexpanded = true};
	for (size_t i = 0; ips && i < ips->n && i < 4 && r == 0; i++) {
		r = ds_ip_parse(text_of(ips->items[i]), DS_IP_SLOPPY, &p->ips[i]);
		p->in.n_node_ips++;
	}
	p->in.node_ips = p->ips;
	if (r == 0)
		r = texts_of(q->a, ds_yaml_get(q->root, "podCIDRs"), &p->pod_cidrs);
	p->in.pod_cidrs = p->pod_cidrs.v;
	p->in.n_pod_cidrs = p->pod_cidrs.n;
	if (r == 0 && config) {
		input = ds_ctx_input(q->ctx, "config", "kube-proxy-config");
		r = input ? ds_yaml_load(q->ctx, input, text_of(config), &stream) : DS_ENOMEM;
		if (r == 0)
			p->doc = (struct ds_config_doc){stream.n ? stream.docs[0].root : NULL, input};
		p->in.config = &p->doc;
	}
	return r;
}

static int check_proxy(struct question *q)
{
	struct proxy_question p = {0};
	const struct ds_derived *d;
	struct ds_verdict v;
	struct ds_str family = text_of(ds_yaml_get(q->root, "primaryIPFamily"));
	bool accepted = flag_of(ds_yaml_get(q->root, "accepted"));
	int r = read_proxy(q, &p);

	if (r < 0)
		return r;
	/* "Only the primary family" of a host: which one that is, is part of the answer. */
	p.in.host = DS_HOST_DUAL;
	r = ds_kube_proxy_verdict(q->a, &p.in, &v);
	d = ds_verdict_derived(&v, "primaryIPFamily");
	if (r == 0 && !flag_of(ds_yaml_get(q->root, "dualStackNode"))) {
		p.in.host = d && strcmp(d->string, "IPv6") == 0 ? DS_HOST_IPV6_ONLY : DS_HOST_IPV4_ONLY;
		r = ds_kube_proxy_verdict(q->a, &p.in, &v);
	}
	if (r < 0)
		return r;
	same_startup(q, &v);
	d = ds_verdict_derived(&v, "fatal");
	if (!d || d->boolean != flag_of(ds_yaml_get(q->root, "fatal")))
		ds_buf_printf(q->why, " fatal;");
	d = ds_verdict_derived(&v, "primaryIPFamily");
	if (accepted && (!d || !ds_str_eqz(family, d->string)))
		ds_buf_printf(q->why, " primaryIPFamily %s;", d ? d->string : "-");
	r = same_messages(q, "errors", v.errors.v, v.errors.n);
	if (r == 0)
		r = same_messages(q, "warnings", v.warnings.v, v.warnings.n);
	return r < 0 || !accepted ? r : same_derived(q, "clusterCIDRs", "clusterCIDRs", &v);
}

/* ---- kubelet ---- */

static int check_kubelet(struct question *q)
{
	struct ds_str ip = text_of(ds_yaml_get(q->root, "nodeIP")), cloud = text_of(ds_yaml_get(q->root, "cloudProvider"));
	struct ds_str error = text_of(ds_yaml_get(q->root, "error"));
	struct ds_kubelet_input in = {.minor = q->minor};
	struct ds_arg argv[2];
	struct ds_cmdline cl;
	struct ds_verdict v;
	char *texts[2];
	int r;

	texts[0] = ds_arena_printf(q->a, "--node-ip=%.*s", DS_STR_ARG(ip));
	texts[1] = ds_arena_printf(q->a, "--cloud-provider=%.*s", DS_STR_ARG(cloud));
	if (!texts[0] || !texts[1])
		return DS_ENOMEM;
	for (size_t i = 0; i < 2; i++)
		argv[i] = (struct ds_arg){.text = ds_str_from(texts[i])};
	r = ds_cmdline_parse(q->a, DS_KUBELET, q->minor, argv, 2, &cl);
	in.cmdline = &cl;
	if (r == 0)
		r = ds_kubelet_verdict(q->a, &in, &v);
	if (r < 0)
		return r;
	same_startup(q, &v);
	if (error.n ? v.errors.n != 1 || !ds_str_eqz(error, v.errors.v[0].message) : v.errors.n != 0)
		ds_buf_printf(q->why, " error %s;", v.errors.n ? v.errors.v[0].message : "-");
	r = same_derived(q, "ips", "nodeIPs", &v);
	return r < 0 ? r : same_derived(q, "ignored", "ignored", &v);
}

/* ---- the driver ---- */

static int read_minor(struct question *q)
{
	struct ds_str version = text_of(ds_yaml_get(q->root, "kubernetes"));
	uint64_t minor;

	if (!ds_str_starts(version, "1.") || ds_num_u64(ds_str_skip(version, 2), 99, &minor) < 0)
		return DS_ESYNTAX;
	q->minor = (unsigned)minor;
	return 0;
}

/* The recorded builds only warn of a gate they do not know; Kubernetes refuses. Such a line is no answer. */
static bool has_unknown_gate(const struct question *q)
{
	const struct ds_yaml_node *args = ds_yaml_get(q->root, "args");

	for (size_t i = 0; args && i < args->n; i++)
		if (ds_str_search(text_of(args->items[i]), DS_STR("IPv6DualStack")) < text_of(args->items[i]).n)
			return true;
	return false;
}

static enum replay_outcome replay_line(const char *file, size_t number, struct ds_str line, bool show)
{
	_ds_ctx_done_ struct ds_ctx ctx;
	_ds_buf_done_ struct ds_buf why = DS_BUF_INIT;
	struct question q = {.why = &why, .ctx = &ctx};
	struct ds_yaml_stream stream;
	bool skip = false;
	int r = ds_ctx_init(&ctx, 0);

	if (r == 0)
		r = ds_yaml_load(&ctx, ds_ctx_input(&ctx, file, "jsonl"), line, &stream);
	if (r == 0 && stream.n == 0)
		r = DS_ESYNTAX;
	if (r == 0) {
		q.a = ctx.arena;
		q.root = stream.docs[0].root;
		r = read_minor(&q);
		skip = has_unknown_gate(&q);
	}
	if (r == 0 && !skip)
		r = ds_str_eqz(text_of(ds_yaml_get(q.root, "component")), "kubelet") ? check_kubelet(&q)
										    : check_proxy(&q);
	if (r < 0)
		ds_buf_printf(&why, " %s", ds_strerror(r));
	if (why.n && show)
		(void)printf("# %s:%zu:%s\n     question %.*s\n", file, number, why.p, DS_STR_ARG(line));
	return skip ? REPLAY_NO_ANSWER : why.n ? REPLAY_DISAGREE : REPLAY_AGREE;
}

int main(int argc, char **argv)
{
	static const char *const names[] = {"flags-kube-proxy.jsonl", "flags-kubelet-node-ip.jsonl"};

	return replay_main(argc, argv, names, DS_ARRAY_SIZE(names), replay_line);
}
