#ifndef DS_YAML_MERGE_H
#define DS_YAML_MERGE_H

#include <stdbool.h>

#include "yaml/build.h"

/* go-yaml v2 decode.go:isMerge: a plain "<<", or one tagged !!merge. */
bool ds__yaml_is_merge_key(const struct ds_yaml_node *key);

/*
 * Applies the "<<" entries of map, in file order, as go-yaml v2's decoder does
 * (decode.go:mapping, merge), marks duplicates and leaves the merged entries
 * last. A value that cannot be merged is an error diagnostic and DS_ESYNTAX.
 */
int ds__yaml_merge(struct ds__yaml_builder *b, struct ds_yaml_node *map);

/* Reports keys that Kubernetes' parser or its conversion to JSON refuses. */
int ds__yaml_check_keys(struct ds__yaml_builder *b, const struct ds_yaml_node *map);

#endif
