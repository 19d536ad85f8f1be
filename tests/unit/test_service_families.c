/* Families and policies on create: every cell of the decision matrix, 1.23 and later. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "service_case.h"

static const char *const clusters[] = {"v4", "v6", "v4v6", "v6v4"};
static const unsigned minors[] = {23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36};

/*
 * A row: policies and families that share it, and one cell for each cluster.
 * Policies: - none, S, P, R. Families: - none, 4, 6, 46, 64. Cells: a policy
 * letter with families, or the errors in their order.
 */
struct row {
	const char *policies, *families;
	const char *cells[4];
};

static const struct row headful[] = {
	{"-S", "-",     {"S4", "S6", "S4", "S6"}                    },
	{"-S", "4",     {"S4", "FAM0", "S4", "S4"}                  },
	{"-S", "6",     {"FAM0", "S6", "S6", "S6"}                  },
	{"-S", "46 64", {"SS2FAM", "SS2FAM", "SS2FAM", "SS2FAM"}    },
	{"P",  "-",     {"P4", "P6", "P46", "P64"}                  },
	{"P",  "4",     {"P4", "FAM0", "P46", "P46"}                },
	{"P",  "6",     {"FAM0", "P6", "P64", "P64"}                },
	{"P",  "46",    {"FAM1", "FAM0", "P46", "P46"}              },
	{"P",  "64",    {"FAM0", "FAM1", "P64", "P64"}              },
	{"R",  "-",     {"NODUAL", "NODUAL", "R46", "R64"}          },
	{"R",  "4",     {"NODUAL", "NODUAL+FAM0", "R46", "R46"}     },
	{"R",  "6",     {"NODUAL+FAM0", "NODUAL", "R64", "R64"}     },
	{"R",  "46",    {"NODUAL+FAM1", "NODUAL+FAM0", "R46", "R46"}},
	{"R",  "64",    {"NODUAL+FAM0", "NODUAL+FAM1", "R64", "R64"}},
};

static const struct row headless_selectorless[] = {
	{"-R", "-",     {"R46", "R64", "R46", "R64"}            },
	{"-R", "4 46",  {"R46", "R46", "R46", "R46"}            },
	{"-R", "6 64",  {"R64", "R64", "R64", "R64"}            },
	{"P",  "-",     {"P46", "P64", "P46", "P64"}            },
	{"P",  "4 46",  {"P46", "P46", "P46", "P46"}            },
	{"P",  "6 64",  {"P64", "P64", "P64", "P64"}            },
	{"S",  "-",     {"S4", "S6", "S4", "S6"}                },
	{"S",  "4",     {"S4", "S4", "S4", "S4"}                },
	{"S",  "6",     {"S6", "S6", "S6", "S6"}                },
	{"S",  "46 64", {"SS2FAM", "SS2FAM", "SS2FAM", "SS2FAM"}},
};

static const struct row one_address[] = {
	{"-S",   "-",    {"S4", "IPFAM0", "S4", "S4"}                    },
	{"-S",   "4",    {"S4", "FAM0", "S4", "S4"}                      },
	{"-SPR", "6 64", {"IPMATCH0", "IPMATCH0", "IPMATCH0", "IPMATCH0"}},
	{"-S",   "46",   {"SS2FAM", "SS2FAM", "SS2FAM", "SS2FAM"}        },
	{"P",    "-",    {"P4", "IPFAM0", "P46", "P46"}                  },
	{"P",    "4",    {"P4", "FAM0", "P46", "P46"}                    },
	{"P",    "46",   {"FAM1", "FAM0", "P46", "P46"}                  },
	{"R",    "-",    {"NODUAL", "IPFAM0", "R46", "R46"}              },
	{"R",    "4",    {"NODUAL", "NODUAL+FAM0", "R46", "R46"}         },
	{"R",    "46",   {"NODUAL+FAM1", "NODUAL+FAM0", "R46", "R46"}    },
};

static const struct row two_addresses[] = {
	{"-S",   "-",  {"SS2IP+IPFAM1", "SS2IP+IPFAM0", "SS2IP", "SS2IP"}                                  },
	{"-S",   "4",  {"SS2IP+IPFAM1", "SS2IP", "SS2IP", "SS2IP"}                                         },
	{"-SPR", "6",  {"IPMATCH0", "IPMATCH0", "IPMATCH0", "IPMATCH0"}                                    },
	{"-S",   "46", {"SS2IP+SS2FAM", "SS2IP+SS2FAM", "SS2IP+SS2FAM", "SS2IP+SS2FAM"}                    },
	{"-SPR", "64", {"IPMATCH0+IPMATCH1", "IPMATCH0+IPMATCH1", "IPMATCH0+IPMATCH1", "IPMATCH0+IPMATCH1"}},
	{"P",    "-",  {"IPFAM1", "IPFAM0", "P46", "P46"}						  },
	{"P",    "4",  {"IPFAM1", "FAM0", "P46", "P46"}						    },
	{"P",    "46", {"FAM1", "FAM0", "P46", "P46"}						      },
	{"R",    "-",  {"IPFAM1", "IPFAM0", "R46", "R46"}						  },
	{"R",    "4",  {"IPFAM1", "NODUAL+FAM0", "R46", "R46"}                                             },
	{"R",    "46", {"NODUAL+FAM1", "NODUAL+FAM0", "R46", "R46"}                                        },
};

