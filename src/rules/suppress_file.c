#include "base/num.h"
#include "rules/suppress.h"
#include "yaml/scalar.h"

/* A file of people: the ignore file or the baseline. */
struct file {
	struct ds_suppressions *s;
	struct ds_ctx *ctx;
	const struct ds_input *input;
	bool bad;
};

static int complain(struct file *f, const struct ds_yaml_node *at, const char *fmt, ...) DS_PRINTF(3, 4);

static int complain(struct file *f, const struct ds_yaml_node *at, const char *fmt, ...)
{
	struct ds_loc loc = {.input = f->input, .line = 1, .column = 1};
	const char *text;
	va_list ap;

	if (at)
		loc = ds_yaml_loc(f->s->a, f->input, at);
	f->bad = true;
	va_start(ap, fmt);
	text = ds_arena_vprintf(f->s->a, fmt, ap);
	va_end(ap);
	return text ? ds_diag(f->ctx, DS_LEVEL_ERROR, &loc, NULL, "%s", text) : DS_ENOMEM;
}

/* A non-empty string of the mapping n into *ret; "is missing" when it must be there. */
static int read_field(struct file *f, const struct ds_yaml_node *n, const char *key, bool required, const char **ret)
{
	const struct ds_yaml_node *v = ds_yaml_get(n, key);
	struct ds_str text;

	if (!v)
		return required ? complain(f, n, "'%s' is missing", key) : 0;
	if (ds_yaml_as_string(v, &text) < 0 || ds_str_trim(text).n == 0 || memchr(text.p, '\0', text.n))
		return complain(f, v, "'%s' must be a non-empty string", key);
	text = ds_str_trim(text);
	*ret = ds_arena_strndup(f->s->a, text.p, text.n);
	return *ret ? 0 : DS_ENOMEM;
}

static int check_fields(struct file *f, const struct ds_yaml_node *n, const char *const *known, size_t n_known)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n->n; i++) {
		const struct ds_yaml_node *key = n->pairs[i].key;
		bool found = false;

		for (size_t k = 0; k < n_known && !found; k++)
			found = key->kind == DS_YAML_SCALAR && ds_str_eqz(key->text, known[k]);
		if (!found)
			r = complain(f, key, "unknown field '%.*s'", key->kind == DS_YAML_SCALAR ? (int)key->text.n : 0,
				     key->kind == DS_YAML_SCALAR && key->text.n ? key->text.p : "");
	}
	return r;
}

static int load(struct file *f, struct ds_str text, const struct ds_yaml_node **ret)
{
	struct ds_yaml_stream *stream = ds_arena_new_obj(f->s->a, struct ds_yaml_stream);
	int r = stream ? ds_yaml_load(f->ctx, f->input, text, stream) : DS_ENOMEM;

	*ret = NULL;
	if (r == DS_ENOMEM)
		return r;
	f->bad = r < 0;
	for (size_t i = 0; i < stream->n; i++) {
		if (!stream->docs[i].root)
			continue;
		if (*ret)
			return complain(f, stream->docs[i].root, "there must be one document");
		*ret = stream->docs[i].root;
	}
	return 0;
}

/* ---- the ignore file ---- */

bool ds_suppress_is_date(struct ds_str t)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	uint64_t y, m, d;
	bool leap;

	if (t.n != 10 || t.p[4] != '-' || t.p[7] != '-' || ds_num_u64(ds_str_head(t, 4), 9999, &y) < 0 ||
	    ds_num_u64(ds_str_head(ds_str_skip(t, 5), 2), 12, &m) < 0 || ds_num_u64(ds_str_skip(t, 8), 31, &d) < 0)
		return false;
	leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
	return m >= 1 && d >= 1 && d <= days[m - 1] + (m == 2 && leap ? 1u : 0u);
}

