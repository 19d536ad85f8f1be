#include "report/formats.h"
#include "report/json.h"
#include "report/say.h"

/*
 * The reports that policy engines leave in a cluster: the retired working
 * group's ClusterPolicyReport and its successor, OpenReports' ClusterReport.
 * One per cluster; JSON, which kubectl takes as it takes YAML. No timestamps.
 */

struct dialect {
	const char *api_version, *kind;
	bool has_source; /* at the top */
};

static const struct dialect policy_report = {"wgpolicyk8s.io/v1alpha2", "ClusterPolicyReport", false};
static const struct dialect open_report = {"openreports.io/v1alpha1", "ClusterReport", true};

/* pass: holds. fail, warn: does not. error: could not be evaluated. skip: does not apply. */
enum result { RESULT_PASS, RESULT_FAIL, RESULT_WARN, RESULT_ERROR, RESULT_SKIP, RESULT__COUNT };

static const char *const result_names[RESULT__COUNT] = {
	[RESULT_PASS] = "pass",   [RESULT_FAIL] = "fail", [RESULT_WARN] = "warn",
	[RESULT_ERROR] = "error", [RESULT_SKIP] = "skip",
};

static const char *const severities[] = {
	[DS_SEVERITY_INFO] = "info",
	[DS_SEVERITY_WARNING] = "medium",
	[DS_SEVERITY_ERROR] = "high",
};

struct policy {
	struct ds_json j;
	size_t n[RESULT__COUNT];
};

static void open_result(struct policy *w, enum result result, const char *policy, const char *rule,
			const char *severity, const char *message)
{
	struct ds_json *j = &w->j;

	w->n[result]++;
	ds_json_object(j);
	ds_json_kv(j, "source", "dsaudit");
	ds_json_kv(j, "policy", policy);
	ds_json_kv(j, "rule", rule);
	ds_json_kv(j, "category", "dual-stack");
	if (severity)
		ds_json_kv(j, "severity", severity);
	ds_json_kv(j, "result", result_names[result]);
	/* Only a failure and a pass count; the others are advice, or tell nothing. */
	ds_json_kv_bool(j, "scored", result == RESULT_PASS || result == RESULT_FAIL);
	ds_json_kv(j, "message", message);
}

static void place_property(struct ds_json *j, const char *key, const struct ds_loc *l)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	ds_say_place(l, &b);
	ds_json_key(j, key);
	ds_json_str(j, ds_buf_str(&b));
}

static void finding(struct policy *w, const struct ds_finding *f)
{
	static const enum result results[] = {
		[DS_SEVERITY_INFO] = RESULT_WARN,
		[DS_SEVERITY_WARNING] = RESULT_WARN,
		[DS_SEVERITY_ERROR] = RESULT_FAIL,
	};
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_json *j = &w->j;

	ds_say_finding(f, &b);
	open_result(w, f->status == DS_STATUS_FAIL ? results[f->severity] : RESULT_ERROR, f->rule->id, f->rule->name,
		    severities[f->severity], b.p);
	ds_json_key(j, "properties");
	ds_json_object(j);
	for (size_t i = 0; i < f->n_locations; i++) {
		char key[24];

		(void)snprintf(key, sizeof(key), i ? "location.%zu" : "location", i + 1);
		place_property(j, key, &f->locations[i]);
	}
	if (f->fix)
		ds_json_kv(j, "fix", f->fix);
	ds_json_kv(j, "fingerprint", ds_finding_id(f));
	ds_json_end_object(j);
	ds_json_end_object(j);
}

static void remark(void *arg, enum ds_level level, const char *message, const char *hint, const struct ds_loc *l)
{
	struct policy *w = arg;

	/* Nothing audited is no pass either. */
	if (level != DS_LEVEL_ERROR && !(level == DS_LEVEL_WARNING && !l->input))
		return;
	open_result(w, RESULT_ERROR, "input", "input-not-audited", NULL, message);
	ds_json_key(&w->j, "properties");
	ds_json_object(&w->j);
	if (l->input)
		place_property(&w->j, "location", l);
	if (hint)
		ds_json_kv(&w->j, "hint", hint);
	ds_json_end_object(&w->j);
	ds_json_end_object(&w->j);
}

static bool has_finding(const struct ds_findings *f, const struct ds_rule *rule)
{
	for (size_t i = 0; i < f->v.n; i++)
		if (strcmp(f->v.v[i].rule->id, rule->id) == 0)
			return true;
	return false;
}

