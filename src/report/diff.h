#ifndef DS_REPORT_DIFF_H
#define DS_REPORT_DIFF_H

#include "report/saved.h"

/*
 * What two reports differ in. Only what was looked at and is no longer found is
 * fixed: what is gone together with an input, a component or a check is unknown.
 */
enum ds_diff_status {
	DS_DIFF_NEW,
	DS_DIFF_CHANGED,
	DS_DIFF_UNKNOWN, /* gone, and nobody can say whether it is fixed */
	DS_DIFF_FIXED,
	DS_DIFF_SUPPRESSED, /* still found, and suppressed now */
	DS_DIFF_UNCHANGED,
	DS_DIFF__COUNT
};

const char *ds_diff_status_name(enum ds_diff_status s); /* "new", "changed", … */

struct ds_diff_finding {
	enum ds_diff_status status;
	const struct ds_saved_finding *old, *new; /* old of a new one: it was suppressed */
	const char *reason; /* why what is gone is not known to be fixed, what is new not known to be new, or NULL */
	bool severity, message;                   /* what changed */
	bool worse;        /* a higher severity, or more places than before */
	size_t came, went; /* places of a finding that stands for several */
};

enum ds_diff_change { DS_DIFF_OTHER, DS_DIFF_LOST, DS_DIFF_KNOWN }; /* another value; not known any more; known now */

const char *ds_diff_change_name(enum ds_diff_change c); /* "changed", "unknown", "known" */

struct ds_diff_fact {
	enum ds_diff_change change;
	const struct ds_saved_component *component; /* NULL: of the cluster */
	const char *what;
	const struct ds_yaml_node *old, *new; /* NULL: not there, or not known */
	const char *reason;                   /* LOST: why; KNOWN: why it was not */
};

/* Of these three one side is NULL when it came or went. */
struct ds_diff_component {
	const struct ds_saved_component *old, *new;
};
struct ds_diff_service {
	const struct ds_saved_service *old, *new;
};
struct ds_diff_input {
	const struct ds_saved_input *old, *new;
};

/* A rule that ended otherwise than before. */
struct ds_diff_check {
	const char *rule;
	const char *old, *new; /* "pass", …; NULL: it was not asked */
};

struct ds_diff_cluster {
	const struct ds_saved_cluster *old, *new;
	DS_VEC(struct ds_diff_finding) findings; /* by status, then as the reports have them */
	DS_VEC(struct ds_diff_fact) facts;
	DS_VEC(struct ds_diff_component) components; /* those that came or went */
	DS_VEC(struct ds_diff_service) services;
	DS_VEC(struct ds_diff_check) checks;
};

struct ds_diff_counts {
	size_t fresh[DS_SEVERITY__COUNT]; /* failures that are new */
	size_t worse[DS_SEVERITY__COUNT]; /* failures that became worse */
	size_t lost;  /* checks and facts that became unknown, findings that may or may not be fixed */
	size_t known; /* checks and facts that became known */
	size_t fixed, changed, suppressed, unchanged; /* failures; changed: not for the worse */
	size_t failed_inputs; /* that were not among the failed ones before */
	size_t other; /* clusters, facts, components, services and inputs that are not the same */
};

struct ds_diff {
	struct ds_arena *a;
	const struct ds_saved *old, *new;
	DS_VEC(struct ds_diff_input) inputs; /* that came, went or got another status or type */
	DS_VEC(struct ds_diff_cluster) clusters;
	struct ds_diff_counts counts;
	bool no_common_input; /* both have some, and none has a name of the other's */
};

/* Memory comes from a; the reports are borrowed. 0 or DS_ENOMEM. */
int ds_diff_reports(struct ds_arena *a, const struct ds_saved *old, const struct ds_saved *new, struct ds_diff *ret)
	DS_MUST_CHECK;

/* The difference in a few words, and its figures: "Worse", "1 new error; 2 fixed, 3 unchanged". */
const char *ds_diff_verdict(const struct ds_diff *d, enum ds_ink *ret_ink);
void ds_diff_say_counts(const struct ds_diff *d, struct ds_buf *b);

/* "kube-proxy of node-1 (proxy.yaml:3:1)". */
void ds_diff_say_component(struct ds_buf *b, const struct ds_saved_component *c);
/* "not known", "none" or the value. */
void ds_diff_say_value(struct ds_buf *b, const struct ds_diff_fact *f, bool old);
/* What a Service gets: the fields of its spec that differ from the other side's, or why it is refused. */
void ds_diff_say_service(struct ds_buf *b, const struct ds_diff *d, const struct ds_saved_service *s,
			 const struct ds_saved_service *other);

/* The writers, `-o text`, `-o json` and `-o markdown`. */
void ds_diff_text(const struct ds_diff *d, const struct ds_text_options *o, struct ds_out *out);
void ds_diff_json(const struct ds_diff *d, const struct ds_text_options *o, struct ds_out *out);
void ds_diff_markdown(const struct ds_diff *d, const struct ds_text_options *o, struct ds_out *out);

#endif
