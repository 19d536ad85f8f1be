#include <stdlib.h>

#include "report/html.h"
#include "report/overview.h"
#include "report/say.h"

/* Of one rule so many findings are written whole, then so many as a line; the rest is counted. A page with more is
 * no help to anybody, and 100,000 findings are one of a browser's limits. */
#define WHOLE_MAX 20u
#define LINES_MAX 100u
/* Headlines on top of the page, and code points of each. */
#define INDEX_MAX    30u
#define HEADLINE_MAX 300u
/* Code points of a message: some are a whole list of what would have been right. */
#define MESSAGE_MAX 4000u
#define UNKNOWN_MAX 200u
#define SUPPRESSED_MAX 500u

static void tag(struct ds_html *h, const struct ds_finding *f)
{
	const char *name = ds_severity_name(f->severity);

	ds_out_printf(h->out, "<span class=\"tag %s\">%s</span> ", name, name);
}

static void remember(struct ds_html *h, struct ds_map *m, const struct ds_rule *rule)
{
	/* The map wants no const, and gives what it was given. */
	if (!ds_map_get(m, ds_str_from(rule->id)) && ds_map_put(m, ds_str_from(rule->id), (void *)(uintptr_t)rule) < 0)
		h->out->err = DS_ENOMEM;
}

/* The rule is described at the end of the page, which it is a link to. */
static void rule_link(struct ds_html *h, const struct ds_rule *rule)
{
	ds_out_addz(h->out, "<a href=\"#rule-");
	ds_html_textz(h->out, rule->id);
	ds_out_addz(h->out, "\">");
	ds_html_textz(h->out, rule->id);
	ds_out_addz(h->out, "</a>");
	remember(h, &h->named, rule);
}

/* The same finding may be there in two clusters; the first has the address. */
static void anchor(struct ds_html *h, const struct ds_finding *f)
{
	struct ds_str key = ds_str_from(ds_finding_id(f));

	if (!key.n || ds_map_get(&h->findings, key))
		return;
	if (ds_map_put(&h->findings, key, h) < 0)
		h->out->err = DS_ENOMEM;
	ds_out_addz(h->out, " id=\"finding-");
	ds_html_text(h->out, key);
	ds_out_addc(h->out, '"');
}

/* ---- headlines ---- */

/* What one rule found of one severity in a cluster is one headline. */
struct index {
	struct ds_html *h;
	const struct ds_report_cluster *c;
	const struct ds_finding *first;
	size_t alike; /* of first's */
	size_t n;
};

static void put_headline(struct index *x)
{
	struct ds_html *h = x->h;

	if (!x->first || x->n++ >= INDEX_MAX)
		return;
	ds_out_addz(h->out, x->n == 1 ? "<ol class=\"index\">\n<li>" : "<li>");
	tag(h, x->first);
	ds_out_addz(h->out, "<a href=\"#finding-");
	ds_html_textz(h->out, ds_finding_id(x->first) ? ds_finding_id(x->first) : "");
	ds_out_addz(h->out, "\">");
	ds_html_textz(h->out, x->first->rule->id);
	ds_out_addz(h->out, "</a> ");
	ds_html_begin(h->out, x->first->message, HEADLINE_MAX);
	if (x->alike) {
		ds_out_addz(h->out, " <span class=\"soft\">and ");
		ds_html_number(h->out, x->alike);
		ds_out_addz(h->out, " more of this rule</span>");
	}
	ds_out_addz(h->out, "</li>\n");
}

static void headline(void *arg, const struct ds_report_cluster *c, const struct ds_finding *f)
{
	struct index *x = arg;

	if (f->status != DS_STATUS_FAIL)
		return;
	if (x->first && x->c == c && x->first->rule == f->rule && x->first->severity == f->severity) {
		x->alike++;
		return;
	}
	put_headline(x);
	x->c = c;
	x->first = f;
	x->alike = 0;
}

void ds_html_index(struct ds_html *h)
{
	struct index x = {.h = h};

	ds_report_each(h->r, headline, &x);
	put_headline(&x);
	if (x.n)
		ds_out_addz(h->out, "</ol>\n");
	if (x.n > INDEX_MAX) {
		ds_out_addz(h->out, "<p>What ");
		ds_html_number(h->out, x.n - INDEX_MAX);
		ds_out_addz(h->out, " more rules found is told below.</p>\n");
	}
}

/* ---- findings ---- */

static void places(struct ds_html *h, const struct ds_finding *f)
{
	if (f->n_locations == 0)
		return;
	ds_out_addz(h->out, "<ul class=\"places\">\n");
	for (size_t i = 0; i < f->n_locations; i++) {
		const struct ds_loc *l = &f->locations[i];

		ds_out_addz(h->out, "<li>");
		ds_html_place(h, l);
		if (l->path) {
			ds_out_addz(h->out, " <span class=\"soft\">");
			ds_html_textz(h->out, l->path);
			ds_out_addz(h->out, "</span>");
		}
		ds_out_addc(h->out, '\n');
		ds_html_excerpt(h, l);
		ds_out_addz(h->out, "</li>\n");
	}
	ds_out_addz(h->out, "</ul>\n");
	if (f->count > f->n_locations && f->count > 1) {
		ds_out_addz(h->out, "<p>It holds in ");
		ds_html_number(h->out, f->count);
		ds_out_addz(h->out, " places in all.</p>\n");
	}
}