static const struct {
	const char *detail, *code;
	bool indexed;
} errors[] = {
	{"when multiple cluster IPs are specified",                "SS2IP",   false},
	{"when multiple IP families are specified",                "SS2FAM",  false},
	{"this cluster is not configured for dual-stack services", "NODUAL",  false},
	{": not configured on this cluster",                       "FAM",     true },
	{" is not configured on this cluster",                     "IPFAM",   true },
	{"expected an IPv",					"IPMATCH", true },
};

static void add_cell(struct ds_buf *b, const struct ds_service_outcome *o)
{
	if (o->accepted) {
		const struct ds_service *s = &o->object;

		assert_true(service_field(o, "ipFamilyPolicy") && service_field(o, "ipFamilies"));
		ds_buf_addc(b, s->ip_family_policy.s.p[0]);
		for (size_t i = 0; i < s->ip_families.n; i++)
			ds_buf_addc(b, s->ip_families.v[i].p[3]);
	}
	for (size_t i = 0; i < o->n_causes; i++) {
		const char *index = strchr(o->causes[i].field, '[');
		size_t j = 0;

		while (j < DS_ARRAY_SIZE(errors) && !strstr(o->causes[i].message, errors[j].detail))
			j++;
		assert_in_range(j, 0, DS_ARRAY_SIZE(errors) - 1);
		ds_buf_printf(b, "%s%s", i ? "+" : "", errors[j].code);
		if (errors[j].indexed)
			ds_buf_addc(b, index ? index[1] : '?');
	}
}

static const char *policy_text(char letter)
{
	return letter == 'S'   ? "ipFamilyPolicy: SingleStack, "
	       : letter == 'P' ? "ipFamilyPolicy: PreferDualStack, "
	       : letter == 'R' ? "ipFamilyPolicy: RequireDualStack, "
			       : "";
}

static void check_cell(const char *base, char policy, struct ds_str families, size_t cluster, const char *want)
{
	for (size_t v = 0; v < DS_ARRAY_SIZE(minors); v++) {
		_ds_buf_done_ struct ds_buf spec = DS_BUF_INIT, got = DS_BUF_INIT;
		_ds_ctx_done_ struct ds_ctx ctx = {0};
		struct ds_service_outcome o;
		struct service_case c = {.minor = minors[v], .ranges = clusters[cluster]};

		ds_buf_printf(&spec, "{%s%s", base, policy_text(policy));
		for (size_t i = 0; i < families.n && families.p[0] != '-'; i++)
			ds_buf_printf(&spec, "%sIPv%c", i ? ", " : "ipFamilies: [", families.p[i]);
		ds_buf_printf(&spec, "%sports: [{port: 80}]}", families.p[0] == '-' ? "" : "], ");
		c.spec = spec.p;
		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		service_run(&ctx, &c, &o);
		add_cell(&got, &o);
		if (strcmp(got.p ? got.p : "", want) != 0)
			fail_msg("%s on %s (1.%u): want %s, got %s %s", spec.p, clusters[cluster], minors[v], want,
				 got.p ? got.p : "", o.message ? o.message : "");
	}
}

static void check_rows(const char *base, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (const char *policy = rows[i].policies; *policy; policy++)
			for (size_t cluster = 0; cluster < 4; cluster++) {
				struct ds_str rest = ds_str_from(rows[i].families), families;
				bool done = false;

				while (ds_str_split(&rest, ' ', &done, &families))
					check_cell(base, *policy, families, cluster, rows[i].cells[cluster]);
			}
}

#define CHECK_ROWS(base, rows) check_rows((base), (rows), DS_ARRAY_SIZE(rows))

static void headful_without_address(void **state)
{
	(void)state;
	CHECK_ROWS("selector: {a: b}, ", headful);
	CHECK_ROWS("type: NodePort, ", headful);
	CHECK_ROWS("type: LoadBalancer, ", headful);
}

static void headless_with_selector(void **state)
{
	(void)state;
	CHECK_ROWS("clusterIP: None, selector: {a: b}, ", headful);
}

static void headless_without_selector(void **state)
{
	(void)state;
	CHECK_ROWS("clusterIP: None, ", headless_selectorless);
	CHECK_ROWS("clusterIP: None, selector: {}, ", headless_selectorless);
}

static void with_one_address(void **state)
{
	(void)state;
	CHECK_ROWS("clusterIP: 10.96.0.9, ", one_address);
	CHECK_ROWS("clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ", one_address);
}

static void with_two_addresses(void **state)
{
	(void)state;
	CHECK_ROWS("clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, \"fd00:10:96::9\"], ", two_addresses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(headful_without_address),   cmocka_unit_test(headless_with_selector),
	    cmocka_unit_test(headless_without_selector), cmocka_unit_test(with_one_address),
	    cmocka_unit_test(with_two_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
