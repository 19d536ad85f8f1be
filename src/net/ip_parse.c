#include "net/ip.h"

#include "base/err.h"

/* Numbers at or above this fail in Go's dtoi and xtoi. */
#define GO_BIG 0xFFFFFFu

#define IPV6_BYTES 16
#define IPV4_BYTES 4

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static unsigned digit(char c)
{
	if (ds_c_is_digit(c))
		return (unsigned)(c - '0');
	c = ds_c_lower(c);
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
}

/* Go's dtoi and xtoi: the leading digits of s. Bytes used; 0 when there are none or too many. */
static size_t number(struct ds_str s, unsigned base, unsigned *ret)
{
	unsigned v = 0;
	size_t i;

	for (i = 0; i < s.n && digit(s.p[i]) < base; i++) {
		v = v * base + digit(s.p[i]);
		if (v >= GO_BIG)
			return 0;
	}
	*ret = v;
	return i;
}

static bool parse_v4(struct ds_str s, bool leading_zeros, uint8_t ret[static IPV4_BYTES])
{
	for (unsigned i = 0; i < IPV4_BYTES; i++) {
		unsigned v = 0;
		size_t used;

		if (i > 0) {
			if (s.n == 0 || s.p[0] != '.')
				return false;
			s = ds_str_skip(s, 1);
		}
		used = number(s, 10, &v);
		if (used == 0 || v > 0xff || (!leading_zeros && used > 1 && s.p[0] == '0'))
			return false;
		s = ds_str_skip(s, used);
		ret[i] = (uint8_t)v;
	}
	return s.n == 0;
}

/* Moves what follows "::" to the end; at is where it stands, used how much is filled. */
static bool expand_ellipsis(uint8_t b[static IPV6_BYTES], int at, unsigned used)
{
	unsigned tail, from = (unsigned)at;

	if (used == IPV6_BYTES)
		return at < 0; /* "::" must stand for at least one group */
	if (at < 0)
		return false;
	tail = used - from;
	memmove(b + IPV6_BYTES - tail, b + from, tail);
	memset(b + from, 0, IPV6_BYTES - tail - from);
	return true;
}

/* sloppy: groups of any length, leading zeros in a dotted tail. No zones. */
static bool parse_v6(struct ds_str s, bool sloppy, uint8_t ret[static IPV6_BYTES])
{
	uint8_t b[IPV6_BYTES] = {0};
	int ellipsis = -1;
	unsigned i = 0;

	if (ds_str_starts(s, "::")) {
		ellipsis = 0;
		s = ds_str_skip(s, 2);
	}
	while (i < IPV6_BYTES && !(s.n == 0 && ellipsis == 0 && i == 0)) {
		unsigned v = 0;
		size_t used = number(s, 16, &v);

		if (used == 0 || v > 0xffff)
			return false;
		if (used < s.n && s.p[used] == '.') {
			if ((ellipsis < 0 && i != IPV6_BYTES - IPV4_BYTES) || i + IPV4_BYTES > IPV6_BYTES ||
			    !parse_v4(s, sloppy, b + i))
				return false;
			s.n = 0;
			i += IPV4_BYTES;
			break;
		}
		if (!sloppy && used > 4)
			return false;
		b[i++] = (uint8_t)(v >> 4 >> 4);
		b[i++] = (uint8_t)(v & 0xff);
		s = ds_str_skip(s, used);
		if (s.n == 0)
			break;
		if (s.p[0] != ':' || s.n == 1)
			return false;
		s = ds_str_skip(s, 1);
		if (s.p[0] != ':')
			continue;
		if (ellipsis >= 0)
			return false;
		ellipsis = (int)i;
		s = ds_str_skip(s, 1);
		if (s.n == 0)
			break;
	}
	if (s.n != 0 || !expand_ellipsis(b, ellipsis, i))
		return false;
	memcpy(ret, b, IPV6_BYTES);
	return true;
}

/* The address with mapped ones still in their 16-byte form. */
static bool parse_address(struct ds_str s, enum ds_ip_syntax syntax, struct ds_ip *ret)
{
	bool sloppy = syntax == DS_IP_SLOPPY;
	struct ds_ip ip = {0};

	if (ds_str_find(s, ':') == s.n) {
		ip.family = DS_IPV4;
		if (!parse_v4(s, sloppy, ip.b))
			return false;
	} else {
		ip.family = DS_IPV6;
		if (!parse_v6(s, sloppy, ip.b))
			return false;
	}
	*ret = ip;
	return true;
}

bool ds_ip_is_4in6(const struct ds_ip *ip)
{
	return ip->family == DS_IPV6 && memcmp(ip->b, mapped_prefix, sizeof(mapped_prefix)) == 0;
}

struct ds_ip ds_ip_unmap(const struct ds_ip *ip)
{
	struct ds_ip v4 = {.family = DS_IPV4};

	if (!ds_ip_is_4in6(ip))
		return *ip;
	memcpy(v4.b, ip->b + sizeof(mapped_prefix), IPV4_BYTES);
	return v4;
}

int ds_ip_parse(struct ds_str s, enum ds_ip_syntax syntax, struct ds_ip *ret)
{
	struct ds_ip ip;

	if (!parse_address(s, syntax, &ip))
		return DS_ESYNTAX;
	*ret = syntax == DS_IP_NETIP ? ip : ds_ip_unmap(&ip);
	return 0;
}

int ds_cidr_parse(struct ds_str s, enum ds_ip_syntax syntax, struct ds_cidr *ret)
{
	size_t slash = ds_str_find(s, '/'), used;
	struct ds_str prefix = ds_str_skip(s, slash + 1);
	struct ds_cidr c = {0};
	unsigned bits = 0;

	if (slash == s.n || !parse_address(ds_str_head(s, slash), syntax, &c.ip))
		return DS_ESYNTAX;
	used = number(prefix, 10, &bits);
	if (used == 0 || used != prefix.n || bits > ds_ip_width(&c.ip))
		return DS_ESYNTAX;
	if (syntax == DS_IP_NETIP && used > 1 && prefix.p[0] == '0')
		return DS_ESYNTAX;
	c.bits = (uint8_t)bits;
	*ret = c;
	return 0;
}
