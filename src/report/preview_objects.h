#ifndef DS_REPORT_PREVIEW_OBJECTS_H
#define DS_REPORT_PREVIEW_OBJECTS_H

#include "report/pen.h"

/*
 * The Services among the audited inputs. They are judged again while they are
 * written, one by one: 100,000 answers are not kept.
 */

/* Calls item for every Service of the preview, in input order; what it gets is
 * valid until it returns. explain: with steps. 0 or DS_ENOMEM. */
int ds_preview_objects(const struct ds_preview *p, bool explain,
		       void (*item)(void *user, const struct ds_preview_item *it), void *user) DS_MUST_CHECK;

/* A line for each of the first ones, and how many there are of what. */
void ds_preview_objects_text(struct ds_pen *p, const struct ds_preview *preview);

#endif
