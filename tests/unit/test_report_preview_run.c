#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "report/preview_run.h"

struct capture {
	struct ds_preview_writer writer;
	struct ds_buf b;
	size_t ended;
};

static void begin(struct ds_preview_writer *w, const struct ds_preview_run *run)
{
	(void)w;
	assert_int_equal(run->counts.services, 0);
}

static void add_list(struct ds_buf *b, const struct ds_service_outcome *o, const char *name)
{
	const struct ds_service_field *f = ds_preview_field(o, name);

	ds_buf_addc(b, ' ');
	for (size_t i = 0; f && i < f->list.n; i++) {
		ds_buf_addz(b, i ? "," : "");
		ds_buf_adds(b, f->list.v[i]);
	}
}

/* "ns/name create IPv4 <IPv4> | remark" or "ns/name create 422 message | remark" */
static void item(struct ds_preview_writer *writer, const struct ds_preview_item *it)
{
	struct capture *w = (struct capture *)(void *)writer;

	ds_buf_printf(&w->b, "%s/%s %s", it->ns, it->name, it->operation);
	if (it->outcome.accepted) {
		add_list(&w->b, &it->outcome, "ipFamilies");
		add_list(&w->b, &it->outcome, "clusterIPs");
		ds_buf_addz(&w->b, it->unchanged ? " unchanged" : "");
	} else if (it->outcome.connection_dropped) {
		ds_buf_addz(&w->b, " dropped");
	} else {
		ds_buf_printf(&w->b, " %d %s", it->outcome.code, it->outcome.message);
	}
	for (size_t i = 0; i < it->n_remarks; i++)
		ds_buf_printf(&w->b, " | %s", it->remarks[i].text);
	ds_buf_addc(&w->b, '\n');
}

static void end(struct ds_preview_writer *writer, const struct ds_preview_run *run)
{
	(void)run;
	((struct capture *)(void *)writer)->ended++;
}

