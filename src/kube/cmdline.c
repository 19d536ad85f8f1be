#include "kube/cmdline.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "kube/goflag.h"
#include "kube/version.h"
#include "net/ip.h"

/* X(name, type, since, until, kept, help): sorted by name. */
#define X(name, type, since, until, kept, help) {name, DS_FLAG_##type, since, until, kept, help},
static const struct ds_flag kube_apiserver_flags[] = {
#include "kube/flags/kube-apiserver.def"
};
static const struct ds_flag kube_controller_manager_flags[] = {
#include "kube/flags/kube-controller-manager.def"
};
static const struct ds_flag kube_proxy_flags[] = {
#include "kube/flags/kube-proxy.def"
};
static const struct ds_flag kubelet_flags[] = {
#include "kube/flags/kubelet.def"
};
#undef X

static const struct {
	const struct ds_flag *v;
	size_t n;
} tables[] = {
	[DS_KUBE_APISERVER] = {kube_apiserver_flags, DS_ARRAY_SIZE(kube_apiserver_flags)},
	[DS_KUBE_CONTROLLER_MANAGER] = {kube_controller_manager_flags, DS_ARRAY_SIZE(kube_controller_manager_flags)},
	[DS_KUBE_PROXY] = {kube_proxy_flags, DS_ARRAY_SIZE(kube_proxy_flags)},
	[DS_KUBELET] = {kubelet_flags, DS_ARRAY_SIZE(kubelet_flags)},
};

const struct ds_flag *ds_flag_table(enum ds_component c, size_t *ret_n)
{
	if (!ds_component_is_audited(c)) {
		*ret_n = 0;
		return NULL;
	}
	*ret_n = tables[c].n;
	return tables[c].v;
}

