#include "model/schema_priv.h"

#define F_RAW {"raw", &ds_cel_type_string, "the text as written"}
#define F_ORIGIN {"origin", &ds_cel_type_string, "'flag', 'config' or 'default'"}
#define F_VALID {"valid", &ds_cel_type_bool, "the component can read it"}
#define F_ERROR {"error", &ds_cel_type_string, "what is wrong when it is not valid, else ''"}
#define F_ENTRIES {"entries", &ds_cel_type_list_string, "the elements as written"}
#define F_FAMILIES {"families", &ds_cel_type_list_string, "families of the elements, in order"}
#define F_BAD {"bad", &ds_cel_type_list_string, "elements that cannot be read"}

static const struct ds_cel_field cidrs_fields[] = {
	F_RAW, F_ORIGIN, F_VALID, F_ERROR, F_ENTRIES, F_BAD,
	{"cidrs", &ds_cel_type_list_cidr, "the networks the component uses, host bits cleared"},
	F_FAMILIES,
	{"hostBits", &ds_cel_type_list_string, "elements written with host bits set"},
};
static const struct ds_cel_field ips_fields[] = {
	F_RAW, F_ORIGIN, F_VALID, F_ERROR, F_ENTRIES, F_BAD,
	{"ips", &ds_cel_type_list_ip, "the addresses that can be read"},
	F_FAMILIES,
};
static const struct ds_cel_field ip_fields[] = {
	F_RAW, F_ORIGIN, F_VALID, F_ERROR,
	{"ip", &ds_cel_type_ip, "the address"},
	{"family", &ds_cel_type_string, "'IPv4' or 'IPv6'"},
};
static const struct ds_cel_field int_fields[] = {
	F_RAW, F_ORIGIN, F_VALID, F_ERROR, {"value", &ds_cel_type_int, "the number"},
};
static const struct ds_cel_field bool_fields[] = {
	F_RAW, F_ORIGIN, F_VALID, F_ERROR, {"value", &ds_cel_type_bool, "the boolean"},
};
static const struct ds_cel_field string_fields[] = {
	F_RAW, F_ORIGIN, {"value", &ds_cel_type_string, "the text"},
};
static const struct ds_cel_field strings_fields[] = {F_RAW, F_ORIGIN, F_ENTRIES};
static const struct ds_cel_field gates_fields[] = {
	F_RAW, F_ORIGIN, F_ENTRIES,
	{"enabled", &ds_cel_type_list_string, "gates set to true"},
	{"disabled", &ds_cel_type_list_string, "gates set to false"},
};

const struct ds_cel_object_type ds_schema_setting_types[DS_SETTING_KIND__COUNT] = {
	[DS_SETTING_CIDRS] = DS_SCHEMA_OBJECT(cidrs_fields, "cidrListSetting", "a comma-separated list of networks"),
	[DS_SETTING_IPS] = DS_SCHEMA_OBJECT(ips_fields, "ipListSetting", "a comma-separated list of addresses"),
	[DS_SETTING_IP] = DS_SCHEMA_OBJECT(ip_fields, "ipSetting", "one address"),
	[DS_SETTING_INT] = DS_SCHEMA_OBJECT(int_fields, "intSetting", "a number"),
	[DS_SETTING_BOOL] = DS_SCHEMA_OBJECT(bool_fields, "boolSetting", "a boolean"),
	[DS_SETTING_STRING] = DS_SCHEMA_OBJECT(string_fields, "stringSetting", "a text"),
	[DS_SETTING_STRINGS] = DS_SCHEMA_OBJECT(strings_fields, "stringListSetting", "a list of texts"),
	[DS_SETTING_GATES] = DS_SCHEMA_OBJECT(gates_fields, "featureGatesSetting", "feature gates"),
};

#define SETTING_TYPE(k) [k] = {.kind = DS_CEL_OBJECT, .object = &ds_schema_setting_types[k]}

const struct ds_cel_type ds_schema_setting_cel_types[DS_SETTING_KIND__COUNT] = {
	SETTING_TYPE(DS_SETTING_CIDRS),  SETTING_TYPE(DS_SETTING_IPS),    SETTING_TYPE(DS_SETTING_IP),
	SETTING_TYPE(DS_SETTING_INT),    SETTING_TYPE(DS_SETTING_BOOL),   SETTING_TYPE(DS_SETTING_STRING),
	SETTING_TYPE(DS_SETTING_STRINGS), SETTING_TYPE(DS_SETTING_GATES),
};

/* Lists over a setting's entries, chosen by what. */
enum entry_list { E_TEXT, E_BAD, E_VALUES, E_FAMILIES, E_HOST_BITS, E_TRUE, E_FALSE };

static bool gate_is(struct ds_str text, const char *want, struct ds_str *ret_name)
{
	size_t eq = ds_str_find(text, '=');

	*ret_name = ds_str_trim(ds_str_head(text, eq));
	return eq < text.n && ds_str_ieqz(ds_str_trim(ds_str_skip(text, eq + 1)), want);
}

static bool entry_value(const struct ds_setting *s, const struct ds_setting_entry *e, enum entry_list what,
			struct ds_cel_value *ret)
{
	bool cidrs = s->row->kind == DS_SETTING_CIDRS;
	struct ds_str name;

