#ifndef DS_RULES_MERGE_H
#define DS_RULES_MERGE_H

#include "rules/eval.h"

/*
 * One cause on 10,000 nodes is one finding. Two findings of a rule are the same
 * when their texts differ only in what names the target: the node's name, its
 * own addresses and blocks, the pid. Any other difference is a difference.
 */

/* text without what names the targets: vars are the n objects the rule was
 * evaluated for. *ret is text itself when nothing does. 0 or DS_ENOMEM. */
int ds_finding_shape(struct ds_arena *a, const char *text, const struct ds_cel_value *vars, size_t n,
		     const char **ret) DS_MUST_CHECK;

/*
 * Joins failed findings of the same rule, severity and shape: the first one's
 * text, the first locations, the sum of the counts, and an identity that is not
 * one target's (ds_finding_id). Each had its fingerprint and its chance to be
 * suppressed before: what is known of one node says nothing of the next. 0 or
 * DS_ENOMEM.
 */
int ds_findings_merge(struct ds_arena *a, struct ds_findings *f) DS_MUST_CHECK;

/* Adds a place unless it is there already or there are enough. */
void ds_finding_add_location(struct ds_finding *f, const struct ds_loc *loc);

#endif
