#ifndef DS_KUBE_SHELL_H
#define DS_KUBE_SHELL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * As much of the POSIX shell's word splitting as finding the program in
 * `sh -c TEXT` takes. Nothing is expanded or run.
 */
struct ds_shell_scan {
	struct ds_str text;
	size_t pos;
};

enum ds_shell_token {
	DS_SHELL_END,
	DS_SHELL_WORD,      /* raw text, quotes included */
	DS_SHELL_SEPARATOR, /* ; & | newline ( ) and their doubles: the simple command ends */
	DS_SHELL_REDIRECT,  /* an operator such as 2>>; its target is the next word */
};

/* The next token; *ret_raw is its text in scan->text, for words with their quotes. Linear. */
enum ds_shell_token ds_shell_next(struct ds_shell_scan *scan, struct ds_str *ret_raw);

/* raw when it holds no quoting at all, its inside when it is one quoted string, else empty. No allocation. */
struct ds_str ds_shell_plain(struct ds_str raw);

/* A word of a simple command. */
struct ds_shell_word {
	struct ds_str text; /* quotes and escapes removed */
	size_t offset;      /* bytes from the start of the command line */
	size_t length;      /* bytes there, quotes included */
};

/*
 * Splits one simple command, beginning at byte `start` of text, into its words;
 * redirections are left out. 0, DS_ETOOBIG (more than DS_LIMIT_ARGV words) or
 * DS_ENOMEM.
 */
int ds_shell_split(struct ds_arena *a, struct ds_str text, size_t start, struct ds_shell_word **ret, size_t *ret_n)
	DS_MUST_CHECK;

#endif
