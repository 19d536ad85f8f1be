#include "report/diff.h"

const char *ds_diff_status_name(enum ds_diff_status s)
{
	static const char *const names[] = {
		[DS_DIFF_NEW] = "new",
		[DS_DIFF_CHANGED] = "changed",
		[DS_DIFF_UNKNOWN] = "unknown",
		[DS_DIFF_FIXED] = "fixed",
		[DS_DIFF_SUPPRESSED] = "suppressed",
		[DS_DIFF_UNCHANGED] = "unchanged",
	};
	_Static_assert(DS_ARRAY_SIZE(names) == DS_DIFF__COUNT, "every status has a name");

	return names[s];
}

const char *ds_diff_change_name(enum ds_diff_change c)
{
	static const char *const names[] = {
		[DS_DIFF_OTHER] = "changed", [DS_DIFF_LOST] = "unknown", [DS_DIFF_KNOWN] = "known"};

	return names[c];
}

static size_t at_least(const struct ds_diff_counts *n, enum ds_severity s)
{
	size_t sum = 0;

	for (; s < DS_SEVERITY__COUNT; s++)
		sum += n->fresh[s] + n->worse[s];
	return sum;
}

const char *ds_diff_verdict(const struct ds_diff *d, enum ds_ink *ret_ink)
{
	const struct ds_diff_counts *n = &d->counts;

	*ret_ink = DS_INK_YELLOW;
	if (at_least(n, DS_SEVERITY_ERROR))
		*ret_ink = DS_INK_RED;
	if (at_least(n, DS_SEVERITY_INFO))
		return "Worse";
	if (n->failed_inputs)
		return "Incomplete";
	if (n->lost)
		return "Less is known";
	*ret_ink = DS_INK_GREEN;
	if (n->fixed)
		return "Better";
	if (n->known)
		return "More is known";
	if (n->changed || n->suppressed || n->other)
		return "Nothing worse";
	return "Nothing changed";
}

static void add(struct ds_buf *b, size_t n, const char *one, const char *many)
{
	if (n == 0)
		return;
	ds_buf_addz(b, b->n ? ", " : "");
	ds_say_number(b, n, one, many);
}

void ds_diff_say_counts(const struct ds_diff *d, struct ds_buf *b)
{
	const struct ds_diff_counts *n = &d->counts;

	add(b, n->fresh[DS_SEVERITY_ERROR], "new error", "new errors");
	add(b, n->fresh[DS_SEVERITY_WARNING], "new warning", "new warnings");
	add(b, n->fresh[DS_SEVERITY_INFO], "new remark", "new remarks");
	add(b, n->worse[DS_SEVERITY_ERROR] + n->worse[DS_SEVERITY_WARNING] + n->worse[DS_SEVERITY_INFO],
	    "finding became worse", "findings became worse");
	add(b, n->failed_inputs, "more input could not be read", "more inputs could not be read");
	add(b, n->lost, "more unknown", "more unknown");
	add(b, n->fixed, "finding fixed", "findings fixed");
	add(b, n->known, "became known", "became known");
	add(b, n->changed, "finding changed", "findings changed");
	add(b, n->suppressed, "finding suppressed now", "findings suppressed now");
	add(b, n->unchanged, "finding as before", "findings as before");
}

void ds_diff_say_component(struct ds_buf *b, const struct ds_saved_component *c)
{
	_ds_buf_done_ struct ds_buf where = DS_BUF_INIT;

	ds_buf_addz(b, c->component);
	if (*c->node)
		ds_buf_printf(b, " of %s", c->node);
	ds_say_place(&c->loc, &where);
	if (where.n) {
		ds_buf_addz(b, " (");
		ds_buf_adds(b, ds_buf_str(&where));
		ds_buf_addz(b, ")");
	}
}

void ds_diff_say_value(struct ds_buf *b, const struct ds_diff_fact *f, bool old)
{
	const struct ds_yaml_node *value = old ? f->old : f->new;

	if (value)
		ds_saved_say(b, value);
	else if (f->change == (old ? DS_DIFF_KNOWN : DS_DIFF_LOST))
		ds_buf_addz(b, "not known");
	else
		ds_buf_addz(b, f->change == DS_DIFF_OTHER ? "none" : "known");
}

/* What is told of a Service that was refused or was not there. */
static bool is_told(struct ds_str field)
{
	static const char *const names[] = {"type", "clusterIPs", "ipFamilyPolicy", "ipFamilies"};

	for (size_t i = 0; i < DS_ARRAY_SIZE(names); i++)
		if (ds_str_eqz(field, names[i]))
			return true;
	return false;
}

/* Specs have a dozen fields, and are written in one order as a rule. */
#define FIELDS_MAX 64u

static const struct ds_yaml_node *field(const struct ds_yaml_node *spec, const struct ds_yaml_node *key)
{
	for (size_t i = 0; spec && i < spec->n && i < FIELDS_MAX; i++)
		if (ds_str_eq(spec->pairs[i].key->text, key->text))
			return spec->pairs[i].value;
	return NULL;
}

/* The fields of a spec that are not those of the other, in its order. */
static void say_spec(struct ds_buf *b, struct ds_arena *a, const struct ds_yaml_node *spec,
		     const struct ds_yaml_node *other)
{
	size_t before = b->n, shown = 0;

	for (size_t i = 0; i < spec->n && i < FIELDS_MAX; i++) {
		const struct ds_yaml_node *key = spec->pairs[i].key, *was = field(other, key);

		if (other ? was && ds_saved_same(a, was, spec->pairs[i].value) : !is_told(key->text))
			continue;
		ds_buf_addz(b, shown++ ? "; " : "");
		ds_buf_adds(b, key->text);
		ds_buf_addc(b, ' ');
		ds_saved_say(b, spec->pairs[i].value);
	}
	for (size_t i = 0; other && spec->n <= FIELDS_MAX && i < other->n && i < FIELDS_MAX; i++) {
		if (field(spec, other->pairs[i].key))
			continue;
		ds_buf_addz(b, shown++ ? "; " : "");
		ds_buf_addz(b, "no ");
		ds_buf_adds(b, other->pairs[i].key->text);
	}
	if (b->n == before)
		ds_buf_addz(b, "accepted");
}

void ds_diff_say_service(struct ds_buf *b, const struct ds_diff *d, const struct ds_saved_service *s,
			 const struct ds_saved_service *other)
{
	if (!s->accepted) {
		ds_buf_addz(b, "refused: ");
		ds_buf_addz(b, s->message ? s->message : "the connection is dropped");
	} else if (!s->spec) {
		ds_buf_addz(b, "accepted");
	} else {
		say_spec(b, d->a, s->spec, other ? other->spec : NULL);
	}
	if (s->warnings && s->warnings->n) {
		ds_buf_addz(b, "; warning: ");
		ds_saved_say(b, s->warnings);
	}
}
