#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "collect/window.h"

static int file_of(const char *p, size_t n)
{
	int fd = memfd_create("window", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), (ssize_t)n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* Places are code points, lines end at '\n' whichever way the bytes are passed. */
static void test_places(void **state)
{
	static const char text[] = "ab\n\xc3\xa9x\n\ny";
	static const struct {
		size_t pass;
		uint32_t line, column;
	} rows[] = {{0, 1, 1}, {2, 1, 3}, {3, 2, 1}, {5, 2, 2}, {6, 2, 3}, {7, 3, 1}, {8, 4, 1}, {9, 4, 2}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t step = 1; step <= 9; step++) {
			_ds_close_ int fd = file_of(text, sizeof(text) - 1);
			struct ds_window w;

			ds_window_init(&w, fd);
			assert_true(ds_window_at(&w, 0) == 'a');
			for (size_t left = rows[i].pass; left > 0;) {
				size_t n = left < step ? left : step;

				ds_window_pass(&w, n);
				left -= n;
			}
			if (w.line != rows[i].line || w.column != rows[i].column)
				fail_msg("row %zu in steps of %zu: %u:%u", i, step, w.line, w.column);
			ds_window_done(&w);
		}
	}
}

/* Every byte comes by once and in order, whatever is kept in sight. */
static void test_long(void **state)
{
	static const size_t keeps[] = {1, 1000, 200000, 262143, 262144, 262145, 700000};
	size_t n = 1500000;
	char *text = malloc(n);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		text[i] = (char)('a' + i * 7 % 26);
	for (size_t k = 0; k < sizeof(keeps) / sizeof(keeps[0]); k++) {
		_ds_close_ int fd = file_of(text, n);
		struct ds_window w;
		size_t at = 0;

		ds_window_init(&w, fd);
		while (at < n) {
			size_t want = n - at < keeps[k] ? n - at : keeps[k];

			if (ds_window_at(&w, want - 1) != (unsigned char)text[at + want - 1])
				fail_msg("keeping %zu: byte %zu", keeps[k], at + want - 1);
			assert_memory_equal(ds_window_str(&w).p, text + at, want);
			want = want > 3 ? want - 3 : 1;
			ds_window_pass(&w, want);
			at += want;
		}
		assert_int_equal(ds_window_at(&w, 0), -1);
		assert_int_equal(w.err, 0);
		if (w.cap > 4 * keeps[k] + 524288)
			fail_msg("keeping %zu: the window grew to %zu", keeps[k], w.cap);
		ds_window_done(&w);
	}
	free(text);
}

static void test_error(void **state)
{
	_ds_close_ int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct ds_window w;

	(void)state;
	assert_true(fd >= 0);
	ds_window_init(&w, fd);
	assert_int_equal(ds_window_at(&w, 0), -1);
	assert_true(w.err < 0);
	assert_true(w.eof);
	assert_int_equal(ds_window_str(&w).n, 0);
	ds_window_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
