#include <stdio.h>

#include "cli/completion.h"
#include "cli/options.h"

/* The names of kinds in the script. Those without words of their own are handled there. */
static const char *const kinds[] = {
	[DS_VALUE_NONE] = "",
	[DS_VALUE_FREE] = "free",
	[DS_VALUE_WORD] = "word",
	[DS_VALUE_FILE] = "file",
	[DS_VALUE_FOLDER] = "folder",
	[DS_VALUE_REPORT] = "report",
	[DS_VALUE_RULE] = "rule",
	[DS_VALUE_RULE_AT] = "rule_at",
	[DS_VALUE_VERSION] = "version",
	[DS_VALUE_INPUT_TYPE] = "type",
	[DS_VALUE_COMMAND] = "command",
};
_Static_assert(DS_ARRAY_SIZE(kinds) == DS_VALUE__COUNT, "every kind has a name");

static void quote(struct ds_out *out, const char *text)
{
	ds_completion_quote(out, text, "'\\''", "\\");
}

static void put_list(struct ds_out *out, const struct ds_word *words)
{
	ds_out_addz(out, "list=(");
	for (size_t i = 0; words[i].name; i++) {
		ds_out_addz(out, i ? " " : "");
		quote(out, words[i].name);
	}
	ds_out_addc(out, ')');
}

/* "value=word list=('a' 'b') ;;" */
static void put_value(struct ds_out *out, enum ds_value takes, const struct ds_word *words)
{
	ds_out_printf(out, " value='%s'", kinds[takes]);
	if (words) {
		ds_out_addc(out, ' ');
		put_list(out, words);
	}
	ds_out_addz(out, " ;;\n");
}

static void put_words(const struct ds_completion *c, struct ds_out *out)
{
	ds_out_addz(out, "\n# The words of kind $1.\n__dsaudit_words()\n{\n\tlist=()\n\tcase $1 in\n");
	for (size_t i = 0; i < DS_VALUE__COUNT; i++) {
		if (!c->words[i])
			continue;
		ds_out_printf(out, "\t%s%s) ", kinds[i], i == DS_VALUE_RULE ? " | rule_at" : "");
		put_list(out, c->words[i]);
		ds_out_addz(out, " ;;\n");
	}
	ds_out_addz(out, "\tesac\n}\n");
}

static void put_commands(struct ds_out *out)
{
	ds_out_addz(out, "\n__dsaudit_is_command()\n{\n\tcase $1 in\n\t");
	for (size_t i = 0; ds_commands[i]; i++) {
		ds_out_addz(out, i ? " | " : "");
		quote(out, ds_commands[i]->name);
	}
	ds_out_addz(out, ") return 0 ;;\n\tesac\n\treturn 1\n}\n\n# The options of command $1.\n"
			 "__dsaudit_options()\n{\n\tlist=()\n\tcase $1 in\n");
	for (size_t i = 0; ds_commands[i]; i++) {
		const struct ds_command *cmd = ds_commands[i];

		ds_out_printf(out, "\t%s) list=(", cmd->name);
		for (size_t k = 0; cmd->options[k]; k++) {
			const struct ds_option *o = cmd->options[k];

			ds_out_printf(out, "%s--%s", k ? " " : "", o->name);
			if (o->letter)
				ds_out_printf(out, " -%c", o->letter);
		}
		ds_out_addz(out, ") ;;\n");
	}
	ds_out_addz(out, "\tesac\n}\n");
}

static void put_options(struct ds_out *out)
{
	ds_out_addz(out, "\n# What option $2 of command $1 takes.\n__dsaudit_takes()\n{\n\tvalue='' list=()\n\tcase $1:$2 in\n");
	for (size_t i = 0; ds_commands[i]; i++) {
		for (size_t k = 0; ds_commands[i]->options[k]; k++) {
			const struct ds_option *o = ds_commands[i]->options[k];

			if (o->takes == DS_VALUE_NONE)
				continue;
			ds_out_printf(out, "\t%s:--%s", ds_commands[i]->name, o->name);
			if (o->letter)
				ds_out_printf(out, " | %s:-%c", ds_commands[i]->name, o->letter);
			ds_out_addc(out, ')');
			put_value(out, o->takes, o->words);
		}
	}
	ds_out_addz(out, "\tesac\n}\n");
}

static void put_arguments(struct ds_out *out)
{
	ds_out_addz(out, "\n# What command $1 takes as its argument number $2, counted from 0, when the first one is $3.\n"
			 "__dsaudit_argument()\n{\n\tvalue='' list=()\n\tcase $1:$2:$3 in\n");
	for (size_t i = 0; ds_commands[i]; i++) {
		const struct ds_command *cmd = ds_commands[i];

		if (cmd->takes == DS_VALUE_NONE)
			continue;
		ds_out_printf(out, "\t%s:%s:*)", cmd->name, cmd->takes == DS_VALUE_FILE ? "*" : "0");
		put_value(out, cmd->takes, cmd->words);
		for (const struct ds_word *w = cmd->words; w && w->name; w++) {
			if (w->then == DS_VALUE_NONE)
				continue;
			ds_out_printf(out, "\t%s:%s:", cmd->name, w->then == DS_VALUE_FILE ? "*" : "1");
			quote(out, w->name);
			ds_out_addc(out, ')');
			put_value(out, w->then, NULL);
		}
	}
	ds_out_addz(out, "\tesac\n}\n");
}

void ds_completion_bash(const struct ds_completion *c, struct ds_out *out)
{
	ds_out_addz(out, "# bash completion for dsaudit                            -*- shell-script -*-\n"
			 "# Written by `dsaudit completion bash`.\n");
	put_words(c, out);
	put_commands(out);
	put_options(out);
	put_arguments(out);
	ds_out_addz(out, ds_completion_bash_text);
}
