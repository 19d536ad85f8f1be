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

#include "collect/node_facts.h"
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

static const char *show(struct ds_buf *b, const struct ds_host *h)
{
	for (size_t i = 0; i < h->addresses.n; i++)
		ds_buf_printf(b, "%s %.*s\n", h->addresses.v[i].interface, DS_STR_ARG(h->addresses.v[i].cidr));
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
		 "eth0 fe80::42:acff:fe11:2/64\nlo ::1/128\n"},
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

		run_init(&r);
		assert_int_equal(ds_node_facts_fib_trie(r.ctx.arena, ds_str_from(rows[i].trie), ds_str_from(rows[i].route), &h), 0);
		assert_int_equal(ds_node_facts_if_inet6(r.ctx.arena, ds_str_from(rows[i].v6), &h), 0);
		if (strcmp(show(&b, &h), rows[i].want) != 0)
			fail_msg("row %zu: %s", i, b.p);
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
		{"net", true, true, 2, 0},
		{"1/net", true, true, 2, 1}, /* process 1 has no cmdline: said */
		{"net", false, false, 2, 1},
		{NULL, false, false, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		char dir[] = "/tmp/dsaudit-facts-XXXXXX", name[64];
		static const char kubelet[] = "kubelet\0--node-ip=172.17.0.2";
		const struct ds_host *h;
		struct run r;

		assert_non_null(mkdtemp(dir));
		put(dir, "proc/812/cmdline", kubelet, sizeof(kubelet));
		if (rows[i].net) {
			(void)snprintf(name, sizeof(name), "proc/%s/fib_trie", rows[i].net);
			put(dir, name, fib_trie, strlen(fib_trie));
			(void)snprintf(name, sizeof(name), "proc/%s/if_inet6", rows[i].net);
			if (rows[i].with_v6)
				put(dir, name, if_inet6, strlen(if_inet6));
			put(dir, "proc/sys/net/ipv6/conf/all/disable_ipv6", "0\n", 2);
			put(dir, "proc/sys/net/ipv4/ip_forward", "1\n", 2);
		}
		run_init(&r);
		assert_int_equal(ds_collect_processes(&r.f, dir), 0);
		h = ds_facts_find_host(&r.f, r.f.components.v[0]->host);
		assert_non_null(h);
		if (h->has_addresses != rows[i].complete || h->sysctls.n != rows[i].sysctls ||
		    r.ctx.diags.n != rows[i].notes)
			fail_msg("row %zu: %d, %zu sysctls, %zu notes", i, h->has_addresses, h->sysctls.n, r.ctx.diags.n);
		if (h->sysctls.n)
			assert_string_equal(h->sysctls.v[0].name, "net.ipv4.ip_forward");
		run_done(&r);
		(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_a_recorded_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
