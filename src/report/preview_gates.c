#include "report/preview_gates.h"

#include "kube/gates.h"

int ds_preview_gate(const struct ds_cluster *c, const char *name)
{
	for (size_t i = 0; i < c->components.n; i++) {
		const struct ds_observed *o = c->components.v[i]->observed;
		enum ds_gate_value v;

		if (o->component != DS_KUBE_APISERVER)
			continue;
		v = ds_gate_enabled(&o->cmdline, DS_KUBE_APISERVER, ds_kube_version_nearest(&c->version), name);
		return v == DS_GATE_UNKNOWN ? -1 : v == DS_GATE_ON;
	}
	return -1;
}
