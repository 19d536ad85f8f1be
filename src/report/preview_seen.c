#include "report/preview_seen.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/limits.h"

void ds_preview_seen_done(struct ds_preview_seen *s)
{
	free(s->slots);
	free(s->inputs);
	*s = (struct ds_preview_seen){0};
}

static uint64_t hash(const struct ds_preview_seen *s, unsigned char kind, struct ds_str bytes)
{
	uint64_t h = (s->seed ^ 0xcbf29ce484222325u ^ kind) * 0x100000001b3u;

	h ^= h >> 29;
	for (size_t i = 0; i < bytes.n; i++) {
		h = (h ^ (unsigned char)bytes.p[i]) * 0x100000001b3u;
		h ^= h >> 29;
	}
	h *= 0xbf58476d1ce4e5b9u;
	h ^= h >> 32;
	return h ? h : 1;
}

static struct ds_preview_seen_slot *find(struct ds_preview_seen *s, uint64_t h)
{
	size_t i = h & (s->cap - 1);

	while (s->slots[i].hash && s->slots[i].hash != h)
		i = (i + 1) & (s->cap - 1);
	return &s->slots[i];
}

static int grow(struct ds_preview_seen *s)
{
	struct ds_preview_seen old = *s;

	if (!old.slots && getrandom(&s->seed, sizeof(s->seed), GRND_NONBLOCK) != (ssize_t)sizeof(s->seed))
		s->seed = (uint64_t)(uintptr_t)s;
	s->cap = old.cap ? old.cap * 2 : 1024;
	s->slots = calloc(s->cap, sizeof(*s->slots));
	if (!s->slots) {
		*s = old;
		return DS_ENOMEM;
	}
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].hash)
			*find(s, old.slots[i].hash) = old.slots[i];
	free(old.slots);
	return 0;
}

/* The number of an input: Services of one input follow each other. */
static int number_of(struct ds_preview_seen *s, const struct ds_input *input, uint32_t *ret)
{
	const struct ds_input **p;

	if (s->n_inputs == 0 || s->inputs[s->n_inputs - 1] != input) {
		if (s->n_inputs == UINT32_MAX)
			return DS_ENOMEM;
		p = realloc(s->inputs, (s->n_inputs + 1) * sizeof(*p));
		if (!p)
			return DS_ENOMEM;
		s->inputs = p;
		p[s->n_inputs++] = input;
	}
	*ret = (uint32_t)(s->n_inputs - 1);
	return 0;
}

int ds_preview_seen_add(struct ds_preview_seen *s, unsigned char kind, struct ds_str bytes, const struct ds_loc *loc,
			struct ds_loc *ret_first)
{
	struct ds_preview_seen_slot *slot;
	uint32_t input;
	uint64_t h;

	*ret_first = (struct ds_loc){0};
	if (s->n >= s->cap / 2 && s->n < DS_LIMIT_PREVIEW_SEEN && grow(s) < 0)
		return DS_ENOMEM;
	h = hash(s, kind, bytes);
	slot = find(s, h);
	if (slot->hash) {
		ret_first->input = s->inputs[slot->input];
		ret_first->line = slot->line;
		return 0;
	}
	if (s->n >= DS_LIMIT_PREVIEW_SEEN) {
		s->full = true;
		return 0;
	}
	if (number_of(s, loc->input, &input) < 0)
		return DS_ENOMEM;
	*slot = (struct ds_preview_seen_slot){h, loc->line, input};
	s->n++;
	return 0;
}
