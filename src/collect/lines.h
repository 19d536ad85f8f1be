#ifndef DS_COLLECT_LINES_H
#define DS_COLLECT_LINES_H

#include "base/ctx.h"

/*
 * Where the lines of a text start, to turn byte offsets into places and back.
 * Built once per text; the text is borrowed.
 */
struct ds_lines {
	struct ds_str text;
	size_t *starts; /* byte offset of each line */
	size_t n;
};

/* 0 or DS_ENOMEM. */
int ds_lines_init(struct ds_arena *a, struct ds_str text, struct ds_lines *ret) DS_MUST_CHECK;

/* The byte offset of a 1-based line and column (code points); the end of the
 * line when the column lies beyond, text.n when the line does. */
size_t ds_lines_offset(const struct ds_lines *l, uint32_t line, uint32_t column);

/* Line and column of a byte offset. */
void ds_lines_place(const struct ds_lines *l, size_t offset, uint32_t *ret_line, uint32_t *ret_column);

#endif
