#ifndef DS_COLLECT_KUBEADM_H
#define DS_COLLECT_KUBEADM_H

#include "collect/documents.h"

/*
 * A kubeadm configuration: the configuration itself, with kubeadm's verdict on
 * it, and the components that kubeadm would make of it, each argument placed
 * at the line that causes it. *ret_used: the stream holds such documents.
 * 0 or DS_ENOMEM.
 */
int ds_kubeadm_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_stream *stream,
		       bool *ret_used) DS_MUST_CHECK;

#endif
