#ifndef DS_REPORT_SERVICE_JSON_H
#define DS_REPORT_SERVICE_JSON_H

#include "report/json.h"
#include "report/report.h"

/* A ServicePreview object, as `services` of a cluster or as a report of its own. */
void ds_service_json_preview(struct ds_json *j, const struct ds_preview *p);

/* The same in pieces, for items that come one by one: begin, item…, end. */
void ds_service_json_begin(struct ds_json *j, const struct ds_preview *p);
void ds_service_json_item(struct ds_json *j, const struct ds_preview_item *it);
void ds_service_json_end(struct ds_json *j);

#endif
