#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/limits.h"
#include "yaml_dump.h"

#define LIT(s) {"" s, sizeof(s) - 1}

struct row {
	const char *name;
	struct ds_str in;
	int code;
	const char *tree;    /* yaml_dump_stream with flags */
	const char *message; /* first diagnostic, or NULL for none at all */
	unsigned line, column;
	const char *hint; /* NULL: not looked at */
};

static void check(const struct row *t)
{
	struct ds_ctx ctx;
	struct ds_input *in;
	struct ds_yaml_stream s;
	const char *got;
	int r;

	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	in = ds_ctx_input(&ctx, "test", "yaml");
	r = ds_yaml_load(&ctx, in, t->in, &s);
	if (r != t->code)
		fail_msg("%s: code %d, want %d", t->name, r, t->code);
	got = yaml_dump_stream(&ctx, &s, true);
	if (t->tree && strcmp(got, t->tree) != 0)
		fail_msg("%s: tree %s, want %s", t->name, got, t->tree);
	if (!t->message) {
		if (ctx.diags.n)
			fail_msg("%s: unexpected diagnostic %s", t->name, ctx.diags.v[0].message);
	} else if (ctx.diags.n == 0) {
		fail_msg("%s: no diagnostic", t->name);
	} else {
		const struct ds_diag *d = &ctx.diags.v[0];

		if (strcmp(d->message, t->message) != 0)
			fail_msg("%s: message \"%s\", want \"%s\"", t->name, d->message, t->message);
		if (d->loc.line != t->line || d->loc.column != t->column)
			fail_msg("%s: at %u:%u, want %u:%u", t->name, d->loc.line, d->loc.column, t->line, t->column);
		if (d->loc.input != in)
			fail_msg("%s: diagnostic without its input", t->name);
		if (t->hint && (!d->hint || strcmp(d->hint, t->hint) != 0))
			fail_msg("%s: hint %s, want %s", t->name, d->hint ? d->hint : "(none)", t->hint);
	}
	ds_ctx_done(&ctx);
}

#define CHECK_ALL(rows)                                            \
	do {                                                       \
		for (size_t i_ = 0; i_ < DS_ARRAY_SIZE(rows); i_++) \
			check(&(rows)[i_]);                        \
	} while (0)

static void test_documents(void **state)
{
	static const struct row rows[] = {
		{"empty", LIT(""), 0, "", NULL, 0, 0, NULL},
		{"comment only", LIT("# hello\n"), 0, "", NULL, 0, 0, NULL},
		{"one", LIT("a: 1\n"), 0, "{\"a\":1}", NULL, 0, 0, NULL},
		{"three, one empty", LIT("a: 1\n---\n---\nb: 2\n"), 0,
		 "{\"a\":1} --- - --- {\"b\":2}", NULL, 0, 0, NULL},
		{"comment document", LIT("---\n# nothing\n---\na: 1\n"), 0, "- --- {\"a\":1}", NULL, 0, 0, NULL},
		{"end marker", LIT("a: 1\n...\n"), 0, "{\"a\":1}", NULL, 0, 0, NULL},
		{"explicit null", LIT("--- ~\n"), 0, "null", NULL, 0, 0, NULL},
		{"CRLF", LIT("a: 1\r\nb:\r\n- c\r\n"), 0, "{\"a\":1,\"b\":[\"c\"]}", NULL, 0, 0, NULL},
		{"BOM", LIT("\xef\xbb\xbf" "a: x\n"), 0, "{\"a\":\"x\"}", NULL, 0, 0, NULL},
		{"UTF-16", LIT("\xff\xfe" "a\0:\0 \0x\0\n\0"), 0, "{\"a\":\"x\"}", NULL, 0, 0, NULL},
		{"next line breaks", LIT("a: 1\xc2\x85" "b: 2\xe2\x80\xa8" "c: 3\n"), 0,
		 "{\"a\":1,\"b\":2,\"c\":3}", NULL, 0,
		 0, NULL},
		{"NUL in quotes", LIT("a: \"x\\0y\"\n"), 0, "{\"a\":\"x\\x00y\"}", NULL, 0, 0, NULL},
		{"folded", LIT("a: >-\n  b\n  c\n"), 0, "{\"a\":\"b c\"}", NULL, 0, 0, NULL},
		{"non-ASCII before", LIT("\"k\xc3\xa9y\": \"\xe4\xb8\xad\"\nb: c\n"), 0,
		 "{\"k\xc3\xa9y\":\"\xe4\xb8\xad\",\"b\":\"c\"}", NULL, 0, 0, NULL},
		{"tags", LIT("a: !!str 1\nb: !!int \"3\"\nc: !x 1\nd: ! \"4\"\n"), 0,
		 "{\"a\":\"1\",\"b\":3,\"c\":\"1\",\"d\":\"4\"}", NULL, 0, 0, NULL},
	};

	(void)state;
	CHECK_ALL(rows);
}

