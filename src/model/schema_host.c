#include "model/schema_priv.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/num.h"
#include "model/host.h"

#define LOOK "audit the host itself as root, or a bundle of it: dsaudit collect -o NODE.json"

/* ---- addresses ---- */

enum address_field { A_INTERFACE, A_KIND, A_IP, A_NETWORK, A_USABLE, A_DEPRECATED, A_DYNAMIC, A_TEMPORARY, A__COUNT };

static const struct ds_cel_field address_fields[A__COUNT] = {
	[A_INTERFACE] = {"interface", &ds_cel_type_string, "the interface that has it; '' when not known"},
	[A_KIND] = {"kind", &ds_cel_type_string, "the interface's: 'host', 'loopback', 'engine' or 'cluster'"},
	[A_IP] = {"ip", &ds_cel_type_ip, "the address"},
	[A_NETWORK] = {"network", &ds_cel_type_cidr, "the network it is in"},
	[A_USABLE] = {"usable", &ds_cel_type_bool, "no other host has it, and it is not still being tried"},
	[A_DEPRECATED] = {"deprecated", &ds_cel_type_bool, "not taken for new connections"},
	[A_DYNAMIC] = {"dynamic", &ds_cel_type_bool, "it has a lifetime (IPv6)"},
	[A_TEMPORARY] = {"temporary", &ds_cel_type_bool, "replaced by another one for privacy (IPv6)"},
};
const struct ds_cel_object_type ds_schema_address_type =
	DS_SCHEMA_OBJECT(address_fields, "hostAddress", "an address of a host");
static const struct ds_cel_type address_cel = {.kind = DS_CEL_OBJECT, .object = &ds_schema_address_type};
static const struct ds_cel_type address_list = {.kind = DS_CEL_LIST, .elem = &address_cel};

static int address_value(struct ds_arena *a, const struct ds_host *h, const struct ds_host_address *addr,
			 const struct ds_cidr *c, struct ds_cel_value *ret)
{
	struct ds_cel_value *f = ds_arena_new_array(a, A__COUNT, struct ds_cel_value);

	if (!f)
		return DS_ENOMEM;
	f[A_INTERFACE] = ds_schema_string(addr->interface);
	f[A_KIND] = ds_schema_string(ds_host_interface_kind_name(ds_host_interface_kind(addr->interface)));
	f[A_IP] = (struct ds_cel_value){.kind = DS_CEL_IP, .ip = c->ip};
	f[A_NETWORK] = (struct ds_cel_value){.kind = DS_CEL_CIDR, .cidr = ds_cidr_masked(c)};
	f[A_USABLE] = ds_cel_bool(!(addr->flags & (DS_ADDRESS_DADFAILED | DS_ADDRESS_TENTATIVE)));
	f[A_DEPRECATED] = ds_cel_bool(addr->flags & DS_ADDRESS_DEPRECATED);
	f[A_DYNAMIC] = ds_cel_bool(addr->flags & DS_ADDRESS_DYNAMIC);
	f[A_TEMPORARY] = ds_cel_bool(addr->flags & DS_ADDRESS_TEMPORARY);
	*ret = ds_schema_object(&ds_schema_address_type, f, &h->loc);
	return 0;
}

/* only: of this interface, or NULL for all. */
static int addresses_value(struct ds_arena *a, const struct ds_host *h, const char *only, struct ds_cel_value *ret)
{
	struct ds_cel_value *v;
	size_t n = 0;

	if (!h->has_addresses)
		return ds_schema_unknown(a, "its addresses were not recorded: " LOOK, &h->loc, ret);
	v = ds_arena_new_array(a, h->addresses.n, struct ds_cel_value);
	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < h->addresses.n; i++) {
		const struct ds_host_address *addr = &h->addresses.v[i];
		struct ds_cidr c;

		if ((only && strcmp(only, addr->interface) != 0) || ds_cidr_parse(addr->cidr, DS_IP_STRICT, &c) < 0)
			continue;
		if (address_value(a, h, addr, &c, &v[n++]) < 0)
			return DS_ENOMEM;
	}
	*ret = ds_schema_list(v, n);
	ret->loc = &h->loc;
	return 0;
}

