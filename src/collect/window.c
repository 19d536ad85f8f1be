#include "collect/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

/* Large enough that system calls cost nothing beside parsing. */
#define FIRST_CAP ((size_t)256 << 10)

void ds_window_init(struct ds_window *w, int fd)
{
	*w = (struct ds_window){.fd = fd, .line = 1, .column = 1};
}

void ds_window_done(struct ds_window *w)
{
	free(w->p);
	w->p = NULL;
}

static bool stop(struct ds_window *w, int err)
{
	w->err = err;
	w->eof = true;
	return false;
}

/* Room for more bytes behind end: moving pays when it gains half of the window, else the window grows. */
static bool make_room(struct ds_window *w)
{
	size_t cap = FIRST_CAP;
	char *p;

	if (w->start == w->end)
		w->start = w->end = 0;
	if (w->end < w->cap)
		return true;
	if (w->p && w->start >= w->cap / 2) {
		memmove(w->p, w->p + w->start, w->end - w->start);
		w->end -= w->start;
		w->start = 0;
		return true;
	}
	if (w->p && __builtin_mul_overflow(w->cap, 2, &cap))
		return stop(w, DS_ENOMEM);
	p = realloc(w->p, cap);
	if (!p)
		return stop(w, DS_ENOMEM);
	w->p = p;
	w->cap = cap;
	return true;
}

bool ds_window_more(struct ds_window *w)
{
	ssize_t r;

	if (w->eof || !make_room(w))
		return false;
	do {
		r = read(w->fd, w->p + w->end, w->cap - w->end);
	} while (r < 0 && errno == EINTR);
	if (r < 0)
		return stop(w, ds_err_from_errno(errno));
	if (r == 0)
		w->eof = true;
	w->end += (size_t)r;
	return r > 0;
}

static uint32_t count_columns(const char *p, size_t n)
{
	uint32_t columns = 0;

	for (size_t i = 0; i < n; i++)
		columns += ((unsigned char)p[i] & 0xc0) != 0x80;
	return columns;
}

void ds_window_pass(struct ds_window *w, size_t n)
{
	const char *p = w->p + w->start, *end = p + n, *newline;

	while (p < end && (newline = memchr(p, '\n', (size_t)(end - p)))) {
		w->line++;
		w->column = 1;
		p = newline + 1;
	}
	w->column += count_columns(p, (size_t)(end - p));
	w->start += n;
}
