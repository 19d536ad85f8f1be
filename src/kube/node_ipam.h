#ifndef DS_KUBE_NODE_IPAM_H
#define DS_KUBE_NODE_IPAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "net/ip.h"

/*
 * kube-controller-manager's node IPAM, range allocator: which block of each
 * cluster CIDR a node gets. One set of blocks per cluster CIDR, the lowest free
 * block after the last one handed out, wrapping around; blocks that a Service
 * range touches are never handed out.
 * Source: pkg/controller/nodeipam/ipam/range_allocator.go,
 * pkg/controller/nodeipam/ipam/cidrset/cidr_set.go.
 */

/* What the controller is started with. Networks are as ds_cidr_parse gives them (mapped ones keep their 128 bits). */
struct ds_ipam_config {
	size_t n; /* cluster CIDRs: 1 or 2 */
	struct ds_cidr cluster[2];
	int32_t mask[2]; /* node mask of each; checked against the cluster CIDR by the caller, but may exceed the
			    family's width */
	size_t n_services;
	struct ds_cidr services[2];
};

struct ds_ipam;

/*
 * An allocator with the Service ranges taken out. 0; DS_ERANGE: the controller
 * manager refuses to run it, *reterr is its message; DS_ENOMEM.
 */
int ds_ipam_new(struct ds_arena *a, const struct ds_ipam_config *config, struct ds_ipam **ret, const char **reterr)
	DS_MUST_CHECK;

/*
 * An existing node with its spec.podCIDRs, in order: they become occupied.
 * All existing nodes come before the first ds_ipam_next. n = 0 is a node
 * without any, which occupies nothing. 0; DS_ERANGE: the controller manager
 * exits with *reterr, on every restart; DS_ENOMEM.
 */
int ds_ipam_occupy(struct ds_ipam *ipam, const char *node, const struct ds_str *cidrs, size_t n, const char **reterr)
	DS_MUST_CHECK;

/*
 * What the next node gets: *ret[i] is the block of cluster CIDR i as the
 * controller prints it, NULL beyond the last one. 0; DS_ERANGE: it gets none,
 * because nothing is left or the API server refuses what the controller sends
 * (a mask longer than the address prints as "<nil>"); *reterr is the
 * controller's message; DS_ENOMEM.
 */
int ds_ipam_next(struct ds_ipam *ipam, const char *ret[static 2], const char **reterr) DS_MUST_CHECK;

/* Blocks of cluster CIDR i that are there at all, and that are still free. 0 when none can be handed out. */
uint64_t ds_ipam_blocks(struct ds_ipam *ipam, size_t i);
uint64_t ds_ipam_free(struct ds_ipam *ipam, size_t i);
/* Nodes that can have podCIDRs: those that have some, and as many more as the smallest ds_ipam_free. */
uint64_t ds_ipam_capacity(struct ds_ipam *ipam);
/* Blocks can be written down: the node mask is no longer than an address. */
bool ds_ipam_has_valid_mask(const struct ds_ipam *ipam, size_t i);

#endif
