#ifndef DS_KUBE_STARTUP_H
#define DS_KUBE_STARTUP_H

#include "kube/cmdline.h"
#include "kube/gates.h"
#include "kube/verdict.h"
#include "net/ip.h"

/*
 * What kube-apiserver and kube-controller-manager do alike before they look at
 * their own settings, and how both read their flags afterwards.
 */

/* One component's start being decided. */
struct ds_startup_run {
	struct ds_arena *a;
	const struct ds_cmdline *cl;
	unsigned minor; /* DS_KUBE_OLDEST..DS_KUBE_NEWEST; others are read as the nearest */
	struct ds_verdict *v;
	struct ds_gates gates; /* filled by ds_startup_common */
};

/*
 * The first refusal of pflag, then positional arguments and feature gates (up
 * to 1.30 pflag reads the gates, so the other way round).
 * False in *ret_go_on: the process ends there (v->errors says with what, or
 * v->reason why nobody can tell). 0 or DS_ENOMEM.
 * Source: github.com/spf13/cobra command.go:execute, cmd/kube-apiserver/app/server.go,
 * cmd/kube-controller-manager/app/controllermanager.go.
 */
int ds_startup_common(struct ds_startup_run *run, bool *ret_go_on) DS_MUST_CHECK;

/* Whether a gate is on, defaults included. False for a gate this minor does not have. After ds_startup_common. */
bool ds_startup_gate(const struct ds_startup_run *run, const char *gate);

/* The text of the last use of a flag, or fallback. *ret_use (may be NULL): that use, or NULL. */
struct ds_str ds_startup_string(const struct ds_startup_run *run, const char *flag, const char *fallback,
				const struct ds_flag_use **ret_use);
/* The same for integer and boolean flags, whose texts pflag has accepted already. */
int64_t ds_startup_int(const struct ds_startup_run *run, const char *flag, int64_t fallback);
bool ds_startup_bool(const struct ds_startup_run *run, const char *flag, bool fallback);

/* True when the last use of the flag holds $(VAR): noted as unknown in v. 0 or DS_ENOMEM. */
int ds_startup_unresolved(struct ds_startup_run *run, const char *flag, bool *ret) DS_MUST_CHECK;

/* Whether a table row {since, until} holds at a minor version; until = 0: still. */
static inline bool ds_startup_applies(unsigned minor, unsigned since, unsigned until)
{
	return minor >= since && (until == 0 || minor < until);
}

/* The family Go's callers see. */
static inline enum ds_family ds_startup_family(const struct ds_cidr *c)
{
	return (enum ds_family)ds_cidr_go(c).ip.family;
}

/* The place of the flag's last use, or NULL. */
const struct ds_loc *ds_startup_loc(const struct ds_startup_run *run, const char *flag);

/* net.IPNet.String of each, as a list of texts in the arena; NULL when out of memory. */
const char *const *ds_startup_cidr_texts(struct ds_arena *a, const struct ds_cidr *v, size_t n) DS_MUST_CHECK;
/* "IPv4", "IPv6" in order of first appearance. *ret_n: how many. */
const char *const *ds_startup_families(struct ds_arena *a, const struct ds_cidr *v, size_t n, size_t *ret_n)
	DS_MUST_CHECK;

#endif
