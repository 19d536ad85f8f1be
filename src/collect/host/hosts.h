#ifndef DS_COLLECT_HOSTS_H
#define DS_COLLECT_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * kind, k3d and minikube put several hosts on one machine, each with its own
 * init, and a listing of the machine shows them all. Which host a process
 * belongs to follows from its ancestors.
 */
struct ds_ancestor {
	uint32_t group; /* listings whose pids are not the same machine's */
	int32_t pid, ppid;
	bool is_init;
};

/* Whether a command is the init of a host: pid 1, systemd (not `--user`), init. */
bool ds_host_is_init(struct ds_str command, int32_t pid);

/* Sorts the list for ds_host_init_of. */
void ds_hosts_sort(struct ds_ancestor *v, size_t n);
/* The pid of the nearest ancestor (or the process itself) that is an init; 0 when the list does not tell. */
int32_t ds_host_init_of(const struct ds_ancestor *v, size_t n, uint32_t group, int32_t pid);

#endif
