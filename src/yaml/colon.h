#ifndef DS_YAML_COLON_H
#define DS_YAML_COLON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * The flow-colon repair, private to the room. In flow context libyaml refuses
 * a plain scalar in which ':' stands right before one of ",?[]{}" ("found
 * unexpected ':'"), so `[--bind-address=::, b]` and `{a: fd00::}` would be
 * unreadable; Kubernetes' parser reads the colon as part of the scalar. Such
 * colons are replaced by one private-use code point, which libyaml takes, and
 * mapped back in the scalars. Marks count code points, so no place moves.
 */
struct ds__yaml_colon {
	struct ds_str text;   /* the input */
	struct ds_buf copy;   /* what libyaml reads instead, when something was replaced */
	bool used;
	char mark[4];         /* the code point in UTF-8: always three bytes */
	size_t *extra;        /* malloc'ed: byte offsets of colons that no rule of thumb finds */
	size_t n_extra, cap_extra;
	uint64_t fed;         /* bytes libyaml was given so far, over all attempts */
};

#define DS__YAML_MARK_LEN 3u

void ds__yaml_colon_done(struct ds__yaml_colon *c);

/*
 * Prepares the text for libyaml: replaces every colon that can only be one of
 * the kind above, wherever it stands (inside quotes or comments it does no
 * harm, because it is mapped back). 0, DS_ENOMEM, or DS_EUNSUPPORTED when the
 * text holds every code point that could stand in.
 */
int ds__yaml_colon_init(struct ds__yaml_colon *c, struct ds_str text) DS_MUST_CHECK;

/*
 * libyaml stopped at the colon at byte offset `at` of the input: adds it.
 * 0: parse c's text again; DS_ETOOBIG: enough of that; DS_EINVAL: no colon
 * there, or replaced already; DS_ENOMEM.
 */
int ds__yaml_colon_add(struct ds__yaml_colon *c, size_t at) DS_MUST_CHECK;

static inline struct ds_str ds__yaml_colon_text(const struct ds__yaml_colon *c)
{
	return c->used ? ds_buf_str(&c->copy) : c->text;
}

/* Maps stand-ins in a scalar back, in place; the new length. */
size_t ds__yaml_colon_restore(const struct ds__yaml_colon *c, char *p, size_t n);

#endif
