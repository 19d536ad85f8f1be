#ifndef DS_REPORT_EXCERPT_H
#define DS_REPORT_EXCERPT_H

#include <stdbool.h>

#include "base/ctx.h"

/* The line that a place points to, for the formats that show it. */

/* Kept from excerpt to excerpt; zero to begin with. */
struct ds_excerpts {
	struct ds_excerpt_place {
		const struct ds_input *input;
		uint32_t line;
		size_t at; /* offset of that line */
	} last;        /* the next one is usually near */
	size_t looked; /* bytes of lines gone through */
};

/* A line, or as much around what is meant as there is room for. Texts are the input's. */
struct ds_excerpt {
	uint32_t line;    /* 0: an argument of a process, which has no line of its own */
	const char *flag; /* then the flag it is the value of, or NULL */
	struct ds_str before, meant, after;
	bool cut_before, cut_after; /* the line goes on there */
};

/* Whether a place has a line number and text to find it in. */
bool ds_excerpt_has_line(const struct ds_loc *l);
/* False when the text is not kept, says nothing, or too much was looked through already. room: columns. */
bool ds_excerpt_find(struct ds_excerpts *e, const struct ds_loc *l, size_t room, struct ds_excerpt *ret);
/* Columns of s on a terminal, tabs as single blanks. */
size_t ds_excerpt_width(struct ds_str s);

#endif
