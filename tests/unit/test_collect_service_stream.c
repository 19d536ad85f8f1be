#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "collect/service_stream.h"
#include "yaml/scalar.h"

struct seen {
	struct ds_buf b;
	size_t stop_after; /* the callback fails then; 0: never */
	size_t n;
	struct ds_loc last;
};

static int take(void *user, const struct ds_service_item *it)
{
	const struct ds_yaml_node *name = ds_yaml_path(it->node, "metadata", "name", NULL);
	struct seen *s = user;

	if (++s->n == s->stop_after)
		return DS_ERANGE;
	s->last = it->loc;
	ds_buf_printf(&s->b, "%s%.*s@%u:%u%s", s->b.n ? " " : "", name ? (int)name->text.n : 1, name ? name->text.p : "?",
		      it->loc.line, it->loc.column, it->text.n ? "j" : "");
	return 0;
}

static int file_of(struct ds_str text)
{
	int fd = memfd_create("stream", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.p ? text.p : "", text.n), (ssize_t)text.n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int read_stream(struct ds_ctx *ctx, struct ds_service_stream *s, struct seen *seen, struct ds_str text)
{
	_ds_close_ int fd = file_of(text);

	*seen = (struct seen){.stop_after = seen->stop_after};
	*s = (struct ds_service_stream){.ctx = ctx, .item = take, .user = seen};
	return ds_service_stream_fd(s, "in", fd);
}

#define SVC(name) "{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"" name "\"}}"
#define YSVC(name) "kind: Service\napiVersion: v1\nmetadata: {name: " name "}\n"

static const struct row {
	const char *name, *text;
	const char *services;
	size_t other, failed;
	const char *error; /* the first one, "line:col: text" */
} rows[] = {
	{"one", SVC("a"), "a@1:1j", 0, 0, NULL},
	{"one in blanks", "\n \t" SVC("a") "\n\n", "a@2:3j", 0, 0, NULL},
	{"byte order mark", "\xef\xbb\xbf" SVC("a"), "a@1:1j", 0, 0, NULL},
	{"concatenated", SVC("a") SVC("b") "\n" SVC("c"), "a@1:1j b@1:61j c@2:1j", 0, 0, NULL},
	{"JSON documents", "---\n" SVC("a") "\n---\n" SVC("b"), "a@2:1j b@4:1j", 0, 0, NULL},
	{"list", "{\"kind\":\"List\",\"items\":[" SVC("a") ",\n " SVC("b") "]}", "a@1:25j b@2:2j", 0, 0, NULL},
	{"kind behind the items", "{\"items\":[" SVC("a") "],\"kind\":\"List\"}", "a@1:11j", 0, 0, NULL},
	{"no items", "{\"kind\":\"List\",\"items\":[]}", "", 0, 0, NULL},
	{"null items", "{\"kind\":\"List\",\"items\":null}", "", 0, 0, NULL},
	{"items of a ServiceList", "{\"kind\":\"ServiceList\",\"items\":[{\"metadata\":{\"name\":\"a\"}},5]}", "a@1:32j ?@1:58j", 0,
	 0, NULL},
	{"a ServiceList that says so last", "{\"items\":[{\"metadata\":{\"name\":\"a\"}}],\"kind\":\"ServiceList\"}", "a@1:11j", 0, 0,
	 NULL},
	{"items of another list", "{\"kind\":\"NodeList\",\"items\":[{\"metadata\":{\"name\":\"a\"}}]}", "", 1, 0, NULL},
	{"another list that says so last", "{\"items\":[{\"metadata\":{\"name\":\"a\"}}],\"kind\":\"NodeList\"}", "a@1:11j", 0, 1,
	 "1:11: 1 item of this list without a kind: taken for Services, which its kind 'NodeList' does not say"},
	{"an item without a kind", "{\"kind\":\"List\",\"items\":[{\"metadata\":{}}," SVC("b") "]}", "b@1:41j", 0, 1,
	 "1:25: this object has no kind, so nobody can tell whether it is a Service"},
	{"list in a list", "{\"kind\":\"List\",\"items\":[{\"kind\":\"List\",\"items\":[" SVC("a") "]}]}", "a@1:49", 0, 0, NULL},
	{"other kinds", "{\"kind\":\"List\",\"items\":[{\"kind\":\"Pod\"},{\"kind\":\"Service\",\"apiVersion\":\"x.io/v1\"},{\"kind\":\"Pod\"}]}",
	 "", 3, 0, NULL},
	{"brackets in strings", "{\"kind\":\"List\",\"items\":[{\"kind\":\"Service\",\"metadata\":{\"name\":\"]}\\\"{\"}},{\"kind\":\"Service\",\"metadata\":{\"name\":\"\\\\\"}}]}",
	 "]}\"{@1:25j \\@1:72j", 0, 0, NULL},
	{"kind is no text", "{\"kind\":\"List\",\"items\":[{\"kind\":5}]}", "?@1:25j", 0, 0, NULL},
	{"wrong version", "{\"kind\":\"Service\",\"apiVersion\":\"v3\"}", "", 0, 1, "1:1: no matches for kind \"Service\" in version \"v3\""},
	{"ends in an item", "{\"kind\":\"List\",\"items\":[" SVC("a") ",{\"kind\":", "a@1:25j", 0, 1,
	 "1:86: the input ends in the middle of what begins here"},
	{"ends in a string", "{\"kind\":\"List\",\"items\":[" SVC("a") ",{\"kind\":\"x", "a@1:25j", 0, 1,
	 "1:86: the input ends in the middle of what begins here"},
	{"ends after an item", "{\"kind\":\"List\",\"items\":[" SVC("a"), "a@1:25j", 0, 1,
	 "1:85: the input ends in the middle of what begins here"},
	{"ends after the items", "{\"kind\":\"List\",\"items\":[" SVC("a") "]", "a@1:25j", 0, 1,
	 "1:86: the input ends in the middle of what begins here"},
	{"ends before the items", "{\"kind\":\"List\"", "", 0, 1, "1:1: the input ends in the middle of what begins here"},
	{"comma missing", "{\"kind\":\"List\",\"items\":[" SVC("a") SVC("b") "]}", "a@1:25j b@1:85j", 0, 1,
	 "1:85: JSON: ',' is missing before this item"},
	{"comma too many", "{\"kind\":\"List\",\"items\":[" SVC("a") ",]}", "a@1:25j", 0, 1,
	 "1:86: JSON: an object should stand here; the rest is not read"},
	{"rubbish between items", "{\"kind\":\"List\",\"items\":[" SVC("a") ";" SVC("b") "]}", "a@1:25j", 0, 1,
	 "1:85: JSON: ',' or ']' should stand here; the rest is not read"},
	{"rubbish behind the items", "{\"kind\":\"List\",\"items\":[" SVC("a") "];}", "a@1:25j", 0, 1,
	 "1:86: JSON: ',' or '}' should stand here; the rest is not read"},
	{"two items", "{\"kind\":\"List\",\"items\":[" SVC("a") "],\"items\":[]}", "a@1:25j", 0, 1,
	 "1:86: a second \"items\" in one list: the rest is not read"},
	{"broken item", "{\"kind\":\"List\",\"items\":[{\"kind\":\"Service\" \"x\"}," SVC("b") "]}", "b@1:48j", 0, 1,
	 "1:43: yaml: did not find expected ',' or '}'"},
	{"items are no list", "{\"kind\":\"List\",\"items\":{}}", "", 0, 1, "1:24: the items of this list are not a list"},
	{"a list stands alone", "[" SVC("a") "]", "", 0, 1, "1:1: a sequence stands where an object should"},
	{"empty", "", "", 0, 1, "0:0: no object in it"},
	{"blank", " \n# nothing\n---\n", "", 0, 1, "0:0: no object in it"},
	{"YAML", YSVC("a"), "a@1:1", 0, 0, NULL},
	{"YAML documents", "# x\n---\n" YSVC("a") "--- # next\n" YSVC("b") "...\n---\n---\n" YSVC("c"), "a@3:1 b@7:1 c@13:1", 0, 0,
	 NULL},
	{"YAML flow", "{kind: Service, metadata: {name: a}}\n---\n{kind: Service, metadata: {name: b}}", "a@1:1 b@3:1", 0, 0, NULL},
	{"YAML, then JSON", YSVC("a") "---\n" SVC("b"), "a@1:1 b@5:1j", 0, 0, NULL},
	{"directive", "%YAML 1.1\n---\n" YSVC("a"), "a@3:1", 0, 0, NULL},
	{"marker in a text", "kind: Service\nmetadata:\n  name: |\n    x\n    --- y\n---\n" YSVC("b"), "x\n--- y\n@1:1 b@7:1", 0, 0, NULL},
	{"indented", "  kind: Service\n  metadata: {name: a}\n", "a@1:3", 0, 0, NULL},
	{"line breaks of Windows", "kind: Service\r\nmetadata: {name: a}\r\n---\r\nkind: Service\r\nmetadata: {name: b}\r\n",
	 "a@1:1 b@4:1", 0, 0, NULL},
	{"YAML list", "kind: List\nitems:\n- kind: Service\n  metadata: {name: a}\n- kind: Pod\n- 7\n", "a@3:3 ?@6:3", 1, 0, NULL},
	{"broken document", YSVC("a") "---\n{\n---\n" YSVC("b"), "a@1:1 b@7:1", 0, 1,
	 "6:1: yaml: line 1: did not find expected node content"},
	{"broken YAML document", YSVC("a") "---\na: [\n---\n" YSVC("b"), "a@1:1 b@7:1", 0, 1,
	 "6:1: yaml: line 1: did not find expected node content"},
	{"cut list", "kind: List\nitems:\n- kind: Service\n  metadata: {name: a}\n- kind: Service\n  metadata: {name: [\n", "a@3:3", 0,
	 1, "7:1: yaml: line 6: did not find expected node content"},
	{"no kind", "metadata: {}\n", "", 0, 1, "1:1: this object has no kind, so nobody can tell whether it is a Service"},
	{"values", "replicas: 3\n", "", 1, 0, NULL},
	{"text", "Thank you for installing\n", "", 0, 1, "1:1: a scalar stands where an object should"},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct ds_service_stream s;
		_ds_ctx_done_ struct ds_ctx ctx;
		struct seen seen = {.stop_after = 0};
		char error[300] = "";

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		assert_int_equal(read_stream(&ctx, &s, &seen, ds_str_from(row->text)), 0);
		if (strcmp(seen.b.p ? seen.b.p : "", row->services) != 0)
			fail_msg("%s: got '%s', expected '%s'", row->name, seen.b.p ? seen.b.p : "", row->services);
		if (s.n_other != row->other || s.n_failed != row->failed || s.n_services != seen.n)
			fail_msg("%s: %zu others, %zu failed", row->name, s.n_other, s.n_failed);
		for (size_t k = 0; k < ctx.diags.n && !error[0]; k++)
			if (ctx.diags.v[k].level == DS_LEVEL_ERROR)
				(void)snprintf(error, sizeof(error), "%u:%u: %s", ctx.diags.v[k].loc.line,
					       ctx.diags.v[k].loc.column, ctx.diags.v[k].message);
		if (strcmp(error, row->error ? row->error : "") != 0)
			fail_msg("%s: said '%s'", row->name, error);
		if ((ctx.inputs.v[0]->status == DS_INPUT_FAILED) != (row->failed > 0))
			fail_msg("%s: status of the input", row->name);
		ds_buf_done(&seen.b);
	}
}

