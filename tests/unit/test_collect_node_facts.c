#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <ftw.h>
#include <fcntl.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "collect/host/node_net.h"
#include "collect_util.h"

static const char if_inet6[] = "fd000172000000000000000000000002 02 40 00 80     eth0\n"
			       "fe800000000000000042acfffe110002 02 40 20 80     eth0\n"
			       "00000000000000000000000000000001 01 80 10 80       lo\n";
static const char fib_trie[] = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n"
			       "     +-- 127.0.0.0/8 2 0 2\n        +-- 127.0.0.0/31 1 0 0\n           |-- 127.0.0.0\n"
			       "              /8 host LOCAL\n           |-- 127.0.0.1\n              /32 host LOCAL\n"
			       "        |-- 127.255.255.255\n           /32 link BROADCAST\n"
			       "     +-- 172.17.0.0/16 2 0 2\n           |-- 172.17.0.2\n              /32 host LOCAL\n"
			       "           |-- 10.9.9.9\n              /32 host LOCAL\n"
			       "Local:\n           |-- 172.17.0.2\n              /32 host LOCAL\n";
static const char route[] = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
			    "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
			    "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n";

static const char ipv6_route[] =
	"00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 "
	"00000001 00000000 00450003     eth0\n"
	"00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000002 00000400 "
	"00000001 00000000 00000003     eth1\n"
	"fd000172000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 "
	"00000001 00000000 00000001     eth0\n"
	"fd000010024400010000000000000000 50 00000000000000000000000000000000 00 fd000172000000000000000000000003 00000400 "
	"00000001 00000000 00000003     eth0\n"
	"fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 "
	"00000001 00000000 00000001     eth0\n"
	"fd000172000000000000000000000002 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 "
	"00000003 00000000 80200001     eth0\n"
	"ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 "
	"00000003 00000000 00000001     eth0\n"
	"00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff "
	"00000001 00000000 00200200       lo\n";

static const char *show(struct ds_buf *b, const struct ds_host *h)
{
	for (size_t i = 0; i < h->addresses.n; i++)
		ds_buf_printf(b, "%s %.*s\n", h->addresses.v[i].interface, DS_STR_ARG(h->addresses.v[i].cidr));
	for (size_t i = 0; i < h->routes.n; i++) {
		const struct ds_host_route *r = &h->routes.v[i];
		char net[DS_CIDR_TEXT], gateway[DS_IP_TEXT];

		ds_buf_printf(b, "%s via %s %s%s\n", ds_cidr_format(&r->net, net),
			      r->has_gateway ? ds_ip_format(&r->gateway, gateway) : "-", r->interface, r->ra ? " ra" : "");
	}
	for (size_t i = 0; i < h->sysctls.n; i++)
		ds_buf_printf(b, "%s=%.*s\n", h->sysctls.v[i].name, DS_STR_ARG(h->sysctls.v[i].value));
	return b->p ? b->p : "";
}

