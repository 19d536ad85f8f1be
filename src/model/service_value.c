#include "model/services.h"

#include "base/limits.h"
#include "model/load_balancer.h"
#include "yaml/scalar.h"

/*
 * A Service as rules see it. There may be 100,000 of them, so what repeats is
 * shared: families, policies, empty lists; and what the engine leaves behind is
 * given back after every Service.
 */

/* Memory of one Service: its object and its answer. */
#define SCRATCH ((size_t)256 << 20)

static const struct ds_cel_field cause_fields[] = {
	{"reason", &ds_cel_type_string, "'FieldValueInvalid', …"},
	{"field", &ds_cel_type_string, "the field as the API server names it: 'spec.clusterIPs[0]'"},
	{"message", &ds_cel_type_string, "what the API server says of the field"},
};
const struct ds_cel_object_type ds_service_cause_type = {"serviceCause", "why the API server refuses a Service",
							  cause_fields, DS_ARRAY_SIZE(cause_fields)};
static const struct ds_cel_type cause_cel = {.kind = DS_CEL_OBJECT, .object = &ds_service_cause_type};
static const struct ds_cel_type cause_list = {.kind = DS_CEL_LIST, .elem = &cause_cel};

static const struct ds_cel_type lb_cel = {.kind = DS_CEL_OBJECT, .object = &ds_load_balancer_type};

enum service_field {
	S_NAME,
	S_NAMESPACE,
	S_WHERE,
	S_STORED,
	S_BUILTIN,
	S_OPERATION,
	S_LB,
	S_APP,
	S_TYPE,
	S_POLICY,
	S_IP_FAMILIES,
	S_CLUSTER_IP,
	S_CLUSTER_IPS,
	S_HEADLESS,
	S_HAS_SELECTOR,
	S_EXTERNAL_IPS,
	S_LB_IP,
	S_LB_RANGES,
	S_UNKNOWN_FIELDS,
	S_ACCEPTED, /* from here on: what the API server says */
	S_REFUSAL,
	S_CAUSES,
	S_RESULT_POLICY,
	S_RESULT_FAMILIES,
	S_RESULT_CLUSTER_IPS,
	S_WARNINGS,
	S__COUNT
};

static const struct ds_cel_field service_fields[S__COUNT] = {
	[S_NAME] = {"name", &ds_cel_type_string, "metadata.name"},
	[S_NAMESPACE] = {"namespace", &ds_cel_type_string, "metadata.namespace, or 'default'"},
	[S_WHERE] = {"where", &ds_cel_type_string, "kind, namespace and name, for messages"},
	[S_STORED] = {"stored", &ds_cel_type_bool, "it was read from a cluster: it has a uid or a resourceVersion"},
	[S_BUILTIN] = {"builtin", &ds_cel_type_bool, "default/kubernetes, which the API server makes for itself"},
	[S_OPERATION] = {"operation", &ds_cel_type_string,
			 "'create', 'update' (a stored one of that name was seen) or 'read' (it is stored)"},
	[S_TYPE] = {"type", &ds_cel_type_string, "spec.type, or 'ClusterIP'"},
	[S_POLICY] = {"policy", &ds_cel_type_string, "spec.ipFamilyPolicy as written"},
	[S_IP_FAMILIES] = {"ipFamilies", &ds_cel_type_list_string, "spec.ipFamilies as written"},
	[S_CLUSTER_IP] = {"clusterIP", &ds_cel_type_string, "spec.clusterIP as written"},
	[S_CLUSTER_IPS] = {"clusterIPs", &ds_cel_type_list_string,
			   "spec.clusterIPs as written, or spec.clusterIP alone"},
	[S_HEADLESS] = {"headless", &ds_cel_type_bool, "its cluster address is 'None'"},
	[S_HAS_SELECTOR] = {"hasSelector", &ds_cel_type_bool, "spec.selector has an entry"},
	[S_EXTERNAL_IPS] = {"externalIPs", &ds_cel_type_list_string, "spec.externalIPs as written"},
	[S_LB_IP] = {"loadBalancerIP", &ds_cel_type_string, "spec.loadBalancerIP as written"},
	[S_LB_RANGES] = {"loadBalancerSourceRanges", &ds_cel_type_list_string,
			 "spec.loadBalancerSourceRanges as written"},
	[S_LB] = {"loadBalancer", &lb_cel, "who gives it external addresses; not set unless its type is LoadBalancer"},
	[S_APP] = {"app", &ds_cel_type_string, "metadata.labels['app.kubernetes.io/name']"},
	[S_UNKNOWN_FIELDS] = {"unknownFields", &ds_cel_type_list_string,
			      "unknown and duplicate fields: 'unknown field \"spec.ipFamily\"'"},
	[S_ACCEPTED] = {"accepted", &ds_cel_type_bool, "the API server accepts it, or has it"},
	[S_REFUSAL] = {"refusal", &ds_cel_type_string, "the API server's message when it does not, else ''"},
	[S_CAUSES] = {"causes", &cause_list, "the refusal field by field"},
	[S_RESULT_POLICY] = {"resultPolicy", &ds_cel_type_string,
			     "ipFamilyPolicy in the end; not set for ExternalName and when refused"},
	[S_RESULT_FAMILIES] = {"resultFamilies", &ds_cel_type_list_string, "ipFamilies in the end"},
	[S_RESULT_CLUSTER_IPS] = {"resultClusterIPs", &ds_cel_type_list_string,
				  "clusterIPs in the end; '<IPv4>' is one that will be chosen"},
	[S_WARNINGS] = {"warnings", &ds_cel_type_list_string, "what the API server warns of"},
};
const struct ds_cel_object_type ds_service_type = {"service", "a Service and what the API server makes of it",
						    service_fields, S__COUNT};

