#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/say.h"

static void test_references_are_addresses(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{"kubernetes/kubernetes#78625", "https://github.com/kubernetes/kubernetes/issues/78625"},
		{"k3s-io/k3s#5491", "https://github.com/k3s-io/k3s/issues/5491"},
		{"kubernetes.io/docs/concepts/#x", "https://kubernetes.io/docs/concepts/#x"},
		{"https://example.org/a#b", "https://example.org/a#b"},
		{"example.org", "https://example.org"},
		{"", "https://"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

		ds_say_reference(rows[i].in, &b);
		if (!ds_str_eqz(ds_buf_str(&b), rows[i].want))
			fail_msg("%s: %s", rows[i].in, b.p);
	}
}

static void test_places_in_files(void **state)
{
	static const struct {
		const char *name, *type;
		bool in_file;
		const char *path;
	} rows[] = {
		{"manifests/a.yaml", "static-pod", true, "manifests/a.yaml"},
		{"./a.yaml", "static-pod", true, "a.yaml"},
		{"/etc/kubernetes/a.yaml", "static-pod", true, "etc/kubernetes/a.yaml"},
		{"/proc", "process", false, "proc"},
		{"-", "ps", false, "-"},
		{"/", "file", true, "/"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		const struct ds_input in = {.name = rows[i].name, .type = rows[i].type};
		const struct ds_loc nowhere = {0}, l = {.input = &in, .line = 1};

		if (ds_place_in_file(&l) != rows[i].in_file || !ds_str_eqz(ds_place_path(&l), rows[i].path))
			fail_msg("%s: %.*s", rows[i].name, DS_STR_ARG(ds_place_path(&l)));
		assert_false(ds_place_in_file(&nowhere));
	}
}

static void test_text_is_made_flat(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {{"", ""}, {"a", "a"}, {" a\n\n  b\t", "a b"}, {"\n", ""}};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

		ds_say_flat(&b, ds_str_from(rows[i].in));
		if (!ds_str_eqz(ds_buf_str(&b), rows[i].want))
			fail_msg("row %zu: %s", i, b.p ? b.p : "");
	}
}

static void test_the_worst_verdict_wins(void **state)
{
	static const struct {
		size_t clusters, errors, warnings, passed, suppressed;
		bool incomplete;
		const char *want;
	} rows[] = {
		{0, 0, 0, 0, 0, false, "Nothing to audit here: no Kubernetes component was found"},
		{0, 0, 0, 0, 0, true, "The audit is incomplete"},
		{1, 1, 1, 9, 0, true, "This configuration is broken"},
		{1, 0, 1, 9, 0, true, "This configuration has weak spots"},
		{1, 0, 0, 9, 0, true, "The audit is incomplete"},
		{1, 0, 0, 0, 0, false, "No check applies to what was seen"},
		{1, 0, 0, 9, 1, false, "No problem left"},
		{1, 0, 0, 9, 0, false, "No problem found"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_report_cluster cluster = {0};
		struct ds_report r = {.incomplete = rows[i].incomplete};
		struct ds_tally tally;
		enum ds_ink ink;

		r.clusters.v = &cluster;
		r.clusters.n = rows[i].clusters;
		r.summary.severity[DS_SEVERITY_ERROR] = rows[i].errors;
		r.summary.severity[DS_SEVERITY_WARNING] = rows[i].warnings;
		r.summary.passed = rows[i].passed;
		r.summary.suppressed = rows[i].suppressed;
		tally = ds_report_tally(&r);
		assert_string_equal(ds_say_verdict(&tally, &ink), rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_references_are_addresses),
		cmocka_unit_test(test_places_in_files),
		cmocka_unit_test(test_text_is_made_flat),
		cmocka_unit_test(test_the_worst_verdict_wins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
