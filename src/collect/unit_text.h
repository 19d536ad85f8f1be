#ifndef DS_COLLECT_UNIT_TEXT_H
#define DS_COLLECT_UNIT_TEXT_H

#include "base/ctx.h"
#include "collect/lines.h"
#include "kube/cmdline.h"

/*
 * The texts systemd reads: units, and the environment files that they name.
 * Nothing here knows of Kubernetes.
 */

/* An assignment of a unit: "ExecStart=…". */
struct ds_unit_line {
	struct ds_str section; /* "Service" */
	struct ds_str key;
	struct ds_str value;   /* raw: continuations and comments between them are still in it; part of the text */
};

/* Reads the next assignment at *pos of text; *section is kept between calls. False at the end. Linear. */
bool ds_unit_next(struct ds_str text, size_t *pos, struct ds_str *section, struct ds_unit_line *ret);

/* One word of a value. */
struct ds_unit_word {
	struct ds_str text; /* unquoted, escapes resolved; in the arena */
	size_t offset;      /* of its first character in the unit's text, behind an opening quote */
	bool plain;         /* text stands there as it is: offsets in it are offsets in the unit */
};

/*
 * The next word of a value, as systemd's extract_first_word with UNQUOTE and
 * CUNESCAPE splits. text: the unit's; *pos and end: the rest of the value in
 * it. 0, DS_ENOENT (no more words), DS_ESYNTAX (a quote that is not closed:
 * systemd ignores the whole assignment) or DS_ENOMEM.
 * Source: systemd src/basic/extract-word.c; systemd.syntax(7).
 */
int ds_unit_word(struct ds_arena *a, struct ds_str text, size_t *pos, size_t end, struct ds_unit_word *ret)
	DS_MUST_CHECK;

/* A variable of the environment and where its value stands. */
struct ds_unit_var {
	struct ds_str name;
	struct ds_str value;
	const struct ds_input *input;
	const struct ds_lines *lines;
	size_t offset; /* of the value in the input's text */
	bool plain;    /* as above */
};

/*
 * The next assignment of an environment file. 0, DS_ENOENT at the end or
 * DS_ENOMEM; lines that assign nothing are passed over.
 * Source: systemd src/basic/env-file.c:parse_env_file_internal.
 */
int ds_env_next(struct ds_arena *a, struct ds_str text, size_t *pos, struct ds_unit_var *ret) DS_MUST_CHECK;

/* The place of n bytes at an offset of a text. */
struct ds_loc ds_unit_place(const struct ds_input *input, const struct ds_lines *lines, size_t offset, struct ds_str text);

#endif