/* peers of Kubernetes' parser: what it reads must be read. */
static void test_colons_kubernetes_accepts(void **state)
{
	static const struct row rows[] = {
		{"plain", LIT("ip: ::1\n"), 0, "{\"ip\":\"::1\"}", NULL, 0, 0, NULL},
		{"sequence", LIT("- ::/0\n"), 0, "[\"::/0\"]", NULL, 0, 0, NULL},
		{"flow map", LIT("{a: fd00::1}"), 0, "{\"a\":\"fd00::1\"}", NULL, 0, 0, NULL},
		{"flow list", LIT("[fd00::/112, 10.0.0.0/8]"), 0, "[\"fd00::/112\",\"10.0.0.0/8\"]", NULL, 0, 0, NULL},
		{"flag", LIT("[--bind-address=::, b]"), 0, "[\"--bind-address=::\",\"b\"]", NULL, 0, 0, NULL},
		{"value at end", LIT("{a: fd00::}"), 0, "{\"a\":\"fd00::\"}", NULL, 0, 0, NULL},
		{"value before comma", LIT("{a: fd00::, b: 1}"), 0, "{\"a\":\"fd00::\",\"b\":1}", NULL, 0, 0, NULL},
		{"list", LIT("[fd00::, 1]"), 0, "[\"fd00::\",1]", NULL, 0, 0, NULL},
		{"one colon", LIT("[x:]"), 0, "[\"x:\"]", NULL, 0, 0, NULL},
		{"leading", LIT("[a, b:c:, d]"), 0, "[\"a\",\"b:c:\",\"d\"]", NULL, 0, 0, NULL},
		{"with a quote", LIT("[a\":, b]"), 0, "[\"a\\\":\",\"b\"]", NULL, 0, 0, NULL},
		{"two with quotes", LIT("[a\":, b\":, c':]"), 0, "[\"a\\\":\",\"b\\\":\",\"c':\"]", NULL, 0, 0, NULL},
		{"value indicators stay", LIT("{\"a\":[x:, w], \"b\":{c: d:}, [e]:{}}"), 0,
		 "{\"a\":[\"x:\",\"w\"],\"b\":{\"c\":\"d:\"},[\"e\"]:{}}",
		 "yaml: invalid map key: []interface {}{\"e\"}", 1, 28, NULL},
		{"alias as key", LIT("a: &x y\nb: {*x:[1]}\n"), 0, NULL, NULL, 0, 0, NULL},
		{"in quotes", LIT("a: [\"x:,\", 'y:]', z:]\n"), 0,
		 "{\"a\":[\"x:,\",\"y:]\",\"z:\"]}", NULL, 0, 0, NULL},
		{"in a literal", LIT("a: |\n  [x:]\nb: [y:]\n"), 0,
		 "{\"a\":\"[x:]\\n\",\"b\":[\"y:\"]}", NULL, 0, 0, NULL},
		{"in a comment", LIT("# [x:]\nb: [y:]\n"), 0, "{\"b\":[\"y:\"]}", NULL, 0, 0, NULL},
		{"block text", LIT("a: x:,y\nb: c\n"), 0, "{\"a\":\"x:,y\",\"b\":\"c\"}", NULL, 0, 0, NULL},
		{"private-use text stays", LIT("a: \xee\x80\x80\nb: [y:]\nc: \"\\ue001\"\n"), 0,
		 "{\"a\":\"\\ue000\",\"b\":[\"y:\"],\"c\":\"\\ue001\"}", NULL, 0, 0, NULL},
		{"block map, as for Kubernetes", LIT("- --bind-address=::\n"), 0,
		 "[{\"--bind-address=:\":null}]", NULL, 0, 0,
		 NULL},
	};

	(void)state;
	CHECK_ALL(rows);
}

