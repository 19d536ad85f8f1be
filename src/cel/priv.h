/* What the files of src/cel share. Nothing outside this folder includes it. */
#ifndef DS_CEL_PRIV_H
#define DS_CEL_PRIV_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "cel/cel.h"

/* ---- tokens ---- */

enum ds__cel_tok {
	TOK_END,
	TOK_IDENT,
	TOK_INT,
	TOK_STRING,
	/* One character: its own code. Two characters: */
	TOK_AND = 256, /* && */
	TOK_OR,        /* || */
	TOK_EQ,
	TOK_NE,
	TOK_LE,
	TOK_GE,
};

struct ds__cel_token {
	int kind;
	uint32_t offset;
	uint32_t length;
	struct ds_str text; /* IDENT: the name; INT: the digits; STRING: the decoded value */
};

/* ---- syntax tree ---- */

enum ds__cel_op {
	OP_CONST,
	OP_IDENT,  /* a name, before checking only */
	OP_VAR,    /* slot */
	OP_LOCAL,  /* slot: index of the macro variable */
	OP_SELECT, /* args[0].name */
	OP_HAS,    /* args[0] is the OP_SELECT asked about */
	OP_INDEX,  /* args[0][args[1]] */
	OP_CALL,   /* name(args), or args[0].name(args[1..]) */
	OP_AND,    /* n-ary */
	OP_OR,     /* n-ary */
	OP_COND,   /* args[0] ? args[1] : args[2] */
	OP_LIST,
	OP_MAP, /* args: key, value, key, value, … */
	OP_MACRO,
};

enum ds__cel_macro { MACRO_ALL, MACRO_EXISTS, MACRO_EXISTS_ONE, MACRO_MAP, MACRO_MAP_FILTER, MACRO_FILTER };

struct ds__cel_fn;

struct ds__cel_node {
	enum ds__cel_op op;
	uint32_t offset; /* of the source text this node was written as */
	uint32_t length;
	uint32_t name_offset;
	uint16_t height;
	bool method; /* CALL: args[0] is the receiver */
	bool rooted; /* IDENT: written with a leading dot */
	bool mixed;  /* LIST: may hold elements of several types */
	bool parens; /* was written in parentheses: not a chain with its neighbours */
	uint32_t n_args;
	uint32_t slot; /* VAR, LOCAL, MACRO (its local); SELECT of an object: the field */
	enum ds__cel_macro macro;
	struct ds__cel_node **args;
	struct ds_str name;
	const struct ds_cel_type *type;
	const struct ds__cel_fn *fn; /* CALL: the overload; NULL = chosen at evaluation, by the values */
	uint32_t memo;               /* remembered in a memo under this number - 1; 0 = not */
	struct ds_cel_value value;   /* CONST */
};

/* ---- environment and program ---- */

struct ds__cel_var {
	const char *name;
	const struct ds_cel_type *type;
	const struct ds_cel_program *lazy; /* computed on first use, or NULL: given by the caller */
	uint32_t slot;
};

struct ds_cel_env {
	struct ds_arena *a;
	struct ds_map by_name; /* struct ds__cel_var */
	DS_VEC(const struct ds__cel_var *) vars;
	bool dotted; /* some name has a dot */
	uint32_t n_fixed; /* the first slots: their values are the same in all evaluations that share a memo */
};

struct ds_cel_program {
	const struct ds_cel_env *env;
	struct ds_str src;
	const struct ds__cel_node *root;
	uint32_t n_vars;
	uint32_t n_locals; /* how deep macros nest */
	uint32_t n_memo;   /* nodes that a memo remembers */
	bool fixed;        /* names nothing but fixed variables */
};

/* ---- compiling ---- */

struct ds__cel_compiler {
	struct ds_arena *a;
	const struct ds_cel_env *env;
	struct ds_str src;
	struct ds_cel_problem *problem;
	int err; /* the first error */
	/* lexer and parser */
	uint32_t pos;
	struct ds__cel_token tok;
	uint32_t prev_end; /* where the last consumed token ended */
	unsigned nesting;
	/* checker */
	uint32_t n_locals;
};

