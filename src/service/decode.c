#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "service/engine.h"
#include "yaml/scalar.h"

/*
 * A request body into a Service as Go's encoding/json (sigs.k8s.io/json) does
 * it: one table row per field, the first type error is kept and decoding goes
 * on, unknown and duplicate fields are noted.
 */

enum field_kind {
	K_TEXT,    /* string or named string */
	K_OPT,     /* *string */
	K_TEXTS,   /* []string or a slice of a named string */
	K_MAP,     /* map[string]string */
	K_INT32,
	K_OPT_INT32,
	K_INT64,
	K_BOOL,
	K_OPT_BOOL,
	K_STRUCT,
	K_PTR_STRUCT, /* sets a flag when present */
	K_PORTS,
	K_INT_OR_STRING,
	K_TIME,    /* text that no decision reads */
	K_LIST,    /* a slice of structs that no decision reads */
	K_ANY,     /* not looked into */
};

struct struct_type;

struct field {
	const char *name;
	enum field_kind kind;
	const char *go_type; /* as Go prints it in its errors; for slices the element's */
	size_t offset;       /* in the struct being filled */
	size_t flag;         /* of the bool that says it is set (K_OPT_*, K_PTR_STRUCT) */
	const struct struct_type *type;
	uint8_t since, until; /* minor versions that have the field; 0: all */
};

struct struct_type {
	const char *name; /* ServiceSpec */
	const struct field *fields;
	size_t n;
};

#define NO_OFFSET ((size_t)-1)
#define AT(member) offsetof(struct ds_service, member)
#define PORT(member) offsetof(struct ds_service_port, member)
#define TYPE(type_name, table) {.name = (type_name), .fields = (table), .n = DS_ARRAY_SIZE(table)}
#define IGNORED .offset = NO_OFFSET

static const struct field object_meta_fields[] = {
	{"name", K_TEXT, "string", .offset = AT(name)},
	{"generateName", K_TEXT, "string", .offset = AT(generate_name)},
	{"namespace", K_TEXT, "string", .offset = AT(namespace_)},
	{"selfLink", K_TEXT, "string", IGNORED},
	{"uid", K_TEXT, "types.UID", .offset = AT(uid)},
	{"resourceVersion", K_TEXT, "string", .offset = AT(resource_version)},
	{"generation", K_INT64, "int64", IGNORED},
	{"creationTimestamp", K_TIME, "string", IGNORED},
	{"deletionTimestamp", K_TIME, "string", IGNORED},
	{"deletionGracePeriodSeconds", K_INT64, "int64", IGNORED},
	{"labels", K_MAP, "string", .offset = AT(labels)},
	{"annotations", K_MAP, "string", .offset = AT(annotations)},
	{"ownerReferences", K_LIST, "v1.OwnerReference", IGNORED},
	{"finalizers", K_TEXTS, "string", IGNORED},
	{"clusterName", K_TEXT, "string", IGNORED, .until = 23},
	{"managedFields", K_LIST, "v1.ManagedFieldsEntry", IGNORED},
};
static const struct struct_type object_meta = TYPE("ObjectMeta", object_meta_fields);

static const struct field port_fields[] = {
	{"name", K_TEXT, "string", .offset = PORT(name)},
	{"protocol", K_TEXT, "v1.Protocol", .offset = PORT(protocol)},
	{"appProtocol", K_OPT, "string", .offset = PORT(app_protocol)},
	{"port", K_INT32, "int32", .offset = PORT(port)},
	{"targetPort", K_INT_OR_STRING, "int32", IGNORED},
	{"nodePort", K_INT32, "int32", .offset = PORT(node_port)},
};
static const struct struct_type service_port = TYPE("ServicePort", port_fields);

static const struct field client_ip_fields[] = {
	{"timeoutSeconds", K_OPT_INT32, "int32", .offset = AT(timeout), .flag = AT(has_timeout)},
};
static const struct struct_type client_ip = TYPE("ClientIPConfig", client_ip_fields);

