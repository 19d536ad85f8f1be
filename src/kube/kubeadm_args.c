#include <stdlib.h>

#include "base/vec.h"
#include "kube/kubeadm_priv.h"
#include "yaml/scalar.h"

static int compare_args(const void *a, const void *b)
{
	const struct ds__kubeadm_arg *x = a, *y = b;

	int r = ds_str_cmp(x->name, y->name);

	/* In the order of the file among equals. */
	if (r == 0)
		r = x->at->index < y->at->index ? -1 : x->at->index > y->at->index;
	return r;
}

static int read_map(struct ds__kubeadm *k, const struct ds_yaml_node *n, struct ds__kubeadm_args *ret)
{
	for (size_t i = 0; i < n->n; i++) {
		char buf[DS_YAML_KEY_TEXT];
		struct ds__kubeadm_arg arg = {.value = ds__kubeadm_text(n->pairs[i].value), .at = n->pairs[i].value};
		struct ds_str name;
		int r;

		/* Of a key that is given twice the last one counts. */
		if (n->pairs[i].key->kind != DS_YAML_SCALAR || !ds_yaml_key_text(n->pairs[i].key, buf, &name))
			continue;
		r = ds_arena_str(k->ctx->arena, name, &arg.name);
		if (r == 0)
			r = ds_vec_push(k->ctx->arena, ret, arg);
		if (r < 0)
			return r;
	}
	if (ret->n == 0)
		return 0;
	qsort(ret->v, ret->n, sizeof(ret->v[0]), compare_args);
	for (size_t i = 0, out = 0, n_all = ret->n; i < n_all; i++) {
		if (i + 1 == n_all || !ds_str_eq(ret->v[i].name, ret->v[i + 1].name))
			ret->v[out++] = ret->v[i];
		ret->n = out;
	}
	return 0;
}

int ds__kubeadm_read_args(struct ds__kubeadm *k, const struct ds_yaml_node *n, struct ds__kubeadm_args *ret)
{
	*ret = (struct ds__kubeadm_args){0};
	if (!n || n->kind == DS_YAML_SCALAR)
		return 0;
	if (n->kind == DS_YAML_MAPPING)
		return read_map(k, n, ret);
	for (size_t i = 0; i < n->n; i++) {
		const struct ds_yaml_node *value = ds_yaml_get(n->items[i], "value");
		struct ds__kubeadm_arg arg = {.name = ds__kubeadm_text(ds_yaml_get(n->items[i], "name")),
					      .value = ds__kubeadm_text(value),
					      .at = value ? value : n->items[i]};
		int r = ds_vec_push(k->ctx->arena, ret, arg);

		if (r < 0)
			return r;
	}
	return 0;
}

const struct ds__kubeadm_arg *ds__kubeadm_last_arg(const struct ds__kubeadm_args *args, const char *name)
{
	for (size_t i = args->n; i-- > 0;)
		if (ds_str_eqz(args->v[i].name, name))
			return &args->v[i];
	return NULL;
}
