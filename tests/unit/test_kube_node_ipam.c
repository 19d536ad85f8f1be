#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "kube/node_ipam.h"
#include "kube_args.h"

static struct ds_cidr cidr_of(const char *text)
{
	struct ds_cidr c = {0};

	if (ds_cidr_parse(ds_str_from(text), DS_IP_SLOPPY, &c) < 0)
		fail_msg("bad test network %s", text);
	return c;
}

/* "A B" networks, masks and Service ranges; NULL leaves out. */
struct ipam_case {
	const char *cluster[2];
	int32_t mask[2];
	const char *services[2];
	const char *first[3]; /* what the first nodes get: "block" or "block block", or "" when nothing is left */
	uint64_t capacity;
};

static const struct ipam_case cases[] = {
	{{"10.244.0.0/16"}, {24}, {NULL}, {"10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"}, 256},
	{{"10.244.9.9/16"}, {24}, {NULL}, {"10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"}, 256},
	{{"10.244.0.0/24"}, {24}, {NULL}, {"10.244.0.0/24", "", ""}, 1},
	{{"10.244.0.0/16", "fd00:10:244::/56"},
	 {24, 64},
	 {NULL},
	 {"10.244.0.0/24 fd00:10:244::/64", "10.244.1.0/24 fd00:10:244:1::/64", "10.244.2.0/24 fd00:10:244:2::/64"},
	 256},
	{{"10.244.0.0/16", "fd00:10:244::/64"}, {24, 64}, {NULL}, {"10.244.0.0/24 fd00:10:244::/64", "", ""}, 1},
	{{"fd00:10:244::/56"},
	 {72},
	 {NULL},
	 {"fd00:10:244::/72", "fd00:10:244:0:100::/72", "fd00:10:244:0:200::/72"},
	 65536},
	/* Service ranges are taken out, whichever comes first. */
	{{"10.244.0.0/16"}, {24}, {"10.244.0.0/24"}, {"10.244.1.0/24", "10.244.2.0/24", "10.244.3.0/24"}, 255},
	{{"10.244.0.0/16"}, {24}, {"10.244.0.128/28"}, {"10.244.1.0/24", "10.244.2.0/24", "10.244.3.0/24"}, 255},
	{{"10.244.0.0/16"}, {24}, {"10.244.1.0/25"}, {"10.244.0.0/24", "10.244.2.0/24", "10.244.3.0/24"}, 255},
	{{"10.0.0.0/8"}, {24}, {"10.0.0.0/15"}, {"10.2.0.0/24", "10.2.1.0/24", "10.2.2.0/24"}, 65024},
	{{"10.244.0.0/16"}, {24}, {"10.0.0.0/8"}, {"", "", ""}, 0},
	{{"10.244.0.0/16"}, {24}, {"10.244.0.0/16"}, {"", "", ""}, 0},
	{{"10.244.0.0/16"}, {24}, {"10.96.0.0/12"}, {"10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"}, 256},
	{{"10.244.0.0/16", "fd00:10:244::/56"},
	 {24, 64},
	 {"fd00:10:244::/112", "10.244.0.0/23"},
	 {"10.244.2.0/24 fd00:10:244:1::/64", "10.244.3.0/24 fd00:10:244:2::/64", "10.244.4.0/24 fd00:10:244:3::/64"},
	 254},
	/* No bitmap: this is 2^32 blocks. Upstream's uint32 turns their number into 0, so no Service range is found. */
	{{"0.0.0.0/0"}, {32}, {"0.0.0.0/8"}, {"0.0.0.0/32", "0.0.0.1/32", "0.0.0.2/32"}, 4294967296},
	{{"0.0.0.0/1"}, {32}, {"0.0.0.0/8"}, {"1.0.0.0/32", "1.0.0.1/32", "1.0.0.2/32"}, 2130706432},
	/* A mask longer than the address: the API server refuses what is sent. */
	{{"10.244.0.0/16"}, {33}, {NULL}, {"", "", ""}, 0},
	{{"10.244.0.0/16", "fd00::/56"}, {33, 64}, {"10.244.0.0/24"}, {"", "", ""}, 0},
	{{"10.244.0.0/16"}, {80}, {NULL}, {"", "", ""}, 0}, /* 1 << 64 */
	{{"10.244.0.0/16"}, {INT32_MAX}, {NULL}, {"", "", ""}, 0},
	{{"fd00::/120"}, {129}, {NULL}, {"", "", ""}, 0},
	/* Mapped: Go takes the first four bytes of the 16 for the address. */
	{{"::ffff:10.244.0.0/112"}, {120}, {NULL}, {"0.0.0.0/24", "0.0.0.0/24", "0.0.0.0/24"}, 256},
};

