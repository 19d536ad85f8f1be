#ifndef DS_MODEL_WHERE_H
#define DS_MODEL_WHERE_H

#include "model/facts.h"

/*
 * What a flag is called in the configuration that a distribution makes it
 * from: a fix that says --service-cluster-ip-range is of no use to somebody
 * whose only file is k0s.yaml. One table for all distributions and all rules.
 */

/* NULL: kind is none of a distribution, or the component has no flags there. flag: without dashes. */
const struct ds_where *ds_where_find(enum ds_source_kind kind, enum ds_component component, struct ds_str flag);

/* The same for another flag, in the configuration that w is of. */
const struct ds_where *ds_where_beside(const struct ds_where *w, enum ds_component component, struct ds_str flag);

/* The table, for tests. */
struct ds_where_row {
	enum ds_source_kind kind;
	enum ds_component component; /* DS_COMPONENT_NONE: any */
	const char *flag;            /* NULL: any other */
	struct ds_where where;
};
const struct ds_where_row *ds_where_rows(size_t *ret_n);

#endif