static void whole(struct ds_html *h, const struct ds_finding *f)
{
	ds_out_printf(h->out, "<article class=\"finding %s\"", ds_severity_name(f->severity));
	anchor(h, f);
	ds_out_addz(h->out, ">\n<h4>");
	tag(h, f);
	ds_html_begin(h->out, f->message, MESSAGE_MAX);
	ds_out_addz(h->out, "</h4>\n");
	places(h, f);
	if (f->fix) {
		ds_out_addz(h->out, "<div class=\"fix\"><strong>Fix</strong>\n");
		ds_html_paragraphs(h->out, f->fix);
		ds_out_addz(h->out, "</div>\n");
	}
	ds_out_addz(h->out, "<p class=\"soft\">Rule ");
	rule_link(h, f->rule);
	remember(h, &h->failed, f->rule);
	ds_out_addz(h->out, ": ");
	ds_html_textz(h->out, f->rule->title);
	if (ds_finding_id(f)) {
		ds_out_addz(h->out, ". Fingerprint <a href=\"#finding-");
		ds_html_textz(h->out, ds_finding_id(f));
		ds_out_addz(h->out, "\">");
		ds_html_textz(h->out, ds_finding_id(f));
		ds_out_addz(h->out, "</a>");
	}
	ds_out_addz(h->out, "</p>\n</article>\n");
}

static void line(struct ds_html *h, const struct ds_finding *f)
{
	ds_out_addz(h->out, "<li");
	anchor(h, f);
	ds_out_addc(h->out, '>');
	ds_html_begin(h->out, f->message, HEADLINE_MAX);
	if (f->n_locations) {
		ds_out_addc(h->out, ' ');
		ds_html_place(h, &f->locations[0]);
	}
	ds_out_addz(h->out, "</li>\n");
}

/* Findings of one rule and severity stand together: v[0..n), all failures. */
static void of_rule(struct ds_html *h, const struct ds_finding *const *v, size_t n)
{
	for (size_t i = 0; i < n && i < WHOLE_MAX; i++)
		whole(h, v[i]);
	if (n <= WHOLE_MAX)
		return;
	ds_out_addz(h->out, "<p>And of ");
	rule_link(h, v[0]->rule);
	ds_out_addz(h->out, ":</p>\n<ul>\n");
	for (size_t i = WHOLE_MAX; i < n && i < WHOLE_MAX + LINES_MAX; i++)
		line(h, v[i]);
	if (n > WHOLE_MAX + LINES_MAX) {
		ds_out_addz(h->out, "<li><strong>");
		ds_html_number(h->out, n - WHOLE_MAX - LINES_MAX);
		ds_out_addz(h->out, " more</strong>; the JSON report has each of them</li>\n");
	}
	ds_out_addz(h->out, "</ul>\n");
}

void ds_html_findings(struct ds_html *h, const struct ds_report_cluster *c)
{
	const struct ds_finding *v[WHOLE_MAX + LINES_MAX];
	size_t n = 0, all = 0;

	ds_html_heading(h, "findings", "Findings");
	for (size_t i = 0; i < c->findings.v.n; i++) {
		const struct ds_finding *f = &c->findings.v.v[i];

		if (f->status != DS_STATUS_FAIL)
			continue;
		if (n > 0 && (v[0]->rule != f->rule || v[0]->severity != f->severity)) {
			of_rule(h, v, n);
			n = 0;
		}
		if (n < DS_ARRAY_SIZE(v))
			v[n] = f;
		n++;
		all++;
	}
	if (n > 0)
		of_rule(h, v, n);
	if (all == 0)
		ds_out_addz(h->out, "<p>None.</p>\n");
}

/* ---- what is unknown ---- */

void ds_html_unknown(struct ds_html *h, const struct ds_report_cluster *c)
{
	struct ds_unknowns u;

	if (ds_unknowns(h->r->ctx->arena, &c->findings, &u) < 0)
		h->out->err = DS_ENOMEM;
	ds_html_heading(h, "unknown", "What could not be seen");
	if (u.v.n == 0) {
		ds_out_addz(h->out, "<p>Every check that applies could be made.</p>\n");
		return;
	}
	ds_out_addz(h->out, "<p>What is not known is not taken for right: these checks could not be made.</p>\n<ul>\n");
	for (size_t i = 0; i < u.v.n && i < UNKNOWN_MAX; i++) {
		const struct ds_unknown *x = &u.v.v[i];

		ds_out_addz(h->out, "<li>");
		ds_html_text(h->out, x->reason);
		if (x->lead->n_locations) {
			ds_out_addz(h->out, " (");
			ds_html_place(h, &x->lead->locations[0]);
			ds_out_addc(h->out, ')');
		}
		ds_out_addz(h->out, ": leaves unknown ");
		for (size_t k = 0; k < x->rules.n; k++) {
			ds_out_addz(h->out, k ? ", " : "");
			rule_link(h, x->rules.v[k]);
		}
		ds_out_addz(h->out, "</li>\n");
	}
	if (u.v.n > UNKNOWN_MAX)
		ds_out_printf(h->out, "<li>and %zu more reasons; the JSON report has all</li>\n", u.v.n - UNKNOWN_MAX);
	ds_out_addz(h->out, "</ul>\n");
}