static int families_value(struct ds_arena *a, const struct ds_host *h, struct ds_cel_value *ret)
{
	enum ds_family found[2];
	int r;

	if (!h->has_addresses)
		return ds_schema_unknown(a, "its addresses were not recorded: " LOOK, &h->loc, ret);
	r = ds_schema_family_list(a, found, ds_host_global_families(h, found), ret);
	ret->loc = &h->loc;
	return r;
}

/* ---- routes ---- */

enum route_field { R_FAMILY, R_NETWORK, R_INTERFACE, R_KIND, R_GATEWAY, R_RA, R__COUNT };

static const struct ds_cel_field route_fields[R__COUNT] = {
	[R_FAMILY] = {"family", &ds_cel_type_string, "'IPv4' or 'IPv6'"},
	[R_NETWORK] = {"network", &ds_cel_type_cidr, "its destination"},
	[R_INTERFACE] = {"interface", &ds_cel_type_string, "the interface it leads to"},
	[R_KIND] = {"kind", &ds_cel_type_string, "the interface's: 'host', 'loopback', 'engine' or 'cluster'"},
	[R_GATEWAY] = {"gateway", &ds_cel_type_ip, "the next hop"},
	[R_RA] = {"fromAdvertisement", &ds_cel_type_bool, "the kernel has it from a router advertisement"},
};
const struct ds_cel_object_type ds_schema_route_type =
	DS_SCHEMA_OBJECT(route_fields, "hostRoute", "a route to everywhere or to a network that the host is in");
static const struct ds_cel_type route_cel = {.kind = DS_CEL_OBJECT, .object = &ds_schema_route_type};
static const struct ds_cel_type route_list = {.kind = DS_CEL_LIST, .elem = &route_cel};

static int route_value(struct ds_arena *a, const struct ds_host *h, const struct ds_host_route *r,
		       struct ds_cel_value *ret)
{
	struct ds_cel_value *f = ds_arena_new_array(a, R__COUNT, struct ds_cel_value);

	if (!f)
		return DS_ENOMEM;
	f[R_FAMILY] = ds_schema_string(ds_family_name(r->net.ip.family));
	f[R_NETWORK] = (struct ds_cel_value){.kind = DS_CEL_CIDR, .cidr = ds_cidr_masked(&r->net)};
	f[R_INTERFACE] = ds_schema_string(r->interface);
	f[R_KIND] = ds_schema_string(ds_host_interface_kind_name(ds_host_interface_kind(r->interface)));
	f[R_GATEWAY].kind = DS_CEL_ABSENT;
	if (r->has_gateway)
		f[R_GATEWAY] = (struct ds_cel_value){.kind = DS_CEL_IP, .ip = r->gateway};
	f[R_RA] = ds_cel_bool(r->ra);
	*ret = ds_schema_object(&ds_schema_route_type, f, &h->loc);
	return 0;
}

static int routes_value(struct ds_arena *a, const struct ds_host *h, bool everywhere, struct ds_cel_value *ret)
{
	struct ds_cel_value *v;
	size_t n = 0;

	if (!h->has_routes)
		return ds_schema_unknown(a, "its routes were not recorded: " LOOK, &h->loc, ret);
	v = ds_arena_new_array(a, h->routes.n, struct ds_cel_value);
	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < h->routes.n; i++) {
		if ((h->routes.v[i].net.bits == 0) != everywhere)
			continue;
		if (route_value(a, h, &h->routes.v[i], &v[n++]) < 0)
			return DS_ENOMEM;
	}
	*ret = ds_schema_list(v, n);
	ret->loc = &h->loc;
	return 0;
}

/* ---- interfaces ---- */

enum interface_field { I_NAME, I_ACCEPT_RA, I_DISABLE_IPV6, I_FORWARDING, I_ADDRESSES, I__COUNT };

