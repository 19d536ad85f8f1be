#ifndef DS_COLLECT_OPENSHIFT_H
#define DS_COLLECT_OPENSHIFT_H

#include "collect/documents.h"

/* An install-config.yaml (no kind), or a Network object of the cluster. */
int ds_openshift_detect(const struct ds_collector *self, const struct ds_probe *p);
int ds_openshift_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p);

/*
 * A Network of config.openshift.io or operator.openshift.io: what the operators
 * give the API server and the controller manager. Node blocks are OVN's affair
 * (hostPrefix), so kube-controller-manager allocates none. 0 or DS_ENOMEM.
 * Source: openshift/installer pkg/types/validation/installconfig.go,
 * openshift/cluster-kube-apiserver-operator pkg/operator/configobservation/network.
 */
int ds_openshift_network_collect(struct ds_facts *f, const struct ds_doc_source *src,
				 const struct ds_yaml_node *object);

#endif
