#include "collect/host/node_net.h"

#include "base/limits.h"
#include "net/ip.h"

/* include/uapi/linux/route.h and ipv6_route.h */
enum {
	RTF_UP = 0x1,
	RTF_REJECT = 0x200,
	RTF_ADDRCONF = 0x40000,
	RTF_ANYCAST = 0x100000,
	RTF_CACHE = 0x1000000,
};
#define RTF_LOCAL 0x80000000u

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "fe80…" of n bytes; false when it is anything else. */
static bool hex_bytes(struct ds_str s, uint8_t *ret, size_t n)
{
	if (s.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int hi = hex(s.p[2 * i]), lo = hex(s.p[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		ret[i] = (uint8_t)(hi * 16 + lo);
	}
	return true;
}

/* "00450003" or "3": up to eight digits. */
static bool hex_number(struct ds_str s, uint32_t *ret)
{
	*ret = 0;
	if (s.n == 0 || s.n > 8)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int digit = hex(s.p[i]);

		if (digit < 0)
			return false;
		*ret = *ret * 16 + (uint32_t)digit;
	}
	return true;
}

static size_t split_blanks(struct ds_str line, struct ds_str *ret, size_t max)
{
	struct ds_str word;
	bool done = false;
	size_t n = 0;

	/* The kernel's files mix blanks and tabs. */
	while (n < max && ds_str_split(&line, ' ', &done, &word)) {
		struct ds_str part;
		bool end = false;

		while (n < max && ds_str_split(&word, '\t', &end, &part))
			if (part.n > 0)
				ret[n++] = part;
	}
	return n;
}

/* ---- addresses ---- */

static int add_address(struct ds_arena *a, struct ds_host *host, struct ds_str interface, const struct ds_cidr *c,
		       unsigned flags)
{
	struct ds_host_address addr = {
		.interface = ds_arena_strndup(a, interface.n ? interface.p : "", interface.n), .flags = flags};
	char text[DS_CIDR_TEXT];

	if (host->addresses.n >= DS_LIMIT_HOST_ADDRESSES)
		return 0;
	if (!addr.interface || ds_arena_str(a, ds_str_from(ds_cidr_format(c, text)), &addr.cidr) < 0)
		return DS_ENOMEM;
	return ds_vec_push(a, &host->addresses, addr);
}

/* include/uapi/linux/if_addr.h */
static unsigned address_flags(uint8_t kernel)
{
	static const struct {
		uint8_t bit;
		unsigned flag;
	} table[] = {
		{0x01, DS_ADDRESS_TEMPORARY},
		{0x08, DS_ADDRESS_DADFAILED},
		{0x20, DS_ADDRESS_DEPRECATED},
		{0x40, DS_ADDRESS_TENTATIVE},
	};
	unsigned flags = kernel & 0x80 ? 0 : DS_ADDRESS_DYNAMIC; /* IFA_F_PERMANENT: no lifetime */

	for (size_t i = 0; i < DS_ARRAY_SIZE(table); i++)
		flags |= kernel & table[i].bit ? table[i].flag : 0;
	return flags;
}

/* "address index prefix scope flags name", all but the last in hexadecimal. */
int ds_node_net_if_inet6(struct ds_arena *a, struct ds_str text, struct ds_host *host)
{
	struct ds_str line;
	bool done = false;

	while (ds_str_split(&text, '\n', &done, &line)) {
		struct ds_cidr c = {.ip = {.family = DS_IPV6}};
		struct ds_str words[6];
		uint8_t flags;

		if (split_blanks(line, words, 6) < 6 || !hex_bytes(words[0], c.ip.b, 16) ||
		    !hex_bytes(words[2], &c.bits, 1) || c.bits > 128 || !hex_bytes(words[4], &flags, 1))
			continue;
		if (add_address(a, host, words[5], &c, address_flags(flags)) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

/* The interface and the prefix of an address: the longest network that has it. */
static struct ds_str find_network(const struct ds_host *host, struct ds_cidr *c)
{
	struct ds_str interface = DS_STR("");

	if (ds_ip_is_loopback(&c->ip)) {
		c->bits = 8;
		return DS_STR("lo");
	}
	c->bits = 32;
	for (size_t i = 0; i < host->routes.n; i++) {
		const struct ds_host_route *r = &host->routes.v[i];

		if (!r->has_gateway && r->net.bits > 0 && ds_cidr_contains_ip(&r->net, &c->ip) &&
		    (interface.n == 0 || r->net.bits > c->bits)) {
			c->bits = r->net.bits;
			interface = ds_str_from(r->interface);
		}
	}
	return interface;
}

/* "   |-- 192.0.2.1" and below it "      /32 host LOCAL": once in each table. */
int ds_node_net_fib_trie(struct ds_arena *a, struct ds_str trie, struct ds_host *host)
{
	struct ds_cidr c = {.ip = {.family = DS_FAMILY_NONE}};
	struct ds_map seen;
	struct ds_str line;
	bool done = false;

	ds_map_init(&seen, a);
	while (ds_str_split(&trie, '\n', &done, &line)) {
		struct ds_str text = ds_str_trim(line);

		if (ds_str_starts(text, "|-- ")) {
			struct ds_str name = ds_str_skip(text, 4);

			c = (struct ds_cidr){0};
			if (ds_map_get(&seen, name) || ds_ip_parse(name, DS_IP_STRICT, &c.ip) < 0)
				c.ip.family = DS_FAMILY_NONE;
		} else if (ds_str_eqz(text, "/32 host LOCAL") && c.ip.family == DS_IPV4) {
			char key[DS_IP_TEXT];
			struct ds_str interface = find_network(host, &c), copy;

			if (ds_arena_str(a, ds_str_from(ds_ip_format(&c.ip, key)), &copy) < 0 ||
			    ds_map_put(&seen, copy, host) < 0 || add_address(a, host, interface, &c, 0) < 0)
				return DS_ENOMEM;
			c.ip.family = DS_FAMILY_NONE;
		}
	}
	return 0;
}

/* ---- routes ---- */

static int add_route(struct ds_arena *a, struct ds_host *host, struct ds_host_route r, struct ds_str interface,
		     bool *ret_whole)
{
	/* Kubernetes counts every route to 0.0.0.0 or ::, whatever its prefix. */
	if (!ds_ip_is_unspecified(&r.net.ip) && r.has_gateway)
		return 0;
	if (host->routes.n >= DS_LIMIT_HOST_ROUTES) {
		*ret_whole = false;
		return 0;
	}
	r.interface = ds_arena_strndup(a, interface.p, interface.n);
	return r.interface ? ds_vec_push(a, &host->routes, r) : DS_ENOMEM;
}

/* A number as route prints it: the bytes of memory, read as this machine's integer. */
static bool route_number(struct ds_str s, uint8_t ret[static 4])
{
	uint8_t b[4];

	if (!hex_bytes(s, b, 4))
		return false;
	/* Kubernetes runs on little-endian machines, and on s390x, whose routes stay without a prefix. */
	for (size_t i = 0; i < 4; i++)
		ret[i] = b[__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 3 - i : i];
	return true;
}

/* "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT" */
int ds_node_net_route(struct ds_arena *a, struct ds_str text, struct ds_host *host, bool *ret_whole)
{
	struct ds_str line;
	bool done = false;

	*ret_whole = true;
	while (ds_str_split(&text, '\n', &done, &line)) {
		struct ds_host_route r = {.net = {.ip = {.family = DS_IPV4}}, .gateway = {.family = DS_IPV4}};
		uint8_t mask[4];
		struct ds_str words[8];
		uint32_t flags;

		if (split_blanks(line, words, 8) < 8 || !route_number(words[1], r.net.ip.b) ||
		    !route_number(words[2], r.gateway.b) || !route_number(words[7], mask) ||
		    !hex_number(words[3], &flags) || !(flags & RTF_UP) || flags & RTF_REJECT)
			continue;
		for (size_t i = 0; i < 4; i++)
			r.net.bits = (uint8_t)(r.net.bits + __builtin_popcount(mask[i]));
		r.has_gateway = !ds_ip_is_unspecified(&r.gateway);
		if (add_route(a, host, r, words[0], ret_whole) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

/* "destination prefix source prefix gateway metric references use flags device", of all tables. */
int ds_node_net_ipv6_route(struct ds_arena *a, struct ds_str text, struct ds_host *host, bool *ret_whole)
{
	struct ds_str line;
	bool done = false;

	*ret_whole = true;
	while (ds_str_split(&text, '\n', &done, &line)) {
		struct ds_host_route r = {.net = {.ip = {.family = DS_IPV6}}, .gateway = {.family = DS_IPV6}};
		struct ds_str words[10];
		uint32_t flags;

		if (split_blanks(line, words, 10) < 10 || !hex_bytes(words[0], r.net.ip.b, 16) ||
		    !hex_bytes(words[1], &r.net.bits, 1) || r.net.bits > 128 ||
		    !hex_bytes(words[4], r.gateway.b, 16) || !hex_number(words[8], &flags) || !(flags & RTF_UP) ||
		    flags & (RTF_REJECT | RTF_ANYCAST | RTF_CACHE | RTF_LOCAL))
			continue;
		if (ds_ip_is_multicast(&r.net.ip) || ds_ip_is_link_local_unicast(&r.net.ip))
			continue;
		r.has_gateway = !ds_ip_is_unspecified(&r.gateway);
		r.ra = flags & RTF_ADDRCONF;
		if (add_route(a, host, r, words[9], ret_whole) < 0)
			return DS_ENOMEM;
	}
	return 0;
}
