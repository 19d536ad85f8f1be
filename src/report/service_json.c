#include "report/service_json.h"

#include "report/preview_objects.h"

static void field(struct ds_json *j, const struct ds_service_field *f)
{
	ds_json_key(j, f->name);
	switch (f->kind) {
	case DS_SERVICE_TEXT:
		ds_json_str(j, f->text);
		break;
	case DS_SERVICE_BOOL:
		ds_json_bool(j, f->boolean);
		break;
	case DS_SERVICE_LIST:
		ds_json_array(j);
		for (size_t i = 0; i < f->list.n; i++)
			ds_json_str(j, f->list.v[i]);
		ds_json_end_array(j);
		break;
	case DS_SERVICE_MAP:
		ds_json_object(j);
		for (size_t i = 0; i < f->map.n; i++) {
			ds_json_key_str(j, f->map.v[i].key);
			ds_json_str(j, f->map.v[i].value);
		}
		ds_json_end_object(j);
		break;
	}
}

static void refusal(struct ds_json *j, const struct ds_service_outcome *o)
{
	if (o->connection_dropped) {
		ds_json_kv_bool(j, "connectionDropped", true);
		return;
	}
	ds_json_kv_int(j, "code", o->code);
	ds_json_kv(j, "reason", o->reason);
	ds_json_kv(j, "message", o->message);
	ds_json_key(j, "causes");
	ds_json_array(j);
	for (size_t i = 0; i < o->n_causes; i++) {
		ds_json_object(j);
		ds_json_kv(j, "reason", o->causes[i].reason);
		ds_json_kv(j, "field", o->causes[i].field);
		ds_json_kv(j, "message", o->causes[i].message);
		ds_json_end_object(j);
	}
	ds_json_end_array(j);
}

void ds_service_json_item(struct ds_json *j, const struct ds_preview_item *it)
{
	const struct ds_service_outcome *o = &it->outcome;

	ds_json_object(j);
	ds_json_kv(j, "namespace", it->ns);
	ds_json_kv(j, "name", it->name);
	ds_json_kv(j, "operation", it->operation);
	ds_json_kv_bool(j, "accepted", o->accepted);
	if (o->accepted) {
		ds_json_key(j, "spec");
		ds_json_object(j);
		for (size_t i = 0; i < o->n_fields; i++)
			field(j, &o->fields[i]);
		ds_json_end_object(j);
		ds_json_kv_strings(j, "warnings", o->warnings, o->n_warnings);
	} else {
		refusal(j, o);
	}
	ds_json_kv_strings(j, "steps", o->steps, o->n_steps);
	ds_json_end_object(j);
}

void ds_service_json_begin(struct ds_json *j, const struct ds_preview *p)
{
	char text[32];

	ds_json_object(j);
	ds_json_kv(j, "apiVersion", "dsaudit.dev/v1");
	ds_json_kv(j, "kind", "ServicePreview");
	(void)snprintf(text, sizeof(text), "%u.%u", p->version.major, p->version.minor);
	ds_json_kv(j, "kubernetesVersion", text);
	ds_json_key(j, "serviceClusterIPRange");
	ds_json_array(j);
	for (size_t i = 0; i < p->n_ranges; i++) {
		char cidr[DS_CIDR_TEXT];

		ds_json_string(j, ds_cidr_format(&p->ranges[i], cidr));
	}
	ds_json_end_array(j);
	if (p->unknown)
		ds_json_kv(j, "unknown", p->unknown);
	ds_json_key(j, "items");
	ds_json_array(j);
}

void ds_service_json_end(struct ds_json *j)
{
	ds_json_end_array(j);
	ds_json_end_object(j);
}

static void object_item(void *user, const struct ds_preview_item *it)
{
	ds_service_json_item(user, it);
}

void ds_service_json_preview(struct ds_json *j, const struct ds_preview *p)
{
	ds_service_json_begin(j, p);
	if (ds_preview_objects(p, true, object_item, j) < 0 && !j->out->err)
		j->out->err = DS_ENOMEM;
	for (size_t i = 0; i < p->items.n; i++)
		ds_service_json_item(j, &p->items.v[i]);
	ds_service_json_end(j);
}
