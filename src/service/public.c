#include "dsaudit/service.h"

#include <stdlib.h>

#include "base/ctx.h"
#include "base/err.h"
#include "kube/version.h"
#include "service/service.h"
#include "yaml/tree.h"

/* Memory of one question; a manifest of the API server's 3 MB fits with room to spare. */
#define ANSWER_BUDGET ((size_t)256 << 20)

struct ds_svc_server {
	struct ds_service_cluster cluster;
	struct ds_ip *taken;
	struct ds_cidr *cidrs;
};

struct ds_svc_answer {
	struct ds_arena *arena;
	struct ds_service_outcome outcome;
	const char **values[DS_SERVICE_FIELDS_MAX]; /* of fields, as NUL-terminated texts; NULL after the last */
};

DS_PUBLIC const char *ds_svc_error_text(int error)
{
	static const char *const texts[] = {
		"no error",
		[-DS_SVC_ENOMEM] = "out of memory, or the manifest is too large",
		[-DS_SVC_EVERSION] = "not a Kubernetes version",
		[-DS_SVC_ERANGE] = "not one service range, nor one of each family",
		[-DS_SVC_EADDRESS] = "not an IP address",
		[-DS_SVC_EGATE] = "not a feature gate that decides about Services",
		[-DS_SVC_EMANIFEST] = "the manifest is neither YAML nor JSON, or not an object",
	};

	return error <= 0 && error > -(int)DS_ARRAY_SIZE(texts) ? texts[-error] : "unknown error";
}

static int parse_ranges(const char *text, struct ds_service_cluster *c)
{
	struct ds_str rest = ds_str_from(text), part;
	bool done = false;

	while (ds_str_split(&rest, ',', &done, &part)) {
		if (c->n_ranges == 2 || ds_cidr_parse(part, DS_IP_SLOPPY, &c->ranges[c->n_ranges]) < 0)
			return DS_SVC_ERANGE;
		c->n_ranges++;
	}
	return c->n_ranges == 2 && c->ranges[0].ip.family == c->ranges[1].ip.family ? DS_SVC_ERANGE : 0;
}

DS_PUBLIC int ds_svc_server_new(const char *kubernetes_version, const char *service_cluster_ip_range,
				struct ds_svc_server **ret_server)
{
	struct ds_svc_server *s;
	struct ds_kube_version version;
	int r;

	if (ds_kube_version_parse(ds_str_from(kubernetes_version), &version) < 0 || version.major != 1)
		return DS_SVC_EVERSION;
	s = calloc(1, sizeof(*s));
	if (!s)
		return DS_SVC_ENOMEM;
	s->cluster.minor = version.minor;
	r = parse_ranges(service_cluster_ip_range, &s->cluster);
	if (r < 0) {
		free(s);
		return r;
	}
	*ret_server = s;
	return 0;
}

DS_PUBLIC void ds_svc_server_free(struct ds_svc_server *server)
{
	if (server) {
		free(server->taken);
		free(server->cidrs);
	}
	free(server);
}

DS_PUBLIC int ds_svc_server_set_gate(struct ds_svc_server *server, const char *name, bool enabled)
{
	const struct {
		const char *name;
		enum ds_service_gate *gate;
	} gates[] = {
	    {"IPv6DualStack",                &server->cluster.dual_stack  },
	    {"MultiCIDRServiceAllocator",    &server->cluster.multi_cidr  },
	    {"StrictIPCIDRValidation",       &server->cluster.strict_ip   },
	    {"RelaxedServiceNameValidation", &server->cluster.relaxed_name},
	};

	for (size_t i = 0; i < DS_ARRAY_SIZE(gates); i++)
		if (strcmp(gates[i].name, name) == 0) {
			*gates[i].gate = enabled ? DS_SERVICE_GATE_ON : DS_SERVICE_GATE_OFF;
			return 0;
		}
	return DS_SVC_EGATE;
}

/* Room for one more element after n: the array doubles whenever n is a power of two. */
static int make_room(void **v, size_t n, size_t size)
{
	void *p;

	if (n & (n - 1))
		return 0;
	p = reallocarray(*v, n ? n * 2 : 1, size);
	if (!p)
		return DS_SVC_ENOMEM;
	*v = p;
	return 0;
}

