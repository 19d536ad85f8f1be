#ifndef DS_BASE_NUM_H
#define DS_BASE_NUM_H

#include <stdint.h>

#include "base/str.h"

/* Decimal digits only (no sign, space or suffix), all of s, at most max.
 * 0, DS_ESYNTAX or DS_ERANGE. */
int ds_num_u64(struct ds_str s, uint64_t max, uint64_t *ret);

/* Go's strconv.ParseInt(s, 0, bits) as pflag's integer flags use it: optional
 * sign, 0x 0o 0b prefixes, a leading 0 meaning octal, underscores between
 * digits. 0, DS_ESYNTAX or DS_ERANGE (then *ret is the nearest limit). */
int ds_num_go_int0(struct ds_str s, unsigned bits, int64_t *ret);

/* Go's strconv.ParseBool: 1 t T TRUE true True 0 f F FALSE false False. */
int ds_num_go_bool(struct ds_str s, bool *ret);

#endif