static const struct ds_cel_field interface_fields[I__COUNT] = {
	[I_NAME] = {"name", &ds_cel_type_string, "'eth0'"},
	[I_ACCEPT_RA] = {"acceptRA", &ds_cel_type_int, "net.ipv6.conf.NAME.accept_ra"},
	[I_DISABLE_IPV6] = {"disableIPv6", &ds_cel_type_int, "net.ipv6.conf.NAME.disable_ipv6"},
	[I_FORWARDING] = {"forwarding", &ds_cel_type_int, "net.ipv6.conf.NAME.forwarding"},
	[I_ADDRESSES] = {"addresses", &address_list, "its addresses"},
};
const struct ds_cel_object_type ds_schema_interface_type =
	DS_SCHEMA_OBJECT(interface_fields, "hostInterface", "an interface that the node's own traffic goes through");
static const struct ds_cel_type interface_cel = {.kind = DS_CEL_OBJECT, .object = &ds_schema_interface_type};
static const struct ds_cel_type interface_list = {.kind = DS_CEL_LIST, .elem = &interface_cel};

static int sysctl_number(struct ds_arena *a, const struct ds_host *h, const char *name, struct ds_cel_value *ret)
{
	struct ds_str value;
	uint64_t n;

	if (!name)
		return DS_ENOMEM;
	if (!ds_host_sysctl(h, name, &value))
		return ds_schema_unknown(a, ds_arena_printf(a, "%s was not recorded: " LOOK, name), &h->loc, ret);
	if (ds_num_u64(value, INT32_MAX, &n) < 0)
		return ds_schema_unknown(a, ds_arena_printf(a, "%s is '%.*s', which is no number", name, DS_STR_ARG(value)),
					 &h->loc, ret);
	*ret = ds_cel_int((int64_t)n);
	ret->loc = &h->loc;
	return 0;
}

/* As sysctl(8) writes it: dots in a name become slashes. */
static const char *interface_sysctl(struct ds_arena *a, const char *interface, const char *leaf)
{
	char *name = ds_arena_strdup(a, interface);

	for (char *p = name; p && *p; p++)
		*p = *p == '.' ? '/' : *p;
	return name ? ds_arena_printf(a, "net.ipv6.conf.%s.%s", name, leaf) : NULL;
}

static int interface_value(struct ds_arena *a, const struct ds_host *h, const char *name, struct ds_cel_value *ret)
{
	static const struct {
		enum interface_field field;
		const char *leaf;
	} numbers[] = {{I_ACCEPT_RA, "accept_ra"}, {I_DISABLE_IPV6, "disable_ipv6"}, {I_FORWARDING, "forwarding"}};
	struct ds_cel_value *f = ds_arena_new_array(a, I__COUNT, struct ds_cel_value);

	if (!f)
		return DS_ENOMEM;
	f[I_NAME] = ds_schema_string(name);
	for (size_t i = 0; i < DS_ARRAY_SIZE(numbers); i++)
		if (sysctl_number(a, h, interface_sysctl(a, name, numbers[i].leaf), &f[numbers[i].field]) < 0)
			return DS_ENOMEM;
	*ret = ds_schema_object(&ds_schema_interface_type, f, &h->loc);
	return addresses_value(a, h, name, &f[I_ADDRESSES]);
}

