#include <inttypes.h>
#include <stdio.h>

#include "cel/priv.h"

/* Left-leaning chains (a.b.c, a + b + c) are not nesting to a reader, but the
 * checker and the evaluator walk them by recursion. */
#define MAX_HEIGHT (4 * DS_LIMIT_CEL_DEPTH)

typedef DS_VEC(struct ds__cel_node *) node_vec;

static struct ds__cel_node *parse_expr(struct ds__cel_compiler *c);

static struct ds__cel_node *new_node(struct ds__cel_compiler *c, enum ds__cel_op op, uint32_t offset)
{
	struct ds__cel_node *n = ds_arena_new_obj(c->a, struct ds__cel_node);

	if (!n) {
		(void)ds__cel_nomem(c);
		return NULL;
	}
	n->op = op;
	n->offset = n->name_offset = offset;
	n->height = 1;
	return n;
}

/* Gives n its children and ends it where the last token ended. */
static struct ds__cel_node *complete(struct ds__cel_compiler *c, struct ds__cel_node *n, struct ds__cel_node **args,
				     size_t n_args)
{
	uint16_t height = 0;

	n->args = args;
	n->n_args = (uint32_t)n_args;
	n->length = c->prev_end - n->offset;
	for (size_t i = 0; i < n_args; i++)
		height = DS_MAX(height, args[i]->height);
	n->height = (uint16_t)(height + 1);
	if (n->height > MAX_HEIGHT) {
		(void)ds__cel_problem(c, DS_ETOODEEP, n->offset, n->length,
				      "more than %u operators in a row", MAX_HEIGHT);
		return NULL;
	}
	return n;
}

static struct ds__cel_node *with_args(struct ds__cel_compiler *c, struct ds__cel_node *n, size_t n_args,
				      struct ds__cel_node *a0, struct ds__cel_node *a1, struct ds__cel_node *a2)
{
	struct ds__cel_node **args = ds_arena_new_array(c->a, n_args, struct ds__cel_node *);

	if (!args) {
		(void)ds__cel_nomem(c);
		return NULL;
	}
	args[0] = a0;
	if (n_args > 1)
		args[1] = a1;
	if (n_args > 2)
		args[2] = a2;
	return complete(c, n, args, n_args);
}

static int push(struct ds__cel_compiler *c, node_vec *v, struct ds__cel_node *n)
{
	if (!n)
		return c->err;
	return ds_vec_push(c->a, v, n) < 0 ? ds__cel_nomem(c) : 0;
}

static const char *token_text(const struct ds__cel_compiler *c, char *buf, size_t n)
{
	if (c->tok.kind == TOK_END)
		return "the end of the expression";
	if (c->tok.kind == TOK_STRING)
		return "a string";
	(void)snprintf(buf, n, "'%.*s'", (int)DS_MIN(c->tok.length, 40u), c->src.p + c->tok.offset);
	return buf;
}

static int unexpected(struct ds__cel_compiler *c, const char *wanted)
{
	char buf[64];

	if (c->err < 0)
		return c->err;
	return ds__cel_problem(c, DS_ESYNTAX, c->tok.offset, c->tok.length, "unexpected %s, expected %s",
			       token_text(c, buf, sizeof(buf)), wanted);
}

static int expect(struct ds__cel_compiler *c, int kind, const char *wanted)
{
	if (c->err < 0)
		return c->err;
	if (c->tok.kind != kind)
		return unexpected(c, wanted);
	return ds__cel_next(c);
}

static bool is_keyword(struct ds_str s)
{
	return ds_str_eqz(s, "in") || ds_str_eqz(s, "true") || ds_str_eqz(s, "false") || ds_str_eqz(s, "null");
}

static bool is_word(const struct ds__cel_compiler *c, const char *word)
{
	return c->tok.kind == TOK_IDENT && ds_str_eqz(c->tok.text, word);
}

/* ---- literals ---- */

static struct ds__cel_node *parse_int(struct ds__cel_compiler *c, bool negative, uint32_t offset)
{
	struct ds_str s = c->tok.text;
	bool hex = ds_str_starts(s, "0x");
	unsigned base = hex ? 16 : 10;
	uint64_t v = 0, max = (uint64_t)INT64_MAX + negative;
	struct ds__cel_node *n = new_node(c, OP_CONST, offset);

