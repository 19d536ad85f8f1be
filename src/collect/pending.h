#ifndef DS_COLLECT_PENDING_H
#define DS_COLLECT_PENDING_H

#include "collect/lines.h"
#include "model/facts.h"

/*
 * What stands in several inputs waits here until the last one was read: see
 * ds_collect_finish.
 */

/* A component's configuration: a file, or an entry of a ConfigMap. */
struct ds_config_file {
	enum ds_component component;
	const struct ds_input *input;
	const struct ds_yaml_stream *yaml; /* this document alone */
	const char *name;     /* the path of the file, or what to call the entry */
	const char *host;
	const char *node;
	const char *cm_name, *cm_key; /* the entry of a ConfigMap that it is, or NULL */
	bool broken;          /* its text stops at an error: what it shows is not all */
	bool ambiguous;       /* another ConfigMap's entry has its name */
	size_t claims;        /* command lines that name it */
};

/* A file that a pod has from a ConfigMap. */
struct ds_mounted_file {
	struct ds_observed *o;
	size_t file; /* in o->files */
	const char *cm_name, *cm_key;
};

/* A systemd unit or drop-in, or an environment file. */
struct ds_unit_file {
	struct ds_input *input;
	struct ds_lines lines;
	bool used; /* by a command line */
};

/* A k3s or RKE2 configuration, or a file of its config.yaml.d. */
struct ds_k3s_file {
	const struct ds_input *input;
	const struct ds_yaml_node *root;
};

/* A command line of k3s or RKE2, whose flags are the keys of its configuration. */
struct ds_k3s_command {
	struct ds_loc loc;
	const char *host;
	const char *config;        /* the file that it reads, as an input may be named, or NULL: nothing tells whose */
	bool server;
	const struct ds_arg *argv; /* after "server" or "agent" */
	size_t n;
};

/* A file of an Ansible inventory, or of MicroShift's configuration. */
struct ds_vars_file {
	struct ds_input *input;
	const struct ds_yaml_node *root;
};

struct ds_pending {
	DS_VEC(struct ds_vars_file) kubespray, microshift;
	DS_VEC(struct ds_k3s_file) k3s;
	DS_VEC(struct ds_k3s_command) k3s_commands;
	DS_VEC(struct ds_unit_file *) units;
	DS_VEC(struct ds_unit_file *) envs;
	DS_VEC(struct ds_mounted_file) mounted;
	DS_VEC(struct ds_config_file *) configs;
};

/* The facts' own, made on first use; NULL when out of memory. */
struct ds_pending *ds_pending(struct ds_facts *f) DS_MUST_CHECK;

#endif