static void test_addresses(void **state)
{
	static const struct {
		const char *v6, *trie, *route, *want;
	} rows[] = {
		{if_inet6, fib_trie, route,
		 "lo 127.0.0.1/8\neth0 172.17.0.2/16\n 10.9.9.9/32\neth0 fd00:172::2/64\n"
		 "eth0 fe80::42:acff:fe11:2/64\nlo ::1/128\n0.0.0.0/0 via 172.17.0.1 eth0\n172.17.0.0/16 via - eth0\n"},
		{"", fib_trie, "", "lo 127.0.0.1/8\n 172.17.0.2/32\n 10.9.9.9/32\n"},
		{"", "", "", ""},
		{"garbage\n00 01 02 03 04 05\nfd 02 40 00 80 eth0\n", "|-- \n/32 host LOCAL\n|-- 1.2.3\n/32 host LOCAL\n",
		 "eth0\t0\t0\n", ""},
		{"fd000172000000000000000000000002 02 ff 00 80 eth0\n", "/32 host LOCAL\n", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
		struct ds_host h = {0};
		struct run r;
		bool whole;

		run_init(&r);
		assert_int_equal(ds_node_net_route(r.ctx.arena, ds_str_from(rows[i].route), &h, &whole), 0);
		assert_true(whole);
		assert_int_equal(ds_node_net_fib_trie(r.ctx.arena, ds_str_from(rows[i].trie), &h), 0);
		assert_int_equal(ds_node_net_if_inet6(r.ctx.arena, ds_str_from(rows[i].v6), &h), 0);
		if (strcmp(show(&b, &h), rows[i].want) != 0)
			fail_msg("row %zu: %s", i, b.p);
		run_done(&r);
	}
}

static void test_routes(void **state)
{
	static const struct {
		const char *v4, *v6, *want;
	} rows[] = {
		{route, ipv6_route,
		 "0.0.0.0/0 via 172.17.0.1 eth0\n172.17.0.0/16 via - eth0\n::/0 via fe80::1 eth0 ra\n::/0 via fe80::2 eth1\n"
		 "fd00:172::/64 via - eth0\n"},
		/* Kubernetes looks at no mask, and IPv4 needs no gateway; what is down or rejects is none. */
		{"tun0 00000000 0100080A 0003 0 0 0 00000080 0 0 0\nppp0 00000000 00000000 0001 0 0 0 00000000 0 0 0\n"
		 "eth0 00000000 010011AC 0002 0 0 0 00000000 0 0 0\n* 000000AC 00000000 0201 0 0 0 000000FF 0 0 0\n"
		 "eth0 0000000A 010011AC 0003 0 0 0 000000FF 0 0 0\n",
		 "", "0.0.0.0/1 via 10.8.0.1 tun0\n0.0.0.0/0 via - ppp0\n"},
		{"", "", ""},
		{"eth0 0 0 zz\neth0 00000000 010011AC 000300000 0 0 0 00000000 0 0 0\n", "::/0 via x\n00 00 00 00 00 00 00 00 0 eth0\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
		struct ds_host h = {0};
		struct run r;
		bool whole4, whole6;

		run_init(&r);
		assert_int_equal(ds_node_net_route(r.ctx.arena, ds_str_from(rows[i].v4), &h, &whole4), 0);
		assert_int_equal(ds_node_net_ipv6_route(r.ctx.arena, ds_str_from(rows[i].v6), &h, &whole6), 0);
		assert_true(whole4 && whole6);
		if (strcmp(show(&b, &h), rows[i].want) != 0)
			fail_msg("row %zu: %s", i, b.p);
		run_done(&r);
	}
}

static void test_too_many_routes(void **state)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_host h = {0};
	struct run r;
	bool whole;

	(void)state;
	for (unsigned i = 0; i <= DS_LIMIT_HOST_ROUTES; i++)
		ds_buf_printf(&b, "br%u 0000%02X%02X 00000000 0001 0 0 0 0000FFFF 0 0 0\n", i, i & 255, 10 + (i >> 8));
	run_init(&r);
	assert_int_equal(ds_node_net_route(r.ctx.arena, ds_buf_str(&b), &h, &whole), 0);
	assert_int_equal(h.routes.n, DS_LIMIT_HOST_ROUTES);
	assert_false(whole);
	run_done(&r);
}

static void test_address_flags(void **state)
{
	static const struct {
		const char *flags;
		unsigned want;
	} rows[] = {
		{"80", 0},
		{"00", DS_ADDRESS_DYNAMIC},
		{"01", DS_ADDRESS_DYNAMIC | DS_ADDRESS_TEMPORARY},
		{"c8", DS_ADDRESS_DADFAILED | DS_ADDRESS_TENTATIVE},
		{"20", DS_ADDRESS_DYNAMIC | DS_ADDRESS_DEPRECATED},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_host h = {0};
		struct run r;
		char text[128];

		(void)snprintf(text, sizeof(text), "fd000172000000000000000000000002 02 40 00 %s eth0\n", rows[i].flags);
		run_init(&r);
		assert_int_equal(ds_node_net_if_inet6(r.ctx.arena, ds_str_from(text), &h), 0);
		assert_int_equal(h.addresses.v[0].flags, rows[i].want);
		run_done(&r);
	}
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

/* Writes a file below dir, folders included. */
static void put(const char *dir, const char *name, const char *text, size_t n)
{
	char path[512];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (char *p = path + strlen(dir) + 1; *p; p++)
		if (*p == '/') {
			*p = '\0';
			(void)mkdir(path, 0700);
			*p = '/';
		}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), n);
	(void)close(fd);
}

