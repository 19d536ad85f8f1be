#include "service/service.h"

#include "base/buf.h"
#include "base/err.h"
#include "kube/version.h"
#include "service/engine.h"

/* The order of the steps: pkg/registry/core/service/storage and apiserver's generic store. */

static bool dual_stack_gate(const struct ds_service_cluster *c, unsigned minor)
{
	if (minor >= 23)
		return true;
	if (c->dual_stack != DS_SERVICE_GATE_DEFAULT)
		return c->dual_stack == DS_SERVICE_GATE_ON;
	return minor >= 21;
}

static int begin(struct ds__decision *d, struct ds_arena *a, const struct ds_service_cluster *c,
		 const struct ds_service_options *options, struct ds_service_outcome *ret)
{
	*d = (struct ds__decision){.arena = a, .cluster = c, .out = ret};
	*ret = (struct ds_service_outcome){0};
	if (c->n_ranges < 1 || c->n_ranges > 2)
		return DS_EINVAL;
	if (options)
		d->options = *options;
	d->minor = DS_MIN(DS_MAX(c->minor, (unsigned)DS_KUBE_OLDEST), (unsigned)DS_KUBE_NEWEST);
	d->dual_stack_gate = dual_stack_gate(c, d->minor);
	for (size_t i = 0; i < c->n_ranges; i++) {
		size_t family = c->ranges[i].ip.family == DS_IPV6 ? 1 : 0;

		if (c->ranges[i].ip.family != DS_IPV4 && c->ranges[i].ip.family != DS_IPV6)
			return DS_EINVAL;
		if (d->has_family[family])
			return DS_EINVAL;
		d->has_family[family] = true;
	}
	d->primary = (enum ds_family)c->ranges[0].ip.family;
	return 0;
}

static void answer_bad_request(struct ds__decision *d, const char *error)
{
	ds__step(d, "refused: the body does not decode into a Service (apiserver endpoints/handlers/create.go)");
	ds__answer_status(d, 400, "BadRequest",
			  ds__text(d, "Service in version \"v1\" cannot be handled as a Service: %s", error));
}

static void answer_strict(struct ds__decision *d, const struct ds_service_decoding *decoding)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	const char *text;

	ds_buf_addz(&b, "strict decoding error: ");
	for (size_t i = 0; i < decoding->n_lenient; i++) {
		ds_buf_addz(&b, i ? ", " : "");
		ds_buf_addz(&b, decoding->lenient[i]);
	}
	text = ds_buf_dup(&b, d->arena);
	if (text)
		answer_bad_request(d, text);
	else
		d->r = DS_ENOMEM;
}

/* What decoding the request's body already decides. */
static void take_body(struct ds__decision *d, const struct ds_service *service)
{
	const struct ds_service_decoding *decoding = &service->decoding;

	d->svc = *service;
	if (decoding->error) {
		answer_bad_request(d, decoding->error);
		return;
	}
	if (!ds__svc_has(d, DS__FIELD_VALIDATION) || d->options.field_validation == DS_FIELDS_IGNORE)
		return;
	if (decoding->n_lenient && d->options.field_validation == DS_FIELDS_STRICT) {
		answer_strict(d, decoding);
		return;
	}
	for (size_t i = 0; i < decoding->n_lenient; i++)
		ds__warn(d, decoding->lenient[i]);
}

/*
 * What a PUT is held to before its content: endpoints/handlers/rest.go:checkName
 * and the optimistic lock of registry/generic/registry/store.go:Update.
 */
static void check_target(struct ds__decision *d, const struct ds_service *old)
{
	const struct ds_service *s = &d->svc;
	const char *text = NULL;

	if (old->name.n && s->name.n == 0)
		text = ds__text(d, "the name of the object (%.*s based on URL) was undeterminable: name must be provided",
				DS_STR_ARG(old->name));
	else if (old->name.n && !ds_str_eq(s->name, old->name))
		text = ds__text(d, "the name of the object (%.*s) does not match the name on the URL (%.*s)",
				DS_STR_ARG(s->name), DS_STR_ARG(old->name));
	else if (old->namespace_.n && s->namespace_.n && !ds_str_eq(s->namespace_, old->namespace_))
		text = ds__text(d, "the namespace of the object (%.*s) does not match the namespace on the request (%.*s)",
				DS_STR_ARG(s->namespace_), DS_STR_ARG(old->namespace_));
	if (text) {
		ds__step(d, "refused: another object than that of the URL (endpoints/handlers/rest.go:checkName)");
		ds__answer_status(d, 400, "BadRequest", text);
	} else if (s->resource_version.n && old->resource_version.n && !DS__IS(s->resource_version, "0") &&
		   !ds_str_eq(s->resource_version, old->resource_version)) {
		ds__step(d, "refused: resourceVersion is not that of the stored object (store.go:Update)");
		ds__answer_status(d, 409, "Conflict",
				  ds__text(d,
					   "Operation cannot be fulfilled on services %s: the object has been modified; "
					   "please apply your changes to the latest version and try again",
					   ds__quote(d, s->name)));
	}
}

