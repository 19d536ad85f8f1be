#ifndef DS_MODEL_FACTS_H
#define DS_MODEL_FACTS_H

#include "base/ctx.h"
#include "base/map.h"
#include "kube/cmdline.h"
#include "kube/component.h"
#include "kube/kubeadm.h"
#include "kube/version.h"
#include "net/ip.h"
#include "yaml/tree.h"

/*
 * What collectors hand to the model: facts, each with its place, nothing
 * concluded. Everything lives in the run's arena.
 */

enum ds_source_kind {
	DS_SOURCE_PROCESS, /* a live or recorded process: argument boundaries are real */
	DS_SOURCE_PS,      /* a line of ps output: boundaries guessed */
	DS_SOURCE_STATIC_POD,
	DS_SOURCE_KUBEADM, /* generated from a kubeadm configuration */
	DS_SOURCE_UNIT,    /* a systemd unit */
	DS_SOURCE_ARGS,    /* arguments in a file of their own */
	DS_SOURCE_CONFIG,  /* a component's configuration without its command line */
	DS_SOURCE_K3S,     /* generated from a k3s or RKE2 configuration */
	DS_SOURCE_KIND_CLUSTER, /* generated from a kind cluster configuration */
	DS_SOURCE_TALOS,        /* generated from a Talos machine config */
	DS_SOURCE_K0S,          /* generated from a k0s ClusterConfig */
	DS_SOURCE_KUBESPRAY,    /* generated from a kubespray inventory */
	DS_SOURCE_OPENSHIFT,    /* generated from an install-config or the cluster's Network object */
	DS_SOURCE_MICROSHIFT,   /* generated from a MicroShift configuration */
	DS_SOURCE_KIND__COUNT
};

const char *ds_source_kind_name(enum ds_source_kind k); /* "process", "ps", "static-pod", … */

/* A file that a component names (--config …) as the source could show it. */
struct ds_named_file {
	const char *path;                /* as the component names it; of a drop-in that was not seen: its folder */
	bool dropin;                     /* from --config-dir: over --config's file, in the order of the list */
	const struct ds_input *input;    /* NULL when not available */
	const struct ds_yaml_stream *yaml; /* its documents; NULL when not available or not YAML */
	const char *unavailable;         /* why not: "a ps listing does not contain files" */
};

/* One component as one source shows it. */
struct ds_observed {
	enum ds_component component;
	enum ds_source_kind kind;
	struct ds_loc loc;      /* of the command line, container or process */
	const char *node;       /* the node's name when the source tells it, else NULL */
	const char *host;       /* groups what runs on one (possibly nested) host: never NULL */
	int32_t pid, ppid;      /* 0 when unknown */
	struct ds_str exe;      /* the executable's path, or empty */
	struct ds_str program;  /* the word of the command line that names the component */
	bool has_version;
	struct ds_kube_version version;
	enum ds_version_origin version_origin;
	struct ds_loc version_loc;
	const struct ds_arg *args; /* what cmdline was parsed from, to parse again once the version is known */
	size_t n_args;
	struct ds_cmdline cmdline;
	bool flags_unknown; /* only its configuration (files) was seen: cmdline is empty and says nothing */
	const struct ds_kubeadm_result *kubeadm; /* DS_KUBEADM: what kubeadm makes of its configuration */
	DS_VEC(struct ds_named_file) files; /* for every path in a kept --config-like flag */
};

/* Something recognised but not audited (etcd, kube-scheduler, k3s, …). */
struct ds_seen {
	enum ds_component component;
	struct ds_loc loc;
	const char *host;
};

/* A Kubernetes object that came with the inputs (Node, Service, ServiceCIDR, …). */
struct ds_object {
	const char *kind; /* "Node" */
	const char *api_version;
	const char *name;
	const char *ns; /* "" when cluster-scoped or not given */
	const struct ds_yaml_node *node;
	const struct ds_input *input;
	const char *host; /* whose bundle it came with, or "" */
};

/* Where kubectl puts an object that tells no namespace. */
static inline const char *ds_object_namespace(const struct ds_object *o)
{
	return o->ns[0] ? o->ns : "default";
}

/* What the kernel says of an address; names in ds_address_flag_names. */
enum ds_address_flag {
	DS_ADDRESS_DADFAILED = 1,   /* somebody else has it: it is not used */
	DS_ADDRESS_DEPRECATED = 2,  /* not taken for new connections */
	DS_ADDRESS_DYNAMIC = 4,     /* it has a lifetime: from advertisements or DHCP */
	DS_ADDRESS_TEMPORARY = 8,   /* RFC 8981: another one tomorrow */
	DS_ADDRESS_TENTATIVE = 16,  /* not usable yet */
};
#define DS_ADDRESS_FLAGS 5u
extern const char *const ds_address_flag_names[DS_ADDRESS_FLAGS]; /* of 1 << i */

struct ds_host_address {
	const char *interface; /* "" when not known */
	struct ds_str cidr;    /* "192.0.2.10/24" as recorded */
	unsigned flags;        /* enum ds_address_flag; of IPv6 only */
};

/* A route to everywhere or to a network that an interface is in. */
struct ds_host_route {
	const char *interface;
	struct ds_cidr net;
	bool has_gateway;
	struct ds_ip gateway;
	bool ra; /* the kernel has it from a router advertisement, and drops it when it no longer listens to them */
};

/* A file that no component names: a network plugin's configuration. */
struct ds_host_file {
	const char *host; /* whose bundle or file system it was found in; "" when it was named by itself */
	const char *path; /* on that host, or as it was named */
	const struct ds_input *input; /* its text; a failed one could not be understood */
	const struct ds_yaml_stream *yaml; /* NULL when it is none */
};

/* What is known about a host itself. */
struct ds_host {
	const char *name; /* groups: equals ds_observed.host */
	const char *node; /* the node's name when the source tells it, else NULL */
	struct ds_loc loc;
	bool has_addresses; /* the list below is complete */
	DS_VEC(struct ds_host_address) addresses;
	bool has_routes; /* the same */
	DS_VEC(struct ds_host_route) routes; /* in the kernel's order, IPv4 first */
	bool has_kernel_args;                /* the list below has every "ipv6.…" that the kernel was started with */
	DS_VEC(const char *) kernel_args;
	DS_VEC(struct ds_sysctl {
		const char *name;
		struct ds_str value;
	}) sysctls;
};

struct ds_facts {
	struct ds_ctx *ctx;
	DS_VEC(struct ds_observed *) components;
	DS_VEC(struct ds_seen) seen;
	DS_VEC(struct ds_object) objects;
	DS_VEC(struct ds_host *) hosts;
	DS_VEC(struct ds_host_file) files;
	struct ds_map host_by_name; /* the same */
	unsigned minor; /* Kubernetes minor asked for, for collectors that need one to read; 0 = as the inputs say */
	bool live;      /* the live host was looked at */
	struct ds_map trees; /* text of a bundle's file -> its struct ds_yaml_stream: nodes have the same files */
	struct ds_pending *pending; /* collectors': what is told only once every input was read, or NULL */
};

void ds_facts_init(struct ds_facts *f, struct ds_ctx *ctx);
/* A zeroed, registered record; NULL when out of memory. */
struct ds_observed *ds_facts_component(struct ds_facts *f) DS_MUST_CHECK;
/* The host's record, made on first use; NULL when out of memory. name is copied. */
struct ds_host *ds_facts_host(struct ds_facts *f, const char *name) DS_MUST_CHECK;
/* The host's record, or NULL when nothing is known of it. */
const struct ds_host *ds_facts_find_host(const struct ds_facts *f, const char *name);

#endif
