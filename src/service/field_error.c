#include "base/buf.h"
#include "base/limits.h"
#include "service/engine.h"

/* staging/src/k8s.io/apimachinery/pkg/util/validation/field/errors.go:ErrorType */
static const struct {
	const char *text, *reason;
	bool prints_value;
} types[DS__ERROR_TYPE__COUNT] = {
	[DS__INVALID] = {"Invalid value",     "FieldValueInvalid",      true },
	[DS__REQUIRED] = {"Required value",    "FieldValueRequired",     false},
	[DS__FORBIDDEN] = {"Forbidden",         "FieldValueForbidden",    false},
	[DS__NOT_SUPPORTED] = {"Unsupported value", "FieldValueNotSupported", true },
	[DS__DUPLICATE] = {"Duplicate value",   "FieldValueDuplicate",    true },
	[DS__TOO_LONG] = {"Too long",          "FieldValueTooLong",      false},
	[DS__ERROR_INTERNAL] = {"Internal error",    "InternalError",          false},
};

static void add_element(struct ds_buf *b, struct ds_str s, bool json)
{
	if (json && ds__placeholder_family(s) == DS_FAMILY_NONE)
		ds_buf_add_go_json_string(b, s);
	else
		ds_buf_add_go_quoted(b, s);
}

/* Up to 1.33 %#v: []string{"a", "b"}; since 1.34 JSON: ["a","b"]. */
static void add_list(struct ds_buf *b, const struct ds_service_list *l, const char *go_type, bool json)
{
	if (!l->set && l->n == 0) {
		if (json)
			ds_buf_addz(b, "null");
		else
			ds_buf_printf(b, "%s(nil)", go_type);
		return;
	}
	if (json)
		ds_buf_addc(b, '[');
	else
		ds_buf_printf(b, "%s{", go_type);
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			ds_buf_addz(b, json ? "," : ", ");
		add_element(b, l->v[i], json);
	}
	ds_buf_addc(b, json ? ']' : '}');
}

static void add_port_key(struct ds_buf *b, const struct ds__value *v, bool json)
{
	ds_buf_addz(b, json ? "{\"Name\":\"\",\"Protocol\":" : "core.ServicePort{Name:\"\", Protocol:");
	add_element(b, v->s, json);
	ds_buf_printf(b,
		      json ? ",\"AppProtocol\":null,\"Port\":%lld,\"TargetPort\":0,\"NodePort\":0}"
			   : ", AppProtocol:(*string)(nil), Port:%lld, TargetPort:intstr.IntOrString{Type:0, IntVal:0, "
			     "StrVal:\"\"}, NodePort:0}",
		      (long long)v->number);
}

/* %#v of the ports. Where a pointer leads nobody can know. */
static void add_ports(struct ds_buf *b, const struct ds_service *s)
{
	ds_buf_addz(b, "[]core.ServicePort{");
	for (size_t i = 0; i < s->n_ports; i++) {
		const struct ds_service_port *p = &s->ports[i];

		ds_buf_addz(b, i ? ", core.ServicePort{Name:" : "core.ServicePort{Name:");
		ds_buf_add_go_quoted(b, p->name);
		ds_buf_addz(b, ", Protocol:");
		ds_buf_add_go_quoted(b, p->protocol);
		ds_buf_printf(b, ", AppProtocol:(*string)(%s), Port:%d, TargetPort:intstr.IntOrString{Type:%d, IntVal:%d, StrVal:",
			      p->app_protocol.set ? "<pointer>" : "nil", p->port, p->target_is_text, p->target_number);
		ds_buf_add_go_quoted(b, p->target_text);
		ds_buf_printf(b, "}, NodePort:");
		if (p->node_port == DS__CHOSEN_NODE_PORT)
			ds_buf_addz(b, "<port>}");
		else
			ds_buf_printf(b, "%d}", p->node_port);
	}
	ds_buf_addc(b, '}');
}

static void add_value(struct ds_buf *b, const struct ds__value *v, bool json)
{
	switch (v->kind) {
	case DS__V_NONE:
		break;
	case DS__V_STRING:
		ds_buf_add_go_quoted(b, v->s);
		break;
	case DS__V_NAMED:
		add_element(b, v->s, json);
		break;
	case DS__V_NIL:
		ds_buf_addz(b, json ? "null" : "\"null\"");
		break;
	case DS__V_NUMBER:
		if (v->number == DS__CHOSEN_NODE_PORT)
			ds_buf_addz(b, "<port>");
		else
			ds_buf_printf(b, "%lld", (long long)v->number);
		break;
	case DS__V_STRINGS:
		add_list(b, v->list, "[]string", json);
		break;
	case DS__V_FAMILIES:
		add_list(b, v->list, "[]core.IPFamily", json);
		break;
	case DS__V_PORT_KEY:
		add_port_key(b, v, json);
		break;
	case DS__V_PORTS:
		add_ports(b, v->svc);
		break;
	}
}

