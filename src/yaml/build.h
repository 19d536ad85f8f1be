#ifndef DS_YAML_BUILD_H
#define DS_YAML_BUILD_H

#include "base/limits.h"
#include "base/map.h"
#include "yaml/tree.h"

/*
 * The tree under construction, fed by the YAML event loop (load.c) and by the
 * JSON reader (json.c): private to the room. Children of open collections wait
 * on one stack and are copied to the arena, exactly sized, when the collection
 * ends.
 */
struct ds__yaml_anchor {
	struct ds_yaml_node *node;
	size_t visits; /* nodes that expanding it visits, itself included */
	size_t height; /* levels of collections in it, aliases followed */
	bool open;     /* its collection has not ended: an alias now would contain itself */
};

struct ds__yaml_frame {
	struct ds_yaml_node *node;
	size_t base;    /* where its children begin on the stack */
	size_t visits;  /* visit counter when it began */
	size_t height;  /* of its highest child so far */
	struct ds__yaml_anchor *anchor;
};

struct ds__yaml_duplicate {
	const struct ds_yaml_node *map;
	uint32_t first, second; /* entries */
};

struct ds__yaml_builder {
	struct ds_ctx *ctx;
	const struct ds_input *input;
	struct ds_yaml_stream *out;
	size_t docs_cap;
	struct ds_yaml_node *pool; /* nodes still free in the current block */
	size_t pool_n;
	size_t n_nodes;
	struct ds__yaml_frame frames[DS_LIMIT_YAML_DEPTH];
	size_t depth;
	struct ds_yaml_node *root; /* of the open document */
	struct ds_yaml_node **stack; /* malloc'ed */
	size_t stack_n, stack_cap;
	struct ds_map anchors;
	size_t visits, alias_visits;
	DS_VEC(struct ds__yaml_duplicate) duplicates;
	size_t n_duplicates, n_odd_keys;
	uint8_t flags; /* for every node */
};

/* A place in the text: 1-based, code points. */
struct ds__yaml_pos {
	uint32_t line, column;
};

void ds__yaml_build_init(struct ds__yaml_builder *b, struct ds_ctx *ctx, const struct ds_input *input,
			 struct ds_yaml_stream *out);
void ds__yaml_build_done(struct ds__yaml_builder *b);

/* All of these: 0, DS_ENOMEM, DS_ETOODEEP, DS_ETOOBIG or DS_ESYNTAX, the last three with a diagnostic. */
int ds__yaml_doc_start(struct ds__yaml_builder *b, uint32_t line);
int ds__yaml_doc_end(struct ds__yaml_builder *b);
int ds__yaml_scalar(struct ds__yaml_builder *b, struct ds_str text, enum ds_yaml_style style, struct ds__yaml_pos from,
		    struct ds__yaml_pos to, struct ds_yaml_node **ret);
int ds__yaml_open(struct ds__yaml_builder *b, enum ds_yaml_kind kind, enum ds_yaml_style style,
		  struct ds__yaml_pos from, struct ds__yaml_pos to, struct ds_yaml_node **ret);
int ds__yaml_close(struct ds__yaml_builder *b, struct ds__yaml_pos to);
/* Names the node that was added last (a scalar or a collection just opened). */
int ds__yaml_anchor(struct ds__yaml_builder *b, struct ds_str name, struct ds_yaml_node *node);
int ds__yaml_alias(struct ds__yaml_builder *b, struct ds_str name, struct ds__yaml_pos at);
/* After an error: ends what is open so that everything read so far is reachable. */
int ds__yaml_abandon(struct ds__yaml_builder *b);

/* The innermost open collection, or NULL. */
static inline const struct ds_yaml_node *ds__yaml_innermost(const struct ds__yaml_builder *b)
{
	return b->depth ? b->frames[b->depth - 1].node : NULL;
}

/* Adds an error or warning at a place. */
int ds__yaml_diag(struct ds__yaml_builder *b, enum ds_level level, struct ds__yaml_pos at, const char *hint,
		  const char *fmt, ...) DS_PRINTF(5, 6);

/*
 * Reads text as JSON values one after another. DS_ENOENT: it is not JSON (no
 * diagnostic; *ret is unusable) and should be read as YAML. Otherwise as
 * ds_yaml_load.
 */
int ds__yaml_load_json(struct ds_ctx *ctx, const struct ds_input *input, struct ds_str text,
		       struct ds_yaml_stream *ret) DS_MUST_CHECK;

#endif
