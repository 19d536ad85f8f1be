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
	uint32_t line;
	uint32_t input; /* its number in inputs */
};

struct ds_preview_seen {
	struct ds_preview_seen_slot *slots; /* malloc'ed */
	size_t n, cap;
	const struct ds_input **inputs; /* malloc'ed: those that anything was seen in */
	size_t n_inputs;
	uint64_t seed;
	bool full; /* no longer looking */
};

void ds_preview_seen_done(struct ds_preview_seen *s);

/*
 * Remembers bytes of some kind at loc, which has an input. *ret_first: where
 * they were seen before (input and line), or no input. 0 or DS_ENOMEM.
 */
int ds_preview_seen_add(struct ds_preview_seen *s, unsigned char kind, struct ds_str bytes, const struct ds_loc *loc,
			struct ds_loc *ret_first) DS_MUST_CHECK;

#endif
