#ifndef DS_COLLECT_TALOS_H
#define DS_COLLECT_TALOS_H

#include "collect/collect.h"

/* A Talos machine config: the v1alpha1 document, documents of their own since Talos 1.14, a patch of either, or what
 * `talosctl get machineconfig -o yaml` prints. */
int ds_talos_detect(const struct ds_collector *self, const struct ds_probe *p);

/*
 * Adds the components that Talos starts from it. What Talos chooses on the
 * node is written ${…}: unresolved, never absent. 0 or DS_ENOMEM. Source:
 * siderolabs/talos internal/app/machined/pkg/controllers/k8s
 * (control_plane.go, control_plane_static_pod.go, kubelet_spec.go, nodeip.go),
 * pkg/machinery/config/types/k8s/network.go.
 */
int ds_talos_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p);

#endif
