#ifndef DS_SERVICE_CLUSTER_H
#define DS_SERVICE_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/ip.h"

/* How a feature gate stands: as the version has it, or set on the command line. */
enum ds_service_gate { DS_SERVICE_GATE_DEFAULT, DS_SERVICE_GATE_ON, DS_SERVICE_GATE_OFF };

/*
 * What an API server knows of its Service network. Plain data; nothing is
 * owned. All zero but `minor` and one range is a valid single-stack cluster.
 */
struct ds_service_cluster {
	unsigned minor;           /* 1.<minor>; taken as DS_KUBE_OLDEST or DS_KUBE_NEWEST when outside what is known */
	struct ds_cidr ranges[2]; /* --service-cluster-ip-range, primary first */
	size_t n_ranges;          /* 1 or 2, of different families */

	/* The networks of the cluster's ready ServiceCIDR objects, where addresses
	 * come from since 1.33; none means those of `ranges`, as in a cluster to
	 * which no ServiceCIDR was added. Which families exist is decided by
	 * `ranges` alone. */
	const struct ds_cidr *service_cidrs;
	size_t n_service_cidrs;

	/* --service-node-port-range; 0 and 0 mean 30000-32767. */
	uint16_t node_port_first, node_port_last;

	/* Addresses in use besides those of the Service in question. */
	const struct ds_ip *taken;
	size_t n_taken;
	/* The first address of the first range is in use too, by the Service
	 * "kubernetes": true for every running cluster. Set to leave it out. */
	bool without_kubernetes_service;

	enum ds_service_gate dual_stack;   /* IPv6DualStack, 1.20 to 1.22 */
	enum ds_service_gate multi_cidr;   /* MultiCIDRServiceAllocator, 1.27 to 1.33 */
	enum ds_service_gate strict_ip;    /* StrictIPCIDRValidation, 1.33 and later */
	enum ds_service_gate relaxed_name; /* RelaxedServiceNameValidation, 1.34 and later */
};

#endif
