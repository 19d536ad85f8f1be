#include "base/utf8.h"
#include "report/markdown.h"
#include "report/out.h"

/* The i-th byte of safe text. */
static void add_escaped(struct ds_buf *b, struct ds_str s, size_t i)
{
	char c = s.p[i], before = i ? s.p[i - 1] : ' ', after = i + 1 < s.n ? s.p[i + 1] : ' ';

	/* Linked, or sent to people, after Markdown is done: its escapes do not help. */
	if (c == '@')
		ds_buf_addz(b, "@<!-- -->");
	else if (c == '<')
		ds_buf_addz(b, "&lt;");
	else if (c == '>')
		ds_buf_addz(b, "&gt;");
	else if (c == '&')
		ds_buf_addz(b, "&amp;");
	else if (strchr("\\`*_[]|~$", c) || ds_str_starts(ds_str_skip(s, i), "://") ||
		 (c == '.' && ds_c_lower(before) == 'w') || (c == '#' && ds_c_is_digit(after)))
		ds_buf_printf(b, "\\%c", c);
	else
		ds_buf_addc(b, c);
}

void ds_markdown_text(struct ds_buf *b, struct ds_str s)
{
	_ds_buf_done_ struct ds_buf safe = DS_BUF_INIT;
	struct ds_str line;
	bool done = false, first = true;

	while (ds_str_split(&s, '\n', &done, &line)) {
		if (!first)
			ds_buf_addc(&safe, ' ');
		ds_buf_add_safe(&safe, line);
		first = false;
	}
	for (size_t i = 0; i < safe.n; i++)
		add_escaped(b, ds_buf_str(&safe), i);
}

/* The longest run of backticks. */
static size_t ticks_in(struct ds_str s)
{
	size_t longest = 0, run = 0;

	for (size_t i = 0; i < s.n; i++) {
		run = s.p[i] == '`' ? run + 1 : 0;
		longest = DS_MAX(longest, run);
	}
	return longest;
}

static void add_ticks(struct ds_buf *b, size_t n)
{
	while (n-- > 0)
		ds_buf_addc(b, '`');
}

void ds_markdown_code(struct ds_buf *b, struct ds_str s, bool in_table)
{
	_ds_buf_done_ struct ds_buf safe = DS_BUF_INIT;
	size_t ticks;
	bool pad;

	ds_buf_add_safe(&safe, s);
	if (safe.n == 0)
		return;
	ticks = ticks_in(ds_buf_str(&safe)) + 1;
	pad = ticks > 1 || safe.p[0] == ' ';
	add_ticks(b, ticks);
	if (pad)
		ds_buf_addc(b, ' ');
	for (size_t i = 0; i < safe.n; i++) {
		if (safe.p[i] == '|' && in_table)
			ds_buf_addc(b, '\\');
		ds_buf_addc(b, safe.p[i]);
	}
	if (pad)
		ds_buf_addc(b, ' ');
	add_ticks(b, ticks);
}

/* What would begin a heading or a list, or make a heading of the line above. */
static bool begins_block(struct ds_str line)
{
	char next = line.n > 1 ? line.p[1] : ' ';

	if (line.n == 0 || !strchr("#-+=", line.p[0]))
		return false;
	if (line.p[0] == '#')
		return !ds_c_is_digit(next); /* those are escaped already */
	return next == ' ' || ds_str_trim(line).n <= 3 || ds_str_eq(ds_str_head(line, 3), DS_STR("---")) ||
	       line.p[0] == '=';
}

void ds_markdown_paragraphs(struct ds_buf *b, struct ds_str text)
{
	size_t ticks = DS_MAX(ticks_in(text) + 1, (size_t)3);
	struct ds_str line;
	bool done = false, code = false, first = true;

	while (text.n && text.p[text.n - 1] == '\n')
		text.n--;
	while (ds_str_split(&text, '\n', &done, &line)) {
		bool is_code = ds_str_starts(line, "  ");

		if (!first)
			ds_buf_addc(b, '\n');
		if (is_code != code && (is_code || line.n || code)) {
			if (is_code)
				ds_buf_addc(b, '\n');
			add_ticks(b, ticks);
			ds_buf_addz(b, is_code ? "text\n" : "\n");
			code = is_code;
		}
		first = false;
		if (code) {
			ds_buf_add_safe(b, ds_str_skip(line, 2));
			continue;
		}
		if (begins_block(line))
			ds_buf_addc(b, '\\');
		ds_markdown_text(b, line);
	}
	if (code) {
		ds_buf_addc(b, '\n');
		add_ticks(b, ticks);
	}
}

void ds_markdown_url(struct ds_buf *b, struct ds_str url)
{
	for (size_t i = 0; i < url.n; i++) {
		char c = url.p[i];

		if (c > ' ' && c < 0x7f && c != '<' && c != '>' && c != '\\')
			ds_buf_addc(b, c);
		else
			ds_buf_printf(b, "%%%02X", (unsigned char)c);
	}
}

/* ---- a document ---- */

void ds_markdown_put(struct ds_markdown *m, const char *end)
{
	ds_out_add(m->out, ds_buf_str(&m->line));
	ds_out_addz(m->out, end);
	ds_buf_clear(&m->line);
}

void ds_markdown_add(struct ds_markdown *m, const char *text)
{
	ds_markdown_text(&m->line, ds_str_from(text));
}
