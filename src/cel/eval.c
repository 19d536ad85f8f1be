#include <inttypes.h>

#include "base/utf8.h"
#include "cel/fn.h"
#include "cel/priv.h"

/* One expression is at most 4 * DS_LIMIT_CEL_DEPTH high; variables computed on
 * first use stack on top of each other. */
#define MAX_EVAL_DEPTH (16 * DS_LIMIT_CEL_DEPTH)

static void eval(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out);
static void dispatch(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out);

/* ---- errors ---- */

static const struct ds_cel_error oom_error = {.message = "out of memory"};

void ds__cel_oom(struct ds__cel_run *r, struct ds_cel_value *out)
{
	r->nomem = true;
	r->cost = 0; /* nothing further is evaluated */
	*out = (struct ds_cel_value){.kind = DS_CEL_ERROR, .err = &oom_error};
}

static void set_error(struct ds__cel_run *r, const struct ds__cel_node *n, bool missing, const char *message,
		      struct ds_cel_value *out)
{
	struct ds_cel_error *e = message ? ds_arena_new_obj(r->a, struct ds_cel_error) : NULL;

	if (!e) {
		ds__cel_oom(r, out);
		return;
	}
	*e = (struct ds_cel_error){message, missing, n->offset};
	*out = (struct ds_cel_value){.kind = DS_CEL_ERROR, .err = e};
}

void ds__cel_fail(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out, const char *fmt, ...)
{
	const char *message;
	va_list ap;

	va_start(ap, fmt);
	message = ds_arena_vprintf(r->a, fmt, ap);
	va_end(ap);
	set_error(r, n, false, message, out);
}

bool ds__cel_charge(struct ds__cel_run *r, const struct ds__cel_node *n, size_t cost, struct ds_cel_value *out)
{
	if (r->cost >= cost) {
		r->cost -= cost;
		return true;
	}
	/* From here on nothing is evaluated; && and || cannot absorb it. */
	r->cost = 0;
	if (r->nomem) {
		ds__cel_oom(r, out);
		return false;
	}
	if (r->over.kind != DS_CEL_ERROR)
		ds__cel_fail(r, n, &r->over, "the cost limit is exceeded");
	*out = r->over;
	return false;
}

bool ds__cel_charge_text(struct ds__cel_run *r, const struct ds__cel_node *n, size_t bytes, struct ds_cel_value *out)
{
	return ds__cel_charge(r, n, bytes / 10 + 1, out);
}

static const struct ds_cel_type *type_of_kind(const struct ds_cel_value *v)
{
	switch ((int)v->kind) {
	case DS_CEL_NULL:
		return &ds_cel_type_null;
	case DS_CEL_BOOL:
		return &ds_cel_type_bool;
	case DS_CEL_INT:
		return &ds_cel_type_int;
	case DS_CEL_STRING:
		return &ds_cel_type_string;
	case DS_CEL_IP:
		return &ds_cel_type_ip;
	case DS_CEL_CIDR:
		return &ds_cel_type_cidr;
	case DS_CEL_LIST:
		return &ds__cel_type_list;
	case DS_CEL_MAP:
		return &ds__cel_type_map;
	default:
		return &ds__cel_type_type;
	}
}

static const char *type_name_of(const struct ds_cel_value *v)
{
	return v->kind == DS_CEL_OBJECT ? v->object.type->name : ds__cel_type_name(type_of_kind(v));
}

FN(type)
{
	struct ds_cel_type *t;

	(void)n;
	out->kind = DS_CEL_TYPE;
	if (args[0].kind != DS_CEL_OBJECT) {
		out->type = type_of_kind(&args[0]);
		return;
	}
	t = ds_arena_new_obj(r->a, struct ds_cel_type);
	if (!t) {
		ds__cel_oom(r, out);
		return;
	}
	*t = (struct ds_cel_type){.kind = DS_CEL_OBJECT, .object = args[0].object.type};
	out->type = t;
}

