#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "api/audit_priv.h"
#include "base/file.h"
#include "cli/cli.h"
#include "report/bundle.h"

/* The kubelet's default name of its node: the host's, in lower case. */
static const char *own_name(char *buf, size_t size)
{
	if (gethostname(buf, size) < 0)
		return NULL;
	buf[size - 1] = '\0';
	for (char *p = buf; *p; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
	return buf[0] ? buf : NULL;
}

static int write_bundle(struct ds_cli *c, const struct ds_facts *f)
{
	_ds_close_ int file = -1;
	struct ds_out out;
	char name[256];
	const char *node = c->node_name ? c->node_name : c->host_root ? NULL : own_name(name, sizeof(name));
	int r;

	if (c->out_file) { /* it says how a node is set up: for its owner alone */
		file = open(c->out_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
		if (file < 0)
			return ds_cli_error(c, DS_EXIT_INTERNAL, "%s: %s", c->out_file, strerror(errno));
	}
	ds_out_init(&out, file >= 0 ? file : STDOUT_FILENO);
	r = ds_report_bundle(f, node, &out);
	if (ds_out_close(&out) < 0 || r < 0)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "the bundle could not be written: %s",
				    out.errnum ? strerror(out.errnum) : ds_strerror(r < 0 ? r : out.err));
	return 0;
}

/* What could not be read, once each: the bundle does not have it, and an audit of it calls that unknown. */
static bool tell_missing(const struct ds_cli *c, const struct ds_facts *f)
{
	bool missing = false;

	for (size_t i = 0; i < f->ctx->diags.n; i++) {
		missing |= f->ctx->diags.v[i].level == DS_LEVEL_ERROR;
		if (!c->quiet || f->ctx->diags.v[i].level == DS_LEVEL_ERROR)
			ds_cli_diag(c, &f->ctx->diags.v[i]);
	}
	for (size_t i = 0; i < f->components.n; i++) {
		const struct ds_observed *o = f->components.v[i];

		for (size_t k = 0; k < o->files.n; k++) {
			/* What a pod mounts is read from its process. */
			if (!o->files.v[k].unavailable || o->kind == DS_SOURCE_STATIC_POD)
				continue;
			missing = true;
			(void)ds_cli_error(c, 0, "%s of %s is not in the bundle: %s", o->files.v[k].path,
					   ds_component_name(o->component), o->files.v[k].unavailable);
		}
	}
	return missing;
}

int ds_cmd_collect(struct ds_cli *c)
{
	struct ds_audit *a;
	int r = 0;

	if (c->n_args)
		return ds_cli_error(c, DS_EXIT_USAGE, "collect takes no inputs; --host-root names another host's files");
	a = ds_audit_new();
	if (!a)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "out of memory");
	if (ds_audit_add_host(a, c->host_root) < 0)
		r = ds_cli_error(c, DS_EXIT_INTERNAL, "%s", ds_audit_error(a));
	if (r == 0)
		r = write_bundle(c, &a->facts);
	if (r == 0 && tell_missing(c, &a->facts))
		r = DS_EXIT_INCOMPLETE;
	ds_audit_free(a);
	return r;
}
