#include "model/schema_priv.h"

#include "base/buf.h"
#include "base/limits.h"
#include "model/services.h"
#include "yaml/scalar.h"

/*
 * NetworkPolicies: which of their blocks speak for one family only. Policies
 * add up, so a block for everybody of one family is fine when another rule, of
 * this policy or of one for the same Pods, has something for the other family.
 */

enum ip_block_field { I_FIELD, I_DIRECTION, I_CIDR, I_EXCEPT, I_MISSING, I__COUNT };

static const struct ds_cel_field ip_block_fields[I__COUNT] = {
    [I_FIELD] = {"field",     &ds_cel_type_string,
		 "the field as the API server names it: 'spec.egress[0].to[1].ipBlock.cidr'"                         },
    [I_DIRECTION] = {"direction", &ds_cel_type_string, "'ingress' or 'egress'"                                           },
    [I_CIDR] = {"cidr",      &ds_cel_type_string, "its cidr as written"                                             },
    [I_EXCEPT] = {"except",    &ds_cel_type_string, "the entry of except as written; not set where the block is meant"},
    [I_MISSING] = {"missing",   &ds_cel_type_string, "the family that it says nothing about"                           },
};
const struct ds_cel_object_type ds_schema_ip_block_type =
    DS_SCHEMA_OBJECT(ip_block_fields, "ipBlock", "a block of addresses in a NetworkPolicy");
static const struct ds_cel_type ip_block_cel = DS_SCHEMA_OF(ds_schema_ip_block_type);
static const struct ds_cel_type ip_block_list = DS_SCHEMA_LIST_OF(ip_block_cel);

enum policy_field { P_NAME, P_NAMESPACE, P_WHERE, P_BLOCKS, P_EXCEPTS, P_MIXED, P_EVERYBODY, P_ONE_FAMILY, P__COUNT };

static const struct ds_cel_field policy_fields[P__COUNT] = {
    [P_NAME] = {"name",         &ds_cel_type_string, "metadata.name"                                                        },
    [P_NAMESPACE] = {"namespace",    &ds_cel_type_string, "metadata.namespace, or 'default'"                                     },
    [P_WHERE] = {"where",        &ds_cel_type_string, "kind, namespace and name, for messages"                               },
    [P_BLOCKS] = {"blocks",       &ds_cel_type_int,    "how many ipBlocks it has"                                             },
    [P_EXCEPTS] = {"excepts",      &ds_cel_type_int,    "how many entries of except they have"                                 },
    [P_MIXED] = {"mixedExcepts", &ip_block_list,      "entries of except that are not of their block's family"               },
    [P_EVERYBODY] = {"everybody",    &ds_cel_type_int,    "how many of the blocks are 0.0.0.0/0 or ::/0"                         },
    [P_ONE_FAMILY] =
	{"oneFamily",    &ip_block_list,
		"of these, those for which no rule for the same Pods, direction and ports has any block of the other family"},
};
const struct ds_cel_object_type ds_schema_policy_type =
    DS_SCHEMA_OBJECT(policy_fields, "networkPolicy", "a NetworkPolicy object");
static const struct ds_cel_type policy_cel = DS_SCHEMA_OF(ds_schema_policy_type);
const struct ds_cel_type ds_schema_policy_list = DS_SCHEMA_LIST_OF(policy_cel);

static const struct direction {
	const char *name, *peers, *type;
} directions[] = {
    {"ingress", "from", "Ingress"},
    {"egress",  "to",   "Egress" }
};

/* One policy, and what the policies of all its neighbours allow. */
struct reading {
	struct ds_arena *a;
	struct ds_map *allowed; /* key() of every family that a rule has something for */
	const struct ds_object *o;
	const char *selector; /* of its Pods, as text */
	bool open;            /* some of it is a template */
	int64_t blocks, excepts, everybody;
	DS_VEC(struct ds_cel_value) mixed, one_family;
};

