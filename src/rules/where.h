#ifndef DS_RULES_WHERE_H
#define DS_RULES_WHERE_H

#include "rules/eval.h"

/*
 * A fix speaks of flags. Where a distribution makes them from fields of its
 * own, this adds the names of those fields to the fix: of the flags that it
 * names, and of the finding's places. 0 or DS_ENOMEM.
 */
int ds_finding_where(struct ds_arena *a, struct ds_finding *f) DS_MUST_CHECK;

#endif
