#include "kube/host_net.h"

#include <string.h>

#include "base/err.h"

/* The loopback interface counts since kubernetes#95790. */
#define LOOPBACK_SINCE 21u

/* Global addresses of a family on an interface; *ret_unsure: one of them may be on another. */
static size_t global_ips(const struct ds_host_net *net, const char *interface, enum ds_family family, struct ds_ip *ret,
			 bool *ret_unsure)
{
	size_t n = 0;

	for (size_t i = 0; i < net->n_addresses; i++) {
		const struct ds_host_ip *x = &net->addresses[i];

		if (x->ip.family != family || !ds_ip_is_global_unicast(&x->ip))
			continue;
		if (strcmp(x->interface, interface) == 0)
			ret[n++] = x->ip;
		else if (!x->interface[0])
			*ret_unsure = true;
	}
	return n;
}

/* True when the question is answered. */
static bool from_family(const struct ds_host_net *net, enum ds_family family, unsigned minor, struct ds_host_chosen *ret)
{
	for (size_t i = 0; i < net->n_defaults; i++) {
		bool unsure = false;

		if (net->defaults[i].family != family)
			continue;
		ret->n = global_ips(net, net->defaults[i].interface, family, ret->ips, &unsure);
		if (ret->n == 0 && minor >= LOOPBACK_SINCE)
			ret->n = global_ips(net, "lo", family, ret->ips, &unsure);
		if (ret->n > 0 || unsure) {
			/* An address without an interface is the route's, the loopback's or neither's. */
			ret->choice = ret->n > 0 ? DS_HOST_CHOICE_IP : DS_HOST_CHOICE_UNSURE;
			return true;
		}
	}
	return false;
}

int ds_kube_choose_host_ip(struct ds_arena *a, const struct ds_host_net *net, enum ds_family preferred, unsigned minor,
			   struct ds_host_chosen *ret)
{
	enum ds_family other = preferred == DS_IPV6 ? DS_IPV4 : DS_IPV6;

	*ret = (struct ds_host_chosen){.choice = DS_HOST_CHOICE_NONE};
	ret->ips = ds_arena_new_array(a, net->n_addresses, struct ds_ip);
	if (!ret->ips)
		return DS_ENOMEM;
	if (net->n_defaults == 0)
		ret->error = "no default routes found in \"/proc/net/route\" or \"/proc/net/ipv6_route\"";
	else if (!from_family(net, preferred, minor, ret) && !from_family(net, other, minor, ret))
		ret->error = "unable to select an IP from default routes.";
	return 0;
}
