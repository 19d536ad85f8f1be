/*
 * Replays recorded starts of real kube-apiserver and kube-controller-manager
 * processes (see data/README-flags-control-plane.md) against our verdicts:
 * started or not, with which message, and the podCIDRs two nodes got. Any
 * disagreement fails.
 *
 * Usage: replay_flags_control_plane [-v] FILE.jsonl…
 * DS_VECTORS names a folder with the full files, replayed as well.
 * -v prints every disagreement, not only the first few of a file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "kube/cmdline.h"
#include "kube/kube_apiserver.h"
#include "kube/kube_controller_manager.h"
#include "yaml/scalar.h"
#include "yaml/tree.h"

#include "replay.h"

/* What the recorded builds only log is fatal in Kubernetes. */
#define UNKNOWN_GATE "unrecognized feature gate: "

struct question {
	struct ds_arena *a;
	const struct ds_yaml_node *root;
	struct ds_cmdline cl;
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

/* The element of the log that names a gate unknown to the recorded version, or nothing. */
static struct ds_str unknown_gate(const struct ds_yaml_node *root)
{
	const struct ds_yaml_node *log = ds_yaml_get(root, "log");

	for (size_t i = 0; log && i < log->n; i++)
		if (ds_str_starts(text_of(log->items[i]), UNKNOWN_GATE))
			return text_of(log->items[i]);
	return (struct ds_str){"", 0};
}

/* Each error, or all of them as the process prints them. */
static bool same_errors(struct ds_arena *a, const struct ds_verdict *v, const struct ds_yaml_node *want)
{
	const char *printed = ds_verdict_printed(a, v);
	size_t n = want ? want->n : 0;

	if (n == 1 && printed && ds_str_eqz(text_of(want->items[0]), printed))
		return true;
	if (n != v->errors.n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!ds_str_eqz(text_of(want->items[i]), v->errors.v[i].message))
			return false;
	return true;
}

static void compare_start(struct question *q, const struct ds_verdict *v, bool accepted)
{
	struct ds_str gate = unknown_gate(q->root);

	if (gate.n) {
		if (v->startup != DS_STARTUP_REFUSED ||
		    ds_str_search(ds_str_from(v->errors.v[0].message), gate) == strlen(v->errors.v[0].message))
			ds_buf_printf(q->why, " an unknown gate was taken");
		return;
	}
	if (v->startup != (accepted ? DS_STARTUP_ACCEPTED : DS_STARTUP_REFUSED))
		ds_buf_printf(q->why, " startup %d%s%s;", (int)v->startup, v->reason ? " " : "",
			      v->reason ? v->reason : "");
	if (!accepted && !same_errors(q->a, v, ds_yaml_get(q->root, "errors")))
		ds_buf_printf(q->why, " errors;");
	if (q->why->n)
		for (size_t i = 0; i < v->errors.n; i++)
			ds_buf_printf(q->why, "\n     got %s", v->errors.v[i].message);
}

static int check_apiserver(struct question *q)
{
	struct ds_verdict v;
	int r = ds_apiserver_verdict(q->a, &q->cl, q->minor, NULL, &v);

	if (r == 0)
		compare_start(q, &v, flag_of(ds_yaml_get(q->root, "accepted")));
	return r;
}

/* What one more node gets. */
static int next_node(struct ds_ipam *ipam, const char *ret[static 2])
{
	const char *why;
	int r = ipam ? ds_ipam_next(ipam, ret, &why) : DS_ERANGE;

	if (r < 0)
		ret[0] = ret[1] = NULL;
	return r == DS_ENOMEM ? r : 0;
}

/* The recorded block of a node for one cluster CIDR, or "". */
static struct ds_str recorded_block(const struct ds_yaml_node *nodes, size_t node, size_t cidr)
{
	const struct ds_yaml_node *blocks = nodes && node < nodes->n ? nodes->items[node] : NULL;

