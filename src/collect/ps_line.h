#ifndef DS_COLLECT_PS_LINE_H
#define DS_COLLECT_PS_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * One line of a listing: which columns it has and where its command starts.
 * Nothing here knows of other lines.
 */

/* Columns before the command; more than any ps prints. */
#define DS_PS_COLUMNS 32

struct ds_ps_layout {
	unsigned char column[DS_PS_COLUMNS]; /* enum column of ps_line.c */
	unsigned n; /* columns before the command */
	unsigned behind; /* columns after it; none of both = no layout */
	bool busybox;
};

struct ds_ps_fields {
	int32_t pid;    /* 0: not shown */
	int32_t ppid;   /* -1: not shown */
	size_t command; /* byte offset of the command in the line */
	size_t end;     /* byte offset of its end */
	bool cut;       /* a column behind it left no room for all of it */
	bool bare;      /* a command line on its own, or behind columns of no known form: weak evidence */
};

bool ds_ps_is_blank(char c);
/* The next word from *pos on, which moves behind it; false at the end. */
bool ds_ps_next_word(struct ds_str s, size_t *pos, struct ds_str *ret);
/* A plain number that a process may have. */
bool ds_ps_is_pid(struct ds_str word, int32_t *ret);
/* A word that some column of ps holds and that is no name: a number, a time, a state, a terminal. */
bool ds_ps_is_column(struct ds_str word);
/* The word without the lines of a tree in front of it; empty when it is nothing else. */
struct ds_str ds_ps_skip_art(struct ds_str word);

/* Whether the line is a header with a column of commands. */
bool ds_ps_header(struct ds_str line, struct ds_ps_layout *ret);
/* Splits a line by a header's layout; false when it does not fit. */
bool ds_ps_split(const struct ds_ps_layout *layout, struct ds_str line, struct ds_ps_fields *ret);
/* Splits a line without a header by what its columns look like. */
bool ds_ps_guess(struct ds_str line, struct ds_ps_fields *ret);
/* The next reading of a line with so few columns that only its command can
 * tell whether it is one; *cursor starts at 0. */
bool ds_ps_guess_loose(struct ds_str line, size_t *cursor, struct ds_ps_fields *ret);
/* Whether a line that is none of its own looks like the rest of the one before. */
bool ds_ps_continues(struct ds_str line);
/* A shell prompt, with or without a command behind it. */
bool ds_ps_is_prompt(struct ds_str line);
/* Where a prompt such as "[root@host dir]# " stands inside a line, or line.n. */
size_t ds_ps_glued_prompt(struct ds_str line);
/* "sh", "/bin/bash", …, and "-c", "-ec", …. */
bool ds_ps_is_shell(struct ds_str word);
bool ds_ps_is_command_option(struct ds_str word);

#endif
