#include "report/say.h"

#include "base/map.h"

size_t ds_report_missing_checks(const struct ds_report *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->clusters.n; i++)
		for (size_t k = 0; k < r->clusters.v[i].findings.results.n; k++) {
			const struct ds_rule_result *x = &r->clusters.v[i].findings.results.v[k];

			n += !x->suppressed && (x->status == DS_STATUS_UNKNOWN || x->status == DS_STATUS_ERROR);
		}
	return n;
}

struct ds_tally ds_report_tally(const struct ds_report *r)
{
	struct ds_tally t = {
		.clusters = r->clusters.n,
		.passed = r->summary.passed,
		.suppressed = r->summary.suppressed,
		.missing = ds_report_missing_checks(r),
		.incomplete = r->incomplete,
	};

	memcpy(t.severity, r->summary.severity, sizeof(t.severity));
	return t;
}

const char *ds_say_verdict(const struct ds_tally *t, enum ds_ink *ret_ink)
{
	*ret_ink = DS_INK_YELLOW;
	if (t->clusters == 0 && !t->incomplete) {
		*ret_ink = DS_INK_BOLD;
		return "Nothing to audit here: no Kubernetes component was found";
	}
	if (t->severity[DS_SEVERITY_ERROR]) {
		*ret_ink = DS_INK_RED;
		return "This configuration is broken";
	}
	if (t->severity[DS_SEVERITY_WARNING])
		return "This configuration has weak spots";
	if (t->incomplete)
		return "The audit is incomplete";
	if (t->missing)
		return "Nothing wrong in what could be seen, but not everything could";
	if (t->passed == 0)
		return "No check applies to what was seen";
	*ret_ink = DS_INK_GREEN;
	return t->suppressed ? "No problem left" : "No problem found";
}

void ds_say_number(struct ds_buf *b, size_t n, const char *one, const char *many)
{
	ds_buf_printf(b, "%zu %s", n, n == 1 ? one : many);
}

void ds_say_counts(const struct ds_tally *t, struct ds_buf *b)
{
	size_t infos = t->severity[DS_SEVERITY_INFO];

	if (t->clusters == 0 && !t->incomplete)
		return;
	ds_say_number(b, t->severity[DS_SEVERITY_ERROR], "error", "errors");
	ds_buf_addz(b, ", ");
	ds_say_number(b, t->severity[DS_SEVERITY_WARNING], "warning", "warnings");
	if (infos) {
		ds_buf_addz(b, ", ");
		ds_say_number(b, infos, "remark", "remarks");
	}
	ds_buf_addz(b, "; ");
	ds_say_number(b, t->passed, "check passed", "checks passed");
	if (t->missing)
		ds_buf_printf(b, ", %zu could not be made", t->missing);
	if (t->suppressed) {
		ds_buf_addz(b, "; ");
		ds_say_number(b, t->suppressed, "finding suppressed", "findings suppressed");
	}
	if (t->incomplete)
		ds_buf_addz(b, "; some input could not be read");
}

void ds_say_version(const struct ds_kube_version *v, char ret[static 48])
{
	if (v->has_patch)
		(void)snprintf(ret, 48, "%u.%u.%u", v->major, v->minor, v->patch);
	else
		(void)snprintf(ret, 48, "%u.%u", v->major, v->minor);
}

const char *ds_say_version_origin(enum ds_version_origin o)
{
	static const char *const from[] = {
		[DS_VERSION_ASSUMED] = "assumed; --kubernetes-version sets it",
		[DS_VERSION_OPTION] = "as asked for by --kubernetes-version",
		[DS_VERSION_IMAGE] = "from the image",
		[DS_VERSION_BINARY_PATH] = "from the binary's path",
		[DS_VERSION_KUBEADM] = "from the kubeadm configuration",
		[DS_VERSION_NODE] = "from a Node's kubelet",
		[DS_VERSION_BUNDLE] = "from the bundle",
		[DS_VERSION_CONFIG] = "from the configuration",
	};
	_Static_assert(DS_ARRAY_SIZE(from) == DS_VERSION_ORIGIN__COUNT, "every origin is explained");

	return from[o];
}

void ds_say_place(const struct ds_loc *l, struct ds_buf *b)
{
	if (l->input)
		ds_buf_addz(b, l->input->name);
	if (l->line)
		ds_buf_printf(b, ":%u", l->line);
	if (l->line && l->column)
		ds_buf_printf(b, ":%u", l->column);
	if (l->pid)
		ds_buf_printf(b, "%spid %d", l->input ? ", " : "", (int)l->pid);
}

void ds_say_finding(const struct ds_finding *f, struct ds_buf *b)
{
	if (f->status != DS_STATUS_FAIL)
		ds_buf_addz(b, "could not be checked: ");
	ds_buf_addz(b, f->message);
	if (f->count > 1)
		ds_buf_printf(b, " (in %zu places)", f->count);
}

void ds_say_flat(struct ds_buf *b, struct ds_str text)
{
	bool gap = false, any = false;

	for (size_t i = 0; i < text.n; i++) {
		if (ds_c_is_space(text.p[i])) {
			gap = any;
			continue;
		}
		if (gap)
			ds_buf_addc(b, ' ');
		ds_buf_addc(b, text.p[i]);
		gap = false;
		any = true;
	}
}