DS_PUBLIC int ds_svc_server_take(struct ds_svc_server *server, const char *address)
{
	struct ds_ip ip;

	if (ds_ip_parse(ds_str_from(address), DS_IP_SLOPPY, &ip) < 0)
		return DS_SVC_EADDRESS;
	if (make_room((void **)&server->taken, server->cluster.n_taken, sizeof(ip)) < 0)
		return DS_SVC_ENOMEM;
	server->taken[server->cluster.n_taken++] = ip;
	server->cluster.taken = server->taken;
	return 0;
}

DS_PUBLIC int ds_svc_server_add_service_cidr(struct ds_svc_server *server, const char *cidr)
{
	struct ds_cidr c;

	if (ds_cidr_parse(ds_str_from(cidr), DS_IP_SLOPPY, &c) < 0)
		return DS_SVC_ERANGE;
	if (make_room((void **)&server->cidrs, server->cluster.n_service_cidrs, sizeof(c)) < 0)
		return DS_SVC_ENOMEM;
	server->cidrs[server->cluster.n_service_cidrs++] = c;
	server->cluster.service_cidrs = server->cidrs;
	return 0;
}

DS_PUBLIC void ds_svc_answer_free(struct ds_svc_answer *answer)
{
	if (answer)
		(void)ds_arena_free(answer->arena);
	free(answer);
}

static int from_internal(int r)
{
	return r == 0 ? 0 : r == DS_ENOMEM || r == DS_ETOOBIG || r == DS_ETOODEEP ? DS_SVC_ENOMEM : DS_SVC_EMANIFEST;
}

/* The first document of text as a Service. */
static int decode(struct ds_ctx *ctx, const char *text, size_t n, unsigned minor, struct ds_service *ret)
{
	struct ds_input *input = ds_ctx_input(ctx, "manifest", "service");
	struct ds_yaml_stream stream;
	int r;

	if (!input)
		return DS_SVC_ENOMEM;
	/* The answer borrows from the text, and the caller's need not live on. */
	text = ds_arena_strndup(ctx->arena, text, n);
	if (!text)
		return DS_SVC_ENOMEM;
	r = ds_yaml_load(ctx, input, ds_str_n(text, n), &stream);
	if (r < 0 || stream.n == 0 || !stream.docs[0].root)
		return r < 0 ? from_internal(r) : DS_SVC_EMANIFEST;
	return from_internal(ds_service_decode(ctx->arena, stream.docs[0].root, minor, ret));
}

static const char **texts_of(struct ds_arena *a, const struct ds_service_field *f)
{
	size_t n = f->kind == DS_SERVICE_LIST ? f->list.n : f->kind == DS_SERVICE_MAP ? f->map.n : 1;
	const char **v = ds_arena_new_array(a, n + 1, const char *);

	for (size_t i = 0; v && i < n; i++) {
		const struct ds_service_pair *p = f->kind == DS_SERVICE_MAP ? &f->map.v[i] : NULL;
		struct ds_str s = f->kind == DS_SERVICE_LIST ? f->list.v[i] : f->text;

		if (f->kind == DS_SERVICE_BOOL)
			v[i] = f->boolean ? "true" : "false";
		else if (p)
			v[i] = ds_arena_printf(a, "%.*s=%.*s", DS_STR_ARG(p->key), DS_STR_ARG(p->value));
		else
			v[i] = ds_arena_strndup(a, s.p ? s.p : "", s.n);
		if (!v[i])
			return NULL;
	}
	return v;
}

static int fill_values(struct ds_svc_answer *answer)
{
	for (size_t i = 0; i < answer->outcome.n_fields; i++) {
		answer->values[i] = texts_of(answer->arena, &answer->outcome.fields[i]);
		if (!answer->values[i])
			return DS_SVC_ENOMEM;
	}
	return 0;
}

enum question { CREATE, UPDATE, READ };

struct text {
	const char *p;
	size_t n;
};

static int decide(struct ds_ctx *ctx, const struct ds_svc_server *server, enum question question, struct text before,
		  struct text object, unsigned flags, struct ds_service_outcome *ret)
{
	const struct ds_service_cluster *cluster = &server->cluster;
	struct ds_service_options options = {
	    .dry_run = flags & DS_SVC_DRY_RUN,
	    .explain = flags & DS_SVC_EXPLAIN,
	    .field_validation = flags & DS_SVC_STRICT ? DS_FIELDS_STRICT : DS_FIELDS_WARN,
	};
	struct ds_service svc = {0}, old = {0};
	int r = 0;