static void test_what_kubernetes_refuses(void **state)
{
	static const struct row rows[] = {
		{"list", LIT("[::1]"), DS_ESYNTAX, "[]", "yaml: did not find expected node content", 1, 2,
		 "quote it: \"::1\""},
		{"list, second", LIT("[a, ::/0]"), DS_ESYNTAX, "[\"a\"]",
		 "yaml: did not find expected node content", 1, 5,
		 "quote it: \"::/0\""},
		{"map", LIT("{a: ::1}"), DS_ESYNTAX, "{}", "yaml: did not find expected node content", 1, 5,
		 "quote it: \"::1\""},
		{"block", LIT("x: y\nip: ::\n"), DS_ESYNTAX, NULL,
		 "yaml: line 2: mapping values are not allowed in this context", 2, 6, "quote it: \"::\""},
		{"block text", LIT("a: fd00::\n"), DS_ESYNTAX, NULL,
		 "yaml: mapping values are not allowed in this context", 1, 9, "quote it: \"fd00::\""},
		{"endpoint", LIT("x: 1\ny: 2\na: [::]:6443\n"), DS_ESYNTAX, NULL,
		 "yaml: line 2: did not find expected node content", 3, 5, "quote it: \"[::]:6443\""},
		{"question mark in flow", LIT("a: [http://x?y]\n"), DS_ESYNTAX, NULL,
		 "yaml: did not find expected ',' or ']'", 1, 13, NULL},
		{"tab", LIT("a:\n\tb: 1\n"), DS_ESYNTAX, NULL,

		 "yaml: line 2: found character that cannot start any token", 2, 1,
		 "indent with blanks, not with tabs"},
		{"YAML 1.2", LIT("%YAML 1.2\n---\na: 1\n"), DS_ESYNTAX, "",
		 "yaml: found incompatible YAML document", 1, 1,
		 NULL},
		{"template as value", LIT("x: {{ q }}\n"), 0, NULL,
		 "yaml: invalid map key: map[interface {}]interface {}{\"q\":interface {}(nil)}", 1, 5, NULL},
		{"template block", LIT("{% if x %}\na: 1\n"), DS_ESYNTAX, NULL,
		 "yaml: found character that cannot start any token", 1, 2, "a template? render it before the audit"},
		{"null key", LIT("~: 1\n"), 0,
		 NULL, "unsupported map key of type: %!s(<nil>), key: <nil>, value: 1", 1, 1,
		 NULL},
		{"unknown anchor", LIT("a: *b\n"), DS_ESYNTAX, NULL, "yaml: unknown anchor 'b' referenced", 1, 4, NULL},
		{"cyclic alias", LIT("a: &b [*b]\n"), DS_ESYNTAX, NULL,
		 "yaml: anchor 'b' value contains itself", 1, 8, NULL},
		{"control character", LIT("a: b\nc: d\x01\n"), DS_ESYNTAX, NULL,
		 "yaml: control characters are not allowed", 2,
		 5, NULL},
		{"bad UTF-8 after what is repaired", LIT("a: [x:]\nc: \xff\n"), DS_ESYNTAX, NULL,
		 "yaml: invalid leading UTF-8 octet", 2, 4, NULL},
		{"second document", LIT("a: 1\n---\nb: c: d\n"), DS_ESYNTAX, NULL,
		 "yaml: line 3: mapping values are not allowed in this context", 3, 5, NULL},
	};

	(void)state;
	CHECK_ALL(rows);
}

