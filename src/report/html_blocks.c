#include "report/html.h"
#include "report/nodes.h"
#include "report/svg.h"

/* The podCIDRs of nodes: which blocks there are, which are used, which the next nodes get. */

/* Marks so close to each other that a screen shows one. */
#define CLOSE 10u

static void mark(struct ds_html *h, struct ds_space_span at, bool taken)
{
	ds_svg_rect(h->out, taken ? "taken" : "used", at, 2, 18);
	ds_svg_tick(h->out, taken ? "taken" : "used", at.left, 2, 18);
}

static void strip(struct ds_html *h, const struct ds_space_blocks *b, size_t number)
{
	struct ds_space_span at = {0, 0};
	bool taken = false, any = false;
	char network[DS_CIDR_TEXT], id[40];

	(void)snprintf(id, sizeof(id), "blocks-%zu-%zu", h->cluster, number);
	ds_out_printf(h->out,
		      "<svg role=\"img\" aria-labelledby=\"%s-title\" width=\"100%%\" height=\"22\">\n"
		      "<title id=\"%s-title\">Blocks of %s: %llu used, %llu taken by Services, %llu free</title>\n",
		      id, id, ds_cidr_format(&b->network, network), (unsigned long long)b->used,
		      (unsigned long long)b->taken, (unsigned long long)b->free);
	ds_svg_rect(h->out, "pod", (struct ds_space_span){0, DS_SPACE_WIDTH}, 2, 18);
	for (size_t i = 0; i < b->spans.n; i++) {
		const struct ds_space_blocks_span *x = &b->spans.v[i];
		struct ds_space_span next = {(uint32_t)(x->begin * DS_SPACE_WIDTH / b->n),
					     (uint32_t)((x->end + 1) * DS_SPACE_WIDTH / b->n)};

		if (any && x->taken == taken && next.left <= at.right + CLOSE) {
			at.right = next.right;
			continue;
		}
		if (any)
			mark(h, at, taken);
		at = next;
		taken = x->taken;
		any = true;
	}
	if (any)
		mark(h, at, taken);
	ds_out_addz(h->out, "</svg>\n");
}

static void network(struct ds_html *h, const struct ds_cluster *c, size_t i)
{
	struct ds_space_blocks b;
	char text[DS_CIDR_TEXT];
	int r = ds_space_blocks(h->r->ctx->arena, c, i, &b);

	if (r == DS_ENOMEM)
		h->out->err = r;
	if (r < 0)
		return;
	ds_out_addz(h->out, "<figure>\n");
	strip(h, &b, i);
	ds_out_printf(h->out, "<figcaption><strong>%s</strong> in blocks of /%u", ds_cidr_format(&b.network, text),
		      b.mask);
	ds_out_addz(h->out, ", ");
	ds_html_addresses(h->out, ds_ip_width(&b.network.ip) - b.mask);
	ds_out_addz(h->out, b.mask == ds_ip_width(&b.network.ip) ? " address each: " : " addresses each: ");
	ds_html_number(h->out, b.n);
	ds_out_printf(h->out, " %s, <span class=\"swatch used\"></span>", b.n == 1 ? "block" : "blocks");
	ds_html_number(h->out, b.used);
	ds_out_addz(h->out, " that Nodes have, ");
	if (b.taken) {
		ds_out_addz(h->out, "<span class=\"swatch taken\"></span>");
		ds_html_number(h->out, b.taken);
		ds_out_addz(h->out, " that a Service range takes away, ");
	}
	ds_out_addz(h->out, "<span class=\"swatch pod\"></span>");
	ds_html_number(h->out, b.free);
	ds_out_addz(h->out, " free.</figcaption>\n</figure>\n");
}

static void next_nodes(struct ds_html *h, const struct ds_node_blocks *b)
{
	static const char *const columns[] = {"Node", "podCIDR", "second podCIDR"};

	if (b->first.n == 0)
		return;
	ds_html_table(h->out, "What the next nodes get", columns, b->families > 1 ? 3 : 2);
	for (size_t i = 0; i < b->first.n; i++) {
		ds_out_printf(h->out, "<tr><th scope=\"row\">%zu.</th>", i + 1);
		for (size_t k = 0; k < b->families; k++) {
			ds_out_addz(h->out, "<td>");
			ds_html_code(h->out, ds_str_from(b->first.v[i].v[k]));
			ds_out_addz(h->out, "</td>");
		}
		ds_out_addz(h->out, "</tr>\n");
	}
	ds_html_table_end(h->out);
}

void ds_html_node_blocks(struct ds_html *h, const struct ds_cluster *c)
{
	const struct ds_node_blocks *b = &c->node_blocks;
	size_t single = 0, served = 0;

	ds_html_heading(h, "podcidrs", "podCIDRs of nodes");
	ds_out_printf(h->out, "<p>kube-controller-manager's node IPAM: %s", ds_node_ipam_state_name(b->state));
	if (b->reason) {
		ds_out_addz(h->out, ": ");
		ds_html_textz(h->out, b->reason);
	}
	ds_out_addz(h->out, ".</p>\n");
	for (size_t i = 0; b->known && i < b->families; i++)
		network(h, c, i);
	for (size_t i = 0; i < b->n_nodes; i++) {
		single += ds_nodes_is_single_stack(c, &b->nodes[i]);
		served += b->nodes[i].n > 0;
	}
	if (b->known) {
		ds_out_addz(h->out, "<p>Room for ");
		ds_html_number(h->out, b->capacity);
		ds_out_addz(h->out, b->capacity == 1 ? " node; " : " nodes; ");
		if (b->n_nodes) {
			ds_html_number(h->out, served);
			ds_out_addz(h->out, " of ");
			ds_html_number(h->out, b->n_nodes);
			ds_out_addz(h->out, b->n_nodes == 1 ? " Node seen" : " Nodes seen");
			ds_out_addz(h->out, served == 1 ? " has podCIDRs, " : " have podCIDRs, ");
			ds_html_number(h->out, b->left);
			ds_out_addz(h->out, " more fit.</p>\n");
		} else {
			ds_out_addz(h->out, "no Node was seen.</p>\n");
		}
	}
	if (single)
		ds_out_printf(h->out,
			      "<p class=\"unknown\">%zu %s fewer podCIDRs than new nodes get, and %s single-stack "
			      "until deleted and joined again.</p>\n",
			      single, single == 1 ? "Node keeps" : "Nodes keep", single == 1 ? "stays" : "stay");
	next_nodes(h, b);
	if (b->exhausted) {
		ds_out_addz(h->out, b->first.n ? "<p>Then none: " : "<p>The next node gets none: ");
		ds_html_textz(h->out, b->exhausted);
		ds_out_addz(h->out, "</p>\n");
	}
}
