#ifndef DS_KUBE_KUBE_PROXY_H
#define DS_KUBE_KUBE_PROXY_H

#include "kube/cmdline.h"
#include "kube/node_verdict.h"
#include "kube/verdict.h"
#include "net/ip.h"

/* Everything that decides how a kube-proxy starts. All of it is borrowed. */
struct ds_kube_proxy_input {
	unsigned minor;                    /* 0: the newest known */
	const struct ds_cmdline *cmdline;  /* NULL: only the configuration is known (a ConfigMap) */
	const struct ds_config_doc *config; /* the object in --config's file, or NULL */
	bool config_unseen;                /* --config is given, but its file was not read */
	bool node_known;                   /* the Node object was seen */
	const struct ds_ip *node_ips;      /* its host IPs: the first internal address, then the other family's */
	size_t n_node_ips;
	const struct ds_str *pod_cidrs;    /* its spec.podCIDRs */
	size_t n_pod_cidrs;
	enum ds_host_families host;
	/* nodePortAddresses "primary" is checked as it stands. The real process puts
	 * the node's addresses in its place first; recordings of the checks alone
	 * did not. */
	bool primary_unexpanded;
};

/*
 * Would this kube-proxy start: flag parsing, completion (which of flags and
 * file wins, defaults), validation, and the checks of the configuration's
 * families against the node's. errors holds what the real process would print
 * (its first failure, or the aggregate); warnings what it logs.
 *
 * derived: primaryIPFamily ("IPv4"; absent when it depends on an unseen Node),
 * clusterCIDRs, nodePortAddresses, detectLocalMode, mode, fatal (a family
 * mismatch that ends the process), ignoredFlags (given next to --config),
 * ignoredFields (of the file: unknown, dropped by the lenient decoder).
 *
 * 0 or DS_ENOMEM. Source: kubernetes cmd/kube-proxy/app/options.go:Complete,
 * Validate; server.go:newProxyServer, detectNodeIPs, checkBadConfig,
 * checkBadIPConfig; pkg/proxy/apis/config/validation; before 1.28
 * server_others.go:getLocalDetector.
 */
int ds_kube_proxy_verdict(struct ds_arena *a, const struct ds_kube_proxy_input *in, struct ds_verdict *ret)
	DS_MUST_CHECK;

#endif