static struct ds_ipam_config config_of(const struct ipam_case *k)
{
	struct ds_ipam_config config = {0};

	for (size_t i = 0; i < 2 && k->cluster[i]; i++) {
		config.cluster[config.n] = cidr_of(k->cluster[i]);
		config.mask[config.n++] = k->mask[i];
	}
	for (size_t i = 0; i < 2 && k->services[i]; i++)
		config.services[config.n_services++] = cidr_of(k->services[i]);
	return config;
}

static const char *next_text(struct ds_arena *a, struct ds_ipam *ipam)
{
	const char *blocks[2], *why;
	int r = ds_ipam_next(ipam, blocks, &why);

	if (r == DS_ERANGE)
		return "";
	assert_int_equal(r, 0);
	return blocks[1] ? ds_arena_printf(a, "%s %s", blocks[0], blocks[1]) : blocks[0];
}

static void test_first_nodes(void **state)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		struct ds_ipam_config config = config_of(&cases[i]);
		struct ds_ipam *ipam;
		const char *why;

		if (ds_ipam_new(*state, &config, &ipam, &why) != 0)
			fail_msg("row %zu: %s", i, why);
		if (ds_ipam_capacity(ipam) != cases[i].capacity)
			fail_msg("row %zu: capacity %llu", i, (unsigned long long)ds_ipam_capacity(ipam));
		for (size_t k = 0; k < 3; k++) {
			const char *got = next_text(*state, ipam);

			if (strcmp(got, cases[i].first[k]) != 0)
				fail_msg("row %zu, node %zu: \"%s\", not \"%s\"", i, k, got, cases[i].first[k]);
		}
	}
}

static void test_ipv6_limit(void **state)
{
	struct ds_ipam_config config = {.n = 1, .cluster = {cidr_of("fd00::/47")}, .mask = {64}};
	struct ds_ipam *ipam;
	const char *why = "";

	assert_int_equal(ds_ipam_new(*state, &config, &ipam, &why), DS_ERANGE);
	assert_string_equal(why, "New CIDR set failed; the node CIDR size is too big");
	config.cluster[0].bits = 48;
	assert_int_equal(ds_ipam_new(*state, &config, &ipam, &why), 0);
	assert_int_equal(ds_ipam_capacity(ipam), 65536);
}

