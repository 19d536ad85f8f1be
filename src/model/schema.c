#include "model/schema.h"

#include "model/services.h"
#include "yaml/scalar.h"

/* ---- settings as rules see them ---- */

#define F_RAW {"raw", &ds_cel_type_string, "the text as written"}
#define F_ORIGIN {"origin", &ds_cel_type_string, "'flag', 'config' or 'default'"}
#define F_VALID {"valid", &ds_cel_type_bool, "the component can read it"}
#define F_ERROR {"error", &ds_cel_type_string, "what is wrong when it is not valid, else ''"}
#define F_ENTRIES {"entries", &ds_cel_type_list_string, "the elements as written"}
#define F_FAMILIES {"families", &ds_cel_type_list_string, "families of the elements, in order"}
#define F_BAD {"bad", &ds_cel_type_list_string, "elements that cannot be read"}

static const struct ds_cel_field cidrs_fields[] = {
	F_RAW, F_ORIGIN, F_VALID, F_ERROR, F_ENTRIES, F_BAD,
	{"cidrs", &ds_cel_type_list_cidr, "the networks the component uses, host bits cleared"},
	F_FAMILIES,
	{"hostBits", &ds_cel_type_list_string, "elements written with host bits set"},
};
static const struct ds_cel_field ips_fields[] = {
	F_RAW, F_ORIGIN, F_VALID, F_ERROR, F_ENTRIES, F_BAD,
	{"ips", &ds_cel_type_list_ip, "the addresses that can be read"},
	F_FAMILIES,
};
static const struct ds_cel_field ip_fields[] = {
	F_RAW, F_ORIGIN, F_VALID, F_ERROR,
	{"ip", &ds_cel_type_ip, "the address"},
	{"family", &ds_cel_type_string, "'IPv4' or 'IPv6'"},
};
static const struct ds_cel_field int_fields[] = {
	F_RAW, F_ORIGIN, F_VALID, F_ERROR, {"value", &ds_cel_type_int, "the number"},
};
static const struct ds_cel_field bool_fields[] = {
	F_RAW, F_ORIGIN, F_VALID, F_ERROR, {"value", &ds_cel_type_bool, "the boolean"},
};
static const struct ds_cel_field string_fields[] = {
	F_RAW, F_ORIGIN, {"value", &ds_cel_type_string, "the text"},
};
static const struct ds_cel_field strings_fields[] = {F_RAW, F_ORIGIN, F_ENTRIES};
static const struct ds_cel_field gates_fields[] = {
	F_RAW, F_ORIGIN, F_ENTRIES,
	{"enabled", &ds_cel_type_list_string, "gates set to true"},
	{"disabled", &ds_cel_type_list_string, "gates set to false"},
};

#define OBJECT(f, name, doc) {name, doc, f, DS_ARRAY_SIZE(f)}

static const struct ds_cel_object_type setting_types[DS_SETTING_KIND__COUNT] = {
	[DS_SETTING_CIDRS] = OBJECT(cidrs_fields, "cidrListSetting", "a comma-separated list of networks"),
	[DS_SETTING_IPS] = OBJECT(ips_fields, "ipListSetting", "a comma-separated list of addresses"),
	[DS_SETTING_IP] = OBJECT(ip_fields, "ipSetting", "one address"),
	[DS_SETTING_INT] = OBJECT(int_fields, "intSetting", "a number"),
	[DS_SETTING_BOOL] = OBJECT(bool_fields, "boolSetting", "a boolean"),
	[DS_SETTING_STRING] = OBJECT(string_fields, "stringSetting", "a text"),
	[DS_SETTING_STRINGS] = OBJECT(strings_fields, "stringListSetting", "a list of texts"),
	[DS_SETTING_GATES] = OBJECT(gates_fields, "featureGatesSetting", "feature gates"),
};

#define SETTING_TYPE(k) [k] = {.kind = DS_CEL_OBJECT, .object = &setting_types[k]}

static const struct ds_cel_type setting_cel_types[DS_SETTING_KIND__COUNT] = {
	SETTING_TYPE(DS_SETTING_CIDRS),  SETTING_TYPE(DS_SETTING_IPS),    SETTING_TYPE(DS_SETTING_IP),
	SETTING_TYPE(DS_SETTING_INT),    SETTING_TYPE(DS_SETTING_BOOL),   SETTING_TYPE(DS_SETTING_STRING),
	SETTING_TYPE(DS_SETTING_STRINGS), SETTING_TYPE(DS_SETTING_GATES),
};

/* ---- what is wrong with a command line ---- */