/* The same text for what is written in the same order, in whatever style. */
static void write_node(struct ds_buf *b, const struct ds_yaml_node *n, unsigned depth)
{
	if (!n || depth > DS_LIMIT_YAML_DEPTH)
		return;
	if (n->kind == DS_YAML_SCALAR) {
		ds_buf_printf(b, "%zu:", n->text.n);
		ds_buf_adds(b, n->text);
		return;
	}
	ds_buf_addc(b, '(');
	for (uint32_t i = 0; i < n->n; i++) {
		if (n->kind == DS_YAML_MAPPING)
			write_node(b, n->pairs[i].key, depth + 1);
		write_node(b, n->kind == DS_YAML_MAPPING ? n->pairs[i].value : n->items[i], depth + 1);
	}
	ds_buf_addc(b, ')');
}

/* "" for what is not there and for what is empty. NULL: no memory. */
static const char *text_of_node(struct ds_arena *a, const struct ds_yaml_node *n)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	if (!n || n->n == 0)
		return "";
	if (n->kind == DS_YAML_MAPPING && n->n == 1 && n->pairs[0].value && n->pairs[0].value->n == 0)
		return ""; /* podSelector: {matchLabels: {}} */
	write_node(&b, n, 0);
	return b.err < 0 ? NULL : ds_arena_strndup(a, b.p, b.n);
}

static const char *key(const struct reading *rd, const char *direction, const char *selector, const char *ports,
		       enum ds_family family)
{
	return ds_arena_printf(rd->a, "%s\n%s\n%d\n%s\n%s", ds_object_namespace(rd->o), direction, (int)family,
			       selector, ports);
}

static int allow(struct reading *rd, const char *direction, const char *ports, enum ds_family family)
{
	const char *k = key(rd, direction, rd->selector, ports, family);

	return k ? ds_map_put(rd->allowed, ds_str_from(k), rd->allowed) : DS_ENOMEM;
}

/* Whether a rule for these Pods or for all, these ports or all, has something for the family. */
static int is_allowed(const struct reading *rd, const char *direction, const char *ports, enum ds_family family,
		      bool *ret)
{
	const char *const selectors[] = {rd->selector, ""}, *const all_ports[] = {ports, ""};

	*ret = false;
	for (size_t i = 0; i < 4 && !*ret; i++) {
		const char *k = key(rd, direction, selectors[i / 2], all_ports[i % 2], family);

		if (!k)
			return DS_ENOMEM;
		*ret = ds_map_get(rd->allowed, ds_str_from(k)) != NULL;
	}
	return 0;
}

/* Whether rules of a direction count: policyTypes may leave it out. */
static bool counts(const struct ds_object *o, const struct direction *d)
{
	const struct ds_yaml_node *types = ds_yaml_path(o->node, "spec", "policyTypes", NULL);

	if (!types || types->kind != DS_YAML_SEQUENCE || types->n == 0)
		return true;
	for (size_t i = 0; i < types->n; i++)
		if (types->items[i]->kind == DS_YAML_SCALAR && ds_str_eqz(types->items[i]->text, d->type))
			return true;
	return false;
}

static bool read_cidr(struct reading *rd, const struct ds_yaml_node *n, struct ds_str *ret_text, struct ds_cidr *ret)
{
	if (!n || ds_yaml_as_string(n, ret_text) < 0) {
		rd->open |= n != NULL; /* {{ .Values.cidr }} is a mapping */
		return false;
	}
	rd->open |= ds_services_is_template(*ret_text);
	return ds_cidr_parse(*ret_text, DS_IP_SLOPPY, ret) == 0;
}

/* Where a block stands in its policy. */
struct block_place {
	const struct direction *d;
	size_t rule, peer;
	const char *ports;
};

