#ifndef DS_COLLECT_PS_H
#define DS_COLLECT_PS_H

#include "collect/collect.h"

/* Rows of the collector table. */
int ds_ps_detect(const struct ds_collector *self, const struct ds_probe *p);
int ds_ps_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p);

#endif
