#ifndef DS_CLI_WORDS_H
#define DS_CLI_WORDS_H

#include "base/buf.h"

/* What stands for a value: what shells propose for it. */
enum ds_value {
	DS_VALUE_NONE, /* no value is taken */
	DS_VALUE_FREE, /* nothing to propose */
	DS_VALUE_WORD, /* one of the words of the row */
	DS_VALUE_FILE, /* a file or a folder */
	DS_VALUE_FOLDER,
	DS_VALUE_REPORT,  /* FORMAT[=FILE] */
	DS_VALUE_RULE,    /* a rule's id or name */
	DS_VALUE_RULE_AT, /* RULE[:PATH] */
	DS_VALUE_VERSION, /* of Kubernetes */
	DS_VALUE_INPUT_TYPE,
	DS_VALUE_COMMAND,
	DS_VALUE__COUNT,
};

/* A word with a meaning; tables of them end with one without a name. */
struct ds_word {
	const char *name;
	const char *help;   /* one line, or NULL */
	int value;          /* what it stands for where it is used */
	enum ds_value then; /* what may follow it as an argument */
};

/* The row of that name, or NULL. */
const struct ds_word *ds_word_find(const struct ds_word *words, const char *name);
/* Adds "text, json and markdown". */
void ds_words_say(struct ds_buf *b, const struct ds_word *words);

/* "Did you mean": what of all that is tried is written most like `to`. */
struct ds_nearest {
	struct ds_str to;
	const char *best; /* NULL: nothing is near */
	unsigned least;   /* its distance, or the first one that is too far */
};

struct ds_nearest ds_nearest_to(struct ds_str to);
void ds_nearest_try(struct ds_nearest *n, const char *name);

#endif
