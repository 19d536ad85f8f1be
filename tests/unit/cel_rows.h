/* Rows of expression and outcome: what the tests of src/cel are made of. */
#ifndef DS_TESTS_CEL_ROWS_H
#define DS_TESTS_CEL_ROWS_H

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "cel/cel.h"

/*
 * want is a value as CEL would write it (5, "text", [1, 2], net.IP for a type,
 * ip(…) and cidr(…) without quotes), or
 *   "error: …"    evaluation fails, and the message contains what follows
 *   "missing: …"  so, because a fact is missing
 *   "no: …"       does not compile, and the message contains what follows
 */
struct cel_row {
	const char *expr;
	const char *want;
};

static inline void cel_put_value(struct ds_buf *b, const struct ds_cel_value *v)
{
	char text[DS_CIDR_TEXT];

	switch ((int)v->kind) {
	case DS_CEL_STRING:
		ds_buf_add_go_quoted(b, v->s);
		break;
	case DS_CEL_INT:
		ds_buf_printf(b, "%" PRId64, v->i);
		break;
	case DS_CEL_IP:
		ds_buf_printf(b, "ip(%s)", ds_ip_format(&v->ip, text));
		break;
	case DS_CEL_CIDR:
		ds_buf_printf(b, "cidr(%s)", ds_cidr_format(&v->cidr, text));
		break;
	case DS_CEL_LIST:
		ds_buf_addc(b, '[');
		for (size_t i = 0; i < v->list.n; i++) {
			ds_buf_addz(b, i ? ", " : "");
			cel_put_value(b, &v->list.v[i]);
		}
		ds_buf_addc(b, ']');
		break;
	case DS_CEL_MAP:
		ds_buf_addc(b, '{');
		for (size_t i = 0; i < v->map.n; i++) {
			ds_buf_addz(b, i ? ", " : "");
			cel_put_value(b, &v->map.v[i].key);
			ds_buf_addz(b, ": ");
			cel_put_value(b, &v->map.v[i].value);
		}
		ds_buf_addc(b, '}');
		break;
	case DS_CEL_ERROR:
		ds_buf_printf(b, "%s: %s", v->err->missing ? "missing" : "error", v->err->message);
		break;
	default: {
		struct ds_arena *a = ds_arena_new(1 << 20);
		const char *z = a ? ds_cel_show(a, v) : NULL;

		ds_buf_addz(b, z ? z : "?");
		(void)ds_arena_free(a);
	}
	}
}

/* Writes the outcome of src. vars may be NULL when env has none. */
static inline void cel_outcome(struct ds_arena *a, const struct ds_cel_env *env, const struct ds_cel_value *vars,
			       struct ds_str src, struct ds_buf *b)
{
	struct ds_cel_program *p = NULL;
	struct ds_cel_problem problem = {0};
	struct ds_cel_value v = {0};

	ds_buf_clear(b);
	if (ds_cel_compile(a, env, src, &ds_cel_type_dyn, &p, &problem) < 0)
		ds_buf_printf(b, "no: %s", problem.message ? problem.message : "?");
	else if (ds_cel_eval(p, vars, a, 0, &v) < 0)
		ds_buf_addz(b, "out of memory");
	else
		cel_put_value(b, &v);
}

static inline bool cel_is_failure(const char *s)
{
	return strncmp(s, "no: ", 4) == 0 || strncmp(s, "error: ", 7) == 0 || strncmp(s, "missing: ", 9) == 0;
}

/* Exact for values; for failures the kind, and a message that contains the wanted one. */
static inline bool cel_matches(const char *got, const char *want)
{
	size_t kind;

	if (!cel_is_failure(want))
		return strcmp(got, want) == 0;
	kind = (size_t)(strchr(want, ':') - want) + 2;
	return strncmp(got, want, kind) == 0 && strstr(got + kind, want + kind) != NULL;
}

#endif
