#ifndef DS_COLLECT_MICROSHIFT_H
#define DS_COLLECT_MICROSHIFT_H

#include "collect/collect.h"

/* A MicroShift config.yaml or a file of its config.d. */
int ds_microshift_detect(const struct ds_collector *self, const struct ds_probe *p);
/* Notes it. 0 or DS_ENOMEM. */
int ds_microshift_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p);

/*
 * Merges each config.yaml with the files of the config.d beside it and adds
 * what MicroShift runs with it; kube-proxy is not among it. 0 or DS_ENOMEM.
 * Source: openshift/microshift pkg/config/config.go, network.go,
 * pkg/controllers/kube-apiserver.go, kube-controller-manager.go, pkg/node/kubelet.go.
 */
int ds_microshift_finish(struct ds_facts *f) DS_MUST_CHECK;

#endif
