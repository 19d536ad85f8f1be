#ifndef DS_REPORT_SAY_H
#define DS_REPORT_SAY_H

#include "base/map.h"
#include "report/pen.h"

/* What several formats say in the same words, in the same order. */

/* What the verdict of a report hangs on. */
struct ds_tally {
	size_t clusters;
	size_t severity[DS_SEVERITY__COUNT];
	size_t passed, suppressed;
	size_t missing; /* rules whose check could not be made */
	bool incomplete;
};

struct ds_tally ds_report_tally(const struct ds_report *r);

/* The verdict in a few words, without its figures: "No problem found". */
const char *ds_say_verdict(const struct ds_tally *t, enum ds_ink *ret_ink);
/* Its figures: "1 error, 0 warnings; 40 checks passed". Empty when nothing was there to audit. */
void ds_say_counts(const struct ds_tally *t, struct ds_buf *b);
/* "1 error", "2 errors". */
void ds_say_number(struct ds_buf *b, size_t n, const char *one, const char *many);

/* "1.31.0", or "1.31" when the patch level is unknown. */
void ds_say_version(const struct ds_kube_version *v, char ret[static 48]);
/* "from the image": how a version is known. */
const char *ds_say_version_origin(enum ds_version_origin o);

/* "file:3:7", "/proc, pid 3580": a place in words, as the input spells it. */
void ds_say_place(const struct ds_loc *l, struct ds_buf *b);

/* The finding's own words; of one that is no failure, that it could not be checked. */
void ds_say_finding(const struct ds_finding *f, struct ds_buf *b);

/* Adds text with every run of blanks and line breaks as one blank. */
void ds_say_flat(struct ds_buf *b, struct ds_str text);

/* A reference of a rule as the address of a page. */
void ds_say_reference(const char *reference, struct ds_buf *b);

/* Is it a place in a file that others could open: no process, no standard input? */
bool ds_place_in_file(const struct ds_loc *l);
/* The first such place of a finding, or NULL. */
const struct ds_loc *ds_finding_in_file(const struct ds_finding *f);
/* A path as others of the same tree would name it: without leading "./" and "/". */
struct ds_str ds_place_path(const struct ds_loc *l);

/* Calls fn for all findings of all clusters: the failed by severity, worst first, then what is unknown. */
typedef void ds_finding_fn(void *arg, const struct ds_report_cluster *c, const struct ds_finding *f);
void ds_report_each(const struct ds_report *r, ds_finding_fn *fn, void *arg);

/* Why a rule that does not hold has no finding: suppressed, with the reason, or said by another rule. */
void ds_say_why_silent(const struct ds_report_cluster *c, const struct ds_rule *rule, struct ds_buf *b);

/* Rules whose check could not be made. */
size_t ds_report_missing_checks(const struct ds_report *r);

/* The first error of each input: it says why, and where. In the arena of ctx. */
void ds_say_told(const struct ds_ctx *ctx, struct ds_map *ret);
/* That of one input, or NULL. */
const struct ds_diag *ds_say_told_of(const struct ds_map *told, const struct ds_input *in);

/* Calls fn for what there is to say about the inputs: the failed ones, then the diagnostics. */
typedef void ds_remark_fn(void *arg, enum ds_level level, const char *message, const char *hint,
			  const struct ds_loc *l);
void ds_report_each_remark(const struct ds_report *r, ds_remark_fn *fn, void *arg);

#endif
