#ifndef DS_REPORT_MARKDOWN_H
#define DS_REPORT_MARKDOWN_H

#include "base/buf.h"
#include "report/out.h"

/*
 * Text as GitHub-flavoured Markdown that renders as the text it is: no markup,
 * no HTML, no links, nobody mentioned. What is unsafe on a terminal is shown
 * as ds_out_safe does.
 */
void ds_markdown_text(struct ds_buf *b, struct ds_str s);
/* A code span of s; in a table with its pipes escaped. */
void ds_markdown_code(struct ds_buf *b, struct ds_str s, bool in_table);
/* Paragraphs and, of lines that begin with two blanks, blocks of code. No line break at the end. */
void ds_markdown_paragraphs(struct ds_buf *b, struct ds_str text);
/* An address for between '<' and '>'. */
void ds_markdown_url(struct ds_buf *b, struct ds_str url);

/* A document that is written piece by piece. Whoever makes one ends with ds_buf_done(&m.line). */
struct ds_markdown {
	struct ds_out *out;
	struct ds_buf line; /* of one paragraph, heading or row */
};

/* Writes the line and what ends it ("\n\n"), and begins the next. */
void ds_markdown_put(struct ds_markdown *m, const char *end);
/* Adds text to the line. */
void ds_markdown_add(struct ds_markdown *m, const char *text);

#endif
