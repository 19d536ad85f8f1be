#include "report/html.h"
#include "report/svg.h"

/* The address space of a cluster as pictures, and as the tables that say the same. */

/* A row of the picture: a line of text with a bar below it. Pixels. */
#define ROW   40u
#define TEXT  14u
#define BAR   20u
#define THICK 14u

/* Overlaps that are told in words. */
#define OVERLAPS_MAX 30u

static const struct {
	const char *css, *name;
} roles[] = {
	[DS_SPACE_SERVICES] = {"svc", "Services"},
	[DS_SPACE_PODS] = {"pod", "pods"},
	[DS_SPACE_NODES] = {"node", "nodes"},
	[DS_SPACE_NODE_BLOCKS] = {"block", "podCIDRs of nodes"},
};
_Static_assert(DS_ARRAY_SIZE(roles) == DS_SPACE_ROLE__COUNT, "every role has a look");

/* ---- texts ---- */

static void add_extent(struct ds_buf *b, const struct ds_ip *first, const struct ds_ip *last)
{
	char text[DS_IP_TEXT];

	ds_buf_addz(b, ds_ip_format(first, text));
	if (ds_ip_eq(first, last))
		return;
	ds_buf_printf(b, " – %s", ds_ip_format(last, text));
}

/* "10.96.0.0/16", "192.0.2.10 – 192.0.2.12". */
static void add_range(struct ds_buf *b, const struct ds_space_range *r)
{
	char text[DS_CIDR_TEXT];

	if (r->is_network)
		ds_buf_addz(b, ds_cidr_format(&r->cidr, text));
	else
		add_extent(b, &r->first, &r->last);
}

static void put_buf(struct ds_html *h, const struct ds_buf *b)
{
	if (b->err)
		h->out->err = DS_ENOMEM;
	ds_html_text(h->out, ds_buf_str(b));
}

static void put_range(struct ds_html *h, const struct ds_space_range *r)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	add_range(&b, r);
	put_buf(h, &b);
}

static void put_extent(struct ds_html *h, const struct ds_ip *first, const struct ds_ip *last)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	add_extent(&b, first, last);
	put_buf(h, &b);
}

/* "kube-apiserver, kube-controller-manager". */
static void put_said_by(struct ds_html *h, const struct ds_space_range *r)
{
	bool any = false;

	if (r->role == DS_SPACE_NODES || r->role == DS_SPACE_NODE_BLOCKS) {
		ds_out_addz(h->out, r->role == DS_SPACE_NODES ? "Nodes, kubelets" : "Nodes");
		return;
	}
	if (!r->effective)
		ds_out_addz(h->out, "only ");
	for (int i = 0; i < DS_COMPONENT__COUNT; i++) {
		if (!(r->said_by & 1u << i))
			continue;
		ds_out_printf(h->out, "%s%s", any ? ", " : "", ds_component_name((enum ds_component)i));
		any = true;
	}
	if (r->object)
		ds_out_printf(h->out, "%sServiceCIDR", any ? ", " : "");
}

static void put_size(struct ds_html *h, const struct ds_space_range *r)
{
	if (r->is_network) {
		ds_html_addresses(h->out, ds_ip_width(&r->first) - r->cidr.bits);
		return;
	}
	ds_html_number(h->out, r->n);
	ds_out_addz(h->out, " seen");
}

/* ---- the picture ---- */

static void label(struct ds_html *h, const struct ds_space_range *r, unsigned y)
{
	bool right = r->at.left > DS_SPACE_WIDTH / 2;

	ds_out_addz(h->out, "<text");
	ds_svg_x(h->out, "x", right ? r->at.right : r->at.left);
	ds_out_printf(h->out, " y=\"%u\"%s><tspan class=\"b\">", y + TEXT, right ? " text-anchor=\"end\"" : "");
	put_range(h, r);
	ds_out_printf(h->out, "</tspan> %s%s</text>\n", roles[r->role].name, r->effective ? "" : ", not agreed on");
}

/* What of some spans lies in a range. */
static void marks(struct ds_html *h, const char *css, const struct ds_space_spans *s, struct ds_space_span in,
		  unsigned y)
{
	for (size_t i = 0; i < s->v.n; i++) {
		struct ds_space_span at = {DS_MAX(s->v.v[i].left, in.left), DS_MIN(s->v.v[i].right, in.right)};

		if (at.left > at.right || (at.left == at.right && s->v.v[i].left != s->v.v[i].right))
			continue;
		ds_svg_rect(h->out, css, at, y, THICK);
		ds_svg_tick(h->out, css, at.left, y, THICK);
	}
}

