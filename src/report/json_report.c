#include "dsaudit/version.h"
#include "report/json_report.h"
#include "report/service_json.h"

void ds_json_location(struct ds_json *j, const struct ds_loc *l)
{
	ds_json_object(j);
	ds_json_kv(j, "source", l->input ? l->input->name : "");
	if (l->line)
		ds_json_kv_int(j, "line", l->line);
	if (l->column)
		ds_json_kv_int(j, "column", l->column);
	if (l->pid)
		ds_json_kv_int(j, "pid", l->pid);
	if (l->flag)
		ds_json_kv(j, "flag", l->flag);
	if (l->path)
		ds_json_kv(j, "path", l->path);
	ds_json_end_object(j);
}

static void version(struct ds_json *j, const struct ds_kube_version *v, enum ds_version_origin origin)
{
	char text[48];

	if (v->has_patch)
		(void)snprintf(text, sizeof(text), "%u.%u.%u", v->major, v->minor, v->patch);
	else
		(void)snprintf(text, sizeof(text), "%u.%u", v->major, v->minor);
	ds_json_object(j);
	ds_json_kv(j, "value", text);
	ds_json_kv(j, "origin", ds_version_origin_name(origin));
	ds_json_end_object(j);
}

static void families(struct ds_json *j, const char *key, const struct ds_families *f)
{
	ds_json_key(j, key);
	ds_json_array(j);
	for (size_t i = 0; i < f->n; i++)
		ds_json_string(j, ds_family_name(f->v[i]));
	ds_json_end_array(j);
}

/* An empty list of families says nothing of why: this does. */
static void unknown_families(struct ds_json *j, const struct ds_cluster *c)
{
	const struct {
		const char *key;
		const struct ds_families *f;
	} rows[] = {{"services", &c->service_families}, {"pods", &c->pod_families}, {"nodes", &c->node_families}};

	ds_json_key(j, "unknownFamilies");
	ds_json_object(j);
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		if (!rows[i].f->known)
			ds_json_kv(j, rows[i].key, rows[i].f->reason);
	ds_json_end_object(j);
}

static void ranges(struct ds_json *j, const char *key, const struct ds_ranges *r)
{
	ds_json_key(j, key);
	ds_json_array(j);
	for (size_t i = 0; i < r->n; i++) {
		char text[DS_CIDR_TEXT];

		ds_json_string(j, ds_cidr_format(&r->v[i], text));
	}
	ds_json_end_array(j);
}

static void setting(struct ds_json *j, const struct ds_setting *s)
{
	const struct ds_setting_row *row = s->row;

	if (s->state == DS_SETTING_ABSENT)
		return;
	if (row->flag && (s->origin != DS_ORIGIN_CONFIG || !row->config)) {
		char key[80];

		(void)snprintf(key, sizeof(key), "--%s", row->flag);
		ds_json_key(j, key);
	} else {
		ds_json_key(j, row->config);
	}
	ds_json_object(j);
	if (s->state == DS_SETTING_UNKNOWN) {
		ds_json_kv(j, "origin", "unknown");
		ds_json_kv(j, "reason", s->reason);
	} else {
		ds_json_key(j, "value");
		ds_json_str(j, s->raw);
		ds_json_kv(j, "origin", ds_setting_origin_name(s->origin));
	}
	if (s->origin != DS_ORIGIN_DEFAULT && s->loc.input) {
		ds_json_key(j, "location");
		ds_json_location(j, &s->loc);
	}
	if (s->n_overridden) {
		ds_json_key(j, "overrides");
		ds_json_array(j);
		for (size_t i = 0; i < s->n_overridden; i++)
			ds_json_str(j, s->overridden[i]->value);
		ds_json_end_array(j);
	}
	ds_json_end_object(j);
}

