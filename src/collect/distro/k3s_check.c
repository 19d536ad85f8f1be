#include "collect/distro/k3s_priv.h"

#include "base/buf.h"

static int refuse(const struct ds__k3s_node *n, const struct ds_loc *loc, const char *fmt, ...) DS_PRINTF(3, 4);

static int refuse(const struct ds__k3s_node *n, const struct ds_loc *loc, const char *fmt, ...)
{
	const char *message;
	va_list ap;

	va_start(ap, fmt);
	message = ds_arena_vprintf(n->f->ctx->arena, fmt, ap);
	va_end(ap);
	if (!message)
		return DS_ENOMEM;
	return ds_diag(n->f->ctx, DS_LEVEL_ERROR, loc->input ? loc : &n->loc, NULL,
		       "k3s refuses this configuration: %s", message);
}

struct families {
	struct ds_str text; /* as Go prints the list: "[10.42.0.0/16 fd00:42::/56]" */
	enum ds_family first;
	bool dual, known;
};

/* Go's parsers are strict and trim nothing. *ret_bad: the first element that they refuse. */
static int list_families(const struct ds__k3s_node *n, struct ds_str list, bool cidrs, struct families *ret,
			 struct ds_str *ret_bad)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	bool done = false, has[2] = {0};
	struct ds_str part;

	*ret = (struct families){.known = list.n > 0 && !ds_str_starts(list, "${")};
	*ret_bad = (struct ds_str){0};
	ds_buf_addc(&b, '[');
	while (ret->known && ds_str_split(&list, ',', &done, &part)) {
		char text[DS_CIDR_TEXT];
		struct ds_cidr c, net;
		struct ds_ip ip;

		if (cidrs ? ds_cidr_parse(part, DS_IP_STRICT, &c) < 0 : ds_ip_parse(part, DS_IP_STRICT, &ip) < 0) {
			*ret_bad = part.n ? part : DS_STR("\"\"");
			ret->known = false;
			break;
		}
		if (cidrs) {
			net = ds_cidr_masked(&c);
			ip = c.ip;
		}
		if (ret->first == DS_FAMILY_NONE)
			ret->first = ip.family;
		has[ip.family == DS_IPV6] = true;
		ds_buf_printf(&b, "%s%s", b.n > 1 ? " " : "",
			      cidrs ? ds_cidr_format(&net, text) : ds_ip_format(&ip, text));
	}
	ds_buf_addc(&b, ']');
	ret->dual = has[0] && has[1];
	return b.err < 0 ? DS_ENOMEM : ds_arena_str(n->f->ctx->arena, ds_buf_str(&b), &ret->text);
}

/* pkg/cli/server/server.go:run, pkg/agent/run.go:run */
int ds__k3s_check(const struct ds__k3s_node *n, const struct ds__k3s_value *pods, const struct ds__k3s_value *services)
{
#define SHARE ", must share the same IP version (IPv4, IPv6 or dual-stack)"
	struct families p, s, i;
	struct ds_str bad, bad_service, list;
	struct ds_loc loc = {0};

	if (list_families(n, pods->text, true, &p, &bad) < 0 ||
	    list_families(n, services->text, true, &s, &bad_service) < 0)
		return DS_ENOMEM;
	if (bad.n)
		return refuse(n, &pods->loc, "invalid cluster-cidr %.*s: invalid CIDR address: %.*s", DS_STR_ARG(bad),
			      DS_STR_ARG(bad));
	if (bad_service.n)
		return refuse(n, &services->loc, "invalid service-cidr %.*s: invalid CIDR address: %.*s",
			      DS_STR_ARG(bad_service), DS_STR_ARG(bad_service));
	if (ds__k3s_joined(n, "cluster-dns", &list, &loc) < 0 || list_families(n, list, false, &i, &bad) < 0)
		return DS_ENOMEM;
	if (bad.n)
		return refuse(n, &loc, "invalid cluster-dns address %.*s", DS_STR_ARG(bad));
	if (!p.known || !s.known || ds__k3s_is_true(n, "disable-agent"))
		return 0;
	if (p.first != s.first || p.dual != s.dual)
		return refuse(n, services->loc.input ? &services->loc : &pods->loc,
			      "cluster-cidr: %.*s and service-cidr: %.*s" SHARE, DS_STR_ARG(p.text),
			      DS_STR_ARG(s.text));
	if (ds__k3s_joined(n, "node-ip", &list, &loc) < 0 || list_families(n, list, false, &i, &bad) < 0)
		return DS_ENOMEM;
	if (i.known && !i.dual && (p.dual || p.first != i.first))
		return refuse(n, &loc, "cluster-cidr: %.*s and node-ip: %.*s" SHARE, DS_STR_ARG(p.text),
			      DS_STR_ARG(i.text));
#undef SHARE
	return 0;
}
