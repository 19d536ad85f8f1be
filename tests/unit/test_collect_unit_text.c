#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "collect/unit_text.h"

/* Words as systemd splits them: "text@offset", a '+' where they stand verbatim, '!' for an open quote. */
static void splits_words(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"", ""},
		{" a  b\tc ", "a@1+ b@4+ c@6+ "},
		{"\"a b\" 'c d'", "a b@1+ c d@7+ "},
		{"--x=\"a b\"", "--x=a b@0 "},
		{"a\\x20b \\101 \\s \\t\\\\ \\q", "a b@0 A@7  @12 \t\\@15 \\q@20+ "},
		{"a \\\n  b", "a@0+ b@6+ "},
		{"a \\\n# comment \\\n  b", "a@0+ b@18+ "},
		{"\"a\\\n b\"", "a  b@1 "},
		{"\"a b", "!"},
		{"''", "@1 "},
		{"a\\", "a\\@0+ "},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
		struct ds_arena *a = ds_arena_new(0x100000);
		struct ds_str text = ds_str_from(rows[i].text);
		struct ds_unit_word w;
		size_t pos = 0;
		int r;

		ds_buf_addz(&b, "");
		while ((r = ds_unit_word(a, text, &pos, text.n, &w)) == 0)
			ds_buf_printf(&b, "%.*s@%zu%s ", DS_STR_ARG(w.text), w.offset, w.plain ? "+" : "");
		if (r != DS_ENOENT)
			ds_buf_addc(&b, '!');
		if (strcmp(b.p, rows[i].want) != 0)
			fail_msg("row %zu: '%s' instead of '%s'", i, b.p, rows[i].want);
		(void)ds_arena_free(a);
	}
}

static void reads_environment_files(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"A=1\n# B=2\n;C=3\n\nD = 4 \n", "A=1@2+ D=4@20+ "},
		{"A=\"x y\"\nB='\"q\"'\n", "A=x y@3+ B=\"q\"@11+ "},
		{"A=\"x \\\"y\\\" \\n\"", "A=x \"y\" \\n@3 "},
		{"A=x \\\n  y\nB=2", "A=x   y@2 B=2@12+ "},
		{"A=\"x\ny\"\nB=2", "A=x\ny@3+ B=2@10+ "},
		{"A=\nB", "A=@2 "},
		{"A=1\r\nB=\"2\"\r\n", "A=1@2+ B=2@8+ "},
		{"A=\"x\"y 'z'", "A=xy z@3 "},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
		struct ds_arena *a = ds_arena_new(0x100000);
		struct ds_unit_var v;
		size_t pos = 0;

		ds_buf_addz(&b, "");
		while (ds_env_next(a, ds_str_from(rows[i].text), &pos, &v) == 0)
			ds_buf_printf(&b, "%.*s=%.*s@%zu%s ", DS_STR_ARG(v.name), DS_STR_ARG(v.value), v.offset,
				      v.plain ? "+" : "");
		if (strcmp(b.p, rows[i].want) != 0)
			fail_msg("row %zu: '%s' instead of '%s'", i, b.p, rows[i].want);
		(void)ds_arena_free(a);
	}
}

static void reads_assignments(void **state)
{
	static const char text[] = "[Service]\nA=b\\\\\nC=\\\nd\n# c\n[Unit]\nA=1\n[Service]\nExecStart = a \\\n  b\\\n ; c\n  d\nX\n B=\n";
	static const char want[] = "Service|A|b\\\\\nService|C|\\\nd\nUnit|A|1\nService|ExecStart|a \\\n  b\\\n ; c\n  d\nService|B|\n";
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_str section = {0};
	struct ds_unit_line l;
	size_t pos = 0;

	(void)state;
	while (ds_unit_next(ds_str_from(text), &pos, &section, &l))
		ds_buf_printf(&b, "%.*s|%.*s|%.*s\n", DS_STR_ARG(l.section), DS_STR_ARG(l.key), DS_STR_ARG(l.value));
	assert_string_equal(b.p, want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_words),
		cmocka_unit_test(reads_environment_files),
		cmocka_unit_test(reads_assignments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
