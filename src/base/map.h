#ifndef DS_BASE_MAP_H
#define DS_BASE_MAP_H

#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * Text to pointer, insertion order kept. Keys are borrowed. The hash is seeded
 * per process, because keys come from strangers' files; iteration follows
 * insertion, so output never depends on the seed.
 */
struct ds_map_entry {
	struct ds_str key;
	void *value;
};

struct ds_map {
	struct ds_arena *arena;
	struct ds_map_entry *entries;
	size_t n;
	size_t cap;
	size_t *slots; /* entry index + 1; 0 = free */
	size_t n_slots;
};

void ds_map_init(struct ds_map *m, struct ds_arena *a);
/* The stored value, or NULL. */
void *ds_map_get(const struct ds_map *m, struct ds_str key);
/* Adds or replaces: 0 or DS_ENOMEM. value must not be NULL. */
int ds_map_put(struct ds_map *m, struct ds_str key, void *value) DS_MUST_CHECK;

#endif
