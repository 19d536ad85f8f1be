#include "yaml/scalar.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/num.h"

/* Longer texts are not numbers for any purpose of ours; Go would round them. */
#define NUMBER_MAX 400

struct word {
	const char *text;
	enum ds_yaml_type type;
	bool b;
	double f;
};

/* go-yaml v2 resolve.go: resolveMapList. */
static const struct word words[] = {
	{"y", DS_YAML_T_BOOL, true, 0},
	{"Y", DS_YAML_T_BOOL, true, 0},
	{"yes", DS_YAML_T_BOOL, true, 0},
	{"Yes", DS_YAML_T_BOOL, true, 0},
	{"YES", DS_YAML_T_BOOL, true, 0},
	{"true", DS_YAML_T_BOOL, true, 0},
	{"True", DS_YAML_T_BOOL, true, 0},
	{"TRUE", DS_YAML_T_BOOL, true, 0},
	{"on", DS_YAML_T_BOOL, true, 0},
	{"On", DS_YAML_T_BOOL, true, 0},
	{"ON", DS_YAML_T_BOOL, true, 0},
	{"n", DS_YAML_T_BOOL, false, 0},
	{"N", DS_YAML_T_BOOL, false, 0},
	{"no", DS_YAML_T_BOOL, false, 0},
	{"No", DS_YAML_T_BOOL, false, 0},
	{"NO", DS_YAML_T_BOOL, false, 0},
	{"false", DS_YAML_T_BOOL, false, 0},
	{"False", DS_YAML_T_BOOL, false, 0},
	{"FALSE", DS_YAML_T_BOOL, false, 0},
	{"off", DS_YAML_T_BOOL, false, 0},
	{"Off", DS_YAML_T_BOOL, false, 0},
	{"OFF", DS_YAML_T_BOOL, false, 0},
	{"", DS_YAML_T_NULL, false, 0},
	{"~", DS_YAML_T_NULL, false, 0},
	{"null", DS_YAML_T_NULL, false, 0},
	{"Null", DS_YAML_T_NULL, false, 0},
	{"NULL", DS_YAML_T_NULL, false, 0},
	{".nan", DS_YAML_T_FLOAT, false, NAN},
	{".NaN", DS_YAML_T_FLOAT, false, NAN},
	{".NAN", DS_YAML_T_FLOAT, false, NAN},
	{".inf", DS_YAML_T_FLOAT, false, INFINITY},
	{".Inf", DS_YAML_T_FLOAT, false, INFINITY},
	{".INF", DS_YAML_T_FLOAT, false, INFINITY},
	{"+.inf", DS_YAML_T_FLOAT, false, INFINITY},
	{"+.Inf", DS_YAML_T_FLOAT, false, INFINITY},
	{"+.INF", DS_YAML_T_FLOAT, false, INFINITY},
	{"-.inf", DS_YAML_T_FLOAT, false, -INFINITY},
	{"-.Inf", DS_YAML_T_FLOAT, false, -INFINITY},
	{"-.INF", DS_YAML_T_FLOAT, false, -INFINITY},
};

/* go-yaml's resolveTable: the first byte tells whether a text can be anything but a string. */
static char hint_of(struct ds_str s)
{
	char c;

	if (s.n == 0)
		return 'M';
	c = s.p[0];
	if (c == '+' || c == '-')
		return 'S';
	if (ds_c_is_digit(c))
		return 'D';
	if (c == '.')
		return '.';
	return strchr("yYnNtTfFoO~", c) && c ? 'M' : 0;
}

static const struct word *find_word(struct ds_str s)
{
	if (s.n > 5)
		return NULL;
	for (size_t i = 0; i < DS_ARRAY_SIZE(words); i++)
		if (ds_str_eqz(s, words[i].text))
			return &words[i];
	return NULL;
}

/* Removes underscores; 0 when the result is not worth looking at. */
static size_t strip(struct ds_str s, char out[static NUMBER_MAX + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '_')
			continue;
		if (n == NUMBER_MAX || s.p[i] == '\0')
			return 0;
		out[n++] = s.p[i];
	}
	out[n] = '\0';
	return n;
}

