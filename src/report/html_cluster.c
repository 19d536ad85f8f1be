#include "report/html.h"
#include "report/overview.h"
#include "report/say.h"
#include "report/topology.h"

/* Rows of a table; further ones are counted. */
#define ROWS_MAX 60u
/* Messages of a component that would not start. */
#define MESSAGES_MAX 8u

/* ---- the cluster at a glance ---- */

static void overview_row(struct ds_html *h, const struct ds_overview_row *row)
{
	ds_out_printf(h->out, "<tr><th scope=\"row\">%s</th><td%s>", row->name, row->known ? "" : " class=\"unknown\"");
	ds_html_textz(h->out, row->families);
	ds_out_addz(h->out, "</td><td>");
	if (row->known)
		ds_html_code(h->out, ds_buf_str(&row->what));
	else
		ds_html_text(h->out, ds_buf_str(&row->what));
	ds_out_addz(h->out, "</td><td>");
	ds_html_text(h->out, ds_buf_str(&row->from));
	ds_out_addz(h->out, "</td></tr>\n");
}

static void seen(struct ds_html *h, const struct ds_cluster *c)
{
	size_t n[DS_COMPONENT__COUNT] = {0};
	bool any = false;

	for (size_t i = 0; i < c->seen.n; i++)
		n[c->seen.v[i]->component]++;
	for (int k = 0; k < DS_COMPONENT__COUNT; k++) {
		if (n[k] == 0)
			continue;
		ds_out_printf(h->out, "%s%s", any ? ", " : "<p class=\"soft\">Seen, not audited: ",
			      ds_component_name((enum ds_component)k));
		if (n[k] > 1)
			ds_out_printf(h->out, " ×%zu", n[k]);
		any = true;
	}
	ds_out_addz(h->out, any ? ".</p>\n" : "");
}

void ds_html_overview(struct ds_html *h, const struct ds_cluster *c)
{
	static const char *const columns[] = {"", "Families", "Ranges and addresses", "Set by"};
	struct ds_overview_row rows[DS_OVERVIEW_ROWS];

	ds_html_heading(h, "families", "Families");
	ds_overview(c, rows);
	ds_html_table(h->out, "Families of Services, pods and nodes", columns, DS_ARRAY_SIZE(columns));
	for (size_t i = 0; i < DS_OVERVIEW_ROWS; i++)
		overview_row(h, &rows[i]);
	ds_html_table_end(h->out);
	ds_overview_done(rows);
}

/* ---- nodes ---- */

static void names(struct ds_html *h, const struct ds_node_group *g)
{
	for (size_t i = 0; i < g->n && i < DS_GROUP_NAMES; i++) {
		ds_out_addz(h->out, i ? ", " : "");
		ds_html_textz(h->out, g->names[i][0] ? g->names[i] : "a source of no host");
	}
	if (g->n > DS_GROUP_NAMES) {
		ds_out_addz(h->out, " and ");
		ds_html_number(h->out, g->n - DS_GROUP_NAMES);
		ds_out_addz(h->out, " more");
	}
	if (!g->named)
		ds_out_addz(h->out, "<br><span class=\"soft\">no node name was seen</span>");
}

/* Families, and of one node its addresses below. */
static void families(struct ds_html *h, const char *text, const char *addresses, const char *none)
{
	if (!text[0]) {
		ds_out_printf(h->out, "<td class=\"unknown\">%s</td>", none);
		return;
	}
	ds_out_addz(h->out, "<td>");
	ds_html_textz(h->out, text);
	if (addresses && addresses[0]) {
		ds_out_addz(h->out, "<br>");
		ds_html_code(h->out, ds_str_from(addresses));
	}
	ds_out_addz(h->out, "</td>");
}

static void node_row(struct ds_html *h, const struct ds_node_group *g)
{
	ds_out_addz(h->out, "<tr><th scope=\"row\">");
	names(h, g);
	ds_out_addz(h->out, "</th><td class=\"number\">");
	ds_html_number(h->out, g->n);
	ds_out_addz(h->out, "</td><td>");
	ds_html_textz(h->out, g->runs[0] ? g->runs : "its Node only");
	if (g->refused[0]) {
		ds_out_addz(h->out, "<br><span class=\"tag error\">does not start</span> ");
		ds_html_textz(h->out, g->refused);
	}
	ds_out_addz(h->out, "</td>");
	families(h, g->families, g->addresses, "not seen");
	families(h, g->pod_families ? g->pod_families : "", g->pod_cidrs, g->pod_families ? "none" : "not seen");
	ds_out_addz(h->out, g->single_stack ? "<td>stays single-stack</td></tr>\n" : "<td></td></tr>\n");
}