	switch (what) {
	case E_TEXT:
		*ret = ds_cel_string(e->text);
		return true;
	case E_BAD:
		*ret = ds_cel_string(e->text);
		return !e->valid;
	case E_VALUES:
		*ret = cidrs ? (struct ds_cel_value){.kind = DS_CEL_CIDR, .cidr = ds_cidr_masked(&e->cidr)}
			     : (struct ds_cel_value){.kind = DS_CEL_IP, .ip = e->ip};
		return e->valid;
	case E_FAMILIES:
		*ret = ds_schema_string(ds_family_name(cidrs ? e->cidr.ip.family : e->ip.family));
		return e->valid;
	case E_HOST_BITS:
		*ret = ds_cel_string(e->text);
		return e->valid && ds_cidr_has_host_bits(&e->cidr);
	case E_TRUE:
	case E_FALSE:
		if (!gate_is(e->text, what == E_TRUE ? "true" : "false", &name))
			return false;
		*ret = ds_cel_string(name);
		return true;
	}
	return false;
}

static int entry_list(struct ds_arena *a, const struct ds_setting *s, enum entry_list what, struct ds_cel_value *ret)
{
	struct ds_cel_value *v = ds_arena_new_array(a, s->n_entries, struct ds_cel_value);
	size_t n = 0;

	if (!v)
		return DS_ENOMEM;
	for (size_t i = 0; i < s->n_entries; i++)
		if (entry_value(s, &s->entries[i], what, &v[n]))
			v[n++].loc = &s->loc;
	*ret = ds_schema_list(v, n);
	ret->loc = &s->loc;
	return 0;
}

/* A value that exists only when the component can read the setting. */
static int if_valid(struct ds_arena *a, const struct ds_setting *s, struct ds_cel_value good, struct ds_cel_value *ret)
{
	const char *reason;

	*ret = good;
	ret->loc = &s->loc;
	if (s->valid)
		return 0;
	reason = ds_arena_printf(a, "its text cannot be read: %s", s->error ? s->error : "invalid");
	return reason ? ds_schema_unknown(a, reason, &s->loc, ret) : DS_ENOMEM;
}

static int list_if_valid(struct ds_arena *a, const struct ds_setting *s, enum entry_list what, struct ds_cel_value *ret)
{
	struct ds_cel_value v;
	int r = entry_list(a, s, what, &v);

	if (r < 0)
		return r;
	if (s->row->flags & DS_SETTING_DROP_BAD) {
		*ret = v;
		return 0;
	}
	return if_valid(a, s, v, ret);
}

static int setting_field(struct ds_arena *a, const struct ds_setting *s, const char *name, struct ds_cel_value *ret)
{
	static const struct {
		const char *name;
		enum entry_list what;
		bool needs_valid;
	} lists[] = {
		{"entries", E_TEXT, false},    {"bad", E_BAD, false},         {"cidrs", E_VALUES, true},
		{"ips", E_VALUES, true},       {"families", E_FAMILIES, true}, {"hostBits", E_HOST_BITS, false},
		{"enabled", E_TRUE, false},    {"disabled", E_FALSE, false},
	};
	const struct ds_setting_entry *first = s->n_entries ? &s->entries[0] : NULL;

	for (size_t i = 0; i < DS_ARRAY_SIZE(lists); i++)
		if (strcmp(name, lists[i].name) == 0)
			return lists[i].needs_valid ? list_if_valid(a, s, lists[i].what, ret)
						    : entry_list(a, s, lists[i].what, ret);
	*ret = (struct ds_cel_value){.kind = DS_CEL_ABSENT};
	if (strcmp(name, "raw") == 0)
		*ret = ds_cel_string(s->raw);
	else if (strcmp(name, "origin") == 0)
		*ret = ds_schema_string(ds_setting_origin_name(s->origin));
	else if (strcmp(name, "valid") == 0)
		*ret = ds_cel_bool(s->valid);
	else if (strcmp(name, "error") == 0)
		*ret = ds_schema_string(s->error);
	else if (strcmp(name, "ip") == 0 && first)
		return if_valid(a, s, (struct ds_cel_value){.kind = DS_CEL_IP, .ip = first->ip}, ret);
	else if (strcmp(name, "family") == 0 && first)
		return if_valid(a, s, ds_schema_string(ds_family_name(first->ip.family)), ret);
	else if (strcmp(name, "value") == 0 && s->row->kind == DS_SETTING_INT)
		return if_valid(a, s, ds_cel_int(s->integer), ret);
	else if (strcmp(name, "value") == 0 && s->row->kind == DS_SETTING_BOOL)
		return if_valid(a, s, ds_cel_bool(s->boolean), ret);
	else if (strcmp(name, "value") == 0)
		*ret = ds_cel_string(s->raw);
	ret->loc = &s->loc;
	return 0;
}

int ds_schema_setting(struct ds_arena *a, const struct ds_setting *s, struct ds_cel_value *ret)
{
	const struct ds_cel_object_type *t = &ds_schema_setting_types[s->row->kind];
	struct ds_cel_value *fields;

	if (s->state == DS_SETTING_ABSENT) {
		*ret = (struct ds_cel_value){.kind = DS_CEL_ABSENT, .loc = &s->loc};
		return 0;
	}
	if (s->state == DS_SETTING_UNKNOWN)
		return ds_schema_unknown(a, s->reason, &s->loc, ret);
	fields = ds_arena_new_array(a, t->n_fields, struct ds_cel_value);
	if (!fields)
		return DS_ENOMEM;
	for (size_t i = 0; i < t->n_fields; i++) {
		int r = setting_field(a, s, t->fields[i].name, &fields[i]);

		if (r < 0)
			return r;
	}
	*ret = ds_schema_object(t, fields, &s->loc);
	return 0;
}
