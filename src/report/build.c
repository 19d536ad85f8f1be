#include "model/server.h"
#include "report/formats.h"

#include "rules/merge.h"

static void count(const struct ds_findings *f, struct ds_summary *s)
{
	for (size_t i = 0; i < f->v.n; i++) {
		if (f->v.v[i].status == DS_STATUS_FAIL)
			s->severity[f->v.v[i].severity]++;
		else
			s->unknown++;
	}
	for (size_t i = 0; i < f->results.n; i++) {
		s->passed += f->results.v[i].status == DS_STATUS_PASS;
		s->not_applicable += f->results.v[i].status == DS_STATUS_NOT_APPLICABLE;
	}
}

/* What stands in the inputs themselves. */
static int read_inputs(struct ds_suppressions *s, struct ds_ctx *ctx)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ctx->inputs.n; i++) {
		r = ds_suppress_read_comments(s, ctx, ctx->inputs.v[i]);
		if (r == 0)
			r = ds_suppress_read_annotations(s, ctx, ctx->inputs.v[i]);
	}
	return r;
}

static int build_preview(struct ds_arena *a, const struct ds_cluster *c, struct ds_preview *ret)
{
	struct ds_service_cluster cluster;
	int r;

	*ret = (struct ds_preview){.version = c->version};
	if (!ds_cluster_server(c, &cluster, &ret->unknown))
		return 0;
	r = ds_preview_matrix(a, &cluster, &c->version, false, ret);
	ret->services = c->service_judge;
	return r;
}

int ds_report_build(const struct ds_facts *facts, const struct ds_model *model, const struct ds_ruleset *rules,
		    struct ds_suppressions *s, struct ds_report *ret)
{
	struct ds_arena *a = facts->ctx->arena;
	int r = ds_suppress_begin(s, facts->ctx);

	*ret = (struct ds_report){.ctx = facts->ctx, .facts = facts};
	if (r == 0)
		r = read_inputs(s, facts->ctx);
	for (size_t i = 0; r == 0 && i < model->clusters.n; i++) {
		struct ds_report_cluster *c = ds_vec_add(a, &ret->clusters);

		if (!c)
			return DS_ENOMEM;
		c->cluster = model->clusters.v[i];
		r = ds_rules_eval(a, rules, c->cluster, &c->findings);
		if (r == 0)
			r = ds_suppress_apply(s, c->cluster, &c->findings, &c->suppressed);
		if (r == 0)
			r = ds_findings_merge(a, &c->findings);
		if (r == 0)
			r = build_preview(a, c->cluster, &c->preview);
		if (r == 0)
			count(&c->findings, &ret->summary);
		ret->summary.suppressed += c->suppressed.v.n;
	}
	if (r == 0)
		r = ds_suppress_end(s, facts->ctx);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ret->ctx->inputs.n; i++)
		ret->incomplete |= ret->ctx->inputs.v[i]->status == DS_INPUT_FAILED;
	for (size_t i = 0; i < ret->ctx->diags.n; i++)
		ret->incomplete |= ret->ctx->diags.v[i].level == DS_LEVEL_ERROR;
	return 0;
}

const struct ds_format *ds_formats(size_t *ret_n)
{
	static const struct ds_format formats[] = {
		{"text", "for people: verdict, families, findings, Service preview", ds_report_text},
		{"json", "AuditReport, for programs", ds_report_json},
		{"sarif", "SARIF 2.1.0, for code scanning", ds_report_sarif},
		{"junit", "JUnit XML, for Jenkins and other CI servers", ds_report_junit},
		{"github", "workflow commands: annotations of a GitHub Actions step", ds_report_github},
		{"gitlab", "GitLab code quality", ds_report_gitlab},
		{"gcc", "file:line:column: lines, for editors", ds_report_gcc},
		{"markdown", "for a ticket or a pull request", ds_report_markdown},
		{"html", "a page for people: one file, no scripts, nothing loaded", ds_report_html},
		{"policyreport", "ClusterPolicyReport, wgpolicyk8s.io/v1alpha2", ds_report_policyreport},
		{"openreports", "ClusterReport, openreports.io/v1alpha1", ds_report_openreports},
	};

	*ret_n = DS_ARRAY_SIZE(formats);
	return formats;
}

const struct ds_format *ds_format_find(struct ds_str name)
{
	size_t n;
	const struct ds_format *f = ds_formats(&n);

	for (size_t i = 0; i < n; i++)
		if (ds_str_eqz(name, f[i].name))
			return &f[i];
	return NULL;
}