static const struct ds_cel_field problem_fields[] = {
	{"flag", &ds_cel_type_string, "the flag as written, without dashes"},
	{"message", &ds_cel_type_string, "the component's own message"},
	{"nearest", &ds_cel_type_string, "a known flag that may have been meant, or ''"},
	{"otherVersions", &ds_cel_type_bool, "other versions of the component know the flag"},
};
static const struct ds_cel_object_type problem_type = OBJECT(problem_fields, "flagProblem", "a flag the component refuses");
static const struct ds_cel_type problem_cel = {.kind = DS_CEL_OBJECT, .object = &problem_type};
static const struct ds_cel_type problem_list = {.kind = DS_CEL_LIST, .elem = &problem_cel};

static const struct ds_cel_field repeated_fields[] = {
	{"flag", &ds_cel_type_string, "the flag, without dashes"},
	{"values", &ds_cel_type_list_string, "its values in order; the last one counts"},
};
static const struct ds_cel_object_type repeated_type =
	OBJECT(repeated_fields, "repeatedFlag", "a flag given more than once of which only the last counts");
static const struct ds_cel_type repeated_cel = {.kind = DS_CEL_OBJECT, .object = &repeated_type};
static const struct ds_cel_type repeated_list = {.kind = DS_CEL_LIST, .elem = &repeated_cel};

/* ---- nodes ---- */

enum node_field { N_NAME, N_ADDRESSES, N_FAMILIES, N_POD_CIDRS, N__COUNT };

static const struct ds_cel_field node_fields[N__COUNT] = {
	[N_NAME] = {"name", &ds_cel_type_string, "metadata.name"},
	[N_ADDRESSES] = {"internalIPs", &ds_cel_type_list_ip, "status.addresses of type InternalIP"},
	[N_FAMILIES] = {"families", &ds_cel_type_list_string, "families of internalIPs, in order"},
	[N_POD_CIDRS] = {"podCIDRs", &ds_cel_type_list_cidr, "spec.podCIDRs"},
};
static const struct ds_cel_object_type node_type = OBJECT(node_fields, "node", "a Node object");
static const struct ds_cel_type node_cel = {.kind = DS_CEL_OBJECT, .object = &node_type};
static const struct ds_cel_type node_list = {.kind = DS_CEL_LIST, .elem = &node_cel};

/* ---- components ---- */

enum common_field {
	C_COMPONENT,
	C_NODE,
	C_NODE_OBJECT,
	C_SOURCE,
	C_WHERE,
	C_MINOR,
	C_VERSION,
	C_VERSION_KNOWN,
	C_FLAG_PROBLEMS,
	C_REPEATED,
	C_HIDDEN,
	C_POSITIONAL,
	C_STARTS,
	C_STARTUP_ERRORS,
	C__COUNT
};

static const struct ds_cel_field common_fields[C__COUNT] = {
	[C_COMPONENT] = {"component", &ds_cel_type_string, "'kube-apiserver', …"},
	[C_NODE] = {"node", &ds_cel_type_string, "the node's name"},
	[C_NODE_OBJECT] = {"nodeObject", &node_cel, "the Node object of the node it runs on"},
	[C_SOURCE] = {"source", &ds_cel_type_string, "'process', 'ps', 'static-pod', …"},
	[C_WHERE] = {"where", &ds_cel_type_string, "component and place, for messages"},
	[C_MINOR] = {"minor", &ds_cel_type_int, "Kubernetes minor version"},
	[C_VERSION] = {"version", &ds_cel_type_string, "Kubernetes version"},
	[C_VERSION_KNOWN] = {"versionKnown", &ds_cel_type_bool, "an input told the version; else the newest is assumed"},
	[C_FLAG_PROBLEMS] = {"flagProblems", &problem_list, "flags the command line parser refuses"},
	[C_REPEATED] = {"repeatedFlags", &repeated_list, "flags given twice of which only the last counts"},
	[C_HIDDEN] = {"hiddenFlags", &ds_cel_type_list_string, "flags that --config makes the component ignore"},
	[C_POSITIONAL] = {"positionalArguments", &ds_cel_type_int, "arguments that belong to no flag"},
	[C_STARTS] = {"starts", &ds_cel_type_bool, "the component would start with these settings"},
	[C_STARTUP_ERRORS] = {"startupErrors", &ds_cel_type_list_string, "the component's own refusals"},
};

/* Of a kubeadm configuration, behind the common fields. */
enum kubeadm_field {
	A_POD_SUBNET,
	A_SERVICE_SUBNET,
	A_ADVERTISE_ADDRESS,
	A_INIT_ERRORS,
	A_INIT_WARNINGS,
	A__COUNT
};

static const struct ds_cel_field kubeadm_fields[A__COUNT] = {
	[A_POD_SUBNET] = {"podSubnet", &ds_cel_type_string, "networking.podSubnet as written"},
	[A_SERVICE_SUBNET] = {"serviceSubnet", &ds_cel_type_string, "networking.serviceSubnet as written"},
	[A_ADVERTISE_ADDRESS] = {"advertiseAddress", &ds_cel_type_string,
				 "localAPIEndpoint.advertiseAddress as written"},
	[A_INIT_ERRORS] = {"initErrors", &ds_cel_type_list_string,
			   "what kubeadm init (or join) ends with; kubeadm config validate refuses more"},
	[A_INIT_WARNINGS] = {"initWarnings", &ds_cel_type_list_string, "what kubeadm init only warns of"},
};

