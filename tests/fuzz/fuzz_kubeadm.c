/*
 * Any bytes as a kubeadm configuration. Oracles: refused exactly when there are
 * errors; what is generated parses back and its places lie in the input; the
 * same answer twice.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "kube/kubeadm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_INPUT 16384u

static void check_verdict(const struct ds_verdict *v)
{
	if ((v->startup == DS_STARTUP_REFUSED) != (v->errors.n > 0))
		abort();
	if (v->startup == DS_STARTUP_UNKNOWN && !v->reason)
		abort();
}

static void check_components(struct ds_ctx *ctx, const struct ds_kubeadm_result *res, const struct ds_input *in)
{
	for (size_t i = 0; i < res->components.n; i++) {
		const struct ds_kubeadm_component *c = &res->components.v[i];
		struct ds_yaml_stream s;

		for (size_t j = 0; j < c->n_args; j++) {
			if (!ds_str_starts(c->args[j].text, "--") ||
			    ds_str_find(c->args[j].text, '=') == c->args[j].text.n)
				abort();
			if (c->args[j].loc.line && c->args[j].loc.input != in)
				abort();
		}
		if (c->config_text &&
		    (ds_yaml_load(ctx, in, ds_str_from(c->config_text), &s) < 0 || !s.json || s.n != 1))
			abort();
	}
}

static void evaluate(const uint8_t *data, size_t size, unsigned minor, struct ds_buf *out)
{
	struct ds_kubeadm_result res;
	struct ds_yaml_stream s;
	struct ds_input *in;
	struct ds_ctx ctx;
	int r;

	if (ds_ctx_init(&ctx, (size_t)256 << 20) < 0)
		return;
	in = ds_ctx_input(&ctx, "fuzz", "kubeadm");
	r = in ? ds_yaml_load(&ctx, in, ds_str_n((const char *)data, size), &s) : -1;
	if (in && ds_kubeadm_eval(&ctx, &s, minor, &res) == 0) {
		check_verdict(&res.validate);
		check_verdict(&res.init);
		check_components(&ctx, &res, in);
		ds_buf_printf(out, "%d %d %d;", r, (int)res.validate.startup, (int)res.init.startup);
		for (size_t i = 0; i < res.validate.errors.n; i++)
			ds_buf_addz(out, res.validate.errors.v[i].message);
	}
	ds_ctx_done(&ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned minors[] = {0, 20, 23, 28, 36};

	if (size > MAX_INPUT)
		return 0;
	for (size_t i = 0; i < sizeof(minors) / sizeof(minors[0]); i++) {
		_ds_buf_done_ struct ds_buf once = DS_BUF_INIT, twice = DS_BUF_INIT;

		evaluate(data, size, minors[i], &once);
		evaluate(data, size, minors[i], &twice);
		if (!ds_str_eq(ds_buf_str(&once), ds_buf_str(&twice)))
			abort();
	}
	return 0;
}
