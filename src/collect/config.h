#ifndef DS_COLLECT_CONFIG_H
#define DS_COLLECT_CONFIG_H

#include "collect/documents.h"

/* Notes a KubeletConfiguration or KubeProxyConfiguration. 0 or DS_ENOMEM. */
int ds_config_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object,
		      enum ds_component component) DS_MUST_CHECK;

/*
 * Gives the configurations that were noted to the command lines that name
 * their files; what is left is a component each, whose flags are unknown.
 * 0 or DS_ENOMEM.
 */
int ds_configs_finish(struct ds_facts *f) DS_MUST_CHECK;

#endif
