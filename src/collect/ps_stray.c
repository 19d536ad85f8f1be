#include "collect/ps_stray.h"

#include "base/compiler.h"
#include "collect/observe.h"
#include "kube/cmdline.h"

/* Words looked at to tell whether a line starts a component at all. */
#define PROBED_WORDS 64
/* Columns in front of a command, with those that take several words. */
#define MOST_COLUMNS 32

enum ds_component ds_ps_component(struct ds_str command)
{
	struct ds_arg words[PROBED_WORDS];
	size_t n = 0, pos = 0;

	while (n < PROBED_WORDS && ds_ps_next_word(command, &pos, &words[n].text))
		n++;
	/* `sh -c exec kube-proxy …`: ps lost the quotes, so look behind -c. */
	for (size_t i = 0; i + 2 < n && i < 8; i++)
		if (ds_ps_is_shell(words[i].text) && ds_ps_is_command_option(words[i + 1].text)) {
			size_t k = i + 2;

			while (k < n && (ds_str_eqz(words[k].text, "exec") || ds_str_find(words[k].text, '=') < words[k].text.n))
				k++;
			return ds_observe_recognise(words + k, n - k, (struct ds_str){0});
		}
	return ds_observe_recognise(words, n, (struct ds_str){0});
}

/* The flag that a word gives, without dashes and value; empty when it is none. */
static struct ds_str flag_name(struct ds_str word)
{
	struct ds_str name = ds_str_skip(word, ds_str_starts(word, "--") ? 2 : 1);
	size_t n = 0;

	if (!ds_str_starts(word, "-"))
		return (struct ds_str){0};
	while (n < name.n && (ds_c_is_alnum(name.p[n]) || name.p[n] == '-' || name.p[n] == '_'))
		n++;
	return ds_str_head(name, n);
}

/* How many of the command's words are flags of the component; of those that are not audited, flags at all. */
static unsigned count_flags(enum ds_component c, struct ds_str command)
{
	struct ds_str word;
	size_t pos = 0;
	unsigned flags = 0;

	for (unsigned i = 0; i < PROBED_WORDS && ds_ps_next_word(command, &pos, &word); i++) {
		struct ds_str name = flag_name(word);

		flags += name.n > 0 && (!ds_component_is_audited(c) || ds_flag_find(c, name));
	}
	return flags;
}

/* A user, a group, a unit, a label: anything that is no path, option, quotation or sentence. */
static bool is_name(struct ds_str word)
{
	if (word.n == 0 || word.n > 128 || !(ds_c_is_alnum(word.p[0]) || word.p[0] == '_'))
		return false;
	for (size_t i = 0; i < word.n; i++)
		if (!ds_c_is_alnum(word.p[i]) && !memchr("_.+-:@", word.p[i], 6))
			return false;
	return word.p[word.n - 1] != ':' && word.p[word.n - 1] != '.';
}

bool ds_ps_stray(struct ds_str line, struct ds_ps_fields *ret)
{
	unsigned columns = 0, names = 0, numbers = 0;
	struct ds_str word;
	size_t pos = 0;

	*ret = (struct ds_ps_fields){.ppid = -1, .end = line.n, .bare = true};
	if (ds_str_search(line, DS_STR("kube")) == line.n && ds_str_search(line, DS_STR("k3s")) == line.n &&
	    ds_str_search(line, DS_STR("rke2")) == line.n && ds_str_search(line, DS_STR("k0s")) == line.n)
		return false;
	for (unsigned i = 0; i < MOST_COLUMNS && ds_ps_next_word(line, &pos, &word); i++) {
		struct ds_str command = ds_str_skip(line, (size_t)(word.p - line.p));
		enum ds_component c = i ? ds_ps_component(command) : DS_COMPONENT_NONE;
		int32_t number;

		if (c != DS_COMPONENT_NONE) {
			/* "Started kube-proxy --v=2" is no process: the fewer columns, the more flags. */
			unsigned enough = columns >= 1 ? 1 : 2, most = columns >= 3 ? 4 : DS_MAX(columns, 1u);

			ret->command = (size_t)(word.p - line.p);
			if (numbers != 1)
				ret->pid = 0;
			return names <= most && (count_flags(c, command) >= enough || (columns >= 3 && pos == line.n));
		}
		word = ds_ps_skip_art(word);
		if (word.n == 0)
			continue;
		if (ds_ps_is_pid(word, &number)) {
			numbers++;
			columns++;
			ret->pid = number;
		} else if (ds_ps_is_column(word)) {
			columns++;
		} else if (is_name(word)) {
			names++;
		} else {
			return false;
		}
	}
	return false;
}

/* The audited component whose name stands at p[at], as a word of its own. */
static enum ds_component named_at(struct ds_str text, size_t at)
{
	static const enum ds_component audited[] = {DS_KUBE_APISERVER, DS_KUBE_CONTROLLER_MANAGER, DS_KUBE_PROXY,
						    DS_KUBELET};
	struct ds_str rest = ds_str_skip(text, at);

	bool in_tree = at > 1 && text.p[at - 1] == '-' && memchr("|`+-", text.p[at - 2], 4); /* pstree's lines */

	if (at > 0 && !in_tree && (ds_c_is_alnum(text.p[at - 1]) || memchr("-_.", text.p[at - 1], 3)))
		return DS_COMPONENT_NONE;
	for (size_t i = 0; i < DS_ARRAY_SIZE(audited); i++)
		if (ds_str_starts(rest, ds_component_name(audited[i])))
			return audited[i];
	return DS_COMPONENT_NONE;
}

bool ds_ps_mentions(struct ds_str text, struct ds_ps_mention *ret)
{
	for (size_t at = 0; at < text.n; at++) {
		struct ds_str rest, flag;
		enum ds_component c;
		size_t k, end;

		at += ds_str_search(ds_str_skip(text, at), DS_STR("kube"));
		c = at < text.n ? named_at(text, at) : DS_COMPONENT_NONE;
		if (c == DS_COMPONENT_NONE)
			continue;
		rest = ds_str_skip(text, at);
		k = strlen(ds_component_name(c));
		if (k < rest.n && rest.p[k] == ',') /* the pid, in pstree */
			while (k + 1 < rest.n && ds_c_is_digit(rest.p[k + 1]))
				k++;
		k += k < rest.n && ds_c_is_digit(rest.p[k]);
		/* Between the two: blanks, and what lists and quotations have. */
		for (; k < rest.n && memchr(" \t\r\n\"',`\\", rest.p[k], 9); k++)
			;
		flag = ds_str_starts(ds_str_skip(rest, k), "--") ? flag_name(ds_str_skip(rest, k)) : (struct ds_str){0};
		end = k + 2 + flag.n;
		/* "kube-proxy --cluster-cidr" alone may be prose: a value is not. */
		if (flag.n == 0 || end >= rest.n || rest.p[end] != '=' || !ds_flag_find(c, flag))
			continue;
		*ret = (struct ds_ps_mention){c, ds_str_head(rest, end)};
		return true;
	}
	return false;
}