static void test_keys_and_merges(void **state)
{
	static const struct row rows[] = {
		{"duplicate", LIT("a: 1\nb: 2\na: 3\n"), 0, "{\"a\":1,\"b\":2,\"a\"!1:3}",
		 "yaml: line 3: key \"a\" already set in map (line 1, column 1); the later one counts", 3, 1, NULL},
		{"same after typing", LIT("8: 1\n010: 2\n"), 0, "{8:1,8!1:2}",
		 "yaml: line 2: key \"8\" already set in map (line 1, column 1); the later one counts", 2, 1, NULL},
		{"quoted is another", LIT("on: 1\n\"on\": 2\n"), 0, "{true:1,\"on\":2}", NULL, 0, 0, NULL},
		{"merge", LIT("x: &x {a: 1, b: 2}\nw:\n  <<: *x\n  b: 3\n"), 0,
		 "{\"x\":{\"a\":1,\"b\":2},\"w\":{\"b\"!1:3,\"a\"!4:1}}", NULL, 0, 0, NULL},
		{"merge list, first wins", LIT("x: &x {a: 1}\nw: &w {a: 2, b: 2}\nz:\n  <<: [*x, *w]\n"), 0,
		 "{\"x\":{\"a\":1},\"w\":{\"a\":2,\"b\":2},\"z\":{\"a\"!4:1,\"b\"!4:2}}", NULL, 0, 0, NULL},
		{"merge after own key replaces it", LIT("x: &x {a: 1}\nw:\n  a: 2\n  <<: *x\n"), 0,
		 "{\"x\":{\"a\":1},\"w\":{\"a\":2,\"a\"!5:1}}",
		 "the value of this key is replaced by the one that \"<<\" merges in from line 1", 3, 3, NULL},
		{"merge inline", LIT("<<: {a: 1}\nb: 2\n"), 0, "{\"b\":2,\"a\"!4:1}", NULL, 0, 0, NULL},
		{"merge of a scalar", LIT("a: 1\n<<: x\nb: 2\n"), DS_ESYNTAX, "{\"a\":1,\"b\":2}",
		 "yaml: map merge requires map or sequence of maps as the value", 2, 5, NULL},
		{"merge of an aliased list", LIT("x: &x [{a: 1}]\ny: {<<: *x}\n"), DS_ESYNTAX, NULL,
		 "yaml: map merge requires map or sequence of maps as the value", 1, 4, NULL},
		{"quoted << is a key", LIT("\"<<\": {a: 1}\n"), 0, "{\"<<\":{\"a\":1}}", NULL, 0, 0, NULL},
		{"aliases", LIT("a: &x [1]\nb: *x\n"), 0, "{\"a\":[1],\"b\":[1]}", NULL, 0, 0, NULL},
		{"anchor again", LIT("a: &x 1\nb: &x 2\nc: *x\n"), 0, "{\"a\":1,\"b\":2,\"c\":2}", NULL, 0, 0, NULL},
		{"anchors end with the document", LIT("a: &x 1\n---\nb: *x\n"), DS_ESYNTAX, NULL,
		 "yaml: unknown anchor 'x' referenced", 3, 4, NULL},
	};

	(void)state;
	CHECK_ALL(rows);
}

/* n times piece, between head and tail; malloc'ed. */
static struct ds_str repeat(const char *head, const char *piece, size_t n, const char *tail)
{
	size_t h = strlen(head), p = strlen(piece), t = strlen(tail);
	char *out = malloc(h + n * p + t);

	assert_non_null(out);
	memcpy(out, head, h);
	for (size_t i = 0; i < n; i++)
		memcpy(out + h + i * p, piece, p);
	memcpy(out + h + n * p, tail, t);
	return ds_str_n(out, h + n * p + t);
}