static void row(struct ds_html *h, const struct ds_space *s, const struct ds_space_range *r, unsigned y)
{
	struct ds_space_span band = {r->at.left, r->band};
	char css[24];

	(void)snprintf(css, sizeof(css), "%s%s", roles[r->role].css, r->effective ? "" : " only");
	label(h, r, y);
	ds_svg_rect(h->out, css, r->at, y + BAR, THICK);
	if (r->bands.divided)
		ds_svg_rect(h->out, "static", band, y + BAR, THICK);
	if (r->role == DS_SPACE_PODS)
		marks(h, "used", &s->blocks, r->at, y + BAR);
	if (r->role == DS_SPACE_NODES)
		marks(h, "here", &s->nodes, r->at, y + BAR);
}

static size_t row_of(const struct ds_space *s, const struct ds_space_range *r)
{
	return (size_t)(r - s->ranges.v);
}

/* Behind the rows, what they have in common. */
static void overlap_bands(struct ds_html *h, const struct ds_space *s)
{
	for (size_t i = 0; i < s->overlaps.n; i++) {
		const struct ds_space_overlap *o = &s->overlaps.v[i];
		unsigned from = (unsigned)row_of(s, o->a) * ROW + BAR;
		unsigned to = (unsigned)row_of(s, o->b) * ROW + BAR + THICK;

		ds_svg_rect(h->out, "both", o->at, from, to - from);
	}
}

static void hatch(struct ds_html *h, const struct ds_space *s, const struct ds_space_overlap *o,
		  const struct ds_space_range *r, const char *pattern)
{
	ds_out_printf(h->out, "<rect class=\"clash\" fill=\"url(#%s)\"", pattern);
	ds_svg_x(h->out, "x", o->at.left);
	ds_svg_x(h->out, "width", o->at.right - o->at.left);
	ds_out_printf(h->out, " y=\"%u\" height=\"%u\"/>\n", (unsigned)row_of(s, r) * ROW + BAR, THICK);
}

static void description(struct ds_html *h, const struct ds_space *s)
{
	ds_out_printf(h->out, "%zu %s, from the lowest address to the highest: ", s->ranges.n,
		      s->ranges.n == 1 ? "range" : "ranges");
	for (size_t i = 0; i < s->ranges.n; i++) {
		ds_out_addz(h->out, i ? "; " : "");
		put_range(h, &s->ranges.v[i]);
		ds_out_printf(h->out, " for %s", roles[s->ranges.v[i].role].name);
	}
	ds_out_printf(h->out, ". %zu %s. The table of ranges says the same.", s->overlaps.n,
		      s->overlaps.n == 1 ? "overlap" : "overlaps");
}

static void picture(struct ds_html *h, const struct ds_space *s)
{
	unsigned height = (unsigned)s->ranges.n * ROW;
	char id[40];

	(void)snprintf(id, sizeof(id), "space-%zu-%s", h->cluster, s->family == DS_IPV4 ? "ipv4" : "ipv6");
	ds_out_printf(h->out,
		      "<svg role=\"img\" aria-labelledby=\"%s-title\" aria-describedby=\"%s-desc\" width=\"100%%\" "
		      "height=\"%u\">\n<title id=\"%s-title\">%s address space</title>\n<desc id=\"%s-desc\">",
		      id, id, height, id, ds_family_name(s->family), id);
	description(h, s);
	ds_out_printf(h->out,
		      "</desc>\n<defs><pattern id=\"%s-hatch\" width=\"6\" height=\"6\" "
		      "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
		      "<rect class=\"hatch\" width=\"2.5\" height=\"6\"/></pattern></defs>\n",
		      id);
	for (size_t i = 0; i < s->gaps.n; i++)
		ds_svg_rect(h->out, "gap", s->gaps.v[i], 0, height);
	overlap_bands(h, s);
	for (size_t i = 0; i < s->ranges.n; i++)
		row(h, s, &s->ranges.v[i], (unsigned)i * ROW);
	(void)snprintf(id + strlen(id), sizeof(id) - strlen(id), "-hatch");
	for (size_t i = 0; i < s->overlaps.n; i++) {
		hatch(h, s, &s->overlaps.v[i], s->overlaps.v[i].a, id);
		hatch(h, s, &s->overlaps.v[i], s->overlaps.v[i].b, id);
	}
	ds_out_addz(h->out, "</svg>\n");
}

