#ifndef DS_YAML_SCALAR_H
#define DS_YAML_SCALAR_H

#include <stdbool.h>
#include <stdint.h>

#include "yaml/tree.h"

/*
 * The type sigs.k8s.io/yaml (go.yaml.in/yaml/v2, YAML 1.1 without sexagesimals)
 * gives a scalar before the field's type is known. Quoted and literal scalars
 * are always strings; JSON scalars have JSON's types.
 */
enum ds_yaml_type {
	DS_YAML_T_STRING,
	DS_YAML_T_INT,
	DS_YAML_T_FLOAT,
	DS_YAML_T_BOOL,
	DS_YAML_T_NULL,
	DS_YAML_T_TIMESTAMP, /* a string for every Kubernetes field */
	DS_YAML_T_SEQUENCE,
	DS_YAML_T_MAPPING,
};

struct ds_yaml_value {
	enum ds_yaml_type type;
	int64_t i;   /* INT that fits */
	bool big;    /* INT that does not fit int64; u holds it when it fits uint64 */
	uint64_t u;
	double f;    /* FLOAT */
	bool b;      /* BOOL */
	struct ds_str s; /* STRING, TIMESTAMP: the text */
};

/* go-yaml's resolve(): what node is for the decoder. NULL gives DS_YAML_T_NULL. */
struct ds_yaml_value ds_yaml_resolve(const struct ds_yaml_node *node);

/* How encoding/json names the value in its messages: "string", "number",
 * "bool", "array", "object", "null". */
const char *ds_yaml_json_type(const struct ds_yaml_node *node);

/*
 * A Go string field: strings only (0), null or NULL leaves the zero value
 * (0, empty), anything else is DS_ETYPE: Kubernetes answers "cannot unmarshal
 * number into Go struct field …".
 */
int ds_yaml_as_string(const struct ds_yaml_node *node, struct ds_str *ret);
/* Go integer field of the given width: integral numbers in range; DS_ETYPE or DS_ERANGE. */
int ds_yaml_as_int(const struct ds_yaml_node *node, unsigned bits, int64_t *ret);
int ds_yaml_as_bool(const struct ds_yaml_node *node, bool *ret);
bool ds_yaml_is_null(const struct ds_yaml_node *node);

#endif