const struct ds_flag *ds_flag_find(enum ds_component c, struct ds_str name)
{
	size_t lo = 0, hi;
	const struct ds_flag *v = ds_flag_table(c, &hi);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int cmp = ds_str_cmp(name, ds_str_from(v[mid].name));

		if (cmp == 0)
			return &v[mid];
		if (cmp < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

static bool in_version(const struct ds_flag *f, unsigned minor)
{
	return minor >= f->since && (f->until == 0 || minor < f->until);
}

/* What one run over an argument vector needs. */
struct parser {
	struct ds_arena *a;
	struct ds_cmdline *cl;
	unsigned minor;
	const struct ds_arg *argv;
	size_t n;
	size_t i;            /* the next argument */
	bool after_unkept;   /* the argument before was a flag whose values are not kept */
};

/* The place of the bytes [from, to) of an argument. */
static struct ds_loc part_loc(const struct ds_arg *arg, size_t from, size_t to)
{
	struct ds_loc loc = arg->loc;
	size_t all = ds_utf8_count(arg->text), before = ds_utf8_count(ds_str_head(arg->text, from));
	size_t length = ds_utf8_count(ds_str_head(ds_str_skip(arg->text, from), to - from));

	loc.text = ds_str_head(ds_str_skip(arg->text, from), to - from);
	/* Verbatim or between a pair of quotes; anything else cannot be divided, so the whole stands. */
	if (loc.line && (loc.length == all || loc.length == all + 2)) {
		loc.column += (uint32_t)(before + (loc.length - all) / 2);
		loc.length = (uint32_t)length;
	}
	return loc;
}

static struct ds_str normalise(struct ds_str name, char *buf, size_t cap)
{
	if (name.n > cap)
		return name; /* longer than any flag: unknown as it is */
	for (size_t i = 0; i < name.n; i++)
		buf[i] = name.p[i] == '_' ? '-' : name.p[i];
	return ds_str_n(buf, name.n);
}

#define NAME_MAX_BYTES 128u

static const struct ds_flag *find(const struct parser *p, struct ds_str name)
{
	char buf[NAME_MAX_BYTES];
	const struct ds_flag *f = ds_flag_find(p->cl->component, normalise(name, buf, sizeof(buf)));

	return f && in_version(f, p->minor) ? f : NULL;
}

static struct ds_flag_error *add_error(struct parser *p, const struct ds_arg *arg, size_t length, const char *message)
{
	struct ds_flag_error *e = message ? ds_vec_add(p->a, &p->cl->errors) : NULL;

	if (!e)
		return NULL;
	e->message = message;
	/* Only the flag itself: what follows "=" may be a secret. */
	e->loc = part_loc(arg, 0, length);
	return e;
}

static char *quoted_message(struct ds_arena *a, const char *before, struct ds_str s)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	ds_buf_addz(&b, before);
	ds_buf_adds(&b, s);
	return ds_buf_dup(&b, a);
}

static const char *nearest(const struct parser *p, struct ds_str name)
{
	unsigned max = name.n < 6 ? 1 : name.n < 12 ? 2 : 3, best = max + 1;
	const char *found = NULL;
	size_t n;
	const struct ds_flag *v = ds_flag_table(p->cl->component, &n);

	for (size_t i = 0; i < n; i++) {
		unsigned d = in_version(&v[i], p->minor) ? ds_str_distance(name, ds_str_from(v[i].name), max) : best;

		if (d < best) {
			best = d;
			found = v[i].name;
		}
	}
	return found;
}

static const char *other_component(const struct parser *p, struct ds_str name)
{
	for (int c = DS_KUBE_APISERVER; c <= DS_KUBELET; c++) {
		const struct ds_flag *f = ds_flag_find((enum ds_component)c, name);

		if (c != (int)p->cl->component && f && in_version(f, p->minor))
			return ds_component_name((enum ds_component)c);
	}
	return NULL;
}

static int unknown_flag(struct parser *p, const struct ds_arg *arg, struct ds_str name)
{
	char buf[NAME_MAX_BYTES];
	struct ds_str normal = normalise(name, buf, sizeof(buf));
	char *message = quoted_message(p->a, "unknown flag: --", name);
	struct ds_flag_error *e = add_error(p, arg, 2 + name.n, message);

	if (!e)
		return DS_ENOMEM;
	e->flag = ds_arena_strndup(p->a, name.p, name.n);
	if (!e->flag)
		return DS_ENOMEM;
	if (p->cl->errors.n <= DS_LIMIT_SUGGESTIONS)
		e->nearest = nearest(p, normal);
	e->other_component = other_component(p, normal);
	/* The oldest version knew a few flags that no later one does: our tables begin after them. */
	e->unsure = p->minor <= DS_KUBE_OLDEST && !ds_flag_find(p->cl->component, normal) && !e->nearest &&
		    !e->other_component;
	return 0;
}

/* Just after the last c, or 0. */
static size_t after_last(struct ds_str s, char c)
{
	const char *p = s.n ? memrchr(s.p, c, s.n) : NULL;

	return p ? (size_t)(p - s.p) + 1 : 0;
}

/* Holds $(NAME) or ${NAME}; "$$(X)" is the text "$(X)". */
static bool is_unresolved(struct ds_str s)
{
	size_t round = after_last(s, ')'), curly = after_last(s, '}');

	for (size_t i = 0; i + 2 < s.n; i++) {
		if (s.p[i] != '$' || (i > 0 && s.p[i - 1] == '$'))
			continue;
		if ((s.p[i + 1] == '(' && round > i + 2) || (s.p[i + 1] == '{' && curly > i + 2))
			return true;
	}
	return false;
}

static int check_ip(struct ds_arena *a, const struct ds_flag *f, unsigned minor, struct ds_str s, const char **reterr)
{
	struct ds_ip ip;
	const char *q;

	/* Since pflag 1.0.6 an empty text leaves the default. */
	if (s.n == 0 && (f->type == DS_FLAG_IP_VAR || minor >= 34))
		return 0;
	if (ds_ip_parse(f->type == DS_FLAG_IP ? ds_str_trim(s) : s, f->type == DS_FLAG_IP ? DS_IP_STRICT : DS_IP_SLOPPY,
			&ip) == 0)
		return 0;
	q = ds_go_quote(a, s);
	*reterr = !q ? NULL
		  : f->type == DS_FLAG_IP ? ds_arena_printf(a, "failed to parse IP: %s", q)
					  : ds_arena_printf(a, "%s is not a valid IP address", q);
	return *reterr ? DS_ESYNTAX : DS_ENOMEM;
}

/* utilflag.IPPortVar.Set: an IP, or an IP with a port. */
static int check_ip_port(struct ds_arena *a, struct ds_str s, const char **reterr)
{
	struct ds_str host = {0}, port = {0};
	struct ds_ip ip;
	const char *why, *q = ds_go_quote(a, s);
	uint64_t number;
	int r;

	if (!q)
		return DS_ENOMEM;
	if (s.n == 0 || ds_ip_parse(s, DS_IP_SLOPPY, &ip) == 0)
		return 0;
	r = ds_go_split_host_port(a, s, &host, &port, &why);
	if (r == DS_ENOMEM)
		return r;
	if (r < 0) {
		*reterr = ds_arena_printf(a, "%s is not in a valid format (ip or ip:port): %s", q, why);
		return *reterr ? DS_ESYNTAX : DS_ENOMEM;
	}
	if (ds_ip_parse(host, DS_IP_SLOPPY, &ip) < 0)
		why = "%s is not a valid IP address", s = host;
	else if (ds_num_u64(port, 65535, &number) < 0)
		why = "%s is not a valid number", s = port;
	else
		return 0;
	q = ds_go_quote(a, s);
	*reterr = !q ? NULL
		  : s.p == host.p ? ds_arena_printf(a, "%s is not a valid IP address", q)
				  : ds_arena_printf(a, "%s is not a valid number", q);
	return *reterr ? DS_ESYNTAX : DS_ENOMEM;
}

/* k8s.io/component-base/cli/flag MapStringBool.Set. */
static int check_map_bool(struct ds_arena *a, struct ds_str s, const char **reterr)
{
	struct ds_str item;
	bool done = false;

	while (ds_str_split(&s, ',', &done, &item)) {
		size_t eq = ds_str_find(item, '=');
		struct ds_str key = ds_str_trim(ds_str_head(item, eq)), value = ds_str_trim(ds_str_skip(item, eq + 1));
		const char *why;
		int r;

		if (item.n == 0)
			continue;
		if (eq == item.n) {
			*reterr = "malformed pair, expect string=bool";
			return DS_ESYNTAX;
		}
		r = ds_go_check_bool(a, value, &why);
		if (r == DS_ENOMEM)
			return r;
		if (r < 0) {
			_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

			ds_buf_addz(&b, "invalid value of ");
			ds_buf_adds(&b, key);
			ds_buf_addz(&b, ": ");
			ds_buf_adds(&b, value);
			ds_buf_addz(&b, ", err: ");
			ds_buf_addz(&b, why);
			*reterr = ds_buf_dup(&b, a);
			return *reterr ? DS_ESYNTAX : DS_ENOMEM;
		}
	}
	return 0;
}

/* Whether the flag's type takes the text; as pflag's Value.Set. */
static int check_value(const struct parser *p, const struct ds_flag *f, struct ds_str s, const char **reterr)
{
	struct ds_strs fields = {0};
	unsigned base, size;

	switch (f->type) {
	case DS_FLAG_BOOL:
	case DS_FLAG_TRISTATE:
		return ds_go_check_bool(p->a, s, reterr);
	case DS_FLAG_INT:
		return ds_go_check_int(p->a, s, 64, reterr);
	case DS_FLAG_INT32:
		return ds_go_check_int(p->a, s, 32, reterr);
	case DS_FLAG_UINT:
		return ds_go_check_uint(p->a, s, 64, reterr);
	case DS_FLAG_FLOAT:
		return ds_go_check_float(p->a, s, reterr);
	case DS_FLAG_DURATION:
		return ds_go_duration(p->a, s, NULL, reterr);
	case DS_FLAG_IP:
	case DS_FLAG_IP_VAR:
		return check_ip(p->a, f, p->minor, s, reterr);
	case DS_FLAG_IP_PORT:
		return check_ip_port(p->a, s, reterr);
	case DS_FLAG_STRING_SLICE:
		return ds_go_csv(p->a, s, &fields, reterr);
	case DS_FLAG_PORT_RANGE:
		return ds_go_port_range(p->a, s, &base, &size, reterr);
	case DS_FLAG_MAP_BOOL:
		/* Elsewhere the gate set parses it itself: kube/gates.c. */
		return p->cl->component == DS_KUBELET || p->cl->component == DS_KUBE_PROXY
			       ? check_map_bool(p->a, s, reterr)
			       : 0;
	case DS_FLAG_STRING:
	case DS_FLAG_STRING_ARRAY:
	case DS_FLAG_MAP_STRING:
	case DS_FLAG_OTHER:
	case DS_FLAG_OPTIONAL:
	case DS_FLAG_TYPE__COUNT:
		return 0;
	}
	return 0;
}

/* Kept text without the user and password of a URL ("https://u:p@host" becomes "https://host"). */
static int keep_text(struct ds_arena *a, struct ds_str s, struct ds_str *ret)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	size_t i = 0, scheme;
	char *copy;

	if (ds_str_find(s, '@') == s.n)
		return ds_arena_str(a, s, ret);
	while ((scheme = i + ds_str_search(ds_str_skip(s, i), DS_STR("://"))) < s.n) {
		size_t host = scheme + 3, end = host;

		while (end < s.n && s.p[end] != '/' && s.p[end] != ',' && s.p[end] != '"')
			end++;
		ds_buf_adds(&b, ds_str_head(ds_str_skip(s, i), host - i));
		for (size_t j = end; j > host; j--)
			if (s.p[j - 1] == '@') {
				host = j;
				break;
			}
		i = host;
	}
	ds_buf_adds(&b, ds_str_skip(s, i));
	copy = ds_buf_dup(&b, a);
	*ret = ds_str_n(copy, b.n);
	return copy ? 0 : DS_ENOMEM;
}