static const struct {
	enum ds_component component;
	const char *name, *doc;
} component_names[] = {
	{DS_KUBE_APISERVER, "kubeApiserver", "one kube-apiserver"},
	{DS_KUBE_CONTROLLER_MANAGER, "kubeControllerManager", "one kube-controller-manager"},
	{DS_KUBE_PROXY, "kubeProxy", "one kube-proxy"},
	{DS_KUBELET, "kubelet", "one kubelet"},
	{DS_KUBEADM, "kubeadm", "one kubeadm configuration"},
};

static const struct ds_cel_object_type *component_type(struct ds_arena *a, size_t which)
{
	struct ds_cel_object_type *t = ds_arena_new_obj(a, struct ds_cel_object_type);
	size_t n_rows, n = 0;
	const struct ds_setting_row *rows = ds_setting_rows(&n_rows);
	struct ds_cel_field *fields = ds_arena_new_array(a, C__COUNT + A__COUNT + n_rows, struct ds_cel_field);

	if (!t || !fields)
		return NULL;
	for (; n < C__COUNT; n++)
		fields[n] = common_fields[n];
	for (size_t i = 0; i < n_rows; i++)
		if (rows[i].component == component_names[which].component)
			fields[n++] = (struct ds_cel_field){rows[i].field, &setting_cel_types[rows[i].kind], rows[i].doc};
	for (size_t i = 0; component_names[which].component == DS_KUBEADM && i < A__COUNT; i++)
		fields[n++] = kubeadm_fields[i];
	*t = (struct ds_cel_object_type){component_names[which].name, component_names[which].doc, fields, n};
	return t;
}

/* ---- the cluster ---- */

static const struct ds_cel_type service_cel = {.kind = DS_CEL_OBJECT, .object = &ds_service_type};
static const struct ds_cel_type service_list = {.kind = DS_CEL_LIST, .elem = &service_cel};

enum cluster_field {
	K_NAME,
	K_MINOR,
	K_API_SERVERS,
	K_CONTROLLER_MANAGERS,
	K_PROXIES,
	K_KUBELETS,
	K_KUBEADM,
	K_NODES,
	K_SERVICES,
	K_SERVICE_CIDRS,
	K_SERVICE_FAMILIES,
	K_POD_CIDRS,
	K_POD_FAMILIES,
	K_NODE_FAMILIES,
	K__COUNT
};

int ds_schema_init(struct ds_arena *a, struct ds_schema *ret)
{
	static const enum cluster_field lists[] = {K_API_SERVERS, K_CONTROLLER_MANAGERS, K_PROXIES, K_KUBELETS,
						  K_KUBEADM};
	static const char *const list_names[] = {"apiServers", "controllerManagers", "kubeProxies", "kubelets",
							"kubeadmConfigs"};
	struct ds_cel_object_type *cluster = ds_arena_new_obj(a, struct ds_cel_object_type);
	struct ds_cel_field *f = ds_arena_new_array(a, K__COUNT, struct ds_cel_field);
	struct ds_cel_type *types = ds_arena_new_array(a, 2 * DS_ARRAY_SIZE(lists), struct ds_cel_type);

	*ret = (struct ds_schema){.node = &node_type, .cluster = cluster};
	if (!cluster || !f || !types)
		return DS_ENOMEM;
	for (size_t i = 0; i < DS_ARRAY_SIZE(lists); i++) {
		const struct ds_cel_object_type *t = component_type(a, i);

		if (!t)
			return DS_ENOMEM;
		ret->components[component_names[i].component] = t;
		types[2 * i] = (struct ds_cel_type){.kind = DS_CEL_OBJECT, .object = t};
		types[2 * i + 1] = (struct ds_cel_type){.kind = DS_CEL_LIST, .elem = &types[2 * i]};
		f[lists[i]] = (struct ds_cel_field){list_names[i], &types[2 * i + 1], component_names[i].doc};
	}
	f[K_NAME] = (struct ds_cel_field){"name", &ds_cel_type_string, "the cluster's name in the report"};
	f[K_MINOR] = (struct ds_cel_field){"minor", &ds_cel_type_int, "Kubernetes minor version"};
	f[K_NODES] = (struct ds_cel_field){"nodes", &node_list, "Node objects"};
	f[K_SERVICES] = (struct ds_cel_field){"services", &service_list, "Service objects"};
	f[K_SERVICE_CIDRS] = (struct ds_cel_field){"serviceCIDRs", &ds_cel_type_list_cidr,
						   "Service ranges of the cluster, primary first"};
	f[K_SERVICE_FAMILIES] = (struct ds_cel_field){"serviceFamilies", &ds_cel_type_list_string, "their families"};
	f[K_POD_CIDRS] = (struct ds_cel_field){"podCIDRs", &ds_cel_type_list_cidr, "pod ranges of the cluster"};
	f[K_POD_FAMILIES] = (struct ds_cel_field){"podFamilies", &ds_cel_type_list_string, "their families"};
	f[K_NODE_FAMILIES] = (struct ds_cel_field){"nodeFamilies", &ds_cel_type_list_string,
						   "families of the nodes' addresses"};
	*cluster = (struct ds_cel_object_type){"cluster", "everything that was seen of one cluster", f, K__COUNT};
	ret->cluster_type = (struct ds_cel_type){.kind = DS_CEL_OBJECT, .object = cluster};
	return 0;
}

