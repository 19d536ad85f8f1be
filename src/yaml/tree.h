#ifndef DS_YAML_TREE_H
#define DS_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"

/*
 * A YAML (or JSON) input as a bounded tree in which every node knows its
 * place. Scalars stay raw text until a consumer types them, because the type
 * depends on the field: see yaml/scalar.h.
 */
enum ds_yaml_kind { DS_YAML_SCALAR, DS_YAML_SEQUENCE, DS_YAML_MAPPING };

enum ds_yaml_style {
	DS_YAML_PLAIN,
	DS_YAML_SINGLE_QUOTED,
	DS_YAML_DOUBLE_QUOTED,
	DS_YAML_LITERAL,
	DS_YAML_FOLDED,
	DS_YAML_BLOCK, /* collections */
	DS_YAML_FLOW,
};

enum {
	DS_YAML_F_DUPLICATE = 1, /* a mapping entry whose key came earlier in the same mapping */
	DS_YAML_F_ALIASED = 2,   /* reached through an alias or a merge key; the place is the anchor's */
	DS_YAML_F_MERGED = 4,    /* a mapping entry brought in by "<<" */
	DS_YAML_F_JSON = 8,      /* read by the JSON reader: scalars have JSON's types */
	DS_YAML_F_MOVED = 16,    /* of a text inside another: the place is the outer one's (collect/embedded.c) */
};

enum ds_yaml_tag {
	DS_YAML_TAG_NONE, /* no explicit tag */
	DS_YAML_TAG_STR,
	DS_YAML_TAG_INT,
	DS_YAML_TAG_FLOAT,
	DS_YAML_TAG_BOOL,
	DS_YAML_TAG_NULL,
	DS_YAML_TAG_TIMESTAMP,
	DS_YAML_TAG_BINARY,
	DS_YAML_TAG_MERGE,
	DS_YAML_TAG_OTHER, /* any other one: the text is taken as it is */
};

/*
 * Kept small, because a hostile or merely large input has millions of them:
 * text, items and pairs share their storage (text of a collection is empty,
 * n of a scalar is 0).
 */
struct ds_yaml_node {
	uint8_t kind;   /* enum ds_yaml_kind */
	uint8_t style;  /* enum ds_yaml_style */
	uint8_t flags;
	uint8_t tag;    /* enum ds_yaml_tag */
	uint32_t n;     /* children */
	uint32_t index; /* of the entry of the parent in which it is written */
	uint32_t line, column;         /* start: 1-based, code points */
	uint32_t end_line, end_column; /* just after the end */
	const struct ds_yaml_node *parent; /* of the place where it is written, not where it is aliased */
	union {
		struct ds_str text;          /* scalars: the value after unquoting and folding; may hold NUL.
					      * Of a collection (as a key, say) its n reads 0: no text */
		struct ds_yaml_node **items; /* sequence */
		struct ds_yaml_pair *pairs;  /* mapping, in file order, merged entries last */
	};
};

struct ds_yaml_pair {
	struct ds_yaml_node *key;
	struct ds_yaml_node *value;
	uint8_t flags; /* DS_YAML_F_DUPLICATE, DS_YAML_F_MERGED */
};

struct ds_yaml_doc {
	struct ds_yaml_node *root; /* NULL: an empty document */
	uint32_t index;            /* 0-based in the file, empty documents counted */
	uint32_t line;             /* where it starts */
};

struct ds_yaml_stream {
	const struct ds_input *input;
	struct ds_yaml_doc *docs;
	size_t n;
	bool json; /* the whole input is one JSON value or a sequence of them */
};

/*
 * Reads text into documents. What comes before a syntax error is kept: *ret is
 * always filled, and a negative code says that the rest is missing. Every
 * problem (syntax, limits, duplicate keys, text Kubernetes' parser would
 * reject) becomes a diagnostic with its place in ctx; messages of syntax errors
 * follow Kubernetes' parser ("yaml: line 3: mapping values are not allowed in
 * this context").
 *
 * input: where diagnostics point; borrowed. text: borrowed, must stay valid
 * as long as the tree. Returns 0, DS_ESYNTAX, DS_ETOODEEP, DS_ETOOBIG or
 * DS_ENOMEM.
 */
int ds_yaml_load(struct ds_ctx *ctx, const struct ds_input *input, struct ds_str text, struct ds_yaml_stream *ret)
	DS_MUST_CHECK;

/*
 * The same for text that must be JSON, one value or several: whatever is not
 * is an error at its place, with what should stand there, and *ret is then of
 * no use.
 */
int ds_json_load(struct ds_ctx *ctx, const struct ds_input *input, struct ds_str text, struct ds_yaml_stream *ret)
	DS_MUST_CHECK;

/*
 * The value for key in a mapping as Kubernetes sees it, or NULL: no such key,
 * or not a mapping. The last duplicate wins. "<<" brings its entries in where
 * it stands, as in go-yaml v2's decoder: keys written after it win over them,
 * keys written before it lose. Keys that are not strings count as the text
 * sigs.k8s.io/yaml makes of them (a plain `on` is "true", `010` is "8").
 */
const struct ds_yaml_node *ds_yaml_get(const struct ds_yaml_node *map, const char *key);
const struct ds_yaml_pair *ds_yaml_get_pair(const struct ds_yaml_node *map, const char *key);

/* ds_yaml_get along a NULL-terminated list of keys. */
const struct ds_yaml_node *ds_yaml_path(const struct ds_yaml_node *node, ...) __attribute__((sentinel));

/* "spec.containers[0].command[3]" for a node, through its parents. NULL when out of memory. */
const char *ds_yaml_path_of(struct ds_arena *a, const struct ds_yaml_node *node);

/* The place of a node, its path included (NULL path when out of memory). */
struct ds_loc ds_yaml_loc(struct ds_arena *a, const struct ds_input *input, const struct ds_yaml_node *node);
/* The place of a scalar's text: without its quotes, unless escapes between them make it longer than the text. */
struct ds_loc ds_yaml_text_loc(struct ds_arena *a, const struct ds_input *input, const struct ds_yaml_node *node);

/* The text of a mapping key as above; buf is where a text that is not in the
 * input is made. False for a key that no JSON object can have (null, collections). */
#define DS_YAML_KEY_TEXT 40
bool ds_yaml_key_text(const struct ds_yaml_node *key, char buf[static DS_YAML_KEY_TEXT], struct ds_str *ret);

/* "mapping", "sequence", "scalar". */
const char *ds_yaml_kind_name(const struct ds_yaml_node *node);

#endif
