#ifndef DS_KUBE_KUBEADM_H
#define DS_KUBE_KUBEADM_H

#include "base/ctx.h"
#include "kube/cmdline.h"
#include "kube/component.h"
#include "kube/verdict.h"
#include "kube/version.h"
#include "yaml/tree.h"

/* A field of the configuration, or kubeadm's default for it. */
struct ds_kubeadm_value {
	struct ds_str text; /* after defaulting; as written, never normalised */
	struct ds_loc loc;  /* zero: not in the file */
	bool set;           /* in the file, and not empty */
};

/* What kubeadm would hand to one component. */
struct ds_kubeadm_component {
	enum ds_component component;
	/*
	 * Arguments in the order of the manifest, without the program's name, each
	 * "--name=value". loc is the place in the kubeadm file that causes it, or
	 * zero for a default of kubeadm's own. What only the machine knows is
	 * written $(ADVERTISE_ADDRESS): an unresolved value for ds_cmdline_parse.
	 */
	struct ds_arg *args;
	size_t n_args;
	const struct ds_yaml_node *config; /* the user's own document for it in the file, or NULL */
	const char *config_text;           /* the configuration file kubeadm would write (JSON, hence YAML), or NULL */
};

struct ds_kubeadm_result {
	struct ds_verdict validate; /* `kubeadm config validate --config FILE` */
	struct ds_verdict init;     /* `kubeadm init phase control-plane all --config FILE` (for a file with only a
				     * JoinConfiguration: reading it in `kubeadm join`) */
	unsigned minor;             /* whose behaviour was applied */
	bool has_version;           /* kubernetesVersion is in the file and is a release */
	struct ds_kube_version version;
	bool has_cluster, has_init, has_join; /* documents of that kind */
	struct ds_kubeadm_value kubernetes_version, cluster_name, pod_subnet, service_subnet, dns_domain,
		advertise_address, control_plane_endpoint, node_name;
	DS_VEC(struct ds_kubeadm_component) components; /* empty when init refuses the file */
};

/* Whether root is a document for kubeadm: of group kubeadm.k8s.io. */
bool ds_kubeadm_is_document(const struct ds_yaml_node *root);

/*
 * What kubeadm makes of a configuration file: its verdicts, with upstream's
 * messages and their places, and the flags and configuration files it would
 * write. Pure: looks at nothing but its arguments, so whatever depends on the
 * machine (the address of the default route, CRI sockets, files) is assumed to
 * be in order, and a verdict that truly depends on it is DS_STARTUP_UNKNOWN. So
 * is that on a file whose decisive fields are still placeholders ("${version}").
 * Of component configurations only the top level's names and types are checked.
 *
 * minor: kubeadm's own minor version; 0 = that of kubernetesVersion in the
 * file, else the newest known that reads the file's API version. stream: borrowed, as is what ret points to in it.
 * Returns 0 or DS_ENOMEM.
 *
 * Source: cmd/kubeadm/app/util/config (common.go, initconfiguration.go,
 * joinconfiguration.go), apis/kubeadm/validation/validation.go,
 * componentconfigs/, phases/controlplane/manifests.go.
 */
int ds_kubeadm_eval(struct ds_ctx *ctx, const struct ds_yaml_stream *stream, unsigned minor,
		    struct ds_kubeadm_result *ret) DS_MUST_CHECK;

#endif
