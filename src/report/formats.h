#ifndef DS_REPORT_FORMATS_H
#define DS_REPORT_FORMATS_H

#include "report/report.h"

/* The writers behind the format table of build.c, one file each. */
void ds_report_sarif(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out);
void ds_report_junit(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out);
void ds_report_github(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out);
void ds_report_gitlab(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out);
void ds_report_gcc(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out);
void ds_report_markdown(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out);
void ds_report_html(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out);
void ds_report_policyreport(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out);
void ds_report_openreports(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out);

#endif
