#ifndef DS_REPORT_ADDRESS_SPACE_H
#define DS_REPORT_ADDRESS_SPACE_H

#include "model/model.h"
#include "service/bands.h"

/*
 * Where the ranges of a cluster lie, for drawing: nothing here knows how a
 * picture is made. Between 10.0.0.0/8 and a /24 lie sixteen bits, between a /40
 * and a /112 of IPv6 seventy-two, and between two ranges often nothing at all:
 * no line with one scale shows them. So the space of a family is cut wherever a
 * range begins or ends, and each piece is as wide as the logarithm of its size;
 * what no range covers is a narrow gap. Order, nesting and overlap stay true.
 */

/* The axis goes from 0 to this. */
#define DS_SPACE_WIDTH 10000u

/* Different ranges of a family that are told apart; more come of no cluster. */
#define DS_SPACE_RANGES 24u

enum ds_space_role {
	DS_SPACE_SERVICES,
	DS_SPACE_PODS,
	DS_SPACE_NODES,       /* addresses of nodes: the first and last of some that lie together */
	DS_SPACE_NODE_BLOCKS, /* podCIDRs of Nodes outside every pod range, likewise */
	DS_SPACE_ROLE__COUNT
};

/* A piece of the axis. */
struct ds_space_span {
	uint32_t left, right;
};

struct ds_space_spans {
	DS_VEC(struct ds_space_span) v;
};

struct ds_space_range {
	enum ds_space_role role;
	struct ds_ip first, last;
	bool is_network; /* cidr is set */
	struct ds_cidr cidr;
	uint32_t said_by; /* bits 1 << enum ds_component: whose settings have it */
	bool object;      /* a ServiceCIDR has it */
	bool effective;   /* the cluster works with it, as far as can be told */
	size_t n;         /* NODES, NODE_BLOCKS: how many addresses or blocks lie there */
	struct ds_service_bands bands; /* SERVICES */
	struct ds_space_span at;
	uint32_t band;    /* SERVICES, divided: where the dynamic band begins */
};

/* Two ranges for different things that have addresses in common. */
struct ds_space_overlap {
	const struct ds_space_range *a, *b; /* in the order of ranges */
	struct ds_ip first, last;
	struct ds_space_span at;
};

struct ds_space {
	enum ds_family family;
	DS_VEC(struct ds_space_range) ranges; /* by first address, the larger first */
	size_t left_out;                      /* beyond DS_SPACE_RANGES: at least so many */
	DS_VEC(struct ds_space_span) gaps;    /* where there is no range */
	DS_VEC(struct ds_space_overlap) overlaps;
	struct ds_space_spans nodes;          /* addresses of nodes, those joined that a screen cannot tell apart */
	struct ds_space_spans blocks;         /* podCIDRs of Nodes in pod ranges, likewise */
};

/* What is known of one family. 0 or DS_ENOMEM. O(n log n) in Nodes. */
int ds_space(struct ds_arena *a, const struct ds_cluster *c, enum ds_family family, struct ds_space *ret)
	DS_MUST_CHECK;

/* Node blocks begin..end, both included, that are not free. */
struct ds_space_blocks_span {
	uint64_t begin, end;
	bool taken; /* a Service range lies there; else Nodes have them */
};

/* A network that kube-controller-manager cuts into the nodes' blocks, on a linear scale. */
struct ds_space_blocks {
	struct ds_cidr network;
	unsigned mask;         /* of a block */
	uint64_t n;            /* blocks */
	uint64_t used, taken, free;
	DS_VEC(struct ds_space_blocks_span) spans; /* sorted, disjoint; a block that is both is taken */
};

/* Network i of those that node IPAM hands out blocks of. 0, DS_ENOENT (there is none, or its blocks cannot be
 * counted) or DS_ENOMEM. */
int ds_space_blocks(struct ds_arena *a, const struct ds_cluster *c, size_t i, struct ds_space_blocks *ret)
	DS_MUST_CHECK;

#endif
