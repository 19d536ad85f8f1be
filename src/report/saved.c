#include "report/saved.h"

#include "base/map.h"
#include "yaml/scalar.h"

/*
 * Reports come from elsewhere: nothing in one is taken for granted. The first
 * thing that is wrong ends the reading, because what follows may be wrong for
 * the same reason.
 */
struct reader {
	struct ds_ctx *ctx;
	struct ds_arena *a;
	const struct ds_input *input;
	struct ds_map rules; /* id -> struct ds_rule */
	struct ds_saved *out;
};

enum want { TEXT, NUMBER, BOOLEAN, LIST, TEXTS, OBJECT, ANY };

/* A field of an object, and where it goes. */
struct field {
	const char *name;
	enum want want;
	bool required;
};

static int complain(struct reader *rd, const struct ds_yaml_node *at, const char *fmt, ...) DS_PRINTF(3, 4);

static int complain(struct reader *rd, const struct ds_yaml_node *at, const char *fmt, ...)
{
	struct ds_loc loc = ds_yaml_loc(rd->a, rd->input, at);
	const char *text;
	va_list ap;
	int r;

	va_start(ap, fmt);
	text = ds_arena_vprintf(rd->a, fmt, ap);
	va_end(ap);
	r = text ? ds_diag(rd->ctx, DS_LEVEL_ERROR, &loc, "write the report anew with `dsaudit audit -o json`", "%s", text)
		 : DS_ENOMEM;
	return r < 0 ? r : DS_EINVAL;
}

static bool is(const struct ds_yaml_node *n, enum want want)
{
	static const char *const types[] = {
		[TEXT] = "string", [NUMBER] = "number", [BOOLEAN] = "bool",
		[LIST] = "array",  [TEXTS] = "array",   [OBJECT] = "object",
	};

	return want == ANY || strcmp(ds_yaml_json_type(n), types[want]) == 0;
}

static int check(struct reader *rd, const struct ds_yaml_node *n, const char *name, enum want want)
{
	static const char *const words[] = {
		[TEXT] = "a text", [NUMBER] = "a number",       [BOOLEAN] = "true or false",
		[LIST] = "a list", [TEXTS] = "a list of texts", [OBJECT] = "an object",
	};

	if (!is(n, want))
		return complain(rd, n, "'%s' must be %s, this is of the type %s", name, words[want], ds_yaml_json_type(n));
	for (size_t i = 0; want == TEXTS && i < n->n; i++)
		if (!is(n->items[i], TEXT))
			return complain(rd, n->items[i], "'%s' must be %s, this is of the type %s", name, words[want],
					ds_yaml_json_type(n->items[i]));
	return 0;
}

/* The fields of an object, checked, in the order of the table; NULL for what is not there. */
static int fields(struct reader *rd, const struct ds_yaml_node *n, const char *what, const struct field *table, size_t count,
		  const struct ds_yaml_node **ret)
{
	int r = check(rd, n, what, OBJECT);

	for (size_t i = 0; r == 0 && i < count; i++) {
		ret[i] = ds_yaml_get(n, table[i].name);
		if (ret[i])
			r = check(rd, ret[i], table[i].name, table[i].want);
		else if (table[i].required)
			r = complain(rd, n, "'%s' is missing", table[i].name);
	}
	return r;
}

#define FIELDS(rd, node, what, table, ret) fields((rd), (node), (what), (table), DS_ARRAY_SIZE(table), (ret))

/* NULL for what is not there. */
static int text(struct reader *rd, const struct ds_yaml_node *n, const char **ret)
{
	*ret = NULL;
	if (!n)
		return 0;
	if (n->text.n && memchr(n->text.p, '\0', n->text.n))
		return complain(rd, n, "this text holds a NUL character");
	*ret = ds_arena_strndup(rd->a, n->text.n ? n->text.p : "", n->text.n);
	return *ret ? 0 : DS_ENOMEM;
}