static const struct field affinity_fields[] = {
	{"clientIP", K_PTR_STRUCT, "v1.ClientIPConfig", .offset = 0, .flag = AT(has_client_ip), .type = &client_ip},
};
static const struct struct_type affinity = TYPE("SessionAffinityConfig", affinity_fields);

static const struct field spec_fields[] = {
	{"ports", K_PORTS, "v1.ServicePort", .offset = 0, .type = &service_port},
	{"selector", K_MAP, "string", .offset = AT(selector)},
	{"clusterIP", K_TEXT, "string", .offset = AT(cluster_ip)},
	{"clusterIPs", K_TEXTS, "string", .offset = AT(cluster_ips)},
	{"type", K_TEXT, "v1.ServiceType", .offset = AT(type)},
	{"externalIPs", K_TEXTS, "string", .offset = AT(external_ips)},
	{"sessionAffinity", K_TEXT, "v1.ServiceAffinity", .offset = AT(session_affinity)},
	{"loadBalancerIP", K_TEXT, "string", .offset = AT(load_balancer_ip)},
	{"loadBalancerSourceRanges", K_TEXTS, "string", .offset = AT(load_balancer_source_ranges)},
	{"externalName", K_TEXT, "string", .offset = AT(external_name)},
	{"externalTrafficPolicy", K_TEXT, "v1.ServiceExternalTrafficPolicyType", .offset = AT(external_traffic_policy),
	 .until = 26},
	{"externalTrafficPolicy", K_TEXT, "v1.ServiceExternalTrafficPolicy", .offset = AT(external_traffic_policy),
	 .since = 27},
	{"healthCheckNodePort", K_INT32, "int32", .offset = AT(health_check_node_port)},
	{"publishNotReadyAddresses", K_BOOL, "bool", .offset = AT(publish_not_ready)},
	{"sessionAffinityConfig", K_PTR_STRUCT, "v1.SessionAffinityConfig", .offset = 0, .flag = AT(has_affinity_config),
	 .type = &affinity},
	{"topologyKeys", K_TEXTS, "string", IGNORED, .until = 21},
	{"ipFamilies", K_TEXTS, "v1.IPFamily", .offset = AT(ip_families)},
	{"ipFamilyPolicy", K_OPT, "v1.IPFamilyPolicyType", .offset = AT(ip_family_policy), .until = 23},
	{"ipFamilyPolicy", K_OPT, "v1.IPFamilyPolicy", .offset = AT(ip_family_policy), .since = 24},
	{"allocateLoadBalancerNodePorts", K_OPT_BOOL, "bool", .offset = AT(allocate_node_ports),
	 .flag = AT(has_allocate_node_ports)},
	{"loadBalancerClass", K_OPT, "string", .offset = AT(load_balancer_class), .since = 21},
	{"internalTrafficPolicy", K_OPT, "v1.ServiceInternalTrafficPolicyType", .offset = AT(internal_traffic_policy),
	 .since = 21, .until = 26},
	{"internalTrafficPolicy", K_OPT, "v1.ServiceInternalTrafficPolicy", .offset = AT(internal_traffic_policy),
	 .since = 27},
	{"trafficDistribution", K_OPT, "string", .offset = AT(traffic_distribution), .since = 30},
};
static const struct struct_type service_spec = TYPE("ServiceSpec", spec_fields);

static const struct field load_balancer_fields[] = {
	{"ingress", K_LIST, "v1.LoadBalancerIngress", IGNORED},
};
static const struct struct_type load_balancer = TYPE("LoadBalancerStatus", load_balancer_fields);

static const struct field status_fields[] = {
	{"loadBalancer", K_STRUCT, "v1.LoadBalancerStatus", .offset = 0, .type = &load_balancer},
	{"conditions", K_LIST, "v1.Condition", IGNORED},
};
static const struct struct_type service_status = TYPE("ServiceStatus", status_fields);

