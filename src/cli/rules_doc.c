#include "cli/rules_doc.h"

/* Whether a line would be a heading, a list or a rule across the page. */
static bool starts_block(struct ds_str line)
{
	size_t end = ds_str_find(line, '\n'), n = 0;
	char c = line.p[0];

	if (c == '#')
		return true;
	if (c != '-' && c != '+' && c != '=')
		return false;
	while (n < end && line.p[n] == c)
		n++;
	return n == end || (n == 1 && ds_c_is_space(line.p[1]));
}

/*
 * Rules are texts of people, who use `*`, `<` and `|` for what they are: every
 * character that Markdown could take for itself is escaped.
 */
static void escaped(struct ds_out *out, struct ds_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool line_start = i == 0 || s.p[i - 1] == '\n';
		char c = s.p[i];

		if (c == '<')
			ds_out_addz(out, "&lt;");
		else if (c == '&')
			ds_out_addz(out, "&amp;");
		else if (c && strchr("\\`*_[]>~|$", c))
			ds_out_printf(out, "\\%c", c);
		else if (line_start && starts_block(ds_str_skip(s, i)))
			ds_out_printf(out, "\\%c", c);
		else if ((c == '.' || c == ')') && i > 0 && ds_c_is_digit(s.p[i - 1]) && (i + 1 == s.n || ds_c_is_space(s.p[i + 1])))
			ds_out_printf(out, "\\%c", c); /* no list of numbers */
		else
			ds_out_addc(out, c);
	}
}

static void escapedz(struct ds_out *out, const char *z)
{
	escaped(out, ds_str_from(z));
}

/* A cell of a table ends with its line. */
static void cell(struct ds_out *out, const char *z)
{
	struct ds_str s = ds_str_from(z);
	size_t n;

	for (; (n = ds_str_find(s, '\n')) < s.n; s = ds_str_skip(s, n + 1)) {
		escaped(out, ds_str_head(s, n));
		ds_out_addc(out, ' ');
	}
	escaped(out, s);
}

/* Paragraphs; lines that begin with two blanks are kept as they are. */
static void prose(struct ds_out *out, const char *z)
{
	struct ds_str rest = ds_str_from(z), line;
	bool done = false, code = false, gap = true;

	while (ds_str_split(&rest, '\n', &done, &line)) {
		bool indented = ds_str_starts(line, "  ");

		if (indented != code && line.n) {
			ds_out_addz(out, gap ? "" : "\n");
			code = indented;
		}
		gap = line.n == 0;
		if (indented) {
			ds_out_addz(out, "    ");
			ds_out_add(out, ds_str_skip(line, 2));
		} else {
			escaped(out, ds_str_trim(line));
		}
		ds_out_addc(out, '\n');
	}
}

static void fence(struct ds_out *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ds_out_addc(out, '`');
}

/* A block of code, in a fence longer than any row of backticks in it. */
static void code(struct ds_out *out, const char *title, struct ds_str s)
{
	size_t longest = 2, row = 0;

	for (size_t i = 0; i < s.n; i++) {
		row = s.p[i] == '`' ? row + 1 : 0;
		longest = DS_MAX(longest, row);
	}
	while (s.n && ds_c_is_space(s.p[s.n - 1]))
		s.n--;
	ds_out_printf(out, "\n%s:\n\n", title);
	fence(out, longest + 1);
	ds_out_addz(out, "cel\n");
	ds_out_add(out, s);
	ds_out_addc(out, '\n');
	fence(out, longest + 1);
	ds_out_addc(out, '\n');
}

/* owner/repository#123: an issue on GitHub. */
static bool issue(struct ds_str s, struct ds_str *ret_repository, struct ds_str *ret_number)
{
	size_t hash = ds_str_find(s, '#'), slash = ds_str_find(s, '/');

	*ret_repository = ds_str_head(s, hash);
	*ret_number = ds_str_skip(s, hash + 1);
	if (slash >= hash || hash == s.n || ret_number->n == 0 || ds_str_find(ds_str_skip(*ret_repository, slash + 1), '/') + slash + 1 != hash)
		return false;
	for (size_t i = 0; i < ret_number->n; i++)
		if (!ds_c_is_digit(ret_number->p[i]))
			return false;
	for (size_t i = 0; i < ret_repository->n; i++)
		if (!ds_c_is_alnum(ret_repository->p[i]) && !strchr("/-_.", ret_repository->p[i]))
			return false;
	return true;
}

/* Only characters that end no link. */
static bool is_page(struct ds_str s)
{
	size_t slash, dot;

	if (ds_str_starts(s, "https://"))
		s = ds_str_skip(s, strlen("https://"));
	slash = ds_str_find(s, '/');
	dot = ds_str_find(s, '.');
	for (size_t i = 0; i < s.n; i++)
		if (!ds_c_is_alnum(s.p[i]) && !strchr("/-_.#?=%+~,:", s.p[i]))
			return false;
	return dot < slash && slash < s.n;
}

