#include "rules/rule.h"

#include <stdlib.h>

#include "base/num.h"
#include "rules/compile.h"
#include "yaml/scalar.h"

const char *ds_severity_name(enum ds_severity s)
{
	static const char *const names[] = {"info", "warning", "error"};
	_Static_assert(DS_ARRAY_SIZE(names) == DS_SEVERITY__COUNT, "every severity has a name");

	return names[s];
}

int ds_severity_from_name(struct ds_str name, enum ds_severity *ret)
{
	for (int i = 0; i < DS_SEVERITY__COUNT; i++) {
		if (ds_str_eqz(name, ds_severity_name((enum ds_severity)i))) {
			*ret = (enum ds_severity)i;
			return 0;
		}
	}
	return DS_EINVAL;
}

const char *ds_status_name(enum ds_status s)
{
	static const char *const names[] = {
		[DS_STATUS_PASS] = "pass",
		[DS_STATUS_FAIL] = "fail",
		[DS_STATUS_UNKNOWN] = "unknown",
		[DS_STATUS_NOT_APPLICABLE] = "not-applicable",
		[DS_STATUS_ERROR] = "error",
	};
	_Static_assert(DS_ARRAY_SIZE(names) == DS_STATUS__COUNT, "every status has a name");

	return names[s];
}

/* Loading one file. */
struct loader {
	struct ds_ctx *ctx;
	struct ds_arena *a;
	const struct ds_input *input;
	struct ds_ruleset *set;
	struct ds_rule *rule;    /* being read */
	bool bad;                /* it has an error */
};

static int complain(struct loader *l, const struct ds_yaml_node *at, const char *fmt, ...) DS_PRINTF(3, 4);

static int complain(struct loader *l, const struct ds_yaml_node *at, const char *fmt, ...)
{
	struct ds_loc loc = ds_yaml_loc(l->a, l->input, at);
	const char *text;
	va_list ap;

	l->bad = true;
	va_start(ap, fmt);
	text = ds_arena_vprintf(l->a, fmt, ap);
	va_end(ap);
	if (!text)
		return DS_ENOMEM;
	return ds_diag(l->ctx, DS_LEVEL_ERROR, &loc, NULL, "rule %s: %s", l->rule && l->rule->id ? l->rule->id : "?", text);
}

/* Where byte `offset` of a scalar's text stands in the file. */
static struct ds_loc place_in_scalar(const struct loader *l, const struct ds_yaml_node *n, size_t offset, size_t length)
{
	struct ds_loc loc = ds_yaml_loc(l->a, l->input, n);
	struct ds_str before = ds_str_head(n->text, offset), line;
	uint32_t down = 0, indent = 0;
	size_t start = 0, at = 0;

	loc.length = (uint32_t)DS_MIN(length, (size_t)200);
	if (n->style == DS_YAML_DOUBLE_QUOTED || n->style == DS_YAML_SINGLE_QUOTED || n->style == DS_YAML_PLAIN) {
		loc.column += (uint32_t)offset + (n->style != DS_YAML_PLAIN);
		return loc;
	}
	for (size_t i = 0; i < before.n; i++) {
		if (before.p[i] == '\n') {
			down++;
			start = i + 1;
		}
	}
	/* A block scalar's lines follow its indicator; their indentation is in the file. */
	loc.line += 1 + down;
	for (uint32_t k = 1; k < loc.line && at < l->input->text.n; k++)
		at += ds_str_find(ds_str_skip(l->input->text, at), '\n') + 1;
	line = ds_str_skip(l->input->text, at);
	while (indent < line.n && line.p[indent] == ' ')
		indent++;
	loc.column = indent + (uint32_t)(offset - start) + 1;
	return loc;
}

/* What compiling returned. */
static int judge(struct loader *l, int r, const struct ds_rule_problem *problem)
{
	struct ds_loc loc;

	if (r == 0 || r == DS_ENOMEM)
		return r;
	if (!problem->in_text)
		return complain(l, problem->node, "%s", problem->message);
	l->bad = true;
	loc = place_in_scalar(l, problem->node, problem->offset, problem->length);
	return ds_diag(l->ctx, DS_LEVEL_ERROR, &loc, NULL, "rule %s: %s", l->rule->id ? l->rule->id : "?",
		       problem->message);
}