static int keep(struct parser *p, const struct ds_flag *f, const struct ds_arg *arg, size_t name_end,
		const struct ds_arg *value_arg, size_t value_at, bool bare, struct ds_str value)
{
	struct ds_flag_use *u = ds_vec_add(p->a, &p->cl->uses);

	if (!u)
		return DS_ENOMEM;
	u->flag = f;
	u->bare = bare;
	u->unresolved = is_unresolved(value);
	u->loc = part_loc(arg, 0, arg->text.n);
	u->loc.flag = ds_arena_printf(p->a, "--%s", f->name);
	u->value_loc = bare ? part_loc(arg, 0, name_end) : part_loc(value_arg, value_at, value_arg->text.n);
	u->value_loc.flag = u->loc.flag;
	if (!u->loc.flag || keep_text(p->a, value, &u->value) < 0)
		return DS_ENOMEM;
	/* The places outlive argv's texts. */
	if (keep_text(p->a, u->loc.text, &u->loc.text) < 0 ||
	    keep_text(p->a, u->value_loc.text, &u->value_loc.text) < 0)
		return DS_ENOMEM;
	return 0;
}

/* Free text that is not kept: a stray word after it may be the rest of its value. */
static bool may_be_secret(const struct ds_flag *f)
{
	return !f->kept && (f->type == DS_FLAG_STRING || f->type == DS_FLAG_STRING_SLICE ||
			    f->type == DS_FLAG_STRING_ARRAY || f->type == DS_FLAG_MAP_STRING ||
			    (f->type == DS_FLAG_OTHER && f->name[0] != 'v'));
}

