#ifndef DS_SERVICE_ENGINE_H
#define DS_SERVICE_ENGINE_H

#include "base/err.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "net/ip.h"
#include "service/service.h"

/*
 * Inside the Service engine: one decision in the making. Functions that may
 * run out of memory set d->r and carry on; ds_service_create and
 * ds_service_update look at it once, at the end.
 */

/* What changed between the versions: see the table in version.c. */
enum ds__behaviour {
	DS__STORE_PIPELINE,                /* 1.23: allocation inside the generic store, before validation */
	DS__PATCH_ALLOCATED,               /* 1.22: a PUT may omit what was allocated */
	DS__PREFER_SHORTCUT,               /* 1.22: an unchanged PreferDualStack Service is left alone */
	DS__V1_DEFAULTS_POLICY,            /* 1.20: v1 defaulting sets policy and families */
	DS__INFER_REQUIRE,                 /* 1.21 to 1.22: two families without a policy mean RequireDualStack */
	DS__INTERNAL_POLICY,               /* 1.22: internalTrafficPolicy is defaulted and required */
	DS__INTERNAL_POLICY_EXTERNAL_NAME, /* up to 1.23: for ExternalName too */
	DS__LB_NODE_PORTS,                 /* 1.22: allocateLoadBalancerNodePorts */
	DS__LB_CLASS,                      /* 1.22: loadBalancerClass */
	DS__PATCH_WANTED_PORTS,            /* 1.30: a PUT keeps node ports only where they are allocated */
	DS__ONE_PROTOCOL,                  /* up to 1.23: a load balancer's ports have one protocol */
	DS__NO_INTERNAL_POLICY_READ,       /* 1.24: an ExternalName Service is read without internalTrafficPolicy */
	DS__EXTERNAL_IPS_POLICY,           /* 1.29: externalIPs make a Service externally accessible */
	DS__FIELD_VALIDATION,              /* 1.25: unknown and duplicate fields are warned about */
	DS__IP_WARNINGS,                   /* 1.27 */
	DS__IP_WARNINGS_NEW,               /* 1.33: new texts */
	DS__IP_WARNINGS_INVALID,           /* 1.36: "is invalid" */
	DS__EXTERNAL_NAME_WARNINGS,        /* 1.28 */
	DS__HEADLESS_WARNINGS,             /* 1.34 */
	DS__EXTERNAL_IPS_WARNING,          /* 1.36 */
	DS__PREFER_CLOSE_WARNING,          /* 1.35 */
	DS__JSON_VALUES,                   /* 1.34: values in errors are JSON */
	DS__OLD_IPS_ACCEPTED,              /* 1.33: addresses of the stored object are not checked again */
	DS__STRICT_IPS,                    /* 1.36 default, a gate from 1.33 */
	DS__RELAXED_NAME,                  /* 1.36 default, a gate from 1.34 */
	DS__META_ALLOCATOR,                /* 1.33 default, a gate from 1.27 */
	DS__DUAL_WRITE,                    /* 1.31 to 1.33: the new allocator's addresses go to the old bitmap too */
	DS__BITMAP_FIRST,                  /* 1.33: an address is chosen from the old bitmap first */
	DS__DYNAMIC_INVALID,               /* 1.35: no address can be chosen: 422 unless the range is full */
	DS__SOURCE_RANGES_EACH,            /* 1.30: each loadBalancerSourceRanges entry has an error of its own */
	DS__KUBELET_PORT,                  /* up to 1.32: port 10250 is refused for LoadBalancer */
	DS__TRAFFIC_DISTRIBUTION,          /* 1.31: validated and kept */
	DS__TRAFFIC_DISTRIBUTION_ZONES,    /* 1.34: PreferSameZone, PreferSameNode */
	DS__EXTERNAL_POLICY,     /* 1.23: externalTrafficPolicy and healthCheckNodePort are required and checked anew */
	DS__ACCESSIBLE_TEXT,     /* 1.29: "externally-accessible services" */
	DS__FULL_NAMES_SERVICE,  /* 1.36: "range is full" names the Service */
	DS__BYTES_TEXT,          /* 1.32: annotations "may not be more than" so many bytes */
	DS__LABEL_KEY_TEXT,      /* 1.35: label keys and values are checked by api/validate/content, with its words */
	DS__DOTS_TEXT,           /* 1.27: a DNS label with dots "must not contain dots" */
	DS__META_ON_CREATE_ONLY, /* 1.34: names are validated on create only */
	DS__BEHAVIOUR__COUNT
};

