#ifndef DS_KUBE_KUBEADM_PRIV_H
#define DS_KUBE_KUBEADM_PRIV_H

#include "base/buf.h"
#include "kube/kubeadm.h"

/* Shared by the kubeadm_*.c files only. */

enum ds__kubeadm_kind {
	DS__KUBEADM_CLUSTER,
	DS__KUBEADM_INIT,
	DS__KUBEADM_JOIN,
	DS__KUBEADM_RESET,
	DS__KUBEADM_UPGRADE,
	DS__KUBEADM_PROXY,
	DS__KUBEADM_KUBELET,
	DS__KUBEADM_OTHER,
	DS__KUBEADM_KIND__COUNT
};

/* API versions as bits, for the tables of fields. */
enum { DS__B1 = 1, DS__B2 = 2, DS__B3 = 4, DS__B4 = 8 };

/* One document with its type, as SplitConfigDocuments sees it. */
struct ds__kubeadm_doc {
	enum ds__kubeadm_kind kind;
	struct ds_str group, version, kind_name;
	unsigned api; /* DS__B1 … DS__B4, or 0 */
	const struct ds_yaml_node *root;
	const struct ds_yaml_node *kind_node; /* or root */
	uint32_t first_line; /* what go-yaml calls line 1 of it */
};

struct ds__kubeadm_arg {
	struct ds_str name, value;
	const struct ds_yaml_node *at;
};
struct ds__kubeadm_args {
	struct ds__kubeadm_arg *v;
	size_t n, cap;
};

/* The file while it is being judged. */
struct ds__kubeadm {
	struct ds_ctx *ctx;
	const struct ds_input *input;
	struct ds_kubeadm_result *ret;
	unsigned minor;
	bool inferred; /* minor was taken from the file */
	DS_VEC(struct ds__kubeadm_doc) docs; /* sorted by group, version, kind */
	const struct ds__kubeadm_doc *by_kind[DS__KUBEADM_KIND__COUNT];
	struct ds__kubeadm_args api_server, controller_manager, kubelet;
};

/* The root of a kubeadm document, or NULL. */
static inline const struct ds_yaml_node *ds__kubeadm_root(const struct ds__kubeadm *k, enum ds__kubeadm_kind kind)
{
	return k->by_kind[kind] ? k->by_kind[kind]->root : NULL;
}

/* Adds a message; at may be NULL. 0 or DS_ENOMEM. */
int ds__kubeadm_error(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *at, const char *fmt, ...)
	DS_PRINTF(4, 5);
int ds__kubeadm_warn(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *at, const char *fmt, ...)
	DS_PRINTF(4, 5);

/* `schema.GroupVersionKind{Group:"…", Version:"…", Kind:"…"}`: Go's %#v. */
void ds__kubeadm_add_gvk(struct ds_buf *b, const struct ds__kubeadm_doc *d);

/*
 * Decodes a document strictly against the table of its kind. *ret_type_error
 * (may stay NULL) is encoding/json's message for the first value of a wrong
 * type, with its node; *ret_strict ("unknown field …, …") what only strict
 * decoding refuses. 0 or DS_ENOMEM. Source: k8s.io/apimachinery
 * runtime/serializer/json, sigs.k8s.io/json.
 */
int ds__kubeadm_decode(struct ds__kubeadm *k, const struct ds__kubeadm_doc *d, const char **ret_type_error,
		       const char **ret_strict, const struct ds_yaml_node **ret_at) DS_MUST_CHECK;

/* The text of a string field, "" when it is absent. */
struct ds_str ds__kubeadm_text(const struct ds_yaml_node *n);

/* extraArgs of either shape; a map comes out sorted by name, as kubeadm converts it. */
int ds__kubeadm_read_args(struct ds__kubeadm *k, const struct ds_yaml_node *n, struct ds__kubeadm_args *ret)
	DS_MUST_CHECK;
/* GetArgValue(args, name, -1): the last one's value, or NULL. */
const struct ds__kubeadm_arg *ds__kubeadm_last_arg(const struct ds__kubeadm_args *args, const char *name);

/*
 * Dynamic defaults that can fail, in kubeadm's order: the first failure is the
 * only message. ValidateInitConfiguration's messages then come all together.
 */
int ds__kubeadm_validate_init(struct ds__kubeadm *k, struct ds_verdict *v) DS_MUST_CHECK;
int ds__kubeadm_validate_join(struct ds__kubeadm *k, struct ds_verdict *v) DS_MUST_CHECK;
/* Warnings about component configurations (componentconfigs: Default). */
int ds__kubeadm_component_warnings(struct ds__kubeadm *k, struct ds_verdict *v) DS_MUST_CHECK;
/* What `init` checks beyond validation. */
int ds__kubeadm_check_bind_address(struct ds__kubeadm *k, struct ds_verdict *v) DS_MUST_CHECK;

/* "10.96.0.10": the address of the cluster's DNS for a serviceSubnet. NULL when out of memory. */
const char *ds__kubeadm_dns_ip(struct ds_arena *a, struct ds_str service_subnet);

/* Fills ret->components. */
int ds__kubeadm_generate(struct ds__kubeadm *k) DS_MUST_CHECK;

#endif