/* Sets flag f, given in arg[0..name_end), to the text that starts at value_at of value_arg. */
static int set(struct parser *p, const struct ds_flag *f, const struct ds_arg *arg, size_t name_end,
	       const struct ds_arg *value_arg, size_t value_at)
{
	bool bare = value_arg == NULL;
	struct ds_str value = bare ? DS_STR("true") : ds_str_skip(value_arg->text, value_at);
	const char *why = NULL;
	struct ds_flag_error *e;
	const char *q;
	int r = is_unresolved(value) ? 0 : check_value(p, f, value, &why);

	p->after_unkept = may_be_secret(f);
	if (ds_str_eqz(ds_str_from(f->name), "help"))
		p->cl->help = true;
	if (r == DS_ENOMEM)
		return r;
	if (r < 0) {
		q = ds_go_quote(p->a, value);
		e = add_error(p, arg, f->kept ? arg->text.n : name_end,
			      q ? ds_arena_printf(p->a, "invalid argument %s for \"%s--%s\" flag: %s", q,
						  f->name[1] ? "" : "-v, ", f->name, why)
				: NULL);
		if (!e)
			return DS_ENOMEM;
		e->flag = f->name;
		if (value_arg && value_arg != arg)
			e->loc = part_loc(value_arg, value_at, value_arg->text.n);
		return 0;
	}
	return f->kept ? keep(p, f, arg, name_end, value_arg, value_at, bare, value) : 0;
}

