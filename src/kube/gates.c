#include "kube/gates.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/num.h"
#include "kube/goflag.h"
#include "kube/version.h"

#define ALL false
#define KCM true
#define X(name, since, stage, on, locked, where) {name, since, DS_GATE_##stage, on, locked, where},
static const struct ds_gate gates[] = {
#include "kube/gates.def"
};
#undef X
#undef ALL
#undef KCM

const struct ds_gate *ds_gate_table(size_t *ret_n)
{
	*ret_n = DS_ARRAY_SIZE(gates);
	return gates;
}

const struct ds_gate *ds_gate_find(struct ds_str name, unsigned minor)
{
	size_t lo = 0, hi = DS_ARRAY_SIZE(gates);

	/* The last row that is not after (name, minor). */
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int cmp = ds_str_cmp(name, ds_str_from(gates[mid].name));

		if (cmp < 0 || (cmp == 0 && minor < gates[mid].since))
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo > 0 && ds_str_eqz(name, gates[lo - 1].name) ? &gates[lo - 1] : NULL;
}

/* The row that holds for a component, or NULL when it does not know the gate. */
static const struct ds_gate *find_for(struct ds_str name, unsigned minor, enum ds_component c)
{
	const struct ds_gate *row = ds_gate_find(name, minor);

	if (!row || row->stage == DS_GATE_REMOVED || (row->kcm_only && c != DS_KUBE_CONTROLLER_MANAGER))
		return NULL;
	return row;
}

static bool is_special(struct ds_str name)
{
	return ds_str_eqz(name, "AllAlpha") || ds_str_eqz(name, "AllBeta");
}

/* From 1.31 on the registry of component versions takes the flag, after parsing is over. */
static bool has_registry(const struct ds_gates *g)
{
	return g->minor >= 31 && (g->component == DS_KUBE_APISERVER || g->component == DS_KUBE_CONTROLLER_MANAGER);
}

static bool takes_map(enum ds_component c)
{
	return c == DS_KUBELET || c == DS_KUBE_PROXY;
}

static int add_message(struct ds_arena *a, struct ds_gates *g, bool is_error, const char *message,
		       const struct ds_loc *loc)
{
	struct ds_verdict_msg *m;

	if (!message)
		return DS_ENOMEM;
	m = is_error ? ds_vec_add(a, &g->errors) : ds_vec_add(a, &g->warnings);
	if (!m)
		return DS_ENOMEM;
	m->message = message;
	if (loc)
		m->loc = *loc;
	return 0;
}

int ds_gates_set(struct ds_arena *a, struct ds_gates *g, struct ds_str name, bool value, const struct ds_loc *loc)
{
	struct ds_gate_setting *s = NULL;

	for (size_t i = 0; i < g->settings.n; i++)
		if (ds_str_eq(g->settings.v[i].name, name))
			s = &g->settings.v[i];
	/* A stranger's list of distinct names must not cost its square; there are not as many gates. */
	if (!s && g->settings.n >= DS_LIMIT_GATES) {
		g->unresolved = true;
		return 0;
	}
	if (!s)
		s = ds_vec_add(a, &g->settings);
	if (!s)
		return DS_ENOMEM;
	*s = (struct ds_gate_setting){.name = name, .value = value};
	if (loc)
		s->loc = *loc;
	return 0;
}

/* "kube:Name=bool" from 1.31 on; the prefix of another component is not ours to read. */
static struct ds_str without_prefix(const struct ds_gates *g, struct ds_str item)
{
	size_t colon = ds_str_find(item, ':');

	if (!has_registry(g) || colon == item.n)
		return item;
	return ds_str_skip(item, colon + 1);
}

/* Why the text of an item cannot be read, or NULL; the message is in the arena. */
static int item_error(struct ds_arena *a, struct ds_str key, struct ds_str value, bool has_value, char **ret)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	const char *why;
	int r;

	*ret = NULL;
	if (has_value) {
		r = ds_go_check_bool(a, value, &why);
		if (r == 0 || r == DS_ENOMEM)
			return r;
		ds_buf_addz(&b, "invalid value of ");
		ds_buf_adds(&b, key);
		ds_buf_addc(&b, '=');
		ds_buf_adds(&b, value);
		ds_buf_addz(&b, ", err: ");
		ds_buf_addz(&b, why);
	} else {
		ds_buf_addz(&b, "missing bool value for ");
		ds_buf_adds(&b, key);
	}
	*ret = ds_buf_dup(&b, a);
	return *ret ? 0 : DS_ENOMEM;
}

