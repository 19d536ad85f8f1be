#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "service/bands.h"

static const char *text_of(const struct ds_service_bands *b, char out[static 5 * DS_IP_TEXT])
{
	char v[4][DS_IP_TEXT];

	if (!b->any)
		return "none";
	ds_ip_format(&b->first, v[0]);
	ds_ip_format(&b->last, v[1]);
	if (!b->divided) {
		(void)snprintf(out, 5 * DS_IP_TEXT, "%s %s", v[0], v[1]);
		return out;
	}
	ds_ip_format(&b->static_last, v[2]);
	ds_ip_format(&b->dynamic_first, v[3]);
	(void)snprintf(out, 5 * DS_IP_TEXT, "%s %s | %s %s", v[0], v[2], v[3], v[1]);
	return out;
}

/* KEP-3070's examples among them. */
static void test_bands(void **state)
{
	static const struct {
		const char *range;
		unsigned minor;
		bool subrange;
		const char *want;
	} rows[] = {
		{"10.96.0.0/24", 30, true, "10.96.0.1 10.96.0.16 | 10.96.0.17 10.96.0.254"},
		{"10.96.0.0/20", 30, true, "10.96.0.1 10.96.1.0 | 10.96.1.1 10.96.15.254"},
		{"10.96.0.0/16", 30, true, "10.96.0.1 10.96.1.0 | 10.96.1.1 10.96.255.254"},
		{"10.96.3.3/16", 30, true, "10.96.0.1 10.96.1.0 | 10.96.1.1 10.96.255.254"},
		{"10.96.0.0/23", 30, true, "10.96.0.1 10.96.0.32 | 10.96.0.33 10.96.1.254"},
		{"10.96.0.0/27", 30, true, "10.96.0.1 10.96.0.16 | 10.96.0.17 10.96.0.30"},
		{"10.96.0.0/28", 30, true, "10.96.0.1 10.96.0.14"},
		{"10.96.0.0/30", 30, true, "10.96.0.1 10.96.0.2"},
		{"10.96.0.0/31", 30, true, "none"},
		{"10.96.0.0/32", 30, true, "none"},
		{"10.96.0.0/16", 24, false, "10.96.0.1 10.96.255.254"},
		{"10.96.0.0/12", 24, true, "10.96.0.1 10.96.1.0 | 10.96.1.1 10.111.255.254"},
		{"fd00::/112", 36, true, "fd00::1 fd00::100 | fd00::101 fd00::ffff"},
		{"fd00::/108", 36, true, "fd00::1 fd00::100 | fd00::101 fd00::f:ffff"},
		{"fd00::/108", 32, true, "fd00::1 fd00::100 | fd00::101 fd00::ffff"},
		{"fd00::/64", 32, true, "fd00::1 fd00::100 | fd00::101 fd00::ffff"},
		{"fd00::/64", 33, true, "fd00::1 fd00::100 | fd00::101 fd00::ffff:ffff:ffff:ffff"},
		{"fd00::/124", 36, true, "fd00::1 fd00::f"},
		{"fd00::/128", 36, true, "none"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_service_cluster c = {.minor = rows[i].minor};
		struct ds_service_bands b;
		char text[5 * DS_IP_TEXT];
		struct ds_cidr range;

		assert_int_equal(ds_cidr_parse(ds_str_from(rows[i].range), DS_IP_SLOPPY, &range), 0);
		ds_service_bands(&c, rows[i].subrange, &range, &b);
		if (strcmp(text_of(&b, text), rows[i].want) != 0)
			fail_msg("%s, 1.%u: %s, not %s", rows[i].range, rows[i].minor, text_of(&b, text), rows[i].want);
	}
}

static void test_the_gate_lifts_the_bitmap(void **state)
{
	struct ds_service_cluster c = {.minor = 31, .multi_cidr = DS_SERVICE_GATE_ON};
	struct ds_service_bands b;
	char text[5 * DS_IP_TEXT];
	struct ds_cidr range;

	(void)state;
	assert_int_equal(ds_cidr_parse(DS_STR("fd00::/108"), DS_IP_SLOPPY, &range), 0);
	ds_service_bands(&c, false, &range, &b);
	assert_string_equal(text_of(&b, text), "fd00::1 fd00::f:ffff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bands),
		cmocka_unit_test(test_the_gate_lifts_the_bitmap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
