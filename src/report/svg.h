#ifndef DS_REPORT_SVG_H
#define DS_REPORT_SVG_H

#include "report/address_space.h"
#include "report/out.h"

/*
 * Pieces of pictures. Across, a place is a share of the axis of
 * report/address_space.h, so that a picture is as wide as the page; down, it is
 * pixels, so that text stays as large as it is.
 */

/* An attribute: where on the axis. */
void ds_svg_x(struct ds_out *out, const char *name, uint32_t x);
/* A bar with the look of a class. */
void ds_svg_rect(struct ds_out *out, const char *css, struct ds_space_span at, unsigned y, unsigned height);
/* A mark that is seen however little it stands for. */
void ds_svg_tick(struct ds_out *out, const char *css, uint32_t x, unsigned y, unsigned height);

#endif
