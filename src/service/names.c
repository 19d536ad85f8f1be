#include "service/engine.h"

/* The name checks of staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go, with their texts. */

static const char dns1123_label[] =
	"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
	"an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
	"'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
static const char dns1123_subdomain[] =
	"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
	"end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
	"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
static const char dns1035_label[] =
	"a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
	"and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
	"'[a-z]([-a-z0-9]*[a-z0-9])?')";
static const char name_part_form[] =
	"must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
	"(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
	"'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
static const char label_value_form[] =
	"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
	"end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
	"'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

static bool is_lower_alnum(char c)
{
	return ds_c_is_lower(c) || ds_c_is_digit(c);
}

/* [a-z0-9]([-a-z0-9]*[a-z0-9])? */
static bool is_dns_label(struct ds_str s)
{
	if (s.n == 0 || !is_lower_alnum(s.p[0]) || !is_lower_alnum(s.p[s.n - 1]))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_lower_alnum(s.p[i]) && s.p[i] != '-')
			return false;
	return true;
}

static bool is_subdomain(struct ds_str s)
{
	struct ds_str part;
	bool done = false;

	while (ds_str_split(&s, '.', &done, &part))
		if (!is_dns_label(part))
			return false;
	return true;
}

/* ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9] */
static bool is_name_part(struct ds_str s)
{
	if (s.n == 0 || !ds_c_is_alnum(s.p[0]) || !ds_c_is_alnum(s.p[s.n - 1]))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ds_c_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_' && s.p[i] != '.')
			return false;
	return true;
}

/* MaxLenError of util/validation, with the words that come before it. */
static void too_long(struct ds__decision *d, struct ds_str s, const char *field, const char *what, unsigned max)
{
	ds__error(d, DS__INVALID, field, ds__str(s), ds__text(d, "%smust be no more than %u characters", what, max));
}

/* MaxLenError of api/validate/content, where label keys and values are checked since 1.35. */
static void label_too_long(struct ds__decision *d, struct ds_str s, const char *field, const char *what, unsigned max)
{
	if (ds__svc_has(d, DS__LABEL_KEY_TEXT))
		ds__error(d, DS__INVALID, field, ds__str(s), ds__text(d, "%smust be no more than %u bytes", what, max));
	else
		too_long(d, s, field, what, max);
}

void ds__dns1123_label(struct ds__decision *d, struct ds_str s, struct ds_str shown, const char *field)
{
	if (s.n > 63)
		too_long(d, shown, field, "", 63);
	if (!is_dns_label(s))
		ds__error(d, DS__INVALID, field, ds__str(shown),
			  ds__svc_has(d, DS__DOTS_TEXT) && is_subdomain(s) ? "must not contain dots" : dns1123_label);
}

void ds__dns1123_subdomain(struct ds__decision *d, struct ds_str s, const char *field)
{
	if (s.n > 253)
		too_long(d, s, field, "", 253);
	if (!is_subdomain(s))
		ds__error(d, DS__INVALID, field, ds__str(s), dns1123_subdomain);
}

void ds__dns1035_label(struct ds__decision *d, struct ds_str s, struct ds_str shown, const char *field)
{
	if (s.n > 63)
		too_long(d, shown, field, "", 63);
	if (!is_dns_label(s) || !ds_c_is_lower(s.p[0]))
		ds__error(d, DS__INVALID, field, ds__str(shown), dns1035_label);
}

static void check_prefix(struct ds__decision *d, struct ds_str whole, struct ds_str prefix, const char *field)
{
	if (prefix.n == 0) {
		ds__error(d, DS__INVALID, field, ds__str(whole), "prefix part must be non-empty");
		return;
	}
	if (prefix.n > 253)
		label_too_long(d, whole, field, "prefix part ", 253);
	if (!is_subdomain(prefix))
		ds__error(d, DS__INVALID, field, ds__str(whole), ds__text(d, "prefix part %s", dns1123_subdomain));
}

/* IsQualifiedName, since 1.35 content.IsLabelKey: its messages are errors of their own, which show the text `shown`. */
void ds__qualified_name(struct ds__decision *d, struct ds_str s, struct ds_str shown, const char *field)
{
	size_t slash = ds_str_find(s, '/');
	struct ds_str name = s;

	if (slash < s.n) {
		name = ds_str_skip(s, slash + 1);
		if (ds_str_find(name, '/') < name.n) {
			ds__error(d, DS__INVALID, field, ds__str(shown),
				  ds__text(d,
					   "%s %s with an optional DNS subdomain prefix and '/' (e.g. "
					   "'example.com/MyName')",
					   ds__svc_has(d, DS__LABEL_KEY_TEXT) ? "a valid label key" : "a qualified name",
					   name_part_form));
			return;
		}
		check_prefix(d, shown, ds_str_head(s, slash), field);
	}
	if (name.n == 0)
		ds__error(d, DS__INVALID, field, ds__str(shown), "name part must be non-empty");
	else if (name.n > 63)
		label_too_long(d, shown, field, "name part ", 63);
	if (!is_name_part(name))
		ds__error(d, DS__INVALID, field, ds__str(shown), ds__text(d, "name part %s", name_part_form));
}

void ds__validate_labels(struct ds__decision *d, const struct ds_service_map *labels, const char *field)
{
	for (size_t i = 0; i < labels->n; i++) {
		struct ds_str value = labels->v[i].value;

		ds__qualified_name(d, labels->v[i].key, labels->v[i].key, field);
		if (value.n > 63)
			label_too_long(d, value, field, "", 63);
		if (value.n && !is_name_part(value))
			ds__error(d, DS__INVALID, field, ds__str(value), label_value_form);
	}
}

void ds__port_number(struct ds__decision *d, int64_t port, const char *field)
{
	if (port < 1 || port > 65535)
		ds__error(d, DS__INVALID, field, ds__number(port), "must be between 1 and 65535, inclusive");
}

/* IsValidPortName: an IANA service name. */
void ds__port_name(struct ds__decision *d, struct ds_str s, const char *field)
{
	bool has_other = s.n == 0, has_letter = false, has_double = false;

	for (size_t i = 0; i < s.n; i++) {
		has_other = has_other || (!is_lower_alnum(s.p[i]) && s.p[i] != '-');
		has_letter = has_letter || ds_c_is_lower(s.p[i]);
		has_double = has_double || (i && s.p[i] == '-' && s.p[i - 1] == '-');
	}
	if (s.n > 15)
		too_long(d, s, field, "", 15);
	if (has_other)
		ds__error(d, DS__INVALID, field, ds__str(s),
			  "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
	if (!has_letter)
		ds__error(d, DS__INVALID, field, ds__str(s), "must contain at least one letter (a-z)");
	if (has_double)
		ds__error(d, DS__INVALID, field, ds__str(s), "must not contain consecutive hyphens");
	if (s.n && (s.p[0] == '-' || s.p[s.n - 1] == '-'))
		ds__error(d, DS__INVALID, field, ds__str(s), "must not begin or end with a hyphen");
}
