#include "collect/lines.h"

#include "base/utf8.h"

int ds_lines_init(struct ds_arena *a, struct ds_str text, struct ds_lines *ret)
{
	size_t n = 1, i = 0;

	for (size_t k = 0; k < text.n; k++)
		n += text.p[k] == '\n';
	*ret = (struct ds_lines){.text = text, .n = n};
	ret->starts = ds_arena_new_array(a, n, size_t);
	if (!ret->starts)
		return DS_ENOMEM;
	ret->starts[i++] = 0;
	for (size_t k = 0; k < text.n; k++)
		if (text.p[k] == '\n')
			ret->starts[i++] = k + 1;
	return 0;
}

size_t ds_lines_offset(const struct ds_lines *l, uint32_t line, uint32_t column)
{
	struct ds_str rest;
	size_t start;

	if (line == 0 || line > l->n)
		return l->text.n;
	start = l->starts[line - 1];
	rest = ds_str_skip(l->text, start);
	rest = ds_str_head(rest, ds_str_find(rest, '\n'));
	return start + ds_utf8_offset(rest, column > 0 ? column - 1 : 0);
}

void ds_lines_place(const struct ds_lines *l, size_t offset, uint32_t *ret_line, uint32_t *ret_column)
{
	size_t lo = 0, hi = l->n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (l->starts[mid] <= offset)
			lo = mid;
		else
			hi = mid;
	}
	*ret_line = (uint32_t)(lo + 1);
	*ret_column = 1 + (uint32_t)ds_utf8_count(ds_str_head(ds_str_skip(l->text, l->starts[lo]), offset - l->starts[lo]));
}