/* ---- what it shows, in words ---- */

static void legend(struct ds_html *h, const struct ds_space *s)
{
	struct {
		const char *css, *text;
		bool shown;
	} rows[] = {
		{"svc", "Services", false},
		{"static", "Services: static band", false},
		{"pod", "pods", false},
		{"used", "pods: blocks that Nodes have", s->blocks.v.n > 0},
		{"block", "podCIDRs of nodes", false},
		{"node", "addresses of nodes", s->nodes.v.n > 0},
		{"only", "not agreed on: only some components have it", false},
		{"clash", "overlap", s->overlaps.n > 0},
		{"gap", "no range here", s->gaps.n > 0},
	};

	for (size_t i = 0; i < s->ranges.n; i++) {
		const struct ds_space_range *r = &s->ranges.v[i];

		rows[0].shown |= r->role == DS_SPACE_SERVICES;
		rows[1].shown |= r->bands.divided;
		rows[2].shown |= r->role == DS_SPACE_PODS;
		rows[4].shown |= r->role == DS_SPACE_NODE_BLOCKS;
		rows[6].shown |= !r->effective;
	}
	ds_out_addz(h->out, "<ul class=\"legend\">\n");
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		if (rows[i].shown)
			ds_out_printf(h->out, "<li><span class=\"swatch %s\"></span>%s</li>\n", rows[i].css,
				      rows[i].text);
	ds_out_addz(h->out, "</ul>\n");
}

static void overlap_text(struct ds_html *h, const struct ds_space_overlap *o)
{
	ds_out_addz(h->out, "<li><strong>Overlap:</strong> ");
	put_range(h, o->b);
	ds_out_printf(h->out, " (%s) and ", roles[o->b->role].name);
	put_range(h, o->a);
	ds_out_printf(h->out, " (%s) both have ", roles[o->a->role].name);
	put_extent(h, &o->first, &o->last);
	ds_out_addz(h->out, "</li>\n");
}

static void caption(struct ds_html *h, const struct ds_space *s)
{
	ds_out_addz(h->out, "<figcaption>\n");
	legend(h, s);
	if (s->overlaps.n)
		ds_out_addz(h->out, "<ul class=\"overlaps\">\n");
	for (size_t i = 0; i < s->overlaps.n && i < OVERLAPS_MAX; i++)
		overlap_text(h, &s->overlaps.v[i]);
	if (s->overlaps.n > OVERLAPS_MAX)
		ds_out_printf(h->out, "<li>and %zu more overlaps</li>\n", s->overlaps.n - OVERLAPS_MAX);
	if (s->overlaps.n)
		ds_out_addz(h->out, "</ul>\n");
	if (s->left_out)
		ds_out_printf(h->out, "<p>Only the first %u different ranges are drawn.</p>\n", DS_SPACE_RANGES);
	ds_out_addz(h->out, "</figcaption>\n");
}

/* ---- the table of ranges ---- */

static void bands_cell(struct ds_html *h, const struct ds_service_bands *b)
{
	if (!b->any) {
		ds_out_addz(h->out, "no address to give out");
		return;
	}
	if (!b->divided) {
		ds_out_addz(h->out, "all the same: ");
		put_extent(h, &b->first, &b->last);
		return;
	}
	ds_out_addz(h->out, "static band: ");
	put_extent(h, &b->first, &b->static_last);
	ds_out_addz(h->out, "<br>dynamic band: ");
	put_extent(h, &b->dynamic_first, &b->last);
}

static void blocks_cell(struct ds_html *h, const struct ds_cluster *c, const struct ds_space_range *r)
{
	struct ds_space_blocks b;

	if (!c->node_blocks.known)
		ds_out_printf(h->out, "node IPAM: %s", ds_node_ipam_state_name(c->node_blocks.state));
	for (size_t i = 0; i < c->node_blocks.families && c->node_blocks.known; i++) {
		struct ds_cidr go;

		if (ds_space_blocks(h->r->ctx->arena, c, i, &b) < 0)
			continue;
		go = ds_cidr_go(&b.network);
		if (!ds_cidr_eq(&go, &r->cidr))
			continue;
		ds_html_number(h->out, b.n);
		ds_out_printf(h->out, " %s of /%u: ", b.n == 1 ? "block" : "blocks", b.mask);
		ds_html_number(h->out, b.used);
		ds_out_addz(h->out, " used, ");
		if (b.taken) {
			ds_html_number(h->out, b.taken);
			ds_out_addz(h->out, " taken by Services, ");
		}
		ds_html_number(h->out, b.free);
		ds_out_addz(h->out, " free");
		return;
	}
}

