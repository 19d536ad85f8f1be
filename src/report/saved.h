#ifndef DS_REPORT_SAVED_H
#define DS_REPORT_SAVED_H

#include "report/say.h"
#include "yaml/tree.h"

/*
 * An AuditReport that was written as JSON, read back. Findings are what they
 * were, as far as the report tells: a rule has its id and name, a place its
 * input's name, and no text is there to show.
 */
struct ds_saved_finding {
	struct ds_finding f; /* fingerprint: the report's own, of whatever it stands for */
	const char *by, *reason; /* suppressed: by what and why; else NULL */
};

/* An input and what became of it; of one that is named twice, the worst. */
struct ds_saved_input {
	struct ds_input in;
	bool seen_read; /* at least once */
};

struct ds_saved_component {
	const char *component, *node; /* node: "" when it is not said */
	struct ds_loc loc;
	const struct ds_yaml_node *version, *accepted, *errors, *warnings, *derived;
	const char *reason; /* why it is not known whether it starts, or NULL */
};

struct ds_saved_service {
	const char *ns, *name, *operation;
	bool accepted;
	const char *message; /* refused: the API server's, or NULL */
	const struct ds_yaml_node *spec, *warnings, *node;
};

/* What a cluster adds up to: value is NULL when it is not known or not there. */
struct ds_saved_fact {
	const char *what; /* "families.services" */
	const struct ds_yaml_node *value;
	const char *unknown; /* why nobody knows, or NULL */
};

struct ds_saved_cluster {
	const char *name;
	DS_VEC(struct ds_saved_fact) facts;
	DS_VEC(struct ds_saved_component) components;
	DS_VEC(struct ds_saved_finding) findings;
	DS_VEC(struct ds_saved_finding) suppressed;
	DS_VEC(struct ds_saved_service) services;
	bool has_checks; /* a report of an early version has none */
	struct ds_map checks; /* rule id -> 1 + enum ds_status */
};

struct ds_saved {
	const struct ds_input *input; /* the report itself */
	const char *tool_version;
	struct ds_map inputs; /* name -> struct ds_saved_input */
	DS_VEC(struct ds_saved_cluster) clusters;
	struct ds_tally tally;
};

/*
 * Reads text as a report. What is wrong with it (no JSON, something else, cut
 * short, of another version, a field of the wrong kind) is an error diagnostic
 * at its place. text and input must outlive *ret, whose memory is ctx's. 0,
 * DS_ESYNTAX, DS_ETOODEEP, DS_ETOOBIG, DS_EINVAL or DS_ENOMEM.
 */
int ds_saved_read(struct ds_ctx *ctx, const struct ds_input *input, struct ds_str text, struct ds_saved *ret)
	DS_MUST_CHECK;

/* How a rule ended; false when the report does not say that it was asked. */
bool ds_saved_check(const struct ds_saved_cluster *c, const char *rule, enum ds_status *ret);

/* What became of an input, or NULL when there was none of that name. */
const struct ds_saved_input *ds_saved_input(const struct ds_saved *s, const char *name);

/* Whether two values are the same; NULL is the same as NULL only. The order of the fields of an object is
 * none. DS_ENOMEM counts as a difference. */
bool ds_saved_same(struct ds_arena *a, const struct ds_yaml_node *x, const struct ds_yaml_node *y);

/* A value in a line: "IPv4, IPv6"; "none" for an empty list, nothing for NULL. */
void ds_saved_say(struct ds_buf *b, const struct ds_yaml_node *value);

#endif
