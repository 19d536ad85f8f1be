#include "report/preview_run.h"

#include "base/limits.h"
#include "yaml/scalar.h"

/* Memory of one Service: its tree, its object, its answer. */
#define SCRATCH ((size_t)512 << 20)

/* A Service of --before. JSON is kept as text and read again when its counterpart comes. */
struct stored {
	struct ds_str text;
	const struct ds_yaml_node *node; /* YAML: in the run's arena */
	struct ds_loc loc;
	bool paired;
};

const struct ds_service_field *ds_preview_field(const struct ds_service_outcome *o, const char *name)
{
	for (size_t i = 0; i < o->n_fields; i++)
		if (strcmp(o->fields[i].name, name) == 0)
			return &o->fields[i];
	return NULL;
}

/* metadata.namespace is filled in from the request's path; kubectl's is "default" unless told. */
static void set_namespace(struct ds_service *svc)
{
	if (svc->namespace_.n == 0)
		svc->namespace_ = DS_STR("default");
}

static int key_of(struct ds_arena *a, const struct ds_service *svc, struct ds_str *ret)
{
	size_t n = svc->namespace_.n + 1 + svc->name.n;
	char *p = ds_arena_alloc(a, n);

	if (!p)
		return DS_ENOMEM;
	memcpy(p, svc->namespace_.p, svc->namespace_.n);
	p[svc->namespace_.n] = '/';
	if (svc->name.n)
		memcpy(p + svc->namespace_.n + 1, svc->name.p, svc->name.n);
	*ret = ds_str_n(p, n);
	return 0;
}

/* ---- stored objects ---- */

static int not_stored(struct ds_preview_run *run, const struct ds_service_item *it, const char *why)
{
	run->before.n_failed++;
	return ds_diag(run->ctx, DS_LEVEL_ERROR, &it->loc, NULL, "this stored Service cannot be read: %s", why);
}

static int store(void *user, const struct ds_service_item *it)
{
	struct ds_preview_run *run = user;
	struct ds_arena *a = run->ctx->arena;
	struct ds_service svc;
	struct ds_str key;
	struct stored *s;
	int r;

	ds_arena_reset(run->scratch);
	r = ds_service_decode(run->scratch, it->node, run->cluster.minor, &svc);
	if (r == DS_ETYPE)
		return not_stored(run, it, "it is no object");
	if (r < 0)
		return r;
	if (svc.decoding.error)
		return not_stored(run, it, svc.decoding.error);
	set_namespace(&svc);
	r = key_of(a, &svc, &key);
	if (r < 0)
		return r;
	if (ds_map_get(&run->stored, key))
		return ds_diag(run->ctx, DS_LEVEL_WARNING, &it->loc, NULL, "%.*s is stored already: this one is not used",
			       DS_STR_ARG(key));
	s = ds_arena_new_obj(a, struct stored);
	if (!s)
		return DS_ENOMEM;
	*s = (struct stored){.node = it->text.n ? NULL : it->node, .loc = it->loc};
	if (it->text.n && ds_arena_str(a, it->text, &s->text) < 0)
		return DS_ENOMEM;
	run->n_stored++;
	return ds_map_put(&run->stored, key, s);
}

/* The stored object that belongs to svc, decoded into the scratch arena; *ret_found false: there is none. */
static int find_stored(struct ds_preview_run *run, const struct ds_service *svc, struct ds_service *ret, bool *ret_found)
{
	struct ds_ctx scratch = {.arena = run->scratch};
	struct ds_yaml_stream stream;
	const struct ds_yaml_node *node;
	struct stored *s;
	struct ds_str key;
	int r;

	*ret_found = false;
	if (run->n_stored == 0 || svc->name.n == 0)
		return 0;
	r = key_of(run->scratch, svc, &key);
	if (r < 0)
		return r;
	s = ds_map_get(&run->stored, key);
	if (!s)
		return 0;
	*ret_found = true;
	run->n_paired += !s->paired;
	s->paired = true;
	node = s->node;
	if (!node) {
		r = ds_yaml_load(&scratch, s->loc.input, s->text, &stream);
		if (r < 0)
			return r;
		node = stream.docs[0].root;
	}
	r = ds_service_decode(run->scratch, node, run->cluster.minor, ret);
	set_namespace(ret);
	return r;
}

/* ---- one Service ---- */

static int decide(struct ds_preview_run *run, const struct ds_service *svc, struct ds_preview_item *item)
{
	struct ds_service *before = ds_arena_new_obj(run->scratch, struct ds_service);
	struct ds_service_outcome *stored;
	bool found;
	int r = before ? find_stored(run, svc, before, &found) : DS_ENOMEM;

	if (r < 0)
		return r;
	item->asked = svc;
	if (!found) {
		item->operation = "create";
		return ds_service_create(run->scratch, &run->cluster, svc, &run->options, &item->outcome);
	}
	item->operation = "update";
	stored = ds_arena_new_obj(run->scratch, struct ds_service_outcome);
	if (!stored)
		return DS_ENOMEM;
	item->before = stored;
	r = ds_service_read(run->scratch, &run->cluster, before, stored);
	if (r == 0)
		r = ds_service_update(run->scratch, &run->cluster, before, svc, &run->options, &item->outcome);
	return r;
}

