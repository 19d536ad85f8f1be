#include "kube/node_verdict.h"

#include "base/buf.h"
#include "base/limits.h"
#include "kube/version.h"
#include "yaml/scalar.h"

int ds_node_error(struct ds_arena *a, struct ds_verdict *v, const char *message, const struct ds_loc *loc)
{
	return message ? ds_verdict_error(a, v, loc, "%s", message) : DS_ENOMEM;
}

int ds_node_warning(struct ds_arena *a, struct ds_verdict *v, const char *message, const struct ds_loc *loc)
{
	return message ? ds_verdict_warning(a, v, loc, "%s", message) : DS_ENOMEM;
}

void ds_node_unknown(struct ds_verdict *v, const char *reason)
{
	if (!v->reason)
		v->reason = reason;
}

unsigned ds_node_minor(unsigned minor)
{
	if (minor == 0 || minor > DS_KUBE_NEWEST)
		return DS_KUBE_NEWEST;
	return DS_MAX(minor, (unsigned)DS_KUBE_OLDEST);
}

bool ds_node_cmdline_ends(struct ds_verdict *v, const struct ds_cmdline *cl)
{
	if (cl->truncated)
		ds_node_unknown(v, "the command line was not seen whole");
	else if (cl->help && cl->errors.n == 0)
		ds_node_unknown(v, "--help prints the usage and ends");
	return v->reason != NULL;
}

int ds_node_derive_list(struct ds_arena *a, struct ds_verdict *v, const char *name, const struct ds_strs *list)
{
	const char **texts = ds_arena_new_array(a, list->n, const char *);

	if (!texts)
		return DS_ENOMEM;
	for (size_t i = 0; i < list->n; i++) {
		texts[i] = ds_arena_strndup(a, list->v[i].p ? list->v[i].p : "", list->v[i].n);
		if (!texts[i])
			return DS_ENOMEM;
	}
	return ds_verdict_derive_list(a, v, name, texts, list->n);
}

int ds_aggregate_add(struct ds_arena *a, struct ds_aggregate *g, const char *message, const struct ds_loc *loc)
{
	struct ds_verdict_msg *m;

	if (message && g->items.n >= DS_LIMIT_AGGREGATE)
		return 0;
	m = message ? ds_vec_add(a, &g->items) : NULL;
	if (!m)
		return DS_ENOMEM;
	m->message = message;
	if (loc)
		m->loc = *loc;
	return 0;
}

static bool repeated(const struct ds_aggregate *g, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(g->items.v[j].message, g->items.v[i].message) == 0)
			return true;
	return false;
}

const char *ds_aggregate_text(struct ds_arena *a, const struct ds_aggregate *g, const char *prefix)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	_ds_buf_done_ struct ds_buf whole = DS_BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < g->items.n; i++) {
		if (repeated(g, i))
			continue;
		if (n++)
			ds_buf_addz(&b, ", ");
		ds_buf_addz(&b, g->items.v[i].message);
	}
	ds_buf_addz(&whole, prefix);
	if (n > 1)
		ds_buf_addc(&whole, '[');
	ds_buf_adds(&whole, ds_buf_str(&b));
	if (n > 1)
		ds_buf_addc(&whole, ']');
	return b.err < 0 ? NULL : ds_buf_dup(&whole, a);
}

const struct ds_loc *ds_aggregate_loc(const struct ds_aggregate *g)
{
	const struct ds_loc *first = g->items.n ? &g->items.v[0].loc : NULL;

	for (size_t i = 1; i < g->items.n; i++) {
		const struct ds_loc *l = &g->items.v[i].loc;

		if (l->input != first->input || l->pid != first->pid || l->line != first->line ||
		    l->column != first->column || l->flag != first->flag)
			return NULL;
	}
	return first;
}

int ds_aggregate_invalid(struct ds_arena *a, struct ds_aggregate *g, const char *path, struct ds_str value,
			 const char *detail, const struct ds_loc *loc)
{
	const char *q = ds_go_quote(a, value);

	return ds_aggregate_add(a, g, q ? ds_arena_printf(a, "%s: Invalid value: %s: %s", path, q, detail) : NULL, loc);
}

