#ifndef DS_COLLECT_CONFIG_MAP_H
#define DS_COLLECT_CONFIG_MAP_H

#include "collect/documents.h"

/*
 * The configurations inside a ConfigMap (kubeadm-config, kube-proxy,
 * kubelet-config): each entry of data that holds some is read as a file would
 * be, its places being the ConfigMap's lines. 0 or DS_ENOMEM.
 */
int ds_config_map_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object)
	DS_MUST_CHECK;

#endif
