#ifndef DS_REPORT_PEN_H
#define DS_REPORT_PEN_H

#include "report/excerpt.h"
#include "report/report.h"

/* Writing for a terminal: colour when wanted, text from inputs always escaped. */
enum ds_ink { DS_INK_PLAIN, DS_INK_BOLD, DS_INK_DIM, DS_INK_RED, DS_INK_YELLOW, DS_INK_BLUE, DS_INK_GREEN };

struct ds_pen {
	struct ds_out *out;
	bool color;
	bool terminal; /* the width is a terminal's; else it is assumed, and what programs may look for stays on one line */
	unsigned width;
	struct ds_excerpts excerpts;
};

void ds_pen_init(struct ds_pen *p, struct ds_out *out, const struct ds_text_options *o);
/* Text of ours or of inputs, escaped, in colour. */
void ds_pen_ink(struct ds_pen *p, enum ds_ink ink, const char *z);
void ds_pen_str(struct ds_pen *p, enum ds_ink ink, struct ds_str s);
/* Words filled into lines of the pen's width, each indented; the first line
 * continues where the cursor is, `used` columns in. Single line breaks in the
 * text are blanks; empty lines and lines that begin with two blanks are kept.
 * Ends with a line break. */
void ds_pen_wrap(struct ds_pen *p, struct ds_str text, size_t indent, size_t used);
/* A text from the start of a line, with its head in colour and all lines but the first indented. One line where the
 * pen's width is no terminal's. */
void ds_pen_wrap_headed(struct ds_pen *p, enum ds_ink ink, struct ds_str head, struct ds_str text, size_t indent);
/* A title line of a section, with a blank line before it. */
void ds_pen_title(struct ds_pen *p, const char *title);

enum ds_ink ds_pen_severity_ink(enum ds_severity s);

/* "file:3:7", "pid 3580, --cluster-cidr": a place in words. */
void ds_pen_place(struct ds_pen *p, const struct ds_loc *loc);
/* The line a place points to, with the place underlined. Nothing when its text is not kept or says nothing. */
void ds_pen_excerpt(struct ds_pen *p, const struct ds_loc *loc, enum ds_ink ink);

#endif
