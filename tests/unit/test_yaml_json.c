#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "yaml_dump.h"

#define LIT(s) {"" s, sizeof(s) - 1}

static void test_reader(void **state)
{
	static const struct {
		const char *name;
		struct ds_str in;
		bool json; /* taken by the JSON reader */
		int code;
		const char *tree;
	} rows[] = {
		{"object", LIT("{\"a\":1,\"b\":[true,false,null,\"x\"]}"), true, 0,
		 "{\"a\":1,\"b\":[true,false,null,\"x\"]}"},
		{"empty collections", LIT(" { \"a\" : { } , \"b\" : [ ] } \n"), true, 0, "{\"a\":{},\"b\":[]}"},
		{"several values", LIT("{\"a\":1}\n{\"b\":2}\n"), true, 0, "{\"a\":1} --- {\"b\":2}"},
		{"numbers", LIT("[0,-1,1.5,1e3,-0.1E-2,18446744073709551615]"), true, 0,
		 "[0,-1,1.5f,1000f,-0.001f,18446744073709551615]"},
		{"escapes", LIT("[\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"]"), true, 0,
		 "[\"a\\\"\\\\/\\b\\f\\n\\r\\t\xc3\xa9\xf0\x9f\x98\x80\"]"},
		{"half a surrogate", LIT("[\"\\ud83dx\"]"), true, 0, "[\"\xef\xbf\xbdx\"]"},
		{"NUL", LIT("[\"\\u0000\"]"), true, 0, "[\"\\x00\"]"},
		{"words keep their type", LIT("[\"true\",\"1\",\"010\",\"~\"]"), true, 0,
		 "[\"true\",\"1\",\"010\",\"~\"]"},
		{"<< is a key", LIT("{\"<<\":{\"a\":1}}"), true, 0, "{\"<<\":{\"a\":1}}"},
		{"duplicate", LIT("{\"a\":1,\"a\":2}"), true, 0, "{\"a\":1,\"a\"!1:2}"},
		{"trailing comma", LIT("{\"a\":1,}"), false, 0, "{\"a\":1}"},
		{"comment", LIT("{\"a\":1} # x"), false, 0, "{\"a\":1}"},
		{"plain words", LIT("{a: b}"), false, 0, "{\"a\":\"b\"}"},
		{"leading zero", LIT("[01]"), false, 0, "[1]"},
		{"bare fraction", LIT("[.5, 1.]"), false, 0, "[0.5f,1f]"},
		{"single quotes", LIT("['a']"), false, 0, "[\"a\"]"},
		{"raw newline in a string", LIT("[\"a\nb\"]"), false, 0, "[\"a b\"]"},
		{"block after flow", LIT("{\"a\":1}\n---\nb: 2\n"), false, 0, "{\"a\":1} --- {\"b\":2}"},
		{"truncated", LIT("{\"a\":[1,2"), false, DS_ESYNTAX, "{\"a\":[1,2]}"},
		{"deepest", LIT("[[[[1]]]]"), true, 0, "[[[[1]]]]"},
		{"literal with a tail", LIT("[truex]"), false, 0, "[\"truex\"]"},
		{"colon without key", LIT("{:1}"), false, DS_ESYNTAX, NULL},
		{"scalar alone", LIT("\"x\""), false, 0, "\"x\""},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_ctx ctx;
		struct ds_yaml_stream s;
		const char *got;
		int r;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		r = ds_yaml_load(&ctx, ds_ctx_input(&ctx, "t", "json"), rows[i].in, &s);
		if (r != rows[i].code)
			fail_msg("%s: code %d", rows[i].name, r);
		if (s.json != rows[i].json)
			fail_msg("%s: read as %s", rows[i].name, s.json ? "JSON" : "YAML");
		got = yaml_dump_stream(&ctx, &s, true);
		if (rows[i].tree && strcmp(got, rows[i].tree) != 0)
			fail_msg("%s: %s, want %s", rows[i].name, got, rows[i].tree);
		ds_ctx_done(&ctx);
	}
}

