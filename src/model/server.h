#ifndef DS_MODEL_SERVER_H
#define DS_MODEL_SERVER_H

#include "model/model.h"
#include "service/cluster.h"

/*
 * What the Service engine needs to know of a cluster's API server: ranges,
 * version, feature gates (of the first one, when there are several). False when
 * the ranges are not known or no valid set: *reterr says why (borrowed from c,
 * or static), and *ret has all but the ranges.
 */
bool ds_cluster_server(const struct ds_cluster *c, struct ds_service_cluster *ret, const char **reterr);

#endif
