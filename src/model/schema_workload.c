#include "model/schema_priv.h"

#include "model/services.h"
#include "yaml/scalar.h"

/*
 * Pods and what makes Pods, whatever runs in them: which of their own
 * addresses they ask for, whom their probes call, and what host-network Pods
 * have of their node's addresses.
 */

enum ref_field { F_FIELD, F_CONTAINER, F_ENV, F_PATH, F__COUNT };

static const struct ds_cel_field ref_fields[F__COUNT] = {
    [F_FIELD] = {"field",     &ds_cel_type_string,
		 "the field as the API server names it: 'spec.containers[0].env[1].valueFrom.fieldRef.fieldPath'"},
    [F_CONTAINER] = {"container", &ds_cel_type_string, "name of the container"                                       },
    [F_ENV] = {"env",       &ds_cel_type_string, "name of the environment variable"                            },
    [F_PATH] = {"path",      &ds_cel_type_string, "the fieldPath as written: 'status.podIP'"                    },
};
const struct ds_cel_object_type ds_schema_address_ref_type = DS_SCHEMA_OBJECT(
    ref_fields, "addressRef", "an environment variable that is set to addresses of the Pod or its host");
static const struct ds_cel_type ref_cel = DS_SCHEMA_OF(ds_schema_address_ref_type);
static const struct ds_cel_type ref_list = DS_SCHEMA_LIST_OF(ref_cel);

enum probe_field { B_CONTAINER, B_PROBE, B_HOST, B_BIND, B__COUNT };

static const struct ds_cel_field probe_fields[B__COUNT] = {
    [B_CONTAINER] = {"container",   &ds_cel_type_string, "name of the container"                              },
    [B_PROBE] = {"probe",       &ds_cel_type_string, "'livenessProbe', 'readinessProbe' or 'startupProbe'"},
    [B_HOST] = {"host",        &ds_cel_type_string, "the host that the kubelet calls, as written"        },
    [B_BIND] = {"bindAddress", &ds_cel_type_string, "the container's --bind-address as written"          },
};
const struct ds_cel_object_type ds_schema_probe_type = DS_SCHEMA_OBJECT(
    probe_fields, "hostProbe", "a probe that names its host, of a component of Kubernetes with --bind-address");
static const struct ds_cel_type probe_cel = DS_SCHEMA_OF(ds_schema_probe_type);
static const struct ds_cel_type probe_list = DS_SCHEMA_LIST_OF(probe_cel);

enum workload_field {
	W_KIND,
	W_NAME,
	W_NAMESPACE,
	W_WHERE,
	W_REFS,
	W_SINGLE,
	W_PROBES,
	W_POD_IPS,
	W_NODE_IPS,
	W__COUNT
};

static const struct ds_cel_field workload_fields[W__COUNT] = {
    [W_KIND] = {"kind",        &ds_cel_type_string,      "'Pod', 'Deployment', …"                                                 },
    [W_NAME] = {"name",        &ds_cel_type_string,      "metadata.name"							    },
    [W_NAMESPACE] = {"namespace",   &ds_cel_type_string,      "metadata.namespace, or 'default'"                                         },
    [W_WHERE] = {"where",       &ds_cel_type_string,      "kind, namespace and name, for messages"                                   },
    [W_REFS] = {"addressRefs", &ref_list,
		"environment variables with addresses of the Pod or its host (status.podIP, …); empty where the "
		"object that made this one, or an earlier one of the same, shows them"                                              },
    [W_SINGLE] = {"singleRefs",  &ref_list,                "of these, status.podIP and status.hostIP in containers without the plural"},
    [W_PROBES] = {"hostProbes",  &probe_list,              "probes with a host, of components with --bind-address"                    },
    [W_POD_IPS] = {"hostPodIPs",  &ds_cel_type_list_string,
                "status.podIPs of a Pod on the host's network; not set for others"                                                  },
    [W_NODE_IPS] =
	{"nodeIPs",     &ds_cel_type_list_string,
		"with hostPodIPs: its Node's first InternalIP and the first of the other family; not set without the Node"          },
};
const struct ds_cel_object_type ds_schema_workload_type =
    DS_SCHEMA_OBJECT(workload_fields, "workload", "a Pod, or what makes Pods");
