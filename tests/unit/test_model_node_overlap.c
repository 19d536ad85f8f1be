#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/node_overlap.h"

#define MAX_NODES 6

static void pairs(void **state)
{
	static const struct {
		const char *name;
		const char *nodes[MAX_NODES]; /* "cidr,cidr" of node 0, 1, … */
		const char *want; /* "node<other" for each pair */
	} rows[] = {
		{"none", {NULL}, ""},
		{"apart", {"10.0.0.0/24,fd00::/64", "10.0.1.0/24,fd00:0:0:1::/64"}, ""},
		{"the same", {"10.0.0.0/24", "10.0.0.0/24"}, "1<0 "},
		{"three times", {"10.0.0.0/24", "10.0.0.0/24", "10.0.0.0/24"}, "1<0 2<1 "},
		{"within", {"10.0.0.0/25", "10.0.0.0/24"}, "0<1 "},
		{"the narrowest around", {"10.0.0.0/16", "10.0.0.0/24", "10.0.0.128/25", "10.0.1.0/24"}, "1<0 2<1 3<0 "},
		{"behind one that ended", {"10.0.0.0/16", "10.0.0.0/24", "10.0.7.0/24"}, "1<0 2<0 "},
		{"its own two", {"10.0.0.0/24,10.0.0.0/25"}, ""},
		{"host bits", {"10.0.0.7/24", "10.0.0.9/24"}, "1<0 "},
		{"one family only", {"10.0.0.0/24,fd00::/64", "10.0.1.0/24,fd00::/64"}, "1<0 "},
		{"no network", {"nonsense", "10.0.0.0/24", ""}, ""},
		{"everything", {"::/0", "fd00::/64", "0.0.0.0/0", "10.0.0.0/8"}, "3<2 1<0 "},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf got = DS_BUF_INIT;
		struct ds_arena *a = ds_arena_new(1 << 20);
		struct ds_kcm_node nodes[MAX_NODES];
		struct ds_str cidrs[MAX_NODES][2];
		struct ds_node_overlaps overlaps;
		size_t n = 0;

		for (; n < MAX_NODES && rows[i].nodes[n]; n++) {
			struct ds_str rest = ds_str_from(rows[i].nodes[n]), part;
			bool done = false;

			nodes[n] = (struct ds_kcm_node){.name = "n", .cidrs = cidrs[n]};
			while (ds_str_split(&rest, ',', &done, &part))
				cidrs[n][nodes[n].n++] = part;
		}
		assert_int_equal(ds_node_overlaps(a, nodes, n, &overlaps), 0);
		for (size_t k = 0; k < overlaps.v.n; k++)
			ds_buf_printf(&got, "%d<%d ", (int)(overlaps.v.v[k].node - nodes),
				      (int)(overlaps.v.v[k].other - nodes));
		if (!ds_str_eqz(ds_buf_str(&got), rows[i].want))
			fail_msg("%s: got %.*s, want %s", rows[i].name, DS_STR_ARG(ds_buf_str(&got)), rows[i].want);
		ds_arena_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
