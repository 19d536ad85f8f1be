#ifndef DS_REPORT_DIFF_GONE_H
#define DS_REPORT_DIFF_GONE_H

#include "report/saved.h"

/*
 * Whether a finding that one report has and the other has not is really not
 * there, or only could not be seen: is what is gone fixed, is what came new?
 */
struct ds_gone {
	struct ds_arena *a;
	const struct ds_saved *other; /* the report that does not have it */
	const char *which;            /* "new" or "old": which one that is */
	const struct ds_saved_cluster *cluster; /* its cluster, or NULL: that is not there either */
	struct ds_map components; /* place -> a component that only the one has */
	struct ds_map unknown;    /* rule, or rule and source -> what could not be seen */
	struct ds_map found;      /* rule -> it has a finding, suppressed or not */
	bool less; /* something that the one read or saw the other did not */
};

/* one has the findings, other has not. 0 or DS_ENOMEM. */
int ds_gone_init(struct ds_gone *g, struct ds_arena *a, const struct ds_saved *one, const struct ds_saved *other,
		 const char *which, const struct ds_saved_cluster *cluster) DS_MUST_CHECK;

/* A component that the other does not have. 0 or DS_ENOMEM. */
int ds_gone_component(struct ds_gone *g, const struct ds_saved_component *c) DS_MUST_CHECK;

/* Why nobody can say that a finding is not there in the other report; NULL when it is not. 0 or DS_ENOMEM. */
int ds_gone_why(struct ds_gone *g, const struct ds_finding *f, const char **ret) DS_MUST_CHECK;

/* The same as far as it hangs on its places: is everything still seen there? */
int ds_gone_places(struct ds_gone *g, const struct ds_finding *f, const char **ret) DS_MUST_CHECK;

#endif