static const struct ds_cel_type workload_cel = DS_SCHEMA_OF(ds_schema_workload_type);
const struct ds_cel_type ds_schema_workload_list = DS_SCHEMA_LIST_OF(workload_cel);

static const struct pod_path {
	const char *kind, *spec; /* where the Pod's spec is */
} paths[] = {
    {"Pod",     "spec"			       },
    {"CronJob", "spec.jobTemplate.spec.template.spec"},
    {NULL,      "spec.template.spec"                 },
};

static const struct ds_yaml_node *pod_spec(const struct ds_object *o, const char **ret_path)
{
	size_t i = 0;

	while (paths[i].kind && strcmp(paths[i].kind, o->kind) != 0)
		i++;
	*ret_path = paths[i].spec;
	if (i == 0)
		return ds_yaml_get(o->node, "spec");
	if (i == 1)
		return ds_yaml_path(o->node, "spec", "jobTemplate", "spec", "template", "spec", NULL);
	return ds_yaml_path(o->node, "spec", "template", "spec", NULL);
}

static struct ds_str text_of(const struct ds_yaml_node *n)
{
	struct ds_str text;

	return n && ds_yaml_as_string(n, &text) == 0 ? text : (struct ds_str){0};
}

static bool is_list(const struct ds_yaml_node *n)
{
	return n && n->kind == DS_YAML_SEQUENCE;
}

/* ---- one workload ---- */

struct reading {
	struct ds_arena *a;
	const struct ds_object *o;
	const char *path; /* of the Pod's spec */
	const char *list; /* "containers" */
	size_t container;
	const struct ds_yaml_node *node; /* the container */
	DS_VEC(struct ds_cel_value) refs, single, probes;
};

static int ref_value(struct reading *rd, size_t i, const struct ds_yaml_node *env, const struct ds_yaml_node *path,
		     struct ds_cel_value *ret)
{
	struct ds_cel_value *f = ds_arena_new_array(rd->a, F__COUNT, struct ds_cel_value);
	const struct ds_loc *loc = ds_schema_place(rd->a, rd->o, path);
	const char *field = ds_arena_printf(rd->a, "%s.%s[%zu].env[%zu].valueFrom.fieldRef.fieldPath", rd->path,
					    rd->list, rd->container, i);

	if (!f || !loc || !field)
		return DS_ENOMEM;
	f[F_FIELD] = ds_schema_string(field);
	f[F_CONTAINER] = ds_cel_string(text_of(ds_yaml_get(rd->node, "name")));
	f[F_ENV] = ds_cel_string(text_of(ds_yaml_get(env, "name")));
	f[F_PATH] = ds_cel_string(text_of(path));
	for (size_t k = 0; k < F__COUNT; k++)
		f[k].loc = loc;
	*ret = ds_schema_object(&ds_schema_address_ref_type, f, loc);
	return 0;
}

/* "status.podIP", "status.hostIPs[0]", "status.podIp": about addresses, right or wrong. */
static bool is_address_path(struct ds_str path)
{
	return ds_str_starts(path, "status.") &&
	       (ds_str_starts(ds_str_skip(path, 7), "podI") || ds_str_starts(ds_str_skip(path, 7), "hostI"));
}

