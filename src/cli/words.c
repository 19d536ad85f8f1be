#include "cli/words.h"

#include <string.h>

const struct ds_word *ds_word_find(const struct ds_word *words, const char *name)
{
	for (; words->name; words++)
		if (strcmp(words->name, name) == 0)
			return words;
	return NULL;
}

void ds_words_say(struct ds_buf *b, const struct ds_word *words)
{
	for (size_t i = 0; words[i].name; i++)
		ds_buf_printf(b, "%s%s", i == 0 ? "" : words[i + 1].name ? ", " : " and ", words[i].name);
}

/* Further away it is another word. Of a short one, half may be wrong. */
#define FAR 4U

struct ds_nearest ds_nearest_to(struct ds_str to)
{
	return (struct ds_nearest){.to = to, .least = DS_MIN(FAR, (unsigned)DS_MIN(to.n, (size_t)64) / 2 + 1)};
}

void ds_nearest_try(struct ds_nearest *n, const char *name)
{
	unsigned d = n->least ? ds_str_distance(n->to, ds_str_from(name), n->least - 1) : 1;

	if (d >= n->least)
		return;
	n->least = d;
	n->best = name;
}
