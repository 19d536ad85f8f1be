#include "cel/fn.h"
#include "cel/priv.h"

/* clang-format off */
const struct ds__cel_fn ds__cel_fns[] = {
	{"!",                    false, "b:b",     ds__cel_fn_not,             "logical not"},
	{"!=",                   false, "b:AA",    ds__cel_fn_ne,              "whether two values differ"},
	{"%",                    false, "i:ii",    ds__cel_fn_mod,             "remainder, with the sign of the dividend"},
	{"*",                    false, "i:ii",    ds__cel_fn_mul,             "product; overflow is an error"},
	{"+",                    false, "i:ii",    ds__cel_fn_add,             "sum; overflow is an error"},
	{"+",                    false, "s:ss",    ds__cel_fn_add,             "text put together"},
	{"+",                    false, "LA:LALA", ds__cel_fn_add,             "lists put together"},
	{"-",                    false, "i:ii",    ds__cel_fn_sub,             "difference; overflow is an error"},
	{"-",                    false, "i:i",     ds__cel_fn_neg,             "negation; overflow is an error"},
	{"/",                    false, "i:ii",    ds__cel_fn_div,             "quotient, rounded towards zero"},
	{"<",                    false, "b:bb",    ds__cel_fn_lt,              "false comes before true"},
	{"<",                    false, "b:ii",    ds__cel_fn_lt,              "less than"},
	{"<",                    false, "b:ss",    ds__cel_fn_lt,              "earlier, by code points"},
	{"<=",                   false, "b:bb",    ds__cel_fn_le,              "false comes before true"},
	{"<=",                   false, "b:ii",    ds__cel_fn_le,              "at most"},
	{"<=",                   false, "b:ss",    ds__cel_fn_le,              "not later, by code points"},
	{"==",                   false, "b:AA",    ds__cel_fn_eq,              "whether two values are equal"},
	{">",                    false, "b:bb",    ds__cel_fn_gt,              "true comes after false"},
	{">",                    false, "b:ii",    ds__cel_fn_gt,              "greater than"},
	{">",                    false, "b:ss",    ds__cel_fn_gt,              "later, by code points"},
	{">=",                   false, "b:bb",    ds__cel_fn_ge,              "true comes after false"},
	{">=",                   false, "b:ii",    ds__cel_fn_ge,              "at least"},
	{">=",                   false, "b:ss",    ds__cel_fn_ge,              "not earlier, by code points"},
	{"bool",                 false, "b:b",     ds__cel_fn_same,            "the value itself"},
	{"bool",                 false, "b:s",     ds__cel_fn_bool,            "true for 1 t T true TRUE True, false for 0 f F false FALSE False"},
	{"charAt",               true,  "s:si",    ds__cel_fn_char_at,         "the character at a position; empty at the end"},
	{"cidr",                 false, "C:s",     ds__cel_fn_cidr,            "an address with a prefix length"},
	{"contains",             true,  "b:ss",    ds__cel_fn_contains,        "whether a text occurs in another"},
	{"containsCIDR",         true,  "b:CC",    ds__cel_fn_contains_cidr,   "whether every address of the argument lies in the receiver"},
	{"containsCIDR",         true,  "b:Cs",    ds__cel_fn_contains_cidr,   "the same, for the text of a CIDR"},
	{"containsIP",           true,  "b:CI",    ds__cel_fn_contains_ip,     "whether an address lies in the receiver"},
	{"containsIP",           true,  "b:Cs",    ds__cel_fn_contains_ip,     "the same, for the text of an address"},
	{"count",                true,  "i:C",     ds__cel_fn_count,           "how many addresses; an error from 2^63 on"},
	{"distinct",             true,  "LA:LA",   ds__cel_fn_distinct,        "without repetitions, in order of first appearance"},
	{"dyn",                  false, "d:A",     ds__cel_fn_same,            "the value, its type not known to the checker"},
	{"endsWith",             true,  "b:ss",    ds__cel_fn_ends_with,       "whether a text ends with another"},
	{"families",             false, "Ls:LC",   ds__cel_fn_families,        "the families, 'IPv4' or 'IPv6', in order of first appearance"},
	{"families",             false, "Ls:LI",   ds__cel_fn_families,        "the families, 'IPv4' or 'IPv6', in order of first appearance"},
	{"family",               true,  "i:C",     ds__cel_fn_family,          "4 or 6"},
	{"family",               true,  "i:I",     ds__cel_fn_family,          "4 or 6"},
	{"first",                true,  "I:C",     ds__cel_fn_first,           "the lowest address"},
	{"format",               true,  "s:sLd",   ds__cel_fn_format,          "text with %s %d %b %o %x %X %% filled in"},
	{"hasHostBits",          true,  "b:C",     ds__cel_fn_has_host_bits,   "whether bits are set behind the prefix"},
	{"hostBits",             true,  "i:C",     ds__cel_fn_host_bits,       "how many bits follow the prefix"},
	{"in",                   false, "b:ALA",   ds__cel_fn_in,              "whether a list has a value"},
	{"in",                   false, "b:AMAB",  ds__cel_fn_in,              "whether a map has a key"},
	{"includes",             true,  "b:LAA",   ds__cel_fn_includes,        "whether a list has a value"},
	{"indexOf",              true,  "i:ss",    ds__cel_fn_index_of,        "the first position of a text, or -1"},
	{"indexOf",              true,  "i:ssi",   ds__cel_fn_index_of,        "the first position at or after another, or -1"},
	{"indexOf",              true,  "i:LAA",   ds__cel_fn_list_index_of,   "the first position of a value, or -1"},
	{"int",                  false, "i:i",     ds__cel_fn_same,            "the value itself"},
	{"int",                  false, "i:s",     ds__cel_fn_int,             "decimal text as a number"},
	{"ip",                   false, "I:s",     ds__cel_fn_ip,              "an address"},
	{"ip",                   true,  "I:C",     ds__cel_fn_cidr_ip,         "the address as written, host bits included"},
	{"ip.isCanonical",       false, "b:s",     ds__cel_fn_is_canonical,    "whether an address is written in its one canonical form"},
	{"isCIDR",               false, "b:s",     ds__cel_fn_is_cidr,         "whether cidr() would accept a text"},
	{"isDualStack",          false, "b:LC",    ds__cel_fn_is_dual_stack,   "whether both families occur"},
	{"isDualStack",          false, "b:LI",    ds__cel_fn_is_dual_stack,   "whether both families occur"},
	{"isGlobalUnicast",      true,  "b:I",     ds__cel_fn_is_global,       "not unspecified, loopback, link-local, multicast or broadcast"},
	{"isIP",                 false, "b:s",     ds__cel_fn_is_ip,           "whether ip() would accept a text"},
	{"isLinkLocalMulticast", true,  "b:I",     ds__cel_fn_is_ll_multicast, "224.0.0.0/24 or ffx2::/16"},
	{"isLinkLocalUnicast",   true,  "b:I",     ds__cel_fn_is_ll_unicast,   "169.254.0.0/16 or fe80::/10"},
	{"isLoopback",           true,  "b:I",     ds__cel_fn_is_loopback,     "127.0.0.0/8 or ::1"},
	{"isMulticast",          true,  "b:I",     ds__cel_fn_is_multicast,    "224.0.0.0/4 or ff00::/8"},
	{"isPrivate",            true,  "b:I",     ds__cel_fn_is_private,      "RFC 1918 or RFC 4193"},
	{"isSorted",             true,  "b:Lb",    ds__cel_fn_is_sorted,       "whether no element is less than the one before"},
	{"isSorted",             true,  "b:Li",    ds__cel_fn_is_sorted,       "whether no element is less than the one before"},
	{"isSorted",             true,  "b:Ls",    ds__cel_fn_is_sorted,       "whether no element is less than the one before"},
	{"isUnspecified",        true,  "b:I",     ds__cel_fn_is_unspecified,  "0.0.0.0 or ::"},
	{"join",                 true,  "s:Ls",    ds__cel_fn_join,            "the texts put together"},
	{"join",                 true,  "s:Lss",   ds__cel_fn_join,            "the texts with another between them"},
	{"last",                 true,  "I:C",     ds__cel_fn_last,            "the highest address"},
	{"lastIndexOf",          true,  "i:ss",    ds__cel_fn_last_index_of,   "the last position of a text, or -1"},
	{"lastIndexOf",          true,  "i:ssi",   ds__cel_fn_last_index_of,   "the last position at or before another, or -1"},
	{"lastIndexOf",          true,  "i:LAA",   ds__cel_fn_list_last_index, "the last position of a value, or -1"},
	{"lowerAscii",           true,  "s:s",     ds__cel_fn_lower_ascii,     "A to Z made small"},
	{"masked",               true,  "C:C",     ds__cel_fn_masked,          "the network: host bits cleared"},
	{"max",                  true,  "b:Lb",    ds__cel_fn_max,             "the greatest element"},
	{"max",                  true,  "i:Li",    ds__cel_fn_max,             "the greatest element"},
	{"max",                  true,  "s:Ls",    ds__cel_fn_max,             "the greatest element"},
	{"min",                  true,  "b:Lb",    ds__cel_fn_min,             "the least element"},
	{"min",                  true,  "i:Li",    ds__cel_fn_min,             "the least element"},
	{"min",                  true,  "s:Ls",    ds__cel_fn_min,             "the least element"},
	{"overlaps",             true,  "b:CC",    ds__cel_fn_overlaps,        "whether two networks share an address"},
	{"overlaps",             true,  "b:Cs",    ds__cel_fn_overlaps,        "the same, for the text of a CIDR"},
	{"prefixLength",         true,  "i:C",     ds__cel_fn_prefix_length,   "the number behind the slash"},
	{"replace",              true,  "s:sss",   ds__cel_fn_replace,         "every occurrence of a text replaced"},
	{"replace",              true,  "s:sssi",  ds__cel_fn_replace,         "the first so many occurrences replaced; negative: all"},
	{"reverse",              true,  "LA:LA",   ds__cel_fn_reverse_list,    "the elements from last to first"},
	{"reverse",              true,  "s:s",     ds__cel_fn_reverse,         "the characters from last to first"},
	{"sets.contains",        false, "b:LALA",  ds__cel_fn_sets_contains,   "whether the first list has every element of the second"},
	{"sets.equivalent",      false, "b:LALA",  ds__cel_fn_sets_equivalent, "whether each list has every element of the other"},
	{"sets.intersects",      false, "b:LALA",  ds__cel_fn_sets_intersects, "whether some element is in both lists"},
	{"size",                 false, "i:LA",    ds__cel_fn_size,            "how many elements"},
	{"size",                 false, "i:MAB",   ds__cel_fn_size,            "how many entries"},
	{"size",                 false, "i:s",     ds__cel_fn_size,            "how many code points"},
	{"size",                 true,  "i:LA",    ds__cel_fn_size,            "how many elements"},
	{"size",                 true,  "i:MAB",   ds__cel_fn_size,            "how many entries"},
	{"size",                 true,  "i:s",     ds__cel_fn_size,            "how many code points"},
	{"slice",                true,  "LA:LAii", ds__cel_fn_slice,           "the elements from one position up to another"},
	{"sort",                 true,  "Lb:Lb",   ds__cel_fn_sort,            "in ascending order"},
	{"sort",                 true,  "Li:Li",   ds__cel_fn_sort,            "in ascending order"},
	{"sort",                 true,  "Ls:Ls",   ds__cel_fn_sort,            "in ascending order"},
	{"split",                true,  "Ls:ss",   ds__cel_fn_split,           "the parts between separators"},
	{"split",                true,  "Ls:ssi",  ds__cel_fn_split,           "at most so many parts; negative: all"},
	{"startsWith",           true,  "b:ss",    ds__cel_fn_starts_with,     "whether a text begins with another"},
	{"string",               false, "s:C",     ds__cel_fn_string,          "the text of a CIDR"},
	{"string",               false, "s:I",     ds__cel_fn_string,          "the canonical text of an address"},
	{"string",               false, "s:b",     ds__cel_fn_string,          "true or false"},
	{"string",               false, "s:i",     ds__cel_fn_string,          "decimal"},
	{"string",               false, "s:s",     ds__cel_fn_same,            "the value itself"},
	{"subnetCount",          true,  "i:Ci",    ds__cel_fn_subnet_count,    "how many networks of a prefix length fit; an error from 2^63 on"},
	{"substring",            true,  "s:si",    ds__cel_fn_substring,       "the text from a position"},
	{"substring",            true,  "s:sii",   ds__cel_fn_substring,       "the text from one position up to another"},
	{"sum",                  true,  "i:Li",    ds__cel_fn_sum,             "the sum; 0 for an empty list"},
	{"trim",                 true,  "s:s",     ds__cel_fn_trim,            "without white space at both ends"},
	{"type",                 false, "t:A",     ds__cel_fn_type,            "the type of a value"},
	{"upperAscii",           true,  "s:s",     ds__cel_fn_upper_ascii,     "a to z made big"},
};
/* clang-format on */