static int read_source(struct loader *l, const struct ds_yaml_node *n, const struct ds_cel_type *type,
		       struct ds_rule_expr *ret)
{
	struct ds_str text;

	if (ds_yaml_as_string(n, &text) < 0 || text.n == 0)
		return complain(l, n, "an expression must be a non-empty string");
	*ret = (struct ds_rule_expr){text, type, n, NULL};
	return 0;
}

static int read_expr(struct loader *l, const struct ds_yaml_node *n, const struct ds_cel_type *type,
		     struct ds_rule_expr *ret)
{
	struct ds_rule_problem problem;
	int r = read_source(l, n, type, ret);

	if (r < 0 || ret->source.n == 0 || l->set->embedded)
		return r;
	r = ds_rule_compile(l->rule, ret, &problem);
	return judge(l, r, &problem);
}

static int read_string(struct loader *l, const struct ds_yaml_node *n, const char **ret)
{
	struct ds_str text;
	char *copy;

	if (ds_yaml_as_string(n, &text) < 0 || text.n == 0 || memchr(text.p, '\0', text.n))
		return complain(l, n, "must be a non-empty string");
	while (text.n && text.p[text.n - 1] == '\n')
		text.n--;
	copy = ds_arena_strndup(l->a, text.p, text.n);
	if (!copy)
		return DS_ENOMEM;
	*ret = copy;
	return 0;
}

static int read_strings(struct loader *l, const struct ds_yaml_node *n, const char ***ret, size_t *ret_n)
{
	if (n->kind != DS_YAML_SEQUENCE)
		return complain(l, n, "must be a list of strings");
	*ret = ds_arena_new_array(l->a, n->n, const char *);
	if (!*ret)
		return DS_ENOMEM;
	for (size_t i = 0; i < n->n; i++) {
		int r = read_string(l, n->items[i], &(*ret)[i]);

		if (r < 0)
			return r;
		if (!(*ret)[i])
			(*ret)[i] = "";
	}
	*ret_n = n->n;
	return 0;
}

/* ">=1.20 <1.34": every term must hold. */
static int read_versions(struct loader *l, const struct ds_yaml_node *n)
{
	struct ds_str rest, term;
	bool done = false;
	int r = read_string(l, n, &l->rule->versions);

	if (r < 0 || !l->rule->versions)
		return r;
	rest = ds_str_from(l->rule->versions);
	while (ds_str_split(&rest, ' ', &done, &term)) {
		bool less = ds_str_starts(term, "<"), greater = ds_str_starts(term, ">");
		size_t skip = less || greater ? 1 : 0;
		struct ds_kube_version v;
		bool equal;

		if (term.n == 0)
			continue;
		equal = ds_str_starts(ds_str_skip(term, skip), "=");
		if (ds_kube_version_parse(ds_str_skip(term, skip + equal), &v) < 0 || v.major != 1 || (!skip && !equal))
			return complain(l, n, "versions must look like '>=1.20 <1.34'");
		if (!less)
			l->rule->min_minor = DS_MAX(l->rule->min_minor, v.minor + (greater && !equal));
		if (!greater)
			l->rule->max_minor = DS_MIN(l->rule->max_minor, v.minor - (less && !equal));
	}
	return 0;
}

static int read_severity(struct loader *l, const struct ds_yaml_node *n)
{
	struct ds_str text;

	if (ds_yaml_as_string(n, &text) < 0 || ds_severity_from_name(text, &l->rule->severity) < 0)
		return complain(l, n, "severity must be error, warning or info");
	return 0;
}