int ds_aggregate_invalid_list(struct ds_arena *a, struct ds_aggregate *g, const char *path, const struct ds_strs *value,
			      const char *detail, unsigned minor, const struct ds_loc *loc)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	bool json = minor >= 34;

	ds_buf_addz(&b, path);
	ds_buf_addz(&b, json ? ": Invalid value: [" : ": Invalid value: []string{");
	for (size_t i = 0; i < value->n; i++) {
		if (i)
			ds_buf_addz(&b, json ? "," : ", ");
		if (json)
			ds_buf_add_go_json_string(&b, value->v[i]);
		else
			ds_buf_add_go_quoted(&b, value->v[i]);
	}
	ds_buf_addz(&b, json ? "]: " : "}: ");
	ds_buf_addz(&b, detail);
	return ds_aggregate_add(a, g, ds_buf_dup(&b, a), loc);
}

const char *ds_positionals_text(struct ds_arena *a, const struct ds_cmdline *cl)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	ds_buf_addc(&b, '[');
	for (size_t i = 0; i < cl->positionals.n; i++) {
		if (i)
			ds_buf_addc(&b, ' ');
		ds_buf_add_go_quoted(&b, cl->positionals.v[i].text);
	}
	ds_buf_addc(&b, ']');
	return ds_buf_dup(&b, a);
}

bool ds_positionals_any(const struct ds_cmdline *cl, const struct ds_arg **ret)
{
	for (size_t i = 0; i < cl->positionals.n; i++) {
		if (cl->positionals.v[i].text.n) {
			*ret = &cl->positionals.v[i];
			return true;
		}
	}
	return false;
}

static const char *missing(struct ds_arena *a, const struct ds_config_doc *doc, const char *what)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	ds_buf_printf(&b, "Object '%s' is missing in '", what);
	/* The real message holds the file; without it, its name is the best there is. */
	if (doc->input && doc->input->text.n)
		ds_buf_adds(&b, doc->input->text);
	else
		ds_buf_addz(&b, doc->input ? doc->input->name : "");
	ds_buf_addc(&b, '\'');
	return ds_buf_dup(&b, a);
}

static int type_error(struct ds_arena *a, const struct ds_yaml_node *node, const char *kind, const char *path,
		      const char *go_type, const char **reterr)
{
	*reterr = ds_arena_printf(a, "json: cannot unmarshal %s into Go struct field %s.%s of type %s",
				  ds_yaml_json_type(node), kind, path, go_type);
	return *reterr ? DS_ETYPE : DS_ENOMEM;
}

int ds_config_check_type(struct ds_arena *a, const struct ds_config_doc *doc, const char *api_version, const char *kind,
			 const char *scheme, const char **reterr, struct ds_loc *reterr_loc)
{
	const struct ds_yaml_node *v = ds_yaml_get(doc->root, "apiVersion"), *k = ds_yaml_get(doc->root, "kind");
	struct ds_str version = {0}, name = {0};
	const char *qk, *qv;

	*reterr_loc = (struct ds_loc){.input = doc->input};
	if (doc->root && doc->root->kind != DS_YAML_MAPPING) {
		*reterr = ds_arena_printf(a,
					  "couldn't get version/kind; json parse error: json: cannot unmarshal %s into "
					  "Go value of type struct { APIVersion string "
					  "\"json:\\\"apiVersion,omitempty\\\"\"; "
					  "Kind string \"json:\\\"kind,omitempty\\\"\" }",
					  ds_yaml_json_type(doc->root));
		return *reterr ? DS_EINVAL : DS_ENOMEM;
	}
	if (ds_yaml_as_string(v, &version) < 0 || ds_yaml_as_string(k, &name) < 0) {
		const struct ds_yaml_node *bad = ds_yaml_as_string(v, &version) < 0 ? v : k;

		*reterr_loc = ds_yaml_loc(a, doc->input, bad);
		*reterr = ds_arena_printf(a,
					  "couldn't get version/kind; json parse error: json: cannot unmarshal %s into "
					  "Go struct field .%s of type string",
					  ds_yaml_json_type(bad), bad == v ? "apiVersion" : "kind");
		return *reterr ? DS_EINVAL : DS_ENOMEM;
	}
	if (ds_str_eqz(version, api_version) && ds_str_eqz(name, kind))
		return 0;
	if (name.n == 0 || version.n == 0) {
		*reterr = missing(a, doc, name.n == 0 ? "Kind" : "apiVersion");
		return *reterr ? DS_EINVAL : DS_ENOMEM;
	}
	*reterr_loc = ds_yaml_loc(a, doc->input, ds_str_eqz(name, kind) ? v : k);
	qk = ds_go_quote(a, name);
	qv = ds_go_quote(a, version);
	*reterr = NULL;
	if (qk && qv)
		*reterr = ds_arena_printf(a,
					  "no kind %s is registered for version %s in scheme \"%s\"", qk, qv, scheme);
	return *reterr ? DS_EINVAL : DS_ENOMEM;
}

