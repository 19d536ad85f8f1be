#include "collect/distro/distro.h"

#include "base/buf.h"
#include "model/settings.h"
#include "net/ip.h"
#include "yaml/scalar.h"

struct ds_distro ds_distro_of(struct ds_facts *f, const struct ds_input *input, const struct ds_yaml_node *root,
			      const char *name, enum ds_source_kind kind)
{
	struct ds_distro d = {.f = f, .input = input, .name = name, .kind = kind, .host = input->name};

	d.loc = ds_distro_loc(&d, root);
	return d;
}

struct ds_loc ds_distro_loc(const struct ds_distro *d, const struct ds_yaml_node *node)
{
	return ds_yaml_loc(d->f->ctx->arena, d->input, node);
}

bool ds_distro_next(struct ds_str *rest, bool *done, struct ds_str *ret)
{
	return rest->n > 0 && ds_str_split(rest, ',', done, ret);
}

/* ---- fields ---- */

static const struct ds_yaml_node *at(const struct ds_yaml_node *object, const char *path)
{
	const struct ds_yaml_node *n = path ? ds_yaml_field(object, path) : object;

	return n && !ds_yaml_is_null(n) ? n : NULL;
}

/* What stands on the way to path and is no mapping, so that nothing below it can be there; or NULL. */
static const struct ds_yaml_node *blocked(const struct ds_yaml_node *object, const char *path)
{
	struct ds_str rest = ds_str_from(path ? path : ""), part;
	const struct ds_yaml_node *n = object;
	bool done = false;

	while (n && rest.n && !ds_yaml_is_null(n) && ds_str_split(&rest, '.', &done, &part)) {
		const struct ds_yaml_node *child = NULL;

		if (n->kind != DS_YAML_MAPPING)
			return n;
		for (size_t i = 0; i < n->n; i++)
			if (ds_str_eq(n->pairs[i].key->text, part))
				child = n->pairs[i].value;
		n = child;
	}
	return NULL;
}

/* Many fields lie below one that is of the wrong kind: it is told once. */
static bool was_told(const struct ds_ctx *ctx, const struct ds_loc *loc)
{
	for (size_t i = ctx->diags.n; i > 0; i--) {
		const struct ds_loc *l = &ctx->diags.v[i - 1].loc;

		if (l->input != loc->input)
			return false;
		if (l->line == loc->line && l->column == loc->column)
			return true;
	}
	return false;
}

static int wrong_kind(const struct ds_distro *d, const struct ds_yaml_node *n, const char *want)
{
	struct ds_loc loc = ds_distro_loc(d, n);

	if (was_told(d->f->ctx, &loc))
		return 0;
	return ds_diag(d->f->ctx, DS_LEVEL_ERROR, &loc, NULL, "%s must be %s, and is a %s: it is left out",
		       loc.path && loc.path[0] ? loc.path : "the document", want, ds_yaml_kind_name(n));
}

int ds_distro_take(const struct ds_distro *d, const struct ds_yaml_node *object, const char *path,
		   struct ds_distro_value *v)
{
	const struct ds_yaml_node *n = at(object, path), *place = n;
	struct ds_cidr cidr;

	if (!n) {
		n = blocked(object, path);
		return n ? wrong_kind(d, n, "a mapping") : 0;
	}
	if (n->kind == DS_YAML_MAPPING)
		return n->n ? wrong_kind(d, n, "a text or a list of texts") : 0;
	if ((n->kind == DS_YAML_SCALAR ? n->text.n : n->n) == 0)
		return 0;
	if (n->kind == DS_YAML_SEQUENCE) {
		place = n->items[0];
		for (size_t i = 0; i < n->n; i++) {
			if (n->items[i]->kind == DS_YAML_SCALAR &&
			    ds_cidr_parse(n->items[i]->text, DS_IP_STRICT, &cidr) == 0)
				continue;
			place = n->items[i];
			break;
		}
	}
	v->loc = ds_distro_loc(d, place);
	return ds_yaml_flag_text(d->f->ctx->arena, n, &v->text);
}

int ds_distro_takes(const struct ds_distro *d, const struct ds_yaml_node *object, const struct ds_distro_field *fields,
		    size_t n)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = ds_distro_take(d, object, fields[i].path, fields[i].value);
	return r;
}

bool ds_distro_bool(const struct ds_yaml_node *object, const char *path, bool fallback)
{
	const struct ds_yaml_node *n = at(object, path);
	bool b;

	return n && ds_yaml_as_bool(n, &b) == 0 ? b : fallback;
}

void ds_distro_image(const struct ds_distro *d, const struct ds_yaml_node *object, const char *path,
		     struct ds_distro_version *v)
{
	const struct ds_yaml_node *n = at(object, path);
	struct ds_kube_version version;

	if (!n || n->kind != DS_YAML_SCALAR || ds_kube_version_from_image(n->text, &version) < 0)
		return;
	*v = (struct ds_distro_version){true, version, DS_VERSION_IMAGE, ds_distro_loc(d, n)};
}

void ds_distro_release(const struct ds_distro *d, const struct ds_yaml_node *object, const char *path,
		       struct ds_distro_version *v)
{
	const struct ds_yaml_node *n = at(object, path);
	struct ds_kube_version version;

	if (!n || n->kind != DS_YAML_SCALAR || ds_kube_version_parse(n->text, &version) < 0)
		return;
	*v = (struct ds_distro_version){true, version, DS_VERSION_CONFIG, ds_distro_loc(d, n)};
}

/* ---- flags ---- */

struct ds_generated ds_distro_start(const struct ds_distro *d, enum ds_component component)
{
	return (struct ds_generated){.component = component, .kind = d->kind, .loc = d->loc, .host = d->host};
}

