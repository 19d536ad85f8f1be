#ifndef DS_COLLECT_K3S_PRIV_H
#define DS_COLLECT_K3S_PRIV_H

#include "base/map.h"
#include "collect/pending.h"
#include "net/ip.h"

/* Shared by the k3s*.c files only. */

struct ds__k3s_value {
	struct ds_str text;
	struct ds_loc loc;
};

struct ds__k3s_setting {
	DS_VEC(struct ds__k3s_value) v;
};

struct ds__k3s_node {
	struct ds_facts *f;
	const struct ds_k3s_file *main; /* or the first drop-in, or NULL: a command line alone */
	const struct ds_k3s_command *command;
	struct ds_loc loc;
	const char *host;
	DS_VEC(const struct ds_k3s_file *) files;
	struct ds_map settings; /* key -> struct ds__k3s_setting */
	enum ds_family primary; /* DS_FAMILY_NONE: nothing tells */
	bool ipv6_only;
	bool server;
};

/* k3s_settings.c. 0 or DS_ENOMEM. */
int ds__k3s_read_pair(struct ds__k3s_node *n, const struct ds_input *input, const struct ds_yaml_pair *pair);
int ds__k3s_read_command(struct ds__k3s_node *n, const struct ds_k3s_command *c);
/* NULL when it has no value. */
const struct ds__k3s_setting *ds__k3s_get(const struct ds__k3s_node *n, const char *key);
bool ds__k3s_is_true(const struct ds__k3s_node *n, const char *key);
/* The elements of a list flag, joined; *ret_loc is the first one's place. 0 or DS_ENOMEM. */
int ds__k3s_joined(const struct ds__k3s_node *n, const char *key, struct ds_str *ret, struct ds_loc *ret_loc);

/* k3s_check.c: what k3s refuses, as diagnostics. 0 or DS_ENOMEM. */
int ds__k3s_check(const struct ds__k3s_node *n, const struct ds__k3s_value *pods, const struct ds__k3s_value *services);

#endif