int ds_schema_types(struct ds_arena *a, const struct ds_schema *s, const struct ds_cel_object_type *const **ret,
		    size_t *ret_n)
{
	const struct ds_cel_object_type **v =
		ds_arena_new_array(a, DS_COMPONENT__COUNT + DS_SETTING_KIND__COUNT + 6, const struct ds_cel_object_type *);
	size_t n = 0;

	if (!v)
		return DS_ENOMEM;
	v[n++] = s->cluster;
	for (size_t i = 0; i < DS_COMPONENT__COUNT; i++)
		if (s->components[i])
			v[n++] = s->components[i];
	v[n++] = s->node;
	v[n++] = &ds_service_type;
	v[n++] = &ds_service_cause_type;
	for (size_t i = 0; i < DS_SETTING_KIND__COUNT; i++)
		v[n++] = &setting_types[i];
	v[n++] = &problem_type;
	v[n++] = &repeated_type;
	*ret = v;
	*ret_n = n;
	return 0;
}

/* ---- values ---- */

static struct ds_cel_value zstring(const char *z)
{
	return ds_cel_string(ds_str_from(z ? z : ""));
}

static struct ds_cel_value list(const struct ds_cel_value *v, size_t n)
{
	return (struct ds_cel_value){.kind = DS_CEL_LIST, .list = {v, n}};
}

static struct ds_cel_value object(const struct ds_cel_object_type *t, const struct ds_cel_value *fields,
				  const struct ds_loc *loc)
{
	return (struct ds_cel_value){.kind = DS_CEL_OBJECT, .loc = loc, .object = {t, fields}};
}

/* A fact nobody could see. NULL reason pointer from a failed allocation is the caller's to check. */
static int unknown_value(struct ds_arena *a, const char *reason, const struct ds_loc *loc, struct ds_cel_value *ret)
{
	struct ds_cel_error *e = ds_arena_new_obj(a, struct ds_cel_error);

	if (!e)
		return DS_ENOMEM;
	*e = (struct ds_cel_error){.message = reason, .missing = true};
	*ret = (struct ds_cel_value){.kind = DS_CEL_UNKNOWN, .loc = loc, .err = e};
	return 0;
}

static int family_list(struct ds_arena *a, const enum ds_family *v, size_t n, struct ds_cel_value *ret)
{
	struct ds_cel_value *items = ds_arena_new_array(a, n, struct ds_cel_value);

	if (!items)
		return DS_ENOMEM;
	for (size_t i = 0; i < n; i++)
		items[i] = zstring(ds_family_name(v[i]));
	*ret = list(items, n);
	return 0;
}

/* Lists over a setting's entries, chosen by what. */
enum entry_list { E_TEXT, E_BAD, E_VALUES, E_FAMILIES, E_HOST_BITS, E_TRUE, E_FALSE };

static bool gate_is(struct ds_str text, const char *want, struct ds_str *ret_name)
{
	size_t eq = ds_str_find(text, '=');

	*ret_name = ds_str_trim(ds_str_head(text, eq));
	return eq < text.n && ds_str_ieqz(ds_str_trim(ds_str_skip(text, eq + 1)), want);
}

static bool entry_value(const struct ds_setting *s, const struct ds_setting_entry *e, enum entry_list what,
			struct ds_cel_value *ret)
{
	bool cidrs = s->row->kind == DS_SETTING_CIDRS;
	struct ds_str name;

	switch (what) {
	case E_TEXT:
		*ret = ds_cel_string(e->text);
		return true;
	case E_BAD:
		*ret = ds_cel_string(e->text);
		return !e->valid;
	case E_VALUES:
		*ret = cidrs ? (struct ds_cel_value){.kind = DS_CEL_CIDR, .cidr = ds_cidr_masked(&e->cidr)}
			     : (struct ds_cel_value){.kind = DS_CEL_IP, .ip = e->ip};
		return e->valid;
	case E_FAMILIES:
		*ret = zstring(ds_family_name(cidrs ? e->cidr.ip.family : e->ip.family));
		return e->valid;
	case E_HOST_BITS:
		*ret = ds_cel_string(e->text);
		return e->valid && ds_cidr_has_host_bits(&e->cidr);
	case E_TRUE:
	case E_FALSE:
		if (!gate_is(e->text, what == E_TRUE ? "true" : "false", &name))
			return false;
		*ret = ds_cel_string(name);
		return true;
	}
	return false;
}

