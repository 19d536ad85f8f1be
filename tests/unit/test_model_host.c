#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "model/host.h"

static void test_interface_kinds(void **state)
{
	static const struct {
		const char *name;
		enum ds_interface_kind kind;
	} rows[] = {
		{"lo", DS_INTERFACE_LOOPBACK},
		{"", DS_INTERFACE_HOST},
		{"eth0", DS_INTERFACE_HOST},
		{"eno1.7", DS_INTERFACE_HOST},
		{"br-ex", DS_INTERFACE_HOST}, /* OpenShift's uplink */
		{"br-lan", DS_INTERFACE_HOST},
		{"br-0123456789ab", DS_INTERFACE_ENGINE},
		{"br-0123456789ag", DS_INTERFACE_HOST},
		{"docker0", DS_INTERFACE_ENGINE},
		{"docker01", DS_INTERFACE_HOST},
		{"podman1", DS_INTERFACE_ENGINE},
		{"lxcbr0", DS_INTERFACE_ENGINE},
		{"lxc1a2b3c", DS_INTERFACE_CLUSTER},
		{"cni0", DS_INTERFACE_CLUSTER},
		{"kube-ipvs0", DS_INTERFACE_CLUSTER},
		{"cali0123", DS_INTERFACE_CLUSTER},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		if (ds_host_interface_kind(rows[i].name) != rows[i].kind)
			fail_msg("%s: %s", rows[i].name, ds_host_interface_kind_name(ds_host_interface_kind(rows[i].name)));
	assert_string_equal(ds_host_interface_kind_name(DS_INTERFACE_ENGINE), "engine");
}

/* The sysctls are read in this order, and none twice. */
static void test_sysctls_are_sorted(void **state)
{
	(void)state;
	for (size_t i = 1; ds_host_sysctls[i]; i++)
		assert_true(strcmp(ds_host_sysctls[i - 1], ds_host_sysctls[i]) < 0);
}

static struct ds_host_address address(const char *cidr)
{
	return (struct ds_host_address){.interface = "eth0", .cidr = ds_str_from(cidr)};
}

static void test_families(void **state)
{
	static const struct {
		const char *addresses[3];
		const char *disabled; /* all.disable_ipv6 */
		const char *argument;
		bool complete;
		enum ds_host_families want;
	} rows[] = {
		{{0}, NULL, NULL, false, DS_HOST_UNKNOWN},
		{{"127.0.0.1/8", "10.0.0.1/24", "fd00::1/64"}, NULL, NULL, true, DS_HOST_DUAL},
		{{"127.0.0.1/8", "10.0.0.1/24"}, NULL, NULL, true, DS_HOST_IPV4_ONLY},
		{{"10.0.0.1/24"}, NULL, NULL, true, DS_HOST_UNKNOWN}, /* a list that somebody shortened */
		{{"127.0.0.1/8", "10.0.0.1/24"}, "0", NULL, true, DS_HOST_DUAL},
		{{"127.0.0.1/8", "10.0.0.1/24", "fd00::1/64"}, "1", NULL, true, DS_HOST_IPV4_ONLY},
		{{"127.0.0.1/8", "10.0.0.1/24"}, NULL, "ipv6.disable=1", false, DS_HOST_IPV4_ONLY},
		{{"127.0.0.1/8", "10.0.0.1/24"}, "0", "ipv6.disable=0", true, DS_HOST_DUAL},
		{{"::1/128", "fd00::1/64"}, NULL, NULL, true, DS_HOST_IPV6_ONLY},
		{{0}, "1", NULL, false, DS_HOST_IPV4_ONLY},
		{{0}, "0\n", NULL, false, DS_HOST_DUAL},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_host_address addresses[3];
		struct ds_sysctl sysctl = {"net.ipv6.conf.all.disable_ipv6", ds_str_from(rows[i].disabled)};
		const char *argument = rows[i].argument;
		struct ds_host h = {.has_addresses = rows[i].complete,
				    .addresses = {.v = addresses},
				    .sysctls = {.v = &sysctl, .n = rows[i].disabled != NULL},
				    .kernel_args = {.v = &argument, .n = argument != NULL}};

		for (size_t k = 0; k < 3 && rows[i].addresses[k]; k++)
			addresses[h.addresses.n++] = address(rows[i].addresses[k]);
		if (ds_host_families(&h) != rows[i].want)
			fail_msg("row %zu: %d", i, (int)ds_host_families(&h));
	}
	assert_int_equal(ds_host_families(NULL), DS_HOST_UNKNOWN);
}

static void test_seen(void **state)
{
	struct ds_host h = {.name = "a"};

	(void)state;
	assert_false(ds_host_is_seen(NULL));
	assert_false(ds_host_is_seen(&h));
	h.has_kernel_args = true;
	assert_true(ds_host_is_seen(&h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interface_kinds),
		cmocka_unit_test(test_sysctls_are_sorted),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
