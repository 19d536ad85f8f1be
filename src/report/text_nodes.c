#include "report/nodes.h"

#include "base/num.h"
#include "report/pen.h"

/* Nodes listed by name; beyond that they are counted. */
#define NODES_SHOWN 50u
/* Names up to this width are lined up. */
#define NAME_WIDTH_MAX ((size_t)40)

const struct ds_derived *ds_nodes_derived(const struct ds_cluster *c, const char *name)
{
	return c->node_blocks.from ? ds_verdict_derived(&c->node_blocks.from->verdict, name) : NULL;
}

bool ds_nodes_is_single_stack(const struct ds_cluster *c, const struct ds_kcm_node *n)
{
	return c->node_blocks.known && n->n > 0 && n->n < c->node_blocks.families;
}

/* Element i of what was derived under a name, "" when there is none. */
static const char *derived(const struct ds_cluster *c, const char *name, size_t i)
{
	const struct ds_derived *d = ds_nodes_derived(c, name);

	return d && i < d->n ? d->list[i] : "";
}

static void row(struct ds_pen *p, const char *name, const char *text)
{
	ds_out_printf(p->out, "  %-12s", name);
	ds_pen_wrap(p, ds_str_from(text), 14, 14);
}

static void state_row(struct ds_pen *p, const struct ds_cluster *c)
{
	const struct ds_node_blocks *b = &c->node_blocks;
	_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;

	ds_buf_addz(&text, ds_node_ipam_state_name(b->state));
	if (b->reason)
		ds_buf_printf(&text, ": %s", b->reason);
	row(p, "Node IPAM", text.err ? "" : text.p);
}

/* The addresses of a block: "256", but "2^64". */
static void add_addresses(struct ds_buf *b, const struct ds_cluster *c, size_t i)
{
	unsigned bits = strcmp(derived(c, "podFamilies", i), "IPv6") == 0 ? 128 : 32;
	uint64_t mask;

	if (ds_num_u64(ds_str_from(derived(c, "maskSizes", i)), bits, &mask) == 0 && bits - mask > 24)
		ds_buf_printf(b, "2^%u", bits - (unsigned)mask);
	else
		ds_buf_addz(b, derived(c, "podAddressesPerNode", i));
}

/* "10.244.0.0/16 in blocks of /24, 256 addresses each: for 256 nodes". */
static void network_row(struct ds_pen *p, const struct ds_cluster *c, size_t i)
{
	const struct ds_node_blocks *b = &c->node_blocks;
	_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;

	ds_buf_printf(&text, "%s in blocks of /%s, ", derived(c, "clusterCIDR", i), derived(c, "maskSizes", i));
	add_addresses(&text, c, i);
	ds_buf_printf(&text, " addresses each: for %s nodes", derived(c, "capacityPerFamily", i));
	if (b->taken[i])
		ds_buf_printf(&text, "; the Service range takes %llu %s away", (unsigned long long)b->taken[i],
			      b->taken[i] == 1 ? "block" : "blocks");
	row(p, derived(c, "podFamilies", i), text.err ? "" : text.p);
}

static void capacity_row(struct ds_pen *p, const struct ds_node_blocks *b)
{
	char text[160];
	size_t served = 0;

	for (size_t i = 0; i < b->n_nodes; i++)
		served += b->nodes[i].n > 0;
	if (served)
		(void)snprintf(text, sizeof(text), "%llu %s; %zu of those seen %s podCIDRs, %llu more fit",
			       (unsigned long long)b->capacity, b->capacity == 1 ? "node" : "nodes", served,
			       served == 1 ? "has" : "have", (unsigned long long)b->left);
	else
		(void)snprintf(text, sizeof(text), "%llu %s", (unsigned long long)b->capacity,
			       b->capacity == 1 ? "node" : "nodes");
	row(p, "Room for", text);
}

