#include "net/ip.h"

#include <stdio.h>

/* Appends decimal or hexadecimal digits without leading zeros. */
static char *put(char *p, unsigned v, unsigned base)
{
	char digits[10];
	size_t n = 0;

	do {
		digits[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	while (n)
		*p++ = digits[--n];
	return p;
}

static char *put_v4(char *p, const uint8_t b[static 4])
{
	for (unsigned i = 0; i < 4; i++) {
		if (i)
			*p++ = '.';
		p = put(p, b[i], 10);
	}
	return p;
}

static unsigned group(const struct ds_ip *ip, unsigned i)
{
	return ip->b[2 * i] * 256u + ip->b[2 * i + 1];
}

/* The longest run of at least two zero groups, the first of equals; RFC 5952 section 4.2. */
static void longest_zeros(const struct ds_ip *ip, unsigned *ret_at, unsigned *ret_n)
{
	*ret_at = 8;
	*ret_n = 0;
	for (unsigned i = 0, n; i < 8; i += n ? n : 1) {
		for (n = 0; i + n < 8 && group(ip, i + n) == 0; n++)
			;
		if (n >= 2 && n > *ret_n) {
			*ret_at = i;
			*ret_n = n;
		}
	}
}

static char *put_v6(char *p, const struct ds_ip *ip)
{
	unsigned at, n;

	if (ds_ip_is_4in6(ip)) {
		memcpy(p, "::ffff:", 7);
		return put_v4(p + 7, ip->b + 12);
	}
	longest_zeros(ip, &at, &n);
	for (unsigned i = 0; i < 8; i++) {
		if (i == at) {
			*p++ = ':';
			*p++ = ':';
			i += n;
			if (i >= 8)
				break;
		} else if (i > 0) {
			*p++ = ':';
		}
		p = put(p, group(ip, i), 16);
	}
	return p;
}

static char *put_ip(char *p, const struct ds_ip *ip)
{
	if (ip->family == DS_IPV4)
		return put_v4(p, ip->b);
	if (ip->family == DS_IPV6)
		return put_v6(p, ip);
	memcpy(p, "<nil>", 5);
	return p + 5;
}

const char *ds_family_name(enum ds_family f)
{
	return f == DS_IPV4 ? "IPv4" : f == DS_IPV6 ? "IPv6" : "";
}

const char *ds_ip_format(const struct ds_ip *ip, char out[static DS_IP_TEXT])
{
	*put_ip(out, ip) = 0;
	return out;
}

const char *ds_cidr_format(const struct ds_cidr *c, char out[static DS_CIDR_TEXT])
{
	char *p = put_ip(out, &c->ip);

	if (c->ip.family != DS_FAMILY_NONE) {
		*p++ = '/';
		p = put(p, c->bits, 10);
	}
	*p = 0;
	return out;
}

const char *ds_cidr_count_format(const struct ds_cidr *c, char out[static 40])
{
	unsigned width = ds_ip_width(&c->ip), h = c->bits < width ? width - c->bits : 0;
	uint8_t digits[39] = {1}; /* least significant first */
	size_t n = 1;

	while (h--) {
		unsigned carry = 0;

		for (size_t i = 0; i < n; i++) {
			carry += digits[i] * 2u;
			digits[i] = (uint8_t)(carry % 10);
			carry /= 10;
		}
		if (carry)
			digits[n++] = (uint8_t)carry;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = (char)('0' + digits[n - 1 - i]);
	out[n] = 0;
	return out;
}