static size_t digits(const char *p)
{
	size_t n = 0;

	while (ds_c_is_digit(p[n]))
		n++;
	return n;
}

/* ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$ */
static bool is_yaml_float(const char *p)
{
	size_t n;

	if (*p == '+' || *p == '-')
		p++;
	n = digits(p);
	p += n;
	if (*p == '.') {
		size_t frac = digits(p + 1);

		if (n == 0 && frac == 0)
			return false;
		p += 1 + frac;
	} else if (n == 0) {
		return false;
	}
	if (*p == 'e' || *p == 'E') {
		p++;
		if (*p == '+' || *p == '-')
			p++;
		n = digits(p);
		if (n == 0)
			return false;
		p += n;
	}
	return *p == '\0';
}

/* strconv.ParseFloat: out of range is an error, hence a string for YAML. */
static bool go_float(const char *p, double *ret)
{
	char *end;

	errno = 0;
	*ret = strtod(p, &end);
	return *end == '\0' && end != p && isfinite(*ret);
}

/* strconv.ParseUint(s, base, 64). */
static bool parse_u64(const char *p, unsigned base, uint64_t *ret)
{
	uint64_t v = 0;

	if (*p == '\0')
		return false;
	for (; *p; p++) {
		unsigned d = ds_c_is_digit(*p) ? (unsigned)(*p - '0')
			     : ds_c_is_alpha(*p) ? (unsigned)(ds_c_lower(*p) - 'a') + 10
						 : 99;

		if (d >= base || __builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d, &v))
			return false;
	}
	*ret = v;
	return true;
}

static void set_uint(struct ds_yaml_value *v, uint64_t u)
{
	v->type = DS_YAML_T_INT;
	v->u = u;
	v->big = u > INT64_MAX;
	v->i = v->big ? INT64_MAX : (int64_t)u;
}

/* The integer forms of resolve(), underscores already removed. */
static bool resolve_int(const char *p, struct ds_yaml_value *v)
{
	const char *q = p;
	bool neg = *p == '-';
	unsigned base = 10;
	uint64_t u;

	if (*q == '+' || *q == '-')
		q++;
	if (q[0] == '0' && q[1] != '\0') {
		char c = ds_c_lower(q[1]);

		base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
		q += c == 'x' || c == 'b' || c == 'o' ? 2 : 1;
	}
	if (!parse_u64(q, base, &u))
		return false;
	if (!neg) {
		/* ParseUint takes no sign, so "+" ends at the signed range. */
		if (*p == '+' && u > INT64_MAX)
			return false;
		set_uint(v, u);
		return true;
	}
	if (u > (uint64_t)INT64_MAX + 1)
		return false;
	v->type = DS_YAML_T_INT;
	v->i = (int64_t)(~u + 1);
	v->u = 0;
	return true;
}

/* "0b-1": ParseInt("-1", 2, 64) after the prefix; nobody writes it, Go takes it. */
static bool resolve_odd_binary(const char *p, struct ds_yaml_value *v)
{
	bool neg;
	uint64_t u;

	if (strncmp(p, "0b", 2) != 0 || (p[2] != '-' && p[2] != '+'))
		return false;
	neg = p[2] == '-';
	if (!parse_u64(p + 3, 2, &u) || u > (uint64_t)INT64_MAX + neg)
		return false;
	v->type = DS_YAML_T_INT;
	v->i = neg ? (int64_t)(~u + 1) : (int64_t)u;
	v->u = neg ? 0 : u;
	return true;
}

static bool take_number(const char **p, size_t min, size_t max, unsigned *ret)
{
	size_t n = digits(*p);

	if (n > max)
		n = max;
	if (n < min)
		return false;
	*ret = 0;
	for (size_t i = 0; i < n; i++)
		*ret = *ret * 10 + (unsigned)((*p)[i] - '0');
	*p += n;
	return true;
}

static bool zone_ok(const char *p)
{
	unsigned h, m;

	if (strcmp(p, "Z") == 0)
		return true;
	if (*p != '+' && *p != '-')
		return false;
	p++;
	return take_number(&p, 2, 2, &h) && *p++ == ':' && take_number(&p, 2, 2, &m) && *p == '\0' && h <= 24 && m < 60;
}

