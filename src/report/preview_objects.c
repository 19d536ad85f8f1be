#include "report/preview_objects.h"

#include "model/services.h"
#include "report/preview_run.h"

/* Memory of one Service: its object and its answer. */
#define SCRATCH ((size_t)256 << 20)

/* More lines nobody reads; findings tell what is wrong, `-o json` has all. */
#define LINES_MAX 30u

static int one(struct ds_arena *a, const struct ds_services *s, const struct ds_object *o, bool explain,
	       struct ds_preview_item *ret)
{
	struct ds_service_judged *j = ds_arena_new_obj(a, struct ds_service_judged);
	int r = j ? ds_services_judge(a, s, o, explain, j) : DS_ENOMEM;

	if (r < 0)
		return r;
	*ret = (struct ds_preview_item){
		.ns = o->ns[0] ? o->ns : "default",
		.name = o->name,
		.operation = ds_service_question_name(j->question),
		.outcome = j->outcome,
		.asked = &j->asked,
		.loc = {.input = o->input, .line = o->node->line, .column = o->node->column},
	};
	return 0;
}

int ds_preview_objects(const struct ds_preview *p, bool explain,
		       void (*item)(void *user, const struct ds_preview_item *it), void *user)
{
	const struct ds_services *s = p->services;
	struct ds_arena *scratch;
	int r = 0;

	if (p->unknown || !s || s->n == 0)
		return 0;
	scratch = ds_arena_new(SCRATCH);
	if (!scratch)
		return DS_ENOMEM;
	for (size_t i = 0; r == 0 && i < s->cluster->objects.n; i++) {
		struct ds_preview_item it;

		if (!ds_services_has(s->cluster->objects.v[i]))
			continue;
		r = one(scratch, s, s->cluster->objects.v[i], explain, &it);
		if (r == 0)
			item(user, &it);
		ds_arena_reset(scratch);
	}
	ds_arena_free(scratch);
	return r;
}

/* ---- text ---- */

struct listing {
	struct ds_pen *pen;
	size_t lines, n, refused, dual, single;
};

static void add_field(struct ds_buf *b, const struct ds_service_outcome *o, const char *name)
{
	const struct ds_service_field *f = ds_preview_field(o, name);

	if (!f)
		return;
	ds_buf_addz(b, b->n ? " " : "");
	if (f->kind != DS_SERVICE_LIST)
		ds_buf_adds(b, f->text);
	for (size_t i = 0; f->kind == DS_SERVICE_LIST && i < f->list.n; i++) {
		ds_buf_addz(b, i ? "," : "");
		ds_buf_adds(b, f->list.v[i]);
	}
}

/* "  shop/web              create  ClusterIP PreferDualStack IPv4,IPv6" */
static void line(struct listing *l, const struct ds_preview_item *it)
{
	static const char *const fields[] = {"type", "ipFamilyPolicy", "ipFamilies"};
	_ds_buf_done_ struct ds_buf name = DS_BUF_INIT;
	_ds_buf_done_ struct ds_buf got = DS_BUF_INIT;
	size_t width;

	ds_buf_printf(&name, "%s/%s", it->ns, it->name[0] ? it->name : "(no name)");
	width = ds_out_safe_width(ds_buf_str(&name));
	ds_out_addz(l->pen->out, "  ");
	ds_out_safe(l->pen->out, ds_buf_str(&name));
	ds_out_pad(l->pen->out, width < 32 ? 32 - width : 0);
	ds_out_printf(l->pen->out, "  %-6s  ", strcmp(it->operation, "read") == 0 ? "stored" : it->operation);
	for (size_t i = 0; it->outcome.accepted && i < DS_ARRAY_SIZE(fields); i++)
		add_field(&got, &it->outcome, fields[i]);
	if (it->outcome.accepted)
		ds_out_safe(l->pen->out, ds_buf_str(&got));
	else
		ds_pen_ink(l->pen, DS_INK_RED, "refused");
	ds_out_addc(l->pen->out, '\n');
}

static void list_item(void *user, const struct ds_preview_item *it)
{
	const struct ds_service_field *f = ds_preview_field(&it->outcome, "ipFamilies");
	struct listing *l = user;

	l->n++;
	l->refused += !it->outcome.accepted;
	l->dual += it->outcome.accepted && f && f->list.n == 2;
	l->single += it->outcome.accepted && f && f->list.n == 1;
	if (l->n <= LINES_MAX)
		line(l, it);
}

void ds_preview_objects_text(struct ds_pen *p, const struct ds_preview *preview)
{
	struct listing l = {.pen = p};

	if (preview->unknown || !preview->services || preview->services->n == 0)
		return;
	ds_pen_title(p, "What the Services among the inputs get");
	if (ds_preview_objects(preview, false, list_item, &l) < 0 && !p->out->err)
		p->out->err = DS_ENOMEM;
	if (l.n > LINES_MAX)
		ds_out_printf(p->out, "  … and %zu more; -o json has all of them\n", l.n - LINES_MAX);
	ds_out_printf(p->out, "  %zu %s: %zu refused, %zu dual-stack, %zu single-stack\n", l.n,
		      l.n == 1 ? "Service" : "Services", l.refused, l.dual, l.single);
}
