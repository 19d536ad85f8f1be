#include "base/err.h"
#include "service/engine.h"

/*
 * Cluster IPs and node ports. What an allocator would choose freely becomes a
 * placeholder; what it would refuse becomes its error.
 */

#define NODE_PORT_FIRST 30000
#define NODE_PORT_LAST  32767

/* The old bitmap covers at most this many addresses of an IPv6 range, and all of an IPv4 one
 * (ipallocator/bitmap.go:New). */
#define BITMAP_SIZE 65536u
/* No wider range is accepted where there is a bitmap (cmd/kube-apiserver/app/options/validation.go). */
#define BITMAP_HOST_BITS 20u

/* The MetaAllocator takes addresses from all ServiceCIDR objects; before it there is the flag. */
static bool uses_service_cidrs(const struct ds__decision *d)
{
	return d->cluster->n_service_cidrs > 0 && d->minor >= 29 && ds__svc_has(d, DS__META_ALLOCATOR);
}

/* The MetaAllocator has no allocator for a wider IPv6 network (ipallocator/ipallocator.go:NewIPAllocator). */
static bool is_too_wide(const struct ds__decision *d, const struct ds_cidr *range)
{
	return range->ip.family == DS_IPV6 && range->bits < 64 && d->minor >= 29 && ds__svc_has(d, DS__META_ALLOCATOR);
}

/* The ranges that give addresses of a family, one after the other: start with *at = 0. */
static const struct ds_cidr *next_range(const struct ds__decision *d, enum ds_family f, size_t *at)
{
	bool objects = uses_service_cidrs(d);
	const struct ds_cidr *v = objects ? d->cluster->service_cidrs : d->cluster->ranges;
	size_t n = objects ? d->cluster->n_service_cidrs : d->cluster->n_ranges;

	while (*at < n)
		if (v[(*at)++].ip.family == f && !is_too_wide(d, &v[*at - 1]))
			return &v[*at - 1];
	return NULL;
}

/* Network and, for IPv4, broadcast addresses are never handed out. */
static bool is_usable(const struct ds_cidr *range, const struct ds_ip *ip)
{
	struct ds_ip first = ds_cidr_first(range), last = ds_cidr_last(range);

	return ds_cidr_contains_ip(range, ip) && !ds_ip_eq(ip, &first) &&
	       !(ip->family == DS_IPV4 && ds_ip_eq(ip, &last));
}

static bool is_beyond_bitmap(const struct ds_cidr *range, const struct ds_ip *ip)
{
	struct ds_ip first = ds_cidr_first(range), end;

	return range->ip.family == DS_IPV6 && ds_ip_add(&first, (struct ds_u128){0, BITMAP_SIZE}, &end) &&
	       ds_ip_cmp(ip, &end) >= 0;
}

static bool is_taken(const struct ds__decision *d, const struct ds_ip *ip)
{
	struct ds_ip base, kubernetes;

	if (!d->cluster->without_kubernetes_service) {
		base = ds_cidr_first(&d->cluster->ranges[0]);
		if (ds_ip_add(&base, (struct ds_u128){0, 1}, &kubernetes) && ds_ip_eq(ip, &kubernetes))
			return true;
	}
	for (size_t i = 0; i < d->cluster->n_taken; i++)
		if (ds_ip_eq(ip, &d->cluster->taken[i]))
			return true;
	return false;
}

/* Whether one of the family's ranges has the address; *ret_asked is the range to name when none has. */
static bool is_offered(const struct ds__decision *d, enum ds_family f, const struct ds_ip *ip,
		       const struct ds_cidr **ret_asked)
{
	bool meta = ds__svc_has(d, DS__META_ALLOCATOR);
	const struct ds_cidr *range;
	size_t at = 0;

	*ret_asked = NULL;
	while ((range = next_range(d, f, &at))) {
		if (!*ret_asked)
			*ret_asked = range;
		if (is_usable(range, ip) && (meta || !is_beyond_bitmap(range, ip)))
			return true;
	}
	return false;
}

/*
 * The flag's range when its bitmap refuses ip: 1.31 to 1.33 write to the new allocators and to the bitmap
 * (ipallocator/cidrallocator.go:AllocateService, DisableAllocatorDualWrite off). With a wider range than a
 * bitmap may have the API server starts only when that is turned off.
 */
