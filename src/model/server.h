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

/*
 * Fills c->service_network from the ServiceCIDR objects and the API server's
 * flags. An object hands out addresses unless it is being deleted or says that
 * it is not ready; without the one called "kubernetes" the ranges count, too,
 * which every API server makes an object of. 0 or DS_ENOMEM.
 *
 * Source: pkg/registry/core/service/ipallocator/cidrallocator.go:MetaAllocator,
 * k8s.io/apimachinery/pkg/util/net/port_range.go:PortRange.Set.
 */
int ds_cluster_service_network(struct ds_arena *a, struct ds_cluster *c) DS_MUST_CHECK;

#endif
