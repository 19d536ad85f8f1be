#ifndef DS_NET_CIDRSET_H
#define DS_NET_CIDRSET_H

#include <stddef.h>

#include "base/arena.h"
#include "net/ip.h"

/* A set of addresses as a sorted list of disjoint networks, both families. */
struct ds_cidrset {
	struct ds_cidr *v; /* masked, sorted by ds_cidr_cmp, none adjacent siblings, none nested */
	size_t n;
};

/* The union of n networks (any order, overlaps allowed). O(n log n). 0 or DS_ENOMEM. */
int ds_cidrset_from(struct ds_arena *a, const struct ds_cidr *cidrs, size_t n, struct ds_cidrset *ret) DS_MUST_CHECK;
/* a minus b: 0 or DS_ENOMEM. */
int ds_cidrset_subtract(struct ds_arena *arena, const struct ds_cidrset *a, const struct ds_cidrset *b,
			struct ds_cidrset *ret) DS_MUST_CHECK;
bool ds_cidrset_contains_ip(const struct ds_cidrset *s, const struct ds_ip *ip);
bool ds_cidrset_contains(const struct ds_cidrset *s, const struct ds_cidr *c);
bool ds_cidrset_overlaps(const struct ds_cidrset *s, const struct ds_cidr *c);

#endif
