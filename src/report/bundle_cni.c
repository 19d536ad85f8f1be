#include "report/bundle_priv.h"

#include "yaml/scalar.h"

/* Deeper than a delegate's ranges nothing of ours lies. */
#define DEEPEST 8u

/* Fields of network plugins' configurations that are written, wherever they stand. Tokens and paths of keys are not. */
static const char *const fields[] = {
	"address",	"addresses", "assign_ipv4", "assign_ipv6", "bridge",  "cniVersion", "delegate", "dst",
	"gateway",	"gw",	     "ipMasq",	    "ipam",	   "ipv4_pools", "ipv6_pools", "isDefaultGateway", "isGateway",
	"mtu",		"name",	     "plugins",	    "rangeEnd",	   "rangeStart", "ranges",     "routes",   "subnet",
	"type",
};

/* What flannel's environment says of networks. */
static const char *const variables[] = {"FLANNEL_NETWORK", "FLANNEL_SUBNET", "FLANNEL_IPV6_NETWORK", "FLANNEL_IPV6_SUBNET",
					"FLANNEL_MTU",	   "FLANNEL_IPMASQ"};

static bool is_one_of(const char *const *table, size_t n, struct ds_str s)
{
	for (size_t i = 0; i < n; i++)
		if (ds_str_eqz(s, table[i]))
			return true;
	return false;
}

static void put_node(struct ds_buf *b, const struct ds_yaml_node *n, unsigned depth)
{
	bool first = true;

	if (n->kind == DS_YAML_SCALAR) {
		ds_bundle_put_scalar(b, n);
		return;
	}
	ds_buf_addc(b, n->kind == DS_YAML_SEQUENCE ? '[' : '{');
	for (size_t i = 0; depth < DEEPEST && i < n->n; i++) {
		const struct ds_yaml_node *value = n->kind == DS_YAML_SEQUENCE ? n->items[i] : n->pairs[i].value;

		if (n->kind == DS_YAML_MAPPING && !is_one_of(fields, DS_ARRAY_SIZE(fields), n->pairs[i].key->text))
			continue;
		ds_buf_addz(b, first ? "" : ", ");
		first = false;
		if (n->kind == DS_YAML_MAPPING) {
			ds_buf_add_go_json_string(b, n->pairs[i].key->text);
			ds_buf_addz(b, ": ");
		}
		put_node(b, value, depth + 1);
	}
	ds_buf_addc(b, n->kind == DS_YAML_SEQUENCE ? ']' : '}');
}

static void put_variables(struct ds_buf *b, struct ds_str text)
{
	struct ds_str line;
	bool done = false;

	while (ds_str_split(&text, '\n', &done, &line))
		if (is_one_of(variables, DS_ARRAY_SIZE(variables), ds_str_head(line, ds_str_find(line, '='))))
			ds_buf_printf(b, "%.*s\n", DS_STR_ARG(line));
}

/* False: nothing of it can be written. */
static bool put_text(struct ds_buf *b, const struct ds_host_file *file)
{
	if (file->input->status == DS_INPUT_FAILED)
		return false;
	if (ds_str_starts(file->input->text, "FLANNEL_")) {
		put_variables(b, file->input->text);
		return true;
	}
	if (!file->yaml || file->yaml->n != 1 || !file->yaml->docs[0].root ||
	    file->yaml->docs[0].root->kind != DS_YAML_MAPPING)
		return false;
	put_node(b, file->yaml->docs[0].root, 0);
	ds_buf_addc(b, '\n');
	return true;
}

void ds_bundle_put_cni(struct ds_json *j, const struct ds_facts *f, const char *host)
{
	bool any = false;

	for (size_t i = 0; i < f->files.n; i++) {
		const struct ds_host_file *file = &f->files.v[i];
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

		if (strcmp(file->host, host) != 0 || !put_text(&b, file))
			continue;
		if (!any) {
			ds_json_key(j, "files");
			ds_json_object(j);
		}
		any = true;
		if (b.err < 0)
			j->out->err = DS_ENOMEM;
		ds_json_key(j, file->path);
		ds_json_object(j);
		ds_json_key(j, "text");
		ds_json_str(j, ds_buf_str(&b));
		ds_json_end_object(j);
	}
	if (any)
		ds_json_end_object(j);
}
