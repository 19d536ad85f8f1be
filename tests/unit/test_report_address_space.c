#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "report/address_space.h"
#include "report_cluster.h"

#define NODE(name, ips, cidrs)                                                                             \
	"apiVersion: v1\nkind: Node\nmetadata: {name: " name "}\nspec: {podCIDRs: [" cidrs "]}\n"              \
	"status: {addresses: [" ips "]}\n---\n"
#define IP(ip) "{type: InternalIP, address: \"" ip "\"}"

static void add_extent(struct ds_buf *b, const struct ds_ip *first, const struct ds_ip *last)
{
	char text[DS_IP_TEXT];

	ds_buf_addz(b, ds_ip_format(first, text));
	if (!ds_ip_eq(first, last))
		ds_buf_printf(b, "-%s", ds_ip_format(last, text));
}

/* "S 10.96.0.0/16 a+k; P 10.244.0.0/16 (p); N 192.0.2.1-192.0.2.3 x3; both 10.0.0.0-10.0.0.255". */
static void describe(struct ds_buf *b, const struct ds_space *s)
{
	static const char letters[] = {'a', 'k', 'p'};

	for (size_t i = 0; i < s->ranges.n; i++) {
		const struct ds_space_range *r = &s->ranges.v[i];
		char text[DS_CIDR_TEXT];
		bool any = false;

		ds_buf_printf(b, "%s%c ", b->n ? "; " : "", "SPNB"[r->role]);
		if (r->is_network)
			ds_buf_addz(b, ds_cidr_format(&r->cidr, text));
		else
			add_extent(b, &r->first, &r->last);
		if (r->n)
			ds_buf_printf(b, " x%zu", r->n);
		if (r->object)
			ds_buf_addz(b, " o");
		for (size_t k = 0; k < sizeof(letters); k++)
			if (r->said_by & 1u << k) {
				ds_buf_printf(b, "%s%c", any ? "+" : r->effective ? " " : " only ", letters[k]);
				any = true;
			}
	}
	for (size_t i = 0; i < s->overlaps.n; i++) {
		ds_buf_addz(b, "; both ");
		add_extent(b, &s->overlaps.v[i].first, &s->overlaps.v[i].last);
	}
}

