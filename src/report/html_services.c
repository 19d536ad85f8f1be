#include "report/html.h"

#include "model/services.h"
#include "report/preview_objects.h"
#include "report/preview_run.h"
#include "report/text_service.h"

/* Services listed one by one; further ones are counted, findings tell what is wrong. */
#define SERVICES_MAX 200u
/* Code points of a refusal: one may quote a list of thousands. */
#define MESSAGE_MAX 4000u

/* ---- the Services among the inputs ---- */

struct services {
	struct ds_html *h;
	size_t n, refused, dual, single;
};

static void put_field(struct ds_html *h, const struct ds_service_outcome *o, const char *name)
{
	const struct ds_service_field *f = ds_preview_field(o, name);

	ds_out_addz(h->out, "<td>");
	if (f && f->kind != DS_SERVICE_LIST)
		ds_html_text(h->out, f->text);
	for (size_t i = 0; f && f->kind == DS_SERVICE_LIST && i < f->list.n; i++) {
		ds_out_addz(h->out, i ? ", " : "");
		ds_html_text(h->out, f->list.v[i]);
	}
	ds_out_addz(h->out, "</td>");
}

static void service(void *user, const struct ds_preview_item *it)
{
	static const char *const names[] = {"type", "ipFamilyPolicy", "ipFamilies", "clusterIPs"};
	const struct ds_service_field *f = ds_preview_field(&it->outcome, "ipFamilies");
	struct services *s = user;
	struct ds_html *h = s->h;

	s->n++;
	s->refused += !it->outcome.accepted;
	s->dual += it->outcome.accepted && f && f->list.n == 2;
	s->single += it->outcome.accepted && f && f->list.n == 1;
	if (s->n > SERVICES_MAX)
		return;
	ds_out_addz(h->out, "<tr><th scope=\"row\">");
	ds_html_textz(h->out, it->ns);
	ds_out_addc(h->out, '/');
	ds_html_textz(h->out, it->name[0] ? it->name : "(no name)");
	ds_out_printf(h->out, "</th><td>%s</td>", strcmp(it->operation, "read") == 0 ? "stored" : it->operation);
	if (it->outcome.accepted) {
		for (size_t i = 0; i < DS_ARRAY_SIZE(names); i++)
			put_field(h, &it->outcome, names[i]);
	} else {
		ds_out_printf(h->out, "<td colspan=\"%zu\"><span class=\"tag error\">refused</span> ",
			      DS_ARRAY_SIZE(names));
		ds_html_begin(h->out,
			      it->outcome.connection_dropped ? "the API server itself crashes on this request"
			      : it->outcome.message	     ? it->outcome.message
							     : "",
			      MESSAGE_MAX);
		ds_out_addz(h->out, "</td>");
	}
	ds_out_addz(h->out, "</tr>\n");
}

static void objects(struct ds_html *h, const struct ds_preview *p)
{
	static const char *const columns[] = {"Service",	"Request",    "type",
					      "ipFamilyPolicy", "ipFamilies", "clusterIPs"};
	struct services s = {.h = h};

	if (p->unknown || !p->services || p->services->n == 0)
		return;
	ds_out_addz(h->out, "<h3>Services among the inputs</h3>\n");
	ds_html_table(h->out, "What the Services among the inputs get", columns, DS_ARRAY_SIZE(columns));
	if (ds_preview_objects(p, false, service, &s) < 0 && !h->out->err)
		h->out->err = DS_ENOMEM;
	ds_html_table_end(h->out);
	ds_out_addz(h->out, "<p>");
	ds_html_number(h->out, s.n);
	ds_out_printf(h->out, " %s: %zu refused, %zu dual-stack, %zu single-stack", s.n == 1 ? "Service" : "Services",
		      s.refused, s.dual, s.single);
	if (s.n > SERVICES_MAX)
		ds_out_printf(h->out, "; the first %u are listed, the JSON report has all", SERVICES_MAX);
	ds_out_addz(h->out, ".</p>\n");
}

/* ---- every kind of new Service ---- */

static void cell(struct ds_html *h, const struct ds_service_outcome *o, struct ds_preview_notes *notes)
{
	const struct ds_service_field *policy = ds_preview_field(o, "ipFamilyPolicy");
	const struct ds_service_field *families = ds_preview_field(o, "ipFamilies");
	_ds_buf_done_ struct ds_buf refusal = DS_BUF_INIT;

	if (!o->accepted) {
		ds_preview_cell(&refusal, o, notes);
		ds_out_addz(h->out, "<td class=\"refused\">");
		ds_html_text(h->out, ds_buf_str(&refusal));
		ds_out_addz(h->out, "</td>");
		return;
	}
	ds_out_addz(h->out, "<td>");
	for (size_t i = 0; families && i < families->list.n; i++) {
		ds_out_addz(h->out, i ? ", " : "");
		ds_html_text(h->out, families->list.v[i]);
	}
	if (!policy && !families)
		ds_out_addz(h->out, "one address");
	if (policy && policy->text.n) {
		ds_out_addz(h->out, "<br><span class=\"soft\">");
		ds_html_text(h->out, policy->text);
		ds_out_addz(h->out, "</span>");
	}
	ds_out_addz(h->out, "</td>");
}

static size_t matrix_row(struct ds_html *h, const struct ds_preview *p, size_t i, struct ds_preview_notes *notes)
{
	const struct ds_preview_item *first = &p->items.v[i];

	ds_out_addz(h->out, "<tr><th scope=\"row\">");
	ds_html_textz(h->out, first->policy ? first->policy : "(not set)");
	ds_out_addz(h->out, "</th>");
	for (; i < p->items.n && ds_preview_same_row(&p->items.v[i], first); i++)
		cell(h, &p->items.v[i].outcome, notes);
	ds_out_addz(h->out, "</tr>\n");
	return i;
}

void ds_html_services(struct ds_html *h, const struct ds_preview *p)
{
	static const char *const columns[] = {"ipFamilyPolicy", "ClusterIP", "headless", "headless, no selector"};
	struct ds_preview_notes notes = {0};

	objects(h, p);
	ds_html_heading(h, "services", "What a new Service gets");
	if (p->unknown) {
		ds_out_addz(h->out, "<p class=\"unknown\">Unknown: ");
		ds_html_textz(h->out, p->unknown);
		ds_out_addz(h->out, "</p>\n");
		return;
	}
	ds_html_table(h->out, "Families and policy, by what is asked for", columns, DS_ARRAY_SIZE(columns));
	for (size_t i = 0; i < p->items.n;)
		i = matrix_row(h, p, i, &notes);
	ds_html_table_end(h->out);
	for (size_t i = 0; i < notes.n; i++) {
		ds_out_printf(h->out, "<p>[%zu] ", i + 1);
		ds_html_code(h->out, ds_str_from(notes.v[i]));
		ds_out_addz(h->out, "</p>\n");
	}
}
