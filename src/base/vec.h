#ifndef DS_BASE_VEC_H
#define DS_BASE_VEC_H

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/err.h"

/*
 * A typed growing array in an arena: DS_VEC(struct ds_diag) diags; Zero is
 * empty. Elements move when it grows: keep indexes, not pointers.
 */
#define DS_VEC(type)        \
	struct {            \
		type *v;    \
		size_t n;   \
		size_t cap; \
	}

/* Appends one zeroed element and evaluates to its address, or NULL when out of memory. */
#define ds_vec_add(arena, vec)                                                                              \
	(ds__vec_grow((arena), (void **)&(vec)->v, (vec)->n, &(vec)->cap, sizeof(*(vec)->v)) < 0            \
		 ? NULL                                                                                     \
		 : &(vec)->v[(vec)->n++])

/* Appends a copy of value: 0 or DS_ENOMEM. */
#define ds_vec_push(arena, vec, value)                                                                      \
	(ds__vec_grow((arena), (void **)&(vec)->v, (vec)->n, &(vec)->cap, sizeof(*(vec)->v)) < 0            \
		 ? DS_ENOMEM                                                                                \
		 : ((vec)->v[(vec)->n++] = (value), DS_OK))

static inline int ds__vec_grow(struct ds_arena *a, void **v, size_t n, size_t *cap, size_t size)
{
	size_t want;
	void *p;

	if (n < *cap)
		return 0;
	/* There are many short lists of large elements, one of each in every component. */
	want = *cap ? *cap * 2 : size > 32 ? 2 : 8;
	p = ds_arena_array(a, want, size);
	if (!p)
		return DS_ENOMEM;
	if (n)
		memcpy(p, *v, n * size);
	*v = p;
	*cap = want;
	return 0;
}

#endif