void ds__cel_no_overload(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *args,
			 size_t n_args, struct ds_cel_value *out)
{
	struct ds_buf b DS_CLEANUP(ds_buf_done) = DS_BUF_INIT;

	for (size_t i = 0; i < n_args; i++)
		ds_buf_printf(&b, "%s%s", i ? ", " : "", type_name_of(&args[i]));
	if (b.err < 0)
		ds__cel_oom(r, out);
	else
		ds__cel_fail(r, n, out, "no such overload: '%.*s' applied to (%s)",
			     n->name.n ? (int)n->name.n : 1, n->name.n ? n->name.p : "?", b.p ? b.p : "");
}

/* ---- what is missing ---- */

/* A piece of the expression, on one line and not too long. */
static void put_source(const struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_buf *b)
{
	struct ds_str s = ds_str_n(r->p->src.p + n->offset, n->length);
	bool blank = false;
	size_t start = b->n;

	while (s.n > 0 && b->n - start < 60) {
		uint32_t c = '?';
		size_t k = ds_utf8_decode(s, &c);

		if (k == 1 && ds_c_is_space(s.p[0]))
			blank = true;
		else if (blank)
			ds_buf_addc(b, ' ');
		if (k != 1 || !ds_c_is_space(s.p[0])) {
			blank = false;
			ds_buf_adds(b, k == 0 || ds_utf8_is_unsafe(c) ? DS_STR("?") : ds_str_head(s, k));
		}
		s = ds_str_skip(s, k ? k : 1);
	}
	if (s.n > 0)
		ds_buf_addz(b, "…");
}

/* Writes the path of n as messages name it. */
static void put_path(const struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_buf *b)
{
	const struct ds__cel_local *l;

	switch ((int)n->op) {
	case OP_VAR:
		ds_buf_addz(b, r->p->env->vars.v[n->slot]->name);
		return;
	case OP_LOCAL:
		l = &r->locals[n->slot];
		if (l->range && l->range->type->kind == DS_CEL_LIST) {
			put_path(r, l->range, b);
			ds_buf_printf(b, "[%zu]", l->index);
			return;
		}
		break;
	case OP_SELECT:
		put_path(r, n->args[0], b);
		ds_buf_printf(b, ".%.*s", DS_STR_ARG(n->name));
		return;
	case OP_INDEX:
		put_path(r, n->args[0], b);
		ds_buf_addc(b, '[');
		put_source(r, n->args[1], b);
		ds_buf_addc(b, ']');
		return;
	default:
		break;
	}
	put_source(r, n, b);
}

static void finish_missing(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_buf *b,
			   const struct ds_cel_value *v, struct ds_cel_value *out)
{
	const struct ds_loc *loc = v->loc;

	if (v->kind == DS_CEL_ERROR) {
		*out = *v;
		return;
	}
	if (v->kind == DS_CEL_UNKNOWN)
		ds_buf_printf(b, " is unknown: %s", v->err && v->err->message ? v->err->message : "no reason given");
	else
		ds_buf_addz(b, " is not set");
	set_error(r, n, true, ds_buf_dup(b, r->a), out);
	out->loc = loc;
}

static bool is_missing(const struct ds_cel_value *v)
{
	return v->kind == DS_CEL_ABSENT || v->kind == DS_CEL_UNKNOWN;
}

/* *out is ABSENT or UNKNOWN, found at n: makes it the error that says so. */
static void make_missing(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out)
{
	struct ds_buf b DS_CLEANUP(ds_buf_done) = DS_BUF_INIT;
	struct ds_cel_value v = *out;

	put_path(r, n, &b);
	finish_missing(r, n, &b, &v, out);
}

bool ds__cel_elem_ok(struct ds__cel_run *r, const struct ds__cel_node *n, size_t arg, const struct ds_cel_value *list,
		     size_t i, struct ds_cel_value *out)
{
	struct ds_buf b DS_CLEANUP(ds_buf_done) = DS_BUF_INIT;

	if (!is_missing(&list->list.v[i]))
		return true;
	put_path(r, n->args[arg], &b);
	ds_buf_printf(&b, "[%zu]", i);
	finish_missing(r, n, &b, &list->list.v[i], out);
	return false;
}