/* ---- parts ---- */

/* Text in kept memory: usual words are shared. */
static int text_value(struct ds_arena *a, struct ds_str s, struct ds_cel_value *ret)
{
	static const char *const usual[] = {
		"", "IPv4", "IPv6", "SingleStack", "PreferDualStack", "RequireDualStack", "ClusterIP", "NodePort",
		"LoadBalancer", "ExternalName", "<IPv4>", "<IPv6>", "None",
	};
	struct ds_str kept;

	for (size_t i = 0; i < DS_ARRAY_SIZE(usual); i++)
		if (ds_str_eqz(s, usual[i])) {
			*ret = ds_cel_string(ds_str_from(usual[i]));
			return 0;
		}
	if (ds_arena_str(a, s, &kept) < 0)
		return DS_ENOMEM;
	*ret = ds_cel_string(kept);
	return 0;
}

static struct ds_cel_value list_value(const struct ds_cel_value *v, size_t n)
{
	return (struct ds_cel_value){.kind = DS_CEL_LIST, .list = {v, n}};
}

#define FAMILY(text) {.kind = DS_CEL_STRING, .s = {.p = (text), .n = 4}}

/* Lists of families, of which there are four. */
static bool shared_list(const struct ds_str *v, size_t n, struct ds_cel_value *ret)
{
	static const struct ds_cel_value row[] = {FAMILY("IPv4"), FAMILY("IPv6"), FAMILY("IPv4")};

	if (n == 0) {
		*ret = list_value(row, 0);
		return true;
	}
	for (size_t i = 0; i + n <= DS_ARRAY_SIZE(row); i++) {
		bool same = n <= 2;

		for (size_t k = 0; same && k < n; k++)
			same = ds_str_eq(v[k], row[i + k].s);
		if (same) {
			*ret = list_value(&row[i], n);
			return true;
		}
	}
	return false;
}

static int texts_value(struct ds_arena *a, const struct ds_str *v, size_t n, struct ds_cel_value *ret)
{
	struct ds_cel_value *items;

	if (shared_list(v, n, ret))
		return 0;
	items = ds_arena_new_array(a, n, struct ds_cel_value);
	if (!items)
		return DS_ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (text_value(a, v[i], &items[i]) < 0)
			return DS_ENOMEM;
	*ret = list_value(items, n);
	return 0;
}

