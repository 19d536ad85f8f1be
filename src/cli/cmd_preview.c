#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "api/audit_priv.h"
#include "base/file.h"
#include "base/num.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "model/server.h"
#include "report/preview_text.h"

/* "10.96.0.0/16,fd00::/112": what the API server would be given. */
static const char *read_ranges(const char *text, struct ds_service_cluster *ret)
{
	struct ds_str rest = ds_str_from(text), part;
	struct ds_cidr *v = ret->ranges;
	bool done = false;

	ret->n_ranges = 0;
	while (ds_str_split(&rest, ',', &done, &part)) {
		if (ret->n_ranges == 2)
			return "has more than two ranges";
		if (ds_cidr_parse(part, DS_IP_SLOPPY, &v[ret->n_ranges]) < 0)
			return "is not a list of ranges such as 10.96.0.0/16,fd00:10:96::/112";
		v[ret->n_ranges] = ds_cidr_masked(&v[ret->n_ranges]);
		ret->n_ranges++;
	}
	if (ret->n_ranges == 2 && v[0].ip.family == v[1].ip.family)
		return "has two ranges of one family";
	return NULL;
}

/* "IPv6DualStack=true,…": the gates that decide on Services. */
static const char *read_gates(const char *text, struct ds_service_cluster *ret)
{
	const struct {
		const char *name;
		enum ds_service_gate *to;
	} gates[] = {
		{"IPv6DualStack", &ret->dual_stack},
		{"MultiCIDRServiceAllocator", &ret->multi_cidr},
		{"StrictIPCIDRValidation", &ret->strict_ip},
		{"RelaxedServiceNameValidation", &ret->relaxed_name},
	};
	struct ds_str rest = ds_str_from(text), part;
	bool done = false;

	while (ds_str_split(&rest, ',', &done, &part)) {
		size_t eq = ds_str_find(part, '='), i = 0;
		bool on;

		if (eq == part.n || ds_num_go_bool(ds_str_skip(part, eq + 1), &on) < 0)
			return "is not a list of gates such as IPv6DualStack=true";
		while (i < DS_ARRAY_SIZE(gates) && !ds_str_eqz(ds_str_head(part, eq), gates[i].name))
			i++;
		if (i == DS_ARRAY_SIZE(gates))
			return "names a gate that decides nothing about Services; IPv6DualStack, MultiCIDRServiceAllocator, "
			       "StrictIPCIDRValidation and RelaxedServiceNameValidation do";
		*gates[i].to = on ? DS_SERVICE_GATE_ON : DS_SERVICE_GATE_OFF;
	}
	return NULL;
}

/* What the audited cluster tells; the options override it. */
static int from_inputs(struct ds_cli *c, struct ds_audit *a, struct ds_service_cluster *ret,
		       struct ds_kube_version *ret_version)
{
	const struct ds_cluster *cluster;
	const char *unknown = NULL;

	if (c->n_args == 0 && c->service_range)
		return 0; /* nothing to audit */
	for (int i = 0; i < c->n_args; i++)
		if (ds_audit_add_path(a, c->args[i], c->type) < 0)
			return ds_cli_error(c, DS_EXIT_USAGE, "%s", ds_audit_error(a));
	if (c->n_args == 0 && ds_audit_add_host(a, NULL) < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "%s", ds_audit_error(a));
	if (ds_audit_run(a) < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "%s", ds_audit_error(a));
	if (a->report.clusters.n > 1)
		return ds_cli_error(c, DS_EXIT_USAGE, "the inputs show %zu clusters; preview takes one",
				    a->report.clusters.n);
	if (a->report.clusters.n == 0 && c->service_range)
		return 0;
	if (a->report.clusters.n == 0)
		return ds_cli_error(c, DS_EXIT_INCOMPLETE,
				    "no Service range: no Kubernetes component was found; give --service-cluster-ip-range");
	cluster = a->report.clusters.v[0].cluster;
	*ret_version = cluster->version;
	if (!ds_cluster_server(cluster, ret, &unknown) && !c->service_range)
		return ds_cli_error(c, DS_EXIT_INCOMPLETE, "no Service range: %s; give --service-cluster-ip-range", unknown);
	return 0;
}

static int read_cluster(struct ds_cli *c, struct ds_audit *a, struct ds_service_cluster *ret,
			struct ds_kube_version *ret_version)
{
	struct ds_service_cluster given = {0};
	const char *wrong = c->service_range ? read_ranges(c->service_range, &given) : NULL;
	int r;

