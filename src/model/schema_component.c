#include "model/schema_priv.h"

#include "model/config_keys.h"

/* ---- what is wrong with a command line ---- */

static const struct ds_cel_field problem_fields[] = {
	{"flag", &ds_cel_type_string, "the flag as written, without dashes"},
	{"message", &ds_cel_type_string, "the component's own message"},
	{"nearest", &ds_cel_type_string, "a known flag that may have been meant, or ''"},
	{"otherVersions", &ds_cel_type_bool, "other versions of the component know the flag"},
};
const struct ds_cel_object_type ds_schema_problem_type = DS_SCHEMA_OBJECT(problem_fields, "flagProblem", "a flag the component refuses");
static const struct ds_cel_type problem_cel = {.kind = DS_CEL_OBJECT, .object = &ds_schema_problem_type};
static const struct ds_cel_type problem_list = {.kind = DS_CEL_LIST, .elem = &problem_cel};

static const struct ds_cel_field repeated_fields[] = {
	{"flag", &ds_cel_type_string, "the flag, without dashes"},
	{"values", &ds_cel_type_list_string, "its values in order; the last one counts"},
};
const struct ds_cel_object_type ds_schema_repeated_type =
	DS_SCHEMA_OBJECT(repeated_fields, "repeatedFlag", "a flag given more than once of which only the last counts");
static const struct ds_cel_type repeated_cel = {.kind = DS_CEL_OBJECT, .object = &ds_schema_repeated_type};
static const struct ds_cel_type repeated_list = {.kind = DS_CEL_LIST, .elem = &repeated_cel};

enum misplaced_field { M_PATH, M_BELONGS, M__COUNT };

static const struct ds_cel_field misplaced_fields[M__COUNT] = {
	[M_PATH] = {"path", &ds_cel_type_string, "where it stands: 'featureGates.clusterCIDR'"},
	[M_BELONGS] = {"belongs", &ds_cel_type_string, "the field that is read, or the flag where there is no field"},
};
const struct ds_cel_object_type ds_schema_misplaced_type = DS_SCHEMA_OBJECT(
	misplaced_fields, "misplacedKey", "a key of a configuration file that is called like a setting and not read");
static const struct ds_cel_type misplaced_cel = {.kind = DS_CEL_OBJECT, .object = &ds_schema_misplaced_type};
static const struct ds_cel_type misplaced_list = {.kind = DS_CEL_LIST, .elem = &misplaced_cel};

/* ---- what is configured beside what runs ---- */

static const struct ds_cel_field difference_fields[] = {
	{"source", &ds_cel_type_string, "where it is configured: 'static-pod', 'systemd-unit', 'kubeadm', …"},
	{"setting", &ds_cel_type_string, "'--service-cluster-ip-range', or the field of a configuration file"},
	{"running", &ds_cel_type_string, "its value as it runs; absent when it has none"},
	{"configured", &ds_cel_type_string, "its value as it is configured; absent when it has none"},
};
const struct ds_cel_object_type ds_schema_difference_type =
	DS_SCHEMA_OBJECT(difference_fields, "difference", "a setting that would be another after a restart");
static const struct ds_cel_type difference_cel = {.kind = DS_CEL_OBJECT, .object = &ds_schema_difference_type};
static const struct ds_cel_type difference_list = {.kind = DS_CEL_LIST, .elem = &difference_cel};

/* ---- components ---- */

enum common_field {
	C_COMPONENT,
	C_NODE,
	C_NODE_OBJECT,
	C_HOST,
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
	C_STARTUP_WARNINGS,
	C_MISPLACED,
	C_CONFIGURED,
	C_DIFFERENCES,
	C__COUNT
};

