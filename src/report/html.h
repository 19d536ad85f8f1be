#ifndef DS_REPORT_HTML_H
#define DS_REPORT_HTML_H

#include "base/map.h"
#include "report/excerpt.h"
#include "report/report.h"

/*
 * The HTML report: one file, read without scripts and without a network. Each
 * part of it is a file of its own; all write through the functions below, and
 * text that is not ours through ds_html_text and what is built on it alone.
 */
struct ds_html {
	struct ds_out *out;
	const struct ds_report *r;
	struct ds_excerpts excerpts;
	struct ds_map findings; /* the places of the page's findings: their fingerprints */
	struct ds_map failed;   /* id to the rule, of those that have findings on the page */
	struct ds_map named;    /* the same, of all that the page refers to */
	size_t cluster;         /* number of the cluster being written, from 1 */
};

/* ---- html_text.c ---- */

/* Text as text, and in the value of an attribute; what is unsafe is shown as ds_out_safe does. */
void ds_html_text(struct ds_out *out, struct ds_str s);
void ds_html_textz(struct ds_out *out, const char *z);
/* The beginning of a text of more than max code points. */
void ds_html_begin(struct ds_out *out, const char *z, size_t max);
/* <code>, broken where a long text may break. */
void ds_html_code(struct ds_out *out, struct ds_str s);
/* Paragraphs and, of lines that begin with two blanks, blocks of code. */
void ds_html_paragraphs(struct ds_out *out, const char *text);
/* A reference of a rule: a link, when it is the address of a page. */
void ds_html_reference(struct ds_out *out, const char *reference);
/* 1234567 as 1,234,567. */
void ds_html_number(struct ds_out *out, uint64_t n);
/* How many addresses so many bits make: 65,536, or 2 with an exponent. */
void ds_html_addresses(struct ds_out *out, unsigned bits);
/* A place in words, and the line it points to with what is meant marked. */
void ds_html_place(struct ds_html *h, const struct ds_loc *l);
void ds_html_excerpt(struct ds_html *h, const struct ds_loc *l);
/* The heading of a part of the cluster that is being written, with the address that html.c links to. */
void ds_html_heading(struct ds_html *h, const char *id, const char *words);
/* A table that may be scrolled sideways, with its caption and headings; ds_html_table_end closes it. */
void ds_html_table(struct ds_out *out, const char *caption, const char *const *columns, size_t n);
void ds_html_table_end(struct ds_out *out);

/* ---- the parts ---- */

/* html_style.c */
void ds_html_style(struct ds_out *out);

/* html_findings.c. The rules they name are remembered for ds_html_rules. */
void ds_html_index(struct ds_html *h);
void ds_html_findings(struct ds_html *h, const struct ds_report_cluster *c);
void ds_html_unknown(struct ds_html *h, const struct ds_report_cluster *c);
void ds_html_suppressed(struct ds_html *h, const struct ds_report_cluster *c);
void ds_html_rules(struct ds_html *h);

/* html_cluster.c */
void ds_html_overview(struct ds_html *h, const struct ds_cluster *c);
void ds_html_topology(struct ds_html *h, const struct ds_cluster *c);

/* html_space.c */
void ds_html_space(struct ds_html *h, const struct ds_cluster *c);

/* html_blocks.c */
void ds_html_node_blocks(struct ds_html *h, const struct ds_cluster *c);

/* html_services.c */
void ds_html_services(struct ds_html *h, const struct ds_preview *p);

/* html_inputs.c */
void ds_html_inputs(struct ds_html *h);

#endif
