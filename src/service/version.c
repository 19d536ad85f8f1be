#include "service/engine.h"

#include "kube/version.h"

#define NEVER_ENDED DS_KUBE_NEWEST

/* From which minor version to which an API server with default feature gates behaves so. */
static const struct {
	uint8_t since, until;
} rows[DS__BEHAVIOUR__COUNT] = {
	[DS__STORE_PIPELINE] = {23, NEVER_ENDED},
	[DS__PATCH_ALLOCATED] = {22, NEVER_ENDED},
	[DS__PREFER_SHORTCUT] = {22, NEVER_ENDED},
	[DS__V1_DEFAULTS_POLICY] = {20, 20         },
	[DS__INFER_REQUIRE] = {21, 22         },
	[DS__INTERNAL_POLICY] = {22, NEVER_ENDED},
	[DS__INTERNAL_POLICY_EXTERNAL_NAME] = {22, 23         },
	[DS__LB_NODE_PORTS] = {22, NEVER_ENDED},
	[DS__LB_CLASS] = {22, NEVER_ENDED},
	[DS__PATCH_WANTED_PORTS] = {30, NEVER_ENDED},
	[DS__ONE_PROTOCOL] = {20, 23         },
	[DS__NO_INTERNAL_POLICY_READ] = {24, NEVER_ENDED},
	[DS__EXTERNAL_IPS_POLICY] = {29, NEVER_ENDED},
	[DS__FIELD_VALIDATION] = {25, NEVER_ENDED},
	[DS__IP_WARNINGS] = {27, NEVER_ENDED},
	[DS__IP_WARNINGS_NEW] = {33, NEVER_ENDED},
	[DS__IP_WARNINGS_INVALID] = {36, NEVER_ENDED},
	[DS__EXTERNAL_NAME_WARNINGS] = {28, NEVER_ENDED},
	[DS__HEADLESS_WARNINGS] = {34, NEVER_ENDED},
	[DS__EXTERNAL_IPS_WARNING] = {36, NEVER_ENDED},
	[DS__PREFER_CLOSE_WARNING] = {35, NEVER_ENDED},
	[DS__JSON_VALUES] = {34, NEVER_ENDED},
	[DS__OLD_IPS_ACCEPTED] = {33, NEVER_ENDED},
	[DS__STRICT_IPS] = {36, NEVER_ENDED},
	[DS__RELAXED_NAME] = {36, NEVER_ENDED},
	[DS__META_ALLOCATOR] = {33, NEVER_ENDED},
	[DS__DUAL_WRITE] = {31, 33         },
	[DS__BITMAP_FIRST] = {33, 33         },
	[DS__DYNAMIC_INVALID] = {35, NEVER_ENDED},
	[DS__SOURCE_RANGES_EACH] = {30, NEVER_ENDED},
	[DS__KUBELET_PORT] = {20, 32         },
	[DS__TRAFFIC_DISTRIBUTION] = {31, NEVER_ENDED},
	[DS__TRAFFIC_DISTRIBUTION_ZONES] = {34, NEVER_ENDED},
	[DS__EXTERNAL_POLICY] = {23, NEVER_ENDED},
	[DS__ACCESSIBLE_TEXT] = {29, NEVER_ENDED},
	[DS__FULL_NAMES_SERVICE] = {36, NEVER_ENDED},
	[DS__BYTES_TEXT] = {32, NEVER_ENDED},
	[DS__LABEL_KEY_TEXT] = {35, NEVER_ENDED},
	[DS__DOTS_TEXT] = {27, NEVER_ENDED},
	[DS__META_ON_CREATE_ONLY] = {34, NEVER_ENDED},
};

bool ds__svc_row(unsigned minor, enum ds__behaviour b)
{
	return minor >= rows[b].since && minor <= rows[b].until;
}

/* A gate's setting counts only where the version lets it be set. */
static bool gated(const struct ds__decision *d, enum ds__behaviour b, enum ds_service_gate gate, unsigned since,
		  unsigned until)
{
	if (gate == DS_SERVICE_GATE_DEFAULT || d->minor < since || d->minor > until)
		return ds__svc_row(d->minor, b);
	return gate == DS_SERVICE_GATE_ON;
}

bool ds__svc_has(const struct ds__decision *d, enum ds__behaviour b)
{
	const struct ds_service_cluster *c = d->cluster;

	if (b == DS__STRICT_IPS)
		return gated(d, b, c->strict_ip, 33, NEVER_ENDED);
	if (b == DS__RELAXED_NAME)
		return gated(d, b, c->relaxed_name, 34, NEVER_ENDED);
	if (b == DS__META_ALLOCATOR)
		return gated(d, b, c->multi_cidr, 27, 33);
	return ds__svc_row(d->minor, b);
}
