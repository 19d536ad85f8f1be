#ifndef DS_BASE_UTF8_H
#define DS_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Decodes the first code point of s. Returns its length in bytes, or 0 when s
 * is empty or does not begin with well-formed UTF-8 (overlong forms,
 * surrogates and values above U+10FFFF are malformed). */
size_t ds_utf8_decode(struct ds_str s, uint32_t *ret_c);

/* Writes c (a Unicode scalar value) as UTF-8; returns 1 to 4. */
size_t ds_utf8_encode(uint32_t c, char out[static 4]);

/* Whether all of s is well-formed; *ret_offset (may be NULL) is the first bad byte. */
bool ds_utf8_valid(struct ds_str s, size_t *ret_offset);

/* Code points in s; a malformed byte counts as one. */
size_t ds_utf8_count(struct ds_str s);

/* Byte offset of the n-th (0-based) code point, or s.n when there are fewer. */
size_t ds_utf8_offset(struct ds_str s, size_t n);

/* Characters that must not reach a terminal or a log line as they are: C0 and
 * C1 controls, bidirectional overrides and isolates, zero-width and format
 * characters that can hide or reorder text, line and paragraph separators. */
bool ds_utf8_is_unsafe(uint32_t c);

/* Terminal columns of c: 0 for combining marks, 2 for East Asian wide, else 1. */
unsigned ds_utf8_width(uint32_t c);

#endif
