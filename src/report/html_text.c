#include "report/html.h"

#include "base/utf8.h"
#include "report/markdown.h"
#include "report/say.h"

void ds_html_text(struct ds_out *out, struct ds_str s)
{
	while (s.n > 0) {
		char text[16];
		size_t width, n = ds_safe_char(s, text, &width);

		if (text[1] == '\0' && strchr("&<>\"'", text[0]))
			ds_out_printf(out, "&#%d;", text[0]);
		else
			ds_out_addz(out, text);
		s = ds_str_skip(s, n);
	}
}

void ds_html_textz(struct ds_out *out, const char *z)
{
	ds_html_text(out, ds_str_from(z));
}

void ds_html_begin(struct ds_out *out, const char *z, size_t max)
{
	struct ds_str s = ds_str_from(z), head = ds_str_head(s, ds_utf8_offset(s, max));

	ds_html_text(out, head);
	if (head.n < s.n)
		ds_out_addz(out, " …");
}

void ds_html_code(struct ds_out *out, struct ds_str s)
{
	ds_out_addz(out, "<code>");
	ds_html_text(out, s);
	ds_out_addz(out, "</code>");
}

void ds_html_paragraphs(struct ds_out *out, const char *text)
{
	enum { NONE, WORDS, CODE } in = NONE;
	static const char *const open[] = {[WORDS] = "<p>", [CODE] = "<pre><code>"};
	static const char *const close[] = {[NONE] = "", [WORDS] = "</p>\n", [CODE] = "</code></pre>\n"};
	struct ds_str rest = ds_str_from(text), line;
	bool done = false;

	while (ds_str_split(&rest, '\n', &done, &line)) {
		bool is_code = ds_str_starts(line, "  ");

		if (line.n == 0 || (in != NONE && is_code != (in == CODE))) {
			ds_out_addz(out, close[in]);
			in = NONE;
		}
		if (line.n == 0)
			continue;
		if (in == NONE) {
			in = is_code ? CODE : WORDS;
			ds_out_addz(out, open[in]);
		} else {
			ds_out_addc(out, '\n');
		}
		ds_html_text(out, is_code ? ds_str_skip(line, 2) : line);
	}
	ds_out_addz(out, close[in]);
}

void ds_html_reference(struct ds_out *out, const char *reference)
{
	_ds_buf_done_ struct ds_buf url = DS_BUF_INIT, plain = DS_BUF_INIT;

	ds_say_reference(reference, &url);
	/* A rule of somebody's own may name any scheme, and some of them run what they are given. */
	if (!ds_str_starts(ds_buf_str(&url), "https://") && !ds_str_starts(ds_buf_str(&url), "http://")) {
		ds_html_textz(out, reference);
		return;
	}
	ds_markdown_url(&plain, ds_buf_str(&url));
	ds_out_addz(out, "<a rel=\"noopener noreferrer\" href=\"");
	ds_html_text(out, ds_buf_str(&plain));
	ds_out_addz(out, "\">");
	ds_html_textz(out, reference);
	ds_out_addz(out, "</a>");
}

void ds_html_number(struct ds_out *out, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			ds_out_addc(out, ',');
		ds_out_addc(out, digits[i]);
	}
}

void ds_html_addresses(struct ds_out *out, unsigned bits)
{
	if (bits > 32)
		ds_out_printf(out, "2<sup>%u</sup>", bits);
	else
		ds_html_number(out, (uint64_t)1 << bits);
}

void ds_html_place(struct ds_html *h, const struct ds_loc *l)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;

	ds_say_place(l, &b);
	if (b.n)
		ds_html_code(h->out, ds_buf_str(&b));
}

/* Columns of an excerpt: more than most lines have, and one of a page has them all. */
#define EXCERPT_ROOM 160

static void put_line(struct ds_out *out, struct ds_str s)
{
	struct ds_str part;
	bool done = false, first = true;

	while (ds_str_split(&s, '\t', &done, &part)) {
		ds_out_addz(out, first ? "" : " ");
		ds_html_text(out, part);
		first = false;
	}
}

void ds_html_excerpt(struct ds_html *h, const struct ds_loc *l)
{
	struct ds_excerpt x;

	if (!ds_excerpt_find(&h->excerpts, l, EXCERPT_ROOM, &x))
		return;
	ds_out_addz(h->out, "<pre class=\"excerpt\"><code>");
	if (x.line)
		ds_out_printf(h->out, "<span class=\"line\">%u</span>", x.line);
	if (x.flag) {
		ds_html_textz(h->out, x.flag);
		ds_out_addc(h->out, '=');
	}
	ds_out_addz(h->out, x.cut_before ? "…" : "");
	put_line(h->out, x.before);
	ds_out_addz(h->out, "<mark>");
	put_line(h->out, x.meant);
	ds_out_addz(h->out, "</mark>");
	put_line(h->out, x.after);
	ds_out_addz(h->out, x.cut_after ? "…</code></pre>\n" : "</code></pre>\n");
}

void ds_html_heading(struct ds_html *h, const char *id, const char *words)
{
	ds_out_printf(h->out, "<h3 id=\"%s-%zu\">%s</h3>\n", id, h->cluster, words);
}

void ds_html_table(struct ds_out *out, const char *caption, const char *const *columns, size_t n)
{
	ds_out_addz(out, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"");
	ds_html_textz(out, caption);
	ds_out_addz(out, "\">\n<table>\n<caption>");
	ds_html_textz(out, caption);
	ds_out_addz(out, "</caption>\n<thead><tr>");
	for (size_t i = 0; i < n; i++) {
		ds_out_addz(out, "<th scope=\"col\">");
		ds_html_textz(out, columns[i]);
		ds_out_addz(out, "</th>");
	}
	ds_out_addz(out, "</tr></thead>\n<tbody>\n");
}

void ds_html_table_end(struct ds_out *out)
{
	ds_out_addz(out, "</tbody>\n</table>\n</div>\n");
}
