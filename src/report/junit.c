#include "base/utf8.h"
#include "report/formats.h"
#include "report/say.h"

/*
 * JUnit XML in the shape that Jenkins takes: a suite per cluster with a case
 * per rule, and one suite of the inputs. No times: same input, same bytes.
 */

struct counts {
	size_t tests, failures, errors, skipped;
};

/* XML 1.0 has no way at all to write these. */
static bool forbidden(uint32_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0xfffe || c == 0xffff;
}

static void xml(struct ds_out *out, struct ds_str s, bool attribute)
{
	while (s.n > 0) {
		uint32_t c = 0;
		size_t n = ds_utf8_decode(s, &c);

		if (n == 0 || forbidden(c))
			ds_out_addz(out, "\xef\xbf\xbd");
		else if (c == '<' || c == '>' || c == '&' || c == '"' || c == '\'')
			ds_out_printf(out, "&#%u;", c);
		else if (ds_utf8_is_unsafe(c) && (attribute || c != '\n'))
			ds_out_printf(out, "&#%u;", c);
		else
			ds_out_add(out, ds_str_head(s, n));
		s = ds_str_skip(s, n ? n : 1);
	}
}

static void attribute(struct ds_out *out, const char *name, struct ds_str value)
{
	ds_out_printf(out, " %s=\"", name);
	xml(out, value, true);
	ds_out_addc(out, '"');
}

static void attribute_n(struct ds_out *out, const char *name, size_t value)
{
	ds_out_printf(out, " %s=\"%zu\"", name, value);
}

static void count_attributes(struct ds_out *out, const struct counts *n)
{
	attribute_n(out, "tests", n->tests);
	attribute_n(out, "failures", n->failures);
	attribute_n(out, "errors", n->errors);
	attribute_n(out, "skipped", n->skipped);
	attribute(out, "time", DS_STR("0"));
}

/* Opens a test case; `end` is ">" or "/>". */
static void testcase(struct ds_out *out, struct ds_str name, struct ds_str classname, const struct ds_loc *l)
{
	ds_out_addz(out, "    <testcase");
	attribute(out, "name", name);
	attribute(out, "classname", classname);
	attribute(out, "time", DS_STR("0"));
	if (l) {
		attribute(out, "file", ds_str_from(l->input->name));
		if (l->line)
			attribute_n(out, "line", l->line);
	}
}

/* ---- a cluster ---- */

/* How a rule ended, in JUnit's terms. A remark is no failure; what is unknown is never a pass. */
enum outcome { OUTCOME_PASS, OUTCOME_REMARK, OUTCOME_FAILURE, OUTCOME_ERROR, OUTCOME_SKIPPED };

struct graded {
	enum outcome outcome;
	const struct ds_finding *first; /* the finding that decided, or NULL */
};

static bool of_rule(const struct ds_finding *f, const struct ds_rule *rule)
{
	return strcmp(f->rule->id, rule->id) == 0;
}

static struct graded grade(const struct ds_findings *all, const struct ds_rule_result *r)
{
	const struct ds_finding *failed = NULL, *not_seen = NULL;
	struct graded g = {OUTCOME_PASS, NULL};

	if (r->status == DS_STATUS_NOT_APPLICABLE)
		g.outcome = OUTCOME_SKIPPED;
	if (r->status == DS_STATUS_PASS || r->status == DS_STATUS_NOT_APPLICABLE)
		return g;
	/* Findings stand by severity: the first of a kind is the worst. */
	for (size_t i = 0; i < all->v.n; i++) {
		const struct ds_finding *f = &all->v.v[i];

		if (!of_rule(f, r->rule))
			continue;
		if (f->status != DS_STATUS_FAIL && !not_seen)
			not_seen = f;
		if (f->status == DS_STATUS_FAIL && !failed)
			failed = f;
	}
	if (!failed && !not_seen)
		return (struct graded){OUTCOME_SKIPPED, NULL};
	g.first = failed;
	g.outcome = failed && failed->severity == DS_SEVERITY_INFO ? OUTCOME_REMARK : OUTCOME_FAILURE;
	if (not_seen && (!failed || g.outcome == OUTCOME_REMARK))
		g = (struct graded){OUTCOME_ERROR, not_seen};
	return g;
}

