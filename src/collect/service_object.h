#ifndef DS_COLLECT_SERVICE_OBJECT_H
#define DS_COLLECT_SERVICE_OBJECT_H

#include "collect/service_stream.h"

/*
 * What an object in a stream is: private to the reading of Services. Cutting
 * the stream into objects is service_stream.c's.
 */

/* What its list says about an item that does not tell its own kind. */
enum ds__service_list {
	DS__LIST_NONE,     /* not in a list */
	DS__LIST_OWN,      /* kind: List, items tell their own */
	DS__LIST_SERVICES, /* kind: ServiceList */
	DS__LIST_OTHERS,   /* kind: ConfigMapList */
	DS__LIST_UNTOLD,   /* kind stands behind the items: Services unless it says otherwise */
};

/* Where objects come from at the moment. */
struct ds__service_source {
	struct ds_service_stream *s;
	struct ds_input *input;
	uint32_t line, column; /* where the text that is being read begins */
	size_t n_objects;      /* of any kind, so far */
	size_t n_untold;       /* items taken for Services although neither they nor their list had said so yet */
};

/* The kind of list that a text like "ServiceList" names; "" is DS__LIST_UNTOLD. */
enum ds__service_list ds__service_list_of(struct ds_str kind);

/*
 * Hands one object on: to the callback when it is a Service, to the counts
 * when it is not, item by item when it is a list. text: its JSON text or
 * empty. cut: its document ends in an error, so the last thing in it may not be
 * whole. 0, DS_ENOMEM or what the callback returned.
 */
int ds__service_object(struct ds__service_source *src, const struct ds_yaml_node *node, enum ds__service_list in,
		       struct ds_str text, bool cut) DS_MUST_CHECK;

/* Adds an error at a place of the text that is being read, and counts it. */
int ds__service_failed(struct ds__service_source *src, uint32_t line, uint32_t column, const char *hint,
		       const char *fmt, ...) DS_PRINTF(5, 6);

/* The end of a list whose kind is now known: says so when it is not one of Services after all. */
int ds__service_list_told(struct ds__service_source *src, struct ds_str kind) DS_MUST_CHECK;

#endif