static int number(struct reader *rd, const struct ds_yaml_node *n, uint64_t max, uint64_t *ret)
{
	int64_t v = 0;

	*ret = 0;
	if (!n)
		return 0;
	if (ds_yaml_as_int(n, 64, &v) < 0 || v < 0 || (uint64_t)v > max)
		return complain(rd, n, "this is not a number from 0 to %llu", (unsigned long long)max);
	*ret = (uint64_t)v;
	return 0;
}

/* ---- inputs and places ---- */

static int add_input(struct reader *rd, const struct ds_yaml_node *n)
{
	static const struct field table[] = {
		{"source", TEXT, true}, {"type", TEXT, true}, {"status", TEXT, true}, {"reason", TEXT, false}};
	const struct ds_yaml_node *v[DS_ARRAY_SIZE(table)];
	struct ds_saved_input *in = ds_arena_new_obj(rd->a, struct ds_saved_input), *known;
	enum ds_input_status status = DS_INPUT_READ;
	int r = in ? FIELDS(rd, n, "inputs", table, v) : DS_ENOMEM;

	if (r == 0)
		r = text(rd, v[0], &in->in.name);
	if (r == 0)
		r = text(rd, v[1], &in->in.type);
	if (r == 0)
		r = text(rd, v[3], &in->in.reason);
	if (r < 0)
		return r;
	while (status < DS_INPUT__COUNT && !ds_str_eqz(v[2]->text, ds_input_status_name(status)))
		status++;
	if (status == DS_INPUT__COUNT)
		return complain(rd, v[2], "'status' must be read, skipped or failed");
	in->in.status = status;
	in->seen_read = status == DS_INPUT_READ;
	rd->out->tally.incomplete |= status == DS_INPUT_FAILED;
	known = ds_map_get(&rd->out->inputs, ds_str_from(in->in.name));
	if (!known)
		return ds_map_put(&rd->out->inputs, ds_str_from(in->in.name), in);
	in->seen_read |= known->seen_read;
	if (known->in.status > in->in.status)
		in->in = known->in;
	*known = *in;
	return 0;
}

/* A place names an input that is listed, as a rule. */
static int input_named(struct reader *rd, const char *name, const struct ds_input **ret)
{
	struct ds_saved_input *in = ds_map_get(&rd->out->inputs, ds_str_from(name));
	struct ds_input *stranger;

	*ret = in ? &in->in : NULL;
	if (in || !*name)
		return 0;
	stranger = ds_arena_new_obj(rd->a, struct ds_input);
	if (!stranger)
		return DS_ENOMEM;
	*stranger = (struct ds_input){.name = name, .type = ""};
	*ret = stranger;
	return 0;
}

static int location(struct reader *rd, const struct ds_yaml_node *n, struct ds_loc *ret)
{
	static const struct field table[] = {{"source", TEXT, true}, {"line", NUMBER, false}, {"column", NUMBER, false},
					     {"pid", NUMBER, false}, {"flag", TEXT, false},   {"path", TEXT, false}};
	const struct ds_yaml_node *v[DS_ARRAY_SIZE(table)];
	uint64_t line = 0, column = 0, pid = 0;
	const char *name = "";
	int r = FIELDS(rd, n, "location", table, v);

	*ret = (struct ds_loc){0};
	if (r == 0)
		r = text(rd, v[0], &name);
	if (r == 0)
		r = input_named(rd, name, &ret->input);
	if (r == 0)
		r = number(rd, v[1], UINT32_MAX, &line);
	if (r == 0)
		r = number(rd, v[2], UINT32_MAX, &column);
	if (r == 0)
		r = number(rd, v[3], INT32_MAX, &pid);
	if (r == 0)
		r = text(rd, v[4], &ret->flag);
	if (r == 0)
		r = text(rd, v[5], &ret->path);
	ret->line = (uint32_t)line;
	ret->column = (uint32_t)column;
	ret->pid = (int32_t)pid;
	return r;
}

/* ---- findings ---- */

