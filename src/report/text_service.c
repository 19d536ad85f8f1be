#include "report/text_service.h"

/* Refusals are written once below the table and referred to by number. */
#define MAX_NOTES 9

struct notes {
	const char *v[MAX_NOTES];
	size_t n;
};

static size_t note(struct notes *notes, const char *text)
{
	for (size_t i = 0; i < notes->n; i++)
		if (strcmp(notes->v[i], text) == 0)
			return i + 1;
	if (notes->n == MAX_NOTES)
		return 0;
	notes->v[notes->n++] = text;
	return notes->n;
}

static const struct ds_service_field *field(const struct ds_service_outcome *o, const char *name)
{
	for (size_t i = 0; i < o->n_fields; i++)
		if (strcmp(o->fields[i].name, name) == 0)
			return &o->fields[i];
	return NULL;
}

/* What the API server says, without the name of our made-up Service. */
static const char *refusal(const struct ds_service_outcome *o)
{
	struct ds_str m;
	size_t at;

	if (o->connection_dropped)
		return "the API server itself crashes on this request and drops the connection";
	m = ds_str_from(o->message);
	at = ds_str_search(m, DS_STR(" is invalid: "));
	return at < m.n ? o->message + at + strlen(" is invalid: ") : o->message;
}

static void outcome_cell(struct ds_buf *b, const struct ds_service_outcome *o, struct notes *notes)
{
	const struct ds_service_field *policy = field(o, "ipFamilyPolicy"), *families = field(o, "ipFamilies");

	if (!o->accepted) {
		ds_buf_printf(b, "refused [%zu]", note(notes, refusal(o)));
		return;
	}
	for (size_t i = 0; families && i < families->list.n; i++) {
		if (i)
			ds_buf_addc(b, '+');
		ds_buf_adds(b, families->list.v[i]);
	}
	if (policy) {
		ds_buf_addc(b, ' ');
		ds_buf_adds(b, policy->text);
	}
}

static void matrix(struct ds_pen *p, const struct ds_preview *preview)
{
	struct notes notes = {0};
	const char *row = NULL;

	ds_out_addz(p->out, "  ipFamilyPolicy    Service                     ClusterIP families and policy it gets\n");
	for (size_t i = 0; i < preview->items.n; i++) {
		const struct ds_preview_item *it = &preview->items.v[i];
		const char *policy = it->policy ? it->policy : "(not set)";
		_ds_buf_done_ struct ds_buf cell = DS_BUF_INIT;

		outcome_cell(&cell, &it->outcome, &notes);
		ds_out_printf(p->out, "  %-17s %-27s ", row && strcmp(row, policy) == 0 ? "" : policy, it->shape);
		ds_pen_str(p, it->outcome.accepted ? DS_INK_PLAIN : DS_INK_YELLOW, ds_buf_str(&cell));
		ds_out_addc(p->out, '\n');
		row = policy;
	}
	for (size_t i = 0; i < notes.n; i++) {
		ds_out_printf(p->out, "  [%zu] ", i + 1);
		ds_pen_wrap(p, ds_str_from(notes.v[i]), 6, 6);
	}
}

void ds_text_preview(struct ds_pen *p, const struct ds_preview *preview)
{
	ds_pen_title(p, "What a new Service gets");
	if (preview->unknown) {
		ds_out_addz(p->out, "  unknown: ");
		ds_pen_wrap(p, ds_str_from(preview->unknown), 11, 11);
		return;
	}
	matrix(p, preview);
}

void ds_preview_text(const struct ds_preview *preview, const struct ds_text_options *o, struct ds_out *out)
{
	struct ds_pen p;

	ds_pen_init(&p, out, o);
	ds_text_preview(&p, preview);
}
