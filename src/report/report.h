#ifndef DS_REPORT_REPORT_H
#define DS_REPORT_REPORT_H

#include "model/model.h"
#include "report/out.h"
#include "rules/eval.h"
#include "service/service.h"

/* What one Service would get. */
struct ds_preview_item {
	const char *ns, *name;
	const char *operation; /* "create", "update" */
	const char *shape;     /* of a matrix item: the row and column it stands for, else NULL */
	const char *policy;
	struct ds_service_outcome outcome;
};

struct ds_preview {
	const char *unknown; /* why there is no preview, or NULL */
	struct ds_kube_version version;
	struct ds_cidr ranges[2];
	size_t n_ranges;
	DS_VEC(struct ds_preview_item) items;
};

struct ds_report_cluster {
	const struct ds_cluster *cluster;
	struct ds_findings findings;
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

/* Evaluates rules and previews for every cluster of the model. 0 or DS_ENOMEM. */
int ds_report_build(const struct ds_facts *facts, const struct ds_model *model, const struct ds_ruleset *rules,
		    struct ds_report *ret) DS_MUST_CHECK;

/* The preview of the usual Services: policy × shape, and × families when full.
 * ranges: the cluster's, primary first. 0 or DS_ENOMEM. */
int ds_preview_matrix(struct ds_arena *a, const struct ds_cidr *ranges, size_t n_ranges,
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

/* A preview alone, as `dsaudit preview` prints it. */
void ds_preview_text(const struct ds_preview *p, const struct ds_text_options *o, struct ds_out *out);
void ds_preview_json(const struct ds_preview *p, struct ds_out *out);

#endif
