#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "cli/options.h"

/* Every row says whether it takes a value, what it is, and where it goes. */
static void rows(void **state)
{
	(void)state;
	for (size_t c = 0; ds_commands[c]; c++) {
		const struct ds_command *cmd = ds_commands[c];

		assert_true(cmd->takes < DS_VALUE__COUNT);
		assert_int_equal(cmd->takes == DS_VALUE_WORD, cmd->words != NULL);
		assert_int_equal(cmd->takes != DS_VALUE_NONE, cmd->synopsis[0] != '\0');
		for (size_t i = 0; cmd->options[i]; i++) {
			const struct ds_option *o = cmd->options[i];

			if ((o->argument != NULL) != (o->takes != DS_VALUE_NONE) || o->takes >= DS_VALUE__COUNT)
				fail_msg("--%s takes %s, but not what shells propose for it", o->name,
					 o->argument ? o->argument : "nothing");
			if ((o->takes == DS_VALUE_WORD) != (o->words != NULL))
				fail_msg("--%s: its words and what it takes disagree", o->name);
			if (!o->help || !*o->help || !o->set)
				fail_msg("--%s: no help, or stored nowhere", o->name);
		}
	}
}

/* Two options of one command never have one name, one letter or one field. */
static void no_two_alike(void **state)
{
	(void)state;
	for (size_t c = 0; ds_commands[c]; c++) {
		for (const struct ds_option *const *a = ds_commands[c]->options; *a; a++) {
			for (const struct ds_option *const *b = a + 1; *b; b++) {
				if (strcmp((*a)->name, (*b)->name) == 0 || (*a)->field == (*b)->field ||
				    ((*a)->letter && (*a)->letter == (*b)->letter))
					fail_msg("%s: --%s and --%s are alike", ds_commands[c]->name, (*a)->name, (*b)->name);
			}
		}
	}
}

static int parse(struct ds_cli *c, const char *command, const char *const *words)
{
	static char copies[16][64];
	char *argv[16];
	int n = 0;

	for (; words[n]; n++) {
		(void)snprintf(copies[n], sizeof(copies[n]), "%s", words[n]);
		argv[n] = copies[n];
	}
	*c = (struct ds_cli){.program = "dsaudit"};
	return ds_options_parse(c, ds_command_find(command), n, argv);
}
#define PARSE(c, command, ...) parse(c, command, (const char *const[]){__VA_ARGS__, NULL})

static void stored(void **state)
{
	struct ds_cli c;

	(void)state;
	assert_int_equal(PARSE(&c, "audit", "--strict", "-vv", "-o", "json=x", "--color=never", "--fail-on", "info", "in",
			       "--ignore=DS101", "--ignore", "DS102:a", "--", "-q"), 0);
	assert_true(c.strict);
	assert_false(c.quiet);
	assert_int_equal(c.verbose, 2);
	assert_int_equal(c.n_outputs, 1);
	assert_string_equal(c.outputs[0].format, "json");
	assert_string_equal(c.outputs[0].file, "x");
	assert_int_equal(c.color, DS_COLOR_NEVER);
	assert_string_equal(c.fail_on, "info");
	assert_int_equal(c.ignore.n, 2);
	assert_string_equal(c.ignore.v[1], "DS102:a");
	assert_int_equal(c.n_args, 2);
	assert_int_equal(PARSE(&c, "nodes", "--count=10000"), 0);
	assert_int_equal(c.count, 10000);
	assert_int_equal(PARSE(&c, "preview", "--validate", "strict", "-fa", "-f", "b"), 0);
	assert_int_equal(c.validate, DS_FIELDS_STRICT);
	assert_int_equal(c.services.n, 2);
	assert_int_equal(PARSE(&c, "audit", "-qh"), 1);
}

static void repeats(void **state)
{
	(void)state;
	assert_true(ds_option_repeats(&ds_opt_output));
	assert_true(ds_option_repeats(&ds_opt_verbose));
	assert_true(ds_option_repeats(&ds_opt_rules_add));
	assert_false(ds_option_repeats(&ds_opt_rules));
	assert_false(ds_option_repeats(&ds_opt_quiet));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(no_two_alike),
		cmocka_unit_test(stored),
		cmocka_unit_test(repeats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
