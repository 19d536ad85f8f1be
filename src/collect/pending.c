#include "collect/pending.h"

#include "collect/collect.h"
#include "collect/config.h"
#include "collect/distro/k3s.h"
#include "collect/distro/kubespray.h"
#include "collect/distro/microshift.h"
#include "collect/unit.h"

struct ds_pending *ds_pending(struct ds_facts *f)
{
	if (!f->pending)
		f->pending = ds_arena_new_obj(f->ctx->arena, struct ds_pending);
	return f->pending;
}

int ds_collect_finish(struct ds_facts *f)
{
	/* Command lines first: then the configurations that they name, then those that nobody names. */
	static int (*const steps[])(struct ds_facts *) = {ds_units_finish, ds_k3s_finish, ds_kubespray_finish,
						     ds_microshift_finish, ds_configs_finish};
	int r = 0;

	for (size_t i = 0; f->pending && r == 0 && i < DS_ARRAY_SIZE(steps); i++)
		r = steps[i](f);
	f->pending = NULL;
	return r;
}
