#ifndef DS_REPORT_NODES_H
#define DS_REPORT_NODES_H

#include "report/report.h"

/* What `dsaudit nodes` prints: per cluster, whether kube-controller-manager
 * hands out podCIDRs, to how many nodes, and what the next ones get. */
void ds_nodes_text(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out);
/* The same as NodePodCIDRs. */
void ds_nodes_json(const struct ds_report *r, const struct ds_text_options *o, struct ds_out *out);

/* What the controller manager of c derived under a name ("maskSizes"), or NULL. */
const struct ds_derived *ds_nodes_derived(const struct ds_cluster *c, const char *name);
/* The node keeps fewer podCIDRs than new nodes get. */
bool ds_nodes_is_single_stack(const struct ds_cluster *c, const struct ds_kcm_node *n);

#endif