static const struct ds_cel_field common_fields[C__COUNT] = {
	[C_COMPONENT] = {"component", &ds_cel_type_string, "'kube-apiserver', …"},
	[C_NODE] = {"node", &ds_cel_type_string, "the node's name"},
	[C_NODE_OBJECT] = {"nodeObject", &ds_schema_node_cel, "the Node object of the node it runs on"},
	[C_HOST] = {"host", &ds_schema_host_cel, "the host it runs on, when it was looked at or is in a bundle"},
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
	[C_STARTUP_WARNINGS] = {"startupWarnings", &ds_cel_type_list_string, "what it warns of when it starts"},
	[C_MISPLACED] = {"misplacedKeys", &misplaced_list,
			 "keys of its configuration files called like a setting, where nothing reads them; not set "
			 "without such a file"},
	[C_CONFIGURED] = {"configured", &ds_cel_type_list_dyn,
			  "the same component as its manifest, unit or kubeadm has it: what would run after a restart"},
	[C_DIFFERENCES] = {"differences", &difference_list, "settings that would be others after a restart"},
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

const struct ds_schema_component ds_schema_components[] = {
	{DS_KUBE_APISERVER, "kubeApiserver", "apiServers", "one kube-apiserver"},
	{DS_KUBE_CONTROLLER_MANAGER, "kubeControllerManager", "controllerManagers", "one kube-controller-manager"},
	{DS_KUBE_PROXY, "kubeProxy", "kubeProxies", "one kube-proxy"},
	{DS_KUBELET, "kubelet", "kubelets", "one kubelet"},
	{DS_KUBEADM, "kubeadm", "kubeadmConfigs", "one kubeadm configuration"},
};
const size_t ds_schema_n_components = DS_ARRAY_SIZE(ds_schema_components);

const struct ds_cel_object_type *ds_schema_component_type(struct ds_arena *a, const struct ds_schema_component *row)
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
		if (rows[i].component == row->component)
			fields[n++] = (struct ds_cel_field){rows[i].field, &ds_schema_setting_cel_types[rows[i].kind], rows[i].doc};
	for (size_t i = 0; row->component == DS_KUBEADM && i < A__COUNT; i++)
		fields[n++] = kubeadm_fields[i];
	*t = (struct ds_cel_object_type){row->name, row->doc, fields, n};
	return t;
}

/* ---- values ---- */

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
		f[0] = ds_schema_string(e->flag);
		f[1] = ds_schema_string(e->message);
		f[2] = ds_schema_string(e->nearest);
		f[3] = ds_cel_bool(e->flag && ds_flag_find(cl->component, ds_str_from(e->flag)));
		v[i] = ds_schema_object(&ds_schema_problem_type, f, &e->loc);
	}
	*ret = ds_schema_list(v, cl->errors.n);
	return 0;
}

static int repeated_value(struct ds_arena *a, const struct ds_component_model *c, struct ds_cel_value *ret)
{
	struct ds_cel_value *v;
	size_t n = 0;

	for (size_t i = 0; i < c->n_settings; i++)
		n += c->settings[i].n_overridden > 0;
	v = ds_arena_new_array(a, n, struct ds_cel_value);
	if (!v)
		return DS_ENOMEM;
	n = 0;
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
		f[0] = ds_schema_string(s->row->flag);
		f[1] = ds_schema_list(values, s->n_overridden + 1);
		v[n++] = ds_schema_object(&ds_schema_repeated_type, f, &s->loc);
	}
	*ret = ds_schema_list(v, n);
	return 0;
}

/* kube-proxy: with --config the flags that the file can set count for nothing. */
static int hidden_value(struct ds_arena *a, const struct ds_component_model *c, struct ds_cel_value *ret)
{
	const struct ds_flag_use *config = ds_cmdline_last(&c->observed->cmdline, "config");
	DS_VEC(struct ds_cel_value) v = {0};

	for (size_t i = 0; config && config->value.n && i < c->n_settings; i++) {
		const struct ds_setting_row *row = c->settings[i].row;
		const struct ds_flag_use *use;
		struct ds_cel_value name = ds_schema_string(row->flag);

		use = row->flags & DS_SETTING_CONFIG_HIDES ? ds_cmdline_last(&c->observed->cmdline, row->flag) : NULL;
		if (!use)
			continue;
		name.loc = &use->loc;
		if (ds_vec_push(a, &v, name) < 0)
			return DS_ENOMEM;
	}
	*ret = ds_schema_list(v.v, v.n);
	return 0;
}