static void overlaps_cell(struct ds_html *h, const struct ds_space *s, const struct ds_space_range *r)
{
	size_t n = 0;

	for (size_t i = 0; i < s->overlaps.n; i++) {
		const struct ds_space_overlap *o = &s->overlaps.v[i];
		const struct ds_space_range *other = o->a == r ? o->b : o->b == r ? o->a : NULL;

		if (!other)
			continue;
		ds_out_addz(h->out, n++ ? "<br>" : "");
		put_range(h, other);
		ds_out_printf(h->out, " (%s)", roles[other->role].name);
	}
	if (n == 0)
		ds_out_addz(h->out, "none");
}

static void range_row(struct ds_html *h, const struct ds_cluster *c, const struct ds_space *s,
		      const struct ds_space_range *r)
{
	ds_out_addz(h->out, "<tr><th scope=\"row\" class=\"nowrap\">");
	put_range(h, r);
	ds_out_printf(h->out, "</th><td>%s</td><td class=\"number\">", roles[r->role].name);
	put_size(h, r);
	ds_out_addz(h->out, "</td><td>");
	put_said_by(h, r);
	ds_out_addz(h->out, "</td><td>");
	if (r->role == DS_SPACE_SERVICES)
		bands_cell(h, &r->bands);
	else if (r->role == DS_SPACE_PODS)
		blocks_cell(h, c, r);
	ds_out_addz(h->out, "</td><td>");
	overlaps_cell(h, s, r);
	ds_out_addz(h->out, "</td></tr>\n");
}

static void unknown(struct ds_html *h, const char *what, const struct ds_ranges *r)
{
	if (r->known)
		return;
	ds_out_printf(h->out, "<p class=\"unknown\">The %s are unknown: ", what);
	ds_html_textz(h->out, r->reason);
	ds_out_addz(h->out, "</p>\n");
}

void ds_html_space(struct ds_html *h, const struct ds_cluster *c)
{
	static const enum ds_family families[] = {DS_IPV4, DS_IPV6};
	static const char *const columns[] = {"Range", "For", "Addresses", "Set by", "Given out", "Overlaps"};
	struct ds_space s[DS_ARRAY_SIZE(families)] = {0};
	bool divided = false;
	size_t n = 0;

	ds_html_heading(h, "space", "Address space");
	unknown(h, "Service ranges", &c->services);
	unknown(h, "pod ranges", &c->pods);
	for (size_t i = 0; i < DS_ARRAY_SIZE(families); i++) {
		if (ds_space(h->r->ctx->arena, c, families[i], &s[i]) < 0) {
			h->out->err = DS_ENOMEM;
			return;
		}
		n += s[i].ranges.n;
		for (size_t k = 0; k < s[i].ranges.n; k++)
			divided |= s[i].ranges.v[k].bands.divided;
		if (s[i].ranges.n == 0)
			continue;
		ds_out_printf(h->out, "<figure>\n<h4>%s</h4>\n", ds_family_name(families[i]));
		picture(h, &s[i]);
		caption(h, &s[i]);
		ds_out_addz(h->out, "</figure>\n");
	}
	if (n == 0) {
		ds_out_addz(h->out, "<p>No range was seen.</p>\n");
		return;
	}
	ds_out_addz(h->out, "<p class=\"soft\">Order, nesting and overlap are true; widths grow with the logarithm "
			    "of a range's size.");
	if (divided)
		ds_out_addz(h->out, " Addresses of the static band are kept for Services that ask for one; the API "
				    "server chooses from the dynamic band until it is full.");
	ds_out_addz(h->out, "</p>\n");
	ds_html_table(h->out, "Ranges", columns, DS_ARRAY_SIZE(columns));
	for (size_t i = 0; i < DS_ARRAY_SIZE(families); i++)
		for (size_t k = 0; k < s[i].ranges.n; k++)
			range_row(h, c, &s[i], &s[i].ranges.v[k]);
	ds_html_table_end(h->out);
}
