#ifndef DS_KUBE_VERDICT_H
#define DS_KUBE_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"

/* Would this binary, at this version, start with these settings? */
enum ds_startup {
	DS_STARTUP_UNKNOWN, /* it depends on something nobody could see; reason says what */
	DS_STARTUP_ACCEPTED,
	DS_STARTUP_REFUSED,
};

/* One message in upstream's own words, and the text that causes it. */
struct ds_verdict_msg {
	const char *message;
	struct ds_loc loc; /* of the offending flag or field; zero when there is none */
};

/* One derived fact, in the shape the report prints: name and either a text, a
 * list of texts, a number or a boolean. */
enum ds_derived_kind { DS_DERIVED_STRING, DS_DERIVED_LIST, DS_DERIVED_INT, DS_DERIVED_BOOL };

struct ds_derived {
	const char *name; /* "primaryIPFamily": lowerCamelCase, documented in dsaudit-report(5) */
	enum ds_derived_kind kind;
	const char *string;
	const char *const *list;
	size_t n;
	int64_t integer;
	bool boolean;
};

struct ds_verdict {
	enum ds_startup startup;
	const char *reason; /* of UNKNOWN */
	DS_VEC(struct ds_verdict_msg) errors;   /* in the order the component would print them */
	DS_VEC(struct ds_verdict_msg) warnings;
	DS_VEC(struct ds_derived) derived;
};

#endif
