#ifndef DS_COLLECT_WINDOW_H
#define DS_COLLECT_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/str.h"

/*
 * A file or pipe seen through a window: bytes from the current place on, more
 * of them on demand, and where that place is. The window grows to what a
 * caller wants to see at once and never beyond; it is not a mapping, because a
 * file that shrinks under a mapping kills the reader.
 */
struct ds_window {
	int fd;
	char *p; /* malloc'ed */
	size_t start, end, cap;
	uint32_t line, column; /* of start: 1-based, code points */
	bool eof;
	int err; /* 0, DS_ENOMEM or the DS_E* of a failed read; then eof holds, too */
};

/* fd is borrowed. */
void ds_window_init(struct ds_window *w, int fd);
void ds_window_done(struct ds_window *w);

/* What is in sight. Moves with the next ds_window_more. */
static inline struct ds_str ds_window_str(const struct ds_window *w)
{
	return (struct ds_str){w->p ? w->p + w->start : NULL, w->end - w->start};
}

/* Brings more bytes into sight; false at the end of the input. */
bool ds_window_more(struct ds_window *w);

/* Passes n bytes, which must be in sight. */
void ds_window_pass(struct ds_window *w, size_t n);

/* The byte at offset, or -1 when the input ends before it. */
static inline int ds_window_at(struct ds_window *w, size_t offset)
{
	while (offset >= w->end - w->start)
		if (!ds_window_more(w))
			return -1;
	return (unsigned char)w->p[w->start + offset];
}

#endif
