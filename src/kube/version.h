#ifndef DS_KUBE_VERSION_H
#define DS_KUBE_VERSION_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/str.h"

/* Minor versions we know the behaviour of. Adding one: CONTRIBUTING.md. */
#define DS_KUBE_OLDEST 20
#define DS_KUBE_NEWEST 36

struct ds_kube_version {
	unsigned major, minor, patch;
	bool has_patch;
};

enum ds_version_origin {
	DS_VERSION_ASSUMED, /* nothing told; the newest known */
	DS_VERSION_OPTION,  /* --kubernetes-version */
	DS_VERSION_IMAGE,
	DS_VERSION_BINARY_PATH,
	DS_VERSION_KUBEADM,
	DS_VERSION_NODE, /* a Node's status.nodeInfo */
	DS_VERSION_BUNDLE,
	DS_VERSION_CONFIG, /* a distribution's configuration */
	DS_VERSION_ORIGIN__COUNT
};

const char *ds_version_origin_name(enum ds_version_origin o); /* "binary-path", … */

/* "v1.31.0", "1.31", "v1.30.2+k3s1", "1.29.0-rc.1": 0 or DS_ESYNTAX. */
int ds_kube_version_parse(struct ds_str s, struct ds_kube_version *ret) DS_MUST_CHECK;
/* The tag of an image reference ("registry.k8s.io/kube-apiserver:v1.31.0@sha256:…"). 0 or DS_ENOENT. */
int ds_kube_version_from_image(struct ds_str image, struct ds_kube_version *ret) DS_MUST_CHECK;
/* A path element that is a version ("/var/lib/minikube/binaries/v1.31.0/kubelet",
 * "/usr/bin/kube-apiserver-v1.30"). 0 or DS_ENOENT. */
int ds_kube_version_from_path(struct ds_str path, struct ds_kube_version *ret) DS_MUST_CHECK;

/* Whether the behaviour of the version is known. */
bool ds_kube_version_known(const struct ds_kube_version *v);
/* The minor of the nearest known version: its own, or that of the oldest or newest known. */
unsigned ds_kube_version_nearest(const struct ds_kube_version *v);

#endif