/* pflag's words around an error of a flag that is parsed on the spot. */
static const char *wrap(struct ds_arena *a, const struct ds_gates *g, const struct ds_flag_use *u, const char *why)
{
	const char *q;

	if (takes_map(g->component) || has_registry(g))
		return why;
	q = ds_go_quote(a, u->value);
	return q ? ds_arena_printf(a, "invalid argument %s for \"--feature-gates\" flag: %s", q, why) : NULL;
}

static int read_use(struct ds_arena *a, struct ds_gates *g, const struct ds_flag_use *u)
{
	struct ds_str rest = u->value, item;
	bool done = false;

	if (u->unresolved) {
		g->unresolved = true;
		return 0;
	}
	while (ds_str_split(&rest, ',', &done, &item)) {
		struct ds_str key, value;
		size_t eq;
		char *why;
		bool on;
		int r;

		if (item.n == 0)
			continue;
		item = without_prefix(g, item);
		eq = ds_str_find(item, '=');
		key = ds_str_trim(ds_str_head(item, eq));
		value = ds_str_trim(ds_str_skip(item, eq + 1));
		r = item_error(a, key, value, eq < item.n, &why);
		if (r < 0)
			return r;
		if (why && !takes_map(g->component))
			return add_message(a, g, true, wrap(a, g, u, why), &u->value_loc);
		if (why || ds_num_go_bool(value, &on) < 0)
			return 0; /* the flag's type has said so */
		r = ds_gates_set(a, g, key, on, &u->value_loc);
		if (r < 0)
			return r;
	}
	return 0;
}

/* --emulated-version=1.32 or kube=1.32, several in one flag or many. */
static unsigned emulated_minor(const struct ds_cmdline *cl, unsigned minor)
{
	unsigned found = minor;

	for (size_t i = 0; i < cl->uses.n; i++) {
		struct ds_str rest = cl->uses.v[i].value, item;
		struct ds_kube_version v;
		bool done = false;

		if (strcmp(cl->uses.v[i].flag->name, "emulated-version") != 0)
			continue;
		while (ds_str_split(&rest, ',', &done, &item)) {
			size_t eq = ds_str_find(item, '=');

			if (eq < item.n && !ds_str_eqz(ds_str_trim(ds_str_head(item, eq)), "kube"))
				continue;
			item = ds_str_trim(eq < item.n ? ds_str_skip(item, eq + 1) : item);
			if (ds_kube_version_parse(item, &v) == 0 && v.major == 1 && v.minor <= minor)
				found = v.minor;
		}
	}
	return found;
}

