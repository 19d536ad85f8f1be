#include <stdio.h>

#include "report/preview_run.h"

/* What about an answer surprises people. Rules about clusters are written in CEL; this is about one Service. */

static const char *const policies[] = {"PreferDualStack", "RequireDualStack", "SingleStack"};

struct remarks {
	struct ds_arena *a;
	struct ds_preview_run *run;
	struct ds_preview_item *item;
	int r;
};

static void remark(struct remarks *m, enum ds_severity severity, const char *fmt, ...) DS_PRINTF(3, 4);

static void remark(struct remarks *m, enum ds_severity severity, const char *fmt, ...)
{
	struct ds_preview_item *item = m->item;
	const char *text;
	va_list ap;

	if (item->n_remarks == DS_PREVIEW_REMARKS_MAX)
		return;
	va_start(ap, fmt);
	text = ds_arena_vprintf(m->a, fmt, ap);
	va_end(ap);
	if (text)
		item->remarks[item->n_remarks++] = (struct ds_preview_remark){severity, text};
	else
		m->r = DS_ENOMEM;
}

static bool is_one_of(struct ds_str s, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ds_str_eqz(s, v[i]))
			return true;
	return false;
}

static struct ds_str lower(struct ds_str s, char buf[static 64])
{
	size_t n = DS_MIN(s.n, (size_t)63);

	for (size_t i = 0; i < n; i++)
		buf[i] = ds_c_lower(s.p[i]);
	return ds_str_n(buf, n);
}

/* The name of a table that s comes close to, case aside, or NULL. */
static const char *nearest(struct ds_str s, const char *const *v, size_t n, unsigned max)
{
	const char *best = NULL;
	char a[64], b[64];

	for (size_t i = 0; i < n; i++) {
		unsigned d = ds_str_distance(lower(s, a), lower(ds_str_from(v[i]), b), max);

		if (d <= max) {
			max = d;
			best = v[i];
			if (d == 0)
				break;
			max--;
		}
	}
	return best;
}

static void misspelt_policy(struct remarks *m)
{
	const struct ds_service_opt *p = &m->item->asked->ip_family_policy;
	const char *meant;

	if (!p->set || is_one_of(p->s, policies, DS_ARRAY_SIZE(policies)))
		return;
	meant = nearest(p->s, policies, DS_ARRAY_SIZE(policies), 4);
	if (!meant && ds_str_ieqz(p->s, "DualStack"))
		meant = "PreferDualStack or RequireDualStack";
	if (meant)
		remark(m, DS_SEVERITY_INFO, "ipFamilyPolicy \"%.*s\" does not exist; did you mean %s?", DS_STR_ARG(p->s),
		       meant);
}

static void misspelt_families(struct remarks *m)
{
	const struct ds_service_list *l = &m->item->asked->ip_families;

	for (size_t i = 0; i < l->n; i++) {
		struct ds_str s = l->v[i];
		bool six = s.n && s.p[s.n - 1] == '6', four = s.n && s.p[s.n - 1] == '4';

		if (s.n <= 6 && (six || four) && !ds_str_eqz(s, six ? "IPv6" : "IPv4"))
			remark(m, DS_SEVERITY_INFO, "ipFamilies[%zu] \"%.*s\" is no family; did you mean IPv%c?", i,
			       DS_STR_ARG(s), six ? '6' : '4');
	}
}

/* Fields that are dropped because of their spelling: the Service then gets what it did not ask for. */
static void misspelt_fields(struct remarks *m)
{
	static const char *const fields[] = {"ipFamilyPolicy", "ipFamilies", "clusterIPs", "clusterIP"};
	static const char prefix[] = "unknown field \"spec.";
	const struct ds_service_decoding *d = &m->item->asked->decoding;

	for (size_t i = 0; i < d->n_lenient; i++) {
		struct ds_str s = ds_str_from(d->lenient[i]);
		const char *meant;

		if (!ds_str_starts(s, prefix))
			continue;
		s = ds_str_skip(s, sizeof(prefix) - 1);
		s = ds_str_head(s, ds_str_find(s, '"'));
		if (ds_str_eqz(s, "ipFamily")) {
			remark(m, DS_SEVERITY_WARNING,
			       "spec.ipFamily was a field of Kubernetes 1.16 to 1.19 and is dropped; use ipFamilies");
			continue;
		}
		meant = nearest(s, fields, DS_ARRAY_SIZE(fields), 3);
		if (meant)
			remark(m, DS_SEVERITY_WARNING, "spec.%.*s is no field and is dropped; did you mean %s?",
			       DS_STR_ARG(s), meant);
	}
}

