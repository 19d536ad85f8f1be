#include "model/load_balancer.h"

#include "model/schema_priv.h"
#include "model/services.h"
#include "yaml/scalar.h"

enum lb_field { L_CLASS, L_CONTROLLER, L_ADDRESS_TYPE, L_POOL, L_POOLS, L_POOL_FAMILIES, L_DUAL_POOL, L__COUNT };

static const struct ds_cel_field lb_fields[L__COUNT] = {
    [L_CLASS] = {"class",         &ds_cel_type_string,      "spec.loadBalancerClass as written"                       },
    [L_CONTROLLER] =
	{"controller",    &ds_cel_type_string,
		 "'aws-load-balancer-controller' or 'openstack', where class, annotations or Nodes tell; else not set"},
    [L_ADDRESS_TYPE] = {"ipAddressType", &ds_cel_type_string,
                 "annotation service.beta.kubernetes.io/aws-load-balancer-ip-address-type"                            },
    [L_POOL] = {"pool",          &ds_cel_type_string,      "MetalLB's pool that its annotation asks for"             },
    [L_POOLS] = {"pools",         &ds_cel_type_list_string,
		 "names of the IPAddressPools that MetalLB may take from; not set without pools, with a class, with "
		 "addresses asked for or given"								       },
    [L_POOL_FAMILIES] = {"poolFamilies",  &ds_cel_type_list_string, "families of all their addresses"                         },
    [L_DUAL_POOL] = {"dualPool",      &ds_cel_type_bool,        "one of the pools has both families"                      },
};
const struct ds_cel_object_type ds_load_balancer_type =
    DS_SCHEMA_OBJECT(lb_fields, "loadBalancer", "who gives a Service its external addresses");

/* ---- MetalLB's pools ---- */

struct ds_address_pools {
	DS_VEC(struct ds_cel_value) names;
	bool has[2]; /* IPv4, IPv6 */
	bool dual;
	bool open; /* a template: nobody knows what it holds */
};

/* "192.0.2.0/24", "192.0.2.10-192.0.2.20". */
static int family_of(struct ds_str range, enum ds_family *ret)
{
	struct ds_ip ip;
	int r;

	range = ds_str_head(range, ds_str_find(range, '-'));
	range = ds_str_trim(ds_str_head(range, ds_str_find(range, '/')));
	r = ds_ip_parse(range, DS_IP_SLOPPY, &ip);
	*ret = ip.family;
	return r;
}

static int add_pool(struct ds_arena *a, struct ds_address_pools *p, const struct ds_object *o)
{
	const struct ds_yaml_node *list = ds_yaml_path(o->node, "spec", "addresses", NULL);
	struct ds_cel_value *name = ds_vec_add(a, &p->names);
	bool has[2] = {false, false};

	if (!name)
		return DS_ENOMEM;
	*name = ds_schema_string(o->name);
	/* The dash of a list in block style tells nothing: its first entry does. */
	name->loc = ds_schema_place(a, o, list && list->kind == DS_YAML_SEQUENCE && list->n ? list->items[0] : o->node);
	for (size_t i = 0; list && list->kind == DS_YAML_SEQUENCE && i < list->n; i++) {
		enum ds_family family;
		struct ds_str text;

		if (ds_yaml_as_string(list->items[i], &text) < 0 || ds_services_is_template(text))
			p->open = true;
		else if (family_of(text, &family) == 0)
			has[family == DS_IPV6] = true;
	}
	p->open |= list && list->kind != DS_YAML_SEQUENCE;
	p->has[0] |= has[0];
	p->has[1] |= has[1];
	p->dual |= has[0] && has[1];
	return name->loc ? 0 : DS_ENOMEM;
}

static int remember_pool(struct ds_load_balancers *l, const struct ds_object *o)
{
	struct ds_address_pools *own = ds_arena_new_obj(l->a, struct ds_address_pools);
	bool automatic = true;

	l->n_pools++;
	if (!own || add_pool(l->a, own, o) < 0 || ds_map_put(&l->pools, ds_str_from(o->name), own) < 0)
		return DS_ENOMEM;
	/* serviceAllocation may narrow whom a pool is for: who knows; it is taken for all. */
	if (ds_yaml_as_bool(ds_yaml_path(o->node, "spec", "autoAssign", NULL), &automatic) < 0)
		automatic = true;
	if (!ds_yaml_path(o->node, "spec", "autoAssign", NULL))
		automatic = true;
	return automatic ? add_pool(l->a, l->automatic, o) : 0;
}

