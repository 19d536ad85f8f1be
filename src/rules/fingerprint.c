#include <inttypes.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/utf8.h"
#include "collect/lines.h"
#include "rules/eval.h"

/*
 * A fingerprint is made of what stays when lines move, processes restart and
 * flags change their order: the rule, the sources, the flags and their values.
 * What the finding says takes part only where no flag tells it apart, because
 * texts change from version to version.
 */

static uint64_t fnv_byte(uint64_t h, unsigned char c)
{
	return (h ^ c) * 0x100000001b3u;
}

static uint64_t fnv(uint64_t h, struct ds_str s)
{
	for (size_t i = 0; i < s.n; i++)
		h = fnv_byte(h, (unsigned char)s.p[i]);
	return fnv_byte(h, 0xff);
}

/* The same on every machine. */
static uint64_t fnv_number(uint64_t h, uint64_t n)
{
	for (unsigned i = 0; i < 64; i += 8)
		h = fnv_byte(h, (unsigned char)(n >> i));
	return fnv_byte(h, 0xff);
}

/* Without the digits after `before`: process numbers, positions in a list. */
static uint64_t fnv_without(uint64_t h, struct ds_str s, const char *before)
{
	size_t n = strlen(before);

	for (size_t i = 0; i < s.n;) {
		h = fnv_byte(h, (unsigned char)s.p[i++]);
		if (i < n || memcmp(s.p + i - n, before, n) != 0)
			continue;
		while (i < s.n && ds_c_is_digit(s.p[i]))
			i++;
	}
	return fnv_byte(h, 0xff);
}

struct fingerprinting {
	struct ds_arena *tmp;
	struct ds_map lines; /* of inputs, by address */
};

static int lines_of(struct fingerprinting *x, const struct ds_input *input, struct ds_lines **ret)
{
	char key[32];
	struct ds_str k = ds_str_n(key, (size_t)snprintf(key, sizeof(key), "%p", (const void *)input));

	*ret = ds_map_get(&x->lines, k);
	if (*ret)
		return 0;
	*ret = ds_arena_new_obj(x->tmp, struct ds_lines);
	if (!*ret || ds_arena_str(x->tmp, k, &k) < 0 || ds_lines_init(x->tmp, input->text, *ret) < 0)
		return DS_ENOMEM;
	return ds_map_put(&x->lines, k, *ret);
}

/* What stands at a place: the flag's value. */
static int text_at(struct fingerprinting *x, const struct ds_loc *l, struct ds_str *ret)
{
	struct ds_lines *lines;
	struct ds_str rest;
	int r;

	*ret = l->text;
	if (l->text.n || !l->input || !l->input->text.n || !l->line || !l->length)
		return 0;
	r = lines_of(x, l->input, &lines);
	if (r < 0)
		return r;
	rest = ds_str_skip(l->input->text, ds_lines_offset(lines, l->line, l->column));
	*ret = ds_str_head(rest, ds_utf8_offset(ds_str_head(rest, (size_t)l->length * 4), l->length));
	return 0;
}

static int place(struct fingerprinting *x, const struct ds_loc *l, uint64_t *ret)
{
	struct ds_str value;
	uint64_t h = fnv_without(0xcbf29ce484222325u, ds_str_from(l->input ? l->input->name : ""), "/proc/");
	int r = 0;

	if (l->flag) {
		r = text_at(x, l, &value);
		h = fnv(fnv(h, ds_str_from(l->flag)), r == 0 ? value : DS_STR(""));
	} else {
		h = fnv_without(h, ds_str_from(l->path ? l->path : ""), "[");
	}
	*ret = h;
	return r;
}

/* Places are a set: what is unknown of many processes is one finding, whatever their order. */
static int places(struct fingerprinting *x, const struct ds_finding *f, uint64_t *ret, bool *ret_flag)
{
	uint64_t seen[DS_FINDING_LOCATIONS];
	size_t n = 0;

	*ret = 0;
	*ret_flag = false;
	for (size_t i = 0; i < f->n_locations; i++) {
		bool twice = false;
		int r = place(x, &f->locations[i], &seen[n]);

		if (r < 0)
			return r;
		*ret_flag |= f->locations[i].flag != NULL;
		for (size_t k = 0; k < n; k++)
			twice |= seen[k] == seen[n];
		if (!twice)
			*ret += seen[n++];
	}
	return 0;
}

static uint64_t start(const struct ds_finding *f)
{
	return fnv(0xcbf29ce484222325u, ds_str_from(f->rule->id));
}

/* h as text. Findings that are alike in all of that are counted, so that one more is a new one. */
static int number_twins(struct ds_arena *a, struct ds_map *seen, uint64_t h, const char **ret)
{
	size_t twin;

	*ret = ds_arena_printf(a, "%016" PRIx64, h);
	if (!*ret)
		return DS_ENOMEM;
	twin = (size_t)(uintptr_t)ds_map_get(seen, ds_str_from(*ret)) + 1;
	if (ds_map_put(seen, ds_str_from(*ret), (void *)(uintptr_t)twin) < 0)
		return DS_ENOMEM;
	if (twin == 1)
		return 0;
	*ret = ds_arena_printf(a, "%016" PRIx64, fnv_number(h, twin));
	return *ret ? 0 : DS_ENOMEM;
}

static int fingerprint(struct fingerprinting *x, struct ds_arena *a, struct ds_finding *f, struct ds_map *seen)
{
	uint64_t h = start(f), where;
	bool flag;

	if (places(x, f, &where, &flag) < 0)
		return DS_ENOMEM;
	h = fnv(h, ds_str_from(ds_status_name(f->status)));
	h = fnv_number(h, where);
	if (!flag)
		h = fnv_without(h, ds_str_from(f->message), "pid ");
	return number_twins(a, seen, h, &f->fingerprint);
}

int ds_findings_fingerprint(struct ds_arena *a, struct ds_findings *f)
{
	struct fingerprinting x = {.tmp = ds_arena_new(DS_LIMIT_ARENA)};
	struct ds_map seen;
	int r = x.tmp ? 0 : DS_ENOMEM;

	if (r == 0) {
		ds_map_init(&x.lines, x.tmp);
		ds_map_init(&seen, x.tmp);
	}
	for (size_t i = 0; r == 0 && i < f->v.n; i++)
		r = fingerprint(&x, a, &f->v.v[i], &seen);
	ds_arena_free(x.tmp);
	return r;
}

/* Without places: they are those of the targets that came first. */
int ds_findings_common(struct ds_arena *a, struct ds_findings *f)
{
	struct ds_map seen;
	int r = 0;

	ds_map_init(&seen, a);
	for (size_t i = 0; r == 0 && i < f->v.n; i++) {
		struct ds_finding *x = &f->v.v[i];
		uint64_t h = fnv(fnv(start(x), DS_STR("common")), ds_str_from(ds_status_name(x->status)));

		if (x->count > 1)
			r = number_twins(a, &seen, fnv_without(h, ds_str_from(x->shape ? x->shape : x->message), "pid "),
					 &x->common);
	}
	return r;
}
