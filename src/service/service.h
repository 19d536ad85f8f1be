#ifndef DS_SERVICE_SERVICE_H
#define DS_SERVICE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "service/cluster.h"
#include "service/object.h"

/*
 * The Service engine: what kube-apiserver answers to a Service. Pure functions
 * over plain data; nothing is read, kept or printed. Everything a function
 * hands out lives in the arena it was given or in its arguments.
 */

/* ?fieldValidation=: what to do about unknown and duplicate fields. */
enum ds_service_field_validation {
	DS_FIELDS_WARN,   /* a raw request's default since 1.25 */
	DS_FIELDS_STRICT, /* kubectl's default since 1.25 */
	DS_FIELDS_IGNORE,
};

struct ds_service_options {
	bool dry_run; /* ?dryRun=All */
	bool explain; /* fill outcome.steps */
	enum ds_service_field_validation field_validation;
};

/* One entry of the answer's status.details.causes. */
struct ds_service_cause {
	const char *reason;  /* "FieldValueInvalid" */
	const char *field;   /* "spec.clusterIPs[0]" */
	const char *message; /* `Invalid value: "x": must be …` */
};

enum ds_service_value_kind { DS_SERVICE_TEXT, DS_SERVICE_BOOL, DS_SERVICE_LIST, DS_SERVICE_MAP };

/* A field of the resulting spec under its API name. */
struct ds_service_field {
	const char *name;
	enum ds_service_value_kind kind;
	struct ds_str text;
	bool boolean;
	struct ds_service_list list;
	struct ds_service_map map;
};

#define DS_SERVICE_FIELDS_MAX 11

/*
 * The answer. When accepted, `fields` are those of the resulting spec that are
 * present: type, clusterIP, clusterIPs, ipFamilyPolicy, ipFamilies, selector,
 * externalName, internalTrafficPolicy, externalTrafficPolicy,
 * allocateLoadBalancerNodePorts, sessionAffinity, in this order. An address
 * that the allocator would choose reads "<IPv4>" or "<IPv6>".
 */
struct ds_service_outcome {
	bool accepted;
	bool connection_dropped; /* the API server panics on the request; nothing below is set */

	/* accepted */
	struct ds_service_field fields[DS_SERVICE_FIELDS_MAX];
	size_t n_fields;
	struct ds_service object; /* the whole result: the `before` of a following update */

	/* not accepted */
	int code;            /* HTTP status: 400, 409, 422, 500 */
	const char *reason;  /* "Invalid", "BadRequest", "InternalError", "Conflict"; "" for Unknown */
	const char *message; /* `Service "svc" is invalid: …` */
	struct ds_service_cause *causes;
	size_t n_causes;

	const char **warnings; /* Warning headers, in order */
	size_t n_warnings;
	const char **steps; /* with options.explain: what was decided and which upstream function decides it */
	size_t n_steps;
};

/*
 * POST of service to the cluster's API server. options may be NULL (all
 * defaults). Returns 0 with *ret filled, DS_EINVAL (no range, or two of one
 * family) or DS_ENOMEM.
 *
 * Source: pkg/registry/core/service/storage/storage.go:beginCreate and
 * alloc.go:allocateCreate, pkg/registry/core/service/strategy.go;
 * up to 1.22 storage/rest.go:Create.
 */
int ds_service_create(struct ds_arena *a, const struct ds_service_cluster *cluster, const struct ds_service *service,
		      const struct ds_service_options *options, struct ds_service_outcome *ret) DS_MUST_CHECK;

/*
 * PUT of service over the stored `before` (as it was written or as it was
 * read: both decode the same). Otherwise as ds_service_create.
 *
 * Source: storage.go:beginUpdate, alloc.go:allocateUpdate; up to 1.22
 * storage/rest.go:Update.
 */
int ds_service_update(struct ds_arena *a, const struct ds_service_cluster *cluster, const struct ds_service *before,
		      const struct ds_service *service, const struct ds_service_options *options,
		      struct ds_service_outcome *ret) DS_MUST_CHECK;

/*
 * GET of a stored Service: what a reader sees, families filled in for objects
 * from before dual-stack. *ret is always accepted.
 *
 * Source: storage.go:defaultOnRead.
 */
int ds_service_read(struct ds_arena *a, const struct ds_service_cluster *cluster, const struct ds_service *stored,
		    struct ds_service_outcome *ret) DS_MUST_CHECK;

#endif
