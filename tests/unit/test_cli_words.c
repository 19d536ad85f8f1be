#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/words.h"

static const struct ds_word three[] = {{.name = "text"}, {.name = "json", .value = 7}, {.name = "markdown"}, {0}};

static void find(void **state)
{
	(void)state;
	assert_int_equal(ds_word_find(three, "json")->value, 7);
	assert_null(ds_word_find(three, "jso"));
	assert_null(ds_word_find(three, ""));
	assert_null(ds_word_find(three + 3, "json"));
}

static void say(void **state)
{
	static const struct {
		size_t from;
		const char *want;
	} cases[] = {{0, "text, json and markdown"}, {1, "json and markdown"}, {2, "markdown"}, {3, ""}};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

		ds_words_say(&b, three + cases[i].from);
		assert_string_equal(b.p ? b.p : "", cases[i].want);
	}
}

static void nearest(void **state)
{
	static const struct {
		const char *typed, *want;
	} cases[] = {
		{"markdwon", "markdown"}, {"jsn", "json"}, {"markdown", "markdown"}, {"sarif", NULL},
		{"ab", NULL}, /* of a short word nothing else is near */
		{"", NULL},
		{"t", NULL},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		struct ds_nearest n = ds_nearest_to(ds_str_from(cases[i].typed));

		for (const struct ds_word *w = three; w->name; w++)
			ds_nearest_try(&n, w->name);
		if (!n.best != !cases[i].want || (n.best && strcmp(n.best, cases[i].want) != 0))
			fail_msg("'%s': %s, expected %s", cases[i].typed, n.best ? n.best : "none",
				 cases[i].want ? cases[i].want : "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(find),
		cmocka_unit_test(say),
		cmocka_unit_test(nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