static const struct ds_cidr *refusing_bitmap(const struct ds__decision *d, enum ds_family f, const struct ds_ip *ip)
{
	if (!ds__svc_has(d, DS__DUAL_WRITE) || !ds__svc_has(d, DS__META_ALLOCATOR) || d->options.dry_run)
		return NULL;
	for (size_t i = 0; i < d->cluster->n_ranges; i++) {
		const struct ds_cidr *range = &d->cluster->ranges[i];

		if (range->ip.family == f && ds_cidr_contains_ip(range, ip) &&
		    ds_ip_width(&range->ip) - range->bits <= BITMAP_HOST_BITS &&
		    (!is_usable(range, ip) || is_beyond_bitmap(range, ip)))
			return range;
	}
	return NULL;
}

static const char not_ready[] = "allocator not ready"; /* a dry run that finds no allocator for the family */
static const char mismatch[] = "the provided network does not match the current range";

/* Why the family's allocator refuses ip, or NULL. */
static const char *refusal(struct ds__decision *d, enum ds_family f, const struct ds_ip *ip)
{
	char ip_text[DS_IP_TEXT], cidr_text[DS_CIDR_TEXT];
	const struct ds_cidr *asked;
	struct ds_cidr network;

	if (is_offered(d, f, ip, &asked)) {
		asked = refusing_bitmap(d, f, ip);
		if (!asked)
			return !d->options.dry_run && is_taken(d, ip) ? "provided IP is already allocated" : NULL;
	} else if (!asked && d->options.dry_run) {
		return not_ready;
	} else if (!asked || (ds__svc_has(d, DS__META_ALLOCATOR) && !d->options.dry_run && d->minor >= 29)) {
		/* 1.27 and 1.28 with the gate on have one allocator per range, and a dry run asks one of them. */
		return mismatch;
	}
	network = ds_cidr_masked(asked);
	ds_cidr_format(&network, cidr_text);
	if (!ds__svc_row(d->minor, DS__STORE_PIPELINE))
		return ds__text(d, "provided IP is not in the valid range. The range of valid IPs is %s", cidr_text);
	return ds__text(d, "the provided IP (%s) is not in the valid range. The range of valid IPs is %s",
			ds_ip_format(ip, ip_text), cidr_text);
}

/* How many addresses a range can give, as far as it is worth counting. */
static uint64_t capacity(const struct ds__decision *d, const struct ds_cidr *range)
{
	unsigned host = ds_ip_width(&range->ip) - range->bits;
	uint64_t all = host >= 32 ? UINT32_MAX : (uint64_t)1 << host;

	if (range->ip.family == DS_IPV4)
		return all > 2 ? all - 2 : 0;
	return (ds__svc_has(d, DS__META_ALLOCATOR) ? all : DS_MIN(all, (uint64_t)BITMAP_SIZE)) - 1;
}

static uint64_t low_bits(const struct ds_ip *ip)
{
	size_t n = ip->family == DS_IPV4 ? 4 : 16;
	uint64_t v = 0;

	for (size_t i = n == 4 ? 0 : 8; i < n; i++)
		v = v << 8 | ip->b[i];
	return v;
}

/* Whether every address of the range is taken. */
static bool is_full(struct ds__decision *d, const struct ds_cidr *range)
{
	const struct ds_service_cluster *c = d->cluster;
	uint64_t left = capacity(d, range);
	struct ds__numbers seen;
	struct ds_ip kubernetes = ds_cidr_first(&c->ranges[0]);

	if (left > (uint64_t)c->n_taken + 1)
		return false;
	if (ds__numbers_init(&seen, d->arena, c->n_taken + 1) < 0) {
		d->r = DS_ENOMEM;
		return false;
	}
	if (!c->without_kubernetes_service && ds_ip_add(&kubernetes, (struct ds_u128){0, 1}, &kubernetes) &&
	    is_usable(range, &kubernetes) && ds__numbers_add(&seen, (int64_t)low_bits(&kubernetes)))
		left -= left > 0;
	for (size_t i = 0; i < c->n_taken; i++)
		if (is_usable(range, &c->taken[i]) && ds__numbers_add(&seen, (int64_t)low_bits(&c->taken[i])))
			left -= left > 0;
	return left == 0;
}