	if (question != CREATE)
		r = decode(ctx, before.p, before.n, cluster->minor, &old);
	if (r == 0 && question != READ)
		r = decode(ctx, object.p, object.n, cluster->minor, &svc);
	if (r < 0)
		return r;
	switch (question) {
	case CREATE:
		return from_internal(ds_service_create(ctx->arena, cluster, &svc, &options, ret));
	case UPDATE:
		return from_internal(ds_service_update(ctx->arena, cluster, &old, &svc, &options, ret));
	case READ:
		break;
	}
	return from_internal(ds_service_read(ctx->arena, cluster, &old, ret));
}

static int ask(const struct ds_svc_server *server, enum question question, struct text before, struct text object,
	       unsigned flags, struct ds_svc_answer **ret_answer)
{
	struct ds_svc_answer *answer = calloc(1, sizeof(*answer));
	struct ds_ctx ctx;
	int r;

	if (!answer || ds_ctx_init(&ctx, ANSWER_BUDGET) < 0) {
		free(answer);
		return DS_SVC_ENOMEM;
	}
	answer->arena = ctx.arena;
	r = decide(&ctx, server, question, before, object, flags, &answer->outcome);
	if (r == 0)
		r = fill_values(answer);
	if (r < 0) {
		ds_svc_answer_free(answer);
		return r;
	}
	*ret_answer = answer;
	return 0;
}

DS_PUBLIC int ds_svc_create(const struct ds_svc_server *server, const char *manifest, size_t n, unsigned flags,
			    struct ds_svc_answer **ret_answer)
{
	return ask(server, CREATE, (struct text){NULL, 0}, (struct text){manifest, n}, flags, ret_answer);
}

DS_PUBLIC int ds_svc_update(const struct ds_svc_server *server, const char *stored, size_t n_stored,
			    const char *manifest, size_t n, unsigned flags, struct ds_svc_answer **ret_answer)
{
	return ask(server, UPDATE, (struct text){stored, n_stored}, (struct text){manifest, n}, flags, ret_answer);
}

DS_PUBLIC int ds_svc_read(const struct ds_svc_server *server, const char *stored, size_t n,
			  struct ds_svc_answer **ret_answer)
{
	return ask(server, READ, (struct text){stored, n}, (struct text){NULL, 0}, 0, ret_answer);
}

DS_PUBLIC bool ds_svc_answer_accepted(const struct ds_svc_answer *answer)
{
	return answer->outcome.accepted;
}

DS_PUBLIC bool ds_svc_answer_connection_dropped(const struct ds_svc_answer *answer)
{
	return answer->outcome.connection_dropped;
}

DS_PUBLIC int ds_svc_answer_code(const struct ds_svc_answer *answer)
{
	return answer->outcome.code;
}

DS_PUBLIC const char *ds_svc_answer_reason(const struct ds_svc_answer *answer)
{
	return answer->outcome.reason ? answer->outcome.reason : "";
}

DS_PUBLIC const char *ds_svc_answer_message(const struct ds_svc_answer *answer)
{
	return answer->outcome.message ? answer->outcome.message : "";
}

DS_PUBLIC bool ds_svc_answer_cause(const struct ds_svc_answer *answer, size_t index, const char **ret_reason,
				   const char **ret_field, const char **ret_message)
{
	const struct ds_service_cause *c;

	if (index >= answer->outcome.n_causes)
		return false;
	c = &answer->outcome.causes[index];
	*ret_reason = c->reason;
	*ret_field = c->field;
	*ret_message = c->message;
	return true;
}

DS_PUBLIC const char *ds_svc_answer_value(const struct ds_svc_answer *answer, const char *field, size_t index)
{
	for (size_t i = 0; i < answer->outcome.n_fields; i++) {
		const char **v = answer->values[i];

		if (strcmp(answer->outcome.fields[i].name, field) != 0)
			continue;
		for (size_t j = 0; v[j]; j++)
			if (j == index)
				return v[j];
	}
	return NULL;
}

DS_PUBLIC const char *ds_svc_answer_warning(const struct ds_svc_answer *answer, size_t index)
{
	return index < answer->outcome.n_warnings ? answer->outcome.warnings[index] : NULL;
}

DS_PUBLIC const char *ds_svc_answer_step(const struct ds_svc_answer *answer, size_t index)
{
	return index < answer->outcome.n_steps ? answer->outcome.steps[index] : NULL;
}
