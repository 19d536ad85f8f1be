/* Names, labels and port names against Kubernetes' patterns. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/ctx.h"
#include "service/engine.h"

#define X63 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X64 X63 "x"

typedef void check_fn(struct ds__decision *d, struct ds_str s, const char *field);

static void label(struct ds__decision *d, struct ds_str s, const char *field)
{
	ds__dns1123_label(d, s, s, field);
}

static void old_label(struct ds__decision *d, struct ds_str s, const char *field)
{
	ds__dns1035_label(d, s, s, field);
}

static void qualified_name(struct ds__decision *d, struct ds_str s, const char *field)
{
	ds__qualified_name(d, s, s, field);
}

static void names(void **state)
{
	static const struct {
		check_fn *check;
		const char *text;
		const char *want; /* how each error's detail begins, with a bar between them; "" when good */
	} cases[] = {
		{label, "a", ""},
		{label, "9-a", ""},
		{label, "", "a lowercase RFC 1123 label"},
		{label, "a-", "a lowercase RFC 1123 label"},
		{label, "a.b", "must not contain dots"},
		{label, X63, ""},
		{label, X64, "must be no more than 63 characters"},
		{label, X64 "-", "must be no more than 63 characters|a lowercase RFC 1123 label"},
		{old_label, "a9", ""},
		{old_label, "9a", "a DNS-1035 label"},
		{ds__dns1123_subdomain, "a.b.9", ""},
		{ds__dns1123_subdomain, "a..b", "a lowercase RFC 1123 subdomain"},
		{ds__dns1123_subdomain, "a.B", "a lowercase RFC 1123 subdomain"},
		{qualified_name, "A_b.c-9", ""},
		{qualified_name, "example.com/A", ""},
		{qualified_name, "/A", "prefix part must be non-empty"},
		{qualified_name, "a/", "name part must be non-empty|name part must consist"},
		{qualified_name, "a/b/c", "a valid label key must consist"},
		{qualified_name, "A/b", "prefix part a lowercase RFC 1123 subdomain"},
		{qualified_name, X64, "name part must be no more than 63 bytes"},
		{qualified_name, "-", "name part must consist"},
		{ds__port_name, "http-2", ""},
		{ds__port_name, "80", "must contain at least one letter"},
		{ds__port_name, "abcdefghijklmnop", "must be no more than 15 characters"},
		{ds__port_name, "a--b", "must not contain consecutive hyphens"},
		{ds__port_name, "", "must contain only alpha-numeric|must contain at least one letter"},
		{ds__port_name, "-a_", "must contain only alpha-numeric|must not begin or end with a hyphen"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		static const struct ds_service_cluster cluster = {.minor = 36};
		_ds_ctx_done_ struct ds_ctx ctx = {0};
		struct ds__decision d = {.cluster = &cluster, .minor = 36};
		struct ds_str rest = ds_str_from(cases[i].want), part;
		bool done = false;
		size_t n = 0;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		d.arena = ctx.arena;
		cases[i].check(&d, ds_str_from(cases[i].text), "f");
		while (rest.n && ds_str_split(&rest, '|', &done, &part)) {
			const char *detail = n < d.errors.n ? strstr(d.errors.v[n].body, "\": ") : NULL;

			if (!detail || strncmp(detail + 3, part.p, part.n) != 0)
				fail_msg("%s: error %zu is not %.*s", cases[i].text, n, DS_STR_ARG(part));
			n++;
		}
		if (d.errors.n != n)
			fail_msg("%s: %zu errors, want %zu", cases[i].text, d.errors.n, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
