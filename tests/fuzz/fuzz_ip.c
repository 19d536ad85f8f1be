/* Addresses: what is printed reads back as the same; what a stricter parser takes, a laxer one takes too. */
#include <stdint.h>
#include <stdlib.h>

#include "net/ip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum ds_ip_syntax all[] = {DS_IP_SLOPPY, DS_IP_STRICT, DS_IP_NETIP};
	struct ds_str s = ds_str_n((const char *)data, size);
	struct ds_ip ip[3], back;
	char text[DS_IP_TEXT], again[DS_IP_TEXT];
	bool ok[3];

	if (size > 256)
		return 0;
	for (size_t i = 0; i < 3; i++) {
		ok[i] = ds_ip_parse(s, all[i], &ip[i]) == 0;
		if (!ok[i])
			continue;
		check(ip[i].family == DS_IPV4 || ip[i].family == DS_IPV6);
		ds_ip_format(&ip[i], text);
		check(ds_ip_parse(ds_str_from(text), all[i], &back) == 0 && ds_ip_eq(&ip[i], &back));
		check(strcmp(ds_ip_format(&back, again), text) == 0);
	}
	check(!ok[1] || ok[0]);
	check(ok[1] == ok[2]);
	if (ok[1]) {
		struct ds_ip unmapped = ds_ip_unmap(&ip[2]);

		check(ds_ip_eq(&ip[0], &ip[1]) && ds_ip_eq(&ip[1], &unmapped));
	}
	return 0;
}
