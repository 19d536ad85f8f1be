#ifndef DS_COLLECT_HOST_FILES_H
#define DS_COLLECT_HOST_FILES_H

#include "collect/host/root.h"

/*
 * What a host has configured, beside what runs on it: the static pods of the
 * folder that its kubelet watches, systemd units with their drop-ins and
 * environment files, the kubelet's configuration, k3s', RKE2's and MicroK8s'
 * settings. Every component found is one of `host`.
 *
 * Only these places are looked at; what is not there is not remarked, what
 * cannot be read is a failed input. A unit from which nothing runs counts when
 * it is enabled. named_left: as left of a root, for the files that units name.
 * The host's processes must have been collected. 0 or DS_ENOMEM.
 */
int ds_host_files_collect(struct ds_facts *f, const struct ds_root *root, size_t *named_left, const char *host)
	DS_MUST_CHECK;

#endif