/* Line and column of every node must be those that the YAML path finds. */
static void compare_places(const struct ds_yaml_node *a, const struct ds_yaml_node *b)
{
	assert_int_equal(a->kind, b->kind);
	if (a->line != b->line || a->column != b->column || a->end_line != b->end_line ||
	    a->end_column != b->end_column)
		fail_msg("%u:%u-%u:%u is %u:%u-%u:%u for YAML", a->line, a->column, a->end_line, a->end_column, b->line,
			 b->column, b->end_line, b->end_column);
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		if (a->kind == DS_YAML_MAPPING) {
			compare_places(a->pairs[i].key, b->pairs[i].key);
			compare_places(a->pairs[i].value, b->pairs[i].value);
		} else {
			compare_places(a->items[i], b->items[i]);
		}
	}
}

static void test_places(void **state)
{
	static const char json[] = "{\n  \"k\xc3\xa9y\": [1, \"\xf0\x9f\x98\x80\", {\"a\": null}],\r\n"
				   "  \"\\u00e9\": \"x\", \"z\": \"\"\n}\n";
	struct ds_yaml_stream a, b;
	struct ds_ctx ctx;
	_ds_buf_done_ struct ds_buf yaml = DS_BUF_INIT;

	(void)state;
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	ds_buf_addz(&yaml, json);
	ds_buf_addz(&yaml, "# a comment makes it YAML\n");
	assert_int_equal(ds_yaml_load(&ctx, ds_ctx_input(&ctx, "t", "json"), ds_str_from(json), &a), 0);
	assert_int_equal(ds_yaml_load(&ctx, ds_ctx_input(&ctx, "t", "yaml"), ds_buf_str(&yaml), &b), 0);
	assert_true(a.json);
	assert_false(b.json);
	compare_places(a.docs[0].root, b.docs[0].root);
	ds_ctx_done(&ctx);
}

static void test_json_and_nothing_else(void **state)
{
	static const struct {
		struct ds_str in;
		uint32_t line, column;
		const char *message;
	} rows[] = {
		{LIT("{\"a\":[1,2"), 1, 10, "the JSON text ends where ',' or the end of the list or object must follow"},
		{LIT("{\"a\":[1,\n"), 2, 1, "the JSON text ends where a value must follow"},
		{LIT("{\"a\""), 1, 5, "the JSON text ends where ':' must follow"},
		{LIT("{\"a\": \"x"), 1, 9, "the JSON text ends where the rest of a text in double quotes must follow"},
		{LIT("{"), 1, 2, "the JSON text ends where a name in double quotes or '}' must follow"},
		{LIT("{\"a\":1,}"), 1, 8, "this is not JSON: '}' stands where a name in double quotes must follow"},
		{LIT("{\"a\" 1}"), 1, 6, "this is not JSON: '1' stands where ':' must follow"},
		{LIT("[1 2]"), 1, 4, "this is not JSON: '2' stands where ',' or the end of the list or object must follow"},
		{LIT("[,]"), 1, 2, "this is not JSON: ',' stands where a value or ']' must follow"},
		{LIT("{\n  \"\xc3\xa9\xc3\xa9\": nul\n}"), 2, 9, "this is not JSON: 'n' stands where a value must follow"},
		{LIT("a: b\n"), 1, 1, "this is not JSON: 'a' stands where an object or a list must follow"},
		{LIT("{} x"), 1, 4, "this is not JSON: 'x' stands where an object or a list must follow"},
		{LIT("[\"a\tb\"]"), 1, 4, "this is not JSON: the byte 0x09 stands where the rest of a text in double quotes must follow"},
		{LIT("[\"\xff\"]"), 1, 3, "this is not JSON: the byte 0xff stands where the rest of a text in double quotes must follow"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_yaml_stream s;
		struct ds_ctx ctx;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		assert_int_equal(ds_json_load(&ctx, ds_ctx_input(&ctx, "t", "json"), rows[i].in, &s), DS_ESYNTAX);
		assert_int_equal(ctx.diags.n, 1);
		assert_string_equal(ctx.diags.v[0].message, rows[i].message);
		if (ctx.diags.v[0].loc.line != rows[i].line || ctx.diags.v[0].loc.column != rows[i].column)
			fail_msg("%s: at %u:%u", rows[i].in.p, ctx.diags.v[0].loc.line, ctx.diags.v[0].loc.column);
		ds_ctx_done(&ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reader),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_json_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