/* "openstack:///0f3…" on every Node that has one. */
static void remember_cloud(struct ds_load_balancers *l, const struct ds_object *o, bool *several)
{
	struct ds_str id;

	if (ds_yaml_as_string(ds_yaml_path(o->node, "spec", "providerID", NULL), &id) < 0 || id.n == 0)
		return;
	id = ds_str_head(id, ds_str_find(id, ':'));
	if (l->cloud.n == 0 && !*several)
		l->cloud = id;
	if (!ds_str_eq(l->cloud, id)) {
		*several = true;
		l->cloud = (struct ds_str){0};
	}
}

int ds_load_balancers_init(struct ds_arena *a, const struct ds_cluster *c, struct ds_load_balancers *ret)
{
	bool several = false;
	int r = 0;

	*ret = (struct ds_load_balancers){.a = a, .automatic = ds_arena_new_obj(a, struct ds_address_pools)};
	if (!ret->automatic)
		return DS_ENOMEM;
	ds_map_init(&ret->pools, a);
	for (size_t i = 0; r == 0 && i < c->objects.n; i++) {
		if (strcmp(c->objects.v[i]->kind, "IPAddressPool") == 0)
			r = remember_pool(ret, c->objects.v[i]);
		else if (strcmp(c->objects.v[i]->kind, "Node") == 0)
			remember_cloud(ret, c->objects.v[i], &several);
	}
	return r;
}

/* ---- one Service ---- */

struct lb {
	const struct ds_load_balancers *l;
	const struct ds_object *o;
	const struct ds_yaml_node *annotations;
	struct ds_cel_value *f;
};

static struct ds_str text_of(const struct ds_yaml_node *n)
{
	struct ds_str text;

	return n && ds_yaml_as_string(n, &text) == 0 ? text : (struct ds_str){0};
}

static int set_text(const struct lb *b, enum lb_field field, const struct ds_yaml_node *n)
{
	const struct ds_loc *loc = n ? ds_schema_place(b->l->a, b->o, n) : NULL;

	if (!n)
		return 0;
	if (!loc)
		return DS_ENOMEM;
	if (ds_services_is_template(text_of(n)) || n->kind != DS_YAML_SCALAR)
		return ds_schema_unknown(b->l->a, "its value is a template", loc, &b->f[field]);
	b->f[field] = ds_cel_string(text_of(n));
	b->f[field].loc = loc;
	return 0;
}

static const struct ds_yaml_node *first_of(const struct ds_yaml_node *map, const char *one, const char *other)
{
	const struct ds_yaml_node *n = ds_yaml_get(map, one);

	return n ? n : ds_yaml_get(map, other);
}

static bool has_prefix(const struct ds_yaml_node *annotations, const char *prefix)
{
	for (size_t i = 0; annotations && annotations->kind == DS_YAML_MAPPING && i < annotations->n; i++)
		if (annotations->pairs[i].key->kind == DS_YAML_SCALAR &&
		    ds_str_starts(annotations->pairs[i].key->text, prefix))
			return true;
	return false;
}

/*
 * aws-load-balancer-controller pkg/service: a Service is its own by class, or
 * by the type "external" or "nlb-ip"; anything else is the cloud provider's.
 */
static const char *controller_of(const struct lb *b, struct ds_str class)
{
	struct ds_str type = text_of(ds_yaml_get(b->annotations, "service.beta.kubernetes.io/aws-load-balancer-type"));

	if (ds_str_eqz(class, "service.k8s.aws/nlb"))
		return "aws-load-balancer-controller";
	if (class.n)
		return NULL;
	if (ds_str_eqz(type, "external") || ds_str_eqz(type, "nlb-ip"))
		return "aws-load-balancer-controller";
	if (has_prefix(b->annotations, "loadbalancer.openstack.org/") ||
	    (ds_str_eqz(b->l->cloud, "openstack") && b->l->n_pools == 0))
		return "openstack";
	return NULL;
}

