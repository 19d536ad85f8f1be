#include "service/engine.h"

/* The error of Go's netip.ParseAddr, which the warnings of 1.27 to 1.32 quote. */

static const char *parse_error(struct ds__decision *d, struct ds_str in, const char *message, struct ds_str at)
{
	if (at.n == 0)
		return ds__text(d, "ParseAddr(%s): %s", ds__quote(d, in), message);
	return ds__text(d, "ParseAddr(%s): %s (at %s)", ds__quote(d, in), message, ds__quote(d, at));
}

/* parseIPv4: what is wrong with s, or NULL; *ret_at is where. */
static const char *ipv4_problem(struct ds_str s, struct ds_str *ret_at)
{
	unsigned value = 0, parts = 0, digits = 0;

	*ret_at = (struct ds_str){NULL, 0};
	for (size_t i = 0; i < s.n; i++) {
		if (ds_c_is_digit(s.p[i])) {
			if (digits == 1 && value == 0)
				return "IPv4 field has octet with leading zero";
			value = value * 10 + (unsigned)(s.p[i] - '0');
			digits++;
			if (value > 255)
				return "IPv4 field has value >255";
			continue;
		}
		*ret_at = ds_str_skip(s, i);
		if (s.p[i] != '.')
			return "unexpected character";
		if (i == 0 || i == s.n - 1 || s.p[i - 1] == '.')
			return "IPv4 field must have at least one digit";
		*ret_at = (struct ds_str){NULL, 0};
		if (parts == 3)
			return "IPv4 address too long";
		parts++;
		value = digits = 0;
	}
	return parts < 3 ? "IPv4 address too short" : NULL;
}

/* An IPv4 tail's problem: Go up to 1.22, of Kubernetes up to 1.30, quotes one error in another. */
static const char *tail_error(struct ds__decision *d, struct ds_str in, struct ds_str tail)
{
	struct ds_str at;
	const char *why = ipv4_problem(tail, &at);

	if (!why)
		return NULL;
	if (d->minor >= 31)
		return parse_error(d, in, why, at);
	return parse_error(d, in, parse_error(d, tail, why, at), tail);
}

static bool is_hex(char c)
{
	return ds_c_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

struct ipv6 {
	struct ds_str rest;
	unsigned bytes;
	bool ellipsis, done;
	const char *why; /* what is wrong, at rest */
};

/* One group and what follows it. */
static void take_group(struct ipv6 *p)
{
	size_t n = 0;

	while (n < p->rest.n && n <= 4 && is_hex(p->rest.p[n]))
		n++;
	if (n > 4)
		p->why = "each group must have 4 or less digits";
	else if (n == 0)
		p->why = "each colon-separated field must have at least one digit";
	else if (n < p->rest.n && p->rest.p[n] == '.')
		p->why = !p->ellipsis && p->bytes != 12
			     ? "embedded IPv4 address must replace the final 2 fields of the address"
			 : p->bytes + 4 > 16
			     ? "too many hex fields to fit an embedded IPv4 at the end of the address"
			     : "";
	if (p->why)
		return;
	p->bytes += 2;
	p->rest = ds_str_skip(p->rest, n);
	p->done = p->rest.n == 0;
	if (p->done)
		return;
	if (p->rest.p[0] != ':')
		p->why = "unexpected character, want colon";
	else if (p->rest.n == 1)
		p->why = "colon must be followed by more characters";
	if (p->why)
		return;
	p->rest = ds_str_skip(p->rest, 1);
	if (p->rest.p[0] != ':')
		return;
	if (p->ellipsis) {
		p->why = "multiple :: in address";
		return;
	}
	p->ellipsis = true;
	p->rest = ds_str_skip(p->rest, 1);
	p->done = p->rest.n == 0;
}

static const char *ipv6_error(struct ds__decision *d, struct ds_str in)
{
	size_t zone = ds_str_find(in, '%');
	struct ipv6 p = {.rest = ds_str_head(in, zone)};
	struct ds_str nowhere = {NULL, 0};

	if (zone + 1 == in.n)
		return parse_error(d, in, "zone must be a non-empty string", nowhere);
	if (ds_str_starts(p.rest, "::")) {
		p.ellipsis = true;
		p.rest = ds_str_skip(p.rest, 2);
		p.done = p.rest.n == 0;
	}
	while (p.bytes < 16 && !p.done && !p.why)
		take_group(&p);
	if (p.why && p.why[0] == '\0') {
		const char *text = tail_error(d, in, p.rest);

		if (text)
			return text;
		p.why = NULL;
		p.bytes += 4;
		p.rest = nowhere;
	}
	if (p.why)
		return parse_error(d, in, p.why, p.rest);
	if (p.rest.n)
		return parse_error(d, in, "trailing garbage after address", p.rest);
	if (p.bytes < 16 && !p.ellipsis)
		return parse_error(d, in, "address string too short", nowhere);
	if (p.bytes == 16 && p.ellipsis)
		return parse_error(d, in, "the :: must expand to at least one field of zeros", nowhere);
	return NULL;
}

const char *ds__netip_error(struct ds__decision *d, struct ds_str text)
{
	struct ds_str at;
	const char *why;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '.') {
			why = ipv4_problem(text, &at);
			return why ? parse_error(d, text, why, at) : NULL;
		}
		if (text.p[i] == ':')
			return ipv6_error(d, text);
		if (text.p[i] == '%')
			return parse_error(d, text, "missing IPv6 address", (struct ds_str){NULL, 0});
	}
	return parse_error(d, text, "unable to parse IP", (struct ds_str){NULL, 0});
}
