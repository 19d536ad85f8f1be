#ifndef DS_KUBE_KUBE_CONTROLLER_MANAGER_H
#define DS_KUBE_KUBE_CONTROLLER_MANAGER_H

#include "kube/cmdline.h"
#include "kube/node_ipam.h"
#include "kube/verdict.h"
#include "net/ip.h"

/* An existing Node's spec.podCIDRs. */
struct ds_kcm_node {
	const char *name;
	const struct ds_str *cidrs; /* in order; n = 0: none yet */
	size_t n;
	struct ds_loc loc; /* of the Node */
};

enum ds_node_ipam_state {
	DS_NODE_IPAM_UNKNOWN,     /* see the verdict's reason */
	DS_NODE_IPAM_NOT_STARTED, /* nobody asked for it: nodes get no podCIDRs from here */
	DS_NODE_IPAM_RUNNING,
	DS_NODE_IPAM_EXITED,      /* the process ends */
};

/* "unknown", "not started", "running", "process exited". */
const char *ds_node_ipam_state_name(enum ds_node_ipam_state s);

struct ds_kcm_result {
	struct ds_verdict verdict;
	enum ds_node_ipam_state ipam;
	struct ds_ipam_config config; /* RUNNING only */
	/* RUNNING only: Service ranges taken out, existing nodes' podCIDRs occupied. ds_ipam_next previews. */
	struct ds_ipam *allocator;
};

/*
 * --cluster-cidr as kube-controller-manager reads it when it hands out
 * podCIDRs: blanks around the whole text are cut off, split at ',', nothing
 * else trimmed, every entry parsed, host bits dropped. *ret: masked networks as
 * ds_cidr_parse gives them. Fails too on more than two networks and on two of
 * one family. dual_stack: whether two are allowed at all (the IPv6DualStack
 * gate before 1.23; otherwise true).
 * 0; DS_ESYNTAX, then *reterr is kube-controller-manager's message; DS_ENOMEM.
 * Source: cmd/kube-controller-manager/app/core.go:validateCIDRs.
 */
int ds_kcm_cluster_cidrs(struct ds_arena *a, struct ds_str raw, unsigned minor, bool dual_stack, struct ds_cidr **ret,
			 size_t *ret_n, const char **reterr) DS_MUST_CHECK;

/*
 * --service-cluster-ip-range as kube-controller-manager reads it: the first
 * two entries, untrimmed. An entry that does not parse is logged and ignored.
 * *ret[i] for the entries that count, in order; *ret_bad[i] (may be NULL)
 * gets the ignored texts, blank entries left out; *ret_n_bad how many.
 * Never fails on a text. 0 or DS_ENOMEM.
 * Source: cmd/kube-controller-manager/app/options/nodeipamcontroller.go:ApplyTo,
 * cmd/kube-controller-manager/app/core.go:newNodeIpamController.
 */
int ds_kcm_service_ranges(struct ds_arena *a, struct ds_str raw, struct ds_cidr **ret, size_t *ret_n,
			  struct ds_str ret_bad[static 2], size_t *ret_n_bad) DS_MUST_CHECK;

/*
 * Would kube-controller-manager of this minor version start, and would it hand
 * out podCIDRs? nodes: what exists already; n_nodes may be 0. Warnings hold
 * what goes wrong without ending the process, and what silently does not
 * happen. Derived:
 *   nodeIpam             string  ds_node_ipam_state_name
 *   clusterCIDR          list    the networks, host bits dropped        (this and all below: running only)
 *   podFamilies          list    "IPv4", "IPv6" in order
 *   maskSizes            list    prefix length of a node's block, per network
 *   serviceRangesAvoided list    the Service ranges kept out of podCIDRs
 *   capacity             int     nodes that can have podCIDRs, existing ones included
 *   capacityPerFamily    list    the same, per network
 *   podAddressesPerNode  list    addresses in a node's block, per network
 *   singleStackNodes     list    existing nodes with fewer podCIDRs than there are networks: they stay that way
 * 0 or DS_ENOMEM.
 * Source: cmd/kube-controller-manager/app/{controllermanager,core,cloudproviders}.go and app/options,
 * pkg/controller/nodeipam/node_ipam_controller.go.
 */
int ds_kcm_evaluate(struct ds_arena *a, const struct ds_cmdline *cl, unsigned minor, const struct ds_kcm_node *nodes,
		    size_t n_nodes, struct ds_kcm_result *ret) DS_MUST_CHECK;

#endif