bool ds__cel_eq(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *a,
		const struct ds_cel_value *b, bool *ret, struct ds_cel_value *out)
{
	const struct ds_cel_value *missing;
	struct ds_buf buf DS_CLEANUP(ds_buf_done) = DS_BUF_INIT;
	size_t steps;
	enum ds__cel_eq e = ds__cel_compare_eq(a, b, r->cost + 1, &missing, &steps);

	if (!ds__cel_charge(r, n, e == EQ_TOO_LONG ? SIZE_MAX : steps - 1, out))
		return false;
	*ret = e == EQ_TRUE;
	if (e == EQ_TOO_DEEP) {
		ds__cel_fail(r, n, out, "the values compared are nested too deeply");
	} else if (e == EQ_MISSING && missing) {
		ds_buf_addz(&buf, "a part of ");
		put_source(r, n, &buf);
		finish_missing(r, n, &buf, missing, out);
	}
	return e == EQ_TRUE || e == EQ_FALSE;
}

/* ---- paths: what may turn out to be ABSENT or UNKNOWN ---- */

static void eval_path(struct ds__cel_run *r, const struct ds__cel_node *n, bool in_has, struct ds_cel_value *out);

/* ---- what evaluations share ---- */

/* Evaluates into memory that outlives the run. */
static void remember(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds__cel_lazy *ret)
{
	struct ds_arena *a = r->a;

	r->a = r->memo->a;
	dispatch(r, n, &ret->value);
	r->a = a;
	/* Running out of steps, depth or memory is this run's affair. */
	ret->done = r->cost > 0 && !r->nomem && (ret->value.kind != DS_CEL_ERROR || ret->value.err->missing);
}

/* The values remembered for the program being run, or NULL when out of memory. */
static struct ds__cel_lazy *remembered(struct ds__cel_run *r)
{
	struct ds_cel_memo *m = r->memo;
	struct ds__cel_memo_entry e = {.p = r->p};

	/* A rule has a handful of programs. */
	for (size_t i = 0; i < m->programs.n; i++)
		if (m->programs.v[i].p == r->p)
			return m->programs.v[i].values;
	e.values = ds_arena_new_array(m->a, r->p->n_memo, struct ds__cel_lazy);
	if (!e.values || ds_vec_push(m->a, &m->programs, e) < 0)
		return NULL;
	return e.values;
}

static void eval_memo(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out)
{
	struct ds__cel_lazy *values = remembered(r);

	if (!values) {
		ds__cel_oom(r, out);
		return;
	}
	if (!values[n->memo - 1].done)
		remember(r, n, &values[n->memo - 1]);
	*out = values[n->memo - 1].value;
}

/* Room for every variable of the environment. */
static struct ds__cel_lazy *fixed_variables(struct ds__cel_run *r)
{
	struct ds_cel_memo *m = r->memo;

	if (m->n_lazy < r->n_lazy) {
		struct ds__cel_lazy *v = ds_arena_new_array(m->a, r->n_lazy, struct ds__cel_lazy);

		if (!v)
			return NULL;
		for (size_t i = 0; i < m->n_lazy; i++)
			v[i] = m->lazy[i];
		m->lazy = v;
		m->n_lazy = r->n_lazy;
	}
	return m->lazy;
}

static void eval_lazy(struct ds__cel_run *r, uint32_t slot, struct ds_cel_value *out)
{
	const struct ds_cel_program *lazy = r->p->env->vars.v[slot]->lazy, *p = r->p;
	bool fixed = r->memo && lazy->fixed;
	struct ds__cel_local *locals = r->locals;
	struct ds__cel_lazy *values;

	if (!fixed && !r->lazy)
		r->lazy = ds_arena_new_array(r->a, r->n_lazy, struct ds__cel_lazy);
	values = fixed ? fixed_variables(r) : r->lazy;
	if (values && !values[slot].done) {
		r->p = lazy;
		r->locals = ds_arena_new_array(r->a, lazy->n_locals, struct ds__cel_local);
		if (r->locals && fixed) {
			remember(r, lazy->root, &values[slot]);
		} else if (r->locals) {
			eval(r, lazy->root, &values[slot].value);
			values[slot].done = true;
		}
		values = r->locals ? values : NULL;
		r->p = p;
		r->locals = locals;
	}
	if (values)
		*out = values[slot].value;
	else
		ds__cel_oom(r, out);
}

