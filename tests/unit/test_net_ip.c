#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/ip.h"

static struct ds_ip ip_of(const char *text)
{
	struct ds_ip ip = {0};

	if (ds_ip_parse(ds_str_from(text), DS_IP_NETIP, &ip) < 0)
		fail_msg("bad test address %s", text);
	return ip;
}

static struct ds_cidr cidr_of(const char *text)
{
	struct ds_cidr c = {0};

	if (ds_cidr_parse(ds_str_from(text), DS_IP_NETIP, &c) < 0)
		fail_msg("bad test network %s", text);
	return c;
}

enum { UNSPEC = 1, LOOP = 2, MULTI = 4, LLU = 8, LLM = 16, PRIVATE = 32, GLOBAL = 64, MAPPED = 128 };

struct kind_case {
	const char *ip;
	unsigned want;
};

static const struct kind_case kind_cases[] = {
	{"0.0.0.0", UNSPEC},
	{"0.0.0.1", GLOBAL},
	{"127.0.0.1", LOOP},
	{"127.255.255.255", LOOP},
	{"128.0.0.0", GLOBAL},
	{"126.255.255.255", GLOBAL},
	{"10.0.0.0", GLOBAL | PRIVATE},
	{"11.0.0.0", GLOBAL},
	{"172.15.255.255", GLOBAL},
	{"172.16.0.0", GLOBAL | PRIVATE},
	{"172.31.255.255", GLOBAL | PRIVATE},
	{"172.32.0.0", GLOBAL},
	{"192.168.0.1", GLOBAL | PRIVATE},
	{"192.169.0.0", GLOBAL},
	{"169.254.0.1", LLU},
	{"169.253.0.1", GLOBAL},
	{"100.64.0.1", GLOBAL},
	{"223.255.255.255", GLOBAL},
	{"224.0.0.1", MULTI | LLM},
	{"224.0.1.0", MULTI},
	{"239.255.255.255", MULTI},
	{"240.0.0.0", GLOBAL},
	{"255.255.255.255", 0},
	{"::", UNSPEC},
	{"::1", LOOP},
	{"::2", GLOBAL},
	{"::7f00:1", GLOBAL},
	{"fe7f::", GLOBAL},
	{"fe80::1", LLU},
	{"febf::1", LLU},
	{"fec0::1", GLOBAL},
	{"fc00::", GLOBAL | PRIVATE},
	{"fdff::", GLOBAL | PRIVATE},
	{"fe00::", GLOBAL},
	{"ff02::1", MULTI | LLM},
	{"ff12::1", MULTI | LLM},
	{"ff01::1", MULTI},
	{"ff0e::1", MULTI},
	{"2001:db8::1", GLOBAL},
	{"::ffff:0.0.0.0", UNSPEC | MAPPED},
	{"::ffff:127.0.0.1", LOOP | MAPPED},
	{"::ffff:10.0.0.1", GLOBAL | PRIVATE | MAPPED},
	{"::ffff:224.0.0.1", MULTI | LLM | MAPPED},
	{"::ffff:169.254.1.1", LLU | MAPPED},
	{"::ffff:255.255.255.255", MAPPED},
	{"::fffe:10.0.0.1", GLOBAL},
};

static void test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(kind_cases); i++) {
		struct ds_ip ip = ip_of(kind_cases[i].ip);
		unsigned got = (ds_ip_is_unspecified(&ip) ? UNSPEC : 0) | (ds_ip_is_loopback(&ip) ? LOOP : 0) |
			       (ds_ip_is_multicast(&ip) ? MULTI : 0) | (ds_ip_is_link_local_unicast(&ip) ? LLU : 0) |
			       (ds_ip_is_link_local_multicast(&ip) ? LLM : 0) | (ds_ip_is_private(&ip) ? PRIVATE : 0) |
			       (ds_ip_is_global_unicast(&ip) ? GLOBAL : 0) | (ds_ip_is_4in6(&ip) ? MAPPED : 0);

		if (got != kind_cases[i].want)
			fail_msg("%s is %x, not %x", kind_cases[i].ip, got, kind_cases[i].want);
	}
}

static void test_no_family_is_nothing(void **state)
{
	struct ds_ip none = {0};
	struct ds_cidr c = {none, 0}, sub;

	(void)state;
	assert_int_equal(ds_ip_width(&none), 0);
	assert_false(ds_ip_is_unspecified(&none) || ds_ip_is_loopback(&none) || ds_ip_is_multicast(&none));
	assert_false(ds_ip_is_private(&none) || ds_ip_is_global_unicast(&none) || ds_ip_is_4in6(&none));
	assert_false(ds_cidr_contains_ip(&c, &none) || ds_cidr_overlaps(&c, &c));
	assert_false(ds_ip_add(&none, (struct ds_u128){0, 0}, &none));
	assert_false(ds_cidr_subnet(&c, 0, (struct ds_u128){0, 0}, &sub));
}

