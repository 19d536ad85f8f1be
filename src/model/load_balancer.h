#ifndef DS_MODEL_LOAD_BALANCER_H
#define DS_MODEL_LOAD_BALANCER_H

#include "base/map.h"
#include "cel/value.h"
#include "model/model.h"

/*
 * Who gives Services of type LoadBalancer their addresses, as far as objects
 * tell: MetalLB's IPAddressPools, annotations and classes of cloud
 * controllers, the cloud that Nodes come from.
 */
struct ds_load_balancers {
	struct ds_arena *a;
	size_t n_pools;
	struct ds_map pools;                /* name -> what a Service that asks for this pool alone can get */
	struct ds_address_pools *automatic; /* what one that asks for none can get */
	struct ds_str cloud;                /* the scheme of all Nodes' spec.providerID ("openstack"), or empty */
};

/* Looks through a cluster's objects once. Everything lives in a. 0 or DS_ENOMEM. */
int ds_load_balancers_init(struct ds_arena *a, const struct ds_cluster *c, struct ds_load_balancers *ret) DS_MUST_CHECK;

/* `svc.loadBalancer` of a Service object: absent unless its type is LoadBalancer. 0 or DS_ENOMEM. */
int ds_load_balancer_value(const struct ds_load_balancers *l, const struct ds_object *o,
			   struct ds_cel_value *ret) DS_MUST_CHECK;

extern const struct ds_cel_object_type ds_load_balancer_type;

#endif
