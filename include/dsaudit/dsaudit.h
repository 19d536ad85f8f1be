#ifndef DSAUDIT_DSAUDIT_H
#define DSAUDIT_DSAUDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "dsaudit/version.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * libdsaudit: audits the IPv4/IPv6 dual-stack configuration of Kubernetes
 * clusters. One struct ds_audit is one run: add inputs, run, write reports.
 *
 *	struct ds_audit *a = ds_audit_new();
 *	ds_audit_add_path(a, "/etc/kubernetes/manifests", NULL);
 *	ds_audit_run(a);
 *	ds_audit_write(a, "json", STDOUT_FILENO, NULL);
 *	ds_audit_free(a);
 *
 * Functions return 0 or a negative code: ds_audit_error() has one line about
 * the last one. Nothing here prints, exits, reads the environment or changes
 * global state; different runs may be used by different threads.
 */
struct ds_audit;

/* What ended a call that did not return 0. */
enum ds_audit_code {
	DS_AUDIT_ENOMEM = -1,  /* out of memory, or over the run's memory limit */
	DS_AUDIT_EINVAL = -2,  /* an argument is wrong */
	DS_AUDIT_ERULES = -3,  /* a file of rules, ignores or a baseline has errors; see ds_audit_error */
	DS_AUDIT_EWRITE = -4,  /* the report could not be written whole */
};

/* A new run with the built-in rules. NULL when out of memory. */
struct ds_audit *ds_audit_new(void);
/* Ends the run and releases all of it. NULL is allowed. */
void ds_audit_free(struct ds_audit *a);

/* Audits as this Kubernetes version ("1.34", "v1.31.0") whatever the inputs say. */
int ds_audit_set_version(struct ds_audit *a, const char *version);

/* Reads rules from a file, or from every *.yaml in a folder. replace: forget
 * all earlier ones first, the built-in ones included. */
int ds_audit_add_rules(struct ds_audit *a, const char *path, bool replace);
/*
 * Leaves a rule out, by id or name ("DS101"), or suppresses what it finds in
 * sources whose name matches a glob ("DS101:*.yaml"), or on a node
 * ("DS101:node-1"). DS_AUDIT_EINVAL when there is no such rule.
 */
int ds_audit_ignore(struct ds_audit *a, const char *rule);
/* Suppresses what an ignore file lists; its format is described in dsaudit-rules(5). */
int ds_audit_add_ignore_file(struct ds_audit *a, const char *path);
/* Suppresses what was found when the baseline was written. */
int ds_audit_add_baseline(struct ds_audit *a, const char *path);
/* The day ("2026-12-31") by which entries of ignore files expire. Without it,
 * an entry that expires counts as expired. */
int ds_audit_set_today(struct ds_audit *a, const char *date);

/*
 * Adds a file, a folder (walked), or "-" for standard input. type: what it is
 * ("static-pod", "ps", "bundle", …), or NULL to find out from its content. An
 * input that cannot be read does not fail the call: it is in the report, and
 * the run is incomplete.
 */
int ds_audit_add_path(struct ds_audit *a, const char *path, const char *type);
/* Adds this host (root NULL or ""), or one whose file system is mounted at
 * root: its processes, the files that they name, and what it is set up to run. */
int ds_audit_add_host(struct ds_audit *a, const char *root);

/*
 * fn is called often while inputs are read and rules are checked: what ("inputs
 * read", "rules checked"), how many, and of how many (0: not known). It must be
 * quick and must not use a. NULL: nobody wants to know. Set it first.
 */
void ds_audit_set_progress(struct ds_audit *a, void (*fn)(void *data, const char *what, size_t done, size_t total),
			   void *data);

/* Evaluates everything. Call once, after the inputs. */
int ds_audit_run(struct ds_audit *a);

struct ds_audit_summary {
	size_t clusters; /* 0: no Kubernetes component was found */
	size_t errors, warnings, infos;
	size_t unknown; /* checks that could not be made */
	size_t passed, not_applicable;
	bool incomplete; /* an input could not be read */
	size_t suppressed; /* findings that are in none of the counts above */
};

/* After ds_audit_run. */
void ds_audit_get_summary(const struct ds_audit *a, struct ds_audit_summary *ret);

/* How a report for people looks; zero is 80 columns without colour. */
struct ds_audit_style {
	unsigned width;
	bool color, quiet;
	unsigned verbose;
};

/* Writes a report ("text", "json") to a descriptor, which stays open. style may be NULL. */
int ds_audit_write(struct ds_audit *a, const char *format, int fd, const struct ds_audit_style *style);
/* Writes what was found as a baseline for ds_audit_add_baseline. The same findings give the same bytes. */
int ds_audit_write_baseline(struct ds_audit *a, int fd);
/* The n-th format name, or NULL after the last. */
const char *ds_audit_format(size_t n);

/* One line about the last call that failed; "" when none did. Lives as long as the run. */
const char *ds_audit_error(const struct ds_audit *a);

#ifdef __cplusplus
}
#endif

#endif
