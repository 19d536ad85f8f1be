#include "collect/ps_line.h"

#include "base/compiler.h"
#include "base/num.h"

enum column {
	COL_WORD, /* anything */
	COL_PID,
	COL_PPID,
	COL_NUMBER,
	COL_DECIMAL,
	COL_SIZE,  /* busybox: 1234, 12m */
	COL_TTY,
	COL_STATE,
	COL_START, /* 11:09, Nov22, 2024, Nov 22, Fri Nov 22 20:52:50 2026 */
	COL_TIME,  /* 0:04, 00:09:51, 2-03:04:05, 3h12 */
};

bool ds_ps_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

bool ds_ps_next_word(struct ds_str s, size_t *pos, struct ds_str *ret)
{
	size_t i = *pos, start;

	while (i < s.n && ds_ps_is_blank(s.p[i]))
		i++;
	start = i;
	while (i < s.n && !ds_ps_is_blank(s.p[i]))
		i++;
	*pos = i;
	*ret = ds_str_n(s.p + start, i - start);
	return i > start;
}

bool ds_ps_is_pid(struct ds_str s, int32_t *ret)
{
	uint64_t v;

	if (ds_num_u64(s, INT32_MAX, &v) < 0)
		return false;
	*ret = (int32_t)v;
	return true;
}

static bool one_of(struct ds_str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ds_str_eqz(s, list[i]))
			return true;
	return false;
}

static bool only_chars(struct ds_str s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (!memchr(set, s.p[i], strlen(set)))
			return false;
	return s.n > 0;
}

static bool is_month(struct ds_str s)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

	return s.n >= 3 && one_of(ds_str_head(s, 3), months, DS_ARRAY_SIZE(months));
}

static bool is_weekday(struct ds_str s)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

	return one_of(s, days, DS_ARRAY_SIZE(days));
}

static bool is_time(struct ds_str s)
{
	if (s.n < 3 || !ds_c_is_digit(s.p[0]))
		return false;
	if (ds_str_find(s, ':') < s.n)
		return only_chars(s, "0123456789:-.");
	return only_chars(s, "0123456789hd") && (ds_str_find(s, 'h') < s.n || ds_str_find(s, 'd') < s.n);
}

static bool is_state(struct ds_str s)
{
	return s.n <= 5 && memchr("DRSTtWXxZIKPQ", s.n ? s.p[0] : '\0', 13) &&
	       (s.n == 1 || only_chars(ds_str_skip(s, 1), "<NLsl+WJEC"));
}

static bool is_tty(struct ds_str s)
{
	return ds_str_eqz(s, "?") || ds_str_eqz(s, "-") || ds_str_eqz(s, "??") || ds_str_starts(s, "pts/") ||
	       ds_str_starts(s, "tty") || ds_str_starts(s, "console") || ds_str_starts(s, "hvc") ||
	       ds_str_starts(s, "s0");
}

static bool is_size(struct ds_str s)
{
	return s.n > 0 && ds_c_is_digit(s.p[0]) && only_chars(s, "0123456789.kmgtKMGT");
}

bool ds_ps_is_column(struct ds_str word)
{
	bool signed_number = ds_str_starts(word, "-") && only_chars(ds_str_skip(word, 1), "0123456789.");

	return signed_number || is_size(word) || only_chars(word, "0123456789.,") || is_time(word) || is_tty(word) ||
	       is_state(word) || is_weekday(word) || is_month(word);
}

struct ds_str ds_ps_skip_art(struct ds_str word)
{
	/* systemctl and pstree draw with the box characters U+2500 to U+257F. */
	for (;;) {
		if (word.n > 0 && memchr("|`\\_+", word.p[0], 5))
			word = ds_str_skip(word, 1);
		else if (word.n > 1 && word.p[0] == '-' && word.p[1] > '9' && !ds_c_is_alnum(word.p[1]))
			word = ds_str_skip(word, 1);
		else if (word.n >= 3 && (ds_str_starts(word, "\xe2\x94") || ds_str_starts(word, "\xe2\x95")))
			word = ds_str_skip(word, 3);
		else
			return word;
	}
}

