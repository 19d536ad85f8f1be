#ifndef DS_KUBE_NODE_VERDICT_H
#define DS_KUBE_NODE_VERDICT_H

#include "kube/gates.h"
#include "kube/goflag.h"
#include "kube/verdict.h"
#include "net/ip.h"
#include "yaml/tree.h"

/*
 * What the verdicts of kube-proxy and kubelet share: messages in upstream's
 * words and reading a component's configuration object. All functions return 0
 * or DS_ENOMEM unless said otherwise.
 */

/* Which families the host can serve, as far as it is known. */
enum ds_host_families {
	DS_HOST_UNKNOWN,
	DS_HOST_DUAL,
	DS_HOST_IPV4_ONLY,
	DS_HOST_IPV6_ONLY,
	DS_HOST_NONE, /* no iptables at all */
};

/* Builders of verdict.h for a message that may be NULL: out of memory. loc may be NULL. */
int ds_node_error(struct ds_arena *a, struct ds_verdict *v, const char *message, const struct ds_loc *loc)
	DS_MUST_CHECK;
int ds_node_warning(struct ds_arena *a, struct ds_verdict *v, const char *message, const struct ds_loc *loc)
	DS_MUST_CHECK;
/* The nearest version we know; 0 is the newest. */
unsigned ds_node_minor(unsigned minor);
/* What a command line that was cut off, or that asks for help, leaves unknown. True: nothing else can be said. */
bool ds_node_cmdline_ends(struct ds_verdict *v, const struct ds_cmdline *cl);
/* Notes a reason (static) why the startup cannot be told; the first stays. */
void ds_node_unknown(struct ds_verdict *v, const char *reason);
int ds_node_derive_list(struct ds_arena *a, struct ds_verdict *v, const char *name, const struct ds_strs *list)
	DS_MUST_CHECK;

/* Errors that become one message, as utilerrors.NewAggregate prints it; at most DS_LIMIT_AGGREGATE are kept. */
struct ds_aggregate {
	DS_VEC(struct ds_verdict_msg) items;
};

int ds_aggregate_add(struct ds_arena *a, struct ds_aggregate *g, const char *message, const struct ds_loc *loc)
	DS_MUST_CHECK;
/* "a" or "[a, b]" without repetitions, after prefix; NULL when out of memory. */
const char *ds_aggregate_text(struct ds_arena *a, const struct ds_aggregate *g, const char *prefix) DS_MUST_CHECK;
/* The one place of all of them; NULL when there are several: what explains one of them does not explain the whole. */
const struct ds_loc *ds_aggregate_loc(const struct ds_aggregate *g);

/* field.Invalid: PATH: Invalid value: "value": detail. Adds to g. */
int ds_aggregate_invalid(struct ds_arena *a, struct ds_aggregate *g, const char *path, struct ds_str value,
			 const char *detail, const struct ds_loc *loc) DS_MUST_CHECK;
/* The same for a list: JSON from 1.34 on, Go syntax before. */
int ds_aggregate_invalid_list(struct ds_arena *a, struct ds_aggregate *g, const char *path, const struct ds_strs *value,
			      const char *detail, unsigned minor, const struct ds_loc *loc) DS_MUST_CHECK;

/* The component's positional arguments as Go prints []string with %q: ["a" "b"]. NULL when out of memory. */
const char *ds_positionals_text(struct ds_arena *a, const struct ds_cmdline *cl) DS_MUST_CHECK;
/* Whether there is a positional argument that is not empty; *ret is the first. */
bool ds_positionals_any(const struct ds_cmdline *cl, const struct ds_arg **ret);

/* A document of a component configuration and where it comes from. */
struct ds_config_doc {
	const struct ds_yaml_node *root; /* NULL: empty */
	const struct ds_input *input;
};

/*
 * Whether the object is `kind` of group/version. 0, or DS_EINVAL with the
 * decoder's message in *reterr, or DS_ENOMEM.
 * Source: k8s.io/apimachinery/pkg/runtime/serializer/json.
 */
int ds_config_check_type(struct ds_arena *a, const struct ds_config_doc *doc, const char *api_version, const char *kind,
			 const char *scheme, const char **reterr, struct ds_loc *reterr_loc) DS_MUST_CHECK;

/* A string field: 0, DS_ETYPE with encoding/json's message in *reterr, or DS_ENOMEM. Absent or null leaves *ret. */
int ds_config_string(struct ds_arena *a, const struct ds_config_doc *doc, const struct ds_yaml_node *object,
		     const char *kind, const char *path, const char *key, struct ds_str *ret, struct ds_loc *ret_loc,
		     const char **reterr) DS_MUST_CHECK;
/* A list of strings, likewise. *ret_loc is the list's place. */
int ds_config_list(struct ds_arena *a, const struct ds_config_doc *doc, const struct ds_yaml_node *object,
		   const char *kind, const char *path, const char *key, struct ds_strs *ret, struct ds_loc *ret_loc,
		   const char **reterr) DS_MUST_CHECK;
/* featureGates into g. */
int ds_config_gates(struct ds_arena *a, const struct ds_config_doc *doc, const char *kind, struct ds_gates *g,
		    const char **reterr, struct ds_loc *reterr_loc) DS_MUST_CHECK;

/* IPFamilyOfCIDRString, IPFamilyOfString of k8s.io/utils/net; DS_FAMILY_NONE when it does not parse. */
enum ds_family ds_family_of_cidr(struct ds_str s);
enum ds_family ds_family_of_ip(struct ds_str s);
/* IsDualStackCIDRStrings: every entry parses and both families are there. *ret_bad (may be NULL): one does not. */
bool ds_is_dual_stack(const struct ds_strs *cidrs, bool *ret_bad);

#endif