static int read_env(struct reading *rd)
{
	const struct ds_yaml_node *env = ds_yaml_get(rd->node, "env");
	size_t first = rd->refs.n;
	bool all[2] = {false, false}; /* the container knows podIPs, hostIPs */

	for (size_t i = 0; is_list(env) && i < env->n; i++) {
		const struct ds_yaml_node *path =
		    ds_yaml_path(env->items[i], "valueFrom", "fieldRef", "fieldPath", NULL);
		struct ds_cel_value *v;

		if (!is_address_path(text_of(path)))
			continue;
		all[0] |= ds_str_eqz(text_of(path), "status.podIPs");
		all[1] |= ds_str_eqz(text_of(path), "status.hostIPs");
		v = ds_vec_add(rd->a, &rd->refs);
		if (!v || ref_value(rd, i, env->items[i], path, v) < 0)
			return DS_ENOMEM;
	}
	for (size_t i = first; i < rd->refs.n; i++) {
		struct ds_str path = rd->refs.v[i].object.fields[F_PATH].s;

		if (((ds_str_eqz(path, "status.podIP") && !all[0]) || (ds_str_eqz(path, "status.hostIP") && !all[1])) &&
		    ds_vec_push(rd->a, &rd->single, rd->refs.v[i]) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

/* The last --bind-address in a list of arguments, as "--bind-address=x" or "--bind-address", "x". */
static void find_bind(const struct ds_yaml_node *list, struct ds_str *ret)
{
	static const char flag[] = "--bind-address";

	for (size_t i = 0; is_list(list) && i < list->n; i++) {
		struct ds_str arg = text_of(list->items[i]);

		if (ds_str_eqz(arg, flag) && i + 1 < list->n)
			*ret = text_of(list->items[i + 1]);
		else if (ds_str_starts(arg, flag) && ds_str_starts(ds_str_skip(arg, sizeof(flag) - 1), "="))
			*ret = ds_str_skip(arg, sizeof(flag));
	}
}

/* Kubernetes' own components, of which it is known what the flag means. */
static bool is_component(const struct ds_yaml_node *container)
{
	const struct ds_yaml_node *command = ds_yaml_get(container, "command");
	struct ds_str word = is_list(command) && command->n ? text_of(command->items[0]) : (struct ds_str){0};
	enum ds_component c = ds_component_from_name(ds_str_basename(word));

	return c == DS_KUBE_APISERVER || c == DS_KUBE_CONTROLLER_MANAGER || c == DS_KUBE_SCHEDULER ||
	       c == DS_CLOUD_CONTROLLER_MANAGER;
}

static int add_probe(struct reading *rd, const char *probe, const struct ds_yaml_node *host, struct ds_str bind)
{
	struct ds_cel_value *f = ds_arena_new_array(rd->a, B__COUNT, struct ds_cel_value);
	struct ds_cel_value *v = ds_vec_add(rd->a, &rd->probes);
	const struct ds_loc *loc = ds_schema_place(rd->a, rd->o, host);
	int r = 0;

	if (!f || !v || !loc)
		return DS_ENOMEM;
	f[B_CONTAINER] = ds_cel_string(text_of(ds_yaml_get(rd->node, "name")));
	f[B_PROBE] = ds_schema_string(probe);
	f[B_HOST] = ds_cel_string(text_of(host));
	f[B_BIND] = ds_cel_string(bind);
	for (size_t i = 0; i < B__COUNT; i++)
		f[i].loc = loc;
	if (ds_services_is_template(text_of(host)))
		r = ds_schema_unknown(rd->a, "the probe's host is a template", loc, &f[B_HOST]);
	if (r == 0 && ds_services_is_template(bind))
		r = ds_schema_unknown(rd->a, "--bind-address is known only where the Pod runs", loc, &f[B_BIND]);
	*v = ds_schema_object(&ds_schema_probe_type, f, loc);
	return r;
}

static int read_probes(struct reading *rd)
{
	static const char *const probes[] = {"livenessProbe", "readinessProbe", "startupProbe"};
	static const char *const calls[] = {"httpGet", "tcpSocket"};
	struct ds_str bind = {0};

	if (!is_component(rd->node))
		return 0;
	find_bind(ds_yaml_get(rd->node, "command"), &bind);
	find_bind(ds_yaml_get(rd->node, "args"), &bind);
	for (size_t i = 0; bind.n && i < DS_ARRAY_SIZE(probes) * DS_ARRAY_SIZE(calls); i++) {
		const struct ds_yaml_node *host = ds_yaml_path(rd->node, probes[i / 2], calls[i % 2], "host", NULL);

		if (text_of(host).n && add_probe(rd, probes[i / 2], host, bind) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

static int read_containers(struct reading *rd, const struct ds_yaml_node *spec, bool refs)
{
	static const char *const lists[] = {"initContainers", "containers"};

	for (size_t k = 0; k < DS_ARRAY_SIZE(lists); k++) {
		const struct ds_yaml_node *list = ds_yaml_get(spec, lists[k]);

		rd->list = lists[k];
		for (rd->container = 0; is_list(list) && rd->container < list->n; rd->container++) {
			rd->node = list->items[rd->container];
			if ((refs && read_env(rd) < 0) || read_probes(rd) < 0)
				return DS_ENOMEM;
		}
	}
	return 0;
}

/* ---- Pods on the host's network ---- */

/* pkg/util/node:GetNodeHostIPs: the first InternalIP and the first of the other family. */
static int node_ips(struct ds_arena *a, const struct ds_object *node, struct ds_cel_value *ret)
{
	const struct ds_yaml_node *list = ds_yaml_path(node->node, "status", "addresses", NULL);
	struct ds_cel_value *v = ds_arena_new_array(a, 2, struct ds_cel_value);
	enum ds_family first = DS_FAMILY_NONE;
	size_t n = 0;

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; is_list(list) && i < list->n && n < 2; i++) {
		struct ds_str text = text_of(ds_yaml_get(list->items[i], "address"));
		struct ds_ip ip;

		if (!ds_str_eqz(text_of(ds_yaml_get(list->items[i], "type")), "InternalIP") ||
		    ds_ip_parse(text, DS_IP_SLOPPY, &ip) < 0 || ip.family == first)
			continue;
		first = ip.family;
		v[n++] = ds_cel_string(text);
	}
	if (n)
		*ret = ds_schema_list(v, n);
	return 0;
}

static int host_pod(struct ds_arena *a, const struct ds_map *nodes, const struct ds_object *o,
		    const struct ds_yaml_node *spec, struct ds_cel_value *f)
{
	const struct ds_yaml_node *list = ds_yaml_path(o->node, "status", "podIPs", NULL);
	const struct ds_object *node;
	struct ds_cel_value *v;
	bool host_network = false;

	if (strcmp(o->kind, "Pod") != 0 || !is_list(list) || list->n == 0 ||
	    ds_yaml_as_bool(ds_yaml_get(spec, "hostNetwork"), &host_network) < 0 || !host_network)
		return 0;
	v = ds_arena_new_array(a, list->n, struct ds_cel_value);
	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < list->n; i++)
		v[i] = ds_cel_string(text_of(ds_yaml_get(list->items[i], "ip")));
	f[W_POD_IPS] = ds_schema_list(v, list->n);
	f[W_POD_IPS].loc = ds_schema_place(a, o, list);
	node = ds_map_get(nodes, text_of(ds_yaml_get(spec, "nodeName")));
	return node ? node_ips(a, node, &f[W_NODE_IPS]) : 0;
}

/* ---- all of them ---- */

struct workloads {
	struct ds_arena *a;
	struct ds_map nodes;  /* by name */
	struct ds_map by_key; /* "namespace/kind/name" -> struct ds_object */
	struct ds_map shown;  /* keys of makers that are not among the inputs, of which one Pod was seen */
};

static const char *key_of(struct ds_arena *a, const struct ds_object *o, struct ds_str kind, struct ds_str name)
{
	return ds_arena_printf(a, "%s/%.*s/%.*s", ds_object_namespace(o), DS_STR_ARG(kind), DS_STR_ARG(name));
}

/* Whether something else shows what this one holds: its maker, or an earlier Pod of the same. */
static int is_shown(struct workloads *w, const struct ds_object *o, bool *ret)
{
	const struct ds_yaml_node *owners = ds_yaml_path(o->node, "metadata", "ownerReferences", NULL);

	*ret = false;
	for (size_t i = 0; is_list(owners) && i < owners->n; i++) {
		struct ds_str kind = text_of(ds_yaml_get(owners->items[i], "kind"));
		const char *key = key_of(w->a, o, kind, text_of(ds_yaml_get(owners->items[i], "name")));

		if (!key)
			return DS_ENOMEM;
		if (ds_str_eqz(kind, "Node")) /* the mirror of a static Pod */
			continue;
		*ret |= ds_map_get(&w->by_key, ds_str_from(key)) || ds_map_get(&w->shown, ds_str_from(key));
		if (ds_map_put(&w->shown, ds_str_from(key), w) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

static int workload_value(struct workloads *w, const struct ds_object *o, struct ds_cel_value *ret)
{
	struct reading rd = {.a = w->a, .o = o};
	struct ds_cel_value *f = ds_arena_new_array(w->a, W__COUNT, struct ds_cel_value);
	const struct ds_yaml_node *spec = pod_spec(o, &rd.path);
	const struct ds_loc *loc = ds_schema_place(w->a, o, o->node);
	const char *where = ds_arena_printf(w->a, "%s %s/%s", o->kind, ds_object_namespace(o), o->name);
	bool shown;

	if (!f || !loc || !where || is_shown(w, o, &shown) < 0 || read_containers(&rd, spec, !shown) < 0)
		return DS_ENOMEM;
	f[W_KIND] = ds_schema_string(o->kind);
	f[W_NAME] = ds_schema_string(o->name);
	f[W_NAMESPACE] = ds_schema_string(ds_object_namespace(o));
	f[W_WHERE] = ds_schema_string(where);
	f[W_REFS] = ds_schema_list(rd.refs.v, rd.refs.n);
	f[W_SINGLE] = ds_schema_list(rd.single.v, rd.single.n);
	f[W_PROBES] = ds_schema_list(rd.probes.v, rd.probes.n);
	for (size_t i = 0; i < W__COUNT; i++)
		f[i].loc = loc;
	f[W_POD_IPS] = f[W_NODE_IPS] = (struct ds_cel_value){.kind = DS_CEL_ABSENT};
	*ret = ds_schema_object(&ds_schema_workload_type, f, loc);
	return host_pod(w->a, &w->nodes, o, spec, f);
}

static bool is_workload(const struct ds_object *o)
{
	const char *path;

	return ds_yaml_get(pod_spec(o, &path), "containers") != NULL && strcmp(o->kind, "Node") != 0;
}

int ds_schema_workloads(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	struct workloads w = {.a = a};
	struct ds_cel_value *v;
	size_t n = 0;

	ds_map_init(&w.nodes, a);
	ds_map_init(&w.by_key, a);
	ds_map_init(&w.shown, a);
	for (size_t i = 0; i < c->objects.n; i++) {
		const struct ds_object *o = c->objects.v[i];
		struct ds_str name = ds_str_from(o->name);
		const char *key;

		if (strcmp(o->kind, "Node") == 0 && !ds_map_get(&w.nodes, name) &&
		    ds_map_put(&w.nodes, name, (void *)(uintptr_t)o) < 0)
			return DS_ENOMEM;
		if (!is_workload(o))
			continue;
		key = key_of(a, o, ds_str_from(o->kind), name);
		if (!key || ds_map_put(&w.by_key, ds_str_from(key), (void *)(uintptr_t)o) < 0)
			return DS_ENOMEM;
		n++;
	}
	v = ds_arena_new_array(a, n, struct ds_cel_value);
	if (!v)
		return DS_ENOMEM;
	n = 0;
	for (size_t i = 0; i < c->objects.n; i++)
		if (is_workload(c->objects.v[i]) && workload_value(&w, c->objects.v[i], &v[n++]) < 0)
			return DS_ENOMEM;
	*ret = ds_schema_list(v, n);
	return 0;
}