	if (wrong)
		return ds_cli_error(c, DS_EXIT_USAGE, "--service-cluster-ip-range: '%s' %s", c->service_range, wrong);
	wrong = c->feature_gates ? read_gates(c->feature_gates, &given) : NULL;
	if (wrong)
		return ds_cli_error(c, DS_EXIT_USAGE, "--feature-gates: '%s' %s", c->feature_gates, wrong);
	if (c->kubernetes_version && ds_audit_set_version(a, c->kubernetes_version) < 0)
		return ds_cli_error(c, DS_EXIT_USAGE, "--kubernetes-version: %s", ds_audit_error(a));
	r = from_inputs(c, a, ret, ret_version);
	if (r != 0)
		return r;
	if (a->options.has_version)
		*ret_version = a->options.version;
	ret->minor = ds_kube_version_nearest(ret_version);
	if (c->service_range) {
		memcpy(ret->ranges, given.ranges, sizeof(given.ranges));
		ret->n_ranges = given.n_ranges;
		ret->service_cidrs = NULL; /* those there are belong to the ranges there are */
		ret->n_service_cidrs = 0;
	}
	return c->feature_gates && read_gates(c->feature_gates, ret) ? DS_EXIT_USAGE : 0;
}

/* ---- where reports go ---- */

struct output {
	const struct ds_output *asked;
	int fd;
	struct ds_out out;
	struct ds_preview_text_writer text;
	struct ds_preview_json_writer json;
};

static bool is_json(const struct ds_output *o)
{
	return strcmp(o->format, "json") == 0;
}

static int check_outputs(const struct ds_cli *c)
{
	for (size_t i = 0; i < c->n_outputs; i++)
		if (!is_json(&c->outputs[i]) && strcmp(c->outputs[i].format, "text") != 0)
			return ds_cli_error(c, DS_EXIT_USAGE, "a preview is written as text or json, not as %s",
					    c->outputs[i].format);
	return 0;
}

