#include "model/server.h"

#include "kube/gates.h"

static const struct ds_cmdline *api_server(const struct ds_cluster *c)
{
	for (size_t i = 0; i < c->components.n; i++)
		if (c->components.v[i]->observed->component == DS_KUBE_APISERVER)
			return &c->components.v[i]->observed->cmdline;
	return NULL;
}

static enum ds_service_gate gate(const struct ds_cmdline *cl, unsigned minor, const char *name)
{
	enum ds_gate_value v = cl ? ds_gate_enabled(cl, DS_KUBE_APISERVER, minor, name) : DS_GATE_UNKNOWN;

	return v == DS_GATE_UNKNOWN ? DS_SERVICE_GATE_DEFAULT : v == DS_GATE_ON ? DS_SERVICE_GATE_ON
										: DS_SERVICE_GATE_OFF;
}

bool ds_cluster_server(const struct ds_cluster *c, struct ds_service_cluster *ret, const char **reterr)
{
	const struct ds_cmdline *cl = api_server(c);
	const struct ds_ranges *r = &c->services;
	unsigned minor = ds_kube_version_nearest(&c->version);

	*ret = (struct ds_service_cluster){
		.minor = minor,
		.dual_stack = gate(cl, minor, "IPv6DualStack"),
		.multi_cidr = gate(cl, minor, "MultiCIDRServiceAllocator"),
		.strict_ip = gate(cl, minor, "StrictIPCIDRValidation"),
		.relaxed_name = gate(cl, minor, "RelaxedServiceNameValidation"),
	};
	if (!r->known || r->n == 0 || r->n > 2 || (r->n == 2 && r->v[0].ip.family == r->v[1].ip.family)) {
		*reterr = !r->known ? r->reason : "the Service ranges are not a valid set";
		return false;
	}
	ret->n_ranges = r->n;
	for (size_t i = 0; i < r->n; i++)
		ret->ranges[i] = r->v[i];
	return true;
}
