#ifndef DS_KUBE_CMDLINE_H
#define DS_KUBE_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "kube/component.h"

/* The Go type behind a flag decides its grammar and what repeating it does. */
enum ds_flag_type {
	DS_FLAG_BOOL,         /* bare, or =value by strconv.ParseBool */
	DS_FLAG_TRISTATE,     /* bare, or =value; remembers whether it was set */
	DS_FLAG_STRING,       /* last wins */
	DS_FLAG_INT,          /* strconv.ParseInt(s, 0, 64) */
	DS_FLAG_INT32,
	DS_FLAG_UINT,
	DS_FLAG_FLOAT,
	DS_FLAG_DURATION,
	DS_FLAG_IP,           /* pflag's ipValue: trimmed, net.ParseIP */
	DS_FLAG_IP_VAR,       /* k8s.io/kubernetes/pkg/util/flag IPVar: as text, the lenient parser */
	DS_FLAG_IP_PORT,      /* the same package's IPPortVar: IP, IP:port or [IPv6]:port */
	DS_FLAG_STRING_SLICE, /* CSV; the first use replaces the default, later ones append */
	DS_FLAG_STRING_ARRAY, /* one element a use */
	DS_FLAG_PORT_RANGE,
	DS_FLAG_MAP_BOOL,     /* --feature-gates: k=v,k=v; uses accumulate */
	DS_FLAG_MAP_STRING,
	DS_FLAG_OTHER,        /* takes a value; we do not look inside */
	DS_FLAG_OPTIONAL,     /* like OTHER, but the value may be left out (--version) */
	DS_FLAG_TYPE__COUNT
};

/* A row of a component's flag table (kube/flags/<component>.def). */
struct ds_flag {
	const char *name; /* "cluster-cidr" */
	enum ds_flag_type type;
	unsigned char since, until; /* first minor that has it (0 = always), first that no longer has it (0 = still) */
	bool kept;                  /* networking-related: its value is stored; all others are parsed and forgotten */
	const char *help;           /* kept flags only */
};

/* One argument with its place. */
struct ds_arg {
	struct ds_str text;
	struct ds_loc loc; /* of the whole argument */
};

/* One use of a kept flag, in argv order. */
struct ds_flag_use {
	const struct ds_flag *flag;
	struct ds_str value;  /* "true" for a bare boolean; copied into the arena */
	struct ds_loc loc;    /* of the flag; loc.flag is "--name" */
	struct ds_loc value_loc; /* of the value text */
	bool bare;            /* no value was written */
	bool unresolved;      /* holds $(VAR) or ${VAR} that only the runtime knows */
};

struct ds_flag_error {
	const char *message; /* pflag's words: "unknown flag: --cluster-cird" */
	const char *flag;    /* the name as written, without dashes, or NULL */
	const char *nearest; /* a known flag it may have been meant to be, or NULL */
	const char *other_component; /* an audited component that does have this flag, or NULL */
	bool unsure; /* 1.20 only: the real component may know a flag that looks like nothing we know */
	struct ds_loc loc;
};

/* What a component's command line says, as far as we keep it. */
struct ds_cmdline {
	enum ds_component component;
	unsigned minor; /* whose flags it was read by */
	DS_VEC(struct ds_flag_use) uses;
	DS_VEC(struct ds_flag_error) errors; /* the real parser stops at the first; we go on and list all */
	size_t n_args;                       /* arguments seen, flags or not */
	DS_VEC(struct ds_arg) positionals; /* text "…" where it may be the value of a flag that is not kept */
	size_t n_positional;
	bool help; /* --help or -h: prints usage and ends, whatever else is given after it */
	bool truncated;  /* cut off by whoever recorded it: absent flags may be beyond the cut */
	bool guessed;    /* argument boundaries were lost (ps text): a value with blanks may have been split */
};

/*
 * Parses argv (without the program's own name) by pflag's grammar with
 * Kubernetes' WordSepNormalizeFunc ('_' means '-'): --a=b, --a b, bare
 * booleans, "--" ends, a lone "-" is positional, single-dash shorthands.
 * minor selects the rows of the table. Values of flags that are not kept are
 * dropped at once: they may be secrets. 0 or DS_ENOMEM.
 * Source: github.com/spf13/pflag flag.go:parseArgs, k8s.io/component-base/cli/flag.
 */
int ds_cmdline_parse(struct ds_arena *a, enum ds_component c, unsigned minor, const struct ds_arg *argv, size_t n,
		     struct ds_cmdline *ret) DS_MUST_CHECK;

/* The table row, or NULL. name without dashes. */
const struct ds_flag *ds_flag_find(enum ds_component c, struct ds_str name);
/* All rows of a component, sorted by name. */
const struct ds_flag *ds_flag_table(enum ds_component c, size_t *ret_n);

/* The use that decides for flags in which the last one wins, or NULL. */
const struct ds_flag_use *ds_cmdline_last(const struct ds_cmdline *cl, const char *name);
/* How often the flag was given. */
size_t ds_cmdline_count(const struct ds_cmdline *cl, const char *name);

/* A STRING_SLICE flag's elements over all its uses, split as encoding/csv does.
 * 0, DS_ESYNTAX (then *reterr is Go's message) or DS_ENOMEM. */
int ds_cmdline_slice(struct ds_arena *a, const struct ds_cmdline *cl, const char *name, struct ds_str **ret,
		     size_t *ret_n, const char **reterr) DS_MUST_CHECK;

#endif
