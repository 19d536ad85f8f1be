#ifndef DS_CLI_COMPLETION_H
#define DS_CLI_COMPLETION_H

#include "cli/cli.h"
#include "report/out.h"

/* What shells propose, by kind of value; NULL where the kind has no words of its own. */
struct ds_completion {
	const struct ds_word *words[DS_VALUE__COUNT];
};

/*
 * One script per shell, written from the tables of commands and options, then
 * what of it does not depend on them (src/cli/completion/). Everything from a
 * table is quoted for its shell: nothing in it is ever expanded or run.
 */
void ds_completion_bash(const struct ds_completion *c, struct ds_out *out);
void ds_completion_fish(const struct ds_completion *c, struct ds_out *out);
void ds_completion_zsh(const struct ds_completion *c, struct ds_out *out);

/* 'text' in single quotes; each ' in it becomes `quote`, each \ becomes `backslash`. */
void ds_completion_quote(struct ds_out *out, const char *text, const char *quote, const char *backslash);

/* The fixed parts, embedded at build time. */
extern const char ds_completion_bash_text[], ds_completion_fish_text[], ds_completion_zsh_text[];

#endif
