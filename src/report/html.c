#include "report/html.h"

#include "dsaudit/version.h"
#include "report/formats.h"
#include "report/say.h"

/*
 * The document: what stands on top, and the order of the rest. It says no
 * time and nothing of this machine, so that the same inputs give the same page.
 */

/* Nothing is loaded, and nothing in it runs, whatever else may be wrong with it. */
#define POLICY "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

/* Clusters named on top. */
#define CONTENTS_MAX 20

static void head(struct ds_html *h, const char *verdict)
{
	ds_out_addz(h->out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			    "<meta http-equiv=\"Content-Security-Policy\" content=\"" POLICY "\">\n"
			    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
			    "<meta name=\"color-scheme\" content=\"light dark\">\n"
			    "<meta name=\"generator\" content=\"dsaudit " DS_VERSION "\">\n<title>");
	ds_html_textz(h->out, verdict);
	ds_out_addz(h->out, " – dual-stack audit</title>\n<style>\n");
	ds_html_style(h->out);
	ds_out_addz(h->out, "</style>\n</head>\n<body>\n");
}

/* ---- the verdict ---- */

static void figure(struct ds_html *h, size_t n, const char *css, const char *one, const char *many)
{
	ds_out_printf(h->out, "<li class=\"%s%s\"><strong>", css, n ? "" : " zero");
	ds_html_number(h->out, n);
	ds_out_printf(h->out, "</strong> %s</li>\n", n == 1 ? one : many);
}

static void figures(struct ds_html *h, const struct ds_tally *s)
{
	ds_out_addz(h->out, "<ul class=\"figures\">\n");
	figure(h, s->severity[DS_SEVERITY_ERROR], "error", "error", "errors");
	figure(h, s->severity[DS_SEVERITY_WARNING], "warning", "warning", "warnings");
	figure(h, s->severity[DS_SEVERITY_INFO], "info", "remark", "remarks");
	figure(h, s->missing, "unknown", "check could not be made", "checks could not be made");
	figure(h, s->passed, "ok", "check passed", "checks passed");
	if (s->suppressed)
		figure(h, s->suppressed, "unknown", "finding suppressed", "findings suppressed");
	ds_out_addz(h->out, "</ul>\n");
}

static void read_line(struct ds_html *h)
{
	const struct ds_ctx *ctx = h->r->ctx;
	size_t n[DS_INPUT__COUNT] = {0};

	for (size_t i = 0; i < ctx->inputs.n; i++)
		n[ctx->inputs.v[i]->status]++;
	ds_out_addz(h->out, "<p>");
	ds_html_number(h->out, n[DS_INPUT_READ]);
	ds_out_addz(h->out, n[DS_INPUT_READ] == 1 ? " input was read" : " inputs were read");
	if (n[DS_INPUT_SKIPPED])
		ds_out_printf(h->out, ", %zu skipped", n[DS_INPUT_SKIPPED]);
	ds_out_addc(h->out, '.');
	if (h->r->incomplete)
		ds_out_addz(h->out, " <strong>Some input could not be read or understood: the audit is "
				    "incomplete.</strong>");
	ds_out_addz(h->out, "</p>\n");
}

static const char *css_of(enum ds_ink ink)
{
	static const char *const names[] = {
		[DS_INK_PLAIN] = "plain", [DS_INK_BOLD] = "plain",    [DS_INK_DIM] = "plain", [DS_INK_RED] = "error",
		[DS_INK_YELLOW] = "warning", [DS_INK_BLUE] = "info", [DS_INK_GREEN] = "ok",
	};

	return names[ink];
}

/* Where to find what, for a page of many screens. */
static void contents(struct ds_html *h)
{
	static const struct {
		const char *id, *words;
	} parts[] = {
		{"findings", "Findings"},	   {"space", "Address space"},	   {"nodes", "Nodes"},
		{"unknown", "What could not be seen"}, {"services", "Services"}, {"podcidrs", "podCIDRs"},
	};

	ds_out_addz(h->out, "<nav aria-label=\"Contents\">\n<ul>\n");
	/* Of several clusters each is named; what they hold, their own headings tell. */
	for (size_t i = 0; h->r->clusters.n > 1 && i < h->r->clusters.n && i < CONTENTS_MAX; i++) {
		ds_out_printf(h->out, "<li><a href=\"#cluster-%zu\">Cluster ", i + 1);
		ds_html_textz(h->out, h->r->clusters.v[i].cluster->name);
		ds_out_addz(h->out, "</a></li>\n");
	}
	for (size_t i = 0; h->r->clusters.n == 1 && i < DS_ARRAY_SIZE(parts); i++)
		ds_out_printf(h->out, "<li><a href=\"#%s-1\">%s</a></li>\n", parts[i].id, parts[i].words);
	ds_out_addz(h->out, "<li><a href=\"#inputs\">What was read</a></li>\n</ul>\n</nav>\n");
}

static void verdict(struct ds_html *h)
{
	struct ds_tally tally = ds_report_tally(h->r);
	enum ds_ink ink;
	const char *words = ds_say_verdict(&tally, &ink);

	head(h, words);
	ds_out_printf(h->out,
		      "<header class=\"%s\">\n<p class=\"soft\">dsaudit " DS_VERSION
		      ", IPv4/IPv6 dual-stack audit</p>\n<h1>",
		      css_of(ink));
	ds_html_textz(h->out, words);
	ds_out_addz(h->out, "</h1>\n");
	if (h->r->clusters.n || h->r->incomplete)
		figures(h, &tally);
	read_line(h);
	contents(h);
	ds_out_addz(h->out, "</header>\n<main>\n");
}

/* ---- clusters ---- */

static void title(struct ds_html *h, const struct ds_cluster *c)
{
	char version[48];

	ds_say_version(&c->version, version);
	ds_out_addz(h->out, "<h2>Cluster ");
	ds_html_textz(h->out, c->name);
	ds_out_printf(h->out, "</h2>\n<p>Kubernetes <strong>%s</strong> (%s)</p>\n", version, ds_say_version_origin(c->version_origin));
}

static void cluster(struct ds_html *h, const struct ds_report_cluster *c)
{
	ds_out_printf(h->out, "<section id=\"cluster-%zu\">\n", h->cluster);
	title(h, c->cluster);
	ds_html_overview(h, c->cluster);
	ds_html_space(h, c->cluster);
	ds_html_topology(h, c->cluster);
	ds_html_findings(h, c);
	ds_html_unknown(h, c);
	ds_html_services(h, &c->preview);
	ds_html_node_blocks(h, c->cluster);
	ds_html_suppressed(h, c);
	ds_out_addz(h->out, "</section>\n");
}

void ds_report_html(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out)
{
	struct ds_html h = {.out = out, .r = r};

	(void)o;
	ds_map_init(&h.findings, r->ctx->arena);
	ds_map_init(&h.failed, r->ctx->arena);
	ds_map_init(&h.named, r->ctx->arena);
	verdict(&h);
	ds_html_index(&h);
	for (h.cluster = 1; h.cluster <= r->clusters.n; h.cluster++)
		cluster(&h, &r->clusters.v[h.cluster - 1]);
	if (r->clusters.n == 0)
		ds_out_addz(out, "<p>Nothing was audited: no Kubernetes component was found in what was read.</p>\n");
	ds_html_inputs(&h);
	ds_html_rules(&h);
	ds_out_addz(out, "</main>\n<footer>\n<p class=\"soft\">Written by dsaudit " DS_VERSION
			 ". This page loads nothing and runs nothing.</p>\n</footer>\n</body>\n</html>\n");
}
