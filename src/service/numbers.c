#include "base/err.h"
#include "service/engine.h"

int ds__numbers_init(struct ds__numbers *set, struct ds_arena *a, size_t n)
{
	size_t slots = 8;

	if (n > SIZE_MAX / 4)
		return DS_ENOMEM;
	while (slots < n * 2)
		slots *= 2;
	set->keys = ds_arena_new_array(a, slots, int64_t);
	set->values = ds_arena_new_array(a, slots, int64_t);
	set->taken = ds_arena_new_array(a, slots, bool);
	set->mask = slots - 1;
	return set->keys && set->values && set->taken ? 0 : DS_ENOMEM;
}

/* SplitMix64's finalizer: neighbours, which ports are, end up far apart. */
static size_t find(const struct ds__numbers *set, int64_t key)
{
	uint64_t h = (uint64_t)key + 0x9e3779b97f4a7c15u;
	size_t at;

	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
	at = (size_t)(h ^ (h >> 31)) & set->mask;
	while (set->taken[at] && set->keys[at] != key)
		at = (at + 1) & set->mask;
	return at;
}

bool ds__numbers_add(struct ds__numbers *set, int64_t key)
{
	size_t at = find(set, key);

	if (set->taken[at])
		return false;
	set->taken[at] = true;
	set->keys[at] = key;
	return true;
}

int64_t *ds__numbers_get(const struct ds__numbers *set, int64_t key)
{
	size_t at = find(set, key);

	return set->taken[at] ? &set->values[at] : NULL;
}

uint32_t ds__protocol_number(struct ds_str protocol)
{
	static const char *const known[] = {"TCP", "UDP", "SCTP"};
	uint32_t h = 2166136261u;

	for (uint32_t i = 0; i < DS_ARRAY_SIZE(known); i++)
		if (ds_str_eqz(protocol, known[i]))
			return i;
	/* Anything else is refused anyway; FNV-1a tells misspellings apart. */
	for (size_t i = 0; i < protocol.n; i++)
		h = (h ^ (unsigned char)protocol.p[i]) * 16777619u;
	return (h & 0x3fffffffu) + (uint32_t)DS_ARRAY_SIZE(known);
}