static int file_of(const char *text)
{
	int fd = memfd_create("preview", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void run_texts(struct ds_ctx *ctx, const char *ranges, const char *before, const char *services,
		      struct capture *ret, struct ds_preview_run *ret_run)
{
	struct ds_preview_writer *writers[] = {&ret->writer};
	struct ds_str rest = ds_str_from(ranges), part;
	bool done = false;

	*ret = (struct capture){.writer = {begin, item, end}};
	*ret_run = (struct ds_preview_run){.ctx = ctx, .cluster = {.minor = 36}, .writers = writers, .n_writers = 1};
	while (ds_str_split(&rest, ',', &done, &part))
		assert_int_equal(
			ds_cidr_parse(part, DS_IP_STRICT, &ret_run->cluster.ranges[ret_run->cluster.n_ranges++]), 0);
	assert_int_equal(ds_preview_run_begin(ret_run), 0);
	if (before) {
		_ds_close_ int fd = file_of(before);

		assert_int_equal(ds_service_stream_fd(&ret_run->before, "old", fd), 0);
	}
	if (services) {
		_ds_close_ int fd = file_of(services);

		assert_int_equal(ds_service_stream_fd(&ret_run->stream, "new", fd), 0);
	}
	ds_preview_run_end(ret_run);
	ds_preview_run_done(ret_run);
	ret_run->writers = NULL;
	assert_int_equal(ret->ended, 1);
}

#define DUAL "10.96.0.0/16,fd00:10:96::/112"
#define SINGLE "10.96.0.0/16"
#define SVC(name, spec) "kind: Service\nmetadata: {name: " name "}\nspec: {selector: {a: b}, ports: [{port: 80}]" spec "}\n---\n"
#define OLD(name, families, ips, policy)                                                                               \
	"{\"kind\":\"Service\",\"metadata\":{\"name\":\"" name "\"},\"spec\":{\"type\":\"ClusterIP\",\"clusterIPs\":[" ips     \
	"],\"clusterIP\":\"10.96.0.9\",\"ipFamilies\":[" families "],\"ipFamilyPolicy\":\"" policy                             \
	"\",\"selector\":{\"a\":\"b\"},\"sessionAffinity\":\"None\",\"internalTrafficPolicy\":\"Cluster\","                   \
	"\"ports\":[{\"port\":80,\"protocol\":\"TCP\",\"targetPort\":80}]}}\n"

static const struct row {
	const char *name, *ranges, *before, *services, *want;
} rows[] = {
	{"create", SINGLE, NULL, SVC("a", ""), "default/a create IPv4 <IPv4>\n"},
	{"each on its own", DUAL, NULL, SVC("a", ", clusterIP: 10.96.0.9") SVC("b", ", clusterIP: 10.96.0.9"),
	 "default/a create IPv4 10.96.0.9\n"
	 "default/b create IPv4 10.96.0.9 | 10.96.0.9 is also asked for at new:1: only one Service can have it\n"},
	{"same address in another form", DUAL, NULL,
	 SVC("a", ", ipFamilies: [IPv6], clusterIP: 'fd00:10:96::9'") SVC("b", ", ipFamilies: [IPv6], clusterIP: 'fd00:10:96:0::9'"),
	 "default/a create IPv6 fd00:10:96::9 | not the cluster's primary family (IPv4)\n"
	 "default/b create IPv6 fd00:10:96:0::9 | not the cluster's primary family (IPv4) | fd00:10:96:0::9 is also asked "
	 "for at new:1: only one Service can have it\n"},
	{"no address", DUAL, NULL, SVC("a", ", clusterIP: None") SVC("b", ", clusterIP: None"),
	 "default/a create IPv4 None\ndefault/b create IPv4 None\n"},
	{"same name", SINGLE, NULL, SVC("a", "") SVC("a", ""),
	 "default/a create IPv4 <IPv4>\ndefault/a create IPv4 <IPv4> | the same namespace and name stand at new:1: only one "
	 "of the two can be created\n"},
	{"generated name", SINGLE, NULL, "kind: Service\nmetadata: {generateName: x-}\nspec: {ports: [{port: 80}]}",
	 "default/x-xxxxx create IPv4 <IPv4>\n"},
	{"prefers what is not there", SINGLE, NULL, SVC("a", ", ipFamilyPolicy: PreferDualStack"),
	 "default/a create IPv4 <IPv4> | PreferDualStack stays single-stack: this cluster has no IPv6 Service range\n"},
	{"misspelt", SINGLE, NULL, SVC("a", ", ipFamilyPolicy: preferDualstack, ipFamilies: [v4]"),
	 "default/a create 422 Service \"a\" is invalid: [spec.ipFamilies[0]: Unsupported value: \"v4\": supported values: "
	 "\"IPv4\", \"IPv6\", spec.ipFamilyPolicy: Unsupported value: \"preferDualstack\": supported values: "
	 "\"PreferDualStack\", \"RequireDualStack\", \"SingleStack\"] | ipFamilyPolicy \"preferDualstack\" does not exist; "
	 "did you mean PreferDualStack? | ipFamilies[0] \"v4\" is no family; did you mean IPv4?\n"},
	{"misspelt field", SINGLE, NULL, SVC("a", ", ipfamilies: [IPv6]"),
	 "default/a create IPv4 <IPv4> | spec.ipfamilies is no field and is dropped; did you mean ipFamilies?\n"},
	{"other order", DUAL, NULL, SVC("a", ", ipFamilies: [IPv6], ipFamilyPolicy: RequireDualStack"),
	 "default/a create IPv6,IPv4 <IPv6>,<IPv4> | families in another order than the cluster's: clusterIP is the IPv6 "
	 "address\n"},
	{"wrong type", SINGLE, NULL, SVC("a", ", clusterIPs: 7"),
	 "default/a create 400 Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal number into "
	 "Go struct field ServiceSpec.spec.clusterIPs of type []string\n"},
	{"a list where an object should stand", SINGLE, NULL, "{\"kind\":\"List\",\"items\":[[\"a\",1]]}",
	 "default/ create 400 the object provided is unrecognized (must be of type Service): couldn't get version/kind; json "
	 "parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "
	 "\"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" } (5b2261222c315d)\n"},
	{"a long text", SINGLE, NULL, "{\"kind\":\"List\",\"items\":[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]}",
	 "default/ create 400 the object provided is unrecognized (must be of type Service): couldn't get version/kind; json "
	 "parse error: json: cannot unmarshal string into Go value of type struct { APIVersion string "
	 "\"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" } "
	 "(226161616161616161616161616161616161616161616161616161616161 ...)\n"},
	{"kind is no text", SINGLE, NULL, "kind: [Service]\nmetadata: {name: a}\n",
	 "default/a create 400 the object provided is unrecognized (must be of type Service): couldn't get version/kind; json "
	 "parse error: json: cannot unmarshal array into Go struct field .kind of type string "
	 "({\"kind\":[\"Service\"],\"metadata\" ...)\n"},
	{"update", DUAL, OLD("a", "\"IPv4\"", "\"10.96.0.9\"", "SingleStack"), SVC("a", ", ipFamilyPolicy: PreferDualStack"),
	 "default/a update IPv4,IPv6 10.96.0.9,<IPv6>\n"},
	{"unchanged", DUAL, OLD("a", "\"IPv4\"", "\"10.96.0.9\"", "SingleStack"), SVC("a", ""),
	 "default/a update IPv4 10.96.0.9 unchanged\n"},
	{"paired by namespace, too", DUAL, OLD("a", "\"IPv4\"", "\"10.96.0.9\"", "SingleStack"),
	 "kind: Service\nmetadata: {name: a, namespace: b}\nspec: {ports: [{port: 80}]}", "b/a create IPv4 <IPv4>\n"},
	{"stays as it is", DUAL, OLD("a", "\"IPv4\"", "\"10.96.0.9\"", "PreferDualStack"),
	 SVC("a", ", ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv4], clusterIP: 10.96.0.9"),
	 "default/a update IPv4 10.96.0.9 unchanged | PreferDualStack stays single-stack on this dual-stack cluster: an "
	 "update that repeats the stored policy, clusterIPs and ipFamilies adds no family; leave ipFamilies out, or list "
	 "both\n"},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		_ds_ctx_done_ struct ds_ctx ctx;
		struct ds_preview_run run;
		struct capture got;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		run_texts(&ctx, rows[i].ranges, rows[i].before, rows[i].services, &got, &run);
		if (strcmp(got.b.p ? got.b.p : "", rows[i].want) != 0)
			fail_msg("%s:\n%s", rows[i].name, got.b.p ? got.b.p : "");
		ds_buf_done(&got.b);
	}
}

