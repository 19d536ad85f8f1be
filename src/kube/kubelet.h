#ifndef DS_KUBE_KUBELET_H
#define DS_KUBE_KUBELET_H

#include "kube/cmdline.h"
#include "kube/node_verdict.h"
#include "kube/verdict.h"
#include "net/ip.h"

/* What --node-ip says. */
struct ds_node_ip {
	struct ds_ip ips[2]; /* in order: the first decides the primary family */
	size_t n;
	struct ds_strs ignored; /* parts that are not an address, trimmed: dropped with a log line */
	const char *error;      /* why the kubelet refuses, or NULL */
};

/*
 * Parses --node-ip at a minor version. cloud_provider: --cloud-provider's
 * value. cloud_dual_stack: gate CloudDualStackNodeIPs (1.27 to 1.31); dual_stack:
 * gate IPv6DualStack (up to 1.22). 0 or DS_ENOMEM.
 * Source: k8s.io/component-helpers/node/util/ips.go:ParseNodeIPArgument; up to
 * 1.26 cmd/kubelet/app/server.go:RunKubelet.
 */
int ds_kubelet_parse_node_ip(struct ds_arena *a, unsigned minor, struct ds_str node_ip, struct ds_str cloud_provider,
			     bool cloud_dual_stack, bool dual_stack, struct ds_node_ip *ret) DS_MUST_CHECK;

/* Everything that decides how a kubelet starts. All of it is borrowed. */
struct ds_kubelet_input {
	unsigned minor;                     /* 0: the newest known */
	const struct ds_cmdline *cmdline;   /* NULL: only the configuration is known */
	const struct ds_config_doc *configs; /* --config's object, then the drop-ins in order */
	size_t n_configs;
	bool config_unseen;  /* --config or --config-dir is given, but not all of it was read */
	bool host_known;     /* host_addresses is complete */
	const struct ds_ip *host_addresses;
	size_t n_host_addresses;
};

/*
 * Would this kubelet start: flags, feature gates, configuration, cloud
 * provider, --node-ip. errors holds what the real process would print;
 * warnings what it logs and goes on: addresses it cannot use (not on this
 * host, loopback, …), cluster DNS entries that are none.
 *
 * derived: nodeIPs, ignored (parts of --node-ip), primary ("IPv4"; of the first
 * node IP, "::" and "0.0.0.0" included; absent when autodetected), clusterDNS
 * (valid entries in order), ignoredClusterDNS, maxPods, podCIDR, ignoredFields.
 *
 * 0 or DS_ENOMEM. Source: kubernetes cmd/kubelet/app/server.go:NewKubeletCommand,
 * run, RunKubelet; pkg/kubelet/kubelet.go:NewMainKubelet;
 * pkg/kubelet/kubelet_node_status.go:validateNodeIP.
 */
int ds_kubelet_verdict(struct ds_arena *a, const struct ds_kubelet_input *in, struct ds_verdict *ret) DS_MUST_CHECK;

/* validateNodeIP's message for an address, or NULL. host may be NULL: not looked for there. */
int ds_kubelet_check_node_ip(struct ds_arena *a, const struct ds_ip *ip, const struct ds_ip *host, size_t n_host,
			     const char **ret) DS_MUST_CHECK;

#endif
