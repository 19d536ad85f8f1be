#include "report/json.h"

#include <inttypes.h>

#include "base/utf8.h"

void ds_json_init(struct ds_json *j, struct ds_out *out)
{
	*j = (struct ds_json){.out = out, .first = true};
}

/* The comma, line break and indentation before an element. */
static void lead(struct ds_json *j)
{
	if (j->after_key) {
		j->after_key = false;
		return;
	}
	if (!j->first)
		ds_out_addc(j->out, ',');
	if (j->depth > 0) {
		ds_out_addc(j->out, '\n');
		ds_out_pad(j->out, 2 * (size_t)j->depth);
	}
	j->first = false;
}

static void open(struct ds_json *j, char c)
{
	lead(j);
	ds_out_addc(j->out, c);
	j->depth++;
	j->first = true;
}

static void close(struct ds_json *j, char c)
{
	j->depth--;
	if (!j->first) {
		ds_out_addc(j->out, '\n');
		ds_out_pad(j->out, 2 * (size_t)j->depth);
	}
	ds_out_addc(j->out, c);
	j->first = false;
	if (j->depth == 0)
		ds_out_addc(j->out, '\n');
}

void ds_json_object(struct ds_json *j)
{
	open(j, '{');
}

void ds_json_array(struct ds_json *j)
{
	open(j, '[');
}

void ds_json_end_object(struct ds_json *j)
{
	close(j, '}');
}

void ds_json_end_array(struct ds_json *j)
{
	close(j, ']');
}

static void quoted(struct ds_json *j, struct ds_str s)
{
	ds_out_addc(j->out, '"');
	while (s.n > 0) {
		uint32_t c = 0;
		size_t n = ds_utf8_decode(s, &c);

		if (n == 0)
			ds_out_addz(j->out, "\xef\xbf\xbd");
		else if (c == '"' || c == '\\')
			ds_out_printf(j->out, "\\%c", (int)c);
		else if (c == '\n')
			ds_out_addz(j->out, "\\n");
		else if (c == '\t')
			ds_out_addz(j->out, "\\t");
		else if (ds_utf8_is_unsafe(c) && c <= 0xffff)
			ds_out_printf(j->out, "\\u%04x", c);
		else if (ds_utf8_is_unsafe(c)) /* as the two halves that UTF-16 makes of it */
			ds_out_printf(j->out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
		else
			ds_out_add(j->out, ds_str_head(s, n));
		s = ds_str_skip(s, n ? n : 1);
	}
	ds_out_addc(j->out, '"');
}

void ds_json_key_str(struct ds_json *j, struct ds_str key)
{
	lead(j);
	quoted(j, key);
	ds_out_addz(j->out, ": ");
	j->after_key = true;
}

void ds_json_key(struct ds_json *j, const char *key)
{
	ds_json_key_str(j, ds_str_from(key));
}

void ds_json_str(struct ds_json *j, struct ds_str s)
{
	lead(j);
	quoted(j, s);
}

void ds_json_string(struct ds_json *j, const char *z)
{
	lead(j);
	if (z)
		quoted(j, ds_str_from(z));
	else
		ds_out_addz(j->out, "null");
}

void ds_json_int(struct ds_json *j, int64_t i)
{
	lead(j);
	ds_out_printf(j->out, "%" PRId64, i);
}

void ds_json_number(struct ds_json *j, const char *decimal)
{
	lead(j);
	ds_out_addz(j->out, decimal);
}

void ds_json_raw(struct ds_json *j, struct ds_str value)
{
	lead(j);
	ds_out_add(j->out, value);
}

void ds_json_bool(struct ds_json *j, bool b)
{
	lead(j);
	ds_out_addz(j->out, b ? "true" : "false");
}

void ds_json_kv(struct ds_json *j, const char *key, const char *value)
{
	ds_json_key(j, key);
	ds_json_string(j, value);
}

void ds_json_kv_strings(struct ds_json *j, const char *key, const char *const *v, size_t n)
{
	ds_json_key(j, key);
	ds_json_array(j);
	for (size_t i = 0; i < n; i++)
		ds_json_string(j, v[i]);
	ds_json_end_array(j);
}

void ds_json_kv_int(struct ds_json *j, const char *key, int64_t value)
{
	ds_json_key(j, key);
	ds_json_int(j, value);
}

void ds_json_kv_bool(struct ds_json *j, const char *key, bool value)
{
	ds_json_key(j, key);
	ds_json_bool(j, value);
}
