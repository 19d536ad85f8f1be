#include "model/verdicts.h"

/* A command line that pflag refuses never starts, whatever else it says. */
static int flags_refused(struct ds_arena *a, const struct ds_cmdline *cl, struct ds_verdict *v)
{
	struct ds_verdict_msg m;

	if (cl->errors.n == 0)
		return 0;
	v->startup = DS_STARTUP_REFUSED;
	m = (struct ds_verdict_msg){cl->errors.v[0].message, cl->errors.v[0].loc};
	return ds_vec_push(a, &v->errors, m);
}

int ds_verdicts_fill(const struct ds_facts *f, struct ds_cluster *c)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->components.n; i++)
		r = flags_refused(f->ctx->arena, &c->components.v[i]->observed->cmdline,
				  &c->components.v[i]->verdict);
	return r;
}
