#ifndef DS_REPORT_BUNDLE_PRIV_H
#define DS_REPORT_BUNDLE_PRIV_H

#include "base/buf.h"
#include "model/facts.h"
#include "report/json.h"

/* What the parts of a bundle's writer share. */

/* A scalar as JSON with the type it had, user:password@ of a URL left out. */
void ds_bundle_put_scalar(struct ds_buf *b, const struct ds_yaml_node *n);

/* "files" of the host's network plugins, when there are any: of their fields those that tell families, ranges and
 * chains; a file that could not be read whole is left out. */
void ds_bundle_put_cni(struct ds_json *j, const struct ds_facts *f, const char *host);

#endif
