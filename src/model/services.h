#ifndef DS_MODEL_SERVICES_H
#define DS_MODEL_SERVICES_H

#include "base/map.h"
#include "cel/value.h"
#include "model/model.h"
#include "service/service.h"

/*
 * The Services among a cluster's inputs, and what its API server says of each:
 * the Service engine over the ranges, version and feature gates that were seen.
 */

enum ds_service_question {
	DS_SERVICE_CREATE, /* a manifest */
	DS_SERVICE_UPDATE, /* a manifest whose Service was read from the cluster as well */
	DS_SERVICE_READ,   /* read from the cluster: it is there, nothing to refuse */
};

const char *ds_service_question_name(enum ds_service_question q); /* "create", "update", "read" */

/* What every Service of a cluster is judged against. */
struct ds_services {
	const struct ds_cluster *cluster;
	const char *unknown; /* why none can be judged, or NULL */
	struct ds_service_cluster server;
	size_t n;             /* Services among cluster->objects */
	struct ds_map stored; /* "namespace/name" -> const struct ds_object, of those read from the cluster */
	struct ds_map taken;  /* address as the API server writes it -> const struct ds_object that has it */
};

struct ds_service_judged {
	enum ds_service_question question;
	bool builtin;              /* default/kubernetes, which the API server makes for itself */
	struct ds_service asked;   /* as written; namespace filled in */
	struct ds_service_outcome outcome;
};

/* Fills *ret for c, whose ranges and version are known by now. 0 or DS_ENOMEM. Linear in objects. */
int ds_services_init(struct ds_arena *a, const struct ds_cluster *c, struct ds_services *ret) DS_MUST_CHECK;

/* Whether an object is a Service. */
bool ds_services_has(const struct ds_object *o);

/* Whether a text waits for a value: "{{ .Values.policy }}", "${POLICY}", "$(POLICY)". */
bool ds_services_is_template(struct ds_str text);

/*
 * What the API server says of one Service among the objects. Everything in *ret
 * lives in `a` or in the object. explain: with the steps. When
 * s->unknown is set, outcome is left zero. 0 or DS_ENOMEM.
 */
int ds_services_judge(struct ds_arena *a, const struct ds_services *s, const struct ds_object *o, bool explain,
		      struct ds_service_judged *ret) DS_MUST_CHECK;

/* The types that rules see. */
extern const struct ds_cel_object_type ds_service_type, ds_service_cause_type;

/* `cluster.services`: the values of all Services. 0 or DS_ENOMEM. */
int ds_services_value(struct ds_arena *a, const struct ds_services *s, struct ds_cel_value *ret) DS_MUST_CHECK;

#endif
