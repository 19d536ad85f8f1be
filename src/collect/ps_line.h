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
	unsigned n; /* columns before the command; 0 = no layout */
	bool busybox;
};

struct ds_ps_fields {
	int32_t pid;    /* 0: not shown */
	int32_t ppid;   /* -1: not shown */
	size_t command; /* byte offset of the command in the line */
	bool bare;      /* no columns at all: a command line on its own */
};

/* Whether the line is a header with a command column at its end. */
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