static bool value_is_optional(const struct ds_flag *f)
{
	return f->type == DS_FLAG_BOOL || f->type == DS_FLAG_TRISTATE || f->type == DS_FLAG_OPTIONAL;
}

/*
 * The API server in k3s and RKE2 is built from a fork with a flag of its own,
 * which they always pass as --name=value. Their folders in other flags tell it.
 * Source: k3s pkg/daemons/control/server.go:apiServer.
 */
static bool is_fork_flag(const struct parser *p, struct ds_str name)
{
	if (p->cl->component != DS_KUBE_APISERVER || !ds_str_eqz(name, "advertise-port"))
		return false;
	for (size_t i = 0; i < p->n; i++)
		if (ds_str_search(p->argv[i].text, DS_STR("/rancher/")) < p->argv[i].text.n)
			return true;
	return false;
}

static int parse_long(struct parser *p, const struct ds_arg *arg)
{
	struct ds_str name = ds_str_skip(arg->text, 2);
	size_t eq = ds_str_find(name, '=');
	const struct ds_flag *f;
	struct ds_flag_error *e;

	p->after_unkept = true;
	if (name.n == 0 || name.p[0] == '-' || name.p[0] == '=') {
		e = add_error(p, arg, DS_MIN(2u, arg->text.n),
			      quoted_message(p->a, "bad flag syntax: ", arg->text));
		return e ? 0 : DS_ENOMEM;
	}
	name = ds_str_head(name, eq);
	f = find(p, name);
	if (!f && is_fork_flag(p, name))
		return 0;
	if (!f) {
		/* The real parser has stopped; going on, take the next word for its value. */
		if (eq == arg->text.n - 2 && p->i < p->n && p->argv[p->i].text.n && p->argv[p->i].text.p[0] != '-')
			p->i++;
		return unknown_flag(p, arg, name);
	}
	if (eq < arg->text.n - 2)
		return set(p, f, arg, 2 + eq, arg, 2 + eq + 1);
	if (value_is_optional(f))
		return set(p, f, arg, arg->text.n, NULL, 0);
	if (p->i < p->n)
		return set(p, f, arg, arg->text.n, &p->argv[p->i++], 0);
	e = add_error(p, arg, arg->text.n, quoted_message(p->a, "flag needs an argument: --", name));
	if (!e)
		return DS_ENOMEM;
	e->flag = f->name;
	return 0;
}

/* fmt's %q for a byte as a rune. */
static const char *quote_rune(struct ds_arena *a, char c)
{
	char utf8[4];
	const char *q;
	char *copy;

	if (c == '\'')
		return "'\\''";
	if (c == '"')
		return "'\"'";
	q = ds_go_quote(a, ds_str_n(utf8, ds_utf8_encode((unsigned char)c, utf8)));
	if (!q)
		return NULL;
	copy = ds_arena_strdup(a, q);
	if (copy)
		copy[0] = copy[strlen(copy) - 1] = '\'';
	return copy;
}

static int short_error(struct parser *p, const struct ds_arg *arg, const char *what, struct ds_str shorts)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	const char *q = quote_rune(p->a, shorts.p[0]);
	struct ds_str name = ds_str_skip(arg->text, 1);
	char buf[NAME_MAX_BYTES];
	const struct ds_flag *f;
	struct ds_flag_error *e;

	if (!q)
		return DS_ENOMEM;
	ds_buf_addz(&b, what);
	ds_buf_addz(&b, q);
	ds_buf_addz(&b, " in -");
	ds_buf_adds(&b, shorts);
	e = add_error(p, arg, DS_MIN(arg->text.n, 1 + ds_str_find(name, '=')), ds_buf_dup(&b, p->a));
	if (!e)
		return DS_ENOMEM;
	/* -cluster-cidr=…: a long flag with one dash. */
	name = normalise(ds_str_head(name, ds_str_find(name, '=')), buf, sizeof(buf));
	f = name.n > 1 ? ds_flag_find(p->cl->component, name) : NULL;
	if (f)
		e->nearest = f->name;
	return 0;
}