/* Those that a route to everywhere leads to or that have an address others can reach. */
static int find_interfaces(struct ds_arena *a, const struct ds_host *h, struct ds_map *ret)
{
	ds_map_init(ret, a);
	for (size_t i = 0; i < h->routes.n; i++)
		if (h->routes.v[i].net.bits == 0 &&
		    ds_map_put(ret, ds_str_from(h->routes.v[i].interface), ret) < 0)
			return DS_ENOMEM;
	for (size_t i = 0; i < h->addresses.n; i++) {
		const char *name = h->addresses.v[i].interface;
		struct ds_cidr c;

		if (!name[0] || ds_host_interface_kind(name) != DS_INTERFACE_HOST ||
		    ds_cidr_parse(h->addresses.v[i].cidr, DS_IP_STRICT, &c) < 0 || !ds_ip_is_global_unicast(&c.ip))
			continue;
		if (ds_map_put(ret, ds_str_from(name), ret) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

static int interfaces_value(struct ds_arena *a, const struct ds_host *h, struct ds_cel_value *ret)
{
	struct ds_map found;
	struct ds_cel_value *v;

	if (!h->has_addresses || !h->has_routes)
		return ds_schema_unknown(a, "its addresses and routes were not recorded: " LOOK, &h->loc, ret);
	if (find_interfaces(a, h, &found) < 0)
		return DS_ENOMEM;
	if (found.n > DS_LIMIT_HOST_INTERFACES)
		return ds_schema_unknown(a, "it has more interfaces than DS_LIMIT_HOST_INTERFACES", &h->loc, ret);
	v = ds_arena_new_array(a, found.n, struct ds_cel_value);
	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < found.n; i++)
		if (interface_value(a, h, found.entries[i].key.p, &v[i]) < 0)
			return DS_ENOMEM;
	*ret = ds_schema_list(v, found.n);
	ret->loc = &h->loc;
	return 0;
}

/* ---- the host ---- */

enum host_field {
	H_NAME,
	H_ADDRESSES,
	H_FAMILIES,
	H_DEFAULT_ROUTES,
	H_NETWORKS,
	H_INTERFACES,
	H_SYSCTLS,
	H_IPV6,
	H_CHOSEN,
	H_CHOSEN_IPV6,
	H__COUNT
};

static const struct ds_cel_type sysctl_map = {.kind = DS_CEL_MAP, .key = &ds_cel_type_string, .elem = &ds_cel_type_string};

static const struct ds_cel_field host_fields[H__COUNT] = {
	[H_NAME] = {"name", &ds_cel_type_string, "the node's name, else what tells the host from others"},
	[H_ADDRESSES] = {"addresses", &address_list, "all of its addresses"},
	[H_FAMILIES] = {"families", &ds_cel_type_list_string,
			"families of its global addresses, those of container engines and network plugins left out"},
	[H_DEFAULT_ROUTES] = {"defaultRoutes", &route_list, "routes to everywhere, in the kernel's order"},
	[H_NETWORKS] = {"networks", &route_list, "routes to networks that it is in"},
	[H_INTERFACES] = {"interfaces", &interface_list, "interfaces that the node's own traffic goes through"},
	[H_SYSCTLS] = {"sysctls", &sysctl_map, "kernel settings by name: sysctls['net.ipv6.conf.all.forwarding']"},
	[H_IPV6] = {"ipv6Enabled", &ds_cel_type_bool, "its kernel serves IPv6"},
	[H_CHOSEN] = {"chosenFamily", &ds_cel_type_string,
		      "family of the address that a component takes which is given none and prefers IPv4; '' when there is none, "
		      "absent when what was recorded does not decide it"},
	[H_CHOSEN_IPV6] = {"chosenFamilyIPv6First", &ds_cel_type_string, "the same for one that prefers IPv6, as --bind-address=:: does"},
};
const struct ds_cel_object_type ds_schema_host_type = DS_SCHEMA_OBJECT(host_fields, "host", "a host and its kernel");
const struct ds_cel_type ds_schema_host_cel = {.kind = DS_CEL_OBJECT, .object = &ds_schema_host_type};

/* One that is looked for and was not recorded is unknown; of net.bridge it just is not there. */
static int add_missing(struct ds_arena *a, const struct ds_host *h, struct ds_cel_entry *v, size_t *n)
{
	for (size_t i = 0; ds_host_sysctls[i]; i++) {
		const char *name = ds_host_sysctls[i];
		struct ds_str value;
		int r;

		if (ds_host_sysctl(h, name, &value) || ds_str_starts(ds_str_from(name), "net.bridge."))
			continue;
		v[*n].key = ds_schema_string(name);
		r = ds_schema_unknown(a, ds_arena_printf(a, "%s was not recorded: " LOOK, name), &h->loc, &v[*n].value);
		if (r < 0)
			return r;
		++*n;
	}
	return 0;
}

static size_t n_looked_for(void)
{
	size_t n = 0;

	while (ds_host_sysctls[n])
		n++;
	return n;
}

static int sysctls_value(struct ds_arena *a, const struct ds_host *h, struct ds_cel_value *ret)
{
	struct ds_cel_entry *v = ds_arena_new_array(a, h->sysctls.n + n_looked_for(), struct ds_cel_entry);
	size_t n = h->sysctls.n;

	if (!v)
		return DS_ENOMEM;
	if (n == 0)
		return ds_schema_unknown(a, "its kernel settings were not recorded: " LOOK, &h->loc, ret);
	for (size_t i = 0; i < h->sysctls.n; i++) {
		v[i].key = ds_schema_string(h->sysctls.v[i].name);
		v[i].value = ds_cel_string(ds_str_trim(h->sysctls.v[i].value));
		v[i].value.loc = &h->loc;
	}
	if (add_missing(a, h, v, &n) < 0)
		return DS_ENOMEM;
	*ret = (struct ds_cel_value){.kind = DS_CEL_MAP, .loc = &h->loc, .map = {v, n}};
	return 0;
}

static int ipv6_value(struct ds_arena *a, const struct ds_host *h, struct ds_cel_value *ret)
{
	enum ds_host_families families = ds_host_families(h);

	if (families == DS_HOST_UNKNOWN)
		return ds_schema_unknown(a, "neither its addresses nor its kernel settings were recorded: " LOOK, &h->loc, ret);
	*ret = ds_cel_bool(families == DS_HOST_DUAL || families == DS_HOST_IPV6_ONLY);
	ret->loc = &h->loc;
	return 0;
}

/* From 1.21 on; only a host whose addresses are on its loopback interface differs before. */
static int chosen_value(struct ds_arena *a, const struct ds_host *h, enum ds_family preferred, struct ds_cel_value *ret)
{
	struct ds_host_chosen chosen;
	struct ds_host_net net;
	int r;

	*ret = (struct ds_cel_value){.kind = DS_CEL_ABSENT, .loc = &h->loc};
	if (!ds_host_net(a, h, &net, &r))
		return r;
	r = ds_kube_choose_host_ip(a, &net, preferred, DS_KUBE_NEWEST, &chosen);
	if (r < 0 || chosen.choice == DS_HOST_CHOICE_UNSURE)
		return r;
	*ret = ds_schema_string(chosen.choice == DS_HOST_CHOICE_IP ? ds_family_name(chosen.ips[0].family) : "");
	ret->loc = &h->loc;
	return 0;
}

int ds_schema_host(struct ds_arena *a, struct ds_host_model *m)
{
	struct ds_cel_value *f = ds_arena_new_array(a, H__COUNT, struct ds_cel_value);
	const struct ds_host *h = m->facts;
	int r;

	if (!f)
		return DS_ENOMEM;
	f[H_NAME] = ds_schema_string(m->name);
	r = addresses_value(a, h, NULL, &f[H_ADDRESSES]);
	if (r == 0)
		r = families_value(a, h, &f[H_FAMILIES]);
	if (r == 0)
		r = routes_value(a, h, true, &f[H_DEFAULT_ROUTES]);
	if (r == 0)
		r = routes_value(a, h, false, &f[H_NETWORKS]);
	if (r == 0)
		r = interfaces_value(a, h, &f[H_INTERFACES]);
	if (r == 0)
		r = sysctls_value(a, h, &f[H_SYSCTLS]);
	if (r == 0)
		r = ipv6_value(a, h, &f[H_IPV6]);
	if (r == 0)
		r = chosen_value(a, h, DS_IPV4, &f[H_CHOSEN]);
	if (r == 0)
		r = chosen_value(a, h, DS_IPV6, &f[H_CHOSEN_IPV6]);
	m->value = ds_schema_object(&ds_schema_host_type, f, &h->loc);
	return r;
}
