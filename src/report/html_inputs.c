#include "report/html.h"

#include "report/say.h"

/* Inputs of a kind that are named, remarks that are told. */
#define NAMES_MAX   6u
#define FAILED_MAX  200u
#define REMARKS_MAX 300u

/* ---- what was read ---- */

/* Inputs of one type with one fate. */
struct kind {
	const char *type, *reason;
	enum ds_input_status status;
	const char *names[NAMES_MAX];
	size_t n;
};

struct kinds {
	DS_VEC(struct kind) v;
};

/* A failed input is a row of its own, and a skipped one stands with those of the same reason. */
static int add_input(struct ds_arena *a, struct ds_map *seen, const struct ds_input *in, struct kinds *ret)
{
	const char *key = ds_arena_printf(a, "%d|%s|%s", (int)in->status, in->type, in->reason ? in->reason : "");
	size_t at = key ? (size_t)(uintptr_t)ds_map_get(seen, ds_str_from(key)) : 0;
	struct kind *k;

	if (!key)
		return DS_ENOMEM;
	if (at == 0) {
		k = ds_vec_add(a, &ret->v);
		if (!k)
			return DS_ENOMEM;
		*k = (struct kind){.type = in->type, .reason = in->reason, .status = in->status};
		at = ret->v.n;
		if (ds_map_put(seen, ds_str_from(key), (void *)(uintptr_t)at) < 0)
			return DS_ENOMEM;
	}
	k = &ret->v.v[at - 1];
	if (k->n < NAMES_MAX)
		k->names[k->n] = in->name;
	k->n++;
	return 0;
}

static void input_row(struct ds_html *h, const struct kind *k)
{
	static const char *const tags[DS_INPUT__COUNT] = {
		[DS_INPUT_READ] = "ok", [DS_INPUT_SKIPPED] = "unknown", [DS_INPUT_FAILED] = "error"};

	ds_out_printf(h->out, "<tr><td><span class=\"tag %s\">%s</span></td><th scope=\"row\">", tags[k->status],
		      ds_input_status_name(k->status));
	ds_html_textz(h->out, k->type);
	ds_out_addz(h->out, "</th><td class=\"number\">");
	ds_html_number(h->out, k->n);
	ds_out_addz(h->out, "</td><td>");
	for (size_t i = 0; i < k->n && i < NAMES_MAX; i++) {
		ds_out_addz(h->out, i ? "<br>" : "");
		ds_html_code(h->out, ds_str_from(k->names[i]));
	}
	if (k->n > NAMES_MAX) {
		ds_out_addz(h->out, "<br>and ");
		ds_html_number(h->out, k->n - NAMES_MAX);
		ds_out_addz(h->out, " more");
	}
	ds_out_addz(h->out, "</td><td>");
	ds_html_textz(h->out, k->reason ? k->reason : "");
	ds_out_addz(h->out, "</td></tr>\n");
}

static void inputs(struct ds_html *h)
{
	static const char *const columns[] = {"Status", "Type", "Number", "Names", "Reason"};
	static const enum ds_input_status order[] = {DS_INPUT_FAILED, DS_INPUT_READ, DS_INPUT_SKIPPED};
	const struct ds_ctx *ctx = h->r->ctx;
	struct kinds kinds = {0};
	struct ds_map seen;
	size_t rows = 0;

	ds_map_init(&seen, ctx->arena);
	for (size_t i = 0; i < ctx->inputs.n; i++)
		if (add_input(ctx->arena, &seen, ctx->inputs.v[i], &kinds) < 0)
			h->out->err = DS_ENOMEM;
	if (kinds.v.n == 0) {
		ds_out_addz(h->out, "<p>Nothing was read.</p>\n");
		return;
	}
	ds_html_table(h->out, "Inputs", columns, DS_ARRAY_SIZE(columns));
	for (size_t o = 0; o < DS_ARRAY_SIZE(order); o++)
		for (size_t i = 0; i < kinds.v.n; i++)
			if (kinds.v.v[i].status == order[o] && rows++ < FAILED_MAX)
				input_row(h, &kinds.v.v[i]);
	ds_html_table_end(h->out);
	if (rows > FAILED_MAX)
		ds_out_printf(h->out, "<p>%zu more kinds are not listed; the JSON report has all.</p>\n",
			      rows - FAILED_MAX);
}

/* ---- what there is to say about them ---- */

struct remarks {
	struct ds_html *h;
	size_t n;
};

static void remark(void *arg, enum ds_level level, const char *message, const char *hint, const struct ds_loc *l)
{
	static const char *const tags[] = {
		[DS_LEVEL_NOTE] = "info", [DS_LEVEL_WARNING] = "warning", [DS_LEVEL_ERROR] = "error"};
	struct remarks *x = arg;
	struct ds_html *h = x->h;

	if (x->n++ >= REMARKS_MAX)
		return;
	if (x->n == 1)
		ds_out_addz(h->out, "<h3>Remarks</h3>\n<ul>\n");
	ds_out_printf(h->out, "<li><span class=\"tag %s\">%s</span> ", tags[level], ds_level_name(level));
	ds_html_textz(h->out, message);
	if (l->input) {
		ds_out_addc(h->out, ' ');
		ds_html_place(h, l);
	}
	ds_out_addc(h->out, '\n');
	ds_html_excerpt(h, l);
	if (hint) {
		ds_out_addz(h->out, "<p><strong>Help:</strong> ");
		ds_html_textz(h->out, hint);
		ds_out_addz(h->out, "</p>\n");
	}
	ds_out_addz(h->out, "</li>\n");
}

void ds_html_inputs(struct ds_html *h)
{
	struct remarks x = {.h = h};

	ds_out_addz(h->out, "<section id=\"inputs\">\n<h2>What was read</h2>\n");
	inputs(h);
	ds_report_each_remark(h->r, remark, &x);
	if (x.n > REMARKS_MAX)
		ds_out_printf(h->out, "<li>and %zu more; the JSON report has all</li>\n", x.n - REMARKS_MAX);
	ds_out_addz(h->out, x.n ? "</ul>\n</section>\n" : "</section>\n");
}
