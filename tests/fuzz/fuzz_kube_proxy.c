/*
 * First byte: version; second: node and host. Then arguments, one a line, and
 * after a line "---" the text of the configuration file.
 */
#include <stdint.h>
#include <stdlib.h>

#include "kube/kube_proxy.h"
#include "kube/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ds_ip ips[] = {
	{.family = DS_IPV4, .b = {192, 0, 2, 10}},
	{.family = DS_IPV6, .b = {0xfd, [15] = 1}},
	{.family = DS_IPV4, .b = {192, 0, 2, 10}},
};
static const struct ds_str pod_cidrs[] = {{"10.244.1.0/24", 13}, {"fd00::/64", 9}, {"bogus", 5}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	struct ds_arg argv[256];
	struct ds_str rest, line, config = {0};
	struct ds_cmdline cl;
	struct ds_yaml_stream stream = {0};
	struct ds_config_doc doc = {0};
	struct ds_kube_proxy_input in = {.cmdline = &cl};
	struct ds_verdict v;
	size_t n = 0;
	bool done = false;

	if (size < 2 || size > 65536 || ds_ctx_init(&ctx, (size_t)64 << 20) < 0)
		return 0;
	rest = ds_str_n((const char *)data + 2, size - 2);
	while (n < 256 && ds_str_split(&rest, '\n', &done, &line)) {
		if (ds_str_eqz(line, "---")) {
			config = rest;
			break;
		}
		argv[n++].text = line;
		argv[n - 1].loc = (struct ds_loc){0};
	}
	in.minor = DS_KUBE_OLDEST + data[0] % 17;
	in.node_known = data[1] & 1;
	in.node_ips = ips + (data[1] >> 1 & 1);
	in.n_node_ips = data[1] >> 2 & 1 ? 2 : 0;
	in.pod_cidrs = pod_cidrs + (data[1] >> 3 & 1);
	in.n_pod_cidrs = data[1] >> 4 & 1 ? 2 : 0;
	in.host = (enum ds_host_families)((data[1] >> 5) % 5);
	if (ds_cmdline_parse(ctx.arena, DS_KUBE_PROXY, in.minor, argv, n, &cl) < 0)
		return 0;
	if (config.n) {
		doc.input = ds_ctx_input(&ctx, "config", "kube-proxy-config");
		if (!doc.input || (ds_yaml_load(&ctx, doc.input, config, &stream) < 0 && stream.n == 0))
			return 0;
		doc.root = stream.n ? stream.docs[0].root : NULL;
		in.config = &doc;
	}
	if (ds_kube_proxy_verdict(ctx.arena, &in, &v) < 0)
		return 0;
	/* What is refused says why, what is unknown gives a reason. */
	if ((v.startup == DS_STARTUP_REFUSED) != (v.errors.n > 0) || (v.startup == DS_STARTUP_UNKNOWN && !v.reason))
		abort();
	return 0;
}
