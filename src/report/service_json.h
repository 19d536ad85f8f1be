#ifndef DS_REPORT_SERVICE_JSON_H
#define DS_REPORT_SERVICE_JSON_H

#include "report/json.h"
#include "report/report.h"

/* A ServicePreview object, as `services` of a cluster or as a report of its own. */
void ds_service_json_preview(struct ds_json *j, const struct ds_preview *p);

#endif
