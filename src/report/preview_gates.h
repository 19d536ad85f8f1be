#ifndef DS_REPORT_PREVIEW_GATES_H
#define DS_REPORT_PREVIEW_GATES_H

#include "model/model.h"

/* How a feature gate of the cluster's first kube-apiserver stands: 1 on, 0 off, -1 nobody can tell.
 * On its own because kube/gates.h and service/cluster.h name their values alike. */
int ds_preview_gate(const struct ds_cluster *c, const char *name);

#endif
