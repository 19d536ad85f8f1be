#include "cel/priv.h"

/*
 * Which parts of an expression are worth remembering between evaluations: a
 * rule is evaluated for every node, and what it asks of the cluster as a whole
 * has the same answer each time.
 */

/* What a subtree depends on. */
struct deps {
	uint64_t locals; /* macro variables from outside of it, by slot */
	bool varies;     /* a variable that is not fixed */
	bool loops;
};

_Static_assert(DS_LIMIT_CEL_DEPTH <= 64, "a macro variable's slot is a bit of deps.locals");

static struct deps variable(const struct ds_cel_env *env, const struct ds__cel_node *n)
{
	const struct ds_cel_program *lazy = env->vars.v[n->slot]->lazy;

	if (lazy)
		return (struct deps){.varies = !lazy->fixed};
	return (struct deps){.varies = n->slot >= env->n_fixed};
}

static bool is_path(const struct ds__cel_node *n)
{
	return n->op == OP_VAR || n->op == OP_LOCAL || n->op == OP_SELECT || n->op == OP_INDEX || n->op == OP_HAS;
}

/* Sets memo of all that could be remembered. The height that the parser allows bounds the recursion, here and below. */
static struct deps find(const struct ds_cel_env *env, struct ds__cel_node *n)
{
	struct deps d = {0};

	if (n->op == OP_VAR)
		return variable(env, n);
	if (n->op == OP_LOCAL)
		d.locals = UINT64_C(1) << n->slot;
	for (size_t i = 0; i < n->n_args; i++) {
		struct deps arg = find(env, n->args[i]);

		if (n->op == OP_MACRO && i > 0)
			arg.locals &= ~(UINT64_C(1) << n->slot);
		d.locals |= arg.locals;
		d.varies |= arg.varies;
		d.loops |= arg.loops;
	}
	d.loops |= n->op == OP_MACRO;
	n->memo = d.loops && !d.varies && d.locals == 0 && !is_path(n);
	return d;
}

/* Only the largest are. */
static void number(struct ds__cel_node *n, bool inside, uint32_t *count)
{
	bool remember = n->memo && !inside;

	n->memo = remember ? ++*count : 0;
	for (size_t i = 0; i < n->n_args; i++)
		number(n->args[i], inside || remember, count);
}

void ds__cel_find_memo(const struct ds_cel_env *env, struct ds__cel_node *root, uint32_t *ret_n, bool *ret_fixed)
{
	*ret_n = 0;
	*ret_fixed = false;
	if (env->n_fixed == 0)
		return;
	*ret_fixed = !find(env, root).varies;
	number(root, false, ret_n);
}
