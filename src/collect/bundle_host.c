#include "collect/bundle_priv.h"

#include "base/limits.h"
#include "yaml/scalar.h"

static int read_flags(struct ds_facts *f, const struct ds_bundle *b, const struct ds_yaml_node *node, unsigned *ret)
{
	const struct ds_yaml_node *list;
	int r = ds_bundle_child(f, b, node, "flags", DS_YAML_SEQUENCE, &list);

	*ret = 0;
	for (size_t i = 0; r == 0 && list && i < list->n; i++) {
		struct ds_str s;
		unsigned k = 0;

		if (ds_yaml_as_string(list->items[i], &s) < 0)
			s = (struct ds_str){0};
		while (k < DS_ADDRESS_FLAGS && !ds_str_eqz(s, ds_address_flag_names[k]))
			k++;
		if (k < DS_ADDRESS_FLAGS)
			*ret |= 1u << k;
		else
			r = ds_bundle_wrong_type(f, b, list->items[i], "a flag of an address", "one that is known");
	}
	return r;
}

static int read_addresses(struct ds_facts *f, const struct ds_bundle *b, struct ds_host *host)
{
	const struct ds_yaml_node *list;
	int r = ds_bundle_child(f, b, b->root, "addresses", DS_YAML_SEQUENCE, &list);

	if (r < 0 || !list)
		return r;
	if (list->n > DS_LIMIT_HOST_ADDRESSES)
		return ds_bundle_wrong_type(f, b, list, "addresses", "a list of at most DS_LIMIT_HOST_ADDRESSES");
	host->has_addresses = true;
	for (size_t i = 0; r == 0 && i < list->n; i++) {
		struct ds_host_address addr;

		r = ds_bundle_text(f, b, list->items[i], "interface", &addr.interface);
		if (r < 0)
			return r;
		if (ds_yaml_as_string(ds_yaml_get(list->items[i], "cidr"), &addr.cidr) < 0 || addr.cidr.n == 0) {
			host->has_addresses = false;
			r = ds_bundle_wrong_type(f, b, list->items[i], "an address", "an interface with a cidr");
			continue;
		}
		if (!addr.interface)
			addr.interface = "";
		r = read_flags(f, b, list->items[i], &addr.flags);
		if (r == 0)
			r = ds_vec_push(f->ctx->arena, &host->addresses, addr);
	}
	return r;
}

/* False when it is none. */
static bool is_route(const struct ds_yaml_node *node, struct ds_host_route *ret)
{
	const struct ds_yaml_node *gateway = ds_yaml_get(node, "gateway");
	struct ds_str text;

	if (ds_yaml_as_string(ds_yaml_get(node, "destination"), &text) < 0 ||
	    ds_cidr_parse(text, DS_IP_STRICT, &ret->net) < 0)
		return false;
	if (gateway && !ds_yaml_is_null(gateway)) {
		if (ds_yaml_as_string(gateway, &text) < 0 || ds_ip_parse(text, DS_IP_STRICT, &ret->gateway) < 0)
			return false;
		ret->has_gateway = true;
	}
	if (ds_yaml_as_bool(ds_yaml_get(node, "routerAdvertisement"), &ret->ra) < 0)
		ret->ra = false;
	return true;
}

static int read_routes(struct ds_facts *f, const struct ds_bundle *b, struct ds_host *host)
{
	const struct ds_yaml_node *list;
	int r = ds_bundle_child(f, b, b->root, "routes", DS_YAML_SEQUENCE, &list);

	if (r < 0 || !list)
		return r;
	if (list->n > DS_LIMIT_HOST_ROUTES)
		return ds_bundle_wrong_type(f, b, list, "routes", "a list of at most DS_LIMIT_HOST_ROUTES");
	host->has_routes = true;
	for (size_t i = 0; r == 0 && i < list->n; i++) {
		struct ds_host_route route = {0};

		r = ds_bundle_text(f, b, list->items[i], "interface", &route.interface);
		if (r < 0)
			return r;
		if (!route.interface || !is_route(list->items[i], &route)) {
			host->has_routes = false;
			r = ds_bundle_wrong_type(f, b, list->items[i], "a route", "a destination with an interface");
			continue;
		}
		r = ds_vec_push(f->ctx->arena, &host->routes, route);
	}
	return r;
}

static int read_sysctls(struct ds_facts *f, const struct ds_bundle *b, struct ds_host *host)
{
	const struct ds_yaml_node *map;
	int r = ds_bundle_child(f, b, b->root, "sysctls", DS_YAML_MAPPING, &map);

	/* Three of each interface and some more is what we write. */
	if (map && map->n > 4 * DS_LIMIT_HOST_INTERFACES)
		return ds_bundle_wrong_type(f, b, map, "sysctls", "a mapping of at most 4 * DS_LIMIT_HOST_INTERFACES");
	for (size_t i = 0; r == 0 && map && i < map->n; i++) {
		const struct ds_yaml_pair *pair = &map->pairs[i];
		struct ds_sysctl s = {.name = ds_arena_strndup(f->ctx->arena, pair->key->text.p, pair->key->text.n)};

		if (!s.name)
			return DS_ENOMEM;
		/* `0` and `"0"` say the same here. */
		if (pair->value->kind != DS_YAML_SCALAR || ds_yaml_is_null(pair->value)) {
			r = ds_bundle_wrong_type(f, b, pair->value, "a sysctl", "a value");
			continue;
		}
		s.value = pair->value->text;
		r = ds_vec_push(f->ctx->arena, &host->sysctls, s);
	}
	return r;
}

static int read_kernel_args(struct ds_facts *f, const struct ds_bundle *b, struct ds_host *host)
{
	const struct ds_yaml_node *list;
	int r = ds_bundle_child(f, b, b->root, "kernelArguments", DS_YAML_SEQUENCE, &list);

	host->has_kernel_args = r == 0 && list;
	for (size_t i = 0; r == 0 && list && i < list->n; i++) {
		struct ds_str s;
		const char *copy;

		if (ds_yaml_as_string(list->items[i], &s) < 0) {
			host->has_kernel_args = false;
			r = ds_bundle_wrong_type(f, b, list->items[i], "an argument of the kernel", "a string");
			continue;
		}
		copy = ds_arena_strndup(f->ctx->arena, s.p, s.n);
		r = copy ? ds_vec_push(f->ctx->arena, &host->kernel_args, copy) : DS_ENOMEM;
	}
	return r;
}

int ds_bundle_host(struct ds_facts *f, const struct ds_bundle *b, struct ds_host *host)
{
	int r = read_addresses(f, b, host);

	if (r == 0)
		r = read_routes(f, b, host);
	if (r == 0)
		r = read_sysctls(f, b, host);
	return r < 0 ? r : read_kernel_args(f, b, host);
}