/* parseTimestamp() over allowedTimestampFormats. */
static bool is_timestamp(const char *p)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned year, month, day, h, m, s;
	bool leap;
	char sep;

	if (digits(p) != 4 || p[4] != '-')
		return false;
	if (!take_number(&p, 4, 4, &year) || *p++ != '-' || !take_number(&p, 1, 2, &month) || *p++ != '-' ||
	    !take_number(&p, 1, 2, &day))
		return false;
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (month < 1 || month > 12 || day < 1 || day > days[month - 1] + (leap && month == 2 ? 1u : 0u))
		return false;
	if (*p == '\0')
		return true;
	sep = *p++;
	if ((sep != 'T' && sep != 't' && sep != ' ') || !take_number(&p, 1, 2, &h) || *p++ != ':' ||
	    !take_number(&p, 1, 2, &m) || *p++ != ':' || !take_number(&p, 1, 2, &s))
		return false;
	if (h > 23 || m > 59 || s > 59)
		return false;
	if ((*p == '.' || *p == ',') && ds_c_is_digit(p[1]))
		p += 1 + digits(p + 1);
	return sep == ' ' ? *p == '\0' : zone_ok(p);
}

static bool tag_is_resolvable(uint8_t tag)
{
	return tag <= DS_YAML_TAG_TIMESTAMP;
}

static struct ds_yaml_value as_text(struct ds_str s)
{
	return (struct ds_yaml_value){.type = DS_YAML_T_STRING, .s = s};
}

static struct ds_yaml_value resolve_number(struct ds_str s, uint8_t tag)
{
	struct ds_yaml_value v = as_text(s);
	char plain[NUMBER_MAX + 1], whole[NUMBER_MAX + 1];

	if (!strip(s, plain))
		return v;
	if (s.n <= NUMBER_MAX) {
		memcpy(whole, s.p, s.n);
		whole[s.n] = '\0';
		if ((tag == DS_YAML_TAG_NONE || tag == DS_YAML_TAG_TIMESTAMP) && strlen(whole) == s.n &&
		    is_timestamp(whole)) {
			v.type = DS_YAML_T_TIMESTAMP;
			return v;
		}
	}
	if (resolve_int(plain, &v))
		return v;
	if (is_yaml_float(plain) && go_float(plain, &v.f)) {
		v.type = DS_YAML_T_FLOAT;
		return v;
	}
	(void)resolve_odd_binary(plain, &v);
	return v;
}

/* resolve.go:resolve for an implicit or resolvable tag. */
static struct ds_yaml_value resolve_plain(struct ds_str s, uint8_t tag)
{
	struct ds_yaml_value v = as_text(s);
	char text[NUMBER_MAX + 1];
	char hint = hint_of(s);
	const struct word *w;

	if (hint == 0)
		return v;
	w = find_word(s);
	if (w) {
		v.type = w->type;
		v.b = w->b;
		v.f = w->f;
		return v;
	}
	if (hint == 'M')
		return v;
	if (hint == '.') {
		if (s.n <= NUMBER_MAX) {
			memcpy(text, s.p, s.n);
			text[s.n] = '\0';
			if (strlen(text) == s.n && is_yaml_float(text) && go_float(text, &v.f))
				v.type = DS_YAML_T_FLOAT;
		}
		return v;
	}
	return resolve_number(s, tag);
}

static struct ds_yaml_value resolve_json(const struct ds_yaml_node *node)
{
	struct ds_yaml_value v = as_text(node->text);
	char text[NUMBER_MAX + 1];

	if (node->style != DS_YAML_PLAIN)
		return v;
	switch (node->text.p[0]) {
	case 't':
	case 'f':
		v.type = DS_YAML_T_BOOL;
		v.b = node->text.p[0] == 't';
		return v;
	case 'n':
		v.type = DS_YAML_T_NULL;
		return v;
	default:
		break;
	}
	v.type = DS_YAML_T_FLOAT;
	if (node->text.n > NUMBER_MAX)
		return v;
	memcpy(text, node->text.p, node->text.n);
	text[node->text.n] = '\0';
	if (strpbrk(text, ".eE") || !resolve_int(text, &v))
		(void)go_float(text, &v.f);
	return v;
}