/* The start time, which may take several words; *pos is behind its first one. */
static bool take_start(struct ds_str line, struct ds_str word, size_t *pos)
{
	size_t next = *pos;
	struct ds_str more;
	int32_t day;

	if (is_weekday(word)) {
		for (unsigned i = 0; i < 4; i++)
			if (!ds_ps_next_word(line, &next, &more))
				return false;
		*pos = next;
		return true;
	}
	if (is_month(word)) {
		if (word.n == 3 && ds_ps_next_word(line, &next, &more) && ds_ps_is_pid(more, &day) && day >= 1 && day <= 31)
			*pos = next;
		return true;
	}
	/* 11:09, 2024; localised month names are words. */
	return word.n <= 12;
}

/* busybox prints three characters of state, a blank among them: "S N", "R <". */
static void take_state_rest(struct ds_str line, size_t *pos)
{
	size_t next = *pos;
	struct ds_str more;

	if (ds_ps_next_word(line, &next, &more) && (ds_str_eqz(more, "N") || ds_str_eqz(more, "<")))
		*pos = next;
}

/* One field; false when the word cannot be one. */
static bool take(enum column c, bool strict, struct ds_str line, struct ds_str word, size_t *pos,
		 struct ds_ps_fields *f)
{
	int32_t number;

	switch (c) {
	case COL_WORD:
		return true;
	case COL_PID:
		return ds_ps_is_pid(word, &f->pid) || (!strict && ds_str_starts(word, "-") && ds_ps_is_pid(ds_str_skip(word, 1), &number));
	case COL_PPID:
		return ds_ps_is_pid(word, &f->ppid);
	case COL_NUMBER:
		return ds_ps_is_pid(word, &number) || (!strict && word.n > 0);
	case COL_DECIMAL:
		return only_chars(word, "0123456789.,");
	case COL_SIZE:
		return is_size(word);
	case COL_TTY:
		return !strict || is_tty(word);
	case COL_STATE:
		take_state_rest(line, pos);
		return !strict || is_state(word);
	case COL_START:
		return take_start(line, word, pos);
	case COL_TIME:
		return is_time(word) || (!strict && ds_str_eqz(word, "-"));
	}
	return false;
}

/* What `ps -eo args,pid` prints behind the command is not part of it; ps keeps one blank to it when it cuts. */
static bool take_behind(unsigned n, struct ds_str line, struct ds_ps_fields *f)
{
	size_t blanks = 2;

	for (; n > 0; n--) {
		while (f->end > f->command && ds_ps_is_blank(line.p[f->end - 1]))
			f->end--;
		while (f->end > f->command && !ds_ps_is_blank(line.p[f->end - 1]))
			f->end--;
		for (blanks = 0; f->end > f->command && ds_ps_is_blank(line.p[f->end - 1]); blanks++)
			f->end--;
	}
	f->cut = blanks < 2;
	return f->end > f->command;
}

static bool split(const unsigned char *columns, unsigned n, bool strict, struct ds_str line, struct ds_ps_fields *ret)
{
	struct ds_str word;
	size_t pos = 0;

	*ret = (struct ds_ps_fields){.ppid = -1, .end = line.n};
	for (unsigned i = 0; i < n; i++)
		if (!ds_ps_next_word(line, &pos, &word) || !take((enum column)columns[i], strict, line, word, &pos, ret))
			return false;
	while (pos < line.n && ds_ps_is_blank(line.p[pos]))
		pos++;
	ret->command = pos;
	/* What --forest and `ps axf` draw is not part of the command. */
	for (;;) {
		struct ds_str rest = ds_str_skip(line, pos);
		size_t art = 0;

		if (ds_str_starts(rest, "\\_ ") || ds_str_starts(rest, "`- ") || ds_str_starts(rest, "|- "))
			art = 3;
		else if (ds_str_starts(rest, "| ") || ds_str_starts(rest, "|\t"))
			art = 2;
		else if (rest.n > 0 && ds_ps_is_blank(rest.p[0]))
			art = 1;
		else
			break;
		pos += art;
	}
	/* busybox names a process whose title was changed: "{launch.sh} /bin/sh …". */
	if (pos < line.n && line.p[pos] == '{') {
		size_t close = ds_str_find(ds_str_skip(line, pos), '}');

		if (close < 20 && pos + close + 2 < line.n && line.p[pos + close + 1] == ' ')
			pos += close + 2;
	}
	ret->command = pos;
	return pos < line.n;
}

bool ds_ps_split(const struct ds_ps_layout *layout, struct ds_str line, struct ds_ps_fields *ret)
{
	return split(layout->column, layout->n, false, line, ret) &&
	       (layout->behind == 0 || take_behind(layout->behind, line, ret));
}

