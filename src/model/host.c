#include "model/host.h"

#include <string.h>

/* ---- interfaces ---- */

/* How the programs call theirs: a name, or with a star what it begins with. */
static const struct {
	const char *name;
	enum ds_interface_kind kind;
} known[] = {
	{"lo", DS_INTERFACE_LOOPBACK},
	{"docker0", DS_INTERFACE_ENGINE},
	{"docker_gwbridge", DS_INTERFACE_ENGINE},
	{"podman*", DS_INTERFACE_ENGINE},
	{"cni-podman*", DS_INTERFACE_ENGINE},
	{"virbr*", DS_INTERFACE_ENGINE},
	{"lxdbr*", DS_INTERFACE_ENGINE},
	{"lxcbr*", DS_INTERFACE_ENGINE},
	{"incusbr*", DS_INTERFACE_ENGINE},
	{"kube-ipvs0", DS_INTERFACE_CLUSTER},
	{"kube-bridge", DS_INTERFACE_CLUSTER},
	{"kube-dummy-if", DS_INTERFACE_CLUSTER},
	{"nodelocaldns", DS_INTERFACE_CLUSTER},
	{"cni0", DS_INTERFACE_CLUSTER},
	{"cbr0", DS_INTERFACE_CLUSTER},
	{"flannel*", DS_INTERFACE_CLUSTER},
	{"cali*", DS_INTERFACE_CLUSTER},
	{"tunl0", DS_INTERFACE_CLUSTER},
	{"vxlan.calico", DS_INTERFACE_CLUSTER},
	{"vxlan-v6.calico", DS_INTERFACE_CLUSTER},
	{"wireguard.cali", DS_INTERFACE_CLUSTER},
	{"wg-v6.cali", DS_INTERFACE_CLUSTER},
	{"cilium_*", DS_INTERFACE_CLUSTER},
	{"lxc*", DS_INTERFACE_CLUSTER},
	{"veth*", DS_INTERFACE_CLUSTER},
	{"antrea-*", DS_INTERFACE_CLUSTER},
	{"genev_sys_*", DS_INTERFACE_CLUSTER},
	{"vxlan_sys_*", DS_INTERFACE_CLUSTER},
	{"ovn-k8s-*", DS_INTERFACE_CLUSTER},
	{"ovn0", DS_INTERFACE_CLUSTER},
	{"br-int", DS_INTERFACE_CLUSTER},
	{"weave", DS_INTERFACE_CLUSTER},
};

/* Docker calls a network's bridge br- and twelve digits of its id; br-ex is an uplink. */
static bool is_docker_bridge(struct ds_str name)
{
	if (name.n != 15 || !ds_str_starts(name, "br-"))
		return false;
	for (size_t i = 3; i < name.n; i++)
		if (!ds_c_is_digit(name.p[i]) && (name.p[i] < 'a' || name.p[i] > 'f'))
			return false;
	return true;
}

enum ds_interface_kind ds_host_interface_kind(const char *name)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(known); i++) {
		size_t n = strlen(known[i].name);

		if (known[i].name[n - 1] == '*' ? strncmp(name, known[i].name, n - 1) == 0 : strcmp(name, known[i].name) == 0)
			return known[i].kind;
	}
	return is_docker_bridge(ds_str_from(name)) ? DS_INTERFACE_ENGINE : DS_INTERFACE_HOST;
}

const char *ds_host_interface_kind_name(enum ds_interface_kind k)
{
	static const char *const names[] = {
		[DS_INTERFACE_HOST] = "host",
		[DS_INTERFACE_LOOPBACK] = "loopback",
		[DS_INTERFACE_ENGINE] = "engine",
		[DS_INTERFACE_CLUSTER] = "cluster",
	};
	_Static_assert(DS_ARRAY_SIZE(names) == DS_INTERFACE_KIND__COUNT, "every kind has a name");

	return names[k];
}

/* ---- the kernel ---- */

bool ds_host_is_seen(const struct ds_host *h)
{
	return h && (h->has_addresses || h->addresses.n || h->has_routes || h->routes.n || h->sysctls.n ||
		     h->has_kernel_args);
}

const char *const ds_host_sysctls[] = {
	"net.bridge.bridge-nf-call-ip6tables",
	"net.bridge.bridge-nf-call-iptables",
	"net.ipv4.conf.all.forwarding",
	"net.ipv4.ip_forward",
	"net.ipv6.bindv6only",
	"net.ipv6.conf.all.accept_ra",
	"net.ipv6.conf.all.disable_ipv6",
	"net.ipv6.conf.all.forwarding",
	"net.ipv6.conf.default.accept_ra",
	"net.ipv6.conf.default.disable_ipv6",
	"net.ipv6.conf.default.forwarding",
	NULL,
};

