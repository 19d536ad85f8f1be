#ifndef DS_BASE_BUF_H
#define DS_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/str.h"

/*
 * A growing byte buffer with a sticky error: check once, at the end. Memory is
 * malloc'ed because growth in an arena would leave every old copy behind.
 */
struct ds_buf {
	char *p; /* NUL-terminated once anything was added */
	size_t n;
	size_t cap;
	size_t max; /* adding beyond this is DS_ETOOBIG; 0 = no limit */
	int err;
};

#define DS_BUF_INIT ((struct ds_buf){0})

void ds_buf_done(struct ds_buf *b);
/* Forgets content and error, keeps the memory. */
void ds_buf_clear(struct ds_buf *b);
void ds_buf_add(struct ds_buf *b, const void *p, size_t n);
void ds_buf_adds(struct ds_buf *b, struct ds_str s);
void ds_buf_addz(struct ds_buf *b, const char *z);
void ds_buf_addc(struct ds_buf *b, char c);
void ds_buf_printf(struct ds_buf *b, const char *fmt, ...) DS_PRINTF(2, 3);
void ds_buf_vprintf(struct ds_buf *b, const char *fmt, va_list ap) DS_PRINTF(2, 0);
/* strconv.Quote as Go prints %q: what Kubernetes' error texts are made of. */
void ds_buf_add_go_quoted(struct ds_buf *b, struct ds_str s);
/* encoding/json's string form, HTML escaping included (json.Marshal's default). */
void ds_buf_add_go_json_string(struct ds_buf *b, struct ds_str s);

static inline struct ds_str ds_buf_str(const struct ds_buf *b)
{
	return (struct ds_str){b->p, b->n};
}

/* The content as a NUL-terminated copy in the arena; NULL on a sticky error or
 * when out of memory. The buffer stays usable. */
char *ds_buf_dup(const struct ds_buf *b, struct ds_arena *a) DS_MUST_CHECK;

#define _ds_buf_done_ DS_CLEANUP(ds_buf_done)

#endif
