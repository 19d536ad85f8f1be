/*
 * Functions that have a safer spelling in this code base. Force-included for
 * src/, after the system headers that declare them.
 */
#ifndef DS_BASE_BANNED_H
#define DS_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DS_BANNED(name) sorry_##name##_is_banned_see_base_banned_h

#undef strcpy
#define strcpy(d, s) DS_BANNED(strcpy) /* ds_buf_add, ds_arena_strdup */
#undef strcat
#define strcat(d, s) DS_BANNED(strcat)
#undef strncpy
#define strncpy(d, s, n) DS_BANNED(strncpy)
#undef sprintf
#define sprintf(...) DS_BANNED(sprintf) /* ds_buf_printf, ds_arena_printf */
#undef vsprintf
#define vsprintf(...) DS_BANNED(vsprintf)
#undef strtok
#define strtok(s, d) DS_BANNED(strtok) /* ds_str_split */
#undef atoi
#define atoi(s) DS_BANNED(atoi) /* base/num.h */
#undef atol
#define atol(s) DS_BANNED(atol)
#undef strtol
#define strtol(s, e, b) DS_BANNED(strtol)
#undef strtoul
#define strtoul(s, e, b) DS_BANNED(strtoul)
#undef sscanf
#define sscanf(...) DS_BANNED(sscanf)

#endif