/* etcd3/store.go:Create takes no object that was stored before. */
static void check_storable(struct ds__decision *d)
{
	if (d->options.dry_run || d->svc.resource_version.n == 0 || DS__IS(d->svc.resource_version, "0"))
		return;
	ds__step(d, "refused: resourceVersion is set (etcd3/store.go:Create)");
	ds__answer_status(d, 500, "", "resourceVersion should not be set on objects to be created");
}

static int finish(struct ds__decision *d)
{
	struct ds_service_outcome *out = d->out;

	if (d->r == 0 && !d->done && d->errors.n == 0 && !d->old)
		check_storable(d);
	if (d->r == 0 && !d->done) {
		if (d->errors.n) {
			ds__step(d, "refused: validation.go:validateService");
			ds__answer_invalid(d);
		} else {
			ds__strategy_warnings(d);
			ds__default_on_read(d, &d->svc);
			out->accepted = true;
			out->object = d->svc;
			out->object.decoding = (struct ds_service_decoding){0};
			ds__fill_fields(d);
			ds__step(d, "accepted");
		}
	}
	if (d->r < 0) {
		*out = (struct ds_service_outcome){0};
		return d->r;
	}
	out->warnings = d->warnings.v;
	out->n_warnings = d->warnings.n;
	out->steps = d->steps.v;
	out->n_steps = d->steps.n;
	return 0;
}

static bool going(const struct ds__decision *d)
{
	return !d->done && d->r == 0;
}

/* names.SimpleNameGenerator: five random characters follow; they are nobody's to know. */
static void generate_name(struct ds__decision *d)
{
	struct ds_service *s = &d->svc;

	if (s->name.n == 0 && s->generate_name.n && d->minor >= 26)
		s->name = ds_str_from(ds__text(d, "%.*sxxxxx", DS_STR_ARG(s->generate_name)));
}

static void create(struct ds__decision *d)
{
	generate_name(d);
	ds__normalize(d);
	ds__init_families(d);
	if (going(d))
		ds__allocate_ips(d);
	if (going(d))
		ds__allocate_ports(d);
	if (going(d))
		ds__validate(d);
}

static void update(struct ds__decision *d)
{
	ds__patch_allocated(d);
	ds__normalize(d);
	ds__init_families(d);
	if (going(d))
		ds__update_ips(d);
	if (going(d))
		ds__update_ports(d);
	if (!going(d))
		return;
	ds__drop_type_dependent(d);
	ds__validate_update(d);
}

int ds_service_create(struct ds_arena *a, const struct ds_service_cluster *cluster, const struct ds_service *service,
		      const struct ds_service_options *options, struct ds_service_outcome *ret)
{
	struct ds__decision d;
	int r;

	r = begin(&d, a, cluster, options, ret);
	if (r < 0)
		return r;
	take_body(&d, service);
	if (going(&d)) {
		ds__defaults(&d, &d.svc);
		if (ds__svc_has(&d, DS__STORE_PIPELINE))
			create(&d);
		else
			ds__legacy_create(&d);
	}
	return finish(&d);
}

int ds_service_update(struct ds_arena *a, const struct ds_service_cluster *cluster, const struct ds_service *before,
		      const struct ds_service *service, const struct ds_service_options *options,
		      struct ds_service_outcome *ret)
{
	struct ds_service old = *before;
	struct ds__decision d;
	int r;

	r = begin(&d, a, cluster, options, ret);
	if (r < 0)
		return r;
	take_body(&d, service);
	if (going(&d))
		check_target(&d, before);
	if (going(&d)) {
		ds__defaults(&d, &old);
		ds__default_on_read(&d, &old);
		ds__defaults(&d, &d.svc);
		d.old = &old;
		if (ds__svc_has(&d, DS__STORE_PIPELINE))
			update(&d);
		else
			ds__legacy_update(&d);
	}
	return finish(&d);
}

int ds_service_read(struct ds_arena *a, const struct ds_service_cluster *cluster, const struct ds_service *stored,
		    struct ds_service_outcome *ret)
{
	struct ds__decision d;
	int r;

	r = begin(&d, a, cluster, NULL, ret);
	if (r < 0)
		return r;
	d.svc = *stored;
	ds__defaults(&d, &d.svc);
	ds__default_on_read(&d, &d.svc);
	ret->accepted = true;
	ret->object = d.svc;
	ds__fill_fields(&d);
	return d.r;
}