static bool are_full(struct ds__decision *d, enum ds_family f)
{
	const struct ds_cidr *range;
	size_t at = 0;

	while ((range = next_range(d, f, &at)))
		if (!is_full(d, range))
			return false;
	return true;
}

static void answer_full(struct ds__decision *d)
{
	ds__answer_status(d, 500, "InternalError",
			  ds__svc_has(d, DS__FULL_NAMES_SERVICE)
			      ? ds__text(d,
					 "Internal error occurred: failed to allocate a serviceIP for Service %s: "
					 "range is full",
					 ds__quote(d, d->svc.name))
			      : "Internal error occurred: failed to allocate a serviceIP: range is full");
}

static void refuse_ip(struct ds__decision *d, struct ds_str text, const char *why)
{
	const char *shown = ds_arena_strndup(d->arena, text.p, text.n);

	if (!shown) {
		d->r = DS_ENOMEM;
		return;
	}
	ds__error(d, DS__INVALID, "spec.clusterIPs", ds__strings(&d->svc.cluster_ips),
		  ds__svc_row(d->minor, DS__STORE_PIPELINE)
		      ? ds__text(d, "failed to allocate IP %s: %s", shown, why)
		      : ds__text(d, "failed to allocated ip:%s with error:%s", shown, why));
	ds__step(d, "refused: the allocator does not give %s (alloc.go:allocIPs)", shown);
	ds__answer_invalid(d);
}

/* alloc.go:allocIPs; since 1.35 only a full range is an internal error. */
static void answer_none_chosen(struct ds__decision *d, const char *why)
{
	if (!ds__svc_has(d, DS__DYNAMIC_INVALID)) {
		ds__answer_status(d, 500, "InternalError",
				  ds__text(d, "Internal error occurred: failed to allocate a serviceIP: %s", why));
		return;
	}
	ds__error(d, DS__INVALID, "spec.clusterIPs", ds__strings(&d->svc.cluster_ips),
		  ds__text(d, "failed to allocate IP: %s", why));
	ds__answer_invalid(d);
}

/*
 * Whether the address that 1.33 takes from the bitmap of the flag's range is one that no ServiceCIDR has
 * (ipallocator/cidrallocator.go:AllocateNextService).
 */
static bool chooses_in_vain(struct ds__decision *d, enum ds_family f)
{
	const struct ds_cidr *flag = NULL, *range;
	size_t at = 0;

	if (!ds__svc_has(d, DS__BITMAP_FIRST) || !uses_service_cidrs(d))
		return false;
	for (size_t i = 0; i < d->cluster->n_ranges; i++)
		if (d->cluster->ranges[i].ip.family == f)
			flag = &d->cluster->ranges[i];
	if (!flag || ds_ip_width(&flag->ip) - flag->bits > BITMAP_HOST_BITS || is_full(d, flag))
		return false;
	while ((range = next_range(d, f, &at)))
		if (ds_cidr_overlaps(flag, range))
			return false;
	return true;
}

/* A dry run's choice: the network address of a range, which is none that would be chosen. */
static struct ds_str base_address(struct ds__decision *d, enum ds_family f)
{
	size_t at = 0;
	const struct ds_cidr *range = next_range(d, f, &at);
	struct ds_ip first;
	char text[DS_IP_TEXT];

	if (!range) {
		ds__step(d, "no ServiceCIDR has addresses of this family (cidrallocator.go:DryRun)");
		answer_none_chosen(d, not_ready);
		return ds__placeholder(f);
	}
	first = ds_cidr_first(range);
	ds__step(d, "a dry run shows the network address of the %s range (ipallocator.go:DryRun)", ds_family_name(f));
	return ds_str_from(ds__text(d, "%s", ds_ip_format(&first, text)));
}

