#include "base/utf8.h"
#include "dsaudit/version.h"
#include "report/formats.h"
#include "report/json.h"
#include "report/markdown.h"
#include "report/say.h"

/* SARIF 2.1.0 as GitHub code scanning takes it. */

/* Results of one run that GitHub takes; the rest is counted in a notification. */
#define MAX_RESULTS 25000
/* What cannot be a result becomes a notification; nobody reads more of them. */
#define MAX_NOTIFICATIONS 1000
/* Code points of a rule's short and full description. */
#define MAX_DESCRIPTION 1024
/* Locations of a result that GitHub takes. */
_Static_assert(DS_FINDING_LOCATIONS < 1000, "all places of a finding fit into a result");

#define UNUSED SIZE_MAX

struct sarif {
	struct ds_json j;
	const struct ds_report *r;
	const struct ds_findings *rules; /* of any cluster: all have every rule */
	size_t *index;                   /* of each rule among those written, or UNUSED */
	size_t results, notifications;
	size_t results_left, notifications_left;
	bool rooted; /* an absolute path was written */
};

static const char *level_of(enum ds_severity s)
{
	static const char *const levels[] = {
		[DS_SEVERITY_INFO] = "note",
		[DS_SEVERITY_WARNING] = "warning",
		[DS_SEVERITY_ERROR] = "error",
	};

	return levels[s];
}

/* ---- pieces ---- */

static void message(struct ds_json *j, const char *key, struct ds_str text)
{
	ds_json_key(j, key);
	ds_json_object(j);
	ds_json_key(j, "text");
	ds_json_str(j, text);
	ds_json_end_object(j);
}

/* At most `max` code points, of which the last tells that there was more. */
static void description(struct ds_json *j, const char *key, const char *text, size_t max)
{
	struct ds_str s = ds_str_from(text);
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	if (ds_utf8_count(s) > max) {
		ds_buf_adds(&b, ds_str_head(s, ds_utf8_offset(s, max - 1)));
		ds_buf_addz(&b, "…");
		s = ds_buf_str(&b);
	}
	message(j, key, s);
}

/* "](" makes a link of the text around it: an input must not write links into a report. */
static void add_unlinked(struct ds_buf *b, const char *text)
{
	for (; *text; text++) {
		ds_buf_addc(b, *text);
		if (text[0] == ']' && text[1] == '(')
			ds_buf_addc(b, ' ');
	}
}

/* A path as a relative URI: every byte but the plainest is escaped. */
static void add_uri(struct ds_buf *b, struct ds_str path)
{
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];

		if (ds_c_is_alnum(c) || c == '/' || c == '-' || c == '.' || c == '_' || c == '~')
			ds_buf_addc(b, c);
		else
			ds_buf_printf(b, "%%%02X", (unsigned char)c);
	}
}

static void region(struct ds_json *j, const struct ds_loc *l)
{
	/* A whole file is its first line: GitHub takes no result without one. */
	uint32_t line = l->line ? l->line : 1;

	ds_json_key(j, "region");
	ds_json_object(j);
	ds_json_kv_int(j, "startLine", line);
	if (l->column)
		ds_json_kv_int(j, "startColumn", l->column);
	ds_json_kv_int(j, "endLine", line);
	if (l->column)
		ds_json_kv_int(j, "endColumn", (int64_t)l->column + (l->length ? l->length : 1));
	ds_json_end_object(j);
}

static void physical(struct sarif *w, const struct ds_loc *l)
{
	_ds_buf_done_ struct ds_buf uri = DS_BUF_INIT;
	bool rooted = l->input->name[0] == '/';

	add_uri(&uri, ds_place_path(l));
	w->rooted |= rooted;
	ds_json_key(&w->j, "physicalLocation");
	ds_json_object(&w->j);
	ds_json_key(&w->j, "artifactLocation");
	ds_json_object(&w->j);
	ds_json_key(&w->j, "uri");
	ds_json_str(&w->j, ds_buf_str(&uri));
	ds_json_kv(&w->j, "uriBaseId", rooted ? "ROOT" : "%SRCROOT%");
	ds_json_end_object(&w->j);
	region(&w->j, l);
	ds_json_end_object(&w->j);
}

