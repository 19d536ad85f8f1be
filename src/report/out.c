#include "report/out.h"

#include <errno.h>
#include <unistd.h>

#include "base/err.h"
#include "base/utf8.h"

#define FLUSH_AT ((size_t)64 << 10)

void ds_out_init(struct ds_out *o, int fd)
{
	*o = (struct ds_out){.fd = fd};
}

static void flush(struct ds_out *o)
{
	size_t done = 0;

	if (o->buf.err && !o->err)
		o->err = o->buf.err;
	while (!o->err && done < o->buf.n) {
		ssize_t r = write(o->fd, o->buf.p + done, o->buf.n - done);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0) {
			o->errnum = errno;
			o->err = DS_EIO;
			break;
		}
		done += (size_t)r;
	}
	ds_buf_clear(&o->buf);
}

void ds_out_add(struct ds_out *o, struct ds_str s)
{
	ds_buf_adds(&o->buf, s);
	if (o->buf.n >= FLUSH_AT || o->buf.err)
		flush(o);
}

void ds_out_addz(struct ds_out *o, const char *z)
{
	ds_out_add(o, ds_str_from(z));
}

void ds_out_addc(struct ds_out *o, char c)
{
	ds_out_add(o, ds_str_n(&c, 1));
}

void ds_out_pad(struct ds_out *o, size_t n)
{
	while (n-- > 0)
		ds_out_addc(o, ' ');
}

void ds_out_printf(struct ds_out *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ds_buf_vprintf(&o->buf, fmt, ap);
	va_end(ap);
	if (o->buf.n >= FLUSH_AT || o->buf.err)
		flush(o);
}

size_t ds_safe_char(struct ds_str s, char out[static 16], size_t *ret_width)
{
	uint32_t c;
	size_t n = ds_utf8_decode(s, &c);
	int w;

	if (n == 0)
		w = snprintf(out, 16, "\\x%02x", (unsigned char)s.p[0]);
	else if (ds_utf8_is_unsafe(c))
		w = snprintf(out, 16, c < 0x100 ? "\\x%02x" : "\\u{%x}", c);
	else {
		memcpy(out, s.p, n);
		out[n] = '\0';
		*ret_width = ds_utf8_width(c);
		return n;
	}
	*ret_width = (size_t)w;
	return n ? n : 1;
}

void ds_out_safe(struct ds_out *o, struct ds_str s)
{
	while (s.n > 0) {
		char text[16];
		size_t width, n = ds_safe_char(s, text, &width);

		ds_out_addz(o, text);
		s = ds_str_skip(s, n);
	}
}

void ds_buf_add_safe(struct ds_buf *b, struct ds_str s)
{
	while (s.n > 0) {
		char text[16];
		size_t width, n = ds_safe_char(s, text, &width);

		ds_buf_addz(b, text);
		s = ds_str_skip(s, n);
	}
}

size_t ds_out_safe_width(struct ds_str s)
{
	size_t total = 0;

	while (s.n > 0) {
		char text[16];
		size_t width, n = ds_safe_char(s, text, &width);

		total += width;
		s = ds_str_skip(s, n);
	}
	return total;
}

int ds_out_close(struct ds_out *o)
{
	flush(o);
	ds_buf_done(&o->buf);
	return o->err;
}