/* field.ErrorType, in apimachinery's words. */
enum ds__error_type {
	DS__INVALID,
	DS__REQUIRED,
	DS__FORBIDDEN,
	DS__NOT_SUPPORTED,
	DS__DUPLICATE,
	DS__TOO_LONG,
	DS__ERROR_INTERNAL,
	DS__ERROR_TYPE__COUNT
};

enum ds__value_kind {
	DS__V_NONE,   /* types that print no value */
	DS__V_STRING, /* a Go string */
	DS__V_NAMED,  /* a named string, or a pointer to one */
	DS__V_NIL,    /* a nil pointer */
	DS__V_NUMBER,
	DS__V_STRINGS,  /* []string */
	DS__V_FAMILIES, /* []core.IPFamily */
	DS__V_PORT_KEY, /* core.ServicePort with protocol and port only */
	DS__V_PORTS,    /* []core.ServicePort, up to 1.23 */
};

/* field.Error.BadValue. */
struct ds__value {
	enum ds__value_kind kind;
	struct ds_str s;
	int64_t number;
	const struct ds_service_list *list;
	const struct ds_service *svc;
};

/* What Go's parsers make of a text; placeholders count as addresses of their family. */
struct ds__address {
	struct ds_str text;
	bool is_placeholder;
	bool is_sloppy, is_netip; /* whether netutils.ParseIPSloppy and netip.ParseAddr take it */
	struct ds_ip sloppy, netip;
};

struct ds__field_error {
	enum ds__error_type type;
	const char *field;
	const char *body; /* the text after "field: " */
};

struct ds__decision {
	struct ds_arena *arena;
	const struct ds_service_cluster *cluster;
	struct ds_service_options options;
	unsigned minor;
	const struct ds_service *old; /* as read from storage; NULL on create */
	struct ds_service svc;        /* the object in the making */
	enum ds_family primary;
	bool has_family[2]; /* [0] IPv4, [1] IPv6: an allocator exists */
	bool dual_stack_gate;
	bool done; /* *out holds the final answer */
	int r;
	DS_VEC(struct ds__field_error) errors;
	size_t error_bytes;
	struct ds__address addresses[4]; /* the last ones parsed: every step asks about the same few */
	size_t n_addresses;
	const struct ds_service_list *indexed; /* a long list of the stored object … */
	struct ds_map index;                   /* … and its texts */
	DS_VEC(const char *) warnings;
	DS_VEC(const char *) steps;
	struct ds_service_outcome *out;
};

/* version.c */
bool ds__svc_has(const struct ds__decision *d, enum ds__behaviour b);
bool ds__svc_row(unsigned minor, enum ds__behaviour b);