/* id 0: the location of a result, which needs no number. */
static void location(struct sarif *w, const struct ds_loc *l, size_t id)
{
	const char *what = l->flag ? l->flag : l->path;

	ds_json_object(&w->j);
	if (id)
		ds_json_kv_int(&w->j, "id", (int64_t)id);
	if (id)
		message(&w->j, "message", what ? ds_str_from(what) : DS_STR("another place"));
	physical(w, l);
	if (what) {
		ds_json_key(&w->j, "logicalLocations");
		ds_json_array(&w->j);
		ds_json_object(&w->j);
		ds_json_kv(&w->j, "name", what);
		if (l->path && l->path != what)
			ds_json_kv(&w->j, "fullyQualifiedName", l->path);
		ds_json_end_object(&w->j);
		ds_json_end_array(&w->j);
	}
	ds_json_end_object(&w->j);
}

/* ---- rules ---- */

/* Rules are sorted by id. UNUSED when there is no such rule. */
static size_t rule_position(const struct sarif *w, const struct ds_rule *rule)
{
	size_t from = 0, to = w->rules ? w->rules->results.n : 0;

	while (from < to) {
		size_t at = from + (to - from) / 2;
		int c = strcmp(w->rules->results.v[at].rule->id, rule->id);

		if (c == 0)
			return at;
		if (c < 0)
			from = at + 1;
		else
			to = at;
	}
	return UNUSED;
}

/* "service-range-differs" -> "ServiceRangeDiffers" */
static void add_pascal(struct ds_buf *b, const char *name)
{
	bool upper = true;

	for (; *name; name++) {
		if (ds_c_is_alnum(*name))
			ds_buf_addc(b, upper && ds_c_is_lower(*name) ? (char)(*name - 'a' + 'A') : *name);
		upper = !ds_c_is_alnum(*name);
	}
}

static void rule_help(struct ds_json *j, const struct ds_rule *rule)
{
	_ds_buf_done_ struct ds_buf text = DS_BUF_INIT, markdown = DS_BUF_INIT;

	ds_buf_printf(&text, "%s\n\nHow to fix it: %s\n", rule->why ? rule->why : rule->title,
		      rule->fix ? rule->fix : "see the message");
	ds_markdown_paragraphs(&markdown, ds_str_from(rule->why ? rule->why : rule->title));
	ds_buf_addz(&markdown, "\n\n**How to fix it:** ");
	ds_markdown_paragraphs(&markdown, rule->fix ? ds_str_from(rule->fix) : DS_STR("see the message"));
	for (size_t i = 0; i < rule->n_references; i++) {
		_ds_buf_done_ struct ds_buf url = DS_BUF_INIT;

		ds_say_reference(rule->references[i], &url);
		ds_buf_addz(&text, i ? "\n" : "\nSee:\n");
		ds_buf_adds(&text, ds_buf_str(&url));
		ds_buf_addz(&markdown, i ? "\n- <" : "\n\n- <");
		ds_markdown_url(&markdown, ds_buf_str(&url));
		ds_buf_addz(&markdown, ">");
	}
	ds_json_key(j, "help");
	ds_json_object(j);
	ds_json_key(j, "text");
	ds_json_str(j, ds_buf_str(&text));
	ds_json_key(j, "markdown");
	ds_json_str(j, ds_buf_str(&markdown));
	ds_json_end_object(j);
}

static void rule_properties(struct ds_json *j, const struct ds_rule *rule)
{
	static const char *const problems[] = {
		[DS_SEVERITY_INFO] = "recommendation",
		[DS_SEVERITY_WARNING] = "warning",
		[DS_SEVERITY_ERROR] = "error",
	};
	static const char *const tags[] = {"kubernetes", "dual-stack", "networking"};

	ds_json_key(j, "defaultConfiguration");
	ds_json_object(j);
	ds_json_kv(j, "level", level_of(rule->severity));
	ds_json_end_object(j);
	ds_json_key(j, "properties");
	ds_json_object(j);
	ds_json_key(j, "tags");
	ds_json_array(j);
	for (size_t i = 0; i < DS_ARRAY_SIZE(tags); i++)
		ds_json_string(j, tags[i]);
	ds_json_end_array(j);
	/* What cannot be seen is not reported as a failure, so failures are rarely wrong. */
	ds_json_kv(j, "precision", "very-high");
	ds_json_kv(j, "problem.severity", problems[rule->severity]);
	ds_json_end_object(j);
}

