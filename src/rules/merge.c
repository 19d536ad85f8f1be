#include "rules/merge.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/num.h"

/* Names of a target kept for the comparison: a node has four addresses and blocks at most in practice. */
#define MAX_NAMES 32

struct names {
	struct {
		char text[256];
		const char *stands_for;
	} v[MAX_NAMES];
	size_t n;
};

static void add_name(struct names *s, struct ds_str text, const char *stands_for)
{
	if (s->n == MAX_NAMES || text.n == 0 || text.n >= sizeof(s->v[0].text))
		return;
	memcpy(s->v[s->n].text, text.p, text.n);
	s->v[s->n].text[text.n] = '\0';
	s->v[s->n++].stands_for = stands_for;
}

/* An address or block stands for its family: "only IPv4" and "only IPv6" are not alike. */
static void add_addresses(struct names *s, const struct ds_cel_value *list)
{
	for (size_t i = 0; list->kind == DS_CEL_LIST && i < list->list.n; i++) {
		const struct ds_cel_value *v = &list->list.v[i];
		char text[DS_CIDR_TEXT];

		if (v->kind == DS_CEL_IP && !ds_ip_is_unspecified(&v->ip))
			add_name(s, ds_str_from(ds_ip_format(&v->ip, text)), ds_family_name(v->ip.family));
		else if (v->kind == DS_CEL_CIDR)
			add_name(s, ds_str_from(ds_cidr_format(&v->cidr, text)), ds_family_name(v->cidr.ip.family));
	}
}

static const struct ds_cel_value *field(const struct ds_cel_value *object, const char *name)
{
	static const struct ds_cel_value none = {.kind = DS_CEL_ABSENT};

	for (size_t i = 0; object->kind == DS_CEL_OBJECT && i < object->object.type->n_fields; i++)
		if (strcmp(object->object.type->fields[i].name, name) == 0)
			return &object->object.fields[i];
	return &none;
}

static void add_node(struct names *s, const struct ds_cel_value *node)
{
	const struct ds_cel_value *name = field(node, "name");

	if (name->kind == DS_CEL_STRING)
		add_name(s, name->s, "<node>");
	add_addresses(s, field(node, "internalIPs"));
	add_addresses(s, field(node, "podCIDRs"));
}

/* A Node, or a component on one. */
static void add_target(struct names *s, const struct ds_cel_value *v)
{
	const struct ds_cel_value *node = field(v, "node");

	if (node->kind == DS_CEL_STRING)
		add_name(s, node->s, "<node>");
	add_addresses(s, field(field(v, "nodeIP"), "ips"));
	add_node(s, field(v, "nodeObject"));
	if (field(v, "internalIPs")->kind == DS_CEL_LIST)
		add_node(s, v);
}

static bool is_word(char c)
{
	return ds_c_is_alnum(c) || c == '.' || c == '-' || c == '_' || c == ':' || c == '/';
}

static const char *stands_for(const struct names *s, struct ds_str word, bool after_pid)
{
	uint64_t number;

	if (after_pid && ds_num_u64(word, INT32_MAX, &number) == 0)
		return "<pid>";
	for (size_t i = 0; i < s->n; i++)
		if (ds_str_eqz(word, s->v[i].text))
			return s->v[i].stands_for;
	return NULL;
}

int ds_finding_shape(struct ds_arena *a, const char *text, const struct ds_cel_value *vars, size_t n, const char **ret)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct names names = {.n = 0};
	bool after_pid = false, changed = false;

	*ret = text;
	for (size_t i = 0; i < n; i++)
		add_target(&names, &vars[i]);
	for (const char *p = text; *p;) {
		struct ds_str word;
		const char *sub;
		size_t k = 0, end;

		while (p[k] && !is_word(p[k]))
			k++;
		ds_buf_add(&b, p, k);
		p += k;
		for (k = 0; p[k] && is_word(p[k]); k++)
			;
		/* A full stop or colon behind it is the sentence's; "fd00::" is not. */
		end = k;
		if (k > 1 && (p[k - 1] == '.' || (p[k - 1] == ':' && p[k - 2] != ':')))
			end--;
		word = ds_str_n(p, end);
		sub = stands_for(&names, word, after_pid);
		if (sub)
			ds_buf_addz(&b, sub);
		else
			ds_buf_adds(&b, word);
		ds_buf_add(&b, p + end, k - end);
		changed |= sub != NULL;
		after_pid = ds_str_eqz(word, "pid");
		p += k;
	}
	if (b.err < 0)
		return DS_ENOMEM;
	if (changed)
		*ret = ds_buf_dup(&b, a);
	return *ret ? 0 : DS_ENOMEM;
}

static bool same_place(const struct ds_loc *x, const struct ds_loc *y)
{
	return x->input == y->input && x->line == y->line && x->column == y->column && x->pid == y->pid;
}

void ds_finding_add_location(struct ds_finding *f, const struct ds_loc *loc)
{
	if (!loc || f->n_locations == DS_FINDING_LOCATIONS)
		return;
	for (size_t i = 0; i < f->n_locations; i++)
		if (same_place(&f->locations[i], loc))
			return;
	f->locations[f->n_locations++] = *loc;
}

static int join(struct ds_arena *a, struct ds_finding *first, const struct ds_finding *x)
{
	struct ds_alike *alike = ds_arena_new_obj(a, struct ds_alike);

	if (!alike)
		return DS_ENOMEM;
	*alike = (struct ds_alike){*x, first->alike};
	first->alike = alike;
	first->count += x->count;
	for (size_t i = 0; i < x->n_locations; i++)
		ds_finding_add_location(first, &x->locations[i]);
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int list_members(struct ds_arena *a, struct ds_finding *f)
{
	const char **v;
	size_t n = 1;

	if (!f->alike)
		return 0;
	for (const struct ds_alike *x = f->alike; x; x = x->next)
		n++;
	v = ds_arena_new_array(a, n, const char *);
	if (!v)
		return DS_ENOMEM;
	f->members = v;
	v[f->n_members++] = f->fingerprint;
	for (const struct ds_alike *x = f->alike; x; x = x->next)
		v[f->n_members++] = x->finding.fingerprint;
	qsort(v, n, sizeof(*v), by_text);
	return 0;
}

int ds_findings_merge(struct ds_arena *a, struct ds_findings *f)
{
	struct ds_map shapes;
	size_t n = 0;

	ds_map_init(&shapes, a);
	for (size_t i = 0; i < f->v.n; i++) {
		struct ds_finding *x = &f->v.v[i], *first;
		const char *key;
		int r = 0;

		if (x->status != DS_STATUS_FAIL || !x->shape) {
			f->v.v[n++] = *x;
			continue;
		}
		key = ds_arena_printf(a, "%s %d %s", x->rule->id, (int)x->severity, x->shape);
		if (!key)
			return DS_ENOMEM;
		first = ds_map_get(&shapes, ds_str_from(key));
		if (first) {
			r = join(a, first, x);
		} else {
			f->v.v[n] = *x;
			r = ds_map_put(&shapes, ds_str_from(key), &f->v.v[n++]);
		}
		if (r < 0)
			return r;
	}
	f->v.n = n;
	for (size_t i = 0; i < n; i++)
		if (list_members(a, &f->v.v[i]) < 0)
			return DS_ENOMEM;
	return ds_findings_common(a, f);
}