const size_t ds__cel_n_fns = DS_ARRAY_SIZE(ds__cel_fns);

/* What CEL or Kubernetes knows and rules do not need. */
static const struct {
	const char *name;
	const char *why;
} outside[] = {
#define NOT_HERE(what) what " is not in dsaudit's subset of CEL"
	{"authorizer", NOT_HERE("authorizer")},
	{"base64", NOT_HERE("base64")},
	{"bytes", NOT_HERE("bytes")},
	{"cel", NOT_HERE("cel.bind()")},
	{"double", NOT_HERE("double")},
	{"duration", NOT_HERE("duration")},
	{"find", "regular expressions are not in dsaudit's subset of CEL: find() is not available"},
	{"findAll", "regular expressions are not in dsaudit's subset of CEL: findAll() is not available"},
	{"getDate", NOT_HERE("a timestamp")},
	{"google", NOT_HERE("a protocol buffer message")},
	{"isQuantity", NOT_HERE("quantity")},
	{"isSemver", NOT_HERE("semver")},
	{"isURL", NOT_HERE("url")},
	{"matches", "regular expressions are not in dsaudit's subset of CEL: use startsWith(), endsWith(), "
		    "contains() or split() instead of matches()"},
	{"math", NOT_HERE("math")},
	{"optional", NOT_HERE("optional")},
	{"optional_type", NOT_HERE("optional_type")},
	{"quantity", NOT_HERE("quantity")},
	{"semver", NOT_HERE("semver")},
	{"strings", NOT_HERE("strings.quote()")},
	{"timestamp", NOT_HERE("timestamp")},
	{"transformList", NOT_HERE("transformList()")},
	{"transformMap", NOT_HERE("transformMap()")},
	{"transformMapEntry", NOT_HERE("transformMapEntry()")},
	{"uint", NOT_HERE("uint")},
	{"url", NOT_HERE("url")},
#undef NOT_HERE
};