static int entry_list(struct ds_arena *a, const struct ds_setting *s, enum entry_list what, struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, s->n_entries, struct ds_cel_value);
	size_t n = 0;

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < s->n_entries; i++)
		if (entry_value(s, &s->entries[i], what, &v[n]))
			v[n++].loc = &s->loc;
	*ret = list(v, n);
	ret->loc = &s->loc;
	return 0;
}

/* A value that exists only when the component can read the setting. */
static int if_valid(struct ds_arena *a, const struct ds_setting *s, struct ds_cel_value good, struct ds_cel_value *ret)
{
	const char *reason;

	*ret = good;
	ret->loc = &s->loc;
	if (s->valid)
		return 0;
	reason = ds_arena_printf(a, "its text cannot be read: %s", s->error ? s->error : "invalid");
	return reason ? unknown_value(a, reason, &s->loc, ret) : DS_ENOMEM;
}

static int list_if_valid(struct ds_arena *a, const struct ds_setting *s, enum entry_list what, struct ds_cel_value *ret)
{
	struct ds_cel_value v;
	int r = entry_list(a, s, what, &v);

	if (r < 0)
		return r;
	if (s->row->flags & DS_SETTING_DROP_BAD) {
		*ret = v;
		return 0;
	}
	return if_valid(a, s, v, ret);
}

static int setting_field(struct ds_arena *a, const struct ds_setting *s, const char *name, struct ds_cel_value *ret)
{
	static const struct {
		const char *name;
		enum entry_list what;
		bool needs_valid;
	} lists[] = {
		{"entries", E_TEXT, false},    {"bad", E_BAD, false},         {"cidrs", E_VALUES, true},
		{"ips", E_VALUES, true},       {"families", E_FAMILIES, true}, {"hostBits", E_HOST_BITS, false},
		{"enabled", E_TRUE, false},    {"disabled", E_FALSE, false},
	};
	const struct ds_setting_entry *first = s->n_entries ? &s->entries[0] : NULL;

	for (size_t i = 0; i < DS_ARRAY_SIZE(lists); i++)
		if (strcmp(name, lists[i].name) == 0)
			return lists[i].needs_valid ? list_if_valid(a, s, lists[i].what, ret)
						    : entry_list(a, s, lists[i].what, ret);
	*ret = (struct ds_cel_value){.kind = DS_CEL_ABSENT};
	if (strcmp(name, "raw") == 0)
		*ret = ds_cel_string(s->raw);
	else if (strcmp(name, "origin") == 0)
		*ret = zstring(ds_setting_origin_name(s->origin));
	else if (strcmp(name, "valid") == 0)
		*ret = ds_cel_bool(s->valid);
	else if (strcmp(name, "error") == 0)
		*ret = zstring(s->error);
	else if (strcmp(name, "ip") == 0 && first)
		return if_valid(a, s, (struct ds_cel_value){.kind = DS_CEL_IP, .ip = first->ip}, ret);
	else if (strcmp(name, "family") == 0 && first)
		return if_valid(a, s, zstring(ds_family_name(first->ip.family)), ret);
	else if (strcmp(name, "value") == 0 && s->row->kind == DS_SETTING_INT)
		return if_valid(a, s, ds_cel_int(s->integer), ret);
	else if (strcmp(name, "value") == 0 && s->row->kind == DS_SETTING_BOOL)
		return if_valid(a, s, ds_cel_bool(s->boolean), ret);
	else if (strcmp(name, "value") == 0)
		*ret = ds_cel_string(s->raw);
	ret->loc = &s->loc;
	return 0;
}

static int setting_value(struct ds_arena *a, const struct ds_setting *s, struct ds_cel_value *ret)
{
	const struct ds_cel_object_type *t = &setting_types[s->row->kind];
	struct ds_cel_value *fields;

	if (s->state == DS_SETTING_ABSENT) {
		*ret = (struct ds_cel_value){.kind = DS_CEL_ABSENT, .loc = &s->loc};
		return 0;
	}
	if (s->state == DS_SETTING_UNKNOWN)
		return unknown_value(a, s->reason, &s->loc, ret);
	fields = ds_arena_new_array(a, t->n_fields, struct ds_cel_value);
	if (!fields)
		return DS_ENOMEM;
	for (size_t i = 0; i < t->n_fields; i++) {
		int r = setting_field(a, s, t->fields[i].name, &fields[i]);

		if (r < 0)
			return r;
	}
	*ret = object(t, fields, &s->loc);
	return 0;
}