	if (!n)
		return NULL;
	for (size_t i = hex ? 2 : 0; i < s.n; i++) {
		unsigned d = ds_c_is_digit(s.p[i]) ? (unsigned)(s.p[i] - '0') : (unsigned)(ds_c_lower(s.p[i]) - 'a' + 10);

		if (v > (max - d) / base) {
			(void)ds__cel_problem(c, DS_ESYNTAX, offset, c->tok.offset + c->tok.length - offset,
					      "integer does not fit into 64 bits");
			return NULL;
		}
		v = v * base + d;
	}
	n->value = ds_cel_int(negative ? (int64_t)(0 - v) : (int64_t)v);
	if (ds__cel_next(c) < 0)
		return NULL;
	return complete(c, n, NULL, 0);
}

static struct ds__cel_node *parse_const(struct ds__cel_compiler *c, struct ds_cel_value v)
{
	struct ds__cel_node *n = new_node(c, OP_CONST, c->tok.offset);

	if (!n || ds__cel_next(c) < 0)
		return NULL;
	n->value = v;
	return complete(c, n, NULL, 0);
}

/* Expressions up to the closing token, which is consumed. trailing: a comma may precede it. */
static int parse_list(struct ds__cel_compiler *c, int close, const char *wanted, bool trailing, node_vec *ret)
{
	while (c->tok.kind != close) {
		if (c->tok.kind == '?')
			return ds__cel_problem(c, DS_ESYNTAX, c->tok.offset, 1,
					       "an optional element is not in dsaudit's subset of CEL");
		if (push(c, ret, parse_expr(c)) < 0)
			return c->err;
		if (c->tok.kind != ',')
			break;
		if (ds__cel_next(c) < 0)
			return c->err;
		if (c->tok.kind == close && !trailing)
			return unexpected(c, "an argument");
	}
	return expect(c, close, wanted);
}

static struct ds__cel_node *parse_list_literal(struct ds__cel_compiler *c)
{
	struct ds__cel_node *n = new_node(c, OP_LIST, c->tok.offset);
	node_vec v = {0};

	if (!n || ds__cel_next(c) < 0 || parse_list(c, ']', "',' or ']'", true, &v) < 0)
		return NULL;
	return complete(c, n, v.v, v.n);
}

static struct ds__cel_node *parse_map_literal(struct ds__cel_compiler *c)
{
	struct ds__cel_node *n = new_node(c, OP_MAP, c->tok.offset);
	node_vec v = {0};

	if (!n || ds__cel_next(c) < 0)
		return NULL;
	while (c->tok.kind != '}') {
		if (c->tok.kind == '?') {
			(void)ds__cel_problem(c, DS_ESYNTAX, c->tok.offset, 1,
					      "an optional entry is not in dsaudit's subset of CEL");
			return NULL;
		}
		if (push(c, &v, parse_expr(c)) < 0 || expect(c, ':', "':' after a map key") < 0 ||
		    push(c, &v, parse_expr(c)) < 0)
			return NULL;
		if (c->tok.kind != ',')
			break;
		if (ds__cel_next(c) < 0)
			return NULL;
	}
	if (expect(c, '}', "',' or '}'") < 0)
		return NULL;
	return complete(c, n, v.v, v.n);
}

/* ---- macros ---- */

static const struct {
	const char *name;
	size_t n_args; /* beside the receiver */
	enum ds__cel_macro macro;
} macros[] = {
	{"all",        2, MACRO_ALL       },
	{"exists",     2, MACRO_EXISTS    },
	{"exists_one", 2, MACRO_EXISTS_ONE},
	{"existsOne",  2, MACRO_EXISTS_ONE},
	{"filter",     2, MACRO_FILTER    },
	{"map",        2, MACRO_MAP       },
	{"map",        3, MACRO_MAP_FILTER},
};