bool ds_host_sysctl(const struct ds_host *h, const char *name, struct ds_str *ret)
{
	for (size_t i = 0; i < h->sysctls.n; i++) {
		if (strcmp(h->sysctls.v[i].name, name) != 0)
			continue;
		*ret = ds_str_trim(h->sysctls.v[i].value);
		return true;
	}
	return false;
}

static bool started_without_ipv6(const struct ds_host *h)
{
	for (size_t i = 0; i < h->kernel_args.n; i++)
		if (strcmp(h->kernel_args.v[i], "ipv6.disable=1") == 0)
			return true;
	return false;
}

/*
 * IPv6 has a switch. Otherwise the addresses tell: one of a family shows that
 * it is there, and a list that has the loopback's but none of a family shows
 * that it is not. A list without any loopback address leaves some out and
 * proves nothing by what it lacks; Linux is not built without IPv4.
 */
enum ds_host_families ds_host_families(const struct ds_host *h)
{
	bool v4 = false, v6 = false, complete = false, known_switch, off;
	struct ds_str value;

	if (!h)
		return DS_HOST_UNKNOWN;
	known_switch = ds_host_sysctl(h, "net.ipv6.conf.all.disable_ipv6", &value);
	off = (known_switch && ds_str_eqz(value, "1")) || started_without_ipv6(h);
	for (size_t i = 0; i < h->addresses.n; i++) {
		struct ds_cidr c;

		if (ds_cidr_parse(h->addresses.v[i].cidr, DS_IP_STRICT, &c) < 0)
			continue;
		v4 |= c.ip.family == DS_IPV4;
		v6 |= c.ip.family == DS_IPV6;
		complete |= h->has_addresses && ds_ip_is_loopback(&c.ip);
	}
	if (off)
		return DS_HOST_IPV4_ONLY;
	if (!known_switch && !v6 && !complete)
		return DS_HOST_UNKNOWN;
	if (!v6 && !known_switch)
		return DS_HOST_IPV4_ONLY;
	return v4 || !complete ? DS_HOST_DUAL : DS_HOST_IPV6_ONLY;
}

size_t ds_host_global_families(const struct ds_host *h, enum ds_family ret[static 2])
{
	size_t n = 0;

	for (size_t i = 0; h->has_addresses && i < h->addresses.n && n < 2; i++) {
		enum ds_interface_kind kind = ds_host_interface_kind(h->addresses.v[i].interface);
		struct ds_cidr c;

		if (kind == DS_INTERFACE_ENGINE || kind == DS_INTERFACE_CLUSTER ||
		    h->addresses.v[i].flags & DS_ADDRESS_DADFAILED ||
		    ds_cidr_parse(h->addresses.v[i].cidr, DS_IP_STRICT, &c) < 0 || !ds_ip_is_global_unicast(&c.ip))
			continue;
		if (n == 0 || ret[0] != c.ip.family)
			ret[n++] = (enum ds_family)c.ip.family;
	}
	return n;
}

/* ---- which address is taken ---- */

bool ds_host_net(struct ds_arena *a, const struct ds_host *h, struct ds_host_net *ret, int *ret_r)
{
	struct ds_host_ip *ips;
	struct ds_host_default *defaults;

	*ret_r = 0;
	*ret = (struct ds_host_net){0};
	if (!h || !h->has_addresses || !h->has_routes)
		return false;
	ips = ds_arena_new_array(a, h->addresses.n, struct ds_host_ip);
	defaults = ds_arena_new_array(a, h->routes.n, struct ds_host_default);
	if (!ips || !defaults) {
		*ret_r = DS_ENOMEM;
		return false;
	}
	for (size_t i = 0; i < h->addresses.n; i++) {
		struct ds_cidr c;

		if (ds_cidr_parse(h->addresses.v[i].cidr, DS_IP_STRICT, &c) == 0)
			ips[ret->n_addresses++] = (struct ds_host_ip){h->addresses.v[i].interface, c.ip};
	}
	for (size_t i = 0; i < h->routes.n; i++) {
		const struct ds_host_route *r = &h->routes.v[i];
		bool v6 = r->net.ip.family == DS_IPV6;

		/* Without a gateway IPv4's count and IPv6's do not; the prefix is looked at by neither. */
		if (ds_ip_is_unspecified(&r->net.ip) && (r->has_gateway || !v6))
			defaults[ret->n_defaults++] = (struct ds_host_default){r->interface, v6 ? DS_IPV6 : DS_IPV4};
	}
	ret->addresses = ips;
	ret->defaults = defaults;
	return true;
}