void ds_say_reference(const char *reference, struct ds_buf *b)
{
	struct ds_str s = ds_str_from(reference), owner, repository;
	size_t hash = ds_str_find(s, '#'), slash = ds_str_find(s, '/');

	owner = ds_str_head(s, slash);
	repository = slash < hash ? ds_str_n(s.p + slash + 1, hash - slash - 1) : DS_STR("");
	if (ds_str_search(s, DS_STR("://")) < s.n) {
		ds_buf_adds(b, s);
	} else if (hash < s.n && repository.n && ds_str_find(owner, '.') == owner.n &&
		   ds_str_find(repository, '/') == repository.n) {
		ds_buf_addz(b, "https://github.com/");
		ds_buf_adds(b, ds_str_head(s, hash));
		ds_buf_addz(b, "/issues/");
		ds_buf_adds(b, ds_str_skip(s, hash + 1));
	} else {
		ds_buf_addz(b, "https://");
		ds_buf_adds(b, s);
	}
}

bool ds_place_in_file(const struct ds_loc *l)
{
	return l->input && strcmp(l->input->type, "process") != 0 && strcmp(l->input->name, "-") != 0 &&
	       l->input->name[0] != '\0';
}

const struct ds_loc *ds_finding_in_file(const struct ds_finding *f)
{
	for (size_t i = 0; i < f->n_locations; i++)
		if (ds_place_in_file(&f->locations[i]))
			return &f->locations[i];
	return NULL;
}

struct ds_str ds_place_path(const struct ds_loc *l)
{
	struct ds_str path = ds_str_from(l->input->name), rest = path;

	while (ds_str_starts(rest, "/") || ds_str_starts(rest, "./"))
		rest = ds_str_skip(rest, 1);
	return rest.n ? rest : path;
}

void ds_say_why_silent(const struct ds_report_cluster *c, const struct ds_rule *rule, struct ds_buf *b)
{
	for (size_t i = 0; i < c->suppressed.v.n; i++) {
		const struct ds_suppressed *s = &c->suppressed.v.v[i];

		if (strcmp(s->finding.rule->id, rule->id) == 0) {
			ds_buf_printf(b, "suppressed (%s): %s", ds_suppressed_by_name(s->by),
				      s->reason ? s->reason : "");
			return;
		}
	}
	ds_buf_addz(b, "what it found is said by another rule");
}

static void each_of(const struct ds_report *r, bool failed, enum ds_severity severity, ds_finding_fn *fn, void *arg)
{
	for (size_t i = 0; i < r->clusters.n; i++) {
		const struct ds_report_cluster *c = &r->clusters.v[i];

		for (size_t k = 0; k < c->findings.v.n; k++) {
			const struct ds_finding *f = &c->findings.v.v[k];

			if ((f->status == DS_STATUS_FAIL) == failed && (!failed || f->severity == severity))
				fn(arg, c, f);
		}
	}
}

void ds_report_each(const struct ds_report *r, ds_finding_fn *fn, void *arg)
{
	for (int s = DS_SEVERITY__COUNT - 1; s >= 0; s--)
		each_of(r, true, (enum ds_severity)s, fn, arg);
	each_of(r, false, DS_SEVERITY_INFO, fn, arg);
}

/* The map borrows the key: what is pointed to must outlive it. */
static struct ds_str pointer_key(const struct ds_input *const *in)
{
	return ds_str_n((const char *)in, sizeof(*in));
}

void ds_say_told(const struct ds_ctx *ctx, struct ds_map *ret)
{
	ds_map_init(ret, ctx->arena);
	for (size_t i = 0; i < ctx->diags.n; i++) {
		const struct ds_diag *d = &ctx->diags.v[i];

		/* Out of memory here means that something is said twice. */
		if (d->level == DS_LEVEL_ERROR && d->loc.input && !ds_map_get(ret, pointer_key(&d->loc.input)) &&
		    ds_map_put(ret, pointer_key(&d->loc.input), (void *)(uintptr_t)d) < 0)
			break;
	}
}

const struct ds_diag *ds_say_told_of(const struct ds_map *told, const struct ds_input *in)
{
	return ds_map_get(told, pointer_key(&in));
}

void ds_report_each_remark(const struct ds_report *r, ds_remark_fn *fn, void *arg)
{
	const struct ds_ctx *ctx = r->ctx;
	struct ds_map told;

	ds_say_told(ctx, &told);
	for (size_t i = 0; i < ctx->inputs.n; i++) {
		const struct ds_input *in = ctx->inputs.v[i];

		if (in->status == DS_INPUT_FAILED && !ds_say_told_of(&told, in))
			fn(arg, DS_LEVEL_ERROR, in->reason ? in->reason : "could not be read", NULL,
			   &(struct ds_loc){.input = in});
	}
	/* An empty list of findings would look like a clean cluster. */
	if (r->clusters.n == 0 && !r->incomplete)
		fn(arg, DS_LEVEL_WARNING, "nothing was audited: no Kubernetes component was found", NULL,
		   &(struct ds_loc){0});
	for (size_t i = 0; i < ctx->diags.n; i++)
		fn(arg, ctx->diags.v[i].level, ctx->diags.v[i].message, ctx->diags.v[i].hint, &ctx->diags.v[i].loc);
	if (ctx->diags_dropped)
		fn(arg, DS_LEVEL_WARNING, "there is more to say about the inputs than is kept", NULL,
		   &(struct ds_loc){0});
}
