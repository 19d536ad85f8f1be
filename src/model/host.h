#ifndef DS_MODEL_HOST_H
#define DS_MODEL_HOST_H

#include "kube/host_net.h"
#include "kube/node_verdict.h"
#include "model/facts.h"

/* What follows from the facts of one host. */

enum ds_interface_kind {
	DS_INTERFACE_HOST,     /* the host's own */
	DS_INTERFACE_LOOPBACK,
	DS_INTERFACE_ENGINE,   /* a bridge of a container engine or hypervisor */
	DS_INTERFACE_CLUSTER,  /* kube-proxy's or a network plugin's */
	DS_INTERFACE_KIND__COUNT
};

/* By its name, as the programs choose them; "" is a host's. */
enum ds_interface_kind ds_host_interface_kind(const char *name);
const char *ds_host_interface_kind_name(enum ds_interface_kind k); /* "host", "loopback", … */

/* Something of the host was recorded beyond its processes. h may be NULL. */
bool ds_host_is_seen(const struct ds_host *h);

/* The sysctls that are looked for, sorted, with NULL at the end. Those of net.bridge are there with its module only. */
extern const char *const ds_host_sysctls[];

/* The value of a sysctl, trimmed; false when it was not recorded. */
bool ds_host_sysctl(const struct ds_host *h, const char *name, struct ds_str *ret);

/* Which families the kernel serves. h may be NULL: unknown. */
enum ds_host_families ds_host_families(const struct ds_host *h);

/* Families of the addresses by which others can reach it, in order of appearance: how many. 0 also when they were not
 * recorded. */
size_t ds_host_global_families(const struct ds_host *h, enum ds_family ret[static 2]);

/* What an address choice depends on; false when not all of it was recorded (or h is NULL), DS_ENOMEM in *ret_r. */
bool ds_host_net(struct ds_arena *a, const struct ds_host *h, struct ds_host_net *ret, int *ret_r);

#endif