int ds_config_string(struct ds_arena *a, const struct ds_config_doc *doc, const struct ds_yaml_node *object,
		     const char *kind, const char *path, const char *key, struct ds_str *ret, struct ds_loc *ret_loc,
		     const char **reterr)
{
	const struct ds_yaml_node *node = ds_yaml_get(object, key);
	struct ds_str s = {0};

	if (!node || ds_yaml_is_null(node))
		return 0;
	*ret_loc = ds_yaml_loc(a, doc->input, node);
	if (ds_yaml_as_string(node, &s) < 0)
		return type_error(a, node, kind, path, "string", reterr);
	*ret = s;
	return 0;
}

int ds_config_list(struct ds_arena *a, const struct ds_config_doc *doc, const struct ds_yaml_node *object,
		   const char *kind, const char *path, const char *key, struct ds_strs *ret, struct ds_loc *ret_loc,
		   const char **reterr)
{
	const struct ds_yaml_node *node = ds_yaml_get(object, key);

	if (!node || ds_yaml_is_null(node))
		return 0;
	*ret_loc = ds_yaml_loc(a, doc->input, node);
	if (node->kind != DS_YAML_SEQUENCE)
		return type_error(a, node, kind, path, "[]string", reterr);
	for (size_t i = 0; i < node->n; i++) {
		struct ds_str s = {0};

		if (ds_yaml_as_string(node->items[i], &s) < 0) {
			*ret_loc = ds_yaml_loc(a, doc->input, node->items[i]);
			return type_error(a, node->items[i], kind, path, "string", reterr);
		}
		if (ds_vec_push(a, ret, s) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

int ds_config_gates(struct ds_arena *a, const struct ds_config_doc *doc, const char *kind, struct ds_gates *g,
		    const char **reterr, struct ds_loc *reterr_loc)
{
	const struct ds_yaml_node *map = ds_yaml_get(doc->root, "featureGates");

	if (!map || ds_yaml_is_null(map))
		return 0;
	*reterr_loc = ds_yaml_loc(a, doc->input, map);
	if (map->kind != DS_YAML_MAPPING)
		return type_error(a, map, kind, "featureGates", "map[string]bool", reterr);
	for (size_t i = 0; i < map->n; i++) {
		const struct ds_yaml_node *value = map->pairs[i].value;
		struct ds_loc loc = ds_yaml_loc(a, doc->input, map->pairs[i].key);
		bool on = false;

		if (ds_yaml_as_bool(value, &on) < 0) {
			*reterr_loc = ds_yaml_loc(a, doc->input, value);
			return type_error(a, value, kind, "featureGates", "bool", reterr);
		}
		if (ds_gates_set(a, g, map->pairs[i].key->text, on, &loc) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

enum ds_family ds_family_of_cidr(struct ds_str s)
{
	struct ds_cidr c;

	if (ds_cidr_parse(s, DS_IP_SLOPPY, &c) < 0)
		return DS_FAMILY_NONE;
	/* Go looks at the network's address: a mapped one is IPv4 whatever its mask. */
	c = ds_cidr_masked(&c);
	return ds_ip_is_4in6(&c.ip) ? DS_IPV4 : (enum ds_family)c.ip.family;
}

enum ds_family ds_family_of_ip(struct ds_str s)
{
	struct ds_ip ip;

	return ds_ip_parse(s, DS_IP_SLOPPY, &ip) < 0 ? DS_FAMILY_NONE : (enum ds_family)ip.family;
}

bool ds_is_dual_stack(const struct ds_strs *cidrs, bool *ret_bad)
{
	bool v4 = false, v6 = false, bad = false;

	for (size_t i = 0; i < cidrs->n && !bad; i++) {
		enum ds_family f = ds_family_of_cidr(cidrs->v[i]);

		bad |= f == DS_FAMILY_NONE;
		v4 |= f == DS_IPV4;
		v6 |= f == DS_IPV6;
	}
	if (ret_bad)
		*ret_bad = bad;
	return v4 && v6 && !bad;
}