/* IPv4 in 32-bit arithmetic that shares nothing with the code under test. */
static struct ds_ip v4(uint32_t v)
{
	struct ds_ip ip = {.family = DS_IPV4};

	for (int i = 3; i >= 0; i--, v /= 256)
		ip.b[i] = (uint8_t)(v % 256);
	return ip;
}

static uint32_t v4_value(const struct ds_ip *ip)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v * 256 + ip->b[i];
	return v;
}

/* Every IPv4 prefix at several bases: the first and last address and their neighbours. */
static void test_v4_boundaries(void **state)
{
	static const uint32_t bases[] = {0, 1, 0x0a600005, 0x7fffffff, 0x80000000, 0xc0a80101, 0xfffffffe, 0xffffffff};

	(void)state;
	for (unsigned bits = 0; bits <= 32; bits++) {
		uint64_t size = (uint64_t)1 << (32 - bits);

		for (size_t k = 0; k < DS_ARRAY_SIZE(bases); k++) {
			uint32_t first = (uint32_t)(bases[k] / size * size), last = (uint32_t)(first + size - 1);
			struct ds_cidr c = {v4(bases[k]), (uint8_t)bits}, m = ds_cidr_masked(&c);
			struct ds_ip got_first = ds_cidr_first(&c), got_last = ds_cidr_last(&c);
			struct ds_ip below = v4(first - 1), above = v4(last + 1);

			if (v4_value(&got_first) != first || v4_value(&got_last) != last || v4_value(&m.ip) != first)
				fail_msg("/%u at %08x: %08x..%08x", bits, bases[k], v4_value(&got_first),
					 v4_value(&got_last));
			assert_true(ds_cidr_has_host_bits(&c) == (first != bases[k]));
			assert_true(ds_cidr_contains_ip(&c, &got_first) && ds_cidr_contains_ip(&c, &got_last));
			if (first != 0 && ds_cidr_contains_ip(&c, &below))
				fail_msg("/%u at %08x contains what is below", bits, bases[k]);
			if (last != UINT32_MAX && ds_cidr_contains_ip(&c, &above))
				fail_msg("/%u at %08x contains what is above", bits, bases[k]);
		}
	}
}

/* Every IPv6 prefix: the bit after the prefix is in, the last bit of it is not. */
static void test_v6_boundaries(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits <= 128; bits++) {
		struct ds_cidr c = {ip_of("5555:aaaa:5555:aaaa:5555:aaaa:5555:aaaa"), (uint8_t)bits};

		for (unsigned flip = 0; flip < 128; flip++) {
			struct ds_ip other = c.ip;

			other.b[flip / 8] ^= (uint8_t)(0x80 >> flip % 8);
			if (ds_cidr_contains_ip(&c, &other) != (flip >= bits))
				fail_msg("/%u and bit %u", bits, flip);
		}
	}
}

struct pair_case {
	const char *a, *b;
	bool a_has_b, b_has_a, overlap;
};

static const struct pair_case pair_cases[] = {
	{"10.0.0.0/8", "10.96.0.0/12", true, false, true},
	{"10.0.0.0/8", "10.0.0.0/8", true, true, true},
	{"10.1.2.3/8", "10.9.9.9/8", true, true, true}, /* host bits do not matter */
	{"10.96.0.0/12", "10.112.0.0/12", false, false, false},
	{"0.0.0.0/0", "255.255.255.255/32", true, false, true},
	{"0.0.0.0/0", "::/0", false, false, false},
	{"::/0", "10.0.0.0/8", false, false, false},
	{"::/0", "fd00::/8", true, false, true},
	{"fd00::/64", "fd00:0:0:1::/64", false, false, false},
	{"fd00::/63", "fd00:0:0:1::/64", true, false, true},
	{"::ffff:10.0.0.0/104", "10.0.0.0/8", false, false, false},
	{"::ffff:0:0/96", "::ffff:10.0.0.0/104", true, false, true},
};

static void test_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(pair_cases); i++) {
		const struct pair_case *k = &pair_cases[i];
		struct ds_cidr a = cidr_of(k->a), b = cidr_of(k->b);

		if (ds_cidr_contains(&a, &b) != k->a_has_b || ds_cidr_contains(&b, &a) != k->b_has_a ||
		    ds_cidr_overlaps(&a, &b) != k->overlap || ds_cidr_overlaps(&b, &a) != k->overlap)
			fail_msg("%s and %s", k->a, k->b);
	}
}

static void test_go_view_of_mapped(void **state)
{
	struct ds_cidr c = cidr_of("::ffff:10.0.0.0/104"), go = ds_cidr_go(&c);
	struct ds_ip in = ip_of("10.255.0.1"), out = ip_of("11.0.0.0");

	(void)state;
	assert_true(ds_cidr_contains_ip(&go, &in));
	assert_false(ds_cidr_contains_ip(&go, &out));
	assert_int_equal(go.bits, 8);
	assert_int_equal(c.bits, 104);
}

struct order_case {
	const char *lower, *higher;
};

