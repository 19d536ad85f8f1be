#ifndef DS_REPORT_TOPOLOGY_H
#define DS_REPORT_TOPOLOGY_H

#include "model/model.h"

/*
 * The nodes of a cluster and the components on them, for formats that people
 * read: what looks the same is one group with a count, so that 10,000 nodes are
 * a table of a few rows.
 */

/* Names kept of a group. */
#define DS_GROUP_NAMES 3u

/* Nodes on which the same is seen. */
struct ds_node_group {
	size_t n;
	const char *names[DS_GROUP_NAMES]; /* of the first ones; a host's when no node's name was seen */
	bool named;                        /* those are names of nodes */
	const char *runs;                  /* "kube-proxy 1.34.2, kubelet 1.34.2"; "" when nothing was seen to run */
	const char *refused;               /* those that would not start, or "" */
	const char *families;              /* of its addresses; "" when none were seen */
	const char *pod_families;          /* of its podCIDRs; "" when it has none, NULL when its Node was not seen */
	bool single_stack;                 /* it keeps fewer podCIDRs than new nodes get */
	const char *addresses;             /* of one node alone; else NULL */
	const char *pod_cidrs;             /* the same */
};

/* Components of one kind of which the same is known. */
struct ds_component_group {
	const struct ds_component_model *first;
	size_t n;
};

struct ds_topology {
	DS_VEC(struct ds_node_group) nodes; /* in the order of the inputs */
	size_t n_nodes;
	DS_VEC(struct ds_component_group) components; /* in the order of enum ds_component */
};

/* 0 or DS_ENOMEM. Linear in components and Nodes. */
int ds_topology(struct ds_arena *a, const struct ds_cluster *c, struct ds_topology *ret) DS_MUST_CHECK;

/* A Node's status.addresses of type InternalIP: the first n_max into v. Returns how many there are. */
size_t ds_node_internal_ips(const struct ds_object *node, struct ds_ip *v, size_t n_max);

#endif