static int add_block(struct reading *rd, const struct block_place *at, const struct ds_yaml_node *node,
		     struct ds_str cidr, const size_t *except, struct ds_str except_text, enum ds_family missing)
{
	struct ds_cel_value *f = ds_arena_new_array(rd->a, I__COUNT, struct ds_cel_value);
	struct ds_cel_value *v = except ? ds_vec_add(rd->a, &rd->mixed) : ds_vec_add(rd->a, &rd->one_family);
	const struct ds_loc *loc = ds_schema_place(rd->a, rd->o, node);
	const char *field = ds_arena_printf(rd->a, "spec.%s[%zu].%s[%zu].ipBlock.%s", at->d->name, at->rule,
					    at->d->peers, at->peer, except ? "except" : "cidr");

	if (field && except)
		field = ds_arena_printf(rd->a, "%s[%zu]", field, *except);
	if (!f || !v || !loc || !field)
		return DS_ENOMEM;
	f[I_FIELD] = ds_schema_string(field);
	f[I_DIRECTION] = ds_schema_string(at->d->name);
	f[I_CIDR] = ds_cel_string(cidr);
	f[I_EXCEPT] = except ? ds_cel_string(except_text) : (struct ds_cel_value){.kind = DS_CEL_ABSENT};
	f[I_MISSING] = ds_schema_string(ds_family_name(missing));
	for (size_t i = 0; i < I__COUNT; i++)
		f[i].loc = loc;
	*v = ds_schema_object(&ds_schema_ip_block_type, f, loc);
	return 0;
}

static enum ds_family other_than(enum ds_family family)
{
	return family == DS_IPV4 ? DS_IPV6 : DS_IPV4;
}

static int read_block(struct reading *rd, const struct block_place *at, const struct ds_yaml_node *block)
{
	const struct ds_yaml_node *node = ds_yaml_get(block, "cidr"), *list = ds_yaml_get(block, "except");
	struct ds_str text = {0}, except_text = {0};
	struct ds_cidr cidr, except;
	bool allowed = true;
	int r = 0;

	rd->blocks++;
	if (!read_cidr(rd, node, &text, &cidr))
		return 0;
	for (size_t i = 0; r == 0 && list && list->kind == DS_YAML_SEQUENCE && i < list->n; i++) {
		rd->excepts++;
		if (read_cidr(rd, list->items[i], &except_text, &except) && except.ip.family != cidr.ip.family)
			r = add_block(rd, at, list->items[i], text, &i, except_text, cidr.ip.family);
	}
	if (r < 0 || cidr.bits != 0)
		return r;
	rd->everybody++;
	r = is_allowed(rd, at->d->name, at->ports, other_than(cidr.ip.family), &allowed);
	if (r < 0 || allowed)
		return r;
	return add_block(rd, at, node, text, NULL, except_text, other_than(cidr.ip.family));
}

static int read_rule(struct reading *rd, const struct block_place *rule, const struct ds_yaml_node *node)
{
	const struct ds_yaml_node *peers = ds_yaml_get(node, rule->d->peers);
	struct block_place at = *rule;
	int r = 0;

	for (size_t i = 0; r == 0 && peers && peers->kind == DS_YAML_SEQUENCE && i < peers->n; i++) {
		const struct ds_yaml_node *block = ds_yaml_get(peers->items[i], "ipBlock");

		at.peer = i;
		if (block)
			r = read_block(rd, &at, block);
	}
	return r;
}

/* First pass: the families that a rule has something for. */
static int note_rule(struct reading *rd, const struct block_place *at, const struct ds_yaml_node *node)
{
	const struct ds_yaml_node *peers = ds_yaml_get(node, at->d->peers);
	bool all = !peers || peers->kind != DS_YAML_SEQUENCE || peers->n == 0, has[2] = {all, all};
	int r = 0;

	for (size_t i = 0; !all && i < peers->n; i++) {
		struct ds_str text;
		struct ds_cidr cidr;

		if (read_cidr(rd, ds_yaml_path(peers->items[i], "ipBlock", "cidr", NULL), &text, &cidr))
			has[cidr.ip.family == DS_IPV6] = true;
	}
	if (has[0])
		r = allow(rd, at->d->name, at->ports, DS_IPV4);
	if (r == 0 && has[1])
		r = allow(rd, at->d->name, at->ports, DS_IPV6);
	return r;
}