/* alloc.go:allocIPs for one family: *ip is taken, or chosen when empty. */
static void allocate_one(struct ds__decision *d, enum ds_family f, struct ds_str *ip)
{
	const struct ds__address *address;
	const char *why;

	if (!ds__configured(d, f)) {
		/* A nil allocator: the handler panics and the client sees the connection close. */
		ds__step(d, "the API server has no %s allocator and panics (alloc.go:allocIPs)", ds_family_name(f));
		d->out->connection_dropped = true;
		d->done = true;
		return;
	}
	if (ip->n == 0 && d->options.dry_run) {
		*ip = base_address(d, f);
		return;
	}
	if (ip->n == 0 && chooses_in_vain(d, f)) {
		ds__step(d, "the address chosen from the flag's range is in no ServiceCIDR "
			    "(cidrallocator.go:AllocateNextService)");
		answer_none_chosen(d, mismatch);
		return;
	}
	if (ip->n == 0) {
		if (are_full(d, f)) {
			answer_full(d);
			return;
		}
		*ip = ds__placeholder(f);
		ds__step(d, "an %s address is chosen (alloc.go:allocIPs)", ds_family_name(f));
		return;
	}
	address = ds__parse(d, *ip);
	if (!address->is_sloppy || address->is_placeholder)
		return;
	why = refusal(d, f, &address->sloppy);
	if (why)
		refuse_ip(d, *ip, why);
	else
		ds__step(d, "the %s address that was asked for is free (alloc.go:allocIPs)", ds_family_name(f));
}

/* Go ranges over a map of families, so which of two refused addresses is named is a matter of luck. */
static void tell_of_luck(struct ds__decision *d, size_t refused)
{
	const struct ds_service *s = &d->svc;

	for (size_t i = refused + 1; i < s->ip_families.n; i++) {
		const struct ds__address *a = ds__parse(d, s->cluster_ips.v[i]);

		if (a->is_sloppy && !a->is_placeholder && refusal(d, ds__family_named(s->ip_families.v[i]), &a->sloppy))
			ds__step(d, "%.*s would be refused as well; the API server tries both in random order and names "
				    "the first (alloc.go:allocIPs)",
				 DS_STR_ARG(s->cluster_ips.v[i]));
	}
}

/* alloc.go:allocClusterIPs */
void ds__allocate_ips(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;
	struct ds_str chosen[2];
	size_t n = s->ip_families.n;

	if (ds_service_is_external_name(s) || (s->cluster_ips.n > 0 && DS__IS(s->cluster_ips.v[0], "None")))
		return;
	if (n > DS_ARRAY_SIZE(chosen)) {
		d->r = DS_EBUG;
		return;
	}
	if (ds__list_own(d->arena, &s->cluster_ips, n) < 0) {
		d->r = DS_ENOMEM;
		return;
	}
	/* Empty markers stand in the list while errors may print it. */
	while (s->cluster_ips.n < n)
		s->cluster_ips.v[s->cluster_ips.n++] = (struct ds_str){"", 0};
	for (size_t i = 0; i < n && !d->done; i++) {
		chosen[i] = s->cluster_ips.v[i];
		allocate_one(d, ds__family_named(s->ip_families.v[i]), &chosen[i]);
		if (d->done && d->options.explain)
			tell_of_luck(d, i);
	}
	if (d->done || d->r < 0)
		return;
	for (size_t i = 0; i < n; i++)
		s->cluster_ips.v[i] = chosen[i];
	if (n)
		s->cluster_ip = s->cluster_ips.v[0];
}

/* alloc.go:updateClusterIPs, case C: the second family of an upgraded Service. */
static void allocate_second(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;
	struct ds_str chosen;

	if (ds__list_own(d->arena, &s->cluster_ips, 2) < 0) {
		d->r = DS_ENOMEM;
		return;
	}
	if (s->cluster_ips.n < 2)
		s->cluster_ips.v[s->cluster_ips.n++] = (struct ds_str){"", 0};
	if (s->cluster_ips.n < 2)
		return;
	chosen = s->cluster_ips.v[1];
	allocate_one(d, ds__family_named(s->ip_families.v[1]), &chosen);
	if (!d->done)
		s->cluster_ips.v[1] = chosen;
}

