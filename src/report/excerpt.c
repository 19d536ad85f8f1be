#include "report/excerpt.h"

#include "base/utf8.h"
#include "report/out.h"

/* Lines are gone through for their columns. With findings by the thousand in a
 * file that is one line, excerpts end here; places are still told. */
#define LOOKED_MAX ((size_t)256 << 20)

/* Moves from the line of the last excerpt, forwards or backwards, so that many findings in a large file stay cheap. */
static struct ds_str from_line(struct ds_excerpts *e, const struct ds_loc *l)
{
	struct ds_str text = l->input->text;

	if (e->last.input != l->input)
		e->last = (struct ds_excerpt_place){l->input, 1, 0};
	while (e->last.line < l->line && e->last.at < text.n) {
		e->last.at += ds_str_find(ds_str_skip(text, e->last.at), '\n') + 1;
		e->last.line++;
	}
	while (e->last.line > l->line) {
		e->last.at--;
		while (e->last.at > 0 && text.p[e->last.at - 1] != '\n')
			e->last.at--;
		e->last.line--;
	}
	return ds_str_skip(text, e->last.at);
}

static bool line_of(struct ds_excerpts *e, const struct ds_loc *l, struct ds_str *ret)
{
	struct ds_str text = l->input ? l->input->text : (struct ds_str){0};

	if (text.n == 0 || l->line == 0) {
		*ret = l->text;
		return l->text.n > 0;
	}
	if (e->looked > LOOKED_MAX)
		return false;
	text = from_line(e, l);
	*ret = ds_str_head(text, ds_str_find(text, '\n'));
	if (ret->n && ret->p[ret->n - 1] == '\r')
		ret->n--;
	e->looked += ret->n;
	return ret->n > 0;
}

/* Tabs are shown as single blanks. */
size_t ds_excerpt_width(struct ds_str s)
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
	if (ds_excerpt_width(line) <= room)
		return;
	lead = want + 10 < room ? DS_MIN((room - want) / 3, (size_t)24) : 0;
	*ret_from = start > lead ? start - lead : 0;
	while (*ret_from > 0 && ((unsigned char)line.p[*ret_from] & 0xc0) == 0x80)
		--*ret_from;
	/* Bytes that are shown as several characters each must not push what is meant out of the window. */
	while (*ret_from < start && ds_excerpt_width(ds_str_n(line.p + *ret_from, start - *ret_from)) > room / 3)
		*ret_from += ds_utf8_offset(ds_str_skip(line, *ret_from), 1);
	*ret_to = *ret_from;
	while (*ret_to < line.n && ds_excerpt_width(ds_str_n(line.p + *ret_from, *ret_to - *ret_from)) < room - 2)
		*ret_to += ds_utf8_offset(ds_str_skip(line, *ret_to), 1);
	/* At the end of the line the room on the right is used on the left. */
	while (*ret_to == line.n && *ret_from > 0) {
		size_t before = *ret_from - 1;

		while (before > 0 && ((unsigned char)line.p[before] & 0xc0) == 0x80)
			before--;
		if (ds_excerpt_width(ds_str_skip(line, before)) > room - 1)
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

bool ds_excerpt_has_line(const struct ds_loc *l)
{
	return l->input && l->input->text.n && l->line;
}

bool ds_excerpt_find(struct ds_excerpts *e, const struct ds_loc *l, size_t room, struct ds_excerpt *ret)
{
	size_t start = 0, end, from, to;
	struct ds_str line;

	if (!line_of(e, l, &line) || tells_nothing(line))
		return false;
	*ret = (struct ds_excerpt){.line = ds_excerpt_has_line(l) ? l->line : 0};
	if (ret->line && l->column)
		start = ds_utf8_offset(line, l->column - 1);
	end = start + ds_utf8_offset(ds_str_skip(line, start), l->length ? l->length : 1);
	if (!ret->line) {
		end = line.n;
		ret->flag = l->flag;
	}
	cut_window(line, start, end, room, &from, &to);
	end = DS_MIN(end, to);
	ret->before = ds_str_n(line.p + from, start - from);
	ret->meant = ds_str_n(line.p + start, end - start);
	ret->after = ds_str_n(line.p + end, to - end);
	ret->cut_before = from > 0;
	ret->cut_after = to < line.n;
	return true;
}