/* Column names that mean something to us; all others are words. */
static const struct {
	const char *name;
	enum column column;
} header_names[] = {
	{"PID", COL_PID},       {"PPID", COL_PPID},   {"STIME", COL_START}, {"START", COL_START}, {"STARTED", COL_START},
	{"STAT", COL_STATE},    {"S", COL_STATE},     {"TIME", COL_TIME},   {"TTY", COL_TTY},     {"TT", COL_TTY},
};

static const char *const command_names[] = {"CMD", "COMMAND", "ARGS"};

bool ds_ps_header(struct ds_str line, struct ds_ps_layout *ret)
{
	bool pid = false, state = false, command = false;
	struct ds_str word;
	unsigned n = 0;
	size_t pos = 0;

	*ret = (struct ds_ps_layout){0};
	if (line.n > 512)
		return false;
	for (; ds_ps_next_word(line, &pos, &word); n++) {
		unsigned char column = COL_WORD;

		if (n == DS_PS_COLUMNS || !only_chars(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ%_+-/"))
			return false;
		for (size_t i = 0; i < DS_ARRAY_SIZE(header_names); i++)
			if (ds_str_eqz(word, header_names[i].name))
				column = (unsigned char)header_names[i].column;
		pid |= column == COL_PID;
		state |= column == COL_STATE;
		ret->column[n] = column;
		/* The last one: `ps -eo comm,args` says COMMAND twice. */
		if (one_of(word, command_names, DS_ARRAY_SIZE(command_names))) {
			command = true;
			ret->n = n;
		}
	}
	if (!command || !pid)
		return false;
	ret->behind = n - ret->n - 1;
	/* busybox: "PID USER TIME COMMAND" and "PID USER VSZ STAT COMMAND". */
	ret->busybox = ret->n >= 3 && ret->n <= 4 && ret->column[0] == COL_PID && ret->column[1] == COL_WORD &&
		       (ret->column[2] == COL_TIME || state);
	return true;
}

/* Listings without a header, the most telling first. */
static const struct {
	unsigned char n;
	bool loose;
	unsigned char column[14];
} guesses[] = {
	/* ps -ef: UID PID PPID C STIME TTY TIME */
	{7, false, {COL_WORD, COL_PID, COL_PPID, COL_NUMBER, COL_START, COL_TTY, COL_TIME}},
	/* ps aux: USER PID %CPU %MEM VSZ RSS TTY STAT START TIME */
	{10, false, {COL_WORD, COL_PID, COL_DECIMAL, COL_DECIMAL, COL_NUMBER, COL_NUMBER, COL_TTY, COL_STATE, COL_START,
		     COL_TIME}},
	/* ps -elf: F S UID PID PPID C PRI NI ADDR SZ WCHAN STIME TTY TIME */
	{14, false, {COL_NUMBER, COL_STATE, COL_WORD, COL_PID, COL_PPID, COL_NUMBER, COL_NUMBER, COL_WORD, COL_WORD,
		     COL_SIZE, COL_WORD, COL_START, COL_TTY, COL_TIME}},
	/* ps ajx: PPID PID PGID SID TTY TPGID STAT UID TIME */
	{9, false, {COL_PPID, COL_PID, COL_NUMBER, COL_NUMBER, COL_TTY, COL_WORD, COL_STATE, COL_WORD, COL_TIME}},
	/* ps axl: F UID PID PPID PRI NI VSZ RSS WCHAN STAT TTY TIME */
	{12, false, {COL_NUMBER, COL_WORD, COL_PID, COL_PPID, COL_NUMBER, COL_WORD, COL_NUMBER, COL_NUMBER, COL_WORD,
		     COL_STATE, COL_TTY, COL_TIME}},
	/* ps ax, ps axf: PID TTY STAT TIME */
	{4, false, {COL_PID, COL_TTY, COL_STATE, COL_TIME}},
	/* busybox: PID USER TIME, PID USER VSZ STAT */
	{3, true, {COL_PID, COL_WORD, COL_TIME}},
	{4, true, {COL_PID, COL_WORD, COL_SIZE, COL_STATE}},
	/* ps -eo pid,ppid,user,args and the like; pgrep -a */
	{3, true, {COL_PID, COL_PPID, COL_WORD}},
	{2, true, {COL_PID, COL_PPID}},
	{2, true, {COL_PID, COL_WORD}},
	{3, true, {COL_WORD, COL_PID, COL_PPID}},
	{2, true, {COL_WORD, COL_PID}},
	{1, true, {COL_PID}},
	{0, true, {COL_WORD}},
};

bool ds_ps_guess(struct ds_str line, struct ds_ps_fields *ret)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(guesses) && !guesses[i].loose; i++)
		if (split(guesses[i].column, guesses[i].n, true, line, ret))
			return true;
	return false;
}

