#ifndef DS_COLLECT_DISTRO_H
#define DS_COLLECT_DISTRO_H

#include "collect/generated.h"
#include "yaml/field.h"

/*
 * What the collectors of distributions share: a configuration in YAML whose
 * fields become flags of the components that the distribution starts from it.
 * Each flag is placed at the field that causes it.
 */
struct ds_distro {
	struct ds_facts *f;
	const struct ds_input *input;
	const char *name;         /* "Talos": in messages */
	enum ds_source_kind kind; /* also the row of src/model/where.c that names its fields */
	const char *host;
	const char *node;  /* the node's name, or NULL */
	struct ds_loc loc; /* of the configuration: for what no field of it causes */
	bool partial;      /* fields that are not here may stand elsewhere: absent flags are unknown */
};

/* A value and what causes it. */
struct ds_distro_value {
	struct ds_str text; /* empty: there is none */
	struct ds_loc loc;  /* zero: the distribution's own choice */
};

struct ds_distro_version {
	bool known;
	struct ds_kube_version version;
	enum ds_version_origin origin;
	struct ds_loc loc;
};

/* The configuration in an input, on a host of its own. name: as above. */
struct ds_distro ds_distro_of(struct ds_facts *f, const struct ds_input *input, const struct ds_yaml_node *root,
			      const char *name, enum ds_source_kind kind);

struct ds_loc ds_distro_loc(const struct ds_distro *d, const struct ds_yaml_node *node);

/*
 * Overrides v when the field at a dotted path of object (NULL: object itself)
 * holds a text or a list of texts, which is joined by commas as flags have it.
 * The place of a list is its first element that is no network, else its first.
 * What is of another kind, there or on the way there, is told as an error, once.
 * 0 or DS_ENOMEM.
 */
int ds_distro_take(const struct ds_distro *d, const struct ds_yaml_node *object, const char *path,
		   struct ds_distro_value *v) DS_MUST_CHECK;
/* The same for several fields. */
struct ds_distro_field {
	const char *path;
	struct ds_distro_value *value;
};
int ds_distro_takes(const struct ds_distro *d, const struct ds_yaml_node *object, const struct ds_distro_field *fields,
		    size_t n) DS_MUST_CHECK;
/* Whether the field says so; fallback when it says nothing or no bool. */
bool ds_distro_bool(const struct ds_yaml_node *object, const char *path, bool fallback);

/* Overrides v when the field at path holds an image whose tag tells a Kubernetes version. */
void ds_distro_image(const struct ds_distro *d, const struct ds_yaml_node *object, const char *path,
		     struct ds_distro_version *v);

/* Overrides v when the field at path holds a version ("v1.34.1+k0s.0"). */
void ds_distro_release(const struct ds_distro *d, const struct ds_yaml_node *object, const char *path,
		       struct ds_distro_version *v);

struct ds_generated ds_distro_start(const struct ds_distro *d, enum ds_component component);

/* The distribution's own flag; none when v has no text. 0 or DS_ENOMEM. */
int ds_distro_add(const struct ds_distro *d, struct ds_generated *g, const char *name,
		  const struct ds_distro_value *v) DS_MUST_CHECK;
int ds_distro_addz(const struct ds_distro *d, struct ds_generated *g, const char *name, const char *text) DS_MUST_CHECK;

/* The same for several: what has neither text nor value is left out. */
struct ds_distro_flag {
	const char *name, *text;
	const struct ds_distro_value *value;
};
int ds_distro_addn(const struct ds_distro *d, struct ds_generated *g, const struct ds_distro_flag *flags,
		   size_t n) DS_MUST_CHECK;

/*
 * The user's flags, which replace the distribution's own: a mapping of names to
 * texts or lists of them (each a use of its own), or a list of mappings with
 * name and value. 0 or DS_ENOMEM.
 */
int ds_distro_args(const struct ds_distro *d, struct ds_generated *g, const struct ds_yaml_node *args) DS_MUST_CHECK;
/* A list of arguments as they are, "--name=value" each; any other word makes the rest of the command line unknown. */
int ds_distro_raw(struct ds_distro *d, struct ds_generated *g, const struct ds_yaml_node *list) DS_MUST_CHECK;
/* The audited fields of a component's configuration file, as the user's flags that say the same. 0 or DS_ENOMEM. */
int ds_distro_fields(const struct ds_distro *d, struct ds_generated *g,
		     const struct ds_yaml_node *config) DS_MUST_CHECK;

/* --cluster-dns: the index-th address of the first Service range, or of every one. Nothing when a range is none. */
int ds_distro_dns(const struct ds_distro *d, struct ds_generated *g, const struct ds_distro_value *services,
		  uint64_t index, bool every) DS_MUST_CHECK;

/* Adds the component to the facts. version may be NULL. 0 or DS_ENOMEM. */
int ds_distro_observe(const struct ds_distro *d, const struct ds_generated *g,
		      const struct ds_distro_version *version) DS_MUST_CHECK;

/* "<name> refuses this configuration: …", an error at loc, or at the configuration when loc is zero. 0 or DS_ENOMEM. */
int ds_distro_refuse(const struct ds_distro *d, const struct ds_loc *loc, const char *fmt, ...) DS_PRINTF(3, 4);

/* The texts of a list value, one after the other; false at the end. Start with *done false. */
bool ds_distro_next(struct ds_str *rest, bool *done, struct ds_str *ret);

#endif
