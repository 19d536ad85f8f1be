#include <string.h>
#include <unistd.h>

#include "api/audit_priv.h"
#include "cli/cli.h"

/* "10.96.0.0/16,fd00::/112": what the API server would be given. */
static const char *read_ranges(const char *text, struct ds_cidr ret[static 2], size_t *ret_n)
{
	struct ds_str rest = ds_str_from(text), part;
	bool done = false;

	*ret_n = 0;
	while (ds_str_split(&rest, ',', &done, &part)) {
		if (*ret_n == 2)
			return "has more than two ranges";
		if (ds_cidr_parse(part, DS_IP_SLOPPY, &ret[*ret_n]) < 0)
			return "is not a list of ranges such as 10.96.0.0/16,fd00:10:96::/112";
		ret[*ret_n] = ds_cidr_masked(&ret[*ret_n]);
		++*ret_n;
	}
	if (*ret_n == 2 && ret[0].ip.family == ret[1].ip.family)
		return "has two ranges of one family";
	return NULL;
}

/* The ranges and version of the first cluster among the inputs. */
static int from_inputs(struct ds_cli *c, struct ds_audit *a, struct ds_cidr ret[static 2], size_t *ret_n,
		       struct ds_kube_version *ret_version)
{
	const struct ds_ranges *s;

	for (int i = 0; i < c->n_args; i++)
		if (ds_audit_add_path(a, c->args[i], c->type) < 0)
			return ds_cli_error(c, DS_EXIT_USAGE, "%s", ds_audit_error(a));
	if (c->n_args == 0 && !c->service_range && ds_audit_add_host(a, NULL) < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "%s", ds_audit_error(a));
	if (ds_audit_run(a) < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "%s", ds_audit_error(a));
	if (a->report.clusters.n > 1)
		return ds_cli_error(c, DS_EXIT_USAGE, "the inputs show %zu clusters; preview takes one",
				    a->report.clusters.n);
	if (a->report.clusters.n == 1)
		*ret_version = a->report.clusters.v[0].cluster->version;
	if (c->service_range)
		return 0;
	if (a->report.clusters.n == 0)
		return ds_cli_error(c, DS_EXIT_INCOMPLETE,
				    "no Service range: no Kubernetes component was found; give --service-cluster-ip-range");
	s = &a->report.clusters.v[0].cluster->services;
	if (!s->known)
		return ds_cli_error(c, DS_EXIT_INCOMPLETE, "no Service range: %s; give --service-cluster-ip-range",
				    s->reason);
	if (a->report.clusters.v[0].preview.unknown)
		return ds_cli_error(c, DS_EXIT_INCOMPLETE, "no preview: %s", a->report.clusters.v[0].preview.unknown);
	for (size_t i = 0; i < s->n && i < 2; i++)
		ret[i] = s->v[i];
	*ret_n = DS_MIN(s->n, (size_t)2);
	return 0;
}

static int write_preview(struct ds_cli *c, const struct ds_preview *p)
{
	struct ds_audit_style style = ds_cli_style(c, STDOUT_FILENO);
	struct ds_text_options o = {style.width, style.color, style.quiet, style.verbose};
	struct ds_out out;

	ds_out_init(&out, STDOUT_FILENO);
	if (c->n_outputs && strcmp(c->outputs[0].format, "json") == 0)
		ds_preview_json(p, &out);
	else
		ds_preview_text(p, &o, &out);
	if (ds_out_close(&out) < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "standard output: %s", strerror(out.errnum));
	return DS_EXIT_OK;
}

static int preview(struct ds_cli *c, struct ds_audit *a)
{
	struct ds_kube_version version = {.major = 1, .minor = DS_KUBE_NEWEST};
	struct ds_cidr ranges[2];
	struct ds_preview p;
	size_t n = 0;
	int r;

	if (c->kubernetes_version && ds_audit_set_version(a, c->kubernetes_version) < 0)
		return ds_cli_error(c, DS_EXIT_USAGE, "--kubernetes-version: %s", ds_audit_error(a));
	if (c->service_range) {
		const char *wrong = read_ranges(c->service_range, ranges, &n);

		if (wrong)
			return ds_cli_error(c, DS_EXIT_USAGE, "--service-cluster-ip-range: '%s' %s", c->service_range,
					    wrong);
	}
	r = from_inputs(c, a, ranges, &n, &version);
	if (r != 0)
		return r;
	if (a->options.has_version)
		version = a->options.version;
	if (ds_preview_matrix(a->ctx.arena, ranges, n, &version, true, &p) < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "out of memory");
	return write_preview(c, &p);
}

int ds_cmd_preview(struct ds_cli *c)
{
	struct ds_audit *a = ds_audit_new();
	int r = a ? preview(c, a) : ds_cli_error(c, DS_EXIT_INTERNAL, "out of memory");

	ds_audit_free(a);
	return r;
}
