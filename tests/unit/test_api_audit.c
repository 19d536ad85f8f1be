#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "dsaudit/dsaudit.h"

static char *fixture(const char *name)
{
	static char path[4096];
	const char *root = getenv("DS_SOURCE_ROOT");

	assert_non_null(root);
	assert_true(snprintf(path, sizeof(path), "%s/fixtures/%s", root, name) < (int)sizeof(path));
	return path;
}

struct progress {
	size_t inputs, rules, total;
};

static void note_progress(void *data, const char *what, size_t done, size_t total)
{
	struct progress *p = data;

	if (strcmp(what, "inputs read") == 0)
		p->inputs = done;
	else if (strcmp(what, "rules checked") == 0 && done < total)
		p->rules++;
	p->total = total;
}

static void test_progress_is_told(void **state)
{
	struct ds_audit *a = ds_audit_new();
	struct progress p = {0};

	(void)state;
	assert_non_null(a);
	ds_audit_set_progress(a, note_progress, &p);
	assert_int_equal(ds_audit_add_path(a, fixture("broken-dual/manifests"), NULL), 0);
	assert_true(p.inputs > 0);
	assert_int_equal(ds_audit_run(a), 0);
	assert_true(p.rules > 50);
	assert_int_equal(p.rules, p.total);
	ds_audit_free(a);
}

static void test_a_run_through_the_public_interface(void **state)
{
	struct ds_audit *a = ds_audit_new();
	struct ds_audit_summary s;
	FILE *f = tmpfile();
	char head[40] = {0};

	(void)state;
	assert_non_null(a);
	assert_non_null(f);
	assert_int_equal(ds_audit_add_path(a, fixture("broken-dual/manifests"), NULL), 0);
	assert_int_equal(ds_audit_run(a), 0);
	ds_audit_get_summary(a, &s);
	assert_int_equal(s.clusters, 1);
	assert_true(s.errors > 0);
	assert_false(s.incomplete);
	for (size_t i = 0; ds_audit_format(i); i++)
		assert_int_equal(ds_audit_write(a, ds_audit_format(i), fileno(f), NULL), 0);
	rewind(f);
	assert_true(fread(head, 1, sizeof(head) - 1, f) > 0);
	assert_non_null(strstr(head, "broken"));
	(void)fclose(f);
	ds_audit_free(a);
	ds_audit_free(NULL);
}

static void test_what_is_refused(void **state)
{
	struct ds_audit *a = ds_audit_new();
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(ds_audit_set_version(a, "x"), DS_AUDIT_EINVAL);
	assert_non_null(strstr(ds_audit_error(a), "'x'"));
	assert_int_equal(ds_audit_set_version(a, "1.19"), DS_AUDIT_EINVAL);
	assert_int_equal(ds_audit_ignore(a, "DS000"), DS_AUDIT_EINVAL);
	assert_int_equal(ds_audit_add_path(a, "x", "no-type"), DS_AUDIT_EINVAL);
	assert_int_equal(ds_audit_add_rules(a, "/none.yaml", false), DS_AUDIT_ERULES);
	assert_int_equal(ds_audit_run(a), 0);
	assert_int_equal(ds_audit_write(a, "no-format", 1, NULL), DS_AUDIT_EINVAL);
	assert_int_equal(ds_audit_write(a, "json", full, NULL), DS_AUDIT_EWRITE);
	assert_int_equal(close(full), 0);
	ds_audit_free(a);
}

static void test_an_unreadable_input_is_said_not_failed(void **state)
{
	struct ds_audit *a = ds_audit_new();
	struct ds_audit_summary s;

	(void)state;
	assert_int_equal(ds_audit_add_path(a, "/none/at/all.yaml", NULL), 0);
	assert_int_equal(ds_audit_add_path(a, fixture("kubeadm-single/manifests"), NULL), 0);
	assert_int_equal(ds_audit_run(a), 0);
	ds_audit_get_summary(a, &s);
	assert_true(s.incomplete);
	assert_int_equal(s.clusters, 1);
	ds_audit_free(a);
}

/* What a file made of text is called. */
static const char *file_of(char path[static 32], const char *text)
{
	int fd;

	(void)snprintf(path, 32, "/tmp/dsaudit-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
	return path;
}

static void test_suppression(void **state)
{
	char ignores[32], bad[32], baseline[32];
	struct ds_audit_summary s, all;
	struct ds_audit *a = ds_audit_new();
	int fd;

	(void)state;
	(void)file_of(ignores, "- {rule: DS101, reason: known, expires: 2027-01-31}\n");
	(void)file_of(bad, "- {rule: DS101}\n");
	(void)file_of(baseline, "");

	/* a day that is not set has passed */
	assert_int_equal(ds_audit_add_ignore_file(a, ignores), 0);
	assert_int_equal(ds_audit_add_path(a, fixture("broken-dual/manifests"), NULL), 0);
	assert_int_equal(ds_audit_run(a), 0);
	ds_audit_get_summary(a, &all);
	assert_int_equal(all.suppressed, 0);
	fd = open(baseline, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(ds_audit_write_baseline(a, fd), 0);
	assert_int_equal(close(fd), 0);
	ds_audit_free(a);

	a = ds_audit_new();
	assert_int_equal(ds_audit_set_today(a, "2027-02-30"), DS_AUDIT_EINVAL);
	assert_int_equal(ds_audit_set_today(a, "2027-01-31"), 0);
	assert_int_equal(ds_audit_add_ignore_file(a, bad), DS_AUDIT_ERULES);
	assert_non_null(strstr(ds_audit_error(a), ":1:3: 'reason' is missing"));
	assert_int_equal(ds_audit_add_ignore_file(a, "/none"), DS_AUDIT_EINVAL);
	assert_int_equal(ds_audit_add_baseline(a, "/"), DS_AUDIT_EINVAL);
	assert_int_equal(ds_audit_ignore(a, "DS101:"), DS_AUDIT_EINVAL);
	assert_int_equal(ds_audit_add_ignore_file(a, ignores), 0);
	assert_int_equal(ds_audit_add_path(a, fixture("broken-dual/manifests"), NULL), 0);
	assert_int_equal(ds_audit_run(a), 0);
	ds_audit_get_summary(a, &s);
	assert_int_equal(s.suppressed, 1);
	assert_int_equal(s.errors, all.errors - 1);
	ds_audit_free(a);

	a = ds_audit_new();
	assert_int_equal(ds_audit_add_baseline(a, baseline), 0);
	assert_int_equal(ds_audit_add_path(a, fixture("broken-dual/manifests"), NULL), 0);
	assert_int_equal(ds_audit_run(a), 0);
	ds_audit_get_summary(a, &s);
	assert_int_equal(s.suppressed, all.errors + all.warnings + all.infos + all.unknown);
	assert_int_equal(s.errors + s.warnings + s.infos + s.unknown, 0);
	ds_audit_free(a);
	assert_int_equal(unlink(ignores) | unlink(bad) | unlink(baseline), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_run_through_the_public_interface),
		cmocka_unit_test(test_progress_is_told),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_an_unreadable_input_is_said_not_failed),
		cmocka_unit_test(test_suppression),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