static void messages(struct ds_json *j, const char *key, const struct ds_verdict_msg *v, size_t n)
{
	ds_json_key(j, key);
	ds_json_array(j);
	for (size_t i = 0; i < n; i++)
		ds_json_string(j, v[i].message);
	ds_json_end_array(j);
}

static void startup(struct ds_json *j, const struct ds_verdict *v)
{
	ds_json_key(j, "startup");
	ds_json_object(j);
	/* Unknown is neither true nor false: null, with the reason beside it. */
	ds_json_key(j, "accepted");
	if (v->startup == DS_STARTUP_UNKNOWN)
		ds_json_string(j, NULL);
	else
		ds_json_bool(j, v->startup == DS_STARTUP_ACCEPTED);
	if (v->startup == DS_STARTUP_UNKNOWN && v->reason)
		ds_json_kv(j, "reason", v->reason);
	messages(j, "errors", v->errors.v, v->errors.n);
	messages(j, "warnings", v->warnings.v, v->warnings.n);
	ds_json_end_object(j);
}

static void derived_item(struct ds_json *j, const struct ds_derived *d, size_t i)
{
	if (d->kind == DS_DERIVED_NUMBERS)
		ds_json_number(j, d->list[i]);
	else
		ds_json_string(j, d->list[i]);
}

static void derived(struct ds_json *j, const struct ds_verdict *v)
{
	ds_json_key(j, "derived");
	ds_json_object(j);
	for (size_t i = 0; i < v->derived.n; i++) {
		const struct ds_derived *d = &v->derived.v[i];

		ds_json_key(j, d->name);
		switch (d->kind) {
		case DS_DERIVED_STRING:
			ds_json_string(j, d->string);
			break;
		case DS_DERIVED_INT:
			ds_json_int(j, d->integer);
			break;
		case DS_DERIVED_BOOL:
			ds_json_bool(j, d->boolean);
			break;
		case DS_DERIVED_LIST:
		case DS_DERIVED_NUMBERS:
			ds_json_array(j);
			for (size_t k = 0; k < d->n; k++)
				derived_item(j, d, k);
			ds_json_end_array(j);
			break;
		}
	}
	ds_json_end_object(j);
}

/* The settings that differ, as they run or as they are configured; one that is absent is left out. */
static void differences(struct ds_json *j, const struct ds_component_model *c, const struct ds_component_model *in,
			bool is_configured)
{
	ds_json_key(j, is_configured ? "configured" : "running");
	ds_json_object(j);
	for (size_t i = 0; i < c->differences.n; i++)
		if (c->differences.v[i].configured_in == in)
			setting(j, is_configured ? c->differences.v[i].configured : c->differences.v[i].running);
	ds_json_end_object(j);
}

/* What would run after a restart, and what of it is another. */
static void configured(struct ds_json *j, const struct ds_component_model *c)
{
	if (c->configured.n == 0)
		return;
	ds_json_key(j, "configured");
	ds_json_array(j);
	for (size_t i = 0; i < c->configured.n; i++) {
		const struct ds_component_model *m = c->configured.v[i];

		ds_json_object(j);
		ds_json_kv(j, "kind", ds_source_kind_name(m->observed->kind));
		ds_json_key(j, "source");
		ds_json_location(j, &m->observed->loc);
		startup(j, &m->verdict);
		ds_json_key(j, "differences");
		ds_json_object(j);
		differences(j, c, m, false);
		differences(j, c, m, true);
		ds_json_end_object(j);
		ds_json_end_object(j);
	}
	ds_json_end_array(j);
}

static void component(struct ds_json *j, const struct ds_component_model *c)
{
	ds_json_object(j);
	ds_json_kv(j, "component", ds_component_name(c->observed->component));
	if (c->node)
		ds_json_kv(j, "node", c->node);
	ds_json_key(j, "kubernetesVersion");
	version(j, &c->version, c->version_origin);
	ds_json_key(j, "source");
	ds_json_location(j, &c->observed->loc);
	ds_json_key(j, "settings");
	ds_json_object(j);
	for (size_t i = 0; i < c->n_settings; i++)
		setting(j, &c->settings[i]);
	ds_json_end_object(j);
	startup(j, &c->verdict);
	derived(j, &c->verdict);
	configured(j, c);
	ds_json_end_object(j);
}

