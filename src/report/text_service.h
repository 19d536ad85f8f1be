#ifndef DS_REPORT_TEXT_SERVICE_H
#define DS_REPORT_TEXT_SERVICE_H

#include "report/pen.h"

/* The Service preview as a table (matrix items) or a list (real Services). */
void ds_text_preview(struct ds_pen *p, const struct ds_preview *preview);

/* Refusals are written once below a table and referred to by number. */
#define DS_PREVIEW_NOTES_MAX 60

struct ds_preview_notes {
	const char *v[DS_PREVIEW_NOTES_MAX];
	size_t n;
};

/* "R IPv4,IPv6", "refused [2]"; the legend explains. */
void ds_preview_cell(struct ds_buf *b, const struct ds_service_outcome *o, struct ds_preview_notes *notes);
/* Do two items of a matrix stand in one row: the same policy and families? */
bool ds_preview_same_row(const struct ds_preview_item *a, const struct ds_preview_item *b);
/* The line below a table that explains its letters. */
extern const char ds_preview_legend[];

#endif