static void rule(struct ds_json *j, const struct ds_rule *rule)
{
	_ds_buf_done_ struct ds_buf name = DS_BUF_INIT, url = DS_BUF_INIT;

	add_pascal(&name, rule->name);
	ds_json_object(j);
	ds_json_kv(j, "id", rule->id);
	ds_json_key(j, "name");
	ds_json_str(j, ds_str_head(ds_buf_str(&name), 255));
	description(j, "shortDescription", rule->title, MAX_DESCRIPTION);
	description(j, "fullDescription", rule->why ? rule->why : rule->title, MAX_DESCRIPTION);
	rule_help(j, rule);
	if (rule->n_references) {
		ds_say_reference(rule->references[0], &url);
		ds_json_key(j, "helpUri");
		ds_json_str(j, ds_buf_str(&url));
	}
	rule_properties(j, rule);
	ds_json_end_object(j);
}

typedef void suppressed_fn(struct sarif *w, const struct ds_report_cluster *c, const struct ds_suppressed *s);

static void each_suppressed(struct sarif *w, suppressed_fn *fn)
{
	for (size_t i = 0; i < w->r->clusters.n; i++)
		for (size_t k = 0; k < w->r->clusters.v[i].suppressed.v.n; k++)
			fn(w, &w->r->clusters.v[i], &w->r->clusters.v[i].suppressed.v.v[k]);
}

static void mark_rule(void *arg, const struct ds_report_cluster *c, const struct ds_finding *f)
{
	struct sarif *w = arg;
	size_t at = rule_position(w, f->rule);

	(void)c;
	if (at != UNUSED)
		w->index[at] = 0;
}

static void mark_suppressed(struct sarif *w, const struct ds_report_cluster *c, const struct ds_suppressed *s)
{
	mark_rule(w, c, &s->finding);
}

static void driver(struct sarif *w)
{
	struct ds_json *j = &w->j;
	size_t n = 0;

	ds_json_key(j, "tool");
	ds_json_object(j);
	ds_json_key(j, "driver");
	ds_json_object(j);
	ds_json_kv(j, "name", "dsaudit");
	ds_json_kv(j, "version", DS_VERSION);
	ds_json_kv(j, "semanticVersion", DS_VERSION);
	message(j, "shortDescription", DS_STR("Audits the IPv4/IPv6 dual-stack configuration of Kubernetes clusters."));
	ds_json_key(j, "rules");
	ds_json_array(j);
	ds_report_each(w->r, mark_rule, w);
	each_suppressed(w, mark_suppressed);
	for (size_t i = 0; w->rules && i < w->rules->results.n; i++) {
		if (w->index[i] == UNUSED)
			continue;
		w->index[i] = n++;
		rule(j, w->rules->results.v[i].rule);
	}
	ds_json_end_array(j);
	ds_json_end_object(j);
	ds_json_end_object(j);
}

/* ---- results ---- */

static void fingerprints(struct ds_json *j, const struct ds_finding *f)
{
	ds_json_key(j, "partialFingerprints");
	ds_json_object(j);
	ds_json_kv(j, "primaryLocationLineHash", ds_finding_id(f)); /* the one that GitHub looks at */
	ds_json_kv(j, "dsaudit/v1", ds_finding_id(f));
	ds_json_end_object(j);
}

static void related(struct sarif *w, const struct ds_finding *f, const struct ds_loc *first)
{
	bool any = false;
	size_t id = 0;

	for (size_t i = 0; i < f->n_locations; i++) {
		if (&f->locations[i] == first || !ds_place_in_file(&f->locations[i]))
			continue;
		if (!any) {
			ds_json_key(&w->j, "relatedLocations");
			ds_json_array(&w->j);
		}
		any = true;
		location(w, &f->locations[i], ++id);
	}
	if (any)
		ds_json_end_array(&w->j);
}