static int open_output(struct ds_cli *c, const struct ds_output *asked, struct output *o)
{
	*o = (struct output){.asked = asked, .fd = STDOUT_FILENO};
	if (asked->file) {
		o->fd = open(asked->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
		if (o->fd < 0)
			return ds_cli_error(c, DS_EXIT_INTERNAL, "%s: %s", asked->file, strerror(errno));
	}
	ds_out_init(&o->out, o->fd);
	return 0;
}

static int close_output(struct ds_cli *c, struct output *o)
{
	const char *name = o->asked->file ? o->asked->file : "standard output";
	int r = ds_out_close(&o->out);

	if (o->asked->file && close(o->fd) < 0 && r == 0) {
		r = DS_EIO;
		o->out.errnum = errno;
	}
	return r < 0 ? ds_cli_error(c, DS_EXIT_INTERNAL, "%s: %s", name, strerror(o->out.errnum)) : 0;
}

static struct ds_text_options text_options(const struct ds_cli *c, int fd)
{
	struct ds_audit_style style = ds_cli_style(c, fd);

	return (struct ds_text_options){style.width, style.color, style.quiet, style.verbose};
}

/* ---- without -f: the usual Services ---- */

static int write_matrix(struct ds_cli *c, const struct ds_preview *p, const struct ds_output *asked)
{
	struct output o;
	struct ds_text_options options;
	int r = open_output(c, asked, &o);

	if (r != 0)
		return r;
	options = text_options(c, o.fd);
	if (is_json(asked))
		ds_preview_json(p, &o.out);
	else
		ds_preview_text(p, &options, &o.out);
	return close_output(c, &o);
}

/* ---- with -f ---- */

/* Places and problems of what was read, on standard error whatever the report's format. */
static void tell(const struct ds_cli *c, const struct ds_ctx *ctx, size_t from)
{
	for (size_t i = 0; i < ctx->diags.n; i++) {
		const struct ds_diag *d = &ctx->diags.v[i];

		/* About the inputs of the audit only what makes it incomplete: `dsaudit audit` tells the rest. */
		if (d->level == DS_LEVEL_ERROR || (i >= from && d->level == DS_LEVEL_WARNING && !c->quiet))
			ds_cli_diag(c, d);
	}
	if (ctx->diags_dropped)
		(void)ds_cli_error(c, 0, "%zu more problems like these", ctx->diags_dropped);
}

static int status_of(const struct ds_cli *c, const struct ds_ctx *ctx, const struct ds_preview_counts *counts)
{
	size_t reached = counts->severity[DS_SEVERITY_ERROR];

	if (strcmp(c->fail_on, "error") != 0)
		reached += counts->severity[DS_SEVERITY_WARNING];
	if (strcmp(c->fail_on, "info") == 0)
		reached += counts->severity[DS_SEVERITY_INFO];
	if (reached && strcmp(c->fail_on, "never") != 0)
		return DS_EXIT_FINDINGS;
	for (size_t i = 0; i < ctx->inputs.n; i++)
		if (ctx->inputs.v[i]->status == DS_INPUT_FAILED)
			return DS_EXIT_INCOMPLETE;
	for (size_t i = 0; i < ctx->diags.n; i++)
		if (ctx->diags.v[i].level == DS_LEVEL_ERROR)
			return DS_EXIT_INCOMPLETE;
	return DS_EXIT_OK;
}

static int run_preview(struct ds_cli *c, struct ds_preview_run *run)
{
	int r = ds_preview_run_begin(run);

	for (size_t i = 0; r == 0 && i < c->before.n; i++)
		r = ds_preview_run_before(run, c->before.v[i], STDIN_FILENO);
	for (size_t i = 0; r == 0 && i < c->services.n; i++)
		r = ds_preview_run_services(run, c->services.v[i], STDIN_FILENO);
	ds_preview_run_end(run);
	ds_preview_run_done(run);
	return r;
}

static int preview_services(struct ds_cli *c, struct ds_audit *a, const struct ds_service_cluster *cluster,
			    const struct ds_preview *head, const struct ds_output *asked, size_t n_asked)
{
	struct output o[DS_MAX_OUTPUTS];
	struct ds_preview_writer *writers[DS_MAX_OUTPUTS];
	struct ds_preview_run run = {.ctx = &a->ctx, .head = *head, .cluster = *cluster, .writers = writers};
	size_t first_diag = a->ctx.diags.n;
	int r = 0, closed;

	run.options = (struct ds_service_options){
		.dry_run = c->dry_run, .explain = c->explain, .field_validation = c->validate};
	for (; r == 0 && run.n_writers < n_asked; run.n_writers++) {
		struct output *to = &o[run.n_writers];
		struct ds_text_options options;

		r = open_output(c, &asked[run.n_writers], to);
		if (r != 0)
			break;
		options = text_options(c, to->fd);
		ds_preview_text_writer(&to->text, &to->out, &options, c->explain);
		ds_preview_json_writer(&to->json, &to->out);
		writers[run.n_writers] = is_json(to->asked) ? &to->json.writer : &to->text.writer;
	}
	if (r == 0 && run_preview(c, &run) < 0)
		r = ds_cli_error(c, DS_EXIT_INTERNAL, "out of memory");
	for (size_t i = 0; i < run.n_writers; i++) {
		closed = close_output(c, &o[i]);
		r = r ? r : closed;
	}
	tell(c, &a->ctx, first_diag);
	return r ? r : status_of(c, &a->ctx, &run.counts);
}

static size_t reads_stdin(const struct ds_cli *c)
{
	size_t n = 0;

	for (int i = 0; i < c->n_args; i++)
		n += strcmp(c->args[i], "-") == 0;
	for (size_t i = 0; i < c->services.n; i++)
		n += strcmp(c->services.v[i], "-") == 0;
	for (size_t i = 0; i < c->before.n; i++)
		n += strcmp(c->before.v[i], "-") == 0;
	return n;
}

static int preview(struct ds_cli *c, struct ds_audit *a)
{
	static const struct ds_output text = {"text", NULL};
	struct ds_kube_version version = {.major = 1, .minor = DS_KUBE_NEWEST};
	const struct ds_output *asked = c->n_outputs ? c->outputs : &text;
	size_t n_asked = c->n_outputs ? c->n_outputs : 1;
	struct ds_service_cluster cluster = {0};
	struct ds_preview p = {0};
	int r = check_outputs(c);

	if (r == 0 && reads_stdin(c) > 1)
		r = ds_cli_error(c, DS_EXIT_USAGE, "standard input (-) can be read once only");
	if (r == 0 && c->before.n && !c->services.n)
		r = ds_cli_error(c, DS_EXIT_USAGE, "--before needs the new Services: -f SERVICES");
	if (r == 0)
		r = read_cluster(c, a, &cluster, &version);
	if (r == 0)
		r = ds_cli_spare_files(c, &a->ctx);
	if (r != 0)
		return r;
	if (!c->services.n) {
		if (ds_preview_matrix(a->ctx.arena, &cluster, &version, true, &p) < 0)
			return ds_cli_error(c, DS_EXIT_INTERNAL, "out of memory");
		for (size_t i = 0; r == 0 && i < n_asked; i++)
			r = write_matrix(c, &p, &asked[i]);
		return r;
	}
	p = (struct ds_preview){.version = version, .n_ranges = cluster.n_ranges};
	memcpy(p.ranges, cluster.ranges, sizeof(p.ranges));
	return preview_services(c, a, &cluster, &p, asked, n_asked);
}

int ds_cmd_preview(struct ds_cli *c)
{
	struct ds_audit *a = ds_audit_new();
	int r = a ? preview(c, a) : ds_cli_error(c, DS_EXIT_INTERNAL, "out of memory");

	ds_audit_free(a);
	return r;
}
