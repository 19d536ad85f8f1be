#ifndef DS_CEL_CEL_H
#define DS_CEL_CEL_H

#include "cel/value.h"

/* What an expression may name. Each variable has a slot: the order of declaration. */
struct ds_cel_env;
struct ds_cel_program;

/* NULL when out of memory. */
struct ds_cel_env *ds_cel_env_new(struct ds_arena *a) DS_MUST_CHECK;
/* name and type are borrowed. Returns the slot, DS_EINVAL for a name already taken, DS_ENOMEM. */
int ds_cel_env_declare(struct ds_cel_env *env, const char *name, const struct ds_cel_type *type) DS_MUST_CHECK;

/*
 * A variable computed by p on first use, at most once per evaluation: rules'
 * `variables.NAME` ("variables.x" is a name like any other). p must have been
 * compiled in this very env and may use what was declared before it. Its slot
 * takes part in the numbering, but the caller's value for it is not looked at.
 * name is borrowed. Returns the slot, DS_EINVAL (name taken, or another env's
 * program) or DS_ENOMEM.
 */
int ds_cel_env_declare_lazy(struct ds_cel_env *env, const char *name, const struct ds_cel_program *p) DS_MUST_CHECK;

/*
 * What was declared so far is fixed: its values are the same in all evaluations
 * that share a memo. A rule for 10,000 nodes looks at the whole cluster once.
 */
void ds_cel_env_fix(struct ds_cel_env *env);

/* What is wrong with an expression, for a caret under it. */
struct ds_cel_problem {
	const char *message; /* "undeclared reference to 'foo' (did you mean 'for'?)" */
	size_t offset;       /* byte offset in the source */
	size_t length;       /* bytes meant, at least 1 unless at the end */
};

/*
 * Parses and type-checks an expression. src is borrowed and must outlive the
 * program. expect: the type it must have (DS_CEL_DYN: any); a mismatch is a
 * problem. Returns 0, DS_ESYNTAX (does not parse), DS_ETYPE (does not check),
 * DS_ETOODEEP, DS_ETOOBIG or DS_ENOMEM; *reterr is filled for all but DS_ENOMEM.
 */
int ds_cel_compile(struct ds_arena *a, const struct ds_cel_env *env, struct ds_str src,
		   const struct ds_cel_type *expect, struct ds_cel_program **ret, struct ds_cel_problem *reterr)
	DS_MUST_CHECK;

/* The static type of a compiled expression. */
const struct ds_cel_type *ds_cel_program_type(const struct ds_cel_program *p);

/* Calls visit for every distinct path of declared variables the program reads
 * ("kcm.clusterCIDR.cidrs"): what a rule needs. */
int ds_cel_program_paths(const struct ds_cel_program *p, struct ds_arena *a, const char *const **ret, size_t *ret_n);

/*
 * Evaluates with one value per slot that was declared when p was compiled.
 * Memory for results comes from `a`. cost bounds the work (0 =
 * DS_LIMIT_CEL_COST); going over is an error value. The result may be of kind
 * DS_CEL_ERROR: that is an outcome, not a failure of this function; its loc is
 * that of the missing fact, if it has one. Returns 0 or DS_ENOMEM.
 */
int ds_cel_eval(const struct ds_cel_program *p, const struct ds_cel_value *vars, struct ds_arena *a, size_t cost,
		struct ds_cel_value *ret) DS_MUST_CHECK;

/*
 * Remembers parts that depend on fixed variables only, in memory of a, for the
 * programs of one env. Forgotten with a. NULL when out of memory.
 */
struct ds_cel_memo;
struct ds_cel_memo *ds_cel_memo_new(struct ds_arena *a) DS_MUST_CHECK;

/* ds_cel_eval with a memo, in which everything fixed has been the same; the
 * result may share memory with it. What is remembered costs nothing again. */
int ds_cel_eval_memo(const struct ds_cel_program *p, const struct ds_cel_value *vars, struct ds_cel_memo *memo,
		     struct ds_arena *a, size_t cost, struct ds_cel_value *ret) DS_MUST_CHECK;

/* Equality as CEL's ==, for values without errors. */
bool ds_cel_equal(const struct ds_cel_value *a, const struct ds_cel_value *b);

/* Text of a value as string() and reports show it; a list, map or object is cut
 * at DS_LIMIT_CEL_TEXT. NULL when out of memory. */
const char *ds_cel_show(struct ds_arena *a, const struct ds_cel_value *v);
/* "list(string)", "kubeApiserver", … */
const char *ds_cel_type_show(struct ds_arena *a, const struct ds_cel_type *t);

#endif