static void test_refused_message(void **state)
{
	struct ds_ipam_config config = {
		.n = 2, .cluster = {cidr_of("10.0.0.0/24"), cidr_of("fd00::/120")}, .mask = {24, 129}};
	const char *blocks[2], *why = "";
	struct ds_ipam *ipam;

	assert_int_equal(ds_ipam_new(*state, &config, &ipam, &why), 0);
	for (unsigned i = 0; i < 3; i++) { /* nothing is used up by it */
		assert_int_equal(ds_ipam_next(ipam, blocks, &why), DS_ERANGE);
		assert_string_equal(why,
				    "failed to patch node CIDR: spec.podCIDRs[1]: Invalid value: \"<nil>\": must be a "
				    "valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
	}
}

static void test_exhausted_message(void **state)
{
	struct ds_ipam_config config = {
		.n = 2, .cluster = {cidr_of("10.0.0.0/24"), cidr_of("fd00::/63")}, .mask = {25, 64}};
	const char *blocks[2], *why = "";
	struct ds_ipam *ipam;

	config.services[config.n_services++] = cidr_of("fd00::/112");
	assert_int_equal(ds_ipam_new(*state, &config, &ipam, &why), 0);
	assert_int_equal(ds_ipam_blocks(ipam, 0), 2);
	assert_int_equal(ds_ipam_free(ipam, 1), 1);
	assert_int_equal(ds_ipam_next(ipam, blocks, &why), 0);
	assert_int_equal(ds_ipam_next(ipam, blocks, &why), DS_ERANGE);
	assert_string_equal(why,
			    "failed to allocate cidr from cluster cidr at idx:1: CIDR allocation failed; there are no "
			    "remaining CIDRs left to allocate in the accepted range");
}

struct node_case {
	const char *cluster; /* one or two, comma */
	const char *node;    /* its podCIDRs, comma */
	const char *error;   /* NULL: fine */
	const char *next;    /* what the next node gets */
};

static const struct node_case node_cases[] = {
	{"10.244.0.0/16", "10.244.0.0/24", NULL, "10.244.1.0/24"},
	{"10.244.0.0/16", "10.244.1.0/24", NULL, "10.244.0.0/24"},
	{"10.244.0.0/16", "010.244.0.7/24", NULL, "10.244.1.0/24"},
	{"10.244.0.0/16", "10.244.0.0/26", NULL, "10.244.1.0/24"}, /* from before the mask was changed */
	{"10.244.0.0/16", "10.244.0.0/22", NULL, "10.244.4.0/24"},
	{"10.244.0.0/16", "10.244.0.0/16", NULL, ""},
	{"10.244.0.0/16,fd00::/56", "10.244.0.0/24", NULL, "10.244.1.0/24 fd00::/64"}, /* stays single-stack */
	{"10.244.0.0/16", "10.0.0.0/24",
	 "failed to mark cidr[10.0.0.0/24] at idx [0] as occupied for node: n1: cidr 10.0.0.0/24 is out the range of "
	 "cluster cidr 10.244.0.0/16",
	 NULL},
	{"fd00::/56,10.244.0.0/16", "10.244.0.0/24,fd00::/64", /* the order was swapped */
	 "failed to mark cidr[10.244.0.0/24] at idx [0] as occupied for node: n1: cidr 10.244.0.0/24 is out the range "
	 "of "
	 "cluster cidr fd00::/56",
	 NULL},
	{"10.244.0.0/16", "10.244.0.0/24,fd00::/64",
	 "node:n1 has an allocated cidr: fd00::/64 at index:1 that does not exist in cluster cidrs configuration",
	 NULL},
	{"10.244.0.0/16", "bogus", "failed to parse node n1, CIDR bogus", NULL},
	{"10.244.0.0/16,fd00::/56", "10.244.0.0/24,bogus", "failed to parse node n1, CIDR 10.244.0.0/24", NULL},
	{"10.244.0.0/16", "::ffff:10.244.0.0/120",
	 "failed to mark cidr[10.244.0.0/24] at idx [0] as occupied for node: n1: CIDR: 0.0.0.0/24 is out of the range "
	 "of "
	 "CIDR allocator",
	 NULL},
};

static size_t split(const char *text, struct ds_str out[static 4])
{
	struct ds_str rest = ds_str_from(text);
	bool done = false;
	size_t n = 0;

	while (n < 4 && ds_str_split(&rest, ',', &done, &out[n]))
		n++;
	return n;
}

static void test_existing_nodes(void **state)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(node_cases); i++) {
		const struct node_case *k = &node_cases[i];
		struct ds_ipam_config config = {.mask = {24, 24}};
		struct ds_str parts[4];
		struct ds_ipam *ipam;
		const char *why = NULL, *got;
		int r;

		config.n = split(k->cluster, parts);
		for (size_t c = 0; c < config.n; c++) {
			assert_int_equal(ds_cidr_parse(parts[c], DS_IP_SLOPPY, &config.cluster[c]), 0);
			config.mask[c] = config.cluster[c].ip.family == DS_IPV4 ? 24 : 64;
		}
		assert_int_equal(ds_ipam_new(*state, &config, &ipam, &why), 0);
		assert_int_equal(ds_ipam_occupy(ipam, "n0", NULL, 0, &why), 0);
		r = ds_ipam_occupy(ipam, "n1", parts, split(k->node, parts), &why);
		if (r != (k->error ? DS_ERANGE : 0) || (k->error && strcmp(why, k->error) != 0))
			fail_msg("row %zu: %d %s", i, r, why ? why : "");
		got = k->error ? "" : next_text(*state, ipam);
		if (!k->error && strcmp(got, k->next) != 0)
			fail_msg("row %zu: the next node gets \"%s\", not \"%s\"", i, got, k->next);
	}
}