void ds_json_finding(struct ds_json *j, const struct ds_finding *f)
{
	ds_json_kv(j, "rule", f->rule->id);
	ds_json_kv(j, "name", f->rule->name);
	ds_json_kv(j, "severity", ds_severity_name(f->severity));
	ds_json_kv(j, "status", ds_status_name(f->status));
	ds_json_kv(j, "message", f->message);
	if (f->fix)
		ds_json_kv(j, "fix", f->fix);
	if (f->count > 1)
		ds_json_kv_int(j, "count", (int64_t)f->count);
	ds_json_key(j, "locations");
	ds_json_array(j);
	for (size_t i = 0; i < f->n_locations; i++)
		ds_json_location(j, &f->locations[i]);
	ds_json_end_array(j);
	ds_json_kv(j, "fingerprint", ds_finding_id(f));
	if (f->n_members)
		ds_json_kv_strings(j, "fingerprints", f->members, f->n_members);
}

static void findings(struct ds_json *j, const struct ds_findings *f)
{
	ds_json_key(j, "findings");
	ds_json_array(j);
	for (size_t i = 0; i < f->v.n; i++) {
		ds_json_object(j);
		ds_json_finding(j, &f->v.v[i]);
		ds_json_end_object(j);
	}
	ds_json_end_array(j);
}

static void suppressed(struct ds_json *j, const struct ds_suppressed_list *l)
{
	ds_json_key(j, "suppressed");
	ds_json_array(j);
	for (size_t i = 0; i < l->v.n; i++) {
		ds_json_object(j);
		ds_json_finding(j, &l->v.v[i].finding);
		ds_json_kv(j, "by", ds_suppressed_by_name(l->v.v[i].by));
		ds_json_kv(j, "reason", l->v.v[i].reason);
		ds_json_end_object(j);
	}
	ds_json_end_array(j);
}

/* How every rule ended: what has no finding may have passed, may not apply, or may not have been asked. */
static void checks(struct ds_json *j, const struct ds_findings *f)
{
	ds_json_key(j, "checks");
	ds_json_object(j);
	for (size_t i = 0; i < f->results.n; i++)
		ds_json_kv(j, f->results.v[i].rule->id, ds_status_name(f->results.v[i].status));
	ds_json_end_object(j);
}

static void node_blocks(struct ds_json *j, const struct ds_node_blocks *b)
{
	if (!b->known)
		return;
	ds_json_key(j, "nodePodCIDRs");
	ds_json_object(j);
	ds_json_kv_int(j, "capacity", (int64_t)b->capacity);
	ds_json_key(j, "first");
	ds_json_array(j);
	for (size_t i = 0; i < b->first.n; i++) {
		ds_json_array(j);
		for (size_t k = 0; k < b->families; k++)
			ds_json_string(j, b->first.v[i].v[k]);
		ds_json_end_array(j);
	}
	ds_json_end_array(j);
	ds_json_end_object(j);
}