void ds__update_ips(struct ds__decision *d)
{
	const struct ds_service *s = &d->svc, *old = d->old;
	bool is_name = ds_service_is_external_name(s), was_name = ds_service_is_external_name(old);

	if (ds__matches_prefer_dual_stack(d))
		return;
	if (was_name && !is_name) {
		ds__step(d, "ExternalName becomes %.*s: addresses are allocated (alloc.go:updateClusterIPs)",
			 DS_STR_ARG(s->type));
		ds__allocate_ips(d);
		return;
	}
	if (old->cluster_ips.n > 0 && DS__IS(old->cluster_ips.v[0], "None"))
		return;
	if (!was_name && is_name) {
		ds__step(d, "becomes ExternalName: addresses are released (alloc.go:updateClusterIPs)");
		return;
	}
	if (old->ip_families.n == 1 && s->ip_families.n == 2)
		allocate_second(d);
	else if (old->ip_families.n == 2 && s->ip_families.n == 1)
		ds__step(d, "the secondary address is released (alloc.go:updateClusterIPs)");
}

static bool allocates_node_ports(const struct ds__decision *d)
{
	if (DS__IS(d->svc.type, "LoadBalancer") && ds__svc_has(d, DS__LB_NODE_PORTS))
		return d->svc.allocate_node_ports;
	return ds__needs_node_port(&d->svc);
}

/* portallocator.go:ErrNotInRange, or NULL. A dry run does not ask (portallocator/operation.go:Allocate). */
static const char *out_of_port_range(struct ds__decision *d, int32_t number)
{
	const struct ds_service_cluster *c = d->cluster;
	int32_t first = c->node_port_last ? c->node_port_first : NODE_PORT_FIRST;
	int32_t last = c->node_port_last ? c->node_port_last : NODE_PORT_LAST;

	if (d->options.dry_run || (number >= first && number <= last))
		return NULL;
	return ds__text(d, "provided port is not in the valid range. The range of valid ports is %d-%d", first, last);
}

/* portallocator: whether number can be had; answers when not. */
static bool take_port(struct ds__decision *d, struct ds__numbers *used, size_t index, int32_t number)
{
	const char *why = out_of_port_range(d, number);

	if (!why && !ds__numbers_add(used, number))
		why = "provided port is already allocated";
	if (!why)
		return true;
	ds__error(d, DS__INVALID, ds__text(d, "spec.ports[%zu].nodePort", index), ds__number(number), why);
	ds__step(d, "refused: the node port %d cannot be had (alloc.go:initNodePorts)", number);
	ds__answer_invalid(d);
	return false;
}

static void allocate_health_port(struct ds__decision *d, struct ds__numbers *used)
{
	int32_t number = d->svc.health_check_node_port;
	const char *why;

	if (number == 0) {
		d->svc.health_check_node_port = DS__CHOSEN_NODE_PORT;
		return;
	}
	why = out_of_port_range(d, number);
	if (!why && !ds__numbers_add(used, number))
		why = "provided port is already allocated";
	if (why)
		ds__answer_status(d, 500, "InternalError",
				  ds__text(d,
					   "Internal error occurred: failed to allocate requested HealthCheck NodePort "
					   "%d: %s",
					   number, why));
}

static struct ds_service_port *own_ports(struct ds__decision *d)
{
	struct ds_service_port *ports = ds_arena_new_array(d->arena, d->svc.n_ports, struct ds_service_port);

	if (!ports) {
		d->r = DS_ENOMEM;
		return NULL;
	}
	if (d->svc.n_ports)
		memcpy(ports, d->svc.ports, d->svc.n_ports * sizeof(*ports));
	d->svc.ports = ports;
	return ports;
}

/* The node port that the request asks for under each port number: the first one. */
static int index_requests(struct ds__decision *d, struct ds__numbers *ret)
{
	if (ds__numbers_init(ret, d->arena, d->svc.n_ports) < 0)
		return d->r = DS_ENOMEM;
	for (size_t i = 0; i < d->svc.n_ports; i++)
		if (d->svc.ports[i].node_port && ds__numbers_add(ret, d->svc.ports[i].port))
			*ds__numbers_get(ret, d->svc.ports[i].port) = d->svc.ports[i].node_port;
	return 0;
}