static int read_ignore(struct file *f, const struct ds_yaml_node *n)
{
	static const char *const known[] = {"rule", "target", "reason", "owner", "expires"};
	struct ds_ignore g = {.by = DS_BY_IGNORE_FILE, .loc = ds_yaml_loc(f->s->a, f->input, n)};
	const char *rule = NULL, *owner = NULL;
	int r;

	if (n->kind != DS_YAML_MAPPING)
		return complain(f, n, "an entry has rule, target, reason, owner and expires; this is a %s",
				ds_yaml_kind_name(n));
	r = check_fields(f, n, known, DS_ARRAY_SIZE(known));
	if (r == 0)
		r = read_field(f, n, "rule", true, &rule);
	if (r == 0)
		r = read_field(f, n, "target", false, &g.target);
	if (r == 0)
		r = read_field(f, n, "reason", true, &g.reason);
	if (r == 0)
		r = read_field(f, n, "owner", false, &owner);
	if (r == 0)
		r = read_field(f, n, "expires", false, &g.expires);
	if (r < 0)
		return r;
	if (g.expires && !ds_suppress_is_date(ds_str_from(g.expires)))
		return complain(f, ds_yaml_get(n, "expires"), "'%s' is not a date such as 2027-01-31", g.expires);
	g.rule = rule ? ds_rules_known(f->s->rules, ds_str_from(rule)) : NULL;
	if (rule && !g.rule)
		return complain(f, ds_yaml_get(n, "rule"), "there is no rule '%s'", rule);
	return f->bad ? 0 : ds_vec_push(f->s->a, &f->s->ignores, g);
}

int ds_suppress_load_ignores(struct ds_suppressions *s, struct ds_ctx *ctx, const struct ds_input *input,
			     struct ds_str text)
{
	struct file f = {.s = s, .ctx = ctx, .input = input};
	const struct ds_yaml_node *root;
	int r = load(&f, text, &root);

	/* A file with comments only ignores nothing. */
	if (r == 0 && !f.bad && root && !ds_yaml_is_null(root)) {
		if (root->kind != DS_YAML_SEQUENCE)
			r = complain(&f, root, "an ignore file is a list of entries");
		for (size_t i = 0; r == 0 && root->kind == DS_YAML_SEQUENCE && i < root->n; i++)
			r = read_ignore(&f, root->items[i]);
	}
	return r < 0 ? r : f.bad ? DS_EINVAL : 0;
}

/* ---- the baseline ---- */

static bool is_fingerprint(const char *z)
{
	return strlen(z) == 16 && strspn(z, "0123456789abcdef") == 16;
}

static int read_baseline_entry(struct file *f, const struct ds_yaml_node *n)
{
	struct ds_baseline_entry b = {.loc = ds_yaml_loc(f->s->a, f->input, n)};
	int r = 0;

	if (n->kind != DS_YAML_MAPPING)
		return complain(f, n, "an entry has fingerprint, rule, name and message; this is a %s",
				ds_yaml_kind_name(n));
	r = read_field(f, n, "fingerprint", true, &b.fingerprint);
	if (r == 0)
		r = read_field(f, n, "rule", true, &b.rule);
	if (r == 0)
		r = read_field(f, n, "message", true, &b.message);
	if (r < 0 || f->bad)
		return r;
	if (!is_fingerprint(b.fingerprint))
		return complain(f, ds_yaml_get(n, "fingerprint"), "'%s' is not a fingerprint", b.fingerprint);
	if (ds_map_get(&f->s->known, ds_str_from(b.fingerprint)))
		return 0;
	if (ds_vec_push(f->s->a, &f->s->baseline, b) < 0)
		return DS_ENOMEM;
	return ds_map_put(&f->s->known, ds_str_from(b.fingerprint), (void *)(uintptr_t)f->s->baseline.n);
}

int ds_suppress_load_baseline(struct ds_suppressions *s, struct ds_ctx *ctx, const struct ds_input *input,
			      struct ds_str text)
{
	struct file f = {.s = s, .ctx = ctx, .input = input};
	const struct ds_yaml_node *root, *list;
	struct ds_str version = {0}, kind = {0};
	int r = load(&f, text, &root);

	if (r < 0 || f.bad)
		return r < 0 ? r : DS_EINVAL;
	list = ds_yaml_get(root, "findings");
	if (ds_yaml_as_string(ds_yaml_get(root, "apiVersion"), &version) < 0 ||
	    ds_yaml_as_string(ds_yaml_get(root, "kind"), &kind) < 0 || !ds_str_eqz(version, "dsaudit.dev/v1") ||
	    !ds_str_eqz(kind, "Baseline"))
		r = complain(&f, root, "this is no baseline: apiVersion dsaudit.dev/v1 and kind Baseline are missing");
	else if (!list || list->kind != DS_YAML_SEQUENCE)
		r = complain(&f, list ? list : root, "'findings' must be a list");
	else
		for (size_t i = 0; r == 0 && i < list->n; i++)
			r = read_baseline_entry(&f, list->items[i]);
	return r < 0 ? r : f.bad ? DS_EINVAL : 0;
}