/* Turns r.all(x, p) and its like into a macro node. v holds the receiver and the arguments. */
static int expand_macro(struct ds__cel_compiler *c, struct ds__cel_node *n, node_vec *v)
{
	const char *name = NULL;
	const struct ds__cel_node *var;
	size_t i = 0;

	while (i < DS_ARRAY_SIZE(macros) && !(ds_str_eqz(n->name, macros[i].name) && v->n == macros[i].n_args + 1)) {
		if (ds_str_eqz(n->name, macros[i].name))
			name = macros[i].name;
		i++;
	}
	if (i == DS_ARRAY_SIZE(macros)) {
		if (name && v->n == 4)
			return ds__cel_problem(c, DS_ESYNTAX, n->name_offset, n->name.n,
					       "%s() with two variables is not in dsaudit's subset of CEL", name);
		if (name)
			return ds__cel_problem(c, DS_ESYNTAX, n->name_offset, n->name.n,
					       "%s() takes a name and an expression, as in list.%s(x, …)", name, name);
		return 0;
	}
	var = v->v[1];
	if (var->op != OP_IDENT || var->rooted || var->parens)
		return ds__cel_problem(c, DS_ESYNTAX, var->offset, var->length,
				       "the first argument of %s() must be a simple name", macros[i].name);
	n->op = OP_MACRO;
	n->macro = macros[i].macro;
	n->name = var->name;
	n->name_offset = var->offset;
	for (size_t k = 1; k + 1 < v->n; k++)
		v->v[k] = v->v[k + 1];
	v->n--;
	return 0;
}

/* all(list, x, p) instead of list.all(x, p) would be blamed for an undeclared x. */
static int refuse_macro_call(struct ds__cel_compiler *c, const struct ds__cel_node *n)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(macros); i++)
		if (ds_str_eqz(n->name, macros[i].name))
			return ds__cel_problem(c, DS_ESYNTAX, n->name_offset, n->name.n,
					       "%s() is written behind a list or map, as in list.%s(x, …)",
					       macros[i].name, macros[i].name);
	return 0;
}

static struct ds__cel_node *expand_has(struct ds__cel_compiler *c, struct ds__cel_node *n, const node_vec *v)
{
	if (v->n != 1 || v->v[0]->op != OP_SELECT) {
		(void)ds__cel_problem(c, DS_ESYNTAX, n->offset, c->prev_end - n->offset,
				      "has() takes a field selection such as has(a.b)");
		return NULL;
	}
	n->op = OP_HAS;
	return complete(c, n, v->v, 1);
}

/* ---- members ---- */

/* The arguments of a call whose '(' is the current token. */
static struct ds__cel_node *parse_call(struct ds__cel_compiler *c, struct ds__cel_node *n, struct ds__cel_node *target)
{
	node_vec v = {0};

	n->op = OP_CALL;
	n->method = target != NULL;
	if (target && push(c, &v, target) < 0)
		return NULL;
	if (ds__cel_next(c) < 0 || parse_list(c, ')', "',' or ')'", false, &v) < 0)
		return NULL;
	if (!target && ds_str_eqz(n->name, "has"))
		return expand_has(c, n, &v);
	if ((target ? expand_macro(c, n, &v) : refuse_macro_call(c, n)) < 0)
		return NULL;
	return complete(c, n, v.v, v.n);
}

static struct ds__cel_node *parse_ident(struct ds__cel_compiler *c, uint32_t offset, bool rooted)
{
	struct ds__cel_node *n;

	if (c->tok.kind != TOK_IDENT || is_keyword(c->tok.text)) {
		(void)unexpected(c, "a name");
		return NULL;
	}
	if (ds__cel_is_reserved(c->tok.text)) {
		(void)ds__cel_problem(c, DS_ESYNTAX, c->tok.offset, c->tok.length, "'%.*s' is a reserved word",
				      DS_STR_ARG(c->tok.text));
		return NULL;
	}
	n = new_node(c, OP_IDENT, offset);
	if (!n)
		return NULL;
	n->name = c->tok.text;
	n->name_offset = c->tok.offset;
	n->rooted = rooted;
	if (ds__cel_next(c) < 0)
		return NULL;
	if (c->tok.kind == '(')
		return parse_call(c, n, NULL);
	return complete(c, n, NULL, 0);
}

static struct ds__cel_node *parse_parens(struct ds__cel_compiler *c)
{
	uint32_t offset = c->tok.offset;
	struct ds__cel_node *n;

	if (ds__cel_next(c) < 0)
		return NULL;
	n = parse_expr(c);
	if (!n || expect(c, ')', "')'") < 0)
		return NULL;
	n->parens = true;
	n->offset = offset;
	n->length = c->prev_end - offset;
	return n;
}