int ds_gates_from_flags(struct ds_arena *a, const struct ds_cmdline *cl, unsigned minor, struct ds_gates *ret)
{
	*ret = (struct ds_gates){.component = cl->component, .minor = minor ? minor : DS_KUBE_NEWEST};
	ret->emulated = emulated_minor(cl, ret->minor);
	for (size_t i = 0; i < cl->uses.n; i++) {
		int r;

		if (strcmp(cl->uses.v[i].flag->name, "feature-gates") != 0)
			continue;
		r = read_use(a, ret, &cl->uses.v[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static const char *bool_name(bool b)
{
	return b ? "true" : "false";
}

static char *about(struct ds_arena *a, const char *before, struct ds_str name, const char *after)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	ds_buf_addz(&b, before);
	ds_buf_adds(&b, name);
	ds_buf_addz(&b, after);
	return ds_buf_dup(&b, a);
}

/* The flag's whole text, for pflag's words; empty for gates from a file. */
static const char *wrap_setting(struct ds_arena *a, const struct ds_gates *g, const struct ds_gate_setting *s,
				const char *why)
{
	struct ds_flag_use u = {.value = s->loc.text};

	return why && s->loc.flag ? wrap(a, g, &u, why) : why;
}

/* "true, feature is locked to true": what follows "cannot set feature gate X to ". */
static const char *refusal(struct ds_arena *a, const struct ds_gates *g, const struct ds_gate *row, bool value)
{
	if (row && row->locked)
		return ds_arena_printf(a, " to %s, feature is locked to %s", bool_name(value), bool_name(row->on));
	/* The default minimum is one below the emulated version, not lower than three below the binary. */
	if (g->minor >= 35)
		return ds_arena_printf(a,
				       " to %s, feature is PreAlpha at emulated version 1.%u, "
				       "min compatibility version 1.%u",
				       bool_name(value), g->emulated, DS_MAX(g->emulated - 1, g->minor - 3));
	return ds_arena_printf(a, " to %s, feature is PreAlpha at emulated version 1.%u", bool_name(value),
			       g->emulated);
}

static int check_setting(struct ds_arena *a, struct ds_gates *g, const struct ds_gate_setting *s)
{
	const struct ds_gate *known = find_for(s->name, g->minor, g->component);
	const struct ds_gate *row = g->emulated == g->minor ? known : find_for(s->name, g->emulated, g->component);
	const char *text;

	if (is_special(s->name))
		return 0;
	/* An older version is read as the oldest we know: a name that one lacks may exist. */
	if (!known && g->minor <= DS_KUBE_OLDEST)
		return ds_vec_push(a, &g->unsure, *s);
	if (!known)
		return add_message(a, g, true,
				   wrap_setting(a, g, s, about(a, "unrecognized feature gate: ", s->name, "")),
				   &s->loc);
	if (!row || row->stage == DS_GATE_PREALPHA || (row->locked && row->on != s->value)) {
		text = refusal(a, g, row, s->value);
		text = text ? about(a, "cannot set feature gate ", s->name, text) : NULL;
		return add_message(a, g, true, wrap_setting(a, g, s, text), &s->loc);
	}
	if (row->stage == DS_GATE_GA || row->stage == DS_GATE_DEPRECATED) {
		text = ds_arena_printf(a, "=%s. It will be removed in a future release.", bool_name(s->value));
		text = !text ? NULL
			     : about(a,
				     row->stage == DS_GATE_GA ? "Setting GA feature gate "
							      : "Setting deprecated feature gate ",
				     s->name, text);
		return add_message(a, g, false, text, &s->loc);
	}
	return 0;
}

int ds_gates_check(struct ds_arena *a, struct ds_gates *g)
{
	for (size_t i = 0; i < g->settings.n; i++) {
		int r = check_setting(a, g, &g->settings.v[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Everything that decides about one gate; -1: not set. */
struct inputs {
	int own, all_alpha, all_beta;
	bool unresolved;
};

static enum ds_gate_value on_off(bool on)
{
	return on ? DS_GATE_ON : DS_GATE_OFF;
}

static enum ds_gate_value decide(const struct ds_gate *row, const struct inputs *in)
{
	if (!row)
		return DS_GATE_UNKNOWN;
	if (row->locked)
		return on_off(row->on);
	if (in->unresolved)
		return DS_GATE_UNKNOWN;
	if (in->own >= 0)
		return on_off(in->own);
	if (row->stage == DS_GATE_ALPHA && in->all_alpha >= 0)
		return on_off(in->all_alpha);
	if (row->stage == DS_GATE_BETA && in->all_beta >= 0)
		return on_off(in->all_beta);
	return on_off(row->on);
}

enum ds_gate_value ds_gates_value(const struct ds_gates *g, const char *name)
{
	struct inputs in = {-1, -1, -1, g->unresolved};

	for (size_t i = 0; i < g->settings.n; i++) {
		const struct ds_gate_setting *s = &g->settings.v[i];

		if (ds_str_eqz(s->name, "AllAlpha"))
			in.all_alpha = s->value;
		else if (ds_str_eqz(s->name, "AllBeta"))
			in.all_beta = s->value;
		else if (ds_str_eqz(s->name, name))
			in.own = s->value;
	}
	return decide(find_for(ds_str_from(name), g->emulated, g->component), &in);
}

/* The last setting of a gate in one --feature-gates text: 1, 0, or before when it is not named. */
static int last_in(struct ds_str text, const char *name, int before)
{
	struct ds_str item;
	bool done = false, on;

	while (ds_str_split(&text, ',', &done, &item)) {
		size_t eq = ds_str_find(item, '=');
		struct ds_str key = ds_str_trim(ds_str_head(item, eq));

		if (ds_str_starts(key, "kube:"))
			key = ds_str_skip(key, 5);
		if (eq < item.n && ds_str_eqz(key, name) &&
		    ds_num_go_bool(ds_str_trim(ds_str_skip(item, eq + 1)), &on) == 0)
			before = on;
	}
	return before;
}

enum ds_gate_value ds_gate_enabled(const struct ds_cmdline *cl, enum ds_component c, unsigned minor, const char *name)
{
	struct inputs in = {-1, -1, -1, false};
	unsigned m = minor ? minor : DS_KUBE_NEWEST;

	for (size_t i = 0; cl && i < cl->uses.n; i++) {
		const struct ds_flag_use *u = &cl->uses.v[i];

		if (strcmp(u->flag->name, "feature-gates") != 0)
			continue;
		in.unresolved |= u->unresolved;
		in.all_alpha = last_in(u->value, "AllAlpha", in.all_alpha);
		in.all_beta = last_in(u->value, "AllBeta", in.all_beta);
		in.own = last_in(u->value, name, in.own);
	}
	if (cl)
		m = emulated_minor(cl, m);
	return decide(find_for(ds_str_from(name), m, c), &in);
}
