#include "report/bundle.h"

#include "base/map.h"
#include "collect/path_index.h"
#include "report/bundle_priv.h"
#include "report/json.h"
#include "yaml/scalar.h"

/* Stands for what was left out; rules show it as it is. */
#define LEFT_OUT "\xe2\x80\xa6"

/* ---- texts ---- */

/* user:password@ in a URL goes, wherever it stands. */
static void put_text(struct ds_buf *b, struct ds_str s)
{
	while (s.n > 0) {
		size_t at = ds_str_search(s, DS_STR("://"));
		struct ds_str head, rest = ds_str_skip(s, at + 3);
		size_t end = 0, user = 0;

		if (at >= s.n) {
			ds_buf_adds(b, s);
			return;
		}
		head = ds_str_head(s, at + 3);
		/* A password may hold nearly anything: up to the last @ before the path, list or blank. */
		while (end < rest.n && rest.p[end] != '/' && rest.p[end] != ',' && rest.p[end] > ' ')
			if (rest.p[end++] == '@')
				user = end;
		ds_buf_adds(b, head);
		if (user)
			ds_buf_addz(b, LEFT_OUT "@");
		s = ds_str_skip(rest, user);
	}
}

static void json_text(struct ds_json *j, struct ds_str s)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	put_text(&b, s);
	if (b.err < 0)
		j->out->err = DS_ENOMEM;
	ds_json_str(j, ds_buf_str(&b));
}

/* ---- command lines ---- */

static void put_use(struct ds_json *j, const struct ds_flag_use *u)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	ds_buf_printf(&b, "--%s", u->flag->name);
	if (!u->bare) {
		ds_buf_addc(&b, '=');
		put_text(&b, u->value);
	}
	if (b.err < 0)
		j->out->err = DS_ENOMEM;
	ds_json_str(j, ds_buf_str(&b));
}

