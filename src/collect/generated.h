#ifndef DS_COLLECT_GENERATED_H
#define DS_COLLECT_GENERATED_H

#include "collect/collect.h"

/*
 * A component that a distribution would start from a configuration of its
 * own: each argument is placed at what causes it there.
 */
struct ds_generated {
	enum ds_component component;
	enum ds_source_kind kind;
	struct ds_loc loc; /* of the component */
	const char *host;
	DS_VEC(struct ds_generated_arg {
		struct ds_str name;
		struct ds_str value;
		struct ds_loc loc;
	}) args;
	size_t n_own; /* the first of them are the distribution's own, which the user's replace */
};

/* A flag of the distribution's own, before any of the user's. loc: what causes it, or zero. 0 or DS_ENOMEM. */
int ds_generated_add(struct ds_arena *a, struct ds_generated *g, const char *name, struct ds_str value,
		     struct ds_loc loc) DS_MUST_CHECK;
/* A flag of the user's, which replaces the distribution's own of that name. 0 or DS_ENOMEM. */
int ds_generated_set(struct ds_arena *a, struct ds_generated *g, struct ds_str name, struct ds_str value,
		     struct ds_loc loc) DS_MUST_CHECK;
/* "name=value" of the user's, with dashes or without; a bare name is "true".
 * Otherwise as ds_generated_set. */
int ds_generated_user(struct ds_arena *a, struct ds_generated *g, struct ds_str text, struct ds_loc loc) DS_MUST_CHECK;

/* Adds the component to the facts. *ret may be NULL. 0 or DS_ENOMEM. */
int ds_generated_observe(struct ds_facts *f, const struct ds_generated *g, struct ds_observed **ret) DS_MUST_CHECK;

#endif