static void add_counts(struct counts *to, const struct counts *n)
{
	to->tests += n->tests;
	to->failures += n->failures;
	to->errors += n->errors;
	to->skipped += n->skipped;
}

static void count_outcome(struct counts *n, enum outcome o)
{
	n->tests++;
	n->failures += o == OUTCOME_FAILURE;
	n->errors += o == OUTCOME_ERROR;
	n->skipped += o == OUTCOME_SKIPPED;
}

static struct counts count_cluster(const struct ds_report_cluster *c)
{
	struct counts n = {0};

	for (size_t i = 0; i < c->findings.results.n; i++)
		count_outcome(&n, grade(&c->findings, &c->findings.results.v[i]).outcome);
	return n;
}

static void finding_text(struct ds_out *out, const struct ds_finding *f)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	if (f->status == DS_STATUS_FAIL)
		ds_buf_printf(&b, "%s: ", ds_severity_name(f->severity));
	ds_say_finding(f, &b);
	ds_buf_addc(&b, '\n');
	for (size_t i = 0; i < f->n_locations; i++) {
		ds_buf_addz(&b, "  in ");
		ds_say_place(&f->locations[i], &b);
		ds_buf_addc(&b, '\n');
	}
	if (f->fix) {
		ds_buf_addz(&b, "  fix: ");
		ds_say_flat(&b, ds_str_from(f->fix));
		ds_buf_addc(&b, '\n');
	}
	xml(out, ds_buf_str(&b), false);
}

static void rule_text(struct ds_out *out, const struct ds_findings *all, const struct ds_rule *rule)
{
	for (size_t i = 0; i < all->v.n; i++)
		if (of_rule(&all->v.v[i], rule))
			finding_text(out, &all->v.v[i]);
}

static void rule_case(struct ds_out *out, const struct ds_report_cluster *c, const struct ds_rule_result *r,
		      struct ds_str classname)
{
	static const char *const elements[] = {
		[OUTCOME_REMARK] = "system-out", [OUTCOME_FAILURE] = "failure", [OUTCOME_ERROR] = "error"};
	struct graded g = grade(&c->findings, r);
	const char *type = g.first && g.outcome == OUTCOME_FAILURE ? ds_severity_name(g.first->severity) : "unknown";
	_ds_buf_done_ struct ds_buf name = DS_BUF_INIT, message = DS_BUF_INIT;

	ds_buf_printf(&name, "%s %s", r->rule->id, r->rule->name);
	testcase(out, ds_buf_str(&name), classname, g.first ? ds_finding_in_file(g.first) : NULL);
	if (g.outcome == OUTCOME_PASS) {
		ds_out_addz(out, "/>\n");
		return;
	}
	if (g.outcome == OUTCOME_SKIPPED) {
		if (r->status == DS_STATUS_NOT_APPLICABLE)
			ds_buf_addz(&message, "not applicable");
		else
			ds_say_why_silent(c, r->rule, &message);
		ds_out_addz(out, "><skipped");
		attribute(out, "message", ds_buf_str(&message));
		ds_out_addz(out, "/></testcase>\n");
		return;
	}
	ds_out_printf(out, ">\n      <%s", elements[g.outcome]);
	if (g.outcome != OUTCOME_REMARK) {
		if (g.first)
			ds_say_finding(g.first, &message);
		attribute(out, "message", ds_buf_str(&message));
		attribute(out, "type", ds_str_from(type));
	}
	ds_out_addc(out, '>');
	rule_text(out, &c->findings, r->rule);
	ds_out_printf(out, "</%s>\n    </testcase>\n", elements[g.outcome]);
}