/* Items of all sizes, so that every part of one meets the end of a window. */
static void test_window_edges(void **state)
{
	static const struct {
		const char *head, *item, *name, *end, *between, *tail;
		size_t from; /* the first item's line */
	} shapes[] = {
		{"{\"kind\":\"List\",\"items\":[\n", "{\"kind\":\"Service\",\"x\":\"", "\",\"metadata\":{\"name\":\"s", "\"}}",
		 ",\n", "]}", 2},
		{"", "{\"kind\":\"Service\",\"x\":\"", "\",\"metadata\":{\"name\":\"s", "\"}}", "\n", "", 1},
		{"", "kind: Service\nx: '", "'\nmetadata: {name: s", "}", "\n---\n", "", 1},
		{"kind: List\nitems:\n", "- kind: Service\n  x: '", "'\n  metadata: {name: s", "}", "\n", "", 3},
		{"kind: List\nitems:\n", "  - kind: Service\n    x: '", "'\n    metadata: {name: s", "}", "\n", "\nmetadata: {}\n", 3},
	};

	(void)state;
	for (size_t k = 0; k < sizeof(shapes) / sizeof(shapes[0]); k++) {
		size_t n = k >= 3 ? 12000 : 3000, lines = k < 2 ? 1 : k == 2 ? 4 : 3;
		_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;
		_ds_ctx_done_ struct ds_ctx ctx;
		struct seen seen = {.stop_after = 0};
		struct ds_service_stream s;
		char want[32];

		ds_buf_addz(&text, shapes[k].head);
		for (size_t i = 0; i < n; i++) {
			ds_buf_addz(&text, i ? shapes[k].between : "");
			ds_buf_printf(&text, "%s%*s%s%zu%s", shapes[k].item, (int)(i * 37 % 1000), "", shapes[k].name, i,
				      shapes[k].end);
		}
		ds_buf_addz(&text, shapes[k].tail);
		assert_int_equal(text.err, 0);
		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		assert_int_equal(read_stream(&ctx, &s, &seen, ds_buf_str(&text)), 0);
		if (s.n_services != n || s.n_failed || ctx.diags.n)
			fail_msg("shape %zu: %zu of %zu, %zu failed", k, s.n_services, n, s.n_failed);
		(void)snprintf(want, sizeof(want), "s%zu@%zu:%d%s", n - 1, shapes[k].from + (n - 1) * lines, k == 4 ? 5 : k == 3 ? 3 : 1,
			       k < 2 ? "j" : "");
		if (!ds_str_ends(ds_buf_str(&seen.b), want))
			fail_msg("shape %zu: ends at %u:%u, not as %s", k, seen.last.line, seen.last.column, want);
		ds_buf_done(&seen.b);
	}
}