static struct ds__cel_node *parse_primary(struct ds__cel_compiler *c)
{
	uint32_t offset = c->tok.offset;

	switch (c->tok.kind) {
	case TOK_INT:
		return parse_int(c, false, offset);
	case TOK_STRING:
		return parse_const(c, ds_cel_string(c->tok.text));
	case '(':
		return parse_parens(c);
	case '[':
		return parse_list_literal(c);
	case '{':
		return parse_map_literal(c);
	case '.':
		return ds__cel_next(c) < 0 ? NULL : parse_ident(c, offset, true);
	case TOK_IDENT:
		if (is_word(c, "true") || is_word(c, "false"))
			return parse_const(c, ds_cel_bool(is_word(c, "true")));
		if (is_word(c, "null"))
			return parse_const(c, (struct ds_cel_value){.kind = DS_CEL_NULL});
		return parse_ident(c, offset, false);
	default:
		(void)unexpected(c, "an expression");
		return NULL;
	}
}

static struct ds__cel_node *parse_select(struct ds__cel_compiler *c, struct ds__cel_node *target)
{
	struct ds__cel_node *n = new_node(c, OP_SELECT, target->offset);

	if (!n || ds__cel_next(c) < 0)
		return NULL;
	if (c->tok.kind == '?') {
		(void)ds__cel_problem(c, DS_ESYNTAX, c->tok.offset, 1,
				      "optional selection is not in dsaudit's subset of CEL");
		return NULL;
	}
	if (c->tok.kind != TOK_IDENT || is_keyword(c->tok.text)) {
		(void)unexpected(c, "a field or method name");
		return NULL;
	}
	n->name = c->tok.text;
	n->name_offset = c->tok.offset;
	if (ds__cel_next(c) < 0)
		return NULL;
	if (c->tok.kind == '(')
		return parse_call(c, n, target);
	return with_args(c, n, 1, target, NULL, NULL);
}

static struct ds__cel_node *parse_index(struct ds__cel_compiler *c, struct ds__cel_node *target)
{
	struct ds__cel_node *n = new_node(c, OP_INDEX, target->offset), *index;

	if (!n || ds__cel_next(c) < 0)
		return NULL;
	if (c->tok.kind == '?') {
		(void)ds__cel_problem(c, DS_ESYNTAX, c->tok.offset, 1,
				      "optional indexing is not in dsaudit's subset of CEL");
		return NULL;
	}
	index = parse_expr(c);
	if (!index || expect(c, ']', "']'") < 0)
		return NULL;
	return with_args(c, n, 2, target, index, NULL);
}

static struct ds__cel_node *parse_member_of(struct ds__cel_compiler *c, struct ds__cel_node *n)
{
	while (n) {
		if (c->tok.kind == '.') {
			n = parse_select(c, n);
		} else if (c->tok.kind == '[') {
			n = parse_index(c, n);
		} else if (c->tok.kind == '{' && (n->op == OP_IDENT || n->op == OP_SELECT)) {
			(void)ds__cel_problem(c, DS_ESYNTAX, n->offset, n->length,
					      "a message literal is not in dsaudit's subset of CEL");
			return NULL;
		} else {
			break;
		}
	}
	return n;
}

/* ---- operators ---- */

static struct ds__cel_node *parse_unary(struct ds__cel_compiler *c)
{
	int op = c->tok.kind;
	uint32_t offset = c->tok.offset, last = offset;
	size_t times = 0;
	struct ds__cel_node *n;

	if (op != '!' && op != '-')
		return parse_member_of(c, parse_primary(c));
	for (; c->tok.kind == op; times++) {
		last = c->tok.offset;
		if (ds__cel_next(c) < 0)
			return NULL;
	}
	if (op == '-' && c->tok.kind == TOK_INT) {
		/* The sign belongs to the literal: only so can the smallest integer be written. */
		n = parse_member_of(c, parse_int(c, true, last));
		times--;
	} else {
		n = parse_member_of(c, parse_primary(c));
	}
	/* A third '!' undoes the second: two are enough to keep type and overflow checks. */
	for (times = times > 2 ? 2 - times % 2 : times; n && times > 0; times--) {
		struct ds__cel_node *u = new_node(c, OP_CALL, offset);

		if (!u)
			return NULL;
		u->name = op == '!' ? DS_STR("!") : DS_STR("-");
		n = with_args(c, u, 1, n, NULL, NULL);
	}
	return n;
}