/* object.c */
#define DS__IS(str, literal) ((str).n == sizeof(literal) - 1 && memcmp((str).p, literal, sizeof(literal) - 1) == 0)
bool ds__list_eq(const struct ds_service_list *a, const struct ds_service_list *b);
/* A list of at most cap elements that starts as a copy of *l; on no memory *l stays. */
int ds__list_own(struct ds_arena *a, struct ds_service_list *l, size_t cap);
bool ds__needs_node_port(const struct ds_service *s);
bool ds__needs_cluster_ip(const struct ds_service *s);
bool ds__externally_accessible(const struct ds__decision *d, const struct ds_service *s);
bool ds__needs_health_check(const struct ds_service *s);
bool ds__policy_is(const struct ds_service *s, const char *name);
extern const struct ds_str ds__ipv4, ds__ipv6;
/* The text of an address the allocator chooses; recognised by its place in memory, so no input can be one. */
struct ds_str ds__placeholder(enum ds_family f);
enum ds_family ds__placeholder_family(struct ds_str s);
/* Borrowed until the next call. */
const struct ds__address *ds__parse(struct ds__decision *d, struct ds_str text);
/* netutils.IsIPv6String and IsIPv4String: DS_FAMILY_NONE for what is no address. */
enum ds_family ds__family_of(struct ds__decision *d, struct ds_str ip);
enum ds_family ds__family_named(struct ds_str name);
static inline struct ds_str ds__family_text(enum ds_family f)
{
	return f == DS_IPV6 ? ds__ipv6 : ds__ipv4;
}
static inline enum ds_family ds__other(enum ds_family f)
{
	return f == DS_IPV6 ? DS_IPV4 : DS_IPV6;
}

/* Adds a family to the Service's ipFamilies. 0 or DS_ENOMEM, which is also d->r. */
int ds__append_family(struct ds__decision *d, enum ds_family f);
static inline bool ds__configured(const struct ds__decision *d, enum ds_family f)
{
	return f == DS_IPV4 ? d->has_family[0] : f == DS_IPV6 && d->has_family[1];
}
static inline bool ds__is_dual_cluster(const struct ds__decision *d)
{
	return d->has_family[0] && d->has_family[1];
}

/* numbers.c: numbers with a number each, sized once for at most n of them. */
struct ds__numbers {
	int64_t *keys;
	int64_t *values;
	bool *taken;
	size_t mask;
};
int ds__numbers_init(struct ds__numbers *set, struct ds_arena *a, size_t n);
/* Adds key with value 0 unless it is there: whether it was not. */
bool ds__numbers_add(struct ds__numbers *set, int64_t key);
/* The value of key, to read or write, or NULL. */
int64_t *ds__numbers_get(const struct ds__numbers *set, int64_t key);

/* A node port that the allocator chooses: no number a request can carry to validation. */
#define DS__CHOSEN_NODE_PORT INT32_MIN
/* A number for a protocol's name, so that (protocol, port) fits one key. */
uint32_t ds__protocol_number(struct ds_str protocol);

/* field_error.c */
static inline struct ds__value ds__str(struct ds_str s)
{
	return (struct ds__value){.kind = DS__V_STRING, .s = s};
}
static inline struct ds__value ds__named(struct ds_str s)
{
	return (struct ds__value){.kind = DS__V_NAMED, .s = s};
}
static inline struct ds__value ds__number(int64_t n)
{
	return (struct ds__value){.kind = DS__V_NUMBER, .number = n};
}
static inline struct ds__value ds__strings(const struct ds_service_list *l)
{
	return (struct ds__value){.kind = DS__V_STRINGS, .list = l};
}
static inline struct ds__value ds__families(const struct ds_service_list *l)
{
	return (struct ds__value){.kind = DS__V_FAMILIES, .list = l};
}
static inline struct ds__value ds__policy_value(const struct ds_service *s)
{
	return (struct ds__value){.kind = s->ip_family_policy.set ? DS__V_NAMED : DS__V_NIL,
				  .s = s->ip_family_policy.s};
}
/* Adds an error; field and detail are borrowed for the life of the arena. */
void ds__error(struct ds__decision *d, enum ds__error_type type, const char *field, struct ds__value value,
	       const char *detail);