/* alloc.go:initNodePorts: ports of one number, which differ in protocol, share a node port. */
static void init_node_ports(struct ds__decision *d, struct ds__numbers *used)
{
	struct ds_service_port *ports;
	struct ds__numbers requested, shared;
	bool allocates = allocates_node_ports(d);

	ports = own_ports(d);
	if (!ports || index_requests(d, &requested) < 0)
		return;
	if (ds__numbers_init(&shared, d->arena, d->svc.n_ports) < 0) {
		d->r = DS_ENOMEM;
		return;
	}
	for (size_t i = 0; i < d->svc.n_ports; i++) {
		const int64_t *request;

		if (ports[i].node_port == 0 && !allocates)
			continue;
		if (ds__numbers_add(&shared, ports[i].port)) {
			request = ds__numbers_get(&requested, ports[i].port);
			if (request && !take_port(d, used, i, (int32_t)*request))
				return;
			ports[i].node_port = request ? (int32_t)*request : DS__CHOSEN_NODE_PORT;
			*ds__numbers_get(&shared, ports[i].port) = ports[i].node_port;
		} else if (ports[i].node_port == 0) {
			ports[i].node_port = (int32_t)*ds__numbers_get(&shared, ports[i].port);
		} else if (ports[i].node_port != *ds__numbers_get(&shared, ports[i].port) &&
			   !take_port(d, used, i, ports[i].node_port)) {
			return;
		}
	}
}

void ds__allocate_ports(struct ds__decision *d)
{
	struct ds__numbers used;

	if (!ds__needs_node_port(&d->svc))
		return;
	if (ds__numbers_init(&used, d->arena, d->svc.n_ports + 1) < 0) {
		d->r = DS_ENOMEM;
		return;
	}
	init_node_ports(d, &used);
	if (!d->done && d->r == 0 && ds__needs_health_check(&d->svc))
		allocate_health_port(d, &used);
}

static const char *protocol_text(struct ds__decision *d, struct ds_str protocol)
{
	const char *p = ds_arena_strndup(d->arena, protocol.p ? protocol.p : "", protocol.n);

	if (p)
		return p;
	d->r = DS_ENOMEM;
	return "";
}

/* alloc.go:updateNodePorts: numbers of the stored object are kept, new ones are taken. */
static void update_node_ports(struct ds__decision *d, struct ds__numbers *used)
{
	struct ds_service_port *ports;
	struct ds__numbers old, pairs;
	bool allocates = allocates_node_ports(d);

	ports = own_ports(d);
	if (!ports || ds__numbers_init(&old, d->arena, d->old->n_ports) < 0 ||
	    ds__numbers_init(&pairs, d->arena, d->svc.n_ports) < 0) {
		d->r = DS_ENOMEM;
		return;
	}
	for (size_t i = 0; i < d->old->n_ports; i++)
		if (d->old->ports[i].node_port)
			(void)ds__numbers_add(&old, d->old->ports[i].node_port);
	for (size_t i = 0; i < d->svc.n_ports; i++) {
		int32_t number = ports[i].node_port;

		if (number == 0) {
			if (allocates)
				ports[i].node_port = DS__CHOSEN_NODE_PORT;
			continue;
		}
		if (number == DS__CHOSEN_NODE_PORT && ds__numbers_get(&old, number))
			continue; /* one of our own answers as the stored object: each is another number */
		if (!ds__numbers_get(&old, number) && !ds__numbers_get(used, number) && !take_port(d, used, i, number))
			return;
		if (!ds__numbers_add(&pairs,
				     ((int64_t)ds__protocol_number(ports[i].protocol) << 32) | (uint32_t)number)) {
			/* A plain error, which the API server wraps as it is. */
			ds__answer_status(d, 500, "",
					  ds__text(d, "duplicate nodePort: {%s %d}",
						   protocol_text(d, ports[i].protocol), number));
			return;
		}
	}
}

void ds__update_ports(struct ds__decision *d)
{
	struct ds__numbers used;

	if (ds__numbers_init(&used, d->arena, d->svc.n_ports + 1) < 0) {
		d->r = DS_ENOMEM;
		return;
	}
	if (ds__needs_node_port(&d->svc))
		update_node_ports(d, &used);
	if (!d->done && d->r == 0 && !ds__needs_health_check(d->old) && ds__needs_health_check(&d->svc))
		allocate_health_port(d, &used);
}
