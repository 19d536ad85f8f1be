/*
 * kube-apiserver's and kube-controller-manager's verdicts on any command line:
 * one argument a line. The first line is "MINOR" or "MINOR PODCIDR,…", the
 * latter a node that exists already.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/num.h"
#include "kube/kube_apiserver.h"
#include "kube/kube_controller_manager.h"

#define MAX_ARGS 64
#define NODES 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void check_verdict(struct ds_arena *a, const struct ds_verdict *v)
{
	const char *printed = ds_verdict_printed(a, v);

	check(!printed || (*printed != 0) == (v->errors.n > 0));
	check((v->startup == DS_STARTUP_REFUSED) == (v->errors.n > 0));
	check(v->startup != DS_STARTUP_UNKNOWN || v->reason);
	for (size_t i = 0; i < v->errors.n; i++)
		check(v->errors.v[i].message && *v->errors.v[i].message);
	for (size_t i = 0; i < v->derived.n; i++)
		for (size_t k = 0; k < v->derived.v[i].n; k++)
			check(v->derived.v[i].list[k] != NULL);
}

static bool is_mapped(const struct ds_cidr *c)
{
	return ds_ip_is_4in6(&c->ip);
}

/* Blocks lie in their network, are all different, and avoid the Service ranges. */
static void check_blocks(const struct ds_kcm_result *r)
{
	struct ds_cidr given[NODES][2];
	const char *blocks[2], *why;

	for (size_t node = 0; node < NODES; node++) {
		if (ds_ipam_next(r->allocator, blocks, &why) < 0)
			return;
		for (size_t i = 0; i < r->config.n; i++) {
			struct ds_cidr cluster = ds_cidr_go(&r->config.cluster[i]), *block = &given[node][i];

			/* Mapped networks give nonsense, and an IPv4 network of 2^32 blocks loses count; see
			 * node_ipam.c. */
			if (!ds_ipam_has_valid_mask(r->allocator, i) || is_mapped(&r->config.cluster[i]) ||
			    r->config.mask[i] - cluster.bits >= 32)
				return;
			check(ds_cidr_parse(ds_str_from(blocks[i]), DS_IP_NETIP, block) == 0);
			check(ds_cidr_contains(&cluster, block) && !ds_cidr_has_host_bits(block));
			for (size_t k = 0; k < node; k++)
				check(!ds_cidr_overlaps(block, &given[k][i]));
			for (size_t k = 0; k < r->config.n_services; k++)
				check(is_mapped(&r->config.services[k]) ||
				      !ds_cidr_overlaps(block, &r->config.services[k]));
		}
	}
}

static void run(struct ds_arena *a, unsigned minor, const struct ds_arg *argv, size_t n, const struct ds_kcm_node *node)
{
	struct ds_cmdline cl;
	struct ds_verdict v;
	struct ds_kcm_result r;

	if (ds_cmdline_parse(a, DS_KUBE_APISERVER, minor, argv, n, &cl) == 0 &&
	    ds_apiserver_verdict(a, &cl, minor, NULL, &v) == 0)
		check_verdict(a, &v);
	if (ds_cmdline_parse(a, DS_KUBE_CONTROLLER_MANAGER, minor, argv, n, &cl) < 0 ||
	    ds_kcm_evaluate(a, &cl, minor, node, node->n ? 1 : 0, &r) < 0)
		return;
	check_verdict(a, &r.verdict);
	check((r.ipam == DS_NODE_IPAM_EXITED) == (r.verdict.startup == DS_STARTUP_REFUSED));
	check(r.ipam != DS_NODE_IPAM_RUNNING || r.allocator);
	if (r.ipam == DS_NODE_IPAM_RUNNING)
		check_blocks(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ds_arena *a = ds_arena_new((size_t)16 << 20);
	struct ds_str rest = ds_str_n((const char *)data, size), line, cidrs[3];
	struct ds_kcm_node node = {.name = "n1", .cidrs = cidrs};
	struct ds_arg argv[MAX_ARGS] = {0};
	bool done = false, cidrs_done = false;
	uint64_t minor = 0;
	size_t n = 0;

	if (!a || size > 4096 || !ds_str_split(&rest, '\n', &done, &line)) {
		ds_arena_free(a);
		return 0;
	}
	(void)ds_num_u64(ds_str_head(line, ds_str_find(line, ' ')), 99, &minor);
	line = ds_str_skip(line, ds_str_find(line, ' ') + 1);
	while (line.n && node.n < 3 && ds_str_split(&line, ',', &cidrs_done, &cidrs[node.n]))
		node.n++;
	while (n < MAX_ARGS && ds_str_split(&rest, '\n', &done, &argv[n].text))
		n++;
	run(a, (unsigned)minor, argv, n, &node);
	ds_arena_free(a);
	return 0;
}