static int problems_value(struct ds_arena *a, const struct ds_cmdline *cl, struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, cl->errors.n, struct ds_cel_value);

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < cl->errors.n; i++) {
		const struct ds_flag_error *e = &cl->errors.v[i];
		struct ds_cel_value *f = ds_arena_new_array(a, DS_ARRAY_SIZE(problem_fields), struct ds_cel_value);

		if (!f)
			return DS_ENOMEM;
		f[0] = zstring(e->flag);
		f[1] = zstring(e->message);
		f[2] = zstring(e->nearest);
		f[3] = ds_cel_bool(e->flag && ds_flag_find(cl->component, ds_str_from(e->flag)));
		v[i] = object(&problem_type, f, &e->loc);
	}
	*ret = list(v, cl->errors.n);
	return 0;
}

static int repeated_value(struct ds_arena *a, const struct ds_component_model *c, struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, c->n_settings, struct ds_cel_value);
	size_t n = 0;

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < c->n_settings; i++) {
		const struct ds_setting *s = &c->settings[i];
		struct ds_cel_value *f, *values;

		if (s->n_overridden == 0)
			continue;
		f = ds_arena_new_array(a, DS_ARRAY_SIZE(repeated_fields), struct ds_cel_value);
		values = ds_arena_new_array(a, s->n_overridden + 1, struct ds_cel_value);
		if (!f || !values)
			return DS_ENOMEM;
		for (size_t k = 0; k < s->n_overridden; k++) {
			values[k] = ds_cel_string(s->overridden[k]->value);
			values[k].loc = &s->overridden[k]->loc;
		}
		values[s->n_overridden] = ds_cel_string(s->raw);
		f[0] = zstring(s->row->flag);
		f[1] = list(values, s->n_overridden + 1);
		v[n++] = object(&repeated_type, f, &s->loc);
	}
	*ret = list(v, n);
	return 0;
}

/* kube-proxy: with --config the flags that the file can set count for nothing. */
static int hidden_value(struct ds_arena *a, const struct ds_component_model *c, struct ds_cel_value *ret)
{
	const struct ds_flag_use *config = ds_cmdline_last(&c->observed->cmdline, "config");
	struct ds_cel_value *v = ds_arena_new_array(a, c->n_settings, struct ds_cel_value);
	size_t n = 0;

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; config && config->value.n && i < c->n_settings; i++) {
		const struct ds_setting_row *row = c->settings[i].row;
		const struct ds_flag_use *use;

		use = row->flags & DS_SETTING_CONFIG_HIDES ? ds_cmdline_last(&c->observed->cmdline, row->flag) : NULL;
		if (!use)
			continue;
		v[n] = zstring(row->flag);
		v[n++].loc = &use->loc;
	}
	*ret = list(v, n);
	return 0;
}

static int messages_value(struct ds_arena *a, const struct ds_verdict_msg *m, size_t n, struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, n, struct ds_cel_value);

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		v[i] = zstring(m[i].message);
		v[i].loc = &m[i].loc;
	}
	*ret = list(v, n);
	return 0;
}

static int kubeadm_values(struct ds_arena *a, const struct ds_component_model *c, struct ds_cel_value *fields)
{
	const struct ds_kubeadm_result *k = c->observed->kubeadm;
	const struct ds_kubeadm_value *texts[] = {
		[A_POD_SUBNET] = &k->pod_subnet,
		[A_SERVICE_SUBNET] = &k->service_subnet,
		[A_ADVERTISE_ADDRESS] = &k->advertise_address,
	};
	int r;

	for (size_t i = 0; i < DS_ARRAY_SIZE(texts); i++) {
		fields[i] = texts[i]->set ? ds_cel_string(texts[i]->text) : (struct ds_cel_value){.kind = DS_CEL_ABSENT};
		fields[i].loc = &texts[i]->loc;
	}
	r = messages_value(a, k->init.errors.v, k->init.errors.n, &fields[A_INIT_ERRORS]);
	if (r == 0)
		r = messages_value(a, k->init.warnings.v, k->init.warnings.n, &fields[A_INIT_WARNINGS]);
	return r;
}

static int startup_values(struct ds_arena *a, const struct ds_component_model *c, struct ds_cel_value *fields)
{
	const struct ds_verdict *v = &c->verdict;
	int r = messages_value(a, v->errors.v, v->errors.n, &fields[C_STARTUP_ERRORS]);

	if (r < 0)
		return r;
	if (v->startup == DS_STARTUP_UNKNOWN)
		return unknown_value(a, v->reason ? v->reason : "it was not worked out", &c->observed->loc,
				     &fields[C_STARTS]);
	fields[C_STARTS] = ds_cel_bool(v->startup == DS_STARTUP_ACCEPTED);
	return 0;
}

