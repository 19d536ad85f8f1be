#ifndef DS_MODEL_SCHEMA_H
#define DS_MODEL_SCHEMA_H

#include "cel/value.h"
#include "model/model.h"

/*
 * What rules can name: object types with every field's type and one line of
 * documentation. Component types are made of the common fields and one field
 * per row of the settings table.
 */
struct ds_schema {
	const struct ds_cel_object_type *components[DS_COMPONENT__COUNT]; /* audited ones; others NULL */
	const struct ds_cel_object_type *cluster;
	const struct ds_cel_object_type *node;
	struct ds_cel_type cluster_type; /* of the variable `cluster` */
};

/* Builds the types in the arena: 0 or DS_ENOMEM. Always the same result. */
int ds_schema_init(struct ds_arena *a, struct ds_schema *ret) DS_MUST_CHECK;

/* All object types, for documentation and tests. */
int ds_schema_types(struct ds_arena *a, const struct ds_schema *s, const struct ds_cel_object_type *const **ret,
		    size_t *ret_n) DS_MUST_CHECK;

/* Fills c->value of every component and cluster->value. 0 or DS_ENOMEM. */
int ds_schema_values(struct ds_arena *a, const struct ds_schema *s, struct ds_cluster *cluster) DS_MUST_CHECK;

#endif
