#include <string.h>

#include "cli/completion.h"
#include "cli/options.h"

/* What _arguments runs for a kind of value; those with words of their own are functions of the script. */
static const char *const actions[] = {
	[DS_VALUE_NONE] = "",
	[DS_VALUE_FREE] = "",
	[DS_VALUE_WORD] = "", /* put together from the words */
	[DS_VALUE_FILE] = "_files",
	[DS_VALUE_FOLDER] = "_files -/",
	[DS_VALUE_REPORT] = "_dsaudit_report",
	[DS_VALUE_RULE] = "_dsaudit_words_rule",
	[DS_VALUE_RULE_AT] = "_dsaudit_rule_at",
	[DS_VALUE_VERSION] = "_dsaudit_words_version",
	[DS_VALUE_INPUT_TYPE] = "_dsaudit_words_type",
	[DS_VALUE_COMMAND] = "_dsaudit_words_command",
};
_Static_assert(DS_ARRAY_SIZE(actions) == DS_VALUE__COUNT, "every kind has an action");

static const char *const lists[DS_VALUE__COUNT] = {
	[DS_VALUE_REPORT] = "report",   [DS_VALUE_RULE] = "rule",   [DS_VALUE_VERSION] = "version",
	[DS_VALUE_INPUT_TYPE] = "type", [DS_VALUE_COMMAND] = "command",
};

/* Inside single quotes: each of the characters that zsh would take for its own gets a backslash. */
static void put(struct ds_out *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'')
			ds_out_addz(out, "'\\''");
		else if (*text == '\\' || strchr(special, *text))
			ds_out_printf(out, "\\%c", *text);
		else
			ds_out_addc(out, *text);
	}
}

static void put_words(const struct ds_completion *c, struct ds_out *out)
{
	for (size_t i = 0; i < DS_VALUE__COUNT; i++) {
		if (!c->words[i])
			continue;
		ds_out_printf(out, "\n_dsaudit_words_%s() {\n\tlocal -a words\n\twords=(\n", lists[i]);
		for (const struct ds_word *w = c->words[i]; w->name; w++) {
			ds_out_addz(out, "\t\t'");
			put(out, w->name, ":");
			if (w->help) {
				ds_out_addc(out, ':');
				put(out, w->help, "");
			}
			ds_out_addz(out, "'\n");
		}
		ds_out_printf(out, "\t)\n\t_describe -t %ss %s words \"$@\"\n}\n", lists[i], lists[i]);
	}
}

/* ":MESSAGE:ACTION" */
static void put_value(struct ds_out *out, const char *message, enum ds_value takes, const struct ds_word *words)
{
	ds_out_addc(out, ':');
	put(out, message, ":");
	ds_out_addc(out, ':');
	ds_out_addz(out, actions[takes]);
	if (!words)
		return;
	ds_out_addc(out, '(');
	for (size_t i = 0; words[i].name; i++) {
		ds_out_addz(out, i ? " " : "");
		put(out, words[i].name, ":() \t$`\"");
	}
	ds_out_addc(out, ')');
}

static void put_option(struct ds_out *out, const struct ds_option *o)
{
	const char *takes = o->takes != DS_VALUE_NONE ? "=" : "";

	ds_out_addz(out, " \\\n\t\t'");
	if (ds_option_repeats(o))
		ds_out_addc(out, '*');
	else if (o->letter)
		ds_out_printf(out, "(-%c --%s)", o->letter, o->name);
	if (o->letter)
		ds_out_printf(out, "'{-%c%s,--%s%s}'", o->letter, *takes ? "+" : "", o->name, takes);
	else
		ds_out_printf(out, "--%s%s", o->name, takes);
	ds_out_addc(out, '[');
	put(out, o->help, "[]:");
	ds_out_addc(out, ']');
	if (o->takes != DS_VALUE_NONE)
		put_value(out, o->argument, o->takes, o->words);
	ds_out_addc(out, '\'');
}

/* What may follow a word of the command's. */
static void put_rest(struct ds_out *out, const struct ds_command *cmd)
{
	ds_out_addz(out, " && return 0\n\tcase $state:$line[1] in\n");
	for (const struct ds_word *w = cmd->words; w->name; w++) {
		if (w->then == DS_VALUE_NONE)
			continue;
		ds_out_addz(out, "\t(rest:'");
		put(out, w->name, "");
		ds_out_printf(out, "') %s ;;\n", actions[w->then]);
	}
	ds_out_addz(out, "\t(*) return 1 ;;\n\tesac\n}\n");
}

static void put_command(struct ds_out *out, const struct ds_command *cmd)
{
	bool goes_on = false;

	ds_out_printf(out, "\n_dsaudit_arguments_%s() {\n\t_arguments -s -S -C \"$@\"", cmd->name);
	for (size_t k = 0; cmd->options[k]; k++)
		put_option(out, cmd->options[k]);
	ds_out_addz(out, " \\\n\t\t'(- *)'{-h,--help}'[this help]'");
	if (cmd->takes != DS_VALUE_NONE) {
		ds_out_printf(out, " \\\n\t\t'%s", cmd->takes == DS_VALUE_FILE ? "*" : "1");
		put_value(out, cmd->takes == DS_VALUE_FILE ? "INPUT" : cmd->name, cmd->takes, cmd->words);
		ds_out_addc(out, '\'');
	}
	for (const struct ds_word *w = cmd->words; w && w->name; w++)
		goes_on |= w->then != DS_VALUE_NONE;
	if (goes_on) {
		ds_out_addz(out, " \\\n\t\t'*:: :->rest'");
		put_rest(out, cmd);
	} else {
		ds_out_addz(out, "\n}\n");
	}
}

void ds_completion_zsh(const struct ds_completion *c, struct ds_out *out)
{
	ds_out_addz(out, "#compdef dsaudit\n# zsh completion for dsaudit, written by `dsaudit completion zsh`.\n");
	put_words(c, out);
	ds_out_addz(out, "\n_dsaudit_is_command() {\n\tcase $1 in\n\t(");
	for (size_t i = 0; ds_commands[i]; i++)
		ds_out_printf(out, "%s%s", i ? "|" : "", ds_commands[i]->name);
	ds_out_addz(out, ") return 0 ;;\n\tesac\n\treturn 1\n}\n");
	for (size_t i = 0; ds_commands[i]; i++)
		put_command(out, ds_commands[i]);
	ds_out_addz(out, ds_completion_zsh_text);
}
