#ifndef DS_RULES_EVAL_H
#define DS_RULES_EVAL_H

#include "rules/rule.h"

/* Locations kept per finding; what holds in more places is counted. */
#define DS_FINDING_LOCATIONS 8

struct ds_alike;

/* What a rule found in a cluster: FAIL, UNKNOWN or ERROR; passes are only counted. */
struct ds_finding {
	const struct ds_rule *rule;
	enum ds_status status;
	enum ds_severity severity;
	const char *message; /* FAIL: what is wrong; UNKNOWN: what could not be seen */
	const char *fix;
	const char *shape; /* FAIL: message and fix without what names the target, or NULL */
	struct ds_loc locations[DS_FINDING_LOCATIONS];
	size_t n_locations;
	const struct ds_loc *targets; /* FAIL: what the rule was evaluated for; the facts may stand elsewhere */
	size_t n_targets;
	size_t count;            /* targets for which it holds, at least 1 */
	const struct ds_alike *alike; /* FAIL: the findings that were joined into this one */
	const char *fingerprint; /* 16 hexadecimal digits; survives moved lines, reordered flags, new pids */
	const char *common;      /* of several targets: what they share, whichever they are; or NULL */
	const char *const *members; /* the fingerprints of what was joined, this one's included, sorted */
	size_t n_members;
};

/* A finding that another one stands for. */
struct ds_alike {
	struct ds_finding finding;
	const struct ds_alike *next;
};

/* How one rule ended over all its targets in a cluster. */
struct ds_rule_result {
	const struct ds_rule *rule;
	enum ds_status status; /* the worst: fail, error, unknown, pass, not-applicable */
	size_t targets[DS_STATUS__COUNT];
	bool suppressed; /* unknown or error, and all that it said was suppressed */
};

struct ds_findings {
	DS_VEC(struct ds_finding) v; /* by severity (worst first), then rule id, then place */
	DS_VEC(struct ds_rule_result) results; /* every rule of the set, in its order */
};

/*
 * Evaluates all rules over one cluster. Memory for what is kept comes from
 * `a`; everything else is given back after each rule. 0 or DS_ENOMEM.
 */
int ds_rules_eval(struct ds_arena *a, const struct ds_ruleset *set, const struct ds_cluster *cluster,
		  struct ds_findings *ret) DS_MUST_CHECK;

/* Gives each finding of one cluster its fingerprint. 0 or DS_ENOMEM. */
int ds_findings_fingerprint(struct ds_arena *a, struct ds_findings *f) DS_MUST_CHECK;

/*
 * Gives each finding that stands for several targets what it has in common with
 * itself before a target came or went: made of the rule, the status and what it
 * says of every target. After they were joined. 0 or DS_ENOMEM.
 */
int ds_findings_common(struct ds_arena *a, struct ds_findings *f) DS_MUST_CHECK;

/* What a report calls a finding by. What is suppressed, and a baseline, go by the fingerprint of each target. */
static inline const char *ds_finding_id(const struct ds_finding *f)
{
	return f->common ? f->common : f->fingerprint;
}

#endif