static bool same_spec(const struct ds_service_outcome *a, const struct ds_service_outcome *b)
{
	if (a->n_fields != b->n_fields)
		return false;
	for (size_t i = 0; i < a->n_fields; i++) {
		const struct ds_service_field *x = &a->fields[i], *y = &b->fields[i];

		if (strcmp(x->name, y->name) != 0 || !ds_str_eq(x->text, y->text) || x->boolean != y->boolean ||
		    x->list.n != y->list.n || x->map.n != y->map.n)
			return false;
		for (size_t k = 0; k < x->list.n; k++)
			if (!ds_str_eq(x->list.v[k], y->list.v[k]))
				return false;
		for (size_t k = 0; k < x->map.n; k++)
			if (!ds_str_eq(x->map.v[k].key, y->map.v[k].key) ||
			    !ds_str_eq(x->map.v[k].value, y->map.v[k].value))
				return false;
	}
	return true;
}

static size_t families_of(const struct ds_service_outcome *o)
{
	const struct ds_service_field *f = ds_preview_field(o, "ipFamilies");

	return f ? f->list.n : 0;
}

static void count(struct ds_preview_counts *c, struct ds_preview_item *item)
{
	size_t n = families_of(&item->outcome), before = item->before ? families_of(item->before) : 0;

	c->services++;
	c->created += !item->before;
	c->updated += item->before != NULL;
	c->severity[DS_SEVERITY_WARNING] += item->outcome.n_warnings;
	for (size_t i = 0; i < item->n_remarks; i++)
		c->severity[item->remarks[i].severity]++;
	if (!item->outcome.accepted) {
		c->refused++;
		c->severity[DS_SEVERITY_ERROR]++;
		return;
	}
	c->dual += n == 2;
	c->single += n == 1;
	c->none += n == 0;
	c->becomes_dual += before == 1 && n == 2;
	c->becomes_single += before == 2 && n == 1;
	item->unchanged = item->before && same_spec(item->before, &item->outcome);
	c->unchanged += item->unchanged;
}

/* Text of the decoder's as a C string: a NUL in it ends what is shown. */
static const char *text_of(struct ds_arena *a, struct ds_str s)
{
	return ds_arena_strndup(a, s.p ? s.p : "", s.n);
}

static int name_item(struct ds_arena *a, const struct ds_service *svc, struct ds_preview_item *item)
{
	const struct ds_service *got = item->outcome.accepted ? &item->outcome.object : svc;

	item->ns = text_of(a, svc->namespace_);
	item->name = text_of(a, svc->name.n ? svc->name : got->name);
	return item->ns && item->name ? 0 : DS_ENOMEM;
}

static int preview(void *user, const struct ds_service_item *it)
{
	struct ds_preview_run *run = user;
	struct ds_preview_item item = {.operation = "create", .loc = it->loc};
	struct ds_service *svc;
	bool odd;
	int r;

	ds_arena_reset(run->scratch);
	svc = ds_arena_new_obj(run->scratch, struct ds_service);
	if (!svc)
		return DS_ENOMEM;
	r = ds_preview_unrecognized(run->scratch, it->node, &item.outcome, &odd);
	if (r == 0)
		r = ds_service_decode(run->scratch, it->node->kind == DS_YAML_MAPPING ? it->node : NULL,
				      run->cluster.minor, svc);
	if (r == 0) {
		set_namespace(svc);
		r = odd ? 0 : decide(run, svc, &item);
	}
	if (r == 0)
		r = name_item(run->scratch, svc, &item);
	if (r == 0)
		r = ds_preview_remark(run->scratch, run, &item);
	if (r < 0)
		return r;
	count(&run->counts, &item);
	for (size_t i = 0; i < run->n_writers; i++)
		run->writers[i]->item(run->writers[i], &item);
	return 0;
}

/* ---- the run ---- */

int ds_preview_run_begin(struct ds_preview_run *run)
{
	run->scratch = ds_arena_new(SCRATCH);
	if (!run->scratch)
		return DS_ENOMEM;
	run->stream = (struct ds_service_stream){.ctx = run->ctx, .item = preview, .user = run};
	run->before = (struct ds_service_stream){.ctx = run->ctx, .item = store, .user = run, .keep = run->ctx->arena};
	ds_map_init(&run->stored, run->ctx->arena);
	for (size_t i = 0; i < run->n_writers; i++)
		run->writers[i]->begin(run->writers[i], run);
	return 0;
}

int ds_preview_run_before(struct ds_preview_run *run, const char *path, int stdin_fd)
{
	return ds_service_stream_path(&run->before, path, stdin_fd);
}

int ds_preview_run_services(struct ds_preview_run *run, const char *path, int stdin_fd)
{
	return ds_service_stream_path(&run->stream, path, stdin_fd);
}

void ds_preview_run_end(struct ds_preview_run *run)
{
	for (size_t i = 0; i < run->n_writers; i++)
		run->writers[i]->end(run->writers[i], run);
}

void ds_preview_run_done(struct ds_preview_run *run)
{
	ds_preview_seen_done(&run->seen);
	run->scratch = ds_arena_free(run->scratch);
}
