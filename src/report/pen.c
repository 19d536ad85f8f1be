#include "report/pen.h"

#include "base/utf8.h"
#include "report/say.h"

void ds_pen_init(struct ds_pen *p, struct ds_out *out, const struct ds_text_options *o)
{
	*p = (struct ds_pen){.out = out, .color = o->color, .terminal = o->width, .width = o->width ? o->width : 80};
	if (p->width < 40)
		p->width = 40;
	if (p->width > 120)
		p->width = 120; /* longer lines are harder to read, not easier */
}

static const char *code(enum ds_ink ink)
{
	static const char *const codes[] = {
		[DS_INK_PLAIN] = "",
		[DS_INK_BOLD] = "\033[1m",
		[DS_INK_DIM] = "\033[2m",
		[DS_INK_RED] = "\033[1;31m",
		[DS_INK_YELLOW] = "\033[1;33m",
		[DS_INK_BLUE] = "\033[1;36m",
		[DS_INK_GREEN] = "\033[1;32m",
	};

	return codes[ink];
}

void ds_pen_str(struct ds_pen *p, enum ds_ink ink, struct ds_str s)
{
	bool color = p->color && ink != DS_INK_PLAIN;

	if (color)
		ds_out_addz(p->out, code(ink));
	ds_out_safe(p->out, s);
	if (color)
		ds_out_addz(p->out, "\033[0m");
}

void ds_pen_ink(struct ds_pen *p, enum ds_ink ink, const char *z)
{
	ds_pen_str(p, ink, ds_str_from(z));
}

void ds_pen_title(struct ds_pen *p, const char *title)
{
	ds_out_addc(p->out, '\n');
	ds_pen_ink(p, DS_INK_BOLD, title);
	ds_out_addc(p->out, '\n');
}

enum ds_ink ds_pen_severity_ink(enum ds_severity s)
{
	return s == DS_SEVERITY_ERROR ? DS_INK_RED : s == DS_SEVERITY_WARNING ? DS_INK_YELLOW : DS_INK_BLUE;
}

/* Words filled into lines: where the cursor is, and whether a word stands on this line yet. */
struct fill {
	struct ds_pen *p;
	size_t indent, at;
	bool empty;
	enum ds_ink ink;
};

static void fill_word(struct fill *f, struct ds_str word)
{
	size_t w = ds_out_safe_width(word);

	if (!f->empty && f->at + 1 + w > f->p->width) {
		ds_out_addc(f->p->out, '\n');
		f->at = 0;
		f->empty = true;
	}
	if (f->empty && f->at < f->indent) {
		ds_out_pad(f->p->out, f->indent - f->at);
		f->at = f->indent;
	} else if (!f->empty) {
		ds_out_addc(f->p->out, ' ');
		f->at++;
	}
	ds_pen_str(f->p, f->ink, word);
	f->at += w;
	f->empty = false;
}

static void fill_break(struct fill *f)
{
	if (f->empty && f->at == 0)
		return;
	ds_out_addc(f->p->out, '\n');
	f->at = 0;
	f->empty = true;
}

static void fill_text(struct fill *f, struct ds_str text)
{
	struct ds_str line, word;
	bool done = false, word_done;

	while (ds_str_split(&text, '\n', &done, &line)) {
		bool example = ds_str_starts(line, "  ");

		/* Lines of a paragraph run together; blank lines and indented ones (commands, examples) keep
		 * their shape. */
		if (example || line.n == 0)
			fill_break(f);
		if (line.n == 0 && !done)
			ds_out_addc(f->p->out, '\n');
		if (example) {
			ds_out_pad(f->p->out, f->indent);
			ds_out_safe(f->p->out, line);
			f->at = 1;
			fill_break(f);
			continue;
		}
		word_done = false;
		while (ds_str_split(&line, ' ', &word_done, &word))
			if (word.n)
				fill_word(f, word);
	}
}

void ds_pen_wrap(struct ds_pen *p, struct ds_str text, size_t indent, size_t used)
{
	struct fill f = {p, indent, used, true, DS_INK_PLAIN};

	fill_text(&f, text);
	fill_break(&f);
}

void ds_pen_wrap_headed(struct ds_pen *p, enum ds_ink ink, struct ds_str head, struct ds_str text, size_t indent)
{
	struct fill f = {p, 0, 0, true, ink};

	if (!p->terminal) {
		ds_pen_str(p, ink, head);
		ds_out_addz(p->out, text.n ? " " : "");
		ds_out_safe(p->out, text);
		ds_out_addc(p->out, '\n');
		return;
	}
	fill_text(&f, head);
	f.indent = indent;
	f.ink = DS_INK_PLAIN;
	if (text.n)
		fill_text(&f, text);
	fill_break(&f);
}

void ds_pen_place(struct ds_pen *p, const struct ds_loc *l)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	ds_say_place(l, &b);
	ds_out_safe(p->out, ds_buf_str(&b));
}

/* ---- the line and the underline ---- */

/* Lines are gone through for their columns. With findings by the thousand in a
 * file that is one line, excerpts end here; places are still told. */
#define LOOKED_MAX ((size_t)256 << 20)

/* Moves from the line of the last excerpt, forwards or backwards, so that many findings in a large file stay cheap. */
static struct ds_str from_line(struct ds_pen *p, const struct ds_loc *l)
{
	struct ds_str text = l->input->text;

