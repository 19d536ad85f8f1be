#ifndef DS_KUBE_KUBE_APISERVER_H
#define DS_KUBE_KUBE_APISERVER_H

#include "kube/cmdline.h"
#include "kube/host_net.h"
#include "kube/verdict.h"
#include "net/ip.h"

/* --service-cluster-ip-range when it is absent or empty. */
#define DS_APISERVER_DEFAULT_RANGE "10.0.0.0/24"

/*
 * --service-cluster-ip-range as kube-apiserver reads it: split at ',' without
 * trimming, at most the first two entries parsed, host bits dropped, empty
 * means the default. *ret: the networks, masked, as ds_cidr_parse gives them
 * (ds_cidr_go for their family); *ret_entries (may be NULL): how many entries
 * the text has. Sizes and families are not checked here.
 * 0; DS_ESYNTAX, then *reterr is kube-apiserver's message; DS_ENOMEM.
 * Source: cmd/kube-apiserver/app/options/completion.go:getServiceIPAndRanges
 * (before 1.28 cmd/kube-apiserver/app/server.go).
 */
int ds_apiserver_service_ranges(struct ds_arena *a, struct ds_str raw, struct ds_cidr **ret, size_t *ret_n,
				size_t *ret_entries, const char **reterr) DS_MUST_CHECK;

/*
 * Would kube-apiserver of this minor version start? host (may be NULL: not
 * known): what it chooses from without --advertise-address. Derived, unless
 * refused:
 *   serviceClusterIPRange  list    the networks, host bits dropped
 *   serviceFamilies        list    "IPv4", "IPv6" in order
 *   primaryFamily          string  the family Services get by default
 *   kubernetesServiceIP    string  first address of the first range
 *   serviceAddresses       list    addresses that can be allocated, per range (decimal text: up to 39 digits)
 *   staticBand             list    "first-last" that dynamic allocation uses last, per range; "" when there is none
 *   dynamicBand            list    "first-last" that dynamic allocation uses first, per range; "" when there is none
 *   serviceNodePortRange   string  "30000-32767"
 * 0 or DS_ENOMEM.
 * Source: cmd/kube-apiserver/app/options/{completion,validation}.go, pkg/controlplane/apiserver/options/options.go:
 * ServiceIPRange, pkg/registry/core/service/ipallocator/{bitmap,ipallocator}.go;
 * k8s.io/apiserver/pkg/server/options/server_run_options.go:DefaultAdvertiseAddress.
 */
int ds_apiserver_verdict(struct ds_arena *a, const struct ds_cmdline *cl, unsigned minor, const struct ds_host_net *host,
			 struct ds_verdict *ret) DS_MUST_CHECK;

#endif