static int each_rule(struct reading *rd,
		     int (*what)(struct reading *rd, const struct block_place *at, const struct ds_yaml_node *rule))
{
	const struct ds_yaml_node *spec = ds_yaml_get(rd->o->node, "spec");

	rd->selector = text_of_node(rd->a, ds_yaml_get(spec, "podSelector"));
	if (!rd->selector)
		return DS_ENOMEM;
	for (size_t k = 0; k < DS_ARRAY_SIZE(directions); k++) {
		const struct ds_yaml_node *rules = ds_yaml_get(spec, directions[k].name);
		struct block_place at = {.d = &directions[k]};

		if (!rules || rules->kind != DS_YAML_SEQUENCE || !counts(rd->o, at.d))
			continue;
		for (at.rule = 0; at.rule < rules->n; at.rule++) {
			at.ports = text_of_node(rd->a, ds_yaml_get(rules->items[at.rule], "ports"));
			if (!at.ports || what(rd, &at, rules->items[at.rule]) < 0)
				return DS_ENOMEM;
		}
	}
	return 0;
}

static int policy_value(struct ds_arena *a, struct ds_map *allowed, const struct ds_object *o, struct ds_cel_value *ret)
{
	struct reading rd = {.a = a, .allowed = allowed, .o = o};
	struct ds_cel_value *f = ds_arena_new_array(a, P__COUNT, struct ds_cel_value);
	const struct ds_loc *loc = ds_schema_place(a, o, o->node);
	const char *where = ds_arena_printf(a, "NetworkPolicy %s/%s", ds_object_namespace(o), o->name);
	int r = f && loc && where ? each_rule(&rd, read_rule) : DS_ENOMEM;

	if (r < 0)
		return r;
	f[P_NAME] = ds_schema_string(o->name);
	f[P_NAMESPACE] = ds_schema_string(ds_object_namespace(o));
	f[P_WHERE] = ds_schema_string(where);
	f[P_BLOCKS] = ds_cel_int(rd.blocks);
	f[P_EXCEPTS] = ds_cel_int(rd.excepts);
	f[P_EVERYBODY] = ds_cel_int(rd.everybody);
	f[P_MIXED] = ds_schema_list(rd.mixed.v, rd.mixed.n);
	f[P_ONE_FAMILY] = ds_schema_list(rd.one_family.v, rd.one_family.n);
	for (size_t i = P_BLOCKS; r == 0 && rd.open && i < P__COUNT; i++)
		if (i == P_MIXED || i == P_ONE_FAMILY || i == P_EVERYBODY)
			r = ds_schema_unknown(a, "the NetworkPolicy is a template with values still to be filled in",
					      loc, &f[i]);
	for (size_t i = 0; i < P__COUNT; i++)
		f[i].loc = loc;
	*ret = ds_schema_object(&ds_schema_policy_type, f, loc);
	return r;
}

int ds_schema_policies(struct ds_arena *a, struct ds_cluster *c, struct ds_cel_value *ret)
{
	struct ds_cel_value *v;
	struct ds_map allowed;
	size_t n = 0;

	ds_map_init(&allowed, a);
	for (size_t i = 0; i < c->objects.n; i++) {
		struct reading rd = {.a = a, .allowed = &allowed, .o = c->objects.v[i]};

		if (strcmp(rd.o->kind, "NetworkPolicy") != 0)
			continue;
		n++;
		if (each_rule(&rd, note_rule) < 0)
			return DS_ENOMEM;
	}
	v = ds_arena_new_array(a, n, struct ds_cel_value);
	if (!v)
		return DS_ENOMEM;
	n = 0;
	for (size_t i = 0; i < c->objects.n; i++)
		if (strcmp(c->objects.v[i]->kind, "NetworkPolicy") == 0 &&
		    policy_value(a, &allowed, c->objects.v[i], &v[n++]) < 0)
			return DS_ENOMEM;
	*ret = ds_schema_list(v, n);
	return 0;
}
