#include "collect/config_map.h"

#include "collect/embedded.h"
#include "collect/kubeadm.h"
#include "yaml/scalar.h"

/* What an entry's text must mention to be looked at: other ConfigMaps are full of strangers' files. */
static bool is_ours(struct ds_str text)
{
	static const char *const groups[] = {"kubeproxy.config.k8s.io/", "kubelet.config.k8s.io/", "kubeadm.k8s.io/"};

	for (size_t i = 0; i < DS_ARRAY_SIZE(groups); i++)
		if (ds_str_search(text, ds_str_from(groups[i])) < text.n)
			return true;
	return false;
}

/* A component's configuration that somebody wrote as YAML into the ConfigMap instead of as text. */
static bool is_broken(const struct ds_yaml_pair *pair)
{
	static const char *const keys[] = {"config.conf", "kubelet", "ClusterConfiguration"};
	struct ds_str text;

	for (size_t i = 0; pair->key->kind == DS_YAML_SCALAR && i < DS_ARRAY_SIZE(keys); i++)
		if (ds_str_eqz(pair->key->text, keys[i]))
			return ds_yaml_as_string(pair->value, &text) < 0;
	return false;
}

static int collect_entry(struct ds_facts *f, const struct ds_doc_source *outer, const struct ds_yaml_pair *pair,
			 const char *name)
{
	struct ds_doc_source src = *outer;
	struct ds_doc_tally tally = {0};
	struct ds_yaml_stream *stream;
	int r = ds_embedded_load(f, outer, pair->value, &stream, &src.broken);

	if (r < 0)
		return r;
	src.entry = true;
	src.cm_name = name;
	src.cm_key = ds_arena_strndup(f->ctx->arena, pair->key->text.p, pair->key->text.n);
	if (!src.cm_key)
		return DS_ENOMEM;
	r = ds_kubeadm_collect(f, &src, stream, &src.kubeadm);
	for (size_t i = 0; r == 0 && i < stream->n; i++)
		/* Only what is meant for a component: an entry that holds ConfigMaps is no cluster's. */
		if (ds_doc_row(stream->docs[i].root)->doc == DS_DOC_CONFIG)
			r = ds_document_collect(f, &src, stream->docs[i].root, NULL, &tally);
	return r;
}

int ds_config_map_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_node *object)
{
	const struct ds_yaml_node *data = ds_yaml_get(object, "data");
	const char *name = NULL;
	struct ds_str text;
	int r = 0;

	for (size_t i = 0; r == 0 && data && data->kind == DS_YAML_MAPPING && i < data->n; i++) {
		const struct ds_yaml_pair *pair = &data->pairs[i];

		/* kubeadm until 1.21 kept the API endpoints there; no configuration of anybody. */
		if (pair->key->kind == DS_YAML_SCALAR && ds_str_eqz(pair->key->text, "ClusterStatus"))
			continue;
		if (is_broken(pair)) {
			struct ds_loc loc = ds_yaml_loc(f->ctx->arena, src->input, pair->value);

			r = ds_diag(f->ctx, DS_LEVEL_ERROR, &loc, "indent it below a '|'",
				    "data.%.*s of the ConfigMap is not a string: Kubernetes refuses it, and nothing of it is known",
				    (int)pair->key->text.n, pair->key->text.p);
			continue;
		}
		if (pair->key->kind != DS_YAML_SCALAR || ds_yaml_as_string(pair->value, &text) < 0 || !is_ours(text))
			continue;
		if (!name) {
			if (ds_yaml_as_string(ds_yaml_path(object, "metadata", "name", NULL), &text) < 0)
				text = (struct ds_str){0};
			name = ds_arena_strndup(f->ctx->arena, text.p, text.n);
			if (!name)
				return DS_ENOMEM;
		}
		r = collect_entry(f, src, pair, name);
	}
	return r;
}
