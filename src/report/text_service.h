#ifndef DS_REPORT_TEXT_SERVICE_H
#define DS_REPORT_TEXT_SERVICE_H

#include "report/pen.h"

/* The Service preview as a table (matrix items) or a list (real Services). */
void ds_text_preview(struct ds_pen *p, const struct ds_preview *preview);

#endif
