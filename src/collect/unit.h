#ifndef DS_COLLECT_UNIT_H
#define DS_COLLECT_UNIT_H

#include "collect/collect.h"

/* Notes a systemd unit or drop-in. 0 or DS_ENOMEM. */
int ds_unit_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p);
/* Notes an environment file. 0 or DS_ENOMEM. */
int ds_env_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p) DS_MUST_CHECK;

/*
 * Makes of every unit, with its drop-ins and environment files among the
 * inputs, the command lines that systemd would run. A variable that a file
 * not among the inputs may set leaves the command line not seen whole.
 * Environment files that no unit reads are the part of a command line that
 * their variables' names tell. 0 or DS_ENOMEM.
 */
int ds_units_finish(struct ds_facts *f) DS_MUST_CHECK;

#endif
