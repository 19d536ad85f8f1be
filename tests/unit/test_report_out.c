#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/utf8.h"
#include "report/json.h"
#include "report/out.h"
#include "report/pen.h"

static char captured[1 << 16];

/* What a writer puts out, NUL-terminated. */
static const char *capture(void (*write_it)(struct ds_out *out, const void *arg), const void *arg)
{
	struct ds_out out;
	FILE *f = tmpfile();
	size_t n;

	assert_non_null(f);
	ds_out_init(&out, fileno(f));
	write_it(&out, arg);
	assert_int_equal(ds_out_close(&out), 0);
	rewind(f);
	n = fread(captured, 1, sizeof(captured) - 1, f);
	captured[n] = '\0';
	(void)fclose(f);
	return captured;
}

static void write_safe(struct ds_out *out, const void *arg)
{
	ds_out_safe(out, *(const struct ds_str *)arg);
}

static void test_no_byte_reaches_the_terminal_that_can_harm(void **state)
{
	(void)state;
	for (unsigned b = 0; b < 256; b++) {
		char text[2] = {(char)b, 'x'};
		struct ds_str s = ds_str_n(text, 2);
		const char *got = capture(write_safe, &s);

		for (const char *p = got; *p; p++)
			if ((unsigned char)*p < 0x20 || (unsigned char)*p == 0x7f || (unsigned char)*p >= 0x80)
				fail_msg("byte %u gives %s", b, got);
		assert_int_equal(ds_out_safe_width(s), strlen(got));
	}
}

static void test_text_that_hides_or_reorders_is_shown(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{"plain \xc3\xa9\xe4\xb8\xad", "plain \xc3\xa9\xe4\xb8\xad"}, {"\x1b[2J", "\\x1b[2J"},
		{"a\xe2\x80\xae" "b", "a\\u{202e}b"}, {"\xc2\x9b", "\\x9b"}, {"\xef\xbb\xbf", "\\u{feff}"},
		{"a\nb\tc", "a\\x0ab\\x09c"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_str s = ds_str_from(rows[i].in);

		assert_string_equal(capture(write_safe, &s), rows[i].want);
	}
}

static void write_json(struct ds_out *out, const void *arg)
{
	struct ds_json j;

	(void)arg;
	ds_json_init(&j, out);
	ds_json_object(&j);
	ds_json_kv(&j, "empty", "");
	ds_json_kv(&j, "null", NULL);
	ds_json_key(&j, "bytes");
	ds_json_str(&j, ds_str_n("a\"\\\n\t\x01\xff\xe2\x80\xa8", 10));
	ds_json_kv_int(&j, "n", -5);
	ds_json_key(&j, "list");
	ds_json_array(&j);
	ds_json_bool(&j, true);
	ds_json_number(&j, "340282366920938463463374607431768211456");
	ds_json_object(&j);
	ds_json_end_object(&j);
	ds_json_array(&j);
	ds_json_end_array(&j);
	ds_json_end_array(&j);
	ds_json_end_object(&j);
}

static void test_json(void **state)
{
	(void)state;
	assert_string_equal(capture(write_json, NULL),
			    "{\n  \"empty\": \"\",\n  \"null\": null,\n"
			    "  \"bytes\": \"a\\\"\\\\\\n\\t\\u0001\xef\xbf\xbd\\u2028\",\n  \"n\": -5,\n"
			    "  \"list\": [\n    true,\n    340282366920938463463374607431768211456,\n    {},\n    []\n  ]\n}\n");
}

static void test_a_short_write_is_an_error(void **state)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct ds_out out;

	(void)state;
	assert_true(full >= 0);
	ds_out_init(&out, full);
	for (int i = 0; i < 100000; i++)
		ds_out_addz(&out, "more than a buffer holds ");
	assert_int_equal(ds_out_close(&out), DS_EIO);
	assert_int_equal(close(full), 0);
}

struct excerpt {
	const char *text;
	uint32_t line, column, length;
	unsigned width;
};

static void write_excerpt(struct ds_out *out, const void *arg)
{
	const struct excerpt *e = arg;
	struct ds_input in = {.name = "f", .text = ds_str_from(e->text)};
	struct ds_loc loc = {.input = &in, .line = e->line, .column = e->column, .length = e->length};
	struct ds_text_options o = {.width = e->width};
	struct ds_pen p;

	ds_pen_init(&p, out, &o);
	ds_pen_excerpt(&p, &loc, DS_INK_RED);
}

static void test_excerpts(void **state)
{
	static const struct {
		struct excerpt e;
		const char *want;
	} rows[] = {
		{{"one\ntwo three\r\nfour", 2, 5, 5, 80}, "    2 | two three\n      |     ^~~~~\n"},
		{{"\tx: y", 1, 5, 1, 80}, "    1 |  x: y\n      |     ^\n"},
		{{"k\xc3\xa9y: \xe4\xb8\xad", 1, 6, 1, 80}, "    1 | k\xc3\xa9y: \xe4\xb8\xad\n      |      ^~\n"},
		{{"abc", 1, 9, 3, 80}, "    1 | abc\n      |    ^\n"},
		{{"abc", 7, 1, 3, 80}, ""},
		{{"", 1, 1, 1, 80}, ""},
		{{"0123456789012345678901234567890123456789012345678901234567890123456789HERE89", 1, 71, 4, 40},
		 "    1 | \xe2\x80\xa6" "123456789HERE89\n      |           ^~~~\n"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		const char *got = capture(write_excerpt, &rows[i].e);

		/* The long row: only that what is meant is shown and pointed at. */
		if (i + 1 == DS_ARRAY_SIZE(rows)) {
			const char *here = strstr(got, "HERE"), *caret = strchr(got, '^');

			assert_non_null(here);
			assert_non_null(caret);
			assert_int_equal(here - got - 2, caret - strchr(got, '\n') - 1); /* "…" is 3 bytes, 1 column */
		} else if (strcmp(got, rows[i].want) != 0) {
			fail_msg("row %zu:\n%s", i, got);
		}
	}
}

static void write_wrapped(struct ds_out *out, const void *arg)
{
	struct ds_text_options o = {.width = 40};
	struct ds_pen p;

	ds_pen_init(&p, out, &o);
	ds_pen_wrap(&p, ds_str_from(arg), 4, 0);
}

static void test_paragraphs(void **state)
{
	(void)state;
	assert_string_equal(capture(write_wrapped, "one two three four five six seven eight nine ten"),
			    "    one two three four five six seven\n    eight nine ten\n");
	assert_string_equal(capture(write_wrapped, "a\nb\n\nc\n  example  line\nd"),
			    "    a b\n\n    c\n      example  line\n    d\n");
	assert_string_equal(capture(write_wrapped, ""), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_byte_reaches_the_terminal_that_can_harm),
		cmocka_unit_test(test_text_that_hides_or_reorders_is_shown),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_a_short_write_is_an_error),
		cmocka_unit_test(test_excerpts),
		cmocka_unit_test(test_paragraphs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
