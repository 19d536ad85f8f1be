#ifndef YAML_DUMP_H
#define YAML_DUMP_H

/* A tree as one line of JSON-like text, by the types Kubernetes sees: what table tests and fuzz oracles compare. */

#include <inttypes.h>

#include "base/buf.h"
#include "yaml/scalar.h"

static inline void yaml_dump_scalar(struct ds_buf *b, const struct ds_yaml_node *n)
{
	struct ds_yaml_value v = ds_yaml_resolve(n);

	switch (v.type) {
	case DS_YAML_T_INT:
		if (v.big)
			ds_buf_printf(b, "%" PRIu64, v.u);
		else
			ds_buf_printf(b, "%" PRId64, v.i);
		return;
	case DS_YAML_T_FLOAT:
		ds_buf_printf(b, "%gf", v.f);
		return;
	case DS_YAML_T_BOOL:
		ds_buf_addz(b, v.b ? "true" : "false");
		return;
	case DS_YAML_T_NULL:
		ds_buf_addz(b, "null");
		return;
	case DS_YAML_T_STRING:
	case DS_YAML_T_TIMESTAMP:
	case DS_YAML_T_SEQUENCE:
	case DS_YAML_T_MAPPING:
		break;
	}
	ds_buf_add_go_quoted(b, v.s);
}

/* budget bounds what aliases can blow up; flags: show pair flags as !1 !4 */
static inline void yaml_dump(struct ds_buf *b, const struct ds_yaml_node *n, bool flags, size_t *budget)
{
	if (!n || *budget == 0) {
		ds_buf_addz(b, n ? "..." : "-");
		return;
	}
	--*budget;
	if (n->kind == DS_YAML_SCALAR) {
		yaml_dump_scalar(b, n);
		return;
	}
	ds_buf_addc(b, n->kind == DS_YAML_MAPPING ? '{' : '[');
	for (size_t i = 0; i < n->n; i++) {
		if (i)
			ds_buf_addc(b, ',');
		if (n->kind == DS_YAML_MAPPING) {
			yaml_dump(b, n->pairs[i].key, flags, budget);
			if (flags && n->pairs[i].flags)
				ds_buf_printf(b, "!%d", n->pairs[i].flags);
			ds_buf_addc(b, ':');
		}
		yaml_dump(b, n->kind == DS_YAML_MAPPING ? n->pairs[i].value : n->items[i], flags, budget);
	}
	ds_buf_addc(b, n->kind == DS_YAML_MAPPING ? '}' : ']');
}

/* All documents, separated by " --- "; in the arena. */
static inline const char *yaml_dump_stream(struct ds_ctx *ctx, const struct ds_yaml_stream *s, bool flags)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	size_t budget = 100000;

	for (size_t i = 0; i < s->n; i++) {
		if (i)
			ds_buf_addz(&b, " --- ");
		yaml_dump(&b, s->docs[i].root, flags, &budget);
	}
	return ds_buf_dup(&b, ctx->arena);
}

#endif
