#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/cidrset.h"

static int setup(void **state)
{
	*state = ds_arena_new((size_t)64 << 20);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	*state = ds_arena_free(*state);
	return 0;
}

/* A set from networks separated by blanks. */
static struct ds_cidrset set_of(struct ds_arena *a, const char *text)
{
	struct ds_str rest = ds_str_from(text), part;
	struct ds_cidr v[32];
	struct ds_cidrset s;
	bool done = false;
	size_t n = 0;

	while (ds_str_split(&rest, ' ', &done, &part))
		if (part.n && (n >= DS_ARRAY_SIZE(v) || ds_cidr_parse(part, DS_IP_NETIP, &v[n++]) < 0))
			fail_msg("bad test set %s", text);
	if (ds_cidrset_from(a, v, n, &s) < 0)
		fail_msg("no memory");
	return s;
}

static const char *text_of(struct ds_arena *a, const struct ds_cidrset *s)
{
	struct ds_buf b __attribute__((cleanup(ds_buf_done))) = DS_BUF_INIT;
	char text[DS_CIDR_TEXT];
	const char *z;

	for (size_t i = 0; i < s->n; i++)
		ds_buf_printf(&b, "%s%s", i ? " " : "", ds_cidr_format(&s->v[i], text));
	z = ds_buf_dup(&b, a);
	return z ? z : "";
}

struct set_case {
	const char *a, *b; /* b NULL: only the union of a */
	const char *want;
};

static const struct set_case set_cases[] = {
	{"", NULL, ""},
	{"10.0.0.0/24", NULL, "10.0.0.0/24"},
	{"10.0.0.5/24", NULL, "10.0.0.0/24"},
	{"10.0.1.0/24 10.0.0.0/24", NULL, "10.0.0.0/23"},
	{"10.0.1.0/24 10.0.2.0/24", NULL, "10.0.1.0/24 10.0.2.0/24"}, /* adjacent, no siblings */
	{"10.0.0.0/24 10.0.0.0/24 10.0.0.128/25", NULL, "10.0.0.0/24"},
	{"10.0.0.0/25 10.0.0.128/26 10.0.0.192/26 10.0.1.0/24", NULL, "10.0.0.0/23"}, /* joins cascade */
	{"0.0.0.0/1 128.0.0.0/1", NULL, "0.0.0.0/0"},
	{"fd00::/64 10.0.0.0/8", NULL, "10.0.0.0/8 fd00::/64"},
	{"::/1 8000::/1 0.0.0.0/0", NULL, "0.0.0.0/0 ::/0"},
	{"10.0.0.0/24", "", "10.0.0.0/24"},
	{"10.0.0.0/24", "10.0.0.0/24", ""},
	{"10.0.0.0/24", "10.0.0.0/8", ""},
	{"10.0.0.0/24", "fd00::/64", "10.0.0.0/24"},
	{"10.0.0.0/24", "10.0.0.0/26", "10.0.0.64/26 10.0.0.128/25"},
	{"10.0.0.0/24", "10.0.0.192/26", "10.0.0.0/25 10.0.0.128/26"},
	{"10.0.0.0/30", "10.0.0.1/32", "10.0.0.0/32 10.0.0.2/31"},
	{"10.0.0.0/29", "10.0.0.1/32 10.0.0.3/32 10.0.0.6/32", "10.0.0.0/32 10.0.0.2/32 10.0.0.4/31 10.0.0.7/32"},
	{"255.255.255.252/30", "255.255.255.254/32", "255.255.255.252/31 255.255.255.255/32"},
	{"255.255.255.252/30", "255.255.255.255/32", "255.255.255.252/31 255.255.255.254/32"},
	{"0.0.0.0/0", "128.0.0.0/1", "0.0.0.0/1"},
	{"::/126", "::/128", "::1/128 ::2/127"},
	{"::/0", "::/1", "8000::/1"},
	{"fd00::/62 10.0.0.0/8", "fd00:0:0:1::/64 10.0.0.0/9", "10.128.0.0/9 fd00::/64 fd00:0:0:2::/63"},
	{"10.0.0.0/24 10.0.2.0/24", "10.0.1.0/24 10.0.2.0/25", "10.0.0.0/24 10.0.2.128/25"},
};

static void test_sets(void **state)
{
	struct ds_arena *arena = *state;

	for (size_t i = 0; i < DS_ARRAY_SIZE(set_cases); i++) {
		const struct set_case *k = &set_cases[i];
		struct ds_cidrset a = set_of(arena, k->a), b = {0}, r = a;

		if (k->b) {
			b = set_of(arena, k->b);
			assert_int_equal(ds_cidrset_subtract(arena, &a, &b, &r), 0);
		}
		if (strcmp(text_of(arena, &r), k->want) != 0)
			fail_msg("row %zu: {%s} - {%s} is {%s}, not {%s}", i, k->a, k->b ? k->b : "",
				 text_of(arena, &r), k->want);
	}
}

