#include "service/bands.h"

#include "kube/version.h"
#include "service/engine.h"

/* Addresses of the lower band: min(max(16, size / 16), 256), none in a range of 16 or fewer. */
static uint64_t lower_band(const struct ds_cidr *range)
{
	unsigned host = ds_ip_width(&range->ip) - range->bits;

	if (host <= 4)
		return 0;
	return host >= 12 ? 256 : DS_MAX((uint64_t)16, (uint64_t)1 << (host - 4));
}

void ds_service_bands(const struct ds_service_cluster *c, bool subrange, const struct ds_cidr *range,
		      struct ds_service_bands *ret)
{
	const struct ds__decision d = {
		.cluster = c,
		.minor = DS_MIN(DS_MAX(c->minor, (unsigned)DS_KUBE_OLDEST), (unsigned)DS_KUBE_NEWEST),
	};
	struct ds_cidr network = ds_cidr_masked(range);
	struct ds_ip base = ds_cidr_first(&network), end = ds_cidr_last(&network);
	unsigned host = ds_ip_width(&base) - network.bits;
	uint64_t offset = lower_band(&network);

	*ret = (struct ds_service_bands){0};
	/* Neither the network's own address nor the broadcast address. */
	if (host < (base.family == DS_IPV4 ? 2u : 1u) || !ds_ip_add(&base, (struct ds_u128){0, 1}, &ret->first))
		return;
	ret->any = true;
	ret->last = end;
	if (base.family == DS_IPV4)
		ret->last.b[3]--; /* it is odd */
	else if (host > 16 && !ds__svc_has(&d, DS__META_ALLOCATOR))
		(void)ds_ip_add(&base, (struct ds_u128){0, 65535}, &ret->last);
	ret->divided = subrange && offset > 0 && ds_ip_add(&base, (struct ds_u128){0, offset}, &ret->static_last) &&
		       ds_ip_add(&base, (struct ds_u128){0, offset + 1}, &ret->dynamic_first);
}