static bool is_rule_id(struct ds_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ds_c_is_alnum(s.p[i]))
			return false;
	return s.n > 0 && s.n <= 64;
}

/* A rule as far as a report tells of it. */
static int rule_named(struct reader *rd, const struct ds_yaml_node *id, const struct ds_yaml_node *name,
		      const struct ds_rule **ret)
{
	struct ds_rule *rule = ds_map_get(&rd->rules, id->text);
	int r;

	*ret = rule;
	if (rule)
		return 0;
	if (!is_rule_id(id->text))
		return complain(rd, id, "this is no id of a rule, which has letters and digits");
	rule = ds_arena_new_obj(rd->a, struct ds_rule);
	if (!rule)
		return DS_ENOMEM;
	r = text(rd, id, &rule->id);
	if (r == 0)
		r = text(rd, name, &rule->name);
	*ret = rule;
	return r < 0 ? r : ds_map_put(&rd->rules, ds_str_from(rule->id), rule);
}

static int members(struct reader *rd, const struct ds_yaml_node *n, struct ds_finding *f)
{
	const char **v = n ? ds_arena_new_array(rd->a, n->n, const char *) : NULL;
	int r = 0;

	if (!n)
		return 0;
	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; r == 0 && i < n->n; i++)
		r = text(rd, n->items[i], &v[i]);
	f->members = v;
	f->n_members = n->n;
	return r;
}

static int status_of(struct reader *rd, const struct ds_yaml_node *n, enum ds_status *ret)
{
	for (*ret = 0; *ret < DS_STATUS__COUNT; ++*ret)
		if (ds_str_eqz(n->text, ds_status_name(*ret)))
			return 0;
	return complain(rd, n, "there is no such status");
}

static int finding(struct reader *rd, const struct ds_yaml_node *n, struct ds_saved_finding *ret)
{
	static const struct field table[] = {
		{"rule", TEXT, true},         {"name", TEXT, true},         {"severity", TEXT, true}, {"status", TEXT, true},
		{"message", TEXT, true},      {"fix", TEXT, false},         {"count", NUMBER, false}, {"locations", LIST, true},
		{"fingerprint", TEXT, true}, {"fingerprints", TEXTS, false}, {"by", TEXT, false},      {"reason", TEXT, false}};
	const struct ds_yaml_node *v[DS_ARRAY_SIZE(table)];
	struct ds_finding *f = &ret->f;
	uint64_t count = 1;
	int r = FIELDS(rd, n, "findings", table, v);

	*ret = (struct ds_saved_finding){0};
	if (r == 0)
		r = rule_named(rd, v[0], v[1], &f->rule);
	if (r == 0 && ds_severity_from_name(v[2]->text, &f->severity) < 0)
		r = complain(rd, v[2], "'severity' must be error, warning or info");
	if (r == 0)
		r = status_of(rd, v[3], &f->status);
	if (r == 0 && (f->status == DS_STATUS_PASS || f->status == DS_STATUS_NOT_APPLICABLE))
		r = complain(rd, v[3], "'status' must be fail, unknown or error");
	if (r == 0)
		r = text(rd, v[4], &f->message);
	if (r == 0)
		r = text(rd, v[5], &f->fix);
	if (r == 0 && v[6])
		r = number(rd, v[6], UINT32_MAX, &count);
	f->count = count ? (size_t)count : 1;
	for (size_t i = 0; r == 0 && i < v[7]->n && i < DS_FINDING_LOCATIONS; i++)
		r = location(rd, v[7]->items[i], &f->locations[f->n_locations++]);
	if (r == 0)
		r = text(rd, v[8], &f->fingerprint);
	if (r == 0)
		r = members(rd, v[9], f);
	if (r == 0)
		r = text(rd, v[10], &ret->by);
	return r < 0 ? r : text(rd, v[11], &ret->reason);
}