	if (!blocks || blocks->kind != DS_YAML_SEQUENCE || cidr >= blocks->n)
		return (struct ds_str){"", 0};
	return text_of(blocks->items[cidr]);
}

static bool same_pair(const char *x, const char *y, struct ds_str a, struct ds_str b)
{
	x = x ? x : "";
	y = y ? y : "";
	return (ds_str_eqz(a, x) && ds_str_eqz(b, y)) || (ds_str_eqz(a, y) && ds_str_eqz(b, x));
}

/*
 * Workers race for the blocks of each cluster CIDR, so neither which node came
 * first nor which IPv4 block goes with which IPv6 block is determined.
 */
static int compare_nodes(struct question *q, const struct ds_kcm_result *result)
{
	const struct ds_yaml_node *want = ds_yaml_get(q->root, "nodePodCIDRs");
	const char *first[2] = {NULL, NULL}, *second[2] = {NULL, NULL};
	bool same = true;

	if (next_node(result->allocator, first) < 0 || next_node(result->allocator, second) < 0)
		return DS_ENOMEM;
	for (size_t i = 0; i < 2; i++)
		same &= same_pair(first[i], second[i], recorded_block(want, 0, i), recorded_block(want, 1, i));
	if (!same)
		ds_buf_printf(q->why, " nodePodCIDRs [%s %s] [%s %s];", first[0] ? first[0] : "-",
			      first[1] ? first[1] : "-", second[0] ? second[0] : "-", second[1] ? second[1] : "-");
	return 0;
}

static int check_controller_manager(struct question *q)
{
	struct ds_kcm_result result;
	struct ds_str state = text_of(ds_yaml_get(q->root, "nodeIpam"));
	int r = ds_kcm_evaluate(q->a, &q->cl, q->minor, NULL, 0, &result);

	if (r < 0)
		return r;
	if (!ds_str_eqz(state, ds_node_ipam_state_name(result.ipam)))
		ds_buf_printf(q->why, " nodeIpam %s;", ds_node_ipam_state_name(result.ipam));
	compare_start(q, &result.verdict, !ds_str_eqz(state, "process exited"));
	return compare_nodes(q, &result);
}

static int read_args(struct question *q)
{
	const struct ds_yaml_node *args = ds_yaml_get(q->root, "args");
	enum ds_component c = ds_component_from_name(text_of(ds_yaml_get(q->root, "component")));
	struct ds_str version = text_of(ds_yaml_get(q->root, "kubernetes"));
	uint64_t minor;
	struct ds_arg *argv;

	if (!args || !ds_str_starts(version, "1.") || ds_num_u64(ds_str_skip(version, 2), 99, &minor) < 0)
		return DS_ESYNTAX;
	argv = ds_arena_new_array(q->a, args->n, struct ds_arg);
	if (!argv)
		return DS_ENOMEM;
	for (size_t i = 0; i < args->n; i++)
		argv[i].text = text_of(args->items[i]);
	q->minor = (unsigned)minor;
	return ds_cmdline_parse(q->a, c, q->minor, argv, args->n, &q->cl);
}

/* Whether our answer agrees with the line's. */
static enum replay_outcome replay_line(const char *file, size_t number, struct ds_str line, bool show)
{
	_ds_ctx_done_ struct ds_ctx ctx;
	_ds_buf_done_ struct ds_buf why = DS_BUF_INIT;
	struct question q = {.why = &why};
	struct ds_yaml_stream stream;
	int r = ds_ctx_init(&ctx, 0);

	if (r == 0)
		r = ds_yaml_load(&ctx, ds_ctx_input(&ctx, file, "jsonl"), line, &stream);
	if (r == 0 && stream.n == 0)
		r = DS_ESYNTAX;
	if (r == 0) {
		q.a = ctx.arena;
		q.root = stream.docs[0].root;
		r = read_args(&q);
	}
	if (r == 0)
		r = q.cl.component == DS_KUBE_APISERVER ? check_apiserver(&q) : check_controller_manager(&q);
	if (r < 0)
		ds_buf_printf(&why, " %s", ds_strerror(r));
	if (why.n && show)
		(void)printf("# %s:%zu:%s\n     question %.*s\n", file, number, why.p, DS_STR_ARG(line));
	if (why.n)
		return REPLAY_DISAGREE;
	/* Judged, but by what Kubernetes does: not an agreement with the recording. */
	return q.root && unknown_gate(q.root).n ? REPLAY_NO_ANSWER : REPLAY_AGREE;
}

int main(int argc, char **argv)
{
	static const char *const names[] = {"flags-kube-apiserver.jsonl", "flags-kube-controller-manager.jsonl"};

	return replay_main(argc, argv, names, DS_ARRAY_SIZE(names), replay_line);
}
