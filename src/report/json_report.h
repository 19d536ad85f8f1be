#ifndef DS_REPORT_JSON_REPORT_H
#define DS_REPORT_JSON_REPORT_H

#include "report/json.h"
#include "report/report.h"

/* What the report and the difference of two have in common: a place, and the fields of a finding. */
void ds_json_location(struct ds_json *j, const struct ds_loc *l);
void ds_json_finding(struct ds_json *j, const struct ds_finding *f);

#endif