static void result_properties(struct ds_json *j, const struct ds_report_cluster *c, const struct ds_finding *f)
{
	bool any = false;

	ds_json_key(j, "properties");
	ds_json_object(j);
	ds_json_kv(j, "cluster", c->cluster->name);
	ds_json_kv(j, "status", ds_status_name(f->status));
	ds_json_kv(j, "severity", ds_severity_name(f->severity));
	for (size_t i = 0; i < f->n_locations; i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

		if (ds_place_in_file(&f->locations[i]))
			continue;
		if (!any) {
			ds_json_key(j, "otherPlaces");
			ds_json_array(j);
		}
		any = true;
		ds_say_place(&f->locations[i], &b);
		ds_json_str(j, ds_buf_str(&b));
	}
	if (any)
		ds_json_end_array(j);
	ds_json_end_object(j);
}

static void suppressions(struct ds_json *j, const struct ds_suppressed *s)
{
	ds_json_key(j, "suppressions");
	ds_json_array(j);
	ds_json_object(j);
	ds_json_kv(j, "kind", s->by == DS_BY_COMMENT || s->by == DS_BY_ANNOTATION ? "inSource" : "external");
	if (s->reason)
		ds_json_kv(j, "justification", s->reason);
	ds_json_end_object(j);
	ds_json_end_array(j);
}

/* s: what suppressed it, or NULL. */
static void write_result(struct sarif *w, const struct ds_report_cluster *c, const struct ds_finding *f,
			 const struct ds_suppressed *s)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT, text = DS_BUF_INIT;
	const struct ds_loc *first = ds_finding_in_file(f);
	bool failed = f->status == DS_STATUS_FAIL;
	struct ds_json *j = &w->j;
	size_t at = rule_position(w, f->rule);

	if (!first)
		return;
	if (w->results == MAX_RESULTS) {
		w->results_left++;
		return;
	}
	w->results++;
	ds_say_finding(f, &b);
	if (f->fix)
		ds_buf_printf(&b, "\nFix: %s", f->fix);
	add_unlinked(&text, b.p ? b.p : "");
	ds_json_object(j);
	ds_json_kv(j, "ruleId", f->rule->id);
	if (at != UNUSED)
		ds_json_kv_int(j, "ruleIndex", (int64_t)w->index[at]);
	/* "open": evaluated, and there was not enough to decide. Only a failure has a level. */
	ds_json_kv(j, "kind", failed ? "fail" : "open");
	ds_json_kv(j, "level", failed ? level_of(f->severity) : "none");
	message(j, "message", ds_buf_str(&text));
	ds_json_key(j, "locations");
	ds_json_array(j);
	location(w, first, 0);
	ds_json_end_array(j);
	related(w, f, first);
	fingerprints(j, f);
	if (s)
		suppressions(j, s);
	result_properties(j, c, f);
	ds_json_end_object(j);
}

static void result(void *arg, const struct ds_report_cluster *c, const struct ds_finding *f)
{
	write_result(arg, c, f, NULL);
}

static void suppressed_result(struct sarif *w, const struct ds_report_cluster *c, const struct ds_suppressed *s)
{
	write_result(w, c, &s->finding, s);
}

/* ---- what is no result ---- */

static bool room_for_notification(struct sarif *w)
{
	if (w->notifications == MAX_NOTIFICATIONS) {
		w->notifications_left++;
		return false;
	}
	w->notifications++;
	return true;
}

static void notification(struct sarif *w, const char *id, const char *level, struct ds_str text)
{
	ds_json_key(&w->j, "descriptor");
	ds_json_object(&w->j);
	ds_json_kv(&w->j, "id", id);
	ds_json_end_object(&w->j);
	ds_json_kv(&w->j, "level", level);
	message(&w->j, "message", text);
}

static void remark(void *arg, enum ds_level level, const char *text, const char *hint, const struct ds_loc *l)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT, unlinked = DS_BUF_INIT;
	struct sarif *w = arg;

	if (!room_for_notification(w))
		return;
	if (!ds_place_in_file(l) && l->input) {
		ds_say_place(l, &b);
		ds_buf_addz(&b, ": ");
	}
	ds_buf_printf(&b, "%s%s%s", text, hint ? "; " : "", hint ? hint : "");
	add_unlinked(&unlinked, b.p ? b.p : "");
	ds_json_object(&w->j);
	notification(w, "input", ds_level_name(level), ds_buf_str(&unlinked));
	if (ds_place_in_file(l)) {
		ds_json_key(&w->j, "locations");
		ds_json_array(&w->j);
		location(w, l, 0);
		ds_json_end_array(&w->j);
	}
	ds_json_end_object(&w->j);
}

