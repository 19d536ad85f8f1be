#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/ip.h"

struct format_case {
	uint16_t g[8];
	const char *want;
};

static const struct format_case format_cases[] = {
	{{0, 0, 0, 0, 0, 0, 0, 0}, "::"},
	{{0, 0, 0, 0, 0, 0, 0, 1}, "::1"},
	{{1, 0, 0, 0, 0, 0, 0, 0}, "1::"},
	{{0x2001, 0xdb8, 0, 0, 0, 0, 0, 1}, "2001:db8::1"},
	{{0x2001, 0xdb8, 0, 1, 1, 1, 1, 1}, "2001:db8:0:1:1:1:1:1"}, /* one zero group is not shortened */
	{{1, 0, 0, 2, 0, 0, 3, 4}, "1::2:0:0:3:4"},                  /* of equals the first */
	{{1, 0, 0, 2, 0, 0, 0, 3}, "1:0:0:2::3"},                    /* the longest */
	{{0, 1, 0, 1, 0, 1, 0, 1}, "0:1:0:1:0:1:0:1"},
	{{0, 0, 1, 1, 1, 1, 0, 0}, "::1:1:1:1:0:0"},
	{{1, 1, 1, 1, 1, 1, 0, 0}, "1:1:1:1:1:1::"},
	{{1, 2, 3, 4, 5, 6, 7, 0}, "1:2:3:4:5:6:7:0"},
	{{0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff}, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	{{0, 0, 0, 0, 0, 0xffff, 0xffff, 0xffff}, "::ffff:255.255.255.255"},
	{{0, 0, 0, 0, 0, 0xfffe, 0xa00, 1}, "::fffe:a00:1"},
	{{0, 0, 0, 0, 0, 0, 0xa00, 1}, "::a00:1"},
	{{0xabcd, 0x00ef, 0, 0, 0, 0, 0, 0x10}, "abcd:ef::10"},
};

static struct ds_ip from_groups(const uint16_t g[static 8])
{
	struct ds_ip ip = {.family = DS_IPV6};

	for (unsigned i = 0; i < 8; i++) {
		ip.b[2 * i] = (uint8_t)(g[i] / 256);
		ip.b[2 * i + 1] = (uint8_t)(g[i] % 256);
	}
	return ip;
}

static void test_v6(void **state)
{
	char text[DS_IP_TEXT];

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(format_cases); i++) {
		struct ds_ip ip = from_groups(format_cases[i].g);

		if (strcmp(ds_ip_format(&ip, text), format_cases[i].want) != 0)
			fail_msg("row %zu printed %s, not %s", i, text, format_cases[i].want);
	}
}

/* All 6561 addresses of groups 0, 1, ffff: what is printed reads back as the same. */
static void test_round_trip(void **state)
{
	static const uint16_t values[] = {0, 1, 0xffff};
	char text[DS_IP_TEXT];

	(void)state;
	for (unsigned n = 0; n < 6561; n++) {
		struct ds_ip ip, back;
		uint16_t g[8];

		for (unsigned i = 0, rest = n; i < 8; i++, rest /= 3)
			g[i] = values[rest % 3];
		ip = from_groups(g);
		ds_ip_format(&ip, text);
		if (ds_ip_parse(ds_str_from(text), DS_IP_NETIP, &back) < 0 || !ds_ip_eq(&ip, &back))
			fail_msg("%s does not read back", text);
	}
}

static void test_longest_texts_fit(void **state)
{
	struct ds_cidr c = {{.family = DS_IPV6}, 128};
	char text[DS_CIDR_TEXT];

	(void)state;
	memset(c.ip.b, 0xff, sizeof(c.ip.b));
	assert_string_equal(ds_cidr_format(&c, text), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128");
	c.ip.family = DS_IPV4;
	c.bits = 32;
	assert_string_equal(ds_cidr_format(&c, text), "255.255.255.255/32");
	c.ip.family = DS_FAMILY_NONE;
	assert_string_equal(ds_cidr_format(&c, text), "<nil>");
}

static void test_family_name(void **state)
{
	(void)state;
	assert_string_equal(ds_family_name(DS_IPV4), "IPv4");
	assert_string_equal(ds_family_name(DS_IPV6), "IPv6");
	assert_string_equal(ds_family_name(DS_FAMILY_NONE), "");
}

struct count_case {
	enum ds_family family;
	uint8_t bits;
	const char *want;
	uint64_t hi, lo;
	bool overflow;
};

static const struct count_case count_cases[] = {
	{DS_IPV4, 32, "1", 0, 1, false},
	{DS_IPV4, 24, "256", 0, 256, false},
	{DS_IPV4, 0, "4294967296", 0, 4294967296, false},
	{DS_IPV6, 128, "1", 0, 1, false},
	{DS_IPV6, 112, "65536", 0, 65536, false},
	{DS_IPV6, 65, "9223372036854775808", 0, (uint64_t)1 << 63, false},
	{DS_IPV6, 64, "18446744073709551616", 1, 0, false},
	{DS_IPV6, 48, "1208925819614629174706176", 65536, 0, false},
	{DS_IPV6, 1, "170141183460469231731687303715884105728", (uint64_t)1 << 63, 0, false},
	{DS_IPV6, 0, "340282366920938463463374607431768211456", UINT64_MAX, UINT64_MAX, true},
};

static void test_count(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(count_cases); i++) {
		const struct count_case *k = &count_cases[i];
		struct ds_cidr c = {{.family = (uint8_t)k->family}, k->bits};
		char text[40];
		bool overflow;
		struct ds_u128 n = ds_cidr_count(&c, &overflow);

		if (strcmp(ds_cidr_count_format(&c, text), k->want) != 0)
			fail_msg("row %zu printed %s, not %s", i, text, k->want);
		if (n.hi != k->hi || n.lo != k->lo || overflow != k->overflow)
			fail_msg("row %zu counted %llu, %llu", i, (unsigned long long)n.hi, (unsigned long long)n.lo);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v6),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_longest_texts_fit),
		cmocka_unit_test(test_family_name),
		cmocka_unit_test(test_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