static void select_from_map(struct ds__cel_run *r, const struct ds__cel_node *n, const struct ds_cel_value *map,
			    const struct ds_cel_value *key, bool in_has, struct ds_cel_value *out)
{
	struct ds_buf b DS_CLEANUP(ds_buf_done) = DS_BUF_INIT;
	const struct ds_cel_value *v;

	if (!ds__cel_charge(r, n, map->map.n / 8, out))
		return;
	v = ds__cel_map_find(map, key);
	if (v) {
		*out = *v;
	} else if (in_has) {
		*out = (struct ds_cel_value){.kind = DS_CEL_ABSENT};
	} else {
		if (key->kind == DS_CEL_STRING)
			ds_buf_add_go_quoted(&b, ds_str_head(key->s, 100));
		else
			ds__cel_put(&b, key);
		if (b.err < 0)
			ds__cel_oom(r, out);
		else
			ds__cel_fail(r, n, out, "no such key: %s", b.p ? b.p : "");
	}
}

static void eval_select(struct ds__cel_run *r, const struct ds__cel_node *n, bool in_has, struct ds_cel_value *out)
{
	struct ds_cel_value of = {0}, key = ds_cel_string(n->name);
	const struct ds_cel_object_type *t;
	size_t i = n->slot;

	/* has(a.b.c) is false, not an error, when a.b is not set. */
	eval_path(r, n->args[0], in_has, &of);
	if (is_missing(&of) && !(in_has && of.kind == DS_CEL_ABSENT))
		make_missing(r, n->args[0], &of);
	if (of.kind == DS_CEL_ERROR || of.kind == DS_CEL_ABSENT) {
		*out = of;
		return;
	}
	if (of.kind == DS_CEL_MAP) {
		select_from_map(r, n, &of, &key, in_has, out);
	} else if (of.kind != DS_CEL_OBJECT) {
		ds__cel_fail(r, n, out, "%s has no fields to select '%.*s' from", type_name_of(&of),
			     DS_STR_ARG(n->name));
	} else {
		t = of.object.type;
		if (n->args[0]->type->kind != DS_CEL_OBJECT || n->args[0]->type->object != t)
			for (i = 0; i < t->n_fields && !ds_str_eqz(n->name, t->fields[i].name); i++)
				;
		if (i < t->n_fields)
			*out = of.object.fields[i];
		else
			ds__cel_fail(r, n, out, "%s has no field '%.*s'", t->name, DS_STR_ARG(n->name));
	}
	if (!out->loc)
		out->loc = of.loc;
}

static void eval_index(struct ds__cel_run *r, const struct ds__cel_node *n, bool in_has, struct ds_cel_value *out)
{
	struct ds_cel_value of = {0}, i = {0};

	eval_path(r, n->args[0], in_has, &of);
	if (is_missing(&of) && !(in_has && of.kind == DS_CEL_ABSENT))
		make_missing(r, n->args[0], &of);
	if (of.kind == DS_CEL_ERROR || of.kind == DS_CEL_ABSENT) {
		*out = of;
		return;
	}
	eval(r, n->args[1], &i);
	if (i.kind == DS_CEL_ERROR) {
		*out = i;
		return;
	}
	if (of.kind == DS_CEL_MAP && (i.kind == DS_CEL_STRING || i.kind == DS_CEL_INT || i.kind == DS_CEL_BOOL)) {
		select_from_map(r, n, &of, &i, false, out);
	} else if (of.kind == DS_CEL_LIST && i.kind == DS_CEL_INT) {
		if (i.i >= 0 && (uint64_t)i.i < of.list.n)
			*out = of.list.v[i.i];
		else
			ds__cel_fail(r, n, out, "index out of bounds: %" PRId64 " (the list has %zu elements)", i.i,
				     of.list.n);
	} else {
		ds__cel_fail(r, n, out, "no such overload: %s indexed by %s", type_name_of(&of), type_name_of(&i));
	}
	if (!out->loc)
		out->loc = of.loc;
}