const char *ds__cel_outside(struct ds_str name)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(outside); i++)
		if (ds_str_eqz(name, outside[i].name))
			return outside[i].why;
	return NULL;
}

const struct ds__cel_fn *ds__cel_fn_find(struct ds_str name, size_t *ret_n)
{
	size_t low = 0, high = ds__cel_n_fns, end;

	/* The first row that is not before name. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (ds_str_cmp(ds_str_from(ds__cel_fns[mid].name), name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (end = low; end < ds__cel_n_fns && ds_str_eqz(name, ds__cel_fns[end].name); end++)
		;
	*ret_n = end - low;
	return end > low ? &ds__cel_fns[low] : NULL;
}

/* ---- signatures ---- */

static const char *params_of(const struct ds__cel_fn *f)
{
	return strchr(f->sig, ':') + 1;
}

/* Behind the type that starts at sig. */
static const char *skip_type(const char *sig)
{
	if (*sig == 'L')
		return skip_type(sig + 1);
	if (*sig == 'M')
		return skip_type(skip_type(sig + 1));
	return sig + 1;
}

size_t ds__cel_fn_arity(const struct ds__cel_fn *f)
{
	size_t n = 0;

	for (const char *p = params_of(f); *p; p = skip_type(p))
		n++;
	return n;
}

static const struct ds_cel_type *simple_type(char c)
{
	switch (c) {
	case 'n':
		return &ds_cel_type_null;
	case 'b':
		return &ds_cel_type_bool;
	case 'i':
		return &ds_cel_type_int;
	case 's':
		return &ds_cel_type_string;
	case 'I':
		return &ds_cel_type_ip;
	case 'C':
		return &ds_cel_type_cidr;
	case 't':
		return &ds__cel_type_type;
	default:
		return &ds_cel_type_dyn;
	}
}

struct binds {
	struct ds_arena *a;
	const struct ds_cel_type *param[2]; /* A, B */
	bool *nomem;
};

static bool match(struct binds *b, const char **sig, const struct ds_cel_type *t)
{
	char c = *(*sig)++;
	const struct ds_cel_type **p;

	switch (c) {
	case 'A':
	case 'B':
		p = &b->param[c - 'A'];
		*p = *p ? ds__cel_join(b->a, *p, t, b->nomem) : t;
		return *p != NULL;
	case 'L':
		if (t->kind == DS_CEL_DYN)
			return match(b, sig, t);
		return t->kind == DS_CEL_LIST && match(b, sig, t->elem);
	case 'M':
		if (t->kind == DS_CEL_DYN)
			return match(b, sig, t) && match(b, sig, t);
		return t->kind == DS_CEL_MAP && match(b, sig, t->key) && match(b, sig, t->elem);
	default:
		return t->kind == DS_CEL_DYN || c == 'd' || t->kind == simple_type(c)->kind;
	}
}

static const struct ds_cel_type *instance(struct binds *b, const char **sig)
{
	char c = *(*sig)++;
	const struct ds_cel_type *elem;
	struct ds_cel_type *t;

	if (c == 'A' || c == 'B')
		return b->param[c - 'A'];
	if (c != 'L')
		return simple_type(c);
	elem = instance(b, sig);
	if (elem == &ds_cel_type_string)
		return &ds_cel_type_list_string;
	t = ds_arena_new_obj(b->a, struct ds_cel_type);
	if (!t) {
		*b->nomem = true;
		return &ds_cel_type_dyn;
	}
	*t = (struct ds_cel_type){.kind = DS_CEL_LIST, .elem = elem};
	return t;
}

bool ds__cel_fn_match(struct ds_arena *a, const struct ds__cel_fn *f, const struct ds_cel_type *const *args,
		      size_t n_args, const struct ds_cel_type **ret, bool *nomem)
{
	struct binds b = {.a = a, .nomem = nomem};
	const char *p = params_of(f), *result = f->sig;

	for (size_t i = 0; i < n_args; i++)
		if (*p == '\0' || !match(&b, &p, args[i]))
			return false;
	if (*p != '\0')
		return false;
	*ret = instance(&b, &result);
	return true;
}

bool ds__cel_fn_takes(const struct ds__cel_fn *f, const struct ds_cel_value *args, size_t n_args)
{
	const char *p = params_of(f);

	for (size_t i = 0; i < n_args; i++) {
		bool ok = *p == 'A' || *p == 'B' || *p == 'd' ||
			  (*p == 'L'   ? args[i].kind == DS_CEL_LIST :
			   *p == 'M'   ? args[i].kind == DS_CEL_MAP :
			   *p == '\0' ? false :
					args[i].kind == simple_type(*p)->kind);

		if (!ok)
			return false;
		p = skip_type(p);
	}
	return *p == '\0';
}

static const char *put_sig(struct ds_buf *b, const char *sig)
{
	switch (*sig) {
	case 'A':
	case 'B':
		ds_buf_addc(b, *sig);
		return sig + 1;
	case 'L':
		ds_buf_addz(b, "list(");
		sig = put_sig(b, sig + 1);
		ds_buf_addc(b, ')');
		return sig;
	case 'M':
		ds_buf_addz(b, "map(");
		sig = put_sig(b, sig + 1);
		ds_buf_addz(b, ", ");
		sig = put_sig(b, sig);
		ds_buf_addc(b, ')');
		return sig;
	default:
		ds__cel_type_put(b, simple_type(*sig));
		return sig + 1;
	}
}

void ds__cel_fn_put(struct ds_buf *b, const struct ds__cel_fn *f)
{
	bool operator = !ds_c_is_alpha(f->name[0]) || strcmp(f->name, "in") == 0;
	const char *p = params_of(f);

	if (operator && *skip_type(p)) {
		p = put_sig(b, p);
		ds_buf_printf(b, " %s ", f->name);
		(void)put_sig(b, p);
	} else if (operator) {
		ds_buf_addz(b, f->name);
		(void)put_sig(b, p);
	} else {
		if (f->method) {
			p = put_sig(b, p);
			ds_buf_addc(b, '.');
		}
		ds_buf_printf(b, "%s(", f->name);
		for (bool first = true; *p; first = false) {
			if (!first)
				ds_buf_addz(b, ", ");
			p = put_sig(b, p);
		}
		ds_buf_addc(b, ')');
	}
	ds_buf_addz(b, " -> ");
	(void)put_sig(b, f->sig);
}
