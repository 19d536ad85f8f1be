#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/err.h"
#include "net/ip.h"

/* NULL: refused. */
struct ip_case {
	const char *in;
	const char *sloppy, *strict, *netip;
};

static const struct ip_case ip_cases[] = {
	{"10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.1"},
	{"0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0"},
	{"255.255.255.255", "255.255.255.255", "255.255.255.255", "255.255.255.255"},
	{"010.000.0.1", "10.0.0.1", NULL, NULL},
	{"10.0.0.01", "10.0.0.1", NULL, NULL},
	{"10.0.0.00", "10.0.0.0", NULL, NULL},
	{"0000000000000000000010.0.0.1", "10.0.0.1", NULL, NULL},
	{"256.0.0.1", NULL, NULL, NULL},
	{"16777215.0.0.1", NULL, NULL, NULL},
	{"4294967306.0.0.1", NULL, NULL, NULL},
	{"10.0.0", NULL, NULL, NULL},
	{"10.0.0.", NULL, NULL, NULL},
	{".10.0.0.1", NULL, NULL, NULL},
	{"10..0.1", NULL, NULL, NULL},
	{"10.0.0.1.", NULL, NULL, NULL},
	{"10.0.0.0.1", NULL, NULL, NULL},
	{"0x0a.0.0.1", NULL, NULL, NULL},
	{"10.0.0.1 ", NULL, NULL, NULL},
	{" 10.0.0.1", NULL, NULL, NULL},
	{"+10.0.0.1", NULL, NULL, NULL},
	{"-1.0.0.1", NULL, NULL, NULL},
	{"10.0.0.1%eth0", NULL, NULL, NULL},
	{"10.0.0.1/8", NULL, NULL, NULL},
	{"10", NULL, NULL, NULL},
	{"", NULL, NULL, NULL},
	{"None", NULL, NULL, NULL},
	{"::", "::", "::", "::"},
	{"::1", "::1", "::1", "::1"},
	{"1::", "1::", "1::", "1::"},
	{"fd00::1", "fd00::1", "fd00::1", "fd00::1"},
	{"FD00:0:0::1", "fd00::1", "fd00::1", "fd00::1"},
	{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "2001:db8::1:0:0:1", "2001:db8::1:0:0:1"},
	{"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
	{"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0"},
	{"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
	{"1:2:3:4::5:6:7:8", NULL, NULL, NULL}, /* "::" stands for nothing */
	{"1:2:3:4:5:6:7:8::", NULL, NULL, NULL},
	{"::1:2:3:4:5:6:7:8", NULL, NULL, NULL},
	{"1:2:3:4:5:6:7:8:9", NULL, NULL, NULL},
	{"1:2:3:4:5:6:7", NULL, NULL, NULL},
	{"1::2::3", NULL, NULL, NULL},
	{":::", NULL, NULL, NULL},
	{"::::", NULL, NULL, NULL},
	{":", NULL, NULL, NULL},
	{":1", NULL, NULL, NULL},
	{"1:", NULL, NULL, NULL},
	{":1::", NULL, NULL, NULL},
	{"1:::2", NULL, NULL, NULL},
	{"1:2:3:4:5:6:7:", NULL, NULL, NULL},
	{"10000::", NULL, NULL, NULL},
	{"00001::", "1::", NULL, NULL}, /* five digits: the old parser minds the value, the new one the length */
	{"0000000000000001::", "1::", NULL, NULL},
	{"ffff::", "ffff::", "ffff::", "ffff::"},
	{"1000000::", NULL, NULL, NULL},
	{"g::", NULL, NULL, NULL},
	{"fe80::1%eth0", NULL, NULL, NULL},
	{"fe80::1%", NULL, NULL, NULL},
	{"[::1]", NULL, NULL, NULL},
	{"::1 ", NULL, NULL, NULL},
	{"::ffff:10.0.0.1", "10.0.0.1", "10.0.0.1", "::ffff:10.0.0.1"},
	{"::ffff:a00:1", "10.0.0.1", "10.0.0.1", "::ffff:10.0.0.1"},
	{"0:0:0:0:0:ffff:10.0.0.1", "10.0.0.1", "10.0.0.1", "::ffff:10.0.0.1"},
	{"::FFFF:010.0.0.1", "10.0.0.1", NULL, NULL},
	{"::10.96.0.1", "::a60:1", "::a60:1", "::a60:1"},
	{"64:ff9b::10.0.0.1", "64:ff9b::a00:1", "64:ff9b::a00:1", "64:ff9b::a00:1"},
	{"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304", "1:2:3:4:5:6:102:304", "1:2:3:4:5:6:102:304"},
	{"1:2:3:4:5:1.2.3.4", NULL, NULL, NULL},
	{"1:2:3:4:5:6:7:1.2.3.4", NULL, NULL, NULL},
	{"1::6:1.2.3.4:7", NULL, NULL, NULL},
	{"::1.2.3.4.5", NULL, NULL, NULL},
	{"::1.2.3", NULL, NULL, NULL},
	{"::256.2.3.4", NULL, NULL, NULL},
	{"::a.2.3.4", NULL, NULL, NULL},
	{"1.2.3.4::", NULL, NULL, NULL},
};

static void check_ip(const struct ip_case *c, enum ds_ip_syntax syntax, const char *want)
{
	char text[DS_IP_TEXT];
	struct ds_ip ip;
	int r = ds_ip_parse(ds_str_from(c->in), syntax, &ip);

	if (!want && r != DS_ESYNTAX)
		fail_msg("\"%s\" (syntax %d) was accepted", c->in, (int)syntax);
	if (want && (r != 0 || strcmp(ds_ip_format(&ip, text), want) != 0))
		fail_msg("\"%s\" (syntax %d) gave %s, not %s", c->in, (int)syntax, r ? "an error" : text, want);
}

static void test_ip(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(ip_cases); i++) {
		check_ip(&ip_cases[i], DS_IP_SLOPPY, ip_cases[i].sloppy);
		check_ip(&ip_cases[i], DS_IP_STRICT, ip_cases[i].strict);
		check_ip(&ip_cases[i], DS_IP_NETIP, ip_cases[i].netip);
	}
}

static void test_nul_byte_is_no_end(void **state)
{
	struct ds_ip ip;

	(void)state;
	assert_int_equal(ds_ip_parse(ds_str_n("10.0.0.1\0", 9), DS_IP_SLOPPY, &ip), DS_ESYNTAX);
	assert_int_equal(ds_ip_parse(ds_str_n("::1\0", 4), DS_IP_STRICT, &ip), DS_ESYNTAX);
}

/* as: what the text says, ds_cidr_format; go: what Go's IPNet.String prints. */
struct cidr_case {
	const char *in;
	bool sloppy, strict, netip;
	const char *as, *go;
	enum ds_family family; /* as Go's callers see the network */
};

static const struct cidr_case cidr_cases[] = {
	{"10.96.0.0/12", true, true, true, "10.96.0.0/12", "10.96.0.0/12", DS_IPV4},
	{"10.96.0.5/16", true, true, true, "10.96.0.5/16", "10.96.0.0/16", DS_IPV4},
	{"010.096.000.000/012", true, false, false, "10.96.0.0/12", "10.96.0.0/12", DS_IPV4},
	{"10.96.0.0/012", true, true, false, "10.96.0.0/12", "10.96.0.0/12", DS_IPV4},
	{"10.96.0.0/00", true, true, false, "10.96.0.0/0", "0.0.0.0/0", DS_IPV4},
	{"0.0.0.0/0", true, true, true, "0.0.0.0/0", "0.0.0.0/0", DS_IPV4},
	{"10.0.0.1/32", true, true, true, "10.0.0.1/32", "10.0.0.1/32", DS_IPV4},
	{"10.0.0.0/33", false, false, false, NULL, NULL, 0},
	{"10.0.0.0/4294967304", false, false, false, NULL, NULL, 0},
	{"10.0.0.0/16777215", false, false, false, NULL, NULL, 0},
	{"10.0.0.0/+8", false, false, false, NULL, NULL, 0},
	{"10.0.0.0/-8", false, false, false, NULL, NULL, 0},
	{"10.0.0.0/", false, false, false, NULL, NULL, 0},
	{"10.0.0.0/8 ", false, false, false, NULL, NULL, 0},
	{" 10.0.0.0/8", false, false, false, NULL, NULL, 0},
	{"10.0.0.0 /8", false, false, false, NULL, NULL, 0},
	{"10.0.0.0/ 8", false, false, false, NULL, NULL, 0},
	{"10.0.0.0/8/8", false, false, false, NULL, NULL, 0},
	{"10.0.0.0/0x8", false, false, false, NULL, NULL, 0},
	{"10.0.0.0/255.0.0.0", false, false, false, NULL, NULL, 0},
	{"10.0.0.0", false, false, false, NULL, NULL, 0},
	{"10.0.0/8", false, false, false, NULL, NULL, 0},
	{"/8", false, false, false, NULL, NULL, 0},
	{"/", false, false, false, NULL, NULL, 0},
	{"", false, false, false, NULL, NULL, 0},
	{"10.0.0.0\\8", false, false, false, NULL, NULL, 0},
	{"FD00:0:0::/108", true, true, true, "fd00::/108", "fd00::/108", DS_IPV6},
	{"fd00::1/64", true, true, true, "fd00::1/64", "fd00::/64", DS_IPV6},
	{"::/0", true, true, true, "::/0", "::/0", DS_IPV6},
	{"::1/128", true, true, true, "::1/128", "::1/128", DS_IPV6},
	{"fd00::/129", false, false, false, NULL, NULL, 0},
	{"fd00::%eth0/64", false, false, false, NULL, NULL, 0},
	{"fd00::/64%eth0", false, false, false, NULL, NULL, 0},
	{"[fd00::]/64", false, false, false, NULL, NULL, 0},
	{"fd00:00000::/64", true, false, false, "fd00::/64", "fd00::/64", DS_IPV6},
	{"::10.96.0.1/120", true, true, true, "::a60:1/120", "::a60:0/120", DS_IPV6},
	/* Mapped: a 16-byte address with a 16-byte mask, which Go prints and matches as IPv4. */
	{"::ffff:10.0.0.0/104", true, true, true, "::ffff:10.0.0.0/104", "10.0.0.0/8", DS_IPV4},
	{"::ffff:10.244.0.0/112", true, true, true, "::ffff:10.244.0.0/112", "10.244.0.0/16", DS_IPV4},
	{"::ffff:10.1.2.3/112", true, true, true, "::ffff:10.1.2.3/112", "10.1.0.0/16", DS_IPV4},
	{"::ffff:10.0.0.0/96", true, true, true, "::ffff:10.0.0.0/96", "0.0.0.0/0", DS_IPV4},
	{"::ffff:10.0.0.1/128", true, true, true, "::ffff:10.0.0.1/128", "10.0.0.1/32", DS_IPV4},
	{"::ffff:10.0.0.0/95", true, true, true, "::ffff:10.0.0.0/95", "::fffe:0:0/95", DS_IPV6},
	{"::ffff:10.0.0.0/90", true, true, true, "::ffff:10.0.0.0/90", "::ffc0:0:0/90", DS_IPV6},
	{"::ffff:10.0.0.0/80", true, true, true, "::ffff:10.0.0.0/80", "::/80", DS_IPV6},
	{"::ffff:10.0.0.0/24", true, true, true, "::ffff:10.0.0.0/24", "::/24", DS_IPV6},
	{"::ffff:010.0.0.0/104", true, false, false, "::ffff:10.0.0.0/104", "10.0.0.0/8", DS_IPV4},
};

static void check_cidr(const struct cidr_case *c, enum ds_ip_syntax syntax, bool want)
{
	char text[DS_CIDR_TEXT];
	struct ds_cidr cidr, go;
	int r = ds_cidr_parse(ds_str_from(c->in), syntax, &cidr);

	if (want ? r != 0 : r != DS_ESYNTAX)
		fail_msg("\"%s\" (syntax %d) gave %d", c->in, (int)syntax, r);
	if (!want)
		return;
	if (strcmp(ds_cidr_format(&cidr, text), c->as) != 0)
		fail_msg("\"%s\" (syntax %d) is %s, not %s", c->in, (int)syntax, text, c->as);
	go = ds_cidr_go(&cidr);
	if (strcmp(ds_cidr_format(&go, text), c->go) != 0 || go.ip.family != c->family)
		fail_msg("\"%s\" (syntax %d) prints as %s, not %s", c->in, (int)syntax, text, c->go);
}

static void test_cidr(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cidr_cases); i++) {
		check_cidr(&cidr_cases[i], DS_IP_SLOPPY, cidr_cases[i].sloppy);
		check_cidr(&cidr_cases[i], DS_IP_STRICT, cidr_cases[i].strict);
		check_cidr(&cidr_cases[i], DS_IP_NETIP, cidr_cases[i].netip);
	}
}

