#ifndef DS_RULES_TEST_H
#define DS_RULES_TEST_H

#include "rules/rule.h"

/* One inline test of a rule: a bundle and what the rule must say of it. */
struct ds_rule_test_result {
	const struct ds_rule *rule;
	const char *name;
	struct ds_loc loc;
	bool passed;
	const char *detail; /* why not, one line; NULL when it passed */
};

struct ds_rule_test_results {
	DS_VEC(struct ds_rule_test_result) v;
	size_t failed;
};

/*
 * Runs the tests of one rule, or of all (only = NULL). Each test builds a model
 * from its bundle and evaluates its rule alone. Results live in `a`.
 * 0 or DS_ENOMEM.
 */
int ds_rules_run_tests(struct ds_arena *a, const struct ds_ruleset *set, const struct ds_rule *only,
		       struct ds_rule_test_results *ret) DS_MUST_CHECK;

#endif
