#ifndef DS_SERVICE_OBJECT_H
#define DS_SERVICE_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/str.h"
#include "yaml/tree.h"

/*
 * A v1 Service as plain data: every field that the API server's decisions
 * read. Text is borrowed from whoever made the Service (for the decoder: from
 * the input's bytes and its tree). Where Go tells nil from empty, `set` does.
 */
struct ds_service_list {
	struct ds_str *v;
	size_t n;
	bool set; /* false: nil; true with n = 0: an empty, non-nil slice */
};

/* A *string, or a pointer to a named string. */
struct ds_service_opt {
	struct ds_str s;
	bool set;
};

struct ds_service_pair {
	struct ds_str key, value;
};

struct ds_service_map {
	struct ds_service_pair *v; /* unique keys, in the order written */
	size_t n;
	bool set;
};

struct ds_service_port {
	struct ds_str name;
	struct ds_str protocol;
	struct ds_service_opt app_protocol;
	int32_t port;
	bool target_is_text; /* intstr.String */
	int32_t target_number;
	struct ds_str target_text;
	int32_t node_port;
};

/* What decoding had to say; ds_service_create and ds_service_update answer with it. */
struct ds_service_decoding {
	const char *error;    /* the error after "cannot be handled as a Service: ", or NULL */
	const char **lenient; /* `unknown field "spec.x"`, `duplicate field "spec.y"`, in order */
	size_t n_lenient;
};

struct ds_service {
	struct ds_str name, generate_name, namespace_;
	struct ds_str uid, resource_version;
	struct ds_service_map labels, annotations;

	struct ds_str type;
	struct ds_service_map selector;
	struct ds_service_port *ports;
	size_t n_ports;
	struct ds_str cluster_ip;
	struct ds_service_list cluster_ips;
	struct ds_service_opt ip_family_policy;
	struct ds_service_list ip_families;
	struct ds_str external_name;
	struct ds_service_list external_ips;
	struct ds_str external_traffic_policy;
	struct ds_service_opt internal_traffic_policy;
	struct ds_service_opt traffic_distribution;
	struct ds_str load_balancer_ip;
	struct ds_service_opt load_balancer_class;
	struct ds_service_list load_balancer_source_ranges;
	bool has_allocate_node_ports, allocate_node_ports; /* spec.allocateLoadBalancerNodePorts */
	int32_t health_check_node_port;
	bool publish_not_ready;
	struct ds_str session_affinity;
	bool has_affinity_config, has_client_ip, has_timeout; /* sessionAffinityConfig.clientIP.timeoutSeconds */
	int32_t timeout;

	struct ds_service_decoding decoding;
};

/*
 * Reads a Service document as kube-apiserver 1.<minor> decodes a request body:
 * field names are case-sensitive, null leaves the zero value, the last of
 * duplicate keys wins. A value of the wrong type is not a failure of this
 * function: ret->decoding.error holds Go's message, and creating or updating
 * with that Service is answered with 400.
 *
 * root: an object's node; borrowed, its texts end up in *ret. NULL is an empty
 * object. Returns 0, DS_ENOMEM, or DS_ETYPE when root is not a mapping.
 *
 * Source: staging/src/k8s.io/apimachinery/pkg/runtime/serializer/json, sigs.k8s.io/json.
 */
int ds_service_decode(struct ds_arena *a, const struct ds_yaml_node *root, unsigned minor,
		      struct ds_service *ret) DS_MUST_CHECK;

/* spec.type is text the user may have misspelt; these compare it. */
bool ds_service_is_external_name(const struct ds_service *s);
/* spec.clusterIPs is exactly ["None"]. Source: pkg/apis/core/validation/validation.go:isHeadlessService */
bool ds_service_is_headless(const struct ds_service *s);

#endif
