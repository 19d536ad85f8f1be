#include "dsaudit/version.h"
#include "report/diff.h"
#include "report/json.h"
#include "report/json_report.h"

/* As deep as the reader goes, DS_LIMIT_YAML_DEPTH. */
static void value(struct ds_json *j, const struct ds_yaml_node *n)
{
	if (n->kind == DS_YAML_SCALAR && n->style == DS_YAML_DOUBLE_QUOTED) {
		ds_json_str(j, n->text);
	} else if (n->kind == DS_YAML_SCALAR) {
		ds_json_raw(j, n->text);
	} else if (n->kind == DS_YAML_SEQUENCE) {
		ds_json_array(j);
		for (size_t i = 0; i < n->n; i++)
			value(j, n->items[i]);
		ds_json_end_array(j);
	} else {
		ds_json_object(j);
		for (size_t i = 0; i < n->n; i++) {
			/* No name twice, whatever was read. */
			if (n->pairs[i].flags & DS_YAML_F_DUPLICATE)
				continue;
			ds_json_key_str(j, n->pairs[i].key->text);
			value(j, n->pairs[i].value);
		}
		ds_json_end_object(j);
	}
}

static void kv_value(struct ds_json *j, const char *key, const struct ds_yaml_node *n)
{
	ds_json_key(j, key);
	if (n)
		value(j, n);
	else
		ds_json_string(j, NULL);
}

static void side(struct ds_json *j, const char *key, const struct ds_saved *s)
{
	enum ds_ink ink;

	ds_json_key(j, key);
	ds_json_object(j);
	ds_json_kv(j, "source", s->input->name);
	ds_json_kv(j, "toolVersion", s->tool_version);
	ds_json_kv(j, "verdict", ds_say_verdict(&s->tally, &ink));
	ds_json_kv_int(j, "error", (int64_t)s->tally.severity[DS_SEVERITY_ERROR]);
	ds_json_kv_int(j, "warning", (int64_t)s->tally.severity[DS_SEVERITY_WARNING]);
	ds_json_kv_int(j, "info", (int64_t)s->tally.severity[DS_SEVERITY_INFO]);
	ds_json_kv_int(j, "passed", (int64_t)s->tally.passed);
	ds_json_kv_int(j, "missing", (int64_t)s->tally.missing);
	ds_json_kv_int(j, "suppressed", (int64_t)s->tally.suppressed);
	ds_json_kv_bool(j, "incomplete", s->tally.incomplete);
	ds_json_end_object(j);
}

static void by_severity(struct ds_json *j, const char *key, const size_t n[static DS_SEVERITY__COUNT])
{
	ds_json_key(j, key);
	ds_json_object(j);
	for (int s = DS_SEVERITY__COUNT - 1; s >= 0; s--)
		ds_json_kv_int(j, ds_severity_name((enum ds_severity)s), (int64_t)n[s]);
	ds_json_end_object(j);
}

static void summary(struct ds_json *j, const struct ds_diff_counts *n)
{
	ds_json_key(j, "summary");
	ds_json_object(j);
	by_severity(j, "new", n->fresh);
	by_severity(j, "worse", n->worse);
	ds_json_kv_int(j, "unknown", (int64_t)n->lost);
	ds_json_kv_int(j, "known", (int64_t)n->known);
	ds_json_kv_int(j, "fixed", (int64_t)n->fixed);
	ds_json_kv_int(j, "changed", (int64_t)n->changed);
	ds_json_kv_int(j, "suppressed", (int64_t)n->suppressed);
	ds_json_kv_int(j, "unchanged", (int64_t)n->unchanged);
	ds_json_kv_int(j, "failedInputs", (int64_t)n->failed_inputs);
	ds_json_end_object(j);
}

static void input_side(struct ds_json *j, const char *key, const struct ds_saved_input *in)
{
	ds_json_key(j, key);
	if (!in) {
		ds_json_string(j, NULL);
		return;
	}
	ds_json_object(j);
	ds_json_kv(j, "type", in->in.type);
	ds_json_kv(j, "status", ds_input_status_name(in->in.status));
	if (in->in.reason)
		ds_json_kv(j, "reason", in->in.reason);
	ds_json_end_object(j);
}

static void inputs(struct ds_json *j, const struct ds_diff *d)
{
	ds_json_key(j, "inputs");
	ds_json_array(j);
	for (size_t i = 0; i < d->inputs.n; i++) {
		const struct ds_diff_input *x = &d->inputs.v[i];

		ds_json_object(j);
		ds_json_kv(j, "source", (x->new ? x->new : x->old)->in.name);
		input_side(j, "old", x->old);
		input_side(j, "new", x->new);
		ds_json_end_object(j);
	}
	ds_json_end_array(j);
}

/* A finding as its report has it. */
static void finding_side(struct ds_json *j, const char *key, const struct ds_saved_finding *f)
{
	ds_json_key(j, key);
	if (!f) {
		ds_json_string(j, NULL);
		return;
	}
	ds_json_object(j);
	ds_json_finding(j, &f->f);
	if (f->by) {
		ds_json_kv(j, "by", f->by);
		ds_json_kv(j, "reason", f->reason);
	}
	ds_json_end_object(j);
}

