/*
 * Addresses and networks: Kubernetes' CEL libraries
 * (staging/src/k8s.io/apiserver/pkg/cel/library/ip.go and cidr.go), and ours.
 */
#include <inttypes.h>

#include "cel/fn.h"
#include "cel/priv.h"

/* ---- parsing ---- */

/* library/ip.go:parseIPAddr. NULL, or why not. */
static const char *parse_ip(struct ds_str s, struct ds_ip *ret)
{
	if (ds_str_find(s, '%') < s.n)
		return "an address with a zone is not allowed";
	if (ds_ip_parse(s, DS_IP_NETIP, ret) < 0)
		return "not an IP address";
	if (ds_ip_is_4in6(ret))
		return "an IPv4-mapped IPv6 address is not allowed";
	return NULL;
}

/* library/cidr.go:parseCIDR; host bits are allowed, whatever its comment says. */
static const char *parse_cidr(struct ds_str s, struct ds_cidr *ret)
{
	if (ds_cidr_parse(s, DS_IP_NETIP, ret) < 0)
		return "not a CIDR";
	if (ds_ip_is_4in6(&ret->ip))
		return "an IPv4-mapped IPv6 address is not allowed";
	return NULL;
}

static void bad_text(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_str s, const char *why,
		     struct ds_cel_value *out)
{
	struct ds_buf b DS_CLEANUP(ds_buf_done) = DS_BUF_INIT;

	ds_buf_add_go_quoted(&b, ds_str_head(s, 100));
	if (b.err < 0)
		ds__cel_oom(r, out);
	else
		ds__cel_fail(r, n, out, "network address parse error: %s: %s", b.p, why);
}

static bool to_ip(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *v, struct ds_ip *ret,
		  struct ds_cel_value *out)
{
	const char *why;

	if (v->kind == DS_CEL_IP) {
		*ret = v->ip;
		return true;
	}
	why = parse_ip(v->s, ret);
	if (why)
		bad_text(r, n, v->s, why, out);
	return why == NULL;
}

static bool to_cidr(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *v,
		    struct ds_cidr *ret, struct ds_cel_value *out)
{
	const char *why;

	if (v->kind == DS_CEL_CIDR) {
		*ret = v->cidr;
		return true;
	}
	why = parse_cidr(v->s, ret);
	if (why)
		bad_text(r, n, v->s, why, out);
	return why == NULL;
}

FN(ip)
{
	struct ds_ip ip;

	if (!to_ip(r, n, &args[0], &ip, out))
		return;
	out->kind = DS_CEL_IP;
	out->ip = ip;
	out->loc = args[0].loc;
}

FN(cidr)
{
	struct ds_cidr c;

	if (!to_cidr(r, n, &args[0], &c, out))
		return;
	out->kind = DS_CEL_CIDR;
	out->cidr = c;
	out->loc = args[0].loc;
}

FN(is_ip)
{
	struct ds_ip ip;

	(void)r;
	(void)n;
	ds__cel_set_bool(out, parse_ip(args[0].s, &ip) == NULL);
}

FN(is_cidr)
{
	struct ds_cidr c;

	(void)r;
	(void)n;
	ds__cel_set_bool(out, parse_cidr(args[0].s, &c) == NULL);
}

FN(is_canonical)
{
	char text[DS_IP_TEXT];
	struct ds_ip ip;

	if (to_ip(r, n, &args[0], &ip, out))
		ds__cel_set_bool(out, ds_str_eqz(args[0].s, ds_ip_format(&ip, text)));
}

/* ---- properties of an address ---- */

static const struct ds_ip *address(const struct ds_cel_value *v)
{
	return v->kind == DS_CEL_CIDR ? &v->cidr.ip : &v->ip;
}

FN(family)
{
	(void)r;
	(void)n;
	ds__cel_set_int(out, address(&args[0])->family);
}

#define IP_PREDICATE(name, predicate)                            \
	FN(name)                                                 \
	{                                                        \
		(void)r;                                         \
		(void)n;                                         \
		ds__cel_set_bool(out, predicate(&args[0].ip)); \
	}

IP_PREDICATE(is_unspecified, ds_ip_is_unspecified)
IP_PREDICATE(is_loopback, ds_ip_is_loopback)
IP_PREDICATE(is_multicast, ds_ip_is_multicast)
IP_PREDICATE(is_ll_unicast, ds_ip_is_link_local_unicast)
IP_PREDICATE(is_ll_multicast, ds_ip_is_link_local_multicast)
IP_PREDICATE(is_private, ds_ip_is_private)
IP_PREDICATE(is_global, ds_ip_is_global_unicast)