void ds__error(struct ds__decision *d, enum ds__error_type type, const char *field, struct ds__value value,
	       const char *detail)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds__field_error e = {.type = type, .field = field};

	if (d->error_bytes > DS_LIMIT_SERVICE_ERROR_BYTES)
		return;
	ds_buf_addz(&b, types[type].text);
	if (types[type].prints_value) {
		ds_buf_addz(&b, ": ");
		add_value(&b, &value, ds__svc_has(d, DS__JSON_VALUES));
	}
	if (detail[0]) {
		ds_buf_addz(&b, ": ");
		ds_buf_addz(&b, detail);
	}
	d->error_bytes += b.n;
	e.body = ds_buf_dup(&b, d->arena);
	if (!e.body || ds_vec_push(d->arena, &d->errors, e) < 0)
		d->r = DS_ENOMEM;
}

void ds__required(struct ds__decision *d, const char *field)
{
	ds__error(d, DS__REQUIRED, field, (struct ds__value){0}, "");
}

void ds__forbidden(struct ds__decision *d, const char *field, const char *detail)
{
	ds__error(d, DS__FORBIDDEN, field, (struct ds__value){0}, detail);
}

void ds__not_supported(struct ds__decision *d, const char *field, struct ds_str value, const char *const *supported)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	const char *detail;

	ds_buf_addz(&b, "supported values: ");
	for (size_t i = 0; supported[i]; i++)
		ds_buf_printf(&b, "%s\"%s\"", i ? ", " : "", supported[i]);
	detail = ds_buf_dup(&b, d->arena);
	if (!detail) {
		d->r = DS_ENOMEM;
		return;
	}
	ds__error(d, DS__NOT_SUPPORTED, field, ds__named(value), detail);
}

const char *ds__text(struct ds__decision *d, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = ds_arena_vprintf(d->arena, fmt, ap);
	va_end(ap);
	if (p)
		return p;
	d->r = DS_ENOMEM;
	return "";
}

const char *ds__quote(struct ds__decision *d, struct ds_str s)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	char *p;

	ds_buf_add_go_quoted(&b, s);
	p = ds_buf_dup(&b, d->arena);
	if (p)
		return p;
	d->r = DS_ENOMEM;
	return "";
}

static bool same_error(const struct ds__field_error *a, const struct ds__field_error *b)
{
	return strcmp(a->field, b->field) == 0 && strcmp(a->body, b->body) == 0;
}

/*
 * Equal errors are looked for among this many first ones: a real object has a
 * handful, and a hostile one must not cost the square of its size.
 */
#define DEDUPLICATION_WINDOW 256u

/* field.ErrorList.ToAggregate: whether error i says something new. */
static bool is_first(const struct ds__decision *d, size_t i)
{
	for (size_t j = 0; j < DS_MIN(i, (size_t)DEDUPLICATION_WINDOW); j++)
		if (same_error(&d->errors.v[i], &d->errors.v[j]))
			return false;
	return true;
}

/* util/errors.Aggregate.Error: one error plain, several in brackets. */
static void add_aggregate(struct ds__decision *d, struct ds_buf *b)
{
	bool several = false;

	for (size_t i = 1; i < d->errors.n && !several; i++)
		several = is_first(d, i);
	if (several)
		ds_buf_addc(b, '[');
	for (size_t i = 0; i < d->errors.n; i++) {
		if (!is_first(d, i))
			continue;
		ds_buf_addz(b, i ? ", " : "");
		ds_buf_addz(b, d->errors.v[i].field);
		ds_buf_addz(b, ": ");
		ds_buf_addz(b, d->errors.v[i].body);
	}
	if (several)
		ds_buf_addc(b, ']');
}

void ds__answer_invalid(struct ds__decision *d)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_service_outcome *out = d->out;

	ds_buf_addz(&b, "Service ");
	ds_buf_add_go_quoted(&b, d->svc.name);
	ds_buf_addz(&b, " is invalid: ");
	add_aggregate(d, &b);
	ds__answer_status(d, 422, "Invalid", ds_buf_dup(&b, d->arena));
	out->causes = ds_arena_new_array(d->arena, d->errors.n, struct ds_service_cause);
	if (!out->causes) {
		d->r = DS_ENOMEM;
		return;
	}
	for (size_t i = 0; i < d->errors.n; i++)
		out->causes[i] = (struct ds_service_cause){types[d->errors.v[i].type].reason, d->errors.v[i].field,
							   d->errors.v[i].body};
	out->n_causes = d->errors.n;
}

void ds__answer_status(struct ds__decision *d, int code, const char *reason, const char *message)
{
	if (!message)
		d->r = DS_ENOMEM;
	d->done = true;
	d->out->accepted = false;
	d->out->code = code;
	d->out->reason = reason;
	d->out->message = message;
}

void ds__warn(struct ds__decision *d, const char *text)
{
	if (ds_vec_push(d->arena, &d->warnings, text) < 0)
		d->r = DS_ENOMEM;
}

void ds__step(struct ds__decision *d, const char *fmt, ...)
{
	va_list ap;
	char *p;

	if (!d->options.explain)
		return;
	va_start(ap, fmt);
	p = ds_arena_vprintf(d->arena, fmt, ap);
	va_end(ap);
	if (!p || ds_vec_push(d->arena, &d->steps, (const char *)p) < 0)
		d->r = DS_ENOMEM;
}
