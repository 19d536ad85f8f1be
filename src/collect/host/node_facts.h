#ifndef DS_COLLECT_NODE_FACTS_H
#define DS_COLLECT_NODE_FACTS_H

#include "collect/collect.h"

/*
 * What a host's kernel says of itself: its addresses, the routes to everywhere
 * and to its own networks, the sysctls and boot arguments that decide about
 * dual-stack. Only files below a directory shaped like /proc are read, no
 * command is run, nothing is written.
 */

/* Where to look, and for whom. */
struct ds_node_facts_source {
	const char *dir; /* shaped like /proc */
	bool real;       /* it is procfs, and not a recording */
	const char *host;
	int32_t pid; /* a component of the host: what it sees is what counts; 0: none was found */
};

/* Fills the host's record. What cannot be read is said once, as a note. 0 or DS_ENOMEM. */
int ds_node_facts_collect(struct ds_facts *f, const struct ds_input *input, const struct ds_node_facts_source *src)
	DS_MUST_CHECK;

/* The same namespace ("net", "mnt", …) for two processes (0: this one) of a procfs? False when that cannot be told. */
bool ds_node_facts_same_ns(const char *dir, const char *which, int32_t x, int32_t y);

#endif
