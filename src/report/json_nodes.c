#include "report/nodes.h"

#include "report/json.h"

/* A list of what was derived, under its own name; [] when there is none. */
static void derived_list(struct ds_json *j, const struct ds_cluster *c, const char *name)
{
	const struct ds_derived *d = ds_nodes_derived(c, name);

	ds_json_key(j, name);
	ds_json_array(j);
	for (size_t i = 0; d && i < d->n; i++) {
		if (d->kind == DS_DERIVED_NUMBERS)
			ds_json_number(j, d->list[i]);
		else
			ds_json_string(j, d->list[i]);
	}
	ds_json_end_array(j);
}

static void count(struct ds_json *j, const char *key, uint64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	if (key)
		ds_json_key(j, key);
	ds_json_number(j, text);
}

static void numbers(struct ds_json *j, const struct ds_cluster *c)
{
	const struct ds_node_blocks *b = &c->node_blocks;

	derived_list(j, c, "clusterCIDR");
	derived_list(j, c, "maskSizes");
	count(j, "capacity", b->capacity);
	count(j, "left", b->left);
	derived_list(j, c, "capacityPerFamily");
	derived_list(j, c, "podAddressesPerNode");
	derived_list(j, c, "serviceRangesAvoided");
	ds_json_key(j, "takenByServices");
	ds_json_array(j);
	for (size_t i = 0; i < b->families; i++)
		count(j, NULL, b->taken[i]);
	ds_json_end_array(j);
}

static void first(struct ds_json *j, const struct ds_node_blocks *b)
{
	ds_json_key(j, "first");
	ds_json_array(j);
	for (size_t i = 0; i < b->first.n; i++) {
		ds_json_array(j);
		for (size_t k = 0; k < b->families; k++)
			ds_json_string(j, b->first.v[i].v[k]);
		ds_json_end_array(j);
	}
	ds_json_end_array(j);
	if (b->exhausted)
		ds_json_kv(j, "exhausted", b->exhausted);
}

static void existing(struct ds_json *j, const struct ds_node_blocks *b)
{
	ds_json_key(j, "existing");
	ds_json_array(j);
	for (size_t i = 0; i < b->n_nodes; i++) {
		ds_json_object(j);
		ds_json_kv(j, "node", b->nodes[i].name);
		ds_json_key(j, "podCIDRs");
		ds_json_array(j);
		for (size_t k = 0; k < b->nodes[i].n; k++)
			ds_json_str(j, b->nodes[i].cidrs[k]);
		ds_json_end_array(j);
		ds_json_end_object(j);
	}
	ds_json_end_array(j);
}

static void cluster(struct ds_json *j, const struct ds_cluster *c)
{
	const struct ds_node_blocks *b = &c->node_blocks;

	ds_json_object(j);
	ds_json_kv(j, "name", c->name);
	ds_json_kv(j, "nodeIpam", ds_node_ipam_state_name(b->state));
	if (!b->known)
		ds_json_kv(j, "reason", b->reason);
	else
		numbers(j, c);
	first(j, b);
	existing(j, b);
	ds_json_key(j, "singleStackNodes");
	ds_json_array(j);
	for (size_t i = 0; i < b->n_nodes; i++)
		if (ds_nodes_is_single_stack(c, &b->nodes[i]))
			ds_json_string(j, b->nodes[i].name);
	ds_json_end_array(j);
	ds_json_end_object(j);
}

void ds_nodes_json(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out)
{
	struct ds_json j;

	(void)o;
	ds_json_init(&j, out);
	ds_json_object(&j);
	ds_json_kv(&j, "apiVersion", "dsaudit.dev/v1");
	ds_json_kv(&j, "kind", "NodePodCIDRs");
	ds_json_key(&j, "clusters");
	ds_json_array(&j);
	for (size_t i = 0; i < r->clusters.n; i++)
		cluster(&j, r->clusters.v[i].cluster);
	ds_json_end_array(&j);
	ds_json_end_object(&j);
}
