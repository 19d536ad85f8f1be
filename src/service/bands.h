#ifndef DS_SERVICE_BANDS_H
#define DS_SERVICE_BANDS_H

#include "service/cluster.h"

/* Which addresses of a Service range are given out, and in which order. */
struct ds_service_bands {
	bool any;     /* there is an address to give out; else nothing below is set */
	bool divided; /* into a lower band for addresses that are asked for and an upper one to choose from */
	struct ds_ip first, last;
	struct ds_ip static_last, dynamic_first; /* divided only */
};

/*
 * The bands of a range of the cluster. subrange: ServiceIPStaticSubrange is on
 * (1.25 and later; a gate in 1.24 and 1.25). Addresses of the lower band are
 * chosen only when the upper one is full.
 * Source: pkg/registry/core/service/ipallocator: bitmap.go:New,
 * calculateRangeOffset, ipallocator.go:NewIPAllocator.
 */
void ds_service_bands(const struct ds_service_cluster *c, bool subrange, const struct ds_cidr *range,
		      struct ds_service_bands *ret);

#endif