/* GitHub takes no result without a file: what was found in a process is said here. */
static void unplaced(void *arg, const struct ds_report_cluster *c, const struct ds_finding *f)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT, unlinked = DS_BUF_INIT;
	struct sarif *w = arg;
	struct ds_json *j = &w->j;
	size_t at = rule_position(w, f->rule);

	if (ds_finding_in_file(f) || !room_for_notification(w))
		return;
	if (f->n_locations) {
		ds_say_place(&f->locations[0], &b);
		ds_buf_addz(&b, ": ");
	}
	ds_say_finding(f, &b);
	ds_buf_printf(&b, " (cluster %s; no result, because it is in no file)", c->cluster->name);
	add_unlinked(&unlinked, b.p ? b.p : "");
	ds_json_object(j);
	notification(w, "finding-without-file", f->status == DS_STATUS_FAIL ? level_of(f->severity) : "note",
		     ds_buf_str(&unlinked));
	ds_json_key(j, "associatedRule");
	ds_json_object(j);
	ds_json_kv(j, "id", f->rule->id);
	if (at != UNUSED)
		ds_json_kv_int(j, "index", (int64_t)w->index[at]);
	ds_json_end_object(j);
	ds_json_end_object(j);
}

static void left_out(struct sarif *w, size_t n, const char *what)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	if (n == 0)
		return;
	ds_buf_printf(&b, "%zu more %s were left out; the JSON report has all", n, what);
	ds_json_object(&w->j);
	notification(w, "left-out", "warning", ds_buf_str(&b));
	ds_json_end_object(&w->j);
}

static void invocation(struct sarif *w)
{
	struct ds_json *j = &w->j;

	ds_json_key(j, "invocations");
	ds_json_array(j);
	ds_json_object(j);
	ds_json_kv_bool(j, "executionSuccessful", !w->r->incomplete);
	ds_json_key(j, "toolExecutionNotifications");
	ds_json_array(j);
	ds_report_each_remark(w->r, remark, w);
	ds_report_each(w->r, unplaced, w);
	left_out(w, w->results_left, "results");
	left_out(w, w->notifications_left, "notifications");
	ds_json_end_array(j);
	ds_json_end_object(j);
	ds_json_end_array(j);
}

static void bases(struct sarif *w)
{
	struct ds_json *j = &w->j;

	ds_json_key(j, "originalUriBaseIds");
	ds_json_object(j);
	ds_json_key(j, "%SRCROOT%");
	ds_json_object(j);
	message(j, "description", DS_STR("The folder in which dsaudit was started."));
	ds_json_end_object(j);
	if (w->rooted) {
		ds_json_key(j, "ROOT");
		ds_json_object(j);
		ds_json_kv(j, "uri", "file:///");
		ds_json_end_object(j);
	}
	ds_json_end_object(j);
}

static void run(struct sarif *w)
{
	struct ds_json *j = &w->j;

	ds_json_object(j);
	driver(w);
	ds_json_key(j, "automationDetails");
	ds_json_object(j);
	ds_json_kv(j, "id", "dsaudit/");
	ds_json_end_object(j);
	ds_json_kv(j, "columnKind", "unicodeCodePoints");
	ds_json_key(j, "results");
	ds_json_array(j);
	ds_report_each(w->r, result, w);
	each_suppressed(w, suppressed_result);
	ds_json_end_array(j);
	invocation(w);
	bases(w);
	ds_json_end_object(j);
}

void ds_report_sarif(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out)
{
	struct sarif w = {.r = r, .rules = r->clusters.n ? &r->clusters.v[0].findings : NULL};
	size_t n = w.rules ? w.rules->results.n : 0;

	(void)o;
	w.index = ds_arena_alloc(r->ctx->arena, (n + 1) * sizeof(*w.index));
	if (!w.index) {
		out->err = DS_ENOMEM;
		return;
	}
	for (size_t i = 0; i < n; i++)
		w.index[i] = UNUSED;
	ds_json_init(&w.j, out);
	ds_json_object(&w.j);
	ds_json_kv(&w.j, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	ds_json_kv(&w.j, "version", "2.1.0");
	ds_json_key(&w.j, "runs");
	ds_json_array(&w.j);
	run(&w);
	ds_json_end_array(&w.j);
	ds_json_end_object(&w.j);
}
