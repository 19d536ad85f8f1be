#ifndef DS_KUBE_GOFLAG_H
#define DS_KUBE_GOFLAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"

/*
 * What Go's standard library and pflag accept as the text of a value, with
 * their messages. Each check returns 0, DS_ESYNTAX or DS_ERANGE (then
 * *reterr is Go's message in the arena) or DS_ENOMEM.
 */

/* strconv.ParseBool. */
int ds_go_check_bool(struct ds_arena *a, struct ds_str s, const char **reterr) DS_MUST_CHECK;
/* strconv.ParseInt(s, 0, bits). */
int ds_go_check_int(struct ds_arena *a, struct ds_str s, unsigned bits, const char **reterr) DS_MUST_CHECK;
/* strconv.ParseUint(s, 0, bits). */
int ds_go_check_uint(struct ds_arena *a, struct ds_str s, unsigned bits, const char **reterr) DS_MUST_CHECK;
/* strconv.ParseFloat(s, 64). */
int ds_go_check_float(struct ds_arena *a, struct ds_str s, const char **reterr) DS_MUST_CHECK;
/* time.ParseDuration; *ret_ns (may be NULL) is the duration. */
int ds_go_duration(struct ds_arena *a, struct ds_str s, int64_t *ret_ns, const char **reterr) DS_MUST_CHECK;
/* k8s.io/apimachinery/pkg/util/net PortRange.Set; *ret_size 0 when s is empty. */
int ds_go_port_range(struct ds_arena *a, struct ds_str s, unsigned *ret_base, unsigned *ret_size, const char **reterr)
	DS_MUST_CHECK;

struct ds_strs {
	struct ds_str *v;
	size_t n, cap;
};

/* pflag readAsCSV: appends the fields of the first CSV record of s; "" gives none. */
int ds_go_csv(struct ds_arena *a, struct ds_str s, struct ds_strs *fields, const char **reterr) DS_MUST_CHECK;

/* Go's %q for a string, in the arena; NULL when out of memory. */
const char *ds_go_quote(struct ds_arena *a, struct ds_str s) DS_MUST_CHECK;

/* net.SplitHostPort. On failure *reterr is its message ("address x: missing port in address"). */
int ds_go_split_host_port(struct ds_arena *a, struct ds_str s, struct ds_str *ret_host, struct ds_str *ret_port,
			  const char **reterr) DS_MUST_CHECK;

#endif
