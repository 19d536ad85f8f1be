/*
 * The Service decoder and engine. Input: a first line "MINOR RANGES [dry]",
 * such as "1.36 v4,v6" or "1.21 v6", then one document (create) or two (the
 * first is stored, the second is put over it).
 *
 * Held to: an answer is exactly one of accepted, refused or dropped; a refusal
 * has a code and a message that quotes its causes; what was accepted can be
 * read, and put back unchanged.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "base/err.h"
#include "base/num.h"
#include "service/service.h"
#include "yaml/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static void parse_header(struct ds_str line, struct ds_service_cluster *c, struct ds_service_options *options)
{
	struct ds_str words[3] =
	    {
		{NULL, 0}
        },
		      part;
	bool done = false;
	uint64_t minor = 36;

	for (size_t i = 0; i < 3 && ds_str_split(&line, ' ', &done, &words[i]); i++)
		;
	if (ds_str_starts(words[0], "1."))
		(void)ds_num_u64(ds_str_skip(words[0], 2), 99, &minor);
	c->minor = (unsigned)minor;
	done = false;
	while (c->n_ranges < 2 && ds_str_split(&words[1], ',', &done, &part))
		if (ds_cidr_parse(ds_str_eqz(part, "v6") ? DS_STR("fd00:10:96::/112") : DS_STR("10.96.0.0/16"),
				  DS_IP_STRICT, &c->ranges[c->n_ranges++]) < 0)
			abort();
	options->explain = true;
	options->dry_run = ds_str_eqz(words[2], "dry");
	options->field_validation = ds_str_eqz(words[2], "strict") ? DS_FIELDS_STRICT : DS_FIELDS_WARN;
}

static void check_outcome(const struct ds_service_outcome *o)
{
	check((int)o->accepted + (int)o->connection_dropped + (int)(o->code != 0) == 1);
	check(o->n_fields <= DS_SERVICE_FIELDS_MAX && o->n_steps > 0);
	if (o->accepted)
		check(o->n_fields >= 2 && o->n_causes == 0);
	if (o->code) {
		check(o->reason && o->message && o->message[0]);
		check((o->n_causes > 0) == (o->code == 422));
	}
	for (size_t i = 0; i < o->n_causes; i++)
		check(strstr(o->message, o->causes[i].field) && strstr(o->message, o->causes[i].message));
}

/* What the API server stores it also takes back, but for its own known traps. */
static void check_put_back(struct ds_arena *a, const struct ds_service_cluster *c, const struct ds_service *stored)
{
	struct ds_service_outcome read, again;

	check(ds_service_read(a, c, stored, &read) == 0 && read.accepted);
	check(ds_service_update(a, c, &read.object, &read.object, NULL, &again) == 0);
	check(again.accepted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ds_str text = ds_str_n((const char *)data, size), header;
	struct ds_service_cluster cluster = {0};
	struct ds_service_options options = {0};
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	struct ds_yaml_stream stream;
	struct ds_service svc, old;
	struct ds_service_outcome out;
	bool done = false;
	int r;

	if (size > 65536 || !ds_str_split(&text, '\n', &done, &header) || done)
		return 0;
	parse_header(header, &cluster, &options);
	if (ds_ctx_init(&ctx, (size_t)256 << 20) < 0)
		return 0;
	r = ds_yaml_load(&ctx, ds_ctx_input(&ctx, "fuzz", "service"), text, &stream);
	if (r < 0 || stream.n == 0 || ds_service_decode(ctx.arena, stream.docs[0].root, cluster.minor, &svc) < 0)
		return 0;
	if (stream.n > 1) {
		old = svc;
		if (ds_service_decode(ctx.arena, stream.docs[1].root, cluster.minor, &svc) < 0)
			return 0;
		r = ds_service_update(ctx.arena, &cluster, &old, &svc, &options, &out);
	} else {
		r = ds_service_create(ctx.arena, &cluster, &svc, &options, &out);
	}
	if (r < 0) {
		check(r == DS_ENOMEM || r == DS_EINVAL);
		return 0;
	}
	check_outcome(&out);
	/* A create leaves a sound object; a stored one that was made up may not be. */
	if (out.accepted && stream.n == 1 && !options.dry_run && cluster.minor >= 23)
		check_put_back(ctx.arena, &cluster, &out.object);
	return 0;
}