static void finding(struct ds_json *j, const struct ds_diff_finding *d)
{
	const struct ds_finding *f = d->new ? &d->new->f : &d->old->f;

	ds_json_object(j);
	ds_json_kv(j, "status", ds_diff_status_name(d->status));
	ds_json_kv(j, "rule", f->rule->id);
	if (d->reason)
		ds_json_kv(j, "reason", d->reason);
	if (d->status == DS_DIFF_CHANGED) {
		ds_json_kv_bool(j, "worse", d->worse);
		ds_json_kv_bool(j, "severityChanged", d->severity);
		ds_json_kv_bool(j, "messageChanged", d->message);
		ds_json_kv_int(j, "came", (int64_t)d->came);
		ds_json_kv_int(j, "went", (int64_t)d->went);
	}
	finding_side(j, "old", d->old);
	finding_side(j, "new", d->new);
	ds_json_end_object(j);
}

static void component(struct ds_json *j, const struct ds_saved_component *c)
{
	ds_json_kv(j, "component", c->component);
	if (*c->node)
		ds_json_kv(j, "node", c->node);
	ds_json_key(j, "source");
	ds_json_location(j, &c->loc);
}

static void facts(struct ds_json *j, const struct ds_diff_cluster *c)
{
	ds_json_key(j, "facts");
	ds_json_array(j);
	for (size_t i = 0; i < c->facts.n; i++) {
		const struct ds_diff_fact *f = &c->facts.v[i];

		ds_json_object(j);
		ds_json_kv(j, "change", ds_diff_change_name(f->change));
		ds_json_kv(j, "what", f->what);
		if (f->component)
			component(j, f->component);
		if (f->reason)
			ds_json_kv(j, "reason", f->reason);
		kv_value(j, "old", f->old);
		kv_value(j, "new", f->new);
		ds_json_end_object(j);
	}
	ds_json_end_array(j);
}

static const char *change(const void *old, const void *new)
{
	return !old ? "appeared" : !new ? "vanished" : "changed";
}

static void components(struct ds_json *j, const struct ds_diff_cluster *c)
{
	ds_json_key(j, "components");
	ds_json_array(j);
	for (size_t i = 0; i < c->components.n; i++) {
		const struct ds_diff_component *x = &c->components.v[i];

		ds_json_object(j);
		ds_json_kv(j, "change", change(x->old, x->new));
		component(j, x->new ? x->new : x->old);
		ds_json_end_object(j);
	}
	ds_json_end_array(j);
}

static void services(struct ds_json *j, const struct ds_diff_cluster *c)
{
	ds_json_key(j, "services");
	ds_json_array(j);
	for (size_t i = 0; i < c->services.n; i++) {
		const struct ds_diff_service *x = &c->services.v[i];
		const struct ds_saved_service *s = x->new ? x->new : x->old;

		ds_json_object(j);
		ds_json_kv(j, "change", change(x->old, x->new));
		ds_json_kv(j, "namespace", s->ns);
		ds_json_kv(j, "name", s->name);
		ds_json_kv(j, "operation", s->operation);
		kv_value(j, "old", x->old ? x->old->node : NULL);
		kv_value(j, "new", x->new ? x->new->node : NULL);
		ds_json_end_object(j);
	}
	ds_json_end_array(j);
}

static void cluster(struct ds_json *j, const struct ds_diff_cluster *c)
{
	ds_json_object(j);
	ds_json_kv(j, "name", (c->new ? c->new : c->old)->name);
	ds_json_kv(j, "change", c->old && c->new ? "none" : change(c->old, c->new));
	if (c->old && c->new && strcmp(c->old->name, c->new->name) != 0)
		ds_json_kv(j, "oldName", c->old->name);
	ds_json_key(j, "findings");
	ds_json_array(j);
	for (size_t i = 0; i < c->findings.n; i++)
		finding(j, &c->findings.v[i]);
	ds_json_end_array(j);
	facts(j, c);
	components(j, c);
	ds_json_key(j, "checks");
	ds_json_array(j);
	for (size_t i = 0; i < c->checks.n; i++) {
		ds_json_object(j);
		ds_json_kv(j, "rule", c->checks.v[i].rule);
		ds_json_kv(j, "old", c->checks.v[i].old);
		ds_json_kv(j, "new", c->checks.v[i].new);
		ds_json_end_object(j);
	}
	ds_json_end_array(j);
	services(j, c);
	ds_json_end_object(j);
}

void ds_diff_json(const struct ds_diff *d, const struct ds_text_options *o, struct ds_out *out)
{
	struct ds_json j;
	enum ds_ink ink;

	(void)o;
	ds_json_init(&j, out);
	ds_json_object(&j);
	ds_json_kv(&j, "apiVersion", "dsaudit.dev/v1");
	ds_json_kv(&j, "kind", "AuditDiff");
	ds_json_key(&j, "tool");
	ds_json_object(&j);
	ds_json_kv(&j, "name", "dsaudit");
	ds_json_kv(&j, "version", DS_VERSION);
	ds_json_end_object(&j);
	ds_json_kv(&j, "verdict", ds_diff_verdict(d, &ink));
	side(&j, "old", d->old);
	side(&j, "new", d->new);
	summary(&j, &d->counts);
	inputs(&j, d);
	ds_json_key(&j, "clusters");
	ds_json_array(&j);
	for (size_t i = 0; i < d->clusters.n; i++)
		cluster(&j, &d->clusters.v[i]);
	ds_json_end_array(&j);
	ds_json_end_object(&j);
}
