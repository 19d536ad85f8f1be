#ifndef DS_COLLECT_KUBESPRAY_H
#define DS_COLLECT_KUBESPRAY_H

#include "collect/collect.h"

/* A file of group variables that states ranges or what decides about them. */
int ds_kubespray_detect(const struct ds_collector *self, const struct ds_probe *p);
/* Notes it. 0 or DS_ENOMEM. */
int ds_kubespray_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p);

/*
 * Merges the files of each inventory as Ansible does and adds the components
 * that kubespray has kubeadm start. A value with a Jinja expression, and what
 * no file that was seen can tell, is written ${…}: unresolved, never guessed.
 * 0 or DS_ENOMEM. Source: kubernetes-sigs/kubespray
 * roles/kubespray_defaults/defaults/main/main.yml,
 * roles/kubernetes/control-plane/templates/kubeadm-config.v1beta4.yaml.j2,
 * roles/validate_inventory/tasks/main.yml.
 */
int ds_kubespray_finish(struct ds_facts *f) DS_MUST_CHECK;

#endif
