#ifndef DS_COLLECT_NODE_NET_H
#define DS_COLLECT_NODE_NET_H

#include "model/facts.h"

/*
 * The kernel's texts about a network: net/if_inet6, net/fib_trie, net/route,
 * net/ipv6_route. What is no line of theirs is passed over. All functions
 * append to the host's record and return 0 or DS_ENOMEM.
 */

/* Addresses with their flags. */
int ds_node_net_if_inet6(struct ds_arena *a, struct ds_str text, struct ds_host *host) DS_MUST_CHECK;
/* IPv4 addresses, with the interfaces and prefixes that the routes already appended tell. */
int ds_node_net_fib_trie(struct ds_arena *a, struct ds_str text, struct ds_host *host) DS_MUST_CHECK;

/* Routes to everywhere and to networks that an interface is in. Routes to other networks are left out: a node has one
 * for every node or pod. *ret_whole: false when there are more than DS_LIMIT_HOST_ROUTES. */
int ds_node_net_route(struct ds_arena *a, struct ds_str text, struct ds_host *host, bool *ret_whole) DS_MUST_CHECK;
int ds_node_net_ipv6_route(struct ds_arena *a, struct ds_str text, struct ds_host *host, bool *ret_whole) DS_MUST_CHECK;

#endif
