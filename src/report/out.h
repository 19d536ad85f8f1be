#ifndef DS_REPORT_OUT_H
#define DS_REPORT_OUT_H

#include "base/buf.h"

/*
 * Where a report goes: a buffered descriptor with a sticky error. A report
 * that could not be written whole is a wrong answer, so the error must be
 * looked at: ds_out_close says.
 */
struct ds_out {
	int fd;
	int err; /* 0, or the DS_E* of the first failed write */
	int errnum; /* its errno, for the message */
	struct ds_buf buf;
};

/* fd is borrowed. */
void ds_out_init(struct ds_out *o, int fd);
void ds_out_add(struct ds_out *o, struct ds_str s);
void ds_out_addz(struct ds_out *o, const char *z);
void ds_out_addc(struct ds_out *o, char c);
void ds_out_pad(struct ds_out *o, size_t n); /* n blanks */
void ds_out_printf(struct ds_out *o, const char *fmt, ...) DS_PRINTF(2, 3);

/* Text from inputs for a terminal or a log: what could move the cursor, hide or
 * reorder text is shown as \xNN or \u{NNNN}; a malformed byte as \xNN. */
void ds_out_safe(struct ds_out *o, struct ds_str s);
/* The same into a buffer. */
void ds_buf_add_safe(struct ds_buf *b, struct ds_str s);
/* The first character of s, which is not empty, as ds_out_safe shows it, and its terminal columns. Returns the bytes
 * of s it was. */
size_t ds_safe_char(struct ds_str s, char out[static 16], size_t *ret_width);
/* Terminal columns ds_out_safe takes for s. */
size_t ds_out_safe_width(struct ds_str s);

/* Writes what is buffered and releases the buffer: 0 or the first error. */
int ds_out_close(struct ds_out *o) DS_MUST_CHECK;

#endif
