#ifndef DS_MODEL_VERSION_H
#define DS_MODEL_VERSION_H

#include "model/model.h"

/*
 * The versions of a cluster and of each of its components: what was asked for;
 * else what a component itself tells, the API server's first; else the newest
 * kubelet's that a Node tells; else the newest version known. Says once per
 * cluster when a version is none that is known. The components' Nodes must be
 * found by now. 0 or DS_ENOMEM.
 */
int ds_cluster_version(struct ds_ctx *ctx, struct ds_cluster *c, const struct ds_model_options *opt) DS_MUST_CHECK;

#endif
