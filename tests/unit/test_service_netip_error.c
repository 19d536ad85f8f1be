/* Go's words for what netip.ParseAddr refuses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/ctx.h"
#include "service/engine.h"

static void errors(void **state)
{
	static const struct {
		unsigned minor;
		const char *text;
		const char *want; /* after ParseAddr("text"): ; NULL when it is an address */
	} cases[] = {
		{32, "10.0.0.1", NULL},
		{32, "::", NULL},
		{32, "::1%eth0", NULL},
		{32, "::ffff:10.0.0.1", NULL},
		{32, "1:2:3:4:5:6:7:8", NULL},
		{32, "", "unable to parse IP"},
		{32, "host", "unable to parse IP"},
		{32, "%eth0", "missing IPv6 address"},
		{32, "1.2.3.4.5", "IPv4 address too long"},
		{32, "1.2.3", "IPv4 address too short"},
		{32, "10.0.0.256", "IPv4 field has value >255"},
		{32, "192.168.1.01", "IPv4 field has octet with leading zero"},
		{32, "1.2.3.4.", "IPv4 field must have at least one digit (at \".\")"},
		{32, "lb.example.com", "unexpected character (at \"lb.example.com\")"},
		{32, "fe80::1%", "zone must be a non-empty string"},
		{32, "1::2::3", "multiple :: in address (at \":3\")"},
		{32, "1:2:3:4:5:6:7:8:9", "trailing garbage after address (at \"9\")"},
		{32, "1:2:3:4:5:6:7:8:", "colon must be followed by more characters (at \":\")"},
		{32, "1:2:3:4:5:6:7", "address string too short"},
		{32, "1:2:3:4:5:6:7:8::", "the :: must expand to at least one field of zeros"},
		{32, "12345::", "each group must have 4 or less digits (at \"12345::\")"},
		{32, ":1:2:3:4:5:6:7:8",
		 "each colon-separated field must have at least one digit (at \":1:2:3:4:5:6:7:8\")"},
		{32, "1:2x", "unexpected character, want colon (at \"x\")"},
		{32, "1:2:3:4:5:6:7:1.2.3.4",
		 "embedded IPv4 address must replace the final 2 fields of the address (at \"1.2.3.4\")"},
		{32, "1::2:3:4:5:6:7:1.2.3.4",
		 "too many hex fields to fit an embedded IPv4 at the end of the address (at \"1.2.3.4\")"},
		{32, "::ffff:010.0.0.1", "IPv4 field has octet with leading zero"},
		{30, "::ffff:010.0.0.1",
		 "ParseAddr(\"010.0.0.1\"): IPv4 field has octet with leading zero (at \"010.0.0.1\")"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		_ds_ctx_done_ struct ds_ctx ctx = {0};
		struct ds__decision d = {.minor = cases[i].minor};
		const char *got, *want;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		d.arena = ctx.arena;
		got = ds__netip_error(&d, ds_str_from(cases[i].text));
		want = cases[i].want ? ds__text(&d, "ParseAddr(\"%s\"): %s", cases[i].text, cases[i].want) : NULL;
		if (!got != !want || (got && strcmp(got, want) != 0))
			fail_msg("%s: want %s, got %s", cases[i].text, want ? want : "-", got ? got : "-");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
