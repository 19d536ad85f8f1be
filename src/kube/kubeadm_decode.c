#include <inttypes.h>

#include "base/limits.h"
#include "kube/kubeadm_schema.h"
#include "yaml/scalar.h"

/* Decoding in progress. Documents nest at most as deep as the tables do. */
struct decoder {
	struct ds__kubeadm *k;
	unsigned api;
	struct ds_buf strict; /* "unknown field …", separated */
	struct ds_buf type_error;
	struct ds_buf path; /* "controllerManager.extraArgs" */
	const struct ds_yaml_node *strict_at, *type_at;
	size_t n_strict;
};

/* sigs.k8s.io/json keeps no more strict errors. */
#define STRICT_ERRORS_MAX 100u

static const char *package_of(const struct decoder *d, const struct ds__kubeadm_struct *s)
{
	if (s->package)
		return s->package;
	return d->api == DS__B1 ? "v1beta1" : d->api == DS__B2 ? "v1beta2" : d->api == DS__B3 ? "v1beta3" : "v1beta4";
}

static void add_type_name(struct decoder *d, struct ds_buf *b, const struct ds__kubeadm_field *f)
{
	static const char *const names[] = {
		[DS__T_ANY] = "interface {}",
		[DS__T_STRING] = "string",
		[DS__T_BOOL] = "bool",
		[DS__T_INT32] = "int32",
		[DS__T_DURATION] = "string",
		[DS__T_STRINGS] = "[]string",
		[DS__T_STRUCT] = "",
		[DS__T_STRUCTS] = "[]",
		[DS__T_MAP_STRING] = "map[string]string",
		[DS__T_MAP_BOOL] = "map[string]bool",
	};

	ds_buf_addz(b, names[f->type]);
	if (f->of)
		ds_buf_printf(b, "%s.%s", package_of(d, f->of), f->of->name);
}

/* Strict errors say which element of a list, type errors do not. */
static void add_path_without_indexes(struct ds_buf *b, struct ds_str path)
{
	while (path.n) {
		size_t open = ds_str_find(path, '['), close = ds_str_find(path, ']');

		ds_buf_adds(b, ds_str_head(path, open));
		path = ds_str_skip(path, open < path.n ? close + 1 : path.n);
	}
}

/* encoding/json's UnmarshalTypeError; only the first one is reported. */
static void type_error(struct decoder *d, const struct ds_yaml_node *n, const char *go_struct,
		       const struct ds__kubeadm_field *f)
{
	struct ds_buf *b = &d->type_error;
	const char *value = ds_yaml_json_type(n);

	if (d->type_at)
		return;
	d->type_at = n;
	ds_buf_printf(b, "json: cannot unmarshal %s", value);
	/* A number that does not fit is named. */
	if (f->type == DS__T_INT32 && strcmp(value, "number") == 0) {
		ds_buf_addc(b, ' ');
		ds_buf_adds(b, n->text);
	}
	/* metav1.Duration decodes by itself and does not know where it stands. */
	if (f->type == DS__T_DURATION) {
		ds_buf_addz(b, " into Go value of type ");
	} else {
		ds_buf_printf(b, " into Go struct field %s.", go_struct);
		add_path_without_indexes(b, ds_buf_str(&d->path));
		ds_buf_addz(b, " of type ");
	}
	add_type_name(d, b, f);
}

static void element_error(struct decoder *d, const struct ds_yaml_node *n, const char *go_struct,
			  enum ds__kubeadm_type type)
{
	const struct ds__kubeadm_field f = {"", type, 0, NULL};

	type_error(d, n, go_struct, &f);
}

/* Go's json prints elements of a list of structs by type, without brackets. */
static void struct_error(struct decoder *d, const struct ds_yaml_node *n, const char *go_struct,
			 const struct ds__kubeadm_struct *s)
{
	const struct ds__kubeadm_field f = {"", DS__T_STRUCT, 0, s};

	type_error(d, n, go_struct, &f);
}

static void unknown_field(struct decoder *d, const struct ds_yaml_node *key, struct ds_str name)
{
	_ds_buf_done_ struct ds_buf full = DS_BUF_INIT;

	if (!d->strict_at)
		d->strict_at = key;
	if (d->n_strict++ >= STRICT_ERRORS_MAX)
		return;
	if (d->path.n)
		ds_buf_printf(&full, "%.*s.", (int)d->path.n, d->path.p);
	ds_buf_adds(&full, name);
	if (d->strict.n)
		ds_buf_addz(&d->strict, ", ");
	ds_buf_addz(&d->strict, "unknown field ");
	ds_buf_add_go_quoted(&d->strict, ds_buf_str(&full));
	if (full.err)
		d->strict.err = full.err;
}