/* Blanks are passed, not kept, and do not move places. */
static void test_long_blanks(void **state)
{
	static const char *const texts[] = {"", "{\"kind\":\"List\",\"items\":[", SVC("a"), "]", "}", SVC("b"), "---\n" YSVC("c")};
	_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;
	_ds_ctx_done_ struct ds_ctx ctx;
	struct seen seen = {.stop_after = 0};
	struct ds_service_stream s;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ds_buf_addz(&text, texts[i]);
		ds_buf_printf(&text, "%*s\n%*s\n", 700000, "", 300000, "");
	}
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	assert_int_equal(read_stream(&ctx, &s, &seen, ds_buf_str(&text)), 0);
	assert_string_equal(seen.b.p, "a@5:1j b@11:1j c@14:1");
	assert_int_equal(s.n_failed, 0);
	ds_buf_done(&seen.b);
}

static void test_callback_stops(void **state)
{
	_ds_ctx_done_ struct ds_ctx ctx;
	struct seen seen = {.stop_after = 2};
	struct ds_service_stream s;

	(void)state;
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	assert_int_equal(read_stream(&ctx, &s, &seen, DS_STR(SVC("a") SVC("b") SVC("c"))), DS_ERANGE);
	assert_string_equal(seen.b.p, "a@1:1j");
	ds_buf_done(&seen.b);
}

static void test_kinds(void **state)
{
	_ds_ctx_done_ struct ds_ctx ctx;
	_ds_buf_done_ struct ds_buf text = DS_BUF_INIT;
	struct seen seen = {.stop_after = 0};
	struct ds_service_stream s;

	(void)state;
	for (int i = 0; i < 40; i++)
		ds_buf_printf(&text, "{\"kind\":\"K%d\"}", i % 20);
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	assert_int_equal(read_stream(&ctx, &s, &seen, ds_buf_str(&text)), 0);
	assert_int_equal(s.n_other, 40);
	assert_int_equal(s.n_kinds, DS_SERVICE_KINDS_MAX);
	assert_true(ds_str_eqz(s.kinds[1].kind, "K1"));
	assert_int_equal(s.kinds[1].n, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_window_edges),
		cmocka_unit_test(test_long_blanks),
		cmocka_unit_test(test_callback_stops),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
