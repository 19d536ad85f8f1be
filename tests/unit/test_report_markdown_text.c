#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/markdown.h"

struct row {
	const char *in, *want;
};

static void check(const char *what, const struct row *row, const struct ds_buf *b)
{
	if (!ds_str_eqz(ds_buf_str(b), row->want))
		fail_msg("%s '%s' gives '%.*s', not '%s'", what, row->in, DS_STR_ARG(ds_buf_str(b)), row->want);
}

static void test_text_stays_text(void **state)
{
	static const struct row rows[] = {
		{"", ""},
		{"--service-cluster-ip-range=10.96.0.0/12,fd00::/112", "--service-cluster-ip-range=10.96.0.0/12,fd00::/112"},
		{"a|b`c*d_e", "a\\|b\\`c\\*d\\_e"},
		{"<b>&amp;", "&lt;b&gt;&amp;amp;"},
		{"[x](y)", "\\[x\\](y)"},
		{"@all", "@<!-- -->all"},
		{"http://x www.x", "http\\://x www\\.x"},
		{"#12 # 12", "\\#12 # 12"},
		{"one\ntwo", "one two"},
		{"\033[1m", "\\\\x1b\\[1m"},
		{"\xe2\x80\xae", "\\\\u{202e}"},
		{"\xff", "\\\\xff"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

		ds_markdown_text(&b, ds_str_from(rows[i].in));
		check("text", &rows[i], &b);
	}
}

static void test_code_ends_where_it_should(void **state)
{
	static const struct row rows[] = {
		{"a.yaml:3:7", "`a.yaml:3:7`"},
		{"a`b", "`` a`b ``"},
		{"``", "``` `` ```"},
		{"a|b", "`a\\|b`"},
		{" a", "`  a `"},
		{"\n", "`\\x0a`"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

		ds_markdown_code(&b, ds_str_from(rows[i].in), true);
		check("code", &rows[i], &b);
	}
}

static void test_indented_lines_become_blocks(void **state)
{
	static const struct row rows[] = {
		{"one\ntwo\n", "one\ntwo"},
		{"see\n  a: 1\n  b: 2\nend", "see\n\n```text\na: 1\nb: 2\n```\nend"},
		{"see\n  a: 1\n", "see\n\n```text\na: 1\n```"},
		{"  ```\n  x", "\n````text\n```\nx\n````"},
		{"# x", "\\# x"},
		{"- x", "\\- x"},
		{"---", "\\---"},
		{"===", "\\==="},
		{"--flag", "--flag"},
		{"#1", "\\#1"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

		ds_markdown_paragraphs(&b, ds_str_from(rows[i].in));
		check("paragraphs", &rows[i], &b);
	}
}

static void test_addresses_cannot_end_early(void **state)
{
	static const struct row rows[] = {
		{"https://kubernetes.io/docs/#x", "https://kubernetes.io/docs/#x"},
		{"https://x/> <b>\n", "https://x/%3E%20%3Cb%3E%0A"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

		ds_markdown_url(&b, ds_str_from(rows[i].in));
		check("address", &rows[i], &b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_stays_text),
		cmocka_unit_test(test_code_ends_where_it_should),
		cmocka_unit_test(test_indented_lines_become_blocks),
		cmocka_unit_test(test_addresses_cannot_end_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