static const struct ds__kubeadm_field *find_field(const struct decoder *d, const struct ds__kubeadm_struct *s,
						  struct ds_str name)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct ds__kubeadm_field *f = &s->fields[i];
		unsigned since = f->api >> 8 & 0xff, until = f->api >> 16;

		if ((f->api & d->api) && d->k->minor >= since && (!until || d->k->minor < until) &&
		    ds_str_eqz(name, f->name))
			return f;
	}
	return NULL;
}

static void decode_struct(struct decoder *d, const struct ds_yaml_node *n, const struct ds__kubeadm_struct *s);

static void decode_list(struct decoder *d, const struct ds_yaml_node *n, const char *go_struct,
			const struct ds__kubeadm_field *f)
{
	size_t path = d->path.n;

	if (n->kind != DS_YAML_SEQUENCE) {
		type_error(d, n, go_struct, f);
		return;
	}
	for (size_t i = 0; i < n->n; i++) {
		const struct ds_yaml_node *item = n->items[i];
		struct ds_str unused;

		if (f->type == DS__T_STRINGS) {
			if (ds_yaml_as_string(item, &unused) < 0)
				element_error(d, item, go_struct, DS__T_STRING);
		} else if (item->kind == DS_YAML_MAPPING) {
			ds_buf_printf(&d->path, "[%zu]", i);
			decode_struct(d, item, f->of);
			d->path.n = path;
		} else if (!ds_yaml_is_null(item)) {
			struct_error(d, item, go_struct, f->of);
		}
	}
}

static void decode_map(struct decoder *d, const struct ds_yaml_node *n, const char *go_struct,
		       const struct ds__kubeadm_field *f)
{
	if (n->kind != DS_YAML_MAPPING) {
		type_error(d, n, go_struct, f);
		return;
	}
	for (size_t i = 0; i < n->n; i++) {
		const struct ds_yaml_node *v = n->pairs[i].value;
		struct ds_str text;
		bool b;

		if (f->type == DS__T_MAP_BOOL ? ds_yaml_as_bool(v, &b) < 0 : ds_yaml_as_string(v, &text) < 0)
			element_error(d, v, go_struct, f->type == DS__T_MAP_BOOL ? DS__T_BOOL : DS__T_STRING);
	}
}

static void decode_value(struct decoder *d, const struct ds_yaml_node *n, const char *go_struct,
			 const struct ds__kubeadm_field *f)
{
	struct ds_str text;
	int64_t i;
	bool b;

	if (ds_yaml_is_null(n))
		return;
	switch (f->type) {
	case DS__T_ANY:
		return;
	case DS__T_STRING:
	case DS__T_DURATION:
		if (ds_yaml_as_string(n, &text) < 0)
			type_error(d, n, go_struct, f);
		return;
	case DS__T_BOOL:
		if (ds_yaml_as_bool(n, &b) < 0)
			type_error(d, n, go_struct, f);
		return;
	case DS__T_INT32:
		if (ds_yaml_as_int(n, 32, &i) < 0)
			type_error(d, n, go_struct, f);
		return;
	case DS__T_STRUCT:
		if (n->kind == DS_YAML_MAPPING)
			decode_struct(d, n, f->of);
		else
			type_error(d, n, go_struct, f);
		return;
	case DS__T_STRINGS:
	case DS__T_STRUCTS:
		decode_list(d, n, go_struct, f);
		return;
	case DS__T_MAP_STRING:
	case DS__T_MAP_BOOL:
		decode_map(d, n, go_struct, f);
		return;
	}
}

static void decode_field(struct decoder *d, const struct ds_yaml_node *n, const struct ds__kubeadm_struct *s,
			 const struct ds__kubeadm_field *f)
{
	size_t path = d->path.n;

	if (path)
		ds_buf_addc(&d->path, '.');
	ds_buf_addz(&d->path, f->name);
	decode_value(d, n, s->name, f);
	d->path.n = path;
}

