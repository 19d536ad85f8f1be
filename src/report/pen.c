#include "report/pen.h"

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

void ds_pen_excerpt(struct ds_pen *p, const struct ds_loc *l, enum ds_ink ink)
{
	struct ds_excerpt x;
	size_t gutter, carets, prefix = 0;
	char number[16];

	(void)snprintf(number, sizeof(number), ds_excerpt_has_line(l) ? "%5u" : "     ", l->line);
	gutter = strlen(number) + 3;
	if (!ds_excerpt_find(&p->excerpts, l, p->width - gutter - 4, &x))
		return;

	/* An argument of a process has no line of its own: it is shown as it was given. */
	if (x.flag)
		prefix = ds_out_safe_width(ds_str_from(x.flag)) + 1;
	ds_pen_ink(p, DS_INK_DIM, number);
	ds_pen_ink(p, DS_INK_DIM, " | ");
	if (prefix) {
		ds_out_safe(p->out, ds_str_from(x.flag));
		ds_out_addc(p->out, '=');
	}
	if (x.cut_before)
		ds_out_addz(p->out, "…");
	put_line(p, x.before);
	put_line(p, x.meant);
	put_line(p, x.after);
	ds_out_addz(p->out, x.cut_after ? "…\n" : "\n");

	ds_out_pad(p->out, strlen(number));
	ds_pen_ink(p, DS_INK_DIM, " | ");
	ds_out_pad(p->out, prefix + ds_excerpt_width(x.before) + x.cut_before);
	carets = ds_excerpt_width(x.meant);
	if (p->color)
		ds_out_addz(p->out, code(ink));
	ds_out_addc(p->out, '^');
	for (size_t i = 1; i < carets; i++)
		ds_out_addc(p->out, '~');
	if (p->color)
		ds_out_addz(p->out, "\033[0m");
	ds_out_addc(p->out, '\n');
}