bool ds_ps_guess_loose(struct ds_str line, size_t *cursor, struct ds_ps_fields *ret)
{
	for (size_t i = *cursor; i < DS_ARRAY_SIZE(guesses); i++) {
		if (!guesses[i].loose || !split(guesses[i].column, guesses[i].n, true, line, ret))
			continue;
		*cursor = i + 1;
		ret->bare = guesses[i].n == 0;
		return true;
	}
	return false;
}

bool ds_ps_is_prompt(struct ds_str line)
{
	struct ds_str s = ds_str_trim(line);
	size_t at = ds_str_find(ds_str_head(s, 128), '@');

	if (s.n > 4096)
		s = ds_str_head(s, 4096);
	for (size_t i = 0; i < s.n; i++) {
		struct ds_str rest = ds_str_skip(s, i);
		bool mark = s.p[i] == '$' || s.p[i] == '#' || s.p[i] == '%' || s.p[i] == '>';
		size_t skip = mark ? 1 : ds_str_starts(rest, "\u279c") || ds_str_starts(rest, "\u276f") ? 3 : 0;

		if (skip == 0)
			continue;
		rest = ds_str_trim(ds_str_skip(rest, skip));
		if (ds_str_starts(rest, "ps ") || ds_str_eqz(rest, "ps") || ds_str_starts(rest, "sudo ps") ||
		    ds_str_starts(rest, "pgrep "))
			return true;
		if (mark && at < i && rest.n == 0)
			return true;
	}
	return ds_str_starts(s, "ps -") || ds_str_starts(s, "ps a") || (s.n > 0 && s.p[0] == '[' && at < 64);
}

size_t ds_ps_glued_prompt(struct ds_str line)
{
	size_t i = 0;

	/* "[user@host dir]#": a bracket that holds an '@' and ends in ]# or ]$. */
	while (i < line.n) {
		size_t open = i + ds_str_find(ds_str_skip(line, i), '[');
		struct ds_str inside = ds_str_head(ds_str_skip(line, open + 1), 128);
		size_t close = ds_str_find(inside, ']');

		if (open >= line.n)
			break;
		if (close + 1 < inside.n && ds_str_find(ds_str_head(inside, close), '@') < close &&
		    (inside.p[close + 1] == '#' || inside.p[close + 1] == '$'))
			return open;
		i = open + 1;
	}
	return line.n;
}

bool ds_ps_continues(struct ds_str line)
{
	struct ds_str s = ds_str_trim(line), first, more;
	size_t pos = 0;

	if (ds_ps_glued_prompt(s) == 0 || ds_ps_is_prompt(ds_str_head(s, ds_ps_glued_prompt(s))))
		return false;
	if (!ds_ps_next_word(s, &pos, &first))
		return false;
	/* What grep puts between groups, markdown fences, elisions, rulers. */
	if (only_chars(first, "-`.=~*#_") || ds_str_starts(s, "```") || ds_str_ends(s, "..."))
		return false;
	if (first.p[0] == '-' && first.n > 1)
		return true;
	for (size_t i = 0; i + 2 < s.n; i++)
		if (s.p[i] == ' ' && s.p[i + 1] == '-' && (s.p[i + 2] == '-' || ds_c_is_lower(s.p[i + 2])))
			return true;
	return !ds_ps_next_word(s, &pos, &more) && first.p[first.n - 1] != ':';
}

bool ds_ps_is_shell(struct ds_str word)
{
	static const char *const shells[] = {"sh", "ash", "bash", "dash", "ksh", "zsh"};

	return one_of(ds_str_basename(word), shells, DS_ARRAY_SIZE(shells));
}

bool ds_ps_is_command_option(struct ds_str word)
{
	return word.n >= 2 && word.n <= 6 && word.p[0] == '-' && word.p[1] != '-' && word.p[word.n - 1] == 'c' &&
	       only_chars(ds_str_skip(word, 1), "abcdefhiklmnptuvx");
}