int ds_distro_add(const struct ds_distro *d, struct ds_generated *g, const char *name, const struct ds_distro_value *v)
{
	return v->text.n ? ds_generated_add(d->f->ctx->arena, g, name, v->text, v->loc) : 0;
}

int ds_distro_addz(const struct ds_distro *d, struct ds_generated *g, const char *name, const char *text)
{
	return ds_distro_add(d, g, name, &(struct ds_distro_value){.text = ds_str_from(text)});
}

int ds_distro_addn(const struct ds_distro *d, struct ds_generated *g, const struct ds_distro_flag *flags, size_t n)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		if (flags[i].text)
			r = ds_distro_addz(d, g, flags[i].name, flags[i].text);
		else if (flags[i].value)
			r = ds_distro_add(d, g, flags[i].name, flags[i].value);
	return r;
}

static int user(const struct ds_distro *d, struct ds_generated *g, const struct ds_yaml_node *name,
		const struct ds_yaml_node *value)
{
	if (!name || !value || name->kind != DS_YAML_SCALAR || value->kind != DS_YAML_SCALAR)
		return 0;
	return ds_generated_set(d->f->ctx->arena, g, name->text, value->text, ds_distro_loc(d, value));
}

int ds_distro_args(const struct ds_distro *d, struct ds_generated *g, const struct ds_yaml_node *args)
{
	int r = 0;

	for (size_t i = 0; r == 0 && args && args->kind != DS_YAML_SCALAR && i < args->n; i++) {
		bool map = args->kind == DS_YAML_MAPPING;
		const struct ds_yaml_node *name = map ? args->pairs[i].key : ds_yaml_get(args->items[i], "name");
		const struct ds_yaml_node *value = map ? args->pairs[i].value : ds_yaml_get(args->items[i], "value");

		if (value && value->kind != DS_YAML_SEQUENCE)
			r = user(d, g, name, value);
		for (size_t k = 0; r == 0 && value && value->kind == DS_YAML_SEQUENCE && k < value->n; k++)
			r = user(d, g, name, value->items[k]);
	}
	return r;
}

int ds_distro_raw(struct ds_distro *d, struct ds_generated *g, const struct ds_yaml_node *list)
{
	int r = 0;

	for (size_t i = 0; r == 0 && list && list->kind == DS_YAML_SEQUENCE && i < list->n; i++) {
		const struct ds_yaml_node *n = list->items[i];

		if (n->kind == DS_YAML_SCALAR && ds_str_starts(n->text, "--") && ds_str_find(n->text, '=') < n->text.n)
			r = ds_generated_user(d->f->ctx->arena, g, n->text, ds_distro_loc(d, n));
		else
			d->partial = true;
	}
	return r;
}

int ds_distro_fields(const struct ds_distro *d, struct ds_generated *g, const struct ds_yaml_node *config)
{
	struct ds_arena *a = d->f->ctx->arena;
	const struct ds_setting_row *rows;
	size_t n;

	rows = ds_setting_rows(&n);
	for (size_t i = 0; i < n; i++) {
		const struct ds_yaml_node *node;
		struct ds_str value;

		if (rows[i].component != g->component || !rows[i].config || !rows[i].flag)
			continue;
		node = at(config, rows[i].config);
		if (!node)
			continue;
		if (ds_yaml_flag_text(a, node, &value) < 0 ||
		    ds_generated_set(a, g, ds_str_from(rows[i].flag), value, ds_distro_loc(d, node)) < 0)
			return DS_ENOMEM;
	}
	return 0;
}

int ds_distro_dns(const struct ds_distro *d, struct ds_generated *g, const struct ds_distro_value *services,
		  uint64_t index, bool every)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_distro_value v = {.loc = services->loc};
	struct ds_str rest = services->text, part;
	bool done = false;

	while (ds_distro_next(&rest, &done, &part) && (every || b.n == 0)) {
		char text[DS_IP_TEXT];
		struct ds_cidr cidr;
		struct ds_ip ip;

		if (ds_cidr_parse(part, DS_IP_STRICT, &cidr) < 0)
			return 0;
		ip = ds_cidr_first(&cidr);
		if (!ds_ip_add(&ip, (struct ds_u128){.lo = index}, &ip))
			return 0;
		ds_buf_printf(&b, "%s%s", b.n ? "," : "", ds_ip_format(&ip, text));
	}
	if (b.err < 0 || ds_arena_str(d->f->ctx->arena, ds_buf_str(&b), &v.text) < 0)
		return DS_ENOMEM;
	return ds_distro_add(d, g, "cluster-dns", &v);
}

int ds_distro_observe(const struct ds_distro *d, const struct ds_generated *g, const struct ds_distro_version *version)
{
	struct ds_observed *o;

	if (ds_generated_observe(d->f, g, &o) < 0)
		return DS_ENOMEM;
	o->node = d->node;
	o->cmdline.truncated |= d->partial;
	if (!version || !version->known)
		return 0;
	o->has_version = true;
	o->version = version->version;
	o->version_origin = version->origin;
	o->version_loc = version->loc;
	return 0;
}

int ds_distro_refuse(const struct ds_distro *d, const struct ds_loc *loc, const char *fmt, ...)
{
	const char *message;
	va_list ap;

	va_start(ap, fmt);
	message = ds_arena_vprintf(d->f->ctx->arena, fmt, ap);
	va_end(ap);
	if (!message)
		return DS_ENOMEM;
	return ds_diag(d->f->ctx, DS_LEVEL_ERROR, loc && loc->input ? loc : &d->loc, NULL,
		       "%s refuses this configuration: %s", d->name, message);
}
