#ifndef DS_MODEL_CNI_H
#define DS_MODEL_CNI_H

#include "model/model.h"

/*
 * What network plugins are told about address families and pod ranges, read
 * from their files and ConfigMaps as they read them.
 */
struct ds_cni {
	const char *plugin; /* "calico", "flannel", "cilium", else the plugin's type: "bridge" */
	const char *ipam;   /* who hands out addresses: "host-local", "calico-ipam", "cluster-pool", …; "" when not known */
	const char *where;  /* for people: "/etc/cni/net.d/10-calico.conflist on n1" */
	struct ds_loc loc;
	struct ds_families families; /* that pods get */
	const struct ds_cni *told_by; /* the other configuration that tells the families, or NULL: it does itself */
	DS_VEC(struct ds_cidr) ranges; /* that it names, masked */
	DS_VEC(const char *) unused;   /* further files of the folder, which the runtime does not read */
};

/*
 * Fills cluster->cni from cluster->files, which it sorts (of each folder the first in
 * name order, as containerd and CRI-O take it) and from its ConfigMaps. A file
 * that leaves the families to a ConfigMap that was seen has them from there.
 * 0 or DS_ENOMEM. Source: containernetworking/cni libcni/conf.go:ConfFiles,
 * containernetworking/plugins plugins/ipam/host-local/backend/allocator/config.go,
 * projectcalico/calico cni-plugin/pkg/types/types.go and pkg/k8s/k8s.go,
 * flannel-io/flannel pkg/subnet/config.go:ParseConfig, cilium pkg/option/config.go.
 */
int ds_cni_find(struct ds_arena *a, struct ds_cluster *cluster) DS_MUST_CHECK;

#endif
