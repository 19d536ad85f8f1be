#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "report/topology.h"
#include "report_cluster.h"

#define NODE(name, ips, cidrs)                                                                             \
	"apiVersion: v1\nkind: Node\nmetadata: {name: " name "}\nspec: {podCIDRs: [" cidrs "]}\n"              \
	"status: {addresses: [" ips "]}\n---\n"
#define IP(ip) "{type: InternalIP, address: \"" ip "\"}"

/* "a,b x4: kubelet [!kubelet] | IPv4 1.2.3.4 | IPv6 -". */
static void describe(struct ds_buf *b, const struct ds_topology *t)
{
	for (size_t i = 0; i < t->nodes.n; i++) {
		const struct ds_node_group *g = &t->nodes.v[i];

		ds_buf_addz(b, i ? "; " : "");
		for (size_t k = 0; k < g->n && k < DS_GROUP_NAMES; k++)
			ds_buf_printf(b, "%s%s", k ? "," : "", g->named ? g->names[k] : "?");
		ds_buf_printf(b, " x%zu: %s", g->n, g->runs);
		if (g->refused[0])
			ds_buf_printf(b, " !%s", g->refused);
		ds_buf_printf(b, " | %s %s | %s %s%s", g->families, g->addresses ? g->addresses : "-",
			      g->pod_families ? g->pod_families : "unseen", g->pod_cidrs ? g->pod_cidrs : "-",
			      g->single_stack ? " single" : "");
	}
}

static void test_nodes(void **state)
{
	static const struct {
		const char *name, *ps, *nodes, *want;
		size_t n;
	} rows[] = {
		{"what runs on one host without a name",
		 "1 kube-proxy --v=2\n2 kubelet --node-ip=192.0.2.1,2001:db8::1\n", NULL,
		 "? x1: kube-proxy, kubelet | IPv4, IPv6 192.0.2.1, 2001:db8::1 | unseen ", 1},
		{"what would not start", "1 kube-proxy --no-such-flag\n2 kube-proxy --v=2\n", NULL,
		 "? x1: kube-proxy ×2 !kube-proxy |   | unseen ", 1},
		{"a Node and its kubelet are one", "1 kubelet --hostname-override=a --node-ip=192.0.2.1\n",
		 NODE("a", IP("192.0.2.7"), "10.244.0.0/24"),
		 "a x1: kubelet | IPv4 192.0.2.7 | IPv4 10.244.0.0/24", 1},
		{"what runs beside a kubelet is on its node",
		 "1 kube-apiserver --v=2\n2 kubelet --hostname-override=a\n", NULL,
		 "a x1: kube-apiserver, kubelet |   | unseen ", 1},
		{"beside two, on neither", "1 kube-proxy --v=2\n2 kubelet --hostname-override=a\n"
		 "3 kubelet --hostname-override=b\n", NULL,
		 "? x1: kube-proxy |   | unseen ; a,b x2: kubelet |  - | unseen -", 3},
		{"alike are together", "1 kubelet --hostname-override=a\n",
		 NODE("b", IP("192.0.2.1"), "10.244.1.0/24") NODE("c", IP("192.0.2.2"), "10.244.2.0/24")
			 NODE("d", IP("192.0.2.3"), "") NODE("e", IP("192.0.2.4"), "10.244.4.0/24")
				 NODE("f", IP("192.0.2.5"), "10.244.5.0/24"),
		 "a x1: kubelet |   | unseen ; b,c,e x4:  | IPv4 - | IPv4 -; d x1:  | IPv4 192.0.2.3 |  ", 6},
		{"what is no network is not kept back", "1 kubelet --hostname-override=a\n",
		 NODE("a", IP("192.0.2.1"), "\"10.244.1.0\", \"fd00::/64\""),
		 "a x1: kubelet | IPv4 192.0.2.1 | not a network, IPv6 10.244.1.0, fd00::/64", 1},
		{"a Node that stays single-stack",
		 "1 kube-controller-manager --allocate-node-cidrs --cluster-cidr=10.244.0.0/16,fd00:10:244::/56\n",
		 NODE("a", "", "10.244.0.0/24") NODE("b", "", "10.244.1.0/24, \"fd00:10:244:1::/64\""),
		 "? x1: kube-controller-manager |   | unseen ; a x1:  |   | IPv4 10.244.0.0/24 single; "
		 "b x1:  |   | IPv4, IPv6 10.244.1.0/24, fd00:10:244:1::/64", 3},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
		const struct ds_cluster *c;
		struct ds_topology t;
		struct run r;

		c = run_cluster(&r, rows[i].ps, rows[i].nodes);
		assert_int_equal(ds_topology(r.ctx.arena, c, &t), 0);
		describe(&b, &t);
		if (!ds_str_eqz(ds_buf_str(&b), rows[i].want) || t.n_nodes != rows[i].n)
			fail_msg("%s: %zu: %s\nnot %s", rows[i].name, t.n_nodes, b.n ? b.p : "", rows[i].want);
		run_done(&r);
	}
}

static void test_components(void **state)
{
	const struct ds_cluster *c;
	struct ds_topology t;
	struct run r;

	(void)state;
	c = run_cluster(&r,
			"1 kubelet --v=2\n2 kube-proxy --no-such-flag\n3 kube-proxy --v=2\n4 kube-proxy --v=4\n",
			NULL);
	assert_int_equal(ds_topology(r.ctx.arena, c, &t), 0);
	assert_int_equal(t.components.n, 3);
	assert_int_equal(t.components.v[0].n, 1);
	assert_int_equal(t.components.v[0].first->verdict.startup, DS_STARTUP_REFUSED);
	assert_int_equal(t.components.v[1].n, 2);
	assert_int_equal(t.components.v[1].first->observed->component, DS_KUBE_PROXY);
	assert_int_equal(t.components.v[2].first->observed->component, DS_KUBELET);
	run_done(&r);
}

/* Wherever memory ends, it is said. */
static void test_out_of_memory(void **state)
{
	const struct ds_cluster *c;
	struct ds_topology t;
	struct run run;
	size_t budget;
	int r = DS_ENOMEM, n = 0;

	(void)state;
	c = run_cluster(&run,
			"1 kube-apiserver --service-cluster-ip-range=10.96.0.0/12\n"
			"2 kube-controller-manager --allocate-node-cidrs --cluster-cidr=10.100.0.0/14 "
			"--service-cluster-ip-range=10.96.0.0/12\n",
			NODE("a", IP("192.0.2.1"), "10.101.0.0/24") NODE("b", IP("10.0.0.1"), "10.245.0.0/24"));
	for (budget = 64; r == DS_ENOMEM && budget < 1 << 20; budget += 64) {
		struct ds_arena *small = ds_arena_new(budget);

		assert_non_null(small);
		r = ds_topology(small, c, &t);
		assert_true(r == 0 || r == DS_ENOMEM);
		n += r < 0;
		(void)ds_arena_free(small);
	}
	assert_int_equal(r, 0);
	assert_true(n > 5);
	run_done(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_components),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