/* "name: expression". The name is one even where YAML would type it: n, y, on. n: how many names the rule has then. */
static int read_variable(struct loader *l, const struct ds_yaml_pair *pair, size_t *n, struct ds_rule_var *ret)
{
	struct ds_str key = pair->key->text;
	struct ds_rule_problem problem;
	int r;

	if (pair->key->kind != DS_YAML_SCALAR || key.n == 0 || memchr(key.p, '\0', key.n))
		return complain(l, pair->key, "a variable needs a name");
	ret->node = pair->key;
	ret->name = ds_arena_strndup(l->a, key.p, key.n);
	r = ret->name ? read_source(l, pair->value, &ds_cel_type_dyn, &ret->expr) : DS_ENOMEM;
	if (r < 0 || l->bad)
		return r;
	++*n;
	if (l->set->embedded)
		return 0;
	r = ds_rule_declare(l->rule, l->rule->n_for_each + l->rule->n_variables, &problem);
	return judge(l, r, &problem);
}

/* Names of forEach, then of variables: each may use those before it. */
static int read_names(struct loader *l, const struct ds_yaml_node *n, struct ds_rule_var **ret, size_t *ret_n)
{
	int r = 0;

	*ret = ds_arena_new_array(l->a, n->n, struct ds_rule_var);
	if (!*ret)
		return DS_ENOMEM;
	for (size_t i = 0; r == 0 && !l->bad && i < n->n; i++)
		r = read_variable(l, &n->pairs[i], ret_n, &(*ret)[i]);
	return r;
}

static int read_for_each(struct loader *l, const struct ds_yaml_node *n)
{
	if (n->kind != DS_YAML_MAPPING)
		return complain(l, n, "forEach must map names to lists");
	if (n->n > DS_RULE_VARS)
		return complain(l, n, "forEach takes at most %d names", DS_RULE_VARS);
	return read_names(l, n, &l->rule->for_each, &l->rule->n_for_each);
}

static int read_variables(struct loader *l, const struct ds_yaml_node *n)
{
	if (n->kind != DS_YAML_MAPPING)
		return complain(l, n, "variables must map names to expressions");
	return read_names(l, n, &l->rule->variables, &l->rule->n_variables);
}

static int read_locations(struct loader *l, const struct ds_yaml_node *n)
{
	if (n->kind != DS_YAML_SEQUENCE || n->n == 0)
		return complain(l, n, "locations must be a list of expressions");
	l->rule->locations = ds_arena_new_array(l->a, n->n, struct ds_rule_expr);
	if (!l->rule->locations)
		return DS_ENOMEM;
	for (size_t i = 0; i < n->n; i++) {
		int r = read_expr(l, n->items[i], &ds_cel_type_dyn, &l->rule->locations[i]);

		if (r < 0)
			return r;
	}
	l->rule->n_locations = n->n;
	return 0;
}

static int read_tests(struct loader *l, const struct ds_yaml_node *n)
{
	if (n->kind != DS_YAML_SEQUENCE || n->n == 0)
		return complain(l, n, "tests must be a list");
	l->rule->tests = n;
	return 0;
}

#define STRING_FIELD(field)                                                                                 \
	static int read_##field(struct loader *l, const struct ds_yaml_node *n)                             \
	{                                                                                                   \
		return read_string(l, n, &l->rule->field);                                                  \
	}