static int node_strings(struct ds_arena *a, const struct ds_yaml_node *n, bool cidrs, struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, n ? n->n : 0, struct ds_cel_value);
	size_t k = 0;

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; n && n->kind == DS_YAML_SEQUENCE && i < n->n; i++) {
		const struct ds_yaml_node *e = n->items[i];
		struct ds_str type, text = e->text;

		if (!cidrs && (ds_yaml_as_string(ds_yaml_get(e, "type"), &type) < 0 || !ds_str_eqz(type, "InternalIP") ||
			       ds_yaml_as_string(ds_yaml_get(e, "address"), &text) < 0))
			continue;
		v[k].kind = cidrs ? DS_CEL_CIDR : DS_CEL_IP;
		if (cidrs ? ds_cidr_parse(text, DS_IP_SLOPPY, &v[k].cidr) == 0
			  : ds_ip_parse(text, DS_IP_SLOPPY, &v[k].ip) == 0)
			k++;
	}
	*ret = list(v, k);
	return 0;
}

static int node_value(struct ds_arena *a, const struct ds_object *o, struct ds_cel_value *ret)
{
	struct ds_cel_value *f = ds_arena_new_array(a, N__COUNT, struct ds_cel_value);
	const struct ds_yaml_node *cidrs = ds_yaml_path(o->node, "spec", "podCIDRs", NULL);
	struct ds_loc *loc = ds_arena_new_obj(a, struct ds_loc);
	enum ds_family families[2];
	size_t n = 0;
	int r;

	if (!f || !loc)
		return DS_ENOMEM;
	*loc = ds_yaml_loc(a, o->input, o->node);
	f[N_NAME] = zstring(o->name);
	r = node_strings(a, ds_yaml_path(o->node, "status", "addresses", NULL), false, &f[N_ADDRESSES]);
	if (r == 0)
		r = node_strings(a, cidrs, true, &f[N_POD_CIDRS]);
	if (r < 0)
		return r;
	for (size_t i = 0; i < f[N_ADDRESSES].list.n && n < 2; i++) {
		enum ds_family fam = f[N_ADDRESSES].list.v[i].ip.family;

		if (n == 0 || families[0] != fam)
			families[n++] = fam;
	}
	*ret = object(&node_type, f, loc);
	return family_list(a, families, n, &f[N_FAMILIES]);
}

static const char *where(struct ds_arena *a, const struct ds_component_model *c)
{
	const char *name = ds_component_name(c->observed->component);

	if (c->node)
		return ds_arena_printf(a, "%s on %s", name, c->node);
	if (c->observed->pid)
		return ds_arena_printf(a, "%s (pid %d)", name, (int)c->observed->pid);
	return ds_arena_strdup(a, name);
}

/* What only a command line tells. */
static int flag_values(struct ds_arena *a, const struct ds_component_model *c, struct ds_cel_value *f)
{
	int r = problems_value(a, &c->observed->cmdline, &f[C_FLAG_PROBLEMS]);

	f[C_POSITIONAL] = ds_cel_int((int64_t)c->observed->cmdline.n_positional);
	if (r == 0)
		r = repeated_value(a, c, &f[C_REPEATED]);
	return r < 0 ? r : hidden_value(a, c, &f[C_HIDDEN]);
}

static int flags_unknown(struct ds_arena *a, const struct ds_component_model *c, struct ds_cel_value *f)
{
	static const int fields[] = {C_POSITIONAL, C_FLAG_PROBLEMS, C_REPEATED, C_HIDDEN};

	for (size_t i = 0; i < DS_ARRAY_SIZE(fields); i++)
		if (unknown_value(a, "only the configuration was seen, not the command line", &c->observed->loc,
				  &f[fields[i]]) < 0)
			return DS_ENOMEM;
	return 0;
}

static int component_value(struct ds_arena *a, const struct ds_schema *s, struct ds_component_model *c)
{
	const struct ds_cel_object_type *t = s->components[c->observed->component];
	struct ds_cel_value *f = ds_arena_new_array(a, t->n_fields, struct ds_cel_value);
	const char *w = where(a, c);
	const char *version = ds_arena_printf(a, "%u.%u", c->version.major, c->version.minor);
	int r;

	if (!f || !w || !version)
		return DS_ENOMEM;
	f[C_COMPONENT] = zstring(ds_component_name(c->observed->component));
	f[C_NODE] = c->node ? zstring(c->node) : (struct ds_cel_value){.kind = DS_CEL_ABSENT};
	f[C_NODE_OBJECT] = (struct ds_cel_value){.kind = DS_CEL_ABSENT};
	if (c->node_object && node_value(a, c->node_object, &f[C_NODE_OBJECT]) < 0)
		return DS_ENOMEM;
	f[C_SOURCE] = zstring(ds_source_kind_name(c->observed->kind));
	f[C_WHERE] = zstring(w);
	f[C_MINOR] = ds_cel_int(c->version.minor);
	f[C_VERSION] = zstring(version);
	f[C_VERSION_KNOWN] = ds_cel_bool(c->version_origin != DS_VERSION_ASSUMED);
	r = c->observed->flags_unknown ? flags_unknown(a, c, f) : flag_values(a, c, f);
	if (r == 0)
		r = startup_values(a, c, f);
	for (size_t i = 0; r == 0 && i < c->n_settings; i++)
		r = setting_value(a, &c->settings[i], &f[C__COUNT + i]);
	if (r == 0 && c->observed->kubeadm)
		r = kubeadm_values(a, c, &f[C__COUNT]);
	for (size_t i = 0; i < C__COUNT; i++)
		if (!f[i].loc)
			f[i].loc = &c->observed->loc;
	c->value = object(t, f, &c->observed->loc);
	return r;
}

