#ifndef DS_REPORT_OVERVIEW_H
#define DS_REPORT_OVERVIEW_H

#include "report/report.h"

/* What a cluster adds up to, for the formats that people read. */

#define DS_OVERVIEW_ROWS 3

/* A row of the overview: what has which families, and who says so. */
struct ds_overview_row {
	const char *name;   /* "Services", "Pods", "Nodes" */
	char families[16];  /* "IPv4, IPv6", or "unknown" */
	struct ds_buf what; /* ranges or addresses, or why they are unknown */
	struct ds_buf from; /* "kube-apiserver --service-cluster-ip-range" */
	bool known;
};

void ds_overview(const struct ds_cluster *c, struct ds_overview_row rows[static DS_OVERVIEW_ROWS]);
void ds_overview_done(struct ds_overview_row rows[static DS_OVERVIEW_ROWS]);

/* One reason for which something is unknown, and the rules that it leaves open. */
struct ds_unknown {
	struct ds_str reason;
	const struct ds_finding *lead; /* the first finding with this reason */
	DS_VEC(const struct ds_rule *) rules;
};

struct ds_unknowns {
	DS_VEC(struct ds_unknown) v;
};

/* 0 or DS_ENOMEM; what was grouped until then is in *ret. */
int ds_unknowns(struct ds_arena *a, const struct ds_findings *f, struct ds_unknowns *ret) DS_MUST_CHECK;

#endif
