#ifndef DS_BASE_COMPILER_H
#define DS_BASE_COMPILER_H

#include <stddef.h>

/* Marks what libdsaudit exports; everything else is hidden (-fvisibility=hidden). */
#define DS_PUBLIC __attribute__((visibility("default")))

#define DS_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define DS_MUST_CHECK __attribute__((warn_unused_result))
#define DS_UNUSED __attribute__((unused))
#define DS_CLEANUP(fn) __attribute__((cleanup(fn)))

#define DS_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define DS_MIN(a, b) ((a) < (b) ? (a) : (b))
#define DS_MAX(a, b) ((a) > (b) ? (a) : (b))

#endif