/* ---- properties of a network ---- */

static void set_ip(struct ds_cel_value *out, struct ds_ip ip)
{
	out->kind = DS_CEL_IP;
	out->ip = ip;
}

FN(cidr_ip)
{
	(void)r;
	(void)n;
	set_ip(out, args[0].cidr.ip);
}

FN(first)
{
	(void)r;
	(void)n;
	set_ip(out, ds_cidr_first(&args[0].cidr));
}

FN(last)
{
	(void)r;
	(void)n;
	set_ip(out, ds_cidr_last(&args[0].cidr));
}

FN(masked)
{
	(void)r;
	(void)n;
	out->kind = DS_CEL_CIDR;
	out->cidr = ds_cidr_masked(&args[0].cidr);
}

FN(prefix_length)
{
	(void)r;
	(void)n;
	ds__cel_set_int(out, args[0].cidr.bits);
}

static unsigned host_bits(const struct ds_cidr *c)
{
	return ds_ip_width(&c->ip) - c->bits;
}

FN(host_bits)
{
	(void)r;
	(void)n;
	ds__cel_set_int(out, host_bits(&args[0].cidr));
}

FN(has_host_bits)
{
	(void)r;
	(void)n;
	ds__cel_set_bool(out, ds_cidr_has_host_bits(&args[0].cidr));
}

static void power_of_two(struct ds__cel_run *r, const struct ds__cel_node *n, unsigned bits, struct ds_cel_value *out)
{
	if (bits >= 63)
		ds__cel_fail(r, n, out, "integer overflow: 2^%u does not fit into an int", bits);
	else
		ds__cel_set_int(out, (int64_t)1 << bits);
}

FN(count)
{
	power_of_two(r, n, host_bits(&args[0].cidr), out);
}

FN(subnet_count)
{
	const struct ds_cidr *c = &args[0].cidr;
	int64_t length = args[1].i;

	if (length < c->bits || length > (int64_t)ds_ip_width(&c->ip))
		ds__cel_fail(r, n, out, "a /%u has no subnets of prefix length %" PRId64, c->bits, length);
	else
		power_of_two(r, n, (unsigned)length - c->bits, out);
}

/* ---- relations ---- */

FN(contains_ip)
{
	struct ds_ip ip;

	if (to_ip(r, n, &args[1], &ip, out))
		ds__cel_set_bool(out, ds_cidr_contains_ip(&args[0].cidr, &ip));
}

FN(contains_cidr)
{
	struct ds_cidr c;

	if (to_cidr(r, n, &args[1], &c, out))
		ds__cel_set_bool(out, ds_cidr_contains(&args[0].cidr, &c));
}

FN(overlaps)
{
	struct ds_cidr c;

	if (to_cidr(r, n, &args[1], &c, out))
		ds__cel_set_bool(out, ds_cidr_overlaps(&args[0].cidr, &c));
}

/* ---- families of a list ---- */

/* Fills order[] with the families in order of appearance; false = *out is an error. */
static bool list_families(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *list,
			  uint8_t order[2], size_t *ret_n, struct ds_cel_value *out)
{
	*ret_n = 0;
	for (size_t i = 0; i < list->list.n; i++) {
		const struct ds_cel_value *v = &list->list.v[i];
		uint8_t family;

		if (!ds__cel_charge(r, n, 1, out) || !ds__cel_elem_ok(r, n, 0, list, i, out))
			return false;
		if (v->kind != DS_CEL_IP && v->kind != DS_CEL_CIDR) {
			ds__cel_no_overload(r, n, v, 1, out);
			return false;
		}
		family = address(v)->family;
		if (*ret_n == 0 || (*ret_n == 1 && order[0] != family))
			order[(*ret_n)++] = family;
	}
	return true;
}

FN(families)
{
	uint8_t order[2] = {0};
	size_t count;
	struct ds_cel_value *v;

	if (!list_families(r, n, &args[0], order, &count, out))
		return;
	v = ds_arena_new_array(r->a, 2, struct ds_cel_value);
	if (!v) {
		ds__cel_oom(r, out);
		return;
	}
	for (size_t i = 0; i < count; i++)
		v[i] = ds_cel_string(ds_str_from(ds_family_name((enum ds_family)order[i])));
	ds__cel_set_list(out, v, count);
}

FN(is_dual_stack)
{
	uint8_t order[2] = {0};
	size_t count;

	if (list_families(r, n, &args[0], order, &count, out))
		ds__cel_set_bool(out, count == 2);
}
