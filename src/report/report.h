#ifndef DS_REPORT_REPORT_H
#define DS_REPORT_REPORT_H

#include "model/model.h"
#include "report/out.h"
#include "rules/suppress.h"
#include "service/service.h"

#define DS_PREVIEW_REMARKS_MAX 8

/* Something about an answer that surprises people. */
struct ds_preview_remark {
	enum ds_severity severity;
	const char *text;
};

/* What one Service would get. */
struct ds_preview_item {
	const char *ns, *name;
	const char *operation; /* "create", "update"; "read": stored, among the audited inputs */
	struct ds_service_outcome outcome;

	/* of a matrix item: the column and row it stands for; else NULL */
	const char *shape;
	const char *policy;   /* NULL: not set */
	const char *families; /* NULL: not set */

	/* of a real Service */
	const struct ds_service *asked; /* NULL: not even its kind can be read */
	const struct ds_service_outcome *before; /* updates: what is stored, as a reader sees it */
	bool unchanged;                 /* an update that changes nothing of the spec */
	struct ds_loc loc;
	struct ds_preview_remark remarks[DS_PREVIEW_REMARKS_MAX];
	size_t n_remarks;
};

struct ds_preview {
	const char *unknown; /* why there is no preview, or NULL */
	struct ds_kube_version version;
	struct ds_cidr ranges[2];
	size_t n_ranges;
	const struct ds_services *services; /* those among the audited inputs: they come first; or NULL */
	DS_VEC(struct ds_preview_item) items;
};

struct ds_report_cluster {
	const struct ds_cluster *cluster;
	struct ds_findings findings;
	struct ds_suppressed_list suppressed; /* taken out of the findings */
	struct ds_preview preview;
};

struct ds_summary {
	size_t severity[DS_SEVERITY__COUNT]; /* failed, by severity */
	size_t unknown;                      /* findings that say what could not be seen */
	size_t suppressed;
	size_t passed, not_applicable; /* rules */
};

/* All that a report says; writers add nothing of their own. */
struct ds_report {
	const struct ds_ctx *ctx; /* inputs and diagnostics */
	const struct ds_facts *facts;
	DS_VEC(struct ds_report_cluster) clusters;
	struct ds_summary summary;
	bool incomplete; /* an input failed or an error diagnostic exists */
};

/* Evaluates rules and previews for every cluster of the model; what s suppresses is set aside. 0 or DS_ENOMEM. */
int ds_report_build(const struct ds_facts *facts, const struct ds_model *model, const struct ds_ruleset *rules,
		    struct ds_suppressions *s, struct ds_report *ret) DS_MUST_CHECK;

/* What is there now, as a baseline: the findings left and those of the baseline so far. */
void ds_report_baseline(const struct ds_report *r, struct ds_out *out);

/* The preview of the usual Services: policy × shape, and × families when full. 0 or DS_ENOMEM. */
int ds_preview_matrix(struct ds_arena *a, const struct ds_service_cluster *cluster,
		      const struct ds_kube_version *version, bool full, struct ds_preview *ret) DS_MUST_CHECK;

/* How a report looks on a terminal. */
struct ds_text_options {
	unsigned width; /* columns; 0 = 80 */
	bool color;
	bool quiet;   /* the verdict and errors only */
	unsigned verbose;
};

/* A row of the format table: `-o name`. */
struct ds_format {
	const char *name;
	const char *help;
	void (*write)(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out);
};

const struct ds_format *ds_formats(size_t *ret_n);
const struct ds_format *ds_format_find(struct ds_str name);

void ds_report_text(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out);
void ds_report_json(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out);

/* A preview alone, as `dsaudit preview` prints it without Services. */
void ds_preview_text(const struct ds_preview *p, const struct ds_text_options *o, struct ds_out *out);
void ds_preview_json(const struct ds_preview *p, struct ds_out *out);

#endif
