#include "net/ip.h"

/* All masking goes byte by byte, so no shift is ever wider than 7. */

static unsigned bytes(const struct ds_ip *ip)
{
	return ds_ip_width(ip) / 8;
}

/* The bits of byte i that lie within the first `bits` bits of an address. */
static uint8_t net_mask(unsigned bits, unsigned i)
{
	if (bits >= i * 8 + 8)
		return 0xff;
	if (bits <= i * 8)
		return 0;
	return (uint8_t)(0xffu << (8 - (bits - i * 8)));
}

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

unsigned ds_ip_width(const struct ds_ip *ip)
{
	return ip->family == DS_IPV4 ? 32 : ip->family == DS_IPV6 ? 128 : 0;
}

bool ds_ip_eq(const struct ds_ip *a, const struct ds_ip *b)
{
	return ds_ip_cmp(a, b) == 0;
}

int ds_ip_cmp(const struct ds_ip *a, const struct ds_ip *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return sign(memcmp(a->b, b->b, bytes(a)));
}

bool ds_cidr_eq(const struct ds_cidr *a, const struct ds_cidr *b)
{
	return ds_ip_eq(&a->ip, &b->ip) && a->bits == b->bits;
}

int ds_cidr_cmp(const struct ds_cidr *a, const struct ds_cidr *b)
{
	struct ds_ip first_a = ds_cidr_first(a), first_b = ds_cidr_first(b);
	int r = ds_ip_cmp(&first_a, &first_b);

	return r ? r : sign(a->bits - b->bits);
}

static bool all_zero(const struct ds_ip *ip)
{
	for (unsigned i = 0; i < bytes(ip); i++)
		if (ip->b[i])
			return false;
	return true;
}

bool ds_ip_is_unspecified(const struct ds_ip *ip)
{
	struct ds_ip u = ds_ip_unmap(ip);

	return u.family != DS_FAMILY_NONE && all_zero(&u);
}

bool ds_ip_is_loopback(const struct ds_ip *ip)
{
	static const struct ds_ip one = {.family = DS_IPV6, .b = {[15] = 1}};
	struct ds_ip u = ds_ip_unmap(ip);

	return u.family == DS_IPV4 ? u.b[0] == 127 : ds_ip_eq(&u, &one);
}

bool ds_ip_is_multicast(const struct ds_ip *ip)
{
	struct ds_ip u = ds_ip_unmap(ip);

	return u.family == DS_IPV4 ? (u.b[0] & 0xf0) == 0xe0 : u.family == DS_IPV6 && u.b[0] == 0xff;
}

bool ds_ip_is_link_local_unicast(const struct ds_ip *ip)
{
	struct ds_ip u = ds_ip_unmap(ip);

	if (u.family == DS_IPV4)
		return u.b[0] == 169 && u.b[1] == 254;
	return u.family == DS_IPV6 && u.b[0] == 0xfe && (u.b[1] & 0xc0) == 0x80;
}

bool ds_ip_is_link_local_multicast(const struct ds_ip *ip)
{
	struct ds_ip u = ds_ip_unmap(ip);

	if (u.family == DS_IPV4)
		return u.b[0] == 224 && u.b[1] == 0 && u.b[2] == 0;
	return u.family == DS_IPV6 && u.b[0] == 0xff && (u.b[1] & 0x0f) == 0x02;
}

bool ds_ip_is_private(const struct ds_ip *ip)
{
	struct ds_ip u = ds_ip_unmap(ip);

	if (u.family == DS_IPV4)
		return u.b[0] == 10 || (u.b[0] == 172 && (u.b[1] & 0xf0) == 16) || (u.b[0] == 192 && u.b[1] == 168);
	return u.family == DS_IPV6 && (u.b[0] & 0xfe) == 0xfc;
}

static bool is_broadcast(const struct ds_ip *ip)
{
	return ip->family == DS_IPV4 && ip->b[0] == 255 && ip->b[1] == 255 && ip->b[2] == 255 && ip->b[3] == 255;
}

bool ds_ip_is_global_unicast(const struct ds_ip *ip)
{
	struct ds_ip u = ds_ip_unmap(ip);

	return u.family != DS_FAMILY_NONE && !is_broadcast(&u) && !ds_ip_is_unspecified(&u) &&
	       !ds_ip_is_loopback(&u) && !ds_ip_is_multicast(&u) && !ds_ip_is_link_local_unicast(&u);
}

struct ds_cidr ds_cidr_masked(const struct ds_cidr *c)
{
	struct ds_cidr m = *c;

