#ifndef DS_COLLECT_NODE_FILES_H
#define DS_COLLECT_NODE_FILES_H

#include "collect/documents.h"
#include "collect/observe.h"

struct ds_bundle; /* one node's files, for those who look for a named file */

/* The file at path as the bundle holds it: input and yaml, or unavailable.
 * process: the process whose own files come first, or NULL. 0 or DS_ENOMEM. */
int ds_bundle_file(struct ds_facts *f, const struct ds_bundle *b, const struct ds_yaml_node *process,
		   struct ds_named_file *file) DS_MUST_CHECK;

#endif
