#ifndef DS_KUBE_HOST_NET_H
#define DS_KUBE_HOST_NET_H

#include "base/arena.h"
#include "net/ip.h"

/*
 * The address of its host that a component takes when it is given none.
 */

struct ds_host_net {
	const struct ds_host_ip {
		const char *interface; /* "": which one has it is not known */
		struct ds_ip ip;
	} *addresses; /* all of them */
	size_t n_addresses;
	const struct ds_host_default {
		const char *interface;
		enum ds_family family;
	} *defaults; /* routes to 0.0.0.0 and :: as Kubernetes counts them, in the order of the kernel's files */
	size_t n_defaults;
};

enum ds_host_choice {
	DS_HOST_CHOICE_IP,   /* ips: one of these, all of one family */
	DS_HOST_CHOICE_NONE, /* error: the function's own words */
	DS_HOST_CHOICE_UNSURE, /* what is known of the host does not decide it */
};

struct ds_host_chosen {
	enum ds_host_choice choice;
	struct ds_ip *ips; /* the kernel's order decides among them, which is not recorded */
	size_t n;
	const char *error;
};

/*
 * What ResolveBindAddress makes of an unspecified or loopback bind address:
 * default routes of the preferred family in order, then of the other; the first
 * whose interface (from 1.21 on also the loopback interface) has a global
 * address of the route's family. 0 or DS_ENOMEM.
 * Source: k8s.io/apimachinery/pkg/util/net/interface.go:chooseHostInterface,
 * getAllDefaultRoutes, chooseHostInterfaceFromRoute.
 */
int ds_kube_choose_host_ip(struct ds_arena *a, const struct ds_host_net *net, enum ds_family preferred, unsigned minor,
			   struct ds_host_chosen *ret) DS_MUST_CHECK;

#endif
