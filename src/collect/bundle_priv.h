#ifndef DS_COLLECT_BUNDLE_PRIV_H
#define DS_COLLECT_BUNDLE_PRIV_H

#include "model/facts.h"

/* What bundle.c (processes, files, objects) and bundle_host.c (the host itself) share. */

struct ds_bundle {
	const struct ds_input *input;
	const struct ds_yaml_node *root;
	const char *node;
	const char *host;
	bool has_version;
	struct ds_kube_version version;
	struct ds_loc version_loc;
	size_t n_folders; /* of drop-ins looked for: each is a walk over all files */
	DS_VEC(struct loaded_file {
		const struct ds_yaml_node *entry;
		struct ds_input *input;
		const struct ds_yaml_stream *yaml;
	}) loaded; /* each file is read once, however many processes name it */
};

/* Says that a part is left out: what ("argv") is not want ("a list"). 0 or DS_ENOMEM. */
int ds_bundle_wrong_type(struct ds_facts *f, const struct ds_bundle *b, const struct ds_yaml_node *node,
			 const char *what, const char *want) DS_MUST_CHECK;
/* A string field, copied and terminated; NULL in *ret when it is missing or of another type. 0 or DS_ENOMEM. */
int ds_bundle_text(struct ds_facts *f, const struct ds_bundle *b, const struct ds_yaml_node *map, const char *key,
		   const char **ret) DS_MUST_CHECK;
/* The child of the given kind, or NULL with a diagnostic when it is another one. 0 or DS_ENOMEM. */
int ds_bundle_child(struct ds_facts *f, const struct ds_bundle *b, const struct ds_yaml_node *map, const char *key,
		    enum ds_yaml_kind kind, const struct ds_yaml_node **ret) DS_MUST_CHECK;

/* addresses, routes, sysctls and kernelArguments. 0 or DS_ENOMEM. */
int ds_bundle_host(struct ds_facts *f, const struct ds_bundle *b, struct ds_host *host) DS_MUST_CHECK;

#endif