struct ds_yaml_value ds_yaml_resolve(const struct ds_yaml_node *node)
{
	struct ds_yaml_value v;

	if (!node)
		return (struct ds_yaml_value){.type = DS_YAML_T_NULL};
	if (node->kind == DS_YAML_MAPPING)
		return (struct ds_yaml_value){.type = DS_YAML_T_MAPPING};
	if (node->kind == DS_YAML_SEQUENCE)
		return (struct ds_yaml_value){.type = DS_YAML_T_SEQUENCE};
	if (node->flags & DS_YAML_F_JSON)
		return resolve_json(node);
	if (!tag_is_resolvable(node->tag) || node->tag == DS_YAML_TAG_STR)
		return as_text(node->text);
	if (node->tag == DS_YAML_TAG_NONE && node->style != DS_YAML_PLAIN)
		return as_text(node->text);
	v = resolve_plain(node->text, node->tag);
	if (node->tag == DS_YAML_TAG_FLOAT && v.type == DS_YAML_T_INT && !v.big) {
		v.type = DS_YAML_T_FLOAT;
		v.f = (double)v.i;
	}
	return v;
}

const char *ds_yaml_json_type(const struct ds_yaml_node *node)
{
	static const char *const names[] = {
		[DS_YAML_T_STRING] = "string", [DS_YAML_T_INT] = "number",       [DS_YAML_T_FLOAT] = "number",
		[DS_YAML_T_BOOL] = "bool",     [DS_YAML_T_NULL] = "null",        [DS_YAML_T_TIMESTAMP] = "string",
		[DS_YAML_T_SEQUENCE] = "array", [DS_YAML_T_MAPPING] = "object",
	};

	return names[ds_yaml_resolve(node).type];
}

int ds_yaml_as_string(const struct ds_yaml_node *node, struct ds_str *ret)
{
	struct ds_yaml_value v = ds_yaml_resolve(node);

	switch (v.type) {
	case DS_YAML_T_NULL:
		*ret = DS_STR("");
		return 0;
	case DS_YAML_T_STRING:
	case DS_YAML_T_TIMESTAMP:
		*ret = v.s;
		return 0;
	case DS_YAML_T_INT:
	case DS_YAML_T_FLOAT:
	case DS_YAML_T_BOOL:
	case DS_YAML_T_SEQUENCE:
	case DS_YAML_T_MAPPING:
		break;
	}
	return DS_ETYPE;
}

int ds_yaml_as_int(const struct ds_yaml_node *node, unsigned bits, int64_t *ret)
{
	struct ds_yaml_value v = ds_yaml_resolve(node);
	int64_t max = bits >= 64 ? INT64_MAX : ((int64_t)1 << (bits - 1)) - 1;

	if (v.type == DS_YAML_T_NULL) {
		*ret = 0;
		return 0;
	}
	/* A YAML float passes through JSON: 1.0 becomes 1, 1e21 stays "1e+21". JSON text is taken as it is. */
	if (v.type == DS_YAML_T_FLOAT && !(node->flags & DS_YAML_F_JSON) && v.f == trunc(v.f) && fabs(v.f) < 1e21) {
		if (fabs(v.f) >= 0x1p63)
			return DS_ERANGE;
		v.type = DS_YAML_T_INT;
		v.i = (int64_t)v.f;
	}
	if (v.type != DS_YAML_T_INT)
		return DS_ETYPE;
	if (v.big || v.i > max || v.i < -max - 1)
		return DS_ERANGE;
	*ret = v.i;
	return 0;
}

int ds_yaml_as_bool(const struct ds_yaml_node *node, bool *ret)
{
	struct ds_yaml_value v = ds_yaml_resolve(node);

	if (v.type != DS_YAML_T_NULL && v.type != DS_YAML_T_BOOL)
		return DS_ETYPE;
	*ret = v.type == DS_YAML_T_BOOL && v.b;
	return 0;
}

bool ds_yaml_is_null(const struct ds_yaml_node *node)
{
	return ds_yaml_resolve(node).type == DS_YAML_T_NULL;
}