static void test_counts(void **state)
{
	_ds_ctx_done_ struct ds_ctx ctx;
	struct ds_preview_run run;
	struct capture got;

	(void)state;
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	run_texts(&ctx, DUAL,
		  OLD("grow", "\"IPv4\"", "\"10.96.0.9\"", "SingleStack") OLD("same", "\"IPv4\"", "\"10.96.0.9\"", "SingleStack")
			  OLD("gone", "\"IPv4\"", "\"10.96.0.9\"", "SingleStack") OLD("gone", "\"IPv4\"", "\"10.96.0.9\"", "SingleStack"),
		  SVC("grow", ", ipFamilyPolicy: RequireDualStack") SVC("same", "") SVC("new", "")
			  SVC("no", ", ipFamilyPolicy: x") "kind: Service\nmetadata: {name: e}\nspec: {type: ExternalName, "
							   "externalName: x}\n---\nkind: Pod\n",
		  &got, &run);
	ds_buf_done(&got.b);
	assert_int_equal(run.counts.services, 5);
	assert_int_equal(run.counts.created, 3);
	assert_int_equal(run.counts.updated, 2);
	assert_int_equal(run.counts.refused, 1);
	assert_int_equal(run.counts.dual, 1);
	assert_int_equal(run.counts.single, 2);
	assert_int_equal(run.counts.none, 1);
	assert_int_equal(run.counts.becomes_dual, 1);
	assert_int_equal(run.counts.becomes_single, 0);
	assert_int_equal(run.counts.unchanged, 1);
	assert_int_equal(run.counts.severity[DS_SEVERITY_ERROR], 1);
	assert_int_equal(run.stream.n_other, 1);
	assert_int_equal(run.n_stored, 3);
	assert_int_equal(run.n_paired, 2);
	assert_int_equal(ctx.diags.n, 1); /* a second "gone" */
	assert_int_equal(ctx.diags.v[0].level, DS_LEVEL_WARNING);
}

/* A stored object that does not decode makes the preview incomplete. */
static void test_bad_stored(void **state)
{
	_ds_ctx_done_ struct ds_ctx ctx;
	struct ds_preview_run run;
	struct capture got;

	(void)state;
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	run_texts(&ctx, DUAL, "{\"kind\":\"Service\",\"metadata\":{\"name\":\"a\"},\"spec\":[]}", SVC("a", ""), &got, &run);
	ds_buf_done(&got.b);
	assert_int_equal(run.before.n_failed, 1);
	assert_int_equal(run.n_stored, 0);
	assert_int_equal(ctx.diags.v[0].level, DS_LEVEL_ERROR);
	assert_string_equal(ctx.diags.v[0].message,
			    "this stored Service cannot be read: json: cannot unmarshal array into Go struct field "
			    "Service.spec of type v1.ServiceSpec");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_bad_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