static void rule_result(struct policy *w, const struct ds_report_cluster *c, const struct ds_rule_result *r)
{
	_ds_buf_done_ struct ds_buf why = DS_BUF_INIT;
	bool pass = r->status == DS_STATUS_PASS;

	if (!pass && r->status != DS_STATUS_NOT_APPLICABLE && has_finding(&c->findings, r->rule))
		return;
	if (pass)
		ds_buf_addz(&why, "holds");
	else if (r->status == DS_STATUS_NOT_APPLICABLE)
		ds_buf_addz(&why, "does not apply");
	else
		ds_say_why_silent(c, r->rule, &why);
	open_result(w, pass ? RESULT_PASS : RESULT_SKIP, r->rule->id, r->rule->name, severities[r->rule->severity],
		    why.p);
	ds_json_end_object(&w->j);
}

/* Rules without findings, then the findings. */
static void results(struct policy *w, const struct ds_report_cluster *c)
{
	for (size_t i = 0; i < c->findings.results.n; i++)
		rule_result(w, c, &c->findings.results.v[i]);
	for (size_t i = 0; i < c->findings.v.n; i++)
		finding(w, &c->findings.v.v[i]);
}

/* "dsaudit-CLUSTER" as an object's name: lower case, digits and single dashes, at most 63. */
static void add_name(struct ds_buf *b, const char *cluster, size_t number)
{
	ds_buf_addz(b, "dsaudit");
	for (bool dash = true; *cluster && b->n < 50; cluster++) {
		if (!ds_c_is_alnum(*cluster)) {
			dash = true;
			continue;
		}
		if (dash)
			ds_buf_addc(b, '-');
		ds_buf_addc(b, ds_c_lower(*cluster));
		dash = false;
	}
	if (number)
		ds_buf_printf(b, "-%zu", number);
}

/* c: NULL when no cluster was found. The first report also tells what could not be read. */
static void report(struct policy *w, const struct dialect *d, const struct ds_report *r,
		   const struct ds_report_cluster *c, size_t number)
{
	_ds_buf_done_ struct ds_buf name = DS_BUF_INIT;
	struct ds_json *j = &w->j;

	for (size_t i = 0; i < RESULT__COUNT; i++)
		w->n[i] = 0;
	add_name(&name, c ? c->cluster->name : "", number);
	ds_json_object(j);
	ds_json_kv(j, "apiVersion", d->api_version);
	ds_json_kv(j, "kind", d->kind);
	ds_json_key(j, "metadata");
	ds_json_object(j);
	ds_json_kv(j, "name", name.p);
	ds_json_key(j, "labels");
	ds_json_object(j);
	ds_json_kv(j, "app.kubernetes.io/managed-by", "dsaudit");
	ds_json_end_object(j);
	ds_json_end_object(j);
	if (d->has_source)
		ds_json_kv(j, "source", "dsaudit");
	ds_json_key(j, "results");
	ds_json_array(j);
	if (number < 2)
		ds_report_each_remark(r, remark, w);
	if (c)
		results(w, c);
	ds_json_end_array(j);
	ds_json_key(j, "summary");
	ds_json_object(j);
	for (size_t i = 0; i < RESULT__COUNT; i++)
		ds_json_kv_int(j, result_names[i], (int64_t)w->n[i]);
	ds_json_end_object(j);
	ds_json_end_object(j);
}

static void reports(const struct dialect *d, const struct ds_report *r, struct ds_out *out)
{
	struct policy w = {0};

	ds_json_init(&w.j, out);
	if (r->clusters.n < 2) {
		report(&w, d, r, r->clusters.n ? &r->clusters.v[0] : NULL, 0);
		return;
	}
	ds_json_object(&w.j);
	ds_json_kv(&w.j, "apiVersion", "v1");
	ds_json_kv(&w.j, "kind", "List");
	ds_json_key(&w.j, "items");
	ds_json_array(&w.j);
	for (size_t i = 0; i < r->clusters.n; i++)
		report(&w, d, r, &r->clusters.v[i], i + 1);
	ds_json_end_array(&w.j);
	ds_json_end_object(&w.j);
}

void ds_report_policyreport(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out)
{
	(void)o;
	reports(&policy_report, r, out);
}

void ds_report_openreports(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out)
{
	(void)o;
	reports(&open_report, r, out);
}
