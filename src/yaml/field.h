#ifndef DS_YAML_FIELD_H
#define DS_YAML_FIELD_H

#include "base/arena.h"
#include "yaml/tree.h"

/* The field at a dotted path ("cluster.network.podSubnets"), as ds_yaml_get finds each part; NULL when there is none.
 */
const struct ds_yaml_node *ds_yaml_field(const struct ds_yaml_node *node, const char *path);

/*
 * A field as a flag would write it: the elements of a sequence joined by
 * commas, a mapping as key=value pairs. What is nested deeper is left out.
 * 0 or DS_ENOMEM.
 */
int ds_yaml_flag_text(struct ds_arena *a, const struct ds_yaml_node *node, struct ds_str *ret) DS_MUST_CHECK;

#endif