#define STRINGS_FIELD(field)                                                                                \
	static int read_##field(struct loader *l, const struct ds_yaml_node *n)                             \
	{                                                                                                   \
		return read_strings(l, n, &l->rule->field, &l->rule->n_##field);                            \
	}
#define EXPRESSION_FIELD(field, type)                                                                       \
	static int read_##field(struct loader *l, const struct ds_yaml_node *n)                             \
	{                                                                                                   \
		return read_expr(l, n, &(type), &l->rule->field);                                           \
	}

STRING_FIELD(id)
STRING_FIELD(name)
STRING_FIELD(title)
STRING_FIELD(message)
STRING_FIELD(why)
STRING_FIELD(fix)
STRINGS_FIELD(references)
STRINGS_FIELD(cases)
STRINGS_FIELD(supersedes)
EXPRESSION_FIELD(match, ds_cel_type_bool)
EXPRESSION_FIELD(expression, ds_cel_type_bool)
EXPRESSION_FIELD(message_expression, ds_cel_type_string)
EXPRESSION_FIELD(fix_expression, ds_cel_type_string)
EXPRESSION_FIELD(severity_expression, ds_cel_type_string)

/* The order is the order of reading: id first for messages, names before what uses them. */
static const struct {
	const char *key;
	bool required;
	int (*read)(struct loader *, const struct ds_yaml_node *);
} fields[] = {
	{"id", true, read_id},
	{"name", true, read_name},
	{"title", true, read_title},
	{"severity", true, read_severity},
	{"versions", false, read_versions},
	{"forEach", false, read_for_each},
	{"variables", false, read_variables},
	{"match", false, read_match},
	{"expression", true, read_expression},
	{"message", false, read_message},
	{"messageExpression", false, read_message_expression},
	{"severityExpression", false, read_severity_expression},
	{"locations", false, read_locations},
	{"cases", false, read_cases},
	{"supersedes", false, read_supersedes},
	{"why", true, read_why},
	{"fix", true, read_fix},
	{"fixExpression", false, read_fix_expression},
	{"references", false, read_references},
	{"tests", true, read_tests},
};

static int unknown_field(struct loader *l, const struct ds_yaml_pair *pair)
{
	const char *nearest = NULL;
	unsigned best = 3;

	for (size_t i = 0; i < DS_ARRAY_SIZE(fields); i++)
		if (ds_str_eqz(pair->key->text, fields[i].key))
			return 0;
	for (size_t i = 0; i < DS_ARRAY_SIZE(fields); i++) {
		unsigned d = ds_str_distance(pair->key->text, ds_str_from(fields[i].key), 2);
		if (d < best) {
			best = d;
			nearest = fields[i].key;
		}
	}
	return complain(l, pair->key, "unknown field '%.*s'%s%s%s", DS_STR_ARG(pair->key->text),
			nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "");
}

static int check_identity(struct loader *l, const struct ds_yaml_node *n)
{
	const struct ds_rule *rule = l->rule;
	struct ds_str id = ds_str_from(rule->id);
	uint64_t number;

	if (id.n < 5 || !ds_c_is_upper(id.p[0]) || !ds_c_is_upper(id.p[1]) ||
	    ds_num_u64(ds_str_skip(id, id.n - 3), 999, &number) < 0)
		return complain(l, n, "an id is letters and three digits, like DS101 or ACME001");
	for (size_t i = 0; i < l->set->rules.n; i++) {
		const struct ds_rule *other = l->set->rules.v[i];

		if (strcmp(other->id, rule->id) == 0 || strcmp(other->name, rule->name) == 0)
			return complain(l, n, "id or name is already taken by %s (%s) in %s", other->id, other->name,
					other->input->name);
	}
	if (!rule->message && !rule->message_expression.source.n)
		return complain(l, n, "message or messageExpression is missing");
	return 0;
}

static int load_rule(struct loader *l, const struct ds_yaml_node *n)
{
	int r = 0;

	l->bad = false;
	l->rule = ds_arena_new_obj(l->a, struct ds_rule);
	if (!l->rule)
		return DS_ENOMEM;
	l->rule->arena = l->a;
	l->rule->env = ds_cel_env_new(l->a);
	if (!l->rule->env)
		return DS_ENOMEM;
	l->rule->node = n;
	l->rule->input = l->input;
	l->rule->versions = "";
	l->rule->max_minor = 999;
	if (n->kind != DS_YAML_MAPPING)
		return complain(l, n, "a rule must be a mapping");
	if (ds_cel_env_declare(l->rule->env, "cluster", &l->set->schema->cluster_type) < 0)
		return DS_ENOMEM;
	ds_cel_env_fix(l->rule->env); /* of one cluster at a time */
	for (size_t i = 0; r == 0 && i < DS_ARRAY_SIZE(fields); i++) {
		const struct ds_yaml_node *v = ds_yaml_get(n, fields[i].key);

		if (v)
			r = fields[i].read(l, v);
		else if (fields[i].required && !(l->set->embedded && fields[i].read == read_tests))
			r = complain(l, n, "field '%s' is missing", fields[i].key);
		if (l->bad && (strcmp(fields[i].key, "forEach") == 0 || strcmp(fields[i].key, "variables") == 0))
			return r; /* what follows would only repeat that a name is undeclared */
	}
	for (size_t i = 0; r == 0 && i < n->n; i++)
		r = unknown_field(l, &n->pairs[i]);
	if (r == 0 && !l->bad)
		r = check_identity(l, n);
	if (r < 0 || l->bad)
		return r;
	return ds_vec_push(l->a, &l->set->rules, l->rule);
}

static int by_id(const void *a, const void *b)
{
	const struct ds_rule *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

int ds_rules_load(struct ds_ctx *ctx, const struct ds_input *input, struct ds_str text, struct ds_ruleset *set)
{
	struct loader l = {.ctx = ctx, .a = ctx->arena, .input = input, .set = set};
	struct ds_yaml_stream stream;
	int r = ds_yaml_load(ctx, input, text, &stream);
	bool bad = r < 0;

	if (r == DS_ENOMEM)
		return r;
	for (size_t d = 0; d < stream.n; d++) {
		const struct ds_yaml_node *root = stream.docs[d].root;

		if (!root)
			continue;
		if (root->kind != DS_YAML_SEQUENCE) {
			l.rule = NULL;
			if (complain(&l, root, "a rule file is a list of rules") == DS_ENOMEM)
				return DS_ENOMEM;
			bad = true;
			continue;
		}
		for (size_t i = 0; i < root->n; i++) {
			if (load_rule(&l, root->items[i]) == DS_ENOMEM)
				return DS_ENOMEM;
			bad |= l.bad;
		}
	}
	if (set->rules.n)
		qsort(set->rules.v, set->rules.n, sizeof(set->rules.v[0]), by_id);
	return bad ? DS_EINVAL : 0;
}

int ds_rules_load_builtin(struct ds_ctx *ctx, struct ds_ruleset *set, bool with_tests)
{
	for (size_t i = 0; i < ds_embedded_rules_count; i++) {
		const struct ds_embedded_file *f = &ds_embedded_rules[i];
		struct ds_input *input = ds_arena_new_obj(ctx->arena, struct ds_input);
		int r;

		if (!input)
			return DS_ENOMEM;
		input->name = f->name;
		input->type = "rules";
		input->text = with_tests ? ds_str_n((const char *)f->data, f->size)
					 : ds_str_n((const char *)f->lean, f->lean_size);
		set->embedded = !with_tests;
		r = ds_rules_load(ctx, input, input->text, set);
		set->embedded = false;
		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_called(const struct ds_rule *rule, struct ds_str id_or_name)
{
	return ds_str_ieqz(id_or_name, rule->id) || ds_str_ieqz(id_or_name, rule->name);
}

struct ds_rule *ds_rules_find(const struct ds_ruleset *set, struct ds_str id_or_name)
{
	for (size_t i = 0; i < set->rules.n; i++)
		if (is_called(set->rules.v[i], id_or_name))
			return set->rules.v[i];
	return NULL;
}

struct ds_rule *ds_rules_known(const struct ds_ruleset *set, struct ds_str id_or_name)
{
	struct ds_rule *found = ds_rules_find(set, id_or_name);

	for (size_t i = 0; !found && i < set->left_out.n; i++)
		if (is_called(set->left_out.v[i], id_or_name))
			found = set->left_out.v[i];
	return found;
}

int ds_rules_leave_out(struct ds_arena *a, struct ds_ruleset *set, struct ds_str id_or_name)
{
	size_t n = 0;

	if (!ds_rules_known(set, id_or_name))
		return DS_ENOENT;
	for (size_t i = 0; i < set->rules.n; i++) {
		struct ds_rule *rule = set->rules.v[i];

		if (!is_called(rule, id_or_name))
			set->rules.v[n++] = rule;
		else if (ds_vec_push(a, &set->left_out, rule) < 0)
			return DS_ENOMEM;
	}
	set->rules.n = n;
	return 0;
}
