#include "collect/host/hosts.h"

#include <stdlib.h>

#include "base/compiler.h"

/* Deeper process trees are loops, or nobody's. */
#define DEEPEST 256

bool ds_host_is_init(struct ds_str command, int32_t pid)
{
	static const char *const names[] = {"init", "systemd", "openrc-init", "runit", "s6-svscan"};
	size_t blank = ds_str_find(command, ' ');
	struct ds_str name = ds_str_basename(ds_str_head(command, blank));
	struct ds_str args = ds_str_skip(command, blank);

	if (pid == 1)
		return true;
	/* `systemd --user` manages a session. */
	if (ds_str_search(args, DS_STR("--user")) < args.n)
		return false;
	for (size_t i = 0; i < DS_ARRAY_SIZE(names); i++)
		if (ds_str_eqz(name, names[i]))
			return true;
	return false;
}

static int by_pid(const void *a, const void *b)
{
	const struct ds_ancestor *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

void ds_hosts_sort(struct ds_ancestor *v, size_t n)
{
	if (n > 1)
		qsort(v, n, sizeof(*v), by_pid);
}

int32_t ds_host_init_of(const struct ds_ancestor *v, size_t n, uint32_t group, int32_t pid)
{
	for (unsigned depth = 0; depth < DEEPEST && n > 0 && pid > 0; depth++) {
		struct ds_ancestor key = {.group = group, .pid = pid};
		const struct ds_ancestor *found = bsearch(&key, v, n, sizeof(*v), by_pid);

		if (!found)
			return pid == 1 ? 1 : 0;
		if (found->is_init)
			return found->pid;
		pid = found->ppid;
	}
	return 0;
}
