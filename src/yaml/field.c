#include "yaml/field.h"

#include "base/buf.h"

const struct ds_yaml_node *ds_yaml_field(const struct ds_yaml_node *node, const char *path)
{
	struct ds_str rest = ds_str_from(path), part;
	bool done = false;
	char key[64];

	while (node && ds_str_split(&rest, '.', &done, &part)) {
		if (part.n >= sizeof(key))
			return NULL;
		memcpy(key, part.p, part.n);
		key[part.n] = '\0';
		node = ds_yaml_get(node, key);
	}
	return node;
}

int ds_yaml_flag_text(struct ds_arena *a, const struct ds_yaml_node *node, struct ds_str *ret)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	*ret = (struct ds_str){0};
	if (node->kind == DS_YAML_SCALAR)
		return ds_arena_str(a, node->text, ret);
	for (size_t i = 0; i < node->n; i++) {
		const struct ds_yaml_node *v = node->kind == DS_YAML_MAPPING ? node->pairs[i].value : node->items[i];

		if (i)
			ds_buf_addc(&b, ',');
		if (node->kind == DS_YAML_MAPPING && node->pairs[i].key->kind == DS_YAML_SCALAR) {
			ds_buf_adds(&b, node->pairs[i].key->text);
			ds_buf_addc(&b, '=');
		}
		if (v->kind == DS_YAML_SCALAR)
			ds_buf_adds(&b, v->text);
	}
	return b.err < 0 ? DS_ENOMEM : ds_arena_str(a, ds_buf_str(&b), ret);
}
