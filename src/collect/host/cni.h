#ifndef DS_COLLECT_CNI_H
#define DS_COLLECT_CNI_H

#include "collect/collect.h"

/*
 * Network plugins' files: configurations as libcni reads them, and what
 * flannel writes about its networks.
 */

/* How sure that an input is one; 0: it is not. */
int ds_cni_detect(const struct ds_collector *self, const struct ds_probe *p);
/* Notes an input that is one, by itself. 0 or DS_ENOMEM. */
int ds_cni_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p);

/* Whether a path of a host is one of theirs: in a folder that a container runtime looks into, or flannel's. */
bool ds_cni_is_path(struct ds_str path);
/* Notes the file of a host. input: failed when it could not be read whole. 0 or DS_ENOMEM. */
int ds_cni_add(struct ds_facts *f, const char *host, const char *path, struct ds_input *input,
	       const struct ds_yaml_stream *yaml) DS_MUST_CHECK;

/*
 * Reads them below a directory that holds a host's files, which no path
 * leaves. prefix: what their names begin with in reports. What is not there is
 * nothing to remark. 0 or DS_ENOMEM.
 */
int ds_cni_collect_host(struct ds_facts *f, const char *host, const char *root, const char *prefix) DS_MUST_CHECK;

#endif
