#ifndef DS_MODEL_CONFIG_KEYS_H
#define DS_MODEL_CONFIG_KEYS_H

#include "base/vec.h"
#include "model/facts.h"

/* A key of a configuration file that has the name of a setting, where the component does not look for it. */
struct ds_misplaced_key {
	const char *path;    /* "featureGates.clusterCIDR" */
	const char *belongs; /* "clusterCIDR", or "--node-ip" when only the flag exists */
	struct ds_loc loc;   /* of its value */
};

struct ds_misplaced_keys {
	DS_VEC(struct ds_misplaced_key) v;
};

/*
 * Looks through the configuration files of a component, drop-ins included, for
 * keys called like one of its settings in another place or another case, or
 * called like a setting that only a flag can make. The component drops them
 * with at most a line in its log. Files that were not read add nothing. Linear
 * in the files. 0 or DS_ENOMEM.
 *
 * Source: k8s.io/component-base/config codecs: cmd/kubelet and cmd/kube-proxy
 * fall back to lenient decoding of v1beta1 and v1alpha1 ("Using lenient
 * decoding as strict decoding failed"), and JSON names are case-sensitive.
 */
int ds_config_keys(struct ds_arena *a, const struct ds_observed *o, struct ds_misplaced_keys *ret) DS_MUST_CHECK;

#endif