static void reference(struct ds_out *out, struct ds_str s)
{
	struct ds_str repository, number;

	ds_out_addz(out, "- ");
	if (issue(s, &repository, &number)) {
		ds_out_addc(out, '[');
		escaped(out, s);
		ds_out_printf(out, "](https://github.com/%.*s/issues/%.*s)", DS_STR_ARG(repository), DS_STR_ARG(number));
	} else if (is_page(s)) {
		ds_out_printf(out, "<%s%.*s>", ds_str_starts(s, "https://") ? "" : "https://", DS_STR_ARG(s));
	} else {
		escaped(out, s);
	}
	ds_out_addc(out, '\n');
}

static void row(struct ds_out *out, const char *name, const char *const *v, size_t n, const char *none)
{
	ds_out_printf(out, "| %s | ", name);
	for (size_t i = 0; i < n; i++) {
		ds_out_addz(out, i ? ", " : "");
		cell(out, v[i]);
	}
	ds_out_printf(out, "%s |\n", n ? "" : none);
}

int ds_rule_markdown(struct ds_out *out, struct ds_arena *a, struct ds_rule *rule)
{
	const char *const *inputs;
	size_t n;
	int r = ds_rule_inputs(a, rule, &inputs, &n);

	if (r < 0)
		return r;
	ds_out_addz(out, "## ");
	escapedz(out, rule->id);
	ds_out_addz(out, ": ");
	escapedz(out, rule->name);
	ds_out_addz(out, "\n\n");
	prose(out, rule->title);
	ds_out_addz(out, "\n| | |\n|---|---|\n");
	ds_out_printf(out, "| Severity | %s%s |\n", ds_severity_name(rule->severity),
		      rule->severity_expression.source.n ? " (depends on the facts)" : "");
	row(out, "Kubernetes versions", &rule->versions, rule->versions[0] != '\0', "all");
	row(out, "Needs to see", inputs, n, "nothing in particular");
	row(out, "Cases", rule->cases, rule->n_cases, "none");
	ds_out_addz(out, "\n### Why\n\n");
	prose(out, rule->why);
	ds_out_addz(out, "\n### Fix\n\n");
	prose(out, rule->fix);
	ds_out_addz(out, "\n### Check\n");
	for (size_t i = 0; i < rule->n_for_each; i++)
		code(out, ds_arena_printf(a, "For each `%s` of", rule->for_each[i].name), rule->for_each[i].expr.source);
	for (size_t i = 0; i < rule->n_variables; i++)
		code(out, ds_arena_printf(a, "With `variables.%s`", rule->variables[i].name), rule->variables[i].expr.source);
	if (rule->match.source.n)
		code(out, "Applies when", rule->match.source);
	code(out, "Passes when", rule->expression.source);
	if (rule->n_references)
		ds_out_addz(out, "\n### References\n\n");
	for (size_t i = 0; i < rule->n_references; i++)
		reference(out, ds_str_from(rule->references[i]));
	return 0;
}

/* The name that GitHub and GitLab give the heading "DS101: some-name". */
static void anchor(struct ds_out *out, const struct ds_rule *rule)
{
	ds_out_addc(out, '#');
	for (const char *p = rule->id; *p; p++)
		ds_out_addc(out, ds_c_lower(*p));
	ds_out_addc(out, '-');
	for (const char *p = rule->name; *p; p++)
		if (ds_c_is_alnum(*p) || *p == '-' || *p == '_')
			ds_out_addc(out, ds_c_lower(*p));
}

int ds_rules_markdown(struct ds_out *out, struct ds_arena *a, const struct ds_ruleset *set)
{
	int r = 0;

	ds_out_addz(out, "# The rules of dsaudit\n\n"
			 "Written by `dsaudit rules doc`. How rules are made, suppressed and added: dsaudit-rules(5).\n\n"
			 "| rule | severity | says |\n|---|---|---|\n");
	for (size_t i = 0; i < set->rules.n; i++) {
		struct ds_rule *rule = set->rules.v[i];

		ds_out_addz(out, "| [");
		cell(out, rule->id);
		ds_out_addz(out, "](");
		anchor(out, rule);
		ds_out_printf(out, ") | %s | ", ds_severity_name(rule->severity));
		cell(out, rule->title);
		ds_out_addz(out, " |\n");
	}
	for (size_t i = 0; r == 0 && i < set->rules.n; i++) {
		ds_out_addc(out, '\n');
		r = ds_rule_markdown(out, a, set->rules.v[i]);
	}
	return r;
}
