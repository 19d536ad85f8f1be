/*
 * Any bytes as a stream of Services, previewed as creates and as updates of
 * themselves, in both report formats. Oracles: every Service has a place in the
 * input; counts agree; one JSON list read as a stream gives as many objects as
 * the same text read whole.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "report/preview_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_INPUT 65536u

struct counter {
	struct ds_preview_writer writer;
	size_t n;
};

static void begin(struct ds_preview_writer *w, const struct ds_preview_run *run)
{
	(void)w;
	if (run->counts.services)
		abort();
}

static void item(struct ds_preview_writer *w, const struct ds_preview_item *it)
{
	((struct counter *)(void *)w)->n++;
	if (!it->loc.input || it->loc.line == 0 || it->loc.column == 0 || !it->ns || !it->name)
		abort();
	if (!it->outcome.accepted && !it->outcome.connection_dropped && (!it->outcome.message || it->outcome.code < 400))
		abort();
}

static void end(struct ds_preview_writer *w, const struct ds_preview_run *run)
{
	if (((struct counter *)(void *)w)->n != run->counts.services)
		abort();
}

static int input_of(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

/* One JSON object with items: as many as the tree has. */
static void compare(struct ds_ctx *ctx, struct ds_str text, const struct ds_service_stream *s)
{
	const struct ds_yaml_node *root, *items, *kind;
	struct ds_yaml_stream whole;
	size_t lists = 0;

	if (s->n_failed || ds_yaml_load(ctx, s->ctx->inputs.v[0], text, &whole) < 0 || !whole.json || whole.n != 1)
		return;
	root = whole.docs[0].root;
	items = ds_yaml_get(root, "items");
	kind = ds_yaml_get(root, "kind");
	if (!items || items->kind != DS_YAML_SEQUENCE || !kind || ctx->diags.n)
		return;
	for (size_t i = 0; i < items->n; i++) {
		struct ds_str k = {0};

		if (items->items[i]->kind == DS_YAML_MAPPING && ds_yaml_get(items->items[i], "items"))
			return;
		kind = ds_yaml_get(items->items[i], "kind");
		if (kind && kind->kind == DS_YAML_SCALAR)
			k = kind->text;
		lists += ds_str_eqz(k, "List") || ds_str_eqz(k, "ServiceList");
	}
	if (s->n_services + s->n_other + lists != items->n)
		abort();
}

static void run(struct ds_ctx *ctx, const uint8_t *data, size_t size, bool update, struct ds_service_stream *ret)
{
	struct ds_preview_text_writer text;
	struct ds_preview_json_writer json;
	struct counter counter = {.writer = {begin, item, end}};
	struct ds_preview_writer *writers[] = {&counter.writer, &text.writer, &json.writer};
	struct ds_preview_run r = {.ctx = ctx, .writers = writers, .n_writers = 3};
	struct ds_text_options options = {.color = true};
	struct ds_out out[2];
	_ds_close_ int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	_ds_close_ int in = input_of(data, size);
	_ds_close_ int before = input_of(data, size);

	r.cluster = (struct ds_service_cluster){.minor = 20 + (unsigned)(size % 17), .n_ranges = 2};
	if (ds_cidr_parse(DS_STR("10.96.0.0/16"), DS_IP_STRICT, &r.cluster.ranges[0]) < 0 ||
	    ds_cidr_parse(DS_STR("fd00::/112"), DS_IP_STRICT, &r.cluster.ranges[1]) < 0)
		abort();
	r.options.explain = true;
	ds_out_init(&out[0], null);
	ds_out_init(&out[1], null);
	ds_preview_text_writer(&text, &out[0], &options, true);
	ds_preview_json_writer(&json, &out[1]);
	if (ds_preview_run_begin(&r) < 0)
		abort();
	if (update && ds_service_stream_fd(&r.before, "-", before) < 0)
		abort();
	if (ds_service_stream_fd(&r.stream, "-", in) < 0)
		abort();
	ds_preview_run_end(&r);
	ds_preview_run_done(&r);
	if (ds_out_close(&out[0]) < 0 || ds_out_close(&out[1]) < 0)
		abort();
	*ret = r.stream;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ds_str text = {(const char *)data, size};
	struct ds_service_stream stream;
	struct ds_ctx ctx, whole;

	if (size > MAX_INPUT)
		return 0;
	for (int update = 0; update < 2; update++) {
		if (ds_ctx_init(&ctx, 0) < 0 || ds_ctx_init(&whole, 0) < 0)
			abort();
		run(&ctx, data, size, update, &stream);
		if (!update)
			compare(&whole, text, &stream);
		ds_ctx_done(&ctx);
		ds_ctx_done(&whole);
	}
	return 0;
}
