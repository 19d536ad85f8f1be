#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "model/settings.h"

/* Every row names a kept flag of its component, and no two rows share a name or a flag. */
static void test_rows_fit_the_flag_tables(void **state)
{
	size_t n;
	const struct ds_setting_row *rows = ds_setting_rows(&n);

	(void)state;
	assert_true(n > 30);
	for (size_t i = 0; i < n; i++) {
		if (rows[i].flag) {
			const struct ds_flag *f = ds_flag_find(rows[i].component, ds_str_from(rows[i].flag));

			if (!f || !f->kept)
				fail_msg("%s --%s: %s", ds_component_name(rows[i].component), rows[i].flag,
					 f ? "not kept" : "no such flag");
		} else if (!rows[i].config) {
			fail_msg("%s: neither flag nor field", rows[i].field);
		}
		assert_true(rows[i].doc && *rows[i].doc);
		for (size_t k = 0; k < i; k++)
			if (rows[k].component == rows[i].component && strcmp(rows[k].field, rows[i].field) == 0)
				fail_msg("%s twice", rows[i].field);
	}
}

struct run {
	struct ds_arena *a;
	struct ds_observed o;
	struct ds_setting *s;
	size_t n;
};

static void resolve(struct run *r, enum ds_component c, const char *const *argv)
{
	struct ds_arg args[16] = {0};
	size_t n = 0;

	r->a = ds_arena_new(1 << 22);
	for (; argv[n]; n++)
		args[n].text = ds_str_from(argv[n]);
	r->o.component = c;
	r->o.host = "";
	assert_int_equal(ds_cmdline_parse(r->a, c, 34, args, n, &r->o.cmdline), 0);
	assert_int_equal(ds_settings_resolve(r->a, &r->o, &r->s, &r->n), 0);
}

static const struct ds_setting *get(const struct run *r, const char *field)
{
	static const struct ds_setting none;

	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->s[i].row->field, field) == 0)
			return &r->s[i];
	fail_msg("no setting %s", field);
	return &none;
}

static void test_flag_over_default_last_wins(void **state)
{
	static const char *const argv[] = {"--cluster-cidr=10.1.0.0/16", "--cluster-cidr", " 10.2.0.5/16,fd00::/48", NULL};
	struct run r = {0};
	const struct ds_setting *s;

	(void)state;
	resolve(&r, DS_KUBE_CONTROLLER_MANAGER, argv);
	s = get(&r, "clusterCIDR");
	assert_int_equal(s->state, DS_SETTING_SET);
	assert_int_equal(s->origin, DS_ORIGIN_FLAG);
	assert_true(s->valid);
	assert_int_equal(s->n_entries, 2);
	assert_true(ds_str_eqz(s->entries[0].text, "10.2.0.5/16"));
	assert_true(ds_cidr_has_host_bits(&s->entries[0].cidr));
	assert_int_equal(s->n_overridden, 1);
	assert_true(ds_str_eqz(s->overridden[0]->value, "10.1.0.0/16"));
	assert_int_equal(get(&r, "allocateNodeCIDRs")->origin, DS_ORIGIN_DEFAULT);
	assert_int_equal(get(&r, "nodeCIDRMaskSize")->state, DS_SETTING_ABSENT);
	ds_arena_free(r.a);
}

static void test_bad_elements(void **state)
{
	static const char *const argv[] = {"--service-cluster-ip-range=10.96.0.0/16, fd00::/112", NULL};
	struct run r = {0};
	const struct ds_setting *s;

	(void)state;
	resolve(&r, DS_KUBE_APISERVER, argv);
	s = get(&r, "serviceClusterIPRange");
	assert_false(s->valid);
	assert_string_equal(s->error, "\" fd00::/112\" is not a network (address/length)");
	assert_true(s->entries[0].valid);
	assert_false(s->entries[1].valid);
	ds_arena_free(r.a);
}

static void test_what_was_not_seen_is_unknown(void **state)
{
	static const char *const config[] = {"--config=/var/lib/kube-proxy/config.conf", "--cluster-cidr=10.0.0.0/8", NULL};
	static const char *const nothing[] = {"--v=2", NULL};
	struct run r = {0}, cut = {0};
	const struct ds_setting *s;

	(void)state;
	resolve(&r, DS_KUBE_PROXY, config);
	s = get(&r, "clusterCIDR"); /* the flag does not count beside --config */
	assert_int_equal(s->state, DS_SETTING_UNKNOWN);
	assert_non_null(strstr(s->reason, "/var/lib/kube-proxy/config.conf"));
	ds_arena_free(r.a);

	resolve(&cut, DS_KUBE_PROXY, nothing);
	assert_int_equal(get(&cut, "clusterCIDR")->state, DS_SETTING_ABSENT);
	cut.o.cmdline.truncated = true;
	assert_int_equal(ds_settings_resolve(cut.a, &cut.o, &cut.s, &cut.n), 0);
	assert_int_equal(get(&cut, "clusterCIDR")->state, DS_SETTING_UNKNOWN);
	ds_arena_free(cut.a);
}

static void test_accumulating_flags_and_lists(void **state)
{
	static const char *const argv[] = {"--feature-gates=A=true,B=false", "--feature-gates=C=true",
					   "--node-ip= 192.0.2.1 , fd00::1", NULL};
	struct run r = {0};

	(void)state;
	resolve(&r, DS_KUBELET, argv);
	assert_int_equal(get(&r, "featureGates")->n_entries, 3);
	assert_int_equal(get(&r, "featureGates")->n_overridden, 0);
	assert_int_equal(get(&r, "nodeIP")->n_entries, 2);
	assert_true(get(&r, "nodeIP")->valid);
	ds_arena_free(r.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_fit_the_flag_tables),
		cmocka_unit_test(test_flag_over_default_last_wins),
		cmocka_unit_test(test_bad_elements),
		cmocka_unit_test(test_what_was_not_seen_is_unknown),
		cmocka_unit_test(test_accumulating_flags_and_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
