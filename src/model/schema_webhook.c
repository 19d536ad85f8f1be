#include "model/schema_priv.h"

#include "yaml/scalar.h"

/*
 * What the API server and ingress controllers are told in objects of their own:
 * webhooks by address, and the ConfigMap that switches a family off.
 */

enum webhook_field { H_WHERE, H_WEBHOOK, H_URL, H_IP, H__COUNT };

static const struct ds_cel_field webhook_fields[H__COUNT] = {
    [H_WHERE] = {"where",   &ds_cel_type_string, "kind and name of the configuration, for messages"                      },
    [H_WEBHOOK] = {"webhook", &ds_cel_type_string, "the webhook's name"                                                    },
    [H_URL] = {"url",     &ds_cel_type_string, "clientConfig.url as written"                                           },
    [H_IP] = {"ip",      &ds_cel_type_ip,     "the address that the url has for its host; not set where it has a name"},
};
const struct ds_cel_object_type ds_schema_webhook_type =
    DS_SCHEMA_OBJECT(webhook_fields, "webhook", "an admission webhook that the API server calls by its url");
static const struct ds_cel_type webhook_cel = DS_SCHEMA_OF(ds_schema_webhook_type);
const struct ds_cel_type ds_schema_webhook_list = DS_SCHEMA_LIST_OF(webhook_cel);

/* "https://[fd00::1]:8443/x" and "https://192.0.2.1/x": the host, or what may be a name. */
static struct ds_str host_of(struct ds_str url)
{
	size_t at = ds_str_search(url, DS_STR("://")), end;

	if (at == url.n)
		return (struct ds_str){0};
	url = ds_str_skip(url, at + 3);
	url = ds_str_head(url, ds_str_find(url, '/'));
	if (url.n && url.p[0] == '[')
		return ds_str_head(ds_str_skip(url, 1), ds_str_find(ds_str_skip(url, 1), ']'));
	end = ds_str_find(url, ':');
	return ds_str_head(url, end);
}

static int webhook_value(struct ds_arena *a, const struct ds_object *o, const struct ds_yaml_node *webhook,
			 const struct ds_yaml_node *url, struct ds_cel_value *ret)
{
	struct ds_cel_value *f = ds_arena_new_array(a, H__COUNT, struct ds_cel_value);
	const struct ds_loc *loc = ds_schema_place(a, o, url);
	const char *where = ds_arena_printf(a, "%s %s", o->kind, o->name);
	struct ds_str name;
	struct ds_ip ip;

	if (!f || !loc || !where)
		return DS_ENOMEM;
	if (ds_yaml_as_string(ds_yaml_get(webhook, "name"), &name) < 0)
		name = (struct ds_str){0};
	f[H_WHERE] = ds_schema_string(where);
	f[H_WEBHOOK] = ds_cel_string(name);
	f[H_URL] = ds_cel_string(url->text);
	f[H_IP] = (struct ds_cel_value){.kind = DS_CEL_ABSENT};
	if (ds_ip_parse(host_of(url->text), DS_IP_SLOPPY, &ip) == 0)
		f[H_IP] = (struct ds_cel_value){.kind = DS_CEL_IP, .ip = ip};
	for (size_t i = 0; i < H__COUNT; i++)
		f[i].loc = loc;
	*ret = ds_schema_object(&ds_schema_webhook_type, f, loc);
	return 0;
}

int ds_schema_webhooks(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	DS_VEC(struct ds_cel_value) all = {0};

	for (size_t i = 0; i < c->objects.n; i++) {
		const struct ds_object *o = c->objects.v[i];
		const struct ds_yaml_node *list = ds_yaml_get(o->node, "webhooks");

		if (!ds_str_ends(ds_str_from(o->kind), "WebhookConfiguration") || !list ||
		    list->kind != DS_YAML_SEQUENCE)
			continue;
		for (size_t k = 0; k < list->n; k++) {
			const struct ds_yaml_node *url = ds_yaml_path(list->items[k], "clientConfig", "url", NULL);
			struct ds_cel_value *v;

			if (!url || url->kind != DS_YAML_SCALAR)
				continue;
			v = ds_vec_add(a, &all);
			if (!v || webhook_value(a, o, list->items[k], url, v) < 0)
				return DS_ENOMEM;
		}
	}
	*ret = ds_schema_list(all.v, all.n);
	return 0;
}

/* ---- ConfigMaps of ingress controllers ---- */

enum setting_field { G_WHERE, G_KEY, G_VALUE, G__COUNT };

static const struct ds_cel_field setting_fields[G__COUNT] = {
    [G_WHERE] = {"where", &ds_cel_type_string, "kind, namespace and name of the ConfigMap, for messages"},
    [G_KEY] = {"key",   &ds_cel_type_string, "'disable-ipv6' or 'disable-ipv6-dns'"                   },
    [G_VALUE] = {"value", &ds_cel_type_string, "its value as written"                                   },
};
const struct ds_cel_object_type ds_schema_ingress_setting_type =
    DS_SCHEMA_OBJECT(setting_fields, "ingressSetting", "a setting of ingress-nginx about IPv6, in its ConfigMap");
static const struct ds_cel_type setting_cel = DS_SCHEMA_OF(ds_schema_ingress_setting_type);
const struct ds_cel_type ds_schema_ingress_setting_list = DS_SCHEMA_LIST_OF(setting_cel);

static int setting_value(struct ds_arena *a, const struct ds_object *o, const char *key,
			 const struct ds_yaml_node *value, struct ds_cel_value *ret)
{
	struct ds_cel_value *f = ds_arena_new_array(a, G__COUNT, struct ds_cel_value);
	const struct ds_loc *loc = ds_schema_place(a, o, value);
	const char *where = ds_arena_printf(a, "ConfigMap %s/%s", ds_object_namespace(o), o->name);

	if (!f || !loc || !where)
		return DS_ENOMEM;
	f[G_WHERE] = ds_schema_string(where);
	f[G_KEY] = ds_schema_string(key);
	f[G_VALUE] = ds_cel_string(value->text);
	for (size_t i = 0; i < G__COUNT; i++)
		f[i].loc = loc;
	*ret = ds_schema_object(&ds_schema_ingress_setting_type, f, loc);
	return 0;
}

int ds_schema_ingress_settings(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	static const char *const keys[] = {"disable-ipv6", "disable-ipv6-dns"};
	DS_VEC(struct ds_cel_value) all = {0};

	for (size_t i = 0; i < c->objects.n; i++) {
		const struct ds_object *o = c->objects.v[i];

		for (size_t k = 0; strcmp(o->kind, "ConfigMap") == 0 && k < DS_ARRAY_SIZE(keys); k++) {
			const struct ds_yaml_node *value = ds_yaml_path(o->node, "data", keys[k], NULL);
			struct ds_cel_value *v;

			if (!value || value->kind != DS_YAML_SCALAR)
				continue;
			v = ds_vec_add(a, &all);
			if (!v || setting_value(a, o, keys[k], value, v) < 0)
				return DS_ENOMEM;
		}
	}
	*ret = ds_schema_list(all.v, all.n);
	return 0;
}
