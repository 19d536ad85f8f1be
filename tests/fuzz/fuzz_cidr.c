/* Networks: parse, print and arithmetic must agree with each other. */
#include <stdint.h>
#include <stdlib.h>

#include "net/ip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static void check_cidr(const struct ds_cidr *c, enum ds_ip_syntax syntax)
{
	struct ds_cidr m = ds_cidr_masked(c), go = ds_cidr_go(c), back, sub;
	struct ds_ip first = ds_cidr_first(c), last = ds_cidr_last(c), next;
	char text[DS_CIDR_TEXT];

	check(c->bits <= ds_ip_width(&c->ip));
	ds_cidr_format(c, text);
	check(ds_cidr_parse(ds_str_from(text), syntax, &back) == 0 && ds_cidr_eq(c, &back));
	check(ds_cidr_contains(c, &m) && ds_cidr_contains(&m, c) && ds_cidr_cmp(c, &m) == 0);
	check(!ds_cidr_has_host_bits(&m) && !ds_cidr_has_host_bits(&go));
	check(ds_cidr_contains_ip(c, &first) && ds_cidr_contains_ip(c, &last) && ds_ip_cmp(&first, &last) <= 0);
	check(!ds_ip_add(&last, (struct ds_u128){0, 1}, &next) || !ds_cidr_contains_ip(c, &next));
	check(ds_cidr_subnet(c, ds_ip_width(&c->ip), (struct ds_u128){0, 0}, &sub) && ds_ip_eq(&sub.ip, &first));
	if (c->bits < ds_ip_width(&c->ip)) {
		check(ds_cidr_subnet(c, c->bits + 1u, (struct ds_u128){0, 1}, &sub));
		check(ds_cidr_contains(c, &sub) && !ds_cidr_contains_ip(&sub, &first));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum ds_ip_syntax all[] = {DS_IP_SLOPPY, DS_IP_STRICT, DS_IP_NETIP};
	struct ds_str s = ds_str_n((const char *)data, size), left, right;
	struct ds_cidr a, b;
	size_t blank;

	if (size > 256)
		return 0;
	for (size_t i = 0; i < 3; i++)
		if (ds_cidr_parse(s, all[i], &a) == 0)
			check_cidr(&a, all[i]);
	/* Two networks with a blank between them. */
	blank = ds_str_find(s, ' ');
	left = ds_str_head(s, blank);
	right = ds_str_skip(s, blank + 1);
	if (ds_cidr_parse(left, DS_IP_SLOPPY, &a) == 0 && ds_cidr_parse(right, DS_IP_SLOPPY, &b) == 0) {
		check(ds_cidr_overlaps(&a, &b) == ds_cidr_overlaps(&b, &a));
		check(ds_cidr_overlaps(&a, &b) == (ds_cidr_contains(&a, &b) || ds_cidr_contains(&b, &a)));
		check((ds_cidr_cmp(&a, &b) < 0) == (ds_cidr_cmp(&b, &a) > 0));
	}
	return 0;
}
