#ifndef DS_MODEL_VERDICTS_H
#define DS_MODEL_VERDICTS_H

#include "model/model.h"

/* Asks each component's verdict function (kube room) with what the facts know
 * and stores the answers in c->components[].verdict. 0 or DS_ENOMEM. */
int ds_verdicts_fill(const struct ds_facts *f, struct ds_cluster *c) DS_MUST_CHECK;

#endif