	for (unsigned i = 0; i < bytes(&m.ip); i++)
		m.ip.b[i] &= net_mask(m.bits, i);
	return m;
}

struct ds_cidr ds_cidr_go(const struct ds_cidr *c)
{
	struct ds_cidr m = ds_cidr_masked(c);

	/* A mask shorter than 96 bits cuts the marker (0xffff's last bit), so 4in6 implies bits >= 96. */
	if (ds_ip_is_4in6(&m.ip)) {
		m.ip = ds_ip_unmap(&m.ip);
		m.bits = (uint8_t)(m.bits - 96);
	}
	return m;
}

bool ds_cidr_has_host_bits(const struct ds_cidr *c)
{
	struct ds_cidr m = ds_cidr_masked(c);

	return !ds_ip_eq(&m.ip, &c->ip);
}

struct ds_ip ds_cidr_first(const struct ds_cidr *c)
{
	return ds_cidr_masked(c).ip;
}

struct ds_ip ds_cidr_last(const struct ds_cidr *c)
{
	struct ds_ip last = c->ip;

	for (unsigned i = 0; i < bytes(&last); i++)
		last.b[i] |= (uint8_t)~net_mask(c->bits, i);
	return last;
}

bool ds_cidr_contains_ip(const struct ds_cidr *c, const struct ds_ip *ip)
{
	if (c->ip.family != ip->family || c->ip.family == DS_FAMILY_NONE)
		return false;
	for (unsigned i = 0; i < bytes(ip); i++)
		if ((c->ip.b[i] ^ ip->b[i]) & net_mask(c->bits, i))
			return false;
	return true;
}

bool ds_cidr_contains(const struct ds_cidr *outer, const struct ds_cidr *inner)
{
	return outer->bits <= inner->bits && ds_cidr_contains_ip(outer, &inner->ip);
}

bool ds_cidr_overlaps(const struct ds_cidr *a, const struct ds_cidr *b)
{
	return ds_cidr_contains(a, b) || ds_cidr_contains(b, a);
}

struct ds_u128 ds_cidr_count(const struct ds_cidr *c, bool *ret_overflow)
{
	unsigned width = ds_ip_width(&c->ip), h = c->bits < width ? width - c->bits : 0;
	struct ds_u128 n = {0, 1};

	*ret_overflow = h == 128;
	if (h == 128)
		return (struct ds_u128){UINT64_MAX, UINT64_MAX};
	if (h >= 64)
		n = (struct ds_u128){1, 0};
	for (unsigned i = 0; i < h % 64; i++) {
		n.hi *= 2;
		n.lo *= 2;
	}
	return n;
}

/* Byte i of n, counted from the least significant. */
static unsigned u128_byte(struct ds_u128 n, unsigned i)
{
	uint64_t half = i < 8 ? n.lo : n.hi;

	for (i %= 8; i > 0; i--)
		half /= 256;
	return (unsigned)(half & 0xff);
}

static bool u128_bit(struct ds_u128 n, unsigned i)
{
	return u128_byte(n, i / 8) >> (i % 8) & 1;
}

bool ds_ip_add(const struct ds_ip *ip, struct ds_u128 n, struct ds_ip *ret)
{
	unsigned carry = 0, width = bytes(ip);
	struct ds_ip sum = *ip;

	for (unsigned i = 0; i < 16; i++) {
		unsigned add = u128_byte(n, i);

		if (i >= width) {
			if (add)
				return false;
			continue;
		}
		carry += sum.b[width - 1 - i] + add;
		sum.b[width - 1 - i] = (uint8_t)(carry & 0xff);
		carry /= 256;
	}
	if (carry || width == 0)
		return false;
	*ret = sum;
	return true;
}

bool ds_cidr_subnet(const struct ds_cidr *c, unsigned bits, struct ds_u128 index, struct ds_cidr *ret)
{
	struct ds_cidr sub = ds_cidr_masked(c);

	if (bits < c->bits || bits > ds_ip_width(&c->ip) || ds_ip_width(&c->ip) == 0)
		return false;
	for (unsigned i = 0; i < 128; i++) {
		unsigned at = bits - 1 - i; /* counted from the first bit of the address */

		if (!u128_bit(index, i))
			continue;
		if (i >= bits - c->bits)
			return false;
		sub.ip.b[at / 8] |= (uint8_t)(0x80u >> (at % 8));
	}
	sub.bits = (uint8_t)bits;
	*ret = sub;
	return true;
}
