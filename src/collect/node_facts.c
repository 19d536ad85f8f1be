#include "collect/node_facts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/map.h"
#include "net/ip.h"

/* A node has some hundred addresses and routes; a router with all of the Internet's is no node. */
#define FILE_MAX ((size_t)16 << 20)

static const char *const sysctls[] = {
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
};

/* ---- addresses ---- */

static int add_address(struct ds_arena *a, struct ds_host *host, struct ds_str interface, const struct ds_cidr *c)
{
	struct ds_host_address addr = {.interface = ds_arena_strndup(a, interface.n ? interface.p : "", interface.n)};
	char text[DS_CIDR_TEXT];

	if (!addr.interface || ds_arena_str(a, ds_str_from(ds_cidr_format(c, text)), &addr.cidr) < 0)
		return DS_ENOMEM;
	return ds_vec_push(a, &host->addresses, addr);
}

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

/* "address index prefix scope flags name", all but the last in hexadecimal. */
int ds_node_facts_if_inet6(struct ds_arena *a, struct ds_str text, struct ds_host *host)
{
	struct ds_str line;
	bool done = false;

	while (ds_str_split(&text, '\n', &done, &line)) {
		struct ds_cidr c = {.ip = {.family = DS_IPV6}};
		struct ds_str words[6];

		if (split_blanks(line, words, 6) < 6 || !hex_bytes(words[0], c.ip.b, 16) ||
		    !hex_bytes(words[2], &c.bits, 1) || c.bits > 128)
			continue;
		if (add_address(a, host, words[5], &c) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

struct route {
	struct ds_cidr net;
	struct ds_str interface;
};

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

/* Networks that an interface is in: routes without a gateway. */
static size_t read_routes(struct ds_str text, struct route *v, size_t max)
{
	struct ds_str line;
	bool done = false;
	size_t n = 0;

	while (n < max && ds_str_split(&text, '\n', &done, &line)) {
		struct route r = {.net = {.ip = {.family = DS_IPV4}}};
		uint8_t gateway[4], mask[4];
		struct ds_str words[8];

		if (split_blanks(line, words, 8) < 8 || !route_number(words[1], r.net.ip.b) ||
		    !route_number(words[2], gateway) || !route_number(words[7], mask))
			continue;
		if (gateway[0] | gateway[1] | gateway[2] | gateway[3])
			continue;
		for (size_t i = 0; i < 4; i++)
			r.net.bits = (uint8_t)(r.net.bits + __builtin_popcount(mask[i]));
		if (r.net.bits == 0)
			continue;
		r.interface = words[0];
		v[n++] = r;
	}
	return n;
}

/* The interface and the prefix of an address: the longest network that has it. */
static struct ds_str find_route(const struct route *v, size_t n, struct ds_cidr *c)
{
	struct ds_str interface = DS_STR("");

	if (ds_ip_is_loopback(&c->ip)) {
		c->bits = 8;
		return DS_STR("lo");
	}
	c->bits = 32;
	for (size_t i = 0; i < n; i++)
		if (ds_cidr_contains_ip(&v[i].net, &c->ip) && (interface.n == 0 || v[i].net.bits > c->bits)) {
			c->bits = v[i].net.bits;
			interface = v[i].interface;
		}
	return interface;
}

#define MAX_ROUTES 256

/* "   |-- 192.0.2.1" and below it "      /32 host LOCAL": once in each table. */
int ds_node_facts_fib_trie(struct ds_arena *a, struct ds_str trie, struct ds_str route, struct ds_host *host)
{
	struct route *routes = ds_arena_new_array(a, MAX_ROUTES, struct route);
	struct ds_cidr c = {.ip = {.family = DS_FAMILY_NONE}};
	struct ds_map seen;
	struct ds_str line;
	bool done = false;
	size_t n;

	if (!routes)
		return DS_ENOMEM;
	n = read_routes(route, routes, MAX_ROUTES);
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
			struct ds_str interface = find_route(routes, n, &c), copy;

			if (ds_arena_str(a, ds_str_from(ds_ip_format(&c.ip, key)), &copy) < 0 ||
			    ds_map_put(&seen, copy, host) < 0 || add_address(a, host, interface, &c) < 0)
				return DS_ENOMEM;
			c.ip.family = DS_FAMILY_NONE;
		}
	}
	return 0;
}

/* ---- files ---- */

struct reading {
	struct ds_facts *f;
	const struct ds_node_facts_source *src;
	const struct ds_input *input;
	struct ds_host *host;
	const char *net; /* the directory of the network files */
};

static int note(const struct reading *x, const char *what, const char *why)
{
	struct ds_loc loc = {.input = x->input};

	return ds_diag(x->f->ctx, DS_LEVEL_NOTE, &loc, NULL, "%s of host %s are not known: %s", what, x->host->name, why);
}

static int read_net(const struct reading *x, const char *name, struct ds_str *ret, int *ret_r)
{
	const char *path = ds_arena_printf(x->f->ctx->arena, "%s/%s", x->net, name);

	if (!path)
		return DS_ENOMEM;
	*ret = (struct ds_str){0};
	*ret_r = ds_file_read(x->f->ctx->arena, AT_FDCWD, path, FILE_MAX, ret, NULL);
	return *ret_r == DS_ENOMEM ? DS_ENOMEM : 0;
}

static int read_addresses(const struct reading *x)
{
	struct ds_arena *a = x->f->ctx->arena;
	struct ds_str v6, trie, route;
	int r6, r4, ignored;

	if (read_net(x, "if_inet6", &v6, &r6) < 0 || read_net(x, "fib_trie", &trie, &r4) < 0 ||
	    read_net(x, "route", &route, &ignored) < 0)
		return DS_ENOMEM;
	/* A kernel without IPv6 has no such file; a recording may just lack it. */
	if (r6 == DS_ENOENT && r4 == 0 && x->src->real)
		r6 = 0;
	if (r6 < 0 || r4 < 0)
		return note(x, "the addresses", ds_strerror(r6 < 0 ? r6 : r4));
	if (ds_node_facts_fib_trie(a, trie, route, x->host) < 0 || ds_node_facts_if_inet6(a, v6, x->host) < 0)
		return DS_ENOMEM;
	x->host->has_addresses = x->host->addresses.n > 0;
	return 0;
}

static int read_sysctl(const struct reading *x, const char *name, int *ret_failed)
{
	struct ds_arena *a = x->f->ctx->arena;
	char *path = ds_arena_printf(a, "%s/sys/%s", x->src->dir, name);
	struct ds_sysctl s = {.name = name};
	int r;

	if (!path)
		return DS_ENOMEM;
	for (char *p = path + strlen(path) - strlen(name); *p; p++)
		*p = *p == '.' ? '/' : *p;
	r = ds_file_read(a, AT_FDCWD, path, 4096, &s.value, NULL);
	if (r == DS_ENOMEM)
		return r;
	if (r < 0) {
		if (r != DS_ENOENT) /* one that is not there belongs to a module that is not loaded */
			*ret_failed = r;
		return 0;
	}
	s.value = ds_str_trim(s.value);
	return ds_vec_push(a, &x->host->sysctls, s);
}

/* What /proc/sys/net shows are the reader's, not the component's. */
static int read_sysctls(const struct reading *x)
{
	int failed = 0, r = 0;

	if (x->src->real && x->src->pid && !ds_node_facts_same_net(x->src->dir, 0, x->src->pid))
		return note(x, "the sysctls", "its network is not the one that this command runs in");
	for (size_t i = 0; r == 0 && i < DS_ARRAY_SIZE(sysctls); i++)
		r = read_sysctl(x, sysctls[i], &failed);
	return r == 0 && failed < 0 ? note(x, "some sysctls", ds_strerror(failed)) : r;
}

static bool net_of(const char *dir, int32_t pid, char *ret, size_t size)
{
	char path[4096];
	ssize_t n;

	if (pid)
		(void)snprintf(path, sizeof(path), "%s/%d/ns/net", dir, (int)pid);
	else
		(void)snprintf(path, sizeof(path), "/proc/self/ns/net");
	n = readlink(path, ret, size - 1);
	ret[n > 0 ? n : 0] = '\0';
	return n > 0;
}

bool ds_node_facts_same_net(const char *dir, int32_t x, int32_t y)
{
	char a[64], b[64];

	return net_of(dir, x, a, sizeof(a)) && net_of(dir, y, b, sizeof(b)) && strcmp(a, b) == 0;
}

int ds_node_facts_collect(struct ds_facts *f, const struct ds_input *input, const struct ds_node_facts_source *src)
{
	struct ds_arena *a = f->ctx->arena;
	struct reading x = {.f = f, .src = src, .input = input, .host = ds_facts_host(f, src->host)};
	const char *first = ds_arena_printf(a, "%s/1/net", src->dir), *sys = ds_arena_printf(a, "%s/sys/net", src->dir);
	int r;

	if (!x.host || !first || !sys)
		return DS_ENOMEM;
	x.host->loc.input = input;
	/* Whose network: the component's own; in a recording that of its init, when there is one. */
	if (src->real && src->pid)
		x.net = ds_arena_printf(a, "%s/%d/net", src->dir, (int)src->pid);
	else if (!src->real && access(first, F_OK) == 0)
		x.net = first;
	else
		x.net = ds_arena_printf(a, "%s/net", src->dir);
	if (!x.net)
		return DS_ENOMEM;
	/* A recording of processes alone says nothing of its host, and that is nothing to remark. */
	if (!src->real && access(x.net, F_OK) != 0 && access(sys, F_OK) != 0)
		return 0;
	r = read_addresses(&x);
	return r < 0 ? r : read_sysctls(&x);
}