/* Keeps the first problem, sets c->err to code and returns it. */
int ds__cel_problem(struct ds__cel_compiler *c, int code, size_t offset, size_t length, const char *fmt, ...)
	DS_PRINTF(5, 6);
int ds__cel_nomem(struct ds__cel_compiler *c);

/* Reads the next token into c->tok. 0 or c->err. */
int ds__cel_next(struct ds__cel_compiler *c);
bool ds__cel_is_reserved(struct ds_str name);
/* NULL with c->err set on failure. */
struct ds__cel_node *ds__cel_parse(struct ds__cel_compiler *c);
/* Resolves names and overloads in place and sets every node's type. 0 or c->err. */
int ds__cel_check(struct ds__cel_compiler *c, struct ds__cel_node *root);

/* Finds what is worth remembering: numbers the largest subtrees that loop and
 * depend on fixed variables only. *ret_fixed: the whole does. */
void ds__cel_find_memo(const struct ds_cel_env *env, struct ds__cel_node *root, uint32_t *ret_n, bool *ret_fixed);

/* ---- types ---- */

/* The element type of []: fits everything, is shown as dyn. */
extern const struct ds_cel_type ds__cel_type_none;
extern const struct ds_cel_type ds__cel_type_type, ds__cel_type_list, ds__cel_type_map;

/* The type both can be seen as, or NULL when there is none (or no memory: *nomem). */
const struct ds_cel_type *ds__cel_join(struct ds_arena *a, const struct ds_cel_type *x, const struct ds_cel_type *y,
				       bool *nomem);
/* Whether a value of static type t may stand where want is required. */
bool ds__cel_fits(const struct ds_cel_type *want, const struct ds_cel_type *t);
void ds__cel_type_put(struct ds_buf *b, const struct ds_cel_type *t);
/* A type's name as a value: "list" rather than "list(int)". */
const char *ds__cel_type_name(const struct ds_cel_type *t);
/* The type that an identifier denotes ("int", "net.CIDR"), or NULL. */
const struct ds_cel_type *ds__cel_type_by_name(struct ds_str name);
/* The i-th nameable type's name, or NULL past the end: for suggestions. */
const char *ds__cel_type_name_at(size_t i);

/* ---- functions ---- */

struct ds__cel_run;

/* args are never errors. out is zeroed. */
typedef void ds__cel_impl(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *args,
			  struct ds_cel_value *out);

#define DS__CEL_MAX_ARGS 4

/*
 * One overload. sig is the result, ':' and the parameters (a method's receiver
 * first): n null, b bool, i int, s string, I ip, C cidr, t type, d dyn,
 * L<x> list, M<k><v> map, A B type parameters.
 */
struct ds__cel_fn {
	const char *name;
	bool method;
	const char *sig;
	ds__cel_impl *impl;
	const char *doc;
};

/* Sorted by name. */
extern const struct ds__cel_fn ds__cel_fns[];
extern const size_t ds__cel_n_fns;

/* The first overload of name; *ret_n is how many follow each other. NULL when there is none. */
const struct ds__cel_fn *ds__cel_fn_find(struct ds_str name, size_t *ret_n);
size_t ds__cel_fn_arity(const struct ds__cel_fn *f);
/* Why a name of CEL or Kubernetes is not here ("double"), or NULL: an unknown name. */
const char *ds__cel_outside(struct ds_str name);
/* "(net.CIDR, string) -> bool" or "net.CIDR.containsIP(string) -> bool". */
void ds__cel_fn_put(struct ds_buf *b, const struct ds__cel_fn *f);
/* Binds the parameters to argument types; *ret is the result's type. */
bool ds__cel_fn_match(struct ds_arena *a, const struct ds__cel_fn *f, const struct ds_cel_type *const *args,
		      size_t n_args, const struct ds_cel_type **ret, bool *nomem);
/* Whether the values are of the parameters' kinds (elements of lists are not looked at). */
bool ds__cel_fn_takes(const struct ds__cel_fn *f, const struct ds_cel_value *args, size_t n_args);

