#ifndef DS_CLI_RULES_DOC_H
#define DS_CLI_RULES_DOC_H

#include "report/out.h"
#include "rules/rule.h"

/* One rule as a section of Markdown (CommonMark with tables). Memory comes from a. 0 or DS_ENOMEM. */
int ds_rule_markdown(struct ds_out *out, struct ds_arena *a, struct ds_rule *rule) DS_MUST_CHECK;

/* The whole reference: an overview and every rule. 0 or DS_ENOMEM. */
int ds_rules_markdown(struct ds_out *out, struct ds_arena *a, const struct ds_ruleset *set) DS_MUST_CHECK;

#endif
