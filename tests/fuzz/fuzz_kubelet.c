/*
 * First byte: version. Then arguments, one a line, and after each line "---"
 * the text of a configuration file.
 */
#include <stdint.h>
#include <stdlib.h>

#include "kube/kubelet.h"
#include "kube/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ds_ip host[] = {{.family = DS_IPV4, .b = {10, 0, 0, 5}}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	struct ds_arg argv[256];
	struct ds_str rest, text;
	struct ds_cmdline cl;
	struct ds_config_doc docs[4] = {{0}};
	struct ds_kubelet_input in = {.cmdline = &cl, .configs = docs, .host_known = true, .host_addresses = host,
				      .n_host_addresses = 1};
	struct ds_verdict v;
	struct ds_str line;
	size_t n = 0;
	bool done = false;

	if (size < 1 || size > 65536 || ds_ctx_init(&ctx, (size_t)64 << 20) < 0)
		return 0;
	rest = ds_str_n((const char *)data + 1, size - 1);
	text = ds_str_head(rest, ds_str_search(rest, DS_STR("\n---\n")));
	rest = ds_str_skip(rest, text.n + 5);
	while (n < 256 && ds_str_split(&text, '\n', &done, &line)) {
		argv[n++].text = line;
		argv[n - 1].loc = (struct ds_loc){0};
	}
	in.minor = DS_KUBE_OLDEST + data[0] % 17;
	if (ds_cmdline_parse(ctx.arena, DS_KUBELET, in.minor, argv, n, &cl) < 0)
		return 0;
	for (; rest.n && in.n_configs < 4; in.n_configs++) {
		struct ds_yaml_stream stream = {0};
		struct ds_config_doc *doc = &docs[in.n_configs];

		text = ds_str_head(rest, ds_str_search(rest, DS_STR("\n---\n")));
		rest = ds_str_skip(rest, text.n + 5);
		doc->input = ds_ctx_input(&ctx, "config", "kubelet-config");
		if (!doc->input || (ds_yaml_load(&ctx, doc->input, text, &stream) < 0 && stream.n == 0))
			return 0;
		doc->root = stream.n ? stream.docs[0].root : NULL;
	}
	if (ds_kubelet_verdict(ctx.arena, &in, &v) < 0)
		return 0;
	if ((v.startup == DS_STARTUP_REFUSED) != (v.errors.n > 0) || (v.startup == DS_STARTUP_UNKNOWN && !v.reason))
		abort();
	return 0;
}