static void cluster(struct ds_json *j, const struct ds_report_cluster *rc)
{
	const struct ds_cluster *c = rc->cluster;

	ds_json_object(j);
	ds_json_kv(j, "name", c->name);
	ds_json_key(j, "kubernetesVersion");
	version(j, &c->version, c->version_origin);
	ds_json_key(j, "families");
	ds_json_object(j);
	families(j, "services", &c->service_families);
	families(j, "pods", &c->pod_families);
	families(j, "nodes", &c->node_families);
	ds_json_end_object(j);
	unknown_families(j, c);
	ranges(j, "serviceClusterIPRange", &c->services);
	ranges(j, "clusterCIDR", &c->pods);
	ds_json_key(j, "components");
	ds_json_array(j);
	for (size_t i = 0; i < c->components.n; i++)
		component(j, c->components.v[i]);
	ds_json_end_array(j);
	ds_json_key(j, "alsoSeen");
	ds_json_array(j);
	for (size_t i = 0; i < c->seen.n; i++) {
		ds_json_object(j);
		ds_json_kv(j, "component", ds_component_name(c->seen.v[i]->component));
		ds_json_key(j, "source");
		ds_json_location(j, &c->seen.v[i]->loc);
		ds_json_end_object(j);
	}
	ds_json_end_array(j);
	node_blocks(j, &c->node_blocks);
	findings(j, &rc->findings);
	suppressed(j, &rc->suppressed);
	checks(j, &rc->findings);
	ds_json_key(j, "services");
	ds_service_json_preview(j, &rc->preview);
	ds_json_end_object(j);
}

static void inputs(struct ds_json *j, const struct ds_ctx *ctx)
{
	ds_json_key(j, "inputs");
	ds_json_array(j);
	for (size_t i = 0; i < ctx->inputs.n; i++) {
		const struct ds_input *in = ctx->inputs.v[i];

		ds_json_object(j);
		ds_json_kv(j, "source", in->name);
		ds_json_kv(j, "type", in->type);
		ds_json_kv(j, "status", ds_input_status_name(in->status));
		if (in->reason)
			ds_json_kv(j, "reason", in->reason);
		ds_json_end_object(j);
	}
	ds_json_end_array(j);
}

static void diagnostics(struct ds_json *j, const struct ds_ctx *ctx)
{
	ds_json_key(j, "diagnostics");
	ds_json_array(j);
	for (size_t i = 0; i < ctx->diags.n; i++) {
		const struct ds_diag *d = &ctx->diags.v[i];

		ds_json_object(j);
		ds_json_kv(j, "level", ds_level_name(d->level));
		ds_json_kv(j, "message", d->message);
		if (d->hint)
			ds_json_kv(j, "hint", d->hint);
		ds_json_key(j, "location");
		ds_json_location(j, &d->loc);
		ds_json_end_object(j);
	}
	ds_json_end_array(j);
}

void ds_report_json(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out)
{
	const struct ds_summary *s = &r->summary;
	struct ds_json j;

	(void)o;
	ds_json_init(&j, out);
	ds_json_object(&j);
	ds_json_kv(&j, "apiVersion", "dsaudit.dev/v1");
	ds_json_kv(&j, "kind", "AuditReport");
	ds_json_key(&j, "tool");
	ds_json_object(&j);
	ds_json_kv(&j, "name", "dsaudit");
	ds_json_kv(&j, "version", DS_VERSION);
	ds_json_end_object(&j);
	inputs(&j, r->ctx);
	ds_json_key(&j, "clusters");
	ds_json_array(&j);
	for (size_t i = 0; i < r->clusters.n; i++)
		cluster(&j, &r->clusters.v[i]);
	ds_json_end_array(&j);
	diagnostics(&j, r->ctx);
	ds_json_key(&j, "summary");
	ds_json_object(&j);
	ds_json_kv_int(&j, "error", (int64_t)s->severity[DS_SEVERITY_ERROR]);
	ds_json_kv_int(&j, "warning", (int64_t)s->severity[DS_SEVERITY_WARNING]);
	ds_json_kv_int(&j, "info", (int64_t)s->severity[DS_SEVERITY_INFO]);
	ds_json_kv_int(&j, "unknown", (int64_t)s->unknown);
	ds_json_kv_int(&j, "suppressed", (int64_t)s->suppressed);
	ds_json_kv_int(&j, "passed", (int64_t)s->passed);
	ds_json_kv_int(&j, "notApplicable", (int64_t)s->not_applicable);
	ds_json_end_object(&j);
	ds_json_end_object(&j);
}