static void node_table(struct ds_html *h, const struct ds_topology *t)
{
	static const char *const columns[] = {"Nodes", "Number", "Run", "Node addresses", "podCIDRs", "Remark"};
	size_t left = 0;

	ds_html_table(h->out, "Nodes, those that look the same together", columns, DS_ARRAY_SIZE(columns));
	for (size_t i = 0; i < t->nodes.n && i < ROWS_MAX; i++)
		node_row(h, &t->nodes.v[i]);
	ds_html_table_end(h->out);
	for (size_t i = ROWS_MAX; i < t->nodes.n; i++)
		left += t->nodes.v[i].n;
	if (left) {
		ds_out_addz(h->out, "<p>");
		ds_html_number(h->out, left);
		ds_out_addz(h->out, " more nodes, of further kinds, are not listed.</p>\n");
	}
}

/* ---- components ---- */

static void startup(struct ds_html *h, const struct ds_verdict *v)
{
	static const char *const tags[] = {
		[DS_STARTUP_UNKNOWN] = "<span class=\"tag unknown\">not known</span>",
		[DS_STARTUP_ACCEPTED] = "<span class=\"tag ok\">starts</span>",
		[DS_STARTUP_REFUSED] = "<span class=\"tag error\">does not start</span>",
	};

	ds_out_addz(h->out, tags[v->startup]);
	if (v->startup == DS_STARTUP_UNKNOWN && v->reason) {
		ds_out_addc(h->out, ' ');
		ds_html_textz(h->out, v->reason);
	}
	for (size_t i = 0; i < v->errors.n && i < MESSAGES_MAX; i++) {
		ds_out_addz(h->out, "<br>");
		ds_html_code(h->out, ds_str_from(v->errors.v[i].message));
	}
	if (v->errors.n > MESSAGES_MAX)
		ds_out_printf(h->out, "<br>and %zu more messages", v->errors.n - MESSAGES_MAX);
}

static void component_row(struct ds_html *h, const struct ds_component_group *g)
{
	const struct ds_component_model *m = g->first;
	char version[48];

	ds_say_version(&m->version, version);
	ds_out_printf(h->out, "<tr><th scope=\"row\">%s</th><td class=\"number\">",
		      ds_component_name(m->observed->component));
	ds_html_number(h->out, g->n);
	ds_out_printf(h->out, "</td><td>%s%s</td><td>", version,
		      m->version_origin == DS_VERSION_ASSUMED ? " (assumed)" : "");
	startup(h, &m->verdict);
	ds_out_addz(h->out, "</td><td>");
	ds_html_place(h, &m->observed->loc);
	if (g->n > 1)
		ds_out_addz(h->out, " and others");
	ds_out_addz(h->out, "</td></tr>\n");
}

static void component_table(struct ds_html *h, const struct ds_topology *t)
{
	static const char *const columns[] = {"Component", "Number", "Version", "With these settings it", "Where"};

	ds_html_table(h->out, "Components", columns, DS_ARRAY_SIZE(columns));
	for (size_t i = 0; i < t->components.n && i < ROWS_MAX; i++)
		component_row(h, &t->components.v[i]);
	ds_html_table_end(h->out);
	if (t->components.n > ROWS_MAX)
		ds_out_printf(h->out, "<p>Components of %zu more kinds are not listed.</p>\n",
			      t->components.n - ROWS_MAX);
}

void ds_html_topology(struct ds_html *h, const struct ds_cluster *c)
{
	struct ds_topology t;

	if (ds_topology(h->r->ctx->arena, c, &t) < 0)
		h->out->err = DS_ENOMEM;
	ds_html_heading(h, "nodes", "Nodes and components");
	if (t.nodes.n)
		node_table(h, &t);
	if (t.components.n)
		component_table(h, &t);
	if (t.nodes.n == 0 && t.components.n == 0)
		ds_out_addz(h->out, "<p>None was seen.</p>\n");
	seen(h, c);
}