static const struct field service_fields[] = {
	{"kind", K_TEXT, "string", IGNORED},
	{"apiVersion", K_TEXT, "string", IGNORED},
	{"metadata", K_STRUCT, "v1.ObjectMeta", .offset = 0, .type = &object_meta},
	{"spec", K_STRUCT, "v1.ServiceSpec", .offset = 0, .type = &service_spec},
	{"status", K_STRUCT, "v1.ServiceStatus", .offset = 0, .type = &service_status},
};
static const struct struct_type service_type = TYPE("Service", service_fields);

/* sigs.k8s.io/json keeps this many strict errors. */
#define LENIENT_MAX 100u

/* Where the decoder stands. Paths are linked, not built: only errors print them. */
struct path {
	const struct path *up;
	struct ds_str name; /* a field or key; empty for an index */
	size_t index;
};

struct decoder {
	struct ds_arena *arena;
	struct ds_service *svc;
	unsigned minor;
	int r;
	const char *error; /* the first saved error */
	bool stopped;      /* an Unmarshaler's error ends decoding at once */
	DS_VEC(const char *) lenient;
};

static void add_path(struct ds_buf *b, const struct path *p, bool indexes)
{
	const struct path *stack[DS_LIMIT_YAML_DEPTH];
	size_t n = 0;
	bool first = true;

	for (; p && n < DS_ARRAY_SIZE(stack); p = p->up)
		stack[n++] = p;
	while (n--) {
		if (stack[n]->name.p) {
			ds_buf_addz(b, first ? "" : ".");
			ds_buf_adds(b, stack[n]->name);
			first = false;
		} else if (indexes) {
			ds_buf_printf(b, "[%zu]", stack[n]->index);
		}
	}
}

/* What stands in place of a value in "json: cannot unmarshal … into": its JSON type, numbers with their text. */
static void add_value_type(struct ds_buf *b, const struct ds_yaml_node *node, bool number_text)
{
	const char *type = ds_yaml_json_type(node);

	ds_buf_addz(b, type);
	if (number_text && strcmp(type, "number") == 0) {
		ds_buf_addc(b, ' ');
		ds_buf_adds(b, node->text);
	}
}

/* json.UnmarshalTypeError.Error with the decoder's context. */
static void type_error(struct decoder *d, const struct path *path, const char *struct_name,
		       const struct ds_yaml_node *node, const char *prefix, const char *go_type)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	bool number_text = strncmp(go_type, "int", 3) == 0 && prefix[0] == '\0';

	if (d->error)
		return;
	ds_buf_addz(&b, "json: cannot unmarshal ");
	add_value_type(&b, node, number_text);
	ds_buf_printf(&b, " into Go struct field %s.", struct_name);
	add_path(&b, path, false);
	ds_buf_printf(&b, " of type %s%s", prefix, go_type);
	d->error = ds_buf_dup(&b, d->arena);
	if (!d->error)
		d->r = DS_ENOMEM;
}

static void note(struct decoder *d, const struct path *path, const char *what)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	const char *text;

	if (d->lenient.n >= LENIENT_MAX)
		return;
	ds_buf_printf(&b, "%s field \"", what);
	add_path(&b, path, true);
	ds_buf_addc(&b, '"');
	text = ds_buf_dup(&b, d->arena);
	if (!text) {
		d->r = DS_ENOMEM;
		return;
	}
	for (size_t i = 0; i < d->lenient.n; i++)
		if (strcmp(d->lenient.v[i], text) == 0)
			return;
	if (ds_vec_push(d->arena, &d->lenient, text) < 0)
		d->r = DS_ENOMEM;
}

/* A body that was YAML has each key once when it is sent; the YAML reader tells of those that were lost. */
static bool is_repeated(const struct ds_yaml_pair *pair)
{
	return (pair->flags & DS_YAML_F_DUPLICATE) && (pair->key->flags & DS_YAML_F_JSON);
}

