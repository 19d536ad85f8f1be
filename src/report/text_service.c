#include "report/text_service.h"

#include "report/preview_objects.h"

static size_t note(struct ds_preview_notes *notes, const char *text)
{
	for (size_t i = 0; i < notes->n; i++)
		if (strcmp(notes->v[i], text) == 0)
			return i + 1;
	if (notes->n == DS_PREVIEW_NOTES_MAX)
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

void ds_preview_cell(struct ds_buf *b, const struct ds_service_outcome *o, struct ds_preview_notes *notes)
{
	const struct ds_service_field *policy = field(o, "ipFamilyPolicy"), *families = field(o, "ipFamilies");

	if (!o->accepted) {
		ds_buf_printf(b, "refused [%zu]", note(notes, refusal(o)));
		return;
	}
	if (policy && policy->text.n)
		ds_buf_printf(b, "%c ", policy->text.p[0]);
	for (size_t i = 0; families && i < families->list.n; i++) {
		ds_buf_addz(b, i ? "," : "");
		ds_buf_adds(b, families->list.v[i]);
	}
	if (!policy && !families)
		ds_buf_addz(b, "one address");
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool ds_preview_same_row(const struct ds_preview_item *a, const struct ds_preview_item *b)
{
	return same(a->policy, b->policy) && same(a->families, b->families);
}

const char ds_preview_legend[] = "S SingleStack, P PreferDualStack, R RequireDualStack";

/* Columns of the table with short words at its head; what three more words take. */
enum { TABLE = 60, FAMILIES = 12, HEADLESS = 10 };

/* With both its inputs, the table has no room in a narrow terminal: policies stand above their rows then. */
static bool stacked(const struct ds_pen *p, bool full)
{
	return full && p->terminal && p->width < TABLE + FAMILIES;
}

/* A row is the items of one policy and one choice of families, a column each. */
static size_t row(struct ds_pen *p, const struct ds_preview *preview, size_t i, bool full, struct ds_preview_notes *notes)
{
	const struct ds_preview_item *first = &preview->items.v[i];
	bool repeats = i > 0 && same(preview->items.v[i - 1].policy, first->policy);

	if (!stacked(p, full))
		ds_out_printf(p->out, "  %-16s", repeats ? "" : first->policy ? first->policy : "(not set)");
	else if (repeats)
		ds_out_addz(p->out, "  ");
	else
		ds_out_printf(p->out, "  %s\n  ", first->policy ? first->policy : "(not set)");
	if (full)
		ds_out_printf(p->out, "  %-10s", first->families ? first->families : "(not set)");
	for (; i < preview->items.n; i++) {
		const struct ds_preview_item *it = &preview->items.v[i];
		_ds_buf_done_ struct ds_buf cell = DS_BUF_INIT;

		if (!ds_preview_same_row(it, first))
			break;
		ds_preview_cell(&cell, &it->outcome, notes);
		ds_out_addz(p->out, "  ");
		ds_pen_str(p, it->outcome.accepted ? DS_INK_PLAIN : DS_INK_YELLOW, ds_buf_str(&cell));
		if (i + 1 < preview->items.n && ds_preview_same_row(&it[1], first))
			ds_out_pad(p->out, cell.n < 12 ? 12 - cell.n : 0);
	}
	ds_out_addc(p->out, '\n');
	return i;
}

static void matrix(struct ds_pen *p, const struct ds_preview *preview)
{
	struct ds_preview_notes notes = {0};
	bool full = false;

	for (size_t i = 0; i < preview->items.n; i++)
		full = full || preview->items.v[i].families;
	ds_out_addz(p->out, stacked(p, full) ? "  ipFamilyPolicy\n  " : "  ipFamilyPolicy  ");
	if (full)
		ds_out_printf(p->out, "  %-10s", "ipFamilies");
	ds_out_printf(p->out, "  ClusterIP     headless      %sno selector\n",
		      p->terminal && p->width < TABLE + (full ? FAMILIES : 0) + HEADLESS ? "" : "headless, ");
	for (size_t i = 0; i < preview->items.n;)
		i = row(p, preview, i, full, &notes);
	ds_out_printf(p->out, "  %s\n", ds_preview_legend);
	for (size_t i = 0; i < notes.n; i++) {
		ds_out_printf(p->out, "  [%zu] ", i + 1);
		ds_pen_wrap(p, ds_str_from(notes.v[i]), 6, 6 + (i >= 9));
	}
}

void ds_text_preview(struct ds_pen *p, const struct ds_preview *preview)
{
	ds_preview_objects_text(p, preview);
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
	ds_out_printf(out, "Kubernetes %u.%u, Service range ", preview->version.major, preview->version.minor);
	for (size_t i = 0; i < preview->n_ranges; i++) {
		char text[DS_CIDR_TEXT];

		ds_out_printf(out, "%s%s", i ? "," : "", ds_cidr_format(&preview->ranges[i], text));
	}
	ds_out_addc(out, '\n');
	ds_text_preview(&p, preview);
}
