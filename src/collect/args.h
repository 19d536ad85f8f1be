#ifndef DS_COLLECT_ARGS_H
#define DS_COLLECT_ARGS_H

#include "collect/collect.h"

/*
 * A file of arguments, such as MicroK8s keeps for each component (named after
 * it), or an environment file that a unit reads. 0 or DS_ENOMEM.
 * Source of the grammar: canonical/microk8s, the kubelite patch's ReadArgsFromFile.
 */
int ds_args_collect(struct ds_facts *f, struct ds_input *input, const struct ds_probe *p);

#endif
