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
enum ds_derived_kind {
	DS_DERIVED_STRING,
	DS_DERIVED_LIST,
	DS_DERIVED_NUMBERS, /* a list whose texts are decimal numbers */
	DS_DERIVED_INT,
	DS_DERIVED_BOOL,
};

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

/*
 * Builders. All copy their texts into the arena and return 0 or DS_ENOMEM;
 * loc may be NULL. They only add: ds_verdict_settle decides at the end.
 */
int ds_verdict_error(struct ds_arena *a, struct ds_verdict *v, const struct ds_loc *loc, const char *fmt, ...)
	DS_PRINTF(4, 5) DS_MUST_CHECK;
int ds_verdict_warning(struct ds_arena *a, struct ds_verdict *v, const struct ds_loc *loc, const char *fmt, ...)
	DS_PRINTF(4, 5) DS_MUST_CHECK;
/* Notes what could not be known; the first reason is kept. */
int ds_verdict_unknown(struct ds_arena *a, struct ds_verdict *v, const char *fmt, ...)
	DS_PRINTF(3, 4) DS_MUST_CHECK;

/* name: a string literal. list: borrowed, must live in the arena. value NULL: whoever made it had no memory. */
int ds_verdict_derive_string(struct ds_arena *a, struct ds_verdict *v, const char *name, const char *value)
	DS_MUST_CHECK;
int ds_verdict_derive_list(struct ds_arena *a, struct ds_verdict *v, const char *name, const char *const *list,
			   size_t n) DS_MUST_CHECK;
/* The same for decimal numbers, which may be larger than any integer type. */
int ds_verdict_derive_numbers(struct ds_arena *a, struct ds_verdict *v, const char *name, const char *const *list,
			   size_t n) DS_MUST_CHECK;
int ds_verdict_derive_int(struct ds_arena *a, struct ds_verdict *v, const char *name, int64_t value) DS_MUST_CHECK;
int ds_verdict_derive_bool(struct ds_arena *a, struct ds_verdict *v, const char *name, bool value) DS_MUST_CHECK;

/* Any error: refused. Else any unknown: unknown. Else accepted. */
void ds_verdict_settle(struct ds_verdict *v);

/* The derived fact of that name, or NULL. */
const struct ds_derived *ds_verdict_derived(const struct ds_verdict *v, const char *name);

/*
 * The errors as the process prints them: one as it is, several as
 * "[first, second]" without repetitions. "" when there are none, NULL when out
 * of memory. Source: k8s.io/apimachinery/pkg/util/errors errors.go:aggregate.Error.
 */
const char *ds_verdict_printed(struct ds_arena *a, const struct ds_verdict *v) DS_MUST_CHECK;

#endif