/* Shorthands are single letters of which only -h and -v exist: --v is the flag named "v". */
static int parse_short(struct parser *p, const struct ds_arg *arg)
{
	struct ds_str shorts = ds_str_skip(arg->text, 1);

	p->after_unkept = true;
	while (shorts.n) {
		size_t at = (size_t)(shorts.p - arg->text.p);
		const struct ds_flag *f = NULL;

		if (shorts.p[0] == 'h') {
			p->cl->help = true;
			shorts = ds_str_skip(shorts, 1);
			continue;
		}
		if (shorts.p[0] == 'v')
			f = find(p, DS_STR("v"));
		if (!f)
			return short_error(p, arg, "unknown shorthand flag: ", shorts);
		if (shorts.n > 2 && shorts.p[1] == '=')
			return set(p, f, arg, at + 1, arg, at + 2);
		if (shorts.n > 1)
			return set(p, f, arg, at + 1, arg, at + 1);
		if (p->i < p->n)
			return set(p, f, arg, at + 1, &p->argv[p->i++], 0);
		return short_error(p, arg, "flag needs an argument: ", shorts);
	}
	return 0;
}

static int add_positional(struct parser *p, const struct ds_arg *arg)
{
	struct ds_arg *copy = ds_vec_add(p->a, &p->cl->positionals);

	if (!copy)
		return DS_ENOMEM;
	*copy = *arg;
	if (p->after_unkept)
		copy->text = DS_STR("…");
	else if (ds_arena_str(p->a, arg->text, &copy->text) < 0)
		return DS_ENOMEM;
	copy->loc.text = copy->text;
	p->cl->n_positional++;
	return 0;
}

int ds_cmdline_parse(struct ds_arena *a, enum ds_component c, unsigned minor, const struct ds_arg *argv, size_t n,
		     struct ds_cmdline *ret)
{
	struct parser p = {.a = a, .cl = ret, .minor = minor ? minor : DS_KUBE_NEWEST, .argv = argv, .n = n};
	bool flags = true;

	*ret = (struct ds_cmdline){.component = c, .minor = p.minor, .n_args = n};
	if (n > DS_LIMIT_ARGV) {
		p.n = DS_LIMIT_ARGV;
		ret->truncated = true;
	}
	while (p.i < p.n) {
		const struct ds_arg *arg = &argv[p.i++];
		struct ds_str s = arg->text;
		int r;

		if (!flags || s.n < 2 || s.p[0] != '-') {
			r = add_positional(&p, arg);
		} else if (s.p[1] != '-') {
			r = parse_short(&p, arg);
		} else if (s.n == 2) {
			flags = false;
			r = 0;
		} else {
			r = parse_long(&p, arg);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

const struct ds_flag_use *ds_cmdline_last(const struct ds_cmdline *cl, const char *name)
{
	for (size_t i = cl->uses.n; i > 0; i--)
		if (strcmp(cl->uses.v[i - 1].flag->name, name) == 0)
			return &cl->uses.v[i - 1];
	return NULL;
}

size_t ds_cmdline_count(const struct ds_cmdline *cl, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < cl->uses.n; i++)
		n += strcmp(cl->uses.v[i].flag->name, name) == 0;
	return n;
}

int ds_cmdline_slice(struct ds_arena *a, const struct ds_cmdline *cl, const char *name, struct ds_str **ret,
		     size_t *ret_n, const char **reterr)
{
	struct ds_strs fields = {0};

	for (size_t i = 0; i < cl->uses.n; i++) {
		int r;

		if (strcmp(cl->uses.v[i].flag->name, name) != 0)
			continue;
		r = ds_go_csv(a, cl->uses.v[i].value, &fields, reterr);
		if (r < 0)
			return r;
	}
	*ret = fields.v;
	*ret_n = fields.n;
	return 0;
}
