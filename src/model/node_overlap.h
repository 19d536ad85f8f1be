#ifndef DS_MODEL_NODE_OVERLAP_H
#define DS_MODEL_NODE_OVERLAP_H

#include "base/vec.h"
#include "kube/kube_controller_manager.h"
#include "net/ip.h"

/* Two Nodes whose pod blocks share addresses. */
struct ds_node_overlap {
	const struct ds_kcm_node *node, *other;
	struct ds_cidr cidr, other_cidr; /* masked; the other one's is the wider, or the same */
};

struct ds_node_overlaps {
	DS_VEC(struct ds_node_overlap) v;
};

/*
 * Every block of the nodes that lies in a block of another node, each once,
 * with the narrowest that holds it. Texts that are no networks are left out:
 * the API server admits none. O(n log n). 0 or DS_ENOMEM.
 */
int ds_node_overlaps(struct ds_arena *a, const struct ds_kcm_node *nodes, size_t n,
		     struct ds_node_overlaps *ret) DS_MUST_CHECK;

#endif