/* Like eval(), but ABSENT and UNKNOWN stay what they are. */
static void eval_path(struct ds__cel_run *r, const struct ds__cel_node *n, bool in_has, struct ds_cel_value *out)
{
	if (n->op != OP_VAR && n->op != OP_LOCAL && n->op != OP_SELECT && n->op != OP_INDEX) {
		eval(r, n, out);
		return;
	}
	if (!ds__cel_charge(r, n, 1, out))
		return;
	if (r->depth >= MAX_EVAL_DEPTH) {
		ds__cel_fail(r, n, out, "evaluation is nested too deeply");
		return;
	}
	r->depth++;
	if (n->op == OP_SELECT)
		eval_select(r, n, in_has, out);
	else if (n->op == OP_INDEX)
		eval_index(r, n, in_has, out);
	else if (n->op == OP_LOCAL)
		*out = r->locals[n->slot].value;
	else if (r->p->env->vars.v[n->slot]->lazy)
		eval_lazy(r, n->slot, out);
	else
		*out = r->vars[n->slot];
	r->depth--;
}

static void eval_as_value(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out)
{
	eval_path(r, n, false, out);
	if (is_missing(out))
		make_missing(r, n, out);
}

static void eval_has(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out)
{
	struct ds_cel_value v = {0};

	eval_path(r, n->args[0], true, &v);
	if (v.kind == DS_CEL_UNKNOWN)
		make_missing(r, n->args[0], &v);
	if (v.kind == DS_CEL_ERROR)
		*out = v;
	else
		ds__cel_set_bool(out, v.kind != DS_CEL_ABSENT);
}

/* ---- operators ---- */

static void eval_const(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out)
{
	(void)r;
	*out = n->value;
}

static void eval_call(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out)
{
	struct ds_cel_value args[DS__CEL_MAX_ARGS] = {0};
	const struct ds__cel_fn *f = n->fn;
	size_t n_fns;

	for (size_t i = 0; i < n->n_args; i++) {
		eval(r, n->args[i], &args[i]);
		if (args[i].kind == DS_CEL_ERROR) {
			*out = args[i];
			return;
		}
	}
	if (!f) {
		f = ds__cel_fn_find(n->name, &n_fns);
		while (f && n_fns > 0 && (f->method != n->method || !ds__cel_fn_takes(f, args, n->n_args))) {
			f++;
			n_fns--;
		}
		if (!f || n_fns == 0) {
			ds__cel_no_overload(r, n, args, n->n_args, out);
			return;
		}
	}
	f->impl(r, n, args, out);
}

/* && and ||: an operand that decides wins over errors, wherever it stands. */
static void eval_logic(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out)
{
	bool decisive = n->op == OP_OR;
	struct ds_cel_value error = {0};

	for (size_t i = 0; i < n->n_args; i++) {
		struct ds_cel_value v = {0};

		eval(r, n->args[i], &v);
		if (v.kind == DS_CEL_BOOL && v.b == decisive) {
			ds__cel_set_bool(out, decisive);
			return;
		}
		if (v.kind != DS_CEL_BOOL && v.kind != DS_CEL_ERROR)
			ds__cel_fail(r, n->args[i], &v, "no such overload: '%s' applied to %s",
				     n->op == OP_OR ? "||" : "&&", type_name_of(&v));
		if (v.kind == DS_CEL_ERROR && error.kind != DS_CEL_ERROR)
			error = v;
	}
	if (error.kind == DS_CEL_ERROR)
		*out = error;
	else
		ds__cel_set_bool(out, !decisive);
}

static void eval_cond(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out)
{
	struct ds_cel_value v = {0};

	eval(r, n->args[0], &v);
	if (v.kind == DS_CEL_ERROR)
		*out = v;
	else if (v.kind != DS_CEL_BOOL)
		ds__cel_fail(r, n->args[0], out, "no such overload: the condition of '?:' is %s", type_name_of(&v));
	else
		eval(r, n->args[v.b ? 1 : 2], out);
}

static void eval_list(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out)
{
	struct ds_cel_value *v = ds_arena_new_array(r->a, n->n_args, struct ds_cel_value);

	if (!v) {
		ds__cel_oom(r, out);
		return;
	}
	for (size_t i = 0; i < n->n_args; i++) {
		eval(r, n->args[i], &v[i]);
		if (v[i].kind == DS_CEL_ERROR) {
			*out = v[i];
			return;
		}
	}
	ds__cel_set_list(out, v, n->n_args);
}