/* null and, as in a Go zero value, nothing. */
static bool is_null(const struct ds_yaml_node *node)
{
	return ds_yaml_is_null(node);
}

static void *at(void *base, size_t offset)
{
	return (char *)base + offset;
}

static void decode_text(struct decoder *d, const struct path *path, const char *struct_name, const struct field *f,
			const struct ds_yaml_node *node, struct ds_str *ret)
{
	struct ds_str s;

	if (ds_yaml_as_string(node, &s) < 0)
		type_error(d, path, struct_name, node, "", f->go_type);
	else if (ret)
		*ret = s;
}

static void decode_texts(struct decoder *d, const struct path *path, const char *struct_name, const struct field *f,
			 const struct ds_yaml_node *node, struct ds_service_list *ret)
{
	struct ds_service_list l = {.set = true};

	if (node->kind != DS_YAML_SEQUENCE) {
		type_error(d, path, struct_name, node, "[]", f->go_type);
		return;
	}
	l.v = ds_arena_new_array(d->arena, node->n, struct ds_str);
	if (!l.v) {
		d->r = DS_ENOMEM;
		return;
	}
	for (size_t i = 0; i < node->n; i++)
		decode_text(d, path, struct_name, f, node->items[i], &l.v[l.n++]);
	if (ret)
		*ret = l;
}

/* Sets key in the map, the last value winning. by_key exists once a duplicate was seen. */
static void put(struct decoder *d, struct ds_service_map *m, struct ds_map *by_key, const struct ds_yaml_pair *pair,
		struct ds_str value)
{
	struct ds_service_pair *entry = NULL;

	if (pair->flags & DS_YAML_F_DUPLICATE) {
		for (size_t i = by_key->n; i < m->n; i++)
			if (ds_map_put(by_key, m->v[i].key, &m->v[i]) < 0)
				d->r = DS_ENOMEM;
		entry = ds_map_get(by_key, pair->key->text);
	}
	if (!entry) {
		entry = &m->v[m->n++];
		entry->key = pair->key->text;
	}
	entry->value = value;
}

static void decode_map(struct decoder *d, const struct path *path, const char *struct_name, const struct field *f,
		       const struct ds_yaml_node *node, struct ds_service_map *ret)
{
	struct ds_service_map m = {.set = true};
	struct ds_map by_key;

	if (node->kind != DS_YAML_MAPPING) {
		type_error(d, path, struct_name, node, "map[string]", f->go_type);
		return;
	}
	m.v = ds_arena_new_array(d->arena, node->n, struct ds_service_pair);
	if (!m.v) {
		d->r = DS_ENOMEM;
		return;
	}
	ds_map_init(&by_key, d->arena);
	for (size_t i = 0; i < node->n; i++) {
		const struct ds_yaml_pair *pair = &node->pairs[i];
		struct path here = {path, pair->key->text, 0};
		struct ds_str value = {"", 0};

		if (is_repeated(pair))
			note(d, &here, "duplicate");
		decode_text(d, path, struct_name, f, pair->value, &value);
		put(d, &m, &by_key, pair, value);
	}
	*ret = m;
}

static bool decode_int(struct decoder *d, const struct path *path, const char *struct_name, const struct field *f,
		       const struct ds_yaml_node *node, unsigned bits, int64_t *ret)
{
	if (ds_yaml_as_int(node, bits, ret) == 0)
		return true;
	type_error(d, path, struct_name, node, "", f->go_type);
	return false;
}

/* An Unmarshaler's own error ends everything, whatever came before. */
static void stop(struct decoder *d, const struct path *path, const char *struct_name, const struct ds_yaml_node *node,
		 const char *go_type)
{
	d->error = NULL;
	type_error(d, path, struct_name, node, "", go_type);
	d->stopped = true;
}

