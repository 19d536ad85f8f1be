#ifndef DS_CEL_VALUE_H
#define DS_CEL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "net/ip.h"

/*
 * Values and types of the rule language, a documented subset of CEL.
 *
 * Host data are OBJECT values: an array of field values beside a type that
 * names them, so the checker knows every field before any data is seen.
 */
enum ds_cel_kind {
	DS_CEL_NULL,
	DS_CEL_BOOL,
	DS_CEL_INT,
	DS_CEL_STRING,
	DS_CEL_IP,     /* net.IP */
	DS_CEL_CIDR,   /* net.CIDR */
	DS_CEL_LIST,
	DS_CEL_MAP,    /* string, int or bool keys */
	DS_CEL_OBJECT,
	DS_CEL_TYPE,   /* a type as a value */
	DS_CEL_DYN,    /* in types only: not known before evaluation */
	/* Not values of the language: */
	DS_CEL_ABSENT,  /* a field that is not set: has() is false, use is an error */
	DS_CEL_UNKNOWN, /* a field nobody could see: has() and use are errors; err says why */
	DS_CEL_ERROR,   /* the result of a failed evaluation */
};

struct ds_cel_object_type;

struct ds_cel_type {
	enum ds_cel_kind kind;
	const struct ds_cel_type *key;   /* MAP */
	const struct ds_cel_type *elem;  /* LIST, MAP */
	const struct ds_cel_object_type *object; /* OBJECT */
};

struct ds_cel_field {
	const char *name;
	const struct ds_cel_type *type;
	const char *doc; /* one line, for `dsaudit rules fields` and dsaudit-rules(5) */
};

struct ds_cel_object_type {
	const char *name;
	const char *doc;
	const struct ds_cel_field *fields;
	size_t n_fields;
};

/* Why an evaluation gave no value. missing: the fact that nobody could see or
 * that is not set, as a path ("kcm.clusterCIDR"); else an evaluation error. */
struct ds_cel_error {
	const char *message; /* one line */
	bool missing;
	size_t offset;       /* byte offset in the expression */
};

struct ds_cel_value;

struct ds_cel_entry; /* of a MAP */

struct ds_cel_value {
	enum ds_cel_kind kind;
	const struct ds_loc *loc; /* where the fact stands; carried through selection and indexing */
	union {
		bool b;
		int64_t i;
		struct ds_str s;
		struct ds_ip ip;
		struct ds_cidr cidr;
		struct {
			const struct ds_cel_value *v;
			size_t n;
		} list;
		struct {
			const struct ds_cel_entry *v; /* insertion order */
			size_t n;
		} map;
		struct {
			const struct ds_cel_object_type *type;
			const struct ds_cel_value *fields; /* type->n_fields of them */
		} object;
		const struct ds_cel_type *type;
		const struct ds_cel_error *err; /* ERROR; UNKNOWN: err->message is the reason */
	};
};

struct ds_cel_entry {
	struct ds_cel_value key;
	struct ds_cel_value value;
};

extern const struct ds_cel_type ds_cel_type_null, ds_cel_type_bool, ds_cel_type_int, ds_cel_type_string,
	ds_cel_type_ip, ds_cel_type_cidr, ds_cel_type_dyn, ds_cel_type_list_string, ds_cel_type_list_int,
	ds_cel_type_list_ip, ds_cel_type_list_cidr, ds_cel_type_list_dyn;

static inline struct ds_cel_value ds_cel_bool(bool b)
{
	return (struct ds_cel_value){.kind = DS_CEL_BOOL, .b = b};
}
static inline struct ds_cel_value ds_cel_int(int64_t i)
{
	return (struct ds_cel_value){.kind = DS_CEL_INT, .i = i};
}
static inline struct ds_cel_value ds_cel_string(struct ds_str s)
{
	return (struct ds_cel_value){.kind = DS_CEL_STRING, .s = s};
}

#endif
