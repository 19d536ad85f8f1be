#include "collect/host/node_facts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "collect/host/node_net.h"
#include "model/host.h"
#include "net/ip.h"

/* A node has some hundred addresses and routes; a router with all of the Internet's is no node. */
#define FILE_MAX ((size_t)16 << 20)

/* Beside ds_host_sysctls, of an interface: "all" and "default" do not speak for one that is there. */
static const char *const interface_sysctls[] = {"accept_ra", "disable_ipv6", "forwarding"};

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

/* A kernel without IPv6 has none of its files; a recording may just lack one. */
static bool may_lack(const struct reading *x, int r6, int r4)
{
	return r6 == DS_ENOENT && r4 == 0 && x->src->real;
}

static int read_routes(const struct reading *x)
{
	struct ds_arena *a = x->f->ctx->arena;
	bool whole4 = true, whole6 = true;
	struct ds_str v4, v6;
	int r4, r6;

	if (read_net(x, "route", &v4, &r4) < 0 || read_net(x, "ipv6_route", &v6, &r6) < 0)
		return DS_ENOMEM;
	if (ds_node_net_route(a, v4, x->host, &whole4) < 0 || ds_node_net_ipv6_route(a, v6, x->host, &whole6) < 0)
		return DS_ENOMEM;
	if (may_lack(x, r6, r4))
		r6 = 0;
	x->host->has_routes = r4 == 0 && r6 == 0 && whole4 && whole6;
	if (x->host->has_routes)
		return 0;
	return note(x, "the routes", r4 < 0 ? ds_strerror(r4) : r6 < 0 ? ds_strerror(r6) : "more than DS_LIMIT_HOST_ROUTES");
}

static int read_addresses(const struct reading *x)
{
	struct ds_arena *a = x->f->ctx->arena;
	struct ds_str v6, trie;
	int r6, r4;

	if (read_net(x, "if_inet6", &v6, &r6) < 0 || read_net(x, "fib_trie", &trie, &r4) < 0)
		return DS_ENOMEM;
	if (may_lack(x, r6, r4))
		r6 = 0;
	if (r6 < 0 || r4 < 0)
		return note(x, "the addresses", ds_strerror(r6 < 0 ? r6 : r4));
	if (ds_node_net_fib_trie(a, trie, x->host) < 0 || ds_node_net_if_inet6(a, v6, x->host) < 0)
		return DS_ENOMEM;
	x->host->has_addresses = x->host->addresses.n > 0 && x->host->addresses.n < DS_LIMIT_HOST_ADDRESSES;
	if (x->host->addresses.n >= DS_LIMIT_HOST_ADDRESSES)
		return note(x, "all addresses", "more than DS_LIMIT_HOST_ADDRESSES");
	return 0;
}