struct member_case {
	const char *set, *cidr;
	bool contains, overlaps;
};

static const struct member_case member_cases[] = {
	{"", "10.0.0.0/8", false, false},
	{"10.0.0.0/24 10.0.1.0/24", "10.0.0.0/23", true, true},
	{"10.0.0.0/24 10.0.2.0/24", "10.0.0.0/22", false, true},
	{"10.0.0.0/24 10.0.2.0/24", "10.0.1.0/24", false, false},
	{"10.0.0.0/24 10.0.2.0/24", "10.0.2.128/25", true, true},
	{"10.0.0.0/24 10.0.2.0/24", "10.0.3.0/24", false, false},
	{"10.0.0.0/24 fd00::/64", "fd00::/65", true, true},
	{"10.0.0.0/24 fd00::/64", "::/0", false, true},
	{"fd00::/64", "0.0.0.0/0", false, false},
};

static void test_members(void **state)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(member_cases); i++) {
		const struct member_case *k = &member_cases[i];
		struct ds_cidrset s = set_of(*state, k->set);
		struct ds_cidr c;
		struct ds_ip first;

		assert_int_equal(ds_cidr_parse(ds_str_from(k->cidr), DS_IP_NETIP, &c), 0);
		first = ds_cidr_first(&c);
		if (ds_cidrset_contains(&s, &c) != k->contains || ds_cidrset_overlaps(&s, &c) != k->overlaps)
			fail_msg("row %zu: %s in {%s}", i, k->cidr, k->set);
		if (k->contains && !ds_cidrset_contains_ip(&s, &first))
			fail_msg("row %zu: first address of %s in {%s}", i, k->cidr, k->set);
	}
}

/* Small sets against bitmaps of a /28: every pair of two networks minus every one. */
static void test_against_bitmaps(void **state)
{
	struct ds_cidr all[31];
	uint16_t bits[31];
	size_t n = 0;

	for (unsigned len = 28; len <= 32; len++) {
		unsigned size = 1u << (32 - len);

		for (unsigned at = 0; at < 16; at += size) {
			all[n] = (struct ds_cidr){{.family = DS_IPV4, .b = {10, 0, 0, (uint8_t)at}}, (uint8_t)len};
			bits[n++] = (uint16_t)(((1u << size) - 1) << at);
		}
	}
	for (size_t i = 0; i < n * n * n; i++) {
		struct ds_cidr pair[2] = {all[i % n], all[i / n % n]};
		unsigned want = (unsigned)(bits[i % n] | bits[i / n % n]) & ~(unsigned)bits[i / n / n], got = 0;
		struct ds_cidrset a, b, r;

		assert_int_equal(ds_cidrset_from(*state, pair, 2, &a), 0);
		assert_int_equal(ds_cidrset_from(*state, &all[i / n / n], 1, &b), 0);
		assert_int_equal(ds_cidrset_subtract(*state, &a, &b, &r), 0);
		for (unsigned at = 0; at < 16; at++) {
			struct ds_ip ip = {.family = DS_IPV4, .b = {10, 0, 0, (uint8_t)at}};

			got |= ds_cidrset_contains_ip(&r, &ip) ? 1u << at : 0;
		}
		if (got != want)
			fail_msg("{%s} - {%s}: %04x, not %04x", text_of(*state, &a), text_of(*state, &b), got, want);
		for (size_t k = 1; k < r.n; k++)
			assert_true(ds_cidr_cmp(&r.v[k - 1], &r.v[k]) < 0 && !ds_cidr_overlaps(&r.v[k - 1], &r.v[k]));
	}
}

static void test_no_memory(void **state)
{
	struct ds_arena *tiny = ds_arena_new(16);
	struct ds_cidr v[64] = {0};
	struct ds_cidrset s = {0}, full = set_of(*state, "::/0"), hole = set_of(*state, "::1/128");

	assert_non_null(tiny);
	assert_int_equal(ds_cidrset_from(tiny, v, DS_ARRAY_SIZE(v), &s), DS_ENOMEM);
	assert_int_equal(ds_cidrset_subtract(tiny, &full, &hole, &s), DS_ENOMEM);
	ds_arena_free(tiny);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_members, setup, teardown),
		cmocka_unit_test_setup_teardown(test_against_bitmaps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
