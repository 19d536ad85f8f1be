#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "yaml/scalar.h"

static const char text[] = "spec:\n"
			   "  containers:\n"
			   "  - command: [a, b, \"c \xc3\xa9 d\", e]\n"
			   "    env: *no\n";

static const char good[] = "metadata:\n"
			   "  annotations: {\"a.b/c\": x, \"a.b c\": y, \"\": z}\n"
			   "spec:\n"
			   "  containers:\n"
			   "  - name: q\n"
			   "    command: [a, b, \"\xc3\xa9 d\", e]\n"
			   "  on: 1\n"
			   "  010: 2\n"
			   "  1.5: 3\n"
			   "d: &d {k: v}\n"
			   "e: *d\n"
			   "f: {<<: {m: n}, o: p}\n";

struct fixture {
	struct ds_ctx ctx;
	struct ds_input *in;
	const struct ds_yaml_node *root;
};

static void load(struct fixture *f, struct ds_str s, int code)
{
	struct ds_yaml_stream st;

	assert_int_equal(ds_ctx_init(&f->ctx, 0), 0);
	f->in = ds_ctx_input(&f->ctx, "test", "yaml");
	assert_int_equal(ds_yaml_load(&f->ctx, f->in, s, &st), code);
	assert_int_equal(st.n, 1);
	f->root = st.docs[0].root;
	assert_non_null(f->root);
}

static void test_paths(void **state)
{
	struct fixture f;
	const struct ds_yaml_node *spec, *ann, *command, *n;
	struct ds_loc loc;

	(void)state;
	load(&f, ds_str_from(good), 0);
	assert_string_equal(ds_yaml_path_of(f.ctx.arena, f.root), "");
	ann = ds_yaml_path(f.root, "metadata", "annotations", NULL);
	assert_non_null(ann);
	assert_string_equal(ds_yaml_path_of(f.ctx.arena, ann->pairs[0].value), "metadata.annotations[\"a.b/c\"]");
	assert_string_equal(ds_yaml_path_of(f.ctx.arena, ann->pairs[1].key), "metadata.annotations[\"a.b c\"]");
	assert_string_equal(ds_yaml_path_of(f.ctx.arena, ann->pairs[2].value), "metadata.annotations[\"\"]");
	spec = ds_yaml_get(f.root, "spec");
	command = ds_yaml_get(ds_yaml_get(spec, "containers")->items[0], "command");
	loc = ds_yaml_loc(f.ctx.arena, f.in, command->items[2]);
	assert_string_equal(loc.path, "spec.containers[0].command[2]");
	assert_ptr_equal(loc.input, f.in);
	assert_int_equal(loc.line, 6);
	assert_int_equal(loc.column, 21);
	assert_int_equal(loc.length, 5); /* code points, quotes included */
	loc = ds_yaml_loc(f.ctx.arena, f.in, command->items[3]);
	assert_int_equal(loc.column, 28);
	assert_string_equal(ds_yaml_path_of(f.ctx.arena, ds_yaml_get(spec, "8")), "spec.8");
	n = ds_yaml_get(f.root, "e");
	assert_true(n->flags & DS_YAML_F_ALIASED);
	assert_string_equal(ds_yaml_path_of(f.ctx.arena, n), "d"); /* where it is written */
	assert_string_equal(ds_yaml_path_of(f.ctx.arena, ds_yaml_path(f.root, "f", "m", NULL)), "f.m");
	assert_string_equal(ds_yaml_path_of(f.ctx.arena, ds_yaml_path(f.root, "f", "o", NULL)), "f.o");
	assert_int_equal(ds_yaml_loc(f.ctx.arena, f.in, NULL).line, 0);
	ds_ctx_done(&f.ctx);
}

static void test_lookup(void **state)
{
	struct fixture f;
	const struct ds_yaml_node *spec;

	(void)state;
	load(&f, ds_str_from(good), 0);
	spec = ds_yaml_get(f.root, "spec");
	assert_non_null(ds_yaml_get(spec, "true"));
	assert_null(ds_yaml_get(spec, "on"));
	assert_non_null(ds_yaml_get(spec, "8"));
	assert_null(ds_yaml_get(spec, "010"));
	assert_non_null(ds_yaml_get(spec, "1.5"));
	assert_null(ds_yaml_get(NULL, "x"));
	assert_null(ds_yaml_get(ds_yaml_get(spec, "containers"), "x"));
	assert_null(ds_yaml_path(f.root, "spec", "nothing", "below", NULL));
	assert_true(ds_yaml_get_pair(ds_yaml_get(f.root, "f"), "m")->flags & DS_YAML_F_MERGED);
	assert_string_equal(ds_yaml_kind_name(spec), "mapping");
	assert_string_equal(ds_yaml_kind_name(ds_yaml_get(spec, "containers")), "sequence");
	assert_string_equal(ds_yaml_kind_name(ds_yaml_get(spec, "8")), "scalar");
	ds_ctx_done(&f.ctx);
}

static void test_last_duplicate_wins(void **state)
{
	struct fixture f;
	struct ds_str s;

	(void)state;
	load(&f, DS_STR("a: x\na: z\n"), 0);
	assert_int_equal(ds_yaml_as_string(ds_yaml_get(f.root, "a"), &s), 0);
	assert_true(ds_str_eqz(s, "z"));
	ds_ctx_done(&f.ctx);
}

static void test_kept_before_error(void **state)
{
	struct fixture f;
	const struct ds_yaml_node *n;

	(void)state;
	load(&f, ds_str_from(text), DS_ESYNTAX);
	n = ds_yaml_path(f.root, "spec", "containers", NULL);
	assert_non_null(n);
	n = ds_yaml_get(n->items[0], "command");
	assert_int_equal(n->n, 4);
	assert_string_equal(ds_yaml_path_of(f.ctx.arena, n->items[3]), "spec.containers[0].command[3]");
	ds_ctx_done(&f.ctx);
}

/* Keys of any kind are asked for their text. */
static void test_text_without_quotes(void **state)
{
	static const struct {
		const char *yaml;
		unsigned column, length;
	} rows[] = {
		{"--a=b", 1, 5},          {"\"--a=b\"", 2, 5},  {"'--a=b'", 2, 5},
		{"\"--a\\u003db\"", 1, 12}, {"'--a=''b'", 1, 9}, {"\"\"", 2, 0},
		{"\"\xc3\xa9=b\"", 2, 3},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct fixture f;
		struct ds_loc loc;

		load(&f, ds_str_from(rows[i].yaml), 0);
		loc = ds_yaml_text_loc(f.ctx.arena, f.in, f.root);
		if (loc.column != rows[i].column || loc.length != rows[i].length)
			fail_msg("%s: column %u, length %u", rows[i].yaml, loc.column, loc.length);
		ds_ctx_done(&f.ctx);
	}
}

static void test_collections_have_no_text(void **state)
{
	static const char *const texts[] = {"[a, b]\n", "{a: b, c: d}\n", "- a\n- b\n", "{\"a\": [1, 2]}"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ds_yaml_stream stream;
		struct ds_input *in;
		struct ds_ctx ctx;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		in = ds_ctx_input(&ctx, "in", "yaml");
		assert_non_null(in);
		assert_int_equal(ds_yaml_load(&ctx, in, ds_str_from(texts[i]), &stream), 0);
		assert_true(stream.docs[0].root->n > 0);
		assert_int_equal(stream.docs[0].root->text.n, 0);
		ds_ctx_done(&ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_collections_have_no_text),
		cmocka_unit_test(test_text_without_quotes),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_last_duplicate_wins),
		cmocka_unit_test(test_kept_before_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
