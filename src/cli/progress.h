#ifndef DS_CLI_PROGRESS_H
#define DS_CLI_PROGRESS_H

#include "cli/cli.h"

/* A line on a terminal's standard error that says how far a long run is. */
struct ds_cli_progress {
	bool wanted, shown;
	long long start, last; /* milliseconds */
};

/* Only on a terminal, and not with -q. p must live as long as a. */
void ds_cli_progress_start(const struct ds_cli *c, struct ds_cli_progress *p, struct ds_audit *a);
/* Takes the line away. */
void ds_cli_progress_end(struct ds_cli_progress *p);

#endif