static int findings(struct reader *rd, const struct ds_yaml_node *list, struct ds_saved_cluster *c)
{
	for (size_t i = 0; i < list->n; i++) {
		struct ds_saved_finding f;
		int r = finding(rd, list->items[i], &f);

		if (r == 0 && f.by)
			r = complain(rd, list->items[i], "this finding is suppressed and stands among those that are not");
		if (r == 0)
			r = ds_vec_push(rd->a, &c->findings, f);
		if (r < 0)
			return r;
		if (f.f.status == DS_STATUS_FAIL)
			rd->out->tally.severity[f.f.severity]++;
	}
	return 0;
}

static bool is_way(const char *by)
{
	for (enum ds_suppressed_by w = 0; by && w < DS_BY__COUNT; w++)
		if (strcmp(by, ds_suppressed_by_name(w)) == 0)
			return true;
	return false;
}

static int suppressed(struct reader *rd, const struct ds_yaml_node *list, struct ds_saved_cluster *c)
{
	for (size_t i = 0; i < list->n; i++) {
		struct ds_saved_finding f;
		int r = finding(rd, list->items[i], &f);

		if (r == 0 && (!is_way(f.by) || !f.reason))
			r = complain(rd, list->items[i], "a suppressed finding has 'reason', and in 'by' what suppressed it");
		if (r == 0)
			r = ds_vec_push(rd->a, &c->suppressed, f);
		if (r < 0)
			return r;
		rd->out->tally.suppressed++;
	}
	return 0;
}