/* ---- evaluation ---- */

struct ds__cel_local {
	struct ds_cel_value value;
	const struct ds__cel_node *range; /* what is iterated over, for messages */
	size_t index;
};

struct ds__cel_lazy {
	bool done;
	struct ds_cel_value value;
};

struct ds__cel_run {
	const struct ds_cel_program *p;
	const struct ds_cel_value *vars;
	struct ds_arena *a;
	size_t cost; /* left */
	struct ds_cel_value over; /* the error of having run out of it */
	bool nomem;
	unsigned depth;
	struct ds__cel_local *locals;
	struct ds__cel_lazy *lazy;
	size_t n_lazy;
	struct ds_cel_memo *memo; /* or NULL */
};

/* What evaluations share: one entry for each program, one value for each variable. */
struct ds_cel_memo {
	struct ds_arena *a;
	DS_VEC(struct ds__cel_memo_entry {
		const struct ds_cel_program *p;
		struct ds__cel_lazy *values; /* p->n_memo */
	}) programs;
	struct ds__cel_lazy *lazy;
	size_t n_lazy;
};

/* Makes *out an error at n. */
void ds__cel_fail(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out, const char *fmt, ...)
	DS_PRINTF(4, 5);
void ds__cel_oom(struct ds__cel_run *r, struct ds_cel_value *out);
/* Takes n units off the budget; false with *out an error when there are not as many. */
bool ds__cel_charge(struct ds__cel_run *r, const struct ds__cel_node *n, size_t cost, struct ds_cel_value *out);
/* Work on n bytes of text. */
bool ds__cel_charge_text(struct ds__cel_run *r, const struct ds__cel_node *n, size_t bytes, struct ds_cel_value *out);
/* *out = "no such overload" for values that only evaluation could refuse. */
void ds__cel_no_overload(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *args,
			 size_t n_args, struct ds_cel_value *out);
/* Checks element i of the list in argument arg: UNKNOWN and ABSENT become the error of *out. */
bool ds__cel_elem_ok(struct ds__cel_run *r, const struct ds__cel_node *n, size_t arg, const struct ds_cel_value *list,
		     size_t i, struct ds_cel_value *out);

enum ds__cel_eq { EQ_FALSE, EQ_TRUE, EQ_MISSING, EQ_TOO_DEEP, EQ_TOO_LONG };

/* Equality where parts may be unseen. *missing (may be NULL) is the first such part. *steps counts the work,
 * which ends as EQ_TOO_LONG at about max_steps. */
enum ds__cel_eq ds__cel_compare_eq(const struct ds_cel_value *a, const struct ds_cel_value *b, size_t max_steps,
				   const struct ds_cel_value **missing, size_t *steps);
/* The same with its cost and errors turned into *out; false = *out is an error. */
bool ds__cel_eq(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *a,
		const struct ds_cel_value *b, bool *ret, struct ds_cel_value *out);
/* -1, 0, 1 for two ints, strings or bools; false for anything else. */
bool ds__cel_order(const struct ds_cel_value *a, const struct ds_cel_value *b, int *ret);
/* The text of v, at most max bytes more. */
void ds__cel_put(struct ds_buf *b, const struct ds_cel_value *v);
const struct ds_cel_value *ds__cel_map_find(const struct ds_cel_value *map, const struct ds_cel_value *key);

static inline void ds__cel_set_str(struct ds_cel_value *out, struct ds_str s)
{
	out->kind = DS_CEL_STRING;
	out->s = s;
}
static inline void ds__cel_set_int(struct ds_cel_value *out, int64_t i)
{
	out->kind = DS_CEL_INT;
	out->i = i;
}
static inline void ds__cel_set_bool(struct ds_cel_value *out, bool b)
{
	out->kind = DS_CEL_BOOL;
	out->b = b;
}
static inline void ds__cel_set_list(struct ds_cel_value *out, const struct ds_cel_value *v, size_t n)
{
	out->kind = DS_CEL_LIST;
	out->list.v = v;
	out->list.n = n;
}

#endif