static void test_limits(void **state)
{
	static const struct {
		const char *name, *head, *piece;
		size_t n;
		const char *tail;
		int code;
	} rows[] = {
		{"flow lists", "", "[", 1000000, "", DS_ETOODEEP},
		{"flow maps", "", "{ ", 1000000, "", DS_ETOODEEP},
		{"flow maps after JSON", "", "{\"a\":", 1000000, "", DS_ETOODEEP},
		{"YAML after JSON", "", "[a,", 1000000, "", DS_ETOODEEP},
		{"block lists", "", "- ", 1000000, "", DS_ETOODEEP},
		{"keys", "", "? ", 1000000, "", DS_ETOODEEP},
		{"just deep enough", "", "- ", DS_LIMIT_YAML_DEPTH, "x", 0},
		{"one too deep", "", "- ", DS_LIMIT_YAML_DEPTH + 1, "x", DS_ETOODEEP},
		{"documents", "", "--- a\n", DS_LIMIT_YAML_DOCUMENTS + 1, "", DS_ETOOBIG},
		{"duplicates", "", "k: v\n", 200000, "", 0},
		{"colons", "[", "fd00::, ", 50000, "x]", 0},
		{"colons that look like quotes", "[", "x\":, ", 50000, "x]", DS_ETOOBIG},
		{"laughs", "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
			   "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
			   "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n",
		 "# more\n", 1, "g: [*f,*f,*f]\n", DS_ETOOBIG},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_str text = repeat(rows[i].head, rows[i].piece, rows[i].n, rows[i].tail);
		struct ds_yaml_stream s;
		struct ds_ctx ctx;
		int r;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		r = ds_yaml_load(&ctx, ds_ctx_input(&ctx, "test", "yaml"), text, &s);
		if (r != rows[i].code)
			fail_msg("%s: code %d, want %d", rows[i].name, r, rows[i].code);
		if (r < 0 && (ctx.diags.n == 0 || ctx.diags.v[ctx.diags.n - 1].level != DS_LEVEL_ERROR))
			fail_msg("%s: no error diagnostic", rows[i].name);
		ds_ctx_done(&ctx);
		free((void *)(uintptr_t)text.p);
	}
}

/* Anchors that contain aliases of the ones before: the tree would be as high as there are anchors. */
static void test_alias_height(void **state)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_yaml_stream s;
	struct ds_ctx ctx;

	(void)state;
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	ds_buf_addz(&b, "- &a0 []\n");
	for (int i = 1; i < 100; i++)
		ds_buf_printf(&b, "- &a%d [*a%d]\n", i, i - 1);
	assert_int_equal(ds_yaml_load(&ctx, ds_ctx_input(&ctx, "t", "yaml"), ds_buf_str(&b), &s), DS_ETOODEEP);
	assert_int_equal(s.docs[0].root->n, DS_LIMIT_YAML_DEPTH);
	ds_ctx_done(&ctx);
}

/* Out of memory at every possible point is an error, never a crash. */
static void test_memory_budget(void **state)
{
	static const char text[] = "a: &a {x: [1, fd00::, \"q\\n\"]}\nb: {<<: *a, y: 2, y: 3}\nc: [*a, ?]\n";
	bool passed = false;

	(void)state;
	for (size_t budget = 1; budget < 65536 && !passed; budget += 97) {
		struct ds_yaml_stream s;
		struct ds_ctx ctx;
		struct ds_input *in;
		int r;

		if (ds_ctx_init(&ctx, budget) == 0 && (in = ds_ctx_input(&ctx, "t", "yaml")) != NULL) {
			r = ds_yaml_load(&ctx, in, ds_str_from(text), &s);
			passed = r == DS_ESYNTAX;
			if (!passed && r != DS_ENOMEM)
				fail_msg("budget %zu: code %d", budget, r);
		}
		ds_ctx_done(&ctx);
	}
	assert_true(passed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_colons_kubernetes_accepts),
		cmocka_unit_test(test_what_kubernetes_refuses),
		cmocka_unit_test(test_keys_and_merges),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_alias_height),
		cmocka_unit_test(test_memory_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
