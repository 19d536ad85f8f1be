#include "report/svg.h"

void ds_svg_x(struct ds_out *out, const char *name, uint32_t x)
{
	ds_out_printf(out, " %s=\"%u.%02u%%\"", name, x / 100, x % 100);
}

void ds_svg_rect(struct ds_out *out, const char *css, struct ds_space_span at, unsigned y, unsigned height)
{
	ds_out_printf(out, "<rect class=\"%s\"", css);
	ds_svg_x(out, "x", at.left);
	ds_svg_x(out, "width", at.right - at.left);
	ds_out_printf(out, " y=\"%u\" height=\"%u\"/>\n", y, height);
}

void ds_svg_tick(struct ds_out *out, const char *css, uint32_t x, unsigned y, unsigned height)
{
	ds_out_printf(out, "<rect class=\"%s\"", css);
	ds_svg_x(out, "x", x);
	ds_out_printf(out, " width=\"2\" y=\"%u\" height=\"%u\"/>\n", y, height);
}