/* The name of an unknown flag shows what was meant where it resembles one; else it could be anything. */
static bool is_flag_name(struct ds_str s)
{
	bool letter = false;

	for (size_t i = 0; i < s.n; i++) {
		if (!ds_c_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
			return false;
		letter |= ds_c_is_alpha(s.p[i]);
	}
	return letter && s.n > 1 && s.n <= 48;
}

/* What the component refuses: the name of the flag, and that it had a value. Of
 * the flags that the table has, those which kept uses do not show already. */
static void put_error(struct ds_json *j, const struct ds_cmdline *cl, const struct ds_flag_error *e, bool last)
{
	struct ds_str name = ds_str_from(e->flag ? e->flag : "");
	const struct ds_flag *known = ds_flag_find(cl->component, name);
	bool needs = ds_str_starts(ds_str_from(e->message), "flag needs an argument");
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	if (needs != last || (known && known->kept && ds_cmdline_count(cl, known->name)))
		return;
	if (known)
		ds_buf_printf(&b, "--%s%s", known->name, needs ? "" : "=" LEFT_OUT);
	else if (is_flag_name(name) && (e->nearest || e->other_component))
		ds_buf_printf(&b, "--%.*s", DS_STR_ARG(name));
	else
		ds_buf_addz(&b, "--left-out");
	if (b.err < 0)
		j->out->err = DS_ENOMEM;
	ds_json_str(j, ds_buf_str(&b));
}

static void put_argv(struct ds_json *j, const struct ds_observed *o)
{
	const char *name = ds_component_name(o->component);
	const struct ds_cmdline *cl = &o->cmdline;
	bool named = ds_str_eqz(ds_str_basename(o->program), name);

	ds_json_key(j, "argv");
	ds_json_array(j);
	/* A path may tell the version; any other word could be anything. */
	ds_json_str(j, named ? o->program : ds_str_from(name));
	for (size_t i = 0; i < cl->uses.n; i++)
		put_use(j, &cl->uses.v[i]);
	for (size_t i = 0; i < cl->errors.n; i++)
		put_error(j, cl, &cl->errors.v[i], false);
	if (cl->help)
		ds_json_string(j, "--help");
	for (size_t i = 0; i < cl->n_positional; i++)
		ds_json_string(j, LEFT_OUT);
	for (size_t i = 0; i < cl->errors.n; i++)
		put_error(j, cl, &cl->errors.v[i], true);
	ds_json_end_array(j);
	if (cl->truncated || cl->guessed)
		ds_json_kv_bool(j, "truncated", true);
}

/* ---- configuration files ---- */

/* What an audit reads of the configurations of kubelet and kube-proxy. */
static const char *const fields[] = {
	"apiVersion", "kind", "address", "bindAddress", "bindAddressHardFail", "clusterCIDR", "clusterDNS", "clusterDomain",
	"detectLocal", "detectLocal.bridgeInterface", "detectLocal.interfaceNamePrefix", "detectLocalMode", "featureGates",
	"featureGates.*", "healthzBindAddress", "hostnameOverride", "iptables", "iptables.masqueradeAll", "ipvs",
	"ipvs.excludeCIDRs", "maxPods", "metricsBindAddress", "mode", "nodePortAddresses", "podCIDR", "staticPodPath",
	"winkernel", "winkernel.sourceVip",
};

static bool is_field(const char *parent, struct ds_str key)
{
	char path[128];
	int n = snprintf(path, sizeof(path), "%s%s%.*s", parent, parent[0] ? "." : "", DS_STR_ARG(key));

	for (size_t i = 0; n > 0 && (size_t)n < sizeof(path) && i < DS_ARRAY_SIZE(fields); i++)
		if (strcmp(fields[i], path) == 0)
			return true;
	return strcmp(parent, "featureGates") == 0 && is_flag_name(key);
}

/* A mapping that has fields, not one in place of something else. */
static bool has_fields(const char *parent)
{
	size_t n = strlen(parent);

	for (size_t i = 0; n > 0 && i < DS_ARRAY_SIZE(fields); i++)
		if (strncmp(fields[i], parent, n) == 0 && fields[i][n] == '.')
			return true;
	return n == 0;
}

static void quoted(struct ds_buf *b, struct ds_str s)
{
	_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;

	put_text(&text, s);
	if (text.err < 0)
		b->err = text.err;
	ds_buf_add_go_json_string(b, ds_buf_str(&text));
}

/* A scalar with the type it had: what a number is to the component stays one. */
void ds_bundle_put_scalar(struct ds_buf *b, const struct ds_yaml_node *n)
{
	struct ds_str s;
	int64_t i;
	bool v;

	if (ds_yaml_is_null(n))
		ds_buf_addz(b, "null");
	else if (ds_yaml_as_string(n, &s) == 0)
		quoted(b, s);
	else if (ds_yaml_as_bool(n, &v) == 0)
		ds_buf_addz(b, v ? "true" : "false");
	else if (ds_yaml_as_int(n, 64, &i) == 0)
		ds_buf_printf(b, "%lld", (long long)i);
	else
		quoted(b, n->text);
}

/* Two levels of mappings and lists of scalars is as deep as the fields are. */
static void put_value(struct ds_buf *b, const struct ds_yaml_node *n, const char *parent, unsigned depth)
{
	bool first = true;

	if (n->kind == DS_YAML_SCALAR) {
		ds_bundle_put_scalar(b, n);
	} else if (n->kind == DS_YAML_SEQUENCE) {
		ds_buf_addc(b, '[');
		for (size_t i = 0; i < n->n; i++) {
			ds_buf_addz(b, i ? ", " : "");
			if (n->items[i]->kind == DS_YAML_SCALAR)
				ds_bundle_put_scalar(b, n->items[i]);
			else
				ds_buf_addz(b, "{}");
		}
		ds_buf_addc(b, ']');
	} else {
		ds_buf_addc(b, '{');
		for (size_t i = 0; depth < 2 && i < n->n; i++) {
			char made[DS_YAML_KEY_TEXT], name[64];
			struct ds_str key;
			bool allowed;

			if (!ds_yaml_key_text(n->pairs[i].key, made, &key) || key.n >= sizeof(name))
				continue;
			/* A field that does not exist is refused by its name alone. */
			allowed = is_field(parent, key);
			if (!allowed && (!is_flag_name(key) || !has_fields(parent)))
				continue;
			memcpy(name, key.p, key.n);
			name[key.n] = '\0';
			ds_buf_addz(b, first ? "" : depth ? ", " : ",\n ");
			first = false;
			quoted(b, key);
			ds_buf_addz(b, ": ");
			if (allowed)
				put_value(b, n->pairs[i].value, name, depth + 1);
			else
				ds_buf_addz(b, "null");
		}
		ds_buf_addc(b, '}');
	}
}

/* A file that was not read, or only in part, is not there: what depends on it stays unknown. */
static bool is_whole(const struct ds_named_file *file)
{
	return file->input && file->yaml && file->yaml->n == 1 && file->input->status != DS_INPUT_FAILED &&
	       file->yaml->docs[0].root && file->yaml->docs[0].root->kind == DS_YAML_MAPPING;
}

static void put_files(struct ds_json *j, const struct ds_observed *o)
{
	bool any = false;

	for (size_t i = 0; i < o->files.n; i++) {
		const struct ds_named_file *file = &o->files.v[i];
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT, path = DS_BUF_INIT;
		bool before = false;

		for (size_t k = 0; k < i; k++)
			before |= strcmp(o->files.v[k].path, file->path) == 0;
		if (before || !is_whole(file))
			continue;
		if (!any) {
			ds_json_key(j, "files");
			ds_json_object(j);
		}
		any = true;
		put_value(&b, file->yaml->docs[0].root, "", 0);
		ds_buf_addc(&b, '\n');
		if (b.err < 0)
			j->out->err = DS_ENOMEM;
		/* The flag that names it went through the same, or it would not be found again. */
		put_text(&path, ds_str_from(file->path));
		ds_json_key_str(j, ds_buf_str(&path));
		ds_json_object(j);
		ds_json_key(j, "text");
		ds_json_str(j, ds_buf_str(&b));
		ds_json_end_object(j);
	}
	if (any)
		ds_json_end_object(j);
}

/* ---- the bundle ---- */

static void put_process(struct ds_json *j, const struct ds_observed *o)
{
	ds_json_object(j);
	ds_json_kv_int(j, "pid", o->pid);
	ds_json_kv_int(j, "ppid", o->ppid);
	if (o->exe.n) {
		ds_json_key(j, "exe");
		json_text(j, o->exe);
	}
	put_argv(j, o);
	put_files(j, o);
	ds_json_end_object(j);
}

static void put_processes(struct ds_json *j, const struct ds_facts *f, const char *host)
{
	ds_json_key(j, "processes");
	ds_json_array(j);
	for (size_t i = 0; i < f->components.n; i++)
		if (f->components.v[i]->kind == DS_SOURCE_PROCESS && strcmp(f->components.v[i]->host, host) == 0)
			put_process(j, f->components.v[i]);
	for (size_t i = 0; i < f->seen.n; i++) {
		if (strcmp(f->seen.v[i].host, host) != 0)
			continue;
		ds_json_object(j);
		ds_json_kv_int(j, "pid", f->seen.v[i].loc.pid);
		ds_json_key(j, "argv");
		ds_json_array(j);
		ds_json_string(j, ds_component_name(f->seen.v[i].component));
		ds_json_end_array(j);
		ds_json_end_object(j);
	}
	ds_json_end_array(j);
}

/* Lists that are there are complete. */
static void put_addresses(struct ds_json *j, const struct ds_host *h)
{
	ds_json_key(j, "addresses");
	ds_json_array(j);
	for (size_t i = 0; i < h->addresses.n; i++) {
		const struct ds_host_address *addr = &h->addresses.v[i];

		ds_json_object(j);
		ds_json_kv(j, "interface", addr->interface);
		ds_json_key(j, "cidr");
		ds_json_str(j, addr->cidr);
		if (addr->flags) {
			ds_json_key(j, "flags");
			ds_json_array(j);
			for (unsigned k = 0; k < DS_ADDRESS_FLAGS; k++)
				if (addr->flags & 1u << k)
					ds_json_string(j, ds_address_flag_names[k]);
			ds_json_end_array(j);
		}
		ds_json_end_object(j);
	}
	ds_json_end_array(j);
}

static void put_routes(struct ds_json *j, const struct ds_host *h)
{
	ds_json_key(j, "routes");
	ds_json_array(j);
	for (size_t i = 0; i < h->routes.n; i++) {
		const struct ds_host_route *r = &h->routes.v[i];
		char net[DS_CIDR_TEXT], gateway[DS_IP_TEXT];

		ds_json_object(j);
		ds_json_kv(j, "destination", ds_cidr_format(&r->net, net));
		if (r->has_gateway)
			ds_json_kv(j, "gateway", ds_ip_format(&r->gateway, gateway));
		ds_json_kv(j, "interface", r->interface);
		if (r->ra)
			ds_json_kv_bool(j, "routerAdvertisement", true);
		ds_json_end_object(j);
	}
	ds_json_end_array(j);
}

/* A path as its host knows it: without the root that it was read below. */
static struct ds_str own_path(const struct ds_input *in)
{
	struct ds_str name = ds_str_from(in ? in->name : "");

	return ds_str_skip(name, ds_path_root(name.p).n);
}

/* What is configured rather than running. Its argv and files go through what a process' do. */
static void put_configured_one(struct ds_json *j, const struct ds_observed *o)
{
	char image[128];

	ds_json_object(j);
	ds_json_kv(j, "source", ds_source_kind_name(o->kind));
	ds_json_key(j, "path");
	json_text(j, own_path(o->loc.input));
	if (o->has_version && o->version_origin == DS_VERSION_IMAGE) {
		(void)snprintf(image, sizeof(image), "%s:v%u.%u.%u", ds_component_name(o->component), o->version.major,
			       o->version.minor, o->version.patch);
		ds_json_kv(j, "image", image);
	}
	put_argv(j, o);
	if (o->flags_unknown)
		ds_json_kv_bool(j, "flagsUnknown", true);
	put_files(j, o);
	ds_json_end_object(j);
}

static void put_configured(struct ds_json *j, const struct ds_facts *f, const char *host)
{
	bool any = false;

	for (size_t i = 0; i < f->components.n; i++) {
		const struct ds_observed *o = f->components.v[i];

		if (o->kind == DS_SOURCE_PROCESS || strcmp(o->host, host) != 0)
			continue;
		if (!any) {
			ds_json_key(j, "configured");
			ds_json_array(j);
		}
		any = true;
		put_configured_one(j, o);
	}
	if (any)
		ds_json_end_array(j);
}

static void put_host(struct ds_json *j, const struct ds_host *h)
{
	ds_json_key(j, "sysctls");
	ds_json_object(j);
	for (size_t i = 0; i < h->sysctls.n; i++) {
		ds_json_key(j, h->sysctls.v[i].name);
		ds_json_str(j, h->sysctls.v[i].value);
	}
	ds_json_end_object(j);
	if (h->has_addresses)
		put_addresses(j, h);
	if (h->has_routes)
		put_routes(j, h);
	if (h->has_kernel_args) {
		ds_json_key(j, "kernelArguments");
		ds_json_array(j);
		for (size_t i = 0; i < h->kernel_args.n; i++)
			ds_json_string(j, h->kernel_args.v[i]);
		ds_json_end_array(j);
	}
}

/* What made the recording incomplete: whoever audits it must know, too. */
static void put_not_seen(struct ds_json *j, const struct ds_ctx *ctx)
{
	bool any = false;

	for (size_t i = 0; i < ctx->diags.n; i++) {
		const struct ds_diag *d = &ctx->diags.v[i];
		_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;

		if (d->level != DS_LEVEL_ERROR)
			continue;
		if (!any) {
			ds_json_key(j, "notSeen");
			ds_json_array(j);
		}
		any = true;
		ds_buf_printf(&text, "%s%s%s", d->loc.input ? d->loc.input->name : "", d->loc.input ? ": " : "", d->message);
		json_text(j, ds_buf_str(&text));
	}
	if (any)
		ds_json_end_array(j);
}

static void put_bundle(const struct ds_facts *f, const char *node, const char *host, struct ds_out *out)
{
	const struct ds_host *h = ds_facts_find_host(f, host);
	struct ds_json j;

	ds_json_init(&j, out);
	ds_json_object(&j);
	ds_json_kv(&j, "apiVersion", "dsaudit.dev/v1");
	ds_json_kv(&j, "kind", "NodeBundle");
	if (node)
		ds_json_kv(&j, "node", node);
	put_processes(&j, f, host);
	put_configured(&j, f, host);
	if (h)
		put_host(&j, h);
	ds_bundle_put_cni(&j, f, host);
	put_not_seen(&j, f->ctx);
	ds_json_end_object(&j);
}

static int note_host(struct ds_map *hosts, const char *name)
{
	return ds_map_put(hosts, ds_str_from(name), hosts);
}

int ds_report_bundle(const struct ds_facts *f, const char *node, struct ds_out *out)
{
	struct ds_map hosts;
	int r = 0;

	ds_map_init(&hosts, f->ctx->arena);
	for (size_t i = 0; r == 0 && i < f->components.n; i++)
		r = note_host(&hosts, f->components.v[i]->host);
	for (size_t i = 0; r == 0 && i < f->seen.n; i++)
		r = note_host(&hosts, f->seen.v[i].host);
	for (size_t i = 0; r == 0 && i < hosts.n; i++) /* a name is one node's */
		put_bundle(f, hosts.n == 1 ? node : NULL, hosts.entries[i].key.p, out);
	if (r == 0 && hosts.n == 0)
		put_bundle(f, node, "", out);
	return r;
}
