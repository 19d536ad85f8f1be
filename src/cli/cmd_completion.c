#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/audit_priv.h"
#include "cli/completion.h"
#include "collect/collect.h"
#include "kube/version.h"
#include "report/report.h"

void ds_completion_quote(struct ds_out *out, const char *text, const char *quote, const char *backslash)
{
	ds_out_addc(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			ds_out_addz(out, quote);
		else if (*text == '\\')
			ds_out_addz(out, backslash);
		else
			ds_out_addc(out, *text);
	}
	ds_out_addc(out, '\'');
}

/* ---- what there is of each kind ---- */

struct gathering {
	struct ds_audit *a; /* with the built-in rules */
	DS_VEC(struct ds_word) words;
	int err;
};

static void add(struct gathering *g, const char *name, const char *help)
{
	if (g->err == 0)
		g->err = name ? ds_vec_push(g->a->rules_ctx.arena, &g->words, ((struct ds_word){.name = name, .help = help}))
			      : DS_ENOMEM;
}

static void add_formats(struct gathering *g)
{
	size_t n;
	const struct ds_format *f = ds_formats(&n);

	for (size_t i = 0; i < n; i++)
		add(g, f[i].name, f[i].help);
}

static void add_types(struct gathering *g)
{
	size_t n;
	const struct ds_collector *c = ds_collectors(&n);

	for (size_t i = 0; i < n; i++)
		add(g, c[i].type, c[i].help);
}

/* Ids, then names: people remember one or the other. */
static void add_rules(struct gathering *g)
{
	const struct ds_ruleset *set = &g->a->rules;

	for (size_t i = 0; i < set->rules.n; i++)
		add(g, set->rules.v[i]->id, set->rules.v[i]->title);
	for (size_t i = 0; i < set->rules.n; i++)
		add(g, set->rules.v[i]->name, set->rules.v[i]->title);
}

static void add_versions(struct gathering *g)
{
	for (int minor = DS_KUBE_NEWEST; minor >= DS_KUBE_OLDEST; minor--)
		add(g, ds_arena_printf(g->a->rules_ctx.arena, "1.%d", minor), NULL);
}

static void add_commands(struct gathering *g)
{
	for (size_t i = 0; ds_commands[i]; i++)
		add(g, ds_commands[i]->name, ds_commands[i]->help);
}

static int gather(struct ds_audit *a, struct ds_completion *ret)
{
	static void (*const sources[DS_VALUE__COUNT])(struct gathering *g) = {
		[DS_VALUE_REPORT] = add_formats, [DS_VALUE_INPUT_TYPE] = add_types,   [DS_VALUE_RULE] = add_rules,
		[DS_VALUE_VERSION] = add_versions, [DS_VALUE_COMMAND] = add_commands,
	};

	*ret = (struct ds_completion){0};
	for (size_t i = 0; i < DS_VALUE__COUNT; i++) {
		struct gathering g = {.a = a};

		if (!sources[i])
			continue;
		sources[i](&g);
		if (g.err == 0)
			g.err = ds_vec_push(a->rules_ctx.arena, &g.words, ((struct ds_word){0}));
		if (g.err < 0)
			return g.err;
		ret->words[i] = g.words.v;
	}
	return 0;
}

/* ---- the command ---- */

enum { BASH, ZSH, FISH, SHELLS };

const struct ds_word ds_shell_words[] = {
	{.name = "bash", .help = "source <(dsaudit completion bash)", .value = BASH},
	{.name = "zsh", .help = "source <(dsaudit completion zsh)", .value = ZSH},
	{.name = "fish", .help = "dsaudit completion fish | source", .value = FISH},
	{0},
};

static void (*const writers[])(const struct ds_completion *c, struct ds_out *out) = {
	[BASH] = ds_completion_bash,
	[ZSH] = ds_completion_zsh,
	[FISH] = ds_completion_fish,
};
_Static_assert(DS_ARRAY_SIZE(writers) == SHELLS && DS_ARRAY_SIZE(ds_shell_words) == SHELLS + 1, "every shell has its script");

static int write_script(const struct ds_cli *c, int shell)
{
	struct ds_audit *a = ds_audit_new();
	struct ds_completion words;
	struct ds_out out;
	int r = DS_EXIT_OK;

	if (!a)
		return ds_cli_error(c, DS_EXIT_INTERNAL, "out of memory");
	if (ds_audit_load_rules(a) < 0)
		r = ds_cli_error(c, DS_EXIT_INTERNAL, "%s", ds_audit_error(a));
	else if (gather(a, &words) < 0)
		r = ds_cli_error(c, DS_EXIT_INTERNAL, "out of memory");
	if (r == DS_EXIT_OK) {
		ds_out_init(&out, STDOUT_FILENO);
		writers[shell](&words, &out);
		if (ds_out_close(&out) < 0)
			r = ds_cli_error(c, DS_EXIT_INTERNAL, "standard output: %s", strerror(out.errnum));
	}
	ds_audit_free(a);
	return r;
}

int ds_cmd_completion(struct ds_cli *c)
{
	const struct ds_word *shell = c->n_args == 1 ? ds_word_find(ds_shell_words, c->args[0]) : NULL;
	_ds_buf_done_ struct ds_buf known = DS_BUF_INIT;

	if (shell)
		return write_script(c, shell->value);
	ds_words_say(&known, ds_shell_words);
	if (c->n_args == 1)
		return ds_cli_error(c, DS_EXIT_USAGE, "completion: there is no script for '%s'; there are %s", c->args[0],
				    known.p ? known.p : "");
	return ds_cli_error(c, DS_EXIT_USAGE, "completion needs the name of a shell; there are %s", known.p ? known.p : "");
}
