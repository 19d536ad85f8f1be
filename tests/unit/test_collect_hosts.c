#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/compiler.h"
#include "collect/host/hosts.h"

static void knows_an_init(void **state)
{
	static const struct {
		const char *command;
		int32_t pid;
		bool want;
	} cases[] = {
		{"/sbin/init", 4711, true},
		{"/lib/systemd/systemd --log-level=info", 4711, true},
		{"/lib/systemd/systemd --user", 4711, false},
		{"/lib/systemd/systemd-journald", 4711, false},
		{"vim init", 4711, false},
		{"/usr/bin/dumb-init -- x", 4711, false},
		{"anything", 1, true},
		{"", 2, false},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++)
		if (ds_host_is_init(ds_str_from(cases[i].command), cases[i].pid) != cases[i].want)
			fail_msg("'%s' as pid %d", cases[i].command, cases[i].pid);
}

static void finds_the_nearest_init(void **state)
{
	struct ds_ancestor v[] = {
		{.pid = 30, .ppid = 20},
		{.pid = 1, .ppid = 0, .is_init = true},
		{.pid = 20, .ppid = 10, .is_init = true},
		{.pid = 10, .ppid = 1},
		{.pid = 40, .ppid = 41},
		{.pid = 41, .ppid = 40}, /* a loop, which no kernel makes and a text may hold */
		{.pid = 50, .ppid = 99},
		{.pid = 60, .ppid = 60},
		{.group = 1, .pid = 30, .ppid = 1},
	};
	static const struct {
		uint32_t group;
		int32_t pid, want;
	} cases[] = {
		{0, 30, 20}, {0, 20, 20}, {0, 10, 1}, {0, 1, 1}, {0, 40, 0}, {0, 50, 0}, {0, 60, 0}, {0, 77, 0},
		/* An init that is not listed is still pid 1. */
		{1, 30, 1},
	};

	(void)state;
	ds_hosts_sort(v, DS_ARRAY_SIZE(v));
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++)
		if (ds_host_init_of(v, DS_ARRAY_SIZE(v), cases[i].group, cases[i].pid) != cases[i].want)
			fail_msg("pid %d of group %u", cases[i].pid, cases[i].group);
	ds_hosts_sort(NULL, 0);
	assert_int_equal(ds_host_init_of(NULL, 0, 0, 5), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_an_init),
		cmocka_unit_test(finds_the_nearest_init),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