static int zs_value(struct ds_arena *a, const char *const *v, size_t n, struct ds_cel_value *ret)
{
	struct ds_cel_value *items = NULL;

	if (n) {
		items = ds_arena_new_array(a, n, struct ds_cel_value);
		if (!items)
			return DS_ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		if (text_value(a, ds_str_from(v[i]), &items[i]) < 0)
			return DS_ENOMEM;
	*ret = list_value(items, n);
	return 0;
}

/* ---- places ---- */

static const struct ds_loc *place(struct ds_arena *a, const struct ds_object *o, const struct ds_yaml_node *n)
{
	struct ds_loc *loc = n ? ds_arena_new_obj(a, struct ds_loc) : NULL;

	if (!loc)
		return NULL;
	*loc = ds_yaml_loc(a, o->input, n);
	/* [IPv4, IPv6] is meant as a whole. */
	if (n->kind == DS_YAML_SEQUENCE && n->style == DS_YAML_FLOW && n->end_line == n->line &&
	    n->end_column > n->column)
		loc->length = n->end_column - n->column;
	return loc;
}

/* One step of "spec.clusterIPs[0]" taken from the front of *rest: a key, then any number of indices. */
static const struct ds_yaml_node *step(const struct ds_yaml_node *n, struct ds_str *rest)
{
	char key[64];
	size_t len = 0, index = 0;

	if (rest->p[0] == '[') {
		for (len = 1; len < rest->n && ds_c_is_digit(rest->p[len]) && index < 100000; len++)
			index = index * 10 + (size_t)(rest->p[len] - '0');
		*rest = ds_str_skip(*rest, len + 1);
		return n->kind == DS_YAML_SEQUENCE && index < n->n ? n->items[index] : NULL;
	}
	while (len < rest->n && rest->p[len] != '.' && rest->p[len] != '[')
		len++;
	if (len == 0 || len >= sizeof(key))
		return NULL;
	memcpy(key, rest->p, len);
	key[len] = '\0';
	/* The API server's own slip: "spec.LoadBalancerSourceRanges". */
	if (strcmp(key, "LoadBalancerSourceRanges") == 0)
		key[0] = 'l';
	*rest = ds_str_skip(*rest, len);
	if (rest->n && rest->p[0] == '.')
		*rest = ds_str_skip(*rest, 1);
	return ds_yaml_get(n, key);
}

static const struct ds_yaml_node *node_of(const struct ds_object *o, const char *path)
{
	struct ds_str rest = ds_str_from(path);
	const struct ds_yaml_node *n = o->node, *next;

	while (n && rest.n) {
		next = step(n, &rest);
		if (!next) /* an index beyond what was written is about the list */
			return n->kind == DS_YAML_SEQUENCE ? n : NULL;
		n = next;
	}
	return n;
}

/* Where the field of a cause stands; what was not written is blamed on what made it be looked at. */
static const struct ds_yaml_node *blamed(const struct ds_object *o, const char *field)
{
	static const struct {
		const char *prefix, *instead[2];
	} fallbacks[] = {
		{"spec.ipFamilyPolicy", {"spec.ipFamilies", "spec.clusterIPs"}},
		{"spec.clusterIPs", {"spec.clusterIP", "spec.ipFamilies"}},
		{"spec.ipFamilies", {"spec.clusterIPs", "spec.clusterIP"}},
	};
	const struct ds_yaml_node *n = node_of(o, field);

	for (size_t i = 0; !n && i < DS_ARRAY_SIZE(fallbacks); i++)
		for (size_t k = 0; !n && k < 2 && fallbacks[i].instead[k]; k++)
			if (ds_str_starts(ds_str_from(field), fallbacks[i].prefix))
				n = node_of(o, fallbacks[i].instead[k]);
	return n;
}

/* ---- templates ---- */

/*
 * What a template's text will be nobody knows, nor what the API server will say
 * of it. Unquoted, "{{ .x }}" is a mapping whose key is a mapping.
 */
static const struct ds_yaml_node *template_in(const struct ds_yaml_node *n, unsigned depth)
{
	const struct ds_yaml_node *found = NULL;

	if (!n || depth > DS_LIMIT_YAML_DEPTH)
		return NULL;
	if (n->kind == DS_YAML_SCALAR)
		return ds_services_is_template(n->text) ? n : NULL;
	for (size_t i = 0; i < n->n && !found; i++) {
		const struct ds_yaml_node *key = n->kind == DS_YAML_MAPPING ? n->pairs[i].key : NULL;

		if (key && key->kind == DS_YAML_MAPPING && key->line == n->line && key->column == n->column + 1)
			return n;
		found = template_in(key ? n->pairs[i].value : n->items[i], depth + 1);
	}
	return found;
}

static const struct ds_yaml_node *template_of(const struct ds_object *o)
{
	static const char *const names[] = {"name", "namespace"};
	const struct ds_yaml_node *found = template_in(ds_yaml_get(o->node, "spec"), 0);

	/* Annotations may well hold templates that are meant. */
	for (size_t i = 0; i < DS_ARRAY_SIZE(names) && !found; i++)
		found = template_in(ds_yaml_path(o->node, "metadata", names[i], NULL), 0);
	return found;
}

/* ---- what was written ---- */

struct builder {
	struct ds_arena *a; /* kept */
	const struct ds_services *s;
	struct ds_load_balancers lb;
	const struct ds_cel_error *unknown;  /* why nothing can be judged, or NULL */
	const struct ds_cel_error *template; /* why what a template leaves open is unknown; made when needed */
};

static struct ds_cel_value unknown_value(const struct ds_cel_error *e)
{
	return (struct ds_cel_value){.kind = DS_CEL_UNKNOWN, .err = e};
}

static int missing(struct builder *b, const char *why, const struct ds_cel_error **ret)
{
	struct ds_cel_error *e = *ret ? NULL : ds_arena_new_obj(b->a, struct ds_cel_error);

	if (*ret)
		return 0;
	if (!e)
		return DS_ENOMEM;
	*e = (struct ds_cel_error){.message = why, .missing = true};
	*ret = e;
	return 0;
}

/* Of what was written, that which a template leaves open. */
static void leave_open(const struct builder *b, const struct ds_service *svc, struct ds_cel_value *f)
{
	for (size_t i = S_TYPE; i < S_UNKNOWN_FIELDS; i++) {
		bool open = f[i].kind == DS_CEL_STRING && ds_services_is_template(f[i].s);

		for (size_t k = 0; f[i].kind == DS_CEL_LIST && k < f[i].list.n && !open; k++)
			open = f[i].list.v[k].kind == DS_CEL_STRING && ds_services_is_template(f[i].list.v[k].s);
		/* A document of which not even the types are right: fields behind the error were not read. */
		if (open || svc->decoding.error) {
			f[i].kind = DS_CEL_UNKNOWN;
			f[i].err = b->template;
		}
	}
}

static int list_at(struct ds_arena *a, const struct ds_object *o, const struct ds_service_list *l, const char *path,
		   struct ds_cel_value *ret)
{
	const struct ds_yaml_node *n = l->n ? node_of(o, path) : NULL;
	int r = texts_value(a, l->v, l->n, ret);

	/* The dash of a list in block style tells nothing: its first entry does. */
	if (n && n->kind == DS_YAML_SEQUENCE && n->style == DS_YAML_BLOCK && n->n)
		n = n->items[0];
	ret->loc = place(a, o, n);
	return r;
}

static int opt_at(struct ds_arena *a, const struct ds_object *o, struct ds_str s, bool set, const char *path,
		  struct ds_cel_value *ret)
{
	int r;

	*ret = (struct ds_cel_value){.kind = DS_CEL_ABSENT};
	if (!set)
		return 0;
	r = text_value(a, s, ret);
	ret->loc = place(a, o, node_of(o, path));
	return r;
}

static bool is_none(const struct ds_service *svc)
{
	return ds_service_is_headless(svc) || ds_str_eqz(svc->cluster_ip, "None");
}

static int written(struct ds_arena *a, const struct ds_object *o, const struct ds_service *svc, bool stored,
		   struct ds_cel_value *f)
{
	const char *ns = o->ns[0] ? o->ns : "default";
	const char *where = ds_arena_printf(a, "Service %s/%s", ns, o->name[0] ? o->name : "(no name)");
	struct ds_str cluster_ip = svc->cluster_ip;
	const struct ds_service_list one = {.v = &cluster_ip, .n = cluster_ip.n > 0, .set = true};
	bool list = svc->cluster_ips.n > 0;
	int r = where ? 0 : DS_ENOMEM;

	if (r < 0)
		return r;
	f[S_NAME] = ds_cel_string(ds_str_from(o->name));
	f[S_NAMESPACE] = ds_cel_string(ds_str_from(ns));
	f[S_WHERE] = ds_cel_string(ds_str_from(where));
	f[S_STORED] = ds_cel_bool(stored);
	f[S_HEADLESS] = ds_cel_bool(is_none(svc));
	f[S_HAS_SELECTOR] = ds_cel_bool(svc->selector.n > 0);
	r = opt_at(a, o, svc->type.n ? svc->type : DS_STR("ClusterIP"), true, "spec.type", &f[S_TYPE]);
	if (r == 0)
		r = opt_at(a, o, svc->ip_family_policy.s, svc->ip_family_policy.set, "spec.ipFamilyPolicy",
			   &f[S_POLICY]);
	if (r == 0)
		r = opt_at(a, o, svc->cluster_ip, svc->cluster_ip.n > 0, "spec.clusterIP", &f[S_CLUSTER_IP]);
	if (r == 0)
		r = opt_at(a, o, svc->load_balancer_ip, svc->load_balancer_ip.n > 0, "spec.loadBalancerIP",
			   &f[S_LB_IP]);
	if (r == 0)
		r = list_at(a, o, &svc->ip_families, "spec.ipFamilies", &f[S_IP_FAMILIES]);
	if (r == 0)
		r = list_at(a, o, list ? &svc->cluster_ips : &one, list ? "spec.clusterIPs" : "spec.clusterIP",
			    &f[S_CLUSTER_IPS]);
	if (r == 0)
		r = list_at(a, o, &svc->external_ips, "spec.externalIPs", &f[S_EXTERNAL_IPS]);
	if (r == 0)
		r = list_at(a, o, &svc->load_balancer_source_ranges, "spec.loadBalancerSourceRanges", &f[S_LB_RANGES]);
	if (r == 0)
		r = zs_value(a, svc->decoding.lenient, svc->decoding.n_lenient, &f[S_UNKNOWN_FIELDS]);
	return r;
}

/* ---- what follows ---- */

static int causes_value(struct ds_arena *a, const struct ds_object *o, const struct ds_service_outcome *out,
			struct ds_cel_value *ret)
{
	struct ds_cel_value *v = NULL;

	if (out->n_causes) {
		v = ds_arena_new_array(a, out->n_causes, struct ds_cel_value);
		if (!v)
			return DS_ENOMEM;
	}
	for (size_t i = 0; i < out->n_causes; i++) {
		struct ds_cel_value *f = ds_arena_new_array(a, DS_ARRAY_SIZE(cause_fields), struct ds_cel_value);
		const struct ds_service_cause *c = &out->causes[i];

		if (!f || text_value(a, ds_str_from(c->reason), &f[0]) < 0 ||
		    text_value(a, ds_str_from(c->field), &f[1]) < 0 ||
		    text_value(a, ds_str_from(c->message), &f[2]) < 0)
			return DS_ENOMEM;
		v[i] = (struct ds_cel_value){.kind = DS_CEL_OBJECT,
					     .loc = place(a, o, blamed(o, c->field)),
					     .object = {&ds_service_cause_type, f}};
	}
	*ret = list_value(v, out->n_causes);
	return 0;
}

static const struct ds_service_field *field(const struct ds_service_outcome *o, const char *name)
{
	for (size_t i = 0; i < o->n_fields; i++)
		if (strcmp(o->fields[i].name, name) == 0)
			return &o->fields[i];
	return NULL;
}

static int result_list(struct ds_arena *a, const struct ds_service_outcome *out, const char *name,
		       struct ds_cel_value *ret)
{
	const struct ds_service_field *l = field(out, name);

	return texts_value(a, l ? l->list.v : NULL, l ? l->list.n : 0, ret);
}

static int answered(struct ds_arena *a, const struct ds_object *o, const struct ds_service_judged *j,
		    struct ds_cel_value *f)
{
	const struct ds_service_outcome *out = &j->outcome;
	const struct ds_service_field *policy = field(out, "ipFamilyPolicy");
	const char *refusal = out->accepted ? ""
			      : out->connection_dropped
				      ? "the API server itself crashes on this request and drops the connection"
				      : out->message;
	int r = text_value(a, ds_str_from(refusal), &f[S_REFUSAL]);

	f[S_ACCEPTED] = ds_cel_bool(out->accepted);
	f[S_RESULT_POLICY] = (struct ds_cel_value){.kind = DS_CEL_ABSENT};
	if (r == 0)
		r = causes_value(a, o, out, &f[S_CAUSES]);
	if (r == 0 && policy)
		r = text_value(a, policy->text, &f[S_RESULT_POLICY]);
	if (r == 0)
		r = result_list(a, out, "ipFamilies", &f[S_RESULT_FAMILIES]);
	if (r == 0)
		r = result_list(a, out, "clusterIPs", &f[S_RESULT_CLUSTER_IPS]);
	if (r == 0)
		r = zs_value(a, out->warnings, out->n_warnings, &f[S_WARNINGS]);
	return r;
}

/* What is not the API server's affair, but others'. */
static int of_others(const struct builder *b, const struct ds_object *o, struct ds_cel_value *f)
{
	const struct ds_yaml_node *app = ds_yaml_path(o->node, "metadata", "labels", "app.kubernetes.io/name", NULL);
	struct ds_str text;
	int r = ds_load_balancer_value(&b->lb, o, &f[S_LB]);

	if (r < 0)
		return r;
	if (!app || ds_yaml_as_string(app, &text) < 0)
		text = (struct ds_str){0};
	return opt_at(b->a, o, text, text.n > 0, "metadata.labels", &f[S_APP]);
}

static int service_value(struct builder *b, struct ds_arena *scratch, const struct ds_object *o,
			 struct ds_cel_value *ret)
{
	struct ds_cel_value *f = ds_arena_new_array(b->a, S__COUNT, struct ds_cel_value);
	const struct ds_yaml_node *name = ds_yaml_path(o->node, "metadata", "name", NULL);
	const struct ds_loc *loc = place(b->a, o, name ? name : o->node);
	struct ds_service_judged j;
	int r;

	if (!f || !loc)
		return DS_ENOMEM;
	r = ds_services_judge(scratch, b->s, o, false, &j);
	if (r == 0)
		r = written(b->a, o, &j.asked, j.question == DS_SERVICE_READ, f);
	if (r == 0)
		r = of_others(b, o, f);
	if (r < 0)
		return r;
	f[S_BUILTIN] = ds_cel_bool(j.builtin);
	f[S_OPERATION] = ds_cel_string(ds_str_from(ds_service_question_name(j.question)));
	if (template_of(o)) {
		r = missing(b, "the Service is a template with values still to be filled in", &b->template);
		leave_open(b, &j.asked, f);
		for (size_t i = S_ACCEPTED; i < S__COUNT; i++)
			f[i] = unknown_value(b->template);
	} else if (b->s->unknown) {
		r = missing(b, b->s->unknown, &b->unknown);
		for (size_t i = S_ACCEPTED; i < S__COUNT; i++)
			f[i] = unknown_value(b->unknown);
	} else {
		r = answered(b->a, o, &j, f);
	}
	*ret = (struct ds_cel_value){.kind = DS_CEL_OBJECT, .loc = loc, .object = {&ds_service_type, f}};
	return r;
}

int ds_services_value(struct ds_arena *a, const struct ds_services *s, struct ds_cel_value *ret)
{
	struct builder b = {.a = a, .s = s};
	struct ds_cel_value *v = ds_arena_new_array(a, s->n, struct ds_cel_value);
	struct ds_arena *scratch;
	size_t n = 0;
	int r = v ? 0 : DS_ENOMEM;

	*ret = list_value(v, 0);
	if (r < 0 || s->n == 0)
		return r;
	scratch = ds_load_balancers_init(a, s->cluster, &b.lb) == 0 ? ds_arena_new(SCRATCH) : NULL;
	if (!scratch)
		return DS_ENOMEM;
	for (size_t i = 0; r == 0 && i < s->cluster->objects.n; i++) {
		if (!ds_services_has(s->cluster->objects.v[i]))
			continue;
		r = service_value(&b, scratch, s->cluster->objects.v[i], &v[n++]);
		ds_arena_reset(scratch);
	}
	ds_arena_free(scratch);
	*ret = list_value(v, n);
	return r;
}
