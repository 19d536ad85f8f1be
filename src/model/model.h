#ifndef DS_MODEL_MODEL_H
#define DS_MODEL_MODEL_H

#include "cel/value.h"
#include "kube/kube_controller_manager.h"
#include "kube/verdict.h"
#include "model/facts.h"
#include "model/settings.h"

/*
 * Facts grouped into clusters: which components belong together, what each is
 * set to, what the whole adds up to. Still no judgement: that is what
 * component verdicts and rules are for.
 */

struct ds_cni;

/* A setting that is configured otherwise than it runs. */
struct ds_difference {
	const struct ds_component_model *configured_in;
	const struct ds_setting *running, *configured; /* of one row; either may be absent */
};

struct ds_component_model {
	const struct ds_observed *observed;
	const char *node;           /* the node's name, told or derived (--hostname-override), or NULL */
	const struct ds_object *node_object; /* its Node: by name, else the only one of its host; or NULL */
	struct ds_kube_version version;
	enum ds_version_origin version_origin; /* its own, or its cluster's */
	struct ds_setting *settings; /* one per table row of the component */
	size_t n_settings;
	const struct ds_host_model *host; /* where it runs, when something of it was recorded; or NULL */
	struct ds_verdict verdict;
	/* What would run after a restart, when this is what runs: never in the cluster's components (model/configured.h). */
	DS_VEC(struct ds_component_model *) configured;
	DS_VEC(struct ds_difference) differences;
	const struct ds_setting *undecided; /* one that is not known on either side, so more may differ; or NULL */
	struct ds_cel_value value;  /* what rules see */
};

/* A host that components of the cluster run on, of which more was recorded than they. */
struct ds_host_model {
	const struct ds_host *facts;
	const char *name;          /* for people: the node's name, else the host's */
	struct ds_cel_value value; /* what rules see */
};

/* A conclusion of the model: known with its places, or unknown with the reason. */
struct ds_ranges {
	bool known;
	const char *reason; /* not known: why */
	struct ds_cidr *v;  /* networks, masked, in order */
	size_t n;
	struct ds_loc loc;  /* the setting it was taken from */
	enum ds_component from;
};

struct ds_families {
	bool known;
	const char *reason;
	enum ds_family v[2]; /* in order of first appearance */
	size_t n;
	struct ds_loc loc;
};

/* The podCIDRs that the next nodes would get, as strings of one or two blocks. */
struct ds_node_block {
	const char *v[2];
};

struct ds_node_blocks {
	enum ds_node_ipam_state state;
	const char *reason; /* not running: why, or why that is not known */
	const struct ds_component_model *from; /* the controller manager; NULL when none was seen */
	struct ds_kcm_node *nodes; /* the Nodes there are */
	size_t n_nodes;
	size_t shown; /* how many of the next blocks are wanted; 0: a few */

	bool known;        /* node IPAM runs; only then is the rest set */
	size_t families;   /* blocks per node */
	uint64_t capacity; /* nodes that can have podCIDRs, existing ones included */
	uint64_t left;     /* that many more */
	uint64_t taken[2]; /* blocks of each network that Service ranges take */
	DS_VEC(struct ds_node_block) first;
	const char *exhausted; /* why no more than first; NULL: there are more */
};

/* What else than the ranges decides which addresses and node ports an API server hands out. */
struct ds_service_network {
	struct ds_cidr *cidrs; /* of the ServiceCIDR objects that are ready; n = 0: none was seen */
	size_t n;
	uint16_t node_port_first, node_port_last; /* 0 and 0: not known, or the default */
};

struct ds_cluster {
	const char *name;
	struct ds_kube_version version;
	enum ds_version_origin version_origin;
	struct ds_loc version_loc;
	DS_VEC(struct ds_component_model *) components;
	DS_VEC(struct ds_component_model *) configured; /* all that are only configured beside one of these */
	DS_VEC(const struct ds_seen *) seen;
	DS_VEC(const struct ds_object *) objects;
	DS_VEC(const struct ds_host_file *) files; /* of its network plugins */
	DS_VEC(struct ds_cni *) cni;          /* model/cni.h: what they say */
	DS_VEC(struct ds_host_model *) hosts; /* in the order of their first component */
	struct ds_ranges services, pods;
	struct ds_families service_families, pod_families, node_families;
	struct ds_node_blocks node_blocks;
	struct ds_service_network service_network;
	const struct ds_services *service_judge; /* model/services.h: what its API server says of Services */
	struct ds_cel_value value; /* "cluster" in rules */
};

struct ds_model_options {
	bool has_version; /* --kubernetes-version */
	struct ds_kube_version version;
	size_t node_blocks; /* how many of the next nodes' podCIDRs are wanted; 0: a few */
};

struct ds_model {
	DS_VEC(struct ds_cluster *) clusters;
};

struct ds_schema;

/* Groups, resolves and derives. schema: the one rules are compiled against
 * (model/schema.h). 0 or DS_ENOMEM. Linear in facts. */
int ds_model_build(const struct ds_facts *f, const struct ds_schema *schema, const struct ds_model_options *o,
		   struct ds_model *ret) DS_MUST_CHECK;

/* A setting of a component by its rule name ("clusterCIDR"), or NULL when the component has no such row. */
const struct ds_setting *ds_component_setting(const struct ds_component_model *c, const char *field);

#endif
