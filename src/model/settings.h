#ifndef DS_MODEL_SETTINGS_H
#define DS_MODEL_SETTINGS_H

#include "model/facts.h"
#include "net/ip.h"

/*
 * The settings that are audited: one table row each. A row says how a flag
 * and a configuration-file field name the same setting, how its text is read
 * and what rules call it. Everything else (JSON settings, CEL fields, `rules
 * fields`) follows from the table.
 */
enum ds_setting_kind {
	DS_SETTING_CIDRS,   /* comma-separated networks */
	DS_SETTING_IPS,     /* comma-separated addresses */
	DS_SETTING_IP,
	DS_SETTING_INT,
	DS_SETTING_BOOL,
	DS_SETTING_STRING,
	DS_SETTING_STRINGS, /* comma-separated, repeatable */
	DS_SETTING_GATES,   /* Name=bool,… */
	DS_SETTING_KIND__COUNT
};

enum {
	DS_SETTING_TRIM = 1,       /* blanks around the whole text are cut off before splitting */
	DS_SETTING_TRIM_EACH = 2,  /* … and around each element */
	DS_SETTING_DROP_BAD = 4,   /* an element that does not parse is dropped, not fatal */
	DS_SETTING_CONFIG_HIDES = 8, /* the flag is ignored when --config is given (kube-proxy) */
};

struct ds_setting_row {
	enum ds_component component;
	const char *field;    /* what rules call it: "serviceClusterIPRange" */
	const char *flag;     /* without dashes, or NULL: configuration file only */
	const char *config;   /* dotted path in the component's configuration file, or NULL */
	enum ds_setting_kind kind;
	unsigned flags;       /* DS_SETTING_* bits */
	const char *fallback; /* what applies when nothing sets it, or NULL: then it is absent */
	const char *doc;
};

const struct ds_setting_row *ds_setting_rows(size_t *ret_n);

enum ds_setting_state { DS_SETTING_ABSENT, DS_SETTING_SET, DS_SETTING_UNKNOWN };

enum ds_setting_origin { DS_ORIGIN_DEFAULT, DS_ORIGIN_FLAG, DS_ORIGIN_CONFIG, DS_ORIGIN__COUNT };

const char *ds_setting_origin_name(enum ds_setting_origin o);

/* One element of a list setting. */
struct ds_setting_entry {
	struct ds_str text; /* as written, after the trimming the component does */
	bool valid;
	struct ds_cidr cidr; /* CIDRS: as written, host bits kept */
	struct ds_ip ip;     /* IPS, IP */
};

/* What one component instance does with one row. */
struct ds_setting {
	const struct ds_setting_row *row;
	enum ds_setting_state state;
	enum ds_setting_origin origin;
	const char *reason; /* UNKNOWN: why */
	struct ds_str raw;
	struct ds_loc loc;
	bool valid;         /* all of it was read as the component reads it */
	const char *error;  /* when not valid: what is wrong, one line */
	struct ds_setting_entry *entries;
	size_t n_entries;
	int64_t integer;
	bool boolean;
	const struct ds_flag_use **overridden; /* earlier uses of a last-wins flag */
	size_t n_overridden;
};

/* Fills one ds_setting for every row of o's component, in table order. 0 or DS_ENOMEM. */
int ds_settings_resolve(struct ds_arena *a, const struct ds_observed *o, struct ds_setting **ret, size_t *ret_n)
	DS_MUST_CHECK;

#endif
