#ifndef DS_KUBE_COMPONENT_H
#define DS_KUBE_COMPONENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/str.h"

/* What a process or a container can be. The first four are audited; the others are named as seen. */
enum ds_component {
	DS_KUBE_APISERVER,
	DS_KUBE_CONTROLLER_MANAGER,
	DS_KUBE_PROXY,
	DS_KUBELET,
	DS_KUBEADM, /* a kubeadm configuration, not a process */
	DS_KUBE_SCHEDULER,
	DS_ETCD,
	DS_CLOUD_CONTROLLER_MANAGER,
	DS_K3S,      /* k3s and RKE2: all components in one process, argv overwritten */
	DS_KUBELITE, /* MicroK8s: all components in one process */
	DS_K0S,
	DS_COMPONENT__COUNT,
	DS_COMPONENT_NONE = -1,
};

/* "kube-apiserver": the name design.md uses; also the name of its flag set. */
const char *ds_component_name(enum ds_component c);
/* DS_COMPONENT_NONE when there is no such name. */
enum ds_component ds_component_from_name(struct ds_str name);
/* Its settings are audited (the first four). */
bool ds_component_is_audited(enum ds_component c);

/*
 * Which component an argument vector starts, by what would be executed, never
 * by what is merely mentioned: `grep kube-apiserver`, `vim kubelet.conf` and
 * `snapfuse …/kubeadm_1.snap` are nothing. Looks through wrappers that end in
 * the component itself (`/bin/sh -c "exec kube-proxy …"`, `env A=b kubelet`,
 * `tini -- kube-proxy`, `hyperkube apiserver`, `nice`, `kube-apiserver-v1.30`).
 * docs: the table in kube/component.c, one row a spelling.
 *
 * exe: the executable's path when known (readlink of /proc/PID/exe), else
 * empty; argv[0] may be anything, so exe wins where the two disagree.
 * *ret_skip: how many leading elements belong to the wrapper; flags start at
 * argv[*ret_skip + 1]. *ret_shell: when the component is inside a `sh -c`, its
 * command line from the component's own word on (then argv[*ret_skip] is the
 * whole text of the shell): ds_shell_split(a, *ret_shell, 0, …) of
 * kube/shell.h gives that word and then its arguments; else empty.
 */
enum ds_component ds_component_recognise(const struct ds_str *argv, size_t n, struct ds_str exe, size_t *ret_skip,
					 struct ds_str *ret_shell);

#endif
