#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "kube/host_net.h"
#include "kube_args.h"

/* "eth0 10.0.0.1, lo fd00::1" */
static size_t read_list(const char *text, struct ds_host_ip *ips, struct ds_host_default *defaults)
{
	static char names[64][16];
	static size_t used;
	struct ds_str rest = ds_str_from(text), item;
	bool done = rest.n == 0;
	size_t n = 0;

	while (ds_str_split(&rest, ',', &done, &item)) {
		struct ds_str s = ds_str_trim(item);
		size_t blank = ds_str_find(s, ' ');
		char *name = names[used++ % 64];

		(void)snprintf(name, sizeof(names[0]), "%.*s", (int)blank, s.p);
		if (strcmp(name, "?") == 0)
			*name = '\0';
		s = ds_str_skip(s, blank + 1);
		if (defaults)
			defaults[n++] = (struct ds_host_default){name, ds_str_eqz(s, "6") ? DS_IPV6 : DS_IPV4};
		else {
			ips[n].interface = name;
			assert_int_equal(ds_ip_parse(s, DS_IP_STRICT, &ips[n++].ip), 0);
		}
	}
	return n;
}

static void test_choice(void **state)
{
	static const char dual[] = "lo 127.0.0.1, lo ::1, eth0 10.0.0.5, eth0 fe80::5, eth0 fd00::5";
	static const struct {
		const char *addresses, *routes;
		enum ds_family preferred;
		unsigned minor;
		const char *want;
	} rows[] = {
		{dual, "eth0 4, eth0 6", DS_IPV4, 36, "10.0.0.5"},
		{dual, "eth0 4, eth0 6", DS_IPV6, 36, "fd00::5"},
		{dual, "eth0 6", DS_IPV4, 36, "fd00::5"},
		{dual, "eth0 4", DS_IPV6, 36, "10.0.0.5"},
		{dual, "", DS_IPV4, 36, "no default routes found in \"/proc/net/route\" or \"/proc/net/ipv6_route\""},
		{"", "eth0 4", DS_IPV4, 36, "unable to select an IP from default routes."},
		{"eth0 fe80::5, eth0 169.254.0.5", "eth0 6, eth0 4", DS_IPV4, 36, "unable to select an IP from default routes."},
		/* The first route whose interface has one. */
		{"eth0 169.254.0.5, eth1 10.1.0.5, eth2 10.2.0.5", "eth0 4, eth1 4, eth2 4", DS_IPV4, 36, "10.1.0.5"},
		{"eth1 10.1.0.5, eth1 10.1.0.6, eth2 10.2.0.5", "eth1 4", DS_IPV4, 36, "10.1.0.5 10.1.0.6"},
		{"eth1 10.1.0.5", "eth0 4, eth0 6", DS_IPV4, 36, "unable to select an IP from default routes."},
		/* Addresses on the loopback interface, as with BGP on the host; before the next route. */
		{"lo 127.0.0.1, lo 10.9.0.1, eth1 10.1.0.5", "eth0 4, eth1 4", DS_IPV4, 36, "10.9.0.1"},
		{"lo 127.0.0.1, lo 10.9.0.1, eth1 10.1.0.5", "eth0 4, eth1 4", DS_IPV4, 20, "10.1.0.5"},
		{"lo 127.0.0.1, lo 10.9.0.1", "eth0 4", DS_IPV4, 20, "unable to select an IP from default routes."},
		/* Whose an address is, is not always known. */
		{"? 10.0.0.5", "eth0 4", DS_IPV4, 36, "?"},
		{"? 10.0.0.5, eth0 10.0.0.6", "eth0 4", DS_IPV4, 36, "10.0.0.6"},
		{"? 10.0.0.5, eth0 fd00::6", "eth0 4, eth0 6", DS_IPV6, 36, "fd00::6"},
		{"? 127.0.0.1", "eth0 4", DS_IPV4, 36, "unable to select an IP from default routes."},
	};

	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
		struct ds_host_ip ips[8];
		struct ds_host_default defaults[8];
		struct ds_host_net net = {.addresses = ips, .defaults = defaults};
		struct ds_host_chosen c;

		net.n_addresses = read_list(rows[i].addresses, ips, NULL);
		net.n_defaults = read_list(rows[i].routes, NULL, defaults);
		assert_int_equal(ds_kube_choose_host_ip(*state, &net, rows[i].preferred, rows[i].minor, &c), 0);
		for (size_t k = 0; k < c.n; k++) {
			char text[DS_IP_TEXT];

			ds_buf_printf(&b, "%s%s", k ? " " : "", ds_ip_format(&c.ips[k], text));
		}
		if (c.choice != DS_HOST_CHOICE_IP)
			ds_buf_addz(&b, c.choice == DS_HOST_CHOICE_UNSURE ? "?" : c.error);
		ds_buf_addc(&b, '\0');
		if (strcmp(b.p, rows[i].want) != 0)
			fail_msg("row %zu: '%s', expected '%s'", i, b.p, rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_choice, arena_setup, arena_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
