#include "model/services.h"

#include "model/server.h"
#include "yaml/scalar.h"

const char *ds_service_question_name(enum ds_service_question q)
{
	static const char *const names[] = {
		[DS_SERVICE_CREATE] = "create",
		[DS_SERVICE_UPDATE] = "update",
		[DS_SERVICE_READ] = "read",
	};

	return names[q];
}

bool ds_services_has(const struct ds_object *o)
{
	return strcmp(o->kind, "Service") == 0;
}

bool ds_services_is_template(struct ds_str text)
{
	static const char *const marks[] = {"{{", "${", "$("};

	for (size_t i = 0; i < DS_ARRAY_SIZE(marks); i++)
		if (ds_str_search(text, ds_str_from(marks[i])) < text.n)
			return true;
	return false;
}

/* An object that an API server has given an identity. */
static bool is_stored(const struct ds_object *o)
{
	static const char *const marks[] = {"uid", "resourceVersion"};

	for (size_t i = 0; i < DS_ARRAY_SIZE(marks); i++) {
		struct ds_str s;

		if (ds_yaml_as_string(ds_yaml_path(o->node, "metadata", marks[i], NULL), &s) == 0 && s.n)
			return true;
	}
	return false;
}

static const char *key_of(struct ds_arena *a, const struct ds_object *o)
{
	return ds_arena_printf(a, "%s/%s", ds_object_namespace(o), o->name);
}

static int remember_address(struct ds_arena *a, struct ds_services *s, const struct ds_object *o,
			    const struct ds_yaml_node *n)
{
	struct ds_str text;
	struct ds_ip ip;
	char buf[DS_IP_TEXT];
	char *key;

	if (!n || ds_yaml_as_string(n, &text) < 0 || ds_ip_parse(text, DS_IP_SLOPPY, &ip) < 0)
		return 0;
	key = ds_arena_strdup(a, ds_ip_format(&ip, buf));
	return key ? ds_map_put(&s->taken, ds_str_from(key), (void *)(uintptr_t)o) : DS_ENOMEM;
}

static int remember(struct ds_arena *a, struct ds_services *s, const struct ds_object *o)
{
	const struct ds_yaml_node *ips = ds_yaml_path(o->node, "spec", "clusterIPs", NULL);
	const char *key = key_of(a, o);
	int r = key ? ds_map_put(&s->stored, ds_str_from(key), (void *)(uintptr_t)o) : DS_ENOMEM;

	if (r == 0)
		r = remember_address(a, s, o, ds_yaml_path(o->node, "spec", "clusterIP", NULL));
	for (size_t i = 0; r == 0 && ips && ips->kind == DS_YAML_SEQUENCE && i < ips->n && i < 2; i++)
		r = remember_address(a, s, o, ips->items[i]);
	return r;
}

int ds_services_init(struct ds_arena *a, const struct ds_cluster *c, struct ds_services *ret)
{
	size_t n_stored = 0;
	int r = 0;

	*ret = (struct ds_services){.cluster = c};
	(void)ds_cluster_server(c, &ret->server, &ret->unknown);
	ds_map_init(&ret->stored, a);
	ds_map_init(&ret->taken, a);
	for (size_t i = 0; i < c->objects.n; i++) {
		ret->n += ds_services_has(c->objects.v[i]);
		n_stored += ds_services_has(c->objects.v[i]) && is_stored(c->objects.v[i]);
	}
	/* What is stored matters only to what is not. */
	if (n_stored == 0 || n_stored == ret->n)
		return 0;
	for (size_t i = 0; r == 0 && i < c->objects.n; i++)
		if (ds_services_has(c->objects.v[i]) && is_stored(c->objects.v[i]))
			r = remember(a, ret, c->objects.v[i]);
	return r;
}

/* ---- one Service ---- */

/* Of the addresses that a Service asks for, those that another one has. At most two are looked at:
 * more are refused before anything is allocated. */
static size_t taken(const struct ds_services *s, const struct ds_object *before, const struct ds_service *svc,
		    struct ds_ip ret[static 2])
{
	size_t n = 0;

	for (size_t i = 0; i < 2; i++) {
		struct ds_str text = svc->cluster_ips.n ? (i < svc->cluster_ips.n ? svc->cluster_ips.v[i] : DS_STR(""))
							: (i == 0 ? svc->cluster_ip : DS_STR(""));
		char buf[DS_IP_TEXT];
		const struct ds_object *owner;

		if (ds_ip_parse(text, DS_IP_SLOPPY, &ret[n]) < 0)
			continue;
		owner = ds_map_get(&s->taken, ds_str_from(ds_ip_format(&ret[n], buf)));
		if (owner && owner != before)
			n++;
	}
	return n;
}

static int decode(struct ds_arena *a, const struct ds_services *s, const struct ds_object *o, struct ds_service *ret)
{
	int r = ds_service_decode(a, o->node, s->cluster->version.minor, ret);

	/* metadata.namespace is filled in from the request's path. */
	if (r == 0 && ret->namespace_.n == 0)
		ret->namespace_ = DS_STR("default");
	return r;
}

int ds_services_judge(struct ds_arena *a, const struct ds_services *s, const struct ds_object *o, bool explain,
		      struct ds_service_judged *ret)
{
	struct ds_service_options options = {.explain = explain};
	struct ds_service_cluster server = s->server;
	struct ds_ip *ips = ds_arena_new_array(a, 2, struct ds_ip);
	const struct ds_object *before = NULL;
	struct ds_service stored;
	const char *key;
	int r;

	*ret = (struct ds_service_judged){
		.question = DS_SERVICE_READ,
		.builtin = strcmp(o->name, "kubernetes") == 0 && strcmp(o->ns, "default") == 0,
	};
	r = ips ? decode(a, s, o, &ret->asked) : DS_ENOMEM;
	if (r < 0)
		return r;
	/* A dump that does not decode is no dump of an API server: the refusal tells why. */
	if (is_stored(o) && !ret->asked.decoding.error)
		return s->unknown ? 0 : ds_service_read(a, &server, &ret->asked, &ret->outcome);
	if (s->stored.n) {
		key = key_of(a, o);
		if (!key)
			return DS_ENOMEM;
		before = ds_map_get(&s->stored, ds_str_from(key));
		server.taken = ips;
		server.n_taken = taken(s, before, &ret->asked, ips);
	}
	ret->question = before ? DS_SERVICE_UPDATE : DS_SERVICE_CREATE;
	if (s->unknown)
		return 0;
	if (!before)
		return ds_service_create(a, &server, &ret->asked, &options, &ret->outcome);
	r = decode(a, s, before, &stored);
	return r < 0 ? r : ds_service_update(a, &server, &stored, &ret->asked, &options, &ret->outcome);
}