static int checks(struct reader *rd, const struct ds_yaml_node *n, struct ds_saved_cluster *c)
{
	ds_map_init(&c->checks, rd->a);
	c->has_checks = n != NULL;
	for (size_t i = 0; n && i < n->n; i++) {
		const struct ds_yaml_node *value = n->pairs[i].value;
		enum ds_status status;
		int r = check(rd, value, "checks", TEXT);

		if (r == 0)
			r = status_of(rd, value, &status);
		if (r == 0)
			r = ds_map_put(&c->checks, n->pairs[i].key->text, (void *)(uintptr_t)(status + 1));
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- clusters ---- */

static int add_fact(struct reader *rd, struct ds_saved_cluster *c, const char *what, const struct ds_yaml_node *value,
		    const struct ds_yaml_node *unknown)
{
	struct ds_saved_fact f = {.what = what, .value = unknown ? NULL : value};
	int r = text(rd, unknown, &f.unknown);

	return r < 0 ? r : ds_vec_push(rd->a, &c->facts, f);
}

static int version(struct reader *rd, const struct ds_yaml_node *n, const struct ds_yaml_node **ret_value,
		   const struct ds_yaml_node **ret_origin)
{
	static const struct field table[] = {{"value", TEXT, true}, {"origin", TEXT, true}};
	const struct ds_yaml_node *v[DS_ARRAY_SIZE(table)];
	int r = FIELDS(rd, n, "kubernetesVersion", table, v);

	if (r < 0)
		return r;
	*ret_value = v[0];
	*ret_origin = v[1];
	return 0;
}

static int families(struct reader *rd, const struct ds_yaml_node *n, const struct ds_yaml_node *unknown,
		    struct ds_saved_cluster *c)
{
	static const struct field known_table[] = {{"services", TEXTS, true}, {"pods", TEXTS, true}, {"nodes", TEXTS, true}};
	static const struct field why_table[] = {{"services", TEXT, false}, {"pods", TEXT, false}, {"nodes", TEXT, false}};
	static const char *const names[] = {"families.services", "families.pods", "families.nodes"};
	const struct ds_yaml_node *v[DS_ARRAY_SIZE(known_table)], *why[DS_ARRAY_SIZE(why_table)] = {NULL};
	int r = FIELDS(rd, n, "families", known_table, v);

	if (r == 0 && unknown)
		r = FIELDS(rd, unknown, "unknownFamilies", why_table, why);
	for (size_t i = 0; r == 0 && i < DS_ARRAY_SIZE(names); i++)
		r = add_fact(rd, c, names[i], v[i], why[i]);
	return r;
}

static int component(struct reader *rd, const struct ds_yaml_node *n, struct ds_saved_cluster *c)
{
	static const struct field table[] = {{"component", TEXT, true}, {"node", TEXT, false},
					     {"kubernetesVersion", OBJECT, true}, {"source", OBJECT, true},
					     {"startup", OBJECT, true}, {"derived", OBJECT, true}};
	static const struct field startup[] = {
		{"accepted", ANY, true}, {"reason", TEXT, false}, {"errors", TEXTS, true}, {"warnings", TEXTS, true}};
	const struct ds_yaml_node *v[DS_ARRAY_SIZE(table)], *s[DS_ARRAY_SIZE(startup)], *origin;
	struct ds_saved_component m = {0};
	int r = FIELDS(rd, n, "components", table, v);

	if (r == 0)
		r = text(rd, v[0], &m.component);
	if (r == 0)
		r = text(rd, v[1], &m.node);
	if (r == 0)
		r = version(rd, v[2], &m.version, &origin);
	if (r == 0)
		r = location(rd, v[3], &m.loc);
	if (r == 0)
		r = FIELDS(rd, v[4], "startup", startup, s);
	if (r == 0 && !is(s[0], BOOLEAN) && !ds_yaml_is_null(s[0]))
		r = complain(rd, s[0], "'accepted' must be true, false or null");
	if (r == 0)
		r = text(rd, s[1], &m.reason);
	if (r < 0)
		return r;
	m.node = m.node ? m.node : "";
	m.accepted = ds_yaml_is_null(s[0]) ? NULL : s[0];
	m.errors = s[2];
	m.warnings = s[3];
	m.derived = v[5];
	return ds_vec_push(rd->a, &c->components, m);
}

static int service(struct reader *rd, const struct ds_yaml_node *n, struct ds_saved_cluster *c)
{
	static const struct field table[] = {{"namespace", TEXT, true}, {"name", TEXT, true},    {"operation", TEXT, true},
					     {"accepted", BOOLEAN, true}, {"spec", OBJECT, false}, {"message", TEXT, false},
					     {"warnings", TEXTS, false}};
	const struct ds_yaml_node *v[DS_ARRAY_SIZE(table)];
	struct ds_saved_service s = {.node = n};
	int r = FIELDS(rd, n, "items", table, v);

	if (r == 0)
		r = text(rd, v[0], &s.ns);
	if (r == 0)
		r = text(rd, v[1], &s.name);
	if (r == 0)
		r = text(rd, v[2], &s.operation);
	if (r == 0)
		r = ds_yaml_as_bool(v[3], &s.accepted);
	if (r == 0)
		r = text(rd, v[5], &s.message);
	if (r < 0)
		return r;
	s.spec = v[4];
	s.warnings = v[6];
	return ds_vec_push(rd->a, &c->services, s);
}

static int services(struct reader *rd, const struct ds_yaml_node *n, struct ds_saved_cluster *c)
{
	static const struct field table[] = {{"unknown", TEXT, false}, {"items", LIST, true}};
	const struct ds_yaml_node *v[DS_ARRAY_SIZE(table)];
	int r = FIELDS(rd, n, "services", table, v);

	/* What is new of it is told Service by Service; here only whether there is a preview. */
	if (r == 0)
		r = add_fact(rd, c, "services", NULL, v[0]);
	for (size_t i = 0; r == 0 && i < v[1]->n; i++)
		r = service(rd, v[1]->items[i], c);
	return r;
}

static int node_blocks(struct reader *rd, const struct ds_yaml_node *n, struct ds_saved_cluster *c)
{
	static const struct field table[] = {{"capacity", NUMBER, true}, {"first", LIST, true}};
	const struct ds_yaml_node *v[DS_ARRAY_SIZE(table)] = {NULL};
	int r = n ? FIELDS(rd, n, "nodePodCIDRs", table, v) : 0;

	if (r == 0)
		r = add_fact(rd, c, "nodePodCIDRs.capacity", v[0], NULL);
	return r < 0 ? r : add_fact(rd, c, "nodePodCIDRs.first", v[1], NULL);
}

/* Rules that could not be checked and are not silenced, as ds_report_missing_checks counts them. */
static int count_checks(struct reader *rd, const struct ds_saved_cluster *c)
{
	struct ds_map left, gone;
	int r = 0;

	ds_map_init(&left, rd->a);
	ds_map_init(&gone, rd->a);
	for (size_t i = 0; r == 0 && i < c->findings.n; i++)
		r = ds_map_put(&left, ds_str_from(c->findings.v[i].f.rule->id), rd);
	for (size_t i = 0; r == 0 && i < c->suppressed.n; i++)
		r = ds_map_put(&gone, ds_str_from(c->suppressed.v[i].f.rule->id), rd);
	for (size_t i = 0; r == 0 && i < c->checks.n; i++) {
		const struct ds_map_entry *e = &c->checks.entries[i];
		enum ds_status status = (enum ds_status)((uintptr_t)e->value - 1);

		if (status == DS_STATUS_UNKNOWN || status == DS_STATUS_ERROR)
			rd->out->tally.missing += ds_map_get(&left, e->key) || !ds_map_get(&gone, e->key);
	}
	return r;
}

static int cluster(struct reader *rd, const struct ds_yaml_node *n)
{
	static const struct field table[] = {
		{"name", TEXT, true},        {"kubernetesVersion", OBJECT, true}, {"families", OBJECT, true},
		{"unknownFamilies", OBJECT, false}, {"serviceClusterIPRange", TEXTS, true}, {"clusterCIDR", TEXTS, true},
		{"components", LIST, true},  {"nodePodCIDRs", OBJECT, false},     {"findings", LIST, true},
		{"suppressed", LIST, true},  {"checks", OBJECT, false},           {"services", OBJECT, true}};
	const struct ds_yaml_node *v[DS_ARRAY_SIZE(table)], *value, *origin;
	struct ds_saved_cluster *c = ds_vec_add(rd->a, &rd->out->clusters);
	int r = c ? FIELDS(rd, n, "clusters", table, v) : DS_ENOMEM;

	if (r < 0)
		return r;
	*c = (struct ds_saved_cluster){0};
	r = text(rd, v[0], &c->name);
	if (r == 0)
		r = version(rd, v[1], &value, &origin);
	if (r == 0)
		r = add_fact(rd, c, "kubernetesVersion", value, NULL);
	if (r == 0)
		r = add_fact(rd, c, "kubernetesVersion.origin", origin, NULL);
	if (r == 0)
		r = families(rd, v[2], v[3], c);
	/* Ranges that nobody saw are an empty list, for the same reason as their families. */
	if (r == 0)
		r = add_fact(rd, c, "serviceClusterIPRange", v[4], v[3] && !v[4]->n ? ds_yaml_get(v[3], "services") : NULL);
	if (r == 0)
		r = add_fact(rd, c, "clusterCIDR", v[5], v[3] && !v[5]->n ? ds_yaml_get(v[3], "pods") : NULL);
	if (r == 0)
		r = node_blocks(rd, v[7], c);
	for (size_t i = 0; r == 0 && i < v[6]->n; i++)
		r = component(rd, v[6]->items[i], c);
	if (r == 0)
		r = findings(rd, v[8], c);
	if (r == 0)
		r = suppressed(rd, v[9], c);
	if (r == 0)
		r = checks(rd, v[10], c);
	if (r == 0)
		r = services(rd, v[11], c);
	return r < 0 ? r : count_checks(rd, c);
}

/* ---- the report ---- */

/* Is it one of ours, and of a version that can be read here? */
static int check_kind(struct reader *rd, const struct ds_yaml_node *root)
{
	const struct ds_yaml_node *api = root->kind == DS_YAML_MAPPING ? ds_yaml_get(root, "apiVersion") : NULL;
	const struct ds_yaml_node *kind = root->kind == DS_YAML_MAPPING ? ds_yaml_get(root, "kind") : NULL;

	if (!api || !kind || !is(api, TEXT) || !is(kind, TEXT) || !ds_str_starts(api->text, "dsaudit.dev/"))
		return complain(rd, root, "this is no report of dsaudit: apiVersion dsaudit.dev/v1 and kind AuditReport are missing");
	if (!ds_str_eqz(kind->text, "AuditReport"))
		return complain(rd, kind, "this is another kind of file than AuditReport: '%.*s'",
				(int)DS_MIN(kind->text.n, (size_t)64), kind->text.n ? kind->text.p : "");
	if (!ds_str_eqz(api->text, "dsaudit.dev/v1"))
		return complain(rd, api, "a report of '%.*s'; this dsaudit reads dsaudit.dev/v1",
				(int)DS_MIN(api->text.n, (size_t)64), api->text.p);
	return 0;
}

static int tool(struct reader *rd, const struct ds_yaml_node *n)
{
	static const struct field table[] = {{"version", TEXT, true}};
	const struct ds_yaml_node *v[DS_ARRAY_SIZE(table)];
	int r = FIELDS(rd, n, "tool", table, v);

	return r < 0 ? r : text(rd, v[0], &rd->out->tool_version);
}

static int diagnostics(struct reader *rd, const struct ds_yaml_node *list)
{
	static const struct field table[] = {{"level", TEXT, true}};
	const struct ds_yaml_node *v[DS_ARRAY_SIZE(table)];

	for (size_t i = 0; i < list->n; i++) {
		int r = FIELDS(rd, list->items[i], "diagnostics", table, v);

		if (r < 0)
			return r;
		rd->out->tally.incomplete |= ds_str_eqz(v[0]->text, ds_level_name(DS_LEVEL_ERROR));
	}
	return 0;
}

static int summary(struct reader *rd, const struct ds_yaml_node *n)
{
	static const struct field table[] = {{"passed", NUMBER, true}, {"unknown", NUMBER, true}};
	const struct ds_yaml_node *v[DS_ARRAY_SIZE(table)];
	uint64_t passed = 0, unknown = 0;
	bool has_checks = false;
	int r = FIELDS(rd, n, "summary", table, v);

	if (r == 0)
		r = number(rd, v[0], UINT32_MAX, &passed);
	if (r == 0)
		r = number(rd, v[1], UINT32_MAX, &unknown);
	rd->out->tally.passed = (size_t)passed;
	for (size_t i = 0; i < rd->out->clusters.n; i++)
		has_checks |= rd->out->clusters.v[i].has_checks;
	if (!has_checks)
		rd->out->tally.missing = (size_t)unknown;
	return r;
}

static int report(struct reader *rd, const struct ds_yaml_node *root)
{
	static const struct field table[] = {{"tool", OBJECT, true},      {"inputs", LIST, true},      {"clusters", LIST, true},
					     {"diagnostics", LIST, true}, {"summary", OBJECT, true}};
	const struct ds_yaml_node *v[DS_ARRAY_SIZE(table)];
	int r = check_kind(rd, root);

	if (r == 0)
		r = FIELDS(rd, root, "the report", table, v);
	if (r == 0)
		r = tool(rd, v[0]);
	for (size_t i = 0; r == 0 && i < v[1]->n; i++)
		r = add_input(rd, v[1]->items[i]);
	for (size_t i = 0; r == 0 && i < v[2]->n; i++)
		r = cluster(rd, v[2]->items[i]);
	if (r == 0)
		r = diagnostics(rd, v[3]);
	if (r == 0)
		r = summary(rd, v[4]);
	rd->out->tally.clusters = rd->out->clusters.n;
	return r;
}

int ds_saved_read(struct ds_ctx *ctx, const struct ds_input *input, struct ds_str bytes, struct ds_saved *ret)
{
	struct reader rd = {.ctx = ctx, .a = ctx->arena, .input = input, .out = ret};
	struct ds_loc start = {.input = input, .line = 1, .column = 1};
	struct ds_yaml_stream stream;
	int r;

	*ret = (struct ds_saved){.input = input};
	ds_map_init(&ret->inputs, rd.a);
	ds_map_init(&rd.rules, rd.a);
	if (ds_str_starts(bytes, "\xef\xbb\xbf")) /* Windows writes one */
		bytes = ds_str_skip(bytes, 3);
	r = ds_json_load(ctx, input, bytes, &stream);
	if (r < 0)
		return r;
	if (stream.n == 0) {
		r = ds_diag(ctx, DS_LEVEL_ERROR, &start, "was it written whole?", "this is empty, and no report");
		return r < 0 ? r : DS_EINVAL;
	}
	if (stream.n > 1)
		return complain(&rd, stream.docs[1].root, "a second JSON value follows the report");
	return report(&rd, stream.docs[0].root);
}

bool ds_saved_check(const struct ds_saved_cluster *c, const char *rule, enum ds_status *ret)
{
	uintptr_t v = (uintptr_t)ds_map_get(&c->checks, ds_str_from(rule));

	*ret = v ? (enum ds_status)(v - 1) : DS_STATUS_UNKNOWN;
	return v != 0;
}

const struct ds_saved_input *ds_saved_input(const struct ds_saved *s, const char *name)
{
	return ds_map_get(&s->inputs, ds_str_from(name));
}

/* ---- values ---- */

static bool same_object(struct ds_arena *a, const struct ds_yaml_node *x, const struct ds_yaml_node *y)
{
	struct ds_map other;
	bool mapped = false;

	for (size_t i = 0; i < x->n; i++) {
		const struct ds_yaml_node *value = y->pairs[i].value;

		/* Ours are always written in one order. */
		if (!ds_str_eq(x->pairs[i].key->text, y->pairs[i].key->text)) {
			if (!mapped)
				ds_map_init(&other, a);
			for (size_t k = 0; !mapped && k < y->n; k++)
				if (ds_map_put(&other, y->pairs[k].key->text, y->pairs[k].value) < 0)
					return false;
			mapped = true;
			value = ds_map_get(&other, x->pairs[i].key->text);
		}
		if (!value || !ds_saved_same(a, x->pairs[i].value, value))
			return false;
	}
	return true;
}

/* As deep as the JSON reader goes, DS_LIMIT_YAML_DEPTH. */
bool ds_saved_same(struct ds_arena *a, const struct ds_yaml_node *x, const struct ds_yaml_node *y)
{
	if (!x || !y || x->kind != y->kind || x->n != y->n)
		return x == y;
	if (x->kind == DS_YAML_SCALAR)
		return strcmp(ds_yaml_json_type(x), ds_yaml_json_type(y)) == 0 && ds_str_eq(x->text, y->text);
	if (x->kind == DS_YAML_MAPPING)
		return same_object(a, x, y);
	for (size_t i = 0; i < x->n; i++)
		if (!ds_saved_same(a, x->items[i], y->items[i]))
			return false;
	return true;
}

static void say(struct ds_buf *b, const struct ds_yaml_node *n, bool inner)
{
	if (n->kind == DS_YAML_SCALAR) {
		ds_buf_adds(b, n->text.n ? n->text : DS_STR("\"\""));
		return;
	}
	if (n->n == 0)
		ds_buf_addz(b, "none");
	ds_buf_addz(b, inner && n->n ? "(" : "");
	for (size_t i = 0; i < n->n; i++) {
		ds_buf_addz(b, i ? ", " : "");
		if (n->kind == DS_YAML_MAPPING) {
			ds_buf_adds(b, n->pairs[i].key->text);
			ds_buf_addz(b, ": ");
		}
		say(b, n->kind == DS_YAML_MAPPING ? n->pairs[i].value : n->items[i], true);
	}
	ds_buf_addz(b, inner && n->n ? ")" : "");
}

void ds_saved_say(struct ds_buf *b, const struct ds_yaml_node *value)
{
	if (value)
		say(b, value, false);
}
