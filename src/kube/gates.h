#ifndef DS_KUBE_GATES_H
#define DS_KUBE_GATES_H

#include <stdbool.h>
#include <stddef.h>

#include "kube/cmdline.h"
#include "kube/component.h"
#include "kube/verdict.h"

enum ds_gate_stage {
	DS_GATE_PREALPHA, /* known by name only: cannot be set */
	DS_GATE_ALPHA,
	DS_GATE_BETA,
	DS_GATE_GA,
	DS_GATE_DEPRECATED,
	DS_GATE_REMOVED, /* no longer known: naming it is an error */
	DS_GATE_STAGE__COUNT
};

/* A row of kube/gates.def: what holds from minor version `since` on. */
struct ds_gate {
	const char *name;
	unsigned char since;
	enum ds_gate_stage stage;
	bool on;       /* the default */
	bool locked;   /* cannot be set to anything but the default */
	bool kcm_only; /* other components do not know it */
};

enum ds_gate_value {
	DS_GATE_OFF,
	DS_GATE_ON,
	DS_GATE_UNKNOWN, /* no such gate at that version, or nobody can tell */
};

/* The row that holds at a minor version, or NULL when no version up to it knew the gate. */
const struct ds_gate *ds_gate_find(struct ds_str name, unsigned minor);
/* All rows, sorted by name, then since. */
const struct ds_gate *ds_gate_table(size_t *ret_n);

/* One gate as it was set. */
struct ds_gate_setting {
	struct ds_str name;
	bool value;
	struct ds_loc loc;
};

/*
 * The gates of one component: what was set and how the component takes it.
 * Source: k8s.io/component-base/featuregate feature_gate.go:Set,
 * unsafeSetFromMap; compatibility/registry.go:Set.
 */
struct ds_gates {
	enum ds_component component;
	unsigned minor;    /* of the binary */
	unsigned emulated; /* --emulated-version, else minor */
	DS_VEC(struct ds_gate_setting) settings; /* a later one of the same name replaces an earlier */
	DS_VEC(struct ds_verdict_msg) errors;    /* the real component stops at the first */
	DS_VEC(struct ds_verdict_msg) warnings;
	DS_VEC(struct ds_gate_setting) unsure;   /* gates of which we cannot say whether they exist */
	bool unresolved; /* a value holds $(VAR): what it sets is not known */
};

/*
 * Reads all uses of --feature-gates. Errors of the text ("missing bool value
 * for X", "invalid value of X=y, err: …") go to ret->errors, for
 * kube-apiserver and kube-controller-manager up to 1.30 with pflag's
 * "invalid argument … for \"--feature-gates\" flag: " in front. kubelet's and
 * kube-proxy's text errors are already in cl->errors. 0 or DS_ENOMEM.
 */
int ds_gates_from_flags(struct ds_arena *a, const struct ds_cmdline *cl, unsigned minor, struct ds_gates *ret)
	DS_MUST_CHECK;
/* Sets one gate, as a configuration file's featureGates does. name and loc are borrowed. 0 or DS_ENOMEM. */
int ds_gates_set(struct ds_arena *a, struct ds_gates *g, struct ds_str name, bool value, const struct ds_loc *loc)
	DS_MUST_CHECK;
/*
 * Fills errors ("unrecognized feature gate: X", "cannot set feature gate X to
 * false, feature is locked to true"), warnings and unsure from the settings.
 * Call it once, after the last setting. 0 or DS_ENOMEM.
 */
int ds_gates_check(struct ds_arena *a, struct ds_gates *g) DS_MUST_CHECK;
/* Whether a gate is on: what was set, AllAlpha and AllBeta, the default. */
enum ds_gate_value ds_gates_value(const struct ds_gates *g, const char *name);

/* ds_gates_value for a command line alone, without allocating. cl may be NULL: the default. */
enum ds_gate_value ds_gate_enabled(const struct ds_cmdline *cl, enum ds_component c, unsigned minor, const char *name);

#endif
