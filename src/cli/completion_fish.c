#include "cli/completion.h"
#include "cli/options.h"

/* What `complete` is given for a kind of value. */
static const char *const actions[] = {
	[DS_VALUE_NONE] = "",
	[DS_VALUE_FREE] = " -x",
	[DS_VALUE_WORD] = " -x", /* and the words */
	[DS_VALUE_FILE] = " -r -F",
	[DS_VALUE_FOLDER] = " -x -a '(__fish_complete_directories)'",
	[DS_VALUE_REPORT] = " -x -a '(__dsaudit_report)'",
	[DS_VALUE_RULE] = " -x -a '(__dsaudit_words_rule)'",
	[DS_VALUE_RULE_AT] = " -x -a '(__dsaudit_rule_at)'",
	[DS_VALUE_VERSION] = " -x -a '(__dsaudit_words_version)'",
	[DS_VALUE_INPUT_TYPE] = " -x -a '(__dsaudit_words_type)'",
	[DS_VALUE_COMMAND] = " -x -a '(__dsaudit_words_command)'",
};
_Static_assert(DS_ARRAY_SIZE(actions) == DS_VALUE__COUNT, "every kind has an action");

static const char *const lists[DS_VALUE__COUNT] = {
	[DS_VALUE_REPORT] = "report",   [DS_VALUE_RULE] = "rule",   [DS_VALUE_VERSION] = "version",
	[DS_VALUE_INPUT_TYPE] = "type", [DS_VALUE_COMMAND] = "command",
};

static void quote(struct ds_out *out, const char *text)
{
	ds_completion_quote(out, text, "\\'", "\\\\");
}

/* A function that prints words with what they mean. */
static void put_function(struct ds_out *out, const char *name, const char *option, const struct ds_word *words)
{
	ds_out_printf(out, "\nfunction __dsaudit_words_%s%s%s\n    printf '%%s\\t%%s\\n'", name, option ? "_" : "",
		      option ? option : "");
	for (const struct ds_word *w = words; w->name; w++) {
		ds_out_addz(out, " \\\n        ");
		quote(out, w->name);
		ds_out_addc(out, ' ');
		quote(out, w->help ? w->help : "");
	}
	ds_out_addz(out, "\nend\n");
}

static void put_option(struct ds_out *out, const struct ds_command *cmd, const struct ds_option *o)
{
	if (o->words)
		put_function(out, cmd->name, o->name, o->words);
	ds_out_printf(out, "complete -c dsaudit -n '__dsaudit_in %s'", cmd->name);
	if (o->letter)
		ds_out_printf(out, " -s %c", o->letter);
	ds_out_printf(out, " -l %s -d ", o->name);
	quote(out, o->help);
	ds_out_addz(out, actions[o->takes]);
	if (o->words)
		ds_out_printf(out, " -a '(__dsaudit_words_%s_%s)'", cmd->name, o->name);
	ds_out_addc(out, '\n');
}

/* The words of the command, and what follows each. */
static void put_arguments(struct ds_out *out, const struct ds_command *cmd)
{
	if (cmd->takes == DS_VALUE_FILE)
		return; /* what fish proposes anyway */
	ds_out_printf(out, "complete -c dsaudit -n '__dsaudit_in %s' -f\n", cmd->name);
	if (!cmd->words && !lists[cmd->takes])
		return; /* nothing can be proposed */
	if (!cmd->words) {
		ds_out_printf(out, "complete -c dsaudit -n '__dsaudit_in %s; and __dsaudit_lacks %s'%s\n", cmd->name,
			      lists[cmd->takes], actions[cmd->takes]);
		return;
	}
	ds_out_printf(out, "complete -c dsaudit -n '__dsaudit_in %s; and __dsaudit_lacks %s' -f -a '(__dsaudit_words_%s)'\n",
		      cmd->name, cmd->name, cmd->name);
	for (const struct ds_word *w = cmd->words; w->name; w++)
		if (w->then != DS_VALUE_NONE)
			ds_out_printf(out, "complete -c dsaudit -n '__dsaudit_in %s; and __fish_seen_subcommand_from %s'%s\n",
				      cmd->name, w->name, w->then == DS_VALUE_FILE ? " -F" : actions[w->then]);
}

void ds_completion_fish(const struct ds_completion *c, struct ds_out *out)
{
	ds_out_addz(out, "# fish completion for dsaudit, written by `dsaudit completion fish`.\n");
	for (size_t i = 0; i < DS_VALUE__COUNT; i++)
		if (c->words[i])
			put_function(out, lists[i], NULL, c->words[i]);
	ds_out_addz(out, ds_completion_fish_text);
	ds_out_addz(out, "\ncomplete -c dsaudit -n __dsaudit_at_first_word -a '(__dsaudit_words_command)'\n"
			 "complete -c dsaudit -n __dsaudit_at_first_word -s V -l version -d 'print the version'\n"
			 "complete -c dsaudit -s h -l help -d 'this help'\n");
	for (size_t i = 0; ds_commands[i]; i++) {
		const struct ds_command *cmd = ds_commands[i];

		ds_out_printf(out, "\n# %s\n", cmd->name);
		if (cmd->words)
			put_function(out, cmd->name, NULL, cmd->words);
		put_arguments(out, cmd);
		for (size_t k = 0; cmd->options[k]; k++)
			put_option(out, cmd, cmd->options[k]);
	}
}
