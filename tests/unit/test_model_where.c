#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/settings.h"
#include "model/where.h"

/* MicroShift passes no flags of the user's to its controller manager, and has no kube-proxy. */
static bool is_closed(enum ds_source_kind kind, enum ds_component c)
{
	return kind == DS_SOURCE_MICROSHIFT && (c == DS_KUBE_CONTROLLER_MANAGER || c == DS_KUBE_PROXY);
}

/* Of a kind that has rows, every audited flag has a name in its configuration. */
static void every_flag_has_a_name(void **state)
{
	const struct ds_where_row *rows;
	const struct ds_setting_row *settings;
	size_t n, n_settings;
	bool has[DS_SOURCE_KIND__COUNT] = {0};

	(void)state;
	rows = ds_where_rows(&n);
	settings = ds_setting_rows(&n_settings);
	for (size_t i = 0; i < n; i++)
		has[rows[i].kind] = true;
	for (int k = 0; k < DS_SOURCE_KIND__COUNT; k++)
		for (size_t i = 0; has[k] && i < n_settings; i++)
			if (settings[i].flag && !is_closed((enum ds_source_kind)k, settings[i].component) &&
			    !ds_where_find((enum ds_source_kind)k, settings[i].component,
							       ds_str_from(settings[i].flag)))
				fail_msg("%s: no name for --%s of %s", ds_source_kind_name((enum ds_source_kind)k),
					 settings[i].flag, ds_component_name(settings[i].component));
}

static void rows_are_distinct_and_of_known_flags(void **state)
{
	const struct ds_where_row *rows;
	size_t n;

	(void)state;
	rows = ds_where_rows(&n);
	for (size_t i = 0; i < n; i++) {
		bool known = !rows[i].flag;

		for (int c = 0; c < DS_COMPONENT__COUNT; c++)
			if (rows[i].flag && ds_component_is_audited((enum ds_component)c) &&
			    (rows[i].component == DS_COMPONENT_NONE || (int)rows[i].component == c))
				known |= ds_flag_find((enum ds_component)c, ds_str_from(rows[i].flag)) != NULL;
		if (!known)
			fail_msg("row %zu: --%s is no flag of that component", i, rows[i].flag);
		assert_true(rows[i].where.in[0] && rows[i].where.field[0]);
		for (size_t k = 0; k < i; k++)
			if (rows[k].kind == rows[i].kind &&
			    (rows[k].component == DS_COMPONENT_NONE || rows[k].component == rows[i].component) &&
			    (!rows[k].flag || (rows[i].flag && strcmp(rows[k].flag, rows[i].flag) == 0)))
				fail_msg("row %zu is hidden by row %zu", i, k);
	}
}

static void finds_the_field_and_its_neighbours(void **state)
{
	const struct ds_where *w = ds_where_find(DS_SOURCE_K3S, DS_KUBE_APISERVER, DS_STR("service-cluster-ip-range"));

	(void)state;
	assert_string_equal(w->field, "service-cidr");
	assert_string_equal(ds_where_beside(w, DS_KUBE_CONTROLLER_MANAGER, DS_STR("node-cidr-mask-size-ipv6"))->field,
			    "kube-controller-manager-arg");
	assert_null(ds_where_find(DS_SOURCE_PROCESS, DS_KUBE_APISERVER, DS_STR("bind-address")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flag_has_a_name),
		cmocka_unit_test(rows_are_distinct_and_of_known_flags),
		cmocka_unit_test(finds_the_field_and_its_neighbours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