/* A recorded tree: with what it has, complete; with half of it, not. */
static void test_a_recorded_host(void **state)
{
	static const struct {
		const char *net; /* NULL: no network files */
		bool with_v6, complete;
		size_t sysctls, notes;
	} rows[] = {
		{"net", true, true, 3, 0},
		{"1/net", true, true, 3, 1}, /* process 1 has no cmdline: said */
		{"net", false, false, 3, 2},
		{NULL, false, false, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		char dir[] = "/tmp/dsaudit-facts-XXXXXX", name[64];
		static const char kubelet[] = "kubelet\0--node-ip=172.17.0.2", args[] = "root=/dev/sda ipv6.disable=0 ipv6.x quiet\n";
		const struct ds_host *h;
		struct run r;

		assert_non_null(mkdtemp(dir));
		put(dir, "proc/812/cmdline", kubelet, sizeof(kubelet));
		if (rows[i].net) {
			const struct {
				const char *name, *text;
				bool v6;
			} files[] = {{"fib_trie", fib_trie, false},
				     {"route", route, false},
				     {"if_inet6", if_inet6, true},
				     {"ipv6_route", ipv6_route, true}};

			for (size_t k = 0; k < DS_ARRAY_SIZE(files); k++) {
				(void)snprintf(name, sizeof(name), "proc/%s/%s", rows[i].net, files[k].name);
				if (rows[i].with_v6 || !files[k].v6)
					put(dir, name, files[k].text, strlen(files[k].text));
			}
			put(dir, "proc/cmdline", args, strlen(args));
			put(dir, "proc/sys/net/ipv6/conf/all/disable_ipv6", "0\n", 2);
			put(dir, "proc/sys/net/ipv4/ip_forward", "1\n", 2);
			put(dir, "proc/sys/net/ipv6/conf/eth0/accept_ra", "2\n", 2);
			put(dir, "proc/sys/net/ipv6/conf/lo/accept_ra", "1\n", 2);
		}
		run_init(&r);
		assert_int_equal(ds_collect_processes(&r.f, dir), 0);
		h = ds_facts_find_host(&r.f, r.f.components.v[0]->host);
		assert_non_null(h);
		if (h->has_addresses != rows[i].complete || h->has_routes != rows[i].complete ||
		    h->sysctls.n != rows[i].sysctls || r.ctx.diags.n != rows[i].notes ||
		    h->kernel_args.n != (rows[i].net ? 2 : 0))
			fail_msg("row %zu: %d %d, %zu sysctls, %zu notes, %zu arguments", i, h->has_addresses, h->has_routes,
				 h->sysctls.n, r.ctx.diags.n, h->kernel_args.n);
		if (h->sysctls.n) {
			assert_string_equal(h->sysctls.v[0].name, "net.ipv4.ip_forward");
			assert_string_equal(h->sysctls.v[2].name, "net.ipv6.conf.eth0.accept_ra");
			assert_string_equal(h->kernel_args.v[0], "ipv6.disable=0");
		}
		run_done(&r);
		(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	}
}

/* The names of interfaces become paths, and a recording may have any. */
static void test_names_that_are_paths(void **state)
{
	char dir[] = "/tmp/dsaudit-facts-XXXXXX";
	static const char kubelet[] = "kubelet";
	static const char addresses[] = "fd000172000000000000000000000002 02 40 00 80 ../../../..\n"
					"fd000172000000000000000000000003 02 40 00 80 ..\n"
					"fd000172000000000000000000000004 02 40 00 80 eth0.7\n";
	const struct ds_host *h;
	struct run r;

	(void)state;
	assert_non_null(mkdtemp(dir));
	put(dir, "proc/812/cmdline", kubelet, sizeof(kubelet));
	put(dir, "proc/net/fib_trie", "", 0);
	put(dir, "proc/net/if_inet6", addresses, strlen(addresses));
	put(dir, "proc/sys/net/ipv6/conf/accept_ra", "7", 1);
	put(dir, "proc/sys/net/ipv6/accept_ra", "7", 1);
	put(dir, "proc/accept_ra", "7", 1);
	put(dir, "proc/sys/net/ipv6/conf/eth0.7/accept_ra", "1", 1);
	run_init(&r);
	assert_int_equal(ds_collect_processes(&r.f, dir), 0);
	h = ds_facts_find_host(&r.f, r.f.components.v[0]->host);
	assert_non_null(h);
	assert_int_equal(h->addresses.n, 3);
	assert_int_equal(h->sysctls.n, 1);
	assert_string_equal(h->sysctls.v[0].name, "net.ipv6.conf.eth0/7.accept_ra");
	run_done(&r);
	(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_address_flags),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_too_many_routes),
		cmocka_unit_test(test_a_recorded_host),
		cmocka_unit_test(test_names_that_are_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
