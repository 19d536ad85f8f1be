#include "collect/kubeadm.h"

#include "kube/kubeadm.h"

/* The configuration file that kubeadm would write for a component, as the file
 * its --config names. Its places are in a text of its own: kubeadm's, not the user's. */
static int add_config(struct ds_facts *f, const struct ds_input *input, const struct ds_kubeadm_component *c,
		      struct ds_observed *o)
{
	struct ds_arena *a = f->ctx->arena;
	const struct ds_flag_use *use = ds_cmdline_last(&o->cmdline, "config");
	struct ds_yaml_stream *stream = ds_arena_new_obj(a, struct ds_yaml_stream);
	struct ds_input *written = ds_arena_new_obj(a, struct ds_input);
	struct ds_named_file *file;
	int r;

	if (!use || !c->config_text)
		return 0;
	file = ds_vec_add(a, &o->files);
	if (!stream || !written || !file)
		return DS_ENOMEM;
	written->name = ds_arena_printf(a, "%s (as kubeadm writes %.*s)", input->name, DS_STR_ARG(use->value));
	written->type = "kubeadm";
	written->text = ds_str_from(c->config_text);
	file->path = ds_arena_strndup(a, use->value.p, use->value.n);
	if (!written->name || !file->path)
		return DS_ENOMEM;
	r = ds_yaml_load(f->ctx, written, written->text, stream);
	if (r == DS_ENOMEM)
		return r;
	file->input = written;
	file->yaml = stream;
	return 0;
}

static int add_component(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_kubeadm_result *k,
			 const struct ds_kubeadm_component *c)
{
	struct ds_observed *o;
	int r;

	if (!ds_component_is_audited(c->component))
		return 0;
	/* In a running cluster kube-proxy and kubelets have ConfigMaps of their own, and flags that this one does not hold. */
	if (src->entry && (c->component == DS_KUBE_PROXY || c->component == DS_KUBELET))
		return 0;
	o = ds_facts_component(f);
	if (!o)
		return DS_ENOMEM;
	o->component = c->component;
	o->kind = DS_SOURCE_KUBEADM;
	o->host = src->host ? src->host : src->input->name;
	o->node = src->node;
	o->loc = (struct ds_loc){.input = src->input};
	o->has_version = k->has_version;
	o->version = k->version;
	o->version_origin = DS_VERSION_KUBEADM;
	o->version_loc = k->kubernetes_version.loc;
	o->args = c->args;
	o->n_args = c->n_args;
	r = ds_cmdline_parse(f->ctx->arena, c->component, k->minor, c->args, c->n_args, &o->cmdline);
	return r < 0 ? r : add_config(f, src->input, c, o);
}

static const struct ds_yaml_node *first_document(const struct ds_yaml_stream *stream)
{
	for (size_t i = 0; i < stream->n; i++)
		if (stream->docs[i].root && ds_kubeadm_is_document(stream->docs[i].root))
			return stream->docs[i].root;
	return NULL;
}

int ds_kubeadm_collect(struct ds_facts *f, const struct ds_doc_source *src, const struct ds_yaml_stream *stream,
		       bool *ret_used)
{
	const struct ds_yaml_node *first = first_document(stream);
	struct ds_kubeadm_result *k;
	struct ds_observed *o;
	int r;

	*ret_used = first != NULL;
	if (!first)
		return 0;
	k = ds_arena_new_obj(f->ctx->arena, struct ds_kubeadm_result);
	o = ds_facts_component(f);
	if (!k || !o)
		return DS_ENOMEM;
	r = ds_kubeadm_eval(f->ctx, stream, f->minor, k);
	if (r < 0)
		return r;
	o->component = DS_KUBEADM;
	o->kind = DS_SOURCE_KUBEADM;
	o->host = src->host ? src->host : src->input->name;
	o->node = src->node;
	o->loc = ds_yaml_loc(f->ctx->arena, src->input, first);
	o->has_version = k->has_version;
	o->version = k->version;
	o->version_origin = DS_VERSION_KUBEADM;
	o->version_loc = k->kubernetes_version.loc;
	o->cmdline.component = DS_KUBEADM;
	o->kubeadm = k;
	for (size_t i = 0; r == 0 && i < k->components.n; i++)
		r = add_component(f, src, k, &k->components.v[i]);
	return r;
}