static int set_pools(const struct lb *b, const struct ds_yaml_node *pool)
{
	static const char unseen[] = "the IPAddressPool that it asks for is not among the inputs";
	const struct ds_address_pools *p = b->l->automatic;
	const struct ds_cel_value *name = &b->f[L_POOL];
	struct ds_cel_value *families = ds_arena_new_array(b->l->a, 2, struct ds_cel_value);
	const char *unknown = NULL;
	size_t n = 0;
	int r = 0;

	if (!families)
		return DS_ENOMEM;
	if (pool) {
		p = name->kind == DS_CEL_STRING ? ds_map_get(&b->l->pools, name->s) : NULL;
		unknown = p ? NULL : unseen;
	}
	if (!unknown && p->open)
		unknown = "an IPAddressPool is a template with values still to be filled in";
	for (enum lb_field i = L_POOLS; r == 0 && unknown && i <= L_DUAL_POOL; i++)
		r = ds_schema_unknown(b->l->a, unknown, name->loc, &b->f[i]);
	if (r < 0 || unknown)
		return r;
	if (p->has[0])
		families[n++] = ds_schema_string(ds_family_name(DS_IPV4));
	if (p->has[1])
		families[n++] = ds_schema_string(ds_family_name(DS_IPV6));
	b->f[L_POOLS] = ds_schema_list(p->names.v, p->names.n);
	b->f[L_POOL_FAMILIES] = ds_schema_list(families, n);
	b->f[L_DUAL_POOL] = ds_cel_bool(p->dual);
	return 0;
}

int ds_load_balancer_value(const struct ds_load_balancers *l, const struct ds_object *o, struct ds_cel_value *ret)
{
	const struct ds_yaml_node *spec = ds_yaml_get(o->node, "spec"), *pool, *asked, *given;
	const struct ds_yaml_node *class = ds_yaml_get(spec, "loadBalancerClass"), *type = ds_yaml_get(spec, "type");
	struct lb b = {.l = l, .o = o, .annotations = ds_yaml_path(o->node, "metadata", "annotations", NULL)};
	const char *controller;
	int r;

	*ret = (struct ds_cel_value){.kind = DS_CEL_ABSENT};
	if (ds_services_is_template(text_of(type)) || (type && type->kind != DS_YAML_SCALAR))
		return ds_schema_unknown(l->a, "the Service's type is a template", NULL, ret);
	if (!ds_str_eqz(text_of(type), "LoadBalancer"))
		return 0;
	b.f = ds_arena_new_array(l->a, L__COUNT, struct ds_cel_value);
	if (!b.f)
		return DS_ENOMEM;
	for (size_t i = 0; i < L__COUNT; i++)
		b.f[i] = (struct ds_cel_value){.kind = DS_CEL_ABSENT};
	pool = first_of(b.annotations, "metallb.io/address-pool", "metallb.universe.tf/address-pool");
	asked = first_of(b.annotations, "metallb.io/loadBalancerIPs", "metallb.universe.tf/loadBalancerIPs");
	given = ds_yaml_path(o->node, "status", "loadBalancer", "ingress", NULL);
	controller = controller_of(&b, text_of(class));
	if (controller)
		b.f[L_CONTROLLER] = ds_schema_string(controller);
	r = set_text(&b, L_CLASS, class);
	if (r == 0)
		r = set_text(
		    &b, L_ADDRESS_TYPE,
		    ds_yaml_get(b.annotations, "service.beta.kubernetes.io/aws-load-balancer-ip-address-type"));
	if (r == 0)
		r = set_text(&b, L_POOL, pool);
	if (r == 0 && l->n_pools && !class && !asked && !controller && !(given && given->n) &&
	    !text_of(ds_yaml_get(spec, "loadBalancerIP")).n)
		r = set_pools(&b, pool);
	*ret = ds_schema_object(&ds_load_balancer_type, b.f, NULL);
	return r;
}
