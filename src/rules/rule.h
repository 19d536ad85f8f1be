#ifndef DS_RULES_RULE_H
#define DS_RULES_RULE_H

#include "cel/cel.h"
#include "model/schema.h"
#include "yaml/tree.h"

/* Severity is consequence: error = does not start, or traffic breaks; warning
 * = works by luck, or for one family only; info = legal but surprising. */
enum ds_severity { DS_SEVERITY_INFO, DS_SEVERITY_WARNING, DS_SEVERITY_ERROR, DS_SEVERITY__COUNT };

const char *ds_severity_name(enum ds_severity s);
/* DS_EINVAL when there is no such severity. */
int ds_severity_from_name(struct ds_str name, enum ds_severity *ret);

/* What a rule says of one target. Only PASS counts as pass. */
enum ds_status {
	DS_STATUS_PASS,
	DS_STATUS_FAIL,
	DS_STATUS_UNKNOWN,        /* a fact it needs could not be seen */
	DS_STATUS_NOT_APPLICABLE,
	DS_STATUS_ERROR,          /* the expression itself failed (a bug in the rule) */
	DS_STATUS__COUNT
};

const char *ds_status_name(enum ds_status s);

/* An expression. A rule that has none has an empty source. */
struct ds_rule_expr {
	struct ds_str source;
	const struct ds_cel_type *type; /* that it must have */
	const struct ds_yaml_node *node; /* where it is written */
	struct ds_cel_program *program; /* NULL: not compiled (yet); see rules/compile.h */
};

/* Names a forEach may have: every combination is a target, so more would never end. */
#define DS_RULE_VARS 8

struct ds_rule_var {
	const char *name;
	const struct ds_yaml_node *node; /* where the name is written */
	struct ds_rule_expr expr; /* of forEach a list: the variable takes each of its elements */
};

/* A rule of rules/<family>.yaml; the format is described in dsaudit-rules(5). */
struct ds_rule {
	const char *id;    /* "DS101": never reused */
	const char *name;  /* "service-range-differs" */
	const char *title;
	enum ds_severity severity;
	struct ds_rule_expr severity_expression; /* a string; overrides severity */
	const char *versions;                    /* as written, "" = all */
	unsigned min_minor, max_minor;           /* inclusive */
	struct ds_rule_var *for_each;
	size_t n_for_each;
	struct ds_rule_var *variables; /* variables.NAME: any type, computed when first named */
	size_t n_variables;
	struct ds_rule_expr match, expression, message_expression, fix_expression;
	const char *message; /* when there is no messageExpression, or it fails */
	struct ds_rule_expr *locations;
	size_t n_locations;
	const char *why, *fix;
	const char **references, **cases, **supersedes;
	size_t n_references, n_cases, n_supersedes;
	const struct ds_yaml_node *tests; /* a sequence, or NULL */
	const struct ds_yaml_node *node;
	const struct ds_input *input; /* the file it came from */
	struct ds_arena *arena;       /* of the rules: programs live in it */
	struct ds_cel_env *env;       /* what its expressions may name */
	size_t n_declared;            /* names of forEach and variables that env knows by now */
};

struct ds_ruleset {
	const struct ds_schema *schema;
	bool embedded; /* rules being loaded are known to be good: need no tests, are compiled when used */
	struct ds_progress progress; /* of an evaluation */
	DS_VEC(struct ds_rule *) rules; /* sorted by id after loading */
	DS_VEC(struct ds_rule *) left_out; /* known, but not evaluated */
};

/*
 * Reads the rules of one file and adds them. Everything wrong with a rule
 * (unknown or missing field, expression that does not parse or type-check,
 * duplicate id) is an error diagnostic at its place, for expressions at the
 * very column; that rule is then left out and DS_EINVAL returned after all
 * others were read. text must outlive the rules. 0, DS_EINVAL or DS_ENOMEM.
 */
int ds_rules_load(struct ds_ctx *ctx, const struct ds_input *input, struct ds_str text, struct ds_ruleset *set)
	DS_MUST_CHECK;

/* The catalogue embedded in the library. with_tests: as it was written, with
 * tests and places, and compiled; without, which is many times faster,
 * rule->tests is NULL and expressions are compiled when they are used. */
int ds_rules_load_builtin(struct ds_ctx *ctx, struct ds_ruleset *set, bool with_tests) DS_MUST_CHECK;

/* By id or name, case-insensitive; NULL when there is none. */
struct ds_rule *ds_rules_find(const struct ds_ruleset *set, struct ds_str id_or_name);

/* The same, among those left out too. */
struct ds_rule *ds_rules_known(const struct ds_ruleset *set, struct ds_str id_or_name);
/* Leaves a rule out, by id or name: 0, DS_ENOENT (there is none) or DS_ENOMEM. */
int ds_rules_leave_out(struct ds_arena *a, struct ds_ruleset *set, struct ds_str id_or_name) DS_MUST_CHECK;

/*
 * What a rule must see: "kube-apiserver", "node", … sorted, each once. Memory
 * comes from a; what was not compiled is. 0, DS_ENOMEM, or what is wrong with an
 * expression (see rules/compile.h; not for rules that were compiled).
 */
int ds_rule_inputs(struct ds_arena *a, struct ds_rule *rule, const char *const **ret, size_t *ret_n)
	DS_MUST_CHECK;
/* The same for one field of `cluster`: *ret is NULL for what is always there. False for an unknown field. */
bool ds_rule_input_of(struct ds_str field, const char **ret);

/* A file of the embedded catalogue (the folder rules), generated at build time. */
struct ds_embedded_file {
	const char *name;
	const unsigned char *data; /* as it is; NUL-terminated, size does not count the NUL */
	size_t size;
	const unsigned char *lean; /* the same rules as JSON, without their tests */
	size_t lean_size;
};
extern const struct ds_embedded_file ds_embedded_rules[];
extern const size_t ds_embedded_rules_count;

#endif
