#ifndef DS_NET_IP_H
#define DS_NET_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/str.h"

/* An IP family. Values are the version numbers, never AF_*. */
enum ds_family {
	DS_FAMILY_NONE = 0,
	DS_IPV4 = 4,
	DS_IPV6 = 6,
};

/* "IPv4", "IPv6", or "" for DS_FAMILY_NONE: Kubernetes' spelling. */
const char *ds_family_name(enum ds_family f);

/* An address in network order; IPv4 in the first four bytes, the rest zero. */
struct ds_ip {
	uint8_t family; /* enum ds_family */
	uint8_t b[16];
};

/* An address with a prefix length (0..32 or 0..128). `ip` may have host bits set. */
struct ds_cidr {
	struct ds_ip ip;
	uint8_t bits;
};

/* Unsigned 128 bits with one more value on top, so that ::/0 can be counted. */
struct ds_u128 {
	uint64_t hi, lo;
};

/* Bytes of the longest text ds_ip_format / ds_cidr_format write, NUL included. */
#define DS_IP_TEXT 46
#define DS_CIDR_TEXT 50

/*
 * Which of Go's parsers to follow. All refuse zones in CIDRs, white space and
 * anything trailing.
 *
 * DS_IP_SLOPPY: k8s.io/utils/net ParseIPSloppy / ParseCIDRSloppy (a fork of Go
 *   1.16's net.ParseIP): leading zeros in IPv4 parts are read as decimal,
 *   zones refused, an IPv4-mapped IPv6 address *is* the IPv4 address.
 * DS_IP_STRICT: Go >= 1.17 net.ParseIP / net.ParseCIDR: leading zeros refused,
 *   mapped addresses are IPv4.
 * DS_IP_NETIP: netip.ParseAddr / netip.ParsePrefix: as strict, but a mapped
 *   address stays IPv6 (ret->family is DS_IPV6) and zones are a distinct error.
 */
enum ds_ip_syntax { DS_IP_SLOPPY, DS_IP_STRICT, DS_IP_NETIP };

/* 0 or DS_ESYNTAX; *ret is untouched on failure.
 * Source: k8s.io/utils/internal/third_party/forked/golang/net/ip.go:ParseIP,
 * Go net/netip/netip.go:ParseAddr. */
int ds_ip_parse(struct ds_str s, enum ds_ip_syntax syntax, struct ds_ip *ret) DS_MUST_CHECK;

/*
 * net.ParseCIDR: the address as written and the prefix length; see
 * ds_cidr_masked for the network. Prefix digits may have leading zeros, except
 * for DS_IP_NETIP. 0 or DS_ESYNTAX; *ret is untouched on failure.
 *
 * A mapped address is special: Go gives "::ffff:10.0.0.0/104" a 16-byte address
 * and a 16-byte mask, and so do we: family DS_IPV6, bytes ::ffff:a.b.c.d, bits
 * 104. What Go's IPNet then does with it depends on who asks: see ds_cidr_go.
 */
int ds_cidr_parse(struct ds_str s, enum ds_ip_syntax syntax, struct ds_cidr *ret) DS_MUST_CHECK;

/*
 * What String(), Contains() and the family tests of a Go *net.IPNet see: the
 * masked network, and for a 16-byte network inside ::ffff:0:0/96 the IPv4 one
 * ("::ffff:10.0.0.0/104" is 10.0.0.0/8 and IPv4). Masks shorter than /96 cut
 * the ffff marker, so "::ffff:10.0.0.0/90" is ::ffc0:0:0/90 and IPv6.
 * Mask.Size() is not part of it: that stays c->bits of the family's full width
 * as parsed (104 of 128). Source: Go net/ip.go:networkNumberAndMask, IP.To4.
 */
struct ds_cidr ds_cidr_go(const struct ds_cidr *c);

/* Canonical text as Go's net.IP.String / netip.Addr.String prints it (RFC 5952;
 * a DS_IPV6 mapped address prints as ::ffff:a.b.c.d; DS_FAMILY_NONE prints as
 * "<nil>"). A network prints its address as written; ds_cidr_go first for what
 * Go's IPNet.String prints. Returns out. */
const char *ds_ip_format(const struct ds_ip *ip, char out[static DS_IP_TEXT]);
const char *ds_cidr_format(const struct ds_cidr *c, char out[static DS_CIDR_TEXT]);

bool ds_ip_eq(const struct ds_ip *a, const struct ds_ip *b);
/* By family (IPv4 first), then numerically. */
int ds_ip_cmp(const struct ds_ip *a, const struct ds_ip *b);
bool ds_cidr_eq(const struct ds_cidr *a, const struct ds_cidr *b); /* as written: host bits count */
/* By family, network address, then shorter prefix first. */
int ds_cidr_cmp(const struct ds_cidr *a, const struct ds_cidr *b);

/* 32 or 128; 0 for DS_FAMILY_NONE. */
unsigned ds_ip_width(const struct ds_ip *ip);

/* Go's net.IP predicates: a mapped address is judged as the IPv4 address in it. */
bool ds_ip_is_unspecified(const struct ds_ip *ip);
bool ds_ip_is_loopback(const struct ds_ip *ip);
bool ds_ip_is_multicast(const struct ds_ip *ip);
bool ds_ip_is_link_local_unicast(const struct ds_ip *ip);
bool ds_ip_is_link_local_multicast(const struct ds_ip *ip);
bool ds_ip_is_private(const struct ds_ip *ip);        /* RFC 1918, RFC 4193 */
bool ds_ip_is_global_unicast(const struct ds_ip *ip); /* Go's IsGlobalUnicast: ULA and RFC 1918 included */
bool ds_ip_is_4in6(const struct ds_ip *ip);           /* ::ffff:0:0/96 */

/* net.IP.To4: the IPv4 address in a mapped one; others unchanged. */
struct ds_ip ds_ip_unmap(const struct ds_ip *ip);

/*
 * Arithmetic is on the family and bytes as they stand: IPv4 and IPv6 never
 * contain each other or overlap, not even through mapped addresses.
 */

/* Host bits cleared. */
struct ds_cidr ds_cidr_masked(const struct ds_cidr *c);
bool ds_cidr_has_host_bits(const struct ds_cidr *c);
struct ds_ip ds_cidr_first(const struct ds_cidr *c);
struct ds_ip ds_cidr_last(const struct ds_cidr *c);
bool ds_cidr_contains_ip(const struct ds_cidr *c, const struct ds_ip *ip);
/* Every address of inner lies in outer. */
bool ds_cidr_contains(const struct ds_cidr *outer, const struct ds_cidr *inner);
bool ds_cidr_overlaps(const struct ds_cidr *a, const struct ds_cidr *b);

/* 2^(width-bits) as {hi,lo}, exact; ::/0 does not fit and is {UINT64_MAX,UINT64_MAX} with *ret_overflow set. */
struct ds_u128 ds_cidr_count(const struct ds_cidr *c, bool *ret_overflow);
/* Decimal text of 2^(width-bits), exact up to 2^128: up to 39 digits and NUL. */
const char *ds_cidr_count_format(const struct ds_cidr *c, char out[static 40]);

/* ip + n; false when it leaves the family's space. */
bool ds_ip_add(const struct ds_ip *ip, struct ds_u128 n, struct ds_ip *ret);
/* The index-th (0-based) block of length bits inside c; false when there is none. */
bool ds_cidr_subnet(const struct ds_cidr *c, unsigned bits, struct ds_u128 index, struct ds_cidr *ret);

#endif
