#include "base/buf.h"
#include "report/preview_run.h"
#include "yaml/scalar.h"

/*
 * A body whose kind cannot be read is refused before anybody knows that it
 * should be a Service. Source:
 * staging/src/k8s.io/apimachinery/pkg/runtime/serializer/json/meta.go:Interpret,
 * staging/src/k8s.io/apiserver/pkg/endpoints/handlers/rest.go:transformDecodeError, summarizeData.
 */

/* bytes summarizeData shows */
#define SUMMARY 30u

/* node as compact JSON, as a client sends it; stops once there is more than anybody looks at. */
static void add_json(struct ds_buf *b, const struct ds_yaml_node *node, unsigned depth)
{
	struct ds_yaml_value v = ds_yaml_resolve(node);

	if (b->n > SUMMARY || depth > SUMMARY)
		return;
	if (node->kind == DS_YAML_SCALAR) {
		if (v.type == DS_YAML_T_STRING || v.type == DS_YAML_T_TIMESTAMP)
			ds_buf_add_go_json_string(b, v.s);
		else if (v.type == DS_YAML_T_NULL)
			ds_buf_addz(b, "null");
		else if (v.type == DS_YAML_T_BOOL)
			ds_buf_addz(b, v.b ? "true" : "false");
		else
			ds_buf_adds(b, node->text);
		return;
	}
	ds_buf_addc(b, node->kind == DS_YAML_MAPPING ? '{' : '[');
	for (size_t i = 0; i < node->n && b->n <= SUMMARY; i++) {
		char key[DS_YAML_KEY_TEXT];
		struct ds_str text = DS_STR("");

		ds_buf_addz(b, i ? "," : "");
		if (node->kind == DS_YAML_MAPPING) {
			(void)ds_yaml_key_text(node->pairs[i].key, key, &text);
			ds_buf_add_go_json_string(b, text);
			ds_buf_addc(b, ':');
		}
		add_json(b, node->kind == DS_YAML_MAPPING ? node->pairs[i].value : node->items[i], depth + 1);
	}
	ds_buf_addc(b, node->kind == DS_YAML_MAPPING ? '}' : ']');
}

static void add_summary(struct ds_buf *b, const struct ds_yaml_node *node)
{
	_ds_buf_done_ struct ds_buf json = DS_BUF_INIT;
	size_t n;

	add_json(&json, node, 0);
	n = DS_MIN(json.n, (size_t)SUMMARY);
	if (json.n && json.p[0] == '{')
		ds_buf_add(b, json.p, n);
	else
		for (size_t i = 0; i < n; i++)
			ds_buf_printf(b, "%02x", (unsigned char)json.p[i]);
	if (json.n > n)
		ds_buf_addz(b, " ...");
	if (json.err)
		b->err = json.err;
}

/* The first of kind and apiVersion that is no text, as the decoder meets them. */
static const struct ds_yaml_pair *odd_field(const struct ds_yaml_node *node)
{
	struct ds_str s;

	for (size_t i = 0; i < node->n; i++) {
		const struct ds_yaml_pair *p = &node->pairs[i];

		if (p->key->kind == DS_YAML_SCALAR &&
		    (ds_str_eqz(p->key->text, "kind") || ds_str_eqz(p->key->text, "apiVersion")) &&
		    ds_yaml_as_string(p->value, &s) < 0)
			return p;
	}
	return NULL;
}

int ds_preview_unrecognized(struct ds_arena *a, const struct ds_yaml_node *node, struct ds_service_outcome *ret,
			    bool *ret_is)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	const struct ds_yaml_pair *odd = NULL;
	bool object = node->kind == DS_YAML_MAPPING;

	if (object)
		odd = odd_field(node);
	*ret_is = object ? odd != NULL : !ds_yaml_is_null(node);
	if (!*ret_is)
		return 0;
	ds_buf_printf(&b,
		      "the object provided is unrecognized (must be of type Service): couldn't get version/kind; json "
		      "parse error: json: cannot unmarshal %s into Go ",
		      ds_yaml_json_type(odd ? odd->value : node));
	if (odd)
		ds_buf_printf(&b, "struct field .%.*s of type string (", DS_STR_ARG(odd->key->text));
	else
		ds_buf_addz(&b, "value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind "
				"string \"json:\\\"kind,omitempty\\\"\" } (");
	add_summary(&b, node);
	ds_buf_addc(&b, ')');
	*ret = (struct ds_service_outcome){.code = 400, .reason = "BadRequest", .message = ds_buf_dup(&b, a)};
	return ret->message ? 0 : DS_ENOMEM;
}
