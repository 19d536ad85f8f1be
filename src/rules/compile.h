#ifndef DS_RULES_COMPILE_H
#define DS_RULES_COMPILE_H

#include "rules/rule.h"

/*
 * Rules that people wrote are compiled while they are loaded, so that every
 * mistake is told. Those of the embedded catalogue are compiled when they are
 * first evaluated, and what only a finding needs (its message, its fix, its
 * places) when there is one: a test compiles all of them, a run a few.
 * Programs live as long as the rules, whoever asks for them.
 */

/* What is wrong with an expression or a name. */
struct ds_rule_problem {
	const struct ds_yaml_node *node; /* of the rule file */
	const char *message;
	bool in_text; /* in the node's text, at: */
	size_t offset, length;
};

/*
 * Declares the first n names of a rule, those of forEach and then the
 * variables, as far as that was not done before; what computes them is
 * compiled. Returns 0, DS_ENOMEM, or another code with *reterr filled: the
 * expression is none (see ds_cel_compile), it is no list to range over
 * (DS_ETYPE), the name is taken (DS_EINVAL).
 */
int ds_rule_declare(struct ds_rule *rule, size_t n, struct ds_rule_problem *reterr) DS_MUST_CHECK;

/* Compiles one of the rule's other expressions, unless it was or there is none; it may use all names. As above. */
int ds_rule_compile(struct ds_rule *rule, struct ds_rule_expr *x, struct ds_rule_problem *reterr) DS_MUST_CHECK;

#endif
