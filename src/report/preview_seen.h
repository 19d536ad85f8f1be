#ifndef DS_REPORT_PREVIEW_SEEN_H
#define DS_REPORT_PREVIEW_SEEN_H

#include <stdint.h>

#include "base/ctx.h"

/*
 * Where a name or an address was seen first: keyed hashes and places, no
 * texts, up to DS_LIMIT_PREVIEW_SEEN of them. Two texts of one 64-bit hash are
 * taken for the same; with the limit that is one in 30 million runs.
 */
struct ds_preview_seen_slot {
	uint64_t hash; /* 0: free */
	const struct ds_input *input;
	uint32_t line;
};

struct ds_preview_seen {
	struct ds_preview_seen_slot *slots; /* malloc'ed */
	size_t n, cap;
	uint64_t seed;
	bool full; /* no longer looking */
};

void ds_preview_seen_done(struct ds_preview_seen *s);

/*
 * Remembers bytes of some kind at loc. *ret_first: where they were seen before,
 * or NULL; borrowed until the next call. 0 or DS_ENOMEM.
 */
int ds_preview_seen_add(struct ds_preview_seen *s, unsigned char kind, struct ds_str bytes, const struct ds_loc *loc,
			const struct ds_preview_seen_slot **ret_first) DS_MUST_CHECK;

#endif
