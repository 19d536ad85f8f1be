#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Nobody waits for less; nobody reads faster. */
#define FIRST_MS 1000
#define EVERY_MS 100

static long long now(void)
{
	struct timespec t;

	return clock_gettime(CLOCK_MONOTONIC, &t) < 0 ? 0 : t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void tell(void *data, const char *what, size_t done, size_t total)
{
	struct ds_cli_progress *p = data;
	long long t = now();

	if (t - p->start < FIRST_MS || t - p->last < EVERY_MS)
		return;
	p->last = t;
	p->shown = true;
	if (total)
		(void)fprintf(stderr, "\r\033[K%zu of %zu %s …", done, total, what);
	else
		(void)fprintf(stderr, "\r\033[K%zu %s …", done, what);
	(void)fflush(stderr);
}

void ds_cli_progress_start(const struct ds_cli *c, struct ds_cli_progress *p, struct ds_audit *a)
{
	const char *term = getenv("TERM");

	*p = (struct ds_cli_progress){.start = now()};
	p->wanted = !c->quiet && isatty(STDERR_FILENO) && (!term || strcmp(term, "dumb") != 0);
	if (p->wanted)
		ds_audit_set_progress(a, tell, p);
}

void ds_cli_progress_end(struct ds_cli_progress *p)
{
	if (p->shown)
		(void)fputs("\r\033[K", stderr);
	p->shown = false;
}
