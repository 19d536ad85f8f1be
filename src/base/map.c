#include "base/map.h"

#include <stdint.h>
#include <sys/random.h>

#include "base/err.h"
#include "base/vec.h"

static uint64_t seed(void)
{
	static uint64_t s;

	/* Any value works when the kernel has no entropy yet; it is only harder to guess otherwise. */
	if (s == 0 && getrandom(&s, sizeof(s), GRND_NONBLOCK) != (ssize_t)sizeof(s))
		s = (uint64_t)(uintptr_t)&s;
	return s | 1;
}

static uint64_t hash(struct ds_str key)
{
	uint64_t h = seed() ^ 0xcbf29ce484222325u;

	for (size_t i = 0; i < key.n; i++) {
		h ^= (unsigned char)key.p[i];
		h *= 0x100000001b3u;
		h ^= h >> 29;
	}
	return h;
}

void ds_map_init(struct ds_map *m, struct ds_arena *a)
{
	*m = (struct ds_map){.arena = a};
}

static size_t find_slot(const struct ds_map *m, struct ds_str key)
{
	size_t i = (size_t)hash(key) & (m->n_slots - 1);

	while (m->slots[i] && !ds_str_eq(m->entries[m->slots[i] - 1].key, key))
		i = (i + 1) & (m->n_slots - 1);
	return i;
}

void *ds_map_get(const struct ds_map *m, struct ds_str key)
{
	size_t i;

	if (m->n_slots == 0)
		return NULL;
	i = find_slot(m, key);
	return m->slots[i] ? m->entries[m->slots[i] - 1].value : NULL;
}

static int rehash(struct ds_map *m)
{
	size_t n = m->n_slots ? m->n_slots * 2 : 16;
	size_t *slots = ds_arena_new_array(m->arena, n, size_t);

	if (!slots)
		return DS_ENOMEM;
	m->slots = slots;
	m->n_slots = n;
	for (size_t e = 0; e < m->n; e++)
		m->slots[find_slot(m, m->entries[e].key)] = e + 1;
	return 0;
}

int ds_map_put(struct ds_map *m, struct ds_str key, void *value)
{
	size_t i;

	if ((m->n + 1) * 4 > m->n_slots * 3 && rehash(m) < 0)
		return DS_ENOMEM;
	i = find_slot(m, key);
	if (m->slots[i]) {
		m->entries[m->slots[i] - 1].value = value;
		return 0;
	}
	if (ds__vec_grow(m->arena, (void **)&m->entries, m->n, &m->cap, sizeof(*m->entries)) < 0)
		return DS_ENOMEM;
	m->entries[m->n++] = (struct ds_map_entry){key, value};
	m->slots[i] = m->n;
	return 0;
}
