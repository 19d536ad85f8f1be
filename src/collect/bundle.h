#ifndef DS_COLLECT_BUNDLE_H
#define DS_COLLECT_BUNDLE_H

#include "model/facts.h"

/*
 * Collects one NodeBundle (design: processes, files, sysctls, addresses,
 * objects of one node) from its parsed form. input: where diagnostics and
 * places point. What is wrong with the bundle becomes diagnostics. 0 or
 * DS_ENOMEM.
 */
int ds_collect_bundle_node(struct ds_facts *f, const struct ds_input *input, const struct ds_yaml_node *bundle)
	DS_MUST_CHECK;

#endif
