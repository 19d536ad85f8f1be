#include "base/arena.h"

#include "base/err.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define DS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DS_ASAN 1
#endif
#endif
#ifdef DS_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define RED_ZONE 16u /* an overrun of one allocation must not land in the next */
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define RED_ZONE 0u
#endif

/* The first chunk is small so that a short run stays small; later ones double up to 1 MiB. */
#define CHUNK_FIRST ((size_t)16 << 10)
#define CHUNK_MAX ((size_t)1 << 20)
#define ALIGN alignof(max_align_t)

struct chunk {
	struct chunk *next;
	size_t size;
	alignas(max_align_t) unsigned char data[];
};

struct ds_arena {
	struct chunk *head; /* the chunk being filled; older ones follow */
	size_t fill;        /* bytes of head in use */
	size_t used;
	size_t budget;
	size_t next_size;
};

struct ds_arena *ds_arena_new(size_t budget)
{
	struct ds_arena *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->budget = budget;
	a->next_size = CHUNK_FIRST;
	return a;
}

static void free_chunks(struct chunk *c)
{
	while (c) {
		struct chunk *next = c->next;

		UNPOISON(c->data, c->size);
		free(c);
		c = next;
	}
}

struct ds_arena *ds_arena_free(struct ds_arena *a)
{
	if (a) {
		free_chunks(a->head);
		free(a);
	}
	return NULL;
}

void ds_arena_reset(struct ds_arena *a)
{
	if (a->head) {
		free_chunks(a->head->next);
		a->head->next = NULL;
		POISON(a->head->data, a->head->size);
	}
	a->fill = 0;
	a->used = 0;
}

size_t ds_arena_used(const struct ds_arena *a)
{
	return a->used;
}

static int add_chunk(struct ds_arena *a, size_t need)
{
	size_t size = DS_MAX(a->next_size, need);
	struct chunk *c;

	if (size > SIZE_MAX - sizeof(*c))
		return -1;
	c = malloc(sizeof(*c) + size);
	if (!c)
		return -1;
	c->size = size;
	c->next = a->head;
	POISON(c->data, c->size);
	a->head = c;
	a->fill = 0;
	if (a->next_size < CHUNK_MAX)
		a->next_size *= 2;
	return 0;
}

void *ds_arena_alloc(struct ds_arena *a, size_t n)
{
	size_t need;
	void *p;

	if (n > a->budget || a->used > a->budget - n)
		return NULL;
	if (n > SIZE_MAX - RED_ZONE - 2 * ALIGN)
		return NULL;
	need = ((n ? n : 1) + RED_ZONE + ALIGN - 1) / ALIGN * ALIGN;
	if ((!a->head || a->head->size - a->fill < need) && add_chunk(a, need) < 0)
		return NULL;
	p = a->head->data + a->fill;
	a->fill += need;
	a->used += n;
	UNPOISON(p, n);
	memset(p, 0, n);
	return p;
}

void *ds_arena_array(struct ds_arena *a, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		return NULL;
	return ds_arena_alloc(a, n);
}

char *ds_arena_strndup(struct ds_arena *a, const char *s, size_t n)
{
	char *p;

	if (n == SIZE_MAX)
		return NULL;
	p = ds_arena_alloc(a, n + 1);
	if (p && n)
		memcpy(p, s, n);
	return p;
}

char *ds_arena_strdup(struct ds_arena *a, const char *s)
{
	return ds_arena_strndup(a, s, strlen(s));
}

int ds_arena_str(struct ds_arena *a, struct ds_str s, struct ds_str *ret)
{
	char *p = ds_arena_strndup(a, s.p, s.n);

	if (!p)
		return DS_ENOMEM;
	*ret = (struct ds_str){p, s.n};
	return 0;
}

char *ds_arena_vprintf(struct ds_arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *p = NULL;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n >= 0)
		p = ds_arena_alloc(a, (size_t)n + 1);
	if (p)
		(void)vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

char *ds_arena_printf(struct ds_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = ds_arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}
