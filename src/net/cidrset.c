#include "net/cidrset.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/vec.h"

/* Collects the networks of a result. */
struct pieces {
	DS_VEC(struct ds_cidr) vec;
};

static int compare(const void *a, const void *b)
{
	return ds_cidr_cmp(a, b);
}

/* The network one bit larger; c->bits must not be 0. */
static struct ds_cidr parent(const struct ds_cidr *c)
{
	struct ds_cidr p = *c;

	p.bits--;
	return ds_cidr_masked(&p);
}

static bool siblings(const struct ds_cidr *a, const struct ds_cidr *b)
{
	struct ds_cidr up;

	if (a->bits != b->bits || a->bits == 0 || a->ip.family != b->ip.family)
		return false;
	up = parent(a);
	return ds_cidr_contains(&up, b) && !ds_cidr_eq(a, b);
}

int ds_cidrset_from(struct ds_arena *a, const struct ds_cidr *cidrs, size_t n, struct ds_cidrset *ret)
{
	struct ds_cidr *v = ds_arena_new_array(a, n, struct ds_cidr);
	size_t used = 0;

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < n; i++)
		v[i] = ds_cidr_masked(&cidrs[i]);
	if (n > 1)
		qsort(v, n, sizeof(*v), compare);
	/* Sorted, a network comes after all that contain it; joining siblings may cascade to the left. */
	for (size_t i = 0; i < n; i++) {
		struct ds_cidr c = v[i];

		if (used && ds_cidr_contains(&v[used - 1], &c))
			continue;
		while (used && siblings(&v[used - 1], &c))
			c = parent(&v[--used]);
		v[used++] = c;
	}
	*ret = (struct ds_cidrset){v, used};
	return 0;
}

/* The position of the first network whose last address is not below ip. */
static size_t lower_bound(const struct ds_cidrset *s, const struct ds_ip *ip)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		struct ds_ip last = ds_cidr_last(&s->v[mid]);

		if (ds_ip_cmp(&last, ip) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The largest network that starts at *from and ends at or before *to. */
static struct ds_cidr largest_from(const struct ds_ip *from, const struct ds_ip *to)
{
	struct ds_cidr c = {.ip = *from, .bits = (uint8_t)ds_ip_width(from)};

	while (c.bits > 0) {
		struct ds_cidr up = parent(&c);
		struct ds_ip last = ds_cidr_last(&up);

		if (!ds_ip_eq(&up.ip, from) || ds_ip_cmp(&last, to) > 0)
			break;
		c = up;
	}
	return c;
}

/* Adds networks that cover exactly from..to; at most 2 * 128 of them. */
static int add_span(struct ds_arena *arena, struct ds_ip from, const struct ds_ip *to, struct pieces *out)
{
	while (ds_ip_cmp(&from, to) <= 0) {
		struct ds_cidr c = largest_from(&from, to);
		struct ds_ip last = ds_cidr_last(&c);

		if (ds_vec_push(arena, &out->vec, c) < 0)
			return DS_ENOMEM;
		if (!ds_ip_add(&last, (struct ds_u128){0, 1}, &from))
			break;
	}
	return 0;
}

/* c minus what of b lies in it. */
static int subtract_one(struct ds_arena *arena, const struct ds_cidr *c, const struct ds_cidrset *b, struct pieces *out)
{
	struct ds_ip from = ds_cidr_first(c), end = ds_cidr_last(c);

	for (size_t i = lower_bound(b, &from); i < b->n && ds_cidr_overlaps(&b->v[i], c); i++) {
		struct ds_ip hole = ds_cidr_first(&b->v[i]), hole_end = ds_cidr_last(&b->v[i]);
		struct ds_ip before = hole;

		if (ds_ip_cmp(&hole, &from) > 0) {
			/* hole - 1: the last address of from.. before the hole */
			for (size_t k = ds_ip_width(&hole) / 8; k-- > 0 && before.b[k]-- == 0;)
				;
			if (add_span(arena, from, &before, out) < 0)
				return DS_ENOMEM;
		}
		if (ds_ip_cmp(&hole_end, &end) >= 0 || !ds_ip_add(&hole_end, (struct ds_u128){0, 1}, &from))
			return 0;
	}
	return add_span(arena, from, &end, out);
}

int ds_cidrset_subtract(struct ds_arena *arena, const struct ds_cidrset *a, const struct ds_cidrset *b,
			struct ds_cidrset *ret)
{
	struct pieces out = {0};

	for (size_t i = 0; i < a->n; i++)
		if (subtract_one(arena, &a->v[i], b, &out) < 0)
			return DS_ENOMEM;
	*ret = (struct ds_cidrset){out.vec.v, out.vec.n};
	return 0;
}

bool ds_cidrset_contains_ip(const struct ds_cidrset *s, const struct ds_ip *ip)
{
	size_t i = lower_bound(s, ip);

	return i < s->n && ds_cidr_contains_ip(&s->v[i], ip);
}

/* No siblings are left in a set, so a network is covered by one member or not at all. */
bool ds_cidrset_contains(const struct ds_cidrset *s, const struct ds_cidr *c)
{
	struct ds_ip first = ds_cidr_first(c);
	size_t i = lower_bound(s, &first);

	return i < s->n && ds_cidr_contains(&s->v[i], c);
}

bool ds_cidrset_overlaps(const struct ds_cidrset *s, const struct ds_cidr *c)
{
	struct ds_ip first = ds_cidr_first(c);
	size_t i = lower_bound(s, &first);

	return i < s->n && ds_cidr_overlaps(&s->v[i], c);
}
