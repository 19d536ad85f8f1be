#ifndef DS_REPORT_TEXT_H
#define DS_REPORT_TEXT_H

#include "report/pen.h"

/* A failure as the report for people has it: what is wrong, the lines it is about, the fix. A blank line first. */
void ds_text_finding(struct ds_pen *p, const struct ds_finding *f);

/* What could not be checked, by reason, below a title; nothing when there is none. leaves: "leaves unknown". */
void ds_text_unknowns(struct ds_pen *p, struct ds_arena *a, const char *title, const char *leaves,
		      const struct ds_findings *f);

#endif