/* path: below sys; dots and all as the kernel has it. */
static int read_sysctl(const struct reading *x, const char *name, const char *path, int *ret_failed)
{
	struct ds_arena *a = x->f->ctx->arena;
	const char *whole = ds_arena_printf(a, "%s/sys/%s", x->src->dir, path);
	struct ds_sysctl s = {.name = name};
	int r;

	if (!whole)
		return DS_ENOMEM;
	r = ds_file_read(a, AT_FDCWD, whole, 4096, &s.value, NULL);
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

/* sysctl(8) swaps dots and slashes. */
static char *swapped(struct ds_arena *a, const char *text)
{
	char *copy = ds_arena_strdup(a, text);

	for (char *p = copy; p && *p; p++)
		*p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
	return copy;
}

/* What the kernel allows; a recording may have anything, and it becomes part of a path. */
static bool is_interface(const char *name)
{
	return name[0] && strlen(name) < 16 && !strpbrk(name, "/: \t") && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static int add_interface(const struct reading *x, struct ds_map *interfaces, const char *name)
{
	if (interfaces->n >= DS_LIMIT_HOST_INTERFACES || !is_interface(name) ||
	    ds_host_interface_kind(name) != DS_INTERFACE_HOST)
		return 0;
	return ds_map_put(interfaces, ds_str_from(name), x->host);
}

/* Those that traffic of the node goes through: with an address that others reach, or a route to everywhere. */
static int find_interfaces(const struct reading *x, struct ds_map *ret)
{
	const struct ds_host *h = x->host;
	int r = 0;

	ds_map_init(ret, x->f->ctx->arena);
	for (size_t i = 0; r == 0 && i < h->routes.n; i++)
		if (h->routes.v[i].net.bits == 0)
			r = add_interface(x, ret, h->routes.v[i].interface);
	for (size_t i = 0; r == 0 && i < h->addresses.n; i++) {
		struct ds_cidr c;

		if (ds_cidr_parse(h->addresses.v[i].cidr, DS_IP_STRICT, &c) == 0 && ds_ip_is_global_unicast(&c.ip))
			r = add_interface(x, ret, h->addresses.v[i].interface);
	}
	return r;
}

static int read_interface_sysctls(const struct reading *x, const char *interface, int *ret_failed)
{
	struct ds_arena *a = x->f->ctx->arena;

	for (size_t i = 0; i < DS_ARRAY_SIZE(interface_sysctls); i++) {
		const char *path = ds_arena_printf(a, "net/ipv6/conf/%s/%s", interface, interface_sysctls[i]);
		const char *name = path ? swapped(a, path) : NULL;

		if (!name || read_sysctl(x, name, path, ret_failed) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

/* What /proc/sys/net shows are the reader's, not the component's. */
static int read_sysctls(const struct reading *x)
{
	struct ds_map interfaces;
	int failed = 0, r = 0;

	if (x->src->real && x->src->pid && !ds_node_facts_same_ns(x->src->dir, "net", 0, x->src->pid))
		return note(x, "the sysctls", "its network is not the one that this command runs in");
	for (size_t i = 0; r == 0 && ds_host_sysctls[i]; i++) {
		const char *path = swapped(x->f->ctx->arena, ds_host_sysctls[i]);

		r = path ? read_sysctl(x, ds_host_sysctls[i], path, &failed) : DS_ENOMEM;
	}
	if (r == 0)
		r = find_interfaces(x, &interfaces);
	for (size_t i = 0; r == 0 && i < interfaces.n; i++)
		r = read_interface_sysctls(x, interfaces.entries[i].key.p, &failed);
	return r == 0 && failed < 0 ? note(x, "some sysctls", ds_strerror(failed)) : r;
}

/* The machine's, whatever the namespace. Only what concerns IPv6 is kept. */
static int read_kernel_args(const struct reading *x)
{
	struct ds_arena *a = x->f->ctx->arena;
	const char *path = ds_arena_printf(a, "%s/cmdline", x->src->dir);
	struct ds_str text, word;
	bool done = false;
	int r = path ? ds_file_read(a, AT_FDCWD, path, 65536, &text, NULL) : DS_ENOMEM;

	if (r == DS_ENOMEM)
		return r;
	if (r < 0) /* the sysctls tell nearly the same */
		return 0;
	x->host->has_kernel_args = true;
	text = ds_str_trim(text);
	while (ds_str_split(&text, ' ', &done, &word)) {
		const char *arg;

		if (!ds_str_starts(word, "ipv6."))
			continue;
		arg = ds_arena_strndup(a, word.p, word.n);
		if (!arg || ds_vec_push(a, &x->host->kernel_args, arg) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

static bool ns_of(const char *dir, const char *which, int32_t pid, char *ret, size_t size)
{
	char path[4096];
	ssize_t n;

	if (pid)
		(void)snprintf(path, sizeof(path), "%s/%d/ns/%s", dir, (int)pid, which);
	else
		(void)snprintf(path, sizeof(path), "/proc/self/ns/%s", which);
	n = readlink(path, ret, size - 1);
	ret[n > 0 ? n : 0] = '\0';
	return n > 0;
}

bool ds_node_facts_same_ns(const char *dir, const char *which, int32_t x, int32_t y)
{
	char a[64], b[64];

	return ns_of(dir, which, x, a, sizeof(a)) && ns_of(dir, which, y, b, sizeof(b)) && strcmp(a, b) == 0;
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
	r = read_routes(&x);
	if (r == 0)
		r = read_addresses(&x);
	if (r == 0)
		r = read_kernel_args(&x);
	return r < 0 ? r : read_sysctls(&x);
}