/* ---- what nobody wants to hear again ---- */

void ds_html_suppressed(struct ds_html *h, const struct ds_report_cluster *c)
{
	static const char *const columns[] = {"Rule", "What was found", "Where", "Suppressed by", "Reason"};
	const struct ds_suppressed_list *l = &c->suppressed;

	if (l->v.n == 0)
		return;
	ds_out_addz(h->out, "<h3>Suppressed</h3>\n");
	ds_html_table(h->out, "Findings that were suppressed", columns, DS_ARRAY_SIZE(columns));
	for (size_t i = 0; i < l->v.n && i < SUPPRESSED_MAX; i++) {
		const struct ds_suppressed *s = &l->v.v[i];

		ds_out_addz(h->out, "<tr><th scope=\"row\">");
		rule_link(h, s->finding.rule);
		ds_out_addz(h->out, "</th><td>");
		ds_html_textz(h->out, s->finding.message);
		ds_out_addz(h->out, "</td><td>");
		if (s->finding.n_locations)
			ds_html_place(h, &s->finding.locations[0]);
		ds_out_printf(h->out, "</td><td>%s</td><td>", ds_suppressed_by_name(s->by));
		ds_html_textz(h->out, s->reason ? s->reason : "");
		ds_out_addz(h->out, "</td></tr>\n");
	}
	ds_html_table_end(h->out);
	if (l->v.n > SUPPRESSED_MAX)
		ds_out_printf(h->out, "<p>%zu more; the JSON report has all.</p>\n", l->v.n - SUPPRESSED_MAX);
}

/* ---- the rules ---- */

static void describe(struct ds_html *h, const struct ds_rule *rule)
{
	ds_out_addz(h->out, "<article class=\"about\" id=\"rule-");
	ds_html_textz(h->out, rule->id);
	ds_out_addz(h->out, "\">\n<h3>");
	ds_html_textz(h->out, rule->id);
	ds_out_addz(h->out, " <span class=\"soft\">");
	ds_html_textz(h->out, rule->name);
	ds_out_addz(h->out, "</span></h3>\n<p><strong>");
	ds_html_textz(h->out, rule->title);
	ds_out_addz(h->out, ".</strong></p>\n");
	ds_html_paragraphs(h->out, rule->why);
	if (rule->n_references)
		ds_out_addz(h->out, "<p class=\"soft\">See ");
	for (size_t i = 0; i < rule->n_references; i++) {
		ds_out_addz(h->out, i ? ", " : "");
		ds_html_reference(h->out, rule->references[i]);
	}
	ds_out_addz(h->out, rule->n_references ? "</p>\n</article>\n" : "</article>\n");
}

static void only_named(struct ds_html *h, const struct ds_rule *rule)
{
	ds_out_addz(h->out, "<tr id=\"rule-");
	ds_html_textz(h->out, rule->id);
	ds_out_addz(h->out, "\"><th scope=\"row\">");
	ds_html_textz(h->out, rule->id);
	ds_out_addz(h->out, "</th><td>");
	ds_html_textz(h->out, rule->title);
	ds_out_addz(h->out, "</td></tr>\n");
}

static int by_id(const void *x, const void *y)
{
	const struct ds_rule *const *a = x, *const *b = y;

	return strcmp((*a)->id, (*b)->id);
}

/* Rules with findings are explained, the others have a line each. */
void ds_html_rules(struct ds_html *h)
{
	static const char *const columns[] = {"Rule", "Finds"};
	const struct ds_rule **v = ds_arena_new_array(h->r->ctx->arena, h->named.n, const struct ds_rule *);

	if (h->named.n == 0)
		return;
	if (!v) {
		h->out->err = DS_ENOMEM;
		return;
	}
	for (size_t i = 0; i < h->named.n; i++)
		v[i] = h->named.entries[i].value;
	qsort(v, h->named.n, sizeof(*v), by_id);
	ds_out_addz(h->out, "<section id=\"rules\">\n<h2>Rules</h2>\n"
			    "<p><code>dsaudit explain</code> has more about each.</p>\n");
	for (size_t i = 0; i < h->named.n; i++)
		if (ds_map_get(&h->failed, ds_str_from(v[i]->id)))
			describe(h, v[i]);
	if (h->named.n > h->failed.n)
		ds_html_table(h->out, "Rules without a finding here", columns, DS_ARRAY_SIZE(columns));
	for (size_t i = 0; i < h->named.n; i++)
		if (!ds_map_get(&h->failed, ds_str_from(v[i]->id)))
			only_named(h, v[i]);
	if (h->named.n > h->failed.n)
		ds_html_table_end(h->out);
	ds_out_addz(h->out, "</section>\n");
}
