#ifndef DS_RULES_SUPPRESS_H
#define DS_RULES_SUPPRESS_H

#include "base/map.h"
#include "rules/eval.h"

/*
 * What people decided not to hear about again: a comment beside the cause, an
 * annotation of an object, an --ignore, an entry of an ignore file, a baseline. A suppressed finding is
 * moved aside, never lost: it is counted and can be listed.
 */
enum ds_suppressed_by {
	DS_BY_COMMENT,
	DS_BY_IGNORE,
	DS_BY_IGNORE_FILE,
	DS_BY_BASELINE,
	DS_BY_ANNOTATION,
	DS_BY__COUNT
};

const char *ds_suppressed_by_name(enum ds_suppressed_by by); /* "comment", "ignore-file", … */

struct ds_suppressed {
	struct ds_finding finding;
	enum ds_suppressed_by by;
	const char *reason;
};

struct ds_suppressed_list {
	DS_VEC(struct ds_suppressed) v;
};

/* One --ignore RULE:PATH, or one entry of an ignore file. */
struct ds_ignore {
	const struct ds_rule *rule;
	enum ds_suppressed_by by;
	const char *target; /* glob over source names, or a node's name; NULL: everywhere */
	const char *reason;
	const char *expires; /* "2027-01-31": the last day it holds; NULL: for good */
	struct ds_loc loc; /* of the entry in its file */
	bool expired;
	bool used; /* a finding of this run is what it means */
};

/* A comment about one rule. */
struct ds_comment {
	const struct ds_rule *rule;
	const char *reason;
	struct ds_loc loc;
	bool used;
};

/* An annotation of an object about one rule, and where the object stands: the end is just behind it. */
struct ds_annotation {
	const struct ds_rule *rule;
	const char *reason;
	struct ds_loc loc;
	uint32_t line, column, end_line, end_column;
	bool used;
	bool is_pod; /* it speaks for every finding that points into it, as a comment does */
	bool shown;  /* a finding points here that is about something else, too */
};

struct ds_baseline_entry {
	const char *fingerprint, *rule, *message;
	struct ds_loc loc;
	bool found; /* a finding of this run has it */
};

struct ds_suppressions {
	struct ds_arena *a;
	const struct ds_ruleset *rules;
	const char *today; /* "2026-12-31"; NULL: not known, then what expires has expired */
	DS_VEC(struct ds_ignore) ignores;
	DS_VEC(struct ds_baseline_entry) baseline;
	struct ds_map known;    /* fingerprint -> 1 + index of baseline */
	struct ds_map comments; /* input, line, rule -> struct ds_comment */
	struct ds_map annotations; /* input, rule -> those of annotation.c */
	struct ds_map node_annotations; /* input, rule, node -> struct ds_annotation */
	struct ds_map unchecked;   /* rules of which something could not be checked */
};

/* a and rules are borrowed. */
void ds_suppress_init(struct ds_suppressions *s, struct ds_arena *a, const struct ds_ruleset *rules);

/* "YYYY-MM-DD" and a day that exists. */
bool ds_suppress_is_date(struct ds_str text);

/*
 * Reads an ignore file: a YAML list of {rule, target, reason, owner, expires}.
 * Everything wrong with it is an error diagnostic at its place. text and input
 * must outlive s. 0, DS_EINVAL or DS_ENOMEM.
 */
int ds_suppress_load_ignores(struct ds_suppressions *s, struct ds_ctx *ctx, const struct ds_input *input,
			     struct ds_str text) DS_MUST_CHECK;

/* Reads a baseline, the same way. */
int ds_suppress_load_baseline(struct ds_suppressions *s, struct ds_ctx *ctx, const struct ds_input *input,
			      struct ds_str text) DS_MUST_CHECK;

/* Before the first cluster: notes what has expired. 0 or DS_ENOMEM. */
int ds_suppress_begin(struct ds_suppressions *s, struct ds_ctx *ctx) DS_MUST_CHECK;

/*
 * Reads the comments of an input that keeps its text: `# dsaudit:ignore=DS101
 * reason` on the line of the cause or above it, `# dsaudit:ignore-file=DS101
 * reason` before the first content. One without a reason or with an unknown
 * rule is a warning diagnostic and suppresses nothing. 0 or DS_ENOMEM.
 */
int ds_suppress_read_comments(struct ds_suppressions *s, struct ds_ctx *ctx, const struct ds_input *input)
	DS_MUST_CHECK;

/* The comment that silences rule at line of input (0: the whole input), or NULL. */
struct ds_comment *ds_suppress_comment(const struct ds_suppressions *s, const struct ds_input *input, uint32_t line,
				       const struct ds_rule *rule);

/*
 * Reads the annotations `ignore.dsaudit.dev/RULE: reason` of the Pods, Services
 * and Nodes in an input that keeps its text. One without a reason or with an
 * unknown rule is a warning diagnostic and suppresses nothing. 0 or DS_ENOMEM.
 */
int ds_suppress_read_annotations(struct ds_suppressions *s, struct ds_ctx *ctx, const struct ds_input *input)
	DS_MUST_CHECK;

/* The annotation that silences rule in the object at a place, or NULL. */
struct ds_annotation *ds_suppress_annotation(const struct ds_suppressions *s, const struct ds_loc *l,
					     const struct ds_rule *rule);
/* The one of the Node of this name in an input, for rules about what runs on it; *ret is NULL when there is none.
 * 0 or DS_ENOMEM. */
int ds_suppress_node_annotation(const struct ds_suppressions *s, struct ds_arena *tmp, const struct ds_input *input,
				const char *node, const struct ds_rule *rule, struct ds_annotation **ret) DS_MUST_CHECK;
/* Is a rule one of those whose suppressions may be of use although nothing was found? */
bool ds_suppress_may_find(const struct ds_suppressions *s, const char *rule);

/* Notes those that no finding needed. 0 or DS_ENOMEM. */
int ds_suppress_unused_annotations(const struct ds_suppressions *s, struct ds_ctx *ctx) DS_MUST_CHECK;

/* Moves what is suppressed from f to ret. 0 or DS_ENOMEM. */
int ds_suppress_apply(struct ds_suppressions *s, const struct ds_cluster *cluster, struct ds_findings *f,
		      struct ds_suppressed_list *ret) DS_MUST_CHECK;

/* After the last cluster: notes what suppresses nothing, with its place: comments, annotations, ignores, and baseline
 * entries that no finding has any more. Not of rules that were left out or could not be
 * checked everywhere: nobody knows what they would find. 0 or DS_ENOMEM. */
int ds_suppress_end(const struct ds_suppressions *s, struct ds_ctx *ctx) DS_MUST_CHECK;

/*
 * A path glob: `*` and `?` stop at '/', `**` does not, and a `**` with a slash after it also
 * stands for no folder at all. A pattern without '/' is matched with the last
 * part of the path as well. Time is bounded by the product of the lengths.
 */
bool ds_suppress_glob(const char *pattern, const char *path);

#endif
