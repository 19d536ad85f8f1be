#ifndef DS_KUBE_KUBEADM_SCHEMA_H
#define DS_KUBE_KUBEADM_SCHEMA_H

#include "kube/kubeadm_priv.h"

enum ds__kubeadm_type {
	DS__T_ANY, /* not looked into */
	DS__T_STRING,
	DS__T_BOOL,
	DS__T_INT32,
	DS__T_DURATION, /* metav1.Duration: a string */
	DS__T_STRINGS,
	DS__T_STRUCT,
	DS__T_STRUCTS,
	DS__T_MAP_STRING,
	DS__T_MAP_BOOL,
};

/* First minor with a field, and first without, beside the bits of the API versions; 0 = always. */
#define DS__FIELD_SINCE(minor) ((unsigned)(minor) << 8)
#define DS__FIELD_UNTIL(minor) ((unsigned)(minor) << 16)

/* More than any struct has. */
#define DS__FIELDS_MAX 160u

/* A field of a Go struct. */
struct ds__kubeadm_field {
	const char *name;
	enum ds__kubeadm_type type;
	unsigned api; /* API versions that have it, with the releases where those differ */
	const struct ds__kubeadm_struct *of;
};

struct ds__kubeadm_struct {
	const char *name;    /* Go's */
	const char *package; /* NULL: the API version's */
	const struct ds__kubeadm_field *fields;
	size_t n;
};

extern const struct ds__kubeadm_struct ds__kubeadm_kube_proxy, ds__kubeadm_kubelet;

/* The table of a kind, or NULL when its fields are not checked. */
const struct ds__kubeadm_struct *ds__kubeadm_schema(enum ds__kubeadm_kind kind);

#endif
