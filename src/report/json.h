#ifndef DS_REPORT_JSON_H
#define DS_REPORT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "report/out.h"

/*
 * A streaming JSON writer, indented by two blanks. Text that is not UTF-8 is
 * written with U+FFFD in place of each bad byte; an empty text stays "".
 */
struct ds_json {
	struct ds_out *out;
	unsigned depth;
	bool first; /* nothing written yet at this depth */
	bool after_key;
};

void ds_json_init(struct ds_json *j, struct ds_out *out);
void ds_json_object(struct ds_json *j); /* opens */
void ds_json_array(struct ds_json *j);
void ds_json_end_object(struct ds_json *j);
void ds_json_end_array(struct ds_json *j);
void ds_json_key(struct ds_json *j, const char *key);
void ds_json_key_str(struct ds_json *j, struct ds_str key);
void ds_json_str(struct ds_json *j, struct ds_str s);
void ds_json_string(struct ds_json *j, const char *z); /* NULL writes null */
void ds_json_int(struct ds_json *j, int64_t i);
/* A decimal integer as text, of any size. */
void ds_json_number(struct ds_json *j, const char *decimal);
/* A number, true, false or null, as the JSON reader took it. */
void ds_json_raw(struct ds_json *j, struct ds_str value);
void ds_json_bool(struct ds_json *j, bool b);

/* key and value in one. */
void ds_json_kv_strings(struct ds_json *j, const char *key, const char *const *v, size_t n);
void ds_json_kv(struct ds_json *j, const char *key, const char *value);
void ds_json_kv_int(struct ds_json *j, const char *key, int64_t value);
void ds_json_kv_bool(struct ds_json *j, const char *key, bool value);

#endif