/* intstr.IntOrString.UnmarshalJSON */
static void decode_int_or_string(struct decoder *d, const struct path *path, const char *struct_name,
				 const struct ds_yaml_node *node, struct ds_service_port *port)
{
	int64_t n = 0;

	if (ds_yaml_as_string(node, &port->target_text) == 0 && !is_null(node)) {
		port->target_is_text = true;
		return;
	}
	if (is_null(node) || ds_yaml_as_int(node, 32, &n) == 0) {
		port->target_number = (int32_t)n;
		return;
	}
	stop(d, path, struct_name, node, "int32");
}

static void decode_struct(struct decoder *d, const struct path *path, const struct struct_type *type,
			  const struct ds_yaml_node *node, void *base);

static void decode_ports(struct decoder *d, const struct path *path, const char *struct_name, const struct field *f,
			 const struct ds_yaml_node *node)
{
	struct ds_service *svc = d->svc;

	if (node->kind != DS_YAML_SEQUENCE) {
		type_error(d, path, struct_name, node, "[]", f->go_type);
		return;
	}
	svc->ports = ds_arena_new_array(d->arena, node->n, struct ds_service_port);
	svc->n_ports = 0;
	if (!svc->ports) {
		d->r = DS_ENOMEM;
		return;
	}
	for (size_t i = 0; i < node->n && !d->stopped; i++) {
		struct path here = {path, {NULL, 0}, i};
		struct ds_service_port *port = &svc->ports[svc->n_ports++];

		if (is_null(node->items[i]))
			continue;
		if (node->items[i]->kind != DS_YAML_MAPPING)
			type_error(d, path, struct_name, node->items[i], "", f->go_type);
		else
			decode_struct(d, &here, f->type, node->items[i], port);
	}
}

static void check_list(struct decoder *d, const struct path *path, const char *struct_name, const struct field *f,
		       const struct ds_yaml_node *node)
{
	if (node->kind != DS_YAML_SEQUENCE) {
		type_error(d, path, struct_name, node, "[]", f->go_type);
		return;
	}
	for (size_t i = 0; i < node->n; i++)
		if (!is_null(node->items[i]) && node->items[i]->kind != DS_YAML_MAPPING)
			type_error(d, path, struct_name, node->items[i], "", f->go_type);
}

static void decode_object(struct decoder *d, const struct path *path, const char *struct_name, const struct field *f,
			  const struct ds_yaml_node *node, void *base)
{
	if (f->kind == K_PTR_STRUCT)
		*(bool *)at(base, f->flag) = true;
	if (node->kind != DS_YAML_MAPPING)
		type_error(d, path, struct_name, node, "", f->go_type);
	else
		decode_struct(d, path, f->type, node, base);
}

static void decode_bool(struct decoder *d, const struct path *path, const char *struct_name, const struct field *f,
			const struct ds_yaml_node *node, void *base)
{
	bool value;

	if (f->kind == K_OPT_BOOL)
		*(bool *)at(base, f->flag) = true;
	if (ds_yaml_as_bool(node, &value) < 0)
		type_error(d, path, struct_name, node, "", f->go_type);
	else
		*(bool *)at(base, f->offset) = value;
}

static void decode_number(struct decoder *d, const struct path *path, const char *struct_name, const struct field *f,
			  const struct ds_yaml_node *node, void *base)
{
	int64_t value;

	if (f->kind == K_OPT_INT32)
		*(bool *)at(base, f->flag) = true;
	if (decode_int(d, path, struct_name, f, node, f->kind == K_INT64 ? 64 : 32, &value) && f->offset != NO_OFFSET)
		*(int32_t *)at(base, f->offset) = (int32_t)value;
}