/* From loosest to tightest; 0 = not a binary operator. */
static unsigned precedence(const struct ds__cel_compiler *c, struct ds_str *ret_name)
{
	static const struct {
		int kind;
		unsigned precedence;
		const char *name;
	} ops[] = {
		{TOK_OR, 1, "||"}, {TOK_AND, 2, "&&"}, {TOK_EQ, 3, "=="}, {TOK_NE, 3, "!="}, {'<', 3, "<"},
		{TOK_LE, 3, "<="}, {'>', 3, ">"},      {TOK_GE, 3, ">="}, {'+', 4, "+"},     {'-', 4, "-"},
		{'*', 5, "*"},     {'/', 5, "/"},      {'%', 5, "%"},
	};

	if (is_word(c, "in")) {
		*ret_name = DS_STR("in");
		return 3;
	}
	for (size_t i = 0; i < DS_ARRAY_SIZE(ops); i++) {
		if (ops[i].kind != c->tok.kind)
			continue;
		*ret_name = ds_str_from(ops[i].name);
		return ops[i].precedence;
	}
	return 0;
}

static struct ds__cel_node *parse_binary(struct ds__cel_compiler *c, unsigned min);

/* a && b && c is one node: a chain of any length costs one level. */
static struct ds__cel_node *parse_logic(struct ds__cel_compiler *c, struct ds__cel_node *first)
{
	int kind = c->tok.kind;
	struct ds__cel_node *n = new_node(c, kind == TOK_OR ? OP_OR : OP_AND, first->offset);
	node_vec v = {0};

	if (!n || push(c, &v, first) < 0)
		return NULL;
	while (c->tok.kind == kind)
		if (ds__cel_next(c) < 0 || push(c, &v, parse_binary(c, kind == TOK_OR ? 2 : 3)) < 0)
			return NULL;
	return complete(c, n, v.v, v.n);
}

static struct ds__cel_node *parse_binary(struct ds__cel_compiler *c, unsigned min)
{
	struct ds__cel_node *left = parse_unary(c);
	struct ds_str name;
	unsigned p;

	while (left && (p = precedence(c, &name)) >= min && p > 0) {
		struct ds__cel_node *n, *right;

		if (p <= 2) {
			left = parse_logic(c, left);
			continue;
		}
		n = new_node(c, OP_CALL, left->offset);
		if (!n)
			return NULL;
		n->name = name;
		n->name_offset = c->tok.offset;
		if (ds__cel_next(c) < 0)
			return NULL;
		right = parse_binary(c, p + 1);
		if (!right)
			return NULL;
		left = with_args(c, n, 2, left, right, NULL);
	}
	return left;
}

static struct ds__cel_node *parse_expr(struct ds__cel_compiler *c)
{
	struct ds__cel_node *n, *cond, *yes, *no;

	if (++c->nesting > DS_LIMIT_CEL_DEPTH) {
		(void)ds__cel_problem(c, DS_ETOODEEP, c->tok.offset, c->tok.length,
				      "nested more than %u levels deep", DS_LIMIT_CEL_DEPTH);
		return NULL;
	}
	cond = parse_binary(c, 1);
	if (cond && c->tok.kind == '?') {
		n = new_node(c, OP_COND, cond->offset);
		if (!n || ds__cel_next(c) < 0)
			return NULL;
		yes = parse_binary(c, 1);
		if (!yes || expect(c, ':', "':' of '?:'") < 0)
			return NULL;
		no = parse_expr(c);
		if (!no)
			return NULL;
		cond = with_args(c, n, 3, cond, yes, no);
	}
	c->nesting--;
	return cond;
}

struct ds__cel_node *ds__cel_parse(struct ds__cel_compiler *c)
{
	struct ds__cel_node *n;

	if (ds__cel_next(c) < 0)
		return NULL;
	n = parse_expr(c);
	if (n && c->tok.kind != TOK_END) {
		(void)unexpected(c, "an operator or the end of the expression");
		return NULL;
	}
	return n;
}
