#ifndef DS_MODEL_NODE_BLOCKS_H
#define DS_MODEL_NODE_BLOCKS_H

#include "model/model.h"

/* The cluster's Nodes and their podCIDRs, into c->node_blocks. 0 or DS_ENOMEM. */
int ds_node_blocks_begin(struct ds_arena *a, struct ds_cluster *c) DS_MUST_CHECK;

/*
 * What a controller manager does about podCIDRs. Of several only the leader
 * acts; which one that is, nobody here can tell: the first whose node IPAM
 * runs is taken, else the first. 0 or DS_ENOMEM.
 */
int ds_node_blocks_add(struct ds_arena *a, const struct ds_component_model *m, struct ds_kcm_result *result,
		       struct ds_node_blocks *ret) DS_MUST_CHECK;

#endif