static int nodes_value(struct ds_arena *a, const struct ds_cluster *c, struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, c->objects.n, struct ds_cel_value);
	size_t n = 0;

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < c->objects.n; i++) {
		if (strcmp(c->objects.v[i]->kind, "Node") != 0)
			continue;
		if (node_value(a, c->objects.v[i], &v[n++]) < 0)
			return DS_ENOMEM;
	}
	*ret = list(v, n);
	return 0;
}

static int ranges_value(struct ds_arena *a, const struct ds_ranges *r, struct ds_cel_value *ret)
{
	struct ds_cel_value *v;

	if (!r->known)
		return unknown_value(a, r->reason, NULL, ret);
	v = ds_arena_new_array(a, r->n, struct ds_cel_value);
	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < r->n; i++)
		v[i] = (struct ds_cel_value){.kind = DS_CEL_CIDR, .loc = &r->loc, .cidr = r->v[i]};
	*ret = list(v, r->n);
	ret->loc = &r->loc;
	return 0;
}

static int families_value(struct ds_arena *a, const struct ds_families *f, struct ds_cel_value *ret)
{
	int r;

	if (!f->known)
		return unknown_value(a, f->reason, NULL, ret);
	r = family_list(a, f->v, f->n, ret);
	ret->loc = &f->loc;
	return r;
}

static int components_value(struct ds_arena *a, const struct ds_cluster *c, enum ds_component which,
			    struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, c->components.n, struct ds_cel_value);
	size_t n = 0;

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < c->components.n; i++)
		if (c->components.v[i]->observed->component == which)
			v[n++] = c->components.v[i]->value;
	*ret = list(v, n);
	return 0;
}

static int services_value(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	struct ds_services *s = ds_arena_new_obj(a, struct ds_services);
	int r = s ? ds_services_init(a, c, s) : DS_ENOMEM;

	c->service_judge = s;
	return r < 0 ? r : ds_services_value(a, s, ret);
}

int ds_schema_values(struct ds_arena *a, const struct ds_schema *s, struct ds_cluster *c)
{
	struct ds_cel_value *f = ds_arena_new_array(a, K__COUNT, struct ds_cel_value);
	int r = f ? 0 : DS_ENOMEM;

	for (size_t i = 0; r == 0 && i < c->components.n; i++)
		r = component_value(a, s, c->components.v[i]);
	if (r < 0)
		return r;
	f[K_NAME] = zstring(c->name);
	f[K_MINOR] = ds_cel_int(c->version.minor);
	if ((r = components_value(a, c, DS_KUBE_APISERVER, &f[K_API_SERVERS])) < 0 ||
	    (r = components_value(a, c, DS_KUBE_CONTROLLER_MANAGER, &f[K_CONTROLLER_MANAGERS])) < 0 ||
	    (r = components_value(a, c, DS_KUBE_PROXY, &f[K_PROXIES])) < 0 ||
	    (r = components_value(a, c, DS_KUBELET, &f[K_KUBELETS])) < 0 ||
	    (r = components_value(a, c, DS_KUBEADM, &f[K_KUBEADM])) < 0 ||
	    (r = nodes_value(a, c, &f[K_NODES])) < 0 ||
	    (r = services_value(a, c, &f[K_SERVICES])) < 0 ||
	    (r = ranges_value(a, &c->services, &f[K_SERVICE_CIDRS])) < 0 ||
	    (r = families_value(a, &c->service_families, &f[K_SERVICE_FAMILIES])) < 0 ||
	    (r = ranges_value(a, &c->pods, &f[K_POD_CIDRS])) < 0 ||
	    (r = families_value(a, &c->pod_families, &f[K_POD_FAMILIES])) < 0 ||
	    (r = families_value(a, &c->node_families, &f[K_NODE_FAMILIES])) < 0)
		return r;
	c->value = object(s->cluster, f, NULL);
	return 0;
}