static void decode_field(struct decoder *d, const struct path *path, const char *struct_name, const struct field *f,
			 const struct ds_yaml_node *node, void *base)
{
	void *target = f->offset == NO_OFFSET ? NULL : at(base, f->offset);
	struct ds_service_opt *opt;
	struct ds_str ignored;

	if (is_null(node) && f->kind != K_INT_OR_STRING)
		return;
	switch (f->kind) {
	case K_TIME: /* metav1.Time.UnmarshalJSON */
		if (ds_yaml_as_string(node, &ignored) < 0)
			stop(d, path, struct_name, node, f->go_type);
		break;
	case K_TEXT:
		decode_text(d, path, struct_name, f, node, target);
		break;
	case K_OPT:
		opt = target;
		opt->set = true;
		decode_text(d, path, struct_name, f, node, &opt->s);
		break;
	case K_TEXTS:
		decode_texts(d, path, struct_name, f, node, target);
		break;
	case K_MAP:
		decode_map(d, path, struct_name, f, node, target);
		break;
	case K_INT32:
	case K_OPT_INT32:
	case K_INT64:
		decode_number(d, path, struct_name, f, node, base);
		break;
	case K_BOOL:
	case K_OPT_BOOL:
		decode_bool(d, path, struct_name, f, node, base);
		break;
	case K_STRUCT:
	case K_PTR_STRUCT:
		decode_object(d, path, struct_name, f, node, base);
		break;
	case K_PORTS:
		decode_ports(d, path, struct_name, f, node);
		break;
	case K_INT_OR_STRING:
		decode_int_or_string(d, path, struct_name, node, base);
		break;
	case K_LIST:
		check_list(d, path, struct_name, f, node);
		break;
	case K_ANY:
		break;
	}
}

static const struct field *find_field(const struct decoder *d, const struct struct_type *type, struct ds_str name)
{
	for (size_t i = 0; i < type->n; i++) {
		const struct field *f = &type->fields[i];

		if (ds_str_eqz(name, f->name) && d->minor >= f->since && (f->until == 0 || d->minor <= f->until))
			return f;
	}
	return NULL;
}

static int by_key(const void *a, const void *b)
{
	const struct ds_yaml_pair *const *x = a, *const *y = b;
	int c = ds_str_cmp((*x)->key->text, (*y)->key->text);

	return c ? c : *x < *y ? -1 : *x > *y;
}

/*
 * The entries in the order of the request's body. JSON is sent as it stands;
 * YAML goes through kubectl, which sends JSON with sorted keys.
 */
static const struct ds_yaml_pair **in_order(struct decoder *d, const struct ds_yaml_node *node)
{
	const struct ds_yaml_pair **order = ds_arena_new_array(d->arena, node->n, const struct ds_yaml_pair *);

	if (!order) {
		d->r = DS_ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < node->n; i++)
		order[i] = &node->pairs[i];
	if (node->n && !(node->flags & DS_YAML_F_JSON))
		qsort(order, node->n, sizeof(const struct ds_yaml_pair *), by_key);
	return order;
}

/* The depth is that of the table: three structs at most. */
static void decode_struct(struct decoder *d, const struct path *path, const struct struct_type *type,
			  const struct ds_yaml_node *node, void *base)
{
	const struct ds_yaml_pair **order = in_order(d, node);

	for (size_t i = 0; order && i < node->n && !d->stopped; i++) {
		const struct ds_yaml_pair *pair = order[i];
		struct path here = {path, pair->key->text, 0};
		const struct field *f = find_field(d, type, pair->key->text);

		if (!here.name.p)
			here.name.p = "";
		if (is_repeated(pair))
			note(d, &here, "duplicate");
		if (f)
			decode_field(d, &here, type->name, f, pair->value, base);
		else if (!(pair->flags & DS_YAML_F_DUPLICATE))
			note(d, &here, "unknown");
	}
}

int ds_service_decode(struct ds_arena *a, const struct ds_yaml_node *root, unsigned minor, struct ds_service *ret)
{
	struct decoder d = {.arena = a, .svc = ret, .minor = minor};

	*ret = (struct ds_service){0};
	if (!root)
		return 0;
	if (root->kind != DS_YAML_MAPPING)
		return DS_ETYPE;
	decode_struct(&d, NULL, &service_type, root, ret);
	ret->decoding = (struct ds_service_decoding){.error = d.error, .lenient = d.lenient.v, .n_lenient = d.lenient.n};
	return d.r;
}