static void test_failure_leaves_result_alone(void **state)
{
	struct ds_ip ip = {.family = DS_IPV4, .b = {1, 2, 3, 4}}, was = ip;
	struct ds_cidr c = {ip, 7};

	(void)state;
	assert_int_equal(ds_ip_parse(DS_STR("1.2.3.x"), DS_IP_SLOPPY, &ip), DS_ESYNTAX);
	assert_int_equal(ds_ip_parse(DS_STR("1::x"), DS_IP_SLOPPY, &ip), DS_ESYNTAX);
	assert_int_equal(ds_cidr_parse(DS_STR("9.9.9.9/99"), DS_IP_SLOPPY, &c), DS_ESYNTAX);
	assert_memory_equal(&ip, &was, sizeof(ip));
	assert_memory_equal(&c.ip, &was, sizeof(was));
	assert_int_equal(c.bits, 7);
}

/* Every prefix length, with and without a leading zero. */
static void test_every_prefix(void **state)
{
	char text[64];
	struct ds_cidr c;

	(void)state;
	for (unsigned bits = 0; bits < 200; bits++) {
		snprintf(text, sizeof(text), "10.1.2.3/0%u", bits);
		assert_int_equal(ds_cidr_parse(ds_str_from(text), DS_IP_STRICT, &c), bits <= 32 ? 0 : DS_ESYNTAX);
		snprintf(text, sizeof(text), "fd00::1/%u", bits);
		assert_int_equal(ds_cidr_parse(ds_str_from(text), DS_IP_NETIP, &c), bits <= 128 ? 0 : DS_ESYNTAX);
		if (bits <= 128)
			assert_int_equal(c.bits, bits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ip),
		cmocka_unit_test(test_nul_byte_is_no_end),
		cmocka_unit_test(test_cidr),
		cmocka_unit_test(test_failure_leaves_result_alone),
		cmocka_unit_test(test_every_prefix),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