static void next_nodes(struct ds_pen *p, const struct ds_node_blocks *b)
{
	if (b->first.n)
		ds_pen_title(p, "The next nodes get");
	for (size_t i = 0; i < b->first.n; i++) {
		ds_out_printf(p->out, "  %3zu  ", i + 1);
		for (size_t k = 0; k < b->families; k++)
			ds_out_printf(p->out, "%s%s", k ? ", " : "", b->first.v[i].v[k]);
		ds_out_addc(p->out, '\n');
	}
	if (!b->exhausted)
		return;
	ds_out_addz(p->out, b->first.n ? "  Then none: " : "\n  The next node gets none: ");
	ds_pen_wrap(p, ds_str_from(b->exhausted), 4, b->first.n ? 13 : 27);
}

static struct ds_str name_of(const struct ds_kcm_node *n)
{
	return n->name[0] ? ds_str_from(n->name) : DS_STR("(no name)");
}

static size_t name_width(const struct ds_node_blocks *b)
{
	size_t width = 0;

	for (size_t i = 0; i < b->n_nodes && i < NODES_SHOWN; i++)
		width = DS_MAX(width, ds_out_safe_width(name_of(&b->nodes[i])));
	return DS_MIN(width, NAME_WIDTH_MAX);
}

static void stays_single_stack(struct ds_pen *p, size_t used)
{
	static const char text[] = "stays single-stack until it is deleted and joins again";

	if (p->terminal && used + 2 + strlen(text) > p->width)
		ds_out_addz(p->out, "\n    ");
	else
		ds_out_addz(p->out, "  ");
	ds_pen_ink(p, DS_INK_YELLOW, text);
}

static void existing_nodes(struct ds_pen *p, const struct ds_cluster *c)
{
	const struct ds_node_blocks *b = &c->node_blocks;
	size_t width = name_width(b), single = 0;

	if (b->n_nodes)
		ds_pen_title(p, "Nodes there are");
	for (size_t i = 0; i < b->n_nodes && i < NODES_SHOWN; i++) {
		const struct ds_kcm_node *n = &b->nodes[i];
		size_t used;

		ds_out_addz(p->out, "  ");
		ds_out_safe(p->out, name_of(n));
		used = ds_out_safe_width(name_of(n));
		ds_out_pad(p->out, 2 + (used < width ? width - used : 0));
		used = 4 + DS_MAX(used, width);
		ds_out_addz(p->out, n->n ? "" : "no podCIDRs");
		for (size_t k = 0; k < n->n; k++) {
			ds_out_addz(p->out, k ? ", " : "");
			ds_out_safe(p->out, n->cidrs[k]);
			used += ds_out_safe_width(n->cidrs[k]) + (k ? 2 : 0);
		}
		if (ds_nodes_is_single_stack(c, n))
			stays_single_stack(p, used);
		ds_out_addc(p->out, '\n');
	}
	if (b->n_nodes <= NODES_SHOWN)
		return;
	for (size_t i = NODES_SHOWN; i < b->n_nodes; i++)
		single += ds_nodes_is_single_stack(c, &b->nodes[i]);
	ds_out_printf(p->out, "  … and %zu more, %zu of them single-stack; -o json names them all\n",
		      b->n_nodes - NODES_SHOWN, single);
}

static void cluster(struct ds_pen *p, const struct ds_cluster *c, bool quiet)
{
	const struct ds_node_blocks *b = &c->node_blocks;

	ds_pen_ink(p, DS_INK_BOLD, "Cluster ");
	ds_pen_ink(p, DS_INK_BOLD, c->name);
	ds_out_printf(p->out, ", Kubernetes %u.%u\n", c->version.major, c->version.minor);
	state_row(p, c);
	for (size_t i = 0; b->known && i < b->families; i++)
		network_row(p, c, i);
	if (b->known)
		capacity_row(p, b);
	if (quiet)
		return;
	next_nodes(p, b);
	existing_nodes(p, c);
}

void ds_nodes_text(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out)
{
	struct ds_pen p;

	ds_pen_init(&p, out, o);
	if (r->clusters.n == 0)
		ds_out_addz(out, "No Kubernetes component was found.\n");
	for (size_t i = 0; i < r->clusters.n; i++) {
		if (i)
			ds_out_addc(out, '\n');
		cluster(&p, r->clusters.v[i].cluster, o->quiet);
	}
}