static int messages_value(struct ds_arena *a, const struct ds_verdict_msg *m, size_t n, struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, n, struct ds_cel_value);

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		v[i] = ds_schema_string(m[i].message);
		v[i].loc = &m[i].loc;
	}
	*ret = ds_schema_list(v, n);
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

static int file_unknown(struct ds_arena *a, const struct ds_observed *o, const struct ds_named_file *f,
			struct ds_cel_value *ret)
{
	const struct ds_flag_use *use = ds_cmdline_last(&o->cmdline, f->dropin ? "config-dir" : "config");

	return ds_schema_unknown(a,
				 ds_arena_printf(a, "it %s set in %s: %s", f->dropin ? "may be" : "is", f->path,
						 f->unavailable ? f->unavailable : "that file was not read"),
				 use ? &use->loc : &o->loc, ret);
}

static int misplaced_value(struct ds_arena *a, const struct ds_observed *o, struct ds_cel_value *ret)
{
	struct ds_misplaced_keys keys;
	struct ds_cel_value *v;

	*ret = (struct ds_cel_value){.kind = DS_CEL_ABSENT};
	if (o->files.n == 0)
		return 0;
	for (size_t i = 0; i < o->files.n; i++)
		if (!o->files.v[i].yaml)
			return file_unknown(a, o, &o->files.v[i], ret);
	if (ds_config_keys(a, o, &keys) < 0)
		return DS_ENOMEM;
	v = ds_arena_new_array(a, keys.v.n, struct ds_cel_value);
	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < keys.v.n; i++) {
		struct ds_cel_value *f = ds_arena_new_array(a, M__COUNT, struct ds_cel_value);

		if (!f)
			return DS_ENOMEM;
		f[M_PATH] = ds_schema_string(keys.v.v[i].path);
		f[M_BELONGS] = ds_schema_string(keys.v.v[i].belongs);
		v[i] = ds_schema_object(&ds_schema_misplaced_type, f, &keys.v.v[i].loc);
	}
	*ret = ds_schema_list(v, keys.v.n);
	return 0;
}

static int startup_values(struct ds_arena *a, const struct ds_component_model *c, struct ds_cel_value *fields)
{
	const struct ds_verdict *v = &c->verdict;
	int r = messages_value(a, v->errors.v, v->errors.n, &fields[C_STARTUP_ERRORS]);

	if (r == 0)
		r = messages_value(a, v->warnings.v, v->warnings.n, &fields[C_STARTUP_WARNINGS]);
	if (r < 0)
		return r;
	if (v->startup == DS_STARTUP_UNKNOWN)
		return ds_schema_unknown(a, v->reason ? v->reason : "it was not worked out", &c->observed->loc,
				     &fields[C_STARTS]);
	fields[C_STARTS] = ds_cel_bool(v->startup == DS_STARTUP_ACCEPTED);
	return 0;
}

static struct ds_cel_value setting_text(const struct ds_setting *s)
{
	struct ds_cel_value v = s->state == DS_SETTING_SET ? ds_cel_string(s->raw)
							   : (struct ds_cel_value){.kind = DS_CEL_ABSENT};

	v.loc = &s->loc;
	return v;
}

