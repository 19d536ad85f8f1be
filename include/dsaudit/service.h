/*
 * What would kube-apiserver answer to this Service?
 *
 * One object stands for an API server: its version and its
 * --service-cluster-ip-range. Each question is one call; each answer is an
 * object of its own. Nothing is read from or sent to a network, and objects
 * that are not shared may be used from different threads at once.
 *
 *	struct ds_svc_server *server;
 *	struct ds_svc_answer *answer;
 *	static const char manifest[] =
 *		"metadata: {name: web}\n"
 *		"spec: {ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}\n";
 *
 *	if (ds_svc_server_new("1.36", "10.96.0.0/16", &server) == 0 &&
 *	    ds_svc_create(server, manifest, sizeof(manifest) - 1, 0, &answer) == 0) {
 *		if (!ds_svc_answer_accepted(answer))
 *			puts(ds_svc_answer_message(answer));
 *		ds_svc_answer_free(answer);
 *	}
 *	ds_svc_server_free(server);
 *
 * prints: Service "web" is invalid: spec.ipFamilyPolicy: Invalid value:
 * "RequireDualStack": this cluster is not configured for dual-stack services
 */
#ifndef DSAUDIT_SERVICE_H
#define DSAUDIT_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What ended a call that did not return 0; ds_svc_error_text names them. */
enum ds_svc_code {
	DS_SVC_ENOMEM = -1,    /* out of memory, or the manifest is too large */
	DS_SVC_EVERSION = -2,  /* not a Kubernetes version */
	DS_SVC_ERANGE = -3,    /* not one range, nor one of each family */
	DS_SVC_EADDRESS = -4,  /* not an IP address */
	DS_SVC_EGATE = -5,     /* a feature gate that decides nothing about Services */
	DS_SVC_EMANIFEST = -6, /* neither YAML nor JSON, or not an object */
};

/* A line of text for an error of these functions; never NULL. */
const char *ds_svc_error_text(int error);

struct ds_svc_server;

/*
 * An API server of this version ("1.33", "v1.36.2") with this
 * --service-cluster-ip-range: one network, or two of different families with
 * a comma between them, the primary first. On success *ret_server is the
 * caller's, to be given to ds_svc_server_free. Returns 0, DS_SVC_ENOMEM,
 * DS_SVC_EVERSION or DS_SVC_ERANGE.
 */
int ds_svc_server_new(const char *kubernetes_version, const char *service_cluster_ip_range,
		      struct ds_svc_server **ret_server);

/* Releases server; NULL is allowed. Answers stay valid. */
void ds_svc_server_free(struct ds_svc_server *server);

/*
 * Sets a feature gate that decides about Services: IPv6DualStack,
 * MultiCIDRServiceAllocator, StrictIPCIDRValidation,
 * RelaxedServiceNameValidation. Where a version does not know the gate it has
 * no effect. Returns 0 or DS_SVC_EGATE.
 */
int ds_svc_server_set_gate(struct ds_svc_server *server, const char *name, bool enabled);

/*
 * Another Service has this address. The first address of the primary range is
 * taken without being told: it is that of the Service "kubernetes". Returns 0,
 * DS_SVC_ENOMEM or DS_SVC_EADDRESS.
 */
int ds_svc_server_take(struct ds_svc_server *server, const char *address);

/*
 * The cluster has a ready ServiceCIDR object with this network. Once one is
 * given, addresses come from the networks given and no longer from the flag,
 * as they do since 1.33 (with MultiCIDRServiceAllocator, since 1.29). Returns
 * 0, DS_SVC_ENOMEM or DS_SVC_ERANGE.
 */
int ds_svc_server_add_service_cidr(struct ds_svc_server *server, const char *cidr);

struct ds_svc_answer;

enum ds_svc_flag {
	DS_SVC_DRY_RUN = 1, /* as with dryRun=All */
	DS_SVC_STRICT = 2,  /* as with fieldValidation=Strict, kubectl's default */
	DS_SVC_EXPLAIN = 4, /* fill the answer's steps */
};

/*
 * Creates the Service of a manifest (YAML or JSON, one document, n bytes).
 * flags: DS_SVC_* or 0. On success *ret_answer is the caller's, to be given to
 * ds_svc_answer_free; a refusal is an answer, not an error. Returns 0,
 * DS_SVC_ENOMEM or DS_SVC_EMANIFEST.
 */
int ds_svc_create(const struct ds_svc_server *server, const char *manifest, size_t n, unsigned flags,
		  struct ds_svc_answer **ret_answer);

/* Puts the Service of manifest over the stored one. Otherwise as ds_svc_create. */
int ds_svc_update(const struct ds_svc_server *server, const char *stored, size_t n_stored, const char *manifest,
		  size_t n, unsigned flags, struct ds_svc_answer **ret_answer);

/* Reads a stored Service, whatever version stored it. Otherwise as ds_svc_create. */
int ds_svc_read(const struct ds_svc_server *server, const char *stored, size_t n, struct ds_svc_answer **ret_answer);

/* Releases an answer and all it handed out; NULL is allowed. */
void ds_svc_answer_free(struct ds_svc_answer *answer);

/* Whether the request succeeds. */
bool ds_svc_answer_accepted(const struct ds_svc_answer *answer);
/* Whether the API server panics on the request and closes the connection. */
bool ds_svc_answer_connection_dropped(const struct ds_svc_answer *answer);
/* The HTTP status of a refusal, else 0. */
int ds_svc_answer_code(const struct ds_svc_answer *answer);
/* The refusal's reason and message to the letter, else "". The text is the answer's. */
const char *ds_svc_answer_reason(const struct ds_svc_answer *answer);
const char *ds_svc_answer_message(const struct ds_svc_answer *answer);

/* A cause of a refusal: index from 0; false when there is none. The texts are the answer's. */
bool ds_svc_answer_cause(const struct ds_svc_answer *answer, size_t index, const char **ret_reason,
			 const char **ret_field, const char **ret_message);

/*
 * A value of an accepted Service's spec, such as "type" or "ipFamilies": the
 * index-th of a list, or the only one for index 0. An address that the
 * allocator chooses reads "<IPv4>" or "<IPv6>". NULL when there is none.
 */
const char *ds_svc_answer_value(const struct ds_svc_answer *answer, const char *field, size_t index);

/* A warning, and a step of the explanation: index from 0, NULL when there is none. */
const char *ds_svc_answer_warning(const struct ds_svc_answer *answer, size_t index);
const char *ds_svc_answer_step(const struct ds_svc_answer *answer, size_t index);

#ifdef __cplusplus
}
#endif

#endif