static const struct order_case order_cases[] = {
	{"10.0.0.0/8", "11.0.0.0/8"},   {"10.0.0.0/8", "10.0.0.0/9"},     {"10.0.0.0/16", "10.1.0.0/8"},
	{"255.0.0.0/8", "::/0"},        {"fd00::/64", "fd00::/65"},       {"fd00::/64", "fd00:0:0:1::/64"},
	{"9.0.0.0/32", "10.0.0.0/0"},
};

static void test_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(order_cases); i++) {
		struct ds_cidr a = cidr_of(order_cases[i].lower), b = cidr_of(order_cases[i].higher);
		int want = i == 2 || i == 6 ? 1 : -1; /* masked, the right one comes first */

		if (ds_cidr_cmp(&a, &b) != want || ds_cidr_cmp(&b, &a) != -want || ds_cidr_cmp(&a, &a) != 0)
			fail_msg("%s and %s", order_cases[i].lower, order_cases[i].higher);
	}
}

static void test_eq_is_as_written(void **state)
{
	struct ds_cidr a = cidr_of("10.0.0.1/8"), b = cidr_of("10.0.0.0/8"), c = cidr_of("10.0.0.1/9");

	(void)state;
	assert_true(ds_cidr_eq(&a, &a));
	assert_false(ds_cidr_eq(&a, &b) || ds_cidr_eq(&a, &c));
	assert_int_equal(ds_cidr_cmp(&a, &b), 0);
}

struct add_case {
	const char *ip;
	struct ds_u128 n;
	const char *want; /* NULL: out of space */
};

static const struct add_case add_cases[] = {
	{"10.0.0.0", {0, 1}, "10.0.0.1"},
	{"10.0.0.255", {0, 1}, "10.0.1.0"},
	{"0.0.0.0", {0, 0xffffffff}, "255.255.255.255"},
	{"255.255.255.255", {0, 0}, "255.255.255.255"},
	{"255.255.255.255", {0, 1}, NULL},
	{"0.0.0.0", {0, 0x100000000}, NULL},
	{"0.0.0.0", {1, 0}, NULL},
	{"fd00::", {0, 10}, "fd00::a"},
	{"fd00::ffff:ffff:ffff:ffff", {0, 1}, "fd00:0:0:1::"},
	{"::", {UINT64_MAX, UINT64_MAX}, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	{"::1", {UINT64_MAX, UINT64_MAX}, NULL},
	{"fd00::", {0x100, 2}, "fd00:0:0:100::2"},
};

static void test_add(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(add_cases); i++) {
		struct ds_ip ip = ip_of(add_cases[i].ip), sum;
		bool ok = ds_ip_add(&ip, add_cases[i].n, &sum);
		char text[DS_IP_TEXT];

		if (ok != (add_cases[i].want != NULL) ||
		    (ok && strcmp(ds_ip_format(&sum, text), add_cases[i].want) != 0))
			fail_msg("row %zu: %s", i, ok ? text : "no sum");
	}
}

struct subnet_case {
	const char *in;
	unsigned bits;
	struct ds_u128 index;
	const char *want;
};

static const struct subnet_case subnet_cases[] = {
	{"10.244.0.0/16", 24, {0, 0}, "10.244.0.0/24"},
	{"10.244.0.0/16", 24, {0, 255}, "10.244.255.0/24"},
	{"10.244.0.0/16", 24, {0, 256}, NULL},
	{"10.244.9.9/16", 24, {0, 1}, "10.244.1.0/24"},
	{"10.244.0.0/16", 16, {0, 0}, "10.244.0.0/16"},
	{"10.244.0.0/16", 16, {0, 1}, NULL},
	{"10.244.0.0/16", 15, {0, 0}, NULL},
	{"10.244.0.0/16", 33, {0, 0}, NULL},
	{"0.0.0.0/0", 32, {0, 0xffffffff}, "255.255.255.255/32"},
	{"fd00:10:244::/48", 64, {0, 0x1ff}, "fd00:10:244:1ff::/64"},
	{"fd00:10:244::/48", 60, {0, 3}, "fd00:10:244:30::/60"},
	{"::/0", 128, {UINT64_MAX, UINT64_MAX}, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"},
	{"::/1", 128, {UINT64_MAX, 0}, NULL},
	{"::/0", 129, {0, 0}, NULL},
};

static void test_subnet(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(subnet_cases); i++) {
		struct ds_cidr c = cidr_of(subnet_cases[i].in), sub;
		bool ok = ds_cidr_subnet(&c, subnet_cases[i].bits, subnet_cases[i].index, &sub);
		char text[DS_CIDR_TEXT];

		if (ok != (subnet_cases[i].want != NULL) ||
		    (ok && strcmp(ds_cidr_format(&sub, text), subnet_cases[i].want) != 0))
			fail_msg("row %zu: %s", i, ok ? text : "no subnet");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_no_family_is_nothing),
		cmocka_unit_test(test_v4_boundaries),
		cmocka_unit_test(test_v6_boundaries),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_go_view_of_mapped),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_eq_is_as_written),
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_subnet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
