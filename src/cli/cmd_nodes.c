#include <string.h>

#include "api/audit_priv.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "report/nodes.h"

#define DEFAULT_COUNT 8

/* The two shapes there are; the table of report formats is about audits. */
static const struct {
	const char *format;
	void (*write)(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out);
} writers[] = {
	{"text", ds_nodes_text},
	{"json", ds_nodes_json},
};

static void write_as(const void *what, const char *format, const struct ds_text_options *o, struct ds_out *out)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(writers); i++)
		if (strcmp(writers[i].format, format) == 0)
			writers[i].write(what, o, out);
}

static int check_outputs(const struct ds_cli *c)
{
	for (size_t i = 0; i < c->n_outputs; i++)
		if (strcmp(c->outputs[i].format, "text") != 0 && strcmp(c->outputs[i].format, "json") != 0)
			return ds_cli_error(c, DS_EXIT_USAGE, "nodes are written as text or json, not as %s",
					    c->outputs[i].format);
	return 0;
}

/* What could not be read is told whatever the format: podCIDRs may hang on it. */
static int status_of(const struct ds_cli *c, const struct ds_audit *a)
{
	bool incomplete = a->report.incomplete || a->report.clusters.n == 0;

	for (size_t i = 0; i < a->ctx.diags.n; i++)
		if (a->ctx.diags.v[i].level == DS_LEVEL_ERROR)
			ds_cli_diag(c, &a->ctx.diags.v[i]);
	for (size_t i = 0; i < a->report.clusters.n; i++)
		incomplete |= a->report.clusters.v[i].cluster->node_blocks.state == DS_NODE_IPAM_UNKNOWN;
	return incomplete ? DS_EXIT_INCOMPLETE : DS_EXIT_OK;
}

static int nodes(struct ds_cli *c, struct ds_audit *a)
{
	int r = check_outputs(c);

	if (r != 0)
		return r;
	if (c->kubernetes_version && ds_audit_set_version(a, c->kubernetes_version) < 0)
		return ds_cli_error(c, DS_EXIT_USAGE, "--kubernetes-version: %s", ds_audit_error(a));
	a->options.node_blocks = c->count ? c->count : DEFAULT_COUNT;
	r = ds_cli_add_inputs(c, a);
	if (r == 0 && ds_audit_run(a) < 0)
		r = ds_cli_error(c, DS_EXIT_INTERNAL, "%s", ds_audit_error(a));
	if (r == 0)
		r = ds_cli_spare_files(c, &a->ctx);
	if (r == 0)
		r = ds_cli_write_all(c, write_as, &a->report);
	return r ? r : status_of(c, a);
}

int ds_cmd_nodes(struct ds_cli *c)
{
	struct ds_audit *a = ds_audit_new();
	int r = a ? nodes(c, a) : ds_cli_error(c, DS_EXIT_INTERNAL, "out of memory");

	ds_audit_free(a);
	return r;
}