static int configured_values(struct ds_arena *a, const struct ds_component_model *c, struct ds_cel_value *f)
{
	struct ds_cel_value *all = ds_arena_new_array(a, c->configured.n, struct ds_cel_value);
	struct ds_cel_value *v = ds_arena_new_array(a, c->differences.n, struct ds_cel_value);

	if (!all || !v)
		return DS_ENOMEM;
	for (size_t i = 0; i < c->configured.n; i++)
		all[i] = c->configured.v[i]->value;
	f[C_CONFIGURED] = ds_schema_list(all, c->configured.n);
	for (size_t i = 0; i < c->differences.n; i++) {
		const struct ds_difference *d = &c->differences.v[i];
		struct ds_cel_value *fields = ds_arena_new_array(a, DS_ARRAY_SIZE(difference_fields), struct ds_cel_value);
		const struct ds_setting_row *row = d->configured->row;
		const char *name = row->flag ? ds_arena_printf(a, "--%s", row->flag) : row->config;

		if (!fields || !name)
			return DS_ENOMEM;
		fields[0] = ds_schema_string(ds_source_kind_name(d->configured_in->observed->kind));
		fields[1] = ds_schema_string(name);
		fields[2] = setting_text(d->running);
		fields[3] = setting_text(d->configured);
		v[i] = ds_schema_object(&ds_schema_difference_type, fields, fields[3].loc);
	}
	f[C_DIFFERENCES] = ds_schema_list(v, c->differences.n);
	if (c->differences.n > 0 || !c->undecided)
		return 0;
	return ds_schema_unknown(a, c->undecided->reason, &c->undecided->loc, &f[C_DIFFERENCES]);
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
		if (ds_schema_unknown(a, "only the configuration was seen, not the command line", &c->observed->loc,
				  &f[fields[i]]) < 0)
			return DS_ENOMEM;
	return 0;
}

int ds_schema_component_value(struct ds_arena *a, const struct ds_cel_object_type *t, struct ds_component_model *c)
{
	struct ds_cel_value *f = ds_arena_new_array(a, t->n_fields, struct ds_cel_value);
	const char *w = where(a, c);
	const char *version = ds_arena_printf(a, "%u.%u", c->version.major, c->version.minor);
	int r;

	if (!f || !w || !version)
		return DS_ENOMEM;
	f[C_COMPONENT] = ds_schema_string(ds_component_name(c->observed->component));
	f[C_NODE] = c->node ? ds_schema_string(c->node) : (struct ds_cel_value){.kind = DS_CEL_ABSENT};
	f[C_NODE_OBJECT] = (struct ds_cel_value){.kind = DS_CEL_ABSENT};
	if (c->node_object && ds_schema_node(a, c->node_object, &f[C_NODE_OBJECT]) < 0)
		return DS_ENOMEM;
	f[C_HOST] = c->host ? c->host->value : (struct ds_cel_value){.kind = DS_CEL_ABSENT};
	f[C_SOURCE] = ds_schema_string(ds_source_kind_name(c->observed->kind));
	f[C_WHERE] = ds_schema_string(w);
	f[C_MINOR] = ds_cel_int(c->version.minor);
	f[C_VERSION] = ds_schema_string(version);
	f[C_VERSION_KNOWN] = ds_cel_bool(c->version_origin != DS_VERSION_ASSUMED);
	r = c->observed->flags_unknown ? flags_unknown(a, c, f) : flag_values(a, c, f);
	if (r == 0)
		r = startup_values(a, c, f);
	if (r == 0)
		r = misplaced_value(a, c->observed, &f[C_MISPLACED]);
	if (r == 0)
		r = configured_values(a, c, f);
	for (size_t i = 0; r == 0 && i < c->n_settings; i++)
		r = ds_schema_setting(a, &c->settings[i], &f[C__COUNT + i]);
	if (r == 0 && c->observed->kubeadm)
		r = kubeadm_values(a, c, &f[C__COUNT]);
	for (size_t i = 0; i < C__COUNT; i++)
		if (!f[i].loc)
			f[i].loc = &c->observed->loc;
	c->value = ds_schema_object(t, f, &c->observed->loc);
	return r;
}