static void eval_map(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out)
{
	struct ds_cel_entry *v = ds_arena_new_array(r->a, n->n_args / 2, struct ds_cel_entry);
	struct ds_cel_value map = {.kind = DS_CEL_MAP};

	if (!v) {
		ds__cel_oom(r, out);
		return;
	}
	map.map.v = v;
	for (size_t i = 0; i < n->n_args / 2; i++) {
		const struct ds_cel_value *k = &v[i].key;

		eval(r, n->args[2 * i], &v[i].key);
		if (k->kind != DS_CEL_ERROR)
			eval(r, n->args[2 * i + 1], &v[i].value);
		if (k->kind == DS_CEL_ERROR || v[i].value.kind == DS_CEL_ERROR) {
			*out = k->kind == DS_CEL_ERROR ? *k : v[i].value;
			return;
		}
		if (k->kind != DS_CEL_STRING && k->kind != DS_CEL_INT && k->kind != DS_CEL_BOOL) {
			ds__cel_fail(r, n->args[2 * i], out, "unsupported key type: %s", type_name_of(k));
			return;
		}
		if (!ds__cel_charge(r, n, i / 8, out))
			return;
		if (ds__cel_map_find(&map, k)) {
			ds__cel_fail(r, n->args[2 * i], out, "repeated key in a map literal");
			return;
		}
		map.map.n++;
	}
	*out = map;
}

/* ---- macros ---- */

struct loop {
	struct ds_cel_value range;
	struct ds_cel_value error; /* the first one of a condition */
	struct ds_cel_value *result;
	size_t n_result;
	size_t n_true;
};

/* One element. false = the outcome is in *out. */
static bool step(struct ds__cel_run *r, const struct ds__cel_node *n, struct loop *loop, struct ds_cel_value *out)
{
	struct ds_cel_value v = {0};

	if (n->macro == MACRO_MAP) {
		v = ds_cel_bool(true);
	} else {
		eval(r, n->args[1], &v);
		if (v.kind != DS_CEL_BOOL && v.kind != DS_CEL_ERROR)
			ds__cel_fail(r, n->args[1], &v, "no such overload: the condition of a macro is %s",
				     type_name_of(&v));
	}
	if (v.kind == DS_CEL_ERROR) {
		/* all and exists are && and || over the elements: a later one may decide. */
		if (loop->error.kind != DS_CEL_ERROR)
			loop->error = v;
		if ((n->macro == MACRO_ALL || n->macro == MACRO_EXISTS) && r->cost > 0)
			return true;
		*out = loop->error;
		return false;
	}
	if ((n->macro == MACRO_ALL && !v.b) || (n->macro == MACRO_EXISTS && v.b)) {
		ds__cel_set_bool(out, v.b);
		return false;
	}
	if (!v.b)
		return true;
	loop->n_true++;
	if (n->macro == MACRO_FILTER) {
		loop->result[loop->n_result++] = r->locals[n->slot].value;
	} else if (n->macro == MACRO_MAP || n->macro == MACRO_MAP_FILTER) {
		eval(r, n->args[n->n_args - 1], &loop->result[loop->n_result]);
		if (loop->result[loop->n_result].kind == DS_CEL_ERROR) {
			*out = loop->result[loop->n_result];
			return false;
		}
		loop->n_result++;
	}
	return true;
}