static void test_ranges(void **state)
{
	static const struct {
		const char *name, *ps, *nodes;
		enum ds_family family;
		const char *want;
	} rows[] = {
		{"in order, said by several",
		 "1 kube-apiserver --service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112\n"
		 "2 kube-controller-manager --cluster-cidr=10.244.0.0/16,fd00:10:244::/56 "
		 "--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112\n"
		 "3 kube-proxy --cluster-cidr=10.244.0.0/16,fd00:10:244::/56\n",
		 NULL, DS_IPV4, "S 10.96.0.0/16 a+k; P 10.244.0.0/16 k+p"},
		{"the other family",
		 "1 kube-apiserver --service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112\n"
		 "2 kube-controller-manager --cluster-cidr=fd00:10:244::/56 --service-cluster-ip-range=fd00::/108\n",
		 NULL, DS_IPV6, "S fd00::/108 only k; S fd00:10:96::/112 a; P fd00:10:244::/56 k"},
		{"one in the other",
		 "1 kube-apiserver --service-cluster-ip-range=10.96.0.0/12\n"
		 "2 kube-controller-manager --cluster-cidr=10.100.0.0/16\n",
		 NULL, DS_IPV4, "S 10.96.0.0/12 a; P 10.100.0.0/16 k; both 10.100.0.0-10.100.255.255"},
		{"the same for two",
		 "1 kube-apiserver --service-cluster-ip-range=10.96.0.0/12\n"
		 "2 kube-controller-manager --cluster-cidr=10.96.0.0/12\n",
		 NULL, DS_IPV4, "S 10.96.0.0/12 a; P 10.96.0.0/12 k; both 10.96.0.0-10.111.255.255"},
		{"two of one kind are no overlap",
		 "1 kube-apiserver --service-cluster-ip-range=10.96.0.0/12\n"
		 "2 kube-controller-manager --service-cluster-ip-range=10.96.0.0/16\n",
		 NULL, DS_IPV4, "S 10.96.0.0/12 a; S 10.96.0.0/16 only k"},
		{"addresses of nodes that lie together, once each",
		 "1 kube-apiserver --service-cluster-ip-range=10.96.0.0/16\n2 kubelet --node-ip=192.0.2.1\n",
		 NODE("a", IP("192.0.2.1"), "") NODE("b", IP("192.0.2.9"), "") NODE("c", IP("172.16.0.1"), ""), DS_IPV4,
		 "S 10.96.0.0/16 a; N 172.16.0.1 x1; N 192.0.2.1-192.0.2.9 x2"},
		{"they are no group across a range",
		 "1 kube-apiserver --service-cluster-ip-range=10.0.1.0/24\n",
		 NODE("a", IP("10.0.0.1"), "") NODE("b", IP("10.0.1.7"), "") NODE("c", IP("10.0.2.1"), ""), DS_IPV4,
		 "N 10.0.0.1 x1; S 10.0.1.0/24 a; N 10.0.1.7 x1; N 10.0.2.1 x1; both 10.0.1.7"},
		{"the wildcard is no address", "1 kubelet --node-ip=::\n", NULL, DS_IPV6, ""},
		{"blocks in a pod range are none of their own",
		 "1 kube-controller-manager --cluster-cidr=10.244.0.0/16\n",
		 NODE("a", "", "10.244.3.0/24") NODE("b", "", "10.245.0.0/24") NODE("c", "", "10.245.1.0/24"), DS_IPV4,
		 "P 10.244.0.0/16 k; B 10.245.0.0-10.245.1.255 x2"},
		{"blocks in a Service range",
		 "1 kube-apiserver --service-cluster-ip-range=10.96.0.0/16\n",
		 NODE("a", "", "10.96.3.0/24"), DS_IPV4,
		 "S 10.96.0.0/16 a; B 10.96.3.0-10.96.3.255 x1; both 10.96.3.0-10.96.3.255"},
		{"a ServiceCIDR beside the flag's range",
		 "1 /v1.34.0/kube-apiserver --service-cluster-ip-range=10.96.0.0/16\n",
		 "apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {name: more}\n"
		 "spec: {cidrs: [10.112.0.0/20]}\nstatus: {conditions: [{type: Ready, status: 'True'}]}\n",
		 DS_IPV4, "S 10.96.0.0/16 a; S 10.112.0.0/20 o"},
		{"to the last address of all",
		 "1 kube-apiserver --service-cluster-ip-range=255.255.0.0/16\n"
		 "2 kube-controller-manager --cluster-cidr=0.0.0.0/0\n",
		 NULL, DS_IPV4, "P 0.0.0.0/0 k; S 255.255.0.0/16 a; both 255.255.0.0-255.255.255.255"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
		const struct ds_cluster *c;
		struct ds_space s;
		struct run r;

		c = run_cluster(&r, rows[i].ps, rows[i].nodes);
		assert_int_equal(ds_space(r.ctx.arena, c, rows[i].family, &s), 0);
		describe(&b, &s);
		if (!ds_str_eqz(ds_buf_str(&b), rows[i].want))
			fail_msg("%s: %s\nnot %s", rows[i].name, b.n ? b.p : "", rows[i].want);
		run_done(&r);
	}
}

/* ---- the axis ---- */

static bool within(struct ds_space_span inner, struct ds_space_span outer)
{
	return inner.left >= outer.left && inner.right <= outer.right;
}

/* Whatever the ranges are: all of the axis is used, and order, nesting and overlap are what they are. */
static void check_axis(const struct ds_space *s, const char *name)
{
	uint32_t left = DS_SPACE_WIDTH, right = 0;

	for (size_t i = 0; i < s->ranges.n; i++) {
		const struct ds_space_range *x = &s->ranges.v[i];

		left = DS_MIN(left, x->at.left);
		right = DS_MAX(right, x->at.right);
		if (x->at.left >= x->at.right)
			fail_msg("%s: range %zu cannot be seen", name, i);
		if (x->bands.divided && (x->band <= x->at.left || x->band >= x->at.right))
			fail_msg("%s: the bands of range %zu", name, i);
		for (size_t k = 0; k < s->gaps.n; k++)
			if (s->gaps.v[k].left < x->at.right && s->gaps.v[k].right > x->at.left)
				fail_msg("%s: a gap in range %zu", name, i);
		for (size_t k = 0; k < s->ranges.n; k++) {
			const struct ds_space_range *y = &s->ranges.v[k];
			bool inside = ds_ip_cmp(&y->first, &x->first) >= 0 && ds_ip_cmp(&y->last, &x->last) <= 0;
			bool after = ds_ip_cmp(&y->first, &x->last) > 0;

			if ((inside && !within(y->at, x->at)) || (after && y->at.left < x->at.right))
				fail_msg("%s: ranges %zu and %zu", name, i, k);
		}
	}
	if (s->ranges.n && (left != 0 || right != DS_SPACE_WIDTH))
		fail_msg("%s: from %u to %u", name, left, right);
	for (size_t i = 0; i < s->overlaps.n; i++)
		if (!within(s->overlaps.v[i].at, s->overlaps.v[i].a->at) ||
		    !within(s->overlaps.v[i].at, s->overlaps.v[i].b->at) ||
		    s->overlaps.v[i].at.left >= s->overlaps.v[i].at.right)
			fail_msg("%s: overlap %zu", name, i);
}

static uint32_t next_number(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static void add_network(struct ds_buf *b, uint32_t *seed, bool six)
{
	uint32_t x = next_number(seed), y = next_number(seed), bits = next_number(seed);

	/* Few different beginnings, so that they meet often. */
	if (six)
		ds_buf_printf(b, "fd00:%x:%x::/%u", x % 3, y % 4, 16 + bits % 113);
	else
		ds_buf_printf(b, "10.%u.%u.%u/%u", x % 4, y % 3, y % 7, bits % 33);
}

static void test_order_and_nesting_are_true(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (size_t round = 0; round < 400; round++) {
		_ds_buf_done_ struct ds_buf ps = DS_BUF_INIT, nodes = DS_BUF_INIT;
		bool six = round % 2;
		const struct ds_cluster *c;
		struct ds_space s;
		struct run r;

		ds_buf_addz(&ps, "1 kube-apiserver --service-cluster-ip-range=");
		add_network(&ps, &seed, six);
		ds_buf_addz(&ps, "\n2 kube-controller-manager --cluster-cidr=");
		add_network(&ps, &seed, six);
		ds_buf_addz(&ps, " --service-cluster-ip-range=");
		add_network(&ps, &seed, six);
		ds_buf_addz(&ps, "\n3 kube-proxy --cluster-cidr=");
		add_network(&ps, &seed, six);
		ds_buf_addc(&ps, '\n');
		for (unsigned i = 0; i < round % 5; i++)
			ds_buf_printf(&nodes,
				      "apiVersion: v1\nkind: Node\nmetadata: {name: n%u}\nspec: {podCIDRs: [10.%u.%u.0/24]}\n"
				      "status: {addresses: [{type: InternalIP, address: \"%s%u\"}]}\n---\n",
				      i, next_number(&seed) % 4, i, six ? "fd00:1:2::" : "10.1.1.", next_number(&seed) % 9);
		c = run_cluster(&r, ps.p, nodes.n ? nodes.p : NULL);
		assert_int_equal(ds_space(r.ctx.arena, c, six ? DS_IPV6 : DS_IPV4, &s), 0);
		check_axis(&s, ps.p);
		run_done(&r);
	}
}

/* 10.96.128.0 is 32,511 addresses behind 10.96.1.1, where the dynamic band begins, of 65,279. */
static void test_places_in_a_piece_are_linear(void **state)
{
	const struct ds_cluster *c;
	const struct ds_space_range *x;
	struct ds_space s;
	struct run r;

	(void)state;
	c = run_cluster(&r,
			"1 kube-apiserver --service-cluster-ip-range=10.96.0.0/16\n"
			"2 kube-controller-manager --cluster-cidr=10.96.0.0/16\n",
			NODE("a", "", "10.96.128.0/24"));
	assert_int_equal(ds_space(r.ctx.arena, c, DS_IPV4, &s), 0);
	assert_int_equal(s.blocks.v.n, 1);
	x = &s.ranges.v[0];
	assert_int_equal(s.blocks.v.v[0].left, x->band + 32511 * (x->at.right - x->band) / 65279);
	assert_int_equal(s.blocks.v.v[0].right, x->band + (32511 + 256) * (x->at.right - x->band) / 65279);
	run_done(&r);
}

static void test_many_ranges_are_bounded(void **state)
{
	_ds_buf_done_ struct ds_buf ps = DS_BUF_INIT;
	const struct ds_cluster *c;
	struct ds_space s;
	struct run r;

	(void)state;
	for (unsigned i = 1; i < 100; i++)
		ds_buf_printf(&ps, "%u kube-proxy --cluster-cidr=10.%u.0.0/16\n", i, i);
	c = run_cluster(&r, ps.p, NULL);
	assert_int_equal(ds_space(r.ctx.arena, c, DS_IPV4, &s), 0);
	assert_int_equal(s.ranges.n, DS_SPACE_RANGES);
	assert_true(s.left_out > 0);
	check_axis(&s, "many");
	run_done(&r);
}

static void test_many_addresses_are_a_few_groups(void **state)
{
	_ds_buf_done_ struct ds_buf nodes = DS_BUF_INIT;
	const struct ds_cluster *c;
	struct ds_space s;
	struct run r;
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < 60; i++)
		ds_buf_printf(&nodes,
			      "apiVersion: v1\nkind: Node\nmetadata: {name: n%u}\n"
			      "status: {addresses: [{type: InternalIP, address: %u.0.0.1}]}\n---\n",
			      i, 1 + i * 3);
	c = run_cluster(&r, "1 kube-proxy --v=2\n", nodes.p);
	assert_int_equal(ds_space(r.ctx.arena, c, DS_IPV4, &s), 0);
	assert_in_range(s.ranges.n, 1, 8);
	for (size_t i = 0; i < s.ranges.n; i++)
		n += s.ranges.v[i].n;
	assert_int_equal(n, 60);
	check_axis(&s, "groups");
	run_done(&r);
}

/* ---- blocks ---- */

static void test_blocks(void **state)
{
	static const struct {
		const char *name, *flags, *nodes;
		size_t network;
		const char *want; /* "used/taken/free of n: begin-end…", taken ones with a star */
	} rows[] = {
		{"none yet", "--cluster-cidr=10.244.0.0/16", NULL, 0, "0/0/256 of 256:"},
		{"neighbours are joined", "--cluster-cidr=10.244.0.0/16",
		 NODE("a", "", "10.244.0.0/24") NODE("b", "", "10.244.1.0/24") NODE("c", "", "10.244.9.0/24"), 0,
		 "3/0/253 of 256: 0-1 9-9"},
		{"what Services have", "--cluster-cidr=10.96.0.0/14 --service-cluster-ip-range=10.97.0.0/20", NULL, 0,
		 "0/16/1008 of 1024: *256-271"},
		{"a block of both is the Services'",
		 "--cluster-cidr=10.96.0.0/14 --service-cluster-ip-range=10.97.0.0/20",
		 NODE("a", "", "10.96.255.0/24") NODE("b", "", "10.97.2.0/24") NODE("c", "", "10.97.16.0/24"), 0,
		 "2/16/1006 of 1024: 255-255 *256-271 272-272"},
		{"a block of another size", "--cluster-cidr=10.244.0.0/16", NODE("a", "", "10.244.4.0/22"), 0,
		 "4/0/252 of 256: 4-7"},
		{"a block that is cut in two", "--cluster-cidr=10.96.0.0/16 --service-cluster-ip-range=10.96.8.0/24",
		 NODE("a", "", "10.96.6.0/23") NODE("b", "", "10.96.8.0/22"), 0, "5/1/250 of 256: 6-7 *8-8 9-11"},
		{"all of it", "--cluster-cidr=10.100.0.0/16 --service-cluster-ip-range=10.96.0.0/12", NULL, 0,
		 "0/256/0 of 256: *0-255"},
		{"the second network", "--cluster-cidr=10.244.0.0/16,fd00:10:244::/56",
		 NODE("a", "", "10.244.0.0/24, \"fd00:10:244:5::/64\""), 1, "1/0/255 of 256: 5-5"},
		{"not at a boundary of bytes", "--cluster-cidr=10.240.0.0/13 --node-cidr-mask-size=26",
		 NODE("a", "", "10.240.1.64/26"), 0, "1/0/8191 of 8192: 5-5"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf ps = DS_BUF_INIT, got = DS_BUF_INIT;
		const struct ds_cluster *c;
		struct ds_space_blocks b;
		struct run r;

		ds_buf_printf(&ps, "1 kube-controller-manager --allocate-node-cidrs %s\n", rows[i].flags);
		c = run_cluster(&r, ps.p, rows[i].nodes);
		if (!c->node_blocks.known)
			fail_msg("%s: %s", rows[i].name, c->node_blocks.reason);
		assert_int_equal(ds_space_blocks(r.ctx.arena, c, rows[i].network, &b), 0);
		ds_buf_printf(&got, "%llu/%llu/%llu of %llu:", (unsigned long long)b.used, (unsigned long long)b.taken,
			      (unsigned long long)b.free, (unsigned long long)b.n);
		for (size_t k = 0; k < b.spans.n; k++)
			ds_buf_printf(&got, " %s%llu-%llu", b.spans.v[k].taken ? "*" : "",
				      (unsigned long long)b.spans.v[k].begin, (unsigned long long)b.spans.v[k].end);
		if (!ds_str_eqz(ds_buf_str(&got), rows[i].want))
			fail_msg("%s: %s\nnot %s", rows[i].name, got.p, rows[i].want);
		/* As the controller manager counts them. */
		assert_int_equal(b.taken, c->node_blocks.taken[rows[i].network]);
		if (c->node_blocks.families == 1)
			assert_int_equal(b.free, c->node_blocks.left);
		assert_int_equal(ds_space_blocks(r.ctx.arena, c, 2, &b), DS_ENOENT);
		run_done(&r);
	}
}

/* Wherever memory ends, it is said. */
static void test_out_of_memory(void **state)
{
	const struct ds_cluster *c;
	struct ds_space s;
	struct ds_space_blocks blocks;
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
		r = ds_space(small, c, DS_IPV4, &s);
		assert_true(r == 0 || r == DS_ENOMEM);
		n += r < 0;
		(void)ds_arena_free(small);
	}
	assert_int_equal(r, 0);
	assert_true(n > 5);
	run_done(&run);
	c = run_cluster(&run, "1 kube-controller-manager --allocate-node-cidrs --cluster-cidr=10.100.0.0/14 "
			"--service-cluster-ip-range=10.102.0.0/16\n",
			NODE("a", "", "10.101.0.0/24") NODE("b", "", "10.103.0.0/24"));
	for (budget = 64, r = DS_ENOMEM; r == DS_ENOMEM && budget < 1 << 20; budget += 64) {
		struct ds_arena *small = ds_arena_new(budget);

		assert_non_null(small);
		r = ds_space_blocks(small, c, 0, &blocks);
		assert_true(r == 0 || r == DS_ENOMEM);
		(void)ds_arena_free(small);
	}
	assert_int_equal(r, 0);
	run_done(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_order_and_nesting_are_true),
		cmocka_unit_test(test_places_in_a_piece_are_linear),
		cmocka_unit_test(test_many_ranges_are_bounded),
		cmocka_unit_test(test_many_addresses_are_a_few_groups),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
