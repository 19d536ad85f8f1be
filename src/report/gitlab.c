#include <inttypes.h>

#include "report/formats.h"
#include "report/json.h"
#include "report/say.h"

/* GitLab code quality: an array of issues, each with a place and a fingerprint of its own. */

static uint64_t fnv(uint64_t h, const char *z)
{
	for (; *z; z++)
		h = (h ^ (unsigned char)*z) * 0x100000001b3u;
	return (h ^ 0xff) * 0x100000001b3u;
}

static void issue(struct ds_json *j, const char *check, const char *severity, struct ds_str description,
		  uint64_t fingerprint, const struct ds_loc *l)
{
	char text[24];

	ds_json_object(j);
	ds_json_key(j, "description");
	ds_json_str(j, description);
	ds_json_kv(j, "check_name", check);
	(void)snprintf(text, sizeof(text), "%016" PRIx64, fingerprint);
	ds_json_kv(j, "fingerprint", text);
	ds_json_kv(j, "severity", severity);
	ds_json_key(j, "location");
	ds_json_object(j);
	/* GitLab wants a path and a line, also of what has none. */
	ds_json_key(j, "path");
	ds_json_str(j, l && l->input ? ds_place_path(l) : DS_STR("-"));
	ds_json_key(j, "lines");
	ds_json_object(j);
	ds_json_kv_int(j, "begin", l && l->line ? l->line : 1);
	ds_json_end_object(j);
	ds_json_end_object(j);
	ds_json_end_object(j);
}

static void finding(void *arg, const struct ds_report_cluster *c, const struct ds_finding *f)
{
	static const char *const severities[] = {
		[DS_SEVERITY_INFO] = "info",
		[DS_SEVERITY_WARNING] = "minor",
		[DS_SEVERITY_ERROR] = "major",
	};
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	const struct ds_loc *l = ds_finding_in_file(f);

	if (!l && f->n_locations)
		l = &f->locations[0];
	ds_buf_printf(&b, "%s: ", f->rule->id);
	ds_say_finding(f, &b);
	if (l && l->pid)
		ds_buf_printf(&b, " (pid %d)", (int)l->pid);
	/* Fingerprints are unique in a cluster; an issue must be in the whole report. */
	issue(arg, f->rule->id, f->status == DS_STATUS_FAIL ? severities[f->severity] : "info", ds_buf_str(&b),
	      fnv(fnv(0xcbf29ce484222325u, c->cluster->name), ds_finding_id(f)), l);
}

static void remark(void *arg, enum ds_level level, const char *message, const char *hint, const struct ds_loc *l)
{
	static const char *const severities[] = {
		[DS_LEVEL_NOTE] = "info",
		[DS_LEVEL_WARNING] = "minor",
		[DS_LEVEL_ERROR] = "major",
	};
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	uint64_t h = fnv(fnv(0xcbf29ce484222325u, l->input ? l->input->name : ""), message);

	if (level == DS_LEVEL_NOTE)
		return;
	ds_buf_addz(&b, message);
	if (hint)
		ds_buf_printf(&b, "; %s", hint);
	h = (h ^ l->line) * 0x100000001b3u;
	h = (h ^ l->column) * 0x100000001b3u;
	issue(arg, level == DS_LEVEL_ERROR ? "input-not-audited" : "input", severities[level], ds_buf_str(&b), h, l);
}

void ds_report_gitlab(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out)
{
	struct ds_json j;

	(void)o;
	ds_json_init(&j, out);
	ds_json_array(&j);
	ds_report_each_remark(r, remark, &j);
	ds_report_each(r, finding, &j);
	ds_json_end_array(&j);
}
