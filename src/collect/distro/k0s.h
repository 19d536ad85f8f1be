#ifndef DS_COLLECT_K0S_H
#define DS_COLLECT_K0S_H

#include "collect/documents.h"

/*
 * Adds the components that k0s starts from a ClusterConfig. What k0s or the
 * host chooses is written ${…}: unresolved, never absent; the kubelet's command
 * line is the worker's and never whole. 0 or DS_ENOMEM. Source: k0sproject/k0s
 * pkg/apis/k0s/v1beta1/network.go, pkg/component/controller/apiserver.go,
 * controllermanager.go, kubeproxy.go, of v1.20 to v1.36.
 */
int ds_k0s_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object);

/* The same from spec.k0s of a k0sctl configuration. */
int ds_k0sctl_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object);

#endif
