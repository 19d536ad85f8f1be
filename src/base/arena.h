#ifndef DS_BASE_ARENA_H
#define DS_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/str.h"

/*
 * Memory of one run: allocated piece by piece, released all at once. Nothing
 * allocated here is freed on its own. An exhausted budget and a failed malloc
 * are the same event: NULL, which callers pass up as DS_ENOMEM.
 */
struct ds_arena;

/* A new arena that hands out at most `budget` bytes. NULL when out of memory. */
struct ds_arena *ds_arena_new(size_t budget) DS_MUST_CHECK;

/* Releases the arena and all it handed out. NULL is allowed. Returns NULL. */
struct ds_arena *ds_arena_free(struct ds_arena *a);

/* Forgets all allocations but keeps one chunk for reuse. */
void ds_arena_reset(struct ds_arena *a);

/* Bytes handed out so far, and the most there ever were. */
size_t ds_arena_used(const struct ds_arena *a);

/* Zeroed memory, aligned for any type; n = 0 gives a valid unique pointer. */
void *ds_arena_alloc(struct ds_arena *a, size_t n) DS_MUST_CHECK;

/* Like ds_arena_alloc for count * size bytes; NULL on overflow too. */
void *ds_arena_array(struct ds_arena *a, size_t count, size_t size) DS_MUST_CHECK;

/* A NUL-terminated copy. `s` may hold NUL bytes; they are copied. */
char *ds_arena_strndup(struct ds_arena *a, const char *s, size_t n) DS_MUST_CHECK;
char *ds_arena_strdup(struct ds_arena *a, const char *s) DS_MUST_CHECK;
int ds_arena_str(struct ds_arena *a, struct ds_str s, struct ds_str *ret) DS_MUST_CHECK;

char *ds_arena_printf(struct ds_arena *a, const char *fmt, ...) DS_PRINTF(2, 3) DS_MUST_CHECK;
char *ds_arena_vprintf(struct ds_arena *a, const char *fmt, va_list ap) DS_PRINTF(2, 0) DS_MUST_CHECK;

#define ds_arena_new_obj(a, type) ((type *)ds_arena_alloc((a), sizeof(type)))
#define ds_arena_new_array(a, count, type) ((type *)ds_arena_array((a), (count), sizeof(type)))

#endif