static void cluster(struct ds_out *out, const struct ds_report_cluster *c)
{
	_ds_buf_done_ struct ds_buf name = DS_BUF_INIT, classname = DS_BUF_INIT;
	struct counts n = count_cluster(c);
	char version[48];

	ds_say_version(&c->cluster->version, version);
	ds_buf_printf(&name, "cluster %s", c->cluster->name);
	ds_buf_printf(&classname, "dsaudit.%s", c->cluster->name);
	ds_out_addz(out, "  <testsuite");
	attribute(out, "name", ds_buf_str(&name));
	count_attributes(out, &n);
	ds_out_addz(out, ">\n    <properties>\n      <property name=\"kubernetesVersion\"");
	attribute(out, "value", ds_str_from(version));
	ds_out_addz(out, "/>\n    </properties>\n");
	for (size_t i = 0; i < c->findings.results.n; i++)
		rule_case(out, c, &c->findings.results.v[i], ds_buf_str(&classname));
	ds_out_addz(out, "  </testsuite>\n");
}

/* ---- the inputs ---- */

struct remarks {
	struct ds_out *out; /* NULL: only count */
	struct counts n;
};

/* Inputs that were read or left out; the failed ones come with the remarks. */
static void input_cases(struct remarks *w, const struct ds_ctx *ctx)
{
	for (size_t i = 0; i < ctx->inputs.n; i++) {
		const struct ds_input *in = ctx->inputs.v[i];

		if (in->status == DS_INPUT_FAILED)
			continue;
		count_outcome(&w->n, in->status == DS_INPUT_SKIPPED ? OUTCOME_SKIPPED : OUTCOME_PASS);
		if (!w->out)
			continue;
		testcase(w->out, ds_str_from(in->name), DS_STR("dsaudit.inputs"), NULL);
		if (in->status == DS_INPUT_SKIPPED) {
			ds_out_addz(w->out, "><skipped");
			attribute(w->out, "message", ds_str_from(in->reason ? in->reason : ""));
			ds_out_addz(w->out, "/></testcase>\n");
		} else {
			ds_out_addz(w->out, "/>\n");
		}
	}
}

static void remark(void *arg, enum ds_level level, const char *message, const char *hint, const struct ds_loc *l)
{
	_ds_buf_done_ struct ds_buf place = DS_BUF_INIT;
	struct remarks *w = arg;

	/* Nothing audited is no test that passed either. */
	if (level != DS_LEVEL_ERROR && !(level == DS_LEVEL_WARNING && !l->input))
		return;
	count_outcome(&w->n, OUTCOME_ERROR);
	if (!w->out)
		return;
	ds_say_place(l, &place);
	testcase(w->out, place.n ? ds_buf_str(&place) : DS_STR("inputs"), DS_STR("dsaudit.inputs"),
		 ds_place_in_file(l) ? l : NULL);
	ds_out_addz(w->out, ">\n      <error");
	attribute(w->out, "message", ds_str_from(message));
	ds_out_addz(w->out, " type=\"input\">");
	xml(w->out, ds_str_from(hint ? hint : ""), false);
	ds_out_addz(w->out, "</error>\n    </testcase>\n");
}

static void inputs(struct remarks *w, const struct ds_report *r)
{
	input_cases(w, r->ctx);
	ds_report_each_remark(r, remark, w);
}

void ds_report_junit(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out)
{
	struct remarks w = {0};
	struct counts all = {0};

	(void)o;
	inputs(&w, r);
	add_counts(&all, &w.n);
	for (size_t i = 0; i < r->clusters.n; i++) {
		struct counts n = count_cluster(&r->clusters.v[i]);

		add_counts(&all, &n);
	}
	ds_out_addz(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dsaudit\"");
	count_attributes(out, &all);
	ds_out_addz(out, ">\n");
	for (size_t i = 0; i < r->clusters.n; i++)
		cluster(out, &r->clusters.v[i]);
	ds_out_addz(out, "  <testsuite name=\"inputs\"");
	count_attributes(out, &w.n);
	ds_out_addz(out, ">\n");
	w = (struct remarks){.out = out};
	inputs(&w, r);
	ds_out_addz(out, "  </testsuite>\n</testsuites>\n");
}