/* A bitmap of 16 blocks of 10.0.0.0/28, as upstream keeps it. */
static uint16_t bits_of(const struct ds_cidr *c)
{
	uint16_t bits = 0;

	for (unsigned at = 0; at < 16; at++) {
		struct ds_ip ip = {.family = DS_IPV4, .b = {10, 0, 0, (uint8_t)at}};

		bits |= (uint16_t)(ds_cidr_contains_ip(c, &ip) ? 1u << at : 0);
	}
	return bits;
}

/* Every two networks of 10.0.0.0/28 taken out: the nodes get exactly the other addresses, in order, once each. */
static void test_against_bitmap(void **state)
{
	struct ds_cidr all[31];
	size_t n = 0;

	for (uint8_t len = 28; len <= 32; len++)
		for (unsigned at = 0; at < 16; at += 1u << (32 - len))
			all[n++] = (struct ds_cidr){{.family = DS_IPV4, .b = {10, 0, 0, (uint8_t)at}}, len};
	for (size_t i = 0; i < n * n; i++) {
		struct ds_ipam_config config = {.n = 1,
						.cluster = {cidr_of("10.0.0.0/28")},
						.mask = {32},
						.n_services = 2,
						.services = {all[i % n], all[i / n]}};
		uint16_t used = bits_of(&all[i % n]) | bits_of(&all[i / n]);
		struct ds_ipam *ipam;
		const char *why;

		assert_int_equal(ds_ipam_new(*state, &config, &ipam, &why), 0);
		assert_int_equal(ds_ipam_capacity(ipam), 16 - __builtin_popcount(used));
		for (unsigned at = 0; at < 16; at++) {
			if (used >> at & 1)
				continue;
			assert_string_equal(next_text(*state, ipam), ds_arena_printf(*state, "10.0.0.%u/32", at));
		}
		assert_string_equal(next_text(*state, ipam), "");
		assert_int_equal(ds_ipam_free(ipam, 0), 0);
		assert_int_equal(ds_ipam_capacity(ipam), 16 - __builtin_popcount(used));
	}
}

/* 20,000 nodes in the worst order must not take quadratic time. */
static void test_many_nodes(void **state)
{
	struct ds_ipam_config config = {.n = 1, .cluster = {cidr_of("10.0.0.0/8")}, .mask = {24}};
	struct ds_ipam *ipam;
	const char *why;

	assert_int_equal(ds_ipam_new(*state, &config, &ipam, &why), 0);
	for (unsigned i = 40000; i > 0; i -= 2) {
		struct ds_str cidr = ds_str_from(ds_arena_printf(*state, "10.%u.%u.0/24", i / 256, i % 256));

		assert_int_equal(ds_ipam_occupy(ipam, "n", &cidr, 1, &why), 0);
	}
	assert_int_equal(ds_ipam_free(ipam, 0), 65536 - 20000);
	assert_int_equal(ds_ipam_capacity(ipam), 65536);
	assert_string_equal(next_text(*state, ipam), "10.0.0.0/24");
	assert_string_equal(next_text(*state, ipam), "10.0.1.0/24");
	assert_string_equal(next_text(*state, ipam), "10.0.3.0/24");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_first_nodes, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_ipv6_limit, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_refused_message, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_exhausted_message, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_existing_nodes, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_against_bitmap, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_many_nodes, arena_setup, arena_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