/* Recursion is bounded by the tables, not by the input. */
static void decode_struct(struct decoder *d, const struct ds_yaml_node *n, const struct ds__kubeadm_struct *s)
{
	uint32_t last[DS__FIELDS_MAX] = {0}; /* of a key that is given twice only the last value is decoded */

	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t i = 0; i < n->n; i++) {
			char buf[DS_YAML_KEY_TEXT];
			const struct ds__kubeadm_field *f;
			struct ds_str name;

			if (!ds_yaml_key_text(n->pairs[i].key, buf, &name))
				continue;
			f = find_field(d, s, name);
			if (!f && pass)
				unknown_field(d, n->pairs[i].key, name);
			else if (f && !pass)
				last[f - s->fields] = i;
			else if (f && last[f - s->fields] == i)
				decode_field(d, n->pairs[i].value, s, f);
		}
	}
}

struct walk {
	const struct ds_yaml_node *node;
	size_t next;
};

/* go-yaml's strict mode: every key that is already set, in the order of decoding. */
static void find_duplicates(struct decoder *d, const struct ds__kubeadm_doc *doc, struct ds_buf *out)
{
	struct walk stack[DS_LIMIT_YAML_DEPTH + 1];
	size_t depth = 0, visits = 0, n = 0;

	stack[depth++] = (struct walk){doc->root, 0};
	while (depth) {
		struct walk *w = &stack[depth - 1];
		const struct ds_yaml_node *child;

		if (w->next == w->node->n || visits++ > DS_LIMIT_YAML_ALIAS_NODES) {
			depth--;
			continue;
		}
		child = w->node->kind == DS_YAML_MAPPING ? w->node->pairs[w->next].value : w->node->items[w->next];
		if (w->node->kind == DS_YAML_MAPPING && (w->node->pairs[w->next].flags & DS_YAML_F_DUPLICATE) &&
		    n++ < STRICT_ERRORS_MAX) {
			char buf[DS_YAML_KEY_TEXT];
			struct ds_str name = {0};

			(void)ds_yaml_key_text(w->node->pairs[w->next].key, buf, &name);
			if (!d->strict_at)
				d->strict_at = w->node->pairs[w->next].key;
			ds_buf_printf(out, "\n  line %" PRIu32 ": key ", child->line - doc->first_line + 1);
			ds_buf_add_go_quoted(out, name);
			ds_buf_addz(out, " already set in map");
		}
		w->next++;
		if (child->kind != DS_YAML_SCALAR && depth < DS_ARRAY_SIZE(stack))
			stack[depth++] = (struct walk){child, 0};
	}
}

/* The buffer's text in the arena, or NULL in *ret when it is empty. */
static int take(struct ds__kubeadm *k, struct ds_buf *b, const char **ret)
{
	*ret = NULL;
	if (b->err)
		return DS_ENOMEM;
	if (b->n == 0)
		return 0;
	*ret = ds_buf_dup(b, k->ctx->arena);
	return *ret ? 0 : DS_ENOMEM;
}

int ds__kubeadm_decode(struct ds__kubeadm *k, const struct ds__kubeadm_doc *doc, const char **ret_type_error,
		       const char **ret_strict, const struct ds_yaml_node **ret_at)
{
	struct decoder d = {.k = k, .api = doc->api ? doc->api : DS__B4};
	const struct ds__kubeadm_struct *s = ds__kubeadm_schema(doc->kind);
	_ds_buf_done_ struct ds_buf strict = DS_BUF_INIT;
	int r;

	find_duplicates(&d, doc, &strict);
	if (s)
		decode_struct(&d, doc->root, s);
	if (strict.n || d.strict.n) {
		_ds_buf_done_ struct ds_buf all = DS_BUF_INIT;

		ds_buf_addz(&all, "strict decoding error: ");
		if (strict.n) {
			ds_buf_addz(&all, "yaml: unmarshal errors:");
			ds_buf_adds(&all, ds_buf_str(&strict));
			if (d.strict.n)
				ds_buf_addz(&all, ", ");
		}
		ds_buf_adds(&all, ds_buf_str(&d.strict));
		r = take(k, &all, ret_strict);
	} else {
		r = take(k, &strict, ret_strict);
	}
	if (r == 0)
		r = take(k, &d.type_error, ret_type_error);
	*ret_at = *ret_type_error ? d.type_at : d.strict_at;
	if (strict.err || d.strict.err || d.path.err)
		r = DS_ENOMEM;
	ds_buf_done(&d.strict);
	ds_buf_done(&d.type_error);
	ds_buf_done(&d.path);
	return r;
}
