#ifndef DS_KUBE_KUBE_PROXY_CONFIG_H
#define DS_KUBE_KUBE_PROXY_CONFIG_H

#include "kube/node_verdict.h"

/* The settings of kube-proxy that matter here, after flags, file and defaults. */
enum ds_proxy_field {
	DS_PROXY_BIND,
	DS_PROXY_HEALTHZ,
	DS_PROXY_METRICS,
	DS_PROXY_MODE,
	DS_PROXY_DETECT_LOCAL,
	DS_PROXY_BRIDGE,
	DS_PROXY_PREFIX,
	DS_PROXY_SOURCE_VIP,
	DS_PROXY_HOSTNAME,
	DS_PROXY_CLUSTER_CIDR, /* text as written, and list split at commas */
	DS_PROXY_NODEPORT,
	DS_PROXY_EXCLUDE_CIDRS,
	DS_PROXY__COUNT
};

struct ds_proxy_value {
	struct ds_str text;
	struct ds_strs list;
	struct ds_loc loc;
	bool set; /* by flag or file */
};

struct ds_proxy_config {
	struct ds_proxy_value v[DS_PROXY__COUNT];
	bool unresolved; /* a value that counts holds $(VAR) */
	struct ds_strs ignored_flags;
	struct ds_strs ignored_fields;
};

/*
 * Options.Complete: with a configuration (read or not) the flags are ignored
 * but for --hostname-override; then defaults. cl and doc may be NULL. gates
 * receives the gates of whichever of the two counts. 0, DS_EINVAL with the
 * process' message, or DS_ENOMEM.
 */
int ds_proxy_config_complete(struct ds_arena *a, const struct ds_cmdline *cl, const struct ds_config_doc *doc,
			     bool unseen, unsigned minor, struct ds_proxy_config *ret, struct ds_gates *ret_gates,
			     const char **reterr, struct ds_loc *reterr_loc) DS_MUST_CHECK;

#endif
