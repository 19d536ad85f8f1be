#ifndef DS_COLLECT_KIND_H
#define DS_COLLECT_KIND_H

#include "collect/documents.h"

/*
 * A kind cluster configuration (v1alpha4): the components that kind would make
 * with it through kubeadm, kubeadmConfigPatches applied. kube-proxy and the
 * kubelets read files there; what these say stands as the flags that say the
 * same. A configuration that kind refuses is an error with kind's message.
 * 0 or DS_ENOMEM. Source: kind pkg/internal/apis/config (default.go,
 * validate.go), pkg/cluster/internal/kubeadm/config.go.
 */
int ds_kind_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object)
	DS_MUST_CHECK;

#endif
