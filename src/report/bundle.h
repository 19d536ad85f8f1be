#ifndef DS_REPORT_BUNDLE_H
#define DS_REPORT_BUNDLE_H

#include "model/facts.h"
#include "report/out.h"

/*
 * Writes what was collected as a NodeBundle, one for each host (kind has
 * several on one machine). Only what an audit looks at is written: flags by
 * name with the values of those that are kept, fields of configuration files by
 * an allow-list. Nothing else a process was given leaves its host. node: the
 * node's name, or NULL for what its kubelet says. The same facts give the same
 * bytes. 0 or DS_ENOMEM; the write's own errors are ds_out_close's.
 */
int ds_report_bundle(const struct ds_facts *f, const char *node, struct ds_out *out) DS_MUST_CHECK;

#endif
