#ifndef DS_REPORT_DIFF_GONE_H
#define DS_REPORT_DIFF_GONE_H

#include "report/saved.h"

/* Whether a finding that is gone is fixed, or only not seen any more. */
struct ds_gone {
	struct ds_arena *a;
	const struct ds_saved *new;
	const struct ds_saved_cluster *cluster; /* of the new report, or NULL: it is gone altogether */
	struct ds_map components; /* place -> a component that was there and is not any more */
	struct ds_map unknown;    /* rule, or rule and source -> what could not be seen */
	struct ds_map found;      /* rule -> it has a finding, suppressed or not */
	bool less; /* something that was read or seen is not any more */
};

/* 0 or DS_ENOMEM. */
int ds_gone_init(struct ds_gone *g, struct ds_arena *a, const struct ds_saved *old, const struct ds_saved *new,
		 const struct ds_saved_cluster *cluster) DS_MUST_CHECK;

/* A component that is not seen any more. 0 or DS_ENOMEM. */
int ds_gone_component(struct ds_gone *g, const struct ds_saved_component *c) DS_MUST_CHECK;

/* Why nobody can say that a finding of the old report is fixed; NULL when it is. 0 or DS_ENOMEM. */
int ds_gone_why(struct ds_gone *g, const struct ds_finding *f, const char **ret) DS_MUST_CHECK;

/* The same as far as it hangs on its places: is everything still seen there? */
int ds_gone_places(struct ds_gone *g, const struct ds_finding *f, const char **ret) DS_MUST_CHECK;

#endif