static const struct ds_service_list *families(const struct ds_service_outcome *o)
{
	const struct ds_service_field *f = ds_preview_field(o, "ipFamilies");

	return f ? &f->list : NULL;
}

static bool policy_is(const struct ds_service_outcome *o, const char *name)
{
	const struct ds_service_field *f = ds_preview_field(o, "ipFamilyPolicy");

	return f && ds_str_eqz(f->text, name);
}

static void stays_single(struct remarks *m)
{
	const struct ds_service_outcome *o = &m->item->outcome;
	const struct ds_service_list *l = families(o);
	const struct ds_service_cluster *c = &m->run->cluster;

	if (!o->accepted || !l || l->n != 1 || !policy_is(o, "PreferDualStack"))
		return;
	if (c->n_ranges == 1)
		remark(m, DS_SEVERITY_INFO, "PreferDualStack stays single-stack: this cluster has no %s Service range",
		       c->ranges[0].ip.family == DS_IPV6 ? "IPv4" : "IPv6");
	else if (m->item->before)
		remark(m, DS_SEVERITY_INFO,
		       "PreferDualStack stays single-stack on this dual-stack cluster: an update that repeats the stored "
		       "policy, clusterIPs and ipFamilies adds no family; leave ipFamilies out, or list both");
}

static void selectorless(struct remarks *m)
{
	const struct ds_service_outcome *o = &m->item->outcome;

	if (!o->accepted || !ds_service_is_headless(&o->object) || o->object.selector.n ||
	    m->item->asked->ip_family_policy.set || !policy_is(o, "RequireDualStack") ||
	    (m->item->before && policy_is(m->item->before, "RequireDualStack")))
		return;
	remark(m, DS_SEVERITY_INFO,
	       "headless without a selector: the default is RequireDualStack with both families%s, not SingleStack",
	       m->run->cluster.n_ranges == 1 ? ", even on this single-stack cluster" : "");
}

static void other_order(struct remarks *m)
{
	const struct ds_service_list *l = families(&m->item->outcome);
	const struct ds_service_cluster *c = &m->run->cluster;
	const char *primary = ds_family_name((enum ds_family)c->ranges[0].ip.family);

	if (!m->item->outcome.accepted || c->n_ranges != 2 || !l || l->n == 0 || ds_str_eqz(l->v[0], primary))
		return;
	if (l->n == 2)
		remark(m, DS_SEVERITY_INFO, "families in another order than the cluster's: clusterIP is the %s address",
		       ds_str_eqz(l->v[0], "IPv4") ? "IPv4" : "IPv6");
	else
		remark(m, DS_SEVERITY_INFO, "not the cluster's primary family (%s)", primary);
}

/* Two Services of the input that cannot both be: each is previewed as if it were alone. */
static void twice(struct remarks *m, unsigned char kind, struct ds_str bytes, const char *what, const char *but)
{
	struct ds_loc first;

	if (m->r < 0)
		return;
	m->r = ds_preview_seen_add(&m->run->seen, kind, bytes, &m->item->loc, &first);
	if (m->r == 0 && first.input)
		remark(m, DS_SEVERITY_WARNING, "%s at %s:%u: %s", what, first.input->name, first.line, but);
}

static void duplicates(struct remarks *m)
{
	const struct ds_service *s = m->item->asked;
	const char *name;

	if (s->name.n) {
		name = ds_arena_printf(m->a, "%s/%s", m->item->ns, m->item->name);
		if (!name)
			m->r = DS_ENOMEM;
		else
			twice(m, 'n', ds_str_from(name), "the same namespace and name stand",
			      "only one of the two can be created");
	}
	for (size_t i = 0; i < DS_MAX(s->cluster_ips.n, (size_t)1) && i < 2; i++) {
		struct ds_str text = i < s->cluster_ips.n ? s->cluster_ips.v[i] : s->cluster_ip;
		char what[DS_IP_TEXT + 40];
		struct ds_ip ip;

		if (ds_ip_parse(text, DS_IP_SLOPPY, &ip) < 0)
			continue;
		(void)snprintf(what, sizeof(what), "%.*s is also asked for", DS_STR_ARG(text));
		twice(m, 'a', ds_str_n((const char *)ip.b, ip.family == DS_IPV6 ? 16 : 4), what,
		      "only one Service can have it");
	}
}

int ds_preview_remark(struct ds_arena *a, struct ds_preview_run *run, struct ds_preview_item *item)
{
	struct remarks m = {.a = a, .run = run, .item = item};

	if (!item->asked)
		return 0;
	misspelt_policy(&m);
	misspelt_families(&m);
	misspelt_fields(&m);
	stays_single(&m);
	selectorless(&m);
	other_order(&m);
	duplicates(&m);
	return m.r;
}