static void eval_macro(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out)
{
	struct loop loop = {0};
	struct ds__cel_local *local;
	size_t n_range;

	eval(r, n->args[0], &loop.range);
	if (loop.range.kind == DS_CEL_ERROR) {
		*out = loop.range;
		return;
	}
	if (loop.range.kind != DS_CEL_LIST && loop.range.kind != DS_CEL_MAP) {
		ds__cel_fail(r, n->args[0], out, "no such overload: %s cannot be iterated over",
			     type_name_of(&loop.range));
		return;
	}
	n_range = loop.range.kind == DS_CEL_LIST ? loop.range.list.n : loop.range.map.n;
	if (n->macro >= MACRO_MAP) {
		if (!ds__cel_charge(r, n, n_range, out))
			return;
		loop.result = ds_arena_new_array(r->a, n_range, struct ds_cel_value);
		if (!loop.result) {
			ds__cel_oom(r, out);
			return;
		}
	}
	local = &r->locals[n->slot];
	for (size_t i = 0; i < n_range; i++) {
		local->range = n->args[0];
		local->index = i;
		local->value = loop.range.kind == DS_CEL_LIST ? loop.range.list.v[i] : loop.range.map.v[i].key;
		if (!local->value.loc)
			local->value.loc = loop.range.loc;
		if (!ds__cel_charge(r, n, 1, out) || !step(r, n, &loop, out))
			return;
	}
	if (loop.error.kind == DS_CEL_ERROR)
		*out = loop.error;
	else if (n->macro >= MACRO_MAP)
		ds__cel_set_list(out, loop.result, loop.n_result);
	else
		ds__cel_set_bool(out, n->macro == MACRO_ALL || (n->macro == MACRO_EXISTS_ONE && loop.n_true == 1));
}

_Static_assert(MACRO_ALL < MACRO_MAP && MACRO_EXISTS < MACRO_MAP && MACRO_EXISTS_ONE < MACRO_MAP &&
		       MACRO_MAP < MACRO_MAP_FILTER && MACRO_MAP < MACRO_FILTER,
	       "macros that build lists come last");

static void dispatch(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out)
{
	static void (*const by_op[])(struct ds__cel_run *, const struct ds__cel_node *, struct ds_cel_value *) = {
		[OP_CONST] = eval_const,     [OP_VAR] = eval_as_value,	 [OP_LOCAL] = eval_as_value,
		[OP_SELECT] = eval_as_value, [OP_HAS] = eval_has,	 [OP_INDEX] = eval_as_value,
		[OP_CALL] = eval_call,	     [OP_AND] = eval_logic,	 [OP_OR] = eval_logic,
		[OP_COND] = eval_cond,	     [OP_LIST] = eval_list,	 [OP_MAP] = eval_map,
		[OP_MACRO] = eval_macro,
	};

	by_op[n->op](r, n, out);
}

static void eval(struct ds__cel_run *r, const struct ds__cel_node *n, struct ds_cel_value *out)
{
	if (!ds__cel_charge(r, n, 1, out))
		return;
	if (r->depth >= MAX_EVAL_DEPTH) {
		ds__cel_fail(r, n, out, "evaluation is nested too deeply");
		return;
	}
	r->depth++;
	if (r->memo && n->memo)
		eval_memo(r, n, out);
	else
		dispatch(r, n, out);
	r->depth--;
}

struct ds_cel_memo *ds_cel_memo_new(struct ds_arena *a)
{
	struct ds_cel_memo *m = ds_arena_new_obj(a, struct ds_cel_memo);

	if (m)
		m->a = a;
	return m;
}

int ds_cel_eval(const struct ds_cel_program *p, const struct ds_cel_value *vars, struct ds_arena *a, size_t cost,
		struct ds_cel_value *ret)
{
	return ds_cel_eval_memo(p, vars, NULL, a, cost, ret);
}

int ds_cel_eval_memo(const struct ds_cel_program *p, const struct ds_cel_value *vars, struct ds_cel_memo *memo,
		     struct ds_arena *a, size_t cost, struct ds_cel_value *ret)
{
	struct ds__cel_run r = {
		.p = p,
		.vars = vars,
		.a = a,
		.cost = cost ? cost : DS_LIMIT_CEL_COST,
		.n_lazy = p->n_vars,
		.memo = memo,
	};
	struct ds_cel_value v = {0};

	if (p->n_locals) {
		r.locals = ds_arena_new_array(a, p->n_locals, struct ds__cel_local);
		if (!r.locals)
			return DS_ENOMEM;
	}
	eval(&r, p->root, &v);
	if (r.nomem)
		return DS_ENOMEM;
	*ret = r.over.kind == DS_CEL_ERROR ? r.over : v;
	return 0;
}
