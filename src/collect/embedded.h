#ifndef DS_COLLECT_EMBEDDED_H
#define DS_COLLECT_EMBEDDED_H

#include "collect/documents.h"

/*
 * Reads the YAML text of a scalar. Its places, and those of diagnostics about
 * it, are where the text stands in src->input: line and column inside a literal
 * block (when src->lines are known), else the scalar itself. *ret_broken: the
 * text stops at an error. 0 or DS_ENOMEM.
 */
int ds_embedded_load(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *scalar,
		     struct ds_yaml_stream **ret, bool *ret_broken) DS_MUST_CHECK;

#endif