	if (p->last.input != l->input)
		p->last = (struct ds_pen_place){l->input, 1, 0};
	while (p->last.line < l->line && p->last.at < text.n) {
		p->last.at += ds_str_find(ds_str_skip(text, p->last.at), '\n') + 1;
		p->last.line++;
	}
	while (p->last.line > l->line) {
		p->last.at--;
		while (p->last.at > 0 && text.p[p->last.at - 1] != '\n')
			p->last.at--;
		p->last.line--;
	}
	return ds_str_skip(text, p->last.at);
}

static bool line_of(struct ds_pen *p, const struct ds_loc *l, struct ds_str *ret)
{
	struct ds_str text = l->input ? l->input->text : (struct ds_str){0};

	if (text.n == 0 || l->line == 0) {
		*ret = l->text;
		return l->text.n > 0;
	}
	if (p->looked > LOOKED_MAX)
		return false;
	text = from_line(p, l);
	*ret = ds_str_head(text, ds_str_find(text, '\n'));
	if (ret->n && ret->p[ret->n - 1] == '\r')
		ret->n--;
	p->looked += ret->n;
	return ret->n > 0;
}

/* Columns of s when tabs are written as single blanks. */
static void put_line(struct ds_pen *p, struct ds_str s)
{
	struct ds_str part;
	bool done = false, first = true;

	while (ds_str_split(&s, '\t', &done, &part)) {
		if (!first)
			ds_out_addc(p->out, ' ');
		ds_out_safe(p->out, part);
		first = false;
	}
}

static size_t width_of(struct ds_str s)
{
	struct ds_str part;
	bool done = false, first = true;
	size_t w = 0;

	while (ds_str_split(&s, '\t', &done, &part)) {
		w += ds_out_safe_width(part) + !first;
		first = false;
	}
	return w;
}

/* A window of the line that fits the width and shows what is meant. */
static void cut_window(struct ds_str line, size_t start, size_t end, size_t room, size_t *ret_from, size_t *ret_to)
{
	size_t want = end - start, lead;

	*ret_from = 0;
	*ret_to = line.n;
	if (width_of(line) <= room)
		return;
	lead = want + 10 < room ? DS_MIN((room - want) / 3, (size_t)24) : 0;
	*ret_from = start > lead ? start - lead : 0;
	while (*ret_from > 0 && ((unsigned char)line.p[*ret_from] & 0xc0) == 0x80)
		--*ret_from;
	*ret_to = *ret_from;
	while (*ret_to < line.n && width_of(ds_str_n(line.p + *ret_from, *ret_to - *ret_from)) < room - 2)
		*ret_to += ds_utf8_offset(ds_str_skip(line, *ret_to), 1);
	/* At the end of the line the room on the right is used on the left. */
	while (*ret_to == line.n && *ret_from > 0) {
		size_t before = *ret_from - 1;

		while (before > 0 && ((unsigned char)line.p[before] & 0xc0) == 0x80)
			before--;
		if (width_of(ds_str_skip(line, before)) > room - 1)
			break;
		*ret_from = before;
	}
}

/* The line on which an object of JSON begins says nothing of it. */
static bool tells_nothing(struct ds_str line)
{
	line = ds_str_trim(line);
	return ds_str_eqz(line, "{") || ds_str_eqz(line, "[");
}

void ds_pen_excerpt(struct ds_pen *p, const struct ds_loc *l, enum ds_ink ink)
{
	struct ds_str line;
	size_t start = 0, end, from, to, gutter, carets, prefix = 0;
	bool has_line = l->input && l->input->text.n && l->line;
	char number[16];

	if (!line_of(p, l, &line) || tells_nothing(line))
		return;
	if (has_line && l->column)
		start = ds_utf8_offset(line, l->column - 1);
	end = start + ds_utf8_offset(ds_str_skip(line, start), l->length ? l->length : 1);
	if (!has_line)
		end = line.n;
	(void)snprintf(number, sizeof(number), has_line ? "%5u" : "     ", l->line);
	gutter = strlen(number) + 3;
	cut_window(line, start, end, p->width - gutter - 4, &from, &to);

	/* An argument of a process has no line of its own: it is shown as it was given. */
	if (!has_line && l->flag)
		prefix = ds_out_safe_width(ds_str_from(l->flag)) + 1;
	ds_pen_ink(p, DS_INK_DIM, number);
	ds_pen_ink(p, DS_INK_DIM, " | ");
	if (prefix) {
		ds_out_safe(p->out, ds_str_from(l->flag));
		ds_out_addc(p->out, '=');
	}
	if (from > 0)
		ds_out_addz(p->out, "…");
	put_line(p, ds_str_n(line.p + from, to - from));
	ds_out_addz(p->out, to < line.n ? "…\n" : "\n");

	ds_out_pad(p->out, strlen(number));
	ds_pen_ink(p, DS_INK_DIM, " | ");
	ds_out_pad(p->out, prefix + width_of(ds_str_n(line.p + from, start - from)) + (from > 0));
	carets = width_of(ds_str_n(line.p + start, DS_MIN(end, to) - start));
	if (p->color)
		ds_out_addz(p->out, code(ink));
	ds_out_addc(p->out, '^');
	for (size_t i = 1; i < carets; i++)
		ds_out_addc(p->out, '~');
	if (p->color)
		ds_out_addz(p->out, "\033[0m");
	ds_out_addc(p->out, '\n');
}
