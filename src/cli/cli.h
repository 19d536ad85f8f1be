#ifndef DS_CLI_CLI_H
#define DS_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "cli/words.h"
#include "dsaudit/dsaudit.h"
#include "service/service.h"

/* Exit status: part of the interface, never changed. */
enum {
	DS_EXIT_OK = 0,         /* nothing at or above --fail-on */
	DS_EXIT_FINDINGS = 1,   /* the audit ran and findings reached --fail-on */
	DS_EXIT_USAGE = 2,
	DS_EXIT_INCOMPLETE = 3, /* an input could not be read, or a rule is unknown under --strict */
	DS_EXIT_INTERNAL = 4,   /* internal error, or the report could not be written */
};

enum ds_color { DS_COLOR_AUTO, DS_COLOR_ALWAYS, DS_COLOR_NEVER };

#define DS_MAX_OUTPUTS 16
#define DS_MAX_REPEATED 64

struct ds_output {
	const char *format;
	const char *file; /* NULL: standard output */
};

/* The values of an option that may be repeated. */
struct ds_cli_list {
	const char *v[DS_MAX_REPEATED];
	size_t n;
};

/* What the command line asked for, all commands together. */
struct ds_cli {
	const char *program;
	const struct ds_command *command; /* NULL: not known yet */
	struct ds_output outputs[DS_MAX_OUTPUTS];
	size_t n_outputs;
	const char *fail_on, *kubernetes_version, *type, *rules, *host_root, *service_range;
	struct ds_cli_list rules_add, ignore, ignore_files;
	const char *baseline, *write_baseline;
	const char *out_file, *node_name; /* collect */
	const char *rules_format; /* rules, explain */
	struct ds_cli_list services, before; /* preview */
	const char *feature_gates;
	enum ds_service_field_validation validate;
	bool dry_run;
	enum ds_color color;
	bool strict, quiet, explain;
	unsigned verbose;
	size_t count; /* of nodes; 0: not said */
	char wrong[512]; /* what is wrong with a value, where that is put together */
	char **args;     /* what is left */
	int n_args;
};

struct ds_option {
	char letter; /* or '\0' */
	const char *name;
	const char *argument; /* "FILE", or NULL: takes none */
	const char *help;
	/* Stores the value (NULL: none was taken); NULL or a message saying what is wrong with it. */
	const char *(*set)(struct ds_cli *c, const struct ds_option *o, const char *value);
	size_t field; /* of struct ds_cli, in which set stores */
	enum ds_value takes;
	const struct ds_word *words; /* of DS_VALUE_WORD */
};

struct ds_command {
	const char *name;
	const char *synopsis; /* "[INPUT…]" */
	const char *help;     /* one line */
	const char *details;  /* for --help, or NULL */
	const struct ds_option *const *options; /* NULL-terminated */
	int (*run)(struct ds_cli *c);
	enum ds_value takes; /* its arguments: files, or one of anything else */
	const struct ds_word *words; /* of DS_VALUE_WORD */
};

/* NULL-terminated, in the order of the help. The first one is what runs without a name. */
extern const struct ds_command *const ds_commands[];
/* The command of that name, or NULL. */
const struct ds_command *ds_command_find(const char *name);
/* The name of the command that is written most like it, or NULL. */
const char *ds_command_nearest(const char *name);

/* What `rules` takes as its first argument. */
extern const struct ds_word ds_rules_words[];
/* The shells of `completion`. */
extern const struct ds_word ds_shell_words[];

int ds_cmd_audit(struct ds_cli *c);
int ds_cmd_preview(struct ds_cli *c);
int ds_cmd_nodes(struct ds_cli *c);
int ds_cmd_collect(struct ds_cli *c);
int ds_cmd_diff(struct ds_cli *c);
int ds_cmd_rules(struct ds_cli *c);
int ds_cmd_explain(struct ds_cli *c);
int ds_cmd_completion(struct ds_cli *c);
int ds_cmd_version(struct ds_cli *c);
int ds_cmd_help(struct ds_cli *c);

/* One line to standard error, escaped like all text from outside: "dsaudit: …". Returns status. */
int ds_cli_error(const struct ds_cli *c, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* A diagnostic with its place, to standard error: "dsaudit: services.yaml:3:7: error: …". */
void ds_cli_diag(const struct ds_cli *c, const struct ds_diag *d);

/* The inputs that the arguments name, or this host. 0, or an exit status after saying what is wrong. */
int ds_cli_add_inputs(struct ds_cli *c, struct ds_audit *a);

/* Colour and width for a descriptor. */
struct ds_audit_style ds_cli_style(const struct ds_cli *c, int fd);

/* Help for a command, or for all of them (NULL), to standard output. An exit status. */
int ds_cli_help(const struct ds_cli *c, const struct ds_command *command);

#endif