void ds__required(struct ds__decision *d, const char *field);
void ds__forbidden(struct ds__decision *d, const char *field, const char *detail);
/* `supported values: "a", "b"`; supported is NULL-terminated and sorted. */
void ds__not_supported(struct ds__decision *d, const char *field, struct ds_str value, const char *const *supported);
/* A formatted text in the arena; "" and d->r set when out of memory. */
const char *ds__text(struct ds__decision *d, const char *fmt, ...) DS_PRINTF(2, 3);
/* strconv.Quote of s in the arena. */
const char *ds__quote(struct ds__decision *d, struct ds_str s);
/* errors.NewInvalid with the errors so far: the answer. */
void ds__answer_invalid(struct ds__decision *d);
/* errors.NewInternalError, errors.NewBadRequest. message is the whole text. */
void ds__answer_status(struct ds__decision *d, int code, const char *reason, const char *message);
void ds__warn(struct ds__decision *d, const char *text);
/* A step of the explanation; does nothing unless it was asked for. */
void ds__step(struct ds__decision *d, const char *fmt, ...) DS_PRINTF(2, 3);

/* defaults.c: pkg/apis/core/v1/defaults.go:SetDefaults_Service */
void ds__defaults(struct ds__decision *d, struct ds_service *s);
/* normalize.c: storage.go:normalizeClusterIPs, patchAllocatedValues */
void ds__normalize(struct ds__decision *d);
void ds__patch_allocated(struct ds__decision *d);
/* families.c: alloc.go:initIPFamilyFields, isMatchingPreferDualStackClusterIPFields */
void ds__init_families(struct ds__decision *d);
bool ds__matches_prefer_dual_stack(const struct ds__decision *d);
/* allocate.c: alloc.go:allocClusterIPs, updateClusterIPs, initNodePorts, updateNodePorts */
void ds__allocate_ips(struct ds__decision *d);
void ds__update_ips(struct ds__decision *d);
void ds__allocate_ports(struct ds__decision *d);
void ds__update_ports(struct ds__decision *d);
/* update.c: strategy.go:dropTypeDependentFields, validation.go:ValidateServiceUpdate */
void ds__drop_type_dependent(struct ds__decision *d);
void ds__validate_update(struct ds__decision *d);
/* validate.c, validate_ports.c, validate_ips.c, validate_meta.c: validation.go:validateService and its parts */
void ds__validate(struct ds__decision *d);
void ds__validate_ports(struct ds__decision *d);
/* Up to 1.22, asked after allocation. */
void ds__validate_external_combination(struct ds__decision *d);
void ds__validate_duplicate_ports(struct ds__decision *d);
void ds__validate_cluster_ips(struct ds__decision *d);
void ds__validate_external_ips(struct ds__decision *d);
void ds__validate_source_ranges(struct ds__decision *d);
void ds__validate_load_balancer_class(struct ds__decision *d, const struct ds_service *old);
void ds__validate_meta(struct ds__decision *d);
void ds__validate_meta_update(struct ds__decision *d);
void ds__validate_labels(struct ds__decision *d, const struct ds_service_map *labels, const char *field);
/* names.c: apimachinery/pkg/util/validation. The errors show `shown`, which is s as it was written. */
void ds__dns1123_label(struct ds__decision *d, struct ds_str s, struct ds_str shown, const char *field);
void ds__dns1123_subdomain(struct ds__decision *d, struct ds_str s, const char *field);
void ds__dns1035_label(struct ds__decision *d, struct ds_str s, struct ds_str shown, const char *field);
void ds__qualified_name(struct ds__decision *d, struct ds_str s, struct ds_str shown, const char *field);
void ds__port_number(struct ds__decision *d, int64_t port, const char *field);
void ds__port_name(struct ds__decision *d, struct ds_str s, const char *field);
/* read.c: storage.go:defaultOnRead */
void ds__default_on_read(struct ds__decision *d, struct ds_service *s);
void ds__fill_fields(struct ds__decision *d);
/* warnings.c: pkg/api/service/warnings.go */
void ds__strategy_warnings(struct ds__decision *d);
/* netip_error.c: the text of netip.ParseAddr's error, or NULL when it takes the address. */
const char *ds__netip_error(struct ds__decision *d, struct ds_str text);
/* legacy.c: storage/rest.go up to 1.22 */
void ds__legacy_create(struct ds__decision *d);
void ds__legacy_update(struct ds__decision *d);

#endif
