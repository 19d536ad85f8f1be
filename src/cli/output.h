#ifndef DS_CLI_OUTPUT_H
#define DS_CLI_OUTPUT_H

#include "cli/cli.h"
#include "report/report.h"

/* Writes `what` in a format that the command has checked it knows. */
typedef void ds_cli_writer(const void *what, const char *format, const struct ds_text_options *o, struct ds_out *out);

/*
 * Refuses to write a report over what was just read, or two into one file: O_TRUNC does not ask. 0 or an exit status
 * after saying so; nothing is written then. ctx: what was read; NULL: the arguments are. To be called before the first
 * report is written.
 */
int ds_cli_spare_files(const struct ds_cli *c, const struct ds_ctx *ctx);

/* To every -o that was given, as text to standard output when there is none. 0 or an exit status after saying what
 * could not be written. */
int ds_cli_write_all(const struct ds_cli *c, ds_cli_writer *write, const void *what);

#endif
